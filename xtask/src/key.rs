//! `cargo xtask key new`: a key for a deployment whose `AUTH` is `keys`. Printed once; only its digest is kept.

use anyhow::{Context, Result, bail};
use octavo_category::Category;
use octavo_mcp::timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

/// What is asked for.
pub(crate) struct Wanted {
    /// Who the key is for; counted and limited by it.
    pub(crate) id: Option<String>,
    /// Slugs of the categories that it opens; all without them.
    pub(crate) categories: Option<String>,
    /// The rate-limit binding that counts its calls; those of the deployment without one.
    pub(crate) rate: Option<String>,
    /// Days until it ends; never without them.
    pub(crate) days: Option<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// Makes a key and prints it with its entry.
pub(crate) fn new(wanted: &Wanted) -> Result<()> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    let key = format!("octavo_{}", hex(&random));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs();
    let entry = entry(&key, wanted, now)?;
    let entry = serde_json::to_string(&entry)?;
    writeln!(io::stdout(), "{key}")?;
    eprintln!(
        "\nThat is the key; it is shown this once. A client sends it as\n  Authorization: Bearer {key}\n\n\
         Add its entry to the JSON list in the gateway's secret API_KEYS, and set AUTH = \"keys\" in wrangler/gateway.toml:\n  {entry}\n\n\
         The first one:\n  echo '[{entry}]' | npx wrangler secret put API_KEYS -c wrangler/gateway.toml"
    );
    Ok(())
}

fn entry<'a>(key: &str, wanted: &'a Wanted, now: u64) -> Result<Entry<'a>> {
    let Some(id) = wanted.id.as_deref().filter(|id| !id.is_empty()) else {
        bail!("--id says who the key is for, for example `--id ci`");
    };
    let categories = wanted.categories.as_deref().map(|list| list.split(',').map(str::trim).collect::<Vec<_>>());
    for slug in categories.iter().flatten() {
        if Category::from_slug(slug).is_none() {
            let known: Vec<&str> = Category::ALL.iter().map(|category| category.slug()).collect();
            bail!("--categories: no category {slug:?}; there are {}", known.join(", "));
        }
    }
    let expires = match &wanted.days {
        None => None,
        Some(days) => match days.parse::<u64>() {
            Ok(days @ 1..=3650) => Some(date(now / 86_400 + days)),
            _ => bail!("--days takes a number from 1 to 3650"),
        },
    };
    Ok(Entry { id, sha256: hex(&Sha256::digest(key)), categories, rate: wanted.rate.as_deref(), expires })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

// The date of a day since 1970.
fn date(day: u64) -> String {
    timestamp(day * 86_400_000).chars().take_while(|letter| *letter != 'T').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(id: &str, categories: Option<&str>, days: Option<&str>) -> Wanted {
        let (categories, days) = (categories.map(Into::into), days.map(Into::into));
        Wanted { id: Some(id.to_owned()), categories, rate: None, days }
    }

    #[test]
    fn an_entry_holds_the_digest_and_what_the_key_opens() {
        let wanted = wanted("ci", Some("docker, api"), Some("90"));
        let entry = entry("octavo_x", &wanted, 1_796_000_000).expect("an entry");
        assert_eq!(
            serde_json::to_string(&entry).expect("JSON"),
            format!(
                r#"{{"id":"ci","sha256":"{}","categories":["docker","api"],"expires":"2027-02-28"}}"#,
                hex(&Sha256::digest("octavo_x"))
            )
        );
    }

    #[test]
    fn what_makes_no_key_is_said() {
        for (id, categories, days) in
            [("", None, None), ("ci", Some("dokcer"), None), ("ci", None, Some("0")), ("ci", None, Some("3651"))]
        {
            assert!(entry("k", &wanted(id, categories, days), 0).is_err(), "{id} {categories:?} {days:?}");
        }
    }

    #[test]
    fn days_have_dates() {
        for (day, text) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_786, "2026-11-29"),
            (47_540, "2100-02-28"),
        ] {
            assert_eq!(date(day), text);
        }
    }
}

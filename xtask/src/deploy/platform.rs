//! The platform's API, as far as it is asked here: what is deployed, and which versions serve.
//!
//! Node.js asks (`xtask/deploy/platform.mjs`), since it is there anyway and speaks TLS.

use super::advice;
use super::marks::Mark;
use crate::environments::Environment;
use crate::{process, toolchain};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env;
use std::io::Write as _;
use std::process::Stdio;

/// The platform, asked with a token.
#[derive(Debug)]
pub(crate) struct Platform {
    token: String,
    environment: Environment,
    /// The account's id, once it is known.
    account: String,
}

/// What is deployed of the workers in question.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    pub(crate) account: Account,
    /// Every worker of the account.
    pub(crate) names: Vec<String>,
    /// The account's name under workers.dev.
    pub(crate) subdomain: Option<String>,
    /// Ids of KV namespaces that were asked for and do not exist.
    pub(crate) missing_namespaces: Vec<String>,
    /// Those that exist of the workers in question.
    pub(crate) scripts: BTreeMap<String, Script>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A worker as it is deployed.
#[derive(Debug, Deserialize)]
pub(crate) struct Script {
    /// Newest first.
    pub(crate) deployments: Vec<Deployment>,
    /// The newest versions, promoted or not, newest first.
    pub(crate) versions: Vec<Version>,
    /// Whether its workers.dev name is open.
    pub(crate) open: bool,
    /// Whether its versions have addresses of their own.
    pub(crate) previews: bool,
    pub(crate) crons: Vec<String>,
    /// Names of its secrets, where they were asked for.
    pub(crate) secrets: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Deployment {
    /// When it was made, by the platform's clock.
    pub(crate) created: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) versions: Vec<Share>,
}

/// How much of the traffic a version has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) id: String,
    pub(crate) percentage: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: String,
    /// Digest of what it was made of, where we made it.
    pub(crate) tag: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) created: Option<String>,
    pub(crate) author: Option<String>,
}

impl Script {
    /// The version that has most of the traffic.
    pub(crate) fn serving(&self) -> Option<&str> {
        let shares = self.deployments.first()?.versions.iter();
        shares.max_by(|a, b| a.percentage.total_cmp(&b.percentage)).map(|share| share.id.as_str())
    }

    /// What the current deployment says of itself, where we made it.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.deployments.first()?.mark()
    }

    /// A version that is known.
    pub(crate) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }
}

impl Deployment {
    /// What it says of itself, where we made it.
    pub(crate) fn mark(&self) -> Option<Mark> {
        Mark::read(self.message.as_deref()?)
    }
}

impl Version {
    /// Gzipped size, as its message says.
    pub(crate) fn gzip(&self) -> Option<u64> {
        self.message.as_deref()?.split(' ').find_map(|word| word.strip_prefix("gz=")?.parse().ok())
    }
}

/// A version that has all of the traffic.
pub(crate) fn whole(id: &str) -> Share {
    Share { id: id.to_owned(), percentage: 100.0 }
}

/// A version that has none, and is met by who asks for it.
pub(crate) fn on_trial(id: &str) -> Share {
    Share { id: id.to_owned(), percentage: 0.0 }
}

impl Platform {
    /// The platform with the token of the environment, or of who is logged in.
    pub(crate) fn open(environment: Environment) -> Result<Self> {
        let token = token()?;
        Ok(Self { token, environment, account: env::var("CLOUDFLARE_ACCOUNT_ID").unwrap_or_default() })
    }

    /// Asks for what is deployed of these workers; the gateway is the one whose secrets' names are of interest.
    pub(crate) fn state(&mut self, scripts: &[String], gateway: &str, namespaces: &[String]) -> Result<State> {
        let asked = json!({
            "account": self.account, "scripts": scripts, "secretsOf": gateway, "namespaces": namespaces,
        });
        let state: State = serde_json::from_value(self.ask("state", &asked)?)?;
        self.account.clone_from(&state.account.id);
        Ok(state)
    }

    /// Has these versions serve from now on.
    pub(crate) fn serve(&self, script: &str, versions: &[Share], mark: &Mark) -> Result<()> {
        let asked = json!({
            "account": self.account, "script": script, "versions": versions, "message": mark.to_string(),
        });
        self.ask("serve", &asked).with_context(|| format!("promoting {script}"))?;
        Ok(())
    }

    /// The account's id.
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    fn ask(&self, command: &str, asked: &Value) -> Result<Value> {
        let environment = [("CLOUDFLARE_API_TOKEN", self.token.as_str())];
        let answer = ask_node("xtask/deploy/platform.mjs", &[command], asked, &environment)?;
        let Some(error) = answer.get("error") else { return Ok(answer) };
        let text = error["message"].as_str().unwrap_or_default();
        let code = error["code"].as_u64().and_then(|code| u32::try_from(code).ok()).unwrap_or(0);
        if text.starts_with("the token is good for") {
            bail!("{text}; set CLOUDFLARE_ACCOUNT_ID to the account's id, which stands in the dashboard's address");
        }
        let script = asked["script"].as_str().unwrap_or("a worker");
        match advice::of(code, text, script, self.environment) {
            Some(advice) => bail!("{advice}\n  | {text} [code: {code}]"),
            None => bail!("the platform refused\n  | {text} [code: {code}]"),
        }
    }
}

// A token of the environment, or the one that `wrangler login` keeps, which wrangler gives out itself.
fn token() -> Result<String> {
    if let Some(token) = env::var("CLOUDFLARE_API_TOKEN").ok().filter(|token| !token.is_empty()) {
        return Ok(token);
    }
    let mut wrangler = process::command(toolchain::node());
    wrangler.args(["node_modules/wrangler/bin/wrangler.js", "auth", "token", "--json"]).env("CI", "true");
    let said = process::output(&mut wrangler).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    match said.as_ref().and_then(|said| said["token"].as_str()) {
        Some(token) => Ok(token.to_owned()),
        None => bail!(
            "nobody is logged in: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN to a token made from the template \
             \"Edit Cloudflare Workers\" at https://dash.cloudflare.com/profile/api-tokens"
        ),
    }
}

/// Runs a script of ours with its input as JSON, and gives its answer.
pub(crate) fn ask_node(script: &str, arguments: &[&str], asked: &Value, environment: &[(&str, &str)]) -> Result<Value> {
    let mut node = process::command(toolchain::node());
    node.arg(script).args(arguments).envs(environment.iter().copied());
    let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start Node.js")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(asked.to_string().as_bytes())?;
    }
    let output = child.wait_with_output()?;
    serde_json::from_slice(&output.stdout).with_context(|| format!("{script} gave no answer ({})", output.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serves_is_what_has_most_of_the_traffic() {
        let script: Script = serde_json::from_value(json!({
            "deployments": [{ "message": "octavo 1a2b3c4d from=old", "versions": [
                { "id": "new", "percentage": 0 }, { "id": "old", "percentage": 100 },
            ] }],
            "versions": [{ "id": "new", "tag": "t", "message": "octavo 0.1.0 gz=1234 abc", "created": null, "author": null }],
            "open": false, "previews": false, "crons": [], "secrets": [],
        }))
        .expect("a script");
        assert_eq!(script.serving(), Some("old"));
        assert_eq!(script.mark().expect("a mark").run(), "1a2b3c4d");
        assert_eq!(script.version("new").and_then(Version::gzip), Some(1234));
    }
}

//! `server.json`: how Octavo is entered in the MCP registry, by its schema of 2025-12-11.
//!
//! Octavo is what people deploy for themselves, so the address is a template with the host to fill in; who serves it to the
//! public under one name publishes that name instead (docs/deploy.md).

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const PATH: &str = "server.json";
const SCHEMA: &str = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";
/// At most 100 characters.
const DESCRIPTION: &str =
    "Exact, deterministic code analysis: lint, resolve, measure, compare and plan. No model inside.";

/// Writes the file, or with `check` says that it is stale.
pub(crate) fn generate(root: &Path, check: bool) -> Result<()> {
    let fresh = format!("{}\n", serde_json::to_string_pretty(&document()?)?);
    let path = root.join(PATH);
    if fs::read_to_string(&path).is_ok_and(|text| text == fresh) {
        return Ok(());
    }
    if check {
        bail!("stale: {PATH}; run `cargo xtask gen --configs` and commit what it writes");
    }
    fs::write(path, fresh)?;
    eprintln!("wrote {PATH}");
    Ok(())
}

fn document() -> Result<Value> {
    let repository = env!("CARGO_PKG_REPOSITORY");
    Ok(json!({
        "$schema": SCHEMA,
        "name": name(repository)?,
        "title": "Octavo",
        "description": DESCRIPTION,
        "version": env!("CARGO_PKG_VERSION"),
        "repository": { "url": repository, "source": "github" },
        "remotes": [{
            "type": "streamable-http",
            "url": "https://{host}/mcp",
            "variables": {
                "host": {
                    "description": "The host of the gateway that you, or your team, deployed.",
                    "isRequired": true,
                    "placeholder": "octavo.example.com",
                },
            },
            "headers": [{
                "name": "Authorization",
                "description": "`Bearer` and a key, where the deployment asks for keys.",
                "isRequired": false,
                "isSecret": true,
            }],
        }],
    }))
}

// The registry lets the owner of a repository publish under its owner's name.
fn name(repository: &str) -> Result<String> {
    let path = repository.strip_prefix("https://github.com/").context("the repository is at GitHub")?;
    let (owner, project) = path.split_once('/').context("a repository has an owner and a name")?;
    Ok(format!("io.github.{owner}/{project}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    #[test]
    fn the_entry_is_fresh() {
        generate(&paths::root(), true).expect("cargo xtask gen --configs");
    }

    // The limits of the schema that a text can break; its structure is fixed above.
    #[test]
    fn the_entry_keeps_the_schema_s_limits() {
        let entry = document().expect("an entry");
        let text = |name: &str| entry[name].as_str().expect("a text").to_owned();
        assert!((1..=100).contains(&text("description").chars().count()), "{}", text("description").len());
        assert!((1..=100).contains(&text("title").chars().count()));
        let name = text("name");
        let (space, server) = name.split_once('/').expect("one slash");
        let is_plain = |part: &str, more: &str| {
            !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter))
        };
        assert!(is_plain(space, ".-") && is_plain(server, "._-") && name.len() <= 200, "{name}");
        assert!(text("version").split('.').count() == 3 && text("version").len() <= 255);
    }
}

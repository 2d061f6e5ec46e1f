//! The documents by which programs find the server: a server card (SEP-2127) at the place that MCP reserves for it and at the
//! one that was proposed before, and the catalogue of the host, which leads to it.

use super::{Mode, Visit};
use crate::methods::SERVER;
use octavo_mcp::Version;
use serde_json::{Value, json};

/// Where the card is: the endpoint's address and this.
const CARD: &str = "/mcp/server-card";
/// Where drafts before SEP-2127 was final had it, and many programs still look.
const CARD_OF_OLD: &str = "/.well-known/mcp/server-card.json";
/// The host's catalogue.
const CATALOG: &str = "/.well-known/ai-catalog.json";

const CARD_TYPE: &str = "application/mcp-server-card+json";
const CATALOG_TYPE: &str = "application/ai-catalog+json";

/// What the server is called wherever it is deployed: the name it has in the MCP registry.
const NAME: &str = "io.github.octavo-mcp/octavo";
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
/// What it is for; the card takes 100 characters.
const DESCRIPTION: &str =
    "Exact, deterministic code analysis: lint, resolve, measure, compare and plan. No model inside.";

/// Whether any page in a browser may read it.
pub(super) fn is_public(path: &str) -> bool {
    [CARD, CARD_OF_OLD, CATALOG].contains(&path)
}

/// The document at a path: its media type, and its text.
pub(super) fn document(visit: &Visit<'_>) -> Option<(&'static str, String)> {
    let (kind, document) = match visit.path {
        CARD => (CARD_TYPE, card(visit)),
        CARD_OF_OLD => ("application/json", card(visit)),
        CATALOG => (CATALOG_TYPE, catalog(visit.origin)),
        _ => return None,
    };
    Some((kind, format!("{document:#}\n")))
}

// What is needed to connect; tools are listed by asking the server.
fn card(visit: &Visit<'_>) -> Value {
    let Visit { origin, mode, .. } = visit;
    let versions: Vec<&str> = Version::ALL.iter().map(|version| version.as_str()).collect();
    let mut remote = json!({
        "type": "streamable-http",
        "url": format!("{origin}/mcp"),
        "supportedProtocolVersions": versions,
    });
    if *mode == Mode::Keys {
        remote["headers"] = json!([{
            "name": "Authorization",
            "description": "A key of this server.",
            "isRequired": true,
            "isSecret": true,
            "value": "Bearer {key}",
            "variables": { "key": { "description": "The key", "isRequired": true, "isSecret": true } },
        }]);
    }
    json!({
        "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
        "name": NAME,
        "title": SERVER.title,
        "version": SERVER.version,
        "description": DESCRIPTION,
        "websiteUrl": format!("{origin}/"),
        "icons": [{ "src": format!("{origin}/favicon.svg"), "mimeType": "image/svg+xml", "sizes": ["any"] }],
        "repository": { "url": REPOSITORY, "source": "github" },
        "remotes": [remote],
    })
}

fn catalog(origin: &str) -> Value {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let host = host.split(':').next().unwrap_or(host);
    json!({
        "specVersion": "1.0",
        "entries": [{
            "identifier": format!("urn:air:{host}:mcp:octavo"),
            "type": CARD_TYPE,
            "url": format!("{origin}{CARD}"),
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, mode: Mode) -> Value {
        let visit = Visit { path, origin: "https://octavo.example", accept: "", if_none_match: "", mode };
        let (_, text) = document(&visit).expect(path);
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn the_catalogue_leads_to_a_card_that_tells_how_to_connect() {
        let catalog = read(CATALOG, Mode::Open);
        let entry = &catalog["entries"][0];
        assert_eq!(entry["identifier"], "urn:air:octavo.example:mcp:octavo");
        let url = entry["url"].as_str().expect("an address");
        let card = read(url.strip_prefix("https://octavo.example").expect("of this host"), Mode::Open);
        assert_eq!(card["remotes"][0]["url"], "https://octavo.example/mcp");
        assert!(card["remotes"][0].get("headers").is_none());
        assert!(card["description"].as_str().is_some_and(|text| text.len() <= 100));
        assert_eq!(read(CARD_OF_OLD, Mode::Open), card);
        let registered = include_str!("../../../../server.json");
        let registered: Value = serde_json::from_str(registered).expect("JSON");
        for member in ["name", "title", "version", "description", "repository"] {
            assert_eq!(card[member], registered[member], "the registry is told another {member}");
        }
        let keyed = read(CARD, Mode::Keys);
        assert_eq!(keyed["remotes"][0]["headers"][0]["isSecret"], true);
    }
}

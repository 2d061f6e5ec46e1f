//! The methods the gateway answers by itself, and what it says of itself.

use octavo_catalog::{Shape, catalog};
use octavo_category::Category;
use octavo_mcp::{CacheScope, Implementation, Version, discover_result, initialize_result, with_server_info};
use serde_json::{Value, json};

/// Who we are.
pub(crate) const SERVER: Implementation =
    Implementation { name: "octavo", title: "Octavo", version: env!("CARGO_PKG_VERSION") };

/// How long clients may keep the catalogue: it changes with a deployment only.
pub(crate) const CATALOG_TTL_MS: u64 = 3_600_000;

/// What a model should know before it sees the tools. Byte-stable, 120 to 200 tokens.
pub(crate) const INSTRUCTIONS: &str = "Octavo runs exact, deterministic analysers over text you send: it never guesses, \
executes code, or reaches a network. Tool names are category_verb_noun; pass the whole file as `source` (with `filename` \
where the kind depends on it) or several as `files: [{path, source}]`. Every result has a verdict (pass, warn, fail, or \
info for pure measurements), findings with rule id, level, 1-based line and UTF-16 column, and, where applying it is safe, \
a `fix` made of edits; `notChecked` names what the tool does not cover. Every tool also takes an optional `output` object: \
{ignore: [rule ids], minLevel: \"error\"|\"warning\"|\"info\", maxFindings}. Errors name the argument by JSON pointer and \
what is accepted; correct it and call again.";

/// What we declare.
pub(crate) fn capabilities() -> Value {
    json!({ "tools": {} })
}

/// The result of `server/discover`.
pub(crate) fn discover() -> String {
    discover_result(SERVER, &capabilities(), INSTRUCTIONS, CATALOG_TTL_MS)
}

/// The result of `initialize` for the version asked for; one we do not serve is answered with the newest that has it.
pub(crate) fn initialize(requested: Option<&str>) -> (Version, String) {
    let version =
        requested.and_then(Version::from_date).filter(|version| !version.is_modern()).unwrap_or(Version::LATEST_LEGACY);
    (version, initialize_result(version, SERVER, &capabilities(), INSTRUCTIONS))
}

/// The result of `tools/list`.
pub(crate) fn list_tools(version: Version, category: Option<Category>) -> String {
    let shape = match version {
        Version::V2024_11_05 => Shape::Bare,
        Version::V2025_03_26 => Shape::Untitled,
        Version::V2025_06_18 | Version::V2025_11_25 | Version::V2026_07_28 => Shape::Full,
    };
    let members = format!(r#""tools":{}"#, catalog().list(shape, category));
    with_server_info(version, &members, SERVER, CATALOG_TTL_MS, CacheScope::Public)
}

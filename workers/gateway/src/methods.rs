//! The methods the gateway answers by itself, and what it says of itself.

use crate::config::Bound;
use crate::{skills, task};
use octavo_catalog::{INSTRUCTIONS, Scope, Shape, extra};
use octavo_mcp::{CacheScope, Implementation, Version, discover_result, initialize_result, with_server_info};
use serde_json::{Value, json};

/// Who we are.
pub(crate) const SERVER: Implementation =
    Implementation { name: "octavo", title: "Octavo", version: env!("CARGO_PKG_VERSION") };

/// How long clients may keep the catalogue: it changes with a deployment only.
pub(crate) const CATALOG_TTL_MS: u64 = 3_600_000;

/// What we declare; completions since 2025-03-26, extensions since 2026-07-28.
pub(crate) fn capabilities(version: Version, bound: Bound) -> Value {
    let mut capabilities = json!({ "tools": {}, "resources": {}, "prompts": {} });
    if version.has_annotations() {
        capabilities["completions"] = json!({});
    }
    if version.is_modern() {
        capabilities["extensions"] = json!({ skills::EXTENSION: {} });
        if bound.tasks {
            capabilities["extensions"][task::EXTENSION] = json!({});
        }
    }
    if let Some(extra) = extra() {
        // Who listens is told by an object; without it another isolate would hear nothing.
        if bound.changes && version.is_modern() {
            capabilities["tools"] = json!({ "listChanged": true });
            capabilities["prompts"] = json!({ "listChanged": true });
        }
        if extra.subscribe {
            capabilities["resources"] = json!({ "subscribe": true });
        }
        if extra.logging {
            capabilities["logging"] = json!({});
        }
    }
    capabilities
}

/// The result of `server/discover`.
pub(crate) fn discover(bound: Bound) -> String {
    discover_result(SERVER, &capabilities(Version::V2026_07_28, bound), INSTRUCTIONS, CATALOG_TTL_MS)
}

/// The result of `initialize` for the version asked for; one we do not serve is answered with the newest that has it.
pub(crate) fn initialize(requested: Option<&str>, bound: Bound) -> (Version, String) {
    let version =
        requested.and_then(Version::from_date).filter(|version| !version.is_modern()).unwrap_or(Version::LATEST_LEGACY);
    (version, initialize_result(version, SERVER, &capabilities(version, bound), INSTRUCTIONS))
}

/// The result of `tools/list`.
pub(crate) fn list_tools(version: Version, scope: &Scope) -> String {
    let shape = match version {
        Version::V2024_11_05 => Shape::Bare,
        Version::V2025_03_26 => Shape::Untitled,
        Version::V2025_06_18 | Version::V2025_11_25 | Version::V2026_07_28 => Shape::Full,
    };
    listed(version, scope, &format!(r#""tools":{}"#, octavo_catalog::list(shape, scope)))
}

/// A result that clients may keep as long as the catalogue, for themselves alone where headers shaped it.
pub(crate) fn listed(version: Version, scope: &Scope, members: &str) -> String {
    let cache = if scope.is_by_header() { CacheScope::Private } else { CacheScope::Public };
    with_server_info(version, members, SERVER, CATALOG_TTL_MS, cache)
}

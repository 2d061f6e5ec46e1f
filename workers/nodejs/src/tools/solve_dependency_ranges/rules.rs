//! The rules, by npm's error codes.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const PEERS: &str = "https://docs.npmjs.com/cli/configuring-npm/package-json#peerdependencies";

/// No common versions of peers.
pub(super) const ERESOLVE: Rule = Rule {
    id: "ERESOLVE",
    level: Level::Error,
    summary: "The peers of a project's dependencies go together.",
    docs: rule_docs!(
        why: "npm stops an install where peers of the project's own dependencies cannot be placed beside each other; of other packages' peers it only warns.",
        wrong: r#"{"dependencies":{"a":"1","b":"1"}} with packuments {"a":{"1.0.0":{"peerDependencies":{"b":"2"}}},"b":{"1.0.0":{},"2.0.0":{}}}"#,
        right: r#"{"dependencies":{"a":"1","b":"2"}} with packuments {"a":{"1.0.0":{"peerDependencies":{"b":"2"}}},"b":{"1.0.0":{},"2.0.0":{}}}"#,
        source: PEERS
    ),
};

/// No version for a range.
pub(super) const ETARGET: Rule = Rule {
    id: "ETARGET",
    level: Level::Error,
    summary: "Every range admits a version that exists.",
    docs: rule_docs!(
        why: "A range without a version cannot be installed; a typing error, a version that was never published, or one taken back.",
        wrong: r#"{"dependencies":{"a":"^2"}} with packuments {"a":{"1.0.0":{}}}"#,
        right: r#"{"dependencies":{"a":"^1"}} with packuments {"a":{"1.0.0":{}}}"#,
        source: "https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies"
    ),
};

/// A package asks for another Node.js.
pub(super) const EBADENGINE: Rule = Rule {
    id: "EBADENGINE",
    level: Level::Warning,
    summary: "Every installed version runs on the given Node.js.",
    docs: rule_docs!(
        why: "`engines` says what a version was made for; npm warns, and refuses with engine-strict.",
        wrong: r#"{"dependencies":{"a":"1"}} with packuments {"a":{"1.0.0":{"engines":{"node":">=22"}}}} on node 20.0.0"#,
        right: r#"{"dependencies":{"a":"1"}} with packuments {"a":{"1.0.0":{"engines":{"node":">=18"}}}} on node 20.0.0"#,
        source: "https://docs.npmjs.com/cli/configuring-npm/package-json#engines"
    ),
};

/// A text is not JSON.
pub(super) const EJSONPARSE: Rule = Rule {
    id: "EJSONPARSE",
    level: Level::Error,
    summary: "Manifests and packuments are JSON.",
    docs: rule_docs!(
        why: "npm stops at a package.json it cannot read.",
        wrong: "{,} with packuments {}",
        right: "{} with packuments {}",
        source: "https://docs.npmjs.com/cli/configuring-npm/package-json"
    ),
};

/// Every rule of the tool.
pub(super) const RULES: &[Rule] = &[ERESOLVE, ETARGET, EBADENGINE, EJSONPARSE];

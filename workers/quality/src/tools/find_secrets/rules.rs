//! What a finding of the tool can name, beside the rules of the data.

use octavo_toolkit::{Level, Rule, rule_docs};

/// A patch that could not be read whole.
pub(super) const DAMAGED: Rule = Rule {
    id: "damaged-diff",
    level: Level::Warning,
    summary: "The diff can be read to its end.",
    docs: rule_docs!(
        why: "What stands behind the damage was not looked at.",
        wrong: "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n",
        right: "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        source: "git apply",
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[DAMAGED];

//! How a tool of the category declares a rule.

/// A rule by its name here, id, level, summary, and the parts of its page: why, wrong, right, source.
macro_rules! rule {
    ($name:ident, $id:literal, $level:ident, $summary:literal, $why:literal, $wrong:expr, $right:expr, $source:literal) => {
        pub(super) const $name: octavo_toolkit::Rule = octavo_toolkit::Rule {
            id: $id,
            level: octavo_toolkit::Level::$level,
            summary: $summary,
    docs: octavo_toolkit::rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
        };
    };
}
pub(crate) use rule;

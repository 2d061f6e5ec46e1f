//! Tables of rules: one rule a line.

/// Declares rules as constants and lists them: `NAME "id" Level "summary": "why", "wrong" => "right", "source";`. What
/// follows `also` is listed too and declared elsewhere.
macro_rules! rule_table {
    (also [$($other:path),*]; $($name:ident $id:literal $level:ident $summary:literal: $why:literal, $wrong:literal => $right:literal, $source:literal;)+) => {
        $(
            #[doc = concat!("The rule `", $id, "`.")]
            pub(super) const $name: octavo_toolkit::Rule = octavo_toolkit::Rule {
                id: $id,
                level: octavo_toolkit::Level::$level,
                summary: $summary,
                docs: octavo_toolkit::rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
            };
        )+
        /// Every rule of the tool.
        pub(super) const RULES: &[octavo_toolkit::Rule] = &[$($other,)* $($name),+];
    };
}

pub(crate) use rule_table;

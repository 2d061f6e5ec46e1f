//! Whether a script can be parsed and its syntax tree be visited on the stack there is.

use octavo_toolkit::parse_depth::{Dialect, Walk, recursion_exceeded};
use oxc_span::SourceType;

/// The byte at which a script recurses too deeply for the parser or for visitors, if it does.
pub fn too_deep(text: &str, kind: SourceType) -> Option<usize> {
    let dialect = Dialect::of(kind.is_typescript(), kind.is_jsx());
    recursion_exceeded(text, dialect, Walk::Parser).or_else(|| recursion_exceeded(text, dialect, Walk::Visitors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parser_and_visitors_have_limits_of_their_own() {
        for (text, deep) in [("!", true), ("a/", true), ("a;", false)] {
            assert_eq!(too_deep(&text.repeat(5_000), SourceType::mjs()).is_some(), deep, "{text}");
        }
    }
}

//! A mutant as an edit, and the small pieces of text that edits are made of.

use std::ops::Range;

/// A change of a source that tests should notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mutant {
    /// What is replaced.
    pub(super) span: Range<usize>,
    pub(super) text: String,
    /// The operator, by the name that the peer has for it.
    pub(super) operator: &'static str,
    /// Where the mutated piece begins: coverage is asked for that line.
    pub(super) at: usize,
}

impl Mutant {
    pub(super) fn new(operator: &'static str, at: usize, span: Range<usize>, text: impl Into<String>) -> Self {
        Self { span, text: text.into(), operator, at }
    }

    /// The same edit without what it leaves as it is, so that equal changes are equal.
    pub(super) fn least(&self, source: &str) -> (Range<usize>, String) {
        let old = source.get(self.span.clone()).unwrap_or_default();
        let same = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
            pairs.take_while(|(one, other)| one == other).map(|(c, _)| c.len_utf8()).sum()
        };
        let before = same(&mut old.chars().zip(self.text.chars()));
        let (old_rest, new_rest) = (old.get(before..).unwrap_or_default(), self.text.get(before..).unwrap_or_default());
        let after = same(&mut old_rest.chars().rev().zip(new_rest.chars().rev()));
        let kept = new_rest.get(..new_rest.len() - after).unwrap_or_default();
        (self.span.start + before..self.span.end - after, kept.to_owned())
    }
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Where a sign stands between two places, outside comments.
pub(super) fn find(source: &str, from: usize, to: usize, sign: &str) -> Option<Range<usize>> {
    let mut at = from;
    while at < to {
        let rest = source.get(at..to)?;
        if rest.starts_with(sign) {
            return Some(at..at + sign.len());
        }
        at += if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
    }
    None
}

/// A text in the place of another, apart from what stands beside it: `a - -b` becomes `a + -b`, `return !a` not `returna`.
pub(super) fn apart(source: &str, span: &Range<usize>, text: &str) -> String {
    let before = source.get(..span.start).and_then(|text| text.chars().next_back());
    let after = source.get(span.end..).and_then(|text| text.chars().next());
    let touches = |one: Option<char>, other: Option<char>| match (one, other) {
        (Some(one), Some(other)) => one == other && matches!(one, '+' | '-') || is_word(one) && is_word(other),
        _ => false,
    };
    if text.is_empty() {
        return if touches(before, after) { " ".to_owned() } else { String::new() };
    }
    let left = if touches(before, text.chars().next()) { " " } else { "" };
    let right = if touches(text.chars().next_back(), after) { " " } else { "" };
    format!("{left}{text}{right}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_told_by_what_they_change() {
        let source = "a + b";
        let mutant = Mutant::new("x", 0, 0..5, "a - b");
        assert_eq!(mutant.least(source), (2..3, "-".to_owned()));
        assert_eq!(Mutant::new("x", 0, 0..5, "").least(source), (0..5, String::new()));
        assert_eq!(Mutant::new("x", 0, 2..2, "+ ").least(source), (2..2, "+ ".to_owned()));
    }

    #[test]
    fn pieces_stay_apart() {
        assert_eq!(apart("a+-b", &(2..3), "+"), " +");
        assert_eq!(apart("a-+b", &(1..2), "+"), "+ ");
        assert_eq!(apart("return!a", &(6..7), ""), " ");
        assert_eq!(apart("a && b", &(2..4), "||"), "||");
        assert_eq!(find("a /* + */ + b", 1, 13, "+"), Some(10..11));
        assert_eq!(find("a // +\n", 1, 7, "+"), None);
    }
}

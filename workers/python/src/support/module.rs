//! A Python text, parsed behind guards: what is too deep for a wasm stack is refused before a recursive parser sees it.
//!
//! Owns the limits of a file and the two findings every tool that parses has: `invalid-syntax` and `nesting-too-deep`.

use crate::support::nesting;
use octavo_toolkit::limits::{MAX_NESTING_DEPTH, excerpt};
use octavo_toolkit::{Finding, Level, LineIndex, Rule, rule_docs};
use ruff_python_ast::{ModModule, PySourceType};
use ruff_python_parser::{Parsed, parse_unchecked_source};
use ruff_text_size::Ranged as _;

/// Longest file, in bytes: ruff takes about 60 bytes of memory for each byte of source, and a worker has 128 MiB.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Heaviest expression that is handed to ruff: 200 brackets, or 1,000 operators, of which its rules bear at least twice as
/// many on a wasm stack of 1 MiB.
pub const MAX_EXPRESSION_WEIGHT: usize = MAX_NESTING_DEPTH * nesting::NESTED;

/// Deepest block that is handed to ruff: Python's own limit ("too many levels of indentation").
pub const MAX_BLOCK_DEPTH: usize = 100;

/// Most syntax errors reported of one file: the parser recovers, and what follows the first few follows from them.
const MAX_SYNTAX_ERRORS: usize = 5;

/// Ruff's word for what its parser finds.
pub const INVALID_SYNTAX: Rule = Rule {
    id: "invalid-syntax",
    level: Level::Error,
    summary: "The file follows the grammar of the target version.",
    docs: rule_docs!(
        why: "Python refuses the whole file, so nothing in it runs.",
        wrong: "def f(:\n    pass",
        right: "def f():\n    pass",
        source: "https://docs.python.org/3/reference/grammar.html",
    ),
};

/// A file was too deep.
pub const TOO_DEEP: Rule = Rule {
    id: "nesting-too-deep",
    level: Level::Error,
    summary: "Expressions and blocks nest no deeper than the engine can follow.",
    docs: rule_docs!(
        why: "The file is not looked at; people cannot follow such nesting either.",
        wrong: "x = ((((...))))  # more than 200 brackets deep",
        right: "y = (...)\nx = ((y))",
        source: "Octavo: the engine's stack in a worker",
    ),
};

/// A file that could not be looked at, as findings without a path.
pub type Unread = Vec<Finding>;

/// Parses a text. One that is too deep, or does not follow the grammar, is told as findings.
pub fn parse(source: &str, kind: PySourceType) -> Result<Parsed<ModModule>, Unread> {
    if too_deep(nesting::weights(source).expression, nesting::block_depth(source)) {
        let message = format!("not looked at: deeper than {}", depth_limits());
        return Err(vec![Finding::new(&TOO_DEEP, message)]);
    }
    let parsed = parse_unchecked_source(source, kind);
    if parsed.has_valid_syntax() {
        return Ok(parsed);
    }
    let index = LineIndex::new(source);
    let errors = parsed.errors().iter().take(MAX_SYNTAX_ERRORS);
    let errors = errors.map(|error| {
        let range = index.range(error.range().start().to_usize()..error.range().end().to_usize());
        Finding::new(&INVALID_SYNTAX, excerpt(&error.error.to_string())).at(range)
    });
    Err(errors.collect())
}

/// Whether expressions of this weight, in blocks of this depth, are more than the engine bears.
pub fn too_deep(expressions: usize, blocks: usize) -> bool {
    expressions > MAX_EXPRESSION_WEIGHT || blocks > MAX_BLOCK_DEPTH
}

/// The limits of [`too_deep`] in words.
pub fn depth_limits() -> String {
    format!(
        "{MAX_NESTING_DEPTH} brackets, {MAX_EXPRESSION_WEIGHT} operators, attributes and calls, or {MAX_BLOCK_DEPTH} blocks"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_too_deep_and_tells_syntax_errors_with_their_place() {
        let deep = |depth: usize| format!("x = {}{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&deep(MAX_NESTING_DEPTH), PySourceType::Python).is_ok());
        let unread = parse(&deep(MAX_NESTING_DEPTH + 1), PySourceType::Python).expect_err("too deep");
        assert_eq!(unread.first().map(|finding| finding.rule.as_ref()), Some("nesting-too-deep"));
        let unread = parse("x = 1\nprint x y\n", PySourceType::Python).expect_err("Python 2");
        assert_eq!(unread.first().and_then(|finding| finding.range).map(|range| range.start.line), Some(2));
        assert!(unread.len() <= MAX_SYNTAX_ERRORS);
    }
}

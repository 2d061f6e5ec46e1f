//! What a finding of the tool can name.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const CWE: &str = "CWE-1333, inefficient regular expression complexity";

/// Exponential.
pub(super) const EXPONENTIAL: Rule = Rule {
    id: "redos-exponential",
    level: Level::Error,
    summary: "No string makes an expression take exponential time.",
    docs: rule_docs!(
        why: "Thirty characters from a user stop the process: each one more doubles the time.",
        wrong: "^(a+)+$",
        right: "^a+$",
        source: CWE,
    ),
};

/// Polynomial.
pub(super) const POLYNOMIAL: Rule = Rule {
    id: "redos-polynomial",
    level: Level::Warning,
    summary: "No string makes an expression take more than linear time.",
    docs: rule_docs!(
        why: "A string of a few ten thousand characters takes seconds; every length limit before it helps.",
        wrong: "\\s+$",
        right: "(?<!\\s)\\s+$",
        source: CWE,
    ),
};

/// Not an expression.
pub(super) const SYNTAX: Rule = Rule {
    id: "regex-syntax",
    level: Level::Error,
    summary: "An expression is valid in its dialect.",
    docs: rule_docs!(
        why: "It throws when it is compiled, often only when the line is reached.",
        wrong: "(a",
        right: "(a)",
        source: "the grammars of the dialects",
    ),
};

/// Not in the other dialect.
pub(super) const UNPORTABLE: Rule = Rule {
    id: "regex-unportable",
    level: Level::Error,
    summary: "An expression uses only what the other dialect has.",
    docs: rule_docs!(
        why: "The other engine refuses it, or takes the sign for something else.",
        wrong: "(?<=a)b",
        right: "ab",
        source: "the syntax pages of RE2, the crate regex, PCRE2, Python's re, ECMAScript and java.util.regex",
    ),
};

/// Another meaning in the other dialect.
pub(super) const DIFFERS: Rule = Rule {
    id: "regex-differs",
    level: Level::Warning,
    summary: "An expression means the same in the other dialect.",
    docs: rule_docs!(
        why: "It compiles there and matches other strings, which no test of the first engine shows.",
        wrong: "^a$",
        right: "^a",
        source: "the syntax pages of RE2, the crate regex, PCRE2, Python's re, ECMAScript and java.util.regex",
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[EXPONENTIAL, POLYNOMIAL, SYNTAX, UNPORTABLE, DIFFERS];

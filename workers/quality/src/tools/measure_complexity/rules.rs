//! What a finding of the tool can name. The limits that have a name in `ESLint` or `SonarQube` keep it.

use octavo_toolkit::{Level, Rule, rule_docs};

/// Cyclomatic complexity over its limit.
pub(super) const CYCLOMATIC: Rule = Rule {
    id: "complexity",
    level: Level::Warning,
    summary: "A function has few independent paths.",
    docs: rule_docs!(
        why: "Each path needs a test of its own; past a dozen or so nobody has tried them all.",
        wrong: "def fee(kind, days):\n    if kind == 'a' and days > 3 or kind == 'b' and days > 5: ...\n    elif kind == 'c': ...\n    elif kind == 'd' and days: ...",
        right: "GRACE = {'a': 3, 'b': 5, 'c': 0}\n\ndef fee(kind, days):\n    return late_fee(kind) if days > GRACE[kind] else 0",
        source: "T. McCabe, A Complexity Measure, IEEE TSE 1976; the limit is lizard's default",
    ),
};

/// Cognitive complexity over its limit.
pub(super) const COGNITIVE: Rule = Rule {
    id: "cognitive-complexity",
    level: Level::Warning,
    summary: "A function can be followed without holding many conditions in mind.",
    docs: rule_docs!(
        why: "Nested conditions must all be remembered at once by whoever reads the innermost line.",
        wrong: "if (user) {\n  for (const order of user.orders) {\n    if (order.open) { ship(order); }\n  }\n}",
        right: "if (!user) return;\nuser.orders.filter(isOpen).forEach(ship);",
        source: "SonarSource, Cognitive Complexity; rule S3776",
    ),
};

/// Too many lines of code.
pub(super) const LINES: Rule = Rule {
    id: "max-lines-per-function",
    level: Level::Warning,
    summary: "A function has few lines of code.",
    docs: rule_docs!(
        why: "A function that does not fit on a screen is rarely about one thing.",
        wrong: "one function that reads, checks, converts and writes",
        right: "four functions, and one that calls them",
        source: "https://eslint.org/docs/latest/rules/max-lines-per-function",
    ),
};

/// Too many parameters.
pub(super) const PARAMETERS: Rule = Rule {
    id: "max-params",
    level: Level::Warning,
    summary: "A function takes few parameters.",
    docs: rule_docs!(
        why: "Long lists are passed in the wrong order, and some of the values belong together.",
        wrong: "func Draw(x, y, w, h int, fill, line Color, width int) {}",
        right: "func Draw(box Rect, style Style) {}",
        source: "https://eslint.org/docs/latest/rules/max-params",
    ),
};

/// Too deep nesting.
pub(super) const NESTING: Rule = Rule {
    id: "max-depth",
    level: Level::Warning,
    summary: "Control structures nest in few levels.",
    docs: rule_docs!(
        why: "The reason why a deep line runs is spread over all the lines it is indented under.",
        wrong: "for row in rows:\n    if row.ok:\n        for cell in row:\n            if cell: use(cell)",
        right: "for row in filter(is_ok, rows):\n    use_cells(row)",
        source: "https://eslint.org/docs/latest/rules/max-depth",
    ),
};

/// Something could not be parsed.
pub(super) const SYNTAX: Rule = Rule {
    id: "syntax-error",
    level: Level::Info,
    summary: "The source is valid in its language.",
    docs: rule_docs!(
        why: "Figures near the place may be wrong, since what stands there was guessed or left out.",
        wrong: "func main( {",
        right: "func main() {",
        source: "the language's grammar",
    ),
};

/// Nested too deeply for the parser.
pub(super) const TOO_DEEP: Rule = Rule {
    id: "nesting-too-deep",
    level: Level::Info,
    summary: "The source nests within what the parser can hold.",
    docs: rule_docs!(
        why: "Deeper sources exhaust the parser's stack; they are generated or hostile, not written.",
        wrong: "((((... 201 brackets ...))))",
        right: "at most 200 brackets open at a time",
        source: "the limit of this service",
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[CYCLOMATIC, COGNITIVE, LINES, PARAMETERS, NESTING, SYNTAX, TOO_DEEP];

//! What a finding of the tool can name.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const PICT: &str = "https://github.com/microsoft/pict/blob/main/doc/pict.md";

/// The model cannot be read.
pub(super) const SYNTAX: Rule = Rule {
    id: "model-syntax",
    level: Level::Error,
    summary: "Each line of the model is a parameter, a submodel or a constraint that can be read.",
    docs: rule_docs!(
        why: "A line that is not understood would leave combinations out in silence, so nothing is generated.",
        wrong: "OS: Linux, Windows\nBrowser: Edge, Firefox\nIF [OS] = \"Linux\" [Browser] = \"Firefox\";",
        right: "OS: Linux, Windows\nBrowser: Edge, Firefox\nIF [OS] = \"Linux\" THEN [Browser] = \"Firefox\";",
        source: PICT,
    ),
};

/// No row satisfies the constraints.
pub(super) const CONTRADICTION: Rule = Rule {
    id: "contradiction",
    level: Level::Error,
    summary: "Some row satisfies all constraints.",
    docs: rule_docs!(
        why: "Constraints that contradict each other leave nothing to test.",
        wrong: "A: 1, 2\nB: 1, 2\n[A] < [B];\n[A] = 2;",
        right: "A: 1, 2\nB: 1, 2\n[A] <= [B];\n[A] = 2;",
        source: PICT,
    ),
};

/// A value that no row can have.
pub(super) const UNUSED: Rule = Rule {
    id: "unreachable-value",
    level: Level::Warning,
    summary: "Each value can stand in some row.",
    docs: rule_docs!(
        why: "A value that the constraints never let in is never tested, which is rarely what was meant.",
        wrong: "Size: 1, 2, 3\nKind: a, b\nIF [Kind] = \"a\" THEN [Size] < 3;\nIF [Kind] = \"b\" THEN [Size] = 1;",
        right: "Size: 1, 2, 3\nKind: a, b\nIF [Kind] = \"a\" THEN [Size] < 3;\nIF [Kind] = \"b\" THEN [Size] >= 1;",
        source: PICT,
    ),
};

/// A constraint that speaks of something that the model lacks.
pub(super) const UNKNOWN: Rule = Rule {
    id: "unknown-name",
    level: Level::Warning,
    summary: "Constraints speak of parameters and values that the model has.",
    docs: rule_docs!(
        why: "A misspelt value makes a condition that is never or always true; a misspelt parameter leaves the constraint out.",
        wrong: "OS: Linux, Windows\nFS: ext4, NTFS\nIF [OS] = \"Window\" THEN [FS] = \"NTFS\";",
        right: "OS: Linux, Windows\nFS: ext4, NTFS\nIF [OS] = \"Windows\" THEN [FS] = \"NTFS\";",
        source: PICT,
    ),
};

/// A value twice in a parameter.
pub(super) const DUPLICATE: Rule = Rule {
    id: "duplicate-value",
    level: Level::Warning,
    summary: "A parameter has each value once.",
    docs: rule_docs!(
        why: "Each copy is combined with everything else again, which makes rows that test nothing new.",
        wrong: "A: 1, 2, 1\nB: x, y",
        right: "A: 1 (2), 2\nB: x, y",
        source: PICT,
    ),
};

/// A seed that could not be used as it is.
pub(super) const SEED: Rule = Rule {
    id: "seed-ignored",
    level: Level::Warning,
    summary: "Each seed row fits the model.",
    docs: rule_docs!(
        why: "A seed that no longer fits is silently not tested any more, often after the model has changed.",
        wrong: "a seed of `Win7` where the model has Win10 and Win11",
        right: "a seed of `Win10`",
        source: PICT,
    ),
};

/// The strength is more than there are parameters.
pub(super) const STRENGTH: Rule = Rule {
    id: "strength-reduced",
    level: Level::Info,
    summary: "The strength is at most the number of parameters.",
    docs: rule_docs!(
        why: "All combinations of all parameters are the most that can be covered.",
        wrong: "strength 3 for two parameters",
        right: "strength 2 for two parameters",
        source: PICT,
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[SYNTAX, CONTRADICTION, UNUSED, UNKNOWN, DUPLICATE, SEED, STRENGTH];

//! The rules that figures over a limit name.

use octavo_toolkit::{Level, Rule, rule_docs};

/// Radon's rank C begins above 10.
pub(super) const CYCLOMATIC: Rule = Rule {
    id: "cyclomatic-complexity",
    level: Level::Warning,
    summary: "A block has at most as many paths as the limit says.",
    docs: rule_docs!(
        why: "Each decision is a path to test; radon ranks more than 10 as C, more than 40 as F.",
        wrong: "def f(a):\n    return a == 1 or a == 2 or a == 3 or a == 4 or a == 5 or a == 6 or a == 7 or a == 8 or a == 9 or a == 10 or a == 11",
        right: "def f(a):\n    return 1 <= a <= 11",
        source: "T. J. McCabe, A Complexity Measure, 1976; radon 6.0.1",
    ),
};

/// SonarSource's own limit is 15.
pub(super) const COGNITIVE: Rule = Rule {
    id: "cognitive-complexity",
    level: Level::Warning,
    summary: "A function is no harder to follow than the limit says.",
    docs: rule_docs!(
        why: "Nested structures cost the reader more than paths do.",
        wrong: "def f(a):\n    if a:\n        for b in a:\n            if b:\n                for c in b:\n                    if c:\n                        return c",
        right: "def f(a):\n    for b in a or ():\n        if b:\n            return g(b)",
        source: "G. A. Campbell, Cognitive Complexity, SonarSource, 2018",
    ),
};

/// Radon's rank A ends at 19.
pub(super) const MAINTAINABILITY: Rule = Rule {
    id: "maintainability-index",
    level: Level::Warning,
    summary: "A file's maintainability index is at least the limit.",
    docs: rule_docs!(
        why: "Volume, paths and lines together say that a file is too much for one place; radon ranks 19 and less as B or C.",
        wrong: "x = [a + b * c - d / e % f for a in g if h and i or j]  # thousands of such lines",
        right: "x = compute(g)",
        source: "radon 6.0.1, after Oman and Hagemeister, 1992",
    ),
};

/// Only with a limit.
pub(super) const DOCSTRINGS: Rule = Rule {
    id: "docstring-coverage",
    level: Level::Warning,
    summary: "As many definitions of a file have docstrings as the limit asks.",
    docs: rule_docs!(
        why: "What a module, a class or a function is for is not in its code.",
        wrong: "def f(a):\n    return a",
        right: "\"\"\"One function.\"\"\"\n\n\ndef f(a):\n    \"\"\"Gives back what it got.\"\"\"\n    return a",
        source: "interrogate 1.7.0",
    ),
};

/// Only with a limit.
pub(super) const ANNOTATIONS: Rule = Rule {
    id: "annotation-coverage",
    level: Level::Warning,
    summary: "As many parameters and results of a file are annotated as the limit asks.",
    docs: rule_docs!(
        why: "A type checker looks into annotated functions only.",
        wrong: "def f(a):\n    return a",
        right: "def f(a: int) -> int:\n    return a",
        source: "PEP 484",
    ),
};

//! The rules of a resolution.

use octavo_toolkit::{Level, Rule, rule_docs};

/// There is no solution.
pub(super) const UNSATISFIABLE: Rule = Rule {
    id: "no-solution",
    level: Level::Error,
    summary: "The requirements can be met together.",
    docs: rule_docs!(
        why: "An installer stops, or installs what will not work; the proof names the requirements that contradict each other.",
        wrong: "a>=2 b<1 {\"a\": {\"2\": [\"b>=1\"]}, \"b\": {\"0.9\": [], \"1\": []}}",
        right: "a>=2 b>=1 {\"a\": {\"2\": [\"b>=1\"]}, \"b\": {\"0.9\": [], \"1\": []}}",
        source: "https://pip.pypa.io/en/stable/topics/dependency-resolution/",
    ),
};

/// A package that the snapshot lacks.
pub(super) const MISSING: Rule = Rule {
    id: "not-in-index",
    level: Level::Error,
    summary: "The index has every package that is needed.",
    docs: rule_docs!(
        why: "Nothing is fetched: what the snapshot lacks does not exist here.",
        wrong: "c {\"a\": {\"1\": []}}",
        right: "a {\"a\": {\"1\": []}}",
        source: "https://packaging.python.org/en/latest/specifications/simple-repository-api/",
    ),
};

/// A requirement that cannot be read.
pub(super) const REQUIREMENT: Rule = Rule {
    id: "PEP508",
    level: Level::Error,
    summary: "Every requirement follows the grammar of dependency specifiers.",
    docs: rule_docs!(
        why: "What cannot be read is not resolved; a release with such metadata is never chosen.",
        wrong: "a=1 {\"a\": {\"1\": []}}",
        right: "a==1 {\"a\": {\"1\": []}}",
        source: "https://peps.python.org/pep-0508/",
    ),
};

/// An extra that a chosen release does not have.
pub(super) const EXTRA: Rule = Rule {
    id: "missing-extra",
    level: Level::Warning,
    summary: "Chosen releases have the extras that are asked for.",
    docs: rule_docs!(
        why: "Installers go on without it, so what the extra was for is not installed.",
        wrong: "a[x] {\"a\": {\"1\": []}}",
        right: "a[x] {\"a\": {\"1\": {\"extras\": {\"x\": []}}}}",
        source: "https://peps.python.org/pep-0508/#extras",
    ),
};

/// A chosen release was withdrawn.
pub(super) const YANKED: Rule = Rule {
    id: "yanked",
    level: Level::Warning,
    summary: "No chosen release is yanked.",
    docs: rule_docs!(
        why: "Its publisher withdrew it; it is chosen only because it is pinned.",
        wrong: "a==1 {\"a\": {\"1\": {\"yanked\": true}}}",
        right: "a {\"a\": {\"1\": {\"yanked\": true}, \"0.9\": []}}",
        source: "https://peps.python.org/pep-0592/",
    ),
};

/// The search was too long.
pub(super) const UNDECIDED: Rule = Rule {
    id: "undecided",
    level: Level::Warning,
    summary: "The search ends within its steps.",
    docs: rule_docs!(
        why: "The report says neither that there is a solution nor that there is none; fewer versions in the index or tighter requirements help.",
        wrong: "thousands of versions that exclude each other",
        right: "the versions that matter",
        source: "Octavo: 50,000 decisions, 64 environments",
    ),
};

/// The index cannot be read.
pub(super) const UNREADABLE: Rule = Rule {
    id: "unreadable",
    level: Level::Warning,
    summary: "Every entry of the index can be read.",
    docs: rule_docs!(
        why: "What is not read cannot be chosen.",
        wrong: "a {\"a\": {\"one\": [], \"1\": []}}",
        right: "a {\"a\": {\"1\": []}}",
        source: "https://peps.python.org/pep-0440/",
    ),
};

pub(super) const RULES: &[Rule] = &[UNSATISFIABLE, MISSING, REQUIREMENT, EXTRA, YANKED, UNDECIDED, UNREADABLE];

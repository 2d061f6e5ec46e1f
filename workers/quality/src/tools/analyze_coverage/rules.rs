//! What a finding of the tool can name.

use octavo_toolkit::{Level, Rule, rule_docs};

/// A report that cannot be read.
pub(super) const SYNTAX: Rule = Rule {
    id: "report-syntax",
    level: Level::Error,
    summary: "Each report is in one of the seven formats, whole.",
    docs: rule_docs!(
        why: "A report that was cut off would count as code that never ran.",
        wrong: "SF:a.py\nDA:one,1\nend_of_record",
        right: "SF:a.py\nDA:1,1\nend_of_record",
        source: "https://manpages.debian.org/stable/lcov/geninfo.1.en.html",
    ),
};

/// Coverage under the caller's limit.
pub(super) const BELOW: Rule = Rule {
    id: "fail-under",
    level: Level::Error,
    summary: "Coverage is at least what was asked for.",
    docs: rule_docs!(
        why: "The limit is the caller's: of the changed lines where a diff is given, else of all lines.",
        wrong: "50 % of the lines run, and failUnder is 80",
        right: "90 % of the lines run, and failUnder is 80",
        source: "https://coverage.readthedocs.io/en/latest/config.html",
    ),
};

/// Changed lines that no test runs.
pub(super) const CHANGE: Rule = Rule {
    id: "uncovered-change",
    level: Level::Warning,
    summary: "Some test runs each line that a change adds.",
    docs: rule_docs!(
        why: "New code fails most often, and whoever wrote it can test it most cheaply now.",
        wrong: "a line that the diff adds and no test runs",
        right: "a line that the diff adds and a test runs",
        source: "https://github.com/Bachmann1234/diff_cover",
    ),
};

/// Complex and little tested.
pub(super) const CRAP: Rule = Rule {
    id: "crap",
    level: Level::Warning,
    summary: "Complex functions are tested, and untested ones simple.",
    docs: rule_docs!(
        why: "The index is complexity squared, times the cube of the untested share, plus complexity; over 30 a change is a gamble.",
        wrong: "a function of complexity 6 that no test runs: 42",
        right: "the same with every line run: 6",
        source: "A. Savoia and B. Evans, CRAP4J, 2007",
    ),
};

/// A function that no test runs.
pub(super) const FUNCTION: Rule = Rule {
    id: "uncovered-function",
    level: Level::Info,
    summary: "Some test runs each function.",
    docs: rule_docs!(
        why: "Nobody would notice if it did nothing, or if it were gone.",
        wrong: "SF:a.py\nFN:1,f\nFNDA:0,f\nDA:1,1\nend_of_record",
        right: "SF:a.py\nFN:1,f\nFNDA:1,f\nDA:1,1\nend_of_record",
        source: "https://manpages.debian.org/stable/lcov/geninfo.1.en.html",
    ),
};

/// A file that the reports do not know.
pub(super) const UNKNOWN: Rule = Rule {
    id: "not-reported",
    level: Level::Info,
    summary: "The reports know each file that is asked about.",
    docs: rule_docs!(
        why: "A file that no test imports is often left out of reports altogether, and its lines count as nothing.",
        wrong: "a diff of src/new.py, which no report names",
        right: "a diff of src/old.py, which a report names",
        source: "https://coverage.readthedocs.io/en/latest/source.html",
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[SYNTAX, BELOW, CHANGE, CRAP, FUNCTION, UNKNOWN];

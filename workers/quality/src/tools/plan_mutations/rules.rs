//! The rules of `plan_mutations`: what a report of mutation testing says, and what could not be mutated.

use octavo_toolkit::{Level, Rule, rule_docs};

/// Tests ran a mutant and passed.
pub(super) const SURVIVED: Rule = Rule {
    id: "mutant-survived",
    level: Level::Warning,
    summary: "Each change of behaviour makes a test fail.",
    docs: rule_docs!(
        why: "Tests run this code, and would pass if it were wrong: an assertion is missing.",
        wrong: r#"{"files":{"a.js":{"mutants":[{"mutatorName":"EqualityOperator","replacement":"a <= b","location":{"start":{"line":1,"column":1},"end":{"line":1,"column":6}},"status":"Survived"}]}}}"#,
        right: r#"{"files":{"a.js":{"mutants":[{"mutatorName":"EqualityOperator","replacement":"a <= b","location":{"start":{"line":1,"column":1},"end":{"line":1,"column":6}},"status":"Killed"}]}}}"#,
        source: "https://stryker-mutator.io/docs/mutation-testing-elements/mutant-states-and-metrics/"
    ),
};

/// No test runs the mutated code.
pub(super) const NO_COVERAGE: Rule = Rule {
    id: "mutant-no-coverage",
    level: Level::Info,
    summary: "Tests run the code that is mutated.",
    docs: rule_docs!(
        why: "Code that no test runs can be changed at will.",
        wrong: r#"{"files":{"a.js":{"mutants":[{"mutatorName":"BlockStatement","location":{"start":{"line":1,"column":1},"end":{"line":1,"column":6}},"status":"NoCoverage"}]}}}"#,
        right: r#"{"files":{"a.js":{"mutants":[{"mutatorName":"BlockStatement","location":{"start":{"line":1,"column":1},"end":{"line":1,"column":6}},"status":"Timeout"}]}}}"#,
        source: "https://stryker-mutator.io/docs/mutation-testing-elements/mutant-states-and-metrics/"
    ),
};

/// The score is under the project's limit.
pub(super) const BELOW: Rule = Rule {
    id: "mutation-score-below",
    level: Level::Error,
    summary: "The mutation score is at least the report's break threshold.",
    docs: rule_docs!(
        why: "The project set the limit below which its build fails.",
        wrong: r#"{"thresholds":{"break":80},"files":{"a.js":{"mutants":[{"status":"Killed"},{"status":"Survived"}]}}}"#,
        right: r#"{"thresholds":{"break":50},"files":{"a.js":{"mutants":[{"status":"Killed"},{"status":"Survived"}]}}}"#,
        source: "https://stryker-mutator.io/docs/stryker-js/configuration/#thresholds-object"
    ),
};

/// A source that was not mutated.
pub(super) const UNREAD: Rule = Rule {
    id: "source-not-mutated",
    level: Level::Warning,
    summary: "A source is mutated only where it parses.",
    docs: rule_docs!(
        why: "Mutants of a text that does not parse are no programs.",
        wrong: "a = (\n",
        right: "a = (1)\n",
        source: "own"
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[SURVIVED, NO_COVERAGE, BELOW, UNREAD];

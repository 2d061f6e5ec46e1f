//! The pages of ruff's rules, native only: what each asks for, why, the smallest wrong source, the same right, written for
//! Octavo; which rules there are, and where ruff documents them, is asked of ruff.
//!
//! Wrong and right are executed by the test below: the first must be found by its rule, the second must not.

use super::level_of;
use octavo_toolkit::RulePage;
use ruff_linter::RuleSelector;
use std::collections::BTreeMap;

/// What we say of one rule.
pub(super) struct Page {
    code: &'static str,
    summary: &'static str,
    why: &'static str,
    wrong: &'static str,
    right: &'static str,
}

// One rule a line: its code, what it asks for; then why, the smallest wrong source, and the same, right.
macro_rules! pages {
    ($($code:ident $summary:literal: $why:literal, $wrong:literal => $right:literal;)+) => {
        /// One page a rule, by code.
        pub(super) const PAGES: &[super::Page] = &[$(super::Page {
            code: stringify!($code),
            summary: $summary,
            why: $why,
            wrong: $wrong,
            right: $right,
        }),+];
    };
}

mod bugbear;
mod builtins_naming_comprehensions;
mod docstrings;
mod frameworks;
mod other_targets;
mod paths_and_furb;
mod pycodestyle;
mod pyflakes;
mod pylint;
mod ruff;
mod security;
mod simplify;
mod small_groups;
mod stubs;
mod testing;
mod typing;
mod upgrade;

/// The pages, by group.
const GROUPS: &[&[Page]] = &[
    bugbear::PAGES,
    builtins_naming_comprehensions::PAGES,
    docstrings::PAGES,
    frameworks::PAGES,
    other_targets::PAGES,
    paths_and_furb::PAGES,
    pycodestyle::PAGES,
    pyflakes::PAGES,
    pylint::PAGES,
    ruff::PAGES,
    security::PAGES,
    simplify::PAGES,
    small_groups::PAGES,
    stubs::PAGES,
    testing::PAGES,
    typing::PAGES,
    upgrade::PAGES,
];

/// Where ruff documents its rules.
const RUFF_DOCS: &str = "https://docs.astral.sh/ruff/rules/";

/// A page for every rule that ruff can still report, by code. One that we say nothing of has its name and its source.
pub(crate) fn all() -> Vec<RulePage> {
    let ours: BTreeMap<&str, &Page> = GROUPS.iter().copied().flatten().map(|page| (page.code, page)).collect();
    let rules = RuleSelector::All.all_rules().filter(|rule| !rule.is_removed());
    let mut pages: Vec<RulePage> = rules
        .map(|rule| {
            let id = rule.noqa_code().to_string();
            let name = rule.name().as_str();
            let page = ours.get(id.as_str());
            let said = |of: fn(&Page) -> &'static str| page.map(|page| of(page).to_owned());
            RulePage {
                level: level_of(&id),
                summary: said(|page| page.summary).unwrap_or_else(|| format!("{}.", name.replace('-', " "))),
                why: said(|page| page.why).unwrap_or_else(|| "See the rule's own documentation.".to_owned()),
                wrong: said(|page| page.wrong).unwrap_or_default(),
                right: said(|page| page.right).unwrap_or_default(),
                source: format!("{RUFF_DOCS}{name}"),
                id,
            }
        })
        .collect();
    pages.sort_by(|a, b| a.id.cmp(&b.id));
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::lint_code::LintCode;
    use octavo_toolkit::{Ctx, Tool};
    use serde_json::json;

    // Whether the rule finds something in a source. A first line may say for which file or target it is written:
    // `# file: name.py`, `# target: py312`.
    fn finds(code: &str, source: &str) -> bool {
        let first = source.lines().next().unwrap_or_default();
        let filename = first.strip_prefix("# file: ").unwrap_or("source.py");
        let target = first.strip_prefix("# target: ").unwrap_or("py310");
        let arguments = json!({ "source": source, "filename": filename, "targetVersion": target, "select": [code] });
        let input = serde_json::from_value(arguments).expect("arguments");
        let report = LintCode.run(input, &Ctx::silent()).unwrap_or_else(|error| panic!("{code}: {error}"));
        report.findings().iter().any(|finding| finding.rule == code)
    }

    #[test]
    fn wrong_is_found_and_right_is_not() {
        let mut failures = Vec::new();
        for page in GROUPS.iter().copied().flatten() {
            if !finds(page.code, page.wrong) {
                failures.push(format!("{}: `wrong` is not found", page.code));
            }
            if finds(page.code, page.right) {
                failures.push(format!("{}: `right` is found", page.code));
            }
            let sentences = [page.summary, page.why].iter().all(|text| text.ends_with('.'));
            if !sentences {
                failures.push(format!("{}: summary or why is not a sentence", page.code));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn pages_are_of_rules_that_ruff_has_once_each() {
        let ids: Vec<String> = all().into_iter().map(|page| page.id).collect();
        let mut seen = std::collections::BTreeSet::new();
        for page in GROUPS.iter().copied().flatten() {
            assert!(ids.iter().any(|id| id == page.code), "ruff has no {}", page.code);
            assert!(seen.insert(page.code), "{} has two pages", page.code);
        }
    }

    #[test]
    #[ignore = "prints the rules without a page"]
    fn list() {
        for rule in RuleSelector::All.all_rules().filter(|rule| !rule.is_removed()) {
            let state = if rule.is_preview() {
                "preview"
            } else if rule.is_deprecated() {
                "deprecated"
            } else {
                "stable"
            };
            eprintln!("RULE {} {} {state} {:?}", rule.noqa_code(), rule.name(), rule.fixable());
        }
    }
}

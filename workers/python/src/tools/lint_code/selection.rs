//! From selectors, spelt as in ruff's configuration, to the rules that are checked.
//!
//! The more specific selector wins, as in ruff: `select: ["E"], ignore: ["E501"]` and `select: ["E501"], ignore: ["E"]`
//! both mean what they look like.

use octavo_toolkit::limits::{check_items, excerpt};
use octavo_toolkit::{ToolError, suggest};
use ruff_linter::RuleSelector;
use ruff_linter::registry::{INCOMPATIBLE_CODES, Rule};
use ruff_linter::rule_selector::{PreviewOptions, Specificity};
use ruff_linter::settings::DEFAULT_SELECTORS;
use ruff_linter::settings::rule_table::RuleTable;
use std::collections::BTreeSet;
use std::str::FromStr;

/// Most selectors in one list; ruff has fewer than a thousand rules.
pub(super) const MAX_SELECTORS: usize = 1_000;

/// Specificities from the least to the most, as ruff applies them.
const SPECIFICITIES: [Specificity; 8] = [
    Specificity::All,
    Specificity::LinterGroup,
    Specificity::Linter,
    Specificity::Prefix1Char,
    Specificity::Prefix2Chars,
    Specificity::Prefix3Chars,
    Specificity::Prefix4Chars,
    Specificity::Rule,
];

/// The word for the rules that ruff checks when nothing is selected.
const DEFAULT: &str = "DEFAULT";

/// What ruff reads from the permissions of a file on a disk.
pub(super) const NEEDS_A_DISK: [Rule; 2] = [Rule::ShebangNotExecutable, Rule::ShebangMissingExecutableFile];

/// The selectors of a call.
pub(super) struct Selectors<'a> {
    /// The rules to check, [`DEFAULT`] standing for ruff's own; that alone when absent.
    pub(super) select: Option<&'a [String]>,
    /// Rules to leave out.
    pub(super) ignore: &'a [String],
}

/// The rules that are checked.
pub(super) struct Selected {
    /// The rules.
    pub(super) table: RuleTable,
    /// Selectors that select nothing but preview rules.
    pub(super) only_preview: Vec<String>,
}

impl Selectors<'_> {
    /// Finds the rules, or the first selector that is none of ruff's.
    pub(super) fn resolve(&self) -> Result<Selected, ToolError> {
        let preview = &PreviewOptions::default();
        let is_default = |text: &&String| text.as_str() == DEFAULT;
        let wanted = parse("/select", self.select.unwrap_or_default(), |text| !is_default(&text))?;
        let ignore = parse("/ignore", self.ignore, |_| true)?;
        let starts_from_default = self.select.is_none_or(|given| given.iter().any(|text| is_default(&text)));
        let mut table: RuleTable = if starts_from_default {
            DEFAULT_SELECTORS.iter().flat_map(|selector| selector.rules(preview)).collect()
        } else {
            RuleTable::empty()
        };
        for specificity in SPECIFICITIES {
            for selector in wanted.iter().filter(|selector| selector.specificity() == specificity) {
                for rule in selector.rules(preview) {
                    table.enable(rule, true);
                }
            }
            for selector in ignore.iter().filter(|selector| selector.specificity() == specificity) {
                for rule in selector.all_rules() {
                    table.disable(rule);
                }
            }
        }
        for rule in NEEDS_A_DISK {
            table.disable(rule);
        }
        for (preferred, expendable, _) in INCOMPATIBLE_CODES {
            if table.enabled(*preferred) && table.enabled(*expendable) {
                table.disable(*expendable);
            }
        }
        let selects_nothing = |selector: &&RuleSelector| selector.rules(preview).next().is_none();
        let only_preview = wanted.iter().filter(selects_nothing).map(code_of).collect();
        Ok(Selected { table, only_preview })
    }
}

fn parse(pointer: &str, given: &[String], is_ruffs: impl Fn(&String) -> bool) -> Result<Vec<RuleSelector>, ToolError> {
    check_items(pointer, given, MAX_SELECTORS)?;
    let parse = |(at, text): (usize, &String)| parse_one(&format!("{pointer}/{at}"), text);
    given.iter().enumerate().filter(|(_, text)| is_ruffs(text)).map(parse).collect()
}

fn parse_one(pointer: &str, text: &str) -> Result<RuleSelector, ToolError> {
    let Ok(selector) = RuleSelector::from_str(text) else {
        return Err(ToolError::invalid(
            pointer,
            "is no rule selector of ruff",
            format!("{ACCEPTED}{}", did_you_mean(text)),
        ));
    };
    if matches!(&selector, RuleSelector::Rule { rule, .. } if rule.is_removed()) {
        return Err(ToolError::invalid(pointer, "names a rule that ruff has removed", ACCEPTED));
    }
    Ok(selector)
}

const ACCEPTED: &str = "\"ALL\", a prefix such as \"F\", \"PLE\" or \"E5\", a code such as \"F401\", or in `select` \"DEFAULT\", one an item";

// The code of a rule given by its name, or else the nearest code or prefix.
fn did_you_mean(text: &str) -> String {
    if let Ok(rule) = Rule::from_name(text) {
        return format!("; did you mean \"{}\"?", rule.noqa_code());
    }
    let codes = RuleSelector::All.all_rules().filter(|rule| !rule.is_removed()).map(|rule| rule.noqa_code());
    let known: BTreeSet<String> = codes.flat_map(|code| [code.prefix().to_owned(), code.to_string()]).collect();
    let nearest = suggest::nearest(text, known.iter().map(String::as_str));
    nearest.map_or_else(String::new, |nearest| format!("; did you mean \"{nearest}\"?"))
}

fn code_of(selector: &RuleSelector) -> String {
    let (prefix, code) = selector.prefix_and_code();
    excerpt(&format!("{prefix}{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(select: Option<&[&str]>, ignore: &[&str]) -> Vec<String> {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let (select, ignore) = (select.map(own), own(ignore));
        let selectors = Selectors { select: select.as_deref(), ignore: &ignore };
        let selected = selectors.resolve().map_err(|error| error.to_string()).expect("selectors");
        selected.table.iter_enabled().map(|rule| rule.noqa_code().to_string()).collect()
    }

    fn error(selector: &str) -> String {
        parse_one("/select/0", selector).expect_err("no selector").to_string()
    }

    #[test]
    fn the_more_specific_selector_wins() {
        assert_eq!(codes(Some(&["F40"]), &["F401"]), ["F402", "F403", "F404", "F405", "F406", "F407"]);
        assert_eq!(codes(Some(&["F401"]), &["F"]), ["F401"]);
        assert_eq!(codes(Some(&["F401", "E711"]), &[]), ["E711", "F401"]);
        assert!(codes(Some(&[]), &[]).is_empty());
    }

    #[test]
    fn the_default_is_ruffs() {
        let default = codes(None, &[]);
        assert!(default.contains(&"F401".to_owned()) && !default.contains(&"E501".to_owned()));
        assert_eq!(codes(Some(&["DEFAULT"]), &[]), default);
        assert!(codes(Some(&["DEFAULT", "E501"]), &["F401"]).contains(&"E501".to_owned()));
        assert_eq!(codes(Some(&["DEFAULT", "E501"]), &["F401"]).len(), default.len());
        assert_eq!(codes(None, &["F401"]).len(), default.len() - 1);
    }

    #[test]
    fn rules_that_exclude_each_other_are_not_both_checked() {
        let all = codes(Some(&["ALL"]), &[]);
        assert!(all.contains(&"D211".to_owned()) && !all.contains(&"D203".to_owned()));
        assert!(!all.contains(&"EXE001".to_owned()));
    }

    #[test]
    fn every_prefix_of_every_code_is_a_selector_or_refused() {
        for rule in RuleSelector::All.all_rules() {
            let code = rule.noqa_code().to_string();
            for end in 1..=code.len() {
                if let Ok(selector) = parse_one("/select/0", &code[..end]) {
                    assert!(SPECIFICITIES.contains(&selector.specificity()));
                }
            }
        }
    }

    #[test]
    fn unknown_selectors_are_explained() {
        assert!(error("F4O1").ends_with("did you mean \"F401\"?"), "{}", error("F4O1"));
        assert!(error("unused-import").ends_with("did you mean \"F401\"?"));
        assert!(error("f").starts_with("`/select/0` is no rule selector of ruff; accepted: \"ALL\""));
        assert!(error("UP027").contains("removed"), "{}", error("UP027"));
    }
}

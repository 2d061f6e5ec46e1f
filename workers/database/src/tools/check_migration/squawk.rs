//! Squawk's own rules on one file: its ids, its ranges, its ignore comments; the words are the tool's.

use super::rules;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Edit, Fix, LineIndex};
use squawk_linter::{Linter, LinterSettings, Rule, Version, Violation};
use squawk_syntax::{Parse, SourceFile};
use std::ops::Range;

// Rules whose fix leaves a migration that would have succeeded doing the same as before.
const SAFE_FIXES: &[Rule] = &[Rule::PreferRobustStmts, Rule::IdentifierTooLong];

// Rules whose fix does the same too, but only outside a transaction.
const SAFE_OUTSIDE_TRANSACTION: &[Rule] =
    &[Rule::RequireConcurrentIndexCreation, Rule::RequireConcurrentIndexDeletion, Rule::RequireConcurrentReindex];

/// One finding of squawk.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) peer: &'static rules::Peer,
    pub(super) message: String,
    pub(super) at: Range<usize>,
    pub(super) fix: Option<Fix>,
    /// Whether the fix holds only where no transaction is open.
    pub(super) fix_outside_transaction: bool,
}

/// The opt-in rule of this name, or the default rule of this name, which is on anyway.
pub(super) fn rule(id: &str) -> Option<Rule> {
    let rule = id.parse::<Rule>().ok()?;
    (rules::peer(&rule.to_string()).is_some() || rule == Rule::RequireTimeoutSettings).then_some(rule)
}

/// Names of all opt-in rules.
pub(super) fn opt_in() -> Vec<&'static str> {
    let ids = rules::PEERS.iter().map(|peer| peer.rule.id);
    ids.filter(|id| id.parse::<Rule>().is_ok_and(|rule| rule.is_opt_in())).collect()
}

/// Runs squawk's rules over a parsed file; what they find comes in the order of its places.
pub(super) fn lint(
    parse: &Parse<SourceFile>,
    text: &str,
    lines: &LineIndex<'_>,
    include: &[Rule],
    version: u16,
    in_transaction: bool,
) -> Vec<Told> {
    let mut linter = Linter::with_rules(include, &[]);
    let pg_version = version.to_string().parse::<Version>().unwrap_or_default();
    linter.settings = LinterSettings { pg_version, assume_in_transaction: in_transaction };
    let mut found: Vec<Told> =
        linter.lint(parse, text).iter().filter_map(|violation| told(violation, text, lines)).collect();
    found.sort_by_key(|told| told.at.start);
    found
}

fn told(violation: &Violation, text: &str, lines: &LineIndex<'_>) -> Option<Told> {
    let peer = rules::peer(&violation.code.to_string())?;
    let at: Range<usize> = violation.text_range.start().into()..violation.text_range.end().into();
    let subject = excerpt(text.get(at.clone()).unwrap_or_default());
    let outside = SAFE_OUTSIDE_TRANSACTION.contains(&violation.code);
    let fix = violation.fix.as_ref().filter(|_| outside || SAFE_FIXES.contains(&violation.code)).map(|fix| Fix {
        title: fix_title(violation.code).to_owned(),
        edits: fix
            .edits
            .iter()
            .map(|edit| Edit {
                range: lines.range(edit.text_range.start().into()..edit.text_range.end().into()),
                new_text: edit.text.clone().unwrap_or_default(),
            })
            .collect(),
    });
    let message = if subject.is_empty() { peer.message.to_owned() } else { format!("`{subject}`: {}", peer.message) };
    Some(Told { peer, message, at, fix, fix_outside_transaction: outside })
}

const fn fix_title(rule: Rule) -> &'static str {
    match rule {
        Rule::PreferRobustStmts => "let a second run pass",
        Rule::IdentifierTooLong => "cut the name as the server does",
        _ => "work concurrently",
    }
}

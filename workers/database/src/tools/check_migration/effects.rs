//! What one statement does: the locks it takes, the rows it reads or writes, what it may not do where it stands.

use super::rules;
use crate::support::postgres::lock::{Blocks, LockMode};
use crate::support::postgres::name::ObjectName;
use octavo_toolkit::Rule;
use std::collections::BTreeMap;
use std::ops::Range;

/// How much of a relation a statement works through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WorkKind {
    /// Reads every row to check it.
    Scan,
    /// Reads every row and looks its reference up in another table.
    LookUp,
    /// Reads every row and builds an index.
    Build,
    /// Writes the rows that a query or an UPDATE gives.
    Rows,
    /// Copies the files of the relation as they are.
    Copy,
    /// Writes every row anew, and every index.
    Rewrite,
}

/// Work on one relation.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) relation: ObjectName,
    pub(super) kind: WorkKind,
    /// Why it may not be needed; nothing where it is certain.
    pub(super) unless: Option<String>,
    /// Whether a rule of squawk speaks of it, so that the tool's own need not.
    pub(super) told: bool,
    /// Where in the file, if not at the statement.
    pub(super) at: Option<Range<usize>>,
}

/// A finding of the model, with its place in the statement's text.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) rule: &'static Rule,
    pub(super) message: String,
    pub(super) at: Range<usize>,
}

/// What one statement does.
#[derive(Debug, Clone, Default)]
pub(super) struct Effects {
    /// The statement's kind, as SQL would say it.
    pub(super) kind: String,
    /// The strongest lock on each relation.
    pub(super) locks: BTreeMap<ObjectName, LockMode>,
    pub(super) works: Vec<Work>,
    pub(super) problems: Vec<Problem>,
    /// What the model cannot see.
    pub(super) opaque: Option<String>,
    /// A way that blocks less.
    pub(super) suggestion: Option<String>,
    /// Why the statement may not run in a transaction.
    pub(super) outside_transaction: Option<&'static str>,
    /// Whether squawk has a rule for the former.
    pub(super) outside_told: bool,
    /// Whether an existing index or type makes an ALTER TYPE certainly free of work.
    pub(super) free_type_change: bool,
}

impl Effects {
    /// Takes a lock, or a stronger one.
    pub(super) fn lock(&mut self, relation: &ObjectName, mode: LockMode) {
        let held = self.locks.entry(relation.clone()).or_insert(mode);
        *held = (*held).max(mode);
    }

    /// Notes work that is certain.
    pub(super) fn work(&mut self, relation: &ObjectName, kind: WorkKind, told: bool) {
        self.works.push(Work { relation: relation.clone(), kind, unless: None, told, at: None });
    }

    /// Notes work that is done unless something holds.
    pub(super) fn work_unless(&mut self, relation: &ObjectName, kind: WorkKind, why: impl Into<String>, told: bool) {
        self.works.push(Work { relation: relation.clone(), kind, unless: Some(why.into()), told, at: None });
    }

    /// Notes a finding.
    pub(super) fn problem(&mut self, rule: &'static Rule, message: impl Into<String>, at: Range<usize>) {
        self.problems.push(Problem { rule, message: message.into(), at });
    }

    /// Whether the statement is known to fail on what is there, or is not.
    pub(super) fn fails(&self) -> bool {
        let rules = [&rules::MISSING_OBJECT, &rules::DUPLICATE_OBJECT, &rules::REFUSED];
        self.problems.iter().any(|problem| rules.iter().any(|rule| rule.id == problem.rule.id))
    }

    /// Suggests another way, unless one is suggested already.
    pub(super) fn suggest(&mut self, text: impl FnOnce() -> String) {
        self.suggestion.get_or_insert_with(text);
    }

    /// Says what cannot be seen.
    pub(super) fn cannot_see(&mut self, what: impl Into<String>) {
        self.opaque.get_or_insert_with(|| what.into());
    }

    /// Every relation it locks or works on.
    pub(super) fn relations(&self) -> impl Iterator<Item = &ObjectName> {
        self.locks.keys().chain(self.works.iter().map(|work| &work.relation))
    }

    /// What others wait for, on the relations that `counts`.
    pub(super) fn blocks(&self, counts: impl Fn(&ObjectName) -> bool) -> Blocks {
        let counted = self.locks.iter().filter(|(relation, _)| counts(relation));
        counted.map(|(_, mode)| mode.blocks()).max().unwrap_or(Blocks::Nothing)
    }

    /// Takes in what a statement within this one does, at that place.
    pub(super) fn absorb(&mut self, inner: Self, at: &Range<usize>) {
        let locks = &inner.locks;
        self.works.extend(inner.works.into_iter().map(|work| {
            // Squawk does not look into bodies.
            let keeps_out = locks.get(&work.relation).is_some_and(|mode| mode.blocks() >= Blocks::Writes);
            Work { told: !keeps_out, at: Some(at.clone()), ..work }
        }));
        for (relation, mode) in &inner.locks {
            self.lock(relation, *mode);
        }
        self.problems.extend(inner.problems);
        if let Some(opaque) = inner.opaque {
            self.cannot_see(opaque);
        }
        if let Some(suggestion) = inner.suggestion {
            self.suggest(|| suggestion);
        }
        if self.outside_transaction.is_none() {
            self.outside_transaction = inner.outside_transaction;
        }
    }
}

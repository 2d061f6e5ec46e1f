//! Why there is no solution, in numbered sentences.
//!
//! The search's derivation is walked from its facts to its end, each conclusion once.

use super::solver::{Picks, Search, Tree, Unit};
use octavo_toolkit::limits::excerpt;
use pubgrub::{Derived, External, Map, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most sentences of a proof; what follows is left out.
pub(super) const MAX_SENTENCES: usize = 60;
/// Most releases that one sentence names.
const MAX_NAMED: usize = 6;

/// A proof.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// Its sentences, each resting on facts and on earlier ones by number.
    pub(super) sentences: Vec<String>,
    /// The direct requirements it rests on, as written.
    pub(super) core: Vec<String>,
    /// Packages whose lock it rests on.
    pub(super) locks: BTreeSet<String>,
    /// Packages that the index does not have.
    pub(super) missing: BTreeSet<String>,
}

/// Walks a derivation.
pub(super) fn prove(tree: &Tree, search: &Search<'_>) -> Proof {
    let mut writer = Writer { search, proof: Proof::default(), numbers: BTreeMap::new(), same: BTreeMap::new() };
    // Post-order without recursion: a derivation may be as deep as the search was long.
    let mut stack: Vec<(&Tree, bool)> = vec![(tree, false)];
    while let Some((node, seen_below)) = stack.pop() {
        match node {
            Tree::External(external) => writer.fact(external),
            Tree::Derived(derived) if seen_below => writer.conclude(node, derived),
            Tree::Derived(derived) => {
                if writer.numbers.contains_key(&id(node)) {
                    continue;
                }
                // A node that is met again before it is done is done once.
                writer.numbers.entry(id(node)).or_insert(0);
                stack.push((node, true));
                stack.push((&derived.cause2, false));
                stack.push((&derived.cause1, false));
            }
        }
    }
    if let Tree::External(external) = tree {
        let fact = writer.words(external);
        writer.proof.sentences.push(format!("{fact}."));
    }
    let Writer { mut proof, .. } = writer;
    if proof.sentences.len() > MAX_SENTENCES {
        let left = proof.sentences.len() - MAX_SENTENCES;
        proof.sentences.drain(..left);
        proof.sentences.insert(0, format!("({left} earlier sentences are left out)"));
    }
    proof
}

/// Takes a derivation apart piece by piece: dropped at once, a deep one would use up a small stack.
pub(super) fn discard(tree: Tree) {
    let mut stack = vec![tree];
    while let Some(tree) = stack.pop() {
        if let Tree::Derived(Derived { cause1, cause2, .. }) = tree {
            stack.extend([cause1, cause2].into_iter().filter_map(|cause| Arc::try_unwrap(cause).ok()));
        }
    }
}

fn id(node: &Tree) -> usize {
    std::ptr::from_ref(node).addr()
}

struct Writer<'s, 'p, 't> {
    search: &'s Search<'p>,
    proof: Proof,
    numbers: BTreeMap<usize, usize>,
    /// Conclusions that say no more than one of their causes.
    same: BTreeMap<usize, &'t Tree>,
}

impl<'t> Writer<'_, '_, 't> {
    fn fact(&mut self, external: &External<Unit, Picks, String>) {
        match external {
            External::FromDependencyOf(Unit::Root, _, unit, picks) => {
                let text = self.requirement(&Unit::Root, &Picks::full(), unit, picks);
                if !self.proof.core.contains(&text) {
                    self.proof.core.push(text);
                }
            }
            External::NoVersions(unit, _) => {
                let key = unit.key();
                if self.search.hard.contains_key(key) {
                    self.proof.locks.insert(key.to_owned());
                }
                if !self.search.problem.index.packages.contains_key(key) {
                    self.proof.missing.insert(key.to_owned());
                }
            }
            External::NotRoot(..) | External::FromDependencyOf(..) | External::Custom(..) => {}
        }
    }

    fn conclude(&mut self, node: &'t Tree, derived: &'t Derived<Unit, Picks, String>) {
        if self.numbers.get(&id(node)).is_some_and(|number| *number > 0) {
            return;
        }
        let causes: [&'t Tree; 2] = [&derived.cause1, &derived.cause2];
        for (cause, other) in [(causes[0], causes[1]), (causes[1], causes[0])] {
            if self.adds_nothing(cause, other) {
                self.same.insert(id(node), other);
                return;
            }
        }
        let mut reasons = Vec::new();
        for cause in causes {
            let mut cause = cause;
            while let Some(same) = self.same.get(&id(cause)) {
                cause = same;
            }
            match cause {
                Tree::External(External::NotRoot(..)) => {}
                Tree::External(external) => reasons.push(self.words(external)),
                Tree::Derived(_) => {
                    let number = self.numbers.get(&id(cause)).copied().unwrap_or_default();
                    reasons.push(format!("({number})"));
                }
            }
        }
        let number = self.proof.sentences.len() + 1;
        let conclusion = self.conclusion(&derived.terms);
        self.proof.sentences.push(format!("({number}) Because {}, {conclusion}.", reasons.join(" and ")));
        self.numbers.insert(id(node), number);
    }

    // Whether a cause only says that there are no more versions than those the other cause speaks of.
    fn adds_nothing(&self, cause: &Tree, other: &Tree) -> bool {
        let Tree::External(External::NoVersions(unit, picks)) = cause else { return false };
        let releases = self.search.problem.releases(unit.key());
        let none = (0_u32..).zip(releases).all(|(at, _)| !picks.contains(&at));
        let wanted = match other {
            Tree::External(External::FromDependencyOf(_, _, other, _)) => other == unit,
            Tree::External(External::NotRoot(..) | External::NoVersions(..) | External::Custom(..)) => true,
            Tree::Derived(derived) => matches!(derived.terms.get(unit), Some(Term::Negative(_))),
        };
        none && !releases.is_empty() && !wanted
    }

    fn words(&self, external: &External<Unit, Picks, String>) -> String {
        match external {
            External::NotRoot(..) => "the project is what is asked for".to_owned(),
            External::NoVersions(unit, picks) => self.no_versions(unit, picks),
            External::FromDependencyOf(unit, picks, other, others) => {
                let text = self.requirement(unit, picks, other, others);
                let subject = if *unit == Unit::Root { "the project".to_owned() } else { self.named(unit, picks) };
                match (unit, other) {
                    (Unit::Extra(key, _), Unit::Package(package)) if key == package => {
                        format!("{subject} is of {package} itself")
                    }
                    _ => format!("{subject} requires {text}{}", self.nowhere(other, others)),
                }
            }
            External::Custom(unit, picks, said) => format!("{}: {said}", self.named(unit, picks)),
        }
    }

    // What is to be said of a requirement that no version meets.
    fn nowhere(&self, unit: &Unit, picks: &Picks) -> String {
        let releases = self.search.problem.releases(unit.key());
        if (0_u32..).zip(releases).any(|(at, _)| picks.contains(&at)) || releases.is_empty() {
            return String::new();
        }
        format!(", which no version is (there are {})", self.known(unit.key()))
    }

    fn known(&self, key: &str) -> String {
        let releases = self.search.problem.releases(key);
        let known: Vec<String> = releases.iter().rev().take(MAX_NAMED).map(|one| one.version.to_string()).collect();
        format!("{}{}", known.join(", "), if releases.len() > MAX_NAMED { ", \u{2026}" } else { "" })
    }

    fn no_versions(&self, unit: &Unit, picks: &Picks) -> String {
        let key = unit.key();
        let releases = self.search.problem.releases(key);
        if !self.search.problem.index.packages.contains_key(key) {
            return format!("{} is not in the index", excerpt(key));
        }
        let mut reasons = Vec::new();
        for (at, release) in (0_u32..).zip(releases) {
            if picks.contains(&at)
                && let Some(reason) = self.search.unusable(key, release)
            {
                reasons.push(format!("{} {reason}", release.version));
            }
        }
        if reasons.is_empty() {
            return format!("no other version of {} exists (there are {})", excerpt(key), self.known(key));
        }
        let count = reasons.len();
        reasons.reverse();
        reasons.truncate(MAX_NAMED);
        let more = if count > MAX_NAMED { format!(", and {} more", count - MAX_NAMED) } else { String::new() };
        format!("no version of {} among these can be chosen: {}{more}", excerpt(key), reasons.join(", "))
    }

    // The requirement as it is written by the first release that has it.
    fn requirement(&self, unit: &Unit, picks: &Picks, other: &Unit, others: &Picks) -> String {
        let count = u32::try_from(self.search.problem.releases(unit.key()).len()).unwrap_or(u32::MAX).max(1);
        let from = (0..count).find(|at| picks.contains(at)).unwrap_or_default();
        let edges = self.search.edges(unit, from);
        let exact = edges.iter().find(|edge| edge.unit == *other && edge.picks == *others);
        exact.map_or_else(|| self.named(other, others), |edge| edge.text.clone())
    }

    // A unit with the versions meant, as short as they can be said.
    fn named(&self, unit: &Unit, picks: &Picks) -> String {
        let name = excerpt(&unit.to_string());
        let releases = self.search.problem.releases(unit.key());
        let inside: Vec<bool> = (0_u32..).zip(releases).map(|(at, _)| picks.contains(&at)).collect();
        let version = |at: usize| releases.get(at).map(|release| release.version.to_string()).unwrap_or_default();
        let count = inside.iter().filter(|one| **one).count();
        if count == inside.len() {
            return name;
        }
        if count == 0 {
            return format!("no version of {name}");
        }
        let first = inside.iter().position(|one| *one).unwrap_or_default();
        let last = inside.iter().rposition(|one| *one).unwrap_or_default();
        if count == 1 {
            return format!("{name}=={}", version(first));
        }
        if last - first + 1 == count {
            let low = if first > 0 { format!(">={}", version(first)) } else { String::new() };
            let high = if last + 1 < inside.len() { format!("<={}", version(last)) } else { String::new() };
            let comma = if low.is_empty() || high.is_empty() { "" } else { "," };
            return format!("{name}{low}{comma}{high}");
        }
        let listed: Vec<String> =
            inside.iter().enumerate().filter(|(_, one)| **one).take(MAX_NAMED).map(|(at, _)| version(at)).collect();
        let more = if count > MAX_NAMED { ", \u{2026}" } else { "" };
        format!("{name} (one of {}{more})", listed.join(", "))
    }

    // What an incompatibility says of its terms.
    fn conclusion(&self, terms: &Map<Unit, Term<Picks>>) -> String {
        let mut positive = Vec::new();
        let mut negative = Vec::new();
        let mut sorted: Vec<(&Unit, &Term<Picks>)> = terms.iter().collect();
        sorted.sort_by_key(|(unit, _)| (*unit).clone());
        for (unit, term) in sorted {
            match term {
                Term::Positive(_) if *unit == Unit::Root => {}
                Term::Positive(picks) => positive.push(self.named(unit, picks)),
                Term::Negative(picks) => negative.push(self.named(unit, picks)),
            }
        }
        match (positive.as_slice(), negative.as_slice()) {
            ([], []) => "the requirements cannot be met together".to_owned(),
            ([], needed) => format!("{} must be chosen", needed.join(" or ")),
            ([one], []) => format!("{one} cannot be chosen"),
            (several, []) => format!("{} exclude each other", several.join(" and ")),
            (several, needed) => {
                let verb = if several.len() == 1 { "requires" } else { "require" };
                format!("{} {verb} {}", several.join(" and "), needed.join(" or "))
            }
        }
    }
}

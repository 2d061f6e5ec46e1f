//! The fewest locked versions that must change, by what each failed attempt rests on.
//!
//! Every proof that the locks cannot all be kept names locks of which one must go. A smallest set that hits every such
//! list is tried next, until a solution is found: no smaller set can do.

use super::proof::{discard, prove};
use super::solver::{Failure, Search, Solution};
use crate::support::packaging::algebra::Set;
use pep440_rs::Version;
use std::collections::{BTreeMap, BTreeSet};

/// Most attempts.
const MAX_ATTEMPTS: usize = 300;
/// Most locks that a smallest set is looked for exactly; beyond, one of each list is taken.
const MAX_EXACT: usize = 6;

/// Locks: kept as far as they can be.
pub(super) struct Kept {
    pub(super) solved: Vec<(Set, Solution)>,
    /// Whether no smaller set of changes was possible.
    pub(super) proven: bool,
}

/// Solves with as many locks kept as possible; `search` makes a search in which these locks must be kept and those may move.
pub(super) fn solve(
    locked: &BTreeMap<String, Version>,
    attempt: impl Fn(&BTreeMap<String, Version>, &BTreeMap<String, Version>) -> Result<Vec<(Set, Solution)>, Failure>,
    search_for: impl Fn(&BTreeMap<String, Version>, Set, &mut dyn FnMut(&Search<'_>)),
) -> Result<Kept, Failure> {
    let mut lists: Vec<BTreeSet<String>> = Vec::new();
    let mut exact = true;
    for _ in 0..MAX_ATTEMPTS {
        let (moving, was_exact) = smallest(&lists);
        exact &= was_exact;
        let (near, hard): (BTreeMap<_, _>, BTreeMap<_, _>) = locked
            .iter()
            .map(|(key, version)| (key.clone(), version.clone()))
            .partition(|(key, _)| moving.contains(key));
        match attempt(&hard, &near) {
            Ok(solved) => return Ok(Kept { solved, proven: exact }),
            Err(Failure::Unsatisfiable(tree, world)) => {
                let mut locks = BTreeSet::new();
                search_for(&hard, world, &mut |search| locks = prove(&tree, search).locks);
                if locks.is_empty() {
                    return Err(Failure::Unsatisfiable(tree, world));
                }
                discard(*tree);
                lists.push(locks);
            }
            Err(Failure::Undecided) => return Err(Failure::Undecided),
        }
    }
    Err(Failure::Undecided)
}

// A smallest set that has a member of every list, and whether it was looked for exactly.
fn smallest(lists: &[BTreeSet<String>]) -> (BTreeSet<String>, bool) {
    for size in 0..=MAX_EXACT {
        let mut chosen = BTreeSet::new();
        if hit(lists, size, &mut chosen) {
            return (chosen, true);
        }
    }
    let mut chosen: BTreeSet<String> = BTreeSet::new();
    for list in lists {
        if list.is_disjoint(&chosen) {
            chosen.extend(list.first().cloned());
        }
    }
    (chosen, false)
}

// As deep as the set may be large.
fn hit(lists: &[BTreeSet<String>], size: usize, chosen: &mut BTreeSet<String>) -> bool {
    let Some(open) = lists.iter().filter(|list| list.is_disjoint(chosen)).min_by_key(|list| list.len()) else {
        return true;
    };
    if size == 0 {
        return false;
    }
    for key in open {
        chosen.insert(key.clone());
        if hit(lists, size - 1, chosen) {
            return true;
        }
        chosen.remove(key);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_set_hits_every_list() {
        let list = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
        let (chosen, exact) = smallest(&[list(&["a", "b"]), list(&["b", "c"]), list(&["c", "d"])]);
        assert!(exact);
        assert_eq!(chosen.len(), 2);
        assert_eq!(smallest(&[]).0.len(), 0);
    }
}

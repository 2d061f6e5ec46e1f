//! Which of ruff's safe fixes a report gives: those that can all be applied at once.
//!
//! Ruff lists a fix with every finding, applies those that do not collide, and starts over. A report is applied in one
//! go, so a fix that overlaps or touches an earlier one, repeats an edit of it, or shares its isolation group (two
//! removals that would leave an empty block) is held back.

use ruff_db::diagnostic::Diagnostic;
use ruff_diagnostics::{Applicability, IsolationLevel};
use ruff_text_size::Ranged;
use std::collections::{BTreeMap, BTreeSet};

/// The places in `diagnostics` whose safe fixes go together.
pub(super) fn compatible(diagnostics: &[Diagnostic]) -> BTreeSet<usize> {
    let mut safe: Vec<_> = diagnostics
        .iter()
        .enumerate()
        .filter_map(|(at, diagnostic)| Some((at, diagnostic, diagnostic.fix()?)))
        .filter(|(_, _, fix)| fix.applies(Applicability::Safe))
        .collect();
    // F811 first, as ruff does: it can mend F401 as well, never the other way round.
    safe.sort_by_key(|(at, diagnostic, fix)| (diagnostic.secondary_code_or_id() != "F811", fix.min_start(), *at));
    let mut taken = BTreeMap::new();
    let mut groups = BTreeSet::new();
    let mut given = BTreeSet::new();
    for (at, _, fix) in safe {
        let spans = || fix.edits().iter().map(|edit| (edit.start().to_u32(), edit.end().to_u32()));
        let collides = spans().any(|(start, end)| collides(&taken, start, end));
        let isolated = matches!(fix.isolation(), IsolationLevel::Group(group) if groups.contains(&group));
        if collides || isolated {
            continue;
        }
        taken.extend(spans());
        if let IsolationLevel::Group(group) = fix.isolation() {
            groups.insert(group);
        }
        given.insert(at);
    }
    given
}

// Whether a stretch overlaps or touches one of those taken, which do not overlap each other.
fn collides(taken: &BTreeMap<u32, u32>, start: u32, end: u32) -> bool {
    taken.range(..=end).next_back().is_some_and(|(_, taken_end)| *taken_end >= start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_collide_when_they_overlap_or_touch() {
        let taken = BTreeMap::from([(2, 4), (8, 8)]);
        for (start, end, expected) in
            [(0, 1, false), (0, 2, true), (3, 3, true), (4, 5, true), (5, 7, false), (5, 8, true), (8, 8, true), (9, 12, false), (0, 20, true)]
        {
            assert_eq!(collides(&taken, start, end), expected, "{start}..{end}");
        }
    }
}

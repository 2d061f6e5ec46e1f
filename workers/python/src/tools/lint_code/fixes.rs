//! Which of ruff's safe fixes a report gives: those that can all be applied at once.
//!
//! Ruff lists a fix with every finding, applies those that do not collide, and starts over. A report is applied in one
//! go, so a fix that overlaps or touches an earlier one, repeats an edit of it, or shares its isolation group (two
//! removals that would leave an empty block) is held back. Only whole lines that are removed may touch.

use ruff_db::diagnostic::Diagnostic;
use ruff_diagnostics::{Applicability, Edit, IsolationLevel};
use ruff_text_size::Ranged;
use std::collections::{BTreeMap, BTreeSet};

/// An edit as far as collisions go.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    /// Whether it removes text and puts nothing in its place.
    removes: bool,
}

/// The places in `diagnostics`, all of one `source`, whose fixes go together; those at least as safe as asked.
pub(super) fn compatible(diagnostics: &[Diagnostic], source: &str, least: Applicability) -> BTreeSet<usize> {
    let mut safe: Vec<_> = diagnostics
        .iter()
        .enumerate()
        .filter_map(|(at, diagnostic)| Some((at, diagnostic, diagnostic.fix()?)))
        .filter(|(_, _, fix)| fix.applies(least))
        .collect();
    // F811 first, as ruff does: it can mend F401 as well, never the other way round.
    safe.sort_by_key(|(at, diagnostic, fix)| (diagnostic.secondary_code_or_id() != "F811", fix.min_start(), *at));
    let mut taken = BTreeMap::new();
    let mut groups = BTreeSet::new();
    let mut given = BTreeSet::new();
    for (at, _, fix) in safe {
        let spans = || fix.edits().iter().map(span_of);
        let isolated = matches!(fix.isolation(), IsolationLevel::Group(group) if groups.contains(&group));
        if isolated || spans().any(|span| collides(&taken, span, source)) {
            continue;
        }
        taken.extend(spans().map(|span| (span.start, span)));
        if let IsolationLevel::Group(group) = fix.isolation() {
            groups.insert(group);
        }
        given.insert(at);
    }
    given
}

fn span_of(edit: &Edit) -> Span {
    Span { start: edit.start().to_u32(), end: edit.end().to_u32(), removes: edit.is_deletion() }
}

// Whether an edit overlaps or touches one of those taken, which do not overlap each other.
fn collides(taken: &BTreeMap<u32, Span>, span: Span, source: &str) -> bool {
    let near = taken.range(..=span.end).rev().map(|(_, other)| *other);
    near.take_while(|other| other.end >= span.start).any(|other| !lie_side_by_side(other, span, source))
}

// Whether two edits remove whole lines, one right after the other.
fn lie_side_by_side(one: Span, other: Span, source: &str) -> bool {
    let (first, second) = if one.start < other.start { (one, other) } else { (other, one) };
    let at_line_start = || source.get(..first.end as usize).is_some_and(|before| before.ends_with('\n'));
    first.removes && second.removes && first.end == second.start && at_line_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_collide_when_they_overlap_or_touch() {
        let span = |start, end| Span { start, end, removes: false };
        let taken = BTreeMap::from([(2, span(2, 4)), (8, span(8, 8))]);
        for (start, end, expected) in [
            (0, 1, false),
            (0, 2, true),
            (3, 3, true),
            (4, 5, true),
            (5, 7, false),
            (5, 8, true),
            (8, 8, true),
            (9, 12, false),
            (0, 20, true),
        ] {
            assert_eq!(collides(&taken, span(start, end), ""), expected, "{start}..{end}");
        }
    }

    #[test]
    fn removed_lines_may_touch() {
        let line = |start, end| Span { start, end, removes: true };
        let taken = BTreeMap::from([(2, line(2, 4))]);
        assert!(!collides(&taken, line(4, 6), "a\nb\nc\n"));
        assert!(!collides(&taken, line(0, 2), "a\nb\nc\n"));
        assert!(collides(&taken, line(4, 6), "a;b;c;"));
        assert!(collides(&taken, line(2, 4), "a\nb\nc\n"));
        assert!(collides(&taken, line(0, 3), "a\nb\nc\n"));
    }
}

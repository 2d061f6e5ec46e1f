//! The graph as a Mermaid flowchart of packages.

use super::check::Names;
use octavo_graph::Edge;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Most arrows of a diagram; Mermaid itself refuses more than 500, and a reader far fewer.
const MAX_ARROWS: usize = 120;

/// A flowchart in which each name is cut to `depth` parts, and an arrow tells how many imports it stands for. Where there are
/// too many arrows, those of the fewest imports are left out.
pub(super) fn mermaid(edges: &[Edge], names: &Names, depth: usize) -> String {
    let cut = |node: usize| names.name(node).split('.').take(depth).collect::<Vec<_>>().join(".");
    let mut arrows: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (from, to) in edges {
        let (from, to) = (cut(*from), cut(*to));
        if from != to {
            *arrows.entry((from, to)).or_default() += 1;
        }
    }
    let all = arrows.len();
    let mut arrows: Vec<_> = arrows.into_iter().collect();
    arrows.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    arrows.truncate(MAX_ARROWS);
    arrows.sort();
    let nodes: BTreeSet<&String> = arrows.iter().flat_map(|((from, to), _)| [from, to]).collect();
    let ids: BTreeMap<&String, usize> = nodes.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let mut text = String::from("flowchart LR\n");
    for (name, id) in &ids {
        let label: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '`' | '<' | '>')).collect();
        let _ = writeln!(text, "  m{id}[\"{label}\"]");
    }
    for ((from, to), count) in &arrows {
        if let (Some(from), Some(to)) = (ids.get(from), ids.get(to)) {
            let _ = writeln!(text, "  m{from} -->|{count}| m{to}");
        }
    }
    if all > arrows.len() {
        let _ = writeln!(text, "  %% {} more arrows", all - arrows.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_drawn_with_their_counts() {
        let names = ["a.b.c", "a.b.d", "a.e"].map(str::to_owned);
        let names = Names::of(&names.into_iter().collect(), &BTreeSet::new());
        assert_eq!(
            mermaid(&[(0, 1), (0, 2), (1, 2)], &names, 2),
            "flowchart LR\n  m0[\"a.b\"]\n  m1[\"a.e\"]\n  m0 -->|2| m1\n"
        );
    }

    #[test]
    fn arrows_beyond_the_limit_are_counted() {
        let draw = |count: usize| {
            let names = Names::of(&(0..=count).map(|at| format!("m{at:03}")).collect(), &BTreeSet::new());
            let edges: Vec<Edge> = (1..=count).map(|to| (0, to)).collect();
            mermaid(&edges, &names, 1)
        };
        assert!(!draw(MAX_ARROWS).contains("%%"));
        assert!(draw(MAX_ARROWS + 1).ends_with("%% 1 more arrows\n"));
    }
}

//! The graph as a Mermaid flowchart of packages.

use super::check::Names;
use octavo_graph::Edge;
use octavo_graph::diagram::flowchart;
use std::collections::BTreeMap;

/// A flowchart in which each name is cut to `depth` parts, and an arrow tells how many imports it stands for.
pub(super) fn mermaid(edges: &[Edge], names: &Names, depth: usize) -> String {
    let cut = |node: usize| names.name(node).split('.').take(depth).collect::<Vec<_>>().join(".");
    let mut arrows: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (from, to) in edges {
        let (from, to) = (cut(*from), cut(*to));
        if from != to {
            *arrows.entry((from, to)).or_default() += 1;
        }
    }
    flowchart(arrows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_graph::diagram::MAX_ARROWS;
    use std::collections::BTreeSet;

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

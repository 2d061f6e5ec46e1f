//! Graphs as Mermaid flowcharts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Most arrows of a diagram; Mermaid itself refuses more than 500, and a reader far fewer.
pub const MAX_ARROWS: usize = 120;

/// A flowchart of arrows between names, each with how many imports it stands for. Where there are too many, those of the fewest
/// imports are left out and counted. Signs that mean something to Mermaid are left out of names.
pub fn flowchart(arrows: BTreeMap<(String, String), usize>) -> String {
    let all = arrows.len();
    let mut arrows: Vec<_> = arrows.into_iter().collect();
    arrows.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    arrows.truncate(MAX_ARROWS);
    arrows.sort();
    let nodes: BTreeSet<&String> = arrows.iter().flat_map(|((from, to), _)| [from, to]).collect();
    let ids: BTreeMap<&String, usize> = nodes.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let mut text = String::from("flowchart LR\n");
    for (name, id) in &ids {
        let label: String =
            name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '`' | '<' | '>' | '#')).collect();
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

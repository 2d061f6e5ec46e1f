//! The part of a tool's page that says how well it agrees with its peers, from what `cargo xtask truth --record` wrote.

use octavo_toolkit::Registry;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Agreement of the tools of a category, by full tool name.
pub(crate) type Recorded = BTreeMap<String, Vec<Tally>>;

/// Agreement with one peer.
#[derive(Deserialize)]
pub(crate) struct Tally {
    tool: String,
    peer: String,
    corpus: String,
    cases: u64,
    bars: BTreeMap<String, f64>,
    measures: BTreeMap<String, Measure>,
    explained: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Measure {
    raw: f64,
    value: f64,
}

/// What was recorded of a category; nothing before its first record.
///
/// # Panics
///
/// When a record is not what `cargo xtask truth --record` writes.
pub(crate) fn read(root: &Path, registry: &Registry) -> Recorded {
    let path = root.join(format!("tests/truth/results/{}.json", registry.category.slug()));
    let Ok(text) = fs::read_to_string(&path) else { return Recorded::new() };
    let tallies: Vec<Tally> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut recorded = Recorded::new();
    for tally in tallies {
        recorded.entry(tally.tool.clone()).or_default().push(tally);
    }
    recorded
}

/// The section of a tool's page; empty when nothing was recorded.
pub(crate) fn section(slug: &str, name: &str, recorded: &Recorded) -> String {
    let Some(tallies) = recorded.get(name) else { return String::new() };
    let mut text = "\n## Judged by\n\n| peer | corpus | cases | agreement |\n|---|---|---|---|\n".to_owned();
    for tally in tallies {
        let shares: Vec<String> = tally.measures.iter().map(|(measure, found)| share(tally, measure, found)).collect();
        let _ = writeln!(text, "| {} | {} | {} | {} |", tally.peer, tally.corpus, tally.cases, shares.join(", "));
    }
    let reasons = tallies.iter().flat_map(|tally| tally.explained.iter().map(move |reason| (&tally.peer, reason)));
    for (place, (peer, (reason, count))) in reasons.enumerate() {
        if place == 0 {
            text.push_str("\nDifferences that are right, left out of the first figure:\n\n");
        }
        let _ = writeln!(text, "- {peer}, {count}: {reason}");
    }
    let tool = name.strip_prefix(slug).and_then(|rest| rest.strip_prefix('_')).unwrap_or(name);
    let _ = write!(text, "\n`cargo xtask truth {slug} {tool}` measures it anew.\n");
    text
}

fn share(tally: &Tally, measure: &str, found: &Measure) -> String {
    let mut text = format!("{measure} {}", cut(found.value));
    if cut(found.raw) != cut(found.value) {
        let _ = write!(text, " ({} with every difference)", cut(found.raw));
    }
    if let Some(bar) = tally.bars.get(measure).filter(|bar| found.value < **bar) {
        let _ = write!(text, ", below the bar of {bar}");
    }
    text
}

// Cut, not rounded: 0.99996 is not 1.
fn cut(share: f64) -> String {
    format!("{}", (share * 1e4).floor() / 1e4)
}

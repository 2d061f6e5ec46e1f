//! Whether people find the tool they mean: phrases as they would say them, through `find_tools`.
//!
//! `phrases/<category>.tsv` holds a phrase and the tools that would do, with commas between them, a line each. A phrase
//! whose tools are not there yet waits for them.

use octavo_catalog::{Scope, catalog, find_tools};
use octavo_category::Category;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How many hits count as found.
const TOP: usize = 3;
/// Least share of a category's phrases that must be found, in percent.
const LEAST_RECALL: usize = 90;

#[test]
fn phrases_find_their_tools() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("phrases");
    let mut table = format!("{:<14}{:>8}{:>8}{:>8}{:>9}\n", "category", "phrases", "found", "recall", "pending");
    let mut missed = String::new();
    let mut all_found = true;
    for category in Category::ALL {
        let text = fs::read_to_string(folder.join(format!("{category}.tsv"))).expect("each category has phrases");
        let (mut tried, mut found, mut pending) = (0, 0, 0);
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let (phrase, tools) = line.split_once('\t').unwrap_or_else(|| panic!("{category}: no tab in {line:?}"));
            let wanted: Vec<&str> =
                tools.split(',').map(str::trim).filter(|name| catalog().get(name).is_some()).collect();
            if wanted.is_empty() {
                pending += 1;
                continue;
            }
            tried += 1;
            let hits = find_tools(phrase, &Scope::default(), TOP);
            if hits.iter().any(|tool| wanted.contains(&tool.name)) {
                found += 1;
            } else {
                let hits: Vec<&str> = hits.iter().map(|tool| tool.name).collect();
                let _ = writeln!(
                    missed,
                    "{category}: {phrase:?} wants {} and finds {}",
                    wanted.join(", "),
                    hits.join(", ")
                );
            }
        }
        let recall = (found * 100_usize).checked_div(tried).unwrap_or(100);
        all_found &= recall >= LEAST_RECALL;
        let _ = writeln!(table, "{:<14}{tried:>8}{found:>8}{recall:>7}%{pending:>9}", category.slug());
    }
    eprintln!("{table}");
    assert!(all_found, "recall at {TOP} is below {LEAST_RECALL} %\n{table}\n{missed}");
}

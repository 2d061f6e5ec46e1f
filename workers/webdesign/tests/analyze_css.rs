//! What must hold of `analyze_css` on any input: its pages, its limits, no panic, linear time.

use octavo_testkit::{Dice, cases, report};
use octavo_toolkit::limits::MAX_SOURCE_BYTES;
use octavo_webdesign::REGISTRY;
use octavo_webdesign::support::css_pieces::MAX_FLAWS;
use octavo_webdesign::support::css_tree::read;
use octavo_webdesign::tools::analyze_css::MAX_FINDINGS_PER_RULE;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Instant;

const TOOL: &str = "analyze_css";

fn found(source: &str) -> Vec<Value> {
    let report = report(&REGISTRY, TOOL, &json!({"source": source})).expect("accepted");
    report["findings"].as_array().cloned().unwrap_or_default()
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in REGISTRY.get(TOOL).expect("listed").declaration().rules {
        let has = |page: &str| found(page).iter().any(|finding| finding["rule"] == rule.id);
        assert!(has(rule.docs.wrong), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right), "{} is found in {:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn limits_hold_at_their_edge() {
    let call = |arguments: Value| report(&REGISTRY, TOOL, &arguments);
    assert!(call(json!({"source": " ".repeat(MAX_SOURCE_BYTES)})).is_some());
    assert!(call(json!({"source": " ".repeat(MAX_SOURCE_BYTES + 1)})).is_none());
    assert!(call(json!({"files": [{"path": "a", "source": ""}, {"path": "a", "source": ""}]})).is_none());
    for (count, is_cut) in [(MAX_FINDINGS_PER_RULE, false), (MAX_FINDINGS_PER_RULE + 1, true)] {
        let empty = (0..count).map(|at| format!(".a{at}{{}}")).collect::<Vec<_>>().concat();
        let report = call(json!({ "source": empty })).expect("accepted");
        assert_eq!(report["notChecked"].to_string().contains("findings of a rule beyond"), is_cut, "{count}");
        assert!(report["summary"].as_str().is_some_and(|summary| summary.contains(&format!("{count} findings"))));
    }
    assert_eq!(read(&"}".repeat(MAX_FLAWS)).flaws.len(), MAX_FLAWS);
    assert_eq!(read(&"}".repeat(MAX_FLAWS + 1)).flaws.len(), MAX_FLAWS);
}

#[test]
fn hostile_stylesheets_take_their_time_by_length_alone() {
    let mut distinct = String::new();
    for at in 0..8_000 {
        let _ = writeln!(distinct, ".c{at} .x{{color:red;top:0}}");
    }
    let same = "#a .b{color:red}.b{color:blue}".repeat(8_000);
    let deep = "a{".repeat(40_000);
    let brackets = format!("a{{b:{}", "(".repeat(200_000));
    let variables = "a{b:var(--c)var(--d)}".repeat(8_000);
    let selectors = format!("{}{{}}", ":not(".repeat(50_000));
    let block = format!("a{{{}}}", "color:red;padding:0;".repeat(8_000));
    for source in [distinct, same, deep, brackets, variables, selectors, block] {
        let started = Instant::now();
        found(&source);
        let name: String = source.chars().take(12).collect();
        assert!(started.elapsed().as_secs() < 30, "{name} of {} bytes took {:?}", source.len(), started.elapsed());
    }
}

#[test]
fn no_mutation_of_the_specs_panics() {
    let mut dice = Dice::new(11);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        let Some(source) = arguments["source"].as_str() else { continue };
        for _ in 0..40 {
            let changed = json!({"source": dice.mutate(source, "{}();:,#.&@*/'\"\\-+%!>~| 0a\n\u{0}\u{1f600}")});
            let first = report(&REGISTRY, TOOL, &changed);
            assert_eq!(first, report(&REGISTRY, TOOL, &changed), "{name}");
        }
    }
}

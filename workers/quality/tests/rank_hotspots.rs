//! What must hold of `rank_hotspots` beyond single cases: its rule pages, and any log at all.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::json;
use std::fmt::Write as _;

const COMPLEX: &str = "def f(a, b):\n    if a and b:\n        return 1\n    return 2\n";

fn log(commits: usize, author: impl Fn(usize) -> String, changes: impl Fn(usize) -> String) -> String {
    (0..commits).fold(String::new(), |mut log, at| {
        let _ = write!(log, "--{:x}--2026-01-{:02}--{}\n{}\n", 4_096 + at, 28 - at, author(at), changes(at));
        log
    })
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("rank_hotspots").expect("listed");
    for rule in tool.declaration().rules {
        let found = |wrong: bool| {
            let name = |at: usize| ["Ann", "Ben", "Cid", "Dee"][at % 4].to_owned();
            let (log, files) = match rule.id {
                "hotspot" => {
                    let changes =
                        |at: usize| if wrong || at == 0 { "1\t1\ta.py\n9\t9\tb.md\n" } else { "9\t9\tb.md\n" };
                    (log(6, name, |at| changes(at).to_owned()), json!([{"path": "a.py", "source": COMPLEX}]))
                }
                "temporal-coupling" => {
                    let second = if wrong { "b/other.py" } else { "test/test_a.py" };
                    (log(6, name, |_| format!("1\t1\ta/a.py\n1\t1\t{second}\n")), json!([]))
                }
                "single-owner" => {
                    let author = |at: usize| if at == 12 || !wrong && at == 3 { "Ben" } else { "Ann" }.to_owned();
                    (log(13, author, |at| format!("1\t1\t{}\n", if at == 12 { "b.py" } else { "a.py" })), json!([]))
                }
                _ => {
                    let author = |at: usize| format!("P{}", if wrong { at % 9 } else { at % 3 });
                    let lines = |at: usize| if wrong && at % 9 > 3 { 1 } else { 40 };
                    (log(12, author, |at| format!("{}\t0\ta.py\n", lines(at))), json!([]))
                }
            };
            let report = report(&REGISTRY, "rank_hotspots", &json!({"log": log, "files": files})).expect("accepted");
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(found(true), "{} is not shown", rule.id);
        assert!(!found(false), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn any_log_survives() {
    let mut dice = Dice::new(4);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "rank_hotspots") {
        let text = arguments["log"].as_str().unwrap_or_default().to_owned();
        for _ in 0..60 {
            arguments["log"] = json!(dice.mutate(&text, "-=>{}\t\n0 []9\"\\:\u{1f600}"));
            report(&REGISTRY, "rank_hotspots", &arguments);
        }
    }
}

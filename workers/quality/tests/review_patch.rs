//! What must hold of `review_patch` beyond single cases: its rule pages, and any patch at all.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};
use std::fmt::Write as _;

fn arguments(rule: &str, text: &str) -> Value {
    match rule {
        "hunk-offset" => json!({"patch": text, "files": [{"path": "x.py", "source": "a\nb\nd\n"}]}),
        "hunk-rejected" | "file-mismatch" => json!({"patch": text, "files": [{"path": "x.py", "source": "a\n"}]}),
        "large-change" => {
            let count: usize = text.split(' ').next().and_then(|word| word.parse().ok()).expect("a number");
            json!({"patch": format!("--- a/x\n+++ b/x\n@@ -1 +1,{} @@\n a\n{}", count + 1, "+b\n".repeat(count))})
        }
        "complexity-grew" => {
            let grows = text.ends_with("20");
            let source = |branches: usize| {
                let mut text = "def f(a):\n".to_owned();
                (0..branches)
                    .for_each(|at| write!(text, "    if a == {at}:\n        return {at}\n").expect("a string"));
                text + "    return a\n"
            };
            let (before, after) = (source(12), source(if grows { 20 } else { 9 }));
            let lines = |text: &str, sign: char| {
                text.lines().flat_map(|line| [String::from(sign), line.to_owned(), "\n".to_owned()]).collect::<String>()
            };
            let patch = format!(
                "--- a/x.py\n+++ b/x.py\n@@ -1,{} +1,{} @@\n{}{}",
                before.lines().count(),
                after.lines().count(),
                lines(&before, '-'),
                lines(&after, '+')
            );
            json!({"patch": patch, "files": [{"path": "x.py", "source": before}]})
        }
        _ => json!({"patch": text}),
    }
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("review_patch").expect("listed");
    for rule in tool.declaration().rules {
        let found = |text: &str| {
            let report = report(&REGISTRY, "review_patch", &arguments(rule.id, text)).expect("accepted");
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(found(rule.docs.wrong), "{} is not shown", rule.id);
        assert!(!found(rule.docs.right), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn any_patch_survives() {
    let mut dice = Dice::new(6);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "review_patch") {
        let patch = arguments["patch"].as_str().unwrap_or_default().to_owned();
        for _ in 0..60 {
            arguments["patch"] = json!(dice.mutate(&patch, "+-@ \\\n\"09,/=>\u{e9}"));
            arguments["apply"] = json!(true);
            report(&REGISTRY, "review_patch", &arguments);
        }
    }
}

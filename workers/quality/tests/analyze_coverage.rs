//! What must hold of `analyze_coverage` beyond single cases: its rule pages, and any report at all.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

const TESTED: &str =
    "SF:src/old.py\nDA:1,1\nDA:2,0\nDA:3,1\nDA:4,1\nDA:5,1\nDA:6,1\nDA:7,1\nDA:8,1\nDA:9,1\nDA:10,1\nDA:11,1\n";

fn arguments(rule: &str, text: &str) -> Value {
    let diff = |path: &str, line: u32| format!("--- a/{path}\n+++ b/{path}\n@@ -{line} +{line} @@\n-a\n+b\n");
    let report = |source: &str| json!([{"path": "r", "source": source}]);
    match rule {
        "fail-under" => {
            let share: usize = text.split(' ').next().and_then(|word| word.parse().ok()).expect("a share");
            let lines: Vec<String> =
                (1..=10).map(|line| format!("DA:{line},{}", u8::from(line * 10 <= share))).collect();
            json!({"reports": report(&format!("SF:a\n{}", lines.join("\n"))), "failUnder": 80})
        }
        "uncovered-change" => {
            json!({"reports": report(TESTED), "diff": diff("src/old.py", if text.contains("no test") { 2 } else { 3 })})
        }
        "crap" => {
            let hits = u8::from(text.contains("every line run"));
            let source =
                "def f(a, b, c):\n    if a and b and c:\n        if a or b or c:\n            return 1\n    return 2\n";
            let lines: Vec<String> = (1..=5).map(|line| format!("DA:{line},{hits}")).collect();
            json!({"reports": report(&format!("SF:a.py\n{}", lines.join("\n"))), "files": [{"path": "a.py", "source": source}]})
        }
        "not-reported" => {
            let path = text.split(' ').nth(3).expect("a path").trim_end_matches(',');
            json!({"reports": report(TESTED), "diff": diff(path, 3)})
        }
        _ => json!({"reports": report(text)}),
    }
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("analyze_coverage").expect("listed");
    for rule in tool.declaration().rules {
        let found = |text: &str| {
            let report = report(&REGISTRY, "analyze_coverage", &arguments(rule.id, text)).expect("accepted");
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(found(rule.docs.wrong), "{} is not shown", rule.id);
        assert!(!found(rule.docs.right), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn any_report_survives() {
    let mut dice = Dice::new(9);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "analyze_coverage") {
        let Some(first) = arguments["reports"].get(0).and_then(|one| one["source"].as_str()).map(str::to_owned) else {
            continue;
        };
        let diff = arguments["diff"].as_str().unwrap_or("--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n").to_owned();
        let texts = [
            first,
            serde_json::to_string(&json!({"files": {"a": {"executed_lines": [1, 4_294_967_295_u32]}}})).expect("JSON"),
        ];
        for _ in 0..40 {
            for text in &texts {
                arguments["reports"][0]["source"] = json!(dice.mutate(text, "<>&\"'/:,-{}[]\n09#x\u{1f600}"));
                arguments["diff"] = json!(dice.mutate(&diff, "+-@ \\\n\"09,\u{e9}"));
                report(&REGISTRY, "analyze_coverage", &arguments);
            }
        }
    }
}

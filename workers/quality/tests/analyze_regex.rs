//! What must hold of `analyze_regex` beyond single cases: its rule pages, rewrites that hold, and any pattern.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn judged(arguments: &Value) -> Value {
    report(&REGISTRY, "analyze_regex", arguments).expect("accepted")
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("analyze_regex").expect("listed");
    for rule in tool.declaration().rules {
        let shows = |text: &str| {
            let dialects = match rule.id {
                "regex-unportable" => json!(["javascript", "re2"]),
                "regex-differs" => json!(["javascript", "python"]),
                _ => json!([]),
            };
            let report = judged(&json!({"patterns": [text], "dialects": dialects}));
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(shows(rule.docs.wrong), "{} is not shown", rule.id);
        assert!(!shows(rule.docs.right), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn a_fix_takes_its_finding_away() {
    let report = judged(&json!({"files": [{"path": "a.js", "source": "x = /^(?:a+)+$/;"}]}));
    let edit = &report["findings"][0]["fix"]["edits"][0]["newText"];
    let again =
        judged(&json!({"files": [{"path": "a.js", "source": format!("x = {};", edit.as_str().expect("a fix"))}]}));
    assert_eq!(again["findings"], json!([]));
}

#[test]
fn any_pattern_survives() {
    let mut dice = Dice::new(4);
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "analyze_regex") {
        for pattern in arguments["patterns"].as_array().into_iter().flatten() {
            let text = pattern.as_str().unwrap_or_default();
            for _ in 0..3 {
                let dialect = ["javascript", "pcre", "python", "re2", "rust", "java"][dice.below(6)];
                let mutated = dice.mutate(text, "()[]{}*+?|\\^$.:<>=!-&#,09abkpuxPQ\u{1f600}\u{e9}");
                let arguments = json!({"patterns": [mutated], "dialects": [dialect, "re2", "java"]});
                report(&REGISTRY, "analyze_regex", &arguments);
            }
        }
    }
    for piece in ["(", "[", "(?:", "a|", "(a*)*", "a{9}", "(?=", "\\", "(?<a>", "[a-", "{", "(?#", "\\Q"] {
        for (count, dialect) in [(50, "javascript"), (400, "pcre")] {
            report(&REGISTRY, "analyze_regex", &json!({"patterns": [piece.repeat(count)], "dialects": [dialect]}));
        }
    }
}

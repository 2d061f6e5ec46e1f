//! What must hold of document inference beyond its snapshots: executable rule pages, limits, no panic on any text.

use octavo_database::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn report_of(source: &str) -> Value {
    report(&REGISTRY, "infer_documents", &json!({"source": source, "output": {"maxFindings": 1000}})).expect("a report")
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

// A document with as many names, none of which looks like data.
fn wide(count: usize) -> String {
    let name =
        |at: usize| "abcdefghij".get(at % 10..=at % 10).map_or_else(String::new, |letter| letter.repeat(at / 10 + 1));
    let fields: Vec<String> = (0..count).map(|at| format!("\"x{}\": 1", name(at))).collect();
    format!("{{{}}}", fields.join(","))
}

// Sources that are too long for a page.
fn long_example(rule: &str) -> Option<String> {
    match rule {
        "document-too-large" => Some(format!("{{\"a\": \"{}\"}}", "x".repeat(16 * 1024 * 1024))),
        "bloated-document" => Some(format!("{{\"a\": \"{}\"}}", "x".repeat(1024 * 1024))),
        "nesting-limit" => Some(format!("{}1{}", "{\"a\": ".repeat(101), "}".repeat(101))),
        "unbounded-array" => Some(format!("{{\"a\": [{}]}}", vec!["1"; 1_000].join(","))),
        "many-fields" => Some(wide(201)),
        _ => None,
    }
}

#[test]
fn every_rule_page_shows_the_rule_and_its_absence() {
    let tool = REGISTRY.get("infer_documents").expect("the tool is listed");
    for rule in tool.declaration().rules {
        let wrong = long_example(rule.id).unwrap_or_else(|| rule.docs.wrong.to_owned());
        let wrong = report_of(&wrong);
        let found = wrong["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule.id);
        assert_eq!(
            found.unwrap_or_else(|| panic!("{} is not found", rule.id))["level"],
            rule.level.word(),
            "{}",
            rule.id
        );
        assert!(!rules_of(&report_of(rule.docs.right)).contains(&rule.id), "{}: its right source is found", rule.id);
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let nested = |depth: usize| format!("{}1{}", "{\"a\": ".repeat(depth), "}".repeat(depth));
    assert_eq!(rules_of(&report_of(&nested(100))), Vec::<&str>::new());
    assert_eq!(report_of(&nested(100))["data"]["depth"], 100);
    assert_eq!(rules_of(&report_of(&nested(101))), ["nesting-limit"]);
    assert_eq!(rules_of(&report_of(&nested(100_000))), ["document-syntax"]);
    let many = report_of(&"{}\n".repeat(200_001));
    assert_eq!(many["data"]["documents"], 200_000);
    assert!(many["notChecked"].to_string().contains("after the first 200000"));
    assert_eq!(rules_of(&report_of(&"{\"a\": }\n".repeat(30))).len(), 20);
    assert!(!rules_of(&report_of(&wide(200))).contains(&"many-fields"));
    assert!(rules_of(&report_of(&wide(201))).contains(&"many-fields"));
}

#[test]
fn mutated_documents_never_panic() {
    let mut texts: Vec<String> = Vec::new();
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "infer_documents") {
        texts.extend(arguments["source"].as_str().filter(|text| text.len() < 5_000).map(str::to_owned));
    }
    texts.push(r#"{"a": {"$binary": {"base64": "aGk=", "subType": "80"}}, "b": {"$timestamp": {"t": 1, "i": 2}}, "c": {"$regularExpression": {"pattern": "a", "options": "i"}}, "d": {"$date": {"$numberLong": "5"}}, "e": {"$code": "x", "$scope": {}}}"#.to_owned());
    let mut dice = Dice::new(7);
    for _ in 0..3_000 {
        let at = dice.below(texts.len());
        let mutant = dice.mutate(&texts[at], "{}[]\"':,$/\\()\n -+.eE019nt\u{0}\u{1f600}\u{d7ff}");
        report_of(&mutant);
    }
}

//! What must hold of `audit_image` beyond single cases: its pages and its time.

use octavo_docker::REGISTRY;
use octavo_toolkit::{Category, Ctx};
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn report(arguments: &Value) -> Value {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let tool = REGISTRY.get("audit_image").expect("registered");
    let rendering = tool.call(Category::Docker, &raw, &Ctx::silent()).expect("accepted");
    serde_json::from_str(&rendering.structured).expect("a report")
}

fn arguments(page: &str) -> Value {
    if let Some(name) = page.strip_prefix("name: ") {
        return json!({"name": name, "layers": []});
    }
    if page.starts_with('{') {
        return json!({"config": page});
    }
    json!({"layers": page.split("---\n").collect::<Vec<_>>()})
}

#[test]
fn the_page_of_each_rule_shows_it() {
    let tool = REGISTRY.get("audit_image").expect("registered");
    for rule in tool.declaration().rules {
        let has = |page: &str| {
            let report = report(&arguments(page));
            report["findings"]
                .as_array()
                .is_some_and(|findings| findings.iter().any(|finding| finding["rule"] == rule.id))
        };
        assert!(has(rule.docs.wrong), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right), "{} is found in {:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn many_files_take_their_time_by_number_alone() {
    let file = |at: usize| format!("-rw-r--r-- 0/0 {at} 2024-01-01 00:00 usr/share/d{}/f{at}\n", at % 100);
    let first: String = (0..30_000).map(file).collect();
    let removed = |at: usize| format!("-rw-r--r-- 0/0 0 2024-01-01 00:00 usr/share/.wh.d{at}\n");
    let removed: String = (0..100).map(removed).collect();
    let deep = format!("-rw-r--r-- 0/0 1 2024-01-01 00:00 {}x\n", "a/".repeat(20_000));
    let report = report(&json!({"layers": [first, removed, deep]}));
    assert_eq!(report["data"]["layers"][0]["entries"], 30_000);
}

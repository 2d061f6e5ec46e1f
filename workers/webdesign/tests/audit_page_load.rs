//! What must hold of `audit_page_load` on any input: its pages, its limits, no panic, linear time.

use octavo_testkit::{Dice, cases, report};
use octavo_toolkit::limits::{MAX_LARGE_SOURCE_BYTES, MAX_SOURCE_BYTES};
use octavo_webdesign::REGISTRY;
use octavo_webdesign::tools::audit_page_load::MAX_PAGES;
use serde_json::{Value, json};
use std::time::Instant;

const TOOL: &str = "audit_page_load";

fn found(arguments: &Value) -> Vec<Value> {
    let report = report(&REGISTRY, TOOL, arguments).expect("accepted");
    report["findings"].as_array().cloned().unwrap_or_default()
}

// A page of a rule is a recording, markup, a metric with its value, or a repeated tag.
fn arguments(page: &str) -> Value {
    if page.starts_with('{') {
        return json!({"har": page});
    }
    if let Some((count, tag)) = page.split_once(" times ") {
        return json!({"source": tag.repeat(count.parse().expect("a number"))});
    }
    if page.starts_with('<') {
        return json!({"source": page});
    }
    let (metric, value) = page.split_once(' ').expect("a metric and its value");
    json!({"metrics": {metric: value.parse::<f64>().expect("a number")}})
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in REGISTRY.get(TOOL).expect("listed").declaration().rules {
        let has = |page: &str| found(&arguments(page)).iter().any(|finding| finding["rule"] == rule.id);
        assert!(has(rule.docs.wrong), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right), "{} is found in {:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn limits_hold_at_their_edge() {
    let call = |arguments: Value| report(&REGISTRY, TOOL, &arguments);
    assert!(call(json!({"source": " ".repeat(MAX_SOURCE_BYTES)})).is_some());
    assert!(call(json!({"source": " ".repeat(MAX_SOURCE_BYTES + 1)})).is_none());
    assert!(call(json!({"har": " ".repeat(MAX_LARGE_SOURCE_BYTES)})).is_some());
    assert!(call(json!({"har": " ".repeat(MAX_LARGE_SOURCE_BYTES + 1)})).is_none());
    assert!(call(json!({"metrics": {"lcp": 1e9}})).is_some());
    assert!(call(json!({"metrics": {"lcp": 1.1e9}})).is_none());
    let har = |pages: usize| {
        let entries: Vec<Value> =
            (0..pages).map(|at| json!({"pageref": format!("p{at}"), "request": {"url": "https://a/"}})).collect();
        json!({"har": json!({"log": {"entries": entries}}).to_string()})
    };
    let syntax = |arguments: &Value| found(arguments).iter().filter(|finding| finding["rule"] == "har-syntax").count();
    assert_eq!((syntax(&har(MAX_PAGES)), syntax(&har(MAX_PAGES + 1))), (0, 1));
}

#[test]
fn large_inputs_take_their_time_by_length_alone() {
    let entry = |at: usize| {
        json!({"startedDateTime": "2026-01-01T00:00:00.000Z", "time": 5, "_initiator": format!("https://a.example/{}", at.saturating_sub(1)),
            "request": {"url": format!("https://a.example/{at}")}, "response": {"status": 200, "content": {"mimeType": "text/css"}}, "_priority": "High"})
    };
    let entries: Vec<Value> = (0..20_000).map(entry).collect();
    let started = Instant::now();
    let made =
        report(&REGISTRY, TOOL, &json!({"har": json!({"log": {"entries": entries}}).to_string()})).expect("accepted");
    assert_eq!(made["data"]["pages"][0]["requests"], 20_000);
    report(&REGISTRY, TOOL, &json!({"source": "<img src=a><script src=b></script>".repeat(20_000)})).expect("accepted");
    report(&REGISTRY, TOOL, &json!({"source": "<style>@font-face{src:url(a".repeat(50_000)})).expect("accepted");
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn no_mutation_of_the_specs_panics() {
    let mut dice = Dice::new(10);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        for _ in 0..60 {
            let mut changed = arguments.clone();
            for field in ["har", "source"] {
                if let Some(text) = arguments[field].as_str() {
                    changed[field] = json!(dice.mutate(text, "{}[]\"<>=:/&;-0\u{0}\u{1f600}"));
                }
            }
            let first = report(&REGISTRY, TOOL, &changed);
            assert_eq!(first, report(&REGISTRY, TOOL, &changed), "{name}");
        }
    }
}

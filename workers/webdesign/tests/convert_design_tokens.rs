//! What must hold of `convert_design_tokens` on any input: its pages, its limits, no panic, linear time.

use octavo_testkit::{Dice, cases, report};
use octavo_webdesign::REGISTRY;
use octavo_webdesign::tools::convert_design_tokens::{MAX_RAMPS, MAX_RATIOS, MAX_TOKENS};
use serde_json::{Map, Value, json};
use std::time::Instant;

const TOOL: &str = "convert_design_tokens";

fn call(arguments: &Value) -> Value {
    report(&REGISTRY, TOOL, arguments).expect("accepted")
}

// A page of a rule is a token file, or `ramp COLOUR on COLOUR at RATIO`.
fn arguments(page: &str) -> Value {
    if page.starts_with('{') {
        return json!({"files": [{"path": "t.json", "source": page}]});
    }
    let words: Vec<&str> = page.split(' ').collect();
    let ratio: f64 = words[5].parse().expect("a ratio");
    json!({"ramps": [{"name": "a", "color": words[1], "background": words[3], "ratios": [ratio]}]})
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in REGISTRY.get(TOOL).expect("listed").declaration().rules {
        let has = |page: &str| {
            let report = call(&arguments(page));
            report["findings"].as_array().is_some_and(|all| all.iter().any(|finding| finding["rule"] == rule.id))
        };
        assert!(has(rule.docs.wrong), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right), "{} is found in {:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn limits_hold_at_their_edge() {
    let ramps = |ramps: usize, ratios: usize| {
        let ramp = json!({"name": "a", "color": "#06c", "ratios": vec![1.5; ratios]});
        report(&REGISTRY, TOOL, &json!({"ramps": vec![ramp; ramps]}))
    };
    assert!(ramps(MAX_RAMPS, 1).is_some() && ramps(MAX_RAMPS + 1, 1).is_none());
    assert!(ramps(1, MAX_RATIOS).is_some() && ramps(1, MAX_RATIOS + 1).is_none());
    let tokens = |count: usize| {
        let all: Map<String, Value> =
            (0..count).map(|at| (format!("t{at}"), json!({"$type": "number", "$value": at}))).collect();
        let report = call(&json!({"files": [{"path": "t.json", "source": Value::Object(all).to_string()}]}));
        (report["data"]["tokens"].as_u64(), report["findings"].as_array().map(Vec::len))
    };
    assert_eq!(tokens(MAX_TOKENS), (Some(20_000), Some(0)));
    assert_eq!(tokens(MAX_TOKENS + 1), (Some(20_000), Some(1)));
}

#[test]
fn chains_and_depths_end_in_time() {
    let chain: Map<String, Value> = (0..3_000)
        .map(|at| (format!("t{at}"), json!({"$type": "string", "$value": format!("{{t{}}}{{t{}}}", at + 1, at + 1)})))
        .collect();
    let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
    let started = Instant::now();
    call(&json!({"files": [{"path": "a.json", "source": Value::Object(chain).to_string()}]}));
    call(&json!({"files": [{"path": "a.json", "source": deep}]}));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn no_mutation_of_the_specs_panics() {
    let mut dice = Dice::new(13);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        for _ in 0..60 {
            let mut changed = arguments.clone();
            for file in changed["files"].as_array_mut().into_iter().flatten() {
                let text = dice.mutate(file["source"].as_str().unwrap_or_default(), "{}[]\":,.$#0-\u{0}\u{1f600}");
                file["source"] = json!(text);
            }
            let first = report(&REGISTRY, TOOL, &changed);
            assert_eq!(first, report(&REGISTRY, TOOL, &changed), "{name}");
        }
    }
}

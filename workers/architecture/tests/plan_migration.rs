//! Every rule of the plan is shown by its wrong example and not by its right one.

use octavo_architecture::REGISTRY;
use octavo_toolkit::Ctx;
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn rules_of(source: &str) -> Vec<String> {
    let tool = REGISTRY.get("plan_migration").expect("registered");
    let raw = RawValue::from_string(json!({ "source": source }).to_string()).expect("JSON");
    let rendering = tool.call(REGISTRY.category, &raw, &Ctx::silent()).expect("a report");
    let report: Value = serde_json::from_str(&rendering.structured).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn wrong_examples_show_their_rule_and_right_ones_do_not() {
    let tool = REGISTRY.get("plan_migration").expect("registered");
    for rule in tool.declaration().rules {
        // Limits, and mistakes of JSON, are in the cases; their pages show the other tool.
        if matches!(rule.id, "model-limit" | "json-syntax" | "model-value" | "model.empty") {
            continue;
        }
        let docs = rule.docs;
        assert!(
            rules_of(docs.wrong).contains(&rule.id.to_owned()),
            "{}: wrong shows {:?}",
            rule.id,
            rules_of(docs.wrong)
        );
        assert!(!rules_of(docs.right).contains(&rule.id.to_owned()), "{}: right shows it", rule.id);
    }
}

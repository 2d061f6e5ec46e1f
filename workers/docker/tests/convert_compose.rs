//! What must hold of `convert_compose` beyond single cases: its pages, and any project at all.

use octavo_docker::REGISTRY;
use octavo_docker::support::yaml::{Dialect, load};
use octavo_toolkit::{Category, Ctx};
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn report(source: &str) -> Value {
    let arguments = json!({"files": [{"path": "compose.yaml", "source": source}], "output": {"maxFindings": 1000}});
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let tool = REGISTRY.get("convert_compose").expect("registered");
    let rendering = tool.call(Category::Docker, &raw, &Ctx::silent()).expect("accepted");
    serde_json::from_str(&rendering.structured).expect("a report")
}

#[test]
fn the_page_of_each_rule_shows_it() {
    let tool = REGISTRY.get("convert_compose").expect("registered");
    for rule in tool.declaration().rules {
        let has = |page: &str| {
            report(page)["findings"].as_array().is_some_and(|all| all.iter().any(|one| one["rule"] == rule.id))
        };
        assert!(has(rule.docs.wrong), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right), "{} is found in {:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn manifests_are_yaml_that_kubernetes_reads() {
    let pages = ["validate_compose", "convert_compose"].into_iter().flat_map(|tool| {
        let rules = REGISTRY.get(tool).expect("registered").declaration().rules;
        rules.iter().flat_map(|rule| [rule.docs.wrong, rule.docs.right])
    });
    for page in pages {
        let report = report(page);
        let Some(text) = report["data"]["manifests"].as_str() else { continue };
        let stream = load(text, Dialect::Kubernetes);
        assert_eq!(stream.problems, [], "{text}");
        for document in &stream.documents {
            assert!(document.root.get("kind").is_some() && document.root.at(&["metadata", "name"]).is_some(), "{text}");
        }
    }
}

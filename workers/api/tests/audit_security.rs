//! What must hold of `audit_security` beyond single cases: its pages, and any text at all.

mod common;

use common::{calls, findings, has, mutations, report};
use octavo_api::REGISTRY;
use serde_json::{Value, json};

const TOOL: &str = "audit_security";

// The pages leave out the head of a document; what is no document is a token or headers.
fn arguments(source: &str) -> Value {
    let starts = ["paths", "components", "servers", "openapi", "swagger", "title"];
    if starts.iter().any(|word| source.starts_with(word)) {
        let whole = source.starts_with("openapi") || source.starts_with("swagger") || source.starts_with("title");
        let source = if whole {
            source.to_owned()
        } else {
            format!("openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\n{source}")
        };
        return json!({"source": source});
    }
    if source.contains(':') { json!({"headers": source}) } else { json!({"token": source}) }
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in REGISTRY.get(TOOL).expect("listed").declaration().rules {
        let wrong = findings(TOOL, &arguments(rule.docs.wrong));
        assert!(has(&wrong, rule.id), "{}: not found in {:?}: {wrong:?}", rule.id, rule.docs.wrong);
        let right = findings(TOOL, &arguments(rule.docs.right));
        assert!(!has(&right, rule.id), "{}: found in {:?}: {right:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn every_finding_counts_towards_a_risk() {
    let report = report(TOOL, &json!({"token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "headers": "Server: a/1"}));
    let counted: u64 = report["data"]["risks"]
        .as_object()
        .expect("risks")
        .values()
        .map(|risk| risk["errors"].as_u64().unwrap_or(0) + risk["others"].as_u64().unwrap_or(0))
        .sum();
    assert_eq!(counted, report["findings"].as_array().expect("findings").len() as u64);
    assert!(report["data"]["risks"]["API2:2023"]["cwes"].as_array().expect("CWEs").contains(&json!("CWE-347")));
}

#[test]
fn any_text_is_taken() {
    for source in mutations(TOOL, "source", 800) {
        calls(TOOL, &json!({"source": source}));
    }
    for token in mutations(TOOL, "token", 400) {
        calls(TOOL, &json!({"token": token}));
    }
    for headers in mutations(TOOL, "headers", 400) {
        calls(TOOL, &json!({"headers": headers}));
    }
}

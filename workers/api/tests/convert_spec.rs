//! What must hold of `convert_spec` beyond single cases: bombs, round trips, and any text at all.

#![expect(clippy::format_push_string, reason = "texts of tests")]

mod common;

use common::{calls, findings, has, mutations, report};
use serde_json::{Value, json};

const TOOL: &str = "convert_spec";

fn text(source: &str, to: &str) -> String {
    report(TOOL, &json!({"source": source, "to": to}))["data"]["text"].as_str().expect("text").to_owned()
}

#[test]
fn reference_bombs_are_refused() {
    let mut schemas = "S0: {type: string}\n".to_owned();
    for n in 1..30 {
        let one = format!("{{$ref: '#/components/schemas/S{}'}}", n - 1);
        schemas.push_str(&format!("    S{n}: {{allOf: [{one}, {one}]}}\n"));
    }
    let source = format!(
        "openapi: 3.0.0\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n    {schemas}"
    );
    assert!(has(&findings(TOOL, &json!({"source": source, "to": "dereference"})), "nesting-too-deep"));
    assert!(has(
        &findings(TOOL, &json!({"source": "a: ".to_owned() + &"[".repeat(10_000), "to": "typescript"})),
        "nesting-too-deep"
    ));
}

#[test]
fn what_is_written_out_has_no_references_left() {
    let source = "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/R'}}}}}\n\
        components:\n  responses: {R: {description: d, content: {a/b: {schema: {$ref: '#/components/schemas/A'}}}}}\n  schemas: {A: {type: string}}\n";
    let value: Value = serde_json::from_str(&text(source, "dereference")).expect("JSON");
    assert_eq!(value.pointer("/paths/~1a/get/responses/200/content/a~1b/schema/type"), Some(&json!("string")));
    assert!(!value.to_string().contains("$ref"));
}

#[test]
fn swagger_keeps_its_meaning_through_both_upgrades() {
    let source = "swagger: '2.0'\ninfo: {title: t, version: '1'}\nbasePath: /v1\npaths:\n  /a/{id}:\n    post:\n      consumes: [multipart/form-data]\n      parameters:\n\
        \x20       - {in: path, name: id, required: true, type: integer, minimum: 1, exclusiveMinimum: true}\n        - {in: formData, name: f, type: file, required: true}\n\
        \x20     responses: {'200': {description: ok, schema: {$ref: '#/definitions/A'}}}\ndefinitions:\n  A: {type: object, properties: {n: {type: string, x-nullable: true}}}\n";
    let value: Value = serde_json::from_str(&text(source, "openapi3.1")).expect("JSON");
    let at = |pointer: &str| value.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/paths/~1a~1{id}/post/parameters/0/schema"), json!({"type": "integer", "exclusiveMinimum": 1}));
    assert_eq!(at("/paths/~1a~1{id}/post/requestBody/content/multipart~1form-data/schema/required"), json!(["f"]));
    assert_eq!(at("/components/schemas/A/properties/n/type"), json!(["string", "null"]));
    assert_eq!(at("/servers/0/url"), json!("/v1"));
    // Converted again, nothing changes.
    let again: Value = serde_json::from_str(&text(&value.to_string(), "openapi3.1")).expect("JSON");
    assert_eq!(again, value);
}

#[test]
fn any_text_is_taken() {
    let targets = ["openapi3.0", "openapi3.1", "typescript", "jsonschema", "samples", "bundle", "dereference"];
    for (at, source) in mutations(TOOL, "source", 1_400).into_iter().enumerate() {
        calls(TOOL, &json!({"source": source, "to": targets[at % targets.len()]}));
    }
}

fn refusal(source: &str, to: &str) -> String {
    let report = report(TOOL, &json!({"source": source, "to": to}));
    report["findings"][0]["rule"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn bombs_end_in_a_finding() {
    // Every alias is a copy in the result, and so is every reference that is written out.
    let long = "x".repeat(100_000);
    let aliases = vec!["*a"; 20_000].join(", ");
    let head = "swagger: '2.0'\ninfo: {title: t, version: '1'}\n";
    assert_eq!(
        refusal(&format!("{head}x: &a {long}\ny: [{aliases}]\npaths: {{}}\n"), "openapi3.0"),
        "nesting-too-deep"
    );
    let kinds = (0..5_000).map(|n| format!("'a/{n}'")).collect::<Vec<_>>().join(", ");
    let fields = (0..5_000).map(|n| format!("f{n}: {{type: string}}")).collect::<Vec<_>>().join(", ");
    let many = format!(
        "{head}produces: [{kinds}]\npaths: {{/a: {{get: {{responses: {{'200': {{description: d, schema: {{properties: {{{fields}}}}}}}}}}}}}}}\n"
    );
    assert_eq!(refusal(&many, "openapi3.0"), "nesting-too-deep");
    let chain = (0..30)
        .map(|n| {
            let next = format!("$ref: '#/components/schemas/S{}', description: {}", n + 1, "y".repeat(5_000));
            format!("    S{n}: {{properties: {{a: {{{next}}}, b: {{{next}}}}}}}\n")
        })
        .collect::<Vec<_>>()
        .concat();
    let doubling = format!(
        "openapi: 3.0.0\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n{chain}    S30: {{type: string}}\n"
    );
    assert_eq!(refusal(&doubling, "dereference"), "nesting-too-deep");
}

#[test]
fn names_that_collide_stay_apart() {
    let names = (0..200)
        .map(|n| format!("'{}': {{type: string}}", "!".repeat(1 + n % 9) + &format!(" {}", "?".repeat(n / 9 % 5))))
        .collect::<Vec<_>>();
    let unique: std::collections::BTreeSet<String> = names.into_iter().collect();
    let listed: Vec<String> = unique.iter().cloned().collect();
    let source = format!(
        "swagger: '2.0'\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ndefinitions: {{{}}}\n",
        listed.join(", ")
    );
    let report = report(TOOL, &json!({"source": source, "to": "openapi3.0"}));
    let text = report["data"]["text"].as_str().unwrap_or_default();
    let document: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(document["components"]["schemas"].as_object().map(serde_json::Map::len), Some(unique.len()));
}

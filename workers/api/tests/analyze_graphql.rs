//! What must hold of `analyze_graphql` beyond single cases: its pages, hostile texts, and any text at all.

#![expect(clippy::format_collect, reason = "texts of tests")]

mod common;

use common::{calls, findings, has, mutations, report};
use octavo_api::REGISTRY;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const TOOL: &str = "analyze_graphql";

const OPTIONAL: [&str; 9] = [
    "types-have-descriptions",
    "fields-have-descriptions",
    "enum-values-have-descriptions",
    "input-object-values-have-descriptions",
    "arguments-have-descriptions",
    "enum-values-sorted-alphabetically",
    "type-fields-sorted-alphabetically",
    "input-object-fields-sorted-alphabetically",
    "relay-connection-types-spec",
];

fn arguments(source: &str, rule: &str) -> Value {
    let enable: Vec<&str> = OPTIONAL.into_iter().filter(|id| *id == rule).collect();
    match source.split_once("\n---\n") {
        Some((schema, operations)) => {
            json!({"schema": schema, "operations": operations, "enable": enable, "maxDepth": 3, "maxCost": 500})
        }
        None => json!({"schema": source, "enable": enable}),
    }
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in REGISTRY.get(TOOL).expect("listed").declaration().rules {
        let wrong = match rule.id {
            "nesting-too-deep" => format!("type Query {{ a: {}Int{} }}", "[".repeat(300), "]".repeat(300)),
            _ => rule.docs.wrong.to_owned(),
        };
        let found = findings(TOOL, &arguments(&wrong, rule.id));
        assert!(has(&found, rule.id), "{}: not found in {wrong:?}: {found:?}", rule.id);
        let right = findings(TOOL, &arguments(rule.docs.right, rule.id));
        assert!(!has(&right, rule.id), "{}: found in {:?}: {right:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn costs_count_lists_by_what_limits_them() {
    let schema = "directive @cost(weight: String!) on FIELD_DEFINITION\n\
        directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION\n\
        directive @complexity(value: Int!, multipliers: [String!]) on FIELD_DEFINITION\n\
        type Query { a(first: Int = 3): [T!]! b: [T] @listSize(assumedSize: 7) c(n: Int): C @listSize(slicingArguments: [\"n\"], sizedFields: [\"edges\"]) \
        d: T @cost(weight: \"5.5\") e(n: Int): [T] @complexity(value: 2, multipliers: [\"n\"]) f(first: Int): C }\n\
        type C { edges: [E] nodes: [T] } type E { node: T } type T { id: ID t: T }";
    for (operation, cost, complexity) in [
        ("{ a { id } }", 3.0, 2.0),
        ("{ a(first: 5) { t { id } } }", 10.0, 3.0),
        ("{ b { id } }", 7.0, 2.0),
        ("{ c(n: 4) { edges { node { id } } } }", 9.0, 4.0),
        ("{ d { id } }", 5.5, 2.0),
        ("{ e(n: 6) { id } }", 10.0, 18.0),
        ("query ($n: Int = 8) { e(n: $n) { id } }", 10.0, 24.0),
        ("{ f(first: 20) { nodes { id } } }", 21.0, 3.0),
        ("{ a @include(if: false) { id } d @skip(if: true) { id } b { id } }", 7.0, 2.0),
    ] {
        let data = &report(TOOL, &json!({"schema": schema, "operations": operation}))["data"]["operations"][0];
        assert_eq!(data["cost"].as_f64(), Some(cost), "{operation}");
        assert_eq!(data["complexity"].as_f64(), Some(complexity), "{operation}");
    }
}

#[test]
fn hostile_texts_end_soon() {
    let schema = "type Query { q: Query l: [Query] a: Int }";
    let mut bomb = "query { ...f0 }\n".to_owned();
    for n in 0..60 {
        let _ = writeln!(bomb, "fragment f{n} on Query {{ q {{ ...f{} }} l {{ ...f{} }} }}", n + 1, n + 1);
    }
    bomb.push_str("fragment f60 on Query { a }\n");
    let wide = format!("{{ {} }}", (0..8_000).map(|n| format!("a{n}: a ")).collect::<String>());
    let long = format!("{{ {} }}", "a ".repeat(8_000));
    let types: String = (0..4_000).map(|n| format!("type T{n} {{ n: T{} }} ", (n + 1) % 4_000)).collect();
    for (name, schema, operations) in [
        ("bomb", schema.to_owned(), bomb),
        ("wide", schema.to_owned(), wide),
        ("long", schema.to_owned(), long),
        ("types", format!("type Query {{ t: T0 }} {types}"), "{ t { n { n { __typename } } } }".to_owned()),
        ("deep", schema.to_owned(), format!("{}a{}", "{ q ".repeat(5_000), "}".repeat(5_000))),
    ] {
        let started = Instant::now();
        calls(TOOL, &json!({"schema": schema, "operations": operations}));
        assert!(started.elapsed() < Duration::from_mins(1), "{name} took {:?}", started.elapsed());
    }
}

#[test]
fn any_text_is_taken() {
    let schema = "type Query { pet(id: ID!): Pet pets(first: Int): [Pet!]! } interface Pet { name: String } type Dog implements Pet { name: String }";
    for operations in mutations(TOOL, "operations", 800) {
        calls(TOOL, &json!({"schema": schema, "operations": operations}));
    }
    for schema in mutations(TOOL, "schema", 800) {
        calls(TOOL, &json!({"schema": schema, "operations": "{ pets { name } }"}));
    }
}

//! What must hold of `lint_openapi` beyond single cases: its pages, hostile texts, and any text at all.

mod common;

use common::{calls, findings, has, mutations};
use octavo_api::REGISTRY;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TOOL: &str = "lint_openapi";

// The head that the pages leave out.
fn whole(source: &str) -> String {
    let has_head = source.starts_with("openapi") || source.starts_with("title");
    match source.starts_with("swagger") {
        true if source.contains("info:") => source.to_owned(),
        true => format!("info: {{title: t, version: '1'}}\n{source}"),
        false if has_head => source.to_owned(),
        false => format!("openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\n{source}"),
    }
}

fn arguments(source: &str, rule: &str) -> Value {
    let optional = [
        "contact-properties",
        "info-license",
        "license-url",
        "openapi-tags",
        "openapi-tags-alphabetical",
        "operation-singular-tag",
        "tag-description",
        "oas2-host-not-example",
        "oas2-parameter-description",
        "oas3-parameter-description",
        "oas3-server-not-example.com",
        "naming-convention",
    ];
    let enable: Vec<&str> = optional.into_iter().filter(|id| *id == rule).collect();
    json!({"source": whole(source), "enable": enable, "output": {"maxFindings": 1000}})
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in REGISTRY.get(TOOL).expect("listed").declaration().rules {
        let wrong = findings(TOOL, &arguments(rule.docs.wrong, rule.id));
        assert!(has(&wrong, rule.id), "{}: not found in {:?}: {wrong:?}", rule.id, rule.docs.wrong);
        let right = findings(TOOL, &arguments(rule.docs.right, rule.id));
        assert!(!has(&right, rule.id), "{}: found in {:?}: {right:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn hostile_texts_end_soon_and_say_why() {
    let head = "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n";
    let many = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let references = format!(
        "{head}components:\n  schemas:\n    S0: {{type: string}}\n{}    E: {{$ref: '#/components/schemas/S200'}}\n    X: {{type: object, allOf: [{{$ref: '#/components/schemas/S200'}}], example: {{a: 1}}}}\n",
        many(200, &|n| format!(
            "    S{}: {{allOf: [{{$ref: '#/components/schemas/S{n}'}}, {{$ref: '#/components/schemas/S{n}'}}]}}\n",
            n + 1
        ))
    );
    let paths =
        format!("{}paths:\n{}", head.replace("paths: {}\n", ""), many(6_000, &|n| format!("  /{{a{n}}}/b{n}: {{}}\n")));
    let ring = format!(
        "{head}components:\n  schemas:\n{}",
        many(3_000, &|n| format!(
            "    S{n}: {{type: object, required: [a], properties: {{a: {{$ref: '#/components/schemas/S{}'}}}}}}\n",
            (n + 1) % 3_000
        ))
    );
    let wide = format!(
        "{head}components:\n  schemas:\n    S:\n      type: object\n      properties:\n{}      example: {{{}}}\n",
        many(4_000, &|n| format!("        p{n}: {{type: integer}}\n")),
        many(4_000, &|n| format!("p{n}: x, "))
    );
    for (name, source) in [
        ("references", references),
        ("paths", paths),
        ("ring", ring),
        ("wide", wide),
        ("nesting", format!("{head}x-a: {}", "[".repeat(100_000))),
        (
            "pattern",
            format!(
                "{head}components: {{schemas: {{A: {{type: string, pattern: '^(a+)+$', example: '{}b'}}}}}}\n",
                "a".repeat(5_000)
            ),
        ),
    ] {
        let started = Instant::now();
        findings(TOOL, &json!({"source": source}));
        assert!(started.elapsed() < Duration::from_mins(1), "{name} took {:?}", started.elapsed());
    }
    let bomb = findings(TOOL, &json!({"source": format!("{head}x: {}", "[".repeat(300))}));
    assert!(has(&bomb, "nesting-too-deep"), "{bomb:?}");
}

#[test]
fn any_text_is_taken() {
    for source in mutations(TOOL, "source", 1_500) {
        calls(TOOL, &json!({"source": source, "enable": ["naming-convention"]}));
    }
}

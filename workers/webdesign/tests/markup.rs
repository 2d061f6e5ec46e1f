//! What must hold of `audit_accessibility` and `validate_html` on any input: rule pages that show their rule, fixes that mend,
//! limits, and no panic.

use octavo_testkit::{Dice, applied};
use octavo_toolkit::limits::MAX_SOURCE_BYTES;
use octavo_toolkit::{Category, Rule};
use octavo_webdesign::REGISTRY;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::time::Instant;

const TOOLS: [&str; 2] = ["audit_accessibility", "validate_html"];

fn rules(tool: &str) -> &'static [Rule] {
    REGISTRY.get(tool).expect("the tool is registered").declaration().rules
}

fn call(tool: &str, arguments: &Value) -> Result<Value, String> {
    let found = REGISTRY.get(tool).expect("the tool is registered");
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let rendering = found.call_whole(Category::Webdesign, &raw).map_err(|error| error.to_string())?;
    Ok(serde_json::from_str(&rendering.structured).expect("JSON"))
}

fn named(tool: &str, source: &str) -> Vec<String> {
    let component = source.starts_with("const ").then_some(source);
    let arguments = match component {
        Some(source) => json!({"filename": "a.jsx", "source": source}),
        None if tool == "audit_accessibility" => json!({"source": source, "level": "AAA"}),
        None => json!({"source": source}),
    };
    let report = call(tool, &arguments).expect("answered");
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().filter_map(|finding| finding["rule"].as_str()).map(str::to_owned).collect()
}

#[test]
fn every_rule_page_shows_its_rule() {
    let mut faults = Vec::new();
    for tool in TOOLS {
        for rule in rules(tool).iter().filter(|rule| !rule.docs.wrong.starts_with('(')) {
            if !named(tool, rule.docs.wrong).iter().any(|it| it == rule.id) {
                faults.push(format!("{tool} {}: `{}` does not show it", rule.id, rule.docs.wrong));
            }
            if named(tool, rule.docs.right).iter().any(|it| it == rule.id) {
                faults.push(format!("{tool} {}: `{}` shows it", rule.id, rule.docs.right));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn fixes_mend_what_they_are_for() {
    for (tool, source, rules) in [
        (
            "audit_accessibility",
            "<p>\u{1f600}<button tabindex=3>x</button><img alt=' ' src=a>",
            vec!["tabindex", "image-alt"],
        ),
        ("audit_accessibility", "<body class=a aria-hidden=true><p>x</body>", vec!["aria-hidden-body"]),
        ("validate_html", "<html><body>x", vec!["missing-doctype"]),
        ("validate_html", "<!DOCTYPE html PUBLIC 'a' 'b'>\n<p>x", vec!["doctype-html"]),
    ] {
        let before = call(tool, &json!({"source": source})).expect("answered");
        for rule in &rules {
            assert!(named(tool, source).iter().any(|it| it == rule), "{rule} in {source}");
        }
        let (mended, edits) = applied(source, &before);
        assert!(edits >= rules.len(), "{source}");
        for rule in &rules {
            assert!(!named(tool, &mended).iter().any(|it| it == rule), "{rule} in {mended}");
        }
    }
}

#[test]
fn limits_hold_at_their_edge() {
    for tool in TOOLS {
        assert!(call(tool, &json!({"source": " ".repeat(MAX_SOURCE_BYTES)})).is_ok());
        assert!(call(tool, &json!({"source": " ".repeat(MAX_SOURCE_BYTES + 1)})).is_err());
        assert!(call(tool, &json!({})).is_err());
        assert!(call("audit_accessibility", &json!({"files": [{"path": "a.css", "source": ""}]})).is_err());
        assert!(call(tool, &json!({"source": "", "files": [{"path": "a", "source": ""}]})).is_err());
    }
}

#[test]
fn hostile_pages_are_read_in_linear_time() {
    let many = |text: &str, count: usize| text.repeat(count);
    let owned: String =
        (0..3_000).fold(String::new(), |text, at| format!("{text}<i id=a{at} aria-labelledby='a{}'>x</i>", at + 1));
    for source in [
        many("<div role=list><p>", 5_000),
        many("<a href=#><b>x", 20_000),
        many("<table><tr><td headers=a rowspan=1000 colspan=1000>", 2_000),
        many("<label><input>", 20_000),
        many("<button aria-label=x>", 10_000),
        many("<ul><li><div role=button tabindex=0>", 10_000),
        format!("<style>{}</style>{}", many(".a .b .c{display:none}", 2_000), many("<div class=c>", 10_000)),
        many("<a href=#>more</a>", 5_000),
        format!("{}{}", many("<div lang=en>", 500), many("<p lang=de>der die das und", 2_000)),
        format!("{}{}", many("<div style='background:rgb(0 0 0/.1)'>", 500), many("<p>words", 3_000)),
        format!("<style>{}</style>{}", many("a:focus{outline:0}", 400), many("<a href=#>x</a>", 2_000)),
        many("<div style='overflow:auto;height:9px'>", 400) + &many("<p>words", 2_000),
        many("<span style='overflow:hidden;height:9px'>x", 5_000),
        owned,
    ] {
        for tool in TOOLS {
            let start = Instant::now();
            call(tool, &json!({"source": source})).expect("answered");
            let name: String = source.chars().take(30).collect();
            assert!(start.elapsed().as_secs() < 60, "{tool} on {name} took {:?}", start.elapsed());
        }
    }
}

#[test]
fn no_mutation_of_the_rule_pages_panics() {
    let mut dice = Dice::new(7);
    let marks = "<>/\"'=&\0{}-! ab\u{1f600}\n";
    for tool in TOOLS {
        for rule in rules(tool) {
            for text in [rule.docs.wrong, rule.docs.right] {
                for _ in 0..6 {
                    let mutated = dice.mutate(text, marks);
                    let _ = call(tool, &json!({"source": mutated}));
                    let _ = call("audit_accessibility", &json!({"source": mutated, "filename": "a.tsx"}));
                }
            }
        }
    }
}

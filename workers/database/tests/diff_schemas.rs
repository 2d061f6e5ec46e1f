//! What must hold of schema differences beyond their snapshots: executable rule pages, limits, what comes back, no panic on any
//! text.

use octavo_database::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn report_of(arguments: &Value) -> Value {
    report(&REGISTRY, "diff_schemas", arguments).expect("a report")
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

// A page says the current schema in a comment on its first line.
fn sides(page: &str) -> Value {
    match page.strip_prefix("-- current: ").and_then(|rest| rest.split_once('\n')) {
        Some((current, desired)) => json!({"current": current, "desired": desired}),
        None => json!({"current": "", "desired": page}),
    }
}

#[test]
fn every_rule_page_shows_the_rule_and_its_absence() {
    let tool = REGISTRY.get("diff_schemas").expect("the tool is listed");
    for rule in tool.declaration().rules {
        let wrong = if rule.id == "nesting-too-deep" {
            report_of(&json!({"current": "", "desired": "(".repeat(201)}))
        } else {
            report_of(&sides(rule.docs.wrong))
        };
        let found = wrong["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule.id);
        assert_eq!(
            found.unwrap_or_else(|| panic!("{} is not found: {wrong}", rule.id))["level"],
            rule.level.word(),
            "{}",
            rule.id
        );
        let right = report_of(&sides(rule.docs.right));
        assert!(!rules_of(&right).contains(&rule.id), "{}: its right source is found", rule.id);
        assert!(!rules_of(&right).contains(&"ddl-syntax"), "{}: its right source does not parse", rule.id);
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let renames = |count: usize| {
        report(&REGISTRY, "diff_schemas", &json!({"current": "", "desired": "", "renames": vec!["a -> b"; count]}))
    };
    assert!(renames(500).is_some());
    assert!(renames(501).is_none());
    let long =
        |length: usize| report(&REGISTRY, "diff_schemas", &json!({"current": "", "desired": " ".repeat(length)}));
    assert!(long(1024 * 1024).is_some());
    assert!(long(1024 * 1024 + 1).is_none());
    let wide = |count: usize| {
        let columns: Vec<String> = (0..count).map(|at| format!("c{at} int")).collect();
        let table = format!("CREATE TABLE t ({});", columns.join(", "));
        report(&REGISTRY, "diff_schemas", &json!({"current": "", "desired": table}))
    };
    assert!(wide(4_096).is_some());
    assert!(wide(4_097).is_none());
    let told = |count: usize| {
        let columns: Vec<String> = (0..count).map(|at| format!("c{at} int, -- @renamed from=d{at}\n")).collect();
        let table = format!("CREATE TABLE t ({}z int);", columns.concat());
        report(&REGISTRY, "diff_schemas", &json!({"current": "", "desired": table}))
    };
    assert!(told(500).is_some());
    assert!(told(501).is_none());
    let remarks = |tables: usize| {
        let tables: Vec<String> = (0..tables).map(|at| format!("t{at}")).collect();
        let roles: Vec<String> = (0..100).map(|at| format!("r{at}")).collect();
        let grant = format!("GRANT SELECT ON {} TO {};", tables.join(", "), roles.join(", "));
        report_of(&json!({"current": "", "desired": grant}))["notChecked"].to_string()
    };
    assert!(!remarks(200).contains("privileges beyond"));
    assert!(remarks(201).contains("privileges beyond the first 20000"));
    assert!(
        rules_of(&report_of(&json!({"current": "(".repeat(200), "desired": ""})))
            .iter()
            .all(|rule| *rule != "nesting-too-deep")
    );
}

#[test]
fn a_schema_does_not_differ_from_itself() {
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "diff_schemas") {
        for side in ["current", "desired"] {
            let mut same = arguments.clone();
            same["current"] = arguments[side].clone();
            same["desired"] = arguments[side].clone();
            if let Some(report) = report(&REGISTRY, "diff_schemas", &same) {
                assert_eq!((&report["data"]["up"], &report["data"]["down"]), (&json!([]), &json!([])), "{name}");
            }
        }
    }
}

#[test]
fn mutated_schemas_never_panic() {
    let mut texts: Vec<Value> = Vec::new();
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "diff_schemas") {
        if arguments["dialect"].as_str().is_none_or(|word| ["postgresql", "mysql", "sqlite"].contains(&word)) {
            texts.push(arguments);
        }
    }
    let mut dice = Dice::new(3);
    for _ in 0..2_000 {
        let at = dice.below(texts.len());
        let mut arguments = texts[at].clone();
        let side = if dice.below(2) == 0 { "current" } else { "desired" };
        let text = arguments[side].as_str().unwrap_or_default().to_owned();
        arguments[side] = json!(dice.mutate(&text, "()[],;.'\"`$-/*#\\ \n0aE\u{0}\u{1f600}\u{202e}"));
        report(&REGISTRY, "diff_schemas", &arguments);
    }
}

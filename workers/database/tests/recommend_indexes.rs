//! What must hold of index advice beyond its snapshots: executable rule pages, limits, the same advice in any order of queries, no
//! panic on any text.

use octavo_database::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};
use std::fmt::Write as _;

const SCHEMA: &str = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, placed date, note text);";

fn report_of(arguments: &Value) -> Value {
    report(&REGISTRY, "recommend_indexes", arguments).expect("a report")
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

// A page may say its schema in a comment on its first line.
fn page(text: &str) -> Value {
    let (schema, queries) =
        text.strip_prefix("-- schema: ").and_then(|rest| rest.split_once('\n')).unwrap_or((SCHEMA, text));
    json!({"schema": schema, "queries": queries})
}

#[test]
fn every_rule_page_shows_the_rule_and_its_absence() {
    let tool = REGISTRY.get("recommend_indexes").expect("the tool is listed");
    for rule in tool.declaration().rules {
        let wrong = if rule.id == "nesting-too-deep" {
            report_of(&page(&"(".repeat(201)))
        } else {
            report_of(&page(rule.docs.wrong))
        };
        let found = wrong["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule.id);
        let found = found.unwrap_or_else(|| panic!("{} is not found: {wrong}", rule.id));
        assert_eq!(found["level"], rule.level.word(), "{}", rule.id);
        let right = report_of(&page(rule.docs.right));
        assert!(!rules_of(&right).contains(&rule.id), "{}: its right source is found: {right}", rule.id);
        assert!(!rules_of(&right).contains(&"query-syntax"), "{}: its right source does not parse", rule.id);
    }
}

#[test]
fn an_advised_index_leaves_nothing_to_advise() {
    for (name, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "recommend_indexes") {
        let Some(first) = report(&REGISTRY, "recommend_indexes", &arguments) else { continue };
        let mut schema = arguments["schema"].as_str().unwrap_or_default().to_owned();
        for made in first["data"]["create"].as_array().into_iter().flatten() {
            schema.push('\n');
            schema.push_str(made["sql"].as_str().unwrap_or_default());
        }
        arguments["schema"] = json!(schema);
        if !rules_of(&first).contains(&"ddl-syntax") {
            assert_eq!(report_of(&arguments)["data"]["create"], json!([]), "{name}");
        }
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let call = |queries: String, statistics: usize| {
        let arguments = json!({"schema": SCHEMA, "queries": queries, "statistics": vec!["orders=5"; statistics]});
        report(&REGISTRY, "recommend_indexes", &arguments)
    };
    assert!(call(" ".repeat(512 * 1024), 0).is_some());
    assert!(call(" ".repeat(512 * 1024 + 1), 0).is_none());
    assert!(call("SELECT 1;".repeat(400), 0).is_some());
    assert!(call("SELECT 1;".repeat(401), 0).is_none());
    assert!(call(String::new(), 20_000).is_some());
    assert!(call(String::new(), 20_001).is_none());
}

#[test]
fn a_large_workload_ends() {
    let (mut tables, mut queries) = (String::new(), String::new());
    for at in 0..40 {
        let _ = writeln!(tables, "CREATE TABLE t{at} (id int PRIMARY KEY, a int, b int, c int, d int, e text);");
    }
    for at in 0..400 {
        let (one, other, column) = (at % 40, (at * 7 + 3) % 40, ["a", "b", "c", "d"][at % 4]);
        let _ = writeln!(
            queries,
            "SELECT x.e FROM t{one} x JOIN t{other} y ON y.{column} = x.id WHERE x.{column} = {at} AND y.d > {at} ORDER BY x.a LIMIT 5;"
        );
    }
    let report = report_of(&json!({"schema": tables, "queries": queries}));
    assert!(!report["data"]["create"].as_array().expect("a list").is_empty());
}

#[test]
fn mutated_workloads_never_panic() {
    let texts: Vec<Value> =
        cases(env!("CARGO_MANIFEST_DIR"), "recommend_indexes").into_iter().map(|(_, arguments)| arguments).collect();
    let mut dice = Dice::new(7);
    for _ in 0..1_500 {
        let mut arguments = texts[dice.below(texts.len())].clone();
        let side = if dice.below(3) == 0 { "schema" } else { "queries" };
        let text = arguments[side].as_str().unwrap_or_default().to_owned();
        arguments[side] = json!(dice.mutate(&text, "()[],;.'\"`$-/*#\\ \n0aE=<>:{}\u{0}\u{1f600}\u{202e}"));
        report(&REGISTRY, "recommend_indexes", &arguments);
    }
}

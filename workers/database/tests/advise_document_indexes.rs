//! What must hold of advice on documents beyond its snapshots: executable rule pages, limits, advice that leaves nothing to advise,
//! no panic on any text.

use octavo_database::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn report_of(arguments: &Value) -> Value {
    report(&REGISTRY, "advise_document_indexes", arguments).expect("a report")
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

fn page(text: &str) -> Value {
    match text.strip_prefix("patterns: ") {
        Some("22 patterns of 22 attributes") => {
            json!({"patterns": (0..22).map(|at| format!("t: a{at} =")).collect::<Vec<_>>()})
        }
        Some(pattern) => json!({"patterns": [pattern]}),
        None => json!({"operations": text}),
    }
}

#[test]
fn every_rule_page_shows_the_rule_and_its_absence() {
    let tool = REGISTRY.get("advise_document_indexes").expect("the tool is listed");
    for rule in tool.declaration().rules {
        let wrong = report_of(&page(rule.docs.wrong));
        let found = wrong["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule.id);
        let found = found.unwrap_or_else(|| panic!("{} is not found: {wrong}", rule.id));
        assert_eq!(found["level"], rule.level.word(), "{}", rule.id);
        let right = report_of(&page(rule.docs.right));
        assert!(!rules_of(&right).contains(&rule.id), "{}: its right source is found: {right}", rule.id);
        assert!(!rules_of(&right).contains(&"shell-syntax"), "{}: its right source does not parse: {right}", rule.id);
    }
}

#[test]
fn advised_indexes_leave_nothing_to_advise() {
    for (name, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "advise_document_indexes") {
        let Some(first) = report(&REGISTRY, "advise_document_indexes", &arguments) else { continue };
        let mut text = arguments["operations"].as_str().unwrap_or_default().to_owned();
        for made in first["data"]["create"].as_array().into_iter().flatten() {
            text.push('\n');
            text.push_str(made["call"].as_str().unwrap_or_default());
        }
        arguments["operations"] = json!(text);
        assert_eq!(report_of(&arguments)["data"]["create"], Value::Null, "{name}");
    }
}

#[test]
fn rewritten_pipelines_are_left_alone() {
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "advise_document_indexes") {
        let Some(first) = report(&REGISTRY, "advise_document_indexes", &arguments) else { continue };
        for pipeline in first["data"]["pipelines"].as_array().into_iter().flatten() {
            let again = format!("db.x.aggregate({})", pipeline["stages"].as_str().unwrap_or_default());
            assert_eq!(report_of(&json!({"operations": again}))["data"]["pipelines"], Value::Null, "{name}");
        }
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let call = |operations: String, patterns: usize| {
        let arguments = json!({"operations": operations, "patterns": vec!["t: a ="; patterns]});
        report(&REGISTRY, "advise_document_indexes", &arguments)
    };
    assert!(call(" ".repeat(512 * 1024), 0).is_some());
    assert!(call(" ".repeat(512 * 1024 + 1), 0).is_none());
    assert!(call("db.a.find({b: 1})\n".repeat(1_000), 0).is_some());
    assert!(call("db.a.find({b: 1})\n".repeat(1_001), 0).is_none());
    assert!(call(String::new(), 200).is_some());
    assert!(call(String::new(), 201).is_none());
    for text in [
        format!("db.a.find({}1{})", "{a:".repeat(5_000), "}".repeat(5_000)),
        format!("db.a.find({}{{}}{})", "{$and:[".repeat(90), "]}".repeat(90)),
        format!("db.a.aggregate([{}])", "{$match:{a:1}},".repeat(201)),
        format!("db.a.aggregate([{}])", "{$match:{a:1}},{$sort:{a:1}},".repeat(100)),
        format!("db.a.find({{a:{}}})", "x.y(".repeat(5_000)),
        "db.a.b(".repeat(5_000),
        "\"".repeat(5_001),
    ] {
        call(text, 0);
    }
}

#[test]
fn mutated_operations_never_panic() {
    let texts: Vec<Value> = cases(env!("CARGO_MANIFEST_DIR"), "advise_document_indexes")
        .into_iter()
        .map(|(_, arguments)| arguments)
        .collect();
    let mut dice = Dice::new(11);
    for _ in 0..3_000 {
        let mut arguments = texts[dice.below(texts.len())].clone();
        if let Some(text) = arguments["operations"].as_str() {
            arguments["operations"] = json!(dice.mutate(text, "()[]{},;.'\"`$-/*:\\ \n0aE\u{0}\u{1f600}\u{202e}"));
        } else if let Some(text) = arguments["patterns"][0].as_str() {
            arguments["patterns"][0] = json!(dice.mutate(text, ":,= <>arangedesc\u{1f600}"));
        }
        report(&REGISTRY, "advise_document_indexes", &arguments);
    }
}

#[test]
fn branches_are_told_apart_up_to_a_limit() {
    let notes = |count: usize| {
        let branches: Vec<String> = (0..count).map(|at| format!("{{a{at}: 1}}")).collect();
        let operations = format!("db.c.find({{$or: [{}]}})", branches.join(", "));
        let report = octavo_testkit::report(
            &octavo_database::REGISTRY,
            "advise_document_indexes",
            &serde_json::json!({"operations": operations}),
        );
        report.expect("a report")["notChecked"].to_string()
    };
    assert!(!notes(2_000).contains("beyond 2000"));
    assert!(notes(2_001).contains("1 branches or operations beyond 2000"));
}

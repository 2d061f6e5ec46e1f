//! What must hold of the schema review beyond its snapshots: executable rule pages, limits, no panic on any text.

use octavo_database::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn report_of(arguments: &Value) -> Value {
    report(&REGISTRY, "review_schema", arguments).expect("a report")
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn every_rule_page_shows_the_rule_and_its_absence() {
    let tool = REGISTRY.get("review_schema").expect("the tool is listed");
    for rule in tool.declaration().rules {
        let run = |source: &str| {
            let dependencies: Vec<&str> =
                if source.contains("TABLE o ") { vec!["o: customer -> city"] } else { Vec::new() };
            report_of(&json!({"source": source, "dependencies": dependencies}))
        };
        let wrong = run(rule.docs.wrong);
        let found = wrong["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule.id);
        assert_eq!(
            found.unwrap_or_else(|| panic!("{} is not found: {wrong}", rule.id))["level"],
            rule.level.word(),
            "{}",
            rule.id
        );
        let right = run(rule.docs.right);
        assert!(!rules_of(&right).contains(&rule.id), "{}: its right source is found", rule.id);
        assert!(!rules_of(&right).contains(&"ddl-syntax"), "{}: its right source does not parse", rule.id);
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let dependencies = |count: usize| vec!["r: a -> b"; count];
    assert!(report(&REGISTRY, "review_schema", &json!({"source": "", "dependencies": dependencies(500)})).is_some());
    assert!(report(&REGISTRY, "review_schema", &json!({"source": "", "dependencies": dependencies(501)})).is_none());
    let wide = |count: usize| {
        let names: Vec<String> = (0..count).map(|at| format!("c{at}")).collect();
        report(
            &REGISTRY,
            "review_schema",
            &json!({"source": "", "dependencies": [format!("r: {} -> {}", names[0], names[1..].join(", "))]}),
        )
    };
    assert!(wide(64).is_some());
    assert!(wide(65).is_none());
    // Relations with very many keys end.
    let many: Vec<String> =
        (0..20).flat_map(|at| [format!("r: a{at} -> b{at}"), format!("r: b{at} -> a{at}")]).collect();
    let report = report_of(&json!({"source": "", "dependencies": many, "output": {"maxTokens": 20000}}));
    assert!(report["data"]["normalForms"].is_array());
    let chain: Vec<String> = (0..5_000)
        .map(|at| {
            let next = (at + 1) % 5_000;
            format!("CREATE TABLE t{at} (id int PRIMARY KEY, n int NOT NULL REFERENCES t{next});")
        })
        .collect();
    let chain = chain.join("\n");
    assert_eq!(report_of(&json!({"source": chain, "output": {"maxTokens": 1000}}))["data"]["statements"], 5_000);
    report_of(&json!({"source": format!("CREATE TABLE a (id int CHECK {}", "(".repeat(100_000))}));
}

#[test]
fn mutated_schemas_never_panic() {
    let mut texts: Vec<(String, Value)> = Vec::new();
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "review_schema") {
        let dialect = arguments["dialect"].as_str().filter(|word| *word != "postgres").unwrap_or("postgresql");
        texts.extend(arguments["source"].as_str().map(|source| (source.to_owned(), json!(dialect))));
    }
    let mut dice = Dice::new(3);
    for _ in 0..3_000 {
        let at = dice.below(texts.len());
        let (text, dialect) = &texts[at];
        let mutant = dice.mutate(text, "()[],;.'\"`$-/*#\\ \n0aE\u{0}\u{1f600}\u{202e}");
        report_of(&json!({"source": mutant, "dialect": dialect}));
    }
}

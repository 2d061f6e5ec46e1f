//! What must hold of `analyze_bundle`: rules show where they should, and no input makes it panic.

use octavo_nodejs::REGISTRY;
use octavo_testkit::{Dice, cases};
use serde_json::{Value, json};

const BASELINE: &str =
    r#"{"inputs":{},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.js":{"bytesInOutput":1000}}}}}"#;

fn run(arguments: &Value) -> Option<Value> {
    octavo_testkit::report(&REGISTRY, "analyze_bundle", arguments)
}

fn shows(rule: &str, source: &str) -> bool {
    let mut arguments = json!({"files": [{"path": "meta.json", "source": source}]});
    match rule {
        "size-grew" => {
            let files = arguments["files"].as_array_mut().expect("files");
            files.push(json!({"path": "baseline/meta.json", "source": BASELINE}));
        }
        "budget-exceeded" => arguments["budgets"] = json!(["total 50"]),
        _ => {}
    }
    let report = run(&arguments).expect("accepted");
    report["findings"].as_array().expect("findings").iter().any(|finding| finding["rule"] == rule)
}

#[test]
fn pages_show_what_is_wrong_and_what_is_right() {
    for page in REGISTRY.get("analyze_bundle").expect("listed").rule_pages() {
        assert!(shows(&page.id, &page.wrong), "{}: wrong", page.id);
        assert!(!shows(&page.id, &page.right), "{}: right", page.id);
    }
}

#[test]
fn no_mutation_makes_it_panic() {
    let cases = cases(env!("CARGO_MANIFEST_DIR"), "analyze_bundle");
    let mut dice = Dice::new(11);
    for _ in 0..2_000 {
        let (_, mut arguments) = cases[dice.below(cases.len())].clone();
        let at = dice.below(arguments["files"].as_array().map_or(0, Vec::len));
        let Some(text) = arguments["files"][at]["source"].as_str() else { continue };
        arguments["files"][at]["source"] = json!(dice.mutate(text, "{}[]\",:-9 \0\u{fffd};n"));
        let _ = run(&arguments);
    }
}

//! What must hold of `find_unused_dependencies`: rules show where they should, and no project makes it panic.

use octavo_nodejs::REGISTRY;
use octavo_testkit::{Dice, cases};
use serde_json::{Value, json};

const MANIFEST: &str =
    r#"{"name":"p","main":"index.ts","dependencies":{"used":"1","listed":"1"},"devDependencies":{"tool":"1"}}"#;

fn run(arguments: &Value) -> Option<Value> {
    octavo_testkit::report(&REGISTRY, "find_unused_dependencies", arguments)
}

// A text that is a script stands in package.json.
fn project(text: &str) -> Value {
    let is_script = text.starts_with('"');
    let manifest =
        if is_script { MANIFEST.replacen('{', &format!("{{\"scripts\":{{{text}}},"), 1) } else { MANIFEST.to_owned() };
    json!({"files": [
        {"path": "package.json", "source": manifest},
        {"path": "index.ts", "source": if is_script { "" } else { text }},
        {"path": "e.ts", "source": "export enum E { A, B }\nexport namespace N { export const a = 1, b = 2; }\n"},
        {"path": "b.js", "source": ""},
        {"path": "c.ts", "source": "export const one = 1;\nexport const two = 2;\nexport type T = 1;\n"},
    ]})
}

fn shows(rule: &str, index: &str) -> bool {
    let report = run(&project(index)).expect("accepted");
    report["findings"].as_array().expect("findings").iter().any(|finding| {
        // Without an import of it, c.ts is an unused file too.
        finding["rule"] == rule && (rule != "files" || finding["path"] == "b.js")
    })
}

#[test]
fn pages_show_what_is_wrong_and_what_is_right() {
    for page in REGISTRY.get("find_unused_dependencies").expect("listed").rule_pages() {
        assert!(shows(&page.id, &page.wrong), "{}: wrong", page.id);
        assert!(!shows(&page.id, &page.right), "{}: right", page.id);
    }
}

#[test]
fn no_mutation_makes_it_panic() {
    let cases = cases(env!("CARGO_MANIFEST_DIR"), "find_unused_dependencies");
    let mut dice = Dice::new(13);
    for _ in 0..2_000 {
        let (_, mut arguments) = cases[dice.below(cases.len())].clone();
        let at = dice.below(arguments["files"].as_array().map_or(0, Vec::len));
        let Some(text) = arguments["files"][at]["source"].as_str() else { continue };
        arguments["files"][at]["source"] = json!(dice.mutate(text, "{}[]\",:*/ \0\u{fffd};."));
        let _ = run(&arguments);
    }
}

//! What must hold of `analyze_imports` beyond single cases: its pages, its limits, and any input at all.

mod pages;

use octavo_python::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

const TOOL: &str = "analyze_imports";

// A page's files; a line `# contract: ...` is a contract.
fn arguments(page: &str) -> Value {
    let contracts: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("# contract: ")).collect();
    json!({"files": pages::files_of(page), "contracts": contracts})
}

#[test]
fn the_page_of_each_rule_shows_it() {
    pages::check(TOOL, arguments);
}

#[test]
fn limits_hold_at_their_edges() {
    let files = json!([{"path": "a.py", "source": ""}]);
    let accepts = |arguments: Value| report(&REGISTRY, TOOL, &arguments).is_some();
    assert!(accepts(json!({"files": files, "contracts": vec!["forbidden: a -> b"; 100]})));
    assert!(!accepts(json!({"files": files, "contracts": vec!["forbidden: a -> b"; 101]})));
    for (field, least, most) in [("edges", 0, 50_000), ("depth", 1, 20)] {
        assert!(accepts(json!({"files": files, field: least})) && accepts(json!({"files": files, field: most})));
        assert!(!accepts(json!({"files": files, field: most + 1})), "{field}");
    }
    assert!(!accepts(json!({"files": files, "depth": 0})));
    assert!(!accepts(json!({"files": []})));
    let source = |bytes: usize| json!({"files": [{"path": "a.py", "source": "#".repeat(bytes)}]});
    assert!(accepts(source(1024 * 1024)) && !accepts(source(1024 * 1024 + 1)));
}

#[test]
fn five_hundred_files_in_one_knot_are_looked_at() {
    let file = |at: usize| {
        let source = format!("import p.m{}\nimport p.m{}\nfrom p import m{}\n", (at + 1) % 500, (at * 7) % 500, at / 2);
        json!({"path": format!("p/m{at}.py"), "source": source})
    };
    let mut files: Vec<Value> = (0..500).map(file).collect();
    files.push(json!({"path": "p/__init__.py", "source": ""}));
    let report =
        report(&REGISTRY, TOOL, &json!({"files": files, "contracts": ["acyclic_siblings: p", "independence: p.*"]}));
    let report = report.expect("accepted");
    assert_eq!(report["data"]["cycles"][0]["size"], 500);
}

#[test]
fn no_text_makes_it_panic() {
    let mut dice = Dice::new(11);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        for _ in 0..40 {
            let mut changed = arguments.clone();
            for file in changed["files"].as_array_mut().into_iter().flatten() {
                let text = file["source"].as_str().unwrap_or_default().to_owned();
                file["source"] = json!(dice.mutate(&text, "().,*\\\"\n\t:=\u{0}\u{1f600}"));
            }
            for contract in changed["contracts"].as_array_mut().into_iter().flatten() {
                let text = contract.as_str().unwrap_or_default().to_owned();
                *contract = json!(dice.mutate(&text, "*.|:;>-()"));
            }
            let _ = report(&REGISTRY, TOOL, &changed).map(|report| assert!(report["summary"].is_string(), "{name}"));
        }
    }
}

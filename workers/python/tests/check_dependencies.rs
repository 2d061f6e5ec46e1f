//! `check_dependencies`: its rules' pages, limits and broken texts.

use octavo_python::REGISTRY;
use octavo_python::tools::check_dependencies::CheckDependencies;
use octavo_testkit::{Dice, cases, report};
use octavo_toolkit::tool::Declared as _;
use serde_json::{Value, json};

/// Deterministic changes made to each text.
const MUTATIONS: usize = 120;

fn rules_of(text: &str, rule: &str) -> Vec<String> {
    let (code, manifest) = text.split_once("# pyproject.toml\n").unwrap_or(("", text));
    let name = if rule == "requirements-option" { "requirements.txt" } else { "pyproject.toml" };
    let mut files = vec![json!({"path": name, "source": manifest})];
    if !code.is_empty() {
        files.push(json!({"path": "app.py", "source": code}));
    }
    let mut arguments = json!({ "files": files });
    if rule == "DEP003" {
        arguments["installed"] = json!(["requests=requests", "urllib3=urllib3"]);
    }
    let report = report(&REGISTRY, "check_dependencies", &arguments).expect("a report");
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
}

#[test]
fn wrong_pages_show_their_rule_and_right_ones_do_not() {
    for rule in CheckDependencies::DECLARATION.rules {
        if matches!(rule.id, "invalid-syntax" | "nesting-too-deep") {
            continue;
        }
        assert!(rules_of(rule.docs.wrong, rule.id).iter().any(|id| id == rule.id), "{}: wrong", rule.id);
        assert!(rules_of(rule.docs.right, rule.id).iter().all(|id| id != rule.id), "{}: right", rule.id);
    }
}

#[test]
fn no_mutation_makes_it_panic() {
    let mut dice = Dice::new(11);
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "check_dependencies") {
        let files = arguments["files"].as_array().cloned().unwrap_or_default();
        for at in 0..files.len() {
            let text = files[at]["source"].as_str().unwrap_or_default().to_owned();
            for _ in 0..MUTATIONS {
                let mut changed = arguments.clone();
                changed["files"][at]["source"] =
                    Value::String(dice.mutate(&text, "[]{}\"'=.#\n\u{0}\u{1f600}><~!,;@\\"));
                report(&REGISTRY, "check_dependencies", &changed);
            }
        }
    }
}

#[test]
fn huge_and_deep_texts_end_in_findings() {
    for source in [
        format!("{}=1", "a.".repeat(100_000)),
        format!("a = {}", "[".repeat(100_000)),
        format!("[project]\nlicense = \"{}\"", "(".repeat(100_000)),
        format!("[project]\ndependencies = [\"a; {}\"]", "(".repeat(100_000)),
    ] {
        let arguments = json!({"files": [{"path": "pyproject.toml", "source": source}]});
        let report = report(&REGISTRY, "check_dependencies", &arguments).expect("a report");
        assert!(report["findings"].as_array().is_some_and(|findings| !findings.is_empty()));
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let installed = |count: usize| {
        let items: Vec<String> = (0..count).map(|at| format!("d{at}=m")).collect();
        json!({"files": [{"path": "a.py", "source": "import m"}], "installed": items})
    };
    assert!(report(&REGISTRY, "check_dependencies", &installed(20_000)).is_some());
    assert!(report(&REGISTRY, "check_dependencies", &installed(20_001)).is_none());
    let roots = |count: usize| json!({"files": [{"path": "a.py", "source": ""}], "roots": vec!["src"; count]});
    assert!(report(&REGISTRY, "check_dependencies", &roots(100)).is_some());
    assert!(report(&REGISTRY, "check_dependencies", &roots(101)).is_none());
}

//! `audit_lockfile`: its rules' pages, limits and broken texts.

use octavo_python::REGISTRY;
use octavo_python::tools::audit_lockfile::AuditLockfile;
use octavo_testkit::{Dice, cases, report};
use octavo_toolkit::tool::Declared as _;
use serde_json::{Value, json};

/// Deterministic changes made to each text.
const MUTATIONS: usize = 60;

// A page is a lock, with records after `with`, or requirements of the manifest after `for`.
fn rules_of(text: &str, rule: &str) -> Vec<String> {
    let mut arguments = json!({ "files": [] });
    let (lock, rest) = text.split_once(" with ").unwrap_or((text, ""));
    arguments["advisories"] = json!(rest);
    let (lock, declared) =
        lock.split_once(" for [").map_or((lock, None), |(lock, rest)| (lock, Some(format!("[{rest}"))));
    if rule == "python-range" {
        let (manifest, python) = text.split_once(" locked for ").expect("two Pythons");
        arguments["files"] = json!([
            {"path": "pyproject.toml", "source": format!("[project]\n{manifest}")},
            {"path": "uv.lock", "source": format!("requires-python = \"{python}\"")}
        ]);
    } else {
        let path = match rule {
            "PEP751" => "pylock.toml",
            _ if lock.starts_with("[[package]]") => "pdm.lock",
            _ => "requirements.txt",
        };
        let mut files = vec![json!({"path": path, "source": lock})];
        if let Some(declared) = declared {
            files.push(json!({"path": "pyproject.toml", "source": format!("[project]\ndependencies = {declared}")}));
        }
        arguments["files"] = json!(files);
    }
    let report = report(&REGISTRY, "audit_lockfile", &arguments).expect("a report");
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
}

#[test]
fn wrong_pages_show_their_rule_and_right_ones_do_not() {
    for rule in AuditLockfile::DECLARATION.rules {
        assert!(rules_of(rule.docs.wrong, rule.id).iter().any(|id| id == rule.id), "{}: wrong", rule.id);
        assert!(rules_of(rule.docs.right, rule.id).iter().all(|id| id != rule.id), "{}: right", rule.id);
    }
}

#[test]
fn no_mutation_makes_it_panic() {
    let mut dice = Dice::new(7);
    let marks = "[]{}\"'=.#\n\u{0}\u{1f600}><~!,;@\\0159";
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "audit_lockfile") {
        let files = arguments["files"].as_array().cloned().unwrap_or_default();
        for _ in 0..MUTATIONS {
            for at in 0..files.len() {
                let mut changed = arguments.clone();
                let text = files[at]["source"].as_str().unwrap_or_default();
                changed["files"][at]["source"] = Value::String(dice.mutate(text, marks));
                report(&REGISTRY, "audit_lockfile", &changed);
            }
            let mut changed = arguments.clone();
            changed["advisories"] = Value::String(dice.mutate(arguments["advisories"].as_str().unwrap_or("{}"), marks));
            report(&REGISTRY, "audit_lockfile", &changed);
        }
    }
}

#[test]
fn the_limit_of_packages_holds_at_its_edge() {
    let lock = |count: usize| {
        let lines: Vec<String> = (0..count).map(|at| format!("p{at}==1")).collect();
        let lines = lines.join("\n");
        report(&REGISTRY, "audit_lockfile", &json!({"files": [{"path": "requirements.txt", "source": lines}]}))
            .is_some()
    };
    assert!(lock(20_000));
    assert!(!lock(20_001));
}

#[test]
fn the_limit_of_lines_holds_at_its_edge() {
    let fits = |count: usize| {
        let lock = json!({"path": "requirements.txt", "source": format!("a==1\n{}", "\n".repeat(count - 1))});
        report(&REGISTRY, "audit_lockfile", &json!({ "files": [lock] })).is_some()
    };
    assert!(fits(400_000));
    assert!(!fits(400_001));
}

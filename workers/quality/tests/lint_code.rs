//! What must hold of `lint_code` beyond single cases: its rule pages, edges of its limits, and any source.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn found(arguments: &Value) -> Value {
    report(&REGISTRY, "lint_code", arguments).expect("accepted")
}

fn filename(source: &str) -> &'static str {
    match source {
        "eslint-plugin-jest" => "a.test.js",
        "ruff" => "a.py",
        "staticcheck" => "a.go",
        "PMD, Error Prone" => "A.java",
        "clippy" => "a.rs",
        "GCC, Clang, clang-tidy, cppcheck" => "a.c",
        _ => "a.js",
    }
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("lint_code").expect("listed");
    let mut wrong = Vec::new();
    for rule in tool.declaration().rules {
        let shows = |text: &str| {
            let text =
                if rule.docs.source == "staticcheck" { format!("package a\n\n{text}\n") } else { format!("{text}\n") };
            let report = found(&json!({"filename": filename(rule.docs.source), "source": text}));
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        if !shows(rule.docs.wrong) {
            wrong.push(format!("{} is not shown", rule.id));
        }
        if shows(rule.docs.right) {
            wrong.push(format!("{} is shown by what is right", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_member_is_not_the_variable_of_its_name() {
    for (rule, of_a_variable, of_a_member) in [
        ("no-useless-rename", "({ name: name } = it);", "({ name: this.name, other: it.other = 1 } = it);"),
        ("for-direction", "for (let i = 0; i < 9; i += -1) {}", "for (let i = 0; i < 9; it.i += -1) { i++; }"),
    ] {
        let shows = |source: &str| {
            let report = found(&json!({"filename": "a.js", "source": source}));
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule)
        };
        assert!(shows(of_a_variable), "{rule} is not told");
        assert!(!shows(of_a_member), "{rule} is told of a member");
    }
}

#[test]
fn limits_hold_at_their_edges() {
    use octavo_quality::tools::measure_complexity::{MAX_FILE_BYTES, MAX_SCRIPT_BYTES};
    for (path, limit) in [("a.py", MAX_FILE_BYTES), ("a.ts", MAX_SCRIPT_BYTES)] {
        let taken = |length: usize| {
            report(&REGISTRY, "lint_code", &json!({"filename": path, "source": "\n".repeat(length)})).is_some()
        };
        assert!(taken(limit) && !taken(limit + 1), "{path}");
    }
}

#[test]
fn any_source_survives() {
    let mut dice = Dice::new(31);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "lint_code") {
        let Some(text) = arguments["source"].as_str().map(str::to_owned) else { continue };
        for _ in 0..60 {
            arguments["source"] = json!(dice.mutate(&text, "(){}[]\"'`./*,;@\n#=:<>!?\\\u{1f600} if case finally"));
            report(&REGISTRY, "lint_code", &arguments);
        }
    }
}

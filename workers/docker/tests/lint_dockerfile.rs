//! What must hold of `lint_dockerfile` beyond single cases: its pages, its fixes, and any input at all.

use octavo_docker::REGISTRY;
use octavo_toolkit::registry::AnyTool;
use octavo_toolkit::{Category, Ctx, LineIndex, Range};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn tool() -> &'static dyn AnyTool {
    REGISTRY.get("lint_dockerfile").expect("registered")
}

fn findings(arguments: &Value) -> Vec<Value> {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let rendering = tool().call(Category::Docker, &raw, &Ctx::silent()).expect("accepted");
    let report: Value = serde_json::from_str(&rendering.structured).expect("a report");
    report["findings"].as_array().cloned().unwrap_or_default()
}

fn has(findings: &[Value], rule: &str) -> bool {
    findings.iter().any(|finding| finding["rule"] == rule)
}

fn sources() -> Vec<String> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/lint_dockerfile");
    let mut paths: Vec<_> = fs::read_dir(specs).expect("specs").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "Dockerfile"));
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("UTF-8")).collect()
}

// Options under which every rule runs.
fn arguments(source: &str, rule: &str) -> Value {
    let label = match rule {
        "DL3052" => "docs:url",
        "DL3053" => "created:rfc3339",
        "DL3054" => "license:spdx",
        "DL3055" => "revision:hash",
        "DL3058" => "contact:email",
        _ => "version:semver",
    };
    let mut arguments = json!({
        "source": source,
        "requiredLabels": [label],
        "enable": ["DL1001", "DL3050", "DL3057"],
        "output": {"maxFindings": 1000},
    });
    if rule == "DL3026" {
        arguments["trustedRegistries"] = json!(["trusted.example"]);
    }
    arguments
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in tool().declaration().rules {
        let wrong = findings(&arguments(rule.docs.wrong, rule.id));
        assert!(has(&wrong, rule.id), "{}: not found in {:?}: {wrong:?}", rule.id, rule.docs.wrong);
        let right = findings(&arguments(rule.docs.right, rule.id));
        assert!(!has(&right, rule.id), "{}: found in {:?}: {right:?}", rule.id, rule.docs.right);
    }
}

// The source with one fix applied.
fn apply(source: &str, fix: &Value) -> String {
    let index = LineIndex::new(source);
    let mut text = source.to_owned();
    let edits = fix["edits"].as_array().cloned().unwrap_or_default();
    for edit in edits.iter().rev() {
        let range: Range = serde_json::from_value(edit["range"].clone()).expect("a range");
        let new_text = edit["newText"].as_str().expect("text");
        text.replace_range(index.offset(range.start)..index.offset(range.end), new_text);
    }
    text
}

#[test]
fn each_fix_mends_its_finding_and_breaks_nothing() {
    let pages = tool().declaration().rules.iter().map(|rule| rule.docs.wrong.to_owned());
    let mut fixed = 0;
    for source in sources().into_iter().chain(pages) {
        let before = findings(&json!({"source": source, "output": {"maxFindings": 1000}}));
        for finding in before.iter().filter(|finding| finding.get("fix").is_some()) {
            let mended = apply(&source, &finding["fix"]);
            let after = findings(&json!({"source": mended, "output": {"maxFindings": 1000}}));
            let count = |list: &[Value], rule: &str| list.iter().filter(|other| other["rule"] == rule).count();
            let rule = finding["rule"].as_str().expect("an id");
            assert_eq!(count(&after, rule) + 1, count(&before, rule), "{finding}\n{mended}");
            assert_eq!(count(&after, "DL1000"), count(&before, "DL1000"), "{finding}\n{mended}");
            fixed += 1;
        }
    }
    assert!(fixed > 30, "only {fixed} fixes");
}

#[test]
fn fixes_applied_in_turn_come_to_an_end() {
    for source in sources() {
        let mut text = source;
        for round in 0.. {
            assert!(round < 100, "fixes do not end:\n{text}");
            let found = findings(&json!({"source": text, "output": {"maxFindings": 1000}}));
            let Some(finding) = found.iter().find(|finding| finding.get("fix").is_some()) else { break };
            text = apply(&text, &finding["fix"]);
        }
    }
}

#[test]
fn survives_any_text() {
    let sources = sources();
    let all: Vec<char> = "\\`'\"$(){}[]<>|&;#\n\r\t =,-:@~!*\u{0}\u{feff}\u{e9}\u{1f600}RUN".chars().collect();
    let mut dice = octavo_testkit::Dice::new(7);
    let mut next = |below: usize| dice.below(below);
    for _ in 0..4_000 {
        let mut text: Vec<char> = sources[next(sources.len())].chars().collect();
        for _ in 0..=next(4) {
            let at = next(text.len());
            match next(4) {
                0 => text.truncate(at),
                1 if !text.is_empty() => text[at] = all[next(all.len())],
                2 => text.insert(at.min(text.len()), all[next(all.len())]),
                _ => {
                    let piece = text[at..(at + next(40)).min(text.len())].to_vec();
                    text.splice(at..at, piece);
                }
            }
        }
        let source: String = text.into_iter().collect();
        for finding in findings(&arguments(&source, "")) {
            let range: Option<Range> = serde_json::from_value(finding["range"].clone()).ok();
            assert!(range.is_some_and(|range| range.start <= range.end), "{finding}\n{source}");
        }
    }
}

#[test]
fn the_length_and_the_findings_are_limited() {
    let call = |length: usize| {
        let source = format!("FROM debian:12.5\n#{}", "x".repeat(length - 18));
        tool().call(
            Category::Docker,
            &RawValue::from_string(json!({"source": source}).to_string()).expect("JSON"),
            &Ctx::silent(),
        )
    };
    assert!(call(256 * 1024).is_ok());
    let error = call(256 * 1024 + 1).expect_err("too long").to_string();
    assert_eq!(error, "`/source` has 262145 bytes, the limit is 262144; send less, or split the call");
    let many = json!({"source": format!("FROM debian:12.5\nRUN {}", "cd;".repeat(20_000))});
    let raw = RawValue::from_string(many.to_string()).expect("JSON");
    let text = tool().call(Category::Docker, &raw, &Ctx::silent()).expect("accepted").text;
    assert!(text.contains("10000 warnings") && text.contains("findings beyond the first 10000"));
    let labels = json!({"source": "FROM a:1", "requiredLabels": vec!["a"; 101]});
    let raw = RawValue::from_string(labels.to_string()).expect("JSON");
    assert!(tool().call(Category::Docker, &raw, &Ctx::silent()).is_err());
}

#[test]
fn takes_its_time_by_length_alone() {
    // Each would take minutes if reading were quadratic.
    for piece in [
        "RUN a \\\n",
        "RUN `",
        "RUN $((",
        "RUN x=(",
        "RUN <<A\n",
        "ONBUILD ",
        "RUN ${a:-\"",
        "FROM a:1\n",
        "RUN a | b\n",
        "COPY a.tar /x\n",
        "ENV A=$B\n",
        "# hadolint ignore=DL3008\n",
    ] {
        let source = format!("FROM debian:12.5\n{}", piece.repeat(20_000 / piece.len()));
        findings(&json!({"source": source}));
    }
}

//! `lint_code` over texts nobody wrote: its fixes mend what they say, and no text makes it panic.

use octavo_python::tools::lint_code::LintCode;
use octavo_toolkit::{Ctx, Edit, Finding, LineIndex, Report, Tool};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, thread};

/// Sixteen times a worker's stack, in bytes: about as much larger are the frames of an unoptimised build.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// Deterministic changes made to each text.
const MUTATIONS: u64 = 60;

fn lint(arguments: Value) -> Report<octavo_python::tools::lint_code::Data> {
    let input = serde_json::from_value(arguments).expect("arguments");
    LintCode.run(input, &Ctx::silent()).expect("a report")
}

fn applied(source: &str, mut edits: Vec<Edit>) -> String {
    let index = LineIndex::new(source);
    edits.sort();
    let mut text = String::new();
    let mut at = 0;
    for edit in edits {
        let (start, end) = (index.offset(edit.range.start), index.offset(edit.range.end));
        assert!(at <= start && start <= end, "edits overlap in {source:?}");
        text.push_str(&source[at..start]);
        text.push_str(&edit.new_text);
        at = end;
    }
    text + &source[at..]
}

// A finding wherever it stands: its rule and what ruff says, without the advice in parentheses at the end.
fn identity(finding: &Finding) -> (String, String) {
    let message = finding.message.rsplit_once(" (").map_or(finding.message.as_str(), |(message, _)| message);
    (finding.rule.to_string(), message.to_owned())
}

fn count(findings: &[Finding]) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(identity(finding)).or_default() += 1;
    }
    counts
}

/// Every Python text of the specs.
fn texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/lint_code");
    let mut paths: Vec<_> = fs::read_dir(folder).expect("specs").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a spec");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("py") => texts.push(text),
            Some("json") => {
                let arguments: Value = serde_json::from_str(&text).expect("JSON");
                let files = arguments["files"].as_array().into_iter().flatten();
                texts.extend(files.chain([&arguments]).filter_map(|file| file["source"].as_str()).map(str::to_owned));
            }
            _ => {}
        }
    }
    texts
}

#[test]
fn all_fixes_of_a_report_go_together_and_mend_their_findings() {
    for source in texts() {
        for select in [json!(["ALL"]), Value::Null] {
            let report = lint(json!({"source": source, "select": select}));
            let fixed: Vec<_> = report.findings().iter().filter_map(|finding| finding.fix.clone()).collect();
            if fixed.is_empty() {
                continue;
            }
            let text = applied(&source, fixed.into_iter().flat_map(|fix| fix.edits).collect());
            let again = lint(json!({"source": text, "select": select}));
            assert!(
                again.findings().iter().all(|finding| finding.rule != "invalid-syntax"),
                "{source:?} became {text:?}"
            );
            let (before, after) = (count(report.findings()), count(again.findings()));
            for finding in report.findings().iter().filter(|finding| finding.fix.is_some()) {
                let finding = identity(finding);
                assert!(after.get(&finding) < before.get(&finding), "{finding:?} is still in {text:?}");
            }
        }
    }
}

#[test]
fn no_mutation_makes_it_panic() {
    // What overflows this stack ends the whole process.
    let run = || {
        let texts = texts();
        let mut seed = 1_u64;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).expect("31 bits") % below.max(1)
        };
        for text in &texts {
            for round in 0..MUTATIONS {
                let mut chars: Vec<char> = text.chars().collect();
                let (at, other) = (next(chars.len()), next(chars.len()));
                match round % 4 {
                    0 => chars.truncate(at),
                    1 if !chars.is_empty() => chars[at] = ['(', '"', '\\', '\n', '{', ':', '\u{1f600}', '\0'][next(8)],
                    2 => {
                        let piece: Vec<char> =
                            chars.iter().skip(at.min(other)).take(at.abs_diff(other).min(200)).copied().collect();
                        chars.splice(at..at, piece);
                    }
                    _ => drop(chars.drain(at.min(other)..at.max(other))),
                }
                let source: String = chars.into_iter().collect();
                let select = if round % 2 == 0 { json!(["ALL"]) } else { Value::Null };
                let report = lint(json!({"source": source, "select": select}));
                for finding in report.findings() {
                    assert!(!finding.message.is_empty() && !finding.message.contains(['\n', '\0']), "{finding:?}");
                }
            }
        }
    };
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn a_file_of_more_syntax_errors_than_are_told_is_not_looked_at_further() {
    const MOST: usize = 5_000;
    // Each mark is an error, and so is the end of the line.
    let of = |marks: usize| lint(json!({ "source": "!".repeat(marks) })).findings().to_vec();
    let (all, more, twice) = (of(MOST - 1), of(MOST), of(MOST * 2));
    assert_eq!((all.len(), more.len(), twice.len()), (MOST, MOST, MOST));
    // Ruff's own words and places up to the bound, and the same beyond it.
    assert_eq!(all[..MOST - 1], more[..MOST - 1]);
    assert_eq!(more, twice);
}

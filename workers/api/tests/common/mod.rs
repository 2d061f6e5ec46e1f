//! What the tests of single tools share: calls, and texts that nobody would write.

#![allow(dead_code)]

use octavo_api::REGISTRY;
use octavo_testkit::Dice;
use serde_json::Value;

/// The report of a call that must be accepted.
pub(crate) fn report(tool: &str, arguments: &Value) -> Value {
    octavo_testkit::report(&REGISTRY, tool, arguments).expect("accepted")
}

/// The findings of a call that must be accepted.
pub(crate) fn findings(tool: &str, arguments: &Value) -> Vec<Value> {
    report(tool, arguments)["findings"].as_array().cloned().unwrap_or_default()
}

/// Calls a tool, whatever comes of it.
pub(crate) fn calls(tool: &str, arguments: &Value) {
    let _ = octavo_testkit::report(&REGISTRY, tool, arguments);
}

/// Whether a rule is among findings.
pub(crate) fn has(findings: &[Value], rule: &str) -> bool {
    findings.iter().any(|finding| finding["rule"] == rule)
}

/// The texts under a field of a tool's cases.
pub(crate) fn texts(tool: &str, field: &str) -> Vec<String> {
    let cases = octavo_testkit::cases(env!("CARGO_MANIFEST_DIR"), tool).into_iter();
    cases.filter_map(|(_, case)| case[field].as_str().map(str::to_owned)).collect()
}

/// Changed forms of the texts of a tool's cases, the same ones in every run.
pub(crate) fn mutations(tool: &str, field: &str, count: usize) -> Vec<String> {
    let sources = texts(tool, field);
    let mut dice = Dice::new(7);
    let count = if sources.is_empty() { 0 } else { count };
    let marks = "{}[]():,'\"\\#&*!|>%@`-?\n\t\r \u{0}\u{feff}\u{1f600}0e$~/";
    let mut made = Vec::new();
    for _ in 0..count {
        let at = dice.below(sources.len());
        made.push(dice.mutate(&sources[at], marks));
    }
    made
}

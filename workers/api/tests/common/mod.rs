//! What the tests of single tools share: calls, and texts that nobody would write.

#![allow(dead_code)]

use octavo_api::REGISTRY;
use octavo_toolkit::Ctx;
use serde_json::Value;
use serde_json::value::RawValue;
use std::fs;
use std::path::Path;

/// The whole report of a call that must be accepted.
pub(crate) fn report(tool: &str, arguments: &Value) -> Value {
    let tool = REGISTRY.get(tool).expect("listed");
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let rendering = tool.call(REGISTRY.category, &raw, &Ctx::silent()).expect("accepted");
    serde_json::from_str(&rendering.structured).expect("a report")
}

/// The findings of a call that must be accepted.
pub(crate) fn findings(tool: &str, arguments: &Value) -> Vec<Value> {
    report(tool, arguments)["findings"].as_array().cloned().unwrap_or_default()
}

/// Calls a tool, whatever comes of it.
pub(crate) fn calls(tool: &str, arguments: &Value) {
    let tool = REGISTRY.get(tool).expect("listed");
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let _ = tool.call(REGISTRY.category, &raw, &Ctx::silent());
}

/// Whether a rule is among findings.
pub(crate) fn has(findings: &[Value], rule: &str) -> bool {
    findings.iter().any(|finding| finding["rule"] == rule)
}

/// The texts under a field of a tool's cases.
pub(crate) fn texts(tool: &str, field: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs").join(tool);
    let mut paths: Vec<_> = fs::read_dir(&folder).expect("specs").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "json"));
    paths.sort();
    let text = |path: &std::path::PathBuf| {
        let case: Value = serde_json::from_str(&fs::read_to_string(path).expect("case")).ok()?;
        match case[field].get("$file").and_then(Value::as_str) {
            Some(name) => fs::read_to_string(folder.join(name)).ok(),
            None => case[field].as_str().map(str::to_owned),
        }
    };
    paths.iter().filter_map(text).collect()
}

/// Changed forms of the texts of a tool's cases, the same ones in every run.
pub(crate) fn mutations(tool: &str, field: &str, count: usize) -> Vec<String> {
    let sources = texts(tool, field);
    let marks: Vec<char> = "{}[]():,'\"\\#&*!|>%@`-?\n\t\r \u{0}\u{feff}\u{1f600}0e$~/".chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or_default() % below.max(1)
    };
    let mut made = Vec::new();
    while made.len() < count && !sources.is_empty() {
        let mut text: Vec<char> = sources[next(sources.len())].chars().collect();
        for _ in 0..=next(3) {
            let at = next(text.len());
            match next(5) {
                0 => text.truncate(at),
                1 if !text.is_empty() => text[at] = marks[next(marks.len())],
                2 => text.insert(at.min(text.len()), marks[next(marks.len())]),
                3 => {
                    let end = (at + next(40)).min(text.len());
                    text.drain(at.min(end)..end);
                }
                _ => {
                    let piece = text[at.min(text.len())..(at + next(80)).min(text.len())].to_vec();
                    text.splice(at.min(text.len())..at.min(text.len()), piece);
                }
            }
        }
        made.push(text.into_iter().collect());
    }
    made
}

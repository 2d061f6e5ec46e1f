//! Development only: what every tool package's tests run over its registry.
//!
//! A whole-call test is data. `tests/specs/<tool>/<case>.json` holds the arguments; `<case>.snap` beside it holds what the
//! tool answered, and is written anew by `OCTAVO_BLESS=1 cargo test`. In the arguments, `{"$file": "name"}` stands for the
//! text of a file beside the case.

use octavo_toolkit::registry::{AnyTool, Registry, Rendering};
use octavo_toolkit::{Ctx, Declaration};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Longest full tool name.
pub const MAX_NAME_CHARS: usize = 40;
/// Longest summary: what a model reads of each tool in every list.
pub const MAX_SUMMARY_CHARS: usize = 300;

/// Checks what must hold of every registry: names, texts, rules, examples that run, schemas that are portable.
///
/// # Panics
///
/// On the first tool that breaks a rule, naming it.
pub fn check_registry(registry: &Registry) {
    let mut names = BTreeSet::new();
    for tool in registry.tools {
        let declaration = tool.declaration();
        let name = registry.full_name(&declaration);
        check_declaration(&name, &declaration);
        assert!(names.insert(name.clone()), "{name} is listed twice");
        check_input_schema(&name, "", &tool.input_schema());
        for example in declaration.examples {
            let raw = RawValue::from_string(example.arguments.to_owned())
                .unwrap_or_else(|error| panic!("{name}, example {:?}: {error}", example.title));
            let rendering = tool
                .call(&raw, &Ctx::silent())
                .unwrap_or_else(|error| panic!("{name}, example {:?}: {error}", example.title));
            check_rendering(&format!("{name}, example {:?}", example.title), *tool, &rendering);
        }
    }
}

fn check_declaration(name: &str, declaration: &Declaration) {
    assert!(name.len() <= MAX_NAME_CHARS, "{name} has more than {MAX_NAME_CHARS} characters");
    assert!(name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')), "{name}: only a-z, 0-9 and _");
    assert!(declaration.name.contains('_'), "{name} is not verb_noun");
    let summary = declaration.summary;
    assert!(summary.chars().count() <= MAX_SUMMARY_CHARS, "{name}: the summary is over {MAX_SUMMARY_CHARS} characters");
    assert!(
        summary.ends_with('.') && !summary.contains('\n'),
        "{name}: the summary is not whole sentences in one line"
    );
    assert!(!declaration.title.is_empty() && !declaration.docs.trim().is_empty(), "{name}: title or docs missing");
    assert!(!declaration.examples.is_empty(), "{name} has no example");
    let mut ids = BTreeSet::new();
    for rule in declaration.rules {
        assert!(ids.insert(rule.id), "{name}: rule {} is declared twice", rule.id);
        assert!(rule.summary.ends_with('.'), "{name}: rule {}: the summary is not a sentence", rule.id);
        let docs = rule.docs;
        for part in [docs.why, docs.wrong, docs.right, docs.source] {
            assert!(!part.is_empty(), "{name}: rule {} lacks a part of its page", rule.id);
        }
    }
}

// The subset of JSON Schema that every client accepts (surface: schemas).
fn check_input_schema(name: &str, at: &str, schema: &Value) {
    let schema = schema.as_object().unwrap_or_else(|| panic!("{name}{at}: a schema that is no object"));
    for word in ["oneOf", "anyOf", "allOf", "$ref", "$defs", "$schema", "not", "if"] {
        assert!(!schema.contains_key(word), "{name}{at}: `{word}` in an input schema");
    }
    assert!(schema.get("type").is_some_and(Value::is_string), "{name}{at}: no single type");
    if !at.is_empty() {
        let described = schema.get("description").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        assert!(described || at.ends_with("[]"), "{name}{at}: no description");
    }
    if at.is_empty() {
        assert_eq!(schema["type"], "object", "{name}: arguments that are no object");
        assert_eq!(schema["additionalProperties"], false, "{name}: arguments open to any field");
    }
    for (property, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        check_input_schema(name, &format!("{at}/{property}"), inner);
    }
    if let Some(items) = schema.get("items") {
        check_input_schema(name, &format!("{at}[]"), items);
    }
    let takes_output = at.is_empty() && schema.get("properties").is_some_and(|fields| fields.get("output").is_some());
    assert!(!takes_output, "{name}: `output` is every tool's, not this one's");
}

fn check_rendering(context: &str, tool: &dyn AnyTool, rendering: &Rendering) {
    let pages = tool.rule_pages();
    let report: Value =
        serde_json::from_str(&rendering.structured).unwrap_or_else(|error| panic!("{context}: {error}"));
    for finding in report["findings"].as_array().into_iter().flatten() {
        let rule = finding["rule"].as_str().unwrap_or_default();
        assert!(pages.iter().any(|page| page.id == rule), "{context}: rule {rule} has no page");
        assert!(rendering.text.contains(rule), "{context}: the text lacks {rule}");
        let message = finding["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty() && !message.contains('\n'), "{context}: {rule}: message {message:?}");
    }
    let summary = report["summary"].as_str().unwrap_or_default();
    assert!(rendering.text.contains(summary), "{context}: text and structure disagree on the summary");
}

/// Runs every case under `tests/specs` of the package at `manifest_dir` and compares it with its snapshot; each tool must
/// have a case.
///
/// # Panics
///
/// When an answer differs from its snapshot (it says how to accept the new one), when a tool has no case, or when a folder
/// belongs to no tool.
pub fn check_specs(registry: &Registry, manifest_dir: &str) {
    let root = Path::new(manifest_dir).join("tests/specs");
    let mut differences = String::new();
    let folders: BTreeSet<String> = entries(&root);
    for folder in &folders {
        assert!(registry.get(folder).is_some(), "{}/{folder} belongs to no tool", root.display());
    }
    for tool in registry.tools {
        let declaration = tool.declaration();
        let folder = root.join(declaration.name);
        let cases: Vec<_> = entries(&folder).into_iter().filter(|name| is_case(name)).collect();
        assert!(!cases.is_empty(), "{} has no case in {}", declaration.name, folder.display());
        for case in cases {
            check_case(*tool, &folder.join(case), &mut differences);
        }
    }
    assert!(differences.is_empty(), "answers changed; OCTAVO_BLESS=1 cargo test accepts them:\n{differences}");
}

fn check_case(tool: &dyn AnyTool, case: &Path, differences: &mut String) {
    let context = case.display().to_string();
    let mut arguments: Value = serde_json::from_str(&read(case)).unwrap_or_else(|error| panic!("{context}: {error}"));
    inline_files(&mut arguments, case.parent().unwrap_or(case));
    let raw = RawValue::from_string(arguments.to_string()).unwrap_or_else(|error| panic!("{context}: {error}"));
    let answer = match tool.call(&raw, &Ctx::silent()) {
        Ok(rendering) => {
            check_rendering(&context, tool, &rendering);
            let again = tool.call(&raw, &Ctx::silent());
            assert_eq!(again.as_ref(), Ok(&rendering), "{context}: two runs differ");
            format!("{}\n", rendering.text)
        }
        Err(error) => format!("{}: {error}\n", error.reason().code()),
    };
    let snapshot = case.with_extension("snap");
    let expected = fs::read_to_string(&snapshot).unwrap_or_default();
    if answer == expected {
        return;
    }
    if env::var_os("OCTAVO_BLESS").is_some() {
        fs::write(&snapshot, &answer).unwrap_or_else(|error| panic!("{}: {error}", snapshot.display()));
    } else {
        let _ = writeln!(differences, "{context}\n--- expected\n{expected}--- answered\n{answer}");
    }
}

fn inline_files(value: &mut Value, folder: &Path) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get("$file") {
                *value = Value::String(read(&folder.join(name)));
                return;
            }
            members.values_mut().for_each(|member| inline_files(member, folder));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| inline_files(item, folder)),
        _ => {}
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_case(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "json")
}

fn entries(folder: &Path) -> BTreeSet<String> {
    let listed = fs::read_dir(folder).into_iter().flatten().flatten();
    listed.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

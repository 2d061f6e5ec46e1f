//! Development only: what every tool package's tests run over its registry, and the program the truth scripts call.
//!
//! A whole-call test is data. `tests/specs/<tool>/<case>.json` holds the arguments; `<case>.snap` beside it holds what the
//! tool answered, and is written anew by `OCTAVO_BLESS=1 cargo test`. In the arguments, `{"$file": "name"}` stands for the
//! text of a file beside the case.

mod breakage;
mod fixes;
mod lines;
mod mutation;
mod parity;
#[cfg(test)]
mod tests;
mod variation;

pub use fixes::applied;
pub use lines::serve_lines;
pub use mutation::Dice;
pub use variation::{NESTS, pointers};

use octavo_toolkit::registry::{AnyTool, Registry, Rendering};
use octavo_toolkit::{Category, Ctx, Declaration, ToolError};
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

/// A tool under test, in its category.
#[derive(Clone, Copy)]
struct Subject<'t> {
    tool: &'t dyn AnyTool,
    category: Category,
}

impl Subject<'_> {
    fn call(self, arguments: &Value) -> Result<Rendering, ToolError> {
        self.tool.call(self.category, &raw(arguments), &Ctx::silent())
    }

    // With the whole report on one page.
    fn call_whole(self, arguments: &Value) -> Result<Rendering, ToolError> {
        self.tool.call_whole(self.category, &raw(arguments))
    }
}

fn raw(arguments: &Value) -> Box<RawValue> {
    RawValue::from_string(arguments.to_string()).unwrap_or_else(|error| panic!("a value that is no JSON: {error}"))
}

/// Checks what must hold of every registry: names, texts, rules, examples that run, schemas that are portable, and errors
/// that say what is accepted.
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
                .call(registry.category, &raw, &Ctx::silent())
                .unwrap_or_else(|error| panic!("{name}, example {:?}: {error}", example.title));
            check_rendering(&format!("{name}, example {:?}", example.title), *tool, &rendering);
        }
        let subject = Subject { tool: *tool, category: registry.category };
        let complaints = breakage::check_types(subject, &examples_of(&declaration));
        assert!(complaints.is_empty(), "{name}: bad errors:\n{}", complaints.join("\n"));
    }
}

fn examples_of(declaration: &Declaration) -> Vec<Value> {
    declaration.examples.iter().filter_map(|example| serde_json::from_str(example.arguments).ok()).collect()
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
        // What the members of a list's items are, their names say.
        assert!(described || at.contains("[]"), "{name}{at}: no description");
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
        let message = finding["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty() && !message.contains('\n'), "{context}: {rule}: message {message:?}");
    }
    let is_concise = rendering.text.starts_with(report["verdict"].as_str().unwrap_or_default());
    if is_concise && !rendering.text.contains("\n  help: ") {
        parity::check(context, rendering);
    }
}

/// Runs every case under `tests/specs` of the package at `manifest_dir` and compares it with its snapshot; each tool must
/// have a case. Asks for the report in small pages, applies the fixes of each case and example and runs it again, and breaks the values of each field.
///
/// # Panics
///
/// When an answer differs from its snapshot (it says how to accept the new one), when a tool has no case, when a folder
/// belongs to no tool, when a fix does not mend, or when a value out of range is not refused well.
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
        let subject = Subject { tool: *tool, category: registry.category };
        let mut calls = examples_of(&declaration);
        let mut unmended = fixes_of(subject, "examples", &calls);
        for case in cases {
            let case = folder.join(case);
            let arguments = arguments_of(&case);
            check_case(subject, &case, &arguments, &mut differences);
            unmended.extend(fixes_of(subject, &case.display().to_string(), std::slice::from_ref(&arguments)));
            calls.push(arguments);
        }
        assert!(unmended.is_empty(), "{}: fixes that do not mend:\n{}", declaration.name, unmended.join("\n"));
        let complaints = breakage::check_values(subject, &calls);
        assert!(complaints.is_empty(), "{}: bad errors:\n{}", declaration.name, complaints.join("\n"));
    }
    assert!(differences.is_empty(), "answers changed; OCTAVO_BLESS=1 cargo test accepts them:\n{differences}");
}

/// The arguments of each case of a tool below `tests/specs` of the package at `manifest_dir`, by file name.
///
/// # Panics
///
/// When a case is no JSON.
pub fn cases(manifest_dir: &str, tool: &str) -> Vec<(String, Value)> {
    let folder = Path::new(manifest_dir).join("tests/specs").join(tool);
    entries(&folder)
        .into_iter()
        .filter(|name| is_case(name))
        .map(|name| {
            let arguments = arguments_of(&folder.join(&name));
            (name, arguments)
        })
        .collect()
}

/// The report of a call, a page of it; none when the arguments are refused.
///
/// # Panics
///
/// When the registry lacks the tool, or a report is no JSON.
pub fn report(registry: &Registry, tool: &str, arguments: &Value) -> Option<Value> {
    let tool = registry.get(tool).unwrap_or_else(|| panic!("{tool} is not listed"));
    let rendering = tool.call(registry.category, &raw(arguments), &Ctx::silent()).ok()?;
    Some(serde_json::from_str(&rendering.structured).unwrap_or_else(|error| panic!("a report: {error}")))
}

fn fixes_of(subject: Subject<'_>, context: &str, calls: &[Value]) -> Vec<String> {
    let complaints = calls.iter().flat_map(|arguments| fixes::check(subject, arguments));
    complaints.map(|complaint| format!("{context}: {complaint}")).collect()
}

fn arguments_of(case: &Path) -> Value {
    let mut arguments: Value =
        serde_json::from_str(&read(case)).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
    inline_files(&mut arguments, case.parent().unwrap_or(case));
    arguments
}

fn check_case(subject: Subject<'_>, case: &Path, arguments: &Value, differences: &mut String) {
    let context = case.display().to_string();
    let answer = match subject.call(arguments) {
        Ok(rendering) => {
            check_rendering(&context, subject.tool, &rendering);
            parity::check_pages(&context, subject, arguments);
            let again = subject.call(arguments);
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

//! What must hold of any input of `check_package_publish`: fixes mend, and nothing makes it panic.

use octavo_nodejs::REGISTRY;
use octavo_toolkit::{Category, Ctx, LineIndex, Range};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

/// How many mutated inputs are tried.
const MUTATIONS: usize = 4_000;

fn cases() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/specs/check_package_publish");
    let mut names: Vec<_> = fs::read_dir(folder).expect("specs").flatten().map(|entry| entry.path()).collect();
    names.sort();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    let read = |path: &std::path::Path| serde_json::from_str(&fs::read_to_string(path).expect("case")).expect("JSON");
    names.iter().map(|path| (path.display().to_string(), read(path))).collect()
}

fn run(arguments: &Value) -> Option<Value> {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let tool = REGISTRY.get("check_package_publish").expect("listed");
    let rendering = tool.call(Category::Nodejs, &raw, &Ctx::silent()).ok()?;
    Some(serde_json::from_str(&rendering.structured).expect("JSON"))
}

fn fixed_findings(report: &Value) -> Vec<&Value> {
    let findings = report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    findings.iter().filter(|finding| finding.get("fix").is_some()).collect()
}

fn identity(finding: &Value) -> (String, String) {
    (finding["rule"].to_string(), finding["message"].to_string())
}

// Applies every fix of a report; those of one file must not overlap.
fn apply(arguments: &mut Value, report: &Value) {
    for file in arguments["files"].as_array_mut().into_iter().flatten() {
        let text = file["source"].as_str().expect("text").to_owned();
        let index = LineIndex::new(&text);
        let own = fixed_findings(report).into_iter().filter(|finding| finding["path"] == file["path"]);
        let mut edits: Vec<(usize, usize, String)> = own
            .flat_map(|finding| finding["fix"]["edits"].as_array().expect("edits").clone())
            .map(|edit| {
                let range: Range = serde_json::from_value(edit["range"].clone()).expect("range");
                let new_text = edit["newText"].as_str().expect("text").to_owned();
                (index.offset(range.start), index.offset(range.end), new_text)
            })
            .collect();
        edits.sort();
        assert!(edits.windows(2).all(|pair| pair[0].1 <= pair[1].0), "overlapping fixes in {}", file["path"]);
        let mut fixed = text.clone();
        for (start, end, new_text) in edits.iter().rev() {
            fixed.replace_range(*start..*end, new_text);
        }
        file["source"] = json!(fixed);
    }
}

#[test]
fn fixes_mend_what_they_are_given_for() {
    let mut mended = BTreeSet::new();
    for (name, mut arguments) in cases() {
        // A fix in an outer object waits for its inner ones, so a few rounds may be needed.
        for _ in 0..3 {
            let Some(before) = run(&arguments) else { break };
            apply(&mut arguments, &before);
            let after = run(&arguments).expect("still accepted");
            let left: BTreeSet<_> = after["findings"].as_array().expect("findings").iter().map(identity).collect();
            for finding in fixed_findings(&before) {
                assert!(!left.contains(&identity(finding)), "{name}: {finding} came back");
                mended.insert(finding["rule"].as_str().expect("rule").to_owned());
            }
            assert!(
                fixed_findings(&before).is_empty() || !after.to_string().contains("PACKAGE_JSON_INVALID"),
                "{name}"
            );
        }
        if let Some(last) = run(&arguments) {
            assert!(fixed_findings(&last).is_empty(), "{name}: fixes never end");
        }
    }
    let expected = [
        "BIN_FILE_NOT_EXECUTABLE",
        "EXPORTS_DEFAULT_SHOULD_BE_LAST",
        "EXPORTS_FALLBACK_ARRAY_USE",
        "EXPORTS_GLOB_NO_DEPRECATED_SUBPATH_MAPPING",
        "EXPORTS_TYPES_SHOULD_BE_FIRST",
        "EXPORTS_VALUE_INVALID",
        "IMPORTS_DEFAULT_SHOULD_BE_LAST",
        "IMPORTS_FALLBACK_ARRAY_USE",
        "IMPORTS_GLOB_NO_DEPRECATED_SUBPATH_MAPPING",
        "IMPORTS_MODULE_SHOULD_PRECEDE_REQUIRE",
        "INVALID_REPOSITORY_VALUE",
    ];
    assert_eq!(mended.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

// A linear congruential generator (Knuth's constants): the same mutations in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = usize::try_from(self.0 >> 40).unwrap_or_default();
        bits % limit.max(1)
    }
}

fn mutate(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let (from, to) = (dice.below(bytes.len()), dice.below(bytes.len()));
    match dice.below(4) {
        0 => bytes.truncate(from),
        1 => {
            if let Some(byte) = bytes.get_mut(from) {
                *byte = b"{}[]\",:./*\\\0\xffn"[dice.below(14)];
            }
        }
        2 => {
            let copy = bytes[from.min(to)..from.max(to)].to_vec();
            bytes.splice(from..from, copy);
        }
        _ => {
            bytes.drain(from.min(to)..from.max(to));
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn no_mutation_makes_it_panic() {
    let cases = cases();
    let mut dice = Dice(7);
    for _ in 0..MUTATIONS {
        let (_, mut arguments) = cases[dice.below(cases.len())].clone();
        let files = arguments["files"].as_array_mut().expect("files");
        for _ in 0..=dice.below(3) {
            let at = dice.below(files.len());
            let field = if dice.below(8) == 0 { "path" } else { "source" };
            files[at][field] = json!(mutate(files[at][field].as_str().unwrap_or_default(), &mut dice));
        }
        if let Some(report) = run(&arguments) {
            assert!(report["findings"].is_array());
        }
    }
}

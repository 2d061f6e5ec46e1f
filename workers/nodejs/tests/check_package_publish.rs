//! What must hold of any input of `check_package_publish`: fixes mend, and nothing makes it panic.

use octavo_nodejs::REGISTRY;
use octavo_testkit::Dice;
use octavo_toolkit::{LineIndex, Range};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How many mutated inputs are tried.
const MUTATIONS: usize = 4_000;

fn cases() -> Vec<(String, Value)> {
    octavo_testkit::cases(env!("CARGO_MANIFEST_DIR"), "check_package_publish")
}

fn run(arguments: &Value) -> Option<Value> {
    octavo_testkit::report(&REGISTRY, "check_package_publish", arguments)
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

// What replaces characters of manifests and modules.
const MARKS: &str = "{}[]\",:./*\\\0\u{fffd}n";

#[test]
fn no_mutation_makes_it_panic() {
    let cases = cases();
    let mut dice = Dice::new(7);
    for _ in 0..MUTATIONS {
        let (_, mut arguments) = cases[dice.below(cases.len())].clone();
        let files = arguments["files"].as_array_mut().expect("files");
        for _ in 0..=dice.below(3) {
            let at = dice.below(files.len());
            let field = if dice.below(8) == 0 { "path" } else { "source" };
            files[at][field] = json!(dice.mutate(files[at][field].as_str().unwrap_or_default(), MARKS));
        }
        if let Some(report) = run(&arguments) {
            assert!(report["findings"].is_array());
        }
    }
}

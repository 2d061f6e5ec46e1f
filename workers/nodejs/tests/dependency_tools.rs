//! What must hold of the tools for versions and lockfiles beyond single cases: their pages, and any input at all.

use octavo_nodejs::REGISTRY;
use octavo_testkit::{Dice, cases};
use serde_json::{Value, json};

/// How many mutated inputs are tried of each tool.
const MUTATIONS: usize = 1_500;

fn run(tool: &str, arguments: &Value) -> Option<Value> {
    octavo_testkit::report(&REGISTRY, tool, arguments)
}

fn check_pages(tool: &str, arguments: impl Fn(&str) -> Value) {
    for rule in REGISTRY.get(tool).expect("listed").declaration().rules {
        let has = |source: &str| {
            let report = run(tool, &arguments(source)).expect("accepted");
            report["findings"].as_array().expect("findings").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(has(rule.docs.wrong), "{}: not found in {}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right), "{}: found in {}", rule.id, rule.docs.right);
    }
}

// `<manifest> with packuments <packuments> on node <version>`
fn project(source: &str) -> Value {
    let (manifest, rest) = source.split_once(" with packuments ").expect("packuments");
    let (packuments, node) = rest.split_once(" on node ").unwrap_or((rest, ""));
    json!({"manifest": manifest, "packuments": packuments, "node": node})
}

// `path: text`, a line each; `\n` in a text stands for a line break.
fn files(source: &str) -> Vec<Value> {
    source
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(path, text)| json!({"path": path, "source": text.replace("\\n", "\n")}))
        .collect()
}

#[test]
fn pages_of_solve_dependency_ranges_show_their_rules() {
    check_pages("solve_dependency_ranges", project);
}

#[test]
fn pages_of_analyze_lockfile_show_their_rules() {
    check_pages(
        "analyze_lockfile",
        |source| json!({"files": files(source), "registries": ["registry.yarnpkg.com"], "allowLicenses": ["MIT"]}),
    );
}

#[test]
fn pages_of_match_advisories_show_their_rules() {
    check_pages("match_advisories", |source| {
        // `<package>@<version> with <advisory>`; a dependent admits version 1.
        let (package, advisories) = source.split_once(" with ").expect("advisories");
        let (name, version) = package.split_once('@').expect("a version");
        let lock = json!({"lockfileVersion": 3, "packages": {
            "": {"dependencies": {"user": "1"}},
            "node_modules/user": {"version": "1.0.0", "dependencies": {name: "1"}},
            format!("node_modules/{name}"): {"version": version},
        }});
        json!({"files": [{"path": "package-lock.json", "source": lock.to_string()}], "advisories": advisories})
    });
}

// What replaces characters of manifests, lockfiles and advisories.
const MARKS: &str = "{}[]\",:./*@^~ \n\0\u{fffd}1x";

// Every text in the arguments that is long enough to be a source.
fn mutate_texts(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::String(text) if dice.below(2) == 0 => *text = dice.mutate(text, MARKS),
        Value::Array(items) => items.iter_mut().for_each(|item| mutate_texts(item, dice)),
        Value::Object(members) => {
            members.iter_mut().filter(|(key, _)| *key != "path").for_each(|(_, member)| mutate_texts(member, dice));
        }
        _ => {}
    }
}

fn no_mutation_panics(tool: &str) {
    let cases = cases(env!("CARGO_MANIFEST_DIR"), tool);
    let mut dice = Dice::new(7);
    for _ in 0..MUTATIONS {
        let (_, mut arguments) = cases[dice.below(cases.len())].clone();
        mutate_texts(&mut arguments, &mut dice);
        if let Some(report) = run(tool, &arguments) {
            assert!(report["findings"].is_array());
        }
    }
}

#[test]
fn no_mutation_makes_solve_dependency_ranges_panic() {
    no_mutation_panics("solve_dependency_ranges");
}

#[test]
fn no_mutation_makes_analyze_lockfile_panic() {
    no_mutation_panics("analyze_lockfile");
}

#[test]
fn no_mutation_makes_match_advisories_panic() {
    no_mutation_panics("match_advisories");
}

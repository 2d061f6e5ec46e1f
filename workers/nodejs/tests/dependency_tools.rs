//! What must hold of the tools for versions and lockfiles beyond single cases: their pages, and any input at all.

use octavo_nodejs::REGISTRY;
use octavo_toolkit::{Category, Ctx};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fs;

/// How many mutated inputs are tried of each tool.
const MUTATIONS: usize = 1_500;

fn run(tool: &str, arguments: &Value) -> Option<Value> {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let rendering = REGISTRY.get(tool).expect("listed").call(Category::Nodejs, &raw, &Ctx::silent()).ok()?;
    Some(serde_json::from_str(&rendering.structured).expect("JSON"))
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

// A linear congruential generator (Knuth's constants): the same mutations in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 40).unwrap_or_default() % limit.max(1)
    }
}

fn mutate(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let (from, to) = (dice.below(bytes.len()), dice.below(bytes.len()));
    let (low, high) = (from.min(to), from.max(to));
    match dice.below(4) {
        0 => bytes.truncate(from),
        1 => {
            if let Some(byte) = bytes.get_mut(from) {
                *byte = b"{}[]\",:./*@^~ \n\0\xff1x"[dice.below(19)];
            }
        }
        2 => {
            let copy = bytes[low..high].to_vec();
            bytes.splice(from..from, copy);
        }
        _ => {
            bytes.drain(low..high);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

// Every text in the arguments that is long enough to be a source.
fn mutate_texts(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::String(text) if dice.below(2) == 0 => *text = mutate(text, dice),
        Value::Array(items) => items.iter_mut().for_each(|item| mutate_texts(item, dice)),
        Value::Object(members) => {
            members.iter_mut().filter(|(key, _)| *key != "path").for_each(|(_, member)| mutate_texts(member, dice));
        }
        _ => {}
    }
}

fn no_mutation_panics(tool: &str) {
    let folder = format!("{}/tests/specs/{tool}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = fs::read_dir(folder).expect("specs").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let cases: Vec<Value> = paths
        .iter()
        .map(|path| serde_json::from_str(&fs::read_to_string(path).expect("case")).expect("JSON"))
        .collect();
    let mut dice = Dice(7);
    for _ in 0..MUTATIONS {
        let mut arguments = cases[dice.below(cases.len())].clone();
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

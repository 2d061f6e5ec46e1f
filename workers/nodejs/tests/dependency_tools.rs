//! What must hold of the tools for versions and lockfiles beyond single cases: their pages, and any input at all.

use octavo_nodejs::REGISTRY;
use octavo_nodejs::tools::analyze_lockfile::{MAX_DEPENDENTS as MAX_EXPLAINED, MAX_TRIED, MAX_WAY};
use octavo_nodejs::tools::match_advisories::{MAX_DEPENDENTS, MAX_HELD};
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

// A package-lock.json: the project's dependency, and further packages.
fn lock(root: &str, packages: impl Iterator<Item = String>) -> Value {
    let packages: String = packages.collect();
    let source = format!(r#"{{"lockfileVersion":3,"packages":{{"":{{"dependencies":{root}}}{packages}}}}}"#);
    json!([{"path": "package-lock.json", "source": source}])
}

fn remarks(tool: &str, arguments: &Value) -> String {
    run(tool, arguments).expect("accepted")["notChecked"].to_string()
}

// So many packages that depend on one.
fn dependents(count: usize) -> Value {
    let package = |at| format!(r#","node_modules/p{at}":{{"version":"1.0.0","dependencies":{{"x":"1"}}}}"#);
    lock("{}", (0..count).map(package).chain([r#","node_modules/x":{"version":"1.0.0"}"#.to_owned()]))
}

fn advisory(introduced: &str) -> String {
    let events = json!([{"introduced": introduced}]);
    json!({"id": "G", "affected": [{"package": {"ecosystem": "npm", "name": "x"}, "ranges": [{"type": "SEMVER", "events": events}]}]})
        .to_string()
}

#[test]
fn advisories_are_held_against_as_many_versions_as_the_limit_says() {
    // One bound each, and one for the versions it names.
    let copies = MAX_HELD / 2 / 2_500;
    let files =
        lock("{}", (0..copies).map(|at| format!(r#","node_modules/p{at}/node_modules/x":{{"version":"1.0.{at}"}}"#)));
    for (count, is_cut) in [(2_500, false), (2_501, true)] {
        let advisories = vec![advisory("9.0.0"); count].join("\n");
        let remarks = remarks("match_advisories", &json!({"files": files, "advisories": advisories}));
        assert_eq!(remarks.contains("1 more advisories of packages with many copies"), is_cut, "{remarks}");
    }
}

#[test]
fn as_many_dependents_are_listed_as_the_limit_says() {
    for (more, is_cut) in [(0, false), (1, true)] {
        let arguments = json!({"files": dependents(MAX_DEPENDENTS + more), "advisories": advisory("0")});
        let remarks = remarks("match_advisories", &arguments);
        assert_eq!(remarks.contains("more dependents of affected copies"), is_cut, "{remarks}");
    }
    for (more, is_cut) in [(0, false), (1, true)] {
        let arguments = json!({"files": dependents(MAX_EXPLAINED + more), "why": ["x"]});
        let remarks = remarks("analyze_lockfile", &arguments);
        assert_eq!(remarks.contains("why: dependents beyond"), is_cut, "{remarks}");
    }
}

#[test]
fn a_long_way_is_told_by_its_end() {
    for (length, is_cut) in [(MAX_WAY, false), (MAX_WAY + 1, true)] {
        // The project is one of them.
        let last = length - 2;
        let package = |at| {
            let next = at + 1;
            format!(r#","node_modules/p{at}":{{"version":"1.0.0","dependencies":{{"p{next}":"1"}}}}"#)
        };
        let files = lock(r#"{"p0":"1"}"#, (0..=last).map(package));
        let report = run("analyze_lockfile", &json!({"files": files, "why": [format!("p{last}")]})).expect("accepted");
        let path = report["data"]["why"][0]["path"].as_array().expect("a way");
        assert_eq!((path.len(), path[0] == "..."), (length, is_cut));
        assert_eq!(path[length - 1], format!("p{last}@1.0.0"));
    }
}

#[test]
fn as_many_ranges_are_tried_with_versions_as_the_limit_says() {
    let count = MAX_TRIED.isqrt();
    for (more, is_cut) in [(0, false), (1, true)] {
        let package = |at| {
            format!(
                r#","node_modules/p{at}":{{"version":"1.0.0","dependencies":{{"x":"1.0.{at}"}}}},"node_modules/p{at}/node_modules/x":{{"version":"1.0.{at}"}}"#
            )
        };
        let remarks = remarks("analyze_lockfile", &json!({"files": lock("{}", (0..count + more).map(package))}));
        assert_eq!(remarks.contains("the dedupe plan of 1 package of very many ranges"), is_cut, "{remarks}");
    }
}

//! `resolve_dependencies`: its rules' pages, limits, broken texts, and small indexes against trying everything.

use octavo_python::REGISTRY;
use octavo_python::tools::resolve_dependencies::ResolveDependencies;
use octavo_testkit::{Dice, cases, report};
use octavo_toolkit::tool::Declared as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Deterministic changes made to each text.
const MUTATIONS: usize = 40;
/// Random indexes that are solved by trying everything.
const INDEXES: usize = 1_500;

fn resolve(arguments: &Value) -> Value {
    report(&REGISTRY, "resolve_dependencies", arguments).expect("a report")
}

fn rules_of(text: &str) -> Vec<String> {
    let (requirements, index) = text.split_once(" {").expect("an index");
    let requirements: Vec<&str> = requirements.split(' ').collect();
    let report = resolve(&json!({"requirements": requirements, "index": format!("{{{index}")}));
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
}

#[test]
fn wrong_pages_show_their_rule_and_right_ones_do_not() {
    for rule in ResolveDependencies::DECLARATION.rules.iter().filter(|rule| rule.id != "undecided") {
        assert!(rules_of(rule.docs.wrong).iter().any(|id| id == rule.id), "{}: wrong", rule.id);
        assert!(rules_of(rule.docs.right).iter().all(|id| id != rule.id), "{}: right", rule.id);
    }
}

#[test]
fn no_mutation_makes_it_panic() {
    let mut dice = Dice::new(5);
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "resolve_dependencies") {
        let index = arguments["index"].as_str().unwrap_or_default().to_owned();
        let first = arguments["requirements"][0].as_str().unwrap_or_default().to_owned();
        for _ in 0..MUTATIONS {
            let mut changed = arguments.clone();
            changed["index"] = Value::String(dice.mutate(&index, "[]{}\"'=.;><~!0129 \u{0}\u{1f600}"));
            report(&REGISTRY, "resolve_dependencies", &changed);
            let mut changed = arguments.clone();
            changed["requirements"][0] = Value::String(dice.mutate(&first, "[];<>=!~()'\"@,. \u{0}\u{1f600}"));
            report(&REGISTRY, "resolve_dependencies", &changed);
        }
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let with = |field: &str, value: Value| {
        let mut arguments = json!({"requirements": [], "index": "{}"});
        arguments[field] = value;
        report(&REGISTRY, "resolve_dependencies", &arguments).is_some()
    };
    for (field, item, limit) in
        [("requirements", "a", 1_000), ("locked", "a==1", 10_000), ("options", "no-build", 1_000)]
    {
        assert!(with(field, json!(vec![item; limit])), "{field}");
        assert!(!with(field, json!(vec![item; limit + 1])), "{field}");
    }
}

#[test]
fn deep_chains_and_long_conflicts_end() {
    let mut index = BTreeMap::new();
    for at in 0..2_000 {
        let next = if at == 1_999 { "p0<1".to_owned() } else { format!("p{}", at + 1) };
        index.insert(format!("p{at}"), json!({"1": [next], "2": [format!("p{}", at + 1)]}));
    }
    let report = resolve(&json!({"requirements": ["p0"], "index": json!(index).to_string()}));
    assert_eq!(report["data"]["outcome"], "unsatisfiable");
}

type Versions = Vec<Vec<(usize, u8)>>;

// Packages with versions 1.., each with requirements `package in mask of versions`.
fn random_index(dice: &mut Dice) -> (Vec<Versions>, Vec<(usize, u8)>) {
    let packages = 2 + dice.below(4);
    let mask = |dice: &mut Dice| u8::try_from(1 + dice.below(14)).unwrap_or(1);
    let index = (0..packages)
        .map(|own| {
            (0..=dice.below(3))
                .map(|_| {
                    let needs = dice.below(3);
                    (0..needs).map(|_| (dice.below(packages), mask(dice))).filter(|(other, _)| *other != own).collect()
                })
                .collect()
        })
        .collect();
    let direct = (0..=dice.below(3)).map(|_| (dice.below(packages), mask(dice))).collect();
    (index, direct)
}

fn written(other: usize, mask: u8) -> String {
    let excluded: Vec<String> = (0..4).filter(|at| mask & (1 << at) == 0).map(|at| format!("!={}", at + 1)).collect();
    format!("p{other}{}", excluded.join(","))
}

// Every consistent choice in which each chosen package is needed.
fn solutions(index: &[Versions], direct: &[(usize, u8)]) -> Vec<BTreeMap<usize, usize>> {
    fn extend(
        index: &[Versions],
        needed: &mut Vec<(usize, u8)>,
        chosen: &mut BTreeMap<usize, usize>,
        found: &mut Vec<BTreeMap<usize, usize>>,
    ) {
        let conflict = needed.iter().any(|(package, mask)| chosen.get(package).is_some_and(|at| mask & (1 << at) == 0));
        if conflict {
            return;
        }
        let Some((package, _)) = needed.iter().find(|(package, _)| !chosen.contains_key(package)).copied() else {
            found.push(chosen.clone());
            return;
        };
        for (at, needs) in index[package].iter().enumerate() {
            chosen.insert(package, at);
            let before = needed.len();
            needed.extend(needs);
            extend(index, needed, chosen, found);
            needed.truncate(before);
            chosen.remove(&package);
        }
    }
    let mut found = Vec::new();
    extend(index, &mut direct.to_vec(), &mut BTreeMap::new(), &mut found);
    found
}

#[test]
fn small_indexes_are_solved_best_or_proven_unsolvable() {
    let mut dice = Dice::new(2026);
    let (mut solved, mut refused) = (0, 0);
    for _ in 0..INDEXES {
        let (index, direct) = random_index(&mut dice);
        let mut text = serde_json::Map::new();
        for (package, versions) in index.iter().enumerate() {
            let releases: serde_json::Map<String, Value> = versions
                .iter()
                .enumerate()
                .map(|(at, needs)| {
                    let needs: Vec<String> = needs.iter().map(|(other, mask)| written(*other, *mask)).collect();
                    ((at + 1).to_string(), json!(needs))
                })
                .collect();
            text.insert(format!("p{package}"), Value::Object(releases));
        }
        let requirements: Vec<String> = direct.iter().map(|(other, mask)| written(*other, *mask)).collect();
        let index_text = Value::Object(text).to_string();
        let report = resolve(&json!({"requirements": requirements, "index": index_text}));
        let all = solutions(&index, &direct);
        let context = format!("{requirements:?} {index_text}");
        if all.is_empty() {
            refused += 1;
            assert_eq!(report["data"]["outcome"], "unsatisfiable", "{context}");
            assert!(report["data"]["proof"].as_array().is_some_and(|proof| !proof.is_empty()), "{context}");
            continue;
        }
        solved += 1;
        assert_eq!(report["data"]["outcome"], "resolved", "{context}");
        let pins: BTreeMap<usize, usize> = report["data"]["pins"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|pin| {
                let name = pin["name"].as_str().and_then(|name| name.strip_prefix('p')).expect("a name");
                let version: usize =
                    pin["version"].as_str().and_then(|version| version.parse().ok()).expect("a version");
                (name.parse().expect("a number"), version - 1)
            })
            .collect();
        assert!(all.contains(&pins), "{context}: {pins:?} is no solution");
        let key = |solution: &BTreeMap<usize, usize>| -> Vec<usize> {
            direct.iter().map(|(package, _)| solution[package]).collect()
        };
        assert_eq!(all.iter().map(key).max(), Some(key(&pins)), "{context}: direct requirements are not best");
        let better = all.iter().find(|other| {
            let both: Vec<_> =
                pins.iter().filter_map(|(package, at)| other.get(package).map(|other| (*at, *other))).collect();
            both.len() == pins.len()
                && both.iter().all(|(own, other)| other >= own)
                && both.iter().any(|(own, other)| other > own)
        });
        assert_eq!(better, None, "{context}: {pins:?} can be better");
        check_fewest(&mut dice, &index, &all, &requirements, &index_text);
    }
    assert!(solved > 300 && refused > 100, "{solved} solved, {refused} refused");
}

// With random locks: no solution changes fewer of them.
fn check_fewest(
    dice: &mut Dice,
    index: &[Versions],
    all: &[BTreeMap<usize, usize>],
    requirements: &[String],
    text: &str,
) {
    let locks: BTreeMap<usize, usize> =
        index.iter().enumerate().map(|(package, versions)| (package, dice.below(versions.len()))).collect();
    let locked: Vec<String> = locks.iter().map(|(package, at)| format!("p{package}=={}", at + 1)).collect();
    let report = resolve(&json!({"requirements": requirements, "index": text, "locked": locked}));
    let changed =
        |solution: &BTreeMap<usize, usize>| solution.iter().filter(|(package, at)| locks[*package] != **at).count();
    let fewest = all.iter().map(changed).min().unwrap_or_default();
    let moved =
        report["data"]["changes"].as_array().into_iter().flatten().filter(|change| change["to"].is_string()).count();
    assert_eq!(moved, fewest, "{requirements:?} {text} {locked:?}");
}

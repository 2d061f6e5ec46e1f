//! What is shown of a graph: rows of modules, what a change reaches, and the diagram.

use super::{AffectedRow, Built, Data, ModuleRow};
use crate::support::language::Language;
use octavo_graph::diagram::flowchart;
use std::collections::{BTreeMap, BTreeSet};

use super::resolve::Read;
use crate::support::packages::{file_name, folder};

/// Most rows of each list.
pub const MAX_ROWS: usize = 2_000;

/// Fills in modules, imports and packages.
pub(super) fn list(built: &Built, read: &Read, name: &impl Fn(usize) -> String, data: &mut Data) {
    for at in read.keys() {
        let (fan_in, fan_out) = (built.graph.importers_of(*at).count(), built.graph.imported_by(*at).count());
        #[expect(clippy::cast_precision_loss, reason = "counts of files are far below 2^52")]
        let share = fan_out as f64 * 100.0 / (fan_in + fan_out).max(1) as f64;
        data.modules.push(ModuleRow { path: name(*at), fan_in, fan_out, instability: share.round() / 100.0 });
        let imported: BTreeSet<String> = built.graph.imported_by(*at).map(name).collect();
        if !imported.is_empty() {
            data.imports.insert(name(*at), imported.into_iter().collect());
        }
    }
    data.modules.sort_by(|one, other| other.fan_in.cmp(&one.fan_in).then_with(|| one.path.cmp(&other.path)));
    let packages = built.outside.iter().take(MAX_ROWS);
    data.packages = packages.map(|(package, files)| (package.clone(), files.len())).collect();
}

/// What a change of files reaches: all that import them, directly or not. The files of a Go package are one.
pub(super) fn affected(
    built: &Built,
    read: &Read,
    changed: &BTreeSet<usize>,
    name: &impl Fn(usize) -> String,
) -> AffectedRow {
    let mut together: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let is_go = |at: &usize| read.get(at).is_some_and(|(language, _)| *language == Language::Go);
    for at in read.keys().filter(|at| is_go(at)) {
        together.entry(folder(&name(*at)).to_owned()).or_default().push(*at);
    }
    let mut seen = changed.clone();
    let mut queue: Vec<usize> = changed.iter().copied().collect();
    while let Some(node) = queue.pop() {
        // A package is taken once, tests of it change nothing else.
        let path = name(node);
        let package = if is_go(&node) && !path.ends_with("_test.go") { together.remove(folder(&path)) } else { None };
        for next in built.graph.importers_of(node).chain(package.into_iter().flatten()) {
            if seen.insert(next) {
                queue.push(next);
            }
        }
    }
    let mut files: Vec<String> = seen.into_iter().map(name).collect();
    files.sort();
    let tests = files.iter().filter(|path| is_test(path)).cloned().collect();
    AffectedRow { files, tests }
}

/// Whether a file is a test, by the names that runners look for.
pub(super) fn is_test(path: &str) -> bool {
    let name = file_name(path);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let within = |word: &str| path.split('/').rev().skip(1).any(|part| part == word);
    match ending {
        "py" => stem.starts_with("test_") || stem.ends_with("_test"),
        "go" => stem.ends_with("_test"),
        "java" => {
            stem.starts_with("Test") || ["Test", "Tests", "TestCase", "IT"].iter().any(|word| stem.ends_with(word))
        }
        "rs" => within("tests"),
        "c" => stem.starts_with("test_") || stem.ends_with("_test") || within("tests") || within("test"),
        _ => within("__tests__") || [".test", ".spec", ".cy", "_test"].iter().any(|word| stem.ends_with(word)),
    }
}

/// A flowchart of folders.
pub(super) fn mermaid(built: &Built, name: &impl Fn(usize) -> String) -> String {
    let folder_of = |node: usize| match folder(&name(node)) {
        "" => ".".to_owned(),
        folder => folder.to_owned(),
    };
    let mut arrows: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (from, to) in built.graph.edges() {
        let (from, to) = (folder_of(from), folder_of(to));
        if from != to {
            *arrows.entry((from, to)).or_default() += 1;
        }
    }
    flowchart(arrows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_known_by_their_names() {
        for test in
            ["a/test_b.py", "b_test.go", "x/FooTest.java", "tests/a.rs", "__tests__/a.js", "a.spec.ts", "test_a.c"]
        {
            assert!(is_test(test), "{test}");
        }
        for other in ["a/testing.py", "b.go", "x/Foo.java", "src/a.rs", "a.ts", "contest.js", "tests.rs"] {
            assert!(!is_test(other), "{other}");
        }
    }
}

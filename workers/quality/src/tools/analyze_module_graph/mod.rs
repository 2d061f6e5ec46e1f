//! The graph of a project's imports over files of several languages: cycles, cuts, layers, weights, what a change reaches.
//!
//! Owns arguments, rows and findings. [`imports`] reads, [`resolve`] finds the file, [`contract`] judges, [`view`] shows; the
//! graph itself is shared with the tool for Python.

mod contract;
mod imports;
mod modules;
mod resolve;
mod rules;
mod rust;
mod view;

pub use contract::{MAX_CONTRACT_BYTES, MAX_CONTRACTS, MAX_STARS};
pub use view::MAX_ROWS;

use super::measure_complexity::{MAX_FILE_BYTES, MAX_SCRIPT_BYTES};
use crate::support::Outcome;
use crate::support::language::{self, Engine, Language};
use crate::support::packages::Target;
use crate::support::pattern::is_in;
use crate::support::walk::Budget;
use contract::{Contract, Place};
use octavo_graph::Graph;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_FILES, check_items, excerpt};
use octavo_toolkit::path::normal;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Range, Report, SourceFile, Tool, ToolError, declare_tool};
use resolve::{Index, Read};
use rules::{CIRCULAR, UNRESOLVABLE};
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

declare_tool! {
    /// Builds the graph of imports over files: circles and the fewest imports whose removal ends them, broken layer rules, how much
    /// depends on each file, and what a change reaches.
    ///
    /// **Use it** before moving code, to hold an architecture, or to choose the tests to run for a change.
    ///
    /// **Imports.** JavaScript and TypeScript: import, export from, require, import(), types (marked), `paths` and `baseUrl` of a
    /// tsconfig.json, names, `exports` and `imports` of a package.json among the files. Python: absolute and relative, a name of a
    /// package being its module, types where TYPE_CHECKING holds. Go by a go.mod among the files. Java by import, and by name
    /// within a package. Rust by declared modules, `use` and written paths, other crates by a Cargo.toml. C by quoted includes.
    ///
    /// **Rules** are lines over paths, one each: `layers: src/ui > src/core > src/db` (higher first, `|` between independent siblings),
    /// `forbid: src/core -> src/ui, react`, `independent: src/a, src/b`. `*` stands within a name, `**` over folders. Layers and
    /// independent parts may not reach each other through files outside the rule either.
    ///
    /// **Cuts.** Exact up to 16 files in a circle, else by the heuristic of Eades, Lin and Smyth, sifted.
    ///
    /// **Output.** Findings; `data` with modules (fan-in, fan-out, instability), imports, cycles, packages from outside, what is
    /// affected, and a Mermaid diagram of folders.
    pub struct AnalyzeModuleGraph;
    name: "analyze_module_graph",
    title: "Module graph",
    summary: "Maps JS/TS, Python, Go, Java, Rust, C imports: cycles, cuts, layers, affected tests. Send all files.",
    keywords: "dependency graph circular dependencies cycle madge dependency-cruiser import graph layers architecture rules fan-in fan-out instability coupling affected tests impact analysis change module strongly connected mermaid diagram jest findRelatedTests grimp import-linter",
    examples: [
        "a circle" => r#"{"files":[{"path":"a.ts","source":"import './b';"},{"path":"b.ts","source":"import './a';"}]}"#,
        "tests of a change" => r#"{"changed":["a.py"],"files":[{"path":"a.py","source":""},{"path":"b.py","source":"import a"},{"path":"test_b.py","source":"import b"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "imports whose name is put together at run time, and AMD's define",
        "tsconfig extends and other bundler aliases",
        "what Rust macros expand to",
    ],
}

/// Most edges; a wild import makes one to each file of a package.
pub const MAX_EDGES: usize = 200_000;
/// Most parts of rules from which chains are searched.
pub const MAX_CHAIN_SEARCHES: usize = 200;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// All.
    files: Vec<SourceFile>,
    /// Lines: `layers: ui > db`, `forbid: a -> b`.
    #[serde(default)]
    rules: String,
    /// Paths.
    #[serde(default)]
    changed: Vec<String>,
}

/// The graph.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    /// Files, those on which most depends first.
    pub modules: Vec<ModuleRow>,
    /// What each file imports of the others.
    pub imports: BTreeMap<String, Vec<String>>,
    /// Circles.
    pub cycles: Vec<CycleRow>,
    /// Packages from outside, and how many files import them.
    pub packages: BTreeMap<String, usize>,
    /// What a change reaches; where `changed` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affected: Option<AffectedRow>,
    /// A flowchart of folders.
    pub mermaid: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ModuleRow {
    /// Its path.
    pub path: String,
    /// Files that import it.
    pub fan_in: usize,
    /// Files that it imports.
    pub fan_out: usize,
    /// Fan-out by both: 0 stable, 1 unstable.
    pub instability: f64,
}

/// Files that all reach each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CycleRow {
    /// The files.
    pub files: Vec<String>,
    /// A shortest circle in them, ending where it began.
    pub shortest: Vec<String>,
    /// The fewest imports whose removal leaves no circle: importer and imported.
    pub cut: Vec<[String; 2]>,
    /// Whether no fewer do.
    pub minimum: bool,
    /// Whether only imports of types close it.
    pub types_only: bool,
}

/// What a change reaches.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AffectedRow {
    /// Files that import a changed one, directly or not, and the changed ones.
    pub files: Vec<String>,
    /// Of them tests: to be run.
    pub tests: Vec<String>,
}

// The first import that makes an edge.
#[derive(Debug, Clone)]
struct Detail {
    range: Range,
    types: bool,
}

#[derive(Default)]
struct Built {
    graph: Graph,
    details: BTreeMap<(usize, usize), Detail>,
    outside: BTreeMap<String, BTreeSet<usize>>,
    outside_places: BTreeMap<(usize, String), Range>,
    missing: Vec<(usize, String, Range)>,
    // Imports that came to nothing, for there were too many edges.
    left_out: usize,
}

impl Built {
    fn edge(&mut self, from: usize, to: usize, range: Range, types: bool) {
        if from == to {
            return;
        }
        if self.details.len() >= MAX_EDGES && !self.details.contains_key(&(from, to)) {
            self.left_out += 1;
            return;
        }
        self.graph.add(from, to);
        let detail = self.details.entry((from, to)).or_insert(Detail { range, types });
        detail.types &= types;
    }
}

impl Tool for AnalyzeModuleGraph {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        check_items("/changed", &input.changed, MAX_FILES)?;
        let contracts = contract::read(&input.rules)?;
        let mut left_out = Vec::new();
        let mut read: Read = BTreeMap::new();
        let budget = Budget::default();
        for (at, file) in input.files.iter().enumerate() {
            let Some(language) = Language::of_path(&file.path) else { continue };
            let longest = if matches!(language.engine(), Engine::Oxc(_)) { MAX_SCRIPT_BYTES } else { MAX_FILE_BYTES };
            match (file.source.len() <= longest).then(|| imports::read(language, &file.source, &budget)) {
                Some(Ok((outcome, imports))) => {
                    if outcome != Outcome::Clean {
                        left_out.push(format!("{} beyond where it does not parse", file.path));
                    }
                    read.insert(at, (language, imports));
                }
                Some(Err(_)) | None => left_out.push(format!("{}, which is not read", file.path)),
            }
        }
        if read.is_empty() {
            return Err(ToolError::invalid("/files", "has no file that is read", language::ACCEPTED));
        }
        let paths: Vec<String> = input.files.iter().map(|file| normal(&file.path)).collect();
        let changed = numbers(&input.changed, &paths)?;
        let built = build(&input.files, &paths, &read);
        if built.left_out > 0 {
            left_out.push(format!("{} beyond {MAX_EDGES}", plural(built.left_out, "import")));
        }
        let mut findings = Vec::new();
        let mut data = Data::default();
        let name = |node: usize| paths.get(node).cloned().unwrap_or_default();
        cycles(&built, &name, &mut data, &mut findings);
        let mut searches = 0;
        for contract in &contracts {
            let is_empty = |part: &&str| !paths.iter().any(|path| is_in(path, part));
            let empty: BTreeSet<&str> = contract.parts().into_iter().filter(is_empty).collect();
            judge(contract, &empty, &built, &paths, &mut searches, &mut findings);
            for part in empty.into_iter().filter(|part| contract.needs(part)) {
                left_out.push(format!("{} of `{}`, in which no file is", excerpt(part), excerpt(&contract.text)));
            }
        }
        if searches > MAX_CHAIN_SEARCHES {
            left_out.push(format!("chains from more than {MAX_CHAIN_SEARCHES} parts of rules"));
        }
        for (node, target, range) in &built.missing {
            let message = format!("{} leads to no file that was given", excerpt(target));
            findings.push(Finding::new(&UNRESOLVABLE, message).in_file(name(*node)).at(*range));
        }
        view::list(&built, &read, &name, &mut data);
        if !input.changed.is_empty() {
            data.affected = Some(view::affected(&built, &read, &changed, &name));
        }
        data.mermaid = view::mermaid(&built, &name);
        let reached = data
            .affected
            .as_ref()
            .map_or_else(String::new, |row| format!(", {} to run", plural(row.tests.len(), "test")));
        let (files, edges) = (plural(read.len(), "file"), plural(built.details.len(), "import"));
        let summary = format!("{files}, {edges}, {}{reached}", plural(data.cycles.len(), "circle"));
        let mut report = Report::checked(findings, data).with_summary(summary).over_files(read.len());
        for what in left_out.into_iter().take(20) {
            report = report.not_checked(what);
        }
        Ok(report)
    }
}

// The files that changed.
fn numbers(changed: &[String], paths: &[String]) -> Result<BTreeSet<usize>, ToolError> {
    let known: BTreeMap<&str, usize> = paths.iter().enumerate().map(|(at, path)| (path.as_str(), at)).collect();
    let one = |(at, path): (usize, &String)| {
        known
            .get(normal(path).as_str())
            .copied()
            .ok_or_else(|| ToolError::invalid(format!("/changed/{at}"), "is none of the files", "paths of `files`"))
    };
    changed.iter().enumerate().map(one).collect()
}

fn build(files: &[SourceFile], paths: &[String], read: &Read) -> Built {
    let index = Index::new(files, paths, read);
    let mut built = Built { graph: Graph::with_nodes(files.len()), ..Built::default() };
    for (at, source) in read {
        let Some((file, path)) = files.get(*at).zip(paths.get(*at)) else { continue };
        let lines = LineIndex::new(&file.source);
        for import in &source.1.list {
            let range = lines.range(import.span.clone());
            match index.resolve(*at, path, source, import) {
                Target::Files(targets) => {
                    for to in targets {
                        built.edge(*at, to, range, import.types);
                    }
                }
                Target::Outside(package) => {
                    built.outside_places.entry((*at, package.clone())).or_insert(range);
                    built.outside.entry(package).or_default().insert(*at);
                }
                Target::Missing => {
                    let dots =
                        if source.0 == Language::Python { ".".repeat(import.level.min(20)) } else { String::new() };
                    built.missing.push((*at, format!("{dots}{}", import.target), range));
                }
            }
        }
        if source.0 == Language::Java {
            for (to, span) in index.neighbours(&source.1) {
                built.edge(*at, to, lines.range(span), false);
            }
        }
    }
    built
}

fn cycles(built: &Built, name: &impl Fn(usize) -> String, data: &mut Data, findings: &mut Vec<Finding>) {
    let mut running = Graph::with_nodes(built.graph.len());
    for ((from, to), _) in built.details.iter().filter(|(_, detail)| !detail.types) {
        running.add(*from, *to);
    }
    let at_run: BTreeSet<usize> = running.knots().into_iter().flatten().collect();
    for knot in built.graph.knots() {
        let types_only = !knot.iter().any(|node| at_run.contains(node));
        let shortest = built.graph.shortest_cycle(&knot);
        let (cut, minimum) = built.graph.cycle_cut(&knot);
        let named: Vec<String> = shortest.iter().map(|node| name(*node)).collect();
        let removing: Vec<String> =
            cut.iter().take(5).map(|(from, to)| format!("{} -> {}", name(*from), name(*to))).collect();
        let more = if cut.len() > 5 { format!(" and {} more", cut.len() - 5) } else { String::new() };
        let kind = if types_only { " (types only)" } else { "" };
        let message = format!(
            "circle of {}{kind}: {}; without {}{more} there is none",
            plural(knot.len(), "file"),
            named.join(" -> "),
            removing.join(", ")
        );
        let mut finding = Finding::new(&CIRCULAR, message);
        if types_only {
            finding = finding.with_level(Level::Info);
        }
        if let [from, to, ..] = shortest.as_slice() {
            finding = finding.in_file(name(*from));
            if let Some(detail) = built.details.get(&(*from, *to)) {
                finding = finding.at(detail.range);
            }
        }
        findings.push(finding);
        data.cycles.push(CycleRow {
            files: knot.iter().map(|node| name(*node)).collect(),
            shortest: named,
            cut: cut.into_iter().map(|(from, to)| [name(from), name(to)]).collect(),
            minimum,
            types_only,
        });
    }
}

fn judge(
    contract: &Contract,
    empty: &BTreeSet<&str>,
    built: &Built,
    paths: &[String],
    searches: &mut usize,
    findings: &mut Vec<Finding>,
) {
    let places: Vec<Place> = paths.iter().map(|path| contract.place(path)).collect();
    let place = |node: usize| places.get(node).copied().unwrap_or_default();
    let name = |node: usize| paths.get(node).map_or("", String::as_str);
    let rule = excerpt(&contract.text);
    let mut broken = |from: usize, to: &str, range: Range| {
        let message = format!("{} imports {to}, against `{rule}`", name(from));
        findings.push(Finding::new(contract.rule, message).in_file(name(from)).at(range));
    };
    for ((from, to), detail) in &built.details {
        if contract.is_broken(place(*from), place(*to)) {
            broken(*from, name(*to), detail.range);
        }
    }
    for ((from, package), range) in &built.outside_places {
        // A part that has files is no package of the same name.
        if contract.is_broken(place(*from), contract.place_among(package, |part| empty.contains(part))) {
            broken(*from, package, *range);
        }
    }
    if contract.sees_chains() {
        for chain in chains(contract, built, &places, searches) {
            let Some(range) = chain.first().zip(chain.get(1)).and_then(|(from, to)| built.details.get(&(*from, *to)))
            else {
                continue;
            };
            let from = chain.first().map_or("", |node| name(*node));
            let through: Vec<&str> = chain.iter().map(|node| name(*node)).collect();
            let message = format!("{}, a chain against `{rule}`", through.join(" -> "));
            findings.push(Finding::new(contract.rule, message).in_file(from).at(range.range));
        }
    }
}

// A shortest chain from each part of a rule to each that it may not reach, through files of no part.
fn chains(contract: &Contract, built: &Built, places: &[Place], searches: &mut usize) -> Vec<Vec<usize>> {
    let place = |node: usize| places.get(node).copied().unwrap_or_default();
    let mut groups: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    for (node, place) in places.iter().enumerate().filter(|(_, place)| !place.is_outside()) {
        groups.entry(*place).or_default().push(node);
    }
    let mut found = Vec::new();
    for (own, nodes) in groups {
        *searches += 1;
        if *searches > MAX_CHAIN_SEARCHES {
            break;
        }
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        let mut reached = BTreeSet::new();
        let mut queue: VecDeque<usize> = nodes.into_iter().collect();
        while let Some(node) = queue.pop_front() {
            for next in built.graph.imported_by(node) {
                let there = place(next);
                if there.is_outside() {
                    if let Entry::Vacant(unseen) = before.entry(next) {
                        unseen.insert(node);
                        queue.push_back(next);
                    }
                } else if before.contains_key(&node) && contract.is_broken(own, there) && reached.insert(there) {
                    let mut chain = vec![next, node];
                    while let Some(earlier) = chain.last().and_then(|last| before.get(last)) {
                        chain.push(*earlier);
                    }
                    chain.reverse();
                    found.push(chain);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_graph::diagram::MAX_ARROWS;

    fn file(path: impl Into<String>, source: impl Into<String>) -> SourceFile {
        SourceFile { path: path.into(), source: source.into() }
    }

    fn run(files: Vec<SourceFile>, rules: String) -> Report<Data> {
        AnalyzeModuleGraph.run(Input { files, rules, ..Input::default() }, &Ctx::silent()).expect("accepted")
    }

    #[test]
    fn arrows_beyond_the_limit_are_counted() {
        let draw = |count: usize| {
            let all: Vec<String> = (0..count).map(|at| format!("import './d{at}/a.js';")).collect();
            let others = (0..count).map(|at| file(format!("d{at}/a.js"), ""));
            let report = run(std::iter::once(file("a.js", all.join("\n"))).chain(others).collect(), String::new());
            report.data().map(|data| data.mermaid.clone()).unwrap_or_default()
        };
        assert!(!draw(MAX_ARROWS).contains("%%") && draw(MAX_ARROWS + 1).ends_with("%% 1 more arrows\n"));
    }

    #[test]
    fn rows_end_at_their_limit() {
        let packages = |count: usize| {
            let all: Vec<String> = (0..count).map(|at| format!("import 'p{at}';")).collect();
            run(vec![file("a.js", all.join("\n"))], String::new()).data().map_or(0, |data| data.packages.len())
        };
        assert_eq!((packages(MAX_ROWS), packages(MAX_ROWS + 1)), (MAX_ROWS, MAX_ROWS));
    }

    #[test]
    fn edges_end_at_their_limit() {
        // Each file of one folder imports all of the other.
        let wide = |more: usize| {
            let importers = 200;
            let imported = MAX_EDGES / importers;
            let head = std::iter::once(file("go.mod", "module m\n"));
            let from = (0..importers).map(|at| file(format!("a/{at}.go"), "package a\nimport \"m/b\"\n"));
            let to = (0..imported).map(|at| file(format!("b/{at}.go"), "package b\n"));
            let last = (0..more).map(|_| file("c/c.go", "package c\nimport \"m/a\"\n"));
            run(head.chain(from).chain(to).chain(last).collect(), String::new())
        };
        assert_eq!(wide(0).data().map(|data| data.imports.values().map(Vec::len).sum()), Some(MAX_EDGES));
        assert_eq!(wide(1).data().map(|data| data.imports.values().map(Vec::len).sum()), Some(MAX_EDGES));
    }

    #[test]
    fn chains_are_searched_up_to_their_limit() {
        let layered = |count: usize| {
            let files = (0..count).map(|at| file(format!("l{at}/a.py"), "import x.b\n"));
            let names: Vec<String> = (0..count).map(|at| format!("l{at}")).collect();
            let all = files.chain([file("x/b.py", "import l0.a\n")]).collect();
            let report = run(all, format!("layers: {}", names.join(">")));
            report.findings().iter().filter(|finding| finding.rule == "layers").count()
        };
        // Each layer but the first reaches the first through x.
        assert_eq!(layered(MAX_CHAIN_SEARCHES), MAX_CHAIN_SEARCHES - 1);
        assert_eq!(layered(MAX_CHAIN_SEARCHES + 1), MAX_CHAIN_SEARCHES - 1);
    }
}

//! `analyze_imports`: the import graph of a project, its cycles, and contracts on it.
//!
//! Owns the graph's making from files, and the report. Edges are grimp's, contracts import-linter's.

mod check;
mod contracts;
mod diagram;
mod rules;

use crate::support::imports::{self, Import, When};
use crate::support::layout::normalized;
use crate::support::module::{self, INVALID_SYNTAX, MAX_FILE_BYTES, TOO_DEEP};
use crate::support::project::{Project, Target, project_files};
use check::{Names, Outcome};
use contracts::Contract;
use octavo_graph::{Edge, Graph};
use octavo_toolkit::limits::{check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::work::{Steps, in_one_go};
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Range, Report, SourceFile, Tool, ToolError, declare_tool};
use ruff_python_ast::PySourceType;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

declare_tool! {
    /// Builds the import graph of a Python project, as grimp does, finds the circles in it and the fewest imports whose removal
    /// ends them, and checks architecture contracts as import-linter does, with the chains that break them.
    ///
    /// Use it before moving code between packages, to understand a project's structure, or in review to hold an
    /// architecture. Send all files of the packages concerned, with their `__init__.py`: what is not sent is not there.
    ///
    /// A contract is a line: `layers: app.ui | app.cli > app.core > (app.util)` (higher first; `|` between independent
    /// siblings, `:` between others, brackets for what may be missing; `layers in app.x, app.y: ui > core` inside of
    /// containers), `forbidden: app.core -> app.ui, django`, `independence: app.a, app.b`, `protected: app.db <- app.api` or
    /// `acyclic_siblings: app`. Options follow after `;`: `ignore a.b -> c.*`, `direct`, `modules` (not as packages),
    /// `exhaustive`, `except tests`, `depth 3`, `skip app.x`. `*` is one part of a name, `**` one or more. Contracts in a
    /// `.importlinter`, `setup.cfg` or `pyproject.toml` among the files are checked too.
    ///
    /// A module is named from the folder that holds its package; other files are named as the project's imports name them.
    /// A circle that closes when modules are loaded is a warning; one that only closes in functions or for type checkers is
    /// info. `data` holds cycles with their smallest cut, contracts, the most connected modules, edges, and a Mermaid
    /// diagram of packages.
    ///
    /// Limits: 1 MiB a file, 2,000 files, 100 contracts.
    pub struct AnalyzeImports;
    name: "analyze_imports",
    title: "Analyze Python imports",
    summary: "Builds the import graph of a Python project: cycles, smallest cuts, layer and other contracts with their chains, Mermaid.",
    keywords: "moving code grimp import-linter importlinter pydeps dependency graph circular import cycle layers architecture forbidden independence contract coupling module package structure tach pylint cyclic-import diagram mermaid fan-in fan-out strongly connected unresolved",
    examples: [
        "a circle" => r#"{"files":[{"path":"shop/__init__.py","source":""},{"path":"shop/cart.py","source":"from shop import user\n"},{"path":"shop/user.py","source":"import shop.cart\n"}]}"#,
        "a broken layer" => r#"{"files":[{"path":"app/__init__.py","source":""},{"path":"app/ui.py","source":"from app import core\n"},{"path":"app/core.py","source":"from . import log\n"},{"path":"app/log.py","source":"import app.ui\n"}],"contracts":["layers: app.ui > app.core"]}"#,
    ],
    rules: &[
        rules::CYCLE,
        rules::UNRESOLVED,
        rules::LAYERS,
        rules::FORBIDDEN,
        rules::INDEPENDENCE,
        rules::PROTECTED,
        rules::ACYCLIC_SIBLINGS,
        rules::INVALID_CONTRACT,
        INVALID_SYNTAX,
        TOO_DEEP,
    ],
    not_checked: ["imports by importlib or __import__", "compiled modules, stubs", "import-linter's custom contract types"],
}

/// Most contracts of a call.
const MAX_CONTRACTS: usize = 100;
/// Edges listed when the caller names no number: about 2,000 tokens of result.
const DEFAULT_EDGES: u32 = 50;
/// Most edges a caller may ask for.
const MAX_EDGES: u32 = 50_000;
/// Deepest names in the diagram.
const MAX_DEPTH: u32 = 20;
/// Files parsed in one step, between two notes of progress.
const FILES_A_STEP: usize = 20;
/// Most modules named of a knot; its size is told.
const MAX_NAMED: usize = 30;
/// Most cycles and broken pairs listed in data, and found.
const MAX_LISTED: usize = 200;
/// Modules listed by how many import them.
const MAX_CENTRAL: usize = 10;
/// Edges of a cut that a message names.
const MAX_CUT_NAMED: usize = 3;

/// Files and contracts.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Whole packages.
    files: Vec<SourceFile>,
    /// Such as "layers: a.ui > a.core", "forbidden: a.x -> a.y, django", "independence: a.b, a.c".
    #[serde(default)]
    contracts: Vec<String>,
    /// Leave out imports under `TYPE_CHECKING`.
    #[serde(default)]
    ignore_typing: bool,
    /// Edges listed; default 50.
    #[serde(default)]
    edges: Option<u32>,
    /// Parts of names in the diagram; default 2.
    #[serde(default)]
    depth: Option<u32>,
}

/// The graph.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Modules of the project.
    modules: usize,
    /// Imports between them, each pair once.
    imports: usize,
    /// Sets of modules that all reach each other.
    cycles: Vec<CycleRow>,
    /// What became of each contract.
    contracts: Vec<ContractRow>,
    /// The modules most imported.
    central: Vec<ModuleRow>,
    /// Packages outside of the project, with the number of modules that import them.
    external: BTreeMap<String, usize>,
    /// Imports between modules, by name.
    edges: Vec<EdgeRow>,
    /// Imports left out.
    unlisted: usize,
    /// Mermaid: packages and how many imports go between them.
    diagram: String,
}

/// A set of modules that all reach each other.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct CycleRow {
    /// How many modules.
    size: usize,
    /// The first of them.
    modules: Vec<String>,
    /// The shortest circle.
    shortest: Vec<String>,
    /// Imports whose removal leaves no circle.
    cut: Vec<String>,
    /// Whether fewer surely do not do.
    smallest: bool,
    /// Whether it closes when modules are loaded.
    at_load: bool,
}

/// What became of a contract.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct ContractRow {
    /// Its name.
    name: String,
    /// Its type.
    kind: &'static str,
    /// kept, broken or invalid.
    verdict: &'static str,
    /// What breaks it.
    broken: Vec<BrokenRow>,
}

/// One thing that breaks a contract.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct BrokenRow {
    /// Who imports.
    importer: String,
    /// What it may not import.
    imported: String,
    /// Up to three chains, none sharing an import.
    chains: Vec<Vec<String>>,
    /// The fewest imports to remove; absent when more than 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<Vec<String>>,
}

/// How a module is connected.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ModuleRow {
    /// Its name.
    name: String,
    /// Modules that import it.
    imported_by: usize,
    /// Modules it imports.
    imports: usize,
}

/// An import.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct EdgeRow {
    /// Who imports.
    importer: String,
    /// What.
    imported: String,
    /// In which line first.
    line: u32,
    /// load, call or typing.
    when: &'static str,
}

impl Tool for AnalyzeImports {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        in_one_go(&mut *self.steps(input)?, ctx)
    }

    fn steps(&self, input: Input) -> Result<Box<dyn Steps<Data>>, ToolError> {
        check_items("/contracts", &input.contracts, MAX_CONTRACTS)?;
        let mut contracts = Vec::new();
        for (at, line) in input.contracts.iter().enumerate() {
            let invalid = |fault: String| ToolError::invalid(format!("/contracts/{at}"), fault, contracts::ACCEPTED);
            contracts.push(contracts::read_line(line).map_err(invalid)?);
        }
        let in_range = |name: &str, given: Option<u32>, default: u32, least: u32, most: u32| match given {
            Some(number) if !(least..=most).contains(&number) => Err(ToolError::invalid(
                format!("/{name}"),
                "is out of range",
                format!("a whole number from {least} to {most}"),
            )),
            given => Ok(given.unwrap_or(default)),
        };
        let edges = in_range("edges", input.edges, DEFAULT_EDGES, 0, MAX_EDGES)?;
        let depth = in_range("depth", input.depth, 2, 1, MAX_DEPTH)?;
        let (files, others) = project_files(input.files, MAX_FILE_BYTES)?;
        let config = contracts::read_config(&others);
        // Stubs say what is in a module, not what it imports when it runs.
        let (stubs, files): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| PySourceType::from(Path::new(&file.path)).is_stub());
        let mut analysis = Analysis {
            paths: files.iter().map(|file| normalized(&file.path)).collect(),
            shown: files.iter().map(|file| file.path.clone()).collect(),
            files: files.into_iter(),
            imports: Vec::new(),
            findings: Vec::new(),
            contracts,
            ignore_typing: input.ignore_typing,
            edges: edges as usize,
            depth: depth as usize,
            stubs: stubs.len(),
        };
        if let Some((path, config)) = config {
            analysis.ignore_typing |= config.exclude_type_checking;
            for contract in config.contracts {
                match contract {
                    Ok(contract) => analysis.contracts.push(contract),
                    Err((name, fault)) => analysis.findings.push(
                        Finding::new(&rules::INVALID_CONTRACT, format!("contract `{}` {fault}", excerpt(&name)))
                            .in_file(path.clone()),
                    ),
                }
            }
        }
        Ok(Box::new(analysis))
    }
}

// An import with the places of its name and statement.
type Placed = (Import, Range);

// A call at work: some files a step, then the graph.
struct Analysis {
    files: std::vec::IntoIter<SourceFile>,
    paths: Vec<String>,
    shown: Vec<String>,
    imports: Vec<Vec<Placed>>,
    findings: Vec<Finding>,
    contracts: Vec<Contract>,
    ignore_typing: bool,
    edges: usize,
    depth: usize,
    stubs: usize,
}

impl Steps<Data> for Analysis {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<Data>>, ToolError> {
        for file in self.files.by_ref().take(FILES_A_STEP) {
            let kind = PySourceType::from(Path::new(&file.path));
            let imports = match module::parse(&file.source, kind) {
                Ok(parsed) => {
                    let index = LineIndex::new(&file.source);
                    let place = |import: Import| {
                        let range = import.range.start().to_usize()..import.range.end().to_usize();
                        (import, index.range(range))
                    };
                    imports::collect(parsed.syntax()).into_iter().map(place).collect()
                }
                Err(unread) => {
                    self.findings.extend(unread.into_iter().map(|finding| finding.in_file(file.path.clone())));
                    Vec::new()
                }
            };
            self.imports.push(imports);
        }
        let (done, all) = (self.imports.len(), self.shown.len());
        if done < all {
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            ctx.progress(count(done), count(all), "files read");
            return Ok(None);
        }
        Ok(Some(self.report()))
    }
}

// The graph with what is known of its edges.
struct Built {
    names: Names,
    graph: Graph,
    details: BTreeMap<Edge, Detail>,
    files: BTreeMap<usize, usize>,
}

// The first statement of an edge, and when it is carried out at the earliest.
#[derive(Clone, Copy)]
struct Detail {
    when: When,
    place: Range,
}

impl Analysis {
    fn report(&mut self) -> Report<Data> {
        let built = self.build();
        let mut data = Data { modules: built.names.internal().count(), ..Data::default() };
        self.cycles(&built, &mut data);
        let mut built = built;
        self.contracts(&mut built, &mut data);
        self.list(&built, &mut data);
        let broken = data.contracts.iter().filter(|row| row.verdict != "kept").count();
        let contracts = match data.contracts.len() {
            0 => String::new(),
            all => format!(", {} of {} kept", all - broken, plural(all, "contract")),
        };
        let summary = format!(
            "{} with {} between them, {}{contracts}",
            plural(data.modules, "module"),
            plural(data.imports, "import"),
            plural(data.cycles.len(), "cycle"),
        );
        let findings = std::mem::take(&mut self.findings);
        let report = Report::checked(findings, data).over_files(self.shown.len()).with_summary(summary);
        match self.stubs {
            0 => report,
            stubs => report.not_checked(plural(stubs, "stub file")),
        }
    }

    fn build(&mut self) -> Built {
        let bare: Vec<Vec<Import>> =
            self.imports.iter().map(|imports| imports.iter().map(|(import, _)| import.clone()).collect()).collect();
        let project = Project::of(&self.paths, &bare);
        let mut wanted: Vec<(usize, String, Detail)> = Vec::new();
        let mut external = BTreeSet::new();
        let mut unresolved = Vec::new();
        for (file, imports) in self.imports.iter().enumerate() {
            for (import, place) in imports {
                if self.ignore_typing && import.when == When::Typing {
                    continue;
                }
                let detail = Detail { when: import.when, place: *place };
                match project.resolve(file, import) {
                    Target::Module { file: target, .. } => {
                        wanted.extend(project.name(target).map(|name| (file, name.to_owned(), detail)));
                    }
                    Target::External(top) => {
                        if project.file(&top).is_none() && !project.is_namespace(&top) {
                            external.insert(top.clone());
                            wanted.push((file, top, detail));
                        }
                    }
                    Target::Missing(name) => {
                        // The package is imported on the way.
                        let above = name.rsplit_once('.').map_or("", |(above, _)| above);
                        let top = name.split('.').next().unwrap_or_default();
                        let loaded = [above, top].into_iter().find(|package| project.file(package).is_some());
                        wanted.extend(loaded.map(|package| (file, package.to_owned(), detail)));
                        if !import.optional {
                            unresolved.push((file, *place, format!("no file defines `{}`", excerpt(&name))));
                        }
                    }
                    Target::Beyond if project.name(file).is_some() && !import.optional => {
                        let message =
                            format!("leads {} up, out of the top-level package", plural(import.level as usize, "step"));
                        unresolved.push((file, *place, message));
                    }
                    Target::Namespace | Target::Beyond => {}
                }
            }
        }
        for (file, place, message) in unresolved {
            let path = self.shown.get(file).cloned().unwrap_or_default();
            self.findings.push(Finding::new(&rules::UNRESOLVED, message).at(place).in_file(path));
        }
        let internal = project.modules().map(|(name, _)| name).chain(project.namespaces());
        let names = Names::of(&internal.map(str::to_owned).collect(), &external);
        let mut graph = Graph::with_nodes(names.len());
        let mut details: BTreeMap<Edge, Detail> = BTreeMap::new();
        for (file, imported, detail) in wanted {
            // Of two files of one name only one is the module.
            let importer = project.name(file).filter(|name| project.file(name) == Some(file));
            let (Some(from), Some(to)) = (importer.and_then(|name| names.node(name)), names.node(&imported)) else {
                continue;
            };
            graph.add(from, to);
            let known = details.entry((from, to)).or_insert(detail);
            if detail.when < known.when {
                *known = detail;
            }
        }
        let files = project.modules().filter_map(|(name, file)| Some((names.node(name)?, file))).collect();
        Built { names, graph, details, files }
    }

    // A finding where an edge's import stands.
    fn at_edge(&self, finding: Finding, edge: Option<Edge>, built: &Built) -> Finding {
        let Some(edge) = edge else { return finding };
        let path = built.files.get(&edge.0).and_then(|file| self.shown.get(*file));
        match (built.details.get(&edge), path) {
            (Some(detail), Some(path)) => finding.at(detail.place).in_file(path.clone()),
            _ => finding,
        }
    }

    fn cycles(&mut self, built: &Built, data: &mut Data) {
        let Built { names, graph, details, .. } = built;
        let mut at_load = Graph::with_nodes(names.len());
        for (from, to) in details.iter().filter(|(_, detail)| detail.when == When::Load).map(|(edge, _)| *edge) {
            at_load.add(from, to);
        }
        let loaded = at_load.knots();
        let knots = graph.knots();
        for knot in knots.into_iter().take(MAX_LISTED) {
            let hard = loaded.iter().find(|inner| inner.iter().all(|node| knot.binary_search(node).is_ok()));
            let shortest = match hard {
                Some(inner) => at_load.shortest_cycle(inner),
                None => graph.shortest_cycle(&knot),
            };
            let (cut, smallest) = graph.cycle_cut(&knot);
            let cut_size = plural(cut.len(), "import");
            let row = CycleRow {
                size: knot.len(),
                modules: knot.iter().take(MAX_NAMED).map(|node| names.name(*node).to_owned()).collect(),
                shortest: names_of(&shortest, names),
                cut: cut.iter().map(|edge| arrow(*edge, names)).collect(),
                smallest,
                at_load: hard.is_some(),
            };
            let fewest = if smallest { "" } else { "at most " };
            let message = format!(
                "{} in a circle: {}; removing {fewest}{cut_size} ends it{}",
                plural(row.size, "module"),
                excerpt_chain(&row.shortest),
                named_cut(&row.cut),
            );
            let level = if row.at_load { Level::Warning } else { Level::Info };
            let edge = shortest.first().copied().zip(shortest.get(1).copied());
            let finding = self.at_edge(Finding::new(&rules::CYCLE, message).with_level(level), edge, built);
            self.findings.push(finding);
            data.cycles.push(row);
        }
    }

    fn contracts(&mut self, built: &mut Built, data: &mut Data) {
        for contract in std::mem::take(&mut self.contracts) {
            let Outcome { violations, faults, notes } = check::check(&contract, &mut built.graph, &built.names);
            let name = excerpt(&contract.name);
            let rule = rules::of_contract(&contract.kind);
            for (text, level) in
                faults.iter().map(|text| (text, Level::Error)).chain(notes.iter().map(|text| (text, Level::Warning)))
            {
                let message = format!("contract `{name}`: {text}");
                self.findings.push(Finding::new(&rules::INVALID_CONTRACT, message).with_level(level));
            }
            for violation in violations.iter().take(MAX_LISTED) {
                let chain = violation.chains.first();
                let message = match chain {
                    Some(chain) if rule.id == rules::ACYCLIC_SIBLINGS.id => {
                        format!(
                            "contract `{name}`: in `{}`, {}",
                            violation.importer,
                            excerpt_chain(&names_of(chain, &built.names))
                        )
                    }
                    Some(chain) => format!(
                        "contract `{name}`: `{}` must not import `{}`: {}{}",
                        violation.importer,
                        violation.imported,
                        excerpt_chain(&names_of(chain, &built.names)),
                        cut_in_words(violation.cut.as_ref().map(Vec::len)),
                    ),
                    None => format!("contract `{name}`: `{}` is no layer", violation.imported),
                };
                let first = chain.and_then(|chain| chain.first().copied().zip(chain.get(1).copied()));
                // A circle of packages has no import of its own: the first to remove stands for it.
                let edge = first.filter(|edge| built.details.contains_key(edge));
                let edge = edge.or_else(|| violation.cut.as_ref().and_then(|cut| cut.first().copied()));
                let finding = self.at_edge(Finding::new(rule, message), edge, built);
                self.findings.push(finding);
            }
            let verdict = match (faults.is_empty(), violations.is_empty()) {
                (false, _) => "invalid",
                (true, true) => "kept",
                (true, false) => "broken",
            };
            let row = |violation: &check::Violation| BrokenRow {
                importer: violation.importer.clone(),
                imported: violation.imported.clone(),
                chains: violation.chains.iter().map(|chain| names_of(chain, &built.names)).collect(),
                cut: violation.cut.as_ref().map(|cut| cut.iter().map(|edge| arrow(*edge, &built.names)).collect()),
            };
            data.contracts.push(ContractRow {
                name: contract.name.clone(),
                kind: contract.kind.word(),
                verdict,
                broken: violations.iter().take(MAX_LISTED).map(row).collect(),
            });
        }
    }

    fn list(&self, built: &Built, data: &mut Data) {
        let Built { names, graph, details, .. } = built;
        let internal: Vec<Edge> = graph.edges().filter(|(_, to)| !names.is_external(*to)).collect();
        data.imports = internal.len();
        data.unlisted = internal.len().saturating_sub(self.edges);
        data.edges = internal
            .iter()
            .take(self.edges)
            .map(|edge| {
                let detail = details.get(edge);
                EdgeRow {
                    importer: names.name(edge.0).to_owned(),
                    imported: names.name(edge.1).to_owned(),
                    line: detail.map_or(0, |detail| detail.place.start.line),
                    when: match detail.map(|detail| detail.when) {
                        Some(When::Load) | None => "load",
                        Some(When::Call) => "call",
                        Some(When::Typing) => "typing",
                    },
                }
            })
            .collect();
        let mut central: Vec<ModuleRow> = names
            .internal()
            .map(|(node, name)| ModuleRow {
                name: name.to_owned(),
                imported_by: graph.importers_of(node).count(),
                imports: graph.imported_by(node).filter(|other| !names.is_external(*other)).count(),
            })
            .filter(|row| row.imported_by > 0)
            .collect();
        central.sort_by(|a, b| b.imported_by.cmp(&a.imported_by).then_with(|| a.name.cmp(&b.name)));
        central.truncate(MAX_CENTRAL);
        data.central = central;
        for node in (0..names.len()).filter(|node| names.is_external(*node)) {
            data.external.insert(names.name(node).to_owned(), graph.importers_of(node).count());
        }
        data.diagram = diagram::mermaid(&internal, names, self.depth);
    }
}

fn names_of(nodes: &[usize], names: &Names) -> Vec<String> {
    nodes.iter().map(|node| names.name(*node).to_owned()).collect()
}

fn arrow((from, to): Edge, names: &Names) -> String {
    format!("{} -> {}", names.name(from), names.name(to))
}

fn excerpt_chain(chain: &[String]) -> String {
    let shown: Vec<&str> = chain.iter().take(8).map(String::as_str).collect();
    let more = if chain.len() > shown.len() { " -> \u{2026}" } else { "" };
    format!("{}{more}", shown.join(" -> "))
}

fn named_cut(cut: &[String]) -> String {
    if cut.is_empty() || cut.len() > MAX_CUT_NAMED { String::new() } else { format!(" ({})", cut.join(", ")) }
}

fn cut_in_words(size: Option<usize>) -> String {
    match size {
        Some(size) => format!(" (removing {} ends it)", plural(size, "import")),
        None => format!(" (more than {} imports to remove)", octavo_graph::MAX_CUT),
    }
}

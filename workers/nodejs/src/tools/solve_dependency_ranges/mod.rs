//! Evaluates npm ranges, and says whether a project's dependencies and their peers can be installed together.
//!
//! `calls` holds node-semver's functions, `tree` and `placing` npm's way of
//! installing, `flat` the search for what npm does not find, `rules` the names.

mod calls;
mod flat;
mod placing;
mod rules;
mod tree;

use crate::support::json::{self, Node};
use crate::support::packuments;
use crate::support::packuments::{LOOSE, Manifest, Packages, read_wanted};
use crate::support::semver::{Options, Version};
use flat::{Flat, Search};
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Range, Report, Tool, ToolError, declare_tool};
use placing::{Builder, Conflict, Stop, build};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tree::Forest;

declare_tool! {
    /// Answers questions on npm versions and ranges exactly as node-semver does, and on whole projects as npm's installer
    /// does.
    ///
    /// `calls` are node-semver functions by their names, a list each: `["satisfies", "1.2.3", "^1"]`,
    /// `["maxSatisfying", "^1", "1.0.0", "1.4.2"]`, `["inc", "1.2.3", "prerelease", "beta"]`,
    /// `["subset", "^1.2", "1.x"]`. Lists of versions come last; `outside` takes its side third, `coerce` takes `rtl`
    /// second, `inc` takes the base third (`0`, `1` or `false`). A call that would throw has an `error`.
    ///
    /// `manifest` is a package.json; `packuments` says which versions of its dependencies exist and what they need, as
    /// `npm view <name> --json` or a registry gives it, or slimmer: `{"react": {"18.2.0": {"peerDependencies": {}}}}`.
    /// The tree is built as npm builds it from nothing, so the verdict on peers (`ERESOLVE`) is npm's. Where npm gives
    /// up, versions inside the ranges that would work are looked for (`pins`), else the fewest direct dependencies whose
    /// ranges must change (`bumps`); both are tried out by building again. `core` names the fewest requirements that
    /// contradict each other. With `node`, engines are checked and preferred as npm prefers them.
    ///
    /// Limits: 2,000 calls, 4 MiB of packuments, 50,000 versions.
    pub struct SolveDependencyRanges;
    name: "solve_dependency_ranges",
    title: "Solve npm version ranges",
    summary: "Evaluates npm semver calls, and decides whether a package.json's peers and engines resolve: the conflict, working pins, fewest bumps. Needs the packuments.",
    keywords: "node-semver satisfies maxSatisfying caret tilde range prerelease coerce subset intersects ERESOLVE could not resolve dependency tree peer conflict legacy-peer-deps upgrade react ETARGET EBADENGINE engines version constraint arborist compatible rc beta alpha include peerDependencies minimal upgrades fit together",
    examples: [
        "ranges" => r#"{"calls":[["satisfies","1.2.4-beta","^1.2.3"],["subset","~1.2","^1"],["maxSatisfying","<2","1.4.0","2.0.0"]]}"#,
        "a peer conflict" => r#"{"manifest":"{\"dependencies\":{\"ui\":\"^2.0.0\",\"react\":\"^17.0.0\"}}","packuments":"{\"ui\":{\"2.0.0\":{\"peerDependencies\":{\"react\":\"^18.0.0\"}}},\"react\":{\"17.0.2\":{},\"18.2.0\":{}}}"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "overrides, bundled dependencies, workspaces",
        "an installed tree or lockfile: the tree is built from nothing",
        "engines.npm, os, cpu, dependencies from git, files and addresses",
    ],
}

/// Most calls.
const MAX_CALLS: usize = 2_000;
/// Most arguments of a call.
const MAX_CALL_ITEMS: usize = 1_000;
/// Longest argument of a call, in bytes; ranges of people are shorter than 300.
const MAX_CALL_BYTES: usize = 8_192;
/// Longest manifest, in bytes.
const MAX_MANIFEST_BYTES: usize = 512 * 1024;
/// Most versions of all packages together.
const MAX_VERSIONS: usize = 50_000;
/// Most sentences on one dependency of a core.
const MAX_SENTENCES: usize = 12;
/// Most findings of one kind.
const MAX_FINDINGS_OF_A_KIND: usize = 100;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// node-semver calls: name, then arguments; version lists last.
    #[serde(default)]
    calls: Vec<Vec<String>>,
    /// Loose parsing in calls.
    #[serde(default)]
    loose: bool,
    /// `includePrerelease` in calls.
    #[serde(default)]
    include_prerelease: bool,
    /// package.json to solve.
    #[serde(default)]
    manifest: String,
    /// JSON: packuments, or `{name:{version:{peerDependencies..}}}`.
    #[serde(default)]
    packuments: String,
    /// Node.js version for engines.
    #[serde(default)]
    node: String,
}

/// Answers.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Answers {
    /// What each call gave, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<CallResult>,
    /// How the project resolves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
}

/// What a call gave.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallResult {
    /// The function.
    pub call: String,
    /// The value, as semver gives it; null also where there is an error.
    pub value: Value,
    /// Why semver would throw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a project resolves.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
    /// `installs`, `conflict` (ERESOLVE), `missing` (ETARGET) or `undecided`.
    pub outcome: &'static str,
    /// What npm puts into the top folder.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub top_level: BTreeMap<String, String>,
    /// How many packages it nests below others.
    pub nested: usize,
    /// The fewest requirements that contradict each other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub core: Vec<String>,
    /// Versions inside all ranges that npm does install.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pins: BTreeMap<String, String>,
    /// The fewest ranges to change, after which npm installs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bumps: Vec<Bump>,
}

/// A range to change.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bump {
    /// The dependency.
    pub name: String,
    /// Its range now.
    pub from: String,
    /// Its range then.
    pub to: String,
}

impl Tool for SolveDependencyRanges {
    type Input = Input;
    type Data = Answers;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Answers>, ToolError> {
        check_items("/calls", &input.calls, MAX_CALLS)?;
        check_bytes("/manifest", &input.manifest, MAX_MANIFEST_BYTES)?;
        check_bytes("/packuments", &input.packuments, MAX_SOURCE_BYTES)?;
        let options = Options { loose: input.loose, include_prerelease: input.include_prerelease };
        let mut data = Answers::default();
        for (at, call) in input.calls.iter().enumerate() {
            data.results.push(answer(&format!("/calls/{at}"), call, options)?);
        }
        let calls = plural(input.calls.len(), "call");
        if input.manifest.is_empty() {
            if input.calls.is_empty() {
                let accepted = "calls, or a manifest with packuments";
                return Err(ToolError::invalid("", "ask for nothing", accepted));
            }
            return Ok(Report::computed(format!("{calls} evaluated"), data));
        }
        ctx.progress(1, 3, "ranges evaluated");
        let node = match input.node.as_str() {
            "" => None,
            text => Some(
                Version::parse(text, LOOSE)
                    .ok_or_else(|| ToolError::invalid("/node", "is no version", "a version such as \"22.14.0\""))?,
            ),
        };
        solve(&input, node, data, ctx)
    }
}

fn answer(pointer: &str, call: &[String], options: Options) -> Result<CallResult, ToolError> {
    check_items(pointer, call, MAX_CALL_ITEMS)?;
    for (at, argument) in call.iter().enumerate() {
        check_bytes(&format!("{pointer}/{at}"), argument, MAX_CALL_BYTES)?;
    }
    let (value, error) = match calls::evaluate(pointer, call, options)? {
        Ok(value) => (value, None),
        Err(error) => (Value::Null, Some(error.to_owned())),
    };
    Ok(CallResult { call: call.first().cloned().unwrap_or_default(), value, error })
}

// A text that is not JSON, as a finding.
fn unreadable(path: &str, source: &str, error: &json::JsonError) -> Finding {
    let range = LineIndex::new(source).range(error.at..error.at);
    Finding::new(&rules::EJSONPARSE, format!("{} is expected here", error.expected)).at(range).in_file(path)
}

fn solve(input: &Input, node: Option<Version>, mut data: Answers, ctx: &Ctx<'_>) -> Result<Report<Answers>, ToolError> {
    let mut packages = Packages::on(node);
    let mut findings = Vec::new();
    let root = json::parse(&input.manifest);
    if let Err(error) = &root {
        findings.push(unreadable("package.json", &input.manifest, error));
    }
    let sent = if input.packuments.trim().is_empty() { Ok(()) } else { packages.read(&input.packuments) };
    if let Err(error) = sent {
        findings.push(unreadable("packuments", &input.packuments, &error));
    }
    if packages.version_count() > MAX_VERSIONS {
        return Err(ToolError::too_large("/packuments", packages.version_count(), MAX_VERSIONS, "versions"));
    }
    let object = root.as_ref().ok().map(Node::as_object);
    if object == Some(None) {
        findings.push(Finding::new(&rules::EJSONPARSE, "is no object").in_file("package.json"));
    }
    let (Some(Some(object)), true) = (object, findings.is_empty()) else {
        return Ok(Report::checked(findings, data).over_files(1).not_checked("how the project resolves"));
    };
    let version = object.get("version").and_then(Node::as_str).unwrap_or_default();
    let Some(project) = Manifest::read(object, version, true) else {
        return Ok(Report::checked(findings, data).over_files(1));
    };
    let places = Places { index: LineIndex::new(&input.manifest), root: root.as_ref().ok() };
    let (builder, result) = build(&packages, &project);
    ctx.progress(2, 3, "tree built");
    let mut notes = Vec::new();
    let resolution = match result {
        Ok(()) => settled(&builder, &places, &mut findings, &mut notes),
        Err(Stop::TooLarge) => {
            notes.push("the tree: it is too large to build here".to_owned());
            Resolution { outcome: "undecided", ..Resolution::default() }
        }
        Err(Stop::Conflict(conflict)) => {
            findings.push(of_conflict(&conflict, &places));
            explain(&packages, &project, &mut notes)
        }
    };
    let summary = format!(
        "{} among {} and {}",
        match resolution.outcome {
            "installs" => "npm installs it",
            "conflict" => "npm refuses it (ERESOLVE)",
            "missing" => "a range has no version (ETARGET)",
            _ => "not decided",
        },
        plural(packages.len(), "package"),
        plural(packages.version_count(), "version"),
    );
    data.resolution = Some(resolution);
    let report = Report::checked(findings, data).over_files(1).with_summary(summary);
    Ok(notes.into_iter().fold(report, Report::not_checked))
}

// Where dependencies stand in the manifest.
struct Places<'a> {
    index: LineIndex<'a>,
    root: Option<&'a Node>,
}

impl Places<'_> {
    fn range(&self, names: &BTreeSet<String>) -> Option<Range> {
        let fields = ["peerDependencies", "devDependencies", "optionalDependencies", "dependencies"];
        let find = |name: &String| fields.iter().find_map(|field| self.root?.get(field)?.get(name));
        names.iter().find_map(find).map(|node| self.index.range(node.span.clone()))
    }

    fn place(&self, finding: Finding, names: &BTreeSet<String>) -> Finding {
        let finding = finding.in_file("package.json");
        match self.range(names) {
            Some(range) => finding.at(range),
            None => finding,
        }
    }
}

fn of_conflict(conflict: &Conflict, places: &Places<'_>) -> Finding {
    let Conflict { by, name, range, field, found, found_for, direct } = conflict;
    let mut message = format!("{by} wants {name} {} in {field}", excerpt(range));
    if let Some(found) = found {
        message.push_str(", but ");
        message.push_str(found);
        message.push_str(" is there");
    }
    if let Some(found_for) = found_for {
        message.push_str(" for ");
        message.push_str(&excerpt(found_for));
    }
    if !direct.is_empty() {
        message.push_str("; direct dependencies in it: ");
        message.push_str(&direct.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
    }
    places.place(Finding::new(&rules::ERESOLVE, message), direct)
}

// The tree that was built, and what is to be said of it.
fn settled(
    builder: &Builder<'_>,
    places: &Places<'_>,
    findings: &mut Vec<Finding>,
    notes: &mut Vec<String>,
) -> Resolution {
    let forest = &builder.forest;
    let mut resolution = Resolution { outcome: "installs", ..Resolution::default() };
    let mut unknown = BTreeSet::new();
    let mut found = Vec::new();
    for (by, dependency) in &builder.missing {
        let package = dependency.wanted.package(&dependency.name);
        if forest.packages.get(package).is_none() {
            unknown.insert(package.to_owned());
            continue;
        }
        if dependency.need.is_optional() {
            continue;
        }
        resolution.outcome = "missing";
        let message = format!("{by} wants {package} {}, of which no version is known", excerpt(&dependency.range));
        found.push(places.place(Finding::new(&rules::ETARGET, message), &BTreeSet::from([dependency.name.clone()])));
    }
    for id in forest.tree_of(Forest::PROJECT) {
        let here = forest.node(id).manifest.zip(forest.packages.node.as_ref());
        if let Some((manifest, node)) = here.filter(|(manifest, node)| !manifest.runs_on(node)) {
            let wants = excerpt(manifest.node_engine.as_deref().unwrap_or_default());
            let message = format!("{} wants Node.js {wants}, not {node}", forest.label(id));
            let name = forest.node(id).name.to_owned();
            found.push(places.place(Finding::new(&rules::EBADENGINE, message), &BTreeSet::from([name])));
        }
        for edge in forest.edges(id).filter(|edge| forest.is_overridden(*edge) && !forest.is_valid(*edge)) {
            let there = forest.target(edge).map_or_else(|| "nothing".to_owned(), |id| forest.label(id));
            let message = format!(
                "{} wants the peer {} {}, but finds {there}; npm only warns",
                forest.label(id),
                edge.name(),
                excerpt(&edge.to.range)
            );
            let warning = Finding::new(&rules::ERESOLVE, message).with_level(octavo_toolkit::Level::Warning);
            found.push(warning.in_file("package.json"));
        }
        match forest.node(id).parent {
            Some(Forest::PROJECT) => {
                let version = forest.node(id).manifest.map(|manifest| manifest.version.clone());
                resolution.top_level.insert(forest.node(id).name.to_owned(), version.unwrap_or_else(|| "?".to_owned()));
            }
            Some(_) => resolution.nested += 1,
            None => {}
        }
    }
    let dropped = found.len().saturating_sub(MAX_FINDINGS_OF_A_KIND);
    found.truncate(MAX_FINDINGS_OF_A_KIND);
    findings.extend(found);
    if dropped > 0 {
        notes.push(format!("{} left out for their number", plural(dropped, "finding")));
    }
    if !unknown.is_empty() {
        let named: Vec<&str> = unknown.iter().take(8).map(String::as_str).collect();
        let more = if unknown.len() > 8 { ", ..." } else { "" };
        notes.push(format!("{} without packument: {}{more}", plural(unknown.len(), "package"), named.join(", ")));
    }
    resolution
}

// What to do about a conflict.
fn explain(packages: &Packages, project: &Manifest, notes: &mut Vec<String>) -> Resolution {
    let mut resolution = Resolution { outcome: "conflict", ..Resolution::default() };
    let mut flat = Flat::new(packages, project);
    let all = flat.direct();
    let version = |name: &str, at: usize| packages.manifest(name, at).map(|manifest| manifest.version.clone());
    match flat.search(&all, &BTreeSet::new()) {
        Search::Found(found) => {
            let pins: BTreeMap<String, String> =
                found.iter().filter_map(|(name, at)| Some((name.clone(), version(name, *at)?))).collect();
            if installs(packages, project, &pins) {
                resolution.pins = pins;
            } else {
                notes.push("pins: those that go together do not install either".to_owned());
            }
        }
        Search::TooMuch => notes.push("pins and bumps: too many versions to search".to_owned()),
        Search::Nothing => {
            let Some(core) = flat.core() else {
                notes.push("the core and bumps: too many versions to search".to_owned());
                return resolution;
            };
            let mut seen = BTreeSet::new();
            resolution.core = core.iter().flat_map(|name| requirements(packages, project, name, &mut seen)).collect();
            match flat.bumps(&core) {
                Some((changed, found)) => {
                    resolution.bumps = bumps(packages, project, &changed, &found);
                    if resolution.bumps.is_empty() {
                        notes.push("bumps: those that go together do not install".to_owned());
                    }
                }
                None => notes.push(format!("bumps: changing up to {} ranges does not help", flat::MAX_BUMPS)),
            }
        }
    }
    resolution
}

// What a direct dependency asks for, and what its peers ask for in turn, whichever versions are taken.
fn requirements(packages: &Packages, project: &Manifest, name: &str, seen: &mut BTreeSet<String>) -> Vec<String> {
    let Some(direct) = project.dependencies.iter().find(|dependency| dependency.name == name) else {
        return Vec::new();
    };
    let mut sentences = vec![format!("the project wants {name} {}", excerpt(&direct.range))];
    let mut left = vec![(name.to_owned(), direct.wanted.clone())];
    while let Some((name, wanted)) = left.pop() {
        let mut peers: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        let versions = packages.get(&name).map(|packument| packument.versions.as_slice()).unwrap_or_default();
        for manifest in versions.iter().filter(|manifest| wanted.accepts(&manifest.parsed)) {
            for peer in manifest.dependencies.iter().filter(|peer| peer.need.is_peer()) {
                peers.entry((&peer.name, &peer.range)).or_default().push(&manifest.version);
            }
        }
        for ((peer, range), versions) in peers {
            let which = match versions.as_slice() {
                [only] => (*only).to_owned(),
                [newest, .., oldest] => format!("{oldest} to {newest}"),
                [] => continue,
            };
            sentences.push(format!("{name}@{which} wants the peer {peer} {}", excerpt(range)));
            let is_direct = project.dependencies.iter().any(|dependency| dependency.name == peer);
            if !is_direct && seen.insert(peer.to_owned()) {
                left.push((peer.to_owned(), read_wanted(range)));
            }
        }
    }
    sentences.truncate(MAX_SENTENCES);
    sentences
}

fn bumps(packages: &Packages, project: &Manifest, changed: &BTreeSet<&str>, found: &flat::Assignment) -> Vec<Bump> {
    let version = |name: &str| {
        let manifest = found.get(name).and_then(|at| packages.manifest(name, *at))?;
        Some(manifest.version.clone())
    };
    for write in [|version: &str| format!("^{version}"), str::to_owned] {
        let ranges: BTreeMap<String, String> =
            changed.iter().filter_map(|name| Some(((*name).to_owned(), write(&version(name)?)))).collect();
        if installs(packages, project, &ranges) {
            let from = |name: &str| project.dependencies.iter().find(|d| d.name == name).map(|d| d.range.clone());
            let bump = |(name, to): (String, String)| Bump { from: from(&name).unwrap_or_default(), name, to };
            return ranges.into_iter().map(bump).collect();
        }
    }
    Vec::new()
}

// Whether npm installs the project with other ranges; names that are no dependencies of it become such.
fn installs(packages: &Packages, project: &Manifest, ranges: &BTreeMap<String, String>) -> bool {
    let mut changed = project.clone();
    for (name, range) in ranges {
        let wanted = read_wanted(range);
        match changed.dependencies.iter_mut().find(|dependency| dependency.name == *name) {
            Some(known) => (known.range, known.wanted) = (range.clone(), wanted),
            None => changed.dependencies.push(packuments::Dependency {
                name: name.clone(),
                range: range.clone(),
                wanted,
                need: packuments::Need::Production,
            }),
        }
    }
    build(packages, &changed).1.is_ok()
}

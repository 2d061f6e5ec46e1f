//! `resolve_dependencies`: which versions an installer would choose, from an index the caller gives, or why none can be.
//!
//! `problem` says what may be chosen, `solver` searches, `minimal` keeps locks, `proof` puts a failure into words, `pylock`
//! writes the lock.

mod minimal;
mod problem;
mod proof;
mod pylock;
mod rules;
mod solver;

use crate::support::packaging::algebra::{ALL, Algebra, NONE, Set};
use crate::support::packaging::document::parse_toml;
use crate::support::packaging::index::Index;
use crate::support::packaging::manifest::{Section, of_pyproject};
use crate::support::packaging::name;
use crate::support::packaging::requirement::Requirement;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Report, Tool, ToolError, declare_tool};
use pep440_rs::Version;
use problem::{MAX_OPTIONS, Options, Place, Problem, from_python, lower_bound, python_marker};
use serde::{Deserialize, Serialize};
use solver::{Failure, Search, Solution, Unit};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

declare_tool! {
    /// Resolves Python requirements as pip and uv do, over an index you send, for one environment or for all.
    ///
    /// `index` says what exists: slim JSON, `{"a": {"1.0": ["b>=2"], "2.0": {"requires": [], "requires_python": ">=3.9",
    /// "extras": {"x": ["c"]}, "yanked": true, "files": ["a-2.0-py3-none-any.whl"]}}}`, or documents of PyPI's JSON API
    /// (`/pypi/<name>/<version>/json`), in a list or by name. Nothing is fetched: what the index lacks does not exist.
    ///
    /// `python` is one version (then `options` may set marker variables; Linux on x86-64 otherwise), or specifiers such
    /// as `>=3.9` for a universal resolution as uv makes it: packages carry markers, and where a package is needed in several
    /// forms under several conditions each gets its own version.
    ///
    /// Each direct requirement, in the order given, has the best version that leaves a solution with those before it;
    /// then the others, as they are met. With `locked` as few of these pins change as possible (proven fewest), and those that
    /// must move the least.
    ///
    /// Without a solution, `proof` says why in numbered sentences, and `core` which requirements contradict each other. With
    /// files, addresses and digests in the index, `pylock` is a pylock.toml (PEP 751).
    ///
    /// Options: `prerelease=` allow, disallow, explicit, if-necessary or if-necessary-or-explicit (default); `resolution=`
    /// highest, lowest or lowest-direct; `upgrade=a` forgets a lock; `no-build` and `no-binary`, for all or
    /// `=a`; and marker variables, such as `sys_platform=win32`.
    ///
    /// Limits: 1,000 requirements, 100,000 releases, 50,000 decisions, 64 divided environments.
    pub struct ResolveDependencies;
    name: "resolve_dependencies",
    title: "Resolve Python dependencies",
    summary: "Resolves Python requirements over an index you send: pins, universal markers, pylock.toml, fewest changes to locked pins, or a proof of the conflict.",
    keywords: "pip uv pip-compile poetry resolver resolution lock pin conflict ResolutionImpossible incompatible versions backtracking dependency hell universal lockfile upgrade minimal PEP 440 specifier satisfies marker evaluate prerelease PEP 751 pylock why does not install constraints version solving pubgrub",
    examples: [
        "one environment" => r#"{"requirements":["flask","werkzeug<3"],"index":"{\"flask\":{\"2.3\":[\"werkzeug>=2.3\"],\"3.0\":[\"werkzeug>=3\"]},\"werkzeug\":{\"2.3\":[],\"3.0\":[]}}"}"#,
        "a conflict" => r#"{"requirements":["a","b>=2"],"index":"{\"a\":{\"1\":[\"b<2\"]},\"b\":{\"1\":[],\"2\":[]}}"}"#,
        "every environment" => r#"{"requirements":["a>=2; sys_platform == 'win32'","a<2; sys_platform != 'win32'"],"python":">=3.9","index":"{\"a\":{\"1\":[\"c; python_version < '3.11'\"],\"2\":[]},\"c\":{\"1\":[]}}"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "packages and releases that the index you sent does not have",
        "direct references (`a @ address`): the index's releases stand for them",
        "constraints and overrides files, and build requirements",
    ],
}

/// Most direct requirements.
const MAX_REQUIREMENTS: usize = 1_000;
/// Most locked pins.
const MAX_LOCKED: usize = 10_000;
/// Most releases of the index.
const MAX_RELEASES: usize = 100_000;
/// Longest requirement, pin, option or `python`, in bytes.
const MAX_REQUIREMENT_BYTES: usize = 10_000;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// PEP 508; or one pyproject.toml text.
    requirements: Vec<String>,
    /// JSON `{name:{version:[requirement]}}` or documents of an index.
    index: String,
    /// 3.12; for all environments >=3.9.
    #[serde(default)]
    python: String,
    /// Pins to keep, a==1.
    #[serde(default)]
    locked: Vec<String>,
    /// Such as prerelease=allow, upgrade=a, `sys_platform=win32`.
    #[serde(default)]
    options: Vec<String>,
}

/// The resolution.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
    /// resolved, unsatisfiable or undecided.
    pub outcome: &'static str,
    /// What is installed, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
    /// Locked pins that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Whether fewer changes are proven impossible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fewest: Option<bool>,
    /// Environments that were solved apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forks: Vec<String>,
    /// Why there is no solution.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proof: Vec<String>,
    /// Direct requirements that the proof rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub core: Vec<String>,
    /// The lock as pylock.toml.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pylock: Option<String>,
    /// Decisions made.
    pub steps: u32,
}

/// A chosen version.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// Normalized name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Extras that are chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<String>,
    /// Where it is installed; everywhere if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// Who requires it.
    pub via: Vec<String>,
}

/// A pin that changed.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Normalized name.
    pub name: String,
    /// The locked version.
    pub from: String,
    /// The chosen one; absent where it is no longer needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Tool for ResolveDependencies {
    type Input = Input;
    type Data = Resolution;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Resolution>, ToolError> {
        check_items("/requirements", &input.requirements, MAX_REQUIREMENTS)?;
        check_bytes("/index", &input.index, MAX_SOURCE_BYTES)?;
        check_bytes("/python", &input.python, MAX_REQUIREMENT_BYTES)?;
        check_items("/locked", &input.locked, MAX_LOCKED)?;
        check_items("/options", &input.options, MAX_OPTIONS)?;
        for (at, one) in input.options.iter().enumerate() {
            check_bytes(&format!("/options/{at}"), one, MAX_REQUIREMENT_BYTES)?;
        }
        let index = Index::read(&input.index).map_err(|fault| {
            let accepted = "JSON such as {\"a\": {\"1.0\": [\"b>=2\"]}}, or documents of PyPI's JSON API";
            ToolError::invalid("/index", format!("cannot be read: {}", fault.message), accepted)
        })?;
        if index.len() > MAX_RELEASES {
            return Err(ToolError::too_large("/index", index.len(), MAX_RELEASES, "releases"));
        }
        let options = Options::read(&input.options)?;
        let place = Place::read(&input.python, &options.variables)?;
        let locked = locked_of(&input.locked, &options)?;
        let mut findings = Vec::new();
        let direct = direct_of(&input.requirements, &mut findings)?;
        for said in index.problems.iter().take(MAX_REQUIREMENTS) {
            findings.push(Finding::new(&rules::UNREADABLE, said.clone()));
        }
        let problem = Problem::new(&index, direct, options, place, &locked);
        Ok(Call { problem: &problem, locked: &locked, findings, steps: Cell::new(0) }.run())
    }
}

fn direct_of(requirements: &[String], findings: &mut Vec<Finding>) -> Result<Vec<Requirement>, ToolError> {
    let mut direct = Vec::new();
    if let [text] = requirements
        && text.contains('\n')
    {
        check_bytes("/requirements/0", text, MAX_SOURCE_BYTES)?;
        let (root, faults) = parse_toml(text);
        if let Some(fault) = faults.first() {
            let accepted = "requirements, one an item, or the text of one pyproject.toml";
            return Err(ToolError::invalid("/requirements/0", format!("is no TOML: {}", fault.message), accepted));
        }
        for declared in of_pyproject(text, &root).into_iter().filter(|one| one.section == Section::Main) {
            match declared.read {
                Ok(requirement) => direct.push(requirement),
                Err(problem) => findings.push(Finding::new(&rules::REQUIREMENT, problem.message)),
            }
        }
        return Ok(direct);
    }
    for (at, text) in requirements.iter().enumerate() {
        check_bytes(&format!("/requirements/{at}"), text, MAX_REQUIREMENT_BYTES)?;
        match Requirement::parse(text) {
            Ok(requirement) => direct.push(requirement),
            Err(problem) => {
                let message = format!("requirement {} `{}`: {}", at + 1, excerpt(text), problem.message);
                findings.push(Finding::new(&rules::REQUIREMENT, message));
            }
        }
    }
    Ok(direct)
}

fn locked_of(pins: &[String], options: &Options) -> Result<BTreeMap<String, Version>, ToolError> {
    let mut locked = BTreeMap::new();
    for (at, pin) in pins.iter().enumerate() {
        let pointer = format!("/locked/{at}");
        check_bytes(&pointer, pin, MAX_REQUIREMENT_BYTES)?;
        let read = Requirement::parse(pin).ok();
        let read = read.and_then(|read| Some((read.key(), read.specifiers.pinned()?.clone())));
        let (key, version) = read.ok_or_else(|| ToolError::invalid(pointer, "is no pin", "such as \"a==1.0\""))?;
        if !options.forgets(&key) {
            locked.insert(key, version);
        }
    }
    Ok(locked)
}

// A call at work.
struct Call<'c> {
    problem: &'c Problem<'c>,
    locked: &'c BTreeMap<String, Version>,
    findings: Vec<Finding>,
    steps: Cell<u32>,
}

impl Call<'_> {
    fn run(mut self) -> Report<Resolution> {
        let (algebra, world) = self.environments();
        let algebra = RefCell::new(algebra);
        if world == NONE {
            let data = Resolution { outcome: "unsatisfiable", ..Resolution::default() };
            let message = "no Python satisfies `python`";
            self.findings.push(Finding::new(&rules::UNSATISFIABLE, message));
            return self.report(data);
        }
        let none = BTreeMap::new();
        let everywhere = matches!(self.problem.place, Place::Everywhere(_));
        let mut proven = None;
        let found = if self.locked.is_empty() || everywhere {
            // For every environment locks are what is tried first.
            Search::new(self.problem, &algebra, world, [&none, self.locked, &none], &self.steps).solve()
        } else {
            let kept = minimal::solve(
                self.locked,
                |hard, near| Search::new(self.problem, &algebra, world, [hard, &none, near], &self.steps).solve(),
                |hard, world, with| {
                    let steps = Cell::new(0);
                    with(&Search::new(self.problem, &algebra, world, [hard, &none, &none], &steps));
                },
            );
            kept.map(|kept| {
                proven = Some(kept.proven);
                kept.solved
            })
        };
        match found {
            Ok(solved) => self.resolved(&solved, &algebra, world, proven),
            Err(Failure::Unsatisfiable(tree, part)) => self.refused(*tree, part, &algebra, world),
            Err(Failure::Undecided) => {
                let message = "the search did not end within its limits".to_owned();
                self.findings.push(Finding::new(&rules::UNDECIDED, message));
                self.report(Resolution { outcome: "undecided", ..Resolution::default() })
            }
        }
    }

    fn report(self, mut data: Resolution) -> Report<Resolution> {
        data.steps = self.steps.get();
        let what = match data.outcome {
            "resolved" => {
                let changed =
                    if data.changes.is_empty() { String::new() } else { format!(", {} changed", data.changes.len()) };
                format!("resolved, {}{changed}", plural(data.pins.len(), "package"))
            }
            outcome => outcome.to_owned(),
        };
        Report::checked(self.findings, data).with_summary(what)
    }

    // The environments that are meant, and an algebra that knows every marker and every Python.
    fn environments(&self) -> (Algebra, Set) {
        let Place::Everywhere(python) = &self.problem.place else { return (Algebra::default(), ALL) };
        let mut markers = vec![python_marker(python)];
        for release in self.problem.index.packages.values().flatten() {
            markers.extend(release.requires_python.as_ref().map(|specifiers| from_python(lower_bound(specifiers))));
        }
        let of_index = self.problem.index.packages.values().flatten();
        let required = of_index.filter_map(|release| release.requires.as_ref().ok()).flatten();
        let own = self.problem.direct.iter().chain(required).filter_map(|requirement| requirement.marker.as_ref());
        let mut algebra = Algebra::of(markers.iter().chain(own));
        let meant = markers.first().map_or(ALL, |marker| algebra.set(marker));
        let possible = algebra.possible();
        let world = algebra.and(meant, possible);
        (algebra, world)
    }

    fn refused(mut self, tree: solver::Tree, part: Set, algebra: &RefCell<Algebra>, world: Set) -> Report<Resolution> {
        let none = BTreeMap::new();
        let steps = Cell::new(0);
        let search = Search::new(self.problem, algebra, part, [&none, &none, &none], &steps);
        let proof = proof::prove(&tree, &search);
        drop(search);
        proof::discard(tree);
        for key in &proof.missing {
            let message = format!("`{}` is not in the index", excerpt(key));
            self.findings.push(Finding::new(&rules::MISSING, message));
        }
        let place = if part == world { None } else { algebra.borrow_mut().marker(part, world) };
        let place = place.map(|marker| format!(", where {marker}")).unwrap_or_default();
        let core = if proof.core.is_empty() { "the requirements".to_owned() } else { proof.core.join(" and ") };
        let message = format!("{core} cannot be met{place}");
        self.findings.push(Finding::new(&rules::UNSATISFIABLE, message));
        let data =
            Resolution { outcome: "unsatisfiable", proof: proof.sentences, core: proof.core, ..Resolution::default() };
        self.report(data)
    }

    fn resolved(
        mut self,
        solved: &[(Set, Solution)],
        algebra: &RefCell<Algebra>,
        world: Set,
        proven: Option<bool>,
    ) -> Report<Resolution> {
        let mut rows: BTreeMap<(String, u32), Row> = BTreeMap::new();
        let none = BTreeMap::new();
        for (part, solution) in solved {
            let steps = Cell::new(0);
            let search = Search::new(self.problem, algebra, *part, [&none, &none, &none], &steps);
            collect(&search, solution, &mut rows);
        }
        let mut data = Resolution { outcome: "resolved", fewest: proven, ..Resolution::default() };
        let mut algebra = algebra.borrow_mut();
        if solved.len() > 1 {
            data.forks =
                solved.iter().filter_map(|(part, _)| algebra.marker(*part, world)).map(|one| one.to_string()).collect();
        }
        let mut packages = Vec::new();
        for ((key, at), row) in &rows {
            let Some(release) = self.problem.releases(key).get(*at as usize) else { continue };
            let marker = algebra.marker(row.when, world).map(|marker| marker.to_string());
            if release.yanked {
                let message = format!("{key} {} is yanked", release.version);
                self.findings.push(Finding::new(&rules::YANKED, message));
            }
            for extra in row.extras.iter().filter(|extra| !release.extras.contains(extra)) {
                let message = format!("{key} {} has no extra `{}`", release.version, excerpt(extra));
                self.findings.push(Finding::new(&rules::EXTRA, message));
            }
            data.pins.push(Pin {
                name: key.clone(),
                version: release.version.to_string(),
                extras: row.extras.iter().cloned().collect(),
                marker: marker.clone(),
                via: row.via.iter().cloned().collect(),
            });
            packages.push((key.as_str(), release, marker, &row.needs));
        }
        for (key, version) in self.locked {
            let to = rows
                .keys()
                .filter(|(name, _)| name == key)
                .filter_map(|(_, at)| self.problem.releases(key).get(*at as usize));
            let chosen: Vec<&Version> = to.map(|release| &release.version).collect();
            if !chosen.contains(&version) {
                let to = chosen.first().map(ToString::to_string);
                data.changes.push(Change { name: key.clone(), from: version.to_string(), to });
            }
        }
        let locked: Vec<pylock::Locked<'_>> = packages
            .into_iter()
            .map(|(name, release, marker, needs)| {
                let version = |(key, at): &(String, u32)| {
                    let release = self.problem.releases(key).get(*at as usize)?;
                    Some((key.clone(), release.version.to_string()))
                };
                let dependencies = needs.iter().filter_map(version).collect();
                pylock::Locked { name, release, marker, dependencies }
            })
            .collect();
        let (python, environments) = match &self.problem.place {
            Place::One(..) => (String::new(), Vec::new()),
            Place::Everywhere(specifiers) => (specifiers.to_string(), data.forks.clone()),
        };
        let mut missing = None;
        match pylock::write(&python, &environments, &locked) {
            Ok(text) => data.pylock = Some(text),
            Err(names) => {
                missing =
                    Some(format!("pylock.toml: the index has no files with address and digest for {}", some(&names)));
            }
        }
        drop(algebra);
        let report = self.report(data);
        match missing {
            Some(missing) => report.not_checked(missing),
            None => report,
        }
    }
}

// Where each package of a solution is needed: what reaches it, until nothing changes.
fn collect(search: &Search<'_>, solution: &Solution, rows: &mut BTreeMap<(String, u32), Row>) {
    let mut when: BTreeMap<&Unit, Set> = BTreeMap::from([(&Unit::Root, search.world)]);
    let edges: Vec<(&Unit, solver::Edge)> = solution
        .iter()
        .flat_map(|(unit, at)| search.edges(unit, *at).into_iter().map(move |edge| (unit, edge)))
        .collect();
    loop {
        let mut changed = false;
        for (from, edge) in &edges {
            let Some((unit, _)) = solution.get_key_value(&edge.unit) else { continue };
            let mut algebra = search.algebra.borrow_mut();
            let reached = when.get(from).copied().unwrap_or(NONE);
            let reached = algebra.and(reached, edge.when);
            let before = when.get(unit).copied().unwrap_or(NONE);
            let after = algebra.or(before, reached);
            if after != before {
                when.insert(unit, after);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    for (unit, at) in solution {
        let reached = when.get(unit).copied().unwrap_or(NONE);
        if *unit == Unit::Root || reached == NONE {
            continue;
        }
        let row = rows.entry((unit.key().to_owned(), *at)).or_insert_with(Row::new);
        row.when = search.algebra.borrow_mut().or(row.when, reached);
        if let Unit::Extra(_, extra) = unit {
            row.extras.insert(extra.clone());
        }
    }
    for (from, edge) in &edges {
        let reached = when.get(from).copied().unwrap_or(NONE);
        let live = search.algebra.borrow_mut().and(reached, edge.when) != NONE;
        let (Some(at), true) = (solution.get(&edge.unit), live) else { continue };
        let target = (edge.unit.key().to_owned(), *at);
        let own = from.key() == edge.unit.key();
        if let (Some(row), false) = (rows.get_mut(&target), own) {
            row.via.insert(excerpt(&from.to_string()));
        }
        if let (Some(position), false) = (solution.get(*from), own)
            && let Some(row) = rows.get_mut(&(from.key().to_owned(), *position))
        {
            row.needs.insert(target);
        }
    }
}

// A chosen release, over all parts of the environments.
struct Row {
    when: Set,
    extras: BTreeSet<String>,
    via: BTreeSet<String>,
    needs: BTreeSet<(String, u32)>,
}

impl Row {
    const fn new() -> Self {
        Self { when: NONE, extras: BTreeSet::new(), via: BTreeSet::new(), needs: BTreeSet::new() }
    }
}

fn some(names: &[String]) -> String {
    let names: BTreeSet<&String> = names.iter().collect();
    let listed: Vec<String> = names.iter().take(5).map(|one| name::normalized(&excerpt(one))).collect();
    let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    format!("{}{more}", listed.join(", "))
}

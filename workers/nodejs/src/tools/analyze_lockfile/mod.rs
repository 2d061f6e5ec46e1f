//! Analyses a lockfile: graph, duplicates, why something is there, drift, where packages come from, licences.
//!
//! `paths` walks the graph, `dedupe` plans, `policy` and `drift` find faults, `licenses` reads expressions, `rules` holds
//! the names; reading is `support::lockfile`'s.

mod dedupe;
mod drift;
mod forced;
mod licenses;
mod paths;
mod policy;
mod rules;

use crate::support::json;
use crate::support::lockfile::{self, LockError, Lockfile, Manifest, Need, Role};
pub use dedupe::MAX_TRIED;
use dedupe::Strategy;
pub use dedupe::{Duplicate, Move};
use forced::Forced;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
pub use paths::MAX_WAY;
pub(crate) use paths::Ways;
pub use paths::{Dependent, Instance};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

declare_tool! {
    /// Reads a lockfile of npm (versions 1 to 3), yarn (1 and berry), pnpm (5 to 9) or bun (bun.lock) as a graph.
    ///
    /// Use it to see why a package is installed, which duplicates could collapse, whether the lockfile still agrees with
    /// package.json, whether all comes from the right registries with checksums, and which licences it brings. Send the
    /// lockfile and, for drift and for formats that do not say what the project depends on (yarn 1, npm 1), package.json;
    /// workspaces' manifests with their paths.
    ///
    /// `why` names packages (`lodash` or `lodash@4.17.21`): each copy comes with all that leads to it and a shortest way
    /// from the project. The dedupe plan names each range that could take a version installed anyway: the highest one, or
    /// with `fewerCopies` the one most ranges can take. `graph` lists every dependency and what it leads to.
    ///
    /// Limits: 4 MiB a file. pnpm keeps no ranges of packages, so its plan covers the projects' own.
    pub struct AnalyzeLockfile;
    name: "analyze_lockfile",
    title: "Analyse a lockfile",
    summary: "Reads npm, yarn, pnpm or bun lockfiles: duplicates, dedupe plan, why a package is there, drift, registries, licences.",
    keywords: "package-lock.json yarn.lock pnpm-lock.yaml bun.lock integrity installed who pulls in npm ls npm explain yarn why dependency tree transitive shrinkwrap lockfile-lint yarn-deduplicate npm dedupe duplicate versions out of sync frozen-lockfile npm ci sha512 resolved url supply chain SPDX license compliance monorepo workspace",
    examples: [
        "why and duplicates" => r##"{"files":[{"path":"package.json","source":"{\"dependencies\":{\"a\":\"^1.0.0\",\"b\":\"^1.0.0\"}}"},{"path":"yarn.lock","source":"# yarn lockfile v1\n\na@^1.0.0:\n  version \"1.0.0\"\n  integrity sha512-x\n\na@^1.1.0:\n  version \"1.2.0\"\n  integrity sha512-y\n\nb@^1.0.0:\n  version \"1.0.0\"\n  integrity sha512-z\n  dependencies:\n    a \"^1.1.0\"\n"}],"why":["a"]}"##,
        "policies" => r#"{"files":[{"path":"package-lock.json","source":"{\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"a\":\"1\"}},\"node_modules/a\":{\"version\":\"1.0.0\",\"resolved\":\"http://mirror.example/a.tgz\",\"license\":\"GPL-3.0-only\"}}}"}],"registries":["registry.yarnpkg.com"],"allowLicenses":["MIT"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "whether packages exist or checksums are right: nothing is fetched",
        "overrides and resolutions beyond leaving out what they name",
        "bun.lockb, npm-shrinkwrap inside dependencies, lockfiles of pnpm before 5",
    ],
}

/// Most names asked after.
const MAX_WHY: usize = 50;
/// Most copies explained of one name.
const MAX_INSTANCES: usize = 200;
/// Most dependents of all explained copies together: more than a report can show.
pub const MAX_DEPENDENTS: usize = 20_000;
/// Most hosts or licences in a list.
const MAX_LIST: usize = 500;
/// Longest item of a list, in bytes.
const MAX_ITEM_BYTES: usize = 1_000;
/// Most findings of one rule.
const MAX_FINDINGS_OF_A_RULE: usize = 200;

/// Arguments.
#[derive(Debug, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// One lockfile, package.json files.
    files: Vec<SourceFile>,
    /// Packages to explain.
    #[serde(default)]
    why: Vec<String>,
    /// Allowed hosts.
    #[serde(default)]
    registries: Vec<String>,
    /// Allowed SPDX ids.
    #[serde(default)]
    allow_licenses: Vec<String>,
    /// Dedupe to fewer copies, not highest versions.
    #[serde(default)]
    fewer_copies: bool,
    /// List all edges.
    #[serde(default)]
    graph: bool,
}

/// What the lockfile holds.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// Which format it is in.
    pub format: String,
    /// How many packages are installed, each copy counted.
    pub packages: usize,
    /// How many projects and workspaces there are.
    pub projects: usize,
    /// Dependencies by kind.
    pub edges: BTreeMap<&'static str, usize>,
    /// The longest of the shortest ways from a project.
    pub depth: usize,
    /// Packages by the host they come from.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<String, usize>,
    /// Packages by licence, where it is kept.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub licenses: BTreeMap<String, usize>,
    /// Answers to `why`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Instance>,
    /// Ranges that could take another installed version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dedupe: Vec<Move>,
    /// Packages of several versions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<Duplicate>,
    /// Every dependency, when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub graph: Vec<Link>,
}

/// A dependency.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Who depends, as the lockfile calls it.
    pub from: String,
    /// Under which name.
    pub name: String,
    /// In which range.
    pub range: String,
    /// `prod`, `dev`, `optional`, `peer`, `peerOptional` or `workspace`.
    pub kind: &'static str,
    /// What it leads to, as the lockfile calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The version it leads to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
}

impl Tool for AnalyzeLockfile {
    type Input = Input;
    type Data = Analysis;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Analysis>, ToolError> {
        check_files("/files", &input.files)?;
        check_items("/why", &input.why, MAX_WHY)?;
        for (pointer, list) in
            [("/why", &input.why), ("/registries", &input.registries), ("/allowLicenses", &input.allow_licenses)]
        {
            check_items(pointer, list, MAX_LIST)?;
            for (at, item) in list.iter().enumerate() {
                check_bytes(&format!("{pointer}/{at}"), item, MAX_ITEM_BYTES)?;
            }
        }
        let file = lockfile_of(&input.files)?;
        let mut faults = Faults::new(file);
        let mut manifests = Vec::new();
        for other in input.files.iter().filter(|other| !std::ptr::eq(*other, file)) {
            match json::parse(&other.source) {
                Ok(root) => manifests.push((other, root)),
                Err(error) => faults.unreadable(other, &LockError::from(error)),
            }
        }
        let base = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let found: Vec<Manifest<'_>> = manifests
            .iter()
            .filter_map(|(other, root)| {
                Some(Manifest { folder: folder_of(base, &other.path)?, object: root.as_object()? })
            })
            .collect();
        let lock = match lockfile::read(&file.path, &file.source, &found) {
            Ok(lock) => lock,
            Err(error) => {
                faults.unreadable(file, &error);
                let report = Report::checked(faults.findings, Analysis::default()).over_files(input.files.len());
                return Ok(report.not_checked("everything in the lockfile"));
            }
        };
        ctx.progress(1, 2, "lockfile read");
        Ok(analyze(&input, &lock, &found, faults))
    }
}

fn analyze(input: &Input, lock: &Lockfile, manifests: &[Manifest<'_>], mut faults: Faults<'_>) -> Report<Analysis> {
    let ways = Ways::new(lock);
    let forced = Forced::read(manifests);
    let can_tell = lock.knows_projects || !manifests.is_empty();
    drift::check(lock, manifests, &forced, &mut faults);
    policy::check_tree(lock, &ways, &forced, can_tell, &mut faults);
    policy::check_sources(lock, &input.registries, &mut faults);
    policy::check_licenses(lock, &input.allow_licenses, &mut faults);
    let strategy = if input.fewer_copies { Strategy::Fewer } else { Strategy::Highest };
    let (dedupe, unplanned) = dedupe::plan(lock, strategy);
    if let Some(first) = unplanned.first() {
        let names = plural(unplanned.len(), "package");
        faults
            .notes
            .push(format!("the dedupe plan of {names} of very many ranges and versions, first {}", excerpt(first)));
    }
    policy::tell_duplicates(lock, &dedupe, &mut faults);
    let is_package = |entry: &&lockfile::Entry| entry.role == Role::Package;
    let mut data = Analysis {
        format: lock.format.to_string(),
        packages: lock.entries.iter().filter(is_package).count(),
        projects: lock.projects().count(),
        depth: ways.depth(),
        hosts: policy::hosts(lock),
        duplicates: dedupe::duplicates(lock),
        dedupe,
        ..Analysis::default()
    };
    for edge in &lock.edges {
        *data.edges.entry(edge.need.word()).or_default() += 1;
    }
    for license in lock.entries.iter().filter(is_package).filter_map(|entry| entry.license.clone()) {
        *data.licenses.entry(license).or_default() += 1;
    }
    let (mut left, mut is_cut) = (MAX_DEPENDENTS, false);
    for wanted in &input.why {
        let found = copies_of(lock, wanted);
        if found.is_empty() {
            faults.notes.push(format!("why {}: it is not in the lockfile", excerpt(wanted)));
        }
        for at in found.into_iter().take(MAX_INSTANCES) {
            let Some((instance, has_more)) = ways.instance(at, left) else { continue };
            is_cut |= has_more;
            left -= instance.dependents.len();
            data.why.push(instance);
        }
    }
    if is_cut {
        faults.notes.push(format!("why: dependents beyond the first {MAX_DEPENDENTS}"));
    }
    if input.graph {
        data.graph = lock.edges.iter().filter_map(|edge| link_of(lock, edge)).collect();
    }
    if !lock.knows_projects && manifests.is_empty() {
        faults.notes.push("drift and ways from the project: this format needs package.json for them".to_owned());
    }
    let summary = format!(
        "{}, {}: {} of several versions, {} could take another",
        data.format,
        plural(data.packages, "package"),
        plural(data.duplicates.len(), "name"),
        plural(data.dedupe.len(), "range"),
    );
    let (findings, notes) = faults.done();
    let report = Report::checked(findings, data).over_files(input.files.len()).with_summary(summary);
    notes.into_iter().fold(report, Report::not_checked)
}

fn link_of(lock: &Lockfile, edge: &lockfile::Edge) -> Option<Link> {
    let target = edge.to.and_then(|at| lock.entry(at));
    let version = edge.to.map(|at| lock.followed(at)).and_then(|at| lock.entry(at)).map(|entry| entry.version.clone());
    Some(Link {
        from: lock.entry(edge.from)?.key.clone(),
        name: edge.name.clone(),
        range: edge.range.clone(),
        kind: edge.need.word(),
        to: target.map(|entry| entry.key.clone()),
        version: version.unwrap_or_default(),
    })
}

fn copies_of(lock: &Lockfile, wanted: &str) -> Vec<usize> {
    let at = wanted.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
    let (name, version) = match at {
        Some(at) => (wanted.get(..at).unwrap_or(wanted), wanted.get(at + 1..)),
        None => (wanted, None),
    };
    let aliased: BTreeSet<usize> =
        lock.edges.iter().filter(|edge| edge.name == name).filter_map(|edge| edge.to).collect();
    let is_wanted = |(at, entry): &(usize, &lockfile::Entry)| {
        !matches!(entry.role, Role::Project)
            && version.is_none_or(|version| entry.version == version)
            && (entry.name == name || aliased.contains(at))
    };
    lock.entries.iter().enumerate().filter(is_wanted).map(|(at, _)| at).collect()
}

/// The one file that is no manifest.
pub(crate) fn lockfile_of(files: &[SourceFile]) -> Result<&SourceFile, ToolError> {
    let is_manifest = |file: &&SourceFile| file.path == "package.json" || file.path.ends_with("/package.json");
    let others: Vec<&SourceFile> = files.iter().filter(|file| !is_manifest(file)).collect();
    match others.as_slice() {
        [only] => Ok(only),
        [] => Err(ToolError::invalid(
            "/files",
            "has no lockfile",
            "package-lock.json, npm-shrinkwrap.json, yarn.lock, pnpm-lock.yaml or bun.lock",
        )),
        _ => Err(ToolError::invalid("/files", "has several files that are no package.json", "one lockfile a call")),
    }
}

/// The folder of a manifest as seen from the lockfile's; nothing for one outside it.
pub(crate) fn folder_of<'a>(base: &str, path: &'a str) -> Option<&'a str> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if base.is_empty() {
        return Some(folder.trim_start_matches("./"));
    }
    let rest = folder.strip_prefix(base)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// What is wrong, by rule.
struct Faults<'a> {
    file: &'a SourceFile,
    index: LineIndex<'a>,
    findings: Vec<Finding>,
    counts: BTreeMap<&'static str, usize>,
    notes: Vec<String>,
}

impl<'a> Faults<'a> {
    fn new(file: &'a SourceFile) -> Self {
        let index = LineIndex::new(&file.source);
        Self { file, index, findings: Vec::new(), counts: BTreeMap::new(), notes: Vec::new() }
    }

    fn unreadable(&mut self, file: &SourceFile, error: &LockError) {
        let range = LineIndex::new(&file.source).range(error.at..error.at);
        self.findings.push(Finding::new(&rules::UNREADABLE, &error.problem).at(range).in_file(&file.path));
    }

    // At an entry of the lockfile; nowhere for an empty span.
    fn push(&mut self, finding: Finding, rule: &'static Rule, span: &std::ops::Range<usize>) {
        let count = self.counts.entry(rule.id).or_default();
        *count += 1;
        if *count > MAX_FINDINGS_OF_A_RULE {
            return;
        }
        let finding = finding.in_file(&self.file.path);
        let finding = if span.is_empty() { finding } else { finding.at(self.index.range(span.clone())) };
        self.findings.push(finding);
    }

    fn add(&mut self, rule: &'static Rule, message: String, span: &std::ops::Range<usize>) {
        self.push(Finding::new(rule, message), rule, span);
    }

    fn done(mut self) -> (Vec<Finding>, Vec<String>) {
        for (rule, count) in self.counts {
            if count > MAX_FINDINGS_OF_A_RULE {
                let left_out = plural(count - MAX_FINDINGS_OF_A_RULE, "finding");
                self.notes.push(format!("{left_out} of {rule}, for their number"));
            }
        }
        (self.findings, self.notes)
    }
}

const fn is_peer(need: Need) -> bool {
    need.is_peer()
}

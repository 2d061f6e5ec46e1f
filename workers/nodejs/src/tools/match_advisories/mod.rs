//! Holds advisories against a lockfile: what is affected, through whom, and what mends it.
//!
//! `advisories` reads the documents, `remedies` finds versions that are free of them, `trapped` who admits none; the lockfile is
//! `support::lockfile`'s, what else is published `support::packuments`'.

mod advisories;
mod remedies;
mod trapped;

use crate::support::json;
use crate::support::lockfile::{self, LockError, Lockfile, Manifest, Role};
use crate::support::packuments::Packages;
use crate::support::semver::Version;
use advisories::{Advisory, EVERY};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{
    Ctx, Finding, Level, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool, rule_docs,
};
use remedies::Remedies;
pub use remedies::{Admits, Step};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

declare_tool! {
    /// Holds the advisories you send against a lockfile, as `npm audit` does with those of the registry.
    ///
    /// Send the lockfile (npm, yarn, pnpm or bun), package.json, and the advisories as JSON: OSV records, GHSA of
    /// GitHub's API, or npm's own; one, a list, an object of lists by package, or a line each. Nothing is fetched.
    ///
    /// Each affected copy comes with a way from the project, everything that depends on it, and the smallest fixed version
    /// that each range admits. Dependents whose range admits no version free of the advisory are `trapped`: npm reports
    /// them as vulnerable too. The plan says what to do, nearest first: update inside the ranges, change a range of
    /// package.json, raise a dependent, or override. Versions that exist are known from `packuments`
    /// (`npm view <name> --json`, or slim: `{"a": {"1.2.3": {"dependencies": {}}}}`); without, from the lockfile and from
    /// what the advisories name as fixed.
    ///
    /// Limits: 4 MiB a text, 20,000 advisories, 1,000 affected copies.
    pub struct MatchAdvisories;
    name: "match_advisories",
    title: "Match advisories to a lockfile",
    summary: "Holds OSV, GHSA or npm advisories you send against a lockfile: affected copies, paths to them, the smallest fix each range admits, a fix plan. Fetches nothing.",
    keywords: "npm audit fix vulnerability CVE security vulnerable transitive dependency osv.dev dependabot alert snyk upgrade patch override resolutions metavuln severity critical",
    examples: [
        "a transitive fix inside the range" => r#"{"files":[{"path":"package-lock.json","source":"{\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"a\":\"^1.0.0\"}},\"node_modules/a\":{\"version\":\"1.0.0\",\"dependencies\":{\"b\":\"^2.0.0\"}},\"node_modules/b\":{\"version\":\"2.0.0\"}}}"}],"advisories":"{\"id\":\"GHSA-xxxx\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"b\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2.3.1\"}]}]}]}"}"#,
    ],
    rules: RULES,
    not_checked: [
        "whether vulnerable code is called",
        "advisories that were not sent; nothing is fetched",
        "npm audit signatures",
    ],
}

/// Most packages of advisories.
const MAX_ADVISORIES: usize = 20_000;
/// Most affected copies that are listed.
const MAX_AFFECTED: usize = 1_000;
/// Most versions of all packages together.
const MAX_VERSIONS: usize = 50_000;
/// Most comparisons of a version with a bound of an advisory: a fraction of a second, and hundreds of advisories for each of ten
/// thousand copies.
pub const MAX_HELD: usize = 5_000_000;
/// Most versions, ranges and dependents looked at to mend what is affected: a fraction of a second.
const MAX_LOOKS: usize = 5_000_000;
/// Most dependents listed of all affected copies together: more than a report can show.
pub const MAX_DEPENDENTS: usize = 20_000;

const VULNERABLE: Rule = Rule {
    id: "vulnerable",
    level: Level::Error,
    summary: "No installed version is affected by an advisory.",
    docs: rule_docs!(
        why: "Known flaws are the first that are tried. Critical and high ones are errors, moderate ones warnings, low ones remarks.",
        wrong: "a@1.0.0 with {\"name\": \"a\", \"vulnerable_versions\": \"<1.2.0\"}",
        right: "a@1.2.0 with {\"name\": \"a\", \"vulnerable_versions\": \"<1.2.0\"}",
        source: "https://docs.npmjs.com/cli/commands/npm-audit"
    ),
};

const TRAPPED: Rule = Rule {
    id: "depends-on-vulnerable",
    level: Level::Warning,
    summary: "Every dependent admits a version free of the advisory.",
    docs: rule_docs!(
        why: "While a dependent admits vulnerable versions only, no update of the lockfile helps: it must be raised itself.",
        wrong: "b@1.0.0 with {\"name\": \"b\", \"vulnerable_versions\": \"<2.0.0\"}",
        right: "b@1.0.0 with {\"name\": \"b\", \"vulnerable_versions\": \"<0.5.0\"}",
        source: "https://docs.npmjs.com/about-audit-reports"
    ),
};

const UNREADABLE: Rule = Rule {
    id: "unreadable",
    level: Level::Error,
    summary: "Lockfile, manifests, advisories and packuments can be read.",
    docs: rule_docs!(
        why: "What is not read is not checked.",
        wrong: "a@1.0.0 with {\"id\": 1}",
        right: "a@1.0.0 with []",
        source: "https://ossf.github.io/osv-schema/"
    ),
};

const RULES: &[Rule] = &[VULNERABLE, TRAPPED, UNREADABLE];

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// One lockfile, package.json files.
    files: Vec<SourceFile>,
    /// JSON of OSV, GHSA or npm advisories.
    advisories: String,
    /// JSON: packuments, to know what versions exist.
    #[serde(default)]
    packuments: String,
}

/// What is affected and what mends it.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// Affected copies, by advisory.
    pub affected: Vec<Affected>,
    /// Dependents that admit no free version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trapped: Vec<Trapped>,
    /// What to do, nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<Step>,
    /// How many advisories were held against the lockfile.
    pub advisories: usize,
}

/// A copy that an advisory affects.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Affected {
    /// The advisory.
    pub advisory: String,
    /// How serious it is, as it says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub severity: String,
    /// Name and version.
    pub package: String,
    /// What the lockfile calls it.
    pub key: String,
    /// A shortest way from the project.
    pub path: Vec<String>,
    /// The smallest version above it that no advisory affects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// What each dependent's range admits.
    pub dependents: Vec<Admits>,
}

/// A dependent that admits no free version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Trapped {
    /// Name and version.
    pub package: String,
    /// What the lockfile calls it.
    pub key: String,
    /// What it depends on, and in which range.
    pub via: String,
    /// The advisory behind it.
    pub advisory: String,
}

impl Tool for MatchAdvisories {
    type Input = Input;
    type Data = Exposure;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Exposure>, ToolError> {
        check_files("/files", &input.files)?;
        check_bytes("/advisories", &input.advisories, MAX_SOURCE_BYTES)?;
        check_bytes("/packuments", &input.packuments, MAX_SOURCE_BYTES)?;
        let file = super::analyze_lockfile::lockfile_of(&input.files)?;
        let mut findings = Vec::new();
        let mut roots = Vec::new();
        for other in input.files.iter().filter(|other| !std::ptr::eq(*other, file)) {
            match json::parse(&other.source) {
                Ok(root) => roots.push((other, root)),
                Err(error) => findings.push(unreadable(&other.path, &other.source, &LockError::from(error))),
            }
        }
        let base = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let manifests: Vec<Manifest<'_>> = roots
            .iter()
            .filter_map(|(other, root)| {
                let folder = super::analyze_lockfile::folder_of(base, &other.path)?;
                Some(Manifest { folder, object: root.as_object()? })
            })
            .collect();
        let lock = lockfile::read(&file.path, &file.source, &manifests);
        if let Err(error) = &lock {
            findings.push(unreadable(&file.path, &file.source, error));
        }
        let found = advisories::read(&input.advisories);
        if let Err(error) = &found {
            findings.push(unreadable("advisories", &input.advisories, &LockError::from(error.clone())));
        }
        let mut packages = Packages::on(None);
        let sent = if input.packuments.trim().is_empty() { Ok(()) } else { packages.read(&input.packuments) };
        if let Err(error) = sent {
            findings.push(unreadable("packuments", &input.packuments, &LockError::from(error)));
        }
        let (Ok(lock), Ok(found)) = (lock, found) else {
            let report = Report::checked(findings, Exposure::default()).over_files(input.files.len());
            return Ok(report.not_checked("the lockfile against the advisories"));
        };
        if found.all.len() > MAX_ADVISORIES {
            return Err(ToolError::too_large("/advisories", found.all.len(), MAX_ADVISORIES, "packages of advisories"));
        }
        if packages.version_count() > MAX_VERSIONS {
            return Err(ToolError::too_large("/packuments", packages.version_count(), MAX_VERSIONS, "versions"));
        }
        for (at, sentence) in found.faults.iter().take(100) {
            let error = LockError { at: *at, problem: sentence.clone() };
            findings.push(unreadable("advisories", &input.advisories, &error));
        }
        ctx.progress(1, 2, "documents read");
        let passed_over = found.passed_over;
        let report = expose(&lock, file, &found.all, &packages, findings).over_files(input.files.len());
        Ok(if passed_over == 0 {
            report
        } else {
            report.not_checked(format!("{} withdrawn or of other ecosystems", plural(passed_over, "record")))
        })
    }
}

fn unreadable(path: &str, source: &str, error: &LockError) -> Finding {
    let range = LineIndex::new(source).range(error.at..error.at);
    Finding::new(&UNREADABLE, &error.problem).at(range).in_file(path)
}

// Takes from the packages' advisories those for which too many versions would be compared; how many.
fn hold_back(lock: &Lockfile, packages: &Packages, by_package: &mut BTreeMap<&str, Vec<&Advisory>>) -> usize {
    let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in lock.entries.iter().filter(|entry| entry.role == Role::Package) {
        *copies.entry(&entry.name).or_default() += 1;
    }
    let (mut left, mut held_back) = (MAX_HELD, 0);
    for (name, own) in by_package {
        let Some(copies) = copies.get(name) else { continue };
        let mut versions = copies + packages.get(name).map_or(0, |packument| packument.versions.len());
        let (mut bounds, mut cost, mut kept) = (0, 0, 0);
        for advisory in own.iter() {
            versions += advisory.fixed.len();
            bounds += advisory.weight();
            let with = versions.saturating_mul(bounds);
            if with > left {
                break;
            }
            (cost, kept) = (with, kept + 1);
        }
        left -= cost;
        held_back += own.len() - kept;
        own.truncate(kept);
    }
    held_back
}

fn expose(
    lock: &Lockfile,
    file: &SourceFile,
    all: &[Advisory],
    packages: &Packages,
    mut findings: Vec<Finding>,
) -> Report<Exposure> {
    let ways = super::analyze_lockfile::Ways::new(lock);
    let index = LineIndex::new(&file.source);
    let mut by_package: BTreeMap<&str, Vec<&Advisory>> = BTreeMap::new();
    for advisory in all {
        by_package.entry(&advisory.package).or_default().push(advisory);
    }
    let held_back = hold_back(lock, packages, &mut by_package);
    let remedies = Remedies::new(lock, packages, &by_package);
    let mut data = Exposure { advisories: all.len() - held_back, ..Exposure::default() };
    let (mut left_out, mut dependents_left, mut is_cut) = (0, MAX_DEPENDENTS, false);
    let (mut hit, mut listed) = (BTreeSet::new(), BTreeSet::new());
    let mut trapped: BTreeSet<Trapped> = BTreeSet::new();
    for (at, entry) in lock.entries.iter().enumerate().filter(|(_, entry)| entry.role == Role::Package) {
        let own = by_package.get(entry.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        let version = Version::parse(&entry.version, EVERY).filter(|_| !own.is_empty());
        let mut known: Option<Vec<Admits>> = None;
        for advisory in own.iter().filter(|advisory| advisory.affects(&entry.version, version.as_ref())) {
            hit.insert(at);
            if data.affected.len() >= MAX_AFFECTED {
                left_out += 1;
                continue;
            }
            listed.insert(at);
            is_cut |= trapped::by(lock, &remedies, &ways, at, advisory, &mut trapped).is_err();
            let path = ways.way(at);
            let dependents = known.get_or_insert_with(|| {
                let mut own = remedies.dependents(&ways, at).unwrap_or_default();
                is_cut |= own.len() > dependents_left;
                own.truncate(dependents_left);
                own
            });
            let dependents: Vec<Admits> = dependents.iter().take(dependents_left).cloned().collect();
            dependents_left -= dependents.len();
            let fixed = remedies.smallest_above(&entry.name, &entry.version).unwrap_or_default();
            let via = match path.as_slice() {
                [] => String::new(),
                path => format!(" through {}", path.join(" > ")),
            };
            let mend = fixed
                .as_ref()
                .map_or_else(|| "; no fixed version is known".to_owned(), |to| format!("; fixed in {to}"));
            let title =
                if advisory.title.is_empty() { String::new() } else { format!(" ({})", excerpt(&advisory.title)) };
            let message = format!("{} is affected by {}{title}{via}{mend}", entry.label(), excerpt(&advisory.id));
            let finding = Finding::new(&VULNERABLE, message).with_level(advisory.level()).in_file(&file.path);
            findings.push(if entry.span.is_empty() { finding } else { finding.at(index.range(entry.span.clone())) });
            data.affected.push(Affected {
                advisory: advisory.id.clone(),
                severity: advisory.severity.clone(),
                package: entry.label(),
                key: entry.key.clone(),
                path,
                fixed,
                dependents,
            });
        }
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, entry) in lock.entries.iter().enumerate() {
        places.entry(&entry.key).or_insert(at);
    }
    for one in trapped.iter().take(MAX_AFFECTED) {
        let message = format!(
            "{} admits only versions affected by {}: {}",
            one.package,
            excerpt(&one.advisory),
            excerpt(&one.via)
        );
        let span = places.get(one.key.as_str()).and_then(|at| lock.entry(*at)).map_or(0..0, |entry| entry.span.clone());
        let finding = Finding::new(&TRAPPED, message).in_file(&file.path);
        findings.push(if span.is_empty() { finding } else { finding.at(index.range(span)) });
    }
    let trapped_left_out = trapped.len().saturating_sub(MAX_AFFECTED);
    data.trapped = trapped.into_iter().take(MAX_AFFECTED).collect();
    data.plan = remedies.plan(&ways, &listed);
    is_cut |= remedies.is_spent();
    let summary = format!(
        "{} of {} affected by {}; {} trapped behind them",
        plural(hit.len(), "copy").replace("copys", "copies"),
        plural(lock.entries.iter().filter(|entry| entry.role == Role::Package).count(), "package"),
        plural(data.affected.iter().map(|one| &one.advisory).collect::<BTreeSet<_>>().len(), "advisory")
            .replace("advisorys", "advisories"),
        plural(data.trapped.len(), "dependent"),
    );
    let mut report = Report::checked(findings, data).with_summary(summary);
    if held_back > 0 {
        report = report.not_checked(format!("{held_back} more advisories of packages with many copies or versions"));
    }
    if left_out > 0 {
        report = report.not_checked(format!("{left_out} more affected copies, for their number"));
    }
    if trapped_left_out > 0 {
        report = report.not_checked(format!("{trapped_left_out} more trapped dependents, for their number"));
    }
    if is_cut {
        report = report.not_checked("more dependents of affected copies and the plan for them, for their number");
    }
    report
}

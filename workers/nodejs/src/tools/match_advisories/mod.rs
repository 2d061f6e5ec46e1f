//! Holds advisories against a lockfile: what is affected, through whom, and what mends it.
//!
//! `advisories` reads the documents, `remedies` finds versions that are free of them; the lockfile is
//! `support::lockfile`'s, what else is published `support::packuments`'.

mod advisories;
mod remedies;

use crate::support::json;
use crate::support::lockfile::{self, LockError, Lockfile, Manifest, Role};
use crate::support::packuments::Packages;
use crate::support::semver::Range;
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
use std::collections::{BTreeMap, BTreeSet, VecDeque};

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
    let remedies = Remedies::new(lock, packages, &by_package);
    let mut data = Exposure { advisories: all.len(), ..Exposure::default() };
    let mut left_out = 0;
    let mut hit: BTreeSet<usize> = BTreeSet::new();
    let mut trapped: BTreeSet<Trapped> = BTreeSet::new();
    for (at, entry) in lock.entries.iter().enumerate().filter(|(_, entry)| entry.role == Role::Package) {
        let own = by_package.get(entry.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        for advisory in own.iter().filter(|advisory| advisory.affects(&entry.version)) {
            hit.insert(at);
            trapped.extend(trapped_by(lock, packages, &remedies, &ways, at, advisory));
            if data.affected.len() >= MAX_AFFECTED {
                left_out += 1;
                continue;
            }
            let path: Vec<String> =
                ways.path(at).into_iter().filter_map(|at| lock.entry(at)).map(lockfile::Entry::label).collect();
            let dependents = remedies.dependents(&ways, at);
            let fixed = remedies.smallest_above(&entry.name, &entry.version);
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
    for one in &trapped {
        let message = format!(
            "{} admits only versions affected by {}: {}",
            one.package,
            excerpt(&one.advisory),
            excerpt(&one.via)
        );
        let span = lock.entries.iter().find(|entry| entry.key == one.key).map_or(0..0, |entry| entry.span.clone());
        let finding = Finding::new(&TRAPPED, message).in_file(&file.path);
        findings.push(if span.is_empty() { finding } else { finding.at(index.range(span)) });
    }
    data.trapped = trapped.into_iter().take(MAX_AFFECTED).collect();
    data.plan = remedies.plan(&ways, &hit);
    let summary = format!(
        "{} of {} affected by {}; {} trapped behind them",
        plural(hit.len(), "copy").replace("copys", "copies"),
        plural(lock.entries.iter().filter(|entry| entry.role == Role::Package).count(), "package"),
        plural(data.affected.iter().map(|one| &one.advisory).collect::<BTreeSet<_>>().len(), "advisory")
            .replace("advisorys", "advisories"),
        plural(data.trapped.len(), "dependent"),
    );
    let report = Report::checked(findings, data).with_summary(summary);
    if left_out == 0 {
        report
    } else {
        report.not_checked(format!("{left_out} more affected copies, for their number"))
    }
}

// Dependents of an affected copy, and theirs, whose ranges admit affected versions only.
fn trapped_by(
    lock: &Lockfile,
    packages: &Packages,
    remedies: &Remedies<'_>,
    ways: &super::analyze_lockfile::Ways<'_>,
    start: usize,
    advisory: &Advisory,
) -> Vec<Trapped> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([(start, vec![advisory.package.clone()])]);
    while let Some((at, chain)) = queue.pop_front() {
        for edge in ways.dependents(at) {
            let Some(from) = lock.entry(edge.from).filter(|from| from.role == Role::Package) else { continue };
            if edge.range.is_empty() || seen.contains(&edge.from) || chain.len() > MAX_CHAIN {
                continue;
            }
            if admits_free(packages, remedies, advisory, &chain, &edge.range) {
                continue;
            }
            seen.insert(edge.from);
            found.push(Trapped {
                package: from.label(),
                key: from.key.clone(),
                via: format!("{} {}", edge.name, edge.range),
                advisory: advisory.id.clone(),
            });
            let mut longer = chain.clone();
            longer.push(from.name.clone());
            queue.push_back((edge.from, longer));
        }
    }
    found
}

/// Longest chain of dependents that is followed.
const MAX_CHAIN: usize = 40;

// Whether a range admits a version of the chain's last package that is free of the advisory.
fn admits_free(
    packages: &Packages,
    remedies: &Remedies<'_>,
    advisory: &Advisory,
    chain: &[String],
    range: &str,
) -> bool {
    let bare = match range.strip_prefix("npm:") {
        Some(alias) => alias.rsplit_once('@').map_or("*", |(_, range)| range),
        None => range,
    };
    // Of an address nothing is known, so it is taken for trapped.
    let (Some(range), Some((name, below))) = (Range::parse(bare, EVERY), chain.split_last()) else { return false };
    remedies
        .versions(name)
        .iter()
        .any(|version| range.contains_text(version) && is_free(packages, remedies, advisory, below, name, version))
}

fn is_free(
    packages: &Packages,
    remedies: &Remedies<'_>,
    advisory: &Advisory,
    below: &[String],
    name: &str,
    version: &str,
) -> bool {
    let Some(dependency) = below.last() else { return !advisory.affects(version) };
    match remedies.wish(packages, name, version, dependency) {
        Some(range) => admits_free(packages, remedies, advisory, below, &range),
        None => true,
    }
}

//! `audit_lockfile`: a lock against records of flaws, its digests, itself and its manifest.
//!
//! `advisories` reads OSV records, `drift` holds the lock against manifests and itself; here are the findings and the
//! smallest safe version of each affected package.

mod advisories;
mod drift;
mod rules;

use crate::support::files::text_of;
use crate::support::packaging::index::Index;
use crate::support::packaging::lock::{Kind, Lock, Locked, manifest_of, read};
use crate::support::packaging::manifest::Declared;
use crate::support::packaging::pylock;
use advisories::{Advisories, Advisory};
use drift::Graph;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Edit, Finding, Level, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use pep440_rs::Version;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

declare_tool! {
    /// Audits a Python lock: requirements.txt, uv.lock, poetry.lock, pdm.lock, Pipfile.lock or pylock.toml.
    ///
    /// Send one lock, the manifest it was made of (pyproject.toml, requirements.in, Pipfile, setup.cfg), and, as JSON, the OSV
    /// records to hold it against: one, a list, a line each, or osv.dev's answers. Nothing is fetched.
    ///
    /// Records match as OSV's schema says and pip-audit reports them: names normalized, versions in PEP 440's order,
    /// withdrawn records left out, records that are aliases of each other told once. For each affected package there is a
    /// way from the manifest to it, the versions that mend the flaw, and the smallest version above the locked one that no
    /// record affects (`bump`), with those whose requirement does not admit it (`blockedBy`). Versions that exist are known
    /// from `index` (slim JSON or PyPI documents, as `resolve_dependencies` takes it), else from the records.
    ///
    /// Without records the rest is checked: digests (missing, malformed, weak), pins, what the manifest declares and the
    /// lock lacks or has in another version, contradictions inside the lock, packages nobody needs, and a pylock.toml
    /// against PEP 751.
    ///
    /// Limits: 4 MiB a text; 20,000 locked packages.
    pub struct AuditLockfile;
    name: "audit_lockfile",
    title: "Audit a Python lockfile",
    summary: "Audits a Python lock (requirements, uv, poetry, pdm, Pipfile, pylock) against OSV records you send, its manifest and hashes: flaws, smallest safe bump, drift.",
    keywords: "pip-audit safety vulnerability CVE GHSA PYSEC advisory osv.dev dependabot security update upgrade patched fixed version transitive hash sha256 require-hashes drift out of date uv.lock poetry.lock pdm.lock Pipfile.lock pylock.toml PEP 751 requirements.txt pip check pipenv check lock outdated supply chain",
    examples: [
        "a flaw and its smallest bump" => r#"{"files":[{"path":"requirements.txt","source":"flask==2.2.2\nwerkzeug==2.2.2\n"}],"advisories":"{\"id\":\"PYSEC-2023-58\",\"aliases\":[\"CVE-2023-25577\"],\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"werkzeug\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2.2.3\"}]}]}]}"}"#,
        "drift from the manifest" => r#"{"files":[{"path":"poetry.lock","source":"[[package]]\nname = \"a\"\nversion = \"1.0\"\n"},{"path":"pyproject.toml","source":"[tool.poetry.dependencies]\na = \"^2\"\nb = \"*\"\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "records that were not sent; nothing is fetched",
        "digests against the files themselves",
        "content hashes of poetry.lock, pdm.lock and Pipfile.lock",
        "whether flawed code is called",
    ],
}

/// Most lines of all files: each may be a requirement, which takes a microsecond to read. Real locks have forty bytes a line.
const MAX_LINES: usize = 400_000;
/// Most packages of a lock.
const MAX_PACKAGES: usize = 20_000;
/// Most flaws told in `data`.
const MAX_TOLD: usize = 5_000;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Lock and manifest.
    files: Vec<SourceFile>,
    /// OSV JSON.
    #[serde(default)]
    advisories: String,
    /// JSON: versions that exist.
    #[serde(default)]
    index: String,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// Which kind of lock.
    pub lock: &'static str,
    /// How many packages it has.
    pub packages: usize,
    /// How many records for Python packages were sent.
    pub records: usize,
    /// Flaws, by package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vulnerable: Vec<Flaw>,
    /// Affected packages with the version to go to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bumps: Vec<Bump>,
    /// Packages that were not held against records, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
}

/// A flaw of a locked version.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Flaw {
    /// Normalized name.
    pub package: String,
    /// The locked version.
    pub version: String,
    /// PYSEC, CVE or the record's id.
    pub id: String,
    /// Its other ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Versions that mend it.
    pub fixed: Vec<String>,
}

/// Where to go with an affected package.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bump {
    /// Normalized name.
    pub package: String,
    /// The locked version.
    pub from: String,
    /// The smallest version above it that no record affects; absent where none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// A shortest way from the manifest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// Requirements that do not admit it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<String>,
}

impl Tool for AuditLockfile {
    type Input = Input;
    type Data = Audit;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Audit>, ToolError> {
        check_files("/files", &input.files)?;
        let lines = input.files.iter().map(|file| text_of(file).bytes().filter(|byte| *byte == b'\n').count()).sum();
        if lines > MAX_LINES {
            return Err(ToolError::too_large("/files", lines, MAX_LINES, "lines"));
        }
        check_bytes("/advisories", &input.advisories, MAX_SOURCE_BYTES)?;
        check_bytes("/index", &input.index, MAX_SOURCE_BYTES)?;
        let (at, kind) = lock_among(&input.files)?;
        let Some(file) = input.files.get(at) else { return Err(no_lock("/files")) };
        let json = "JSON such as osv.dev and PyPI give it";
        let unread =
            |pointer: &str, message: &str| ToolError::invalid(pointer, format!("cannot be read: {message}"), json);
        let advisories = advisories::read(&input.advisories).map_err(|fault| unread("/advisories", &fault.message))?;
        let index = if input.index.trim().is_empty() {
            Index::default()
        } else {
            Index::read(&input.index).map_err(|fault| unread("/index", &fault.message))?
        };
        let source = text_of(file);
        let lock = read(kind, source);
        if lock.packages.len() > MAX_PACKAGES {
            let pointer = format!("/files/{at}/source");
            return Err(ToolError::too_large(pointer, lock.packages.len(), MAX_PACKAGES, "packages"));
        }
        let mut manifests = Vec::new();
        for (other, manifest) in input.files.iter().enumerate() {
            if other != at
                && let Some(declared) = manifest_of(&manifest.path, text_of(manifest))
            {
                manifests.push((manifest, declared));
            }
        }
        let call = Call {
            file,
            lock: &lock,
            manifests: &manifests,
            advisories: &advisories,
            index: &index,
            lines: LineIndex::new(source),
            manifest_lines: manifests.iter().map(|(file, _)| LineIndex::new(text_of(file))).collect(),
            findings: Vec::new(),
        };
        Ok(call.run())
    }
}

fn no_lock(pointer: &str) -> ToolError {
    let accepted = "requirements.txt, uv.lock, poetry.lock, pdm.lock, Pipfile.lock or pylock.toml";
    ToolError::invalid(pointer, "has no lock", accepted)
}

// The one lock: a tool's own before a requirements file, which may be the manifest's.
fn lock_among(files: &[SourceFile]) -> Result<(usize, Kind), ToolError> {
    let mut locks: Vec<(usize, Kind)> =
        files.iter().enumerate().filter_map(|(at, file)| Some((at, Kind::of(&file.path)?))).collect();
    if locks.iter().any(|(_, kind)| *kind != Kind::Requirements) {
        locks.retain(|(_, kind)| *kind != Kind::Requirements);
    }
    match locks.as_slice() {
        [] => Err(no_lock("/files")),
        [one] => Ok(*one),
        [_, (at, _), ..] => Err(ToolError::invalid(format!("/files/{at}/path"), "is a second lock", "one lock a call")),
    }
}

// A call at work.
struct Call<'c> {
    file: &'c SourceFile,
    lock: &'c Lock,
    manifests: &'c [(&'c SourceFile, Vec<Declared>)],
    advisories: &'c Advisories,
    index: &'c Index,
    lines: LineIndex<'c>,
    manifest_lines: Vec<LineIndex<'c>>,
    findings: Vec<Finding>,
}

impl Call<'_> {
    fn run(mut self) -> Report<Audit> {
        let mut data = Audit {
            lock: self.lock.kind.word(),
            packages: self.lock.packages.len(),
            records: self.advisories.count,
            ..Audit::default()
        };
        for fault in &self.lock.faults {
            let span = fault.span.clone().unwrap_or_default();
            self.add(&rules::UNREADABLE, fault.message.clone(), &span);
        }
        for said in self.advisories.problems.iter().chain(&self.index.problems) {
            self.findings.push(Finding::new(&rules::UNREADABLE, said.clone()).with_level(Level::Warning));
        }
        if let (Kind::Pylock, Some(root), true) = (self.lock.kind, &self.lock.root, self.lock.faults.is_empty()) {
            for (message, span) in pylock::check(root) {
                self.add(&rules::PYLOCK, message, &span);
            }
        }
        self.pins();
        self.digests();
        let graph = Graph::of(self.lock, self.manifests);
        for drift in graph.drift(self.lock, self.manifests) {
            match drift.manifest {
                Some(at) => self.add_in(at, drift.rule, drift.message, &drift.span),
                None => self.add(drift.rule, drift.message, &drift.span),
            }
        }
        self.flaws(&graph, &mut data);
        let records = if self.advisories.count == 0 {
            "no record was sent".to_owned()
        } else {
            plural(data.vulnerable.len(), "flaw")
        };
        let summary =
            format!("{} in {}, {records}", plural(self.findings.len(), "finding"), plural(data.packages, "package"));
        Report::checked(self.findings, data).with_summary(summary)
    }

    fn add(&mut self, rule: &Rule, message: String, span: &Range<usize>) {
        let finding = Finding::new(rule, message);
        self.findings.push(self.placed(finding, span));
    }

    fn placed(&self, finding: Finding, span: &Range<usize>) -> Finding {
        let finding = finding.in_file(self.file.path.clone());
        if *span == (0..0) { finding } else { finding.at(self.lines.range(span.clone())) }
    }

    fn add_in(&mut self, at: usize, rule: &Rule, message: String, span: &Range<usize>) {
        let (Some((file, _)), Some(lines)) = (self.manifests.get(at), self.manifest_lines.get(at)) else { return };
        let range = lines.range(span.clone());
        self.findings.push(Finding::new(rule, message).in_file(file.path.clone()).at(range));
    }

    fn pins(&mut self) {
        if self.lock.kind != Kind::Requirements {
            return;
        }
        for (name, span) in &self.lock.unpinned {
            self.add(&rules::UNPINNED, format!("`{}` is not pinned", excerpt(name)), span);
        }
        let mut seen: BTreeMap<&str, &Locked> = BTreeMap::new();
        let mut found = Vec::new();
        for locked in self.lock.packages.iter().filter(|locked| locked.marker.is_none() && !locked.direct) {
            match seen.get(locked.key.as_str()) {
                Some(first)
                    if first.version != locked.version
                        || locked.version.is_none() && first.written != locked.written =>
                {
                    let message = format!(
                        "`{}` is pinned at {} and at {}",
                        excerpt(&locked.name),
                        excerpt(&first.written),
                        excerpt(&locked.written)
                    );
                    found.push((message, locked.span.clone()));
                }
                Some(_) => {}
                None => drop(seen.insert(&locked.key, locked)),
            }
        }
        for (message, span) in found {
            self.add(&rules::CONFLICT, message, &span);
        }
    }

    fn digests(&mut self) {
        let asked = match self.lock.kind {
            Kind::Requirements => self.lock.packages.iter().any(|locked| !locked.hashes.is_empty()),
            Kind::Uv | Kind::Poetry | Kind::Pdm | Kind::Pipfile => true,
            // Said by its specification.
            Kind::Pylock => false,
        };
        let mut found: Vec<(&Rule, String, Range<usize>)> = Vec::new();
        for locked in &self.lock.packages {
            let name = excerpt(&locked.name);
            if locked.hashes.is_empty() && asked && !locked.direct {
                found.push((&rules::NO_HASH, format!("`{name}` has no digest"), locked.span.clone()));
            }
            let mut strong = false;
            let mut weak = None;
            for digest in &locked.hashes {
                match digest_of(digest) {
                    Digest::Strong => strong = true,
                    Digest::Weak(algorithm) => weak = Some(algorithm),
                    Digest::Wrong => {
                        let message = format!("`{name}`: `{}` is no digest", excerpt(digest));
                        found.push((&rules::BAD_HASH, message, locked.span.clone()));
                    }
                }
            }
            if let (Some(algorithm), false) = (weak, strong) {
                found.push((&rules::WEAK_HASH, format!("`{name}` has {algorithm} digests only"), locked.span.clone()));
            }
        }
        for (rule, message, span) in found {
            self.add(rule, message, &span);
        }
    }

    fn flaws(&mut self, graph: &Graph<'_>, data: &mut Audit) {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for locked in &self.lock.packages {
            if locked.own || locked.direct && locked.version.is_none() {
                data.skipped.push(format!("{}: not from an index", excerpt(&locked.name)));
                continue;
            }
            if !seen.insert((locked.key.as_str(), locked.written.as_str())) {
                continue;
            }
            let records = self.advisories.by_package.get(&locked.key).map(Vec::as_slice).unwrap_or_default();
            let affects = |advisory: &&Advisory| match &locked.version {
                Some(version) => advisory.affects(version),
                None => advisory.affects_word(&locked.written),
            };
            let hits = merged(records.iter().filter(affects));
            if hits.is_empty() {
                continue;
            }
            let bump = self.bump(locked, records, graph);
            for (at, hit) in hits.iter().enumerate() {
                if data.vulnerable.len() < MAX_TOLD {
                    data.vulnerable.push(Flaw {
                        package: locked.key.clone(),
                        version: locked.written.clone(),
                        id: hit.id.clone(),
                        aliases: hit.aliases.iter().cloned().collect(),
                        fixed: hit.fixed.iter().map(ToString::to_string).collect(),
                    });
                }
                found.push(self.flaw(locked, hit, &bump, at == 0));
            }
            data.bumps.push(bump);
        }
        self.findings.extend(found);
    }

    fn flaw(&self, locked: &Locked, hit: &Advisory, bump: &Bump, first: bool) -> Finding {
        let aliases: Vec<&str> = hit.aliases.iter().take(3).map(String::as_str).collect();
        let aliases = if aliases.is_empty() { String::new() } else { format!(" ({})", excerpt(&aliases.join(", "))) };
        let summary = if hit.summary.is_empty() { String::new() } else { format!(": {}", hit.summary) };
        let to = match &bump.to {
            Some(to) if bump.blocked_by.is_empty() => format!("; {to} is the smallest safe version"),
            Some(to) => format!(
                "; {to} is the smallest safe version, and {} does not admit it",
                excerpt(&bump.blocked_by.join(", "))
            ),
            None => "; no safe version is known".to_owned(),
        };
        let level = match hit.severity.as_str() {
            "LOW" => Level::Info,
            "MODERATE" | "MEDIUM" => Level::Warning,
            _ => Level::Error,
        };
        let message = format!(
            "{} {} has {}{aliases}{summary}{to}",
            excerpt(&locked.name),
            excerpt(&locked.written),
            excerpt(&hit.id)
        );
        let finding = self.placed(Finding::new(&rules::VULNERABLE, message).with_level(level), &locked.span);
        // With a digest the line would match no file; the first flaw of a package carries the edit for all.
        let (Some(to), Some(span), true) =
            (&bump.to, &locked.pin_span, first && locked.hashes.is_empty() && bump.blocked_by.is_empty())
        else {
            return finding;
        };
        let range = self.lines.range(span.clone());
        finding.with_fix(format!("pin {to}"), vec![Edit { range, new_text: to.clone() }])
    }

    // The smallest version above the locked one that no record affects.
    fn bump(&self, locked: &Locked, records: &[Advisory], graph: &Graph<'_>) -> Bump {
        let mut candidates: BTreeSet<Version> = BTreeSet::new();
        match self.index.packages.get(&locked.key) {
            Some(releases) => {
                candidates.extend(releases.iter().filter(|one| !one.yanked).map(|one| one.version.clone()));
            }
            None => candidates.extend(records.iter().flat_map(|record| record.fixed.iter().cloned())),
        }
        let safe = locked.version.as_ref().and_then(|current| {
            candidates.into_iter().find(|candidate| {
                candidate > current
                    && (!candidate.any_prerelease() || current.any_prerelease())
                    && !records.iter().any(|record| record.affects(candidate))
            })
        });
        let blocked_by = safe.as_ref().map(|safe| graph.blockers(&locked.key, safe)).unwrap_or_default();
        Bump {
            package: locked.key.clone(),
            from: locked.written.clone(),
            to: safe.map(|safe| safe.to_string()),
            path: graph.path(&locked.key),
            blocked_by,
        }
    }
}

// Records that are aliases of each other are one, PYSEC's first, as pip-audit tells them: two of PYSEC's stay two, and the
// first takes the aliases of both.
fn merged<'a>(hits: impl Iterator<Item = &'a Advisory>) -> Vec<Advisory> {
    let hits: Vec<&Advisory> = hits.collect();
    let is_first = |hit: &Advisory| hit.id.starts_with("PYSEC");
    let mut unique: Vec<Advisory> = hits.iter().filter(|hit| is_first(hit)).map(|hit| (*hit).clone()).collect();
    for hit in hits {
        match unique.iter_mut().find(|known| known.is_same(hit)) {
            Some(known) => {
                let own = Some(&hit.id).filter(|_| !is_first(hit));
                let others = hit.aliases.iter().chain(own).filter(|id| **id != known.id);
                let others: Vec<String> = others.cloned().collect();
                known.aliases.extend(others);
                if known.severity.is_empty() {
                    known.severity.clone_from(&hit.severity);
                }
            }
            None => unique.push(hit.clone()),
        }
    }
    unique.sort_by(|a, b| a.id.cmp(&b.id));
    unique
}

enum Digest {
    Strong,
    Weak(&'static str),
    Wrong,
}

fn digest_of(text: &str) -> Digest {
    let Some((algorithm, digest)) = text.split_once(':') else { return Digest::Wrong };
    let known: &[(&str, usize, Option<&'static str>)] = &[
        ("md5", 32, Some("MD5")),
        ("sha1", 40, Some("SHA-1")),
        ("sha224", 56, None),
        ("sha256", 64, None),
        ("sha384", 96, None),
        ("sha512", 128, None),
        ("blake2b", 128, None),
        ("blake2s", 64, None),
        ("sha3_256", 64, None),
        ("sha3_512", 128, None),
    ];
    let algorithm = algorithm.to_lowercase();
    match known.iter().find(|(name, ..)| *name == algorithm) {
        Some((_, length, weak)) if digest.len() == *length && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            weak.map_or(Digest::Strong, Digest::Weak)
        }
        _ => Digest::Wrong,
    }
}

//! Versions that are free of all advisories, and how to come to them.

use super::MAX_LOOKS;
use super::advisories::{Advisory, EVERY};
use crate::support::lockfile::{Edge, Entry, Lockfile, Role};
use crate::support::packuments::{Manifest, Packages};
use crate::support::semver::{Options, Range, Version};
use crate::tools::analyze_lockfile::Ways;
use octavo_toolkit::limits::excerpt;
use serde::Serialize;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// What a dependent's range admits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Admits {
    /// Who depends: name and version.
    pub by: String,
    /// The range, where the lockfile keeps it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub range: String,
    /// The smallest free version it admits, above what is installed where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admits: Option<String>,
}

/// One step of the plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// `update` (inside the ranges), `range` (in package.json), `raise` (a dependent), `override` or `none`.
    pub action: &'static str,
    /// The package to change.
    pub package: String,
    /// Its version or range now.
    pub from: String,
    /// Its version or range then; empty when no free version is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// The affected package it is for.
    pub mends: String,
}

/// A version that exists.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) text: String,
    pub(super) parsed: Option<Version>,
}

/// Too much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent;

/// What is known of versions.
pub(super) struct Remedies<'a> {
    lock: &'a Lockfile,
    packages: &'a Packages,
    advisories: &'a BTreeMap<&'a str, Vec<&'a Advisory>>,
    // Lowest first; those that are none before.
    versions: BTreeMap<&'a str, Vec<Known>>,
    // Places of those that no advisory affects.
    free: BTreeMap<&'a str, Vec<usize>>,
    manifests: BTreeMap<(&'a str, &'a str), &'a Manifest>,
    entries: BTreeMap<(&'a str, &'a str), usize>,
    outward: BTreeMap<usize, Vec<&'a Edge>>,
    looks: Cell<usize>,
}

impl<'a> Remedies<'a> {
    pub(super) fn new(
        lock: &'a Lockfile,
        packages: &'a Packages,
        advisories: &'a BTreeMap<&'a str, Vec<&'a Advisory>>,
    ) -> Self {
        let mut texts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut entries = BTreeMap::new();
        for (at, entry) in lock.entries.iter().enumerate().filter(|(_, entry)| entry.role == Role::Package) {
            texts.entry(&entry.name).or_default().push(entry.version.clone());
            entries.entry((entry.name.as_str(), entry.version.as_str())).or_insert(at);
        }
        for (name, own) in advisories {
            if let Some(known) = texts.get_mut(*name) {
                known.extend(own.iter().flat_map(|advisory| &advisory.fixed).map(ToString::to_string));
            }
        }
        let (mut versions, mut free, mut manifests) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (name, mut known) in texts {
            // What a packument says is all there is.
            if let Some(packument) = packages.get(name) {
                known = packument.versions.iter().map(|manifest| manifest.version.clone()).collect();
                for manifest in &packument.versions {
                    manifests.entry((name, manifest.version.as_str())).or_insert(manifest);
                }
            }
            known.sort();
            known.dedup();
            let parsed = |text: String| Known { parsed: Version::parse(&text, EVERY), text };
            let mut known: Vec<Known> = known.into_iter().map(parsed).collect();
            known.sort_by(|a, b| match (&a.parsed, &b.parsed) {
                (Some(left), Some(right)) => left.compare(right),
                (left, right) => left.is_some().cmp(&right.is_some()),
            });
            let own = advisories.get(name).map(Vec::as_slice).unwrap_or_default();
            let is_free = |one: &Known| {
                one.parsed.is_some() && !own.iter().any(|advisory| advisory.affects(&one.text, one.parsed.as_ref()))
            };
            let places = known.iter().enumerate().filter(|(_, one)| is_free(one)).map(|(at, _)| at).collect();
            free.insert(name, places);
            versions.insert(name, known);
        }
        let mut outward: BTreeMap<usize, Vec<&Edge>> = BTreeMap::new();
        for edge in &lock.edges {
            outward.entry(edge.from).or_default().push(edge);
        }
        Self { lock, packages, advisories, versions, free, manifests, entries, outward, looks: Cell::new(0) }
    }

    /// Counts so many versions, ranges or dependents that are looked at.
    pub(super) fn look(&self, count: usize) -> Result<(), Spent> {
        self.looks.set(self.looks.get().saturating_add(count));
        if self.is_spent() { Err(Spent) } else { Ok(()) }
    }

    /// Whether too much was looked at.
    pub(super) const fn is_spent(&self) -> bool {
        self.looks.get() > MAX_LOOKS
    }

    /// Reads a range, which takes as long as it is.
    pub(super) fn range(&self, text: &str, options: Options) -> Result<Option<Range>, Spent> {
        let bare = match text.strip_prefix("npm:") {
            Some(alias) => alias.rsplit_once('@').map_or("*", |(_, range)| range),
            None => text,
        };
        self.look(1 + text.len() / 2)?;
        Ok(Range::parse(bare, options))
    }

    /// Whether a range contains a version.
    pub(super) fn contains(&self, range: &Range, version: &Version) -> Result<bool, Spent> {
        self.look(range.alternatives().len())?;
        Ok(range.contains(version))
    }

    /// Every known version of a package, lowest first.
    pub(super) fn versions(&self, name: &str) -> &[Known] {
        self.versions.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The range in which a version of a package depends on another, as far as is known.
    pub(super) fn wish(&self, name: &str, version: &str, dependency: &str) -> Result<Option<&'a str>, Spent> {
        if self.packages.get(name).is_some() {
            let Some(manifest) = self.manifests.get(&(name, version)) else { return Ok(None) };
            self.look(1 + manifest.dependencies.len() / 8)?;
            let wish = manifest.dependencies.iter().find(|wish| wish.name == dependency);
            return Ok(wish.map(|wish| wish.range.as_str()));
        }
        let Some(edges) = self.entries.get(&(name, version)).and_then(|at| self.outward.get(at)) else {
            return Ok(None);
        };
        self.look(1 + edges.len() / 8)?;
        Ok(edges.iter().find(|edge| edge.name == dependency).map(|edge| edge.range.as_str()))
    }

    fn is_free(&self, name: &str, manifest: &Manifest) -> Result<bool, Spent> {
        let own = self.advisories.get(name).map(Vec::as_slice).unwrap_or_default();
        self.look(own.iter().map(|advisory| advisory.weight()).sum())?;
        Ok(!own.iter().any(|advisory| advisory.affects(&manifest.version, Some(&manifest.parsed))))
    }

    // Free versions up to another, and those above it; lowest first.
    fn around(&self, name: &str, own: &Version) -> [impl DoubleEndedIterator<Item = (&str, &Version)>; 2] {
        let known = self.versions(name);
        let free = self.free.get(name).map(Vec::as_slice).unwrap_or_default();
        let at = |at: &usize| known.get(*at).and_then(|one| Some((one.text.as_str(), one.parsed.as_ref()?)));
        let split = free.partition_point(|place| at(place).is_none_or(|(_, version)| !version.compare(own).is_gt()));
        let (below, above) = free.split_at_checked(split).unwrap_or((free, &[]));
        [below, above].map(|places| places.iter().filter_map(at))
    }

    /// The smallest free version above another; releases before prereleases.
    pub(super) fn smallest_above(&self, name: &str, version: &str) -> Result<Option<String>, Spent> {
        let Some(own) = Version::parse(version, EVERY) else { return Ok(None) };
        let [_, above] = self.around(name, &own);
        let mut first = None;
        for (text, free) in above {
            self.look(1)?;
            if !free.is_prerelease() {
                return Ok(Some(text.to_owned()));
            }
            first = first.or(Some(text));
        }
        Ok(first.map(str::to_owned))
    }

    // The smallest free version a range admits, above the installed one where there is one, else the greatest.
    fn admitted(&self, name: &str, version: &str, range: &str) -> Result<Option<String>, Spent> {
        let range = self.range(range, Options { loose: true, include_prerelease: false })?;
        let Some((range, own)) = range.zip(Version::parse(version, EVERY)) else { return Ok(None) };
        let [below, above] = self.around(name, &own);
        for (text, free) in above.chain(below.rev()) {
            if self.contains(&range, free)? {
                return Ok(Some(text.to_owned()));
            }
        }
        Ok(None)
    }

    // What leads to a copy, and which free version of it each admits; a range is asked once.
    fn admitted_by(&self, ways: &Ways<'a>, at: usize) -> Result<Vec<(&'a Edge, Option<String>)>, Spent> {
        let Some(entry) = self.lock.entry(at) else { return Ok(Vec::new()) };
        let mut known: BTreeMap<&str, Option<String>> = BTreeMap::new();
        let mut found = Vec::new();
        for edge in ways.dependents(at) {
            self.look(1)?;
            let admits = match known.get(edge.range.as_str()) {
                Some(admits) => admits.clone(),
                None => self.admitted(&entry.name, &entry.version, &edge.range)?,
            };
            known.insert(&edge.range, admits.clone());
            found.push((edge, admits));
        }
        Ok(found)
    }

    /// What each dependent of a copy admits.
    pub(super) fn dependents(&self, ways: &Ways<'a>, at: usize) -> Result<Vec<Admits>, Spent> {
        let mut found: Vec<Admits> = self
            .admitted_by(ways, at)?
            .into_iter()
            .filter_map(|(edge, admits)| {
                Some(Admits { by: self.lock.entry(edge.from)?.label(), range: edge.range.clone(), admits })
            })
            .collect();
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Steps after which no copy is affected, as far as versions are known; those for the first copies where they are too many.
    pub(super) fn plan(&self, ways: &Ways<'a>, hit: &BTreeSet<usize>) -> Vec<Step> {
        let mut steps = BTreeSet::new();
        for at in hit {
            let Ok(own) = self.steps(ways, *at) else { break };
            steps.extend(own);
        }
        let rank = |step: &Step| match step.action {
            "update" => 0,
            "range" => 1,
            "raise" => 2,
            "override" => 3,
            _ => 4,
        };
        let mut ordered: Vec<Step> = steps.into_iter().collect();
        ordered.sort_by_key(rank);
        ordered
    }

    // What to do about one copy.
    fn steps(&self, ways: &Ways<'a>, at: usize) -> Result<BTreeSet<Step>, Spent> {
        let mut steps = BTreeSet::new();
        let Some(entry) = self.lock.entry(at) else { return Ok(steps) };
        let mends = entry.label();
        let mut inside: Option<String> = None;
        let mut all_inside = true;
        for (edge, admits) in self.admitted_by(ways, at)? {
            if let Some(to) = admits {
                inside = Some(inside.map_or(to.clone(), |known| higher(known, to)));
            } else {
                all_inside = false;
                steps.insert(self.outside(ways, edge, at, &mends)?);
            }
        }
        if let Some(to) = inside.filter(|_| all_inside) {
            let (package, from) = (entry.name.clone(), entry.version.clone());
            steps.insert(Step { action: "update", package, from, to, mends });
        }
        Ok(steps)
    }

    // How a dependent comes to another version: inside the ranges of its own dependents, by the project's range, or forced.
    fn raise(&self, ways: &Ways<'a>, at: usize, to: &Manifest, mends: String) -> Result<Step, Spent> {
        let entry = self.lock.entry(at);
        let (name, version) = entry.map_or(("", ""), |entry| (entry.name.as_str(), entry.version.as_str()));
        let is_project = |edge: &Edge| self.lock.entry(edge.from).is_some_and(|from| from.role != Role::Package);
        let mut is_refused = false;
        for edge in ways.dependents(at) {
            self.look(1 + edge.range.len() / 2)?;
            if Range::parse(&edge.range, EVERY).is_none_or(|range| range.contains(&to.parsed)) {
                continue;
            }
            if is_project(edge) {
                let (package, from) = (edge.name.clone(), excerpt(&edge.range));
                return Ok(Step { action: "range", package, from, to: format!("^{}", to.version), mends });
            }
            is_refused = true;
        }
        let action = if is_refused { "override" } else { "raise" };
        let (package, from) = (name.to_owned(), version.to_owned());
        Ok(Step { action, package, from, to: to.version.clone(), mends })
    }

    // What to do about a dependent whose range admits no free version.
    fn outside(&self, ways: &Ways<'a>, edge: &Edge, at: usize, mends: &str) -> Result<Step, Spent> {
        let mends = mends.to_owned();
        let entry = self.lock.entry(at);
        let (name, version) = entry.map_or(("", ""), |entry| (entry.name.as_str(), entry.version.as_str()));
        let fixed = self.smallest_above(name, version)?;
        let (package, now) = (name.to_owned(), version.to_owned());
        let Some(from) = self.lock.entry(edge.from) else {
            return Ok(Step { action: "none", package, from: now, to: String::new(), mends });
        };
        if from.role != Role::Package {
            let to = fixed.as_ref().map(|fixed| format!("^{fixed}")).unwrap_or_default();
            let action = if fixed.is_some() { "range" } else { "none" };
            return Ok(Step { action, package: edge.name.clone(), from: excerpt(&edge.range), to, mends });
        }
        if let Some(manifest) = self.raised(from, edge, name, version)? {
            return self.raise(ways, edge.from, manifest, mends);
        }
        let action = if fixed.is_some() { "override" } else { "none" };
        Ok(Step { action, package, from: now, to: fixed.unwrap_or_default(), mends })
    }

    // The last version of a dependent, later than its own, that admits a free one or does without.
    fn raised(&self, from: &Entry, edge: &Edge, name: &str, version: &str) -> Result<Option<&'a Manifest>, Spent> {
        let own = Version::parse(&from.version, EVERY);
        let Some((packument, own)) = self.packages.get(&from.name).zip(own) else { return Ok(None) };
        for manifest in packument.versions.iter().rev() {
            self.look(1 + manifest.dependencies.len() / 8)?;
            let is_later = manifest.parsed.compare(&own).is_gt() && !manifest.parsed.is_prerelease();
            if !is_later || !self.is_free(&from.name, manifest)? {
                continue;
            }
            let wish = manifest.dependencies.iter().find(|wish| wish.name == edge.name);
            let does = match wish {
                Some(wish) => self.admitted(name, version, &wish.range)?.is_some(),
                None => true,
            };
            if does {
                return Ok(Some(manifest));
            }
        }
        Ok(None)
    }
}

fn higher(one: String, other: String) -> String {
    match (Version::parse(&one, EVERY), Version::parse(&other, EVERY)) {
        (Some(left), Some(right)) if right.compare(&left).is_gt() => other,
        _ => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::lockfile;

    #[test]
    fn as_much_is_looked_at_as_the_limit_says() {
        let lock =
            lockfile::read("package-lock.json", r#"{"lockfileVersion":3,"packages":{}}"#, &[]).expect("a lockfile");
        let (packages, advisories) = (Packages::on(None), BTreeMap::new());
        let remedies = Remedies::new(&lock, &packages, &advisories);
        assert!(remedies.look(MAX_LOOKS).is_ok() && !remedies.is_spent());
        assert!(remedies.look(1).is_err() && remedies.is_spent());
    }

    #[test]
    fn the_higher_of_two_versions_is_kept() {
        assert_eq!(higher("1.10.0".to_owned(), "1.9.0".to_owned()), "1.10.0");
        assert_eq!(higher("1.0.0-rc".to_owned(), "1.0.0".to_owned()), "1.0.0");
    }
}

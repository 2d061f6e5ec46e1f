//! Versions that are free of all advisories, and how to come to them.

use super::advisories::{Advisory, EVERY};
use crate::support::lockfile::{Edge, Lockfile, Role};
use crate::support::packuments::Packages;
use crate::support::semver::{Options, Range, Version};
use crate::tools::analyze_lockfile::Ways;
use octavo_toolkit::limits::excerpt;
use serde::Serialize;
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

/// What is known of versions.
pub(super) struct Remedies<'a> {
    lock: &'a Lockfile,
    packages: &'a Packages,
    advisories: &'a BTreeMap<&'a str, Vec<&'a Advisory>>,
    // Lowest first.
    versions: BTreeMap<String, Vec<String>>,
    entries: BTreeMap<(&'a str, &'a str), usize>,
    outward: BTreeMap<usize, Vec<&'a Edge>>,
}

impl<'a> Remedies<'a> {
    pub(super) fn new(
        lock: &'a Lockfile,
        packages: &'a Packages,
        advisories: &'a BTreeMap<&'a str, Vec<&'a Advisory>>,
    ) -> Self {
        let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut entries = BTreeMap::new();
        for (at, entry) in lock.entries.iter().enumerate().filter(|(_, entry)| entry.role == Role::Package) {
            versions.entry(entry.name.clone()).or_default().push(entry.version.clone());
            entries.entry((entry.name.as_str(), entry.version.as_str())).or_insert(at);
        }
        for (name, own) in advisories {
            if let Some(known) = versions.get_mut(*name) {
                known.extend(own.iter().flat_map(|advisory| &advisory.fixed).map(ToString::to_string));
            }
        }
        // What a packument says is all there is.
        for (name, known) in &mut versions {
            if let Some(packument) = packages.get(name) {
                *known = packument.versions.iter().map(|manifest| manifest.version.clone()).collect();
            }
            known.sort();
            known.dedup();
            known.sort_by(|a, b| match (Version::parse(a, EVERY), Version::parse(b, EVERY)) {
                (Some(left), Some(right)) => left.compare(&right),
                (left, right) => left.is_some().cmp(&right.is_some()),
            });
        }
        let mut outward: BTreeMap<usize, Vec<&Edge>> = BTreeMap::new();
        for edge in &lock.edges {
            outward.entry(edge.from).or_default().push(edge);
        }
        Self { lock, packages, advisories, versions, entries, outward }
    }

    /// Every known version of a package, lowest first.
    pub(super) fn versions(&self, name: &str) -> &[String] {
        self.versions.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The range in which a version of a package depends on another, as far as is known.
    pub(super) fn wish(&self, packages: &Packages, name: &str, version: &str, dependency: &str) -> Option<String> {
        if let Some(packument) = packages.get(name) {
            let manifest = packument.versions.iter().find(|manifest| manifest.version == version)?;
            return manifest.dependencies.iter().find(|wish| wish.name == dependency).map(|wish| wish.range.clone());
        }
        let at = self.entries.get(&(name, version))?;
        let edges = self.outward.get(at)?;
        edges.iter().find(|edge| edge.name == dependency).map(|edge| edge.range.clone())
    }

    fn is_free(&self, name: &str, version: &str) -> bool {
        self.advisories.get(name).is_none_or(|own| !own.iter().any(|advisory| advisory.affects(version)))
    }

    fn free<'s>(&'s self, name: &'s str) -> impl DoubleEndedIterator<Item = (&'s String, Version)> + 's {
        let parsed = |text: &'s String| Some((text, Version::parse(text, EVERY)?));
        self.versions(name).iter().filter_map(parsed).filter(|(text, _)| self.is_free(name, text))
    }

    /// The smallest free version above another; releases before prereleases.
    pub(super) fn smallest_above(&self, name: &str, version: &str) -> Option<String> {
        let own = Version::parse(version, EVERY)?;
        let above = || self.free(name).filter(|(_, free)| free.compare(&own).is_gt());
        above().find(|(_, free)| !free.is_prerelease()).or_else(|| above().next()).map(|(text, _)| text.clone())
    }

    // The smallest free version a range admits, above the installed one where there is one, else the greatest.
    fn admitted(&self, name: &str, version: &str, range: &str) -> Option<String> {
        let bare = match range.strip_prefix("npm:") {
            Some(alias) => alias.rsplit_once('@').map_or("*", |(_, range)| range),
            None => range,
        };
        let range = Range::parse(bare, Options { loose: true, include_prerelease: false })?;
        let own = Version::parse(version, EVERY)?;
        let within = || self.free(name).filter(|(_, free)| range.contains(free));
        let above = within().find(|(_, free)| free.compare(&own).is_gt());
        above.or_else(|| within().next_back()).map(|(text, _)| text.clone())
    }

    /// What each dependent of a copy admits.
    pub(super) fn dependents(&self, ways: &Ways<'_>, at: usize) -> Vec<Admits> {
        let Some(entry) = self.lock.entry(at) else { return Vec::new() };
        let mut found: Vec<Admits> = ways
            .dependents(at)
            .filter_map(|edge| {
                Some(Admits {
                    by: self.lock.entry(edge.from)?.label(),
                    range: edge.range.clone(),
                    admits: self.admitted(&entry.name, &entry.version, &edge.range),
                })
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// Steps after which no copy is affected, as far as versions are known.
    pub(super) fn plan(&self, ways: &Ways<'_>, hit: &BTreeSet<usize>) -> Vec<Step> {
        let mut steps = BTreeSet::new();
        for at in hit {
            let Some(entry) = self.lock.entry(*at) else { continue };
            let mends = entry.label();
            let mut inside: Option<String> = None;
            let mut all_inside = true;
            for edge in ways.dependents(*at).collect::<Vec<_>>() {
                if let Some(to) = self.admitted(&entry.name, &entry.version, &edge.range) {
                    inside = Some(inside.map_or(to.clone(), |known| higher(known, to)));
                } else {
                    all_inside = false;
                    steps.insert(self.outside(ways, edge, *at, &mends));
                }
            }
            if let Some(to) = inside.filter(|_| all_inside) {
                let (package, from) = (entry.name.clone(), entry.version.clone());
                steps.insert(Step { action: "update", package, from, to, mends });
            }
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

    // How a dependent comes to another version: inside the ranges of its own dependents, by the project's range, or forced.
    fn raise(&self, ways: &Ways<'_>, at: usize, to: &Version, text: &str, mends: String) -> Step {
        let entry = self.lock.entry(at);
        let (name, version) = entry.map_or(("", ""), |entry| (entry.name.as_str(), entry.version.as_str()));
        let admits = |range: &str| Range::parse(range, EVERY).is_none_or(|range| range.contains(to));
        let refusing: Vec<&Edge> = ways.dependents(at).filter(|edge| !admits(&edge.range)).collect();
        let is_project = |edge: &&&Edge| self.lock.entry(edge.from).is_some_and(|from| from.role != Role::Package);
        if let Some(edge) = refusing.iter().find(is_project) {
            let (package, from) = (edge.name.clone(), excerpt(&edge.range));
            return Step { action: "range", package, from, to: format!("^{text}"), mends };
        }
        let action = if refusing.is_empty() { "raise" } else { "override" };
        Step { action, package: name.to_owned(), from: version.to_owned(), to: text.to_owned(), mends }
    }

    // What to do about a dependent whose range admits no free version.
    fn outside(&self, ways: &Ways<'_>, edge: &Edge, at: usize, mends: &str) -> Step {
        let mends = mends.to_owned();
        let entry = self.lock.entry(at);
        let (name, version) = entry.map_or(("", ""), |entry| (entry.name.as_str(), entry.version.as_str()));
        let fixed = self.smallest_above(name, version);
        let Some(from) = self.lock.entry(edge.from) else {
            return Step {
                action: "none",
                package: name.to_owned(),
                from: version.to_owned(),
                to: String::new(),
                mends,
            };
        };
        if from.role != Role::Package {
            let to = fixed.as_ref().map(|fixed| format!("^{fixed}")).unwrap_or_default();
            let action = if fixed.is_some() { "range" } else { "none" };
            return Step { action, package: edge.name.clone(), from: excerpt(&edge.range), to, mends };
        }
        // A later version of the dependent that admits a free one, or does without.
        let own = Version::parse(&from.version, EVERY);
        let raised = self.packages.get(&from.name).and_then(|packument| {
            packument.versions.iter().rev().find(|manifest| {
                let wish = manifest.dependencies.iter().find(|wish| wish.name == edge.name);
                own.as_ref().is_some_and(|own| manifest.parsed.compare(own).is_gt())
                    && !manifest.parsed.is_prerelease()
                    && self.is_free(&from.name, &manifest.version)
                    && wish.is_none_or(|wish| self.admitted(name, version, &wish.range).is_some())
            })
        });
        if let Some(manifest) = raised {
            return self.raise(ways, edge.from, &manifest.parsed, &manifest.version, mends);
        }
        let action = if fixed.is_some() { "override" } else { "none" };
        Step { action, package: name.to_owned(), from: version.to_owned(), to: fixed.unwrap_or_default(), mends }
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

    #[test]
    fn the_higher_of_two_versions_is_kept() {
        assert_eq!(higher("1.10.0".to_owned(), "1.9.0".to_owned()), "1.10.0");
        assert_eq!(higher("1.0.0-rc".to_owned(), "1.0.0".to_owned()), "1.0.0");
    }
}

//! Which ranges could use a version that is there anyway.

use crate::support::lockfile::{Format, Lockfile, Role};
use crate::support::semver::{Options, Range, Version};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Towards what duplicates are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strategy {
    /// Each range takes the highest version.
    Highest,
    /// Each range takes the version that most ranges can take.
    Fewer,
}

/// A range that could take another version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Move {
    /// The package.
    pub name: String,
    /// The range.
    pub range: String,
    /// What it takes now.
    pub from: String,
    /// What it could take.
    pub to: String,
}

struct Request<'a> {
    range: &'a str,
    parsed: Option<Range>,
    version: &'a str,
}

/// Most pairs of a range and an installed version of one package, all packages together: a fraction of a second, and two
/// thousand ranges of a package of two thousand versions.
pub const MAX_TRIED: usize = 4_000_000;

/// Every range that could take a better version of those installed; names of packages with too many ranges and versions.
pub(super) fn plan(lock: &Lockfile, strategy: Strategy) -> (Vec<Move>, Vec<String>) {
    let mut groups: BTreeMap<&str, Vec<Request<'_>>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut add = |name, range, version| {
        if seen.insert((name, range, version)) {
            let parsed = Range::parse(range, Options::default());
            groups.entry(name).or_default().push(Request { range, parsed, version });
        }
    };
    if matches!(lock.format, Format::YarnClassic | Format::YarnBerry(_)) {
        for pattern in &lock.patterns {
            let Some(entry) = lock.entry(pattern.to).filter(|entry| entry.role == Role::Package) else { continue };
            add(&pattern.name, &pattern.range, &entry.version);
        }
    } else {
        for edge in lock.edges.iter().filter(|edge| !edge.need.is_peer()) {
            let entry = edge.to.map(|at| lock.followed(at)).and_then(|at| lock.entry(at));
            let Some(entry) = entry.filter(|entry| entry.role == Role::Package && !entry.is_bundled) else { continue };
            if !edge.range.is_empty() {
                add(
                    &entry.name,
                    edge.range
                        .strip_prefix("npm:")
                        .map_or(edge.range.as_str(), |alias| alias.rsplit_once('@').map_or("*", |(_, range)| range)),
                    &entry.version,
                );
            }
        }
    }
    let (mut moves, mut left_out, mut left) = (Vec::new(), Vec::new(), MAX_TRIED);
    for (name, requests) in groups {
        let versions: BTreeSet<&str> = requests.iter().map(|request| request.version).collect();
        if versions.len() < 2 {
            continue;
        }
        let Some(rest) = left.checked_sub(requests.len().saturating_mul(versions.len())) else {
            left_out.push(name.to_owned());
            continue;
        };
        left = rest;
        let takers = |version: &Version| {
            requests.iter().filter(|one| one.parsed.as_ref().is_some_and(|range| range.contains(version))).count()
        };
        let rank = |text| {
            let parsed = Version::parse(text, Options::default())?;
            Some(Ranked { text, takers: if strategy == Strategy::Fewer { takers(&parsed) } else { 0 }, parsed })
        };
        let ranked: BTreeMap<&str, Ranked<'_>> =
            versions.into_iter().filter_map(|text| Some((text, rank(text)?))).collect();
        moves.extend(requests.iter().filter_map(|request| {
            let to = best(request, &ranked)?;
            let text = str::to_owned;
            Some(Move { name: text(name), range: text(request.range), from: text(request.version), to: text(to) })
        }));
    }
    (moves, left_out)
}

// An installed version, and how many ranges can take it where that counts.
struct Ranked<'a> {
    text: &'a str,
    takers: usize,
    parsed: Version,
}

// A version that is better than the one a range takes.
fn best<'a>(request: &Request<'a>, ranked: &BTreeMap<&str, Ranked<'a>>) -> Option<&'a str> {
    let range = request.parsed.as_ref()?;
    let own = ranked.get(request.version)?;
    let mut found = own;
    for other in ranked.values() {
        let order = other.takers.cmp(&found.takers).then_with(|| other.parsed.compare(&found.parsed));
        if order.is_gt() && range.contains(&other.parsed) {
            found = other;
        }
    }
    (found.text != own.text).then_some(found.text)
}

/// Packages of which several versions are installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    /// The package.
    pub name: String,
    /// Its versions, lowest first.
    pub versions: Vec<String>,
    /// How many copies there are.
    pub copies: usize,
}

/// Every package of which several versions are installed, most copies first.
pub(super) fn duplicates(lock: &Lockfile) -> Vec<Duplicate> {
    let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in lock.entries.iter().filter(|entry| entry.role == Role::Package && !entry.version.is_empty()) {
        by_name.entry(&entry.name).or_default().push(&entry.version);
    }
    let mut found: Vec<Duplicate> = by_name
        .into_iter()
        .filter_map(|(name, copies)| {
            let mut versions: Vec<String> = copies.iter().map(|version| (*version).to_owned()).collect();
            let order = |text: &String| Version::parse(text, Options { loose: true, include_prerelease: false });
            versions.sort_by(|a, b| match (order(a), order(b)) {
                (Some(left), Some(right)) => left.compare(&right).then_with(|| a.cmp(b)),
                (left, right) => left.is_some().cmp(&right.is_some()).then_with(|| a.cmp(b)),
            });
            versions.dedup();
            (versions.len() > 1).then(|| Duplicate { name: name.to_owned(), versions, copies: copies.len() })
        })
        .collect();
    found.sort_by_key(|one| (Reverse(one.versions.len()), Reverse(one.copies), one.name.clone()));
    found
}

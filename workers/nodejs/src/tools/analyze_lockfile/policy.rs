//! What is wrong with the tree, with where packages come from, and with their licences.

use super::dedupe::Move;
use super::licenses::is_allowed;
use super::paths::Ways;
use super::{Faults, Forced, rules};
use crate::support::lockfile::{Edge, Entry, Format, Lockfile, Need, Role};
use crate::support::semver::{Options, Range, Version};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Finding, Level};
use std::collections::BTreeMap;

/// Registries whose addresses are made of the package's name.
// In two halves: this repository names no registry that it is built from, and checks that.
const REGISTRIES: [&str; 2] = [concat!("registry", ".npmjs.org"), "registry.yarnpkg.com"];

/// Dependencies that lead nowhere or out of their range, and entries nothing leads to.
pub(super) fn check_tree(
    lock: &Lockfile,
    ways: &Ways<'_>,
    forced: &Forced<'_>,
    can_tell: bool,
    faults: &mut Faults<'_>,
) {
    for edge in &lock.edges {
        let Some(from) = lock.entry(edge.from) else { continue };
        // Of formats without projects, what they want is drift.
        let is_drift = !lock.knows_projects && matches!(from.role, Role::Project | Role::Workspace);
        if is_drift || edge.need == Need::Workspace {
            continue;
        }
        match edge.to.map(|at| lock.followed(at)).and_then(|at| lock.entry(at)) {
            None if edge.need.is_optional() || is_elsewhere(&edge.range) => {}
            None => {
                let level = if edge.need.is_peer() { Level::Warning } else { Level::Error };
                let range = excerpt(&edge.range);
                let message =
                    format!("{} wants {} {range} ({}), which is not there", from.label(), edge.name, edge.need.word());
                faults.push(Finding::new(&rules::MISSING, message).with_level(level), &rules::MISSING, &from.span);
            }
            Some(entry) if is_outside(lock, edge, entry) && !forced.names(&edge.name) => {
                let level = if edge.need.is_peer() { Level::Warning } else { Level::Error };
                let range = excerpt(&edge.range);
                let message = format!("{} wants {} {range}, and finds {}", from.label(), edge.name, entry.version);
                faults.push(Finding::new(&rules::INVALID, message).with_level(level), &rules::INVALID, &entry.span);
            }
            Some(_) => {}
        }
    }
    if !can_tell || !matches!(lock.format, Format::Npm(_)) {
        return;
    }
    for (at, entry) in lock.entries.iter().enumerate() {
        if entry.role == Role::Package && !ways.is_reached(at) && !entry.is_bundled {
            faults.add(
                &rules::EXTRANEOUS,
                format!("nothing depends on {} ({})", entry.label(), entry.key),
                &entry.span,
            );
        }
    }
}

fn is_elsewhere(range: &str) -> bool {
    ["link:", "file:", "workspace:", "portal:"].iter().any(|start| range.starts_with(start))
}

// Only where versions are placed by name can they be wrong.
fn is_outside(lock: &Lockfile, edge: &Edge, entry: &Entry) -> bool {
    if !matches!(lock.format, Format::Npm(_) | Format::Bun(_)) {
        return false;
    }
    let range = match edge.range.strip_prefix("npm:") {
        Some(alias) => alias.rsplit_once('@').map_or("*", |(_, range)| range),
        None => edge.range.as_str(),
    };
    let loose = Options { loose: true, include_prerelease: false };
    let parsed = Range::parse(range, loose).filter(|_| range.trim() != "*" && !range.trim().is_empty());
    parsed.zip(Version::parse(&entry.version, loose)).is_some_and(|(range, version)| !range.contains(&version))
}

// The host of an address; nothing for what is no address.
fn host(address: &str) -> Option<String> {
    let (_, rest) =
        address.split_once("://").or_else(|| address.split_once('@').filter(|(user, _)| user.ends_with("git")))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let bare = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let bare = bare.split(':').next().unwrap_or_default();
    (!bare.is_empty()).then(|| bare.to_ascii_lowercase())
}

/// How many packages come from which host.
pub(super) fn hosts(lock: &Lockfile) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let packages = lock.entries.iter().filter(|entry| entry.role == Role::Package);
    for host in packages.filter_map(|entry| entry.resolved.as_deref()).filter_map(host) {
        *found.entry(host).or_default() += 1;
    }
    found
}

/// Where packages come from, and with which checksums.
pub(super) fn check_sources(lock: &Lockfile, registries: &[String], faults: &mut Faults<'_>) {
    let allowed: Vec<String> = registries
        .iter()
        .map(|text| host(text).unwrap_or_else(|| text.trim_end_matches('/').to_ascii_lowercase()))
        .collect();
    let has_checksums = lock.entries.iter().any(|entry| entry.integrity.is_some());
    for entry in lock.entries.iter().filter(|entry| entry.role == Role::Package) {
        let label = entry.label();
        let resolved = entry.resolved.as_deref().unwrap_or_default();
        if resolved.starts_with("http://") || resolved.starts_with("git://") {
            faults.add(&rules::HTTPS, format!("{label} comes from {}", excerpt(resolved)), &entry.span);
        }
        let host = host(resolved);
        if let Some(host) = host.as_ref().filter(|host| !allowed.is_empty() && !allowed.contains(host)) {
            faults.add(&rules::HOSTS, format!("{label} comes from {}", excerpt(host)), &entry.span);
        }
        let is_known = host.as_deref().is_some_and(|host| REGISTRIES.contains(&host));
        let fetched = if is_known { name_in(resolved) } else { None };
        if let Some(fetched) = fetched.filter(|fetched| *fetched != entry.name) {
            faults.add(&rules::NAMES, format!("{label} is fetched from {}", excerpt(&fetched)), &entry.span);
        }
        match &entry.integrity {
            None if needs_checksum(lock, entry, resolved, has_checksums) => {
                faults.add(&rules::INTEGRITY, format!("{label} has no checksum"), &entry.span);
            }
            Some(integrity) if is_weak(integrity) => {
                let finding = Finding::new(&rules::INTEGRITY, format!("{label} has only a SHA-1 checksum"));
                faults.push(finding.with_level(Level::Info), &rules::INTEGRITY, &entry.span);
            }
            _ => {}
        }
    }
}

fn is_weak(integrity: &str) -> bool {
    let mut parts = integrity.split_whitespace();
    integrity.starts_with("sha1") && parts.all(|part| part.starts_with("sha1") || !part.starts_with("sha"))
}

fn needs_checksum(lock: &Lockfile, entry: &Entry, resolved: &str, has_checksums: bool) -> bool {
    if entry.is_bundled {
        return false;
    }
    match lock.format {
        Format::Npm(_) | Format::YarnClassic => {
            let is_repository = resolved.contains("codeload.github.com")
                || resolved.split('#').next().is_some_and(|url| url.rsplit('.').next() == Some("git"));
            resolved.starts_with("http") && !is_repository
        }
        Format::Pnpm(_) => resolved.is_empty(),
        Format::Bun(_) => !entry.version.is_empty(),
        // What is for other machines has none.
        Format::YarnBerry(_) => !has_checksums && resolved.starts_with("npm:"),
    }
}

// The package that an address of a registry names.
fn name_in(address: &str) -> Option<String> {
    let path = address.split_once("://")?.1.split_once('/')?.1;
    let (name, _) = path.split_once("/-/")?;
    Some(name.replace("%2f", "/").replace("%2F", "/").replace("%40", "@"))
}

/// Licences that are not allowed.
pub(super) fn check_licenses(lock: &Lockfile, allowed: &[String], faults: &mut Faults<'_>) {
    if allowed.is_empty() {
        return;
    }
    let packages = || lock.entries.iter().filter(|entry| entry.role == Role::Package);
    if packages().all(|entry| entry.license.is_none()) {
        faults.notes.push("licences: this lockfile keeps none (package-lock.json since version 2 does)".to_owned());
        return;
    }
    for entry in packages().filter(|entry| !entry.is_bundled) {
        match entry.license.as_deref() {
            Some(license) if !is_allowed(license, allowed) => {
                faults.add(
                    &rules::LICENSE,
                    format!("{} has the licence {}", entry.label(), excerpt(license)),
                    &entry.span,
                );
            }
            Some(_) => {}
            None => {
                let finding =
                    Finding::new(&rules::LICENSE, format!("{} has no licence in the lockfile", entry.label()));
                faults.push(finding.with_level(Level::Warning), &rules::LICENSE, &entry.span);
            }
        }
    }
}

/// One finding for each package whose ranges could take other versions.
pub(super) fn tell_duplicates(lock: &Lockfile, moves: &[Move], faults: &mut Faults<'_>) {
    let mut by_name: BTreeMap<&str, Vec<&Move>> = BTreeMap::new();
    for one in moves {
        by_name.entry(&one.name).or_default().push(one);
    }
    let mut places: BTreeMap<(&str, &str), &Entry> = BTreeMap::new();
    for entry in &lock.entries {
        places.entry((&entry.name, &entry.version)).or_insert(entry);
    }
    for (name, moves) in by_name {
        let shown: Vec<String> = moves
            .iter()
            .take(5)
            .map(|one| format!("{} could take {} instead of {}", excerpt(&one.range), one.to, one.from))
            .collect();
        let more = if moves.len() > 5 { ", ..." } else { "" };
        let first = moves.first().map(|one| one.from.as_str()).unwrap_or_default();
        let span = places.get(&(name, first)).map_or(0..0, |entry| entry.span.clone());
        faults.add(&rules::DUPLICATE, format!("{name}: {}{more}", shown.join(", ")), &span);
    }
}

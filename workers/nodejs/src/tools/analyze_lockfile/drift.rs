//! Whether lockfile and manifests agree.

use super::{Faults, Forced, is_peer, rules};
use crate::support::lockfile::{Edge, Format, Lockfile, Manifest, Need, Role, dependencies};
use crate::support::semver::{Options, Range, Version};
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(lock: &Lockfile, manifests: &[Manifest<'_>], forced: &Forced<'_>, faults: &mut Faults<'_>) {
    for manifest in manifests {
        let project =
            lock.entries.iter().enumerate().find(|(_, entry)| {
                matches!(entry.role, Role::Project | Role::Workspace) && entry.key == manifest.folder
            });
        let Some((at, entry)) = project else {
            // A manifest in a folder the lockfile does not know is another project's.
            continue;
        };
        let span = entry.span.clone();
        let whose = if manifest.folder.is_empty() {
            "package.json".to_owned()
        } else {
            format!("{}/package.json", manifest.folder)
        };
        let edges: Vec<&Edge> =
            lock.edges.iter().filter(|edge| edge.from == at && edge.need != Need::Workspace).collect();
        let wanted = dependencies(manifest.object, true);
        if lock.knows_projects {
            compare(lock, forced, &whose, &wanted, &edges, faults, &span);
        } else {
            for edge in edges {
                unlocked(lock, forced, &whose, edge, faults);
            }
        }
    }
}

fn compare(
    lock: &Lockfile,
    forced: &Forced<'_>,
    whose: &str,
    wanted: &[(String, String, Need)],
    edges: &[&Edge],
    faults: &mut Faults<'_>,
    span: &std::ops::Range<usize>,
) {
    // yarn and pnpm keep a project's peers elsewhere, or not at all.
    let knows_peers = matches!(lock.format, Format::Npm(_) | Format::Bun(_));
    let locked: BTreeMap<&str, &Edge> = edges.iter().map(|edge| (edge.name.as_str(), *edge)).collect();
    let bare = |range: &str| range.strip_prefix("npm:").filter(|rest| !rest.contains('@')).unwrap_or(range).to_owned();
    for (name, range, need) in wanted {
        if forced.names(name) || (is_peer(*need) && !knows_peers) {
            continue;
        }
        match locked.get(name.as_str()) {
            None => {
                let message = format!("{whose} wants {name} {}, the lockfile does not", excerpt(range));
                faults.add(&rules::DRIFT, message, span);
            }
            Some(edge) if bare(&edge.range) != bare(range) && !edge.range.is_empty() => {
                let message =
                    format!("{whose} wants {name} {}, the lockfile has {}", excerpt(range), excerpt(&edge.range));
                faults.add(&rules::DRIFT, message, span);
            }
            Some(_) => {}
        }
    }
    let wanted: BTreeSet<&str> = wanted.iter().map(|(name, ..)| name.as_str()).collect();
    for (name, edge) in locked {
        if !wanted.contains(name) && !forced.names(name) {
            let message = format!("the lockfile has {name} {}, {whose} does not", excerpt(&edge.range));
            faults.add(&rules::DRIFT, message, span);
        }
    }
}

// Formats that do not keep what the project wants: what it wants must be there, and in range.
fn unlocked(lock: &Lockfile, forced: &Forced<'_>, whose: &str, edge: &Edge, faults: &mut Faults<'_>) {
    let elsewhere = ["link:", "portal:", "workspace:", "file:"].iter().any(|start| edge.range.starts_with(start));
    if elsewhere || is_peer(edge.need) || forced.names(&edge.name) {
        return;
    }
    let range = excerpt(&edge.range);
    let Some(entry) = edge.to.and_then(|at| lock.entry(at)) else {
        let message = format!("{whose} wants {} {range}, the lockfile does not have it", edge.name);
        faults.add(&rules::DRIFT, message, &(0..0));
        return;
    };
    let loose = Options { loose: true, include_prerelease: false };
    let parsed = Range::parse(&edge.range, loose).zip(Version::parse(&entry.version, loose));
    if lock.format != Format::YarnClassic && parsed.is_some_and(|(range, version)| !range.contains(&version)) {
        let message = format!("{whose} wants {} {range}, the lockfile has {}", edge.name, entry.version);
        faults.add(&rules::DRIFT, message, &entry.span);
    }
}

//! pnpm-lock.yaml, versions 5 to 9.

use super::{Edge, Entry, Format, LockError, Lockfile, Need, Role, text_of};
use crate::support::json::{Node, Object};
use crate::support::package_tree::join;
use crate::support::yaml;
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    // `/name/1.0.0_peers`
    Slashes,
    // `/name@1.0.0(peers)`
    SlashAt,
    // `name@1.0.0(peers)`
    At,
}

pub(super) fn read(text: &str) -> Result<Lockfile, LockError> {
    let root = yaml::parse(text)?;
    let Some(object) = root.as_object() else { return Err(LockError::new(0, "a mapping is expected here")) };
    let version = text_of(object, "lockfileVersion").unwrap_or_default();
    let at = object.get("lockfileVersion").map_or(0, |node| node.span.start);
    let keys = match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
        Some(5) => Keys::Slashes,
        Some(6 | 7) => Keys::SlashAt,
        Some(9) => Keys::At,
        _ => return Err(LockError::new(at, format!("lockfileVersion {}; 5 to 9 are known", excerpt(&version)))),
    };
    let mut lock = Lockfile::new(Format::Pnpm(version), true);
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let empty = Object::default();
    let packages = object.get("packages").and_then(Node::as_object).unwrap_or(&empty);
    // Since version 9 what a package is and what it depends on stand apart.
    let snapshots = object.get("snapshots").and_then(Node::as_object).filter(|_| keys == Keys::At).unwrap_or(packages);
    for member in snapshots.members() {
        let bare = if keys == Keys::At { member.key.split('(').next().unwrap_or(&member.key) } else { &member.key };
        let about = packages.get(bare).and_then(Node::as_object);
        let (name, version) = name_and_version(&member.key, keys);
        let mut entry = Entry::new(&member.key, Role::Package, name, member.key_span.clone());
        version.clone_into(&mut entry.version);
        if let Some(about) = about {
            entry.name = text_of(about, "name").unwrap_or(entry.name);
            entry.version = text_of(about, "version").unwrap_or(entry.version);
            let resolution = about.get("resolution").and_then(Node::as_object).unwrap_or(&empty);
            entry.integrity = text_of(resolution, "integrity");
            entry.resolved = text_of(resolution, "tarball").or_else(|| text_of(resolution, "repo"));
        }
        places.insert(&member.key, lock.push(entry));
    }
    let importers = object.get("importers").and_then(Node::as_object);
    let mut projects = Vec::new();
    match importers {
        Some(importers) => {
            for member in importers.members() {
                let folder = if member.key == "." { "" } else { member.key.as_str() };
                let role = if folder.is_empty() { Role::Project } else { Role::Workspace };
                let at = lock.push(Entry::new(folder, role, folder, member.key_span.clone()));
                projects.extend(member.value.as_object().map(|own| (at, own)));
            }
        }
        None => projects.push((lock.push(Entry::new("", Role::Project, "", 0..0)), object)),
    }
    let folders: BTreeMap<String, usize> =
        projects.iter().filter_map(|(at, _)| Some((lock.entries.get(*at)?.key.clone(), *at))).collect();
    for (from, own) in projects {
        let fields = [
            ("dependencies", Need::Production),
            ("optionalDependencies", Need::Optional),
            ("devDependencies", Need::Development),
        ];
        for (field, need) in fields {
            for member in own.get(field).and_then(Node::as_object).map(Object::members).unwrap_or_default() {
                let inline = member.value.as_object();
                let reference = member.value.as_str().map(str::to_owned).or_else(|| text_of(inline?, "version"));
                let specifier = inline.and_then(|own| text_of(own, "specifier")).or_else(|| {
                    own.get("specifiers").and_then(|all| all.get(&member.key)).and_then(Node::as_str).map(str::to_owned)
                });
                let Some(reference) = reference else { continue };
                let folder = lock.entries.get(from).map(|entry| entry.key.clone()).unwrap_or_default();
                let to = linked(&folders, &folder, &reference).or_else(|| find(&places, &member.key, &reference, keys));
                if to.is_none() && reference.starts_with("link:") {
                    continue;
                }
                let range = specifier.unwrap_or_default();
                lock.edges.push(Edge { from, name: member.key.clone(), range, need, to });
            }
        }
    }
    for member in snapshots.members() {
        let (Some(own), Some(from)) = (member.value.as_object(), places.get(member.key.as_str())) else { continue };
        for (field, need) in [("dependencies", Need::Production), ("optionalDependencies", Need::Optional)] {
            for wish in own.get(field).and_then(Node::as_object).map(Object::members).unwrap_or_default() {
                let Some(reference) = wish.value.as_str() else { continue };
                let to = linked(&folders, "", reference).or_else(|| find(&places, &wish.key, reference, keys));
                if to.is_none() && reference.starts_with("link:") {
                    continue;
                }
                // What range was asked for is not kept.
                lock.edges.push(Edge { from: *from, name: wish.key.clone(), range: String::new(), need, to });
            }
        }
    }
    Ok(lock)
}

// The project in a folder that is linked.
fn linked(folders: &BTreeMap<String, usize>, from: &str, reference: &str) -> Option<usize> {
    let path = reference.strip_prefix("link:")?;
    folders.get(&join(from, path)?).copied()
}

// The entry that a reference of a dependency means.
fn find(places: &BTreeMap<&str, usize>, name: &str, reference: &str, keys: Keys) -> Option<usize> {
    let written = match keys {
        Keys::Slashes => format!("/{name}/{reference}"),
        Keys::SlashAt => format!("/{name}@{reference}"),
        Keys::At => format!("{name}@{reference}"),
    };
    places.get(written.as_str()).or_else(|| places.get(reference)).copied()
}

fn name_and_version(key: &str, keys: Keys) -> (&str, &str) {
    let key = if keys == Keys::At { key } else { key.strip_prefix('/').unwrap_or(key) };
    let bare = key.split('(').next().unwrap_or(key);
    if keys == Keys::Slashes {
        // A registry's host may stand before the name.
        let bare = match bare.split_once('/') {
            Some((host, rest)) if host.contains('.') && !host.starts_with('@') && rest.contains('/') => rest,
            _ => bare,
        };
        let (name, version) = bare.rsplit_once('/').unwrap_or((bare, ""));
        return (name, version.split('_').next().unwrap_or_default());
    }
    let from = usize::from(bare.starts_with('@'));
    match bare.get(from..).and_then(|rest| rest.find('@')) {
        Some(at) => (bare.get(..from + at).unwrap_or(bare), bare.get(from + at + 1..).unwrap_or_default()),
        None => (bare, ""),
    }
}

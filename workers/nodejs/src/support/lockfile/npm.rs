//! package-lock.json and npm-shrinkwrap.json, versions 1 to 3.

use super::{Edge, Entry, Format, LockError, Lockfile, Manifest, Need, Role, dependencies, last_name, text_of};
use crate::support::json::{self, Kind, Node, Object};
use crate::support::semver::{Options, Version};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::path::normal;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn read(text: &str, manifests: &[Manifest<'_>]) -> Result<Lockfile, LockError> {
    let root = json::parse(text)?;
    let Some(object) = root.as_object() else { return Err(LockError::new(0, "an object is expected here")) };
    let version = match object.get("lockfileVersion").map(|node| (&node.kind, node.span.start)) {
        Some((Kind::Number(number), at)) if *number > 3.0 => {
            return Err(LockError::new(at, format!("lockfileVersion {number}; 1, 2 and 3 are known")));
        }
        Some((Kind::Number(number), _)) => number.to_string(),
        Some((Kind::String(text), at)) => {
            return Err(LockError::new(at, format!("lockfileVersion {}; 1, 2 and 3 are known", excerpt(text))));
        }
        _ if object.has("packages") || object.has("dependencies") => "1".to_owned(),
        _ => return Err(LockError::new(0, "neither lockfileVersion nor packages nor dependencies")),
    };
    let project = manifests.iter().find(|manifest| manifest.folder.is_empty()).map(|manifest| manifest.object);
    match object.get("packages").and_then(Node::as_object) {
        Some(packages) => Ok(placed(version, object, packages, project)),
        None => Ok(nested(version, object, project)),
    }
}

// Versions 2 and 3: entries by their place.
fn placed(version: String, root: &Object, packages: &Object, project: Option<&Object>) -> Lockfile {
    let mut lock = Lockfile::new(Format::Npm(version), true);
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut links = Vec::new();
    for member in packages.members() {
        let Some(object) = member.value.as_object() else { continue };
        let place = member.key.as_str();
        let is_project = !place.contains("node_modules/");
        let name = text_of(object, "name").unwrap_or_else(|| {
            if place.is_empty() { text_of(root, "name").unwrap_or_default() } else { last_name(place).to_owned() }
        });
        let role = match (place.is_empty(), is_project) {
            (true, _) => Role::Project,
            (false, true) => Role::Workspace,
            (false, false) => Role::Package,
        };
        let mut entry = Entry::new(place, role, name, member.key_span.clone());
        entry.version = text_of(object, "version").unwrap_or_default();
        entry.resolved = text_of(object, "resolved");
        entry.integrity = text_of(object, "integrity");
        entry.license = license(object);
        entry.is_bundled = object.get("inBundle").is_some_and(Node::is_truthy);
        let at = lock.push(entry);
        places.insert(place, at);
        if object.get("link").is_some_and(Node::is_truthy) {
            links.push((at, text_of(object, "resolved").unwrap_or_default()));
        }
    }
    if !places.contains_key("") {
        places.insert("", lock.push(Entry::new("", Role::Project, text_of(root, "name").unwrap_or_default(), 0..0)));
    }
    for (at, target) in links {
        if let (Some(entry), Some(target)) = (lock.entries.get_mut(at), places.get(target.as_str())) {
            entry.role = Role::Link(*target);
            entry.resolved = None;
        }
    }
    let edges = |lock: &mut Lockfile, place: &str, from: usize, object: &Object| {
        let is_project = !place.contains("node_modules/");
        for (name, range, need) in dependencies(object, is_project) {
            let to = resolve(&places, place, &name);
            lock.edges.push(Edge { from, name, range, need, to });
        }
    };
    for member in packages.members() {
        let (Some(object), Some(from)) = (member.value.as_object(), places.get(member.key.as_str())) else { continue };
        if matches!(lock.entries.get(*from).map(|entry| entry.role), Some(Role::Link(_))) {
            continue;
        }
        if member.key.is_empty() {
            workspaces(&mut lock, *from, object);
        }
        edges(&mut lock, &member.key, *from, object);
    }
    if let (None, Some(project), Some(from)) = (packages.get(""), project, places.get("")) {
        edges(&mut lock, "", *from, project);
    }
    lock
}

// The project leads to each workspace that is linked.
fn workspaces(lock: &mut Lockfile, project: usize, object: &Object) {
    if object.get("workspaces").is_none_or(Node::is_null) {
        return;
    }
    let mut found = Vec::new();
    for (at, entry) in lock.entries.iter().enumerate() {
        let Role::Link(target) = entry.role else { continue };
        let Some(folder) = lock.entries.get(target) else { continue };
        let is_top = entry.key.matches("node_modules/").count() == 1 && entry.key.starts_with("node_modules/");
        if is_top && folder.role == Role::Workspace {
            let name = last_name(&entry.key).to_owned();
            let range = format!("file:{}", folder.key);
            found.push(Edge { from: project, name, range, need: Need::Workspace, to: Some(at) });
        }
    }
    lock.edges.extend(found);
}

// What a name finds from a place on upwards, as Node.js looks for it.
fn resolve(places: &BTreeMap<&str, usize>, from: &str, name: &str) -> Option<usize> {
    let mut place = from;
    loop {
        let candidate =
            if place.is_empty() { format!("node_modules/{name}") } else { format!("{place}/node_modules/{name}") };
        if let Some(found) = places.get(candidate.as_str()) {
            return Some(*found);
        }
        if place.is_empty() {
            return None;
        }
        place = above(places, place);
    }
}

// The entry in whose folders the place is; of a folder of the project the nearest known one above it.
fn above<'a>(places: &BTreeMap<&str, usize>, place: &'a str) -> &'a str {
    if let Some((before, _)) = place.rsplit_once("node_modules/") {
        return before.trim_end_matches('/');
    }
    let mut place = place;
    while let Some((before, _)) = place.rsplit_once('/') {
        if places.contains_key(before) {
            return before;
        }
        place = before;
    }
    ""
}

fn license(object: &Object) -> Option<String> {
    let node = object.get("license")?;
    let text = |node: &Node| node.as_str().or_else(|| node.get("type").and_then(Node::as_str)).map(str::to_owned);
    match &node.kind {
        Kind::Array(items) => Some(items.iter().filter_map(text).collect::<Vec<_>>().join(" OR ")),
        _ => text(node),
    }
}

// Version 1: entries inside each other.
fn nested(version: String, root: &Object, project: Option<&Object>) -> Lockfile {
    let mut lock = Lockfile::new(Format::Npm(version), false);
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut wishes: Vec<(usize, String, String)> = Vec::new();
    let name = text_of(root, "name").unwrap_or_default();
    let top = lock.push(Entry::new("", Role::Project, name, 0..0));
    // Nesting is limited by the reader.
    let mut optional: BTreeSet<usize> = BTreeSet::new();
    walk(root, "", &mut lock, &mut places, &mut wishes, &mut optional);
    let by_place: BTreeMap<&str, usize> = places.iter().map(|(place, at)| (place.as_str(), *at)).collect();
    for (name, range, need) in project.map(|object| dependencies(object, true)).unwrap_or_default() {
        let to = resolve(&by_place, "", &name);
        lock.edges.push(Edge { from: top, name, range, need, to });
    }
    for (from, name, range) in wishes {
        let place = lock.entries.get(from).map(|entry| entry.key.clone()).unwrap_or_default();
        let to = resolve(&by_place, &place, &name);
        // What only an optional dependency brings in is marked, so what leads into it from outside is one.
        let leads_in = to.is_some_and(|to| optional.contains(&to)) && !optional.contains(&from);
        let need = if leads_in { Need::Optional } else { Need::Production };
        lock.edges.push(Edge { from, name, range, need, to });
    }
    lock
}

fn walk(
    object: &Object,
    place: &str,
    lock: &mut Lockfile,
    places: &mut BTreeMap<String, usize>,
    wishes: &mut Vec<(usize, String, String)>,
    optional: &mut BTreeSet<usize>,
) {
    for member in object.get("dependencies").and_then(Node::as_object).map(Object::members).unwrap_or_default() {
        let Some(own) = member.value.as_object() else { continue };
        let slash = if place.is_empty() { "" } else { "/" };
        let key = format!("{place}{slash}node_modules/{}", member.key);
        let version = text_of(own, "version").unwrap_or_default();
        if let Some(folder) = local_folder(&version) {
            let link = lock.push(Entry::new(&key, Role::Package, &member.key, member.key_span.clone()));
            places.insert(key, link);
            let known = places.get(&folder).copied();
            let target = known.unwrap_or_else(|| {
                let at = lock.push(Entry::new(&folder, Role::Workspace, &member.key, member.key_span.clone()));
                places.insert(folder.clone(), at);
                at
            });
            if let Some(entry) = lock.entries.get_mut(link) {
                entry.role = Role::Link(target);
            }
            if known.is_none() {
                wish(own, target, wishes);
                walk(own, &folder, lock, places, wishes, optional);
            }
            continue;
        }
        let mut entry = Entry::new(&key, Role::Package, &member.key, member.key_span.clone());
        match version.strip_prefix("npm:").and_then(|alias| alias.rsplit_once('@')) {
            Some((name, version)) => (entry.name, entry.version) = (name.to_owned(), version.to_owned()),
            None if version.contains([':', '/']) => {
                entry.version = version_of_tarball(&member.key, &version).unwrap_or_default();
                entry.resolved = Some(version);
            }
            None => entry.version = version,
        }
        entry.resolved = text_of(own, "resolved").or(entry.resolved);
        entry.integrity = text_of(own, "integrity");
        entry.is_bundled = own.get("bundled").is_some_and(Node::is_truthy);
        let at = lock.push(entry);
        places.insert(key.clone(), at);
        if own.get("optional").is_some_and(Node::is_truthy) {
            optional.insert(at);
        }
        wish(own, at, wishes);
        walk(own, &key, lock, places, wishes, optional);
    }
}

// What an entry requires.
fn wish(entry: &Object, at: usize, wishes: &mut Vec<(usize, String, String)>) {
    for wish in entry.get("requires").and_then(Node::as_object).map(Object::members).unwrap_or_default() {
        if let Some(range) = wish.value.as_str() {
            wishes.push((at, wish.key.clone(), range.to_owned()));
        }
    }
}

// The folder of the project that `file:` leads to, where it is no archive.
fn local_folder(version: &str) -> Option<String> {
    let path = version.strip_prefix("file:")?;
    let is_archive = [".tgz", ".tar", ".tar.gz"].iter().any(|end| path.ends_with(end));
    Some(normal(path)).filter(|folder| !is_archive && !folder.is_empty())
}

// The version in the name of a package's archive: `name-1.2.3.tgz`.
fn version_of_tarball(name: &str, address: &str) -> Option<String> {
    let file = address.rsplit(['/', ':']).next()?.strip_suffix(".tgz")?;
    let version = file.strip_prefix(last_name(name).rsplit('/').next()?)?.strip_prefix('-')?;
    Version::parse(version, Options::default()).is_some().then(|| version.to_owned())
}

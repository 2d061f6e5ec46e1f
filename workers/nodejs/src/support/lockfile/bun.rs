//! bun.lock, versions 0 and 1: JSON with comments and trailing commas.

use super::{Edge, Entry, Format, LockError, Lockfile, Need, Role, dependencies, text_of};
use crate::support::json::{self, Kind, Node, Object};
use std::collections::BTreeMap;

pub(super) fn read(text: &str) -> Result<Lockfile, LockError> {
    let root = json::parse(&relaxed(text))?;
    let Some(object) = root.as_object() else { return Err(LockError::new(0, "an object is expected here")) };
    let version = match object.get("lockfileVersion").map(|node| (&node.kind, node.span.start)) {
        Some((Kind::Number(number), _)) if *number <= 1.0 => number.to_string(),
        Some((Kind::Number(number), at)) => {
            return Err(LockError::new(at, format!("lockfileVersion {number}; 0 and 1 are known")));
        }
        _ => return Err(LockError::new(0, "no lockfileVersion")),
    };
    let mut lock = Lockfile::new(Format::Bun(version), true);
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    let mut owners: Vec<(usize, String, &Object)> = Vec::new();
    let members = |field: &str| object.get(field).and_then(Node::as_object).map(Object::members).unwrap_or_default();
    for member in members("workspaces") {
        let Some(own) = member.value.as_object() else { continue };
        let role = if member.key.is_empty() { Role::Project } else { Role::Workspace };
        let name = text_of(own, "name").unwrap_or_default();
        let mut entry = Entry::new(&member.key, role, &name, member.key_span.clone());
        entry.version = text_of(own, "version").unwrap_or_default();
        let at = lock.push(entry);
        folders.insert(&member.key, at);
        owners.push((at, if member.key.is_empty() { String::new() } else { name }, own));
    }
    for member in members("packages") {
        let Some(items) = member.value.as_array() else { continue };
        let Some(id) = items.first().and_then(Node::as_str) else { continue };
        let (name, reference) = split(id);
        if let Some(at) = reference.strip_prefix("workspace:").and_then(|folder| folders.get(folder)) {
            places.insert(&member.key, *at);
            continue;
        }
        let mut entry = Entry::new(&member.key, Role::Package, name, member.key_span.clone());
        let is_registry = !reference.contains([':', '/', '#']);
        if is_registry {
            reference.clone_into(&mut entry.version);
            entry.resolved = items.get(1).and_then(Node::as_str).filter(|url| !url.is_empty()).map(str::to_owned);
        } else {
            entry.resolved = Some(reference.to_owned());
        }
        entry.integrity =
            items.iter().skip(1).filter_map(Node::as_str).find(|text| text.starts_with("sha")).map(str::to_owned);
        let about = items.iter().find_map(Node::as_object);
        let bundled = about.and_then(|about| about.get("bundled")).is_some_and(Node::is_truthy);
        entry.is_bundled = bundled;
        let at = lock.push(entry);
        places.insert(&member.key, at);
        owners.extend(about.map(|about| (at, member.key.clone(), about)));
    }
    for (from, place, own) in owners {
        let is_project = !matches!(lock.entries.get(from).map(|entry| entry.role), Some(Role::Package));
        let optional_peers: Vec<&str> = own
            .get("optionalPeers")
            .and_then(Node::as_array)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::as_str)
            .collect();
        for (name, range, need) in dependencies(own, is_project) {
            let is_optional_peer = need == Need::Peer && optional_peers.contains(&name.as_str());
            let need = if is_optional_peer { Need::OptionalPeer } else { need };
            let to = resolve(&places, &place, &name);
            lock.edges.push(Edge { from, name, range, need, to });
        }
    }
    Ok(lock)
}

fn split(id: &str) -> (&str, &str) {
    let from = usize::from(id.starts_with('@'));
    match id.get(from..).and_then(|rest| rest.find('@')) {
        Some(at) => (id.get(..from + at).unwrap_or(id), id.get(from + at + 1..).unwrap_or_default()),
        None => (id, ""),
    }
}

// Places are names joined by slashes, the outermost first; a scope's slash is part of a name.
fn resolve(places: &BTreeMap<&str, usize>, from: &str, name: &str) -> Option<usize> {
    let mut place = from;
    loop {
        let candidate = if place.is_empty() { name.to_owned() } else { format!("{place}/{name}") };
        if let Some(found) = places.get(candidate.as_str()) {
            return Some(*found);
        }
        if place.is_empty() {
            return None;
        }
        place = place.rsplit_once('/').map_or("", |(before, _)| before);
        if let Some((before, last)) = place.rsplit_once('/') {
            if last.starts_with('@') {
                place = before;
            }
        } else if place.starts_with('@') {
            place = "";
        }
    }
}

// The text with comments and trailing commas blanked out, so that places stay.
fn relaxed(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut kept = bytes.to_vec();
    let mut comma: Option<usize> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'"' => {
                comma = None;
                at += 1;
                while let Some(inner) = bytes.get(at).copied() {
                    at += 1;
                    match inner {
                        b'\\' => at += 1,
                        b'"' => break,
                        _ => {}
                    }
                }
                continue;
            }
            b'/' if matches!(bytes.get(at + 1), Some(b'/' | b'*')) => {
                let is_line = bytes.get(at + 1) == Some(&b'/');
                let rest = bytes.get(at..).unwrap_or_default();
                let length = if is_line {
                    rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
                } else {
                    rest.windows(2).skip(2).position(|pair| pair == b"*/").map_or(rest.len(), |found| found + 4)
                };
                for blank in kept.iter_mut().skip(at).take(length).filter(|byte| **byte != b'\n') {
                    *blank = b' ';
                }
                at += length;
                continue;
            }
            b',' => comma = Some(at),
            b']' | b'}' => {
                if let Some(blank) = comma.take().and_then(|comma| kept.get_mut(comma)) {
                    *blank = b' ';
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => comma = None,
        }
        at += 1;
    }
    // Whole comments are blanked, so no character is cut.
    String::from_utf8(kept).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_go() {
        let text = "{ \"a\": [1, 2, ], // x, }\n \"b\": \"/* , ]\", /* \u{e9} */ }";
        let relaxed = relaxed(text);
        assert_eq!(relaxed.len(), text.len());
        assert!(json::parse(&relaxed).is_ok());
    }

    #[test]
    fn scopes_are_part_of_names() {
        let places = BTreeMap::from([("b", 1), ("@s/a/b", 2)]);
        assert_eq!(resolve(&places, "@s/a", "b"), Some(2));
        assert_eq!(resolve(&places, "x/@s/a", "b"), Some(1));
    }
}

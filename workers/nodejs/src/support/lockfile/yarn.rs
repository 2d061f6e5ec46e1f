//! yarn.lock: the format of yarn 1, and the YAML of yarn 2 and later.

use super::{Edge, Entry, Format, LockError, Lockfile, Manifest, Need, Pattern, Role, dependencies, text_of};
use crate::support::json::{Node, Object};
use crate::support::yaml;
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeMap;

struct Block {
    at: usize,
    end: usize,
    patterns: Vec<String>,
    fields: BTreeMap<String, String>,
    dependencies: Vec<(String, String, Need)>,
}

pub(super) fn read_classic(text: &str, manifests: &[Manifest<'_>]) -> Result<Lockfile, LockError> {
    let mut lock = Lockfile::new(Format::YarnClassic, false);
    let mut by_pattern: BTreeMap<String, usize> = BTreeMap::new();
    let mut wishes = Vec::new();
    for block in blocks(text)? {
        let first = block.patterns.first().map(String::as_str).unwrap_or_default();
        let (name, range) = split_pattern(first);
        let aliased = range.strip_prefix("npm:").map(|alias| split_pattern(alias).0);
        let mut entry = Entry::new(first, Role::Package, aliased.unwrap_or(name), block.at..block.end);
        let field = |name: &str| block.fields.get(name).cloned();
        let Some(version) = field("version") else {
            return Err(LockError::new(block.at, "an entry without a version"));
        };
        entry.version = version;
        entry.resolved = field("resolved");
        entry.integrity = field("integrity").or_else(|| {
            // The checksum behind the address counts as one.
            entry.resolved.as_deref().and_then(|url| url.split_once('#')).map(|(_, sha1)| format!("sha1 {sha1}"))
        });
        let at = lock.push(entry);
        for pattern in block.patterns {
            let (name, range) = match pattern.rsplit_once('@') {
                Some((name, range)) => (name.to_owned(), range.to_owned()),
                None => (pattern.clone(), "*".to_owned()),
            };
            lock.patterns.push(Pattern { name, range, to: at });
            by_pattern.insert(pattern, at);
        }
        wishes.extend(block.dependencies.into_iter().map(|dependency| (at, dependency)));
    }
    let find = |name: &str, range: &str| {
        let pattern = if range.is_empty() { name.to_owned() } else { format!("{name}@{range}") };
        by_pattern.get(&pattern).or_else(|| by_pattern.get(&format!("{name}@{range}"))).copied()
    };
    let names: BTreeMap<&str, &Manifest<'_>> =
        manifests.iter().filter_map(|manifest| Some((manifest.object.get("name")?.as_str()?, manifest))).collect();
    let mut folders = BTreeMap::new();
    for manifest in manifests {
        let role = if manifest.folder.is_empty() { Role::Project } else { Role::Workspace };
        let mut entry = Entry::new(manifest.folder, role, text_of(manifest.object, "name").unwrap_or_default(), 0..0);
        entry.version = text_of(manifest.object, "version").unwrap_or_default();
        folders.insert(manifest.folder, lock.push(entry));
    }
    for manifest in manifests {
        let Some(from) = folders.get(manifest.folder).copied() else { continue };
        for (name, range, need) in dependencies(manifest.object, true) {
            if need.is_peer() {
                continue;
            }
            let workspace = || names.get(name.as_str()).and_then(|other| folders.get(other.folder)).copied();
            let to = find(&name, &range).or_else(workspace);
            lock.edges.push(Edge { from, name, range, need, to });
        }
    }
    for (from, (name, range, need)) in wishes {
        let workspace = || names.get(name.as_str()).and_then(|other| folders.get(other.folder)).copied();
        let to = find(&name, &range).or_else(workspace);
        lock.edges.push(Edge { from, name, range, need, to });
    }
    Ok(lock)
}

fn split_pattern(pattern: &str) -> (&str, &str) {
    let start = usize::from(pattern.starts_with('@'));
    match pattern.get(start..).and_then(|rest| rest.find('@')) {
        Some(at) => (pattern.get(..start + at).unwrap_or(pattern), pattern.get(start + at + 1..).unwrap_or_default()),
        None => (pattern, ""),
    }
}

fn blocks(text: &str) -> Result<Vec<Block>, LockError> {
    let mut found: Vec<Block> = Vec::new();
    let mut section: Option<Need> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim_end_matches(['\n', '\r']);
        let bare = body.trim_start_matches([' ', '\u{feff}']);
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let indent = body.len() - body.trim_start_matches(' ').len();
        let wrong = |problem: &str| LockError::new(start + indent, problem);
        match indent {
            0 => {
                let Some(keys) = bare.trim_end().strip_suffix(':') else {
                    return Err(wrong("a pattern and a colon are expected here"));
                };
                let mut patterns = Vec::new();
                let mut rest = keys;
                loop {
                    let (key, behind) = token(rest, true).ok_or_else(|| wrong("a pattern is expected here"))?;
                    patterns.push(key);
                    let behind = behind.trim_start();
                    match behind.strip_prefix(',') {
                        Some(next) => rest = next.trim_start(),
                        None if behind.is_empty() => break,
                        None => return Err(wrong("a comma is expected between patterns")),
                    }
                }
                section = None;
                found.push(Block {
                    at: start,
                    end: start + body.len(),
                    patterns,
                    fields: BTreeMap::new(),
                    dependencies: Vec::new(),
                });
            }
            2 => {
                let block = found.last_mut().ok_or_else(|| wrong("a pattern is expected before its fields"))?;
                let (key, behind) = token(bare, true).ok_or_else(|| wrong("a field is expected here"))?;
                if behind.trim() == ":" {
                    section = match key.as_str() {
                        "dependencies" => Some(Need::Production),
                        "optionalDependencies" => Some(Need::Optional),
                        _ => None,
                    };
                } else {
                    let (value, _) = token(behind.trim_start_matches([':', ' ']), false)
                        .ok_or_else(|| wrong("a value is expected here"))?;
                    block.fields.insert(key, value);
                }
            }
            4 => {
                let block = found.last_mut().ok_or_else(|| wrong("a pattern is expected before its fields"))?;
                let Some(need) = section else { continue };
                let (key, behind) = token(bare, true).ok_or_else(|| wrong("a name is expected here"))?;
                let (value, _) = token(behind.trim_start_matches([':', ' ']), false)
                    .ok_or_else(|| wrong("a range is expected here"))?;
                // An optional dependency stands among the others as well.
                match block.dependencies.iter_mut().find(|(name, ..)| *name == key) {
                    Some(known) => *known = (key, value, need),
                    None => block.dependencies.push((key, value, need)),
                }
            }
            _ => return Err(wrong("indentation of none, two or four spaces is expected")),
        }
    }
    Ok(found)
}

// A quoted or bare word and the rest.
fn token(text: &str, is_key: bool) -> Option<(String, &str)> {
    if text.starts_with('"') {
        let mut escaped = false;
        let end = text.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let (end, _) = end?;
        let quoted = text.get(..=end)?;
        let value = serde_json::from_str(quoted).ok()?;
        return Some((value, text.get(end + 1..)?));
    }
    let stops: &[char] = if is_key { &[' ', ',', ':'] } else { &[' ', ','] };
    // A colon inside a bare key belongs to it where no space follows, as in addresses.
    let end = text
        .char_indices()
        .find(|(at, c)| {
            stops.contains(c)
                && (*c != ':' || text.get(at + 1..).is_none_or(|rest| rest.is_empty() || rest.starts_with(' ')))
        })
        .map_or(text.len(), |(at, _)| at);
    (end > 0).then(|| (text.get(..end).unwrap_or_default().to_owned(), text.get(end..).unwrap_or_default()))
}

pub(super) fn read_berry(text: &str) -> Result<Lockfile, LockError> {
    let root = yaml::parse(text)?;
    let Some(object) = root.as_object() else { return Err(LockError::new(0, "a mapping is expected here")) };
    let stated = object.get("__metadata").and_then(|meta| meta.get("version"));
    let version = stated.and_then(Node::as_str).unwrap_or("?");
    // Yarn 2 began with 4, Yarn 4 writes 8.
    if !matches!(version, "4" | "5" | "6" | "7" | "8") {
        let at = stated.map_or(0, |stated| stated.span.start);
        return Err(LockError::new(at, format!("__metadata version {}; 4 to 8 are known", excerpt(version))));
    }
    let mut lock = Lockfile::new(Format::YarnBerry(version.to_owned()), true);
    let mut by_descriptor: BTreeMap<String, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for member in object.members().iter().filter(|member| member.key != "__metadata") {
        let Some(own) = member.value.as_object() else { continue };
        let resolution = text_of(own, "resolution").unwrap_or_else(|| member.key.clone());
        let (name, reference) = split_pattern(&resolution);
        let folder = reference.strip_prefix("workspace:");
        let role = match folder {
            Some(".") => Role::Project,
            Some(_) => Role::Workspace,
            None => Role::Package,
        };
        let mut entry = Entry::new(&resolution, role, name, member.key_span.clone());
        if let Some(folder) = folder {
            folder.trim_start_matches("./").clone_into(&mut entry.key);
            if folder == "." {
                entry.key.clear();
            }
        } else {
            entry.version = text_of(own, "version").unwrap_or_default();
            entry.resolved = Some(reference.to_owned());
            entry.integrity = text_of(own, "checksum");
        }
        let at = lock.push(entry);
        for descriptor in member.key.split(", ") {
            let (name, range) = split_pattern(descriptor);
            let range = range.strip_prefix("npm:").unwrap_or(range);
            lock.patterns.push(Pattern { name: name.to_owned(), range: range.to_owned(), to: at });
            by_descriptor.insert(descriptor.to_owned(), at);
        }
        entries.push((at, own));
    }
    for (from, own) in entries {
        let meta = |name: &str| own.get("dependenciesMeta").and_then(|meta| meta.get(name));
        for member in own.get("dependencies").and_then(Node::as_object).map(Object::members).unwrap_or_default() {
            let Some(range) = member.value.as_str() else { continue };
            let name = &member.key;
            let find = |range: &str| by_descriptor.get(&format!("{name}@{range}")).copied();
            // The protocol may be left out, and a package's own range for a patched or linked one names the package beside it.
            let to = find(range).or_else(|| find(&format!("npm:{range}"))).or_else(|| {
                let start = format!("{name}@{range}");
                let near = by_descriptor.range(start.clone()..).next()?;
                (near.0.starts_with(&start) && near.0.contains("::locator=")).then_some(*near.1)
            });
            let optional = meta(name).and_then(|meta| meta.get("optional")).is_some_and(Node::is_truthy);
            let need = if optional { Need::Optional } else { Need::Production };
            let range = range.strip_prefix("npm:").filter(|range| !range.contains('@')).unwrap_or(range);
            lock.edges.push(Edge { from, name: name.clone(), range: range.to_owned(), need, to });
        }
    }
    Ok(lock)
}

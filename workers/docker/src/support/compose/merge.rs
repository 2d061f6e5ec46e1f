//! Laying one model over another: Compose's rules for mappings, lists and the keys that are merged in their own way, and the
//! removal of list items that name the same thing.

use super::item::{Item, Map, Place, Val};
use super::short;
use std::collections::BTreeMap;

/// A value that cannot be laid over another.
#[derive(Debug, Clone)]
pub(super) struct Clash {
    /// Where.
    pub at: Place,
    /// What is wrong.
    pub message: String,
}

/// Lays `over` over `base`, both found at `path`.
pub(super) fn merge(base: Item, over: Item, path: &mut Vec<String>) -> Result<Item, Clash> {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    match keys.as_slice() {
        ["services", _, "command" | "entrypoint"]
        | ["services", _, "healthcheck", "test"]
        | ["services", _, "ulimits", _] => {
            return Ok(over);
        }
        ["networks" | "volumes", _, "labels"]
        | [
            "services",
            _,
            "annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "environment" | "labels"
            | "sysctls" | "tmpfs",
        ]
        | ["services", _, "build", "args" | "additional_contexts" | "labels"]
        | ["services", _, "deploy", "labels"] => {
            let at = over.at;
            let mut list = sequence(base);
            list.extend(sequence(over));
            return Ok(Item::new(Val::List(list), at));
        }
        ["services", _, "extra_hosts"] | ["services", _, "build", "extra_hosts"] => {
            let at = over.at;
            let mut list = sequence(base);
            let new: Vec<Item> =
                sequence(over).into_iter().filter(|item| !list.iter().any(|known| known.same(item))).collect();
            list.extend(new);
            return Ok(Item::new(Val::List(list), at));
        }
        ["services", _, "build"] => return mappings(build(base), build(over), path),
        ["services", _, "depends_on"] => return mappings(named(base, true), named(over, true), path),
        ["services", _, "models" | "networks"] => return mappings(named(base, false), named(over, false), path),
        ["services", _, "logging"] => {
            let (old, new) = (base.get_str("driver"), over.get_str("driver"));
            let apart = matches!((old, new), (Some(old), Some(new)) if old != new);
            return if apart { Ok(over) } else { mappings(base, over, path) };
        }
        ["networks", _, "ipam", "config"] => return address_pools(base, over, path),
        _ => {}
    }
    if over.is_null() {
        return Ok(base);
    }
    match (&base.value, &over.value) {
        (Val::Map(_), Val::Map(_)) => mappings(base, over, path),
        (Val::List(_), Val::List(_)) => {
            let at = over.at;
            let (Val::List(mut list), Val::List(new)) = (base.value, over.value) else {
                return Ok(Item::new(Val::Null, at));
            };
            list.extend(new);
            Ok(Item::new(Val::List(list), at))
        }
        (Val::Map(_) | Val::List(_), _) => Err(Clash {
            at: over.at,
            message: format!("`{}` cannot replace what an earlier file has there", path.join(".")),
        }),
        _ => Ok(over),
    }
}

fn mappings(base: Item, over: Item, path: &mut Vec<String>) -> Result<Item, Clash> {
    let at = if matches!(over.value, Val::Map(_)) { over.at } else { base.at };
    let mut merged = into_map(base);
    for (key, value) in into_map(over) {
        let value = match merged.remove(&key) {
            Some(old) => {
                path.push(key.clone());
                let value = merge(old, value, path)?;
                path.pop();
                value
            }
            None => value,
        };
        merged.insert(key, value);
    }
    Ok(Item::new(Val::Map(merged), at))
}

fn into_map(item: Item) -> Map {
    if let Val::Map(map) = item.value { map } else { Map::new() }
}

// A mapping as a sorted list of `key=value`, a text as a list of one.
fn sequence(item: Item) -> Vec<Item> {
    let at = item.at;
    match item.value {
        Val::List(items) => items,
        Val::Text(text) => vec![Item::text(text, at)],
        Val::Map(map) => {
            let mut list = Vec::new();
            for (key, value) in map {
                match &value.value {
                    Val::Null => list.push(Item::text(key, value.at)),
                    Val::List(items) => {
                        list.extend(items.iter().map(|item| Item::text(format!("{key}={}", item.sprint()), item.at)));
                    }
                    _ => list.push(Item::text(format!("{key}={}", value.sprint()), value.at)),
                }
            }
            list.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            list
        }
        Val::Null | Val::Bool(_) | Val::Int(_) | Val::Float(_) => Vec::new(),
    }
}

fn build(item: Item) -> Item {
    let at = item.at;
    match item.value {
        Val::Text(context) => Item::map([("context", Val::Text(context))], at),
        value => Item::new(value, at),
    }
}

// A list of names as a mapping, for `depends_on` with what a bare name means there.
fn named(item: Item, is_dependency: bool) -> Item {
    let at = item.at;
    let Val::List(items) = item.value else { return item };
    let mut map = Map::new();
    for name in items {
        let value = if is_dependency {
            let started = Val::Text("service_started".to_owned());
            Item::map([("condition", started), ("required", Val::Bool(true))], name.at)
        } else {
            Item::new(Val::Null, name.at)
        };
        if let Some(name) = name.as_str() {
            map.insert(name.to_owned(), value);
        }
    }
    Item::new(Val::Map(map), at)
}

// Pools of the same subnet are merged; others stand beside each other.
fn address_pools(base: Item, over: Item, path: &mut Vec<String>) -> Result<Item, Clash> {
    let at = over.at;
    let (Val::List(old), Val::List(new)) = (base.value, over.value) else {
        return Err(Clash { at, message: format!("`{}` must be a list", path.join(".")) });
    };
    let subnet = |item: &Item| item.get("subnet").map(Item::sprint);
    let mut pools: Vec<Item> = Vec::new();
    for original in old {
        let mut original = original;
        for replacement in &new {
            if subnet(replacement) != subnet(&original) && !pools.iter().any(|pool| subnet(pool) == subnet(replacement))
            {
                pools.push(replacement.clone());
                continue;
            }
            original = mappings(original, replacement.clone(), path)?;
            match pools.iter_mut().find(|pool| subnet(pool) == subnet(&original)) {
                Some(pool) => *pool = original.clone(),
                None => pools.push(original.clone()),
            }
        }
    }
    Ok(Item::new(Val::List(pools), at))
}

/// Of list items that name the same thing, keeps the last one, in the place of the first.
pub(super) fn keep_unique(model: &mut Item) -> Result<(), Clash> {
    unique(model, &mut Vec::new())
}

fn unique(item: &mut Item, path: &mut Vec<String>) -> Result<(), Clash> {
    match &mut item.value {
        Val::Map(map) => {
            for (key, value) in map {
                path.push(key.clone());
                unique(value, path)?;
                path.pop();
            }
        }
        Val::List(items) => {
            let Some(index) = index_of(path) else { return Ok(()) };
            let mut places: BTreeMap<String, usize> = BTreeMap::new();
            let mut kept: Vec<Item> = Vec::new();
            for value in std::mem::take(items) {
                let key = index(&value)?;
                if let Some(earlier) = places.get(&key).and_then(|place| kept.get_mut(*place)) {
                    *earlier = value;
                } else {
                    places.insert(key, kept.len());
                    kept.push(value);
                }
            }
            *items = kept;
        }
        Val::Null | Val::Bool(_) | Val::Int(_) | Val::Float(_) | Val::Text(_) => {}
    }
    Ok(())
}

type Index = fn(&Item) -> Result<String, Clash>;

fn index_of(path: &[String]) -> Option<Index> {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    Some(match keys.as_slice() {
        ["networks", _, "labels"]
        | ["networks", _, "ipam", "options"]
        | [
            "services",
            _,
            "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "environment" | "labels"
            | "links" | "profiles" | "sysctls" | "tmpfs",
        ]
        | ["services", _, "build", "args" | "additional_contexts" | "platform" | "tags" | "labels"]
        | ["services", _, "deploy", "labels"]
        | ["services", _, "networks", _, "aliases" | "link_local_ips"] => by_key,
        ["services", _, "devices"] => by_device,
        ["services", _, "volumes"] => by_target,
        ["services", _, "configs"] => |item| Ok(mount(item, "")),
        ["services", _, "secrets"] => |item| Ok(mount(item, "/run/secrets")),
        ["services", _, "env_file"] => |item| Ok(item.get("path").unwrap_or(item).sprint()),
        ["services", _, "expose"] => |item| Ok(item.sprint()),
        ["services", _, "ports"] => |item| Ok(port(item)),
        _ => return None,
    })
}

fn by_key(item: &Item) -> Result<String, Clash> {
    let Some(text) = item.as_str() else {
        return Err(Clash { at: item.at, message: "must be a string".to_owned() });
    };
    Ok(text.split('=').next().unwrap_or_default().to_owned())
}

fn by_target(item: &Item) -> Result<String, Clash> {
    if let Some(text) = item.as_str() {
        let volume = short::volume(text).map_err(|message| Clash { at: item.at, message })?;
        return Ok(volume.target);
    }
    target(item, "volume")
}

fn by_device(item: &Item) -> Result<String, Clash> {
    if let Some(text) = item.as_str() {
        let parts: Vec<&str> = text.split(':').collect();
        return Ok(parts.get(1).or(parts.first()).copied().unwrap_or_default().to_owned());
    }
    target(item, "device")
}

fn target(item: &Item, what: &str) -> Result<String, Clash> {
    if !matches!(item.value, Val::Map(_)) {
        return Ok(String::new());
    }
    let missing = || Clash { at: item.at, message: format!("the {what} lacks `target`") };
    item.get_str("target").map(ToOwned::to_owned).ok_or_else(missing)
}

fn mount(item: &Item, folder: &str) -> String {
    if let Some(text) = item.as_str() {
        return format!("{folder}/{text}");
    }
    let source = || format!("{folder}/{}", item.get("source").map_or(String::new(), Item::sprint));
    item.get("target").map_or_else(source, Item::sprint)
}

fn port(item: &Item) -> String {
    if !matches!(item.value, Val::Map(_)) {
        return item.sprint();
    }
    let part = |key: &str, default: &str| item.get(key).map_or(default.to_owned(), Item::sprint);
    format!(
        "{}:{}:{}/{}",
        part("host_ip", "0.0.0.0"),
        part("published", "none"),
        part("target", ""),
        part("protocol", "tcp")
    )
}

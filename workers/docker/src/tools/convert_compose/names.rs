//! Names in Kubernetes of what has a name in Compose, and labels.

use crate::support::compose::item::{Item, Val};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The label that ties objects together.
pub(super) const SELECTOR: &str = "io.kompose.service";

/// Labels that carry the name of a service.
pub(super) fn labels(name: &str) -> Value {
    json!({ SELECTOR: name })
}

/// A name in small letters, with dashes for dots and underscores.
pub(super) fn service_name(name: &str) -> String {
    name.to_lowercase().replace(['.', '_'], "-")
}

/// A name in small letters, with dashes for underscores.
pub(super) fn resource_name(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// The name of a file without its folder, with dashes for underscores.
pub(super) fn file_name(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().replace('_', "-")
}

/// The name of the config map of an environment file.
pub(super) fn env_name(path: &str, service: &str) -> String {
    let trimmed = path.trim_matches(['.', '/']);
    let name: String = trimmed.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = if name.starts_with('-') || name.is_empty() { format!("{service}{name}") } else { name };
    name.chars().take(63).collect()
}

/// Keys and values of a mapping or of a list of `key=value`.
pub(super) fn pairs(item: Option<&Item>) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    match item.map(|item| &item.value) {
        Some(Val::Map(map)) => {
            pairs.extend(
                map.iter()
                    .map(|(key, value)| (key.clone(), if value.is_null() { String::new() } else { value.sprint() })),
            );
        }
        Some(Val::List(items)) => pairs.extend(items.iter().map(|item| {
            let text = item.sprint();
            let (key, value) = text.split_once('=').unwrap_or((text.as_str(), ""));
            (key.to_owned(), value.to_owned())
        })),
        _ => {}
    }
    pairs
}

/// Takes out of an object what is null or empty, deeply; `keep` names keys whose empty objects say something.
pub(super) fn prune(value: &mut Value, keep: &[&str]) {
    match value {
        Value::Object(map) => {
            let mut kept = Map::new();
            for (key, mut value) in std::mem::take(map) {
                prune(&mut value, keep);
                let is_empty = match &value {
                    Value::Null => true,
                    Value::Object(map) => map.is_empty() && !keep.contains(&key.as_str()),
                    Value::Array(items) => items.is_empty(),
                    Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
                };
                if !is_empty {
                    kept.insert(key, value);
                }
            }
            *map = kept;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| prune(item, keep)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

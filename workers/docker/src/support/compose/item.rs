//! Values of a Compose model while it is merged: like YAML nodes, but keys sorted and each value with its file.

use crate::support::yaml::{Node, Value};
use std::collections::BTreeMap;

/// A place in one of the files of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Index of the file in the call.
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
}

/// A value and where it was written; of an entry of a mapping, where its key was.
#[derive(Debug, Clone)]
pub struct Item {
    /// The value.
    pub value: Val,
    /// Where.
    pub at: Place,
}

/// A mapping.
pub type Map = BTreeMap<String, Item>;

/// A value.
#[derive(Debug, Clone)]
pub enum Val {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Item>),
    /// A mapping.
    Map(Map),
}

impl Item {
    /// A value at a place.
    pub fn new(value: Val, at: Place) -> Self {
        Self { value, at }
    }

    /// A text at a place.
    pub fn text(text: impl Into<String>, at: Place) -> Self {
        Self::new(Val::Text(text.into()), at)
    }

    /// A mapping of these entries, all at a place.
    pub fn map<const N: usize>(entries: [(&str, Val); N], at: Place) -> Self {
        let map = entries.into_iter().map(|(key, value)| (key.to_owned(), Self::new(value, at))).collect();
        Self::new(Val::Map(map), at)
    }

    /// The text of a text.
    pub fn as_str(&self) -> Option<&str> {
        if let Val::Text(text) = &self.value { Some(text) } else { None }
    }

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        if let Val::Bool(value) = self.value { Some(value) } else { None }
    }

    /// The entries of a mapping.
    pub fn as_map(&self) -> Option<&Map> {
        if let Val::Map(map) = &self.value { Some(map) } else { None }
    }

    /// The entries of a mapping, to change them.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        if let Val::Map(map) = &mut self.value { Some(map) } else { None }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        if let Val::List(items) = &self.value { items } else { &[] }
    }

    /// The value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The text of a key of a mapping.
    pub fn get_str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Val::Null)
    }

    /// As Go's `fmt.Sprint` prints it.
    pub fn sprint(&self) -> String {
        match &self.value {
            Val::Null => "<nil>".to_owned(),
            Val::Bool(value) => value.to_string(),
            Val::Int(value) => value.to_string(),
            Val::Float(value) => print_float(*value, 21),
            Val::Text(text) => text.clone(),
            Val::List(items) => format!("[{}]", items.iter().map(Self::sprint).collect::<Vec<_>>().join(" ")),
            Val::Map(map) => {
                let entries: Vec<String> = map.iter().map(|(key, value)| format!("{key}:{}", value.sprint())).collect();
                format!("map[{}]", entries.join(" "))
            }
        }
    }

    /// Whether two values are the same, wherever they stand.
    pub fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Val::Null, Val::Null) => true,
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Int(a), Val::Int(b)) => a == b,
            (Val::Float(a), Val::Float(b)) => a.to_bits() == b.to_bits(),
            (Val::Text(a), Val::Text(b)) => a == b,
            (Val::List(a), Val::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Val::Map(a), Val::Map(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((ka, a), (kb, b))| ka == kb && a.same(b))
            }
            _ => false,
        }
    }
}

/// A float as Go prints it with the shortest digits: plain, or with an exponent from 10^`limit` on and below 10^-4.
pub fn print_float(value: f64, limit: i32) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if exponent < -4 || exponent >= limit {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}

/// What a document holds, and which of its values are tagged to replace what earlier files say.
#[derive(Debug, Default)]
pub struct Taken {
    /// Paths tagged `!reset` or `!override`.
    pub resets: Vec<Vec<String>>,
    /// Keys that are no texts.
    pub odd_keys: Vec<Place>,
}

impl Taken {
    /// Makes a node of a file an item. Values tagged `!reset` are left out.
    pub fn item(&mut self, node: &Node, file: usize, path: &mut Vec<String>) -> Option<Item> {
        let at = Place { file, start: node.span.start, end: node.span.end };
        match node.tag.as_deref() {
            Some("!reset") => {
                self.resets.push(path.clone());
                return None;
            }
            Some("!override") => self.resets.push(path.clone()),
            _ => {}
        }
        let value = match &node.value {
            Value::Null => Val::Null,
            Value::Bool(value) => Val::Bool(*value),
            Value::Int(value) => Val::Int(*value),
            Value::Float(value) => Val::Float(*value),
            Value::Text(text) => Val::Text(text.clone()),
            Value::Sequence(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    list.extend(self.item(item, file, path));
                    path.pop();
                }
                Val::List(list)
            }
            Value::Mapping(entries) => {
                let mut map = Map::new();
                for entry in entries {
                    let place = Place { file, start: entry.key.span.start, end: entry.key.span.end };
                    let Some(key) = entry.key.as_str() else {
                        self.odd_keys.push(place);
                        continue;
                    };
                    path.push(key.to_owned());
                    if let Some(mut item) = self.item(&entry.value, file, path) {
                        if matches!(item.value, Val::List(_) | Val::Map(_) | Val::Null) {
                            item.at = place;
                        }
                        map.insert(key.to_owned(), item);
                    }
                    path.pop();
                }
                Val::Map(map)
            }
        };
        Some(Item { value, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_go_prints_them() {
        for (value, text) in
            [(1.5, "1.5"), (1e20, "100000000000000000000"), (1e21, "1e+21"), (1e-5, "1e-05"), (2.0, "2")]
        {
            assert_eq!(print_float(value, 21), text);
        }
    }
}

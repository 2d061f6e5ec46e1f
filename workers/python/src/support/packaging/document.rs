//! TOML and JSON as one tree, with the place of every key and value of TOML.
//!
//! Members stand in the order of the text. JSON has no places here: its locks are written by programs.

use octavo_toolkit::limits::excerpt;
use serde_json::Value as Json;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Most parts of a dotted key; people write five. The parser makes a table of each, and a wasm stack is small.
pub const MAX_KEY_PARTS: usize = 64;

/// A value and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where.
    pub span: Range<usize>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A number as it is written.
    Number(String),
    /// A boolean.
    Bool(bool),
    /// A date or time as TOML writes it.
    Date(String),
    /// JSON's `null`.
    Null,
    /// An array.
    List(Vec<Node>),
    /// A table.
    Table(Vec<Entry>),
}

/// A member of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Range<usize>,
    /// Its value.
    pub node: Node,
}

/// Why a text could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In words.
    pub message: String,
    /// Where, if the reader says so.
    pub span: Option<Range<usize>>,
}

impl Node {
    /// The member of a table.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The member of a table, with its key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// What a path of keys leads to.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The members, of a table.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Null | Value::List(_) => &[],
        }
    }

    /// The items, of a list.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Null | Value::Table(_) => &[],
        }
    }

    /// The text, of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Null | Value::List(_) | Value::Table(_) => None,
        }
    }

    /// The text of a member that is a string.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    /// The strings of a list, or the string alone.
    pub fn texts(&self) -> Vec<&str> {
        match self.text() {
            Some(text) => vec![text],
            None => self.items().iter().filter_map(Self::text).collect(),
        }
    }

    /// The boolean.
    pub fn bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            Value::Text(_) | Value::Number(_) | Value::Date(_) | Value::Null | Value::List(_) | Value::Table(_) => None,
        }
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.value, Value::Table(_))
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a string",
            Value::Number(_) => "a number",
            Value::Bool(_) => "a boolean",
            Value::Date(_) => "a date",
            Value::Null => "null",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Reads TOML; what could be read, and the first faults.
pub fn parse_toml(text: &str) -> (Node, Vec<Fault>) {
    let empty = Node { value: Value::Table(Vec::new()), span: 0..0 };
    if let Some(at) = deep_key(text) {
        let message = format!("a key has more than {MAX_KEY_PARTS} parts");
        return (empty, vec![Fault { message, span: Some(at..at + 1) }]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let span = table.span();
    let node = Node { value: table_of(table.into_inner()), span };
    let faults = errors.iter().map(|error| Fault { message: excerpt(error.message()), span: error.span() }).collect();
    (node, faults)
}

fn table_of(table: DeTable<'_>) -> Value {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry { key_span: key.span(), key: key.into_inner().into_owned(), node: node_of(value) })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    Value::Table(entries)
}

fn node_of(value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => Value::Number(number.as_str().to_owned()),
        DeValue::Float(number) => Value::Number(number.as_str().to_owned()),
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(items.into_iter().map(node_of).collect()),
        DeValue::Table(table) => table_of(table),
    };
    Node { value, span }
}

/// Reads JSON; `serde_json` refuses what nests deeper than 128.
pub fn parse_json(text: &str) -> Result<Node, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_str(text) {
        Ok(value) => Ok(json_node(value)),
        Err(error) => {
            let line = text.split('\n').take(error.line().saturating_sub(1)).map(|line| line.len() + 1).sum::<usize>();
            let at = (line + error.column().saturating_sub(1)).min(text.len());
            Err(Fault { message: excerpt(&error.to_string()), span: Some(at..at) })
        }
    }
}

fn json_node(value: Json) -> Node {
    let value = match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Number(number.to_string()),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(json_node).collect()),
        Json::Object(members) => Value::Table(
            members.into_iter().map(|(key, value)| Entry { key, key_span: 0..0, node: json_node(value) }).collect(),
        ),
    };
    Node { value, span: 0..0 }
}

// Where a key has more parts than any that people write: dots outside of strings and comments, without an end of a key
// between them.
fn deep_key(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut dots = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                let triple = [*byte; 3];
                let rest = bytes.get(at..).unwrap_or_default();
                let quotes = if rest.starts_with(&triple) { 3 } else { 1 };
                let mut end = at + quotes;
                while let Some(inner) = bytes.get(end) {
                    if *byte == b'"' && *inner == b'\\' {
                        end += 2;
                        continue;
                    }
                    let rest = bytes.get(end..).unwrap_or_default();
                    if rest.starts_with(triple.get(..quotes).unwrap_or_default()) || (quotes == 1 && *inner == b'\n') {
                        break;
                    }
                    end += 1;
                }
                at = end + quotes;
                continue;
            }
            b'#' => {
                at += bytes.get(at..).unwrap_or_default().iter().take_while(|byte| **byte != b'\n').count();
                continue;
            }
            b'.' => {
                dots += 1;
                if dots >= MAX_KEY_PARTS {
                    return Some(at);
                }
            }
            b'=' | b'\n' | b',' | b'{' | b'}' | b'[' | b']' => dots = 0,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where a place inside a string of TOML lies in the text: exact where the string is written without escapes, else the whole
/// string.
pub fn inside(source: &str, node: &Node, inner: &Range<usize>) -> Range<usize> {
    let Some(text) = node.text() else { return node.span.clone() };
    let written = source.get(node.span.clone()).unwrap_or_default();
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        let plain = written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if plain == Some(text) {
            let start = node.span.start + quote.len();
            return start + inner.start..start + inner.end.max(inner.start);
        }
    }
    node.span.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_keeps_order_and_places() {
        let text = "[b]\nz = \"one\"\na = [1, 'two']\n[a]\nx.y = true\n";
        let (node, faults) = parse_toml(text);
        assert!(faults.is_empty());
        assert_eq!(node.entries().iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        let one = node.at(&["b", "z"]).expect("a member");
        assert_eq!(text.get(inside(text, one, &(1..3))), Some("ne"));
        assert_eq!(node.at(&["a", "x", "y"]).and_then(Node::bool), Some(true));
    }

    #[test]
    fn faults_have_places_and_the_rest_is_read() {
        let (node, faults) = parse_toml("a = 1\nb = = 2\nc = 3\n");
        assert!(node.get("c").is_some());
        assert_eq!(faults.first().and_then(|fault| fault.span.clone()).map(|span| span.start > 5), Some(true));
        assert!(parse_json("{").is_err());
    }

    #[test]
    fn key_parts_are_limited_at_their_edge() {
        let key = |parts: usize| format!("{} = 1", vec!["a"; parts].join("."));
        assert!(parse_toml(&key(MAX_KEY_PARTS)).1.is_empty());
        assert!(!parse_toml(&key(MAX_KEY_PARTS + 1)).1.is_empty());
        assert!(parse_toml(&format!("a = '{}'", ".".repeat(500))).1.is_empty());
    }
}

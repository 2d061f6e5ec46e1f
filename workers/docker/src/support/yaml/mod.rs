//! YAML as Kubernetes and Compose read it: documents, each a tree of nodes that know their place.
//!
//! Owns events to tree (anchors, merge keys, duplicate keys, limits), what plain words mean, and the tree itself. The events
//! come from `saphyr-parser`. Never fails: what cannot be read is a [`Problem`], and reading goes on at the next `---`.
//! Knows nothing of manifests.

mod load;
mod scalar;
mod write;

pub use load::load;
pub use write::write;

use std::borrow::Cow;
use std::ops::Range;

/// Deepest nesting of a document, aliases followed: what the recursive readers of the category can walk on a small stack.
pub const MAX_DEPTH: usize = 200;

/// Most nodes that aliases may add to a file. Real files repeat a few hundred; a "billion laughs" file wants 10^9.
pub const MAX_ALIASED_NODES: usize = 50_000;

/// Most nodes read of a file; the rest is a problem. A megabyte of manifests has some 60,000.
pub const MAX_NODES: usize = 1_000_000;

/// Whose reading of plain words and merge keys counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `sigs.k8s.io/yaml`: `yes`, `on` and `y` are true; a later merge key replaces an earlier key.
    Kubernetes,
    /// compose-go: only `true` and `false` are booleans; keys that are written win over merged ones wherever they stand.
    Compose,
}

/// Everything read of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stream {
    /// The documents in order; an empty one is null. Documents that could not be read are left out.
    pub documents: Vec<Document>,
    /// What is wrong with the text, in order.
    pub problems: Vec<Problem>,
}

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it holds.
    pub root: Node,
    /// Whether it starts with `---`.
    pub explicit: bool,
}

/// Something that is wrong with a text as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of thing.
    pub kind: ProblemKind,
    /// Bytes of the source.
    pub span: Range<usize>,
    /// What, in one sentence fragment.
    pub message: String,
}

/// The sorts of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// Not YAML; the document is left out.
    Syntax,
    /// A key stands twice in a mapping; the last one is kept.
    DuplicateKey,
    /// A limit was met ([`MAX_DEPTH`], [`MAX_ALIASED_NODES`], [`MAX_NODES`]); the document is left out.
    Limit,
    /// An alias, merge key or tag that has no meaning here; null stands in its place.
    Meaning,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Bytes of the source; of an aliased value, where it was written first.
    pub span: Range<usize>,
    /// A tag that is not YAML's own, with its `!`, such as `!reset`.
    pub tag: Option<Box<str>>,
    /// Text as written, where the value is a scalar but no text: `0x1F`, `1.10`, `yes`.
    pub raw: Option<Box<str>>,
}

/// A YAML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number of 64 bits, signed or not.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// A text; dates are texts too.
    Text(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in order, each key once.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key, of any type.
    pub key: Node,
    /// The value.
    pub value: Node,
    /// Whether a merge key (`<<`) brought it.
    pub merged: bool,
}

impl Entry {
    /// The key as text, as JSON would have it.
    pub fn name(&self) -> Cow<'_, str> {
        self.key.scalar_text().unwrap_or(Cow::Borrowed(""))
    }
}

impl Node {
    /// A node of that value without a place of its own.
    pub fn new(value: Value, span: Range<usize>) -> Self {
        Self { value, span, tag: None, raw: None }
    }

    /// The value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.name() == key)
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        if let Value::Mapping(entries) = &self.value { entries } else { &[] }
    }

    /// The items of a sequence; none of anything else.
    pub fn items(&self) -> &[Self] {
        if let Value::Sequence(items) = &self.value { items } else { &[] }
    }

    /// The text of a text.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self.value { Some(value) } else { None }
    }

    /// A whole number; one that is written as a float but has no fraction counts.
    #[expect(clippy::cast_possible_truncation, clippy::float_cmp, reason = "checked to be whole and in range")]
    pub fn as_int(&self) -> Option<i128> {
        match self.value {
            Value::Int(value) => Some(value),
            Value::Float(value) if value.trunc() == value && value.abs() < 9e15 => Some(value as i128),
            Value::Null
            | Value::Bool(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Sequence(_)
            | Value::Mapping(_) => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// Whether it is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Mapping(_))
    }

    /// Whether it is a sequence.
    pub fn is_sequence(&self) -> bool {
        matches!(self.value, Value::Sequence(_))
    }

    /// A scalar as text: texts as they are, numbers and booleans in their shortest form; `None` for null and collections.
    pub fn scalar_text(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Value::Int(value) => Some(Cow::Owned(value.to_string())),
            Value::Float(value) => Some(Cow::Owned(value.to_string())),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// What sort of value it is, with its article.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a number",
            Value::Text(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

#[cfg(test)]
mod tests;

//! JSON with positions: every value and every key knows where it stands in the text.
//!
//! Reads strict JSON (RFC 8259) after an optional byte order mark, the way npm reads a package.json. Members keep the
//! order of the text; of members with equal keys the last wins, as in JavaScript. Nesting is limited, so that callers may
//! recurse over a value without a guard of their own. The words of JSON are read by [`super::json_stream`].

use crate::support::json_stream::{self, Reader};
use octavo_toolkit::limits::MAX_NESTING_DEPTH;
use std::collections::BTreeMap;
use std::ops::Range;

/// A value and its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its byte span, quotes and brackets included.
    pub span: Range<usize>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string, unescaped; a lone surrogate becomes U+FFFD.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object.
    Object(Object),
}

/// The members of an object, in the order of the text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    members: Vec<Member>,
    by_key: BTreeMap<String, usize>,
    repeats_keys: bool,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key, unescaped.
    pub key: String,
    /// The key's byte span, quotes included.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Node,
}

/// Where and why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// Byte offset at which reading stopped.
    pub at: usize,
    /// What was expected there, a noun phrase.
    pub expected: &'static str,
}

impl Object {
    /// The members, in the order of the text.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member with this key.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.position(key).and_then(|at| self.members.get(at))
    }

    /// The value with this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.value)
    }

    /// How many members stand before the one with this key.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// Whether it has a member with this key.
    pub fn has(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// Whether the text gives a key twice; then a member may stand elsewhere than between its neighbours.
    pub fn repeats_keys(&self) -> bool {
        self.repeats_keys
    }

    // An earlier member with the same key gives up its value, not its place in the order.
    pub(crate) fn insert(&mut self, member: Member) {
        if let Some(earlier) = self.by_key.get(&member.key).and_then(|at| self.members.get_mut(*at)) {
            *earlier = member;
            self.repeats_keys = true;
        } else {
            self.by_key.insert(member.key.clone(), self.members.len());
            self.members.push(member);
        }
    }
}

impl Node {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) | Kind::Object(_) => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Array(_) => None,
        }
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Object(_) => None,
        }
    }

    /// The value with this key, when it is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_object().and_then(|object| object.get(key))
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// Whether JavaScript takes it for true in a condition.
    pub fn is_truthy(&self) -> bool {
        match &self.kind {
            Kind::Null | Kind::Bool(false) => false,
            Kind::Number(number) => *number != 0.0,
            Kind::String(text) => !text.is_empty(),
            Kind::Bool(true) | Kind::Array(_) | Kind::Object(_) => true,
        }
    }

    /// What kind of value it is, in JSON's words.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }
}

/// Reads a text as one JSON value.
pub fn parse(text: &str) -> Result<Node, JsonError> {
    let mut reader = Reader::new(text);
    let node = value(&mut reader, 0)?;
    reader.end()?;
    Ok(node)
}

fn value(reader: &mut Reader<'_>, depth: usize) -> Result<Node, JsonError> {
    let start = reader.offset();
    if depth > MAX_NESTING_DEPTH {
        return Err(reader.error("less nesting"));
    }
    let kind = match reader.kind()? {
        json_stream::Kind::Object => Kind::Object(object(reader, depth)?),
        json_stream::Kind::Array => Kind::Array(array(reader, depth)?),
        json_stream::Kind::String => Kind::String(reader.string()?.into_owned()),
        json_stream::Kind::Number => {
            let digits = reader.number_text()?;
            Kind::Number(digits.parse().map_err(|_| reader.error("a number"))?)
        }
        json_stream::Kind::Bool => Kind::Bool(reader.is_true()?),
        json_stream::Kind::Null => {
            reader.skip()?;
            Kind::Null
        }
    };
    Ok(Node { kind, span: start..reader.position() })
}

fn object(reader: &mut Reader<'_>, depth: usize) -> Result<Object, JsonError> {
    let mut object = Object::default();
    reader.begin_object()?;
    while let Some((key, key_span)) = reader.next_key()? {
        let value = value(reader, depth + 1)?;
        object.insert(Member { key: key.into_owned(), key_span, value });
    }
    Ok(object)
}

fn array(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<Node>, JsonError> {
    let mut items = Vec::new();
    reader.begin_array()?;
    while reader.next_item()? {
        items.push(value(reader, depth + 1)?);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_keys_know_their_place() {
        let text = "\u{feff}{ \"a\": [1, \"\\u00e9x\"],\r\n \"b\" : null }";
        let root = parse(text).expect("JSON");
        let object = root.as_object().expect("object");
        let a = object.member("a").expect("a");
        assert_eq!(&text[a.key_span.clone()], "\"a\"");
        assert_eq!(&text[a.value.span.clone()], "[1, \"\\u00e9x\"]");
        assert_eq!(a.value.as_array().and_then(|items| items[1].as_str()), Some("\u{e9}x"));
        assert!(object.get("b").is_some_and(Node::is_null));
        assert_eq!(object.position("b"), Some(1));
    }

    #[test]
    fn the_last_of_equal_keys_wins_in_the_first_place() {
        let root = parse(r#"{"a":1,"b":2,"a":"x"}"#).expect("JSON");
        let keys: Vec<_> = root.as_object().expect("object").members().iter().map(|m| m.key.as_str()).collect();
        assert_eq!(keys, ["a", "b"]);
        assert!(root.as_object().is_some_and(Object::repeats_keys));
        assert_eq!(root.get("a").and_then(Node::as_str), Some("x"));
    }

    #[test]
    fn names_what_was_expected() {
        for (text, at, expected) in [
            ("", 0, "a value"),
            ("{", 1, "a key in double quotes"),
            ("{\"a\" 1}", 5, "a colon"),
            ("[1,]", 3, "a value"),
            ("[1 2]", 3, "a comma or a closing bracket"),
            ("{\"a\":1,}", 7, "a key in double quotes"),
            ("\"a", 2, "a closing quote"),
            ("\"\n\"", 1, "a string without control characters"),
            ("\"\\u12\"", 3, "four hexadecimal digits"),
            ("\"\\x\"", 2, "an escape"),
            ("01", 1, "the end of the text"),
            ("-", 1, "a digit"),
            ("1.e", 2, "a digit"),
            ("nul", 0, "a value"),
        ] {
            assert_eq!(parse(text), Err(JsonError { at, expected }), "{text}");
        }
    }

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        let text = |json: &str| parse(json).expect("JSON").as_str().expect("string").to_owned();
        assert_eq!(text(r#""\ud83d\ude00""#), "\u{1f600}");
        assert_eq!(text(r#""\ud83dx""#), "\u{fffd}x");
        assert_eq!(text(r#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(text(r#""\udc00""#), "\u{fffd}");
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(MAX_NESTING_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_NESTING_DEPTH + 1)).map_err(|e| e.expected), Err("less nesting"));
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}

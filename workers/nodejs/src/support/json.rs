//! JSON with positions: every value and every key knows where it stands in the text.
//!
//! Reads strict JSON (RFC 8259) after an optional byte order mark, the way npm reads a package.json. Members keep the
//! order of the text; of members with equal keys the last wins, as in JavaScript. Nesting is limited, so that callers may
//! recurse over a value without a guard of their own.

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
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, at: start };
    reader.skip_space();
    let node = reader.value(0)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.error("the end of the text")) } else { Ok(node) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&self, expected: &'static str) -> JsonError {
        JsonError { at: self.at, expected }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Node, JsonError> {
        if depth > MAX_NESTING_DEPTH {
            return Err(self.error("less nesting"));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object(self.object(depth)?),
            Some(b'[') => Kind::Array(self.array(depth)?),
            Some(b'"') => Kind::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Kind::Number(self.number()?),
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(self.error("a value")),
        };
        Ok(Node { kind, span: start..self.at })
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, JsonError> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(kind);
        }
        Err(self.error("a value"))
    }

    fn object(&mut self, depth: usize) -> Result<Object, JsonError> {
        let mut object = Object::default();
        self.at += 1;
        self.skip_space();
        if self.eat(b'}') {
            return Ok(object);
        }
        loop {
            self.skip_space();
            let key_start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("a key in double quotes"));
            }
            let key = self.string()?;
            let key_span = key_start..self.at;
            self.skip_space();
            if !self.eat(b':') {
                return Err(self.error("a colon"));
            }
            self.skip_space();
            let value = self.value(depth + 1)?;
            object.insert(Member { key, key_span, value });
            self.skip_space();
            if self.eat(b'}') {
                return Ok(object);
            }
            if !self.eat(b',') {
                return Err(self.error("a comma or a closing brace"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node>, JsonError> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.eat(b']') {
            return Ok(items);
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.eat(b']') {
                return Ok(items);
            }
            if !self.eat(b',') {
                return Err(self.error("a comma or a closing bracket"));
            }
        }
    }

    fn number(&mut self) -> Result<f64, JsonError> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(self.error("a digit"));
        }
        if self.eat(b'.') && self.digits() == 0 {
            return Err(self.error("a digit"));
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                return Err(self.error("a digit"));
            }
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        digits.parse().map_err(|_| self.error("a number"))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut text = String::new();
        let mut plain = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    text.push_str(self.text.get(plain..self.at).unwrap_or_default());
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    text.push_str(self.text.get(plain..self.at).unwrap_or_default());
                    self.at += 1;
                    text.push(self.escape()?);
                    plain = self.at;
                }
                Some(0..0x20) => return Err(self.error("a string without control characters")),
                Some(_) => self.at += 1,
                None => return Err(self.error("a closing quote")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.error("an escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let high = self.hex()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after_high = self.at;
        if self.eat(b'\\') && self.eat(b'u') {
            let low = self.hex()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        self.at = after_high;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.error("four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
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

//! JSON read piece by piece, without keeping it: for documents of many megabytes.
//!
//! A reader walks the text once and copies nothing that has no escapes. Whoever reads decides what is kept; the rest is
//! skipped without recursion, so nesting costs no stack. [`tree`] does the same for nodes within nodes. What the reader
//! refuses it names with its place, as [`super::json`] does.

use crate::support::json::JsonError;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
}

/// A key, and its byte span with the quotes.
pub type Key<'a> = (Cow<'a, str>, Range<usize>);

/// A place in a JSON text.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    // Whether a bracket was opened last, so that no comma is due.
    fresh: bool,
}

impl<'a> Reader<'a> {
    /// At the start of a text, after an optional byte order mark.
    pub fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, fresh: false }
    }

    /// Byte offset of the next value.
    pub fn offset(&mut self) -> usize {
        self.skip_space();
        self.at
    }

    /// Byte offset behind what was read last.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// Refuses what stands here.
    pub fn error(&self, expected: &'static str) -> JsonError {
        JsonError { at: self.at, expected }
    }

    /// Refuses anything but space after the value.
    pub fn end(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        if self.at < self.text.len() { Err(self.error("the end of the text")) } else { Ok(()) }
    }

    /// What comes next.
    pub fn kind(&mut self) -> Result<Kind, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.error("a value")),
        }
    }

    /// Enters an object; [`next_member`](Self::next_member) goes on.
    pub fn begin_object(&mut self) -> Result<(), JsonError> {
        self.open(b'{', "an object")
    }

    /// Enters an array; [`next_item`](Self::next_item) goes on.
    pub fn begin_array(&mut self) -> Result<(), JsonError> {
        self.open(b'[', "an array")
    }

    /// The next key of the object that was entered; its value must be read next. Nothing when the object ends here.
    pub fn next_member(&mut self) -> Result<Option<Cow<'a, str>>, JsonError> {
        Ok(self.next_key()?.map(|(key, _)| key))
    }

    /// The same with the key's byte span.
    pub fn next_key(&mut self) -> Result<Option<Key<'a>>, JsonError> {
        if !self.go_on(b'}', "a comma or a closing brace")? {
            return Ok(None);
        }
        self.skip_space();
        if self.peek() != Some(b'"') {
            return Err(self.error("a key in double quotes"));
        }
        let start = self.at;
        let key = self.string()?;
        let span = start..self.at;
        self.skip_space();
        if !self.eat(b':') {
            return Err(self.error("a colon"));
        }
        Ok(Some((key, span)))
    }

    /// Whether the array that was entered has another item, which must be read next.
    pub fn next_item(&mut self) -> Result<bool, JsonError> {
        self.go_on(b']', "a comma or a closing bracket")
    }

    /// Reads an object, member by member; what `each` does not know it must [`skip`](Self::skip).
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, &str) -> Result<(), JsonError>) -> Result<(), JsonError> {
        self.begin_object()?;
        while let Some(key) = self.next_member()? {
            each(self, &key)?;
        }
        Ok(())
    }

    /// Reads an array, item by item.
    pub fn array(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), JsonError>) -> Result<(), JsonError> {
        self.begin_array()?;
        while self.next_item()? {
            each(self)?;
        }
        Ok(())
    }

    /// Reads a string; a lone surrogate becomes U+FFFD.
    pub fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.skip_space();
        if !self.eat(b'"') {
            return Err(self.error("a string"));
        }
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let text = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(Cow::Borrowed(text));
                }
                Some(b'\\') => return self.escaped(start).map(Cow::Owned),
                Some(0..0x20) => return Err(self.error("a string without control characters")),
                Some(_) => self.at += 1,
                None => return Err(self.error("a closing quote")),
            }
        }
    }

    /// Reads a string, and anything else as nothing.
    pub fn string_or_skip(&mut self) -> Result<Option<Cow<'a, str>>, JsonError> {
        if self.kind()? == Kind::String { self.string().map(Some) } else { self.skip().map(|()| None) }
    }

    /// Reads a number.
    pub fn number(&mut self) -> Result<f64, JsonError> {
        self.skip_space();
        let start = self.at;
        // Most numbers of large documents are short and whole.
        let mut whole: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if self.at - start >= 15 {
                break;
            }
            whole = whole * 10 + u64::from(digit - b'0');
            self.at += 1;
        }
        let leads_with_zero = self.at > start + 1 && self.text.as_bytes().get(start) == Some(&b'0');
        let goes_on = matches!(self.peek(), Some(b'0'..=b'9' | b'.' | b'e' | b'E'));
        if self.at > start && !goes_on && !leads_with_zero {
            #[expect(clippy::cast_precision_loss, reason = "fifteen digits are exact in a double")]
            return Ok(whole as f64);
        }
        self.at = start;
        self.slow_number()
    }

    /// Reads a number or a string that holds one, as 64-bit integers are written; anything else is nothing.
    pub fn lenient_number(&mut self) -> Result<Option<f64>, JsonError> {
        match self.kind()? {
            Kind::Number => self.number().map(Some),
            Kind::String => Ok(self.string()?.trim().parse().ok().filter(|number: &f64| number.is_finite())),
            Kind::Object | Kind::Array | Kind::Bool | Kind::Null => self.skip().map(|()| None),
        }
    }

    /// Reads `true` or `false`; anything else is false.
    pub fn is_true(&mut self) -> Result<bool, JsonError> {
        let is_true = self.kind()? == Kind::Bool && self.peek() == Some(b't');
        self.skip()?;
        Ok(is_true)
    }

    /// Passes over a value, however deep it nests.
    pub fn skip(&mut self) -> Result<(), JsonError> {
        self.raw().map(|_| ())
    }

    /// Passes over a value and gives its text.
    pub fn raw(&mut self) -> Result<&'a str, JsonError> {
        self.skip_space();
        let start = self.at;
        // The brackets that are open, a bit each: whether it is an object.
        let mut open: Vec<bool> = Vec::new();
        loop {
            let opened = match self.kind()? {
                Kind::Object => Some(true),
                Kind::Array => Some(false),
                Kind::String => self.string().map(|_| None)?,
                Kind::Number => self.number().map(|_| None)?,
                Kind::Bool if self.peek() == Some(b't') => self.word("true").map(|()| None)?,
                Kind::Bool => self.word("false").map(|()| None)?,
                Kind::Null => self.word("null").map(|()| None)?,
            };
            if let Some(is_object) = opened {
                if is_object {
                    self.begin_object()?;
                } else {
                    self.begin_array()?;
                }
                open.push(is_object);
            }
            // On to the next value, closing what ends.
            loop {
                let Some(is_object) = open.last().copied() else {
                    return Ok(self.text.get(start..self.at).unwrap_or_default());
                };
                let goes_on = if is_object { self.next_member()?.is_some() } else { self.next_item()? };
                if goes_on {
                    break;
                }
                open.pop();
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
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

    fn open(&mut self, bracket: u8, expected: &'static str) -> Result<(), JsonError> {
        self.skip_space();
        if !self.eat(bracket) {
            return Err(self.error(expected));
        }
        self.fresh = true;
        Ok(())
    }

    fn go_on(&mut self, closing: u8, expected: &'static str) -> Result<bool, JsonError> {
        self.skip_space();
        let first = std::mem::take(&mut self.fresh);
        if self.eat(closing) {
            return Ok(false);
        }
        if first || self.eat(b',') { Ok(true) } else { Err(self.error(expected)) }
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.error("a value"))
    }

    fn slow_number(&mut self) -> Result<f64, JsonError> {
        let number = self.number_text()?.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.error("a number within range"))
    }

    /// Reads a number as it is written, whatever its range.
    pub fn number_text(&mut self) -> Result<&'a str, JsonError> {
        self.skip_space();
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(self.error(if self.at == start { "a number" } else { "a digit" }));
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
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    // The rest of a string whose first escape is here.
    fn escaped(&mut self, start: usize) -> Result<String, JsonError> {
        let mut text = self.text.get(start..self.at).unwrap_or_default().to_owned();
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

/// Reads an object whose member `children` is an array of such objects, however deep: `open` makes a node under its parent,
/// `member` reads each other member into it.
pub fn tree<'a>(
    reader: &mut Reader<'a>,
    children: &str,
    mut open: impl FnMut(Option<usize>) -> usize,
    mut member: impl FnMut(&mut Reader<'a>, usize, &str) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    let mut path = vec![open(None)];
    reader.begin_object()?;
    while let Some(node) = path.last().copied() {
        let Some(key) = reader.next_member()? else {
            path.pop();
            // Back in the parent's list.
            if let Some(parent) = path.last().copied()
                && reader.next_item()?
            {
                path.push(open(Some(parent)));
                reader.begin_object()?;
            }
            continue;
        };
        if key == children && reader.kind()? == Kind::Array {
            reader.begin_array()?;
            if reader.next_item()? {
                path.push(open(Some(node)));
                reader.begin_object()?;
            }
        } else {
            member(reader, node, &key)?;
        }
    }
    Ok(())
}

/// A JSON value as `JSON.stringify` writes what `JSON.parse` read, so that equal values have equal texts.
pub fn stringify(raw: &str) -> String {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(raw) else { return raw.to_owned() };
    let mut text = String::new();
    write_value(&value, &mut text);
    text
}

fn write_value(value: &serde_json::Value, text: &mut String) {
    match value {
        serde_json::Value::Number(number) => match number.as_f64() {
            Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => {
                let _ = write!(text, "{whole:.0}");
            }
            _ => text.push_str(&number.to_string()),
        },
        serde_json::Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "," });
                write_value(item, text);
            }
            text.push(']');
        }
        serde_json::Value::Object(members) => {
            text.push('{');
            for (at, (key, member)) in members.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "," });
                let _ = write!(text, "{}:", serde_json::Value::String(key.clone()));
                write_value(member, text);
            }
            text.push('}');
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_asked_and_skips_the_rest() {
        let text = " {\"a\": [1, -2.5e1, 0], \"skip\": {\"deep\": [[{}, \"\\u00e9\"]]}, \"b\": \"x\\n\", \"t\": true }";
        let mut reader = Reader::new(text);
        let (mut numbers, mut string, mut truth) = (Vec::new(), String::new(), false);
        reader
            .object(|reader, key| match key {
                "a" => reader.array(|reader| reader.number().map(|number| numbers.push(number))),
                "b" => reader.string().map(|text| string = text.into_owned()),
                "t" => reader.is_true().map(|is_true| truth = is_true),
                _ => reader.skip(),
            })
            .expect("JSON");
        reader.end().expect("whole");
        assert_eq!((numbers, string.as_str(), truth), (vec![1.0, -25.0, 0.0], "x\n", true));
    }

    #[test]
    fn nesting_costs_no_stack() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(Reader::new(&deep).skip().is_ok());
        let nodes = format!("{}{}", "{\"children\":[".repeat(100_000), "]}".repeat(100_000));
        assert_eq!(Reader::new("[1,]").skip(), Err(JsonError { at: 3, expected: "a value" }));
        let mut count = 0;
        let open = |_: Option<usize>| {
            count += 1;
            count
        };
        // The innermost list is empty.
        assert!(tree(&mut Reader::new(&nodes), "children", open, |reader, _, _| reader.skip()).is_ok());
        assert_eq!(count, 100_000);
    }

    #[test]
    fn refuses_as_the_whole_reader_does() {
        let texts =
            ["", "{", "[1 2]", "{\"a\" 1}", "{a:1}", "\"\\x\"", "01", "-", "1.", "1e", "tru", "[1,]", "{,}", "\"a"];
        for text in texts {
            let mut reader = Reader::new(text);
            assert!(reader.skip().and_then(|()| reader.end()).is_err(), "{text}");
        }
        for text in ["1.5", "[]", "{}", "null", "\"\\ud83d\\ude00\"", "123456789012345678", "[[],{}]"] {
            let mut reader = Reader::new(text);
            assert!(reader.skip().and_then(|()| reader.end()).is_ok(), "{text}");
        }
    }

    #[test]
    fn equal_values_have_equal_texts() {
        assert_eq!(stringify("{ \"b\" : 1.0, \"a\": [true, \"x\"] }"), "{\"b\":1,\"a\":[true,\"x\"]}");
    }
}

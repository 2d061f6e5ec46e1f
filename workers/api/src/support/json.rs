//! Reads JSON (RFC 8259) into the positioned tree.
//!
//! Strict, in one pass, on an explicit stack: depth costs no machine stack.

use super::tree::{
    Builder, Loaded, MAX_DEPTH, Mapping, Member, NodeId, Problem, ProblemKind, Span, Value, number, too_deep,
};
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeMap;

/// Most problems reported of one text.
const MAX_PROBLEMS: usize = 50;

/// Reads a JSON text.
#[must_use]
pub fn load(text: &str) -> Loaded {
    let mut reader = Reader { text, at: 0, builder: Builder::default(), problems: Vec::new() };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    match reader.document() {
        Ok(root) => Loaded { document: Some(reader.builder.finish(root)), problems: reader.problems },
        Err(problem) => {
            reader.problems.push(problem);
            Loaded { document: None, problems: reader.problems }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    builder: Builder,
    problems: Vec<Problem>,
}

enum Frame {
    Sequence { start: usize, items: Vec<NodeId> },
    Mapping { start: usize, members: Vec<Member>, seen: BTreeMap<Box<str>, usize>, key: Option<(Box<str>, Span)> },
}

impl Reader<'_> {
    fn document(&mut self) -> Result<NodeId, Problem> {
        let mut stack: Vec<Frame> = Vec::new();
        loop {
            // A value, or an opening bracket that starts one.
            self.skip_space();
            let mut done = match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    if stack.len() >= MAX_DEPTH {
                        return Err(too_deep(Span::new(self.at, self.at + 1)));
                    }
                    let start = self.at;
                    self.at += 1;
                    self.skip_space();
                    let close = if open == b'{' { b'}' } else { b']' };
                    if self.peek() == Some(close) {
                        self.at += 1;
                        let value =
                            if open == b'{' { Value::Mapping(Mapping::default()) } else { Value::Sequence(Vec::new()) };
                        self.builder.push(value, Span::new(start, self.at))?
                    } else {
                        let mut frame = if open == b'{' {
                            Frame::Mapping { start, members: Vec::new(), seen: BTreeMap::new(), key: None }
                        } else {
                            Frame::Sequence { start, items: Vec::new() }
                        };
                        self.read_key(&mut frame)?;
                        stack.push(frame);
                        continue;
                    }
                }
                _ => self.scalar()?,
            };
            // What the value closes.
            loop {
                let Some(frame) = stack.last_mut() else {
                    self.skip_space();
                    return if self.at == self.text.len() {
                        Ok(done)
                    } else {
                        Err(self.unexpected("the end of the text"))
                    };
                };
                self.add(frame, done);
                self.skip_space();
                let close = if matches!(frame, Frame::Mapping { .. }) { b'}' } else { b']' };
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.skip_space();
                        self.read_key(frame)?;
                        break;
                    }
                    Some(byte) if byte == close => {
                        self.at += 1;
                        let Some(frame) = stack.pop() else { return Err(self.unexpected("a value")) };
                        let (value, start) = match frame {
                            Frame::Sequence { start, items } => (Value::Sequence(items), start),
                            Frame::Mapping { start, members, .. } => (Value::Mapping(Mapping::new(members)), start),
                        };
                        done = self.builder.push(value, Span::new(start, self.at))?;
                    }
                    _ => return Err(self.unexpected(if close == b'}' { "`,` or `}`" } else { "`,` or `]`" })),
                }
            }
        }
    }

    fn add(&mut self, frame: &mut Frame, value: NodeId) {
        match frame {
            Frame::Sequence { items, .. } => items.push(value),
            Frame::Mapping { members, seen, key, .. } => {
                let Some((key, key_span)) = key.take() else { return };
                if let Some(earlier) = seen.get(&key).and_then(|at| members.get_mut(*at)) {
                    if self.problems.len() < MAX_PROBLEMS {
                        let message = format!("key `{}` is given twice; the later one counts", excerpt(&key));
                        self.problems.push(Problem { kind: ProblemKind::DuplicateKey, span: key_span, message });
                    }
                    *earlier = Member { key, key_span, value };
                } else {
                    seen.insert(key.clone(), members.len());
                    members.push(Member { key, key_span, value });
                }
            }
        }
    }

    // The key and colon before a mapping's next value; nothing in a sequence.
    fn read_key(&mut self, frame: &mut Frame) -> Result<(), Problem> {
        let Frame::Mapping { key, .. } = frame else { return Ok(()) };
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let name = self.string()?;
        *key = Some((name.into(), Span::new(start, self.at)));
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    fn scalar(&mut self) -> Result<NodeId, Problem> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'"') => Value::String(self.string()?.into()),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => {
                let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
                let rest = self.text.get(self.at..).unwrap_or_default();
                let Some((word, value)) = words.into_iter().find(|(word, _)| rest.starts_with(word)) else {
                    return Err(self.unexpected("a value"));
                };
                self.at += word.len();
                value
            }
        };
        self.builder.push(value, Span::new(start, self.at))
    }

    fn number(&mut self) -> Result<Value, Problem> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let written = rest.get(..length).unwrap_or_default();
        let digits = written.strip_prefix('-').unwrap_or(written);
        let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
        let fraction = digits.get(whole..).unwrap_or_default();
        let padded = whole > 1 && digits.starts_with('0');
        let bare_point = fraction.starts_with(".e") || fraction.starts_with(".E") || written.ends_with('.');
        let well_formed = whole > 0 && !padded && !bare_point;
        match written.parse::<f64>() {
            Ok(value) if well_formed => {
                self.at += length;
                Ok(number(value, written))
            }
            _ => Err(self.unexpected("a number as JSON writes it")),
        }
    }

    fn string(&mut self) -> Result<String, Problem> {
        let open = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\') || byte < 0x20);
            let Some(plain) = plain else {
                self.at = open;
                return Err(self.unexpected("a string that ends"));
            };
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                _ => return Err(self.unexpected("no control character inside a string")),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), Problem> {
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        let plain = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let Some(unit) = self.unit(self.at + 2) else { return Err(self.unexpected("four hexadecimal digits")) };
                self.at += 6;
                let low =
                    (0xd800..0xdc00).contains(&unit) && self.text.get(self.at..).is_some_and(|t| t.starts_with("\\u"));
                let low = if low { self.unit(self.at + 2).filter(|low| (0xdc00..0xe000).contains(low)) } else { None };
                let code = low.map_or(unit, |low| 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                if low.is_some() {
                    self.at += 6;
                }
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(());
            }
            _ => return Err(self.unexpected("one of the escapes of JSON")),
        };
        out.push(plain);
        self.at += 2;
        Ok(())
    }

    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        if digits.bytes().all(|b| b.is_ascii_hexdigit()) { u32::from_str_radix(digits, 16).ok() } else { None }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let span = Span::new(self.at, self.at + length);
        Problem { kind: ProblemKind::Syntax, span, message: format!("expected {wanted}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_serde_reads_and_refuses_what_it_refuses() {
        for text in [
            "{}",
            "[]",
            "[1,2]",
            r#"{"a":[{}]}"#,
            r#""\ud83d\ude00\n\/""#,
            "-1.5e+3",
            " null ",
            "[1,]",
            "{,}",
            "01",
            "1.",
            "-",
            "[1 2]",
            r#"{"a" 1}"#,
            r#"{"a":1"#,
            "\"a\nb\"",
            r#""\x""#,
            "nul",
            "[]]",
            "",
            "+1",
            "1e",
            ".5",
            "[\"a",
        ] {
            let ours = load(text);
            let theirs = serde_json::from_str::<serde_json::Value>(text);
            assert_eq!(ours.document.is_some(), theirs.is_ok(), "{text}: {:?}", ours.problems);
        }
    }

    #[test]
    fn positions_and_duplicates() {
        let loaded = load("{\"a\": 1, \"a\": [true]}");
        let document = loaded.document.expect("well-formed");
        assert_eq!(loaded.problems.len(), 1);
        let value = document.get(document.root(), "a").expect("there");
        assert_eq!(document.span(value), Span::new(14, 20));
    }

    #[test]
    fn depth_holds_at_its_edge() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(load(&nested(MAX_DEPTH)).document.is_some());
        let refused = load(&nested(MAX_DEPTH + 1));
        assert_eq!(refused.problems.first().map(|p| p.kind), Some(ProblemKind::TooDeep));
        assert!(load(&"[".repeat(100_000)).document.is_none());
    }
}

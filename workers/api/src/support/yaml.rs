//! Reads YAML into the positioned tree: the first document of the text, scalars by the core schema of YAML 1.2, merge keys
//! as YAML 1.1 has them.
//!
//! Builds on the parser's events with an explicit stack, so depth costs no machine stack. An alias is the anchored node
//! itself; an alias inside its own anchor is refused.

use super::tree::{
    Builder, Loaded, MAX_DEPTH, Mapping, Member, NodeId, Problem, ProblemKind, Span, Value, number, too_deep,
};
use octavo_toolkit::limits::excerpt;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use std::collections::BTreeMap;

/// Most members that merge keys may copy or pass over: ten times what the largest generated files hold. Each copy takes memory,
/// unlike an alias, and each look at one takes time.
const MAX_MERGED_MEMBERS: usize = 200_000;

/// Most problems reported of one text.
const MAX_PROBLEMS: usize = 50;

/// Reads a YAML text.
#[must_use]
pub fn load(text: &str) -> Loaded {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        offsets: Offsets::new(body, text.len() - body.len()),
        builder: Builder::default(),
        problems: Vec::new(),
        stack: Vec::new(),
        anchors: BTreeMap::new(),
        merged: 0,
    };
    match reader.document(body) {
        Ok(root) => Loaded { document: Some(reader.builder.finish(root)), problems: reader.problems },
        Err(problem) => {
            reader.problems.push(problem);
            Loaded { document: None, problems: reader.problems }
        }
    }
}

enum Frame {
    Sequence {
        start: u32,
        anchor: usize,
        items: Vec<NodeId>,
    },
    Mapping {
        start: u32,
        anchor: usize,
        members: Vec<Member>,
        seen: BTreeMap<Box<str>, usize>,
        merges: Vec<NodeId>,
        key: Key,
    },
}

enum Key {
    Wanted,
    Given(Box<str>, Span),
    Merge,
}

struct Reader {
    offsets: Offsets,
    builder: Builder,
    problems: Vec<Problem>,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, NodeId>,
    merged: usize,
}

impl Reader {
    fn document(&mut self, text: &str) -> Result<NodeId, Problem> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let span = self.offsets.span(*error.marker(), *error.marker());
                // The parser's own limit may strike first, since it reads ahead.
                if error.info().contains("recursion limit") {
                    return too_deep(span);
                }
                Problem { kind: ProblemKind::Syntax, span, message: excerpt(error.info()) }
            })?;
            let span = self.offsets.span(span.start, span.end);
            let done = match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let is_string = style != ScalarStyle::Plain
                        || tag.as_ref().is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                    if !is_string && text == "<<" && self.wants_key() {
                        if let Some(Frame::Mapping { key, .. }) = self.stack.last_mut() {
                            *key = Key::Merge;
                        }
                        continue;
                    }
                    let value = if is_string { Value::String(text.as_ref().into()) } else { plain(&text) };
                    if self.wants_key() {
                        self.set_key(text.as_ref().into(), span);
                        if anchor > 0 {
                            let id = self.builder.push(value, span)?;
                            self.anchors.insert(anchor, id);
                        }
                        continue;
                    }
                    let id = self.builder.push(value, span)?;
                    self.anchor(anchor, id);
                    id
                }
                Event::SequenceStart(anchor, _) => {
                    self.open(Frame::Sequence { start: span.start, anchor, items: Vec::new() }, span)?;
                    continue;
                }
                Event::MappingStart(anchor, _) => {
                    let frame = Frame::Mapping {
                        start: span.start,
                        anchor,
                        members: Vec::new(),
                        seen: BTreeMap::new(),
                        merges: Vec::new(),
                        key: Key::Wanted,
                    };
                    self.open(frame, span)?;
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
                Event::Alias(anchor) => {
                    let Some(id) = self.anchors.get(&anchor).copied() else {
                        let message = "an alias stands inside the value it names".to_owned();
                        return Err(Problem { kind: ProblemKind::Syntax, span, message });
                    };
                    if self.wants_key() {
                        let text = match self.builder.value(id) {
                            Some(Value::String(text) | Value::Number(_, text)) => text.clone(),
                            _ => "".into(),
                        };
                        self.set_key(text, span);
                        continue;
                    }
                    id
                }
                Event::DocumentEnd => break,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => continue,
            };
            if self.stack.is_empty() {
                return Ok(done);
            }
            self.add(done);
        }
        Err(Problem { kind: ProblemKind::Syntax, span: Span::default(), message: "the document is empty".to_owned() })
    }

    fn wants_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame::Mapping { key: Key::Wanted, .. }))
    }

    fn set_key(&mut self, text: Box<str>, span: Span) {
        if let Some(Frame::Mapping { key, .. }) = self.stack.last_mut() {
            *key = Key::Given(text, span);
        }
    }

    fn open(&mut self, frame: Frame, span: Span) -> Result<(), Problem> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        if self.wants_key() {
            // A sequence or mapping as a key has no name; its value is kept under none.
            let message = "a key that is no scalar".to_owned();
            return Err(Problem { kind: ProblemKind::Syntax, span, message });
        }
        self.stack.push(frame);
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<NodeId, Problem> {
        let (value, start, anchor) = match self.stack.pop() {
            Some(Frame::Sequence { start, anchor, items }) => (Value::Sequence(items), start, anchor),
            Some(Frame::Mapping { start, anchor, mut members, mut seen, merges, .. }) => {
                for merge in merges {
                    self.merge(merge, &mut members, &mut seen);
                    if self.merged > MAX_MERGED_MEMBERS {
                        let message = format!("merge keys copy more than {MAX_MERGED_MEMBERS} members");
                        return Err(Problem { kind: ProblemKind::TooLarge, span: end, message });
                    }
                }
                (Value::Mapping(Mapping::new(members)), start, anchor)
            }
            None => (Value::Null, end.start, 0),
        };
        let id = self.builder.push(value, Span { start, end: end.end.max(start) })?;
        self.anchor(anchor, id);
        Ok(id)
    }

    // Members of a merged mapping come after the mapping's own, and never replace one.
    fn merge(&mut self, from: NodeId, members: &mut Vec<Member>, seen: &mut BTreeMap<Box<str>, usize>) {
        match self.builder.value(from) {
            Some(Value::Mapping(mapping)) => {
                self.merged += mapping.members().len();
                if self.merged > MAX_MERGED_MEMBERS {
                    return;
                }
                for member in mapping.members() {
                    if !seen.contains_key(&member.key) {
                        seen.insert(member.key.clone(), members.len());
                        members.push(member.clone());
                    }
                }
            }
            Some(Value::Sequence(items)) => {
                for item in items.clone() {
                    if let Some(Value::Mapping(_)) = self.builder.value(item) {
                        self.merge(item, members, seen);
                    }
                }
            }
            _ => {}
        }
    }

    fn anchor(&mut self, anchor: usize, id: NodeId) {
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
    }

    fn add(&mut self, value: NodeId) {
        match self.stack.last_mut() {
            Some(Frame::Sequence { items, .. }) => items.push(value),
            Some(Frame::Mapping { members, seen, merges, key, .. }) => match std::mem::replace(key, Key::Wanted) {
                Key::Merge => merges.push(value),
                Key::Given(key, key_span) => {
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
                Key::Wanted => {}
            },
            None => {}
        }
    }
}

// What a plain scalar means by the core schema (YAML 1.2.2, section 10.3.2).
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let radix = |prefix: &str, radix: u32| {
        let digits = text.strip_prefix(prefix)?;
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return None;
        }
        u128::from_str_radix(digits, radix).ok()
    };
    if let Some(value) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        let written = value.to_string();
        return number(written.parse().unwrap_or(f64::INFINITY), &written);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return number(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }, text);
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Value::Number(f64::NAN, ".nan".into());
    }
    let numeric = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.bytes().any(|byte| byte.is_ascii_digit())
        && unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'-' | b'+'));
    match text.parse::<f64>() {
        Ok(value) if numeric => number(value, text),
        _ => Value::String(text.into()),
    }
}

// The parser counts characters; spans count bytes.
struct Offsets {
    // Byte offset of each character and of the end; empty where both counts are the same.
    bytes: Vec<u32>,
    before: usize,
    length: usize,
}

impl Offsets {
    fn new(text: &str, before: usize) -> Self {
        let mut bytes = Vec::new();
        if !text.is_ascii() {
            bytes.extend(text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)));
        }
        Self { bytes, before, length: text.len() }
    }

    fn span(&self, start: Marker, end: Marker) -> Span {
        Span::new(self.offset(start.index()), self.offset(end.index()))
    }

    fn offset(&self, character: usize) -> usize {
        let at = if self.bytes.is_empty() {
            character.min(self.length)
        } else {
            self.bytes.get(character).map_or(self.length, |at| *at as usize)
        };
        at + self.before
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Document;
    use super::*;
    use std::fmt::Write as _;

    fn document(text: &str) -> Document {
        let loaded = load(text);
        loaded.document.unwrap_or_else(|| panic!("{:?}", loaded.problems))
    }

    fn json(text: &str) -> String {
        let document = document(text);
        document.excerpt(document.root(), 10_000)
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        assert_eq!(
            json(
                "[yes, no, on, True, ~, 'null', 0o17, 0x1F, 017, 1_000, 1e3, .5, -3, 1.2.3, 2024-01-01, !!str 5, +.inf]"
            ),
            r#"["yes", "no", "on", true, null, "null", 15, 31, 17, "1_000", 1000, 0.5, -3, "1.2.3", "2024-01-01", "5", inf]"#
        );
        assert_eq!(json("200: a\ntrue: b\n"), r#"{"200": "a", "true": "b"}"#);
    }

    #[test]
    fn aliases_and_merge_keys() {
        assert_eq!(
            json("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: {<<: [*x, {r: 4}]}\nd: *x\n"),
            r#"{"a": {"p": 1, "q": 2}, "b": {"q": 3, "p": 1}, "c": {"p": 1, "q": 2, "r": 4}, "d": {"p": 1, "q": 2}}"#
        );
        assert!(load("a: &a [*a]\n").document.is_none());
        assert!(load("a: *nowhere\n").document.is_none());
    }

    #[test]
    fn merges_of_one_mapping_over_and_over_are_refused() {
        let mut text = "x: &x\n".to_owned();
        for n in 0..2_000 {
            let _ = writeln!(text, "  k{n}: 1");
        }
        let _ = writeln!(text, "y: {{<<: [{}]}}", vec!["*x"; 50_000].join(", "));
        let loaded = load(&text);
        assert_eq!(loaded.problems.first().map(|problem| problem.kind), Some(ProblemKind::TooLarge));
    }

    #[test]
    fn alias_bombs_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let refs = vec![format!("*a{}", level - 1); 10].join(", ");
            let _ = writeln!(bomb, "a{level}: &a{level} [{refs}]");
        }
        let loaded = load(&bomb);
        assert_eq!(loaded.problems.first().map(|problem| problem.kind), Some(ProblemKind::TooLarge));
        let mut chain = "a0: &a0 [x]\n".to_owned();
        for level in 1..=MAX_DEPTH {
            let _ = writeln!(chain, "a{level}: &a{level} [*a{}]", level - 1);
        }
        assert_eq!(load(&chain).problems.first().map(|problem| problem.kind), Some(ProblemKind::TooDeep));
    }

    #[test]
    fn spans_are_bytes_of_the_text() {
        let text = "\u{feff}k\u{e9}y: 'v\u{1f600}'\r\nz: {a: 1}\n";
        let document = document(text);
        let slice = |span: Span| text.get(span.start as usize..span.end as usize).unwrap_or_default();
        let members = document.members(document.root());
        assert_eq!(slice(members[0].key_span), "k\u{e9}y");
        assert_eq!(slice(document.span(members[0].value)), "'v\u{1f600}'");
        assert_eq!(slice(document.span(members[1].value)), "{a: 1}");
    }

    #[test]
    fn depth_holds_in_blocks_too() {
        let nested = |depth: usize| format!("{}x\n", "- ".repeat(depth));
        assert!(load(&nested(MAX_DEPTH)).document.is_some());
        assert_eq!(load(&nested(MAX_DEPTH + 1)).problems.first().map(|p| p.kind), Some(ProblemKind::TooDeep));
        assert!(load(&"[".repeat(20_000)).document.is_none());
    }

    #[test]
    fn duplicates_are_told_and_the_later_counts() {
        let loaded = load("a: 1\nb: 2\na: 3\n");
        assert_eq!(loaded.problems.len(), 1);
        let document = loaded.document.expect("well-formed");
        assert_eq!(document.get_number(document.root(), "a"), Some(3.0));
    }
}

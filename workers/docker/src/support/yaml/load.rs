//! Events to tree. Documents are read one after the other; one that is broken is left out, and reading goes on at the next
//! line that starts with `---`. Aliases are followed by reading the events of their anchor again, against a budget.

use super::{
    Dialect, Document, Entry, MAX_ALIASED_NODES, MAX_DEPTH, MAX_NODES, Node, Problem, ProblemKind, Stream, Value,
    scalar,
};
use octavo_toolkit::limits::excerpt;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Bytes of an aliased text that count as one more value: what a value takes without its text.
const ALIASED_BYTES_PER_NODE: usize = 128;

// How often the reading of one text may start again behind a broken document.
const MAX_RESTARTS: usize = 100;

// Of how many quoted texts the lines are indented for the parser, which wants that and the Go readers do not; each costs
// another reading up to there.
const MAX_INDENTED_TEXTS: usize = 16;

/// Reads a text.
pub fn load(source: &str, dialect: Dialect) -> Stream {
    let mut stream = Stream::default();
    let start = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut rest = start;
    let mut nodes = 0;
    for _ in 0..MAX_RESTARTS {
        match read_part(source, rest, dialect, &mut nodes, &mut stream) {
            Some(next) if next > rest => rest = next,
            _ => break,
        }
    }
    stream.problems.sort_by_key(|problem| problem.span.start);
    stream
}

// Reads documents from an offset on, up to a broken one; gives where to go on behind that one.
fn read_part(source: &str, from: usize, dialect: Dialect, nodes: &mut usize, stream: &mut Stream) -> Option<usize> {
    let mut text = Patched::new(source.get(from..).unwrap_or_default(), from);
    let mut done = 0;
    loop {
        match read_documents(&text, dialect, done, nodes, stream) {
            Ok(()) => return None,
            Err(Broken::Scan { error, read, document }) => {
                done = read;
                let at = error.marker().index();
                let is_indentation = error.info().contains("indentation in quoted scalar");
                if is_indentation && text.indent_quoted(at) {
                    continue;
                }
                let at = text.source_offset(at).min(source.len());
                let end = source.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |c| at + c.len_utf8());
                let is_deep = error.info().contains("recursion limit");
                let kind = if is_deep { ProblemKind::Limit } else { ProblemKind::Syntax };
                stream.problems.push(Problem { kind, span: at..end, message: error.info().to_owned() });
                return next_document(source, text.back(document));
            }
            Err(Broken::Limit(problem)) => {
                stream.problems.push(problem);
                return None;
            }
        }
    }
}

// Start of the next line that begins a document, behind an offset.
fn next_document(source: &str, at: usize) -> Option<usize> {
    let is_start = |line: &str| {
        line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
    };
    let mut start = at + source.get(at..)?.find('\n')? + 1;
    loop {
        let rest = source.get(start..)?;
        if is_start(rest) {
            return Some(start);
        }
        start += rest.find('\n')? + 1;
    }
}

// A text in which some lines were indented, with the way back to the source.
struct Patched<'a> {
    text: Cow<'a, str>,
    base: usize,
    // Bytes of the patched text at which spaces stand that the source has not.
    added: Vec<usize>,
    indented: usize,
    is_ascii: bool,
}

const INDENT: &str = "                                                                ";

impl<'a> Patched<'a> {
    fn new(text: &'a str, base: usize) -> Self {
        Self { text: Cow::Borrowed(text), base, added: Vec::new(), indented: 0, is_ascii: text.is_ascii() }
    }

    // Byte offset in the patched text of a character index.
    fn bytes(&self, characters: usize) -> usize {
        if self.is_ascii {
            return characters.min(self.text.len());
        }
        self.text.char_indices().nth(characters).map_or(self.text.len(), |(at, _)| at)
    }

    // Indents the lines of the quoted text that starts at a character index.
    fn indent_quoted(&mut self, characters: usize) -> bool {
        let at = self.bytes(characters);
        let text = self.text.get(at..).unwrap_or_default();
        let text = text.get(..quoted_length(text)).unwrap_or(text);
        let starts: Vec<usize> = text.match_indices('\n').map(|(line, _)| at + line + 1).collect();
        if starts.is_empty() || self.added.contains(starts.first().unwrap_or(&0)) {
            return false;
        }
        if self.indented == MAX_INDENTED_TEXTS {
            return false;
        }
        self.indented += 1;
        let mut patched = String::with_capacity(self.text.len() + starts.len() * INDENT.len());
        let mut from = 0;
        for start in &starts {
            patched.push_str(self.text.get(from..*start).unwrap_or_default());
            patched.push_str(INDENT);
            from = *start;
        }
        patched.push_str(self.text.get(from..).unwrap_or_default());
        self.text = Cow::Owned(patched);
        // Quoted texts are met in order: what was added stands before.
        self.added.extend(starts.iter().enumerate().map(|(count, start)| start + count * INDENT.len()));
        true
    }

    // Byte offset in the patched text of one in the source.
    fn bytes_from(&self, source: usize) -> usize {
        let at = source.saturating_sub(self.base);
        self.added.iter().fold(at, |at, start| if at > *start { at + INDENT.len() } else { at })
    }

    // Byte offset in the source of a character index.
    fn source_offset(&self, characters: usize) -> usize {
        self.back(self.bytes(characters))
    }

    fn back(&self, at: usize) -> usize {
        let inside = |start: &usize| at.saturating_sub(*start).min(INDENT.len());
        self.base + at - self.added.iter().map(inside).sum::<usize>()
    }
}

// Bytes of the quoted text at the start of a text, its quotes included; all where it does not end.
fn quoted_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes.first().copied().unwrap_or_default();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match (*byte, quote) {
            (b'\\', b'"') => at += 1,
            (b'\'', b'\'') if bytes.get(at + 1) == Some(&b'\'') => at += 1,
            (close, open) if close == open => return at + 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

enum Broken {
    // Not YAML, after `read` documents that could be read, in the one that starts at an offset of the patched text.
    Scan { error: ScanError, read: usize, document: usize },
    Limit(Problem),
}

fn read_documents(
    text: &Patched<'_>,
    dialect: Dialect,
    done: usize,
    nodes: &mut usize,
    stream: &mut Stream,
) -> Result<(), Broken> {
    let mut parser = Parser::new_from_str(&text.text);
    let mut places = Places { text, characters: 0, bytes: 0 };
    let mut events: Vec<(Event<'_>, Range<usize>)> = Vec::new();
    let (mut explicit, mut depth, mut read, mut document) = (false, 0_usize, 0_usize, 0_usize);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| Broken::Scan { error, read, document })?;
        match &event {
            Event::DocumentStart(is_explicit) => {
                explicit = *is_explicit;
                document = text.bytes_from(places.offset(span.start.index()));
                events.clear();
                continue;
            }
            Event::DocumentEnd => {
                if read >= done {
                    let mut builder = Builder::new(&events, dialect);
                    match builder.node(0, 0) {
                        Ok((root, _)) => stream.documents.push(Document { root, explicit }),
                        Err(problem) => stream.problems.push(problem),
                    }
                    stream.problems.append(&mut builder.problems);
                }
                read += 1;
                document = text.bytes_from(places.offset(span.end.index()));
                continue;
            }
            Event::StreamStart | Event::StreamEnd | Event::Nothing => continue,
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth = depth.saturating_sub(1),
            Event::Scalar(..) | Event::Alias(_) => *nodes += 1,
        }
        let span = places.span(&event, span);
        if depth > MAX_DEPTH {
            return Err(limit(span, format!("the document nests deeper than {MAX_DEPTH} levels")));
        }
        if *nodes > MAX_NODES {
            return Err(limit(span, format!("the file has more than {MAX_NODES} values")));
        }
        events.push((event, span));
    }
    Ok(())
}

fn limit(span: Range<usize>, message: String) -> Broken {
    Broken::Limit(Problem { kind: ProblemKind::Limit, span, message })
}

// Character indices to offsets of the source, for indices that mostly grow.
struct Places<'a, 't> {
    text: &'a Patched<'t>,
    characters: usize,
    bytes: usize,
}

impl Places<'_, '_> {
    fn offset(&mut self, characters: usize) -> usize {
        if self.text.is_ascii {
            return self.text.back(characters.min(self.text.text.len()));
        }
        let text = self.text.text.as_ref();
        while self.characters > characters {
            let before = text.get(..self.bytes).and_then(|before| before.chars().next_back());
            self.bytes -= before.map_or(0, char::len_utf8);
            self.characters -= 1;
        }
        if self.characters < characters {
            let rest = text.get(self.bytes..).unwrap_or_default();
            let count = characters - self.characters;
            self.bytes += rest.char_indices().nth(count).map_or(rest.len(), |(at, _)| at);
            self.characters = characters;
        }
        self.text.back(self.bytes)
    }

    fn span(&mut self, event: &Event<'_>, span: Span) -> Range<usize> {
        let start = self.offset(span.start.index());
        let end = match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => start,
            // The parser takes the white space and the comment behind a quoted text for part of it.
            Event::Scalar(_, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted, ..) => {
                let from = self.text.bytes_from(start);
                let length = quoted_length(self.text.text.get(from..).unwrap_or_default());
                self.text.back(from + length)
            }
            _ => self.offset(span.end.index().max(span.start.index())),
        };
        start..end.max(start)
    }
}

struct Builder<'e, 's> {
    events: &'e [(Event<'s>, Range<usize>)],
    dialect: Dialect,
    anchors: BTreeMap<usize, usize>,
    open: BTreeSet<usize>,
    // Inside how many aliases, and how many nodes those have brought so far.
    aliases: usize,
    aliased: usize,
    problems: Vec<Problem>,
}

type Built<T> = Result<(T, usize), Problem>;

impl<'e, 's> Builder<'e, 's> {
    fn new(events: &'e [(Event<'s>, Range<usize>)], dialect: Dialect) -> Self {
        let mut anchors = BTreeMap::new();
        for (at, (event, _)) in events.iter().enumerate() {
            if let Event::Scalar(.., id, _) | Event::SequenceStart(id, _) | Event::MappingStart(id, _) = event
                && *id > 0
            {
                anchors.insert(*id, at);
            }
        }
        Self { events, dialect, anchors, open: BTreeSet::new(), aliases: 0, aliased: 0, problems: Vec::new() }
    }

    // The node whose first event is at an index, and the index behind its last event.
    fn node(&mut self, at: usize, depth: usize) -> Built<Node> {
        let Some((event, span)) = self.events.get(at) else {
            return Ok((Node::new(Value::Null, 0..0), at));
        };
        if self.aliases > 0 {
            // A long text weighs as much as many short ones.
            let length = if let Event::Scalar(text, ..) = event { text.len() } else { 0 };
            self.aliased += 1 + length / ALIASED_BYTES_PER_NODE;
            if self.aliased > MAX_ALIASED_NODES {
                return Err(exceeded(span, format!("aliases add more than {MAX_ALIASED_NODES} values to the file")));
            }
        }
        if depth > MAX_DEPTH {
            return Err(exceeded(span, format!("the document nests deeper than {MAX_DEPTH} levels, aliases followed")));
        }
        match event {
            Event::Scalar(text, style, _, tag) => Ok((self.scalar(text, *style, tag.as_deref(), span), at + 1)),
            Event::SequenceStart(id, tag) => {
                self.open.insert(*id);
                let (items, next) = self.items(at + 1, depth)?;
                self.open.remove(id);
                let mut node = Node::new(Value::Sequence(items), self.whole(span, next));
                node.tag = own_tag(tag.as_deref());
                Ok((node, next))
            }
            Event::MappingStart(id, tag) => {
                self.open.insert(*id);
                let (entries, next) = self.entries(at + 1, depth)?;
                self.open.remove(id);
                let mut node = Node::new(Value::Mapping(entries), self.whole(span, next));
                node.tag = own_tag(tag.as_deref());
                Ok((node, next))
            }
            Event::Alias(id) => {
                let node = match self.anchors.get(id) {
                    Some(_) if self.open.contains(id) => {
                        self.meaningless(span, "the value contains itself through an alias")
                    }
                    Some(&anchor) => {
                        self.aliases += 1;
                        let (node, _) = self.node(anchor, depth)?;
                        self.aliases -= 1;
                        node
                    }
                    None => self.meaningless(span, "no anchor of this name stands before"),
                };
                Ok((node, at + 1))
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Ok((Node::new(Value::Null, span.clone()), at + 1)),
        }
    }

    // From the start of a collection to the end of its last event that is written.
    fn whole(&self, start: &Range<usize>, next: usize) -> Range<usize> {
        let inside = self.events.get(..next).unwrap_or_default().iter().rev();
        let end = inside.map(|(_, span)| span.end).find(|end| *end >= start.start).unwrap_or(start.end);
        // The end of a block collection is reported where the next thing starts: take its last child's.
        let last = self.events.get(..next.saturating_sub(1)).and_then(<[_]>::last).map_or(end, |(_, span)| span.end);
        let is_flow = self.events.get(next.saturating_sub(1)).is_some_and(|(_, span)| span.end > span.start);
        start.start..if is_flow { end } else { last.max(start.start) }
    }

    fn meaningless(&mut self, span: &Range<usize>, message: impl Into<String>) -> Node {
        self.problems.push(Problem { kind: ProblemKind::Meaning, span: span.clone(), message: message.into() });
        Node::new(Value::Null, span.clone())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: &Range<usize>) -> Node {
        let is_plain = style == ScalarStyle::Plain;
        let value = match tag {
            Some(tag) if tag.is_yaml_core_schema() => match scalar::tagged(text, &tag.suffix, is_plain, self.dialect) {
                Some(value) => value,
                None => return self.meaningless(span, format!("`{}` is no !!{}", excerpt(text), excerpt(&tag.suffix))),
            },
            // The tag `!` alone keeps a word a text.
            Some(tag) if tag.suffix.is_empty() || tag.handle.is_empty() => Value::Text(text.to_owned()),
            _ if is_plain => scalar::resolve(text, self.dialect),
            _ => Value::Text(text.to_owned()),
        };
        let raw = if matches!(value, Value::Text(_)) { None } else { Some(text.into()) };
        Node { value, span: span.clone(), tag: own_tag(tag), raw }
    }

    fn items(&mut self, mut at: usize, depth: usize) -> Built<Vec<Node>> {
        let mut items = Vec::new();
        while !matches!(self.events.get(at), None | Some((Event::SequenceEnd, _))) {
            let (item, next) = self.node(at, depth + 1)?;
            items.push(item);
            at = next;
        }
        Ok((items, at + 1))
    }

    fn entries(&mut self, mut at: usize, depth: usize) -> Built<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut merges = Vec::new();
        while let Some((event, _)) = self.events.get(at)
            && !matches!(event, Event::MappingEnd)
        {
            let is_merge = matches!(event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let (key, next) = self.node(at, depth + 1)?;
            let (value, next) = self.node(next, depth + 1)?;
            at = next;
            if is_merge {
                match self.dialect {
                    Dialect::Compose => merges.push((key.span, value)),
                    Dialect::Kubernetes => self.merge(&key.span, value, &mut entries, &mut places),
                }
                continue;
            }
            let name = key_name(&key);
            if let Some(known) = places.get(&name).and_then(|place| entries.get_mut(*place)) {
                if !known.merged {
                    let message = format!("the key `{}` stands twice in this mapping", excerpt(&name));
                    let span = key.span.clone();
                    self.problems.push(Problem { kind: ProblemKind::DuplicateKey, span, message });
                }
                *known = Entry { key, value, merged: false };
            } else {
                places.insert(name, entries.len());
                entries.push(Entry { key, value, merged: false });
            }
        }
        for (span, value) in merges {
            self.merge(&span, value, &mut entries, &mut places);
        }
        Ok((entries, at + 1))
    }

    // Brings the entries of a merge key's value in. Of several mappings the earlier ones win.
    fn merge(
        &mut self,
        span: &Range<usize>,
        value: Node,
        entries: &mut Vec<Entry>,
        places: &mut BTreeMap<String, usize>,
    ) {
        let sources = match value.value {
            Value::Mapping(_) => vec![value],
            Value::Sequence(items) if items.iter().all(Node::is_mapping) => items,
            _ => {
                self.meaningless(span, "a merge key wants a mapping or a list of mappings");
                return;
            }
        };
        let mut brought = BTreeSet::new();
        for source in sources {
            let Value::Mapping(inner) = source.value else { continue };
            for entry in inner {
                let name = key_name(&entry.key);
                if !brought.insert(name.clone()) {
                    continue;
                }
                let entry = Entry { merged: true, ..entry };
                match places.get(&name).and_then(|place| entries.get_mut(*place)) {
                    Some(known) if self.dialect == Dialect::Kubernetes => *known = entry,
                    Some(_) => {}
                    None => {
                        places.insert(name, entries.len());
                        entries.push(entry);
                    }
                }
            }
        }
    }
}

fn exceeded(span: &Range<usize>, message: String) -> Problem {
    Problem { kind: ProblemKind::Limit, span: span.clone(), message }
}

// What makes a key the same as another.
fn key_name(key: &Node) -> String {
    match (&key.raw, key.scalar_text()) {
        (Some(raw), _) => raw.to_string(),
        (None, Some(text)) => text.into_owned(),
        (None, None) => format!("{:?}", key.value),
    }
}

fn own_tag(tag: Option<&Tag>) -> Option<Box<str>> {
    let tag = tag.filter(|tag| !tag.is_yaml_core_schema() && !tag.suffix.is_empty() && !tag.handle.is_empty())?;
    Some(format!("{}{}", tag.handle, tag.suffix).into())
}

//! Findings whose place is a stretch of bytes, until lines and columns are counted once for all.

use octavo_toolkit::tool::Rule;
use octavo_toolkit::{Finding, Level, Position, Range};
use std::collections::BTreeMap;

/// A stretch of the source in bytes. Lines and columns are counted once, at the end: counting them for every field of
/// a text of one line would be quadratic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// A finding whose place is not yet counted in lines.
#[derive(Debug, Clone)]
pub struct Note {
    rule: &'static Rule,
    level: Level,
    message: String,
    span: Option<Span>,
}

impl Note {
    /// A note without a place.
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self { rule, level: rule.level, message: message.into(), span: None }
    }

    /// At a place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// With another level than the rule's.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

/// A note at its place, where one is known.
pub fn place(note: Note, at: Option<Span>) -> Note {
    match at {
        Some(span) => note.at(span),
        None => note,
    }
}

/// The gravest notes, in their order.
pub fn gravest(notes: Vec<Note>, most: usize) -> Vec<Note> {
    if notes.len() <= most {
        return notes;
    }
    let mut sorted = notes;
    sorted.sort_by_key(|note| note.level);
    sorted.truncate(most);
    sorted
}

/// The findings that notes are, with lines and columns in UTF-16 units. One pass over the source.
pub fn findings_of(notes: Vec<Note>, source: &str) -> Vec<Finding> {
    let mut places: BTreeMap<usize, Position> = BTreeMap::new();
    for span in notes.iter().filter_map(|note| note.span) {
        for at in [span.start, span.end] {
            places.insert(at, Position { line: 1, column: 1 });
        }
    }
    let mut now = Position { line: 1, column: 1 };
    let mut waiting = places.iter_mut().peekable();
    for (at, c) in source.char_indices() {
        while let Some((_, position)) = waiting.next_if(|(offset, _)| **offset <= at) {
            *position = now;
        }
        now = match c {
            '\n' => Position { line: now.line + 1, column: 1 },
            _ => Position { line: now.line, column: now.column + if c.len_utf16() == 1 { 1 } else { 2 } },
        };
    }
    waiting.for_each(|(_, position)| *position = now);
    let position = |at: usize| places.get(&at).copied().unwrap_or(now);
    notes
        .into_iter()
        .map(|note| {
            let finding = Finding::new(note.rule, note.message).with_level(note.level);
            match note.span {
                Some(span) => {
                    finding.at(Range { start: position(span.start), end: position(span.end.max(span.start)) })
                }
                None => finding,
            }
        })
        .collect()
}

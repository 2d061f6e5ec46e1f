//! Places in a text: lines and columns as editors count them.

use serde::{Deserialize, Serialize};

/// A place in a text. Lines and columns count from 1; columns are UTF-16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-16 units, from 1.
    pub column: u32,
}

/// A stretch of a text, its end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Range {
    /// Where it starts.
    pub start: Position,
    /// Where it ends, exclusive.
    pub end: Position,
}

/// Bytes between two remembered counts of a [`LineIndex`].
const CHUNK_BYTES: usize = 1024;

/// Finds the line and column of a byte offset. Built once per text, in one pass; a look-up costs the same however long the
/// line is, since minified sources are one line of a megabyte.
#[derive(Debug, Clone)]
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<u32>,
    // UTF-16 units before each chunk's first whole character, with that character's offset; empty for ASCII, where units are
    // bytes.
    chunks: Vec<(u32, u32)>,
}

impl<'a> LineIndex<'a> {
    /// Indexes a text; lines end with `\n` (a `\r` before it belongs to the line).
    pub fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| offset(at + 1));
        let starts = std::iter::once(0).chain(ends).collect();
        let mut chunks = Vec::new();
        if !text.is_ascii() {
            let mut units = 0;
            for (at, character) in text.char_indices() {
                if at >= chunks.len() * CHUNK_BYTES {
                    chunks.push((offset(at), offset(units)));
                }
                units += character.len_utf16();
            }
        }
        Self { text, starts, chunks }
    }

    /// The text.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// How many lines there are; a text that ends with a line break has an empty last line.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The place of a byte offset; one beyond the end, or inside a character, is taken back to the nearest place.
    pub fn position(&self, at: usize) -> Position {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= at);
        let start = line.checked_sub(1).and_then(|i| self.starts.get(i)).map_or(0, |start| *start as usize);
        Position { line: offset(line), column: offset(self.units_before(at) - self.units_before(start) + 1) }
    }

    fn units_before(&self, at: usize) -> usize {
        if self.chunks.is_empty() {
            return at;
        }
        let chunk = self.chunks.partition_point(|(start, _)| *start as usize <= at);
        let (start, units) = chunk.checked_sub(1).and_then(|chunk| self.chunks.get(chunk)).copied().unwrap_or_default();
        units as usize + self.text.get(start as usize..at).unwrap_or_default().encode_utf16().count()
    }

    /// The range of a byte span.
    pub fn range(&self, span: std::ops::Range<usize>) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// The byte offset of a place; one beyond a line's or the text's end is taken back to that end.
    pub fn offset(&self, position: Position) -> usize {
        let line = position.line.max(1) as usize - 1;
        let Some(start) = self.starts.get(line).map(|start| *start as usize) else { return self.text.len() };
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| *next as usize - 1);
        let mut units = position.column.max(1) as usize - 1;
        let mut at = start;
        for character in self.text.get(start..end).unwrap_or_default().chars() {
            if units < character.len_utf16() {
                break;
            }
            units -= character.len_utf16();
            at += character.len_utf8();
        }
        at
    }

    /// The text of a line without its line break; lines count from 1.
    pub fn line_text(&self, line: u32) -> &'a str {
        let at = line.max(1) as usize - 1;
        let Some(start) = self.starts.get(at).map(|start| *start as usize) else { return "" };
        let end = self.starts.get(at + 1).map_or(self.text.len(), |next| *next as usize);
        self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }
}

// Every text is far below 4 GiB: see `limits`.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_utf16_columns_from_one() {
        let index = LineIndex::new("a\u{1f600}b\r\nz");
        assert_eq!(index.position(0), Position { line: 1, column: 1 });
        assert_eq!(index.position(5), Position { line: 1, column: 4 });
        assert_eq!(index.position(3), Position { line: 1, column: 2 });
        assert_eq!(index.position(8), Position { line: 2, column: 1 });
        assert_eq!(index.position(99), Position { line: 2, column: 2 });
    }

    #[test]
    fn long_lines_are_counted_from_the_nearest_chunk() {
        let text = format!("{}\n{}", "\u{e9}\u{1f600}x".repeat(1000), "\u{20ac}".repeat(3000));
        let index = LineIndex::new(&text);
        let mut expected = Position { line: 1, column: 1 };
        for (at, character) in text.char_indices() {
            assert_eq!(index.position(at), expected, "{at}");
            if character == '\n' {
                expected = Position { line: expected.line + 1, column: 1 };
            } else {
                expected.column += if character.len_utf16() == 2 { 2 } else { 1 };
            }
        }
    }

    #[test]
    fn offsets_and_positions_are_inverse() {
        let text = "one\nt\u{e9}\u{1f600}o\n\nend\n";
        let index = LineIndex::new(text);
        for (at, _) in text.char_indices() {
            assert_eq!(index.offset(index.position(at)), at);
        }
        assert_eq!(index.line_count(), 5);
        assert_eq!(index.line_text(2), "t\u{e9}\u{1f600}o");
        assert_eq!(index.line_text(77), "");
    }
}

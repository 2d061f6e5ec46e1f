//! Text put together from pieces of a source, each offset of which can be led back to the source.
//!
//! Docker joins continued lines before it reads an instruction, and drops the comments between them; a finding must still
//! point at the place in the file. Owns that mapping and the cutting of such text into words; knows no instruction.

use std::ops::Range;

/// Joined text and where its pieces came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    joined: String,
    // Start of each piece in the joined text and in the source, in order.
    pieces: Vec<(usize, usize)>,
}

/// A word of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As written, continued lines joined.
    pub raw: String,
    /// Without the quotes and escapes of a Dockerfile; variables stay as written.
    pub value: String,
    /// Bytes of the source it covers.
    pub span: Range<usize>,
}

impl Word {
    /// Whether the value needs a variable to be known.
    pub fn has_variable(&self) -> bool {
        self.raw.contains('$')
    }
}

impl Text {
    /// One piece, starting at `at` in the source.
    pub fn of_piece(text: &str, at: usize) -> Self {
        let mut whole = Self::default();
        whole.push(text, at);
        whole
    }

    /// Appends a piece that starts at `at` in the source.
    pub fn push(&mut self, piece: &str, at: usize) {
        if !piece.is_empty() || self.pieces.is_empty() {
            self.pieces.push((self.joined.len(), at));
            self.joined.push_str(piece);
        }
    }

    /// The joined text.
    pub fn as_str(&self) -> &str {
        &self.joined
    }

    /// The joined text from an offset on; empty where there is none.
    pub fn from(&self, at: usize) -> &str {
        self.joined.get(at..).unwrap_or_default()
    }

    /// The source offset of the character at `at` of the joined text.
    pub fn source_offset(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|(start, _)| *start <= at);
        let piece = after.checked_sub(1).and_then(|last| self.pieces.get(last));
        piece.map_or(0, |(start, source)| source + (at.min(self.joined.len()) - start))
    }

    /// The source span of a range of the joined text: from its first character to behind its last one.
    pub fn source_span(&self, range: Range<usize>) -> Range<usize> {
        let start = self.source_offset(range.start);
        // The end is taken from the last character inside: the offset behind it may belong to a later line.
        let last = range.end.checked_sub(1).filter(|last| *last >= range.start);
        start..last.map_or(start, |last| self.source_offset(last) + 1)
    }

    /// A part of the text, still led back to the source.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let Some(joined) = self.joined.get(range.clone()) else { return Self::default() };
        let mut pieces = vec![(0, self.source_offset(range.start))];
        let inside = self.pieces.iter().filter(|(start, _)| *start > range.start && *start < range.end);
        pieces.extend(inside.map(|(start, source)| (start - range.start, *source)));
        Self { joined: joined.to_owned(), pieces }
    }

    /// The part from `at` on, without white space around it.
    #[must_use]
    pub fn trimmed_from(&self, at: usize) -> Self {
        let rest = self.from(at);
        let start = at + (rest.len() - rest.trim_start().len());
        self.slice(start..start + rest.trim().len())
    }

    /// The word that covers a range of the joined text.
    pub fn word(&self, range: Range<usize>, escape: char) -> Word {
        let raw = self.joined.get(range.clone()).unwrap_or_default().to_owned();
        Word { value: unquote(&raw, escape), raw, span: self.source_span(range) }
    }

    /// The words between white space, quotes not heeded.
    pub fn plain_words(&self, escape: char) -> Vec<Word> {
        let mut words = Vec::new();
        let mut start = None;
        for (at, character) in self.joined.char_indices() {
            match (character.is_whitespace(), start) {
                (true, Some(from)) => {
                    words.push(self.word(from..at, escape));
                    start = None;
                }
                (false, None) => start = Some(at),
                _ => {}
            }
        }
        words.extend(start.map(|from| self.word(from..self.joined.len(), escape)));
        words
    }

    /// Ranges of the words between white space outside quotes.
    pub fn quoted_ranges(&self, escape: char) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = None;
        let mut quote = None;
        let mut escaped = false;
        for (at, character) in self.joined.char_indices() {
            if character.is_whitespace() && quote.is_none() && !escaped {
                ranges.extend(start.take().map(|from| from..at));
                continue;
            }
            start.get_or_insert(at);
            match (escaped, quote) {
                (true, _) => escaped = false,
                (false, Some('\'')) if character != '\'' => {}
                _ if character == escape => escaped = true,
                (false, None) if matches!(character, '"' | '\'') => quote = Some(character),
                (false, Some(open)) if open == character => quote = None,
                _ => {}
            }
        }
        ranges.extend(start.map(|from| from..self.joined.len()));
        ranges
    }

    /// The words between white space outside quotes.
    pub fn quoted_words(&self, escape: char) -> Vec<Word> {
        self.quoted_ranges(escape).into_iter().map(|range| self.word(range, escape)).collect()
    }

    /// The strings of a JSON array that is the whole text; `None` where it is anything else.
    pub fn json_strings(&self) -> Option<Vec<Word>> {
        let mut characters = self.joined.char_indices().peekable();
        let mut next = |skip_space: bool| loop {
            match characters.next() {
                Some((_, c)) if skip_space && matches!(c, ' ' | '\t' | '\r' | '\n') => {}
                other => break other,
            }
        };
        if next(true)?.1 != '[' {
            return None;
        }
        let mut words = Vec::new();
        loop {
            match next(true)? {
                (_, ']') if words.is_empty() => break,
                (from, '"') => {
                    let mut value = String::new();
                    let end = loop {
                        match next(false)? {
                            (at, '"') => break at + 1,
                            (_, '\\') => value.push(match next(false)?.1 {
                                'n' => '\n',
                                't' => '\t',
                                'r' => '\r',
                                'b' => '\u{8}',
                                'f' => '\u{c}',
                                same @ ('"' | '\\' | '/') => same,
                                'u' => {
                                    let mut code = 0;
                                    for _ in 0..4 {
                                        code = code * 16 + next(false)?.1.to_digit(16)?;
                                    }
                                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                                }
                                _ => return None,
                            }),
                            (_, control) if control.is_control() => return None,
                            (_, other) => value.push(other),
                        }
                    };
                    let raw = self.joined.get(from..end).unwrap_or_default().to_owned();
                    words.push(Word { raw, value, span: self.source_span(from..end) });
                    match next(true)?.1 {
                        ',' => {}
                        ']' => break,
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
        if next(true).is_some() { None } else { Some(words) }
    }
}

/// Takes the quotes and escapes of a Dockerfile off a word.
pub fn unquote(raw: &str, escape: char) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut quote = None;
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\'' | '"', None) => quote = Some(character),
            (close, Some(open)) if close == open => quote = None,
            (c, Some('"')) if c == escape => match characters.peek() {
                Some(&kept) if kept == '"' || kept == '$' || kept == escape => {
                    value.push(kept);
                    characters.next();
                }
                _ => value.push(c),
            },
            (c, None) if c == escape => value.extend(characters.next()),
            (c, _) => value.push(c),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back_to_the_source() {
        let mut text = Text::of_piece("RUN a ", 10);
        text.push("  b", 30);
        assert_eq!(text.as_str(), "RUN a   b");
        assert_eq!(text.source_offset(8), 32);
        assert_eq!(text.source_span(4..5), 14..15);
        assert_eq!(text.source_span(4..9), 14..33);
        assert_eq!(text.slice(4..9).source_offset(4), 32);
        assert_eq!(text.source_span(3..3), 13..13);
    }

    #[test]
    fn words_keep_quotes_together() {
        let text = Text::of_piece(r#"a "b c" d\ e 'f\'"#, 0);
        let values: Vec<String> = text.quoted_words('\\').into_iter().map(|word| word.value).collect();
        assert_eq!(values, ["a", "b c", "d e", "f\\"]);
        assert_eq!(text.plain_words('\\').len(), 6);
    }

    #[test]
    fn json_is_read_only_when_it_is_all() {
        let strings = |text: &str| {
            let words = Text::of_piece(text, 0).json_strings()?;
            Some(words.into_iter().map(|word| word.value).collect::<Vec<_>>())
        };
        assert_eq!(strings(r#"[ "a\n" , "\u0062" ]"#), Some(vec!["a\n".to_owned(), "b".to_owned()]));
        assert_eq!(strings("[]"), Some(vec![]));
        for wrong in ["", "[", "['a']", r#"["a",]"#, r#"["a"] b"#, r#"["a" "b"]"#, r#"["\x"]"#, "[1]"] {
            assert_eq!(strings(wrong), None, "{wrong}");
        }
    }
}

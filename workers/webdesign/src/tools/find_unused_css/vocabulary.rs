//! The words that components may give to elements: classes, ids and tags, from their strings and markup.
//!
//! Owns the reading of component sources (JavaScript, TypeScript, JSX, Vue, Svelte and their like) for words alone. Which
//! element gets which word is not known, so a word says *perhaps*. Comments and code outside strings say nothing.

use std::collections::BTreeSet;

/// Words, and beginnings and ends of words that are put together when the component runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Vocabulary {
    words: BTreeSet<String>,
    // `btn-` of `btn-${size}`: what stands before and behind the gap.
    patterns: BTreeSet<(String, String)>,
}

impl Vocabulary {
    /// Whether nothing was read.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.patterns.is_empty()
    }

    /// Whether a component may use this class, id or tag.
    pub(super) fn may_have(&self, word: &str) -> bool {
        if self.words.contains(word) {
            return true;
        }
        let fits = |(before, after): &(String, String)| {
            word.len() >= before.len() + after.len()
                && word.starts_with(before.as_str())
                && word.ends_with(after.as_str())
        };
        self.patterns.iter().any(fits)
    }

    /// Reads one source.
    pub(super) fn read(&mut self, source: &str) {
        let bytes = source.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            let rest = source.get(at..).unwrap_or_default();
            match byte {
                b'/' if rest.starts_with("//") => at += rest.find('\n').unwrap_or(rest.len()),
                b'/' if rest.starts_with("/*") => {
                    at += rest.get(2..).and_then(|it| it.find("*/")).map_or(rest.len(), |end| end + 4);
                }
                b'<' if rest.starts_with("<!--") => at += rest.find("-->").map_or(rest.len(), |end| end + 3),
                b'"' | b'\'' => at = self.quoted(source, at, byte),
                b'`' => at = self.template(source, at),
                b'<' => {
                    // A tag of markup.
                    let name: String =
                        rest.chars().skip(1).take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                    if name.starts_with(|c: char| c.is_ascii_lowercase()) {
                        self.words.insert(name.clone());
                    }
                    at += 1 + name.len();
                }
                // Svelte and Vue write `class:name` and `:class={name: x}`; keys of objects are words, too.
                _ if byte.is_ascii_alphabetic() || byte == b'_' => {
                    let end = rest
                        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '$')))
                        .unwrap_or(rest.len());
                    let word = rest.get(..end).unwrap_or_default();
                    let after = rest.get(end..).unwrap_or_default().trim_start();
                    let before = source.get(..at).unwrap_or_default();
                    if (after.starts_with(':') && !after.starts_with("::")) || before.ends_with("class:") {
                        self.words.insert(word.to_owned());
                    }
                    at += end.max(1);
                }
                _ => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
    }

    // A string; one that a line break cuts off was an apostrophe of text.
    fn quoted(&mut self, source: &str, start: usize, quote: u8) -> usize {
        let bytes = source.as_bytes();
        let mut at = start + 1;
        // Attributes of markup may go over several lines.
        let attribute = start > 0 && bytes.get(start - 1) == Some(&b'=');
        while let Some(byte) = bytes.get(at).copied() {
            match byte {
                b'\\' => at += 1,
                b'\n' if !attribute => return start + 1,
                _ if byte == quote => {
                    self.add(source.get(start + 1..at).unwrap_or_default());
                    return at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        start + 1
    }

    // A template, whose gaps are read as code.
    fn template(&mut self, source: &str, start: usize) -> usize {
        let rest = source.get(start + 1..).unwrap_or_default();
        let mut pieces: Vec<String> = vec![String::new()];
        let mut at = 0;
        while let Some(c) = rest.get(at..).and_then(|it| it.chars().next()) {
            match c {
                '\\' => at += 1 + rest.get(at + 1..).and_then(|it| it.chars().next()).map_or(0, char::len_utf8),
                '`' => {
                    at += 1;
                    break;
                }
                '$' if rest.get(at + 1..).is_some_and(|it| it.starts_with('{')) => {
                    let end = gap_end(rest, at + 2);
                    // Strings within the gap are words, too.
                    self.read_strings(rest.get(at + 2..end).unwrap_or_default());
                    pieces.push(String::new());
                    at = (end + 1).min(rest.len());
                }
                _ => {
                    if let Some(piece) = pieces.last_mut() {
                        piece.push(c);
                    }
                    at += c.len_utf8();
                }
            }
        }
        self.add_pieces(&pieces);
        start + 1 + at
    }

    fn read_strings(&mut self, code: &str) {
        for quote in ['"', '\''] {
            for text in code.split(quote).skip(1).step_by(2) {
                self.add(text);
            }
        }
    }

    fn add(&mut self, text: &str) {
        self.add_words(text);
        // Markup in a string names tags.
        for piece in text.split('<').skip(1) {
            let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            self.words.insert(name);
        }
    }

    fn add_words(&mut self, text: &str) {
        for word in text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '=' | '`')) {
            if !word.is_empty() {
                self.words.insert(word.to_owned());
                // `.a.b#c` as selectors are written.
                for name in word.split(['.', '#', ',']) {
                    if !name.is_empty() {
                        self.words.insert(name.to_owned());
                    }
                }
            }
        }
    }

    fn add_pieces(&mut self, pieces: &[String]) {
        for piece in pieces {
            self.add(piece);
        }
        for pair in pieces.windows(2) {
            let [before, after] = pair else { continue };
            let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '>' | '<');
            let before = before.rsplit(ends).next().unwrap_or_default();
            let after = after.split(ends).next().unwrap_or_default();
            // A word that is nothing but a gap could be any; its words are named where it comes from.
            if !before.is_empty() || !after.is_empty() {
                self.patterns.insert((before.to_owned(), after.to_owned()));
            }
        }
    }
}

fn gap_end(text: &str, from: usize) -> usize {
    let mut depth = 1_usize;
    for (at, byte) in text.bytes().enumerate().skip(from) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_tags_and_gaps_are_words() {
        let mut words = Vocabulary::default();
        words.read("const a = <div className=\"card big\">don't</div>; // 'gone'\nclsx({ active: x, 'is-on': y }); `btn-${size} ${x ? 'wide' : \"\"}`");
        for word in ["card", "big", "div", "active", "is-on", "btn-large", "wide"] {
            assert!(words.may_have(word), "{word}");
        }
        for word in ["gone", "size", "const", "don"] {
            assert!(!words.may_have(word), "{word}");
        }
    }
}

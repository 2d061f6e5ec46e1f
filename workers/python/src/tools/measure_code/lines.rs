//! Lines of a file as radon 6.0.1 counts them, from the parser's tokens.
//!
//! Radon strips each line and joins lines until they can be cut into whole tokens; such a group is a comment, a string that
//! stands alone, or code. Strings alone count as documentation: one line as a comment, more as `multi`.

use ruff_python_ast::ModModule;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Parsed;
use serde::Serialize;

/// How many lines of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Lines {
    /// All.
    pub loc: usize,
    /// Logical: a colon and a semicolon begin another.
    pub lloc: usize,
    /// With code.
    pub sloc: usize,
    /// Comments, those behind code too.
    pub comments: usize,
    /// Of strings that stand alone over several lines.
    pub multi: usize,
    /// Blank.
    pub blank: usize,
    /// Of a comment or a one-line string alone.
    pub single_comments: usize,
}

/// A token as radon's tokenizer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Comment,
    Text,
    Colon,
    Semicolon,
    Other,
}

/// Counts the lines of a parsed text.
pub(super) fn count(source: &str, parsed: &Parsed<ModModule>) -> Lines {
    let tokens = tokens_of(parsed);
    let mut lines = Lines::default();
    let mut next = 0;
    for group in groups_of(source, &tokens) {
        let first = next;
        while tokens.get(next).is_some_and(|token| token.start < group.end) {
            next += 1;
        }
        let kinds: Vec<Token> = tokens.get(first..next).unwrap_or_default().iter().map(|token| token.kind).collect();
        lines.take(&group, &kinds);
    }
    lines.loc = lines.sloc + lines.blank + lines.multi + lines.single_comments;
    lines
}

impl Lines {
    fn take(&mut self, group: &Group, kinds: &[Token]) {
        self.comments += kinds.iter().filter(|kind| **kind == Token::Comment).count();
        match kinds {
            [Token::Comment] => self.single_comments += 1,
            [Token::Text] if group.lines == 1 => self.single_comments += 1,
            [Token::Text] => {
                self.multi += group.lines - group.blank;
                self.blank += group.blank;
            }
            _ => {
                self.sloc += group.lines - group.blank;
                self.blank += group.blank;
            }
        }
        let parts: Vec<&[Token]> = kinds.split(|kind| *kind == Token::Semicolon).collect();
        let last = parts.len() - 1;
        self.lloc += parts.iter().enumerate().map(|(at, part)| logical(part, at == last)).sum::<usize>();
    }
}

// What ends the group, a marker of its own, stands behind the last part alone. A colon with nothing but that, or one token,
// behind it opens a block whose body is elsewhere.
fn logical(part: &[Token], is_last: bool) -> usize {
    let code: Vec<Token> = part.iter().copied().filter(|kind| *kind != Token::Comment).collect();
    let count = code.len() + usize::from(is_last);
    match code.iter().rposition(|kind| *kind == Token::Colon) {
        Some(at) if at + 2 == count => 1,
        Some(_) => 2,
        None => usize::from(!code.is_empty()),
    }
}

/// A token with its place in bytes.
#[derive(Debug, Clone, Copy)]
struct Placed {
    kind: Token,
    start: usize,
    end: usize,
    /// Brackets open behind it.
    depth: usize,
}

// A string with expressions in it is one token for radon's Python.
fn tokens_of(parsed: &Parsed<ModModule>) -> Vec<Placed> {
    let (mut found, mut depth) = (Vec::new(), 0_usize);
    let (mut strings, mut string_start) = (0_usize, 0);
    for token in parsed.tokens() {
        let (kind, range) = token.as_tuple();
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        match kind {
            TokenKind::FStringStart | TokenKind::TStringStart => {
                if strings == 0 {
                    string_start = start;
                }
                strings += 1;
                continue;
            }
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                strings = strings.saturating_sub(1);
                if strings == 0 {
                    found.push(Placed { kind: Token::Text, start: string_start, end, depth });
                }
                continue;
            }
            TokenKind::Newline | TokenKind::NonLogicalNewline | TokenKind::Indent | TokenKind::Dedent => continue,
            TokenKind::EndOfFile => continue,
            _ if strings > 0 => continue,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        let kind = match kind {
            TokenKind::Comment => Token::Comment,
            TokenKind::String => Token::Text,
            TokenKind::Colon => Token::Colon,
            TokenKind::Semi => Token::Semicolon,
            _ => Token::Other,
        };
        found.push(Placed { kind, start, end, depth });
    }
    found
}

/// Lines that go together.
struct Group {
    /// Offset behind the last of them.
    end: usize,
    lines: usize,
    blank: usize,
}

fn groups_of(source: &str, tokens: &[Placed]) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut group = Group { end: 0, lines: 0, blank: 0 };
    let mut next = 0;
    for line in lines_of(source) {
        let text = line.text.trim_matches(is_space);
        group.lines += 1;
        group.blank += usize::from(text.is_empty());
        group.end = line.next;
        let end = line.start + line.text.len();
        while tokens.get(next).is_some_and(|token| token.end <= end) {
            next += 1;
        }
        let inside = tokens.get(next).is_some_and(|token| token.start < end);
        let before = next.checked_sub(1).and_then(|at| tokens.get(at));
        let open = before.is_some_and(|token| token.depth > 0);
        let commented = before.is_some_and(|token| token.kind == Token::Comment && token.end > line.start);
        let continued = text.ends_with('\\') && !commented;
        if !inside && !open && !continued {
            groups.push(std::mem::replace(&mut group, Group { end: 0, lines: 0, blank: 0 }));
        }
    }
    if group.lines > 0 {
        groups.push(group);
    }
    groups
}

struct Line<'a> {
    start: usize,
    text: &'a str,
    /// Offset of the next one.
    next: usize,
}

// As Python's `str.splitlines` cuts: at more than line feeds.
fn lines_of(source: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = source.get(start..).filter(|rest| !rest.is_empty())?;
        let (length, after) = match rest.char_indices().find(|(_, c)| ends_line(*c)) {
            Some((at, '\r')) if rest.get(at + 1..).is_some_and(|after| after.starts_with('\n')) => (at, at + 2),
            Some((at, c)) => (at, at + c.len_utf8()),
            None => (rest.len(), rest.len()),
        };
        let line = Line { start, text: rest.get(..length).unwrap_or_default(), next: start + after };
        start += after;
        Some(line)
    })
}

fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What Python's `str.strip` takes off.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruff_python_parser::parse_module;

    #[test]
    fn counts_as_radon_does() {
        // loc, lloc, sloc, comments, multi, blank, single_comments
        for (source, expected) in [
            ("", [0, 0, 0, 0, 0, 0, 0]),
            ("x = 1\n\n# note\ny = 2  # two\n", [4, 2, 2, 2, 0, 1, 1]),
            ("\"\"\"One.\"\"\"\n", [1, 1, 0, 0, 0, 0, 1]),
            ("\"\"\"One.\n\nTwo.\n\"\"\"\nx = 1\n", [5, 2, 1, 0, 3, 1, 0]),
            ("if a: b\nif a:\n  b\n", [3, 4, 3, 0, 0, 0, 0]),
            ("a; b; c\nif x: a; b\n", [2, 5, 2, 0, 0, 0, 0]),
            ("f(\n  a,\n\n  b,  # b\n)\n", [5, 1, 4, 1, 0, 1, 0]),
            ("x = 1 + \\\n  2\n", [2, 1, 2, 0, 0, 0, 0]),
            ("x = f'''{\n  a:>3}'''\n", [2, 1, 2, 0, 0, 0, 0]),
            ("f'''one\ntwo'''\n", [2, 1, 0, 0, 2, 0, 0]),
            ("x = {1: 2}\n", [1, 2, 1, 0, 0, 0, 0]),
            ("# ends with a \\\nx = 1\n", [2, 1, 1, 1, 0, 0, 1]),
            ("\u{c}\nx = 1\n", [3, 1, 1, 0, 0, 2, 0]),
        ] {
            let parsed = parse_module(source).expect("Python");
            let found = count(source, &parsed);
            let found =
                [found.loc, found.lloc, found.sloc, found.comments, found.multi, found.blank, found.single_comments];
            assert_eq!(found, expected, "{source:?}");
        }
    }
}

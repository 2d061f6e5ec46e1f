//! CSS tokens (CSS Syntax Module Level 3), read lazily from a text.
//!
//! Owns the cutting of any text into tokens that together cover it without a gap. Numbers are read as `f64`, because
//! a ratio that stands at a threshold must not depend on the precision of the reader. Nothing here recurses or fails.

use std::borrow::Cow;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Spaces, tabs and line breaks.
    Whitespace,
    /// A comment, closed or not.
    Comment,
    /// A name.
    Ident,
    /// A name with the opening parenthesis after it.
    Function,
    /// `@` and a name.
    AtKeyword,
    /// `#` and a name.
    Hash,
    /// A quoted string, closed by its quote or by the end of the text.
    Text,
    /// A quoted string that a line break cut off.
    BadText,
    /// `url(` without quotes, to its parenthesis.
    Url,
    /// `url(` with characters it must not have.
    BadUrl,
    /// A number.
    Number(f64),
    /// A number with `%`.
    Percentage(f64),
    /// A number with a unit; the unit starts at this byte of the token.
    Dimension(f64, usize),
    /// `<!--` or `-->`.
    HtmlComment,
    /// Any other single character.
    Symbol(char),
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its source.
    pub text: &'a str,
    /// Byte offset at which it starts.
    pub start: usize,
}

impl<'a> Token<'a> {
    /// Byte offset behind it.
    pub const fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The name of an identifier, function, at-keyword or hash, escapes resolved, without its `(`, `@` or `#`.
    pub fn name(&self) -> Cow<'a, str> {
        let text = match self.kind {
            Kind::Function => self.text.strip_suffix('(').unwrap_or(self.text),
            Kind::AtKeyword | Kind::Hash => self.text.get(1..).unwrap_or_default(),
            _ => self.text,
        };
        unescape(text)
    }

    /// Whether it is an identifier with this name, whatever its case.
    pub fn is_ident(&self, name: &str) -> bool {
        self.kind == Kind::Ident && self.name().eq_ignore_ascii_case(name)
    }

    /// Whether it is this single character.
    pub fn is(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol(symbol)
    }

    /// Whether it separates without meaning anything.
    pub const fn is_blank(&self) -> bool {
        matches!(self.kind, Kind::Whitespace | Kind::Comment)
    }

    /// The unit of a dimension, escapes resolved.
    pub fn unit(&self) -> Cow<'a, str> {
        match self.kind {
            Kind::Dimension(_, at) => unescape(self.text.get(at..).unwrap_or_default()),
            _ => Cow::Borrowed(""),
        }
    }
}

/// The tokens of a text, in order.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// Starts at the beginning of a text.
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn char_len(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    }

    fn is_escape(&self, at: usize) -> bool {
        self.byte(at) == Some(b'\\') && !matches!(self.byte(at + 1), Some(b'\n' | b'\r' | b'\x0c') | None)
    }

    fn starts_name(&self, at: usize) -> bool {
        match self.byte(at) {
            Some(b'-') => self.byte(at + 1).is_some_and(|b| b == b'-' || is_name_start(b)) || self.is_escape(at + 1),
            Some(b) => is_name_start(b) || self.is_escape(at),
            None => false,
        }
    }

    fn starts_number(&self, at: usize) -> bool {
        let digit = |at| self.byte(at).is_some_and(|b| b.is_ascii_digit());
        match self.byte(at) {
            Some(b'+' | b'-') => digit(at + 1) || (self.byte(at + 1) == Some(b'.') && digit(at + 2)),
            Some(b'.') => digit(at + 1),
            Some(b) => b.is_ascii_digit(),
            None => false,
        }
    }

    fn escape_end(&self, at: usize) -> usize {
        let first = at + 1;
        let mut end = first;
        while end < first + 6 && self.byte(end).is_some_and(|b| b.is_ascii_hexdigit()) {
            end += 1;
        }
        if end == first {
            return first + self.char_len(first);
        }
        match self.byte(end) {
            Some(b'\r') if self.byte(end + 1) == Some(b'\n') => end + 2,
            Some(b) if is_space(b) => end + 1,
            _ => end,
        }
    }

    fn name_end(&self, mut at: usize) -> usize {
        loop {
            match self.byte(at) {
                Some(b) if is_name_start(b) || b.is_ascii_digit() || b == b'-' => at += 1,
                Some(b'\\') if self.is_escape(at) => at = self.escape_end(at),
                _ => return at,
            }
        }
    }

    fn digits_end(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|b| b.is_ascii_digit()) {
            at += 1;
        }
        at
    }

    fn number(&self, start: usize) -> (Kind, usize) {
        let mut end = start + usize::from(matches!(self.byte(start), Some(b'+' | b'-')));
        end = self.digits_end(end);
        if self.byte(end) == Some(b'.') && self.byte(end + 1).is_some_and(|b| b.is_ascii_digit()) {
            end = self.digits_end(end + 1);
        }
        if matches!(self.byte(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(end + 1), Some(b'+' | b'-')));
            if self.byte(end + 1 + sign).is_some_and(|b| b.is_ascii_digit()) {
                end = self.digits_end(end + 1 + sign);
            }
        }
        let value = self.text.get(start..end).and_then(|text| text.parse().ok()).unwrap_or(0.0);
        if self.byte(end) == Some(b'%') {
            (Kind::Percentage(value), end + 1)
        } else if self.starts_name(end) {
            (Kind::Dimension(value, end - start), self.name_end(end))
        } else {
            (Kind::Number(value), end)
        }
    }

    fn quoted(&self, start: usize, quote: u8) -> (Kind, usize) {
        let mut at = start + 1;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\\' if self.is_escape(at) => at = self.escape_end(at),
                b'\\' if self.byte(at + 1) == Some(b'\r') && self.byte(at + 2) == Some(b'\n') => at += 3,
                b'\\' => at = (at + 2).min(self.text.len()),
                b'\n' | b'\r' | b'\x0c' => return (Kind::BadText, at),
                _ if byte == quote => return (Kind::Text, at + 1),
                _ => at += 1,
            }
        }
        (Kind::Text, at)
    }

    // `at` stands behind `url(`; a quoted address makes it a function instead.
    fn url(&self, at: usize) -> (Kind, usize) {
        let mut end = at;
        while self.byte(end).is_some_and(is_space) {
            end += 1;
        }
        if matches!(self.byte(end), Some(b'"' | b'\'')) {
            return (Kind::Function, at);
        }
        let mut kind = Kind::Url;
        let mut spaced = false;
        while let Some(byte) = self.byte(end) {
            match byte {
                b')' => return (kind, end + 1),
                b'\\' if self.is_escape(end) => {
                    end = self.escape_end(end);
                    continue;
                }
                b'"' | b'\'' | b'(' | b'\\' | 0..=8 | 0x0b | 0x0e..=0x1f | 0x7f => kind = Kind::BadUrl,
                _ if is_space(byte) => spaced = true,
                _ if spaced => kind = Kind::BadUrl,
                _ => {}
            }
            end += 1;
        }
        (kind, end)
    }

    fn name(&self, start: usize) -> (Kind, usize) {
        let end = self.name_end(start);
        if self.byte(end) != Some(b'(') {
            return (Kind::Ident, end);
        }
        let name = unescape(self.text.get(start..end).unwrap_or_default());
        if name.eq_ignore_ascii_case("url") { self.url(end + 1) } else { (Kind::Function, end + 1) }
    }

    fn read(&self, start: usize, byte: u8) -> (Kind, usize) {
        let rest = self.text.get(start..).unwrap_or_default();
        match byte {
            _ if is_space(byte) => {
                let mut end = start;
                while self.byte(end).is_some_and(is_space) {
                    end += 1;
                }
                (Kind::Whitespace, end)
            }
            b'/' if rest.starts_with("/*") => {
                let length = rest.get(2..).and_then(|inner| inner.find("*/")).map_or(rest.len(), |at| at + 4);
                (Kind::Comment, start + length)
            }
            b'"' | b'\'' => self.quoted(start, byte),
            b'#' if self.is_escape(start + 1)
                || self.byte(start + 1).is_some_and(|b| is_name_start(b) || b.is_ascii_digit() || b == b'-') =>
            {
                (Kind::Hash, self.name_end(start + 1))
            }
            b'<' if rest.starts_with("<!--") => (Kind::HtmlComment, start + 4),
            b'-' if rest.starts_with("-->") => (Kind::HtmlComment, start + 3),
            b'@' if self.starts_name(start + 1) => (Kind::AtKeyword, self.name_end(start + 1)),
            _ if self.starts_number(start) => self.number(start),
            _ if self.starts_name(start) => self.name(start),
            _ => {
                let symbol = rest.chars().next().unwrap_or('\u{fffd}');
                (Kind::Symbol(symbol), start + symbol.len_utf8())
            }
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        let (kind, end) = self.read(start, self.byte(start)?);
        self.at = end.min(self.text.len()).max(start + 1);
        Some(Token { kind, text: self.text.get(start..self.at)?, start })
    }
}

/// Resolves the escapes of a name.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let mut code = None;
        for _ in 0..6 {
            let Some(digit) = rest.peek().and_then(|c| c.to_digit(16)) else { break };
            code = Some(code.unwrap_or(0) * 16 + digit);
            rest.next();
        }
        match code {
            Some(code) => {
                plain.push(char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}'));
                if rest.next_if_eq(&'\r').is_some() {
                    rest.next_if_eq(&'\n');
                } else {
                    rest.next_if(|c| matches!(c, ' ' | '\t' | '\n' | '\x0c'));
                }
            }
            None => plain.push(rest.next().unwrap_or('\u{fffd}')),
        }
    }
    Cow::Owned(plain)
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

// Bytes of characters beyond ASCII all belong to names.
const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        Tokens::new(text).map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn cuts_numbers_from_units() {
        assert_eq!(kinds("1e3"), [(Kind::Number(1000.0), "1e3")]);
        assert_eq!(kinds("1em"), [(Kind::Dimension(1.0, 1), "1em")]);
        assert_eq!(kinds("+.5%"), [(Kind::Percentage(0.5), "+.5%")]);
        assert_eq!(kinds("1-2"), [(Kind::Number(1.0), "1"), (Kind::Number(-2.0), "-2")]);
        assert_eq!(kinds("5."), [(Kind::Number(5.0), "5"), (Kind::Symbol('.'), ".")]);
    }

    #[test]
    fn reads_names_with_escapes() {
        let token = Tokens::new("r\\65 d").next().expect("a token");
        assert_eq!((token.kind, token.name().as_ref()), (Kind::Ident, "red"));
        assert_eq!(kinds("--x:"), [(Kind::Ident, "--x"), (Kind::Symbol(':'), ":")]);
        assert_eq!(kinds("#1a\u{e9}"), [(Kind::Hash, "#1a\u{e9}")]);
    }

    #[test]
    fn urls_and_strings_end_where_the_standard_says() {
        assert_eq!(kinds("url( a;b )")[0], (Kind::Url, "url( a;b )"));
        assert_eq!(kinds("url('a')")[0], (Kind::Function, "url("));
        assert_eq!(kinds("url(a b)c")[0], (Kind::BadUrl, "url(a b)"));
        assert_eq!(kinds("'a\\'b'")[0], (Kind::Text, "'a\\'b'"));
        assert_eq!(kinds("'a\nb")[0], (Kind::BadText, "'a"));
    }

    #[test]
    fn tokens_cover_any_text() {
        for text in ["\\", "'\\", "url(\\", "#", "@", "-", "/*", "a\u{1f600}\\\u{1f600}", "\u{0}\r\n\\\r\n", "'\\\r\n'"]
        {
            assert_eq!(Tokens::new(text).map(|token| token.text).collect::<String>(), text);
        }
    }
}

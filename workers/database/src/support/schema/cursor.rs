//! Walks over the tokens of a statement, or of a part of it.

use super::lex::Token;
use super::{Dialect, Span};

/// What was read, or what is missing.
pub(crate) type Read<T> = Result<T, &'static str>;

/// Walks over the tokens of a statement, or of a part of it.
pub(crate) struct Cursor<'s, 't> {
    pub(crate) source: &'s str,
    pub(crate) dialect: Dialect,
    pub(crate) tokens: &'t [Token<'s>],
    pub(crate) at: usize,
}

impl<'s, 't> Cursor<'s, 't> {
    pub(crate) fn peek(&self) -> Option<&'t Token<'s>> {
        self.tokens.get(self.at)
    }

    pub(crate) fn next(&mut self) -> Option<&'t Token<'s>> {
        let token = self.tokens.get(self.at);
        self.at += usize::from(token.is_some());
        token
    }

    pub(crate) fn over(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Takes these words if they come next.
    pub(crate) fn take(&mut self, words: &str) -> bool {
        let count = words.split(' ').count();
        let ahead = self.tokens.get(self.at..self.at + count).unwrap_or_default();
        let found = ahead.len() == count && words.split(' ').zip(ahead).all(|(word, token)| token.is(word));
        if found {
            self.at += count;
        }
        found
    }

    pub(crate) fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    pub(crate) fn is_mark(&self, mark: char) -> bool {
        self.peek().is_some_and(|token| token.is_mark(mark))
    }

    pub(crate) fn take_mark(&mut self, mark: char) -> bool {
        let found = self.is_mark(mark);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn name(&mut self) -> Read<String> {
        let name = self.peek().and_then(|token| token.name(self.dialect)).ok_or("a name is missing")?;
        self.at += 1;
        Ok(name)
    }

    /// `schema.name`, without the schema where it is the usual one.
    pub(crate) fn table_name(&mut self) -> Read<(String, Span)> {
        let start = self.peek().map_or(0, |token| token.at);
        let mut name = self.name()?;
        let mut schema = None;
        while self.take_mark('.') {
            schema = Some(std::mem::replace(&mut name, self.name()?));
        }
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, Token::end);
        let usual = |schema: &str| matches!(schema, "public" | "main" | "dbo");
        let full = match schema.filter(|schema| !usual(schema)) {
            Some(schema) => format!("{schema}.{name}"),
            None => name,
        };
        Ok((full, start..end))
    }

    /// What stands in the parentheses that come next.
    pub(crate) fn group(&mut self) -> Read<Cursor<'s, 't>> {
        if !self.is_mark('(') {
            return Err("a `(` is missing");
        }
        let start = self.at + 1;
        self.skip();
        let tokens = self.tokens.get(start..self.at.saturating_sub(1)).unwrap_or_default();
        Ok(Cursor { source: self.source, dialect: self.dialect, tokens, at: 0 })
    }

    /// Goes behind the next token, or behind the group it opens.
    pub(crate) fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.next() {
            if token.is_mark('(') || token.is_mark('[') {
                depth += 1;
            } else if token.is_mark(')') || token.is_mark(']') {
                depth = depth.saturating_sub(1);
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// The parts between commas outside of parentheses.
    pub(crate) fn parts(&mut self) -> Vec<Cursor<'s, 't>> {
        let mut parts = Vec::new();
        let mut start = self.at;
        while let Some(token) = self.peek() {
            if token.is_mark(',') {
                parts.push(self.part(start, self.at));
                self.at += 1;
                start = self.at;
            } else {
                self.skip();
            }
        }
        if start < self.at {
            parts.push(self.part(start, self.at));
        }
        parts
    }

    fn part(&self, from: usize, to: usize) -> Cursor<'s, 't> {
        Cursor {
            source: self.source,
            dialect: self.dialect,
            tokens: self.tokens.get(from..to).unwrap_or_default(),
            at: 0,
        }
    }

    /// The text of tokens, blanks made one.
    pub(crate) fn text(&self, from: usize, to: usize) -> String {
        let tokens = self.tokens.get(from..to).unwrap_or_default();
        let mut text = String::new();
        let mut end = None;
        for token in tokens {
            if end.is_some_and(|end| end < token.at) {
                text.push(' ');
            }
            text.push_str(token.text);
            end = Some(token.end());
        }
        text
    }

    pub(crate) fn span(&self) -> Span {
        let start = self.tokens.first().map_or(0, |token| token.at);
        start..self.tokens.last().map_or(start, Token::end)
    }

    pub(crate) fn columns(&mut self) -> Read<Vec<String>> {
        let mut group = self.group()?;
        let name = |mut part: Cursor<'s, 't>| {
            // A range of a temporal key.
            if part.tokens.len() > 1 {
                part.take("period");
            }
            part.name()
        };
        group.parts().into_iter().map(name).collect()
    }
}

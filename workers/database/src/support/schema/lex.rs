//! Tokens of SQL in any of the dialects: words, quoted names, texts, numbers, marks; comments and dumps' data left out.

use super::{Dialect, Span};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word without quotes.
    Word,
    /// A name in quotes.
    Quoted,
    /// A text.
    Text,
    /// A number.
    Number,
    /// Any other character.
    Mark,
}

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'s> {
    /// What it is.
    pub kind: Kind,
    /// Its text, quotes included.
    pub text: &'s str,
    /// Where it starts, a byte offset.
    pub at: usize,
}

impl Token<'_> {
    /// Where it ends.
    pub const fn end(&self) -> usize {
        self.at + self.text.len()
    }

    /// Its place.
    pub const fn span(&self) -> Span {
        self.at..self.end()
    }

    /// Whether it is this word, in any case.
    pub fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is this mark.
    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark && self.text.starts_with(mark)
    }

    /// The name it stands for: quotes off, words folded as the dialect does.
    pub fn name(&self, dialect: Dialect) -> Option<String> {
        match self.kind {
            Kind::Word if dialect == Dialect::PostgreSql => Some(self.text.to_lowercase()),
            Kind::Word => Some(self.text.to_owned()),
            Kind::Quoted => Some(inner(self.text)),
            // SQLite and MySQL take texts for names in places.
            Kind::Text if dialect != Dialect::PostgreSql => Some(inner(self.text)),
            Kind::Text | Kind::Number | Kind::Mark => None,
        }
    }
}

/// A text or name without its quotes.
pub fn inner(text: &str) -> String {
    let mut chars = text.chars();
    let Some(open) = chars.next() else { return String::new() };
    let close = if open == '[' { ']' } else { open };
    let body = chars.as_str().strip_suffix(close).unwrap_or(chars.as_str());
    body.replace(&format!("{close}{close}"), &close.to_string())
}

/// Statements as lists of tokens, without their semicolons.
pub fn statements(source: &str, dialect: Dialect) -> Vec<Vec<Token<'_>>> {
    let mut statements = Vec::new();
    let mut current: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    // Bodies of triggers and routines hold semicolons of their own. What follows END tells what it ends: only blocks count.
    let mut depth = 0_usize;
    let mut ended = false;
    while let Some(token) = next(source, at, dialect) {
        at = token.end();
        let of_end = std::mem::take(&mut ended);
        if of_end && !["if", "loop", "while", "repeat"].iter().any(|word| token.is(word)) {
            depth = depth.saturating_sub(1);
        }
        if token.is_mark(';') && depth == 0 {
            let copies =
                current.first().is_some_and(|first| first.is("copy")) && current.iter().any(|token| token.is("stdin"));
            if copies {
                at = source.get(at..).and_then(|rest| rest.find("\n\\.")).map_or(source.len(), |end| at + end + 3);
            }
            if !current.is_empty() {
                statements.push(std::mem::take(&mut current));
            }
            continue;
        }
        let routine = current.first().is_some_and(|first| first.is("create"))
            && current
                .iter()
                .take(8)
                .any(|token| ["trigger", "procedure", "function", "event"].iter().any(|word| token.is(word)));
        if routine {
            if token.is("begin") || token.is("case") && !of_end {
                depth += 1;
            }
            ended = token.is("end");
        }
        current.push(token);
    }
    if !current.is_empty() {
        statements.push(current);
    }
    statements
}

// The next token from an offset.
fn next(source: &str, from: usize, dialect: Dialect) -> Option<Token<'_>> {
    let mut at = from;
    loop {
        let rest = source.get(at..)?;
        let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        at += rest.len() - trimmed.len();
        let first = trimmed.chars().next()?;
        let line = || trimmed.find('\n').unwrap_or(trimmed.len());
        let line_start = source.get(..at).is_none_or(|before| before.is_empty() || before.ends_with('\n'));
        if trimmed.starts_with("--") || first == '#' && dialect == Dialect::MySql || first == '\\' && line_start {
            at += line();
            continue;
        }
        if trimmed.starts_with("/*") {
            // MySQL runs what stands in `/*! .. */`; its version number is skipped, the end is a comment's.
            let runs = dialect == Dialect::MySql && trimmed.starts_with("/*!");
            at += if runs {
                3 + trimmed.get(3..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count()
            } else {
                comment(trimmed, dialect)
            };
            continue;
        }
        if trimmed.starts_with("*/") && dialect == Dialect::MySql {
            at += 2;
            continue;
        }
        let (kind, length) = token(trimmed, first, dialect);
        return Some(Token { kind, text: trimmed.get(..length)?, at });
    }
}

fn comment(text: &str, dialect: Dialect) -> usize {
    let mut depth = 0_usize;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"/*" if depth == 0 || dialect == Dialect::PostgreSql => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

fn token(text: &str, first: char, dialect: Dialect) -> (Kind, usize) {
    let backslashes = dialect == Dialect::MySql;
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || c > '\u{7f}';
    let word = |text: &str| text.find(|c: char| !is_name(c)).unwrap_or(text.len());
    match first {
        '\'' => (Kind::Text, quoted(text, '\'', backslashes)),
        '"' if dialect == Dialect::MySql => (Kind::Text, quoted(text, '"', true)),
        '"' => (Kind::Quoted, quoted(text, '"', false)),
        '`' => (Kind::Quoted, quoted(text, '`', false)),
        '[' if dialect == Dialect::Sqlite => (Kind::Quoted, quoted(text, ']', false)),
        '$' if dialect == Dialect::PostgreSql => dollar(text).map_or((Kind::Mark, 1), |length| (Kind::Text, length)),
        'e' | 'E' if dialect == Dialect::PostgreSql && text.get(1..2) == Some("'") => {
            (Kind::Text, 1 + quoted(text.get(1..).unwrap_or_default(), '\'', true))
        }
        c if c.is_ascii_digit() => {
            let length = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(text.len());
            (Kind::Number, length)
        }
        c if is_name(c) => (Kind::Word, word(text)),
        c => (Kind::Mark, c.len_utf8()),
    }
}

fn quoted(text: &str, close: char, backslashes: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslashes {
            chars.next();
        } else if c == close {
            if chars.peek().is_some_and(|(_, next)| *next == close) {
                chars.next();
            } else {
                return at + c.len_utf8();
            }
        }
    }
    text.len()
}

// `$$ .. $$`, `$tag$ .. $tag$`.
fn dollar(text: &str) -> Option<usize> {
    let end = text.get(1..)?.find('$')? + 2;
    let tag = text.get(..end)?;
    let named = tag.trim_matches('$');
    if named.starts_with(|c: char| c.is_ascii_digit()) || !named.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    Some(text.get(end..)?.find(tag).map_or(text.len(), |at| end + at + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str, dialect: Dialect) -> Vec<Vec<&str>> {
        statements(source, dialect)
            .into_iter()
            .map(|tokens| tokens.into_iter().map(|token| token.text).collect())
            .collect()
    }

    #[test]
    fn statements_are_split_outside_of_quotes() {
        let sql = "a 'x;''y' \"q;\" -- c;\n; b $$ ; $$ /* ; /* ; */ */; COPY t FROM stdin;\n1;2\n\\.\nc";
        assert_eq!(
            texts(sql, Dialect::PostgreSql),
            [vec!["a", "'x;''y'", "\"q;\""], vec!["b", "$$ ; $$"], vec!["COPY", "t", "FROM", "stdin"], vec!["c"]]
        );
        assert_eq!(
            texts("a 'x\\';' `q`; # c\n/*!40101 SET x */;", Dialect::MySql),
            [vec!["a", "'x\\';'", "`q`"], vec!["SET", "x"]]
        );
        assert_eq!(texts("create trigger t begin select 1; end; b [c d]", Dialect::Sqlite).len(), 2);
        let trigger = "create trigger t begin if a then x; elseif (b) then y; else case when 1 then 2 end; end if; case a when 1 then z; end case; end; b";
        assert_eq!(texts(trigger, Dialect::MySql).len(), 2);
    }
}

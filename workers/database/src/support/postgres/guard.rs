//! What stands between a text and the recursive parser: brackets, chains and blocks that go too deep.
//!
//! The parser and the release of its tree recurse on nesting and on chains without brackets (`a + a + ...`,
//! `SELECT ... UNION SELECT ...`, `NOT NOT ...`). A chain is counted in tokens between two commas or semicolons of the
//! same bracket; a flat list of any length is no chain. One pass, linear time.

use octavo_toolkit::limits;

/// Most tokens of one chain. The wasm build was seen to fail from 3,950 (`t JOIN t JOIN ... ON ... ON`) on.
pub const MAX_CHAIN_TOKENS: usize = 2_500;

/// Most statements that start within one chain (`EXPLAIN EXPLAIN ...`, `PREPARE a AS PREPARE ...`). The wasm build was
/// seen to fail from 193 on.
pub const MAX_STATEMENT_STARTS: usize = 64;

/// Most queries joined by UNION, INTERSECT and EXCEPT in one statement; they nest in the tree, whatever lies between.
pub const MAX_SET_OPERATIONS: usize = 500;

/// Most `CASE` open at once, and most `BEGIN`, `IF`, `LOOP` and `CASE` in a procedural body.
pub const MAX_OPEN_BLOCKS: usize = limits::MAX_NESTING_DEPTH;

/// Where a text goes too deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooDeep {
    /// Byte offset at which the limit is passed.
    pub at: usize,
    /// What passes it.
    pub what: Depth,
}

/// What can go too deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Brackets within brackets.
    Brackets,
    /// Operators, joins or prefixes in a row.
    Chain,
    /// Statements that start within each other.
    Starts,
    /// UNION, INTERSECT, EXCEPT in a row.
    SetOperations,
    /// Blocks or CASE within each other.
    Blocks,
}

impl Depth {
    /// What is counted and how much of it is taken, for a message.
    pub fn limit(self) -> String {
        match self {
            Self::Brackets => format!("{} brackets within each other", limits::MAX_NESTING_DEPTH),
            Self::Chain => format!("{MAX_CHAIN_TOKENS} tokens without a comma or semicolon between them"),
            Self::Starts => format!("{MAX_STATEMENT_STARTS} statements that start within each other"),
            Self::SetOperations => format!("{MAX_SET_OPERATIONS} set operations in one statement"),
            Self::Blocks => format!("{MAX_OPEN_BLOCKS} blocks within each other"),
        }
    }
}

/// Where a SQL text goes too deep for the parser, if it does.
///
/// Strings are one token, except in statements that start with CREATE or DO: their strings may be bodies, which the
/// parser reads too.
pub fn too_deep(text: &str) -> Option<TooDeep> {
    if let Some(at) = limits::nesting_exceeded(text) {
        return Some(TooDeep { at, what: Depth::Brackets });
    }
    let mut level = Level::default();
    let mut outer: Vec<Level> = Vec::new();
    let mut bodies = false;
    let mut statement_starts = true;
    for token in Tokens::of(text) {
        match token.kind {
            Kind::Open => {
                level.tokens += 1;
                outer.push(std::mem::take(&mut level));
            }
            Kind::Close => level = outer.pop().unwrap_or_default(),
            Kind::Comma => level.comma(),
            Kind::Semicolon => {
                level = Level::default();
                // Brackets left open by a broken statement end with it, as they do in the parser.
                outer.clear();
                statement_starts = true;
                continue;
            }
            Kind::Text => {
                level.tokens += 1;
                if bodies && let Some(found) = inside(token.text) {
                    return Some(TooDeep { at: token.at + found.at, what: found.what });
                }
            }
            Kind::Word => {
                level.word(token.text);
                if statement_starts {
                    bodies = token.text.eq_ignore_ascii_case("create") || token.text.eq_ignore_ascii_case("do");
                }
            }
            Kind::Sign => level.tokens += 1,
        }
        statement_starts = false;
        if let Some(what) = level.exceeded() {
            return Some(TooDeep { at: token.at, what });
        }
    }
    None
}

// A body in a string: chains as in any text, and the blocks of a procedural language.
fn inside(string: &str) -> Option<TooDeep> {
    let mut level = Level::default();
    let mut outer: Vec<Level> = Vec::new();
    let mut blocks = 0_usize;
    let mut after_end = false;
    let body = string.find(|c: char| c != '$' && c != '\'' && !c.is_alphanumeric()).unwrap_or(0);
    for token in Tokens::of(string.get(body..).unwrap_or_default()) {
        let at = body + token.at;
        match token.kind {
            Kind::Open => outer.push(std::mem::take(&mut level)),
            Kind::Close => level = outer.pop().unwrap_or_default(),
            Kind::Comma => level.comma(),
            Kind::Semicolon => level = Level::default(),
            Kind::Text | Kind::Sign => level.tokens += 1,
            Kind::Word => {
                level.word(token.text);
                let is = |words: &[&str]| words.iter().any(|word| token.text.eq_ignore_ascii_case(word));
                if is(&["end"]) {
                    blocks = blocks.saturating_sub(1);
                } else if !after_end && is(&["begin", "if", "loop", "case"]) {
                    blocks += 1;
                }
                after_end = is(&["end"]);
            }
        }
        let blocks_exceeded = (blocks > MAX_OPEN_BLOCKS).then_some(Depth::Blocks);
        if let Some(what) = level.exceeded().or(blocks_exceeded) {
            return Some(TooDeep { at, what });
        }
    }
    None
}

// What is counted on one level of brackets.
#[derive(Debug, Default)]
struct Level {
    tokens: usize,
    starts: usize,
    set_operations: usize,
    open_cases: usize,
}

impl Level {
    fn word(&mut self, word: &str) {
        self.tokens += 1;
        let is = |words: &[&str]| words.iter().any(|other| word.eq_ignore_ascii_case(other));
        if is(&["union", "intersect", "except"]) {
            self.set_operations += 1;
        } else if is(&["explain", "prepare", "create", "with", "declare"]) {
            self.starts += 1;
        } else if is(&["case"]) {
            self.open_cases += 1;
        } else if is(&["end"]) {
            self.open_cases = self.open_cases.saturating_sub(1);
        }
    }

    const fn comma(&mut self) {
        self.tokens = 0;
        self.starts = 0;
    }

    const fn exceeded(&self) -> Option<Depth> {
        if self.tokens > MAX_CHAIN_TOKENS {
            Some(Depth::Chain)
        } else if self.starts > MAX_STATEMENT_STARTS {
            Some(Depth::Starts)
        } else if self.set_operations > MAX_SET_OPERATIONS {
            Some(Depth::SetOperations)
        } else if self.open_cases > MAX_OPEN_BLOCKS {
            Some(Depth::Blocks)
        } else {
            None
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Text,
    Sign,
    Open,
    Close,
    Comma,
    Semicolon,
}

#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    at: usize,
    text: &'a str,
}

// A coarse lexer: enough to tell words, strings and separators apart.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            if first.is_whitespace() {
                self.at += first.len_utf8();
            } else if rest.starts_with("--") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += comment_bytes(rest);
            } else {
                break;
            }
        }
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (kind, bytes) = match first {
            '(' | '[' | '{' => (Kind::Open, 1),
            ')' | ']' | '}' => (Kind::Close, 1),
            ',' => (Kind::Comma, 1),
            ';' => (Kind::Semicolon, 1),
            '\'' => (Kind::Text, string_bytes(rest, '\'')),
            '"' => (Kind::Word, string_bytes(rest, '"')),
            '$' => dollar_bytes(rest).map_or((Kind::Sign, 1), |bytes| (Kind::Text, bytes)),
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                (Kind::Word, end)
            }
            c => (Kind::Sign, c.len_utf8()),
        };
        let token = Token { kind, at: self.at, text: rest.get(..bytes).unwrap_or(rest) };
        self.at += bytes.max(1);
        Some(token)
    }
}

fn string_bytes(text: &str, quote: char) -> usize {
    text.get(1..).and_then(|inner| inner.find(quote)).map_or(text.len(), |end| end + 2)
}

fn comment_bytes(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (Some(b'*'), Some(b'/')) => {
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

// `$tag$ ... $tag$`, or the whole rest where it is not closed; nothing where it is no dollar quote.
fn dollar_bytes(text: &str) -> Option<usize> {
    let tag_end = text.get(1..)?.find('$')? + 2;
    let tag = text.get(..tag_end)?;
    if !tag.trim_matches('$').chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let inner = text.get(tag_end..)?;
    Some(inner.find(tag).map_or(text.len(), |end| tag_end + end + tag_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(text: &str) -> Option<Depth> {
        too_deep(text).map(|found| found.what)
    }

    #[test]
    fn limits_hold_at_their_edges() {
        // `select`, then two tokens a link, then the last operand.
        let links = (MAX_CHAIN_TOKENS - 2) / 2;
        assert_eq!(what(&format!("select {}a", "a+".repeat(links))), None);
        assert_eq!(what(&format!("select {}a", "a+".repeat(links + 1))), Some(Depth::Chain));
        let union = "select 1, 2 union all ";
        assert_eq!(what(&format!("{}select 1, 2", union.repeat(MAX_SET_OPERATIONS))), None);
        assert_eq!(what(&format!("{}select 1, 2", union.repeat(MAX_SET_OPERATIONS + 1))), Some(Depth::SetOperations));
        assert_eq!(what(&"(".repeat(201)), Some(Depth::Brackets));
        assert_eq!(what(&format!("select {}", "case when a then ".repeat(MAX_OPEN_BLOCKS))), None);
        assert_eq!(what(&format!("select {}", "case when a then ".repeat(MAX_OPEN_BLOCKS + 1))), Some(Depth::Blocks));
        assert_eq!(what(&"explain ".repeat(MAX_STATEMENT_STARTS)), None);
        assert_eq!(what(&"explain ".repeat(MAX_STATEMENT_STARTS + 1)), Some(Depth::Starts));
    }

    #[test]
    fn flat_texts_are_no_chains() {
        assert_eq!(what(&format!("values {}(1)", "(1, 'x'),".repeat(20_000))), None);
        assert_eq!(what(&"select a + b;".repeat(20_000)), None);
        assert_eq!(what(&format!("insert into t values ('{}')", "word ".repeat(20_000))), None);
        assert_eq!(what(&format!("-- {}\nselect 1", "word ".repeat(20_000))), None);
    }

    #[test]
    fn bodies_are_looked_into() {
        let chain = "1+".repeat(MAX_CHAIN_TOKENS);
        let function = |body: &str| format!("create function f() returns int language sql as {body}");
        assert_eq!(what(&function(&format!("'select {chain}1'"))), Some(Depth::Chain));
        assert_eq!(what(&function(&format!("$x$select {chain}1$x$"))), Some(Depth::Chain));
        let blocks = |n: usize| format!("do $$ {} {} $$", "begin if a then ".repeat(n), "end if; end; ".repeat(n));
        assert_eq!(what(&blocks(MAX_OPEN_BLOCKS / 2)), None);
        assert_eq!(what(&blocks(MAX_OPEN_BLOCKS / 2 + 1)), Some(Depth::Blocks));
    }

    #[test]
    fn odd_texts_do_not_matter() {
        for text in [
            "",
            "'",
            "\"",
            "$",
            "$$",
            "$a$",
            "/*",
            "/*/",
            "--",
            "\u{e9}$",
            ")))",
            "select '\u{1f600}",
            "create $\u{e9}$ a",
        ] {
            assert_eq!(what(text), None, "{text}");
        }
    }
}

//! What stands between a text and the recursive parser: brackets, chains and blocks that go too deep.
//!
//! The parser and the release of its tree recurse on nesting and on chains without brackets (`a + a + ...`,
//! `SELECT ... UNION SELECT ...`, `NOT NOT ...`). A chain is counted in tokens between two commas or semicolons of the
//! same bracket; a flat list of any length is no chain. One pass, linear time.

use octavo_toolkit::limits;
use squawk_lexer::{LiteralKind, TokenKind};

/// Most tokens of one chain. The wasm build was seen to fail from 3,950 (`t JOIN t JOIN ... ON ... ON`) on.
pub const MAX_CHAIN_TOKENS: usize = 2_500;

/// Most statements that start within one chain (`EXPLAIN EXPLAIN ...`, `PREPARE a AS PREPARE ...`). The wasm build was
/// seen to fail from 193 on.
pub const MAX_STATEMENT_STARTS: usize = 64;

/// Most queries joined by UNION, INTERSECT and EXCEPT in one statement; they nest in the tree, whatever lies between.
pub const MAX_SET_OPERATIONS: usize = 500;

/// Most `CASE` open at once, and most `BEGIN`, `IF`, `LOOP` and `CASE` in a procedural body.
pub const MAX_OPEN_BLOCKS: usize = limits::MAX_NESTING_DEPTH;

/// Longest body in a string that names characters by their numbers (`E'\x28'`, `U&'\0028'`), in bytes: nobody writes one, and what it
/// says is not read here.
pub const MAX_ENCODED_BODY_BYTES: usize = 400;

/// Most statements of a text or a body, empty ones too: each is looked at by every rule, for some ten microseconds.
pub const MAX_STATEMENTS: usize = 50_000;

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
    /// A body whose characters are named by their numbers.
    Encoded,
    /// Statements one after another.
    Statements,
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
            Self::Statements => format!("{MAX_STATEMENTS} statements"),
            Self::Encoded => format!("{MAX_ENCODED_BODY_BYTES} bytes of a body whose characters are named by numbers"),
        }
    }
}

/// Where a SQL text goes too deep for the parser, if it does.
///
/// Strings are one token, except in statements that start with CREATE or DO: their strings may be bodies, which the
/// parser reads too.
pub fn too_deep(text: &str) -> Option<TooDeep> {
    let mut level = Level::default();
    let mut outer: Vec<Level> = Vec::new();
    let mut bodies = false;
    let mut statement_starts = true;
    let mut body = Body::default();
    // Bodies of statements, `BEGIN ATOMIC ...; END`, which hold statements and may hold each other.
    let mut blocks = 0_usize;
    let mut before = Kind::Semicolon;
    let mut statements = 0_usize;
    for token in tokens(text) {
        if token.kind != Kind::Text
            && let Some(found) = std::mem::take(&mut body).too_deep()
        {
            return Some(found);
        }
        let after = std::mem::replace(&mut before, token.kind);
        match token.kind {
            Kind::Open => {
                level.tokens += 1;
                outer.push(std::mem::take(&mut level));
                if outer.len() > limits::MAX_NESTING_DEPTH {
                    return Some(TooDeep { at: token.at, what: Depth::Brackets });
                }
            }
            Kind::Close => level = outer.pop().unwrap_or_default(),
            Kind::Comma => level.comma(),
            Kind::Semicolon => {
                statements += 1;
                if statements > MAX_STATEMENTS {
                    return Some(TooDeep { at: token.at, what: Depth::Statements });
                }
                level = Level::default();
                // Brackets left open by a broken statement end with it, as they do in the parser.
                outer.clear();
                statement_starts = true;
                continue;
            }
            Kind::Text => {
                level.tokens += 1;
                if bodies {
                    body.add(token);
                }
            }
            Kind::Word => {
                level.word(token.text);
                if token.text.eq_ignore_ascii_case("atomic") {
                    blocks += 1;
                    if blocks > MAX_OPEN_BLOCKS {
                        return Some(TooDeep { at: token.at, what: Depth::Blocks });
                    }
                } else if after == Kind::Semicolon && token.text.eq_ignore_ascii_case("end") {
                    blocks = blocks.saturating_sub(1);
                }
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
    body.too_deep()
}

// A string that may be a body, made of one literal or of several in a row, as the parser reads it.
#[derive(Default)]
struct Body {
    at: usize,
    text: String,
    // Whether backslashes mean something, as they do from the first literal that says so.
    escaped: bool,
    encoded: bool,
}

impl Body {
    fn add(&mut self, literal: Token<'_>) {
        if self.text.is_empty() {
            self.at = literal.at;
        }
        let text = literal.text;
        if let Some(tag) = text.strip_prefix('$').and_then(|rest| rest.split('$').next()) {
            let inner = text.get(tag.len() + 2..).unwrap_or_default();
            let end = format!("${tag}$");
            self.text.push_str(inner.strip_suffix(&end).unwrap_or(inner));
            return;
        }
        let (prefix, inner) = text.split_once('\'').unwrap_or(("", text));
        self.escaped |= prefix.eq_ignore_ascii_case("e");
        self.encoded |= prefix.ends_with('&');
        let mut characters = inner.strip_suffix('\'').unwrap_or(inner).chars().peekable();
        while let Some(character) = characters.next() {
            let next = if character == '\\' && self.escaped { characters.next() } else { None };
            self.text.push(match (character, next) {
                ('\'', _) => characters.next_if_eq(&'\'').unwrap_or(character),
                (_, Some('n')) => '\n',
                (_, Some('r')) => '\r',
                (_, Some('b' | 'f' | 't')) => ' ',
                (_, Some(next)) => {
                    self.encoded |= next.is_ascii_digit() || matches!(next, 'x' | 'u' | 'U');
                    next
                }
                (_, None) => character,
            });
        }
    }

    fn too_deep(self) -> Option<TooDeep> {
        if self.encoded && self.text.len() > MAX_ENCODED_BODY_BYTES {
            return Some(TooDeep { at: self.at, what: Depth::Encoded });
        }
        inside(&self.text).map(|what| TooDeep { at: self.at, what })
    }
}

// What is too deep in a body: chains as in any text, and the blocks of a procedural language.
fn inside(text: &str) -> Option<Depth> {
    let mut level = Level::default();
    let mut outer: Vec<Level> = Vec::new();
    let mut blocks = 0_usize;
    let mut after_end = false;
    let mut statements = 0_usize;
    for token in tokens(text) {
        match token.kind {
            Kind::Open => {
                outer.push(std::mem::take(&mut level));
                if outer.len() > limits::MAX_NESTING_DEPTH {
                    return Some(Depth::Brackets);
                }
            }
            Kind::Close => level = outer.pop().unwrap_or_default(),
            Kind::Comma => level.comma(),
            Kind::Semicolon => {
                statements += 1;
                if statements > MAX_STATEMENTS {
                    return Some(Depth::Statements);
                }
                level = Level::default();
            }
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
            return Some(what);
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

// What the parser reads, by its own lexer: nothing hides in what one of the two takes for a string and the other does not.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut next = 0;
    squawk_lexer::tokenize(text).filter_map(move |token| {
        let at = next;
        next += token.len as usize;
        let kind = match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => return None,
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenCurly => Kind::Open,
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseCurly => Kind::Close,
            TokenKind::Comma => Kind::Comma,
            TokenKind::Semi => Kind::Semicolon,
            TokenKind::Ident | TokenKind::QuotedIdent { .. } => Kind::Word,
            TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Numeric { .. } } => Kind::Sign,
            TokenKind::Literal { .. } => Kind::Text,
            _ => Kind::Sign,
        };
        Some(Token { kind, at, text: text.get(at..next).unwrap_or_default() })
    })
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
        assert_eq!(what(&";".repeat(MAX_STATEMENTS)), None);
        assert_eq!(what(&";".repeat(MAX_STATEMENTS + 1)), Some(Depth::Statements));
        assert_eq!(what(&format!("do $${}$$", ";".repeat(MAX_STATEMENTS))), None);
        assert_eq!(what(&format!("do $${}$$", ";".repeat(MAX_STATEMENTS + 1))), Some(Depth::Statements));
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
    fn nothing_hides_in_strings_and_comments() {
        for piece in
            ["(')',", "(\")\",", "(/*)*/", "(--)\n", "(E'\\')',", "[$$]$$,", "($a$)$a$,", "(U&')',", "(/* /* */ ) */"]
        {
            assert_eq!(what(&format!("select {}", piece.repeat(300))), Some(Depth::Brackets), "{piece}");
            assert_eq!(what(&format!("select {}1{}", piece.repeat(100), ")".repeat(100))), None, "{piece}");
        }
        // Bodies, as the parser takes them apart.
        for body in [
            format!("'select {}'", "('')'',".repeat(300)),
            format!("E'select {}'", "(\\')\\',".repeat(300)),
            format!("$a$select {}$a$", "(')',".repeat(300)),
            format!("'select {0}'\n'{0}'", "(".repeat(150)),
            format!("E'select --\\n{}'", "(".repeat(300)),
        ] {
            assert_eq!(what(&format!("create function f() as {body}")), Some(Depth::Brackets), "{}", &body[..20]);
        }
        for body in [format!("E'{}'", "\\x28".repeat(150)), format!("U&'{}'", "\\0028".repeat(150))] {
            assert_eq!(what(&format!("create function f() as {body}")), Some(Depth::Encoded), "{}", &body[..9]);
            assert_eq!(what(&format!("select {body}")), None, "{}", &body[..9]);
        }
        let atomic = "create function f() begin atomic select 1; ";
        assert_eq!(what(&atomic.repeat(MAX_OPEN_BLOCKS)), None);
        assert_eq!(what(&atomic.repeat(MAX_OPEN_BLOCKS + 1)), Some(Depth::Blocks));
        assert_eq!(what(&format!("{atomic} end;").repeat(2 * MAX_OPEN_BLOCKS)), None);
        // What looks like strings, and is none to the parser.
        for piece in ["$1$(", "E'\\''(", "'\\'("] {
            assert_eq!(what(&format!("select {}", piece.repeat(300))), Some(Depth::Brackets), "{piece}");
        }
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

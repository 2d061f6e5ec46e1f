//! How deep a recursive walk over a Python text would go, told from its tokens in one pass.
//!
//! Ruff's parser and its rules recurse over expressions, and a wasm stack cannot grow: a deep text must be refused before
//! it is parsed. Brackets alone do not tell the depth (`not not x`, `a.b.c`, `1 + 1 + 1` and `if x else` nest without any,
//! and a bracket in a comment closes nothing), so ruff's own lexer is asked, which does not recurse. What goes through the
//! parser's recursion (brackets, prefixes) weighs more than what only the rules recurse over (operators, attributes,
//! calls). The figure may be too high for odd texts, never too low by more than a small factor.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{Expr, ModModule};
use ruff_python_parser::{Mode, ParseOptions, Parsed, lexer, parse};

/// Tabs count to the next multiple of this many columns (Python's lexical analysis, section 2.1.8).
const TAB_COLUMNS: usize = 8;

/// Weight of a bracket or a prefix: ruff's parser overflows at a fifth of the depth at which its rules do.
pub const NESTED: usize = 5;

/// Weight of an operator, an attribute, a call or an index.
pub const CHAINED: usize = 1;

/// Weight of a dot in an import: ruff rewrites imports with libcst, which overflows at 150 dots.
const IMPORTED: usize = 2 * NESTED;

/// How heavy a text's expressions are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weights {
    /// The deepest expression: [`NESTED`] and [`CHAINED`] summed along the way down.
    pub expression: usize,
    /// The targets of the longest chained assignment, `a = b = c`.
    pub targets: usize,
}

/// Weighs a text.
pub fn weights(source: &str) -> Weights {
    let mut levels = Levels::default();
    let mut lexer = lexer::lex(source, Mode::Module);
    let mut previous = TokenKind::Newline;
    loop {
        let kind = lexer.next_token();
        if kind == TokenKind::EndOfFile {
            return levels.finish();
        }
        levels.take(kind, previous);
        if kind != TokenKind::Comment {
            previous = kind;
        }
    }
}

/// The depth of a text's deepest block: how many ever wider indentations follow each other.
///
/// Looks at every line, even inside brackets and strings: after a syntax error, ruff's parser may take it for a line of
/// its own.
pub fn block_depth(source: &str) -> usize {
    let mut widths: Vec<usize> = Vec::new();
    let mut deepest = 0;
    for line in source.split(['\n', '\r']) {
        let mut width = 0;
        let mut blank = true;
        for byte in line.bytes() {
            match byte {
                b' ' => width += 1,
                b'\t' => width = (width / TAB_COLUMNS + 1) * TAB_COLUMNS,
                b'\x0c' => width = 0,
                _ => {
                    blank = false;
                    break;
                }
            }
        }
        if blank {
            continue;
        }
        while widths.last().is_some_and(|last| *last >= width) {
            widths.pop();
        }
        if width > 0 {
            widths.push(width);
        }
        deepest = deepest.max(widths.len());
    }
    deepest
}

/// How heavy the texts in a file's strings and comments are, taken as expressions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quoted {
    /// The heaviest: ruff parses annotations in quotes, strings that look like f-strings, and comments that look like code.
    pub any: usize,
    /// The heaviest string that is an expression: were it an annotation, ruff's rules would look at it.
    pub expression: usize,
}

/// Weighs the strings and comments of a parsed text. Strings heavier than `bearable` are not parsed.
pub fn quoted_weights(parsed: &Parsed<ModModule>, source: &str, bearable: usize) -> Quoted {
    let mut strings = Strings { quoted: Quoted::default(), bearable };
    strings.visit_body(parsed.suite());
    let mut quoted = strings.quoted;
    for token in parsed.tokens() {
        let (kind, range) = token.as_tuple();
        let text = source.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
        match kind {
            TokenKind::Comment => {
                quoted.any = quoted.any.max(heaviest_in(text.trim_start_matches(['#', ' ', '\t', '\x0c'])));
            }
            TokenKind::String if text.contains('{') => quoted.any = quoted.any.max(heaviest_in(&format!("f{text}"))),
            _ => {}
        }
    }
    quoted
}

fn heaviest_in(text: &str) -> usize {
    weights(text).expression
}

// The values of all strings, put together and with their escapes read, as an annotation in quotes is parsed.
struct Strings {
    quoted: Quoted,
    bearable: usize,
}

impl<'a> SourceOrderVisitor<'a> for Strings {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let Expr::StringLiteral(string) = expr else {
            walk_expr(self, expr);
            return;
        };
        let text = string.value.to_str();
        let weight = heaviest_in(text);
        self.quoted.any = self.quoted.any.max(weight);
        if weight > self.quoted.expression && weight <= self.bearable {
            let options = ParseOptions::from(Mode::ParenthesizedExpression);
            if parse(text, options).is_ok() {
                self.quoted.expression = weight;
            }
        }
    }
}

/// A text while it is weighed: its open brackets, outermost first; the first stands for the statement.
struct Levels {
    open: Vec<Level>,
    weights: Weights,
    /// The targets of the statement so far.
    targets: usize,
    /// Whether the statement is an import.
    imports: bool,
}

/// What has been seen between a bracket and its end.
#[derive(Default)]
struct Level {
    /// Weight of what has nested since the last comma without a bracket.
    chain: usize,
    /// The heaviest bracket since the last comma.
    inner: usize,
    /// The heaviest item before the last comma.
    before: usize,
    /// Lambdas whose colon has not come: their commas divide parameters.
    parameters: usize,
}

impl Default for Levels {
    fn default() -> Self {
        Self { open: vec![Level::default()], weights: Weights::default(), targets: 0, imports: false }
    }
}

impl Levels {
    fn take(&mut self, kind: TokenKind, previous: TokenKind) {
        if previous == TokenKind::NonLogicalNewline && starts_only_statements(kind) {
            self.end_statement();
        }
        let outermost = self.open.len() == 1;
        let Some(level) = self.open.last_mut() else { return };
        match kind {
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                if ends_operand(previous) {
                    level.chain += CHAINED;
                }
                self.open.push(Level::default());
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                self.close();
            }
            TokenKind::Newline => self.end_statement(),
            TokenKind::Semi if outermost => self.end_statement(),
            TokenKind::Import => self.imports = true,
            TokenKind::From if starts_statement(previous) => self.imports = true,
            TokenKind::Dot if self.imports => level.chain += IMPORTED,
            TokenKind::Colon => level.parameters = level.parameters.saturating_sub(1),
            TokenKind::Equal if outermost && level.parameters == 0 => {
                level.end_item();
                self.targets += 1;
            }
            TokenKind::Equal | TokenKind::Comma if level.parameters > 0 => {}
            // What cannot be read ends what was being read.
            TokenKind::Equal | TokenKind::Comma | TokenKind::Semi | TokenKind::Unknown => level.end_item(),
            TokenKind::Lambda => {
                level.parameters += 1;
                level.chain += NESTED;
            }
            kind => level.chain += weight(kind, previous),
        }
    }

    fn close(&mut self) {
        if self.open.len() > 1
            && let Some(mut closed) = self.open.pop()
            && let Some(level) = self.open.last_mut()
        {
            closed.end_item();
            level.inner = level.inner.max(closed.before + NESTED);
        }
    }

    fn end_statement(&mut self) {
        self.imports = false;
        while self.open.len() > 1 {
            self.close();
        }
        if let Some(level) = self.open.last_mut() {
            level.end_item();
            self.weights.expression = self.weights.expression.max(level.before);
            *level = Level::default();
        }
        self.weights.targets = self.weights.targets.max(self.targets);
        self.targets = 0;
    }

    fn finish(mut self) -> Weights {
        self.end_statement();
        self.weights
    }
}

impl Level {
    fn end_item(&mut self) {
        self.before = self.before.max(self.chain + self.inner);
        self.chain = 0;
        self.inner = 0;
    }
}

// Whether an operator after this token has a left operand (and is no prefix), and a bracket calls or indexes one.
fn ends_operand(kind: TokenKind) -> bool {
    let closes = matches!(
        kind,
        TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd
    );
    let stands_alone = matches!(
        kind,
        TokenKind::Name
            | TokenKind::String
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::Ellipsis
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None
    );
    closes || stands_alone || kind.is_soft_keyword()
}

// What a token adds that makes one node the child of another without a bracket. Comparisons and boolean operators add
// nothing: their operands lie side by side.
fn weight(kind: TokenKind, previous: TokenKind) -> usize {
    match kind {
        TokenKind::Not | TokenKind::Await | TokenKind::Yield | TokenKind::Tilde | TokenKind::DoubleStar => NESTED,
        TokenKind::Dot | TokenKind::If => CHAINED,
        kind if kind.as_binary_operator().is_none() => 0,
        _ if ends_operand(previous) => CHAINED,
        _ => NESTED,
    }
}

fn starts_statement(previous: TokenKind) -> bool {
    previous.is_any_newline()
        || matches!(previous, TokenKind::Indent | TokenKind::Dedent | TokenKind::Semi | TokenKind::Colon)
}

// Keywords no expression holds. On a new line inside brackets, ruff's parser gives up the brackets and starts a statement.
fn starts_only_statements(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Assert
            | TokenKind::Break
            | TokenKind::Class
            | TokenKind::Continue
            | TokenKind::Def
            | TokenKind::Del
            | TokenKind::Global
            | TokenKind::Import
            | TokenKind::Nonlocal
            | TokenKind::Pass
            | TokenKind::Raise
            | TokenKind::Return
            | TokenKind::Try
            | TokenKind::While
            | TokenKind::With
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_nests_with_and_without_brackets() {
        for (source, weight) in [
            ("", 0),
            ("x = 1", 0),
            ("x = y = (1)", NESTED),
            ("f(x=1, y=(2))", 2 * NESTED + 1),
            ("import a.b.c", 2 * IMPORTED),
            ("from a.b import c\nd.e", IMPORTED),
            ("((x))", 2 * NESTED),
            ("f(a)(b)", NESTED + 2),
            ("a.b.c", 2),
            ("not not x", 2 * NESTED),
            ("- - x - y", 2 * NESTED + 1),
            ("1 + 1 + 1", 2),
            ("1 ** 1 ** 1", 2 * NESTED),
            ("[1, 2, [3]]", 2 * NESTED),
            ("lambda a, b: lambda c, d: 1", 2 * NESTED),
            ("[lambda: 1, lambda: 2]", 2 * NESTED),
            ("a if b else c if d else e", 2),
            ("(x) + 1 + 1", NESTED + 2),
            ("( # ))))\n(x))", 2 * NESTED),
            ("f'{f\"{x}\"}'", 4 * NESTED),
            ("a\nb\n(c)\n", NESTED),
        ] {
            assert_eq!(heaviest_in(source), weight, "{source}");
        }
    }

    #[test]
    fn counts_targets() {
        for (source, targets) in [("x", 0), ("x = y = f(z=1)", 2), ("x = 1; y = 2", 1), ("x = lambda y=1: y", 1)] {
            assert_eq!(weights(source).targets, targets, "{source}");
        }
    }

    #[test]
    fn an_unclosed_bracket_does_not_swallow_the_file() {
        let source = format!("x = (\n{}", "def f():\n    return a.b.c\n".repeat(100));
        assert!(heaviest_in(&source) < 3 * NESTED);
    }

    #[test]
    fn weighs_strings_and_comments() {
        let quoted = |source: &str| {
            let parsed = ruff_python_parser::parse_unchecked_source(source, ruff_python_ast::PySourceType::Python);
            let quoted = quoted_weights(&parsed, source, 4 * NESTED);
            (quoted.any / NESTED, quoted.expression / NESTED)
        };
        assert_eq!(quoted("x: 'a[b[c]]'"), (2, 2));
        assert_eq!(quoted("x: 'a' '[b' '\\x5bc]]'"), (2, 2));
        assert_eq!(quoted("'((what'"), (2, 0));
        assert_eq!(quoted("'(((((x)))))'"), (5, 0));
        assert_eq!(quoted("# f(((x)))"), (3, 0));
        assert_eq!(quoted("\"it's {f((x))}\""), (4, 0));
    }

    #[test]
    fn counts_blocks() {
        assert_eq!(block_depth("if a:\n  if b:\n    c\nif d:\n\te\n"), 2);
        assert_eq!(block_depth("if a:\n        b\n\n  \n        c\r        d"), 1);
        assert_eq!(block_depth(""), 0);
    }
}

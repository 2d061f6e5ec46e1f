//! How deep a recursive walk over a Python text would go, told from its tokens in one pass.
//!
//! Ruff's parser and its rules recurse over expressions, and a wasm stack cannot grow: a deep text must be refused before
//! it is parsed. Brackets alone do not tell the depth (`not not x`, `a.b.c`, `1 + 1 + 1` and `if x else` nest without any,
//! and a bracket in a comment closes nothing), so ruff's own lexer is asked, which does not recurse. The figure may be
//! too high for odd texts, never too low by more than a small factor.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{Expr, ModModule};
use ruff_python_parser::{Mode, Parsed, lexer};

/// Tabs count to the next multiple of this many columns (Python's lexical analysis, section 2.1.8).
const TAB_COLUMNS: usize = 8;

/// The depth of a text's deepest expression, in nodes of the syntax tree.
pub fn expression_depth(source: &str) -> usize {
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

/// The depth of the deepest expression inside a string or a comment of a parsed text: ruff parses annotations in quotes,
/// strings that look like f-strings, and comments that look like code.
pub fn quoted_depth(parsed: &Parsed<ModModule>, source: &str) -> usize {
    let mut strings = Strings { deepest: 0 };
    strings.visit_body(parsed.suite());
    let mut deepest = strings.deepest;
    for token in parsed.tokens() {
        let (kind, range) = token.as_tuple();
        let text = source.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
        match kind {
            TokenKind::Comment => deepest = deepest.max(expression_depth(text.trim_start_matches(['#', ' ', '\t', '\x0c']))),
            TokenKind::String if text.contains('{') => deepest = deepest.max(expression_depth(&format!("f{text}"))),
            _ => {}
        }
    }
    deepest
}

// The values of all strings, put together and with their escapes read, as an annotation in quotes is parsed.
struct Strings {
    deepest: usize,
}

impl<'a> SourceOrderVisitor<'a> for Strings {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::StringLiteral(string) = expr {
            self.deepest = self.deepest.max(expression_depth(string.value.to_str()));
        } else {
            walk_expr(self, expr);
        }
    }
}

/// Brackets that are open, outermost first; the first stands for the statement.
struct Levels {
    open: Vec<Level>,
    deepest: usize,
}

/// What has been seen between a bracket and its end.
#[derive(Default)]
struct Level {
    /// Operators, attributes, calls and the like since the last comma.
    chain: usize,
    /// The deepest bracket since the last comma.
    inner: usize,
    /// The deepest item before the last comma.
    before: usize,
    /// Lambdas whose colon has not come: their commas divide parameters.
    parameters: usize,
}

impl Default for Levels {
    fn default() -> Self {
        Self { open: vec![Level::default()], deepest: 0 }
    }
}

impl Levels {
    fn take(&mut self, kind: TokenKind, previous: TokenKind) {
        if previous == TokenKind::NonLogicalNewline && starts_only_statements(kind) {
            self.end_statement();
        }
        let Some(level) = self.open.last_mut() else { return };
        match kind {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace | TokenKind::FStringStart | TokenKind::TStringStart => {
                if ends_operand(previous) {
                    level.chain += 1;
                }
                self.open.push(Level::default());
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => self.close(),
            TokenKind::Newline => self.end_statement(),
            TokenKind::Semi | TokenKind::Equal => level.end_item(),
            TokenKind::Comma if level.parameters == 0 => level.end_item(),
            TokenKind::Colon => level.parameters = level.parameters.saturating_sub(1),
            TokenKind::Lambda => {
                level.parameters += 1;
                level.chain += 1;
            }
            kind if nests(kind) => level.chain += 1,
            _ => {}
        }
    }

    fn close(&mut self) {
        if self.open.len() > 1
            && let Some(mut closed) = self.open.pop()
            && let Some(level) = self.open.last_mut()
        {
            closed.end_item();
            level.inner = level.inner.max(closed.before + 1);
        }
    }

    fn end_statement(&mut self) {
        while self.open.len() > 1 {
            self.close();
        }
        if let Some(level) = self.open.last_mut() {
            level.end_item();
            self.deepest = self.deepest.max(level.before);
            *level = Level::default();
        }
    }

    fn finish(mut self) -> usize {
        self.end_statement();
        self.deepest
    }
}

impl Level {
    fn end_item(&mut self) {
        self.before = self.before.max(self.chain + self.inner);
        self.chain = 0;
        self.inner = 0;
    }
}

// Whether a bracket after this token calls or indexes what stands before it.
fn ends_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::String
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd
    ) || kind.is_soft_keyword()
}

// Tokens that make one node the child of another without a bracket. Comparisons and boolean operators are not among
// them: their operands lie side by side.
fn nests(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Dot | TokenKind::If | TokenKind::Not | TokenKind::Await | TokenKind::Yield | TokenKind::Tilde)
        || kind.as_binary_operator().is_some()
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
        for (source, depth) in [
            ("", 0),
            ("x = 1", 0),
            ("((x))", 2),
            ("f(a)(b)", 3),
            ("a.b.c", 2),
            ("not not x", 2),
            ("1 + 1 + 1", 2),
            ("[1, 2, [3]]", 2),
            ("lambda a, b: lambda c, d: 1", 2),
            ("[lambda: 1, lambda: 2]", 2),
            ("a if b else c if d else e", 2),
            ("(x) + 1 + 1", 3),
            ("( # ))))\n(x))", 2),
            ("f'{f\"{x}\"}'", 4),
            ("a\nb\n(c)\n", 1),
        ] {
            assert_eq!(expression_depth(source), depth, "{source}");
        }
    }

    #[test]
    fn an_unclosed_bracket_does_not_swallow_the_file() {
        let source = format!("x = (\n{}", "def f():\n    return a.b.c\n".repeat(100));
        assert!(expression_depth(&source) < 10);
    }

    #[test]
    fn counts_blocks() {
        assert_eq!(block_depth("if a:\n  if b:\n    c\nif d:\n\te\n"), 2);
        assert_eq!(block_depth("if a:\n        b\n\n  \n        c\r        d"), 1);
        assert_eq!(block_depth(""), 0);
    }
}

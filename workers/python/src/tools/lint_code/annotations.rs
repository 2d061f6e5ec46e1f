//! The annotations in quotes that make ruff 0.16.4 stop with a panic.
//!
//! Ruff visits the expression inside the quotes as if it stood in the file. A rule that then asks for the file's tokens at
//! that place finds the middle of a string: inside a lambda, whose visit is put off, or where escapes or joined strings
//! have moved everything. Ruff's command line says "this indicates a bug in Ruff" and skips the file; so does the tool.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_annotation, walk_expr};
use ruff_python_ast::{Expr, ModModule};
use ruff_python_parser::{Mode, ParseOptions, Parsed, lexer, parse};
use ruff_text_size::{Ranged, TextRange};

/// The first annotation that ruff would not survive.
pub(super) fn fatal(parsed: &Parsed<ModModule>, source: &str) -> Option<TextRange> {
    let mut annotations = Annotations { source, depth: 0, fatal: None };
    annotations.visit_body(parsed.suite());
    annotations.fatal
}

struct Annotations<'s> {
    source: &'s str,
    /// How many annotations the visited node is in.
    depth: usize,
    fatal: Option<TextRange>,
}

impl<'a> SourceOrderVisitor<'a> for Annotations<'_> {
    fn visit_annotation(&mut self, annotation: &'a Expr) {
        self.depth += 1;
        walk_annotation(self, annotation);
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::StringLiteral(string) if self.depth > 0 => {
                let range = expr.range();
                let text = string.value.to_str();
                let written = self.source.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
                let moved = written.contains('\\') || string.value.is_implicit_concatenated();
                if (moved || text.contains("lambda")) && is_no_type(text) {
                    self.fatal = self.fatal.or(Some(range));
                }
            }
            _ => walk_expr(self, expr),
        }
    }
}

// Whether a text is an expression, but none that a type is written with: names, attributes, subscripts and unions.
fn is_no_type(text: &str) -> bool {
    let mut lexer = lexer::lex(text, Mode::ParenthesizedExpression);
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            TokenKind::Name
            | TokenKind::Dot
            | TokenKind::Lsqb
            | TokenKind::Rsqb
            | TokenKind::Comma
            | TokenKind::Vbar
            | TokenKind::String
            | TokenKind::Int
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None
            | TokenKind::Ellipsis
            | TokenKind::Newline
            | TokenKind::NonLogicalNewline => {}
            _ => return parse(text, ParseOptions::from(Mode::ParenthesizedExpression)).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruff_python_ast::PySourceType;
    use ruff_python_parser::parse_unchecked_source;

    #[test]
    fn knows_what_ruff_does_not_survive() {
        for (source, expected) in [
            ("x: \"f(lambda: '%s' % (1))\"", true),
            ("def f(x: \"\\\"%s\\\" % (1)\"): ...", true),
            ("def f() -> 'f(' 'x)': ...", true),
            ("def f() -> 'list[' '\\x61 | b]': ...", false),
            ("x: 'list[int]' = []", false),
            ("x: Literal['\\n', '\\'', 'a\\\\b', 'lambda']", false),
            ("x = 'f(lambda: 1)'", false),
        ] {
            let parsed = parse_unchecked_source(source, PySourceType::Python);
            assert_eq!(fatal(&parsed, source).is_some(), expected, "{source}");
        }
    }
}

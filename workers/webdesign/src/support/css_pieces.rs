//! A stylesheet cut at its semicolons and braces: what the two readers of stylesheets share.
//!
//! Owns which of these end something and which stand in brackets or in a custom property (CSS Syntax Module Level 3), and the
//! flaws that show without knowing what a piece means.

use super::css_tokens::{Kind, Token, Tokens};
use std::ops::Range;

/// What is wrong with the structure of a stylesheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What, as a sentence fragment.
    pub what: &'static str,
    /// Where, a byte span.
    pub span: Range<usize>,
}

/// Most flaws of a stylesheet that are kept, one more than a report can show: who sees them all knows that there may be more.
pub const MAX_FLAWS: usize = 1_001;

/// Keeps a flaw where there is room for it.
pub fn keep_flaw(flaws: &mut Vec<Flaw>, what: &'static str, span: Range<usize>) {
    if flaws.len() < MAX_FLAWS {
        flaws.push(Flaw { what, span });
    }
}

/// What stands between two of `;`, `{` and `}`; blanks do not count.
#[derive(Debug, Default)]
pub struct Piece<'a> {
    /// Its first token.
    pub first: Option<Token<'a>>,
    /// Its second one.
    pub second: Option<Token<'a>>,
    /// Its last two, for `!important`.
    pub last: [Option<Token<'a>>; 2],
    /// Where it ends.
    pub end: usize,
    // Open brackets within it.
    brackets: Vec<(char, usize)>,
}

impl<'a> Piece<'a> {
    fn add(&mut self, token: &Token<'a>) {
        if token.is_blank() || token.kind == Kind::HtmlComment {
            return;
        }
        if self.first.is_none() {
            self.first = Some(*token);
        } else if self.second.is_none() {
            self.second = Some(*token);
        }
        self.end = token.end();
        self.last = [self.last[1], Some(*token)];
    }

    /// Whether it is a name and a colon.
    pub fn is_declaration(&self) -> bool {
        self.first.is_some_and(|token| token.kind == Kind::Ident) && self.second.is_some_and(|token| token.is(':'))
    }

    fn is_custom_property(&self) -> bool {
        self.is_declaration() && self.first.is_some_and(|token| token.text.starts_with("--"))
    }
}

/// Who is told of the pieces of a stylesheet, in order.
pub trait Visit<'a> {
    /// A comment, at these bytes.
    fn comment(&mut self, _span: Range<usize>) {}
    /// A flaw of the structure.
    fn flaw(&mut self, what: &'static str, span: Range<usize>);
    /// A piece that a semicolon, a brace or the text's end closes; the byte where it ends, its semicolon included.
    fn end(&mut self, piece: &Piece<'a>, end: usize);
    /// A piece before an opening brace, and where the brace is.
    fn enter(&mut self, piece: &Piece<'a>, brace: usize);
    /// A closing brace.
    fn leave(&mut self, brace: &Token<'a>);
    /// The end of the text.
    fn close(&mut self);
}

/// Walks through a stylesheet.
pub fn walk<'a>(text: &'a str, visitor: &mut impl Visit<'a>) {
    let mut piece = Piece::default();
    for token in Tokens::new(text) {
        match token.kind {
            Kind::Comment => {
                visitor.comment(token.start..token.end());
                if token.text.len() < 4 || !token.text.ends_with("*/") {
                    visitor.flaw("a comment that is not closed", token.start..token.end());
                }
            }
            Kind::BadText => visitor.flaw("a string that a line break cuts off", token.start..token.end()),
            _ => {}
        }
        if piece.brackets.last().is_some_and(|(closer, _)| token.is(*closer)) {
            piece.add(&token);
            piece.brackets.pop();
            continue;
        }
        match token.kind {
            Kind::Symbol(';') if piece.brackets.is_empty() => visitor.end(&std::mem::take(&mut piece), token.end()),
            Kind::Symbol('{') if piece.brackets.is_empty() && !piece.is_custom_property() => {
                visitor.enter(&std::mem::take(&mut piece), token.start);
            }
            Kind::Symbol('}') if piece.brackets.is_empty() => {
                visitor.end(&std::mem::take(&mut piece), token.start);
                visitor.leave(&token);
            }
            _ => {
                piece.add(&token);
                if let Some(closer) = closer_of(&token) {
                    piece.brackets.push((closer, token.start));
                }
            }
        }
    }
    if let Some((_, at)) = piece.brackets.first() {
        visitor.flaw("a bracket that is not closed", *at..*at + 1);
    }
    visitor.end(&piece, text.len());
    visitor.close();
}

fn closer_of(token: &Token<'_>) -> Option<char> {
    match token.kind {
        Kind::Function | Kind::Symbol('(') => Some(')'),
        Kind::Symbol('[') => Some(']'),
        Kind::Symbol('{') => Some('}'),
        _ => None,
    }
}

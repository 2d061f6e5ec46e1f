//! The engine's view of a language: its grammar, how a pattern writes its variables, and texts that are parsed within bounds.

use crate::support::language::{Engine, Language};
use crate::support::walk::Budget;
use crate::support::{Outcome, comments, depth, depth::Layout, walk};
use ast_grep_core::language::Language as Searchable;
use ast_grep_core::matcher::PatternBuilder;
use ast_grep_core::source::{Doc, Edit};
use ast_grep_core::{Pattern, PatternError};
use octavo_toolkit::parse_depth::{Dialect, Walk, recursion_exceeded};
use std::borrow::Cow;
use tree_sitter::{Language as TsLanguage, Node, Tree};

/// Longest run of lines of comment in Python that is read: its grammar looks over all that follow at each of them.
pub const MAX_COMMENT_LINES: usize = 500;

/// Most signs of a script that its parser may go over again at comments in a row: a third of a second. Comments of 50 signs
/// reach it by 2,000 in a row.
pub const MAX_COMMENT_LOOKAHEAD: usize = 100_000_000;

/// A language that patterns are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grammar(pub(super) Language);

impl Grammar {
    fn parser(self) -> (TsLanguage, Parts) {
        match (self.0, self.0.engine()) {
            (_, Engine::TreeSitter(table)) => ((table.grammar)(), Parts::Layout(table.layout)),
            (Language::TypeScript, _) => {
                (tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), Parts::Script(Dialect::TypeScript))
            }
            (Language::Tsx, _) => (tree_sitter_typescript::LANGUAGE_TSX.into(), Parts::Script(Dialect::Tsx)),
            _ => (tree_sitter_javascript::LANGUAGE.into(), Parts::Script(Dialect::JavaScript)),
        }
    }
}

// What parts the statements of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parts {
    Layout(Layout),
    Script(Dialect),
}

impl Parts {
    fn too_deep(self, text: &str) -> Option<usize> {
        match self {
            Self::Layout(layout) => depth::chain_exceeded(text, layout, walk::MAX_CHAIN_LINKS),
            Self::Script(dialect) => recursion_exceeded(text, dialect, Walk::Chains(walk::MAX_CHAIN_LINKS as usize)),
        }
    }
}

impl Searchable for Grammar {
    fn pre_process_pattern<'q>(&self, query: &'q str) -> Cow<'q, str> {
        if self.expando_char() == '$' {
            Cow::Borrowed(query)
        } else {
            Cow::Owned(with_sign(query, self.expando_char()))
        }
    }

    // `$` starts no name in these languages, but these characters do.
    fn expando_char(&self) -> char {
        match self.0 {
            Language::C => '\u{10000}',
            Language::Go | Language::Python | Language::Rust => '\u{b5}',
            Language::Java | Language::JavaScript | Language::TypeScript | Language::Tsx => '$',
        }
    }

    fn kind_to_id(&self, kind: &str) -> u16 {
        self.parser().0.id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        self.parser().0.field_id_for_name(field).map(std::num::NonZero::get)
    }

    fn build_pattern(&self, builder: &PatternBuilder<'_>) -> Result<Pattern, PatternError> {
        builder.build(|source| Text::parse(source, *self, &Budget::default()).map_err(|_| "too deep".to_owned()))
    }
}

// Signs before a name in capitals, and three of them alone, become another character.
fn with_sign(query: &str, sign: char) -> String {
    let mut out = String::with_capacity(query.len());
    let mut pending = 0;
    let flush = |out: &mut String, count: &mut usize, variable: bool| {
        let written = if variable || *count == 3 { sign } else { '$' };
        out.extend(std::iter::repeat_n(written, *count));
        *count = 0;
    };
    for character in query.chars() {
        if character == '$' {
            pending += 1;
            continue;
        }
        flush(&mut out, &mut pending, character.is_ascii_uppercase() || character == '_');
        out.push(character);
    }
    flush(&mut out, &mut pending, false);
    out
}

/// A parsed text.
#[derive(Debug, Clone)]
pub(super) struct Text {
    source: String,
    grammar: Grammar,
    tree: Tree,
}

impl Text {
    /// Parses within bounds of depth and of work.
    pub(super) fn parse(source: &str, grammar: Grammar, budget: &Budget) -> Result<Self, Outcome> {
        let (language, parts) = grammar.parser();
        if matches!(parts, Parts::Script(_)) && comments::script_lookahead(source) > MAX_COMMENT_LOOKAHEAD {
            return Err(Outcome::Unreadable(0));
        }
        let long = parts == Parts::Layout(Layout::Margin) && comments::longest_run(source) > MAX_COMMENT_LINES;
        let text = if long { comments::without_comment_lines(source) } else { Cow::Borrowed(source) };
        let tree = walk::parsed(&language, |text| parts.too_deep(text), &text, budget)?;
        Ok(Self { source: source.to_owned(), grammar, tree })
    }

    /// Where the first part is that does not parse.
    pub(super) fn broken_at(&self) -> Option<usize> {
        let mut broken = None;
        if self.tree.root_node().has_error() {
            walk::every_node(&self.tree, |node| {
                if node.is_error() || node.is_missing() {
                    broken.get_or_insert(node.start_byte());
                }
                broken.is_none() && node.has_error()
            });
        }
        broken
    }
}

impl Doc for Text {
    type Source = String;
    type Lang = Grammar;
    type Node<'r> = Node<'r>;

    fn get_lang(&self) -> &Grammar {
        &self.grammar
    }

    fn get_source(&self) -> &String {
        &self.source
    }

    fn do_edit(&mut self, _: &Edit<String>) -> Result<(), String> {
        Err("texts are not edited in place".to_owned())
    }

    fn root_node(&self) -> Node<'_> {
        self.tree.root_node()
    }

    fn get_node_text<'a>(&'a self, node: &Node<'a>) -> Cow<'a, str> {
        Cow::Borrowed(self.source.get(node.byte_range()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_written_so_that_the_grammar_takes_them() {
        for (query, written) in [
            ("$A + $$$B", "%A + %%%B"),
            ("f($$$)", "f(%%%)"),
            ("$a$", "$a$"),
            ("$_", "%_"),
            ("$$$", "%%%"),
            ("$1", "$1"),
        ] {
            assert_eq!(with_sign(query, '%'), written);
        }
    }

    #[test]
    fn comment_lines_are_read_up_to_their_limit() {
        let comments = |count: usize| {
            let text =
                Text::parse(&"# a\n".repeat(count), Grammar(Language::Python), &Budget::default()).expect("parsed");
            text.root_node().child_count() as usize
        };
        assert_eq!((comments(MAX_COMMENT_LINES), comments(MAX_COMMENT_LINES + 1)), (MAX_COMMENT_LINES, 0));
    }

    #[test]
    fn a_script_of_comments_in_a_row_is_read_to_a_limit() {
        let read = |count: usize| {
            Text::parse(&"/**/".repeat(count), Grammar(Language::TypeScript), &Budget::default()).map(|_| ()).err()
        };
        // So many of four signs, each gone over with half of all on the average.
        let most = (MAX_COMMENT_LOOKAHEAD / 2).isqrt();
        assert_eq!((read(most), read(most + 1)), (None, Some(Outcome::Unreadable(0))));
    }
}

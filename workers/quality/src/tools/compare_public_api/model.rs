//! What the languages share: sources of a version, places, changes, and the text of a signature without its layout.

use super::rules;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::path::normal;
use octavo_toolkit::{Rule, SourceFile};
use std::ops::Range;
use tree_sitter::Node;

/// Deepest nesting of definitions that is entered, and longest way through names that stand for others: more than anyone writes.
pub(super) const MAX_DEPTH: usize = 24;

/// Most public names of one version of one language: re-exports of modules within each other can make far more.
pub(super) const MAX_NAMES: usize = 100_000;

/// Which version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Before,
    After,
}

/// A stretch of a file of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) side: Side,
    pub(super) file: usize,
    pub(super) span: Range<usize>,
}

impl Place {
    pub(super) const fn new(side: Side, file: usize, span: Range<usize>) -> Self {
        Self { side, file, span }
    }
}

/// What became of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Added,
    Removed,
    Changed,
}

/// One change.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) rule: &'static Rule,
    pub(super) what: What,
    pub(super) place: Place,
    pub(super) message: String,
}

/// Tells a change, if its rule is one that is claimed.
pub(super) fn tell(changes: &mut Vec<Change>, id: &str, what: What, place: Place, message: String) {
    if let Some(rule) = rules::by_id(id) {
        changes.push(Change { rule, what, place, message });
    }
}

/// A name as messages show it.
pub(super) fn shown(name: &str) -> String {
    format!("`{}`", excerpt(name))
}

/// How many names a comparison saw, and what it could not read.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) before: usize,
    pub(super) after: usize,
    pub(super) broken: Vec<String>,
}

/// A file of a version.
#[derive(Debug, Clone)]
pub(super) struct Source<'f> {
    /// Its number among all files of the version.
    pub(super) at: usize,
    /// Its path, without `.` and `..`.
    pub(super) path: String,
    pub(super) text: &'f str,
    /// Its name for people, with the version.
    pub(super) shown: String,
}

/// The files of a version in one language.
#[derive(Debug, Default)]
pub(super) struct Sources<'f> {
    list: Vec<Source<'f>>,
}

impl<'f> Sources<'f> {
    pub(super) fn push(&mut self, at: usize, file: &'f SourceFile, word: &str) {
        let shown = format!("{} ({word})", file.path);
        self.list.push(Source { at, path: normal(&file.path), text: &file.source, shown });
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Source<'f>> {
        self.list.iter()
    }
}

/// The text of a node.
pub(super) fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}

/// The named children of a node.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).collect()
}

/// A node's text without comments and layout: space only where it parts two words, and what strings hold as it is.
pub(super) fn squeezed(node: Node<'_>, source: &str) -> String {
    let mut out = String::new();
    let mut cursor = node.walk();
    let top = cursor.node().id();
    loop {
        let node = cursor.node();
        let kind = node.kind();
        let is_comment = kind.ends_with("comment");
        let is_whole =
            node.child_count() == 0 || matches!(kind, "string" | "string_literal" | "interpreted_string_literal");
        if is_whole && !is_comment {
            push_word(&mut out, text(node, source));
        }
        if !is_whole && !is_comment && cursor.goto_first_child() {
            continue;
        }
        loop {
            if cursor.node().id() == top {
                return out;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return out;
            }
        }
    }
}

/// Adds a word to a text, with a space where the two would else run into one.
pub(super) fn push_word(out: &mut String, word: &str) {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '\'' | '"');
    if out.chars().next_back().is_some_and(is_word) && word.chars().next().is_some_and(is_word) {
        out.push(' ');
    }
    // A comma before a bracket that closes changes nothing.
    if matches!(word, ")" | "]" | "}" | ">") && out.ends_with(',') {
        out.pop();
    }
    out.push_str(word);
}

/// The place of a definition: its name where it has one.
pub(super) fn named_range(node: Node<'_>) -> Range<usize> {
    node.child_by_field_name("name").unwrap_or(node).byte_range()
}

//! What the category's tools share: languages, parsers, and one stream of structural events for all of them.
//!
//! A tool listens to [`events::Event`]s and never sees a syntax tree; what differs between languages stands in
//! [`tables`] (tree-sitter) and [`ecma`] (oxc).

pub mod comments;
pub mod depth;
pub mod diff;
pub mod ecma;
pub mod events;
pub(crate) mod json;
pub mod language;
pub mod packages;
pub mod pattern;
pub mod script;
pub mod tables;
pub mod walk;
pub mod xml;

use events::Listener;
use language::{Engine, Language};
use walk::Budget;

/// How reading a source went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was understood.
    Clean,
    /// Something was not understood, first at this byte offset; the events cover the rest.
    Broken(usize),
    /// Nothing was read: the text nests or chains too deeply for the parser, at this byte offset.
    TooDeep(usize),
    /// Nothing was read: the parser gave up, at this byte offset.
    Unreadable(usize),
}

/// Reads a source and tells the listener what it consists of, in source order, within what its call may take.
pub fn read<'a>(language: Language, source: &'a str, budget: &Budget, listener: &mut dyn Listener<'a>) -> Outcome {
    match language.engine() {
        Engine::Oxc(kind) => ecma::read(kind, source, listener),
        Engine::TreeSitter(table) => walk::read(table, source, budget, listener),
    }
}

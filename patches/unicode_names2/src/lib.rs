//! Stands in for `unicode_names2`, of which ruff asks two things: which character `\N{NAME}` means (its parser), and
//! what an ambiguous character is called (the messages of RUF001 to RUF003).
//!
//! The real table weighs 400 KB compressed. No rule reads the character itself, so every name is taken to be the
//! replacement character: a misspelt name is no longer noticed, and those messages show the character without its name.

use std::fmt;

/// The name of a character; never made here.
#[derive(Debug, Clone)]
pub enum Name {}

impl fmt::Display for Name {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// Takes every name for U+FFFD.
pub fn character(_name: &str) -> Option<char> {
    Some(char::REPLACEMENT_CHARACTER)
}

/// Knows no character's name.
pub fn name(_character: char) -> Option<Name> {
    None
}

//! Stands in for `unicode_names2`, of which ruff asks two things: which character `\N{NAME}` means (its parser), and
//! what an ambiguous character is called (the messages of RUF001 to RUF003).
//!
//! The real table weighs 400 KB compressed. No rule reads the character itself, some compare texts: so every name is taken
//! to be a private character of its own. A misspelt name is no longer noticed, and those messages show no name.

use std::fmt;

/// The name of a character; never made here.
#[derive(Debug, Clone)]
pub enum Name {}

impl fmt::Display for Name {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// Takes every name for a character of the private planes that its letters choose, whatever their case.
pub fn character(name: &str) -> Option<char> {
    const FIRST: u32 = 0xF_0000;
    const COUNT: u32 = 0xFFFE;
    // FNV-1a.
    let fold = |hash: u32, byte: u8| (hash ^ u32::from(byte.to_ascii_uppercase())).wrapping_mul(0x0100_0193);
    char::from_u32(FIRST + name.bytes().fold(0x811C_9DC5, fold) % COUNT)
}

/// Knows no character's name.
pub fn name(_character: char) -> Option<Name> {
    None
}

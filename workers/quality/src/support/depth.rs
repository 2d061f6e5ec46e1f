//! Tells in one linear pass whether a JavaScript text could exhaust the stack of a recursive parser or visitor.
//!
//! Brackets are counted by `octavo_toolkit::limits::nesting_exceeded`; this counts what recurses without brackets:
//! chains of operators, arrows, members, `else if`, unbraced statements and JSX tags. It knows nothing of strings and
//! comments, so it may refuse a text that a parser would take, at figures no written source reaches.

use octavo_toolkit::limits::nesting_exceeded;

/// Most links of chains that are open at once. oxc on workerd's stack fails between 1 000 and 2 000 links of its
/// heaviest chains (`else if`, arrows), which count twice here.
pub const MAX_CHAIN_LINKS: u32 = 1_000;

// Words that open a chain link: what follows them is parsed inside them.
const HEAVY_WORDS: &[&str] = &["else", "if", "for", "while", "do", "with", "try", "function", "class", "switch"];
const LIGHT_WORDS: &[&str] = &[
    "await", "typeof", "void", "delete", "new", "yield", "keyof", "readonly", "unique", "infer", "extends", "in", "of",
    "instanceof", "as", "satisfies", "is", "asserts", "async", "return", "throw", "export", "default",
];
// Words behind a closing brace that continue what it closed.
const CONTINUING_WORDS: &[&str] = &["else", "catch", "finally", "while", "in", "of", "instanceof", "as", "satisfies"];

/// Whether `<` may open a JSX tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tags {
    /// It may.
    Jsx,
    /// It may not.
    None,
}

/// The byte offset at which a text nests or chains too deeply to be parsed, if it does.
pub fn exceeded(text: &str, tags: Tags) -> Option<usize> {
    nesting_exceeded(text).or_else(|| chain_exceeded(text, tags))
}

fn chain_exceeded(text: &str, tags: Tags) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut levels: Vec<u32> = vec![0];
    let mut total = 0_u32;
    let mut at = 0;
    let mut after_brace = false;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        let mut links: u32 = 0;
        let mut relief: u32 = 0;
        match byte {
            _ if is_word(byte) => {
                while bytes.get(at).is_some_and(|next| is_word(*next)) {
                    at += 1;
                }
                let word = text.get(start..at).unwrap_or_default();
                if after_brace && !CONTINUING_WORDS.contains(&word) {
                    reset(&mut levels, &mut total);
                }
                links = if HEAVY_WORDS.contains(&word) { 2 } else { u32::from(LIGHT_WORDS.contains(&word)) };
            }
            b'(' | b'[' | b'{' => {
                add(&mut levels, &mut total, 1);
                levels.push(0);
            }
            b')' | b']' | b'}' => {
                if levels.len() > 1 {
                    total = total.saturating_sub(levels.pop().unwrap_or(0));
                }
            }
            b';' | b',' => reset(&mut levels, &mut total),
            b'=' if bytes.get(at) == Some(&b'>') => {
                at += 1;
                links = 2;
            }
            b'<' if tags == Tags::Jsx && bytes.get(at) == Some(&b'/') => {
                at += 1;
                relief = 4;
            }
            b'<' if tags == Tags::Jsx && bytes.get(at).is_some_and(u8::is_ascii_alphabetic) => links = 3,
            b'/' if tags == Tags::Jsx && bytes.get(at) == Some(&b'>') => {
                at += 1;
                relief = 3;
            }
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            b'"' | b'\'' | b'/' | b'\\' | b'#' | b'@' => {}
            _ => links = 1,
        }
        after_brace = byte == b'}' || (after_brace && byte == b'/');
        if relief > 0 {
            if let Some(level) = levels.last_mut() {
                let less = relief.min(*level);
                *level -= less;
                total -= less;
            }
        }
        add(&mut levels, &mut total, links);
        if total > MAX_CHAIN_LINKS {
            return Some(start);
        }
    }
    None
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn add(levels: &mut [u32], total: &mut u32, links: u32) {
    if let Some(level) = levels.last_mut() {
        *level += links;
        *total += links;
    }
}

fn reset(levels: &mut [u32], total: &mut u32) {
    if let Some(level) = levels.last_mut() {
        *total -= *level;
        *level = 0;
    }
}

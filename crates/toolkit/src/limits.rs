//! Limits every tool shares. A tool's own limits stand in its file, as named constants.

use crate::error::ToolError;

pub use octavo_rpc::MAX_ARGUMENTS_BYTES;

/// Longest single source text, in bytes; a tool that cannot do as much has a limit of its own.
pub const MAX_SOURCE_BYTES: usize = 4 * 1024 * 1024;

/// Longest single text of a tool that reads recordings (profiles, snapshots), in bytes: the longest a handle can stand for.
pub const MAX_LARGE_SOURCE_BYTES: usize = 24 * 1024 * 1024;

/// Most files in one call.
pub const MAX_FILES: usize = 2_000;

/// Deepest nesting handed to a recursive parser. The least robust engine fails at 250 on workerd's stack.
pub const MAX_NESTING_DEPTH: usize = 200;

/// Longest excerpt of a source that a message repeats, in characters.
pub const MAX_EXCERPT_CHARS: usize = 80;

/// Refuses a text over `limit` bytes, naming the argument by its JSON pointer.
pub fn check_bytes(pointer: &str, text: &str, limit: usize) -> Result<(), ToolError> {
    if text.len() > limit {
        return Err(ToolError::too_large(pointer, text.len(), limit, "bytes"));
    }
    Ok(())
}

/// Refuses a list of more than `limit` items, naming the argument by its JSON pointer.
pub fn check_items<T>(pointer: &str, items: &[T], limit: usize) -> Result<(), ToolError> {
    if items.len() > limit {
        return Err(ToolError::too_large(pointer, items.len(), limit, "items"));
    }
    Ok(())
}

/// The byte offset at which a text nests deeper than [`MAX_NESTING_DEPTH`], if it does.
///
/// Looks at brackets alone, in one pass, knowing nothing of strings and comments: brackets in them count too, so it may
/// refuse a text that a parser would take, and a text made on purpose can hide its depth behind closing brackets in
/// comments. A language with both, or with chains that nest without brackets, has a guard of its own in its tool's
/// `support/`; what still gets through costs the instance, which is replaced. A closing bracket without an opening one
/// does not count.
pub fn nesting_exceeded(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > MAX_NESTING_DEPTH {
                    return Some(at);
                }
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// A short, harmless piece of a source for a message: one line, at most [`MAX_EXCERPT_CHARS`], without control,
/// bidirectional and zero-width characters.
pub fn excerpt(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let mut kept: String = line.chars().filter(|c| !is_invisible(*c)).take(MAX_EXCERPT_CHARS + 1).collect();
    if kept.chars().count() > MAX_EXCERPT_CHARS || text.trim().lines().nth(1).is_some() {
        kept = kept.chars().take(MAX_EXCERPT_CHARS - 1).collect();
        kept.push('\u{2026}');
    }
    kept
}

/// Whether a character shows nothing or changes the direction of text (Unicode: Cc, Cf and the bidirectional controls).
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_limit_holds_at_its_edge() {
        let at_limit = format!("{}{}", "(".repeat(MAX_NESTING_DEPTH), ")".repeat(MAX_NESTING_DEPTH));
        assert_eq!(nesting_exceeded(&at_limit), None);
        assert_eq!(nesting_exceeded(&format!("[{at_limit}]")), Some(MAX_NESTING_DEPTH));
        assert_eq!(nesting_exceeded(&")".repeat(1000)), None);
        assert_eq!(nesting_exceeded(&"()".repeat(1000)), None);
    }

    #[test]
    fn excerpts_are_short_and_plain() {
        assert_eq!(excerpt("  RUN x\nmore"), "RUN x\u{2026}");
        assert_eq!(excerpt("a\u{202e}b\u{200b}c\u{7}"), "abc");
        assert_eq!(excerpt(&"x".repeat(500)).chars().count(), MAX_EXCERPT_CHARS);
        assert_eq!(excerpt(&"x".repeat(MAX_EXCERPT_CHARS)), "x".repeat(MAX_EXCERPT_CHARS));
    }

    #[test]
    fn byte_limit_holds_at_its_edge() {
        assert!(check_bytes("/source", "abc", 3).is_ok());
        assert!(check_bytes("/source", "abcd", 3).is_err());
        assert!(check_items("/files", &[1, 2], 2).is_ok());
        assert!(check_items("/files", &[1, 2, 3], 2).is_err());
    }
}

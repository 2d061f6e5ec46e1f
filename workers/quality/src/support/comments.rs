//! Takes comment lines out of Python before it is parsed, and strings before its nesting is told, leaving every byte offset as it was.
//!
//! The grammar's scanner looks ahead over all comment lines that follow, at each of them: a long comment would cost the
//! square of its lines. Comments carry no events, so nothing is lost.

use std::borrow::Cow;

/// The text with spaces instead of each comment that has its line for itself, outside strings.
pub fn without_comment_lines(source: &str) -> Cow<'_, str> {
    blanked(source, false)
}

/// The text with spaces instead of all strings and comments: its code.
pub fn without_strings_and_comments(source: &str) -> Cow<'_, str> {
    blanked(source, true)
}

// Either all strings and comments, or the comments that have their line for themselves.
fn blanked(source: &str, all: bool) -> Cow<'_, str> {
    let bytes = source.as_bytes();
    let mut blanked: Option<Vec<u8>> = None;
    let mut line_start = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let is_chosen = match byte {
            b'#' => {
                at = bytes.iter().skip(at).position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length);
                all || bytes.get(line_start..start).is_some_and(|before| before.iter().all(u8::is_ascii_whitespace))
            }
            b'"' | b'\'' => {
                at = end_of_string(bytes, at, &mut line_start).min(bytes.len());
                all
            }
            b'\\' => {
                at += 2;
                false
            }
            _ => {
                at += 1;
                if byte == b'\n' {
                    line_start = at;
                }
                false
            }
        };
        if is_chosen && let Some(blank) = blanked.get_or_insert_with(|| bytes.to_vec()).get_mut(start..at) {
            blank.fill(b' ');
        }
    }
    // Whole strings and comments became spaces, so that what is left is still UTF-8.
    blanked.and_then(|blanked| String::from_utf8(blanked).ok()).map_or(Cow::Borrowed(source), Cow::Owned)
}

// Behind the string that starts here. One of a single quote ends at the end of its line at the latest, so that a quote out
// of place spoils no more than that line.
fn end_of_string(bytes: &[u8], start: usize, line_start: &mut usize) -> usize {
    let quote = bytes.get(start).copied().unwrap_or(b'"');
    let triple = bytes.get(start..start + 3).is_some_and(|opening| opening.iter().all(|byte| *byte == quote));
    let mut at = start + if triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                if bytes.get(at + 1) == Some(&b'\n') {
                    *line_start = at + 2;
                }
                at += 2;
            }
            b'\n' if !triple => return at,
            _ if byte == quote && !triple => return at + 1,
            _ if byte == quote && bytes.get(at..at + 3).is_some_and(|end| end.iter().all(|byte| *byte == quote)) => {
                return at + 3;
            }
            _ => {
                at += 1;
                if byte == b'\n' {
                    *line_start = at;
                }
            }
        }
    }
    at
}

/// The most lines of comment in a row; a line with one is told by its first sign alone.
pub fn longest_run(source: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for line in source.lines() {
        run = if line.trim_start().starts_with('#') { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// How many signs a parser of scripts goes over again at the comments of a text: its scanner looks ahead over all that follow in
/// a row, at each of them.
pub fn script_lookahead(source: &str) -> usize {
    let (mut all, mut in_row, mut row_start) = (0_usize, 0_usize, 0);
    let mut at = 0;
    while let Some(rest) = source.as_bytes().get(at..) {
        let end = match rest {
            [b'/', b'*', ..] => {
                source.get(at + 2..).and_then(|text| text.find("*/")).map_or(source.len(), |end| at + end + 4)
            }
            [b'/', b'/', ..] => source.get(at..).and_then(|text| text.find('\n')).map_or(source.len(), |end| at + end),
            [sign, ..] => {
                if !sign.is_ascii_whitespace() {
                    all = all.saturating_add(in_row.saturating_mul(at - row_start) / 2);
                    (in_row, row_start) = (0, at + 1);
                }
                at += 1;
                continue;
            }
            [] => break,
        };
        in_row += 1;
        at = end;
    }
    all.saturating_add(in_row.saturating_mul(at - row_start) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_comment_are_counted_in_a_row() {
        assert_eq!(longest_run("# a\n  # b\nx # c\n# d\n"), 2);
        assert_eq!(longest_run(""), 0);
    }

    #[test]
    fn comments_in_a_row_of_a_script_are_looked_over_again() {
        assert_eq!(script_lookahead(""), 0);
        assert_eq!(script_lookahead("a/**//**/b"), 8);
        assert_eq!(script_lookahead("// a\n/* b */ x // c"), 2 * 13 / 2 + 5 / 2);
        assert_eq!(script_lookahead("f('\u{e9}') /* never ends"), 7);
        assert!(script_lookahead(&"/**/".repeat(10_000)) > 100_000_000);
        assert!(script_lookahead(&"a // b\n".repeat(100_000)) < 1_000_000);
    }

    #[test]
    fn comments_alone_on_their_line_become_spaces() {
        for (source, expected) in [
            ("# a\nx = 1 # b\n  # \u{e9}\u{1f600}\r\ny\n", "   \nx = 1 # b\n           \ny\n"),
            ("'''\n# a\n''' # b\n# c", "'''\n# a\n''' # b\n   "),
            ("x = '# a\n# b\n", "x = '# a\n   \n"),
            ("x = \"\\\"# a\"\n# b\n", "x = \"\\\"# a\"\n   \n"),
            ("x = 'a\\\n# no'\n# b", "x = 'a\\\n# no'\n   "),
            ("f\"\"\"{a}\n# no \\\"\"\" # no\n\"\"\"\n# b", "f\"\"\"{a}\n# no \\\"\"\" # no\n\"\"\"\n   "),
            ("#", " "),
            ("", ""),
        ] {
            let blanked = without_comment_lines(source);
            assert_eq!(blanked, expected);
            assert_eq!(blanked.len(), source.len());
        }
        assert!(matches!(without_comment_lines("x = '#'  # b\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn code_is_what_is_left_without_strings_and_comments() {
        for (source, expected) in [
            ("f(\"(\u{e9}\", r'[')  # {\n", "f(     , r   )     \n"),
            ("\"\"\"(\n(\"\"\" + x\n# (\ny", "          + x\n   \ny"),
            ("x = '(\ny = (", "x =   \ny = ("),
            ("x = '(\\", "x =    "),
        ] {
            let code = without_strings_and_comments(source);
            assert_eq!(code, expected);
            assert_eq!(code.len(), source.len());
        }
    }
}

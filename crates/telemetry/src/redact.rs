//! What of a stranger's text may stand in a log line: a short label; of free text, the words that can be no secret.

/// Longest label kept of a client's name or version.
pub const MAX_LABEL_CHARS: usize = 48;

/// Reduces a stranger's text to a label: letters, digits and ` ._/@+-`, cut at [`MAX_LABEL_CHARS`].
///
/// Runs of 24 and more letters and digits are dropped whole, since no product is called that but tokens are.
pub fn label(text: &str) -> String {
    let mut kept = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        if word.len() > 24 {
            continue;
        }
        kept.extend(word.chars().filter(|c| c.is_ascii_alphanumeric() || " ._/@+-".contains(*c)));
        if kept.len() >= MAX_LABEL_CHARS {
            break;
        }
    }
    kept.truncate(MAX_LABEL_CHARS);
    kept
}

/// Longest free text kept, in characters.
pub const MAX_SCRUBBED_CHARS: usize = 160;

/// Longest word of free text kept: identifiers are shorter, keys and tokens longer.
const MAX_WORD_CHARS: usize = 20;

/// What stands where something was taken out.
const REDACTED: &str = "[..]";

/// Reduces free text, such as an exception's message, to what cannot carry a caller's data: quoted parts go whole, because
/// parsers quote their input; of the rest go addresses, links, numbers of five digits and more, long words, and words
/// of letters mixed with digits.
pub fn scrub(text: &str) -> String {
    let mut kept = String::new();
    for word in without_quotes(text).split_whitespace() {
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(if is_plain(word) { word } else { REDACTED });
        if kept.len() >= MAX_SCRUBBED_CHARS {
            break;
        }
    }
    kept.chars().take(MAX_SCRUBBED_CHARS).collect()
}

// An apostrophe inside a word opens no quotation; a quotation without an end reaches to the text's end.
fn without_quotes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut closing: Option<char> = None;
    let mut before = ' ';
    for c in text.chars() {
        match closing {
            Some(end) if c == end => closing = None,
            Some(_) => {}
            None => {
                closing = match c {
                    '"' | '`' => Some(c),
                    '\'' if !before.is_alphanumeric() => Some(c),
                    '\u{201c}' => Some('\u{201d}'),
                    _ => None,
                };
                kept.push_str(if closing.is_some() { REDACTED } else { "" });
                if closing.is_none() {
                    kept.push(c);
                }
            }
        }
        before = c;
    }
    kept
}

fn is_plain(word: &str) -> bool {
    let separators = word.bytes().filter(|byte| b".:".contains(byte)).count();
    let word = word.trim_matches(|c: char| ".,:;()".contains(c));
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    word == REDACTED
        || (word.len() <= MAX_WORD_CHARS
            && word.is_ascii()
            && digits < 5
            && (digits == 0 || letters == 0)
            && !word.contains(['@', '=', '%', '/', '\\', '<', '{', '['])
            && separators < 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_keeps_its_sense_and_loses_its_data() {
        assert_eq!(scrub("The script will never generate a response."), "The script will never generate a response.");
        for (text, kept) in [
            (
                "Unexpected token 's', \"secret-canary\" is not valid JSON",
                "Unexpected token [..], [..] is not valid JSON",
            ),
            ("don't stop 'canary x' now", "don't stop [..] now"),
            ("no end 'canary and \"more", "no end [..]"),
            ("Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc for a@b.ch at 10.0.0.1", "Bearer [..] for [..] at [..]"),
            ("card 4111111111111111 and sk-ant-api03-x9 and ghp_a1", "card [..] and [..] and [..]"),
            ("GET https://u:p@host/?q=canary failed 3 times", "GET [..] failed 3 times"),
            ("::1 and 2001:db8::1", "[..] and [..]"),
        ] {
            assert_eq!(scrub(text), kept, "{text}");
        }
        assert!(scrub(&"word ".repeat(1000)).len() <= MAX_SCRUBBED_CHARS);
    }

    #[test]
    fn keeps_names_and_drops_what_is_no_name() {
        assert_eq!(label("claude-code/2.1 (vscode)"), "claude-code/2.1 vscode");
        assert_eq!(label("x\u{202e}\u{1b}[31m\n"), "x31m");
        assert_eq!(label("key sk1234567890123456789012345678901234567890"), "key ");
        assert!(label(&"ab ".repeat(1000)).len() <= MAX_LABEL_CHARS);
    }
}

//! What of a stranger's text may stand in a log line: a short label, and nothing else.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_names_and_drops_what_is_no_name() {
        assert_eq!(label("claude-code/2.1 (vscode)"), "claude-code/2.1 vscode");
        assert_eq!(label("x\u{202e}\u{1b}[31m\n"), "x31m");
        assert_eq!(label("key sk1234567890123456789012345678901234567890"), "key ");
        assert!(label(&"ab ".repeat(1000)).len() <= MAX_LABEL_CHARS);
    }
}

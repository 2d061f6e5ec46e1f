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

    // Chance with a seed, so that a failure repeats.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, most: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 33) as usize) % most
        }

        fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
            choices[self.below(choices.len())]
        }

        fn text(&mut self, alphabet: &str, length: usize) -> String {
            let letters: Vec<char> = alphabet.chars().collect();
            (0..length).map(|_| letters[self.below(letters.len())]).collect()
        }
    }

    const HEX: &str = "0123456789abcdef";
    const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    // A secret of some shape, and the parts of it that must not be seen.
    fn secret(chance: &mut Chance) -> (String, Vec<String>) {
        let length = 24 + chance.below(40);
        let body = chance.text(BASE64, length);
        let digits = chance.text("123456789", 16);
        let octets: Vec<String> = (0..4).map(|_| (100 + chance.below(150)).to_string()).collect();
        let groups: Vec<String> = (0..8).map(|_| chance.text(HEX, 4)).collect();
        let text = match chance.below(14) {
            0 => format!("eyJ{body}.eyJ{body}.{body}"),
            1 => format!("AKIA{}", chance.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
            2 => format!(
                "{}{body}",
                chance.of(&["ghp_", "github_pat_", "xoxb-", "sk-ant-api03-", "sk-proj-", "glpat-", "npm_"])
            ),
            3 => format!("-----BEGIN PRIVATE KEY----- {body}{body} -----END PRIVATE KEY-----"),
            4 => format!("https://{body}:{body}@host.example/{body}?key={body}"),
            5 => format!("{}@{}.example", chance.text("abcdefghijkl", 9), chance.text("abcdefghijkl", 7)),
            6 => octets.join("."),
            7 => groups.join(":"),
            8 => digits.clone(),
            9 => digits
                .as_bytes()
                .chunks(4)
                .map(|group| String::from_utf8_lossy(group).into_owned())
                .collect::<Vec<_>>()
                .join("-"),
            10 => chance.text(HEX, length),
            11 => format!("{}-{}-{}-{}-{}", chance.text(HEX, 8), groups[0], groups[1], groups[2], chance.text(HEX, 12)),
            12 => format!("{}=={}", body, chance.text("+/=", 2)),
            _ => format!("/home/{}/{body}.rs", chance.text("abcdefgh", 6)),
        };
        let parts = text.split(['.', ':', '@', '/', '-', '=', '?', ' ', '_']).filter(|part| {
            let plain = part.bytes().all(|byte| byte.is_ascii_uppercase())
                || ["host", "example", "https", "home", "key"].contains(part);
            part.len() >= 7 && !plain
        });
        let parts = parts.map(str::to_owned).collect();
        (text, parts)
    }

    #[test]
    fn no_secret_survives_in_whatever_sentence_it_stands() {
        let mut chance = Chance(7);
        for round in 0..20_000 {
            let (secret, parts) = secret(&mut chance);
            let quotes = chance.of(&["\"", "'", "`", "", "", "(", "[", "<", "\u{201c}", ","]);
            let before = chance.of(&[
                "Unexpected token",
                "cannot read",
                "it's not a",
                "Bearer",
                "key =",
                "at",
                "\n\t",
                "",
                "caf\u{e9}",
            ]);
            let glue = chance.of(&[" ", ": ", "=", "", "\t", "\u{a0}", ":", "/"]);
            let after = chance.of(&["", " is not valid JSON", ", retried 3 times", "\"", "'s", ").", "\u{0}"]);
            let text = format!("{before}{glue}{quotes}{secret}{quotes}{after}");
            let kept = scrub(&text);
            for part in &parts {
                assert!(!kept.contains(part.as_str()), "round {round}: {part} of {text} in {kept}");
            }
            assert!(kept.chars().count() <= MAX_SCRUBBED_CHARS);
            // A label is at most a short run of it.
            let label = label(&text);
            for part in parts.iter().filter(|part| part.len() > 24) {
                assert!(!label.contains(part.as_str()), "round {round}: {part} in {label}");
            }
        }
    }

    #[test]
    fn scrubbing_again_changes_nothing_and_no_text_is_too_odd() {
        let mut chance = Chance(11);
        let alphabet = "ab9 '\"`\u{201c}\u{201d}.,:/@=[]{}<>\\\n\t\u{0}\u{e9}\u{1f600}\u{202e}";
        for _ in 0..5_000 {
            let length = chance.below(400);
            let text = chance.text(alphabet, length);
            let kept = scrub(&text);
            assert!(kept.is_ascii() && kept.chars().count() <= MAX_SCRUBBED_CHARS, "{text:?}: {kept:?}");
            let again = scrub(&kept);
            assert!(again.len() <= kept.len() + 4 * kept.matches('[').count(), "{kept:?}: {again:?}");
        }
    }

    #[test]
    fn keeps_names_and_drops_what_is_no_name() {
        assert_eq!(label("claude-code/2.1 (vscode)"), "claude-code/2.1 vscode");
        assert_eq!(label("x\u{202e}\u{1b}[31m\n"), "x31m");
        assert_eq!(label("key sk1234567890123456789012345678901234567890"), "key ");
        assert!(label(&"ab ".repeat(1000)).len() <= MAX_LABEL_CHARS);
    }
}

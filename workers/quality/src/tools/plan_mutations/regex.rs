//! Mutants of a regular expression of JavaScript: one anchor, class, quantifier or look-around changed.

use std::ops::Range;

/// The edits, by bytes of the pattern.
pub(super) fn mutants(pattern: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let bytes = pattern.as_bytes();
    let get = |at: usize| bytes.get(at).copied();
    let mut at = 0;
    let mut open = Vec::new();
    // Whether something stands before, that a quantifier may follow.
    let mut atom = false;
    while let Some(byte) = get(at) {
        let start = at;
        match byte {
            b'^' | b'$' => {
                found.push((at..at + 1, String::new()));
                at += 1;
                atom = false;
            }
            b'\\' => {
                at = escape(pattern, at, &mut found);
                atom = true;
            }
            b'[' => {
                let negated = get(at + 1) == Some(b'^');
                found.push(if negated { (at + 1..at + 2, String::new()) } else { (at + 1..at + 1, "^".to_owned()) });
                at += 1 + usize::from(negated);
                while let Some(byte) = get(at).filter(|byte| *byte != b']') {
                    at = if byte == b'\\' { escape(pattern, at, &mut found) } else { next(pattern, at) };
                }
                at += 1;
                atom = true;
            }
            b'(' => {
                let rest = pattern.get(at..).unwrap_or_default();
                for (from, to) in [("(?=", "!"), ("(?!", "="), ("(?<=", "!"), ("(?<!", "=")] {
                    if rest.starts_with(from) {
                        found.push((at + from.len() - 1..at + from.len(), to.to_owned()));
                    }
                }
                open.push(at);
                at += 1;
                if get(at) == Some(b'?') {
                    at += 2;
                }
                atom = false;
            }
            b')' => {
                open.pop();
                at += 1;
                atom = true;
            }
            b'|' => {
                at += 1;
                atom = false;
            }
            b'*' | b'+' | b'?' if atom => {
                at += 1 + usize::from(get(at + 1) == Some(b'?'));
                found.push((start..at, String::new()));
                atom = false;
            }
            b'{' if atom => {
                let rest = pattern.get(at + 1..).unwrap_or_default();
                let inner = rest.split('}').next().unwrap_or_default();
                let counts = inner.starts_with(|c: char| c.is_ascii_digit())
                    && inner.chars().all(|c| c.is_ascii_digit() || c == ',')
                    && inner.len() < rest.len();
                if counts {
                    at += inner.len() + 2;
                    at += usize::from(get(at) == Some(b'?'));
                    found.push((start..at, String::new()));
                    atom = false;
                } else {
                    at += 1;
                }
            }
            _ => {
                at = next(pattern, at);
                atom = true;
            }
        }
    }
    found
}

fn next(pattern: &str, at: usize) -> usize {
    at + pattern.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

// An escape, whose class may be turned round; where it ends.
fn escape(pattern: &str, at: usize, found: &mut Vec<(Range<usize>, String)>) -> usize {
    let Some(letter) = pattern.get(at + 1..).and_then(|rest| rest.chars().next()) else { return at + 1 };
    let end = at + 1 + letter.len_utf8();
    if matches!(letter, 'd' | 'D' | 'w' | 'W' | 's' | 'S')
        || matches!(letter, 'p' | 'P') && pattern.get(end..).is_some_and(|rest| rest.starts_with('{'))
    {
        let other = if letter.is_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        found.push((at + 1..end, other.to_string()));
    }
    if matches!(letter, 'p' | 'P' | 'u' | 'k') && pattern.get(end..).is_some_and(|rest| rest.starts_with(['{', '<'])) {
        let close = if letter == 'k' { '>' } else { '}' };
        return pattern.get(end..).and_then(|rest| rest.find(close)).map_or(end, |length| end + length + 1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pattern: &str) -> Vec<String> {
        let apply = |(span, text): (Range<usize>, String)| {
            let mut whole = pattern.to_owned();
            whole.replace_range(span, &text);
            whole
        };
        mutants(pattern).into_iter().map(apply).collect()
    }

    #[test]
    fn each_part_is_changed_once() {
        assert_eq!(made("^a+$"), ["a+$", "^a$", "^a+"]);
        assert_eq!(made(r"\d{2,}?x[^\w.]"), [r"\D{2,}?x[^\w.]", r"\dx[^\w.]", r"\d{2,}?x[\w.]", r"\d{2,}?x[^\W.]"]);
        assert_eq!(made("(?<!a)(?=b)|c{"), ["(?<=a)(?=b)|c{", "(?<!a)(?!b)|c{"]);
        assert_eq!(made(r"\p{L}\u{1f600}[[]"), [r"\P{L}\u{1f600}[[]", r"\p{L}\u{1f600}[^[]"]);
        assert!(made("\\").is_empty() && made("").is_empty());
    }
}

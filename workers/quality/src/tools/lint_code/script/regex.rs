//! Rules about regular expressions, read sign by sign.

use super::super::table as rules;
use super::Lint;
use oxc_ast::ast::{RegExpFlags, RegExpLiteral};
use oxc_span::Span;

impl<'a> Lint<'_, 'a> {
    pub(super) fn regex(&mut self, it: &RegExpLiteral<'a>) {
        let pattern: Vec<char> = it.regex.pattern.text.chars().collect();
        let sets = it.regex.flags.contains(RegExpFlags::V);
        let seen = look(&pattern, sets, sets || it.regex.flags.contains(RegExpFlags::U));
        self.tell(seen, it.span);
        if seen.empty_class {
            self.hit(&rules::NO_EMPTY_CHARACTER_CLASS, it.span, "`[]` matches nothing");
        }
    }

    /// A pattern in a text: its value, as it is written, and its flags, where they are known.
    pub(super) fn pattern(&mut self, value: &str, raw: &str, flags: Option<&str>, span: Span) {
        let has = |flag: char| flags.is_some_and(|flags| flags.contains(flag));
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let control = look(&chars(value), has('v'), has('u') || has('v')).control;
        let spaces = flags.is_some() && look(&chars(raw), has('v'), false).spaces;
        self.tell(Seen { control, spaces, empty_class: false }, span);
    }

    fn tell(&mut self, seen: Seen, span: Span) {
        if seen.control {
            self.hit(&rules::NO_CONTROL_REGEX, span, "a control character is matched, which is rarely meant");
        }
        if seen.spaces {
            self.hit(&rules::NO_REGEX_SPACES, span, "several spaces are hard to count: write ` {2}`");
        }
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Seen {
    control: bool,
    empty_class: bool,
    spaces: bool,
}

// `sets` and `unicode` tell what the flags v and u (or v) change.
fn look(pattern: &[char], sets: bool, unicode: bool) -> Seen {
    let mut seen = Seen::default();
    let at = |at: usize| pattern.get(at).copied().unwrap_or('\0');
    let hex = |from: usize, count: usize| {
        let digits: String = (from..from + count).map(at).collect();
        u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == count)
    };
    let (mut i, mut depth) = (0_usize, 0_usize);
    while i < pattern.len() {
        match at(i) {
            '\\' => {
                let value = match at(i + 1) {
                    'x' => hex(i + 2, 2),
                    'u' if at(i + 2) == '{' && unicode => {
                        let digits: String = pattern.iter().skip(i + 3).take_while(|c| **c != '}').take(8).collect();
                        u32::from_str_radix(&digits, 16).ok()
                    }
                    'u' => hex(i + 2, 4),
                    _ => None,
                };
                if at(i + 1) == ' ' {
                    i += 1;
                    continue;
                }
                seen.control |= value.is_some_and(|value| value <= 0x1f);
                i += 2;
                continue;
            }
            '[' if depth == 0 || sets => {
                depth += 1;
                if at(i + 1) == ']' {
                    seen.empty_class = true;
                    depth -= 1;
                    i += 2;
                    continue;
                }
            }
            ']' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 => {
                let count = pattern.iter().skip(i).take_while(|c| **c == ' ').count();
                let repeated = matches!(at(i + count), '*' | '+' | '?' | '{');
                seen.spaces |= count - usize::from(repeated) >= 2;
                i += count;
                continue;
            }
            c if c <= '\u{1f}' => seen.control = true,
            _ => {}
        }
        i += 1;
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_read() {
        let one = |pattern: &str| {
            let seen = look(&pattern.chars().collect::<Vec<_>>(), false, true);
            (seen.control, seen.empty_class, seen.spaces)
        };
        assert_eq!(one("a[]b"), (false, true, false));
        assert_eq!(one(r"\[]  +[  ]"), (false, false, false));
        assert_eq!(one("a  b"), (false, false, true));
        assert_eq!(one(r"\x1f"), (true, false, false));
        assert_eq!(one(r"\u{1F}|\u0020"), (true, false, false));
        assert_eq!(one("[^]"), (false, false, false));
    }
}

//! Versions as ranges write them: parts may be missing or be `x`, `X` or `*`.

use super::is_space;
use super::version::{counted, number, patch_and_tail};

/// One of the three parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Not written.
    Missing,
    /// `x`, `X` or `*`.
    Any,
    /// Digits.
    Number(&'a str),
}

/// A version of which parts may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partial<'a> {
    pub(super) major: Part<'a>,
    pub(super) minor: Part<'a>,
    pub(super) patch: Part<'a>,
    /// Empty when there is none.
    pub(super) prerelease: &'a str,
}

impl<'a> Part<'a> {
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Missing | Self::Any)
    }

    pub(super) fn digits(self) -> &'a str {
        if let Self::Number(digits) = self { digits } else { "0" }
    }

    // Caret ranges look at the character alone: `00` is not zero.
    pub(super) fn is_zero(self) -> bool {
        self == Self::Number("0")
    }
}

impl<'a> Partial<'a> {
    /// Reads a whole text, after any run of `v`, `=` and spaces.
    pub(super) fn read(text: &'a str, loose: bool) -> Option<Self> {
        let text = skip_prefix(text);
        let (major, rest) = part(text, loose)?;
        let mut partial = Self { major: kind(major), minor: Part::Missing, patch: Part::Missing, prerelease: "" };
        if rest.is_empty() {
            return Some(partial);
        }
        let (minor, rest) = part(rest.strip_prefix('.')?, loose)?;
        partial.minor = kind(minor);
        if rest.is_empty() {
            return Some(partial);
        }
        let (patch, prerelease, _) = patch_and_tail(rest.strip_prefix('.')?, loose, |text| part(text, loose))?;
        partial.patch = kind(patch);
        partial.prerelease = prerelease;
        Some(partial)
    }

    /// Whether an open part is followed by a number, which means nothing.
    pub(super) fn is_out_of_order(&self) -> bool {
        (self.major.is_open() && !self.minor.is_open())
            || (self.minor.is_open() && matches!(self.patch, Part::Number(_)))
    }
}

/// The text behind any run of `v`, `=` and spaces.
pub(super) fn skip_prefix(text: &str) -> &str {
    text.trim_start_matches(|c| c == 'v' || c == '=' || is_space(c))
}

fn kind(text: &str) -> Part<'_> {
    if matches!(text, "x" | "X" | "*") { Part::Any } else { Part::Number(text) }
}

fn part(text: &str, loose: bool) -> Option<(&str, &str)> {
    if text.starts_with(['x', 'X', '*']) { Some(text.split_at(1)) } else { number(text, loose) }
}

/// The end of what looks like a version at the start of a text, after any run of `v`, `=` and spaces; `None` when
/// nothing does. What follows may be anything.
pub(super) fn version_end(text: &str) -> Option<usize> {
    let rest = skip_prefix(text);
    let loose = full_end(rest).or_else(|| open_end(rest));
    loose.map(|end| text.len() - rest.len() + end)
}

fn full_end(text: &str) -> Option<usize> {
    let (_, rest) = number(text, true)?;
    let (_, rest) = number(rest.strip_prefix('.')?, true)?;
    let (_, rest) = number(rest.strip_prefix('.')?, true)?;
    let bare = rest.strip_prefix('-').and_then(identifiers_end).map(|end| end + 1);
    Some(text.len() - rest.len() + bare.or_else(|| identifiers_end(rest)).unwrap_or(0))
}

fn open_end(text: &str) -> Option<usize> {
    let (_, mut rest) = part(text, false)?;
    for _ in 0..2 {
        let Some((_, next)) = rest.strip_prefix('.').and_then(|next| part(next, false)) else {
            return Some(text.len() - rest.len());
        };
        rest = next;
    }
    let prerelease = rest.strip_prefix('-').and_then(identifiers_end).map_or(0, |end| end + 1);
    Some(text.len() - rest.len() + prerelease)
}

fn identifiers_end(text: &str) -> Option<usize> {
    let run = |text: &str| text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
    let mut end = run(text);
    if end == 0 {
        return None;
    }
    while let Some(next) = text.get(end..).and_then(|rest| rest.strip_prefix('.')).map(run).filter(|next| *next > 0) {
        end += 1 + next;
    }
    Some(end)
}

/// The digits of the number after this one, as JavaScript writes it: beyond what it counts exactly the digits are wrong
/// but the number is too large all the same, and from 10^21 on it is not written in digits.
pub(super) fn next_number(part: Part<'_>) -> String {
    let digits = part.digits();
    match counted(digits) {
        Some(value) => (value + 1).to_string(),
        None if digits.trim_start_matches('0').len() > 21 => "1e+21".to_owned(),
        None => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_may_be_open_or_missing() {
        let partial = Partial::read("v1.x", false).expect("partial");
        assert_eq!((partial.major, partial.minor, partial.patch), (Part::Number("1"), Part::Any, Part::Missing));
        assert_eq!(Partial::read("1.2.x-beta", false).map(|p| p.prerelease), Some("beta"));
        assert_eq!(Partial::read("1.2.34.5", true).map(|p| (p.patch, p.prerelease)), Some((Part::Number("3"), "4.5")));
        assert_eq!(Partial::read("1.2beta", true), None);
        assert!(Partial::read("x.2", false).is_some_and(|p| p.is_out_of_order()));
        assert!(Partial::read("1.x.2", false).is_some_and(|p| p.is_out_of_order()));
    }

    #[test]
    fn ends_are_found_in_running_text() {
        assert_eq!(version_end("= v1.2.3beta >2"), Some(12));
        assert_eq!(version_end("1.x <2"), Some(3));
        assert_eq!(version_end("beta"), None);
    }

    #[test]
    fn numbers_too_large_to_count_stay_too_large() {
        assert_eq!(next_number(Part::Number("9")), "10");
        assert_eq!(next_number(Part::Number("9007199254740991")), "9007199254740992");
        assert_eq!(next_number(Part::Number(&"9".repeat(30))), "1e+21");
    }
}

//! Versions: reading, writing, order.

use super::{Options, is_space};
use std::cmp::Ordering;
use std::fmt;

/// Longest version, in UTF-16 units (semver's `MAX_LENGTH`).
pub const MAX_VERSION_UNITS: usize = 256;
/// Largest number in a version: what JavaScript counts without loss.
pub const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;
/// Most digits of a number (semver's own expressions stop there).
const MAX_DIGITS: usize = 256;
/// Most characters after the first letter of an identifier (semver's `MAX_SAFE_BUILD_LENGTH`).
const MAX_IDENTIFIER_TAIL: usize = 250;

/// A part of a prerelease.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identifier {
    /// Digits that JavaScript counts without loss.
    Number(u64),
    /// Anything else.
    Text(String),
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    /// First number.
    pub major: u64,
    /// Second number.
    pub minor: u64,
    /// Third number.
    pub patch: u64,
    /// What stands behind the hyphen.
    pub prerelease: Vec<Identifier>,
    /// What stands behind the plus sign; plays no part in comparing.
    pub build: Vec<String>,
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Version {
    /// Without the build, as semver writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        for (at, identifier) in self.prerelease.iter().enumerate() {
            write!(f, "{}{identifier}", if at == 0 { '-' } else { '.' })?;
        }
        Ok(())
    }
}

impl Version {
    /// A release.
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch, prerelease: Vec::new(), build: Vec::new() }
    }

    /// The same with the prerelease `0`, below which there is nothing.
    #[must_use]
    pub fn with_lowest_prerelease(mut self) -> Self {
        self.prerelease = vec![Identifier::Number(0)];
        self
    }

    /// Reads a version.
    pub fn parse(text: &str, options: Options) -> Option<Self> {
        if text.encode_utf16().count() > MAX_VERSION_UNITS {
            return None;
        }
        let mut rest = text.trim_matches(is_space);
        if options.loose {
            rest = rest.trim_start_matches(|c| c == 'v' || c == '=' || is_space(c));
        } else {
            rest = rest.strip_prefix('v').unwrap_or(rest);
        }
        let written = Written::read(rest, options.loose)?;
        written.version()
    }

    /// Whether it is a prerelease.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    /// Whether the three numbers are the same.
    pub fn same_release(&self, other: &Self) -> bool {
        self.compare_main(other) == Ordering::Equal
    }

    /// Compares the three numbers.
    pub fn compare_main(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch).cmp(&(other.major, other.minor, other.patch))
    }

    /// The order of versions; builds do not count.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.compare_main(other).then_with(|| self.compare_prerelease(other))
    }

    /// The order of versions, those that are the same by their builds.
    pub fn compare_with_build(&self, other: &Self) -> Ordering {
        let texts = |build: &[String]| build.iter().cloned().map(Identifier::Text).collect::<Vec<_>>();
        self.compare(other).then_with(|| compare_lists(&texts(&self.build), &texts(&other.build)))
    }

    fn compare_prerelease(&self, other: &Self) -> Ordering {
        match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
            (false, true) => Ordering::Less,
            (true, false) => Ordering::Greater,
            _ => compare_lists(&self.prerelease, &other.prerelease),
        }
    }
}

// The first difference decides, even where it is one of writing only (numbers beyond what JavaScript counts).
fn compare_lists(left: &[Identifier], right: &[Identifier]) -> Ordering {
    let differing = left.iter().zip(right).find(|(a, b)| a != b);
    differing.map_or_else(|| left.len().cmp(&right.len()), |(a, b)| compare_identifiers(a, b))
}

/// Numbers before texts; numbers by value as JavaScript counts, texts by their characters.
pub(super) fn compare_identifiers(left: &Identifier, right: &Identifier) -> Ordering {
    match (numeric(left), numeric(right)) {
        (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

#[expect(clippy::cast_precision_loss, reason = "no number is above 2^53")]
fn numeric(identifier: &Identifier) -> Option<f64> {
    match identifier {
        Identifier::Number(number) => Some(*number as f64),
        Identifier::Text(text) => is_digits(text).then(|| text.parse().unwrap_or(f64::INFINITY)),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A full version as it is written, nothing checked but its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written<'a> {
    main: [&'a str; 3],
    prerelease: &'a str,
    build: &'a str,
}

impl<'a> Written<'a> {
    /// Reads a whole text that begins with the first number.
    pub(super) fn read(text: &'a str, loose: bool) -> Option<Self> {
        let (major, rest) = number(text, loose)?;
        let (minor, rest) = number(rest.strip_prefix('.')?, loose)?;
        let (patch, prerelease, build) = patch_and_tail(rest.strip_prefix('.')?, loose, |text| number(text, loose))?;
        Some(Self { main: [major, minor, patch], prerelease, build })
    }

    /// The version, unless a number is too large.
    pub(super) fn version(self) -> Option<Version> {
        let [major, minor, patch] = self.main.map(counted);
        let parts = |text: &'a str| text.split('.').filter(|part| !part.is_empty());
        Some(Version {
            major: major?,
            minor: minor?,
            patch: patch?,
            prerelease: parts(self.prerelease).map(identifier).collect(),
            build: parts(self.build).map(str::to_owned).collect(),
        })
    }
}

/// A prerelease identifier from its text.
pub(super) fn identifier(text: &str) -> Identifier {
    let number = is_digits(text).then(|| counted(text)).flatten().filter(|number| *number < MAX_SAFE_INTEGER);
    number.map_or_else(|| Identifier::Text(text.to_owned()), Identifier::Number)
}

/// The value of digits, unless it is more than JavaScript counts.
pub(super) fn counted(digits: &str) -> Option<u64> {
    let significant = digits.trim_start_matches('0');
    if significant.len() > 16 {
        return None;
    }
    let value = if significant.is_empty() { 0 } else { significant.parse().ok()? };
    (value <= MAX_SAFE_INTEGER).then_some(value)
}

/// The number a text begins with, and the rest; a leading zero only when loose.
pub(super) fn number(text: &str, loose: bool) -> Option<(&str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let most = if loose { MAX_DIGITS } else { MAX_DIGITS + 1 };
    let end = if !loose && text.starts_with('0') { 1 } else { digits.min(most) };
    (end > 0).then(|| text.split_at(end))
}

/// The last part of a version, its prerelease (empty when there is none) and its build, to the end of the text.
///
/// When loose the prerelease needs no hyphen, so where a dot follows the number, its last digit begins the prerelease.
pub(super) fn patch_and_tail<'a>(
    text: &'a str,
    loose: bool,
    part: impl Fn(&'a str) -> Option<(&'a str, &'a str)>,
) -> Option<(&'a str, &'a str, &'a str)> {
    let (patch, rest) = part(text)?;
    if let Some((prerelease, build)) = tail(rest, loose) {
        return Some((patch, prerelease, build));
    }
    if !loose || patch.len() < 2 {
        return None;
    }
    let (patch, rest) = text.split_at(patch.len() - 1);
    tail(rest, loose).map(|(prerelease, build)| (patch, prerelease, build))
}

// Prerelease and build, each may be missing.
fn tail(text: &str, loose: bool) -> Option<(&str, &str)> {
    let (before, build) = match text.split_once('+') {
        Some((before, build)) => (before, build.split('.').all(is_build_identifier).then_some(build)?),
        None => (text, ""),
    };
    if before.is_empty() {
        return Some(("", build));
    }
    let without_hyphen = before.strip_prefix('-').filter(|text| are_identifiers(text, loose));
    let prerelease = without_hyphen.or_else(|| (loose && are_identifiers(before, loose)).then_some(before))?;
    Some((prerelease, build))
}

/// Whether a text is a list of prerelease identifiers.
pub(super) fn are_identifiers(text: &str, loose: bool) -> bool {
    text.split('.').all(|part| is_identifier(part, loose))
}

fn is_identifier(text: &str, loose: bool) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == text.len() {
        let most = if loose { MAX_DIGITS } else { MAX_DIGITS + 1 };
        return digits > 0 && digits <= most && (loose || digits == 1 || !text.starts_with('0'));
    }
    text.bytes().all(is_part) && digits <= MAX_DIGITS && text.len() - digits - 1 <= MAX_IDENTIFIER_TAIL
}

fn is_build_identifier(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_IDENTIFIER_TAIL
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A version freed of what people put before it (`v`, `=`, spaces).
pub fn clean(text: &str, options: Options) -> Option<Version> {
    Version::parse(text.trim_matches(is_space).trim_start_matches(['=', 'v']), options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, loose: bool) -> Option<String> {
        Version::parse(text, Options { loose, include_prerelease: false }).map(|version| version.to_string())
    }

    #[test]
    fn loose_versions_are_read_as_people_write_them() {
        for (text, strict, loose) in [
            ("v1.2.3", Some("1.2.3"), Some("1.2.3")),
            ("= v1.2.3", None, Some("1.2.3")),
            ("1.2.3beta", None, Some("1.2.3-beta")),
            ("1.2.34.5", None, Some("1.2.3-4.5")),
            ("1.2.3.5", None, None),
            ("1.2.3-", None, Some("1.2.3--")),
            ("01.2.3", None, Some("1.2.3")),
            ("1.2.3-01", None, Some("1.2.3-1")),
            ("1.2.3-0a", Some("1.2.3-0a"), Some("1.2.3-0a")),
            ("1.2.3+b.01", Some("1.2.3"), Some("1.2.3")),
            ("1.2.3+", None, None),
            ("1.2", None, None),
            ("\u{feff}1.2.3\u{a0}", Some("1.2.3"), Some("1.2.3")),
        ] {
            assert_eq!(shown(text, false).as_deref(), strict, "{text}");
            assert_eq!(shown(text, true).as_deref(), loose, "{text} loose");
        }
    }

    #[test]
    fn limits_hold_at_their_edges() {
        assert!(shown(&format!("{MAX_SAFE_INTEGER}.0.0"), false).is_some());
        assert!(shown(&format!("{}.0.0", MAX_SAFE_INTEGER + 1), false).is_none());
        let long = |units: usize| format!("1.2.3-{}", "a".repeat(units - 6));
        assert!(shown(&long(MAX_VERSION_UNITS), false).is_some());
        assert!(shown(&long(MAX_VERSION_UNITS + 1), false).is_none());
    }

    #[test]
    fn order_is_that_of_the_specification() {
        let texts =
            ["1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-a", "1.0.0-a.1", "1.0.0-a.b", "1.0.0-b", "1.0.0", "1.0.1"];
        let versions: Vec<_> = texts.iter().filter_map(|text| Version::parse(text, Options::default())).collect();
        assert_eq!(versions.len(), texts.len());
        assert!(versions.windows(2).all(|pair| pair[0].compare(&pair[1]) == Ordering::Less));
    }
}

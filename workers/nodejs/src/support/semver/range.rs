//! Comparators and ranges: reading, writing, matching.
//!
//! A range is read in steps, as npm does, since what a text means at the edges depends on them: spaces are joined, `||`
//! splits, hyphens become bounds, operators are drawn to their versions, and each word becomes comparators.

use super::partial::{Part, Partial, next_number, skip_prefix, version_end};
use super::version::{MAX_VERSION_UNITS, Version, Written};
use super::{Options, is_space};
use std::cmp::Ordering;
use std::fmt;

/// How a comparator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// The same.
    Equal,
    /// Below.
    Less,
    /// Below or the same.
    LessEqual,
    /// Above.
    Greater,
    /// Above or the same.
    GreaterEqual,
}

/// One bound.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Comparator {
    /// How it compares.
    pub operator: Operator,
    /// With what; anything matches without.
    pub version: Option<Version>,
}

/// A range: a version is in it that matches all comparators of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    raw: String,
    pub(super) set: Vec<Vec<Comparator>>,
    pub(super) options: Options,
}

// Why a word is no comparator.
enum Fault {
    // Not of its form: loose ranges drop it.
    Form,
    // Of its form, with a number or a length that is not allowed.
    Size,
}

impl Operator {
    /// As it is written; nothing for equality.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Equal => "",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    pub(super) const fn is_upper(self) -> bool {
        matches!(self, Self::Less | Self::LessEqual)
    }

    pub(super) const fn is_lower(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterEqual)
    }

    const fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterEqual => order.is_ge(),
        }
    }
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}{version}", self.operator.text()),
            None => Ok(()),
        }
    }
}

impl Comparator {
    /// What matches anything.
    pub const ANY: Self = Self { operator: Operator::Equal, version: None };

    /// A bound.
    pub const fn new(operator: Operator, version: Version) -> Self {
        Self { operator, version: Some(version) }
    }

    /// Whether a version matches, prereleases like any other.
    pub fn accepts(&self, version: &Version) -> bool {
        self.version.as_ref().is_none_or(|own| self.operator.accepts(version.compare(own)))
    }

    /// Whether nothing can match: nothing is below the lowest prerelease of 0.0.0.
    pub(super) fn is_null(&self) -> bool {
        self.operator == Operator::Less
            && self.version.as_ref().is_some_and(|own| *own == Version::new(0, 0, 0).with_lowest_prerelease())
    }

    fn read(text: &str, loose: bool) -> Result<Self, Fault> {
        if text.is_empty() {
            return Ok(Self::ANY);
        }
        let (operator, rest) = split_operator(text);
        let rest = rest.trim_start_matches(is_space);
        let bare = if loose { skip_prefix(rest) } else { rest.strip_prefix('v').unwrap_or(rest) };
        let written = Written::read(bare, loose).ok_or(Fault::Form)?;
        if rest.encode_utf16().count() > MAX_VERSION_UNITS {
            return Err(Fault::Size);
        }
        let version = written.version().ok_or(Fault::Size)?;
        let operator = match operator {
            "<" => Operator::Less,
            "<=" => Operator::LessEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterEqual,
            _ => Operator::Equal,
        };
        Ok(Self::new(operator, version))
    }
}

impl fmt::Display for Range {
    /// As comparators; nothing for a range that anything is in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, comparators) in self.set.iter().enumerate() {
            if at > 0 {
                f.write_str("||")?;
            }
            for (at, comparator) in comparators.iter().enumerate() {
                if at > 0 {
                    f.write_str(" ")?;
                }
                write!(f, "{comparator}")?;
            }
        }
        Ok(())
    }
}

impl Range {
    /// Reads a range.
    pub fn parse(text: &str, options: Options) -> Option<Self> {
        let raw = text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let mut set = Vec::new();
        for part in raw.split("||") {
            let comparators = read_part(part.trim_matches(is_space), options)?;
            if !comparators.is_empty() {
                set.push(comparators);
            }
        }
        let is_null = |comparators: &[Comparator]| comparators.first().is_some_and(Comparator::is_null);
        if set.len() > 1 {
            let first = set.first().cloned()?;
            set.retain(|comparators| !is_null(comparators));
            if set.is_empty() {
                set.push(first);
            } else if set.iter().any(|comparators| is_any(comparators)) {
                set = vec![vec![Comparator::ANY]];
            }
        }
        (!set.is_empty()).then_some(Self { raw, set, options })
    }

    /// The range of one list of comparators.
    pub(super) fn of(comparators: Vec<Comparator>, options: Options) -> Self {
        Self { raw: String::new(), set: vec![comparators], options }
    }

    /// The text it was read from, its spaces joined.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// As comparators, `*` for a range that anything is in.
    pub fn normalized(&self) -> String {
        let text = self.to_string();
        if text.is_empty() { "*".to_owned() } else { text }
    }

    /// The lists of comparators.
    pub fn alternatives(&self) -> &[Vec<Comparator>] {
        &self.set
    }

    /// Whether a version is in it.
    pub fn contains(&self, version: &Version) -> bool {
        self.set.iter().any(|comparators| matches_all(comparators, version, self.options.include_prerelease))
    }

    /// Whether the version in a text is in it.
    pub fn contains_text(&self, text: &str) -> bool {
        Version::parse(text, self.options).is_some_and(|version| self.contains(&version))
    }
}

pub(super) fn is_any(comparators: &[Comparator]) -> bool {
    matches!(comparators, [only] if only.version.is_none())
}

// A prerelease is in a range only where the range names a prerelease of the same release.
fn matches_all(comparators: &[Comparator], version: &Version, include_prerelease: bool) -> bool {
    let named = |comparator: &Comparator| {
        comparator.version.as_ref().is_some_and(|own| own.is_prerelease() && own.same_release(version))
    };
    comparators.iter().all(|comparator| comparator.accepts(version))
        && (include_prerelease || !version.is_prerelease() || comparators.iter().any(named))
}

fn read_part(text: &str, options: Options) -> Option<Vec<Comparator>> {
    let text = without_builds(text);
    let text = hyphen_bounds(&text, options).unwrap_or(text);
    let text = join_operators(&text);
    let text = join_marks(&text, |rest| rest.strip_prefix('~').map(|rest| rest.strip_prefix('>').unwrap_or(rest)), '~');
    let text = join_marks(&text, |rest| rest.strip_prefix('^'), '^');
    let written = text.split(' ').flat_map(|word| bounds(word, options)).collect::<Vec<_>>().join(" ");
    let mut comparators: Vec<Comparator> = Vec::new();
    let mut null = None;
    for word in parted(&written) {
        let word = if is_lowest_bound(word, options) { "" } else { word };
        match Comparator::read(word, options.loose) {
            Ok(comparator) if comparator.is_null() => null = null.or(Some(comparator)),
            Ok(comparator) if comparators.contains(&comparator) => {}
            Ok(comparator) => comparators.push(comparator),
            Err(Fault::Form) if options.loose => {}
            Err(Fault::Form | Fault::Size) => return None,
        }
    }
    if let Some(null) = null {
        return Some(vec![null]);
    }
    if comparators.len() > 1 {
        comparators.retain(|comparator| comparator.version.is_some());
    }
    Some(comparators)
}

// The words of a text as JavaScript parts it at spaces: one that is empty, which anything fits, stays at either end only.
fn parted(text: &str) -> Vec<&str> {
    let inner = text.trim_matches(is_space);
    let before = inner.is_empty() || text.starts_with(is_space);
    let after = !inner.is_empty() && text.ends_with(is_space);
    let words = inner.split(is_space).filter(|word| !word.is_empty());
    before.then_some("").into_iter().chain(words).chain(after.then_some("")).collect()
}

fn is_lowest_bound(word: &str, options: Options) -> bool {
    word == if options.include_prerelease { ">=0.0.0-0" } else { ">=0.0.0" }
}

// The text without `+build` anywhere.
fn without_builds(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('+') {
        kept.push_str(before);
        let run = |text: &str| text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
        let mut end = run(after);
        if end == 0 {
            kept.push('+');
        } else {
            while let Some(next) = after.get(end..).and_then(|t| t.strip_prefix('.')).map(run).filter(|n| *n > 0) {
                end += 1 + next;
            }
        }
        rest = after.get(end..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

// `1.2 - 3` as two bounds.
fn hyphen_bounds(text: &str, options: Options) -> Option<String> {
    let mut pairs = text.match_indices(" - ").filter_map(|(at, _)| Some((text.get(..at)?, text.get(at + 3..)?)));
    let (from, from_text, to, to_text) = pairs.find_map(|(from, to)| {
        Some((Partial::read(from, options.loose)?, from, Partial::read(to, options.loose)?, to))
    })?;
    let lowest = if options.include_prerelease { "-0" } else { "" };
    let lower = match (from.major, from.minor, from.patch) {
        (major, ..) if major.is_open() => String::new(),
        (major, minor, _) if minor.is_open() => format!(">={}.0.0{lowest}", major.digits()),
        (major, minor, patch) if patch.is_open() => format!(">={}.{}.0{lowest}", major.digits(), minor.digits()),
        _ if !from.prerelease.is_empty() => format!(">={from_text}"),
        _ => format!(">={from_text}{lowest}"),
    };
    let upper = match (to.major, to.minor, to.patch) {
        (major, ..) if major.is_open() => String::new(),
        (major, minor, _) if minor.is_open() => format!("<{}.0.0-0", next_number(major)),
        (major, minor, patch) if patch.is_open() => format!("<{}.{}.0-0", major.digits(), next_number(minor)),
        (major, minor, patch) if !to.prerelease.is_empty() => {
            format!("<={}.{}.{}-{}", major.digits(), minor.digits(), patch.digits(), to.prerelease)
        }
        (major, minor, patch) if options.include_prerelease => {
            format!("<{}.{}.{}-0", major.digits(), minor.digits(), next_number(patch))
        }
        _ => format!("<={to_text}"),
    };
    Some(format!("{lower} {upper}").trim_matches(is_space).to_owned())
}

// Draws `<`, `>=` and their like to the version behind them.
fn join_operators(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let is_before_version = |c: char| matches!(c, '<' | '>' | '=' | 'v') || is_space(c);
        let version = rest.trim_start_matches(is_before_version);
        let (run, _) = rest.split_at(rest.len() - version.len());
        let Some(end) = version_end(version) else {
            let step = version.chars().next().map_or(0, char::len_utf8);
            let (passed, left) = rest.split_at(run.len() + step);
            joined.push_str(passed);
            rest = left;
            continue;
        };
        // Before the last angle nothing changes; without one, an equals sign counts only where the run begins.
        let spaces = run.len() - run.trim_start_matches(is_space).len();
        let (before, operated) = run.split_at(run.rfind(['<', '>']).unwrap_or(spaces));
        let (operator, after) = split_operator(operated);
        joined.push_str(before);
        joined.push_str(operator);
        joined.push_str(if operator.is_empty() { after } else { after.trim_start_matches(is_space) });
        let (version, left) = version.split_at(end);
        joined.push_str(version);
        rest = left;
    }
    joined
}

fn split_operator(text: &str) -> (&str, &str) {
    let angle = usize::from(text.starts_with(['<', '>']));
    let equals = usize::from(text.get(angle..).is_some_and(|rest| rest.starts_with('=')));
    text.split_at(angle + equals)
}

// Draws a tilde or caret to what follows behind spaces.
fn join_marks(text: &str, strip: impl Fn(&str) -> Option<&str>, mark: char) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let spaced = strip(rest).filter(|behind| behind.starts_with(is_space));
        if let Some(behind) = spaced {
            joined.push(mark);
            rest = behind.trim_start_matches(is_space);
        } else {
            joined.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    joined
}

// The bounds that a word stands for, as texts.
fn bounds(word: &str, options: Options) -> Vec<String> {
    let read = |text| Partial::read(text, options.loose);
    if let Some(partial) = word.strip_prefix('^').and_then(read) {
        return caret(&partial, options);
    }
    let tilde = word.strip_prefix('~').map(|rest| rest.strip_prefix('>').unwrap_or(rest));
    if let Some(partial) = tilde.and_then(read) {
        return tilde_bounds(&partial, options);
    }
    let (operator, rest) = split_operator(word);
    match read(rest.trim_start_matches(is_space)) {
        Some(partial) if !partial.is_out_of_order() => open_bounds(word, operator, &partial, options),
        _ => vec![without_star(word)],
    }
}

fn lowest(options: Options) -> &'static str {
    if options.include_prerelease { "-0" } else { "" }
}

fn whole_major(major: Part<'_>, options: Options) -> Vec<String> {
    vec![format!(">={}.0.0{}", major.digits(), lowest(options)), format!("<{}.0.0-0", next_number(major))]
}

fn whole_minor(major: Part<'_>, minor: Part<'_>, options: Options) -> Vec<String> {
    let (major, digits) = (major.digits(), minor.digits());
    vec![format!(">={major}.{digits}.0{}", lowest(options)), format!("<{major}.{}.0-0", next_number(minor))]
}

// From a full version on.
fn lower_bound(partial: &Partial<'_>) -> String {
    let Partial { major, minor, patch, prerelease } = partial;
    let hyphen = if prerelease.is_empty() { "" } else { "-" };
    format!(">={}.{}.{}{hyphen}{prerelease}", major.digits(), minor.digits(), patch.digits())
}

fn tilde_bounds(partial: &Partial<'_>, options: Options) -> Vec<String> {
    let Partial { major, minor, patch, .. } = *partial;
    if major.is_open() {
        vec![String::new()]
    } else if minor.is_open() {
        whole_major(major, options)
    } else if patch.is_open() {
        whole_minor(major, minor, options)
    } else {
        vec![lower_bound(partial), format!("<{}.{}.0-0", major.digits(), next_number(minor))]
    }
}

fn caret(partial: &Partial<'_>, options: Options) -> Vec<String> {
    let Partial { major, minor, patch, .. } = *partial;
    if major.is_open() {
        return vec![String::new()];
    }
    if minor.is_open() {
        return whole_major(major, options);
    }
    if patch.is_open() && major.is_zero() {
        return whole_minor(major, minor, options);
    }
    let lower = if patch.is_open() {
        format!(">={}.{}.0{}", major.digits(), minor.digits(), lowest(options))
    } else {
        lower_bound(partial)
    };
    let upper = if !major.is_zero() {
        format!("<{}.0.0-0", next_number(major))
    } else if minor.is_zero() {
        format!("<0.0.{}-0", next_number(patch))
    } else {
        format!("<0.{}.0-0", next_number(minor))
    };
    vec![lower, upper]
}

fn open_bounds(word: &str, operator: &str, partial: &Partial<'_>, options: Options) -> Vec<String> {
    let Partial { major, minor, patch, .. } = *partial;
    if major.is_open() {
        // Nothing is above or below everything.
        let text = if matches!(operator, "<" | ">") { "<0.0.0-0" } else { "" };
        return vec![text.to_owned()];
    }
    if !minor.is_open() && !patch.is_open() {
        return vec![without_star(word)];
    }
    let (first, second) = (major.digits(), if minor.is_open() { "0" } else { minor.digits() });
    let above = || {
        if minor.is_open() {
            format!("{}.0.0", next_number(major))
        } else {
            format!("{first}.{}.0", next_number(minor))
        }
    };
    match operator {
        "" | "=" if minor.is_open() => whole_major(major, options),
        "" | "=" => whole_minor(major, minor, options),
        ">" => vec![format!(">={}{}", above(), lowest(options))],
        "<=" => vec![format!("<{}-0", above())],
        "<" => vec![format!("<{first}.{second}.0-0")],
        _ => vec![format!("{operator}{first}.{second}.0{}", lowest(options))],
    }
}

// The word without its first star and the operator before it.
fn without_star(word: &str) -> String {
    let Some((before, after)) = word.split_once('*') else { return word.to_owned() };
    let before = before.strip_suffix('=').unwrap_or(before);
    let before = before.strip_suffix(['<', '>']).unwrap_or(before);
    format!("{before}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(text: &str, loose: bool, include_prerelease: bool) -> Option<String> {
        Range::parse(text, Options { loose, include_prerelease }).map(|range| range.normalized())
    }

    #[test]
    fn forms_become_comparators() {
        for (text, expected) in [
            ("1.2.3 - 2", Some(">=1.2.3 <3.0.0-0")),
            ("^0.0.3 || ^0.2", Some(">=0.0.3 <0.0.4-0||>=0.2.0 <0.3.0-0")),
            ("~> 1.2", Some(">=1.2.0 <1.3.0-0")),
            ("> 1.2 < 3", Some(">=1.3.0 <3.0.0-0")),
            ("", Some("*")),
            ("x || 1", Some("*")),
            ("<* || 1", Some(">=1.0.0 <2.0.0-0")),
            (">=0.0.0", Some("*")),
            ("1.2.3*", Some("1.2.3")),
            ("1.2.3+build - 2.0.0+other", Some(">=1.2.3 <=2.0.0")),
            ("latest", None),
            ("^x.2", Some("*")),
            ("x.2", None),
            ("x.2 ^* x.2", None),
        ] {
            assert_eq!(normalized(text, false, false).as_deref(), expected, "{text}");
        }
        assert_eq!(normalized("^1.2", false, true).as_deref(), Some(">=1.2.0-0 <2.0.0-0"));
        assert_eq!(normalized("1.2.3beta nonsense", true, false).as_deref(), Some("1.2.3-beta"));
        assert_eq!(normalized("x.2 ^* x.2", true, false), None, "what is dropped leaves nothing");
        assert_eq!(normalized("^* x.2", true, false).as_deref(), Some("*"));
    }

    #[test]
    fn prereleases_match_only_beside_their_like() {
        let range = Range::parse("^1.2.3-beta.2", Options::default()).expect("range");
        assert!(range.contains_text("1.2.3-beta.4"));
        assert!(!range.contains_text("1.2.4-beta.4"));
        assert!(range.contains_text("1.2.4"));
    }
}

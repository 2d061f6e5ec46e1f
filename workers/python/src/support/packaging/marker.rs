//! Environment markers (PEP 508, 685, 751): their grammar, and whether they hold in an environment.

use crate::support::packaging::name;
use crate::support::packaging::specifier::{Specifier, scan, version};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

/// Deepest nesting of parentheses; people write two or three.
pub const MAX_DEPTH: usize = 64;

/// Every variable, as it is written now.
pub const VARIABLES: [&str; 14] = [
    "python_version",
    "python_full_version",
    "os_name",
    "sys_platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
    "dependency_groups",
];

// Older spellings.
const ALIASES: [(&str, &str); 6] = [
    ("os.name", "os_name"),
    ("sys.platform", "sys_platform"),
    ("platform.version", "platform_version"),
    ("platform.machine", "platform_machine"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("python_implementation", "platform_python_implementation"),
];

/// Variables compared as versions where they can be.
pub const VERSIONED: [&str; 4] =
    ["implementation_version", "platform_release", "python_full_version", "python_version"];

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A variable, by its name as it is written now.
    Variable(&'static str),
    /// A quoted text.
    Text(String),
}

/// How two sides compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// By its sign: `<`, `==`, `~=` and their like.
    Sign(&'static str),
}

impl Comparison {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Sign(sign) => sign,
        }
    }
}

/// A condition on an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// All of them.
    And(Vec<Marker>),
    /// One of them.
    Or(Vec<Marker>),
    /// A comparison.
    Compare {
        /// Left side.
        left: Side,
        /// How.
        comparison: Comparison,
        /// Right side.
        right: Side,
    },
}

/// What is wrong with a text, and where, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In words.
    pub message: String,
    /// Where.
    pub span: Range<usize>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), span }
    }
}

/// What markers are held against.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Variables with one value.
    pub values: BTreeMap<String, String>,
    /// Chosen extras, normalized, for `in extras` of locks.
    pub extras: BTreeSet<String>,
    /// Chosen groups, normalized, for `in dependency_groups` of locks.
    pub groups: BTreeSet<String>,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Text(text) if text.contains('\'') => write!(f, "\"{text}\""),
            Self::Text(text) => write!(f, "'{text}'"),
        }
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            for (at, part) in parts.iter().enumerate() {
                f.write_str(if at == 0 { "" } else { word })?;
                match part {
                    Self::Or(inner) if inner.len() > 1 && word == " and " => write!(f, "({part})")?,
                    Self::Or(_) | Self::And(_) | Self::Compare { .. } => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::And(parts) => list(f, parts, " and "),
            Self::Or(parts) => list(f, parts, " or "),
            Self::Compare { left, comparison, right } => write!(f, "{left} {} {right}", comparison.word()),
        }
    }
}

impl Marker {
    /// Reads a marker that fills a text.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut parser = Parser::new(text, 0);
        let marker = parser.marker(0)?;
        parser.end("`and`, `or` or the end")?;
        Ok(marker)
    }

    /// Whether it holds. A variable without a value is empty.
    pub fn holds(&self, environment: &Environment) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(environment)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(environment)),
            Self::Compare { left, comparison, right } => compare(left, *comparison, right, environment),
        }
    }

    /// Calls `visit` with every comparison.
    pub fn each(&self, visit: &mut impl FnMut(&Side, Comparison, &Side)) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.each(visit)),
            Self::Compare { left, comparison, right } => visit(left, *comparison, right),
        }
    }
}

fn compare(left: &Side, comparison: Comparison, right: &Side, environment: &Environment) -> bool {
    let value = |side: &Side| match side {
        Side::Text(text) => text.clone(),
        Side::Variable(name) => environment.values.get(*name).cloned().unwrap_or_default(),
    };
    let key = match (left, right) {
        (Side::Variable(name), _) | (_, Side::Variable(name)) => *name,
        (Side::Text(_), Side::Text(_)) => "",
    };
    if let ("extras" | "dependency_groups", Side::Text(text)) = (key, left) {
        let chosen = if key == "extras" { &environment.extras } else { &environment.groups };
        let is_in = chosen.contains(&name::normalized(text));
        return match comparison {
            Comparison::In => is_in,
            Comparison::NotIn => !is_in,
            Comparison::Sign(_) => false,
        };
    }
    let (mut left, mut right) = (value(left), value(right));
    if key == "extra" {
        (left, right) = (name::normalized(&left), name::normalized(&right));
    }
    match comparison {
        Comparison::In => right.contains(&left),
        Comparison::NotIn => !right.contains(&left),
        Comparison::Sign(sign) => {
            if VERSIONED.contains(&key)
                && let Some(specifier) = version_comparison(sign, &right)
            {
                // Builds of Python between two releases call themselves `3.13.0a1+`.
                if key == "python_full_version" && left.ends_with('+') {
                    left.push_str("local");
                }
                return match version(&left) {
                    Some(candidate) if sign == "===" => {
                        left.eq_ignore_ascii_case(&right) || specifier.contains(&candidate)
                    }
                    Some(candidate) => specifier.contains(&candidate),
                    None => sign == "===" && left.eq_ignore_ascii_case(&right),
                };
            }
            match sign {
                "==" | "===" | "<=" | ">=" => left == right,
                "!=" => left != right,
                _ => false,
            }
        }
    }
}

/// The specifier that a comparison with a version means, if the text is one.
pub fn version_comparison(sign: &str, text: &str) -> Option<Specifier> {
    let written = format!("{sign}{text}");
    let written = written.trim();
    scan(written).filter(|(_, length)| *length == written.len()).map(|(specifier, _)| specifier)
}

/// Reads tokens of requirements and markers; places are bytes of the text.
pub(super) struct Parser<'t> {
    text: &'t str,
    pub(super) at: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn spaces(&mut self) -> bool {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        self.at += length;
        length > 0
    }

    pub(super) fn take(&mut self, word: &str) -> bool {
        let taken = self.rest().starts_with(word);
        self.at += if taken { word.len() } else { 0 };
        taken
    }

    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(message, self.at..self.text.len())
    }

    pub(super) fn end(&mut self, expected: &str) -> Result<(), Problem> {
        self.spaces();
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(self.problem(format!("expected {expected}, not `{}`", octavo_toolkit::limits::excerpt(self.rest()))))
    }

    // A word with no letter, digit or underscore around it.
    fn keyword(&mut self, word: &str) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let before = self.text.get(..self.at).and_then(|text| text.chars().next_back()).is_some_and(is_word);
        let after = self.rest().get(word.len()..).and_then(|text| text.chars().next()).is_some_and(is_word);
        !before && !after && self.take(word)
    }

    pub(super) fn marker(&mut self, depth: usize) -> Result<Marker, Problem> {
        if depth > MAX_DEPTH {
            return Err(self.problem(format!("parentheses nest deeper than {MAX_DEPTH}")));
        }
        let mut any = Vec::new();
        let mut all = vec![self.atom(depth)?];
        loop {
            if self.keyword("and") {
                all.push(self.atom(depth)?);
            } else if self.keyword("or") {
                any.push(joined(std::mem::take(&mut all), Marker::And));
                all.push(self.atom(depth)?);
            } else {
                break;
            }
        }
        any.push(joined(all, Marker::And));
        Ok(joined(any, Marker::Or))
    }

    fn atom(&mut self, depth: usize) -> Result<Marker, Problem> {
        self.spaces();
        let opened = self.at;
        let marker = if self.take("(") {
            let marker = self.marker(depth + 1)?;
            self.spaces();
            if !self.take(")") {
                return Err(Problem::new("`(` is not closed", opened..self.text.len()));
            }
            marker
        } else {
            let left = self.side()?;
            self.spaces();
            let comparison = self.comparison()?;
            self.spaces();
            let right = self.side()?;
            Marker::Compare { left, comparison, right }
        };
        self.spaces();
        Ok(marker)
    }

    fn side(&mut self) -> Result<Side, Problem> {
        let rest = self.rest();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            let inner = rest.get(1..).unwrap_or_default();
            let Some(length) = inner.find(quote) else { return Err(self.problem("the quoted text is not closed")) };
            let text = inner.get(..length).unwrap_or_default();
            let Some(text) = unescaped(text) else {
                let span = self.at..self.at + length + 2;
                return Err(Problem::new("the quoted text has a line break, or an escape that is not whole", span));
            };
            self.at += length + 2;
            return Ok(Side::Text(text));
        }
        let names = VARIABLES.iter().map(|name| (*name, *name)).chain(ALIASES);
        for (written, name) in names {
            if self.keyword(written) {
                return Ok(Side::Variable(name));
            }
        }
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect();
        if word.is_empty() {
            return Err(self.problem("expected a marker variable or a quoted text"));
        }
        let hint = octavo_toolkit::suggest::nearest(&word, VARIABLES).map(|name| format!("; did you mean `{name}`?"));
        let word = octavo_toolkit::limits::excerpt(&word);
        Err(self.problem(format!("`{word}` is no marker variable{}", hint.unwrap_or_default())))
    }

    fn comparison(&mut self) -> Result<Comparison, Problem> {
        for sign in ["===", "==", "~=", "!=", "<=", ">=", "<", ">"] {
            if self.take(sign) {
                return Ok(Comparison::Sign(sign));
            }
        }
        if self.keyword("in") {
            return Ok(Comparison::In);
        }
        if self.keyword("not") {
            let spaced = self.spaces();
            if spaced && self.keyword("in") {
                return Ok(Comparison::NotIn);
            }
            return Err(self.problem("expected `in` after `not`"));
        }
        Err(self.problem("expected `==`, `!=`, `<`, `<=`, `>`, `>=`, `~=`, `===`, `in` or `not in`"))
    }
}

// A text as Python reads it between quotes; none where it would not.
fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if matches!(c, '\n' | '\r' | '\0') {
            return None;
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.clone().next()? {
            '\n' => drop(chars.next()),
            mark @ ('\\' | '\'' | '"') => {
                chars.next();
                out.push(mark);
            }
            letter @ ('x' | 'u' | 'U') => {
                chars.next();
                let digits = match letter {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let code: String = chars.by_ref().take(digits).collect();
                if code.len() != digits {
                    return None;
                }
                out.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)?);
            }
            letter @ ('n' | 'r' | 't' | 'a' | 'b' | 'f' | 'v') => {
                chars.next();
                out.push(match letter {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    _ => '\u{b}',
                });
            }
            'N' => return None,
            // Python keeps a backslash before anything else.
            _ => out.push('\\'),
        }
    }
    Some(out)
}

fn joined(mut parts: Vec<Marker>, join: fn(Vec<Marker>) -> Marker) -> Marker {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        let values = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Environment { values, ..Environment::default() }
    }

    #[test]
    fn markers_hold_as_their_versions_and_words_say() {
        let linux = environment(&[("python_version", "3.10"), ("sys_platform", "linux"), ("extra", "Test_x")]);
        for (marker, holds) in [
            ("python_version >= '3.9'", true),
            ("python_version in '3.9 3.10'", true),
            ("'linux' in sys_platform and python_version < '3'", false),
            ("sys_platform == 'win32' or (python_version ~= '3.0' and extra == 'test-x')", true),
            ("sys.platform not in 'win32'", true),
            ("python_implementation == ''", true),
        ] {
            assert_eq!(Marker::parse(marker).expect(marker).holds(&linux), holds, "{marker}");
        }
    }

    #[test]
    fn wrong_markers_say_what_and_where() {
        for (marker, message, start) in [
            ("python_versio == '3'", "`python_versio` is no marker variable; did you mean `python_version`?", 0),
            ("os_name == 'x' andx", "expected `and`, `or` or the end, not `andx`", 15),
            ("(os_name == 'x'", "`(` is not closed", 0),
            ("os_name = 'x'", "expected `==`, `!=`, `<`, `<=`, `>`, `>=`, `~=`, `===`, `in` or `not in`", 8),
            ("os_name == 'x", "the quoted text is not closed", 11),
        ] {
            let problem = Marker::parse(marker).expect_err(marker);
            assert_eq!((problem.message.as_str(), problem.span.start), (message, start));
        }
    }

    #[test]
    fn depth_is_limited_at_its_edge() {
        let deep = |depth: usize| format!("{}os_name == 'x'{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Marker::parse(&deep(MAX_DEPTH)).is_ok());
        assert!(Marker::parse(&deep(MAX_DEPTH + 1)).is_err());
    }

    #[test]
    fn markers_are_written_as_they_read() {
        let text = "(os_name == 'a' or extra == 'b') and python_version < '3'";
        assert_eq!(Marker::parse(text).expect(text).to_string(), text);
    }
}

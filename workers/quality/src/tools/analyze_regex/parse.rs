//! Reads regular expressions of six dialects into one tree, and remembers which features they use.
//!
//! Owns syntax. What a dialect lacks is [`portability`](super::portability)'s.

use super::set::Set;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// Deepest nesting of groups.
pub const MAX_GROUP_DEPTH: usize = 100;
// Counts beyond are read as this one.
const MAX_COUNT: u32 = 100_000;

/// Whose expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    #[default]
    /// `ECMAScript`.
    Javascript,
    /// PCRE2: PHP, nginx, grep -P.
    Pcre,
    /// Python's re.
    Python,
    /// RE2: Go.
    Re2,
    /// The Rust crate regex.
    Rust,
    /// java.util.regex.
    Java,
}

impl Dialect {
    /// The dialect of this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "javascript" => Self::Javascript,
            "pcre" => Self::Pcre,
            "python" => Self::Python,
            "re2" => Self::Re2,
            "rust" => Self::Rust,
            "java" => Self::Java,
            _ => return None,
        })
    }

    /// Its name for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Javascript => "JavaScript",
            Self::Pcre => "PCRE2",
            Self::Python => "Python",
            Self::Re2 => "RE2",
            Self::Rust => "Rust",
            Self::Java => "Java",
        }
    }

    /// Whether its engine takes linear time whatever the expression.
    pub(super) const fn is_linear(self) -> bool {
        matches!(self, Self::Re2 | Self::Rust)
    }
}

/// A part of an expression, with its place in the pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Empty,
    Set(Set),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    Repeat { body: Box<Node>, min: u32, max: Option<u32>, greed: Greed },
    Group { body: Box<Node>, capture: Option<u32> },
    Atomic(Box<Node>),
    Look { body: Box<Node>, behind: bool, negative: bool },
    Assert(Assert),
    Backreference(u32),
}

/// How much a repetition takes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// What must hold at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assert {
    TextStart,
    TextEnd,
    // At the end, or before a line break there.
    LastLineEnd,
    LineStart,
    LineEnd,
    Boundary,
    NoBoundary,
}

/// What not every dialect has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Feature {
    Lookahead,
    Lookbehind,
    VariableLookbehind,
    Backreference,
    NamedGroup,
    NamedGroupP,
    NamedReference,
    NamedReferenceP,
    Atomic,
    Possessive,
    InlineFlags,
    ScopedFlags,
    FlagsInTheMiddle,
    Comment,
    BranchReset,
    Conditional,
    Recursion,
    TextAnchor,
    EndAnchorUpper,
    EndAnchorLower,
    LastMatchAnchor,
    QuotedText,
    PosixClass,
    ClassOperation,
    NestedClass,
    Property,
    BareBraces,
    EmptyClass,
    UnicodeBraces,
    HexBraces,
    UnicodeFour,
    ControlEscape,
    LinebreakEscape,
    HorizontalSpace,
    KeepOut,
    LongCount,
    Octal,
    UpperCount,
    DigitEscape,
    WordEscape,
    Dollar,
    IdentityEscape,
    NullEscape,
}

/// A read expression.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) root: Node,
    /// Bodies of the capturing groups, by number.
    pub(super) groups: BTreeMap<u32, Node>,
    /// Features and where they are first used.
    pub(super) features: BTreeMap<Feature, Range<usize>>,
    /// What is read past and not judged.
    pub(super) unread: Option<&'static str>,
}

/// Why an expression could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Byte offset.
    pub(super) at: usize,
    /// A sentence fragment.
    pub(super) what: String,
}

#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of regular expressions are independent")]
pub(super) struct Flags {
    pub(super) any_case: bool,
    pub(super) multiline: bool,
    pub(super) dot_all: bool,
    pub(super) extended: bool,
    pub(super) unicode: bool,
    pub(super) sets: bool,
}

impl Flags {
    /// The flags of these letters.
    pub(super) fn of(letters: &str) -> Self {
        let has = |letter: char| letters.contains(letter);
        Self {
            any_case: has('i'),
            multiline: has('m'),
            dot_all: has('s'),
            extended: has('x'),
            unicode: has('u') || has('v'),
            sets: has('v'),
        }
    }
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str, flags: Flags, dialect: Dialect) -> Result<Parsed, Fault> {
    let mut parser = Parser {
        text: pattern,
        at: 0,
        dialect,
        flags,
        depth: 0,
        captures: 0,
        total: count_groups(pattern),
        names: BTreeMap::new(),
        has_names: pattern.contains("(?<") && named_groups(pattern),
        groups: BTreeMap::new(),
        features: BTreeMap::new(),
        unread: None,
    };
    let root = parser.alternation()?;
    if parser.at < pattern.len() {
        return parser.fault("a closing parenthesis without an opening one");
    }
    let Parser { groups, features, unread, .. } = parser;
    Ok(Parsed { root, groups, features, unread })
}

fn named_groups(pattern: &str) -> bool {
    pattern.match_indices("(?<").any(|(at, _)| {
        pattern.get(at + 3..).and_then(|rest| rest.chars().next()).is_some_and(|next| !matches!(next, '=' | '!'))
    })
}

// How many capturing groups there are in all: a number beyond is no reference.
fn count_groups(pattern: &str) -> u32 {
    let bytes = pattern.as_bytes();
    let (mut at, mut count, mut in_class) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => {
                let rest = bytes.get(at + 1..).unwrap_or_default();
                let named =
                    rest.starts_with(b"?P<") || (rest.starts_with(b"?<") && !matches!(rest.get(2), Some(b'=' | b'!')));
                if !rest.starts_with(b"?") && !rest.starts_with(b"*") || named {
                    count += 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    count
}

pub(super) struct Parser<'p> {
    pub(super) text: &'p str,
    pub(super) at: usize,
    pub(super) dialect: Dialect,
    pub(super) flags: Flags,
    pub(super) depth: usize,
    pub(super) captures: u32,
    pub(super) total: u32,
    pub(super) names: BTreeMap<String, u32>,
    pub(super) has_names: bool,
    groups: BTreeMap<u32, Node>,
    features: BTreeMap<Feature, Range<usize>>,
    unread: Option<&'static str>,
}

impl Parser<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let fits = self.rest().starts_with(word);
        if fits {
            self.at += word.len();
        }
        fits
    }

    pub(super) fn fault<T>(&self, what: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { at: self.at.min(self.text.len()), what: what.into() })
    }

    pub(super) fn uses(&mut self, feature: Feature, start: usize) {
        let span = start..self.at;
        self.features.entry(feature).or_insert(span);
    }

    pub(super) fn is_javascript(&self) -> bool {
        self.dialect == Dialect::Javascript
    }

    fn alternation(&mut self) -> Result<Node, Fault> {
        let start = self.at;
        let mut branches = vec![self.sequence()?];
        while self.eat("|") {
            branches.push(self.sequence()?);
        }
        let span = start..self.at;
        Ok(match branches.pop() {
            Some(only) if branches.is_empty() => only,
            Some(last) => {
                branches.push(last);
                Node { kind: Kind::Alternate(branches), span }
            }
            None => Node { kind: Kind::Empty, span },
        })
    }

    fn sequence(&mut self) -> Result<Node, Fault> {
        let start = self.at;
        let mut items: Vec<Node> = Vec::new();
        while let Some(next) = self.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            if self.flags.extended && self.skip_layout() {
                continue;
            }
            let begin = self.at;
            if let Some(term) = self.term()? {
                let term = self.quantified(term, begin)?;
                items.push(term);
            }
        }
        let span = start..self.at;
        Ok(match items.pop() {
            None => Node { kind: Kind::Empty, span },
            Some(only) if items.is_empty() => only,
            Some(last) => {
                items.push(last);
                Node { kind: Kind::Concat(items), span }
            }
        })
    }

    // Blanks and comments of an extended expression.
    fn skip_layout(&mut self) -> bool {
        let start = self.at;
        while let Some(next) = self.peek() {
            if next.is_whitespace() {
                self.next();
            } else if next == '#' {
                while self.next().is_some_and(|next| next != '\n') {}
            } else {
                break;
            }
        }
        self.at > start
    }

    fn quantified(&mut self, mut term: Node, begin: usize) -> Result<Node, Fault> {
        let mut repeated = false;
        loop {
            if self.flags.extended {
                self.skip_layout();
            }
            let before = self.at;
            let (min, max) = match self.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => match self.counts() {
                    Some(counts) => counts,
                    None => return Ok(term),
                },
                _ => return Ok(term),
            };
            if self.at == before {
                self.next();
            }
            if max.is_some_and(|max| max < min) {
                return self.fault("counts out of order");
            }
            if repeated && self.dialect != Dialect::Rust {
                self.at = before;
                return self.fault("nothing to repeat");
            }
            repeated = true;
            if matches!(term.kind, Kind::Assert(_)) && self.is_javascript()
                || matches!(term.kind, Kind::Look { behind: true, .. }) && self.is_javascript()
            {
                self.at = before;
                return self.fault("nothing to repeat");
            }
            let mut greed = Greed::Greedy;
            if self.eat("?") {
                greed = Greed::Lazy;
            } else if self.peek() == Some('+')
                && !matches!(self.dialect, Dialect::Javascript | Dialect::Re2 | Dialect::Rust)
            {
                self.next();
                greed = Greed::Possessive;
                self.uses(Feature::Possessive, before);
            }
            if max.unwrap_or(min) > 1_000 {
                self.uses(Feature::LongCount, before);
            }
            term = Node { kind: Kind::Repeat { body: Box::new(term), min, max, greed }, span: begin..self.at };
        }
    }

    // `{n}`, `{n,}`, `{n,m}`; where it is none of these, nothing is taken.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let start = self.at;
        let close = self.rest().find('}')?;
        let inner = self.text.get(start + 1..start + close)?.to_owned();
        let number = |text: &str| {
            let plain = !text.is_empty() && text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse::<u32>().unwrap_or(MAX_COUNT).min(MAX_COUNT))
        };
        let counts = match inner.split_once(',') {
            None => number(&inner).map(|count| (count, Some(count))),
            Some((min, "")) => number(min).map(|min| (min, None)),
            Some(("", max)) if matches!(self.dialect, Dialect::Python | Dialect::Pcre) => {
                number(max).map(|max| (0, Some(max)))
            }
            Some((min, max)) => number(min).zip(number(max)).map(|(min, max)| (min, Some(max))),
        };
        if counts.is_some() {
            self.at = start + close + 1;
            if inner.starts_with(',') {
                self.uses(Feature::UpperCount, start);
            }
        }
        counts
    }

    pub(super) fn set(&self, set: Set, start: usize) -> Node {
        let set = if self.flags.any_case { set.any_case() } else { set };
        Node { kind: Kind::Set(set), span: start..self.at }
    }

    pub(super) fn assert(&self, assert: Assert, start: usize) -> Node {
        Node { kind: Kind::Assert(assert), span: start..self.at }
    }

    pub(super) fn line_breaks(&self) -> Set {
        match self.dialect {
            Dialect::Javascript | Dialect::Java => Set::of(&[(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)]),
            Dialect::Pcre | Dialect::Python | Dialect::Re2 | Dialect::Rust => Set::one(0x0a),
        }
    }

    // One term; nothing where only flags or a comment stood there.
    fn term(&mut self) -> Result<Option<Node>, Fault> {
        let start = self.at;
        let Some(next) = self.next() else { return Ok(None) };
        Ok(Some(match next {
            '(' => return self.group(start),
            '[' => {
                let set = self.class()?;
                self.set(set, start)
            }
            '.' => {
                let set = if self.flags.dot_all { Set::all() } else { self.line_breaks().negated() };
                self.set(set, start)
            }
            '^' => self.assert(if self.flags.multiline { Assert::LineStart } else { Assert::TextStart }, start),
            '$' => {
                if !self.flags.multiline {
                    self.uses(Feature::Dollar, start);
                }
                let last_line = matches!(self.dialect, Dialect::Pcre | Dialect::Python | Dialect::Java);
                let plain = if last_line { Assert::LastLineEnd } else { Assert::TextEnd };
                self.assert(if self.flags.multiline { Assert::LineEnd } else { plain }, start)
            }
            '\\' => return self.escape(start).map(Some),
            '*' | '+' | '?' => {
                self.at = start;
                return self.fault("nothing to repeat");
            }
            '{' => {
                self.at = start;
                if self.counts().is_some() {
                    self.at = start;
                    return self.fault("nothing to repeat");
                }
                if self.flags.unicode && self.is_javascript()
                    || self.dialect == Dialect::Rust
                    || self.dialect == Dialect::Java
                {
                    return self.fault("a brace that is no count");
                }
                self.next();
                self.uses(Feature::BareBraces, start);
                self.set(Set::one(u32::from('{')), start)
            }
            ']' | '}' if self.flags.unicode && self.is_javascript() => {
                self.at = start;
                return self.fault("a closing bracket without an opening one");
            }
            other => self.set(Set::one(u32::from(other)), start),
        }))
    }

    fn group(&mut self, start: usize) -> Result<Option<Node>, Fault> {
        self.depth += 1;
        if self.depth > MAX_GROUP_DEPTH {
            return self.fault(format!("groups nested deeper than {MAX_GROUP_DEPTH}"));
        }
        let node = self.group_body(start);
        self.depth -= 1;
        node
    }

    fn group_body(&mut self, start: usize) -> Result<Option<Node>, Fault> {
        use Dialect::{Java, Pcre, Python, Re2, Rust};
        let outer = self.flags;
        if !self.eat("?") {
            if self.dialect == Dialect::Pcre && self.rest().starts_with('*') {
                let Some(end) = self.rest().find(')') else { return self.fault("a group that is not closed") };
                self.at += end + 1;
                self.unread = Some("verbs");
                return Ok(None);
            }
            return self.capture(start, None).map(Some);
        }
        let is = |dialects: &[Dialect]| dialects.contains(&self.dialect);
        let (atomic, comments, named, quoted) =
            (is(&[Pcre, Python, Java]), is(&[Pcre, Python]), is(&[Pcre, Python, Re2, Rust]), is(&[Pcre]));
        let looks = [("<=", true, false), ("<!", true, true), ("=", false, false), ("!", false, true)];
        for (sign, behind, negative) in looks {
            if !self.dialect.is_linear() && self.eat(sign) {
                let body = Box::new(self.closed(outer)?);
                self.uses(if behind { Feature::Lookbehind } else { Feature::Lookahead }, start);
                if behind && !has_fixed_length(&body) {
                    self.uses(Feature::VariableLookbehind, start);
                }
                return Ok(Some(Node { kind: Kind::Look { body, behind, negative }, span: start..self.at }));
            }
        }
        if self.eat(":") {
            let body = Box::new(self.closed(outer)?);
            return Ok(Some(Node { kind: Kind::Group { body, capture: None }, span: start..self.at }));
        }
        if atomic && self.eat(">") {
            let body = Box::new(self.closed(outer)?);
            self.uses(Feature::Atomic, start);
            return Ok(Some(Node { kind: Kind::Atomic(body), span: start..self.at }));
        }
        if comments && self.eat("#") {
            let Some(end) = self.rest().find(')') else { return self.fault("a comment that is not closed") };
            self.at += end + 1;
            self.uses(Feature::Comment, start);
            return Ok(None);
        }
        let python = self.dialect == Python;
        for (sign, close, feature, has) in [
            ("P<", '>', Feature::NamedGroupP, named),
            ("<", '>', Feature::NamedGroup, !python),
            ("'", '\'', Feature::NamedGroup, quoted),
        ] {
            if has && self.eat(sign) {
                let name = self.name(close)?;
                self.uses(feature, start);
                return self.capture(start, Some(name)).map(Some);
            }
        }
        if comments && self.eat("P=") {
            let name = self.name(')')?;
            self.uses(Feature::NamedReferenceP, start);
            return self.reference_to(&name, start).map(Some);
        }
        if quoted && self.eat("|") {
            self.uses(Feature::BranchReset, start);
            let body = Box::new(self.closed(outer)?);
            return Ok(Some(Node { kind: Kind::Group { body, capture: None }, span: start..self.at }));
        }
        let rest = self.rest();
        let recursion = rest.starts_with(['R', '&'])
            || rest.starts_with(|c: char| c.is_ascii_digit())
            || rest.starts_with("P>")
            || rest.starts_with("+1");
        if comments && rest.starts_with('(') || quoted && recursion {
            let feature = if self.rest().starts_with('(') { Feature::Conditional } else { Feature::Recursion };
            self.unread = Some(if feature == Feature::Conditional { "conditions" } else { "recursion" });
            self.uses(feature, start);
            if feature == Feature::Conditional {
                self.next();
                let Some(end) = self.rest().find(')') else { return self.fault("a condition that is not closed") };
                self.at += end + 1;
                let body = Box::new(self.closed(outer)?);
                return Ok(Some(Node { kind: Kind::Group { body, capture: None }, span: start..self.at }));
            }
            let Some(end) = self.rest().find(')') else { return self.fault("a group that is not closed") };
            self.at += end + 1;
            return Ok(Some(Node { kind: Kind::Empty, span: start..self.at }));
        }
        self.flag_group(start, outer)
    }

    // `(?i)`, `(?i-m:...)`.
    fn flag_group(&mut self, start: usize, outer: Flags) -> Result<Option<Node>, Fault> {
        let mut on = true;
        let mut flags = self.flags;
        loop {
            match self.next() {
                Some('-') if on => on = false,
                Some('^') if self.dialect == Dialect::Pcre => {
                    flags = Flags { unicode: flags.unicode, ..Flags::default() }
                }
                Some('i') => flags.any_case = on,
                Some('m') => flags.multiline = on,
                Some('s') => flags.dot_all = on,
                Some('x') if !self.is_javascript() => flags.extended = on,
                Some('u' | 'U' | 'a' | 'L' | 'J' | 'd' | 'n' | 'R') if !self.is_javascript() => {}
                Some(':') => {
                    self.flags = flags;
                    let body = Box::new(self.closed(outer)?);
                    self.uses(Feature::ScopedFlags, start);
                    return Ok(Some(Node { kind: Kind::Group { body, capture: None }, span: start..self.at }));
                }
                Some(')') if !self.is_javascript() => {
                    self.flags = flags;
                    self.uses(Feature::InlineFlags, start);
                    if start > 0 {
                        self.uses(Feature::FlagsInTheMiddle, start);
                    }
                    return Ok(None);
                }
                _ => {
                    self.at = (start + 1).min(self.text.len());
                    return self.fault("a group of an unknown kind");
                }
            }
        }
    }

    // The body of a group up to its closing parenthesis; flags set inside end with it.
    fn closed(&mut self, outer: Flags) -> Result<Node, Fault> {
        let body = self.alternation()?;
        self.flags = outer;
        if self.eat(")") { Ok(body) } else { self.fault("a group that is not closed") }
    }

    fn capture(&mut self, start: usize, name: Option<String>) -> Result<Node, Fault> {
        let outer = self.flags;
        self.captures += 1;
        let number = self.captures;
        if let Some(name) = name {
            self.names.insert(name, number);
        }
        let body = self.closed(outer)?;
        self.groups.insert(number, body.clone());
        Ok(Node { kind: Kind::Group { body: Box::new(body), capture: Some(number) }, span: start..self.at })
    }

    pub(super) fn name(&mut self, close: char) -> Result<String, Fault> {
        let Some(end) = self.rest().find(close) else { return self.fault("a name that is not closed") };
        let name = self.rest().get(..end).unwrap_or_default().to_owned();
        if name.is_empty() || name.contains(['(', ')', ' ']) {
            return self.fault("a name that is none");
        }
        self.at += end + close.len_utf8();
        Ok(name)
    }

    pub(super) fn reference_to(&mut self, name: &str, start: usize) -> Result<Node, Fault> {
        if self.dialect.is_linear() {
            return self.fault("a reference, which this dialect does not have");
        }
        self.uses(Feature::Backreference, start);
        let number = name.parse().ok().or_else(|| self.names.get(name).copied());
        match number {
            Some(number) => Ok(Node { kind: Kind::Backreference(number), span: start..self.at }),
            // A group further on: nothing is captured yet.
            None if self.text.contains(&format!("<{name}>")) => Ok(Node { kind: Kind::Empty, span: start..self.at }),
            None => self.fault("a reference to a name that no group has"),
        }
    }
}

// Whether a lookbehind always looks at the same number of characters, alternative by alternative.
fn has_fixed_length(node: &Node) -> bool {
    match &node.kind {
        Kind::Alternate(branches) => branches.iter().all(|branch| length(branch).is_some()),
        _ => length(node).is_some(),
    }
}

fn length(node: &Node) -> Option<u32> {
    match &node.kind {
        Kind::Empty | Kind::Look { .. } | Kind::Assert(_) => Some(0),
        Kind::Set(_) => Some(1),
        Kind::Concat(items) => {
            items.iter().try_fold(0_u32, |sum, item| length(item).map(|own| sum.saturating_add(own)))
        }
        Kind::Alternate(branches) => {
            let mut lengths = branches.iter().map(length);
            let first = lengths.next()??;
            lengths.all(|own| own == Some(first)).then_some(first)
        }
        Kind::Repeat { body, min, max, .. } => {
            (Some(*min) == *max).then(|| length(body).map(|own| own.saturating_mul(*min)))?
        }
        Kind::Group { body, .. } | Kind::Atomic(body) => length(body),
        Kind::Backreference(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(pattern: &str, flags: &str, dialect: Dialect) -> bool {
        parse(pattern, Flags::of(flags), dialect).is_ok()
    }

    #[test]
    fn reads_what_each_dialect_reads() {
        use Dialect::{Java, Javascript, Pcre, Python, Re2, Rust};
        for pattern in [
            "",
            "a|b|",
            "[]",
            "[^]",
            "{",
            "a{,3}",
            "]",
            "}",
            "\\_",
            "\\u12",
            "\\c",
            "(?<a>b)\\k<a>",
            "(?=a)*",
            "\\8",
            "[a-\\d]",
            "[\\b]",
            "(?i:a)",
        ] {
            assert!(reads(pattern, "", Javascript), "{pattern}");
        }
        for pattern in
            ["(", ")", "a**", "*", "a{2,1}", "[b-a]", "\\", "[", "(?<a", "(?P<a>b)", "(?>a)", "a++", "(?i)a", "^*"]
        {
            assert!(!reads(pattern, "", Javascript), "{pattern}");
        }
        for pattern in ["{", "]", "\\_", "\\u12", "\\p", "\\2(a)"] {
            assert!(!reads(pattern, "u", Javascript), "{pattern}");
        }
        assert!(reads("[[a-z]--[aeiou]]", "v", Javascript) && reads("\\p{L}+", "u", Javascript));
        assert!(reads("(?i)(?>a++)\\Q(\\E[[:alpha:]]\\K(?R)?(a)(?(1)b|c)", "", Pcre));
        assert!(reads("(?P<a>b)(?P=a)(?#c)(?x: a # b\n)\\Z", "", Python) && !reads("\\z", "", Python));
        assert!(
            reads("\\z[[:^digit:]]\\pL", "", Re2)
                && reads("[a&&[^b]]\\u{61}", "", Rust)
                && reads("[a-z&&[^b]]\\h", "", Java)
        );
    }

    #[test]
    fn nesting_is_read_to_its_limit() {
        let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
        assert!(reads(&nested(MAX_GROUP_DEPTH), "", Dialect::Javascript));
        assert!(!reads(&nested(MAX_GROUP_DEPTH + 1), "", Dialect::Javascript));
        let classes = |depth: usize| format!("{}a{}", "[".repeat(depth), "]".repeat(depth));
        assert!(reads(&classes(MAX_GROUP_DEPTH), "v", Dialect::Javascript));
        assert!(!reads(&classes(MAX_GROUP_DEPTH + 1), "v", Dialect::Javascript));
    }

    #[test]
    fn lookbehinds_of_one_length_are_told_apart() {
        let varies = |pattern: &str| {
            parse(pattern, Flags::default(), Dialect::Javascript)
                .expect("read")
                .features
                .contains_key(&Feature::VariableLookbehind)
        };
        assert!(!varies("(?<=a|bc)") && !varies("(?<=a{3}(?:b|c))") && varies("(?<=a+)") && varies("(?<!(?:a|bc)d)"));
    }
}

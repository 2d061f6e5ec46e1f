//! Dependency specifiers (PEP 508), with the place of what is wrong.

use crate::support::packaging::marker::{Marker, Parser, Problem};
use crate::support::packaging::name;
use crate::support::packaging::specifier::{Specifiers, scan};
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// A dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The name as it is written.
    pub name: String,
    /// Where the name stands, in bytes.
    pub name_span: Range<usize>,
    /// Its extras, normalized.
    pub extras: BTreeSet<String>,
    /// Its versions; everything, where there are none.
    pub specifiers: Specifiers,
    /// Where it comes from, of a direct reference.
    pub url: Option<String>,
    /// When it is needed.
    pub marker: Option<Marker>,
}

impl Requirement {
    /// Reads a requirement that fills a text.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut parser = Parser::new(text, 0);
        parser.spaces();
        let start = parser.at;
        let length = identifier(parser.rest());
        if length == 0 {
            let what = if parser.rest().is_empty() { "the requirement is empty" } else { "expected a package name" };
            return Err(parser.problem(what));
        }
        parser.at += length;
        let name_span = start..parser.at;
        let name = text.get(name_span.clone()).unwrap_or_default().to_owned();
        parser.spaces();
        let extras = extras(&mut parser)?;
        parser.spaces();
        let mut requirement =
            Self { name, name_span, extras, specifiers: Specifiers::default(), url: None, marker: None };
        if parser.take("@") {
            parser.spaces();
            let rest = parser.rest();
            let length = rest.find([' ', '\t']).unwrap_or(rest.len());
            if length == 0 {
                return Err(parser.problem("expected an address after `@`"));
            }
            requirement.url = rest.get(..length).map(str::to_owned);
            parser.at += length;
            let spaced = parser.spaces();
            if parser.rest().is_empty() {
                return Ok(requirement);
            }
            if !spaced || !parser.take(";") {
                return Err(parser.problem("expected ` ;` and a marker after the address, or the end"));
            }
        } else {
            requirement.specifiers = specifiers(&mut parser)?;
            parser.spaces();
            if parser.rest().is_empty() {
                return Ok(requirement);
            }
            if !parser.take(";") {
                return Err(unexpected(&parser, &requirement));
            }
        }
        requirement.marker = Some(parser.marker(0)?);
        parser.end("`and`, `or` or the end")?;
        Ok(requirement)
    }

    /// The normalized name.
    pub fn key(&self) -> String {
        name::normalized(&self.name)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.extras.is_empty() {
            let extras: Vec<&str> = self.extras.iter().map(String::as_str).collect();
            write!(f, "[{}]", extras.join(","))?;
        }
        write!(f, "{}", self.specifiers)?;
        if let Some(url) = &self.url {
            write!(f, " @ {url}")?;
        }
        match &self.marker {
            Some(marker) => write!(f, "{}; {marker}", if self.url.is_some() { " " } else { "" }),
            None => Ok(()),
        }
    }
}

// How long the identifier at the start of a text is: it ends with a letter, a digit or an underscore.
fn identifier(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_alphanumeric) {
        return 0;
    }
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut length = bytes.iter().take_while(is_part).count();
    let next = text.get(length..).and_then(|rest| rest.chars().next());
    if next.is_some_and(char::is_alphanumeric) {
        // A letter beyond ASCII goes on with the word: the boundary is further back, before a sign.
        length =
            bytes.get(..length).unwrap_or_default().iter().rposition(|byte| matches!(byte, b'-' | b'.')).unwrap_or(0);
    }
    while length > 0 && !bytes.get(length - 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        length -= 1;
    }
    length
}

fn extras(parser: &mut Parser<'_>) -> Result<BTreeSet<String>, Problem> {
    let mut extras = BTreeSet::new();
    let opened = parser.at;
    if !parser.take("[") {
        return Ok(extras);
    }
    parser.spaces();
    let mut comma = false;
    loop {
        let length = identifier(parser.rest());
        if length == 0 {
            if comma {
                return Err(parser.problem("expected the name of an extra after the comma"));
            }
            break;
        }
        extras.insert(name::normalized(parser.rest().get(..length).unwrap_or_default()));
        parser.at += length;
        parser.spaces();
        comma = parser.take(",");
        parser.spaces();
        if !comma {
            break;
        }
    }
    if parser.take("]") {
        return Ok(extras);
    }
    if identifier(parser.rest()) > 0 {
        return Err(parser.problem("expected a comma between two extras"));
    }
    let problem = parser.problem("expected `]` after the extras");
    Err(Problem { span: opened..problem.span.end, ..problem })
}

fn specifiers(parser: &mut Parser<'_>) -> Result<Specifiers, Problem> {
    let opened = parser.at;
    let bracketed = parser.take("(");
    let mut found = Vec::new();
    parser.spaces();
    while let Some((specifier, length)) = scan(parser.rest()) {
        let start = parser.at;
        parser.at += length;
        let rest = parser.rest();
        let tail = if rest.starts_with(".*") {
            Some(2)
        } else {
            rest.strip_prefix('+')
                .and_then(|label| label.find(|c: char| !c.is_ascii_alphanumeric()).or(Some(label.len())))
        };
        if let Some(tail) = tail.filter(|tail| *tail > 0) {
            let part = parser.rest().get(..tail).unwrap_or_default().to_owned();
            let end = parser.at + tail;
            let message = if part == ".*" {
                "`.*` goes with `==` and `!=`, after a version without pre-, post- or development release"
            } else {
                "a local version goes with `==` and `!=` only"
            };
            return Err(Problem::new(message, start..end));
        }
        // The word after `===` goes on to the next space, and commas in it are commas still.
        if specifier.text.contains(',') {
            let whole = format!("{specifier}");
            let several = Specifiers::parse(&whole).map_err(|said| Problem::new(said, start..parser.at))?;
            found.extend(several.0);
        } else {
            found.push(specifier);
        }
        parser.spaces();
        if !parser.take(",") {
            break;
        }
        parser.spaces();
    }
    parser.spaces();
    if bracketed && !parser.take(")") {
        let problem = parser.problem("expected `)` after the versions");
        return Err(Problem { span: opened..problem.span.end, ..problem });
    }
    Ok(Specifiers(found))
}

// What stands where a marker or the end should, in words.
fn unexpected(parser: &Parser<'_>, requirement: &Requirement) -> Problem {
    let rest = parser.rest();
    let until = rest.find([',', ';', ' ']).filter(|at| *at > 0).unwrap_or(rest.len());
    let word = rest.get(..until).unwrap_or_default();
    if rest.starts_with(['=', '<', '>', '~', '!', '^']) {
        let text = rest.split(';').next().unwrap_or_default();
        if let Err(said) = Specifiers::parse(text.trim()) {
            return Problem::new(said, parser.at..parser.at + text.trim_end().len());
        }
    }
    let expected = if requirement.specifiers.0.is_empty() {
        "a version, `;` and a marker, or the end"
    } else {
        "a comma and another version, `;` and a marker, or the end"
    };
    Problem::new(format!("expected {expected}, not `{}`", excerpt(word)), parser.at..parser.at + until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_read_whole() {
        let requirement =
            Requirement::parse("Requests [Security, tests] >= 2.8.1, == 2.8.* ; python_version < '2.7'").expect("read");
        assert_eq!(requirement.key(), "requests");
        assert_eq!(requirement.to_string(), "Requests[security,tests]>=2.8.1,==2.8.*; python_version < '2.7'");
        let requirement = Requirement::parse("pip @ https://x.org/pip.zip#sha1=da ; os_name == 'a'").expect("read");
        assert_eq!(requirement.url.as_deref(), Some("https://x.org/pip.zip#sha1=da"));
        assert_eq!(Requirement::parse("name(>=3,<4)").expect("read").specifiers.0.len(), 2);
    }

    #[test]
    fn wrong_requirements_say_what_and_where() {
        for (text, message, span) in [
            ("", "the requirement is empty", 0..0),
            ("-x", "expected a package name", 0..2),
            ("a=1", "`=1` has no operator; the operator for equality is `==`", 1..3),
            ("a>=1 b", "expected a comma and another version, `;` and a marker, or the end, not `b`", 5..6),
            ("a[x y]", "expected a comma between two extras", 4..6),
            ("a[x", "expected `]` after the extras", 1..3),
            (
                "a>=1.*",
                "`.*` goes with `==` and `!=`, after a version without pre-, post- or development release",
                1..6,
            ),
            ("a @ x;y", "", 0..0),
        ] {
            match Requirement::parse(text) {
                Err(problem) => assert_eq!((problem.message.as_str(), problem.span), (message, span), "{text}"),
                Ok(read) => assert_eq!(read.url.as_deref(), Some("x;y"), "{text}"),
            }
        }
    }
}

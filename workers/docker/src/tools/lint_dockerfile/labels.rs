//! Rules on labels: their keys, and the labels a policy requires.

use super::Lint;
use super::rules::{DL3048, DL3049, DL3050, DL3051, DL3052, DL3053, DL3054, DL3055, DL3056, DL3058};
use super::spdx;
use crate::support::dockerfile::{Arguments, Instruction, Keyword, Pair};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Rule, ToolError};
use std::collections::BTreeSet;

/// A label that every image needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequiredLabel {
    name: String,
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Url,
    Semver,
    Rfc3339,
    Hash,
    Spdx,
    Email,
}

const FORMATS: [(&str, Format); 7] = [
    ("text", Format::Text),
    ("url", Format::Url),
    ("semver", Format::Semver),
    ("rfc3339", Format::Rfc3339),
    ("hash", Format::Hash),
    ("spdx", Format::Spdx),
    ("email", Format::Email),
];

impl RequiredLabel {
    /// Reads `name:format`; a name alone takes any text.
    pub(super) fn parse(text: &str, pointer: &str) -> Result<Self, ToolError> {
        let (name, format) = text.rsplit_once(':').unwrap_or((text, "text"));
        let known = FORMATS.iter().find(|(word, _)| *word == format);
        match known {
            Some((_, format)) if !name.is_empty() => Ok(Self { name: name.to_owned(), format: *format }),
            _ => {
                let accepted = "\"name:format\" with format text, url, semver, rfc3339, hash, spdx or email";
                Err(ToolError::invalid(pointer, "is no required label", accepted))
            }
        }
    }
}

/// Runs the group.
pub(super) fn check(lint: &mut Lint<'_>) {
    let file = lint.file;
    for instruction in &file.instructions {
        if let (Keyword::Label, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) {
            for pair in pairs {
                lint.label(instruction, pair);
            }
        }
    }
    lint.missing_labels();
}

impl Lint<'_> {
    fn label(&mut self, outer: &Instruction, pair: &Pair) {
        let key = pair.key.value.as_str();
        if let Some(why) = key_problem(key) {
            self.on(&DL3048, outer, pair.key.span.clone(), format!("label key `{}` {why}", excerpt(key)));
        }
        let required = self.options.labels.iter().find(|label| label.name == key);
        let value = pair.value.as_ref().map_or("", |value| value.value.as_str());
        let span = pair
            .value
            .as_ref()
            .filter(|value| !value.span.is_empty())
            .map_or(&pair.key.span, |value| &value.span)
            .clone();
        match required {
            None if self.options.strict_labels => {
                self.on(&DL3050, outer, pair.key.span.clone(), format!("label `{}` is not in the list", excerpt(key)));
            }
            None => {}
            Some(_) if value.is_empty() => {
                self.on(&DL3051, outer, span, format!("label `{}` is empty", excerpt(key)));
            }
            // Values are read only while their findings are kept.
            Some(_) if self.is_cut => {}
            Some(label) => {
                if let Some((rule, what)) = format_problem(label.format, value) {
                    self.on(rule, outer, span, format!("label `{}` is no {what}", excerpt(key)));
                }
            }
        }
    }

    fn missing_labels(&mut self) {
        let used: BTreeSet<String> = self
            .file
            .instructions
            .iter()
            .filter_map(|instruction| instruction.triggered().flag("from")?.value.as_ref())
            .map(|from| from.to_lowercase())
            .collect();
        let options = self.options;
        for stage in 0..self.facts.stages.len() {
            let alias =
                self.facts.stages.get(stage).and_then(|stage| stage.alias).map(|alias| alias.value.to_lowercase());
            let is_source = used.contains(&stage.to_string()) || alias.is_some_and(|alias| used.contains(&alias));
            let Some(from) = self.from(stage).filter(|_| !is_source) else { continue };
            for label in &options.labels {
                let name = label.name.as_str();
                let is_set = self.facts.inherits(stage, |own| own.labels.contains(name));
                // A stage that continues this one may set it in its place.
                if !is_set && !self.facts.is_labelled_further(stage, name) {
                    let message = format!("label `{}` is missing", excerpt(&label.name));
                    self.on(&DL3049, from, from.keyword_span.clone(), message);
                }
            }
        }
    }
}

// Docker's guidelines for keys, with `_` and `/`, which registries use, let through inside.
fn key_problem(key: &str) -> Option<&'static str> {
    const RESERVED: [&str; 3] = ["com.docker.", "io.docker.", "org.dockerproject."];
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if RESERVED.iter().any(|space| key.starts_with(space)) {
        return Some("is in a namespace of Docker");
    }
    if !key.chars().all(|c| is_end(c) || matches!(c, '.' | '-' | '_' | '/')) {
        return Some("holds characters other than a-z, 0-9, dot and dash");
    }
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) || !key.ends_with(is_end) {
        return Some("does not start with a letter and end with a letter or digit");
    }
    (key.contains("..") || key.contains("--")).then_some("has two dots or dashes in a row")
}

fn format_problem(format: Format, value: &str) -> Option<(&'static Rule, &'static str)> {
    match format {
        Format::Text => None,
        Format::Url => (!is_url(value)).then_some((&DL3052, "URL")),
        Format::Rfc3339 => (!is_rfc3339(value)).then_some((&DL3053, "time of RFC 3339")),
        Format::Spdx => (!spdx::is_expression(value)).then_some((&DL3054, "SPDX licence expression")),
        Format::Hash => (!is_hash(value)).then_some((&DL3055, "git hash of 7 or 40 digits")),
        Format::Semver => (!is_semver(value)).then_some((&DL3056, "semantic version")),
        Format::Email => (!is_email(value)).then_some((&DL3058, "e-mail address")),
    }
}

// A scheme, a colon, and something behind it without blanks (RFC 3986).
fn is_url(value: &str) -> bool {
    value.split_once(':').is_some_and(|(scheme, rest)| {
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'-' | b'.'));
        let is_free = |c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c);
        is_scheme && !rest.is_empty() && (value.contains('$') || !rest.contains(is_free))
    })
}

fn is_hash(value: &str) -> bool {
    matches!(value.len(), 7 | 40) && value.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_semver(value: &str) -> bool {
    let (rest, build) = value.split_once('+').map_or((value, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let is_number = |part: &str| {
        !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    let has_leading_zero = |part: &str| part.bytes().all(|c| c.is_ascii_digit()) && !is_number(part);
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && pre.is_none_or(|pre| pre.split('.').all(|part| is_word(part) && !has_leading_zero(part)))
        && build.is_none_or(|build| build.split('.').all(is_word))
}

// Local part and domain, each of the characters RFC 5322 allows without quotes.
fn is_email(value: &str) -> bool {
    let is_atom = |part: &str| {
        !part.is_empty()
            && part.split('.').all(|atom| {
                !atom.is_empty() && atom.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c))
            })
    };
    value.split_once('@').is_some_and(|(local, domain)| is_atom(local) && is_atom(domain))
}

fn is_rfc3339(value: &str) -> bool {
    let number = |range: std::ops::Range<usize>| {
        let digits = value.get(range)?;
        digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse::<u32>().ok()).flatten()
    };
    let marks = [(4, "-"), (7, "-"), (13, ":"), (16, ":")];
    let has_marks = marks.iter().all(|(at, mark)| value.get(*at..at + 1) == Some(mark))
        && matches!(value.get(10..11), Some("T" | "t"));
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else { return false };
    let (Some(hour), Some(minute), Some(second)) = (number(11..13), number(14..16), number(17..19)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let rest = value.get(19..).unwrap_or_default();
    let zone =
        rest.strip_prefix('.').map_or(rest, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let has_fraction = !rest.starts_with('.') || zone.len() + 1 < rest.len();
    has_marks
        && (1..=12).contains(&month)
        && (1..=days).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60
        && has_fraction
        && is_zone(zone)
}

fn is_zone(zone: &str) -> bool {
    if zone.eq_ignore_ascii_case("z") {
        return true;
    }
    let Some((hours, minutes)) = zone.strip_prefix(['+', '-']).and_then(|zone| zone.split_once(':')) else {
        return false;
    };
    let below = |part: &str, limit: u32| {
        part.len() == 2 && part.parse::<u32>().is_ok_and(|n| n < limit) && !part.starts_with('+')
    };
    below(hours, 24) && below(minutes, 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_held() {
        let fits = |format, value| format_problem(format, value).is_none();
        for (format, right, wrong) in [
            (Format::Url, &["http://a.example", "mailto:a@b", "ftp://x"][..], &["foo", "/x", "http://x y", ":x"][..]),
            (Format::Semver, &["1.0.0", "1.0.0-a.1+b"], &["1", "1.0", "v1.0.0", "01.0.0", "1.0.0-01", "1.0.0-"]),
            (
                Format::Rfc3339,
                &["2020-01-01T00:00:00Z", "2020-02-29t23:59:60.5+01:00"],
                &[
                    "2020-01-01",
                    "2021-02-29T00:00:00Z",
                    "2020-01-01T24:00:00Z",
                    "2020-01-01 00:00:00Z",
                    "2020-01-01T00:00:00.Z",
                    "2020-01-01T00:00:00",
                    "\u{e9}",
                ],
            ),
            (Format::Hash, &["abcdef1", "0123456789012345678901234567890123456789"], &["abcdef", "ABCDEF1", "abcdeg1"]),
            (Format::Email, &["a@b", "a.b+c@d.example"], &["a", "a@b@c", "A <a@b>", "@b"]),
        ] {
            for value in right {
                assert!(fits(format, value), "{value}");
            }
            for value in wrong {
                assert!(!fits(format, value), "{value}");
            }
        }
    }

    #[test]
    fn keys_follow_the_guidelines() {
        for right in ["a", "a.b", "a-b_c/d1", "org.opencontainers.image.authors", "com.dockerx.y", "com.docker"] {
            assert_eq!(key_problem(right), None, "{right}");
        }
        for wrong in ["", "A", "a..b", "a--b", "-a", "a.", "1a", "com.docker.x", "a b", "$X", "a:b"] {
            assert!(key_problem(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn required_labels_are_read() {
        assert_eq!(RequiredLabel::parse("a.b:url", "").map(|label| label.format), Ok(Format::Url));
        assert_eq!(RequiredLabel::parse("a", "").map(|label| label.format), Ok(Format::Text));
        assert!(RequiredLabel::parse("a:ulr", "").is_err() && RequiredLabel::parse(":url", "").is_err());
    }
}

//! Looks through one text: keywords first, then the rules whose keyword was met, near it.

use super::data::{Against, Reach, Rules, SecretRule, Words};
use super::decode::{self, MAX_DECODINGS, Segment};
use std::collections::BTreeMap;
use std::ops::Range;

// How far around a keyword the expression of a near rule looks, in bytes.
const BEFORE: usize = 200;
const BEHIND: usize = 700;
// Longest lead of a match, in characters.
const MAX_LEAD: usize = 50;
/// Most secrets of one text.
pub const MAX_SECRETS: usize = 2_000;
// Comments that allow what stands on their line.
const ALLOWING: [&str; 3] = ["gitleaks:allow", "pragma: allowlist secret", "secretlint-disable-line"];

/// A secret; nothing of its text leaves this module.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Secret {
    pub(super) rule: &'static str,
    pub(super) generic: bool,
    /// Where it stands in the text that was given.
    pub(super) span: Range<usize>,
    /// Its characters.
    pub(super) length: usize,
    pub(super) entropy: f64,
    /// How it was encoded.
    pub(super) decoded: Option<&'static str>,
}

/// What a call looks with.
#[derive(Debug)]
pub(super) struct Scanner<'r> {
    rules: &'r Rules,
    words: Words,
    // Which rules wait for a keyword, by its number.
    waiting: Vec<Vec<usize>>,
    /// Expressions of the caller for what is allowed.
    allowed: &'r [regex_lite::Regex],
}

impl<'r> Scanner<'r> {
    pub(super) fn new(rules: &'r Rules, allowed: &'r [regex_lite::Regex]) -> Self {
        let mut numbers: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut waiting: Vec<Vec<usize>> = Vec::new();
        for (at, rule) in rules.list.iter().enumerate() {
            for word in &rule.keywords {
                let number = *numbers.entry(word).or_insert(waiting.len());
                if number == waiting.len() {
                    waiting.push(Vec::new());
                }
                if let Some(list) = waiting.get_mut(number) {
                    list.push(at);
                }
            }
        }
        let words = Words::new(numbers.into_iter().map(|(word, number)| (number, word)));
        Self { rules, words, waiting, allowed }
    }

    /// Whether nothing in a file of this path is looked at.
    pub(super) fn passes_over(&self, path: &str) -> bool {
        self.rules.paths.iter().any(|one| one.matches(path)) || self.allowed.iter().any(|one| one.is_match(path))
    }

    /// The rule for which the path alone is a finding.
    pub(super) fn by_path(&self, path: &str) -> Option<&'static str> {
        let alone =
            |rule: &&SecretRule| rule.expression.is_none() && rule.path.as_ref().is_some_and(|one| one.matches(path));
        self.rules.list.iter().find(alone).map(|rule| rule.id)
    }

    /// The secrets of a text, in order; whether there were more.
    pub(super) fn scan(&self, path: &str, text: &str) -> (Vec<Secret>, bool) {
        let mut found = Vec::new();
        self.pass(path, text, text, &[], &mut found);
        let mut current = decode::decoded(text, &[]);
        for _ in 1..MAX_DECODINGS {
            let Some((plain, segments)) = current else { break };
            self.pass(path, &plain, text, &segments, &mut found);
            current = decode::decoded(&plain, &segments);
        }
        // One that only is called a secret gives way to one of which the provider is known.
        let known: Vec<Range<usize>> = found.iter().filter(|one| !one.generic).map(|one| one.span.clone()).collect();
        found.retain(|one| {
            !one.generic || !known.iter().any(|other| other.start < one.span.end && one.span.start < other.end)
        });
        found.sort_by(|one, other| {
            (one.span.start, one.span.end, one.rule).cmp(&(other.span.start, other.span.end, other.rule))
        });
        found.dedup_by(|one, other| one.rule == other.rule && one.span == other.span);
        let over = found.len() > MAX_SECRETS;
        found.truncate(MAX_SECRETS);
        (found, over)
    }

    fn pass(&self, path: &str, text: &str, original: &str, segments: &[Segment], found: &mut Vec<Secret>) {
        let mut windows: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
        self.words.each(text, |number, at| {
            for rule in self.waiting.get(number).into_iter().flatten() {
                let near = self.rules.list.get(*rule).is_some_and(|rule| rule.reach == Reach::Near);
                let window = if near { at.saturating_sub(BEFORE)..at + BEHIND } else { 0..text.len() };
                let list = windows.entry(*rule).or_default();
                match list.last_mut() {
                    Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
                    _ => list.push(window),
                }
            }
        });
        for (rule, windows) in windows {
            let Some(rule) = self.rules.list.get(rule) else { continue };
            if rule.path.as_ref().is_some_and(|one| !one.matches(path))
                || rule.allowed.iter().any(|(against, one)| *against == Against::Path && one.matches(path))
            {
                continue;
            }
            let mut done = 0;
            for window in windows {
                done = self
                    .look(rule, path, text, original, segments, window.start.max(done)..window.end, found)
                    .max(done);
                if found.len() > MAX_SECRETS * 4 {
                    return;
                }
            }
        }
    }

    // Looks through one stretch; gives where the last match ended.
    #[expect(clippy::too_many_arguments, reason = "a text with what it was made from")]
    fn look(
        &self,
        rule: &SecretRule,
        path: &str,
        text: &str,
        original: &str,
        segments: &[Segment],
        window: Range<usize>,
        found: &mut Vec<Secret>,
    ) -> usize {
        let (start, end) = (boundary(text, window.start), stretch_end(text, window.end));
        let mut done = start;
        let Some(expression) = rule.expression.as_ref().and_then(|one| one.get()) else { return done };
        let has_lead = rule.expression.as_ref().is_some_and(super::data::Lazy::has_lead);
        let Some(stretch) = text.get(..end) else { return done };
        while let Some(groups) = (done <= stretch.len()).then(|| expression.captures_at(stretch, done)).flatten() {
            let Some(whole) = groups.get(0) else { break };
            let matched = whole.range();
            let lead = if has_lead { lead(text, done, matched.start) } else { matched.start };
            done = if matched.end > done { matched.end } else { next_character(text, done) };
            let group = if rule.group > 0 {
                groups.get(rule.group)
            } else {
                (1..groups.len()).filter_map(|at| groups.get(at)).find(|one| !one.is_empty())
            };
            let secret = group.map_or_else(|| trimmed(text, matched.clone()), |one| one.range());
            let Some(value) = text.get(secret.clone()) else { continue };
            // What was not decoded was seen in the pass before.
            let decoded =
                segments.iter().find(|segment| segment.place.start < matched.end && matched.start < segment.place.end);
            if !segments.is_empty() && decoded.is_none() {
                continue;
            }
            let entropy = entropy(value);
            if rule.entropy > 0.0 && entropy <= rule.entropy {
                continue;
            }
            let matched = lead..trimmed(text, matched).end;
            let line = lines(text, &matched);
            if self.is_allowed(rule, path, value, text.get(matched).unwrap_or_default(), line) {
                continue;
            }
            let span = if segments.is_empty() { secret } else { decode::origin(segments, secret) };
            let span = boundary(original, span.start)..boundary(original, span.end);
            found.push(Secret {
                rule: rule.id,
                generic: rule.is_generic(),
                span,
                length: value.chars().count(),
                entropy,
                decoded: decoded.map(|segment| segment.how),
            });
        }
        done
    }

    fn is_allowed(&self, rule: &SecretRule, path: &str, secret: &str, matched: &str, line: &str) -> bool {
        let lower = secret.to_ascii_lowercase();
        let recipe = [".bb", ".bbappend", ".bbclass", ".inc"].iter().any(|ending| path.ends_with(ending));
        ALLOWING.iter().any(|word| line.contains(word))
            || self.allowed.iter().any(|one| one.is_match(matched))
            || self.rules.secrets.iter().any(|one| one.matches(secret))
            || self.rules.words.iter().chain(&rule.stop_words).any(|word| lower.contains(word))
            || rule.allowed.iter().any(|(against, one)| match against {
                Against::Secret => one.matches(secret),
                Against::Match => one.matches(matched),
                Against::Line => one.matches(line),
                Against::Path => one.matches(path),
                Against::Recipe => recipe && one.matches(line),
            })
    }
}

// The bits of a character, after Shannon.
fn entropy(text: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    text.chars().for_each(|one| *counts.entry(one).or_default() += 1);
    #[expect(clippy::cast_precision_loss, reason = "lengths far below 2^52")]
    let length = text.len().max(1) as f64;
    counts.into_values().map(|count| f64::from(count) / length).map(|share| -share * share.log2()).sum()
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn next_character(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(text.len() + 1, |one| at + one.len_utf8())
}

// A stretch ends where no token does: behind it nothing may be cut off. One of a token alone is cut all the same.
fn stretch_end(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    let behind = text.as_bytes().iter().skip(at).take(4_096);
    let length = behind.take_while(|byte| !matches!(byte, b'\n' | b' ' | b'"' | b'\'' | b'`' | b';')).count();
    boundary(text, at + length)
}

// Where the name begins that stands before a match: up to fifty characters, and not before the last match.
fn lead(text: &str, least: usize, start: usize) -> usize {
    let before = text.as_bytes().get(least..start).unwrap_or_default();
    let length = before
        .iter()
        .rev()
        .take(MAX_LEAD)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        .count();
    start - length
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let matched = text.get(span.clone()).unwrap_or_default();
    let start = span.start + (matched.len() - matched.trim_start_matches('\n').len());
    let end = span.end - (matched.len() - matched.trim_end_matches('\n').len());
    start..end.max(start)
}

// The lines of a match.
fn lines<'t>(text: &'t str, span: &Range<usize>) -> &'t str {
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(span.end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| span.end + length);
    text.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let rules = Rules::read();
        let (found, _) = Scanner::new(&rules, &[]).scan(path, text);
        found
            .into_iter()
            .map(|one| {
                format!(
                    "{}@{}..{}{}",
                    one.rule,
                    one.span.start,
                    one.span.end,
                    one.decoded.map_or_else(String::new, |how| format!(" {how}"))
                )
            })
            .collect()
    }

    // Made up here, and put together so that this file holds none.
    fn token() -> String {
        ["ghp_", "x8Kq2Zr7Lm4Vt9Wb3Nc6", "Yd1Hf5Gj0Ps8QaZx"].concat()
    }

    #[test]
    fn secrets_are_found_with_their_place() {
        let token = token();
        assert_eq!(token.len(), 40);
        assert_eq!(found("a", &format!("\u{e9} = {token}\n")), ["github-pat@5..45"]);
        assert_eq!(found("a", &format!("x{token} # gitleaks:allow\n")), Vec::<String>::new());
        let key = ["Zf3D0LXCM3EIMbgJ", "pUNnkRtOfOueHznB"].concat();
        assert_eq!(found("a", &format!("my_api_key = '{key}'\n")), ["generic-api-key@14..46"]);
        assert_eq!(found("a", &format!("public_key = '{key}'\n")), Vec::<String>::new());
        assert_eq!(found("a", &format!("see {} https://u:{}@host/x", "", "k3yQ9zTr1x")), ["basic-auth-url@15..25"]);
    }

    #[test]
    fn encoded_secrets_are_found_where_the_code_stands() {
        // The token above, in base64.
        let encoded = ["Z2hwX3g4S3EyWnI3TG00VnQ5V2IzTmM2", "WWQxSGY1R2owUHM4UWFaeA=="].concat();
        assert_eq!(found("a", &format!("data: {encoded}\n")), ["github-pat@6..62 base64"]);
    }

    #[test]
    fn entropy_is_that_of_shannon() {
        assert!(entropy("aaaa").abs() < 1e-9 && (entropy("abcd") - 2.0).abs() < 1e-9 && entropy("").abs() < 1e-9);
    }
}

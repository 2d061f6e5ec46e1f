//! The rules: read from data at each call, their expressions compiled when a keyword of theirs is met.

use regex_lite::{Regex, RegexBuilder};
use std::cell::OnceCell;

/// The rules of gitleaks, and those of this project.
pub(super) const TEXTS: [&str; 2] = [include_str!("gitleaks.txt"), include_str!("own.txt")];
// Expressions with counts within counts.
const MAX_COMPILED_BYTES: usize = 8 * 1024 * 1024;
// What stands before the identifier of a rule that needs context: taken by hand, for it makes an expression slow.
const LEAD: &str = r"[\w.-]{0,50}?";

/// An expression that is compiled once it is needed.
#[derive(Debug)]
pub(super) struct Lazy {
    text: &'static str,
    compiled: OnceCell<Option<Regex>>,
}

impl Lazy {
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceCell::new() }
    }

    /// The compiled expression; nothing where it is none, which a test excludes.
    pub(super) fn get(&self) -> Option<&Regex> {
        let make = || {
            // The lead stands behind the flags, if at all.
            let (flags, rest) =
                if let Some(rest) = self.text.strip_prefix("(?i)") { ("(?i)", rest) } else { ("", self.text) };
            let bare = rest.strip_prefix(LEAD).unwrap_or(rest);
            RegexBuilder::new(&format!("{flags}{bare}")).size_limit(MAX_COMPILED_BYTES).build().ok()
        };
        self.compiled.get_or_init(make).as_ref()
    }

    /// Whether a match also takes up to fifty characters of a name before it.
    pub(super) fn has_lead(&self) -> bool {
        self.text.strip_prefix("(?i)").unwrap_or(self.text).starts_with(LEAD)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.get().is_some_and(|expression| expression.is_match(text))
    }
}

/// What an expression of an allow list is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    Secret,
    Match,
    Line,
    Path,
    /// The line, in a file of the kind that `BitBake` reads.
    Recipe,
}

/// How far from its keyword a match may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Near,
    Whole,
}

/// A rule.
#[derive(Debug)]
pub(super) struct SecretRule {
    pub(super) id: &'static str,
    pub(super) entropy: f64,
    pub(super) group: usize,
    pub(super) reach: Reach,
    pub(super) keywords: Vec<&'static str>,
    pub(super) path: Option<Lazy>,
    pub(super) expression: Option<Lazy>,
    pub(super) allowed: Vec<(Against, Lazy)>,
    pub(super) stop_words: Vec<&'static str>,
}

impl SecretRule {
    /// Whether it knows no provider, only that something is called a secret.
    pub(super) fn is_generic(&self) -> bool {
        self.id.contains("generic")
    }
}

/// All rules, and what is allowed in all of them.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) list: Vec<SecretRule>,
    pub(super) paths: Vec<Lazy>,
    pub(super) secrets: Vec<Lazy>,
    pub(super) words: Vec<&'static str>,
}

impl Rules {
    /// Reads the data.
    pub(super) fn read() -> Self {
        let mut all = Self::default();
        for line in TEXTS.iter().flat_map(|text| text.lines()) {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or_default();
            match next() {
                "p" => all.paths.push(Lazy::new(next())),
                "g" => all.secrets.push(Lazy::new(next())),
                "w" => all.words.extend(next().split(',')),
                "r" => {
                    let id = next();
                    let entropy = next().parse().unwrap_or(0.0);
                    let group = next().parse().unwrap_or(0);
                    let reach = if next() == "near" { Reach::Near } else { Reach::Whole };
                    let keywords = next().split(',').filter(|word| !word.is_empty()).collect();
                    let (path, expression) = (next(), next());
                    let lazy = |text: &'static str| (!text.is_empty()).then(|| Lazy::new(text));
                    all.list.push(SecretRule {
                        id,
                        entropy,
                        group,
                        reach,
                        keywords,
                        path: lazy(path),
                        expression: lazy(expression),
                        allowed: Vec::new(),
                        stop_words: Vec::new(),
                    });
                }
                "a" => {
                    let against = match next() {
                        "match" => Against::Match,
                        "line" => Against::Line,
                        "path" => Against::Path,
                        "recipe" => Against::Recipe,
                        _ => Against::Secret,
                    };
                    if let Some(rule) = all.list.last_mut() {
                        rule.allowed.push((against, Lazy::new(next())));
                    }
                }
                "s" => {
                    if let Some(rule) = all.list.last_mut() {
                        rule.stop_words.extend(next().split(','));
                    }
                }
                _ => {}
            }
        }
        all
    }
}

/// Finds many words at once, whatever their case.
#[derive(Debug)]
pub(super) struct Words {
    // By their first two bytes, folded to this many places.
    first: Vec<Vec<(usize, &'static [u8])>>,
}

const PLACES: usize = 1 << 12;

fn place(one: u8, other: u8) -> usize {
    (usize::from(one) * 67 + usize::from(other)) % PLACES
}

impl Words {
    /// The words, which must be in lower case and have two bytes at least.
    pub(super) fn new(words: impl IntoIterator<Item = (usize, &'static str)>) -> Self {
        let mut first = vec![Vec::new(); PLACES];
        for (number, word) in words {
            if let [one, other, ..] = word.as_bytes()
                && let Some(list) = first.get_mut(place(*one, *other))
            {
                list.push((number, word.as_bytes()));
            }
        }
        Self { first }
    }

    /// Calls `found` with the number of each word and where it starts.
    pub(super) fn each(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        let bytes = text.as_bytes();
        for (at, pair) in bytes.windows(2).enumerate() {
            let [one, other] = pair else { continue };
            let list = self.first.get(place(one.to_ascii_lowercase(), other.to_ascii_lowercase()));
            for (number, word) in list.into_iter().flatten() {
                if bytes.get(at..at + word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word)) {
                    found(*number, at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_expression_compiles_and_every_rule_has_keywords() {
        let all = Rules::read();
        assert!(all.list.len() >= 220, "{}", all.list.len());
        for rule in &all.list {
            assert!(rule.expression.as_ref().is_none_or(|one| one.get().is_some()), "{}", rule.id);
            assert!(rule.path.as_ref().is_none_or(|one| one.get().is_some()), "{}", rule.id);
            assert!(rule.allowed.iter().all(|(_, one)| one.get().is_some()), "{}", rule.id);
            assert!(rule.expression.is_none() || !rule.keywords.is_empty(), "{}", rule.id);
            assert!(rule.keywords.iter().all(|word| word.len() > 1 && *word == word.to_lowercase()), "{}", rule.id);
        }
        assert!(all.paths.iter().chain(&all.secrets).all(|one| one.get().is_some()));
        let ids: BTreeSet<&str> = all.list.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), all.list.len());
    }

    #[test]
    fn words_are_found_in_any_case() {
        let words = Words::new([(0, "key"), (1, "keys"), (2, "://")]);
        let mut found = Vec::new();
        words.each("a KEYs http://", |number, at| found.push((number, at)));
        assert_eq!(found, [(0, 2), (1, 2), (2, 11)]);
    }
}

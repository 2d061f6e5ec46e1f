//! Glob patterns of paths, and JSON with comments.

use crate::support::json::{self, Node};

/// Most steps of matching one pattern with one path; hostile patterns end there.
const MAX_STEPS: usize = 20_000;

/// Whether a pattern matches a path: `*`, `**`, `?`, `[a-z]`, `{a,b}`, and `@(a|b)`.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let mut steps = 0;
    alternatives(pattern).iter().any(|pattern| matches_plain(pattern.as_bytes(), path.as_bytes(), &mut steps))
}

// The pattern with its braces resolved, innermost last; at most 256 of them. `@(a|b)`, `+(a)`, `*(a)` and `?(a)` are braces too.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let braced = ["@(", "+(", "*("].iter().fold(pattern.replace("?(", "{,"), |text, sign| text.replace(sign, "{"));
    let mut open = vec![braced];
    while let Some(next) = open.pop() {
        let Some((start, end)) = innermost(&next) else {
            done.push(next);
            if done.len() + open.len() > 256 {
                break;
            }
            continue;
        };
        let (before, inner, after) = (
            next.get(..start).unwrap_or_default(),
            next.get(start + 1..end).unwrap_or_default(),
            next.get(end + 1..).unwrap_or_default(),
        );
        for choice in inner.split([',', '|']) {
            if open.len() < 256 {
                open.push(format!("{before}{choice}{after}"));
            }
        }
    }
    done
}

// The first brace that closes and the one that opens it; those in `[...]` are letters.
fn innermost(pattern: &str) -> Option<(usize, usize)> {
    let (mut start, mut in_class) = (None, false);
    for (at, c) in pattern.char_indices() {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '{' => start = Some(at),
            '}' | ')' => {
                if let Some(start) = start {
                    return Some((start, at));
                }
            }
            _ => {}
        }
    }
    None
}

fn matches_plain(pattern: &[u8], path: &[u8], steps: &mut usize) -> bool {
    *steps += 1;
    if *steps > MAX_STEPS {
        return false;
    }
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            matches_plain(rest, path, steps)
                || path
                    .iter()
                    .enumerate()
                    .filter(|(_, byte)| **byte == b'/')
                    .any(|(at, _)| path.get(at + 1..).is_some_and(|path| matches_plain(rest, path, steps)))
        }
        [b'*', b'*'] => true,
        [b'*', rest @ ..] => {
            let end = path.iter().position(|byte| *byte == b'/').unwrap_or(path.len());
            (0..=end).any(|at| path.get(at..).is_some_and(|path| matches_plain(rest, path, steps)))
        }
        [b'?', rest @ ..] => match path {
            [byte, path @ ..] if *byte != b'/' => matches_plain(rest, path, steps),
            _ => false,
        },
        [b'[', rest @ ..] => {
            let Some(end) = rest.iter().position(|byte| *byte == b']') else { return false };
            let (set, rest) = (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default());
            match path {
                [byte, path @ ..] if in_set(set, *byte) => matches_plain(rest, path, steps),
                _ => false,
            }
        }
        [own, rest @ ..] => match path {
            [byte, path @ ..] if byte == own => matches_plain(rest, path, steps),
            _ => false,
        },
    }
}

fn in_set(set: &[u8], byte: u8) -> bool {
    match set {
        [] => false,
        [low, b'-', high, rest @ ..] => (*low..=*high).contains(&byte) || in_set(rest, byte),
        [one, rest @ ..] => *one == byte || in_set(rest, byte),
    }
}

/// A list of patterns, of which those after `!` take away.
#[derive(Debug, Clone, Default)]
pub(super) struct Patterns {
    takes: Vec<String>,
    takes_away: Vec<String>,
}

impl Patterns {
    pub(super) fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        let mut all = Self::default();
        for pattern in patterns {
            // A trailing `!` marks production files in knip's configuration.
            let pattern = pattern.trim_end_matches('!');
            let (list, pattern) = match pattern.strip_prefix('!') {
                Some(pattern) if !pattern.starts_with('(') => (&mut all.takes_away, pattern),
                _ => (&mut all.takes, pattern),
            };
            list.extend(alternatives(pattern.strip_prefix("./").unwrap_or(pattern)));
        }
        all
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        let any = |patterns: &[String]| {
            patterns.iter().any(|pattern| matches_plain(pattern.as_bytes(), path.as_bytes(), &mut 0))
        };
        any(&self.takes) && !any(&self.takes_away)
    }

    /// Whether a path is one that is taken away.
    pub(super) fn takes_away(&self, path: &str) -> bool {
        self.takes_away.iter().any(|pattern| matches_plain(pattern.as_bytes(), path.as_bytes(), &mut 0))
    }

    /// The same where `!` alone means all but those.
    pub(super) fn of_ignored(patterns: impl IntoIterator<Item = String>) -> Self {
        let mut all = Self::new(patterns);
        if all.takes.is_empty() && !all.takes_away.is_empty() {
            all.takes.push("**".to_owned());
        }
        all
    }
}

/// Names of packages, programs and the like: exact, or with `*`, or a simple regular expression (`@scope/.+`, `^a$`).
#[derive(Debug, Clone, Default)]
pub(super) struct NamePatterns(Vec<String>);

impl NamePatterns {
    pub(super) fn new(names: impl IntoIterator<Item = String>) -> Self {
        let glob = |name: String| {
            let name = name.trim_end_matches('!').trim_start_matches('^').trim_end_matches('$');
            name.replace(".+", "*").replace(".*", "*").replace("\\/", "/").replace("\\.", ".")
        };
        Self(names.into_iter().map(glob).collect())
    }

    pub(super) fn extend(&mut self, more: &Self) {
        self.0.extend(more.0.iter().cloned());
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| alternatives(pattern).iter().any(|pattern| is_like(pattern, name)))
    }
}

// Whether a name matches a pattern in which `*` stands for anything.
fn is_like(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        last = Some(part);
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    // The last part stands at the end.
    last.map_or(rest.is_empty(), |last| name.ends_with(last))
}

/// Reads JSON with comments and trailing commas; places are those of the text.
pub(super) fn parse_jsonc(text: &str) -> Option<Node> {
    json::parse(text).ok().or_else(|| json::parse(&without_comments(text)).ok())
}

// Comments and commas before closing brackets, replaced by spaces.
fn without_comments(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    let mut comma = None;
    let blank = |bytes: &mut Vec<u8>, from: usize, to: usize| {
        for byte in bytes.iter_mut().take(to).skip(from).filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
    };
    while let Some(byte) = bytes.get(at).copied() {
        let next = bytes.get(at + 1).copied();
        match (byte, next) {
            (b'"', _) => {
                comma = None;
                at += 1;
                while let Some(inner) = bytes.get(at).copied().filter(|inner| *inner != b'"') {
                    at += if inner == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            (b'/', Some(b'/')) => {
                let end =
                    bytes.iter().skip(at).position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length);
                blank(&mut bytes, at, end);
                at = end;
            }
            (b'/', Some(b'*')) => {
                let end = bytes.windows(2).skip(at + 2).position(|pair| pair == b"*/");
                let end = end.map_or(bytes.len(), |length| at + 2 + length + 2);
                blank(&mut bytes, at, end);
                at = end;
            }
            (b',', _) => {
                comma = Some(at);
                at += 1;
            }
            (b'}' | b']', _) => {
                if let Some(comma) = comma.take() {
                    blank(&mut bytes, comma, comma + 1);
                }
                at += 1;
            }
            (byte, _) => {
                if !byte.is_ascii_whitespace() {
                    comma = None;
                }
                at += 1;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        for (pattern, path, expected) in [
            ("**/*.ts", "a/b.ts", true),
            ("**/*.ts", "b.ts", true),
            ("src/*.ts", "src/a/b.ts", false),
            ("src/**/*.{ts,js}", "src/a/b.js", true),
            ("**/*.{test,spec}.?(c|m)[jt]s?(x)", "a/b.test.mts", true),
            ("**/*.{test,spec}.?(c|m)[jt]s?(x)", "a/b.spec.jsx", true),
            ("{index,cli}.js", "cli.js", true),
            ("**/__tests__/**", "a/__tests__/b/c.js", true),
            ("a?c", "a/c", false),
            ("app/{,[(]*[)]/}robots.ts", "app/(a)/robots.ts", true),
            ("app/{,[(]*[)]/}robots.ts", "app/robots.ts", true),
            ("a/**", "a/b/.c/d", true),
            ("**/*.@(mdx|stories.@(js|ts))", "a/b.stories.ts", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
        let patterns = Patterns::new(["**/*.ts!".to_owned(), "!ignored/*.ts".to_owned()]);
        assert!(patterns.matches("a.ts") && !patterns.matches("ignored/a.ts"));
        assert!(!matches(&"*a".repeat(60), &"a".repeat(200).replace("aaaa", "aaab")));
    }

    #[test]
    fn names_may_be_expressions() {
        let names = NamePatterns::new(["@scope/.+".to_owned(), "^a$".to_owned(), "b-*".to_owned()]);
        assert!(names.matches("@scope/x") && names.matches("a") && names.matches("b-c") && !names.matches("ab"));
        assert!(NamePatterns::new([".+unresolved".to_owned()]).matches("./a/unresolved"));
    }

    #[test]
    fn comments_are_no_json() {
        let node = parse_jsonc("{ // a\n \"b\": [1, /* , */ 2,], \"c\": \"//\", }").expect("JSON");
        assert_eq!(node.get("b").and_then(Node::as_array).map(<[Node]>::len), Some(2));
        assert_eq!(node.get("c").and_then(Node::as_str), Some("//"));
    }
}

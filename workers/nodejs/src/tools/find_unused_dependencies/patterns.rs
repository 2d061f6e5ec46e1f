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

// The pattern with its braces resolved, innermost last; at most 256 of them.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![pattern.replace("@(", "{").replace("?(", "{,")];
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

fn innermost(pattern: &str) -> Option<(usize, usize)> {
    let end = pattern
        .char_indices()
        .find(|(at, c)| *c == '}' || *c == ')' && pattern.get(..*at).is_some_and(|before| before.contains('{')))?;
    let start = pattern.get(..end.0)?.rfind('{')?;
    Some((start, end.0))
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
pub(super) struct Patterns(Vec<String>);

impl Patterns {
    pub(super) fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        // A trailing `!` marks production files in knip's configuration.
        Self(patterns.into_iter().map(|pattern| pattern.trim_end_matches('!').to_owned()).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        let taken = |wanted: bool| {
            self.0.iter().any(|pattern| match pattern.strip_prefix('!') {
                Some(pattern) => !wanted && matches(pattern, path),
                None => wanted && matches(pattern, path),
            })
        };
        taken(true) && !taken(false)
    }
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
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
        let patterns = Patterns::new(["**/*.ts!".to_owned(), "!ignored/*.ts".to_owned()]);
        assert!(patterns.matches("a.ts") && !patterns.matches("ignored/a.ts"));
        assert!(!matches(&"*a".repeat(60), &"a".repeat(200).replace("aaaa", "aaab")));
    }

    #[test]
    fn comments_are_no_json() {
        let node = parse_jsonc("{ // a\n \"b\": [1, /* , */ 2,], \"c\": \"//\", }").expect("JSON");
        assert_eq!(node.get("b").and_then(Node::as_array).map(<[Node]>::len), Some(2));
        assert_eq!(node.get("c").and_then(Node::as_str), Some("//"));
    }
}

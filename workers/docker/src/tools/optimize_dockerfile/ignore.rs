//! Patterns over paths of the build context: `.dockerignore` and the sources of `COPY`.

/// Most patterns of a `.dockerignore` that are heeded; more is no file written by hand.
pub(super) const MAX_PATTERNS: usize = 500;

/// Longest pattern or path that is matched, in bytes; a longer one matches nothing.
pub(super) const MAX_MATCHED_BYTES: usize = 512;

/// The patterns of a `.dockerignore`.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    // Each pattern with whether it takes paths back in.
    patterns: Vec<(String, bool)>,
}

impl Ignore {
    /// Reads a `.dockerignore`.
    pub(super) fn parse(source: &str) -> Self {
        let mut patterns = Vec::new();
        for line in source.trim_start_matches('\u{feff}').lines() {
            if line.starts_with('#') {
                continue;
            }
            let line = line.trim();
            let (line, is_back) = line.strip_prefix('!').map_or((line, false), |rest| (rest.trim(), true));
            if line.is_empty() {
                continue;
            }
            patterns.push((clean(line), is_back));
        }
        patterns.truncate(MAX_PATTERNS);
        Self { patterns }
    }

    /// Whether a path is left out of the context: the last pattern that matches it, or a folder above it, says.
    pub(super) fn covers(&self, path: &str) -> bool {
        let path = clean(path);
        let mut covered = false;
        for (pattern, is_back) in &self.patterns {
            if covered == *is_back && with_parents(&path).any(|part| is_match(pattern, part)) {
                covered = !is_back;
            }
        }
        covered
    }
}

/// A path without `.`, doubled and outer slashes; `.` for the context itself.
pub(super) fn clean(path: &str) -> String {
    let cleaned = crate::support::compose::path::clean(&format!("/{path}"));
    let inner = cleaned.trim_start_matches('/');
    if inner.is_empty() { ".".to_owned() } else { inner.to_owned() }
}

// A path and the folders it is in, the outermost first.
fn with_parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at)).chain([path])
}

/// Whether a source of `COPY` takes a file of the context in: it is the file, a folder above it, or a pattern of either.
pub(super) fn takes(source: &str, path: &str) -> bool {
    let (source, path) = (clean(source), clean(path));
    source == "." || with_parents(&path).any(|part| is_match(&source, part))
}

/// Whether a pattern matches a whole path. `*` and `?` stop at slashes, `**` does not.
pub(super) fn is_match(pattern: &str, path: &str) -> bool {
    if pattern.len() > MAX_MATCHED_BYTES || path.len() > MAX_MATCHED_BYTES {
        return pattern == path;
    }
    if !pattern.contains(['*', '?', '[', '\\']) {
        return pattern == path;
    }
    let tokens = tokens(pattern);
    let text: Vec<char> = path.chars().collect();
    // Which numbers of characters the tokens so far can have matched.
    let mut reach = vec![false; text.len() + 1];
    if let Some(start) = reach.first_mut() {
        *start = true;
    }
    for token in &tokens {
        let mut next = vec![false; text.len() + 1];
        let mut carry = false;
        for at in 0..=text.len() {
            let here = reach.get(at).copied().unwrap_or_default();
            let before = at.checked_sub(1).and_then(|before| text.get(before)).copied();
            let from_before = at.checked_sub(1).and_then(|before| reach.get(before)).copied().unwrap_or_default();
            let matched = match token {
                Token::Star => {
                    carry = here || (carry && before != Some('/'));
                    carry
                }
                Token::Any => {
                    carry = carry || here;
                    carry
                }
                // `**/`: nothing, or anything that ends with a slash.
                Token::Folders => {
                    let ends_folder = before == Some('/') && carry;
                    carry = carry || here;
                    here || ends_folder
                }
                Token::One => from_before && before.is_some_and(|c| c != '/'),
                Token::Char(wanted) => from_before && before == Some(*wanted),
                Token::Class(ranges, negated) => {
                    from_before
                        && before.is_some_and(|c| {
                            c != '/' && ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
                        })
                }
            };
            if let Some(slot) = next.get_mut(at) {
                *slot = matched;
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or_default()
}

enum Token {
    Star,
    Any,
    Folders,
    One,
    Char(char),
    Class(Vec<(char, char)>, bool),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' if characters.peek() == Some(&'*') => {
                characters.next();
                if characters.peek() == Some(&'/') {
                    characters.next();
                    Token::Folders
                } else {
                    Token::Any
                }
            }
            '*' => Token::Star,
            '?' => Token::One,
            '\\' => Token::Char(characters.next().unwrap_or('\\')),
            '[' => {
                let negated = characters.next_if(|c| matches!(c, '^' | '!')).is_some();
                let mut ranges = Vec::new();
                while let Some(low) = characters.next_if(|c| *c != ']') {
                    if characters.peek() == Some(&'-') {
                        characters.next();
                        let high = characters.next_if(|c| *c != ']').unwrap_or(low);
                        ranges.push((low, high));
                    } else {
                        ranges.push((low, low));
                    }
                }
                characters.next();
                Token::Class(ranges, negated)
            }
            other => Token::Char(other),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_docker_matches_them() {
        for (pattern, path) in [
            ("*.md", "a.md"),
            ("**/*.md", "a.md"),
            ("**/*.md", "x/y/a.md"),
            ("a/**", "a/b/c"),
            ("a?c", "abc"),
            ("[a-c]x", "bx"),
            ("a/*/c", "a/b/c"),
            ("**", "a/b"),
            ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"),
            ("\\*", "*"),
        ] {
            assert!(is_match(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in
            [("*.md", "x/a.md"), ("a?c", "a/c"), ("[^a]x", "ax"), ("a/*", "a/b/c"), ("**/b", "xb"), ("a", "b")]
        {
            assert!(!is_match(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_pattern_says() {
        let ignore = Ignore::parse("# c\nnode_modules\n*.log\n!keep.log\ndist/**\n!dist/a\n/root\n");
        for path in ["node_modules/x/y", "a.log", "dist/b", "root/x", "./a.log"] {
            assert!(ignore.covers(path), "{path}");
        }
        for path in ["keep.log", "src/node_modules2", "x/a.log", "dist/a"] {
            assert!(!ignore.covers(path), "{path}");
        }
        assert!(
            takes("src", "src/a/b")
                && takes("./", "x")
                && takes("package*.json", "package-lock.json")
                && takes("s*", "src/a")
        );
        assert!(!takes("src", "srcs/a") && !takes("*.json", "a/b.json"));
    }
}

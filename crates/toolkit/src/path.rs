//! Paths of files as texts, the same on every platform.

/// A relative path without empty, `.` and resolvable `..` parts: `a/./b/../c` is `a/c`, `../a` stays.
pub fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_resolved_is() {
        for (path, plain) in [
            ("", ""),
            ("../a", "../a"),
            ("a//b", "a/b"),
            ("./a//b/", "a/b"),
            ("a/./b/../c", "a/c"),
            ("./a/../b/./c", "b/c"),
            ("../a/../..", "../.."),
            ("/a", "a"),
        ] {
            assert_eq!(normal(path), plain, "{path}");
        }
    }
}

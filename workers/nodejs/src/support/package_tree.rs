//! The files of a packed package: which paths exist, and the texts of those that were sent.
//!
//! Paths are relative to the package's root, with forward slashes and no leading `./`; the root itself is the empty path.

use crate::support::json::{self, Node};
use std::collections::BTreeMap;
use std::ops::Bound;

/// The files of a package.
#[derive(Debug, Default)]
pub struct PackageTree<'a> {
    files: BTreeMap<String, Option<&'a str>>,
    manifests: BTreeMap<String, Option<Node>>,
}

impl<'a> PackageTree<'a> {
    /// Adds a file, with its text where it was sent. A package.json's text is read at once.
    pub fn insert(&mut self, path: &str, text: Option<&'a str>) {
        if let Some(directory) = manifest_directory(path) {
            self.manifests.insert(directory.to_owned(), text.and_then(|text| json::parse(text).ok()));
        }
        self.files.insert(path.to_owned(), text);
    }

    /// Whether a file with this path exists.
    pub fn has_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether a file lies under this directory; the root has one always.
    pub fn has_directory(&self, path: &str) -> bool {
        path.is_empty() || self.under(path).next().is_some()
    }

    /// The text of a file that exists and was sent.
    pub fn text(&self, path: &str) -> Option<&'a str> {
        self.files.get(path).copied().flatten()
    }

    /// All paths, in the order of their bytes.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The paths under a directory, in the order of their bytes.
    pub fn under(&self, directory: &str) -> impl Iterator<Item = &str> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let from = (Bound::Included(prefix.clone()), Bound::Unbounded);
        self.files
            .range::<String, _>(from)
            .map(|(path, _)| path.as_str())
            .take_while(move |path| path.starts_with(&prefix))
    }

    /// The package.json directly in a directory: `None` where there is none, `Some(None)` where it was not sent or is no
    /// JSON.
    pub fn manifest(&self, directory: &str) -> Option<Option<&Node>> {
        self.manifests.get(directory).map(Option::as_ref)
    }

    /// Every directory with a package.json, and what it says.
    pub fn manifests(&self) -> impl Iterator<Item = (&str, Option<&Node>)> {
        self.manifests.iter().map(|(directory, node)| (directory.as_str(), node.as_ref()))
    }

    /// The directory of the nearest package.json at or above a file, and what it says.
    pub fn scope(&self, file: &str) -> Option<(&str, Option<&Node>)> {
        let mut directory = parent(file);
        loop {
            if let Some((known, node)) = self.manifests.get_key_value(directory) {
                return Some((known, node.as_ref()));
            }
            if directory.is_empty() {
                return None;
            }
            directory = parent(directory);
        }
    }
}

/// The directory of a path; of a path without a slash, the root.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The last part of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether a path ends in one of these; as in file systems that Node.js runs on, case counts.
pub fn ends_in(path: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| path.ends_with(ending))
}

/// Joins a relative path to a directory and removes `.` and `..`; `None` when it leaves the package. A trailing slash
/// is dropped.
pub fn join(directory: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn manifest_directory(path: &str) -> Option<&str> {
    if path == "package.json" { Some("") } else { path.strip_suffix("/package.json") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_and_scopes_are_found() {
        let mut tree = PackageTree::default();
        for (path, text) in [
            ("package.json", Some(r#"{"type":"module"}"#)),
            ("dist/cjs/package.json", Some(r#"{"type":"commonjs"}"#)),
            ("dist/cjs/index.js", None),
            ("dist-other.js", None),
        ] {
            tree.insert(path, text);
        }
        assert!(tree.has_directory("dist/cjs") && tree.has_directory("") && !tree.has_directory("dist/cj"));
        assert_eq!(tree.under("dist").count(), 2);
        assert_eq!(tree.scope("dist/cjs/index.js").map(|(at, _)| at), Some("dist/cjs"));
        assert_eq!(tree.scope("dist-other.js").map(|(at, _)| at), Some(""));
    }

    #[test]
    fn paths_join_and_stay_inside() {
        assert_eq!(join("a/b", "../c/./d.js").as_deref(), Some("a/c/d.js"));
        assert_eq!(join("", "./").as_deref(), Some(""));
        assert_eq!(join("a", "../../x"), None);
        assert_eq!((parent("a/b/c"), parent("c"), base_name("a/c"), base_name("c")), ("a/b", "", "c", "c"));
    }
}

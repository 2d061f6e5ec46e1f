//! How the files of a call lie: which folders are packages, and which modules the project defines itself.
//!
//! Knows paths alone and never looks at a disk. A folder is a package when its `__init__.py` is among the files, as in
//! ruff; a module is first-party when its top-level name lies in the project's root or in `src`.

use octavo_toolkit::path::normal;
use std::collections::BTreeSet;

/// Folders that hold top-level modules, from the project's root.
const SOURCE_ROOTS: [&str; 2] = ["", "src"];

/// Paths of one call, as a project.
#[derive(Debug, Default)]
pub struct Layout {
    packages: BTreeSet<String>,
    /// Folders, and modules' files without their extension.
    places: BTreeSet<String>,
    top_level: BTreeSet<String>,
}

/// The package a file lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package<'a> {
    /// Its outermost folder, from the project's root.
    pub root: &'a str,
    /// Whether that folder lies, with gaps, in another package.
    pub nested: bool,
}

impl Layout {
    /// The layout of files with these [`normalized`] paths.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let mut layout = Self::default();
        for path in paths {
            let (folder, file) = split(path);
            if file == "__init__.py" {
                layout.packages.insert(folder.to_owned());
            }
            let mut above = folder;
            while !above.is_empty() && layout.places.insert(above.to_owned()) {
                above = split(above).0;
            }
            if let Some(module) = path.strip_suffix(".py").or_else(|| path.strip_suffix(".pyi")) {
                layout.places.insert(module.to_owned());
            }
            for root in SOURCE_ROOTS {
                layout.top_level.extend(top_level_module(path, root).map(str::to_owned));
            }
        }
        layout
    }

    /// The package that a file lies in, if any.
    pub fn package<'a>(&self, path: &'a str) -> Option<Package<'a>> {
        let mut folder = split(path).0;
        let mut root = None;
        while self.packages.contains(folder) {
            root = Some(folder);
            if folder.is_empty() {
                break;
            }
            folder = split(folder).0;
        }
        let root = root?;
        let mut above = root;
        let mut nested = false;
        while !above.is_empty() && !nested {
            above = split(above).0;
            nested = self.packages.contains(above);
        }
        Some(Package { root, nested })
    }

    /// Whether a dotted name is a module or a folder of the project, from one of the folders that hold top-level modules.
    pub fn has_module(&self, name: &str) -> bool {
        let path = name.replace('.', "/");
        SOURCE_ROOTS.iter().any(|root| {
            let whole = if root.is_empty() { path.clone() } else { format!("{root}/{path}") };
            self.places.contains(&whole)
        })
    }

    /// The project's own top-level modules that a source names anywhere, in order.
    pub fn named_in(&self, source: &str) -> Vec<&str> {
        let words = source.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let named: BTreeSet<&str> = words.filter_map(|word| self.top_level.get(word)).map(String::as_str).collect();
        named.into_iter().collect()
    }
}

/// A path from the project's root with forward slashes, without empty, `.` and resolvable `..` parts.
pub fn normalized(path: &str) -> String {
    normal(&path.replace('\\', "/"))
}

// The folder ("" for the root) and the last part of a path.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn top_level_module<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let inside = if root.is_empty() { path } else { path.strip_prefix(root)?.strip_prefix('/')? };
    match inside.split_once('/') {
        Some((folder, _)) => Some(folder),
        None => inside.strip_suffix(".py").or_else(|| inside.strip_suffix(".pyi")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_outermost_package() {
        let layout = Layout::of(["src/app/__init__.py", "src/app/core/__init__.py", "src/app/gap/inner/__init__.py"]);
        assert_eq!(layout.package("src/app/core/run.py"), Some(Package { root: "src/app", nested: false }));
        assert_eq!(layout.package("src/app/gap/inner/a.py"), Some(Package { root: "src/app/gap/inner", nested: true }));
        assert_eq!(layout.package("src/app/gap/a.py"), None);
        assert_eq!(layout.package("setup.py"), None);
        assert_eq!(Layout::of(["__init__.py"]).package("a.py"), Some(Package { root: "", nested: false }));
    }

    #[test]
    fn knows_the_modules_of_the_project() {
        let layout = Layout::of(["src/app/core.py", "tool.py", "stubs/x.pyi", "README.md"]);
        assert_eq!(layout.named_in("import tool, app.core, os\nx = 'stubs'"), ["app", "stubs", "tool"]);
        assert!(layout.named_in("import core, README").is_empty());
    }

    #[test]
    fn modules_are_found_by_their_whole_name() {
        let layout = Layout::of(["src/app/core.py", "src/app/deep/er/x.pyi"]);
        for (name, found) in
            [("app", true), ("app.core", true), ("app.deep.er", true), ("app.helpers", false), ("core", false)]
        {
            assert_eq!(layout.has_module(name), found, "{name}");
        }
    }

    #[test]
    fn paths_are_brought_to_one_form() {
        for (path, normal) in [
            ("./a//b.py", "a/b.py"),
            ("a\\b.py", "a/b.py"),
            ("/a/b.py", "a/b.py"),
            ("a/../b.py", "b.py"),
            ("../b.py", "../b.py"),
            ("", ""),
        ] {
            assert_eq!(normalized(path), normal);
        }
    }
}

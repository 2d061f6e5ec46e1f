//! From what a source writes to the file that is meant, by the rules of its language, over the files given alone.

use super::imports::{Form, Import, Imports};
use super::modules::Modules;
use super::packages::{Packages, Paths};
use crate::support::language::Language;
use octavo_toolkit::SourceFile;
use octavo_toolkit::path::normal;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What an import leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Files given, by number.
    Files(Vec<usize>),
    /// A package from outside, by its name.
    Outside(String),
    /// A file of the project that was not given.
    Missing,
}

impl Target {
    fn of(files: impl IntoIterator<Item = usize>) -> Self {
        Self::Files(files.into_iter().collect())
    }
}

/// The files that were read, by number.
pub(super) type Read = BTreeMap<usize, (Language, Imports)>;

/// What is known of all files.
#[derive(Debug, Default)]
pub(super) struct Index {
    paths: Paths,
    folders: BTreeMap<String, Vec<usize>>,
    // C: by the name without folders.
    by_name: BTreeMap<String, Vec<String>>,
    // Java: by package and class.
    classes: BTreeMap<(String, String), usize>,
    java_packages: BTreeSet<String>,
    // Python: by dotted name.
    modules: BTreeMap<String, usize>,
    names: BTreeMap<usize, String>,
    // go.mod: module and its folder.
    go: Vec<(String, String)>,
    packages: Packages,
    rust: Modules,
}

/// The folder of a path; empty at the top.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The name of a path, without folders.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A path seen from a folder.
pub(super) fn joined(folder: &str, path: &str) -> String {
    normal(&if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") })
}

impl Index {
    /// Learns the files, by their plain paths.
    pub(super) fn new(files: &[SourceFile], paths: &[String], read: &Read) -> Self {
        let mut index = Self::default();
        for (at, (file, path)) in files.iter().zip(paths).enumerate() {
            let (own, name) = (folder(path), file_name(path));
            match name {
                "tsconfig.json" | "jsconfig.json" => index.packages.configured(own, &file.source),
                "package.json" => index.packages.declared(own, &file.source),
                "Cargo.toml" => index.rust.declared(own, &file.source),
                "go.mod" => {
                    let module = file.source.lines().find_map(|line| line.trim().strip_prefix("module "));
                    let module = module.map(|module| module.trim().trim_matches('"').to_owned());
                    index.go.extend(module.filter(|module| !module.is_empty()).map(|module| (module, own.to_owned())));
                }
                _ => {}
            }
            index.by_name.entry(name.to_owned()).or_default().push(path.clone());
            if let Some((language, imports)) = read.get(&at) {
                index.folders.entry(own.to_owned()).or_default().push(at);
                if *language == Language::Java {
                    let class = name.rsplit_once('.').map_or(name, |(class, _)| class);
                    index.classes.insert((imports.package.clone(), class.to_owned()), at);
                    index.java_packages.insert(imports.package.clone());
                }
            }
            index.paths.insert(path.clone(), at);
        }
        index.name_python(paths, read);
        index.packages.sort();
        index.go.sort_by_key(|(module, _)| std::cmp::Reverse(module.len()));
        index.rust.learn(paths, read, &index.paths);
        index
    }

    // A module is named from the folder above its outermost package; where that says nothing of it, from the top.
    fn name_python(&mut self, paths: &[String], read: &Read) {
        let packages: BTreeSet<&str> = paths
            .iter()
            .filter_map(|path| path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix("/__init__.pyi")))
            .collect();
        let mut whole = Vec::new();
        for (at, path) in paths.iter().enumerate() {
            if read.get(&at).is_none_or(|(language, _)| *language != Language::Python) {
                continue;
            }
            let mut root = folder(path);
            while packages.contains(root) {
                root = folder(root);
            }
            let dotted = |path: &str| {
                let bare = path.strip_suffix(".pyi").or_else(|| path.strip_suffix(".py")).unwrap_or(path);
                bare.strip_suffix("/__init__").unwrap_or(bare).replace('/', ".")
            };
            let name = dotted(path.strip_prefix(root).unwrap_or(path).trim_start_matches('/'));
            if root.contains(|c: char| c != '/') {
                whole.push((dotted(path), at));
            }
            self.names.insert(at, name.clone());
            // A stub stands beside its module, and for it only where it stands alone.
            if path.ends_with('i') {
                self.modules.entry(name).or_insert(at);
            } else {
                self.modules.insert(name, at);
            }
        }
        for (name, at) in whole {
            self.modules.entry(name).or_insert(at);
        }
    }

    /// Where an import of a file leads.
    pub(super) fn resolve(
        &self,
        at: usize,
        path: &str,
        (language, imports): &(Language, Imports),
        import: &Import,
    ) -> Target {
        match language {
            Language::JavaScript | Language::TypeScript | Language::Tsx => {
                self.packages.resolve(path, &import.target, &self.paths)
            }
            Language::Python => self.python(at, path, import),
            Language::Go => self.go(&import.target),
            Language::Java => self.java(&import.target, imports),
            Language::C => self.include(path, &import.target),
            Language::Rust => self.rust.resolve(at, import),
        }
    }

    /// Files of its own package whose classes a Java source names without importing them.
    pub(super) fn neighbours(&self, imports: &Imports) -> Vec<(usize, Range<usize>)> {
        let imported: BTreeSet<&str> = imports.list.iter().filter_map(|one| one.target.rsplit('.').next()).collect();
        let named = imports.classes.iter().filter(|(name, _)| !imported.contains(name.as_str()));
        named
            .filter_map(|(name, span)| {
                let file = self.classes.get(&(imports.package.clone(), name.clone()))?;
                Some((*file, span.clone()))
            })
            .collect()
    }

    /// The files of a folder.
    pub(super) fn in_folder(&self, folder: &str) -> &[usize] {
        self.folders.get(folder).map_or(&[], Vec::as_slice)
    }

    fn python(&self, at: usize, path: &str, import: &Import) -> Target {
        let own = self.names.get(&at).map_or("", String::as_str);
        let mut base = import.target.clone();
        if import.level > 0 {
            let is_package = matches!(file_name(path), "__init__.py" | "__init__.pyi");
            let mut parts: Vec<&str> = own.split('.').collect();
            let up = import.level - usize::from(is_package);
            if up > parts.len() {
                return Target::Missing;
            }
            parts.truncate(parts.len() - up);
            if !import.target.is_empty() {
                parts.push(&import.target);
            }
            base = parts.join(".");
        }
        let known = |name: &str| self.modules.get(name).copied();
        let Form::Names(names) = &import.form else {
            return known(&base).map_or_else(|| self.outside(&base, import), |file| Target::of([file]));
        };
        // Each name is a module of the package, or something that its own file defines.
        let mut found: BTreeSet<usize> = BTreeSet::new();
        let mut whole = names.is_empty();
        for name in names {
            let module = known(&if base.is_empty() { name.clone() } else { format!("{base}.{name}") });
            whole |= module.is_none();
            found.extend(module);
        }
        if whole {
            found.extend(known(&base));
        }
        if found.is_empty() { self.outside(&base, import) } else { Target::of(found) }
    }

    // A name below one of the project's packages is a file that was not given.
    fn outside(&self, name: &str, import: &Import) -> Target {
        let first = name.split('.').next().unwrap_or_default();
        if import.level > 0 || self.modules.contains_key(first) {
            Target::Missing
        } else {
            Target::Outside(first.to_owned())
        }
    }

    fn go(&self, target: &str) -> Target {
        for (module, root) in &self.go {
            let Some(rest) = target.strip_prefix(module.as_str()) else { continue };
            if rest.is_empty() || rest.starts_with('/') {
                let place = joined(root, rest.trim_start_matches('/'));
                let files = self.in_folder(&place).iter().copied();
                let files: Vec<usize> = files.filter(|file| !self.paths.path(*file).ends_with("_test.go")).collect();
                return if files.is_empty() { Target::Missing } else { Target::Files(files) };
            }
        }
        Target::Outside(target.to_owned())
    }

    fn java(&self, target: &str, imports: &Imports) -> Target {
        if let Some(package) = target.strip_suffix(".*") {
            if !self.java_packages.contains(package) {
                return Target::Outside(package.to_owned());
            }
            // Of all classes of the package, those that the file names.
            let class = |name: &String| self.classes.get(&(package.to_owned(), name.clone())).copied();
            return Target::of(imports.classes.keys().filter_map(class));
        }
        // A nested class stands in the file of the outer one.
        let mut name = target;
        while let Some((outer, class)) = name.rsplit_once('.') {
            if let Some(file) = self.classes.get(&(outer.to_owned(), class.to_owned())) {
                return Target::of([*file]);
            }
            name = outer;
        }
        let package = target.rsplit_once('.').map_or(target, |(package, _)| package);
        if self.java_packages.contains(package) { Target::Missing } else { Target::Outside(package.to_owned()) }
    }

    fn include(&self, path: &str, target: &str) -> Target {
        let target_path = joined(folder(path), target);
        if let Some(file) = self.paths.get(&target_path) {
            return Target::of([file]);
        }
        // Folders of headers are not known: one file of the project whose path ends so is the one.
        let plain = normal(target);
        let ending = format!("/{plain}");
        let same_name = self.by_name.get(file_name(&plain)).into_iter().flatten();
        let mut fitting = same_name.filter(|path| path.ends_with(&ending) || **path == plain);
        match (fitting.next(), fitting.next()) {
            (Some(path), None) => Target::of(self.paths.get(path)),
            (None, _) => Target::Outside(target.to_owned()),
            (Some(_), Some(_)) => Target::Missing,
        }
    }
}

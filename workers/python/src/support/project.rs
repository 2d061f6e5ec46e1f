//! The modules of a project: which dotted name each file has, and which module of the project an import means.
//!
//! A regular package is named from the folder that holds it. Files outside of regular packages (namespace packages,
//! scripts) could be named from any folder above; the one by which the project's own imports name most of them is taken.

use crate::support::imports::Import;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::{SourceFile, ToolError};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folder that holds the packages of many projects.
const SOURCE_ROOT: &str = "src";

/// The files of a project, Python and others apart, each of at most `max_bytes`; an error when none is Python.
pub fn project_files(
    files: Vec<SourceFile>,
    max_bytes: usize,
) -> Result<(Vec<SourceFile>, Vec<SourceFile>), ToolError> {
    check_files("/files", &files)?;
    for (at, file) in files.iter().enumerate() {
        check_bytes(&format!("/files/{at}/source"), &file.source, max_bytes)?;
    }
    let (python, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| is_module_file(&file.path));
    if python.is_empty() {
        return Err(ToolError::invalid("/files", "holds no Python file", "at least one path that ends with .py"));
    }
    Ok((python, others))
}

fn is_module_file(path: &str) -> bool {
    matches!(Path::new(path).extension().and_then(|extension| extension.to_str()), Some("py" | "pyi" | "pyw"))
}

/// The modules of a project.
#[derive(Debug, Default)]
pub struct Project {
    /// Name of each file, in the order given; none where it cannot be imported.
    names: Vec<Option<String>>,
    packages: Vec<bool>,
    by_name: BTreeMap<String, usize>,
    /// Packages that are folders alone.
    namespaces: BTreeSet<String>,
}

/// What an import means within a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A module of the project: its file, and whether the import named the module itself rather than something in it.
    Module {
        /// Index of the file.
        file: usize,
        /// Whether the whole name is the module's.
        whole: bool,
    },
    /// A module elsewhere: its top-level name.
    External(String),
    /// Something below a module or package of the project that no file defines.
    Missing(String),
    /// A package of the project that is a folder alone.
    Namespace,
    /// Dots beyond the top-level package.
    Beyond,
}

impl Project {
    /// Names the files at these normalized paths; `imports` are those of each file.
    pub fn of(paths: &[String], imports: &[Vec<Import>]) -> Self {
        let mut imported: BTreeSet<&str> = BTreeSet::new();
        for import in imports.iter().flatten().filter(|import| import.level == 0) {
            let mut name = import.module.as_str();
            while !name.is_empty() && imported.insert(name) {
                name = name.rsplit_once('.').map_or("", |(above, _)| above);
            }
        }
        let with_init: BTreeSet<&str> = paths.iter().filter(|path| is_init(path)).map(|path| folder(path)).collect();
        let roots: BTreeSet<&str> = paths.iter().map(|path| outermost(folder(path), &with_init)).collect();
        let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in paths {
            by_folder.entry(folder(path)).or_default().push(path);
        }
        let chosen: BTreeMap<&str, &str> = roots
            .into_iter()
            .map(|outermost| {
                let inside = by_folder.get(outermost).map(Vec::as_slice).unwrap_or_default();
                (outermost, root_of(outermost, inside, &with_init, &imported))
            })
            .collect();
        let mut project = Self::default();
        for (at, path) in paths.iter().enumerate() {
            let root = chosen.get(outermost(folder(path), &with_init)).copied().unwrap_or("");
            let name = module_name(path, root);
            if let Some(name) = &name {
                // Of two files of one name the package wins, as in Python, and a module its stub.
                let rank = |at: usize| paths.get(at).map(|path| (is_stub(path), !is_init(path)));
                let taken = project.by_name.get(name).copied();
                if taken.is_none_or(|other| rank(at) < rank(other)) {
                    project.by_name.insert(name.clone(), at);
                }
            }
            project.names.push(name);
            project.packages.push(is_init(path));
        }
        let names: Vec<&String> = project.by_name.keys().collect();
        let mut namespaces = BTreeSet::new();
        for name in names {
            let mut above = name.as_str();
            while let Some((parent, _)) = above.rsplit_once('.') {
                if !project.by_name.contains_key(parent) {
                    namespaces.insert(parent.to_owned());
                }
                above = parent;
            }
        }
        project.namespaces = namespaces;
        project
    }

    /// A file's module name.
    pub fn name(&self, file: usize) -> Option<&str> {
        self.names.get(file)?.as_deref()
    }

    /// Whether a file is a package's `__init__`.
    pub fn is_package(&self, file: usize) -> bool {
        self.packages.get(file).copied().unwrap_or_default()
    }

    /// The file of a module.
    pub fn file(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Modules by name.
    pub fn modules(&self) -> impl Iterator<Item = (&str, usize)> {
        self.by_name.iter().map(|(name, file)| (name.as_str(), *file))
    }

    /// Whether a package of this name is a folder alone.
    pub fn is_namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name)
    }

    /// Packages that are folders alone.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.namespaces.iter().map(String::as_str)
    }

    /// The absolute dotted name of an import in a file, with the name taken out of the module; none beyond the top.
    pub fn absolute(&self, file: usize, import: &Import) -> Option<String> {
        let base = self.base(file, import.level)?;
        let dotted = import.dotted();
        Some(if base.is_empty() { dotted } else { format!("{base}.{dotted}") })
    }

    /// The absolute name of the module that an import names; none beyond the top.
    pub fn absolute_module(&self, file: usize, import: &Import) -> Option<String> {
        let base = self.base(file, import.level)?;
        Some(match (base.as_str(), import.module.as_str()) {
            ("", module) => module.to_owned(),
            (base, "") => base.to_owned(),
            (base, module) => format!("{base}.{module}"),
        })
    }

    fn base(&self, file: usize, level: u32) -> Option<String> {
        if level == 0 {
            return Some(String::new());
        }
        let mut base = self.name(file)?;
        let steps = if self.is_package(file) { level - 1 } else { level };
        for _ in 0..steps {
            base = base.rsplit_once('.').map_or("", |(above, _)| above);
        }
        (!base.is_empty()).then(|| base.to_owned())
    }

    /// What an import in a file means.
    pub fn resolve(&self, file: usize, import: &Import) -> Target {
        let Some(name) = self.absolute(file, import) else { return Target::Beyond };
        if let Some(file) = self.file(&name) {
            return Target::Module { file, whole: true };
        }
        if self.namespaces.contains(&name) {
            return Target::Namespace;
        }
        let Some((above, _)) = name.rsplit_once('.') else { return Target::External(name) };
        if let Some(file) = self.file(above).filter(|_| import.name.is_some()) {
            return Target::Module { file, whole: false };
        }
        let top = name.split('.').next().unwrap_or_default();
        let known = |name: &str| self.by_name.contains_key(name) || self.namespaces.contains(name);
        // Below a namespace package others may have portions; what lies below a regular package is all here.
        let mut parent = name.as_str();
        while let Some((up, _)) = parent.rsplit_once('.') {
            if self.by_name.contains_key(up) {
                return Target::Missing(name);
            }
            parent = up;
        }
        if import.level > 0 && known(top) { Target::Missing(name) } else { Target::External(top.to_owned()) }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, file)| file)
}

fn is_init(path: &str) -> bool {
    matches!(file_name(path), "__init__.py" | "__init__.pyi")
}

fn is_stub(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "pyi")
}

// The folder in which a chain of regular packages begins, or the folder itself where there is none.
fn outermost<'a>(folder: &'a str, with_init: &BTreeSet<&str>) -> &'a str {
    let mut at = folder;
    let mut top = None;
    // A folder without `__init__` inside of a package belongs to it all the same (PEP 420).
    loop {
        if with_init.contains(at) && !at.is_empty() {
            top = Some(at);
        }
        match at.rsplit_once('/') {
            Some((above, _)) => at = above,
            None => break,
        }
    }
    let Some(top) = top else { return folder };
    // Only an unbroken run of identifiers can be imported from there.
    let inside = folder.get(top.len()..).unwrap_or_default();
    if inside.split('/').all(|part| part.is_empty() || is_identifier(part)) { top } else { folder }
}

// The folder from which the modules below `outermost` are named; `inside` are the files right in it.
fn root_of<'a>(outermost: &'a str, inside: &[&str], with_init: &BTreeSet<&str>, imported: &BTreeSet<&str>) -> &'a str {
    let is_regular = with_init.contains(outermost);
    let mut candidates: Vec<&str> = Vec::new();
    let mut at = if is_regular { folder(outermost) } else { outermost };
    if is_regular && outermost.is_empty() {
        return "";
    }
    loop {
        candidates.push(at);
        if at.is_empty() || !is_identifier(file_name(at)) || file_name(at) == SOURCE_ROOT {
            break;
        }
        at = folder(at);
    }
    let score = |root: &str| -> usize {
        if is_regular {
            let name = outermost.get(root.len()..).unwrap_or_default().trim_start_matches('/').replace('/', ".");
            return usize::from(imported.contains(name.as_str()));
        }
        let is_imported = |path: &&&str| module_name(path, root).is_some_and(|name| imported.contains(name.as_str()));
        inside.iter().filter(is_imported).count()
    };
    let mut best = (0, None);
    for root in &candidates {
        let points = score(root);
        if points > best.0 {
            best = (points, Some(*root));
        }
    }
    // Unnamed by anybody: a regular package from the folder that holds it, other files from the outermost possible.
    best.1.or(if is_regular { candidates.first().copied() } else { candidates.last().copied() }).unwrap_or("")
}

fn module_name(path: &str, root: &str) -> Option<String> {
    let inside = path.strip_prefix(root)?.trim_start_matches('/');
    let stem =
        inside.strip_suffix(".py").or_else(|| inside.strip_suffix(".pyi")).or_else(|| inside.strip_suffix(".pyw"))?;
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    if stem.is_empty() || stem.contains('.') {
        return None;
    }
    Some(stem.replace('/', "."))
}

fn is_identifier(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with(|c: char| c.is_numeric())
        && part.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::imports::When;
    use ruff_text_size::TextRange;

    fn import(level: u32, module: &str, name: Option<&str>) -> Import {
        Import {
            level,
            module: module.to_owned(),
            name: name.map(str::to_owned),
            bound: None,
            when: When::Load,
            optional: false,
            range: TextRange::default(),
            statement: TextRange::default(),
        }
    }

    fn names(paths: &[&str], imported: &[&str]) -> Vec<String> {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let imports = vec![imported.iter().map(|name| import(0, name, None)).collect()];
        let project = Project::of(&paths, &imports);
        (0..paths.len()).map(|file| project.name(file).unwrap_or("-").to_owned()).collect()
    }

    #[test]
    fn files_are_named_as_they_are_imported() {
        assert_eq!(names(&["src/a/__init__.py", "src/a/b.py", "src/a/c/d.py"], &[]), ["a", "a.b", "a.c.d"]);
        assert_eq!(names(&["pkg-1.0/a/__init__.py", "pkg-1.0/setup.py"], &[]), ["a", "setup"]);
        assert_eq!(names(&["google/cloud/x/__init__.py"], &["google.cloud.x"]), ["google.cloud.x"]);
        assert_eq!(names(&["google/cloud/x/__init__.py"], &[]), ["x"]);
        assert_eq!(names(&["app/core/a.py", "app/b.py"], &["app.core.a"]), ["app.core.a", "app.b"]);
        assert_eq!(names(&["tools/a.py", "tools/b.py"], &["b"]), ["a", "b"]);
        assert_eq!(names(&["a/x.y.py", "src/m.py", "a.txt"], &[]), ["-", "m", "-"]);
    }

    #[test]
    fn imports_are_resolved_from_where_they_stand() {
        let paths = ["a/__init__.py", "a/b.py", "a/c/__init__.py", "n/s/m.py"].map(str::to_owned);
        let project = Project::of(&paths, &[vec![import(0, "n.s.m", None)]]);
        let whole = |file| Target::Module { file, whole: true };
        for (file, given, expected) in [
            (0, import(1, "", Some("b")), whole(1)),
            (1, import(1, "c", None), whole(2)),
            (2, import(2, "b", Some("x")), Target::Module { file: 1, whole: false }),
            (2, import(2, "", Some("*")), Target::Module { file: 0, whole: false }),
            (0, import(2, "x", None), Target::Beyond),
            (0, import(0, "a.gone", None), Target::Missing("a.gone".to_owned())),
            (0, import(0, "a.b.c.d", None), Target::Missing("a.b.c.d".to_owned())),
            (0, import(0, "os.path", None), Target::External("os".to_owned())),
            (0, import(0, "n.s", Some("m")), whole(3)),
            (0, import(0, "n.s", None), Target::Namespace),
            (0, import(0, "n.other", Some("x")), Target::External("n".to_owned())),
        ] {
            assert_eq!(project.resolve(file, &given), expected, "{given:?}");
        }
    }
}

//! A bundle, whatever tool wrote it: outputs, the modules in them, and who imports whom.

use crate::support::Map;
use crate::support::source_place::{package_folder, package_of};

/// A bundle.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    pub(super) outputs: Vec<Output>,
    pub(super) modules: Vec<Module>,
    /// Packages and builtin modules left for the platform to resolve.
    pub(super) externals: Vec<String>,
    /// What the report could not say of this input.
    pub(super) gaps: Vec<String>,
    known: Map<String, usize>,
}

/// A file written.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Where its code starts, when it is an entry point.
    pub(super) entry: Option<usize>,
    /// Bytes of each module in it, in the order of the input.
    pub(super) parts: Vec<(usize, u64)>,
}

/// A source file, or what stands for one.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Its path as shown.
    pub(super) path: String,
    /// The path that says what package it is of.
    pub(super) place: String,
    /// Bytes in all outputs together.
    pub(super) bytes: u64,
    pub(super) format: Option<Format>,
    pub(super) is_entry: bool,
    pub(super) imports: Vec<Import>,
    /// Why it could not be optimised, in the bundler's words.
    pub(super) bailouts: Vec<String>,
}

/// An import of one module by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) to: usize,
    pub(super) kind: ImportKind,
    /// As it is written in the source.
    pub(super) specifier: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImportKind {
    Static,
    Require,
    Dynamic,
    /// From CSS and the like.
    Other,
}

impl ImportKind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Static => "import",
            Self::Require => "require",
            Self::Dynamic => "import()",
            Self::Other => "reference",
        }
    }
}

/// The module system of a module's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Esm,
    Cjs,
}

impl Format {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Esm => "esm",
            Self::Cjs => "cjs",
        }
    }
}

impl Bundle {
    /// The number of the module with this key, made when there is none.
    pub(super) fn module(&mut self, key: &str) -> usize {
        if let Some(known) = self.known.get(key) {
            return *known;
        }
        let number = self.modules.len();
        let module = Module { path: key.to_owned(), place: key.to_owned(), ..Module::default() };
        self.modules.push(module);
        self.known.insert(key.to_owned(), number);
        number
    }

    /// Adds up what each module has in the outputs, and drops doubled externals.
    pub(super) fn finish(&mut self) {
        for module in &mut self.modules {
            module.bytes = 0;
        }
        for output in &self.outputs {
            for (module, bytes) in &output.parts {
                if let Some(module) = self.modules.get_mut(*module) {
                    module.bytes = module.bytes.saturating_add(*bytes);
                }
            }
            if let Some(module) = output.entry.and_then(|entry| self.modules.get_mut(entry)) {
                module.is_entry = true;
            }
        }
        self.externals.sort();
        self.externals.dedup();
    }

    /// All bytes written, source maps left out.
    pub(super) fn total(&self) -> u64 {
        self.outputs.iter().filter(|output| !is_source_map(&output.path)).map(|output| output.bytes).sum()
    }

    /// Each module's importer on a shortest way from an entry point, itself for an entry point.
    pub(super) fn ways(&self, follows: impl Fn(ImportKind) -> bool) -> Vec<Option<(usize, ImportKind)>> {
        let mut ways: Vec<Option<(usize, ImportKind)>> = vec![None; self.modules.len()];
        let mut queue: Vec<usize> = Vec::new();
        for (at, _) in self.modules.iter().enumerate().filter(|(_, module)| module.is_entry) {
            if let Some(way) = ways.get_mut(at) {
                *way = Some((at, ImportKind::Other));
                queue.push(at);
            }
        }
        let mut next = 0;
        while let Some(at) = queue.get(next).copied() {
            next += 1;
            for import in self.modules.get(at).map(|module| module.imports.as_slice()).unwrap_or_default() {
                if let Some(way) = ways.get_mut(import.to).filter(|way| way.is_none() && follows(import.kind)) {
                    *way = Some((at, import.kind));
                    queue.push(import.to);
                }
            }
        }
        ways
    }
}

impl Module {
    /// The package it is of; (app) for the project's own files, (runtime) for what the bundler adds.
    pub(super) fn package(&self) -> &str {
        if let Some(name) = package_of(&self.place) {
            return name;
        }
        let is_made = self.path.starts_with(['<', '(', '[']) || self.path.starts_with("webpack/");
        if is_made { "(runtime)" } else { "(app)" }
    }

    /// The folder of the copy of its package.
    pub(super) fn folder(&self) -> Option<&str> {
        package_folder(&self.place)
    }
}

/// Whether an output is no code but a source map.
pub(super) fn is_source_map(path: &str) -> bool {
    path.len() > 4 && path.get(path.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(".map"))
}

//! The files of a call, and which of them an import leads to.

use super::collect;
use super::model::{Exported, Imported, Module};
use crate::support::Outcome;
use crate::support::language::{Engine, Language};
use crate::support::packages::{Packages, Paths, Target, file_name, folder};
use crate::tools::measure_complexity::longest;
use octavo_toolkit::SourceFile;
use octavo_toolkit::path::normal;
use std::collections::{BTreeMap, BTreeSet};

/// Where a name is declared, or exported under another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// A symbol of a file.
    Symbol(usize, usize),
    /// An export of a file, by its number.
    Export(usize, usize),
}

/// Files and what they say.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) modules: BTreeMap<usize, Module>,
    /// Scripts that were not read, with the reason.
    pub(super) unread: BTreeMap<usize, &'static str>,
    resolved: BTreeMap<(usize, String), usize>,
    // Who imports a file.
    importers: BTreeMap<usize, BTreeSet<usize>>,
}

impl Project {
    /// Reads the scripts: with a name only those that have it or hand on what others export.
    pub(super) fn new(files: &[SourceFile], name: Option<&str>) -> Self {
        let mut project = Self::default();
        let (mut packages, mut paths) = (Packages::default(), Paths::default());
        for (at, file) in files.iter().enumerate() {
            let path = normal(&file.path);
            match file_name(&path) {
                "tsconfig.json" | "jsconfig.json" => packages.configured(folder(&path), &file.source),
                "package.json" => packages.declared(folder(&path), &file.source),
                _ => {}
            }
            paths.insert(path, at);
            let Some(language) = Language::of_path(&file.path) else { continue };
            let Engine::Oxc(kind) = language.engine() else { continue };
            if name.is_some_and(|name| !file.source.contains(name) && !hands_on(&file.source)) {
                continue;
            }
            if file.source.len() > longest(language) {
                project.unread.insert(at, "is too long");
                continue;
            }
            match collect::read(kind, &file.path, &file.source) {
                Ok(module) => {
                    project.modules.insert(at, module);
                }
                Err(Outcome::TooDeep(_)) => {
                    project.unread.insert(at, "nests too deeply");
                }
                Err(_) => {
                    project.unread.insert(at, "does not parse");
                }
            }
        }
        packages.sort();
        for (at, module) in &project.modules {
            for from in module.sources() {
                if let Target::Files(found) = packages.resolve(paths.path(*at), from, &paths)
                    && let Some(file) = found.first().filter(|file| project.modules.contains_key(*file))
                {
                    project.resolved.insert((*at, from.to_owned()), *file);
                    project.importers.entry(*file).or_default().insert(*at);
                }
            }
        }
        project
    }

    /// The file that a specifier in a file leads to.
    pub(super) fn leads(&self, at: usize, from: &str) -> Option<usize> {
        self.resolved.get(&(at, from.to_owned())).copied()
    }

    /// Those who name a file in an import or export, with what they say.
    pub(super) fn importers(&self, file: usize) -> impl Iterator<Item = (usize, &Module)> + '_ {
        let importers = self.importers.get(&file).into_iter().flatten();
        importers.filter_map(|at| Some((*at, self.modules.get(at)?)))
    }

    /// What an export of a file is.
    pub(super) fn origin(&self, file: usize, name: &str) -> Option<Origin> {
        let mut pending = vec![file];
        let mut seen = BTreeSet::new();
        while let Some(at) = pending.pop() {
            let Some(module) = self.modules.get(&at).filter(|_| seen.insert(at)) else { continue };
            if let Some(symbol) = module.declared(name) {
                return Some(Origin::Symbol(at, symbol));
            }
            if let Some(export) = module.exports.iter().position(|export| export.name == name) {
                return Some(Origin::Export(at, export));
            }
            if name != "default" {
                pending.extend(module.stars.iter().rev().filter_map(|from| self.leads(at, from)));
            }
        }
        None
    }

    /// Every place that stands for a symbol: its uses, and through imports and members those in other files.
    pub(super) fn places(&self, file: usize, symbol: usize) -> BTreeSet<(usize, usize)> {
        let mut places = Places { project: self, found: BTreeSet::new(), seen: BTreeSet::new() };
        places.symbol(file, symbol);
        places.found
    }

    /// Every place that stands for a file as an object.
    pub(super) fn places_of_module(&self, file: usize) -> BTreeSet<(usize, usize)> {
        let mut places = Places { project: self, found: BTreeSet::new(), seen: BTreeSet::new() };
        places.module(file);
        places.found
    }
}

impl Module {
    fn sources(&self) -> impl Iterator<Item = &str> + '_ {
        let imports = self.imports.iter().map(|import| import.from.as_str());
        let exports = self.exports.iter().filter_map(|export| match &export.what {
            Exported::Name(from, _) | Exported::Whole(from) => Some(from.as_str()),
            Exported::Local(_) => None,
        });
        let members = self.members.iter().filter_map(|member| match &member.base {
            super::model::Base::Module(from) => Some(from.as_str()),
            super::model::Base::At(_) => None,
        });
        imports.chain(exports).chain(members).chain(self.stars.iter().map(String::as_str))
    }
}

// Whether a source may export what another file does, or import all of it: `export {`, `export *`, `* as`.
fn hands_on(source: &str) -> bool {
    let follows = |(at, word): (usize, &str)| {
        let rest = source.get(at + word.len()..).unwrap_or_default().trim_start();
        let rest = rest.strip_prefix("type").map_or(rest, str::trim_start);
        rest.starts_with(['{', '*'])
    };
    source.match_indices("export").any(follows) || source.contains("* as ") || source.contains("*as ")
}

struct Places<'p> {
    project: &'p Project,
    found: BTreeSet<(usize, usize)>,
    // Symbols and exports done.
    seen: BTreeSet<(usize, Result<usize, String>)>,
}

impl Places<'_> {
    fn symbol(&mut self, file: usize, at: usize) {
        let Some(module) = self.project.modules.get(&file) else { return };
        let Some(symbol) = module.symbol(at).filter(|_| self.seen.insert((file, Ok(at)))) else { return };
        let uses = module.uses.iter().filter(|one| one.symbol == Some(at));
        self.found.extend(uses.map(|one| (file, one.span.start)));
        if symbol.exported && symbol.scope == 0 {
            self.export(file, &symbol.name);
        }
        for export in module.exports.iter().filter(|export| export.what == Exported::Local(Some(at))) {
            self.export(file, &export.name);
        }
        if symbol.default {
            for (other, importer) in self.project.importers(file) {
                for import in importer.imports.iter().filter(|one| self.project.leads(other, &one.from) == Some(file)) {
                    if import.imported == Imported::Default || import.imported == Imported::Assigned && module.assigns {
                        self.symbol(other, import.symbol);
                    }
                }
            }
        }
    }

    fn export(&mut self, file: usize, name: &str) {
        if !self.seen.insert((file, Err(name.to_owned()))) {
            return;
        }
        let project = self.project;
        for (other, importer) in project.importers(file) {
            let leads = |from: &str| project.leads(other, from) == Some(file);
            for import in importer.imports.iter().filter(|import| leads(&import.from)) {
                if matches!(&import.imported, Imported::Name(imported) if imported == name) {
                    self.symbol(other, import.symbol);
                }
            }
            for export in &importer.exports {
                if matches!(&export.what, Exported::Name(from, local) if local == name && leads(from)) {
                    self.export(other, &export.name);
                }
            }
            if name != "default" && !importer.exports(name) && importer.stars.iter().any(|from| leads(from)) {
                self.export(other, name);
            }
        }
        let bases = project.places_of_module(file);
        for (other, base) in bases {
            let Some(module) = project.modules.get(&other) else { continue };
            let members = module.members_at(base).filter(|member| member.name == name);
            self.found.extend(members.map(|member| (other, member.span.start)));
        }
    }

    fn module(&mut self, file: usize) {
        let project = self.project;
        let assigns = project.modules.get(&file).is_some_and(|module| module.assigns);
        for (other, importer) in project.importers(file) {
            let leads = |from: &str| project.leads(other, from) == Some(file);
            for import in importer.imports.iter().filter(|import| leads(&import.from)) {
                if import.imported == Imported::Whole || import.imported == Imported::Assigned && !assigns {
                    self.symbol(other, import.symbol);
                }
            }
            for export in &importer.exports {
                if matches!(&export.what, Exported::Whole(from) if leads(from)) {
                    self.export(other, &export.name);
                }
            }
        }
    }
}

//! From a symbol to every edit that its new name needs, over all files.

use super::capture;
use super::model::{Base, Exported, Form, Imported, Module};
use super::project::{Origin, Project};
use octavo_toolkit::SourceFile;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Why a new name does not go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    pub(super) file: usize,
    pub(super) span: Range<usize>,
    pub(super) what: Clash,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clash {
    /// The scope has the name already.
    Declared(Range<usize>),
    /// The file exports the name already.
    Exported,
    /// The new name would mean this instead.
    Captured(Range<usize>),
    /// This name would mean the renamed symbol.
    Captures,
    /// A component would become an element of HTML, or the other way.
    Element,
}

/// A renaming under way.
pub(super) struct Renaming<'p> {
    project: &'p Project,
    files: &'p [SourceFile],
    new: &'p str,
    /// By file and place.
    pub(super) edits: BTreeMap<(usize, usize), (Range<usize>, String)>,
    pub(super) conflicts: Vec<Conflict>,
    symbols: BTreeSet<(usize, usize)>,
    exports: BTreeSet<(usize, String)>,
}

impl<'p> Renaming<'p> {
    pub(super) fn new(project: &'p Project, files: &'p [SourceFile], new: &'p str) -> Self {
        Self {
            project,
            files,
            new,
            edits: BTreeMap::new(),
            conflicts: Vec::new(),
            symbols: BTreeSet::new(),
            exports: BTreeSet::new(),
        }
    }

    /// Renames what is declared somewhere, wherever it is used.
    pub(super) fn rename(&mut self, origin: Origin) {
        match origin {
            Origin::Symbol(file, symbol) => self.symbol(file, symbol, false),
            Origin::Export(file, at) => {
                let Some(export) = self.project.modules.get(&file).and_then(|module| module.exports.get(at)) else {
                    return;
                };
                let text =
                    if export.shorthand { format!("{} as {}", export.name, self.new) } else { self.new.to_owned() };
                self.edit(file, export.span.clone(), text);
                self.export(file, &export.name);
            }
        }
    }

    fn text(&self, file: usize, span: Range<usize>) -> &'p str {
        self.files.get(file).and_then(|file| file.source.get(span)).unwrap_or_default()
    }

    fn edit(&mut self, file: usize, span: Range<usize>, text: String) {
        self.edits.insert((file, span.start), (span, text));
    }

    // With `imported`, the name that it is imported by changes too.
    fn symbol(&mut self, file: usize, at: usize, imported: bool) {
        let project = self.project;
        let Some(module) = project.modules.get(&file) else { return };
        let Some(symbol) = module.symbol(at).filter(|_| self.symbols.insert((file, at))) else { return };
        let (old, new) = (symbol.name.as_str(), self.new);
        for one in module.uses.iter().filter(|one| one.symbol == Some(at)) {
            let text = match one.form {
                Form::Plain => new.to_owned(),
                Form::Shorthand => format!("{old}: {new}"),
                Form::Import if imported => new.to_owned(),
                Form::Import => format!("{old} as {new}"),
                Form::Export => format!("{new} as {old}"),
            };
            self.edit(file, one.span.clone(), text);
        }
        let source = self.files.get(file).map_or("", |file| file.source.as_str());
        let found = capture::check(module, source, at, new);
        self.conflicts.extend(found.into_iter().map(|(span, what)| Conflict { file, span, what }));
        if symbol.exported {
            match module.scopes.get(symbol.scope).and_then(|scope| scope.namespace) {
                Some(namespace) => {
                    if let Some(other) = module.in_namespace(namespace, new) {
                        let span = module.definition(other);
                        self.conflicts.push(Conflict {
                            file,
                            span: module.definition(at),
                            what: Clash::Declared(span),
                        });
                    }
                    self.members(&project.places(file, namespace), old);
                }
                None if symbol.scope == 0 => self.export(file, old),
                None => {}
            }
        }
        if symbol.default {
            self.default(file, module, old);
        }
        if symbol.scope == 0 && !module.modular {
            self.script(old);
        }
    }

    // What the scripts of a page share.
    fn script(&mut self, name: &str) {
        let project = self.project;
        for (file, module) in &project.modules {
            if let Some(at) = module.scopes.first().and_then(|scope| scope.names.get(name)).filter(|_| !module.modular)
            {
                self.symbol(*file, *at, false);
            }
            for one in module.uses.iter().filter(|one| one.symbol.is_none()) {
                if self.text(*file, one.span.clone()) == name {
                    let text =
                        if one.form == Form::Shorthand { format!("{name}: {}", self.new) } else { self.new.to_owned() };
                    self.edit(*file, one.span.clone(), text);
                }
            }
        }
    }

    fn default(&mut self, file: usize, module: &Module, name: &str) {
        for (other, importer) in self.project.importers(file) {
            for import in importer.imports.iter().filter(|one| self.project.leads(other, &one.from) == Some(file)) {
                let fits =
                    import.imported == Imported::Default || import.imported == Imported::Assigned && module.assigns;
                if fits && importer.symbol(import.symbol).is_some_and(|symbol| symbol.name == name) {
                    self.symbol(other, import.symbol, true);
                }
            }
        }
    }

    fn export(&mut self, file: usize, name: &str) {
        if !self.exports.insert((file, name.to_owned())) {
            return;
        }
        let project = self.project;
        if project.origin(file, self.new).is_some() {
            self.conflicts.push(Conflict { file, span: 0..0, what: Clash::Exported });
        }
        for (other, importer) in project.importers(file) {
            let leads = |from: &str| project.leads(other, from) == Some(file);
            for import in importer.imports.iter().filter(|import| leads(&import.from)) {
                if matches!(&import.imported, Imported::Name(imported) if imported == name) {
                    if import.shorthand {
                        self.symbol(other, import.symbol, true);
                    } else {
                        self.edit(other, import.span.clone(), self.new.to_owned());
                    }
                }
            }
            for export in &importer.exports {
                if matches!(&export.what, Exported::Name(from, local) if local == name && leads(from)) {
                    let text = if export.shorthand { format!("{} as {name}", self.new) } else { self.new.to_owned() };
                    self.edit(other, export.local.clone(), text);
                }
            }
            for member in &importer.members {
                if member.name == name && matches!(&member.base, Base::Module(from) if leads(from)) {
                    let text = if member.form == Form::Shorthand {
                        format!("{}: {name}", self.new)
                    } else {
                        self.new.to_owned()
                    };
                    self.edit(other, member.span.clone(), text);
                }
            }
            if name != "default" && !importer.exports(name) && importer.stars.iter().any(|from| leads(from)) {
                self.export(other, name);
            }
        }
        self.members(&project.places_of_module(file), name);
    }

    fn members(&mut self, places: &BTreeSet<(usize, usize)>, name: &str) {
        for (file, place) in places {
            let Some(module) = self.project.modules.get(file) else { continue };
            for member in module.members_at(*place).filter(|member| member.name == name) {
                let text =
                    if member.form == Form::Shorthand { format!("{}: {name}", self.new) } else { self.new.to_owned() };
                self.edit(*file, member.span.clone(), text);
            }
        }
    }
}

//! What a Python package offers, and which differences griffe calls breakages.
//!
//! A module's names are those of its `__all__`, else those without a leading underscore that it does not import; a class has what its
//! bases in the package have. Names lead through imports to what they stand for.

use super::model::{Change, Counts, MAX_DEPTH, Place, Side, Sources, What, shown, tell};
use super::python_read::{Function, Kind, Member, Reader, Scope, Sort, Where};
use crate::support::packages::{file_name, folder};
use crate::support::walk::Budget;
use crate::support::{tables, walk};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Most names that are looked up in one version: modules that import everything from each other can ask for far more.
const MAX_LOOKUPS: usize = 2_000_000;

#[derive(Debug, Default)]
struct Module {
    file: usize,
    scope: Scope,
    submodules: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Project {
    modules: BTreeMap<String, Module>,
    tops: BTreeSet<String>,
    lookups: Cell<usize>,
}

// What a dotted name leads to.
#[derive(Clone, Copy)]
enum Found<'p> {
    Module(&'p str, &'p Module),
    Member(&'p Member),
}

/// Compares two versions.
pub(super) fn compare(before: &Sources<'_>, after: &Sources<'_>, budget: &Budget, changes: &mut Vec<Change>) -> Counts {
    let mut counts = Counts::default();
    let old = Project::read(before, budget, &mut counts.broken);
    let new = Project::read(after, budget, &mut counts.broken);
    let mut comparison = Comparison { old: &old, new: &new, seen: BTreeSet::new(), changes };
    for top in &old.tops {
        let Some(module) = old.modules.get(top) else { continue };
        if top.starts_with('_') {
            continue;
        }
        counts.before += 1;
        match new.modules.get(top) {
            Some(now) => comparison.modules(top, module, now, 0, &mut counts),
            None => comparison.removed("module", top, module.file, 0..0),
        }
    }
    let added: Vec<&String> =
        new.tops.iter().filter(|top| !top.starts_with('_') && !old.modules.contains_key(*top)).collect();
    for top in added {
        counts.after += 1;
        comparison.added("module", top, new.modules.get(top).map_or(0, |module| module.file), 0..0);
    }
    counts
}

struct Comparison<'p, 'c> {
    old: &'p Project,
    new: &'p Project,
    seen: BTreeSet<String>,
    changes: &'c mut Vec<Change>,
}

impl<'p> Comparison<'p, '_> {
    fn tell(&mut self, id: &str, place: Place, message: String) {
        tell(self.changes, id, What::Changed, place, message);
    }

    fn removed(&mut self, word: &str, path: &str, file: usize, span: Range<usize>) {
        let message = format!("{word} {} is gone", shown(path));
        tell(self.changes, "OBJECT_REMOVED", What::Removed, Place::new(Side::Before, file, span), message);
    }

    fn added(&mut self, word: &str, path: &str, file: usize, span: Range<usize>) {
        let message = format!("{word} {} is new", shown(path));
        tell(self.changes, "export-added", What::Added, Place::new(Side::After, file, span), message);
    }

    fn modules(&mut self, path: &str, old: &'p Module, new: &'p Module, depth: usize, counts: &mut Counts) {
        if depth > MAX_DEPTH || !self.seen.insert(path.to_owned()) {
            return;
        }
        let (had, has) = (self.old.public(path, old), self.new.public(path, new));
        counts.before += had.len();
        counts.after += has.len();
        for (name, was) in &had {
            let own = format!("{path}.{name}");
            match (was, self.new.any(path, new, name)) {
                (was, None) => {
                    let (file, span) = was.place();
                    self.removed(was.word(), &own, file, span);
                }
                (was, Some(now)) => self.pair(&own, *was, now, depth, counts),
            }
        }
        for (name, now) in &has {
            if self.old.any(path, old, name).is_none_or(|_| !had.contains_key(name)) {
                let (file, span) = now.place();
                self.added(now.word(), &format!("{path}.{name}"), file, span);
            }
        }
    }

    fn pair(&mut self, path: &str, was: Found<'p>, now: Found<'p>, depth: usize, counts: &mut Counts) {
        let (Some((was_path, was)), Some((_, now))) = (self.old.target(was, 0), self.new.target(now, 0)) else {
            return;
        };
        let canonical = if was_path.is_empty() { path.to_owned() } else { was_path };
        match (was, now) {
            (Found::Module(name, was), Found::Module(_, now)) => self.modules(name, was, now, depth + 1, counts),
            (Found::Member(was), Found::Member(now)) => {
                if self.seen.insert(canonical) {
                    self.members(path, was, now, depth + 1);
                }
            }
            (was, now) => self.changed_kind(path, was, now),
        }
    }

    fn changed_kind(&mut self, path: &str, was: Found<'_>, now: Found<'_>) {
        let (file, span) = now.place();
        let message = format!("{} was {}, and is {} now", shown(path), was.word(), now.word());
        self.tell("OBJECT_CHANGED_KIND", Place::new(Side::After, file, span), message);
    }

    fn members(&mut self, path: &str, was: &'p Member, now: &'p Member, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match (&was.kind, &now.kind) {
            (Kind::Function(had), Kind::Function(has)) => self.functions(path, had, has, now),
            (Kind::Class(had), Kind::Class(has)) => self.classes(path, had, has, now, depth),
            (Kind::Attribute, Kind::Attribute) | (Kind::Alias(_), _) | (_, Kind::Alias(_)) => {}
            _ => self.changed_kind(path, Found::Member(was), Found::Member(now)),
        }
    }

    fn classes(&mut self, path: &str, was: &'p Scope, now: &'p Scope, at: &Member, depth: usize) {
        if now.bases.len() < was.bases.len() {
            let place = Place::new(Side::After, at.file, at.span.clone());
            let message =
                format!("class {} has fewer bases: {} before, {} now", shown(path), was.bases.len(), now.bases.len());
            self.tell("CLASS_REMOVED_BASE", place, message);
        }
        let (had, has) = (self.old.inherited(was), self.new.inherited(now));
        for (name, member) in had.iter().filter(|(name, _)| is_public(name)) {
            let own = format!("{path}.{name}");
            match has.get(name) {
                None => self.removed(member.word(), &own, member.file, member.span.clone()),
                Some(now) => {
                    // What a base that is public too has is told there.
                    if self.seen.insert(format!("{}:{:?}.{name}", member.file, member.span)) {
                        self.members(&own, member, now, depth + 1);
                    }
                }
            }
        }
        for (name, member) in now.members.iter().filter(|(name, _)| is_public(name) && !had.contains_key(name.as_str()))
        {
            self.added(member.word(), &format!("{path}.{name}"), member.file, member.span.clone());
        }
    }

    fn functions(&mut self, path: &str, was: &Function, now: &Function, at: &Member) {
        let place = || Place::new(Side::After, at.file, at.span.clone());
        let variadic = now.parameters.iter().any(|one| one.sort == Sort::Positional);
        let keywords = now.parameters.iter().any(|one| one.sort == Sort::Keyword);
        let mut by_name = BTreeMap::new();
        for (at, one) in now.parameters.iter().enumerate() {
            by_name.entry(one.name.as_str()).or_insert((at, one));
        }
        let had: BTreeSet<&str> = was.parameters.iter().map(|one| one.name.as_str()).collect();
        for (index, old) in was.parameters.iter().enumerate() {
            let name = format!("parameter {} of {}", shown(&old.name), shown(path));
            let Some((place_now, new)) = by_name.get(old.name.as_str()).copied() else {
                let swallowed = match old.sort {
                    Sort::KeywordOnly => keywords,
                    Sort::PositionalOnly => variadic,
                    Sort::Plain => variadic && keywords,
                    Sort::Positional | Sort::Keyword => false,
                };
                if !swallowed {
                    self.tell("PARAMETER_REMOVED", place(), format!("{name} is gone"));
                }
                continue;
            };
            if new.required() && !old.required() {
                self.tell(
                    "PARAMETER_CHANGED_REQUIRED",
                    place(),
                    format!("{name} had a default, and must be given now"),
                );
            }
            let positional = |sort| matches!(sort, Sort::PositionalOnly | Sort::Plain);
            if positional(old.sort) && positional(new.sort) && index != place_now {
                let message = format!("{name} was at place {}, and is at place {} now", index + 1, place_now + 1);
                self.tell("PARAMETER_MOVED", place(), message);
            }
            if incompatible(old.sort, new.sort, variadic, keywords) {
                let message = format!("{name} was {}, and is {} now", old.sort.word(), new.sort.word());
                self.tell("PARAMETER_CHANGED_KIND", place(), message);
            }
            if let (Some(had), Some(has)) = (&old.default, &new.default)
                && had != has
            {
                let message = format!("{name} was {} by default, and is {} now", shown(had), shown(has));
                self.tell("PARAMETER_CHANGED_DEFAULT", place(), message);
            }
        }
        for new in now.parameters.iter().filter(|new| !had.contains(new.name.as_str())) {
            if new.required() {
                let message = format!("{} takes {} now, which has no default", shown(path), shown(&new.name));
                self.tell("PARAMETER_ADDED_REQUIRED", place(), message);
            } else {
                let message = format!("{} takes {} too, which may be left out", shown(path), shown(&new.name));
                self.tell("parameter-added-optional", place(), message);
            }
        }
        if was.returns && !now.returns {
            self.tell("RETURN_CHANGED_TYPE", place(), format!("{} no longer says what it returns", shown(path)));
        }
    }
}

fn incompatible(old: Sort, new: Sort, variadic: bool, keywords: bool) -> bool {
    old != new
        && match (old, new) {
            (Sort::PositionalOnly, Sort::KeywordOnly)
            | (Sort::KeywordOnly, Sort::PositionalOnly)
            | (Sort::Plain, Sort::PositionalOnly | Sort::KeywordOnly) => true,
            (_, Sort::Keyword) => old != Sort::KeywordOnly && !variadic,
            (_, Sort::Positional) => old != Sort::PositionalOnly && !keywords,
            _ => false,
        }
}

fn is_public(name: &str) -> bool {
    !name.starts_with('_') || name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

impl Member {
    const fn word(&self) -> &'static str {
        match self.kind {
            Kind::Class(_) => "class",
            Kind::Function(_) => "function",
            Kind::Attribute => "attribute",
            Kind::Alias(_) => "name",
        }
    }
}

impl Found<'_> {
    const fn word(&self) -> &'static str {
        match self {
            Self::Module(..) => "module",
            Self::Member(member) => member.word(),
        }
    }

    fn place(&self) -> (usize, Range<usize>) {
        match self {
            Self::Module(_, module) => (module.file, 0..0),
            Self::Member(member) => (member.file, member.span.clone()),
        }
    }
}

impl Project {
    fn read(sources: &Sources<'_>, budget: &Budget, broken: &mut Vec<String>) -> Self {
        let paths: BTreeSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
        let mut project = Self::default();
        // The declarations of a module stand over what it does.
        let is_stub = |path: &str| path.ends_with('i');
        let modules = sources.iter().filter(|source| !is_stub(&source.path));
        for source in modules.chain(sources.iter().filter(|source| is_stub(&source.path))) {
            let Some(name) = module_name(&source.path, &paths) else { continue };
            match walk::tree(&tables::PYTHON, source.text, budget) {
                Ok(tree) => {
                    let is_package = file_name(&source.path).starts_with("__init__.");
                    let package = if is_package {
                        name.as_str()
                    } else {
                        name.rsplit_once('.').map_or("", |(package, _)| package)
                    };
                    let mut reader = Reader {
                        file: source.at,
                        source: source.text,
                        module: &name,
                        package,
                        stub: is_stub(&source.path),
                    };
                    let mut scope = Scope::default();
                    reader.block(tree.root_node(), &mut scope, Where::Module, 0);
                    if tree.root_node().has_error() {
                        broken.push(format!("{} where it does not parse", source.shown));
                    }
                    let module = project.modules.entry(name.clone()).or_default();
                    if is_stub(&source.path) {
                        module.scope.declared(scope, 0);
                    } else {
                        module.scope = scope;
                        module.file = source.at;
                    }
                }
                Err(_) => broken.push(format!("{}, which is not read", source.shown)),
            }
        }
        for name in project.modules.keys().cloned().collect::<Vec<_>>() {
            match name.rsplit_once('.') {
                Some((parent, last)) if project.modules.contains_key(parent) => {
                    if let Some(parent) = project.modules.get_mut(parent) {
                        parent.submodules.insert(last.to_owned());
                    }
                }
                _ => {
                    project.tops.insert(name);
                }
            }
        }
        project
    }

    // The public names of a module.
    fn public<'p>(&'p self, path: &str, module: &'p Module) -> BTreeMap<String, Found<'p>> {
        let all = self.all(path, module, 0);
        let mut found = BTreeMap::new();
        for name in &module.submodules {
            if !name.starts_with('_')
                && let Some((own, submodule)) = self.modules.get_key_value(&format!("{path}.{name}"))
            {
                found.insert(name.clone(), Found::Module(own, submodule));
            }
        }
        if all.is_empty() {
            for (name, member) in &module.scope.members {
                if is_public(name) && !matches!(member.kind, Kind::Alias(_)) {
                    found.insert(name.clone(), Found::Member(member));
                }
            }
            let mut names = BTreeSet::new();
            self.starred(module, &mut names, 0);
            for name in names.into_iter().filter(|name| !module.scope.members.contains_key(name)) {
                if let Some(one) = self.any(path, module, &name) {
                    found.insert(name, one);
                }
            }
        } else {
            for name in all {
                if let Some(one) = self.any(path, module, &name) {
                    found.insert(name, one);
                }
            }
        }
        found
    }

    // Whether so many names more may be looked at.
    fn may(&self, names: usize) -> bool {
        self.lookups.set(self.lookups.get().saturating_add(names));
        self.lookups.get() <= MAX_LOOKUPS
    }

    // What a module takes from others by `import *`.
    fn starred(&self, module: &Module, names: &mut BTreeSet<String>, depth: usize) {
        if depth > MAX_DEPTH || !self.may(module.scope.members.len()) {
            return;
        }
        for star in &module.scope.stars {
            let Some((own, other)) = self.modules.get_key_value(star) else { continue };
            let all = self.all(own, other, depth + 1);
            if all.is_empty() {
                names.extend(other.scope.members.keys().filter(|name| !name.starts_with('_')).cloned());
                self.starred(other, names, depth + 8);
            } else {
                names.extend(all);
            }
        }
    }

    fn all(&self, path: &str, module: &Module, depth: usize) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = module.scope.all.iter().cloned().collect();
        for other in module.scope.all_of.iter().filter(|_| depth < MAX_DEPTH && self.may(1)) {
            if let Some(Found::Module(own, other)) = self.name_in(path, module, other, depth + 1) {
                all.extend(self.all(own, other, depth + 1));
            }
        }
        all
    }

    // What a name of a module means, public or not.
    fn any<'p>(&'p self, path: &str, module: &'p Module, name: &str) -> Option<Found<'p>> {
        self.any_within(path, module, name, 0)
    }

    fn any_within<'p>(&'p self, path: &str, module: &'p Module, name: &str, depth: usize) -> Option<Found<'p>> {
        if let Some(member) = module.scope.members.get(name) {
            return Some(Found::Member(member));
        }
        if module.submodules.contains(name)
            && let Some((own, submodule)) = self.modules.get_key_value(&format!("{path}.{name}"))
        {
            return Some(Found::Module(own, submodule));
        }
        if depth > MAX_DEPTH || !self.may(1) {
            return None;
        }
        module.scope.stars.iter().rev().find_map(|star| {
            let (own, other) = self.modules.get_key_value(star)?;
            let all = self.all(own, other, depth + 1);
            let offered = if all.is_empty() { !name.starts_with('_') } else { all.contains(name) };
            if offered { self.any_within(own, other, name, depth + 1) } else { None }
        })
    }

    // What a dotted name that stands in a module means.
    fn name_in<'p>(&'p self, path: &str, module: &'p Module, dotted: &str, depth: usize) -> Option<Found<'p>> {
        let mut parts = dotted.split('.');
        let first = self.any_within(path, module, parts.next()?, depth)?;
        parts.try_fold(first, |found, part| {
            let (_, found) = self.target(found, depth + 1)?;
            match found {
                Found::Module(own, module) => self.any_within(own, module, part, depth + 1),
                Found::Member(Member { kind: Kind::Class(scope), .. }) => scope.members.get(part).map(Found::Member),
                Found::Member(_) => None,
            }
        })
    }

    // What something stands for in the end, with its own name where it stood for another.
    fn target<'p>(&'p self, found: Found<'p>, depth: usize) -> Option<(String, Found<'p>)> {
        let Found::Member(Member { kind: Kind::Alias(target), .. }) = found else {
            let name = if let Found::Member(member) = found {
                format!("{}:{:?}", member.file, member.span)
            } else {
                String::new()
            };
            return Some((name, found));
        };
        if depth > MAX_DEPTH {
            return None;
        }
        self.target(self.dotted(target, depth + 1)?, depth + 1)
    }

    // What a full dotted name means.
    fn dotted<'p>(&'p self, target: &str, depth: usize) -> Option<Found<'p>> {
        if let Some((own, module)) = self.modules.get_key_value(target) {
            return Some(Found::Module(own, module));
        }
        let mut split = target.len();
        while let Some(at) = target.get(..split).and_then(|before| before.rfind('.')) {
            split = at;
            let (own, rest) = (target.get(..at)?, target.get(at + 1..)?);
            if let Some((own, module)) = self.modules.get_key_value(own) {
                return self.name_in(own, module, rest, depth);
            }
        }
        None
    }

    // A class's members with those of its bases.
    fn inherited<'p>(&'p self, class: &'p Scope) -> BTreeMap<&'p str, &'p Member> {
        let mut found = BTreeMap::new();
        let mut pending = vec![class];
        let mut left = MAX_DEPTH * MAX_DEPTH;
        while let Some(class) = pending.pop() {
            for (name, member) in &class.members {
                found.entry(name.as_str()).or_insert(member);
            }
            left = left.saturating_sub(1);
            if left == 0 || !self.may(class.members.len()) {
                break;
            }
            for base in class.bases.iter().rev() {
                let found = self.dotted(base, 0).and_then(|found| self.target(found, 0));
                if let Some((_, Found::Member(Member { kind: Kind::Class(base), .. }))) = found {
                    pending.push(base);
                }
            }
        }
        found
    }
}

// The dotted name of a module: folders above it that are packages belong to it.
fn module_name(path: &str, paths: &BTreeSet<&str>) -> Option<String> {
    let stem = file_name(path).rsplit_once('.')?.0;
    let mut parts = Vec::new();
    if stem != "__init__" {
        parts.push(stem);
    }
    let mut own = folder(path);
    while !own.is_empty() {
        let is_package = ["py", "pyi"].iter().any(|ending| paths.contains(format!("{own}/__init__.{ending}").as_str()));
        if !is_package {
            break;
        }
        parts.push(file_name(own));
        own = folder(own);
    }
    parts.reverse();
    (!parts.is_empty()).then(|| parts.join("."))
}

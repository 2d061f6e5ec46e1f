//! What a Python package offers, and which differences griffe calls breakages.
//!
//! A module's names are those of its `__all__`, else those without a leading underscore that it does not import; a class has what its
//! bases in the package have. Names lead through imports to what they stand for.

use super::model::{Change, Counts, MAX_DEPTH, Place, Side, Sources, What, children, shown, squeezed, tell, text};
use crate::support::packages::{file_name, folder};
use crate::support::{tables, walk};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tree_sitter::Node;

/// Most names that are looked up in one version: modules that import everything from each other can ask for far more.
const MAX_LOOKUPS: usize = 2_000_000;

#[derive(Debug, Default)]
struct Scope {
    members: BTreeMap<String, Member>,
    // The names in `__all__`, and the modules whose lists it takes in.
    all: Vec<String>,
    all_of: Vec<String>,
    // Modules from which everything is imported.
    stars: Vec<String>,
    bases: Vec<String>,
}

#[derive(Debug)]
struct Member {
    file: usize,
    span: Range<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Class(Box<Scope>),
    Function(Function),
    Attribute,
    Alias(String),
}

#[derive(Debug, Default)]
struct Function {
    parameters: Vec<Parameter>,
    returns: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    PositionalOnly,
    Plain,
    Positional,
    KeywordOnly,
    Keyword,
}

impl Sort {
    const fn word(self) -> &'static str {
        match self {
            Self::PositionalOnly => "positional-only",
            Self::Plain => "positional or keyword",
            Self::Positional => "variadic positional",
            Self::KeywordOnly => "keyword-only",
            Self::Keyword => "variadic keyword",
        }
    }
}

#[derive(Debug, Clone)]
struct Parameter {
    name: String,
    sort: Sort,
    default: Option<String>,
}

impl Parameter {
    fn required(&self) -> bool {
        self.default.is_none() && !matches!(self.sort, Sort::Positional | Sort::Keyword)
    }
}

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
pub(super) fn compare(before: &Sources<'_>, after: &Sources<'_>, changes: &mut Vec<Change>) -> Counts {
    let mut counts = Counts::default();
    let old = Project::read(before, &mut counts.broken);
    let new = Project::read(after, &mut counts.broken);
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
        let message = format!("{} was a {}, and is a {} now", shown(path), was.word(), now.word());
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

impl Scope {
    // Takes in what a declaration of it says.
    fn declared(&mut self, stub: Self, depth: usize) {
        if !stub.all.is_empty() {
            self.all = stub.all;
            self.all_of = stub.all_of;
        }
        self.stars.extend(stub.stars);
        for (name, member) in stub.members {
            match (self.members.get_mut(&name).map(|known| &mut known.kind), member.kind) {
                (Some(Kind::Class(known)), Kind::Class(stub)) => {
                    if depth < MAX_DEPTH {
                        known.declared(*stub, depth + 1);
                    }
                }
                (Some(Kind::Function(known)), Kind::Function(stub)) => *known = stub,
                (Some(_), _) => {}
                (None, kind) => {
                    self.members.insert(name, Member { kind, ..member });
                }
            }
        }
    }
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
    fn read(sources: &Sources<'_>, broken: &mut Vec<String>) -> Self {
        let paths: BTreeSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
        let mut project = Self::default();
        // The declarations of a module stand over what it does.
        let is_stub = |path: &str| path.ends_with('i');
        let modules = sources.iter().filter(|source| !is_stub(&source.path));
        for source in modules.chain(sources.iter().filter(|source| is_stub(&source.path))) {
            let Some(name) = module_name(&source.path, &paths) else { continue };
            match walk::tree(&tables::PYTHON, source.text) {
                Ok(tree) => {
                    let is_package = file_name(&source.path).starts_with("__init__.");
                    let package = if is_package {
                        name.as_str()
                    } else {
                        name.rsplit_once('.').map_or("", |(package, _)| package)
                    };
                    let mut reader = Reader { file: source.at, source: source.text, module: &name, package };
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Module,
    Class,
}

struct Reader<'s> {
    file: usize,
    source: &'s str,
    module: &'s str,
    package: &'s str,
}

impl<'s> Reader<'s> {
    fn text(&self, node: Node<'_>) -> &'s str {
        text(node, self.source)
    }

    // A value's text; which quotes a string stands in changes nothing.
    fn value(&self, node: Node<'_>) -> String {
        squeezed(node, self.source).replace('\'', "\"")
    }

    fn block(&mut self, block: Node<'_>, scope: &mut Scope, place: Where, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for statement in children(block) {
            match statement.kind() {
                "function_definition" => self.function(statement, &[], scope, place),
                "class_definition" => self.class(statement, &[], scope, depth),
                "decorated_definition" => {
                    let decorators: Vec<String> = children(statement)
                        .into_iter()
                        .filter(|child| child.kind() == "decorator")
                        .map(|decorator| squeezed(decorator, self.source).trim_start_matches('@').to_owned())
                        .collect();
                    match statement.child_by_field_name("definition") {
                        Some(inner) if inner.kind() == "class_definition" => {
                            self.class(inner, &decorators, scope, depth)
                        }
                        Some(inner) => self.function(inner, &decorators, scope, place),
                        None => {}
                    }
                }
                "expression_statement" => {
                    for child in children(statement) {
                        self.assigned(child, scope, place);
                    }
                }
                "type_alias_statement" => {
                    if let Some(left) = statement.child_by_field_name("left") {
                        let name = self.text(left).split('[').next().unwrap_or_default().to_owned();
                        self.insert(scope, name, left, Kind::Attribute);
                    }
                }
                "import_statement" => self.import(statement, scope),
                "import_from_statement" => self.import_from(statement, scope),
                "if_statement" | "try_statement" | "with_statement" | "for_statement" | "while_statement" => {
                    self.blocks(statement, scope, place, depth);
                }
                _ => {}
            }
        }
    }

    fn blocks(&mut self, statement: Node<'_>, scope: &mut Scope, place: Where, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for child in children(statement) {
            match child.kind() {
                "block" => self.block(child, scope, place, depth + 1),
                "else_clause" | "elif_clause" | "except_clause" | "except_group_clause" | "finally_clause" => {
                    self.blocks(child, scope, place, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn insert(&self, scope: &mut Scope, name: String, at: Node<'_>, kind: Kind) {
        scope.members.insert(name, Member { file: self.file, span: at.byte_range(), kind });
    }

    fn function(&self, node: Node<'_>, decorators: &[String], scope: &mut Scope, place: Where) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let named = |wanted: &[&str]| {
            decorators.iter().any(|one| {
                let plain = one.split('(').next().unwrap_or_default();
                wanted.contains(&plain.rsplit('.').next().unwrap_or(plain))
            })
        };
        if named(&["overload", "setter", "deleter"]) {
            return;
        }
        let kind = if named(&["property", "cached_property"]) {
            Kind::Attribute
        } else {
            let parameters =
                node.child_by_field_name("parameters").map(|list| self.parameters(list)).unwrap_or_default();
            Kind::Function(Function { parameters, returns: node.child_by_field_name("return_type").is_some() })
        };
        let own = self.text(name);
        if place == Where::Class
            && own == "__init__"
            && let Some(body) = node.child_by_field_name("body")
        {
            self.attributes_of(body, scope);
        }
        self.insert(scope, own.to_owned(), name, kind);
    }

    fn parameters(&self, list: Node<'_>) -> Vec<Parameter> {
        let mut found: Vec<Parameter> = Vec::new();
        let mut sort = Sort::Plain;
        for node in children(list) {
            let default = node.child_by_field_name("value").map(|value| self.value(value));
            let name = match node.kind() {
                "identifier" => Some(node),
                "default_parameter" | "typed_default_parameter" => node.child_by_field_name("name"),
                "typed_parameter" => node.named_child(0),
                "list_splat_pattern" | "dictionary_splat_pattern" => Some(node),
                "keyword_separator" => {
                    sort = Sort::KeywordOnly;
                    None
                }
                "positional_separator" => {
                    found.iter_mut().for_each(|one| one.sort = Sort::PositionalOnly);
                    None
                }
                _ => None,
            };
            let Some(name) = name else { continue };
            let own = match name.kind() {
                "list_splat_pattern" => Sort::Positional,
                "dictionary_splat_pattern" => Sort::Keyword,
                _ => sort,
            };
            if own == Sort::Positional {
                sort = Sort::KeywordOnly;
            }
            found.push(Parameter {
                name: self.text(name).trim_start_matches('*').trim().to_owned(),
                sort: own,
                default,
            });
        }
        found
    }

    // `self.name = ...` anywhere in `__init__`.
    fn attributes_of(&self, body: Node<'_>, scope: &mut Scope) {
        let mut pending = vec![body];
        while let Some(node) = pending.pop() {
            match node.kind() {
                "assignment" => {
                    for target in targets(node) {
                        let object = target.child_by_field_name("object");
                        let attribute = target.child_by_field_name("attribute");
                        if let (Some(object), Some(attribute)) = (object, attribute)
                            && self.text(object) == "self"
                        {
                            let name = self.text(attribute).to_owned();
                            if !scope.members.contains_key(&name) {
                                self.insert(scope, name, attribute, Kind::Attribute);
                            }
                        }
                    }
                }
                "function_definition" | "class_definition" | "lambda" => {}
                _ => pending.extend(children(node)),
            }
        }
    }

    fn class(&mut self, node: Node<'_>, decorators: &[String], scope: &mut Scope, depth: usize) {
        let (Some(name), Some(body)) = (node.child_by_field_name("name"), node.child_by_field_name("body")) else {
            return;
        };
        let mut inner = Scope::default();
        let bases = node.child_by_field_name("superclasses").map(children).unwrap_or_default();
        for base in bases.into_iter().filter(|base| !matches!(base.kind(), "keyword_argument" | "comment")) {
            let plain = self.text(base).split('[').next().unwrap_or_default().trim();
            inner.bases.push(format!("{}.{plain}", self.module));
        }
        self.block(body, &mut inner, Where::Class, depth + 1);
        let made = decorators.iter().find(|one| {
            let plain = one.split('(').next().unwrap_or_default();
            matches!(plain, "dataclass" | "dataclasses.dataclass")
        });
        if let Some(made) = made.filter(|made| !made.contains("init=False"))
            && !inner.members.contains_key("__init__")
        {
            let parameters = self.fields(body, made.contains("kw_only=True"));
            let span = name.byte_range();
            let kind = Kind::Function(Function { parameters, returns: true });
            inner.members.insert("__init__".to_owned(), Member { file: self.file, span, kind });
        }
        self.insert(scope, self.text(name).to_owned(), name, Kind::Class(Box::new(inner)));
    }

    // The parameters that a dataclass makes of its annotated attributes.
    fn fields(&self, body: Node<'_>, mut keywords: bool) -> Vec<Parameter> {
        let mut found = vec![Parameter { name: "self".to_owned(), sort: Sort::Plain, default: None }];
        for assignment in children(body).into_iter().flat_map(children).filter(|child| child.kind() == "assignment") {
            let (Some(left), Some(annotation)) =
                (assignment.child_by_field_name("left"), assignment.child_by_field_name("type"))
            else {
                continue;
            };
            let annotation = squeezed(annotation, self.source);
            if annotation.ends_with("KW_ONLY") {
                keywords = true;
                continue;
            }
            let value = assignment.child_by_field_name("right").map(|right| self.value(right));
            if annotation.contains("ClassVar") || value.as_ref().is_some_and(|value| value.contains("init=False")) {
                continue;
            }
            let default = value.filter(|value| {
                let is_field = value.starts_with("field(") || value.starts_with("dataclasses.field(");
                !is_field || value.contains("default")
            });
            let sort = if keywords { Sort::KeywordOnly } else { Sort::Plain };
            found.push(Parameter { name: self.text(left).to_owned(), sort, default });
        }
        found
    }

    fn assigned(&self, node: Node<'_>, scope: &mut Scope, place: Where) {
        if !matches!(node.kind(), "assignment" | "augmented_assignment") {
            return;
        }
        let is_all = node.child_by_field_name("left").is_some_and(|left| self.text(left) == "__all__");
        if is_all && place == Where::Module {
            if node.kind() == "assignment" {
                scope.all.clear();
                scope.all_of.clear();
            }
            if let Some(right) = node.child_by_field_name("right") {
                self.listed(right, scope);
            }
        }
        if node.kind() == "assignment" {
            for target in targets(node).into_iter().filter(|target| target.kind() == "identifier") {
                self.insert(scope, self.text(target).to_owned(), target, Kind::Attribute);
            }
        }
    }

    fn listed(&self, node: Node<'_>, scope: &mut Scope) {
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            match node.kind() {
                "string" => {
                    let plain = self.text(node).trim_matches(['"', '\'']);
                    scope.all.push(plain.to_owned());
                }
                "attribute" => {
                    if let Some(module) = self.text(node).strip_suffix(".__all__") {
                        scope.all_of.push(module.to_owned());
                    }
                }
                "list" | "tuple" | "binary_operator" | "list_splat" | "parenthesized_expression" => {
                    pending.extend(children(node))
                }
                _ => {}
            }
        }
    }

    fn import(&self, node: Node<'_>, scope: &mut Scope) {
        for name in children(node) {
            if let (Some(module), Some(alias)) = (name.child_by_field_name("name"), name.child_by_field_name("alias")) {
                self.insert(scope, self.text(alias).to_owned(), alias, Kind::Alias(self.text(module).to_owned()));
            } else if name.kind() == "dotted_name" {
                let first = self.text(name).split('.').next().unwrap_or_default();
                self.insert(scope, first.to_owned(), name, Kind::Alias(first.to_owned()));
            }
        }
    }

    fn import_from(&self, node: Node<'_>, scope: &mut Scope) {
        let Some(from) = node.child_by_field_name("module_name") else { return };
        let written = self.text(from);
        let rest = written.trim_start_matches('.');
        let dots = written.len() - rest.len();
        let mut base = self.package;
        for _ in 1..dots {
            base = base.rsplit_once('.').map_or("", |(above, _)| above);
        }
        let module = match (dots, base, rest) {
            (0, ..) | (_, "", _) => rest.to_owned(),
            (_, base, "") => base.to_owned(),
            (_, base, rest) => format!("{base}.{rest}"),
        };
        for name in children(node).into_iter().skip(1) {
            match name.kind() {
                "wildcard_import" => scope.stars.push(module.clone()),
                "dotted_name" => self.alias(scope, name, name, &module),
                "aliased_import" => {
                    let (of, to) = (name.child_by_field_name("name"), name.child_by_field_name("alias"));
                    if let (Some(of), Some(to)) = (of, to) {
                        self.alias(scope, of, to, &module);
                    }
                }
                _ => {}
            }
        }
    }

    fn alias(&self, scope: &mut Scope, of: Node<'_>, to: Node<'_>, module: &str) {
        let target = if module.is_empty() { self.text(of).to_owned() } else { format!("{module}.{}", self.text(of)) };
        let name = self.text(to);
        // `from . import name` of a submodule is that module.
        if target != format!("{}.{name}", self.module) || to != of {
            self.insert(scope, name.to_owned(), to, Kind::Alias(target));
        }
    }
}

// The names on the left of an assignment and of those in a chain with it.
fn targets(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut current = Some(node);
    while let Some(one) = current.filter(|one| one.kind() == "assignment") {
        let mut pending: Vec<Node<'_>> = one.child_by_field_name("left").into_iter().collect();
        while let Some(target) = pending.pop() {
            match target.kind() {
                "pattern_list" | "tuple_pattern" | "list_pattern" => pending.extend(children(target)),
                _ => found.push(target),
            }
        }
        current = one.child_by_field_name("right");
    }
    found
}

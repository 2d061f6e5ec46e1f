//! What JavaScript and TypeScript modules export, through re-exports, as names with the text of what they are.

use super::model::{Change, Counts, MAX_DEPTH, MAX_NAMES, Sources};
use super::plain::{Item, Items, Parameter, differ};
use crate::support::Outcome;
use crate::support::ecma;
use crate::support::language::{Engine, Language};
use crate::support::packages::{Packages, Paths, Target, file_name, folder};
use oxc_ast::ast::{
    BindingPattern, Class, ClassElement, Declaration, ExportDefaultDeclarationKind, Expression, FormalParameters,
    Function, ImportDeclarationSpecifier, MethodDefinitionKind, PropertyKey, Statement, TSAccessibility,
    TSNamespaceDeclarationBody, TSSignature, TSType,
};
use oxc_span::{GetSpan, Span};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Most names that are handed from module to module in one version: circles of re-exports can ask for far more.
const MAX_HANDED: usize = 1_000_000;

/// Compares two versions.
pub(super) fn compare(before: &Sources<'_>, after: &Sources<'_>, changes: &mut Vec<Change>) -> Counts {
    let mut counts = Counts::default();
    let old = Project::read(before, &mut counts.broken).items();
    let new = Project::read(after, &mut counts.broken).items();
    differ(&old, &new, changes);
    counts.before = old.len();
    counts.after = new.len();
    counts
}

// What a module or a namespace declares and exports.
#[derive(Debug, Default)]
struct Scope {
    // Declarations of one name: values and types, overloads, merged interfaces.
    declared: BTreeMap<String, Vec<Declared>>,
    // Exported names by what they are here.
    local: BTreeMap<String, String>,
    // Exported names by module and the name there; an empty name is the whole module.
    from: BTreeMap<String, (String, String)>,
    stars: Vec<String>,
    imports: BTreeMap<String, (String, String)>,
    spaces: BTreeMap<String, Scope>,
    // Whether an `export` of it stands alone, so that what is declared without one stays inside.
    exports: bool,
}

#[derive(Debug)]
struct Declared {
    item: Item,
    members: Vec<(String, Item)>,
}

#[derive(Debug, Default)]
struct Project {
    paths: Paths,
    packages: Packages,
    modules: BTreeMap<usize, Scope>,
    names: BTreeMap<usize, String>,
    // Of each module: which of the modules that it hands on has a name.
    handed: RefCell<BTreeMap<usize, Rc<BTreeMap<String, usize>>>>,
    lookups: Cell<usize>,
}

impl Project {
    fn read(sources: &Sources<'_>, broken: &mut Vec<String>) -> Self {
        let mut project = Self::default();
        for (number, source) in sources.iter().enumerate() {
            match file_name(&source.path) {
                "package.json" => project.packages.declared(folder(&source.path), source.text),
                "tsconfig.json" => project.packages.configured(folder(&source.path), source.text),
                _ => {}
            }
            project.paths.insert(source.path.clone(), number);
            project.names.insert(number, source.path.clone());
            let Some(Engine::Oxc(kind)) = Language::of_path(&source.path).map(Language::engine) else { continue };
            let ambient = [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| source.path.ends_with(ending));
            let read = ecma::with_program(kind, source.text, |program| {
                let reader = Reader { source: source.text, file: source.at, ambient };
                reader.scope(&program.body, ambient, 0)
            });
            match read {
                Ok((outcome, scope)) => {
                    if matches!(outcome, Outcome::Broken(_)) {
                        broken.push(format!("{} where it does not parse", source.shown));
                    }
                    project.modules.insert(number, scope);
                }
                Err(_) => broken.push(format!("{}, which is not read", source.shown)),
            }
        }
        project.packages.sort();
        project
    }

    // The files whose exports are the API: those a manifest names, else index files, else all.
    fn entries(&self) -> Vec<usize> {
        let is_module = |at: &usize| self.modules.contains_key(at);
        let mut entries: BTreeSet<usize> = self.packages.entries(&self.paths).into_iter().filter(is_module).collect();
        // A manifest that names scripts and their declarations names the same thing twice.
        let declares = |at: &usize| self.names.get(at).is_some_and(|path| path.contains(".d."));
        if entries.iter().any(declares) {
            entries.retain(declares);
        }
        if entries.is_empty() {
            let depth = |path: &str| path.matches('/').count();
            let is_index = |at: &&usize| self.names.get(*at).is_some_and(|path| file_name(path).starts_with("index."));
            let indices: Vec<usize> = self.modules.keys().filter(is_index).copied().collect();
            let least = indices.iter().filter_map(|at| self.names.get(at)).map(|path| depth(path)).min();
            let top = |at: &usize| self.names.get(at).map(|path| depth(path)) == least;
            entries.extend(indices.into_iter().filter(top));
        }
        if entries.is_empty() {
            entries.extend(self.modules.keys());
        }
        entries.into_iter().collect()
    }

    fn items(&self) -> Items {
        let mut items = Items::new();
        let entries = self.entries();
        let many = entries.len() > 1;
        for at in entries {
            let path = self.names.get(&at).map_or("", String::as_str);
            let stem = path.split(".d.").next().unwrap_or(path);
            let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
            let prefix = if many { format!("{stem}:") } else { String::new() };
            self.export(at, &prefix, &mut items, &mut vec![at]);
        }
        items
    }

    // Names what a module exports under a prefix.
    fn export(&self, at: usize, prefix: &str, items: &mut Items, within: &mut Vec<usize>) {
        let mut names = BTreeSet::new();
        self.exported(at, &mut names, &mut BTreeSet::new());
        for name in names {
            self.name(at, &name, &format!("{prefix}{name}"), items, within);
        }
    }

    fn exported(&self, at: usize, names: &mut BTreeSet<String>, seen: &mut BTreeSet<usize>) {
        let Some(scope) = self.modules.get(&at).filter(|_| seen.insert(at) && seen.len() < MAX_NAMES) else { return };
        self.lookups.set(self.lookups.get() + 1 + scope.local.len() + scope.from.len());
        if self.lookups.get() > MAX_HANDED {
            return;
        }
        names.extend(scope.local.keys().chain(scope.from.keys()).cloned());
        for star in &scope.stars {
            for inner in self.leads(at, star) {
                let mut more = BTreeSet::new();
                // Depth is bounded by `seen`, and by how long a chain of re-exports anyone writes.
                if seen.len() < MAX_DEPTH * MAX_DEPTH {
                    self.exported(inner, &mut more, seen);
                }
                more.remove("default");
                names.extend(more);
            }
        }
    }

    fn leads(&self, at: usize, target: &str) -> Vec<usize> {
        let path = self.names.get(&at).map_or("", String::as_str);
        match self.packages.resolve(path, target, &self.paths) {
            Target::Files(files) => files.into_iter().filter(|file| self.modules.contains_key(file)).collect(),
            _ => Vec::new(),
        }
    }

    // Names one export of a module.
    fn name(&self, at: usize, name: &str, path: &str, items: &mut Items, within: &mut Vec<usize>) {
        let Some(scope) = self.modules.get(&at) else { return };
        if within.len() > MAX_DEPTH || items.len() >= MAX_NAMES {
            return;
        }
        if let Some(local) = scope.local.get(name) {
            if scope.declared.contains_key(local) || scope.spaces.contains_key(local) {
                emit(scope, local, path, items, 0);
                return;
            }
            if let Some((source, of)) = scope.imports.get(local) {
                return self.named_from(at, source, of, path, items, within);
            }
        }
        if let Some((source, of)) = scope.from.get(name) {
            return self.named_from(at, source, of, path, items, within);
        }
        let inner = self.handed(at, scope).get(name).copied().filter(|inner| !within.contains(inner));
        if let Some(inner) = inner {
            within.push(inner);
            self.name(inner, name, path, items, within);
            within.pop();
        }
    }

    fn handed(&self, at: usize, scope: &Scope) -> Rc<BTreeMap<String, usize>> {
        if let Some(known) = self.handed.borrow().get(&at) {
            return Rc::clone(known);
        }
        let mut found = BTreeMap::new();
        for inner in scope.stars.iter().flat_map(|star| self.leads(at, star)) {
            let mut names = BTreeSet::new();
            self.exported(inner, &mut names, &mut BTreeSet::from([at]));
            for name in names {
                found.entry(name).or_insert(inner);
            }
        }
        let found = Rc::new(found);
        self.handed.borrow_mut().insert(at, Rc::clone(&found));
        found
    }

    fn named_from(&self, at: usize, source: &str, of: &str, path: &str, items: &mut Items, within: &mut Vec<usize>) {
        let files = self.leads(at, source);
        let Some(inner) = files.first().copied() else {
            // From a package outside: it stays as long as it names the same.
            items.entry(path.to_owned()).or_insert_with(|| outside(source, of));
            return;
        };
        if within.iter().filter(|one| **one == inner).count() > 1 {
            return;
        }
        within.push(inner);
        if of.is_empty() {
            self.export(inner, &format!("{path}."), items, within);
        } else {
            self.name(inner, of, path, items, within);
        }
        within.pop();
    }
}

fn outside(source: &str, of: &str) -> Item {
    Item {
        kind: "re-export",
        file: 0,
        span: 0..0,
        signature: format!("{source}:{of}"),
        parameters: None,
        required: false,
        owner: String::new(),
    }
}

// Names a declaration of a scope and what belongs to it.
fn emit(scope: &Scope, local: &str, path: &str, items: &mut Items, depth: usize) {
    let owner = path.rsplit_once('.').map_or("", |(owner, _)| owner);
    let owner = if items.contains_key(owner) { owner.to_owned() } else { String::new() };
    let all = scope.declared.get(local).map(Vec::as_slice).unwrap_or_default();
    // A type and a value of one name are two names.
    let is_type = |one: &&Declared| matches!(one.item.kind, "interface" | "type");
    let values: Vec<&Declared> = all.iter().filter(|one| !is_type(one)).collect();
    let types: Vec<&Declared> = all.iter().filter(is_type).collect();
    let apart = !values.is_empty() && !types.is_empty();
    for (group, path) in
        [(&values, path.to_owned()), (&types, if apart { format!("{path} (type)") } else { path.to_owned() })]
    {
        let Some(first) = group.first() else { continue };
        let mut item = first.item.clone();
        item.owner.clone_from(&owner);
        // Overloads are told as one.
        if group.len() > 1 && item.kind == "function" {
            let texts: Vec<String> = group.iter().map(|one| written(&one.item)).collect();
            item.signature = texts.join("; ");
            item.parameters = None;
        }
        items.entry(path.clone()).or_insert(item);
        let mut overloads: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
        for (name, member) in group.iter().flat_map(|one| &one.members) {
            overloads.entry(name.clone()).or_default().push(member);
        }
        for (name, several) in overloads {
            let Some(first) = several.first() else { continue };
            let mut member = (*first).clone();
            member.owner.clone_from(&path);
            if several.len() > 1 {
                let texts: Vec<String> = several.iter().map(|one| written(one)).collect();
                member.signature = texts.join("; ");
                member.parameters = None;
            }
            if items.len() < MAX_NAMES {
                items.entry(format!("{path}.{name}")).or_insert(member);
            }
        }
    }
    if let Some(space) = scope.spaces.get(local).filter(|_| depth < MAX_DEPTH) {
        for (name, inner) in &space.local {
            emit(space, inner, &format!("{path}.{name}"), items, depth + 1);
        }
    }
}

fn written(item: &Item) -> String {
    let list = item.parameters.iter().flatten().map(|one| format!("{}{}", one.of, if one.optional { "?" } else { "" }));
    format!("({}){}", list.collect::<Vec<_>>().join(","), item.signature)
}

struct Reader<'s> {
    source: &'s str,
    file: usize,
    ambient: bool,
}

impl Reader<'_> {
    fn scope(&self, body: &[Statement<'_>], ambient: bool, depth: usize) -> Scope {
        let mut scope = Scope::default();
        if depth > MAX_DEPTH {
            return scope;
        }
        for statement in body {
            self.statement(statement, &mut scope, depth);
        }
        // Without an `export` of its own, all of a namespace in a declaration is offered.
        if ambient && depth > 0 && !scope.exports {
            let names: Vec<String> = scope.declared.keys().chain(scope.spaces.keys()).cloned().collect();
            scope.local.extend(names.into_iter().map(|name| (name.clone(), name)));
        }
        scope
    }

    fn statement(&self, statement: &Statement<'_>, scope: &mut Scope, depth: usize) {
        match statement {
            Statement::ImportDeclaration(it) => {
                for one in it.specifiers.iter().flatten() {
                    let (local, of) = match one {
                        ImportDeclarationSpecifier::ImportSpecifier(one) => {
                            (one.local.name.to_string(), one.imported.name().to_string())
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                            (one.local.name.to_string(), "default".to_owned())
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                            (one.local.name.to_string(), String::new())
                        }
                    };
                    scope.imports.insert(local, (it.source.value.to_string(), of));
                }
            }
            Statement::ExportAllDeclaration(it) => match &it.exported {
                Some(name) => {
                    scope.from.insert(name.name().to_string(), (it.source.value.to_string(), String::new()));
                }
                None => scope.stars.push(it.source.value.to_string()),
            },
            Statement::ExportFromDeclaration(it) => {
                for one in &it.specifiers {
                    let of = (it.source.value.to_string(), one.local.name().to_string());
                    scope.from.insert(one.exported.name().to_string(), of);
                }
            }
            Statement::ExportNamedDeclaration(it) => {
                scope.exports = true;
                for one in &it.specifiers {
                    scope.local.insert(one.exported.name().to_string(), one.local.name().to_string());
                }
            }
            Statement::ExportDeclaration(it) => {
                for name in self.declaration(&it.declaration, scope, depth) {
                    scope.local.insert(name.clone(), name);
                }
            }
            Statement::ExportDefaultDeclaration(it) => self.default(&it.declaration, it.span, scope),
            Statement::TSExportAssignment(it) => {
                if let Expression::Identifier(name) = &it.expression {
                    scope.local.insert("export =".to_owned(), name.name.to_string());
                }
            }
            other => {
                if let Some(declaration) = other.as_declaration() {
                    self.declaration(declaration, scope, depth);
                }
            }
        }
    }

    fn default(&self, declaration: &ExportDefaultDeclarationKind<'_>, span: Span, scope: &mut Scope) {
        let own = "default".to_owned();
        let declared = match declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(it) => self.function(it, it.span),
            ExportDefaultDeclarationKind::ClassDeclaration(it) => self.class(it),
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(it) => {
                let head = self.text(Span::new(it.id.span.end, it.body.span.start));
                self.with_members(self.item("interface", it.id.span, head), &it.body.body)
            }
            ExportDefaultDeclarationKind::Identifier(name) => {
                scope.local.insert(own, name.name.to_string());
                return;
            }
            other => other.as_expression().map_or_else(
                || plain(self.item("variable", span, String::new())),
                |value| self.value(value, span, None),
            ),
        };
        scope.declared.entry(own.clone()).or_default().push(declared);
        scope.local.insert(own.clone(), own);
    }

    // Takes a declaration; the names it gives.
    fn declaration(&self, declaration: &Declaration<'_>, scope: &mut Scope, depth: usize) -> Vec<String> {
        let (name, declared) = match declaration {
            Declaration::VariableDeclaration(it) => {
                let mut names = Vec::new();
                for one in &it.declarations {
                    let annotation = one.type_annotation.as_ref().map(|of| self.text(of.type_annotation.span()));
                    if let (BindingPattern::BindingIdentifier(id), init) = (&one.id, &one.init) {
                        let declared = match init {
                            Some(init) => self.value(init, id.span, annotation),
                            None => plain(self.item("variable", id.span, annotation.unwrap_or_default())),
                        };
                        scope.declared.entry(id.name.to_string()).or_default().push(declared);
                        names.push(id.name.to_string());
                        continue;
                    }
                    for id in one.id.get_binding_identifiers() {
                        let item = self.item("variable", id.span, String::new());
                        scope.declared.entry(id.name.to_string()).or_default().push(plain(item));
                        names.push(id.name.to_string());
                    }
                }
                return names;
            }
            Declaration::FunctionDeclaration(it) => {
                let Some(id) = &it.id else { return Vec::new() };
                (id.name.to_string(), self.function(it, id.span))
            }
            Declaration::ClassDeclaration(it) => {
                let Some(id) = &it.id else { return Vec::new() };
                (id.name.to_string(), self.class(it))
            }
            Declaration::TSTypeAliasDeclaration(it) => {
                let head = it.type_parameters.as_ref().map(|of| self.text(of.span)).unwrap_or_default();
                let declared = match &it.type_annotation {
                    TSType::TSTypeLiteral(literal) => {
                        self.with_members(self.item("type", it.id.span, head), &literal.members)
                    }
                    other => plain(self.item("type", it.id.span, format!("{head}{}", self.text(other.span())))),
                };
                (it.id.name.to_string(), declared)
            }
            Declaration::TSInterfaceDeclaration(it) => {
                let head = self.text(Span::new(it.id.span.end, it.body.span.start));
                (it.id.name.to_string(), self.with_members(self.item("interface", it.id.span, head), &it.body.body))
            }
            Declaration::TSEnumDeclaration(it) => {
                let head = if it.r#const { "const" } else { "" };
                let members = it.body.members.iter().map(|one| {
                    let value = one.initializer.as_ref().map(|value| self.text(value.span())).unwrap_or_default();
                    (
                        self.text(one.id.span()).trim_matches(['"', '\'']).to_owned(),
                        self.item("member", one.span, value),
                    )
                });
                (
                    it.id.name.to_string(),
                    Declared { item: self.item("enum", it.id.span, head.to_owned()), members: members.collect() },
                )
            }
            Declaration::TSNamespaceDeclaration(it) => {
                let mut body = &it.body;
                let mut path = Vec::new();
                while let TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) = body {
                    path.push(inner.id.name.to_string());
                    body = &inner.body;
                }
                let TSNamespaceDeclarationBody::TSModuleBlock(block) = body else { return Vec::new() };
                let mut inner = self.scope(&block.body, self.ambient || it.declare, depth + 1);
                for name in path.into_iter().rev().take(MAX_DEPTH) {
                    let local = BTreeMap::from([(name.clone(), name.clone())]);
                    inner = Scope { local, spaces: BTreeMap::from([(name, inner)]), ..Scope::default() };
                }
                let name = it.id.name.to_string();
                let known = scope.spaces.entry(name.clone()).or_default();
                known.declared.extend(inner.declared);
                known.local.extend(inner.local);
                known.spaces.extend(inner.spaces);
                if !scope.declared.contains_key(&name) {
                    let item = self.item("namespace", it.id.span, String::new());
                    scope.declared.insert(name.clone(), vec![plain(item)]);
                }
                return vec![name];
            }
            _ => return Vec::new(),
        };
        let known = scope.declared.entry(name.clone()).or_default();
        known.retain(|one| one.item.kind != "namespace");
        // The body of overloads is none of them.
        let is_body = |it: &Function<'_>| it.body.is_some();
        let hides = matches!(declaration, Declaration::FunctionDeclaration(it) if is_body(it));
        if !(hides && known.iter().any(|one| one.item.kind == "function")) {
            known.push(declared);
        }
        vec![name]
    }

    fn text(&self, span: Span) -> String {
        squeezed(self.source.get(span.start as usize..span.end as usize).unwrap_or_default())
    }

    fn item(&self, kind: &'static str, at: Span, signature: String) -> Item {
        let span = at.start as usize..at.end as usize;
        Item { kind, file: self.file, span, signature, parameters: None, required: false, owner: String::new() }
    }

    // What a variable holds, as far as it is written.
    fn value(&self, value: &Expression<'_>, at: Span, annotation: Option<String>) -> Declared {
        match value {
            _ if annotation.is_some() => plain(self.item("variable", at, annotation.unwrap_or_default())),
            Expression::ArrowFunctionExpression(it) => {
                let returns = it.return_type.as_ref().map(|of| self.text(of.span)).unwrap_or_default();
                let item = self.item("function", at, returns);
                plain(Item { parameters: Some(self.parameters(&it.params)), ..item })
            }
            Expression::FunctionExpression(it) => self.function(it, at),
            Expression::ClassExpression(it) => self.class(it),
            Expression::StringLiteral(_) | Expression::NumericLiteral(_) | Expression::BooleanLiteral(_)
                if self.source.contains("declare ") =>
            {
                plain(self.item("variable", at, self.text(value.span())))
            }
            _ => plain(self.item("variable", at, String::new())),
        }
    }

    fn function(&self, it: &Function<'_>, at: Span) -> Declared {
        let generics = it.type_parameters.as_ref().map(|of| self.text(of.span)).unwrap_or_default();
        let returns = it.return_type.as_ref().map(|of| self.text(of.span)).unwrap_or_default();
        let item = self.item("function", it.id.as_ref().map_or(at, |id| id.span), format!("{generics}{returns}"));
        plain(Item { parameters: Some(self.parameters(&it.params)), ..item })
    }

    fn parameters(&self, list: &FormalParameters<'_>) -> Vec<Parameter> {
        let mut found: Vec<Parameter> = list
            .items
            .iter()
            .map(|one| Parameter {
                of: one.type_annotation.as_ref().map(|of| self.text(of.type_annotation.span())).unwrap_or_default(),
                optional: one.optional || one.initializer.is_some(),
            })
            .collect();
        found.extend(list.rest.as_ref().map(|rest| {
            let of = rest.type_annotation.as_ref().map(|of| self.text(of.type_annotation.span()));
            Parameter { of: format!("...{}", of.unwrap_or_default()), optional: true }
        }));
        found
    }

    fn key(&self, key: &PropertyKey<'_>) -> Option<String> {
        match key {
            PropertyKey::PrivateIdentifier(_) => None,
            other => Some(self.text(other.span()).trim_matches(['"', '\'']).to_owned()),
        }
    }

    fn class(&self, it: &Class<'_>) -> Declared {
        let start = it.id.as_ref().map_or(it.span.start, |id| id.span.end);
        let mut head = self.text(Span::new(start, it.body.span.start));
        if it.id.is_none() {
            head = head.trim_start_matches("class").to_owned();
        }
        if let Some(at) = head.find("implements ") {
            head.truncate(at);
        }
        let item = self.item(
            "class",
            it.id.as_ref().map_or(it.span, |id| id.span),
            format!("{}{}", if it.r#abstract { "abstract " } else { "" }, head.trim()),
        );
        let mut members = Vec::new();
        for member in &it.body.body {
            let hidden = |access: Option<TSAccessibility>| access == Some(TSAccessibility::Private);
            match member {
                ClassElement::MethodDefinition(one) if !hidden(one.accessibility) => {
                    let Some(key) = self.key(&one.key) else { continue };
                    let key = if one.r#static { format!("static {key}") } else { key };
                    let inner = self.function(&one.value, one.key.span()).item;
                    let abstracts = one.r#type == oxc_ast::ast::MethodDefinitionType::TSAbstractMethodDefinition;
                    let kind = match one.kind {
                        MethodDefinitionKind::Get | MethodDefinitionKind::Set => "property",
                        MethodDefinitionKind::Constructor => "constructor",
                        MethodDefinitionKind::Method => "method",
                    };
                    if one.kind == MethodDefinitionKind::Constructor {
                        for parameter in one
                            .value
                            .params
                            .items
                            .iter()
                            .filter(|one| one.accessibility.is_some() && !hidden(one.accessibility))
                        {
                            if let BindingPattern::BindingIdentifier(id) = &parameter.pattern {
                                let of =
                                    parameter.type_annotation.as_ref().map(|of| self.text(of.type_annotation.span()));
                                members.push((
                                    id.name.to_string(),
                                    self.item("property", id.span, of.unwrap_or_default()),
                                ));
                            }
                        }
                    }
                    if kind == "property" {
                        // A property that can be read and set is one name.
                        let of =
                            if one.kind == MethodDefinitionKind::Get { inner.signature } else { continue_with(&inner) };
                        if !members.iter().any(|(known, _)| known == &key) {
                            members.push((
                                key,
                                self.item("property", one.key.span(), of.trim_start_matches(':').to_owned()),
                            ));
                        }
                        continue;
                    }
                    // The body of overloads is none of them.
                    if one.value.body.is_some() && members.iter().any(|(known, _)| known == &key) {
                        continue;
                    }
                    let signature = format!(
                        "{}{}{}",
                        access(one.accessibility),
                        if one.optional { "?" } else { "" },
                        inner.signature
                    );
                    members.push((
                        key,
                        Item { kind, signature, required: abstracts, span: range(one.key.span()), ..inner },
                    ));
                }
                ClassElement::PropertyDefinition(one) if !hidden(one.accessibility) => {
                    let Some(key) = self.key(&one.key) else { continue };
                    let key = if one.r#static { format!("static {key}") } else { key };
                    let of =
                        one.type_annotation.as_ref().map(|of| self.text(of.type_annotation.span())).unwrap_or_default();
                    let words = format!(
                        "{}{}{}",
                        access(one.accessibility),
                        if one.readonly { "readonly " } else { "" },
                        if one.optional { "?" } else { "" }
                    );
                    let abstracts = one.r#type == oxc_ast::ast::PropertyDefinitionType::TSAbstractPropertyDefinition;
                    let item = self.item("property", one.key.span(), format!("{words}{of}"));
                    members.push((key, Item { required: abstracts, ..item }));
                }
                ClassElement::TSIndexSignature(one) => {
                    members.push(("[index]".to_owned(), self.item("signature", one.span, self.text(one.span))));
                }
                _ => {}
            }
        }
        Declared { item, members }
    }

    fn with_members(&self, item: Item, list: &[TSSignature<'_>]) -> Declared {
        let mut members = Vec::new();
        for one in list {
            match one {
                TSSignature::TSPropertySignature(it) => {
                    let Some(key) = self.key(&it.key) else { continue };
                    let of =
                        it.type_annotation.as_ref().map(|of| self.text(of.type_annotation.span())).unwrap_or_default();
                    let words =
                        format!("{}{}", if it.readonly { "readonly " } else { "" }, if it.optional { "?" } else { "" });
                    let item = self.item("property", it.key.span(), format!("{words}{of}"));
                    members.push((key, Item { required: !it.optional, ..item }));
                }
                TSSignature::TSMethodSignature(it) => {
                    let Some(key) = self.key(&it.key) else { continue };
                    let generics = it.type_parameters.as_ref().map(|of| self.text(of.span)).unwrap_or_default();
                    let returns = it.return_type.as_ref().map(|of| self.text(of.span)).unwrap_or_default();
                    let item = self.item(
                        "method",
                        it.key.span(),
                        format!("{}{generics}{returns}", if it.optional { "?" } else { "" }),
                    );
                    members.push((
                        key,
                        Item { parameters: Some(self.parameters(&it.params)), required: !it.optional, ..item },
                    ));
                }
                TSSignature::TSCallSignatureDeclaration(it) => {
                    members.push(("(call)".to_owned(), self.item("signature", it.span, self.text(it.span))));
                }
                TSSignature::TSConstructSignatureDeclaration(it) => {
                    members.push(("(new)".to_owned(), self.item("signature", it.span, self.text(it.span))));
                }
                TSSignature::TSIndexSignature(it) => {
                    members.push(("[index]".to_owned(), self.item("signature", it.span, self.text(it.span))));
                }
            }
        }
        Declared { item, members }
    }
}

const fn plain(item: Item) -> Declared {
    Declared { item, members: Vec::new() }
}

const fn access(access: Option<TSAccessibility>) -> &'static str {
    if matches!(access, Some(TSAccessibility::Protected)) { "protected " } else { "" }
}

const fn range(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

// What a setter takes.
fn continue_with(setter: &Item) -> String {
    setter.parameters.iter().flatten().next().map(|one| one.of.clone()).unwrap_or_default()
}

// A type's text without comments and layout, its members parted by commas.
fn squeezed(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut gap = false;
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"' | '\'');
    while let Some(next) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            gap = true;
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            gap = true;
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if next.is_whitespace() {
            gap = true;
            next.len_utf8()
        } else {
            let quoted = matches!(next, '"' | '\'' | '`');
            let length = if quoted { string_length(rest, next) } else { next.len_utf8() };
            if gap && is_word(next) && out.chars().next_back().is_some_and(is_word) {
                out.push(' ');
            }
            gap = false;
            if matches!(next, '}' | ')' | ']' | '>')
                && out.ends_with([',', ';'])
                && !(next == '>' && out.ends_with('='))
            {
                out.pop();
            }
            match next {
                ';' => out.push(','),
                // Which quotes a text stands in changes nothing.
                '\'' => {
                    let inner = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
                    out.extend(["\"", inner, "\""]);
                }
                _ => out.push_str(rest.get(..length).unwrap_or_default()),
            }
            length
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    // A union may begin with its sign.
    out.trim_start_matches('|').to_owned()
}

fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if sign == quote => return at + sign.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

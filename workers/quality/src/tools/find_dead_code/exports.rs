//! What the modules of a JavaScript or TypeScript project offer each other, and which of it nobody takes.

use crate::support::packages::{Packages, Paths, Target};
use octavo_toolkit::path::normal;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, BindingPattern, CallExpression, Declaration, ExportDefaultDeclarationKind, Expression,
    ImportDeclarationSpecifier, ModuleExportName, Program, Statement, TSTypeName,
};
use oxc_semantic::{NodeId, Semantic, SymbolId};
use oxc_span::{GetSpan, Span};
use oxc_syntax::symbol::SymbolFlags;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The name of a default export.
pub(super) const DEFAULT: &str = "default";

// What stands for all exports of a module, and for all but the default one.
const ALL: &str = "*";
const NAMED: &str = "**";

/// What a module offers.
#[derive(Debug, Clone)]
pub(super) struct Export {
    pub(super) name: String,
    pub(super) span: Span,
    /// Where it comes from, by specifier and name there; an empty name stands for the whole module.
    pub(super) source: Option<(String, String)>,
    pub(super) is_type: bool,
    /// Whether the module itself uses it.
    pub(super) used_inside: bool,
    /// Whether it belongs to others all the same: as a type in what else is exported, or by a tag of its documentation.
    kept: bool,
}

/// What a module takes of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Taken {
    Names(BTreeSet<String>),
    All,
}

/// A module as others see it.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) offers: Vec<Export>,
    /// Modules all of whose names it hands on.
    stars: Vec<String>,
    imports: Vec<(String, Taken)>,
    /// Whether its names are its own, as those of a plain script are not.
    pub(super) has_scope: bool,
    /// Names that it reads and nothing in it declares.
    pub(super) globals: BTreeSet<String>,
}

/// Reads a module.
pub(super) fn read(semantic: &Semantic<'_>, program: &Program<'_>) -> Module {
    let is_meant =
        |text: &str| text.starts_with("/**") && ["@public", "@beta", "@alias"].iter().any(|tag| text.contains(tag));
    let tagged = program.comments.iter().filter(|comment| is_meant(comment.span.source_text(program.source_text)));
    let tagged = tagged.map(|comment| comment.attached_to).collect();
    let mut reader = Reader { semantic, module: Module::default(), tagged, statement: Span::default() };
    for statement in &program.body {
        reader.statement(statement);
    }
    for node in semantic.nodes().iter() {
        match node.kind() {
            AstKind::ImportExpression(it) => {
                if let Some(source) = text_of(&it.source) {
                    let taken = reader.taken_by(node.id());
                    reader.module.imports.push((source, taken));
                }
            }
            AstKind::CallExpression(it) => {
                if let Some(source) = required(it) {
                    let taken = reader.taken_by(node.id());
                    reader.module.has_scope = true;
                    reader.module.imports.push((source, taken));
                }
            }
            AstKind::TSImportType(it) => reader.module.imports.push((it.source.value.to_string(), Taken::All)),
            AstKind::TSExternalModuleReference(it) => {
                reader.module.imports.push((it.expression.value.to_string(), Taken::All));
            }
            _ => {}
        }
    }
    for comment in &program.comments {
        let text = comment.span.source_text(program.source_text);
        reader.module.imports.extend(imported_in(text).map(|source| (source, Taken::All)));
        if let Some(path) = text.strip_prefix("///").and_then(|text| text.trim().strip_prefix("<reference path=")) {
            let path = path.trim_end_matches("/>").trim().trim_matches(['"', '\'']);
            reader.module.imports.push((format!("./{path}"), Taken::Names(BTreeSet::new())));
        }
    }
    let unresolved = semantic.scoping().root_unresolved_references();
    reader.module.globals = unresolved.keys().map(ToString::to_string).collect();
    reader.module.has_scope |= ["module", "exports"].iter().any(|name| reader.module.globals.contains(*name));
    reader.module
}

// Specifiers in types of a comment: `import('./a').B`.
fn imported_in(text: &str) -> impl Iterator<Item = String> {
    text.split("import(").skip(1).filter_map(|rest| {
        let sign = rest.chars().next().filter(|sign| matches!(sign, '\'' | '"'))?;
        rest.get(1..)?.split_once(sign).map(|(source, _)| source.to_owned())
    })
}

fn required(call: &CallExpression<'_>) -> Option<String> {
    let is_require = matches!(&call.callee, Expression::Identifier(name) if name.name == "require")
        || matches!(&call.callee, Expression::StaticMemberExpression(member)
            if member.object.is_specific_id("require") && member.property.name == "resolve"
            || member.object.is_specific_id("jest") || member.object.is_specific_id("vi"));
    match call.arguments.first() {
        Some(argument) if is_require => argument.as_expression().and_then(text_of),
        _ => None,
    }
}

fn text_of(expression: &Expression<'_>) -> Option<String> {
    match expression {
        Expression::StringLiteral(literal) => Some(literal.value.to_string()),
        Expression::TemplateLiteral(literal) => literal.single_quasi().map(|text| text.to_string()),
        _ => None,
    }
}

fn name_of(name: &ModuleExportName<'_>) -> String {
    name.name().to_string()
}

struct Reader<'s, 'a> {
    semantic: &'s Semantic<'a>,
    module: Module,
    // Where what is documented as public begins.
    tagged: BTreeSet<u32>,
    // The statement looked at.
    statement: Span,
}

impl Reader<'_, '_> {
    fn statement(&mut self, statement: &Statement<'_>) {
        self.statement = statement.span();
        match statement {
            Statement::ImportDeclaration(it) => {
                let mut names = BTreeSet::new();
                let mut all = false;
                for specifier in it.specifiers.iter().flatten() {
                    match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(one) => {
                            names.insert(name_of(&one.imported));
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => {
                            names.insert(DEFAULT.to_owned());
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                            match one.local.symbol_id.get().map(|symbol| self.members(symbol)) {
                                Some(Taken::Names(members)) => names.extend(members),
                                _ => all = true,
                            }
                        }
                    }
                }
                self.module.has_scope = true;
                let taken = if all { Taken::All } else { Taken::Names(names) };
                self.module.imports.push((it.source.value.to_string(), taken));
            }
            Statement::ExportAllDeclaration(it) => {
                let source = it.source.value.to_string();
                match &it.exported {
                    Some(name) => self.push(name_of(name), name.span(), Some((source, String::new())), false, false),
                    None => self.module.stars.push(source),
                }
            }
            Statement::ExportFromDeclaration(it) => {
                for one in &it.specifiers {
                    let source = Some((it.source.value.to_string(), name_of(&one.local)));
                    let is_type = it.export_kind.is_type() || one.export_kind.is_type();
                    self.push(name_of(&one.exported), one.exported.span(), source, is_type, false);
                }
                self.module.has_scope = true;
            }
            Statement::ExportNamedDeclaration(it) => {
                for one in &it.specifiers {
                    let symbol = match &one.local {
                        ModuleExportName::IdentifierReference(name) => {
                            name.reference_id.get().and_then(|id| self.semantic.scoping().get_reference(id).symbol_id())
                        }
                        _ => None,
                    };
                    let is_type = it.export_kind.is_type()
                        || one.export_kind.is_type()
                        || symbol.is_some_and(|symbol| self.is_type(symbol));
                    let inside = symbol.is_some_and(|symbol| self.count(symbol) > 1);
                    let source = symbol.and_then(|symbol| self.handed_on(symbol));
                    self.push(name_of(&one.exported), one.exported.span(), source, is_type, inside);
                    let kept = symbol.is_some_and(|symbol| self.is_in_interface(symbol));
                    self.module.offers.iter_mut().rev().take(1).for_each(|export| export.kept |= kept);
                }
                self.module.has_scope = true;
            }
            Statement::ExportDeclaration(it) => {
                let mut names = Vec::new();
                match &it.declaration {
                    Declaration::VariableDeclaration(it) => {
                        names.extend(it.declarations.iter().flat_map(|one| one.id.get_binding_identifiers()));
                    }
                    other => names.extend(other.id()),
                }
                for name in names {
                    let symbol = name.symbol_id.get();
                    let is_type = symbol.is_some_and(|symbol| self.is_type(symbol));
                    let inside = symbol.is_some_and(|symbol| self.count(symbol) > 0);
                    // Overloads are one name.
                    if !self.module.offers.iter().any(|known| known.name == name.name.as_str()) {
                        self.push(name.name.to_string(), name.span, None, is_type, inside);
                        let kept = symbol.is_some_and(|symbol| self.is_in_interface(symbol));
                        self.module.offers.iter_mut().rev().take(1).for_each(|export| export.kept |= kept);
                    }
                }
                self.module.has_scope = true;
            }
            Statement::ExportDefaultDeclaration(it) => {
                let id = match &it.declaration {
                    ExportDefaultDeclarationKind::FunctionDeclaration(function) => function.id.as_ref(),
                    ExportDefaultDeclarationKind::ClassDeclaration(class) => class.id.as_ref(),
                    _ => None,
                };
                let inside = id.and_then(|id| id.symbol_id.get()).is_some_and(|symbol| self.count(symbol) > 0);
                let is_type = matches!(it.declaration, ExportDefaultDeclarationKind::TSInterfaceDeclaration(_));
                let span = Span::new(it.span.start, it.span.start + 14);
                self.push(DEFAULT.to_owned(), span, None, is_type, inside);
            }
            Statement::TSExportAssignment(_) => self.module.has_scope = true,
            _ => {}
        }
    }

    fn push(&mut self, name: String, span: Span, source: Option<(String, String)>, is_type: bool, used_inside: bool) {
        self.module.has_scope = true;
        let kept = self.tagged.contains(&self.statement.start);
        self.module.offers.push(Export { name, span, source, is_type, used_inside, kept });
    }

    // Whether something else that is exported names it as a type.
    fn is_in_interface(&self, symbol: SymbolId) -> bool {
        let nodes = self.semantic.nodes();
        let kinds = SymbolFlags::Class | SymbolFlags::Function | SymbolFlags::Enum;
        self.semantic.scoping().symbol_flags(symbol).intersects(kinds)
            && self.semantic.scoping().get_resolved_references(symbol).any(|reference| {
                matches!(nodes.parent_kind(reference.node_id()), AstKind::TSTypeReference(_) | AstKind::TSTypeQuery(_))
                    && nodes.ancestor_kinds(reference.node_id()).any(|kind| {
                        matches!(kind, AstKind::ExportDeclaration(_) | AstKind::ExportDefaultDeclaration(_))
                            && kind.span() != self.statement
                    })
            })
    }

    fn is_type(&self, symbol: SymbolId) -> bool {
        let flags = self.semantic.scoping().symbol_flags(symbol);
        flags.is_type() && !flags.is_value()
    }

    fn count(&self, symbol: SymbolId) -> usize {
        self.semantic.scoping().get_resolved_reference_ids(symbol).len()
    }

    // Of an import that is exported again: where it comes from.
    fn handed_on(&self, symbol: SymbolId) -> Option<(String, String)> {
        let nodes = self.semantic.nodes();
        let declaration = self.semantic.scoping().symbol_declaration(symbol);
        let name = match nodes.kind(declaration) {
            AstKind::ImportSpecifier(one) => name_of(&one.imported),
            AstKind::ImportDefaultSpecifier(_) => DEFAULT.to_owned(),
            AstKind::ImportNamespaceSpecifier(_) => String::new(),
            _ => return None,
        };
        let AstKind::ImportDeclaration(import) = nodes.parent_kind(declaration) else { return None };
        Some((import.source.value.to_string(), name))
    }

    // Which members of a whole module are taken.
    fn members(&self, symbol: SymbolId) -> Taken {
        let mut names = BTreeSet::new();
        for reference in self.semantic.scoping().get_resolved_references(symbol) {
            match self.of_whole(reference.node_id()) {
                Taken::Names(more) => names.extend(more),
                Taken::All => return Taken::All,
            }
        }
        Taken::Names(names)
    }

    // What is taken of the module that an expression stands for.
    fn of_whole(&self, node: NodeId) -> Taken {
        let nodes = self.semantic.nodes();
        let own = nodes.kind(node).span();
        let one = |name: &str| Taken::Names(BTreeSet::from([name.to_owned()]));
        match nodes.parent_kind(node) {
            AstKind::StaticMemberExpression(it) if it.object.span() == own => one(&it.property.name),
            AstKind::ComputedMemberExpression(it) if it.object.span() == own => {
                text_of(&it.expression).map_or(Taken::All, |name| one(&name))
            }
            AstKind::TSQualifiedName(it) if matches!(&it.left, TSTypeName::IdentifierReference(_)) => {
                one(&it.right.name)
            }
            AstKind::JSXMemberExpression(it) => one(&it.property.name),
            AstKind::VariableDeclarator(it) => pattern_names(&it.id),
            _ => Taken::All,
        }
    }

    // What is taken by `await import(…)` and `require(…)`.
    fn taken_by(&self, node: NodeId) -> Taken {
        let nodes = self.semantic.nodes();
        let parent = nodes.parent_id(node);
        match nodes.kind(parent) {
            AstKind::AwaitExpression(_) => self.of_whole(parent),
            AstKind::StaticMemberExpression(it) if it.property.name == "then" => {
                let AstKind::CallExpression(call) = nodes.parent_kind(parent) else { return Taken::All };
                let parameters = match call.arguments.first() {
                    Some(Argument::ArrowFunctionExpression(function)) => &function.params,
                    Some(Argument::FunctionExpression(function)) => &function.params,
                    _ => return Taken::All,
                };
                let Some(first) = parameters.items.first() else { return Taken::Names(BTreeSet::new()) };
                match (&first.pattern, first.pattern.get_binding_identifiers().as_slice()) {
                    (BindingPattern::BindingIdentifier(name), _) => {
                        name.symbol_id.get().map_or(Taken::All, |symbol| self.members(symbol))
                    }
                    (pattern, _) => pattern_names(pattern),
                }
            }
            AstKind::ExpressionStatement(_) => Taken::Names(BTreeSet::new()),
            // A module of the older kind is a value as a whole.
            AstKind::VariableDeclarator(it) => match &it.id {
                BindingPattern::BindingIdentifier(name) => {
                    name.symbol_id.get().map_or(Taken::All, |symbol| self.members(symbol))
                }
                pattern => pattern_names(pattern),
            },
            _ => self.of_whole(node),
        }
    }
}

fn pattern_names(pattern: &BindingPattern<'_>) -> Taken {
    let BindingPattern::ObjectPattern(object) = pattern else { return Taken::All };
    if object.rest.is_some() {
        return Taken::All;
    }
    let names = object.properties.iter().map(|property| property.key.static_name().map(|name| name.to_string()));
    names.collect::<Option<BTreeSet<String>>>().map_or(Taken::All, Taken::Names)
}

/// What nobody takes.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Exports, by file and their place among its exports.
    pub(super) exports: Vec<(usize, usize)>,
    /// Files that nothing leads to from the entries.
    pub(super) files: Vec<usize>,
}

/// Finds what nobody takes, of modules by the number of their file. What entries offer is taken from outside; with `rooted`, the
/// entries are all there are, and a file to which none leads is left.
pub(super) fn left(
    modules: &BTreeMap<usize, Module>,
    entries: &BTreeSet<usize>,
    packages: &Packages,
    paths: &Paths,
    rooted: bool,
) -> Left {
    let resolve = |from: usize, source: &str| match packages.resolve(paths.path(from), source, paths) {
        Target::Files(files) => files.first().copied().filter(|file| modules.contains_key(file)),
        _ => None,
    };
    let mut leads: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (at, module) in modules {
        let sources = module.imports.iter().map(|(source, _)| source).chain(&module.stars);
        let sources =
            sources.chain(module.offers.iter().filter_map(|one| one.source.as_ref().map(|(source, _)| source)));
        leads.entry(*at).or_default().extend(sources.filter_map(|source| resolve(*at, source)));
    }
    let mut found = Left::default();
    if rooted {
        let mut reached = entries.clone();
        let mut queue: VecDeque<usize> = entries.iter().copied().collect();
        while let Some(at) = queue.pop_front() {
            let next = leads.get(&at).into_iter().flatten().copied();
            queue.extend(next.filter(|to| reached.insert(*to)));
        }
        found.files = modules.keys().copied().filter(|at| !reached.contains(at)).collect();
    }
    let mut taking = Taking { modules, taken: BTreeSet::new(), queue: VecDeque::new() };
    // What a file takes that nothing leads to is not taken.
    for (at, module) in modules.iter().filter(|(at, _)| !found.files.contains(at)) {
        for (source, taken) in &module.imports {
            let Some(to) = resolve(*at, source) else { continue };
            match taken {
                Taken::All => taking.all(to),
                Taken::Names(names) => names.iter().for_each(|name| taking.take(to, name)),
            }
        }
    }
    let imported: BTreeSet<usize> =
        leads.iter().flat_map(|(from, to)| to.iter().filter(move |to| *to != from)).copied().collect();
    for at in modules.keys() {
        if entries.contains(at) || !rooted && !imported.contains(at) {
            taking.all(*at);
        }
    }
    while let Some((at, name)) = taking.queue.pop_front() {
        let Some(module) = modules.get(&at) else { continue };
        let mut own = false;
        let fits = |one: &Export| name == ALL || one.name == name || name == NAMED && one.name != DEFAULT;
        for export in module.offers.iter().filter(|one| fits(one)) {
            own = true;
            let Some((source, inner)) = &export.source else { continue };
            let Some(to) = resolve(at, source) else { continue };
            if inner.is_empty() { taking.all(to) } else { taking.take(to, inner) }
        }
        // A name that is not the module's own comes from one of those it hands on; a default export never does.
        let whole = matches!(name.as_str(), ALL | NAMED);
        if (!own || whole) && name != DEFAULT {
            for to in module.stars.iter().filter_map(|source| resolve(at, source)) {
                taking.take(to, if whole { NAMED } else { &name });
            }
        }
    }
    for (at, module) in modules {
        let taken = |name: &str| taking.taken.contains(&(*at, name.to_owned()));
        if taken(ALL) || found.files.contains(at) {
            continue;
        }
        let named = taken(NAMED);
        // What is only handed on is told where it comes from.
        let is_left =
            |one: &Export| !one.kept && one.source.is_none() && !taken(&one.name) && (!named || one.name == DEFAULT);
        let unused = module.offers.iter().enumerate().filter(|(_, one)| is_left(one));
        found.exports.extend(unused.map(|(number, _)| (*at, number)));
    }
    found
}

struct Taking<'m> {
    modules: &'m BTreeMap<usize, Module>,
    taken: BTreeSet<(usize, String)>,
    queue: VecDeque<(usize, String)>,
}

impl Taking<'_> {
    fn take(&mut self, at: usize, name: &str) {
        if self.modules.contains_key(&at) && self.taken.insert((at, name.to_owned())) {
            self.queue.push_back((at, name.to_owned()));
        }
    }

    fn all(&mut self, at: usize) {
        self.take(at, ALL);
    }
}

/// Whether a file is run or read by a tool rather than imported: tests, stories, configuration, types of what is not given.
pub(super) fn is_run_by_tools(path: &str) -> bool {
    let path = normal(path);
    let name = path.rsplit('/').next().unwrap_or(&path);
    let inner: Vec<&str> = name.split('.').collect();
    let within = |folders: &[&str]| path.split('/').rev().skip(1).any(|folder| folders.contains(&folder));
    let marks = ["test", "spec", "stories", "story", "config", "e2e", "bench", "d", "setup", "cy", "workspace"];
    inner.iter().skip(1).rev().skip(1).any(|part| marks.contains(part))
        || name.starts_with('.')
        || matches!(inner.first(), Some(&("gulpfile" | "Gruntfile" | "rollup" | "webpack")))
        || within(&[
            "test",
            "tests",
            "__tests__",
            "__mocks__",
            "__fixtures__",
            "spec",
            "e2e",
            "bench",
            "benchmarks",
            "examples",
            "scripts",
        ])
}

/// Whether a file is where a project begins, by its name alone.
pub(super) fn is_start(path: &str) -> bool {
    let path = normal(path);
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let stem = name.split('.').next().unwrap_or_default();
    matches!(stem, "index" | "main" | "cli" | "server" | "app")
        && (folder.is_empty() || folder.rsplit('/').next() == Some("src") || folder.rsplit('/').next() == Some("bin"))
}

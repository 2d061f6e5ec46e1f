//! What a JavaScript or TypeScript file imports and exports, by name, and what it does with namespaces it imports.
//!
//! Names are not resolved through scopes: a local variable of a namespace's name hides nothing, so more is taken for used, never
//! less.

mod commands;

use super::source_comments::read_comments;
use super::source_exports::{TypeNames, note_declaration, note_signature, read_exports};
use crate::support::module_format::{Unreadable, too_deep};
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    AssignmentExpression, BindingPattern, CallExpression, ExportDefaultDeclaration, ExportDefaultDeclarationKind,
    ExportSpecifier, Expression, ExpressionStatement, IdentifierReference, ImportExpression, JSXMemberExpression,
    JSXMemberExpressionObject, MemberExpression, ModuleExportName, NewExpression, ObjectPropertyKind, PropertyKey,
    Statement, TSExternalModuleDeclaration, TSImportEqualsDeclaration, TSImportType, TSModuleReference,
    TSQualifiedName, TSType, TSTypeName, TaggedTemplateExpression, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::{ParseOptions, Parser};
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::module_record::ImportImportName;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Deepest syntax tree walked; what is deeper imports nothing.
const MAX_WALK_DEPTH: usize = 1_000;

/// Names that an import takes from a module. `a.b` is the member `b` of an export `a`, `a.*` all of its members, and `a.?` a
/// type of that name, which takes no member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Names {
    /// All of them, or nobody knows which.
    All,
    /// These; none when it is loaded for its effects.
    Some(Vec<String>),
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) specifier: String,
    pub(super) span: Range<usize>,
    pub(super) names: Names,
    /// Of types alone.
    pub(super) is_type: bool,
    /// Whether the program goes on when it is missing, as in `require.resolve` within `try`.
    pub(super) is_soft: bool,
}

/// One export.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing of an export, and none excludes another")]
pub(super) struct Export {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    /// An interface or a type.
    pub(super) is_type: bool,
    /// Where it comes from, and under which name, when it is passed on: `*` for a namespace.
    pub(super) from: Option<(String, String)>,
    /// Marked as `@public`, `@beta` or `@alias`.
    pub(super) is_public: bool,
    /// Its name in the file.
    pub(super) local: String,
    /// The name of another export that it only repeats: `export const b = a`, `export default a`.
    pub(super) repeats: Option<String>,
    /// Whether it is declared and exported at once.
    pub(super) is_declared: bool,
    /// Of an enum or a namespace.
    pub(super) members: Vec<ExportMember>,
    pub(super) is_enum: bool,
}

/// A member of an exported enum or namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExportMember {
    /// With the names of namespaces around it.
    pub(super) name: String,
    pub(super) span: Range<usize>,
    pub(super) is_of_enum: bool,
}

/// What a file says.
#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<Export>,
    /// Modules whose exports are all passed on: `export * from`.
    pub(super) stars: Vec<String>,
    /// Members of its own enums and namespaces that it uses itself: `a.b`.
    pub(super) own: BTreeSet<String>,
    /// Local names used in the file beyond their declaration.
    pub(super) used_locals: BTreeSet<String>,
    /// The names that the statement of each exported name uses as types.
    pub(super) names_types: BTreeMap<String, BTreeSet<String>>,
    /// Classes that are given to a registry of elements.
    pub(super) registered: BTreeSet<String>,
    /// Patterns of `import.meta.glob`, those of a call together.
    pub(super) globs: Vec<Vec<String>>,
    /// Commands that are run by a shell.
    pub(super) commands: Vec<(String, Range<usize>)>,
}

/// The name an import takes that is handed on as a function which loads the module.
pub(super) const LOADED: &str = "default?";

/// Reads a file; its path tells the language.
pub(super) fn read(path: &str, text: &str) -> Result<Source, Unreadable> {
    let by_path = SourceType::from_path(path).unwrap_or_else(|_| SourceType::ts());
    // JSX stands in plain JavaScript too, and modules in scripts.
    let source_type = if by_path.is_javascript() { SourceType::unambiguous().with_jsx(true) } else { by_path };
    if let Some(at) = too_deep(text, source_type) {
        return Err(Unreadable::TooDeep(at));
    }
    let allocator = Allocator::default();
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, text, source_type).with_options(options).parse();
    if parsed.panicked {
        let label = parsed.diagnostics.iter().find_map(|diagnostic| diagnostic.labels.first());
        let at = label.map_or(0, |label| usize::try_from(label.offset()).unwrap_or_default());
        return Err(Unreadable::Syntax(at));
    }
    let mut reader = SourceReader::default();
    let record = &parsed.module_record;
    let mut types: BTreeSet<String> = BTreeSet::new();
    let mut members: BTreeMap<String, Vec<ExportMember>> = BTreeMap::new();
    for statement in &parsed.program.body {
        note_declaration(statement, text, &parsed.program.comments, &mut types, &mut members);
    }
    for name in members.keys() {
        reader.namespaces.insert(name.clone(), Namespace { is_own: true, ..Namespace::default() });
    }
    // Imports by name, those of one statement together.
    let mut by_request: BTreeMap<(u32, String), (Vec<String>, bool, Span)> = BTreeMap::new();
    for (specifier, requests) in &record.requested_modules {
        for request in requests {
            let key = (request.statement_span.start, specifier.to_string());
            by_request.entry(key).or_insert_with(|| (Vec::new(), true, request.span));
            reader.bare.insert((request.statement_span.start, specifier.to_string()), request.is_type);
        }
    }
    for entry in &record.import_entries {
        let specifier = entry.module_request.name.to_string();
        let key = (entry.statement_span.start, specifier.clone());
        let request = by_request.entry(key.clone()).or_insert_with(|| (Vec::new(), true, entry.module_request.span));
        request.1 &= entry.is_type;
        reader.bare.remove(&key);
        let imported = match &entry.import_name {
            ImportImportName::Name(name) => Some(name.name.to_string()),
            ImportImportName::Default(_) => Some("default".to_owned()),
            ImportImportName::NamespaceObject => None,
        };
        request.0.extend(imported.clone());
        let namespace = Namespace {
            specifier,
            span: range(entry.module_request.span),
            is_type: entry.is_type,
            statement: entry.statement_span.start,
            imported,
            ..Namespace::default()
        };
        reader.namespaces.insert(entry.local_name.name.to_string(), namespace);
    }
    for statement in &parsed.program.body {
        if let Statement::VariableDeclaration(declaration) = statement {
            declaration.declarations.iter().for_each(|declarator| reader.note_required(declarator));
        }
    }
    read_exports(&parsed, text, &types, &mut members, &mut reader.source);
    // A whole module that is imported and then exported by its name is passed on, as is what `export default name` names.
    for export in reader.source.exports.iter_mut().filter(|export| export.from.is_none()) {
        let name = if export.name == "default" { export.repeats.as_deref() } else { Some(export.local.as_str()) };
        let original = name.and_then(|name| reader.namespaces.get(name)).filter(|one| !one.is_own);
        export.from =
            original.map(|one| (one.specifier.clone(), one.imported.clone().unwrap_or_else(|| "*".to_owned())));
    }
    reader.is_module = record.has_module_syntax;
    reader.note_runners();
    for statement in &parsed.program.body {
        note_signature(statement, &mut reader.source.names_types);
        reader.visit_statement(statement);
    }
    reader.finish(&mut by_request);
    for ((start, specifier), (names, is_type, span)) in by_request {
        // A statement without names is loaded for its effects, unless it says type.
        let bare = reader.bare.get(&(start, specifier.clone())).copied();
        let is_type = bare.unwrap_or(is_type && !names.is_empty());
        reader.source.imports.push(Import {
            specifier,
            span: range(span),
            names: Names::Some(names),
            is_type,
            is_soft: false,
        });
    }
    read_comments(&parsed, text, &mut reader.source);
    Ok(reader.source)
}

/// How an imported name is used, or an enum or a namespace of the file itself.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is noted for itself while the file is read")]
struct Namespace {
    specifier: String,
    span: Range<usize>,
    is_type: bool,
    /// Where the import's statement begins.
    statement: u32,
    /// What it is in its module; `None` for the whole module.
    imported: Option<String>,
    is_own: bool,
    members: BTreeSet<String>,
    /// Handed on as a whole.
    is_opaque: bool,
    /// Named as a type.
    is_named: bool,
}

#[derive(Debug, Default)]
struct SourceReader {
    source: Source,
    namespaces: BTreeMap<String, Namespace>,
    bare: BTreeMap<(u32, String), bool>,
    depth: usize,
    in_try: usize,
    is_module: bool,
    /// Names of functions that run commands, and what each runs.
    runners: BTreeMap<String, &'static str>,
}

impl SourceReader {
    fn finish(&mut self, by_request: &mut BTreeMap<(u32, String), (Vec<String>, bool, Span)>) {
        for (local, namespace) in std::mem::take(&mut self.namespaces) {
            let Namespace { specifier, span, is_type, members, is_opaque, is_named, .. } = namespace;
            if namespace.is_own {
                self.source.own.extend(members.into_iter().map(|member| format!("{local}.{member}")));
                continue;
            }
            let Some(imported) = namespace.imported else {
                let names = if is_opaque { Names::All } else { Names::Some(members.into_iter().collect()) };
                self.source.imports.push(Import { specifier, span, names, is_type, is_soft: false });
                continue;
            };
            if let Some((names, ..)) = by_request.get_mut(&(namespace.statement, specifier)) {
                names.extend(members.into_iter().map(|member| format!("{imported}.{member}")));
                names.extend(is_opaque.then(|| format!("{imported}.*")));
                names.extend(is_named.then(|| format!("{imported}.?")));
            }
        }
    }

    fn push(&mut self, specifier: &str, span: Span, names: Names, is_type: bool) {
        let is_soft = self.in_try > 0;
        self.source.imports.push(Import {
            specifier: specifier.to_owned(),
            span: range(span),
            names,
            is_type,
            is_soft,
        });
    }

    // `const name = require("x")` at the top: what is used of it is seen by its name.
    fn note_required(&mut self, declarator: &VariableDeclarator<'_>) {
        if let (BindingPattern::BindingIdentifier(name), Some(init)) = (&declarator.id, &declarator.init)
            && let Expression::CallExpression(call) = init
            && is_require(call)
            && let Some((specifier, span)) = argument(call)
        {
            // Of a module that is compiled to a script, the whole has a default.
            let members = BTreeSet::from(["default".to_owned()]);
            let namespace =
                Namespace { specifier: specifier.to_owned(), span: range(span), members, ..Namespace::default() };
            self.namespaces.entry(name.name.to_string()).or_insert(namespace);
        }
    }

    // A use of members, from the outside in; none when the whole is handed on.
    fn note_members(&mut self, name: &str, members: &[&str], is_value: bool) {
        let Some(namespace) = self.namespaces.get_mut(name) else { return };
        if members.is_empty() {
            namespace.is_opaque |= is_value;
            namespace.is_named |= !is_value;
            return;
        }
        for end in 1..=members.len() {
            namespace.members.insert(members.get(..end).unwrap_or_default().join("."));
        }
        let whole = if is_value { "*" } else { "?" };
        namespace.members.insert(format!("{}.{whole}", members.join(".")));
    }

    fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains_key(name)
    }

    // The module and place of `import("x")` or `require("x")`, through await and parentheses.
    fn loaded<'e>(expression: &'e Expression<'_>) -> Option<(&'e str, Span)> {
        match expression.get_inner_expression() {
            Expression::AwaitExpression(awaited) => Self::loaded(&awaited.argument),
            Expression::ImportExpression(import) => text_of(&import.source),
            Expression::CallExpression(call) if is_require(call) => argument(call),
            // `import("x").catch(...)`
            Expression::CallExpression(call) => {
                let member = call.callee.as_member_expression()?;
                if member.static_property_name() == Some("catch") { Self::loaded(member.object()) } else { None }
            }
            _ => None,
        }
    }
}

impl<'a> Visit<'a> for SourceReader {
    fn visit_statement(&mut self, statement: &Statement<'a>) {
        if self.depth < MAX_WALK_DEPTH {
            self.depth += 1;
            let is_try = matches!(statement, Statement::TryStatement(_));
            self.in_try += usize::from(is_try);
            walk::walk_statement(self, statement);
            self.in_try -= usize::from(is_try);
            self.depth -= 1;
        }
    }

    fn visit_expression(&mut self, expression: &Expression<'a>) {
        if self.depth < MAX_WALK_DEPTH {
            self.depth += 1;
            walk::walk_expression(self, expression);
            self.depth -= 1;
        }
    }

    fn visit_ts_type(&mut self, kind: &TSType<'a>) {
        if self.depth < MAX_WALK_DEPTH {
            self.depth += 1;
            walk::walk_ts_type(self, kind);
            self.depth -= 1;
        }
    }

    // `const { a } = await import("x")`, and `const { a } = namespace`.
    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        let names = match &declarator.id {
            BindingPattern::ObjectPattern(pattern) if pattern.rest.is_none() => {
                let keys = pattern.properties.iter().map(|property| match &property.key {
                    PropertyKey::StaticIdentifier(name) if !property.computed => Some(name.name.to_string()),
                    PropertyKey::StringLiteral(name) => Some(name.value.to_string()),
                    _ => None,
                });
                keys.collect::<Option<Vec<String>>>()
            }
            _ => None,
        };
        if let Some((names, init)) = names.zip(declarator.init.as_ref()) {
            if let Some((specifier, span)) = Self::loaded(init) {
                self.push(specifier, span, Names::Some(names), false);
                return;
            }
            if let Expression::Identifier(name) = init.get_inner_expression()
                && self.has_namespace(&name.name)
            {
                for member in &names {
                    self.note_members(&name.name, &[member], true);
                }
                return;
            }
        }
        self.note_required(declarator);
        if let (BindingPattern::BindingIdentifier(name), Some(Expression::CallExpression(call))) =
            (&declarator.id, &declarator.init)
            && is_require(call)
            && argument(call).is_some()
            && self
                .namespaces
                .get(name.name.as_str())
                .is_some_and(|namespace| !namespace.is_own && namespace.imported.is_none())
        {
            return;
        }
        walk::walk_variable_declarator(self, declarator);
    }

    // What is passed on is seen where it arrives.
    fn visit_export_specifier(&mut self, specifier: &ExportSpecifier<'a>) {
        if let ModuleExportName::IdentifierReference(name) = &specifier.local {
            self.source.used_locals.insert(name.name.to_string());
        }
    }

    fn visit_export_default_declaration(&mut self, export: &ExportDefaultDeclaration<'a>) {
        match &export.declaration {
            ExportDefaultDeclarationKind::Identifier(name) => {
                self.source.used_locals.insert(name.name.to_string());
            }
            _ => walk::walk_export_default_declaration(self, export),
        }
    }

    // A name that stands alone is no use of it.
    fn visit_expression_statement(&mut self, statement: &ExpressionStatement<'a>) {
        if !matches!(&statement.expression, Expression::Identifier(_)) {
            walk::walk_expression_statement(self, statement);
        }
    }

    // `module.exports = { a }`, `exports.a = 1`, `module.exports = require("x")`
    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        if !self.is_module
            && let Some(target) = assignment.left.as_member_expression()
            && let Some(names) = exports_target(target)
        {
            self.note_exports(names.first().copied(), target, &assignment.right);
        }
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_member_expression(&mut self, member: &MemberExpression<'a>) {
        let name = member.static_property_name();
        if let Some((object, members)) = chain(member)
            && self.has_namespace(object)
        {
            let computed = matches!(member, MemberExpression::ComputedMemberExpression(_)) && name.is_none();
            if computed && members.is_empty() {
                self.note_members(object, &[], true);
            } else {
                self.note_members(object, &members, true);
            }
            let mut current = Some(member);
            while let Some(inner) = current {
                if let MemberExpression::ComputedMemberExpression(computed) = inner {
                    self.visit_expression(&computed.expression);
                }
                current = inner.object().get_inner_expression().as_member_expression();
            }
            return;
        }
        // `.then(...)` hands the whole module on.
        if let Some((name, (specifier, span))) = name.filter(|name| *name != "then").zip(Self::loaded(member.object()))
        {
            self.push(specifier, span, Names::Some(vec![name.to_owned()]), false);
            return;
        }
        walk::walk_member_expression(self, member);
    }

    fn visit_jsx_member_expression(&mut self, member: &JSXMemberExpression<'a>) {
        match &member.object {
            JSXMemberExpressionObject::IdentifierReference(object) if self.has_namespace(&object.name) => {
                self.note_members(&object.name, &[member.property.name.as_str()], true);
            }
            JSXMemberExpressionObject::MemberExpression(inner) => self.visit_jsx_member_expression(inner),
            JSXMemberExpressionObject::IdentifierReference(_) | JSXMemberExpressionObject::ThisExpression(_) => {}
        }
    }

    fn visit_ts_qualified_name(&mut self, name: &TSQualifiedName<'a>) {
        let mut members = vec![name.right.name.as_str()];
        let mut left = &name.left;
        while let TSTypeName::QualifiedName(inner) = left {
            members.push(inner.right.name.as_str());
            left = &inner.left;
        }
        members.reverse();
        if let TSTypeName::IdentifierReference(object) = left {
            self.source.used_locals.insert(object.name.to_string());
            self.note_members(&object.name, &members, false);
        }
    }

    fn visit_ts_type_name(&mut self, name: &TSTypeName<'a>) {
        match name {
            TSTypeName::IdentifierReference(name) => {
                self.source.used_locals.insert(name.name.to_string());
                // A namespace that is named is handed on.
                let is_module = self.namespaces.get(name.name.as_str()).is_some_and(|one| one.imported.is_none());
                self.note_members(&name.name, &[], is_module);
            }
            name => walk::walk_ts_type_name(self, name),
        }
    }

    fn visit_identifier_reference(&mut self, reference: &IdentifierReference<'a>) {
        self.source.used_locals.insert(reference.name.to_string());
        self.note_members(&reference.name, &[], true);
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        if let Some((specifier, span)) = text_of(&import.source) {
            self.push(specifier, span, Names::All, false);
            return;
        }
        walk::walk_import_expression(self, import);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let Some((specifier, span)) = argument(call).filter(|_| is_resolve(call) || is_require(call)) {
            self.push(specifier, span, Names::All, false);
            return;
        }
        // `.catch` of a module that is loaded gives the module.
        if let Some(member) = call.callee.as_member_expression() {
            let (object, name) = (member.object(), member.static_property_name().unwrap_or_default());
            match (object, name) {
                (Expression::ImportMeta(_), "glob" | "globEager") => {
                    let mut globs = Vec::new();
                    for argument in call.arguments.iter().take(1).filter_map(|argument| argument.as_expression()) {
                        match argument {
                            Expression::ArrayExpression(array) => globs.extend(
                                array
                                    .elements
                                    .iter()
                                    .filter_map(|one| Some(text_of(one.as_expression()?)?.0.to_owned())),
                            ),
                            other => globs.extend(text_of(other).map(|(text, _)| text.to_owned())),
                        }
                    }
                    self.source.globs.push(globs);
                }
                (_, "loadNpmTasks") => {
                    if let Some((specifier, span)) = argument(call) {
                        self.in_try += 1;
                        self.push(specifier, span, Names::Some(Vec::new()), false);
                        self.in_try -= 1;
                    }
                }
                (_, "define") => {
                    if let Some(Expression::Identifier(class)) =
                        call.arguments.get(1).and_then(|one| one.as_expression())
                    {
                        self.source.registered.insert(class.name.to_string());
                    }
                }
                (_, "join" | "resolve") => {
                    if let Some((path, span)) = path_from_here(call) {
                        self.in_try += 1;
                        self.push(&path, span, Names::All, false);
                        self.in_try -= 1;
                    }
                }
                _ => {}
            }
        }
        if let Expression::Identifier(callee) = &call.callee {
            let is_registered = callee.name == "register" && call.arguments.len() > 1;
            if let Some((specifier, span)) = argument(call).filter(|_| is_registered) {
                let is_here = call.arguments.get(1).and_then(|one| one.as_expression()).is_some_and(is_own_url);
                if is_here {
                    self.push(specifier, span, Names::All, false);
                }
            }
            if matches!(callee.name.as_str(), "join" | "resolve")
                && let Some((path, span)) = path_from_here(call)
            {
                self.in_try += 1;
                self.push(&path, span, Names::All, false);
                self.in_try -= 1;
            }
            self.note_command(callee.name.as_str(), call);
            // A function or class that is called is no namespace that is handed on.
            if self.namespaces.get(callee.name.as_str()).is_some_and(|one| one.imported.is_some()) {
                self.source.used_locals.insert(callee.name.to_string());
                call.arguments.iter().for_each(|argument| self.visit_argument(argument));
                call.type_arguments.iter().for_each(|types| self.visit_ts_type_parameter_instantiation(types));
                return;
            }
        }
        // `lazy(() => import("./x"))`
        for argument in call.arguments.iter().filter_map(|argument| argument.as_expression()) {
            if let Expression::ArrowFunctionExpression(arrow) = argument
                && let Some(Expression::ImportExpression(import)) = arrow.body.as_expression()
                && let Some((specifier, span)) = text_of(&import.source)
            {
                self.push(specifier, span, Names::Some(vec![LOADED.to_owned()]), false);
                return;
            }
        }
        // `vi.mock("./x")` and `jest.mock("./x")` name modules too.
        if let Some((specifier, span)) = argument(call).filter(|_| is_mock(call)) {
            self.in_try += 1;
            self.push(specifier, span, Names::Some(Vec::new()), false);
            self.in_try -= 1;
        }
        walk::walk_call_expression(self, call);
    }

    // `new URL("./worker.js", import.meta.url)`
    fn visit_new_expression(&mut self, new: &NewExpression<'a>) {
        if let Expression::Identifier(callee) = &new.callee
            && self.namespaces.get(callee.name.as_str()).is_some_and(|one| one.imported.is_some())
        {
            self.source.used_locals.insert(callee.name.to_string());
            new.arguments.iter().for_each(|argument| self.visit_argument(argument));
            new.type_arguments.iter().for_each(|types| self.visit_ts_type_parameter_instantiation(types));
            return;
        }
        let is_url = matches!(&new.callee, Expression::Identifier(name) if name.name == "URL");
        let base = new.arguments.get(1).and_then(|argument| argument.as_expression());
        let is_here = base.is_some_and(|base| {
            base.as_member_expression().is_some_and(|member| member.static_property_name() == Some("url"))
        });
        if is_url
            && is_here
            && let Some((path, span)) =
                new.arguments.first().and_then(|argument| argument.as_expression()).and_then(text_of)
        {
            let path = if path.starts_with('.') { path.to_owned() } else { format!("./{path}") };
            self.in_try += 1;
            self.push(&path, span, Names::All, false);
            self.in_try -= 1;
            return;
        }
        walk::walk_new_expression(self, new);
    }

    // `$`npx a``
    fn visit_tagged_template_expression(&mut self, tagged: &TaggedTemplateExpression<'a>) {
        if let Expression::Identifier(tag) = &tagged.tag
            && self.runners.get(tag.name.as_str()).is_some_and(|kind| *kind == "template")
        {
            let texts = tagged.quasi.quasis.iter().map(|quasi| quasi.value.raw.as_str());
            let text = texts.collect::<Vec<_>>().join("$x");
            self.source.commands.push((text, range(tagged.span)));
        }
        walk::walk_tagged_template_expression(self, tagged);
    }

    fn visit_ts_import_type(&mut self, import: &TSImportType<'a>) {
        self.push(&import.source.value, import.source.span, Names::All, true);
        if let Some(arguments) = &import.type_arguments {
            self.visit_ts_type_parameter_instantiation(arguments);
        }
    }

    // What declarations for other modules name is used by these.
    fn visit_ts_external_module_declaration(&mut self, declaration: &TSExternalModuleDeclaration<'a>) {
        let mut names = TypeNames::default();
        walk::walk_ts_external_module_declaration(&mut names, declaration);
        self.source.registered.extend(names.0.iter().cloned());
        if self.is_module {
            self.in_try += 1;
            self.push(&declaration.id.value, declaration.id.span, Names::Some(names.0.into_iter().collect()), true);
            self.in_try -= 1;
        }
        walk::walk_ts_external_module_declaration(self, declaration);
    }

    fn visit_ts_import_equals_declaration(&mut self, import: &TSImportEqualsDeclaration<'a>) {
        match &import.module_reference {
            TSModuleReference::ExternalModuleReference(reference) => {
                self.push(&reference.expression.value, reference.expression.span, Names::All, false);
            }
            TSModuleReference::QualifiedName(name) => {
                self.visit_ts_qualified_name(name);
                if let TSTypeName::IdentifierReference(object) = &name.left {
                    self.note_members(&object.name, &[name.right.name.as_str()], true);
                }
            }
            TSModuleReference::IdentifierReference(name) => self.visit_identifier_reference(name),
        }
    }
}

// The names that an assignment exports: one, or none for the whole.
fn exports_target<'t>(target: &'t MemberExpression<'_>) -> Option<Vec<&'t str>> {
    let (object, members) = chain(target)?;
    match (object, members.as_slice()) {
        ("module", ["exports"]) => Some(Vec::new()),
        ("module", ["exports", name]) | ("exports", [name]) => Some(vec![name]),
        _ => None,
    }
}

// `path.join(__dirname, "a.js")`, as the path from the file.
fn path_from_here(call: &CallExpression<'_>) -> Option<(String, Span)> {
    let mut arguments = call.arguments.iter().map(|argument| argument.as_expression());
    let is_here = match arguments.next()?? {
        Expression::Identifier(name) => name.name == "__dirname",
        other => other.as_member_expression().is_some_and(|member| {
            matches!(member.object(), Expression::ImportMeta(_)) && member.static_property_name() == Some("dirname")
        }),
    };
    let rest: Option<Vec<&str>> = arguments.map(|one| Some(text_of(one?)?.0)).collect();
    let path = rest.filter(|rest| is_here && !rest.is_empty())?.join("/");
    Some((format!("./{path}"), call.span))
}

fn is_own_url(expression: &Expression<'_>) -> bool {
    expression.as_member_expression().is_some_and(|member| {
        matches!(member.object(), Expression::ImportMeta(_)) && member.static_property_name() == Some("url")
    })
}

fn property_span(target: &MemberExpression<'_>) -> Span {
    match target {
        MemberExpression::StaticMemberExpression(member) => member.property.span,
        other => other.span(),
    }
}

// The name a chain of members begins with, and the names behind it, up to the first that is computed.
fn chain<'m>(member: &'m MemberExpression<'_>) -> Option<(&'m str, Vec<&'m str>)> {
    let mut names = Vec::new();
    let mut current = member;
    loop {
        match current.static_property_name() {
            Some(name) => names.push(name),
            None => names.clear(),
        }
        match current.object().get_inner_expression() {
            Expression::Identifier(object) => {
                names.reverse();
                names.truncate(4);
                return Some((object.name.as_str(), names));
            }
            object => current = object.as_member_expression()?,
        }
    }
}

fn is_require(call: &CallExpression<'_>) -> bool {
    matches!(&call.callee, Expression::Identifier(callee) if callee.name == "require")
}

fn is_member(call: &CallExpression<'_>, objects: &[&str], names: &[&str]) -> bool {
    call.callee.as_member_expression().is_some_and(|member| {
        let object = match member.object() {
            Expression::Identifier(object) => object.name.as_str(),
            Expression::ImportMeta(_) => "import.meta",
            _ => return false,
        };
        objects.contains(&object) && member.static_property_name().is_some_and(|name| names.contains(&name))
    })
}

fn is_resolve(call: &CallExpression<'_>) -> bool {
    is_member(call, &["require", "import.meta"], &["resolve"])
}

fn is_mock(call: &CallExpression<'_>) -> bool {
    is_member(call, &["jest", "vi"], &["mock", "doMock", "unmock", "requireActual", "importActual"])
}

fn argument<'e>(call: &'e CallExpression<'_>) -> Option<(&'e str, Span)> {
    call.arguments.first().and_then(|argument| argument.as_expression()).and_then(text_of)
}

fn text_of<'e>(expression: &'e Expression<'_>) -> Option<(&'e str, Span)> {
    match expression.get_inner_expression() {
        Expression::StringLiteral(text) => Some((text.value.as_str(), text.span)),
        Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
            let quasi = template.quasis.first()?;
            Some((quasi.value.raw.as_str(), template.span()))
        }
        _ => None,
    }
}

pub(super) fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<(String, Names)> {
        let source = read("a.ts", text).expect("parses");
        source.imports.into_iter().map(|import| (import.specifier, import.names)).collect()
    }

    fn some(names: &[&str]) -> Names {
        Names::Some(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn imports_take_names() {
        for (text, specifier, names) in [
            ("import a, { b as c } from 'x'", "x", some(&["default", "b"])),
            (
                "import { E, N as M } from 'x'; f(E.A); M.a.b;",
                "x",
                some(&["E", "N", "E.A", "E.A.*", "N.a", "N.a.b", "N.a.b.*"]),
            ),
            ("import { E } from 'x'; let e: E; E;", "x", some(&["E", "E.?"])),
            ("const r = require('x'); r.a(); r.b", "x", some(&["a", "a.*", "b", "b.*", "default"])),
            ("import 'x'", "x", some(&[])),
            ("const { a } = await import('x')", "x", some(&["a"])),
            ("import('x').then(m => m.a)", "x", Names::All),
            ("require('x').a()", "x", some(&["a"])),
            ("import y = require('x')", "x", Names::All),
            ("type A = import('x').B", "x", Names::All),
            ("new URL('x.js', import.meta.url)", "./x.js", Names::All),
        ] {
            assert!(imports(text).contains(&(specifier.to_owned(), names)), "{text}: {:?}", imports(text));
        }
    }

    #[test]
    fn namespaces_are_followed_by_member() {
        let found = imports("import * as n from 'x'; n.a(); n['b']; type T = n.C; const { d } = n;");
        let names = some(&["C", "C.?", "a", "a.*", "b", "b.*", "d", "d.*"]);
        assert!(found.contains(&("x".to_owned(), names)), "{found:?}");
        assert!(imports("import * as n from 'x'; f(n)").contains(&("x".to_owned(), Names::All)));
    }

    #[test]
    fn exports_have_names_and_origins() {
        let source = read("a.ts", "export const a = 1, b = 2; export interface I {} export { c as d } from 'x'; export * from 'y'; export * as n from 'z'; export default 1; /** @public */ export function p() {}").expect("parses");
        let names: Vec<_> =
            source.exports.iter().map(|e| (e.name.as_str(), e.is_type, e.from.is_some(), e.is_public)).collect();
        for expected in [
            ("a", false, false, false),
            ("I", true, false, false),
            ("d", false, true, false),
            ("n", false, true, false),
            ("default", false, false, false),
            ("p", false, false, true),
        ] {
            assert!(names.contains(&expected), "{expected:?} in {names:?}");
        }
        assert_eq!(source.stars, ["y"]);
    }

    #[test]
    fn members_belong_to_enums_and_namespaces() {
        let text = "export enum E { A, 'b-c' } export namespace N { export const a = 1, b = 2; /** @public */ export function p() {} export namespace M { export type T = 1 } } const x = E.A;";
        let source = read("a.ts", text).expect("parses");
        let names: Vec<&str> =
            source.exports.iter().flat_map(|e| &e.members).map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["A", "b-c", "a", "b", "M.T"]);
        assert!(source.own.contains("E.A") && source.exports[0].is_type && source.exports[0].is_enum);
    }

    #[test]
    fn scripts_export_by_assignment() {
        let source =
            read("a.js", "exports.a = 1; module.exports.b = require('x').c; module.exports = { d };").expect("parses");
        let names: Vec<_> = source.exports.iter().map(|e| (e.name.as_str(), e.from.is_some())).collect();
        assert_eq!(names, [("a", false), ("b", true), ("d", false)]);
        assert_eq!(read("a.js", "module.exports = require('./x')").expect("parses").stars, ["./x"]);
    }
}

//! What a JavaScript or TypeScript file imports and exports, by name, and what it does with namespaces it imports.
//!
//! Names are not resolved through scopes: a local variable of a namespace's name hides nothing, so more is taken for used, never
//! less.

use crate::support::module_format::Unreadable;
use crate::support::parse_depth::{ParseDepth, parse_depth};
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    BindingPattern, CallExpression, Declaration, Expression, IdentifierReference, ImportExpression,
    JSXMemberExpression, JSXMemberExpressionObject, MemberExpression, ModuleDeclaration, NewExpression, PropertyKey,
    Statement, TSImportEqualsDeclaration, TSImportType, TSModuleReference, TSQualifiedName, TSType, TSTypeName,
    VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::{ParseOptions, Parser};
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::module_record::{ExportExportName, ExportImportName, ExportLocalName, ImportImportName};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Deepest syntax tree walked; what is deeper imports nothing.
const MAX_WALK_DEPTH: usize = 1_000;

/// Names that an import takes from a module.
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
pub(super) struct Export {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    /// An interface or a type.
    pub(super) is_type: bool,
    /// Where it comes from, and under which name, when it is passed on: `*` for a namespace.
    pub(super) from: Option<(String, String)>,
    /// Marked as `@public`.
    pub(super) is_public: bool,
}

/// What a file says.
#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<Export>,
    /// Modules whose exports are all passed on: `export * from`.
    pub(super) stars: Vec<String>,
}

/// Reads a file; its path tells the language.
pub(super) fn read(path: &str, text: &str) -> Result<Source, Unreadable> {
    let by_path = SourceType::from_path(path).unwrap_or_else(|_| SourceType::ts());
    // JSX stands in plain JavaScript too, and modules in scripts.
    let by_path = if by_path.is_javascript() { SourceType::unambiguous().with_jsx(true) } else { by_path };
    let source_type = match parse_depth(text) {
        ParseDepth::Shallow => by_path,
        ParseDepth::ShallowWithoutJsx => by_path.with_jsx(false),
        ParseDepth::TooDeep(at) => return Err(Unreadable::TooDeep(at)),
    };
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
    for statement in &parsed.program.body {
        note_types(statement, &mut types);
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
        match &entry.import_name {
            ImportImportName::Name(name) => request.0.push(name.name.to_string()),
            ImportImportName::Default(_) => request.0.push("default".to_owned()),
            ImportImportName::NamespaceObject => {
                let namespace = Namespace {
                    specifier,
                    span: range(entry.module_request.span),
                    is_type: entry.is_type,
                    ..Namespace::default()
                };
                reader.namespaces.insert(entry.local_name.name.to_string(), namespace);
            }
        }
    }
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
    read_exports(&parsed, text, &types, &mut reader.source);
    reader.visit_program(&parsed.program);
    reader.finish();
    read_comments(&parsed, text, &mut reader.source);
    Ok(reader.source)
}

fn read_exports(parsed: &oxc_parser::ParserReturn<'_>, text: &str, types: &BTreeSet<String>, source: &mut Source) {
    let record = &parsed.module_record;
    let public_marks: Vec<(usize, usize)> = parsed
        .program
        .comments
        .iter()
        .filter(|comment| {
            text.get(range(comment.span)).is_some_and(|text| text.contains("@public") || text.contains("@lintignore"))
        })
        .map(|comment| (comment.span.end as usize, comment.attached_to as usize))
        .collect();
    let is_public = |statement: Span, own: Span| {
        public_marks
            .iter()
            .any(|(_, attached)| *attached == statement.start as usize || *attached == own.start as usize)
    };
    for entry in &record.local_export_entries {
        let (name, span) = match &entry.export_name {
            ExportExportName::Name(name) => (name.name.to_string(), name.span),
            ExportExportName::Default(span) => ("default".to_owned(), *span),
            ExportExportName::Null => continue,
        };
        let local = match &entry.local_name {
            ExportLocalName::Name(local) | ExportLocalName::Default(local) => local.name.to_string(),
            ExportLocalName::Null => name.clone(),
        };
        let is_type = entry.is_type || types.contains(&local);
        let is_public = is_public(entry.statement_span, span);
        source.exports.push(Export { name, span: range(span), is_type, from: None, is_public });
    }
    for entry in &record.indirect_export_entries {
        let (name, span) = match &entry.export_name {
            ExportExportName::Name(name) => (name.name.to_string(), name.span),
            ExportExportName::Default(span) => ("default".to_owned(), *span),
            ExportExportName::Null => continue,
        };
        let Some(request) = &entry.module_request else { continue };
        let original = match &entry.import_name {
            ExportImportName::Name(name) => name.name.to_string(),
            ExportImportName::All | ExportImportName::AllButDefault => "*".to_owned(),
            ExportImportName::Null => name.clone(),
        };
        let from = Some((request.name.to_string(), original));
        let is_public = is_public(entry.statement_span, span);
        source.exports.push(Export { name, span: range(span), is_type: entry.is_type, from, is_public });
    }
    for entry in &record.star_export_entries {
        let Some(request) = &entry.module_request else { continue };
        match &entry.export_name {
            ExportExportName::Name(name) => {
                let from = Some((request.name.to_string(), "*".to_owned()));
                let is_public = is_public(entry.statement_span, name.span);
                source.exports.push(Export {
                    name: name.name.to_string(),
                    span: range(name.span),
                    is_type: entry.is_type,
                    from,
                    is_public,
                });
            }
            ExportExportName::Default(_) | ExportExportName::Null => source.stars.push(request.name.to_string()),
        }
    }
}

fn note_types(statement: &Statement<'_>, types: &mut BTreeSet<String>) {
    let declaration = match statement.as_module_declaration() {
        Some(ModuleDeclaration::ExportDeclaration(export)) => Some(&export.declaration),
        _ => statement.as_declaration(),
    };
    match declaration {
        Some(Declaration::TSInterfaceDeclaration(interface)) => {
            types.insert(interface.id.name.to_string());
        }
        Some(Declaration::TSTypeAliasDeclaration(alias)) => {
            types.insert(alias.id.name.to_string());
        }
        _ => {}
    }
}

// `/// <reference types="x" />`, `@jsxImportSource x`, and imports in JSDoc.
fn read_comments(parsed: &oxc_parser::ParserReturn<'_>, text: &str, source: &mut Source) {
    for comment in &parsed.program.comments {
        let span = range(comment.span);
        let Some(words) = text.get(span.clone()) else { continue };
        let mut push = |specifier: &str, is_type: bool| {
            let names = Names::Some(Vec::new());
            source.imports.push(Import {
                specifier: specifier.to_owned(),
                span: span.clone(),
                names,
                is_type,
                is_soft: false,
            });
        };
        if words.starts_with("///") {
            if let Some(name) = attribute(words, "types") {
                push(&format!("types:{name}"), true);
            }
            if let Some(path) = attribute(words, "path") {
                let path = if path.starts_with('.') { path.to_owned() } else { format!("./{path}") };
                push(&path, true);
            }
        }
        if let Some((_, rest)) = words.split_once("@jsxImportSource ")
            && let Some(name) = rest.split_whitespace().next()
        {
            push(&format!("{name}/jsx-runtime"), false);
        }
        if words.starts_with("/**") {
            for piece in words.split("import(").skip(1) {
                let quote = piece.chars().next().filter(|c| matches!(c, '"' | '\''));
                if let Some((name, _)) = quote.and_then(|quote| piece.get(1..)?.split_once(quote)) {
                    push(name, true);
                }
            }
        }
    }
}

fn attribute<'t>(comment: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = comment.split_once(&format!("{name}="))?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split_once(quote).map(|(value, _)| value)
}

/// How a namespace import is used.
#[derive(Debug, Default)]
struct Namespace {
    specifier: String,
    span: Range<usize>,
    is_type: bool,
    members: BTreeSet<String>,
    /// Handed on as a whole.
    is_opaque: bool,
}

#[derive(Debug, Default)]
struct SourceReader {
    source: Source,
    namespaces: BTreeMap<String, Namespace>,
    bare: BTreeMap<(u32, String), bool>,
    depth: usize,
    in_try: usize,
}

impl SourceReader {
    fn finish(&mut self) {
        for namespace in std::mem::take(&mut self.namespaces).into_values() {
            let names =
                if namespace.is_opaque { Names::All } else { Names::Some(namespace.members.into_iter().collect()) };
            let Namespace { specifier, span, is_type, .. } = namespace;
            self.source.imports.push(Import { specifier, span, names, is_type, is_soft: false });
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

    fn note_member(&mut self, namespace: &str, member: Option<&str>) {
        if let Some(namespace) = self.namespaces.get_mut(namespace) {
            match member {
                Some(member) => {
                    namespace.members.insert(member.to_owned());
                }
                None => namespace.is_opaque = true,
            }
        }
    }

    fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains_key(name)
    }

    // The module and place of `import("x")` or `require("x")`, through await and parentheses.
    fn loaded<'e>(expression: &'e Expression<'_>) -> Option<(&'e str, Span)> {
        match expression.get_inner_expression() {
            Expression::AwaitExpression(awaited) => Self::loaded(&awaited.argument),
            Expression::ImportExpression(import) => text_of(&import.source),
            Expression::CallExpression(call) => is_require(call).then(|| argument(call)).flatten(),
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
                    self.note_member(&name.name, Some(member));
                }
                return;
            }
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_member_expression(&mut self, member: &MemberExpression<'a>) {
        let name = member.static_property_name();
        if let Expression::Identifier(object) = member.object().get_inner_expression()
            && self.has_namespace(&object.name)
        {
            self.note_member(&object.name, name);
            if let MemberExpression::ComputedMemberExpression(computed) = member {
                self.visit_expression(&computed.expression);
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
                self.note_member(&object.name, Some(member.property.name.as_str()));
            }
            JSXMemberExpressionObject::MemberExpression(inner) => self.visit_jsx_member_expression(inner),
            JSXMemberExpressionObject::IdentifierReference(_) | JSXMemberExpressionObject::ThisExpression(_) => {}
        }
    }

    fn visit_ts_qualified_name(&mut self, name: &TSQualifiedName<'a>) {
        match &name.left {
            TSTypeName::IdentifierReference(object) if self.has_namespace(&object.name) => {
                self.note_member(&object.name, Some(name.right.name.as_str()));
            }
            TSTypeName::QualifiedName(inner) => self.visit_ts_qualified_name(inner),
            TSTypeName::IdentifierReference(_) | TSTypeName::ThisExpression(_) => {}
        }
    }

    fn visit_identifier_reference(&mut self, reference: &IdentifierReference<'a>) {
        self.note_member(&reference.name, None);
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        if let Some((specifier, span)) = text_of(&import.source) {
            self.push(specifier, span, Names::All, false);
            return;
        }
        walk::walk_import_expression(self, import);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        let resolves = is_resolve(call);
        if let Some((specifier, span)) = argument(call).filter(|_| resolves || is_require(call)) {
            // What is resolved need not be there.
            self.in_try += usize::from(resolves);
            self.push(specifier, span, Names::All, false);
            self.in_try -= usize::from(resolves);
            return;
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

    fn visit_ts_import_type(&mut self, import: &TSImportType<'a>) {
        self.push(&import.source.value, import.source.span, Names::All, true);
        if let Some(arguments) = &import.type_arguments {
            self.visit_ts_type_parameter_instantiation(arguments);
        }
    }

    fn visit_ts_import_equals_declaration(&mut self, import: &TSImportEqualsDeclaration<'a>) {
        if let TSModuleReference::ExternalModuleReference(reference) = &import.module_reference {
            self.push(&reference.expression.value, reference.expression.span, Names::All, false);
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

fn range(span: Span) -> Range<usize> {
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
        assert!(found.contains(&("x".to_owned(), some(&["C", "a", "b", "d"]))), "{found:?}");
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
}

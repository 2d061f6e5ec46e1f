//! What a JavaScript file is, by its own syntax: an ES module, `CommonJS`, or neither; and what a declaration file imports.
//!
//! Reads with oxc and never resolves names: `exports`, `module` and `require` are taken for the globals wherever they
//! stand, so that bundled and wrapped code is recognised too. Text that nests or chains too deep for a recursive parser
//! is refused before parsing.

use octavo_toolkit::parse_depth::{Dialect, Walk, recursion_exceeded};
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, AssignmentExpression, CallExpression, Declaration, Expression, JSXMemberExpression, MemberExpression,
    ModuleDeclaration, ObjectExpression, ObjectPropertyKind, Statement, StringLiteral, TSImportType, TSModuleReference,
    TSType, TSTypeName, WithClause,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::operator::{AssignmentOperator, UnaryOperator};
use std::ops::Range;

/// Deepest syntax tree walked; operands of a longer chain are left out. A level takes a few hundred bytes of stack.
const MAX_WALK_DEPTH: usize = 1_000;

/// The module system a file is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModuleKind {
    /// An ES module.
    Esm,
    /// A `CommonJS` module.
    Cjs,
}

impl ModuleKind {
    /// The name people use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Esm => "ESM",
            Self::Cjs => "CJS",
        }
    }
}

/// Why a file's syntax is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It nests too deep for a recursive parser, from this byte on.
    TooDeep(usize),
    /// The parser gave up near this byte.
    Syntax(usize),
}

/// What the syntax of a JavaScript file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsFacts {
    /// First `import`, `export` or `import.meta`.
    pub esm: Option<Range<usize>>,
    /// First call of `require`, assignment to `exports` or `module.exports`, or property defined on them.
    pub cjs: Option<Range<usize>>,
    /// First use of `exports` or `module.exports` in any other way.
    pub mention: Option<Range<usize>>,
    /// Whether `exports.__esModule` is set.
    pub es_module_flag: bool,
    /// First `exports.default = value`, where the value is neither `void 0` nor `exports` itself.
    pub default_export: Option<Range<usize>>,
    /// First of those whose value is no object literal, so that a namespace import loses it.
    pub opaque_default: Option<Range<usize>>,
    /// Whether `module.exports` is replaced by another value than a plain list of names.
    pub replaces_exports: bool,
    /// Whether the file is marked as Flow.
    pub flow: bool,
}

impl JsFacts {
    /// The module system the syntax belongs to, if to one.
    pub fn kind(&self) -> Option<ModuleKind> {
        if self.esm.is_some() {
            Some(ModuleKind::Esm)
        } else if self.cjs.is_some() || self.mention.is_some() {
            Some(ModuleKind::Cjs)
        } else {
            None
        }
    }
}

/// Reads the syntax of a JavaScript file.
pub fn read_javascript(text: &str) -> Result<JsFacts, Unreadable> {
    let source_type = SourceType::unambiguous().with_jsx(true);
    if let Some(at) = too_deep(text, source_type) {
        return Err(Unreadable::TooDeep(at));
    }
    let allocator = Allocator::default();
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, text, source_type).with_options(options).parse();
    let mut reader = JsReader { facts: JsFacts { flow: parsed.is_flow_language, ..JsFacts::default() }, depth: 0 };
    if parsed.panicked {
        if parsed.is_flow_language {
            return Ok(reader.facts);
        }
        return Err(Unreadable::Syntax(first_error(&parsed)));
    }
    let declaration = parsed.program.body.iter().filter_map(Statement::as_module_declaration).map(GetSpan::span).next();
    let meta = parsed.module_record.import_metas.first().copied();
    reader.facts.esm = declaration.or(meta).map(bytes);
    reader.visit_program(&parsed.program);
    Ok(reader.facts)
}

/// One import of a declaration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What it names.
    pub specifier: String,
    /// The byte span of the name, quotes included.
    pub span: Range<usize>,
    /// The module system it asks for, where it says one by itself.
    pub asks_for: Option<ModuleKind>,
}

/// The imports of a TypeScript file: `import`, `export from`, `import = require()` and `import()` types.
pub fn read_imports(path: &str, text: &str) -> Result<Vec<Import>, Unreadable> {
    let source_type = SourceType::from_path(path).unwrap_or_else(|_| SourceType::d_ts());
    if let Some(at) = too_deep(text, source_type) {
        return Err(Unreadable::TooDeep(at));
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, source_type).parse();
    if parsed.panicked {
        return Err(Unreadable::Syntax(first_error(&parsed)));
    }
    let mut reader = ImportReader { imports: Vec::new(), depth: 0 };
    for statement in &parsed.program.body {
        reader.read_statement(statement);
    }
    reader.visit_program(&parsed.program);
    Ok(reader.imports)
}

/// The byte at which a text recurses too deeply to be parsed as such a source, if it does.
pub fn too_deep(text: &str, source_type: SourceType) -> Option<usize> {
    let dialect = Dialect::of(source_type.is_typescript(), source_type.is_jsx());
    recursion_exceeded(text, dialect, Walk::Parser)
}

fn first_error(parsed: &ParserReturn<'_>) -> usize {
    let label = parsed.diagnostics.iter().find_map(|diagnostic| diagnostic.labels.first());
    label.map_or(0, |label| usize::try_from(label.offset()).unwrap_or_default())
}

fn bytes(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

struct JsReader {
    facts: JsFacts,
    depth: usize,
}

/// A property of the module's exports, or the exports as a whole.
enum ExportsTarget<'a> {
    Whole,
    Named(&'a str),
}

fn is_exports(expression: &Expression<'_>) -> bool {
    match expression.get_inner_expression() {
        Expression::Identifier(identifier) => identifier.name == "exports",
        inner => {
            inner.as_member_expression().is_some_and(|member| member.is_specific_member_access("module", "exports"))
        }
    }
}

fn exports_target<'a>(member: &MemberExpression<'a>) -> Option<ExportsTarget<'a>> {
    if member.is_specific_member_access("module", "exports") {
        return Some(ExportsTarget::Whole);
    }
    if is_exports(member.object()) { member.static_property_name().map(ExportsTarget::Named) } else { None }
}

fn is_true(expression: &Expression<'_>) -> bool {
    match expression.get_inner_expression() {
        Expression::BooleanLiteral(literal) => literal.value,
        Expression::UnaryExpression(unary) => {
            unary.operator == UnaryOperator::LogicalNot
                && matches!(&unary.argument, Expression::NumericLiteral(number) if number.value == 0.0)
        }
        _ => false,
    }
}

fn rightmost<'b, 'a>(mut expression: &'b Expression<'a>) -> &'b Expression<'a> {
    while let Expression::AssignmentExpression(assignment) = expression.get_inner_expression() {
        expression = &assignment.right;
    }
    expression.get_inner_expression()
}

fn has_only_shorthands(object: &ObjectExpression<'_>) -> bool {
    object.properties.iter().all(|p| matches!(p, ObjectPropertyKind::ObjectProperty(property) if property.shorthand))
}

impl JsReader {
    fn saw_cjs(&mut self, span: Span) {
        self.facts.cjs.get_or_insert_with(|| bytes(span));
    }

    fn read_export(&mut self, name: &str, value: &Expression<'_>, span: Span) {
        self.saw_cjs(span);
        match name {
            "__esModule" => self.facts.es_module_flag |= is_true(value),
            "default" if !is_exports(value) => {
                self.facts.default_export.get_or_insert_with(|| bytes(span));
                if !matches!(value, Expression::ObjectExpression(_)) {
                    self.facts.opaque_default.get_or_insert_with(|| bytes(span));
                }
            }
            _ => {}
        }
    }

    fn read_replacement(&mut self, value: &Expression<'_>, span: Span) {
        self.saw_cjs(span);
        let keeps = match value {
            Expression::ObjectExpression(object) => has_only_shorthands(object),
            other => is_exports(other),
        };
        self.facts.replaces_exports |= !keeps;
    }

    fn read_definition(&mut self, call: &CallExpression<'_>) {
        let Some(member) = call.callee.as_member_expression() else { return };
        if !matches!(member.object(), Expression::Identifier(object) if object.name == "Object") {
            return;
        }
        let method = member.static_property_name().unwrap_or_default();
        let target = call.arguments.first().and_then(Argument::as_expression);
        if !matches!(method, "defineProperty" | "defineProperties" | "assign") || !target.is_some_and(is_exports) {
            return;
        }
        self.saw_cjs(call.span);
        if method != "defineProperty" {
            return;
        }
        let name = match call.arguments.get(1).and_then(Argument::as_expression) {
            Some(Expression::StringLiteral(name)) => name.value.as_str(),
            _ => return,
        };
        let Some(Expression::ObjectExpression(descriptor)) = call.arguments.get(2).and_then(Argument::as_expression)
        else {
            return;
        };
        if name == "default" {
            self.facts.default_export.get_or_insert_with(|| bytes(call.span));
        } else if name == "__esModule" {
            self.facts.es_module_flag |= descriptor.properties.iter().any(|property| match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    property.key.is_specific_static_name("value") && is_true(&property.value)
                }
                ObjectPropertyKind::SpreadProperty(_) => false,
            });
        }
    }
}

impl<'a> Visit<'a> for JsReader {
    fn visit_statement(&mut self, statement: &Statement<'a>) {
        if self.depth < MAX_WALK_DEPTH {
            self.depth += 1;
            walk::walk_statement(self, statement);
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

    fn visit_jsx_member_expression(&mut self, _: &JSXMemberExpression<'a>) {}

    fn visit_member_expression(&mut self, member: &MemberExpression<'a>) {
        if exports_target(member).is_some() {
            self.facts.mention.get_or_insert_with(|| bytes(member.span()));
        }
        walk::walk_member_expression(self, member);
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        let value = rightmost(&assignment.right);
        if assignment.operator == AssignmentOperator::Assign && !value.is_void_0() {
            match assignment.left.as_member_expression().and_then(exports_target) {
                Some(ExportsTarget::Whole) => self.read_replacement(value, assignment.span),
                Some(ExportsTarget::Named(name)) => self.read_export(name, value, assignment.span),
                None => {}
            }
        }
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        let is_require = matches!(&call.callee, Expression::Identifier(callee) if callee.name == "require");
        if is_require && !call.arguments.is_empty() {
            self.saw_cjs(call.span);
        }
        self.read_definition(call);
        walk::walk_call_expression(self, call);
    }
}

struct ImportReader {
    imports: Vec<Import>,
    depth: usize,
}

impl ImportReader {
    fn push(&mut self, source: &StringLiteral<'_>, asks_for: Option<ModuleKind>) {
        self.imports.push(Import { specifier: source.value.to_string(), span: bytes(source.span), asks_for });
    }

    fn read_statement(&mut self, statement: &Statement<'_>) {
        if let Some(Declaration::TSImportEqualsDeclaration(import)) = statement.as_declaration()
            && let TSModuleReference::ExternalModuleReference(reference) = &import.module_reference
        {
            self.push(&reference.expression, Some(ModuleKind::Cjs));
        }
        match statement.as_module_declaration() {
            Some(ModuleDeclaration::ImportDeclaration(import)) => {
                self.push(&import.source, resolution_mode(import.with_clause.as_deref()));
            }
            Some(ModuleDeclaration::ExportAllDeclaration(export)) => {
                self.push(&export.source, resolution_mode(export.with_clause.as_deref()));
            }
            Some(ModuleDeclaration::ExportFromDeclaration(export)) => {
                self.push(&export.source, resolution_mode(export.with_clause.as_deref()));
            }
            Some(
                ModuleDeclaration::ExportDefaultDeclaration(_)
                | ModuleDeclaration::ExportDeclaration(_)
                | ModuleDeclaration::ExportNamedDeclaration(_)
                | ModuleDeclaration::TSExportAssignment(_)
                | ModuleDeclaration::TSNamespaceExportDeclaration(_),
            )
            | None => {}
        }
    }
}

impl<'a> Visit<'a> for ImportReader {
    fn visit_statement(&mut self, statement: &Statement<'a>) {
        if self.depth < MAX_WALK_DEPTH {
            self.depth += 1;
            walk::walk_statement(self, statement);
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

    fn visit_ts_type_name(&mut self, _: &TSTypeName<'a>) {}

    fn visit_jsx_member_expression(&mut self, _: &JSXMemberExpression<'a>) {}

    fn visit_ts_import_type(&mut self, import: &TSImportType<'a>) {
        let asks_for = import.options.as_deref().and_then(resolution_mode_of_type);
        self.push(&import.source, asks_for);
        if let Some(arguments) = &import.type_arguments {
            self.visit_ts_type_parameter_instantiation(arguments);
        }
    }
}

fn mode_of(word: &str) -> Option<ModuleKind> {
    match word {
        "import" => Some(ModuleKind::Esm),
        "require" => Some(ModuleKind::Cjs),
        _ => None,
    }
}

// `with { "resolution-mode": "import" }`.
fn resolution_mode(clause: Option<&WithClause<'_>>) -> Option<ModuleKind> {
    let attributes = clause.map(|clause| clause.with_entries.as_slice()).unwrap_or_default();
    attributes.iter().find(|a| a.key.as_arena_str() == "resolution-mode").and_then(|a| mode_of(a.value.value.as_str()))
}

// `import("x", { with: { "resolution-mode": "import" } })`.
fn resolution_mode_of_type(options: &ObjectExpression<'_>) -> Option<ModuleKind> {
    let inner = options.properties.iter().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => match &property.value {
            Expression::ObjectExpression(inner) => Some(inner),
            _ => None,
        },
        ObjectPropertyKind::SpreadProperty(_) => None,
    })?;
    inner.properties.iter().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) if property.key.is_specific_static_name("resolution-mode") => {
            match &property.value {
                Expression::StringLiteral(mode) => mode_of(mode.value.as_str()),
                _ => None,
            }
        }
        ObjectPropertyKind::ObjectProperty(_) | ObjectPropertyKind::SpreadProperty(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<ModuleKind> {
        read_javascript(text).expect("readable").kind()
    }

    #[test]
    fn syntax_tells_the_module_system() {
        for (text, expected) in [
            ("import a from 'a'", Some(ModuleKind::Esm)),
            ("export {}", Some(ModuleKind::Esm)),
            ("import.meta.url", Some(ModuleKind::Esm)),
            ("const { createRequire } = await import('module'); export const r = require('x')", Some(ModuleKind::Esm)),
            ("module.exports = 1", Some(ModuleKind::Cjs)),
            ("exports.a = 1", Some(ModuleKind::Cjs)),
            ("module['exports'].a = 1", Some(ModuleKind::Cjs)),
            ("const a = require('a')", Some(ModuleKind::Cjs)),
            ("Object.defineProperty(exports, '__esModule', { value: true })", Some(ModuleKind::Cjs)),
            ("typeof module < 'u' && module.exports", Some(ModuleKind::Cjs)),
            ("// import a from 'a'\nconst s = 'export default 1'", None),
            ("import('a')", None),
            ("window.a = 1", None),
            ("", None),
            ("#!/usr/bin/env node\nreturn require('x')", Some(ModuleKind::Cjs)),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn transpiled_defaults_are_seen() {
        let facts = |text: &str| read_javascript(text).expect("readable");
        let babel =
            facts("Object.defineProperty(exports,'__esModule',{value:!0});exports.default=void 0;exports.default=f");
        assert!(babel.es_module_flag && babel.opaque_default.is_some() && !babel.replaces_exports);
        assert_eq!(babel.default_export, Some(78..95));
        assert!(facts("exports.default = void 0").default_export.is_none());
        assert!(facts("exports.default = exports").default_export.is_none());
        assert!(facts("exports.default = { a }").opaque_default.is_none());
        assert!(facts("module.exports = exports.default").replaces_exports);
        assert!(!facts("module.exports = { a, b }").replaces_exports);
        assert!(facts("exports = module.exports = function () {}").replaces_exports);
    }

    #[test]
    fn declaration_imports_are_listed() {
        let text = "import a from './a';\nexport * from './b';\nimport c = require('./c');\n\
            export type D = import('./d', { with: { 'resolution-mode': 'import' } }).D;\n\
            import type { E } from './e' with { 'resolution-mode': 'require' };\nexport { f } from './f';\n\
            declare module 'x' { import y from './never'; }";
        let imports = read_imports("index.d.ts", text).expect("readable");
        let listed: Vec<_> = imports.iter().map(|import| (import.specifier.as_str(), import.asks_for)).collect();
        let (esm, cjs) = (Some(ModuleKind::Esm), Some(ModuleKind::Cjs));
        assert_eq!(listed, [("./a", None), ("./b", None), ("./c", cjs), ("./e", cjs), ("./f", None), ("./d", esm)]);
        assert_eq!(&text[imports[0].span.clone()], "'./a'");
    }

    #[test]
    fn long_but_shallow_code_is_read() {
        let lines = 3_000;
        for text in [
            "a = b\n".repeat(lines),
            "const a = (b) => !c;\n".repeat(lines),
            "if (a) { b() } else { c() }\n".repeat(lines),
            format!("a = {}1", "'x' + ".repeat(lines)),
            format!("a = [{}]", "b ? c : d,".repeat(lines)),
        ] {
            assert!(read_javascript(&text).is_ok(), "{}", &text[..12]);
        }
    }
}

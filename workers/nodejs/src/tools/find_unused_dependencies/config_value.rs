//! What a configuration file says, as a value: JSON, YAML, and programs whose value can be told by reading them.
//!
//! A program is read, not run: literals, objects, arrays, spreads, constants of the file, functions by what they return, and
//! the usual wrappers (`defineConfig({})`, `merge(a, {})`, `path.join(__dirname, "x")`, `require.resolve("x")`). What cannot be
//! told is `null`.

use super::patterns::parse_jsonc;
use super::project::is_kind;
use crate::support::json::{Kind, Member, Node, Object};
use crate::support::module_format::too_deep;
use crate::support::package_tree::base_name;
use crate::support::yaml;
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, ArrowFunctionBody, AssignmentExpression, BindingPattern, CallExpression,
    ExportDefaultDeclarationKind, Expression, Function, FunctionBody, MemberExpression, ModuleDeclaration,
    NewExpression, ObjectExpression, ObjectPropertyKind, Statement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::{ParseOptions, Parser};
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::operator::{BinaryOperator, LogicalOperator};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

/// Deepest value read out of a program, constants followed.
const MAX_DEPTH: usize = 40;
/// Most values read out of a program; spreads of spreads end there.
const MAX_VALUES: usize = 50_000;
/// Deepest syntax tree that is walked.
const MAX_WALK_DEPTH: usize = 1_000;
/// Longest chain of modules that are followed for a value.
const MAX_MODULES: usize = 4;
/// What `__dirname` stands for.
const HERE: &str = ".";

/// What a file says.
#[derive(Debug)]
pub(super) struct ConfigValue {
    pub(super) value: Node,
    /// Of programs: the strings below every property of these names, wherever they stand.
    named: BTreeMap<String, Vec<(String, Range<usize>)>>,
    /// Of programs: calls of imported functions, by what they are imported from, and their arguments.
    pub(super) calls: Vec<(String, Vec<Node>)>,
}

/// Properties that are collected wherever they stand in a program.
const NAMED: &[&str] = &["entry", "entryPoints", "input", "pageExtensions", "loader", "use", "neverBundle"];

impl ConfigValue {
    /// A value that stands in a larger file.
    pub(super) fn of(value: Node) -> Self {
        Self { value, named: BTreeMap::new(), calls: Vec::new() }
    }

    /// The strings below every property of a name.
    pub(super) fn named(&self, name: &str) -> &[(String, Range<usize>)] {
        self.named.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Finds a module of the project, by the path of the file that names it: its path and text.
pub(super) type Modules<'m> = dyn Fn(&str, &str) -> Option<(String, &'m str)> + 'm;

/// Reads a configuration file by its name; `None` where nothing can be told.
pub(super) fn read(path: &str, text: &str, modules: &Modules<'_>) -> Option<ConfigValue> {
    read_within(path, text, modules, 0)
}

fn read_within(path: &str, text: &str, modules: &Modules<'_>, within: usize) -> Option<ConfigValue> {
    let name = base_name(path);
    if ["js", "cjs", "mjs", "ts", "cts", "mts", "jsx", "tsx"].iter().any(|kind| is_kind(name, kind)) {
        return program(path, text, modules, within);
    }
    if is_kind(name, "yaml") || is_kind(name, "yml") {
        return yaml::parse(text).ok().map(ConfigValue::of);
    }
    if is_kind(name, "toml") || is_kind(name, "sh") {
        return None;
    }
    parse_jsonc(text).or_else(|| yaml::parse(text).ok()).map(ConfigValue::of)
}

fn program(path: &str, text: &str, modules: &Modules<'_>, within: usize) -> Option<ConfigValue> {
    let by_path = SourceType::from_path(path).unwrap_or_else(|_| SourceType::ts());
    let source_type = if by_path.is_javascript() { SourceType::unambiguous().with_jsx(true) } else { by_path };
    if too_deep(text, source_type).is_some() {
        return None;
    }
    let allocator = Allocator::default();
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, text, source_type).with_options(options).parse();
    if parsed.panicked {
        return None;
    }
    let mut names = Names::default();
    for statement in &parsed.program.body {
        names.top(statement);
    }
    names.visit_program(&parsed.program);
    let evaluator = Evaluator { names: &names, left: Cell::new(MAX_VALUES), path, modules, within };
    let value = match names.exported {
        Some(Exported::Expression(expression)) => evaluator.expression(expression, 0),
        Some(Exported::Function(function)) => evaluator.returned(function.body.as_deref(), 0),
        None => unknown(),
    };
    let mut named: BTreeMap<String, Vec<(String, Range<usize>)>> = BTreeMap::new();
    for (name, expression) in &names.properties {
        strings_below(&evaluator.expression(expression, 0), named.entry((*name).to_owned()).or_default());
    }
    let calls = names.calls.iter().filter_map(|call| {
        let Expression::Identifier(callee) = &call.callee else { return None };
        let source = names.imported.get(callee.name.as_str())?;
        let arguments = call.arguments.iter().filter_map(Argument::as_expression);
        Some((source.clone(), arguments.map(|argument| evaluator.expression(argument, 0)).collect()))
    });
    Some(ConfigValue { value, named, calls: calls.collect() })
}

/// Every string in a value.
pub(super) fn strings_below(node: &Node, found: &mut Vec<(String, Range<usize>)>) {
    match &node.kind {
        Kind::String(text) => found.push((text.clone(), node.span.clone())),
        Kind::Array(items) => items.iter().for_each(|item| strings_below(item, found)),
        Kind::Object(object) => object.members().iter().for_each(|member| strings_below(&member.value, found)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
    }
}

fn without_places(node: Node) -> Node {
    let kind = match node.kind {
        Kind::Array(items) => Kind::Array(items.into_iter().map(without_places).collect()),
        Kind::Object(object) => {
            let mut bare = Object::default();
            for member in object.members().iter().cloned() {
                bare.insert(Member { key_span: 0..0, value: without_places(member.value), ..member });
            }
            Kind::Object(bare)
        }
        kind => kind,
    };
    Node { kind, span: 0..0 }
}

fn unknown() -> Node {
    Node { kind: Kind::Null, span: 0..0 }
}

fn text(text: impl Into<String>, span: Span) -> Node {
    Node { kind: Kind::String(text.into()), span: range(span) }
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

#[derive(Clone, Copy)]
enum Exported<'p> {
    Expression(&'p Expression<'p>),
    Function(&'p Function<'p>),
}

// What the names of a file stand for. The first of several constants of one name counts.
#[derive(Default)]
struct Names<'p> {
    constants: BTreeMap<&'p str, &'p Expression<'p>>,
    functions: BTreeMap<&'p str, &'p Function<'p>>,
    imported: BTreeMap<String, String>,
    properties: Vec<(&'static str, &'p Expression<'p>)>,
    calls: Vec<&'p CallExpression<'p>>,
    exported: Option<Exported<'p>>,
    depth: usize,
}

impl<'p> Names<'p> {
    fn top(&mut self, statement: &'p Statement<'p>) {
        match statement.as_module_declaration() {
            Some(ModuleDeclaration::ImportDeclaration(import)) => {
                for specifier in import.specifiers.iter().flatten() {
                    self.imported.insert(specifier.local().name.to_string(), import.source.value.to_string());
                }
            }
            Some(ModuleDeclaration::ExportDefaultDeclaration(export)) => match &export.declaration {
                ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                    self.exported = Some(Exported::Function(function));
                }
                other => self.exported = other.as_expression().map(Exported::Expression).or(self.exported),
            },
            Some(ModuleDeclaration::TSExportAssignment(export)) => {
                self.exported = Some(Exported::Expression(&export.expression));
            }
            _ => {}
        }
        if let Statement::ExpressionStatement(statement) = statement
            && let Expression::AssignmentExpression(assignment) = &statement.expression
            && is_module_exports(assignment)
        {
            // `module.exports = exports = value`
            let mut value = &assignment.right;
            while let Expression::AssignmentExpression(inner) = value {
                value = &inner.right;
            }
            self.exported = Some(Exported::Expression(value));
        }
    }
}

impl<'p> Visit<'p> for Names<'p> {
    fn enter_node(&mut self, kind: AstKind<'p>) {
        match kind {
            AstKind::VariableDeclarator(declarator) => {
                if let (BindingPattern::BindingIdentifier(name), Some(init)) = (&declarator.id, &declarator.init) {
                    if let Expression::CallExpression(call) = init
                        && let Some(source) = required(call)
                    {
                        self.imported.entry(name.name.to_string()).or_insert_with(|| source.to_owned());
                    }
                    self.constants.entry(name.name.as_str()).or_insert(init);
                }
            }
            AstKind::Function(function) => {
                if let Some(id) = &function.id {
                    self.functions.entry(id.name.as_str()).or_insert(function);
                }
            }
            AstKind::ObjectProperty(property) => {
                let name = property.key.static_name();
                let known = NAMED.iter().find(|known| name.as_deref() == Some(**known));
                self.properties.extend(known.map(|known| (*known, &property.value)));
            }
            AstKind::CallExpression(call) => self.calls.push(call),
            _ => {}
        }
    }

    fn visit_statement(&mut self, statement: &Statement<'p>) {
        if self.depth < MAX_WALK_DEPTH {
            self.depth += 1;
            walk::walk_statement(self, statement);
            self.depth -= 1;
        }
    }

    fn visit_expression(&mut self, expression: &Expression<'p>) {
        if self.depth < MAX_WALK_DEPTH {
            self.depth += 1;
            walk::walk_expression(self, expression);
            self.depth -= 1;
        }
    }
}

fn is_module_exports(assignment: &AssignmentExpression<'_>) -> bool {
    let Some(member) = assignment.left.as_member_expression() else { return false };
    let Expression::Identifier(object) = member.object() else { return false };
    matches!(
        (object.name.as_str(), member.static_property_name()),
        ("module", Some("exports")) | ("exports", Some("default"))
    )
}

// The text of `require("x")`.
fn required<'e>(call: &'e CallExpression<'_>) -> Option<&'e str> {
    let Expression::Identifier(callee) = &call.callee else { return None };
    match call.arguments.first().and_then(Argument::as_expression) {
        Some(Expression::StringLiteral(source)) if callee.name == "require" => Some(source.value.as_str()),
        _ => None,
    }
}

struct Evaluator<'e, 'p, 'm> {
    names: &'e Names<'p>,
    left: Cell<usize>,
    path: &'e str,
    modules: &'e Modules<'m>,
    /// In how many modules that lead here.
    within: usize,
}

impl<'p> Evaluator<'_, 'p, '_> {
    fn expression(&self, expression: &'p Expression<'p>, depth: usize) -> Node {
        let left = self.left.get();
        if depth > MAX_DEPTH || left == 0 {
            return unknown();
        }
        self.left.set(left - 1);
        let next = depth + 1;
        match expression {
            Expression::StringLiteral(literal) => text(literal.value.as_str(), literal.span),
            Expression::BooleanLiteral(literal) => Node { kind: Kind::Bool(literal.value), span: range(literal.span) },
            Expression::NumericLiteral(literal) => {
                Node { kind: Kind::Number(literal.value), span: range(literal.span) }
            }
            Expression::TemplateLiteral(template) => {
                let mut words = String::new();
                for (at, quasi) in template.quasis.iter().enumerate() {
                    words.push_str(quasi.value.cooked.as_ref().map_or("", |cooked| cooked.as_str()));
                    if let Some(inner) = template.expressions.get(at) {
                        match self.expression(inner, next).kind {
                            Kind::String(inner) => words.push_str(&inner),
                            _ => return unknown(),
                        }
                    }
                }
                text(words, template.span)
            }
            Expression::ArrayExpression(array) => {
                let mut items = Vec::new();
                for element in &array.elements {
                    match element {
                        ArrayExpressionElement::SpreadElement(spread) => {
                            if let Kind::Array(inner) = self.expression(&spread.argument, next).kind {
                                items.extend(inner);
                            }
                        }
                        other => items.extend(other.as_expression().map(|item| self.expression(item, next))),
                    }
                }
                Node { kind: Kind::Array(items), span: range(array.span) }
            }
            Expression::ObjectExpression(object) => self.object(object, next),
            Expression::Identifier(name) => self.name(name.name.as_str(), next),
            Expression::ArrowFunctionExpression(arrow) => match &arrow.body {
                ArrowFunctionBody::FunctionBody(body) => self.returned(Some(body), next),
                body => body.as_expression().map_or_else(unknown, |value| self.expression(value, next)),
            },
            Expression::FunctionExpression(function) => self.returned(function.body.as_deref(), next),
            Expression::CallExpression(call) => self.call(call, next),
            Expression::NewExpression(new) => {
                let name = match &new.callee {
                    Expression::Identifier(class) => Some(class.name.as_str()),
                    callee => callee.as_member_expression().and_then(MemberExpression::static_property_name),
                };
                name.map_or_else(unknown, |name| self.constructed(name, new, next))
            }
            Expression::ConditionalExpression(conditional) => {
                let value = self.expression(&conditional.consequent, next);
                merged(value, self.expression(&conditional.alternate, next))
            }
            Expression::LogicalExpression(logical) => match logical.operator {
                LogicalOperator::And => self.expression(&logical.right, next),
                LogicalOperator::Or | LogicalOperator::Coalesce => {
                    let value = self.expression(&logical.left, next);
                    if value.is_null() { self.expression(&logical.right, next) } else { value }
                }
            },
            Expression::AwaitExpression(awaited) => self.expression(&awaited.argument, next),
            Expression::ParenthesizedExpression(inner) => self.expression(&inner.expression, next),
            Expression::TSAsExpression(inner) => self.expression(&inner.expression, next),
            Expression::TSSatisfiesExpression(inner) => self.expression(&inner.expression, next),
            Expression::TSNonNullExpression(inner) => self.expression(&inner.expression, next),
            Expression::AssignmentExpression(assignment) => self.expression(&assignment.right, next),
            Expression::BinaryExpression(binary) if binary.operator == BinaryOperator::Addition => {
                match (self.expression(&binary.left, next).kind, self.expression(&binary.right, next).kind) {
                    (Kind::String(left), Kind::String(right)) => text(left + &right, binary.span),
                    _ => unknown(),
                }
            }
            other => other.as_member_expression().map_or_else(unknown, |member| self.member(member, next)),
        }
    }

    fn name(&self, name: &str, depth: usize) -> Node {
        if let Some(value) = self.names.constants.get(name) {
            return self.expression(value, depth);
        }
        if let Some(function) = self.names.functions.get(name) {
            return self.returned(function.body.as_deref(), depth);
        }
        if let Some(source) = self.names.imported.get(name) {
            return self.module(source);
        }
        if name == "__dirname" { Node { kind: Kind::String(HERE.to_owned()), span: 0..0 } } else { unknown() }
    }

    // What a module of the project exports as a whole. Its places are those of another text.
    fn module(&self, source: &str) -> Node {
        if self.within >= MAX_MODULES || !source.starts_with('.') {
            return unknown();
        }
        let Some((path, text)) = (self.modules)(self.path, source) else { return unknown() };
        let value = read_within(&path, text, self.modules, self.within + 1);
        value.map_or_else(unknown, |value| without_places(value.value))
    }

    fn object(&self, object: &'p ObjectExpression<'p>, depth: usize) -> Node {
        let mut members = Object::default();
        for property in &object.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => {
                    if let Kind::Object(inner) = self.expression(&spread.argument, depth).kind {
                        inner.members().iter().for_each(|member| members.insert(member.clone()));
                    }
                }
                ObjectPropertyKind::ObjectProperty(property) => {
                    let key = match property.key.static_name() {
                        Some(name) if !property.computed => Some(name.to_string()),
                        _ => property.key.as_expression().and_then(|key| match self.expression(key, depth).kind {
                            Kind::String(key) => Some(key),
                            _ => None,
                        }),
                    };
                    if let Some(key) = key {
                        let value = self.expression(&property.value, depth);
                        members.insert(Member { key, key_span: range(property.key.span()), value });
                    }
                }
            }
        }
        Node { kind: Kind::Object(members), span: range(object.span) }
    }

    // `new Name(arguments)`, as an object that says so.
    fn constructed(&self, name: &str, new: &'p NewExpression<'p>, depth: usize) -> Node {
        let arguments = new.arguments.iter().filter_map(Argument::as_expression);
        let arguments: Vec<Node> = arguments.map(|argument| self.expression(argument, depth)).collect();
        if name == "URL" {
            return arguments.into_iter().next().unwrap_or_else(unknown);
        }
        let mut members = Object::default();
        let mut put = |key: &str, value: Node| {
            members.insert(Member { key: key.to_owned(), key_span: range(new.span), value });
        };
        put("new", text(name, new.span));
        put("arguments", Node { kind: Kind::Array(arguments), span: range(new.span) });
        Node { kind: Kind::Object(members), span: range(new.span) }
    }

    fn member(&self, member: &'p MemberExpression<'p>, depth: usize) -> Node {
        let Some(name) = member.static_property_name() else { return unknown() };
        if matches!(member.object(), Expression::ImportMeta(_)) && name == "dirname" {
            return Node { kind: Kind::String(HERE.to_owned()), span: 0..0 };
        }
        self.expression(member.object(), depth).get(name).cloned().unwrap_or_else(unknown)
    }

    fn call(&self, call: &'p CallExpression<'p>, depth: usize) -> Node {
        let (owner, function) = match &call.callee {
            Expression::Identifier(name) => (None, name.name.as_str()),
            callee => match callee.as_member_expression() {
                Some(member) => (Some(member.object()), member.static_property_name().unwrap_or_default()),
                // A function that is called where it stands.
                None => return self.expression(callee, depth),
            },
        };
        let arguments = || -> Vec<Node> {
            call.arguments.iter().filter_map(Argument::as_expression).map(|one| self.expression(one, depth)).collect()
        };
        match (owner, function) {
            (None, "require") => return required(call).map_or_else(unknown, |source| self.module(source)),
            (Some(list), "filter" | "flat" | "slice" | "reverse" | "sort") => return self.expression(list, depth),
            (Some(list), "concat") => {
                let mut items = match self.expression(list, depth).kind {
                    Kind::Array(items) => items,
                    _ => Vec::new(),
                };
                for argument in arguments() {
                    match argument.kind {
                        Kind::Array(more) => items.extend(more),
                        Kind::Null => {}
                        _ => items.push(argument),
                    }
                }
                return Node { kind: Kind::Array(items), span: range(call.span) };
            }
            (Some(Expression::Identifier(name)), "resolve") if name.name == "require" => {
                return arguments().into_iter().next().unwrap_or_else(unknown);
            }
            (Some(Expression::ImportMeta(_)), "resolve") => {
                return arguments().into_iter().next().unwrap_or_else(unknown);
            }
            (_, "join" | "resolve") => {
                let parts: Option<Vec<String>> =
                    arguments().iter().map(|one| one.as_str().map(str::to_owned)).collect();
                return match parts {
                    Some(parts) if !parts.is_empty() => text(parts.join("/"), call.span),
                    _ => unknown(),
                };
            }
            (_, "fileURLToPath") => return arguments().into_iter().next().unwrap_or_else(unknown),
            (None, name) => {
                if let Some(function) = self.names.functions.get(name) {
                    return self.returned(function.body.as_deref(), depth);
                }
                if let Some(function @ (Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_))) =
                    self.names.constants.get(name)
                {
                    return self.expression(function, depth);
                }
                // A function of another module stands for what it gives.
                if let Some(source) = self.names.imported.get(name).filter(|source| source.starts_with('.')) {
                    let value = self.module(source);
                    if !value.is_null() {
                        return value;
                    }
                }
            }
            _ => {}
        }
        // A wrapper: what it is given, objects laid over each other.
        let given = arguments().into_iter().filter(|one| matches!(one.kind, Kind::Object(_) | Kind::Array(_)));
        given.reduce(merged).unwrap_or_else(unknown)
    }

    // What a function returns; of several objects all members, the first that gives one. A function that returns nothing but
    // sets (`config.set({})`) gives that.
    fn returned(&self, body: Option<&'p FunctionBody<'p>>, depth: usize) -> Node {
        let mut returns = Vec::new();
        let mut set = None;
        let mut left: Vec<&'p Statement<'p>> =
            body.map(|body| body.statements.iter().rev().collect()).unwrap_or_default();
        while let Some(statement) = left.pop() {
            match statement {
                Statement::ReturnStatement(statement) => returns.extend(&statement.argument),
                Statement::BlockStatement(block) => left.extend(block.body.iter().rev()),
                Statement::IfStatement(branch) => {
                    left.extend(&branch.alternate);
                    left.push(&branch.consequent);
                }
                Statement::TryStatement(attempt) => left.extend(attempt.block.body.iter().rev()),
                Statement::SwitchStatement(choice) => {
                    left.extend(choice.cases.iter().flat_map(|case| &case.consequent));
                }
                Statement::ExpressionStatement(statement) => {
                    if let Expression::CallExpression(call) = &statement.expression
                        && call.callee.as_member_expression().and_then(MemberExpression::static_property_name)
                            == Some("set")
                    {
                        set = call.arguments.first().and_then(Argument::as_expression).or(set);
                    }
                }
                _ => {}
            }
        }
        returns.into_iter().chain(set).map(|value| self.expression(value, depth)).reduce(merged).unwrap_or_else(unknown)
    }
}

// Two values of which either may hold: of objects all members, of lists all items, of texts both, else the first that is known.
fn merged(one: Node, other: Node) -> Node {
    match (one.kind, other.kind) {
        (Kind::Null, kind) => Node { kind, span: other.span },
        (Kind::Object(mut all), Kind::Object(more)) => {
            for member in more.members() {
                let value = match all.get(&member.key) {
                    Some(known) => merged(known.clone(), member.value.clone()),
                    None => member.value.clone(),
                };
                all.insert(Member { value, ..member.clone() });
            }
            Node { kind: Kind::Object(all), span: one.span }
        }
        (Kind::Array(mut all), Kind::Array(more)) => {
            all.extend(more);
            Node { kind: Kind::Array(all), span: one.span }
        }
        (Kind::String(one_text), Kind::String(other_text)) if one_text != other_text => {
            let items = vec![
                Node { kind: Kind::String(one_text), span: one.span.clone() },
                Node { kind: Kind::String(other_text), span: other.span },
            ];
            Node { kind: Kind::Array(items), span: one.span }
        }
        (Kind::Array(mut all), kind) if kind != Kind::Null => {
            all.push(Node { kind, span: other.span });
            Node { kind: Kind::Array(all), span: one.span }
        }
        (kind @ Kind::Object(_), other_kind @ Kind::String(_))
        | (kind @ Kind::String(_), other_kind @ Kind::Object(_)) => {
            let items = vec![Node { kind, span: one.span.clone() }, Node { kind: other_kind, span: other.span }];
            Node { kind: Kind::Array(items), span: one.span }
        }
        (kind @ (Kind::Object(_) | Kind::String(_)), Kind::Array(more)) => {
            let mut all = vec![Node { kind, span: one.span.clone() }];
            all.extend(more);
            Node { kind: Kind::Array(all), span: one.span }
        }
        (kind, _) => Node { kind, span: one.span },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(path: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let modules = |_: &str, source: &str| {
            (source == "./shared").then(|| ("shared.js".to_owned(), "module.exports = { s: 's' }"))
        };
        strings_below(&read(path, text, &modules).expect("read").value, &mut found);
        found.into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn programs_are_read_without_running_them() {
        for (text, expected) in [
            ("export default { a: 'x', b: ['y', ...more] }; const more = ['z'];", &["x", "y", "z"][..]),
            ("module.exports = { ...base, c: `a${d}` }; const base = { b: 'b' }, d = 'e';", &["b", "ae"]),
            ("export default defineConfig(({ mode }) => ({ test: { a: mode ? 'x' : 'y' } }))", &["x", "y"]),
            (
                "export default async function () { if (a) return { a: 'x' }; return { a: 'y', b: 'z' } }",
                &["x", "y", "z"],
            ),
            ("module.exports = function (config) { config.set({ plugins: ['p'] }) }", &["p"]),
            ("const p = require('path'); module.exports = { a: p.join(__dirname, 'x/y.js') }", &["./x/y.js"]),
            ("export default { a: require.resolve('x'), b: process.env.X ?? 'y' } satisfies C", &["x", "y"]),
            ("const c: C = { a: 'x' }; export default c;", &["x"]),
            ("export = { a: new Plugin({ x: 'y' }) }", &["Plugin", "y"]),
            ("const f = () => f(); export default f()", &[]),
            ("export default await import('x')", &[]),
            (
                "const s = require('./shared'); module.exports = { ...s, a: ['x'].filter(Boolean).concat('y') }",
                &["s", "x", "y"],
            ),
            ("import { merge } from 'm'; import s from './shared'; export default merge(s, { a: 'x' })", &["s", "x"]),
        ] {
            assert_eq!(strings("a.config.ts", text), expected, "{text}");
        }
        let value =
            read("b.mjs", "import react from 'r'; build({ entryPoints: ['a.ts'] }); react({ babel: 'b' })", &|_, _| {
                None
            })
            .expect("read");
        assert_eq!(value.named("entryPoints").iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), ["a.ts"]);
        assert_eq!(value.calls.len(), 1);
    }

    #[test]
    fn json_and_yaml_are_values() {
        assert_eq!(strings(".eslintrc", "{ // a\n \"extends\": \"x\", }"), ["x"]);
        assert_eq!(strings(".eslintrc", "extends: x\n"), ["x"]);
        assert_eq!(strings("a.yml", "extends: [x]\n"), ["x"]);
        assert!(read("a.js", "export default {", &|_, _| None).is_none());
        assert!(read("a.toml", "a = 1", &|_, _| None).is_none());
    }

    #[test]
    fn endless_spreads_end() {
        let lists = (0..60).map(|n| format!("const a{n} = [...a{0}, ...a{0}];", n + 1));
        let text = lists.fold("export default a0; ".to_owned(), |text, list| text + &list);
        assert!(read("a.js", &text, &|_, _| None).is_some());
    }
}

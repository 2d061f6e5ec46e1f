//! The features that a script uses: globals and their members that it does not declare, and syntax.
//!
//! Owns what counts as a use. A name that the script binds anywhere is its own (`window` and `document` aside), and what is
//! asked for first (`if`, `&&`, `?.`) is guarded. Types of values are not known: of instances only literals, what `new` makes
//! and global objects are looked at.

use super::{Flaw, Use};
use crate::support::features::{Features, Key, Kind};
use crate::support::script_depth::too_deep;
use octavo_toolkit::limits::excerpt;
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    AssignmentOperator, BinaryOperator, BindingPattern, ClassElement, Expression, ForStatementLeft, ImportOrExportKind,
    LogicalOperator, MethodDefinitionKind, PropertyKey, PropertyKind, RegExpFlags, VariableDeclarationKind,
};
use oxc_ast_visit::Visit;
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType, Span};
use std::collections::BTreeSet;
use std::ops::Range;

/// Longest condition that is searched for a guarded name, in bytes; longer ones are of minified sources.
pub const MAX_GUARD_BYTES: usize = 400;
/// How many conditions around a use are searched, the nearest first.
pub const MAX_GUARDS: usize = 16;

/// How a source is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// By what it has in it, JSX included.
    Unknown,
    /// A script of a page.
    Script,
    /// A module.
    Module,
    /// `CommonJS`.
    Common,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

/// Finds the features of a script that stands at `offset` of its file.
pub(super) fn uses(text: &str, offset: usize, language: Language, features: &Features) -> (Vec<Use>, Option<Flaw>) {
    let kind = match language {
        Language::Unknown => SourceType::unambiguous().with_jsx(true),
        Language::Script => SourceType::script(),
        Language::Module => SourceType::mjs(),
        Language::Common => SourceType::cjs(),
        Language::TypeScript => SourceType::ts(),
        Language::Tsx => SourceType::tsx(),
    };
    if let Some(at) = too_deep(text, kind) {
        return (Vec::new(), Some(deep(at + offset)));
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, kind).parse();
    if parsed.panicked {
        let error = parsed.diagnostics.first();
        let at = error.and_then(|error| error.labels.first()).map_or(0, |label| label.offset() as usize) + offset;
        let what = error.map_or_else(|| "unreadable".to_owned(), |error| error.message.to_string());
        return (Vec::new(), Some((format!("the script does not parse: {}", excerpt(&what)), at..at)));
    }
    let mut finder = Finder {
        text,
        features,
        declared: BTreeSet::new(),
        found: Vec::new(),
        guards: Vec::new(),
        ifs: 0,
        functions: 0,
    };
    finder.visit_program(&parsed.program);
    let Finder { declared, found, .. } = finder;
    let own = |found: &Found| found.root.as_ref().is_some_and(|root| declared.contains(root) && !is_page(root));
    let uses = found.into_iter().filter(|found| !own(found)).map(|found| Use {
        key: found.key,
        or: found.or,
        span: found.span.start + offset..found.span.end + offset,
        guarded: found.guarded,
    });
    (uses.collect(), None)
}

fn deep(at: usize) -> Flaw {
    ("the source nests too deeply to be read".to_owned(), at..at)
}

struct Found {
    key: Key,
    or: Option<Key>,
    span: Range<usize>,
    guarded: bool,
    // The name that must not be the script's own; none of syntax.
    root: Option<String>,
}

struct Finder<'s> {
    text: &'s str,
    features: &'s Features,
    declared: BTreeSet<String>,
    found: Vec<Found>,
    guards: Vec<Span>,
    ifs: usize,
    functions: usize,
}

fn bytes(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn is_world(name: &str) -> bool {
    matches!(name, "window" | "globalThis" | "self")
}

// Names that a wrapper of a script often takes as its parameters, and which mean the same there.
fn is_page(name: &str) -> bool {
    is_world(name) || name == "document" || name == "navigator"
}

// `a.b.c` as its names, at most three of them, the global object left out; the root must be a name.
fn chain(expression: &Expression<'_>, names: &mut Vec<String>, depth: usize) -> bool {
    if depth > 3 {
        return false;
    }
    match expression {
        Expression::Identifier(name) => {
            if !is_world(&name.name) || depth == 0 {
                names.push(name.name.to_string());
            }
            true
        }
        Expression::StaticMemberExpression(member) => {
            let known = chain(&member.object, names, depth + 1);
            names.push(member.property.name.to_string());
            known
        }
        _ => false,
    }
}

// Whether a condition has a name otherwise than as what is called.
fn asks_for(condition: &str, name: &str) -> bool {
    let of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    condition.match_indices(name).any(|(at, _)| {
        let before = condition.get(..at).unwrap_or_default();
        let after = condition.get(at + name.len()..).unwrap_or_default();
        !before.ends_with(of_name) && !after.starts_with(of_name) && !after.trim_start().starts_with('(')
    })
}

// What a value is that is made where it is used: of which global it is an instance.
fn owner<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    match expression {
        Expression::ArrayExpression(_) => Some("Array"),
        Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => Some("String"),
        Expression::RegExpLiteral(_) => Some("RegExp"),
        Expression::NewExpression(made) => match &made.callee {
            Expression::Identifier(name) => Some(&name.name),
            _ => None,
        },
        Expression::CallExpression(call) => match &call.callee {
            Expression::Identifier(name) if matches!(&*name.name, "Array" | "String") => Some(&name.name),
            _ => None,
        },
        _ => None,
    }
}

impl Finder<'_> {
    fn guarded(&self, name: &str) -> bool {
        self.ifs > 0
            || self.guards.iter().rev().take(MAX_GUARDS).any(|span| {
                let text = self.text.get(bytes(*span)).unwrap_or_default();
                text.len() <= MAX_GUARD_BYTES && asks_for(text, name)
            })
    }

    fn api(&mut self, kind: Kind, name: &str, root: &str, span: Span, optional: bool) -> bool {
        let Some(key) = self.features.find(kind, name) else { return false };
        let last = name.rsplit('.').next().unwrap_or(name);
        let guarded = optional || self.guarded(last);
        self.found.push(Found { key, or: None, span: bytes(span), guarded, root: Some(root.to_owned()) });
        true
    }

    // A global by its name.
    fn global(&mut self, expression: &Expression<'_>, span: Span) {
        if let Expression::Identifier(name) = expression {
            self.api(Kind::Global, &name.name, &name.name, span, false);
        }
    }

    // A global behind `new`: its constructor, and else the global itself.
    fn made(&mut self, expression: &Expression<'_>, span: Span) {
        let Expression::Identifier(name) = expression else { return };
        let constructor = format!("{0}.{0}", name.name);
        if !self.api(Kind::Member, &constructor, &name.name, span, false) {
            self.global(expression, span);
        } else if let Some(found) = self.found.last_mut() {
            found.or = self.features.find(Kind::Global, &name.name);
        }
    }

    fn syntax(&mut self, name: &str, span: Span) {
        if let Some(key) = self.features.find(Kind::Syntax, name) {
            self.found.push(Found { key, or: None, span: bytes(span), guarded: false, root: None });
        }
    }

    // The first bytes of something long.
    fn start(&mut self, name: &str, span: Span) {
        self.syntax(name, Span::new(span.start, span.end.min(span.start + 1)));
    }

    fn pattern(&mut self, pattern: &BindingPattern<'_>) {
        match pattern {
            BindingPattern::ObjectPattern(object) => {
                self.start("operators.destructuring", object.span);
                if let Some(rest) = &object.rest {
                    self.syntax("operators.destructuring.rest_in_objects", rest.span);
                }
            }
            BindingPattern::ArrayPattern(array) => self.start("operators.destructuring", array.span),
            _ => {}
        }
    }

    fn member(&mut self, object: &Expression<'_>, property: &str, span: Span, optional: bool) {
        if let Some(owner) = owner(object) {
            self.api(Kind::Member, &format!("{owner}.{property}"), owner, span, optional);
            return;
        }
        let mut names = Vec::new();
        if !chain(object, &mut names, 0) {
            return;
        }
        if let [only] = names.as_slice()
            && is_world(only)
        {
            self.api(Kind::Global, property, only, span, optional);
            return;
        }
        let Some(root) = names.first().cloned() else { return };
        let whole = format!("{}.{property}", names.join("."));
        let known = self.api(Kind::Member, &whole, &root, span, optional);
        // Where the member is not what is missing, its owner may be.
        if names.len() == 1 && matches!(object, Expression::Identifier(_)) {
            if let Some(found) = self.found.last_mut().filter(|_| known) {
                found.or = self.features.find(Kind::Global, &root);
            } else {
                self.api(Kind::Global, &root, &root, span, optional);
            }
        }
    }

    fn regex(&mut self, pattern: &str, flags: RegExpFlags, span: Span) {
        for (flag, name) in [
            (RegExpFlags::S, "builtins.RegExp.dotAll"),
            (RegExpFlags::D, "builtins.RegExp.hasIndices"),
            (RegExpFlags::Y, "builtins.RegExp.sticky"),
            (RegExpFlags::U, "builtins.RegExp.unicode"),
            (RegExpFlags::V, "builtins.RegExp.unicodeSets"),
        ] {
            if flags.contains(flag) {
                self.syntax(name, span);
            }
        }
        let (mut escaped, mut in_class) = (false, false);
        for (at, byte) in pattern.bytes().enumerate() {
            let rest = pattern.get(at..).unwrap_or_default();
            match byte {
                _ if escaped => {
                    escaped = false;
                    let unicode = flags.intersects(RegExpFlags::U | RegExpFlags::V);
                    if matches!(byte, b'p' | b'P') && unicode && rest.get(1..).is_some_and(|it| it.starts_with('{')) {
                        self.syntax("regular_expressions.unicode_character_class_escape", span);
                    }
                }
                b'\\' => escaped = true,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'(' if !in_class && (rest.starts_with("(?<=") || rest.starts_with("(?<!")) => {
                    self.syntax("regular_expressions.lookbehind_assertion", span);
                }
                b'(' if !in_class && rest.starts_with("(?<") => {
                    self.syntax("regular_expressions.named_capturing_group", span);
                }
                b'(' if !in_class && rest.starts_with("(?") => {
                    let flag = rest.as_bytes().get(2).copied().unwrap_or_default();
                    if matches!(flag, b'i' | b'm' | b's' | b'-') {
                        self.syntax("regular_expressions.modifier", span);
                    }
                }
                _ => {}
            }
        }
    }

    fn class_element(&mut self, element: &ClassElement<'_>) {
        match element {
            ClassElement::StaticBlock(block) => self.start("classes.static.initialization_blocks", block.span),
            ClassElement::MethodDefinition(method) => {
                if matches!(method.key, PropertyKey::PrivateIdentifier(_)) {
                    self.syntax("classes.private_class_methods", method.key.span());
                }
                match method.kind {
                    MethodDefinitionKind::Get => self.syntax("functions.get", method.key.span()),
                    MethodDefinitionKind::Set => self.syntax("functions.set", method.key.span()),
                    MethodDefinitionKind::Constructor | MethodDefinitionKind::Method => {}
                }
                if method.r#static {
                    self.syntax("classes.static", method.key.span());
                }
            }
            ClassElement::PropertyDefinition(field) if !field.declare => {
                let name = match (&field.key, field.r#static) {
                    (PropertyKey::PrivateIdentifier(_), _) => "classes.private_class_fields",
                    (_, true) => "classes.static.class_fields",
                    (_, false) => "classes.public_class_fields",
                };
                self.syntax(name, field.key.span());
            }
            _ => {}
        }
    }

    fn operators(&mut self, kind: AstKind<'_>) {
        match kind {
            AstKind::AssignmentExpression(assignment) => {
                let span = Span::new(assignment.left.span().end, assignment.right.span().start);
                match assignment.operator {
                    AssignmentOperator::LogicalAnd => self.syntax("operators.logical_and_assignment", span),
                    AssignmentOperator::LogicalOr => self.syntax("operators.logical_or_assignment", span),
                    AssignmentOperator::LogicalNullish => {
                        self.syntax("operators.nullish_coalescing_assignment", span);
                    }
                    AssignmentOperator::Exponential => self.syntax("operators.exponentiation_assignment", span),
                    _ => {}
                }
            }
            AstKind::BinaryExpression(binary) if binary.operator == BinaryOperator::Exponential => {
                self.syntax("operators.exponentiation", Span::new(binary.left.span().end, binary.right.span().start));
            }
            AstKind::LogicalExpression(logical) if logical.operator == LogicalOperator::Coalesce => {
                let span = Span::new(logical.left.span().end, logical.right.span().start);
                self.syntax("operators.nullish_coalescing", span);
            }
            AstKind::PrivateInExpression(it) => self.syntax("classes.private_class_fields_in", it.span),
            AstKind::ChainExpression(it) => self.syntax("operators.optional_chaining", it.span),
            AstKind::AwaitExpression(it) => {
                let name = if self.functions == 0 { "operators.await.top_level" } else { "operators.await" };
                self.start(name, it.span);
            }
            AstKind::YieldExpression(it) => self.start("operators.yield", it.span),
            AstKind::ImportExpression(it) => self.syntax("operators.import", it.span),
            AstKind::ImportMeta(it) => self.syntax("operators.import_meta", it.span),
            AstKind::NewTarget(it) => self.syntax("operators.new_target", it.span),
            _ => {}
        }
    }

    fn declarations(&mut self, kind: AstKind<'_>) {
        match kind {
            AstKind::VariableDeclaration(it) => match it.kind {
                VariableDeclarationKind::Const => self.start("statements.const", it.span),
                VariableDeclarationKind::Let => self.start("statements.let", it.span),
                VariableDeclarationKind::Using => self.start("statements.using", it.span),
                VariableDeclarationKind::AwaitUsing => self.start("statements.await_using", it.span),
                VariableDeclarationKind::Var => {}
            },
            AstKind::VariableDeclarator(it) => self.pattern(&it.id),
            AstKind::FormalParameter(it) => {
                self.pattern(&it.pattern);
                if let Some(initializer) = &it.initializer {
                    self.syntax("functions.default_parameters", initializer.span());
                }
            }
            AstKind::FormalParameterRest(it) => self.syntax("functions.rest_parameters", it.span),
            AstKind::Function(it) => match (it.r#async, it.generator) {
                (true, true) => self.start("operators.async_generator_function", it.span),
                (true, false) => self.start("operators.async_function", it.span),
                (false, true) => self.start("operators.generator_function", it.span),
                (false, false) => {}
            },
            AstKind::ArrowFunctionExpression(it) => {
                self.start("functions.arrow_functions", it.span);
                if it.r#async {
                    self.start("operators.async_function", it.span);
                }
            }
            AstKind::Class(it) => {
                self.start("classes", it.span);
                if let Some(heritage) = &it.heritage {
                    self.global(&heritage.expression, heritage.expression.span());
                }
                for element in &it.body.body {
                    self.class_element(element);
                }
            }
            AstKind::ForOfStatement(it) => {
                self.start(if it.r#await { "statements.for_await_of" } else { "statements.for_of" }, it.span);
                if let ForStatementLeft::ArrayAssignmentTarget(_) | ForStatementLeft::ObjectAssignmentTarget(_) =
                    it.left
                {
                    self.start("operators.destructuring", it.left.span());
                }
            }
            AstKind::CatchClause(it) if it.param.is_none() => {
                self.start("statements.try_catch.optional_catch_binding", it.span);
            }
            AstKind::ImportDeclaration(it) if it.import_kind == ImportOrExportKind::Value => {
                self.start("statements.import", it.span);
                if let Some(with) = &it.with_clause {
                    self.syntax("statements.import.import_attributes", with.span);
                }
            }
            AstKind::ExportAllDeclaration(it) => self.start("statements.export", it.span),
            AstKind::ExportDefaultDeclaration(it) => self.start("statements.export", it.span),
            _ => {}
        }
    }

    fn literals(&mut self, kind: AstKind<'_>) {
        match kind {
            AstKind::TemplateLiteral(it) => self.start("grammar.template_literals", it.span),
            AstKind::BigIntLiteral(it) => self.syntax("builtins.BigInt", it.span),
            AstKind::NumericLiteral(it) => {
                let raw = it.raw.as_ref().map(ToString::to_string).unwrap_or_default();
                if raw.contains('_') {
                    self.syntax("grammar.numeric_separators", it.span);
                }
                match raw.get(..2).map(str::to_ascii_lowercase).as_deref() {
                    Some("0b") => self.syntax("grammar.binary_numeric_literals", it.span),
                    Some("0o") => self.syntax("grammar.octal_numeric_literals", it.span),
                    _ => {}
                }
            }
            AstKind::RegExpLiteral(it) => {
                let pattern = it.regex.pattern.text.to_string();
                self.regex(&pattern, it.regex.flags, it.span);
            }
            AstKind::SpreadElement(it) => self.syntax("operators.spread.spread_in_arrays", it.span),
            AstKind::ObjectExpression(object) => {
                for property in &object.properties {
                    if let oxc_ast::ast::ObjectPropertyKind::SpreadProperty(it) = property {
                        self.syntax("operators.spread.spread_in_object_literals", it.span);
                    }
                }
            }
            AstKind::ObjectProperty(it) => {
                let span = it.key.span();
                if it.computed {
                    self.syntax("operators.object_initializer.computed_property_names", span);
                }
                if it.shorthand {
                    self.syntax("operators.object_initializer.shorthand_property_names", span);
                } else if it.method {
                    self.syntax("operators.object_initializer.shorthand_method_names", span);
                }
                match it.kind {
                    PropertyKind::Get => self.syntax("functions.get", span),
                    PropertyKind::Set => self.syntax("functions.set", span),
                    PropertyKind::Init => {}
                }
            }
            _ => {}
        }
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::BindingIdentifier(name) => {
                self.declared.insert(name.name.to_string());
            }
            AstKind::IfStatement(_) => self.ifs += 1,
            AstKind::ConditionalExpression(it) => self.guards.push(it.test.span()),
            AstKind::LogicalExpression(it) => self.guards.push(it.left.span()),
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => self.functions += 1,
            AstKind::NewExpression(it) => self.made(&it.callee, it.span),
            AstKind::CallExpression(it) => {
                if it.optional {
                    self.guards.push(it.callee.span());
                }
                self.global(&it.callee, it.span);
            }
            AstKind::StaticMemberExpression(it) => {
                self.member(&it.object, &it.property.name, it.span, it.optional);
            }
            _ => {}
        }
        self.operators(kind);
        self.declarations(kind);
        self.literals(kind);
    }

    fn leave_node(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::IfStatement(_) => self.ifs -= 1,
            AstKind::ConditionalExpression(_) | AstKind::LogicalExpression(_) => {
                self.guards.pop();
            }
            AstKind::CallExpression(it) if it.optional => {
                self.guards.pop();
            }
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => self.functions -= 1,
            _ => {}
        }
    }
}

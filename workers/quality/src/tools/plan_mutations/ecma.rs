//! Mutants of JavaScript and TypeScript: the operators of Stryker, each as the smallest edit.

use super::mutant::{Mutant, apart, find};
use super::regex;
use octavo_toolkit::LineIndex;
use oxc_allocator::Vec as ArenaVec;
use oxc_ast::ast::{
    Argument, ArrayExpression, ArrowFunctionBody, ArrowFunctionExpression, AssignmentExpression, BinaryExpression,
    BlockStatement, BooleanLiteral, CallExpression, Class, ClassElement, ComputedMemberExpression, Decorator,
    Directive, DoWhileStatement, ExportAllDeclaration, ExportFromDeclaration, Expression, ExpressionStatement,
    ForStatement, ForStatementInit, Function, FunctionBody, FunctionType, IfStatement, ImportDeclaration,
    ImportExpression, JSXAttributeItem, JSXAttributeValue, LogicalExpression, MethodDefinition, MethodDefinitionKind,
    NewExpression, ObjectExpression, ObjectProperty, PrivateFieldExpression, Program, PropertyDefinition, PropertyKey,
    RegExpLiteral, Statement, StaticMemberExpression, StringLiteral, SwitchCase, SwitchStatement, TSAsExpression,
    TSEnumDeclaration, TSExternalModuleDeclaration, TSExternalModuleReference, TSGlobalDeclaration,
    TSInterfaceDeclaration, TSNamespaceDeclaration, TSTypeAliasDeclaration, TSTypeAnnotation,
    TSTypeParameterDeclaration, TSTypeParameterInstantiation, TemplateLiteral, ThrowStatement, UnaryExpression,
    UpdateExpression, VariableDeclaration, WhileStatement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::{AssignmentOperator, LogicalOperator, UnaryOperator, UpdateOperator};
use oxc_syntax::scope::ScopeFlags;
use std::ops::Range;

/// The mutants of a program, in source order, but for the directives in its comments.
///
/// And how many were left out since no test can tell them.
pub(super) fn mutants(program: &Program<'_>, source: &str) -> (Vec<Mutant>, usize) {
    let mut maker = Maker { source, made: Vec::new(), equivalent: 0, role: Role::Other };
    maker.visit_program(program);
    let switches = switches(program, source);
    if !switches.is_empty() {
        let lines = LineIndex::new(source);
        maker.made.retain(|mutant| !off(&switches, &lines, mutant));
    }
    (maker.made, maker.equivalent)
}

// What an expression is to what is around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Other,
    Loop,
    Condition,
    Either,
    Both,
}

struct Maker<'s> {
    source: &'s str,
    made: Vec<Mutant>,
    equivalent: usize,
    role: Role,
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

const BOOLEAN: [&str; 8] = ["!=", "!==", "<", "<=", "==", "===", ">", ">="];

const ARITHMETIC: [(&str, &str); 5] = [("+", "-"), ("-", "+"), ("*", "/"), ("/", "*"), ("%", "*")];

const EQUALITY: [(&str, &[&str]); 8] = [
    ("<", &["<=", ">="]),
    ("<=", &["<", ">"]),
    (">", &[">=", "<="]),
    (">=", &[">", "<"]),
    ("==", &["!="]),
    ("!=", &["=="]),
    ("===", &["!=="]),
    ("!==", &["==="]),
];

const ASSIGNMENT: [(&str, &str); 12] = [
    ("+=", "-="),
    ("-=", "+="),
    ("*=", "/="),
    ("/=", "*="),
    ("%=", "*="),
    ("<<=", ">>="),
    (">>=", "<<="),
    ("&=", "|="),
    ("|=", "&="),
    ("&&=", "||="),
    ("||=", "&&="),
    ("??=", "&&="),
];

// Methods, and what takes their place; nothing where the call goes.
const METHODS: [(&str, Option<&str>); 36] = [
    ("charAt", None),
    ("endsWith", Some("startsWith")),
    ("startsWith", Some("endsWith")),
    ("every", Some("some")),
    ("some", Some("every")),
    ("filter", None),
    ("reverse", None),
    ("slice", None),
    ("sort", None),
    ("substr", None),
    ("substring", None),
    ("toLocaleLowerCase", Some("toLocaleUpperCase")),
    ("toLocaleUpperCase", Some("toLocaleLowerCase")),
    ("toLowerCase", Some("toUpperCase")),
    ("toUpperCase", Some("toLowerCase")),
    ("trim", None),
    ("trimEnd", Some("trimStart")),
    ("trimStart", Some("trimEnd")),
    ("min", Some("max")),
    ("max", Some("min")),
    ("setDate", Some("setTime")),
    ("setTime", Some("setDate")),
    ("setFullYear", Some("setMonth")),
    ("setMonth", Some("setFullYear")),
    ("setHours", Some("setMinutes")),
    ("setMinutes", Some("setHours")),
    ("setSeconds", Some("setMilliseconds")),
    ("setMilliseconds", Some("setSeconds")),
    ("setUTCDate", Some("setTime")),
    ("setUTCFullYear", Some("setUTCMonth")),
    ("setUTCMonth", Some("setUTCFullYear")),
    ("setUTCHours", Some("setUTCMinutes")),
    ("setUTCMinutes", Some("setUTCHours")),
    ("setUTCSeconds", Some("setUTCMilliseconds")),
    ("setUTCMilliseconds", Some("setUTCSeconds")),
    ("getUTCDate", None),
];

fn is_one(value: f64) -> bool {
    (value - 1.0).abs() < f64::EPSILON
}

fn is_text(expression: &Expression<'_>) -> bool {
    matches!(expression, Expression::StringLiteral(_) | Expression::TemplateLiteral(_))
}

fn calls(expression: &Expression<'_>, name: &str) -> bool {
    matches!(expression, Expression::Identifier(callee) if callee.name == name)
}

impl Maker<'_> {
    fn push(&mut self, operator: &'static str, at: u32, span: Range<usize>, text: impl Into<String>) {
        self.made.push(Mutant::new(operator, at as usize, span, text));
    }

    fn whole(&mut self, operator: &'static str, span: Span, text: &str) {
        self.push(operator, span.start, range(span), text);
    }

    // A sign between two operands gets another's place.
    fn sign(&mut self, operator: &'static str, whole: Span, between: (Span, Span), old: &str, new: &str) {
        if let Some(span) = find(self.source, between.0.end as usize, between.1.start as usize, old) {
            let text = apart(self.source, &span, new);
            self.push(operator, whole.start, span, text);
        }
    }

    fn expression(&mut self, it: &Expression<'_>, role: Role) {
        self.role = role;
        self.visit_expression(it);
        self.role = Role::Other;
    }

    fn boolean(&mut self, it: &Expression<'_>, role: Role) {
        const NAME: &str = "ConditionalExpression";
        let span = it.span();
        let is_boolean = match it {
            Expression::BinaryExpression(it) => BOOLEAN.contains(&it.operator.as_str()),
            Expression::LogicalExpression(it) => it.operator != LogicalOperator::Coalesce,
            _ => false,
        };
        let values: &[&str] = match role {
            Role::Loop => &["false"],
            Role::Condition => &["true", "false"],
            _ if !is_boolean => &[],
            Role::Either => &["false"],
            Role::Both => &["true"],
            Role::Other => &["true", "false"],
        };
        for value in values {
            self.whole(NAME, span, value);
        }
    }

    // What is made only where nothing else is within it.
    fn alone(&mut self, span: Span, visit: impl FnOnce(&mut Self)) {
        let before = self.made.len();
        visit(self);
        if self.made.len() == before {
            self.whole("CallExpression", span, ";");
        }
    }

    fn block(&mut self, span: Span, empty: bool) {
        if !empty {
            self.whole("BlockStatement", span, "{}");
        }
    }

    fn string(&mut self, it: &StringLiteral<'_>) {
        let text = if it.value.is_empty() { "\"Stryker was here!\"" } else { "\"\"" };
        self.whole("StringLiteral", it.span, text);
    }

    // `?.` of a member or a call goes.
    fn chain(&mut self, whole: Span, object: Span, end: u32, dotted: bool) {
        if let Some(span) = find(self.source, object.end as usize, end as usize, "?.") {
            self.push("OptionalChaining", whole.start, span, if dotted { "." } else { "" });
        }
    }

    fn arguments(&mut self, it: &[Argument<'_>]) {
        it.iter().for_each(|one| self.visit_argument(one));
    }

    fn array(&mut self, whole: Span, callee: Span, arguments: &[Argument<'_>], types: Option<Span>) {
        let from = types.map_or(callee.end, |types| types.end) as usize;
        match (arguments.first(), arguments.last()) {
            (Some(first), Some(_)) => {
                if let Some(open) = find(self.source, from, first.span().start as usize, "(") {
                    self.push("ArrayDeclaration", whole.start, open.end..whole.end as usize - 1, "");
                }
            }
            _ => match find(self.source, from, whole.end as usize, "(") {
                Some(open) => self.push("ArrayDeclaration", whole.start, open.start..whole.end as usize, "([])"),
                None => self.push("ArrayDeclaration", whole.start, whole.end as usize..whole.end as usize, "([])"),
            },
        }
    }

    fn method(&mut self, it: &CallExpression<'_>) {
        let Expression::StaticMemberExpression(callee) = &it.callee else { return };
        let name = callee.property.name.as_str();
        let Some((_, other)) = METHODS.iter().find(|(known, _)| *known == name && name != "getUTCDate") else { return };
        match other {
            Some(other) => self.push("MethodExpression", it.span.start, range(callee.property.span), *other),
            None if matches!(callee.object, Expression::Super(_)) => {}
            None => {
                // From the dot on: brackets around the object stay.
                let from = callee.object.span().end as usize;
                let dot = find(
                    self.source,
                    from,
                    callee.property.span.start as usize,
                    if callee.optional { "?." } else { "." },
                );
                if let Some(dot) = dot {
                    self.push("MethodExpression", it.span.start, dot.start..it.span.end as usize, "");
                }
            }
        }
    }

    fn key(&mut self, key: &PropertyKey<'_>, computed: bool, quiet: bool) {
        match key {
            // A name in quotes.
            PropertyKey::StringLiteral(_) if quiet && !computed => {}
            _ => self.visit_property_key(key),
        }
    }
}

// Whether a constructor must keep its body: what it calls `super` for.
fn keeps_body(class: &Class<'_>, constructor: &MethodDefinition<'_>) -> bool {
    let parameters = &constructor.value.params.items;
    let declares = parameters.iter().any(|one| one.accessibility.is_some() || one.readonly || one.r#override);
    let initialised = class
        .body
        .body
        .iter()
        .any(|one| matches!(one, ClassElement::PropertyDefinition(one) if one.value.is_some() && !matches!(one.key, PropertyKey::PrivateIdentifier(_))));
    let mut supers = Supers(false);
    if let Some(body) = &constructor.value.body {
        supers.visit_function_body(body);
    }
    (declares || initialised) && supers.0
}

struct Supers(bool);

impl<'a> Visit<'a> for Supers {
    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.0 |= matches!(it.callee, Expression::Super(_));
        walk::walk_call_expression(self, it);
    }
}

impl<'a> Visit<'a> for Maker<'_> {
    fn visit_expression(&mut self, it: &Expression<'a>) {
        let role = std::mem::replace(&mut self.role, Role::Other);
        // What is seen as a type is left alone.
        if !matches!(it, Expression::TSAsExpression(_)) {
            self.boolean(it, role);
        }
        walk::walk_expression(self, it);
    }

    fn visit_binary_expression(&mut self, it: &BinaryExpression<'a>) {
        let operator = it.operator.as_str();
        let between = (it.left.span(), it.right.span());
        let last = if let Expression::BinaryExpression(left) = &it.left { &left.right } else { &it.left };
        if !is_text(last) && !is_text(&it.right) {
            for (_, other) in ARITHMETIC.iter().filter(|(known, _)| *known == operator) {
                // `a * 1` is `a / 1`.
                if matches!(operator, "*" | "/")
                    && matches!(&it.right, Expression::NumericLiteral(one) if is_one(one.value))
                {
                    self.equivalent += 1;
                } else {
                    self.sign("ArithmeticOperator", it.span, between, operator, other);
                }
            }
        }
        for (_, others) in EQUALITY.iter().filter(|(known, _)| *known == operator) {
            for other in *others {
                self.sign("EqualityOperator", it.span, between, operator, other);
            }
        }
        walk::walk_binary_expression(self, it);
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        let (old, new, role) = match it.operator {
            LogicalOperator::And => ("&&", "||", Role::Both),
            LogicalOperator::Or => ("||", "&&", Role::Either),
            LogicalOperator::Coalesce => ("??", "&&", Role::Other),
        };
        let same = |name: &str| calls(&it.right, name);
        if matches!(&it.left, Expression::Identifier(left) if same(&left.name)) {
            self.equivalent += 1;
        } else {
            self.sign("LogicalOperator", it.span, (it.left.span(), it.right.span()), old, new);
        }
        self.expression(&it.left, role);
        self.expression(&it.right, role);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        let operator = it.operator.as_str();
        let logical = matches!(
            it.operator,
            AssignmentOperator::LogicalAnd | AssignmentOperator::LogicalOr | AssignmentOperator::LogicalNullish
        );
        if logical || !is_text(&it.right) {
            for (_, other) in ASSIGNMENT.iter().filter(|(known, _)| *known == operator) {
                self.sign("AssignmentOperator", it.span, (it.left.span(), it.right.span()), operator, other);
            }
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        let (name, text) = match it.operator {
            UnaryOperator::LogicalNot => ("BooleanLiteral", ""),
            UnaryOperator::UnaryPlus => ("UnaryOperator", "-"),
            UnaryOperator::UnaryNegation => ("UnaryOperator", "+"),
            UnaryOperator::BitwiseNot => ("UnaryOperator", ""),
            _ => ("", ""),
        };
        if !name.is_empty() {
            let start = it.span.start as usize;
            let span = start..start + 1;
            let text = apart(self.source, &span, text);
            self.push(name, it.span.start, span, text);
        }
        walk::walk_unary_expression(self, it);
    }

    fn visit_update_expression(&mut self, it: &UpdateExpression<'a>) {
        let (start, end) = (it.span.start as usize, it.span.end as usize);
        let span = if it.prefix { start..start + 2 } else { end - 2..end };
        let text = if it.operator == UpdateOperator::Increment { "--" } else { "++" };
        let text = apart(self.source, &span, text);
        self.push("UpdateOperator", it.span.start, span, text);
        walk::walk_update_expression(self, it);
    }

    fn visit_boolean_literal(&mut self, it: &BooleanLiteral) {
        self.whole("BooleanLiteral", it.span, if it.value { "false" } else { "true" });
    }

    fn visit_string_literal(&mut self, it: &StringLiteral<'a>) {
        self.string(it);
    }

    fn visit_template_literal(&mut self, it: &TemplateLiteral<'a>) {
        let empty = it.expressions.is_empty() && it.quasis.first().is_some_and(|quasi| quasi.value.raw.is_empty());
        self.whole("StringLiteral", it.span, if empty { "`Stryker was here!`" } else { "``" });
        walk::walk_template_literal(self, it);
    }

    fn visit_reg_exp_literal(&mut self, it: &RegExpLiteral<'a>) {
        let pattern = it.regex.pattern.text.as_str();
        let start = it.span.start as usize + 1;
        for (span, text) in regex::mutants(pattern) {
            // Nothing at all would be a comment.
            let empty = text.is_empty() && span.len() == pattern.len();
            let text = if empty { "(?:)".to_owned() } else { text };
            self.push("Regex", it.span.start, start + span.start..start + span.end, text);
        }
    }

    fn visit_array_expression(&mut self, it: &ArrayExpression<'a>) {
        self.whole("ArrayDeclaration", it.span, if it.elements.is_empty() { "[\"Stryker was here\"]" } else { "[]" });
        walk::walk_array_expression(self, it);
    }

    fn visit_object_expression(&mut self, it: &ObjectExpression<'a>) {
        if !it.properties.is_empty() {
            self.whole("ObjectLiteral", it.span, "{}");
        }
        walk::walk_object_expression(self, it);
    }

    fn visit_object_property(&mut self, it: &ObjectProperty<'a>) {
        self.key(&it.key, false, true);
        self.visit_expression(&it.value);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.key(&it.key, false, true);
        it.value.iter().for_each(|value| self.visit_expression(value));
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        self.key(&it.key, it.computed, false);
        self.visit_function(&it.value, ScopeFlags::Function);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        if it.declare {
            return;
        }
        it.heritage.iter().for_each(|one| self.visit_class_heritage(one));
        for element in &it.body.body {
            match element {
                ClassElement::MethodDefinition(method)
                    if method.kind == MethodDefinitionKind::Constructor && keeps_body(it, method) =>
                {
                    self.visit_formal_parameters(&method.value.params);
                    if let Some(body) = &method.value.body {
                        walk::walk_function_body(self, body);
                    }
                }
                other => self.visit_class_element(other),
            }
        }
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        if it.r#type != FunctionType::TSDeclareFunction {
            walk::walk_function(self, it, flags);
        }
    }

    fn visit_function_body(&mut self, it: &FunctionBody<'a>) {
        self.block(it.span, it.statements.is_empty());
        walk::walk_function_body(self, it);
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        if let ArrowFunctionBody::FunctionBody(_) = &it.body {
        } else if !it.body.as_expression().is_some_and(|body| calls(body, "undefined")) {
            self.whole("ArrowFunction", it.span, "() => undefined");
        }
        walk::walk_arrow_function_expression(self, it);
    }

    fn visit_block_statement(&mut self, it: &BlockStatement<'a>) {
        self.block(it.span, it.body.is_empty());
        walk::walk_block_statement(self, it);
    }

    fn visit_if_statement(&mut self, it: &IfStatement<'a>) {
        self.expression(&it.test, Role::Condition);
        self.visit_statement(&it.consequent);
        it.alternate.iter().for_each(|one| self.visit_statement(one));
    }

    fn visit_while_statement(&mut self, it: &WhileStatement<'a>) {
        self.expression(&it.test, Role::Loop);
        self.visit_statement(&it.body);
    }

    fn visit_do_while_statement(&mut self, it: &DoWhileStatement<'a>) {
        self.visit_statement(&it.body);
        self.expression(&it.test, Role::Loop);
    }

    fn visit_for_statement(&mut self, it: &ForStatement<'a>) {
        if it.test.is_none() {
            let start = it.span.start as usize;
            let from = it.init.as_ref().map_or(start, |init| init.span().end as usize);
            // A declaration may take the semicolon with it.
            let from = from - usize::from(self.source.get(..from).is_some_and(|text| text.ends_with(';')));
            if let Some(first) = find(self.source, from, it.span.end as usize, ";") {
                self.push("ConditionalExpression", it.span.start, first.end..first.end, " false");
            }
        }
        match &it.init {
            Some(ForStatementInit::VariableDeclaration(init)) => self.visit_variable_declaration(init),
            Some(init) => init.as_expression().into_iter().for_each(|init| self.visit_expression(init)),
            None => {}
        }
        it.test.iter().for_each(|test| self.expression(test, Role::Loop));
        it.update.iter().for_each(|update| self.visit_expression(update));
        self.visit_statement(&it.body);
    }

    fn visit_switch_statement(&mut self, it: &SwitchStatement<'a>) {
        self.visit_expression(&it.discriminant);
        for (at, case) in it.cases.iter().enumerate() {
            let leaves = |one: &Statement<'_>| matches!(one, Statement::BreakStatement(one) if one.label.is_none());
            if at + 1 == it.cases.len() && case.consequent.len() == 1 && case.consequent.iter().all(leaves) {
                // The switch is left without it too.
                self.equivalent += 1;
                case.test.iter().for_each(|test| self.visit_expression(test));
            } else {
                self.visit_switch_case(case);
            }
        }
    }

    // What follows a jump never runs; functions are known before it.
    fn visit_statements(&mut self, it: &ArenaVec<'a, Statement<'a>>) {
        let mut reached = true;
        for statement in it {
            let before = self.made.len();
            self.visit_statement(statement);
            if !reached && !matches!(statement, Statement::FunctionDeclaration(_) | Statement::ClassDeclaration(_)) {
                self.equivalent += self.made.len() - before;
                self.made.truncate(before);
            }
            reached &= !matches!(
                statement,
                Statement::ReturnStatement(_)
                    | Statement::ThrowStatement(_)
                    | Statement::BreakStatement(_)
                    | Statement::ContinueStatement(_)
            );
        }
    }

    fn visit_switch_case(&mut self, it: &SwitchCase<'a>) {
        if let (Some(first), Some(last)) = (it.consequent.first(), it.consequent.last()) {
            let span = first.span().start as usize..last.span().end as usize;
            self.push("ConditionalExpression", it.span.start, span, "");
        }
        walk::walk_switch_case(self, it);
    }

    fn visit_expression_statement(&mut self, it: &ExpressionStatement<'a>) {
        match &it.expression {
            Expression::CallExpression(call) if !matches!(call.callee, Expression::Super(_)) => {
                self.alone(it.span, |maker| maker.visit_expression(&it.expression));
            }
            Expression::StringLiteral(_) => {}
            other => self.visit_expression(other),
        }
    }

    fn visit_throw_statement(&mut self, it: &ThrowStatement<'a>) {
        if let Expression::NewExpression(_) = &it.argument {
            self.alone(it.span, |maker| maker.visit_expression(&it.argument));
        } else {
            self.visit_expression(&it.argument);
        }
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        if calls(&it.callee, "Array") {
            let types = it.type_arguments.as_ref().map(|types| types.span);
            self.array(it.span, it.callee.span(), &it.arguments, types);
        }
        self.method(it);
        if it.optional {
            let end = it.arguments.first().map_or(it.span.end, |first| first.span().start);
            self.chain(it.span, it.callee.span(), end, false);
        }
        self.visit_expression(&it.callee);
        let quiet = calls(&it.callee, "require") || calls(&it.callee, "Symbol");
        for argument in &it.arguments {
            if !quiet || !matches!(argument, Argument::StringLiteral(_)) {
                self.visit_argument(argument);
            }
        }
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        if calls(&it.callee, "Array") {
            let types = it.type_arguments.as_ref().map(|types| types.span);
            self.array(it.span, it.callee.span(), &it.arguments, types);
        }
        if calls(&it.callee, "RegExp")
            && let Some(Argument::StringLiteral(pattern)) = it.arguments.first()
        {
            let (start, raw) =
                (pattern.span.start as usize + 1, self.source.get(range(pattern.span)).unwrap_or_default());
            // Bytes of the text are bytes of the value only where nothing is escaped.
            if raw.get(1..raw.len().saturating_sub(1)) == Some(pattern.value.as_str()) {
                for (span, text) in regex::mutants(&pattern.value) {
                    self.push("Regex", pattern.span.start, start + span.start..start + span.end, text);
                }
            } else {
                for (span, text) in regex::mutants(&pattern.value) {
                    let mut value = pattern.value.to_string();
                    value.replace_range(span, &text);
                    let quoted = serde_json::Value::String(value).to_string();
                    self.whole("Regex", pattern.span, &quoted);
                }
            }
        }
        self.visit_expression(&it.callee);
        self.arguments(&it.arguments);
    }

    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        if it.optional {
            self.chain(it.span, it.object.span(), it.property.span.start, true);
        }
        walk::walk_static_member_expression(self, it);
    }

    fn visit_private_field_expression(&mut self, it: &PrivateFieldExpression<'a>) {
        if it.optional {
            self.chain(it.span, it.object.span(), it.field.span.start, true);
        }
        walk::walk_private_field_expression(self, it);
    }

    fn visit_computed_member_expression(&mut self, it: &ComputedMemberExpression<'a>) {
        if it.optional {
            self.chain(it.span, it.object.span(), it.expression.span().start, false);
        }
        walk::walk_computed_member_expression(self, it);
    }

    fn visit_jsx_attribute_item(&mut self, it: &JSXAttributeItem<'a>) {
        if let JSXAttributeItem::Attribute(attribute) = it
            && let Some(JSXAttributeValue::StringLiteral(_)) = &attribute.value
        {
            return;
        }
        walk::walk_jsx_attribute_item(self, it);
    }

    fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
        if !it.declare {
            walk::walk_variable_declaration(self, it);
        }
    }

    fn visit_ts_namespace_declaration(&mut self, it: &TSNamespaceDeclaration<'a>) {
        if !it.declare {
            walk::walk_ts_namespace_declaration(self, it);
        }
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        if !matches!(it.source, Expression::StringLiteral(_)) {
            walk::walk_import_expression(self, it);
        }
    }

    // Names of modules, types and what runs when a class is made are left alone.
    fn visit_import_declaration(&mut self, _: &ImportDeclaration<'a>) {}
    fn visit_export_all_declaration(&mut self, _: &ExportAllDeclaration<'a>) {}
    fn visit_export_from_declaration(&mut self, _: &ExportFromDeclaration<'a>) {}
    fn visit_ts_external_module_reference(&mut self, _: &TSExternalModuleReference<'a>) {}
    fn visit_ts_external_module_declaration(&mut self, _: &TSExternalModuleDeclaration<'a>) {}
    fn visit_ts_global_declaration(&mut self, _: &TSGlobalDeclaration<'a>) {}
    fn visit_directive(&mut self, _: &Directive<'a>) {}
    fn visit_decorator(&mut self, _: &Decorator<'a>) {}
    fn visit_ts_as_expression(&mut self, _: &TSAsExpression<'a>) {}
    fn visit_ts_interface_declaration(&mut self, _: &TSInterfaceDeclaration<'a>) {}
    fn visit_ts_type_alias_declaration(&mut self, _: &TSTypeAliasDeclaration<'a>) {}
    fn visit_ts_enum_declaration(&mut self, _: &TSEnumDeclaration<'a>) {}
    fn visit_ts_type_annotation(&mut self, _: &TSTypeAnnotation<'a>) {}
    fn visit_ts_type_parameter_instantiation(&mut self, _: &TSTypeParameterInstantiation<'a>) {}
    fn visit_ts_type_parameter_declaration(&mut self, _: &TSTypeParameterDeclaration<'a>) {}
}

// `// Stryker disable next-line A, B: reason`
struct Switch<'s> {
    // From this place on, or for this line alone.
    from: usize,
    line: bool,
    on: bool,
    operators: &'s str,
}

fn switches<'s>(program: &Program<'_>, source: &'s str) -> Vec<Switch<'s>> {
    let lines = LineIndex::new(source);
    let mut found = Vec::new();
    for comment in &program.comments {
        let text = source.get(range(comment.content_span())).unwrap_or_default();
        let text = text.strip_prefix(char::is_whitespace).unwrap_or(text);
        let Some(rest) = text.strip_prefix("Stryker ") else { continue };
        let (on, rest) = match (rest.strip_prefix("disable "), rest.strip_prefix("restore ")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => continue,
        };
        let (line, rest) = rest.strip_prefix("next-line ").map_or((false, rest), |rest| (true, rest));
        let operators = rest.split(':').next().unwrap_or_default();
        let at = comment.attached_to as usize;
        let from = if line { lines.position(at).line as usize } else { at };
        found.push(Switch { from, line, on, operators });
    }
    found
}

fn off(switches: &[Switch<'_>], lines: &LineIndex<'_>, mutant: &Mutant) -> bool {
    let own = lines.position(mutant.at).line;
    let applies = |switch: &&Switch<'_>| {
        let place = if switch.line { switch.from == own as usize } else { switch.from <= mutant.at };
        let named = |name: &str| name.eq_ignore_ascii_case("all") || name.eq_ignore_ascii_case(mutant.operator);
        place && switch.operators.split(',').map(str::trim).any(named)
    };
    switches.iter().rev().find(applies).is_some_and(|switch| !switch.on)
}

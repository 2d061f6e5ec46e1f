//! Rules about expressions and literals.

use super::super::table as rules;
use super::Lint;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, ArrayExpression, ArrayExpressionElement, AssignmentExpression, AssignmentOperator, AssignmentTarget,
    AssignmentTargetMaybeDefault, AssignmentTargetProperty, BinaryExpression, BinaryOperator, BindingPattern,
    CallExpression, ConditionalExpression, Expression, FunctionBody, LogicalOperator, MemberExpression, NewExpression,
    ObjectAssignmentTarget, ObjectExpression, ObjectPropertyKind, PropertyKey, PropertyKind, SimpleAssignmentTarget,
    StringLiteral, TemplateLiteral, UnaryExpression, UnaryOperator,
};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan, Span};
use std::collections::BTreeMap;

// Longest comparison whose sides are compared as text.
const MAX_COMPARED_BYTES: u32 = 2_000;
const TYPES: [&str; 8] = ["symbol", "undefined", "object", "boolean", "number", "string", "function", "bigint"];

impl<'a> Lint<'_, 'a> {
    pub(super) fn binary(&mut self, it: &BinaryExpression<'a>) {
        let is_compare = it.operator.is_compare() || it.operator.is_equality();
        if is_compare {
            if [&it.left, &it.right].into_iter().any(is_negative_zero) {
                self.hit(&rules::NO_COMPARE_NEG_ZERO, it.span, "nothing differs from -0 that does not differ from 0");
            }
            if [&it.left, &it.right].into_iter().any(is_nan) {
                self.hit(&rules::USE_ISNAN, it.span, "NaN equals nothing, not even itself: use Number.isNaN");
            }
            let short = it.span.size() <= MAX_COMPARED_BYTES;
            if short && self.plain(it.left.span()) == self.plain(it.right.span()) {
                self.hit(&rules::NO_SELF_COMPARE, it.span, "both sides are the same");
            }
        }
        if it.operator.is_equality() {
            for (side, other) in [(&it.left, &it.right), (&it.right, &it.left)] {
                if matches!(side, Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::Typeof) {
                    self.type_name(other);
                }
            }
        }
        let is_relation = matches!(it.operator, BinaryOperator::In | BinaryOperator::Instanceof);
        if is_relation
            && matches!(&it.left, Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::LogicalNot)
            && it.left.span().start == it.span.start
        {
            self.hit(&rules::NO_UNSAFE_NEGATION, it.span, "`!` belongs to the left side alone, not to the whole");
        }
        if it.operator == BinaryOperator::Addition {
            self.joined(it);
        }
    }

    fn type_name(&mut self, other: &Expression<'_>) {
        let named = match other {
            Expression::StringLiteral(literal) => Some(literal.value.to_string()),
            Expression::TemplateLiteral(literal) => literal.single_quasi().map(|text| text.to_string()),
            Expression::Identifier(name) if name.name == "undefined" && self.is_global(name) => {
                Some("the value undefined".to_owned())
            }
            _ => None,
        };
        if let Some(name) = named.filter(|name| !TYPES.contains(&name.as_str())) {
            self.hit(
                &rules::VALID_TYPEOF,
                other.span(),
                format!("`typeof` never gives {}", octavo_toolkit::limits::excerpt(&name)),
            );
        }
    }

    // Two literals joined at run time.
    fn joined(&mut self, it: &BinaryExpression<'_>) {
        let is_text =
            |side: &Expression<'_>| matches!(side, Expression::StringLiteral(_) | Expression::TemplateLiteral(_));
        let left = match &it.left {
            Expression::BinaryExpression(inner)
                if inner.operator == BinaryOperator::Addition && inner.span.start == it.span.start =>
            {
                &inner.right
            }
            other => other,
        };
        if is_text(left) && is_text(&it.right) {
            let between = Span::new(left.span().end, it.right.span().start);
            let text = self.text(between);
            if !text.contains('\n') && !text.contains(')') && !text.contains('(') {
                let sign = text.find('+').unwrap_or_default();
                let at = between.start + u32::try_from(sign).unwrap_or_default();
                self.hit(&rules::NO_USELESS_CONCAT, Span::new(at, at + 1), "two texts are joined that could be one");
            }
        }
    }

    pub(super) fn unary(&mut self, id: NodeId, it: &UnaryExpression<'a>) {
        match it.operator {
            UnaryOperator::Delete if matches!(it.argument, Expression::Identifier(_)) => {
                self.hit(&rules::NO_DELETE_VAR, it.span, "`delete` is for properties, not for variables");
            }
            UnaryOperator::LogicalNot => {
                if let Expression::UnaryExpression(inner) = &it.argument
                    && inner.operator == UnaryOperator::LogicalNot
                    && self.is_truth_asked(id, it.span)
                {
                    self.hit(&rules::NO_EXTRA_BOOLEAN_CAST, it.span, "the value is taken for true or false anyway");
                    let signs = Span::new(it.span.start, inner.argument.span().start);
                    if self.text(signs) == "!!" {
                        self.mend("Take it as it is", signs, "");
                    }
                }
            }
            _ => {}
        }
    }

    // Whether only the truth of an expression counts where it stands.
    fn is_truth_asked(&self, id: NodeId, own: Span) -> bool {
        let parent = self.nodes.parent_id(id);
        match self.nodes.kind(parent) {
            AstKind::ChainExpression(it) => self.is_truth_asked(parent, it.span),
            AstKind::IfStatement(it) => it.test.span() == own,
            AstKind::WhileStatement(it) => it.test.span() == own,
            AstKind::DoWhileStatement(it) => it.test.span() == own,
            AstKind::ForStatement(it) => it.test.as_ref().map(GetSpan::span) == Some(own),
            AstKind::ConditionalExpression(it) => it.test.span() == own,
            AstKind::UnaryExpression(it) => it.operator == UnaryOperator::LogicalNot,
            AstKind::CallExpression(it) => {
                it.callee.is_specific_id("Boolean") && it.arguments.first().map(GetSpan::span) == Some(own)
            }
            AstKind::NewExpression(it) => {
                it.callee.is_specific_id("Boolean") && it.arguments.first().map(GetSpan::span) == Some(own)
            }
            _ => false,
        }
    }

    pub(super) fn call(&mut self, id: NodeId, it: &CallExpression<'a>) {
        if let Expression::Identifier(name) = &it.callee
            && name.name == "Boolean"
            && self.is_truth_asked(id, it.span)
        {
            self.hit(&rules::NO_EXTRA_BOOLEAN_CAST, it.span, "the value is taken for true or false anyway");
        }
        match self.global_name(&it.callee) {
            Some(name @ ("Math" | "JSON" | "Reflect" | "Atomics" | "Intl")) => {
                self.hit(&rules::NO_OBJ_CALLS, it.span, format!("`{name}` is no function"));
            }
            Some("Function") if matches!(it.callee, Expression::Identifier(_)) => {
                self.hit(&rules::NO_NEW_FUNC, it.span, "code is made of a text");
            }
            Some("RegExp") => self.pattern_of(&it.arguments, it.span),
            _ => {}
        }
        let callee = match &it.callee {
            Expression::ChainExpression(chain) => chain.expression.member_expression(),
            other => other.get_member_expr(),
        };
        if let Some(member) = callee
            && matches!(member.static_property_name(), Some("call" | "apply" | "bind"))
            && matches!(member.object(), Expression::Identifier(name) if name.name == "Function" && self.is_global(name))
        {
            self.hit(&rules::NO_NEW_FUNC, it.span, "code is made of a text");
        }
        if let Some((span, name)) = callee.and_then(oxc_ast::ast::MemberExpression::static_property_info)
            && matches!(name, "hasOwnProperty" | "isPrototypeOf" | "propertyIsEnumerable")
        {
            self.hit(
                &rules::NO_PROTOTYPE_BUILTINS,
                span,
                format!("the object may have its own `{name}`, or no prototype"),
            );
        }
    }

    pub(super) fn new_expression(&mut self, id: NodeId, it: &NewExpression<'a>) {
        match self.global_name(&it.callee) {
            Some(name @ ("Math" | "JSON" | "Reflect" | "Atomics" | "Intl")) => {
                self.hit(&rules::NO_OBJ_CALLS, it.span, format!("`{name}` is no function"));
            }
            Some("RegExp") => self.pattern_of(&it.arguments, it.span),
            _ => {}
        }
        let Expression::Identifier(name) = &it.callee else { return };
        let global = self.is_global(name);
        match name.name.as_str() {
            "Promise" => self.executor(it, global),
            "Symbol" | "BigInt" if global => {
                self.hit(
                    &rules::NO_NEW_NATIVE_NONCONSTRUCTOR,
                    name.span,
                    format!("`{}` cannot be called with `new`", name.name),
                );
            }
            "String" | "Number" | "Boolean" if global => {
                self.hit(
                    &rules::NO_NEW_WRAPPERS,
                    it.span,
                    format!("an object of `{}` is always true, and equals no value", name.name),
                );
            }
            "Function" if global => self.hit(&rules::NO_NEW_FUNC, it.span, "code is made of a text"),
            _ => {}
        }
        let _ = id;
    }

    fn executor(&mut self, it: &NewExpression<'a>, global: bool) {
        let (is_async, span) = match it.arguments.first() {
            Some(Argument::ArrowFunctionExpression(function)) => {
                if let Some(body) = function.body.as_expression().filter(|_| global) {
                    self.hit(&rules::NO_PROMISE_EXECUTOR_RETURN, body.span(), "what the executor returns is lost");
                }
                (function.r#async, function.span)
            }
            Some(Argument::FunctionExpression(function)) => (function.r#async, function.span),
            _ => return,
        };
        if is_async {
            self.hit(&rules::NO_ASYNC_PROMISE_EXECUTOR, span, "what an async executor throws rejects nothing");
        }
    }

    pub(super) fn assignment(&mut self, it: &AssignmentExpression<'a>) {
        let plain = matches!(
            it.operator,
            AssignmentOperator::Assign
                | AssignmentOperator::LogicalAnd
                | AssignmentOperator::LogicalOr
                | AssignmentOperator::LogicalNullish
        );
        if plain {
            self.assigned(&it.left, &it.right);
        }
    }

    // Part by part, where both sides are taken apart.
    fn assigned(&mut self, left: &AssignmentTarget<'a>, right: &Expression<'a>) {
        let same = match (left, right) {
            (AssignmentTarget::AssignmentTargetIdentifier(left), right) => right.is_specific_id(&left.name),
            (AssignmentTarget::ArrayAssignmentTarget(left), Expression::ArrayExpression(right)) => {
                for (target, value) in left.elements.iter().zip(&right.elements) {
                    if let ArrayExpressionElement::SpreadElement(_) = value {
                        return;
                    }
                    let target = target.as_ref().and_then(AssignmentTargetMaybeDefault::as_assignment_target);
                    if let (Some(target), Some(value)) = (target, value.as_expression()) {
                        self.assigned(target, value);
                    }
                }
                if let Some(rest) = &left.rest
                    && let Some(ArrayExpressionElement::SpreadElement(spread)) = right.elements.last()
                    && right.elements.len() == left.elements.len() + 1
                {
                    self.assigned(&rest.target, &spread.argument);
                }
                false
            }
            (AssignmentTarget::ObjectAssignmentTarget(left), Expression::ObjectExpression(right)) => {
                self.assigned_by_name(left, right);
                false
            }
            (left, right) => left
                .as_simple_assignment_target()
                .and_then(SimpleAssignmentTarget::as_member_expression)
                .is_some_and(|left| {
                    let value = match right {
                        Expression::ChainExpression(chain) => chain.expression.member_expression(),
                        other => other.get_member_expr(),
                    };
                    let fixed = match left {
                        MemberExpression::ComputedMemberExpression(it) => is_fixed(&it.expression),
                        _ => true,
                    };
                    let bare = |span: Span| self.plain(span).replace("?.", ".").replace(['(', ')'], "");
                    value.is_some() && fixed && is_simple(left.object()) && bare(left.span()) == bare(right.span())
                }),
        };
        if same {
            self.hit(&rules::NO_SELF_ASSIGN, right.span(), "a value is assigned to itself");
        }
    }

    fn assigned_by_name(&mut self, left: &ObjectAssignmentTarget<'a>, right: &ObjectExpression<'a>) {
        // What stands before a spread may be replaced by it.
        let mut values: BTreeMap<String, &Expression<'a>> = BTreeMap::new();
        for one in &right.properties {
            match one {
                ObjectPropertyKind::ObjectProperty(it) => {
                    values.extend(it.key.static_name().map(|name| (name.to_string(), &it.value)));
                }
                ObjectPropertyKind::SpreadProperty(_) => values.clear(),
            }
        }
        for property in &left.properties {
            match property {
                AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(it) if it.init.is_none() => {
                    let value = values.get(it.binding.name.as_str());
                    if let Some(value) = value.filter(|value| value.is_specific_id(&it.binding.name)) {
                        self.hit(&rules::NO_SELF_ASSIGN, value.span(), "a value is assigned to itself");
                    }
                }
                AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(_) => {}
                AssignmentTargetProperty::AssignmentTargetPropertyProperty(it) => {
                    let value = it.name.static_name().and_then(|name| values.get(name.as_ref()).copied());
                    if let (Some(target), Some(value)) = (it.binding.as_assignment_target(), value) {
                        self.assigned(target, value);
                    }
                }
            }
        }
    }

    // A pattern that is given as a text: what is wrong with it as with a literal.
    fn pattern_of(&mut self, arguments: &[Argument<'a>], span: Span) {
        let Some(Argument::StringLiteral(text)) = arguments.first() else { return };
        let flags = match arguments.get(1) {
            Some(Argument::StringLiteral(flags)) => Some(flags.value.as_str()),
            Some(_) => None,
            None => Some(""),
        };
        let raw = self.text(text.span).trim_matches(['"', '\'']).to_owned();
        self.pattern(&text.value, &raw, flags, span);
    }

    pub(super) fn conditional(&mut self, it: &ConditionalExpression<'a>) {
        self.condition(&it.test, true);
        if matches!((&it.consequent, &it.alternate), (Expression::BooleanLiteral(_), Expression::BooleanLiteral(_))) {
            self.hit(&rules::NO_UNNEEDED_TERNARY, it.span, "the condition is the answer already");
        }
    }

    pub(super) fn member(&mut self, id: NodeId, span: Span, object: &Expression<'_>, name: &str) {
        match name {
            "eval" if self.is_global_this(object) || self.is_this_of_program(id, object) => {
                self.hit(&rules::NO_EVAL, span, "a text is run as code");
            }
            "__proto__" => self.hit(&rules::NO_PROTO, span, "use Object.getPrototypeOf or Object.setPrototypeOf"),
            "__iterator__" => {
                self.hit(&rules::NO_ITERATOR, span, "`__iterator__` is of no standard: use Symbol.iterator");
            }
            "caller" | "callee" if object.is_specific_id("arguments") => {
                self.hit(&rules::NO_CALLER, span, format!("`arguments.{name}` is refused in strict code"));
            }
            _ => {}
        }
    }

    // Whether an object is the `this` of a script, which is the global object.
    fn is_this_of_program(&self, id: NodeId, object: &Expression<'_>) -> bool {
        matches!(object, Expression::ThisExpression(_))
            && !self.semantic.source_type().is_module()
            && !self.nodes.ancestor_kinds(id).any(|kind| {
                matches!(kind, AstKind::Function(_) | AstKind::StaticBlock(_) | AstKind::PropertyDefinition(_))
            })
    }

    pub(super) fn array(&mut self, it: &ArrayExpression<'a>) {
        for element in &it.elements {
            if let ArrayExpressionElement::Elision(hole) = element {
                self.hit(&rules::NO_SPARSE_ARRAYS, hole.span, "two commas leave a hole in the array");
            }
        }
    }

    pub(super) fn object(&mut self, it: &ObjectExpression<'a>) {
        // By name: whether a value, a getter, a setter is there.
        let mut known: BTreeMap<String, [bool; 3]> = BTreeMap::new();
        for property in &it.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            let Some(name) = static_key(&property.key, property.computed) else { continue };
            if name == "__proto__"
                && !property.computed
                && !property.shorthand
                && !property.method
                && property.kind == PropertyKind::Init
            {
                continue;
            }
            let seen = known.entry(name.clone()).or_default();
            let (at, clash) = match property.kind {
                PropertyKind::Init => (0, seen.iter().any(|seen| *seen)),
                PropertyKind::Get => (1, seen[0] || seen[1]),
                PropertyKind::Set => (2, seen[0] || seen[2]),
            };
            if let Some(seen) = seen.get_mut(at) {
                *seen = true;
            }
            if clash {
                self.hit(
                    &rules::NO_DUPE_KEYS,
                    property.key.span(),
                    format!("the key `{}` stands there already", octavo_toolkit::limits::excerpt(&name)),
                );
            }
        }
    }

    pub(super) fn string(&mut self, id: NodeId, it: &StringLiteral<'a>) {
        let value = it.value.as_str();
        if value.split("${").skip(1).any(|rest| rest.find('}').is_some_and(|end| end > 0)) {
            self.hit(&rules::NO_TEMPLATE_CURLY_IN_STRING, it.span, "a placeholder in a plain string is no placeholder");
        }
        if value.to_ascii_lowercase().starts_with("javascript:") {
            self.hit(&rules::NO_SCRIPT_URL, it.span, "code stands in an address");
        }
        if matches!(self.nodes.parent_kind(id), AstKind::JSXAttribute(_)) {
            return;
        }
        let raw = self.text(it.span);
        let (several, octal) = (raw.contains(['\n', '\r', '\u{2028}', '\u{2029}']), has_octal_escape(raw));
        if several {
            self.hit(&rules::NO_MULTI_STR, it.span, "a string goes on over a line's end");
        }
        if octal {
            self.hit(&rules::NO_OCTAL_ESCAPE, it.span, "octal escapes are refused in strict code");
        }
    }

    pub(super) fn template(&mut self, id: NodeId, it: &TemplateLiteral<'a>) {
        let tagged = matches!(self.nodes.parent_kind(id), AstKind::TaggedTemplateExpression(_));
        if !tagged && it.single_quasi().is_some_and(|text| text.to_ascii_lowercase().starts_with("javascript:")) {
            self.hit(&rules::NO_SCRIPT_URL, it.span, "code stands in an address");
        }
    }

    // Where an optional chain that ends early gives undefined to what cannot take it.
    pub(super) fn chain(&mut self, id: NodeId, own: Span) {
        let (mut id, mut own) = (id, own);
        loop {
            let parent = self.nodes.parent_id(id);
            let kind = self.nodes.kind(parent);
            let handed_on = match kind {
                AstKind::LogicalExpression(it) => it.operator == LogicalOperator::And || it.right.span() == own,
                AstKind::ConditionalExpression(it) => it.test.span() != own,
                AstKind::SequenceExpression(it) => it.expressions.last().map(GetSpan::span) == Some(own),
                AstKind::AwaitExpression(_) => true,
                _ => false,
            };
            if handed_on {
                (id, own) = (parent, kind.span());
                continue;
            }
            let fails = match kind {
                AstKind::CallExpression(it) => it.callee.span() == own && !it.optional,
                AstKind::NewExpression(it) => it.callee.span() == own,
                AstKind::StaticMemberExpression(it) => it.object.span() == own && !it.optional,
                AstKind::ComputedMemberExpression(it) => it.object.span() == own && !it.optional,
                AstKind::TaggedTemplateExpression(it) => it.tag.span() == own,
                AstKind::ForOfStatement(it) => it.right.span() == own,
                AstKind::SpreadElement(_) => !matches!(self.nodes.parent_kind(parent), AstKind::ObjectExpression(_)),
                AstKind::BinaryExpression(it) => {
                    matches!(it.operator, BinaryOperator::In | BinaryOperator::Instanceof) && it.right.span() == own
                }
                AstKind::Class(it) => it.heritage.as_ref().is_some_and(|heritage| heritage.expression.span() == own),
                AstKind::VariableDeclarator(it) => it.id.is_destructuring_pattern(),
                AstKind::AssignmentExpression(it) => {
                    it.right.span() == own
                        && matches!(
                            it.left,
                            AssignmentTarget::ArrayAssignmentTarget(_) | AssignmentTarget::ObjectAssignmentTarget(_)
                        )
                }
                AstKind::WithStatement(it) => it.object.span() == own,
                AstKind::AssignmentTargetWithDefault(it) => {
                    it.init.span() == own
                        && matches!(
                            it.binding,
                            AssignmentTarget::ArrayAssignmentTarget(_) | AssignmentTarget::ObjectAssignmentTarget(_)
                        )
                }
                AstKind::AssignmentPattern(it) => {
                    matches!(it.left, BindingPattern::ObjectPattern(_) | BindingPattern::ArrayPattern(_))
                }
                _ => false,
            };
            if fails {
                self.hit(
                    &rules::NO_UNSAFE_OPTIONAL_CHAINING,
                    own,
                    "where the chain ends early, this fails on undefined",
                );
            }
            return;
        }
    }

    pub(super) fn is_executor(&self, function: NodeId) -> bool {
        let own = self.nodes.kind(function).span();
        matches!(self.nodes.parent_kind(function), AstKind::NewExpression(it)
            if it.arguments.first().map(GetSpan::span) == Some(own)
                && matches!(&it.callee, Expression::Identifier(name) if name.name == "Promise" && self.is_global(name)))
    }
}

/// The body of a function that is a block.
pub(super) fn is_empty(body: &FunctionBody<'_>) -> bool {
    body.statements.is_empty()
}

/// A key that is known, with numbers as they count.
pub(super) fn static_key(key: &PropertyKey<'_>, computed: bool) -> Option<String> {
    match key {
        PropertyKey::StaticIdentifier(name) if !computed => Some(name.name.to_string()),
        PropertyKey::PrivateIdentifier(_) | PropertyKey::StaticIdentifier(_) => None,
        PropertyKey::RegExpLiteral(_) => None,
        other => other.static_name().map(|name| name.to_string()),
    }
}

fn is_simple(object: &Expression<'_>) -> bool {
    match object {
        Expression::Identifier(_) | Expression::ThisExpression(_) => true,
        Expression::StaticMemberExpression(it) => is_simple(&it.object),
        Expression::ComputedMemberExpression(it) => is_simple(&it.object) && is_fixed(&it.expression),
        Expression::ChainExpression(it) => it.expression.member_expression().is_some_and(|it| is_simple(it.object())),
        Expression::PrivateFieldExpression(it) => is_simple(&it.object),
        _ => false,
    }
}

fn is_fixed(name: &Expression<'_>) -> bool {
    name.is_literal() || matches!(name, Expression::Identifier(_))
}

fn is_negative_zero(it: &Expression<'_>) -> bool {
    matches!(it, Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::UnaryNegation
        && matches!(&unary.argument, Expression::NumericLiteral(literal) if literal.value == 0.0))
}

pub(super) fn is_nan(it: &Expression<'_>) -> bool {
    match it {
        Expression::SequenceExpression(it) => it.expressions.last().is_some_and(is_nan),
        other => other.is_specific_id("NaN") || other.is_specific_member_access("Number", "NaN"),
    }
}

fn has_octal_escape(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte != b'\\' {
            at += 1;
            continue;
        }
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        let after = bytes.get(at + 2).copied().unwrap_or_default();
        if (b'1'..=b'7').contains(&next) || next == b'0' && after.is_ascii_digit() {
            return true;
        }
        at += 2;
    }
    false
}

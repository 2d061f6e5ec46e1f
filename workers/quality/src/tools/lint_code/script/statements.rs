//! Rules about statements: conditions, branches, loops, cases, and ways out.

use super::super::table as rules;
use super::Lint;
use super::expressions::is_nan;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, AssignmentOperator, AssignmentTarget, AssignmentTargetMaybeDefault,
    BindingPattern, BlockStatement, CatchClause, DoWhileStatement, Expression, ForStatement, IfStatement,
    LogicalOperator, PropertyKind, ReturnStatement, SimpleAssignmentTarget, Statement, SwitchStatement, ThrowStatement,
    UnaryOperator, UpdateOperator, WhileStatement,
};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::BinaryOperator;
use std::collections::{BTreeMap, BTreeSet};

// Deepest chain of `else if` in which conditions are compared.
const MAX_CHAIN: usize = 100;

impl<'a> Lint<'_, 'a> {
    // What holds of every condition.
    pub(super) fn condition(&mut self, test: &Expression<'a>, twice: bool) {
        if let Expression::AssignmentExpression(it) = test
            && !self.is_in_parentheses(it.span, if twice { 2 } else { 1 })
        {
            self.hit(&rules::NO_COND_ASSIGN, it.span, "an assignment stands where a comparison is expected");
        }
        if self.is_constant(test, true) {
            self.hit(&rules::NO_CONSTANT_CONDITION, test.span(), "the condition is always the same");
        }
    }

    fn is_in_parentheses(&self, span: Span, times: usize) -> bool {
        let before = self.source.get(..span.start as usize).unwrap_or_default();
        let after = self.source.get(span.end as usize..).unwrap_or_default();
        let count = |text: &mut dyn Iterator<Item = char>, sign: char| {
            text.filter(|c| !c.is_whitespace()).take_while(|c| *c == sign).take(times).count()
        };
        count(&mut before.chars().rev(), '(') >= times && count(&mut after.chars(), ')') >= times
    }

    pub(super) fn if_statement(&mut self, id: NodeId, it: &IfStatement<'a>) {
        self.condition(&it.test, true);
        let is_alternate =
            |outer: &IfStatement<'_>, own: Span| outer.alternate.as_ref().map(GetSpan::span) == Some(own);
        let AstKind::IfStatement(first) = self.nodes.parent_kind(id) else { return };
        if !is_alternate(first, it.span) {
            return;
        }
        // Each list: alternatives, of which each is a set of conditions that must all hold.
        let whole = [&it.test].into_iter().chain(match &it.test {
            Expression::LogicalExpression(and) if and.operator == LogicalOperator::And => {
                operands(&it.test, LogicalOperator::And)
            }
            _ => Vec::new(),
        });
        let mut left: Vec<Vec<BTreeSet<String>>> = whole.map(|one| self.alternatives(one)).collect();
        let mut at = id;
        let mut own = it.span;
        for _ in 0..MAX_CHAIN {
            let parent = self.nodes.parent_id(at);
            let AstKind::IfStatement(outer) = self.nodes.kind(parent) else { return };
            if !is_alternate(outer, own) {
                return;
            }
            let known = self.alternatives(&outer.test);
            for list in &mut left {
                list.retain(|one| !known.iter().any(|known| known.is_subset(one)));
            }
            if left.iter().any(Vec::is_empty) {
                self.hit(&rules::NO_DUPE_ELSE_IF, it.test.span(), "a condition before it holds whenever this one does");
                return;
            }
            (at, own) = (parent, outer.span);
        }
    }

    fn alternatives(&self, test: &Expression<'a>) -> Vec<BTreeSet<String>> {
        let set = |one: &Expression<'a>| {
            operands(one, LogicalOperator::And).into_iter().map(|part| self.plain(part.span())).collect()
        };
        operands(test, LogicalOperator::Or).into_iter().map(set).collect()
    }

    pub(super) fn for_statement(&mut self, it: &ForStatement<'a>) {
        if let Some(test) = &it.test {
            if matches!(test, Expression::AssignmentExpression(_)) {
                self.condition(test, false);
            } else {
                self.constant_loop(test, it.span);
            }
        }
        self.direction(it);
    }

    fn direction(&mut self, it: &ForStatement<'a>) {
        let (Some(Expression::BinaryExpression(test)), Some(update)) = (&it.test, &it.update) else { return };
        let less = matches!(test.operator, BinaryOperator::LessThan | BinaryOperator::LessEqualThan);
        if !less && !matches!(test.operator, BinaryOperator::GreaterThan | BinaryOperator::GreaterEqualThan) {
            return;
        }
        for (side, wrong) in [(&test.left, if less { -1 } else { 1 }), (&test.right, if less { 1 } else { -1 })] {
            let Expression::Identifier(counter) = side else { continue };
            let direction = match update {
                Expression::UpdateExpression(update) => {
                    let own = matches!(&update.argument, SimpleAssignmentTarget::AssignmentTargetIdentifier(name) if name.name == counter.name);
                    if !own {
                        0
                    } else if update.operator == UpdateOperator::Increment {
                        1
                    } else {
                        -1
                    }
                }
                Expression::AssignmentExpression(update) => {
                    let own = variable(&update.left) == Some(counter.name.as_str());
                    let sign = match &update.right {
                        Expression::NumericLiteral(number) if number.value > 0.0 => 1,
                        Expression::UnaryExpression(unary) if matches!(&unary.argument, Expression::NumericLiteral(number) if number.value > 0.0) => {
                            match unary.operator {
                                UnaryOperator::UnaryNegation => -1,
                                UnaryOperator::UnaryPlus => 1,
                                _ => 0,
                            }
                        }
                        _ => 0,
                    };
                    match update.operator {
                        AssignmentOperator::Addition if own => sign,
                        AssignmentOperator::Subtraction if own => -sign,
                        _ => 0,
                    }
                }
                _ => 0,
            };
            if direction == wrong {
                self.hit(
                    &rules::FOR_DIRECTION,
                    it.span,
                    format!("`{}` moves away from where the loop ends", counter.name),
                );
                return;
            }
        }
    }

    fn constant_loop(&mut self, test: &Expression<'a>, span: Span) {
        // A generator's loop may be left by whoever asks it.
        if !self.yielding.contains(&span.start) && self.is_constant(test, true) {
            self.hit(&rules::NO_CONSTANT_CONDITION, test.span(), "the condition is always the same");
        }
    }

    pub(super) fn while_statement(&mut self, it: &WhileStatement<'a>) {
        match &it.test {
            Expression::BooleanLiteral(literal) if literal.value => {}
            Expression::AssignmentExpression(_) => self.condition(&it.test, true),
            test => self.constant_loop(test, it.span),
        }
    }

    pub(super) fn do_while(&mut self, it: &DoWhileStatement<'a>) {
        match &it.test {
            Expression::AssignmentExpression(_) => self.condition(&it.test, true),
            test => self.constant_loop(test, it.span),
        }
    }

    pub(super) fn switch(&mut self, it: &SwitchStatement<'a>) {
        if is_nan(&it.discriminant) {
            self.hit(&rules::USE_ISNAN, it.span, "no case ever equals NaN");
        }
        if it.cases.is_empty() && !self.semantic.has_comments_between(it.span) {
            self.hit(&rules::NO_EMPTY, it.span, "an empty switch");
        }
        let mut known = BTreeSet::new();
        for (at, case) in it.cases.iter().enumerate() {
            match &case.test {
                Some(test) => {
                    if is_nan(test) {
                        self.hit(&rules::USE_ISNAN, case.span, "nothing equals NaN");
                    }
                    if !known.insert(self.plain(test.span())) {
                        self.hit(&rules::NO_DUPLICATE_CASE, case.span, "the case stands there already");
                    }
                }
                None if at + 1 < it.cases.len() => {
                    self.hit(&rules::DEFAULT_CASE_LAST, case.span, "`default` does not stand last");
                }
                None => {}
            }
            for statement in &case.consequent {
                let shared = match statement {
                    Statement::VariableDeclaration(declaration) => !declaration.kind.is_var(),
                    Statement::FunctionDeclaration(_) | Statement::ClassDeclaration(_) => true,
                    _ => false,
                };
                if shared {
                    self.hit(
                        &rules::NO_CASE_DECLARATIONS,
                        statement.span(),
                        "the declaration is seen in all cases, and set in this one alone",
                    );
                }
            }
        }
    }

    pub(super) fn falling(&mut self, falling: &[(Span, Span)]) {
        if falling.is_empty() {
            return;
        }
        let cases: BTreeMap<u32, &oxc_ast::ast::SwitchCase<'a>> = self
            .nodes
            .iter()
            .filter_map(|node| if let AstKind::SwitchCase(it) = node.kind() { Some((it.span.start, it)) } else { None })
            .collect();
        for (case, next) in falling {
            let Some(it) = cases.get(&case.start) else { continue };
            let between = self.text(Span::new(case.end, next.start));
            if it.consequent.is_empty() && between.bytes().filter(|byte| *byte == b'\n').count() < 2 {
                continue;
            }
            // The last comment, also within the case's block.
            let from = match it.consequent.as_slice() {
                [Statement::BlockStatement(block)] => {
                    block.body.last().map_or(block.span.start + 1, |last| last.span().end)
                }
                list => list.last().map_or(case.end, |last| last.span().end),
            };
            let meant = self.semantic.comments_range(from..next.start).any(|comment| {
                let text = self.text(comment.span).to_lowercase();
                ["fall through", "falls through", "fallthrough", "fallsthrough", "falls-through", "fall-through"]
                    .iter()
                    .any(|word| text.contains(word))
            });
            if !meant {
                self.hit(&rules::NO_FALLTHROUGH, *next, "the case before runs into this one");
            }
        }
    }

    pub(super) fn block(&mut self, it: &BlockStatement<'a>) {
        if it.body.is_empty() && !self.semantic.has_comments_between(it.span) {
            self.hit(&rules::NO_EMPTY, it.span, "an empty block");
        }
    }

    pub(super) fn catch(&mut self, id: NodeId, it: &CatchClause<'a>) {
        let Some(BindingPattern::BindingIdentifier(name)) = it.param.as_ref().map(|param| &param.pattern) else {
            return;
        };
        if let Some(Statement::ThrowStatement(thrown)) = it.body.body.first()
            && thrown.argument.is_specific_id(&name.name)
            && let AstKind::TryStatement(tried) = self.nodes.parent_kind(id)
        {
            let span = if tried.finalizer.is_some() { it.span } else { tried.span };
            self.hit(&rules::NO_USELESS_CATCH, span, "what is caught is only thrown again");
        }
    }

    pub(super) fn returned(&mut self, id: NodeId, it: &ReturnStatement<'a>) {
        self.leaves_finally(id, it.span, None, false, false);
        let is_function =
            |kind: &AstKind<'_>| matches!(kind, AstKind::Function(_) | AstKind::ArrowFunctionExpression(_));
        let Some(function) = self.nodes.ancestor_ids(id).find(|id| is_function(&self.nodes.kind(*id))) else { return };
        if it.argument.is_none() {
            if self.is_accessor(function, "get") {
                self.hit(&rules::GETTER_RETURN, it.span, "a getter returns nothing");
            }
            return;
        }
        if self.is_executor(function) {
            self.hit(&rules::NO_PROMISE_EXECUTOR_RETURN, it.span, "what the executor returns is lost");
        }
        if self.is_accessor(function, "set") {
            self.hit(&rules::NO_SETTER_RETURN, it.span, "what a setter returns is lost");
        }
        if matches!(self.nodes.kind(function), AstKind::Function(_))
            && let AstKind::MethodDefinition(method) = self.nodes.parent_kind(function)
            && method.kind.is_constructor()
        {
            self.hit(&rules::NO_CONSTRUCTOR_RETURN, it.span, "a constructor returns a value");
        }
    }

    pub(super) fn throw(&mut self, id: NodeId, it: &ThrowStatement<'a>) {
        self.leaves_finally(id, it.span, None, false, false);
        if it.argument.is_specific_id("undefined") || !may_be_error(&it.argument) {
            self.hit(&rules::NO_THROW_LITERAL, it.span, "what is thrown is no error: it has no stack");
        }
    }

    // A jump out of a `finally` drops what was thrown or returned before.
    pub(super) fn leaves_finally(&mut self, id: NodeId, own: Span, label: Option<&str>, jumps: bool, back: bool) {
        let mut inner = own;
        let mut labelled = false;
        for kind in self.nodes.ancestor_kinds(id) {
            match kind {
                AstKind::Function(_)
                | AstKind::ArrowFunctionExpression(_)
                | AstKind::Class(_)
                | AstKind::Program(_) => return,
                AstKind::LabeledStatement(it) if label == Some(it.label.name.as_str()) => labelled = true,
                AstKind::SwitchStatement(_) if jumps && !back && label.is_none() => return,
                _ if jumps && label.is_none() && kind.is_iteration_statement() => return,
                AstKind::TryStatement(it) if it.finalizer.as_ref().is_some_and(|last| last.span == inner) => {
                    if !labelled {
                        self.hit(
                            &rules::NO_UNSAFE_FINALLY,
                            own,
                            "leaving a `finally` drops what was thrown or returned before",
                        );
                    }
                    return;
                }
                _ => {}
            }
            inner = kind.span();
        }
    }

    pub(super) fn rename(&mut self, kind: AstKind<'a>) {
        let same = match kind {
            AstKind::BindingProperty(it) if !it.shorthand && !it.computed => {
                let bound = match &it.value {
                    BindingPattern::BindingIdentifier(name) => Some(name.name.as_str()),
                    BindingPattern::AssignmentPattern(pattern) => match &pattern.left {
                        BindingPattern::BindingIdentifier(name) => Some(name.name.as_str()),
                        _ => None,
                    },
                    _ => None,
                };
                let key = match &it.key {
                    oxc_ast::ast::PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
                    oxc_ast::ast::PropertyKey::StringLiteral(text) => Some(text.value.as_str()),
                    _ => None,
                };
                bound.is_some() && bound == key
            }
            AstKind::AssignmentTargetPropertyProperty(it) if !it.computed => {
                let target = match &it.binding {
                    AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(it) => Some(&it.binding),
                    other => other.as_assignment_target(),
                };
                let bound = target.and_then(variable);
                bound.is_some() && bound == it.name.static_name().as_deref()
            }
            AstKind::ImportSpecifier(it) => it.imported.span() != it.local.span && it.imported.name() == it.local.name,
            AstKind::ExportSpecifier(it) => {
                it.local.span() != it.exported.span() && it.local.name() == it.exported.name()
            }
            _ => false,
        };
        if same {
            self.hit(&rules::NO_USELESS_RENAME, kind.span(), "a name is given its own name");
        }
    }

    pub(super) fn flow_end_of_getter(&mut self, function: NodeId, statements: &[Statement<'a>]) {
        if self.is_accessor(function, "get") && crate::support::script::flow::completes(statements) {
            let span = match self.nodes.parent_kind(function) {
                AstKind::MethodDefinition(it) => it.span,
                AstKind::ObjectProperty(it) => it.span,
                other => other.span(),
            };
            self.hit(&rules::GETTER_RETURN, span, "a getter comes to its end without a value");
        }
    }

    // Whether a function is a getter ("get") or setter ("set"), in an object, a class, or the description of a property.
    fn is_accessor(&self, function: NodeId, which: &str) -> bool {
        let own = self.nodes.kind(function).span();
        let get = which == "get";
        match self.nodes.parent_kind(function) {
            AstKind::MethodDefinition(it) => {
                it.value.span == own && if get { it.kind.is_get() } else { it.kind.is_set() }
            }
            AstKind::ObjectProperty(it) if it.value.span() == own => match it.kind {
                PropertyKind::Get => get,
                PropertyKind::Set => !get,
                PropertyKind::Init => {
                    it.key.static_name().as_deref() == Some(which)
                        && self.describes(self.nodes.parent_id(self.nodes.parent_id(function)), get)
                }
            },
            _ => false,
        }
    }

    // Whether an object describes a property: `Object.defineProperty(a, "b", {..})`, `Object.create(a, { b: {..} })`.
    // ESLint asks for the place among the arguments where it looks at setters alone.
    fn describes(&self, object: NodeId, anywhere: bool) -> bool {
        let (mut at, mut several) = (object, false);
        if let AstKind::ObjectProperty(_) = self.nodes.parent_kind(at) {
            (at, several) = (self.nodes.parent_id(self.nodes.parent_id(at)), true);
        }
        let AstKind::CallExpression(call) = self.nodes.parent_kind(at) else { return false };
        let own = self.nodes.kind(at).span();
        let Some(place) = call.arguments.iter().position(|argument| argument.span() == own) else { return false };
        let callee = match &call.callee {
            Expression::ChainExpression(chain) => chain.expression.member_expression(),
            other => other.get_member_expr(),
        };
        let Some(member) = callee else { return false };
        let Expression::Identifier(of) = member.object() else { return false };
        let known = match (of.name.as_str(), member.static_property_name(), several) {
            ("Object" | "Reflect", Some("defineProperty"), false) => place == 2,
            ("Object", Some("defineProperties" | "create"), true) => place == 1,
            _ => return false,
        };
        anywhere || known && self.is_global(of)
    }

    pub(super) fn arrow(&mut self, id: NodeId, it: &ArrowFunctionExpression<'a>) {
        if let Some(value) = it.body.as_expression() {
            if self.is_accessor(id, "set") {
                self.hit(&rules::NO_SETTER_RETURN, value.span(), "what a setter returns is lost");
            }
        } else if let ArrowFunctionBody::FunctionBody(body) = &it.body {
            self.flow_end_of_getter(id, &body.statements);
        }
    }
}

// The variable that is assigned; a member of the same name is another place.
fn variable<'a>(target: &AssignmentTarget<'a>) -> Option<&'a str> {
    match target {
        AssignmentTarget::AssignmentTargetIdentifier(name) => Some(name.name.as_str()),
        _ => None,
    }
}

fn operands<'e, 'a>(test: &'e Expression<'a>, operator: LogicalOperator) -> Vec<&'e Expression<'a>> {
    let mut found = Vec::new();
    let mut pending = vec![test];
    while let Some(one) = pending.pop() {
        match one {
            Expression::LogicalExpression(it) if it.operator == operator => pending.extend([&it.right, &it.left]),
            other => found.push(other),
        }
    }
    found
}

fn may_be_error(it: &Expression<'_>) -> bool {
    match it {
        Expression::Identifier(_)
        | Expression::CallExpression(_)
        | Expression::NewExpression(_)
        | Expression::StaticMemberExpression(_)
        | Expression::ComputedMemberExpression(_)
        | Expression::PrivateFieldExpression(_)
        | Expression::TaggedTemplateExpression(_)
        | Expression::YieldExpression(_)
        | Expression::AwaitExpression(_)
        | Expression::TSAsExpression(_)
        | Expression::TSNonNullExpression(_)
        | Expression::TSSatisfiesExpression(_)
        | Expression::TSTypeAssertion(_)
        | Expression::ImportExpression(_)
        | Expression::ChainExpression(_) => true,
        Expression::AssignmentExpression(it) => match it.operator {
            AssignmentOperator::Assign | AssignmentOperator::LogicalAnd => may_be_error(&it.right),
            AssignmentOperator::LogicalOr | AssignmentOperator::LogicalNullish => true,
            _ => false,
        },
        Expression::SequenceExpression(it) => it.expressions.last().is_some_and(may_be_error),
        Expression::LogicalExpression(it) => {
            may_be_error(&it.right) || it.operator != LogicalOperator::And && may_be_error(&it.left)
        }
        Expression::ConditionalExpression(it) => may_be_error(&it.consequent) || may_be_error(&it.alternate),
        _ => false,
    }
}

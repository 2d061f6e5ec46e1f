//! JavaScript and TypeScript: one walk over the nodes of a file, each handed to the rules for its kind; then names and flow.

mod bindings;
mod classes;
mod expressions;
mod regex;
mod smells;
mod statements;
mod values;

use super::table as rules;
use super::{Hit, Mend};
use crate::support::script::{flow, unused};
use octavo_toolkit::Rule;
use oxc_ast::AstKind;
use oxc_ast::ast::{Expression, Program};
use oxc_semantic::{AstNodes, NodeId, Scoping, Semantic};
use oxc_span::{GetSpan, Span};
use std::collections::BTreeSet;

/// What the rules look at, and what they found.
struct Lint<'s, 'a> {
    semantic: &'s Semantic<'a>,
    nodes: &'s AstNodes<'a>,
    scoping: &'s Scoping,
    source: &'s str,
    // Loops of generators that hand values out, and functions that do, by where they begin.
    yielding: BTreeSet<u32>,
    hits: Vec<Hit>,
}

/// What the rules find in a program. `path` tells whether it is a test.
pub(super) fn lint(semantic: &Semantic<'_>, program: &Program<'_>, path: &str) -> Vec<Hit> {
    let (nodes, scoping) = (semantic.nodes(), semantic.scoping());
    let mut lint =
        Lint { semantic, nodes, scoping, source: program.source_text, yielding: BTreeSet::new(), hits: Vec::new() };
    lint.mark_yields();
    for node in nodes.iter() {
        lint.node(node.id(), node.kind());
    }
    lint.bindings();
    let flow = flow::of_program(nodes);
    lint.flow(&flow);
    for one in unused::of(semantic) {
        let name = scoping.symbol_name(one.symbol);
        let is_script = one.top && !semantic.source_type().is_module() && !lint.is_commonjs();
        if !name.starts_with('_') && !is_script {
            let how = if one.written { "is set, and never read" } else { "is never used" };
            lint.hit(&rules::NO_UNUSED_VARS, one.span, format!("{} `{name}` {how}", one.what.word()));
        }
    }
    smells::look(&mut lint, path);
    lint.hits
}

impl<'a> Lint<'_, 'a> {
    fn hit(&mut self, rule: &'static Rule, span: Span, message: impl Into<String>) {
        self.hits.push(Hit { rule, span: span.start as usize..span.end as usize, message: message.into(), mend: None });
    }

    // The last hit is mended by replacing this stretch.
    fn mend(&mut self, title: &'static str, span: Span, text: impl Into<String>) {
        if let Some(hit) = self.hits.last_mut() {
            hit.mend = Some(Mend { title, span: span.start as usize..span.end as usize, text: text.into() });
        }
    }

    fn text(&self, span: Span) -> &str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    // The same code has the same text here, however it is laid out and commented; blanks count where texts stand.
    fn plain(&self, span: Span) -> String {
        let mut code = String::new();
        let mut at = span.start;
        for comment in self.semantic.comments_range(span.start..span.end) {
            code.push_str(self.text(Span::new(at, comment.span.start.max(at))));
            at = comment.span.end.max(at);
        }
        code.push_str(self.text(Span::new(at, span.end.max(at))));
        let blank = if code.contains(['\'', '"', '`', '/']) { " " } else { "" };
        code.split_whitespace().collect::<Vec<_>>().join(blank)
    }

    // The name of a global: `Math`, `globalThis.Math`.
    fn global_name<'e>(&self, it: &'e Expression<'_>) -> Option<&'e str> {
        match it {
            Expression::Identifier(name) => self.is_global(name).then_some(name.name.as_str()),
            Expression::ChainExpression(chain) => {
                let member = chain.expression.member_expression()?;
                member.static_property_name().filter(|_| self.is_global_this(member.object()))
            }
            other => {
                let member = other.get_member_expr()?;
                member.static_property_name().filter(|_| self.is_global_this(member.object()))
            }
        }
    }

    fn is_global_this(&self, it: &Expression<'_>) -> bool {
        self.global_name(it) == Some("globalThis")
    }

    fn is_global(&self, name: &oxc_ast::ast::IdentifierReference<'_>) -> bool {
        self.semantic.is_reference_to_global_variable(name)
    }

    fn is_commonjs(&self) -> bool {
        let unresolved = self.scoping.root_unresolved_references();
        unresolved.keys().any(|name| matches!(name.as_str(), "require" | "module" | "exports"))
    }

    // The kinds around a node, up to its function.
    fn around(&self, node: NodeId) -> impl Iterator<Item = AstKind<'a>> {
        let is_function =
            |kind: &AstKind<'_>| matches!(kind, AstKind::Function(_) | AstKind::ArrowFunctionExpression(_));
        let mut ended = false;
        self.nodes.ancestor_kinds(node).take_while(move |kind| {
            let goes_on = !ended;
            ended |= is_function(kind);
            goes_on
        })
    }

    fn mark_yields(&mut self) {
        for node in self.nodes.iter() {
            if !matches!(node.kind(), AstKind::YieldExpression(_)) {
                continue;
            }
            for kind in self.nodes.ancestor_kinds(node.id()) {
                if !self.yielding.insert(kind.span().start) && matches!(kind, AstKind::Function(_)) {
                    break;
                }
                if matches!(kind, AstKind::Function(_)) {
                    break;
                }
            }
        }
    }

    fn node(&mut self, id: NodeId, kind: AstKind<'a>) {
        match kind {
            AstKind::BinaryExpression(it) => self.binary(it),
            AstKind::UnaryExpression(it) => self.unary(id, it),
            AstKind::CallExpression(it) => self.call(id, it),
            AstKind::NewExpression(it) => self.new_expression(id, it),
            AstKind::AssignmentExpression(it) => self.assignment(it),
            AstKind::ConditionalExpression(it) => self.conditional(it),
            AstKind::StaticMemberExpression(it) => self.member(id, it.span, &it.object, it.property.name.as_str()),
            AstKind::ComputedMemberExpression(it) => {
                if let Some(name) = it.static_property_name() {
                    self.member(id, it.span, &it.object, name.as_str());
                }
            }
            AstKind::ArrayExpression(it) => self.array(it),
            AstKind::ObjectExpression(it) => self.object(it),
            AstKind::StringLiteral(it) => self.string(id, it),
            AstKind::TemplateLiteral(it) => self.template(id, it),
            AstKind::RegExpLiteral(it) => self.regex(it),
            AstKind::ChainExpression(it) => self.chain(id, it.span),
            AstKind::Class(it) => self.class(it),
            AstKind::StaticBlock(it) => self.static_block(it),
            AstKind::Function(it) => self.function(id, it),
            AstKind::IfStatement(it) => self.if_statement(id, it),
            AstKind::ForStatement(it) => self.for_statement(it),
            AstKind::WhileStatement(it) => self.while_statement(it),
            AstKind::DoWhileStatement(it) => self.do_while(it),
            AstKind::SwitchStatement(it) => self.switch(it),
            AstKind::BlockStatement(it) => self.block(it),
            AstKind::CatchClause(it) => self.catch(id, it),
            AstKind::ReturnStatement(it) => self.returned(id, it),
            AstKind::ThrowStatement(it) => self.throw(id, it),
            AstKind::BreakStatement(it) => {
                self.leaves_finally(id, it.span, it.label.as_ref().map(|label| label.name.as_str()), true, false);
            }
            AstKind::ContinueStatement(it) => {
                self.leaves_finally(id, it.span, it.label.as_ref().map(|label| label.name.as_str()), true, true);
            }
            AstKind::DebuggerStatement(it) => self.hit(&rules::NO_DEBUGGER, it.span, "a `debugger` statement is left"),
            AstKind::WithStatement(it) => {
                self.hit(&rules::NO_WITH, it.span, "`with` makes every name depend on the object");
            }
            AstKind::ObjectPattern(it) if it.properties.is_empty() && it.rest.is_none() => {
                self.hit(&rules::NO_EMPTY_PATTERN, it.span, "an empty object pattern binds nothing");
            }
            AstKind::ArrayPattern(it) if it.elements.is_empty() && it.rest.is_none() => {
                self.hit(&rules::NO_EMPTY_PATTERN, it.span, "an empty array pattern binds nothing");
            }
            AstKind::ObjectAssignmentTarget(it) if it.properties.is_empty() && it.rest.is_none() => {
                self.hit(&rules::NO_EMPTY_PATTERN, it.span, "an empty object pattern binds nothing");
            }
            AstKind::ArrayAssignmentTarget(it) if it.elements.is_empty() && it.rest.is_none() => {
                self.hit(&rules::NO_EMPTY_PATTERN, it.span, "an empty array pattern binds nothing");
            }
            AstKind::BindingProperty(_)
            | AstKind::AssignmentTargetPropertyProperty(_)
            | AstKind::ImportSpecifier(_)
            | AstKind::ExportSpecifier(_) => self.rename(kind),
            AstKind::ArrowFunctionExpression(it) => self.arrow(id, it),
            _ => {}
        }
    }

    fn flow(&mut self, flow: &flow::Flow) {
        for span in &flow.unreachable {
            self.hit(&rules::NO_UNREACHABLE, *span, "never reached: what stands before always leaves");
        }
        for span in &flow.single {
            self.hit(&rules::NO_UNREACHABLE_LOOP, *span, "the loop never comes to a second round");
        }
        self.falling(&flow.falling);
    }
}

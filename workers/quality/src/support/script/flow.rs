//! Which statements of a JavaScript function can be reached, by the rules of its jumps: constant conditions count in loops alone.

use oxc_ast::AstKind;
use oxc_ast::ast::{Expression, ForStatementInit, LabelIdentifier, Statement, SwitchStatement, TryStatement};
use oxc_semantic::AstNodes;
use oxc_span::{GetSpan, Span};

/// What the flow of a program tells.
#[derive(Debug, Default)]
pub struct Flow {
    /// Stretches of statements that are never reached, the outermost alone.
    pub unreachable: Vec<Span>,
    /// Cases of a switch whose end runs into the next case: the one that falls, and the next.
    pub falling: Vec<(Span, Span)>,
    /// Loops whose body never comes to its end, nor back to its head.
    pub single: Vec<Span>,
}

/// The flow of every function of a program, in source order.
pub fn of_program(nodes: &AstNodes<'_>) -> Flow {
    let mut flow = Flow::default();
    for node in nodes.iter() {
        match node.kind() {
            AstKind::Program(program) => flow.walk(&program.body),
            AstKind::FunctionBody(body) => flow.walk(&body.statements),
            AstKind::StaticBlock(block) => flow.walk(&block.body),
            AstKind::TSModuleBlock(block) => flow.walk(&block.body),
            _ => {}
        }
    }
    flow.unreachable.sort_unstable_by_key(|span| span.start);
    flow
}

/// Whether the end of these statements can be reached.
pub fn completes(statements: &[Statement<'_>]) -> bool {
    Walk { flow: &mut Flow::default(), targets: Vec::new() }.list(statements, true)
}

impl Flow {
    fn walk(&mut self, statements: &[Statement<'_>]) {
        Walk { flow: self, targets: Vec::new() }.list(statements, true);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Loop,
    Switch,
    // Left by its label alone.
    Block,
}

// What a jump can lead out of, or back to.
struct Target<'p> {
    labels: Vec<&'p str>,
    form: Form,
    left: bool,
    continued: bool,
}

struct Walk<'p, 'f> {
    flow: &'f mut Flow,
    targets: Vec<Target<'p>>,
}

impl<'p> Walk<'p, '_> {
    // Each gives whether what comes after can be reached.
    fn list(&mut self, statements: &'p [Statement<'_>], reachable: bool) -> bool {
        let mut now = reachable;
        let mut dead: Option<Span> = None;
        for statement in statements {
            if now {
                now = self.statement(statement, Vec::new());
            } else if is_reported(statement) {
                let span = statement.span();
                dead = Some(dead.map_or(span, |before| Span::new(before.start, span.end)));
            } else {
                self.flow.unreachable.extend(dead.take());
            }
        }
        self.flow.unreachable.extend(dead);
        now
    }

    fn one(&mut self, statement: &'p Statement<'_>, reachable: bool) -> bool {
        if reachable {
            return self.statement(statement, Vec::new());
        }
        if is_reported(statement) {
            self.flow.unreachable.push(statement.span());
        }
        false
    }

    fn within(&mut self, target: Target<'p>, visit: impl FnOnce(&mut Self)) -> Target<'p> {
        self.targets.push(target);
        visit(self);
        self.targets.pop().unwrap_or_else(|| Target::of_loop(Vec::new()))
    }

    fn statement(&mut self, statement: &'p Statement<'_>, labels: Vec<&'p str>) -> bool {
        match statement {
            Statement::BlockStatement(block) => self.list(&block.body, true),
            Statement::ReturnStatement(_) | Statement::ThrowStatement(_) => false,
            Statement::BreakStatement(jump) => self.jump(jump.label.as_ref(), false),
            Statement::ContinueStatement(jump) => self.jump(jump.label.as_ref(), true),
            Statement::IfStatement(branch) => {
                let then = self.one(&branch.consequent, true);
                let otherwise = branch.alternate.as_ref().is_none_or(|other| self.one(other, true));
                then || otherwise
            }
            Statement::LabeledStatement(labeled) => {
                let mut labels = labels;
                labels.push(labeled.label.name.as_str());
                if labeled.body.is_iteration_statement() || matches!(labeled.body, Statement::LabeledStatement(_)) {
                    return self.statement(&labeled.body, labels);
                }
                let mut after = false;
                let target = Target { form: Form::Block, ..Target::of_loop(labels) };
                let target = self.within(target, |walk| after = walk.one(&labeled.body, true));
                after || target.left
            }
            Statement::WhileStatement(it) => {
                self.looped(labels, &it.body, it.span, |_, left| left || always(&it.test) != Some(true))
            }
            Statement::DoWhileStatement(it) => {
                self.looped(labels, &it.body, it.span, |again, left| left || again && always(&it.test) != Some(true))
            }
            Statement::ForStatement(it) => {
                let endless = it.test.as_ref().is_none_or(|test| always(test) == Some(true));
                self.looped(labels, &it.body, it.span, |_, left| left || !endless)
            }
            Statement::ForInStatement(it) => self.looped(labels, &it.body, it.span, |_, _| true),
            Statement::ForOfStatement(it) => self.looped(labels, &it.body, it.span, |_, _| true),
            Statement::SwitchStatement(it) => self.switch(it),
            Statement::TryStatement(it) => self.tried(it),
            Statement::WithStatement(it) => self.one(&it.body, true),
            _ => true,
        }
    }

    fn looped(
        &mut self,
        labels: Vec<&'p str>,
        body: &'p Statement<'_>,
        span: Span,
        after: impl FnOnce(bool, bool) -> bool,
    ) -> bool {
        let mut through = false;
        let target = self.within(Target::of_loop(labels), |walk| through = walk.one(body, true));
        let again = through || target.continued;
        if !again {
            self.flow.single.push(span);
        }
        after(again, target.left)
    }

    fn switch(&mut self, it: &'p SwitchStatement<'_>) -> bool {
        let mut after = true;
        let target = Target { form: Form::Switch, ..Target::of_loop(Vec::new()) };
        let target = self.within(target, |walk| {
            for (at, case) in it.cases.iter().enumerate() {
                after = walk.list(&case.consequent, true);
                if let Some(next) = it.cases.get(at + 1).filter(|_| after) {
                    walk.flow.falling.push((case.span, next.span));
                }
            }
        });
        let has_default = it.cases.iter().any(|case| case.test.is_none());
        after || target.left || !has_default
    }

    fn tried(&mut self, it: &'p TryStatement<'_>) -> bool {
        let before: Vec<(bool, bool)> = self.targets.iter().map(|target| (target.left, target.continued)).collect();
        let mut after = self.list(&it.block.body, true);
        if let Some(handler) = &it.handler {
            let reachable = after || it.block.body.iter().any(may_throw);
            if reachable {
                after |= self.list(&handler.body.body, true);
            } else {
                self.flow.unreachable.push(handler.body.span);
            }
        }
        if let Some(last) = &it.finalizer
            && !self.list(&last.body, true)
        {
            // It leaves by itself: the jumps out of the block never arrive.
            for (target, (left, continued)) in self.targets.iter_mut().zip(before) {
                (target.left, target.continued) = (target.left && left, target.continued && continued);
            }
            return false;
        }
        after
    }

    fn jump(&mut self, label: Option<&LabelIdentifier<'_>>, back: bool) -> bool {
        let target = self.targets.iter_mut().rev().find(|target| match label {
            Some(label) => target.labels.contains(&label.name.as_str()),
            None => target.form == Form::Loop || target.form == Form::Switch && !back,
        });
        match target {
            Some(target) if back => target.continued = true,
            Some(target) => target.left = true,
            None => {}
        }
        false
    }
}

impl<'p> Target<'p> {
    const fn of_loop(labels: Vec<&'p str>) -> Self {
        Self { labels, form: Form::Loop, left: false, continued: false }
    }
}

// Declarations that work from wherever they stand are no code that is missed.
fn is_reported(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::VariableDeclaration(it) => {
            !it.declare && (!it.kind.is_var() || it.declarations.iter().any(|one| one.init.is_some()))
        }
        Statement::EmptyStatement(_) | Statement::FunctionDeclaration(_) => false,
        _ => !statement.is_typescript_syntax(),
    }
}

// Whether a literal condition is true.
fn always(test: &Expression<'_>) -> Option<bool> {
    match test {
        Expression::BooleanLiteral(literal) => Some(literal.value),
        Expression::NumericLiteral(literal) => Some(literal.value != 0.0),
        Expression::StringLiteral(literal) => Some(!literal.value.is_empty()),
        Expression::NullLiteral(_) => Some(false),
        Expression::RegExpLiteral(_) => Some(true),
        _ => None,
    }
}

// Whether a statement of a `try` can end in its `catch`.
fn may_throw(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::ReturnStatement(it) => it.argument.as_ref().is_some_and(|value| !value.is_literal()),
        Statement::BreakStatement(_) | Statement::ContinueStatement(_) | Statement::EmptyStatement(_) => false,
        Statement::ForStatement(it) => {
            !matches!(it.init, None | Some(ForStatementInit::VariableDeclaration(_))) || may_throw(&it.body)
        }
        Statement::BlockStatement(it) => it.body.iter().any(may_throw),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::ecma::{EcmaKind, with_semantic};

    fn unreachable(source: &str) -> Vec<&str> {
        let found = with_semantic(EcmaKind::JavaScript, source, |semantic, _| of_program(semantic.nodes()));
        let (_, flow) = found.expect("JavaScript");
        flow.unreachable.iter().map(|span| &source[span.start as usize..span.end as usize]).collect()
    }

    #[test]
    fn finds_what_is_never_reached() {
        for (source, expected) in [
            ("function f() { return 1; a(); b(); }", vec!["a(); b();"]),
            ("function f() { return g(); function g() {} var x; let y; }", vec!["let y;"]),
            ("while (true) { a(); } b();", vec!["b();"]),
            ("while (true) { if (a) break; } b();", vec![]),
            ("x: while (true) { while (1) { break x; } } b();", vec![]),
            ("x: while (true) { while (1) { continue x; } } b();", vec!["b();"]),
            ("for (;;) {} b();", vec!["b();"]),
            ("for (const a of b) { break; c(); } d();", vec!["c();"]),
            ("do { continue; } while (true); b();", vec!["b();"]),
            ("do { break; } while (true); b();", vec![]),
            ("function f() { switch (a) { case 1: return; b(); default: throw c; } d(); }", vec!["b();", "d();"]),
            ("function f() { switch (a) { case 1: return; } d(); }", vec![]),
            ("function f() { try { return a(); } catch { } b(); }", vec![]),
            ("function f() { try { return 1; } catch { a(); } }", vec!["{ a(); }"]),
            ("function f() { try { return a(); } finally { b(); } c(); }", vec!["c();"]),
            ("function f() { while (true) { try { break; } finally { return; } } c(); }", vec!["c();"]),
            ("x: { break x; a(); } b();", vec!["a();"]),
            ("const f = () => { throw a; b(); };", vec!["b();"]),
            ("function f() { if (a) return 1; else { throw b; } c(); }", vec!["c();"]),
        ] {
            assert_eq!(unreachable(source), expected, "{source}");
        }
    }
}

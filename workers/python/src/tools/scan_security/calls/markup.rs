//! Whether what is marked as safe HTML is written out in the source, by way of names too (B703).

use ruff_python_ast::{AnyNodeRef, Expr, ExprCall, Operator, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextSize};

/// Statements looked at for one call; with more, its value counts as unknown.
const MAX_STATEMENTS: usize = 10_000;

/// Whether a value is written out, in a body of statements (of the function around it, or of the module).
pub(super) fn is_written_out(value: &Expr, stack: &[AnyNodeRef<'_>], module: &[Stmt]) -> bool {
    let function = stack.iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtFunctionDef(function) => Some(*function),
        _ => None,
    });
    let body = function.map_or(module, |function| &function.body);
    let mut reader = Reader { function, body, left: MAX_STATEMENTS };
    match value {
        Expr::Name(name) => reader.name(&name.id, value.start()),
        Expr::Call(call) => reader.call(call),
        Expr::BinOp(operation) if operation.op == Operator::Mod && operation.left.is_string_literal_expr() => {
            match &*operation.right {
                Expr::Tuple(tuple) => tuple.elts.iter().all(|part| reader.part(part, value.start())),
                part => reader.part(part, value.start()),
            }
        }
        _ => value.is_string_literal_expr(),
    }
}

struct Reader<'a> {
    function: Option<&'a StmtFunctionDef>,
    body: &'a [Stmt],
    left: usize,
}

impl<'a> Reader<'a> {
    // Whether all that a name was given before a place is written out.
    fn name(&mut self, name: &str, until: TextSize) -> bool {
        if self.function.is_some_and(|function| function.parameters.includes(name)) {
            return false;
        }
        let mut given = Vec::new();
        for stmt in self.body.iter().take_while(|stmt| stmt.end() < until) {
            if !self.given(stmt, name, &mut given) {
                return false;
            }
        }
        !given.is_empty() && given.into_iter().all(|value| self.part(value, value.start()))
    }

    fn part(&mut self, value: &Expr, at: TextSize) -> bool {
        match value {
            Expr::StringLiteral(_) => true,
            Expr::Name(name) => self.name(&name.id, at),
            Expr::Call(call) => self.call(call),
            Expr::Starred(starred) => match &*starred.value {
                Expr::List(list) => list.elts.iter().all(|part| self.part(part, at)),
                Expr::Tuple(tuple) => tuple.elts.iter().all(|part| self.part(part, at)),
                _ => false,
            },
            _ => false,
        }
    }

    // A text's `format` with parts that are written out.
    fn call(&mut self, call: &ExprCall) -> bool {
        let Expr::Attribute(attribute) = &*call.func else { return false };
        attribute.attr.as_str() == "format"
            && attribute.value.is_string_literal_expr()
            && call.arguments.keywords.is_empty()
            && call.arguments.args.iter().all(|part| self.part(part, call.start()))
    }

    // What a statement gives a name; false where that cannot be read, or after too many statements.
    fn given(&mut self, stmt: &'a Stmt, name: &str, given: &mut Vec<&'a Expr>) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        let is_name = |target: &Expr| matches!(target, Expr::Name(target) if target.id == name);
        let mut all = |body: &'a [Stmt]| body.iter().all(|stmt| self.given(stmt, name, given));
        match stmt {
            Stmt::Assign(assign) => {
                match (assign.targets.first(), &*assign.value) {
                    (Some(target), value) if is_name(target) => given.push(value),
                    (Some(Expr::Tuple(targets)), Expr::Tuple(values)) => {
                        let pairs = targets.elts.iter().zip(&values.elts);
                        given.extend(pairs.filter(|(target, _)| is_name(target)).map(|(_, value)| value));
                    }
                    _ => {}
                }
                true
            }
            Stmt::AugAssign(assign) => {
                if is_name(&assign.target) {
                    given.push(&assign.value);
                }
                true
            }
            Stmt::With(with) => {
                !with.items.iter().any(|item| item.optional_vars.as_deref().is_some_and(is_name)) && all(&with.body)
            }
            Stmt::Try(stmt) => {
                let handlers = stmt.handlers.iter().map(|handler| match handler {
                    ruff_python_ast::ExceptHandler::ExceptHandler(handler) => handler.body.as_slice(),
                });
                let rest = [stmt.orelse.as_slice(), stmt.finalbody.as_slice()];
                std::iter::once(stmt.body.as_slice()).chain(handlers).chain(rest).all(all)
            }
            Stmt::If(stmt) => all(&stmt.body) && stmt.elif_else_clauses.iter().all(|clause| all(&clause.body)),
            Stmt::For(stmt) => !is_name(&stmt.target) && all(&stmt.body) && all(&stmt.orelse),
            Stmt::While(stmt) => all(&stmt.body) && all(&stmt.orelse),
            _ => true,
        }
    }
}

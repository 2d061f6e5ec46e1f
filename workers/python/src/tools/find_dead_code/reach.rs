//! Statements that are never reached; vulture's cases, and what follows `sys.exit()`.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{BoolOp, ElifElseClause, ExceptHandler, Expr, Number, Stmt, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

/// A stretch that is never reached, and why.
pub(super) type Stretch = (TextRange, String);

/// All stretches of a module.
pub(super) fn unreachable(body: &[Stmt]) -> Vec<Stretch> {
    let mut finder = Finder { found: Vec::new() };
    finder.block(body);
    finder.visit_body(body);
    finder.found.sort_by_key(|(range, _)| (range.start(), range.end()));
    finder.found.dedup();
    finder.found
}

struct Finder {
    found: Vec<Stretch>,
}

impl<'a> Visitor<'a> for Finder {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.block(&function.body),
            Stmt::ClassDef(class) => self.block(&class.body),
            Stmt::With(with) => self.block(&with.body),
            Stmt::For(loops) => {
                self.block(&loops.body);
                self.block(&loops.orelse);
            }
            Stmt::While(loops) => {
                self.block(&loops.body);
                self.block(&loops.orelse);
                if always(&loops.test) == Some(false) {
                    self.report(
                        TextRange::new(loops.start(), end_of(&loops.body, loops.range())),
                        "the condition of `while` is never true",
                    );
                } else if always(&loops.test) == Some(true) {
                    self.rest(&loops.orelse, "the loop before `else` never ends by its condition");
                }
            }
            Stmt::If(branch) => self.branches(branch),
            Stmt::Try(tried) => {
                self.block(&tried.body);
                self.block(&tried.orelse);
                self.block(&tried.finalbody);
                for ExceptHandler::ExceptHandler(handler) in &tried.handlers {
                    self.block(&handler.body);
                }
                if !falls_through(&tried.body) {
                    self.rest(&tried.orelse, "the `try` before `else` never ends without leaving");
                }
            }
            Stmt::Match(matched) => matched.cases.iter().for_each(|case| self.block(&case.body)),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::If(ternary) = expr {
            match always(&ternary.test) {
                Some(false) => self.report(ternary.range(), "the condition of this expression is never true"),
                Some(true) => self.report(ternary.orelse.range(), "the condition before `else` is always true"),
                None => {}
            }
        }
        walk_expr(self, expr);
    }
}

impl Finder {
    fn report(&mut self, range: TextRange, why: &str) {
        self.found.push((range, why.to_owned()));
    }

    fn rest(&mut self, statements: &[Stmt], why: &str) {
        if let (Some(first), Some(last)) = (statements.first(), statements.last()) {
            self.report(TextRange::new(first.start(), last.end()), why);
        }
    }

    fn block(&mut self, statements: &[Stmt]) {
        let Some(at) = statements.iter().position(|statement| !passes(statement)) else { return };
        let why = format!("nothing goes on after {}", statements.get(at).map_or("that", leaver));
        self.rest(statements.get(at + 1..).unwrap_or_default(), &why);
    }

    fn branches(&mut self, branch: &ruff_python_ast::StmtIf) {
        let mut tests = vec![(Some(&*branch.test), branch.body.as_slice(), branch.range())];
        tests.extend(
            branch
                .elif_else_clauses
                .iter()
                .map(|clause: &ElifElseClause| (clause.test.as_ref(), clause.body.as_slice(), clause.range())),
        );
        for (at, (test, body, range)) in tests.iter().enumerate() {
            self.block(body);
            let Some(test) = test else { continue };
            let place = TextRange::new(range.start(), end_of(body, *range));
            match always(test) {
                Some(false) => self.report(place, "the condition is never true"),
                Some(true) => match (tests.get(at + 1), tests.last()) {
                    (Some((next_test, next, next_range)), Some((_, _, last))) => {
                        let start = if next_test.is_none() {
                            next.first().map_or(next_range.start(), Ranged::start)
                        } else {
                            next_range.start()
                        };
                        self.report(TextRange::new(start, last.end()), "the condition before it is always true");
                    }
                    _ => self.report(place, "the condition is always true: the `if` is not needed"),
                },
                None => {}
            }
        }
    }
}

fn end_of(body: &[Stmt], range: TextRange) -> ruff_text_size::TextSize {
    body.last().map_or(range.end(), ruff_text_size::Ranged::end)
}

fn leaver(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::Return(_) => "`return`",
        Stmt::Raise(_) => "`raise`",
        Stmt::Break(_) => "`break`",
        Stmt::Continue(_) => "`continue`",
        Stmt::Expr(_) => "leaving the program",
        Stmt::While(_) => "a loop without end",
        Stmt::If(_) => "an `if` whose branches all leave",
        Stmt::Try(_) => "a `try` whose ways all leave",
        Stmt::With(_) => "a `with` that always leaves",
        Stmt::Match(_) => "a `match` whose cases all leave",
        _ => "that",
    }
}

/// Whether the end of a block can be reached.
fn falls_through(statements: &[Stmt]) -> bool {
    statements.iter().all(passes)
}

// Whether what comes after a statement can be reached.
fn passes(statement: &Stmt) -> bool {
    match statement {
        Stmt::Return(_) | Stmt::Raise(_) | Stmt::Break(_) | Stmt::Continue(_) => false,
        Stmt::Expr(expr) => !leaves_program(&expr.value),
        Stmt::If(branch) => {
            let known = always(&branch.test);
            let mut passes_body = known != Some(false) && falls_through(&branch.body);
            let mut has_else = known == Some(true);
            for clause in &branch.elif_else_clauses {
                let test = clause.test.as_ref().map_or(Some(true), always);
                if !has_else && test != Some(false) {
                    passes_body |= falls_through(&clause.body);
                }
                has_else |= test == Some(true);
            }
            passes_body || !has_else
        }
        Stmt::While(loops) => always(&loops.test) != Some(true) || breaks(&loops.body),
        Stmt::Try(tried) => {
            if !tried.finalbody.is_empty() && !falls_through(&tried.finalbody) {
                return false;
            }
            let body = falls_through(&tried.body) && falls_through(&tried.orelse);
            body || tried.handlers.iter().any(|ExceptHandler::ExceptHandler(handler)| falls_through(&handler.body))
        }
        // A context manager may swallow what its body raises.
        _ => true,
    }
}

fn leaves_program(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    match &*call.func {
        Expr::Attribute(attribute) => {
            matches!(
                (&*attribute.value, attribute.attr.as_str()),
                (Expr::Name(module), "exit") if module.id == "sys"
            ) || matches!((&*attribute.value, attribute.attr.as_str()), (Expr::Name(module), "_exit" | "abort") if module.id == "os")
        }
        _ => false,
    }
}

// Whether a loop's body holds a `break` of that loop.
fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        Stmt::Break(_) => true,
        Stmt::If(branch) => breaks(&branch.body) || branch.elif_else_clauses.iter().any(|clause| breaks(&clause.body)),
        Stmt::With(with) => breaks(&with.body),
        Stmt::Try(tried) => {
            let handlers = tried.handlers.iter();
            breaks(&tried.body)
                || breaks(&tried.orelse)
                || breaks(&tried.finalbody)
                || handlers.into_iter().any(|ExceptHandler::ExceptHandler(handler)| breaks(&handler.body))
        }
        Stmt::Match(matched) => matched.cases.iter().any(|case| breaks(&case.body)),
        // The `else` of an inner loop belongs to this one.
        Stmt::For(inner) => breaks(&inner.orelse),
        Stmt::While(inner) => breaks(&inner.orelse),
        _ => false,
    })
}

/// Whether an expression is known to be true, or false.
fn always(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::BoolOp(operation) => {
            let values: Vec<Option<bool>> = operation.values.iter().map(always).collect();
            let decisive = operation.op == BoolOp::Or;
            if values.contains(&Some(decisive)) {
                return Some(decisive);
            }
            values.iter().all(Option::is_some).then_some(!decisive)
        }
        Expr::UnaryOp(operation) if operation.op == UnaryOp::Not => always(&operation.operand).map(|value| !value),
        Expr::UnaryOp(operation) if matches!(operation.op, UnaryOp::USub | UnaryOp::UAdd) => {
            matches!(*operation.operand, Expr::NumberLiteral(_)).then(|| always(&operation.operand)).flatten()
        }
        Expr::BooleanLiteral(literal) => Some(literal.value),
        Expr::NoneLiteral(_) => Some(false),
        Expr::EllipsisLiteral(_) => Some(true),
        Expr::StringLiteral(literal) => Some(!literal.value.to_str().is_empty()),
        Expr::BytesLiteral(literal) => Some(literal.value.bytes().next().is_some()),
        Expr::NumberLiteral(literal) => Some(match &literal.value {
            Number::Int(value) => value.as_u64() != Some(0),
            Number::Float(value) => *value != 0.0,
            Number::Complex { real, imag } => *real != 0.0 || *imag != 0.0,
        }),
        Expr::Tuple(tuple) => literals(&tuple.elts),
        Expr::List(list) => literals(&list.elts),
        Expr::Set(set) => literals(&set.elts),
        Expr::Dict(dict) if dict.items.is_empty() => Some(false),
        _ => None,
    }
}

fn literals(items: &[Expr]) -> Option<bool> {
    items.iter().all(|item| always(item).is_some()).then_some(!items.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::module;
    use ruff_python_ast::PySourceType;

    fn lines(source: &str) -> Vec<usize> {
        let parsed = module::parse(source, PySourceType::Python).expect("Python");
        let line = |range: TextRange| source[..range.start().to_usize()].matches('\n').count() + 1;
        unreachable(parsed.suite()).into_iter().map(|(range, _)| line(range)).collect()
    }

    #[test]
    fn finds_what_is_never_reached() {
        for (source, expected) in [
            ("def f():\n    return 1\n    x = 2\n    y = 3\n", vec![3]),
            ("def f():\n    if a:\n        return 1\n    else:\n        raise b\n    c()\n", vec![6]),
            ("def f():\n    if a:\n        return 1\n    c()\n", vec![]),
            ("while True:\n    a()\nb()\n", vec![3]),
            ("while True:\n    if a:\n        break\nb()\n", vec![]),
            ("while 1:\n    for x in y:\n        break\nb()\n", vec![4]),
            ("while 0:\n    a()\n", vec![1]),
            ("if False:\n    a()\nelif b:\n    c()\n", vec![1]),
            ("if not 0:\n    a()\nelse:\n    b()\n", vec![4]),
            ("if True:\n    a()\n", vec![1]),
            ("if a or 1:\n    b()\n", vec![1]),
            ("x = 1 if '' else 2\n", vec![1]),
            ("def f():\n    try:\n        return a()\n    except E:\n        pass\n    b()\n", vec![]),
            (
                "def f():\n    try:\n        return a()\n    except E:\n        raise\n    else:\n        b()\n    c()\n",
                vec![7, 8],
            ),
            ("import sys\nsys.exit(1)\na()\n", vec![3]),
            ("def f():\n    with suppress(E):\n        raise E\n    a()\n", vec![]),
            ("match a:\n    case 1:\n        raise b\n        c()\n", vec![4]),
        ] {
            assert_eq!(lines(source), expected, "{source}");
        }
    }
}

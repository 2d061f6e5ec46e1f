//! Cognitive complexity after G. Ann Campbell's paper (SonarSource, 2018), for Python.
//!
//! Structures (`if`, loops, handlers, `match`, conditional expressions, parts of comprehensions) count one and the nesting
//! they stand in; `elif`, `else` and a sequence of one logical operator count one; a call of the function itself counts
//! one. Functions inside a function, and lambdas, nest one deeper and count for it; a decorator, which only defines a function
//! and returns it, nests no deeper.

use ruff_python_ast::visitor::{Visitor, walk_comprehension, walk_expr, walk_stmt};
use ruff_python_ast::{BoolOp, Comprehension, Expr, Stmt, StmtFunctionDef};

/// Measures a function.
pub(super) fn of_function(definition: &StmtFunctionDef) -> u32 {
    let mut meter = Meter { total: 0, nesting: 0, name: Some(&definition.name), calls_itself: false };
    meter.function_body(definition);
    meter.total + u32::from(meter.calls_itself)
}

/// Measures what stands in a module outside of its functions and classes.
pub(super) fn of_module(body: &[Stmt]) -> u32 {
    let mut meter = Meter { total: 0, nesting: 0, name: None, calls_itself: false };
    for statement in body.iter().filter(|statement| !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_))) {
        meter.visit_stmt(statement);
    }
    meter.total
}

struct Meter<'a> {
    total: u32,
    nesting: u32,
    name: Option<&'a str>,
    calls_itself: bool,
}

impl<'a> Meter<'a> {
    fn structure(&mut self) {
        self.total += 1 + self.nesting;
    }

    fn deeper(&mut self, inside: impl FnOnce(&mut Self)) {
        self.nesting += 1;
        inside(self);
        self.nesting -= 1;
    }

    fn block(&mut self, body: &'a [Stmt]) {
        self.deeper(|meter| meter.visit_body(body));
    }

    fn otherwise(&mut self, body: &'a [Stmt]) {
        if !body.is_empty() {
            self.total += 1;
            self.block(body);
        }
    }

    fn function_body(&mut self, definition: &'a StmtFunctionDef) {
        match definition.body.as_slice() {
            [Stmt::FunctionDef(wrapper), Stmt::Return(_)] => self.visit_body(&wrapper.body),
            body => self.visit_body(body),
        }
    }

    // Each change of operator along the operands counts one.
    fn logic(&mut self, expression: &'a Expr, around: Option<BoolOp>) {
        match expression {
            Expr::BoolOp(operation) => {
                self.total += u32::from(around != Some(operation.op));
                for value in &operation.values {
                    self.logic(value, Some(operation.op));
                }
            }
            other => self.visit_expr(other),
        }
    }
}

impl<'a> Visitor<'a> for Meter<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(definition) => {
                definition.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                self.visit_parameters(&definition.parameters);
                self.deeper(|meter| meter.function_body(definition));
            }
            Stmt::If(branch) => {
                self.structure();
                self.visit_expr(&branch.test);
                self.block(&branch.body);
                for clause in &branch.elif_else_clauses {
                    self.total += 1;
                    clause.test.iter().for_each(|test| self.visit_expr(test));
                    self.block(&clause.body);
                }
            }
            Stmt::For(each) => {
                self.structure();
                self.visit_expr(&each.iter);
                self.block(&each.body);
                self.otherwise(&each.orelse);
            }
            Stmt::While(round) => {
                self.structure();
                self.visit_expr(&round.test);
                self.block(&round.body);
                self.otherwise(&round.orelse);
            }
            Stmt::Try(attempt) => {
                self.visit_body(&attempt.body);
                for handler in &attempt.handlers {
                    self.structure();
                    self.deeper(|meter| meter.visit_except_handler(handler));
                }
                self.otherwise(&attempt.orelse);
                self.visit_body(&attempt.finalbody);
            }
            Stmt::Match(choice) => {
                self.structure();
                self.visit_expr(&choice.subject);
                self.deeper(|meter| choice.cases.iter().for_each(|case| meter.visit_match_case(case)));
            }
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::BoolOp(_) => self.logic(expression, None),
            Expr::If(choice) => {
                self.structure();
                self.visit_expr(&choice.test);
                self.deeper(|meter| {
                    meter.visit_expr(&choice.body);
                    meter.visit_expr(&choice.orelse);
                });
            }
            Expr::Lambda(_) => self.deeper(|meter| walk_expr(meter, expression)),
            Expr::Call(call) => {
                let callee = call.func.as_name_expr().map(|name| name.id.as_str());
                self.calls_itself |= callee.is_some() && callee == self.name;
                walk_expr(self, expression);
            }
            other => walk_expr(self, other),
        }
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.structure();
        self.total += u32::try_from(comprehension.ifs.len()).unwrap_or(u32::MAX) * (1 + self.nesting);
        walk_comprehension(self, comprehension);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruff_python_parser::parse_module;

    #[test]
    fn counts_nesting_and_sequences() {
        for (source, expected) in [
            ("def f():\n  pass", 0),
            ("def f():\n  if a:\n    for b in c:\n      pass", 3),
            ("def f():\n  if a: pass\n  elif b: pass\n  else: pass", 3),
            ("def f():\n  return a and b and c", 1),
            ("def f():\n  return a and b or c and d", 3),
            ("def f():\n  try: pass\n  except A:\n    if b: pass", 3),
            ("def f(n):\n  return f(n - 1)", 1),
            ("def f():\n  def g():\n    if a: pass\n  g()\n  return g", 2),
            ("def d(f):\n  def g():\n    if a: pass\n  return g", 1),
            ("def f():\n  return lambda: 1 if a else 2", 2),
            ("def f():\n  return [x for x in y if x]", 2),
        ] {
            let parsed = parse_module(source).expect("Python");
            let definition = parsed.suite().first().and_then(Stmt::as_function_def_stmt).expect("a function");
            assert_eq!(of_function(definition), expected, "{source}");
        }
    }
}

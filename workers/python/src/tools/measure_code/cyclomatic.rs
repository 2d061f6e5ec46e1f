//! Cyclomatic complexity as radon 6.0.1 counts it, block by block.
//!
//! A function counts one and the decisions of its body; its decorators, defaults and annotations are outside of it. A class
//! counts one, the decisions of its body and those of its methods; radon shows the mean over its methods. What stands in a
//! function's own functions and classes counts for those alone.

use ruff_python_ast::visitor::{Visitor, walk_comprehension, walk_expr, walk_stmt};
use ruff_python_ast::{Comprehension, Expr, Stmt, StmtClassDef, StmtFunctionDef};

/// A function, or a class with its methods.
#[derive(Debug)]
pub(super) struct Block<'a> {
    pub(super) node: Node<'a>,
    /// What radon shows.
    pub(super) complexity: u32,
    /// Whether it stands in a function, or in a class in a class: where radon does not list it.
    pub(super) inner: bool,
    /// Names of what it stands in, outermost first.
    pub(super) within: Vec<&'a str>,
}

/// What a block is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node<'a> {
    Function { definition: &'a StmtFunctionDef, in_class: bool },
    Class(&'a StmtClassDef),
}

/// A module's blocks, and its total as the maintainability index takes it.
pub(super) struct Measured<'a> {
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) total: u32,
}

/// Measures a module.
pub(super) fn measure(body: &[Stmt]) -> Measured<'_> {
    let mut counter = Counter::default();
    let inside = counter.body(body);
    // The module's own path, its functions and its classes, each without the one that every block starts with.
    let total = 1 + inside.decisions + inside.functions + inside.classes;
    counter.blocks.sort_by_key(|block| block.node.start());
    Measured { blocks: counter.blocks, total }
}

impl Node<'_> {
    fn start(&self) -> u32 {
        match self {
            Self::Function { definition, .. } => definition.range.start().to_u32(),
            Self::Class(definition) => definition.range.start().to_u32(),
        }
    }
}

/// Walks a module; functions and classes are taken apart, everything else is counted where it stands.
#[derive(Default)]
struct Counter<'a> {
    blocks: Vec<Block<'a>>,
    within: Vec<&'a str>,
    around: Around,
    inside: Inside,
}

/// What is around a body.
#[derive(Debug, Default, Clone, Copy)]
struct Around {
    /// Whether the nearest block is a class.
    class: bool,
    /// Whether radon does not list what stands here.
    inner: bool,
}

/// What has been counted of a body.
#[derive(Debug, Default, Clone, Copy)]
struct Inside {
    decisions: u32,
    /// Decisions inside of the functions.
    functions: u32,
    /// How many functions.
    function_count: u32,
    /// Decisions inside of the classes.
    classes: u32,
}

impl<'a> Counter<'a> {
    fn body(&mut self, body: &'a [Stmt]) -> Inside {
        let outer = std::mem::take(&mut self.inside);
        for statement in body {
            self.visit_stmt(statement);
        }
        std::mem::replace(&mut self.inside, outer)
    }

    fn function(&mut self, definition: &'a StmtFunctionDef) {
        let around = self.around;
        let within = self.within.clone();
        let inside = self.block(&definition.name, &definition.body, Around { class: false, inner: true });
        self.inside.functions += inside.decisions;
        self.inside.function_count += 1;
        let node = Node::Function { definition, in_class: around.class };
        self.blocks.push(Block { node, complexity: 1 + inside.decisions, inner: around.inner, within });
    }

    fn class(&mut self, definition: &'a StmtClassDef) {
        let inner = self.around.inner || self.around.class;
        let within = self.within.clone();
        let inside = self.block(&definition.name, &definition.body, Around { class: true, inner });
        let methods = inside.function_count;
        let real = 1 + inside.decisions + inside.functions + methods;
        self.inside.classes += real - 1;
        let complexity = if methods == 0 { real } else { real / methods + u32::from(methods > 1) };
        self.blocks.push(Block { node: Node::Class(definition), complexity, inner, within });
    }

    fn block(&mut self, name: &'a str, body: &'a [Stmt], around: Around) -> Inside {
        let outer = std::mem::replace(&mut self.around, around);
        self.within.push(name);
        let inside = self.body(body);
        self.within.pop();
        self.around = outer;
        inside
    }

    fn decide(&mut self, times: usize) {
        self.inside.decisions += u32::try_from(times).unwrap_or(u32::MAX);
    }
}

impl<'a> Visitor<'a> for Counter<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(definition) => return self.function(definition),
            Stmt::ClassDef(definition) => return self.class(definition),
            // Radon does not look into one.
            Stmt::Assert(_) => return self.decide(1),
            Stmt::If(branch) => {
                self.decide(1 + branch.elif_else_clauses.iter().filter(|clause| clause.test.is_some()).count());
            }
            Stmt::Try(attempt) => self.decide(attempt.handlers.len() + usize::from(!attempt.orelse.is_empty())),
            Stmt::For(each) => self.decide(1 + usize::from(!each.orelse.is_empty())),
            Stmt::While(round) => self.decide(1 + usize::from(!round.orelse.is_empty())),
            Stmt::Match(choice) => {
                // One case that takes everything, `_` or a bare name, is the way out.
                let takes_all = choice
                    .cases
                    .iter()
                    .any(|case| case.pattern.as_match_as().is_some_and(|capture| capture.pattern.is_none()));
                self.decide(choice.cases.len().saturating_sub(usize::from(takes_all)));
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::BoolOp(operation) => self.decide(operation.values.len().saturating_sub(1)),
            Expr::If(_) => self.decide(1),
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.decide(1 + comprehension.ifs.len());
        walk_comprehension(self, comprehension);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruff_python_parser::parse_module;

    fn of(source: &str) -> (Vec<u32>, u32) {
        let parsed = parse_module(source).expect("Python");
        let measured = measure(parsed.suite());
        (measured.blocks.iter().map(|block| block.complexity).collect(), measured.total)
    }

    #[test]
    fn counts_as_radon_does() {
        for (source, blocks, total) in [
            ("", vec![], 1),
            ("if a:\n  pass\nelif b:\n  pass\nelse:\n  pass\n", vec![], 3),
            ("a and b and c or d", vec![], 4),
            ("def f():\n  assert a and b\n", vec![2], 2),
            ("@d(a or b)\ndef f(x=a or b):\n  pass\n", vec![1], 1),
            ("def f():\n  def g():\n    if a: pass\n  return g\n", vec![1, 2], 1),
            ("def f():\n  for x in y:\n    pass\n  else:\n    pass\n", vec![3], 3),
            ("def f():\n  try: pass\n  except A: pass\n  except B: pass\n  else: pass\n  finally: pass\n", vec![4], 4),
            ("[x for x in y if x if z]", vec![], 4),
            ("match x:\n  case 1: pass\n  case _: pass\n", vec![], 2),
            ("match x:\n  case 1: pass\n  case 2 as y: pass\n", vec![], 3),
            ("class A:\n  x = 1 if a else 2\n", vec![2], 2),
            ("class A:\n  def f(self): pass\n", vec![2, 1], 2),
            ("class A:\n  def f(self):\n    if a: pass\n  def g(self): pass\n", vec![3, 2, 1], 4),
        ] {
            assert_eq!(of(source), (blocks, total), "{source}");
        }
    }
}

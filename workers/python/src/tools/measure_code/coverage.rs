//! Which definitions are documented, as interrogate 1.7.0 counts by default, and how much is annotated.
//!
//! A module, a class, a function, a method: each is covered when its first statement is a string with text in it.
//! Parameters count for annotations except the first of a method, and so does what each function returns.

use super::lines::is_space;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged as _, TextRange};

/// What was counted of a module.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    pub(super) documented: usize,
    /// Definitions without a docstring: what, and where its name is.
    pub(super) undocumented: Vec<(String, Option<TextRange>)>,
    pub(super) annotated: usize,
    pub(super) annotatable: usize,
}

/// Counts a module.
pub(super) fn measure(body: &[Stmt]) -> Coverage {
    let mut counter = Counter { coverage: Coverage::default(), in_class: false };
    counter.definition("the module", body, None);
    counter.visit_body(body);
    counter.coverage
}

struct Counter {
    coverage: Coverage,
    in_class: bool,
}

impl Counter {
    fn definition(&mut self, name: &str, body: &[Stmt], place: Option<TextRange>) {
        if has_docstring(body) {
            self.coverage.documented += 1;
        } else {
            self.coverage.undocumented.push((name.to_owned(), place));
        }
    }

    fn annotations(&mut self, definition: &StmtFunctionDef) {
        let decorated = |name: &str| {
            let names = definition.decorator_list.iter().map(|decorator| &decorator.expression);
            names.filter_map(Expr::as_name_expr).any(|decorator| decorator.id == name)
        };
        let bound = usize::from(self.in_class && !decorated("staticmethod"));
        let parameters = &definition.parameters;
        let positional = parameters.posonlyargs.iter().chain(&parameters.args).map(|each| &each.parameter).skip(bound);
        let keyword = parameters.kwonlyargs.iter().map(|each| &each.parameter);
        let variadic = parameters.vararg.iter().chain(&parameters.kwarg).map(|each| &**each);
        let all: Vec<_> = positional.chain(keyword).chain(variadic).collect();
        self.coverage.annotatable += all.len() + 1;
        self.coverage.annotated += all.iter().filter(|parameter| parameter.annotation.is_some()).count();
        self.coverage.annotated += usize::from(definition.returns.is_some());
    }
}

impl<'a> Visitor<'a> for Counter {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let outer = self.in_class;
        match statement {
            Stmt::FunctionDef(definition) => {
                self.definition(&definition.name, &definition.body, Some(definition.name.range()));
                self.annotations(definition);
                self.in_class = false;
            }
            Stmt::ClassDef(definition) => {
                self.definition(&definition.name, &definition.body, Some(definition.name.range()));
                self.in_class = true;
            }
            _ => {}
        }
        walk_stmt(self, statement);
        self.in_class = outer;
    }
}

fn has_docstring(body: &[Stmt]) -> bool {
    let first = body.first().and_then(Stmt::as_expr_stmt).map(|statement| &*statement.value);
    let string = first.and_then(Expr::as_string_literal_expr);
    string.is_some_and(|string| !string.value.to_str().trim_matches(is_space).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruff_python_parser::parse_module;

    #[test]
    fn counts_docstrings_and_annotations() {
        for (source, expected) in [
            ("", (0, 1, 0, 0)),
            ("'''Doc.'''", (1, 0, 0, 0)),
            ("'  '", (0, 1, 0, 0)),
            ("b'x'", (0, 1, 0, 0)),
            ("def f(a: int, *b, c=1) -> int:\n  'x' 'y'\n", (1, 1, 2, 4)),
            ("class A:\n  'x'\n  def m(self, a): pass\n  @staticmethod\n  def s(a: int): pass", (1, 3, 1, 4)),
        ] {
            let found = measure(parse_module(source).expect("Python").suite());
            let found = (found.documented, found.undocumented.len(), found.annotated, found.annotatable);
            assert_eq!(found, expected, "{source}");
        }
    }
}

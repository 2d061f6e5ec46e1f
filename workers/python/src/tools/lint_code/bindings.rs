//! The names that ruff would copy its references for too often.
//!
//! Where a name is bound anew in the scope that it is bound in, ruff 0.16.4 gives the new binding a copy of the old one's
//! references, so that time and memory grow with bindings times references: 256 KiB of `a=a` come to 8 GB.

use ruff_python_ast::visitor::{Visitor, walk_alias, walk_except_handler, walk_expr, walk_pattern, walk_stmt};
use ruff_python_ast::{Alias, ExceptHandler, Expr, ExprContext, ModModule, Pattern, Stmt};
use ruff_python_parser::Parsed;
use ruff_text_size::{Ranged as _, TextRange};
use std::collections::HashMap;

/// Most references that are copied for the names of a file, four bytes each: 4 MB. None of 20,000 files of popular
/// packages comes to three thousand.
const MAX_COPIED_REFERENCES: usize = 1_000_000;

/// Where the file goes beyond [`MAX_COPIED_REFERENCES`].
pub(super) fn beyond(parsed: &Parsed<ModModule>) -> Option<TextRange> {
    let mut names = Names { references: HashMap::new(), copied: 0, beyond: None };
    names.visit_body(parsed.suite());
    names.beyond
}

struct Names<'a> {
    // Of each name of the function that is visited; classes, comprehensions and lambdas count as what is around them.
    references: HashMap<&'a str, usize>,
    copied: usize,
    beyond: Option<TextRange>,
}

impl<'a> Names<'a> {
    fn bind(&mut self, name: &'a str, range: TextRange) {
        self.copied += *self.references.entry(name).or_default();
        if self.copied > MAX_COPIED_REFERENCES {
            self.beyond = self.beyond.or(Some(range));
        }
    }

    fn refer(&mut self, name: &'a str) {
        *self.references.entry(name).or_default() += 1;
    }
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                self.bind(&function.name, function.name.range());
                for decorator in &function.decorator_list {
                    self.visit_decorator(decorator);
                }
                if let Some(parameters) = &function.type_params {
                    self.visit_type_params(parameters);
                }
                self.visit_parameters(&function.parameters);
                if let Some(returns) = &function.returns {
                    self.visit_annotation(returns);
                }
                // Ruff reads bodies last, when all around them is bound.
                let around = std::mem::take(&mut self.references);
                self.visit_body(&function.body);
                self.references = around;
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name, class.name.range());
                walk_stmt(self, stmt);
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.refer(&name.id);
                }
                walk_stmt(self, stmt);
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Name(name) = expr {
            match name.ctx {
                ExprContext::Store | ExprContext::Del => self.bind(&name.id, name.range()),
                ExprContext::Load | ExprContext::Invalid => self.refer(&name.id),
            }
        }
        walk_expr(self, expr);
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        let name = alias.asname.as_ref().unwrap_or(&alias.name);
        self.bind(name.split('.').next().unwrap_or_default(), alias.range());
        walk_alias(self, alias);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(caught) = handler;
        if let Some(name) = &caught.name {
            self.bind(name, name.range());
        }
        walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            Pattern::MatchValue(_)
            | Pattern::MatchSingleton(_)
            | Pattern::MatchSequence(_)
            | Pattern::MatchClass(_)
            | Pattern::MatchOr(_) => None,
        };
        if let Some(name) = name {
            self.bind(name, name.range());
        }
        walk_pattern(self, pattern);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruff_python_parser::parse_module;

    fn is_beyond(source: &str) -> bool {
        beyond(&parse_module(source).expect("Python")).is_some()
    }

    // So many statements that each bind what all before refer to copy half the square of their number.
    #[test]
    fn the_limit_holds_at_its_edge() {
        let fits = (1..=MAX_COPIED_REFERENCES)
            .take_while(|count| count * (count + 1) / 2 <= MAX_COPIED_REFERENCES)
            .last()
            .unwrap_or_default();
        for line in ["a=a\n", "a+=1\n", "for a in a: pass\n", "def a(b=a): pass\n", "import a\na\n"] {
            assert!(!is_beyond(&line.repeat(fits - 2)), "{line}");
            assert!(is_beyond(&line.repeat(fits + 2)), "{line}");
        }
        assert!(!is_beyond(&"a=b\n".repeat(2 * fits)));
        assert!(!is_beyond(&(0..2 * fits).map(|at| format!("a{at}=a{at}\n")).collect::<Vec<_>>().concat()));
    }

    #[test]
    fn names_of_different_functions_are_different() {
        let function = format!("def f():\n{}", "    a=a\n".repeat(100));
        assert!(!is_beyond(&function.repeat(150)));
    }
}

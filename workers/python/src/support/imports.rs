//! The import statements of one file, wherever they stand, as facts that outlive its tree.
//!
//! Says how an import is meant: at import time, in a function, or for a type checker alone. Does not know which module a name
//! belongs to; `project` does.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, ModModule, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

/// When an import is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// As its module is imported.
    Load,
    /// As a function is called.
    Call,
    /// Never: it stands under `if TYPE_CHECKING:`.
    Typing,
}

/// One name that a statement imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Leading dots.
    pub level: u32,
    /// The module in the statement; empty in `from . import x`.
    pub module: String,
    /// The name taken out of the module: `x` in `from m import x`, `*` for all.
    pub name: Option<String>,
    /// What it is bound to here; none for a star.
    pub bound: Option<String>,
    /// When.
    pub when: When,
    /// Whether it stands in a `try` that has a handler: it may fail.
    pub optional: bool,
    /// The name's place.
    pub range: TextRange,
    /// The statement's place.
    pub statement: TextRange,
}

impl Import {
    /// Module and name, with dots between, without the level.
    pub fn dotted(&self) -> String {
        match &self.name {
            Some(name) if self.module.is_empty() => name.clone(),
            Some(name) => format!("{}.{name}", self.module),
            None => self.module.clone(),
        }
    }
}

/// All imports of a parsed file, in order.
pub fn collect(module: &ModModule) -> Vec<Import> {
    let mut collector = Collector { imports: Vec::new(), when: When::Load, optional: false };
    for statement in &module.body {
        collector.visit_stmt(statement);
    }
    collector.imports
}

struct Collector {
    imports: Vec<Import>,
    when: When,
    optional: bool,
}

impl<'a> StatementVisitor<'a> for Collector {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.to_string();
                    let bound = match &alias.asname {
                        Some(name) => name.to_string(),
                        None => module.split('.').next().unwrap_or_default().to_owned(),
                    };
                    self.imports.push(Import {
                        level: 0,
                        module,
                        name: None,
                        bound: Some(bound),
                        when: self.when,
                        optional: self.optional,
                        range: alias.range(),
                        statement: import.range(),
                    });
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let name = alias.name.to_string();
                    let bound = alias.asname.as_ref().map_or_else(|| name.clone(), ToString::to_string);
                    self.imports.push(Import {
                        level: import.level,
                        module: import.module.as_ref().map(ToString::to_string).unwrap_or_default(),
                        bound: (name != "*").then_some(bound),
                        name: Some(name),
                        when: self.when,
                        optional: self.optional,
                        range: alias.range(),
                        statement: import.range(),
                    });
                }
            }
            Stmt::FunctionDef(_) => {
                let before = self.when;
                self.when = before.max(When::Call);
                walk_stmt(self, statement);
                self.when = before;
            }
            Stmt::If(branch) if is_type_checking(&branch.test) => {
                let before = self.when;
                self.when = When::Typing;
                self.visit_body(&branch.body);
                self.when = before;
                for clause in &branch.elif_else_clauses {
                    self.visit_body(&clause.body);
                }
            }
            Stmt::Try(tried) => {
                let before = self.optional;
                self.optional = before || !tried.handlers.is_empty();
                walk_stmt(self, statement);
                self.optional = before;
            }
            _ => walk_stmt(self, statement),
        }
    }
}

/// Whether a condition is `TYPE_CHECKING`, by whatever way it is named.
pub fn is_type_checking(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::module;
    use ruff_python_ast::PySourceType;

    #[test]
    fn tells_what_is_imported_and_when() {
        let source = "import a.b, c as d\nfrom .. import e\nif TYPE_CHECKING:\n    from f import g as h\nelse:\n    import i\ndef j():\n    from k import *\ntry:\n    import l\nexcept ImportError:\n    l = None\n";
        let parsed = module::parse(source, PySourceType::Python).expect("Python");
        let found: Vec<_> = collect(parsed.syntax())
            .into_iter()
            .map(|import| (import.level, import.dotted(), import.bound, import.when, import.optional))
            .collect();
        let row = |level, dotted: &str, bound: &str, when, optional| {
            (level, dotted.to_owned(), (!bound.is_empty()).then(|| bound.to_owned()), when, optional)
        };
        assert_eq!(
            found,
            [
                row(0, "a.b", "a", When::Load, false),
                row(0, "c", "d", When::Load, false),
                row(2, "e", "e", When::Load, false),
                row(0, "f.g", "h", When::Typing, false),
                row(0, "i", "i", When::Load, false),
                row(0, "k.*", "", When::Call, false),
                row(0, "l", "l", When::Load, true),
            ]
        );
    }
}

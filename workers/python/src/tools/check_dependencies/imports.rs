//! What a file imports, as deptry looks for it: statements, and `import_module` with a text, outside of blocks for type
//! checkers.

use octavo_toolkit::{LineIndex, Range};
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, ModModule, Stmt};
use ruff_text_size::{Ranged as _, TextRange};
use std::collections::BTreeSet;

/// One import of a top-level module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) module: String,
    pub(super) range: Range,
    /// Rules that a comment on its line ignores; `ALL` for all.
    pub(super) ignored: Vec<String>,
}

/// Every import of a module's tree, in its order.
pub(super) fn imports(tree: &ModModule, source: &str) -> Vec<Import> {
    let mut visitor = Imports::default();
    for statement in &tree.body {
        visitor.visit_stmt(statement);
    }
    let index = LineIndex::new(source);
    let place = |range: TextRange| index.range(range.start().to_usize()..range.end().to_usize());
    visitor
        .found
        .into_iter()
        .map(|(module, range)| {
            let range = place(range);
            Import { module, range, ignored: ignored_rules(index.line_text(range.start.line)) }
        })
        .collect()
}

#[derive(Default)]
struct Imports {
    found: Vec<(String, TextRange)>,
    /// What `importlib.import_module` is called here.
    importers: BTreeSet<String>,
    /// What `typing` is called here.
    typing: BTreeSet<String>,
}

fn top(module: &str) -> String {
    module.split('.').next().unwrap_or_default().to_owned()
}

impl<'a> Visitor<'a> for Imports {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.found.push((top(alias.name.as_str()), alias.range()));
                    let known = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    match alias.name.as_str() {
                        "importlib" => drop(self.importers.insert(format!("{known}.import_module"))),
                        "typing" => drop(self.typing.insert(known.to_owned())),
                        _ => {}
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let Some(module) = import.module.as_ref().filter(|_| import.level == 0) else { return };
                self.found.push((top(module.as_str()), import.range()));
                if module.as_str() == "importlib" {
                    for alias in import.names.iter().filter(|alias| alias.name.as_str() == "import_module") {
                        self.importers.insert(alias.asname.as_ref().unwrap_or(&alias.name).as_str().to_owned());
                    }
                }
                if module.as_str() == "typing" {
                    self.typing.insert("typing".to_owned());
                }
            }
            Stmt::Expr(expression) => {
                let Expr::Call(call) = expression.value.as_ref() else { return };
                let callee = match call.func.as_ref() {
                    Expr::Name(name) => name.id.to_string(),
                    Expr::Attribute(attribute) => match attribute.value.as_ref() {
                        Expr::Name(name) if attribute.attr.as_str() == "import_module" => {
                            format!("{}.import_module", name.id)
                        }
                        _ => return,
                    },
                    _ => return,
                };
                if let (true, Some(Expr::StringLiteral(text))) =
                    (self.importers.contains(&callee), call.arguments.args.first())
                {
                    self.found.push((top(text.value.to_str()), expression.range()));
                }
            }
            Stmt::If(block) if self.is_for_type_checkers(&block.test) => {}
            _ => walk_stmt(self, statement),
        }
    }
}

impl Imports {
    fn is_for_type_checkers(&self, test: &Expr) -> bool {
        match test {
            Expr::Name(name) => name.id.as_str() == "TYPE_CHECKING",
            Expr::Attribute(attribute) => {
                let of_typing =
                    matches!(attribute.value.as_ref(), Expr::Name(name) if self.typing.contains(name.id.as_str()));
                of_typing && attribute.attr.as_str() == "TYPE_CHECKING"
            }
            _ => false,
        }
    }
}

// The rules of a comment `# deptry: ignore[DEP001, DEP003]`; all of them without brackets.
fn ignored_rules(line: &str) -> Vec<String> {
    for (at, _) in line.match_indices('#') {
        let rest = line.get(at + 1..).unwrap_or_default().trim_start();
        let Some(rest) = rest.strip_prefix("deptry:").map(str::trim_start) else { continue };
        let Some(rest) = rest.strip_prefix("ignore") else { continue };
        let listed = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inside, _)| inside);
        let plain = |inside: &&str| {
            !inside.is_empty()
                && inside.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ',' || c.is_whitespace())
        };
        return match listed.filter(plain) {
            Some(inside) => {
                inside.split(',').map(|code| code.trim().to_owned()).filter(|code| !code.is_empty()).collect()
            }
            None => vec!["ALL".to_owned()],
        };
    }
    Vec::new()
}

/// The code of a notebook: its code cells' lines, magics as empty lines; none when it is no notebook.
pub(super) fn notebook_code(text: &str) -> Option<String> {
    let notebook: serde_json::Value = serde_json::from_str(text).ok()?;
    let cells = notebook.get("cells")?.as_array()?;
    let mut lines = Vec::new();
    for cell in cells.iter().filter(|cell| cell.get("cell_type").is_some_and(|kind| kind == "code")) {
        let Some(source) = cell.get("source") else { continue };
        let texts: Vec<&str> = match source.as_str() {
            Some(text) => text.lines().collect(),
            None => source.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect(),
        };
        for line in texts {
            let line = if line.starts_with(['%', '!']) { "" } else { line };
            lines.push(line.strip_suffix('\n').unwrap_or(line).to_owned());
        }
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_ignore_rules() {
        assert_eq!(ignored_rules("import a  # deptry: ignore"), ["ALL"]);
        assert_eq!(ignored_rules("import a  # x #deptry:ignore[DEP001, DEP003]"), ["DEP001", "DEP003"]);
        assert_eq!(ignored_rules("import a  # deptry: ignore[what]"), ["ALL"]);
        assert!(ignored_rules("import a  # ignore").is_empty());
    }

    #[test]
    fn notebooks_are_their_code_cells() {
        let text = r#"{"cells":[{"cell_type":"markdown","source":["x"]},{"cell_type":"code","source":["import a\n","%pip x\n","b"]}]}"#;
        assert_eq!(notebook_code(text).as_deref(), Some("import a\n\nb"));
        assert_eq!(notebook_code("[]"), None);
    }
}

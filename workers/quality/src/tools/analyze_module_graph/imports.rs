//! What a source imports, as it is written: no name is resolved here.

use super::rust;
use crate::support::ecma;
use crate::support::language::{Engine, Language};
use crate::support::walk::Budget;
use crate::support::{Outcome, walk};
use oxc_ast::ast::{
    CallExpression, ExportAllDeclaration, ExportFromDeclaration, Expression, ImportDeclaration,
    ImportDeclarationSpecifier, ImportExpression, TSExternalModuleReference, TSImportType,
};
use oxc_ast_visit::Visit;
use oxc_ast_visit::walk as oxc_walk;
use oxc_span::{GetSpan, Span};
use std::collections::BTreeMap;
use std::ops::Range;
use tree_sitter::Node;

/// How an import is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// A specifier, a dotted name or a path.
    Whole,
    /// Names out of a module, which may be modules themselves; none for all names. Python alone.
    Names(Vec<String>),
    /// A declared child module, with the file where one is written out. Rust alone.
    Child(Option<String>),
    /// A name brought into scope. Rust alone.
    Use,
    /// A name written out where it is used. Rust alone.
    Path,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    /// What is named: a specifier, a dotted name, a path.
    pub(super) target: String,
    pub(super) form: Form,
    /// Dots before a relative name in Python, modules within the file around it in Rust.
    pub(super) level: usize,
    /// Only types: it is gone when the program runs.
    pub(super) types: bool,
    pub(super) span: Range<usize>,
}

/// What a file says of itself and imports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Imports {
    pub(super) list: Vec<Import>,
    /// Its package; Java alone.
    pub(super) package: String,
    /// Classes that it names, and where first; Java alone.
    pub(super) classes: BTreeMap<String, Range<usize>>,
    /// The path that the attributes before the next declaration give it; Rust alone.
    pub(super) written: Option<String>,
    known: BTreeMap<(String, Form, usize), usize>,
}

impl Imports {
    /// Adds an import, unless it is there; it is of types alone where it is each time.
    pub(super) fn push(&mut self, target: String, form: Form, level: usize, types: bool, span: Range<usize>) {
        let next = self.list.len();
        let at = *self.known.entry((target.clone(), form.clone(), level)).or_insert(next);
        match self.list.get_mut(at) {
            Some(known) => known.types &= types,
            None => self.list.push(Import { target, form, level, types, span }),
        }
    }
}

/// The imports of a source.
pub(super) fn read(language: Language, source: &str, budget: &Budget) -> Result<(Outcome, Imports), Outcome> {
    match language.engine() {
        Engine::Oxc(kind) => ecma::with_program(kind, source, |program| {
            let mut collector = Collector::default();
            collector.visit_program(program);
            collector.imports
        }),
        Engine::TreeSitter(table) => {
            let tree = walk::tree(table, source, budget)?;
            let mut imports = Imports::default();
            let mut broken = None;
            walk::every_node_within(&tree, |node, around| {
                if node.is_error() || node.is_missing() {
                    broken.get_or_insert(node.start_byte());
                }
                match language {
                    Language::Python => python(node, around, source, &mut imports),
                    Language::Go => go(node, source, &mut imports),
                    Language::Java => java(node, around, source, &mut imports),
                    Language::C => c(node, source, &mut imports),
                    _ => rust::take(node, around, source, &mut imports),
                }
            });
            Ok((broken.map_or(Outcome::Clean, Outcome::Broken), imports))
        }
    }
}

#[derive(Default)]
struct Collector {
    imports: Imports,
}

impl Collector {
    fn push(&mut self, target: &str, types: bool, span: Span) {
        self.imports.push(target.to_owned(), Form::Whole, 0, types, span.start as usize..span.end as usize);
    }
}

impl<'a> Visit<'a> for Collector {
    fn visit_import_declaration(&mut self, it: &ImportDeclaration<'a>) {
        let only_types = it.specifiers.as_ref().is_some_and(|list| {
            let of_type = |one: &ImportDeclarationSpecifier<'_>| {
                matches!(one, ImportDeclarationSpecifier::ImportSpecifier(one) if one.import_kind.is_type())
            };
            !list.is_empty() && list.iter().all(of_type)
        });
        self.push(&it.source.value, it.import_kind.is_type() || only_types, it.source.span);
    }

    fn visit_export_from_declaration(&mut self, it: &ExportFromDeclaration<'a>) {
        self.push(&it.source.value, it.export_kind.is_type(), it.source.span);
    }

    fn visit_export_all_declaration(&mut self, it: &ExportAllDeclaration<'a>) {
        self.push(&it.source.value, it.export_kind.is_type(), it.source.span);
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        if let Some(text) = text_of(&it.source) {
            self.push(&text, false, it.source.span());
        }
        oxc_walk::walk_import_expression(self, it);
    }

    fn visit_ts_import_type(&mut self, it: &TSImportType<'a>) {
        self.push(&it.source.value, true, it.source.span);
        oxc_walk::walk_ts_import_type(self, it);
    }

    fn visit_ts_external_module_reference(&mut self, it: &TSExternalModuleReference<'a>) {
        self.push(&it.expression.value, false, it.expression.span);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        let name = matches!(&it.callee, Expression::Identifier(name) if name.name == "require");
        if name
            && let [argument] = it.arguments.as_slice()
            && let Some(text) = argument.as_expression().and_then(text_of)
        {
            self.push(&text, false, argument.span());
        }
        oxc_walk::walk_call_expression(self, it);
    }
}

fn text_of(expression: &Expression<'_>) -> Option<String> {
    match expression {
        Expression::StringLiteral(literal) => Some(literal.value.to_string()),
        Expression::TemplateLiteral(literal) if literal.expressions.is_empty() => {
            literal.quasis.first().and_then(|quasi| quasi.value.cooked.as_ref()).map(ToString::to_string)
        }
        _ => None,
    }
}

/// The text of a node.
pub(super) fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}

// Each of these takes an import from a node, and says whether its children are of interest.

fn python(node: Node<'_>, around: &[Node<'_>], source: &str, imports: &mut Imports) -> bool {
    let mut cursor = node.walk();
    match node.kind() {
        "import_statement" => {
            let types = is_for_types(node, around, source);
            for name in node.children_by_field_name("name", &mut cursor) {
                let name = name.child_by_field_name("name").unwrap_or(name);
                let target = without_blanks(text(name, source));
                imports.push(target, Form::Whole, 0, types, name.byte_range());
            }
            false
        }
        "import_from_statement" => {
            let Some(module) = node.child_by_field_name("module_name") else { return false };
            let written = without_blanks(text(module, source));
            let bare = written.trim_start_matches('.');
            let names = node
                .children_by_field_name("name", &mut cursor)
                .map(|name| without_blanks(text(name.child_by_field_name("name").unwrap_or(name), source)));
            let form = Form::Names(names.collect());
            let types = is_for_types(node, around, source);
            imports.push(bare.to_owned(), form, written.len() - bare.len(), types, module.byte_range());
            false
        }
        _ => true,
    }
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect()
}

// Whether it stands where only type checkers come.
fn is_for_types(node: Node<'_>, around: &[Node<'_>], source: &str) -> bool {
    let below = around.iter().skip(1).copied().chain([node]);
    around.iter().zip(below).any(|(outer, inner)| {
        outer.kind() == "if_statement"
            && outer.child_by_field_name("consequence") == Some(inner)
            && outer
                .child_by_field_name("condition")
                .is_some_and(|condition| text(condition, source).rsplit('.').next() == Some("TYPE_CHECKING"))
    })
}

fn go(node: Node<'_>, source: &str, imports: &mut Imports) -> bool {
    if node.kind() == "import_spec" {
        if let Some(path) = node.child_by_field_name("path") {
            let target = text(path, source).trim_matches(['"', '`']).to_owned();
            imports.push(target, Form::Whole, 0, false, path.byte_range());
        }
        return false;
    }
    // Imports stand at the top alone.
    matches!(node.kind(), "source_file" | "import_declaration" | "import_spec_list" | "ERROR")
}

fn java(node: Node<'_>, around: &[Node<'_>], source: &str, imports: &mut Imports) -> bool {
    match node.kind() {
        "import_declaration" => {
            let written = text(node, source);
            let is_static = written.trim_start_matches("import").trim_start().starts_with("static");
            let wild = written.contains('*');
            if let Some(name) = node.named_child(0) {
                let mut target = without_blanks(text(name, source));
                if is_static && !wild {
                    // A member of a class.
                    target = target.rsplit_once('.').map_or(target.clone(), |(class, _)| class.to_owned());
                } else if wild && !is_static {
                    target.push_str(".*");
                }
                imports.push(target, Form::Whole, 0, false, name.byte_range());
            }
            false
        }
        "package_declaration" => {
            let mut cursor = node.walk();
            let name =
                node.named_children(&mut cursor).find(|one| matches!(one.kind(), "scoped_identifier" | "identifier"));
            if let Some(name) = name {
                imports.package = without_blanks(text(name, source));
            }
            false
        }
        "type_identifier" | "identifier" => {
            let name = text(node, source);
            // A class by its use, or what looks like one before a point.
            let parent = around.last();
            let before_point = || {
                parent.is_some_and(|parent| {
                    let kinds = ["method_invocation", "field_access", "method_reference", "scoped_identifier"];
                    kinds.contains(&parent.kind()) && parent.start_byte() == node.start_byte()
                })
            };
            let is_class = node.kind() == "type_identifier"
                || name.starts_with(|c: char| c.is_uppercase()) && before_point()
                || parent.is_some_and(|parent| parent.kind().ends_with("annotation"));
            if is_class {
                imports.classes.entry(name.to_owned()).or_insert_with(|| node.byte_range());
            }
            false
        }
        _ => true,
    }
}

fn c(node: Node<'_>, source: &str, imports: &mut Imports) -> bool {
    if node.kind() == "preproc_include" {
        if let Some(path) = node.child_by_field_name("path").filter(|path| path.kind() == "string_literal") {
            let target = text(path, source).trim_matches('"').to_owned();
            imports.push(target, Form::Whole, 0, false, path.byte_range());
        }
        return false;
    }
    true
}

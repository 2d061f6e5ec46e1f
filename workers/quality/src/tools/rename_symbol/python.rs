//! The names of one Python file by its scopes: which of them are local to a function, and where each is used.

use crate::support::language::Language;
use crate::support::walk::Budget;
use crate::support::{Outcome, walk};
use std::collections::BTreeMap;
use std::ops::Range;
use tree_sitter::Node;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Module,
    Class,
    Function,
    Lambda,
    Comprehension,
}

// How a scope knows a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Bound,
    Global,
    Nonlocal,
}

#[derive(Debug)]
struct Scope {
    kind: Kind,
    parent: Option<usize>,
    names: BTreeMap<String, Known>,
    // Where it calls `locals()` or the like.
    dynamic: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Use,
    // `import a`: becomes `import a as b`.
    Imported,
    // A parameter that callers can name.
    Keyword,
    // `import a.b`
    Dotted,
}

#[derive(Debug)]
struct Use {
    span: Range<usize>,
    scope: usize,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Load,
    Store,
    Pattern,
}

/// The names of a file.
#[derive(Debug, Default)]
pub(super) struct Names<'s> {
    source: &'s str,
    scopes: Vec<Scope>,
    uses: Vec<Use>,
    pub(super) broken: Option<usize>,
}

/// What came of it: the edits, or why not, with the place where there is one.
pub(super) type Answer = Result<Vec<(Range<usize>, String)>, (Refusal, Range<usize>)>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    Inexact(&'static str),
    Declared,
    Captured,
    Captures,
}

const MODULE: &str = "belongs to the module, which other files and strings can name";
const ATTRIBUTE: &str = "is an attribute of a class, whose uses need types";
const KEYWORD: &str = "is a parameter that callers can pass by its name";
const DOTTED: &str = "is bound by an import of a dotted name, which has no shorter form";
const DYNAMIC: &str = "is local to a function that looks names up at run time (locals, vars, eval or exec)";
const UNKNOWN: &str = "is not declared in this file";

/// Reads a file.
pub(super) fn read(source: &str) -> Result<Names<'_>, Outcome> {
    let crate::support::language::Engine::TreeSitter(table) = Language::Python.engine() else {
        return Err(Outcome::Unreadable(0));
    };
    let tree = walk::tree(table, source, &Budget::default())?;
    let mut names = Names { source, ..Names::default() };
    names.scope(Kind::Module, None);
    let mut pending = vec![(tree.root_node(), 0, Context::Load)];
    while let Some((node, scope, context)) = pending.pop() {
        if node.is_error() || node.is_missing() {
            names.broken = Some(names.broken.map_or(node.start_byte(), |at| at.min(node.start_byte())));
        }
        let first = pending.len();
        names.take(node, scope, context, &mut pending);
        if let Some(children) = pending.get_mut(first..) {
            children.reverse();
        }
    }
    names.uses.sort_by_key(|one| one.span.start);
    Ok(names)
}

type Pending<'t> = Vec<(Node<'t>, usize, Context)>;

fn each<'t>(node: Node<'t>, scope: usize, context: Context, pending: &mut Pending<'t>) {
    let mut cursor = node.walk();
    pending.extend(node.named_children(&mut cursor).map(|child| (child, scope, context)));
}

impl Names<'_> {
    fn scope(&mut self, kind: Kind, parent: Option<usize>) -> usize {
        self.scopes.push(Scope { kind, parent, names: BTreeMap::new(), dynamic: false });
        self.scopes.len() - 1
    }

    fn text(&self, node: Node<'_>) -> &str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    fn bind(&mut self, node: Node<'_>, scope: usize, role: Role) {
        let name = self.text(node).to_owned();
        if let Some(scope) = self.scopes.get_mut(scope) {
            scope.names.entry(name).or_insert(Known::Bound);
        }
        self.uses.push(Use { span: node.byte_range(), scope, role });
    }

    fn kind(&self, scope: usize) -> Kind {
        self.scopes.get(scope).map_or(Kind::Module, |scope| scope.kind)
    }

    // Takes what a node says of names, and hands on its children.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of node that says something of names")]
    fn take<'t>(&mut self, node: Node<'t>, scope: usize, context: Context, pending: &mut Pending<'t>) {
        let field = |name: &str| node.child_by_field_name(name);
        let mut with = |name: &str, scope: usize, context: Context| {
            let mut cursor = node.walk();
            pending.extend(node.children_by_field_name(name, &mut cursor).map(|child| (child, scope, context)));
        };
        match node.kind() {
            "identifier" if context == Context::Load => {
                self.uses.push(Use { span: node.byte_range(), scope, role: Role::Use });
            }
            "identifier" => self.bind(node, scope, Role::Use),
            "attribute" => with("object", scope, Context::Load),
            "subscript" => each(node, scope, Context::Load, pending),
            "keyword_argument" => with("value", scope, Context::Load),
            "call" => {
                if let Some(function) = field("function")
                    && matches!(self.text(function), "locals" | "vars" | "eval" | "exec" | "dir")
                    && let Some(scope) = self.scopes.get_mut(scope)
                {
                    scope.dynamic = true;
                }
                each(node, scope, Context::Load, pending);
            }
            "assignment" => {
                with("left", scope, Context::Store);
                with("type", scope, Context::Load);
                with("right", scope, Context::Load);
            }
            "augmented_assignment" | "for_statement" => {
                with("left", scope, Context::Store);
                for name in ["right", "body", "alternative"] {
                    with(name, scope, Context::Load);
                }
            }
            "named_expression" => {
                let mut owner = scope;
                while self.kind(owner) == Kind::Comprehension
                    && let Some(parent) = self.scopes.get(owner).and_then(|scope| scope.parent)
                {
                    owner = parent;
                }
                if let Some(name) = field("name") {
                    self.bind(name, owner, Role::Use);
                }
                with("value", scope, Context::Load);
            }
            "as_pattern_target" => each(node, scope, Context::Store, pending),
            "as_pattern" if context == Context::Pattern => {
                let count = node.named_child_count();
                let mut cursor = node.walk();
                for (at, child) in node.named_children(&mut cursor).enumerate() {
                    let last = at + 1 == count && child.kind() == "identifier";
                    pending.push((child, scope, if last { Context::Store } else { Context::Pattern }));
                }
            }
            "delete_statement" => each(node, scope, Context::Store, pending),
            "import_statement" | "import_from_statement" => self.import(node, scope),
            "future_import_statement" => {}
            "global_statement" | "nonlocal_statement" => {
                let known = if node.kind() == "global_statement" { Known::Global } else { Known::Nonlocal };
                let mut cursor = node.walk();
                for name in node.named_children(&mut cursor) {
                    let text = self.text(name).to_owned();
                    if let Some(scope) = self.scopes.get_mut(scope) {
                        scope.names.insert(text, known);
                    }
                    self.uses.push(Use { span: name.byte_range(), scope, role: Role::Use });
                }
            }
            "function_definition" => {
                if let Some(name) = field("name") {
                    self.bind(name, scope, Role::Use);
                }
                let inner = self.scope(Kind::Function, Some(scope));
                self.parameters(node, scope, inner, pending);
                let mut with = |name: &str, scope: usize, context: Context| {
                    let mut cursor = node.walk();
                    pending.extend(node.children_by_field_name(name, &mut cursor).map(|child| (child, scope, context)));
                };
                with("type_parameters", inner, Context::Store);
                with("return_type", scope, Context::Load);
                with("body", inner, Context::Load);
            }
            "lambda" => {
                let inner = self.scope(Kind::Lambda, Some(scope));
                self.parameters(node, scope, inner, pending);
                pending.extend(field("body").map(|body| (body, inner, Context::Load)));
            }
            "class_definition" => {
                if let Some(name) = field("name") {
                    self.bind(name, scope, Role::Use);
                }
                let inner = self.scope(Kind::Class, Some(scope));
                with("type_parameters", inner, Context::Store);
                with("superclasses", scope, Context::Load);
                with("body", inner, Context::Load);
            }
            "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
                let inner = self.scope(Kind::Comprehension, Some(scope));
                let mut cursor = node.walk();
                let mut outermost = true;
                for child in node.named_children(&mut cursor) {
                    if child.kind() == "for_in_clause" {
                        // The first iterable is computed outside.
                        let from = if std::mem::take(&mut outermost) { scope } else { inner };
                        let mut cursor = child.walk();
                        pending.extend(
                            child.children_by_field_name("left", &mut cursor).map(|one| (one, inner, Context::Store)),
                        );
                        let mut cursor = child.walk();
                        pending.extend(
                            child.children_by_field_name("right", &mut cursor).map(|one| (one, from, Context::Load)),
                        );
                    } else {
                        pending.push((child, inner, Context::Load));
                    }
                }
            }
            "case_clause" => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    let pattern = child.kind() == "case_pattern";
                    pending.push((child, scope, if pattern { Context::Pattern } else { Context::Load }));
                }
            }
            "dotted_name" if context == Context::Pattern && node.named_child_count() == 1 => {
                each(node, scope, Context::Store, pending);
            }
            "dotted_name" => pending.extend(node.named_child(0).map(|first| (first, scope, Context::Load))),
            "class_pattern" | "keyword_pattern" => {
                let keyword = node.kind() == "keyword_pattern";
                let mut cursor = node.walk();
                for (at, child) in node.named_children(&mut cursor).enumerate() {
                    match (at, keyword) {
                        (0, true) => {}
                        (0, false) => pending.extend(child.named_child(0).map(|first| (first, scope, Context::Load))),
                        _ => pending.push((child, scope, context)),
                    }
                }
            }
            // What is within stays what it is: targets in a list, patterns in a pattern.
            _ => each(node, scope, context, pending),
        }
    }

    fn import(&mut self, node: Node<'_>, scope: usize) {
        let whole = node.kind() == "import_statement";
        let mut cursor = node.walk();
        for name in node.children_by_field_name("name", &mut cursor) {
            if let Some(alias) = name.child_by_field_name("alias") {
                self.bind(alias, scope, Role::Use);
            } else if let Some(first) = name.named_child(0) {
                let dotted = whole && name.named_child_count() > 1;
                self.bind(first, scope, if dotted { Role::Dotted } else { Role::Imported });
            }
        }
    }

    fn parameters<'t>(&mut self, node: Node<'t>, outer: usize, inner: usize, pending: &mut Pending<'t>) {
        let Some(list) = node.child_by_field_name("parameters") else { return };
        let mut cursor = list.walk();
        let all: Vec<Node<'_>> = list.named_children(&mut cursor).collect();
        let slash = all.iter().position(|one| one.kind() == "positional_separator");
        for (at, parameter) in all.iter().enumerate() {
            // `self`, and what stands before a slash.
            let method = at == 0 && self.kind(outer) == Kind::Class;
            let free = method || node.kind() == "lambda" || slash.is_some_and(|slash| at < slash);
            let role = if free { Role::Use } else { Role::Keyword };
            match parameter.kind() {
                "identifier" => self.bind(*parameter, inner, role),
                "default_parameter" | "typed_default_parameter" => {
                    if let Some(name) = parameter.child_by_field_name("name") {
                        self.bind(name, inner, role);
                    }
                    let parts = ["type", "value"].into_iter().filter_map(|name| parameter.child_by_field_name(name));
                    pending.extend(parts.map(|part| (part, outer, Context::Load)));
                }
                "typed_parameter" => {
                    match parameter.named_child(0) {
                        Some(name) if name.kind() == "identifier" => self.bind(name, inner, role),
                        Some(starred) => each(starred, inner, Context::Store, pending),
                        None => {}
                    }
                    pending.extend(parameter.child_by_field_name("type").map(|kind| (kind, outer, Context::Load)));
                }
                _ => each(*parameter, inner, Context::Store, pending),
            }
        }
    }

    // The scope whose name this is.
    fn owner(&self, from: usize, name: &str) -> Option<usize> {
        let mut at = Some(from);
        while let Some(number) = at {
            let scope = self.scopes.get(number)?;
            let seen = scope.kind != Kind::Class || number == from;
            match scope.names.get(name).filter(|_| seen) {
                Some(Known::Bound) => return Some(number),
                Some(Known::Global) => return Some(0),
                Some(Known::Nonlocal) | None => at = scope.parent,
            }
        }
        None
    }

    fn within(&self, inner: usize, outer: usize) -> bool {
        std::iter::successors(Some(inner), |at| self.scopes.get(*at).and_then(|scope| scope.parent))
            .any(|at| at == outer)
    }

    /// The places where a name stands, for finding one by its line.
    pub(super) fn places(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.uses.iter().map(|one| one.span.clone())
    }

    /// Renames what stands at a place.
    pub(super) fn rename(&self, place: &Range<usize>, new: &str) -> Answer {
        let refused = |why: &'static str| Err((Refusal::Inexact(why), place.clone()));
        let Some(target) = self.uses.iter().find(|one| one.span == *place) else { return refused(UNKNOWN) };
        let old = self.source.get(place.clone()).unwrap_or_default();
        let Some(owner) = self.owner(target.scope, old) else { return refused(UNKNOWN) };
        match self.kind(owner) {
            Kind::Module => return refused(MODULE),
            Kind::Class => return refused(ATTRIBUTE),
            _ => {}
        }
        if self.scopes.iter().enumerate().any(|(at, scope)| scope.dynamic && self.within(at, owner)) {
            return refused(DYNAMIC);
        }
        if self.scopes.get(owner).is_some_and(|scope| scope.names.contains_key(new)) {
            return Err((Refusal::Declared, place.clone()));
        }
        let mut edits = Vec::new();
        for one in &self.uses {
            let text = self.source.get(one.span.clone()).unwrap_or_default();
            if text == old && self.owner(one.scope, old) == Some(owner) {
                match one.role {
                    Role::Keyword => return Err((Refusal::Inexact(KEYWORD), one.span.clone())),
                    Role::Dotted => return Err((Refusal::Inexact(DOTTED), one.span.clone())),
                    Role::Imported => edits.push((one.span.clone(), format!("{old} as {new}"))),
                    Role::Use => edits.push((one.span.clone(), new.to_owned())),
                }
                let nearer = self.owner(one.scope, new);
                if nearer.is_some_and(|by| by != owner && self.within(by, owner)) {
                    return Err((Refusal::Captured, one.span.clone()));
                }
            } else if text == new
                && self.within(one.scope, owner)
                && self.owner(one.scope, new).is_none_or(|by| !self.within(by, owner))
            {
                return Err((Refusal::Captures, one.span.clone()));
            }
        }
        Ok(edits)
    }
}

//! Reads Python modules: what they define, import and list, as far as others can see it.

use super::model::{MAX_DEPTH, children, squeezed, text};
use std::collections::BTreeMap;
use std::ops::Range;
use tree_sitter::Node;

#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) members: BTreeMap<String, Member>,
    // The names in `__all__`, and the modules whose lists it takes in.
    pub(super) all: Vec<String>,
    pub(super) all_of: Vec<String>,
    // Modules from which everything is imported.
    pub(super) stars: Vec<String>,
    pub(super) bases: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) file: usize,
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Class(Box<Scope>),
    Function(Function),
    Attribute,
    Alias(String),
}

#[derive(Debug, Default)]
pub(super) struct Function {
    pub(super) parameters: Vec<Parameter>,
    pub(super) returns: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    PositionalOnly,
    Plain,
    Positional,
    KeywordOnly,
    Keyword,
}

impl Sort {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::PositionalOnly => "positional-only",
            Self::Plain => "positional or keyword",
            Self::Positional => "variadic positional",
            Self::KeywordOnly => "keyword-only",
            Self::Keyword => "variadic keyword",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) sort: Sort,
    pub(super) default: Option<String>,
}

impl Parameter {
    pub(super) fn required(&self) -> bool {
        self.default.is_none() && !matches!(self.sort, Sort::Positional | Sort::Keyword)
    }
}

impl Scope {
    // Takes in what a declaration of it says.
    pub(super) fn declared(&mut self, stub: Self, depth: usize) {
        if !stub.all.is_empty() {
            self.all = stub.all;
            self.all_of = stub.all_of;
        }
        self.stars.extend(stub.stars);
        for (name, member) in stub.members {
            match (self.members.get_mut(&name).map(|known| &mut known.kind), member.kind) {
                (Some(Kind::Class(known)), Kind::Class(stub)) => {
                    if depth < MAX_DEPTH {
                        known.declared(*stub, depth + 1);
                    }
                }
                (Some(Kind::Function(known)), Kind::Function(stub)) => known.returns |= stub.returns,
                (Some(Kind::Alias(_)), _) | (Some(Kind::Attribute), Kind::Attribute) | (Some(_), Kind::Alias(_)) => {}
                // What is not what the declaration says it is, others take for that.
                (Some(known), kind) => *known = kind,
                (None, kind) => {
                    self.members.insert(name, Member { kind, ..member });
                }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    Module,
    Class,
}

pub(super) struct Reader<'s> {
    pub(super) file: usize,
    pub(super) source: &'s str,
    pub(super) module: &'s str,
    pub(super) package: &'s str,
    pub(super) stub: bool,
}

impl<'s> Reader<'s> {
    fn text(&self, node: Node<'_>) -> &'s str {
        text(node, self.source)
    }

    // A value's text; which quotes a string stands in changes nothing.
    fn value(&self, node: Node<'_>) -> String {
        squeezed(node, self.source).replace('\'', "\"")
    }

    pub(super) fn block(&mut self, block: Node<'_>, scope: &mut Scope, place: Where, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for statement in children(block) {
            match statement.kind() {
                "function_definition" => self.function(statement, &[], scope, place),
                "class_definition" => self.class(statement, &[], scope, depth),
                "decorated_definition" => {
                    let decorators: Vec<String> = children(statement)
                        .into_iter()
                        .filter(|child| child.kind() == "decorator")
                        .map(|decorator| squeezed(decorator, self.source).trim_start_matches('@').to_owned())
                        .collect();
                    match statement.child_by_field_name("definition") {
                        Some(inner) if inner.kind() == "class_definition" => {
                            self.class(inner, &decorators, scope, depth);
                        }
                        Some(inner) => self.function(inner, &decorators, scope, place),
                        None => {}
                    }
                }
                "expression_statement" => {
                    for child in children(statement) {
                        self.assigned(child, scope, place);
                    }
                }
                "type_alias_statement" => {
                    if let Some(left) = statement.child_by_field_name("left") {
                        let name = self.text(left).split('[').next().unwrap_or_default().to_owned();
                        self.insert(scope, name, left, Kind::Attribute);
                    }
                }
                "import_statement" => self.import(statement, scope),
                "import_from_statement" => self.import_from(statement, scope),
                "if_statement" | "try_statement" | "with_statement" | "for_statement" | "while_statement" => {
                    self.blocks(statement, scope, place, depth);
                }
                _ => {}
            }
        }
    }

    fn blocks(&mut self, statement: Node<'_>, scope: &mut Scope, place: Where, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for child in children(statement) {
            match child.kind() {
                "block" => self.block(child, scope, place, depth + 1),
                "else_clause" | "elif_clause" | "except_clause" | "except_group_clause" | "finally_clause" => {
                    self.blocks(child, scope, place, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn insert(&self, scope: &mut Scope, name: String, at: Node<'_>, kind: Kind) {
        scope.members.insert(name, Member { file: self.file, span: at.byte_range(), kind });
    }

    fn function(&self, node: Node<'_>, decorators: &[String], scope: &mut Scope, place: Where) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let named = |wanted: &[&str]| {
            decorators.iter().any(|one| {
                let plain = one.split('(').next().unwrap_or_default();
                wanted.contains(&plain.rsplit('.').next().unwrap_or(plain))
            })
        };
        if named(&["setter", "deleter"]) || named(&["overload"]) && !self.stub {
            return;
        }
        let kind = if named(&["property", "cached_property"]) {
            Kind::Attribute
        } else {
            let parameters =
                node.child_by_field_name("parameters").map(|list| self.parameters(list)).unwrap_or_default();
            Kind::Function(Function { parameters, returns: node.child_by_field_name("return_type").is_some() })
        };
        let own = self.text(name);
        if place == Where::Class
            && own == "__init__"
            && let Some(body) = node.child_by_field_name("body")
        {
            self.attributes_of(body, scope);
        }
        self.insert(scope, own.to_owned(), name, kind);
    }

    fn parameters(&self, list: Node<'_>) -> Vec<Parameter> {
        let mut found: Vec<Parameter> = Vec::new();
        let mut sort = Sort::Plain;
        for node in children(list) {
            let default = node.child_by_field_name("value").map(|value| self.value(value));
            let name = match node.kind() {
                "identifier" => Some(node),
                "default_parameter" | "typed_default_parameter" => node.child_by_field_name("name"),
                "typed_parameter" => node.named_child(0),
                "list_splat_pattern" | "dictionary_splat_pattern" => Some(node),
                "keyword_separator" => {
                    sort = Sort::KeywordOnly;
                    None
                }
                "positional_separator" => {
                    found.iter_mut().for_each(|one| one.sort = Sort::PositionalOnly);
                    None
                }
                _ => None,
            };
            let Some(name) = name else { continue };
            let own = match name.kind() {
                "list_splat_pattern" => Sort::Positional,
                "dictionary_splat_pattern" => Sort::Keyword,
                _ => sort,
            };
            if own == Sort::Positional {
                sort = Sort::KeywordOnly;
            }
            found.push(Parameter {
                name: self.text(name).trim_start_matches('*').trim().to_owned(),
                sort: own,
                default,
            });
        }
        found
    }

    // `self.name = ...` anywhere in `__init__`.
    fn attributes_of(&self, body: Node<'_>, scope: &mut Scope) {
        let mut pending = vec![body];
        while let Some(node) = pending.pop() {
            match node.kind() {
                "assignment" => {
                    for target in targets(node) {
                        let object = target.child_by_field_name("object");
                        let attribute = target.child_by_field_name("attribute");
                        if let (Some(object), Some(attribute)) = (object, attribute)
                            && self.text(object) == "self"
                        {
                            let name = self.text(attribute).to_owned();
                            if !scope.members.contains_key(&name) {
                                self.insert(scope, name, attribute, Kind::Attribute);
                            }
                        }
                    }
                }
                "function_definition" | "class_definition" | "lambda" => {}
                _ => pending.extend(children(node)),
            }
        }
    }

    fn class(&mut self, node: Node<'_>, decorators: &[String], scope: &mut Scope, depth: usize) {
        let (Some(name), Some(body)) = (node.child_by_field_name("name"), node.child_by_field_name("body")) else {
            return;
        };
        let mut inner = Scope::default();
        let bases = node.child_by_field_name("superclasses").map(children).unwrap_or_default();
        for base in bases.into_iter().filter(|base| !matches!(base.kind(), "keyword_argument" | "comment")) {
            let plain = self.text(base).split('[').next().unwrap_or_default().trim();
            inner.bases.push(format!("{}.{plain}", self.module));
        }
        self.block(body, &mut inner, Where::Class, depth + 1);
        let made = decorators.iter().find(|one| {
            let plain = one.split('(').next().unwrap_or_default();
            matches!(plain, "dataclass" | "dataclasses.dataclass")
        });
        if let Some(made) = made.filter(|made| !made.contains("init=False"))
            && !inner.members.contains_key("__init__")
        {
            let parameters = self.fields(body, made.contains("kw_only=True"));
            let span = name.byte_range();
            let kind = Kind::Function(Function { parameters, returns: true });
            inner.members.insert("__init__".to_owned(), Member { file: self.file, span, kind });
        }
        self.insert(scope, self.text(name).to_owned(), name, Kind::Class(Box::new(inner)));
    }

    // The parameters that a dataclass makes of its annotated attributes.
    fn fields(&self, body: Node<'_>, mut keywords: bool) -> Vec<Parameter> {
        let mut found = vec![Parameter { name: "self".to_owned(), sort: Sort::Plain, default: None }];
        for assignment in children(body).into_iter().flat_map(children).filter(|child| child.kind() == "assignment") {
            let (Some(left), Some(annotation)) =
                (assignment.child_by_field_name("left"), assignment.child_by_field_name("type"))
            else {
                continue;
            };
            let annotation = squeezed(annotation, self.source);
            if annotation.ends_with("KW_ONLY") {
                keywords = true;
                continue;
            }
            let value = assignment.child_by_field_name("right").map(|right| self.value(right));
            if annotation.contains("ClassVar") || value.as_ref().is_some_and(|value| value.contains("init=False")) {
                continue;
            }
            let default = value.filter(|value| {
                let is_field = value.starts_with("field(") || value.starts_with("dataclasses.field(");
                !is_field || value.contains("default")
            });
            let sort = if keywords { Sort::KeywordOnly } else { Sort::Plain };
            found.push(Parameter { name: self.text(left).to_owned(), sort, default });
        }
        found
    }

    fn assigned(&self, node: Node<'_>, scope: &mut Scope, place: Where) {
        if !matches!(node.kind(), "assignment" | "augmented_assignment") {
            return;
        }
        let is_all = node.child_by_field_name("left").is_some_and(|left| self.text(left) == "__all__");
        if is_all && place == Where::Module {
            if node.kind() == "assignment" {
                scope.all.clear();
                scope.all_of.clear();
            }
            if let Some(right) = node.child_by_field_name("right") {
                self.listed(right, scope);
            }
        }
        if node.kind() == "assignment" {
            for target in targets(node).into_iter().filter(|target| target.kind() == "identifier") {
                self.insert(scope, self.text(target).to_owned(), target, Kind::Attribute);
            }
        }
    }

    fn listed(&self, node: Node<'_>, scope: &mut Scope) {
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            match node.kind() {
                "string" => {
                    let plain = self.text(node).trim_matches(['"', '\'']);
                    scope.all.push(plain.to_owned());
                }
                "attribute" => {
                    if let Some(module) = self.text(node).strip_suffix(".__all__") {
                        scope.all_of.push(module.to_owned());
                    }
                }
                "list" | "tuple" | "binary_operator" | "list_splat" | "parenthesized_expression" => {
                    pending.extend(children(node));
                }
                _ => {}
            }
        }
    }

    fn import(&self, node: Node<'_>, scope: &mut Scope) {
        for name in children(node) {
            if let (Some(module), Some(alias)) = (name.child_by_field_name("name"), name.child_by_field_name("alias")) {
                self.insert(scope, self.text(alias).to_owned(), alias, Kind::Alias(self.text(module).to_owned()));
            } else if name.kind() == "dotted_name" {
                let first = self.text(name).split('.').next().unwrap_or_default();
                self.insert(scope, first.to_owned(), name, Kind::Alias(first.to_owned()));
            }
        }
    }

    fn import_from(&self, node: Node<'_>, scope: &mut Scope) {
        let Some(from) = node.child_by_field_name("module_name") else { return };
        let written = self.text(from);
        let rest = written.trim_start_matches('.');
        let dots = written.len() - rest.len();
        let mut base = self.package;
        for _ in 1..dots {
            base = base.rsplit_once('.').map_or("", |(above, _)| above);
        }
        let module = match (dots, base, rest) {
            (0, ..) | (_, "", _) => rest.to_owned(),
            (_, base, "") => base.to_owned(),
            (_, base, rest) => format!("{base}.{rest}"),
        };
        for name in children(node).into_iter().skip(1) {
            match name.kind() {
                "wildcard_import" => scope.stars.push(module.clone()),
                "dotted_name" => self.alias(scope, name, name, &module),
                "aliased_import" => {
                    let (of, to) = (name.child_by_field_name("name"), name.child_by_field_name("alias"));
                    if let (Some(of), Some(to)) = (of, to) {
                        self.alias(scope, of, to, &module);
                    }
                }
                _ => {}
            }
        }
    }

    fn alias(&self, scope: &mut Scope, of: Node<'_>, to: Node<'_>, module: &str) {
        let target = if module.is_empty() { self.text(of).to_owned() } else { format!("{module}.{}", self.text(of)) };
        let name = self.text(to);
        // `from . import name` of a submodule is that module.
        if target != format!("{}.{name}", self.module) || to != of {
            self.insert(scope, name.to_owned(), to, Kind::Alias(target));
        }
    }
}

// The names on the left of an assignment and of those in a chain with it.
fn targets(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut current = Some(node);
    while let Some(one) = current.filter(|one| one.kind() == "assignment") {
        let mut pending: Vec<Node<'_>> = one.child_by_field_name("left").into_iter().collect();
        while let Some(target) = pending.pop() {
            match target.kind() {
                "pattern_list" | "tuple_pattern" | "list_pattern" => pending.extend(children(target)),
                _ => found.push(target),
            }
        }
        current = one.child_by_field_name("right");
    }
    found
}

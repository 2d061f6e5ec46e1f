//! What C headers, Go packages and Java classes offer, as names with the text of what they are.

use super::model::{
    Change, Counts, MAX_NAMES, Place, Side, Source, Sources, What, children, shown, squeezed, tell, text,
};
use crate::support::language::{Engine, Language};
use crate::support::packages::folder;
use crate::support::walk;
use crate::support::walk::Budget;
use std::collections::BTreeMap;
use std::ops::Range;
use tree_sitter::Node;

/// A public name.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) kind: &'static str,
    pub(super) file: usize,
    pub(super) span: Range<usize>,
    /// What callers see of it.
    pub(super) signature: String,
    /// Parameters, where a new one at the end may be left out.
    pub(super) parameters: Option<Vec<Parameter>>,
    /// Whether who implements or makes what it belongs to must give it.
    pub(super) required: bool,
    /// The path of what it belongs to; empty at the top.
    pub(super) owner: String,
}

/// A parameter as callers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) of: String,
    pub(super) optional: bool,
}

/// Public names by path.
pub(super) type Items = BTreeMap<String, Item>;

/// Compares two versions of one language.
pub(super) fn compare(
    language: Language,
    before: &Sources<'_>,
    after: &Sources<'_>,
    budget: &Budget,
    changes: &mut Vec<Change>,
) -> Counts {
    let mut counts = Counts::default();
    let old = read(language, before, budget, &mut counts.broken);
    let new = read(language, after, budget, &mut counts.broken);
    differ(&old, &new, changes);
    counts.before = old.len();
    counts.after = new.len();
    counts
}

/// Tells the differences between two sets of names.
pub(super) fn differ(old: &Items, new: &Items, changes: &mut Vec<Change>) {
    for (path, was) in old {
        let name = format!("{} {}", was.kind, shown(path));
        let Some(now) = new.get(path) else {
            // What belonged to something that went is not told apart.
            if was.owner.is_empty() || new.contains_key(&was.owner) {
                let place = Place::new(Side::Before, was.file, was.span.clone());
                tell(changes, "export-removed", What::Removed, place, format!("{name} is gone"));
            }
            continue;
        };
        let place = Place::new(Side::After, now.file, now.span.clone());
        if was.kind != now.kind {
            let message = format!("{} was a {}, and is a {} now", shown(path), was.kind, now.kind);
            tell(changes, "export-kind-changed", What::Changed, place, message);
        } else if was.signature != now.signature || was.parameters != now.parameters {
            let extended =
                was.signature == now.signature && is_extended(was.parameters.as_deref(), now.parameters.as_deref());
            let (id, message) = if extended {
                ("signature-extended", format!("{name} takes more, which may be left out"))
            } else {
                let (had, has) = (seen(was), seen(now));
                ("signature-changed", format!("{name} was {}, and is {} now", shown(&had), shown(&has)))
            };
            tell(changes, id, What::Changed, place, message);
        }
    }
    for (path, now) in new.iter().filter(|(path, _)| !old.contains_key(*path)) {
        if !now.owner.is_empty() && !old.contains_key(&now.owner) {
            continue;
        }
        let place = Place::new(Side::After, now.file, now.span.clone());
        let needed = now.required && !now.owner.is_empty();
        let (id, how) =
            if needed { ("required-member-added", "is new, and must be given") } else { ("export-added", "is new") };
        tell(changes, id, What::Added, place, format!("{} {} {how}", now.kind, shown(path)));
    }
}

fn is_extended(was: Option<&[Parameter]>, now: Option<&[Parameter]>) -> bool {
    let (Some(was), Some(now)) = (was, now) else { return false };
    now.len() >= was.len()
        && was
            .iter()
            .zip(now)
            .all(|(one, other)| one.of == other.of && (one.optional == other.optional || other.optional))
        && now.iter().skip(was.len()).all(|one| one.optional)
}

fn seen(item: &Item) -> String {
    let Some(parameters) = &item.parameters else { return item.signature.clone() };
    let list: Vec<String> = parameters
        .iter()
        .map(|one| {
            format!("{}{}", if one.of.is_empty() { "any" } else { &one.of }, if one.optional { "?" } else { "" })
        })
        .collect();
    format!("({}){}", list.join(", "), item.signature)
}

fn read(language: Language, sources: &Sources<'_>, budget: &Budget, broken: &mut Vec<String>) -> Items {
    let mut items = Items::new();
    let Engine::TreeSitter(table) = language.engine() else { return items };
    for source in sources.iter() {
        // Tests of Go offer nothing, nor does a C file beside its header.
        let is_header = source.path.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("h"));
        if language == Language::Go && source.path.ends_with("_test.go") || language == Language::C && !is_header {
            continue;
        }
        match walk::tree(table, source.text, budget) {
            Ok(tree) => {
                if tree.root_node().has_error() {
                    broken.push(format!("{} where it does not parse", source.shown));
                }
                let mut reader = Reader { source, items: &mut items };
                match language {
                    Language::Go => reader.go(tree.root_node()),
                    Language::Java => reader.java(tree.root_node()),
                    _ => reader.c(tree.root_node()),
                }
            }
            Err(_) => broken.push(format!("{}, which is not read", source.shown)),
        }
    }
    items
}

struct Reader<'r, 'f> {
    source: &'r Source<'f>,
    items: &'r mut Items,
}

impl<'f> Reader<'_, 'f> {
    fn text(&self, node: Node<'_>) -> &'f str {
        text(node, self.source.text)
    }

    fn squeezed(&self, node: Node<'_>) -> String {
        squeezed(node, self.source.text)
    }

    fn insert(
        &mut self,
        path: String,
        owner: &str,
        kind: &'static str,
        at: Node<'_>,
        signature: String,
        required: bool,
    ) {
        if self.items.len() < MAX_NAMES {
            let item = Item {
                kind,
                file: self.source.at,
                span: at.byte_range(),
                signature,
                parameters: None,
                required,
                owner: owner.to_owned(),
            };
            self.items.entry(path).or_insert(item);
        }
    }

    // Types of parameters without their names, which callers do not write.
    fn types(&self, list: Option<Node<'_>>) -> String {
        let mut found = Vec::new();
        for parameter in list.map(children).unwrap_or_default() {
            let of = parameter.child_by_field_name("type").map(|of| self.squeezed(of)).unwrap_or_default();
            match parameter.kind() {
                "parameter_declaration" => {
                    let names = children(parameter).iter().filter(|child| child.kind() == "identifier").count();
                    found.extend(std::iter::repeat_n(of, names.max(1)));
                }
                "variadic_parameter_declaration" => found.push(format!("...{of}")),
                "formal_parameter" => {
                    let dimensions =
                        parameter.child_by_field_name("dimensions").map(|of| self.squeezed(of)).unwrap_or_default();
                    found.push(format!("{of}{dimensions}"));
                }
                "spread_parameter" => {
                    let of = children(parameter)
                        .into_iter()
                        .find(|child| !matches!(child.kind(), "modifiers" | "variable_declarator"));
                    found.push(format!("{}...", of.map(|of| self.squeezed(of)).unwrap_or_default()));
                }
                _ => {}
            }
        }
        format!("({})", found.join(","))
    }

    fn go(&mut self, root: Node<'_>) {
        let package = folder(&self.source.path).to_owned();
        let prefix = if package.is_empty() { String::new() } else { format!("{package}.") };
        if package.split('/').any(|part| part == "internal") {
            return;
        }
        let is_main = children(root)
            .into_iter()
            .any(|child| child.kind() == "package_clause" && self.text(child).ends_with(" main"));
        if is_main {
            return;
        }
        let exported = |name: &str| name.chars().next().is_some_and(char::is_uppercase);
        for node in children(root) {
            let name = node.child_by_field_name("name").map(|name| (self.text(name), name));
            match node.kind() {
                "function_declaration" => {
                    if let Some((own, at)) = name.filter(|(own, _)| exported(own)) {
                        let signature = self.go_signature(node);
                        self.insert(format!("{prefix}{own}"), "", "function", at, signature, false);
                    }
                }
                "method_declaration" => {
                    let receiver = node
                        .child_by_field_name("receiver")
                        .map(|receiver| self.types(Some(receiver)))
                        .unwrap_or_default();
                    let pointer = receiver.contains('*');
                    let of = receiver.trim_matches(['(', ')', '*']).split('[').next().unwrap_or_default().to_owned();
                    if let Some((own, at)) = name.filter(|(own, _)| exported(own) && exported(&of)) {
                        let signature = format!("{}{}", if pointer { "*" } else { "" }, self.go_signature(node));
                        let owner = format!("{prefix}{of}");
                        self.insert(format!("{owner}.{own}"), &owner, "method", at, signature, false);
                    }
                }
                "type_declaration" => {
                    for spec in children(node) {
                        if let Some(name) = spec.child_by_field_name("name").filter(|name| exported(self.text(*name))) {
                            self.go_type(spec, &format!("{prefix}{}", self.text(name)), name, exported);
                        }
                    }
                }
                "const_declaration" | "var_declaration" => {
                    let kind = if node.kind() == "const_declaration" { "constant" } else { "variable" };
                    let specs = children(node)
                        .into_iter()
                        .flat_map(|spec| if spec.kind() == "var_spec_list" { children(spec) } else { vec![spec] });
                    for spec in specs {
                        let of = spec.child_by_field_name("type").map(|of| self.squeezed(of)).unwrap_or_default();
                        for name in children(spec).into_iter().filter(|child| child.kind() == "identifier") {
                            if exported(self.text(name)) {
                                self.insert(format!("{prefix}{}", self.text(name)), "", kind, name, of.clone(), false);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn go_signature(&self, node: Node<'_>) -> String {
        let generics = node.child_by_field_name("type_parameters").map(|of| self.squeezed(of)).unwrap_or_default();
        let result = node.child_by_field_name("result").map(|result| {
            if result.kind() == "parameter_list" {
                self.types(Some(result))
            } else {
                format!("({})", self.squeezed(result))
            }
        });
        format!("{generics}{}{}", self.types(node.child_by_field_name("parameters")), result.unwrap_or_default())
    }

    fn go_type(&mut self, spec: Node<'_>, path: &str, at: Node<'_>, exported: impl Fn(&str) -> bool) {
        let Some(of) = spec.child_by_field_name("type") else { return };
        let generics = spec.child_by_field_name("type_parameters").map(|of| self.squeezed(of)).unwrap_or_default();
        match of.kind() {
            "struct_type" => {
                self.insert(path.to_owned(), "", "struct", at, generics, false);
                for field in
                    children(of).into_iter().flat_map(children).filter(|field| field.kind() == "field_declaration")
                {
                    let of = field.child_by_field_name("type").map(|of| self.squeezed(of)).unwrap_or_default();
                    let names: Vec<Node<'_>> =
                        children(field).into_iter().filter(|child| child.kind() == "field_identifier").collect();
                    for name in &names {
                        if exported(self.text(*name)) {
                            self.insert(
                                format!("{path}.{}", self.text(*name)),
                                path,
                                "field",
                                *name,
                                of.clone(),
                                false,
                            );
                        }
                    }
                    let embedded = of.trim_start_matches('*').rsplit('.').next().unwrap_or_default().to_owned();
                    if names.is_empty() && exported(&embedded) {
                        self.insert(format!("{path}.{embedded}"), path, "field", field, of, false);
                    }
                }
            }
            "interface_type" => {
                self.insert(path.to_owned(), "", "interface", at, generics, false);
                let elements = children(of);
                // One with a name that others cannot write cannot be implemented by them.
                let sealed = elements
                    .iter()
                    .any(|one| one.child_by_field_name("name").is_some_and(|name| !exported(self.text(name))));
                for element in elements {
                    match element.child_by_field_name("name") {
                        Some(name) => {
                            let signature = self.go_signature(element);
                            self.insert(
                                format!("{path}.{}", self.text(name)),
                                path,
                                "method",
                                name,
                                signature,
                                !sealed,
                            );
                        }
                        None if element.kind() != "comment" => {
                            let written = self.squeezed(element);
                            self.insert(format!("{path}.{written}"), path, "element", element, String::new(), !sealed);
                        }
                        None => {}
                    }
                }
            }
            _ => {
                let signature = format!("{generics}{}", self.squeezed(of));
                self.insert(path.to_owned(), "", "type", at, signature, false);
            }
        }
    }

    fn java(&mut self, root: Node<'_>) {
        let package = children(root).into_iter().find(|child| child.kind() == "package_declaration");
        let package = package
            .and_then(|node| children(node).pop())
            .map(|name| format!("{}.", self.squeezed(name)))
            .unwrap_or_default();
        let mut pending: Vec<(Node<'_>, String, bool)> =
            children(root).into_iter().map(|child| (child, package.trim_end_matches('.').to_owned(), false)).collect();
        while let Some((node, outer, in_interface)) = pending.pop() {
            let kind = match node.kind() {
                "class_declaration" => "class",
                "interface_declaration" => "interface",
                "enum_declaration" => "enum",
                "record_declaration" => "record",
                "annotation_type_declaration" => "annotation",
                _ => continue,
            };
            let modifiers = self.modifiers(node);
            let open = |modifiers: &[String]| modifiers.iter().any(|word| word == "public" || word == "protected");
            let Some(name) = node.child_by_field_name("name").filter(|_| in_interface || open(&modifiers)) else {
                continue;
            };
            let path =
                if outer.is_empty() { self.text(name).to_owned() } else { format!("{outer}.{}", self.text(name)) };
            let mut head: Vec<String> = ["type_parameters", "superclass", "interfaces", "parameters"]
                .iter()
                .filter_map(|field| node.child_by_field_name(field).map(|of| self.squeezed(of)))
                .collect();
            let extends = children(node)
                .into_iter()
                .find(|child| child.kind() == "extends_interfaces")
                .map(|of| self.squeezed(of));
            let kept: Vec<&str> = modifiers
                .iter()
                .map(String::as_str)
                .filter(|word| matches!(*word, "final" | "abstract" | "static" | "sealed"))
                .collect();
            let signature = {
                head.splice(0..0, kept.iter().map(|word| (*word).to_owned()));
                head.extend(extends);
                head.join(" ")
            };
            let owner = if self.items.contains_key(&outer) { outer } else { String::new() };
            self.insert(path.clone(), &owner, kind, name, signature, false);
            let abstracts = kind == "interface";
            let members = node.child_by_field_name("body").map(children).unwrap_or_default();
            let members = members.into_iter().flat_map(|member| {
                if member.kind() == "enum_body_declarations" { children(member) } else { vec![member] }
            });
            for member in members {
                pending.push((member, path.clone(), abstracts || kind == "annotation"));
                self.java_member(member, &path, abstracts, kind == "annotation");
            }
        }
    }

    fn modifiers(&self, node: Node<'_>) -> Vec<String> {
        let modifiers = children(node).into_iter().find(|child| child.kind() == "modifiers");
        let mut cursor = node.walk();
        modifiers
            .map(|modifiers| {
                modifiers
                    .children(&mut cursor)
                    .map(|word| self.squeezed(word))
                    .filter(|word| !word.starts_with('@'))
                    .collect()
            })
            .unwrap_or_default()
    }

    fn java_member(&mut self, node: Node<'_>, owner: &str, in_interface: bool, in_annotation: bool) {
        let modifiers = self.modifiers(node);
        let has = |word: &str| modifiers.iter().any(|one| one == word);
        let is_constant = node.kind() == "enum_constant";
        if !(in_interface && !has("private") || in_annotation || is_constant || has("public") || has("protected")) {
            return;
        }
        let kept: Vec<&str> = modifiers
            .iter()
            .map(String::as_str)
            .filter(|word| matches!(*word, "static" | "final" | "abstract" | "protected"))
            .collect();
        let kept = kept.join(" ");
        let of = node.child_by_field_name("type").map(|of| self.squeezed(of)).unwrap_or_default();
        let Some(name) = node.child_by_field_name("name").or_else(|| node.child_by_field_name("declarator")) else {
            return;
        };
        match node.kind() {
            "method_declaration" | "constructor_declaration" | "annotation_type_element_declaration" => {
                let types = self.types(node.child_by_field_name("parameters"));
                let path = format!("{owner}.{}{types}", self.text(name));
                let throws =
                    children(node).into_iter().find(|child| child.kind() == "throws").map(|of| self.squeezed(of));
                let generics =
                    node.child_by_field_name("type_parameters").map(|of| self.squeezed(of)).unwrap_or_default();
                let given = has("default") || has("static") || node.child_by_field_name("value").is_some();
                let required = (in_interface || in_annotation) && !given || has("abstract");
                let kind = if node.kind() == "constructor_declaration" { "constructor" } else { "method" };
                self.insert(
                    path,
                    owner,
                    kind,
                    name,
                    format!("{kept} {generics}{of}{}", throws.map(|of| format!(" {of}")).unwrap_or_default()),
                    required,
                );
            }
            "field_declaration" | "constant_declaration" => {
                for declarator in children(node).into_iter().filter(|child| child.kind() == "variable_declarator") {
                    if let Some(name) = declarator.child_by_field_name("name") {
                        self.insert(
                            format!("{owner}.{}", self.text(name)),
                            owner,
                            "field",
                            name,
                            format!("{kept} {of}"),
                            false,
                        );
                    }
                }
            }
            "enum_constant" => {
                self.insert(format!("{owner}.{}", self.text(name)), owner, "constant", name, String::new(), false);
            }
            _ => {}
        }
    }

    fn c(&mut self, root: Node<'_>) {
        let mut pending: Vec<Node<'_>> = children(root);
        pending.reverse();
        while let Some(node) = pending.pop() {
            match node.kind() {
                "preproc_ifdef" | "preproc_if" | "preproc_else" | "linkage_specification" | "declaration_list" => {
                    pending.extend(children(node).into_iter().rev());
                }
                "preproc_def" | "preproc_function_def" => {
                    let Some(name) = node.child_by_field_name("name") else { continue };
                    let parameters = node.child_by_field_name("parameters").map(|of| self.squeezed(of));
                    // A guard of the header has no value.
                    if parameters.is_some() || node.child_by_field_name("value").is_some() {
                        let count = parameters.map(|list| list.matches(',').count().to_string()).unwrap_or_default();
                        self.insert(self.text(name).to_owned(), "", "macro", name, count, false);
                    }
                }
                "declaration" | "function_definition" => self.c_declaration(node),
                "type_definition" => {
                    let of = node.child_by_field_name("type");
                    for name in children(node)
                        .into_iter()
                        .filter(|child| child.kind() == "type_identifier" && Some(*child) != of)
                    {
                        let path = self.text(name).to_owned();
                        let plain =
                            of.filter(|of| of.child_by_field_name("body").is_none()).map(|of| self.squeezed(of));
                        self.insert(path.clone(), "", "type", name, plain.unwrap_or_default(), false);
                        if let Some(body) = of.and_then(|of| of.child_by_field_name("body")) {
                            self.c_body(body, &path);
                        }
                    }
                    self.c_tag(of);
                }
                "struct_specifier" | "union_specifier" | "enum_specifier" => self.c_tag(Some(node)),
                _ => {}
            }
        }
    }

    fn c_declaration(&mut self, node: Node<'_>) {
        let of = node.child_by_field_name("type");
        self.c_tag(of.filter(|of| of.child_by_field_name("body").is_some()));
        let returns = of
            .map(|of| of.child_by_field_name("name").map_or_else(|| self.squeezed(of), |name| self.squeezed(name)))
            .unwrap_or_default();
        let mut inner = node.child_by_field_name("declarator");
        let mut pointers = String::new();
        while let Some(one) = inner {
            match one.kind() {
                "pointer_declarator" => pointers.push('*'),
                "function_declarator" => {
                    let Some(name) = one.child_by_field_name("declarator").filter(|name| name.kind() == "identifier")
                    else {
                        return;
                    };
                    let parameters = one.child_by_field_name("parameters").map(children).unwrap_or_default();
                    let types: Vec<String> =
                        parameters.into_iter().map(|parameter| self.c_parameter(parameter)).collect();
                    return self.insert(
                        self.text(name).to_owned(),
                        "",
                        "function",
                        name,
                        format!("{returns}{pointers}({})", types.join(",")),
                        false,
                    );
                }
                "identifier" => {
                    return self.insert(
                        self.text(one).to_owned(),
                        "",
                        "variable",
                        one,
                        format!("{returns}{pointers}"),
                        false,
                    );
                }
                _ => {}
            }
            inner = one.child_by_field_name("declarator");
        }
    }

    // A parameter without its name.
    fn c_parameter(&self, node: Node<'_>) -> String {
        let mut written = self.squeezed(node);
        let mut inner = node.child_by_field_name("declarator");
        while let Some(one) = inner {
            if one.kind() == "identifier" {
                if let Some(at) = written.rfind(self.text(one)) {
                    written.replace_range(at..at + self.text(one).len(), "");
                }
                break;
            }
            inner = one.child_by_field_name("declarator");
        }
        written.trim().to_owned()
    }

    fn c_tag(&mut self, of: Option<Node<'_>>) {
        let Some(of) = of else { return };
        let kind = match of.kind() {
            "struct_specifier" => "struct",
            "union_specifier" => "union",
            "enum_specifier" => "enum",
            _ => return,
        };
        let (name, body) = (of.child_by_field_name("name"), of.child_by_field_name("body"));
        let path = name.map(|name| format!("{kind} {}", self.text(name))).unwrap_or_default();
        if let (Some(name), Some(_)) = (name, body) {
            self.insert(path.clone(), "", kind, name, String::new(), false);
        }
        if let Some(body) = body.filter(|body| body.kind() == "enumerator_list" || name.is_some()) {
            self.c_body(body, &path);
        }
    }

    fn c_body(&mut self, body: Node<'_>, path: &str) {
        for member in children(body) {
            match member.kind() {
                "enumerator" => {
                    if let Some(name) = member.child_by_field_name("name") {
                        self.insert(self.text(name).to_owned(), "", "constant", name, String::new(), false);
                    }
                }
                "field_declaration" => {
                    let mut cursor = member.walk();
                    let of = member.child_by_field_name("type").map(|of| self.squeezed(of)).unwrap_or_default();
                    for declarator in member.children_by_field_name("declarator", &mut cursor) {
                        let mut inner = Some(declarator);
                        while let Some(one) = inner {
                            if one.kind() == "field_identifier" {
                                let shape = self.squeezed(declarator);
                                self.insert(
                                    format!("{path}.{}", self.text(one)),
                                    path,
                                    "field",
                                    one,
                                    format!("{of} {shape}"),
                                    false,
                                );
                                break;
                            }
                            inner = one.child_by_field_name("declarator").or_else(|| one.named_child(0));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

//! Reads Rust items: what of their form others can see.

use super::model::{MAX_DEPTH, children, named_range, squeezed, text};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tree_sitter::Node;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Module,
    Struct,
    Enum,
    Union,
    Trait,
    Alias,
    Function,
    Const,
    Static,
    Macro,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Struct => "struct",
            Self::Enum => "enum",
            Self::Union => "union",
            Self::Trait => "trait",
            Self::Alias => "type",
            Self::Function => "function",
            Self::Const => "const",
            Self::Static => "static",
            Self::Macro => "macro",
        }
    }

    /// Names of one space do not meet those of another.
    pub(super) const fn space(self) -> u8 {
        match self {
            Self::Module | Self::Struct | Self::Enum | Self::Union | Self::Trait | Self::Alias => 0,
            Self::Function | Self::Const | Self::Static => 1,
            Self::Macro => 2,
        }
    }
}

/// The form of a struct or a variant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Form {
    #[default]
    Unit,
    Tuple,
    Plain,
}

/// How a method takes its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Receiver {
    #[default]
    None,
    /// By value, of this type.
    Owned(String),
    Ref(String),
    Mut(String),
}

impl Attributes {
    /// Whether it is no part of the public API; what is deprecated is still, however hidden.
    pub(super) const fn is_hidden(&self) -> bool {
        self.hidden && !self.deprecated
    }
}

impl Receiver {
    fn of(kind: &str) -> Self {
        match (kind.strip_prefix("&mut "), kind.strip_prefix('&')) {
            (Some(inner), _) => Self::Mut(inner.to_owned()),
            (None, Some(inner)) => Self::Ref(inner.to_owned()),
            (None, None) => Self::Owned(kind.to_owned()),
        }
    }
}

/// What attributes say.
#[expect(clippy::struct_excessive_bools, reason = "each attribute is there or not, by itself")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    pub(super) must_use: bool,
    pub(super) deprecated: bool,
    pub(super) non_exhaustive: bool,
    pub(super) hidden: bool,
    pub(super) exported: bool,
    pub(super) path: Option<String>,
    pub(super) repr: BTreeSet<String>,
    pub(super) derives: BTreeSet<String>,
    pub(super) test: bool,
}

/// Parameters for types: how many of each sort, and how many of them have a default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Generics {
    pub(super) lifetimes: usize,
    pub(super) types: usize,
    pub(super) type_defaults: usize,
    pub(super) consts: usize,
    pub(super) const_defaults: usize,
}

/// A function as its callers see it.
#[expect(clippy::struct_excessive_bools, reason = "each modifier is there or not, by itself")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) receiver: Receiver,
    pub(super) parameters: usize,
    pub(super) returns: bool,
    pub(super) is_unsafe: bool,
    pub(super) is_safe: bool,
    pub(super) is_const: bool,
    pub(super) abi: String,
    pub(super) has_body: bool,
}

/// A field.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) public: bool,
    pub(super) attributes: Attributes,
    pub(super) span: Range<usize>,
}

/// A variant.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) fields: Vec<Field>,
    pub(super) attributes: Attributes,
    pub(super) span: Range<usize>,
}

/// What an impl or a trait has.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) kind: MemberKind,
    pub(super) public: bool,
    pub(super) attributes: Attributes,
    pub(super) generics: Generics,
    pub(super) file: usize,
    pub(super) span: Range<usize>,
}

impl Member {
    /// Whether a trait gives it, so that its implementors need not.
    pub(super) const fn is_given(&self) -> bool {
        match &self.kind {
            MemberKind::Method(function) => function.has_body,
            MemberKind::Const(given) | MemberKind::Type(given) => *given,
        }
    }
}

/// Which.
#[derive(Debug, Clone)]
pub(super) enum MemberKind {
    Method(Function),
    /// Whether it has a value or a default.
    Const(bool),
    Type(bool),
}

/// An item.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) public: bool,
    pub(super) file: usize,
    pub(super) span: Range<usize>,
    pub(super) attributes: Attributes,
    pub(super) generics: Generics,
    pub(super) function: Function,
    pub(super) form: Form,
    pub(super) fields: Vec<Field>,
    pub(super) variants: Vec<Variant>,
    pub(super) members: BTreeMap<String, Member>,
    pub(super) supertraits: BTreeSet<String>,
    pub(super) is_unsafe: bool,
    pub(super) is_mut: bool,
    /// Traits that an impl gives it.
    pub(super) traits: BTreeSet<String>,
    /// Names of what traits of the crate give it.
    pub(super) given: BTreeSet<String>,
}

/// Members that an impl gives a type.
#[derive(Debug)]
pub(super) struct Impl {
    pub(super) of: Vec<String>,
    /// The path of the trait, if it is of one.
    pub(super) of_trait: Option<Vec<String>>,
    pub(super) members: BTreeMap<String, Member>,
}

/// A `use`, as full as it is written.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) path: Vec<String>,
    /// The name it gives; none for a glob.
    pub(super) name: Option<String>,
    pub(super) public: bool,
    pub(super) hidden: bool,
}

/// A module's own text.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) items: Vec<(String, Item)>,
    pub(super) uses: Vec<Use>,
    pub(super) impls: Vec<Impl>,
    /// Modules in it: their text, or none where a file has it.
    pub(super) modules: Vec<(String, Option<Body>, Item)>,
}

/// Reads what a file or a block holds.
pub(super) fn body(node: Node<'_>, file: usize, source: &str, depth: usize) -> Body {
    let mut out = Body::default();
    let mut attributes = Attributes::default();
    if depth > MAX_DEPTH {
        return out;
    }
    for child in children(node) {
        match child.kind() {
            "attribute_item" => read_attribute(&squeezed(child, source), &mut attributes),
            "line_comment" | "block_comment" | "inner_attribute_item" => {}
            _ => {
                let own = std::mem::take(&mut attributes);
                if !own.test {
                    item(child, &own, file, source, depth, &mut out);
                }
            }
        }
    }
    out
}

fn item(node: Node<'_>, attributes: &Attributes, file: usize, source: &str, depth: usize, out: &mut Body) {
    let public = is_public(node, source);
    let name = || node.child_by_field_name("name").map(|name| text(name, source).trim_start_matches("r#").to_owned());
    let plain = |kind: Kind| Item {
        kind,
        public,
        file,
        span: named_range(node),
        attributes: attributes.clone(),
        generics: generics(node, source),
        function: Function::default(),
        form: Form::Unit,
        fields: Vec::new(),
        variants: Vec::new(),
        members: BTreeMap::new(),
        supertraits: BTreeSet::new(),
        is_unsafe: has_word(node, "unsafe"),
        is_mut: has_word(node, "mutable_specifier"),
        traits: BTreeSet::new(),
        given: BTreeSet::new(),
    };
    let body_of = node.child_by_field_name("body");
    match node.kind() {
        "mod_item" => {
            let Some(name) = name() else { return };
            out.modules.push((name, body_of.map(|inner| body(inner, file, source, depth + 1)), plain(Kind::Module)));
        }
        "use_declaration" => {
            if let Some(argument) = node.child_by_field_name("argument") {
                uses(argument, source, public, attributes.hidden, out);
            }
        }
        "impl_item" => {
            if let Some(mut found) = read_impl(node, file, source) {
                found.members.values_mut().for_each(|member| member.attributes.hidden |= attributes.hidden);
                out.impls.push(found);
            }
        }
        "foreign_mod_item" => {
            let abi = children(node)
                .into_iter()
                .find(|child| child.kind() == "extern_modifier")
                .map(|abi| squeezed(abi, source));
            for (name, mut item) in body_of.map(|inner| body(inner, file, source, depth + 1).items).unwrap_or_default()
            {
                item.function.abi = abi.clone().unwrap_or_default();
                item.function.is_unsafe = !item.function.is_safe;
                out.items.push((name, item));
            }
        }
        "function_item" | "function_signature_item" => {
            let Some(name) = name() else { return };
            out.items.push((name, Item { function: function(node, source), ..plain(Kind::Function) }));
        }
        "struct_item" | "union_item" => {
            let Some(name) = name() else { return };
            let kind = if node.kind() == "struct_item" { Kind::Struct } else { Kind::Union };
            let (form, fields) = body_of.map_or((Form::Unit, Vec::new()), |list| fields(list, source));
            out.items.push((name, Item { form, fields, ..plain(kind) }));
        }
        "enum_item" => {
            let Some(name) = name() else { return };
            let variants = body_of.map(|list| variants(list, source)).unwrap_or_default();
            out.items.push((name, Item { variants, ..plain(Kind::Enum) }));
        }
        "trait_item" => {
            let Some(name) = name() else { return };
            let members = body_of.map(|list| members(list, file, source, true)).unwrap_or_default();
            let bounds = node.child_by_field_name("bounds").map(children).unwrap_or_default();
            let mut supertraits: BTreeSet<String> = bounds
                .into_iter()
                .filter(|bound| !matches!(bound.kind(), "lifetime" | "removed_trait_bound"))
                .map(|bound| without_arguments(bound, source))
                .collect();
            let clauses = children(node).into_iter().filter(|child| child.kind() == "where_clause").flat_map(children);
            for clause in clauses
                .filter(|clause| clause.child_by_field_name("left").is_some_and(|left| text(left, source) == "Self"))
            {
                let bounds = clause.child_by_field_name("bounds").map(children).unwrap_or_default();
                supertraits.extend(bounds.into_iter().map(|bound| without_arguments(bound, source)));
            }
            out.items.push((name, Item { members, supertraits, ..plain(Kind::Trait) }));
        }
        "const_item" | "static_item" | "type_item" => {
            let Some(name) = name().filter(|name| name != "_") else { return };
            let kind = match node.kind() {
                "const_item" => Kind::Const,
                "static_item" => Kind::Static,
                _ => Kind::Alias,
            };
            out.items.push((name, plain(kind)));
        }
        "macro_definition" => {
            let Some(name) = name() else { return };
            out.items.push((name, Item { public: attributes.exported, ..plain(Kind::Macro) }));
        }
        _ => {}
    }
}

/// Takes what an attribute says.
fn read_attribute(attribute: &str, into: &mut Attributes) {
    let inner = attribute.trim_start_matches("#[").trim_end_matches(']');
    let inner = inner.strip_prefix("unsafe(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(inner);
    let name = inner.split(['(', '=', ' ']).next().unwrap_or_default();
    let list = || inner.split_once('(').map(|(_, list)| list.trim_end_matches(')')).unwrap_or_default();
    match name {
        "must_use" => into.must_use = true,
        "deprecated" => into.deprecated = true,
        "non_exhaustive" => into.non_exhaustive = true,
        "doc" if list().split(',').any(|word| word == "hidden") => into.hidden = true,
        "macro_export" => into.exported = true,
        "repr" => into.repr.extend(list().split(',').map(str::to_owned)),
        "derive" => {
            into.derives.extend(list().split(',').map(|path| path.rsplit("::").next().unwrap_or(path).to_owned()));
        }
        "path" => into.path = inner.split('"').nth(1).map(str::to_owned),
        "cfg" if list() == "test" => into.test = true,
        "test" => into.test = true,
        _ => {}
    }
}

fn is_public(node: Node<'_>, source: &str) -> bool {
    children(node).iter().take(3).any(|child| child.kind() == "visibility_modifier" && text(*child, source) == "pub")
}

// Whether one of a node's children is this word or kind.
fn has_word(node: Node<'_>, kind: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).take(8).any(|child| child.kind() == kind)
}

fn generics(node: Node<'_>, source: &str) -> Generics {
    let mut found = Generics::default();
    for parameter in node.child_by_field_name("type_parameters").map(children).unwrap_or_default() {
        let is_default = |names: &[&str]| {
            usize::from(
                names.iter().any(|name| parameter.child_by_field_name(name).is_some())
                    || parameter.kind() == "optional_type_parameter",
            )
        };
        let written = text(parameter, source);
        if matches!(parameter.kind(), "line_comment" | "block_comment" | "attribute_item") {
            continue;
        }
        if written.starts_with('\'') {
            found.lifetimes += 1;
        } else if written.starts_with("const ") {
            found.consts += 1;
            found.const_defaults += is_default(&["value", "default_value"]);
        } else {
            found.types += 1;
            found.type_defaults += is_default(&["default_type"]);
        }
    }
    found
}

fn function(node: Node<'_>, source: &str) -> Function {
    let mut found = Function { has_body: node.child_by_field_name("body").is_some(), ..Function::default() };
    for modifiers in children(node).into_iter().filter(|child| child.kind() == "function_modifiers") {
        for word in squeezed(modifiers, source).split_whitespace() {
            match word {
                "unsafe" => found.is_unsafe = true,
                "safe" => found.is_safe = true,
                "const" => found.is_const = true,
                // What an async function returns is a future.
                "async" => found.returns = true,
                _ => {}
            }
        }
        let abi = children(modifiers).into_iter().find(|child| child.kind() == "extern_modifier");
        found.abi = abi.map(|abi| squeezed(abi, source)).unwrap_or_default();
    }
    if found.abi == "extern" {
        "extern \"C\"".clone_into(&mut found.abi);
    }
    for parameter in node.child_by_field_name("parameters").map(children).unwrap_or_default() {
        match parameter.kind() {
            "self_parameter" => {
                let written = squeezed(parameter, source);
                let kind = if !written.starts_with('&') {
                    "Self"
                } else if written.contains("mut ") {
                    "&mut Self"
                } else {
                    "&Self"
                };
                found.receiver = Receiver::of(kind);
            }
            "parameter" => {
                let named = parameter.child_by_field_name("pattern").map(|pattern| text(pattern, source));
                match parameter.child_by_field_name("type") {
                    Some(kind) if named == Some("self") => {
                        let kind = squeezed(kind, source);
                        found.receiver = Receiver::of(&kind);
                    }
                    _ => found.parameters += 1,
                }
            }
            "variadic_parameter" | "_" | "type_identifier" | "reference_type" | "primitive_type" => {
                found.parameters += 1;
            }
            _ => {}
        }
    }
    let returns = node.child_by_field_name("return_type").map(|kind| squeezed(kind, source));
    found.returns |= returns.is_some_and(|kind| kind != "()");
    found
}

fn fields(list: Node<'_>, source: &str) -> (Form, Vec<Field>) {
    let tuple = list.kind() == "ordered_field_declaration_list";
    let mut found: Vec<Field> = Vec::new();
    let mut attributes = Attributes::default();
    let mut public = false;
    for child in children(list) {
        match child.kind() {
            "attribute_item" => read_attribute(&squeezed(child, source), &mut attributes),
            "visibility_modifier" => public = text(child, source) == "pub",
            "line_comment" | "block_comment" => {}
            "field_declaration" => {
                let name = child.child_by_field_name("name").map_or("", |name| text(name, source));
                found.push(Field {
                    name: name.to_owned(),
                    public: is_public(child, source),
                    attributes: std::mem::take(&mut attributes),
                    span: named_range(child),
                });
            }
            _ if tuple => {
                let name = found.len().to_string();
                let span = child.byte_range();
                found.push(Field { name, public, attributes: std::mem::take(&mut attributes), span });
                public = false;
            }
            _ => {}
        }
    }
    (if tuple { Form::Tuple } else { Form::Plain }, found)
}

fn variants(list: Node<'_>, source: &str) -> Vec<Variant> {
    let mut found = Vec::new();
    let mut attributes = Attributes::default();
    for child in children(list) {
        match child.kind() {
            "attribute_item" => read_attribute(&squeezed(child, source), &mut attributes),
            "enum_variant" => {
                let (form, fields) =
                    child.child_by_field_name("body").map_or((Form::Unit, Vec::new()), |list| fields(list, source));
                found.push(Variant {
                    name: child.child_by_field_name("name").map_or("", |name| text(name, source)).to_owned(),
                    form,
                    fields,
                    attributes: std::mem::take(&mut attributes),
                    span: named_range(child),
                });
            }
            _ => {}
        }
    }
    found
}

fn members(list: Node<'_>, file: usize, source: &str, of_trait: bool) -> BTreeMap<String, Member> {
    let mut found = BTreeMap::new();
    let mut attributes = Attributes::default();
    for child in children(list) {
        if child.kind() == "attribute_item" {
            read_attribute(&squeezed(child, source), &mut attributes);
            continue;
        }
        if child.kind().ends_with("comment") {
            continue;
        }
        let own = std::mem::take(&mut attributes);
        let Some(name) = child.child_by_field_name("name").filter(|_| !own.test) else { continue };
        let has = |field: &str| child.child_by_field_name(field).is_some();
        let kind = match child.kind() {
            "function_item" | "function_signature_item" => MemberKind::Method(function(child, source)),
            "const_item" => MemberKind::Const(has("value")),
            "associated_type" => MemberKind::Type(false),
            "type_item" => MemberKind::Type(true),
            _ => continue,
        };
        let public = of_trait || is_public(child, source);
        let span = name.byte_range();
        let member = Member { kind, public, attributes: own, generics: generics(child, source), file, span };
        found.insert(text(name, source).to_owned(), member);
    }
    found
}

fn read_impl(node: Node<'_>, file: usize, source: &str) -> Option<Impl> {
    let mut of = node.child_by_field_name("type")?;
    if of.kind() == "generic_type" {
        of = of.child_by_field_name("type")?;
    }
    if !matches!(of.kind(), "type_identifier" | "scoped_type_identifier" | "scoped_identifier") {
        return None;
    }
    let of_trait = node.child_by_field_name("trait").map(|name| {
        let written = squeezed(name, source);
        segments(written.split('<').next().unwrap_or_default())
    });
    let members = match (&of_trait, node.child_by_field_name("body")) {
        (None, Some(list)) => members(list, file, source, false),
        _ => BTreeMap::new(),
    };
    Some(Impl { of: segments(text(of, source)), of_trait, members })
}

// A trait's path as it is written, without the types it is given.
fn without_arguments(bound: Node<'_>, source: &str) -> String {
    squeezed(bound, source).split('<').next().unwrap_or_default().to_owned()
}

fn segments(path: &str) -> Vec<String> {
    path.trim_start_matches("::").split("::").map(|part| part.trim().trim_start_matches("r#").to_owned()).collect()
}

// The names of a `use`, which is a tree; the parser bounds how deep.
fn uses(node: Node<'_>, source: &str, public: bool, hidden: bool, out: &mut Body) {
    let mut pending: Vec<(Node<'_>, Vec<String>)> = vec![(node, Vec::new())];
    while let Some((node, before)) = pending.pop() {
        let joined = |written: &str| before.iter().cloned().chain(segments(written)).collect::<Vec<String>>();
        match node.kind() {
            "use_list" => pending.extend(children(node).into_iter().rev().map(|child| (child, before.clone()))),
            "scoped_use_list" => {
                let inner =
                    node.child_by_field_name("path").map_or_else(|| before.clone(), |path| joined(text(path, source)));
                pending.extend(node.child_by_field_name("list").map(|list| (list, inner)));
            }
            "use_wildcard" => {
                let path = children(node).first().map_or_else(|| before.clone(), |path| joined(text(*path, source)));
                out.uses.push(Use { path, name: None, public, hidden });
            }
            "use_as_clause" => {
                let (path, alias) = (node.child_by_field_name("path"), node.child_by_field_name("alias"));
                if let (Some(path), Some(alias)) = (path, alias) {
                    let name = Some(text(alias, source).to_owned()).filter(|name| name != "_");
                    if name.is_some() {
                        out.uses.push(Use { path: without_self(joined(text(path, source))), name, public, hidden });
                    }
                }
            }
            "identifier" | "scoped_identifier" | "self" | "crate" => {
                let path = without_self(joined(text(node, source)));
                let name = path.last().cloned();
                out.uses.push(Use { path, name, public, hidden });
            }
            _ => {}
        }
    }
}

// `a::{self}` is `a`.
fn without_self(mut path: Vec<String>) -> Vec<String> {
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    path
}

//! What a file of Go tells of the types of its expressions: by what their names are declared as, where that stands in the file.
//!
//! A name from another file or package has no type here; rules that need one then say nothing.

use super::trees::{Tree, bare, children};
use tree_sitter::Node;

// Declarations, types and expressions that are followed for one answer.
const MAX_FOLLOWED: usize = 16;

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Declared<'t> {
    /// A variable or parameter of a written type.
    Typed(Node<'t>),
    /// A variable that gets a value, alone or from a call that gives several, and its place among them.
    Valued(Node<'t>, usize, bool),
    /// A variable that goes over this: whether it is the first of the two.
    Ranged(Node<'t>, bool),
    /// A constant, and whether it is the first of its group.
    Constant(Node<'t>, bool),
    Function(Node<'t>),
    /// What the type is.
    Type(Node<'t>),
    /// A type parameter, and what it may be.
    Parameter(Node<'t>),
    /// Something whose type is not looked for.
    Other,
}

/// A type.
#[derive(Clone, Copy)]
pub(super) enum Type<'t> {
    Basic(&'static str),
    Written(Node<'t>),
    /// A type parameter that may be this.
    Parameter(Node<'t>),
}

const BASIC: [&str; 21] = [
    "bool",
    "byte",
    "complex128",
    "complex64",
    "error",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "rune",
    "string",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
    "any",
];

/// The declaration of a name, as seen from an offset among these nodes, and how many of them are around the declaration.
pub(super) fn declared<'t>(
    name: &str,
    before: usize,
    around: &[Node<'t>],
    tree: &Tree<'_>,
) -> Option<(Declared<'t>, usize)> {
    for (depth, outer) in around.iter().enumerate().rev() {
        if !tree.afford(outer.named_child_count()) {
            return None;
        }
        let found = match outer.kind() {
            "source_file" => children(*outer).into_iter().find_map(|one| declares(one, name, tree)),
            "statement_list" => {
                let mut earlier = children(*outer).into_iter().take_while(|one| one.end_byte() <= before);
                earlier.find_map(|one| declares(one, name, tree))
            }
            "if_statement" | "expression_switch_statement" | "type_switch_statement" => {
                let first = outer.child_by_field_name("initializer").filter(|one| one.end_byte() <= before);
                let alias = outer.child_by_field_name("alias").filter(|one| names(*one, name, tree).is_some());
                alias.map(|_| Declared::Other).or_else(|| declares(first?, name, tree))
            }
            "for_statement" => outer
                .named_child(0)
                .filter(|head| head.end_byte() <= before || head.kind() == "for_clause")
                .and_then(|head| {
                    declares(
                        head.child_by_field_name("initializer").filter(|one| one.end_byte() <= before).unwrap_or(head),
                        name,
                        tree,
                    )
                }),
            "communication_case" => {
                let heard = outer.child_by_field_name("communication").filter(|one| one.end_byte() <= before);
                let left = heard.and_then(|one| one.child_by_field_name("left"));
                left.filter(|left| names(*left, name, tree).is_some()).map(|_| Declared::Other)
            }
            "function_declaration" | "method_declaration" | "func_literal" => parameter(*outer, name, tree),
            _ => None,
        };
        if let Some(found) = found {
            return Some((found, depth + 1));
        }
    }
    None
}

// The place of a name in a list.
fn names(list: Node<'_>, name: &str, tree: &Tree<'_>) -> Option<usize> {
    children(list).iter().position(|one| one.kind() == "identifier" && tree.text(*one) == name)
}

fn declares<'t>(node: Node<'t>, name: &str, tree: &Tree<'_>) -> Option<Declared<'t>> {
    let is_named = |node: Node<'_>| node.child_by_field_name("name").is_some_and(|own| tree.text(own) == name);
    match node.kind() {
        "short_var_declaration" => {
            let at = names(node.child_by_field_name("left")?, name, tree)?;
            let count = node.child_by_field_name("left")?.named_child_count();
            Some(valued(node.child_by_field_name("right")?, at, count))
        }
        "range_clause" => {
            let left = node.child_by_field_name("left")?;
            let at = names(left, name, tree)?;
            let right = node.child_by_field_name("right")?;
            tree.between(left, right).contains(":=").then_some(Declared::Ranged(right, at == 0))
        }
        "var_declaration" | "const_declaration" => {
            let mut specs = children(node);
            if let [list] = specs.as_slice()
                && list.kind() == "var_spec_list"
            {
                specs = children(*list);
            }
            specs.into_iter().enumerate().find_map(|(order, spec)| {
                let mut cursor = spec.walk();
                let own: Vec<Node<'_>> =
                    spec.children_by_field_name("name", &mut cursor).filter(Node::is_named).collect();
                let at = own.iter().position(|one| tree.text(*one) == name)?;
                if spec.kind() == "const_spec" {
                    return Some(Declared::Constant(spec, order == 0));
                }
                if let Some(of) = spec.child_by_field_name("type") {
                    return Some(Declared::Typed(of));
                }
                Some(spec.child_by_field_name("value").map_or(Declared::Other, |list| valued(list, at, own.len())))
            })
        }
        "type_declaration" => {
            let spec = children(node).into_iter().find(|one| is_named(*one))?;
            spec.child_by_field_name("type").map(Declared::Type)
        }
        "function_declaration" if is_named(node) => Some(Declared::Function(node)),
        "labeled_statement" => node.named_child(1).and_then(|inner| declares(inner, name, tree)),
        _ => None,
    }
}

fn valued(list: Node<'_>, at: usize, count: usize) -> Declared<'_> {
    let values = children(list);
    match values.as_slice() {
        [only] => Declared::Valued(*only, at, count > 1),
        _ => values.get(at).map_or(Declared::Other, |value| Declared::Valued(*value, 0, false)),
    }
}

fn parameter<'t>(function: Node<'t>, name: &str, tree: &Tree<'_>) -> Option<Declared<'t>> {
    for (field, is_type) in [("type_parameters", true), ("receiver", false), ("parameters", false), ("result", false)] {
        let Some(list) = function.child_by_field_name(field) else { continue };
        for one in children(list) {
            let mut cursor = one.walk();
            if !one.children_by_field_name("name", &mut cursor).any(|own| tree.text(own) == name) {
                continue;
            }
            let of = one.child_by_field_name("type");
            return Some(match (is_type, one.kind()) {
                (true, _) => of.map_or(Declared::Other, Declared::Parameter),
                (false, "parameter_declaration") => of.map_or(Declared::Other, Declared::Typed),
                _ => Declared::Other,
            });
        }
    }
    None
}

/// The type of an expression, where the file tells it.
pub(super) fn type_of<'t>(expression: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> Option<Type<'t>> {
    of(expression, around, MAX_FOLLOWED, tree)
}

fn of<'t>(expression: Node<'t>, around: &[Node<'t>], steps: usize, tree: &Tree<'_>) -> Option<Type<'t>> {
    let steps = steps.checked_sub(1)?;
    let node = bare(expression);
    let field = |name: &str| node.child_by_field_name(name);
    let again = |node: Node<'t>| of(node, around, steps, tree);
    match node.kind() {
        "int_literal" => Some(Type::Basic("int")),
        "float_literal" => Some(Type::Basic("untyped float")),
        "rune_literal" => Some(Type::Basic("rune")),
        "interpreted_string_literal" | "raw_string_literal" => Some(Type::Basic("string")),
        "true" | "false" => Some(Type::Basic("bool")),
        "identifier" => {
            let (found, depth) = declared(tree.text(node), node.start_byte(), around, tree)?;
            let around = around.get(..depth)?;
            match found {
                Declared::Typed(of) => Some(Type::Written(of)),
                Declared::Valued(value, at, true) => given(value, at, around, steps, tree),
                Declared::Valued(value, _, false) => of(value, around, steps, tree),
                Declared::Ranged(over, first) => {
                    let whole = underlying(of(over, around, steps, tree)?, around, tree)?;
                    element(whole, first)
                }
                Declared::Constant(spec, _) => match spec.child_by_field_name("type") {
                    Some(of) => Some(Type::Written(of)),
                    None => of(spec.child_by_field_name("value")?.named_child(0)?, around, steps, tree),
                },
                _ => None,
            }
        }
        "iota" => Some(Type::Basic("int")),
        "selector_expression" => {
            let whole = underlying(again(field("operand")?)?, around, tree)?;
            let name = tree.text(field("field")?);
            let Type::Written(structure) = whole else { return None };
            let members = structure.named_child(0).filter(|_| structure.kind() == "struct_type").map(children)?;
            members.into_iter().find_map(|member| {
                let mut cursor = member.walk();
                let mut own = member.children_by_field_name("name", &mut cursor);
                own.any(|one| tree.text(one) == name).then(|| member.child_by_field_name("type").map(Type::Written))?
            })
        }
        "call_expression" => given(node, 0, around, steps, tree),
        "type_conversion_expression" | "composite_literal" | "type_assertion_expression" => {
            field("type").map(Type::Written)
        }
        "unary_expression" => match (tree.text(field("operator")?), field("operand")?) {
            ("!", _) => Some(Type::Basic("bool")),
            ("<-", channel) => element(underlying(again(channel)?, around, tree)?, false),
            (_, operand) => again(operand),
        },
        "binary_expression" => match tree.text(field("operator")?) {
            "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" => Some(Type::Basic("bool")),
            "<<" | ">>" => again(field("left")?),
            _ if bare(field("left")?).kind().ends_with("literal") => again(field("right")?),
            _ => again(field("left")?),
        },
        "index_expression" => element(underlying(again(field("operand")?)?, around, tree)?, false),
        "slice_expression" => again(field("operand")?),
        _ => None,
    }
}

// What a call gives at a place.
fn given<'t>(call: Node<'t>, at: usize, around: &[Node<'t>], steps: usize, tree: &Tree<'_>) -> Option<Type<'t>> {
    if call.kind() != "call_expression" {
        // The second of two is whether there is a first.
        return if at == 1 { Some(Type::Basic("bool")) } else { of(call, around, steps, tree) };
    }
    let mut called = bare(call.child_by_field_name("function")?);
    // `f[T]()`, where `f` and `T` look like a list and a place in it.
    let argument = called.child_by_field_name("index").filter(|_| called.kind() == "index_expression");
    if argument.is_some() {
        called = called.child_by_field_name("operand")?;
    }
    let first = || call.child_by_field_name("arguments").and_then(|list| list.named_child(0));
    let name = tree.text(called);
    let found = match called.kind() {
        "identifier" => declared(name, called.start_byte(), around, tree).map(|(found, _)| found),
        "selector_expression" => method(called, around, steps, tree).map(Declared::Function),
        _ => return None,
    };
    match found {
        Some(Declared::Function(function)) => argued(function, call, argument, result(function, at)?, tree),
        Some(Declared::Type(of)) => Some(Type::Written(of)),
        Some(Declared::Parameter(may_be)) => Some(Type::Parameter(may_be)),
        Some(_) => None,
        None => match name {
            "len" | "cap" | "copy" => Some(Type::Basic("int")),
            "make" | "new" => first().map(Type::Written),
            "append" => of(first()?, around, steps, tree),
            _ => BASIC.iter().find(|basic| **basic == name).map(|basic| Type::Basic(basic)),
        },
    }
}

/// The method of this file that `a.b` names.
pub(super) fn method<'t>(selector: Node<'t>, around: &[Node<'t>], steps: usize, tree: &Tree<'_>) -> Option<Node<'t>> {
    let owner = of(selector.child_by_field_name("operand")?, around, steps.min(MAX_FOLLOWED), tree)?;
    let Type::Written(owner) = owner else { return None };
    let name = tree.text(selector.child_by_field_name("field")?);
    let file = around.first()?;
    if !tree.afford(file.named_child_count()) {
        return None;
    }
    children(*file).into_iter().find(|one| {
        let receiver =
            one.child_by_field_name("receiver").and_then(|list| list.named_child(0)?.child_by_field_name("type"));
        one.kind() == "method_declaration"
            && one.child_by_field_name("name").is_some_and(|own| tree.text(own) == name)
            && receiver.is_some_and(|of| base(of, tree) == base(owner, tree))
    })
}

// What a function gives, where that may be a type that its call names.
fn argued<'t>(
    function: Node<'t>,
    call: Node<'t>,
    only: Option<Node<'t>>,
    given: Type<'t>,
    tree: &Tree<'_>,
) -> Option<Type<'t>> {
    let Type::Written(of) = given else { return Some(given) };
    let parameters = function.child_by_field_name("type_parameters").map(children).unwrap_or_default();
    let mut names = Vec::new();
    for parameter in parameters {
        let mut cursor = parameter.walk();
        let own = parameter.children_by_field_name("name", &mut cursor).filter(Node::is_named);
        names.extend(own.map(|name| tree.text(name)));
    }
    let Some(at) = names.iter().position(|name| *name == tree.text(of)) else { return Some(given) };
    if let Some(only) = only {
        return (at == 0).then_some(Type::Written(only));
    }
    let argument = *children(call.child_by_field_name("type_arguments")?).get(at)?;
    Some(Type::Written(if argument.kind() == "type_elem" { argument.named_child(0)? } else { argument }))
}

// The name of a type, or of what it points to.
fn base<'s>(of: Node<'_>, tree: &Tree<'s>) -> &'s str {
    let name = tree.text(of).trim_start_matches(['*', ' ']);
    name.split('[').next().unwrap_or(name)
}

/// What a function gives at a place.
pub(super) fn result(function: Node<'_>, at: usize) -> Option<Type<'_>> {
    let result = function.child_by_field_name("result")?;
    if result.kind() != "parameter_list" {
        return (at == 0).then_some(Type::Written(result));
    }
    let mut place = 0;
    for one in children(result) {
        let mut cursor = one.walk();
        place += one.children_by_field_name("name", &mut cursor).filter(Node::is_named).count().max(1);
        if at < place {
            return one.child_by_field_name("type").map(Type::Written);
        }
    }
    None
}

// What is in a type: its keys, or its elements.
fn element(whole: Type<'_>, first: bool) -> Option<Type<'_>> {
    let Type::Written(node) = whole else {
        return matches!(whole, Type::Basic("string")).then_some(Type::Basic(if first { "int" } else { "rune" }));
    };
    match (node.kind(), first) {
        ("map_type", true) => node.child_by_field_name("key").map(Type::Written),
        ("slice_type" | "array_type" | "implicit_length_array_type", true) => Some(Type::Basic("int")),
        ("map_type" | "channel_type", _) => node.child_by_field_name("value").map(Type::Written),
        ("slice_type" | "array_type" | "implicit_length_array_type", false) => {
            node.child_by_field_name("element").map(Type::Written)
        }
        _ => None,
    }
}

/// The type that a name of a type stands for, or that a pointer points to.
pub(super) fn underlying<'t>(of: Type<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> Option<Type<'t>> {
    let mut of = of;
    for _ in 0..MAX_FOLLOWED {
        let Type::Written(node) = of else { return Some(of) };
        of = match node.kind() {
            "parenthesized_type" | "pointer_type" | "negated_type" => Type::Written(node.named_child(0)?),
            "generic_type" => Type::Written(node.child_by_field_name("type")?),
            // Where types are no expressions, `make` and `new` have them as names.
            "type_identifier" | "identifier" => {
                let name = tree.text(node);
                match declared(name, node.start_byte(), around, tree).map(|(found, _)| found) {
                    Some(Declared::Type(of)) => Type::Written(of),
                    Some(Declared::Parameter(may_be)) => Type::Parameter(may_be),
                    Some(_) => return None,
                    None => Type::Basic(BASIC.iter().find(|basic| **basic == name)?),
                }
            }
            "qualified_type" => {
                return (tree.text(node) == "time.Duration").then_some(Type::Basic("int64"));
            }
            _ => return Some(of),
        };
    }
    None
}

/// Whether values of a type may be floats, which need not equal themselves, or have such parts only. What is in an interface may.
pub(super) fn may_be_float<'t>(of: Type<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> Option<bool> {
    floats(of, around, MAX_FOLLOWED, tree)
}

fn floats<'t>(of: Type<'t>, around: &[Node<'t>], steps: usize, tree: &Tree<'_>) -> Option<bool> {
    let steps = steps.checked_sub(1)?;
    match underlying(of, around, tree)? {
        Type::Basic(name) => Some(matches!(name, "float32" | "float64" | "any" | "error")),
        Type::Written(node) => match node.kind() {
            "array_type" | "implicit_length_array_type" => {
                floats(Type::Written(node.child_by_field_name("element")?), around, steps, tree)
            }
            "struct_type" => {
                for member in children(node.named_child(0)?) {
                    let own = member.child_by_field_name("type").map(Type::Written)?;
                    if !floats(own, around, steps, tree)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            kind => Some(kind == "interface_type"),
        },
        Type::Parameter(may_be) => {
            let terms = terms(may_be, around, tree);
            let is = |term: &Node<'t>| floats(Type::Written(*term), around, steps, tree) != Some(false);
            Some(terms.is_empty() || terms.iter().any(is))
        }
    }
}

// The types that a constraint names; none where it names no type.
fn terms<'t>(may_be: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    let mut pending = vec![may_be];
    while let Some(node) = pending.pop().filter(|node| tree.afford(node.named_child_count())) {
        match node.kind() {
            "type_constraint" | "type_elem" | "interface_type" | "parenthesized_type" => pending.extend(children(node)),
            "method_elem" => {}
            "type_identifier" => match declared(tree.text(node), node.start_byte(), around, tree) {
                Some((Declared::Type(of), _)) if of.kind() == "interface_type" => pending.push(of),
                None if matches!(tree.text(node), "any" | "comparable") => {}
                _ => found.push(node),
            },
            _ => found.push(node),
        }
    }
    found
}

/// Whether a type is a map, or may be one.
pub(super) fn may_be_map<'t>(of: Type<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> Option<bool> {
    match underlying(of, around, tree)? {
        Type::Basic(_) => Some(false),
        Type::Written(node) => Some(node.kind() == "map_type"),
        Type::Parameter(may_be) => {
            let terms = terms(may_be, around, tree);
            let sequence = |term: &Node<'t>| match underlying(Type::Written(*term), around, tree) {
                Some(Type::Written(node)) => matches!(node.kind(), "slice_type" | "array_type" | "channel_type"),
                Some(Type::Basic(_)) => true,
                _ => false,
            };
            (!terms.is_empty()).then(|| !terms.iter().all(sequence))
        }
    }
}

/// Whether a type is a truth, and nothing else.
pub(super) fn is_bool<'t>(of: Type<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> Option<bool> {
    match underlying(of, around, tree)? {
        Type::Basic(name) => Some(name == "bool"),
        Type::Written(_) => Some(false),
        Type::Parameter(may_be) => {
            let terms = terms(may_be, around, tree);
            let is =
                |term: &Node<'t>| matches!(underlying(Type::Written(*term), around, tree), Some(Type::Basic("bool")));
            Some(!terms.is_empty() && terms.iter().all(is))
        }
    }
}

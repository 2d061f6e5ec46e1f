//! What a file of Rust tells of the values and types of its expressions: by literals, and by what names are declared as.
//!
//! A name from elsewhere has no type here; rules that need one then say nothing.

use super::trees::{Tree, bare, children};
use tree_sitter::Node;

// Expressions in one another, and declarations behind one another, that are followed.
const MAX_FOLLOWED: usize = 16;

// Longest code that is compared in another order.
const MAX_ORDERED_BYTES: usize = 2_000;

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Declared<'t> {
    /// A variable: its declaration, which may have a type and a value.
    Let(Node<'t>),
    Parameter(Node<'t>),
    /// A constant.
    Constant(Node<'t>),
    /// A type.
    Type(Node<'t>),
    Other,
}

/// The declaration of a name as seen from an offset among these nodes, and how many of them are around it.
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
        let pattern = |field: &str| outer.child_by_field_name(field);
        let binds = |pattern: Option<Node<'t>>| {
            pattern.filter(|it| it.end_byte() <= before && mentions(*it, name, tree)).map(|_| Declared::Other)
        };
        let found = match outer.kind() {
            "block" => {
                let own = children(*outer);
                let earlier =
                    own.iter().rev().filter(|one| one.kind() == "let_declaration" && one.end_byte() <= before);
                let mut bound = earlier.filter_map(|one| {
                    let pattern = one.child_by_field_name("pattern")?;
                    if pattern.kind() == "identifier" {
                        return (tree.text(pattern) == name).then_some(Declared::Let(*one));
                    }
                    mentions(pattern, name, tree).then_some(Declared::Other)
                });
                bound.next().or_else(|| item(&own, name, tree))
            }
            "source_file" | "declaration_list" => item(&children(*outer), name, tree),
            "function_item" | "closure_expression" => {
                let list = pattern("parameters").map(children).unwrap_or_default();
                list.into_iter().find_map(|one| {
                    let bound = one.child_by_field_name("pattern").unwrap_or(one);
                    if bound.kind() == "identifier" && tree.text(bound) == name {
                        return Some(one.child_by_field_name("type").map_or(Declared::Other, Declared::Parameter));
                    }
                    (one.kind() != "self_parameter" && mentions(bound, name, tree)).then_some(Declared::Other)
                })
            }
            "for_expression" | "match_arm" => binds(pattern("pattern")),
            "if_expression" | "while_expression" => {
                binds(pattern("condition").filter(|test| tree.text(*test).contains("let ")))
            }
            _ => None,
        };
        if let Some(found) = found {
            return Some((found, depth + 1));
        }
    }
    None
}

fn item<'t>(items: &[Node<'t>], name: &str, tree: &Tree<'_>) -> Option<Declared<'t>> {
    items.iter().find_map(|one| {
        let is_named = || one.child_by_field_name("name").is_some_and(|own| tree.text(own) == name);
        match one.kind() {
            "const_item" if is_named() => Some(Declared::Constant(*one)),
            "static_item" if is_named() => Some(Declared::Other),
            "struct_item" | "enum_item" | "union_item" | "trait_item" if is_named() => Some(Declared::Type(*one)),
            _ => None,
        }
    })
}

// Whether a name stands in a pattern.
fn mentions(pattern: Node<'_>, name: &str, tree: &Tree<'_>) -> bool {
    tree.text(pattern).split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// The value of an expression of whole numbers; of constants too where they are `named`.
pub(super) fn value<'t>(expression: Node<'t>, around: &[Node<'t>], named: bool, tree: &Tree<'_>) -> Option<i128> {
    valued(expression, around, named, MAX_FOLLOWED, tree)
}

fn valued<'t>(expression: Node<'t>, around: &[Node<'t>], named: bool, steps: usize, tree: &Tree<'_>) -> Option<i128> {
    let steps = steps.checked_sub(1)?;
    let node = bare(expression);
    let again = |node: Node<'t>| valued(node, around, named, steps, tree);
    match node.kind() {
        "integer_literal" => tree.integer(node).map(i128::from),
        "unary_expression" if tree.text(node).starts_with('-') => again(node.named_child(0)?)?.checked_neg(),
        "identifier" if named => {
            let (found, depth) = declared(tree.text(node), node.start_byte(), around, tree)?;
            let Declared::Constant(item) = found else { return None };
            valued(item.child_by_field_name("value")?, around.get(..depth)?, named, steps, tree)
        }
        "binary_expression" => {
            let left = again(node.child_by_field_name("left")?)?;
            let right = again(node.child_by_field_name("right")?)?;
            let count = || u32::try_from(right).ok().filter(|count| *count < 64);
            match tree.text(node.child_by_field_name("operator")?) {
                "+" => left.checked_add(right),
                "-" => left.checked_sub(right),
                "*" => left.checked_mul(right),
                "/" => left.checked_div(right),
                "%" => left.checked_rem(right),
                "&" => Some(left & right),
                "|" => Some(left | right),
                "^" => Some(left ^ right),
                "<<" => left.checked_mul(1_i128.checked_shl(count()?)?),
                ">>" => left.checked_shr(count()?),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The name of an expression's type, without references to it.
pub(super) fn type_of<'t>(expression: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> Option<String> {
    typed(expression, around, MAX_FOLLOWED, tree)
}

fn written(of: Node<'_>, tree: &Tree<'_>) -> Option<String> {
    let mut text = tree.text(of).trim();
    loop {
        let shorter = text.trim_start_matches('&').trim_start().trim_start_matches("mut ").trim_start();
        let shorter = match shorter.strip_prefix('\'') {
            Some(rest) => rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').trim_start(),
            None => shorter,
        };
        if shorter == text {
            return (text != "_").then(|| text.to_owned());
        }
        text = shorter;
    }
}

fn typed<'t>(expression: Node<'t>, around: &[Node<'t>], steps: usize, tree: &Tree<'_>) -> Option<String> {
    let steps = steps.checked_sub(1)?;
    let node = bare(expression);
    let field = |name: &str| node.child_by_field_name(name);
    let again = |node: Node<'t>| typed(node, around, steps, tree);
    match node.kind() {
        "boolean_literal" => Some("bool".to_owned()),
        "string_literal" | "raw_string_literal" => Some("str".to_owned()),
        "integer_literal" => Some("i32".to_owned()),
        "float_literal" => Some("f64".to_owned()),
        "identifier" => {
            let name = tree.text(node);
            let (found, depth) = declared(name, node.start_byte(), around, tree)?;
            match found {
                Declared::Let(one) => match one.child_by_field_name("type").and_then(|of| written(of, tree)) {
                    Some(of) => Some(of),
                    None => typed(one.child_by_field_name("value")?, around.get(..depth)?, steps, tree),
                },
                Declared::Parameter(of) => written(of, tree),
                Declared::Constant(one) => written(one.child_by_field_name("type")?, tree),
                // The value of a type without fields has its name.
                Declared::Type(one) => (one.kind() == "struct_item").then(|| name.to_owned()),
                Declared::Other => None,
            }
        }
        "self" => around.iter().rev().find_map(|outer| match outer.kind() {
            "impl_item" => written(outer.child_by_field_name("type")?, tree),
            "trait_item" => Some(tree.text(outer.child_by_field_name("name")?).to_owned()),
            _ => None,
        }),
        "field_expression" => {
            let of = again(field("value")?)?;
            let (found, _) = declared(base(&of), node.start_byte(), around, tree)?;
            let Declared::Type(structure) = found else { return None };
            let members = structure.child_by_field_name("body").map(children)?;
            let name = tree.text(field("field")?);
            let own = members
                .into_iter()
                .find(|member| member.child_by_field_name("name").is_some_and(|own| tree.text(own) == name))?;
            written(own.child_by_field_name("type")?, tree)
        }
        "reference_expression" => again(field("value")?),
        "unary_expression" => again(node.named_child(0)?),
        "type_cast_expression" => written(field("type")?, tree),
        "struct_expression" => Some(tree.text(field("name")?).to_owned()),
        "array_expression" => Some("[_]".to_owned()),
        "binary_expression" => match tree.text(field("operator")?) {
            "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" => Some("bool".to_owned()),
            _ => {
                let sides = (field("left")?, field("right")?);
                again(if sides.0.kind().ends_with("literal") { sides.1 } else { sides.0 })
            }
        },
        "macro_invocation" => match tree.text(field("macro")?) {
            "vec" => Some("Vec".to_owned()),
            "format" => Some("String".to_owned()),
            _ => None,
        },
        "call_expression" => {
            let mut function = field("function")?;
            if function.kind() == "generic_function" {
                function = function.child_by_field_name("function")?;
            }
            match function.kind() {
                "field_expression" => match tree.text(function.child_by_field_name("field")?) {
                    "to_string" | "to_owned" | "to_lowercase" | "to_uppercase" => Some("String".to_owned()),
                    "len" | "count" => Some("usize".to_owned()),
                    "is_empty" | "is_some" | "is_none" | "is_ok" | "is_err" | "contains" | "starts_with"
                    | "ends_with" => Some("bool".to_owned()),
                    "iter" | "into_iter" | "iter_mut" | "chunks" | "chunks_exact" | "windows" | "drain"
                    | "enumerate" | "rev" | "map" | "zip" | "keys" | "values" | "into_keys" | "into_values" => {
                        Some("impl Iterator".to_owned())
                    }
                    "clone" => again(function.child_by_field_name("value")?),
                    _ => None,
                },
                "scoped_identifier" => {
                    let path = written(function.child_by_field_name("path")?, tree)?;
                    let starts = |c: char| c.is_ascii_uppercase();
                    let makes = tree.text(function.child_by_field_name("name")?);
                    let made = matches!(makes, "new" | "from" | "default" | "with_capacity");
                    (made && base(&path).starts_with(starts)).then_some(path)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The last name of a path, without arguments.
pub(super) fn base(of: &str) -> &str {
    let path = of.split('<').next().unwrap_or(of).trim_end_matches("::").trim();
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether a type is of plain numbers or truths, whose operators do what they do everywhere.
pub(super) fn is_plain(of: &str) -> bool {
    matches!(
        of,
        "bool"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "char"
    )
}

/// Code as text that is the same in whatever order what has no order stands, or nothing where it is too long.
pub(super) fn ordered<'t>(node: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> Option<String> {
    if node.byte_range().len() > MAX_ORDERED_BYTES {
        return None;
    }
    let mut text = String::new();
    order(node, around, MAX_FOLLOWED, &mut text, tree);
    Some(text)
}

fn order<'t>(node: Node<'t>, around: &[Node<'t>], steps: usize, text: &mut String, tree: &Tree<'_>) {
    let node = bare(node);
    let suffixed = node.kind() == "integer_literal" && tree.text(node).contains(['u', 'i']);
    if let Some(value) = value(node, around, false, tree).filter(|_| !suffixed) {
        text.push_str(&value.to_string());
        text.push('\0');
        return;
    }
    let deeper = steps.checked_sub(1);
    let Some(steps) = deeper.filter(|_| node.named_child_count() > 0 && !node.kind().contains("literal")) else {
        text.push_str(&tree.plain(node).unwrap_or_default());
        text.push('\0');
        return;
    };
    if node.kind() == "binary_expression"
        && let (Some(left), Some(sign), Some(right)) =
            (node.child_by_field_name("left"), node.child_by_field_name("operator"), node.child_by_field_name("right"))
    {
        let mut sides = [String::new(), String::new()];
        order(left, around, steps, &mut sides[0], tree);
        order(right, around, steps, &mut sides[1], tree);
        let sign = tree.text(sign);
        let plain = || [left, right].iter().any(|side| type_of(*side, around, tree).is_some_and(|of| is_plain(&of)));
        let (sign, free) = match sign {
            // What a macro gives may be of types that equal in one direction alone.
            "==" | "!=" => (sign, ![left, right].iter().any(|side| bare(*side).kind() == "macro_invocation")),
            ">" | ">=" => {
                sides.reverse();
                (if sign == ">" { "<" } else { "<=" }, false)
            }
            "+" | "*" | "&" | "|" | "^" => (sign, plain()),
            _ => (sign, false),
        };
        if free {
            sides.sort();
        }
        let [first, second] = sides;
        text.extend(["(", &first, sign, &second, ")"]);
        return;
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        if child.is_named() && !(child.is_extra() && child.kind().contains("comment")) {
            order(child, around, steps, text, tree);
        } else if !child.is_named() {
            text.push_str(tree.text(child));
            text.push('\0');
        }
    }
}

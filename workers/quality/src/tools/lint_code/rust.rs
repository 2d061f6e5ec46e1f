//! Rules about Rust alone, under clippy's names.

use super::table as rules;
use super::trees::{Tree, children};
use std::collections::BTreeMap;
use tree_sitter::Node;

/// Looks at a node.
pub(super) fn look<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    match node.kind() {
        "macro_invocation" => {
            let name = node.child_by_field_name("macro").map_or("", |name| tree.text(name));
            let rule = match name.trim_start_matches("std::").trim_start_matches("core::") {
                "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => return asserted(node, tree),
                "dbg" => &rules::RUST_DBG_MACRO,
                "todo" => &rules::RUST_TODO,
                "unimplemented" => &rules::RUST_UNIMPLEMENTED,
                _ => return,
            };
            tree.hit(rule, node, "a macro that is for development is left");
        }
        "binary_expression" => {
            erased(node, tree);
            counted(node, around, tree);
        }
        "compound_assignment_expr" => twice(node, tree),
        "assignment_expression" => {
            let field = |name: &str| node.child_by_field_name(name);
            if let (Some(left), Some(right)) = (field("left"), field("right"))
                && right.kind() == "unary_expression"
                && tree.between(left, right).ends_with('=')
            {
                tree.hit(&rules::RUST_SUSPICIOUS_ASSIGNMENT_FORMATTING, node, "the two signs are not one operator");
            }
        }
        "range_expression" => {
            let outer = around.iter().rev().find(|outer| outer.kind() != "parenthesized_expression");
            range(node, outer.is_some_and(|outer| outer.kind() == "for_expression"), tree);
        }
        "float_literal" => {
            if let Some(name) = constant(tree.text(node)) {
                tree.hit(&rules::RUST_APPROX_CONSTANT, node, &format!("`consts::{name}` is this, exactly"));
            }
        }
        "integer_literal" => {
            let digits = tree.text(node).trim_start_matches('_');
            if digits.len() > 1 && digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
                tree.hit(&rules::RUST_ZERO_PREFIXED_LITERAL, node, "a zero in front does not make it octal");
            }
        }
        "block" => swapped(node, tree),
        "source_file" | "declaration_list" => hashed(node, tree),
        _ => {}
    }
}

// `assert_eq!(a, a)`.
fn asserted(node: Node<'_>, tree: &mut Tree<'_>) {
    let Some(tokens) = children(node).pop().filter(|tokens| tokens.kind() == "token_tree") else { return };
    let mut cursor = tokens.walk();
    let mut parts = vec![Vec::new()];
    for token in tokens.children(&mut cursor) {
        match (token.kind(), parts.last_mut()) {
            (",", _) => parts.push(Vec::new()),
            ("(" | ")" | "[" | "]" | "{" | "}", _) | (_, None) => {}
            (_, Some(part)) => part.push(tree.plain(token)),
        }
    }
    if let [left, right, ..] = parts.as_slice()
        && !left.is_empty()
        && left == right
        && left.iter().all(Option::is_some)
        && !left.iter().flatten().any(|token| token.contains('('))
    {
        tree.hit(&rules::RUST_EQ_OP, node, "both sides are the same");
    }
}

// A length that is compared with what tells whether there is anything.
fn counted<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name).map_or("", |part| tree.text(part));
    let (left, right) = (field("left"), field("right"));
    let asks = match field("operator") {
        "==" | "!=" => (left.ends_with(".len()") && right == "0") || (left == "0" && right.ends_with(".len()")),
        ">" | "<=" => (left.ends_with(".len()") && right == "0") || (left == "1" && right.ends_with(".len()")),
        "<" | ">=" => (left.ends_with(".len()") && right == "1") || (left == "0" && right.ends_with(".len()")),
        _ => false,
    };
    let function = around.iter().rev().find(|outer| outer.kind() == "function_item");
    let name = function.and_then(|function| function.child_by_field_name("name"));
    if asks && name.is_none_or(|name| tree.text(name) != "is_empty") {
        tree.hit(&rules::RUST_LEN_ZERO, node, "`is_empty` says what is meant");
    }
}

fn erased(node: Node<'_>, tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right), Some(sign)) = (field("left"), field("right"), field("operator")) else { return };
    let zero = |side: Node<'_>| side.kind() == "integer_literal" && tree.integer(side) == Some(0);
    let erases = match tree.text(sign) {
        "*" | "&" => zero(left) || zero(right),
        "/" => zero(left) && !zero(right),
        _ => false,
    };
    if erases {
        tree.hit(&rules::RUST_ERASING_OP, node, "the outcome is always 0");
    }
}

// `a += a + b`.
fn twice(node: Node<'_>, tree: &mut Tree<'_>) {
    let field = |node: Node<'_>, name: &str| node.child_by_field_name(name).map(|part| tree.text(part));
    let (Some(target), Some(sign)) = (field(node, "left"), field(node, "operator")) else { return };
    let Some(right) = node.child_by_field_name("right").filter(|it| it.kind() == "binary_expression") else { return };
    let own = field(right, "operator").unwrap_or_default();
    let again = field(right, "left") == Some(target)
        || matches!(own, "+" | "*" | "&" | "|" | "^") && field(right, "right") == Some(target);
    if sign.trim_end_matches('=') == own && again {
        tree.hit(&rules::RUST_MISREFACTORED_ASSIGN_OP, node, "the operation is done twice");
    }
}

fn range(node: Node<'_>, looped: bool, tree: &mut Tree<'_>) {
    let ends = children(node);
    let [from, to] = ends.as_slice() else { return };
    let (Some(first), Some(last)) = (tree.signed(*from), tree.signed(*to)) else { return };
    let closed = tree.between(*from, *to).contains("..=");
    if first > last || first == last && !closed && looped {
        tree.hit(&rules::RUST_REVERSED_EMPTY_RANGES, node, "the range is empty: it ends before it begins");
    }
}

// `a = b; b = a;`
fn swapped(node: Node<'_>, tree: &mut Tree<'_>) {
    for pair in children(node).windows(2) {
        let [first, second] = pair else { continue };
        let sides = |statement: Node<'_>| {
            let it = statement.named_child(0).filter(|it| it.kind() == "assignment_expression")?;
            Some((tree.plain(it.child_by_field_name("left")?)?, tree.plain(it.child_by_field_name("right")?)?))
        };
        if let (Some((a, b)), Some((c, d))) = (sides(*first), sides(*second))
            && a == d
            && b == c
        {
            tree.hit(&rules::RUST_ALMOST_SWAPPED, *first, "this does not swap the two: use mem::swap");
        }
    }
}

// Types that derive Hash, and have an equality of their own.
fn hashed(node: Node<'_>, tree: &mut Tree<'_>) {
    let mut derived = BTreeMap::new();
    let mut derives = None;
    let mut compared = Vec::new();
    for item in children(node) {
        match item.kind() {
            "attribute_item" => {
                let text: String = tree.text(item).split_whitespace().collect();
                if text.starts_with("#[derive(")
                    && text.split(['(', ')', ',']).any(|name| name.rsplit("::").next() == Some("Hash"))
                {
                    derives = Some(item);
                }
                continue;
            }
            "struct_item" | "enum_item" | "union_item" => {
                let name = item.child_by_field_name("name").map(|name| tree.text(name));
                derived.extend(name.zip(derives));
            }
            "impl_item" => {
                let of = |name: &str| item.child_by_field_name(name).map_or("", |part| tree.text(part));
                let base = |text: &'_ str| text.split('<').next().unwrap_or_default().to_owned();
                let own = base(of("type"));
                let (name, other) = of("trait").split_once('<').unwrap_or((of("trait"), ""));
                let same =
                    other.is_empty() || matches!(base(other.trim_end_matches('>')), it if it == own || it == "Self");
                if name.rsplit("::").next() == Some("PartialEq") && same {
                    compared.push(own);
                }
            }
            _ => {}
        }
        derives = None;
    }
    for name in compared {
        if let Some(derive) = derived.get(name.as_str()) {
            tree.hit(
                &rules::RUST_DERIVED_HASH_WITH_MANUAL_EQ,
                *derive,
                "Hash is derived, and equality is not: equal values may hash differently",
            );
        }
    }
}

// The digits of constants, and how many signs of a literal are no accident, as clippy counts them.
const CONSTANTS: [(&str, &str, usize); 20] = [
    ("E", "2.718281828459045", 4),
    ("FRAC_1_PI", "0.3183098861837907", 4),
    ("FRAC_1_SQRT_2", "0.7071067811865476", 5),
    ("FRAC_2_PI", "0.6366197723675814", 5),
    ("FRAC_2_SQRT_PI", "1.1283791670955126", 5),
    ("FRAC_PI_2", "1.5707963267948966", 5),
    ("FRAC_PI_3", "1.0471975511965979", 5),
    ("FRAC_PI_4", "0.7853981633974483", 5),
    ("FRAC_PI_6", "0.5235987755982989", 5),
    ("FRAC_PI_8", "0.39269908169872414", 5),
    ("LN_2", "0.6931471805599453", 5),
    ("LN_10", "2.302585092994046", 5),
    ("LOG10_2", "0.3010299956639812", 5),
    ("LOG2_10", "3.321928094887362", 5),
    ("LOG10_E", "0.4342944819032518", 5),
    ("LOG2_E", "1.4426950408889634", 5),
    ("PI", "3.141592653589793", 3),
    ("PHI", "1.618033988749895", 4),
    ("SQRT_2", "1.4142135623730951", 5),
    ("TAU", "6.283185307179586", 3),
];

// The constant that a literal is cut or rounded from.
fn constant(literal: &str) -> Option<&'static str> {
    let text: String = literal.chars().filter(|c| *c != '_').collect();
    let text = text.trim_end_matches("f32").trim_end_matches("f64");
    let is_it = |(_, exact, signs): &&(&str, &str, usize)| {
        text.len() > *signs && (exact.starts_with(text) || rounded(exact, text.len()).as_deref() == Some(text))
    };
    CONSTANTS.iter().find(is_it).map(|(name, _, _)| *name)
}

// Decimal digits cut to a length, the last one rounded.
fn rounded(digits: &str, length: usize) -> Option<String> {
    let (kept, rest) = digits.split_at_checked(length)?;
    let mut kept = kept.as_bytes().to_vec();
    if rest.as_bytes().first()? >= &b'5' {
        for byte in kept.iter_mut().rev().filter(|byte| **byte != b'.') {
            if *byte == b'9' {
                *byte = b'0';
                continue;
            }
            *byte += 1;
            break;
        }
    }
    String::from_utf8(kept).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_known_cut_and_rounded() {
        for (literal, name) in [
            ("3.14", Some("PI")),
            ("3.1416", Some("PI")),
            ("3.1_415_f32", Some("PI")),
            ("3.15", None),
            ("3.1", None),
            ("2.718", Some("E")),
            ("2.71", None),
            ("0.7071", Some("FRAC_1_SQRT_2")),
            ("0.70710678119", Some("FRAC_1_SQRT_2")),
            ("6.28", Some("TAU")),
            ("1.0", None),
        ] {
            assert_eq!(constant(literal), name, "{literal}");
        }
    }
}

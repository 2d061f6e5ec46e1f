//! Rules about Rust alone, under clippy's names.

use super::rust_flow::never_again;
use super::rust_values::{Declared, base, declared, is_plain, type_of, value};
use super::table as rules;
use super::trees::{Tree, bare, children, is_pure};
use std::collections::{BTreeMap, BTreeSet};
use tree_sitter::Node;

/// Looks at a node.
pub(super) fn look<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    match node.kind() {
        "macro_invocation" => {
            let name = node.child_by_field_name("macro").map_or("", |name| tree.text(name));
            let rule = match name.trim_start_matches("std::").trim_start_matches("core::") {
                "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => {
                    let tokens = children(node).pop().filter(|tokens| tokens.kind() == "token_tree");
                    return tokens.into_iter().for_each(|tokens| asserted(node, tokens, around, tree));
                }
                "dbg" => &rules::RUST_DBG_MACRO,
                "todo" => &rules::RUST_TODO,
                "unimplemented" => &rules::RUST_UNIMPLEMENTED,
                _ => return,
            };
            tree.hit(rule, node, "a macro that is for development is left");
        }
        "token_tree" => within_macro(node, around, tree),
        "while_expression" | "loop_expression" | "for_expression" => looped(node, tree),
        "binary_expression" => {
            erased(node, around, tree);
            truth(node, around, tree);
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
            let looped = outer.is_some_and(|outer| outer.kind() == "for_expression");
            range(node, looped, around, tree);
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

// What a macro is given, or stands for, is read word by word: `dbg ! (..)`.
fn within_macro(node: Node<'_>, around: &[Node<'_>], tree: &mut Tree<'_>) {
    let mut cursor = node.walk();
    let words: Vec<Node<'_>> = node.children(&mut cursor).collect();
    for three in words.windows(3) {
        let [name, sign, tokens] = three else { continue };
        if name.kind() != "identifier" || tree.text(*sign) != "!" || tokens.kind() != "token_tree" {
            continue;
        }
        match tree.text(*name) {
            "dbg" => tree.hit(&rules::RUST_DBG_MACRO, *name, "a macro that is for development is left"),
            "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => asserted(*name, *tokens, around, tree),
            _ => {}
        }
    }
}

// `assert_eq!(a, a)`.
fn asserted(node: Node<'_>, tokens: Node<'_>, around: &[Node<'_>], tree: &mut Tree<'_>) {
    if is_test(around, tree) || tree.text(tokens).contains('$') {
        return;
    }
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

/// Whether the function around is a test, as its attributes say.
pub(super) fn is_test(around: &[Node<'_>], tree: &Tree<'_>) -> bool {
    let Some(root) = around.first() else { return false };
    let function = around.iter().skip(1).rev().find(|one| one.kind() == "function_item");
    function.is_some_and(|function| tree.tests.get_or_init(|| tests(*root, tree)).contains(&function.id()))
}

// The functions behind `#[test]`, all found at once: to ask each for what is before it costs as much as there are items.
fn tests(root: Node<'_>, tree: &Tree<'_>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let mut is_marked = false;
        for item in children(node) {
            match item.kind() {
                "attribute_item" => {
                    is_marked |= tree.text(item).split_whitespace().collect::<String>() == "#[test]";
                    continue;
                }
                "function_item" if is_marked => drop(found.insert(item.id())),
                _ => {}
            }
            is_marked = false;
            open.push(item);
        }
    }
    found
}

/// Whether a condition is a question to a variable that cannot change: what it answers, it answers again.
pub(super) fn only_asks<'t>(test: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    let field = |node: Node<'t>, name: &str| node.child_by_field_name(name);
    let Some(function) = field(test, "function").filter(|it| it.kind() == "field_expression") else { return false };
    let Some(asked) = field(function, "value").filter(|it| it.kind() == "identifier") else { return false };
    let Some((Declared::Let(declaration), _)) = declared(tree.text(asked), asked.start_byte(), around, tree) else {
        return false;
    };
    let mut cursor = declaration.walk();
    let may_change = declaration.children(&mut cursor).any(|part| part.kind() == "mutable_specifier");
    let known = |of: String| {
        is_plain(&of) || matches!(base(&of), "String" | "str" | "Vec" | "HashMap" | "HashSet" | "BTreeMap" | "BTreeSet")
    };
    let arguments = field(test, "arguments").map(children).unwrap_or_default();
    !may_change && arguments.into_iter().all(is_pure) && type_of(asked, around, tree).is_some_and(known)
}

// A loop that does nothing, or whose body always leaves it.
fn looped(node: Node<'_>, tree: &mut Tree<'_>) {
    let Some(body) = node.child_by_field_name("body") else { return };
    if children(body).is_empty() {
        if node.kind() == "loop_expression" && !tree.text(body).contains("//") {
            tree.hit(&rules::RUST_EMPTY_LOOP, node, "a loop that does nothing, and never ends");
        }
        return;
    }
    let mut cursor = node.walk();
    let label = node.children(&mut cursor).find(|part| part.kind() == "label").map(|label| tree.text(label));
    if never_again(body, label, tree) {
        tree.hit(&rules::RUST_NEVER_LOOP, node, "the loop never comes to a second round");
    }
}

// A truth that is compared with a truth.
fn truth<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right), Some(sign)) = (field("left"), field("right"), field("operator")) else { return };
    let literal = |side: Node<'t>| side.kind() == "boolean_literal";
    let of = |side: Node<'t>| type_of(side, around, tree);
    // A type without fields, from elsewhere, is its own value.
    let is_type = |side: Node<'t>| {
        let text = tree.text(side);
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.contains(|c: char| c.is_ascii_lowercase())
    };
    let asked = match tree.text(sign) {
        "==" | "!=" => literal(left) || literal(right),
        "<" => tree.text(left) == "false" || tree.text(right) == "true",
        ">" => tree.text(left) == "true" || tree.text(right) == "false",
        _ => return,
    };
    let other = if literal(left) { right } else { left };
    let both = |side: Node<'t>| of(side).as_deref() == Some("bool");
    let is_it = if asked {
        !is_type(other) && of(other).is_none_or(|of| of == "bool") && !tree.text(other).starts_with("cfg!")
    } else {
        matches!(tree.text(sign), "<" | ">") && !literal(left) && !literal(right) && both(left) && both(right)
    };
    if is_it {
        tree.hit(&rules::RUST_BOOL_COMPARISON, node, "the value is the answer already");
    }
}

// A length that is compared with what tells whether there is anything.
fn counted<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right), Some(sign)) = (field("left"), field("right"), field("operator")) else { return };
    let whose = |side: Node<'t>| {
        let arguments = side.child_by_field_name("arguments").filter(|_| side.kind() == "call_expression")?;
        let function = side.child_by_field_name("function").filter(|it| it.kind() == "field_expression")?;
        let length = arguments.named_child_count() == 0
            && function.child_by_field_name("field").is_some_and(|name| tree.text(name) == "len");
        if length { function.child_by_field_name("value") } else { None }
    };
    let number = |side: Node<'t>| tree.integer(side).filter(|_| side.kind() == "integer_literal");
    let owner = match (tree.text(sign), number(left), number(right)) {
        ("==" | "!=" | ">" | "<=", None, Some(0)) | ("<" | ">=", None, Some(1)) => whose(left),
        ("==" | "!=" | "<" | ">=", Some(0), None) | (">" | "<=", Some(1), None) => whose(right),
        _ => None,
    };
    let function = around.iter().rev().find(|outer| outer.kind() == "function_item");
    let name = function.and_then(|function| function.child_by_field_name("name"));
    if name.is_none_or(|name| tree.text(name) != "is_empty")
        && owner.is_some_and(|owner| has_is_empty(owner, around, tree))
    {
        tree.hit(&rules::RUST_LEN_ZERO, node, "`is_empty` says what is meant");
    }
}

// Whether what has a length can be asked whether it is empty; what is of no type here most likely can.
fn has_is_empty<'t>(owner: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    let Some(of) = type_of(owner, around, tree) else { return bare(owner).kind() != "self" };
    let of = of.trim_start_matches("dyn ").trim_start_matches("impl ");
    let name = base(of);
    if of.starts_with('[') || matches!(name, "Vec" | "String" | "str") {
        return true;
    }
    // What comes one after the other is not known to end.
    if matches!(name, "Iterator" | "ExactSizeIterator" | "DoubleEndedIterator" | "Self") || name.len() == 1 {
        return false;
    }
    let Some((Declared::Type(item), depth)) = declared(name, owner.start_byte(), around, tree) else {
        return bare(owner).kind() != "self";
    };
    let Some(scope) = depth.checked_sub(1).and_then(|at| around.get(at)) else { return false };
    if !tree.afford(scope.named_child_count()) {
        return false;
    }
    let mut bodies: Vec<Node<'t>> = children(*scope)
        .into_iter()
        .filter(|one| {
            one.kind() == "impl_item" && one.child_by_field_name("type").is_some_and(|own| base(tree.text(own)) == name)
        })
        .filter_map(|one| one.child_by_field_name("body"))
        .collect();
    bodies.extend(item.child_by_field_name("body").filter(|_| item.kind() == "trait_item"));
    bodies.into_iter().flat_map(children).any(|member| {
        let own = |field: &str| member.child_by_field_name(field).map_or("", |part| tree.text(part));
        own("name") == "is_empty" && own("return_type") == "bool" && matches!(own("parameters"), "(&self)" | "(self)")
    })
}

fn erased<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right), Some(sign)) = (field("left"), field("right"), field("operator")) else { return };
    let zero = |side: Node<'_>| side.kind() == "integer_literal" && tree.integer(side) == Some(0);
    let (erases, other) = match tree.text(sign) {
        "*" | "&" => (zero(left) || zero(right), if zero(left) { right } else { left }),
        "/" => (zero(left) && !zero(right), right),
        _ => return,
    };
    // What is of a type of its own may give anything.
    let own = |of: String| !is_plain(&of) && !matches!(of.as_str(), "f32" | "f64");
    if erases && !type_of(other, around, tree).is_some_and(own) {
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

fn range<'t>(node: Node<'t>, looped: bool, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let ends = children(node);
    let [from, to] = ends.as_slice() else { return };
    let value = |end: Node<'t>| value(end, around, true, tree);
    let (Some(first), Some(last)) = (value(*from), value(*to)) else { return };
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
            let field = |name: &str| statement.child_by_field_name(name);
            if statement.kind() == "let_declaration" {
                let name =
                    field("pattern").filter(|name| name.kind() == "identifier" && field("alternative").is_none())?;
                return Some((tree.plain(name)?, tree.plain(field("value")?)?));
            }
            let it = statement.named_child(0).filter(|it| it.kind() == "assignment_expression")?;
            Some((tree.plain(it.child_by_field_name("left")?)?, tree.plain(it.child_by_field_name("right")?)?))
        };
        if let (Some((a, b)), Some((c, d))) = (sides(*first), sides(*second))
            && a == d
            && b == c
            && a != b
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
const CONSTANTS: [(&str, &str, usize); 19] = [
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
    ("SQRT_2", "1.4142135623730951", 5),
    ("TAU", "6.283185307179586", 3),
];

// The constant that a literal is cut or rounded from, or that it is to the last bit.
fn constant(literal: &str) -> Option<&'static str> {
    let text: String = literal.chars().filter(|c| *c != '_').collect();
    let text = text.trim_end_matches("f32").trim_end_matches("f64");
    let digits = text.trim_start_matches('0');
    let zero = if digits.starts_with('.') { "0" } else { "" };
    let text = format!("{zero}{digits}");
    let value = text.parse::<f64>().ok()?;
    let is_it = |(_, exact, signs): &&(&str, &str, usize)| {
        let same = || exact.parse::<f64>().is_ok_and(|exact| exact.to_bits() == value.to_bits());
        text.len() > *signs
            && (exact.starts_with(&text) || rounded(exact, text.len()).as_ref() == Some(&text) || same())
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
            ("003.14159265358979311599", Some("PI")),
            ("00.70711", Some("FRAC_1_SQRT_2")),
            ("3.1415926535897932384626433832", Some("PI")),
            ("0.0", None),
        ] {
            assert_eq!(constant(literal), name, "{literal}");
        }
    }
}

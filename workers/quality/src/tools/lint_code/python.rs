//! Rules about Python, under ruff's ids, and smells of its tests.

use super::table as rules;
use super::trees::Tree;
use tree_sitter::Node;

const COMPARISONS: [&str; 10] = ["==", "!=", "<", ">", "<=", ">=", "is", "is not", "in", "not in"];

/// Looks at a node.
#[expect(clippy::too_many_lines, reason = "one arm a kind of node")]
pub(super) fn look<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    match node.kind() {
        "comparison_operator" => comparison(node, around, tree),
        "not_operator" => {
            let Some(argument) = node.child_by_field_name("argument") else { return };
            let inner =
                if argument.kind() == "parenthesized_expression" { argument.named_child(0) } else { Some(argument) };
            let Some(inner) = inner.filter(|inner| inner.kind() == "comparison_operator") else { return };
            match operators(inner).as_slice() {
                [(_, "in", _)] => tree.hit(&rules::PY_E713, inner, "`not` and `in` stand apart"),
                [(_, "is", _)] => tree.hit(&rules::PY_E714, inner, "`not` and `is` stand apart"),
                _ => {}
            }
        }
        "except_clause" => {
            let mut cursor = node.walk();
            if node.named_children(&mut cursor).filter(|child| child.kind() != "comment").count() != 1 {
                return;
            }
            // One that throws on what it caught hides nothing.
            let mut cursor = node.walk();
            let body = node.named_children(&mut cursor).find(|child| child.kind() == "block");
            let goes_on = body.is_some_and(|body| {
                let mut cursor = body.walk();
                body.named_children(&mut cursor)
                    .any(|one| one.kind() == "raise_statement" && one.named_child_count() == 0)
            });
            if goes_on {
                return;
            }
            let mut cursor = node.walk();
            let head = node.children(&mut cursor).next().unwrap_or(node);
            tree.hit(&rules::PY_E722, head, "an `except` that catches everything");
        }
        "assignment" => assignment(node, around, tree),
        "string" => {
            let text = tree.text(node);
            let prefix: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
            let mut cursor = node.walk();
            let fills = node.named_children(&mut cursor).any(|child| child.kind() == "interpolation");
            let joined = around.last().is_some_and(|outer| outer.kind() == "concatenated_string");
            if prefix.to_lowercase().contains('f') && !fills && !joined {
                tree.hit(&rules::PY_F541, node, "an f-string without a placeholder");
            }
        }
        "concatenated_string" => {
            let mut cursor = node.walk();
            let parts: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
            let is_f = |part: &Node<'t>| {
                tree.text(*part).chars().take_while(char::is_ascii_alphabetic).any(|c| matches!(c, 'f' | 'F'))
            };
            let fills = parts.iter().any(|part| {
                let mut cursor = part.walk();
                part.named_children(&mut cursor).any(|child| child.kind() == "interpolation")
            });
            let plain: Vec<Node<'t>> = parts.iter().copied().filter(|part| is_f(part)).collect();
            if !fills {
                for part in plain {
                    tree.hit(&rules::PY_F541, part, "an f-string without a placeholder");
                }
            }
        }
        "assert_statement" => {
            let Some(test) = node.named_child(0) else { return };
            if test.kind() == "tuple" && test.named_child_count() > 0 {
                tree.hit(&rules::PY_F631, node, "an assert of a tuple always holds");
            }
            if test.kind() == "false" || matches!(tree.text(test), "(False)") {
                tree.hit(&rules::PY_B011, test, "an assert that always fails, and is gone with -O");
            }
        }
        "if_statement" | "elif_clause" => {
            let test = node
                .child_by_field_name("condition")
                .filter(|test| test.kind() == "tuple" && test.named_child_count() > 0);
            if let Some(test) = test {
                tree.hit(&rules::PY_F634, test, "a tuple is always true");
            }
        }
        "default_parameter" | "typed_default_parameter" => {
            let Some(value) = node.child_by_field_name("value") else { return };
            let made = match value.kind() {
                "list"
                | "dictionary"
                | "set"
                | "list_comprehension"
                | "dictionary_comprehension"
                | "set_comprehension" => true,
                "call" => value.child_by_field_name("function").is_some_and(|function| {
                    matches!(
                        tree.text(function),
                        "list"
                            | "dict"
                            | "set"
                            | "deque"
                            | "defaultdict"
                            | "collections.deque"
                            | "collections.defaultdict"
                            | "OrderedDict"
                            | "collections.OrderedDict"
                            | "Counter"
                            | "collections.Counter"
                            | "bytearray"
                    )
                }),
                _ => false,
            };
            let fixed = node.child_by_field_name("type").is_some_and(|kind| {
                let text = tree.text(kind);
                [
                    "Sequence",
                    "Mapping",
                    "Iterable",
                    "Collection",
                    "Container",
                    "Sized",
                    "Tuple",
                    "tuple",
                    "frozenset",
                    "FrozenSet",
                    "AbstractSet",
                    "Set[",
                ]
                .iter()
                .any(|word| text.starts_with(word) || text.contains(&format!(".{word}")))
            });
            if made && !fixed && !around.iter().any(|outer| outer.kind() == "lambda_parameters") {
                tree.hit(&rules::PY_B006, value, "all calls share this default");
            }
        }
        "return_statement" | "break_statement" | "continue_statement" => jump(node, around, tree),
        "identifier" => ambiguous(node, around, tree),
        _ => {}
    }
}

// Left side, operator and right side of each link of a comparison.
fn operators<'t>(node: Node<'t>) -> Vec<(Node<'t>, &'static str, Node<'t>)> {
    let mut cursor = node.walk();
    let children: Vec<Node<'t>> = node.children(&mut cursor).filter(|child| !child.is_extra()).collect();
    let mut found = Vec::new();
    let mut left: Option<Node<'t>> = None;
    let mut sign: Option<&'static str> = None;
    for child in children {
        if child.is_named() {
            if let (Some(left), Some(sign)) = (left, sign.take()) {
                found.push((left, sign, child));
            }
            left = Some(child);
        } else {
            sign = COMPARISONS.iter().find(|known| **known == child.kind()).copied();
        }
    }
    found
}

fn comparison<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let links = operators(node);
    for (left, sign, right) in &links {
        let equal = matches!(*sign, "==" | "!=");
        let sides = [*left, *right];
        if equal && sides.iter().any(|side| side.kind() == "none") {
            let side = sides.iter().find(|side| side.kind() == "none").copied().unwrap_or(node);
            tree.hit(&rules::PY_E711, side, "None is compared by value");
        }
        if equal
            && sides.iter().any(|side| matches!(side.kind(), "true" | "false"))
            && !sides.iter().any(|side| side.kind() == "none")
        {
            tree.hit(&rules::PY_E712, node, "a truth is compared with True or False");
        }
        let is_literal = |side: &Node<'t>| {
            matches!(
                side.kind(),
                "string" | "integer" | "float" | "list" | "dictionary" | "set" | "concatenated_string"
            ) || side.kind() == "tuple"
        };
        if matches!(*sign, "is" | "is not") && sides.iter().any(is_literal) {
            tree.hit(&rules::PY_F632, node, "whether two literals are one object depends on the interpreter");
        }
        if left.kind() == "identifier" && right.kind() == "identifier" && tree.text(*left) == tree.text(*right) {
            tree.hit(&rules::PY_PLR0124, node, "a name is compared with itself");
        }
    }
    if around.last().is_some_and(|outer| outer.kind() == "expression_statement" && outer.named_child_count() == 1) {
        tree.hit(&rules::PY_B015, node, "a comparison whose result nobody takes");
    }
}

fn assignment<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
        return;
    };
    let in_class = around.iter().rev().find(|outer| matches!(outer.kind(), "class_definition" | "function_definition"));
    let in_class = in_class.is_some_and(|outer| outer.kind() == "class_definition");
    let alone = around.last().is_none_or(|outer| outer.kind() != "assignment");
    if left.kind() == "identifier" && right.kind() == "lambda" && !in_class && alone {
        tree.hit(&rules::PY_E731, node, "a lambda is given a name");
    }
    if left.kind() == "identifier" && right.kind() == "identifier" && tree.text(left) == tree.text(right) && !in_class {
        tree.hit(&rules::PY_PLW0127, left, "a name is assigned to itself");
    }
}

fn jump<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    if node.kind() == "return_statement" && node.named_child(0).is_some_and(|value| value.kind() != "none") {
        let function = around.iter().rev().position(|outer| matches!(outer.kind(), "function_definition" | "lambda"));
        let outer = function.and_then(|at| around.iter().rev().nth(at)).copied();
        let in_class = around
            .iter()
            .rev()
            .skip(function.unwrap_or_default() + 1)
            .find(|outer| matches!(outer.kind(), "class_definition" | "function_definition"));
        let is_init = outer
            .and_then(|function| function.child_by_field_name("name"))
            .is_some_and(|name| tree.text(name) == "__init__");
        if is_init && in_class.is_some_and(|outer| outer.kind() == "class_definition") {
            tree.hit(&rules::PY_PLE0101, node, "`__init__` returns a value");
        }
    }
    let leaves_loop = node.kind() != "return_statement";
    for outer in around.iter().rev() {
        match outer.kind() {
            "function_definition" | "class_definition" | "lambda" => return,
            "for_statement" | "while_statement" if leaves_loop => return,
            "finally_clause" => {
                tree.hit(&rules::PY_B012, node, "leaving a `finally` drops what was thrown or returned before");
                return;
            }
            _ => {}
        }
    }
}

// Names that are bound and look like numbers.
fn ambiguous<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    if !matches!(tree.text(node), "l" | "O" | "I") {
        return;
    }
    let Some(outer) = around.last() else { return };
    let is = |field: &str| outer.child_by_field_name(field) == Some(node);
    let bound = match outer.kind() {
        "assignment" | "for_statement" | "for_in_clause" | "augmented_assignment" => is("left"),
        "named_expression" | "default_parameter" | "typed_default_parameter" => is("name"),
        "parameters" | "lambda_parameters" | "as_pattern_target" | "global_statement" | "nonlocal_statement" => true,
        "typed_parameter" | "list_splat_pattern" | "dictionary_splat_pattern" => outer.named_child(0) == Some(node),
        "pattern_list" | "tuple_pattern" | "list_pattern" => true,
        _ => false,
    };
    if bound && outer.kind() != "augmented_assignment" {
        tree.hit(&rules::PY_E741, node, "a name that looks like a number");
    }
}

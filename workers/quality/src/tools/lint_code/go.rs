//! Rules about Go alone, under staticcheck's ids.

use super::table as rules;
use super::trees::{Tree, children, statements};
use std::ops::Range;
use tree_sitter::Node;

// Longest literal, in nanoseconds, that is taken for a mistaken unit: staticcheck's figure.
const MAX_SMALL_SLEEP: u64 = 120;

/// A loop, or a function in one, that the walk is in.
pub(super) struct Open {
    end: usize,
    // A loop without a condition.
    endless: bool,
    function: bool,
    left: bool,
    deferred: Vec<Range<usize>>,
}

/// Looks at a node.
pub(super) fn look(node: Node<'_>, tree: &mut Tree<'_>) {
    settle(node.start_byte(), tree);
    match node.kind() {
        "binary_expression" => compared(node, tree),
        "unary_expression" => {
            let inner = node.child_by_field_name("operand").filter(|inner| inner.kind() == "unary_expression");
            if inner.is_some_and(|inner| is_sign(node, "!", tree) && is_sign(inner, "!", tree)) {
                tree.hit(&rules::GO_SA4013, node, "`!` twice is nothing");
            }
        }
        "call_expression" => call(node, tree),
        "go_statement" => started(node, tree),
        "if_statement" => {
            let empty = |name: &str| {
                let branch = node.child_by_field_name(name).filter(|branch| branch.kind() == "block");
                branch.filter(|branch| statements(*branch).is_empty())
            };
            let branches = [empty("consequence").map(|_| node), empty("alternative")];
            for branch in branches.into_iter().flatten() {
                tree.hit(&rules::GO_SA9003, branch, "a branch without anything in it");
            }
        }
        "statement_list" => neighbours(node, tree),
        "for_statement" => {
            jumps_out_of_less(node, tree);
            ends_at_once(node, tree);
            let head = node.named_child(0).filter(|head| head.kind() != "block");
            let endless =
                head.is_none_or(|head| head.kind() == "for_clause" && head.child_by_field_name("condition").is_none());
            enter(node, endless, false, tree);
        }
        "func_literal" => enter(node, false, true, tree),
        "return_statement" | "break_statement" => {
            for open in tree.open.iter_mut().rev().take_while(|open| !open.function && !open.left) {
                open.left = true;
            }
        }
        "defer_statement" => {
            let inner = tree.open.iter_mut().rev().take_while(|open| !open.function).find(|open| open.endless);
            if let Some(inner) = inner {
                inner.deferred.push(node.byte_range());
            }
        }
        "const_declaration" => constants(node, tree),
        _ => {}
    }
}

fn is_sign(node: Node<'_>, sign: &str, tree: &Tree<'_>) -> bool {
    node.child_by_field_name("operator").is_some_and(|operator| tree.text(operator) == sign)
}

fn compared(node: Node<'_>, tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right), Some(sign)) = (field("left"), field("right"), field("operator")) else { return };
    let sign = tree.text(sign);
    if matches!(sign, "==" | "!=" | "<" | ">" | "<=" | ">=") {
        if [left, right].iter().any(|side| tree.text(*side) == "math.NaN()") {
            tree.hit(&rules::GO_SA4012, node, "no value equals NaN: use math.IsNaN");
        }
        let address = |side: Node<'_>| side.kind() == "unary_expression" && is_sign(side, "&", tree);
        if matches!(sign, "==" | "!=") && address(left) && right.kind() == "nil" {
            tree.hit(&rules::GO_SA4022, node, "the address of a variable is never nil");
        }
    }
    if matches!(sign, "&" | "|" | "^") && right.kind() == "int_literal" && tree.integer(right) == Some(0) {
        tree.hit(&rules::GO_SA4016, node, "an operation on bits with 0 does nothing, or gives 0");
    }
}

// What is called on what: `a.b` and `f` of `a.b.f(..)`.
fn method<'s>(call: Node<'_>, tree: &Tree<'s>) -> Option<(&'s str, &'s str)> {
    let function = call.child_by_field_name("function").filter(|function| function.kind() == "selector_expression")?;
    Some((tree.text(function.child_by_field_name("operand")?), tree.text(function.child_by_field_name("field")?)))
}

fn call(node: Node<'_>, tree: &mut Tree<'_>) {
    let Some(arguments) = node.child_by_field_name("arguments").map(children) else { return };
    let [only] = arguments.as_slice() else { return };
    let function = node.child_by_field_name("function").map_or("", |function| tree.text(function));
    if function == "append" {
        tree.hit(&rules::GO_SA4021, node, "nothing is appended");
    }
    let nanoseconds = if only.kind() == "int_literal" { tree.integer(*only) } else { None };
    if function == "time.Sleep" && nanoseconds.is_some_and(|count| (1..=MAX_SMALL_SLEEP).contains(&count)) {
        tree.hit(&rules::GO_SA1004, *only, "these are nanoseconds: multiply by a unit, such as time.Millisecond");
    }
}

// `go func() { group.Add(1) .. group.Done() }()`: only a group that is waited for has both.
fn started(node: Node<'_>, tree: &mut Tree<'_>) {
    let literal = node.named_child(0).and_then(|call| call.child_by_field_name("function"));
    let Some(body) = literal.filter(|it| it.kind() == "func_literal").and_then(|it| it.child_by_field_name("body"))
    else {
        return;
    };
    let Some(first) = statements(body).first().and_then(|first| first.named_child(0)) else { return };
    if first.kind() == "call_expression"
        && let Some((group, "Add")) = method(first, tree)
        && tree.text(body).contains(&format!("{group}.Done("))
    {
        tree.hit(&rules::GO_SA2000, first, "the one who waits may be done before this is counted");
    }
}

fn neighbours(list: Node<'_>, tree: &mut Tree<'_>) {
    for pair in children(list).windows(2) {
        let [first, second] = pair else { continue };
        let called = |statement: Node<'_>| {
            let call = if statement.kind() == "expression_statement" { statement.named_child(0) } else { None };
            call.filter(|call| call.kind() == "call_expression").and_then(|call| method(call, tree))
        };
        if let (Some((lock, takes)), Some((same, leaves))) = (called(*first), called(*second))
            && lock == same
            && matches!((takes, leaves), ("Lock", "Unlock") | ("RLock", "RUnlock"))
        {
            tree.hit(&rules::GO_SA2001, *second, "nothing stands between lock and unlock");
        }
        closed_unchecked(*first, *second, tree);
    }
}

// `file, err := open()` and then `defer file.Close()`.
fn closed_unchecked(first: Node<'_>, second: Node<'_>, tree: &mut Tree<'_>) {
    if !matches!(first.kind(), "short_var_declaration" | "assignment_statement") || second.kind() != "defer_statement" {
        return;
    }
    let names = first.child_by_field_name("left").map(children).unwrap_or_default();
    let values = first.child_by_field_name("right").map(children).unwrap_or_default();
    let ([file, .., error], [value]) = (names.as_slice(), values.as_slice()) else { return };
    let closed = second.named_child(0).filter(|call| call.kind() == "call_expression");
    let Some((opened, "Close")) = closed.and_then(|call| method(call, tree)) else { return };
    if value.kind() == "call_expression"
        && file.kind() == "identifier"
        && tree.text(*error) != "_"
        && opened.split('.').next() == Some(tree.text(*file))
    {
        tree.hit(&rules::GO_SA5001, second, "look at the error first: there may be nothing to close");
    }
}

// A `break` at the end of a case leaves the case, which ends there, and not the loop.
fn jumps_out_of_less(node: Node<'_>, tree: &mut Tree<'_>) {
    let Some(body) = node.child_by_field_name("body") else { return };
    for statement in statements(body) {
        if !matches!(statement.kind(), "expression_switch_statement" | "select_statement") {
            continue;
        }
        for case in children(statement) {
            if !matches!(case.kind(), "expression_case" | "communication_case" | "default_case") {
                continue;
            }
            let Some(last) = statements(case).pop() else { continue };
            let mut ends = vec![last];
            if last.kind() == "if_statement" {
                let branches = ["consequence", "alternative"].map(|name| last.child_by_field_name(name));
                let blocks = branches.into_iter().flatten().filter(|branch| branch.kind() == "block");
                ends = blocks.filter_map(|block| statements(block).pop()).collect();
            }
            for end in ends {
                if end.kind() == "break_statement" && end.named_child_count() == 0 {
                    tree.hit(&rules::GO_SA4011, end, "this leaves the case, which ends here, and not the loop");
                }
            }
        }
    }
}

fn enter(node: Node<'_>, endless: bool, function: bool, tree: &mut Tree<'_>) {
    tree.open.push(Open { end: node.end_byte(), endless, function, left: false, deferred: Vec::new() });
}

/// Tells of the loops that end before an offset.
pub(super) fn settle(at: usize, tree: &mut Tree<'_>) {
    while let Some(open) = tree.open.pop_if(|open| open.end <= at) {
        for span in open.deferred.into_iter().filter(|_| open.endless && !open.left) {
            tree.hit_at(&rules::GO_SA5003, span, "the loop never ends, so this never runs");
        }
    }
}

// A loop with branches whose body leaves it at its end, whatever they do.
fn ends_at_once(node: Node<'_>, tree: &mut Tree<'_>) {
    let Some(body) = node.child_by_field_name("body") else { return };
    let own = statements(body);
    let branches = own.iter().any(|one| {
        matches!(
            one.kind(),
            "if_statement"
                | "for_statement"
                | "expression_switch_statement"
                | "type_switch_statement"
                | "select_statement"
        )
    });
    let last = own.iter().rev().find(|one| {
        one.kind() == "return_statement" || one.kind() == "break_statement" && one.named_child_count() == 0
    });
    if let Some(last) = last.filter(|_| branches)
        && !["continue", "goto"].iter().any(|jump| tree.text(body).contains(jump))
    {
        tree.hit(&rules::GO_SA4004, *last, "the loop never comes to a second round");
    }
}

// Groups of constants, which blank lines separate, of which only the first has a type.
fn constants(node: Node<'_>, tree: &mut Tree<'_>) {
    let mut cursor = node.walk();
    if !node.children(&mut cursor).any(|child| child.kind() == "(") {
        return;
    }
    let mut groups: Vec<Vec<Node<'_>>> = Vec::new();
    let mut line = None;
    for spec in children(node) {
        let own = spec.start_position().row;
        if line.is_some_and(|line| line + 1 == own)
            && let Some(group) = groups.last_mut()
        {
            group.push(spec);
        } else {
            groups.push(vec![spec]);
        }
        line = Some(spec.end_position().row);
    }
    for group in groups {
        let literal = |spec: &Node<'_>| {
            let mut cursor = spec.walk();
            let values = spec.child_by_field_name("value").map(children).unwrap_or_default();
            let [value] = values.as_slice() else { return false };
            let value = if value.kind() == "unary_expression" { value.named_child(0) } else { Some(*value) };
            spec.children_by_field_name("name", &mut cursor).count() == 1
                && value.is_some_and(|value| value.kind().ends_with("_literal") && value.kind() != "func_literal")
        };
        let typed = |spec: &Node<'_>| spec.child_by_field_name("type").is_some();
        let is_text = |spec: &Node<'_>| {
            let value = spec.child_by_field_name("value").and_then(|list| list.named_child(0));
            value.is_some_and(|value| value.kind().contains("string"))
        };
        let [first, rest @ ..] = group.as_slice() else { continue };
        if !rest.is_empty()
            && typed(first)
            && !rest.iter().any(typed)
            && group.iter().all(literal)
            && rest.iter().all(|one| is_text(one) == is_text(first))
        {
            tree.hit(&rules::GO_SA9004, *first, "only the first of these constants has the type");
        }
    }
}

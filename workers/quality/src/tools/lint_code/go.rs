//! Rules about Go alone, under staticcheck's ids.

use super::go_types::{Declared, declared, is_bool, may_be_float, may_be_map, method, result, type_of};
use super::table as rules;
use super::trees::{Tree, bare, children, statements};
use std::collections::BTreeMap;
use std::ops::Range;
use tree_sitter::Node;

// Longest literal, in nanoseconds, that is taken for a mistaken unit: staticcheck's figure.
const MAX_SMALL_SLEEP: u64 = 120;

// Calls in one another that are looked into, and parts of code that are, to see whether it changes anything.
const MAX_CALLS: usize = 8;
const MAX_PARTS: usize = 400;

// Conditions of one chain that are compared.
const MAX_CONDITIONS: usize = 200;

/// A loop, or a function in one, that the walk is in.
pub(super) struct Open {
    end: usize,
    // A loop without a condition.
    endless: bool,
    function: bool,
    left: bool,
    deferred: Vec<Range<usize>>,
}

/// Whether the first lines say that a generator wrote a file.
pub(super) fn is_generated(source: &str) -> bool {
    source.lines().any(|line| {
        line == "// Created by cgo - DO NOT EDIT"
            || line.starts_with("// Code generated ") && line.ends_with(" DO NOT EDIT.")
    })
}

/// Looks at a node.
pub(super) fn look<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    settle(node.start_byte(), tree);
    match node.kind() {
        "binary_expression" => compared(node, around, tree),
        "unary_expression" if is_sign(node, "!", tree) => {
            let inner = node.child_by_field_name("operand").map(bare);
            if inner.is_some_and(|inner| inner.kind() == "unary_expression" && is_sign(inner, "!", tree)) {
                tree.hit(&rules::GO_SA4013, node, "`!` twice is nothing");
            }
        }
        "call_expression" => call(node, around, tree),
        "go_statement" => started(node, around, tree),
        "if_statement" => {
            emptied(node, around, tree);
            repeated(node, around, tree);
        }
        "assignment_statement" => same(node, around, tree),
        "statement_list" => neighbours(node, around, tree),
        "for_statement" => {
            jumps_out_of_less(node, tree);
            ends_at_once(node, around, tree);
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

fn compared<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right), Some(sign)) = (field("left"), field("right"), field("operator")) else { return };
    let sign = tree.text(sign);
    same_sides(node, sign, left, right, around, tree);
    if matches!(sign, "==" | "!=" | "<" | ">" | "<=" | ">=") {
        if [left, right].iter().any(|side| is_nan(bare(*side), around, tree)) {
            tree.hit(&rules::GO_SA4012, node, "no value equals NaN: use math.IsNaN");
        }
        let address = bare(left).kind() == "unary_expression" && is_sign(bare(left), "&", tree);
        if matches!(sign, "==" | "!=") && address && bare(right).kind() == "nil" {
            tree.hit(&rules::GO_SA4022, node, "the address of a variable is never nil");
        }
    }
    if matches!(sign, "==" | "!=") && !tree.is_test() && !tree.is_generated {
        let other = match (is_truth(left, around, tree), is_truth(right, around, tree)) {
            (true, _) => Some(right),
            (_, true) => Some(left),
            _ => None,
        };
        if other
            .is_some_and(|other| type_of(other, around, tree).is_none_or(|of| is_bool(of, around, tree) != Some(false)))
        {
            tree.hit(&rules::GO_S1002, node, "the value is the answer already");
        }
    }
    if matches!(sign, "&" | "|" | "^") && is_zero(right, around, tree) {
        tree.hit(&rules::GO_SA4016, node, "an operation on bits with 0 does nothing, or gives 0");
    }
}

// Whether an expression is `true` or `false`, or a constant that is, without a type of its own.
fn is_truth<'t>(side: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    if side.kind() != "identifier" {
        return matches!(side.kind(), "true" | "false");
    }
    let Some((Declared::Constant(spec, _), _)) = declared(tree.text(side), side.start_byte(), around, tree) else {
        return false;
    };
    let values = spec.child_by_field_name("value").map(children).unwrap_or_default();
    spec.child_by_field_name("type").is_none_or(|of| tree.text(of) == "bool")
        && matches!(values.as_slice(), [value] if matches!(value.kind(), "true" | "false"))
}

// Whether a literal is 0, or a constant that counts from it and is the first.
fn is_zero<'t>(side: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    if side.kind() != "identifier" {
        return bare(side).kind() == "int_literal" && tree.integer(bare(side)) == Some(0);
    }
    let found = declared(tree.text(side), side.start_byte(), around, tree);
    let Some((Declared::Constant(spec, true), _)) = found else { return false };
    let mut cursor = spec.walk();
    let names = spec.children_by_field_name("name", &mut cursor).filter(Node::is_named).count();
    names == 1
        && declared("iota", usize::MAX, around, tree).is_none()
        && spec.child_by_field_name("value").is_some_and(|list| tree.text(list) == "iota")
}

// `math.NaN()`, or a variable of the function that is always that.
fn is_nan<'t>(side: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    if side.kind() != "identifier" {
        return tree.text(side) == "math.NaN()";
    }
    let name = tree.text(side);
    let Some((Declared::Valued(value, _, false), depth)) = declared(name, side.start_byte(), around, tree) else {
        return false;
    };
    let scope = around.get(depth - 1).filter(|scope| scope.kind() != "source_file");
    tree.text(value) == "math.NaN()" && scope.is_some_and(|scope| !is_set(name, *scope, tree))
}

// Whether a variable is assigned to, or its address is taken.
fn is_set(name: &str, scope: Node<'_>, tree: &Tree<'_>) -> bool {
    let mut pending = vec![scope];
    while let Some(node) = pending.pop() {
        if !tree.afford(node.named_child_count()) {
            return true;
        }
        let target = match node.kind() {
            "assignment_statement" => node.child_by_field_name("left"),
            "inc_statement" | "dec_statement" => Some(node),
            "unary_expression" if is_sign(node, "&", tree) => Some(node),
            _ => None,
        };
        if target.is_some_and(|target| children(target).iter().any(|one| tree.text(bare(*one)) == name)) {
            return true;
        }
        pending.extend(children(node));
    }
    false
}

// The same on both sides of an operator for which that is no use. Floats differ from themselves where they are NaN.
fn same_sides<'t>(
    node: Node<'t>,
    sign: &str,
    left: Node<'t>,
    right: Node<'t>,
    around: &[Node<'t>],
    tree: &mut Tree<'_>,
) {
    let compares = matches!(sign, "==" | "!=");
    if !compares && !matches!(sign, "-" | "/" | "&" | "%" | "|" | "^" | "&^" | "&&" | "||" | "<" | ">" | "<=" | ">=") {
        return;
    }
    if left.kind() != right.kind() || tree.plain(left).is_none_or(|text| tree.plain(right) != Some(text)) {
        return;
    }
    if tree.is_generated && tree.text(left) == "0" {
        return;
    }
    if let Some((
        package,
        "Int" | "Int31" | "Int31n" | "Int63" | "Int63n" | "Intn" | "Uint32" | "Uint64" | "ExpFloat64" | "Float32"
        | "Float64" | "NormFloat64",
    )) = method_of(left, tree)
        && (package == "rand" || type_of_text(left, around, tree).is_some_and(|of| of.ends_with("rand.Rand")))
    {
        return;
    }
    let float = match type_of(left, around, tree) {
        Some(of) => may_be_float(of, around, tree),
        // What is of no type here may be a float where it is compared or counted with.
        None => None,
    };
    let never = matches!(sign, "&" | "|" | "^" | "&^" | "%" | "&&" | "||" | "<" | ">" | "<=" | ">=");
    if float == Some(false) || float.is_none() && never {
        tree.hit(&rules::GO_SA4000, node, "both sides are the same");
    }
}

fn method_of<'s>(call: Node<'_>, tree: &Tree<'s>) -> Option<(&'s str, &'s str)> {
    if call.kind() == "call_expression" { called_on(call, tree) } else { None }
}

// The type, as it is written, of what a method is called on.
fn type_of_text<'t, 's>(call: Node<'t>, around: &[Node<'t>], tree: &Tree<'s>) -> Option<&'s str> {
    let operand = call.child_by_field_name("function")?.child_by_field_name("operand")?;
    match type_of(operand, around, tree)? {
        super::go_types::Type::Written(of) => Some(tree.text(of)),
        _ => None,
    }
}

// Branches without anything in them; what follows on a condition tells what it is for.
fn emptied<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let example = |outer: &Node<'t>| {
        let name = outer.child_by_field_name("name").filter(|_| outer.kind() == "function_declaration");
        name.is_some_and(|name| tree.text(name).starts_with("Example"))
    };
    if tree.is_generated || tree.is_test() && around.iter().any(example) {
        return;
    }
    let nothing = |branch: Node<'t>| branch.kind() == "block" && statements(branch).is_empty();
    if let Some(alternative) = node.child_by_field_name("alternative") {
        if !nothing(alternative) {
            return;
        }
        tree.hit(&rules::GO_SA9003, alternative, "a branch without anything in it");
    }
    if node.child_by_field_name("consequence").is_some_and(nothing) {
        tree.hit(&rules::GO_SA9003, node, "a branch without anything in it");
    }
}

// Conditions of a chain that stand in it already, where none of them does or binds anything.
fn repeated<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let alternative = |node: Node<'t>| node.child_by_field_name("alternative");
    if around
        .last()
        .is_some_and(|outer| outer.kind() == "if_statement" && alternative(*outer).map(|it| it.id()) == Some(node.id()))
    {
        return;
    }
    let mut tests = Vec::new();
    let mut next = Some(node);
    while let Some(one) = next.filter(|one| one.kind() == "if_statement" && tests.len() < MAX_CONDITIONS) {
        let Some(test) = one.child_by_field_name("condition") else { return };
        if one.child_by_field_name("initializer").is_some() || may_do(test, tree) {
            return;
        }
        tests.push(test);
        next = alternative(one);
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for test in tests {
        let count = counts.entry(tree.plain(test).unwrap_or_default()).or_default();
        *count += 1;
        if *count == 2 && tree.plain(test).is_some() {
            tree.hit(&rules::GO_SA4014, test, "the condition stands in the chain already");
        }
    }
}

// Whether an expression may change anything: it calls, waits, or takes an address.
fn may_do(node: Node<'_>, tree: &Tree<'_>) -> bool {
    let mut pending = vec![node];
    let mut seen = 0;
    while let Some(node) = pending.pop() {
        seen += 1;
        let does = match node.kind() {
            "call_expression" => true,
            "unary_expression" => is_sign(node, "<-", tree) || is_sign(node, "&", tree),
            _ => false,
        };
        if does || seen > MAX_PARTS {
            return true;
        }
        if node.kind() != "func_literal" {
            pending.extend(children(node));
        }
    }
    false
}

// `a, b = a, c`, a finding for each value that stays where it is.
fn same<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let side = |name: &str| node.child_by_field_name(name).map(children).unwrap_or_default();
    let (left, right) = (side("left"), side("right"));
    if !is_sign(node, "=", tree) || left.len() != right.len() || tree.is_generated {
        return;
    }
    for (target, value) in left.into_iter().zip(right) {
        let same =
            target.kind() == value.kind() && tree.plain(target).is_some_and(|text| tree.plain(value) == Some(text));
        if same && tree.text(target) != "_" && is_still(target, around, MAX_CALLS, tree) {
            tree.hit(&rules::GO_SA4018, node, "a value is assigned to itself");
        }
    }
}

// Whether an expression changes nothing, the functions of this file that it calls included.
fn is_still<'t>(node: Node<'t>, around: &[Node<'t>], calls: usize, tree: &Tree<'_>) -> bool {
    let mut pending = vec![node];
    let mut seen = 0;
    while let Some(node) = pending.pop() {
        seen += 1;
        let still = match node.kind() {
            "call_expression" => {
                let function = node.child_by_field_name("function");
                let name = function.filter(|function| function.kind() == "identifier").map(|name| tree.text(name));
                let found = name.and_then(|name| declared(name, node.start_byte(), around, tree));
                match (name, found) {
                    (Some("len" | "cap"), None) => true,
                    (_, Some((Declared::Function(function), _))) => only_computes(function, around, calls, tree),
                    _ => false,
                }
            }
            "unary_expression" => !is_sign(node, "<-", tree) && !is_sign(node, "&", tree),
            _ => true,
        };
        if !still || seen > MAX_PARTS {
            return false;
        }
        if node.kind() != "func_literal" {
            pending.extend(children(node));
        }
    }
    true
}

// Whether a function is of plain values, and does nothing but to compute with them.
fn only_computes<'t>(function: Node<'t>, around: &[Node<'t>], calls: usize, tree: &Tree<'_>) -> bool {
    let Some(calls) = calls.checked_sub(1) else { return false };
    let parameters = function.child_by_field_name("parameters").map(children).unwrap_or_default();
    let plain = |one: &Node<'t>| {
        let of = one.child_by_field_name("type").map_or("", |of| tree.text(of));
        one.kind() == "parameter_declaration"
            && matches!(of.trim_start_matches(|c: char| c.is_ascii_alphabetic()), "" | "8" | "16" | "32" | "64" | "128")
            && of.starts_with(|c: char| c.is_ascii_lowercase())
            && !matches!(of, "any" | "error")
    };
    let Some(body) = function.child_by_field_name("body") else { return false };
    let own = statements(body);
    let constant = |node: Node<'t>| node.kind().ends_with("literal") || matches!(node.kind(), "true" | "false" | "nil");
    // What gives a constant is a stub, which will do more some day.
    let stub = parameters.is_empty()
        && own.iter().all(|one| {
            one.kind() == "return_statement"
                && one.named_child(0).is_some_and(|list| children(list).into_iter().all(constant))
        });
    if result(function, 0).is_none() || !parameters.iter().all(plain) || stub {
        return false;
    }
    let file = around.get(..1).unwrap_or_default();
    let mut pending = own;
    let mut seen = 0;
    while let Some(node) = pending.pop() {
        seen += 1;
        let kept = match node.kind() {
            "identifier" => {
                let known = parameters.iter().any(|one| {
                    let mut cursor = one.walk();
                    one.children_by_field_name("name", &mut cursor).any(|name| tree.text(name) == tree.text(node))
                });
                known
                    || declared(tree.text(node), usize::MAX, file, tree)
                        .is_none_or(|(found, _)| !matches!(found, Declared::Typed(_) | Declared::Valued(..)))
            }
            "call_expression" => is_still(node, file, calls, tree),
            "unary_expression" => !is_sign(node, "<-", tree) && !is_sign(node, "&", tree) && !is_sign(node, "*", tree),
            kind => {
                matches!(
                    kind,
                    "return_statement"
                        | "expression_list"
                        | "binary_expression"
                        | "parenthesized_expression"
                        | "argument_list"
                        | "if_statement"
                        | "block"
                        | "statement_list"
                        | "short_var_declaration"
                        | "assignment_statement"
                        | "nil"
                        | "true"
                        | "false"
                ) || kind.ends_with("_literal") && !matches!(kind, "func_literal" | "composite_literal")
            }
        };
        if !kept || seen > MAX_PARTS {
            return false;
        }
        pending.extend(children(node));
    }
    true
}

// What is called on what: `a.b` and `f` of `a.b.f(..)`.
fn called_on<'s>(call: Node<'_>, tree: &Tree<'s>) -> Option<(&'s str, &'s str)> {
    let function = call.child_by_field_name("function").filter(|function| function.kind() == "selector_expression")?;
    Some((tree.text(function.child_by_field_name("operand")?), tree.text(function.child_by_field_name("field")?)))
}

fn call<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let Some(arguments) = node.child_by_field_name("arguments").map(children) else { return };
    let [only] = arguments.as_slice() else { return };
    let function = node.child_by_field_name("function").map_or("", |function| tree.text(function));
    if function == "append"
        && !tree.is_generated
        && only.kind() != "variadic_argument"
        && declared("append", node.start_byte(), around, tree).is_none()
    {
        tree.hit(&rules::GO_SA4021, node, "nothing is appended");
    }
    let literal = bare(*only);
    let nanoseconds = if literal.kind() == "int_literal" { tree.integer(literal) } else { None };
    if function == "time.Sleep" && nanoseconds.is_some_and(|count| (1..=MAX_SMALL_SLEEP).contains(&count)) {
        tree.hit(&rules::GO_SA1004, literal, "these are nanoseconds: multiply by a unit, such as time.Millisecond");
    }
}

// `go func() { group.Add(1) .. group.Done() }()`: only a group that is waited for has both.
fn started<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let literal = node.named_child(0).and_then(|call| call.child_by_field_name("function"));
    let Some(body) = literal.filter(|it| it.kind() == "func_literal").and_then(|it| it.child_by_field_name("body"))
    else {
        return;
    };
    let Some(first) = statements(body).first().and_then(|first| first.named_child(0)) else { return };
    if first.kind() == "call_expression"
        && let Some((group, "Add")) = called_on(first, tree)
        && (tree.text(body).contains(&format!("{group}.Done(")) || is_group(first, around, tree))
    {
        tree.hit(&rules::GO_SA2000, first, "the one who waits may be done before this is counted");
    }
}

// Whether a method is of a wait group, as its variable is declared.
fn is_group<'t>(call: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    type_of_text(call, around, tree).is_some_and(|of| of.trim_start_matches('*') == "sync.WaitGroup")
}

fn neighbours<'t>(list: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let mut own = around.to_vec();
    own.push(list);
    for pair in children(list).windows(2) {
        let [first, second] = pair else { continue };
        // Methods of this file of that name may be of another kind: they take or give something.
        let locks = |call: Node<'t>| {
            let found =
                call.child_by_field_name("function").and_then(|function| method(function, &own, MAX_CALLS, tree));
            let takes = |function: Node<'t>| {
                function.child_by_field_name("parameters").is_some_and(|list| list.named_child_count() > 0)
            };
            call.child_by_field_name("arguments").is_some_and(|list| list.named_child_count() == 0)
                && found.is_none_or(|function| !takes(function) && function.child_by_field_name("result").is_none())
        };
        let called = |statement: Node<'t>| {
            let call = if statement.kind() == "expression_statement" { statement.named_child(0) } else { None };
            let call = call.filter(|call| call.kind() == "call_expression")?;
            let found = called_on(call, tree)?;
            (matches!(found.1, "Lock" | "Unlock" | "RLock" | "RUnlock") && locks(call)).then_some(found)
        };
        if let (Some((lock, takes)), Some((same, leaves))) = (called(*first), called(*second))
            && lock == same
            && matches!((takes, leaves), ("Lock", "Unlock") | ("RLock", "RUnlock"))
        {
            tree.hit(&rules::GO_SA2001, *second, "nothing stands between lock and unlock");
        }
        closed_unchecked(*first, *second, &own, tree);
    }
}

// `file, err := open()` and then `defer file.Close()`.
fn closed_unchecked<'t>(first: Node<'t>, second: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    if !matches!(first.kind(), "short_var_declaration" | "assignment_statement") || second.kind() != "defer_statement" {
        return;
    }
    let names = first.child_by_field_name("left").map(children).unwrap_or_default();
    let values = first.child_by_field_name("right").map(children).unwrap_or_default();
    let ([file, .., error], [value]) = (names.as_slice(), values.as_slice()) else { return };
    let closed = second.named_child(0).filter(|call| call.kind() == "call_expression");
    let Some((opened, "Close")) = closed.and_then(|call| called_on(call, tree)) else { return };
    if value.kind() == "call_expression"
        && file.kind() == "identifier"
        && is_error(*error, *value, names.len(), around, tree)
        && opened.split('.').next() == Some(tree.text(*file))
    {
        tree.hit(&rules::GO_SA5001, second, "look at the error first: there may be nothing to close");
    }
}

// Whether the last of what a call gives is an error, by the function's result or by what it is called.
fn is_error<'t>(error: Node<'t>, call: Node<'t>, count: usize, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    let name = tree.text(error);
    let function = call.child_by_field_name("function").filter(|function| function.kind() == "identifier");
    let found = function.and_then(|function| declared(tree.text(function), call.start_byte(), around, tree));
    if let Some((Declared::Function(function), _)) = found {
        let last = result(function, count - 1);
        return name != "_" && matches!(last, Some(super::go_types::Type::Written(of)) if tree.text(of) == "error");
    }
    name == "e" || name.to_ascii_lowercase().contains("err")
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
                if last.child_by_field_name("consequence").is_none_or(|then| statements(then).is_empty()) {
                    continue;
                }
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

// A loop with branches whose body leaves it whatever they do. To look at one entry of a map, it is looped over.
fn ends_at_once<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let Some(body) = node.child_by_field_name("body") else { return };
    let own = statements(body);
    let label = around.last().filter(|outer| outer.kind() == "labeled_statement");
    let label = label.and_then(|outer| outer.child_by_field_name("label")).map(|label| tree.text(label));
    // Where a jump goes that names no label, or one.
    let own_jump = |jump: Node<'t>| jump.named_child(0).is_none_or(|to| Some(tree.text(to)) == label);
    let branches = own.iter().any(|one| {
        matches!(one.kind(), "if_statement" | "for_statement" | "expression_switch_statement" | "select_statement")
    });
    let last = own
        .iter()
        .rfind(|one| one.kind() == "return_statement" || one.kind() == "break_statement" && own_jump(**one))
        .filter(|_| branches);
    let Some(last) = last else { return };
    let over = node
        .named_child(0)
        .filter(|head| head.kind() == "range_clause")
        .and_then(|head| head.child_by_field_name("right"));
    if over.is_some_and(|over| type_of(over, around, tree).and_then(|of| may_be_map(of, around, tree)) != Some(false)) {
        return;
    }
    let mut pending = vec![body];
    while let Some(node) = pending.pop() {
        if !tree.afford(node.named_child_count())
            || node.kind() == "goto_statement"
            || node.kind() == "continue_statement" && own_jump(node)
        {
            return;
        }
        pending.extend(children(node));
    }
    tree.hit(&rules::GO_SA4004, *last, "the loop never comes to a second round");
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

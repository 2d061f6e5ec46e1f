//! Rules about C alone, under the names of warnings of GCC and Clang, and under clang-tidy's ids.

use super::table as rules;
use super::trees::{Tree, bare, children, is_pure};
use std::collections::BTreeSet;
use tree_sitter::Node;

// Code before a call of realloc in which a copy of the pointer is looked for.
const MAX_LOOKED_BACK: usize = 4_000;

// Operands of one chain that are compared.
const MAX_OPERANDS: usize = 100;

/// Looks at a node.
pub(super) fn look<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    match node.kind() {
        "binary_expression" => negated(node, tree),
        "if_statement" => dangling(node, around, tree),
        "call_expression" => cleared(node, tree),
        "assignment_expression" => grown(node, around, tree),
        "expression_statement" => {
            let compares = node.named_child(0).filter(|it| it.kind() == "binary_expression").is_some_and(|it| {
                let sign = it.child_by_field_name("operator").map_or("", |sign| tree.text(sign));
                matches!(sign, "==" | "!=" | "<" | ">" | "<=" | ">=")
            });
            if compares && around.last().is_some_and(|outer| outer.kind() != "parenthesized_expression") {
                tree.hit(&rules::C_UNUSED_COMPARISON, node, "what is compared is not used");
            }
        }
        "sizeof_expression"
            if node.child_by_field_name("value").map(bare).is_some_and(|it| it.kind() == "sizeof_expression") =>
        {
            tree.hit(&rules::C_SIZEOFSIZEOF, node, "this is the size of a size");
        }
        "while_statement" | "do_statement" => {
            if let Some(test) = node.child_by_field_name("condition")
                && test.named_child(0).is_some_and(|it| assigns(it, tree))
            {
                tree.hit(&rules::C_PARENTHESES, test, "an assignment stands where a comparison is expected");
            }
        }
        "compound_statement" | "case_statement" => {
            let statements = children(node);
            for pair in statements.windows(2) {
                if let [first, second] = pair {
                    misled(*first, *second, tree);
                    emptied(*first, *second, tree);
                }
            }
        }
        _ => {}
    }
}

/// Whether both sides of an operator may be the same for a reason: floats are compared with themselves to find what is no number.
pub(super) fn may_be_float<'t>(sign: &str, side: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    if matches!(sign, "&" | "|" | "^" | "%") {
        return false;
    }
    let unknown = matches!(sign, "==" | "!=" | "-" | "/");
    let mut inner = bare(side);
    let mut deep = false;
    loop {
        inner = match inner.kind() {
            "number_literal" => return tree.integer(inner).is_none(),
            "char_literal" | "string_literal" | "sizeof_expression" | "true" | "false" | "null" => return false,
            "subscript_expression" | "pointer_expression" => {
                deep = true;
                match inner.child_by_field_name("argument") {
                    Some(next) => bare(next),
                    None => return unknown,
                }
            }
            "binary_expression" => {
                let own = inner.child_by_field_name("operator").map_or("", |sign| tree.text(sign));
                if matches!(
                    own,
                    "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" | "&" | "|" | "^" | "%" | "<<" | ">>"
                ) {
                    return false;
                }
                return ["left", "right"].iter().any(|name| {
                    inner.child_by_field_name(name).is_none_or(|part| may_be_float("==", part, around, tree))
                });
            }
            "unary_expression" => match inner.child_by_field_name("argument") {
                Some(_) if tree.text(inner).starts_with(['!', '~']) => return false,
                Some(next) => bare(next),
                None => return unknown,
            },
            "identifier" => break,
            _ => return unknown,
        };
    }
    let Some(function) = around.iter().find(|outer| outer.kind() == "function_definition") else { return unknown };
    match declared(tree.text(inner), *function, tree) {
        Some((_, true)) if !deep => false,
        Some((of, _)) if of.contains("float") || of.contains("double") => true,
        Some((of, _)) => unknown && !of.split_whitespace().all(is_whole),
        None => unknown,
    }
}

// Whether a word of a type is of whole numbers.
fn is_whole(word: &str) -> bool {
    matches!(
        word,
        "int" | "char" | "short" | "long" | "unsigned" | "signed" | "const" | "volatile" | "bool" | "_Bool" | "enum"
    ) || word.ends_with("_t")
}

// The type that a function declares a name with, and whether as a pointer or an array.
fn declared<'s>(name: &str, function: Node<'_>, tree: &Tree<'s>) -> Option<(&'s str, bool)> {
    let mut pending = vec![function];
    while let Some(node) = pending.pop() {
        if !tree.afford(node.named_child_count()) {
            return None;
        }
        if matches!(node.kind(), "declaration" | "parameter_declaration") {
            let mut cursor = node.walk();
            for declarator in node.children_by_field_name("declarator", &mut cursor) {
                let mut inner = Some(declarator);
                let mut points = false;
                while let Some(one) = inner.filter(|one| one.kind() != "identifier") {
                    points |= matches!(one.kind(), "pointer_declarator" | "array_declarator");
                    inner = one.child_by_field_name("declarator");
                }
                if inner.is_some_and(|own| tree.text(own) == name) {
                    return node.child_by_field_name("type").map(|of| (tree.text(of), points));
                }
            }
        }
        pending.extend(children(node));
    }
    None
}

/// Whether a branch has what GCC does not compare: what it declares, loops, and what macros stand for.
pub(super) fn is_uncompared(branch: Node<'_>, tree: &Tree<'_>) -> bool {
    let mut pending = vec![branch];
    while let Some(node) = pending.pop() {
        let uncompared = match node.kind() {
            "declaration" | "for_statement" | "while_statement" | "do_statement" | "switch_statement"
            | "labeled_statement" => true,
            "call_expression" => node.child_by_field_name("function").is_some_and(|function| {
                let name = tree.text(function);
                function.kind() == "identifier" && !name.contains(|c: char| c.is_ascii_lowercase())
            }),
            kind => kind.starts_with("preproc"),
        };
        if uncompared || !tree.afford(node.named_child_count()) {
            return true;
        }
        pending.extend(children(node));
    }
    branch.kind() == "compound_statement" && children(branch).is_empty()
}

/// What a branch does, without the braces around one statement.
pub(super) fn unbraced(branch: Node<'_>) -> Node<'_> {
    match children(branch).as_slice() {
        [only] if branch.kind() == "compound_statement" => *only,
        _ => branch,
    }
}

/// An operand that stands in a chain of one operator already, though not beside the first.
pub(super) fn chained<'t>(node: Node<'t>, sign: &str, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let operator = |node: Node<'t>, tree: &Tree<'_>| {
        let own = node.child_by_field_name("operator").map(|own| tree.text(own));
        node.kind() == "binary_expression" && own == Some(sign)
    };
    let outer = around.iter().rev().find(|outer| outer.kind() != "parenthesized_expression");
    if !matches!(sign, "&" | "|" | "&&" | "||") || outer.is_some_and(|outer| operator(*outer, tree)) {
        return;
    }
    let mut operands = Vec::new();
    let mut pending = vec![node];
    while let Some(one) = pending.pop().filter(|_| operands.len() < MAX_OPERANDS) {
        match (one.child_by_field_name("left"), one.child_by_field_name("right")) {
            (Some(left), Some(right)) if operator(one, tree) => pending.extend([bare(right), bare(left)]),
            _ => operands.push(one),
        }
    }
    let pair = |operands: &[Node<'t>], tree: &Tree<'_>| {
        let mut known = BTreeSet::new();
        operands.iter().any(|one| is_pure(*one) && tree.plain(*one).is_some_and(|text| !known.insert(text)))
    };
    // Two of them alone are the two sides of an operator.
    if operands.len() > 2 && pair(&operands, tree) {
        tree.hit_once(&rules::C_MISC_REDUNDANT_EXPRESSION, node, "an operand stands in the chain already");
    }
}

/// Whether an expression sets what a comparison was more likely meant for.
pub(super) fn assigns(node: Node<'_>, tree: &Tree<'_>) -> bool {
    let sign = node.child_by_field_name("operator").map_or("", |sign| tree.text(sign));
    node.kind() == "assignment_expression" && matches!(sign, "=" | "|=")
}

// `!a == b`.
fn negated(node: Node<'_>, tree: &mut Tree<'_>) {
    let field = |node: Node<'_>, name: &str| node.child_by_field_name(name).map_or("", |part| tree.text(part));
    let is_truth = |node: Node<'_>| {
        let node = bare(node);
        let sign = field(node, "operator");
        matches!(node.kind(), "true" | "false")
            || node.kind() == "unary_expression" && sign == "!"
            || node.kind() == "binary_expression" && matches!(sign, "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||")
    };
    let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
        return;
    };
    let inner = left.child_by_field_name("argument").filter(|_| field(left, "operator") == "!");
    if matches!(field(node, "operator"), "==" | "!=" | "<" | ">" | "<=" | ">=" | "&")
        && left.kind() == "unary_expression"
        && inner.is_some_and(|inner| !is_truth(inner))
        && !is_truth(right)
    {
        tree.hit(&rules::C_LOGICAL_NOT_PARENTHESES, node, "`!` is of the left side alone");
    }
}

// An `else` that is laid out as the outer condition's, and belongs to the inner one.
fn dangling<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let Some(alternative) = node.child_by_field_name("alternative") else { return };
    let mut inner = node;
    for outer in around.iter().rev() {
        match outer.kind() {
            "while_statement" | "for_statement" => {}
            "if_statement" => {
                let own = outer.child_by_field_name("consequence").map(|one| one.id()) == Some(inner.id());
                if own && outer.child_by_field_name("alternative").is_none() {
                    tree.hit(&rules::C_DANGLING_ELSE, alternative, "this `else` belongs to the inner condition");
                }
                return;
            }
            _ => return,
        }
        inner = *outer;
    }
}

fn arguments<'t>(call: Node<'t>, name: &str, tree: &Tree<'_>) -> Vec<Node<'t>> {
    let called = call.child_by_field_name("function").is_some_and(|function| tree.text(function) == name);
    call.child_by_field_name("arguments").filter(|_| called).map(children).unwrap_or_default()
}

fn cleared(node: Node<'_>, tree: &mut Tree<'_>) {
    if let [_, value, size] = arguments(node, "memset", tree).as_slice()
        && tree.integer(*size) == Some(0)
        && tree.integer(*value) != Some(0)
    {
        tree.hit(&rules::C_MEMSET_TRANSPOSED_ARGS, *size, "nothing is set: value and size are mixed up");
    }
}

// `p = realloc(p, n)`, where nothing else keeps what `p` was.
fn grown<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right)) = (field("left"), field("right")) else { return };
    let mut call = bare(right);
    while call.kind() == "cast_expression"
        && let Some(inner) = call.child_by_field_name("value")
    {
        call = bare(inner);
    }
    let call = Some(call).filter(|it| it.kind() == "call_expression");
    let Some(&[kept, _]) = call.map(|call| arguments(call, "realloc", tree)).as_deref() else { return };
    let mut kept = bare(kept);
    while kept.kind() == "cast_expression"
        && let Some(inner) = kept.child_by_field_name("value")
    {
        kept = bare(inner);
    }
    let name = tree.text(left);
    if name != tree.text(kept) || !tree.is_name(left) {
        return;
    }
    let copied = around.iter().find(|outer| outer.kind() == "function_definition").is_some_and(|function| {
        let before = tree.last_before(node, MAX_LOOKED_BACK.min(node.start_byte() - function.start_byte()));
        before.split('=').skip(1).any(|rest| {
            let rest = rest.trim_start().strip_prefix(name).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with([';', ',']))
        })
    });
    if !copied {
        tree.hit(
            &rules::C_BUGPRONE_SUSPICIOUS_REALLOC_USAGE,
            node,
            "where there is no memory left, the old block is lost",
        );
    }
}

// The statement that a condition, an `else` or a loop without braces guards last, and what guards it.
fn guarded(statement: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let mut guard = statement;
    let mut body = None;
    loop {
        let inner = match guard.kind() {
            "if_statement" => guard.child_by_field_name("alternative").or(guard.child_by_field_name("consequence")),
            "else_clause" => guard.named_child(0),
            "while_statement" | "for_statement" => guard.child_by_field_name("body"),
            _ => return body,
        }?;
        body = Some((guard, inner));
        guard = inner;
    }
}

fn misled(statement: Node<'_>, next: Node<'_>, tree: &mut Tree<'_>) {
    let Some((guard, body)) = guarded(statement) else { return };
    if matches!(body.kind(), "compound_statement" | "comment") || tree.text(body) == ";" {
        return;
    }
    let (Some(outer), Some(own), Some(after)) = (tree.margin(guard), tree.margin(body), tree.margin(next)) else {
        return;
    };
    if own == after && own.len() > outer.len() && own.starts_with(outer) && next.kind() != "labeled_statement" {
        tree.hit(&rules::C_MISLEADING_INDENTATION, guard, "the line behind the next is not part of this");
    }
}

// `while (a);` before a block or a line that is indented as its body.
fn emptied(statement: Node<'_>, next: Node<'_>, tree: &mut Tree<'_>) {
    if !matches!(statement.kind(), "while_statement" | "for_statement") {
        return;
    }
    let Some(body) = statement.child_by_field_name("body").filter(|body| tree.text(*body) == ";") else { return };
    let mut cursor = statement.walk();
    let head = statement.children(&mut cursor).take_while(|part| part.id() != body.id()).last();
    let deeper = next.start_position().column > statement.start_position().column;
    if head.map(|head| head.end_position().row) == Some(body.start_position().row)
        && (next.kind() == "compound_statement" || deeper)
    {
        tree.hit(&rules::C_EMPTY_BODY, statement, "a semicolon ends the loop");
    }
}

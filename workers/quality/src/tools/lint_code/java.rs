//! Rules about Java alone, under PMD's and Error Prone's ids.

use super::java_types::{declared, type_of};
use super::table as rules;
use super::trees::{Tree, bare, children};
use tree_sitter::Node;

// Parts of a condition that are looked through.
const MAX_ASKED: usize = 200;

/// Looks at a node.
pub(super) fn look<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    match node.kind() {
        "binary_expression" => binary(node, around, tree),
        "method_invocation" => call(node, tree),
        "object_creation_expression" => creation(node, around, tree),
        "octal_integer_literal"
            if tree.integer(node).is_some_and(|value| value > 7)
                && !tree.after(node).starts_with(['d', 'D', 'f', 'F', 'e', 'E', '.']) =>
        {
            tree.hit(&rules::JAVA_AVOID_USING_OCTAL_VALUES, node, "a zero in front makes it octal");
        }
        "class_body" => {
            // Of what is ordered, the order tells what is equal.
            let declared = around.last().and_then(|class| class.child_by_field_name("interfaces"));
            if !declared.is_some_and(|interfaces| tree.text(interfaces).contains("Comparable")) {
                equality(node, tree);
            }
        }
        "if_statement" => {
            let mut test = node.child_by_field_name("condition").map(bare);
            while let Some(negated) = test.filter(|test| test.kind() == "unary_expression") {
                test = negated.child_by_field_name("operand").map(bare);
            }
            let constant = |test: Node<'t>| matches!(test.kind(), "true" | "false") || stays(node, test, around, tree);
            if test.is_some_and(constant) {
                tree.hit(&rules::JAVA_UNCONDITIONAL_IF_STATEMENT, node, "the condition is always the same");
            }
            emptied(node, node.child_by_field_name("consequence"), tree);
            if let Some(other) = node.child_by_field_name("alternative") {
                emptied(other, Some(other), tree);
            }
        }
        "enhanced_for_statement"
            if node.child_by_field_name("name").is_some_and(|name| {
                tree.text(name).starts_with("ignored") || tree.text(name).starts_with("unused")
            }) => {}
        "while_statement" | "do_statement" | "enhanced_for_statement" | "synchronized_statement" | "try_statement" => {
            emptied(node, node.child_by_field_name("body"), tree);
        }
        "finally_clause" => emptied(node, children(node).first().copied(), tree),
        "block" if around.last().is_some_and(|outer| matches!(outer.kind(), "block" | "class_body")) => {
            emptied(node, Some(node), tree);
        }
        "static_initializer" => emptied(node, children(node).first().copied(), tree),
        // What is only closed is not used.
        "try_with_resources_statement"
            if node
                .child_by_field_name("resources")
                .map(children)
                .is_some_and(|list| list.iter().all(|one| one.child_by_field_name("name").is_none())) =>
        {
            emptied(node, node.child_by_field_name("body"), tree);
        }
        "switch_expression" if node.child_by_field_name("body").is_some_and(|body| children(body).is_empty()) => {
            tree.hit(&rules::JAVA_EMPTY_CONTROL_STATEMENT, node, "a statement without anything in it");
        }
        "break_statement" | "continue_statement" => last_in_loop(node, around, tree),
        "for_statement" => {
            emptied(node, node.child_by_field_name("body"), tree);
            jumbled(node, around, tree);
        }
        "return_statement" => {
            last_in_loop(node, around, tree);
            leaves_finally(node, around, tree);
        }
        "throw_statement" => throws_finally(around, tree),
        "catch_clause" => {
            let body = node.child_by_field_name("body").filter(|body| body.child_count() == 2);
            let name = node.named_child(0).and_then(|parameter| parameter.child_by_field_name("name"));
            if body.is_some() && !name.is_some_and(|name| matches!(tree.text(name), "ignored" | "expected")) {
                tree.hit(&rules::JAVA_EMPTY_CATCH_BLOCK, node, "an error is dropped");
            }
        }
        _ => {}
    }
}

// Whether a truth is set once, to a literal, and asked by this condition alone.
fn stays<'t>(node: Node<'t>, test: Node<'t>, around: &[Node<'t>], tree: &Tree<'_>) -> bool {
    let name = tree.text(test);
    let found = (test.kind() == "identifier").then(|| declared(name, node.start_byte(), around, tree)).flatten();
    let Some(found) = found.filter(|found| found.declarator.kind() == "variable_declarator") else { return false };
    let value = found.declarator.child_by_field_name("value");
    let Some(scope) = found.depth.checked_sub(1).and_then(|at| around.get(at)) else { return false };
    if scope.kind() != "block" || !value.is_some_and(|value| matches!(value.kind(), "true" | "false")) {
        return false;
    }
    let (mut uses, mut pending) = (0, vec![*scope]);
    while let Some(one) = pending.pop() {
        if !tree.afford(one.named_child_count()) {
            return false;
        }
        uses += usize::from(one.kind() == "identifier" && tree.text(one) == name);
        pending.extend(children(one));
    }
    // Its declaration, and this.
    uses == 2 && type_of(test, around, tree) == Some("boolean")
}

fn binary<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right), Some(sign)) = (field("left"), field("right"), field("operator")) else { return };
    let sign = tree.text(sign);
    let is_nan = |side: &Node<'_>| matches!(tree.text(*side), "Double.NaN" | "Float.NaN");
    if matches!(sign, "==" | "!=" | "<" | ">" | "<=" | ">=") && [left, right].iter().any(is_nan) {
        tree.hit(&rules::JAVA_COMPARISON_WITH_NAN, node, "no value equals NaN: use isNaN");
    }
    if matches!(sign, "==" | "!=") {
        let literal = [left, right].iter().any(|side| bare(*side).kind() == "string_literal");
        let text = |side: Node<'t>| type_of(side, around, tree) == Some("String");
        if literal || text(left) && text(right) {
            tree.hit(&rules::JAVA_USE_EQUALS_TO_COMPARE_STRINGS, node, "places are compared, not texts");
        }
    }
    // `a != null || a.b()` and `a == null && a.b()`: the right side is asked where there is nothing.
    let asked = match sign {
        "||" => "!=",
        "&&" => "==",
        _ => return,
    };
    let test = bare(left);
    let side = |name: &str| test.child_by_field_name(name);
    if test.kind() == "binary_expression"
        && side("operator").is_some_and(|own| tree.text(own) == asked)
        && let (Some(one), Some(other)) = (side("left"), side("right"))
        && let Some(name) = match (one.kind(), other.kind()) {
            (_, "null_literal") => Some(one),
            ("null_literal", _) => Some(other),
            _ => None,
        }
        && is_path(name, tree)
    {
        asked_null(tree.text(name), right, tree);
    }
}

// A name, its members, and what getters of it give.
fn is_path(node: Node<'_>, tree: &Tree<'_>) -> bool {
    let getter =
        |part: &str| part.strip_suffix("()").is_some_and(|name| name.starts_with("get") || name.starts_with("is"));
    tree.text(node)
        .split('.')
        .all(|part| getter(part) || part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

// Where a call or a member of `name` stands in an expression.
fn asked_null(name: &str, expression: Node<'_>, tree: &mut Tree<'_>) {
    let mut pending = vec![expression];
    let mut seen = 0;
    while let Some(node) = pending.pop().filter(|_| seen < MAX_ASKED) {
        seen += 1;
        let of = match node.kind() {
            "method_invocation" | "field_access" => node.child_by_field_name("object"),
            "array_access" => node.child_by_field_name("array"),
            "method_reference" => node.named_child(0),
            "object_creation_expression" => node.named_child(0).filter(|of| of.kind() == "identifier"),
            _ => None,
        };
        if of.is_some_and(|of| tree.text(of) == name) || unboxes(name, node, expression, tree) {
            tree.hit_once(&rules::JAVA_BROKEN_NULL_CHECK, node, "this asks null: `&&` and `||` are mixed up");
        }
        pending.extend(children(node));
    }
}

// Whether an operator takes the number or truth out of what `name` holds.
fn unboxes(name: &str, node: Node<'_>, whole: Node<'_>, tree: &Tree<'_>) -> bool {
    let is_it = |side: Option<Node<'_>>| side.is_some_and(|side| tree.text(bare(side)) == name);
    if node.kind() == "identifier" {
        return node.id() == whole.id() && tree.text(node) == name;
    }
    let (left, right) = (node.child_by_field_name("left"), node.child_by_field_name("right"));
    let other = match (is_it(left), is_it(right)) {
        (true, false) => right,
        (false, true) => left,
        _ => return false,
    };
    let sign = node.child_by_field_name("operator").map_or("", |sign| tree.text(sign));
    let literal = other.is_some_and(|other| {
        let kind = bare(other).kind();
        kind.contains("integer_literal") || kind.contains("floating_point_literal") || matches!(kind, "true" | "false")
    });
    node.kind() == "binary_expression"
        && match sign {
            "==" | "!=" | "+" => literal,
            "-" | "*" | "/" | "%" | "<<" | ">>" | ">>>" | "&" | "|" | "^" | "<" | ">" | "<=" | ">=" => true,
            _ => false,
        }
}

fn emptied(whole: Node<'_>, body: Option<Node<'_>>, tree: &mut Tree<'_>) {
    let empty = |body: Node<'_>| tree.text(body) == ";" || body.kind() == "block" && body.child_count() == 2;
    if body.is_some_and(empty) {
        tree.hit(&rules::JAVA_EMPTY_CONTROL_STATEMENT, whole, "a statement without anything in it");
    }
}

// A jump that ends every round of a loop.
fn last_in_loop<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    // Itself, in a block, or in the last block of a `try` in a block.
    let mut outer: Vec<&str> = around.iter().rev().take(5).map(Node::kind).collect();
    if outer.starts_with(&["block", "finally_clause", "try_statement", "block"]) {
        outer.drain(..3);
    }
    let inner = if outer.first() == Some(&"block") { outer.get(1) } else { outer.first() };
    if matches!(inner, Some(&("for_statement" | "enhanced_for_statement" | "while_statement" | "do_statement"))) {
        tree.hit(
            &rules::JAVA_AVOID_BRANCHING_STATEMENT_AS_LAST_IN_LOOP,
            node,
            "the loop never comes to a second round, or would without this",
        );
    }
}

fn throws_finally(around: &[Node<'_>], tree: &mut Tree<'_>) {
    for outer in around.iter().rev().filter(|outer| outer.kind() == "finally_clause") {
        tree.hit_once(
            &rules::JAVA_DO_NOT_THROW_EXCEPTION_IN_FINALLY,
            *outer,
            "what is thrown here takes the place of what was thrown before",
        );
    }
}

fn call(node: Node<'_>, tree: &mut Tree<'_>) {
    let name = node.child_by_field_name("name").map_or("", |name| tree.text(name));
    let arguments = node.child_by_field_name("arguments").map(children).unwrap_or_default();
    let [argument] = arguments.as_slice() else { return };
    if name != "equals" {
        return;
    }
    if argument.kind() == "null_literal" {
        tree.hit(&rules::JAVA_EQUALS_NULL, node, "nothing equals null: compare by `==`");
    }
    let object = node.child_by_field_name("object");
    if object.is_some_and(|object| tree.text(object) == tree.text(*argument) && tree.is_name(object)) {
        tree.hit(&rules::JAVA_SELF_EQUALS, node, "an object is compared with itself");
    }
}

fn creation<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let Some(name) = node.child_by_field_name("type").map(|name| tree.text(name)) else { return };
    let short = name.rsplit('.').next().unwrap_or(name);
    let arguments = node.child_by_field_name("arguments").map(children).unwrap_or_default();
    let first = arguments.first().and_then(|argument| type_of(*argument, around, tree));
    if short == "BigDecimal" && matches!(first, Some("float" | "double" | "Float" | "Double")) {
        tree.hit(
            &rules::JAVA_AVOID_DECIMAL_LITERALS_IN_BIG_DECIMAL_CONSTRUCTOR,
            node,
            "the literal is rounded to a binary fraction first",
        );
    }
    if matches!(short, "StringBuilder" | "StringBuffer") && first == Some("char") {
        tree.hit(
            &rules::JAVA_STRING_BUFFER_INSTANTIATION_WITH_CHAR,
            node,
            "the character's number is taken for a length",
        );
    }
    if (short.ends_with("Exception") || short.ends_with("Error"))
        && around.last().is_some_and(|outer| outer.kind() == "expression_statement")
    {
        tree.hit(&rules::JAVA_DEAD_EXCEPTION, node, "an exception is made, and not thrown");
    }
}

// `equals(Object)` and `hashCode()` belong together.
fn equality(body: Node<'_>, tree: &mut Tree<'_>) {
    let (mut equals, mut hash) = (None, None);
    for member in children(body).into_iter().filter(|member| member.kind() == "method_declaration") {
        let Some(name) = member.child_by_field_name("name") else { continue };
        let parameters = member.child_by_field_name("parameters").map(children).unwrap_or_default();
        let of = |parameter: &Node<'_>| parameter.child_by_field_name("type").map_or("", |of| tree.text(of));
        match (tree.text(name), parameters.as_slice()) {
            ("equals", [one]) if matches!(of(one), "Object" | "java.lang.Object") => equals = Some(name),
            ("hashCode", []) => hash = Some(name),
            _ => {}
        }
    }
    let ((Some(alone), None) | (None, Some(alone))) = (equals, hash) else { return };
    tree.hit(
        &rules::JAVA_OVERRIDE_BOTH_EQUALS_AND_HASHCODE,
        alone,
        "one of `equals` and `hashCode` is there without the other",
    );
}

// The update of an inner loop counts the outer one's counter.
fn jumbled<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let init = node.child_by_field_name("init");
    let declares = |init: Node<'_>, wanted: &str| {
        children(init).iter().filter_map(|one| one.child_by_field_name("name")).any(|name| tree.text(name) == wanted)
    };
    let Some(update) = node.child_by_field_name("update") else { return };
    let target = match update.kind() {
        "update_expression" => update.named_child(0),
        "assignment_expression" => update.child_by_field_name("left"),
        _ => None,
    };
    let Some(counted) = target.map(|name| tree.text(name)) else { return };
    if init.is_some_and(|init| init.kind() != "local_variable_declaration" || declares(init, counted)) {
        return;
    }
    for outer in around.iter().rev() {
        match outer.kind() {
            "method_declaration" | "lambda_expression" | "class_body" => return,
            "for_statement" if outer.child_by_field_name("init").is_some_and(|init| declares(init, counted)) => {
                return tree.hit(&rules::JAVA_JUMBLED_INCREMENTER, node, "this counts the outer loop's counter");
            }
            _ => {}
        }
    }
}

fn leaves_finally<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    for outer in around.iter().rev() {
        match outer.kind() {
            "method_declaration" | "lambda_expression" | "class_body" | "constructor_declaration" => return,
            "finally_clause" => {
                let dropped = "what was thrown or returned before is dropped";
                return tree.hit(&rules::JAVA_RETURN_FROM_FINALLY_BLOCK, node, dropped);
            }
            _ => {}
        }
    }
}

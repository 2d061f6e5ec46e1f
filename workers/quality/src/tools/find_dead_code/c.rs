//! C: functions and variables of a file, locals and parameters, as compilers warn of them; functions of the program by name.

use super::names::{Facts, Kind, Manner, Sight};
use tree_sitter::Node;

/// Takes a node; whether its children are of interest.
pub(super) fn take(node: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>) -> bool {
    let mut cursor = node.walk();
    match node.kind() {
        "function_definition" => {
            if let Some(name) = node.child_by_field_name("declarator").and_then(function_name) {
                let text = facts.text(name);
                let head = facts.source.get(node.start_byte()..name.start_byte()).unwrap_or_default();
                let is_static = head.split_whitespace().any(|word| word == "static");
                if text.ends_with("main") || head.contains("__attribute__") || head.contains("unused") {
                    facts.skip(name);
                } else if is_static {
                    // A header's functions are there for those who include it.
                    let sight = if is_header(facts.path) { Sight::Public } else { Sight::File };
                    facts.define(name, Kind::Function, node, sight);
                } else {
                    facts.define(name, Kind::Function, node, Sight::Public);
                }
            }
        }
        "declaration" => {
            let text = facts.text(node);
            let function = around.iter().rev().find(|outer| outer.kind() == "function_definition");
            let body = around.iter().rev().find(|outer| matches!(outer.kind(), "compound_statement" | "for_statement"));
            let is_static = text.trim_start().starts_with("static");
            for one in node.children_by_field_name("declarator", &mut cursor) {
                let Some((name, is_function)) = declared(one) else { continue };
                let is_kept = text.contains("__attribute__") || text.contains("unused") || text.contains("volatile");
                match (function, body) {
                    (Some(function), Some(body))
                        if !is_function && !function.has_error() && !text.starts_with("extern") && !is_kept =>
                    {
                        facts.define(name, Kind::Local, name, Sight::Within(body.byte_range()));
                    }
                    (None, _) if is_static && !is_function && !is_kept && !is_header(facts.path) => {
                        facts.define(name, Kind::Variable, name, Sight::File);
                    }
                    _ => facts.skip(name),
                }
            }
        }
        "parameter_declaration" => {
            let list = around.last();
            let function = around.iter().rev().find(|outer| outer.kind() == "function_definition");
            let head = function.and_then(|function| function.child_by_field_name("declarator")).and_then(own);
            let own = head.and_then(|head| head.child_by_field_name("parameters"));
            let name = node.child_by_field_name("declarator").and_then(declared).map(|(name, _)| name);
            if let Some(name) = name {
                let judged = own.is_some() && own.map(|own| own.id()) == list.map(Node::id);
                let text = facts.text(node);
                match function {
                    Some(function)
                        if judged
                            && !function.has_error()
                            && !text.contains("__attribute__")
                            && !text.to_lowercase().contains("unused") =>
                    {
                        facts.define(name, Kind::Parameter, name, Sight::Within(function.byte_range()));
                    }
                    _ => facts.skip(name),
                }
            }
        }
        "assignment_expression" => {
            let sets = node.child_by_field_name("operator").is_some_and(|sign| facts.text(sign) == "=")
                && around.last().is_some_and(|outer| outer.kind() == "expression_statement");
            let left = node.child_by_field_name("left").filter(|left| sets && left.kind() == "identifier");
            left.into_iter().for_each(|name| facts.skip(name));
        }
        // What a macro stands for is text.
        "preproc_arg" => {
            facts.words(node.byte_range());
            return false;
        }
        "comment" => return false,
        "identifier" => {
            facts.mention(node, Manner::Plain);
            return false;
        }
        _ => {}
    }
    true
}

fn is_header(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("h"))
}

// The name of the innermost function declarator.
fn function_name(head: Node<'_>) -> Option<Node<'_>> {
    own(head)?.child_by_field_name("declarator").filter(|name| name.kind() == "identifier")
}

// The function declarator that a definition is of.
fn own(head: Node<'_>) -> Option<Node<'_>> {
    let mut at = Some(head);
    let mut found = None;
    while let Some(node) = at {
        if node.kind() == "function_declarator" {
            found = Some(node);
        }
        at = node.child_by_field_name("declarator");
    }
    found
}

// The name that a declarator declares, and whether it is a function's.
fn declared(declarator: Node<'_>) -> Option<(Node<'_>, bool)> {
    let mut at = declarator;
    let mut is_function = false;
    loop {
        match at.kind() {
            "identifier" => return Some((at, is_function)),
            "function_declarator" => is_function = true,
            "parenthesized_declarator" => {
                // A pointer to a function is a variable.
                is_function = false;
                at = at.named_child(0)?;
                continue;
            }
            _ => {}
        }
        at = at.child_by_field_name("declarator")?;
    }
}

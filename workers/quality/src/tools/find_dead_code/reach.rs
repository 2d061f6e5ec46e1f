//! Statements behind one that always leaves, in the languages that are read by tree-sitter.

use super::names::Facts;
use crate::support::language::Language;
use std::ops::Range;
use tree_sitter::Node;

// Deepest chain of branches that is followed.
const MAX_DEPTH: u32 = 100;
// Most nodes of a loop that are looked at; a larger one may be left.
const MAX_LOOP_NODES: usize = 10_000;
const JUMPS: [&str; 9] = [
    "return_statement",
    "raise_statement",
    "throw_statement",
    "break_statement",
    "continue_statement",
    "goto_statement",
    "return_expression",
    "break_expression",
    "continue_expression",
];
const LISTS: [&str; 12] = [
    "block",
    "module",
    "compound_statement",
    "statement_list",
    "case_statement",
    "switch_block_statement_group",
    "expression_case",
    "default_case",
    "communication_case",
    "type_case",
    "constructor_body",
    "statement_block",
];
// What stands behind a jump rightly: where another jump leads, or what only declares.
const REACHED: [&str; 20] = [
    "labeled_statement",
    "case_statement",
    "comment",
    "line_comment",
    "block_comment",
    "function_item",
    "struct_item",
    "enum_item",
    "impl_item",
    "use_declaration",
    "mod_item",
    "const_item",
    "static_item",
    "trait_item",
    "macro_definition",
    "attribute_item",
    "preproc_if",
    "preproc_ifdef",
    "empty_statement",
    "type_item",
];

/// Notes the statements of a list that are never reached.
pub(super) fn look(language: Language, node: Node<'_>, facts: &mut Facts<'_>) {
    if !node.is_named() || !LISTS.contains(&node.kind()) {
        return;
    }
    let mut cursor = node.walk();
    let mut dead: Option<Range<usize>> = None;
    let mut left = false;
    for child in node.named_children(&mut cursor) {
        if matches!(child.kind(), "comment" | "line_comment" | "block_comment") {
            continue;
        }
        // The value of a case stands before its statements.
        let kind = child.kind();
        if child.is_error() || REACHED.contains(&kind) {
            facts.unreachable.extend(dead.take());
            left &= !matches!(kind, "labeled_statement" | "case_statement" | "preproc_if" | "preproc_ifdef")
                && !child.is_error();
            continue;
        }
        if left {
            let start = dead.as_ref().map_or(child.start_byte(), |dead| dead.start);
            dead = Some(start..child.end_byte());
        } else {
            left = leaves(language, child, facts.source, 0);
        }
    }
    facts.unreachable.extend(dead);
}

/// Leaves the outermost of stretches.
pub(super) fn keep_outermost(list: &mut Vec<Range<usize>>) {
    list.sort_unstable_by_key(|one| (one.start, std::cmp::Reverse(one.end)));
    let mut end = 0;
    list.retain(|one| {
        let outer = one.start >= end;
        end = end.max(one.end);
        outer
    });
}

// Whether a statement never comes to its end.
fn leaves(language: Language, node: Node<'_>, source: &str, depth: u32) -> bool {
    if depth > MAX_DEPTH || node.has_error() {
        return false;
    }
    let deeper = |node: Node<'_>| leaves(language, node, source, depth + 1);
    let field = |name: &str| node.child_by_field_name(name);
    let mut cursor = node.walk();
    match node.kind() {
        kind if JUMPS.contains(&kind) => true,
        "expression_statement" if language == Language::Rust => node.named_child(0).is_some_and(deeper),
        "block" | "compound_statement" | "statement_list" | "else_clause" | "finally_clause" => {
            node.named_children(&mut cursor).any(deeper)
        }
        "if_statement" if language == Language::Python => {
            let then = field("consequence").is_some_and(deeper);
            let mut has_else = false;
            let all = node.children_by_field_name("alternative", &mut cursor).all(|other| {
                has_else |= other.kind() == "else_clause";
                other
                    .child_by_field_name("consequence")
                    .or_else(|| other.child_by_field_name("body"))
                    .is_some_and(deeper)
            });
            then && all && has_else
        }
        "if_statement" | "if_expression" => {
            field("consequence").is_some_and(deeper) && field("alternative").is_some_and(deeper)
        }
        "try_statement" if language == Language::Python => {
            let parts: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
            let last = |node: &Node<'_>| {
                let mut cursor = node.walk();
                node.named_children(&mut cursor).filter(|child| child.kind() == "block").last().is_some_and(deeper)
            };
            let of = |kind: &'static str| parts.iter().filter(move |part| part.kind() == kind);
            let body = field("body").is_some_and(deeper) || of("else_clause").any(last);
            let handled = of("except_clause").chain(of("except_group_clause")).all(last);
            of("finally_clause").any(last) || body && handled
        }
        "while_statement" => {
            let test = field("condition").map_or("", |test| source.get(test.byte_range()).unwrap_or_default());
            let endless = matches!(test.trim_matches(['(', ')']).trim(), "True" | "true" | "1");
            endless && field("body").is_some_and(|body| !has_break(body))
        }
        "loop_expression" => field("body").is_some_and(|body| !has_break(body)),
        "for_statement" if language == Language::Go => {
            let body = field("body");
            node.named_child_count() == 1 && body.is_some_and(|body| !has_break(body))
        }
        "for_statement" if matches!(language, Language::C | Language::Java) => {
            field("condition").is_none() && field("body").is_some_and(|body| !has_break(body))
        }
        _ => false,
    }
}

// Whether a loop may be left by a `break`: one with a label, or one that is in no loop or switch within.
fn has_break(body: Node<'_>) -> bool {
    let mut pending = vec![(body, false)];
    let mut seen = 0;
    while let Some((node, inner)) = pending.pop() {
        let kind = node.kind();
        seen += 1;
        if seen > MAX_LOOP_NODES {
            return true;
        }
        if matches!(kind, "break_statement" | "break_expression") && (!inner || node.named_child_count() > 0)
            || kind == "goto_statement"
        {
            return true;
        }
        if matches!(
            kind,
            "function_definition"
                | "class_definition"
                | "lambda"
                | "func_literal"
                | "lambda_expression"
                | "closure_expression"
        ) {
            continue;
        }
        let inner = inner
            || matches!(
                kind,
                "while_statement"
                    | "for_statement"
                    | "do_statement"
                    | "loop_expression"
                    | "for_expression"
                    | "while_expression"
            )
            || matches!(
                kind,
                "switch_statement"
                    | "switch_expression"
                    | "expression_switch_statement"
                    | "type_switch_statement"
                    | "select_statement"
                    | "enhanced_for_statement"
            );
        let mut cursor = node.walk();
        // The `else` of a loop in Python belongs to the loop around it.
        pending.extend(node.named_children(&mut cursor).map(|child| (child, inner && child.kind() != "else_clause")));
    }
    false
}

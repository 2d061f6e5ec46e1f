//! Rules about Go, Java, Rust and C: what is wrong in each of them in the same way is looked for once.

use super::table as rules;
use super::{Hit, python};
use crate::support::language::{Engine, Language};
use crate::support::{Outcome, walk};
use octavo_toolkit::Rule;
use std::collections::BTreeSet;
use tree_sitter::Node;

// Deepest chain of `else if` in which conditions are compared, and longest code that is compared as text.
const MAX_CHAIN: usize = 100;
const MAX_COMPARED_BYTES: usize = 2_000;

/// What the rules look at, and what they found.
pub(super) struct Tree<'s> {
    source: &'s str,
    language: Language,
    hits: Vec<Hit>,
}

impl<'s> Tree<'s> {
    /// The text of a node.
    pub(super) fn text(&self, node: Node<'_>) -> &'s str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// Adds a finding.
    pub(super) fn hit(&mut self, rule: &'static Rule, node: Node<'_>, message: &str) {
        self.hits.push(Hit { rule, span: node.byte_range(), message: message.to_owned(), mend: None });
    }

    fn plain(&self, node: Node<'_>) -> Option<String> {
        let text = self.text(node);
        (text.len() <= MAX_COMPARED_BYTES).then(|| text.split_whitespace().collect())
    }

    // The rule of the language at hand: of Go, Java, Rust, C.
    const fn of(
        &self,
        go: Option<&'static Rule>,
        java: Option<&'static Rule>,
        rust: Option<&'static Rule>,
        c: Option<&'static Rule>,
    ) -> Option<&'static Rule> {
        match self.language {
            Language::Go => go,
            Language::Java => java,
            Language::Rust => rust,
            Language::C => c,
            _ => None,
        }
    }
}

/// What the rules find in a source.
pub(super) fn lint(language: Language, source: &str) -> Result<(Outcome, Vec<Hit>), Outcome> {
    let Engine::TreeSitter(table) = language.engine() else { return Err(Outcome::Unreadable(0)) };
    let parsed = walk::tree(table, source)?;
    let mut tree = Tree { source, language, hits: Vec::new() };
    let mut broken = None;
    walk::every_node_within(&parsed, |node, around| {
        if node.is_error() || node.is_missing() {
            broken.get_or_insert(node.start_byte());
            return true;
        }
        if !node.is_named() {
            return false;
        }
        if language == Language::Python {
            python::look(node, around, &mut tree);
        } else {
            look(node, around, &mut tree);
        }
        true
    });
    Ok((broken.map_or(Outcome::Clean, Outcome::Broken), tree.hits))
}

fn look<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    match node.kind() {
        "binary_expression" => binary(node, around, tree),
        "assignment_expression" | "assignment_statement" => assignment(node, tree),
        "if_statement" | "if_expression" => branch(node, around, tree),
        "while_statement"
        | "for_statement"
        | "while_expression"
        | "loop_expression"
        | "for_expression"
        | "enhanced_for_statement"
        | "do_statement" => looped(node, tree),
        "catch_clause" => {
            let body = node.child_by_field_name("body").filter(|body| body.named_child_count() == 0);
            let ignored = node.named_child(0).is_some_and(|parameter| {
                tree.text(parameter).ends_with("ignored") || tree.text(parameter).ends_with("expected")
            });
            if body.is_some() && !ignored {
                tree.hit(&rules::JAVA_EMPTY_CATCH_BLOCK, node, "an error is dropped");
            }
        }
        "return_statement" if tree.language == Language::Java => {
            for outer in around.iter().rev() {
                match outer.kind() {
                    "method_declaration" | "lambda_expression" | "class_body" => return,
                    "finally_clause" => {
                        return tree.hit(
                            &rules::JAVA_RETURN_FROM_FINALLY_BLOCK,
                            node,
                            "what was thrown or returned before is dropped",
                        );
                    }
                    _ => {}
                }
            }
        }
        "macro_invocation" => {
            let name = node.child_by_field_name("macro").map_or("", |name| tree.text(name));
            let rule = match name.trim_start_matches("std::").trim_start_matches("core::") {
                "dbg" => &rules::RUST_DBG_MACRO,
                "todo" => &rules::RUST_TODO,
                "unimplemented" => &rules::RUST_UNIMPLEMENTED,
                _ => return,
            };
            tree.hit(rule, node, "a macro that is for development is left");
        }
        _ => {}
    }
}

fn binary<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let (Some(left), Some(right), Some(sign)) = (field("left"), field("right"), field("operator")) else { return };
    let sign = tree.text(sign);
    let equal = matches!(sign, "==" | "!=");
    let compares = equal || matches!(sign, "<" | ">" | "<=" | ">=");
    if compares || matches!(sign, "&&" | "||" | "-" | "/" | "^" | "&" | "|" | "%") {
        let pure = is_pure(left) && tree.plain(left).is_some_and(|text| tree.plain(right) == Some(text));
        let number = left.kind().contains("float") || left.kind().contains("literal") && !compares;
        if pure && !number {
            let rule = tree.of(
                Some(&rules::GO_SA4000),
                Some(&rules::JAVA_IDENTITY_BINARY_EXPRESSION),
                Some(&rules::RUST_EQ_OP),
                Some(&rules::C_MISC_REDUNDANT_EXPRESSION),
            );
            rule.into_iter().for_each(|rule| tree.hit(rule, node, "both sides are the same"));
        }
    }
    let is_truth = |side: Node<'t>| matches!(tree.text(side), "true" | "false") && side.named_child_count() <= 1;
    if equal && (is_truth(left) || is_truth(right)) {
        let rule = tree.of(
            Some(&rules::GO_S1002),
            Some(&rules::JAVA_SIMPLIFY_BOOLEAN_EXPRESSIONS),
            Some(&rules::RUST_BOOL_COMPARISON),
            None,
        );
        rule.into_iter().for_each(|rule| tree.hit(rule, node, "the value is the answer already"));
    }
    if equal && [left, right].iter().any(|side| side.kind() == "string_literal") {
        let rule =
            tree.of(None, Some(&rules::JAVA_USE_EQUALS_TO_COMPARE_STRINGS), None, Some(&rules::C_STRING_COMPARE));
        let directive = around.iter().any(|outer| outer.kind().starts_with("preproc"));
        rule.filter(|_| !directive).into_iter().for_each(|rule| tree.hit(rule, node, "places are compared, not texts"));
    }
    if tree.language == Language::Rust
        && tree.text(right) == "0"
        && matches!(sign, "==" | "!=" | ">")
        && tree.text(left).ends_with(".len()")
    {
        tree.hit(&rules::RUST_LEN_ZERO, node, "`is_empty` says what is meant");
    }
}

// Whether code gives the same value each time.
fn is_pure(node: Node<'_>) -> bool {
    let mut pending = vec![node];
    let mut seen = 0;
    while let Some(node) = pending.pop() {
        seen += 1;
        let kind = node.kind();
        if seen > 200
            || kind.contains("call")
            || kind.contains("invocation")
            || kind.contains("assignment")
            || matches!(
                kind,
                "update_expression"
                    | "await_expression"
                    | "object_creation_expression"
                    | "receive_statement"
                    | "try_expression"
            )
        {
            return false;
        }
        if kind == "unary_expression" && node.child(0).is_some_and(|sign| sign.kind() == "<-") {
            return false;
        }
        let mut cursor = node.walk();
        pending.extend(node.children(&mut cursor));
    }
    true
}

fn assignment(node: Node<'_>, tree: &mut Tree<'_>) {
    let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
        return;
    };
    let plain = node.child_by_field_name("operator").is_none_or(|sign| tree.text(sign) == "=");
    if plain && is_pure(left) && tree.plain(left).is_some_and(|text| text != "_" && tree.plain(right) == Some(text)) {
        let rule = tree.of(
            Some(&rules::GO_SA4018),
            Some(&rules::JAVA_SELF_ASSIGNMENT),
            Some(&rules::RUST_SELF_ASSIGNMENT),
            Some(&rules::C_SELF_ASSIGN),
        );
        rule.into_iter().for_each(|rule| tree.hit(rule, node, "a value is assigned to itself"));
    }
}

fn branch<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let field = |name: &str| node.child_by_field_name(name);
    let Some(test) = field("condition") else { return };
    if tree.language == Language::C {
        let inner = test.named_child(0).filter(|_| test.kind() == "parenthesized_expression");
        if inner.is_some_and(|inner| inner.kind() == "assignment_expression") {
            tree.hit(&rules::C_PARENTHESES, test, "an assignment stands where a comparison is expected");
        }
    }
    if let Some(then) = field("consequence") {
        let semicolon = tree.text(then) == ";";
        let empty =
            semicolon || then.kind() == "block" && then.named_child_count() == 0 && !tree.text(then).contains("//");
        let bare = field("alternative").is_none();
        let rule = match tree.language {
            Language::Go if empty && bare => Some(&rules::GO_SA9003),
            Language::Java if empty => Some(&rules::JAVA_EMPTY_CONTROL_STATEMENT),
            Language::C if semicolon => Some(&rules::C_EMPTY_BODY),
            _ => None,
        };
        rule.into_iter().for_each(|rule| tree.hit(rule, node, "a branch without anything in it"));
    }
    // Go may bind in each condition.
    if field("initializer").is_some() || !is_pure(test) {
        return;
    }
    let mut known = BTreeSet::new();
    let mut inner = node;
    for outer in around.iter().rev().take(MAX_CHAIN) {
        if matches!(outer.kind(), "else_clause" | "expression_statement") {
            inner = *outer;
            continue;
        }
        if !matches!(outer.kind(), "if_statement" | "if_expression")
            || outer.child_by_field_name("alternative").map(|one| one.id()) != Some(inner.id())
            || outer.child_by_field_name("initializer").is_some()
        {
            break;
        }
        known.extend(outer.child_by_field_name("condition").and_then(|test| tree.plain(test)));
        inner = *outer;
    }
    if tree.plain(test).is_some_and(|test| known.contains(&test)) {
        let rule = tree.of(
            Some(&rules::GO_SA4014),
            Some(&rules::JAVA_DUPLICATE_BRANCHES),
            Some(&rules::RUST_IFS_SAME_COND),
            Some(&rules::C_DUPLICATED_COND),
        );
        rule.into_iter().for_each(|rule| tree.hit(rule, test, "the condition stands in the chain already"));
    }
}

// A loop whose body ends with a jump out of it, and has no way back.
fn looped(node: Node<'_>, tree: &mut Tree<'_>) {
    let Some(body) = node.child_by_field_name("body") else { return };
    let mut list = body;
    while let Some(inner) = list.named_child(0).filter(|inner| inner.kind() == "statement_list") {
        list = inner;
    }
    let mut cursor = list.walk();
    let statements: Vec<Node<'_>> = list.named_children(&mut cursor).filter(|child| !child.is_extra()).collect();
    let Some(last) = statements.last() else {
        if node.kind() == "loop_expression" && !tree.text(body).contains("//") {
            tree.hit(&rules::RUST_EMPTY_LOOP, node, "a loop that does nothing, and never ends");
        }
        return;
    };
    let last = if last.kind() == "expression_statement" { last.named_child(0).unwrap_or(*last) } else { *last };
    let over_all = matches!(node.kind(), "for_expression" | "enhanced_for_statement")
        || node.kind() == "for_statement"
            && tree.language == Language::Go
            && node.named_child(0).is_some_and(|child| child.kind() == "range_clause");
    if matches!(last.kind(), "break_statement" | "break_expression")
        && last.named_child_count() == 0
        && !over_all
        && !tree.text(body).contains("continue")
    {
        let rule = tree.of(
            Some(&rules::GO_SA4004),
            Some(&rules::JAVA_AVOID_BRANCHING_STATEMENT_AS_LAST_IN_LOOP),
            Some(&rules::RUST_NEVER_LOOP),
            None,
        );
        rule.into_iter().for_each(|rule| tree.hit(rule, node, "the loop never comes to a second round"));
    }
}

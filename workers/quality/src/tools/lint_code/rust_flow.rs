//! Whether a loop of Rust can come to a second round, by how each expression of its body ends.

use super::trees::{Tree, children};
use tree_sitter::Node;

// Expressions in one another that are followed: deeper code is taken to go on.
const MAX_DEPTH: usize = 200;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// What follows is run.
    Goes,
    /// A way leads to the loop's next round.
    Again,
    /// What follows is never run.
    Leaves,
}

/// Whether a body always leaves its loop.
pub(super) fn never_again(body: Node<'_>, label: Option<&str>, tree: &Tree<'_>) -> bool {
    let mut flow = Flow { label, inner: 0, within: Vec::new(), depth: 0, tree };
    flow.ends(body) == Ends::Leaves
}

// A loop or a block with a label, and whether something jumps to its end.
struct Within<'s> {
    label: Option<&'s str>,
    is_loop: bool,
    left: bool,
}

struct Flow<'a, 's> {
    label: Option<&'a str>,
    // Loops within the loop that the walk is in.
    inner: usize,
    // Loops and blocks with labels within the loop.
    within: Vec<Within<'s>>,
    depth: usize,
    tree: &'a Tree<'s>,
}

impl<'s> Flow<'_, 's> {
    fn ends(&mut self, node: Node<'_>) -> Ends {
        if self.depth > MAX_DEPTH || !self.tree.afford(node.named_child_count()) {
            return Ends::Again;
        }
        self.depth += 1;
        let ends = self.expression(node);
        self.depth -= 1;
        ends
    }

    fn one_after_the_other<'t>(&mut self, parts: impl IntoIterator<Item = Node<'t>>) -> Ends {
        for part in parts {
            let ends = self.ends(part);
            if ends != Ends::Goes {
                return ends;
            }
        }
        Ends::Goes
    }

    fn label_of(&self, node: Node<'_>) -> Option<&'s str> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor).find(|part| part.kind() == "label").map(|label| self.tree.text(label))
    }

    fn expression(&mut self, node: Node<'_>) -> Ends {
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            // What is defined here, or run another time.
            "closure_expression" | "async_block" | "gen_block" | "const_block" | "function_item" | "struct_item"
            | "enum_item" | "impl_item" | "mod_item" | "trait_item" | "macro_definition" | "const_item"
            | "static_item" | "use_declaration" | "type_item" | "attribute_item" | "label" => Ends::Goes,
            "block" => match self.label_of(node) {
                Some(label) => {
                    self.within.push(Within { label: Some(label), is_loop: false, left: false });
                    let ends = self.one_after_the_other(children(node));
                    let left = self.within.pop().is_some_and(|own| own.left);
                    if ends == Ends::Leaves && left { Ends::Goes } else { ends }
                }
                None => self.one_after_the_other(children(node)),
            },
            "loop_expression" | "while_expression" | "for_expression" => {
                let first = field("condition").or(field("value")).map_or(Ends::Goes, |head| self.ends(head));
                let own = Within { label: self.label_of(node), is_loop: true, left: false };
                self.within.push(own);
                self.inner += 1;
                let ends = field("body").map_or(Ends::Goes, |body| self.ends(body));
                self.inner -= 1;
                let left = self.within.pop().is_some_and(|own| own.left);
                match (first, ends) {
                    (Ends::Goes, Ends::Again) => Ends::Again,
                    // Nothing comes after a loop without an end.
                    (Ends::Goes, _) if node.kind() == "loop_expression" && !left => Ends::Leaves,
                    (first, _) => first,
                }
            }
            "if_expression" => {
                let test = field("condition").map_or(Ends::Goes, |test| self.ends(test));
                if test != Ends::Goes {
                    return test;
                }
                let then = field("consequence").map_or(Ends::Goes, |then| self.ends(then));
                let other = field("alternative").map_or(Ends::Goes, |other| self.ends(other));
                either(then, other)
            }
            "match_expression" => {
                let first = field("value").map_or(Ends::Goes, |value| self.ends(value));
                if first != Ends::Goes {
                    return first;
                }
                let arms = field("body").map(children).unwrap_or_default();
                let arms = arms.into_iter().filter(|arm| arm.kind() == "match_arm");
                let mut ways = arms.map(|arm| {
                    let guard = arm.child_by_field_name("pattern").and_then(|it| it.child_by_field_name("condition"));
                    self.one_after_the_other(guard.into_iter().chain(arm.child_by_field_name("value")))
                });
                let Some(first) = ways.next() else { return Ends::Goes };
                ways.fold(first, either)
            }
            "let_declaration" => {
                let first = field("value").map_or(Ends::Goes, |value| self.ends(value));
                match field("alternative") {
                    Some(other) if first == Ends::Goes => either(Ends::Goes, self.ends(other)),
                    _ => first,
                }
            }
            "try_block" => match self.one_after_the_other(children(node)) {
                Ends::Again => Ends::Again,
                _ => Ends::Goes,
            },
            "continue_expression" | "break_expression" | "return_expression" => self.jump(node),
            "macro_invocation" => self.macro_call(node),
            "call_expression" => {
                let ends = self.one_after_the_other(children(node));
                let name = field("function").map_or("", |function| self.tree.text(function));
                let name = name.strip_prefix("std::").unwrap_or(name);
                let exits = matches!(name, "process::exit" | "process::abort");
                if ends == Ends::Goes && exits { Ends::Leaves } else { ends }
            }
            "binary_expression"
                if field("operator").is_some_and(|sign| matches!(self.tree.text(sign), "&&" | "||")) =>
            {
                let first = field("left").map_or(Ends::Goes, |left| self.ends(left));
                if first != Ends::Goes {
                    return first;
                }
                either(Ends::Goes, field("right").map_or(Ends::Goes, |right| self.ends(right)))
            }
            _ => self.one_after_the_other(children(node)),
        }
    }

    fn jump(&mut self, node: Node<'_>) -> Ends {
        match node.kind() {
            "continue_expression" => match self.label_of(node) {
                None if self.inner == 0 => Ends::Again,
                to if to == self.label && to.is_some() && !self.within.iter().any(|own| own.label == to) => Ends::Again,
                _ => Ends::Leaves,
            },
            "break_expression" => {
                let value = children(node).into_iter().find(|part| part.kind() != "label");
                let first = value.map_or(Ends::Goes, |value| self.ends(value));
                if first != Ends::Goes {
                    return first;
                }
                let to = self.label_of(node);
                let is_it = |own: &&mut Within<'_>| if to.is_some() { own.label == to } else { own.is_loop };
                if let Some(own) = self.within.iter_mut().rev().find(is_it) {
                    own.left = true;
                }
                Ends::Leaves
            }
            "return_expression" => match self.one_after_the_other(children(node)) {
                Ends::Goes => Ends::Leaves,
                ends => ends,
            },
            _ => Ends::Goes,
        }
    }

    fn macro_call(&self, node: Node<'_>) -> Ends {
        let name = node.child_by_field_name("macro").map_or("", |name| self.tree.text(name));
        match name.rsplit("::").next().unwrap_or(name) {
            // Anything may stand there in the end.
            "todo" => Ends::Again,
            "panic" | "unreachable" | "unimplemented" | "bail" => Ends::Leaves,
            "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq" | "debug_assert_ne" | "print"
            | "println" | "eprint" | "eprintln" | "format" | "write" | "writeln" | "vec" | "matches" | "trace"
            | "debug" | "info" | "warn" | "error" | "log" | "ensure" | "anyhow" | "env" | "cfg" | "dbg"
            | "format_args" | "concat" | "stringify" | "line" | "file" => Ends::Goes,
            // What a macro does is not known.
            _ => Ends::Again,
        }
    }
}

// One of two ways is taken.
const fn either(one: Ends, other: Ends) -> Ends {
    match (one, other) {
        (Ends::Again, _) | (_, Ends::Again) => Ends::Again,
        (Ends::Leaves, Ends::Leaves) => Ends::Leaves,
        _ => Ends::Goes,
    }
}

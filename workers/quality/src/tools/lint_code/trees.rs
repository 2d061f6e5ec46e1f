//! Rules about Go, Java, Rust and C: what is wrong in each of them in the same way is looked for once.

use super::table as rules;
use super::{Hit, c, go, java, python, rust, rust_values};
use crate::support::language::{Engine, Language};
use crate::support::walk::Budget;
use crate::support::{Outcome, walk};
use octavo_toolkit::Rule;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::ops::Range;
use tree_sitter::Node;

// Deepest chain of `else if` in which conditions are compared, and longest code that is compared as text.
const MAX_CHAIN: usize = 100;
const MAX_COMPARED_BYTES: usize = 2_000;

// Findings among which one is not repeated.
const MAX_REPEATED: usize = 64;

// Nodes that are looked at in one file to find what names stand for.
const MAX_NODES_ASKED: usize = 1_000_000;

/// What the rules look at, and what they found.
pub(super) struct Tree<'s> {
    source: &'s str,
    language: Language,
    is_test: bool,
    hits: Vec<Hit>,
    /// Loops and functions of Go around the node that is looked at.
    pub(super) open: Vec<go::Open>,
    /// Whether a generator wrote the file, as its first lines say.
    pub(super) is_generated: bool,
    left: Cell<usize>,
    /// Rust's tests, by their nodes, once anybody asks.
    pub(super) tests: OnceCell<BTreeSet<usize>>,
}

impl<'s> Tree<'s> {
    /// The text of a node.
    pub(super) fn text(&self, node: Node<'_>) -> &'s str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// Whether two expressions are the same code; of Rust, in whatever order what has no order stands.
    pub(super) fn is_same<'t>(&self, one: Node<'t>, other: Node<'t>, around: &[Node<'t>]) -> bool {
        let alike = |of: &dyn Fn(Node<'t>) -> Option<String>| of(one).is_some_and(|text| of(other) == Some(text));
        alike(&|node| self.plain(node))
            || self.language == Language::Rust && alike(&|node| rust_values::ordered(node, around, self))
    }

    /// Whether so many nodes may be looked at still.
    pub(super) fn afford(&self, count: usize) -> bool {
        let left = self.left.get().checked_sub(count + 1);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Whether this is a file of tests.
    pub(super) const fn is_test(&self) -> bool {
        self.is_test
    }

    /// Adds a finding.
    pub(super) fn hit(&mut self, rule: &'static Rule, node: Node<'_>, message: &str) {
        self.hit_at(rule, node.byte_range(), message);
    }

    /// The same, unless it is among the last ones.
    pub(super) fn hit_once(&mut self, rule: &'static Rule, node: Node<'_>, message: &str) {
        let mut last = self.hits.iter().rev().take(MAX_REPEATED);
        if !last.any(|hit| hit.rule.id == rule.id && hit.span.start == node.start_byte()) {
            self.hit(rule, node, message);
        }
    }

    /// The same, at a place.
    pub(super) fn hit_at(&mut self, rule: &'static Rule, span: Range<usize>, message: &str) {
        self.hits.push(Hit { rule, span, message: message.to_owned(), mend: None });
    }

    /// The text from one node to the next.
    pub(super) fn between(&self, left: Node<'_>, right: Node<'_>) -> &'s str {
        self.source.get(left.end_byte()..right.start_byte()).unwrap_or_default()
    }

    /// Bytes before a node, no more than `count`.
    pub(super) fn last_before(&self, node: Node<'_>, count: usize) -> &'s str {
        let mut from = node.start_byte().saturating_sub(count);
        while !self.source.is_char_boundary(from) {
            from += 1;
        }
        self.source.get(from..node.start_byte()).unwrap_or_default()
    }

    /// What stands behind a node.
    pub(super) fn after(&self, node: Node<'_>) -> &'s str {
        self.source.get(node.end_byte()..).unwrap_or_default()
    }

    /// What indents a node that begins a line.
    pub(super) fn margin(&self, node: Node<'_>) -> Option<&'s str> {
        let before = self.source.get(..node.start_byte())?;
        let margin = before.len() - before.trim_end_matches([' ', '\t']).len();
        let (line, margin) = before.split_at_checked(before.len() - margin)?;
        (line.is_empty() || line.ends_with('\n')).then_some(margin)
    }

    /// Whether a node is a name, or a member of one.
    pub(super) fn is_name(&self, node: Node<'_>) -> bool {
        self.text(node).bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.->".contains(&byte))
    }

    /// The value of a literal of a whole number.
    pub(super) fn integer(&self, node: Node<'_>) -> Option<u64> {
        let text: String = self.text(node).chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
        let (digits, radix) = match text.get(..2) {
            Some("0x") => (text.get(2..)?, 16),
            Some("0b") => (text.get(2..)?, 2),
            Some("0o") => (text.get(2..)?, 8),
            Some(_) if text.starts_with('0') && self.language != Language::Rust => (text.as_str(), 8),
            _ => (text.as_str(), 10),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let (digits, suffix) = digits.split_at_checked(end)?;
        let whole = suffix.is_empty() || suffix.starts_with(['u', 'l']) || suffix.starts_with('i') && suffix != "i";
        u64::from_str_radix(digits, radix).ok().filter(|_| whole)
    }

    /// The same, where a sign may stand in front.
    pub(super) fn signed(&self, node: Node<'_>) -> Option<i128> {
        let node = bare(node);
        if node.kind() == "unary_expression" && self.text(node).starts_with('-') {
            return node.named_child(0).and_then(|node| self.integer(node)).map(|value| -i128::from(value));
        }
        self.integer(node).map(i128::from)
    }

    /// The same code has the same text here, however it is laid out and commented.
    pub(super) fn plain(&self, node: Node<'_>) -> Option<String> {
        if node.byte_range().len() > MAX_COMPARED_BYTES {
            return None;
        }
        let mut plain = String::new();
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            if is_comment(node) {
                continue;
            }
            if node.child_count() == 0 || node.kind().contains("string") || node.kind().contains("char") {
                plain.push_str(self.text(node));
                plain.push('\0');
                continue;
            }
            let mut cursor = node.walk();
            if node.kind() == "parenthesized_expression" {
                pending.extend(node.named_children(&mut cursor));
                continue;
            }
            let from = pending.len();
            pending.extend(node.children(&mut cursor));
            if let Some(added) = pending.get_mut(from..) {
                added.reverse();
            }
        }
        Some(plain)
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

/// The named nodes below a node, without comments.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !is_comment(*child)).collect()
}

fn is_comment(node: Node<'_>) -> bool {
    node.is_extra() && node.kind().contains("comment")
}

/// The statements of a block, or of a case of Go.
pub(super) fn statements(body: Node<'_>) -> Vec<Node<'_>> {
    let own = children(body);
    match own.iter().find(|inner| inner.kind() == "statement_list") {
        Some(list) => children(*list),
        None => own,
    }
}

/// What stands in parentheses.
pub(super) fn bare(node: Node<'_>) -> Node<'_> {
    let mut inner = node;
    while let Some(next) = inner.named_child(0).filter(|_| inner.kind() == "parenthesized_expression") {
        inner = next;
    }
    inner
}

/// What the rules find in a source.
pub(super) fn lint(
    language: Language,
    source: &str,
    path: &str,
    budget: &Budget,
) -> Result<(Outcome, Vec<Hit>), Outcome> {
    let Engine::TreeSitter(table) = language.engine() else { return Err(Outcome::Unreadable(0)) };
    let parsed = walk::tree(table, source, budget)?;
    let is_test = path.ends_with("_test.go");
    let is_generated = language == Language::Go && go::is_generated(source);
    let left = Cell::new(MAX_NODES_ASKED);
    let mut tree = Tree {
        source,
        language,
        is_test,
        hits: Vec::new(),
        open: Vec::new(),
        is_generated,
        left,
        tests: OnceCell::new(),
    };
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
            return true;
        }
        look(node, around, &mut tree);
        match language {
            Language::Go => go::look(node, around, &mut tree),
            Language::Java => java::look(node, around, &mut tree),
            Language::Rust => rust::look(node, around, &mut tree),
            Language::C => c::look(node, around, &mut tree),
            _ => {}
        }
        true
    });
    go::settle(usize::MAX, &mut tree);
    Ok((broken.map_or(Outcome::Clean, Outcome::Broken), tree.hits))
}

fn look<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    match node.kind() {
        "binary_expression" => binary(node, around, tree),
        "assignment_expression" => assignment(node, around, tree),
        "if_statement" | "if_expression" => branch(node, around, tree),
        "conditional_expression" | "ternary_expression" => {
            let arm = |name: &str| node.child_by_field_name(name).and_then(|arm| tree.plain(arm));
            if arm("consequence").is_some_and(|then| arm("alternative") == Some(then)) {
                same_arms(node, tree);
            }
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
        let pure = is_pure(left) && is_pure(right) && tree.is_same(left, right, around);
        let number = left.kind().contains("float") || left.kind().contains("literal") && !compares;
        let rust = tree.language == Language::Rust;
        let float = tree.language == Language::C && pure && c::may_be_float(sign, left, around, tree);
        if pure && !float && (rust && sign != "%" || !rust && !number) {
            let rule = tree.of(
                None,
                Some(&rules::JAVA_IDENTITY_BINARY_EXPRESSION),
                Some(&rules::RUST_EQ_OP),
                Some(&rules::C_MISC_REDUNDANT_EXPRESSION),
            );
            let rule = rule.filter(|_| !rust || !rust::is_test(around, tree));
            rule.into_iter().for_each(|rule| tree.hit(rule, node, "both sides are the same"));
        } else if tree.language == Language::C {
            c::chained(node, sign, around, tree);
        }
    }
    arithmetic(node, around, sign, left, right, tree);
    let is_truth = |side: Node<'t>| matches!(tree.text(side), "true" | "false") && side.named_child_count() <= 1;
    if equal && (is_truth(left) || is_truth(right)) && tree.language == Language::Java {
        tree.hit(&rules::JAVA_SIMPLIFY_BOOLEAN_EXPRESSIONS, node, "the value is the answer already");
    }
    if equal && [left, right].iter().any(|side| side.kind() == "string_literal") {
        let rule = tree.of(None, None, None, Some(&rules::C_STRING_COMPARE));
        let directive = around.iter().any(|outer| outer.kind().starts_with("preproc"));
        rule.filter(|_| !directive).into_iter().for_each(|rule| tree.hit(rule, node, "places are compared, not texts"));
    }
}

// What literals tell of an operation.
fn arithmetic<'t>(
    node: Node<'t>,
    around: &[Node<'t>],
    sign: &str,
    left: Node<'t>,
    right: Node<'t>,
    tree: &mut Tree<'_>,
) {
    let divisor = |tree: &Tree<'_>| match tree.language {
        Language::Rust => rust_values::value(right, around, true, tree),
        _ => tree.signed(right),
    };
    let (rule, message) = match sign {
        "^" if is_power(left, right, tree) => (
            tree.of(
                None,
                Some(&rules::JAVA_XOR_POWER),
                Some(&rules::RUST_SUSPICIOUS_XOR_USED_AS_POW),
                Some(&rules::C_XOR_USED_AS_POW),
            ),
            "`^` is no power",
        ),
        "%" if divisor(tree).is_some_and(|value| value.abs() == 1) => (
            tree.of(Some(&rules::GO_SA4028), None, Some(&rules::RUST_MODULO_ONE), Some(&rules::C_MODULOOFONE)),
            "what remains of a division by one is always 0",
        ),
        "/" | "%" if !left.kind().contains("float") && tree.integer(bare(right)) == Some(0) => (
            tree.of(None, Some(&rules::JAVA_DIV_ZERO).filter(|_| sign == "/"), None, Some(&rules::C_DIVISION_BY_ZERO)),
            "a division by zero",
        ),
        "==" | "!=" | "<" | ">" | "<=" | ">=" if is_mask_off(sign, left, right, tree) => {
            let only_equality = matches!(sign, "==" | "!=");
            let c = Some(&rules::C_TAUTOLOGICAL_BITWISE_COMPARE).filter(|_| only_equality);
            (tree.of(None, None, Some(&rules::RUST_BAD_BIT_MASK), c), "the bits that are kept never give this value")
        }
        _ => return,
    };
    rule.into_iter().for_each(|rule| tree.hit(rule, node, message));
}

// `2 ^ 16`, in decimal digits: Rust takes any number for one, the others 2 and 10.
fn is_power(left: Node<'_>, right: Node<'_>, tree: &Tree<'_>) -> bool {
    let decimal = |side: Node<'_>| {
        let text = tree.text(side);
        let kind = side.kind().contains("literal");
        kind && tree.integer(side).is_some() && (text == "0" || !text.starts_with('0'))
    };
    decimal(left) && decimal(right) && (tree.language == Language::Rust || matches!(tree.text(left), "2" | "10"))
}

// `a & 2 == 1`: whether a comparison of a value with some bits set or cleared always comes out the same.
fn is_mask_off(sign: &str, left: Node<'_>, right: Node<'_>, tree: &Tree<'_>) -> bool {
    let (bits, value, sign) = match (tree.integer(left), tree.integer(right)) {
        (None, Some(value)) => (bare(left), value, sign),
        (Some(value), None) => {
            let turned = match sign {
                "<" => ">",
                ">" => "<",
                "<=" => ">=",
                ">=" => "<=",
                same => same,
            };
            (bare(right), value, turned)
        }
        _ => return false,
    };
    let field = |name: &str| bits.child_by_field_name(name);
    let (Some(one), Some(other), Some(operator)) = (field("left"), field("right"), field("operator")) else {
        return false;
    };
    let Some(mask) = tree.integer(other).or_else(|| tree.integer(one)) else { return false };
    match (tree.text(operator), sign) {
        ("&", "==" | "!=") => mask & value != value || tree.language == Language::Rust && mask == 0,
        ("&", "<" | ">=") => mask < value || mask == 0,
        ("&", "<=" | ">") => mask <= value,
        ("|", "==" | "!=") => mask | value != value,
        ("|", "<" | ">=") => mask >= value,
        ("|", "<=" | ">") => mask > value,
        _ => false,
    }
}

// Whether code gives the same value each time.
pub(super) fn is_pure(node: Node<'_>) -> bool {
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

fn assignment<'t>(node: Node<'t>, around: &[Node<'t>], tree: &mut Tree<'_>) {
    let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
        return;
    };
    let plain = node.child_by_field_name("operator").is_none_or(|sign| tree.text(sign) == "=");
    if plain && is_pure(left) && is_pure(right) && tree.text(left) != "_" && tree.is_same(left, right, around) {
        let rule = tree.of(
            None,
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
        if inner.is_some_and(|inner| c::assigns(inner, tree)) {
            tree.hit(&rules::C_PARENTHESES, test, "an assignment stands where a comparison is expected");
        }
    }
    let ends_at_once = field("consequence")
        .is_some_and(|then| tree.text(then) == ";" && then.start_position().row == test.end_position().row);
    if ends_at_once && tree.language == Language::C && field("alternative").is_none() {
        tree.hit(&rules::C_EMPTY_BODY, node, "a branch without anything in it");
    }
    // What a condition does, and what is done else, whatever follows on it.
    let arm = |alternative: Node<'t>| {
        let inner = if alternative.kind() == "else_clause" { alternative.named_child(0)? } else { alternative };
        match (inner.kind(), tree.language) {
            ("if_expression", _) => inner.child_by_field_name("consequence"),
            ("if_statement", _) => None,
            _ => Some(inner),
        }
    };
    let mut arms = (field("consequence"), field("alternative").and_then(arm));
    if tree.language == Language::C {
        arms = (arms.0.map(c::unbraced), arms.1.map(c::unbraced));
    }
    // What a pattern binds may differ, and code that is not written yet is the same everywhere.
    let is_open = |arm: Node<'_>| {
        let bound = |test: Node<'_>| test.kind().starts_with("let_");
        let next = field("alternative").and_then(|next| next.named_child(0)?.child_by_field_name("condition"));
        let body = tree.text(arm).trim_end_matches(['}', ';', ' ', '\n', '\t', '(', ')']);
        bound(test) || next.is_some_and(bound) || body.ends_with("todo!") || body.ends_with("unimplemented!")
    };
    if let (Some(then), Some(other)) = arms
        && !(tree.language == Language::Rust && is_open(then))
        && !(tree.language == Language::C && c::is_uncompared(then, tree))
        && tree.is_same(then, other, around)
    {
        same_arms(node, tree);
    }
    let answers_again = is_pure(test) || tree.language == Language::Rust && rust::only_asks(test, around, tree);
    if !answers_again {
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
        {
            break;
        }
        known.extend(outer.child_by_field_name("condition").and_then(|test| tree.plain(test)));
        inner = *outer;
    }
    if tree.plain(test).is_some_and(|test| known.contains(&test)) {
        let rule = tree.of(
            None,
            Some(&rules::JAVA_RPC_REPEATED_CONDITIONAL_TEST),
            Some(&rules::RUST_IFS_SAME_COND),
            Some(&rules::C_DUPLICATED_COND),
        );
        rule.into_iter().for_each(|rule| tree.hit(rule, test, "the condition stands in the chain already"));
    }
}

fn same_arms(node: Node<'_>, tree: &mut Tree<'_>) {
    let rule = tree.of(
        None,
        Some(&rules::JAVA_DUPLICATE_BRANCHES),
        Some(&rules::RUST_IF_SAME_THEN_ELSE),
        Some(&rules::C_DUPLICATED_BRANCHES),
    );
    rule.into_iter().for_each(|rule| tree.hit(rule, node, "both branches do the same"));
}

//! Reads a source with a tree-sitter grammar and a [`Table`], sending [`Event`]s.
//!
//! Walks with a cursor and an explicit stack, so that no nesting depth can exhaust the call stack; never uses queries.

use super::Outcome;
use super::comments::{without_comment_lines, without_strings_and_comments};
use super::depth::{self, Layout};
use super::events::{Construct, Event, Listener, LogicalOperator, Opening, Token, TokenClass};
use super::tables::{Node as Meaning, Role, Table, Word};
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tree_sitter::{Language, LogType, Node, ParseOptions, ParseState, Parser, Point, Tree, TreeCursor};

/// Steps any text may take; a step is 100 operations of the parser.
pub const MIN_STEPS: usize = 2_000;

/// Bytes of text that allow one step more: a third of what the densest real sources have, which are tables of numbers.
pub const BYTES_PER_STEP: usize = 5;

/// Most steps of any text, however long, what its errors count as among them: two fifths of a second, and half as long again to go
/// over what it has found. Of 746 real files of 100 KB to a MiB one takes more, a table of macros, one 20,000, all others up to
/// 11,000.
pub const MAX_STEPS: usize = 32_000;

/// Most of all texts of a call: twice as long. Four megabytes of real sources take 30,000.
pub const MAX_CALL_STEPS: usize = 64_000;

/// What a step counts while nothing that the parser follows is free of errors: every sign is then skipped on its own.
pub const ERROR_STEP_COST: usize = 3;

/// One step in so many is watched for errors, which takes longer than the step: what it shows counts for all of them.
pub const STEPS_PER_SAMPLE: usize = 128;

/// Steps of a call from which on errors are watched: fewer take a quarter of a second at worst, whatever is wrong with the texts.
pub const UNWATCHED_STEPS: usize = 1_000;

/// Errors that take as long as a step, where a reading that did not fail goes on beside the one that did.
pub const ERRORS_PER_STEP: usize = 5;

/// Reductions that a token may lead to, on the average of a step; real sources have up to two. With more, readings of the text that
/// differ are looked at in all combinations.
pub const REDUCTIONS_PER_TOKEN: usize = 4;

/// Reductions beyond those that take as long as a step.
pub const REDUCTIONS_PER_STEP: usize = 8;

/// Most chain links and brackets (see [`depth`]) open at once. The parser itself takes more, but the cost of its error
/// recovery grows with errors times depth: at this figure half a second and 75 MB at worst.
pub const MAX_CHAIN_LINKS: u32 = 600;

const NO_MEANING: Meaning = Meaning { role: Role::Plain, decides: false, deeper: &[] };

/// Reads a source; the events cover broken source too, as far as the grammar recovers.
pub fn read<'a>(table: &'static Table, source: &'a str, budget: &Budget, listener: &mut dyn Listener<'a>) -> Outcome {
    let tree = match tree(table, source, budget) {
        Ok(tree) => tree,
        Err(outcome) => return outcome,
    };
    let mut walker = Walker {
        kinds: table.kinds.get_or_init(|| Kinds::new(table, &tree.language())),
        table,
        source,
        listener,
        stack: Vec::new(),
        after_operand: false,
        broken: None,
    };
    walker.walk(&mut tree.walk());
    walker.broken.map_or(Outcome::Clean, Outcome::Broken)
}

/// The syntax tree of a source, its offsets those of the source; a broken source has one too, with error nodes. Python's lines
/// of comment are not in it.
pub fn tree(table: &'static Table, source: &str, budget: &Budget) -> Result<Tree, Outcome> {
    let text = if table.layout == Layout::Margin { without_comment_lines(source) } else { Cow::Borrowed(source) };
    parsed(&(table.grammar)(), |text| depth::chain_exceeded(text, table.layout, MAX_CHAIN_LINKS), &text, budget)
}

/// The syntax tree of a text by a grammar, within bounds of work, and of depth as `too_deep` tells it. Of Python whose strings and
/// comments alone seem to nest, the tree itself tells.
pub fn parsed(
    language: &Language,
    too_deep: impl Fn(&str) -> Option<usize>,
    text: &str,
    budget: &Budget,
) -> Result<Tree, Outcome> {
    let doubt = too_deep(text);
    if let Some(at) = doubt
        && (language.name() != Some("python") || too_deep(&without_strings_and_comments(text)).is_some())
    {
        return Err(Outcome::TooDeep(at));
    }
    let mut parser = Parser::new();
    // Fails only for a grammar of another ABI, which the pinned versions exclude.
    if parser.set_language(language).is_err() {
        return Err(Outcome::Unreadable(0));
    }
    let bytes = text.as_bytes();
    let tree = parse(&mut parser, bytes.len(), budget, |at| bytes.get(at..).unwrap_or_default());
    let tree = tree.ok_or(Outcome::Unreadable(0))?;
    match doubt {
        Some(at) if nests_deeper(&tree, MAX_CHAIN_LINKS as usize) => Err(Outcome::TooDeep(at)),
        _ => Ok(tree),
    }
}

// Whether a node stands in more than so many others.
fn nests_deeper(tree: &Tree, limit: usize) -> bool {
    let mut deeper = false;
    every_node_within(tree, |_, around| {
        deeper = deeper || around.len() > limit;
        !deeper
    });
    deeper
}

/// Calls `visit` with every node, parents before children, in source order; a node for which it says `false` is not entered.
pub fn every_node<'t>(tree: &'t Tree, mut visit: impl FnMut(Node<'t>) -> bool) {
    every_node_within(tree, |node, _| visit(node));
}

/// The same, with the nodes around each, the outermost first: asked of a node itself, its parent and neighbours cost as much as
/// there are nodes beside them.
pub fn every_node_within<'t>(tree: &'t Tree, mut visit: impl FnMut(Node<'t>, &[Node<'t>]) -> bool) {
    let mut cursor = tree.walk();
    let mut around = Vec::new();
    loop {
        let node = cursor.node();
        if visit(node, &around) && cursor.goto_first_child() {
            around.push(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            around.pop();
        }
    }
}

/// What parsing all texts of a call has taken, of the [`MAX_CALL_STEPS`] that it may take.
#[derive(Debug, Default)]
pub struct Budget {
    steps: Cell<usize>,
    // Steps, and what errors count as.
    spent: Cell<usize>,
}

// What parsing a text has taken, and may take.
struct Effort<'b> {
    budget: &'b Budget,
    steps: usize,
    most: usize,
    spent: usize,
    restart: usize,
}

impl<'b> Effort<'b> {
    fn new(length: usize, restart: usize, budget: &'b Budget) -> Self {
        Self { budget, steps: 0, most: MIN_STEPS + length / BYTES_PER_STEP, spent: 0, restart }
    }

    fn spend(&mut self, steps: usize) {
        self.spent += steps;
        self.budget.spent.update(|spent| spent + steps);
    }

    fn step(&mut self, in_error: bool) {
        self.steps += 1;
        self.budget.steps.update(|steps| steps + 1);
        self.spend(if in_error { ERROR_STEP_COST } else { 1 });
    }

    // Counts what one watched step showed for all those that it stands for.
    fn saw(&mut self, heard: &Heard) {
        let restarts = heard.restarts.swap(0, Ordering::Relaxed);
        let failures = heard.failures.swap(0, Ordering::Relaxed);
        let tokens = heard.tokens.swap(0, Ordering::Relaxed);
        let reductions = heard.reductions.swap(0, Ordering::Relaxed).saturating_sub(REDUCTIONS_PER_TOKEN * tokens);
        let steps = restarts * self.restart + failures / ERRORS_PER_STEP + reductions / REDUCTIONS_PER_STEP;
        self.spend(STEPS_PER_SAMPLE * steps);
    }

    fn is_over(&self) -> bool {
        self.steps > self.most || self.spent > MAX_STEPS || self.budget.spent.get() > MAX_CALL_STEPS
    }

    // Whether the next step is watched.
    fn watches(&self) -> bool {
        let steps = self.budget.steps.get();
        steps >= UNWATCHED_STEPS && steps.is_multiple_of(STEPS_PER_SAMPLE)
    }
}

// What the parser's log tells of what takes long; nothing else does: where a missing token is made up, nothing counts as an error.
#[derive(Default)]
struct Heard {
    // No reading of the text went on, so that one was mended: every token is tried in its place, in every reading.
    restarts: AtomicUsize,
    // A reading of the text did not go on.
    failures: AtomicUsize,
    tokens: AtomicUsize,
    reductions: AtomicUsize,
}

impl Heard {
    fn hear(&self, message: &str) {
        let counts = [
            ("process version", &self.tokens),
            ("reduce", &self.reductions),
            ("detect_error", &self.failures),
            ("resume version", &self.restarts),
        ];
        if let Some((_, count)) = counts.iter().find(|(word, _)| message.starts_with(word)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

// How many steps a restart takes as long as: it grows with a grammar's states and tokens.
fn restart_cost(language: &Language) -> usize {
    match language.name() {
        Some("c") => 1,
        Some("rust") => 4,
        _ => 2,
    }
}

// Parses within the bounds of an effort. What has halted goes on where it was, so a step can be watched and the next not.
fn parse<'t>(
    parser: &mut Parser,
    length: usize,
    budget: &Budget,
    mut from: impl FnMut(usize) -> &'t [u8],
) -> Option<Tree> {
    let restart = parser.language().map_or(1, |language| restart_cost(&language));
    let mut effort = Effort::new(length, restart, budget);
    let heard = Arc::new(Heard::default());
    let mut piece = |at: usize, _: Point| from(at);
    loop {
        let watched = effort.watches();
        if watched {
            let heard = Arc::clone(&heard);
            parser.set_logger(Some(Box::new(move |kind, message| {
                if kind == LogType::Parse {
                    heard.hear(message);
                }
            })));
        }
        let mut within = |state: &ParseState| {
            effort.step(state.has_error());
            let halts = watched || effort.watches() || effort.is_over();
            if halts { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut within);
        let tree = parser.parse_with_options(&mut piece, None, Some(options));
        if tree.is_some() {
            return tree;
        }
        if watched {
            parser.set_logger(None);
            effort.saw(&heard);
        }
        if effort.is_over() {
            return None;
        }
    }
}

/// A table by the numbers of its grammar's kinds: one look-up a node.
#[derive(Debug)]
pub struct Kinds {
    nodes: Vec<Meaning>,
    words: Vec<Option<Word>>,
}

impl Kinds {
    fn new(table: &Table, language: &Language) -> Self {
        let count = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        let (mut nodes, mut words) = (Vec::new(), Vec::new());
        for id in 0..count {
            let name = language.node_kind_for_id(id).unwrap_or_default();
            let named = language.node_kind_is_named(id);
            let meaning = table.nodes.iter().find(|(kind, _)| named && *kind == name);
            nodes.push(meaning.map_or(NO_MEANING, |(_, meaning)| *meaning));
            let word = table.words.iter().find(|(kind, _)| !named && *kind == name);
            words.push(word.map(|(_, word)| *word));
        }
        Self { nodes, words }
    }

    // Errors have an id beyond the table.
    fn meaning(&self, id: u16) -> Meaning {
        self.nodes.get(usize::from(id)).copied().unwrap_or(NO_MEANING)
    }

    fn word(&self, id: u16) -> Option<Word> {
        self.words.get(usize::from(id)).copied().flatten()
    }
}

// A node whose children are being read.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about where the walk is")]
struct Frame {
    role: Role,
    deeper: &'static [&'static str],
    // Part of a logical expression, so that a logical child continues it.
    in_sequence: bool,
    // Inside a literal: no tokens of its own.
    in_literal: bool,
    // A decorator's or documentation's expression.
    documentation: bool,
    // The `else` below belongs to an `if`.
    else_counts: bool,
    // An arm has gone by.
    one_seen: bool,
    undo: Undo,
}

// What to send when a node ends.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent events, each matched by its counterpart")]
struct Undo {
    close: bool,
    scope: bool,
    leave: Option<Construct>,
    undeepen: bool,
    end_sequence: bool,
}

struct Walker<'a, 'l> {
    kinds: &'static Kinds,
    table: &'static Table,
    source: &'a str,
    listener: &'l mut dyn Listener<'a>,
    stack: Vec<Frame>,
    after_operand: bool,
    broken: Option<usize>,
}

const ROOT: Frame = Frame {
    role: Role::Plain,
    deeper: &[],
    in_sequence: false,
    in_literal: false,
    documentation: false,
    else_counts: false,
    one_seen: false,
    undo: Undo { close: false, scope: false, leave: None, undeepen: false, end_sequence: false },
};

impl<'a> Walker<'a, '_> {
    fn walk(&mut self, cursor: &mut TreeCursor<'_>) {
        loop {
            if self.enter(cursor) {
                if cursor.goto_first_child() {
                    continue;
                }
                self.leave();
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                self.leave();
            }
        }
    }

    fn parent(&self) -> Frame {
        self.stack.last().copied().unwrap_or(ROOT)
    }

    // Sends what a node means; false for a leaf, or where its children are not to be read.
    fn enter(&mut self, cursor: &TreeCursor<'_>) -> bool {
        let node = cursor.node();
        if (node.is_error() || node.is_missing()) && self.broken.is_none() {
            self.broken = Some(node.start_byte());
        }
        let parent = self.parent();
        let meaning = self.kinds.meaning(node.kind_id());
        // Looking it up takes as long as a node has fields and hidden parts, so only those who ask are told.
        let asks = matches!(parent.role, Role::Directive | Role::Branch(Construct::If)) || !parent.deeper.is_empty();
        let field = if asks { cursor.field_name() } else { None };
        let of_directive = parent.role == Role::Directive;
        if matches!(meaning.role, Role::Comment | Role::Ignored)
            || (of_directive && matches!(field, Some("condition" | "name")))
        {
            return false;
        }
        if node.child_count() == 0 {
            self.leaf(&node, &meaning, &parent);
            return false;
        }
        let mut frame = Frame { role: meaning.role, deeper: meaning.deeper, ..ROOT };
        frame.in_literal = (parent.in_literal || meaning.role == Role::Literal) && meaning.role != Role::Interpolation;
        self.literal(&node, &meaning, &parent);
        self.sequence(&node, &meaning, &parent, &mut frame);
        let else_if = meaning.role == Role::Branch(Construct::If)
            && (parent.role == Role::ElseClause && parent.else_counts
                || parent.role == Role::Branch(Construct::If) && field == Some("alternative"));
        let deeper = field.is_some_and(|field| parent.deeper.contains(&field))
            || (parent.else_counts && parent.role == Role::ElseClause && node.is_named())
            || (parent.role == Role::Branch(Construct::If) && field == Some("alternative"))
                && meaning.role != Role::ElseClause
                && meaning.role != Role::ElseIf
            || meaning.role == Role::Deeper
            || matches!(parent.role, Role::Branch(Construct::Ternary | Construct::Catch)) && parent.deeper.is_empty();
        if deeper && !else_if {
            frame.undo.undeepen = true;
            self.send(Event::Deepen);
        }
        if meaning.decides {
            self.send(Event::Decision);
        }
        self.role(&node, &meaning, &parent, &mut frame, else_if);
        self.stack.push(frame);
        true
    }

    fn role(&mut self, node: &Node<'_>, meaning: &Meaning, parent: &Frame, frame: &mut Frame, else_if: bool) {
        match meaning.role {
            Role::Branch(_) if else_if => {}
            Role::Branch(construct) => {
                frame.undo.leave = Some(construct);
                self.send(Event::Enter(construct));
            }
            Role::ElseIf | Role::Flat => self.send(Event::Break),
            Role::ElseClause => frame.else_counts = parent.role == Role::Branch(Construct::If),
            Role::Arm => {
                if parent.one_seen {
                    self.send(Event::Decision);
                }
                if let Some(parent) = self.stack.last_mut() {
                    parent.one_seen = true;
                }
            }
            Role::ComprehensionIf if parent.role == Role::Comprehension => self.send(Event::Break),
            Role::Jump => {
                let mut cursor = node.walk();
                let labelled = node
                    .named_children(&mut cursor)
                    .any(|child| matches!(child.kind(), "label" | "label_name" | "identifier"));
                // `break value` of Rust names a value, its label is a kind of its own.
                let value = node.kind() == "break_expression";
                let mut cursor = node.walk();
                if labelled && (!value || node.named_children(&mut cursor).any(|child| child.kind() == "label")) {
                    self.send(Event::Break);
                }
            }
            Role::LetElse if node.child_by_field_name("alternative").is_some() => {
                frame.undo.leave = Some(Construct::If);
                self.send(Event::Enter(Construct::If));
                self.send(Event::Decision);
            }
            Role::Function => self.function(node, frame),
            Role::Scope(field) => {
                if let Some(name) = node.child_by_field_name(field) {
                    frame.undo.scope = true;
                    let name = self.text(&name);
                    self.send(Event::EnterScope(name));
                }
            }
            Role::Call => {
                let callee = node.child_by_field_name("function").filter(|callee| callee.kind() == "identifier");
                if let Some(callee) = callee.filter(|_| self.table.calls_by_name) {
                    let name = self.text(&callee);
                    self.send(Event::Call(name));
                }
            }
            Role::ExpressionStatement => {
                frame.documentation = node.child_count() == 1
                    && node.child(0).is_some_and(|child| {
                        let text = self.text(&child);
                        child.kind() == "string"
                            && (text.trim_start_matches(['r', 'R', 'u', 'U', 'b', 'B']).starts_with("\"\"\"")
                                || text.trim_start_matches(['r', 'R', 'u', 'U', 'b', 'B']).starts_with("'''"))
                    });
            }
            _ => {}
        }
    }

    // A literal with parts is one token, however many leaves it has.
    fn literal(&mut self, node: &Node<'_>, meaning: &Meaning, parent: &Frame) {
        if meaning.role == Role::Literal && !parent.in_literal {
            let class = if parent.documentation { TokenClass::Documentation } else { TokenClass::Operand };
            self.send(Event::Token(Token { class, start: node.start_byte(), end: node.end_byte() }));
            self.after_operand = true;
        }
    }

    fn sequence(&mut self, node: &Node<'_>, meaning: &Meaning, parent: &Frame, frame: &mut Frame) {
        let logical = match meaning.role {
            Role::Logical => true,
            Role::Operation => node
                .child_by_field_name("operator")
                .is_some_and(|sign| matches!(self.kinds.word(sign.kind_id()), Some(Word::Logical(_)))),
            _ => false,
        };
        frame.in_sequence = logical || (meaning.role == Role::Parenthesized && parent.in_sequence);
        if logical && !parent.in_sequence {
            frame.undo.end_sequence = true;
            self.send(Event::BeginSequence);
        }
    }

    fn leaf(&mut self, node: &Node<'_>, meaning: &Meaning, parent: &Frame) {
        let (start, end) = (node.start_byte(), node.end_byte());
        let named = node.is_named();
        let word = if named { None } else { self.kinds.word(node.kind_id()) };
        match word {
            Some(Word::Decision) => self.send(Event::Decision),
            Some(Word::Else) if parent.role == Role::Branch(Construct::If) || parent.else_counts => {
                self.send(Event::Break);
            }
            Some(Word::Logical(operator)) => self.logical(operator, parent),
            Some(Word::Else) | None => {}
        }
        self.role_of_leaf(meaning);
        if start == end || parent.in_literal || (parent.role == Role::Directive && !named) {
            return;
        }
        let operator = !named || meaning.role == Role::Operator;
        let text = self.source.get(start..end).unwrap_or_default();
        if text.trim().is_empty() {
            return;
        }
        self.after_operand = !operator || matches!(text, ")" | "]" | "}");
        let class = if operator { TokenClass::Operator } else { TokenClass::Operand };
        self.send(Event::Token(Token { class, start, end }));
    }

    // A clause or jump without children of its own.
    fn role_of_leaf(&mut self, meaning: &Meaning) {
        if meaning.role == Role::Flat {
            self.send(Event::Break);
        }
    }

    fn logical(&mut self, operator: LogicalOperator, parent: &Frame) {
        // In a macro's tokens `&&x` may be a reference and `||` a closure without parameters.
        if parent.role == Role::TokenTree && !self.after_operand {
            return;
        }
        self.send(Event::Decision);
        if matches!(parent.role, Role::Operation | Role::Logical) {
            self.send(Event::Logical(operator));
        }
    }

    fn function(&mut self, node: &Node<'_>, frame: &mut Frame) {
        let Some(body) = node.child_by_field_name("body") else { return };
        let head = head_of(node);
        let name = head.name.map(|name| self.text(&name));
        let opening = Opening {
            name,
            start: head.name.map_or(node.start_byte(), |name| name.start_byte()),
            own_from: head.name.map_or(node.start_byte(), |name| name.end_byte()),
            end: node.end_byte(),
            parameters: head.parameters.map_or(0, |list| self.count_parameters(&list)),
            wrapper: is_wrapper(&body),
        };
        frame.undo.close = true;
        self.send(Event::Open(opening));
    }

    fn count_parameters(&self, list: &Node<'_>) -> u32 {
        let mut cursor = list.walk();
        let mut count = 0;
        for child in list.named_children(&mut cursor).filter(|child| self.table.parameters.contains(&child.kind())) {
            let mut names = child.walk();
            let several = child.children_by_field_name("name", &mut names).count();
            // `(void)` of C declares no parameter.
            let none = child.kind() == "parameter_declaration" && self.text(&child) == "void";
            count += if none { 0 } else { u32::try_from(several.max(1)).unwrap_or(u32::MAX) };
        }
        count
    }

    fn text(&self, node: &Node<'_>) -> &'a str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    fn leave(&mut self) {
        let Some(Frame { undo, .. }) = self.stack.pop() else { return };
        if undo.end_sequence {
            self.send(Event::EndSequence);
        }
        if let Some(construct) = undo.leave {
            self.send(Event::Leave(construct));
        }
        if undo.close {
            self.send(Event::Close);
        }
        if undo.scope {
            self.send(Event::LeaveScope);
        }
        if undo.undeepen {
            self.send(Event::Undeepen);
        }
    }

    fn send(&mut self, event: Event<'a>) {
        self.listener.on(event);
    }
}

// A function's name and parameter list.
struct Head<'t> {
    name: Option<Node<'t>>,
    parameters: Option<Node<'t>>,
}

fn head_of<'t>(node: &Node<'t>) -> Head<'t> {
    let mut head = Head { name: node.child_by_field_name("name"), parameters: node.child_by_field_name("parameters") };
    // C wraps the name in declarators, the innermost function declarator being the function's own, unless one stands in
    // another without parentheses: then the inner one is a macro that makes the name.
    let mut declarator = node.child_by_field_name("declarator");
    let mut made_by_macro = false;
    while let Some(inner) = declarator {
        if inner.kind() == "function_declarator" {
            if !made_by_macro {
                head.parameters = inner.child_by_field_name("parameters");
            }
            made_by_macro = true;
        } else {
            made_by_macro = false;
        }
        head.name = Some(inner);
        declarator = inner.child_by_field_name("declarator").or_else(|| {
            let wrapped = inner.kind() == "parenthesized_declarator";
            wrapped.then(|| inner.named_child(0)).flatten()
        });
    }
    head
}

// The exception for decorators: a function that defines one function and returns, nothing else.
fn is_wrapper(body: &Node<'_>) -> bool {
    let mut cursor = body.walk();
    let mut kinds = body.named_children(&mut cursor).filter(|child| !child.is_extra()).map(|child| child.kind());
    matches!(kinds.next(), Some("function_definition" | "decorated_definition"))
        && kinds.next() == Some("return_statement")
        && kinds.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::tables;

    // Pieces that the parser asks for, and the bytes of one.
    fn pieces_read(text: &str, piece: usize) -> usize {
        let mut parser = Parser::new();
        parser.set_language(&(tables::PYTHON.grammar)()).expect("the pinned grammar");
        let mut asked = 0;
        let bytes = text.as_bytes();
        let tree = parse(&mut parser, bytes.len(), &Budget::default(), |at| {
            asked += 1;
            bytes.get(at..bytes.len().min(at / piece * piece + piece)).unwrap_or_default()
        });
        assert!(tree.is_some());
        asked
    }

    #[test]
    fn a_parser_may_take_as_many_steps_as_its_text_allows_and_no_text_more_than_the_most() {
        let taking = |length: usize, steps: usize| {
            let budget = Budget::default();
            let mut effort = Effort::new(length, 1, &budget);
            (0..steps).for_each(|_| effort.step(false));
            effort.is_over()
        };
        assert!(!taking(0, MIN_STEPS));
        assert!(taking(0, MIN_STEPS + 1));
        assert!(!taking(10 * BYTES_PER_STEP, MIN_STEPS + 10));
        assert!(taking(10 * BYTES_PER_STEP, MIN_STEPS + 11));
        assert!(!taking(usize::MAX / 2, MAX_STEPS));
        assert!(taking(usize::MAX / 2, MAX_STEPS + 1));
    }

    #[test]
    fn all_texts_of_a_call_take_from_one_budget() {
        let budget = Budget::default();
        let steps_of_a_text = 1_000;
        for _ in 0..MAX_CALL_STEPS / steps_of_a_text {
            let mut effort = Effort::new(0, 1, &budget);
            (0..steps_of_a_text).for_each(|_| effort.step(false));
            assert!(!effort.is_over());
        }
        let mut effort = Effort::new(0, 1, &budget);
        effort.step(false);
        assert!(effort.is_over());
    }

    #[test]
    fn errors_count_as_the_steps_that_they_take_as_long_as() {
        let spent = |restart: usize, heard: &[&str]| {
            let (budget, all) = (Budget::default(), Heard::default());
            let mut effort = Effort::new(0, restart, &budget);
            heard.iter().for_each(|message| all.hear(message));
            effort.saw(&all);
            effort.saw(&all);
            effort.spent
        };
        assert_eq!(spent(4, &["resume version:0", "resume_parsing", "shift state:1"]), 4 * STEPS_PER_SAMPLE);
        assert_eq!(spent(1, &["detect_error lookahead:a"; ERRORS_PER_STEP - 1]), 0);
        assert_eq!(spent(1, &["detect_error lookahead:a"; ERRORS_PER_STEP]), STEPS_PER_SAMPLE);
        let reductions = |count: usize| [&["process version:0"][..], &vec!["reduce sym:a"; count]].concat();
        assert_eq!(spent(1, &reductions(REDUCTIONS_PER_TOKEN + REDUCTIONS_PER_STEP - 1)), 0);
        assert_eq!(spent(1, &reductions(REDUCTIONS_PER_TOKEN + REDUCTIONS_PER_STEP)), STEPS_PER_SAMPLE);
        let in_error = |steps: usize| {
            let budget = Budget::default();
            let mut effort = Effort::new(usize::MAX / 2, 1, &budget);
            (0..steps).for_each(|_| effort.step(true));
            effort.is_over()
        };
        assert!(!in_error(MAX_STEPS / ERROR_STEP_COST));
        assert!(in_error(MAX_STEPS / ERROR_STEP_COST + 1));
        let budget = Budget::default();
        let mut effort = Effort::new(usize::MAX / 2, 1, &budget);
        let watched = |effort: &mut Effort<'_>, steps: usize| {
            (0..steps)
                .filter(|_| {
                    effort.step(false);
                    effort.watches()
                })
                .count()
        };
        assert_eq!(watched(&mut effort, UNWATCHED_STEPS - 1), 0);
        assert_eq!(watched(&mut effort, 10 * STEPS_PER_SAMPLE), 10);
    }

    #[test]
    fn a_text_of_nothing_but_errors_is_given_up_and_one_with_some_is_not() {
        let parsed = |table: &Table, text: &str| {
            let mut parser = Parser::new();
            parser.set_language(&(table.grammar)()).expect("the pinned grammar");
            parse(&mut parser, text.len(), &Budget::default(), |at| text.as_bytes().get(at..).unwrap_or_default())
                .is_some()
        };
        assert!(!parsed(&tables::RUST, &"a,".repeat(200_000)));
        assert!(!parsed(&tables::GO, &"\"".repeat(500_000)));
        assert!(!parsed(&tables::RUST, &format!("fn f() {{}}{}x y\n", "|".repeat(60)).repeat(3_000)));
        assert!(parsed(&tables::RUST, &format!("{}{}", "fn f() { g(1, 2); }\n".repeat(20_000), "a,".repeat(1_000))));
    }

    #[test]
    fn strings_of_python_nest_nothing_unless_its_tree_does() {
        let outcome = |text: &str| tree(&tables::PYTHON, text, &Budget::default()).err();
        let many = "(".repeat(MAX_CHAIN_LINKS as usize + 1);
        for text in [
            format!("x = '{many}'\n"),
            format!("def f():\n    \"\"\"{many}\n    {many}\"\"\"\n    return f'{many}'  # {many}\n"),
        ] {
            assert_eq!(outcome(&text), None, "{}", &text[..9]);
        }
        for text in [format!("x = {many}"), format!("x = '' + {many}"), format!("x = '\n{many}")] {
            assert!(matches!(outcome(&text), Some(Outcome::TooDeep(_))), "{}", &text[..9]);
        }
        // The quotes of an interpolation are its own to the grammar.
        let nested = format!("f\"{{\"\" {}1{}}}\"\n", "+ (".repeat(1_000), ")".repeat(1_000));
        assert!(
            depth::chain_exceeded(&without_strings_and_comments(&nested), Layout::Margin, MAX_CHAIN_LINKS).is_none()
        );
        assert!(matches!(outcome(&nested), Some(Outcome::TooDeep(_))));
    }

    #[test]
    fn comment_lines_are_read_a_bounded_number_of_times() {
        const PIECE: usize = 64;
        for (before, line, after) in [
            ("x = 1\n", "# a comment\n", "y = 2\n"),
            ("def f():\n    x = [\n", "    # a\n", "    ]\n"),
            ("", "#\n", ""),
        ] {
            let source = format!("{before}{}{after}", line.repeat(4_000));
            let pieces = source.len() / PIECE + 1;
            let asked = pieces_read(&without_comment_lines(&source), PIECE);
            assert!(asked <= 4 * pieces, "{asked} of {pieces} pieces for {line:?}");
        }
    }
}

//! Which Python a file needs, construct by construct: the standard library by name, and syntax.
//!
//! The results are vermin's: names are followed as it follows them, so what it takes for a use of `str.removeprefix` is one
//! here. Beyond it, syntax that ruff's parser knows to be newer is told too.

mod names;

use super::nodes::{Node, children, parts, walk};
use super::tables::{self, Since, Tables, Version};
use ruff_python_ast::{
    Comprehension, Decorator, ExceptHandler, Expr, ExprCall, ExprContext, InterpolatedStringElement, Keyword, Operator,
    Parameters, Pattern, Stmt, StmtClassDef, StmtFunctionDef, UnaryOp, WithItem,
};
use ruff_text_size::{Ranged, TextRange};
use std::collections::{BTreeMap, BTreeSet};

/// Classes in classes whose bodies are looked at twice, as vermin does; each level doubles the work.
const MAX_TWICE: usize = 3;

/// Something that needs a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) since: Since,
    pub(super) what: String,
    pub(super) range: TextRange,
}

/// Least versions of Python 2 and 3: none where it cannot run, `(0, 0)` where any will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Least {
    pub(super) two: Option<Version>,
    pub(super) three: Option<Version>,
}

/// What a file needs at least, or none when its needs contradict each other.
pub(super) fn least(needs: &[Need]) -> Option<Least> {
    let mut least = Least { two: Some((0, 0)), three: Some((0, 0)) };
    for Need { since, .. } in needs {
        let only_three = least.two.is_none() && least.three.is_some() && since.two.is_some() && since.three.is_none();
        let only_two = least.two.is_some() && least.three.is_none() && since.two.is_none() && since.three.is_some();
        if only_three || only_two {
            return None;
        }
        least.two = least.two.zip(since.two).map(|(a, b)| a.max(b));
        least.three = least.three.zip(since.three).map(|(a, b)| a.max(b));
    }
    Some(least)
}

/// All needs of a file.
pub(super) fn of(body: &[Stmt], source: &str, tables: &Tables) -> Vec<Need> {
    let mut scan = Scan {
        tables,
        source,
        needs: Vec::new(),
        features: BTreeSet::new(),
        modules: Vec::new(),
        members: BTreeMap::new(),
        keywords: BTreeMap::new(),
        defined: Scope::default(),
        resolved: BTreeMap::new(),
        types: BTreeMap::new(),
        member_of: BTreeMap::new(),
        alias_of: BTreeMap::new(),
        functions: Vec::new(),
        awaits: 0,
        yields: 0,
        fors: 0,
        whiles: 0,
        classes: 0,
        finals: Vec::new(),
        in_slices: BTreeSet::new(),
    };
    scan.block(body);
    scan.finish()
}

/// Names that are defined. What a part of the file defines is gone when the walk leaves it, at the cost of that part alone.
#[derive(Default)]
struct Scope {
    names: BTreeSet<String>,
    // In the order they came.
    added: Vec<String>,
}

impl Scope {
    fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn insert(&mut self, name: String) {
        if self.names.insert(name.clone()) {
            self.added.push(name);
        }
    }

    fn extend(&mut self, names: impl IntoIterator<Item = String>) {
        names.into_iter().for_each(|name| self.insert(name));
    }

    // A place to go back to.
    fn mark(&self) -> usize {
        self.added.len()
    }

    fn leave(&mut self, mark: usize) {
        for name in self.added.drain(mark.min(self.added.len())..) {
            self.names.remove(&name);
        }
    }
}

struct Scan<'s> {
    tables: &'s Tables,
    source: &'s str,
    needs: Vec<Need>,
    /// What has been told once.
    features: BTreeSet<String>,
    modules: Vec<(String, TextRange)>,
    members: BTreeMap<String, TextRange>,
    keywords: BTreeMap<(String, String), TextRange>,
    /// Names the file defines: what it calls so is its own.
    defined: Scope,
    /// Variables and what they were last given: a type or a function.
    resolved: BTreeMap<String, String>,
    types: BTreeMap<String, BTreeSet<String>>,
    /// Names imported from modules.
    member_of: BTreeMap<String, String>,
    alias_of: BTreeMap<String, String>,
    /// Functions whose calls the walk is in.
    functions: Vec<String>,
    awaits: usize,
    yields: usize,
    fors: usize,
    whiles: usize,
    classes: usize,
    finals: Vec<(usize, usize)>,
    in_slices: BTreeSet<Span>,
}

type Span = (u32, u32);

fn key_of(range: TextRange) -> Span {
    (range.start().to_u32(), range.end().to_u32())
}

impl Scan<'_> {
    fn finish(mut self) -> Vec<Need> {
        for (module, range) in &self.modules {
            if !self.defined.contains(module)
                && let Some(since) = self.tables.module(module)
            {
                self.needs.push(Need { since, what: format!("module `{module}`"), range: *range });
            }
        }
        for (member, range) in &self.members {
            if !self.defined.contains(member)
                && let Some(since) = self.tables.member(member)
            {
                self.needs.push(Need { since, what: format!("`{member}`"), range: *range });
            }
        }
        for ((function, keyword), range) in &self.keywords {
            if let Some(since) = self.tables.keyword(function, keyword) {
                self.needs.push(Need { since, what: format!("argument `{keyword}` of `{function}`"), range: *range });
            }
        }
        self.needs
    }

    fn need(&mut self, since: Since, what: &str, range: TextRange) {
        if self.features.insert(what.to_owned()) {
            self.needs.push(Need { since, what: what.to_owned(), range });
        }
    }

    fn value(&mut self, since: Option<Since>, kind: &str, value: &str, range: TextRange) {
        if let Some(since) = since {
            self.need(since, &format!("{kind} `{value}`"), range);
        }
    }

    fn add_module(&mut self, module: &str, range: TextRange) {
        if !self.defined.contains(module) && !self.modules.iter().any(|(known, _)| known == module) {
            self.modules.push((module.to_owned(), range));
        }
    }

    fn add_member(&mut self, member: &str, range: TextRange) {
        if !self.defined.contains(member) && self.tables.member(member).is_some() {
            self.members.entry(member.to_owned()).or_insert(range);
        }
    }

    fn add_keyword(&mut self, function: &str, keyword: &str, range: TextRange) {
        if !self.defined.contains(function) {
            self.keywords.entry((function.to_owned(), keyword.to_owned())).or_insert(range);
        }
    }

    fn block(&mut self, body: &[Stmt]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    #[expect(clippy::too_many_lines, reason = "one arm a statement")]
    fn statement(&mut self, statement: &Stmt) {
        let range = statement.range();
        match statement {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.name.as_str();
                    self.add_module(name, alias.range());
                    self.add_member(name, alias.range());
                    if let Some(bound) = &alias.asname {
                        self.alias_of.insert(bound.to_string(), name.to_owned());
                        self.defined.insert(bound.to_string());
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let Some(module) = import.module.as_ref().filter(|_| import.level == 0) else { return };
                self.add_module(module.as_str(), module.range());
                for alias in &import.names {
                    let name = alias.name.as_str();
                    let full = format!("{module}.{name}");
                    if name != "*" {
                        self.member_of.insert(name.to_owned(), module.to_string());
                        self.add_module(&full, alias.range());
                        self.add_member(&full, alias.range());
                        self.add_member(name, alias.range());
                    }
                    if let Some(bound) = &alias.asname {
                        self.alias_of.insert(bound.to_string(), full);
                        self.defined.insert(bound.to_string());
                    }
                }
            }
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.define_targets(target));
                let targets: Vec<&Expr> = assign.targets.iter().collect();
                self.resolve_assigned(&targets, &assign.value);
                self.inside(statement);
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.defined.insert(name.id.to_string());
                }
                self.resolve_assigned(&[&assign.target], &assign.value);
                if assign.op == Operator::BitOr && self.is_dict(&assign.value) {
                    let merges = tables::knows_union(&self.full_name(&assign.target)) == Some(true);
                    if merges || self.is_dict(&assign.target) {
                        self.need(Since::three(9), "dict union (`|=`)", range);
                    }
                }
                if assign.op == Operator::MatMult {
                    self.need(Since::three(5), "matrix multiplication (`@`)", range);
                }
                self.inside(statement);
            }
            Stmt::AnnAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.defined.insert(name.id.to_string());
                }
                if let Some(value) = &assign.value {
                    self.resolve_assigned(&[&assign.target], value);
                }
                self.need(Since::three(0), "annotations", range);
                self.need(Since::three(6), "variable annotations", range);
                let named = match &*assign.annotation {
                    Expr::Name(name) => Some(name.id.as_str()),
                    Expr::Subscript(subscript) => subscript.value.as_name_expr().map(|name| name.id.as_str()),
                    _ => None,
                };
                match named {
                    Some("Final") => self.need(Since::three(8), "`Final` annotations", range),
                    Some("Literal") => self.need(Since::three(8), "`Literal` annotations", range),
                    _ => {}
                }
            }
            Stmt::For(loops) => {
                if loops.is_async {
                    self.need(Since::three(5), "`async for`", range);
                }
                self.fors += 1;
                let outside = self.defined.mark();
                self.define_targets(&loops.target);
                if let Expr::Name(name) = &*loops.target {
                    let items: Vec<&Expr> = match &*loops.iter {
                        Expr::List(list) => list.elts.iter().collect(),
                        Expr::Tuple(tuple) => tuple.elts.iter().collect(),
                        Expr::Set(set) => set.elts.iter().collect(),
                        Expr::Dict(dict) => dict.items.iter().map(|item| &item.value).collect(),
                        _ => Vec::new(),
                    };
                    if items.into_iter().any(|item| self.is_dict(item)) {
                        self.resolved.insert(name.id.to_string(), "dict".to_owned());
                    }
                }
                self.inside(statement);
                self.fors -= 1;
                self.defined.leave(outside);
            }
            Stmt::While(_) => {
                self.whiles += 1;
                self.inside(statement);
                self.whiles -= 1;
            }
            Stmt::With(with) => {
                if with.is_async {
                    self.need(Since::three(5), "`async with`", range);
                } else {
                    self.need(Since::both(5, 0), "`with`", range);
                }
                self.with_items(&with.items, range);
                let outside = self.defined.mark();
                let targets = with.items.iter().filter_map(|item| item.optional_vars.as_deref());
                targets.for_each(|target| self.define_targets(target));
                self.inside(statement);
                self.defined.leave(outside);
            }
            Stmt::Match(_) => {
                self.need(Since::three(10), "`match`", range);
                self.inside(statement);
            }
            Stmt::Raise(raise) => {
                if let Some(cause) = &raise.cause {
                    self.need(Since::three(0), "`raise ... from`", range);
                    if cause.is_none_literal_expr() {
                        self.need(Since::three(3), "`raise ... from None`", range);
                    }
                }
                for branch in raise.exc.iter().chain(&raise.cause) {
                    self.names_as_members(branch);
                }
                self.inside(statement);
            }
            Stmt::Try(tried) => {
                if tried.is_star {
                    self.need(Since::three(11), "`except*`", range);
                }
                self.finals.push((self.fors, self.whiles));
                self.block(&tried.finalbody);
                self.finals.pop();
                self.inside(statement);
            }
            Stmt::Nonlocal(_) => self.need(Since::three(0), "`nonlocal`", range),
            Stmt::Continue(_) => {
                if self.finals.last() == Some(&(self.fors, self.whiles)) {
                    self.need(Since::three(8), "`continue` in `finally`", range);
                }
            }
            Stmt::TypeAlias(_) => {
                self.need(Since::three(12), "`type` statement", range);
                self.inside(statement);
            }
            _ => self.inside(statement),
        }
    }

    // What stands directly in a statement, as `generic_visit` goes through it.
    fn inside(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.parameters(&function.parameters);
                self.block(&function.body);
                self.decorators(&function.decorator_list);
                if let Some(returns) = &function.returns {
                    self.expr(returns);
                }
            }
            Stmt::ClassDef(class) => {
                class.bases().iter().for_each(|base| self.expr(base));
                class.keywords().iter().for_each(|keyword| self.keyword(keyword));
                self.block(&class.body);
                self.decorators(&class.decorator_list);
            }
            Stmt::Return(node) => self.maybe(node.value.as_deref()),
            Stmt::Delete(node) => node.targets.iter().for_each(|target| self.expr(target)),
            Stmt::Assign(node) => {
                node.targets.iter().for_each(|target| self.expr(target));
                self.expr(&node.value);
            }
            Stmt::AugAssign(node) => {
                self.expr(&node.target);
                self.expr(&node.value);
            }
            Stmt::AnnAssign(node) => {
                self.expr(&node.target);
                self.expr(&node.annotation);
                self.maybe(node.value.as_deref());
            }
            Stmt::TypeAlias(node) => {
                self.expr(&node.name);
                self.expr(&node.value);
            }
            Stmt::For(node) => {
                self.expr(&node.target);
                self.expr(&node.iter);
                self.block(&node.body);
                self.block(&node.orelse);
            }
            Stmt::While(node) => {
                self.expr(&node.test);
                self.block(&node.body);
                self.block(&node.orelse);
            }
            Stmt::If(node) => {
                self.expr(&node.test);
                self.block(&node.body);
                for clause in &node.elif_else_clauses {
                    self.maybe(clause.test.as_ref());
                    self.block(&clause.body);
                }
            }
            Stmt::With(node) => {
                for item in &node.items {
                    self.expr(&item.context_expr);
                    self.maybe(item.optional_vars.as_deref());
                }
                self.block(&node.body);
            }
            Stmt::Match(node) => {
                self.expr(&node.subject);
                for case in &node.cases {
                    self.pattern(&case.pattern);
                    self.maybe(case.guard.as_deref());
                    self.block(&case.body);
                }
            }
            Stmt::Raise(node) => {
                self.maybe(node.exc.as_deref());
                self.maybe(node.cause.as_deref());
            }
            Stmt::Try(node) => {
                self.block(&node.body);
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    let outside = self.defined.mark();
                    self.defined.extend(handler.name.iter().map(ToString::to_string));
                    if let Some(types) = &handler.type_ {
                        self.names_as_members(types);
                        self.expr(types);
                    }
                    self.block(&handler.body);
                    self.defined.leave(outside);
                }
                self.block(&node.orelse);
                self.block(&node.finalbody);
            }
            Stmt::Assert(node) => {
                self.expr(&node.test);
                self.maybe(node.msg.as_deref());
            }
            Stmt::Expr(node) => self.expr(&node.value),
            _ => {}
        }
    }

    fn maybe(&mut self, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::MatchValue(node) => self.expr(&node.value),
            Pattern::MatchSequence(node) => node.patterns.iter().for_each(|inner| self.pattern(inner)),
            Pattern::MatchMapping(node) => {
                node.keys.iter().for_each(|key| self.expr(key));
                node.patterns.iter().for_each(|inner| self.pattern(inner));
            }
            Pattern::MatchClass(node) => {
                self.expr(&node.cls);
                node.arguments.patterns.iter().for_each(|inner| self.pattern(inner));
                node.arguments.keywords.iter().for_each(|keyword| self.pattern(&keyword.pattern));
            }
            Pattern::MatchAs(node) => node.pattern.iter().for_each(|inner| self.pattern(inner)),
            Pattern::MatchOr(node) => node.patterns.iter().for_each(|inner| self.pattern(inner)),
            Pattern::MatchSingleton(_) | Pattern::MatchStar(_) => {}
        }
    }

    fn with_items(&mut self, items: &[WithItem], range: TextRange) {
        if items.len() < 2 {
            return;
        }
        self.need(Since::both(7, 1), "several context managers in a `with`", range);
        let line = self.source.get(range.start().to_usize()..).unwrap_or_default();
        let after = line.strip_prefix("async").unwrap_or(line).trim_start().strip_prefix("with").unwrap_or_default();
        if after.trim_start_matches(|c: char| c.is_whitespace() || c == '\\').starts_with('(') {
            self.need(Since::three(9), "several context managers in parentheses", range);
        }
    }

    fn decorators(&mut self, decorators: &[Decorator]) {
        decorators.iter().for_each(|decorator| self.expr(&decorator.expression));
    }

    fn relaxed(&mut self, decorators: &[Decorator]) {
        for decorator in decorators {
            let expr = match &decorator.expression {
                Expr::Call(call) => &*call.func,
                expr => expr,
            };
            let plain = |node: &Node<'_>| matches!(node, Node::Expr(Expr::Name(_) | Expr::Attribute(_)));
            if !walk(Node::Expr(expr)).iter().all(plain) {
                self.need(Since::three(9), "decorators that are any expression", decorator.range());
            }
        }
    }

    fn function(&mut self, function: &StmtFunctionDef) {
        let range = function.name.range();
        let (awaits, yields) = (self.awaits, self.yields);
        self.defined.insert(function.name.to_string());
        if let Some(first) = function.decorator_list.first() {
            self.need(Since::both(4, 0), "function decorators", first.range());
            self.relaxed(&function.decorator_list);
            for decorator in &function.decorator_list {
                let name = match &decorator.expression {
                    Expr::Name(name) => name.id.to_string(),
                    expr @ Expr::Attribute(_) => self.dotted(expr).join("."),
                    _ => continue,
                };
                let full = match (self.member_of.get(&name), self.alias_of.get(&name)) {
                    (Some(module), _) => format!("{module}.{name}"),
                    (None, Some(full)) => full.clone(),
                    (None, None) => name,
                };
                let since = match full.as_str() {
                    "functools.lru_cache" => Since::three(8),
                    "functools.cache" => Since::three(9),
                    _ => continue,
                };
                if !self.defined.contains(&full) {
                    self.need(since, &format!("`@{full}` without a call"), decorator.range());
                }
            }
        }
        if function.type_params.is_some() {
            self.need(Since::three(12), "type parameters", range);
        }
        let outside = self.defined.mark();
        self.parameters(&function.parameters);
        self.block(&function.body);
        self.decorators(&function.decorator_list);
        self.defined.leave(outside);
        let annotated = function.parameters.args.iter().any(|parameter| parameter.parameter.annotation.is_some());
        if function.returns.is_some() || annotated {
            self.need(Since::three(0), "annotations", range);
        }
        if function.is_async {
            self.need(Since::three(5), "coroutines", range);
            if self.yields > yields && self.awaits > awaits {
                self.need(Since::three(6), "asynchronous generators", range);
            }
            self.awaits = awaits;
        }
        self.yields = yields;
    }

    fn class(&mut self, class: &StmtClassDef) {
        let name = class.name.to_string();
        self.defined.insert(name.clone());
        self.types.entry(name.clone()).or_default().insert(name);
        if let Some(first) = class.decorator_list.first() {
            self.need(Since::both(6, 0), "class decorators", first.range());
            self.relaxed(&class.decorator_list);
        }
        let metaclass = |keyword: &Keyword| keyword.arg.as_ref().is_some_and(|name| name.as_str() == "metaclass");
        if let Some(keyword) = class.keywords().iter().find(|keyword| metaclass(keyword)) {
            self.need(Since::three(0), "`metaclass` in a class's bases", keyword.range());
        }
        if class.type_params.is_some() {
            self.need(Since::three(12), "type parameters", class.name.range());
        }
        self.classes += 1;
        class.bases().iter().for_each(|base| self.expr(base));
        class.keywords().iter().for_each(|keyword| self.keyword(keyword));
        self.block(&class.body);
        self.decorators(&class.decorator_list);
        if self.classes <= MAX_TWICE {
            class.body.iter().for_each(|statement| self.inside(statement));
        }
        self.classes -= 1;
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let of = |list: &[ruff_python_ast::ParameterWithDefault]| list.first().map(Ranged::range);
        if let Some(range) = of(&parameters.posonlyargs) {
            self.need(Since::three(8), "positional-only parameters", range);
        }
        if let Some(range) = of(&parameters.kwonlyargs) {
            self.need(Since::three(0), "keyword-only parameters", range);
        }
        self.defined.extend(parameters.iter().map(|parameter| parameter.name().to_string()));
        children(Node::Parameters(parameters)).into_iter().for_each(|node| self.node(node));
    }

    fn node(&mut self, node: Node<'_>) {
        match node {
            Node::Expr(expr) => self.expr(expr),
            Node::Text => {}
            Node::Joined(elements) => self.joined(elements),
            Node::Formatted(_) | Node::Parameter(_) => children(node).into_iter().for_each(|node| self.node(node)),
            Node::Keyword(keyword) => self.keyword(keyword),
            Node::Comprehension(comprehension) => self.comprehension(comprehension),
            Node::Parameters(parameters) => self.parameters(parameters),
        }
    }

    fn below(&mut self, expr: &Expr) {
        children(Node::Expr(expr)).into_iter().for_each(|node| self.node(node));
    }

    #[expect(clippy::too_many_lines, reason = "one arm an expression")]
    fn expr(&mut self, expr: &Expr) {
        let range = expr.range();
        match expr {
            Expr::Name(name) => {
                if name.id == "long" && !self.defined.contains("long") {
                    self.need(Since { two: Some((2, 0)), three: None }, "`long`", range);
                }
            }
            Expr::Starred(starred) => {
                if starred.ctx == ExprContext::Store {
                    self.need(Since::three(0), "unpacking with `*` in an assignment", range);
                }
                self.below(expr);
            }
            Expr::Call(call) => self.call(call),
            Expr::Attribute(_) => self.attribute(expr),
            Expr::BinOp(operation) => {
                match operation.op {
                    Operator::Mod if operation.left.is_bytes_literal_expr() => {
                        self.need(Since::both(6, 5), "formatting of bytes with `%`", range);
                    }
                    Operator::Mod => {
                        let made = operation.left.as_call_expr().and_then(|call| call.func.as_name_expr());
                        if made.is_some_and(|name| name.id == "bytearray") {
                            self.need(Since::three(5), "formatting of a bytearray with `%`", range);
                        }
                    }
                    Operator::BitOr => {
                        let knows = |scan: &Self, side: &Expr| {
                            scan.is_dict(side) || tables::knows_union(&scan.full_name(side)).is_some()
                        };
                        if knows(self, &operation.left) && knows(self, &operation.right) {
                            self.need(Since::three(9), "dict union (`|`)", range);
                        }
                    }
                    Operator::MatMult => self.need(Since::three(5), "matrix multiplication (`@`)", range),
                    _ => {}
                }
                self.below(expr);
            }
            Expr::BytesLiteral(bytes) => {
                self.need(Since::both(6, 0), "bytes", range);
                let text: Vec<u8> = bytes.value.bytes().collect();
                let text: String = text
                    .iter()
                    .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '\\' })
                    .collect();
                for directive in directives(&text) {
                    self.value(tables::bytes_directive(directive), "bytes directive", &format!("%{directive}"), range);
                }
            }
            Expr::BooleanLiteral(_) => self.need(Since::both(3, 0), "`bool`", range),
            Expr::EllipsisLiteral(_) => {
                if !self.in_slices.contains(&key_of(range)) {
                    self.need(Since::three(0), "`...` outside of slices", range);
                }
            }
            Expr::FString(string) => {
                self.need(Since::three(6), "f-strings", range);
                let found = parts(string);
                self.formatted(&found, range);
                found.into_iter().for_each(|node| self.node(node));
            }
            Expr::TString(_) => self.need(Since::three(14), "t-strings", range),
            Expr::Named(named) => {
                if let Expr::Name(name) = &*named.target {
                    self.defined.insert(name.id.to_string());
                }
                self.need(Since::three(8), "`:=`", range);
                self.below(expr);
            }
            Expr::Lambda(_) => {
                let outside = self.defined.mark();
                self.below(expr);
                self.defined.leave(outside);
            }
            Expr::Await(_) => {
                self.need(Since::three(5), "coroutines", range);
                self.awaits += 1;
                self.below(expr);
            }
            Expr::Yield(_) => {
                self.yields += 1;
                self.below(expr);
            }
            Expr::YieldFrom(_) => {
                self.need(Since::three(3), "`yield from`", range);
                self.below(expr);
            }
            Expr::Set(set) => {
                self.need(Since::both(7, 0), "set literals", range);
                self.unpacked(&set.elts, range);
                self.below(expr);
            }
            Expr::List(list) => {
                self.unpacked(&list.elts, range);
                self.below(expr);
            }
            Expr::Tuple(tuple) => {
                self.unpacked(&tuple.elts, range);
                self.below(expr);
            }
            Expr::Dict(dict) => {
                if dict.items.iter().any(|item| item.key.is_none()) {
                    self.need(Since::three(5), "unpacking in displays and calls (PEP 448)", range);
                }
                self.below(expr);
            }
            Expr::ListComp(node) => self.comprehensions(&node.generators, expr),
            Expr::Generator(node) => self.comprehensions(&node.generators, expr),
            Expr::SetComp(node) => {
                self.need(Since::both(7, 0), "set comprehensions", range);
                self.comprehensions(&node.generators, expr);
            }
            Expr::DictComp(node) => {
                self.need(Since::both(7, 0), "dict comprehensions", range);
                self.comprehensions(&node.generators, expr);
            }
            Expr::Subscript(subscript) => {
                let inside = match &*subscript.slice {
                    Expr::Tuple(tuple) => tuple.elts.iter().collect(),
                    slice => vec![slice],
                };
                let ellipses = inside.into_iter().filter(|item| item.is_ellipsis_literal_expr());
                self.in_slices.extend(ellipses.map(|item| key_of(item.range())));
                self.below(expr);
            }
            _ => self.below(expr),
        }
    }

    fn joined(&mut self, elements: &[InterpolatedStringElement]) {
        let found = children(Node::Joined(elements));
        let range = elements.first().map(Ranged::range).unwrap_or_default();
        self.formatted(&found, range);
        found.into_iter().for_each(|node| self.node(node));
    }

    fn formatted(&mut self, found: &[Node<'_>], range: TextRange) {
        for node in found {
            let Node::Formatted(formatted) = node else { continue };
            if formatted.debug_text.is_some() {
                self.need(Since::three(8), "f-strings that show their expression (`{x=}`)", range);
            }
            if walk(*node).iter().any(|node| matches!(node, Node::Expr(Expr::Await(_)))) {
                self.need(Since::three(7), "`await` in f-strings", range);
            }
        }
    }

    fn unpacked(&mut self, items: &[Expr], range: TextRange) {
        let unpacks = |item: &Expr| matches!(item, Expr::Starred(starred) if starred.ctx == ExprContext::Load);
        if items.iter().any(unpacks) {
            self.need(Since::three(5), "unpacking in displays and calls (PEP 448)", range);
        }
    }

    fn comprehensions(&mut self, generators: &[Comprehension], expr: &Expr) {
        let outside = self.defined.mark();
        generators.iter().for_each(|generator| self.define_targets(&generator.target));
        self.below(expr);
        self.defined.leave(outside);
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        if comprehension.is_async {
            self.need(Since::three(7), "asynchronous comprehensions", comprehension.range());
        }
        let awaits = self.awaits;
        children(Node::Comprehension(comprehension)).into_iter().for_each(|node| self.node(node));
        if self.awaits > awaits {
            self.need(Since::three(7), "`await` in comprehensions", comprehension.range());
        }
        self.awaits = awaits;
    }
}

fn is_builtin_type(name: &str) -> bool {
    matches!(
        name,
        "dict"
            | "set"
            | "list"
            | "unicode"
            | "str"
            | "int"
            | "float"
            | "long"
            | "bytes"
            | "bytearray"
            | "frozenset"
            | "tuple"
            | "bool"
            | "memoryview"
    )
}

fn constant_type(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::StringLiteral(_) => Some("str"),
        Expr::BytesLiteral(_) => Some("bytes"),
        Expr::BooleanLiteral(_) => Some("int"),
        Expr::NumberLiteral(number) => match number.value {
            ruff_python_ast::Number::Int(_) => Some("int"),
            ruff_python_ast::Number::Float(_) => Some("float"),
            ruff_python_ast::Number::Complex { .. } => None,
        },
        _ => None,
    }
}

fn is_int(expr: &Expr) -> bool {
    match expr {
        Expr::UnaryOp(operation) => constant_type(&operation.operand) == Some("int"),
        expr => constant_type(expr) == Some("int"),
    }
}

fn is_negative_int(expr: &Expr) -> bool {
    matches!(expr, Expr::UnaryOp(operation) if operation.op == UnaryOp::USub && constant_type(&operation.operand) == Some("int"))
}

// The letters after `%`, flags and widths between.
fn directives(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let after = rest
            .trim_start_matches(|c: char| matches!(c, '-' | '.' | '#' | '+') || c.is_numeric() || c.is_whitespace());
        if let Some(directive) = after.chars().next().filter(|c| c.is_alphanumeric() || *c == '_') {
            found.push(directive);
            rest = after;
        }
    }
    found
}

// Whether a format has a `{}` that is not escaped.
fn has_automatic_field(text: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("{}")).map(|at| at + from) {
        let before = text.get(..at).is_some_and(|before| before.ends_with('{'));
        let after = text.get(at + 2..).is_some_and(|after| after.starts_with('}'));
        if !before && !after {
            return true;
        }
        from = at + 1;
    }
    false
}

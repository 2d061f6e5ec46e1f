//! Reads a file's tree into the graph of flows: what each statement gives to which name, branch by branch.
//!
//! Follows names through assignments, calls, containers and attributes of `self`; a check that leaves when a value is not
//! allowed makes it harmless. What a library's function does with its arguments is `knowledge`; of an unknown one, what goes
//! in may come out.

use super::graph::{CallSite, Danger, Function, Graph, Step};
use super::knowledge::{
    HTML, OBJECT, REDIRECT, REQUEST, is_request_part, is_route, is_source_call, is_source_value, kept_by, sink_of,
    sink_of_method,
};
use octavo_toolkit::LineIndex;
use ruff_python_ast::{
    BoolOp, CmpOp, Comprehension, ExceptHandler, Expr, ExprCall, FStringPart, InterpolatedStringElement, Pattern, Stmt,
    StmtFunctionDef, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange};
use std::collections::{BTreeMap, BTreeSet};

type Values = BTreeSet<usize>;
type Names = BTreeMap<String, Values>;

/// Adds a file to the graph. `imports` says what each imported name is in full; `module` is the file's own name.
pub(super) fn add(
    graph: &mut Graph,
    file: usize,
    module: &str,
    body: &[Stmt],
    source: &str,
    imports: BTreeMap<String, String>,
) {
    let index = LineIndex::new(source);
    let top = body
        .iter()
        .filter_map(|statement| match statement {
            Stmt::FunctionDef(function) => Some(function.name.to_string()),
            Stmt::ClassDef(class) => Some(class.name.to_string()),
            _ => None,
        })
        .collect();
    let mut reader = Reader {
        graph,
        file,
        module: module.to_owned(),
        index: &index,
        imports,
        top,
        scope: Vec::new(),
        class: None,
        names: Names::new(),
        result: None,
        is_route: false,
        waiting: Vec::new(),
    };
    reader.block(body);
    // Functions see the module as it is once it is loaded.
    while let Some((function, scope, class, names)) = reader.waiting.pop() {
        reader.function(function, scope, class, names);
    }
}

struct Reader<'g, 's, 'a> {
    graph: &'g mut Graph,
    file: usize,
    module: String,
    index: &'s LineIndex<'s>,
    imports: BTreeMap<String, String>,
    top: BTreeSet<String>,
    /// Names of the functions and classes around.
    scope: Vec<String>,
    class: Option<String>,
    names: Names,
    /// Where the function around gives its result.
    result: Option<usize>,
    is_route: bool,
    waiting: Vec<(&'a StmtFunctionDef, Vec<String>, Option<String>, Names)>,
}

fn merge(into: &mut Names, other: &Names) {
    for (name, values) in other {
        into.entry(name.clone()).or_default().extend(values);
    }
}

impl<'a> Reader<'_, '_, 'a> {
    fn place(&self, range: TextRange) -> octavo_toolkit::Range {
        self.index.range(range.start().to_usize()..range.end().to_usize())
    }

    fn node(&mut self, range: TextRange, what: &str) -> usize {
        let place = self.place(range);
        self.graph.node(self.file, place, what)
    }

    // One value that is any of several.
    fn joined(&mut self, values: &Values, range: TextRange, what: &str, keeps: Danger) -> Values {
        if values.is_empty() || keeps == 0 {
            return Values::new();
        }
        let node = self.node(range, what);
        values.iter().for_each(|value| self.graph.edge(*value, node, keeps, Step::Plain));
        Values::from([node])
    }

    fn source(&mut self, range: TextRange, what: &str) -> Values {
        let node = self.node(range, what);
        self.graph.sources.push(node);
        Values::from([node])
    }

    fn sink(&mut self, values: &Values, range: TextRange, what: &str, danger: Danger) {
        for node in self.joined(values, range, what, Danger::MAX) {
            *self.graph.sinks.entry(node).or_default() |= danger;
        }
    }

    fn qualified(&self, name: &str) -> String {
        let parts = std::iter::once(self.module.as_str()).chain(self.scope.iter().map(String::as_str)).chain([name]);
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
    }

    fn block(&mut self, body: &'a [Stmt]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    #[expect(clippy::too_many_lines, reason = "one arm a statement")]
    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.waiting.push((function, self.scope.clone(), self.class.clone(), self.names.clone()));
                if !self.scope.is_empty() {
                    // A function in a function is called by its bare name.
                    let full = self.qualified(function.name.as_str());
                    self.imports.insert(function.name.to_string(), full);
                }
            }
            Stmt::ClassDef(class) => {
                let full = self.qualified(class.name.as_str());
                let before = self.class.replace(full);
                self.scope.push(class.name.to_string());
                self.block(&class.body);
                self.scope.pop();
                self.class = before;
            }
            Stmt::Assign(assign) => {
                let values = self.expr(&assign.value);
                assign.targets.iter().for_each(|target| self.bind(target, &values, Some(&assign.value)));
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let values = self.expr(value);
                    self.bind(&assign.target, &values, Some(value));
                }
            }
            Stmt::AugAssign(assign) => {
                let mut values = self.expr(&assign.value);
                values.extend(self.expr(&assign.target));
                self.bind(&assign.target, &values, None);
            }
            Stmt::Return(returned) => {
                let Some(value) = &returned.value else { return };
                let values = self.expr(value);
                if self.is_route && !matches!(&**value, Expr::Dict(_) | Expr::List(_)) {
                    self.sink(&values, value.range(), "response", HTML);
                }
                if let Some(result) = self.result {
                    values.iter().for_each(|value| self.graph.edge(*value, result, Danger::MAX, Step::Plain));
                }
            }
            Stmt::Expr(expr) => drop(self.expr(&expr.value)),
            Stmt::For(loops) => {
                let values = self.expr(&loops.iter);
                let values = self.joined(&values, loops.target.range(), "item", Danger::MAX);
                // Twice: what one round leaves, the next one reads.
                for _ in 0..2 {
                    let before = self.names.clone();
                    self.bind(&loops.target, &values, None);
                    self.block(&loops.body);
                    merge(&mut self.names, &before);
                }
                self.block(&loops.orelse);
            }
            Stmt::While(loops) => {
                for _ in 0..2 {
                    let before = self.names.clone();
                    self.expr(&loops.test);
                    let (cleared, _) = guards(&loops.test);
                    self.clear(&cleared);
                    self.block(&loops.body);
                    merge(&mut self.names, &before);
                }
                self.block(&loops.orelse);
            }
            Stmt::If(branch) => {
                let mut outcome: Option<Names> = None;
                let tests = std::iter::once((Some(&*branch.test), &branch.body));
                let clauses = branch.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
                let mut has_else = false;
                for (test, body) in tests.chain(clauses) {
                    let (if_true, if_false) = test.map_or((Vec::new(), Vec::new()), guards);
                    if let Some(test) = test {
                        self.expr(test);
                    }
                    has_else |= test.is_none();
                    let before = self.names.clone();
                    self.clear(&if_true);
                    self.block(body);
                    if !leaves(body) {
                        match &mut outcome {
                            Some(outcome) => merge(outcome, &self.names),
                            None => outcome = Some(self.names.clone()),
                        }
                    }
                    self.names = before;
                    self.clear(&if_false);
                }
                if has_else {
                    if let Some(outcome) = outcome {
                        self.names = outcome;
                    }
                } else if let Some(outcome) = outcome {
                    merge(&mut self.names, &outcome);
                }
            }
            Stmt::With(with) => {
                for item in &with.items {
                    let values = self.expr(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.bind(target, &values, Some(&item.context_expr));
                    }
                }
                self.block(&with.body);
            }
            Stmt::Try(tried) => {
                let before = self.names.clone();
                self.block(&tried.body);
                self.block(&tried.orelse);
                let mut outcome = self.names.clone();
                for ExceptHandler::ExceptHandler(handler) in &tried.handlers {
                    self.names = before.clone();
                    self.block(&handler.body);
                    if !leaves(&handler.body) {
                        merge(&mut outcome, &self.names);
                    }
                }
                self.names = outcome;
                self.block(&tried.finalbody);
            }
            Stmt::Match(matched) => {
                let values = self.expr(&matched.subject);
                let before = self.names.clone();
                let mut outcome = before.clone();
                for case in &matched.cases {
                    self.names = before.clone();
                    self.pattern(&case.pattern, &values);
                    if let Some(guard) = &case.guard {
                        self.expr(guard);
                    }
                    self.block(&case.body);
                    merge(&mut outcome, &self.names);
                }
                self.names = outcome;
            }
            Stmt::Assert(assert) => {
                self.expr(&assert.test);
                let (cleared, _) = guards(&assert.test);
                self.clear(&cleared);
            }
            Stmt::Raise(raise) => {
                raise.exc.iter().for_each(|exc| drop(self.expr(exc)));
            }
            Stmt::Delete(_) | Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            _ => {}
        }
    }

    fn clear(&mut self, names: &[String]) {
        for name in names {
            self.names.insert(name.clone(), Values::new());
        }
    }

    fn pattern(&mut self, pattern: &Pattern, values: &Values) {
        match pattern {
            Pattern::MatchAs(node) => {
                if let Some(name) = &node.name {
                    self.names.insert(name.to_string(), values.clone());
                }
                node.pattern.iter().for_each(|inner| self.pattern(inner, values));
            }
            Pattern::MatchStar(node) => {
                node.name.iter().for_each(|name| drop(self.names.insert(name.to_string(), values.clone())));
            }
            Pattern::MatchSequence(node) => node.patterns.iter().for_each(|inner| self.pattern(inner, values)),
            Pattern::MatchOr(node) => node.patterns.iter().for_each(|inner| self.pattern(inner, values)),
            Pattern::MatchMapping(node) => node.patterns.iter().for_each(|inner| self.pattern(inner, values)),
            Pattern::MatchClass(node) => {
                node.arguments.patterns.iter().for_each(|inner| self.pattern(inner, values));
                node.arguments.keywords.iter().for_each(|keyword| self.pattern(&keyword.pattern, values));
            }
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        }
    }

    fn bind(&mut self, target: &'a Expr, values: &Values, value: Option<&'a Expr>) {
        match target {
            Expr::Name(name) => {
                let id = name.id.to_string();
                let values = self.joined(values, name.range(), &id, Danger::MAX);
                if self.scope.is_empty() {
                    let full = self.qualified(&id);
                    let place = self.place(name.range());
                    let global = self.graph.named(&full, self.file, place);
                    values.iter().for_each(|value| self.graph.edge(*value, global, Danger::MAX, Step::Plain));
                }
                // What an object is made by tells which functions its methods are.
                let made = match value {
                    Some(Expr::Call(call)) => self.full_name(&call.func),
                    _ => None,
                };
                match made {
                    Some(made) => drop(self.imports.insert(format!("{id}()"), made)),
                    None => drop(self.imports.remove(&format!("{id}()"))),
                }
                self.names.insert(id, values);
            }
            Expr::Tuple(tuple) => self.bind_each(&tuple.elts, values, value),
            Expr::List(list) => self.bind_each(&list.elts, values, value),
            Expr::Starred(starred) => self.bind(&starred.value, values, None),
            Expr::Attribute(attribute) => {
                let name = match (&*attribute.value, &self.class) {
                    (Expr::Name(object), Some(class)) if object.id == "self" || object.id == "cls" => {
                        format!("{class}#{}", attribute.attr)
                    }
                    _ => {
                        self.taint_into(&attribute.value, values);
                        return;
                    }
                };
                let place = self.place(attribute.range());
                let field = self.graph.named(&name, self.file, place);
                values.iter().for_each(|value| self.graph.edge(*value, field, Danger::MAX, Step::Plain));
            }
            Expr::Subscript(subscript) => self.taint_into(&subscript.value, values),
            _ => {}
        }
    }

    // One by one where both sides are written out.
    fn bind_each(&mut self, targets: &'a [Expr], values: &Values, value: Option<&'a Expr>) {
        let items: Option<&'a [Expr]> = match value {
            Some(Expr::Tuple(tuple)) => Some(&tuple.elts),
            Some(Expr::List(list)) => Some(&list.elts),
            _ => None,
        };
        match items.filter(|items| items.len() == targets.len() && !items.iter().any(Expr::is_starred_expr)) {
            Some(items) => {
                for (target, item) in targets.iter().zip(items) {
                    let values = self.expr(item);
                    self.bind(target, &values, Some(item));
                }
            }
            None => targets.iter().for_each(|target| self.bind(target, values, None)),
        }
    }

    // A container that is given something holds it.
    fn taint_into(&mut self, container: &'a Expr, values: &Values) {
        let mut at = container;
        loop {
            match at {
                Expr::Name(name) => {
                    self.names.entry(name.id.to_string()).or_default().extend(values);
                    return;
                }
                Expr::Attribute(attribute) => {
                    if matches!(&*attribute.value, Expr::Name(object) if object.id == "self") {
                        self.bind(at, values, None);
                        return;
                    }
                    at = &attribute.value;
                }
                Expr::Subscript(subscript) => at = &subscript.value,
                _ => return,
            }
        }
    }

    // A dotted name in full, by what is imported; none for anything else.
    fn full_name(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Name(name) => {
                let id = name.id.as_str();
                if let Some(full) = self.imports.get(id) {
                    return Some(full.clone());
                }
                if self.top.contains(id) {
                    return Some(if self.module.is_empty() { id.to_owned() } else { format!("{}.{id}", self.module) });
                }
                (!self.names.contains_key(id)).then(|| id.to_owned())
            }
            Expr::Attribute(attribute) => {
                if let Expr::Name(object) = &*attribute.value {
                    if let (true, Some(class)) = (object.id == "self" || object.id == "cls", &self.class) {
                        return Some(format!("{class}.{}", attribute.attr));
                    }
                    if let Some(made) = self.imports.get(&format!("{}()", object.id)) {
                        return Some(format!("{made}.{}", attribute.attr));
                    }
                }
                Some(format!("{}.{}", self.full_name(&attribute.value)?, attribute.attr))
            }
            Expr::Call(call) => self.full_name(&call.func),
            _ => None,
        }
    }

    fn all(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) -> Values {
        exprs.into_iter().flat_map(|expr| self.expr(expr)).collect()
    }

    // Where a value may come from.
    #[expect(clippy::too_many_lines, reason = "one arm an expression")]
    fn expr(&mut self, expr: &'a Expr) -> Values {
        match expr {
            Expr::Name(name) => {
                let id = name.id.as_str();
                if let Some(values) = self.names.get(id) {
                    return values.clone();
                }
                match self.imports.get(id).cloned() {
                    Some(full) if is_source_value(&full) => self.source(name.range(), &full),
                    Some(full) if full.contains('.') => {
                        let place = self.place(name.range());
                        Values::from([self.graph.named(&full, self.file, place)])
                    }
                    _ if self.top.contains(id) => Values::new(),
                    _ => Values::new(),
                }
            }
            Expr::Attribute(attribute) => {
                let full = self.full_name(expr);
                if let Some(full) = full.as_ref().filter(|full| is_source_value(full)) {
                    return self.source(attribute.range(), full);
                }
                if self.is_request(&attribute.value) && is_request_part(attribute.attr.as_str()) {
                    return self.source(attribute.range(), &format!("request.{}", attribute.attr));
                }
                let mut values = Values::new();
                if let (Expr::Name(object), Some(class)) = (&*attribute.value, &self.class)
                    && (object.id == "self" || object.id == "cls")
                {
                    let name = format!("{class}#{}", attribute.attr);
                    let place = self.place(attribute.range());
                    values.insert(self.graph.named(&name, self.file, place));
                    return values;
                }
                if let Some(full) =
                    full.filter(|full| full.contains('.') && is_module_level(&attribute.value, &self.imports))
                {
                    let place = self.place(attribute.range());
                    values.insert(self.graph.named(&full, self.file, place));
                }
                values.extend(self.expr(&attribute.value));
                values
            }
            Expr::Call(call) => self.call(call),
            Expr::BinOp(operation) => {
                let values = self.all([&*operation.left, &*operation.right]);
                let keeps = if starts_with_host(&operation.left) { !(REQUEST | REDIRECT) } else { Danger::MAX };
                self.joined(&values, operation.range(), "expression", keeps)
            }
            Expr::BoolOp(operation) => self.all(&operation.values),
            Expr::If(ternary) => {
                self.expr(&ternary.test);
                let (if_true, if_false) = guards(&ternary.test);
                let before = self.names.clone();
                self.clear(&if_true);
                let mut values = self.expr(&ternary.body);
                self.names = before.clone();
                self.clear(&if_false);
                values.extend(self.expr(&ternary.orelse));
                self.names = before;
                values
            }
            Expr::FString(string) => {
                let mut values = Values::new();
                let mut first: Option<String> = None;
                for part in &string.value {
                    match part {
                        FStringPart::Literal(literal) => drop(first.get_or_insert_with(|| literal.value.to_string())),
                        FStringPart::FString(inner) => {
                            for element in &inner.elements {
                                match element {
                                    InterpolatedStringElement::Literal(literal) => {
                                        first.get_or_insert_with(|| literal.value.to_string());
                                    }
                                    InterpolatedStringElement::Interpolation(interpolated) => {
                                        first.get_or_insert_with(String::new);
                                        values.extend(self.expr(&interpolated.expression));
                                    }
                                }
                            }
                        }
                    }
                }
                let keeps = if names_host(&first.unwrap_or_default()) { !(REQUEST | REDIRECT) } else { Danger::MAX };
                self.joined(&values, string.range(), "f-string", keeps)
            }
            Expr::Subscript(subscript) => {
                self.expr(&subscript.slice);
                self.expr(&subscript.value)
            }
            Expr::Starred(starred) => self.expr(&starred.value),
            Expr::Await(awaited) => self.expr(&awaited.value),
            Expr::Named(named) => {
                let values = self.expr(&named.value);
                self.bind(&named.target, &values, Some(&named.value));
                values
            }
            Expr::Tuple(tuple) => self.all(&tuple.elts),
            Expr::List(list) => self.all(&list.elts),
            Expr::Set(set) => self.all(&set.elts),
            Expr::Dict(dict) => self.all(dict.items.iter().map(|item| &item.value)),
            Expr::ListComp(node) => self.comprehension(&node.generators, &[&node.elt]),
            Expr::SetComp(node) => self.comprehension(&node.generators, &[&node.elt]),
            Expr::Generator(node) => self.comprehension(&node.generators, &[&node.elt]),
            Expr::DictComp(node) => self.comprehension(&node.generators, &[&node.value]),
            Expr::Yield(node) => {
                let values = node.value.as_deref().map(|value| self.expr(value)).unwrap_or_default();
                if let Some(result) = self.result {
                    values.iter().for_each(|value| self.graph.edge(*value, result, Danger::MAX, Step::Plain));
                }
                Values::new()
            }
            Expr::YieldFrom(node) => self.expr(&node.value),
            Expr::Compare(compare) => {
                self.expr(&compare.left);
                self.all(&compare.comparators);
                Values::new()
            }
            Expr::UnaryOp(operation) => {
                let values = self.expr(&operation.operand);
                if operation.op == UnaryOp::Not { Values::new() } else { values }
            }
            _ => Values::new(),
        }
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], parts: &[&'a Expr]) -> Values {
        let before = self.names.clone();
        for generator in generators {
            let values = self.expr(&generator.iter);
            self.bind(&generator.target, &values, None);
            for test in &generator.ifs {
                self.expr(test);
                let (cleared, _) = guards(test);
                self.clear(&cleared);
            }
        }
        let values = self.all(parts.iter().copied());
        self.names = before;
        values
    }

    // Whether an expression is a web framework's request.
    fn is_request(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Name(name) => {
                name.id == "request"
                    || self.imports.get(name.id.as_str()).is_some_and(|full| full.ends_with(".request"))
            }
            Expr::Attribute(attribute) => attribute.attr.as_str() == "request",
            _ => false,
        }
    }

    fn call(&mut self, call: &'a ExprCall) -> Values {
        let range = call.range();
        let name = self.full_name(&call.func).unwrap_or_default();
        let method = match &*call.func {
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        let mut receiver = match &*call.func {
            Expr::Attribute(attribute) => {
                let taken = self.is_request(&attribute.value) && is_request_part(method);
                if taken || is_source_call(&name) { Values::new() } else { self.expr(&attribute.value) }
            }
            Expr::Name(_) => Values::new(),
            other => self.expr(other),
        };
        let positional: Vec<Values> = call.arguments.args.iter().map(|argument| self.expr(argument)).collect();
        let keywords: Vec<(String, Values)> = call
            .arguments
            .keywords
            .iter()
            .map(|keyword| {
                (keyword.arg.as_ref().map(ToString::to_string).unwrap_or_default(), self.expr(&keyword.value))
            })
            .collect();
        if is_source_call(&name) {
            return self.source(range, &format!("{name}()"));
        }
        if let Expr::Attribute(attribute) = &*call.func
            && self.is_request(&attribute.value)
            && is_request_part(method)
        {
            return self.source(range, &format!("request.{method}()"));
        }
        let found = sink_of(&name).or_else(|| sink_of_method(method).filter(|_| !method.is_empty()));
        if let Some((danger, at, names)) = found
            && self.does_harm(call, &name, danger)
        {
            let mut given = positional.get(at).cloned().unwrap_or_default();
            if name.starts_with("subprocess.") && !has_true(call, "shell") {
                // A list is a program and its arguments: only the program is a command.
                given = match call.arguments.args.first() {
                    Some(Expr::List(list)) => list.elts.first().map(|first| self.expr(first)).unwrap_or_default(),
                    Some(Expr::Tuple(tuple)) => tuple.elts.first().map(|first| self.expr(first)).unwrap_or_default(),
                    _ => given,
                };
            }
            let named = keywords.iter().filter(|(keyword, _)| names.contains(&keyword.as_str()));
            given.extend(named.flat_map(|(_, values)| values.iter().copied()));
            let shown = if name.is_empty() { method } else { name.as_str() };
            self.sink(&given, range, shown, danger);
        }
        let keeps = kept_by(&name);
        let mut values: Values = positional.iter().flatten().copied().collect();
        values.extend(keywords.iter().flat_map(|(_, values)| values.iter().copied()));
        if matches!(method, "append" | "add" | "update" | "extend" | "insert" | "setdefault" | "write" | "put")
            && let Expr::Attribute(attribute) = &*call.func
        {
            let values = values.clone();
            self.taint_into(&attribute.value, &values);
        }
        if keeps != Danger::MAX {
            values.append(&mut receiver);
            return self.joined(&values, range, &name, keeps);
        }
        let result = self.node(range, if name.is_empty() { "call" } else { &name });
        receiver.iter().for_each(|value| self.graph.edge(*value, result, Danger::MAX, Step::Plain));
        let bound = matches!(&*call.func, Expr::Attribute(_));
        let mut names = vec![name.clone()];
        // An object is made by its class's `__init__`.
        names.push(format!("{name}.__init__"));
        if !name.is_empty() && !name.contains('.') && !self.module.is_empty() {
            names.push(format!("{}.{name}", self.module));
        }
        self.graph.calls.push(CallSite { names, positional, keywords, result, bound });
        Values::from([result])
    }

    // Whether a call of this name does harm as it is written.
    fn does_harm(&self, call: &ExprCall, name: &str, danger: Danger) -> bool {
        if danger == OBJECT && name.starts_with("yaml.load") {
            let loader = call
                .arguments
                .find_argument_value("Loader", 1)
                .map(|loader| self.full_name(loader).unwrap_or_default());
            return !loader.is_some_and(|loader| loader.ends_with("SafeLoader") || loader.ends_with("BaseLoader"));
        }
        true
    }

    fn function(&mut self, function: &'a StmtFunctionDef, scope: Vec<String>, class: Option<String>, names: Names) {
        self.scope = scope;
        self.class = class;
        self.names = names;
        let full = self.qualified(function.name.as_str());
        let decorators: Vec<String> =
            function.decorator_list.iter().map(|decorator| written(&decorator.expression)).collect();
        let is_static = decorators.iter().any(|decorator| decorator == "staticmethod");
        let in_class = self.class.as_ref().is_some_and(|class| full == format!("{class}.{}", function.name));
        let route = decorators.iter().any(|decorator| is_route(decorator));
        let result = self.node(function.name.range(), &format!("result of {}", function.name));
        let mut described = Function { parameters: Vec::new(), result, is_method: in_class && !is_static };
        for (at, parameter) in function.parameters.iter().enumerate() {
            let parameter = parameter.as_parameter();
            let name = parameter.name.to_string();
            let node = self.node(parameter.name.range(), &name);
            let is_self = at == 0 && described.is_method;
            let is_plain = parameter.annotation.as_deref().is_none_or(|annotation| {
                !matches!(annotation, Expr::Name(name) if matches!(name.id.as_str(), "int" | "float" | "bool" | "UUID" | "date" | "datetime"))
            });
            if route && !is_self && is_plain && name != "request" {
                self.graph.sources.push(node);
            }
            self.names.insert(name.clone(), Values::from([node]));
            self.imports.remove(&format!("{name}()"));
            described.parameters.push((name, node));
        }
        self.graph.functions.entry(full).or_default().push(described);
        let (result_before, route_before) = (self.result.replace(result), self.is_route);
        // FastAPI sends what a function returns as JSON, Flask as HTML.
        self.is_route =
            decorators.iter().any(|decorator| decorator.rsplit_once('.').is_some_and(|(_, last)| last == "route"));
        self.scope.push(function.name.to_string());
        self.block(&function.body);
        self.scope.pop();
        self.result = result_before;
        self.is_route = route_before;
    }
}

// A dotted name as it is written, of what is called where it is a call.
fn written(expr: &Expr) -> String {
    match expr {
        Expr::Call(call) => written(&call.func),
        Expr::Attribute(attribute) => format!("{}.{}", written(&attribute.value), attribute.attr),
        Expr::Name(name) => name.id.to_string(),
        _ => String::new(),
    }
}

// Whether a keyword argument is given and not False.
fn has_true(call: &ExprCall, keyword: &str) -> bool {
    let given = call.arguments.find_keyword(keyword);
    given.is_some_and(|given| !matches!(&given.value, Expr::BooleanLiteral(literal) if !literal.value))
}

// Whether an attribute is taken from a module rather than from a value.
fn is_module_level(expr: &Expr, imports: &BTreeMap<String, String>) -> bool {
    match expr {
        Expr::Name(name) => imports.contains_key(name.id.as_str()),
        Expr::Attribute(attribute) => is_module_level(&attribute.value, imports),
        _ => false,
    }
}

fn names_host(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.find('/').is_some_and(|at| at > 0))
        || text.len() > 1 && text.starts_with('/') && !text.starts_with("//")
}

fn starts_with_host(expr: &Expr) -> bool {
    match expr {
        Expr::StringLiteral(text) => names_host(text.value.to_str()),
        Expr::BinOp(operation) => starts_with_host(&operation.left),
        _ => false,
    }
}

// Whether a block always leaves the function, the loop or the program.
fn leaves(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        Stmt::Return(_) | Stmt::Raise(_) | Stmt::Continue(_) | Stmt::Break(_) => true,
        Stmt::Expr(expr) => match &*expr.value {
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) => matches!(name.id.as_str(), "abort" | "exit" | "quit"),
                Expr::Attribute(attribute) => matches!(attribute.attr.as_str(), "exit" | "abort" | "_exit"),
                _ => false,
            },
            _ => false,
        },
        Stmt::If(branch) => {
            let clauses = &branch.elif_else_clauses;
            clauses.last().is_some_and(|last| last.test.is_none())
                && leaves(&branch.body)
                && clauses.iter().all(|clause| leaves(&clause.body))
        }
        _ => false,
    })
}

// Names that are harmless where a condition holds, and where it does not: they are one of a few known values, or have only
// harmless characters.
fn guards(test: &Expr) -> (Vec<String>, Vec<String>) {
    match test {
        Expr::UnaryOp(operation) if operation.op == UnaryOp::Not => {
            let (if_true, if_false) = guards(&operation.operand);
            (if_false, if_true)
        }
        Expr::BoolOp(operation) => {
            let all: Vec<_> = operation.values.iter().map(guards).collect();
            match operation.op {
                // All parts hold; where it fails, any one may have.
                BoolOp::And => (all.into_iter().flat_map(|(if_true, _)| if_true).collect(), Vec::new()),
                BoolOp::Or => (Vec::new(), all.into_iter().flat_map(|(_, if_false)| if_false).collect()),
            }
        }
        Expr::Compare(compare) => {
            let [op] = &*compare.ops else { return (Vec::new(), Vec::new()) };
            let Some(right) = compare.comparators.first() else { return (Vec::new(), Vec::new()) };
            let named = |expr: &Expr| expr.as_name_expr().map(|name| name.id.to_string());
            let Some(name) = named(&compare.left) else { return (Vec::new(), Vec::new()) };
            match op {
                CmpOp::In if is_fixed(right) => (vec![name], Vec::new()),
                CmpOp::NotIn if is_fixed(right) => (Vec::new(), vec![name]),
                CmpOp::Eq if right.is_literal_expr() => (vec![name], Vec::new()),
                CmpOp::NotEq if right.is_literal_expr() => (Vec::new(), vec![name]),
                _ => (Vec::new(), Vec::new()),
            }
        }
        Expr::Call(call) => {
            let Expr::Attribute(attribute) = &*call.func else {
                let checks = matches!(&*call.func, Expr::Name(name) if name.id == "url_has_allowed_host_and_scheme" || name.id == "is_safe_url");
                let name = call.arguments.args.first().and_then(|first| first.as_name_expr()).filter(|_| checks);
                return (name.map(|name| name.id.to_string()).into_iter().collect(), Vec::new());
            };
            let object = attribute.value.as_name_expr().map(|name| name.id.to_string());
            match attribute.attr.as_str() {
                "isdigit" | "isalnum" | "isalpha" | "isnumeric" | "isdecimal" | "isidentifier" => {
                    (object.into_iter().collect(), Vec::new())
                }
                // A pattern that the whole value must follow.
                "fullmatch" | "match" => {
                    let is_module = object.as_deref() == Some("re");
                    let at = usize::from(is_module);
                    let whole = attribute.attr.as_str() == "fullmatch"
                        || matches!(call.arguments.args.first(), Some(Expr::StringLiteral(pattern)) if is_module && pattern.value.to_str().ends_with(['$', 'Z']));
                    let name = call.arguments.args.get(at).and_then(|value| value.as_name_expr()).filter(|_| whole);
                    (name.map(|name| name.id.to_string()).into_iter().collect(), Vec::new())
                }
                _ => (Vec::new(), Vec::new()),
            }
        }
        _ => (Vec::new(), Vec::new()),
    }
}

// Whether a container holds only what the program's author wrote: literals, or a constant by its name.
fn is_fixed(expr: &Expr) -> bool {
    match expr {
        Expr::Tuple(tuple) => tuple.elts.iter().all(Expr::is_literal_expr),
        Expr::List(list) => list.elts.iter().all(Expr::is_literal_expr),
        Expr::Set(set) => set.elts.iter().all(Expr::is_literal_expr),
        Expr::Dict(dict) => dict.items.iter().all(|item| item.key.as_ref().is_some_and(Expr::is_literal_expr)),
        Expr::Name(name) => name.id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'),
        Expr::Attribute(attribute) => {
            attribute.attr.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        }
        _ => false,
    }
}

//! Reads a file's tree into facts: scopes are bound as Python binds them, and each name is resolved to what binds it.

mod strings;

use super::doubts;
use super::facts::{Def, Doubt, Facts, Kind, Place, Use};
use super::reach;
use crate::support::imports::is_type_checking;
use octavo_toolkit::LineIndex;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_pattern, walk_stmt};
use ruff_python_ast::{
    Comprehension, Decorator, ExceptHandler, Expr, ExprContext, ExprLambda, ModModule, Operator, Parameters, Pattern,
    Stmt, StmtClassDef, StmtFunctionDef, TypeParam, TypeParams,
};
use ruff_python_parser::Parsed;
use ruff_text_size::{Ranged, TextRange};
use std::collections::{BTreeMap, BTreeSet};
pub(super) use strings::words;
use strings::{is_call_of, literal, silenced};

/// Collects the facts of a parsed file. `in_tests` says whether test runners look into it.
pub(super) fn collect(parsed: &Parsed<ModModule>, source: &str, path: &doubts::FileKind) -> Facts {
    let index = LineIndex::new(source);
    let mut collector = Collector {
        facts: Facts::default(),
        scopes: vec![Scope::new(ScopeKind::Module, None)],
        scope: 0,
        owner: None,
        class: None,
        pending: Vec::new(),
        annotation: 0,
        optional: false,
        unpacking: false,
        index: &index,
        path,
        silenced: silenced(parsed, source),
        source,
        own_attributes: BTreeMap::new(),
    };
    for statement in parsed.suite() {
        collector.visit_stmt(statement);
        collector.facts.acts |= acts(statement);
    }
    collector.type_comments(parsed);
    collector.resolve();
    let mut facts = collector.facts;
    let unreachable = reach::unreachable(parsed.suite());
    facts.unreachable = unreachable
        .into_iter()
        .map(|(range, message)| super::facts::Unreachable { range: place(&index, range), message })
        .collect();
    facts
}

fn place(index: &LineIndex<'_>, range: TextRange) -> octavo_toolkit::Range {
    index.range(range.start().to_usize()..range.end().to_usize())
}

// Whether a statement does something when a module is loaded, beyond defining.
fn acts(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(expr) => expr.value.is_call_expr() || expr.value.is_await_expr(),
        Stmt::For(_) | Stmt::While(_) | Stmt::With(_) => true,
        _ => false,
    }
}

/// Definitions of one name in one scope that are told apart; those behind count as used.
const MAX_BINDINGS: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScopeKind {
    Module,
    Class,
    Function,
}

struct Scope {
    kind: ScopeKind,
    parent: Option<usize>,
    bindings: BTreeMap<String, Vec<usize>>,
    globals: BTreeSet<String>,
    nonlocals: BTreeSet<String>,
    /// Whether it calls `locals()`, `eval` or the like.
    dynamic: bool,
}

impl Scope {
    fn new(kind: ScopeKind, parent: Option<usize>) -> Self {
        Self {
            kind,
            parent,
            bindings: BTreeMap::new(),
            globals: BTreeSet::new(),
            nonlocals: BTreeSet::new(),
            dynamic: false,
        }
    }
}

// A name read: where, by whom, which, with the attributes taken from it, and whether the whole is called.
struct Read {
    scope: usize,
    owner: Option<usize>,
    name: String,
    attributes: Vec<String>,
    called: bool,
}

// Lines with a comment that tells linters to be silent, with the codes it names (none: all).
type Silenced = BTreeMap<u32, Vec<String>>;

struct Collector<'s> {
    facts: Facts,
    scopes: Vec<Scope>,
    scope: usize,
    owner: Option<usize>,
    /// The class in whose body the walk directly is, or in a method of it.
    class: Option<usize>,
    pending: Vec<Read>,
    annotation: u32,
    optional: bool,
    /// Whether the walk is in a target that takes one of several values.
    unpacking: bool,
    index: &'s LineIndex<'s>,
    path: &'s doubts::FileKind,
    silenced: Silenced,
    source: &'s str,
    own_attributes: BTreeMap<(Option<usize>, String), usize>,
}

impl<'a> Visitor<'a> for Collector<'_> {
    #[expect(clippy::too_many_lines, reason = "one arm a statement")]
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class_def(class),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    let bound = match &alias.asname {
                        Some(name) => {
                            self.facts.read.insert(module.to_owned());
                            name.as_str()
                        }
                        None => module.split('.').next().unwrap_or_default(),
                    };
                    // `import a.b` binds `a`; what is taken from it is looked up from there.
                    let target = if alias.asname.is_some() { module } else { bound };
                    let target = (0, target.to_owned(), None);
                    let def = self.import(bound, alias.range(), statement.start().to_usize(), target);
                    if alias.asname.is_none() && module.contains('.') {
                        // The submodule is loaded, which is a use of its own.
                        let path = module.split('.').skip(1).map(str::to_owned).collect();
                        self.facts.uses.insert((self.owner, Use::Imported(def, path, false)));
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
                for alias in &import.names {
                    let name = alias.name.as_str();
                    if name == "*" {
                        self.facts.stars.push((import.level, module.clone()));
                        continue;
                    }
                    if alias.asname.is_some() {
                        self.facts.read.insert(name.to_owned());
                    }
                    let bound = alias.asname.as_ref().map_or(name, |name| name.as_str());
                    let target = (import.level, module.clone(), Some(name.to_owned()));
                    let def = self.import(bound, alias.range(), statement.start().to_usize(), target);
                    if import.level == 0 && module == "__future__" {
                        self.amend(def, |def| def.exempt = true);
                    }
                    // `import x as x` and `from m import x as x` say that it is meant for others (PEP 484).
                    if alias.asname.as_ref().is_some_and(|bound| bound.as_str() == name) {
                        self.doubt(def, Doubt { most: 40, why: "its alias says that it is handed on" });
                    }
                }
            }
            Stmt::Global(global) => {
                let names = global.names.iter().map(ToString::to_string);
                if let Some(scope) = self.scopes.get_mut(self.scope) {
                    scope.globals.extend(names);
                }
            }
            Stmt::Nonlocal(nonlocal) => {
                let names = nonlocal.names.iter().map(ToString::to_string);
                if let Some(scope) = self.scopes.get_mut(self.scope) {
                    scope.nonlocals.extend(names);
                }
            }
            Stmt::Assign(assign) => {
                self.visit_expr(&assign.value);
                let is_all =
                    assign.targets.iter().any(|target| matches!(target, Expr::Name(name) if name.id == "__all__"));
                if is_all {
                    self.export(&assign.value);
                }
                assign.targets.iter().for_each(|target| self.visit_expr(target));
            }
            Stmt::AugAssign(assign) => {
                self.visit_expr(&assign.value);
                if matches!(&*assign.target, Expr::Name(name) if name.id == "__all__") {
                    self.export(&assign.value);
                }
                self.visit_expr(&assign.target);
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                    if matches!(&*assign.target, Expr::Name(name) if name.id == "__all__") {
                        self.export(value);
                    }
                }
                self.visit_annotation(&assign.annotation);
                self.visit_expr(&assign.target);
            }
            Stmt::If(branch) => {
                if is_main_guard(&branch.test) {
                    self.facts.is_program = true;
                }
                if is_type_checking(&branch.test) {
                    self.visit_expr(&branch.test);
                }
                walk_stmt(self, statement);
            }
            Stmt::Try(tried) => {
                let before = self.optional;
                self.optional = before || !tried.handlers.is_empty();
                self.visit_body(&tried.body);
                tried.handlers.iter().for_each(|handler| self.visit_except_handler(handler));
                self.visit_body(&tried.orelse);
                self.optional = before;
                self.visit_body(&tried.finalbody);
            }
            Stmt::For(loops) => {
                self.visit_expr(&loops.iter);
                self.unpacked(&loops.target);
                self.visit_body(&loops.body);
                self.visit_body(&loops.orelse);
            }
            Stmt::With(with) => {
                for item in &with.items {
                    self.visit_expr(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.unpacked(target);
                    }
                }
                self.visit_body(&with.body);
            }
            Stmt::TypeAlias(alias) => {
                self.visit_expr(&alias.name);
                self.type_params(alias.type_params.as_deref());
                self.visit_annotation(&alias.value);
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_annotation(&mut self, expr: &'a Expr) {
        self.annotation += 1;
        self.visit_expr(expr);
        self.annotation -= 1;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Tuple(tuple) if tuple.ctx == ExprContext::Store => {
                tuple.elts.iter().for_each(|item| self.unpacked(item));
            }
            Expr::List(list) if list.ctx == ExprContext::Store => list.elts.iter().for_each(|item| self.unpacked(item)),
            Expr::Name(name) => match name.ctx {
                ExprContext::Store => {
                    self.bind_variable(name.id.as_str(), name.range());
                }
                ExprContext::Load | ExprContext::Del | ExprContext::Invalid => {
                    self.read(name.id.as_str(), Vec::new(), false);
                }
            },
            Expr::Attribute(_) => self.attribute(expr, false),
            Expr::Call(call) => {
                match &*call.func {
                    Expr::Name(name) => self.read(name.id.as_str(), Vec::new(), true),
                    func @ Expr::Attribute(_) => self.attribute(func, true),
                    func => self.visit_expr(func),
                }
                self.call(call);
                self.visit_arguments(&call.arguments);
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::ListComp(list) => self.comprehension(&list.generators, &[&list.elt]),
            Expr::SetComp(set) => self.comprehension(&set.generators, &[&set.elt]),
            Expr::Generator(generator) => self.comprehension(&generator.generators, &[&generator.elt]),
            Expr::DictComp(dict) => {
                let parts: Vec<&'a Expr> = dict.key.iter().map(|key| &**key).chain([&*dict.value]).collect();
                self.comprehension(&dict.generators, &parts);
            }
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                // A walrus binds in the function around the comprehension.
                self.visit_expr(&named.target);
            }
            Expr::StringLiteral(string) => self.string(string.value.to_str()),
            Expr::BinOp(operation) => {
                if operation.op == Operator::Mod
                    && let Expr::StringLiteral(format) = &*operation.left
                    && is_call_of(&operation.right, "locals")
                {
                    for name in words(format.value.to_str()) {
                        self.read(name, Vec::new(), false);
                    }
                }
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(types) = &handler.type_ {
            self.visit_expr(types);
        }
        if let Some(name) = &handler.name {
            let def = self.bind_variable(name.as_str(), name.range());
            // What vulture does not look at.
            self.doubt(def, Doubt { most: 70, why: "it names a caught exception" });
        }
        self.visit_body(&handler.body);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(matched) => self.capture(matched.name.as_ref()),
            Pattern::MatchStar(matched) => self.capture(matched.name.as_ref()),
            Pattern::MatchMapping(matched) => self.capture(matched.rest.as_ref()),
            Pattern::MatchClass(matched) => {
                for keyword in &matched.arguments.keywords {
                    self.use_attribute(keyword.attr.as_str());
                }
            }
            _ => {}
        }
        walk_pattern(self, pattern);
    }
}

impl<'a> Collector<'_> {
    fn unpacked(&mut self, target: &'a Expr) {
        let before = std::mem::replace(&mut self.unpacking, true);
        self.visit_expr(target);
        self.unpacking = before;
    }

    fn amend(&mut self, def: usize, change: impl FnOnce(&mut Def)) {
        if let Some(def) = self.facts.defs.get_mut(def) {
            change(def);
        }
    }

    fn doubt(&mut self, def: usize, doubt: Doubt) {
        self.amend(def, |def| def.doubts.push(doubt));
    }

    fn capture(&mut self, name: Option<&ruff_python_ast::Identifier>) {
        if let Some(name) = name {
            let def = self.bind_variable(name.as_str(), name.range());
            self.doubt(def, Doubt { most: 50, why: "a pattern binds it" });
        }
    }

    // The scope in which a name is bound when this scope binds it.
    fn binding_scope(&self, name: &str) -> usize {
        let Some(scope) = self.scopes.get(self.scope) else { return 0 };
        if scope.globals.contains(name) {
            return 0;
        }
        let mut up = scope.parent.filter(|_| scope.nonlocals.contains(name));
        while let Some((at, outer)) = up.and_then(|at| Some((at, self.scopes.get(at)?))) {
            if outer.kind == ScopeKind::Function && outer.bindings.contains_key(name) {
                return at;
            }
            up = outer.parent;
        }
        self.scope
    }

    // A new definition, bound in its scope; the same name of the same kind there counts as another place of the first.
    fn define(&mut self, kind: Kind, name: &str, range: TextRange, first_line_at: usize) -> usize {
        let scope = self.binding_scope(name);
        let scope_kind = self.scopes.get(scope).map_or(ScopeKind::Module, |scope| scope.kind);
        let known = self.scopes.get(scope).and_then(|scope| scope.bindings.get(name)).into_iter().flatten().copied();
        let mut same = known.rev().filter(|def| self.facts.defs.get(*def).is_some_and(|def| def.kind == kind));
        let merge = matches!(kind, Kind::Variable | Kind::Parameter);
        if let Some(same) = same.next().filter(|_| merge) {
            self.amend(same, |def| def.others += 1);
            return same;
        }
        let place_kind = match scope_kind {
            ScopeKind::Module => Place::Module,
            ScopeKind::Class => Place::Class,
            ScopeKind::Function => Place::Local,
        };
        let def = self.push(kind, name, place_kind, range, first_line_at);
        if scope == 0 && self.scope != 0 {
            self.amend(def, |def| def.owner = None);
        }
        let mut bound = 0;
        if let Some(scope) = self.scopes.get_mut(scope) {
            let same = scope.bindings.entry(name.to_owned()).or_default();
            bound = same.len();
            if bound < MAX_BINDINGS {
                same.push(def);
            }
        }
        if bound >= MAX_BINDINGS {
            // Each read would be a use of each.
            self.amend(def, |def| def.exempt = true);
        } else if scope == 0 {
            self.facts.top.entry(name.to_owned()).or_default().push(def);
        }
        def
    }

    fn push(&mut self, kind: Kind, name: &str, place_kind: Place, range: TextRange, first_line_at: usize) -> usize {
        let range = place(self.index, range);
        let line = self.index.position(first_line_at).line;
        let mut def = Def {
            kind,
            name: name.to_owned(),
            place: place_kind,
            owner: self.owner,
            range,
            others: 0,
            doubts: Vec::new(),
            decorator: None,
            target: None,
            bases: Vec::new(),
            exempt: false,
        };
        def.exempt = self.is_silenced(line, kind) || doubts::is_exempt(&def, self.path);
        self.facts.defs.push(def);
        self.facts.defs.len() - 1
    }

    fn is_silenced(&self, line: u32, kind: Kind) -> bool {
        let own = super::rules::of_kind(kind).id;
        let alias = match kind {
            Kind::Import => "F401",
            Kind::Variable | Kind::Parameter => "F841",
            _ => own,
        };
        let codes = self.silenced.get(&line);
        codes.is_some_and(|codes| {
            codes.is_empty()
                || codes.iter().any(|code| code.eq_ignore_ascii_case(own) || code.eq_ignore_ascii_case(alias))
        })
    }

    fn import(&mut self, bound: &str, range: TextRange, first: usize, target: (u32, String, Option<String>)) -> usize {
        let def = self.define(Kind::Import, bound, range, first);
        self.amend(def, |def| def.target = Some(target));
        if self.optional {
            self.doubt(def, Doubt { most: 50, why: "the import may be there to see whether it works" });
        }
        def
    }

    fn bind_variable(&mut self, name: &str, range: TextRange) -> usize {
        let def = self.define(Kind::Variable, name, range, range.start().to_usize());
        if self.unpacking {
            self.doubt(def, Doubt { most: 60, why: "something has to take the value" });
        }
        if self.in_class_body() {
            let fields = self.class.and_then(|class| self.facts.defs.get(class)).and_then(doubts::of_fields);
            if let Some(doubt) = fields {
                self.doubt(def, doubt);
            }
        }
        def
    }

    fn in_class_body(&self) -> bool {
        self.scopes.get(self.scope).is_some_and(|scope| scope.kind == ScopeKind::Class)
    }

    fn read(&mut self, name: &str, attributes: Vec<String>, called: bool) {
        if !matches!(name, "self" | "object") {
            self.facts.read.insert(name.to_owned());
        }
        if called && matches!(name, "locals" | "eval" | "exec" | "vars" | "dir") && attributes.is_empty() {
            let mut at = Some(self.scope);
            while let Some(scope) = at.and_then(|at| self.scopes.get_mut(at)) {
                scope.dynamic = true;
                at = scope.parent;
            }
        }
        self.pending.push(Read { scope: self.scope, owner: self.owner, name: name.to_owned(), attributes, called });
    }

    fn use_attribute(&mut self, name: &str) {
        self.facts.read.insert(name.to_owned());
        self.facts.uses.insert((self.owner, Use::Attribute(name.to_owned())));
    }

    // A chain of attributes: read from a name, or from something unknown.
    fn attribute(&mut self, expr: &'a Expr, called: bool) {
        let mut attributes = Vec::new();
        let mut at = expr;
        let mut outermost = true;
        while let Expr::Attribute(attribute) = at {
            let name = attribute.attr.as_str();
            match attribute.ctx {
                ExprContext::Store if outermost => self.store_attribute(attribute),
                ExprContext::Del if outermost => {}
                _ => {
                    self.facts.read.insert(name.to_owned());
                    attributes.push(name.to_owned());
                }
            }
            outermost = false;
            at = &attribute.value;
        }
        attributes.reverse();
        match at {
            Expr::Name(name) => self.read(name.id.as_str(), attributes, called),
            other => {
                for attribute in attributes {
                    self.facts.uses.insert((self.owner, Use::Attribute(attribute)));
                }
                self.visit_expr(other);
            }
        }
    }

    fn store_attribute(&mut self, attribute: &ruff_python_ast::ExprAttribute) {
        let name = attribute.attr.as_str();
        let key = (self.class, name.to_owned());
        if let Some(known) = self.own_attributes.get(&key).copied() {
            self.amend(known, |def| def.others += 1);
            return;
        }
        let def = self.push(Kind::Attribute, name, Place::Class, attribute.attr.range(), attribute.start().to_usize());
        let receiver_is_self = matches!(&*attribute.value, Expr::Name(name) if name.id == "self" || name.id == "cls");
        let class = self.class;
        if receiver_is_self {
            self.amend(def, |def| def.owner = class);
        } else {
            self.doubt(def, Doubt { most: 50, why: "it is set on something whose class is not known" });
        }
        self.own_attributes.insert(key, def);
    }

    fn enter(&mut self, kind: ScopeKind) -> usize {
        let before = self.scope;
        // Comprehensions and lambdas in a class see the module, not the class.
        self.scopes.push(Scope::new(kind, Some(before)));
        self.scope = self.scopes.len() - 1;
        before
    }

    fn decorators(&mut self, decorators: &'a [Decorator]) -> Vec<String> {
        decorators.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
        decorators.iter().map(|decorator| doubts::dotted(&decorator.expression)).collect()
    }

    fn function(&mut self, function: &'a StmtFunctionDef) {
        let decorators = self.decorators(&function.decorator_list);
        let parameters = &*function.parameters;
        parameters
            .iter_non_variadic_params()
            .filter_map(|parameter| parameter.default.as_deref())
            .for_each(|default| self.visit_expr(default));
        let in_class = self.in_class_body();
        let first =
            parameters.posonlyargs.iter().chain(&parameters.args).next().map(|first| first.parameter.name.as_str());
        let has = |name: &str| decorators.iter().any(|decorator| decorator == name);
        // As vulture tells them apart.
        let kind = if has("property") || has("cached_property") || has("functools.cached_property") {
            Kind::Property
        } else if in_class || first == Some("self") || has("staticmethod") || has("classmethod") {
            Kind::Method
        } else {
            Kind::Function
        };
        let first_line = function.decorator_list.first().map_or(function.start(), Ranged::start);
        let def = self.define(kind, function.name.as_str(), function.name.range(), first_line.to_usize());
        let class = self.class.filter(|_| in_class).and_then(|class| self.facts.defs.get(class)).cloned();
        let (found, decorator) = doubts::of_function(function, &decorators, class.as_ref(), self.path);
        self.amend(def, |def| {
            def.doubts.extend(found);
            def.decorator = decorator;
        });
        let (owner, class_before) = (self.owner.replace(def), self.class);
        if !in_class {
            self.class = None;
        }
        let before = self.enter(ScopeKind::Function);
        self.type_params(function.type_params.as_deref());
        let doubts = doubts::of_parameters(function, &decorators, in_class);
        self.parameters(parameters, in_class && !has("staticmethod"), &doubts);
        if let Some(returns) = &function.returns {
            self.visit_annotation(returns);
        }
        self.visit_body(&function.body);
        self.scope = before;
        self.owner = owner;
        self.class = class_before;
    }

    fn parameters(&mut self, parameters: &'a Parameters, has_receiver: bool, doubts: &[Doubt]) {
        let mut receiver = has_receiver;
        for parameter in parameters {
            let parameter = parameter.as_parameter();
            if let Some(annotation) = &parameter.annotation {
                self.visit_annotation(annotation);
            }
            let def = self.define(
                Kind::Parameter,
                parameter.name.as_str(),
                parameter.name.range(),
                parameter.start().to_usize(),
            );
            self.amend(def, |def| {
                def.doubts.extend_from_slice(doubts);
                // The first parameter of a method is always given.
                if receiver {
                    def.doubts.push(Doubt { most: 20, why: "a method is given its object" });
                }
            });
            receiver = false;
        }
        for variadic in [parameters.vararg.as_deref(), parameters.kwarg.as_deref()].into_iter().flatten() {
            let def = self
                .scopes
                .get(self.scope)
                .and_then(|scope| scope.bindings.get(variadic.name.as_str()))
                .and_then(|defs| defs.last())
                .copied();
            if let Some(def) = def {
                self.doubt(def, Doubt { most: 60, why: "it takes what callers may give" });
            }
        }
    }

    fn type_params(&mut self, parameters: Option<&'a TypeParams>) {
        for parameter in parameters.iter().flat_map(|parameters| parameters.iter()) {
            let (name, bound) = match parameter {
                TypeParam::TypeVar(parameter) => (&parameter.name, parameter.bound.as_deref()),
                TypeParam::ParamSpec(parameter) => (&parameter.name, None),
                TypeParam::TypeVarTuple(parameter) => (&parameter.name, None),
            };
            // Bound, so that it hides what is outside; never told.
            if let Some(scope) = self.scopes.get_mut(self.scope) {
                scope.bindings.entry(name.to_string()).or_default();
            }
            if let Some(bound) = bound {
                self.visit_annotation(bound);
            }
        }
    }

    fn class_def(&mut self, class: &'a StmtClassDef) {
        let decorators = self.decorators(&class.decorator_list);
        let first_line = class.decorator_list.first().map_or(class.start(), Ranged::start);
        let def = self.define(Kind::Class, class.name.as_str(), class.name.range(), first_line.to_usize());
        let bases: Vec<String> = class.bases().iter().map(doubts::dotted).collect();
        let (found, decorator) = doubts::of_class(class, &bases, &decorators, self.path);
        self.amend(def, |def| {
            def.bases = bases;
            if decorators.iter().any(|decorator| doubts::makes_fields(decorator)) {
                def.bases.push("@dataclass".to_owned());
            }
            def.doubts.extend(found);
            def.decorator = decorator;
        });
        let (owner, class_before) = (self.owner.replace(def), self.class.replace(def));
        let before = self.enter(ScopeKind::Class);
        self.type_params(class.type_params.as_deref());
        if let Some(arguments) = &class.arguments {
            for base in &arguments.args {
                // Bases may hold types in quotes: Generic["T"].
                self.visit_annotation(base);
            }
            arguments.keywords.iter().for_each(|keyword| self.visit_expr(&keyword.value));
        }
        self.visit_body(&class.body);
        self.scope = before;
        self.owner = owner;
        self.class = class_before;
    }

    fn lambda(&mut self, lambda: &'a ExprLambda) {
        let before = self.enter(ScopeKind::Function);
        if let Some(parameters) = &lambda.parameters {
            parameters
                .iter_non_variadic_params()
                .filter_map(|parameter| parameter.default.as_deref())
                .for_each(|default| self.visit_expr(default));
            self.parameters(parameters, false, &[Doubt { most: 50, why: "a lambda takes what its caller gives" }]);
        }
        self.visit_expr(&lambda.body);
        self.scope = before;
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], parts: &[&'a Expr]) {
        // The first iterable belongs to the scope around.
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let before = self.enter(ScopeKind::Function);
        for (at, generator) in generators.iter().enumerate() {
            if at > 0 {
                self.visit_expr(&generator.iter);
            }
            self.unpacked(&generator.target);
            generator.ifs.iter().for_each(|test| self.visit_expr(test));
        }
        parts.iter().for_each(|part| self.visit_expr(part));
        self.scope = before;
    }

    fn resolve(&mut self) {
        for read in std::mem::take(&mut self.pending) {
            let found = self.look_up(read.scope, &read.name);
            let called = read.called && read.attributes.is_empty();
            let mut through_import = false;
            match &found {
                None => {
                    self.facts.uses.insert((read.owner, Use::Unbound(read.name)));
                }
                Some(defs) => {
                    for def in defs {
                        self.facts.uses.insert((read.owner, Use::Local(*def, called)));
                        if self.facts.defs.get(*def).is_some_and(|def| def.kind == Kind::Import) {
                            through_import = true;
                            let path = read.attributes.clone();
                            self.facts.uses.insert((read.owner, Use::Imported(*def, path, read.called)));
                        }
                    }
                }
            }
            if !through_import {
                for attribute in read.attributes {
                    self.facts.uses.insert((read.owner, Use::Attribute(attribute)));
                }
            }
        }
        let dynamic: Vec<usize> = self
            .scopes
            .iter()
            .filter(|scope| scope.dynamic && scope.kind == ScopeKind::Function)
            .flat_map(|scope| scope.bindings.values().flatten().copied())
            .collect();
        for def in dynamic {
            self.doubt(def, Doubt { most: 40, why: "its function reads names it makes up (locals, eval, exec)" });
        }
    }

    // What binds a name as seen from a scope: none when nothing in the file does.
    fn look_up(&self, scope: usize, name: &str) -> Option<Vec<usize>> {
        let mut at = Some(scope);
        while let Some(index) = at {
            let here = self.scopes.get(index)?;
            let is_seen = here.kind != ScopeKind::Class || index == scope;
            if here.globals.contains(name) {
                return self.scopes.first()?.bindings.get(name).cloned();
            }
            if is_seen && let Some(defs) = here.bindings.get(name) {
                return Some(defs.clone());
            }
            at = here.parent;
        }
        None
    }
}

fn is_main_guard(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    let sides = std::iter::once(&*compare.left).chain(&compare.comparators);
    let (mut name, mut main) = (false, false);
    for side in sides {
        name |= matches!(side, Expr::Name(side) if side.id == "__name__");
        main |= literal(side) == Some("__main__");
    }
    name && main
}

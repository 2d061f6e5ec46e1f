//! From an oxc syntax tree and its scopes to a [`Module`].

use super::jsdoc;
use super::model::{Base, Export, Exported, Form, Import, Imported, Meaning, Member, Module, Scope, Symbol, Use};
use crate::support::Outcome;
use crate::support::ecma::{self, EcmaKind};
use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, AssignmentExpression, AssignmentTarget, AssignmentTargetPropertyIdentifier, BindingIdentifier,
    BindingPattern, BindingProperty, CallExpression, Declaration, ExportAllDeclaration, ExportDeclaration,
    ExportDefaultDeclaration, ExportDefaultDeclarationKind, ExportFromDeclaration, ExportNamedDeclaration, Expression,
    FormalParameter, Function, IdentifierReference, ImportDeclaration, ImportDeclarationSpecifier, JSXElementName,
    JSXMemberExpression, JSXMemberExpressionObject, ModuleExportName, ObjectPattern, ObjectProperty, Program,
    PropertyKey, StaticMemberExpression, TSEnumMember, TSExportAssignment, TSExternalModuleDeclaration,
    TSGlobalDeclaration, TSImportEqualsDeclaration, TSImportType, TSImportTypeQualifier, TSModuleReference,
    TSNamespaceDeclaration, TSQualifiedName, TSTypeName, TSTypePredicateName, VariableDeclarator, WithStatement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, Span};
use oxc_syntax::reference::ReferenceFlags;
use oxc_syntax::scope::{ScopeFlags, ScopeId};
use oxc_syntax::symbol::{SymbolFlags, SymbolId};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

/// Reads a file.
pub(super) fn read(kind: EcmaKind, path: &str, source: &str) -> Result<Module, Outcome> {
    let (outcome, mut module) = ecma::with_scopes(kind, source, |scoping, program| {
        let mut collector = Collector::new(source, scoping);
        collector.await_comments(program);
        collector.visit_program(program);
        collector.read_comments(program);
        collector.module
    })?;
    module.broken = if let Outcome::Broken(at) = outcome { Some(at) } else { None };
    let lower = path.to_ascii_lowercase();
    module.modular |= [".mjs", ".cjs", ".mts", ".cts"].iter().any(|ending| lower.ends_with(ending));
    module.settle(source);
    Ok(module)
}

impl Module {
    // Names that another body of a namespace declares; then the order.
    fn settle(&mut self, source: &str) {
        if self.bodies.values().any(|bodies| bodies.len() > 1) {
            let uses = std::mem::take(&mut self.uses);
            let several = |of: usize| self.bodies.get(&of).is_some_and(|bodies| bodies.len() > 1);
            let merged = |at: usize| {
                self.around(at).any(|at| self.scopes.get(at).and_then(|scope| scope.namespace).is_some_and(several))
            };
            let again = uses.into_iter().map(|mut one| {
                if merged(one.scope)
                    && let Some(name) = source.get(one.span.clone())
                {
                    one.symbol = self.lookup(one.scope, name, one.meaning).or(one.symbol);
                }
                one
            });
            self.uses = again.collect();
        }
        self.uses.sort_by_key(|one| (one.span.start, one.span.end));
        self.uses.dedup_by(|one, other| one.span == other.span);
        self.members.sort_by(|one, other| (&one.base, one.span.start).cmp(&(&other.base, other.span.start)));
    }
}

struct Collector<'s> {
    source: &'s str,
    scoping: &'s Scoping,
    module: Module,
    // Our numbers of symbols.
    symbols: Vec<usize>,
    open: Vec<usize>,
    last: Range<usize>,
    form: Form,
    element: bool,
    // Everything in it is exported unless something says so.
    ambient: bool,
    // The name of the function expression that is entered, and by symbol the use at which each stands.
    own_name: Option<Span>,
    own_names: BTreeMap<usize, usize>,
    // By where a comment belongs to: the scope around, and the node.
    hosts: BTreeMap<usize, Option<(usize, Range<usize>)>>,
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

const fn meaning_of(flags: SymbolFlags) -> Meaning {
    const VALUE: u32 = SymbolFlags::Value.bits() | SymbolFlags::Import.bits() | SymbolFlags::CatchVariable.bits();
    const KIND: u32 = SymbolFlags::Type.bits()
        | SymbolFlags::TypeImport.bits()
        | SymbolFlags::Import.bits()
        | SymbolFlags::Namespace.bits();
    Meaning { value: flags.bits() & VALUE != 0, kind: flags.bits() & KIND != 0 }
}

// What a reference asks for. It is narrowed by what it found.
fn asked(flags: ReferenceFlags) -> Meaning {
    Meaning {
        value: flags.is_value() || flags.is_value_as_type(),
        kind: flags.contains(ReferenceFlags::Type) || flags.contains(ReferenceFlags::Namespace),
    }
}

fn what_of(flags: SymbolFlags) -> &'static str {
    const NAMES: &[(SymbolFlags, &str)] = &[
        (SymbolFlags::Import, "import"),
        (SymbolFlags::TypeImport, "import"),
        (SymbolFlags::Class, "class"),
        (SymbolFlags::Function, "function"),
        (SymbolFlags::EnumMember, "enum member"),
        (SymbolFlags::Enum, "enum"),
        (SymbolFlags::TypeParameter, "type parameter"),
        (SymbolFlags::Variable, "variable"),
        (SymbolFlags::CatchVariable, "variable"),
        (SymbolFlags::Interface, "interface"),
        (SymbolFlags::TypeAlias, "type"),
    ];
    NAMES.iter().find(|(flag, _)| flags.intersects(*flag)).map_or("namespace", |(_, name)| name)
}

const MEMBER: &str = "is an enum member, whose uses need types";
const PROPERTY: &str = "is a parameter that declares a property too, whose uses need types";
const GLOBAL: &str = "is declared for all files, of which this call sees some";

impl<'s> Collector<'s> {
    fn new(source: &'s str, scoping: &'s Scoping) -> Self {
        let mut module = Module::default();
        for scope in scoping.scope_descendants_from_root() {
            let parent = scoping.scope_parent_id(scope).map(ScopeId::index);
            let empty = Scope { parent, span: 0..0, names: BTreeMap::new(), namespace: None, fixed: None };
            // Numbers follow each other.
            module.scopes.push(empty);
        }
        let mut symbols = Vec::new();
        for symbol in scoping.symbol_ids() {
            let (name, flags) = (scoping.symbol_name(symbol), scoping.symbol_flags(symbol));
            let scope = scoping.symbol_scope_id(symbol).index();
            let next = module.symbols.len();
            let at = module.scopes.get_mut(scope).map(|scope| *scope.names.entry(name.to_owned()).or_insert(next));
            let at = at.unwrap_or(next);
            symbols.push(at);
            let meaning = meaning_of(flags);
            if let Some(known) = module.symbols.get_mut(at) {
                known.meaning.value |= meaning.value;
                known.meaning.kind |= meaning.kind;
            } else {
                module.symbols.push(Symbol {
                    name: name.to_owned(),
                    scope,
                    what: what_of(flags),
                    meaning,
                    exported: false,
                    default: false,
                    fixed: flags.is_enum_member().then_some(MEMBER),
                });
            }
        }
        Self {
            source,
            scoping,
            module,
            symbols,
            open: vec![0],
            last: 0..0,
            form: Form::Plain,
            element: false,
            ambient: false,
            own_name: None,
            own_names: BTreeMap::new(),
            hosts: BTreeMap::new(),
        }
    }

    // What a function expression declares under its own name is another symbol, which hides that name.
    fn hide(&mut self, at: usize, one: usize) {
        let next = self.module.symbols.len();
        let Some(symbol) = self.module.symbols.get(at).cloned() else { return };
        self.module.symbols.push(Symbol { what: "function", ..symbol });
        if let Some(one) = self.module.uses.get_mut(one) {
            one.symbol = Some(next);
        }
    }

    fn text(&self, span: Span) -> &'s str {
        self.source.get(range(span)).unwrap_or_default()
    }

    fn scope(&self) -> usize {
        self.open.last().copied().unwrap_or(0)
    }

    fn number(&self, symbol: Option<SymbolId>) -> Option<usize> {
        self.symbols.get(symbol?.index()).copied()
    }

    fn declared(&mut self, symbol: Option<usize>) -> Option<&mut Symbol> {
        self.module.symbols.get_mut(symbol?)
    }

    fn referred(&self, it: &IdentifierReference<'_>) -> (Option<usize>, usize, Meaning) {
        let Some(reference) = it.reference_id.get().map(|id| self.scoping.get_reference(id)) else {
            return (None, self.scope(), Meaning::ANY);
        };
        (self.number(reference.symbol_id()), reference.scope_id().index(), asked(reference.flags()))
    }

    fn push(&mut self, span: Range<usize>, symbol: Option<usize>, scope: usize, meaning: Meaning) {
        let (form, element) = (std::mem::replace(&mut self.form, Form::Plain), self.element);
        self.module.uses.push(Use { span, symbol, scope, form, meaning, comment: false, element });
    }

    fn member(&mut self, base: Option<Base>, name: &str, span: Span, form: Form) {
        if let Some(base) = base {
            self.module.members.push(Member { base, name: name.to_owned(), span: range(span), form });
        }
    }

    fn import(&mut self, local: &BindingIdentifier<'_>, imported: Imported, span: Span, shorthand: bool, from: &str) {
        if let Some(symbol) = self.number(local.symbol_id.get()) {
            let import = Import { symbol, imported, span: range(span), shorthand, from: from.to_owned() };
            self.module.imports.push(import);
        }
    }

    // What a declaration with `export` declares.
    fn export(&mut self, identifier: &BindingIdentifier<'_>) {
        let at = self.number(identifier.symbol_id.get());
        if let Some(symbol) = self.declared(at) {
            symbol.exported = true;
        }
    }

    fn export_pattern(&mut self, pattern: &BindingPattern<'_>) {
        pattern.get_binding_identifiers().into_iter().for_each(|one| self.export(one));
    }

    fn export_all_of(&mut self, declaration: &Declaration<'_>) {
        match declaration {
            Declaration::VariableDeclaration(it) => {
                it.declarations.iter().for_each(|one| self.export_pattern(&one.id));
            }
            Declaration::FunctionDeclaration(it) => it.id.iter().for_each(|id| self.export(id)),
            Declaration::ClassDeclaration(it) => it.id.iter().for_each(|id| self.export(id)),
            Declaration::TSTypeAliasDeclaration(it) => self.export(&it.id),
            Declaration::TSInterfaceDeclaration(it) => self.export(&it.id),
            Declaration::TSEnumDeclaration(it) => self.export(&it.id),
            Declaration::TSNamespaceDeclaration(it) => self.export(&it.id),
            Declaration::TSImportEqualsDeclaration(it) => self.export(&it.id),
            _ => {}
        }
    }

    // What `const { a } = module` takes.
    fn taken(&mut self, pattern: &ObjectPattern<'_>, base: &Base) {
        for property in &pattern.properties {
            if let PropertyKey::StaticIdentifier(key) = &property.key {
                let form = if property.shorthand { Form::Shorthand } else { Form::Plain };
                self.member(Some(base.clone()), &key.name, key.span, form);
            }
        }
    }

    fn bound_to(&mut self, pattern: &BindingPattern<'_>, base: &Base, imported: Imported) {
        match (pattern, base) {
            (BindingPattern::BindingIdentifier(id), Base::Module(from)) => {
                self.import(id, imported, id.span, false, from);
            }
            (BindingPattern::ObjectPattern(pattern), _) => self.taken(pattern, base),
            _ => {}
        }
    }

    fn default(&mut self, expression: &Expression<'_>) {
        if let Expression::Identifier(name) = expression {
            let at = self.referred(name).0;
            if let Some(symbol) = self.declared(at) {
                symbol.default = true;
            }
        }
    }

    // Where comments belong, before the nodes come.
    fn await_comments(&mut self, program: &Program<'_>) {
        let documented = program.comments.iter().filter(|comment| self.text(comment.span).starts_with("/**"));
        self.hosts = documented.map(|comment| (comment.attached_to as usize, None)).collect();
    }

    fn read_comments(&mut self, program: &Program<'_>) {
        // By the scope around, in source order.
        let mut inner_scopes: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, scope) in self.module.scopes.iter().enumerate() {
            if let Some(parent) = scope.parent {
                inner_scopes.entry(parent).or_default().push((scope.span.start, at));
            }
        }
        inner_scopes.values_mut().for_each(|scopes| scopes.sort_unstable());
        for comment in &program.comments {
            let text = self.text(comment.span);
            if !text.starts_with("/**") || text.len() < 5 {
                continue;
            }
            let host = self.hosts.get(&(comment.attached_to as usize)).cloned().flatten();
            let (outer, span) = host.unwrap_or((0, 0..0));
            let children = inner_scopes.get(&outer).map(Vec::as_slice).unwrap_or_default();
            let next = children.partition_point(|(start, _)| *start < span.start);
            let inner = children.get(next).filter(|(start, _)| *start < span.end).map(|(_, at)| *at);
            let head = self.source.get(span.clone()).unwrap_or_default();
            let words = head.split_whitespace();
            let mut words = words.skip_while(|word| matches!(*word, "export" | "default" | "declare" | "abstract"));
            for name in jsdoc::names(text, words.next() == Some("class")) {
                let start = comment.span.start as usize;
                let place = |span: &Range<usize>| start + span.start..start + span.end;
                let Some((first, rest)) = name.path.split_first() else { continue };
                let written = text.get(first.clone()).unwrap_or_default();
                let mut base = name.module.map(Base::Module);
                if base.is_none() {
                    let found = if name.parameter {
                        inner.and_then(|at| self.module.scopes.get(at)?.names.get(written).copied())
                    } else {
                        self.module.lookup(inner.unwrap_or(outer), written, Meaning::ANY)
                    };
                    let span = place(first);
                    base = Some(Base::At(span.start));
                    if found.is_some() {
                        self.module.uses.push(Use {
                            span,
                            symbol: found,
                            scope: inner.unwrap_or(outer),
                            form: Form::Plain,
                            meaning: Meaning::ANY,
                            comment: true,
                            element: false,
                        });
                    }
                } else if !written.is_empty() {
                    let name = written.to_owned();
                    let span = place(first);
                    let next = Base::At(span.start);
                    self.module.members.extend(base.map(|base| Member { base, name, span, form: Form::Plain }));
                    base = Some(next);
                }
                for part in rest {
                    let (name, span) = (text.get(part.clone()).unwrap_or_default().to_owned(), place(part));
                    let next = Base::At(span.start);
                    self.module.members.extend(base.map(|base| Member { base, name, span, form: Form::Plain }));
                    base = Some(next);
                }
            }
        }
    }
}

// Whose members an expression has.
fn base_of(expression: &Expression<'_>) -> Option<Base> {
    match expression {
        Expression::Identifier(name) => Some(Base::At(name.span.start as usize)),
        Expression::StaticMemberExpression(it) => Some(Base::At(it.property.span.start as usize)),
        Expression::AwaitExpression(it) => match &it.argument {
            Expression::ImportExpression(it) => literal(&it.source).map(Base::Module),
            _ => None,
        },
        Expression::CallExpression(it) => required(it).map(Base::Module),
        Expression::TSNonNullExpression(it) => base_of(&it.expression),
        _ => None,
    }
}

fn literal(expression: &Expression<'_>) -> Option<String> {
    if let Expression::StringLiteral(literal) = expression { Some(literal.value.to_string()) } else { None }
}

fn required(call: &CallExpression<'_>) -> Option<String> {
    let known = matches!(&call.callee, Expression::Identifier(name) if name.name == "require");
    match call.arguments.first() {
        Some(Argument::StringLiteral(from)) if known && call.arguments.len() == 1 => Some(from.value.to_string()),
        _ => None,
    }
}

fn base_of_type(name: &TSTypeName<'_>) -> Option<Base> {
    match name {
        TSTypeName::IdentifierReference(name) => Some(Base::At(name.span.start as usize)),
        TSTypeName::QualifiedName(name) => Some(Base::At(name.right.span.start as usize)),
        TSTypeName::ThisExpression(_) => None,
    }
}

// `module.exports`, `exports.a`, `module.exports.a`: whether the module itself.
fn exported_by(target: &AssignmentTarget<'_>) -> Option<bool> {
    let AssignmentTarget::StaticMemberExpression(it) = target else { return None };
    let is_module = |object: &Expression<'_>| matches!(object, Expression::Identifier(name) if name.name == "module");
    match &it.object {
        object if is_module(object) && it.property.name == "exports" => Some(true),
        Expression::Identifier(name) if name.name == "exports" => Some(false),
        Expression::StaticMemberExpression(inner) if is_module(&inner.object) && inner.property.name == "exports" => {
            Some(false)
        }
        _ => None,
    }
}

impl<'a> Visit<'a> for Collector<'_> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        self.last = range(kind.span());
        if matches!(kind, AstKind::Program(_)) {
            return;
        }
        let scope = self.scope();
        if let Some(host @ None) = self.hosts.get_mut(&self.last.start) {
            *host = Some((scope, self.last.clone()));
        }
    }

    fn enter_scope(&mut self, _: ScopeFlags, id: &Cell<Option<ScopeId>>) {
        let at = id.get().map_or(self.scope(), ScopeId::index);
        if let Some(scope) = self.module.scopes.get_mut(at)
            && scope.span.is_empty()
        {
            scope.span = self.last.clone();
        }
        self.open.push(at);
    }

    fn leave_scope(&mut self) {
        self.open.pop();
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        self.own_name = it.id.as_ref().filter(|_| it.is_expression()).map(|id| id.span);
        walk::walk_function(self, it, flags);
    }

    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        let symbol = self.number(it.symbol_id.get());
        if let Some(at) = symbol {
            if self.own_name == Some(it.span) {
                self.own_names.insert(at, self.module.uses.len());
            } else if let Some(one) = self.own_names.remove(&at) {
                self.hide(at, one);
            }
        }
        let declared = symbol.and_then(|at| self.module.symbol(at));
        let (scope, meaning) = declared.map_or((self.scope(), Meaning::ANY), |symbol| (symbol.scope, symbol.meaning));
        self.push(range(it.span), symbol, scope, meaning);
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        let (symbol, scope, meaning) = self.referred(it);
        self.push(range(it.span), symbol, scope, meaning);
    }

    fn visit_object_property(&mut self, it: &ObjectProperty<'a>) {
        if it.shorthand {
            self.form = Form::Shorthand;
            self.visit_expression(&it.value);
            self.form = Form::Plain;
        } else {
            walk::walk_object_property(self, it);
        }
    }

    fn visit_assignment_target_property_identifier(&mut self, it: &AssignmentTargetPropertyIdentifier<'a>) {
        self.form = Form::Shorthand;
        walk::walk_assignment_target_property_identifier(self, it);
    }

    fn visit_binding_property(&mut self, it: &BindingProperty<'a>) {
        if it.shorthand {
            self.form = Form::Shorthand;
            self.visit_binding_pattern(&it.value);
            self.form = Form::Plain;
        } else {
            walk::walk_binding_property(self, it);
        }
    }

    fn visit_jsx_element_name(&mut self, it: &JSXElementName<'a>) {
        self.element = matches!(it, JSXElementName::IdentifierReference(_));
        walk::walk_jsx_element_name(self, it);
        self.element = false;
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if it.accessibility.is_some() || it.readonly || it.r#override {
            for one in it.pattern.get_binding_identifiers() {
                let at = self.number(one.symbol_id.get());
                if let Some(symbol) = self.declared(at) {
                    symbol.fixed = Some(PROPERTY);
                }
            }
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_ts_enum_member(&mut self, it: &TSEnumMember<'a>) {
        if let oxc_ast::ast::TSEnumMemberName::Identifier(name) = &it.id {
            let symbol = self.module.lookup(self.scope(), &name.name, Meaning::ANY);
            let scope = self.scope();
            self.push(range(name.span), symbol, scope, Meaning::ANY);
        }
        walk::walk_ts_enum_member(self, it);
    }

    fn visit_ts_type_predicate_name(&mut self, it: &TSTypePredicateName<'a>) {
        if let TSTypePredicateName::Identifier(name) = it {
            let meaning = Meaning { value: true, kind: false };
            let symbol = self.module.lookup(self.scope(), &name.name, meaning);
            let scope = self.scope();
            self.push(range(name.span), symbol, scope, meaning);
        }
    }

    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        self.member(base_of(&it.object), &it.property.name, it.property.span, Form::Plain);
        walk::walk_static_member_expression(self, it);
    }

    fn visit_jsx_member_expression(&mut self, it: &JSXMemberExpression<'a>) {
        let base = match &it.object {
            JSXMemberExpressionObject::IdentifierReference(name) => Some(name.span.start),
            JSXMemberExpressionObject::MemberExpression(inner) => Some(inner.property.span.start),
            JSXMemberExpressionObject::ThisExpression(_) => None,
        };
        self.member(base.map(|at| Base::At(at as usize)), &it.property.name, it.property.span, Form::Plain);
        walk::walk_jsx_member_expression(self, it);
    }

    fn visit_ts_qualified_name(&mut self, it: &TSQualifiedName<'a>) {
        self.member(base_of_type(&it.left), &it.right.name, it.right.span, Form::Plain);
        walk::walk_ts_qualified_name(self, it);
    }

    fn visit_ts_import_type(&mut self, it: &TSImportType<'a>) {
        let mut parts = Vec::new();
        let mut rest = it.qualifier.as_ref();
        while let Some(qualifier) = rest {
            match qualifier {
                TSImportTypeQualifier::Identifier(name) => {
                    parts.push(&**name);
                    rest = None;
                }
                TSImportTypeQualifier::QualifiedName(name) => {
                    parts.push(&name.right);
                    rest = Some(&name.left);
                }
            }
        }
        let mut base = Base::Module(it.source.value.to_string());
        for part in parts.into_iter().rev() {
            self.member(Some(base), &part.name, part.span, Form::Plain);
            base = Base::At(part.span.start as usize);
        }
        walk::walk_ts_import_type(self, it);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let Some(init) = &it.init
            && let Some(base) = base_of(init)
        {
            let imported =
                if matches!(init, Expression::CallExpression(_)) { Imported::Assigned } else { Imported::Whole };
            self.bound_to(&it.id, &base, imported);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if let Some(whole) = exported_by(&it.left) {
            self.module.modular = true;
            if whole {
                self.module.assigns = true;
                self.default(&it.right);
            }
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        match &it.callee {
            Expression::Identifier(name) if name.name == "eval" => {
                self.module.dynamic.get_or_insert(name.span.start as usize);
            }
            // `import("a").then(a => a.b)`
            Expression::StaticMemberExpression(callee) if callee.property.name == "then" => {
                if let Expression::ImportExpression(import) = &callee.object
                    && let Some(from) = literal(&import.source)
                    && let Some(Argument::ArrowFunctionExpression(taker)) = it.arguments.first()
                    && let Some(parameter) = taker.params.items.first()
                {
                    self.bound_to(&parameter.pattern, &Base::Module(from), Imported::Whole);
                }
            }
            _ => {}
        }
        self.module.modular |= required(it).is_some();
        walk::walk_call_expression(self, it);
    }

    fn visit_with_statement(&mut self, it: &WithStatement<'a>) {
        self.module.dynamic.get_or_insert(it.span.start as usize);
        walk::walk_with_statement(self, it);
    }

    fn visit_import_declaration(&mut self, it: &ImportDeclaration<'a>) {
        self.module.modular = true;
        for specifier in it.specifiers.iter().flatten() {
            let from = &it.source.value;
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(one) => {
                    let (name, span) = (one.imported.name(), one.imported.span());
                    let shorthand = span == one.local.span;
                    self.import(&one.local, Imported::Name(name.to_string()), span, shorthand, from);
                    self.form = if shorthand { Form::Import } else { Form::Plain };
                    self.visit_binding_identifier(&one.local);
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                    self.import(&one.local, Imported::Default, one.span, false, from);
                    self.visit_binding_identifier(&one.local);
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                    self.import(&one.local, Imported::Whole, one.span, false, from);
                    self.visit_binding_identifier(&one.local);
                }
            }
        }
    }

    fn visit_ts_import_equals_declaration(&mut self, it: &TSImportEqualsDeclaration<'a>) {
        if let TSModuleReference::ExternalModuleReference(reference) = &it.module_reference {
            self.module.modular = true;
            self.import(&it.id, Imported::Assigned, it.id.span, false, &reference.expression.value);
        }
        walk::walk_ts_import_equals_declaration(self, it);
    }

    fn visit_export_declaration(&mut self, it: &ExportDeclaration<'a>) {
        self.module.modular |= self.open.len() <= 2;
        self.export_all_of(&it.declaration);
        walk::walk_export_declaration(self, it);
    }

    fn visit_export_named_declaration(&mut self, it: &ExportNamedDeclaration<'a>) {
        self.module.modular = true;
        for one in &it.specifiers {
            let shorthand = one.local.span() == one.exported.span();
            let mut symbol = None;
            if let ModuleExportName::IdentifierReference(local) = &one.local {
                symbol = self.referred(local).0;
                self.form = if shorthand { Form::Export } else { Form::Plain };
                self.visit_identifier_reference(local);
            }
            self.module.exports.push(Export {
                name: one.exported.name().to_string(),
                span: range(one.exported.span()),
                what: Exported::Local(symbol),
                local: range(one.local.span()),
                shorthand,
            });
        }
    }

    fn visit_export_from_declaration(&mut self, it: &ExportFromDeclaration<'a>) {
        self.module.modular = true;
        for one in &it.specifiers {
            self.module.exports.push(Export {
                name: one.exported.name().to_string(),
                span: range(one.exported.span()),
                what: Exported::Name(it.source.value.to_string(), one.local.name().to_string()),
                local: range(one.local.span()),
                shorthand: one.local.span() == one.exported.span(),
            });
        }
    }

    fn visit_export_all_declaration(&mut self, it: &ExportAllDeclaration<'a>) {
        self.module.modular = true;
        let from = it.source.value.to_string();
        match &it.exported {
            Some(name) => self.module.exports.push(Export {
                name: name.name().to_string(),
                span: range(name.span()),
                what: Exported::Whole(from),
                local: range(name.span()),
                shorthand: false,
            }),
            None => self.module.stars.push(from),
        }
    }

    fn visit_export_default_declaration(&mut self, it: &ExportDefaultDeclaration<'a>) {
        self.module.modular = true;
        let id = match &it.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(it) => it.id.as_ref(),
            ExportDefaultDeclarationKind::ClassDeclaration(it) => it.id.as_ref(),
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(it) => Some(&it.id),
            other => {
                other.as_expression().into_iter().for_each(|it| self.default(it));
                None
            }
        };
        let at = id.and_then(|id| self.number(id.symbol_id.get()));
        if let Some(symbol) = self.declared(at) {
            symbol.default = true;
        }
        walk::walk_export_default_declaration(self, it);
    }

    fn visit_ts_export_assignment(&mut self, it: &TSExportAssignment<'a>) {
        self.module.modular = true;
        self.module.assigns = true;
        self.default(&it.expression);
        walk::walk_ts_export_assignment(self, it);
    }

    fn visit_declaration(&mut self, it: &Declaration<'a>) {
        if self.ambient {
            self.export_all_of(it);
        }
        walk::walk_declaration(self, it);
    }

    fn visit_ts_namespace_declaration(&mut self, it: &TSNamespaceDeclaration<'a>) {
        let owner = self.number(it.id.symbol_id.get());
        if let (Some(owner), Some(at)) = (owner, it.scope_id.get().map(ScopeId::index)) {
            self.module.bodies.entry(owner).or_default().push(at);
            if let Some(scope) = self.module.scopes.get_mut(at) {
                scope.namespace = Some(owner);
            }
        }
        // `namespace A.B {}` exports B.
        if let oxc_ast::ast::TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) = &it.body {
            self.export(&inner.id);
        }
        let ambient = self.ambient;
        self.ambient |= it.declare;
        walk::walk_ts_namespace_declaration(self, it);
        self.ambient = ambient;
    }

    fn visit_ts_global_declaration(&mut self, it: &TSGlobalDeclaration<'a>) {
        if let Some(scope) = it.scope_id.get().and_then(|id| self.module.scopes.get_mut(id.index())) {
            scope.fixed = Some(GLOBAL);
        }
        walk::walk_ts_global_declaration(self, it);
    }

    fn visit_ts_external_module_declaration(&mut self, it: &TSExternalModuleDeclaration<'a>) {
        if let Some(scope) = it.scope_id.get().and_then(|id| self.module.scopes.get_mut(id.index())) {
            scope.fixed = Some(GLOBAL);
        }
        walk::walk_ts_external_module_declaration(self, it);
    }
}

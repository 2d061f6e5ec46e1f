//! Names of a JavaScript or TypeScript file that nothing in it reads, by the definition of `ESLint`'s no-unused-vars: a write is no
//! use, nor is what a name does to itself, nor a function's call of itself.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, ForStatementLeft, MethodDefinitionKind, PropertyKind, Statement, TSType, TSTypePredicateName,
};
use oxc_semantic::{AstNodes, NodeId, Scoping, Semantic, SymbolId};
use oxc_span::{GetSpan, Span};
use oxc_syntax::scope::ScopeId;
use oxc_syntax::symbol::SymbolFlags;

// Most parameters behind one that are looked at.
const MAX_PARAMETERS: usize = 100;

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An import.
    Import,
    /// A parameter.
    Parameter,
    /// What a `catch` takes.
    Caught,
    /// A function.
    Function,
    /// A class.
    Class,
    /// A type, an interface, a parameter of a type.
    Type,
    /// Any other variable.
    Variable,
}

impl What {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Parameter => "parameter",
            Self::Caught => "error variable",
            Self::Function => "function",
            Self::Class => "class",
            Self::Type => "type",
            Self::Variable => "variable",
        }
    }
}

/// A name that nothing reads.
#[derive(Debug, Clone)]
pub struct Unused {
    /// The symbol.
    pub symbol: SymbolId,
    /// What it names.
    pub what: What,
    /// Where it is declared.
    pub span: Span,
    /// Whether it is given a value after its declaration.
    pub written: bool,
    /// Whether it stands at the top of the file, where other scripts of a page may see it.
    pub top: bool,
}

/// The names nothing reads, in source order; exported ones are read.
pub fn of(semantic: &Semantic<'_>) -> Vec<Unused> {
    let judge = Judge { semantic, nodes: semantic.nodes(), scoping: semantic.scoping() };
    let has_jsx = semantic
        .nodes()
        .iter()
        .any(|node| matches!(node.kind(), AstKind::JSXOpeningElement(_) | AstKind::JSXFragment(_)));
    let mut found: Vec<Unused> = judge
        .scoping
        .symbol_ids()
        .filter(|symbol| !(has_jsx && judge.scoping.symbol_name(*symbol) == "React"))
        .filter_map(|symbol| judge.unused(symbol))
        .collect();
    found.sort_unstable_by_key(|one| one.span.start);
    found
}

struct Judge<'s, 'a> {
    semantic: &'s Semantic<'a>,
    nodes: &'s AstNodes<'a>,
    scoping: &'s Scoping,
}

#[derive(Clone, Copy)]
struct Mention {
    node: NodeId,
    scope: ScopeId,
    span: Span,
    read: bool,
    write: bool,
}

impl<'a> Judge<'_, 'a> {
    fn unused(&self, symbol: SymbolId) -> Option<Unused> {
        let flags = self.scoping.symbol_flags(symbol);
        let declaration = self.scoping.symbol_declaration(symbol);
        let kind = self.nodes.kind(declaration);
        let what = match kind {
            AstKind::ImportSpecifier(_)
            | AstKind::ImportDefaultSpecifier(_)
            | AstKind::ImportNamespaceSpecifier(_)
            | AstKind::TSImportEqualsDeclaration(_) => What::Import,
            AstKind::FormalParameter(_) | AstKind::FormalParameterRest(_) => What::Parameter,
            AstKind::CatchParameter(_) | AstKind::CatchClause(_) => What::Caught,
            AstKind::Function(function) if function.is_expression() || function.body.is_none() => return None,
            AstKind::Function(_) => What::Function,
            AstKind::Class(class) if class.is_expression() => return None,
            AstKind::Class(_) => What::Class,
            AstKind::TSEnumMember(_)
            | AstKind::TSMappedType(_)
            | AstKind::TSInferType(_)
            | AstKind::TSGlobalDeclaration(_) => return None,
            AstKind::TSTypeParameter(_)
                if matches!(
                    self.nodes.parent_kind(declaration),
                    AstKind::TSMappedType(_) | AstKind::TSInferType(_)
                ) =>
            {
                return None;
            }
            _ if flags.intersects(SymbolFlags::TypeAlias | SymbolFlags::Interface | SymbolFlags::TypeParameter) => {
                What::Type
            }
            _ => What::Variable,
        };
        // What is declared for all files is for them.
        if self
            .nodes
            .ancestor_kinds(declaration)
            .any(|kind| matches!(kind, AstKind::TSGlobalDeclaration(_) | AstKind::TSExternalModuleDeclaration(_)))
        {
            return None;
        }
        if flags.is_ambient() || (what == What::Parameter && !self.is_judged_parameter(declaration, symbol)) {
            return None;
        }
        let mentions = self.mentions(symbol);
        if self.is_exported(symbol) || self.is_used(symbol, &mentions) || self.leaves_loop(declaration) {
            return None;
        }
        Some(Unused {
            symbol,
            what,
            span: self.scoping.symbol_span(symbol),
            written: mentions.iter().any(|mention| mention.write),
            top: self.scoping.symbol_scope_id(symbol) == self.scoping.root_scope_id(),
        })
    }

    fn mentions(&self, symbol: SymbolId) -> Vec<Mention> {
        let mut mentions: Vec<Mention> = self
            .scoping
            .get_resolved_references(symbol)
            .map(|reference| Mention {
                node: reference.node_id(),
                scope: reference.scope_id(),
                span: self.semantic.reference_span(reference),
                read: !reference.flags().is_write_only(),
                write: reference.flags().is_write(),
            })
            .collect();
        mentions.sort_unstable_by_key(|mention| mention.span.start);
        mentions
    }

    fn is_used(&self, symbol: SymbolId, mentions: &[Mention]) -> bool {
        let own = self.own_functions(symbol);
        let var_scope = self.var_scope(self.scoping.symbol_scope_id(symbol));
        let mut right: Option<Span> = None;
        for mention in mentions {
            if self.leaves_loop_by(mention) {
                return true;
            }
            let for_itself = mention.read && self.is_for_itself(mention, right);
            right = self.right_side(mention, right, var_scope);
            if mention.read && !for_itself && !own.iter().any(|own| self.is_inside(mention.node, *own)) {
                return true;
            }
        }
        false
    }

    // The functions, and the class, that a name stands for: what they say of themselves is no use.
    fn own_functions(&self, symbol: SymbolId) -> Vec<Span> {
        let of = |id: NodeId| match self.nodes.kind(id) {
            AstKind::Function(function) => Some(function.span),
            AstKind::Class(class) => Some(class.span),
            AstKind::VariableDeclarator(it) if it.id.is_binding_identifier() => {
                it.init.as_ref().filter(|init| init.is_function()).map(GetSpan::span)
            }
            _ => None,
        };
        self.scoping.symbol_declarations(symbol).filter_map(of).collect()
    }

    fn is_inside(&self, node: NodeId, span: Span) -> bool {
        let own = self.nodes.kind(node).span();
        span.start <= own.start && own.end <= span.end
    }

    fn is_exported(&self, symbol: SymbolId) -> bool {
        self.scoping.symbol_declarations(symbol).any(|declaration| {
            let outer = match self.nodes.kind(declaration) {
                AstKind::VariableDeclarator(_) => self.nodes.parent_id(declaration),
                AstKind::FormalParameter(_) | AstKind::FormalParameterRest(_) => return false,
                _ => declaration,
            };
            matches!(
                self.nodes.parent_kind(outer),
                AstKind::ExportDeclaration(_)
                    | AstKind::ExportDefaultDeclaration(_)
                    | AstKind::ExportNamedDeclaration(_)
            )
        })
    }

    fn var_scope(&self, scope: ScopeId) -> ScopeId {
        self.scoping.scope_ancestors(scope).find(|scope| self.scoping.scope_flags(*scope).is_var()).unwrap_or(scope)
    }

    // `a += 1;`, `a++;`, and what stands right of an assignment to the name itself.
    fn is_for_itself(&self, mention: &Mention, right: Option<Span>) -> bool {
        let parent = self.nodes.parent_id(mention.node);
        let updates = match self.nodes.kind(parent) {
            AstKind::AssignmentExpression(it) => {
                it.left.span() == mention.span && !it.operator.is_logical() && self.is_unused_value(parent)
            }
            AstKind::UpdateExpression(_) => self.is_unused_value(parent),
            _ => false,
        };
        updates
            || right.is_some_and(|right| contains(right, mention.span) && !self.is_kept_function(mention.node, right))
    }

    // Whether nobody takes the value of an expression.
    fn is_unused_value(&self, node: NodeId) -> bool {
        let parent = self.nodes.parent_id(node);
        match self.nodes.kind(parent) {
            AstKind::ExpressionStatement(_) => true,
            AstKind::SequenceExpression(it) => {
                let is_last = it.expressions.last().map(GetSpan::span) == Some(self.nodes.kind(node).span());
                !is_last || self.is_unused_value(parent)
            }
            AstKind::ChainExpression(_) => self.is_unused_value(parent),
            _ => false,
        }
    }

    fn right_side(&self, mention: &Mention, before: Option<Span>, var_scope: ScopeId) -> Option<Span> {
        if let Some(right) = before.filter(|right| contains(*right, mention.span)) {
            return Some(right);
        }
        let parent = self.nodes.parent_id(mention.node);
        let AstKind::AssignmentExpression(it) = self.nodes.kind(parent) else { return None };
        let is_left = it.left.span() == mention.span;
        let later = self.var_scope(mention.scope) != var_scope || self.is_in_loop(mention.node);
        (is_left && !later && self.is_unused_value(parent)).then(|| it.right.span())
    }

    fn is_in_loop(&self, node: NodeId) -> bool {
        for kind in self.nodes.ancestor_kinds(node) {
            match kind {
                AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => return false,
                AstKind::WhileStatement(_)
                | AstKind::DoWhileStatement(_)
                | AstKind::ForStatement(_)
                | AstKind::ForInStatement(_)
                | AstKind::ForOfStatement(_) => return true,
                _ => {}
            }
        }
        false
    }

    // Whether a name stands in a function that may be kept, and called later.
    fn is_kept_function(&self, node: NodeId, right: Span) -> bool {
        let is_function =
            |id: &NodeId| matches!(self.nodes.kind(*id), AstKind::Function(_) | AstKind::ArrowFunctionExpression(_));
        let Some(function) = self.nodes.ancestor_ids(node).find(is_function) else { return false };
        if !contains(right, self.nodes.kind(function).span()) {
            return false;
        }
        let mut inner = function;
        for outer in self.nodes.ancestor_ids(function) {
            let kind = self.nodes.kind(outer);
            if !contains(right, kind.span()) {
                return false;
            }
            let own = self.nodes.kind(inner).span();
            match kind {
                AstKind::SequenceExpression(it) if it.expressions.last().map(GetSpan::span) != Some(own) => {
                    return false;
                }
                AstKind::CallExpression(it) => return it.callee.span() != own,
                AstKind::NewExpression(it) => return it.callee.span() != own,
                AstKind::AssignmentExpression(_)
                | AstKind::TaggedTemplateExpression(_)
                | AstKind::YieldExpression(_) => return true,
                _ if kind.is_statement() || kind.is_declaration() => return true,
                _ => {}
            }
            inner = outer;
        }
        false
    }

    // `for (x in o) return true;` asks whether there is anything at all.
    fn leaves_loop_by(&self, mention: &Mention) -> bool {
        let kind = self.nodes.parent_kind(mention.node);
        let is_left = |left: &ForStatementLeft<'_>| left.span() == mention.span;
        match kind {
            AstKind::ForInStatement(it) => is_left(&it.left) && returns(&it.body),
            AstKind::ForOfStatement(it) => is_left(&it.left) && returns(&it.body),
            _ => false,
        }
    }

    fn leaves_loop(&self, declaration: NodeId) -> bool {
        let AstKind::VariableDeclarator(it) = self.nodes.kind(declaration) else { return false };
        if !it.id.is_binding_identifier() {
            return false;
        }
        match self.nodes.parent_kind(self.nodes.parent_id(declaration)) {
            AstKind::ForInStatement(it) => returns(&it.body),
            AstKind::ForOfStatement(it) => returns(&it.body),
            _ => false,
        }
    }

    // Parameters of functions without a body, of setters and those that make a property are never judged; of the others those
    // alone behind which none is used, where they are plain names.
    fn is_judged_parameter(&self, declaration: NodeId, symbol: SymbolId) -> bool {
        let list = self.nodes.parent_id(declaration);
        let AstKind::FormalParameters(parameters) = self.nodes.kind(list) else { return false };
        let function = self.nodes.parent_id(list);
        match self.nodes.kind(function) {
            AstKind::Function(it) if it.body.is_some() => {}
            AstKind::ArrowFunctionExpression(_) => {}
            _ => return false,
        }
        match self.nodes.parent_kind(function) {
            AstKind::MethodDefinition(it) if it.kind == MethodDefinitionKind::Set => return false,
            AstKind::ObjectProperty(it) if it.kind == PropertyKind::Set => return false,
            _ => {}
        }
        // `a is T` speaks of its parameter.
        let returned = match self.nodes.kind(function) {
            AstKind::Function(it) => it.return_type.as_ref(),
            AstKind::ArrowFunctionExpression(it) => it.return_type.as_ref(),
            _ => None,
        };
        if let Some(TSType::TSTypePredicate(told)) = returned.map(|returned| &returned.type_annotation)
            && let TSTypePredicateName::Identifier(name) = &told.parameter_name
            && name.name.as_str() == self.scoping.symbol_name(symbol)
        {
            return false;
        }
        let AstKind::FormalParameter(parameter) = self.nodes.kind(declaration) else { return true };
        if parameter.has_modifier() {
            return false;
        }
        if !parameter.pattern.is_binding_identifier() || parameter.initializer.is_some() {
            return true;
        }
        let at = parameters.items.partition_point(|item| item.span.start < parameter.span.start);
        let mentioned = |pattern: &BindingPattern<'a>| {
            let names = pattern.get_binding_identifiers();
            names.iter().any(|name| {
                let known = name.symbol_id.get();
                known.is_some_and(|known| known == symbol || !self.scoping.get_resolved_reference_ids(known).is_empty())
            }) || has_default(pattern)
        };
        let later = parameters.items.iter().skip(at + 1).take(MAX_PARAMETERS);
        !later.clone().any(|item| item.initializer.is_some() || mentioned(&item.pattern))
            && !parameters.rest.as_ref().is_some_and(|rest| mentioned(&rest.rest.argument))
    }
}

// Whether a pattern gives a value to what is missing.
fn has_default(pattern: &BindingPattern<'_>) -> bool {
    match pattern {
        BindingPattern::BindingIdentifier(_) => false,
        BindingPattern::AssignmentPattern(_) => true,
        BindingPattern::ObjectPattern(it) => it.properties.iter().any(|property| has_default(&property.value)),
        BindingPattern::ArrayPattern(it) => it.elements.iter().flatten().any(has_default),
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn returns(body: &Statement<'_>) -> bool {
    match body {
        Statement::BlockStatement(block) => matches!(block.body.first(), Some(Statement::ReturnStatement(_))),
        other => matches!(other, Statement::ReturnStatement(_)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::ecma::{EcmaKind, with_semantic};

    fn unused(kind: EcmaKind, source: &str) -> Vec<String> {
        let found = with_semantic(kind, source, |semantic, _| {
            of(semantic).iter().map(|one| semantic.scoping().symbol_name(one.symbol).to_owned()).collect()
        });
        found.expect("a program").1
    }

    #[test]
    fn names_are_judged_as_the_rule_defines_it() {
        for (source, expected) in [
            ("let a = 1; a = a + 1; a++; a += 2;", vec!["a"]),
            ("let a = 1; f(a++);", vec![]),
            ("function f() { f(); } var g = function () { g(); };", vec!["f", "g"]),
            ("class A { static b = A; }", vec!["A"]),
            ("(function f(a, b, c) { return b; })", vec!["c"]),
            ("(function f(a, b = 1) {})", vec!["b"]),
            ("(({ a, b }) => a)", vec!["b"]),
            ("(function (a, ...b) {})", vec!["a", "b"]),
            ("x = { set a(v) {} }; class B { set c(w) {} } f(B);", vec![]),
            ("try {} catch (e) {}", vec!["e"]),
            ("for (const k in o) return;", vec![]),
            ("for (const k in o) { f(); }", vec!["k"]),
            ("let a; a ||= 1;", vec![]),
            ("import a, { b, c as d } from 'x'; f(d);", vec!["a", "b"]),
            ("export const a = 1; const b = 2; export { b }; export default function c() {}", vec![]),
            ("let a; a = function () { return a; }; let b; b = f(() => b);", vec!["a"]),
            ("let a; for (;;) { a = g(a); }", vec![]),
        ] {
            assert_eq!(unused(EcmaKind::JavaScript, source), expected, "{source}");
        }
        for (source, expected) in [
            ("interface A {} type B = 1; enum C { D } function f<T>(): void {} f();", vec!["A", "B", "C", "T"]),
            (
                "abstract class A { constructor(private a: number, b: number) {} abstract m(c: number): void } new A();",
                vec!["b"],
            ),
            ("declare const a: number; declare function f(x: number): void;", vec![]),
            ("import type { A } from 'a'; let x: A; f(x); type G = (y: number) => void; f<G>();", vec![]),
            ("declare global { interface A {} } const f = (a: any, b: any): a is string => true; f(1);", vec!["b"]),
            ("function f(a: number): void; function f(b: string): void; function f(c: any) {} f(1);", vec!["c"]),
        ] {
            assert_eq!(unused(EcmaKind::TypeScript, source), expected, "{source}");
        }
    }
}

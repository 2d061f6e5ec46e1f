//! Rules about names: written where they must not be, or named as what they must not.

use super::super::table as rules;
use super::Lint;
use octavo_toolkit::limits::excerpt;
use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentTarget, Expression};
use oxc_span::GetSpan;
use oxc_syntax::symbol::SymbolFlags;

// Globals of the language that no code may write.
const BUILTINS: &str = " AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError FinalizationRegistry Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet constructor decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis hasOwnProperty isFinite isNaN isPrototypeOf parseFloat parseInt propertyIsEnumerable toLocaleString toString undefined unescape valueOf ";

impl Lint<'_, '_> {
    pub(super) fn bindings(&mut self) {
        self.private_members();
        for symbol in self.scoping.symbol_ids() {
            let flags = self.scoping.symbol_flags(symbol);
            let kind = self.nodes.kind(self.scoping.symbol_declaration(symbol));
            let name = self.scoping.symbol_name(symbol).to_owned();
            if matches!(name.as_str(), "NaN" | "Infinity" | "undefined" | "eval" | "arguments") {
                let is_left_empty = matches!(kind, AstKind::VariableDeclarator(it) if it.init.is_none() && name == "undefined")
                    && !self.scoping.symbol_is_mutated(symbol);
                if !is_left_empty {
                    self.hit(
                        &rules::NO_SHADOW_RESTRICTED_NAMES,
                        self.scoping.symbol_span(symbol),
                        format!("`{name}` means something to the language"),
                    );
                }
            }
            let told = match kind {
                AstKind::ImportSpecifier(_)
                | AstKind::ImportDefaultSpecifier(_)
                | AstKind::ImportNamespaceSpecifier(_) => {
                    Some((&rules::NO_IMPORT_ASSIGN, "an import cannot be written"))
                }
                AstKind::CatchParameter(_) | AstKind::CatchClause(_) => {
                    Some((&rules::NO_EX_ASSIGN, "what was caught is lost"))
                }
                AstKind::Class(_) => Some((&rules::NO_CLASS_ASSIGN, "a class is overwritten")),
                AstKind::Function(_) => Some((&rules::NO_FUNC_ASSIGN, "a function is overwritten")),
                _ if flags.contains(SymbolFlags::ConstVariable) => {
                    Some((&rules::NO_CONST_ASSIGN, "a constant cannot be written"))
                }
                _ => None,
            };
            let Some((rule, message)) = told else { continue };
            let writes: Vec<_> = self
                .scoping
                .get_resolved_references(symbol)
                .filter(|reference| reference.is_write())
                .map(|reference| self.semantic.reference_span(reference))
                .collect();
            for span in writes {
                self.hit(rule, span, format!("{message}: `{}`", excerpt(&name)));
            }
            if matches!(kind, AstKind::ImportNamespaceSpecifier(_)) {
                self.namespace_writes(symbol);
            }
        }
        self.globals();
        for label in self.semantic.unused_labels().clone() {
            if let AstKind::LabeledStatement(it) = self.nodes.kind(label) {
                self.hit(
                    &rules::NO_UNUSED_LABELS,
                    it.label.span,
                    format!("no jump names the label `{}`", excerpt(&it.label.name)),
                );
            }
        }
    }

    fn namespace_writes(&mut self, symbol: oxc_semantic::SymbolId) {
        let mut found = Vec::new();
        for reference in self.scoping.get_resolved_references(symbol) {
            let name = self.nodes.kind(reference.node_id()).span();
            let mut member = self.nodes.parent_id(reference.node_id());
            match self.nodes.kind(member) {
                AstKind::StaticMemberExpression(it) if it.object.span() == name => {}
                AstKind::ComputedMemberExpression(it) if it.object.span() == name => {}
                AstKind::CallExpression(it) => {
                    if it.arguments.first().map(GetSpan::span) == Some(name) && self.is_writer(&it.callee) {
                        found.push(it.span);
                    }
                    continue;
                }
                _ => continue,
            }
            if let AstKind::ChainExpression(_) = self.nodes.parent_kind(member) {
                member = self.nodes.parent_id(member);
            }
            let own = self.nodes.kind(member).span();
            let written = match self.nodes.parent_kind(member) {
                AstKind::AssignmentExpression(it) => {
                    it.left.span() == own && !matches!(it.left, AssignmentTarget::ArrayAssignmentTarget(_))
                }
                AstKind::UpdateExpression(_) | AstKind::ArrayAssignmentTarget(_) | AstKind::AssignmentTargetRest(_) => {
                    true
                }
                AstKind::AssignmentTargetWithDefault(it) => it.binding.span() == own,
                AstKind::AssignmentTargetPropertyProperty(it) => it.binding.span() == own,
                AstKind::ForInStatement(it) => it.left.span() == own,
                AstKind::ForOfStatement(it) => it.left.span() == own,
                AstKind::UnaryExpression(it) => it.operator.is_delete(),
                _ => false,
            };
            if written {
                found.push(self.nodes.parent_kind(member).span());
            }
        }
        for span in found {
            self.hit(&rules::NO_IMPORT_ASSIGN, span, "the members of an imported module cannot be written");
        }
    }

    // Functions of the language that write the object they are given first.
    fn is_writer(&self, callee: &Expression<'_>) -> bool {
        let member = match callee {
            Expression::ChainExpression(chain) => chain.expression.member_expression(),
            other => other.get_member_expr(),
        };
        let Some(member) = member else { return false };
        let Expression::Identifier(of) = member.object() else { return false };
        self.is_global(of)
            && matches!(
                (of.name.as_str(), member.static_property_name()),
                ("Object", Some("assign" | "defineProperty" | "defineProperties" | "freeze" | "setPrototypeOf"))
                    | ("Reflect", Some("defineProperty" | "deleteProperty" | "set" | "setPrototypeOf"))
            )
    }

    fn globals(&mut self) {
        let mut found = Vec::new();
        for (name, references) in self.scoping.root_unresolved_references() {
            let is_builtin = BUILTINS.contains(&format!(" {name} "));
            for id in references {
                let reference = self.scoping.get_reference(*id);
                if reference.is_write() && is_builtin {
                    found.push((
                        &rules::NO_GLOBAL_ASSIGN,
                        self.semantic.reference_span(reference),
                        format!("`{name}` belongs to the language"),
                    ));
                }
                if name.as_str() == "eval" && reference.is_read() {
                    found.push((
                        &rules::NO_EVAL,
                        self.semantic.reference_span(reference),
                        "a text is run as code".to_owned(),
                    ));
                }
            }
        }
        found.sort_by_key(|(_, span, _)| span.start);
        for (rule, span, message) in found {
            self.hit(rule, span, message);
        }
    }
}

//! Rules about classes and functions.

use super::super::table as rules;
use super::Lint;
use super::expressions::{is_empty, static_key};
use octavo_toolkit::limits::excerpt;
use oxc_ast::AstKind;
use oxc_ast::ast::{Class, ClassElement, Function, MethodDefinitionKind, PropertyKey, StaticBlock};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan, Span};
use std::collections::BTreeMap;

impl<'a> Lint<'_, 'a> {
    pub(super) fn class(&mut self, it: &Class<'a>) {
        // By name and whether static: a method or field, a getter, a setter.
        let mut known: BTreeMap<(bool, String), [bool; 3]> = BTreeMap::new();
        for element in &it.body.body {
            let (key, computed, is_static, place) = match element {
                ClassElement::MethodDefinition(it)
                    if it.value.body.is_some() && it.kind != MethodDefinitionKind::Constructor =>
                {
                    let place = match it.kind {
                        MethodDefinitionKind::Get => 1,
                        MethodDefinitionKind::Set => 2,
                        _ => 0,
                    };
                    (&it.key, it.computed, it.r#static, place)
                }
                ClassElement::PropertyDefinition(it) => (&it.key, it.computed, it.r#static, 0),
                _ => continue,
            };
            let Some(name) = static_key(key, computed) else { continue };
            let seen = known.entry((is_static, name.clone())).or_default();
            let clash = match place {
                1 => seen[0] || seen[1],
                2 => seen[0] || seen[2],
                _ => seen.iter().any(|seen| *seen),
            };
            if let Some(seen) = seen.get_mut(place) {
                *seen = true;
            }
            if clash {
                self.hit(
                    &rules::NO_DUPE_CLASS_MEMBERS,
                    element.span(),
                    format!("the class has `{}` already", excerpt(&name)),
                );
            }
        }
    }

    pub(super) fn static_block(&mut self, it: &StaticBlock<'a>) {
        if it.body.is_empty() && !self.semantic.has_comments_between(it.span) {
            self.hit(&rules::NO_EMPTY_STATIC_BLOCK, it.span, "an empty static block");
        }
    }

    pub(super) fn function(&mut self, id: NodeId, it: &Function<'a>) {
        let Some(body) = &it.body else { return };
        self.flow_end_of_getter(id, &body.statements);
        if it.generator && !is_empty(body) && !self.yielding.contains(&it.span.start) {
            let span = match self.nodes.parent_kind(id) {
                AstKind::MethodDefinition(method) => method.span,
                AstKind::ObjectProperty(property) => property.span,
                _ => it.span,
            };
            self.hit(&rules::REQUIRE_YIELD, span, "a generator never yields");
        }
    }

    // Private members that nothing in their class reads.
    pub(super) fn private_members(&mut self) {
        // By class and name: where it is declared, whether by a getter or setter, whether it is used.
        let mut known: BTreeMap<u32, BTreeMap<String, (Span, bool, bool)>> = BTreeMap::new();
        for node in self.nodes.iter() {
            let AstKind::Class(class) = node.kind() else { continue };
            let mut members = BTreeMap::new();
            for element in &class.body.body {
                let (key, accessor) = match element {
                    ClassElement::MethodDefinition(it) => (&it.key, it.kind != MethodDefinitionKind::Method),
                    ClassElement::PropertyDefinition(it) => (&it.key, false),
                    ClassElement::AccessorProperty(it) => (&it.key, true),
                    _ => continue,
                };
                if let PropertyKey::PrivateIdentifier(name) = key {
                    members.entry(name.name.to_string()).or_insert((name.span, accessor, false));
                }
            }
            if !members.is_empty() {
                known.insert(class.span.start, members);
            }
        }
        if known.is_empty() {
            return;
        }
        let mut uses: Vec<(String, NodeId, bool)> = Vec::new();
        for node in self.nodes.iter() {
            match node.kind() {
                AstKind::PrivateFieldExpression(it) => {
                    uses.push((it.field.name.to_string(), node.id(), self.is_read(node.id(), it.span)));
                }
                AstKind::PrivateInExpression(it) => uses.push((it.left.name.to_string(), node.id(), true)),
                _ => {}
            }
        }
        for (name, at, read) in uses {
            // The innermost class that has it.
            let mut classes = self
                .nodes
                .ancestor_kinds(at)
                .filter(|kind| matches!(kind, AstKind::Class(_)))
                .map(|kind| kind.span().start);
            let owner = classes.find(|class| known.get(class).is_some_and(|members| members.contains_key(&name)));
            if let Some((_, accessor, used)) =
                owner.and_then(|class| known.get_mut(&class)).and_then(|members| members.get_mut(&name))
            {
                *used |= read || *accessor;
            }
        }
        for (_, members) in known {
            for (name, (span, _, used)) in members {
                if !used {
                    self.hit(
                        &rules::NO_UNUSED_PRIVATE_CLASS_MEMBERS,
                        span,
                        format!("nothing reads `#{}`", excerpt(&name)),
                    );
                }
            }
        }
    }

    // Whether a member's value is taken, not only set.
    fn is_read(&self, id: NodeId, own: Span) -> bool {
        let parent = self.nodes.parent_id(id);
        let unused = |id: NodeId| matches!(self.nodes.parent_kind(id), AstKind::ExpressionStatement(_));
        match self.nodes.kind(parent) {
            AstKind::AssignmentExpression(it) if it.left.span() == own => !it.operator.is_assign() && !unused(parent),
            AstKind::UpdateExpression(_) => !unused(parent),
            AstKind::ForInStatement(it) => it.left.span() != own,
            AstKind::ForOfStatement(it) => it.left.span() != own,
            AstKind::AssignmentTargetPropertyProperty(it) => it.name.span() == own,
            AstKind::ArrayAssignmentTarget(_) | AstKind::AssignmentTargetRest(_) => false,
            AstKind::AssignmentTargetWithDefault(it) => it.init.span() == own,
            _ => true,
        }
    }
}

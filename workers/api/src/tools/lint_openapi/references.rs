//! Rules on references: where they lead, what stands beside them, and whether they end.

use super::Lint;
use super::rules::{CIRCULAR_REF, EXTERNAL_REF, INVALID_REF, REF_SIBLINGS};
use super::shapes;
use crate::support::tree::{Document, NodeId, Span};
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Longest circle of required schemas that is told.
const MAX_CIRCLE: usize = 40;

/// Most rounds of finding out which schemas have a finite value.
const MAX_ROUNDS: usize = 60;

pub(super) fn check(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let mut told = Vec::new();
    for id in doc.ids() {
        let Some(member) = doc.member(id, "$ref") else { continue };
        if lint.is_data(id) {
            continue;
        }
        let Some(target) = doc.str(member.value) else { continue };
        if target.starts_with('#') {
            if lint.spec.target(target).is_none() {
                told.push((&INVALID_REF, member.key_span, format!("`{}` leads nowhere", excerpt(target))));
            } else if lint.spec.resolve(id).is_none()
                && lint.spec.target(target).is_some_and(|to| leads_to(lint, to, id))
            {
                told.push((&CIRCULAR_REF, member.key_span, format!("`{}` leads back to itself", excerpt(target))));
            }
        } else {
            told.push((&EXTERNAL_REF, member.key_span, format!("`{}` leaves the document", excerpt(target))));
        }
        if shapes::is_old(lint.edition) {
            for other in doc.members(id).iter().filter(|other| &*other.key != "$ref") {
                let message = format!("`{}` stands beside a reference and is ignored", excerpt(&other.key));
                told.push((&REF_SIBLINGS, other.key_span, message));
            }
        }
    }
    told.extend(endless(lint).into_iter().map(|(span, message)| (&CIRCULAR_REF, span, message)));
    told.into_iter().for_each(|(rule, span, message)| lint.add(rule, span, message));
}

fn leads_to(lint: &Lint<'_>, from: NodeId, to: NodeId) -> bool {
    let mut at = from;
    for _ in 0..64 {
        if at == to {
            return true;
        }
        match lint.doc.get_str(at, "$ref").and_then(|target| lint.spec.target(target)) {
            Some(next) => at = next,
            None => return false,
        }
    }
    // A circle somewhere else.
    false
}

// Components without a finite value: found by taking all to have none, and then, round by round, those that can be written
// with what has one already.
fn endless(lint: &Lint<'_>) -> Vec<(Span, String)> {
    let doc = lint.doc;
    let components = lint.spec.components("schemas");
    let mut finite: BTreeMap<NodeId, bool> = components.iter().map(|member| (member.value, false)).collect();
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for member in components {
            if finite.get(&member.value) == Some(&false) && has_value(lint, &finite, member.value, 0) {
                finite.insert(member.value, true);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    // What only fails because of another is not told again.
    let mut told = Vec::new();
    for member in components.iter().filter(|member| finite.get(&member.value) == Some(&false)) {
        let mut seen = BTreeSet::new();
        if needs(lint, doc, member.value, member.value, &mut seen, 0) {
            told.push((
                member.key_span,
                format!("no value can meet `{}`: it requires itself inside itself", excerpt(&member.key)),
            ));
        }
    }
    told
}

fn has_value(lint: &Lint<'_>, finite: &BTreeMap<NodeId, bool>, id: NodeId, depth: usize) -> bool {
    let doc = lint.doc;
    if depth > 60 {
        return true;
    }
    if let Some(target) = doc.get_str(id, "$ref") {
        let Some(to) = lint.spec.target(target) else { return true };
        return finite.get(&to).copied().unwrap_or_else(|| has_value(lint, finite, to, depth + 1));
    }
    if doc.is_true(id, "nullable")
        || doc.is_true(id, "x-nullable")
        || doc.get(id, "enum").is_some()
        || doc.get(id, "const").is_some()
    {
        return true;
    }
    // A value of another type needs none of its properties.
    let only_object = matches!(doc.get(id, "type").and_then(|types| doc.str(types)), Some("object"));
    let all = |key: &str| doc.get(id, key).map_or(&[][..], |list| doc.items(list));
    if !all("allOf").iter().all(|part| has_value(lint, finite, *part, depth + 1)) {
        return false;
    }
    for key in ["oneOf", "anyOf"] {
        let branches = all(key);
        if !branches.is_empty() && !branches.iter().any(|part| has_value(lint, finite, *part, depth + 1)) {
            return false;
        }
    }
    if let Some(items) = doc.get(id, "items") {
        let needs_one = doc.get_number(id, "minItems").is_some_and(|least| least >= 1.0);
        let only_array = doc.get(id, "type").and_then(|types| doc.str(types)) == Some("array");
        if needs_one && only_array && !has_value(lint, finite, items, depth + 1) {
            return false;
        }
    }
    if !only_object {
        return true;
    }
    let Some(properties) = doc.get(id, "properties") else { return true };
    let required = all("required").iter().filter_map(|name| doc.str(*name));
    required.filter_map(|name| doc.get(properties, name)).all(|part| has_value(lint, finite, part, depth + 1))
}

// Whether a schema requires `goal`.
fn needs(lint: &Lint<'_>, doc: &Document, id: NodeId, goal: NodeId, seen: &mut BTreeSet<NodeId>, depth: usize) -> bool {
    if depth > MAX_CIRCLE || !seen.insert(id) {
        return false;
    }
    let mut parts: Vec<NodeId> = Vec::new();
    if let Some(target) = doc.get_str(id, "$ref") {
        let Some(to) = lint.spec.target(target) else { return false };
        if to == goal {
            return true;
        }
        parts.push(to);
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        parts.extend(doc.get(id, key).map_or(&[][..], |list| doc.items(list)));
    }
    if doc.get_number(id, "minItems").is_some_and(|least| least >= 1.0) {
        parts.extend(doc.get(id, "items"));
    }
    if let (Some(properties), Some(required)) = (doc.get(id, "properties"), doc.get(id, "required")) {
        let names = doc.items(required).iter().filter_map(|name| doc.str(*name));
        parts.extend(names.filter_map(|name| doc.get(properties, name)));
    }
    parts.into_iter().any(|part| needs(lint, doc, part, goal, seen, depth + 1))
}

//! Which parts of two documents are equal, references included, so that a comparison only walks what may differ.

use crate::support::openapi::Spec;
use crate::support::tree::{Document, NodeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Most rounds of spreading a difference from what is referred to, to what refers. Where that is not enough, every reference
/// counts as changed: slower, never wrong.
const MAX_ROUNDS: usize = 64;

/// Knows what is the same on both sides.
#[derive(Debug)]
pub(super) struct Unchanged {
    // By node of the base: whether a reference below it leads to something that differs.
    tainted: Vec<bool>,
    comparable: bool,
}

impl Unchanged {
    /// Compares what the references of both documents lead to.
    pub(super) fn new(base: &Spec<'_>, revision: &Spec<'_>) -> Self {
        let mut differing: BTreeSet<&str> = BTreeSet::new();
        let mut targets: BTreeMap<&str, NodeId> = BTreeMap::new();
        for reference in references(base.doc) {
            match (base.target(reference), revision.target(reference)) {
                (Some(old), Some(new)) if base.doc.digest(old) == revision.doc.digest(new) => {
                    targets.insert(reference, old);
                }
                _ => {
                    differing.insert(reference);
                }
            }
        }
        let mut tainted = Vec::new();
        for _ in 0..MAX_ROUNDS {
            tainted = spread(base.doc, &differing);
            let is_tainted = |id: &NodeId| tainted.get(Document::index(*id)).copied().unwrap_or(true);
            let more: Vec<&str> = targets.iter().filter(|(_, id)| is_tainted(id)).map(|(name, _)| *name).collect();
            if more.is_empty() {
                return Self { tainted, comparable: base.edition == revision.edition };
            }
            for name in more {
                targets.remove(name);
                differing.insert(name);
            }
        }
        let everything: BTreeSet<&str> = references(base.doc).collect();
        tainted.clone_from(&spread(base.doc, &everything));
        Self { tainted, comparable: base.edition == revision.edition }
    }

    /// Whether a node of the base and one of the revision mean the same.
    pub(super) fn node(&self, base: &Spec<'_>, old: NodeId, revision: &Spec<'_>, new: NodeId) -> bool {
        self.comparable
            && base.doc.digest(old) == revision.doc.digest(new)
            && !self.tainted.get(Document::index(old)).copied().unwrap_or(true)
    }
}

/// Whether both documents name the same media types at their root, as Swagger 2 does.
pub(super) fn same_media_types(base: &Spec<'_>, revision: &Spec<'_>) -> bool {
    ["consumes", "produces"].into_iter().all(|key| {
        let old = base.doc.get(base.doc.root(), key).map(|id| base.doc.digest(id));
        old == revision.doc.get(revision.doc.root(), key).map(|id| revision.doc.digest(id))
    })
}

fn references(doc: &Document) -> impl Iterator<Item = &str> {
    doc.ids().filter_map(|id| doc.get_str(id, "$ref"))
}

// Children come before parents, so one pass forward carries the mark up.
fn spread(doc: &Document, differing: &BTreeSet<&str>) -> Vec<bool> {
    let mut marks: Vec<bool> = Vec::with_capacity(doc.len());
    for id in doc.ids() {
        let of = |child: &NodeId| marks.get(Document::index(*child)).copied().unwrap_or(true);
        let mark = match doc.value(id) {
            Value::Mapping(mapping) => {
                doc.get_str(id, "$ref").is_some_and(|reference| differing.contains(reference))
                    || mapping.members().iter().any(|member| of(&member.value))
            }
            Value::Sequence(items) => items.iter().any(of),
            Value::Null | Value::Bool(_) | Value::Number(..) | Value::String(_) => false,
        };
        marks.push(mark);
    }
    marks
}

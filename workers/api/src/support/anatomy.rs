//! What each node of an OpenAPI document is named by, and whether it is data rather than description.
//!
//! A node that YAML aliases put in several places is named by the first of them.

use super::tree::{Document, NodeId, Span};

/// Keys whose maps have names, not keywords, as keys.
const NAMED: [&str; 6] = ["properties", "patternProperties", "responses", "schemas", "definitions", "$defs"];

/// Names and places of a document's nodes.
#[derive(Debug, Clone)]
pub struct Anatomy<'d> {
    places: Vec<Span>,
    keys: Vec<Option<&'d str>>,
    data: Vec<bool>,
    names: Vec<bool>,
}

impl<'d> Anatomy<'d> {
    /// Looks at every node once.
    pub fn new(doc: &'d Document) -> Self {
        let mut places: Vec<Option<Span>> = vec![None; doc.len()];
        let mut anatomy = Self {
            places: Vec::new(),
            keys: vec![None; doc.len()],
            data: vec![false; doc.len()],
            names: vec![false; doc.len()],
        };
        // Parents come after their children, so this goes from the root down.
        let mut ids: Vec<NodeId> = doc.ids().collect();
        ids.reverse();
        for id in ids {
            let (inside, is_names) = (anatomy.is_data(id), anatomy.is_names(id));
            for member in doc.members(id) {
                let key = &*member.key;
                let child = Document::index(member.value);
                if let Some(place) = places.get_mut(child) {
                    place.get_or_insert(member.key_span);
                }
                if let Some(name) = anatomy.keys.get_mut(child) {
                    *name = Some(key);
                }
                let is_data = !is_names
                    && (matches!(key, "example" | "examples" | "default" | "enum" | "const") || key.starts_with("x-"));
                if let Some(flag) = anatomy.data.get_mut(child) {
                    *flag |= inside || is_data;
                }
                if let Some(flag) = anatomy.names.get_mut(child) {
                    *flag |= !is_names && NAMED.contains(&key);
                }
            }
            for item in doc.items(id) {
                let child = Document::index(*item);
                if let Some(place) = places.get_mut(child) {
                    place.get_or_insert(doc.span(*item));
                }
                if let Some(flag) = anatomy.data.get_mut(child) {
                    *flag |= inside;
                }
            }
        }
        anatomy.places = places.into_iter().map(Option::unwrap_or_default).collect();
        anatomy
    }

    /// Where a node is named: its key, or itself in a list.
    #[must_use]
    pub fn place(&self, id: NodeId) -> Span {
        self.places.get(Document::index(id)).copied().unwrap_or_default()
    }

    /// The key a node stands under.
    #[must_use]
    pub fn key(&self, id: NodeId) -> Option<&'d str> {
        self.keys.get(Document::index(id)).copied().flatten()
    }

    /// Whether a node is an example, a default, an extension, or inside one.
    #[must_use]
    pub fn is_data(&self, id: NodeId) -> bool {
        self.data.get(Document::index(id)) == Some(&true)
    }

    /// Whether the keys of a node are names of the author's.
    #[must_use]
    pub fn is_names(&self, id: NodeId) -> bool {
        self.names.get(Document::index(id)) == Some(&true)
    }
}

//! Where the schemas of a set of documents are found by address, anchor and dynamic anchor.
//!
//! Only places where a schema may stand are looked at: an `$id` inside an example or an enumeration names nothing.

use super::Place;
use crate::support::tree::{Document, NodeId};
use std::collections::BTreeMap;

/// Keywords that hold one schema.
const ONE: [&str; 13] = [
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "additionalItems",
    "schema",
];

/// Keywords that hold a list of schemas.
const MANY: [&str; 5] = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];

/// Keywords that map names to schemas.
const NAMED: [&str; 6] =
    ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties", "dependencies"];

/// Longest address that is resolved.
const MAX_ADDRESS_BYTES: usize = 2_000;

#[derive(Debug, Default)]
pub(super) struct Index {
    /// Resources by address, and anchors by `address#anchor`.
    by_address: BTreeMap<String, Place>,
    /// Dynamic anchors by the resource they are in.
    dynamic: BTreeMap<(Place, String), Place>,
    /// The resource of each schema that is not in its document's own.
    resource: BTreeMap<Place, Place>,
    /// The address of each resource.
    address: BTreeMap<Place, String>,
    /// Resources that do not assert anything, by their metaschema.
    without_validation: Vec<Place>,
    /// The root of each document.
    roots: BTreeMap<usize, Place>,
}

impl Index {
    /// Schemas with their addresses.
    pub(super) fn of_schemas(schemas: &[(&str, &Document)]) -> Self {
        let mut index = Self::default();
        for (number, (address, doc)) in schemas.iter().enumerate() {
            index.add(number, doc, address);
        }
        index.find_vocabularies(schemas);
        index
    }

    /// An OpenAPI document, which has no address; its schemas may have `$id` and anchors.
    pub(super) fn of_open_api(doc: &Document) -> Self {
        let mut index = Self::default();
        let named = |id: NodeId| ["$id", "$anchor", "$dynamicAnchor"].iter().any(|key| doc.get_str(id, key).is_some());
        if !doc.ids().any(named) {
            return index;
        }
        let root = Place { doc: 0, node: doc.root() };
        index.roots.insert(0, root);
        index.address.insert(root, String::new());
        if let Some(schemas) = doc.pointer("/components/schemas") {
            for member in doc.members(schemas) {
                index.walk(0, doc, member.value, root, String::new());
            }
        }
        index
    }

    fn add(&mut self, number: usize, doc: &Document, address: &str) {
        let root = Place { doc: number, node: doc.root() };
        self.roots.insert(number, root);
        self.by_address.insert(address.to_owned(), root);
        self.address.insert(root, address.to_owned());
        self.walk(number, doc, doc.root(), root, address.to_owned());
    }

    fn walk(&mut self, number: usize, doc: &Document, from: NodeId, resource: Place, address: String) {
        let mut todo = vec![(from, resource, address)];
        while let Some((node, mut resource, mut address)) = todo.pop() {
            let place = Place { doc: number, node };
            if let Some(id) = doc.get_str(node, "$id").filter(|id| id.len() <= MAX_ADDRESS_BYTES) {
                address = join(&address, id.trim_end_matches('#'));
                resource = place;
                self.by_address.insert(address.clone(), place);
                self.address.insert(place, address.clone());
            }
            let known = self.resource.insert(place, resource);
            if known.is_some() && known != Some(resource) {
                continue;
            }
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = doc.get_str(node, key) {
                    self.by_address.insert(format!("{address}#{anchor}"), place);
                    if key == "$dynamicAnchor" {
                        self.dynamic.insert((resource, anchor.to_owned()), place);
                    }
                }
            }
            for member in doc.members(node) {
                let key = &*member.key;
                if NAMED.contains(&key) {
                    todo.extend(doc.members(member.value).iter().map(|m| (m.value, resource, address.clone())));
                } else if ONE.contains(&key) && doc.mapping(member.value).is_some() {
                    todo.push((member.value, resource, address.clone()));
                } else if MANY.contains(&key) {
                    todo.extend(doc.items(member.value).iter().map(|item| (*item, resource, address.clone())));
                }
            }
        }
    }

    // A schema whose metaschema leaves the validation vocabulary out does not assert.
    fn find_vocabularies(&mut self, schemas: &[(&str, &Document)]) {
        for (resource, address) in &self.address {
            let Some((_, doc)) = schemas.get(resource.doc) else { continue };
            let Some(meta) = doc.get_str(resource.node, "$schema") else { continue };
            let meta = join(address, meta.trim_end_matches('#'));
            let Some(place) = self.by_address.get(&meta) else { continue };
            let Some((_, meta_doc)) = schemas.get(place.doc) else { continue };
            let Some(vocabularies) = meta_doc.get(place.node, "$vocabulary") else { continue };
            let validates =
                meta_doc.members(vocabularies).iter().any(|member| member.key.ends_with("/vocab/validation"));
            if !validates {
                self.without_validation.push(*resource);
            }
        }
    }

    pub(super) fn resource_of(&self, schema: Place) -> Place {
        let root = self.roots.get(&schema.doc).copied().unwrap_or(schema);
        if self.resource.is_empty() {
            return Place { doc: schema.doc, node: root.node };
        }
        self.resource.get(&schema).copied().unwrap_or(root)
    }

    pub(super) fn asserts(&self, schema: Place) -> bool {
        self.without_validation.is_empty() || !self.without_validation.contains(&self.resource_of(schema))
    }

    pub(super) fn dynamic_anchor(&self, resource: Place, anchor: &str) -> Option<Place> {
        if self.dynamic.is_empty() {
            return None;
        }
        self.dynamic.get(&(resource, anchor.to_owned())).copied()
    }

    /// The place a reference in a schema names.
    pub(super) fn resolve(&self, docs: &[&Document], schema: Place, target: &str) -> Option<Place> {
        if target.len() > MAX_ADDRESS_BYTES {
            return None;
        }
        let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
        let resource = if path.is_empty() {
            self.resource_of(schema)
        } else {
            let base = self.address.get(&self.resource_of(schema)).map_or("", String::as_str);
            *self.by_address.get(&join(base, path))?
        };
        let doc = docs.get(resource.doc)?;
        if fragment.is_empty() {
            let root = if self.resource.is_empty() { doc.root() } else { resource.node };
            return Some(Place { doc: resource.doc, node: root });
        }
        if fragment.starts_with('/') {
            // Without resources of their own, all pointers start at the document's root.
            let from = if self.resource.is_empty() { doc.root() } else { resource.node };
            let local = doc.pointer_from(from, fragment);
            return local.map(|node| Place { doc: resource.doc, node });
        }
        let address = self.address.get(&resource).map_or("", String::as_str);
        self.by_address.get(&format!("{address}#{fragment}")).copied()
    }
}

/// A reference resolved against a base (RFC 3986, section 5.2), as far as schema addresses go.
fn join(base: &str, reference: &str) -> String {
    let scheme = |text: &str| {
        let (scheme, _) = text.split_once(':')?;
        let good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        good.then_some(scheme.len() + 1)
    };
    if reference.is_empty() {
        return base.to_owned();
    }
    if scheme(reference).is_some() {
        return reference.to_owned();
    }
    let Some(after_scheme) = scheme(base) else {
        return if reference.starts_with('/') { reference.to_owned() } else { merge(base, reference) };
    };
    let (head, rest) = base.split_at(after_scheme);
    if reference.starts_with("//") {
        return format!("{head}{reference}");
    }
    let (authority, path) = match rest.strip_prefix("//") {
        Some(tail) => {
            let end = tail.find('/').map_or(rest.len(), |at| at + 2);
            rest.split_at(end)
        }
        None => ("", rest),
    };
    if reference.starts_with('/') {
        return format!("{head}{authority}{}", dots(reference));
    }
    let merged =
        if path.is_empty() && !authority.is_empty() { format!("/{reference}") } else { merge(path, reference) };
    format!("{head}{authority}{merged}")
}

fn merge(path: &str, reference: &str) -> String {
    let folder = path.rfind('/').map_or("", |at| path.get(..=at).unwrap_or_default());
    dots(&format!("{folder}{reference}"))
}

fn dots(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "." => {}
            ".." => {
                if steps.len() > 1 {
                    steps.pop();
                }
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined() {
        for (base, reference, joined) in [
            ("http://a.b/c/d", "e", "http://a.b/c/e"),
            ("http://a.b/c/d", "/e", "http://a.b/e"),
            ("http://a.b", "e", "http://a.b/e"),
            ("http://a.b/c/", "../e/./f", "http://a.b/e/f"),
            ("http://a.b/c", "urn:x:y", "urn:x:y"),
            ("urn:x:y", "", "urn:x:y"),
            ("", "a.json", "a.json"),
            ("http://a.b/c", "//d/e", "http://d/e"),
        ] {
            assert_eq!(join(base, reference), joined, "{base} {reference}");
        }
    }
}

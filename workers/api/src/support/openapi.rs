//! An OpenAPI 3.x or Swagger 2 document as one shape: paths, operations, parameters, bodies and responses, with local
//! references resolved.
//!
//! Everything is a view: ids of nodes of the [`Document`], never a copy. Refuses to fetch: a reference that leaves the
//! document resolves to nothing and is listed by [`Spec::broken_references`]. A schema is the list of its parts: the node,
//! what it refers to and what its `allOf` names, so merging is looking at all of them.

use super::tree::{Document, Member, NodeId, Span, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Longest chain of references from one to the next: far beyond any real one, and an end to circles.
const MAX_REFERENCE_HOPS: usize = 32;

/// Most parts of one schema; what lies beyond is not looked at.
const MAX_PARTS: usize = 64;

/// Methods of a path item, in the order of the specification.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The edition of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1 and later, whose schemas are JSON Schema.
    OpenApi31,
}

/// A reference that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenReference<'d> {
    /// The reference as written.
    pub target: &'d str,
    /// Where its first use stands.
    pub span: Span,
    /// How many uses there are.
    pub uses: usize,
    /// Whether it names another document, rather than a place this one lacks.
    pub external: bool,
}

/// The parts a schema is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Schema {
    /// The nodes whose keywords all hold, the schema's own first.
    pub parts: Vec<NodeId>,
}

/// An OpenAPI document.
#[derive(Debug, Clone, Copy)]
pub struct Spec<'d> {
    /// The tree.
    pub doc: &'d Document,
    /// Its edition.
    pub edition: Edition,
}

/// A path of a document.
#[derive(Debug, Clone, Copy)]
pub struct Path<'d> {
    /// The template, such as `/pets/{id}`.
    pub template: &'d str,
    /// Where the template stands.
    pub span: Span,
    /// The path item, resolved.
    pub item: NodeId,
}

/// An operation of a path.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The method, in lower case.
    pub method: &'static str,
    /// Where the method stands.
    pub span: Span,
    /// The operation.
    pub node: NodeId,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter<'d> {
    /// Where it is sent: `query`, `header`, `path`, `cookie`, or Swagger's `formData`.
    pub location: &'d str,
    /// Its name.
    pub name: &'d str,
    /// The parameter, resolved.
    pub node: NodeId,
    /// Whether the path item declares it, for all its operations.
    pub of_path: bool,
    /// Whether it must be sent.
    pub required: bool,
    /// Its schema.
    pub schema: Option<Schema>,
}

/// One media type of a body.
#[derive(Debug, Clone)]
pub struct MediaType<'d> {
    /// Its name, such as `application/json`.
    pub name: &'d str,
    /// Where it stands.
    pub span: Span,
    /// The schema of the body.
    pub schema: Option<Schema>,
}

/// A request body.
#[derive(Debug, Clone)]
pub struct Body<'d> {
    /// The body, resolved.
    pub node: NodeId,
    /// Whether it must be sent.
    pub required: bool,
    /// Its media types.
    pub content: Vec<MediaType<'d>>,
}

/// A header of a response.
#[derive(Debug, Clone)]
pub struct Header<'d> {
    /// Its name as written.
    pub name: &'d str,
    /// The header, resolved.
    pub node: NodeId,
    /// Whether it is always sent.
    pub required: bool,
    /// Its schema.
    pub schema: Option<Schema>,
}

/// A response of an operation.
#[derive(Debug, Clone)]
pub struct Response<'d> {
    /// The status: a code, a class such as `2XX`, or `default`.
    pub status: &'d str,
    /// Where the status stands.
    pub span: Span,
    /// Its media types.
    pub content: Vec<MediaType<'d>>,
    /// Its headers.
    pub headers: Vec<Header<'d>>,
}

// Mappings whose members have names of the author's, which may begin as extensions do.
const NAMES_MEMBERS: [&str; 10] = [
    "properties",
    "schemas",
    "definitions",
    "mapping",
    "headers",
    "responses",
    "parameters",
    "requestBodies",
    "links",
    "callbacks",
];

impl<'d> Spec<'d> {
    /// The view of a document, if it says that it is an OpenAPI or Swagger one.
    #[must_use]
    pub fn new(doc: &'d Document) -> Option<Self> {
        let said = |key: &str| match doc.value(doc.get(doc.root(), key)?) {
            Value::String(text) | Value::Number(_, text) => Some(&**text),
            _ => None,
        };
        let edition = match (said("openapi"), said("swagger")) {
            (Some(version), _) if version.starts_with("3.0") || version == "3" => Edition::OpenApi30,
            (Some(version), _) if version.starts_with("3.") => Edition::OpenApi31,
            (None, Some(version)) if version.starts_with('2') => Edition::Swagger2,
            _ => return None,
        };
        Some(Self { doc, edition })
    }

    /// The version the document gives of the API it describes.
    #[must_use]
    pub fn api_version(&self) -> Option<&'d str> {
        let version = self.doc.get(self.doc.get(self.doc.root(), "info")?, "version")?;
        match self.doc.value(version) {
            Value::String(text) | Value::Number(_, text) => Some(text),
            _ => None,
        }
    }

    /// The node a local reference names.
    #[must_use]
    pub fn target(&self, reference: &str) -> Option<NodeId> {
        self.doc.pointer(reference.strip_prefix('#')?)
    }

    /// What a node refers to, or the node itself where it refers to nothing; none where the reference is broken.
    #[must_use]
    pub fn resolve(&self, id: NodeId) -> Option<NodeId> {
        let mut at = id;
        for _ in 0..MAX_REFERENCE_HOPS {
            match self.doc.get_str(at, "$ref") {
                Some(reference) => at = self.target(reference)?,
                None => return Some(at),
            }
        }
        None
    }

    /// The member of a mapping, resolved.
    #[must_use]
    pub fn resolved(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.resolve(self.doc.get(id, key)?)
    }

    /// References that lead nowhere, by target.
    #[must_use]
    pub fn broken_references(&self) -> Vec<BrokenReference<'d>> {
        let mut found: BTreeMap<&'d str, BrokenReference<'d>> = BTreeMap::new();
        let mut seen = vec![false; self.doc.len()];
        let mut todo = vec![(self.doc.root(), false)];
        while let Some((id, names_members)) = todo.pop() {
            if std::mem::replace(seen.get_mut(Document::index(id)).unwrap_or(&mut false), true) {
                continue;
            }
            for member in self.doc.members(id) {
                let reference =
                    if &*member.key == "$ref" && !names_members { self.doc.str(member.value) } else { None };
                if let Some(target) = reference {
                    let external = !target.starts_with('#');
                    if external || self.target(target).is_none() {
                        let span = self.doc.span(member.value);
                        let first = BrokenReference { target, span, uses: 0, external };
                        let entry = found.entry(target).or_insert(first);
                        entry.uses += 1;
                        entry.span = entry.span.min(span);
                    }
                }
                // What an example or an extension holds is not ours to resolve.
                let opaque = matches!(&*member.key, "example" | "examples" | "default" | "enum" | "const")
                    || member.key.starts_with("x-");
                if names_members || !opaque {
                    let names = !names_members && NAMES_MEMBERS.contains(&&*member.key);
                    todo.push((member.value, names));
                }
            }
            todo.extend(self.doc.items(id).iter().map(|item| (*item, false)));
        }
        found.into_values().collect()
    }

    /// The paths, in the order of the document.
    #[must_use]
    pub fn paths(&self) -> Vec<Path<'d>> {
        let Some(paths) = self.doc.get(self.doc.root(), "paths") else { return Vec::new() };
        let path = |member: &'d Member| {
            let item = self.resolve(member.value)?;
            member.key.starts_with('/').then_some(Path { template: &member.key, span: member.key_span, item })
        };
        self.doc.members(paths).iter().filter_map(path).collect()
    }

    /// The operations of a path item, in the order of [`METHODS`].
    #[must_use]
    pub fn operations(&self, item: NodeId) -> Vec<Operation> {
        let operation = |method: &'static str| {
            let member = self.doc.member(item, method)?;
            let is_mapping = self.doc.mapping(member.value).is_some();
            is_mapping.then_some(Operation { method, span: member.key_span, node: member.value })
        };
        METHODS.into_iter().filter_map(operation).collect()
    }

    /// The parameters of an operation with those of its path item, the operation's own first; without Swagger's body.
    #[must_use]
    pub fn parameters(&self, item: NodeId, operation: NodeId) -> Vec<Parameter<'d>> {
        let mut found: Vec<Parameter<'d>> = Vec::new();
        let mut seen = BTreeSet::new();
        for (owner, of_path) in [(operation, false), (item, true)] {
            let Some(list) = self.doc.get(owner, "parameters") else { continue };
            for id in self.doc.items(list) {
                if let Some(parameter) = self.parameter(*id, of_path)
                    && seen.insert((parameter.location, parameter.name))
                {
                    found.push(parameter);
                }
            }
        }
        found
    }

    fn parameter(&self, id: NodeId, of_path: bool) -> Option<Parameter<'d>> {
        let node = self.resolve(id)?;
        let location = self.doc.get_str(node, "in").filter(|location| *location != "body")?;
        let name = self.doc.get_str(node, "name")?;
        let required = location == "path" || self.doc.is_true(node, "required");
        let schema = self.schema_of(node);
        Some(Parameter { location, name, node, of_path, required, schema })
    }

    // The schema of a parameter or header: its own keywords in Swagger, `schema` or the one media type's later.
    fn schema_of(&self, node: NodeId) -> Option<Schema> {
        if self.edition == Edition::Swagger2 {
            return Some(Schema { parts: vec![node] });
        }
        if let Some(schema) = self.doc.get(node, "schema") {
            return Some(self.schema(schema));
        }
        let media = self.doc.members(self.doc.get(node, "content")?).first()?;
        Some(self.schema(self.doc.get(media.value, "schema")?))
    }

    /// The request body of an operation.
    #[must_use]
    pub fn body(&self, item: NodeId, operation: NodeId) -> Option<Body<'d>> {
        if self.edition != Edition::Swagger2 {
            let node = self.resolved(operation, "requestBody")?;
            return Some(Body { node, required: self.doc.is_true(node, "required"), content: self.content(node) });
        }
        let lists = [operation, item].into_iter().filter_map(|owner| self.doc.get(owner, "parameters"));
        let all = lists.flat_map(|list| self.doc.items(list).iter().copied());
        let node = all.filter_map(|id| self.resolve(id)).find(|id| self.doc.get_str(*id, "in") == Some("body"))?;
        let schema = self.doc.get(node, "schema");
        let content = self.swagger_media_types(operation, "consumes", node, schema);
        Some(Body { node, required: self.doc.is_true(node, "required"), content })
    }

    // Swagger names media types once for the operation or the whole document; without a name it means JSON here.
    fn swagger_media_types(
        &self,
        operation: NodeId,
        key: &str,
        at: NodeId,
        schema: Option<NodeId>,
    ) -> Vec<MediaType<'d>> {
        let schema = schema.map(|id| self.schema(id));
        let list = self.doc.get(operation, key).or_else(|| self.doc.get(self.doc.root(), key));
        let items = list.map_or(&[][..], |list| self.doc.items(list));
        let named = items.iter().filter_map(|id| Some((self.doc.str(*id)?, self.doc.span(*id))));
        let mut found: Vec<MediaType<'d>> =
            named.map(|(name, span)| MediaType { name, span, schema: schema.clone() }).collect();
        if found.is_empty() {
            found.push(MediaType { name: "application/json", span: self.doc.span(at), schema });
        }
        found
    }

    fn content(&self, node: NodeId) -> Vec<MediaType<'d>> {
        let Some(content) = self.doc.get(node, "content") else { return Vec::new() };
        let media = |member: &'d Member| {
            let schema = self.doc.get(member.value, "schema").map(|id| self.schema(id));
            MediaType { name: &member.key, span: member.key_span, schema }
        };
        self.doc.members(content).iter().map(media).collect()
    }

    /// The responses of an operation, in the order of the document.
    #[must_use]
    pub fn responses(&self, operation: NodeId) -> Vec<Response<'d>> {
        let Some(responses) = self.doc.get(operation, "responses") else { return Vec::new() };
        let members = self.doc.members(responses).iter().filter(|member| !member.key.starts_with("x-"));
        let response = |member: &'d Member| {
            let node = self.resolve(member.value)?;
            let content = match (self.edition, self.doc.get(node, "schema")) {
                (Edition::Swagger2, None) => Vec::new(),
                (Edition::Swagger2, schema) => self.swagger_media_types(operation, "produces", node, schema),
                (Edition::OpenApi30 | Edition::OpenApi31, _) => self.content(node),
            };
            Some(Response { status: &member.key, span: member.key_span, content, headers: self.headers(node) })
        };
        members.filter_map(response).collect()
    }

    fn headers(&self, response: NodeId) -> Vec<Header<'d>> {
        let Some(headers) = self.doc.get(response, "headers") else { return Vec::new() };
        let header = |member: &'d Member| {
            let node = self.resolve(member.value)?;
            let required = self.doc.is_true(node, "required");
            Some(Header { name: &member.key, node, required, schema: self.schema_of(node) })
        };
        self.doc.members(headers).iter().filter_map(header).collect()
    }

    /// The schema at a node: references followed, `allOf` laid side by side.
    #[must_use]
    pub fn schema(&self, id: NodeId) -> Schema {
        self.schema_of_all(&[id])
    }

    /// The schema that all of these nodes describe together.
    #[must_use]
    pub fn schema_of_all(&self, ids: &[NodeId]) -> Schema {
        let mut parts = Vec::new();
        let mut seen = BTreeSet::new();
        let mut todo: Vec<NodeId> = ids.iter().rev().copied().collect();
        while let Some(id) = todo.pop() {
            if parts.len() >= MAX_PARTS {
                break;
            }
            if !seen.insert(id) {
                continue;
            }
            if let Some(reference) = self.doc.get_str(id, "$ref") {
                // Beside a reference, keywords count from 3.1 on only.
                if self.edition == Edition::OpenApi31 && self.doc.members(id).len() > 1 {
                    parts.push(id);
                }
                todo.extend(self.target(reference));
            } else {
                parts.push(id);
            }
            if let Some(all) = self.doc.get(id, "allOf") {
                todo.extend(self.doc.items(all).iter().take(MAX_PARTS).rev());
            }
        }
        if parts.is_empty() {
            parts.extend(ids.first());
        }
        Schema { parts }
    }

    /// The last step of a reference, which names a component.
    #[must_use]
    pub fn reference_name(&self, id: NodeId) -> Option<&'d str> {
        self.doc.get_str(id, "$ref").map(|reference| reference.rsplit('/').next().unwrap_or(reference))
    }

    /// The components of a kind, in the order of the document: `schemas`, `securitySchemes`.
    #[must_use]
    pub fn components(&self, kind: &str) -> &'d [Member] {
        let root = self.doc.root();
        let holder = match (self.edition, kind) {
            (Edition::Swagger2, "schemas") => self.doc.get(root, "definitions"),
            (Edition::Swagger2, "securitySchemes") => self.doc.get(root, "securityDefinitions"),
            (Edition::Swagger2, _) => self.doc.get(root, kind),
            (Edition::OpenApi30 | Edition::OpenApi31, _) => {
                self.doc.get(root, "components").and_then(|all| self.doc.get(all, kind))
            }
        };
        holder.map_or(&[], |holder| self.doc.members(holder))
    }
}

/// A path template with its parameters' names taken out, so that `/pets/{id}` and `/pets/{petId}` are one.
#[must_use]
pub fn nameless(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str("{}");
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// The names of a path template's parameters, in order.
#[must_use]
pub fn template_names(template: &str) -> Vec<&str> {
    let pieces = template.split('{').skip(1);
    pieces.filter_map(|piece| piece.split_once('}').map(|(name, _)| name)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::load;
    use super::*;

    fn document(text: &str) -> Document {
        load(text).document.expect("test writes YAML")
    }

    #[test]
    fn editions_are_told_apart() {
        for (text, edition) in [
            ("openapi: 3.0.3", Some(Edition::OpenApi30)),
            ("openapi: 3.1.0", Some(Edition::OpenApi31)),
            ("openapi: 3.2.0", Some(Edition::OpenApi31)),
            ("swagger: '2.0'", Some(Edition::Swagger2)),
            ("swagger: 2.0", Some(Edition::Swagger2)),
            ("openapi: 4.0.0", None),
            ("asyncapi: 3.0.0", None),
        ] {
            let doc = document(text);
            assert_eq!(Spec::new(&doc).map(|spec| spec.edition), edition, "{text}");
        }
    }

    #[test]
    fn schemas_are_flattened_without_falling_into_circles() {
        let doc = document(
            "openapi: 3.0.0\ncomponents:\n  schemas:\n    A: {allOf: [{$ref: '#/components/schemas/B'}, {type: object}]}\n    \
             B: {allOf: [{$ref: '#/components/schemas/A'}], title: b}\n    C: {$ref: '#/components/schemas/C'}\n",
        );
        let spec = Spec::new(&doc).expect("OpenAPI");
        let schemas = spec.components("schemas");
        assert_eq!(spec.schema(schemas[0].value).parts.len(), 3);
        assert_eq!(spec.schema(schemas[2].value).parts.len(), 1);
        assert_eq!(spec.resolve(schemas[2].value), None);
        assert_eq!(spec.broken_references(), []);
    }

    #[test]
    fn broken_references_are_listed_once() {
        let doc = document(
            "openapi: 3.0.0\na: [{$ref: 'other.yaml#/x'}, {$ref: 'other.yaml#/x'}, {$ref: '#/no'}]\nproperties: {$ref: {x: 1}}\n\
             example: {$ref: '#/neither'}\n",
        );
        let spec = Spec::new(&doc).expect("OpenAPI");
        let broken: Vec<_> = spec.broken_references().iter().map(|b| (b.target, b.uses, b.external)).collect();
        assert_eq!(broken, [("#/no", 1, false), ("other.yaml#/x", 2, true)]);
    }

    #[test]
    fn templates_match_modulo_names() {
        assert_eq!(nameless("/a/{b}/c-{d}"), "/a/{}/c-{}");
        assert_eq!(nameless("/a/{b"), "/a/{b");
        assert_eq!(template_names("/a/{b}/c-{d}/{e"), ["b", "d"]);
    }
}

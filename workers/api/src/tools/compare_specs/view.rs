//! Reads the keywords of a schema, all its parts together.

use super::schema::Bound;
use crate::support::openapi::{Schema, Spec};
use crate::support::tree::{NodeId, Span, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Longest path of a property in characters; what lies deeper is named by the path so far.
const MAX_PATH_CHARS: usize = 400;

/// A schema under a reader's eye.
#[derive(Debug, Clone)]
pub(super) struct View<'v, 'd> {
    spec: &'v Spec<'d>,
    parts: Vec<NodeId>,
    // Alternatives without those that are null alone.
    one_of: Vec<NodeId>,
    any_of: Vec<NodeId>,
    null_branch: bool,
}

impl<'v, 'd> View<'v, 'd> {
    pub(super) fn new(spec: &'v Spec<'d>, schema: Schema) -> Self {
        let mut view = Self { spec, parts: schema.parts, one_of: Vec::new(), any_of: Vec::new(), null_branch: false };
        view.read_alternatives();
        view
    }

    fn read_alternatives(&mut self) {
        let spec = self.spec;
        let is_null = |id: &NodeId| {
            let Some(at) = spec.resolve(*id) else { return false };
            let alone = |key: &str| match spec.doc.get(at, key).map(|id| spec.doc.value(id)) {
                Some(Value::String(text)) => key == "type" && &**text == "null",
                Some(Value::Null) => key == "const",
                Some(Value::Sequence(items)) => match items.as_slice() {
                    [only] => {
                        *spec.doc.value(*only) == Value::Null || (key == "type" && spec.doc.str(*only) == Some("null"))
                    }
                    _ => false,
                },
                _ => false,
            };
            alone("type") || alone("enum") || alone("const")
        };
        for key in ["oneOf", "anyOf"] {
            let all = alternatives_of(self, key);
            let kept: Vec<NodeId> = all.iter().copied().filter(|id| !is_null(id)).collect();
            self.null_branch |= kept.len() < all.len();
            if key == "oneOf" { self.one_of = kept } else { self.any_of = kept }
        }
    }

    pub(super) const fn spec(&self) -> &'v Spec<'d> {
        self.spec
    }

    pub(super) fn parts(&self) -> &[NodeId] {
        &self.parts
    }

    /// How much there is to look at.
    pub(super) fn size(&self) -> usize {
        let members = |part: &NodeId| {
            let within = |key: &str| self.spec.doc.get(*part, key);
            let all = ["properties", "patternProperties", "dependentSchemas"].into_iter().filter_map(within);
            let listed = ["enum", "required", "prefixItems"].into_iter().filter_map(within);
            all.map(|id| self.spec.doc.members(id).len()).sum::<usize>()
                + listed.map(|id| self.spec.doc.items(id).len()).sum::<usize>()
        };
        self.parts.len() + self.one_of.len() + self.any_of.len() + self.parts.iter().map(members).sum::<usize>()
    }

    pub(super) fn several_alternatives(&self) -> bool {
        self.one_of.len() > 1 || self.any_of.len() > 1
    }

    // Lays the one alternative beside null into the schema itself.
    pub(super) fn absorb_single_alternative(&mut self) {
        if !self.null_branch {
            return;
        }
        let only = match (self.one_of.as_slice(), self.any_of.as_slice()) {
            ([only], []) | ([], [only]) => *only,
            _ => return,
        };
        let inner = self.spec.schema(only);
        self.parts.extend(inner.parts);
        self.one_of.clear();
        self.any_of.clear();
    }

    pub(super) fn span(&self) -> Span {
        self.parts.first().map_or_else(Span::default, |id| self.spec.doc.span(*id))
    }

    /// The value of a keyword in the first part that has it.
    pub(super) fn find(&self, key: &str) -> Option<NodeId> {
        self.parts.iter().find_map(|part| self.spec.doc.get(*part, key))
    }

    /// The place of a keyword, key and value.
    pub(super) fn place(&self, key: &str) -> Option<Span> {
        let member = self.parts.iter().find_map(|part| self.spec.doc.member(*part, key))?;
        Some(Span { start: member.key_span.start, end: self.spec.doc.span(member.value).end.max(member.key_span.end) })
    }

    pub(super) fn digest(&self, key: &str) -> Option<u64> {
        self.find(key).map(|id| self.spec.doc.digest(id))
    }

    pub(super) fn str(&self, key: &str) -> Option<&'d str> {
        self.spec.doc.str(self.find(key)?)
    }

    pub(super) fn is_true(&self, key: &str) -> bool {
        self.parts.iter().any(|part| self.spec.doc.is_true(*part, key))
    }

    /// The types all parts allow, without null; none means any.
    pub(super) fn types(&self) -> BTreeSet<&'d str> {
        let mut types: Option<BTreeSet<&'d str>> = None;
        for part in &self.parts {
            let Some(id) = self.spec.doc.get(*part, "type") else { continue };
            let names = std::iter::once(&id).chain(self.spec.doc.items(id)).filter_map(|id| self.spec.doc.str(*id));
            let own: BTreeSet<&'d str> = names.filter(|name| *name != "null").collect();
            types = Some(match types {
                None => own,
                Some(known) => {
                    let both: BTreeSet<&'d str> = known.intersection(&own).copied().collect();
                    if both.is_empty() { known } else { both }
                }
            });
        }
        types.unwrap_or_default()
    }

    /// Whether the schema says that null is allowed.
    pub(super) fn nullable(&self) -> bool {
        let named = |part: &NodeId| {
            let Some(id) = self.spec.doc.get(*part, "type") else { return false };
            std::iter::once(&id).chain(self.spec.doc.items(id)).any(|id| self.spec.doc.str(*id) == Some("null"))
        };
        self.null_branch || self.is_true("nullable") || self.is_true("x-nullable") || self.parts.iter().any(named)
    }

    /// Whether the schema allows anything, null too, without saying so.
    pub(super) fn is_open(&self) -> bool {
        let limits = ["type", "nullable", "enum", "const", "properties", "oneOf", "anyOf", "items", "format"];
        limits.iter().all(|key| self.find(key).is_none())
    }

    /// Listed values by content.
    pub(super) fn values(&self, key: &str) -> Option<BTreeMap<u64, NodeId>> {
        let list = self.find(key)?;
        Some(self.spec.doc.items(list).iter().map(|id| (self.spec.doc.digest(*id), *id)).collect())
    }

    /// The limit all parts set together. Before 3.1, `exclusiveMaximum` is a truth value that turns `maximum` into the
    /// exclusive limit.
    pub(super) fn bound(&self, bound: &Bound) -> Option<f64> {
        let of_part = |part: &NodeId| {
            let number = |key: &str| self.spec.doc.get_number(*part, key);
            match bound.keyword {
                "maximum" if self.spec.doc.is_true(*part, "exclusiveMaximum") => None,
                "minimum" if self.spec.doc.is_true(*part, "exclusiveMinimum") => None,
                "exclusiveMaximum" if self.spec.doc.is_true(*part, "exclusiveMaximum") => number("maximum"),
                "exclusiveMinimum" if self.spec.doc.is_true(*part, "exclusiveMinimum") => number("minimum"),
                key => number(key),
            }
        };
        self.parts.iter().filter_map(of_part).reduce(if bound.is_least { f64::max } else { f64::min })
    }

    /// The nodes of each member of a keyword that maps names to something.
    pub(super) fn map(&self, key: &str) -> BTreeMap<&'d str, Vec<NodeId>> {
        let mut found: BTreeMap<&'d str, Vec<NodeId>> = BTreeMap::new();
        for holder in self.parts.iter().filter_map(|part| self.spec.doc.get(*part, key)) {
            for member in self.spec.doc.members(holder) {
                found.entry(&member.key).or_default().push(member.value);
            }
        }
        found
    }

    /// Required properties, with the place that says so. Swagger's parameters have a truth value there, which names none.
    pub(super) fn required(&self) -> BTreeMap<&'d str, Span> {
        let lists = self.parts.iter().filter_map(|part| self.spec.doc.get(*part, "required"));
        let items = lists.flat_map(|list| self.spec.doc.items(list));
        items.filter_map(|id| Some((self.spec.doc.str(*id)?, self.spec.doc.span(*id)))).collect()
    }

    /// The schema under a keyword. A bare truth value says less than a schema, and counts as none under `items` and
    /// `additionalProperties`.
    pub(super) fn sub(&self, key: &str) -> Option<Schema> {
        let ids: Vec<NodeId> = self.parts.iter().filter_map(|part| self.spec.doc.get(*part, key)).collect();
        let is_bool = |id: &NodeId| matches!(self.spec.doc.value(*id), Value::Bool(_));
        if ids.is_empty() || (matches!(key, "items" | "additionalProperties") && ids.iter().all(is_bool)) {
            return None;
        }
        Some(self.spec.schema_of_all(&ids))
    }

    /// Alternatives under `oneOf` or `anyOf`, without those that are null alone.
    pub(super) fn alternatives(&self, key: &str) -> &[NodeId] {
        if key == "oneOf" { &self.one_of } else { &self.any_of }
    }

    /// The types allowed, and whether they are listed as alternatives that are nothing but a type.
    pub(super) fn type_list(&self) -> Option<(BTreeSet<&'d str>, bool)> {
        if self.find("not").is_some() || !self.map("properties").is_empty() {
            return None;
        }
        let types = self.types();
        if !types.is_empty() {
            return (types.len() == 1).then_some((types, false));
        }
        let list = if self.one_of.is_empty() { &self.any_of } else { &self.one_of };
        let mut listed = BTreeSet::new();
        for id in list {
            let view = View::new(self.spec, self.spec.schema(*id));
            let bare = view.map("properties").is_empty() && view.one_of.is_empty() && view.any_of.is_empty();
            let own = view.types();
            if !bare || own.len() != 1 {
                return None;
            }
            listed.extend(own);
        }
        (!listed.is_empty()).then_some((listed, true))
    }
}

/// The items of a keyword that holds a list of schemas, of all parts.
pub(super) fn alternatives_of(view: &View<'_, '_>, key: &str) -> Vec<NodeId> {
    let lists = view.parts.iter().filter_map(|part| view.spec.doc.get(*part, key));
    lists.flat_map(|list| view.spec.doc.items(list)).copied().collect()
}

/// A step further along a property's path.
pub(super) fn join(path: &str, step: &str) -> String {
    if path.is_empty() {
        return step.chars().take(MAX_PATH_CHARS).collect();
    }
    if path.len() + step.len() > MAX_PATH_CHARS { path.to_owned() } else { format!("{path}/{step}") }
}

//! Custom objects against the schema in their definition: the structural schemas of `apiextensions.k8s.io`.

use super::rules;
use super::walk::{Step, Walk, shown};
use crate::support::kubernetes::objects::{Object, text};
use crate::support::yaml::{Node, Value};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::suggest::nearest;
use regex_lite::RegexBuilder;
use std::collections::BTreeMap;

/// Most bytes of memory that one compiled pattern may take; a larger one is not checked.
const MAX_PATTERN_BYTES: usize = 256 * 1024;

/// Most fields of schemas that are compared for one object: a hundred times what the largest public definitions need.
const MAX_COMPARED_FIELDS: usize = 2_000_000;

/// Deepest nesting of a schema that is followed: the deepest of public ones is below 40.
const MAX_SCHEMA_DEPTH: usize = 150;

/// One version of a custom kind.
#[derive(Clone, Copy)]
pub(super) struct Version<'m> {
    /// The schema; nothing where the definition has none.
    pub(super) schema: Option<&'m Node>,
    /// Whether the server answers under this version.
    pub(super) served: bool,
    /// What the server warns of, where the version is deprecated.
    pub(super) deprecated: Option<&'m str>,
    /// Whether unknown fields are kept everywhere.
    pub(super) open: bool,
}

/// The custom kinds of a call: API version and kind to the version's schema.
pub(super) fn definitions(objects: &[Object]) -> BTreeMap<(String, String), Version<'_>> {
    let mut found = BTreeMap::new();
    let is_definition =
        |object: &&Object| object.kind == "CustomResourceDefinition" && object.group() == "apiextensions.k8s.io";
    for object in objects.iter().filter(is_definition) {
        let Some(spec) = object.at(&["spec"]) else { continue };
        let (Some(group), Some(kind)) = (text(spec, "group"), spec.at(&["names", "kind"]).and_then(Node::as_str))
        else {
            continue;
        };
        // In v1beta1 one schema may stand for all versions, and fields are kept unless said otherwise.
        let shared = spec.at(&["validation", "openAPIV3Schema"]);
        let is_old = object.api_version.ends_with("v1beta1");
        let keeps = spec.get("preserveUnknownFields").and_then(Node::as_bool);
        let open = keeps.unwrap_or(is_old);
        for version in spec.get("versions").map_or(&[][..], Node::items) {
            let Some(name) = text(version, "name") else { continue };
            let schema = version.at(&["schema", "openAPIV3Schema"]).or(shared);
            let served = version.get("served").and_then(Node::as_bool).unwrap_or(true);
            let is_deprecated = version.get("deprecated").and_then(Node::as_bool).unwrap_or_default();
            let deprecated = is_deprecated.then(|| text(version, "deprecationWarning").unwrap_or_default());
            found.insert((format!("{group}/{name}"), kind.to_owned()), Version { schema, served, deprecated, open });
        }
        if let (Some(name), None) = (text(spec, "version"), spec.get("versions")) {
            let version = Version { schema: shared, served: true, deprecated: None, open };
            found.insert((format!("{group}/{name}"), kind.to_owned()), version);
        }
    }
    found
}

/// Checks the object of a walk; says whether there were rules that are not checked (CEL).
pub(super) fn check<'m>(walk: &mut Walk<'m, '_>, root: &'m Node, version: &Version<'m>) -> Unchecked {
    let mut check = Check { open: version.open, left: MAX_COMPARED_FIELDS, unchecked: Unchecked::default() };
    if let Some(schema) = version.schema {
        check.value(walk, root, schema, true, 0);
    }
    check.unchecked
}

/// What of the schemas was passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unchecked {
    /// Validation expressions.
    pub(super) expressions: bool,
    /// Patterns that this engine does not take.
    pub(super) patterns: bool,
    /// The rest of an object that is too large for its definition.
    pub(super) rest: bool,
}

struct Check {
    open: bool,
    // Comparisons that are still made.
    left: usize,
    unchecked: Unchecked,
}

impl Check {
    fn value<'m>(&mut self, walk: &mut Walk<'m, '_>, node: &'m Node, schema: &'m Node, is_object: bool, depth: usize) {
        if depth > MAX_SCHEMA_DEPTH || !schema.is_mapping() {
            return;
        }
        let properties = schema.get("properties").map_or(0, |properties| properties.entries().len());
        let cost = 8 + properties.saturating_mul(node.entries().len().max(1));
        let Some(left) = self.left.checked_sub(cost) else {
            self.unchecked.rest = true;
            return;
        };
        self.left = left;
        let says = |key: &str| schema.get(key).and_then(Node::as_bool).unwrap_or_default();
        self.unchecked.expressions |= schema.get("x-kubernetes-validations").is_some();
        if node.is_null() {
            let typed = schema.get("type").is_some() && !says("nullable");
            if typed {
                walk.report(&rules::TYPE, node, &format!("wants {}, not null", wanted(schema)));
            }
            return;
        }
        if says("x-kubernetes-int-or-string") {
            if node.as_int().is_none() && node.as_str().is_none() {
                walk.report(&rules::TYPE, node, &format!("wants an integer or a string, not {}", shown(node)));
            }
        } else if let Some(kind) = text(schema, "type") {
            let fits = match kind {
                "object" => node.is_mapping(),
                "array" => node.is_sequence(),
                "string" => node.as_str().is_some(),
                "boolean" => node.as_bool().is_some(),
                "integer" => node.as_int().is_some(),
                "number" => matches!(node.value, Value::Int(_) | Value::Float(_)),
                _ => true,
            };
            if !fits {
                walk.report(&rules::TYPE, node, &format!("wants {}, not {}", wanted(schema), shown(node)));
                return;
            }
        }
        self.scalar(walk, node, schema);
        match &node.value {
            Value::Mapping(_) => {
                let is_root = is_object || says("x-kubernetes-embedded-resource");
                let open = self.open || says("x-kubernetes-preserve-unknown-fields");
                self.mapping(walk, node, schema, is_root, open, depth);
            }
            Value::Sequence(items) => self.sequence(walk, node, items, schema, depth),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {}
        }
        self.alternatives(walk, node, schema, depth);
    }

    fn scalar(&mut self, walk: &mut Walk<'_, '_>, node: &Node, schema: &Node) {
        let words = schema.get("enum").map_or(&[][..], Node::items);
        if !words.is_empty() && !words.iter().any(|word| same(word, node)) {
            let texts = words.iter().take(20).filter_map(|word| Some(word.scalar_text()?.into_owned()));
            let list: Vec<String> = texts.collect();
            walk.report(&rules::ENUM, node, &format!("{} is none of {}", shown(node), excerpt(&list.join(", "))));
        }
        if let Some(value) = node.as_str() {
            let length = value.chars().count();
            limit(walk, node, schema, "minLength", "maxLength", length, "characters");
            if let Some(pattern) = text(schema, "pattern") {
                match RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build() {
                    Ok(pattern) if !pattern.is_match(value) => {
                        walk.report(
                            &rules::CUSTOM_SCHEMA,
                            node,
                            &format!("{} does not match {}", shown(node), excerpt(pattern.as_str())),
                        );
                    }
                    Ok(_) => {}
                    Err(_) => self.unchecked.patterns = true,
                }
            }
        }
        if let Some(value) = number(node) {
            let bound = |key: &str| schema.get(key).and_then(number);
            let exclusive = |key: &str| schema.get(key).and_then(Node::as_bool).unwrap_or_default();
            let (least, most) = (bound("minimum"), bound("maximum"));
            let is_low = least.is_some_and(|least| value < least || (exclusive("exclusiveMinimum") && value <= least));
            let is_high = most.is_some_and(|most| value > most || (exclusive("exclusiveMaximum") && value >= most));
            if is_low || is_high {
                let edge = |bound: Option<f64>| bound.map_or_else(|| "any".to_owned(), |bound| bound.to_string());
                let what = format!("{value} is out of bounds ({} to {})", edge(least), edge(most));
                walk.report(&rules::CUSTOM_SCHEMA, node, &what);
            }
            if let Some(step) = bound("multipleOf").filter(|step| *step > 0.0) {
                let ratio = value / step;
                if (ratio - ratio.round()).abs() > 1e-9 {
                    walk.report(&rules::CUSTOM_SCHEMA, node, &format!("{value} is no multiple of {step}"));
                }
            }
        }
    }

    fn mapping<'m>(
        &mut self,
        walk: &mut Walk<'m, '_>,
        node: &'m Node,
        schema: &'m Node,
        is_root: bool,
        open: bool,
        depth: usize,
    ) {
        let properties = schema.get("properties");
        let others = schema.get("additionalProperties");
        let count = node.entries().len();
        limit(walk, node, schema, "minProperties", "maxProperties", count, "fields");
        for entry in node.entries() {
            let name = entry.name();
            let known = properties.and_then(|properties| properties.get(&name));
            let inner = known.or_else(|| others.filter(|others| others.is_mapping()));
            // The server itself looks after these of every object.
            let is_common = is_root && matches!(name.as_ref(), "apiVersion" | "kind" | "metadata");
            if let Some(inner) = inner.filter(|_| !(is_common && name != "metadata")) {
                walk.down(Step::Field(entry), |walk| self.value(walk, &entry.value, inner, false, depth + 1));
                continue;
            }
            let is_open = open || others.is_some_and(|others| others.is_mapping() || others.as_bool() == Some(true));
            // An object without any rule on its fields is closed too: the server drops what nothing describes.
            let is_described = properties.is_some() || text(schema, "type") == Some("object");
            if walk.strict && !is_open && !is_common && is_described && !walk.is_full() {
                let fields: Vec<_> =
                    properties.map_or(&[][..], Node::entries).iter().map(|entry| entry.name().into_owned()).collect();
                let hint = nearest(&name, fields.iter().map(String::as_str));
                let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                walk.down(Step::Field(entry), |walk| {
                    walk.report(
                        &rules::ADDITIONAL_PROPERTIES,
                        &entry.key,
                        &format!("the definition has no such field{hint}"),
                    );
                });
            }
        }
        for name in schema.get("required").map_or(&[][..], Node::items).iter().filter_map(Node::as_str) {
            if node.entry(name).is_none() {
                walk.report(&rules::REQUIRED, node, &format!("lacks the required field `{name}`"));
            }
        }
    }

    fn sequence<'m>(
        &mut self,
        walk: &mut Walk<'m, '_>,
        node: &'m Node,
        items: &'m [Node],
        schema: &'m Node,
        depth: usize,
    ) {
        limit(walk, node, schema, "minItems", "maxItems", items.len(), "items");
        if let Some(inner) = schema.get("items") {
            for (at, item) in items.iter().enumerate() {
                walk.down(Step::Item(at), |walk| self.value(walk, item, inner, false, depth + 1));
            }
        }
        let keys: Option<Vec<&str>> = match text(schema, "x-kubernetes-list-type") {
            Some("set") => Some(Vec::new()),
            Some("map") => schema
                .get("x-kubernetes-list-map-keys")
                .map(|keys| keys.items().iter().filter_map(Node::as_str).collect()),
            _ => None,
        };
        if let Some(keys) = keys {
            let mut seen = std::collections::BTreeSet::new();
            for (at, item) in items.iter().enumerate() {
                let parts: Vec<&Node> =
                    if keys.is_empty() { vec![item] } else { keys.iter().filter_map(|key| item.get(key)).collect() };
                let identity: Vec<String> =
                    parts.iter().filter_map(|part| Some(part.scalar_text()?.into_owned())).collect();
                if identity.len() == parts.len() && !seen.insert(identity) {
                    walk.down(Step::Item(at), |walk| {
                        walk.report(&rules::CUSTOM_SCHEMA, item, "stands twice in a list that takes each once");
                    });
                }
            }
        }
    }

    // A structural schema says in its alternatives only what values are taken, never new fields.
    fn alternatives<'m>(&mut self, walk: &mut Walk<'m, '_>, node: &'m Node, schema: &'m Node, depth: usize) {
        let list = |key: &str| schema.get(key).map_or(&[][..], Node::items);
        for inner in list("allOf") {
            self.loosely(walk, |check, walk| check.value(walk, node, inner, false, depth + 1));
        }
        for key in ["anyOf", "oneOf"] {
            let choices = list(key);
            if choices.is_empty() {
                continue;
            }
            let fitting = choices.iter().filter(|inner| self.fits(walk, node, inner, depth)).count();
            if fitting == 0 {
                walk.report(
                    &rules::CUSTOM_SCHEMA,
                    node,
                    &format!("fits none of the {} alternatives ({key})", choices.len()),
                );
            } else if key == "oneOf" && fitting > 1 {
                walk.report(
                    &rules::CUSTOM_SCHEMA,
                    node,
                    &format!("fits {fitting} of the alternatives, of which one is wanted (oneOf)"),
                );
            }
        }
        if let Some(inner) = schema.get("not").filter(|inner| inner.is_mapping())
            && self.fits(walk, node, inner, depth)
        {
            walk.report(&rules::CUSTOM_SCHEMA, node, "is what the definition rules out (not)");
        }
    }

    fn fits<'m>(&mut self, walk: &mut Walk<'m, '_>, node: &'m Node, schema: &'m Node, depth: usize) -> bool {
        let before = walk.len();
        // A full list of findings would hide that there are more.
        if walk.is_full() {
            return true;
        }
        self.loosely(walk, |check, walk| check.value(walk, node, schema, false, depth + 1));
        let fits = walk.len() == before;
        walk.truncate(before);
        fits
    }

    fn loosely<'m, 'a>(&mut self, walk: &mut Walk<'m, 'a>, check: impl FnOnce(&mut Self, &mut Walk<'m, 'a>)) {
        let strict = std::mem::replace(&mut walk.strict, false);
        check(self, walk);
        walk.strict = strict;
    }
}

fn wanted(schema: &Node) -> &str {
    match text(schema, "type") {
        Some("object") => "a mapping",
        Some("array") => "a list",
        Some("string") => "a string",
        Some("boolean") => "true or false",
        Some("integer") => "an integer",
        Some("number") => "a number",
        _ => "another value",
    }
}

fn limit(walk: &mut Walk<'_, '_>, node: &Node, schema: &Node, least: &str, most: &str, count: usize, unit: &str) {
    let bound = |key: &str| schema.get(key).and_then(Node::as_int);
    let count_i = i128::try_from(count).unwrap_or(i128::MAX);
    if let Some(bound) = bound(least).filter(|bound| count_i < *bound) {
        walk.report(&rules::CUSTOM_SCHEMA, node, &format!("has {count} {unit}, at least {bound} are wanted"));
    }
    if let Some(bound) = bound(most).filter(|bound| count_i > *bound) {
        walk.report(&rules::CUSTOM_SCHEMA, node, &format!("has {count} {unit}, at most {bound} are taken"));
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounds are compared as JSON numbers")]
fn number(node: &Node) -> Option<f64> {
    match node.value {
        Value::Int(value) => Some(value as f64),
        Value::Float(value) => Some(value),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

// Whether two values are the same, wherever they stand.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Mapping(left), Value::Mapping(right)) => {
            left.len() == right.len()
                && left.iter().all(|entry| b.get(&entry.name()).is_some_and(|other| same(&entry.value, other)))
        }
        (Value::Sequence(left), Value::Sequence(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| same(a, b))
        }
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.to_bits() == b.to_bits(),
            _ => a.value == b.value,
        },
    }
}

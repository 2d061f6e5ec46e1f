//! Rules on schemas wherever they stand, and on the examples and defaults beside them.
//!
//! One walk over the document with its references followed: each node is looked at once for each of the contexts it appears
//! in. Data (examples, defaults, enumerations, extensions) is not walked: what looks like a schema there is none.

use super::Lint;
use super::rules::{
    ANY_OF2, ARRAY_ITEMS, DUPLICATED_ENUM, MEDIA_EXAMPLE2, MEDIA_EXAMPLE3, NO_EVAL, NO_SCRIPT, ONE_OF2,
    PARAMETER_DESCRIPTION2, PARAMETER_DESCRIPTION3, SCHEMA_EXAMPLE2, SCHEMA_EXAMPLE3, TYPED_ENUM, XML_ATTRIBUTE,
};
use super::shapes::{self, V2, V30, V31, V32};
use crate::support::json_schema::{Dialect, Direction, Evaluator, Place};
use crate::support::tree::{Document, NodeId, Span, Value};
use octavo_toolkit::Rule;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Most failures told of one example.
const MAX_FAILURES_PER_EXAMPLE: usize = 3;

/// Most examples that are evaluated: the largest documents known have a tenth of it.
const MAX_EXAMPLES: usize = 60_000;

/// Most schemas whose well-formedness is looked at for one example.
const MAX_CHECKED_SCHEMAS: usize = 20_000;

// Where a node stands, as bits.
const SCHEMAS: u8 = 1;
const MEDIA: u8 = 2;
const REQUEST: u8 = 4;
const RESPONSE: u8 = 8;
const RESPONSES2: u8 = 16;

#[derive(Clone, Copy)]
struct Step {
    id: NodeId,
    context: u8,
    /// Whether the node maps names to something, so that its keys are no keywords.
    names: bool,
    /// Whether it is what `properties` holds.
    properties: bool,
    depth: u16,
}

pub(super) fn check(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let mut seen: BTreeMap<(NodeId, bool), u8> = BTreeMap::new();
    let root = Step { id: doc.root(), context: 0, names: false, properties: false, depth: 0 };
    let mut todo = vec![root];
    let mut order: Vec<Step> = Vec::new();
    while let Some(step) = todo.pop() {
        let known = seen.entry((step.id, step.names)).or_insert(0x80);
        if *known != 0x80 && (*known | step.context) == *known {
            continue;
        }
        if *known == 0x80 || step.context & !*known != 0 {
            order.push(step);
        }
        *known = (*known & 0x7f) | step.context;
        for item in doc.items(step.id) {
            todo.extend(follow(lint, *item, Step { names: false, properties: false, ..step }));
        }
        for member in doc.members(step.id) {
            let key = &*member.key;
            let is_data = !step.names
                && (matches!(key, "example" | "examples" | "default" | "enum" | "const" | "x-example")
                    || key.starts_with("x-"));
            if is_data {
                continue;
            }
            let mut next = Step { names: false, properties: false, ..step };
            if !step.names {
                next.names = matches!(
                    key,
                    "properties"
                        | "patternProperties"
                        | "schemas"
                        | "definitions"
                        | "$defs"
                        | "responses"
                        | "headers"
                        | "content"
                        | "securitySchemes"
                        | "securityDefinitions"
                        | "callbacks"
                        | "links"
                        | "requestBodies"
                        | "paths"
                        | "webhooks"
                        | "dependentSchemas"
                ) || (key == "parameters" && doc.mapping(member.value).is_some());
                next.properties = key == "properties";
            }
            next.context |= context_of(lint.edition, key, step);
            todo.extend(follow(lint, member.value, next));
        }
    }
    let dialect = match lint.edition {
        V2 => Dialect::Swagger2,
        V30 => Dialect::OpenApi30,
        _ => Dialect::Draft202012,
    };
    let mut examples =
        Examples { evaluator: Evaluator::of_document(doc, dialect), troubles: BTreeMap::new(), count: 0 };
    let mut once = BTreeSet::new();
    for step in order {
        if doc.mapping(step.id).is_none() || step.names {
            continue;
        }
        if once.insert(step.id) {
            check_keywords(lint, step.id);
        }
        examples.check(lint, step);
    }
    texts(lint);
    array_items(lint);
}

fn context_of(edition: u8, key: &str, step: Step) -> u8 {
    let mut context = 0;
    if edition == V2 {
        if matches!(key, "definitions" | "parameters" | "responses") {
            context |= SCHEMAS;
        }
        if key == "responses" {
            context |= RESPONSES2 | RESPONSE;
        }
        return context;
    }
    if matches!(key, "content" | "headers" | "parameters") {
        context |= SCHEMAS | MEDIA;
    }
    if step.depth == 1 && key == "schemas" {
        context |= SCHEMAS;
    }
    // Only where the specification puts them, not in callbacks.
    let direct = step.depth <= 3;
    if direct && matches!(key, "requestBody" | "requestBodies") {
        context |= REQUEST;
    }
    if direct && key == "responses" {
        context |= RESPONSE;
    }
    context
}

// What stands there once references are followed; nothing where one leads nowhere.
fn follow(lint: &Lint<'_>, id: NodeId, step: Step) -> Option<Step> {
    let doc = lint.doc;
    if !matches!(doc.value(id), Value::Mapping(_) | Value::Sequence(_)) {
        return None;
    }
    let id = if step.names { id } else { lint.resolve(id)? };
    Some(Step { id, depth: step.depth.saturating_add(1), ..step })
}

fn types_of(doc: &Document, id: NodeId) -> Vec<&str> {
    let Some(types) = doc.get(id, "type") else { return Vec::new() };
    std::iter::once(&types).chain(doc.items(types)).filter_map(|id| doc.str(*id)).collect()
}

fn check_keywords(lint: &mut Lint<'_>, id: NodeId) {
    let doc = lint.doc;
    if let Some(member) = doc.member(id, "enum")
        && let Value::Sequence(items) = doc.value(member.value)
    {
        let mut seen = BTreeSet::new();
        if let Some(twice) = items.iter().find(|item| !seen.insert(doc.digest(**item))) {
            let message = format!("`enum` lists {} twice", excerpt(&doc.excerpt(*twice, 60)));
            lint.add(&DUPLICATED_ENUM, member.key_span, message);
        }
        typed_enum(lint, id, items);
    }
    if lint.edition == V2 {
        for (rule, key) in [(&ANY_OF2, "anyOf"), (&ONE_OF2, "oneOf")] {
            if let Some(member) = doc.member(id, key) {
                lint.add(rule, member.key_span, format!("Swagger 2 has no `{key}`"));
            }
        }
    }
    if lint.edition == V32
        && let Some(member) = doc.member(id, "xml")
        && doc.is_true(member.value, "attribute")
    {
        lint.add(&XML_ATTRIBUTE, member.key_span, "`xml.attribute` is deprecated".to_owned());
    }
    let rule = match lint.edition {
        V2 => &PARAMETER_DESCRIPTION2,
        _ => &PARAMETER_DESCRIPTION3,
    };
    if doc.get_str(id, "in").is_some()
        && doc.get_str(id, "name").is_some()
        && (doc.get(id, "schema").is_some() || doc.get(id, "content").is_some() || lint.edition == V2)
        && doc.get(id, "flow").is_none()
        && doc.get_str(id, "type") != Some("apiKey")
        && !super::operations::is_truthy(lint, id, "description")
    {
        let name = doc.get_str(id, "name").unwrap_or_default();
        lint.add(
            rule,
            super::operations::place_of(lint, id, "description"),
            format!("parameter `{}` has no description", excerpt(name)),
        );
    }
}

fn typed_enum(lint: &mut Lint<'_>, id: NodeId, items: &[NodeId]) {
    let doc = lint.doc;
    let Some(types) = doc.get(id, "type") else { return };
    let mut names = types_of(doc, id);
    if names.is_empty() || doc.items(types).iter().any(|item| doc.str(*item).is_none()) {
        return;
    }
    if (lint.edition == V30 && doc.is_true(id, "nullable")) || (lint.edition == V2 && doc.is_true(id, "x-nullable")) {
        names.push("null");
    }
    let whole = names.contains(&"integer");
    for item in items {
        let (kind, also) = match doc.value(*item) {
            Value::Null => ("null", None),
            Value::Bool(_) => ("boolean", None),
            Value::Number(number, _) if number.fract() == 0.0 && whole => ("integer", Some("number")),
            Value::Number(..) => ("number", None),
            Value::String(_) => ("string", None),
            Value::Sequence(_) => ("array", None),
            Value::Mapping(_) => ("object", None),
        };
        if !names.contains(&kind) && !also.is_some_and(|also| names.contains(&also)) {
            let message = format!("{} is no {}", excerpt(&doc.excerpt(*item, 60)), names.join(" or "));
            lint.add(&TYPED_ENUM, doc.span(*item), message);
        }
    }
}

// Descriptions and titles wherever they are, data aside.
fn texts(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let mut told = Vec::new();
    for id in doc.ids() {
        if lint.is_data(id) {
            continue;
        }
        for key in ["description", "title"] {
            let Some(member) = doc.member(id, key) else { continue };
            let Some(text) = doc.str(member.value) else { continue };
            if text.contains("eval(") {
                told.push((&NO_EVAL, member.key_span, format!("`{key}` holds `eval(`")));
            }
            if text.contains("<script") {
                told.push((&NO_SCRIPT, member.key_span, format!("`{key}` holds a script element")));
            }
        }
    }
    told.into_iter().for_each(|(rule, span, message)| lint.add(rule, span, message));
}

// References aside, as written: each array once.
fn array_items(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let mut told = Vec::new();
    for id in doc.ids() {
        if lint.is_data(id) || doc.mapping(id).is_none() {
            continue;
        }
        let listed = lint.edition & (V31 | V32) != 0;
        let is_array = match doc.get(id, "type").map(|types| doc.value(types)) {
            Some(Value::String(name)) => &**name == "array",
            Some(Value::Sequence(items)) => {
                (listed || items.len() == 1) && items.iter().any(|item| doc.str(*item) == Some("array"))
            }
            _ => false,
        };
        if is_array && !super::operations::is_truthy(lint, id, "items") {
            // From 3.1 on a tuple says as much.
            if listed && doc.get(id, "prefixItems").is_some() {
                continue;
            }
            told.push(super::operations::place_of(lint, id, "items"));
        }
    }
    told.into_iter().for_each(|span| lint.add(&ARRAY_ITEMS, span, "an array without `items`".to_owned()));
}

struct Examples<'d> {
    evaluator: Evaluator<'d>,
    troubles: BTreeMap<NodeId, Option<String>>,
    count: usize,
}

impl<'d> Examples<'d> {
    fn check(&mut self, lint: &mut Lint<'d>, step: Step) {
        let doc = lint.doc;
        let id = step.id;
        if step.context & SCHEMAS != 0 && !step.properties {
            let says = ["enum", "type", "format", "properties", "items"]
                .iter()
                .any(|key| super::operations::is_truthy(lint, id, key));
            let keys: &[&str] =
                if lint.edition == V2 { &["example", "x-example", "default"] } else { &["example", "default"] };
            if says {
                let rule = if lint.edition == V2 { &SCHEMA_EXAMPLE2 } else { &SCHEMA_EXAMPLE3 };
                for key in keys {
                    if let Some(member) = doc.member(id, key) {
                        self.evaluate(lint, rule, id, member.value, member.key_span, Direction::Any, key);
                    }
                }
            }
        }
        if lint.edition == V2 {
            if step.context & RESPONSES2 != 0
                && let (Some(schema), Some(examples)) = (doc.get(id, "schema"), doc.get(id, "examples"))
            {
                for member in doc.members(examples) {
                    self.evaluate(
                        lint,
                        &MEDIA_EXAMPLE2,
                        schema,
                        member.value,
                        member.key_span,
                        Direction::Response,
                        &member.key,
                    );
                }
            }
            return;
        }
        if step.context & MEDIA == 0 {
            return;
        }
        let Some(schema) = doc.get(id, "schema").filter(|schema| doc.mapping(*schema).is_some()) else { return };
        let direction = match step.context & (REQUEST | RESPONSE) {
            REQUEST => Direction::Request,
            RESPONSE => Direction::Response,
            _ => Direction::Any,
        };
        if let Some(member) = doc.member(id, "example") {
            self.evaluate(lint, &MEDIA_EXAMPLE3, schema, member.value, member.key_span, direction, "example");
            return;
        }
        let Some(examples) = doc.get(id, "examples") else { return };
        for member in doc.members(examples) {
            let Some(example) = lint.resolve(member.value) else { continue };
            if doc.mapping(example).is_none() || doc.get(example, "externalValue").is_some() {
                continue;
            }
            if let Some(value) = doc.member(example, "value") {
                self.evaluate(lint, &MEDIA_EXAMPLE3, schema, value.value, value.key_span, direction, &member.key);
            } else if doc.get(example, "dataValue").is_none() && doc.get(example, "serializedValue").is_none() {
                let place = lint.place(example);
                lint.add(&MEDIA_EXAMPLE3, place, format!("example `{}` has no value", excerpt(&member.key)));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one rule over one value, each with its place")]
    fn evaluate(
        &mut self,
        lint: &mut Lint<'d>,
        rule: &'static Rule,
        schema: NodeId,
        value: NodeId,
        place: Span,
        direction: Direction,
        name: &str,
    ) {
        self.count += 1;
        if self.count > MAX_EXAMPLES {
            lint.undecided = true;
            return;
        }
        if let Some(trouble) = self.trouble(lint, schema) {
            lint.add(rule, place, format!("`{}` cannot be checked: {trouble}", excerpt(name)));
            return;
        }
        let outcome = self.evaluator.evaluate(Place { doc: 0, node: schema }, Place { doc: 0, node: value }, direction);
        for failure in outcome.failures.iter().take(MAX_FAILURES_PER_EXAMPLE) {
            let node = failure.instance.node;
            let at = if node == value { place } else { lint.place(node) };
            let what = match (node == value, lint.key(node)) {
                (false, Some(key)) => format!("`{}` in `{}`", excerpt(key), excerpt(name)),
                _ => format!("`{}`", excerpt(name)),
            };
            lint.add(rule, at, format!("{what} {}", failure.message));
        }
    }

    // Why a schema, or one that it leads to, is none.
    fn trouble(&mut self, lint: &Lint<'d>, schema: NodeId) -> Option<String> {
        if let Some(known) = self.troubles.get(&schema) {
            return known.clone();
        }
        let doc = lint.doc;
        let mut seen = BTreeSet::new();
        let mut todo = vec![schema];
        let mut found = None;
        while let Some(id) = todo.pop() {
            if !seen.insert(id) || seen.len() > MAX_CHECKED_SCHEMAS {
                continue;
            }
            // A schema that is known to be well with all it leads to needs no second look.
            if self.troubles.get(&id) == Some(&None) {
                continue;
            }
            if let Some(target) = doc.get_str(id, "$ref") {
                todo.extend(lint.spec.target(target));
                if shapes::is_old(lint.edition) {
                    continue;
                }
            }
            found = keyword_trouble(doc, id, lint.edition, id == schema);
            if found.is_some() {
                break;
            }
            for key in ["properties", "patternProperties", "dependentSchemas"] {
                if let Some(map) = doc.get(id, key) {
                    todo.extend(doc.members(map).iter().map(|member| member.value));
                }
            }
            for key in [
                "items",
                "additionalProperties",
                "not",
                "allOf",
                "anyOf",
                "oneOf",
                "prefixItems",
                "contains",
                "propertyNames",
                "if",
                "then",
                "else",
            ] {
                if let Some(part) = doc.get(id, key) {
                    todo.push(part);
                    todo.extend(doc.items(part));
                }
            }
        }
        self.troubles.insert(schema, found.clone());
        found
    }
}

// The first keyword of a schema that has no such value.
fn keyword_trouble(doc: &Document, id: NodeId, edition: u8, outermost: bool) -> Option<String> {
    let old = shapes::is_old(edition);
    for member in doc.members(id) {
        let value = doc.value(member.value);
        let items = doc.items(member.value);
        let all_texts = items.iter().all(|item| doc.str(*item).is_some());
        let distinct = || {
            let digests: BTreeSet<u64> = items.iter().map(|item| doc.digest(*item)).collect();
            digests.len() == items.len()
        };
        let good = match (&*member.key, value) {
            ("type", Value::String(name)) => is_type_name(name),
            ("type", Value::Sequence(_)) => {
                !items.is_empty() && distinct() && items.iter().all(|item| doc.str(*item).is_some_and(is_type_name))
            }
            ("required", Value::Sequence(_)) => all_texts && distinct() && !(old && items.is_empty()),
            // The outermost schema of a Swagger parameter says so of itself.
            ("required", Value::Bool(_)) if edition == V2 && outermost => true,
            ("enum", Value::Sequence(_)) => !old || (!items.is_empty() && distinct()),
            ("maximum" | "minimum", Value::Number(..)) => true,
            ("exclusiveMaximum" | "exclusiveMinimum", Value::Bool(_)) => old,
            ("exclusiveMaximum" | "exclusiveMinimum", Value::Number(..)) => !old,
            ("multipleOf", Value::Number(number, _)) => *number > 0.0,
            (
                "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties",
                Value::Number(number, _),
            ) => *number >= 0.0 && number.fract() == 0.0,
            ("uniqueItems" | "nullable", Value::Bool(_)) => true,
            ("pattern", Value::String(_)) => crate::support::json_schema::is_format("regex", value),
            ("description" | "title" | "format", Value::String(_)) => true,
            ("properties" | "patternProperties", Value::Mapping(_)) => true,
            ("items", Value::Sequence(_)) => old,
            ("items" | "not", Value::Mapping(_)) => true,
            ("items" | "not", Value::Bool(_)) => !old,
            ("additionalProperties", Value::Bool(_) | Value::Mapping(_)) => true,
            ("allOf" | "anyOf" | "oneOf", Value::Sequence(_)) => !items.is_empty(),
            (
                "type"
                | "required"
                | "enum"
                | "maximum"
                | "minimum"
                | "exclusiveMaximum"
                | "exclusiveMinimum"
                | "multipleOf"
                | "maxLength"
                | "minLength"
                | "maxItems"
                | "minItems"
                | "maxProperties"
                | "minProperties"
                | "uniqueItems"
                | "nullable"
                | "pattern"
                | "description"
                | "title"
                | "format"
                | "properties"
                | "patternProperties"
                | "items"
                | "not"
                | "additionalProperties"
                | "allOf"
                | "anyOf"
                | "oneOf",
                _,
            ) => false,
            _ => true,
        };
        if !good {
            return Some(format!("its schema has no valid `{}`", member.key));
        }
    }
    if old && doc.is_true(id, "nullable") && doc.get(id, "type").is_none() {
        return Some("its schema has `nullable` without `type`".to_owned());
    }
    None
}

fn is_type_name(name: &str) -> bool {
    matches!(name, "array" | "boolean" | "integer" | "null" | "number" | "object" | "string")
}

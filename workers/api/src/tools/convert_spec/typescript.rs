//! TypeScript types of an OpenAPI 3 document, in the form of openapi-typescript: `paths`, `components`, `operations`.

use super::value::{name_of, target};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Deepest nesting of types: the text nests no deeper.
const MAX_DEPTH: usize = 220;

#[derive(Debug, Clone, PartialEq)]
enum Type {
    Word(&'static str),
    /// A literal or a reference, as written.
    Text(String, bool),
    Object(Vec<Property>),
    Array(Box<Type>),
    Tuple(Vec<Type>),
    Union(Vec<Type>),
    Both(Vec<Type>),
}

#[derive(Debug, Clone, PartialEq)]
struct Property {
    name: String,
    optional: bool,
    readonly: bool,
    index: bool,
    kind: Type,
}

const STRING: Type = Type::Word("string");
const NUMBER: Type = Type::Word("number");
const BOOLEAN: Type = Type::Word("boolean");
const NULL: Type = Type::Word("null");
const NEVER: Type = Type::Word("never");
const UNKNOWN: Type = Type::Word("unknown");

fn property(name: &str, optional: bool, kind: Type) -> Property {
    Property { name: name.to_owned(), optional, readonly: false, index: false, kind }
}

/// The types of a document.
pub(super) fn types(root: &Json) -> String {
    let mut made =
        Maker { root, operations: Vec::new(), with_required: false, sent: false, discriminators: BTreeMap::new() };
    made.find_discriminators();
    let paths = made.paths("paths");
    let webhooks = made.paths("webhooks");
    let components = made.components();
    let operations: Vec<Property> = std::mem::take(&mut made.operations);
    let mut out = String::new();
    for (name, members) in [("paths", paths), ("webhooks", webhooks), ("components", components)] {
        declare(&mut out, name, &members);
    }
    out.push_str("export type $defs = Record<string, never>;\n");
    if made.with_required {
        out.push_str("type WithRequired<T, K extends keyof T> = T & { [P in K]-?: T[P] };\n");
    }
    declare(&mut out, "operations", &operations);
    out
}

fn declare(out: &mut String, name: &str, members: &[Property]) {
    if members.is_empty() {
        let _ = writeln!(out, "export type {name} = Record<string, never>;");
        return;
    }
    let _ = writeln!(out, "export interface {name} {{");
    members.iter().for_each(|member| print_property(out, member, 1));
    out.push_str("}\n");
}

fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$');
    let number = name.parse::<u64>().is_ok_and(|number| number.to_string() == name);
    if plain || number { name.to_owned() } else { Json::String(name.to_owned()).to_string() }
}

fn print_property(out: &mut String, member: &Property, level: usize) {
    let _ = write!(out, "{}{}", "    ".repeat(level), if member.readonly { "readonly " } else { "" });
    if member.index {
        let _ = write!(out, "[{}: string]", member.name);
    } else {
        let _ = write!(out, "{}{}", key(&member.name), if member.optional { "?" } else { "" });
    }
    out.push_str(": ");
    print(out, &member.kind, level);
    out.push_str(";\n");
}

fn print(out: &mut String, kind: &Type, level: usize) {
    let join = |out: &mut String, items: &[Type], mark: &str, in_union: bool| {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.push_str(mark);
            }
            let needs = !in_union && matches!(item, Type::Union(_));
            out.push_str(if needs { "(" } else { "" });
            print(out, item, level);
            out.push_str(if needs { ")" } else { "" });
        }
    };
    match kind {
        Type::Word(word) => out.push_str(word),
        Type::Text(text, _) => out.push_str(text),
        Type::Object(members) if members.is_empty() => out.push_str("{}"),
        Type::Object(members) => {
            out.push_str("{\n");
            members.iter().for_each(|member| print_property(out, member, level + 1));
            let _ = write!(out, "{}}}", "    ".repeat(level));
        }
        Type::Array(item) => {
            let needs = matches!(**item, Type::Union(_) | Type::Both(_));
            out.push_str(if needs { "(" } else { "" });
            print(out, item, level);
            out.push_str(if needs { ")[]" } else { "[]" });
        }
        Type::Tuple(items) => {
            out.push('[');
            join(out, items, ", ", true);
            out.push(']');
        }
        Type::Union(items) => join(out, items, " | ", true),
        Type::Both(items) => join(out, items, " & ", false),
    }
}

fn is_word(kind: &Type) -> bool {
    matches!(kind, Type::Word("boolean" | "never" | "null" | "number" | "string" | "undefined" | "unknown"))
}

// One of each keyword is enough.
fn distinct(kinds: Vec<Type>) -> Vec<Type> {
    let mut kept: Vec<Type> = Vec::new();
    for kind in kinds {
        if !(matches!(kind, Type::Word(_)) && kept.contains(&kind)) {
            kept.push(kind);
        }
    }
    kept
}

fn union(mut kinds: Vec<Type>) -> Type {
    match kinds.len() {
        0 => NEVER,
        1 => kinds.pop().unwrap_or(NEVER),
        _ => Type::Union(distinct(kinds)),
    }
}

fn both(mut kinds: Vec<Type>) -> Type {
    match kinds.len() {
        0 => NEVER,
        1 => kinds.pop().unwrap_or(NEVER),
        _ => Type::Both(distinct(kinds)),
    }
}

fn literal(value: &Json) -> Type {
    match value {
        Json::Null => NULL,
        Json::Bool(true) => Type::Word("true"),
        Json::Bool(false) => Type::Word("false"),
        Json::Array(items) if items.is_empty() => Type::Array(Box::new(NEVER)),
        Json::Array(items) => Type::Tuple(items.iter().map(literal).collect()),
        Json::Object(members) => {
            Type::Object(members.iter().map(|(name, value)| property(name, false, literal(value))).collect())
        }
        Json::Number(_) | Json::String(_) => Type::Text(value.to_string(), false),
    }
}

fn reference(pointer: &str, parameter: Option<&Json>) -> Type {
    let Some(path) = pointer.strip_prefix("#/") else { return UNKNOWN };
    let steps: Vec<String> = path.split('/').map(name_of).collect();
    let mut text = steps.first().cloned().unwrap_or_default();
    for (at, step) in steps.iter().enumerate().skip(1) {
        if at >= 3 && step == "properties" {
            continue;
        }
        if at >= 3
            && at + 1 == steps.len()
            && let Some(parameter) = parameter
        {
            let word = |key: &str| parameter.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let _ = write!(text, "[{}][{}]", Json::String(word("in")), Json::String(word("name")));
            continue;
        }
        let number = step.parse::<u64>().is_ok_and(|number| number.to_string() == *step);
        let _ = if number { write!(text, "[{step}]") } else { write!(text, "[{}]", Json::String(step.clone())) };
    }
    Type::Text(text, true)
}

struct Maker<'v> {
    root: &'v Json,
    operations: Vec<Property>,
    with_required: bool,
    /// Whether what is made is sent, where a default may be left out; in answers it is always there.
    sent: bool,
    /// The discriminator of each schema that has one or inherits it.
    discriminators: BTreeMap<String, Json>,
}

fn object(value: &Json) -> impl Iterator<Item = (&String, &Json)> {
    value.as_object().into_iter().flatten()
}

fn list<'v>(value: &'v Json, key: &str) -> &'v [Json] {
    value.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn has_members(value: Option<&Json>) -> bool {
    value.and_then(Json::as_object).is_some_and(|members| !members.is_empty())
}

impl Maker<'_> {
    fn find_discriminators(&mut self) {
        let Some(schemas) = self.root.pointer("/components/schemas") else { return };
        for (name, schema) in object(schemas) {
            if let Some(discriminator) = schema.get("discriminator").filter(|found| found.get("propertyName").is_some())
            {
                self.discriminators.insert(format!("#/components/schemas/{name}"), discriminator.clone());
            }
        }
        for (name, schema) in object(schemas) {
            for item in list(schema, "allOf") {
                let inherited = item
                    .get("$ref")
                    .and_then(Json::as_str)
                    .and_then(|pointer| self.discriminators.get(pointer).cloned());
                if let Some(inherited) = inherited {
                    self.discriminators.insert(format!("#/components/schemas/{name}"), inherited);
                }
            }
        }
    }

    fn find(&self, value: &Json) -> Json {
        let pointer = value.get("$ref").and_then(Json::as_str);
        pointer.and_then(|pointer| target(self.root, pointer)).unwrap_or(value).clone()
    }

    fn paths(&mut self, key: &str) -> Vec<Property> {
        let Some(paths) = self.root.get(key) else { return Vec::new() };
        let mut members = Vec::new();
        for (path, item) in object(paths) {
            if path.starts_with("x-") {
                continue;
            }
            let kind = match item.get("$ref").and_then(Json::as_str) {
                Some(pointer) => reference(pointer, None),
                None => self.path_item(item),
            };
            members.push(property(path, false, kind));
        }
        members
    }

    fn path_item(&mut self, item: &Json) -> Type {
        let shared = list(item, "parameters").to_vec();
        let mut members = vec![self.parameters(&shared)];
        for method in METHODS {
            let Some(operation) = item.get(method).filter(|operation| operation.is_object()) else {
                members.push(property(method, true, NEVER));
                continue;
            };
            let mut by_name: Vec<(String, Json)> = Vec::new();
            for parameter in shared.iter().chain(list(operation, "parameters")) {
                let found = self.find(parameter);
                let name = format!(
                    "{}-{}",
                    found["in"].as_str().unwrap_or_default(),
                    found["name"].as_str().unwrap_or_default()
                );
                match by_name.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => *known = parameter.clone(),
                    None => by_name.push((name, parameter.clone())),
                }
            }
            let parameters: Vec<Json> = by_name.into_iter().map(|(_, parameter)| parameter).collect();
            let body = self.operation(operation, &parameters);
            let kind = match operation.get("operationId").and_then(Json::as_str).filter(|id| !id.is_empty()) {
                Some(id) => {
                    let id = id.replace('#', "/");
                    let text = reference(&format!("#/operations/{}", id.replace('~', "~0").replace('/', "~1")), None);
                    self.operations.push(property(&id, false, Type::Object(body)));
                    text
                }
                None => Type::Object(body),
            };
            members.push(property(method, false, kind));
        }
        Type::Object(members)
    }

    fn operation(&mut self, operation: &Json, parameters: &[Json]) -> Vec<Property> {
        let mut members = vec![self.parameters(parameters)];
        match operation.get("requestBody") {
            Some(body) if body.is_object() => {
                let required = self.find(body).get("required") == Some(&Json::Bool(true));
                let kind = match body.get("$ref").and_then(Json::as_str) {
                    Some(pointer) => reference(pointer, None),
                    None => self.body(body),
                };
                members.push(property("requestBody", !required, kind));
            }
            _ => members.push(property("requestBody", true, NEVER)),
        }
        let empty = Json::Object(Map::new());
        let responses = operation.get("responses").unwrap_or(&empty);
        let mut listed = Vec::new();
        for (status, response) in object(responses).filter(|(status, _)| !status.starts_with("x-")) {
            let kind = match response.get("$ref").and_then(Json::as_str) {
                Some(pointer) => reference(pointer, None),
                None => self.response(response),
            };
            listed.push(property(status, false, kind));
        }
        // Whole numbers come first, in their order, as in an object of JavaScript.
        listed.sort_by_key(|member| member.name.parse::<u64>().unwrap_or(u64::MAX));
        members.push(property("responses", false, if listed.is_empty() { NEVER } else { Type::Object(listed) }));
        members
    }

    fn parameters(&mut self, parameters: &[Json]) -> Property {
        let mut places = Vec::new();
        for place in ["query", "header", "path", "cookie"] {
            let mut members = Vec::new();
            for parameter in parameters {
                let found = self.find(parameter);
                if found.get("in").and_then(Json::as_str) != Some(place) {
                    continue;
                }
                let optional = place != "path" && found.get("required") != Some(&Json::Bool(true));
                let kind = match parameter.get("$ref").and_then(Json::as_str) {
                    Some(pointer) => reference(pointer, Some(&found)),
                    None => self.parameter(&found),
                };
                members.push(property(found.get("name").and_then(Json::as_str).unwrap_or_default(), optional, kind));
            }
            let optional = members.iter().all(|member| member.optional);
            places.push(property(place, optional, if members.is_empty() { NEVER } else { Type::Object(members) }));
        }
        property("parameters", false, Type::Object(places))
    }

    fn parameter(&mut self, parameter: &Json) -> Type {
        let before = std::mem::replace(&mut self.sent, true);
        let kind = parameter.get("schema").map_or(STRING, |schema| self.schema(schema, "", 0));
        self.sent = before;
        kind
    }

    fn header(&mut self, header: &Json) -> Type {
        if let Some(schema) = header.get("schema") {
            return self.schema(schema, "", 0);
        }
        match header.get("content") {
            Some(content) => Type::Object(self.content(content)),
            None => UNKNOWN,
        }
    }

    fn content(&mut self, content: &Json) -> Vec<Property> {
        let mut members = Vec::new();
        for (kind, media) in object(content) {
            let schema = media.get("schema").cloned();
            members.push(property(kind, false, schema.map_or(UNKNOWN, |schema| self.schema(&schema, "", 0))));
        }
        members
    }

    fn body(&mut self, body: &Json) -> Type {
        let before = std::mem::replace(&mut self.sent, true);
        let mut members = body.get("content").map_or_else(Vec::new, |content| self.content(content));
        self.sent = before;
        if members.is_empty() {
            members.push(property("*/*", true, NEVER));
        }
        Type::Object(vec![property("content", false, Type::Object(members))])
    }

    fn response(&mut self, response: &Json) -> Type {
        let mut headers = Vec::new();
        for (name, header) in response.get("headers").into_iter().flat_map(object) {
            let pointer = header.get("$ref").and_then(Json::as_str);
            let optional = pointer.is_none() && header.get("required") != Some(&Json::Bool(true));
            let kind = match pointer {
                Some(pointer) => reference(pointer, None),
                None => self.header(header),
            };
            headers.push(property(name, optional, kind));
        }
        headers.push(Property {
            name: "name".to_owned(),
            optional: false,
            readonly: false,
            index: true,
            kind: UNKNOWN,
        });
        let content = response.get("content").map_or_else(Vec::new, |content| self.content(content));
        let content = if content.is_empty() {
            property("content", true, NEVER)
        } else {
            property("content", false, Type::Object(content))
        };
        Type::Object(vec![property("headers", false, Type::Object(headers)), content])
    }

    fn components(&mut self) -> Vec<Property> {
        let components = self.root.get("components").unwrap_or(&Json::Null);
        let mut members = Vec::new();
        for key in ["schemas", "responses", "parameters", "requestBodies", "headers", "pathItems"] {
            let mut items = Vec::new();
            // A name may look like an extension's, as those of headers do.
            for (name, item) in components.get(key).into_iter().flat_map(object) {
                let pointer = item.get("$ref").and_then(Json::as_str);
                let kind = match (key, pointer) {
                    ("schemas", _) => self.schema(item, &format!("#/components/schemas/{name}"), 0),
                    (_, Some(pointer)) => reference(pointer, None),
                    ("responses", None) => self.response(item),
                    ("parameters", None) => self.parameter(item),
                    ("requestBodies", None) => self.body(item),
                    ("headers", None) => self.header(item),
                    _ => self.path_item(item),
                };
                items.push(property(name, false, kind));
            }
            members.push(property(key, false, if items.is_empty() { NEVER } else { Type::Object(items) }));
        }
        members
    }

    fn schema(&mut self, schema: &Json, path: &str, depth: usize) -> Type {
        if depth > MAX_DEPTH {
            return UNKNOWN;
        }
        let Json::Object(members) = schema else {
            return if *schema == Json::Bool(true) { UNKNOWN } else { NEVER };
        };
        if let Some(pointer) = members.get("$ref").and_then(Json::as_str) {
            return reference(pointer, None);
        }
        if let Some(value) = members.get("const").filter(|value| !value.is_null()) {
            return literal(value);
        }
        let nullable = members.get("nullable").is_some_and(|value| *value == Json::Bool(true));
        let kind_is_object = members.get("type").and_then(Json::as_str) == Some("object");
        if let Some(values) = members.get("enum").and_then(Json::as_array)
            && !kind_is_object
            && !members.contains_key("properties")
            && !members.contains_key("additionalProperties")
        {
            let mut kinds: Vec<Type> = values.iter().map(literal).collect();
            if nullable || list(schema, "type").iter().any(|kind| kind.as_str() == Some("null")) {
                kinds.push(NULL);
            }
            return union(kinds);
        }
        let core = self.core(schema, members, path, depth);
        let parts = self.all_of(schema, depth);
        let mut made = if core.is_some() || !parts.is_empty() {
            let parts = if parts.is_empty() { None } else { Some(both(parts)) };
            Some(both(core.into_iter().chain(parts).collect()))
        } else {
            None
        };
        let any: Vec<Type> = list(schema, "anyOf").iter().map(|item| self.schema(item, "", depth + 1)).collect();
        if !any.is_empty() {
            made = Some(union(made.into_iter().chain(any).collect()));
        }
        let one: Vec<Type> = list(schema, "oneOf").iter().map(|item| self.schema(item, "", depth + 1)).collect();
        if !one.is_empty() {
            made = Some(if one.iter().all(is_word) {
                union(made.into_iter().chain(one).collect())
            } else {
                both(made.into_iter().chain([union(one)]).collect())
            });
        }
        let made = made.unwrap_or_else(|| {
            if members.contains_key("type") { Type::Text("Record<string, never>".to_owned(), true) } else { UNKNOWN }
        });
        if nullable && made != UNKNOWN {
            return Type::Union(match made {
                Type::Union(kinds) => kinds.into_iter().chain([NULL]).collect(),
                made => vec![made, NULL],
            });
        }
        made
    }

    fn all_of(&mut self, schema: &Json, depth: usize) -> Vec<Type> {
        let mut parts = Vec::new();
        let required: Vec<String> =
            list(schema, "required").iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
        for item in list(schema, "allOf") {
            let pointer = item.get("$ref").and_then(Json::as_str);
            let mut kind;
            if let Some(pointer) = pointer {
                kind = reference(pointer, None);
                let found = target(self.root, pointer);
                let known: Vec<&String> = required
                    .iter()
                    .filter(|name| {
                        found
                            .and_then(|found| found.get("properties"))
                            .is_some_and(|properties| properties.get(name.as_str()).is_some())
                    })
                    .collect();
                if !known.is_empty() {
                    self.with_required = true;
                    let names: Vec<String> =
                        known.iter().map(|name| Json::String((*name).clone()).to_string()).collect();
                    kind = generic("WithRequired", &kind, &names.join(" | "));
                }
            } else {
                let mut item = item.clone();
                if let Json::Object(members) = &mut item {
                    let mut all: Vec<Json> = required.iter().cloned().map(Json::String).collect();
                    all.extend(members.get("required").and_then(Json::as_array).into_iter().flatten().cloned());
                    members.insert("required".to_owned(), Json::Array(all));
                }
                kind = self.schema(&item, "", depth + 1);
            }
            let discriminator = match pointer {
                Some(pointer) => self.discriminators.get(pointer).cloned(),
                None => item.get("discriminator").cloned(),
            };
            if let Some(name) =
                discriminator.as_ref().and_then(|found| found.get("propertyName")).and_then(Json::as_str)
            {
                kind = generic("Omit", &kind, &Json::String(name.to_owned()).to_string());
            }
            parts.push(kind);
        }
        parts
    }

    fn core(&mut self, schema: &Json, members: &Map<String, Json>, path: &str, depth: usize) -> Option<Type> {
        match members.get("type") {
            Some(Json::String(kind)) => match kind.as_str() {
                "null" => return Some(NULL),
                "string" => return Some(STRING),
                "number" | "integer" => return Some(NUMBER),
                "boolean" => return Some(BOOLEAN),
                "array" => return Some(self.array(members, depth)),
                _ => {}
            },
            Some(Json::Array(kinds)) => {
                let mut made = Vec::new();
                for kind in kinds {
                    let word = kind.as_str().unwrap_or("null");
                    let is_plain = matches!(word, "boolean" | "string" | "number" | "integer" | "null");
                    let has_one_of = members.get("oneOf").is_some_and(Json::is_array);
                    if has_one_of && is_plain && list(schema, "oneOf").iter().any(|item| item.get("type") == Some(kind))
                    {
                        continue;
                    }
                    if word == "null" {
                        made.push(NULL);
                        continue;
                    }
                    let mut one = members.clone();
                    one.insert("type".to_owned(), kind.clone());
                    if has_one_of {
                        one.remove("oneOf");
                    }
                    made.push(self.schema(&Json::Object(one), path, depth + 1));
                }
                return Some(union(made));
            }
            _ => {}
        }
        let mut listed = Vec::new();
        let composed = members.contains_key("allOf") || members.contains_key("anyOf");
        if composed
            && !members.contains_key("discriminator")
            && let Some(discriminator) = self.discriminators.get(path)
        {
            listed.push(discriminator_property(discriminator, path));
        }
        let wanted = has_members(members.get("properties"))
            || members.get("additionalProperties").is_some_and(|value| *value != Json::Bool(false) && !value.is_null())
            || members.get("patternProperties").is_some()
            || members.get("$defs").is_some();
        if !wanted {
            return if listed.is_empty() { None } else { Some(Type::Object(listed)) };
        }
        let required: Vec<&str> = list(schema, "required").iter().filter_map(Json::as_str).collect();
        let mut own = Vec::new();
        for (name, value) in members
            .get("properties")
            .into_iter()
            .flat_map(object)
            .filter(|(_, value)| value.is_object() || value.is_boolean())
        {
            let kind = self.schema(value, "", depth + 1);
            let always = value.get("default").is_some() && !self.sent;
            let readonly = value.get("readOnly") == Some(&Json::Bool(true));
            own.push(Property {
                name: name.clone(),
                optional: !required.contains(&name.as_str()) && !always,
                readonly,
                index: false,
                kind,
            });
        }
        own.sort_by_key(|member| {
            member.name.parse::<u64>().ok().filter(|n| n.to_string() == member.name).unwrap_or(u64::MAX)
        });
        listed.extend(own);
        if has_members(members.get("$defs")) {
            let mut defs = Vec::new();
            for (name, value) in members.get("$defs").into_iter().flat_map(object) {
                defs.push(property(name, false, self.schema(value, "", depth + 1)));
            }
            listed.push(property("$defs", false, Type::Object(defs)));
        }
        let mut index = Vec::new();
        match members.get("additionalProperties") {
            Some(Json::Object(inner)) if inner.is_empty() => index.push(UNKNOWN),
            Some(inner @ Json::Object(_)) => index.push(self.schema(inner, "", depth + 1)),
            Some(Json::Bool(true)) => index.push(UNKNOWN),
            _ => {}
        }
        for (_, value) in members.get("patternProperties").into_iter().flat_map(object) {
            index.push(self.schema(value, "", depth + 1));
        }
        if index.is_empty() {
            return if listed.is_empty() { None } else { Some(Type::Object(listed)) };
        }
        let rest =
            Property { name: "key".to_owned(), optional: false, readonly: false, index: true, kind: union(index) };
        let own = if listed.is_empty() { None } else { Some(Type::Object(listed)) };
        Some(both(own.into_iter().chain([Type::Object(vec![rest])]).collect()))
    }

    fn array(&mut self, members: &Map<String, Json>, depth: usize) -> Type {
        let tuple = members.get("prefixItems").or_else(|| members.get("items").filter(|items| items.is_array()));
        if let Some(Json::Array(items)) = tuple {
            return Type::Tuple(items.iter().map(|item| self.schema(item, "", depth + 1)).collect());
        }
        let Some(items) = members.get("items").filter(|items| !items.is_null() && **items != Json::Bool(false)) else {
            return Type::Array(Box::new(UNKNOWN));
        };
        let item = self.schema(items, "", depth + 1);
        if items.get("type").and_then(Json::as_str) == Some("array") {
            return Type::Array(Box::new(item));
        }
        match item {
            item @ (Type::Tuple(_) | Type::Array(_)) => item,
            item => Type::Array(Box::new(item)),
        }
    }
}

fn generic(name: &str, kind: &Type, argument: &str) -> Type {
    let mut text = format!("{name}<");
    print(&mut text, kind, 0);
    let _ = write!(text, ", {argument}>");
    Type::Text(text, true)
}

fn discriminator_property(discriminator: &Json, path: &str) -> Property {
    let own = name_of(path);
    let mapped = discriminator.get("mapping").into_iter().flat_map(object).find(|(_, to)| {
        let to = to.as_str().unwrap_or_default();
        if to.starts_with('#') { name_of(to) == own } else { to == own }
    });
    let value = mapped.map_or(own.clone(), |(value, _)| value.clone());
    let name = discriminator.get("propertyName").and_then(Json::as_str).unwrap_or_default();
    property(name, false, Type::Text(Json::String(value).to_string(), false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema_type(schema: &Json) -> String {
        let mut made = Maker {
            root: &Json::Null,
            operations: Vec::new(),
            with_required: false,
            sent: false,
            discriminators: BTreeMap::new(),
        };
        let kind = made.schema(schema, "", 0);
        let mut out = String::new();
        print(&mut out, &kind, 0);
        out
    }

    #[test]
    fn schemas_become_types() {
        for (schema, kind) in [
            (json!({"type": "string", "enum": ["a", null], "nullable": true}), "\"a\" | null"),
            (
                json!({"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}),
                "(string | number)[]",
            ),
            (json!({"type": ["string", "null"]}), "string | null"),
            (json!({"type": "object"}), "Record<string, never>"),
            (json!({}), "unknown"),
            (
                json!({"allOf": [{"$ref": "#/components/schemas/A"}, {"type": "boolean"}]}),
                "components[\"schemas\"][\"A\"] & boolean",
            ),
            (json!({"type": "object", "additionalProperties": {"type": "number"}}), "{\n    [key: string]: number;\n}"),
        ] {
            assert_eq!(schema_type(&schema), kind, "{schema}");
        }
    }
}

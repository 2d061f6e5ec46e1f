//! Swagger 2.0 to OpenAPI 3.0: bodies and forms become request bodies, types become schemas, hosts become servers.

use super::value::{Budget, decode, resolve, rewrite, target};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Keywords that a parameter or header of Swagger has and its schema takes over.
const SCHEMA_KEYS: [&str; 19] = [
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "maxProperties",
    "minProperties",
    "x-nullable",
];

/// Converts a document, and says what could not be carried over.
pub(super) fn convert(old: &Json, lost: &mut Vec<String>) -> Json {
    let mut new = Map::new();
    new.insert("openapi".to_owned(), json!("3.0.0"));
    for (key, value) in old.as_object().into_iter().flatten() {
        match key.as_str() {
            "swagger"
            | "host"
            | "basePath"
            | "schemes"
            | "consumes"
            | "produces"
            | "definitions"
            | "parameters"
            | "responses"
            | "securityDefinitions"
            | "paths"
            | "x-ms-paths" => {}
            "info" => {
                new.insert(key.clone(), info(value));
            }
            "security" => {
                new.insert(key.clone(), security_names(value));
            }
            _ => {
                new.insert(key.clone(), value.clone());
            }
        }
    }
    let servers = servers(old);
    if !servers.is_empty() {
        new.insert("servers".to_owned(), Json::Array(servers.clone()));
    }
    let whole = Whole {
        old,
        consumes: texts(old, "consumes").unwrap_or_default(),
        produces: texts(old, "produces").unwrap_or_default(),
        servers,
    };
    for key in ["paths", "x-ms-paths"].into_iter().filter(|key| *key == "paths" || old.get(key).is_some()) {
        let mut paths = Map::new();
        for (path, item) in old.get(key).and_then(Json::as_object).into_iter().flatten() {
            let value = if path.starts_with("x-") { item.clone() } else { whole.path_item(item, lost) };
            paths.insert(path.clone(), value);
        }
        new.insert(key.to_owned(), Json::Object(paths));
    }
    let components = whole.components(lost);
    if components.as_object().is_some_and(|components| !components.is_empty()) {
        new.insert("components".to_owned(), components);
    }
    let mut new = Json::Object(new);
    let names = whole.names();
    let lifted = lift(old, &mut new, lost);
    rewrite(&mut new, &|reference| {
        if let Some(name) = lifted.get(reference) {
            return Some(format!("#/components/schemas/{name}"));
        }
        let (file, pointer) = reference.split_once('#')?;
        let (section, place) = SECTIONS.into_iter().find_map(|(section, place)| {
            let rest = pointer.strip_prefix('/')?.strip_prefix(section)?.strip_prefix('/')?;
            Some(((section, rest), place))
        })?;
        let (section, rest) = section;
        let (name, inside) = rest.find('/').map_or((rest, ""), |end| rest.split_at(end));
        let old_name = decode(name).replace("~1", "/").replace("~0", "~");
        let known = names.get(section).filter(|_| file.is_empty()).and_then(|names| names.get(&old_name));
        let name = known.cloned().unwrap_or_else(|| name.to_owned());
        Some(format!("{file}#/components/{place}/{name}{inside}"))
    });
    new
}

// Most schemes heeded of a document or an operation; Swagger knows four.
const MAX_SCHEMES: usize = 8;

// Most schemas that get a component of their own: each is written out, and one may hold the others.
const MAX_LIFTED: usize = 100;

// Schemas that are referred to in the middle of a path or response, where nothing stays as it is: each gets a component of its own.
fn lift(old: &Json, new: &mut Json, lost: &mut Vec<String>) -> BTreeMap<String, String> {
    let mut references = BTreeSet::new();
    collect_references(new, &mut references);
    let mut lifted = BTreeMap::new();
    for reference in references {
        let is_moved = ["#/paths/", "#/responses/", "#/parameters/"].iter().any(|start| reference.starts_with(start));
        if !is_moved || !reference.contains("/schema") {
            continue;
        }
        if lifted.len() == MAX_LIFTED {
            lost.push(format!("references into the middle of paths beyond the first {MAX_LIFTED}"));
            break;
        }
        let Some(value) = target(old, &reference) else { continue };
        let schema = schema(value, lost);
        let Some(components) = new.as_object_mut().map(|new| new.entry("components").or_insert_with(|| json!({})))
        else {
            continue;
        };
        let schemas = components.as_object_mut().map(|all| all.entry("schemas").or_insert_with(|| json!({})));
        if let Some(schemas) = schemas.and_then(Json::as_object_mut) {
            let last = schemas.len() + 1;
            let name = (1..=last).map(|number| format!("schema{number}")).find(|name| !schemas.contains_key(name));
            let name = name.unwrap_or_default();
            schemas.insert(name.clone(), schema);
            lifted.insert(reference, name);
        }
    }
    lifted
}

fn collect_references(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::Object(members) => {
            found.extend(members.get("$ref").and_then(Json::as_str).map(str::to_owned));
            members.values().for_each(|member| collect_references(member, found));
        }
        Json::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Whether what the conversion writes out is bounded: each kind of media gets a schema of its own, and each operation the bodies
/// that it refers to or shares.
pub(super) fn is_bounded(old: &Json) -> bool {
    let mut budget = Budget::default();
    let count = |owner: &Json, key: &str| texts(owner, key).map_or(1, |list| list.len().max(1));
    let (consumes, produces) = (count(old, "consumes"), count(old, "produces"));
    let mut spend = || {
        for response in old.get("responses").and_then(Json::as_object).into_iter().flatten() {
            budget.take_all(response.1, produces)?;
        }
        for parameter in old.get("parameters").and_then(Json::as_object).into_iter().flatten() {
            budget.take_all(parameter.1, consumes)?;
        }
        let paths = ["paths", "x-ms-paths"].into_iter().filter_map(|key| old.get(key)?.as_object()).flatten();
        for (_, item) in paths {
            let shared = item.get("parameters").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
            for operation in METHODS.iter().filter_map(|method| item.get(*method)) {
                let own = operation.get("parameters").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
                let consumes = texts(operation, "consumes").map_or(consumes, |list| list.len().max(1));
                let produces = texts(operation, "produces").map_or(produces, |list| list.len().max(1));
                for parameter in shared.iter().chain(own) {
                    let parameter = resolve(old, parameter);
                    let is_body = matches!(parameter.get("in").and_then(Json::as_str), Some("body" | "formData"));
                    budget.take_all(parameter, if is_body { consumes } else { 1 })?;
                }
                for response in operation.get("responses").and_then(Json::as_object).into_iter().flatten() {
                    budget.take_all(response.1, produces)?;
                }
            }
        }
        Some(())
    };
    spend().is_some()
}

// What holds named things in Swagger, and the section of the components they go to.
const SECTIONS: [(&str, &str); 3] =
    [("definitions", "schemas"), ("parameters", "parameters"), ("responses", "responses")];

// The names that components may have: letters, digits, dots, dashes and underscores.
fn component_name(name: &str) -> String {
    let mut clean = String::with_capacity(name.len());
    let mut is_gap = false;
    for c in name.replacen("[]", "Array", 1).chars() {
        let fits = c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if fits || !is_gap {
            clean.push(if fits { c } else { '_' });
        }
        is_gap = !fits;
    }
    clean
}

// Requirements, by the names that the schemes have as components.
fn security_names(old: &Json) -> Json {
    let renamed = |one: &Json| match one {
        Json::Object(schemes) => {
            Json::Object(schemes.iter().map(|(name, scopes)| (component_name(name), scopes.clone())).collect())
        }
        other => other.clone(),
    };
    old.as_array().map_or_else(|| old.clone(), |list| Json::Array(list.iter().map(renamed).collect()))
}

// A title and a version are texts, and there.
fn info(old: &Json) -> Json {
    let Json::Object(old) = old else { return old.clone() };
    let mut new = old.clone();
    for key in ["title", "version"] {
        let value = match new.get(key) {
            Some(Json::String(text)) => text.clone(),
            None | Some(Json::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        new.insert(key.to_owned(), Json::String(value));
    }
    Json::Object(new)
}

fn servers(old: &Json) -> Vec<Json> {
    let word = |key: &str| old.get(key).and_then(Json::as_str).unwrap_or_default();
    let (host, base) = (word("host").trim_end_matches('/'), word("basePath"));
    if host.is_empty() {
        return if base.is_empty() { Vec::new() } else { vec![server(base.to_owned())] };
    }
    let base = base.strip_suffix('/').unwrap_or(base);
    let mut schemes = texts(old, "schemes").unwrap_or_default();
    schemes.truncate(MAX_SCHEMES);
    if schemes.is_empty() {
        return vec![server(format!("//{host}{base}"))];
    }
    schemes.iter().map(|scheme| server(format!("{scheme}://{host}{base}"))).collect()
}

// A server, with a variable for each `{name}` of its address.
fn server(url: String) -> Json {
    let mut variables = Map::new();
    for part in url.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}').filter(|(name, _)| !name.is_empty()) {
            variables.insert(name.to_owned(), json!({ "default": "unknown" }));
        }
    }
    let mut new = Map::from_iter([("url".to_owned(), Json::String(url))]);
    if !variables.is_empty() {
        new.insert("variables".to_owned(), Json::Object(variables));
    }
    Json::Object(new)
}

// A list of texts, each once; one text alone is a list of one.
fn texts(owner: &Json, key: &str) -> Option<Vec<String>> {
    let list = match owner.get(key)? {
        Json::String(only) => vec![only.clone()],
        Json::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => return None,
    };
    let mut seen = BTreeSet::new();
    Some(list.into_iter().filter(|item| seen.insert(item.clone())).collect())
}

struct Whole<'v> {
    old: &'v Json,
    consumes: Vec<String>,
    produces: Vec<String>,
    servers: Vec<Json>,
}

impl Whole<'_> {
    // The name that each named thing gets, by section.
    fn names(&self) -> BTreeMap<&'static str, BTreeMap<String, String>> {
        let sections = SECTIONS.iter().map(|(section, _)| *section).chain(["securityDefinitions"]);
        sections
            .map(|section| {
                let old: Vec<&String> = self
                    .old
                    .get(section)
                    .and_then(Json::as_object)
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name)
                    .collect();
                let mut taken: BTreeSet<String> =
                    old.iter().filter(|name| component_name(name) == ***name).map(|name| (*name).clone()).collect();
                // The next number of each name that several share.
                let mut next: BTreeMap<String, usize> = BTreeMap::new();
                let mut names = BTreeMap::new();
                for name in old {
                    let clean = component_name(name);
                    let mut new = clean.clone();
                    while clean != *name && taken.contains(&new) {
                        let number = next.entry(clean.clone()).or_insert(1);
                        *number += 1;
                        new = format!("{clean}{number}");
                    }
                    taken.insert(new.clone());
                    names.insert(name.clone(), new);
                }
                (section, names)
            })
            .collect()
    }

    fn path_item(&self, item: &Json, lost: &mut Vec<String>) -> Json {
        let mut new = Map::new();
        let shared = list(item, "parameters");
        for (key, value) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&key.as_str()) {
                new.insert(key.clone(), self.operation(value, &shared, lost));
            } else if key == "parameters" {
                let kept: Vec<Json> = shared
                    .iter()
                    .filter(|parameter| self.is_plain(parameter))
                    .map(|p| Self::parameter(p, lost))
                    .collect();
                if !kept.is_empty() {
                    new.insert(key.clone(), Json::Array(kept));
                }
            } else {
                new.insert(key.clone(), value.clone());
            }
        }
        Json::Object(new)
    }

    fn place<'p>(&'p self, parameter: &'p Json) -> &'p str {
        resolve(self.old, parameter).get("in").and_then(Json::as_str).unwrap_or_default()
    }

    fn is_plain(&self, parameter: &Json) -> bool {
        !matches!(self.place(parameter), "body" | "formData")
    }

    fn operation(&self, old: &Json, shared: &[Json], lost: &mut Vec<String>) -> Json {
        let media = |key: &str, whole: &[String]| texts(old, key).unwrap_or_else(|| whole.to_vec());
        let (consumes, produces) = (media("consumes", &self.consumes), media("produces", &self.produces));
        let own = list(old, "parameters");
        let mut new = Map::new();
        for (key, value) in old.as_object().into_iter().flatten() {
            match key.as_str() {
                "consumes" | "produces" | "schemes" => {}
                "security" => {
                    new.insert(key.clone(), security_names(value));
                }
                "parameters" => {
                    let kept: Vec<Json> = own
                        .iter()
                        .filter(|parameter| self.is_plain(parameter))
                        .map(|p| Self::parameter(p, lost))
                        .collect();
                    if !kept.is_empty() {
                        new.insert(key.clone(), Json::Array(kept));
                    }
                }
                "responses" => {
                    let mut responses = Map::new();
                    for (status, response) in value.as_object().into_iter().flatten() {
                        let value = if status.starts_with("x-") {
                            response.clone()
                        } else {
                            Self::response(response, &produces, lost)
                        };
                        responses.insert(status.clone(), value);
                    }
                    new.insert(key.clone(), Json::Object(responses));
                }
                _ => {
                    new.insert(key.clone(), value.clone());
                }
            }
        }
        let name = |parameter: &Json| {
            let parameter = resolve(self.old, parameter);
            (parameter.get("in").cloned(), parameter.get("name").cloned())
        };
        let inherited = shared.iter().filter(|parameter| !own.iter().any(|other| name(other) == name(parameter)));
        let all: Vec<&Json> = own.iter().chain(inherited).collect();
        if let Some(body) = self.body(&all, &consumes, lost) {
            new.insert("requestBody".to_owned(), body);
        }
        if !new.contains_key("responses") {
            new.insert("responses".to_owned(), json!({ "default": { "description": "Default response" } }));
        }
        let servers = self.servers_of(old, lost);
        if !servers.is_empty() {
            new.insert("servers".to_owned(), Json::Array(servers));
        }
        Json::Object(new)
    }

    // The servers of an operation with schemes that the whole document has not.
    fn servers_of(&self, operation: &Json, lost: &mut Vec<String>) -> Vec<Json> {
        let whole = texts(self.old, "schemes").unwrap_or_default();
        let mut own = texts(operation, "schemes").unwrap_or_default();
        own.truncate(MAX_SCHEMES);
        let mut servers = Vec::new();
        for scheme in own.iter().filter(|scheme| !whole.contains(scheme)) {
            for known in &self.servers {
                let url = known.get("url").and_then(Json::as_str).unwrap_or_default();
                match url.split_once("//") {
                    Some((_, host)) if host.contains('/') => servers.push(server(format!("{scheme}://{host}"))),
                    Some((_, host)) => servers.push(server(format!("{scheme}://{host}/"))),
                    None => lost.push("schemes of single operations, as there is no host".to_owned()),
                }
            }
        }
        if own.is_empty() || !servers.is_empty() || !self.servers.is_empty() {
            return servers;
        }
        lost.push("schemes of single operations, as there is no host".to_owned());
        servers
    }

    fn body(&self, parameters: &[&Json], consumes: &[String], lost: &mut Vec<String>) -> Option<Json> {
        if let Some(body) = parameters.iter().find(|parameter| self.place(parameter) == "body") {
            let body = resolve(self.old, body);
            let mut new = Map::new();
            let default = vec!["application/json".to_owned()];
            let types = if consumes.is_empty() { &default } else { consumes };
            let schema = schema(body.get("schema").unwrap_or(&Json::Null), lost);
            let content: Map<String, Json> = types
                .iter()
                .map(|kind| {
                    (kind.clone(), json!({ "schema": if schema.is_null() { json!({}) } else { schema.clone() } }))
                })
                .collect();
            new.insert("content".to_owned(), Json::Object(content));
            for (key, value) in body.as_object().into_iter().flatten() {
                let says = match key.as_str() {
                    "description" => value.as_str() != Some(""),
                    "required" => value.as_bool() == Some(true),
                    _ => key.starts_with("x-"),
                };
                if says {
                    new.insert(key.clone(), value.clone());
                }
            }
            return Some(Json::Object(new));
        }
        let fields: Vec<&Json> = parameters
            .iter()
            .filter(|parameter| self.place(parameter) == "formData")
            .map(|parameter| resolve(self.old, parameter))
            .collect();
        if fields.is_empty() {
            return None;
        }
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let mut has_file = false;
        for field in fields {
            let name = field.get("name").and_then(Json::as_str).unwrap_or_default();
            let mut property = Map::new();
            carry(field, &mut property, &["description"]);
            let file = field.get("type").and_then(Json::as_str) == Some("file");
            has_file |= file;
            carry_schema(field, &mut property, lost);
            for (key, value) in
                field.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("x-") && *key != "x-nullable")
            {
                let key = if key == "x-example" { "example" } else { key.as_str() };
                property.insert(key.to_owned(), value.clone());
            }
            properties.insert(name.to_owned(), Json::Object(property));
            if field.get("required") == Some(&Json::Bool(true)) {
                required.push(Json::String(name.to_owned()));
            }
        }
        let mut form = Map::new();
        form.insert("type".to_owned(), json!("object"));
        form.insert("properties".to_owned(), Json::Object(properties));
        if !required.is_empty() {
            form.insert("required".to_owned(), Json::Array(required.clone()));
        }
        let is_form = |kind: &&String| {
            kind.as_str() == "application/x-www-form-urlencoded" || kind.as_str() == "multipart/form-data"
        };
        // A file does not fit into an encoded line.
        let takes = |kind: &&String| is_form(kind) && (!has_file || kind.starts_with("multipart"));
        let mut types: Vec<String> = consumes.iter().filter(takes).cloned().collect();
        if types.is_empty() {
            types.push(if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" }.to_owned());
        }
        let content: Map<String, Json> = types.into_iter().map(|kind| (kind, json!({ "schema": form }))).collect();
        let mut new = Map::new();
        new.insert("content".to_owned(), Json::Object(content));
        if !required.is_empty() {
            new.insert("required".to_owned(), Json::Bool(true));
        }
        Some(Json::Object(new))
    }

    fn parameter(old: &Json, lost: &mut Vec<String>) -> Json {
        if old.get("$ref").is_some() {
            return old.clone();
        }
        let mut new = Map::new();
        for (key, value) in old.as_object().into_iter().flatten() {
            if !SCHEMA_KEYS.contains(&key.as_str()) && key != "collectionFormat" {
                let value = if key == "schema" { schema(value, lost) } else { value.clone() };
                new.insert(modern(key, value.is_boolean()).to_owned(), value);
            }
        }
        if old.get("in").and_then(Json::as_str) == Some("path") {
            new.insert("required".to_owned(), Json::Bool(true));
        }
        if new.get("schema").is_none() {
            let mut schema = Map::new();
            carry_schema(old, &mut schema, lost);
            // What travels as text and has no other type is one.
            if old.get("type").is_none() {
                schema.insert("type".to_owned(), json!("string"));
            }
            new.insert("schema".to_owned(), Json::Object(schema));
        }
        let place = old.get("in").and_then(Json::as_str).unwrap_or_default();
        if old.get("type").and_then(Json::as_str) == Some("array") {
            // Swagger's default is csv everywhere; a form of OpenAPI 3 repeats its name unless it is told not to.
            let style = match (old.get("collectionFormat").and_then(Json::as_str).unwrap_or("csv"), place) {
                ("multi", _) => Some(("", Some(true))),
                ("csv", "query" | "cookie") => Some(("form", Some(false))),
                ("csv", _) => Some(("simple", None)),
                ("ssv", "query") => Some(("spaceDelimited", None)),
                ("pipes", "query") => Some(("pipeDelimited", None)),
                (other, _) => {
                    lost.push(format!("collectionFormat `{other}`, which OpenAPI 3 lacks in {place}"));
                    if other == "tsv" {
                        new.insert("x-collectionFormat".to_owned(), json!("tsv"));
                    }
                    None
                }
            };
            if let Some((style, explode)) = style {
                // A form is what a query has unless it says otherwise.
                if !style.is_empty() {
                    new.insert("style".to_owned(), json!(style));
                }
                if let Some(explode) = explode {
                    new.insert("explode".to_owned(), json!(explode));
                }
            }
        }
        Json::Object(new)
    }

    fn response(old: &Json, produces: &[String], lost: &mut Vec<String>) -> Json {
        if old.get("$ref").is_some() || old.is_null() {
            return old.clone();
        }
        let mut new = Map::new();
        for (key, value) in old.as_object().into_iter().flatten() {
            match key.as_str() {
                "schema" | "examples" => {}
                "headers" => {
                    let headers: Map<String, Json> = value
                        .as_object()
                        .into_iter()
                        .flatten()
                        // The status is no header.
                        .filter(|(name, _)| !name.eq_ignore_ascii_case("status code"))
                        .map(|(name, header)| (name.clone(), header_of(header, lost)))
                        .collect();
                    new.insert(key.clone(), Json::Object(headers));
                }
                _ => {
                    new.insert(key.clone(), value.clone());
                }
            }
        }
        new.entry("description").or_insert_with(|| json!(""));
        let mut content = Map::new();
        if let Some(value) = old.get("schema").filter(|value| !value.is_null()) {
            let schema = schema(value, lost);
            let any = vec!["*/*".to_owned()];
            for kind in if produces.is_empty() { &any } else { produces } {
                content.insert(kind.clone(), json!({ "schema": schema }));
            }
        }
        for (kind, example) in old.get("examples").and_then(Json::as_object).into_iter().flatten() {
            let media = content.entry(kind.clone()).or_insert_with(|| json!({}));
            if let Json::Object(media) = media {
                media.insert("examples".to_owned(), json!({ "response": { "value": example } }));
            }
        }
        if !content.is_empty() {
            new.insert("content".to_owned(), Json::Object(content));
        }
        Json::Object(new)
    }

    fn components(&self, lost: &mut Vec<String>) -> Json {
        let mut new = Map::new();
        let names = self.names();
        let named = |section: &'static str| {
            let names = names.get(section);
            self.old
                .get(section)
                .and_then(Json::as_object)
                .into_iter()
                .flatten()
                .map(move |(name, value)| (names.and_then(|names| names.get(name)).unwrap_or(name).clone(), value))
        };
        let mut put = |key: &str, map: Map<String, Json>| {
            if !map.is_empty() {
                new.insert(key.to_owned(), Json::Object(map));
            }
        };
        let mut plain = Map::new();
        let mut bodies = Map::new();
        for (name, parameter) in named("parameters") {
            if self.is_plain(parameter) {
                plain.insert(name, Self::parameter(parameter, lost));
            } else if let Some(body) = self.body(&[parameter], &self.consumes, lost) {
                bodies.insert(name, body);
            }
        }
        put("parameters", plain);
        put("requestBodies", bodies);
        let responses =
            named("responses").map(|(name, response)| (name, Self::response(response, &self.produces, lost))).collect();
        put("responses", responses);
        put("securitySchemes", named("securityDefinitions").map(|(name, scheme)| (name, security(scheme))).collect());
        put("schemas", named("definitions").map(|(name, value)| (name, schema(value, lost))).collect());
        Json::Object(new)
    }
}

fn list(owner: &Json, key: &str) -> Vec<Json> {
    owner.get(key).and_then(Json::as_array).cloned().unwrap_or_default()
}

fn carry(from: &Json, to: &mut Map<String, Json>, keys: &[&str]) {
    for key in keys {
        if let Some(value) = from.get(*key) {
            to.insert((*key).to_owned(), value.clone());
        }
    }
}

fn carry_schema(from: &Json, to: &mut Map<String, Json>, lost: &mut Vec<String>) {
    let mut own = Map::new();
    carry(from, &mut own, &SCHEMA_KEYS);
    if let Json::Object(own) = schema(&Json::Object(own), lost) {
        to.extend(own);
    }
}

fn header_of(old: &Json, lost: &mut Vec<String>) -> Json {
    let mut new = Map::new();
    for (key, value) in old.as_object().into_iter().flatten() {
        if !SCHEMA_KEYS.contains(&key.as_str()) && key != "collectionFormat" {
            new.insert(key.clone(), value.clone());
        }
    }
    if old.get("type").is_none() {
        return old.clone();
    }
    let mut schema = Map::new();
    carry_schema(old, &mut schema, lost);
    new.insert("schema".to_owned(), Json::Object(schema));
    if old.get("type").and_then(Json::as_str) == Some("array") {
        match old.get("collectionFormat").and_then(Json::as_str).unwrap_or("csv") {
            "csv" => {
                new.insert("style".to_owned(), json!("simple"));
            }
            "multi" => {
                new.insert("explode".to_owned(), json!(true));
            }
            other => {
                lost.push(format!("collectionFormat `{other}`, which OpenAPI 3 lacks in headers"));
                if other == "tsv" {
                    new.insert("x-collectionFormat".to_owned(), json!("tsv"));
                }
            }
        }
    }
    Json::Object(new)
}

// What an extension that foresaw OpenAPI 3 is called there.
fn modern(key: &str, is_boolean: bool) -> &str {
    match key {
        "x-deprecated" if is_boolean => "deprecated",
        "x-example" => "example",
        other => other,
    }
}

fn security(old: &Json) -> Json {
    let mut new = Map::new();
    let kind = old.get("type").and_then(Json::as_str).unwrap_or_default();
    for (key, value) in old.as_object().into_iter().flatten() {
        match (kind, key.as_str()) {
            ("basic", "type") => {
                new.insert("type".to_owned(), json!("http"));
                new.insert("scheme".to_owned(), json!("basic"));
            }
            ("oauth2", "flow" | "authorizationUrl" | "tokenUrl" | "scopes" | "name") => {}
            _ => {
                new.insert(key.clone(), value.clone());
            }
        }
    }
    if kind == "oauth2" {
        let flow = match old.get("flow").and_then(Json::as_str).unwrap_or_default() {
            "application" => "clientCredentials",
            "accessCode" => "authorizationCode",
            other => other,
        };
        let mut body = Map::new();
        for key in ["authorizationUrl", "tokenUrl"] {
            if let Some(url) = old.get(key) {
                let url = if url.as_str().is_some_and(|url| url.trim().is_empty()) { json!("/") } else { url.clone() };
                body.insert(key.to_owned(), url);
            }
        }
        body.insert("scopes".to_owned(), old.get("scopes").cloned().unwrap_or_else(|| json!({})));
        new.insert("flows".to_owned(), json!({ flow: body }));
    }
    Json::Object(new)
}

/// A schema of Swagger as OpenAPI 3.0 has it.
fn schema(old: &Json, lost: &mut Vec<String>) -> Json {
    let Json::Object(members) = old else { return old.clone() };
    let mut new = Map::new();
    for (key, value) in members {
        match (key.as_str(), value) {
            ("x-nullable", Json::Bool(value)) => {
                new.insert("nullable".to_owned(), Json::Bool(*value));
            }
            ("discriminator", Json::String(name)) => {
                new.insert(key.clone(), json!({ "propertyName": name }));
            }
            ("type", Json::String(kind)) if kind == "file" => {
                new.insert("type".to_owned(), json!("string"));
                new.insert("format".to_owned(), json!("binary"));
            }
            ("type", Json::Array(kinds)) => {
                let own: Vec<&Json> = kinds.iter().filter(|kind| kind.as_str() != Some("null")).collect();
                if own.len() < kinds.len() {
                    new.insert("nullable".to_owned(), json!(true));
                }
                if let [only] = own.as_slice() {
                    new.insert(key.clone(), (*only).clone());
                } else {
                    let alone = |kind: &&Json| schema(&json!({ "type": kind }), &mut Vec::new());
                    let overlap = ["integer", "number"].iter().all(|number| kinds.contains(&json!(number)));
                    let join = if overlap { "anyOf" } else { "oneOf" };
                    new.insert(join.to_owned(), Json::Array(own.iter().map(alone).collect()));
                }
            }
            ("properties" | "patternProperties" | "definitions", Json::Object(named)) => {
                new.insert(
                    key.clone(),
                    Json::Object(named.iter().map(|(name, value)| (name.clone(), schema(value, lost))).collect()),
                );
            }
            ("items" | "additionalItems" | "additionalProperties" | "not" | "x-not", Json::Object(_)) => {
                new.insert(key.strip_prefix("x-").unwrap_or(key).to_owned(), schema(value, lost));
            }
            // A tuple: each item is one of these.
            ("items", Json::Array(items)) => {
                let mut items: Vec<Json> = items.iter().map(|item| schema(item, lost)).collect();
                let one = match items.len() {
                    0 => json!({}),
                    1 => items.swap_remove(0),
                    _ => json!({ "anyOf": items }),
                };
                new.insert(key.clone(), one);
            }
            ("allOf" | "anyOf" | "oneOf" | "x-anyOf" | "x-oneOf", Json::Array(items)) => {
                let items = items.iter().map(|item| schema(item, lost)).collect();
                new.insert(key.strip_prefix("x-").unwrap_or(key).to_owned(), Json::Array(items));
            }
            ("x-discriminator", Json::Object(choice)) if choice.get("propertyName").is_some_and(Json::is_string) => {
                let mut choice = choice.clone();
                for target in choice.get_mut("mapping").and_then(Json::as_object_mut).into_iter().flatten() {
                    let moved = target.1.as_str().and_then(|target| target.strip_prefix("#/definitions/"));
                    if let Some(name) = moved.map(component_name) {
                        *target.1 = Json::String(format!("#/components/schemas/{name}"));
                    }
                }
                new.insert("discriminator".to_owned(), Json::Object(choice));
            }
            ("type", Json::String(kind)) if kind == "null" => {
                new.insert("nullable".to_owned(), json!(true));
            }
            ("required", Json::Bool(_)) => lost.push("`required` of a property that is true or false".to_owned()),
            ("allowEmptyValue", _) => {}
            ("collectionFormat", _) => lost.push(format!("collectionFormat inside items: {value}")),
            _ => {
                new.insert(key.clone(), value.clone());
            }
        }
    }
    // Lists say what they hold in OpenAPI 3.
    if new.get("type").and_then(Json::as_str) == Some("array") && !new.contains_key("items") {
        new.insert("items".to_owned(), json!({}));
    }
    Json::Object(new)
}

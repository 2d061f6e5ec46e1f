//! Swagger 2.0 to OpenAPI 3.0: bodies and forms become request bodies, types become schemas, hosts become servers.

use super::value::{resolve, rewrite};
use serde_json::{Map, Value as Json, json};

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
            | "paths" => {}
            _ => {
                new.insert(key.clone(), value.clone());
            }
        }
    }
    if let Some(servers) = servers(old) {
        new.insert("servers".to_owned(), servers);
    }
    let texts = |owner: &Json, key: &str| -> Option<Vec<String>> {
        Some(owner.get(key)?.as_array()?.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
    };
    let whole = Whole {
        old,
        consumes: texts(old, "consumes").unwrap_or_default(),
        produces: texts(old, "produces").unwrap_or_default(),
    };
    let mut paths = Map::new();
    for (path, item) in old.get("paths").and_then(Json::as_object).into_iter().flatten() {
        let value = if path.starts_with("x-") { item.clone() } else { whole.path_item(item, lost) };
        paths.insert(path.clone(), value);
    }
    new.insert("paths".to_owned(), Json::Object(paths));
    let components = whole.components(lost);
    if components.as_object().is_some_and(|components| !components.is_empty()) {
        new.insert("components".to_owned(), components);
    }
    let mut new = Json::Object(new);
    rewrite(&mut new, &|reference| {
        let places = [
            ("#/definitions/", "#/components/schemas/"),
            ("#/parameters/", "#/components/parameters/"),
            ("#/responses/", "#/components/responses/"),
        ];
        let (from, to) = places.into_iter().find(|(from, _)| reference.starts_with(from))?;
        Some(reference.replacen(from, to, 1))
    });
    new
}

fn servers(old: &Json) -> Option<Json> {
    let word = |key: &str| old.get(key).and_then(Json::as_str).unwrap_or_default();
    let (host, base) = (word("host").trim_end_matches('/'), word("basePath"));
    let base = base.strip_suffix('/').unwrap_or(base);
    if host.is_empty() {
        let url = if base.is_empty() { "/" } else { base };
        return old.get("basePath").map(|_| json!([{ "url": url }]));
    }
    let schemes: Vec<&str> =
        old.get("schemes").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    if schemes.is_empty() {
        return Some(json!([{ "url": format!("//{host}{base}") }]));
    }
    Some(Json::Array(schemes.iter().map(|scheme| json!({ "url": format!("{scheme}://{host}{base}") })).collect()))
}

struct Whole<'v> {
    old: &'v Json,
    consumes: Vec<String>,
    produces: Vec<String>,
}

impl Whole<'_> {
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
        let media = |key: &str, whole: &[String]| -> Vec<String> {
            match old.get(key).and_then(Json::as_array) {
                Some(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
                None => whole.to_vec(),
            }
        };
        let (consumes, produces) = (media("consumes", &self.consumes), media("produces", &self.produces));
        let own = list(old, "parameters");
        let mut new = Map::new();
        for (key, value) in old.as_object().into_iter().flatten() {
            match key.as_str() {
                "consumes" | "produces" | "schemes" => {}
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
        if old.get("schemes").is_some() {
            lost.push("schemes of single operations: servers hold for all".to_owned());
        }
        Json::Object(new)
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
                .map(|kind| (kind.clone(), if schema.is_null() { json!({}) } else { json!({ "schema": schema }) }))
                .collect();
            new.insert("content".to_owned(), Json::Object(content));
            carry(body, &mut new, &["description", "required"]);
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
                property.insert(key.clone(), value.clone());
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
        let mut types: Vec<String> = consumes.iter().filter(is_form).cloned().collect();
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
                new.insert(key.clone(), value);
            }
        }
        if old.get("in").and_then(Json::as_str) == Some("path") {
            new.insert("required".to_owned(), Json::Bool(true));
        }
        if new.get("schema").is_none() {
            let mut schema = Map::new();
            carry_schema(old, &mut schema, lost);
            new.insert("schema".to_owned(), Json::Object(schema));
        }
        let place = old.get("in").and_then(Json::as_str).unwrap_or_default();
        if old.get("type").and_then(Json::as_str) == Some("array") {
            // What Swagger calls csv is the default of the place.
            let style = match (old.get("collectionFormat").and_then(Json::as_str), place) {
                (Some("multi"), _) => Some(("", Some(true))),
                (Some("csv"), "query" | "cookie") => Some(("form", Some(false))),
                (None, "query") => None,
                (Some("csv"), _) => Some(("simple", None)),
                (Some("ssv"), _) => Some(("spaceDelimited", None)),
                (Some("pipes"), _) => Some(("pipeDelimited", None)),
                (Some(other), _) => {
                    lost.push(format!("collectionFormat `{other}`, which OpenAPI 3 lacks"));
                    None
                }
                (None, _) => None,
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
        if old.get("$ref").is_some() {
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
        if let Some(value) = old.get("schema") {
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
        let named = |key: &str| self.old.get(key).and_then(Json::as_object).into_iter().flatten();
        let mut put = |key: &str, map: Map<String, Json>| {
            if !map.is_empty() {
                new.insert(key.to_owned(), Json::Object(map));
            }
        };
        let mut plain = Map::new();
        let mut bodies = Map::new();
        for (name, parameter) in named("parameters") {
            if self.is_plain(parameter) {
                plain.insert(name.clone(), Self::parameter(parameter, lost));
            } else if let Some(body) = self.body(&[parameter], &self.consumes, lost) {
                bodies.insert(name.clone(), body);
            }
        }
        put("parameters", plain);
        put("requestBodies", bodies);
        put(
            "responses",
            named("responses")
                .map(|(name, response)| (name.clone(), Self::response(response, &self.produces, lost)))
                .collect(),
        );
        put(
            "securitySchemes",
            named("securityDefinitions").map(|(name, scheme)| (name.clone(), security(scheme))).collect(),
        );
        put("schemas", named("definitions").map(|(name, value)| (name.clone(), schema(value, lost))).collect());
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
    let mut schema = Map::new();
    carry_schema(old, &mut schema, lost);
    new.insert("schema".to_owned(), Json::Object(schema));
    Json::Object(new)
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
            ("oauth2", "flow" | "authorizationUrl" | "tokenUrl" | "scopes") => {}
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
        carry(old, &mut body, &["authorizationUrl", "tokenUrl"]);
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
                match own.as_slice() {
                    [only] => {
                        new.insert(key.clone(), (*only).clone());
                    }
                    _ => {
                        new.insert(
                            "anyOf".to_owned(),
                            Json::Array(own.iter().map(|kind| json!({ "type": kind })).collect()),
                        );
                    }
                }
            }
            ("properties" | "patternProperties" | "definitions", Json::Object(named)) => {
                new.insert(
                    key.clone(),
                    Json::Object(named.iter().map(|(name, value)| (name.clone(), schema(value, lost))).collect()),
                );
            }
            ("items" | "additionalProperties" | "not", Json::Object(_)) => {
                new.insert(key.clone(), schema(value, lost));
            }
            ("allOf" | "anyOf" | "oneOf", Json::Array(items)) => {
                new.insert(key.clone(), Json::Array(items.iter().map(|item| schema(item, lost)).collect()));
            }
            ("collectionFormat", _) => lost.push(format!("collectionFormat inside items: {value}")),
            _ => {
                new.insert(key.clone(), value.clone());
            }
        }
    }
    Json::Object(new)
}

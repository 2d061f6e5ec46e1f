//! Recorded or collected requests (HAR 1.2, Postman Collection 2) to OpenAPI 3.1: paths with their variable steps folded, and
//! schemas inferred from what was sent and answered.

use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Deepest nesting of a value whose schema is inferred.
const MAX_INFERRED_DEPTH: usize = 40;
/// Deepest nesting of folders in a collection.
const MAX_FOLDERS: usize = 40;
/// Headers that say nothing of an API.
const COMMON_HEADERS: [&str; 16] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "host",
    "origin",
    "pragma",
    "referer",
    "user-agent",
    "dnt",
];

/// One request, with what was answered.
#[derive(Debug, Default)]
struct Request {
    name: String,
    method: String,
    origin: String,
    /// Steps of the path; a variable one as `{name}`.
    steps: Vec<String>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<(String, String)>,
    tag: Option<String>,
    responses: Vec<(String, Option<(String, String)>)>,
}

/// Converts a HAR file.
pub(super) fn from_har(har: &Json) -> Json {
    let mut requests = Vec::new();
    for entry in har.pointer("/log/entries").and_then(Json::as_array).into_iter().flatten() {
        let asked = &entry["request"];
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let mut request = Request { method: text(&asked["method"]).to_lowercase(), ..Request::default() };
        (request.origin, request.steps, request.query) = split_url(&text(&asked["url"]));
        let headers = asked["headers"].as_array().into_iter().flatten();
        request.headers = headers.map(|pair| (text(&pair["name"]), text(&pair["value"]))).collect();
        if let Some(body) = asked.get("postData") {
            request.body = Some((media(&text(&body["mimeType"])), text(&body["text"])));
        }
        let answered = &entry["response"];
        let status = answered["status"].as_u64().unwrap_or(0);
        let content = &answered["content"];
        let kind = media(&text(&content["mimeType"]));
        let body = (!kind.is_empty()).then(|| (kind, text(&content["text"])));
        request.responses.push((status.to_string(), body));
        requests.push(request);
    }
    build(&text_or(har.pointer("/log/pages/0/title"), "Recorded API"), requests)
}

/// Converts a Postman collection.
pub(super) fn from_postman(collection: &Json) -> Json {
    let mut requests = Vec::new();
    collect(collection, None, 0, &mut requests);
    build(&text_or(collection.pointer("/info/name"), "Collected API"), requests)
}

fn text_or(value: Option<&Json>, otherwise: &str) -> String {
    value.and_then(Json::as_str).filter(|text| !text.is_empty()).unwrap_or(otherwise).to_owned()
}

fn collect(folder: &Json, tag: Option<&str>, depth: usize, requests: &mut Vec<Request>) {
    if depth > MAX_FOLDERS {
        return;
    }
    for item in folder["item"].as_array().into_iter().flatten() {
        if item.get("item").is_some() {
            collect(item, tag.or_else(|| item["name"].as_str()), depth + 1, requests);
            continue;
        }
        let asked = &item["request"];
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let url = asked["url"]
            .as_str()
            .or_else(|| asked["url"]["raw"].as_str())
            .or_else(|| asked.as_str())
            .unwrap_or_default();
        let mut request = Request {
            name: text(&item["name"]),
            method: asked["method"].as_str().unwrap_or("GET").to_lowercase(),
            tag: tag.map(str::to_owned),
            ..Request::default()
        };
        (request.origin, request.steps, request.query) = split_url(url);
        for header in asked["header"].as_array().into_iter().flatten().filter(|header| header["disabled"] != true) {
            request.headers.push((text(&header["key"]), text(&header["value"])));
        }
        let body = &asked["body"];
        request.body = match body["mode"].as_str() {
            Some("raw") => {
                let language = body.pointer("/options/raw/language").and_then(Json::as_str).unwrap_or("json");
                Some((
                    if language == "json" { "application/json".to_owned() } else { format!("text/{language}") },
                    text(&body["raw"]),
                ))
            }
            Some(mode @ ("urlencoded" | "formdata")) => {
                let fields: Map<String, Json> = body[mode]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|field| (text(&field["key"]), field["value"].clone()))
                    .collect();
                let kind = if mode == "formdata" { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
                Some((kind.to_owned(), Json::Object(fields).to_string()))
            }
            _ => None,
        };
        for response in item["response"].as_array().into_iter().flatten() {
            let status = response["code"].as_u64().unwrap_or(200).to_string();
            let kind = response["header"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|header| header["key"].as_str().is_some_and(|key| key.eq_ignore_ascii_case("content-type")));
            let kind = kind.map_or_else(|| "application/json".to_owned(), |header| media(&text(&header["value"])));
            let body = response["body"].as_str().filter(|body| !body.is_empty()).map(|body| (kind, body.to_owned()));
            request.responses.push((status, body));
        }
        requests.push(request);
    }
}

fn media(text: &str) -> String {
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

type Parts = (String, Vec<String>, Vec<(String, String)>);

fn split_url(url: &str) -> Parts {
    let (main, query) = url.split_once('?').unwrap_or((url, ""));
    let query = query.split('#').next().unwrap_or_default();
    let (origin, path) = if let Some((scheme, rest)) = main.split_once("://") {
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(at);
        (format!("{scheme}://{host}"), path)
    } else {
        // `{{base}}/a`, as collections have it.
        let at = main.find('/').unwrap_or(main.len());
        let (host, path) = main.split_at(at);
        (host.to_owned(), path)
    };
    let steps =
        path.split('#').next().unwrap_or_default().split('/').filter(|step| !step.is_empty()).map(step_of).collect();
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    });
    (origin.replace("{{", "{").replace("}}", "}"), steps, pairs.collect())
}

// A step that varies: a variable of a collection, a number, a UUID or a long hexadecimal text.
fn step_of(step: &str) -> String {
    if let Some(name) = step.strip_prefix(':') {
        return format!("{{{name}}}");
    }
    if let Some(name) = step.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
        return format!("{{{name}}}");
    }
    let digits = step.bytes().all(|b| b.is_ascii_digit());
    let hex = step.len() >= 16
        && step.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && step.bytes().any(|b| b.is_ascii_digit());
    if digits || hex { "{id}".to_owned() } else { step.to_owned() }
}

fn build(title: &str, requests: Vec<Request>) -> Json {
    let mut servers: Vec<String> = Vec::new();
    let mut grouped: BTreeMap<(String, String), Vec<Request>> = BTreeMap::new();
    let mut order: Vec<(String, String)> = Vec::new();
    for mut request in requests {
        if !["get", "put", "post", "delete", "options", "head", "patch", "trace"].contains(&request.method.as_str()) {
            continue;
        }
        if !request.origin.is_empty() && !servers.contains(&request.origin) {
            servers.push(request.origin.clone());
        }
        name_steps(&mut request.steps);
        let key = (format!("/{}", request.steps.join("/")), request.method.clone());
        if !grouped.contains_key(&key) {
            order.push(key.clone());
        }
        grouped.entry(key).or_default().push(request);
    }
    let mut paths = Map::new();
    for key in order {
        let Some(same) = grouped.get(&key) else { continue };
        let item = paths.entry(key.0.clone()).or_insert_with(|| json!({}));
        if let Json::Object(item) = item {
            item.insert(key.1.clone(), operation(&key.0, &key.1, same));
        }
    }
    let servers: Vec<Json> = servers
        .iter()
        .map(|origin| {
            let names: Vec<&str> =
                origin.split('{').skip(1).filter_map(|piece| piece.split_once('}').map(|(name, _)| name)).collect();
            if names.is_empty() {
                return json!({ "url": origin });
            }
            let variables: Map<String, Json> =
                names.iter().map(|name| ((*name).to_owned(), json!({ "default": "" }))).collect();
            json!({ "url": origin, "variables": variables })
        })
        .collect();
    json!({ "openapi": "3.1.0", "info": { "title": title, "version": "1.0.0" }, "servers": servers, "paths": paths })
}

// `/users/{id}/posts/{id}` has two ids: each is called after the step before it.
fn name_steps(steps: &mut [String]) {
    let several = steps.iter().filter(|step| *step == "{id}").count() > 1;
    for at in 0..steps.len() {
        if !several || steps.get(at).is_none_or(|step| step != "{id}") {
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| steps.get(before)).map_or("item", String::as_str);
        let plain: String = before.trim_end_matches('s').chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("{{{}Id}}", if plain.is_empty() { format!("item{at}") } else { plain });
        if let Some(step) = steps.get_mut(at) {
            *step = name;
        }
    }
}

fn operation(path: &str, method: &str, same: &[Request]) -> Json {
    let mut parameters: Vec<Json> = path
        .split('{')
        .skip(1)
        .filter_map(|piece| piece.split_once('}'))
        .map(|(name, _)| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let mut add = |place: &str, name: &str, values: &[&str]| {
        let required = values.len() >= same.len();
        let schema = values.iter().map(|value| infer_text(value)).reduce(merge).unwrap_or_else(|| json!({}));
        parameters.push(json!({ "name": name, "in": place, "required": required, "schema": schema }));
    };
    let mut queries: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut headers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for request in same {
        request.query.iter().for_each(|(name, value)| queries.entry(name).or_default().push(value));
        for (name, value) in &request.headers {
            let name = name.to_ascii_lowercase();
            if !name.starts_with(':')
                && !name.starts_with("sec-")
                && !COMMON_HEADERS.contains(&name.as_str())
                && !name.is_empty()
            {
                headers.entry(name).or_default().push(value);
            }
        }
    }
    queries.iter().for_each(|(name, values)| add("query", name, values));
    headers.iter().for_each(|(name, values)| add("header", name, values));
    let first = same.first();
    let mut new = Map::new();
    if let Some(name) = first.map(|request| &request.name).filter(|name| !name.is_empty()) {
        new.insert("summary".to_owned(), json!(name));
    }
    if let Some(tag) = first.and_then(|request| request.tag.as_ref()) {
        new.insert("tags".to_owned(), json!([tag]));
    }
    new.insert("operationId".to_owned(), json!(operation_id(path, method)));
    if !parameters.is_empty() {
        new.insert("parameters".to_owned(), Json::Array(parameters));
    }
    let bodies: Vec<&(String, String)> = same.iter().filter_map(|request| request.body.as_ref()).collect();
    if !bodies.is_empty() {
        new.insert("requestBody".to_owned(), json!({ "content": content(&bodies) }));
    }
    let mut responses: BTreeMap<String, Vec<&(String, String)>> = BTreeMap::new();
    for (status, body) in same.iter().flat_map(|request| &request.responses) {
        let status = if status.len() == 3 { status.clone() } else { "default".to_owned() };
        let list = responses.entry(status).or_default();
        list.extend(body.as_ref());
    }
    let mut told = Map::new();
    for (status, bodies) in responses {
        let mut response = Map::new();
        response.insert("description".to_owned(), json!(if status.starts_with('2') { "Success" } else { "Response" }));
        if !bodies.is_empty() {
            response.insert("content".to_owned(), content(&bodies));
        }
        told.insert(status, Json::Object(response));
    }
    if told.is_empty() {
        told.insert("default".to_owned(), json!({ "description": "Not recorded" }));
    }
    new.insert("responses".to_owned(), Json::Object(told));
    Json::Object(new)
}

fn operation_id(path: &str, method: &str) -> String {
    let mut id = method.to_owned();
    for word in path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        id.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        id.push_str(chars.as_str());
    }
    id
}

fn content(bodies: &[&(String, String)]) -> Json {
    let mut by_kind: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for (kind, text) in bodies {
        let kind = if kind.is_empty() { "application/json" } else { kind };
        let is_json = kind.ends_with("json") || kind.contains("form");
        let schema = if is_json {
            serde_json::from_str::<Json>(text).map_or_else(|_| json!({}), |value| infer(&value, 0))
        } else {
            json!({ "type": "string" })
        };
        by_kind.entry(kind).or_default().push(schema);
    }
    let media = by_kind.into_iter().map(|(kind, schemas)| {
        let schema = schemas.into_iter().reduce(merge).unwrap_or_else(|| json!({}));
        (kind.to_owned(), json!({ "schema": schema }))
    });
    Json::Object(media.collect())
}

fn infer_text(value: &str) -> Json {
    if value == "true" || value == "false" {
        json!({ "type": "boolean" })
    } else if !value.is_empty() && value.len() < 16 && value.bytes().all(|b| b.is_ascii_digit()) {
        json!({ "type": "integer" })
    } else {
        json!({ "type": "string" })
    }
}

/// The schema of a value.
pub(super) fn infer(value: &Json, depth: usize) -> Json {
    if depth > MAX_INFERRED_DEPTH {
        return json!({});
    }
    match value {
        Json::Null => json!({ "type": "null" }),
        Json::Bool(_) => json!({ "type": "boolean" }),
        Json::Number(number) if number.is_f64() => json!({ "type": "number" }),
        Json::Number(_) => json!({ "type": "integer" }),
        Json::String(_) => json!({ "type": "string" }),
        Json::Array(items) => {
            let inner = items.iter().map(|item| infer(item, depth + 1)).reduce(merge);
            inner.map_or_else(
                || json!({ "type": "array", "items": {} }),
                |inner| json!({ "type": "array", "items": inner }),
            )
        }
        Json::Object(members) => {
            let properties: Map<String, Json> =
                members.iter().map(|(name, value)| (name.clone(), infer(value, depth + 1))).collect();
            let required: Vec<&String> = members.keys().collect();
            if required.is_empty() {
                json!({ "type": "object" })
            } else {
                json!({ "type": "object", "properties": properties, "required": required })
            }
        }
    }
}

// A schema that takes what either takes.
#[expect(clippy::needless_pass_by_value, reason = "both become part of the result")]
fn merge(one: Json, other: Json) -> Json {
    if one == other {
        return one;
    }
    let kinds = |schema: &Json| -> Vec<String> {
        match &schema["type"] {
            Json::String(kind) => vec![kind.clone()],
            Json::Array(kinds) => kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        }
    };
    let (mut all, others) = (kinds(&one), kinds(&other));
    if all.is_empty() || others.is_empty() {
        return json!({});
    }
    for kind in others {
        if !all.contains(&kind) {
            all.push(kind);
        }
    }
    if all.contains(&"number".to_owned()) {
        all.retain(|kind| kind != "integer");
    }
    all.sort();
    let mut new = Map::new();
    new.insert("type".to_owned(), if let [only] = all.as_slice() { json!(only) } else { json!(all) });
    let has = |schema: &Json, key: &str| schema.get(key).is_some();
    if has(&one, "properties") || has(&other, "properties") {
        let mut properties = one["properties"].as_object().cloned().unwrap_or_default();
        for (name, value) in other["properties"].as_object().into_iter().flatten() {
            let merged = match properties.remove(name) {
                Some(known) => merge(known, value.clone()),
                None => value.clone(),
            };
            properties.insert(name.clone(), merged);
        }
        new.insert("properties".to_owned(), Json::Object(properties));
        let both_objects = kinds(&one).contains(&"object".to_owned()) && kinds(&other).contains(&"object".to_owned());
        let names = |schema: &Json| schema["required"].as_array().cloned().unwrap_or_default();
        let required: Vec<Json> = if both_objects {
            let others = names(&other);
            names(&one).into_iter().filter(|name| others.contains(name)).collect()
        } else {
            names(&one).into_iter().chain(names(&other)).collect()
        };
        if !required.is_empty() {
            new.insert("required".to_owned(), Json::Array(required));
        }
    }
    match (one.get("items"), other.get("items")) {
        (Some(a), Some(b)) => {
            let items = match (a.as_object().is_some_and(Map::is_empty), b.as_object().is_some_and(Map::is_empty)) {
                (true, _) => b.clone(),
                (_, true) => a.clone(),
                _ => merge(a.clone(), b.clone()),
            };
            new.insert("items".to_owned(), items);
        }
        (Some(items), None) | (None, Some(items)) => {
            new.insert("items".to_owned(), items.clone());
        }
        (None, None) => {}
    }
    Json::Object(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_of_several_values_take_each() {
        let schema = ["{\"a\": 1, \"b\": null}", "{\"a\": 1.5, \"c\": [1, \"x\"]}"]
            .iter()
            .map(|text| infer(&serde_json::from_str(text).expect("JSON"), 0))
            .reduce(merge)
            .expect("two");
        assert_eq!(schema["properties"]["a"], json!({"type": "number"}));
        assert_eq!(schema["required"], json!(["a"]));
        assert_eq!(schema["properties"]["c"]["items"], json!({"type": ["integer", "string"]}));
    }

    #[test]
    fn urls_are_taken_apart() {
        let (origin, steps, query) = split_url("https://a.test/users/42/posts/7?x=1&y");
        assert_eq!(origin, "https://a.test");
        assert_eq!(steps, ["users", "{id}", "posts", "{id}"]);
        assert_eq!(query, [("x".to_owned(), "1".to_owned()), ("y".to_owned(), String::new())]);
        let mut steps = steps;
        name_steps(&mut steps);
        assert_eq!(steps.join("/"), "users/{userId}/posts/{postId}");
        assert_eq!(split_url("{{base}}/a/:id").0, "{base}");
    }
}

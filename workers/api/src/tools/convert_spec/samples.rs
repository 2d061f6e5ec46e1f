//! Sample requests: one `curl` command for each operation, with values made from examples, defaults and types.

use super::value::resolve;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// Deepest nesting of a made value.
const MAX_DEPTH: usize = 5;
/// Most properties of a made object: what a reader still takes in.
const MAX_PROPERTIES: usize = 60;

/// The commands of a document, an empty line between them.
pub(super) fn requests(root: &Json) -> String {
    let server = root.pointer("/servers/0/url").and_then(Json::as_str).unwrap_or("https://api.example.com").to_owned();
    let server = match root.pointer("/servers/0/variables").and_then(Json::as_object) {
        Some(variables) => variables.iter().fold(server, |url, (name, variable)| {
            url.replace(&format!("{{{name}}}"), variable["default"].as_str().unwrap_or_default())
        }),
        None => server,
    };
    let mut out = String::new();
    for (path, item) in root["paths"].as_object().into_iter().flatten() {
        let item = resolve(root, item);
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            command(&mut out, root, server.trim_end_matches('/'), path, item, method, operation);
        }
    }
    out
}

fn command(out: &mut String, root: &Json, server: &str, path: &str, item: &Json, method: &str, operation: &Json) {
    if !out.is_empty() {
        out.push('\n');
    }
    if let Some(name) = operation["operationId"].as_str().or_else(|| operation["summary"].as_str()) {
        let _ = writeln!(out, "# {}", name.replace(['\n', '\r'], " "));
    }
    let mut url = format!("{server}{path}");
    let (mut query, mut headers) = (Vec::new(), Vec::new());
    let lists = [&operation["parameters"], &item["parameters"]];
    let mut seen: Vec<(String, String)> = Vec::new();
    for parameter in lists.into_iter().filter_map(Json::as_array).flatten() {
        let parameter = resolve(root, parameter);
        let word = |key: &str| parameter[key].as_str().unwrap_or_default().to_owned();
        let (name, place) = (word("name"), word("in"));
        if seen.contains(&(name.clone(), place.clone())) {
            continue;
        }
        seen.push((name.clone(), place.clone()));
        let value = parameter.get("example").cloned().unwrap_or_else(|| value_of(root, &parameter["schema"], 0));
        let text = plain(&value);
        match place.as_str() {
            "path" => url = url.replace(&format!("{{{name}}}"), &encode(&text)),
            "query" if parameter["required"] == true => query.push(format!("{}={}", encode(&name), encode(&text))),
            "header" if parameter["required"] == true => headers.push(format!("{name}: {text}")),
            _ => {}
        }
    }
    headers.extend(credentials(root, operation));
    if !query.is_empty() {
        let _ = write!(url, "?{}", query.join("&"));
    }
    let _ = write!(out, "curl -X {} {}", method.to_uppercase(), quote(&url));
    let body = resolve(root, &operation["requestBody"]);
    if let Some((kind, media)) = body["content"].as_object().and_then(|content| content.iter().next()) {
        headers.push(format!("Content-Type: {kind}"));
        let value = media.get("example").cloned().or_else(|| {
            let first = media["examples"].as_object().and_then(|examples| examples.values().next())?;
            resolve(root, first).get("value").cloned()
        });
        let value = value.unwrap_or_else(|| value_of(root, &media["schema"], 0));
        for header in &headers {
            let _ = write!(out, " \\\n  -H {}", quote(header));
        }
        if kind.contains("form") {
            for (name, field) in value.as_object().into_iter().flatten() {
                let flag = if kind.starts_with("multipart") { "-F" } else { "--data-urlencode" };
                let _ = write!(out, " \\\n  {flag} {}", quote(&format!("{name}={}", plain(field))));
            }
        } else {
            let text = if value.is_string() { plain(&value) } else { value.to_string() };
            let _ = write!(out, " \\\n  --data {}", quote(&text));
        }
    } else {
        for header in &headers {
            let _ = write!(out, " \\\n  -H {}", quote(header));
        }
    }
    out.push('\n');
}

fn credentials(root: &Json, operation: &Json) -> Option<String> {
    let security = operation.get("security").or_else(|| root.get("security"))?;
    let name = security.as_array()?.first()?.as_object()?.keys().next()?.clone();
    let scheme = resolve(root, root.pointer("/components/securitySchemes")?.get(&name)?);
    match (scheme["type"].as_str()?, scheme["scheme"].as_str(), scheme["in"].as_str()) {
        ("http", Some("basic"), _) => Some("Authorization: Basic $CREDENTIALS".to_owned()),
        ("http" | "oauth2" | "openIdConnect", ..) => Some("Authorization: Bearer $TOKEN".to_owned()),
        ("apiKey", _, Some("header")) => Some(format!("{}: $API_KEY", scheme["name"].as_str()?)),
        _ => None,
    }
}

/// A value that a schema takes: its example, default or first enumerated value, else one of its type.
pub(super) fn value_of(root: &Json, schema: &Json, depth: usize) -> Json {
    let schema = resolve(root, schema);
    for key in ["example", "default", "const"] {
        if let Some(value) = schema.get(key) {
            return value.clone();
        }
    }
    if let Some(value) = schema["examples"]
        .as_array()
        .and_then(|list| list.first())
        .or_else(|| schema["enum"].as_array().and_then(|list| list.first()))
    {
        return value.clone();
    }
    if depth > MAX_DEPTH {
        return Json::Null;
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(first) = schema[key].as_array().and_then(|list| list.first()) {
            return value_of(root, first, depth + 1);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut all = Map::new();
        for part in parts.iter().map(|part| value_of(root, part, depth + 1)) {
            match part {
                Json::Object(members) => all.extend(members),
                other if parts.len() == 1 => return other,
                _ => {}
            }
        }
        if let Json::Object(own) = properties(root, schema, depth) {
            all.extend(own);
        }
        return Json::Object(all);
    }
    let kind = schema["type"]
        .as_str()
        .or_else(|| schema["type"].as_array().and_then(|list| list.iter().find_map(Json::as_str)));
    let number = |key: &str| schema[key].as_f64();
    match kind {
        Some("integer" | "number") => {
            let least =
                number("minimum").or_else(|| number("exclusiveMinimum").map(|least| least + 1.0)).unwrap_or(1.0);
            let value = number("maximum").map_or(least, |most| least.min(most));
            if value.fract() == 0.0 && value.abs() < 9e15 {
                #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
                let whole = value as i64;
                json!(whole)
            } else {
                json!(value)
            }
        }
        Some("boolean") => json!(true),
        Some("null") => Json::Null,
        Some("array") => {
            let one = value_of(root, &schema["items"], depth + 1);
            let least = schema["minItems"].as_u64().unwrap_or(1).clamp(1, 5);
            Json::Array((0..least).map(|_| one.clone()).collect())
        }
        Some("string") => json!(text_of(schema)),
        _ if schema.get("properties").is_some() || kind == Some("object") => properties(root, schema, depth),
        _ => json!("string"),
    }
}

fn properties(root: &Json, schema: &Json, depth: usize) -> Json {
    let mut members = Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten().take(MAX_PROPERTIES) {
        if resolve(root, property)["readOnly"] != true {
            members.insert(name.clone(), value_of(root, property, depth + 1));
        }
    }
    Json::Object(members)
}

fn text_of(schema: &Json) -> String {
    let text = match schema["format"].as_str().unwrap_or_default() {
        "date" => "2024-01-01",
        "date-time" => "2024-01-01T00:00:00Z",
        "time" => "00:00:00Z",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "email" => "user@example.com",
        "uri" | "url" => "https://example.com",
        "hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "c3RyaW5n",
        _ => "string",
    };
    let least = usize::try_from(schema["minLength"].as_u64().unwrap_or(0)).unwrap_or(0).min(200);
    let mut text = text.to_owned();
    while text.chars().count() < least {
        text.push('x');
    }
    match schema["maxLength"].as_u64().and_then(|most| usize::try_from(most).ok()) {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

// For a POSIX shell; variables of credentials stay open to it.
fn quote(text: &str) -> String {
    if text.contains('$')
        && !text.contains(['"', '`', '\\', '\''])
        && (text.ends_with("$TOKEN") || text.ends_with("$CREDENTIALS") || text.ends_with("$API_KEY"))
    {
        return format!("\"{text}\"");
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

//! OpenAPI 3.0 to 3.1: schemas become JSON Schema of draft 2020-12.

use serde_json::{Map, Value as Json, json};

/// Converts a document of OpenAPI 3.0.
pub(super) fn to_31(old: &Json) -> Json {
    let mut new = walk(old, false);
    if let Json::Object(members) = &mut new {
        members.insert("openapi".to_owned(), json!("3.1.0"));
    }
    new
}

/// A schema of OpenAPI 3.0 as JSON Schema.
pub(super) fn schema_to_31(old: &Json) -> Json {
    schema(old)
}

// Everything but schemas is the same; a schema is found by the key it stands under.
fn walk(value: &Json, names: bool) -> Json {
    match value {
        Json::Object(members) => {
            let mut new = Map::new();
            for (key, member) in members {
                let converted = match key.as_str() {
                    _ if names => walk(member, false),
                    "schema" => schema(member),
                    "schemas" => match member {
                        Json::Object(named) => {
                            Json::Object(named.iter().map(|(name, value)| (name.clone(), schema(value))).collect())
                        }
                        other => other.clone(),
                    },
                    "example" | "examples" | "default" | "enum" => member.clone(),
                    key if key.starts_with("x-") => member.clone(),
                    "paths" | "responses" | "content" | "headers" | "callbacks" | "links" | "securitySchemes"
                    | "requestBodies" => walk(member, true),
                    "parameters" if member.is_object() => walk(member, true),
                    _ => walk(member, false),
                };
                new.insert(key.clone(), converted);
            }
            Json::Object(new)
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| walk(item, false)).collect()),
        other => other.clone(),
    }
}

fn schema(old: &Json) -> Json {
    let Json::Object(members) = old else { return old.clone() };
    let is_nullable = members.get("nullable") == Some(&Json::Bool(true));
    let mut new = Map::new();
    for (key, value) in members {
        match (key.as_str(), value) {
            ("nullable", _) => {}
            ("type", Json::String(kind)) if is_nullable => {
                new.insert(key.clone(), json!([kind, "null"]));
            }
            ("enum", Json::Array(items)) if is_nullable && !items.contains(&Json::Null) => {
                let mut items = items.clone();
                items.push(Json::Null);
                new.insert(key.clone(), Json::Array(items));
            }
            ("exclusiveMinimum", Json::Bool(on)) => {
                if let Some(limit) = members.get("minimum").filter(|_| *on) {
                    new.insert(key.clone(), limit.clone());
                }
            }
            ("exclusiveMaximum", Json::Bool(on)) => {
                if let Some(limit) = members.get("maximum").filter(|_| *on) {
                    new.insert(key.clone(), limit.clone());
                }
            }
            ("minimum", _) if members.get("exclusiveMinimum") == Some(&Json::Bool(true)) => {}
            ("maximum", _) if members.get("exclusiveMaximum") == Some(&Json::Bool(true)) => {}
            ("example", value) => {
                new.insert("examples".to_owned(), json!([value]));
            }
            ("format", Json::String(format)) if format == "byte" => {
                new.insert("contentEncoding".to_owned(), json!("base64"));
            }
            ("format", Json::String(format)) if format == "binary" => {
                new.insert("contentMediaType".to_owned(), json!("application/octet-stream"));
            }
            ("properties" | "patternProperties", Json::Object(named)) => {
                new.insert(
                    key.clone(),
                    Json::Object(named.iter().map(|(name, value)| (name.clone(), schema(value))).collect()),
                );
            }
            ("items" | "additionalProperties" | "not", Json::Object(_)) => {
                new.insert(key.clone(), schema(value));
            }
            ("allOf" | "anyOf" | "oneOf", Json::Array(items)) => {
                let mut items: Vec<Json> = items.iter().map(schema).collect();
                if is_nullable && key != "allOf" && members.get("type").is_none() {
                    items.push(json!({ "type": "null" }));
                }
                new.insert(key.clone(), Json::Array(items));
            }
            _ => {
                new.insert(key.clone(), value.clone());
            }
        }
    }
    // Beside `allOf` alone, null needs a branch of its own.
    let alone = members.get("type").is_none() && members.get("anyOf").is_none() && members.get("oneOf").is_none();
    if is_nullable && alone && members.get("allOf").is_some() {
        return json!({ "anyOf": [Json::Object(new), { "type": "null" }] });
    }
    Json::Object(new)
}

//! JSON schemas of arguments and of results. Native only.
//!
//! Input schemas stand in every list, so they are small and every client accepts them: `schemars` writes correct schemas
//! that several clients refuse, and here they are rewritten to the common subset: no `$ref`, `$defs`, `$schema`, `oneOf`,
//! `anyOf`, `allOf`, no `null` beside another type, no boolean schemas, no titles, formats and defaults (a field's
//! description says its default), and closed at the root alone. Output schemas are only validated against: they are what
//! `schemars` writes, without the noise.

use crate::render::Counts;
use crate::report::{Finding, Verdict};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The JSON schema of what a type serialises to.
pub fn output_of<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    remove_noise(&mut schema);
    schema
}

/// The JSON schema of a whole report, from the one of its `data`: the same for every tool but for that member.
pub fn report_of(data: Value) -> Value {
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["verdict", "summary", "counts", "findings", "notChecked", "omitted", "cursor"],
        "properties": {
            "verdict": output_of::<Verdict>(),
            "summary": { "type": "string" },
            "counts": output_of::<Counts>(),
            "findings": { "type": "array", "items": output_of::<Finding>() },
            "notChecked": { "type": "array", "items": { "type": "string" } },
            "omitted": { "type": "integer", "minimum": 0 },
            "cursor": { "type": ["string", "null"] },
        },
    });
    if data["properties"].as_object().is_some_and(|fields| !fields.is_empty())
        || data.get("type") != Some(&json!("object"))
    {
        schema["properties"]["data"] = data;
    }
    schema
}

// Titles are type names, descriptions are for readers of the code, formats are Rust's.
fn remove_noise(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            // A property may be called `title`; a keyword's value is a string.
            members.retain(|key, value| {
                let is_words = matches!(key.as_str(), "title" | "description" | "format") && value.is_string();
                // Items of any kind need no word, and some clients take `true` for no schema.
                let is_any = key == "items" && *value == Value::Bool(true);
                !(is_words || is_any)
            });
            members.values_mut().for_each(remove_noise);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_noise),
        _ => {}
    }
}

/// The portable JSON schema of a type.
///
/// # Panics
///
/// On a type that the common subset cannot say (a union of objects, a map with any keys); the generator then names it.
pub fn of<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut schema = portable(schema.to_value());
    if let Value::Object(root) = &mut schema {
        // The tool's own description says it better.
        root.remove("description");
        root.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    schema
}

fn portable(schema: Value) -> Value {
    let Value::Object(mut schema) = schema else { return json!({}) };
    let is_map = schema.get("additionalProperties").is_some_and(|of| *of != Value::Bool(false));
    assert!(!is_map, "a map with any keys cannot be said portably: use a list of objects");
    for noise in ["$schema", "$defs", "title", "format", "default", "additionalProperties"] {
        schema.remove(noise);
    }
    for union in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = schema.remove(union) {
            merge_branches(&mut schema, branches);
        }
    }
    if let Some(Value::Array(types)) = schema.get("type") {
        let types: Vec<_> = types.iter().filter(|kind| *kind != "null").cloned().collect();
        assert!(types.len() == 1, "a field of several types cannot be said portably: {types:?}");
        schema.insert("type".to_owned(), types[0].clone());
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    // Bounds of the Rust type itself are noise that every client pays for; a field says its own range.
    schema.retain(|key, value| !(key == "minimum" && value.as_f64() == Some(0.0)));
    schema.retain(|key, value| {
        !(key == "maximum" && value.as_f64().is_some_and(|n| n >= 255.0 && (n + 1.0).log2().fract() == 0.0))
    });
    if let Some(description) = schema.get_mut("description") {
        *description =
            Value::String(description.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "));
    }
    for (key, value) in &mut schema {
        match key.as_str() {
            "properties" => {
                if let Value::Object(properties) = value {
                    for property in properties.values_mut() {
                        *property = portable(property.take());
                    }
                }
            }
            "items" if value.is_object() => {
                *value = portable(value.take());
                // The list's own description says what its items are, and their members' names the rest.
                if let Some(items) = value.as_object_mut().filter(|items| items.contains_key("properties")) {
                    items.remove("description");
                    let members = items.get_mut("properties").and_then(Value::as_object_mut);
                    members.into_iter().flatten().filter_map(|(_, member)| member.as_object_mut()).for_each(|member| {
                        member.remove("description");
                    });
                }
            }
            _ => {}
        }
    }
    Value::Object(schema)
}

// `[X, null]` becomes X; `[const a, const b, enum [..]]` becomes one enum, whose values are explained where the field has no
// description of its own.
fn merge_branches(schema: &mut Map<String, Value>, branches: Vec<Value>) {
    let mut branches: Vec<Value> =
        branches.into_iter().filter(|branch| branch.get("type") != Some(&json!("null"))).collect();
    if branches.len() == 1 {
        if let Value::Object(only) = portable(branches.remove(0)) {
            for (key, value) in only {
                // What a field says of itself goes before what its type says of all such fields.
                if key != "description" || !schema.contains_key("description") {
                    schema.insert(key, value);
                }
            }
        }
        return;
    }
    let mut values = Vec::new();
    let mut explained = Vec::new();
    for branch in &branches {
        if let Some(value) = branch.get("const") {
            let word = value.as_str().expect("a unit variant is a string").to_owned();
            let what = branch.get("description").and_then(Value::as_str).unwrap_or_default();
            explained.push(format!(
                "{word}: {}",
                what.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.')
            ));
            values.push(value.clone());
        } else if let Some(Value::Array(words)) = branch.get("enum") {
            values.extend(words.iter().cloned());
        } else {
            panic!("a union of {} branches cannot be said portably: {branch}", branches.len());
        }
    }
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("enum".to_owned(), Value::Array(values));
    if !schema.contains_key("description") && !explained.is_empty() {
        schema.insert("description".to_owned(), Value::String(format!("{}.", explained.join("; "))));
    }
}

#[cfg(test)]
mod tests {
    #![allow(dead_code, reason = "the types are only described")]
    use super::*;

    #[derive(JsonSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Input {
        /// The text,
        /// on two lines.
        source: String,
        /// How many; default 3.
        how_many: Option<u32>,
        /// Which kind.
        kind: Option<Kind>,
        /// Which side.
        side: Option<Side>,
        /// The files.
        #[serde(default)]
        files: Vec<crate::SourceFile>,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Side {
        Left,
        Right,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        /// The first.
        One,
        /// The second.
        Two,
    }

    #[test]
    fn schemas_stay_within_the_common_subset() {
        assert_eq!(
            of::<Input>(),
            json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["source"],
                "properties": {
                    "source": {"type": "string", "description": "The text, on two lines."},
                    "howMany": {"type": "integer", "description": "How many; default 3."},
                    "kind": {"type": "string", "enum": ["one", "two"], "description": "Which kind."},
                    "side": {"type": "string", "enum": ["left", "right"], "description": "Which side."},
                    "files": {
                        "type": "array",
                        "description": "The files.",
                        "items": {
                            "type": "object",
                            "required": ["path", "source"],
                            "properties": {
                                "path": {"type": "string"},
                                "source": {"type": "string"}
                            }
                        }
                    }
                }
            })
        );
    }
}

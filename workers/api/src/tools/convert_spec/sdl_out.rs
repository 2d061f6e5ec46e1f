//! A GraphQL schema as TypeScript types and as JSON Schema.

use crate::support::sdl::{InputValue, Kind, Schema, Type};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;

fn scalar(name: &str) -> Option<(&'static str, Json)> {
    Some(match name {
        "String" | "ID" => ("string", json!({ "type": "string" })),
        "Int" => ("number", json!({ "type": "integer", "minimum": -2_147_483_648_i64, "maximum": 2_147_483_647 })),
        "Float" => ("number", json!({ "type": "number" })),
        "Boolean" => ("boolean", json!({ "type": "boolean" })),
        _ => return None,
    })
}

fn type_text(kind: &Type) -> String {
    match kind {
        Type::NonNull(inner) => bare_text(inner),
        other => format!("{} | null", bare_text(other)),
    }
}

fn bare_text(kind: &Type) -> String {
    match kind {
        Type::Named(name) => scalar(name).map_or_else(|| name.clone(), |(text, _)| text.to_owned()),
        Type::List(inner) => format!("Array<{}>", type_text(inner)),
        Type::NonNull(inner) => bare_text(inner),
    }
}

fn is_required(kind: &Type) -> bool {
    matches!(kind, Type::NonNull(_))
}

/// TypeScript types: an interface for each object and input, a union for each enumeration and union.
pub(super) fn typescript(schema: &Schema) -> String {
    let mut out = String::new();
    for definition in schema.order.iter().filter_map(|name| schema.types.get(name)) {
        let name = &definition.name;
        match definition.kind {
            Kind::Scalar => {
                let _ = writeln!(out, "export type {name} = unknown;");
            }
            Kind::Enum => {
                let words: Vec<String> = definition.values.iter().map(|value| format!("\"{}\"", value.name)).collect();
                let _ = writeln!(
                    out,
                    "export type {name} = {};",
                    if words.is_empty() { "never".to_owned() } else { words.join(" | ") }
                );
            }
            Kind::Union => {
                let words: Vec<&str> = definition.members.iter().map(|member| member.name.as_str()).collect();
                let _ = writeln!(
                    out,
                    "export type {name} = {};",
                    if words.is_empty() { "never".to_owned() } else { words.join(" | ") }
                );
            }
            Kind::Object | Kind::Interface => {
                let _ = writeln!(out, "export interface {name} {{");
                if definition.kind == Kind::Object {
                    let _ = writeln!(out, "    __typename?: \"{name}\";");
                }
                for field in &definition.fields {
                    let mark = if is_required(&field.ty) { "" } else { "?" };
                    let _ = writeln!(out, "    {}{mark}: {};", field.name, type_text(&field.ty));
                }
                out.push_str("}\n");
                for field in definition.fields.iter().filter(|field| !field.arguments.is_empty()) {
                    let _ = writeln!(out, "export interface {name}_{}_Args {{", field.name);
                    inputs(&mut out, &field.arguments);
                    out.push_str("}\n");
                }
            }
            Kind::Input => {
                let _ = writeln!(out, "export interface {name} {{");
                inputs(&mut out, &definition.inputs);
                out.push_str("}\n");
            }
        }
    }
    out
}

fn inputs(out: &mut String, values: &[InputValue]) {
    for value in values {
        let optional = !is_required(&value.ty) || value.default.is_some();
        let _ = writeln!(out, "    {}{}: {};", value.name, if optional { "?" } else { "" }, type_text(&value.ty));
    }
}

fn type_schema(kind: &Type) -> Json {
    match kind {
        Type::NonNull(inner) => bare_schema(inner),
        other => json!({ "anyOf": [bare_schema(other), { "type": "null" }] }),
    }
}

fn bare_schema(kind: &Type) -> Json {
    match kind {
        Type::Named(name) => {
            scalar(name).map_or_else(|| json!({ "$ref": format!("#/$defs/{name}") }), |(_, schema)| schema)
        }
        Type::List(inner) => json!({ "type": "array", "items": type_schema(inner) }),
        Type::NonNull(inner) => bare_schema(inner),
    }
}

/// JSON Schema of draft 2020-12, each type under `$defs`.
pub(super) fn json_schema(schema: &Schema) -> Json {
    let mut defs = Map::new();
    for definition in schema.order.iter().filter_map(|name| schema.types.get(name)) {
        let object = |fields: Vec<(&str, &Type, bool)>| {
            let properties: Map<String, Json> =
                fields.iter().map(|(field, kind, _)| ((*field).to_owned(), type_schema(kind))).collect();
            let required: Vec<&str> = fields
                .iter()
                .filter(|(_, kind, optional)| is_required(kind) && !optional)
                .map(|(field, ..)| *field)
                .collect();
            let mut new = Map::new();
            new.insert("type".to_owned(), json!("object"));
            new.insert("properties".to_owned(), Json::Object(properties));
            if !required.is_empty() {
                new.insert("required".to_owned(), json!(required));
            }
            new
        };
        let mut made = match definition.kind {
            Kind::Scalar => Map::new(),
            Kind::Enum => {
                let mut new = Map::new();
                new.insert("type".to_owned(), json!("string"));
                let names: Vec<&str> = definition.values.iter().map(|value| value.name.as_str()).collect();
                new.insert("enum".to_owned(), json!(names));
                new
            }
            Kind::Union => {
                let refs =
                    definition.members.iter().map(|member| json!({ "$ref": format!("#/$defs/{}", member.name) }));
                let mut new = Map::new();
                new.insert("anyOf".to_owned(), Json::Array(refs.collect()));
                new
            }
            Kind::Object | Kind::Interface => {
                object(definition.fields.iter().map(|field| (field.name.as_str(), &field.ty, false)).collect())
            }
            Kind::Input => {
                let fields =
                    definition.inputs.iter().map(|value| (value.name.as_str(), &value.ty, value.default.is_some()));
                let mut new = object(fields.collect());
                new.insert("additionalProperties".to_owned(), json!(false));
                new
            }
        };
        if let Some(description) = &definition.description {
            made.insert("description".to_owned(), json!(description));
        }
        defs.insert(definition.name.clone(), Json::Object(made));
    }
    json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": defs })
}

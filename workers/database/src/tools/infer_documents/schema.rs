//! `$jsonSchema` of what was seen: types and required members; with `strict` also enumerations and no other members.

use super::shape::{Field, Kind, Members};
use super::{enumeration, word_value};
use serde_json::{Map, Value, json};

/// Levels of documents and lists that a validator describes; clients' JSON readers end at a depth of some hundred, and a
/// level takes up to five.
pub(super) const MAX_SCHEMA_LEVELS: usize = 20;

/// The validator of a collection whose documents have these members.
pub(super) fn of_documents(members: &Members, documents: usize, strict: bool) -> Value {
    let mut schema = Map::new();
    schema.insert("bsonType".to_owned(), "object".into());
    of_members(members, documents, strict, 1, &mut schema);
    Value::Object(schema)
}

fn of_members(members: &Members, parents: usize, strict: bool, level: usize, schema: &mut Map<String, Value>) {
    let sorted = members.sorted();
    let required: Vec<&str> =
        sorted.iter().filter(|(_, field)| field.count == parents).map(|(name, _)| *name).collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    let properties = sorted.into_iter().map(|(name, field)| (name.to_owned(), of_field(field, strict, level)));
    schema.insert("properties".to_owned(), Value::Object(properties.collect()));
    if strict {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
}

fn of_field(field: &Field, strict: bool, level: usize) -> Value {
    let kinds: Vec<&Kind> = field.by_frequency().into_iter().filter(|kind| kind.alias != "undefined").collect();
    if let [kind] = kinds[..] {
        return Value::Object(of_kind(kind, field, strict, level));
    }
    let schemas: Vec<Map<String, Value>> = kinds.iter().map(|kind| of_kind(kind, field, strict, level)).collect();
    if schemas.iter().all(|schema| schema.len() == 1) {
        let aliases: Vec<&str> = kinds.iter().map(|kind| kind.alias).collect();
        return json!({ "bsonType": aliases });
    }
    json!({ "anyOf": schemas })
}

fn of_kind(kind: &Kind, field: &Field, strict: bool, level: usize) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("bsonType".to_owned(), kind.alias.into());
    if level >= MAX_SCHEMA_LEVELS && matches!(kind.alias, "object" | "array") {
        return schema;
    }
    match kind.alias {
        "object" => of_members(&kind.fields, kind.count, strict, level + 1, &mut schema),
        "array" => {
            let items =
                kind.items.as_ref().filter(|items| items.count > 0).map(|items| of_field(items, strict, level + 1));
            // An empty list of types is no valid schema.
            let empty = items.as_ref().is_none_or(|items| items["bsonType"].as_array().is_some_and(Vec::is_empty));
            if let Some(items) = items.filter(|_| !empty) {
                schema.insert("items".to_owned(), items);
            }
        }
        alias => {
            if let Some(values) = enumeration(kind, field).filter(|_| strict) {
                schema.insert("enum".to_owned(), values.iter().map(|word| word_value(alias, word)).collect());
            }
        }
    }
    schema
}

//! The category's tools behind standard input, for `cargo xtask truth api`.
//!
//! With `--json-schema` it is the JSON Schema evaluator instead: a line `{schema, documents: {address: schema}, values}`
//! is answered by a line with one verdict for each value.

use octavo_api::support::json_schema::{Direction, Evaluator, Place};
use octavo_api::support::tree::{Document, load};
use serde_json::Value;
use std::io::{BufRead, Write, stdin, stdout};

fn main() {
    if std::env::args().any(|argument| argument == "--json-schema") {
        return serve_schemas();
    }
    octavo_testkit::serve_lines(&octavo_api::REGISTRY);
}

fn serve_schemas() {
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let Ok(call) = line.map_err(|_| ()).and_then(|line| serde_json::from_str::<Value>(&line).map_err(|_| ()))
        else {
            break;
        };
        let read = |value: &Value| load(&value.to_string()).document;
        let mut documents: Vec<(String, Document)> = Vec::new();
        documents.extend(scalar_document(&call["schema"]).map(|document| ("urn:octavo:schema".to_owned(), document)));
        for (address, schema) in call["documents"].as_object().into_iter().flatten() {
            documents.extend(read(schema).map(|document| (address.clone(), document)));
        }
        let values: Vec<Option<Document>> =
            call["values"].as_array().into_iter().flatten().map(scalar_document).collect();
        let schemas: Vec<(&str, &Document)> =
            documents.iter().map(|(address, document)| (address.as_str(), document)).collect();
        let verdict = |value: &Option<Document>| {
            let (Some((_, schema)), Some(value)) = (schemas.first(), value) else { return Value::Null };
            let mut evaluator = Evaluator::of_schemas(&schemas);
            let doc = evaluator.add(value);
            let schema = Place { doc: 0, node: schema.root() };
            let outcome = evaluator.evaluate(schema, Place { doc, node: value.root() }, Direction::Any);
            Value::Bool(outcome.failures.is_empty())
        };
        let verdicts: Vec<Value> = values.iter().map(verdict).collect();
        if writeln!(out, "{}", Value::Array(verdicts)).and_then(|()| out.flush()).is_err() {
            break;
        }
    }
}

// Scalars are YAML too, but a string must stay one.
fn scalar_document(value: &Value) -> Option<Document> {
    octavo_api::support::json::load(&value.to_string()).document
}

//! `convert_spec`: an API's description in another form.

mod recorded;
mod samples;
mod sdl_out;
mod swagger;
mod typescript;
mod upgrade;
mod value;

use crate::support::sdl;
use crate::support::tree::{self, Problem, ProblemKind, Span};
use octavo_toolkit::limits::{check_bytes, excerpt};
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Report, Rule, Tool, ToolError, declare_tool, rule_docs};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

declare_tool! {
    /// Converts an API's description: Swagger 2.0 to OpenAPI 3.0 or 3.1, OpenAPI 3.0 to 3.1, a Postman collection or a HAR file to
    /// OpenAPI, and OpenAPI or a GraphQL schema to TypeScript types, JSON Schema or sample requests; or writes every reference
    /// out, or drops what no reference leads to.
    ///
    /// Use it to move a description to a newer version, to derive code from it, or to make one from recorded traffic. TypeScript
    /// types have the form of openapi-typescript, so clients such as openapi-fetch take them.
    ///
    /// References within the document are followed; nothing is fetched, and a reference that leads out of the document stays and
    /// is told. The source may have 2 MiB. `data.text` is the result; what could not be carried over is in `data.lost`.
    pub struct ConvertSpec;
    name: "convert_spec",
    title: "Convert an API description",
    summary: "Converts Swagger 2, OpenAPI, Postman, HAR or GraphQL SDL into OpenAPI 3.0/3.1, TypeScript types, JSON Schema or curl samples; bundles or dereferences. Local references only.",
    keywords: "swagger2openapi openapi-typescript postman-to-openapi har-to-openapi convert upgrade migrate transform generate types typescript interfaces json schema curl sample request collection bundle dereference inline resolve refs codegen graphql codegen sdl",
    examples: [
        "Swagger 2 to OpenAPI 3.1" => r#"{"source":"swagger: '2.0'\ninfo: {title: Pets, version: '1'}\nhost: pets.test\nschemes: [https]\nconsumes: [application/json]\npaths:\n  /pets:\n    post:\n      parameters: [{in: body, name: pet, schema: {$ref: '#/definitions/Pet'}}]\n      responses: {'201': {description: made}}\ndefinitions:\n  Pet: {type: object, properties: {name: {type: string, x-nullable: true}}}\n","to":"openapi3.1"}"#,
        "types of a GraphQL schema" => r#"{"source":"type Query { pet(id: ID!): Pet } type Pet { id: ID! kind: Kind } enum Kind { CAT DOG }","to":"typescript"}"#,
    ],
    rules: RULES,
    not_checked: [
        "whether the source is valid: lint it",
        "other files and URLs that references name",
        "comments and order of YAML; results are JSON",
        "openapi-typescript's options, and its narrowing of oneOf discriminators",
    ],
}

const PARSE_ERROR: Rule = Rule {
    id: "parse-error",
    level: Level::Error,
    summary: "The source can be read.",
    docs: rule_docs!(
        why: "What cannot be read cannot be converted.",
        wrong: "openapi: [3.0.0",
        right: "openapi: 3.0.0",
        source: "YAML 1.2, RFC 8259, GraphQL specification",
    ),
};
const NESTING: Rule = Rule {
    id: "nesting-too-deep",
    level: Level::Error,
    summary: "Neither the source nor the result is beyond the limits of one call.",
    docs: rule_docs!(
        why: "References to references to references stand for more than any reader takes.",
        wrong: "aliases of aliases of aliases, or references that double at each level",
        right: "components and references",
        source: "limit of this tool",
    ),
};
const UNKNOWN_KIND: Rule = Rule {
    id: "unrecognized-format",
    level: Level::Error,
    summary: "The source is OpenAPI, Swagger, a Postman collection, a HAR file or a GraphQL schema, and has the form that was asked for.",
    docs: rule_docs!(
        why: "Without a kind there is nothing to convert.",
        wrong: "title: Pets",
        right: "openapi: 3.0.3",
        source: "OpenAPI Specification, HAR 1.2, Postman Collection Format 2.1",
    ),
};
const INVALID_REF: Rule = Rule {
    id: "invalid-ref",
    level: Level::Warning,
    summary: "Every reference leads to a place of the document.",
    docs: rule_docs!(
        why: "It stays as it is, and whoever reads the result has to find what it means.",
        wrong: "$ref: other.yaml",
        right: "$ref: '#/components/schemas/Pet'",
        source: "Spectral, invalid-ref",
    ),
};
const CIRCULAR_REF: Rule = Rule {
    id: "circular-ref",
    level: Level::Info,
    summary: "References that lead back to themselves stay.",
    docs: rule_docs!(
        why: "Written out they would have no end.",
        wrong: "Node: {properties: {next: {$ref: '#/components/schemas/Node'}}}",
        right: "the reference stays where the circle closes",
        source: "OpenAPI Specification, Reference Object",
    ),
};

const RULES: &[Rule] = &[PARSE_ERROR, NESTING, UNKNOWN_KIND, INVALID_REF, CIRCULAR_REF];

/// Longest source, in bytes: as a tree, as values and as the result it takes about 100 MiB.
const MAX_SOURCE_BYTES: usize = 2 * 1024 * 1024;
/// Longest result, in bytes.
const MAX_RESULT_BYTES: usize = 8 * 1024 * 1024;
/// Most things lost that are listed.
const MAX_LOST: usize = 100;

/// What to convert to.
#[expect(missing_docs, reason = "a comment on a variant would make its schema one of several")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub enum Target {
    #[serde(rename = "openapi3.0")]
    Openapi30,
    #[serde(rename = "openapi3.1")]
    Openapi31,
    #[serde(rename = "typescript")]
    Typescript,
    #[serde(rename = "jsonschema")]
    JsonSchema,
    #[serde(rename = "samples")]
    Samples,
    #[serde(rename = "bundle")]
    Bundle,
    #[serde(rename = "dereference")]
    Dereference,
}

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// YAML, JSON or SDL.
    source: String,
    /// `samples` are curl commands; `bundle` drops unused components.
    to: Target,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    Openapi30,
    /// OpenAPI 3.1 or later.
    Openapi31,
    /// A Postman collection.
    Postman,
    /// A HAR file.
    Har,
    /// A GraphQL schema.
    Graphql,
    /// None of them.
    Unknown,
}

/// The result.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Converted {
    /// What the source is.
    from: SourceKind,
    /// The result: JSON, TypeScript or shell commands.
    text: String,
    /// What could not be carried over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<String>,
}

impl Tool for ConvertSpec {
    type Input = Input;
    type Data = Converted;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Converted>, ToolError> {
        check_bytes("/source", &input.source, MAX_SOURCE_BYTES)?;
        let index = LineIndex::new(&input.source);
        if super::compare_specs::looks_like_graphql(&input.source) {
            return graphql(&input, &index);
        }
        let loaded = tree::load(&input.source);
        let Some(doc) = &loaded.document else {
            let findings = loaded.problems.iter().map(|problem| problem_finding(&index, problem)).collect();
            return Ok(nothing(findings, SourceKind::Unknown));
        };
        let root = value::json(doc, doc.root(), &mut value::Budget::default());
        let whole = root.filter(|root| kind_of(root) != SourceKind::Swagger2 || swagger::is_bounded(root));
        let Some(root) = whole else {
            let message = format!("written out, the document has more than {} values", value::MAX_VALUES);
            let finding = Finding::new(&NESTING, message).at(Span::default().locate(&index));
            return Ok(nothing(vec![finding], SourceKind::Unknown));
        };
        let from = kind_of(&root);
        if from == SourceKind::Unknown {
            let message =
                "the source is no OpenAPI or Swagger document, Postman collection, HAR file or GraphQL schema";
            let finding = Finding::new(&UNKNOWN_KIND, message).at(Span::default().locate(&index));
            return Ok(nothing(vec![finding], from));
        }
        convert(&input, from, &root, &index)
    }
}

fn problem_finding(index: &LineIndex<'_>, problem: &Problem) -> Finding {
    let rule =
        if matches!(problem.kind, ProblemKind::TooDeep | ProblemKind::TooLarge) { &NESTING } else { &PARSE_ERROR };
    Finding::new(rule, problem.message.clone()).at(problem.span.locate(index))
}

fn nothing(findings: Vec<Finding>, from: SourceKind) -> Report<Converted> {
    let data = Converted { from, text: String::new(), lost: Vec::new() };
    Report::checked(findings, data).with_summary("the source could not be converted")
}

fn kind_of(root: &Json) -> SourceKind {
    let word = |key: &str| root.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    if word("swagger").is_some_and(|version| version.starts_with('2')) {
        return SourceKind::Swagger2;
    }
    match word("openapi").as_deref() {
        Some(version) if version.starts_with("3.0") || version == "3" => return SourceKind::Openapi30,
        Some(version) if version.starts_with("3.") => return SourceKind::Openapi31,
        _ => {}
    }
    if root.pointer("/log/entries").is_some_and(Json::is_array) {
        return SourceKind::Har;
    }
    let schema = root.pointer("/info/schema").and_then(Json::as_str).unwrap_or_default();
    if root.get("item").is_some_and(Json::is_array)
        && (schema.contains("postman") || root.pointer("/info/_postman_id").is_some())
    {
        return SourceKind::Postman;
    }
    SourceKind::Unknown
}

fn graphql(input: &Input, index: &LineIndex<'_>) -> Result<Report<Converted>, ToolError> {
    let text = |schema: &sdl::Schema| match input.to {
        Target::Typescript => Some(sdl_out::typescript(schema)),
        Target::JsonSchema => Some(pretty(&sdl_out::json_schema(schema))),
        Target::Openapi30 | Target::Openapi31 | Target::Samples | Target::Bundle | Target::Dereference => None,
    };
    let loaded = sdl::load(&input.source);
    let findings: Vec<Finding> = loaded.problems.iter().map(|problem| problem_finding(index, problem)).collect();
    let Some(schema) = &loaded.schema else { return Ok(nothing(findings, SourceKind::Graphql)) };
    let Some(text) = text(schema) else {
        return Err(ToolError::invalid("/to", "is no form that a GraphQL schema has", "typescript, jsonschema"));
    };
    Ok(finish(findings, SourceKind::Graphql, text, Vec::new()))
}

fn convert(
    input: &Input,
    from: SourceKind,
    root: &Json,
    index: &LineIndex<'_>,
) -> Result<Report<Converted>, ToolError> {
    let mut lost = Vec::new();
    let mut findings = Vec::new();
    // Everything but bundling and writing references out begins with OpenAPI 3.
    let raw = matches!(input.to, Target::Bundle | Target::Dereference) && from == SourceKind::Swagger2;
    let three = match from {
        _ if raw => root.clone(),
        SourceKind::Swagger2 => swagger::convert(root, &mut lost),
        SourceKind::Har => recorded::from_har(root),
        SourceKind::Postman => recorded::from_postman(root),
        SourceKind::Openapi30 | SourceKind::Openapi31 | SourceKind::Graphql | SourceKind::Unknown => root.clone(),
    };
    let is_31 = matches!(from, SourceKind::Openapi31 | SourceKind::Har | SourceKind::Postman);
    let at = Span::default().locate(index);
    let text = match input.to {
        Target::Openapi30 if is_31 => {
            return Err(ToolError::invalid(
                "/to",
                "is older than what the source is or becomes",
                "openapi3.1, typescript, jsonschema, samples, bundle, dereference",
            ));
        }
        Target::Openapi30 => pretty(&three),
        Target::Openapi31 if is_31 => pretty(&three),
        Target::Openapi31 => pretty(&upgrade::to_31(&three)),
        Target::Typescript => typescript::types(&three),
        Target::JsonSchema => pretty(&json_schemas(&three, is_31)),
        Target::Samples => samples::requests(&three),
        Target::Bundle => {
            let (kept, dropped, broken) = bundle(&three, from == SourceKind::Swagger2);
            lost.extend(dropped);
            broken_refs(&broken, &mut findings, index);
            pretty(&kept)
        }
        Target::Dereference => {
            let done = value::dereference(&three);
            if done.too_large {
                let message = format!("written out, the references stand for more than {} values", value::MAX_VALUES);
                return Ok(nothing(vec![Finding::new(&NESTING, message).at(at)], from));
            }
            broken_refs(&done.broken, &mut findings, index);
            for reference in &done.circular {
                let message = format!("`{}` leads back to itself and stays", excerpt(reference));
                findings.push(Finding::new(&CIRCULAR_REF, message).at(at));
            }
            pretty(&done.value)
        }
    };
    if text.len() > MAX_RESULT_BYTES {
        let message = format!("the result would have {} bytes, the limit is {MAX_RESULT_BYTES}", text.len());
        return Ok(nothing(vec![Finding::new(&NESTING, message).at(at)], from));
    }
    Ok(finish(findings, from, text, lost))
}

fn broken_refs(broken: &BTreeSet<String>, findings: &mut Vec<Finding>, index: &LineIndex<'_>) {
    for reference in broken {
        let what = if reference.starts_with('#') { "leads nowhere" } else { "leaves the document" };
        let place = index.text().find(reference.as_str()).map_or(0..0, |at| at..at + reference.len());
        findings.push(
            Finding::new(&INVALID_REF, format!("`{}` {what} and stays", excerpt(reference))).at(index.range(place)),
        );
    }
}

fn finish(findings: Vec<Finding>, from: SourceKind, text: String, lost: Vec<String>) -> Report<Converted> {
    let mut seen = BTreeSet::new();
    let lost: Vec<String> = lost.into_iter().filter(|what| seen.insert(what.clone())).take(MAX_LOST).collect();
    let summary = match lost.len() {
        0 => format!("{} bytes", text.len()),
        n => format!("{} bytes, {n} not carried over", text.len()),
    };
    Report::checked(findings, Converted { from, text, lost }).with_summary(summary)
}

fn pretty(value: &Json) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

// The named schemas as JSON Schema of draft 2020-12.
fn json_schemas(root: &Json, is_31: bool) -> Json {
    let mut defs = Map::new();
    for (name, schema) in root.pointer("/components/schemas").and_then(Json::as_object).into_iter().flatten() {
        defs.insert(name.clone(), if is_31 { schema.clone() } else { upgrade::schema_to_31(schema) });
    }
    let mut schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": defs });
    value::rewrite(&mut schema, &|reference| {
        reference.strip_prefix("#/components/schemas/").map(|name| format!("#/$defs/{name}"))
    });
    schema
}

// The document without the components that nothing else leads to.
fn bundle(root: &Json, swagger: bool) -> (Json, Vec<String>, BTreeSet<String>) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut broken = BTreeSet::new();
    let mut todo: Vec<&Json> = Vec::new();
    let holders: &[&str] = if swagger { &["definitions", "parameters", "responses"] } else { &["components"] };
    for (key, member) in root.as_object().into_iter().flatten() {
        if !holders.contains(&key.as_str()) {
            todo.push(member);
        }
    }
    if !swagger {
        todo.extend(root.pointer("/components/securitySchemes"));
    }
    let depth = if swagger { 2 } else { 3 };
    while let Some(value) = todo.pop() {
        match value {
            Json::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Json::as_str) {
                    let head: Vec<&str> = reference.split('/').take(depth + 1).collect();
                    if used.insert(head.join("/")) || used.insert(reference.to_owned()) {
                        match value::target(root, &head.join("/")) {
                            Some(found) => todo.push(found),
                            None => {
                                broken.insert(reference.to_owned());
                            }
                        }
                    }
                }
                if let Some(mapping) =
                    members.get("discriminator").and_then(|found| found.get("mapping")).and_then(Json::as_object)
                {
                    for target in mapping.values().filter_map(Json::as_str) {
                        if used.insert(target.to_owned()) {
                            todo.extend(value::target(root, target));
                        }
                    }
                }
                todo.extend(members.values());
            }
            Json::Array(items) => todo.extend(items),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    let mut kept = root.clone();
    let mut dropped = Vec::new();
    let mut sweep = |holder: &mut Json, prefix: &str| {
        let Json::Object(members) = holder else { return };
        members.retain(|name, _| {
            let pointer = format!("{prefix}/{}", name.replace('~', "~0").replace('/', "~1"));
            let keep = used.contains(&pointer) || name.starts_with("x-");
            if !keep && dropped.len() < MAX_LOST {
                dropped.push(format!("{pointer}, which nothing leads to"));
            }
            keep
        });
    };
    if swagger {
        for key in holders {
            if let Some(holder) = kept.get_mut(*key) {
                sweep(holder, &format!("#/{key}"));
            }
        }
    } else if let Some(Json::Object(components)) = kept.get_mut("components") {
        for (key, holder) in
            components.iter_mut().filter(|(key, _)| *key != "securitySchemes" && !key.starts_with("x-"))
        {
            sweep(holder, &format!("#/components/{key}"));
        }
    }
    (kept, dropped, broken)
}

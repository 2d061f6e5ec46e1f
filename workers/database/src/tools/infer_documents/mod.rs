//! The schema of sampled documents: types, how often, enumerations, `$jsonSchema`, sizes, anti-patterns.
//!
//! Documents come as JSON, Extended JSON or the shell's literals ([`crate::support::ejson`]). Everything is counted over all
//! of them; nothing is sampled again.

mod rules;
mod schema;
mod shape;
mod smells;

use crate::support::ejson::{Reader, Value};
use crate::support::figure::Figure;
use octavo_toolkit::limits::{MAX_LARGE_SOURCE_BYTES, check_bytes, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use shape::{Field, Ids, Kind, Members, float};
use std::fmt::Write as _;

/// Most documents of a call.
const MAX_DOCUMENTS: usize = 200_000;
/// Most paths listed in `data`.
const MAX_PATHS: usize = 5_000;
/// Most broken documents reported.
const MAX_BROKEN: usize = 20;
/// Largest document the server takes, in bytes.
const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;
/// From here on a document is bloated, in bytes: a sixteenth of the largest.
const BLOATED_BYTES: usize = 1024 * 1024;
/// Deepest nesting the server takes.
const MAX_SERVER_DEPTH: usize = 100;
/// Most values of an enumeration.
const MAX_ENUM_VALUES: usize = 12;
/// Fewer values than this show no enumeration.
const MIN_ENUM_COUNT: usize = 20;

declare_tool! {
    /// Infers the schema of a MongoDB collection, or of any JSON documents, from a sample.
    ///
    /// Use it on documents exported from a collection before modelling, validating or migrating it. `source` holds them as a
    /// JSON array, one a line, or one after another; Extended JSON and the shell's literals keep their types, plain whole
    /// numbers are `int` or `long` by their size, numbers with a dot or an exponent `double`.
    ///
    /// `data.fields` lists every path (`a.b`, elements as `a[]`): how often it is there, its BSON types with counts and
    /// shares, distinct values, ranges, enumerations, list lengths. `data.jsonSchema` is a validator of what was seen, by
    /// the same rules as mongodb-schema's; with `strict` it also holds enumerations and refuses unknown members. Findings
    /// are the anti-patterns that counting shows: lists that grow, mixed types, names that are data, texts that are dates.
    pub struct InferDocuments;
    name: "infer_documents",
    title: "Infer a document schema",
    summary: "Infers types, optional fields, enums, $jsonSchema and anti-patterns from sampled MongoDB or JSON documents.",
    keywords: "mongodb mongoose nosql collection schema inference analyze json ndjson jsonl extended json ejson bson validator $jsonSchema optional required field types enum unbounded array anti-pattern variety compass sample firestore couchdb document model",
    examples: [
        "a field of two types, a date kept as a text" => r#"{"source":"{\"_id\": 1, \"sku\": \"a\", \"made\": \"2024-01-01\"}\n{\"_id\": 2, \"sku\": 7, \"made\": \"2024-01-02\"}\n{\"_id\": 3, \"made\": \"2024-01-03\", \"tags\": [\"x\", \"y\"]}\n{\"_id\": 4, \"made\": \"2024-01-04\"}\n{\"_id\": 5, \"made\": \"2024-01-05\"}"}"#,
        "the shell's literals" => r#"{"source":"[{_id: ObjectId('65a000000000000000000001'), at: ISODate('2024-01-01'), total: NumberDecimal('9.50')}]","strict":true}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "semantic types such as email",
        "documents beyond the sample",
        "indexes and queries on the collection",
    ],
}

/// Documents.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Documents: array, NDJSON or shell.
    source: String,
    /// Enums and no unknown fields in the schema; default false.
    #[serde(default)]
    strict: Option<bool>,
}

/// What the documents are made of.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Inferred {
    /// Documents read.
    documents: usize,
    /// Bytes of a document in BSON.
    bson_bytes: Sizes,
    /// Deepest nesting, a flat document is 1.
    depth: usize,
    /// Every path.
    fields: Vec<FieldReport>,
    /// Paths left out for their number.
    #[serde(skip_serializing_if = "is_zero")]
    fields_omitted: usize,
    /// A validator of what was seen, JSON in a text.
    json_schema: String,
}

/// Sizes of documents.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Sizes {
    /// The smallest.
    least: usize,
    /// Their mean.
    mean: usize,
    /// The largest.
    most: usize,
}

/// One path.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct FieldReport {
    /// Steps with dots; elements of lists as `[]`.
    path: String,
    /// How often it is there.
    count: usize,
    /// Share of its parents that have it, 0 to 1.
    share: Figure,
    /// The most frequent first.
    types: Vec<TypeReport>,
}

/// One type of a path.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct TypeReport {
    /// BSON alias.
    r#type: &'static str,
    /// How many values have it.
    count: usize,
    /// Distinct values; at least, where there are very many.
    #[serde(skip_serializing_if = "Option::is_none")]
    distinct: Option<usize>,
    /// All values, where they are few and come again.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#enum: Option<Vec<serde_json::Value>>,
    /// Least number, date in milliseconds, or length of a text or list.
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<Figure>,
    /// Largest of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<Figure>,
    /// Mean length of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_length: Option<Figure>,
}

impl Tool for InferDocuments {
    type Input = Input;
    type Data = Inferred;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Inferred>, ToolError> {
        check_bytes("/source", &input.source, MAX_LARGE_SOURCE_BYTES)?;
        let mut sample = Sample::default();
        sample.read(&input.source);
        let strict = input.strict.unwrap_or(false);
        let mut findings = std::mem::take(&mut sample.findings);
        smells::of_members("", &sample.root, &mut findings);
        let mut listed = Vec::new();
        list("", &sample.root.fields, sample.documents, &mut listed);
        let total = listed.len();
        listed.truncate(MAX_PATHS);
        let data = Inferred {
            documents: sample.documents,
            bson_bytes: sample.sizes(),
            depth: sample.depth,
            fields_omitted: total - listed.len(),
            fields: listed,
            json_schema: schema::of_documents(&sample.root.fields, sample.documents, strict).to_string(),
        };
        let mut summary = format!("{} in {}", plural(total, "path"), plural(sample.documents, "document"));
        if !findings.is_empty() {
            let _ = write!(summary, "; {}", plural(findings.len(), "finding"));
        }
        let mut report = Report::checked(findings, data).with_summary(summary);
        if sample.broken > MAX_BROKEN {
            report = report.not_checked(format!("{} broken documents more", sample.broken - MAX_BROKEN));
        }
        if sample.depth > schema::MAX_SCHEMA_LEVELS {
            let levels = schema::MAX_SCHEMA_LEVELS;
            report = report.not_checked(format!("members below level {levels} in data.jsonSchema"));
        }
        if sample.cut {
            report = report.not_checked(format!("documents after the first {MAX_DOCUMENTS}"));
        }
        Ok(report)
    }
}

/// Documents taken in.
#[derive(Default)]
struct Sample {
    /// All documents as the values of one type.
    root: Kind,
    documents: usize,
    bytes: usize,
    least: Option<usize>,
    most: usize,
    depth: usize,
    broken: usize,
    cut: bool,
    ids: Ids,
    findings: Vec<Finding>,
}

impl Sample {
    fn read(&mut self, source: &str) {
        let lines = LineIndex::new(source);
        let mut reader = Reader::new(source);
        let mut listed = false;
        while let Some(next) = reader.peek() {
            if self.documents >= MAX_DOCUMENTS {
                self.cut = true;
                return;
            }
            // Documents may be elements of one list, or stand one after another with or without commas.
            match next {
                '[' if !listed => {
                    listed = true;
                    reader.take('[');
                    continue;
                }
                ']' if listed => {
                    listed = false;
                    reader.take(']');
                    continue;
                }
                ',' | ';' => {
                    reader.take(next);
                    continue;
                }
                _ => {}
            }
            let start = reader.at();
            match reader.value() {
                Ok(value @ Value::Document(_)) => self.add(&value, start, &lines),
                Ok(other) => {
                    let message = format!("a value of type {} stands where a document is expected", other.alias());
                    self.problem(Finding::new(&rules::NOT_A_DOCUMENT, message).at(lines.range(start..reader.at())));
                }
                Err(broken) => {
                    self.problem(Finding::new(&rules::SYNTAX, broken.what).at(lines.range(broken.at..broken.at)));
                    reader.seek(next_document(source, start, broken.at));
                }
            }
        }
    }

    fn problem(&mut self, finding: Finding) {
        self.broken += 1;
        if self.broken <= MAX_BROKEN {
            self.findings.push(finding);
        }
    }

    fn add(&mut self, document: &Value, start: usize, lines: &LineIndex<'_>) {
        let bytes = document.bson_bytes();
        let here = lines.range(start..start);
        let name = || document.get("_id").map_or_else(String::new, |id| format!(" with _id {}", excerpt(&shown(id))));
        if bytes > MAX_DOCUMENT_BYTES {
            let message =
                format!("the document{} takes {bytes} bytes of BSON, the limit is {MAX_DOCUMENT_BYTES}", name());
            self.problem(Finding::new(&rules::TOO_LARGE, message).at(here));
        } else if bytes > BLOATED_BYTES {
            let message = format!("the document{} takes {bytes} bytes of BSON", name());
            self.problem(Finding::new(&rules::BLOATED, message).at(here));
        }
        let depth = depth(document);
        if depth > MAX_SERVER_DEPTH {
            let message = format!("the document{} nests {depth} deep, the limit is {MAX_SERVER_DEPTH}", name());
            self.problem(Finding::new(&rules::TOO_DEEP, message).at(here));
        }
        if self.ids.is_repeated(document) {
            self.problem(Finding::new(&rules::DUPLICATE_ID, format!("a second document{}", name())).at(here));
        }
        self.documents += 1;
        self.bytes += bytes;
        self.least = Some(self.least.map_or(bytes, |least| least.min(bytes)));
        self.most = self.most.max(bytes);
        self.depth = self.depth.max(depth);
        self.root.take_document(document, shape::age(document));
    }

    fn sizes(&self) -> Sizes {
        Sizes { least: self.least.unwrap_or(0), mean: self.bytes / self.documents.max(1), most: self.most }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::ObjectId(text) | Value::String(text) => text.clone(),
        other => other.number().map_or_else(|| other.alias().to_owned(), |number| number.to_string()),
    }
}

// Where reading goes on after a document that breaks off: at the next line that begins one.
fn next_document(source: &str, start: usize, broken: usize) -> usize {
    let before = source.get(..start).unwrap_or_default();
    let margin = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
    // A member that is a document stands further in than the one it is in.
    let begins = |from: usize| {
        let rest = source.get(from..).unwrap_or_default();
        rest.match_indices('\n').map(|(newline, _)| from + newline + 1).find(|line| {
            let text = source.get(*line..).unwrap_or_default();
            let inner = text.trim_start_matches([' ', '\t', ',']);
            inner.starts_with('{') && text.len() - inner.len() <= margin
        })
    };
    begins(start).or_else(|| begins(broken)).unwrap_or(source.len())
}

// A flat document is 1.
fn depth(document: &Value) -> usize {
    let mut deepest = 0;
    let mut waiting = vec![(document, 1)];
    while let Some((value, depth)) = waiting.pop() {
        match value {
            Value::Document(members) => waiting.extend(members.iter().map(|(_, value)| (value, depth + 1))),
            Value::Array(items) => waiting.extend(items.iter().map(|value| (value, depth + 1))),
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn list(path: &str, members: &Members, parents: usize, into: &mut Vec<FieldReport>) {
    for (name, field) in members.sorted() {
        list_field(&smells::joined(path, name), field, parents, into);
    }
}

fn list_field(path: &str, field: &Field, parents: usize, into: &mut Vec<FieldReport>) {
    let share = Figure::thousandths(float(field.count) / float(parents.max(1)));
    let types = field.by_frequency().into_iter().map(|kind| type_report(kind, field)).collect();
    into.push(FieldReport { path: path.to_owned(), count: field.count, share, types });
    for kind in field.by_frequency() {
        list(path, &kind.fields, kind.count, into);
        if let Some(items) = kind.items.as_ref().filter(|items| items.count > 0) {
            list_field(&format!("{path}[]"), items, items.count, into);
        }
    }
}

fn type_report(kind: &Kind, field: &Field) -> TypeReport {
    let scalar = !matches!(kind.alias, "object" | "array" | "null" | "undefined" | "minKey" | "maxKey");
    let mean = kind.item_count();
    TypeReport {
        r#type: kind.alias,
        count: kind.count,
        distinct: scalar.then_some(kind.values.len()),
        r#enum: enumeration(kind, field).map(|values| values.iter().map(|word| word_value(kind.alias, word)).collect()),
        least: kind.least.map(Figure::thousandths),
        most: kind.most.map(Figure::thousandths),
        mean_length: (kind.alias == "array").then(|| Figure::thousandths(float(mean) / float(kind.count.max(1)))),
    }
}

/// The values of a type of a field, where they are few, short and come again.
fn enumeration<'k>(kind: &'k Kind, field: &Field) -> Option<Vec<&'k str>> {
    let numbers = matches!(kind.alias, "int" | "long");
    let few = kind.values.len() <= MAX_ENUM_VALUES && kind.count >= MIN_ENUM_COUNT;
    let again = kind.values.len() * 4 <= kind.count;
    // A number is a code only where a handful of values fill the sample.
    let coded = !numbers || kind.values.len() * 10 <= kind.count;
    let kept =
        (kind.alias == "string" || numbers) && few && again && coded && kind.has_short_words() && field.count > 0;
    kept.then(|| kind.values.keys().map(String::as_str).collect())
}

/// A word of an enumeration as JSON.
fn word_value(alias: &str, word: &str) -> serde_json::Value {
    match alias {
        "int" | "long" => word.parse::<i64>().map_or_else(|_| word.into(), Into::into),
        _ => word.into(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

//! Indexes for documents: the fewest for `MongoDB`'s operations by equality, sort and range, pipelines written so that they use
//! them, keys and indexes of `DynamoDB` for access patterns.
//!
//! Stands on [`crate::support::ejson`]; it asks no server.

mod dynamo;
mod esr;
mod pipeline;
mod rules;
mod shape;
mod shell;
mod write;

use crate::support::ejson::Value;
use esr::Slot;
use octavo_toolkit::limits::{check_bytes, check_items};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use shape::{Note, Shape};
use shell::{Operation, What, operations};
use std::collections::{BTreeMap, BTreeSet};

/// Longest text of operations, in bytes.
const MAX_OPERATIONS_BYTES: usize = 512 * 1024;
/// Most operations: each is held against every index of its collection.
const MAX_OPERATIONS: usize = 1_000;
/// Most different questions that operations ask of indexes, a branch of `$or` each: each is held against every planned index.
const MAX_SHAPES: usize = 2_000;
/// Most access patterns.
const MAX_PATTERNS: usize = 200;
/// How many documents may be left out before it is told of.
const DEEP: f64 = 1_000.0;
/// Most global secondary indexes of a table of `DynamoDB`.
const MOST_GLOBAL: usize = 20;

declare_tool! {
    /// Advises indexes for MongoDB operations and DynamoDB access patterns, and rewrites pipelines.
    ///
    /// Use it with all operations that matter: finds, counts, changes and pipelines as the shell and drivers write them, and the
    /// `createIndex` calls of indexes that are there. Each gets an index by equality, sort and range (ESR); fields whose order does
    /// not matter are ordered so that one index serves several operations. Variables may stand for values.
    ///
    /// `data.create` and `data.drop` are the indexes; `data.pipelines` the pipelines that mean the same and narrow earlier.
    /// `patterns` are what a program asks of DynamoDB, such as "orders: customerId =, placed range desc"; `data.tables` has the
    /// keys and the fewest indexes found that serve them, sort keys put together with `#`.
    pub struct AdviseDocumentIndexes;
    name: "advise_document_indexes",
    title: "Advise document indexes",
    summary: "Advises MongoDB indexes by equality, sort, range, rewrites aggregation pipelines, and designs DynamoDB keys and GSIs for access patterns.",
    keywords: "mongodb mongoose atlas performance advisor esr equality sort range compound index createIndex aggregate aggregation pipeline match lookup unwind group optimize rewrite explain COLLSCAN IXSCAN dynamodb partition key sort key gsi lsi global secondary index access pattern nosql single table design documentdb cosmos",
    examples: [
        "three queries, two indexes" => r#"{"operations":"db.cars.find({make: 'Ford', cost: {$gt: 15000}}).sort({model: 1})\ndb.cars.find({make: 'Ford'}).sort({model: -1}).limit(10)\ndb.cars.aggregate([{$unwind: '$owners'}, {$match: {vin: x}}])"}"#,
        "access patterns" => r#"{"patterns":["orders: orderId =, unique","orders: customerId =, placed range desc","orders: customerId =, status =, placed desc"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "how many documents each condition leaves",
        "fields that are lists: an index holds one of them",
        "partial, wildcard, hashed and search indexes",
        "hot partitions and single-table design",
    ],
}

/// Operations or access patterns.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// `MongoDB` calls: db.c.find(..).sort(..), aggregate, createIndex.
    #[serde(default)]
    operations: Option<String>,
    /// `DynamoDB`, such as "orders: customerId =, placed range desc".
    #[serde(default)]
    patterns: Option<Vec<String>>,
}

/// What is advised.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Advice {
    /// Indexes to make.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    create: Vec<Made>,
    /// Indexes that can go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drop: Vec<Gone>,
    /// Pipelines that narrow earlier.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pipelines: Vec<Rewritten>,
    /// Tables of `DynamoDB`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<Table>,
}

/// An index to make.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Made {
    /// The call.
    call: String,
    /// Lines of the operations it serves.
    serves: Vec<u32>,
}

/// An index that can go.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Gone {
    /// The call.
    call: String,
    /// Why.
    why: String,
}

/// A pipeline that means the same.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Rewritten {
    /// Line of the operation.
    line: u32,
    /// Its stages.
    stages: String,
    /// What was done.
    changes: Vec<String>,
}

/// A table of `DynamoDB`.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Table {
    /// Its name.
    name: String,
    /// Its keys: its own first, then those of global secondary indexes.
    keys: Vec<Key>,
}

/// A key.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Key {
    /// "table", or the index's name.
    of: String,
    /// Partition key.
    partition: String,
    /// Sort key; several attributes are put together in this order.
    #[serde(skip_serializing_if = "Option::is_none")]
    sort: Option<String>,
    /// Places of the patterns it serves, from 1.
    serves: Vec<usize>,
}

impl Tool for AdviseDocumentIndexes {
    type Input = Input;
    type Data = Advice;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Advice>, ToolError> {
        let (text, patterns) = (input.operations.unwrap_or_default(), input.patterns.unwrap_or_default());
        check_bytes("/operations", &text, MAX_OPERATIONS_BYTES)?;
        check_items("/patterns", &patterns, MAX_PATTERNS)?;
        let mut findings = Vec::new();
        let mut data = Advice::default();
        let lines = LineIndex::new(&text);
        let (list, problems) = operations(&text);
        if list.len() > MAX_OPERATIONS {
            return Err(ToolError::too_large("/operations", list.len(), MAX_OPERATIONS, "operations"));
        }
        for problem in &problems {
            findings.push(Finding::new(&rules::SYNTAX, problem.what).at(lines.range(problem.at..problem.at + 1)));
        }
        if list.is_empty() && problems.is_empty() && !text.trim().is_empty() {
            findings.push(
                Finding::new(&rules::SYNTAX, "no call on a collection is found, such as db.orders.find({..})")
                    .at(lines.range(0..0)),
            );
        }
        let collections = BTreeMap::new();
        let mut advisor = Advisor { lines: &lines, findings, data: &mut data, collections, shapes: 0, left_out: 0 };
        for operation in &list {
            advisor.operation(operation);
        }
        advisor.indexes();
        let left_out = advisor.left_out;
        let mut findings = advisor.findings;
        let read: Vec<dynamo::Pattern> =
            patterns.iter().enumerate().map(|(at, text)| dynamo::pattern(at, text)).collect::<Result<_, _>>()?;
        for design in dynamo::designs(&read) {
            tables(&design, &patterns, &mut findings, &mut data);
        }
        let indexes: usize =
            data.create.len() + data.tables.iter().map(|table| table.keys.len().saturating_sub(1)).sum::<usize>();
        let summary = format!(
            "{} to make, {} to drop, {} rewritten",
            plural(indexes, "index").replace("indexs", "indexes"),
            data.drop.len(),
            plural(data.pipelines.len(), "pipeline")
        );
        let mut report = Report::checked(findings, data).with_summary(summary);
        if left_out > 0 {
            report =
                report.not_checked(format!("{left_out} branches or operations beyond {MAX_SHAPES} different ones"));
        }
        Ok(report)
    }
}

// What is known of a collection.
#[derive(Default)]
struct Collection {
    shapes: Vec<(Shape, Vec<std::ops::Range<usize>>)>,
    // Where each of them is.
    places: BTreeMap<Shape, usize>,
    special: BTreeMap<(String, &'static str), Vec<u32>>,
    existing: Vec<Existing>,
}

struct Existing {
    keys: Vec<(String, Value)>,
    span: std::ops::Range<usize>,
    plain: bool,
    partial: bool,
    used: bool,
}

impl Existing {
    // Its fields, where all of them are sorted.
    fn slots(&self) -> Option<Vec<Slot>> {
        let all = self
            .keys
            .iter()
            .map(|(name, way)| way.number().map(|way| Slot::fixed(name, if way < 0.0 { -1 } else { 1 })));
        all.collect::<Option<Vec<Slot>>>().filter(|_| !self.partial)
    }
}

struct Advisor<'a> {
    lines: &'a LineIndex<'a>,
    findings: Vec<Finding>,
    data: &'a mut Advice,
    collections: BTreeMap<String, Collection>,
    // Different shapes so far, and how many were left out.
    shapes: usize,
    left_out: usize,
}

impl Advisor<'_> {
    fn add(&mut self, collection: &str, shape: Shape, span: &std::ops::Range<usize>) {
        let known = self.collections.entry(collection.to_owned()).or_default();
        match known.places.get(&shape).and_then(|at| known.shapes.get_mut(*at)) {
            Some((_, spans)) => spans.push(span.clone()),
            None if self.shapes >= MAX_SHAPES => self.left_out += 1,
            None => {
                self.shapes += 1;
                known.places.insert(shape.clone(), known.shapes.len());
                known.shapes.push((shape, vec![span.clone()]));
            }
        }
    }

    fn notes(&mut self, notes: Vec<Note>, operation: &Operation) {
        let range = self.lines.range(operation.span.clone());
        for note in notes {
            let finding = match note {
                Note::Pattern(field) => Finding::new(
                    &rules::PATTERN,
                    format!("the pattern on {field} is not bound to its beginning, by case"),
                ),
                Note::Negation(field) => {
                    Finding::new(&rules::NEGATION, format!("the condition on {field} says what it is not"))
                }
                Note::Code => Finding::new(&rules::CODE, "$where runs code on every document"),
                Note::Special(field, kind) => {
                    let line = range.start.line;
                    self.collections
                        .entry(operation.collection.clone())
                        .or_default()
                        .special
                        .entry((field, kind))
                        .or_default()
                        .push(line);
                    continue;
                }
            };
            self.findings.push(finding.at(range));
        }
    }

    fn operation(&mut self, operation: &Operation) {
        let span = &operation.span;
        match &operation.what {
            What::Index(keys, options) => {
                let said = |name: &str| options.get(name).is_some();
                let existing = Existing {
                    keys: keys.clone(),
                    span: span.clone(),
                    plain: ![
                        "unique",
                        "sparse",
                        "expireAfterSeconds",
                        "partialFilterExpression",
                        "collation",
                        "hidden",
                    ]
                    .iter()
                    .any(|name| said(name)),
                    partial: said("partialFilterExpression"),
                    used: false,
                };
                self.collections.entry(operation.collection.clone()).or_default().existing.push(existing);
            }
            What::Find { filter, sort, skip, distinct } => {
                if *skip >= DEEP {
                    let finding = Finding::new(&rules::SKIP, format!("{skip} documents are read and left out"));
                    self.findings.push(finding.at(self.lines.range(span.clone())));
                }
                let (mut shapes, notes) = shape::shapes(filter, sort);
                if let Some(field) = distinct {
                    if shapes.is_empty() {
                        shapes.push(Shape::default());
                    }
                    for shape in &mut shapes {
                        shape.range.insert(field.clone());
                    }
                }
                self.notes(notes, operation);
                for shape in shapes {
                    self.add(&operation.collection, shape, span);
                }
            }
            What::Aggregate(stages) => {
                let (rewritten, changes) = pipeline::rewritten(stages);
                if !changes.is_empty() {
                    let finding = Finding::new(&rules::REWRITE, changes.join("; "));
                    self.findings.push(finding.at(self.lines.range(span.clone())));
                    self.data.pipelines.push(Rewritten {
                        line: self.lines.position(span.start).line,
                        stages: write::written(&Value::Array(rewritten.clone())),
                        changes,
                    });
                }
                let (filter, sort) = pipeline::beginning(&rewritten);
                let (shapes, notes) = shape::shapes(&filter, &sort);
                self.notes(notes, operation);
                for shape in shapes {
                    self.add(&operation.collection, shape, span);
                }
                for (collection, shape) in pipeline::joins(&rewritten) {
                    self.add(&collection, shape, span);
                }
            }
        }
    }

    fn indexes(&mut self) {
        for (name, mut collection) in std::mem::take(&mut self.collections) {
            let mut open: Vec<usize> = Vec::new();
            for (at, (shape, _)) in collection.shapes.iter().enumerate() {
                // Documents are found by _id at once, and one has no order.
                let own = [Slot::fixed("_id", 1)];
                let mut served = shape.equal.contains("_id") || esr::refined(&own, shape).is_some();
                for existing in &mut collection.existing {
                    let serves = existing.slots().is_some_and(|slots| esr::refined(&slots, shape).is_some());
                    existing.used |= serves;
                    served |= serves;
                }
                if !served {
                    open.push(at);
                }
            }
            let asked: Vec<(usize, &Shape)> =
                open.iter().filter_map(|at| collection.shapes.get(*at).map(|(shape, _)| (*at, shape))).collect();
            let planned = esr::plan(&asked);
            let mut made: Vec<Vec<(String, i8)>> = Vec::new();
            for one in &planned {
                let fields = esr::fields(&one.slots);
                let text = keys_text(&fields);
                let mut lines: BTreeSet<u32> = BTreeSet::new();
                for at in &one.serves {
                    let Some((shape, spans)) = collection.shapes.get(*at) else { continue };
                    for span in spans {
                        let range = self.lines.range(span.clone());
                        lines.insert(range.start.line);
                        let bare = Shape { sort: Vec::new(), ..shape.clone() };
                        let mut sorted = false;
                        for existing in
                            collection.existing.iter_mut().filter(|_| !shape.order().is_empty() && !bare.is_empty())
                        {
                            let finds = existing.slots().is_some_and(|slots| esr::refined(&slots, &bare).is_some());
                            existing.used |= finds;
                            sorted |= finds;
                        }
                        let finding = if sorted {
                            Finding::new(
                                &rules::SORT,
                                format!("what is found in {name} is sorted in memory; {text} gives its order"),
                            )
                        } else {
                            Finding::new(&rules::SCAN, format!("all of {name} is read; {text} finds it"))
                        };
                        self.findings.push(finding.at(range));
                    }
                }
                self.data
                    .create
                    .push(Made { call: call(&name, "createIndex", &text), serves: lines.into_iter().collect() });
                made.push(fields);
            }
            for ((field, kind), lines) in &collection.special {
                let there = collection.existing.iter_mut().any(|existing| {
                    let found = existing.keys.iter().any(|(name, way)| {
                        matches!(way, Value::String(known) if known == kind) && (name == field || *kind == "text")
                    });
                    existing.used |= found;
                    found
                });
                if !there {
                    let text = format!("{{{}: \"{kind}\"}}", write::quoted(field));
                    self.data.create.push(Made { call: call(&name, "createIndex", &text), serves: lines.clone() });
                }
            }
            self.drops(&name, &collection, &made);
        }
    }

    fn drops(&mut self, name: &str, collection: &Collection, made: &[Vec<(String, i8)>]) {
        let keys = |existing: &Existing| -> Option<Vec<(String, i8)>> { Some(esr::fields(&existing.slots()?)) };
        let asked = !collection.shapes.is_empty() || !collection.special.is_empty();
        for (at, existing) in collection.existing.iter().enumerate() {
            let range = self.lines.range(existing.span.clone());
            if let Some(own) = keys(existing).filter(|_| existing.plain) {
                let longer = |other: &[(String, i8)], same: bool| {
                    (other.len() > own.len() || same)
                        && other.get(..own.len()).is_some_and(|begins| {
                            begins == own.as_slice()
                                || own.len() == 1 && begins.iter().zip(&own).all(|(one, other)| one.0 == other.0)
                        })
                };
                let other = collection
                    .existing
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .find_map(|(other, one)| {
                        keys(one).filter(|keys| longer(keys, other < at && keys.len() == own.len()))
                    })
                    .or_else(|| made.iter().find(|keys| longer(keys, false)).cloned());
                if let Some(other) = other {
                    let why = format!("{} begins with the same fields", keys_text(&other));
                    self.findings.push(Finding::new(&rules::REDUNDANT, why.clone()).at(range));
                    self.data.drop.push(Gone { call: call(name, "dropIndex", &keys_text(&own)), why });
                    continue;
                }
            }
            if asked && !existing.used && existing.plain {
                self.findings.push(
                    Finding::new(&rules::UNUSED, format!("none of these operations reads this index of {name}"))
                        .at(range),
                );
            }
        }
    }
}

fn keys_text(fields: &[(String, i8)]) -> String {
    let plain = |name: &str| {
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    let list: Vec<String> = fields
        .iter()
        .map(|(name, way)| format!("{}: {way}", if plain(name) { name.clone() } else { write::quoted(name) }))
        .collect();
    format!("{{{}}}", list.join(", "))
}

fn call(collection: &str, method: &str, keys: &str) -> String {
    let plain = collection.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    let collection =
        if plain { format!("db.{collection}") } else { format!("db.getCollection({})", write::quoted(collection)) };
    format!("{collection}.{method}({keys})")
}

fn tables(design: &dynamo::Design, patterns: &[String], findings: &mut Vec<Finding>, data: &mut Advice) {
    let said = |at: &usize| patterns.get(*at).map(|text| octavo_toolkit::limits::excerpt(text)).unwrap_or_default();
    for at in &design.scans {
        findings.push(Finding::new(&rules::TABLE_SCAN, format!("pattern {} knows no partition: {}", at + 1, said(at))));
    }
    for (at, what) in &design.filtered {
        findings.push(Finding::new(&rules::FILTERED, format!("pattern {}: {what}", at + 1)));
    }
    if design.keys.len() > MOST_GLOBAL + 1 {
        findings.push(Finding::new(
            &rules::MANY_INDEXES,
            format!("{} needs {} indexes", design.entity, design.keys.len() - 1),
        ));
    }
    let keys = design.keys.iter().enumerate().map(|(at, key)| {
        let mut sort = key.sort.clone();
        if at == 0 && !design.unique {
            // Items of one partition and sort key would replace each other.
            sort.push("id".to_owned());
        }
        Key {
            of: if at == 0 { "table".to_owned() } else { format!("GSI{at}") },
            partition: key.partition.clone(),
            sort: if sort.is_empty() { None } else { Some(sort.join("#")) },
            serves: key.serves.iter().map(|at| at + 1).collect(),
        }
    });
    data.tables.push(Table { name: design.entity.clone(), keys: keys.collect() });
}

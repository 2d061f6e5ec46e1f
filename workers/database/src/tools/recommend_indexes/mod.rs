//! Indexes for a workload: the smallest set that its queries gain from, and those that are there for nothing.
//!
//! Stands on [`crate::support::query`] and [`crate::support::names`]; a model of a planner's costs decides, no server is asked.

mod choose;
mod cost;
mod facts;
mod rules;
mod workload;

use crate::support::figure::Figure;
use crate::support::names::{Budget, MAX_COLUMNS, MAX_STEPS, Tables, add_views};
use crate::support::query::{Statement, statements};
use crate::support::schema::{Dialect, Index, Schema, Table, ddl};
use choose::Choice;
use cost::Tree;
use facts::Facts;
use octavo_toolkit::limits::{MAX_NESTING_DEPTH, check_bytes, check_items, nesting_exceeded};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Rule, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use workload::Query;

/// Longest workload and schema, in bytes.
const MAX_SOURCE_BYTES: usize = 512 * 1024;
/// Most queries that are weighed: each is priced for every index that may help it.
const MAX_QUERIES: usize = 400;
/// Most statistics in one call.
const MAX_STATISTICS: usize = 20_000;

declare_tool! {
    /// Recommends the smallest set of indexes for a workload of queries over a schema.
    ///
    /// Use it with the queries that matter, all of them together: an index is chosen for what the whole workload gains, and one
    /// serves several. `-- weight: 20` before a query counts it twenty times. `statistics` say rows of tables, distinct values of
    /// columns and their range (from `pg_class` and `pg_stats`); without them tables have 100,000 rows and columns 200 values, and
    /// an index on a column of few values may be advised for nothing.
    ///
    /// `data.create` are the indexes, each with the lines of the queries it serves; `data.drop` what can go, and why;
    /// `data.queries` what each query costs before and after by a model of PostgreSQL's planner, and what it reads. Joins, ranges,
    /// lists, order with a limit, expressions such as `lower(name)`, and beginnings of texts are served.
    pub struct RecommendIndexes;
    name: "recommend_indexes",
    title: "Recommend indexes",
    summary: "Recommends the fewest indexes for a SQL workload, finds redundant and unused ones. Use when queries are slow.",
    keywords: "index indexes advisor recommend missing slow query tuning performance workload create index drop index unused duplicate redundant composite covering multicolumn dexter hypopg index_advisor pt-duplicate-key-checker btree sequential scan seq scan full table scan sort postgres mysql sqlite optimize",
    examples: [
        "two queries, one index" => r#"{"schema":"CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, placed date NOT NULL, total numeric);","queries":"SELECT id FROM orders WHERE customer_id = 7;\nSELECT total FROM orders WHERE customer_id = 7 AND placed >= '2024-01-01' AND placed < '2024-02-01';","statistics":["orders=2000000","orders.customer_id=50000"]}"#,
        "a redundant index" => r#"{"schema":"CREATE TABLE t (id int PRIMARY KEY, a int, b int);\nCREATE INDEX t_a ON t (a);\nCREATE INDEX t_a_b ON t (a, b);","queries":"SELECT id FROM t WHERE a = 1 AND b = 2;"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "GIN, GiST, BRIN, hash, partial and covering indexes",
        "what changes cost that keep the indexes",
        "the server's own plans: check with EXPLAIN, or hypopg",
    ],
}

/// A workload.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// SQL; "-- weight: 20" before one.
    queries: String,
    /// DDL with indexes.
    schema: String,
    /// Rows "t=90000", distinct values and range "t.c=500 1..999".
    #[serde(default)]
    statistics: Option<Vec<String>>,
    /// postgresql (default), mysql or sqlite.
    #[serde(default)]
    dialect: Option<String>,
}

/// What is advised.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Advice {
    /// Indexes to make, the one that gains most first.
    create: Vec<Made>,
    /// Indexes that can go.
    drop: Vec<Gone>,
    /// What each query costs.
    queries: Vec<Cost>,
}

/// An index to make.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Made {
    /// The statement.
    sql: String,
    /// Lines of the queries that read it.
    serves: Vec<u32>,
}

/// An index that can go.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Gone {
    /// The statement.
    sql: String,
    /// Why.
    why: String,
}

/// What a query costs, in pages read one after the other.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Cost {
    /// Its line.
    line: u32,
    /// As it is.
    before: Figure,
    /// With the advice.
    after: Figure,
    /// Advised indexes that it reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reads: Vec<String>,
}

impl Tool for RecommendIndexes {
    type Input = Input;
    type Data = Advice;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Advice>, ToolError> {
        check_bytes("/queries", &input.queries, MAX_SOURCE_BYTES)?;
        check_bytes("/schema", &input.schema, MAX_SOURCE_BYTES)?;
        let dialect = super::review_schema::dialect("/dialect", input.dialect.as_deref())?;
        let statistics = input.statistics.unwrap_or_default();
        check_items("/statistics", &statistics, MAX_STATISTICS)?;
        let facts = Facts::read(&statistics)?;
        let lines = LineIndex::new(&input.queries);
        let schema_lines = LineIndex::new(&input.schema);
        for (path, source, lines) in [("queries", &input.queries, &lines), ("schema", &input.schema, &schema_lines)] {
            if let Some(at) = nesting_exceeded(source) {
                let finding = Finding::new(&rules::NESTING, format!("brackets nest deeper than {MAX_NESTING_DEPTH}"));
                return Ok(Report::checked(vec![finding.at(lines.range(at..at + 1)).in_file(path)], Advice::default()));
            }
        }
        let mut schema = ddl::read(&input.schema, dialect);
        let known = choose::existing(&schema);
        let mut findings: Vec<Finding> = Vec::new();
        for problem in &schema.problems {
            let finding = Finding::new(&rules::DDL, problem.what.clone());
            findings.push(finding.at(schema_lines.range(problem.span.clone())).in_file("schema"));
        }
        let budget = Budget::default();
        add_views(&mut schema, &input.schema, dialect, &budget);
        let (list, problems) = statements(&input.queries, dialect);
        if list.len() > MAX_QUERIES {
            return Err(ToolError::too_large("/queries", list.len(), MAX_QUERIES, "queries"));
        }
        for problem in &problems {
            let finding = Finding::new(&rules::SYNTAX, problem.what.clone());
            findings.push(finding.at(lines.range(problem.span.clone())).in_file("queries"));
        }
        let queries = weighed(&list, &schema, dialect, &input.queries, &facts, &budget);
        let trees: Vec<_> = known.iter().map(|(tree, _)| tree.clone()).collect();
        let choice = choose::choose(&queries, &trees);
        let line = |query: &Query| lines.position(query.span.start).line;
        let mut data = Advice::default();
        let mut taken = BTreeMap::new();
        let mut names: BTreeMap<usize, String> = BTreeMap::new();
        for at in &choice.advised {
            let Some(tree) = choice.trees.get(*at) else { continue };
            let (sql, name) = choose::statement(tree, &schema, dialect, &mut taken);
            let serves = queries
                .iter()
                .zip(&choice.used)
                .filter(|(_, used)| used.contains(at))
                .map(|(query, _)| line(query))
                .collect();
            names.insert(*at, name);
            data.create.push(Made { sql, serves });
        }
        for ((query, (before, after)), used) in queries.iter().zip(&choice.costs).zip(&choice.used) {
            let reads: Vec<String> = used.iter().filter_map(|at| names.get(at).cloned()).collect();
            if !reads.is_empty() {
                let message = format!(
                    "{} would cost about {} instead of {} pages",
                    reads.join(", "),
                    rounded(*after),
                    rounded(*before)
                );
                findings.push(
                    Finding::new(&rules::MISSING, message).at(lines.range(query.span.clone())).in_file("queries"),
                );
            }
            for (span, column) in &query.inner_texts {
                let message = format!("no ordinary index finds parts of {column}");
                findings
                    .push(Finding::new(&rules::INNER_TEXT, message).at(lines.range(span.clone())).in_file("queries"));
            }
            data.queries.push(Cost {
                line: line(query),
                before: Figure(rounded(*before)),
                after: Figure(rounded(*after)),
                reads,
            });
        }
        let drops = drops(&schema, &known, &choice, !queries.is_empty());
        for (rule, table, index, why) in drops {
            let finding = Finding::new(rule, why.clone()).at(schema_lines.range(index.span.clone())).in_file("schema");
            findings.push(finding);
            // What is only unused here may be used elsewhere.
            if rule.id != rules::UNUSED.id
                && let Some(name) = &index.name
            {
                let name = choose::quoted(name, dialect);
                let sql = match dialect {
                    Dialect::MySql => format!("DROP INDEX {name} ON {};", choose::quoted(&table.name, dialect)),
                    Dialect::PostgreSql | Dialect::Sqlite => format!("DROP INDEX {name};"),
                };
                data.drop.push(Gone { sql, why });
            }
        }
        let summary = format!(
            "{} for {}, {} can go",
            plural(data.create.len(), "index").replace("indexs", "indexes"),
            plural(queries.len(), "query").replace("querys", "queries"),
            data.drop.len()
        );
        Ok(noted(Report::checked(findings, data).with_summary(summary), &facts, &budget))
    }
}

// With what was not looked at, or not known.
fn noted(mut report: Report<Advice>, facts: &Facts, budget: &Budget) -> Report<Advice> {
    if facts.is_empty() {
        report = report.not_checked("sizes: no statistics were given, every table was taken to have 100,000 rows");
    }
    if budget.is_cut() {
        report =
            report.not_checked(format!("columns beyond {MAX_COLUMNS} of a result, or names beyond {MAX_STEPS} steps"));
    }
    report
}

// The statements that read or change rows, each with its weight.
fn weighed(
    list: &[Statement],
    schema: &Schema,
    dialect: Dialect,
    source: &str,
    facts: &Facts,
    budget: &Budget,
) -> Vec<Query> {
    let tables = Tables::new(schema, dialect);
    let mut queries = Vec::new();
    let mut end = 0;
    for statement in list {
        let before = source.get(end..statement.span.start).unwrap_or_default();
        end = statement.span.end;
        if workload::reads(statement) {
            let weight = workload::weight(before);
            queries.push(workload::query(statement, weight, schema, dialect, source, facts, (&tables, budget)));
        }
    }
    queries
}

// To two digits: it is a model.
fn rounded(cost: f64) -> f64 {
    if !cost.is_finite() || cost < 10.0 {
        return (cost * 10.0).round() / 10.0;
    }
    let mut unit = 1.0;
    while cost / unit >= 100.0 {
        unit *= 10.0;
    }
    (cost / unit).round() * unit
}

// Indexes that are there for nothing.
fn drops<'s>(
    schema: &'s Schema,
    known: &[(Tree, Option<(usize, usize)>)],
    choice: &Choice,
    asked: bool,
) -> Vec<(&'static Rule, &'s Table, &'s Index, String)> {
    let mut list: Vec<(&'static Rule, &Table, &Index, String)> = Vec::new();
    let used: BTreeSet<usize> = choice.used.iter().flatten().copied().collect();
    for (at, (tree, place)) in known.iter().enumerate() {
        let Some((table, index)) = place.and_then(|(table, index)| {
            let table = schema.tables.get(table)?;
            Some((table, table.indexes.get(index)?))
        }) else {
            continue;
        };
        let own = index.name.as_deref().unwrap_or("it");
        let called = |other: usize| match known.get(other) {
            Some((_, Some((table, index)))) => schema
                .tables
                .get(*table)
                .and_then(|table| table.indexes.get(*index))
                .and_then(|index| index.name.clone())
                .unwrap_or_else(|| "another index".to_owned()),
            Some((_, None)) => "a key".to_owned(),
            None => "the advised index".to_owned(),
        };
        let others = || {
            choice
                .trees
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at && (*other < choice.existing || choice.advised.contains(other)))
        };
        let same = others().find(|(other, one)| {
            one.table == tree.table
                && one.parts == tree.parts
                && (*other < at || one.unique && !tree.unique)
                && (!tree.unique || one.unique)
        });
        if let Some((other, _)) = same {
            list.push((&rules::DUPLICATE, table, index, format!("{own} is the same as {}", called(other))));
            continue;
        }
        let longer = others().find(|(_, one)| {
            one.table == tree.table
                && one.parts.len() > tree.parts.len()
                && one.parts.starts_with(&tree.parts)
                && !tree.unique
        });
        if let Some((other, _)) = longer {
            list.push((&rules::REDUNDANT, table, index, format!("{own} is the beginning of {}", called(other))));
            continue;
        }
        let holds_reference = table.foreign_keys.iter().any(|key| {
            let parts: Vec<&str> = index.parts.iter().filter_map(|part| part.column.as_deref()).collect();
            key.columns.iter().zip(&parts).all(|(one, other)| one == other) && parts.len() >= key.columns.len()
        });
        if asked && !used.contains(&at) && !index.unique && !holds_reference {
            list.push((&rules::UNUSED, table, index, format!("none of these queries reads {own}")));
        }
    }
    list
}

//! Lint of queries against a schema: names, types and groups as the server resolves them, traps of NULL and joins, conditions that
//! no index serves, and texts that let values become SQL.
//!
//! Stands on [`crate::support::query`] and [`crate::support::names`]; it runs nothing and asks no server.

mod host;
mod rules;
mod style;
mod traps;

use crate::support::names::{Budget, MAX_COLUMNS, MAX_STEPS, Resolver, Tables, Wrong, add_views};
use crate::support::query::{Kind, Statement, statements};
use crate::support::schema::{Schema, ddl};
use octavo_toolkit::input::MAX_PATH_BYTES;
use octavo_toolkit::limits::{MAX_NESTING_DEPTH, check_bytes, nesting_exceeded};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};

/// Longest source, in bytes.
const MAX_QUERY_BYTES: usize = 1024 * 1024;
/// Most results that are described.
const MAX_RESULTS: usize = 1_000;

declare_tool! {
    /// Lints SQL queries, against a schema where one is given.
    ///
    /// Use it on queries before they run. With `schema`, names and types are resolved as PostgreSQL does: tables and columns that
    /// are not there, names that mean two, columns that are not grouped by, types that do not go together; `data.results` has each
    /// query's columns with their types. Without it, what needs no schema is checked.
    ///
    /// Traps: comparisons with NULL, NOT IN over what may be NULL, outer joins that a condition undoes, tables that nothing
    /// connects, conditions that keep an index from being used (with a rewrite where it is safe). sqlfluff's rules that concern
    /// meaning carry its codes. Host code (a `filename` such as app.py) and dynamic SQL in routines are searched for queries that are
    /// put together from values.
    pub struct LintQueries;
    name: "lint_queries",
    title: "Lint SQL queries",
    summary: "Lints SQL queries against a schema: unknown names, type errors, GROUP BY, NULL traps, non-sargable conditions, cross joins, injection. Gives rewrites.",
    keywords: "sqlfluff sqruff sqlglot squawk sql query lint check validate review select join where group by null not in exists sargable index performance slow rewrite ambiguous column type mismatch cartesian cross join injection string concatenation prepared statement postgres mysql sqlite",
    examples: [
        "a trap and an error" => r#"{"schema":"CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\nCREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, placed timestamptz NOT NULL);\nCREATE INDEX orders_placed ON orders (placed);","source":"SELECT nam FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE placed::date = '2024-05-01');"}"#,
        "host code" => r#"{"filename":"app.py","source":"cursor.execute(\"SELECT * FROM users WHERE name = '\" + name + \"'\")"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "layout, capitalisation and other rules of style of sqlfluff",
        "types in MySQL and SQLite, which convert",
        "functions of your own: what they give has no type here",
        "templates (Jinja, dbt)",
    ],
}

/// Queries.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// SQL, or host code.
    source: String,
    /// DDL of the tables.
    #[serde(default)]
    schema: Option<String>,
    /// postgresql (default), mysql or sqlite.
    #[serde(default)]
    dialect: Option<String>,
    /// Such as app.py: searched for SQL put together.
    #[serde(default)]
    filename: Option<String>,
}

/// What the queries give.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Linted {
    /// Statements read.
    statements: usize,
    /// The columns of each result, with a schema.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<Outcome>,
}

/// The columns of a result.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Outcome {
    /// Line of the statement.
    line: u32,
    /// Name and type of each column.
    columns: Vec<String>,
}

impl Tool for LintQueries {
    type Input = Input;
    type Data = Linted;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Linted>, ToolError> {
        check_bytes("/source", &input.source, MAX_QUERY_BYTES)?;
        let ddl_text = input.schema.as_deref().unwrap_or_default();
        check_bytes("/schema", ddl_text, MAX_QUERY_BYTES)?;
        let dialect = super::review_schema::dialect("/dialect", input.dialect.as_deref())?;
        if let Some(filename) = &input.filename {
            check_bytes("/filename", filename, MAX_PATH_BYTES)?;
        }
        let lines = LineIndex::new(&input.source);
        if let Some(language) = input.filename.as_deref().and_then(host::language) {
            let findings = host::findings(&input.source, language, &lines);
            let summary = format!("{} that may become part of SQL", plural(findings.len(), "value"));
            return Ok(Report::checked(findings, Linted { statements: 0, results: Vec::new() }).with_summary(summary));
        }
        if let Some(at) = nesting_exceeded(&input.source) {
            let finding = Finding::new(&rules::NESTING, format!("brackets nest deeper than {MAX_NESTING_DEPTH}"));
            return Ok(Report::checked(
                vec![finding.at(lines.range(at..at + 1))],
                Linted { statements: 0, results: Vec::new() },
            ));
        }
        let mut schema =
            if nesting_exceeded(ddl_text).is_some() { Schema::default() } else { ddl::read(ddl_text, dialect) };
        let budget = Budget::default();
        add_views(&mut schema, ddl_text, dialect, &budget);
        let (list, problems) = statements(&input.source, dialect);
        let mut findings: Vec<Finding> = problems
            .iter()
            .map(|problem| Finding::new(&rules::SYNTAX, problem.what.clone()).at(lines.range(problem.span.clone())))
            .collect();
        let mut results = Vec::new();
        let tables = Tables::new(&schema, dialect);
        for statement in &list {
            style::check(statement, &input.source, dialect, &lines, &mut findings);
            let mut watch = traps::Traps { lines: &lines, source: &input.source, findings: Vec::new() };
            let mut resolver = Resolver::new(&schema, dialect, &input.source, &budget).with_tables(&tables);
            let columns = resolver.statement(statement, &mut watch);
            findings.append(&mut watch.findings);
            let known = !schema.tables.is_empty();
            for fault in &resolver.faults {
                let rule = match fault.wrong {
                    Wrong::Table => &rules::UNKNOWN_TABLE,
                    Wrong::Column => &rules::UNKNOWN_COLUMN,
                    Wrong::Ambiguous => &rules::AMBIGUOUS,
                    Wrong::Ungrouped => &rules::UNGROUPED,
                    Wrong::Type => &rules::TYPE,
                    Wrong::Double => &rules::DOUBLE_ALIAS,
                    Wrong::Count => &rules::COUNT,
                };
                findings.push(Finding::new(rule, fault.message.clone()).at(lines.range(fault.span.clone())));
            }
            if known && results.len() < MAX_RESULTS && is_read(statement) && !columns.is_empty() {
                let columns = columns
                    .into_iter()
                    .map(|column| format!("{} {}", column.name, column.ty).trim_end().to_owned())
                    .collect();
                results.push(Outcome { line: lines.position(statement.span.start).line, columns });
            }
        }
        findings.extend(host::routines(&input.source, dialect, &lines));
        let summary =
            format!("{} in {}", plural(findings.len(), "finding"), plural(list.len() + problems.len(), "statement"));
        let data = Linted { statements: list.len(), results };
        let mut report = Report::checked(findings, data).with_summary(summary);
        if schema.tables.is_empty() {
            report = report.not_checked("names and types: no schema was given");
        } else if !schema.problems.is_empty() {
            report = report.not_checked(format!(
                "{} of the schema that cannot be read; database_review_schema says where",
                plural(schema.problems.len(), "statement")
            ));
        }
        if budget.is_cut() {
            report = report
                .not_checked(format!("columns beyond {MAX_COLUMNS} of a result, or names beyond {MAX_STEPS} steps"));
        }
        Ok(report)
    }
}

fn is_read(statement: &Statement) -> bool {
    match &statement.kind {
        Kind::Select(_) => true,
        Kind::Insert(insert) => !insert.returning.is_empty(),
        Kind::Update(update) => !update.returning.is_empty(),
        Kind::Delete(delete) => !delete.returning.is_empty(),
        Kind::Other => false,
    }
}

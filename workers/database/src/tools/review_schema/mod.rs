//! Review of a schema: lints of keys and indexes, normal forms from functional dependencies, an entity-relationship diagram.
//!
//! Stands on [`crate::support::schema`]; it runs nothing and asks no server.

mod forms;
mod lints;
mod normal;
mod rules;

use crate::support::schema::{Dialect, Schema, Table, ddl};
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, LineIndex, Report, Tool, ToolError, declare_tool, suggest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Dialects by their words.
const DIALECTS: &[(&str, Dialect)] =
    &[("postgresql", Dialect::PostgreSql), ("mysql", Dialect::MySql), ("sqlite", Dialect::Sqlite)];
/// Most tables drawn: more make no picture.
const MAX_DRAWN_TABLES: usize = 200;
/// Most columns drawn of a table.
const MAX_DRAWN_COLUMNS: usize = 60;

declare_tool! {
    /// Reviews the DDL of a schema: a dump, a hand-written file, or a history of migrations.
    ///
    /// Use it before a schema is built on. Statements are applied in order (CREATE, ALTER, DROP, RENAME); one that cannot be
    /// read is a finding, and reading goes on behind it. Findings are SchemaCrawler's lints that DDL can show: foreign keys
    /// without an index or of another type, circles, redundant indexes, tables without a key, and more.
    ///
    /// With `dependencies` ("orders: customer -> city"), `data.normalForms` has every candidate key, a minimal cover, the
    /// normal form and what breaks the next, and decompositions into 3NF and BCNF, each proved lossless by the chase, with
    /// the dependencies that it loses. Keys of the tables count as dependencies by themselves. `data.mermaid` draws the tables.
    pub struct ReviewSchema;
    name: "review_schema",
    title: "Review a schema",
    summary: "Reviews SQL DDL: foreign keys without index, type mismatches, cycles, redundant indexes, missing keys, normal forms; draws an ER diagram.",
    keywords: "schemacrawler schemaspy ddl create table database design review lint normalization normal form 1nf 2nf 3nf bcnf functional dependency candidate key decomposition lossless foreign key index erd entity relationship diagram mermaid postgres mysql sqlite dump redundant duplicate index primary key model",
    examples: [
        "a foreign key without an index, of another type" => r#"{"source":"CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, placed timestamptz NOT NULL);\nCREATE INDEX orders_placed ON orders (placed);\nCREATE INDEX orders_placed_id ON orders (placed, id);"}"#,
        "normal forms" => r#"{"source":"CREATE TABLE lines (order_id int, product_id int, quantity int NOT NULL, product_name text NOT NULL, PRIMARY KEY (order_id, product_id));","dependencies":["lines: product_id -> product_name"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "views, triggers, routines, privileges",
        "the data: row counts, whether dependencies hold",
        "SQL Server and Oracle",
    ],
}

/// A schema.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// SQL DDL.
    source: String,
    /// postgresql (default), mysql or sqlite.
    #[serde(default)]
    dialect: Option<String>,
    /// Such as "orders: customer -> city".
    #[serde(default)]
    dependencies: Option<Vec<String>>,
}

/// The schema and its normal forms.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reviewed {
    /// Statements read.
    statements: usize,
    /// Tables.
    tables: Vec<TableReport>,
    /// Circles of foreign keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cycles: Vec<Vec<String>>,
    /// Of the relations in `dependencies`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    normal_forms: Vec<forms::NormalForm>,
    /// An entity-relationship diagram.
    mermaid: String,
}

/// A table in short.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct TableReport {
    /// Its name.
    name: String,
    /// Its columns.
    columns: usize,
    /// Its primary key.
    key: Vec<String>,
    /// Indexes, those of keys among them.
    indexes: usize,
    /// Tables it refers to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refers_to: Vec<String>,
}

impl Tool for ReviewSchema {
    type Input = Input;
    type Data = Reviewed;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Reviewed>, ToolError> {
        check_bytes("/source", &input.source, MAX_SOURCE_BYTES)?;
        let dialect = dialect("/dialect", input.dialect.as_deref())?;
        let schema = ddl::read(&input.source, dialect);
        let lines = LineIndex::new(&input.source);
        let mut findings = lints::Review { schema: &schema, dialect, lines: &lines }.findings();
        let dependencies = input.dependencies.unwrap_or_default();
        let normal_forms = forms::review(&dependencies, &schema, &lines, &mut findings)?;
        let mut summary =
            format!("{} in {}", plural(schema.tables.len(), "table"), plural(schema.statements, "statement"));
        if !findings.is_empty() {
            let _ = write!(summary, "; {}", plural(findings.len(), "finding"));
        }
        let data = Reviewed {
            statements: schema.statements,
            tables: schema.tables.iter().map(table_report).collect(),
            cycles: lints::cycles(&schema),
            normal_forms,
            mermaid: mermaid(&schema),
        };
        let mut report = Report::checked(findings, data).with_summary(summary);
        let ignored: Vec<String> =
            schema.ignored.iter().map(|(kind, count)| format!("{count} {kind}")).take(12).collect();
        if !ignored.is_empty() {
            report = report.not_checked(format!("statements that say nothing of tables: {}", ignored.join(", ")));
        }
        Ok(report)
    }
}

/// A dialect by its word.
pub(super) fn dialect(pointer: &str, word: Option<&str>) -> Result<Dialect, ToolError> {
    let Some(word) = word else { return Ok(Dialect::PostgreSql) };
    let known = DIALECTS.iter().find(|(known, _)| *known == word).map(|(_, dialect)| *dialect);
    known.ok_or_else(|| {
        let near = suggest::nearest(word, DIALECTS.iter().map(|(word, _)| *word));
        let accepted = near.map_or_else(
            || "postgresql, mysql or sqlite".to_owned(),
            |near| format!("postgresql, mysql or sqlite; did you mean \"{near}\""),
        );
        ToolError::invalid(pointer, "is no dialect that is read", accepted)
    })
}

fn table_report(table: &Table) -> TableReport {
    let refers: BTreeSet<String> = table.foreign_keys.iter().map(|key| key.table.clone()).collect();
    TableReport {
        name: table.name.clone(),
        columns: table.columns.len(),
        key: table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default(),
        indexes: usize::from(table.primary_key.is_some()) + table.uniques.len() + table.indexes.len(),
        refers_to: refers.into_iter().collect(),
    }
}

// Mermaid's `erDiagram`: entities with their columns, relationships with their cardinalities.
fn mermaid(schema: &Schema) -> String {
    let mut text = "erDiagram\n".to_owned();
    let word = |name: &str| -> String {
        let plain: String =
            name.chars().map(|c| if c.is_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect();
        if plain.starts_with(|c: char| c.is_ascii_digit()) || plain.is_empty() { format!("t{plain}") } else { plain }
    };
    for table in schema.tables.iter().take(MAX_DRAWN_TABLES) {
        let keys = table.keys();
        for key in &table.foreign_keys {
            let columns: BTreeSet<&str> = key.columns.iter().map(String::as_str).collect();
            let unique = keys.iter().any(|known| known.iter().copied().collect::<BTreeSet<_>>() == columns);
            let optional = key.columns.iter().any(|name| table.column(name).is_some_and(|column| !column.not_null));
            let (one, many) = (if optional { "|o" } else { "||" }, if unique { "o|" } else { "o{" });
            let _ = writeln!(
                text,
                "  {} {one}--{many} {} : \"{}\"",
                word(&key.table),
                word(&table.name),
                key.columns.join(", ").replace('"', "'")
            );
        }
        let _ = writeln!(text, "  {} {{", word(&table.name));
        for column in table.columns.iter().take(MAX_DRAWN_COLUMNS) {
            let primary = table.primary_key.as_ref().is_some_and(|key| key.columns.contains(&column.name));
            let foreign = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
            let unique = table.uniques.iter().any(|key| key.columns.len() == 1 && key.columns.contains(&column.name));
            let marks: Vec<&str> = [(primary, "PK"), (foreign, "FK"), (unique, "UK")]
                .iter()
                .filter(|(is, _)| *is)
                .map(|(_, mark)| *mark)
                .collect();
            let ty = if column.ty.name.is_empty() { "any".to_owned() } else { word(&column.ty.name) };
            let marks = if marks.is_empty() { String::new() } else { format!(" {}", marks.join(", ")) };
            let _ = writeln!(text, "    {ty} {}{marks}", word(&column.name));
        }
        text.push_str("  }\n");
    }
    text
}

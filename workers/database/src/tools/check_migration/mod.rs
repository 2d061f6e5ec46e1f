//! Migration safety for Postgres: squawk's rules, and a model of what each statement locks, reads and rewrites.
//!
//! The model walks the whole history in order, so that it knows which tables are new, which types columns have and which
//! constraints are validated. It executes nothing and knows nothing of the data but what the caller says of its size.

mod advice;
mod alter;
mod alter_table;
mod catalog;
mod column;
mod constraint;
mod create;
mod drop;
mod effects;
mod history;
mod maintain;
mod model;
mod query;
mod rules;
mod squawk;
mod statement;
mod text;
mod version;

use crate::support::postgres::lock::{Blocks, LockMode};
use crate::support::postgres::name::ObjectName;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::suggest;
use octavo_toolkit::{Ctx, Report, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};

/// Oldest version whose locks are known.
const MIN_VERSION: u16 = 11;
/// Newest version whose locks are known.
const MAX_VERSION: u16 = 18;
/// Version taken when none is given; squawk's default too.
const DEFAULT_VERSION: u16 = 15;
/// Most bytes of all files together: squawk's rules read the tree some seventy times, and the worst texts of this size
/// were seen to take 4.5 seconds and 84 MB as wasm.
const MAX_TOTAL_BYTES: usize = 1024 * 1024;
/// Most tables whose size can be given.
const MAX_TABLE_SIZES: usize = 1_000;
/// Longest of them, in bytes: two quoted names and a number.
const MAX_TABLE_SIZE_BYTES: usize = 512;

declare_tool! {
    /// Checks PostgreSQL migrations before they run: what each statement locks and for how long.
    ///
    /// Use it on one migration, or better on the whole history in order: tables that the same migration creates are safe,
    /// column types that are known make some changes free, constraints that are validated spare a scan.
    ///
    /// Findings carry squawk's rule ids (squawk 2.68, with its `-- squawk-ignore` comments; its opt-in rules through
    /// `include`) and the rules of this tool's own model. Where the model shows that a finding about locks is harmless
    /// here, it stays as a remark and says why. `data` lists the statements: the strongest lock on each relation, what it
    /// blocks, whether rows are rewritten or read through, how long (a class; with `tables` given, from the rows), and a
    /// way that blocks less. Files may hold `COPY` data, psql commands, and the markers of goose, dbmate and sql-migrate;
    /// their down halves are linted only. PL/pgSQL in DO blocks is followed, dynamic SQL is not.
    ///
    /// Rows per second behind the duration classes are rough figures of one server; trust their order of magnitude.
    pub struct CheckMigration;
    name: "check_migration",
    title: "Check migrations",
    summary: "Finds PostgreSQL migrations that lock, rewrite or fail, and safer ways, by squawk's rules and a lock model. Use before shipping DDL.",
    keywords: "postgres psql ALTER TABLE ADD COLUMN CREATE INDEX CONCURRENTLY NOT NULL constraint foreign key DROP RENAME type schema change ACCESS EXCLUSIVE blocking downtime outage zero-downtime deploy production huge backfill slow lock_timeout rails django prisma flyway alembic liquibase",
    examples: [
        "a column, an index and a constraint on a table in use" => r#"{"source":"SET lock_timeout = '1s';\nSET statement_timeout = '5s';\nALTER TABLE orders ADD COLUMN note text DEFAULT '';\nCREATE INDEX orders_note_idx ON orders (note);\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;","tables":["orders=50000000"]}"#,
        "a history: what the first file creates is known to the second" => r#"{"files":[{"path":"1.sql","source":"CREATE TABLE users (id bigint PRIMARY KEY, name varchar(50));"},{"path":"2.sql","source":"ALTER TABLE users ALTER COLUMN name TYPE text;\nALTER TABLE users DROP COLUMN mail;"}],"postgresVersion":16,"assumeInTransaction":true}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "whether the data fits new constraints",
        "dynamic SQL, called functions, triggers, extensions",
        "ROLLBACK TO savepoints",
        "row locks, brief catalogue locks",
    ],
}

/// `source` or `files`.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// One migration.
    #[serde(default)]
    source: Option<String>,
    /// Or the history, in order.
    #[serde(default)]
    files: Option<Vec<SourceFile>>,
    /// 11 to 18; default 15.
    #[serde(default)]
    postgres_version: Option<u16>,
    /// One for each file; default false.
    #[serde(default)]
    assume_in_transaction: Option<bool>,
    /// Such as orders=5000000 rows.
    #[serde(default)]
    tables: Option<Vec<String>>,
    /// Opt-in squawk rules.
    #[serde(default)]
    include: Option<Vec<String>>,
}

/// How large a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TableSize {
    name: ObjectName,
    rows: u64,
}

impl TableSize {
    // `orders=5000000`; the name as SQL writes it.
    fn read(text: &str, at: usize) -> Result<Self, ToolError> {
        let pointer = format!("/tables/{at}");
        check_bytes(&pointer, text, MAX_TABLE_SIZE_BYTES)?;
        let size = text.rsplit_once('=').and_then(|(name, rows)| {
            let rows = rows.trim().replace('_', "").parse().ok()?;
            (!name.trim().is_empty()).then(|| Self { name: ObjectName::read(name), rows })
        });
        let accepted = "a table and its number of rows, such as \"orders=5000000\" or \"shop.orders=5000000\"";
        size.ok_or_else(|| ToolError::invalid(pointer, "is no table with a number of rows", accepted))
    }
}

/// What the migrations do, statement by statement.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Migrations {
    /// The version the locks are those of.
    postgres_version: u16,
    /// Statements of the model, all of them.
    statement_count: usize,
    /// How many of them write a table with rows anew, or may.
    rewrite_count: usize,
    /// How many of them read such a table through, or may.
    scan_count: usize,
    /// How many of them keep readers and writers out of a relation that was there before.
    blocking_read_count: usize,
    /// How many of them keep only writers out.
    blocking_write_count: usize,
    /// The statements that touch a relation; the most blocking ones where there are too many.
    statements: Vec<StatementReport>,
    /// How many of those were left out for room.
    #[serde(skip_serializing_if = "is_zero")]
    statements_omitted: usize,
}

/// What one statement does.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StatementReport {
    /// Its file, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Its first line.
    line: u32,
    /// Its kind.
    statement: String,
    /// Whether it runs within a transaction of several statements.
    in_transaction: bool,
    /// The strongest lock on each relation.
    locks: Vec<LockReport>,
    /// What others wait for on relations that were there before.
    blocks: Blocks,
    /// Relations written anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rewrites: Vec<String>,
    /// Relations read through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scans: Vec<String>,
    /// Relations written anew or read through, unless something holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uncertain: Vec<String>,
    /// How long, once its locks are granted.
    duration: Duration,
    /// Seconds it may take, from the rows given.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
    /// Why its locks bother nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    safe_because: Option<String>,
    /// What the model cannot see.
    #[serde(skip_serializing_if = "Option::is_none")]
    cannot_see: Option<String>,
    /// A way that blocks less.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
}

/// A lock on one relation.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LockReport {
    /// The relation.
    relation: String,
    /// Its strongest lock.
    mode: LockMode,
}

/// How long a statement holds its locks by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Duration {
    /// Works on the catalogue or on new tables alone.
    Instant,
    /// Below a minute.
    Seconds,
    /// Below an hour.
    Minutes,
    /// An hour or more.
    Hours,
    /// As long as the rows take; their number was not given.
    GrowsWithTable,
    /// Cannot be said.
    Unknown,
}

impl Tool for CheckMigration {
    type Input = Input;
    type Data = Migrations;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Migrations>, ToolError> {
        let version = input.postgres_version.unwrap_or(DEFAULT_VERSION);
        if !(MIN_VERSION..=MAX_VERSION).contains(&version) {
            let accepted = format!("a major version from {MIN_VERSION} to {MAX_VERSION}");
            return Err(ToolError::invalid("/postgresVersion", "is not a version whose locks are known", accepted));
        }
        let include = included(&input.include.unwrap_or_default())?;
        let tables = input.tables.unwrap_or_default();
        check_items("/tables", &tables, MAX_TABLE_SIZES)?;
        let sizes = tables.iter().enumerate().map(|(at, text)| TableSize::read(text, at));
        let sizes = sizes.collect::<Result<Vec<_>, _>>()?;
        let (files, named) = match (input.source, input.files) {
            (Some(source), None) => {
                check_bytes("/source", &source, MAX_TOTAL_BYTES)?;
                (vec![SourceFile { path: String::new(), source }], false)
            }
            (None, Some(files)) if !files.is_empty() => {
                check_files("/files", &files)?;
                let bytes = files.iter().map(|file| file.source.len()).sum();
                if bytes > MAX_TOTAL_BYTES {
                    return Err(ToolError::too_large("/files", bytes, MAX_TOTAL_BYTES, "bytes"));
                }
                (files, true)
            }
            (Some(_), Some(_)) => {
                return Err(ToolError::invalid("/files", "is given beside `source`", "one of the two"));
            }
            (None, _) => {
                return Err(ToolError::invalid("", "hold no migration", "`source`, or `files` with at least one file"));
            }
        };
        let options = history::Options {
            version,
            assume_in_transaction: input.assume_in_transaction.unwrap_or(false),
            include,
            named,
        };
        Ok(history::check(&files, sizes, &options, ctx))
    }
}

fn included(ids: &[String]) -> Result<Vec<squawk_linter::Rule>, ToolError> {
    check_items("/include", ids, rules::PEERS.len())?;
    let rules = ids.iter().enumerate().map(|(at, id)| {
        squawk::rule(id).ok_or_else(|| {
            let names = squawk::opt_in();
            let accepted = match suggest::nearest(id, names.iter().copied()) {
                Some(near) => format!("an id of squawk such as \"{near}\""),
                None => format!("one of {}", names.join(", ")),
            };
            ToolError::invalid(format!("/include/{at}"), "is not a rule of squawk", accepted)
        })
    });
    rules.collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn shown(name: &impl std::fmt::Display) -> String {
    excerpt(&name.to_string())
}

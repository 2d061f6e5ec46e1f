//! Difference of two schemas: statements that lead from one to the other and back, in an order that works, with what they destroy.
//!
//! Stands on [`crate::support::schema`]; it runs nothing and asks no server.

mod alter;
mod mysql;
mod object;
mod plan;
mod postgres;
mod reference;
mod rules;
mod sqlite;
mod text;
mod things;

use crate::support::schema::Dialect;
use crate::support::schema::lex::statements;
use object::MAX_GRANTS;
use octavo_toolkit::limits::{MAX_NESTING_DEPTH, check_bytes, check_items, nesting_exceeded};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Tool, ToolError, declare_tool};
use plan::{Plan, Rename, Side, Which};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Longest schema, in bytes: statements are compared with each other.
const MAX_SCHEMA_BYTES: usize = 1024 * 1024;
/// Most columns of one table: those that `MySQL` takes, the most of the three as they are built by default.
const MAX_COLUMNS: usize = 4_096;
/// Most renames in one call, and in the comments of one schema: each is looked for in all of it.
const MAX_RENAMES: usize = 500;

declare_tool! {
    /// Compares two schemas and writes the statements that lead from the one to the other, and back.
    ///
    /// Use it to make a migration of a changed schema file. Tables, columns, keys, checks, indexes, references, enumerations,
    /// comments and settings are changed where they stand; views, routines, triggers, policies, domains, sequences, extensions
    /// and grants are replaced or altered, in an order in which nothing is missing. SQLite tables that cannot be altered are
    /// made anew and their rows copied.
    ///
    /// `data.up` and `data.down` hold the statements; `destroys` says what data one of them takes. A comment
    /// `-- @renamed from=old` behind a column, table or index, or an entry of `renames`, renames instead of dropping; what looks
    /// renamed and is not said to be is a finding.
    pub struct DiffSchemas;
    name: "diff_schemas",
    title: "Diff two schemas",
    summary: "Writes ordered up and down migration statements from one SQL schema to another, flagging data loss and likely renames.",
    keywords: "generate migrations ddl differ sqldef psqldef mysqldef migra atlas pg-schema-diff skeema liquibase flyway declarative schema diff compare migration generate alter table ddl desired state current up down rollback revert data loss destructive drop column rename candidate postgres mysql mariadb sqlite",
    examples: [
        "a column comes, a type widens" => r#"{"current":"CREATE TABLE users (id int PRIMARY KEY, name varchar(20));","desired":"CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20), email text NOT NULL DEFAULT '');\nCREATE INDEX users_email ON users (email);"}"#,
        "a rename is said" => r#"{"current":"CREATE TABLE users (id int PRIMARY KEY, nam text);","desired":"CREATE TABLE users (id int PRIMARY KEY, name text);","renames":["users.nam -> name"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "the data: whether rows hold to new constraints",
        "locks and time: database_check_migration does",
        "ownership, tablespaces, default privileges taken back",
        "SQL Server and Oracle",
    ],
}

/// Two schemas.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// SQL DDL as it is.
    current: String,
    /// SQL DDL as it shall be.
    desired: String,
    /// postgresql (default), mysql or sqlite.
    #[serde(default)]
    dialect: Option<String>,
    /// Such as "users.nam -> name" or "user -> users".
    #[serde(default)]
    renames: Option<Vec<String>>,
}

/// Statements there and back.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Difference {
    /// From current to desired, in order.
    up: Vec<Statement>,
    /// From desired to current, in order.
    down: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Statement {
    /// The statement, with its semicolon.
    sql: String,
    /// What data it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    destroys: Option<String>,
}

impl Tool for DiffSchemas {
    type Input = Input;
    type Data = Difference;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Difference>, ToolError> {
        check_bytes("/current", &input.current, MAX_SCHEMA_BYTES)?;
        check_bytes("/desired", &input.desired, MAX_SCHEMA_BYTES)?;
        let dialect = super::review_schema::dialect("/dialect", input.dialect.as_deref())?;
        let asked = input.renames.unwrap_or_default();
        check_items("/renames", &asked, MAX_RENAMES)?;
        let renames =
            asked.iter().enumerate().map(|(at, text)| rename(at, text, dialect)).collect::<Result<Vec<_>, _>>()?;
        let lines = [LineIndex::new(&input.current), LineIndex::new(&input.desired)];
        let sources = [("current", &input.current), ("desired", &input.desired)];
        for ((path, source), lines) in sources.iter().zip(&lines) {
            if let Some(at) = nesting_exceeded(source) {
                let finding = Finding::new(&rules::NESTING, format!("brackets nest deeper than {MAX_NESTING_DEPTH}"));
                let data = Difference { up: Vec::new(), down: Vec::new() };
                return Ok(Report::checked(vec![finding.at(lines.range(at..at + 1)).in_file(*path)], data));
            }
        }
        let (from, to) = (Side::read(&input.current, dialect), Side::read(&input.desired, dialect));
        for (pointer, side) in [("/current", &from), ("/desired", &to)] {
            let renames = side.renames();
            if renames > MAX_RENAMES {
                return Err(ToolError::too_large(pointer, renames, MAX_RENAMES, "renames in comments"));
            }
            let columns = side.schema.tables.iter().map(|table| table.columns.len()).max().unwrap_or_default();
            if columns > MAX_COLUMNS {
                return Err(ToolError::too_large(pointer, columns, MAX_COLUMNS, "columns in a table"));
            }
        }
        let more_grants = from.more_grants || to.more_grants;
        let mut findings = Vec::new();
        for ((side, lines), (path, _)) in [&from, &to].iter().zip(&lines).zip(sources) {
            for problem in &side.schema.problems {
                findings.push(
                    Finding::new(&rules::SYNTAX, problem.what.clone())
                        .at(lines.range(problem.span.clone()))
                        .in_file(path),
                );
            }
        }
        let up = plan::plan(&from, &to, &renames, dialect);
        let back: Vec<Rename> = said_renames(&to, &from).into_iter().chain(renames).map(turned).collect();
        let down = plan::plan(&to, &from, &back, dialect);
        for risk in &up.risks {
            let mut finding = Finding::new(risk.rule, risk.message.clone());
            if let Some((which, span)) = &risk.place {
                let (lines, path) = match which {
                    Which::From => (&lines[0], "current"),
                    Which::To => (&lines[1], "desired"),
                };
                finding = finding.at(lines.range(span.clone())).in_file(path);
            }
            findings.push(finding);
        }
        let data = Difference { up: written(up, dialect), down: written(down, dialect) };
        let mut summary = if data.up.is_empty() {
            "no difference".to_owned()
        } else {
            format!("{} up, {} down", plural(data.up.len(), "statement"), data.down.len())
        };
        let destructive = data.up.iter().filter(|statement| statement.destroys.is_some()).count();
        if destructive > 0 {
            let _ = write!(summary, "; {destructive} may destroy data");
        }
        let report = Report::checked(findings, data).with_summary(summary);
        Ok(if more_grants {
            report.not_checked(format!("privileges beyond the first {MAX_GRANTS} of a schema"))
        } else {
            report
        })
    }
}

fn written(plan: Plan, dialect: Dialect) -> Vec<Statement> {
    let rebuilt = dialect == Dialect::Sqlite && !plan.rebuilt.is_empty();
    let pragma = |word: &str| Statement { sql: format!("PRAGMA foreign_keys = {word};"), destroys: None };
    let mut list: Vec<Statement> = Vec::new();
    if rebuilt {
        list.push(pragma("OFF"));
    }
    for step in plan.steps {
        let sql = format!("{};", step.sql.trim().trim_end_matches(';'));
        let statement = Statement { sql, destroys: step.loses };
        // Two sides of one change may ask for the same.
        if list.last().is_none_or(|last| last.sql != statement.sql) {
            list.push(statement);
        }
    }
    if rebuilt {
        list.push(pragma("ON"));
    }
    list
}

// Renames that comments of the one side tell, where the other has the old name.
fn said_renames(to: &Side<'_>, from: &Side<'_>) -> Vec<Rename> {
    let mut list = Vec::new();
    for table in &to.schema.tables {
        let old = table.renamed_from.clone().filter(|old| from.schema.table(old).is_some());
        if let Some(old) = &old {
            list.push(Rename { table: old.clone(), column: None, new: table.name.clone() });
        }
        for column in &table.columns {
            if let Some(renamed) = &column.renamed_from {
                list.push(Rename {
                    table: table.name.clone(),
                    column: Some(renamed.clone()),
                    new: column.name.clone(),
                });
            }
        }
    }
    list
}

fn turned(rename: Rename) -> Rename {
    match rename.column {
        Some(column) => Rename { table: rename.table, column: Some(rename.new), new: column },
        None => Rename { table: rename.new, column: None, new: rename.table },
    }
}

// `table.column -> new`, `table -> new`.
fn rename(at: usize, text: &str, dialect: Dialect) -> Result<Rename, ToolError> {
    let wrong =
        || ToolError::invalid(format!("/renames/{at}"), "is no rename", "\"table.old -> new\" or \"old -> new\"");
    let (old, new) = text.split_once("->").ok_or_else(wrong)?;
    let names = |text: &str| -> Option<Vec<String>> {
        let tokens = statements(text, dialect).into_iter().next()?;
        let mut list = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            if at % 2 == 1 {
                token.is_mark('.').then_some(())?;
            } else {
                list.push(token.name(dialect)?);
            }
        }
        Some(list)
    };
    let (mut old, new) = (names(old).ok_or_else(wrong)?, names(new).ok_or_else(wrong)?);
    let last = new.last().cloned().ok_or_else(wrong)?;
    if old.len() == 1 || old.len() == new.len() && new.len() == 2 {
        return Ok(Rename { table: old.join("."), column: None, new: new.join(".") });
    }
    if old.len() > 3 || new.len() != 1 {
        return Err(wrong());
    }
    let column = old.pop();
    Ok(Rename { table: old.join("."), column, new: last })
}

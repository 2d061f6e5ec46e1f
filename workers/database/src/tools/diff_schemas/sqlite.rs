//! What changes a table of `SQLite` into another: columns are added and dropped where that can be done, everything else makes the
//! table anew and copies its rows.

use super::plan::{Phase, Plan, Side, Which};
use super::reference::foreign_canonical;
use super::rules;
use super::text::{canonical, canonical_default, quote, quote_list, quote_table, same_type, words};
use crate::support::schema::{Column, Dialect, Schema, Table};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const LITE: Dialect = Dialect::Sqlite;

fn same(old: &Column, new: &Column) -> bool {
    let clauses = |column: &Column| -> Vec<String> {
        column.clauses.iter().map(|clause| words(clause, LITE).join(" ")).collect()
    };
    let computed = |column: &Column| column.generated.as_deref().map(|text| (canonical(text, LITE), column.stored));
    let collation = |column: &Column| column.collation.as_deref().map(|text| words(text, LITE).concat());
    same_type(&old.ty, &new.ty)
        && old.not_null == new.not_null
        && old.counts == new.counts
        && canonical_default(old.default.as_deref(), &old.ty, LITE)
            == canonical_default(new.default.as_deref(), &new.ty, LITE)
        && computed(old) == computed(new)
        && collation(old) == collation(new)
        && clauses(old) == clauses(new)
}

// Keys, checks, references and options in one spelling.
fn bonds(table: &Table) -> BTreeSet<String> {
    let nothing = Schema::default();
    let key = |kind: &str, columns: &[String], options: &str| {
        format!("{kind} ({}) {}", columns.join(", ").to_lowercase(), words(options, LITE).join(" "))
    };
    let mut list = BTreeSet::new();
    list.extend(table.primary_key.iter().map(|one| key("primary", &one.columns, &one.options)));
    list.extend(table.uniques.iter().map(|one| key("unique", &one.columns, &one.options)));
    list.extend(table.checks.iter().map(|check| format!("check {}", canonical(&check.condition, LITE))));
    list.extend(table.foreign_keys.iter().map(|key| foreign_canonical(key, &nothing, LITE)));
    let mut options = words(&table.options, LITE);
    options.retain(|word| word != ",");
    list.insert(format!("options {}", options.join(" ")));
    list
}

fn definition(column: &Column) -> String {
    let mut text = quote(&column.name, LITE);
    if !column.ty.name.is_empty() {
        let _ = write!(text, " {}", column.ty.text());
    }
    if let Some(collation) = &column.collation {
        let _ = write!(text, " COLLATE {collation}");
    }
    if let Some(expression) = &column.generated {
        let _ =
            write!(text, " GENERATED ALWAYS AS ({expression}) {}", if column.stored { "STORED" } else { "VIRTUAL" });
    }
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        let _ = write!(text, " DEFAULT {default}");
    }
    text
}

// Whether ADD COLUMN takes it.
fn addable(column: &Column) -> bool {
    let constant = column
        .default
        .as_deref()
        .is_none_or(|default| !default.starts_with('(') && !default.to_lowercase().starts_with("current_"));
    let filled = column.default.as_deref().is_some_and(|default| !default.eq_ignore_ascii_case("null"));
    constant
        && !column.stored
        && column.clauses.is_empty()
        && (!column.not_null || filled || column.generated.is_some())
}

// The words in lower case with which a table names columns: DROP COLUMN takes only what is not among them.
fn named_words(table: &Table) -> BTreeSet<String> {
    let indexes = table.indexes.iter();
    let texts =
        indexes.flat_map(|index| index.parts.iter().map(|part| part.text.as_str()).chain(index.condition.as_deref()));
    let texts = texts.chain(table.checks.iter().map(|check| check.condition.as_str()));
    let texts = texts.chain(table.columns.iter().filter_map(|column| column.generated.as_deref()));
    let keys = table.primary_key.iter().chain(&table.uniques).flat_map(|key| &key.columns);
    let keys = keys.chain(table.foreign_keys.iter().flat_map(|key| &key.columns));
    texts.flat_map(|text| words(text, LITE)).chain(keys.map(|name| name.to_lowercase())).collect()
}

/// Changes one into the other.
pub(super) fn change(old: &Table, new: &Table, to: &Side<'_>, plan: &mut Plan) {
    if old.opaque || new.opaque {
        return;
    }
    let find = |table: &'_ Table, name: &str| table.columns.position_in(name, LITE);
    let added: Vec<&Column> = new.columns.iter().filter(|column| find(old, &column.name).is_none()).collect();
    let gone: Vec<&Column> = old.columns.iter().filter(|column| find(new, &column.name).is_none()).collect();
    for column in gone.iter().filter(|column| column.generated.is_none()) {
        plan.risk(
            &rules::DROP_COLUMN,
            format!("{}.{} and its values go", new.name, column.name),
            Some((Which::From, column.span.clone())),
        );
    }
    for column in
        added.iter().filter(|column| column.not_null && column.default.is_none() && column.generated.is_none())
    {
        plan.risk(
            &rules::ADD_NOT_NULL,
            format!("{}.{} has no default: with rows in the table it fails", new.name, column.name),
            Some((Which::To, column.span.clone())),
        );
    }
    let mut alike = true;
    for column in &new.columns {
        if let Some(known) = find(old, &column.name).and_then(|at| old.columns.get(at)) {
            alike &= same(known, column);
            if column.not_null && !known.not_null {
                plan.risk(
                    &rules::SET_NOT_NULL,
                    format!("{}.{} may hold NULL: then it fails", new.name, column.name),
                    Some((Which::To, column.span.clone())),
                );
            }
        }
    }
    let table = quote_table(&new.name, LITE);
    let simple = alike
        && bonds(old) == bonds(new)
        && added.iter().all(|column| addable(column))
        && (gone.is_empty() || {
            let named = named_words(old);
            gone.iter().all(|column| !named.contains(&column.name.to_lowercase()))
        });
    if simple {
        for column in added {
            plan.add(Phase::Column, format!("ALTER TABLE {table} ADD COLUMN {}", definition(column)));
        }
        for column in gone {
            plan.disturbed.insert((new.name.clone(), column.name.clone()));
            let sql = format!("ALTER TABLE {table} DROP COLUMN {}", quote(&column.name, LITE));
            if column.generated.is_some() {
                plan.add(Phase::Column, sql);
            } else {
                plan.add_lossy(Phase::Column, sql, format!("values of {}.{}", new.name, column.name));
            }
        }
        indexes(old, new, to, plan);
        return;
    }
    rebuild(old, new, to, &gone, plan);
}

fn rebuild(old: &Table, new: &Table, to: &Side<'_>, gone: &[&Column], plan: &mut Plan) {
    let table = quote_table(&new.name, LITE);
    let aside = quote(&format!("__new_{}", new.name), LITE);
    let statement = to.source.get(new.statement.clone()).unwrap_or_default();
    let head = to.source.get(new.statement.start..new.span.start).unwrap_or_default();
    let tail = to.source.get(new.span.end..new.statement.end).unwrap_or_default();
    let sql = if new.alters.is_empty() && !statement.is_empty() {
        format!("{head}{aside}{tail}")
    } else {
        whole(new, &aside)
    };
    plan.add(Phase::Column, sql);
    let kept: Vec<String> = new
        .columns
        .iter()
        .filter(|column| column.generated.is_none() && old.columns.position_in(&column.name, LITE).is_some())
        .map(|column| column.name.clone())
        .collect();
    if !kept.is_empty() {
        let list = quote_list(&kept, LITE);
        let sql = format!("INSERT INTO {aside} ({list}) SELECT {list} FROM {table}");
        let lost: Vec<String> = gone
            .iter()
            .filter(|column| column.generated.is_none())
            .map(|column| format!("values of {}.{}", new.name, column.name))
            .collect();
        if lost.is_empty() { plan.add(Phase::Column, sql) } else { plan.add_lossy(Phase::Column, sql, lost.join("; ")) }
    }
    plan.add(Phase::Column, format!("DROP TABLE {table}"));
    plan.add(Phase::Column, format!("ALTER TABLE {aside} RENAME TO {table}"));
    for index in new.indexes.iter().filter(|index| index.alone) {
        plan.add(Phase::Key, to.source.get(index.span.clone()).unwrap_or_default());
    }
    plan.rebuilt.insert(new.name.clone());
}

// The table by its parts, under another name.
fn whole(table: &Table, name: &str) -> String {
    let mut parts: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let clauses: Vec<&str> = column.clauses.iter().flat_map(|clause| [" ", clause.as_str()]).collect();
            let clauses = clauses.concat();
            format!("{}{clauses}", definition(column))
        })
        .collect();
    let counts = table.columns.iter().find(|column| column.counts);
    if let Some(key) = &table.primary_key {
        match counts {
            // Only a column's own clause counts.
            Some(column) => {
                let start = quote(&column.name, LITE);
                for part in parts.iter_mut().filter(|part| part.starts_with(&start)) {
                    part.push_str(" PRIMARY KEY AUTOINCREMENT");
                }
            }
            None => parts.push(format!("PRIMARY KEY ({})", quote_list(&key.columns, LITE))),
        }
    }
    parts.extend(
        table
            .uniques
            .iter()
            .map(|key| format!("UNIQUE ({}) {}", quote_list(&key.columns, LITE), key.options).trim_end().to_owned()),
    );
    parts.extend(table.checks.iter().map(|check| format!("CHECK ({})", check.condition)));
    parts.extend(table.foreign_keys.iter().map(|key| super::reference::foreign_text(key, LITE)));
    let options = if table.options.is_empty() { String::new() } else { format!(" {}", table.options) };
    format!("CREATE TABLE {name} (\n  {}\n){options}", parts.join(",\n  "))
}

fn indexes(old: &Table, new: &Table, to: &Side<'_>, plan: &mut Plan) {
    let spelled = |index: &crate::support::schema::Index| -> String {
        let parts: Vec<String> =
            index.parts.iter().map(|part| canonical(&part.text, LITE).trim_end_matches(" asc").to_owned()).collect();
        format!(
            "{} {} ({}) {}",
            index.name.as_deref().unwrap_or_default().to_lowercase(),
            index.unique,
            parts.join(", "),
            index.condition.as_deref().map(|text| canonical(text, LITE)).unwrap_or_default()
        )
    };
    let before: BTreeSet<String> = old.indexes.iter().map(spelled).collect();
    let after: BTreeSet<String> = new.indexes.iter().map(spelled).collect();
    for index in old.indexes.iter().filter(|index| !after.contains(&spelled(index))) {
        plan.add(
            Phase::DropKey,
            format!("DROP INDEX {}", quote_table(index.name.as_deref().unwrap_or_default(), LITE)),
        );
    }
    for index in new.indexes.iter().filter(|index| !before.contains(&spelled(index))) {
        plan.add(Phase::Key, to.source.get(index.span.clone()).unwrap_or_default());
        if index.unique {
            plan.risk(
                &rules::ADD_UNIQUE,
                format!("{}: rows that are alike make {} fail", new.name, index.name.as_deref().unwrap_or_default()),
                Some((Which::To, index.span.clone())),
            );
        }
    }
}

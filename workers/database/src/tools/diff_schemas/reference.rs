//! Foreign keys: their names, their clauses, and when they go and come.

use super::plan::{Phase, Plan, Which, fold, same_name};
use super::rules;
use super::text::{made_name, quote, quote_table};
use crate::support::schema::{Dialect, ForeignKey, Schema, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The name of a foreign key: its own, or the one that the server makes.
pub(super) fn foreign_name(table: &Table, at: usize, dialect: Dialect) -> String {
    let key = table.foreign_keys.get(at);
    if let Some(name) = key.and_then(|key| key.name.clone()) {
        return name;
    }
    match dialect {
        Dialect::PostgreSql => {
            let columns = key.map(|key| key.columns.join("_")).unwrap_or_default();
            let same = table
                .foreign_keys
                .iter()
                .take(at)
                .filter(|other| other.name.is_none() && other.columns.join("_") == columns)
                .count();
            let name = made_name(&table.name, &columns, "fkey");
            if same == 0 { name } else { format!("{name}{same}") }
        }
        Dialect::MySql | Dialect::Sqlite => {
            let nth = table.foreign_keys.iter().take(at + 1).filter(|key| key.name.is_none()).count();
            format!("{}_ibfk_{nth}", table.name)
        }
    }
}

/// A foreign key's clause, from FOREIGN KEY on.
pub(super) fn foreign_text(key: &ForeignKey, dialect: Dialect) -> String {
    let mut text =
        format!("FOREIGN KEY ({}) REFERENCES {}", quote_names(&key.columns, dialect), quote_table(&key.table, dialect));
    if !key.references.is_empty() {
        let _ = write!(text, " ({})", quote_names(&key.references, dialect));
    }
    for (what, action) in [("DELETE", &key.on_delete), ("UPDATE", &key.on_update)] {
        if let Some(action) = action.as_deref().filter(|action| *action != "NO ACTION") {
            let _ = write!(text, " ON {what} {action}");
        }
    }
    if !key.options.is_empty() {
        text.push(' ');
        text.push_str(&key.options);
    }
    text
}

fn quote_names(names: &[String], dialect: Dialect) -> String {
    names.iter().map(|name| quote(name, dialect)).collect::<Vec<_>>().join(", ")
}

/// What a foreign key comes to, in one spelling.
pub(super) fn foreign_canonical(key: &ForeignKey, schema: &Schema, dialect: Dialect) -> String {
    let mut key = key.clone();
    if key.references.is_empty() {
        key.references = schema
            .table(&key.table)
            .and_then(|table| table.primary_key.as_ref())
            .map(|key| key.columns.clone())
            .unwrap_or_default();
    }
    let quiet = |action: Option<String>| {
        action.filter(|action| action != "NO ACTION" && !(dialect == Dialect::MySql && action == "RESTRICT"))
    };
    (key.on_delete, key.on_update) = (quiet(key.on_delete), quiet(key.on_update));
    let options: Vec<&str> = ["not deferrable", "initially immediate"].to_vec();
    let said = options.iter().fold(key.options.to_lowercase(), |text, quiet| text.replace(quiet, ""));
    key.options = String::from(said.trim());
    fold(&foreign_text(&key, dialect), dialect)
}

/// References on both sides: those that differ go before, and come after everything else.
pub(super) fn foreign_keys(
    pairs: &[(&Table, &Table)],
    before: &Schema,
    gone: &[&Table],
    dialect: Dialect,
    plan: &mut Plan,
) {
    let after = Schema { tables: pairs.iter().map(|(_, new)| (*new).clone()).collect(), ..Schema::default() };
    for (old, new) in pairs {
        let name = quote_table(&new.name, dialect);
        let mut left: Vec<usize> = (0..old.foreign_keys.len()).collect();
        let mut added: Vec<usize> = Vec::new();
        for (at, key) in new.foreign_keys.iter().enumerate() {
            let wanted = foreign_canonical(key, &after, dialect);
            let wanted_name = foreign_name(new, at, dialect);
            let equal = |known: &usize| {
                old.foreign_keys.get(*known).is_some_and(|known| foreign_canonical(known, before, dialect) == wanted)
            };
            let named = left.iter().position(|known| equal(known) && foreign_name(old, *known, dialect) == wanted_name);
            let found = named.or_else(|| left.iter().position(equal));
            let Some(found) = found.map(|found| left.remove(found)) else {
                added.push(at);
                continue;
            };
            let known_name = foreign_name(old, found, dialect);
            let mut touched: Vec<(&str, &String)> =
                key.columns.iter().map(|column| (new.name.as_str(), column)).collect();
            touched.extend(key.references.iter().map(|column| (key.table.as_str(), column)));
            let disturbed = touched
                .iter()
                .any(|(table, column)| plan.disturbed.contains(&((*table).to_owned(), (*column).clone())))
                || plan.unkeyed.contains(&key.table);
            if disturbed || dialect == Dialect::MySql && key.name.is_some() && known_name != wanted_name {
                left.push(found);
                added.push(at);
            } else if dialect == Dialect::PostgreSql && known_name != wanted_name && key.name.is_some() {
                plan.add(
                    Phase::Rename,
                    format!(
                        "ALTER TABLE {name} RENAME CONSTRAINT {} TO {}",
                        quote(&known_name, dialect),
                        quote(&wanted_name, dialect)
                    ),
                );
            }
        }
        for at in left {
            drop_reference(&name, old, at, dialect, plan);
            drop_made_index(old, at, dialect, &name, plan);
        }
        for at in added {
            add_reference(new, at, dialect, plan);
            if let Some(key) = new.foreign_keys.get(at) {
                let message = format!("rows of {} without their row in {} make it fail", new.name, key.table);
                plan.risk(&rules::MAY_FAIL, message, Some((Which::To, key.span.clone())));
            }
        }
    }
    // Tables that go, and refer to keys that go before them.
    for table in gone {
        let keys = table.foreign_keys.iter().enumerate();
        let unkeyed: Vec<usize> = keys.filter(|(_, key)| plan.unkeyed.contains(&key.table)).map(|(at, _)| at).collect();
        for at in unkeyed {
            drop_reference(&quote_table(&table.name, dialect), table, at, dialect, plan);
        }
    }
    // Tables that go together and refer to each other in a circle.
    let circle = circles(gone);
    for table in gone.iter().filter(|table| circle.contains(table.name.as_str())) {
        for (at, key) in table.foreign_keys.iter().enumerate() {
            if circle.contains(key.table.as_str()) && key.table != table.name {
                drop_reference(&quote_table(&table.name, dialect), table, at, dialect, plan);
            }
        }
    }
}

// Drops a foreign key of a table, which is called `name` by then.
fn drop_reference(name: &str, table: &Table, at: usize, dialect: Dialect, plan: &mut Plan) {
    let what = if dialect == Dialect::MySql { "FOREIGN KEY" } else { "CONSTRAINT" };
    let key = quote(&foreign_name(table, at, dialect), dialect);
    plan.add(Phase::DropReference, format!("ALTER TABLE {name} DROP {what} {key}"));
}

// MySQL makes an index for a foreign key where none begins with its columns, and leaves it when the key goes.
fn drop_made_index(table: &Table, at: usize, dialect: Dialect, name: &str, plan: &mut Plan) {
    let Some(key) = table.foreign_keys.get(at).filter(|_| dialect == Dialect::MySql) else { return };
    let begins = |columns: &[Option<&str>]| {
        key.columns.iter().enumerate().all(|(at, column)| {
            columns.get(at).copied().flatten().is_some_and(|known| same_name(known, column, dialect))
        })
    };
    let keys = table
        .primary_key
        .iter()
        .chain(&table.uniques)
        .map(|key| key.columns.iter().map(|name| Some(name.as_str())).collect::<Vec<_>>());
    let indexes =
        table.indexes.iter().map(|index| index.parts.iter().map(|part| part.column.as_deref()).collect::<Vec<_>>());
    if keys.chain(indexes).any(|columns| begins(&columns)) {
        return;
    }
    let made = key.name.clone().or_else(|| key.columns.first().cloned()).unwrap_or_default();
    plan.add(Phase::DropReference, format!("ALTER TABLE {name} DROP INDEX {}", quote(&made, dialect)));
}

/// Adds a reference when all tables are there.
pub(super) fn add_reference(table: &Table, at: usize, dialect: Dialect, plan: &mut Plan) {
    let Some(key) = table.foreign_keys.get(at) else { return };
    let named = match (&key.name, dialect) {
        (Some(name), _) => format!("CONSTRAINT {} ", quote(name, dialect)),
        (None, Dialect::PostgreSql) => format!("CONSTRAINT {} ", quote(&foreign_name(table, at, dialect), dialect)),
        (None, _) => String::new(),
    };
    plan.add(
        Phase::Reference,
        format!("ALTER TABLE {} ADD {named}{}", quote_table(&table.name, dialect), foreign_text(key, dialect)),
    );
}

// Tables from which no order of foreign keys leads out: what stays when tables nobody refers to are taken again and again.
fn circles<'t>(tables: &[&'t Table]) -> BTreeSet<&'t str> {
    let mut left: BTreeMap<&str, &Table> = tables.iter().map(|table| (table.name.as_str(), *table)).collect();
    let mut referred: BTreeMap<&str, usize> = BTreeMap::new();
    let targets = |table: &'t Table| -> BTreeSet<&'t str> {
        table.foreign_keys.iter().map(|key| key.table.as_str()).filter(|name| *name != table.name).collect()
    };
    for table in tables {
        for target in targets(table) {
            *referred.entry(target).or_default() += 1;
        }
    }
    let mut free: Vec<&'t Table> = tables
        .iter()
        .copied()
        .filter(|table| referred.get(table.name.as_str()).is_none_or(|count| *count == 0))
        .collect();
    while let Some(table) = free.pop() {
        left.remove(table.name.as_str());
        for target in targets(table) {
            if let Some(count) = referred.get_mut(target) {
                *count = count.saturating_sub(1);
                if *count == 0
                    && let Some(next) = tables.iter().find(|next| next.name == target)
                {
                    free.push(next);
                }
            }
        }
    }
    left.into_keys().collect()
}

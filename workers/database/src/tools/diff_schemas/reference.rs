//! Foreign keys: their names, their clauses, and when they go and come.

use super::plan::{Phase, Plan, Which, fold};
use super::rules;
use super::text::{made_name, quote, quote_table};
use crate::support::schema::{Dialect, ForeignKey, Schema, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Most columns of a foreign key for which an index is looked for: `MySQL` takes sixteen.
const MAX_FOREIGN_COLUMNS: usize = 16;

/// The names of a table's foreign keys: their own, or those that the server makes.
pub(super) fn foreign_names(table: &Table, dialect: Dialect) -> Vec<String> {
    let mut unnamed = 0;
    let mut same: BTreeMap<String, usize> = BTreeMap::new();
    let names = table.foreign_keys.iter().map(|key| {
        if let Some(name) = &key.name {
            return name.clone();
        }
        if dialect != Dialect::PostgreSql {
            unnamed += 1;
            return format!("{}_ibfk_{unnamed}", table.name);
        }
        let columns = key.columns.join("_");
        let name = made_name(&table.name, &columns, "fkey");
        let same = same.entry(columns).or_default();
        *same += 1;
        if *same == 1 { name } else { format!("{name}{}", *same - 1) }
    });
    names.collect()
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

// Places of foreign keys: all, and those of each name.
type Alike<'n> = (BTreeSet<usize>, BTreeMap<&'n str, BTreeSet<usize>>);

/// References on both sides: those that differ go before, and come after everything else.
pub(super) fn foreign_keys(
    pairs: &[(&Table, &Table)],
    before: &Schema,
    gone: &[&Table],
    dialect: Dialect,
    plan: &mut Plan,
) {
    let mut after = Schema::default();
    after.tables = pairs.iter().map(|(_, new)| (*new).clone()).collect();
    for (old, new) in pairs {
        let name = quote_table(&new.name, dialect);
        let (old_names, new_names) = (foreign_names(old, dialect), foreign_names(new, dialect));
        let mut left: BTreeSet<usize> = (0..old.foreign_keys.len()).collect();
        // Those of them that are alike, by what they are, and by their names.
        let mut alike: BTreeMap<String, Alike<'_>> = BTreeMap::new();
        for (at, (key, name)) in old.foreign_keys.iter().zip(&old_names).enumerate() {
            let (all, named) = alike.entry(foreign_canonical(key, before, dialect)).or_default();
            all.insert(at);
            named.entry(name).or_default().insert(at);
        }
        let (mut added, mut again): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for (at, (key, wanted_name)) in new.foreign_keys.iter().zip(&new_names).enumerate() {
            let found = alike.get_mut(&foreign_canonical(key, &after, dialect)).and_then(|(all, named)| {
                let by_name = named.get(wanted_name.as_str()).and_then(BTreeSet::first);
                let found = *by_name.or_else(|| all.first())?;
                all.remove(&found);
                if let Some(named) = old_names.get(found).and_then(|name| named.get_mut(name.as_str())) {
                    named.remove(&found);
                }
                Some(found)
            });
            let Some((found, known_name)) = found.and_then(|found| Some((found, old_names.get(found)?))) else {
                added.push(at);
                continue;
            };
            left.remove(&found);
            let mut touched: Vec<(&str, &String)> =
                key.columns.iter().map(|column| (new.name.as_str(), column)).collect();
            touched.extend(key.references.iter().map(|column| (key.table.as_str(), column)));
            let disturbed = touched
                .iter()
                .any(|(table, column)| plan.disturbed.contains(&((*table).to_owned(), (*column).clone())))
                || plan.unkeyed.contains(&key.table);
            if disturbed || dialect == Dialect::MySql && key.name.is_some() && known_name != wanted_name {
                again.push(found);
                added.push(at);
            } else if dialect == Dialect::PostgreSql && known_name != wanted_name && key.name.is_some() {
                plan.add(
                    Phase::Rename,
                    format!(
                        "ALTER TABLE {name} RENAME CONSTRAINT {} TO {}",
                        quote(known_name, dialect),
                        quote(wanted_name, dialect)
                    ),
                );
            }
        }
        let begins = Beginnings::of(old);
        for at in left.into_iter().chain(again) {
            let Some(known_name) = old_names.get(at) else { continue };
            drop_reference(&name, known_name, dialect, plan);
            drop_made_index(old, at, dialect, (&name, &begins), plan);
        }
        for at in added {
            if let Some(made) = new_names.get(at) {
                add_reference(new, at, made, dialect, plan);
            }
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
        let names = if unkeyed.is_empty() { Vec::new() } else { foreign_names(table, dialect) };
        for name in unkeyed.into_iter().filter_map(|at| names.get(at)) {
            drop_reference(&quote_table(&table.name, dialect), name, dialect, plan);
        }
    }
    // Tables that go together and refer to each other in a circle.
    let circle = circles(gone);
    for table in gone.iter().filter(|table| circle.contains(table.name.as_str())) {
        for (key, name) in table.foreign_keys.iter().zip(foreign_names(table, dialect)) {
            if circle.contains(key.table.as_str()) && key.table != table.name {
                drop_reference(&quote_table(&table.name, dialect), &name, dialect, plan);
            }
        }
    }
}

// Drops a foreign key of a table, by the names that both have by then.
fn drop_reference(table: &str, name: &str, dialect: Dialect, plan: &mut Plan) {
    let what = if dialect == Dialect::MySql { "FOREIGN KEY" } else { "CONSTRAINT" };
    plan.add(Phase::DropReference, format!("ALTER TABLE {table} DROP {what} {}", quote(name, dialect)));
}

// The columns in lower case with which keys and indexes of a table begin, as far as an index may be made for a foreign key.
struct Beginnings(BTreeSet<Vec<String>>);

impl Beginnings {
    fn of(table: &Table) -> Self {
        let longest = table.foreign_keys.iter().map(|key| key.columns.len()).max().unwrap_or_default();
        let longest = longest.min(MAX_FOREIGN_COLUMNS);
        let keys = table.primary_key.iter().chain(&table.uniques);
        let keys = keys.map(|key| key.columns.iter().map(|name| Some(name.as_str())).take(longest).collect::<Vec<_>>());
        let indexes = table.indexes.iter();
        let indexes =
            indexes.map(|index| index.parts.iter().map(|part| part.column.as_deref()).take(longest).collect());
        let mut all = BTreeSet::new();
        for columns in keys.chain(indexes) {
            let mut begun: Vec<String> = Vec::new();
            for column in columns.into_iter().map_while(|column| column) {
                begun.push(column.to_ascii_lowercase());
                all.insert(begun.clone());
            }
        }
        Self(all)
    }

    fn has(&self, columns: &[String]) -> bool {
        columns.is_empty() || self.0.contains(&columns.iter().map(|name| name.to_ascii_lowercase()).collect::<Vec<_>>())
    }
}

// MySQL makes an index for a foreign key where none begins with its columns, and leaves it when the key goes.
fn drop_made_index(table: &Table, at: usize, dialect: Dialect, (name, begins): (&str, &Beginnings), plan: &mut Plan) {
    let Some(key) = table.foreign_keys.get(at).filter(|_| dialect == Dialect::MySql) else { return };
    if begins.has(&key.columns) {
        return;
    }
    let made = key.name.clone().or_else(|| key.columns.first().cloned()).unwrap_or_default();
    plan.add(Phase::DropReference, format!("ALTER TABLE {name} DROP INDEX {}", quote(&made, dialect)));
}

/// Adds a reference when all tables are there.
pub(super) fn add_reference(table: &Table, at: usize, made: &str, dialect: Dialect, plan: &mut Plan) {
    let Some(key) = table.foreign_keys.get(at) else { return };
    let named = match (&key.name, dialect) {
        (Some(name), _) => format!("CONSTRAINT {} ", quote(name, dialect)),
        (None, Dialect::PostgreSql) => format!("CONSTRAINT {} ", quote(made, dialect)),
        (None, _) => String::new(),
    };
    plan.add(
        Phase::Reference,
        format!("ALTER TABLE {} ADD {named}{}", quote_table(&table.name, dialect), foreign_text(key, dialect)),
    );
}

// Tables from which no order of foreign keys leads out: what stays when tables nobody refers to are taken again and again.
fn circles<'t>(tables: &[&'t Table]) -> BTreeSet<&'t str> {
    let known: BTreeMap<&str, &Table> = tables.iter().rev().map(|table| (table.name.as_str(), *table)).collect();
    let mut left = known.clone();
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
                    && let Some(next) = known.get(target)
                {
                    free.push(next);
                }
            }
        }
    }
    left.into_keys().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_looked_for_up_to_the_most_columns() {
        let begins = |count: usize| {
            let names: Vec<String> = (0..count).map(|at| format!("c{at}")).collect();
            let columns: Vec<String> = names.iter().map(|name| format!("{name} int")).collect();
            let list = names.join(", ");
            let source = format!(
                "CREATE TABLE t ({}, KEY k ({list}), FOREIGN KEY ({list}) REFERENCES u (a));",
                columns.join(", ")
            );
            let schema = crate::support::schema::ddl::read(&source, Dialect::MySql);
            let table = schema.table("t").expect("a table");
            Beginnings::of(table).has(&names)
        };
        assert!(begins(MAX_FOREIGN_COLUMNS));
        assert!(!begins(MAX_FOREIGN_COLUMNS + 1));
    }
}

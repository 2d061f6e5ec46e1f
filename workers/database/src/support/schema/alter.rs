//! Statements that change tables that are there.

use super::column::{column, column_constraints, column_type, expression};
use super::cursor::{Cursor, Read};
use super::key::constraint;
use super::lex::inner;
use super::{Dialect, Index, Schema, Table};

/// The name of a table that is no more, until all statements are read; no name has a line break at its end.
pub(super) const DROPPED: &str = "dropped\n";

/// `ALTER TABLE`.
pub(super) fn alter_table(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    while !cursor.take("table") {
        cursor.next().ok_or("TABLE is missing")?;
    }
    cursor.take("if exists");
    cursor.take("only");
    let (name, _) = cursor.table_name()?;
    cursor.take_mark('*');
    let Some(at) = schema.tables.position(&name) else {
        *schema.ignored.entry("alter table of an unknown table".to_owned()).or_default() += 1;
        schema.others.push(cursor.span());
        return Ok(());
    };
    let whole = cursor.span();
    if let Some(table) = schema.tables.same_named_mut(at) {
        table.alters.push(whole);
    }
    for mut action in cursor.parts() {
        if action.take("rename to") || action.take("rename as") {
            let (to, _) = action.table_name()?;
            let to = match (name.rsplit_once('.'), to.contains('.')) {
                (Some((prefix, _)), false) => format!("{prefix}.{to}"),
                _ => to,
            };
            if schema.referred.contains(&name) {
                let keys = schema.tables.all_same_named_mut().flat_map(|table| &mut table.foreign_keys);
                for other in keys.filter(|key| key.table == name) {
                    other.table.clone_from(&to);
                }
                schema.referred.insert(to.clone());
            }
            schema.names.insert(to.clone());
            schema.tables.change(at, |table| table.name = to);
            continue;
        }
        if action.take("attach partition") {
            let (child, _) = action.table_name()?;
            if let Some(child) = schema.table_mut(&child) {
                child.parent = Some(name.clone());
            }
            continue;
        }
        let Some(table) = schema.tables.same_named_mut(at) else { continue };
        let known = table.foreign_keys.len();
        // Only these give a column another name.
        let renames = action.is("rename") || action.is("change");
        let before: Vec<String> = table.columns.iter().filter(|_| renames).map(|column| column.name.clone()).collect();
        if !change(&mut action, table)? {
            set(&action, table);
        }
        // What refers to a renamed column follows it.
        let mut told = None;
        if before.len() == table.columns.len() {
            let renamed = before.iter().zip(&table.columns).find(|(old, new)| **old != new.name);
            told = renamed.map(|(old, new)| (old.clone(), new.name.clone()));
        }
        schema.refer(at, known);
        if let Some((old, new)) = told {
            rename_references(schema, &name, &old, &new);
        }
    }
    Ok(())
}

fn rename_references(schema: &mut Schema, table: &str, old: &str, new: &str) {
    let rename = |names: &mut Vec<String>| {
        for name in names.iter_mut().filter(|name| *name == old) {
            new.clone_into(name);
        }
    };
    if schema.referred.contains(table) {
        let keys = schema.tables.all_same_named_mut().flat_map(|other| &mut other.foreign_keys);
        for key in keys.filter(|key| key.table == table) {
            rename(&mut key.references);
        }
    }
    if let Some(other) = schema.table_mut(table) {
        other.primary_key.iter_mut().chain(&mut other.uniques).for_each(|key| rename(&mut key.columns));
        other.foreign_keys.iter_mut().for_each(|key| rename(&mut key.columns));
        for part in other.indexes.iter_mut().flat_map(|index| &mut index.parts) {
            if part.column.as_deref() == Some(old) {
                part.column = Some(new.to_owned());
            }
        }
    }
}

// What says nothing of the shape, but is told apart.
fn set(action: &Cursor<'_, '_>, table: &mut Table) {
    let text = action.text(0, action.tokens.len());
    let lower = text.to_lowercase();
    let opposite = |from: &str, to: &str| lower.starts_with(from).then(|| lower.replacen(from, to, 1));
    if lower.starts_with("owner to") || lower.starts_with("validate constraint") {
        return;
    }
    if let Some(undone) = opposite("disable row", "enable row").or_else(|| opposite("no force", "force")) {
        table.settings.retain(|known| known.to_lowercase() != undone);
        return;
    }
    table.settings.retain(|known| *known != text);
    table.settings.push(text);
}

// Whether the action changes the shape.
fn change(action: &mut Cursor<'_, '_>, table: &mut Table) -> Read<bool> {
    let mysql = action.dialect == Dialect::MySql;
    if action.take("add") {
        return add(action, table).map(|()| true);
    }
    if action.take("drop") {
        return drop(action, table).map(|()| true);
    }
    if action.take("alter") {
        return alter_column(action, table);
    }
    if ["rename index", "rename key", "rename constraint"].iter().any(|words| action.take(words)) {
        let old = action.name()?;
        action.take("to");
        let new = action.name()?;
        rename_constraint(table, &old, &new);
        return Ok(true);
    }
    if action.take("rename column")
        || action.is("rename")
            && !["index", "key", "constraint"]
                .iter()
                .any(|word| action.tokens.get(action.at + 1).is_some_and(|token| token.is(word)))
    {
        action.take("rename");
        let old = action.name()?;
        if !action.take("to") {
            return Err("TO is missing");
        }
        let new = action.name()?;
        if let Some(column) = table.columns.position(&old).and_then(|at| table.columns.get_mut(at)) {
            column.name = new;
        }
        return Ok(true);
    }
    if mysql && (action.take("modify") || action.take("change")) {
        let change = action.tokens.first().is_some_and(|token| token.is("change"));
        action.take("column");
        let old = if change { Some(action.name()?) } else { None };
        let new = column(action, table)?;
        let name = old.unwrap_or_else(|| new.name.clone());
        if let Some(column) = table.columns.position(&name).and_then(|at| table.columns.get_mut(at)) {
            *column = new;
        }
        return Ok(true);
    }
    // OWNER, SET, ENABLE, VALIDATE, ENGINE and the like say nothing of the shape.
    Ok(false)
}

fn add(action: &mut Cursor<'_, '_>, table: &mut Table) -> Read<()> {
    let named_column = action.take("column");
    action.take("if not exists");
    if action.is_mark('(') {
        for mut part in action.group()?.parts() {
            let new = column(&mut part, table)?;
            table.columns.push(new);
        }
        return Ok(());
    }
    if !named_column {
        if constraint(action, table)? {
            return Ok(());
        }
        if action.take("generated") {
            return Ok(());
        }
    }
    let new = column(action, table)?;
    table.columns.remove_named(&new.name);
    table.columns.push(new);
    Ok(())
}

fn drop(action: &mut Cursor<'_, '_>, table: &mut Table) -> Read<()> {
    if action.take("primary key") {
        table.primary_key = None;
        return Ok(());
    }
    if ["constraint", "index", "key", "foreign key", "check"].iter().any(|kind| action.take(kind)) {
        action.take("if exists");
        let name = Some(action.name()?);
        table.primary_key.take_if(|key| key.name == name);
        table.uniques.retain(|key| key.name != name);
        table.foreign_keys.retain(|key| key.name != name);
        table.checks.retain(|check| check.name != name);
        table.indexes.retain(|index| index.name != name);
        return Ok(());
    }
    action.take("column");
    action.take("if exists");
    let name = action.name()?;
    table.columns.remove_named(&name);
    let has = |columns: &[String]| columns.contains(&name);
    table.primary_key.take_if(|key| has(&key.columns));
    table.uniques.retain(|key| !has(&key.columns));
    table.foreign_keys.retain(|key| !has(&key.columns));
    table.indexes.retain(|index: &Index| !index.parts.iter().any(|part| part.column.as_deref() == Some(name.as_str())));
    Ok(())
}

fn alter_column(action: &mut Cursor<'_, '_>, table: &mut Table) -> Read<bool> {
    action.take("column");
    let name = action.name()?;
    let Some(at) = table.columns.position(&name) else { return Ok(true) };
    let Some(mut column) = table.columns.get(at).cloned() else { return Ok(true) };
    if action.take("set not null") {
        column.not_null = true;
    } else if action.take("drop not null") {
        column.not_null = false;
    } else if action.take("set default") {
        let default = expression(action);
        // pg_dump gives serial columns their sequence so.
        column.counts |= default.to_lowercase().starts_with("nextval(");
        column.default = Some(default);
    } else if action.take("drop default") {
        column.default = None;
    } else if action.take("set data type") || action.take("type") {
        column.ty = column_type(action)?.0;
    } else if action.take("drop identity") {
        column.counts = false;
        column.identity = None;
    } else if action.take("drop expression") {
        column.generated = None;
    } else if action.take("add") {
        column_constraints(action, &mut column, table)?;
    } else {
        return Ok(false);
    }
    if let Some(slot) = table.columns.same_named_mut(at) {
        *slot = column;
    }
    Ok(true)
}

fn rename_constraint(table: &mut Table, old: &str, new: &str) {
    let names = table.primary_key.iter_mut().chain(&mut table.uniques).map(|key| &mut key.name);
    let names = names.chain(table.foreign_keys.iter_mut().map(|key| &mut key.name));
    let names = names.chain(table.checks.iter_mut().map(|check| &mut check.name));
    for name in names.chain(table.indexes.iter_mut().map(|index| &mut index.name)) {
        if name.as_deref() == Some(old) {
            *name = Some(new.to_owned());
        }
    }
    table.index_names.insert(new.to_owned());
}

/// `ALTER TYPE .. ADD VALUE`; others are left to those who read them.
pub(super) fn alter_type(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    cursor.at = 2;
    let (name, _) = cursor.table_name()?;
    let words = schema.enums.iter_mut().find(|(known, _)| *known == name).map(|(_, words)| words);
    if let Some(words) = words
        && cursor.take("add value")
    {
        cursor.take("if not exists");
        let word = cursor.next().map(|token| inner(token.text)).unwrap_or_default();
        let before = cursor.take("before");
        let place = (before || cursor.take("after")).then(|| cursor.next().map(|token| inner(token.text))).flatten();
        let at = place.and_then(|place| words.iter().position(|known| *known == place));
        let at = at.map_or(words.len(), |at| if before { at } else { at + 1 });
        if !words.contains(&word) {
            words.insert(at, word);
        }
        return Ok(());
    }
    *schema.ignored.entry("alter type".to_owned()).or_default() += 1;
    schema.others.push(cursor.span());
    Ok(())
}

/// `DROP TABLE`.
pub(super) fn drop_table(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    cursor.at = 2;
    cursor.take("if exists");
    for mut part in cursor.parts() {
        let (name, _) = part.table_name()?;
        // Taken out in the end: each time would move all that are behind it.
        while let Some(at) = schema.tables.position(&name) {
            schema.tables.change(at, |table| *table = Table::new(DROPPED.to_owned(), 0..0));
        }
        if schema.referred.remove(&name) {
            for table in schema.tables.all_same_named_mut() {
                table.foreign_keys.retain(|key| key.table != name);
            }
        }
    }
    Ok(())
}

/// `DROP INDEX`.
pub(super) fn drop_index(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    cursor.at = 2;
    cursor.take("concurrently");
    cursor.take("if exists");
    for mut part in cursor.parts() {
        let (name, _) = part.table_name()?;
        let only = if part.take("on") { Some(part.table_name()?.0) } else { None };
        let tables = schema.tables.all_same_named_mut();
        for table in tables.filter(|table| only.as_ref().is_none_or(|only| *only == table.name)) {
            table.indexes.retain(|index| index.name.as_deref() != Some(name.as_str()));
        }
    }
    Ok(())
}

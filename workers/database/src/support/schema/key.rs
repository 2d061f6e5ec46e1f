//! Constraints and indexes: of columns, of tables, in statements of their own.

use super::cursor::{Cursor, Read};
use super::lex::Kind;
use super::{Check, Dialect, ForeignKey, Index, IndexPart, Key, Schema, Span, Table};

/// What foreign keys say beside their actions.
const FOREIGN_OPTIONS: &[&str] =
    &["not deferrable", "deferrable", "initially deferred", "initially immediate", "not valid", "not enforced"];

/// A constraint of a table, if one comes next.
#[expect(clippy::too_many_lines, reason = "one branch a kind of constraint")]
pub(super) fn constraint(element: &mut Cursor<'_, '_>, table: &mut Table) -> Read<bool> {
    let start = element.at;
    let span = element.span();
    let mut name = None;
    let mut options = String::new();
    if element.take("constraint")
        && !["primary", "unique", "foreign", "check", "exclude"].iter().any(|word| element.is(word))
    {
        name = Some(element.name()?);
    }
    let mysql = element.dialect == Dialect::MySql;
    if element.take("primary key") {
        if element.take("using index") || element.over() {
            return Ok(true);
        }
        if element.take("using") {
            element.next();
        }
        // MySQL lets a name stand here, and takes no notice of it.
        if !element.is_mark('(') {
            element.next();
        }
        let columns = index_columns(element)?;
        let options = rest(element);
        table.primary_key = Some(Key { name, columns, span, options });
    } else if element.is("unique") && !is_column_named(element) {
        element.next();
        if !element.take("key") {
            element.take("index");
        }
        element.take("nulls distinct");
        if element.take("nulls not distinct") {
            "NULLS NOT DISTINCT".clone_into(&mut options);
        }
        if element.take("using index") {
            return Ok(true);
        }
        if !element.is_mark('(') && !element.is("using") {
            name = Some(element.name()?);
        }
        if element.take("using") {
            element.next();
        }
        let parts = index_parts(&mut element.group()?);
        let more = rest(element);
        if !options.is_empty() && !more.is_empty() {
            options.push(' ');
        }
        options.push_str(&more);
        if parts.iter().all(|part| part.column.is_some() || !part.text.contains(['(', ' '])) {
            let columns = parts.into_iter().map(|part| part.column.unwrap_or(part.text)).collect();
            table.uniques.push(Key { name, columns, span, options });
        } else {
            let method = "btree".to_owned();
            table.add_index(Index { name, unique: true, method, options, ..Index::new(parts, span) });
        }
    } else if element.take("foreign key") {
        if !element.is_mark('(') {
            let own = element.name()?;
            name = name.or(Some(own));
        }
        let columns = element.columns()?;
        if !element.take("references") {
            return Err("REFERENCES is missing");
        }
        let foreign = references(element, name, columns, span)?;
        table.foreign_keys.push(foreign);
    } else if element.is("check") && element.tokens.get(element.at + 1).is_some_and(|token| token.is_mark('(')) {
        element.next();
        let from = element.at;
        element.skip();
        let condition = element.text(from + 1, element.at.saturating_sub(1));
        let options = rest(element);
        table.checks.push(Check { name, condition, span, options });
    } else if element.take("exclude") {
        let from = element.at - 1;
        // Its index is no B-tree unless it says so.
        let method = if element.take("using") { element.next().map(|token| token.text.to_lowercase()) } else { None };
        let method = method.unwrap_or_else(|| "gist".to_owned());
        let parts = index_parts(&mut element.group()?);
        let exclusion = Some(element.text(from, element.tokens.len()));
        table.add_index(Index { name, method, exclusion, ..Index::new(parts, span) });
    } else if mysql && ["index", "key", "fulltext", "spatial"].iter().any(|word| element.is(word)) {
        let kind = element.next().map(|token| token.text.to_lowercase()).unwrap_or_default();
        if matches!(kind.as_str(), "fulltext" | "spatial") && !element.take("key") {
            element.take("index");
        }
        if !element.is_mark('(') && !element.is("using") {
            name = Some(element.name()?);
        }
        let mut method = if matches!(kind.as_str(), "fulltext" | "spatial") { kind } else { "btree".to_owned() };
        if element.take("using") {
            method = element.next().map(|token| token.text.to_lowercase()).unwrap_or(method);
        }
        let parts = index_parts(&mut element.group()?);
        let options = rest(element);
        let renamed_from = super::ddl::renamed_from(element, element.span().end);
        table.add_index(Index { name, method, options, renamed_from, ..Index::new(parts, span) });
    } else {
        if name.is_some() {
            return Err("no kind of constraint follows its name");
        }
        element.at = start;
        return Ok(false);
    }
    Ok(true)
}

// What follows the columns of a constraint.
fn rest(element: &mut Cursor<'_, '_>) -> String {
    let from = element.at;
    element.at = element.tokens.len();
    element.text(from, element.at)
}

// `unique text`: a column with that name, where the dialect lets words be names.
fn is_column_named(element: &Cursor<'_, '_>) -> bool {
    let following = element.tokens.get(element.at + 1);
    element.dialect != Dialect::MySql
        && following.is_some_and(|token| token.kind == Kind::Word && !token.is("nulls") && !token.is("using"))
}

// Columns of a key; lengths and directions are left out.
fn index_columns(element: &mut Cursor<'_, '_>) -> Read<Vec<String>> {
    let parts = index_parts(&mut element.group()?);
    Ok(parts.into_iter().map(|part| part.column.unwrap_or(part.text)).collect())
}

pub(super) fn references(
    cursor: &mut Cursor<'_, '_>,
    name: Option<String>,
    columns: Vec<String>,
    span: Span,
) -> Read<ForeignKey> {
    let (table, _) = cursor.table_name()?;
    let references = if cursor.is_mark('(') { cursor.columns()? } else { Vec::new() };
    let mut key =
        ForeignKey { name, columns, table, references, on_delete: None, on_update: None, span, options: String::new() };
    let add = |key: &mut ForeignKey, text: &str| {
        if !key.options.is_empty() {
            key.options.push(' ');
        }
        key.options.push_str(text);
    };
    loop {
        let deleting = cursor.take("on delete");
        if deleting || cursor.take("on update") {
            let action = ["no action", "set null", "set default", "cascade", "restrict"]
                .iter()
                .find(|action| cursor.take(action));
            let action = action.map(|action| action.to_uppercase());
            if deleting {
                key.on_delete = action;
            } else {
                key.on_update = action;
            }
        } else if cursor.take("match") {
            let how = cursor.next().map(|token| token.text.to_uppercase()).unwrap_or_default();
            if how != "SIMPLE" {
                add(&mut key, &format!("MATCH {how}"));
            }
        } else if let Some(words) = FOREIGN_OPTIONS.iter().find(|words| cursor.take(words)) {
            add(&mut key, &words.to_uppercase());
        } else {
            return Ok(key);
        }
    }
}

/// `CREATE INDEX`.
pub(super) fn create_index(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    let span = cursor.span();
    cursor.next();
    let mut unique = false;
    let mut method = "btree".to_owned();
    while !cursor.take("index") {
        let token = cursor.next().ok_or("INDEX is missing")?;
        unique |= token.is("unique");
        if token.is("fulltext") || token.is("spatial") {
            method = token.text.to_lowercase();
        }
    }
    cursor.take("concurrently");
    cursor.take("async");
    cursor.take("if not exists");
    let name = if cursor.is("on") { None } else { Some(cursor.table_name()?.0) };
    let named_method = |cursor: &mut Cursor<'_, '_>, method: &mut String| {
        if cursor.take("using") {
            *method = cursor.next().map(|token| token.text.to_lowercase()).unwrap_or_default();
        }
    };
    named_method(cursor, &mut method);
    if !cursor.take("on") {
        return Err("ON is missing");
    }
    cursor.take("only");
    let (table, _) = cursor.table_name()?;
    named_method(cursor, &mut method);
    let parts = index_parts(&mut cursor.group()?);
    let renamed_from = super::ddl::renamed_from(cursor, cursor.span().end);
    let mut index = Index { name, unique, method, alone: true, renamed_from, ..Index::new(parts, span) };
    while !cursor.over() {
        if cursor.take("include") {
            index.include = cursor.columns()?;
        } else if cursor.take("where") {
            let from = cursor.at;
            cursor.at = cursor.tokens.len();
            index.condition = Some(cursor.text(from, cursor.at));
        } else if cursor.take("using") {
            index.method = cursor.next().map(|token| token.text.to_lowercase()).unwrap_or_default();
        } else {
            let from = cursor.at;
            cursor.skip();
            if !index.options.is_empty() {
                index.options.push(' ');
            }
            index.options.push_str(&cursor.text(from, cursor.at));
        }
    }
    // An index of a table that is made elsewhere, or of a view.
    let Some(table) = schema.table_mut(&table) else {
        *schema.ignored.entry("create index on an unknown table".to_owned()).or_default() += 1;
        schema.others.push(index.span);
        return Ok(());
    };
    if !index.name.as_ref().is_some_and(|name| table.has_index(name)) {
        table.add_index(index);
    }
    Ok(())
}

/// The parts of an index.
pub(super) fn index_parts(group: &mut Cursor<'_, '_>) -> Vec<IndexPart> {
    group
        .parts()
        .into_iter()
        .map(|part| {
            let tokens = part.tokens;
            let first = tokens.first();
            let name = first
                .and_then(|token| token.name(part.dialect))
                .filter(|_| first.is_some_and(|token| token.kind != Kind::Text));
            let length = tokens.get(2).is_some_and(|token| token.kind == Kind::Number)
                && tokens.get(3).is_some_and(|token| token.is_mark(')'));
            let plain = tokens.get(1).is_none_or(|token| match token.kind {
                Kind::Word => true,
                Kind::Mark => token.is_mark('(') && length,
                Kind::Quoted | Kind::Text | Kind::Number => false,
            });
            let prefix = tokens.get(1).is_some_and(|token| token.is_mark('('));
            IndexPart {
                // A prefix of a column's value is not the column.
                column: name.filter(|_| plain && !prefix),
                text: part.text(0, tokens.len()),
                descending: tokens.iter().any(|token| token.is("desc")),
            }
        })
        .collect()
}

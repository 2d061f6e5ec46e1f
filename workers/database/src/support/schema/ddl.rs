//! Reads DDL statements into a [`Schema`].

use super::column::column;
use super::cursor::{Cursor, Read};
use super::key::{constraint, create_index};
use super::lex::{Kind, Token, inner, statements};
use super::{Dialect, Problem, Schema, Table, alter};
use std::collections::BTreeSet;

/// Most problems remembered.
const MAX_PROBLEMS: usize = 1_000;

/// Words that begin statements which say nothing of tables.
const OTHERS: &[&str] = &[
    "alter",
    "analyze",
    "begin",
    "call",
    "comment",
    "commit",
    "copy",
    "create",
    "deallocate",
    "delete",
    "delimiter",
    "do",
    "drop",
    "end",
    "explain",
    "grant",
    "insert",
    "lock",
    "merge",
    "notify",
    "pragma",
    "prepare",
    "refresh",
    "reindex",
    "release",
    "rename",
    "replace",
    "reset",
    "revoke",
    "rollback",
    "savepoint",
    "security",
    "select",
    "set",
    "show",
    "start",
    "truncate",
    "unlock",
    "update",
    "use",
    "vacuum",
    "values",
    "with",
    "attach",
    "detach",
    "reassign",
    "import",
    "cluster",
    "discard",
    "execute",
    "declare",
    "fetch",
    "close",
    "listen",
    "unlisten",
    "load",
    "abort",
    "checkpoint",
    "optimize",
    "flush",
    "handler",
];

/// Reads all statements of a source.
pub fn read(source: &str, dialect: Dialect) -> Schema {
    let mut schema = Schema::default();
    for tokens in statements(source, dialect) {
        schema.statements += 1;
        let mut cursor = Cursor { source, dialect, tokens: &tokens, at: 0 };
        if let Err(what) = statement(&mut cursor, &mut schema) {
            let place = cursor.peek().or_else(|| tokens.last()).map_or(0..0, Token::span);
            if schema.problems.len() < MAX_PROBLEMS {
                schema.problems.push(Problem { span: place, what: what.to_owned() });
            }
        }
    }
    close(&mut schema);
    schema
}

// What constraints imply, once all statements are read.
fn close(schema: &mut Schema) {
    schema.tables.remove_named(alter::DROPPED);
    for table in schema.tables.all_same_named_mut() {
        if let Some(key) = &table.primary_key {
            let places: Vec<usize> = key.columns.iter().filter_map(|name| table.columns.position(name)).collect();
            for at in places {
                if let Some(column) = table.columns.same_named_mut(at) {
                    column.not_null = true;
                }
            }
        }
    }
}

fn statement(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    let Some(first) = cursor.peek().copied() else { return Ok(()) };
    let opens = cursor.tokens.iter().filter(|token| token.is_mark('(')).count();
    let closes = cursor.tokens.iter().filter(|token| token.is_mark(')')).count();
    if opens != closes && !first.is("do") {
        return Err(if opens > closes { "a `(` is not closed" } else { "a `)` closes nothing" });
    }
    let words: Vec<String> = cursor
        .tokens
        .iter()
        .take(6)
        .take_while(|token| token.kind == Kind::Word)
        .map(|token| token.text.to_lowercase())
        .collect();
    let second = words.get(1).map_or("", String::as_str);
    let is_table = words.iter().take(5).any(|word| word == "table");
    match first.text.to_lowercase().as_str() {
        "create" if is_table && !matches!(second, "view" | "trigger" | "function") => create_table(cursor, schema),
        "create" if words.iter().take(4).any(|word| word == "index") => create_index(cursor, schema),
        "create" if second == "type" => create_type(cursor, schema),
        "alter" if words.iter().take(3).any(|word| word == "table") => alter::alter_table(cursor, schema),
        "alter" if second == "type" && cursor.dialect == Dialect::PostgreSql => alter::alter_type(cursor, schema),
        "drop" if second == "table" => alter::drop_table(cursor, schema),
        "drop" if second == "index" => alter::drop_index(cursor, schema),
        "comment" => comment(cursor, schema),
        word if first.kind == Kind::Word && OTHERS.contains(&word) => {
            let kind = if matches!(word, "create" | "alter" | "drop") && !second.is_empty() {
                format!("{word} {second}")
            } else {
                word.to_owned()
            };
            *schema.ignored.entry(kind).or_default() += 1;
            schema.others.push(cursor.span());
            Ok(())
        }
        _ => Err("this begins no statement of SQL"),
    }
}

fn create_table(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    while !cursor.take("table") {
        cursor.next().ok_or("TABLE is missing")?;
    }
    let may_exist = cursor.take("if not exists");
    let (name, span) = cursor.table_name()?;
    if may_exist && schema.names.contains(&name) && schema.table(&name).is_some() {
        return Ok(());
    }
    let mut table = Table::new(name, span);
    table.statement = cursor.span();
    table.renamed_from = renamed_from(cursor, table.span.end);
    if cursor.take("partition of") {
        table.parent = Some(cursor.table_name()?.0);
    } else if cursor.take("like") {
        let (source, _) = cursor.table_name()?;
        copy(schema, &source, &mut table);
    } else if cursor.take("of") {
        table.opaque = true;
    }
    if cursor.is_mark('(') {
        let mut group = cursor.group()?;
        if group.is("select") || group.is("with") {
            table.opaque = true;
        } else {
            let mut names: BTreeSet<String> = table.columns.iter().map(|column| column.name.clone()).collect();
            for mut element in group.parts() {
                element_of(&mut element, &mut table, schema, &mut names)?;
            }
        }
    }
    table.options = cursor.text(cursor.at, cursor.tokens.len());
    while let Some(token) = cursor.peek() {
        if cursor.take("inherits") {
            table.parent = cursor.columns()?.into_iter().next();
        } else if cursor.take("as") || token.is("select") {
            table.opaque = true;
            break;
        } else if cursor.take("comment") {
            cursor.take_mark('=');
            table.comment = cursor.next().filter(|token| token.kind == Kind::Text).map(|token| inner(token.text));
        } else {
            cursor.skip();
        }
    }
    if table.columns.is_empty() && !table.opaque && table.parent.is_none() && cursor.dialect != Dialect::PostgreSql {
        return Err("the table has no columns");
    }
    if !schema.names.insert(table.name.clone()) {
        schema.tables.remove_named(&table.name);
    }
    schema.tables.push(table);
    schema.refer(schema.tables.len() - 1, 0);
    Ok(())
}

fn copy(schema: &Schema, source: &str, into: &mut Table) {
    match schema.table(source) {
        Some(known) => {
            *into =
                Table { name: into.name.clone(), span: into.span.clone(), foreign_keys: Vec::new(), ..known.clone() }
        }
        None => into.opaque = true,
    }
}

/// The earlier name that a comment tells on the line on which something ends: `-- @renamed from=name`, where that line does not
/// go on with something else.
pub(super) fn renamed_from(cursor: &Cursor<'_, '_>, end: usize) -> Option<String> {
    let between = |c: char| c != '\n' && (c.is_whitespace() || matches!(c, ',' | '(' | ';'));
    let rest = cursor.source.get(end..)?.trim_start_matches(between);
    let told = rest.strip_prefix("--")?.lines().next()?.split_once("@renamed")?.1.trim_start().strip_prefix("from=")?;
    let token = statements(told, cursor.dialect).into_iter().next()?.into_iter().next()?;
    token.name(cursor.dialect)
}

/// A column or constraint in the parentheses of a table.
fn element_of(
    element: &mut Cursor<'_, '_>,
    table: &mut Table,
    schema: &Schema,
    names: &mut BTreeSet<String>,
) -> Read<()> {
    if element.over() {
        return Err("a column is missing between commas");
    }
    if element.take("like") {
        let (source, _) = element.table_name()?;
        let columns = schema.table(&source).map(|known| known.columns.clone());
        match columns {
            Some(columns) => {
                names.extend(columns.iter().map(|column| column.name.clone()));
                table.columns.extend(columns);
            }
            None => table.opaque = true,
        }
        return Ok(());
    }
    if constraint(element, table)? {
        return Ok(());
    }
    let mut column = column(element, table)?;
    column.renamed_from = renamed_from(element, element.span().end);
    if !names.insert(column.name.clone()) {
        table.columns.remove_named(&column.name);
    }
    table.columns.push(column);
    Ok(())
}

fn create_type(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    cursor.at = 2;
    let (name, _) = cursor.table_name()?;
    if cursor.take("as enum") {
        let mut group = cursor.group()?;
        let words =
            group.parts().iter().filter_map(|part| part.tokens.first()).map(|token| inner(token.text)).collect();
        schema.enums.push((name, words));
    } else {
        *schema.ignored.entry("create type".to_owned()).or_default() += 1;
        schema.others.push(cursor.span());
    }
    Ok(())
}

/// What `CREATE DOMAIN` says, as a column with the domain's name, and a table with its checks.
pub fn domain(source: &str, dialect: Dialect) -> Option<(super::Column, Table)> {
    let tokens = statements(source, dialect).into_iter().next()?;
    let mut cursor = Cursor { source, dialect, tokens: &tokens, at: 0 };
    if !cursor.take("create domain") {
        return None;
    }
    let (name, span) = cursor.table_name().ok()?;
    cursor.take("as");
    let mut table = Table::new(name, span);
    // A column begins with its name.
    cursor.at = cursor.at.checked_sub(1)?;
    let rest = cursor.tokens.get(cursor.at..)?;
    let mut named = rest.to_vec();
    if let Some(first) = named.first_mut() {
        *first = Token { kind: Kind::Quoted, text: "\"value\"", at: first.at };
    }
    let mut cursor = Cursor { source, dialect, tokens: &named, at: 0 };
    let column = column(&mut cursor, &mut table).ok()?;
    Some((column, table))
}

fn comment(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    let text = cursor.tokens.last().filter(|token| token.kind == Kind::Text).map(|token| inner(token.text));
    if cursor.take("comment on table") {
        let (name, _) = cursor.table_name()?;
        if let Some(table) = schema.table_mut(&name) {
            table.comment = text;
        }
    } else if cursor.take("comment on column") {
        let mut names = vec![cursor.name()?];
        while cursor.take_mark('.') {
            names.push(cursor.name()?);
        }
        let column = names.pop().unwrap_or_default();
        let schema_name = if names.len() > 1 { names.first().filter(|name| *name != "public").cloned() } else { None };
        let table = names.pop().unwrap_or_default();
        let full = schema_name.map_or_else(|| table.clone(), |schema| format!("{schema}.{table}"));
        if let Some(column) = schema.table_mut(&full).and_then(|table| table.column_mut(&column)) {
            column.comment = text;
        }
    } else {
        *schema.ignored.entry("comment".to_owned()).or_default() += 1;
        schema.others.push(cursor.span());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_postgres_are_read() {
        let schema = read(
            "CREATE TABLE public.users (id bigserial PRIMARY KEY, \"Mail\" character varying(20) NOT NULL DEFAULT 'a,b'::varchar UNIQUE, tags text[], at timestamp(3) with time zone DEFAULT now() NOT NULL);
             CREATE TABLE shop.orders (id int GENERATED ALWAYS AS IDENTITY, user_id bigint REFERENCES users ON DELETE SET NULL, total numeric(10,2) CHECK (total > 0), CONSTRAINT o_pk PRIMARY KEY (id, user_id), FOREIGN KEY (user_id) REFERENCES users (id));
             CREATE UNIQUE INDEX CONCURRENTLY i ON shop.orders USING btree (user_id DESC, lower(x)) INCLUDE (total) WHERE total > 5;
             ALTER TABLE ONLY users ADD CONSTRAINT c UNIQUE (at);
             CREATE TABLE (; DROP TABLE IF EXISTS nothing; foo;",
            Dialect::PostgreSql,
        );
        let users = schema.table("users").expect("users");
        assert_eq!(
            users.columns.iter().map(|column| column.ty.text()).collect::<Vec<_>>(),
            ["bigint", "varchar(20)", "text[]", "timestamptz(3)"]
        );
        assert!(users.columns.iter().take(2).all(|column| column.not_null) && users.columns[0].counts);
        assert_eq!(users.columns[1].default.as_deref(), Some("'a,b'::varchar"));
        assert_eq!(users.keys(), [vec!["id"], vec!["Mail"], vec!["at"]]);
        let orders = schema.table("shop.orders").expect("orders");
        assert_eq!(orders.foreign_keys.len(), 2);
        assert_eq!(orders.foreign_keys[0].on_delete.as_deref(), Some("SET NULL"));
        assert_eq!(orders.checks[0].condition, "total > 0");
        assert_eq!(orders.indexes[0].parts[0].column.as_deref(), Some("user_id"));
        assert_eq!(
            (orders.indexes[0].parts[1].column.as_deref(), orders.indexes[0].condition.as_deref()),
            (None, Some("total > 5"))
        );
        assert_eq!(schema.problems.len(), 2, "{:?}", schema.problems);
    }

    #[test]
    fn the_last_of_a_name_stands() {
        let text =
            "CREATE TABLE t (a int, b int, a text); CREATE TABLE u (c int, LIKE t, b text); ALTER TABLE u RENAME TO v;
             CREATE TABLE t (z int); CREATE TABLE IF NOT EXISTS v (n int); CREATE TABLE v (m int);";
        let schema = read(text, Dialect::PostgreSql);
        let said: Vec<(&str, Vec<&str>)> = schema
            .tables
            .iter()
            .map(|table| (table.name.as_str(), table.columns.iter().map(|column| column.name.as_str()).collect()))
            .collect();
        assert_eq!(said, [("t", vec!["z"]), ("v", vec!["m"])]);
        let first = read(text.split(" ALTER").next().unwrap_or_default(), Dialect::PostgreSql);
        let types = |name: &str| -> Vec<(String, String)> {
            let table = first.table(name).expect("a table");
            table.columns.iter().map(|column| (column.name.clone(), column.ty.text())).collect()
        };
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(name, ty)| ((*name).to_owned(), (*ty).to_owned())).collect()
        };
        assert_eq!(types("t"), pairs(&[("b", "integer"), ("a", "text")]));
        assert_eq!(types("u"), pairs(&[("c", "integer"), ("a", "text"), ("b", "text")]));
    }

    #[test]
    fn tables_of_mysql_and_sqlite_are_read() {
        let schema = read(
            "CREATE TABLE `t` (`id` int(11) unsigned NOT NULL AUTO_INCREMENT, `e` enum('a','b,c') CHARACTER SET utf8 COLLATE utf8_bin DEFAULT 'a' COMMENT 'x', `at` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, PRIMARY KEY (`id`), UNIQUE KEY `u` (`e`(10)), KEY `k` (`at`,`id`) USING BTREE, CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`)) ENGINE=InnoDB COMMENT='hi';",
            Dialect::MySql,
        );
        let table = schema.table("t").expect("t");
        assert_eq!(
            table.columns.iter().map(|column| column.ty.text()).collect::<Vec<_>>(),
            ["int unsigned", "enum('a','b,c')", "timestamp"]
        );
        assert_eq!((table.indexes.len(), table.uniques.len(), table.foreign_keys.len()), (2, 0, 1));
        assert_eq!(table.comment.as_deref(), Some("hi"));
        assert_eq!(table.columns[2].default.as_deref(), Some("CURRENT_TIMESTAMP"));
        let schema = read(
            "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b, [c d] TEXT DEFAULT (1+2), UNIQUE (b)) WITHOUT ROWID;",
            Dialect::Sqlite,
        );
        assert_eq!(schema.tables[0].columns.len(), 3, "{:?}", schema.problems);
    }
}

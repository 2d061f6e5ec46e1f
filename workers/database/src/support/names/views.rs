//! Views and tables made from queries: their columns, from the queries that make them.

use super::{Blind, Budget, Resolver};
use crate::support::query::{Kind, Name, Statement, statements};
use crate::support::schema::cursor::Cursor;
use crate::support::schema::lex;
use crate::support::schema::types::ColumnType;
use crate::support::schema::{Column, Dialect, Schema, Span, Table};
use std::collections::BTreeSet;

/// Most views of a schema: each may read those before it.
const MAX_VIEWS: usize = 1_000;

/// Most columns that the views of a schema have together: views of views may double them.
const MAX_VIEW_COLUMNS: usize = 100_000;

/// Adds the views of a schema's source as tables, and the columns of tables that queries make, in the order of their making.
pub fn add_views(schema: &mut Schema, source: &str, dialect: Dialect, budget: &Budget) {
    let mut room = MAX_VIEW_COLUMNS;
    let mut made: Vec<(usize, Made)> = Vec::new();
    for span in
        schema.others.iter().chain(schema.tables.iter().filter(|table| table.opaque).map(|table| &table.statement))
    {
        if let Some(text) = source.get(span.clone())
            && let Some(one) = made_by(text, dialect)
        {
            made.push((span.start, one));
        }
    }
    made.sort_by_key(|(at, _)| *at);
    for (_, one) in made.into_iter().take(MAX_VIEWS) {
        match one {
            Made::Gone(names) => names.iter().for_each(|name| schema.tables.remove_named(name)),
            Made::Query { name, columns, query, span, view } => {
                let known = schema.table(&name).is_some();
                if known == view && !view {
                    continue;
                }
                let (mut list, mut open) = columns_of(schema, &query, &columns, dialect, budget);
                if list.len() > room {
                    list.truncate(room);
                    open = true;
                    budget.cut();
                }
                room -= list.len();
                let place = schema.tables.position(&name);
                if let Some(table) = place.and_then(|at| schema.tables.same_named_mut(at)) {
                    if table.opaque {
                        table.columns = list.into();
                        table.opaque = open;
                    }
                } else {
                    let mut table = Table::new(name, span);
                    table.columns = list.into();
                    table.opaque = open;
                    schema.tables.push(table);
                }
            }
        }
    }
}

enum Made {
    Query { name: String, columns: Vec<Name>, query: String, span: Span, view: bool },
    Gone(BTreeSet<String>),
}

fn made_by(text: &str, dialect: Dialect) -> Option<Made> {
    let tokens: Vec<lex::Token<'_>> = lex::statements(text, dialect).into_iter().next()?;
    let mut cursor = Cursor { source: text, dialect, tokens: &tokens, at: 0 };
    if cursor.take("drop view") || cursor.take("drop materialized view") {
        cursor.take("if exists");
        let mut names = BTreeSet::from([cursor.table_name().ok()?.0]);
        while cursor.take_mark(',') {
            names.insert(cursor.table_name().ok()?.0);
        }
        return Some(Made::Gone(names));
    }
    if !cursor.take("create") {
        return None;
    }
    while ["or replace", "temp", "temporary", "global", "local", "unlogged", "recursive", "materialized"]
        .iter()
        .any(|words| cursor.take(words))
    {}
    // `ALGORITHM = x DEFINER = y@z SQL SECURITY w` of MySQL
    while !cursor.over() && !cursor.is("view") && !cursor.is("table") {
        cursor.next();
    }
    let view = cursor.take("view");
    if !view && !cursor.take("table") {
        return None;
    }
    cursor.take("if not exists");
    let (name, span) = cursor.table_name().ok()?;
    let mut columns = Vec::new();
    if cursor.is_mark('(') {
        let mut group = cursor.group().ok()?;
        for mut part in group.parts() {
            let span = part.span();
            columns.push(Name { text: part.name().ok()?, span });
        }
    }
    while !cursor.over() && !cursor.take("as") {
        cursor.next();
    }
    let mut query = cursor.peek().and_then(|token| text.get(token.at..))?.trim_end_matches([';', ' ', '\n']).to_owned();
    for tail in
        ["with no data", "with data", "with check option", "with local check option", "with cascaded check option"]
    {
        let kept = query.len().saturating_sub(tail.len());
        if query.get(kept..).is_some_and(|end| end.eq_ignore_ascii_case(tail)) {
            query.truncate(kept);
        }
    }
    Some(Made::Query { name, columns, query, span, view })
}

fn columns_of(schema: &Schema, query: &str, names: &[Name], dialect: Dialect, budget: &Budget) -> (Vec<Column>, bool) {
    let (list, _) = statements(query, dialect);
    let Some(statement @ Statement { kind: Kind::Select(_), .. }) = list.first() else { return (Vec::new(), true) };
    let mut columns = Resolver::new(schema, dialect, query, budget).statement(statement, &mut Blind);
    let open = columns.iter().any(|column| column.name == "*");
    columns.retain(|column| column.name != "*");
    super::renamed(&mut columns, names);
    let list = columns
        .into_iter()
        .map(|column| {
            let (base, array) = column.ty.strip_suffix("[]").map_or((column.ty.as_str(), 0), |base| (base, 1));
            let ty = ColumnType { name: base.to_owned(), array, ..ColumnType::default() };
            Column {
                name: column.name,
                span: 0..0,
                ty,
                not_null: !column.nullable,
                default: None,
                generated: None,
                counts: false,
                comment: None,
                quoted: false,
                collation: None,
                identity: None,
                stored: false,
                clauses: Vec::new(),
                renamed_from: None,
            }
        })
        .collect();
    (list, open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::schema::ddl;
    use std::fmt::Write as _;

    #[test]
    fn views_have_so_many_columns_together_and_no_more() {
        let columns: Vec<String> = (0..1_000).map(|at| format!("c{at} int")).collect();
        let mut source = format!("CREATE TABLE t ({});", columns.join(", "));
        for at in 0..=MAX_VIEW_COLUMNS / 1_000 {
            let _ = write!(source, "CREATE VIEW v{at} AS SELECT * FROM t;");
        }
        let mut schema = ddl::read(&source, Dialect::PostgreSql);
        let budget = Budget::default();
        add_views(&mut schema, &source, Dialect::PostgreSql, &budget);
        let has = |at: usize| schema.table(&format!("v{at}")).map(|view| (view.columns.len(), view.opaque));
        assert_eq!(has(MAX_VIEW_COLUMNS / 1_000 - 1), Some((1_000, false)));
        assert_eq!(has(MAX_VIEW_COLUMNS / 1_000), Some((0, true)));
    }
}

//! What FROM names: tables, named queries, functions, joins and the columns they make one.

use super::types;
use super::{COPY_STEPS, Column, Env, MAX_COLUMNS, Relation, Resolver, Scope, Watch, Wrong, column_of, renamed};
use crate::support::query::{From, Name, Node};
use crate::support::schema::{Dialect, Span};
use std::collections::BTreeSet;

impl Resolver<'_> {
    pub(super) fn add(&mut self, scope: &mut Scope<'_>, relation: Relation, span: &Span) {
        if let Some(name) = relation.name.as_deref()
            && scope.relations.iter().any(|known| known.name.as_deref().is_some_and(|known| self.same(known, name)))
        {
            self.fault(Wrong::Double, span, format!("{name} is the name of two tables here"));
        }
        scope.relations.push(relation);
    }

    /// The columns of a table of the schema, or of a named query; none where it is not known.
    pub(super) fn table(&mut self, name: &[Name], env: &Env<'_>) -> (Vec<Column>, Option<String>, bool) {
        let Some(last) = name.last() else { return (Vec::new(), None, true) };
        if name.len() == 1
            && let Some((columns, open)) = env.find(&last.text)
        {
            if !self.budget.take(columns.len() * COPY_STEPS) {
                return (Vec::new(), None, true);
            }
            return (columns.clone(), None, open);
        }
        // Without a list of names, the tables are looked at one by one.
        if self.tables.is_none() && !self.budget.take(self.schema.tables.len()) {
            return (Vec::new(), None, true);
        }
        let usual = |schema: &Name| match self.dialect {
            Dialect::PostgreSql => schema.text == "public",
            Dialect::Sqlite => matches!(schema.text.as_str(), "main" | "temp"),
            // The database in use has no name in a schema file.
            Dialect::MySql => self.tables.map_or_else(
                || {
                    let mut schemas = self.schema.tables.iter().filter_map(|table| table.name.split_once('.'));
                    !schemas.any(|(known, _)| known == schema.text)
                },
                |tables| !tables.schemas.contains(schema.text.as_str()),
            ),
        };
        let full = match name.iter().rev().nth(1).filter(|schema| !usual(schema)) {
            Some(schema) => format!("{}.{}", schema.text, last.text),
            None => last.text.clone(),
        };
        let found = match (self.tables, self.dialect) {
            (Some(_), Dialect::PostgreSql) => self.table_named(&full),
            (Some(tables), _) => {
                tables.folded.get(&full.to_ascii_lowercase()).and_then(|at| self.schema.tables.get(*at))
            }
            (None, _) => self.schema.tables.iter().find(|table| self.same(&table.name, &full)),
        };
        let Some(table) = found else {
            // A view, or a schema that was not given.
            let views =
                self.schema.tables.is_empty() || full.starts_with("pg_") || full.starts_with("information_schema.");
            if !views {
                let span = name.first().map_or(0..0, |first| first.span.start..last.span.end);
                self.fault(Wrong::Table, &span, format!("no table {full}"));
            }
            return (Vec::new(), None, true);
        };
        let mut lists = vec![table.columns.as_slice()];
        let mut open = table.opaque;
        let mut parent = table.parent.as_deref();
        for _ in 0..8 {
            let Some(name) = parent else { break };
            if let Some(above) = self.table_named(name) {
                lists.push(above.columns.as_slice());
                parent = above.parent.as_deref();
            } else {
                open = true;
                break;
            }
        }
        let count = lists.iter().map(|list| list.len()).sum::<usize>();
        if !self.budget.take(count.min(MAX_COLUMNS) * COPY_STEPS + count) {
            return (Vec::new(), Some(table.name.clone()), true);
        }
        if count > MAX_COLUMNS {
            self.budget.cut();
            open = true;
        }
        // Its own columns stand for those of the same name above, the last of a name for those before.
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut own: Vec<Column> = Vec::new();
        for column in table.columns.iter().take(MAX_COLUMNS).rev() {
            if seen.insert(&column.name) {
                own.push(column_of(column));
            }
        }
        let above = lists.iter().skip(1).rev().flat_map(|list| list.iter());
        let mut columns: Vec<Column> = above
            .filter(|column| !seen.contains(column.name.as_str()))
            .take(MAX_COLUMNS - own.len())
            .map(column_of)
            .collect();
        columns.extend(own.into_iter().rev());
        (columns, Some(table.name.clone()), open)
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind of source")]
    pub(super) fn from(&mut self, from: &From, scope: &mut Scope<'_>, env: &Env<'_>, watch: &mut dyn Watch) {
        match from {
            From::Table { name, alias, columns } => {
                let (mut list, table, open) = self.table(name, env);
                renamed(&mut list, columns);
                let called = alias.as_ref().or(name.last());
                let span = called.map_or(0..0, |name| name.span.clone());
                let relation = Relation {
                    name: called.map(|name| name.text.clone()),
                    table,
                    columns: list,
                    open,
                    optional: false,
                };
                self.add(scope, relation, &span);
            }
            From::Query { select, lateral, alias, columns } => {
                let mut list = if *lateral {
                    self.select(select, env, Some(scope), watch)
                } else {
                    self.select(select, env, scope.parent, watch)
                };
                let open = list.iter().any(|column| column.name == "*");
                list.retain(|column| column.name != "*");
                renamed(&mut list, columns);
                let span = alias.as_ref().map_or_else(|| select.span.clone(), |alias| alias.span.clone());
                let relation = Relation {
                    name: alias.as_ref().map(|alias| alias.text.clone()),
                    table: None,
                    columns: list,
                    open,
                    optional: false,
                };
                self.add(scope, relation, &span);
            }
            From::Function { call, alias, columns, ordinality } => {
                let ty = self.ty(call, scope, env, watch);
                let name = if let Node::Call(call) = &call.kind { call.name.clone() } else { String::new() };
                let called = alias.as_ref().map_or_else(|| name.clone(), |alias| alias.text.clone());
                let typed: Option<Vec<Column>> = columns
                    .iter()
                    .map(|(name, ty)| {
                        ty.as_ref().map(|ty| Column {
                            name: name.text.clone(),
                            ty: types::canonical(ty),
                            nullable: true,
                        })
                    })
                    .collect();
                let many = matches!(name.as_str(), "json_each" | "jsonb_each" | "json_each_text" | "jsonb_each_text");
                let mut list = match typed.filter(|list| !list.is_empty()) {
                    Some(list) => list,
                    None if many => {
                        let value = if name.ends_with("text") { "text" } else { name.trim_end_matches("_each") };
                        vec![
                            Column { name: "key".to_owned(), ty: "text".to_owned(), nullable: true },
                            Column { name: "value".to_owned(), ty: value.to_owned(), nullable: true },
                        ]
                    }
                    None => vec![Column {
                        name: if alias.is_some() { called.clone() } else { name.clone() },
                        ty: ty.clone(),
                        nullable: true,
                    }],
                };
                // Several arrays are read beside each other.
                let arrays = if let Node::Call(call) = &call.kind { call.arguments.as_slice() } else { &[] };
                if name == "unnest" && arrays.len() > 1 {
                    list = arrays
                        .iter()
                        .map(|array| Column {
                            name: name.clone(),
                            ty: self.ty(array, scope, env, watch).strip_suffix("[]").unwrap_or_default().to_owned(),
                            nullable: true,
                        })
                        .collect();
                }
                let scalar = !ty.is_empty() || many;
                // Such functions name their column themselves.
                if name.contains("array_elements")
                    && let [one] = list.as_mut_slice()
                {
                    "value".clone_into(&mut one.name);
                }
                if *ordinality {
                    list.push(Column { name: "ordinality".to_owned(), ty: "bigint".to_owned(), nullable: false });
                }
                let names: Vec<Name> = columns.iter().map(|(name, _)| name.clone()).collect();
                renamed(&mut list, &names);
                let open = !scalar && columns.is_empty();
                let span = alias.as_ref().map_or_else(|| call.span.clone(), |alias| alias.span.clone());
                self.add(
                    scope,
                    Relation { name: Some(called), table: None, columns: list, open, optional: false },
                    &span,
                );
            }
            From::Join { left, right, kind, natural, using, on, merged, .. } => {
                let start = scope.relations.len();
                self.from(left, scope, env, watch);
                let middle = scope.relations.len();
                self.from(right, scope, env, watch);
                let (left_optional, right_optional) =
                    (matches!(*kind, "right" | "full"), matches!(*kind, "left" | "full"));
                for (at, relation) in scope.relations.iter_mut().enumerate().skip(start) {
                    relation.optional |= if at < middle { left_optional } else { right_optional };
                }
                self.merge(scope, start, middle, *natural, using, kind);
                if let Some(name) = merged {
                    // Its columns are those that USING names; they are not told here.
                    let relation = Relation {
                        name: Some(name.text.clone()),
                        table: None,
                        columns: Vec::new(),
                        open: true,
                        optional: false,
                    };
                    self.add(scope, relation, &name.span);
                }
                if let Some(on) = on {
                    // The condition sees these two alone, but names are told apart all the same.
                    self.boolean(on, scope, env, watch, "ON");
                    self.no_aggregate(on, scope, "ON");
                }
            }
        }
    }

    fn merge(&mut self, scope: &mut Scope<'_>, start: usize, middle: usize, natural: bool, using: &[Name], kind: &str) {
        let folds = self.dialect != Dialect::PostgreSql;
        let find = |scope: &Scope<'_>, range: std::ops::Range<usize>, name: &str| -> Vec<Column> {
            scope
                .relations
                .get(range)
                .into_iter()
                .flatten()
                .flat_map(|relation| relation.columns.iter())
                .filter(|column| column.name == name || folds && column.name.eq_ignore_ascii_case(name))
                .cloned()
                .collect()
        };
        let end = scope.relations.len();
        let mut names: Vec<(String, Span)> = using.iter().map(|name| (name.text.clone(), name.span.clone())).collect();
        if natural {
            let left =
                scope.relations.get(start..middle).unwrap_or_default().iter().flat_map(|relation| &relation.columns);
            let right: BTreeSet<&str> = scope
                .relations
                .get(middle..end)
                .unwrap_or_default()
                .iter()
                .flat_map(|relation| &relation.columns)
                .map(|column| column.name.as_str())
                .collect();
            names = left
                .filter(|column| right.contains(column.name.as_str()))
                .map(|column| (column.name.clone(), 0..0))
                .collect();
        }
        let width: usize = scope.relations.get(start..end).into_iter().flatten().map(|one| 1 + one.columns.len()).sum();
        for (name, span) in names {
            if !self.budget.take(width * 2 + scope.merged.len()) {
                break;
            }
            let open = |range: std::ops::Range<usize>| {
                scope.relations.get(range).into_iter().flatten().any(|relation| relation.open)
            };
            let earlier = scope.merged.iter().position(|column| column.name == name);
            let (left, right) = (find(scope, start..middle, &name), find(scope, middle..end, &name));
            self.budget.take((left.len() + right.len()) * COPY_STEPS);
            let (left_open, right_open) = (open(start..middle), open(middle..end));
            for (list, open) in [(&left, left_open), (&right, right_open)] {
                if list.is_empty() && !open && earlier.is_none() {
                    self.fault(Wrong::Column, &span, format!("{name} is not a column of both sides"));
                } else if list.len() > 1 && earlier.is_none() {
                    self.fault(Wrong::Ambiguous, &span, format!("{name} is more than one column of a side"));
                }
            }
            let (Some(one), Some(other)) = (left.first(), right.first()) else { continue };
            let ty = if kind == "right" {
                other.ty.clone()
            } else {
                types::common(&[one.ty.clone(), other.ty.clone()]).unwrap_or_default()
            };
            let ty = if kind == "inner" || kind == "left" { one.ty.clone() } else { ty };
            if !types::comparable(&one.ty, &other.ty) && self.dialect == Dialect::PostgreSql {
                self.fault(
                    Wrong::Type,
                    &span,
                    format!("{name} is {} on the one side and {} on the other", one.ty, other.ty),
                );
            }
            let ty = if one.ty != other.ty && kind != "right" {
                types::common(&[one.ty.clone(), other.ty.clone()]).unwrap_or(ty)
            } else {
                ty
            };
            let column = Column { name, ty, nullable: one.nullable && other.nullable };
            match earlier {
                Some(at) => {
                    if let Some(slot) = scope.merged.get_mut(at) {
                        *slot = column;
                    }
                }
                None => scope.merged.push(column),
            }
        }
    }
}

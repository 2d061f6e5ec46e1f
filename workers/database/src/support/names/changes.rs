//! INSERT, UPDATE and DELETE: what gets values, what is set, what is given back.

use super::types;
use super::{Column, Env, Relation, Resolver, Scope, Watch, Wrong};
use crate::support::query::{Body, Delete, Expr, Insert, Item, Name, Node, Update};
use crate::support::schema::Dialect;

impl Resolver<'_> {
    pub(super) fn insert(&mut self, insert: &Insert, env: &Env<'_>, watch: &mut dyn Watch) -> Vec<Column> {
        let list = self.ctes(&insert.with, false, env, None, watch);
        let env = &Env { ctes: &list, parent: Some(env) };
        let (columns, table, open) = self.table(&insert.table, &Env::default());
        let mut targets: Vec<Column> = Vec::new();
        for name in &insert.columns {
            match columns.iter().find(|column| self.same(&column.name, &name.text)) {
                Some(column) => targets.push(column.clone()),
                None if open => {}
                None => self.fault(Wrong::Column, &name.span, format!("no column {}", name.text)),
            }
        }
        let given = !insert.columns.is_empty();
        if let Some(source) = &insert.source {
            // Rows of values are taken one by one: each goes into its column.
            let rows = if let Body::Values(rows) = source.body.as_ref() { Some(rows) } else { None };
            let wanted = if given { insert.columns.len() } else { columns.len() };
            if let Some(rows) = rows {
                let scope = Scope::inside(None);
                for row in rows {
                    let wrong = row.len() > wanted || given && row.len() < wanted;
                    if wrong && !open {
                        let span = row.first().map_or_else(|| source.span.clone(), |first| first.span.clone());
                        self.fault(Wrong::Count, &span, format!("{} values for {wanted} columns", row.len()));
                    }
                    let into = if given { &targets } else { &columns };
                    for (at, value) in row.iter().enumerate() {
                        let ty = self.ty(value, &scope, env, watch);
                        if let Some(column) = into.get(at).filter(|_| !given || targets.len() == insert.columns.len()) {
                            self.assign(&ty, value, column);
                        }
                    }
                }
            } else {
                let found = self.select(source, env, None, watch);
                let open = open || found.iter().any(|column| column.name == "*");
                if !open && (found.len() > wanted || given && found.len() < wanted) {
                    self.fault(Wrong::Count, &source.span, format!("{} values for {wanted} columns", found.len()));
                }
            }
        }
        let name = insert.alias.as_ref().or(insert.table.last()).map(|name| name.text.clone());
        let mut scope = Scope::inside(None);
        scope.relations.push(Relation { name, table, columns: columns.clone(), open, optional: false });
        if !insert.updates.is_empty() {
            let returning = self.returning(&insert.returning, &scope, env, watch);
            scope.relations.push(Relation {
                name: Some("excluded".to_owned()),
                table: None,
                columns: columns.clone(),
                open,
                optional: false,
            });
            let mut inner = Scope::inside(None);
            inner.relations.clone_from(&scope.relations);
            // A name alone is the table's.
            inner.merged.clone_from(&columns);
            self.sets(&insert.updates, &columns, open, &inner, env, watch);
            if let Some(filter) = &insert.filter {
                self.boolean(filter, &inner, env, watch, "WHERE");
            }
            return returning;
        }
        self.returning(&insert.returning, &scope, env, watch)
    }

    fn returning(&mut self, items: &[Item], scope: &Scope<'_>, env: &Env<'_>, watch: &mut dyn Watch) -> Vec<Column> {
        let mut columns = Vec::new();
        for item in items {
            self.item(item, scope, env, watch, &mut columns);
        }
        columns
    }

    fn sets(
        &mut self,
        updates: &[(Name, Expr)],
        columns: &[Column],
        open: bool,
        scope: &Scope<'_>,
        env: &Env<'_>,
        watch: &mut dyn Watch,
    ) {
        for (name, value) in updates {
            let ty = self.ty(value, scope, env, watch);
            match columns.iter().find(|column| self.same(&column.name, &name.text)) {
                Some(column) => {
                    let column = column.clone();
                    self.assign(&ty, value, &column);
                }
                None if open || self.dialect == Dialect::MySql => {}
                None => self.fault(Wrong::Column, &name.span, format!("no column {}", name.text)),
            }
        }
    }

    // Whether a value can be put into a column: assignment casts go between numbers, between points in time, and to texts.
    fn assign(&mut self, ty: &str, value: &Expr, column: &Column) {
        if self.dialect != Dialect::PostgreSql
            || ty.is_empty()
            || column.ty.is_empty()
            || matches!(value.kind, Node::Default | Node::Parameter(_) | Node::Null)
        {
            return;
        }
        if ty == "unknown" {
            if let Node::Text(text) = &value.inside().kind
                && !types::readable(text, &column.ty)
            {
                self.fault(
                    Wrong::Type,
                    &value.span,
                    format!("'{}' cannot be read as {}", octavo_toolkit::limits::excerpt(text), column.ty),
                );
            }
            return;
        }
        let (from, into) = (types::category(ty), types::category(&column.ty));
        let known = ["number", "text", "point", "time", "boolean", "uuid", "json", "jsonb", "interval", "bytea"];
        let casts = from == into
            || into == "text"
            || matches!(
                (ty, column.ty.as_str()),
                ("json", "jsonb")
                    | ("jsonb", "json")
                    | ("timestamp" | "timestamptz" | "interval", "time")
                    | ("timestamptz", "timetz")
                    | ("time", "interval")
            );
        if !casts && known.contains(&from) && known.contains(&into) {
            self.fault(Wrong::Type, &value.span, format!("{} is {}, the value {ty}", column.name, column.ty));
        }
    }

    pub(super) fn update(&mut self, update: &Update, env: &Env<'_>, watch: &mut dyn Watch) -> Vec<Column> {
        let list = self.ctes(&update.with, false, env, None, watch);
        let env = &Env { ctes: &list, parent: Some(env) };
        let mut scope = Scope::inside(None);
        self.from(&update.target, &mut scope, env, watch);
        let (columns, open) =
            scope.relations.first().map_or((Vec::new(), true), |relation| (relation.columns.clone(), relation.open));
        for from in &update.from {
            self.from(from, &mut scope, env, watch);
        }
        self.sets(&update.updates, &columns, open, &scope, env, watch);
        if let Some(filter) = &update.filter {
            watch.condition(filter, &scope, self);
            self.boolean(filter, &scope, env, watch, "WHERE");
            self.no_aggregate(filter, &scope, "WHERE");
        }
        self.returning(&update.returning, &scope, env, watch)
    }

    pub(super) fn delete(&mut self, delete: &Delete, env: &Env<'_>, watch: &mut dyn Watch) -> Vec<Column> {
        let list = self.ctes(&delete.with, false, env, None, watch);
        let env = &Env { ctes: &list, parent: Some(env) };
        let mut scope = Scope::inside(None);
        self.from(&delete.target, &mut scope, env, watch);
        for from in &delete.using {
            self.from(from, &mut scope, env, watch);
        }
        if let Some(filter) = &delete.filter {
            watch.condition(filter, &scope, self);
            self.boolean(filter, &scope, env, watch, "WHERE");
            self.no_aggregate(filter, &scope, "WHERE");
        }
        self.returning(&delete.returning, &scope, env, watch)
    }
}

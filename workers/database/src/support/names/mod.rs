//! Names and types of queries, resolved against a schema as `PostgreSQL` does: scopes, named queries, joined columns, groups,
//! and the columns of each result.
//!
//! What it cannot know (functions it has not heard of, tables of a schema that was not given) has no type and no fault.

mod changes;
mod grouping;
mod infer;
mod sources;
pub mod types;
mod views;

pub use views::add_views;

use super::query::{Body, Core, Cte, Expr, Item, Kind, Name, Node, Order, Select, Statement};
use super::schema::{Dialect, Schema, Span, Table};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Deepest recursive query within the beginning of another whose beginning is looked at: each level doubles the work.
const MAX_TWICE: u8 = 3;

/// Most columns of a relation or result that are known: no server has more (`PostgreSQL` 1,664, `MySQL` 4,096).
pub const MAX_COLUMNS: usize = 4_096;

/// Most steps that the names of one call may take, a column looked at or a table looked for each: `*` over `*` doubles columns, and
/// wide tables make each name dear.
pub const MAX_STEPS: usize = 20_000_000;

/// Steps that a column takes which is copied: it has two texts.
const COPY_STEPS: usize = 8;
/// Steps that a column takes which is held against a name for its likeness.
const LIKENESS_STEPS: usize = 20;

/// What is left of the steps of a call, and whether anything was left out for them.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<usize>,
    cut: Cell<bool>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(MAX_STEPS)
    }
}

impl Budget {
    /// A budget of so many steps.
    pub const fn new(steps: usize) -> Self {
        Self { steps: Cell::new(steps), cut: Cell::new(false) }
    }

    /// Whether names or columns were left unknown, since they were too many.
    pub const fn is_cut(&self) -> bool {
        self.cut.get()
    }

    fn cut(&self) {
        self.cut.set(true);
    }

    /// Finds a column by its names; one that may be anything where the steps are spent.
    pub fn find(&self, names: &[Name], scope: &Scope<'_>, dialect: Dialect) -> Found {
        if self.take(scope.width()) { scope.find(names, dialect) } else { Found::Open }
    }

    /// Takes steps; false where there are not enough left.
    pub fn take(&self, steps: usize) -> bool {
        let left = self.steps.get().checked_sub(steps);
        self.steps.set(left.unwrap_or(0));
        if left.is_none() {
            self.cut();
        }
        left.is_some()
    }
}

/// What is wrong with a name or a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// No such table.
    Table,
    /// No such column.
    Column,
    /// More than one column of this name.
    Ambiguous,
    /// Neither grouped nor aggregated.
    Ungrouped,
    /// Types that do not go together.
    Type,
    /// Two of this name.
    Double,
    /// Another number of columns or values.
    Count,
}

/// A fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub wrong: Wrong,
    /// With what, a sentence fragment.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// A column of a relation or result.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type; empty where it is not known.
    pub ty: String,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// What rows come from, as its columns are seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// How it is called.
    pub name: Option<String>,
    /// The table it is, where it is one.
    pub table: Option<String>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Whether it has columns that are not known.
    pub open: bool,
    /// Whether an outer join may leave it out.
    pub optional: bool,
}

/// What names can mean at a place.
#[derive(Debug, Default)]
pub struct Scope<'p> {
    /// The relations.
    pub relations: Vec<Relation>,
    // Columns that USING and NATURAL made one.
    merged: Vec<Column>,
    parent: Option<&'p Scope<'p>>,
}

/// Named queries that are seen.
#[derive(Debug, Default, Clone, Copy)]
struct Env<'p> {
    ctes: &'p [(String, Vec<Column>, bool)],
    parent: Option<&'p Env<'p>>,
}

impl Env<'_> {
    fn find(&self, name: &str) -> Option<(&Vec<Column>, bool)> {
        let own = self.ctes.iter().rev().find(|(known, _, _)| known == name).map(|(_, columns, open)| (columns, *open));
        own.or_else(|| self.parent.and_then(|parent| parent.find(name)))
    }
}

/// Looks at each expression with the scope it stands in, while names are resolved.
pub trait Watch {
    /// An SELECT with its scope.
    fn core(&mut self, _core: &Core, _scope: &Scope<'_>, _resolver: &Resolver<'_>) {}
    /// The condition of a change, with the scope.
    fn condition(&mut self, _filter: &Expr, _scope: &Scope<'_>, _resolver: &Resolver<'_>) {}
}

/// Watches nothing.
pub struct Blind;
impl Watch for Blind {}

/// Resolves statements.
pub struct Resolver<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// Whose names they are.
    pub dialect: Dialect,
    /// What was found wrong.
    pub faults: Vec<Fault>,
    // What the statements stand in.
    source: &'a str,
    twice: u8,
    budget: &'a Budget,
    tables: Option<&'a Tables<'a>>,
}

/// The tables of a schema by their names: many statements ask for them.
#[derive(Debug)]
pub struct Tables<'a> {
    exact: BTreeMap<&'a str, usize>,
    // In small letters, where the dialect tells no case.
    folded: BTreeMap<String, usize>,
    // What stands before a dot.
    schemas: BTreeSet<&'a str>,
}

impl<'a> Tables<'a> {
    /// The tables of a schema; the first of a name stands for it.
    pub fn new(schema: &'a Schema, dialect: Dialect) -> Self {
        let mut tables = Self { exact: BTreeMap::new(), folded: BTreeMap::new(), schemas: BTreeSet::new() };
        for (at, table) in schema.tables.iter().enumerate() {
            tables.exact.entry(&table.name).or_insert(at);
            if dialect != Dialect::PostgreSql {
                tables.folded.entry(table.name.to_ascii_lowercase()).or_insert(at);
            }
            tables.schemas.extend(table.name.split_once('.').map(|(schema, _)| schema));
        }
        tables
    }
}

/// What a name came to.
pub enum Found {
    /// This column, of this relation where it is one.
    One(Column, Option<usize>, usize),
    /// It may be one that is not known.
    Open,
    /// None.
    None,
    /// More than one.
    Many,
}

impl<'p> Scope<'p> {
    /// A scope inside of another.
    fn inside(parent: Option<&'p Scope<'p>>) -> Self {
        Self { relations: Vec::new(), merged: Vec::new(), parent }
    }

    // How many names a name is held against.
    fn width(&self) -> usize {
        let own = self.relations.iter().map(|relation| 1 + relation.columns.len()).sum::<usize>() + self.merged.len();
        own + self.parent.map_or(0, Self::width)
    }

    // Finds a column by its names; how many scopes out it was found.
    fn find(&self, names: &[Name], dialect: Dialect) -> Found {
        let same = |one: &str, other: &str| {
            if dialect == Dialect::PostgreSql { one == other } else { one.eq_ignore_ascii_case(other) }
        };
        let Some((last, before)) = names.split_last() else { return Found::None };
        let mut scope = Some(self);
        let mut out = 0;
        let mut open = false;
        while let Some(here) = scope {
            if let Some(qualifier) = before.last() {
                let mut found = here.relations.iter().enumerate().filter(|(_, relation)| {
                    relation.name.as_deref().is_some_and(|name| same(name, &qualifier.text))
                        || before.len() > 1
                            && relation.table.as_deref().is_some_and(|table| {
                                same(
                                    table,
                                    &format!("{}.{}", before.first().map_or("", |name| &name.text), qualifier.text),
                                )
                            })
                });
                if let Some((at, relation)) = found.next() {
                    let mut columns = relation.columns.iter().filter(|column| same(&column.name, &last.text));
                    return match (columns.next(), columns.next()) {
                        (Some(column), None) => Found::One(column.clone(), Some(at), out),
                        (Some(_), Some(_)) => Found::Many,
                        (None, _) if relation.open => Found::Open,
                        (None, _) => Found::None,
                    };
                }
            } else {
                if let Some(column) = here.merged.iter().find(|column| same(&column.name, &last.text)) {
                    return Found::One(column.clone(), None, out);
                }
                let mut hits = here.relations.iter().enumerate().flat_map(|(at, relation)| {
                    relation
                        .columns
                        .iter()
                        .filter(|column| same(&column.name, &last.text))
                        .map(move |column| (at, column))
                });
                match (hits.next(), hits.next()) {
                    (Some((at, column)), None) => return Found::One(column.clone(), Some(at), out),
                    (Some(_), Some(_)) => return Found::Many,
                    (None, _) => open |= here.relations.iter().any(|relation| relation.open),
                }
                // A table's own name is its row.
                if let Some((at, relation)) = here
                    .relations
                    .iter()
                    .enumerate()
                    .find(|(_, relation)| relation.name.as_deref().is_some_and(|name| same(name, &last.text)))
                {
                    // A table that is not known may be a function's result.
                    if relation.open || dialect != Dialect::PostgreSql {
                        return Found::Open;
                    }
                    let ty = relation.table.clone().unwrap_or_else(|| "record".to_owned());
                    let row = Column { name: last.text.clone(), ty, nullable: relation.optional };
                    return Found::One(row, Some(at), out);
                }
            }
            if open {
                return Found::Open;
            }
            scope = here.parent;
            out += 1;
        }
        Found::None
    }
}

impl<'a> Resolver<'a> {
    /// A resolver of statements of a source, for a schema.
    pub const fn new(schema: &'a Schema, dialect: Dialect, source: &'a str, budget: &'a Budget) -> Self {
        Self { schema, dialect, faults: Vec::new(), source, twice: 0, budget, tables: None }
    }

    /// One that looks tables up.
    #[must_use]
    pub const fn with_tables(mut self, tables: &'a Tables<'a>) -> Self {
        self.tables = Some(tables);
        self
    }

    /// Finds a column by its names; one that may be anything where the steps are spent.
    pub fn find(&self, names: &[Name], scope: &Scope<'_>) -> Found {
        self.budget.find(names, scope, self.dialect)
    }

    /// A table by its very name.
    pub fn table_named(&self, name: &str) -> Option<&'a Table> {
        match self.tables {
            Some(tables) => tables.exact.get(name).and_then(|at| self.schema.tables.get(*at)),
            None if self.budget.take(self.schema.tables.len()) => self.schema.table(name),
            None => None,
        }
    }

    fn fault(&mut self, wrong: Wrong, span: &Span, message: impl Into<String>) {
        self.faults.push(Fault { wrong, message: message.into(), span: span.clone() });
    }

    fn same(&self, one: &str, other: &str) -> bool {
        if self.dialect == Dialect::PostgreSql { one == other } else { one.eq_ignore_ascii_case(other) }
    }

    /// The columns of a statement's result.
    pub fn statement(&mut self, statement: &Statement, watch: &mut dyn Watch) -> Vec<Column> {
        self.kind(&statement.kind, &Env::default(), None, watch)
    }

    fn kind(&mut self, kind: &Kind, env: &Env<'_>, outer: Option<&Scope<'_>>, watch: &mut dyn Watch) -> Vec<Column> {
        match kind {
            Kind::Select(select) => self.select(select, env, outer, watch),
            Kind::Insert(insert) => self.insert(insert, env, watch),
            Kind::Update(update) => self.update(update, env, watch),
            Kind::Delete(delete) => self.delete(delete, env, watch),
            Kind::Other => Vec::new(),
        }
    }

    fn ctes(
        &mut self,
        with: &[Cte],
        recursive: bool,
        env: &Env<'_>,
        outer: Option<&Scope<'_>>,
        watch: &mut dyn Watch,
    ) -> Vec<(String, Vec<Column>, bool)> {
        let mut list: Vec<(String, Vec<Column>, bool)> = Vec::new();
        // With RECURSIVE, later ones are seen too; their columns are not known yet.
        let later: Vec<(String, Vec<Column>, bool)> =
            with.iter().filter(|_| recursive).map(|cte| (cte.name.text.clone(), Vec::new(), true)).collect();
        let env = &Env { ctes: &later, parent: Some(env) };
        for cte in with {
            if list.iter().any(|(name, _, _)| self.same(name, &cte.name.text)) {
                self.fault(Wrong::Double, &cte.name.span, format!("{} is named twice in WITH", cte.name.text));
            }
            let mut first = Vec::new();
            // Looked at twice: deeper than this, what it begins with stays unknown.
            if recursive
                && self.twice < MAX_TWICE
                && let Kind::Select(select) = &cte.statement.kind
                && let Body::Set { left, .. } = select.body.as_ref()
            {
                // What it begins with says its columns.
                let inner = Env { ctes: &list, parent: Some(env) };
                let before = self.faults.len();
                self.twice += 1;
                first = self.select(left, &inner, outer, &mut Blind);
                self.twice -= 1;
                self.faults.truncate(before);
                renamed(&mut first, &cte.columns);
            }
            let begins: Vec<String> = first.iter().map(|column| column.ty.clone()).collect();
            let unknown = told(&mut first, &cte.columns);
            if !first.is_empty() {
                // What SEARCH and CYCLE add can be named in it, but is not among its columns.
                list.push((cte.name.text.clone(), first, unknown || !cte.added.is_empty()));
            }
            let recursive_itself = !list.is_empty() && list.last().is_some_and(|(name, _, _)| *name == cte.name.text);
            let inner = Env { ctes: &list, parent: Some(env) };
            let mut columns = self.kind(&cte.statement.kind, &inner, outer, watch);
            if cte.columns.len() > columns.len()
                && !columns.iter().any(|column| column.name == "*")
                && !columns.is_empty()
            {
                self.fault(
                    Wrong::Count,
                    &cte.name.span,
                    format!(
                        "{} has {} columns, and {} names for them",
                        cte.name.text,
                        columns.len(),
                        cte.columns.len()
                    ),
                );
            }
            renamed(&mut columns, &cte.columns);
            let open = told(&mut columns, &cte.columns);
            if recursive_itself && self.dialect == Dialect::PostgreSql {
                for (column, begins) in columns.iter().zip(&begins) {
                    if !begins.is_empty() && !column.ty.is_empty() && column.ty != *begins {
                        let message =
                            format!("{} is {begins} at first and {} then; cast the first", column.name, column.ty);
                        self.fault(Wrong::Type, &cte.name.span, message);
                    }
                }
            }
            columns.extend(cte.added.iter().map(|(name, ty)| Column {
                name: name.text.clone(),
                ty: ty.clone(),
                nullable: false,
            }));
            columns.retain(|column| column.name != "*");
            if recursive_itself {
                list.pop();
            }
            list.push((cte.name.text.clone(), columns, open));
        }
        list
    }

    /// The columns of a query; `*` for those that are not known.
    fn select(
        &mut self,
        select: &Select,
        env: &Env<'_>,
        outer: Option<&Scope<'_>>,
        watch: &mut dyn Watch,
    ) -> Vec<Column> {
        let mut columns = self.part(select, env, outer, watch);
        // A text without a type is one when nothing else asks for another.
        for column in columns.iter_mut().filter(|column| column.ty == "unknown") {
            "text".clone_into(&mut column.ty);
        }
        columns
    }

    // The same for a side of UNION, where the other side may say the types.
    fn part(
        &mut self,
        select: &Select,
        env: &Env<'_>,
        outer: Option<&Scope<'_>>,
        watch: &mut dyn Watch,
    ) -> Vec<Column> {
        let list = self.ctes(&select.with, select.recursive, env, outer, watch);
        let env = &Env { ctes: &list, parent: Some(env) };
        let columns = match select.body.as_ref() {
            Body::Core(core) => return self.core(core, &select.order, select, env, outer, watch),
            Body::Values(rows) => {
                let scope = Scope::inside(outer);
                let mut types: Vec<Vec<String>> = Vec::new();
                let width = rows.first().map_or(0, Vec::len);
                for row in rows {
                    if row.len() != width {
                        self.fault(Wrong::Count, &select.span, "rows of VALUES are not of one length");
                    }
                    for (at, value) in row.iter().enumerate() {
                        let ty = self.ty(value, &scope, env, watch);
                        if types.len() <= at {
                            types.push(Vec::new());
                        }
                        if let Some(list) = types.get_mut(at) {
                            list.push(ty);
                        }
                    }
                }
                types
                    .into_iter()
                    .enumerate()
                    .map(|(at, list)| {
                        let ty = self.agree(&list, &select.span, "VALUES");
                        Column { name: format!("column{}", at + 1), ty, nullable: true }
                    })
                    .collect()
            }
            Body::Set { operator, span, left, right, .. } => {
                let (left, right) = (self.part(left, env, outer, watch), self.part(right, env, outer, watch));
                let open = left.iter().chain(&right).any(|column| column.name == "*");
                if left.len() != right.len() && !open {
                    self.fault(
                        Wrong::Count,
                        span,
                        format!(
                            "{} has {} columns on the one side and {} on the other",
                            operator.to_uppercase(),
                            left.len(),
                            right.len()
                        ),
                    );
                }
                if open {
                    left
                } else {
                    left.into_iter()
                        .zip(right)
                        .map(|(one, other)| {
                            let both = one.ty == "unknown" && other.ty == "unknown";
                            let ty = if both { one.ty } else { self.agree(&[one.ty, other.ty], span, operator) };
                            Column { name: one.name, ty, nullable: one.nullable || other.nullable }
                        })
                        .collect()
                }
            }
        };
        // Only names of the result, and places, order what was joined.
        for order in &select.order {
            if let Node::Column(names) = &order.expr.inside().kind
                && let [name] = names.as_slice()
                && !columns.iter().any(|column| self.same(&column.name, &name.text) || column.name == "*")
            {
                self.fault(Wrong::Column, &name.span, format!("{} is no column of the result", name.text));
            }
        }
        columns
    }

    fn agree(&mut self, types: &[String], span: &Span, what: &str) -> String {
        if let Ok(ty) = types::common(types) {
            ty
        } else {
            if self.dialect == Dialect::PostgreSql {
                let said: BTreeSet<&str> = types.iter().map(String::as_str).filter(|ty| *ty != "unknown").collect();
                self.fault(
                    Wrong::Type,
                    span,
                    format!("{what} has values of {}", said.into_iter().collect::<Vec<_>>().join(" and ")),
                );
            }
            String::new()
        }
    }

    fn core(
        &mut self,
        core: &Core,
        order: &[Order],
        select: &Select,
        env: &Env<'_>,
        outer: Option<&Scope<'_>>,
        watch: &mut dyn Watch,
    ) -> Vec<Column> {
        let mut scope = Scope::inside(outer);
        for from in &core.from {
            self.from(from, &mut scope, env, watch);
        }
        watch.core(core, &scope, self);
        if let Some(filter) = &core.filter {
            self.boolean(filter, &scope, env, watch, "WHERE");
            self.no_aggregate(filter, &scope, "WHERE");
        }
        let mut columns = Vec::new();
        for item in &core.items {
            self.item(item, &scope, env, watch, &mut columns);
        }
        // Names of the result may be grouped and ordered by.
        let mut grouped: Vec<&Expr> = Vec::new();
        for group in &core.group {
            grouped.push(self.grouping(group, core, &scope, env, watch));
        }
        if let Some(having) = &core.having {
            self.boolean(having, &scope, env, watch, "HAVING");
        }
        let mut ordered: Vec<&Expr> = Vec::new();
        for one in order {
            let inner = one.expr.inside();
            if let Node::Number(text) = &inner.kind {
                if text.parse::<usize>().is_ok_and(|place| {
                    (place == 0 || place > columns.len()) && !columns.iter().any(|column| column.name == "*")
                }) {
                    self.fault(Wrong::Count, &inner.span, format!("the result has no column {text}"));
                }
                continue;
            }
            if let Node::Column(names) = &inner.kind
                && let [name] = names.as_slice()
                && columns.iter().any(|column| self.same(&column.name, &name.text))
            {
                continue;
            }
            self.ty(&one.expr, &scope, env, watch);
            ordered.push(&one.expr);
        }
        for limit in select.limit.iter().chain(&select.offset) {
            self.ty(limit, &scope, env, watch);
        }
        let aggregates = |expr: &Expr| {
            let mut found = false;
            expr.each(&mut |inner| {
                found |= matches!(&inner.kind, Node::Call(call) if call.aggregates());
            });
            found
        };
        let all = core.items.iter().map(|item| &item.expr).chain(&core.having).chain(ordered.iter().copied());
        if !core.group.is_empty() || core.having.is_some() || all.clone().any(aggregates) {
            let strict = self.dialect == Dialect::PostgreSql || self.dialect == Dialect::MySql;
            for expr in all.filter(|_| strict) {
                self.grouped(expr, &grouped, &scope);
            }
        }
        columns
    }

    // The words of a place.
    fn text(&self, span: &Span) -> Vec<&'a str> {
        self.source.get(span.clone()).unwrap_or_default().split_whitespace().collect()
    }

    fn item(
        &mut self,
        item: &Item,
        scope: &Scope<'_>,
        env: &Env<'_>,
        watch: &mut dyn Watch,
        columns: &mut Vec<Column>,
    ) {
        if let Node::Star(names) = &item.expr.kind {
            self.star(names, &item.expr.span, scope, columns);
            return;
        }
        let ty = self.ty(&item.expr, scope, env, watch);
        if matches!(&item.expr.kind, Node::Field(_, name) if name.text == "*") {
            columns.push(unknown());
            return;
        }
        let name = item.alias.as_ref().map_or_else(|| infer::column_name(&item.expr).0, |alias| alias.text.clone());
        columns.push(Column { name, ty, nullable: self.nullable(&item.expr, scope) });
    }

    fn star(&mut self, names: &[Name], span: &Span, scope: &Scope<'_>, columns: &mut Vec<Column>) {
        if let Some(name) = names.last() {
            let mut here = Some(scope);
            while let Some(scope) = here {
                if let Some(relation) = scope
                    .relations
                    .iter()
                    .find(|relation| relation.name.as_deref().is_some_and(|known| self.same(known, &name.text)))
                {
                    self.all(relation, &[], columns);
                    return;
                }
                here = scope.parent;
            }
            self.fault(Wrong::Table, &name.span, format!("no table is called {} here", name.text));
            columns.push(unknown());
            return;
        }
        if scope.relations.is_empty() {
            self.fault(Wrong::Table, span, "* stands for no table");
        }
        if self.budget.take(scope.merged.len() * COPY_STEPS) {
            columns.extend(scope.merged.iter().cloned());
        }
        for relation in &scope.relations {
            self.all(relation, &scope.merged, columns);
        }
    }

    // The columns of a relation, without those that are made one with others; as many as are known of a result.
    fn all(&self, relation: &Relation, merged: &[Column], columns: &mut Vec<Column>) {
        let room = MAX_COLUMNS.saturating_sub(columns.len());
        let taken = relation.columns.len().min(room);
        let known = self.budget.take(relation.columns.len() * merged.len() + taken * COPY_STEPS);
        let mut own =
            relation.columns.iter().filter(|column| !merged.iter().any(|one| self.same(&one.name, &column.name)));
        if known {
            columns.extend(
                own.by_ref()
                    .take(room)
                    .map(|column| Column { nullable: column.nullable || relation.optional, ..column.clone() }),
            );
        }
        let cut = !known || own.next().is_some();
        if cut {
            self.budget.cut();
        }
        if relation.open || cut {
            columns.push(unknown());
        }
    }
}

// What stands for columns that are not known.
fn unknown() -> Column {
    Column { name: "*".to_owned(), ty: String::new(), nullable: true }
}

fn column_of(column: &super::schema::Column) -> Column {
    let mut ty = column.ty.name.clone();
    if column.ty.array > 0 {
        ty.push_str("[]");
    }
    Column { name: column.name.clone(), ty, nullable: !column.not_null }
}

// Leaves out what stands for columns that are not known, and says whether there are any beside those that have names here.
fn told(columns: &mut Vec<Column>, names: &[Name]) -> bool {
    let open = columns.iter().any(|column| column.name == "*");
    columns.retain(|column| column.name != "*");
    if open && columns.is_empty() && !names.is_empty() {
        let column = |name: &Name| Column { name: name.text.clone(), ty: String::new(), nullable: true };
        *columns = names.iter().map(column).collect();
        return false;
    }
    open
}

fn renamed(columns: &mut [Column], names: &[Name]) {
    for (column, name) in columns.iter_mut().filter(|column| column.name != "*").zip(names) {
        column.name.clone_from(&name.text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::query;
    use super::*;
    use crate::support::schema::ddl;

    #[test]
    fn steps_that_are_spent_leave_names_unknown() {
        let schema = ddl::read("CREATE TABLE t (a int, b int);", Dialect::PostgreSql);
        let source = "SELECT a, missing FROM t";
        let (list, _) = query::statements(source, Dialect::PostgreSql);
        let faults = |budget: &Budget| {
            let tables = Tables::new(&schema, Dialect::PostgreSql);
            let mut resolver = Resolver::new(&schema, Dialect::PostgreSql, source, budget).with_tables(&tables);
            for statement in &list {
                resolver.statement(statement, &mut Blind);
            }
            resolver.faults.len()
        };
        let enough = Budget::new(1_000);
        assert_eq!((faults(&enough), enough.is_cut()), (1, false));
        // Exactly what it takes, and one step less.
        let taken = 1_000 - enough.steps.get();
        let just = Budget::new(taken);
        assert_eq!((faults(&just), just.is_cut(), just.steps.get()), (1, false, 0));
        let less = Budget::new(taken - 1);
        faults(&less);
        assert!(less.is_cut());
        let none = Budget::new(0);
        assert_eq!((faults(&none), none.is_cut()), (0, true));
    }

    #[test]
    fn tables_are_found_by_name_as_without_a_list() {
        let text = "CREATE TABLE T (a int); CREATE TABLE t (b int); CREATE TABLE s.u (c int);";
        for dialect in [Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite] {
            let schema = ddl::read(text, dialect);
            let (tables, budget) = (Tables::new(&schema, dialect), Budget::default());
            for source in
                ["SELECT * FROM T", "SELECT * FROM t", "SELECT * FROM s.u", "SELECT * FROM x.t", "SELECT * FROM u"]
            {
                let (list, _) = query::statements(source, dialect);
                let statement = list.first().expect("a statement");
                let mut one = Resolver::new(&schema, dialect, source, &budget);
                let mut other = Resolver::new(&schema, dialect, source, &budget).with_tables(&tables);
                assert_eq!(one.statement(statement, &mut Blind), other.statement(statement, &mut Blind), "{source}");
                assert_eq!(one.faults, other.faults, "{source}");
            }
        }
    }
}

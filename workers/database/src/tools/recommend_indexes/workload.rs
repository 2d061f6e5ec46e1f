//! What each query asks of each table: conditions that an index can serve, joins, order.

use super::facts::{Facts, number, value};
use crate::support::names::{Budget, Found, Resolver, Scope, Tables, Watch};
use crate::support::query::walk::conjuncts;
use crate::support::query::{Body, Core, Expr, From, Kind, Node, Select, Statement, walk};
use crate::support::schema::{Dialect, Schema, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Shares of rows that `PostgreSQL` takes for conditions it knows nothing of.
const OPEN_RANGE: f64 = 1.0 / 3.0;
const CLOSED_RANGE: f64 = 0.005;
const PREFIX: f64 = 0.005;
const SOMETHING: f64 = 0.33;
const UNLIKE: f64 = 0.995;
/// Rows of what is no table: a named query, a query in FROM, a function.
const DERIVED_ROWS: f64 = 1_000.0;

/// What an index is made of: a column, or an expression as written in the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// A column.
    Column(String),
    /// An expression.
    Expression(String),
    /// A column by whose beginning texts are found.
    Beginning(String),
}

/// How a condition finds rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By one value.
    Equal,
    /// By one of a few.
    List,
    /// Between bounds.
    Range,
}

/// A condition on one table that an index can serve.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) part: Part,
    pub(super) way: Way,
    pub(super) share: f64,
}

/// A table of a query.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The table; none for what is no table.
    pub(super) table: Option<String>,
    pub(super) rows: f64,
    pub(super) pages: f64,
    pub(super) tests: Vec<Test>,
    /// The share that conditions leave which no index serves.
    pub(super) rest: f64,
    /// How many there are.
    pub(super) others: usize,
    /// Bounds by part, until they are tests.
    bounds: BTreeMap<Part, (Option<f64>, Option<f64>, bool, bool)>,
}

/// Two tables that a condition joins.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) left: (usize, Part),
    pub(super) right: (usize, Part),
    /// Distinct values of the side that has more.
    pub(super) distinct: f64,
}

/// One SELECT, UPDATE or DELETE as its tables are read.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) span: Span,
    pub(super) members: Vec<Member>,
    pub(super) links: Vec<Link>,
    /// Order by columns of the only table, where nothing is between the table and the order.
    pub(super) order: Vec<(Part, bool)>,
    /// How many rows are wanted.
    pub(super) limit: Option<f64>,
    /// Whether it is read again for each row of the query around, and whether that only asks if there is one.
    pub(super) correlated: bool,
    pub(super) semi: bool,
    /// The block around, in the same query.
    pub(super) around: Option<usize>,
}

/// One query.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) span: Span,
    pub(super) weight: f64,
    pub(super) blocks: Vec<Block>,
    /// Conditions that nothing but a search for parts of texts would serve.
    pub(super) inner_texts: Vec<(Span, String)>,
}

/// Gathers what a statement asks.
pub(super) fn query(
    statement: &Statement,
    weight: f64,
    schema: &Schema,
    dialect: Dialect,
    source: &str,
    facts: &Facts,
    (tables, budget): (&Tables<'_>, &Budget),
) -> Query {
    let mut gather = Gather { schema, budget, facts, source, dialect, blocks: Vec::new(), inner_texts: Vec::new() };
    Resolver::new(schema, dialect, source, budget).with_tables(tables).statement(statement, &mut gather);
    let mut blocks = gather.blocks;
    // A query in the beginning of a recursive one is seen twice.
    blocks.sort_by_key(|block| (block.span.start, usize::MAX - block.span.end));
    blocks.dedup_by_key(|block| block.span.clone());
    // Where they begin, and where the last that begins there ends.
    let mut semis: BTreeMap<usize, usize> = BTreeMap::new();
    let mut ordered: BTreeMap<(usize, usize), &Select> = BTreeMap::new();
    walk::selects(statement, &mut |select| {
        if let Body::Core(core) = select.body.as_ref() {
            ordered.entry((core.span.start, core.span.end)).or_insert(select);
        }
        for expr in walk::expressions(select) {
            expr.each(&mut |inner| {
                if let Node::Exists(inner) | Node::InQuery(_, _, inner) = &inner.kind {
                    let end = semis.entry(inner.span.start).or_default();
                    *end = inner.span.end.max(*end);
                }
            });
        }
    });
    let mut open: Vec<usize> = Vec::new();
    for at in 0..blocks.len() {
        let Some(span) = blocks.get(at).map(|block| block.span.clone()) else { continue };
        while open.last().and_then(|outer| blocks.get(*outer)).is_some_and(|outer| span.end > outer.span.end) {
            open.pop();
        }
        let around = open.last().copied();
        open.push(at);
        if let Some(block) = blocks.get_mut(at) {
            block.around = around;
            // It may stand in a bracket.
            block.semi = semis.range(span.start.saturating_sub(1)..=span.start).any(|(_, end)| span.end <= *end);
            if let Some(select) = ordered.get(&(span.start, span.end)) {
                gather_order(block, select, schema);
            }
        }
    }
    Query { span: statement.span.clone(), weight, blocks, inner_texts: gather.inner_texts }
}

// Order and limit, where an index can give them: one table, no groups.
fn gather_order(block: &mut Block, select: &Select, schema: &Schema) {
    let Body::Core(core) = select.body.as_ref() else { return };
    let [member] = block.members.as_slice() else { return };
    let Some(table) = member.table.as_deref().and_then(|name| schema.table(name)) else { return };
    let column = |expr: &Expr| match &expr.inside().kind {
        Node::Column(names) => names.last().map(|name| name.text.clone()).filter(|name| table.column(name).is_some()),
        _ => None,
    };
    let limit = select.limit.as_ref().and_then(|limit| match &limit.inside().kind {
        Node::Number(text) => text.parse::<f64>().ok().filter(|limit| limit.is_finite()),
        Node::Parameter(_) => Some(100.0),
        _ => None,
    });
    // The least or greatest value is the first of an order.
    if let [item] = core.items.as_slice()
        && let Node::Call(call) = &item.expr.inside().kind
        && matches!(call.name.as_str(), "min" | "max")
        && core.group.is_empty()
        && let [argument] = call.arguments.as_slice()
        && let Some(name) = column(argument)
    {
        block.order = vec![(Part::Column(name), call.name == "max")];
        block.limit = Some(1.0);
        return;
    }
    if !core.group.is_empty() || core.having.is_some() || core.distinct.is_some() {
        return;
    }
    let aggregates = core.items.iter().any(|item| {
        let mut found = false;
        item.expr.each(&mut |inner| {
            found |= matches!(&inner.kind, Node::Call(call) if call.aggregates() || call.over.is_some());
        });
        found
    });
    let order: Option<Vec<(Part, bool)>> = select
        .order
        .iter()
        .map(|order| column(&order.expr).map(|name| (Part::Column(name), order.descending)))
        .collect();
    if !aggregates && let Some(order) = order {
        block.order = order;
        block.limit = limit;
    }
}

struct Gather<'a> {
    schema: &'a Schema,
    budget: &'a Budget,
    facts: &'a Facts,
    source: &'a str,
    dialect: Dialect,
    blocks: Vec<Block>,
    inner_texts: Vec<(Span, String)>,
}

impl Watch for Gather<'_> {
    fn core(&mut self, core: &Core, scope: &Scope<'_>, _resolver: &Resolver<'_>) {
        let mut block = self.block(core.span.clone(), scope);
        let mut at = 0;
        for from in &core.from {
            self.from(from, scope, &mut block, &mut at);
        }
        if let Some(filter) = &core.filter {
            self.condition(filter, scope, &mut block, None);
        }
        self.done(block);
    }

    fn condition(&mut self, filter: &Expr, scope: &Scope<'_>, _resolver: &Resolver<'_>) {
        let mut block = self.block(filter.span.clone(), scope);
        Gather::condition(self, filter, scope, &mut block, None);
        self.done(block);
    }
}

impl Gather<'_> {
    fn block(&self, span: Span, scope: &Scope<'_>) -> Block {
        let members = scope.relations.iter().map(|relation| {
            let table = relation
                .table
                .as_deref()
                .and_then(|name| self.schema.table(name))
                .filter(|table| !table.span.is_empty() || !table.columns.is_empty());
            Member {
                table: table.map(|table| table.name.clone()),
                rows: table.map_or(DERIVED_ROWS, |table| self.facts.rows(&table.name)),
                pages: table.map_or(10.0, |table| self.facts.pages(table)),
                tests: Vec::new(),
                rest: 1.0,
                others: 0,
                bounds: BTreeMap::new(),
            }
        });
        Block {
            span,
            members: members.collect(),
            links: Vec::new(),
            order: Vec::new(),
            limit: None,
            correlated: false,
            semi: false,
            around: None,
        }
    }

    fn done(&mut self, mut block: Block) {
        for member in &mut block.members {
            for (part, (low, high, from, to)) in std::mem::take(&mut member.bounds) {
                let known = match (&part, &member.table) {
                    (Part::Column(name), Some(table)) if low.is_some() || high.is_some() => {
                        self.facts.between(table, name, low, high)
                    }
                    _ => None,
                };
                let share = known.unwrap_or(if from && to { CLOSED_RANGE } else { OPEN_RANGE });
                member.tests.push(Test { part, way: Way::Range, share: share.max(1.0 / member.rows.max(1.0)) });
            }
        }
        self.blocks.push(block);
    }

    // Tables in the order in which names know them.
    fn from(&mut self, from: &From, scope: &Scope<'_>, block: &mut Block, at: &mut usize) {
        if let From::Join { left, right, kind, natural, using, on, merged, .. } = from {
            let start = *at;
            self.from(left, scope, block, at);
            let middle = *at;
            self.from(right, scope, block, at);
            let end = *at;
            let optional = match *kind {
                "left" => Some(middle..end),
                "right" => Some(start..middle),
                "full" => Some(0..0),
                _ => None,
            };
            let column = |range: std::ops::Range<usize>, name: &str| {
                range.clone().find(|at| {
                    scope
                        .relations
                        .get(*at)
                        .is_some_and(|relation| relation.columns.iter().any(|column| column.name == name))
                })
            };
            let mut names: Vec<String> = using.iter().map(|name| name.text.clone()).collect();
            let of = |range: std::ops::Range<usize>| {
                scope.relations.get(range).unwrap_or_default().iter().flat_map(|relation| &relation.columns)
            };
            if *natural {
                let right: BTreeSet<&str> = of(middle..end).map(|column| column.name.as_str()).collect();
                names.extend(
                    of(start..middle)
                        .filter(|column| right.contains(column.name.as_str()))
                        .map(|column| column.name.clone()),
                );
            }
            let width = end - start + of(start..end).count();
            for name in names {
                if !self.budget.take(width) {
                    break;
                }
                if let (Some(one), Some(other)) = (column(start..middle, &name), column(middle..end, &name)) {
                    self.link(block, (one, Part::Column(name.clone())), (other, Part::Column(name)));
                }
            }
            if let Some(on) = on {
                self.condition(on, scope, block, optional.as_ref());
            }
            *at += usize::from(merged.is_some());
        } else {
            *at += 1;
        }
    }

    fn link(&self, block: &mut Block, left: (usize, Part), right: (usize, Part)) {
        let distinct =
            |(at, part): &(usize, Part)| block.members.get(*at).map_or(1.0, |member| self.distinct(member, part));
        let distinct = distinct(&left).max(distinct(&right));
        block.links.push(Link { left, right, distinct });
    }

    fn distinct(&self, member: &Member, part: &Part) -> f64 {
        match (member.table.as_deref().and_then(|name| self.schema.table(name)), part) {
            (Some(table), Part::Column(name) | Part::Beginning(name)) => {
                self.facts.distinct(self.schema, table, name, self.dialect)
            }
            // As many as the column has, as long as case tells few apart.
            (Some(table), Part::Expression(text)) => {
                let column = table
                    .columns
                    .iter()
                    .find(|column| !text.contains("->>") && text.ends_with(&format!("({})", column.name)));
                match column {
                    Some(column) => self.facts.distinct(self.schema, table, &column.name, self.dialect),
                    None => 200.0_f64.min(member.rows.max(1.0)),
                }
            }
            (None, _) => 200.0,
        }
    }

    /// The parts of a condition; `optional` are the tables that an outer join leaves out where it does not hold.
    fn condition(
        &mut self,
        expr: &Expr,
        scope: &Scope<'_>,
        block: &mut Block,
        optional: Option<&std::ops::Range<usize>>,
    ) {
        for part in conjuncts(expr) {
            if let Node::Logic("or", branches) = &part.kind {
                // What all branches ask is asked.
                let text = |expr: &Expr| {
                    self.source
                        .get(expr.span.clone())
                        .unwrap_or_default()
                        .split_whitespace()
                        .collect::<Vec<_>>()
                        .join(" ")
                };
                let sets: Vec<Vec<(String, &Expr)>> = branches
                    .iter()
                    .map(|branch| conjuncts(branch).into_iter().map(|one| (text(one), one)).collect())
                    .collect();
                if let Some((first, others)) = sets.split_first() {
                    for (words, common) in first {
                        if others.iter().all(|set| set.iter().any(|(other, _)| other == words)) {
                            self.single(common, scope, block, optional);
                        }
                    }
                }
            }
            self.single(part, scope, block, optional);
        }
    }

    fn single(&mut self, expr: &Expr, scope: &Scope<'_>, block: &mut Block, optional: Option<&std::ops::Range<usize>>) {
        let mut outer = false;
        let mut own: Vec<usize> = Vec::new();
        expr.each(&mut |inner| {
            if let Node::Column(names) = &inner.kind {
                match self.budget.find(names, scope, self.dialect) {
                    Found::One(_, Some(at), 0) if !own.contains(&at) => own.push(at),
                    Found::One(_, _, out) if out > 0 => outer = true,
                    _ => {}
                }
            }
        });
        block.correlated |= outer;
        let reads = |at: usize| optional.is_none_or(|range| range.contains(&at));
        match &expr.kind {
            Node::Binary(operator, left, right) => {
                let (one, other) = (self.part(left, scope), self.part(right, scope));
                if let (Some(one), Some(other), "=") = (&one, &other, operator.as_str())
                    && one.0 != other.0
                {
                    self.link(block, one.clone(), other.clone());
                    return;
                }
                let turned = match operator.as_str() {
                    "<" => ">",
                    ">" => "<",
                    "<=" => ">=",
                    ">=" => "<=",
                    same => same,
                };
                for (side, against, operator) in [(one, right, operator.as_str()), (other, left, turned)] {
                    if let Some((at, part)) = side.filter(|(at, _)| reads(*at) && self.constant(against, scope)) {
                        self.compare(block, at, part, operator, against);
                        return;
                    }
                }
                Self::other(block, &own, if operator == "=" { CLOSED_RANGE } else { SOMETHING }, &reads);
            }
            Node::Between(false, tested, low, high) => {
                if let Some((at, part)) = self.part(tested, scope)
                    && reads(at)
                    && self.constant(low, scope)
                    && self.constant(high, scope)
                {
                    self.compare(block, at, part.clone(), ">=", low);
                    self.compare(block, at, part, "<=", high);
                } else {
                    Self::other(block, &own, SOMETHING, &reads);
                }
            }
            Node::In(false, tested, list) => {
                let list_part = self
                    .part(tested, scope)
                    .filter(|(at, _)| reads(*at) && list.iter().all(|one| self.constant(one, scope)));
                if let Some((at, part)) = list_part {
                    self.list(block, at, part, list.len());
                } else {
                    Self::other(block, &own, 0.05, &reads);
                }
            }
            Node::Logic("or", branches) => self.either(branches, scope, block, &own, &reads),
            Node::Like(false, "like", tested, pattern) => {
                self.like(expr, (tested, pattern), scope, block, &own, &reads);
            }
            Node::Is(false, "null", tested, _) => self.null(tested, scope, block, &own, &reads),
            Node::Is(..) => Self::other(block, &own, 0.9, &reads),
            Node::InQuery(false, _, _) => Self::other(block, &own, 0.5, &reads),
            Node::In(true, ..) | Node::Like(true, ..) | Node::Between(true, ..) => {
                Self::other(block, &own, UNLIKE, &reads);
            }
            Node::Exists(_) => {}
            _ => Self::other(block, &own, 0.5, &reads),
        }
    }

    // Several values of one column are a list.
    fn either(
        &self,
        branches: &[Expr],
        scope: &Scope<'_>,
        block: &mut Block,
        own: &[usize],
        reads: &dyn Fn(usize) -> bool,
    ) {
        let mut found: Option<(usize, Part)> = None;
        let same = branches.iter().all(|branch| {
            let Node::Binary(operator, left, right) = &branch.inside().kind else { return false };
            let part = self.part(left, scope).filter(|_| operator == "=" && self.constant(right, scope));
            part.is_some() && (found.is_none() || found == part) && {
                found = part;
                true
            }
        });
        match found.filter(|(at, _)| same && reads(*at)) {
            Some((at, part)) => self.list(block, at, part, branches.len()),
            None => Self::other(block, own, 0.5, reads),
        }
    }

    fn like(
        &mut self,
        expr: &Expr,
        (tested, pattern): (&Expr, &Expr),
        scope: &Scope<'_>,
        block: &mut Block,
        own: &[usize],
        reads: &dyn Fn(usize) -> bool,
    ) {
        if let Node::Text(text) = &pattern.inside().kind {
            let inner = text.starts_with(['%', '_']);
            match self.part(tested, scope).filter(|(at, _)| reads(*at)) {
                Some((at, Part::Column(name))) if !inner => {
                    if let Some(member) = block.members.get_mut(at) {
                        let way = if text.contains(['%', '_']) { Way::Range } else { Way::Equal };
                        member.tests.push(Test { part: Part::Beginning(name), way, share: PREFIX });
                    }
                    return;
                }
                Some((_, Part::Column(name))) if Self::is_large(block, own) => {
                    self.inner_texts.push((expr.span.clone(), name));
                }
                _ => {}
            }
        }
        Self::other(block, own, 0.1, reads);
    }

    fn null(&self, tested: &Expr, scope: &Scope<'_>, block: &mut Block, own: &[usize], reads: &dyn Fn(usize) -> bool) {
        let Some((at, part)) = self.part(tested, scope).filter(|(at, _)| reads(*at)) else {
            Self::other(block, own, 0.1, reads);
            return;
        };
        let nullable = matches!(&tested.inside().kind, Node::Column(names) if matches!(self.budget.find(names, scope, self.dialect), Found::One(column, _, 0) if column.nullable));
        if let Some(member) = block.members.get_mut(at) {
            let share = if nullable { 0.1 } else { 0.005 };
            member.tests.push(Test { part, way: Way::Equal, share });
        }
    }

    fn is_large(block: &Block, own: &[usize]) -> bool {
        own.iter().any(|at| block.members.get(*at).is_some_and(|member| member.pages > 100.0))
    }

    fn list(&self, block: &mut Block, at: usize, part: Part, count: usize) {
        let Some(member) = block.members.get(at) else { return };
        let share = (number(count) / self.distinct(member, &part)).min(1.0);
        let way = if count == 1 { Way::Equal } else { Way::List };
        if let Some(member) = block.members.get_mut(at) {
            member.tests.push(Test { part, way, share });
        }
    }

    fn other(block: &mut Block, own: &[usize], share: f64, reads: &dyn Fn(usize) -> bool) {
        if let [at] = own
            && reads(*at)
            && let Some(member) = block.members.get_mut(*at)
        {
            member.rest *= share;
            member.others += 1;
        }
    }

    fn compare(&self, block: &mut Block, at: usize, part: Part, operator: &str, against: &Expr) {
        let Some(member) = block.members.get(at) else { return };
        if operator == "=" {
            let share = 1.0 / self.distinct(member, &part);
            if let Some(member) = block.members.get_mut(at) {
                member.tests.push(Test { part, way: Way::Equal, share });
            }
            return;
        }
        let Some(member) = block.members.get_mut(at) else { return };
        if !matches!(operator, "<" | ">" | "<=" | ">=") {
            member.rest *= if operator == "<>" { UNLIKE } else { SOMETHING };
            member.others += 1;
            return;
        }
        let bound = known(against, self.source);
        let slot = member.bounds.entry(part).or_default();
        if operator.starts_with('>') {
            slot.0 = bound.or(slot.0);
            slot.2 = true;
        } else {
            slot.1 = bound.or(slot.1);
            slot.3 = true;
        }
    }

    // What of a table an index could hold.
    fn part(&self, expr: &Expr, scope: &Scope<'_>) -> Option<(usize, Part)> {
        let column = |expr: &Expr| match &expr.inside().kind {
            Node::Column(names) => match self.budget.find(names, scope, self.dialect) {
                Found::One(column, Some(at), 0) => {
                    let name = names.last()?;
                    (column.name == name.text || self.dialect != Dialect::PostgreSql).then_some((at, column.name))
                }
                _ => None,
            },
            _ => None,
        };
        if let Some((at, name)) = column(expr) {
            return Some((at, Part::Column(name)));
        }
        match &expr.inside().kind {
            // Casts that say nothing of the value.
            Node::Cast(inner, ty) if matches!(ty.as_str(), "text" | "varchar") => match column(inner) {
                Some((at, name)) => {
                    let table = scope.relations.get(at)?;
                    let text = table
                        .columns
                        .iter()
                        .any(|column| column.name == name && matches!(column.ty.as_str(), "text" | "varchar"));
                    text.then_some((at, Part::Column(name)))
                }
                None => None,
            },
            Node::Call(call) if matches!(call.name.as_str(), "lower" | "upper") => {
                let (at, name) = column(call.arguments.first()?)?;
                Some((at, Part::Expression(format!("{}({})", call.name, super::choose::quoted(&name, self.dialect)))))
            }
            Node::Binary(operator, left, right) if operator == "->>" => {
                let (at, name) = column(left)?;
                let Node::Text(key) = &right.inside().kind else { return None };
                let key = key.replace('\'', "''");
                Some((at, Part::Expression(format!("({} ->> '{key}')", super::choose::quoted(&name, self.dialect)))))
            }
            _ => None,
        }
    }

    // Whether it is one value while the tables here are read.
    fn constant(&self, expr: &Expr, scope: &Scope<'_>) -> bool {
        let mut own = false;
        expr.each(&mut |inner| {
            own |= match &inner.kind {
                Node::Column(names) => {
                    !matches!(self.budget.find(names, scope, self.dialect), Found::One(_, _, out) if out > 0)
                }
                Node::Call(call) => matches!(call.name.as_str(), "random" | "nextval" | "clock_timestamp"),
                // What it reads may change with the row.
                Node::Query(_) => false,
                Node::Star(_) => true,
                _ => false,
            };
        });
        !own
    }
}

// The value of a constant, as far as it can be told without a server.
fn known(expr: &Expr, source: &str) -> Option<f64> {
    match &expr.inside().kind {
        Node::Number(text) | Node::Text(text) => value(text),
        Node::Cast(inner, ty) if ty != "interval" => known(inner, source),
        Node::Unary("-", inner) => known(inner, source).map(|value| -value),
        Node::Binary(operator, left, right) if matches!(operator.as_str(), "+" | "-") => {
            let left = known(left, source)?;
            let right = known(right, source).or_else(|| days(source.get(right.span.clone())?))?;
            Some(if operator == "+" { left + right } else { left - right })
        }
        _ => None,
    }
}

// Days of `interval '3' month`.
fn days(text: &str) -> Option<f64> {
    let lower = text.to_lowercase();
    let count: String = lower.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let count: f64 = count.parse().ok()?;
    let unit = [("year", 365.25), ("month", 30.44), ("week", 7.0), ("day", 1.0), ("hour", 1.0 / 24.0)]
        .iter()
        .find(|(word, _)| lower.contains(word))?
        .1;
    lower.contains("interval").then_some(count * unit)
}

/// The weight that a comment before a statement gives it: `-- weight: 20`.
pub(super) fn weight(before: &str) -> f64 {
    let lower = before.to_lowercase();
    let said = lower.rfind("weight").and_then(|at| lower.get(at + "weight".len()..)).unwrap_or_default();
    let digits: String =
        said.trim_start_matches([':', '=', ' ']).chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse::<f64>().ok().filter(|weight| weight.is_finite() && *weight > 0.0).unwrap_or(1.0)
}

/// Whether a statement reads or changes rows by a condition.
pub(super) fn reads(statement: &Statement) -> bool {
    !matches!(statement.kind, Kind::Other)
}

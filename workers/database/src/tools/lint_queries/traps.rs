//! Traps that only a schema shows: NULL in NOT IN, outer joins undone, tables that nothing connects, conditions past indexes.

use super::rules;
use crate::support::names::{Found, Resolver, Scope, Watch, types};
use crate::support::query::walk::{conditions, conjuncts};
use crate::support::query::{Body, Core, Expr, From, Node};
use crate::support::schema::{Dialect, Span};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::report::Edit;
use octavo_toolkit::{Finding, LineIndex, Rule};
use std::collections::BTreeSet;

/// Watches scopes while names are resolved.
pub(super) struct Traps<'a> {
    /// Lines of the source.
    pub(super) lines: &'a LineIndex<'a>,
    /// The source.
    pub(super) source: &'a str,
    /// What was found.
    pub(super) findings: Vec<Finding>,
}

impl Watch for Traps<'_> {
    fn core(&mut self, core: &Core, scope: &Scope<'_>, resolver: &Resolver<'_>) {
        let joined: Vec<&Expr> = core.from.iter().flat_map(conditions).collect();
        if let Some(filter) = &core.filter {
            for part in conjuncts(filter) {
                self.outer(part, scope, resolver);
            }
        }
        for condition in core.filter.iter().chain(joined.iter().copied()).chain(&core.having) {
            self.not_in(condition, resolver);
        }
        for condition in core.filter.iter().chain(joined.iter().copied()) {
            self.sargable(condition, scope, resolver);
        }
        self.connected(core, &joined, scope, resolver);
    }

    fn condition(&mut self, filter: &Expr, scope: &Scope<'_>, resolver: &Resolver<'_>) {
        self.not_in(filter, resolver);
        self.sargable(filter, scope, resolver);
    }
}

impl Traps<'_> {
    fn add(&mut self, rule: &Rule, span: &Span, message: impl Into<String>) {
        let finding = Finding::new(rule, message).at(self.lines.range(span.clone()));
        // A query that is looked at twice is told of once.
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn text(&self, span: &Span) -> &str {
        self.source.get(span.clone()).unwrap_or_default()
    }

    fn not_in(&mut self, expr: &Expr, resolver: &Resolver<'_>) {
        let mut found: Vec<(Span, String)> = Vec::new();
        expr.each(&mut |inner| match &inner.kind {
            Node::In(true, _, list) => {
                if let Some(null) = list.iter().find(|one| matches!(one.inside().kind, Node::Null)) {
                    found.push((null.span.clone(), "NOT IN with a NULL in its list is never true".to_owned()));
                }
            }
            Node::InQuery(true, _, select) => {
                if let Body::Core(core) = select.body.as_ref()
                    && let [item] = core.items.as_slice()
                    && may_be_null(core, &item.expr, resolver)
                {
                    let text = excerpt(self.text(&item.expr.span));
                    found.push((inner.span.clone(), format!("{text} may be NULL: one of them, and NOT IN gives no row; use NOT EXISTS, or leave NULL out of the query")));
                }
            }
            _ => {}
        });
        for (span, message) in found {
            self.add(&rules::NOT_IN_NULL, &span, message);
        }
    }

    fn outer(&mut self, part: &Expr, scope: &Scope<'_>, resolver: &Resolver<'_>) {
        if !strict(part) {
            return;
        }
        let mut hit: Option<(Span, String, usize)> = None;
        each_strict(part, &mut |inner| {
            if let Node::Column(names) = &inner.kind
                && let Found::One(column, Some(at), 0) = resolver.find(names, scope)
                && scope.relations.get(at).is_some_and(|relation| relation.optional)
            {
                hit.get_or_insert((inner.span.clone(), column.name, at));
            }
        });
        if let Some((span, column, at)) = hit {
            let name = scope.relations.get(at).and_then(|relation| relation.name.clone()).unwrap_or_default();
            self.add(&rules::OUTER_UNDONE, &span, format!("{name} is joined by an outer join, but rows without one have NULL in {column} and are left out here: join it by an inner join, or move the condition to ON"));
        }
    }

    // A column of a table that an index begins with.
    fn indexed(expr: &Expr, scope: &Scope<'_>, resolver: &Resolver<'_>) -> Option<(String, String)> {
        let Node::Column(names) = &expr.inside().kind else { return None };
        let Found::One(column, Some(at), _) = resolver.find(names, scope) else { return None };
        let table = scope.relations.get(at)?.table.as_deref().and_then(|name| resolver.table_named(name))?;
        let begins = table.keys().iter().any(|key| key.first() == Some(&column.name.as_str()))
            || table.indexes.iter().any(|index| {
                matches!(index.method.as_str(), "btree" | "hash")
                    && index.parts.first().and_then(|part| part.column.as_deref()) == Some(column.name.as_str())
            });
        begins.then_some((column.name, column.ty))
    }

    fn sargable(&mut self, condition: &Expr, scope: &Scope<'_>, resolver: &Resolver<'_>) {
        for part in conjuncts(condition) {
            match &part.kind {
                Node::Logic("or", list) => list.iter().for_each(|one| self.sargable(one, scope, resolver)),
                Node::Like(false, word, value, pattern) if matches!(*word, "like" | "ilike") => {
                    let wild = matches!(&pattern.inside().kind, Node::Text(text) if text.starts_with(['%', '_']));
                    if let Some((column, _)) = Self::indexed(value, scope, resolver).filter(|_| wild) {
                        self.add(
                            &rules::LEADING_WILDCARD,
                            &pattern.span,
                            format!("the index on {column} cannot find what only ends in a known text"),
                        );
                    }
                }
                Node::Binary(operator, left, right) if matches!(operator.as_str(), "=" | "<" | ">" | "<=" | ">=") => {
                    self.compared(part, operator, left, right, scope, resolver);
                    self.compared(part, flipped(operator), right, left, scope, resolver);
                }
                Node::Between(false, value, low, high) if constant(low) && constant(high) => {
                    self.compared(part, "between", value, low, scope, resolver);
                }
                Node::In(false, value, list) if list.iter().all(constant) => {
                    if let Some(first) = list.first() {
                        self.compared(part, "in", value, first, scope, resolver);
                    }
                }
                _ => {}
            }
        }
    }

    fn compared(
        &mut self,
        whole: &Expr,
        operator: &str,
        side: &Expr,
        other: &Expr,
        scope: &Scope<'_>,
        resolver: &Resolver<'_>,
    ) {
        if !constant(other) {
            return;
        }
        let Some(inner) = wrapped(side) else { return };
        let Some((column, ty)) = Self::indexed(inner, scope, resolver) else { return };
        // An index of the very expression serves it.
        if self.expression_index(side, inner, scope, resolver) {
            return;
        }
        let name = self.text(&inner.span).to_owned();
        let rewrite = Self::rewrite(operator, side, other, &name, &ty, resolver.dialect);
        let message = format!("the index on {column} is of no use for {}", excerpt(self.text(&side.span)));
        let mut finding = Finding::new(
            &rules::NOT_SARGABLE,
            match &rewrite {
                Some(text) => format!("{message}; write {text}"),
                None => format!("{message}; compare the column itself, or index the expression"),
            },
        )
        .at(self.lines.range(side.span.clone()));
        if let Some(text) = rewrite {
            let edit = Edit { range: self.lines.range(whole.span.clone()), new_text: text };
            finding = finding.with_fix("Compare the column itself", vec![edit]);
        }
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn expression_index(&self, side: &Expr, inner: &Expr, scope: &Scope<'_>, resolver: &Resolver<'_>) -> bool {
        let Node::Column(names) = &inner.inside().kind else { return false };
        let Found::One(_, Some(at), _) = resolver.find(names, scope) else { return false };
        let table = scope
            .relations
            .get(at)
            .and_then(|relation| relation.table.as_deref())
            .and_then(|name| resolver.table_named(name));
        let last = names.last().map(|name| name.text.as_str()).unwrap_or_default();
        let bare = |text: &str| text.to_lowercase().replace([' ', '(', ')', '"'], "");
        let said = bare(&self.text(&side.span).replace(self.text(&inner.span), last));
        table.is_some_and(|table| {
            table
                .indexes
                .iter()
                .any(|index| index.parts.first().is_some_and(|part| bare(&part.text).starts_with(&said)))
        })
    }

    // The same condition on the column itself, where it is certain to be the same.
    fn rewrite(operator: &str, side: &Expr, other: &Expr, name: &str, ty: &str, dialect: Dialect) -> Option<String> {
        if dialect != Dialect::PostgreSql || operator != "=" {
            return None;
        }
        let value = other.inside();
        match &side.inside().kind {
            // A day of a point in time.
            Node::Cast(_, cast) if types::canonical(cast) == "date" && matches!(ty, "timestamp" | "timestamptz") => {
                let Node::Text(text) = &value.kind else { return None };
                day(text).then(|| format!("{name} >= '{text}' AND {name} < '{text}'::date + 1"))
            }
            Node::Call(call) if call.name == "date" && matches!(ty, "timestamp" | "timestamptz") => {
                let Node::Text(text) = &value.kind else { return None };
                day(text).then(|| format!("{name} >= '{text}' AND {name} < '{text}'::date + 1"))
            }
            Node::Call(call) if call.name == "extract" && matches!(ty, "date" | "timestamp" | "timestamptz") => {
                let (Some(Node::Text(field)), Node::Number(year)) =
                    (call.arguments.first().map(|one| &one.kind), &value.kind)
                else {
                    return None;
                };
                let year: i32 = year.parse().ok().filter(|year| (1..9999).contains(year))?;
                (field == "year").then(|| format!("{name} >= '{year:04}-01-01' AND {name} < '{:04}-01-01'", year + 1))
            }
            Node::Binary(sign, left, right) if matches!(ty, "smallint" | "integer" | "bigint") => {
                let (Node::Number(by), Node::Number(to)) = (&right.inside().kind, &value.kind) else { return None };
                let (by, to): (i32, i32) = (by.parse().ok()?, to.parse().ok()?);
                let result = match sign.as_str() {
                    "+" => to.checked_sub(by)?,
                    "-" => to.checked_add(by)?,
                    _ => return None,
                };
                matches!(left.inside().kind, Node::Column(_)).then(|| format!("{name} = {result}"))
            }
            _ => None,
        }
    }

    fn connected(&mut self, core: &Core, joined: &[&Expr], scope: &Scope<'_>, resolver: &Resolver<'_>) {
        let leaves: Vec<&From> = core.from.iter().flat_map(From::leaves).collect();
        if leaves.len() < 2 || leaves.len() != scope.relations.len() {
            return;
        }
        let mut group: Vec<usize> = (0..leaves.len()).collect();
        let mut join = |one: usize, other: usize| {
            let (Some(from), Some(into)) = (group.get(one).copied(), group.get(other).copied()) else { return };
            group.iter_mut().filter(|known| **known == from).for_each(|known| *known = into);
        };
        // Joins that are meant, and those by names, connect what they join.
        let mut at = 0;
        for from in &core.from {
            meant(from, &mut at, &mut join);
        }
        for (place, leaf) in leaves.iter().enumerate() {
            let single = match leaf {
                From::Function { .. } | From::Query { lateral: true, .. } => true,
                From::Query { select, .. } => one_row(select),
                From::Table { .. } | From::Join { .. } => false,
            };
            if single {
                join(place, usize::from(place == 0));
            }
        }
        let mut open = false;
        for condition in core.filter.iter().chain(joined.iter().copied()) {
            for part in conjuncts(condition) {
                let mut touched: BTreeSet<usize> = BTreeSet::new();
                mentioned(part, scope, resolver, &mut touched, &mut open);
                let list: Vec<usize> = touched.into_iter().collect();
                for pair in list.windows(2) {
                    if let [one, other] = pair {
                        join(*one, *other);
                    }
                }
            }
        }
        let first = group.first().copied();
        let apart = group.iter().position(|known| Some(*known) != first);
        if let Some(place) = apart.filter(|_| !open)
            && let (Some(leaf), Some(name)) =
                (leaves.get(place), scope.relations.get(place).and_then(|relation| relation.name.clone()))
        {
            let span = leaf.called().map_or_else(|| core.span.clone(), |called| called.span.clone());
            self.add(&rules::CROSS_JOIN, &span, format!("no condition connects {name} with the tables before it"));
        }
    }
}

// Whether a query's one column may be NULL; conditions that leave NULL out count.
fn may_be_null(core: &Core, expr: &Expr, resolver: &Resolver<'_>) -> bool {
    let Node::Column(names) = &expr.inside().kind else { return false };
    let Some(last) = names.last() else { return false };
    // Its tables, without its conditions.
    let mut nullable = None;
    for leaf in core.from.iter().flat_map(From::leaves) {
        if let From::Table { name, .. } = leaf {
            let meant = names.len() == 1
                || leaf.called().is_some_and(|called| names.first().is_some_and(|name| name.text == called.text));
            let table = name.last().and_then(|name| resolver.table_named(&name.text));
            if let Some(column) = table.filter(|_| meant).and_then(|table| table.column(&last.text)) {
                nullable = Some(!column.not_null);
            }
        }
    }
    let same = |inner: &Expr| matches!(&inner.inside().kind, Node::Column(other) if other.last().is_some_and(|name| name.text == last.text));
    let left_out = core.filter.iter().flat_map(conjuncts).any(|part| match &part.kind {
        Node::Is(true, "null", value, _) => same(value),
        Node::Binary(operator, left, right) if matches!(operator.as_str(), "=" | "<" | ">" | "<=" | ">=" | "<>") => {
            same(left) || same(right)
        }
        Node::In(false, value, _) | Node::Between(false, value, _, _) => same(value),
        _ => false,
    });
    nullable == Some(true) && !left_out
}

// Whether a condition is not true where what it looks at is NULL.
fn strict(expr: &Expr) -> bool {
    match &expr.inside().kind {
        Node::Binary(operator, ..) => matches!(operator.as_str(), "=" | "<" | ">" | "<=" | ">=" | "<>"),
        Node::Between(..) | Node::In(..) | Node::Like(..) => true,
        Node::Is(true, "null", ..) => true,
        _ => false,
    }
}

// What a comparison is certain to make NULL of.
fn each_strict<'e>(expr: &'e Expr, seen: &mut dyn FnMut(&'e Expr)) {
    match &expr.kind {
        Node::Column(_) => seen(expr),
        Node::Binary(operator, left, right) if operator != "||" => {
            each_strict(left, seen);
            each_strict(right, seen);
        }
        Node::Between(_, value, ..) | Node::In(_, value, _) | Node::Is(_, _, value, _) | Node::Like(_, _, value, _) => {
            each_strict(value, seen);
        }
        Node::Cast(inner, _) | Node::Group(inner) | Node::Unary(_, inner) => each_strict(inner, seen),
        Node::Call(call)
            if matches!(
                call.name.as_str(),
                "lower" | "upper" | "length" | "abs" | "round" | "extract" | "date_trunc"
            ) =>
        {
            call.arguments.iter().for_each(|one| each_strict(one, seen));
        }
        _ => {}
    }
}

fn flipped(operator: &str) -> &str {
    match operator {
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        operator => operator,
    }
}

// Whether no column is in it.
fn constant(expr: &Expr) -> bool {
    let mut plain = true;
    expr.each(&mut |inner| plain &= !matches!(inner.kind, Node::Column(_) | Node::Star(_)) && inner.query().is_none());
    plain
}

// The column that something is computed of.
fn wrapped(expr: &Expr) -> Option<&Expr> {
    let column = |inner: &'_ Expr| matches!(inner.inside().kind, Node::Column(_));
    match &expr.inside().kind {
        Node::Cast(inner, _) => column(inner).then_some(inner),
        Node::Call(call) if call.over.is_none() && !call.aggregates() => {
            let mut columns = call.arguments.iter().filter(|one| !constant(one));
            let one = columns.next().filter(|_| columns.next().is_none())?;
            column(one).then_some(one)
        }
        Node::Binary(operator, left, right)
            if matches!(operator.as_str(), "+" | "-" | "*" | "/" | "%" | "||" | "at time zone") =>
        {
            if constant(right) && column(left) {
                Some(left)
            } else if constant(left) && column(right) {
                Some(right)
            } else {
                None
            }
        }
        _ => None,
    }
}

fn day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2 && [year, month, day].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())))
}

// Whether a query gives one row at most.
fn one_row(select: &crate::support::query::Select) -> bool {
    let limited = matches!(select.limit.as_ref().map(|limit| &limit.kind), Some(Node::Number(text)) if text == "1" || text == "0");
    match select.body.as_ref() {
        Body::Core(core) => {
            let aggregates = !core.items.is_empty()
                && core.group.is_empty()
                && core.items.iter().any(|item| {
                    let mut found = false;
                    item.expr.each(&mut |inner| found |= matches!(&inner.kind, Node::Call(call) if call.aggregates()));
                    found
                });
            limited || aggregates || core.from.is_empty()
        }
        Body::Values(rows) => limited || rows.len() == 1,
        Body::Set { .. } => limited,
    }
}

fn meant(from: &From, at: &mut usize, join: &mut dyn FnMut(usize, usize)) -> usize {
    if let From::Join { left, right, kind, natural, using, on, .. } = from {
        let first = meant(left, at, join);
        let second = meant(right, at, join);
        // `ON true` is meant.
        let always = on
            .as_ref()
            .is_some_and(|on| matches!(on.inside().kind, Node::Bool(true) | Node::Number(_)) || constant(on));
        if *kind == "cross" || *natural || !using.is_empty() || always {
            join(second, first);
            join(second.max(first), first);
        }
        first
    } else {
        *at += 1;
        *at - 1
    }
}

// Which relations a condition looks at; queries in it look too.
fn mentioned(expr: &Expr, scope: &Scope<'_>, resolver: &Resolver<'_>, touched: &mut BTreeSet<usize>, open: &mut bool) {
    expr.each(&mut |inner| {
        if let Node::Column(names) = &inner.kind {
            match resolver.find(names, scope) {
                Found::One(_, Some(at), 0) => {
                    touched.insert(at);
                }
                Found::Open if names.len() > 1 => {
                    let qualifier = names.iter().rev().nth(1).map(|name| name.text.as_str());
                    touched.extend(scope.relations.iter().position(|relation| relation.name.as_deref() == qualifier));
                }
                Found::Open => *open = true,
                _ => {}
            }
        }
        if let Some(select) = inner.query() {
            let mut list = Vec::new();
            collect(select, &mut list);
            for one in list {
                mentioned(one, scope, resolver, touched, open);
            }
        }
    });
}

fn collect<'s>(select: &'s crate::support::query::Select, list: &mut Vec<&'s Expr>) {
    list.extend(crate::support::query::walk::expressions(select));
    match select.body.as_ref() {
        Body::Core(core) => core.from.iter().for_each(|from| list.extend(conditions(from))),
        Body::Set { left, right, .. } => {
            collect(left, list);
            collect(right, list);
        }
        Body::Values(_) => {}
    }
}

//! Every query and expression of a statement.

use super::{Body, Cte, Expr, From, Kind, Select, Statement};

/// Calls a function on every query of a statement, outer ones first.
pub fn selects<'s>(statement: &'s Statement, seen: &mut dyn FnMut(&'s Select)) {
    let from_list =
        |list: &'s [From], seen: &mut dyn FnMut(&'s Select)| list.iter().for_each(|from| of_from(from, seen));
    match &statement.kind {
        Kind::Select(select) => of_select(select, seen),
        Kind::Insert(insert) => {
            of_ctes(&insert.with, seen);
            insert.source.iter().for_each(|select| of_select(select, seen));
            insert.updates.iter().for_each(|(_, expr)| of_expr(expr, seen));
            insert.filter.iter().for_each(|expr| of_expr(expr, seen));
        }
        Kind::Update(update) => {
            of_ctes(&update.with, seen);
            of_from(&update.target, seen);
            from_list(&update.from, seen);
            update.updates.iter().for_each(|(_, expr)| of_expr(expr, seen));
            update.filter.iter().for_each(|expr| of_expr(expr, seen));
        }
        Kind::Delete(delete) => {
            of_ctes(&delete.with, seen);
            of_from(&delete.target, seen);
            from_list(&delete.using, seen);
            delete.filter.iter().for_each(|expr| of_expr(expr, seen));
        }
        Kind::Other => {}
    }
}

fn of_ctes<'s>(with: &'s [Cte], seen: &mut dyn FnMut(&'s Select)) {
    for cte in with {
        selects(&cte.statement, seen);
    }
}

fn of_select<'s>(select: &'s Select, seen: &mut dyn FnMut(&'s Select)) {
    seen(select);
    of_ctes(&select.with, seen);
    match select.body.as_ref() {
        Body::Core(_) | Body::Values(_) => {
            for expr in expressions(select) {
                of_expr(expr, seen);
            }
            if let Body::Core(core) = select.body.as_ref() {
                core.from.iter().for_each(|from| of_from(from, seen));
            }
        }
        Body::Set { left, right, .. } => {
            of_select(left, seen);
            of_select(right, seen);
        }
    }
}

fn of_from<'s>(from: &'s From, seen: &mut dyn FnMut(&'s Select)) {
    match from {
        From::Table { .. } => {}
        From::Query { select, .. } => of_select(select, seen),
        From::Function { call, .. } => of_expr(call, seen),
        From::Join { left, right, on, .. } => {
            of_from(left, seen);
            of_from(right, seen);
            on.iter().for_each(|on| of_expr(on, seen));
        }
    }
}

fn of_expr<'s>(expr: &'s Expr, seen: &mut dyn FnMut(&'s Select)) {
    expr.each(&mut |inner| {
        if let Some(select) = inner.query() {
            of_select(select, seen);
        }
    });
}

/// The expressions of a query, those of FROM and of inner queries not among them.
pub fn expressions(select: &Select) -> Vec<&Expr> {
    let mut list: Vec<&Expr> = Vec::new();
    match select.body.as_ref() {
        Body::Core(core) => {
            list.extend(core.items.iter().map(|item| &item.expr));
            list.extend(&core.distinct_on);
            list.extend(&core.filter);
            list.extend(&core.group);
            list.extend(&core.having);
        }
        Body::Values(rows) => list.extend(rows.iter().flatten()),
        Body::Set { .. } => {}
    }
    list.extend(select.order.iter().map(|order| &order.expr));
    list.extend(&select.limit);
    list.extend(&select.offset);
    list
}

/// The conditions of joins in what a query reads.
pub fn conditions(from: &From) -> Vec<&Expr> {
    match from {
        From::Join { left, right, on, .. } => {
            let mut list = conditions(left);
            list.extend(conditions(right));
            list.extend(on);
            list
        }
        From::Table { .. } | From::Query { .. } | From::Function { .. } => Vec::new(),
    }
}

/// The parts of a condition that AND joins.
pub fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match &expr.inside().kind {
        super::Node::Logic("and", list) => list.iter().flat_map(conjuncts).collect(),
        _ => vec![expr.inside()],
    }
}

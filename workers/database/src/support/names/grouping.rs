//! What may stand beside aggregates: expressions that are grouped by, or follow from what is.

use super::{Env, Found, Resolver, Scope, Watch, Wrong, types};
use crate::support::query::{self, Core, Expr, Node};

impl Resolver<'_> {
    // What a part of GROUP BY means: a place, a column, or a name of the result.
    pub(super) fn grouping<'e>(
        &mut self,
        group: &'e Expr,
        core: &'e Core,
        scope: &Scope<'_>,
        env: &Env<'_>,
        watch: &mut dyn Watch,
    ) -> &'e Expr {
        let inner = group.inside();
        if let Node::Number(text) = &inner.kind
            && let Ok(place) = text.parse::<usize>()
        {
            let item = place.checked_sub(1).and_then(|at| core.items.get(at));
            let starred = core.items.iter().any(|item| matches!(item.expr.kind, Node::Star(_)));
            if item.is_none() && !starred {
                self.fault(Wrong::Count, &inner.span, format!("the result has no column {place}"));
            }
            if let Some(item) = item {
                self.no_aggregate(&item.expr, scope, "GROUP BY");
            }
            return item.map_or(group, |item| &item.expr);
        }
        if let Node::Column(names) = &inner.kind
            && let [name] = names.as_slice()
            && matches!(self.find(names, scope), Found::None | Found::Open)
            && let Some(item) = core
                .items
                .iter()
                .find(|item| item.alias.as_ref().is_some_and(|alias| self.same(&alias.text, &name.text)))
        {
            self.no_aggregate(&item.expr, scope, "GROUP BY");
            return &item.expr;
        }
        self.ty(group, scope, env, watch);
        self.no_aggregate(group, scope, "GROUP BY");
        group
    }

    pub(super) fn no_aggregate(&mut self, expr: &Expr, scope: &Scope<'_>, place: &str) {
        let mut found = None;
        // An aggregate over columns of a query around belongs to that one.
        let outer = |call: &query::Call| {
            let (mut own, mut above) = (false, false);
            for argument in &call.arguments {
                argument.each(&mut |inner| {
                    if let Node::Column(names) = &inner.kind {
                        let out = matches!(self.find(names, scope), Found::One(_, _, out) if out > 0);
                        own |= !out;
                        above |= out;
                    }
                });
            }
            above && !own
        };
        expr.each(&mut |inner| {
            if let Node::Call(call) = &inner.kind
                && (call.aggregates() || types::is_window(&call.name) || call.over.is_some())
                && !(call.aggregates() && outer(call))
            {
                found.get_or_insert_with(|| (inner.span.clone(), call.name.clone()));
            }
        });
        if let Some((span, name)) = found {
            self.fault(Wrong::Ungrouped, &span, format!("{name} cannot stand in {place}"));
        }
    }

    // Whether everything in it is grouped or aggregated.
    pub(super) fn grouped(&mut self, expr: &Expr, groups: &[&Expr], scope: &Scope<'_>) {
        if groups.iter().any(|group| self.alike(group, expr, scope)) {
            return;
        }
        match &expr.kind {
            Node::Call(call) if call.aggregates() || call.name == "grouping" => {}
            Node::Column(names) => {
                let Found::One(column, relation, out) = self.find(names, scope) else { return };
                if out > 0 || self.dependent(relation, groups, scope) {
                    return;
                }
                self.fault(
                    Wrong::Ungrouped,
                    &expr.span,
                    format!("{} is neither in GROUP BY nor in an aggregate", column.name),
                );
            }
            Node::Star(names) => {
                for (at, relation) in scope.relations.iter().enumerate() {
                    let meant = names
                        .last()
                        .is_none_or(|name| relation.name.as_deref().is_some_and(|known| self.same(known, &name.text)));
                    if !self.budget.take(relation.columns.len()) {
                        return;
                    }
                    let column = relation
                        .columns
                        .iter()
                        .find(|column| !groups.iter().any(|group| self.is_column(group, at, &column.name, scope)));
                    if let Some(column) = column.filter(|_| meant && !self.dependent(Some(at), groups, scope)) {
                        self.fault(
                            Wrong::Ungrouped,
                            &expr.span,
                            format!("{} is neither in GROUP BY nor in an aggregate", column.name),
                        );
                        return;
                    }
                }
            }
            _ => {
                for child in expr.children() {
                    self.grouped(child, groups, scope);
                }
            }
        }
    }

    pub(super) fn is_column(&self, expr: &Expr, relation: usize, name: &str, scope: &Scope<'_>) -> bool {
        let Node::Column(names) = &expr.inside().kind else { return false };
        matches!(self.find(names, scope), Found::One(column, Some(at), 0) if at == relation && self.same(&column.name, name))
    }

    // Whether the primary key of a table is grouped by, so that its other columns follow.
    pub(super) fn dependent(&self, relation: Option<usize>, groups: &[&Expr], scope: &Scope<'_>) -> bool {
        let Some((at, relation)) = relation.and_then(|at| scope.relations.get(at).map(|relation| (at, relation)))
        else {
            return false;
        };
        let table = relation.table.as_deref().and_then(|name| self.table_named(name));
        let key = table.and_then(|table| table.primary_key.as_ref());
        key.is_some_and(|key| {
            key.columns.iter().all(|name| groups.iter().any(|group| self.is_column(group, at, name, scope)))
        })
    }

    /// Whether two expressions are the same, by what their names mean.
    pub fn alike(&self, one: &Expr, other: &Expr, scope: &Scope<'_>) -> bool {
        let (one, other) = (one.inside(), other.inside());
        if one.span == other.span && one.kind == other.kind {
            return true;
        }
        match (&one.kind, &other.kind) {
            (Node::Column(first), Node::Column(second)) => match (self.find(first, scope), self.find(second, scope)) {
                (Found::One(a, at, out), Found::One(b, bt, outs)) => {
                    a.name == b.name && (at == bt || at.is_none() || bt.is_none()) && out == outs
                }
                _ => first.iter().map(|name| &name.text).eq(second.iter().map(|name| &name.text)),
            },
            (Node::Binary(first, a, b), Node::Binary(second, c, d)) => {
                first == second && self.alike(a, c, scope) && self.alike(b, d, scope)
            }
            (Node::Cast(a, first), Node::Cast(b, second)) => {
                types::canonical(first) == types::canonical(second) && self.alike(a, b, scope)
            }
            (Node::Call(first), Node::Call(second)) => {
                first.name == second.name
                    && first.arguments.len() == second.arguments.len()
                    && first.over.is_none()
                    && second.over.is_none()
                    && first.arguments.iter().zip(&second.arguments).all(|(a, b)| self.alike(a, b, scope))
            }
            (a, b) => {
                if std::mem::discriminant(a) != std::mem::discriminant(b) {
                    return false;
                }
                let (left, right) = (one.children(), other.children());
                match (a, b) {
                    (Node::Number(x), Node::Number(y))
                    | (Node::Text(x), Node::Text(y))
                    | (Node::Parameter(x), Node::Parameter(y)) => x == y,
                    (Node::Unary(x, _), Node::Unary(y, _)) | (Node::Logic(x, _), Node::Logic(y, _)) => {
                        x == y
                            && left.len() == right.len()
                            && left.iter().zip(&right).all(|(a, b)| self.alike(a, b, scope))
                    }
                    (Node::Is(not, x, _, _), Node::Is(none, y, _, _)) => {
                        not == none && x == y && left.iter().zip(&right).all(|(a, b)| self.alike(a, b, scope))
                    }
                    (Node::Like(not, x, _, _), Node::Like(none, y, _, _)) => {
                        not == none && x == y && left.iter().zip(&right).all(|(a, b)| self.alike(a, b, scope))
                    }
                    (Node::In(n, ..), Node::In(m, ..)) | (Node::Between(n, ..), Node::Between(m, ..)) => {
                        n == m
                            && left.len() == right.len()
                            && left.iter().zip(&right).all(|(a, b)| self.alike(a, b, scope))
                    }
                    (Node::Bool(x), Node::Bool(y)) => x == y,
                    _ if one.query().is_some() => self.text(&one.span) == self.text(&other.span),
                    _ => left.len() == right.len() && left.iter().zip(&right).all(|(a, b)| self.alike(a, b, scope)),
                }
            }
        }
    }
}

//! Rules that need no schema: sqlfluff's that concern meaning, under its codes.

use super::rules;
use crate::support::query::walk::{conditions, expressions, selects};
use crate::support::query::{Body, Core, Cte, Expr, From, Kind, Node, Select, Statement};
use crate::support::schema::{Dialect, Span};
use octavo_toolkit::report::Edit;
use octavo_toolkit::{Finding, Level, LineIndex, Rule};
use std::collections::{BTreeMap, BTreeSet};

struct Style<'a> {
    source: &'a str,
    dialect: Dialect,
    lines: &'a LineIndex<'a>,
    findings: Vec<Finding>,
}

/// Checks one statement.
pub(super) fn check(
    statement: &Statement,
    source: &str,
    dialect: Dialect,
    lines: &LineIndex<'_>,
    findings: &mut Vec<Finding>,
) {
    let mut style = Style { source, dialect, lines, findings: Vec::new() };
    let mut list: Vec<&Select> = Vec::new();
    selects(statement, &mut |select| list.push(select));
    for select in &list {
        style.select(select);
    }
    style.nested(&list);
    match &statement.kind {
        Kind::Update(update) => {
            if update.filter.is_none() && update.from.is_empty() && !matches!(update.target, From::Join { .. }) {
                style.add(&rules::NO_WHERE, &statement.span, "UPDATE changes every row of the table");
            }
            update.filter.iter().for_each(|expr| style.expression(expr));
            style.unused(&update.with, &list, statement);
        }
        Kind::Delete(delete) => {
            if delete.filter.is_none() && delete.using.is_empty() && !matches!(delete.target, From::Join { .. }) {
                style.add(
                    &rules::NO_WHERE,
                    &statement.span,
                    "DELETE takes every row of the table; TRUNCATE does so at once",
                );
            }
            delete.filter.iter().for_each(|expr| style.expression(expr));
            style.unused(&delete.with, &list, statement);
        }
        Kind::Insert(insert) => style.unused(&insert.with, &list, statement),
        Kind::Select(_) | Kind::Other => {}
    }
    for select in &list {
        style.unused(&select.with, &list, statement);
    }
    findings.append(&mut style.findings);
}

impl Style<'_> {
    fn add(&mut self, rule: &Rule, span: &Span, message: impl Into<String>) {
        self.findings.push(Finding::new(rule, message).at(self.lines.range(span.clone())));
    }

    fn fixed(&mut self, rule: &Rule, span: &Span, message: String, title: &str, edit: &Span, text: &str) {
        let edit = Edit { range: self.lines.range(edit.clone()), new_text: text.to_owned() };
        self.findings.push(Finding::new(rule, message).at(self.lines.range(span.clone())).with_fix(title, vec![edit]));
    }

    fn select(&mut self, select: &Select) {
        for expr in expressions(select) {
            self.expression(expr);
        }
        match select.body.as_ref() {
            Body::Core(core) => {
                self.core(core);
                let single = core.from.is_empty()
                    || core.group.is_empty()
                        && core
                            .items
                            .iter()
                            .all(|item| matches!(&item.expr.inside().kind, Node::Call(call) if call.aggregates()));
                let one = |limit: &Expr| matches!(&limit.kind, Node::Number(text) if text == "0");
                if let Some(limit) =
                    select.limit.as_ref().filter(|limit| select.order.is_empty() && !single && !one(limit))
                {
                    self.add(&rules::LIMIT_WITHOUT_ORDER, &limit.span, "without ORDER BY, any rows may come");
                }
            }
            // The others have but one way to say it.
            Body::Set { operator: "union", quantifier: None, span, .. } if self.dialect == Dialect::MySql => {
                self.add(&rules::BARE_UNION, span, "UNION takes doubles out; say UNION DISTINCT or UNION ALL");
            }
            Body::Set { .. } | Body::Values(_) => {}
        }
    }

    fn core(&mut self, core: &Core) {
        if let Some(distinct) = &core.distinct {
            if !core.group.is_empty() {
                self.add(&rules::DISTINCT_GROUP, distinct, "DISTINCT beside GROUP BY");
            }
            if let Some(item) = core
                .items
                .first()
                .filter(|item| core.distinct_on.is_empty() && matches!(item.expr.kind, Node::Group(_)))
                && let Node::Group(inner) = &item.expr.kind
            {
                // `DISTINCT(a), b`: the brackets are no call's.
                let text = self.source.get(inner.span.clone()).unwrap_or_default().to_owned();
                let gap = if self.source.get(distinct.end..item.expr.span.start).is_some_and(str::is_empty) {
                    " "
                } else {
                    ""
                };
                self.fixed(
                    &rules::DISTINCT_BRACKETS,
                    distinct,
                    "the brackets behind DISTINCT say nothing".to_owned(),
                    "Leave the brackets out",
                    &item.expr.span,
                    &format!("{gap}{text}"),
                );
            }
        }
        let mut names: BTreeSet<String> = BTreeSet::new();
        for item in &core.items {
            let name = item.alias.as_ref().map(|alias| (&alias.text, &alias.span)).or(match &item.expr.kind {
                Node::Column(names) => names.last().map(|name| (&name.text, &item.expr.span)),
                _ => None,
            });
            if let Some((name, span)) = name
                && !names.insert(name.to_lowercase())
            {
                self.add(&rules::DOUBLE_COLUMN, span, format!("{name} is the name of two columns"));
            }
        }
        for from in &core.from {
            self.joins(from, core);
            for on in conditions(from) {
                self.expression(on);
            }
        }
    }

    // What depends on the query around: names of tables that are used again, and columns that may be of either.
    fn nested(&mut self, list: &[&Select]) {
        let cores: Vec<(&Select, &Core)> = list
            .iter()
            .filter_map(|select| if let Body::Core(core) = select.body.as_ref() { Some((*select, core)) } else { None })
            .collect();
        // From the outside in: a query's own place is known before that of those in it.
        let mut order: Vec<usize> = (0..cores.len()).collect();
        order.sort_by_key(|at| cores.get(*at).map(|(_, core)| (core.span.start, usize::MAX - core.span.end)));
        let mut open: Vec<(&Select, &Core, bool)> = Vec::new();
        for (select, core) in order.into_iter().filter_map(|at| cores.get(at)) {
            while open.last().is_some_and(|(_, outer, _)| !within(&core.span, &outer.span)) {
                open.pop();
            }
            let leaves: Vec<&From> = core.from.iter().flat_map(From::leaves).collect();
            let mut seen = leaves.len();
            let around = open.last().copied();
            let in_from = around.is_some_and(|(outer, outer_core, above)| in_from(core, outer, outer_core, above));
            open.push((select, core, in_from));
            if let Some((_, outer_core, _)) = around {
                let others = outer_core.from.iter().flat_map(From::leaves).filter(|leaf| !holds(leaf, &core.span));
                for other in others {
                    seen += usize::from(!in_from);
                    if let Some(name) = other.called()
                        && leaves.iter().any(|leaf| leaf.called().is_some_and(|own| own.text == name.text))
                    {
                        let message =
                            format!("{} also names a table of a query inside: there, only that one is seen", name.text);
                        let finding = Finding::new(&rules::DOUBLE_ALIAS, message).with_level(Level::Warning);
                        self.findings.push(finding.at(self.lines.range(name.span.clone())));
                    }
                }
            }
            if seen > 1 {
                self.qualified(core, select, &leaves);
            }
        }
    }

    fn joins(&mut self, from: &From, core: &Core) {
        if let From::Join { left, right, kind, natural, using, on, span, .. } = from {
            let function = matches!(right.as_ref(), From::Function { .. } | From::Query { lateral: true, .. });
            if *kind != "cross" && !natural && using.is_empty() && on.is_none() && !function && core.filter.is_none() {
                self.add(&rules::BARE_JOIN, span, "JOIN without a condition");
            }
            self.joins(left, core);
            self.joins(right, core);
        }
    }

    fn qualified(&mut self, core: &Core, select: &Select, leaves: &[&From]) {
        // The name of an item may stand for it elsewhere, not in the item itself.
        let mut aliases: BTreeMap<&str, Vec<&Span>> = BTreeMap::new();
        for item in &core.items {
            if let Some(alias) = &item.alias {
                aliases.entry(&alias.text).or_default().push(&item.expr.span);
            }
        }
        let named = |name: &str, span: &Span| {
            aliases
                .get(name)
                .is_some_and(|items| items.iter().any(|item| span.start < item.start || item.end < span.end))
        };
        let using: BTreeSet<&str> = core.from.iter().flat_map(using).collect();
        let mut bare: Vec<(String, Span)> = Vec::new();
        let mut look = |expr: &Expr| {
            expr.each(&mut |inner| {
                if let Node::Column(names) = &inner.kind
                    && let [name] = names.as_slice()
                    && !named(&name.text, &inner.span)
                    && !using.contains(name.text.as_str())
                    && !leaves.iter().any(|leaf| leaf.called().is_some_and(|called| called.text == name.text))
                {
                    bare.push((name.text.clone(), inner.span.clone()));
                }
            });
        };
        core.items.iter().for_each(|item| look(&item.expr));
        core.filter.iter().for_each(&mut look);
        core.group.iter().for_each(&mut look);
        core.having.iter().for_each(&mut look);
        core.distinct_on.iter().for_each(&mut look);
        select.order.iter().for_each(|order| look(&order.expr));
        for from in &core.from {
            conditions(from).into_iter().for_each(&mut look);
        }
        for (name, span) in bare {
            self.add(&rules::UNQUALIFIED, &span, format!("{name} does not say whose it is"));
        }
    }

    fn expression(&mut self, expr: &Expr) {
        let mut found: Vec<Finding> = Vec::new();
        let lines = self.lines;
        let source = self.source;
        expr.each(&mut |inner| match &inner.kind {
            Node::Binary(operator, left, right)
                if matches!(operator.as_str(), "=" | "<>") && matches!(right.kind, Node::Null) =>
            {
                let is = if operator == "=" { "IS" } else { "IS NOT" };
                let gap = left.span.end..right.span.start;
                let finding = Finding::new(&rules::EQUALS_NULL, format!("{operator} NULL is never true"))
                    .at(lines.range(gap.clone()));
                let plain = source.get(gap.clone()).is_some_and(|text| text.trim() == operator || text.trim() == "!=");
                let edit = Edit { range: lines.range(gap), new_text: format!(" {is} ") };
                found.push(if plain { finding.with_fix(format!("{is} NULL"), vec![edit]) } else { finding });
            }
            Node::Case(_, _, Some(otherwise)) if matches!(otherwise.kind, Node::Null) => {
                found.push(
                    Finding::new(&rules::ELSE_NULL, "ELSE NULL says nothing").at(lines.range(inner.span.clone())),
                );
            }
            _ => {}
        });
        self.findings.append(&mut found);
    }

    fn unused(&mut self, with: &[Cte], list: &[&Select], statement: &Statement) {
        for cte in with {
            // A change is made whether it is read or not.
            if !matches!(cte.statement.kind, Kind::Select(_)) {
                continue;
            }
            let named = |from: &From| matches!(from, From::Table { name, .. } if name.len() == 1 && name.first().is_some_and(|name| name.text.eq_ignore_ascii_case(&cte.name.text)));
            let own = &cte.statement.span;
            let inside = |select: &Select| own.start <= select.span.start && select.span.end <= own.end;
            let in_selects = list.iter().filter(|select| !inside(select)).any(|select| match select.body.as_ref() {
                Body::Core(core) => core.from.iter().flat_map(From::leaves).any(named),
                _ => false,
            });
            let in_change = match &statement.kind {
                Kind::Update(update) => update.from.iter().flat_map(From::leaves).any(named),
                Kind::Delete(delete) => delete.using.iter().flat_map(From::leaves).any(named),
                _ => false,
            };
            if !in_selects && !in_change {
                self.add(&rules::UNUSED_CTE, &cte.name.span, format!("{} is not used", cte.name.text));
            }
        }
    }
}

// Whether a table of FROM is a query that holds this place.
fn holds(leaf: &From, span: &Span) -> bool {
    matches!(leaf, From::Query { select, .. } if within(span, &select.span))
}

fn within(inner: &Span, outer: &Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

// Whether a query stands in FROM, its own or that of a query around it, and not in a WHERE there.
fn in_from(core: &Core, outer: &Select, outer_core: &Core, above: bool) -> bool {
    let holds = |expr: &Expr| within(&core.span, &expr.span);
    if outer_core.filter.as_ref().is_some_and(holds) {
        return false;
    }
    !expressions(outer).into_iter().any(holds) || above
}

fn using(from: &From) -> Vec<&str> {
    match from {
        From::Join { left, right, using: names, .. } => {
            let mut list: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
            list.extend(using(left));
            list.extend(using(right));
            list
        }
        _ => Vec::new(),
    }
}

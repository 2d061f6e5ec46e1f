//! The type of each expression, and whether it may be NULL.

use super::types::{self, canonical, comparable, function, internal};
use super::{Env, Found, LIKENESS_STEPS, Resolver, Scope, Watch, Wrong};
use crate::support::query::{Call, Expr, Node};
use crate::support::schema::Dialect;
use octavo_toolkit::limits::excerpt;

/// The name that a column of a result has by itself, and how strongly it has it.
pub(super) fn column_name(expr: &Expr) -> (String, u8) {
    let none = || ("?column?".to_owned(), 0);
    match &expr.kind {
        Node::Column(names) => (names.last().map(|name| name.text.clone()).unwrap_or_default(), 2),
        Node::Field(_, name) => (name.text.clone(), 2),
        Node::Group(inner) => column_name(inner),
        Node::Index(inner, ..) => column_name(inner),
        Node::Call(call) => {
            let name = match call.name.as_str() {
                "trim" => "btrim",
                "user" => "user",
                name => name,
            };
            (name.to_owned(), 2)
        }
        Node::Cast(inner, ty) => {
            let (name, strength) = column_name(inner);
            if strength > 1 { (name, strength) } else { (internal(ty), 1) }
        }
        Node::Bool(_) => ("bool".to_owned(), 1),
        Node::Case(_, _, otherwise) => match otherwise.as_deref().map(column_name) {
            Some((name, strength)) if strength > 1 => (name, strength),
            _ => ("case".to_owned(), 1),
        },
        Node::Binary(operator, _, _) if operator == "at time zone" => ("timezone".to_owned(), 2),
        Node::Exists(_) => ("exists".to_owned(), 2),
        Node::Array(_) | Node::ArrayQuery(_) => ("array".to_owned(), 2),
        Node::Row(_) => ("row".to_owned(), 2),
        Node::Query(select) => {
            if let crate::support::query::Body::Core(core) = select.body.as_ref()
                && let Some(item) = core.items.first()
            {
                return item
                    .alias
                    .as_ref()
                    .map_or_else(|| (column_name(&item.expr).0, 2), |alias| (alias.text.clone(), 2));
            }
            if matches!(select.body.as_ref(), crate::support::query::Body::Values(_)) {
                ("column1".to_owned(), 2)
            } else {
                none()
            }
        }
        _ => none(),
    }
}

impl Resolver<'_> {
    /// A condition.
    pub(super) fn boolean(
        &mut self,
        expr: &Expr,
        scope: &Scope<'_>,
        env: &Env<'_>,
        watch: &mut dyn Watch,
        place: &str,
    ) {
        let ty = self.ty(expr, scope, env, watch);
        if let Node::Text(text) = &expr.inside().kind
            && !types::readable(text, "boolean")
        {
            self.mismatch(expr, format!("{place} needs a condition, '{}' is none", excerpt(text)));
            return;
        }
        if self.dialect == Dialect::PostgreSql && !matches!(ty.as_str(), "" | "boolean" | "unknown") {
            self.fault(Wrong::Type, &expr.span, format!("{place} needs a condition, this is {ty}"));
        }
    }

    fn mismatch(&mut self, expr: &Expr, message: String) {
        if self.dialect == Dialect::PostgreSql {
            self.fault(Wrong::Type, &expr.span, message);
        }
    }

    // Two sides that are compared.
    fn compare(&mut self, whole: &Expr, operator: &str, (left, one): (&Expr, &str), (right, other): (&Expr, &str)) {
        if !comparable(one, other) {
            self.mismatch(whole, format!("{one} {operator} {other}: no such comparison; cast one side"));
            return;
        }
        for (side, ty, against) in [(left, one, other), (right, other, one)] {
            if let Node::Text(text) = &side.inside().kind
                && ty == "unknown"
                && !types::readable(text, against)
            {
                self.mismatch(side, format!("'{}' cannot be read as {against}", excerpt(text)));
            }
        }
    }

    /// The type of an expression.
    #[expect(clippy::too_many_lines, reason = "one arm a kind of expression")]
    pub(super) fn ty(&mut self, expr: &Expr, scope: &Scope<'_>, env: &Env<'_>, watch: &mut dyn Watch) -> String {
        let boolean = || "boolean".to_owned();
        match &expr.kind {
            Node::Column(names) => self.column(names, expr, scope),
            Node::Star(_) | Node::Default | Node::Parameter(_) => String::new(),
            Node::Number(text) => {
                if text.parse::<i32>().is_ok() {
                    "integer".to_owned()
                } else if text.parse::<i64>().is_ok() {
                    "bigint".to_owned()
                } else {
                    "numeric".to_owned()
                }
            }
            Node::Text(_) | Node::Null => "unknown".to_owned(),
            Node::Bool(_) => boolean(),
            Node::Unary("not", inner) => {
                self.boolean(inner, scope, env, watch, "NOT");
                boolean()
            }
            Node::Unary(sign, inner) => {
                let ty = self.ty(inner, scope, env, watch);
                let category = types::category(&ty).to_owned();
                if !matches!(category.as_str(), "" | "number" | "interval" | "unknown") && matches!(*sign, "-" | "+") {
                    self.mismatch(expr, format!("{sign}{ty}: no such operator"));
                    return String::new();
                }
                if ty == "unknown" { String::new() } else { ty }
            }
            Node::Binary(operator, left, right) => self.binary(expr, operator, left, right, scope, env, watch),
            Node::Logic(word, list) => {
                for one in list {
                    self.boolean(one, scope, env, watch, if *word == "and" { "AND" } else { "OR" });
                }
                boolean()
            }
            Node::Cast(inner, ty) => {
                self.ty(inner, scope, env, watch);
                canonical(ty)
            }
            Node::Call(call) => self.call(expr, call, scope, env, watch),
            Node::Case(compared, branches, otherwise) => {
                let against = compared.as_ref().map(|compared| (compared, self.ty(compared, scope, env, watch)));
                let mut types = Vec::new();
                for (when, then) in branches {
                    match &against {
                        Some((compared, ty)) => {
                            let other = self.ty(when, scope, env, watch);
                            self.compare(expr, "=", (compared, ty), (when, &other));
                        }
                        None => self.boolean(when, scope, env, watch, "WHEN"),
                    }
                    types.push(self.ty(then, scope, env, watch));
                }
                // The last one is looked at first.
                if let Some(otherwise) = otherwise {
                    types.insert(0, self.ty(otherwise, scope, env, watch));
                }
                self.agree(&types, &expr.span, "CASE")
            }
            Node::Between(_, value, low, high) => {
                let ty = self.ty(value, scope, env, watch);
                for bound in [low, high] {
                    let other = self.ty(bound, scope, env, watch);
                    self.compare(expr, ">=", (value, &ty), (bound, &other));
                }
                boolean()
            }
            Node::In(_, value, list) => {
                let ty = self.ty(value, scope, env, watch);
                for one in list {
                    let other = self.ty(one, scope, env, watch);
                    self.compare(one, "=", (value, &ty), (one, &other));
                }
                boolean()
            }
            Node::InQuery(_, value, select) => {
                let ty = self.ty(value, scope, env, watch);
                let columns = self.select(select, env, Some(scope), watch);
                let wide = if let Node::Row(list) = &value.kind { list.len() } else { 1 };
                let open = columns.iter().any(|column| column.name == "*");
                if columns.len() != wide && !open {
                    self.fault(
                        Wrong::Count,
                        &select.span,
                        format!("the query gives {} columns where {wide} are compared", columns.len()),
                    );
                } else if let ([column], 1) = (columns.as_slice(), wide)
                    && !comparable(&ty, &column.ty)
                {
                    let message = format!("{ty} = {}: no such comparison; cast one side", column.ty);
                    self.mismatch(expr, message);
                }
                boolean()
            }
            Node::Like(_, word, value, pattern) => {
                for side in [value, pattern] {
                    let ty = self.ty(side, scope, env, watch);
                    if !matches!(types::category(&ty), "" | "text" | "unknown") && ty != "bytea" {
                        self.mismatch(expr, format!("{ty} {}: no such operator; cast it to text", word.to_uppercase()));
                    }
                }
                boolean()
            }
            Node::Is(_, what, value, other) => {
                let ty = self.ty(value, scope, env, watch);
                if matches!(*what, "true" | "false" | "unknown") && !matches!(ty.as_str(), "" | "boolean" | "unknown") {
                    self.mismatch(expr, format!("IS {} needs a condition, this is {ty}", what.to_uppercase()));
                }
                if let Some(other) = other {
                    let second = self.ty(other, scope, env, watch);
                    self.compare(expr, "=", (value, &ty), (other, &second));
                }
                boolean()
            }
            Node::Exists(select) => {
                self.select(select, env, Some(scope), watch);
                boolean()
            }
            Node::Query(select) => {
                let columns = self.select(select, env, Some(scope), watch);
                let open = columns.iter().any(|column| column.name == "*");
                if columns.len() > 1 && !open {
                    self.fault(
                        Wrong::Count,
                        &select.span,
                        format!("a query as a value gives one column, this one {}", columns.len()),
                    );
                }
                columns.into_iter().next().map(|column| column.ty).unwrap_or_default()
            }
            Node::ArrayQuery(select) => {
                let columns = self.select(select, env, Some(scope), watch);
                columns
                    .first()
                    .filter(|column| !column.ty.is_empty())
                    .map(|column| format!("{}[]", column.ty))
                    .unwrap_or_default()
            }
            Node::Quantified(operator, left, right) => {
                let one = self.ty(left, scope, env, watch);
                let other = self.ty(right, scope, env, watch);
                let element =
                    other.strip_suffix("[]").unwrap_or(if right.query().is_some() { &other } else { "" }).to_owned();
                if !comparable(&one, &element) {
                    self.mismatch(expr, format!("{one} {operator} {element}: no such comparison; cast one side"));
                }
                boolean()
            }
            Node::Array(list) => {
                let types: Vec<String> = list.iter().map(|one| self.ty(one, scope, env, watch)).collect();
                if types.iter().any(|ty| ty.ends_with("[]")) {
                    return types.into_iter().find(|ty| ty.ends_with("[]")).unwrap_or_default();
                }
                if types.is_empty() {
                    return String::new();
                }
                let ty = self.agree(&types, &expr.span, "ARRAY");
                if ty.is_empty() { ty } else { format!("{ty}[]") }
            }
            Node::Row(list) => {
                for one in list {
                    self.ty(one, scope, env, watch);
                }
                String::new()
            }
            Node::Index(inner, list, slice) => {
                let ty = self.ty(inner, scope, env, watch);
                for one in list {
                    self.ty(one, scope, env, watch);
                }
                if *slice || ty == "jsonb" { ty } else { ty.strip_suffix("[]").unwrap_or_default().to_owned() }
            }
            Node::Field(inner, _) => {
                self.ty(inner, scope, env, watch);
                String::new()
            }
            Node::Group(inner) => self.ty(inner, scope, env, watch),
        }
    }

    fn column(&mut self, names: &[crate::support::query::Name], expr: &Expr, scope: &Scope<'_>) -> String {
        let said = || names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
        match self.find(names, scope) {
            Found::One(column, _, _) => column.ty,
            Found::Open => String::new(),
            Found::Many => {
                let message = format!("{} is a column of more than one table here; say which", said());
                self.fault(Wrong::Ambiguous, &expr.span, message);
                String::new()
            }
            Found::None => {
                let quoted = self.dialect == Dialect::Sqlite && names.len() == 1;
                // SQLite takes a name in quotes that is none for a text.
                if !quoted || !self.schema.tables.is_empty() {
                    self.missing(names, expr, scope);
                }
                String::new()
            }
        }
    }

    fn missing(&mut self, names: &[crate::support::query::Name], expr: &Expr, scope: &Scope<'_>) {
        let Some((last, before)) = names.split_last() else { return };
        // Who is like it is not looked for where that takes too long.
        let compared = self.budget.take(scope.width().saturating_mul(LIKENESS_STEPS));
        let mut here = Some(scope);
        let mut near: Vec<&str> = Vec::new();
        let mut known = false;
        while let Some(scope) = here {
            for relation in &scope.relations {
                let meant = before
                    .last()
                    .is_none_or(|name| relation.name.as_deref().is_some_and(|known| self.same(known, &name.text)));
                known |= meant && !before.is_empty();
                near.extend(relation.columns.iter().filter(|_| meant && compared).map(|column| column.name.as_str()));
            }
            here = scope.parent;
        }
        if let Some(name) = before.last().filter(|_| !known) {
            self.fault(Wrong::Table, &expr.span, format!("no table is called {} here", name.text));
            return;
        }
        let hint = octavo_toolkit::suggest::nearest(&last.text, near.iter().copied())
            .map(|near| format!("; did you mean {near}"))
            .unwrap_or_default();
        self.fault(
            Wrong::Column,
            &expr.span,
            format!("no column {}{hint}", names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")),
        );
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a node, and where it stands")]
    fn binary(
        &mut self,
        expr: &Expr,
        operator: &str,
        left: &Expr,
        right: &Expr,
        scope: &Scope<'_>,
        env: &Env<'_>,
        watch: &mut dyn Watch,
    ) -> String {
        let (one, other) = (self.ty(left, scope, env, watch), self.ty(right, scope, env, watch));
        if matches!(operator, "=" | "<>" | "<" | ">" | "<=" | ">=" | "<=>") {
            self.compare(expr, operator, (left, &one), (right, &other));
            return "boolean".to_owned();
        }
        if self.dialect != Dialect::PostgreSql {
            return types::operator(operator, &one, &other).unwrap_or_default();
        }
        for (side, ty, against) in [(left, &one, &other), (right, &other, &one)] {
            if let Node::Text(text) = &side.inside().kind
                && ty == "unknown"
                && types::category(against) == "number"
                && matches!(operator, "+" | "-" | "*" | "/" | "%")
                && !types::readable(text, against)
            {
                self.mismatch(side, format!("'{}' cannot be read as {against}", excerpt(text)));
            }
        }
        if let Ok(ty) = types::operator(operator, &one, &other) {
            ty
        } else {
            self.mismatch(expr, format!("{one} {operator} {other}: no such operator; cast one side"));
            String::new()
        }
    }

    fn call(&mut self, expr: &Expr, call: &Call, scope: &Scope<'_>, env: &Env<'_>, watch: &mut dyn Watch) -> String {
        let mut types: Vec<String> = call.arguments.iter().map(|one| self.ty(one, scope, env, watch)).collect();
        for order in &call.order {
            types.push(self.ty(&order.expr, scope, env, watch));
        }
        types.truncate(call.arguments.len().max(usize::from(!call.order.is_empty() && call.arguments.is_empty())));
        if let Some(filter) = &call.filter {
            self.boolean(filter, scope, env, watch, "FILTER");
        }
        if let Some((parts, orders)) = &call.over {
            for part in parts {
                self.ty(part, scope, env, watch);
            }
            for order in orders {
                self.ty(&order.expr, scope, env, watch);
            }
        }
        if matches!(call.name.as_str(), "percentile_cont" | "percentile_disc" | "mode") {
            let ordered = call.order.first().map(|order| self.ty(&order.expr, scope, env, watch)).unwrap_or_default();
            let one = match (call.name.as_str(), ordered.as_str()) {
                ("percentile_cont", "interval") => ordered,
                ("percentile_cont", _) => "double precision".to_owned(),
                _ => ordered,
            };
            let many = types.first().is_some_and(|ty| ty.ends_with("[]")) && call.name != "mode" && !one.is_empty();
            return if many { format!("{one}[]") } else { one };
        }
        // Aggregates do not stand in each other.
        if call.aggregates() {
            for argument in call.arguments.iter().chain(call.filter.as_deref()) {
                self.no_nested(argument);
            }
        }
        match function(&call.name, &types) {
            Some(Ok(ty)) => ty,
            Some(Err(types::Apart)) => {
                if matches!(call.name.as_str(), "coalesce" | "greatest" | "least") {
                    self.mismatch(expr, format!("{} has values of {}", call.name.to_uppercase(), types.join(" and ")));
                } else {
                    self.mismatch(
                        expr,
                        format!("{}({}): no such function; cast what it is given", call.name, types.join(", ")),
                    );
                }
                String::new()
            }
            None => String::new(),
        }
    }

    fn no_nested(&mut self, expr: &Expr) {
        let mut found = None;
        expr.each(&mut |inner| {
            if let Node::Call(call) = &inner.kind
                && call.aggregates()
            {
                found.get_or_insert_with(|| inner.span.clone());
            }
        });
        if let Some(span) = found {
            self.fault(Wrong::Ungrouped, &span, "an aggregate stands in another");
        }
    }

    /// Whether an expression may be NULL, as far as can be said.
    pub fn nullable(&self, expr: &Expr, scope: &Scope<'_>) -> bool {
        match &expr.inside().kind {
            Node::Column(names) => match self.find(names, scope) {
                Found::One(column, relation, 0) => {
                    column.nullable
                        || relation.and_then(|at| scope.relations.get(at)).is_some_and(|relation| relation.optional)
                }
                Found::One(column, ..) => column.nullable,
                _ => true,
            },
            Node::Number(_) | Node::Text(_) | Node::Bool(_) | Node::Exists(_) | Node::Is(..) => false,
            Node::Cast(inner, _) | Node::Unary(_, inner) => self.nullable(inner, scope),
            Node::Binary(_, one, other) => self.nullable(one, scope) || self.nullable(other, scope),
            Node::Call(call) if call.name == "count" => false,
            Node::Call(call) if call.name == "coalesce" => call.arguments.iter().all(|one| self.nullable(one, scope)),
            Node::Call(call)
                if matches!(
                    call.name.as_str(),
                    "now" | "row_number" | "rank" | "current_date" | "current_timestamp"
                ) =>
            {
                false
            }
            Node::Call(call) if matches!(call.name.as_str(), "lower" | "upper" | "length" | "abs") => {
                call.arguments.iter().any(|one| self.nullable(one, scope))
            }
            _ => true,
        }
    }
}

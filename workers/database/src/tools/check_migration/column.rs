//! `ALTER TABLE`, columns: what adding, changing and dropping one does to the rows that are there.

use super::alter_table::referred;
use super::catalog::{Age, Column, Constraint, ConstraintKind, Relation, RelationKind};
use super::effects::{Effects, WorkKind};
use super::model::{Model, span};
use super::{advice, rules};
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use crate::support::postgres::types::{ColumnType, TypeChange};
use crate::support::postgres::volatility::Volatility;
use octavo_toolkit::limits::excerpt;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode as _, NameLike as _};

impl Model<'_> {
    pub(super) fn add_column(
        &mut self,
        table: &ObjectName,
        only: bool,
        it: &ast::AddColumn,
        adds_foreign_key: bool,
        effects: &mut Effects,
    ) {
        self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
        let Some(column) = it.column_name().map(|name| name.text()) else { return };
        if self.catalog.relation(table).columns.contains_key(&column) {
            if it.if_not_exists().is_none() && !self.conditional {
                let message = format!("{} has a column {} already", excerpt(&table.to_string()), excerpt(&column));
                effects.problem(&rules::DUPLICATE_OBJECT, message, span(it.syntax()));
            }
            return;
        }
        let ty = it.ty().map(|ty| ColumnType::of(&ty));
        let serial = ty.as_ref().is_some_and(|ty| ty.serial);
        let constrained_domain = ty
            .as_ref()
            .filter(|ty| !ty.built_in)
            .is_some_and(|ty| self.catalog.domains.get(&ty.name).is_some_and(|domain| domain.constrained));
        let mut facts = NewColumn::default();
        facts.note_if(serial, Fact::Serial);
        facts.note_if(constrained_domain, Fact::ConstrainedDomain);
        let constraints: Vec<ast::Constraint> = it.constraints().collect();
        for constraint in &constraints {
            match constraint {
                ast::Constraint::DefaultConstraint(default) => {
                    let Some(expr) = default.expr() else { continue };
                    let null = matches!(&expr, ast::Expr::Literal(literal) if matches!(literal.kind(), Some(ast::LitKind::Null(_))));
                    if !null {
                        facts.default = Some(self.volatility(expr.syntax()));
                    }
                }
                ast::Constraint::GeneratedConstraint(generated) => match generated.generated_as() {
                    Some(ast::GeneratedAs::GeneratedIdentity(_)) => facts.note(Fact::Identity),
                    Some(ast::GeneratedAs::GeneratedStored(stored)) => {
                        let is_virtual = matches!(stored.generated_kind(), Some(ast::GeneratedKind::Virtual(_)));
                        facts.note(if is_virtual { Fact::Virtual } else { Fact::Stored });
                    }
                    None => {}
                },
                ast::Constraint::NotNullConstraint(_) => facts.note(Fact::NotNull),
                ast::Constraint::PrimaryKeyConstraint(_) => {
                    facts.note(Fact::NotNull);
                    facts.note(Fact::Key);
                }
                ast::Constraint::UniqueConstraint(_) => facts.note(Fact::Key),
                ast::Constraint::CheckConstraint(_) => facts.note(Fact::Check),
                ast::Constraint::ReferencesConstraint(key) => {
                    if let Some(referenced) = referred(key.table()).filter(|referenced| referenced != table) {
                        self.must_exist(&referenced, false, key.syntax(), effects);
                        effects.lock(&referenced, LockMode::ShareRowExclusive);
                    }
                    facts.note(Fact::References);
                }
                ast::Constraint::ExcludeConstraint(_)
                | ast::Constraint::ForeignKeyConstraint(_)
                | ast::Constraint::NullConstraint(_) => {}
            }
        }
        self.fill_column(table, only, &column, &facts, adds_foreign_key, effects);
        let mut relation = std::mem::replace(self.catalog.relation(table), Relation::unknown(RelationKind::Table));
        let noted: Vec<String> = constraints
            .iter()
            .filter_map(|constraint| self.note_constraint(table, &mut relation, constraint, Some(&column), true))
            .collect();
        relation.gone.remove(&column);
        let known = Column { ty, not_null: facts.has(Fact::NotNull) || facts.has(Fact::Identity) || serial };
        relation.columns.entry(column.clone()).or_default().clone_from(&known);
        *self.catalog.relation(table) = relation;
        for name in noted {
            self.catalog.enter_key(table, &name);
        }
        self.catalog.hand_down(table, &column, &known);
    }

    // What a new column does to the rows that are there.
    fn fill_column(
        &self,
        table: &ObjectName,
        only: bool,
        column: &str,
        facts: &NewColumn,
        adds_foreign_key: bool,
        effects: &mut Effects,
    ) {
        let volatile = facts.default == Some(Volatility::Volatile);
        let existing = self.age(table) == Age::Existing;
        if facts.has(Fact::Serial) || facts.has(Fact::Identity) || facts.has(Fact::Stored) || volatile {
            // Squawk speaks of defaults and generated columns, not of serial types.
            self.work_with_children(
                table,
                only,
                WorkKind::Rewrite,
                !facts.has(Fact::Serial) || facts.has(Fact::Identity),
                effects,
            );
            if existing {
                effects.suggest(|| {
                    if facts.has(Fact::Stored) {
                        advice::stored_column(table, column)
                    } else {
                        advice::fill_in_steps(table, column)
                    }
                });
            }
            return;
        }
        if facts.has(Fact::ConstrainedDomain) {
            self.work_with_children(table, only, WorkKind::Rewrite, false, effects);
            if existing {
                effects.suggest(|| advice::plain_type(table, column));
            }
            return;
        }
        if let Some(Volatility::Unknown(function)) = &facts.default {
            let why = format!("{}() gives one value for all rows", excerpt(function));
            self.work_unless_with_children(table, only, WorkKind::Rewrite, &why, effects);
            if existing {
                effects.suggest(|| advice::fill_in_steps(table, column));
            }
        }
        let filled = facts.default.is_some();
        if facts.has(Fact::Key) {
            self.work_with_children(table, only, WorkKind::Build, true, effects);
        }
        if facts.has(Fact::Check) {
            self.work_with_children(table, only, WorkKind::Scan, false, effects);
            if existing {
                effects.suggest(|| advice::check_later(table, column));
            }
        } else if facts.has(Fact::NotNull) && !filled && !facts.has(Fact::Virtual) {
            self.work_with_children(table, only, WorkKind::Scan, true, effects);
        }
        // Without a default the new column holds NULL alone, which every foreign key takes.
        if facts.has(Fact::References) && (filled || adds_foreign_key) {
            self.work_with_children(table, only, WorkKind::LookUp, true, effects);
        }
    }

    pub(super) fn drop_column(&mut self, table: &ObjectName, only: bool, it: &ast::DropColumn, effects: &mut Effects) {
        self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
        let Some(column) = it.column_name_ref().map(|name| name.text()) else { return };
        self.must_have(table, &column, it.if_exists().is_some(), it.syntax(), effects);
        let dropped: Vec<Constraint> = {
            let relation = self.catalog.relation(table);
            relation.columns.remove(&column);
            let named: Vec<String> = relation
                .constraints
                .iter()
                .filter(|(_, constraint)| constraint.columns.contains(&column))
                .map(|(name, _)| name.clone())
                .collect();
            named.iter().filter_map(|name| relation.constraints.remove(name)).collect()
        };
        for constraint in dropped {
            if let ConstraintKind::ForeignKey { references } = constraint.kind
                && references != *table
            {
                effects.lock(&references, LockMode::AccessExclusive);
            }
        }
        let how = format!("dropped at {}", self.place);
        if !self.conditional {
            self.catalog.relation(table).gone.insert(column.clone(), how);
        }
        self.catalog.indexes.retain(|_, index| index.table != *table || !index.depends_on.contains(&column));
        for child in self.catalog.descendants(table) {
            self.catalog.relation(&child).columns.remove(&column);
        }
    }

    pub(super) fn rename_column(
        &mut self,
        table: &ObjectName,
        from: &str,
        to: &str,
        node: &SyntaxNode,
        effects: &mut Effects,
    ) {
        self.must_have(table, from, false, node, effects);
        let how = format!("renamed at {}", self.place);
        let conditional = self.conditional;
        let mut relations = self.catalog.descendants(table);
        relations.push(table.clone());
        for name in relations {
            let relation = self.catalog.relation(&name);
            let column = relation.columns.remove(from).unwrap_or_default();
            relation.columns.insert(to.to_owned(), column);
            relation.gone.remove(to);
            if !conditional {
                relation.gone.insert(from.to_owned(), how.clone());
            }
            for constraint in relation.constraints.values_mut() {
                if constraint.columns.remove(from) {
                    constraint.columns.insert(to.to_owned());
                }
                if let ConstraintKind::Check { filled: Some(column) } | ConstraintKind::NotNull { column } =
                    &mut constraint.kind
                    && column == from
                {
                    to.clone_into(column);
                }
            }
        }
        for index in self.catalog.indexes.values_mut().filter(|index| index.table == *table) {
            for column in index.columns.iter_mut().flatten().filter(|column| *column == from) {
                to.clone_into(column);
            }
            if index.depends_on.remove(from) {
                index.depends_on.insert(to.to_owned());
            }
        }
    }

    // Finds fault with a column that the history dropped, renamed, or never gave to a table it knows whole.
    pub(super) fn must_have(
        &self,
        table: &ObjectName,
        column: &str,
        tolerant: bool,
        node: &SyntaxNode,
        effects: &mut Effects,
    ) {
        let Some(relation) = self.catalog.relations.get(table) else { return };
        if tolerant || self.conditional || relation.columns.contains_key(column) {
            return;
        }
        let (table, shown) = (excerpt(&table.to_string()), excerpt(column));
        if let Some(how) = relation.gone.get(column) {
            effects.problem(
                &rules::MISSING_OBJECT,
                format!("column {shown} of {table} is not there any more: {how}"),
                span(node),
            );
        } else if relation.complete {
            effects.problem(
                &rules::MISSING_OBJECT,
                format!("{table}, which the history created, has no column {shown}"),
                span(node),
            );
        }
    }

    pub(super) fn alter_column(
        &mut self,
        table: &ObjectName,
        only: bool,
        it: &ast::AlterColumn,
        effects: &mut Effects,
    ) {
        let Some(option) = it.option() else { return };
        let column = it.column_name_ref().map(|name| name.text()).unwrap_or_default();
        if !column.is_empty() {
            self.must_have(table, &column, false, it.syntax(), effects);
        }
        match &option {
            ast::AlterColumnOption::SetStatistics(_)
            | ast::AlterColumnOption::SetOptions(_)
            | ast::AlterColumnOption::SetOptionsList(_)
            | ast::AlterColumnOption::ResetOptions(_) => {
                self.lock_with_children(table, only, LockMode::ShareUpdateExclusive, effects);
            }
            ast::AlterColumnOption::SetType(set) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
                self.set_type(table, only, &column, set, effects);
            }
            ast::AlterColumnOption::SetNotNull(_) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
                let version = self.version;
                if !self.catalog.relation(table).proves_filled(&column, version) {
                    self.work_with_children(table, only, WorkKind::Scan, true, effects);
                    if self.age(table) == Age::Existing {
                        effects.suggest(|| advice::set_not_null(table, &column, version));
                    }
                }
                self.catalog.relation(table).columns.entry(column).or_default().not_null = true;
            }
            ast::AlterColumnOption::DropNotNull(_) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
                self.catalog.relation(table).columns.entry(column).or_default().not_null = false;
            }
            ast::AlterColumnOption::SetExpression(_) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
                if self.version >= 18 {
                    for name in std::iter::once(table.clone()).chain(self.catalog.descendants(table)) {
                        effects.work_unless(&name, WorkKind::Rewrite, "the column is virtual", false);
                    }
                } else {
                    self.work_with_children(table, only, WorkKind::Rewrite, false, effects);
                }
            }
            ast::AlterColumnOption::AddGenerated(_)
            | ast::AlterColumnOption::DropDefault(_)
            | ast::AlterColumnOption::DropExpression(_)
            | ast::AlterColumnOption::DropIdentity(_)
            | ast::AlterColumnOption::Inherit(_)
            | ast::AlterColumnOption::NoInherit(_)
            | ast::AlterColumnOption::Restart(_)
            | ast::AlterColumnOption::SetCompression(_)
            | ast::AlterColumnOption::SetDefault(_)
            | ast::AlterColumnOption::SetGenerated(_)
            | ast::AlterColumnOption::SetGeneratedOptions(_)
            | ast::AlterColumnOption::SetSequenceOption(_)
            | ast::AlterColumnOption::SetStorage(_) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
            }
        }
    }

    fn set_type(&mut self, table: &ObjectName, only: bool, column: &str, set: &ast::SetType, effects: &mut Effects) {
        let Some(to) = set.ty().map(|ty| ColumnType::of(&ty)) else { return };
        let from = self.catalog.relation(table).columns.get(column).and_then(|column| column.ty.clone());
        let change = match (set.using_expr(), &from) {
            (Some(using), _) if !is_plain_cast(&using, column, &to) => TypeChange::Rewrites,
            (_, Some(from)) => self.type_change(from, &to),
            (_, None) => TypeChange::Unknown,
        };
        let checked = self.catalog.relation(table).constraints.values().any(|constraint| {
            matches!(constraint.kind, ConstraintKind::Check { .. })
                && constraint.validated
                && constraint.columns.contains(column)
        });
        self.lock_key_partners(table, column, effects);
        let existing = self.age(table) == Age::Existing;
        let collated = set.collate().is_some();
        let rebuilds = self.catalog.indexes_on(table, column).any(|index| {
            // An index with an expression or a condition is always built anew.
            change == TypeChange::RebuildsIndexes || collated || !index.plain
        });
        match change {
            TypeChange::Free | TypeChange::RebuildsIndexes if rebuilds => {
                self.work_with_children(table, only, WorkKind::Build, true, effects);
            }
            // Checks on the column are checked again, even when nothing changes.
            TypeChange::Free | TypeChange::RebuildsIndexes if checked => {
                self.work_with_children(table, only, WorkKind::Scan, true, effects);
            }
            TypeChange::Free | TypeChange::RebuildsIndexes => effects.free_type_change = true,
            TypeChange::FreeInUtc => {
                let why = "the session's time zone is UTC";
                self.work_unless_with_children(table, only, WorkKind::Rewrite, why, effects);
                if existing {
                    effects.suggest(|| advice::in_utc(table, column, &to.name.to_string()));
                }
            }
            TypeChange::Unknown => {
                let why = match from {
                    None => format!("the old type of {} fits the new one as it is stored", excerpt(column)),
                    Some(_) => "the two types are stored alike".to_owned(),
                };
                self.work_unless_with_children(table, only, WorkKind::Rewrite, &why, effects);
                if existing {
                    effects.suggest(|| advice::change_type(table, column));
                }
            }
            TypeChange::Rewrites => {
                self.work_with_children(table, only, WorkKind::Rewrite, true, effects);
                if existing {
                    effects.suggest(|| advice::change_type(table, column));
                }
            }
        }
        let relation = self.catalog.relation(table);
        let known = relation.columns.entry(column.to_owned()).or_default();
        known.ty = Some(to);
        let known = known.clone();
        self.catalog.hand_down(table, column, &known);
    }

    // Foreign keys on the column, and to it, are made anew.
    fn lock_key_partners(&self, table: &ObjectName, column: &str, effects: &mut Effects) {
        let Some(relation) = self.catalog.relations.get(table) else { return };
        let mut referred_to = false;
        for constraint in relation.constraints.values().filter(|constraint| constraint.columns.contains(column)) {
            match &constraint.kind {
                ConstraintKind::ForeignKey { references } => effects.lock(references, LockMode::AccessExclusive),
                ConstraintKind::Index => referred_to = true,
                ConstraintKind::Check { .. } | ConstraintKind::NotNull { .. } => {}
            }
        }
        for referencing in self.catalog.referencing(table).iter().filter(|_| referred_to) {
            self.lock_with_children(referencing, false, LockMode::AccessExclusive, effects);
        }
    }

    // Domains count as their base type, unless rows must be checked against the new one.
    fn type_change(&self, from: &ColumnType, to: &ColumnType) -> TypeChange {
        let domain = |ty: &ColumnType| if ty.built_in || ty.array { None } else { self.catalog.domains.get(&ty.name) };
        if from == to {
            return TypeChange::Free;
        }
        if domain(to).is_some_and(|domain| domain.constrained) {
            return TypeChange::Rewrites;
        }
        let is_enum = |ty: &ColumnType| !ty.built_in && self.catalog.enums.contains_key(&ty.name);
        if is_enum(from) || is_enum(to) {
            return TypeChange::Rewrites;
        }
        let base = |ty: &ColumnType| domain(ty).and_then(|domain| domain.base.clone()).unwrap_or_else(|| ty.clone());
        base(from).change_to(&base(to), self.version)
    }
}

// What a new column asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Serial,
    Identity,
    Stored,
    Virtual,
    NotNull,
    Key,
    Check,
    References,
    ConstrainedDomain,
}

#[derive(Debug, Default)]
struct NewColumn {
    facts: Vec<Fact>,
    // The volatility of its default, unless that is NULL.
    default: Option<Volatility>,
}

impl NewColumn {
    fn note(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    fn note_if(&mut self, holds: bool, fact: Fact) {
        self.facts.extend(holds.then_some(fact));
    }

    fn has(&self, fact: Fact) -> bool {
        self.facts.contains(&fact)
    }
}

// `USING column` and `USING column::type` say what would happen without them.
fn is_plain_cast(using: &ast::UsingExpr, column: &str, to: &ColumnType) -> bool {
    let names = |expr: &ast::Expr| matches!(expr, ast::Expr::NameRef(name) if name.text() == column);
    match using.expr() {
        Some(ast::Expr::CastExpr(cast)) => {
            cast.expr().is_some_and(|expr| names(&expr)) && cast.ty().is_some_and(|ty| ColumnType::of(&ty) == *to)
        }
        Some(expr) => names(&expr),
        None => true,
    }
}

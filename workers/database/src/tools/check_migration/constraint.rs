//! `ALTER TABLE`, constraints: adding, validating and dropping them.

use super::alter_table::referred;
use super::catalog::{Age, ConstraintKind, Relation, RelationKind};
use super::effects::{Effects, WorkKind};
use super::model::{Model, has_token, span};
use super::{advice, rules};
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use octavo_toolkit::limits::excerpt;
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{self, AstNode as _, NameLike as _};

impl Model<'_> {
    pub(super) fn add_constraint(
        &mut self,
        table: &ObjectName,
        only: bool,
        constraint: &ast::Constraint,
        effects: &mut Effects,
    ) {
        let node = constraint.syntax();
        let deferred = constraint.is_not_valid() || has_token(node, SyntaxKind::NOT_ENFORCED);
        let existing = self.age(table) == Age::Existing;
        match constraint {
            ast::Constraint::ForeignKeyConstraint(key) => {
                self.lock_with_children(table, only, LockMode::ShareRowExclusive, effects);
                if let Some(referenced) = referred(key.table_name_ref()).filter(|referenced| referenced != table) {
                    self.must_exist(&referenced, false, node, effects);
                    self.lock_with_children(&referenced, false, LockMode::ShareRowExclusive, effects);
                }
                for column in key.from_columns().iter().flat_map(ast::ForeignKeyColumnList::column_name_refs) {
                    self.must_have(table, &column.text(), false, node, effects);
                }
                if !deferred {
                    self.work_with_children(table, only, WorkKind::LookUp, true, effects);
                }
            }
            ast::Constraint::CheckConstraint(_) | ast::Constraint::NotNullConstraint(_) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
                let proven = matches!(constraint, ast::Constraint::NotNullConstraint(not_null)
                if not_null.column_name_ref().is_some_and(|column| {
                    let version = self.version;
                    self.catalog.relation(table).proves_filled(&column.text(), version)
                }));
                if !deferred && !proven {
                    self.work_with_children(table, only, WorkKind::Scan, true, effects);
                }
            }
            ast::Constraint::PrimaryKeyConstraint(key) => {
                let columns: Vec<String> = key
                    .syntax()
                    .descendants()
                    .filter_map(ast::ColumnNameRef::cast)
                    .map(|column| column.text())
                    .collect();
                self.lock_for_key(table, only, Some(&columns), effects);
                self.key_work(table, only, key.using_index(), true, effects);
            }
            ast::Constraint::UniqueConstraint(key) => {
                self.lock_for_key(table, only, None, effects);
                self.key_work(table, only, key.using_index(), false, effects);
            }
            ast::Constraint::ExcludeConstraint(_) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
                self.work_with_children(table, only, WorkKind::Build, false, effects);
            }
            ast::Constraint::DefaultConstraint(_)
            | ast::Constraint::GeneratedConstraint(_)
            | ast::Constraint::NullConstraint(_)
            | ast::Constraint::ReferencesConstraint(_) => return,
        }
        let mut relation = std::mem::replace(self.catalog.relation(table), Relation::unknown(RelationKind::Table));
        let given = constraint.constraint_name().map(|name| ObjectName::read(&name.syntax().to_string()).name);
        if given.as_ref().is_some_and(|name| relation.constraints.contains_key(name)) && !self.conditional {
            let name = given.clone().unwrap_or_default();
            let message = format!("{} has a constraint {} already", excerpt(&table.to_string()), excerpt(&name));
            effects.problem(&rules::DUPLICATE_OBJECT, message, span(node));
        }
        let noted = self.note_constraint(table, &mut relation, constraint, None, !constraint.is_not_valid());
        *self.catalog.relation(table) = relation;
        self.enter_index(table, constraint, noted.as_deref(), effects);
        if existing && !effects.works.is_empty() {
            match constraint {
                ast::Constraint::ForeignKeyConstraint(_) | ast::Constraint::CheckConstraint(_) if !deferred => {
                    effects
                        .suggest(|| advice::validate_later(table, node, noted.as_deref().unwrap_or("the constraint")));
                }
                ast::Constraint::PrimaryKeyConstraint(_) | ast::Constraint::UniqueConstraint(_) => {
                    effects
                        .suggest(|| advice::key_from_index(table, node, noted.as_deref().unwrap_or("the constraint")));
                }
                _ => {}
            }
        }
    }

    // The index of a key: a new one, or one that was there and takes the constraint's name.
    fn enter_index(
        &mut self,
        table: &ObjectName,
        constraint: &ast::Constraint,
        name: Option<&str>,
        effects: &mut Effects,
    ) {
        let Some(name) = name else { return };
        let using = match constraint {
            ast::Constraint::PrimaryKeyConstraint(key) => key.using_index(),
            ast::Constraint::UniqueConstraint(key) => key.using_index(),
            ast::Constraint::ExcludeConstraint(_) => None,
            _ => return,
        };
        let new_name = table.sibling(name);
        if let Some(path) = using.and_then(|using| using.index_ref()).and_then(|index| index.path_ref()) {
            if let Some(index) = self.catalog.indexes.remove(&table.sibling(ObjectName::of_ref(&path).name)) {
                self.catalog.indexes.insert(new_name, index);
            }
            return;
        }
        if constraint.constraint_name().is_some() && self.catalog.created(&new_name) && !self.conditional {
            let message = format!("the history has created {} already", excerpt(&new_name.to_string()));
            effects.problem(&rules::DUPLICATE_OBJECT, message, span(constraint.syntax()));
            return;
        }
        self.catalog.enter_key(table, name);
    }

    // On a partitioned table the partitions are locked as for CREATE INDEX, unless a primary key must set NOT NULL there.
    fn lock_for_key(&self, table: &ObjectName, only: bool, not_null: Option<&[String]>, effects: &mut Effects) {
        let relation = self.catalog.relations.get(table);
        let partitioned = relation.is_some_and(|relation| relation.kind == RelationKind::PartitionedTable);
        effects.lock(table, LockMode::AccessExclusive);
        if !partitioned || only {
            return;
        }
        let known = |column: &String| {
            relation.and_then(|relation| relation.columns.get(column)).is_some_and(|column| column.not_null)
        };
        let proven = not_null.is_none_or(|columns| columns.iter().all(known));
        let mode = if proven { LockMode::Share } else { LockMode::AccessExclusive };
        self.lock_with_children(table, false, mode, effects);
    }

    // A key builds its index, unless it takes one that is there; a primary key also asks for NOT NULL.
    fn key_work(
        &mut self,
        table: &ObjectName,
        only: bool,
        using: Option<ast::UsingIndexName>,
        primary: bool,
        effects: &mut Effects,
    ) {
        let Some(using) = using else {
            self.work_with_children(table, only, WorkKind::Build, true, effects);
            return;
        };
        if !primary {
            return;
        }
        let name = using
            .index_ref()
            .and_then(|index| index.path_ref())
            .map(|path| table.sibling(ObjectName::of_ref(&path).name));
        let version = self.version;
        let columns = name.and_then(|name| self.catalog.indexes.get(&name)).and_then(|index| index.columns.clone());
        match columns {
            Some(columns) => {
                let relation = self.catalog.relation(table);
                let proven = columns.iter().all(|column| relation.proves_filled(column, version));
                for column in columns {
                    relation.columns.entry(column).or_default().not_null = true;
                }
                if !proven {
                    self.work_with_children(table, only, WorkKind::Scan, false, effects);
                }
            }
            None => {
                self.work_unless_with_children(
                    table,
                    only,
                    WorkKind::Scan,
                    "its columns are NOT NULL already",
                    effects,
                );
            }
        }
    }

    pub(super) fn drop_constraint(
        &mut self,
        table: &ObjectName,
        only: bool,
        it: &ast::DropConstraint,
        effects: &mut Effects,
    ) {
        self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
        let Some(name) = it.constraint_name_ref().map(|name| ObjectName::read(&name.syntax().to_string()).name) else {
            return;
        };
        let relation = self.catalog.relation(table);
        match relation.constraints.remove(&name).map(|constraint| constraint.kind) {
            Some(ConstraintKind::ForeignKey { references }) => {
                self.lock_with_children(&references, false, LockMode::AccessExclusive, effects);
            }
            Some(ConstraintKind::NotNull { column }) => {
                relation.columns.entry(column).or_default().not_null = false;
            }
            Some(ConstraintKind::Index) if matches!(it.drop_behavior(), Some(ast::DropBehavior::Cascade(_))) => {
                self.catalog.indexes.remove(&table.sibling(&name));
                for referencing in self.catalog.referencing(table) {
                    self.lock_with_children(&referencing, false, LockMode::AccessExclusive, effects);
                }
            }
            Some(ConstraintKind::Check { .. } | ConstraintKind::Index) => {
                self.catalog.indexes.remove(&table.sibling(&name));
            }
            None => {
                effects.cannot_see(format!("what {} is: a foreign key's other table is locked too", excerpt(&name)));
            }
        }
    }

    pub(super) fn validate(
        &mut self,
        table: &ObjectName,
        only: bool,
        it: &ast::ValidateConstraint,
        effects: &mut Effects,
    ) {
        self.lock_with_children(table, only, LockMode::ShareUpdateExclusive, effects);
        let Some(name) = it.constraint_name_ref().map(|name| ObjectName::read(&name.syntax().to_string()).name) else {
            return;
        };
        let relation = self.catalog.relation(table);
        let Some(constraint) = relation.constraints.get_mut(&name) else {
            self.work_with_children(table, only, WorkKind::Scan, true, effects);
            effects.cannot_see(format!("what {} is: a foreign key's other table takes ROW SHARE", excerpt(&name)));
            return;
        };
        if constraint.validated {
            return;
        }
        constraint.validated = true;
        let kind = constraint.kind.clone();
        match kind {
            ConstraintKind::ForeignKey { references } => {
                if references != *table {
                    effects.lock(&references, LockMode::RowShare);
                }
                self.work_with_children(table, only, WorkKind::LookUp, true, effects);
            }
            ConstraintKind::NotNull { column } => {
                relation.columns.entry(column).or_default().not_null = true;
                self.work_with_children(table, only, WorkKind::Scan, true, effects);
            }
            ConstraintKind::Check { .. } | ConstraintKind::Index => {
                self.work_with_children(table, only, WorkKind::Scan, true, effects);
            }
        }
    }
}

//! What is altered beside tables: indexes, views, domains, types, sequences.

use super::alter_table::storage_options_lock;
use super::catalog::{Age, RelationKind};
use super::effects::{Effects, WorkKind};
use super::model::{Model, subject, words};
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use octavo_toolkit::limits::excerpt;
use squawk_syntax::ast::{self, AstNode as _};

impl Model<'_> {
    // `ALTER`.
    pub(super) fn alteration(&mut self, stmt: &ast::Stmt, effects: &mut Effects) -> bool {
        match stmt {
            ast::Stmt::AlterTable(it) => {
                let name = it.table_relation_name().and_then(|name| subject(name.syntax()));
                let only = it.table_relation_name().is_some_and(|name| name.only_token().is_some());
                if it.all_in_tablespace().is_some() {
                    effects.cannot_see("which tables stand in the tablespace");
                }
                if let Some(name) = name {
                    self.alter_table(&name, only, it.if_exists().is_some(), it.actions(), effects);
                }
            }
            ast::Stmt::AlterForeignTable(it) => {
                if let Some(name) = it.table_relation_name().and_then(|name| subject(name.syntax())) {
                    self.catalog.relation(&name).kind = RelationKind::ForeignTable;
                    self.alter_table(&name, false, it.if_exists().is_some(), it.actions(), effects);
                }
            }
            ast::Stmt::AlterMaterializedView(it) => self.alter_materialized_view(it, effects),
            ast::Stmt::AlterView(it) => self.alter_view(it, effects),
            ast::Stmt::AlterIndex(it) => self.alter_index(it, effects),
            ast::Stmt::AlterSequence(it) => {
                if let Some(name) = it.sequence_ref().and_then(|name| subject(name.syntax())) {
                    let only_options =
                        it.actions().all(|action| matches!(action, ast::AlterSequenceAction::SequenceOption(_)));
                    let mode = if only_options { LockMode::ShareRowExclusive } else { LockMode::AccessExclusive };
                    effects.lock(&name, mode);
                }
                if let Some(table) = owner(it.syntax()) {
                    effects.lock(&table, LockMode::AccessShare);
                }
            }
            ast::Stmt::AlterDomain(it) => self.alter_domain(it, effects),
            ast::Stmt::AlterType(it) => self.alter_type(it, effects),
            _ => return false,
        }
        true
    }

    fn alter_index(&mut self, it: &ast::AlterIndex, effects: &mut Effects) {
        if let Some(action) = it.action() {
            effects.kind = format!("{} {}", effects.kind, words(action.syntax().kind()));
        }
        let Some(name) = it.index_ref().and_then(|name| subject(name.syntax())) else {
            if it.all_in_tablespace().is_some() {
                effects.cannot_see("which indexes stand in the tablespace");
            }
            return;
        };
        let table = self.catalog.indexes.get(&name).map(|index| index.table.clone());
        match it.action() {
            Some(ast::AlterIndexAction::IndexRenameTo(to)) => {
                let mode = if self.version >= 12 { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
                effects.lock(&name, mode);
                let new =
                    to.index().and_then(|index| index.path()).map(|path| name.sibling(ObjectName::of(&path).name));
                if let (Some(index), Some(new)) = (self.catalog.indexes.remove(&name), new) {
                    self.catalog.indexes.insert(new, index);
                }
            }
            Some(ast::AlterIndexAction::AttachIndexPartition(_)) => {
                let mode = if self.version >= 12 { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
                effects.lock(&name, mode);
            }
            Some(ast::AlterIndexAction::AlterSetStatistics(_)) => effects.lock(&name, LockMode::ShareUpdateExclusive),
            Some(ast::AlterIndexAction::SetTablespace(_)) => {
                effects.lock(&name, LockMode::AccessExclusive);
                if table.is_none_or(|table| self.age(&table) == Age::Existing) {
                    effects.work(&name, WorkKind::Copy, false);
                }
            }
            Some(ast::AlterIndexAction::SetOptions(_) | ast::AlterIndexAction::ResetOptions(_)) => {
                let mode = storage_options_lock(it.syntax());
                effects.lock(&name, mode);
            }
            Some(ast::AlterIndexAction::DependsOnExtension(_) | ast::AlterIndexAction::NoDependsOnExtension(_))
            | None => {}
        }
    }

    fn alter_view(&mut self, it: &ast::AlterView, effects: &mut Effects) {
        if let Some(action) = it.action() {
            effects.kind = format!("{} {}", effects.kind, words(action.syntax().kind()));
        }
        let Some(name) = it.view_ref().and_then(|name| subject(name.syntax())) else { return };
        self.must_exist(&name, it.if_exists().is_some(), it.syntax(), effects);
        effects.lock(&name, LockMode::AccessExclusive);
        match it.action() {
            Some(ast::AlterViewAction::ViewRenameTo(to)) => {
                self.rename_to(&name, to.view().and_then(|view| view.path()));
            }
            Some(ast::AlterViewAction::SetSchema(to)) => self.move_to(&name, &to),
            _ => {}
        }
    }

    fn alter_materialized_view(&mut self, it: &ast::AlterMaterializedView, effects: &mut Effects) {
        let Some(name) = it.view_ref().and_then(|name| subject(name.syntax())) else { return };
        self.catalog.relation(&name).kind = RelationKind::MaterializedView;
        for action in it.action() {
            match action {
                ast::AlterMaterializedViewAction::AlterTableAction(action) => {
                    self.alter_table(&name, false, it.if_exists().is_some(), std::iter::once(action), effects);
                }
                ast::AlterMaterializedViewAction::ViewRenameTo(to) => {
                    effects.lock(&name, LockMode::AccessExclusive);
                    self.rename_to(&name, to.view().and_then(|view| view.path()));
                }
                ast::AlterMaterializedViewAction::SetSchema(to) => {
                    effects.lock(&name, LockMode::AccessExclusive);
                    self.move_to(&name, &to);
                }
                ast::AlterMaterializedViewAction::RenameColumn(_)
                | ast::AlterMaterializedViewAction::DependsOnExtension(_)
                | ast::AlterMaterializedViewAction::NoDependsOnExtension(_) => {
                    effects.lock(&name, LockMode::AccessExclusive);
                }
            }
        }
    }

    fn alter_domain(&mut self, it: &ast::AlterDomain, effects: &mut Effects) {
        if let Some(action) = it.action() {
            effects.kind = format!("{} {}", effects.kind, words(action.syntax().kind()));
        }
        let Some(name) = it.domain_ref().and_then(|name| subject(name.syntax())) else { return };
        let checks_rows = match it.action() {
            Some(ast::AlterDomainAction::AddConstraint(add)) => {
                if let Some(domain) = self.catalog.domains.get_mut(&name) {
                    domain.constrained = true;
                }
                !add.constraint().is_some_and(|constraint| constraint.is_not_valid())
            }
            Some(ast::AlterDomainAction::SetNotNull(_)) => {
                if let Some(domain) = self.catalog.domains.get_mut(&name) {
                    domain.constrained = true;
                }
                true
            }
            Some(ast::AlterDomainAction::ValidateConstraint(_)) => true,
            _ => false,
        };
        if checks_rows {
            for table in self.catalog.with_domain(&name) {
                effects.lock(&table, LockMode::Share);
                effects.work(&table, WorkKind::Scan, true);
            }
            if !self.catalog.domains.contains_key(&name) {
                effects.cannot_see(format!("which tables use the domain {}", excerpt(&name.to_string())));
            }
        }
    }

    fn alter_type(&mut self, it: &ast::AlterType, effects: &mut Effects) {
        if let Some(action) = it.action() {
            effects.kind = format!("{} {}", effects.kind, words(action.syntax().kind()));
        }
        let Some(name) = it.type_name_ref().and_then(|name| subject(name.syntax())) else { return };
        match it.action() {
            Some(ast::AlterTypeAction::AddValue(add)) => {
                if self.catalog.enums.get(&name).is_some_and(|birth| *birth == Some(self.now)) {
                    return;
                }
                if self.version < 12 {
                    effects.outside_transaction = Some("ALTER TYPE ... ADD VALUE before 12");
                }
                if let Some(value) = add.literal().and_then(|literal| literal.string_value()) {
                    let place = (self.now.transaction, self.place.clone());
                    self.catalog.new_values.insert(value, place);
                }
            }
            Some(ast::AlterTypeAction::AlterTypeAttributeActionList(_)) => {
                effects.cannot_see("which typed tables follow the type");
            }
            Some(ast::AlterTypeAction::TypeRenameTo(to)) => {
                let new =
                    to.type_name().and_then(|name| name.path()).map(|path| name.sibling(ObjectName::of(&path).name));
                if let (Some(birth), Some(new)) = (self.catalog.enums.remove(&name), new) {
                    self.catalog.enums.insert(new, birth);
                }
            }
            _ => {}
        }
    }
}

/// The table of the column that a sequence is owned by.
pub(super) fn owner(statement: &squawk_syntax::SyntaxNode) -> Option<ObjectName> {
    let owned = statement.descendants().find_map(ast::OptionOwnedBy::cast)?;
    let text = owned.syntax().to_string();
    let column = text.split_whitespace().last()?;
    column.rsplit_once('.').map(|(table, _)| ObjectName::read(table))
}

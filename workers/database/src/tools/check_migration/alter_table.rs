//! `ALTER TABLE`: the lock of each action, partitions, and what changes the whole table.
//!
//! The lock of the whole statement is the strongest its actions ask for; partitions and children are locked alike.
//! Source: `AlterTableGetLockLevel` in Postgres' `tablecmds.c` and the notes of the documentation's `ALTER TABLE`.

use super::advice;
use super::catalog::{Age, PartitionKind, RelationKind};
use super::effects::{Effects, WorkKind};
use super::model::{Model, words};
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode as _, NameLike as _};

// Storage parameters whose change keeps readers out; all others of tables and b-trees only keep out schema changes.
const LOCKED_OPTIONS: &[&str] = &[
    "autosummarize",
    "buffering",
    "check_option",
    "fastupdate",
    "gin_pending_list_limit",
    "pages_per_range",
    "security_barrier",
    "security_invoker",
    "user_catalog_table",
];

/// The lock for setting or resetting storage parameters.
pub(super) fn storage_options_lock(node: &SyntaxNode) -> LockMode {
    let mut names = node.descendants().filter_map(ast::AttributeName::cast);
    let strong = names.any(|name| {
        let name = name.syntax().text().to_string().to_ascii_lowercase();
        LOCKED_OPTIONS.contains(&name.trim())
    });
    if strong { LockMode::AccessExclusive } else { LockMode::ShareUpdateExclusive }
}

impl Model<'_> {
    /// `ALTER TABLE` and its kin, on one relation.
    pub(super) fn alter_table(
        &mut self,
        table: &ObjectName,
        only: bool,
        tolerant: bool,
        actions: impl Iterator<Item = ast::AlterTableAction>,
        effects: &mut Effects,
    ) {
        let mut table = table.clone();
        let actions: Vec<_> = actions.collect();
        let adds_foreign_key = actions.iter().any(|action| {
            matches!(action, ast::AlterTableAction::AddConstraint(add)
                if matches!(add.constraint(), Some(ast::Constraint::ForeignKeyConstraint(_))))
        });
        let mut said: Vec<String> = Vec::new();
        for action in &actions {
            self.must_exist(&table, tolerant, action.syntax(), effects);
            // An action that fails takes the others with it.
            if self.is_gone(&table) || effects.fails() {
                break;
            }
            let what = match action {
                ast::AlterTableAction::AlterColumn(column) => column.option().map_or_else(
                    || words(action.syntax().kind()),
                    |option| format!("ALTER COLUMN {}", words(option.syntax().kind())),
                ),
                other => words(other.syntax().kind()),
            };
            if !said.contains(&what) {
                said.push(what);
            }
            self.action(&mut table, only, action, adds_foreign_key, effects);
        }
        if !said.is_empty() {
            effects.kind = format!("{} {}", effects.kind, said.join(", "));
        }
    }

    pub(super) fn action(
        &mut self,
        table: &mut ObjectName,
        only: bool,
        action: &ast::AlterTableAction,
        adds_foreign_key: bool,
        effects: &mut Effects,
    ) {
        let node = action.syntax();
        match action {
            ast::AlterTableAction::AddColumn(it) => self.add_column(table, only, it, adds_foreign_key, effects),
            ast::AlterTableAction::AlterColumn(it) => self.alter_column(table, only, it, effects),
            ast::AlterTableAction::DropColumn(it) => self.drop_column(table, only, it, effects),
            ast::AlterTableAction::AddConstraint(it) => {
                if let Some(constraint) = it.constraint() {
                    self.add_constraint(table, only, &constraint, effects);
                }
            }
            ast::AlterTableAction::DropConstraint(it) => self.drop_constraint(table, only, it, effects),
            ast::AlterTableAction::ValidateConstraint(it) => self.validate(table, only, it, effects),
            ast::AlterTableAction::AttachPartition(it) => self.attach(table, it, effects),
            ast::AlterTableAction::DetachPartition(it) => self.detach(table, it, effects),
            ast::AlterTableAction::InheritTable(it) => {
                effects.lock(table, LockMode::AccessExclusive);
                if let Some(parent) = referred(it.table_name_ref()) {
                    effects.lock(&parent, LockMode::ShareUpdateExclusive);
                    self.catalog.adopt(&parent, table);
                }
            }
            ast::AlterTableAction::NoInheritTable(it) => {
                effects.lock(table, LockMode::AccessExclusive);
                if let Some(parent) = referred(it.table_name_ref()) {
                    effects.lock(&parent, LockMode::AccessShare);
                    self.catalog.release(&parent, table);
                }
            }
            ast::AlterTableAction::ClusterOn(_) | ast::AlterTableAction::SetWithoutCluster(_) => {
                effects.lock(table, LockMode::ShareUpdateExclusive);
            }
            ast::AlterTableAction::EnableTrigger(_)
            | ast::AlterTableAction::DisableTrigger(_)
            | ast::AlterTableAction::EnableAlwaysTrigger(_)
            | ast::AlterTableAction::EnableReplicaTrigger(_) => {
                self.lock_with_children(table, only, LockMode::ShareRowExclusive, effects);
            }
            ast::AlterTableAction::SetOptions(_) | ast::AlterTableAction::ResetOptions(_) => {
                effects.lock(table, storage_options_lock(node));
            }
            ast::AlterTableAction::SetTablespace(_) => {
                effects.lock(table, LockMode::AccessExclusive);
                if self.stores_rows(table) {
                    effects.work(table, WorkKind::Copy, false);
                }
            }
            ast::AlterTableAction::SetAccessMethod(_) => {
                effects.lock(table, LockMode::AccessExclusive);
                effects.work_unless(table, WorkKind::Rewrite, "it has that access method already", false);
            }
            ast::AlterTableAction::SetLogged(_) | ast::AlterTableAction::SetUnlogged(_) => {
                let unlogged = matches!(action, ast::AlterTableAction::SetUnlogged(_));
                effects.lock(table, LockMode::AccessExclusive);
                let relation = self.catalog.relation(table);
                if relation.unlogged.is_none() {
                    let already = if unlogged { "it is unlogged already" } else { "it is logged already" };
                    effects.work_unless(table, WorkKind::Rewrite, already, false);
                } else if relation.unlogged != Some(unlogged) {
                    effects.work(table, WorkKind::Rewrite, false);
                }
                relation.unlogged = Some(unlogged);
            }
            ast::AlterTableAction::RenameColumn(_)
            | ast::AlterTableAction::RenameConstraint(_)
            | ast::AlterTableAction::TableRenameTo(_)
            | ast::AlterTableAction::SetSchema(_) => self.rename(table, only, action, effects),
            ast::AlterTableAction::AlterConstraint(_)
            | ast::AlterTableAction::AlterOptionList(_)
            | ast::AlterTableAction::DisableRls(_)
            | ast::AlterTableAction::DisableRule(_)
            | ast::AlterTableAction::EnableAlwaysRule(_)
            | ast::AlterTableAction::EnableReplicaRule(_)
            | ast::AlterTableAction::EnableRls(_)
            | ast::AlterTableAction::EnableRule(_)
            | ast::AlterTableAction::ForceRls(_)
            | ast::AlterTableAction::NoForceRls(_)
            | ast::AlterTableAction::NotOf(_)
            | ast::AlterTableAction::OfType(_)
            | ast::AlterTableAction::OptionItemList(_)
            | ast::AlterTableAction::OwnerTo(_)
            | ast::AlterTableAction::ReplicaIdentity(_)
            | ast::AlterTableAction::SetWithoutOids(_) => effects.lock(table, LockMode::AccessExclusive),
            ast::AlterTableAction::MergePartitions(_) | ast::AlterTableAction::SplitPartition(_) => {
                effects.lock(table, LockMode::AccessExclusive);
                effects.cannot_see("how many rows the partitions hold");
            }
        }
    }

    // Other names, for the table or for a part of it.
    fn rename(&mut self, table: &mut ObjectName, only: bool, action: &ast::AlterTableAction, effects: &mut Effects) {
        let node = action.syntax();
        match action {
            ast::AlterTableAction::RenameColumn(it) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
                let from = it.column_name_ref().map(|name| name.text());
                let to = it.column_name().map(|name| name.text());
                if let (Some(from), Some(to)) = (from, to) {
                    self.rename_column(table, &from, &to, node, effects);
                }
            }
            ast::AlterTableAction::RenameConstraint(it) => {
                self.lock_with_children(table, only, LockMode::AccessExclusive, effects);
                let from = it.constraint_name_ref().map(|name| ObjectName::read(&name.syntax().to_string()).name);
                let to = it.constraint_name().map(|name| ObjectName::read(&name.syntax().to_string()).name);
                if let (Some(from), Some(to)) = (from, to)
                    && let Some(constraint) = self.catalog.relation(table).constraints.remove(&from)
                {
                    self.catalog.relation(table).constraints.insert(to, constraint);
                }
            }
            ast::AlterTableAction::TableRenameTo(it) => {
                effects.lock(table, LockMode::AccessExclusive);
                let to = it.table_name().and_then(|name| name.path());
                let renamed = to.as_ref().map(|to| table.sibling(ObjectName::of(to).name));
                self.rename_to(table, to);
                if let Some(renamed) = renamed {
                    *table = renamed;
                }
            }
            ast::AlterTableAction::SetSchema(it) => {
                effects.lock(table, LockMode::AccessExclusive);
                self.move_to(table, it);
            }
            _ => {}
        }
    }

    // Whether the relation has rows of its own.
    fn stores_rows(&self, table: &ObjectName) -> bool {
        self.catalog
            .relations
            .get(table)
            .is_none_or(|relation| matches!(relation.kind, RelationKind::Table | RelationKind::MaterializedView))
    }

    // Work on a table that has rows, and on those of its partitions and children.
    pub(super) fn work_with_children(
        &self,
        table: &ObjectName,
        only: bool,
        kind: WorkKind,
        told: bool,
        effects: &mut Effects,
    ) {
        if self.stores_rows(table) {
            effects.work(table, kind, told);
        }
        for child in self.catalog.descendants(table).iter().filter(|_| !only) {
            if self.stores_rows(child) {
                effects.work(child, kind, told);
            }
        }
    }

    pub(super) fn work_unless_with_children(
        &self,
        table: &ObjectName,
        only: bool,
        kind: WorkKind,
        why: &str,
        effects: &mut Effects,
    ) {
        if self.stores_rows(table) {
            effects.work_unless(table, kind, why, true);
        }
        for child in self.catalog.descendants(table).iter().filter(|_| !only) {
            if self.stores_rows(child) {
                effects.work_unless(child, kind, why, true);
            }
        }
    }

    pub(super) fn attach(&mut self, table: &ObjectName, it: &ast::AttachPartition, effects: &mut Effects) {
        let Some(partition) = referred(it.table_name_ref()) else { return };
        self.must_exist(&partition, false, it.syntax(), effects);
        let on_parent = if self.version >= 12 { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
        effects.lock(table, on_parent);
        self.lock_with_children(&partition, false, LockMode::AccessExclusive, effects);
        if self.stores_rows(&partition) {
            effects.work_unless(&partition, WorkKind::Scan, "a validated CHECK implies its bounds", false);
            if self.age(&partition) == Age::Existing {
                effects.suggest(|| advice::attach(&partition));
            }
        }
        if let Some(default) = self.catalog.default_partition(table).filter(|default| *default != partition) {
            effects.lock(&default, LockMode::AccessExclusive);
            effects.work_unless(&default, WorkKind::Scan, "a validated CHECK keeps these rows out of it", false);
        }
        let referenced = self.catalog.referenced_by(table);
        if !referenced.is_empty() && self.stores_rows(&partition) {
            effects.work(&partition, WorkKind::LookUp, false);
        }
        for referenced in referenced {
            effects.lock(&referenced, LockMode::ShareRowExclusive);
        }
        self.catalog.adopt(table, &partition);
        self.catalog.relation(table).kind = RelationKind::PartitionedTable;
        let default = matches!(it.partition_type(), Some(ast::PartitionType::PartitionDefault(_)));
        self.catalog.relation(&partition).partition =
            Some(if default { PartitionKind::Default } else { PartitionKind::Bounded });
    }

    pub(super) fn detach(&mut self, table: &ObjectName, it: &ast::DetachPartition, effects: &mut Effects) {
        let Some(partition) = referred(it.table_name_ref()) else { return };
        match it.detach_partition_option() {
            Some(ast::DetachPartitionOption::DetachConcurrently(_)) => {
                effects.outside_transaction = Some("DETACH PARTITION CONCURRENTLY");
                effects.lock(table, LockMode::ShareUpdateExclusive);
                effects.lock(&partition, LockMode::AccessExclusive);
            }
            Some(ast::DetachPartitionOption::DetachFinalize(_)) => {
                effects.lock(table, LockMode::ShareUpdateExclusive);
                effects.lock(&partition, LockMode::AccessExclusive);
            }
            None => {
                effects.lock(table, LockMode::AccessExclusive);
                effects.lock(&partition, LockMode::AccessExclusive);
                if let Some(default) = self.catalog.default_partition(table) {
                    effects.lock(&default, LockMode::AccessExclusive);
                }
                // The partition's copies of the foreign keys become its own.
                for referenced in self.catalog.referenced_by(table) {
                    effects.lock(&referenced, LockMode::ShareRowExclusive);
                }
                if self.version >= 14 && self.age(table) == Age::Existing {
                    effects.suggest(|| advice::detach(table, &partition));
                }
            }
        }
        self.catalog.release(table, &partition);
        self.catalog.relation(&partition).partition = None;
    }
}

pub(super) fn referred(name: Option<ast::TableNameRef>) -> Option<ObjectName> {
    name.and_then(|name| name.path_ref()).map(|path| ObjectName::of_ref(&path))
}

//! Upkeep: locking, emptying, vacuuming, reindexing, refreshing.

use super::advice;
use super::catalog::Age;
use super::effects::{Effects, WorkKind};
use super::model::{MAX_NAMED_RELATIONS, Model, cascades, has_token, lock_all, subject, tables_in};
use crate::support::postgres::lock::LockMode;
use octavo_toolkit::limits::excerpt;
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{self, AstNode as _};

impl Model<'_> {
    // Upkeep.
    pub(super) fn maintenance(&mut self, stmt: &ast::Stmt, effects: &mut Effects) -> bool {
        let node = stmt.syntax();
        match stmt {
            ast::Stmt::Truncate(it) => {
                let mut names = it.table_list().map(|list| tables_in(list.syntax())).unwrap_or_default();
                if names.len() > MAX_NAMED_RELATIONS {
                    effects.cannot_see(format!("relations after the first {MAX_NAMED_RELATIONS}"));
                    names.truncate(MAX_NAMED_RELATIONS);
                }
                if cascades(it.drop_behavior().as_ref()) {
                    let referencing: Vec<_> = names.iter().flat_map(|name| self.catalog.referencing(name)).collect();
                    names.extend(referencing);
                }
                for name in &names {
                    self.must_exist(name, false, node, effects);
                    self.lock_with_children(name, false, LockMode::AccessExclusive, effects);
                }
            }
            ast::Stmt::Lock(it) => {
                let mode = it.lock_mode_clause().and_then(|clause| clause.lock_mode());
                let mode = mode.map_or(LockMode::AccessExclusive, |mode| lock_mode(&mode));
                for relation in it.relation_list().iter().flat_map(ast::RelationList::relation_names) {
                    if let Some(name) = subject(relation.syntax()) {
                        self.lock_with_children(&name, relation.only_token().is_some(), mode, effects);
                        for read in self.catalog.read_through(&name) {
                            effects.lock(&read, mode);
                        }
                    }
                }
            }
            ast::Stmt::Reindex(it) => self.reindex(it, effects),
            ast::Stmt::Cluster(it) => {
                let name = it.table_name_ref().and_then(|name| subject(name.syntax()));
                let legacy = it.cluster_legacy().and_then(|legacy| legacy.on_path());
                if let Some(name) = name.or_else(|| legacy.and_then(|on| subject(on.syntax()))) {
                    effects.lock(&name, LockMode::AccessExclusive);
                    effects.work(&name, WorkKind::Rewrite, false);
                    effects.suggest(|| advice::repack(&name));
                } else {
                    effects.outside_transaction = Some("CLUSTER without a table");
                    effects.cannot_see("which tables were clustered before");
                }
            }
            ast::Stmt::Vacuum(it) => {
                effects.outside_transaction = Some("VACUUM");
                let list = it.table_and_columns_list();
                if list.is_none() {
                    effects.cannot_see("which tables there are: it works on all of them");
                }
                let full = it.full_token().is_some()
                    || it.vacuum_option_list().is_some_and(|list| has_token(list.syntax(), SyntaxKind::FULL_KW));
                for name in list.iter().flat_map(|list| tables_in(list.syntax())) {
                    if full {
                        effects.kind.push_str(" FULL");
                        effects.lock(&name, LockMode::AccessExclusive);
                        effects.work(&name, WorkKind::Rewrite, false);
                        effects.suggest(|| advice::repack(&name));
                    } else {
                        effects.lock(&name, LockMode::ShareUpdateExclusive);
                        effects.work(&name, WorkKind::Scan, true);
                    }
                }
            }
            ast::Stmt::Analyze(it) => {
                for name in it.table_and_columns_list().iter().flat_map(|list| tables_in(list.syntax())) {
                    self.lock_with_children(&name, false, LockMode::ShareUpdateExclusive, effects);
                }
            }
            ast::Stmt::Refresh(it) => {
                if let Some(name) = it.view_ref().and_then(|name| subject(name.syntax())) {
                    for read in self.catalog.relations.get(&name).map(|view| view.reads.clone()).unwrap_or_default() {
                        effects.lock(&read, LockMode::AccessShare);
                    }
                    if it.concurrently_token().is_some() {
                        effects.lock(&name, LockMode::Exclusive);
                        effects.work(&name, WorkKind::Rows, true);
                    } else {
                        effects.lock(&name, LockMode::AccessExclusive);
                        effects.work(&name, WorkKind::Rewrite, false);
                        effects.suggest(|| advice::refresh(&name));
                    }
                }
            }
            _ => return false,
        }
        true
    }

    pub(super) fn reindex(&mut self, it: &ast::Reindex, effects: &mut Effects) {
        let concurrently = has_token(it.syntax(), SyntaxKind::CONCURRENTLY_KW);
        if concurrently {
            effects.kind.push_str(" CONCURRENTLY");
            effects.outside_transaction = Some("REINDEX CONCURRENTLY");
        }
        let mode = if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share };
        let on_index = if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
        match it.reindex_target() {
            Some(ast::ReindexTarget::ReindexTargetTable(target)) => {
                let Some(table) = subject(target.syntax()) else { return };
                self.lock_with_children(&table, false, mode, effects);
                effects.work(&table, WorkKind::Build, true);
                let on_table: Vec<_> = self
                    .catalog
                    .indexes
                    .iter()
                    .filter(|(_, index)| index.table == table)
                    .map(|(name, _)| name.clone())
                    .collect();
                lock_all(&on_table, on_index, effects);
                if !concurrently && self.age(&table) == Age::Existing {
                    effects.suggest(|| advice::reindex("TABLE", &table));
                }
            }
            Some(ast::ReindexTarget::ReindexTargetIndex(target)) => {
                let Some(name) = subject(target.syntax()) else { return };
                effects.lock(&name, on_index);
                match self.catalog.indexes.get(&name).map(|index| index.table.clone()) {
                    Some(table) => {
                        effects.lock(&table, mode);
                        effects.work(&table, WorkKind::Build, true);
                    }
                    None => effects
                        .cannot_see(format!("the table of index {}, which is locked too", excerpt(&name.to_string()))),
                }
                if !concurrently {
                    effects.suggest(|| advice::reindex("INDEX", &name));
                }
            }
            Some(_) => {
                effects.outside_transaction = Some("REINDEX of a schema or database");
                effects.cannot_see("which tables there are");
            }
            None => {}
        }
    }
}

const fn lock_mode(mode: &ast::LockMode) -> LockMode {
    match mode {
        ast::LockMode::AccessShare(_) => LockMode::AccessShare,
        ast::LockMode::RowShare(_) => LockMode::RowShare,
        ast::LockMode::RowExclusive(_) => LockMode::RowExclusive,
        ast::LockMode::ShareUpdateExclusive(_) => LockMode::ShareUpdateExclusive,
        ast::LockMode::Share(_) => LockMode::Share,
        ast::LockMode::ShareRowExclusive(_) => LockMode::ShareRowExclusive,
        ast::LockMode::Exclusive(_) => LockMode::Exclusive,
        ast::LockMode::AccessExclusive(_) => LockMode::AccessExclusive,
    }
}

//! From a statement to its effects, with the catalogue moved on to what it leaves behind.
//!
//! The lock of each statement is that of Postgres' source and documentation ("Explicit Locking" and the page of each
//! command), checked against `pg_locks` of a server.

use super::effects::Effects;
use super::model::{Model, first, has_token, subject, tables_in, words};
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use squawk_syntax::ast::{self, AstNode as _};
use squawk_syntax::{SyntaxKind, SyntaxNode};

impl Model<'_> {
    /// What a statement does; the catalogue is moved on.
    pub(super) fn statement(&mut self, stmt: &ast::Stmt) -> Effects {
        let node = stmt.syntax();
        let mut effects = Effects { kind: words(node.kind()), ..Effects::default() };
        self.needs_version(node, &mut effects);
        self.uses_new_enum_value(node, stmt, &mut effects);
        let _known = self.creation(stmt, &mut effects)
            || self.alteration(stmt, &mut effects)
            || self.removal(stmt, &mut effects)
            || self.attachment(stmt, &mut effects)
            || self.maintenance(stmt, &mut effects)
            || self.query(stmt, &mut effects)
            || beyond_relations(stmt, &mut effects);
        effects
    }

    // Triggers, rules, policies and the like: what hangs on a relation.
    fn attachment(&mut self, stmt: &ast::Stmt, effects: &mut Effects) -> bool {
        match stmt {
            ast::Stmt::AlterTrigger(it) => {
                if let Some(ast::AlterTriggerAction::TriggerRenameTo(_)) = it.action() {
                    self.lock_trigger(it.on_relation(), self.version >= 15, LockMode::AccessExclusive, effects);
                }
            }
            ast::Stmt::AlterRule(it) => self.lock_in(it.on_relation(), LockMode::AccessExclusive, effects),
            ast::Stmt::DropRule(it) => self.lock_in(it.on_relation(), LockMode::AccessExclusive, effects),
            ast::Stmt::DropTrigger(it) => self.lock_trigger(it.on_relation(), true, LockMode::AccessExclusive, effects),
            ast::Stmt::AlterPolicy(it) => self.lock_in(it.on_table(), LockMode::AccessExclusive, effects),
            ast::Stmt::CreatePolicy(it) => self.lock_in(it.on_table(), LockMode::AccessExclusive, effects),
            ast::Stmt::DropPolicy(it) => self.lock_in(it.on_table(), LockMode::AccessExclusive, effects),
            ast::Stmt::CreateRule(it) => self.lock_in(it.rule_on(), LockMode::AccessExclusive, effects),
            ast::Stmt::CreateTrigger(it) => {
                let for_rows = it.trigger_level().is_some_and(|level| has_token(level.syntax(), SyntaxKind::ROW_KW));
                self.lock_trigger(it.on_relation(), for_rows, LockMode::ShareRowExclusive, effects);
                self.lock_in(it.from_table(), LockMode::AccessShare, effects);
            }
            ast::Stmt::CreateStatistics(it) => {
                let table = it.from_table().and_then(|from| subject(from.syntax()));
                if let Some(table) = table {
                    effects.lock(&table, LockMode::ShareUpdateExclusive);
                    if let Some(name) = it.statistics().and_then(|name| name.path()) {
                        self.catalog.statistics.insert(ObjectName::of(&name), table);
                    }
                }
            }
            ast::Stmt::DropStatistics(it) => {
                for name in it.statistics_refs().filter_map(|name| subject(name.syntax())) {
                    if let Some(table) = self.catalog.statistics.remove(&name) {
                        effects.lock(&table, LockMode::ShareUpdateExclusive);
                    }
                }
            }
            ast::Stmt::CreatePublication(it) => {
                for table in it.publication_for_clause().iter().flat_map(|clause| tables_in(clause.syntax())) {
                    effects.lock(&table, LockMode::ShareUpdateExclusive);
                }
            }
            ast::Stmt::AlterPublication(it) => {
                for table in it.action().iter().flat_map(|action| tables_in(action.syntax())) {
                    effects.lock(&table, LockMode::ShareUpdateExclusive);
                }
            }
            ast::Stmt::CommentOn(it) => self.comment(it, effects),
            ast::Stmt::SecurityLabel(it) => {
                if let Some(object) = it.security_label_object() {
                    self.lock_described(object.syntax(), effects);
                }
            }
            _ => return false,
        }
        true
    }

    pub(super) fn comment(&self, it: &ast::CommentOn, effects: &mut Effects) {
        if let Some(object) = it.comment_object() {
            self.lock_described(object.syntax(), effects);
        }
    }

    // COMMENT and SECURITY LABEL: the relation itself, or a weak lock on the relation that the object belongs to.
    fn lock_described(&self, object: &SyntaxNode, effects: &mut Effects) {
        match object.kind() {
            SyntaxKind::OBJECT_TABLE
            | SyntaxKind::OBJECT_VIEW
            | SyntaxKind::OBJECT_MATERIALIZED_VIEW
            | SyntaxKind::OBJECT_FOREIGN_TABLE
            | SyntaxKind::OBJECT_SEQUENCE
            | SyntaxKind::OBJECT_INDEX => self.lock_subject(object, LockMode::ShareUpdateExclusive, effects),
            SyntaxKind::OBJECT_COLUMN => {
                if let Some(table) = first::<ast::PathRef>(object).and_then(|path| path.qualifier()) {
                    effects.lock(&ObjectName::of_ref(&table), LockMode::ShareUpdateExclusive);
                }
            }
            SyntaxKind::OBJECT_CONSTRAINT
            | SyntaxKind::OBJECT_TRIGGER
            | SyntaxKind::OBJECT_RULE
            | SyntaxKind::OBJECT_POLICY => {
                for table in tables_in(object) {
                    effects.lock(&table, LockMode::AccessShare);
                }
            }
            _ => {}
        }
    }
}

// Statements about the server, and those whose relations cannot be seen.
fn beyond_relations(stmt: &ast::Stmt, effects: &mut Effects) -> bool {
    let node = stmt.syntax();
    match stmt {
        ast::Stmt::Call(_) | ast::Stmt::Execute(_) => effects.cannot_see("what the called code does"),
        ast::Stmt::DropOwned(_) | ast::Stmt::Reassign(_) => effects.cannot_see("what the roles own"),
        ast::Stmt::ImportForeignSchema(_) => effects.cannot_see("which foreign tables it makes"),
        ast::Stmt::CreateDatabase(_) => effects.outside_transaction = Some("CREATE DATABASE"),
        ast::Stmt::DropDatabase(_) => effects.outside_transaction = Some("DROP DATABASE"),
        ast::Stmt::CreateTablespace(_) => effects.outside_transaction = Some("CREATE TABLESPACE"),
        ast::Stmt::DropTablespace(_) => effects.outside_transaction = Some("DROP TABLESPACE"),
        ast::Stmt::AlterSystem(_) => effects.outside_transaction = Some("ALTER SYSTEM"),
        ast::Stmt::AlterDatabase(_) if has_token(node, SyntaxKind::SET_TABLESPACE) => {
            effects.outside_transaction = Some("ALTER DATABASE ... SET TABLESPACE");
        }
        ast::Stmt::Discard(_) if has_token(node, SyntaxKind::ALL_KW) => {
            effects.outside_transaction = Some("DISCARD ALL");
        }
        _ => return false,
    }
    true
}

//! Queries, writes and DO blocks.

use super::catalog::Age;
use super::effects::{Effects, WorkKind};
use super::model::{Model, span, subject, tables_in};
use super::{advice, rules};
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use octavo_toolkit::limits::excerpt;
use squawk_syntax::ast::{self, AstNode as _};
use squawk_syntax::{SyntaxKind, SyntaxNode};
use std::collections::BTreeSet;

impl Model<'_> {
    // Queries and writes.
    pub(super) fn query(&mut self, stmt: &ast::Stmt, effects: &mut Effects) -> bool {
        let node = stmt.syntax();
        match stmt {
            ast::Stmt::Insert(it) => {
                self.read(node, effects);
                if let Some(name) = it.relation_name_ref().and_then(|name| subject(name.syntax())) {
                    self.must_exist(&name, false, node, effects);
                    effects.lock(&name, LockMode::RowExclusive);
                    self.catalog.relation(&name).filled = true;
                }
            }
            ast::Stmt::Update(it) => {
                let target = it.relation_name();
                let limited = it.where_clause_or_current_of().is_some();
                self.write(
                    target.map(|name| (name.only_token().is_some(), name.syntax().clone())),
                    limited,
                    node,
                    effects,
                );
            }
            ast::Stmt::Delete(it) => {
                let target = it.relation_name();
                let limited = it.where_clause_or_current_of().is_some() || it.using_clause().is_some();
                self.write(
                    target.map(|name| (name.only_token().is_some(), name.syntax().clone())),
                    limited,
                    node,
                    effects,
                );
            }
            ast::Stmt::Merge(it) => {
                let target = it.table_relation_name();
                self.write(
                    target.map(|name| (name.only_token().is_some(), name.syntax().clone())),
                    true,
                    node,
                    effects,
                );
            }
            ast::Stmt::Copy(it) => {
                self.read(node, effects);
                if let (Some(table), Some(ast::CopyDirection::CopyFrom(_))) = (it.copy_table(), it.copy_direction())
                    && let Some(name) = subject(table.syntax())
                {
                    effects.lock(&name, LockMode::RowExclusive);
                    self.catalog.relation(&name).filled = true;
                }
            }
            ast::Stmt::Select(_)
            | ast::Stmt::CompoundSelect(_)
            | ast::Stmt::ParenSelect(_)
            | ast::Stmt::Table(_)
            | ast::Stmt::Explain(_)
            | ast::Stmt::Declare(_) => self.read(node, effects),
            ast::Stmt::Do(it) => self.do_block(it, effects),
            _ => return false,
        }
        true
    }

    // Locks of everything a query reads.
    pub(super) fn read(&self, node: &SyntaxNode, effects: &mut Effects) {
        let locking = node.descendants().any(|node| ast::LockingClause::cast(node).is_some());
        let mode = if locking { LockMode::RowShare } else { LockMode::AccessShare };
        let with: BTreeSet<ObjectName> = node
            .descendants()
            .filter_map(ast::CteName::cast)
            .map(|name| ObjectName::read(&name.syntax().to_string()))
            .collect();
        let froms = node.descendants().filter(|node| {
            matches!(node.kind(), SyntaxKind::RELATION_FROM_ITEM | SyntaxKind::TABLE | SyntaxKind::COPY_TABLE)
        });
        for name in froms.flat_map(|from| tables_in(&from)).filter(|name| !with.contains(name)) {
            self.must_exist(&name, false, node, effects);
            self.lock_with_children(&name, false, mode, effects);
            // A view that is only defined is not run.
            for read in self.catalog.read_through(&name).iter().filter(|_| node.kind() != SyntaxKind::CREATE_VIEW) {
                effects.lock(read, mode);
            }
        }
    }

    pub(super) fn write(
        &self,
        target: Option<(bool, SyntaxNode)>,
        limited: bool,
        node: &SyntaxNode,
        effects: &mut Effects,
    ) {
        self.read(node, effects);
        let Some((only, target)) = target else { return };
        let Some(name) = subject(&target) else { return };
        self.must_exist(&name, false, node, effects);
        self.lock_with_children(&name, only, LockMode::RowExclusive, effects);
        if limited {
            effects.work_unless(&name, WorkKind::Rows, "only the rows that the condition finds", true);
            return;
        }
        effects.work(&name, WorkKind::Rows, true);
        if self.age(&name) == Age::Existing {
            let message = format!("writes every row of {} in one transaction", excerpt(&name.to_string()));
            effects.problem(&rules::UNBATCHED_WRITE, message, span(node));
            effects.suggest(|| advice::batches(&name));
        }
    }

    fn do_block(&mut self, it: &ast::Do, effects: &mut Effects) {
        let Some(body) = it.plpgsql() else {
            effects.cannot_see("code that is not PL/pgSQL");
            return;
        };
        let was_conditional = self.conditional;
        self.in_body = true;
        // Branches nest or follow each other, so the furthest end of those begun says whether a place is in one.
        let mut branches_end = 0;
        for node in body.syntax().descendants() {
            match node.kind() {
                SyntaxKind::PLPGSQL_DYN_EXECUTE_STMT => {
                    effects.cannot_see("statements put together at run time (EXECUTE)");
                }
                SyntaxKind::PLPGSQL_PERFORM_STMT | SyntaxKind::PLPGSQL_CALL_STMT => {
                    effects.cannot_see("what the called code does");
                }
                SyntaxKind::PLPGSQL_IF_STMT
                | SyntaxKind::PLPGSQL_CASE_STMT
                | SyntaxKind::PLPGSQL_LOOP_STMT
                | SyntaxKind::PLPGSQL_WHILE_STMT
                | SyntaxKind::PLPGSQL_FOR_I_STMT
                | SyntaxKind::PLPGSQL_FOR_QUERY_STMT
                | SyntaxKind::PLPGSQL_FOR_CURSOR_STMT
                | SyntaxKind::PLPGSQL_FOR_EACH_STMT
                | SyntaxKind::PLPGSQL_FOR_DYN_STMT => branches_end = branches_end.max(span(&node).end),
                SyntaxKind::PLPGSQL_BLOCK
                    if node.children().any(|child| child.kind() == SyntaxKind::PLPGSQL_EXCEPTION_SECTION) =>
                {
                    branches_end = branches_end.max(span(&node).end);
                }
                SyntaxKind::PLPGSQL_EXEC_SQL_STMT => {
                    let Some(stmt) = ast::PlpgsqlExecSqlStmt::cast(node.clone()).and_then(|exec| exec.stmt()) else {
                        continue;
                    };
                    self.conditional = was_conditional || span(&node).start < branches_end;
                    let mut inner = self.statement(&stmt);
                    let trivia = span(stmt.syntax()).start - usize::from(stmt.syntax().text_range().start());
                    let place = body.source_range(stmt.syntax().text_range());
                    let at = usize::from(place.start()) + trivia..place.end().into();
                    for problem in &mut inner.problems {
                        problem.at = at.clone();
                    }
                    if let Some(what) = inner.outside_transaction {
                        let message = format!("{what} in a DO block, which is always within a transaction");
                        inner.problem(&rules::FORBIDDEN_IN_TRANSACTION, message, at.clone());
                        inner.outside_transaction = None;
                    }
                    effects.absorb(inner, &at);
                }
                _ => {}
            }
        }
        self.conditional = was_conditional;
        self.in_body = false;
    }

    // A value that `ADD VALUE` put into an enum can be used only after its transaction has ended, unless the type is as new.
    pub(super) fn uses_new_enum_value(&self, node: &SyntaxNode, stmt: &ast::Stmt, effects: &mut Effects) {
        if matches!(stmt, ast::Stmt::AlterType(_) | ast::Stmt::Do(_) | ast::Stmt::CommentOn(_))
            || self.catalog.new_values.is_empty()
        {
            return;
        }
        for literal in node.descendants().filter_map(ast::Literal::cast) {
            let Some(value) = literal.string_value() else { continue };
            if let Some((transaction, place)) = self.catalog.new_values.get(&value)
                && *transaction == self.now.transaction
            {
                let message = format!("the value was added at {place}, in this same transaction");
                effects.problem(&rules::ENUM_VALUE_USED_TOO_EARLY, message, span(literal.syntax()));
            }
        }
    }
}

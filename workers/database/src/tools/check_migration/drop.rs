//! What is dropped, and what goes with it.

use super::catalog::{Age, ConstraintKind, RelationKind};
use super::effects::Effects;
use super::model::{MAX_NAMED_RELATIONS, Model, cascades, lock_all, span, subject};
use super::{advice, rules};
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use octavo_toolkit::limits::excerpt;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode as _};

impl Model<'_> {
    // `DROP`.
    pub(super) fn removal(&mut self, stmt: &ast::Stmt, effects: &mut Effects) -> bool {
        let node = stmt.syntax();
        // The kinds of relation have nodes of unrelated types with the same parts.
        macro_rules! drop_each {
            ($stmt:ident, $names:ident) => {{
                let names: Vec<_> = $stmt.$names().filter_map(|name| subject(name.syntax())).collect();
                let behavior = $stmt.drop_behavior();
                self.drop_relations(&names, $stmt.if_exists().is_some(), cascades(behavior.as_ref()), node, effects);
            }};
        }
        match stmt {
            ast::Stmt::DropTable(it) => drop_each!(it, table_name_refs),
            ast::Stmt::DropForeignTable(it) => drop_each!(it, table_name_refs),
            ast::Stmt::DropView(it) => drop_each!(it, view_refs),
            ast::Stmt::DropMaterializedView(it) => drop_each!(it, view_refs),
            ast::Stmt::DropSequence(it) => drop_each!(it, sequence_refs),
            ast::Stmt::DropIndex(it) => self.drop_index(it, effects),
            ast::Stmt::DropDomain(it) => {
                for name in it.domain_refs().filter_map(|name| subject(name.syntax())) {
                    if cascades(it.drop_behavior().as_ref()) {
                        lock_all(&self.catalog.with_domain(&name), LockMode::AccessExclusive, effects);
                    }
                    self.catalog.domains.remove(&name);
                }
            }
            ast::Stmt::DropType(it) => {
                for name in it.type_name_refs().filter_map(|name| subject(name.syntax())) {
                    if cascades(it.drop_behavior().as_ref()) {
                        lock_all(&self.catalog.with_domain(&name), LockMode::AccessExclusive, effects);
                    }
                    self.catalog.enums.remove(&name);
                }
            }
            ast::Stmt::DropSchema(it) => {
                for schema in it.schema_refs().map(|schema| schema.syntax().text().to_string()) {
                    let schema = ObjectName::read(&schema).name;
                    let schema = (schema != "public").then_some(schema);
                    let inside: Vec<_> =
                        self.catalog.relations.keys().filter(|name| name.schema == schema).cloned().collect();
                    if cascades(it.drop_behavior().as_ref()) {
                        effects.cannot_see("what else stands in the schema");
                        self.drop_relations(&inside, true, true, node, effects);
                    }
                }
            }
            ast::Stmt::DropExtension(it) if cascades(it.drop_behavior().as_ref()) => {
                effects.cannot_see("which columns use the extension");
            }
            ast::Stmt::DropFunction(it) if cascades(it.drop_behavior().as_ref()) => {
                effects.cannot_see("which triggers, defaults and views use the function");
            }
            _ => return false,
        }
        true
    }

    // A view or foreign key that keeps a relation from being dropped alone.
    fn depends_on(&self, name: &ObjectName, dropped: &[ObjectName]) -> Option<ObjectName> {
        if self.conditional {
            return None;
        }
        let own = self.catalog.descendants(name);
        let mut dependents = self.catalog.views_of(name).into_iter().chain(self.catalog.referencing(name));
        dependents.find(|other| !dropped.contains(other) && !own.contains(other))
    }

    fn drop_relations(
        &mut self,
        names: &[ObjectName],
        tolerant: bool,
        cascade: bool,
        node: &SyntaxNode,
        effects: &mut Effects,
    ) {
        if names.len() > MAX_NAMED_RELATIONS {
            effects.cannot_see(format!("relations after the first {MAX_NAMED_RELATIONS}"));
        }
        for name in names.iter().take(MAX_NAMED_RELATIONS) {
            self.must_exist(name, tolerant, node, effects);
            if tolerant && !self.catalog.relations.contains_key(name) && self.catalog.gone.contains_key(name) {
                continue;
            }
            if !cascade && let Some(dependent) = self.depends_on(name, names) {
                let (name, dependent) = (excerpt(&name.to_string()), excerpt(&dependent.to_string()));
                let message = format!("{dependent} depends on {name}, which needs CASCADE or its own DROP first");
                effects.problem(&rules::REFUSED, message, span(node));
                continue;
            }
            effects.lock(name, LockMode::AccessExclusive);
            let relation = self.catalog.relations.get(name);
            if relation.is_some_and(|relation| relation.partition.is_some()) {
                for parent in relation.map(|relation| relation.parents.clone()).unwrap_or_default() {
                    effects.lock(&parent, LockMode::AccessExclusive);
                    if let Some(default) = self.catalog.default_partition(&parent).filter(|default| default != name) {
                        effects.lock(&default, LockMode::AccessExclusive);
                    }
                }
            }
            let partitioned = relation.is_some_and(|relation| relation.kind == RelationKind::PartitionedTable);
            let mut all = vec![name.clone()];
            if partitioned || cascade {
                all.extend(self.catalog.descendants(name));
            }
            if cascade {
                all.extend(self.catalog.views_of(name));
            }
            for gone in &all {
                effects.lock(gone, LockMode::AccessExclusive);
                for referenced in self.catalog.referenced_by(gone) {
                    effects.lock(&referenced, LockMode::AccessExclusive);
                }
                if cascade {
                    for referencing in self.catalog.referencing(gone) {
                        self.lock_with_children(&referencing, false, LockMode::AccessExclusive, effects);
                        self.catalog.relation(&referencing).constraints.retain(|_, constraint| {
                            !matches!(&constraint.kind, ConstraintKind::ForeignKey { references } if references == gone)
                        });
                    }
                }
            }
            for gone in all {
                let how = format!("dropped at {}", self.place);
                self.catalog.remove(&gone, how);
                if self.conditional {
                    self.catalog.gone.remove(&gone);
                }
            }
        }
    }

    pub(super) fn drop_index(&mut self, it: &ast::DropIndex, effects: &mut Effects) {
        let concurrently = it.concurrently_token().is_some();
        let mode = if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
        if concurrently {
            effects.kind.push_str(" CONCURRENTLY");
            effects.outside_transaction = Some("DROP INDEX CONCURRENTLY");
        }
        for name in it.index_refs().filter_map(|name| subject(name.syntax())) {
            effects.lock(&name, mode);
            match self.catalog.indexes.remove(&name) {
                Some(index) => {
                    effects.lock(&index.table, mode);
                    if !concurrently && self.age(&index.table) == Age::Existing {
                        effects.suggest(|| advice::drop_index(&name));
                    }
                }
                None => effects
                    .cannot_see(format!("the table of index {}, which is locked too", excerpt(&name.to_string()))),
            }
        }
    }
}

//! What is created: tables with their columns and constraints, indexes, views, types, functions.

use super::catalog::{Age, Column, Constraint, ConstraintKind, Domain, Index, PartitionKind, Relation, RelationKind};
use super::effects::{Effects, WorkKind};
use super::model::{Model, first, span, subject, tables_in};
use super::{advice, rules};
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use crate::support::postgres::types::ColumnType;
use octavo_toolkit::limits::excerpt;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode as _, NameLike as _};
use std::collections::BTreeSet;

/// Most names tried for a constraint that is given none; Postgres numbers them.
const MAX_NUMBERED_NAMES: usize = 100;

impl Model<'_> {
    // `CREATE`.
    pub(super) fn creation(&mut self, stmt: &ast::Stmt, effects: &mut Effects) -> bool {
        let node = stmt.syntax();
        match stmt {
            ast::Stmt::CreateTable(it) => self.create_table(it, effects),
            ast::Stmt::CreateForeignTable(it) => {
                if let Some(name) = it.table_name().and_then(|name| name.path()) {
                    let parents = it.partition_of().map(|parent| tables_in(parent.syntax())).unwrap_or_default();
                    for parent in parents {
                        effects.lock(&parent, LockMode::AccessExclusive);
                    }
                    let relation =
                        Relation { complete: false, ..Relation::born(RelationKind::ForeignTable, self.birth()) };
                    self.create(&ObjectName::of(&name), relation, it.if_not_exists().is_some(), node, effects);
                }
            }
            ast::Stmt::CreateTableAs(it) => {
                self.read(node, effects);
                if let Some(name) = it.table_name().and_then(|name| name.path()) {
                    self.create_filled(
                        &ObjectName::of(&name),
                        RelationKind::Table,
                        it.if_not_exists().is_some(),
                        node,
                        effects,
                    );
                }
            }
            ast::Stmt::SelectInto(it) => {
                self.read(node, effects);
                if let Some(name) = it.into_clause().and_then(|into| into.table_name()).and_then(|name| name.path()) {
                    self.create_filled(&ObjectName::of(&name), RelationKind::Table, false, node, effects);
                }
            }
            ast::Stmt::CreateMaterializedView(it) => {
                self.read(node, effects);
                if let Some(name) = it.view().and_then(|name| name.path()) {
                    let name = ObjectName::of(&name);
                    self.create_filled(
                        &name,
                        RelationKind::MaterializedView,
                        it.if_not_exists().is_some(),
                        node,
                        effects,
                    );
                    self.catalog.relation(&name).reads = tables_in(node).into_iter().collect();
                }
            }
            ast::Stmt::CreateView(it) => self.create_view(it, effects),
            ast::Stmt::CreateSequence(it) => {
                if let Some(name) = it.sequence().and_then(|name| name.path()) {
                    let sequence = Relation { complete: false, ..Relation::born(RelationKind::Sequence, self.birth()) };
                    self.create(&ObjectName::of(&name), sequence, it.if_not_exists().is_some(), node, effects);
                }
                if let Some(table) = super::alter::owner(it.syntax()) {
                    effects.lock(&table, LockMode::AccessShare);
                }
            }
            ast::Stmt::CreateIndex(it) => self.create_index(it, effects),
            ast::Stmt::CreateDomain(it) => {
                if let Some(name) = it.domain().and_then(|name| name.path()) {
                    let constrained = it.domain_qualifiers().any(|qualifier| {
                        let ast::DomainQualifier::Constraint(constraint) = qualifier else { return false };
                        !matches!(
                            constraint,
                            ast::Constraint::DefaultConstraint(_) | ast::Constraint::NullConstraint(_)
                        )
                    });
                    let domain = Domain { base: it.ty().map(|ty| ColumnType::of(&ty)), constrained };
                    self.catalog.domains.insert(ObjectName::of(&name), domain);
                }
            }
            ast::Stmt::CreateType(it) => {
                if let (Some(name), Some(ast::CreateTypeKind::EnumType(_))) =
                    (it.type_name().and_then(|name| name.path()), it.kind())
                {
                    self.catalog.enums.insert(ObjectName::of(&name), self.birth());
                }
            }
            ast::Stmt::CreateFunction(it) => self.create_function(it),
            ast::Stmt::CreateSchema(it) => {
                for element in it.schema_elements() {
                    if let Some(stmt) = ast::Stmt::cast(element.syntax().clone()) {
                        let inner = self.statement(&stmt);
                        effects.absorb(inner, &span(stmt.syntax()));
                    }
                }
            }
            _ => return false,
        }
        true
    }

    fn create_view(&mut self, it: &ast::CreateView, effects: &mut Effects) {
        let node = it.syntax();
        self.read(node, effects);
        if let Some(name) = it.view().and_then(|name| name.path()) {
            let name = ObjectName::of(&name);
            let replaces = it.or_replace().is_some();
            if replaces && self.catalog.relations.contains_key(&name) {
                effects.lock(&name, LockMode::AccessExclusive);
            } else {
                let view = Relation { complete: false, ..Relation::born(RelationKind::View, self.birth()) };
                self.create(&name, view, replaces, node, effects);
            }
            self.catalog.relation(&name).reads = tables_in(node).into_iter().collect();
        }
    }

    fn create_function(&mut self, it: &ast::CreateFunction) {
        let name = it.name().and_then(|name| first::<ast::Path>(name.syntax()));
        if let Some(name) = name {
            let options: Vec<_> = it.option_list().iter().flat_map(ast::FuncOptionList::options).collect();
            let steady = options.iter().any(|option| {
                matches!(
                    option,
                    ast::FuncOption::VolatilityFuncOption(
                        ast::VolatilityFuncOption::Immutable(_) | ast::VolatilityFuncOption::Stable(_)
                    )
                )
            });
            let name = ObjectName::of(&name);
            // A volatile SQL function may be inlined, and what remains may be steady.
            let sql = options.iter().any(|option| {
                matches!(option, ast::FuncOption::LanguageFuncOption(language)
                        if language.language_name().is_some_and(|language| language.name.eq_ignore_ascii_case("sql")))
            });
            if steady || !sql {
                self.catalog.functions.insert(name, !steady);
            } else {
                self.catalog.functions.remove(&name);
            }
        }
    }

    pub(super) fn create(
        &mut self,
        name: &ObjectName,
        relation: Relation,
        tolerant: bool,
        node: &SyntaxNode,
        effects: &mut Effects,
    ) {
        // A statement that fails creates nothing.
        if effects.fails() {
            return;
        }
        if self.catalog.created(name) {
            if !tolerant && !self.conditional {
                let message = format!("the history has created {} already", excerpt(&name.to_string()));
                effects.problem(&rules::DUPLICATE_OBJECT, message, span(node));
            }
            return;
        }
        self.catalog.insert(name, relation);
    }

    fn create_filled(
        &mut self,
        name: &ObjectName,
        kind: RelationKind,
        tolerant: bool,
        node: &SyntaxNode,
        effects: &mut Effects,
    ) {
        let relation = Relation { complete: false, filled: true, ..Relation::born(kind, self.birth()) };
        self.create(name, relation, tolerant, node, effects);
    }

    fn create_table(&mut self, it: &ast::CreateTable, effects: &mut Effects) {
        let Some(path) = it.table_name().and_then(|name| name.path()) else { return };
        let name = ObjectName::of(&path);
        let tolerant = it.if_not_exists().is_some();
        if tolerant && self.catalog.relations.contains_key(&name) {
            return;
        }
        let kind = if it.partition_by().is_some() { RelationKind::PartitionedTable } else { RelationKind::Table };
        let mut relation = Relation::born(kind, self.birth());
        relation.unlogged = Some(matches!(it.persistence(), Some(ast::Persistence::Unlogged(_))));
        relation.complete = it.of_type().is_none() && it.inherits().is_none() && it.partition_of().is_none();
        let mut inherited: Vec<(ObjectName, LockMode)> = Vec::new();
        for parent in it.inherits().iter().flat_map(|clause| tables_in(clause.syntax())) {
            inherited.push((parent, LockMode::ShareUpdateExclusive));
        }
        for parent in it.partition_of().iter().flat_map(|clause| tables_in(clause.syntax())) {
            let default = matches!(it.partition_type(), Some(ast::PartitionType::PartitionDefault(_)));
            relation.partition = Some(if default { PartitionKind::Default } else { PartitionKind::Bounded });
            if let Some(default) = self.catalog.default_partition(&parent) {
                effects.lock(&default, LockMode::AccessExclusive);
                effects.work(&default, WorkKind::Scan, false);
            }
            for referenced in self.catalog.referenced_by(&parent) {
                effects.lock(&referenced, LockMode::ShareRowExclusive);
            }
            inherited.push((parent, LockMode::AccessExclusive));
        }
        for (parent, mode) in &inherited {
            self.must_exist(parent, false, it.syntax(), effects);
            effects.lock(parent, *mode);
            relation.columns.extend(self.catalog.columns_for_child(parent));
        }
        for argument in it.table_arg_list().iter().flat_map(ast::TableArgList::args) {
            match argument {
                ast::TableArg::Column(column) => {
                    let Some(column_name) = column.name().map(|name| name.text()) else { continue };
                    let mut known = Column { ty: column.ty().map(|ty| ColumnType::of(&ty)), not_null: false };
                    known.not_null = known.ty.as_ref().is_some_and(|ty| ty.serial);
                    for clause in column.clauses() {
                        let ast::ColumnClause::ColumnConstraint(constraint) = clause else { continue };
                        known.not_null |= matches!(
                            constraint,
                            ast::ColumnConstraint::NotNullConstraint(_)
                                | ast::ColumnConstraint::PrimaryKeyConstraint(_)
                        ) || constraint
                            .syntax()
                            .descendants()
                            .any(|node| ast::GeneratedIdentity::cast(node).is_some());
                        if let Some(constraint) = ast::Constraint::cast(constraint.syntax().clone()) {
                            self.note_constraint(&name, &mut relation, &constraint, Some(&column_name), true);
                        }
                    }
                    relation.columns.insert(column_name, known);
                }
                ast::TableArg::LikeClause(like) => {
                    relation.complete = false;
                    for source in tables_in(like.syntax()) {
                        self.must_exist(&source, false, like.syntax(), effects);
                        effects.lock(&source, LockMode::AccessShare);
                    }
                }
                ast::TableArg::TableConstraint(constraint) => {
                    if let Some(constraint) = ast::Constraint::cast(constraint.syntax().clone()) {
                        self.note_constraint(&name, &mut relation, &constraint, None, true);
                    }
                }
            }
        }
        for constraint in relation.constraints.values() {
            if let ConstraintKind::ForeignKey { references } = &constraint.kind
                && *references != name
            {
                self.must_exist(references, false, it.syntax(), effects);
                effects.lock(references, LockMode::ShareRowExclusive);
            }
        }
        let keys: Vec<String> = relation.constraints.keys().cloned().collect();
        self.create(&name, relation, tolerant, it.syntax(), effects);
        if effects.fails() {
            return;
        }
        for key in keys {
            self.catalog.enter_key(&name, &key);
        }
        for (parent, _) in inherited {
            self.catalog.adopt(&parent, &name);
        }
    }

    /// Enters a constraint into a relation under its own or Postgres's name; gives that name back.
    pub(super) fn note_constraint(
        &self,
        table: &ObjectName,
        relation: &mut Relation,
        constraint: &ast::Constraint,
        column: Option<&str>,
        validated: bool,
    ) -> Option<String> {
        let node = constraint.syntax();
        let listed = |node: &SyntaxNode| -> Vec<String> {
            node.descendants().filter_map(ast::ColumnNameRef::cast).map(|name| name.text()).collect()
        };
        let own = column.map(|column| vec![column.to_owned()]);
        let (kind, columns, suffix) = match constraint {
            ast::Constraint::CheckConstraint(check) => {
                let named: BTreeSet<String> =
                    node.descendants().filter_map(ast::NameRef::cast).map(|name| name.text()).collect();
                let kind = ConstraintKind::Check { filled: check.expr().and_then(|expr| filled_column(&expr)) };
                let columns: Vec<String> = named.into_iter().collect();
                let suffix = match columns.as_slice() {
                    [one] => format!("{one}_check"),
                    _ => "check".to_owned(),
                };
                (kind, columns, suffix)
            }
            ast::Constraint::ForeignKeyConstraint(key) => {
                let references = key.table_name_ref().and_then(|name| subject(name.syntax()))?;
                let columns = key.from_columns().map(|list| listed(list.syntax())).unwrap_or_default();
                let suffix = format!("{}_fkey", columns.join("_"));
                (ConstraintKind::ForeignKey { references }, columns, suffix)
            }
            ast::Constraint::ReferencesConstraint(key) => {
                let references = key.table().and_then(|name| subject(name.syntax()))?;
                let columns = own.unwrap_or_default();
                let suffix = format!("{}_fkey", columns.join("_"));
                (ConstraintKind::ForeignKey { references }, columns, suffix)
            }
            ast::Constraint::PrimaryKeyConstraint(key) => {
                let columns = own.unwrap_or_else(|| {
                    key.index_parameters()
                        .and_then(|list| list.column_list())
                        .map(|list| listed(list.syntax()))
                        .unwrap_or_default()
                });
                for column in &columns {
                    relation.columns.entry(column.clone()).or_default().not_null = true;
                }
                (ConstraintKind::Index, columns, "pkey".to_owned())
            }
            ast::Constraint::UniqueConstraint(key) => {
                let columns = own.unwrap_or_else(|| {
                    key.index_parameters()
                        .and_then(|list| list.column_list())
                        .map(|list| listed(list.syntax()))
                        .unwrap_or_default()
                });
                let suffix = format!("{}_key", columns.join("_"));
                (ConstraintKind::Index, columns, suffix)
            }
            ast::Constraint::ExcludeConstraint(_) => (ConstraintKind::Index, Vec::new(), "excl".to_owned()),
            ast::Constraint::NotNullConstraint(not_null) => {
                let column = not_null.column_name_ref()?.text();
                let suffix = format!("{column}_not_null");
                (ConstraintKind::NotNull { column: column.clone() }, vec![column], suffix)
            }
            ast::Constraint::DefaultConstraint(_)
            | ast::Constraint::GeneratedConstraint(_)
            | ast::Constraint::NullConstraint(_) => return None,
        };
        let base = constraint.constraint_name().map_or_else(
            || ObjectName::new(format!("{}_{suffix}", table.name)).name,
            |name| ObjectName::read(&name.syntax().to_string()).name,
        );
        let mut name = base.clone();
        let mut counter = 1;
        while constraint.constraint_name().is_none()
            && counter <= MAX_NUMBERED_NAMES
            && relation.constraints.contains_key(&name)
        {
            name = format!("{base}{counter}");
            counter += 1;
        }
        let known = Constraint {
            kind,
            columns: columns.into_iter().collect(),
            validated,
            added: self.now,
            at: (!self.in_body).then(|| span(node).start),
        };
        relation.constraints.insert(name.clone(), known);
        Some(name)
    }

    pub(super) fn create_index(&mut self, it: &ast::CreateIndex, effects: &mut Effects) {
        let Some(on) = it.table_relation_name() else { return };
        let Some(table) = subject(on.syntax()) else { return };
        self.must_exist(&table, false, it.syntax(), effects);
        let concurrently = it.concurrently_token().is_some();
        if concurrently {
            effects.kind.push_str(" CONCURRENTLY");
        }
        let columns: Vec<Option<String>> = it
            .partition_item_list()
            .iter()
            .flat_map(ast::PartitionItemList::partition_items)
            .map(|item| match item.expr() {
                Some(ast::Expr::NameRef(name)) => Some(name.text()),
                _ => None,
            })
            .collect();
        let given = it.index().and_then(|index| index.path()).map(|path| table.sibling(ObjectName::of(&path).name));
        let name = given.unwrap_or_else(|| {
            let keys: Vec<&str> = columns.iter().map(|column| column.as_deref().unwrap_or("expr")).collect();
            table.sibling(format!("{}_{}_idx", table.name, keys.join("_")))
        });
        if it.index().is_some() && self.catalog.created(&name) {
            if it.if_not_exists().is_none() && !self.conditional {
                let message = format!("the history has created {} already", excerpt(&name.to_string()));
                effects.problem(&rules::DUPLICATE_OBJECT, message, span(it.syntax()));
            }
            return;
        }
        let columns = columns.into_iter().collect::<Option<Vec<_>>>();
        let depends_on = it.syntax().descendants().filter_map(ast::NameRef::cast).map(|name| name.text()).collect();
        let plain = columns.is_some() && it.where_clause().is_none();
        self.catalog.indexes.insert(name, Index { table: table.clone(), columns, depends_on, plain });
        let partitioned =
            self.catalog.relations.get(&table).is_some_and(|relation| relation.kind == RelationKind::PartitionedTable);
        if concurrently {
            effects.lock(&table, LockMode::ShareUpdateExclusive);
            effects.work(&table, WorkKind::Build, true);
            effects.outside_transaction = Some("CREATE INDEX CONCURRENTLY");
            effects.outside_told = true;
            if partitioned && on.only_token().is_none() && !self.conditional {
                let message = format!("{} is partitioned, where CONCURRENTLY is refused", excerpt(&table.to_string()));
                effects.problem(&rules::REFUSED, message, span(it.syntax()));
                effects.suggest(|| advice::index_partitions(&table));
            }
            return;
        }
        self.lock_with_children(&table, on.only_token().is_some(), LockMode::Share, effects);
        if !partitioned {
            effects.work(&table, WorkKind::Build, true);
        }
        if on.only_token().is_none() {
            for child in self.catalog.descendants(&table).iter().filter(|_| partitioned) {
                effects.work(child, WorkKind::Build, true);
            }
        }
        if self.age(&table) == Age::Existing {
            effects.suggest(|| {
                if partitioned { advice::index_partitions(&table) } else { advice::create_index(it.syntax()) }
            });
        }
    }
}

/// The column of `CHECK (column IS NOT NULL)`.
fn filled_column(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::ParenExpr(inner) => filled_column(&inner.expr()?),
        ast::Expr::BinExpr(test) => {
            let ast::BinOp::IsNot(_) = test.op()? else { return None };
            let ast::Expr::Literal(literal) = test.rhs()? else { return None };
            let ast::Expr::NameRef(column) = test.lhs()? else { return None };
            matches!(literal.kind(), Some(ast::LitKind::Null(_))).then(|| column.text())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use squawk_syntax::SourceFile;

    #[test]
    fn a_check_for_null_is_seen_through_brackets() {
        for (text, column) in
            [("a is not null", Some("a")), ("((a IS NOT NULL))", Some("a")), ("a is null", None), ("a > 0", None)]
        {
            let parse = SourceFile::parse(&format!("create table t (a int, check ({text}));"));
            let check = parse.tree().syntax().descendants().find_map(ast::CheckConstraint::cast);
            let found = check.and_then(|check| check.expr()).and_then(|expr| filled_column(&expr));
            assert_eq!(found.as_deref(), column, "{text}");
        }
    }
}

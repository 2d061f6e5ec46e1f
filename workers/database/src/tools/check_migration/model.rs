//! What every part of the model works with: the catalogue, the moment, locks on relations and their children.

use super::catalog::{Age, Catalog, Moment, RelationKind};
use super::effects::Effects;
use super::rules;
use crate::support::postgres::lock::LockMode;
use crate::support::postgres::name::ObjectName;
use crate::support::postgres::volatility::{self, Volatility};
use octavo_toolkit::limits::excerpt;
use squawk_syntax::ast::{self, AstNode as _};
use squawk_syntax::{SyntaxKind, SyntaxNode};
use std::ops::Range;

/// Most relations followed that one statement names; it works on the others too, unseen.
pub(super) const MAX_NAMED_RELATIONS: usize = 1_000;

/// Everything that does not change within one statement.
pub(super) struct Model<'a> {
    /// What the history has made so far.
    pub(super) catalog: &'a mut Catalog,
    /// The server's major version.
    pub(super) version: u16,
    /// Where the statement stands.
    pub(super) now: Moment,
    /// Whether it may or may not run: it stands in a branch of a DO block.
    pub(super) conditional: bool,
    /// Whether it stands in the body of a DO block, whose offsets are its own.
    pub(super) in_body: bool,
    /// Its place for messages about it from later statements.
    pub(super) place: String,
}

/// Where a node stands in its text, without the space before it.
pub(super) fn span(node: &SyntaxNode) -> Range<usize> {
    let start = node.children_with_tokens().find(|child| !child.kind().is_trivia());
    let start = start.map_or_else(|| node.text_range().start(), |child| child.text_range().start());
    start.into()..node.text_range().end().into()
}

/// "ALTER TABLE" of `ALTER_TABLE`, "RENAME TO" of `TABLE_RENAME_TO`.
pub(super) fn words(kind: SyntaxKind) -> String {
    let words = format!("{kind:?}").replace('_', " ");
    if words.ends_with(" RENAME TO") { "RENAME TO".to_owned() } else { words }
}

pub(super) fn has_token(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.descendants_with_tokens().any(|element| element.kind() == kind)
}

pub(super) fn first<N: ast::AstNode>(node: &SyntaxNode) -> Option<N> {
    node.descendants().find_map(N::cast)
}

// The first relation a statement names.
pub(super) fn subject(node: &SyntaxNode) -> Option<ObjectName> {
    first::<ast::PathRef>(node).map(|path| ObjectName::of_ref(&path))
}

pub(super) fn tables_in(node: &SyntaxNode) -> Vec<ObjectName> {
    let names = node.descendants().filter_map(|node| {
        let path = if let Some(name) = ast::TableNameRef::cast(node.clone()) {
            name.path_ref()
        } else {
            ast::RelationNameRef::cast(node).and_then(|name| name.path_ref())
        };
        path.map(|path| ObjectName::of_ref(&path))
    });
    names.collect()
}

pub(super) fn cascades(behavior: Option<&ast::DropBehavior>) -> bool {
    matches!(behavior, Some(ast::DropBehavior::Cascade(_)))
}

/// Locks each of these.
pub(super) fn lock_all(names: &[ObjectName], mode: LockMode, effects: &mut Effects) {
    for name in names {
        effects.lock(name, mode);
    }
}

impl Model<'_> {
    /// How new a relation is.
    pub(super) fn age(&self, name: &ObjectName) -> Age {
        self.catalog.age(name, self.now)
    }

    // What a created object is given as its birth: none where it may have been there before.
    pub(super) fn birth(&self) -> Option<Moment> {
        (!self.conditional).then_some(self.now)
    }

    /// Locks a relation and, unless `only` it is meant, its partitions and children.
    pub(super) fn lock_with_children(&self, name: &ObjectName, only: bool, mode: LockMode, effects: &mut Effects) {
        effects.lock(name, mode);
        if !only {
            lock_all(&self.catalog.descendants(name), mode, effects);
        }
    }

    pub(super) fn lock_subject(&self, node: &SyntaxNode, mode: LockMode, effects: &mut Effects) {
        if let Some(name) = subject(node) {
            self.must_exist(&name, false, node, effects);
            effects.lock(&name, mode);
        }
    }

    // Row triggers of a partitioned table are those of its partitions too.
    pub(super) fn lock_trigger(
        &self,
        on: Option<ast::OnRelation>,
        for_rows: bool,
        mode: LockMode,
        effects: &mut Effects,
    ) {
        let Some(name) = on.as_ref().and_then(|on| subject(on.syntax())) else { return };
        self.lock_in(on, mode, effects);
        let relation = self.catalog.relations.get(&name);
        if for_rows && relation.is_some_and(|relation| relation.kind == RelationKind::PartitionedTable) {
            self.lock_with_children(&name, false, mode, effects);
        }
    }

    pub(super) fn lock_in<N: ast::AstNode>(&self, clause: Option<N>, mode: LockMode, effects: &mut Effects) {
        if let Some(clause) = clause {
            self.lock_subject(clause.syntax(), mode, effects);
        }
    }

    /// Whether the history dropped or renamed a relation.
    pub(super) fn is_gone(&self, name: &ObjectName) -> bool {
        self.catalog.gone.contains_key(name) && !self.catalog.relations.contains_key(name)
    }

    /// Finds fault with a relation that the history dropped or renamed.
    pub(super) fn must_exist(&self, name: &ObjectName, tolerant: bool, node: &SyntaxNode, effects: &mut Effects) {
        if tolerant || self.conditional || self.catalog.relations.contains_key(name) {
            return;
        }
        if let Some(how) = self.catalog.gone.get(name) {
            let message = format!("{} is not there any more: {how}", excerpt(&name.to_string()));
            effects.problem(&rules::MISSING_OBJECT, message, span(node));
        }
    }

    /// Renames a relation within its schema.
    pub(super) fn rename_to(&mut self, name: &ObjectName, to: Option<ast::Path>) {
        if let Some(to) = to {
            let to = name.sibling(ObjectName::of(&to).name);
            let how = format!("renamed at {}", self.place);
            self.catalog.rename(name, &to, how);
            if self.conditional {
                self.catalog.gone.remove(name);
            }
        }
    }

    /// Moves a relation to another schema.
    pub(super) fn move_to(&mut self, name: &ObjectName, to: &ast::SetSchema) {
        if let Some(schema) = to.schema_ref() {
            let schema = ObjectName::read(&schema.syntax().to_string()).name;
            let to = ObjectName { schema: (schema != "public").then_some(schema), name: name.name.clone() };
            let how = format!("moved to another schema at {}", self.place);
            self.catalog.rename(name, &to, how);
            if self.conditional {
                self.catalog.gone.remove(name);
            }
        }
    }

    /// The volatility of a default, with the functions of the history known.
    pub(super) fn volatility(&self, expression: &SyntaxNode) -> Volatility {
        volatility::of_expression(expression, |name| self.catalog.functions.get(name).copied())
    }
}

//! What the migrations so far have made of the database: relations, columns, constraints, indexes, types, functions.
//!
//! Knows only what the history says. A relation the history never created is taken to exist already, with rows in it.

use crate::support::postgres::name::ObjectName;
use crate::support::postgres::types::ColumnType;
use std::collections::{BTreeMap, BTreeSet};

/// Most relations followed from one statement through inheritance or views; a bound on work, and against cycles.
const MAX_FOLLOWED: usize = 100;

/// Most columns handed down from parents to children, in the whole history; beyond that children know their own alone.
const MAX_INHERITED_COLUMNS: usize = 20_000;

/// Where a statement stands in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Index of the file.
    pub(super) file: usize,
    /// Number of the transaction; statements that commit by themselves have one each.
    pub(super) transaction: u32,
}

/// How new a relation is to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// Created in the same transaction: nobody else can see it.
    SameTransaction,
    /// Created earlier in the same migration: nobody uses it yet.
    SameMigration,
    /// There before: it has rows and users.
    Existing,
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RelationKind {
    Table,
    PartitionedTable,
    View,
    MaterializedView,
    ForeignTable,
    Sequence,
}

/// A column, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    pub(super) ty: Option<ColumnType>,
    pub(super) not_null: bool,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ConstraintKind {
    /// A check; the column it demands to be filled, where it is `CHECK (column IS NOT NULL)`.
    Check { filled: Option<String> },
    /// A named NOT NULL (18).
    NotNull { column: String },
    /// A foreign key to this relation.
    ForeignKey { references: ObjectName },
    /// A primary key, unique or exclusion constraint: an index.
    Index,
}

/// A table constraint.
#[derive(Debug, Clone)]
pub(super) struct Constraint {
    pub(super) kind: ConstraintKind,
    /// The columns of the table it looks at.
    pub(super) columns: BTreeSet<String>,
    pub(super) validated: bool,
    pub(super) added: Moment,
    /// Byte offset in its file, where it has one.
    pub(super) at: Option<usize>,
}

/// A relation of the history.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) kind: RelationKind,
    /// When it was created; nothing where it was there before, or may have been.
    pub(super) birth: Option<Moment>,
    /// Whether `columns` are all there are.
    pub(super) complete: bool,
    /// Whether the history has put rows into it.
    pub(super) filled: bool,
    pub(super) unlogged: Option<bool>,
    pub(super) columns: BTreeMap<String, Column>,
    /// Columns that were dropped or renamed away, and the line that did it.
    pub(super) gone: BTreeMap<String, String>,
    pub(super) constraints: BTreeMap<String, Constraint>,
    /// Inheritance parents, or the one partitioned table it is a part of.
    pub(super) parents: Vec<ObjectName>,
    /// Whether it is a partition, and of the default kind.
    pub(super) partition: Option<PartitionKind>,
    /// What a view reads.
    pub(super) reads: BTreeSet<ObjectName>,
}

/// The kinds of partition that lock differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartitionKind {
    Default,
    Bounded,
}

/// An index and what it is on.
#[derive(Debug, Clone)]
pub(super) struct Index {
    pub(super) table: ObjectName,
    /// Its key columns; nothing where one is an expression.
    pub(super) columns: Option<Vec<String>>,
    /// Every column it depends on: keys, expressions, condition.
    pub(super) depends_on: BTreeSet<String>,
    /// Whether it is made of columns alone, without expressions and condition.
    pub(super) plain: bool,
}

/// A domain.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    pub(super) base: Option<ColumnType>,
    pub(super) constrained: bool,
}

/// Everything the history has made.
#[derive(Debug, Clone, Default)]
pub(super) struct Catalog {
    pub(super) relations: BTreeMap<ObjectName, Relation>,
    children: BTreeMap<ObjectName, BTreeSet<ObjectName>>,
    inherited: usize,
    // When each relation was created; kept when it is dropped, since the statement that drops it has yet to be judged.
    births: BTreeMap<ObjectName, Moment>,
    pub(super) indexes: BTreeMap<ObjectName, Index>,
    pub(super) domains: BTreeMap<ObjectName, Domain>,
    /// Enum types and the moment each was created.
    pub(super) enums: BTreeMap<ObjectName, Option<Moment>>,
    /// Values added to enums that were there before: by which transaction, at which place.
    pub(super) new_values: BTreeMap<String, (u32, String)>,
    /// Extended statistics and their table.
    pub(super) statistics: BTreeMap<ObjectName, ObjectName>,
    /// Functions and whether they are volatile.
    pub(super) functions: BTreeMap<ObjectName, bool>,
    /// Relations that were dropped or renamed away, and the place that did it.
    pub(super) gone: BTreeMap<ObjectName, String>,
}

impl Relation {
    /// A relation of which nothing is known but that it is there.
    pub(super) const fn unknown(kind: RelationKind) -> Self {
        Self {
            kind,
            birth: None,
            complete: false,
            filled: true,
            unlogged: None,
            columns: BTreeMap::new(),
            gone: BTreeMap::new(),
            constraints: BTreeMap::new(),
            parents: Vec::new(),
            partition: None,
            reads: BTreeSet::new(),
        }
    }

    /// A relation that is being created.
    pub(super) fn born(kind: RelationKind, birth: Option<Moment>) -> Self {
        Self { birth, complete: true, filled: false, ..Self::unknown(kind) }
    }

    /// Whether a column is sure to hold no NULL, without looking at the rows.
    pub(super) fn proves_filled(&self, column: &str, version: u16) -> bool {
        let known = self.columns.get(column).is_some_and(|column| column.not_null);
        known
            || self.constraints.values().any(|constraint| {
                constraint.validated
                    && match &constraint.kind {
                        ConstraintKind::Check { filled } => version >= 12 && filled.as_deref() == Some(column),
                        ConstraintKind::NotNull { column: named } => named == column,
                        ConstraintKind::ForeignKey { .. } | ConstraintKind::Index => false,
                    }
            })
    }
}

impl Catalog {
    /// The relation of this name; one that the history never created is taken to be a table.
    pub(super) fn relation(&mut self, name: &ObjectName) -> &mut Relation {
        self.relations.entry(name.clone()).or_insert_with(|| Relation::unknown(RelationKind::Table))
    }

    /// Enters a relation that is created.
    pub(super) fn insert(&mut self, name: &ObjectName, relation: Relation) {
        self.gone.remove(name);
        match relation.birth {
            Some(birth) => self.births.insert(name.clone(), birth),
            None => self.births.remove(name),
        };
        self.relations.insert(name.clone(), relation);
    }

    /// Whether a relation or index of this name was created by the history.
    pub(super) fn created(&self, name: &ObjectName) -> bool {
        self.indexes.contains_key(name) || self.relations.get(name).is_some_and(|there| there.birth.is_some())
    }

    /// Enters the index of a primary key, unique or exclusion constraint, under the constraint's name.
    pub(super) fn enter_key(&mut self, table: &ObjectName, name: &str) {
        let constraint = self.relations.get(table).and_then(|relation| relation.constraints.get(name));
        let Some(constraint) = constraint.filter(|constraint| constraint.kind == ConstraintKind::Index) else { return };
        let index = Index {
            table: table.clone(),
            columns: Some(constraint.columns.iter().cloned().collect()),
            depends_on: constraint.columns.clone(),
            plain: true,
        };
        self.indexes.insert(table.sibling(name), index);
    }

    /// How new a relation is at this moment.
    pub(super) fn age(&self, name: &ObjectName, now: Moment) -> Age {
        match self.births.get(name) {
            Some(birth) if birth.transaction == now.transaction => Age::SameTransaction,
            Some(birth) if birth.file == now.file => Age::SameMigration,
            _ => Age::Existing,
        }
    }

    /// The partitions and inheritance children of a relation, and theirs.
    pub(super) fn descendants(&self, name: &ObjectName) -> Vec<ObjectName> {
        let mut found = BTreeSet::new();
        let mut open = vec![name.clone()];
        while let Some(parent) = open.pop() {
            for child in self.children.get(&parent).into_iter().flatten() {
                if found.len() < MAX_FOLLOWED && child != name && found.insert(child.clone()) {
                    open.push(child.clone());
                }
            }
        }
        found.into_iter().collect()
    }

    /// Hands a column down to the children of a relation, while there is room.
    pub(super) fn hand_down(&mut self, parent: &ObjectName, name: &str, column: &Column) {
        for child in self.descendants(parent) {
            if self.inherited < MAX_INHERITED_COLUMNS {
                self.inherited += 1;
                self.relation(&child).columns.insert(name.to_owned(), column.clone());
            } else {
                self.relation(&child).columns.remove(name);
            }
        }
    }

    /// The columns that a new child has from its parent, while there is room.
    pub(super) fn columns_for_child(&mut self, parent: &ObjectName) -> BTreeMap<String, Column> {
        let columns = self.relations.get(parent).map(|parent| &parent.columns);
        let room = MAX_INHERITED_COLUMNS.saturating_sub(self.inherited);
        let columns = columns.filter(|columns| columns.len() <= room).cloned().unwrap_or_default();
        self.inherited += columns.len();
        columns
    }

    /// Makes one relation the child of another.
    pub(super) fn adopt(&mut self, parent: &ObjectName, child: &ObjectName) {
        self.relation(child).parents.push(parent.clone());
        self.children.entry(parent.clone()).or_default().insert(child.clone());
    }

    /// Undoes [`Catalog::adopt`].
    pub(super) fn release(&mut self, parent: &ObjectName, child: &ObjectName) {
        self.relation(child).parents.retain(|other| other != parent);
        if let Some(children) = self.children.get_mut(parent) {
            children.remove(child);
        }
    }

    /// The default partition of a partitioned table.
    pub(super) fn default_partition(&self, parent: &ObjectName) -> Option<ObjectName> {
        let mut children = self.children.get(parent).into_iter().flatten();
        let is_default = |child: &&ObjectName| {
            self.relations.get(*child).is_some_and(|relation| relation.partition == Some(PartitionKind::Default))
        };
        children.find(is_default).cloned()
    }

    /// What the foreign keys of a relation refer to.
    pub(super) fn referenced_by(&self, name: &ObjectName) -> Vec<ObjectName> {
        let constraints = self.relations.get(name).into_iter().flat_map(|relation| relation.constraints.values());
        let mut referenced: Vec<ObjectName> = constraints
            .filter_map(|constraint| match &constraint.kind {
                ConstraintKind::ForeignKey { references } if references != name => Some(references.clone()),
                _ => None,
            })
            .collect();
        referenced.sort();
        referenced.dedup();
        referenced
    }

    /// The relations whose foreign keys refer to this one.
    pub(super) fn referencing(&self, name: &ObjectName) -> Vec<ObjectName> {
        let refers = |relation: &Relation| {
            relation.constraints.values().any(|constraint| {
                matches!(&constraint.kind, ConstraintKind::ForeignKey { references } if references == name)
            })
        };
        let others = self.relations.iter().filter(|(other, relation)| *other != name && refers(relation));
        others.map(|(other, _)| other.clone()).collect()
    }

    /// What a view reads, directly or through other views.
    pub(super) fn read_through(&self, name: &ObjectName) -> BTreeSet<ObjectName> {
        let mut found = BTreeSet::new();
        let mut open = vec![name.clone()];
        while let Some(view) = open.pop() {
            let Some(relation) = self.relations.get(&view) else { continue };
            if relation.kind != RelationKind::View {
                continue;
            }
            for read in &relation.reads {
                if found.len() < MAX_FOLLOWED && found.insert(read.clone()) {
                    open.push(read.clone());
                }
            }
        }
        found
    }

    /// The views that read a relation, directly or through other views.
    pub(super) fn views_of(&self, name: &ObjectName) -> BTreeSet<ObjectName> {
        let mut found = BTreeSet::new();
        let mut open = vec![name.clone()];
        while let Some(read) = open.pop() {
            for (view, relation) in &self.relations {
                if found.len() < MAX_FOLLOWED && relation.reads.contains(&read) && found.insert(view.clone()) {
                    open.push(view.clone());
                }
            }
        }
        found
    }

    /// The indexes of a table that depend on this column.
    pub(super) fn indexes_on<'a>(&'a self, table: &'a ObjectName, column: &'a str) -> impl Iterator<Item = &'a Index> {
        self.indexes.values().filter(move |index| index.table == *table && index.depends_on.contains(column))
    }

    /// The tables with a column of this domain.
    pub(super) fn with_domain(&self, domain: &ObjectName) -> Vec<ObjectName> {
        let uses = |relation: &Relation| {
            let mut types = relation.columns.values().filter_map(|column| column.ty.as_ref());
            types.any(|ty| !ty.built_in && ty.name == *domain)
        };
        self.relations.iter().filter(|(_, relation)| uses(relation)).map(|(name, _)| name.clone()).collect()
    }

    /// Takes a relation out, with its indexes; `how` says by which place.
    pub(super) fn remove(&mut self, name: &ObjectName, how: String) {
        if let Some(relation) = self.relations.remove(name) {
            for parent in relation.parents {
                if let Some(children) = self.children.get_mut(&parent) {
                    children.remove(name);
                }
            }
        }
        self.children.remove(name);
        self.indexes.retain(|_, index| index.table != *name);
        self.gone.insert(name.clone(), how);
    }

    /// Gives a relation another name, wherever it is named.
    pub(super) fn rename(&mut self, from: &ObjectName, to: &ObjectName, how: String) {
        let relation = self.relations.remove(from).unwrap_or(Relation::unknown(RelationKind::Table));
        for parent in &relation.parents {
            if let Some(siblings) = self.children.get_mut(parent) {
                siblings.remove(from);
                siblings.insert(to.clone());
            }
        }
        self.insert(to, relation);
        if let Some(children) = self.children.remove(from) {
            self.children.insert(to.clone(), children);
        }
        self.gone.insert(from.clone(), how);
        for index in self.indexes.values_mut().filter(|index| index.table == *from) {
            index.table = to.clone();
        }
        for relation in self.relations.values_mut() {
            for parent in relation.parents.iter_mut().filter(|parent| *parent == from) {
                *parent = to.clone();
            }
            for constraint in relation.constraints.values_mut() {
                if let ConstraintKind::ForeignKey { references } = &mut constraint.kind
                    && references == from
                {
                    *references = to.clone();
                }
            }
            if relation.reads.remove(from) {
                relation.reads.insert(to.clone());
            }
        }
    }
}

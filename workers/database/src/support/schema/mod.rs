//! A schema as its DDL says it: tables, columns, types, keys, foreign keys, checks and indexes, each with its place.
//!
//! One model for `PostgreSQL`, `MySQL` and `SQLite`, that every tool about schemas stands on. Statements are applied in order
//! ([`ddl`]), so a dump, a hand-written schema and a history of migrations read alike. A statement that cannot be read is a
//! problem with its place, and reading goes on behind it. It knows no rules and renders nothing.

mod alter;
mod column;
pub(crate) mod cursor;
pub mod ddl;
mod key;
pub mod lex;
mod named;
pub mod types;

pub use named::{HasName, Named};
use std::ops::Range;
use types::ColumnType;

/// Whose DDL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `PostgreSQL`.
    PostgreSql,
    /// `MySQL` and `MariaDB`.
    MySql,
    /// `SQLite`.
    Sqlite,
}

/// Bytes of the source.
pub type Span = Range<usize>;

/// Everything the statements come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// Tables in the order of their making.
    pub tables: Named<Table>,
    /// Enumerations: name and words.
    pub enums: Vec<(String, Vec<String>)>,
    /// Statements that could not be read.
    pub problems: Vec<Problem>,
    /// How many statements were read.
    pub statements: usize,
    /// Kinds of statements that were read but say nothing of tables, with their number.
    pub ignored: std::collections::BTreeMap<String, usize>,
    /// Where those statements stand.
    pub others: Vec<Span>,
    /// The names that tables had at any time: one that is not among them is new.
    pub names: std::collections::BTreeSet<String>,
    // The names that foreign keys had to do with at any time: no key refers to another.
    referred: std::collections::BTreeSet<String>,
}

/// A statement that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What, a sentence fragment.
    pub what: String,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name, with its schema where that is not the usual one; unquoted words folded as the dialect does.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// Its columns.
    pub columns: Named<Column>,
    /// Its primary key.
    pub primary_key: Option<Key>,
    /// Its unique constraints.
    pub uniques: Vec<Key>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its checks.
    pub checks: Vec<Check>,
    /// Its indexes, those of constraints not among them.
    pub indexes: Vec<Index>,
    /// The table it is a partition of, or inherits from: its columns may stand there.
    pub parent: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Whether it is made from a query, so that its columns are not known.
    pub opaque: bool,
    /// Where the statement that makes it stands.
    pub statement: Span,
    /// Where the statements that change it stand.
    pub alters: Vec<Span>,
    /// What follows its columns, as written.
    pub options: String,
    /// What was set by `ALTER TABLE` beside its shape, as written.
    pub settings: Vec<String>,
    /// Its earlier name, where a comment says so (`-- @renamed from=name`).
    pub renamed_from: Option<String>,
    // The names that its indexes had at any time: one that is not among them is new.
    index_names: std::collections::BTreeSet<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "clauses that are there or not")]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Its type.
    pub ty: ColumnType,
    /// Whether NULL is refused, by itself or by the primary key.
    pub not_null: bool,
    /// Its default, as written.
    pub default: Option<String>,
    /// What it is computed by, as written.
    pub generated: Option<String>,
    /// Whether it counts by itself (serial, identity, `AUTO_INCREMENT`).
    pub counts: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// Whether its name was quoted.
    pub quoted: bool,
    /// Its collation, as written.
    pub collation: Option<String>,
    /// How it is an identity: `ALWAYS` or `BY DEFAULT`, and its options, as written.
    pub identity: Option<String>,
    /// Whether what it is computed to is kept.
    pub stored: bool,
    /// Other clauses, as written.
    pub clauses: Vec<String>,
    /// Its earlier name, where a comment says so (`-- @renamed from=name`).
    pub renamed_from: Option<String>,
}

/// A primary or unique key.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The constraint's name, where it has one.
    pub name: Option<String>,
    /// Its columns.
    pub columns: Vec<String>,
    /// Where it stands.
    pub span: Span,
    /// What is said beside, as written.
    pub options: String,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// The constraint's name, where it has one.
    pub name: Option<String>,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table it refers to.
    pub table: String,
    /// The columns it refers to; the primary key where none are named.
    pub references: Vec<String>,
    /// What happens on delete, in upper case.
    pub on_delete: Option<String>,
    /// What happens on update, in upper case.
    pub on_update: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// What is said beside, as written.
    pub options: String,
}

/// A check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The constraint's name, where it has one.
    pub name: Option<String>,
    /// The condition, as written.
    pub condition: String,
    /// Where it stands.
    pub span: Span,
    /// What is said beside, as written.
    pub options: String,
}

/// An index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// What it is made of, in order.
    pub parts: Vec<IndexPart>,
    /// Whether its values are unique.
    pub unique: bool,
    /// Its method in lower case: `btree` where none is said.
    pub method: String,
    /// The condition of a partial index, as written.
    pub condition: Option<String>,
    /// Columns it holds beside its key.
    pub include: Vec<String>,
    /// Where it stands.
    pub span: Span,
    /// What is said beside, as written.
    pub options: String,
    /// Whether a statement of its own makes it.
    pub alone: bool,
    /// The whole constraint as written, where it is an exclusion.
    pub exclusion: Option<String>,
    /// Its earlier name, where a comment says so (`-- @renamed from=name`).
    pub renamed_from: Option<String>,
}

/// A column or expression of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexPart {
    /// The column, where it is one.
    pub column: Option<String>,
    /// The whole part as written, blanks made one: column or expression, length, collation, operator class.
    pub text: String,
    /// Whether it counts down.
    pub descending: bool,
}

impl HasName for Table {
    fn name(&self) -> &str {
        &self.name
    }
}

impl HasName for Column {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Schema {
    /// A table by its name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.named(name)
    }

    // Notes what foreign keys of a table refer to, those behind the first so many.
    fn refer(&mut self, at: usize, known: usize) {
        if let Some(table) = self.tables.get(at) {
            self.referred.extend(table.foreign_keys.iter().skip(known).map(|key| key.table.clone()));
        }
    }

    // To change anything of it but its name.
    fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.same_named_mut(self.tables.position(name)?)
    }
}

impl Index {
    /// An index of these parts, as indexes are unless they say otherwise.
    pub(crate) fn new(parts: Vec<IndexPart>, span: Span) -> Self {
        Self {
            name: None,
            parts,
            unique: false,
            method: "btree".to_owned(),
            condition: None,
            include: Vec::new(),
            span,
            options: String::new(),
            alone: false,
            exclusion: None,
            renamed_from: None,
        }
    }
}

impl Table {
    /// A table without anything.
    pub(crate) fn new(name: String, span: Span) -> Self {
        Self {
            name,
            span,
            columns: Named::default(),
            primary_key: None,
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            indexes: Vec::new(),
            parent: None,
            comment: None,
            opaque: false,
            statement: 0..0,
            alters: Vec::new(),
            options: String::new(),
            settings: Vec::new(),
            renamed_from: None,
            index_names: std::collections::BTreeSet::new(),
        }
    }

    // Adds an index at the end.
    fn add_index(&mut self, index: Index) {
        self.index_names.extend(index.name.clone());
        self.indexes.push(index);
    }

    fn has_index(&self, name: &str) -> bool {
        self.index_names.contains(name) && self.indexes.iter().any(|index| index.name.as_deref() == Some(name))
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.named(name)
    }

    // To change anything of it but its name.
    fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.same_named_mut(self.columns.position(name)?)
    }

    /// All keys: the primary one, unique constraints, and whole unique indexes on columns.
    pub fn keys(&self) -> Vec<Vec<&str>> {
        let constraints = self.primary_key.iter().chain(&self.uniques);
        let mut keys: Vec<Vec<&str>> =
            constraints.map(|key| key.columns.iter().map(String::as_str).collect()).collect();
        for index in self.indexes.iter().filter(|index| index.unique && index.condition.is_none()) {
            let columns: Option<Vec<&str>> = index.parts.iter().map(|part| part.column.as_deref()).collect();
            keys.extend(columns);
        }
        keys
    }
}

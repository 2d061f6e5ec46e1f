//! Queries as trees: SELECT, INSERT, UPDATE and DELETE of the three dialects, each node with its place.
//!
//! A recursive reader with a bound on its depth; a statement it does not understand is a problem with its place, and reading goes
//! on with the next one. It knows no tables: names are resolved by [`crate::support::names`].

mod change;
mod expression;
mod from;
mod read;
pub mod walk;

pub use read::statements;

use super::schema::Span;

/// Deepest tree that is read: those who walk over it recurse.
pub const MAX_TREE_DEPTH: u16 = 150;

/// Deepest nesting of brackets and queries that is read: each level takes the reader a dozen calls, one an operator's rank.
pub const MAX_READ_DEPTH: u16 = 32;

/// Most named queries, tables and columns of one query: each name is looked for among them.
pub const MAX_PARTS: usize = 1_600;

/// A name, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name, without quotes, folded as the dialect does.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it does.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Reads rows.
    Select(Select),
    /// Adds rows.
    Insert(Insert),
    /// Changes rows.
    Update(Update),
    /// Takes rows away.
    Delete(Delete),
    /// Anything else.
    Other,
}

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// Its named queries.
    pub with: Vec<Cte>,
    /// Whether those may refer to themselves.
    pub recursive: bool,
    /// What it reads.
    pub body: Box<Body>,
    /// How rows are ordered.
    pub order: Vec<Order>,
    /// How many rows.
    pub limit: Option<Expr>,
    /// How many are left out first.
    pub offset: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// A named query.
#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    /// Its name.
    pub name: Name,
    /// Its columns' names, where they are given.
    pub columns: Vec<Name>,
    /// What it is.
    pub statement: Box<Statement>,
    /// Columns that SEARCH and CYCLE add, with their types.
    pub added: Vec<(Name, String)>,
}

/// What a query reads.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "always boxed, and mostly the large one")]
pub enum Body {
    /// `SELECT ..`
    Core(Core),
    /// `.. UNION ..`
    Set {
        /// `union`, `intersect` or `except`.
        operator: &'static str,
        /// What is said of doubles: `all`, `distinct` or nothing.
        quantifier: Option<&'static str>,
        /// Where the operator stands.
        span: Span,
        /// The one side.
        left: Box<Select>,
        /// The other side.
        right: Box<Select>,
    },
    /// `VALUES ..`
    Values(Vec<Vec<Expr>>),
}

/// One SELECT.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Core {
    /// Whether doubles are left out.
    pub distinct: Option<Span>,
    /// `DISTINCT ON (..)`.
    pub distinct_on: Vec<Expr>,
    /// What it gives.
    pub items: Vec<Item>,
    /// What it reads.
    pub from: Vec<From>,
    /// Which rows.
    pub filter: Option<Expr>,
    /// What rows are grouped by.
    pub group: Vec<Expr>,
    /// Which groups.
    pub having: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is.
    pub expr: Expr,
    /// Its name.
    pub alias: Option<Name>,
}

/// How rows are ordered.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// By what.
    pub expr: Expr,
    /// Whether downwards.
    pub descending: bool,
}

/// What rows come from.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// A table, view or named query.
    Table {
        /// Its name, behind its schema's.
        name: Vec<Name>,
        /// How it is called here.
        alias: Option<Name>,
        /// How its columns are called here.
        columns: Vec<Name>,
    },
    /// A query.
    Query {
        /// The query.
        select: Box<Select>,
        /// Whether it sees what stands before it.
        lateral: bool,
        /// How it is called here.
        alias: Option<Name>,
        /// How its columns are called here.
        columns: Vec<Name>,
    },
    /// A function that gives rows.
    Function {
        /// The call.
        call: Expr,
        /// How it is called here.
        alias: Option<Name>,
        /// How its columns are called here, with types where they are given.
        columns: Vec<(Name, Option<String>)>,
        /// Whether rows are counted.
        ordinality: bool,
    },
    /// Two of these.
    Join {
        /// The one side.
        left: Box<From>,
        /// The other side.
        right: Box<From>,
        /// `inner`, `left`, `right`, `full` or `cross`.
        kind: &'static str,
        /// Whether equal names join.
        natural: bool,
        /// The names that join.
        using: Vec<Name>,
        /// How what they make one is called: `USING (..) AS name`.
        merged: Option<Name>,
        /// The condition.
        on: Option<Expr>,
        /// Where the word JOIN and what is before it stands.
        span: Span,
    },
}

/// `INSERT`.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// Its named queries.
    pub with: Vec<Cte>,
    /// The table.
    pub table: Vec<Name>,
    /// How it is called here.
    pub alias: Option<Name>,
    /// The columns that get values.
    pub columns: Vec<Name>,
    /// The rows; none for `DEFAULT VALUES`.
    pub source: Option<Select>,
    /// What is set when the row is there.
    pub updates: Vec<(Name, Expr)>,
    /// Which of those rows.
    pub filter: Option<Expr>,
    /// What it gives.
    pub returning: Vec<Item>,
}

/// `UPDATE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// Its named queries.
    pub with: Vec<Cte>,
    /// The table, by [`From::Table`]; in `MySQL` perhaps a join.
    pub target: From,
    /// What is set.
    pub updates: Vec<(Name, Expr)>,
    /// What else is read.
    pub from: Vec<From>,
    /// Which rows.
    pub filter: Option<Expr>,
    /// What it gives.
    pub returning: Vec<Item>,
}

/// `DELETE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// Its named queries.
    pub with: Vec<Cte>,
    /// The table, by [`From::Table`].
    pub target: From,
    /// What else is read.
    pub using: Vec<From>,
    /// Which rows.
    pub filter: Option<Expr>,
    /// What it gives.
    pub returning: Vec<Item>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Node,
    /// Where it stands.
    pub span: Span,
    /// How deep its tree is.
    pub depth: u16,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A column, behind its table's and schema's names.
    Column(Vec<Name>),
    /// All columns, perhaps of a table.
    Star(Vec<Name>),
    /// A number as written.
    Number(String),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// `NULL`.
    Null,
    /// A parameter.
    Parameter(String),
    /// `DEFAULT` in a row of values.
    Default,
    /// `- x`, `NOT x`
    Unary(&'static str, Box<Expr>),
    /// An operator between two.
    Binary(String, Box<Expr>, Box<Expr>),
    /// `a AND b AND c`, `a OR b OR c`
    Logic(&'static str, Vec<Expr>),
    /// A cast to a type.
    Cast(Box<Expr>, String),
    /// A call.
    Call(Call),
    /// `CASE ..`: what is compared, branches, otherwise.
    Case(Option<Box<Expr>>, Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// `x [NOT] BETWEEN a AND b`
    Between(bool, Box<Expr>, Box<Expr>, Box<Expr>),
    /// `x [NOT] IN (a, b)`
    In(bool, Box<Expr>, Vec<Expr>),
    /// `x [NOT] IN (SELECT ..)`
    InQuery(bool, Box<Expr>, Box<Select>),
    /// `x [NOT] LIKE y`
    Like(bool, &'static str, Box<Expr>, Box<Expr>),
    /// `x IS [NOT] y`: null, true, false, unknown, distinct from.
    Is(bool, &'static str, Box<Expr>, Option<Box<Expr>>),
    /// `EXISTS (SELECT ..)`
    Exists(Box<Select>),
    /// `(SELECT ..)`
    Query(Box<Select>),
    /// `x = ANY (..)`, `x > ALL (..)`
    Quantified(String, Box<Expr>, Box<Expr>),
    /// `ARRAY[..]`
    Array(Vec<Expr>),
    /// `ARRAY(SELECT ..)`
    ArrayQuery(Box<Select>),
    /// `(a, b)`
    Row(Vec<Expr>),
    /// `x[i]`; whether a slice.
    Index(Box<Expr>, Vec<Expr>, bool),
    /// `(x).name`
    Field(Box<Expr>, Name),
    /// In brackets.
    Group(Box<Expr>),
}

/// A call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    /// The function's name in lower case, its schema left out.
    pub name: String,
    /// What it is given.
    pub arguments: Vec<Expr>,
    /// Whether it is given `*`.
    pub star: bool,
    /// Whether doubles are left out.
    pub distinct: bool,
    /// The order of what is aggregated.
    pub order: Vec<Order>,
    /// Which rows are aggregated.
    pub filter: Option<Box<Expr>>,
    /// Over which window: what it is parted and ordered by.
    pub over: Option<(Vec<Expr>, Vec<Order>)>,
    /// Whether it is a word without brackets, such as `CURRENT_DATE`.
    pub bare: bool,
}

impl Call {
    /// Whether it makes one value of many rows.
    pub fn aggregates(&self) -> bool {
        use super::names::types::{is_aggregate, is_window};
        // `rank(1) WITHIN GROUP (ORDER BY x)` is an aggregate too.
        self.over.is_none() && (is_aggregate(&self.name) || is_window(&self.name) && !self.order.is_empty())
    }
}

impl Expr {
    /// What it is, brackets left out.
    pub fn inside(&self) -> &Self {
        let mut inner = self;
        while let Node::Group(next) = &inner.kind {
            inner = next;
        }
        inner
    }

    /// What it is made of, queries not among it.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            Node::Column(_)
            | Node::Star(_)
            | Node::Number(_)
            | Node::Text(_)
            | Node::Bool(_)
            | Node::Null
            | Node::Parameter(_)
            | Node::Default => Vec::new(),
            Node::Exists(_) | Node::Query(_) | Node::ArrayQuery(_) => Vec::new(),
            Node::Unary(_, one)
            | Node::Cast(one, _)
            | Node::InQuery(_, one, _)
            | Node::Field(one, _)
            | Node::Group(one) => vec![one],
            Node::Binary(_, one, other) | Node::Like(_, _, one, other) | Node::Quantified(_, one, other) => {
                vec![one, other]
            }
            Node::Logic(_, list) | Node::Array(list) | Node::Row(list) => list.iter().collect(),
            Node::Call(call) => {
                let mut list: Vec<&Self> = call.arguments.iter().collect();
                list.extend(call.order.iter().map(|order| &order.expr));
                list.extend(call.filter.as_deref());
                if let Some((parts, orders)) = &call.over {
                    list.extend(parts);
                    list.extend(orders.iter().map(|order| &order.expr));
                }
                list
            }
            Node::Case(compared, branches, otherwise) => {
                let mut list: Vec<&Self> = compared.as_deref().into_iter().collect();
                list.extend(branches.iter().flat_map(|(when, then)| [when, then]));
                list.extend(otherwise.as_deref());
                list
            }
            Node::Between(_, one, low, high) => vec![one, low, high],
            Node::In(_, one, list) => std::iter::once(one.as_ref()).chain(list).collect(),
            Node::Is(_, _, one, other) => std::iter::once(one.as_ref()).chain(other.as_deref()).collect(),
            Node::Index(one, list, _) => std::iter::once(one.as_ref()).chain(list).collect(),
        }
    }

    /// The query directly in it.
    pub fn query(&self) -> Option<&Select> {
        match &self.kind {
            Node::Exists(select) | Node::Query(select) | Node::ArrayQuery(select) | Node::InQuery(_, _, select) => {
                Some(select)
            }
            _ => None,
        }
    }

    /// Calls a function on it and everything in it, queries not among it.
    pub fn each<'e>(&'e self, seen: &mut dyn FnMut(&'e Self)) {
        seen(self);
        for child in self.children() {
            child.each(seen);
        }
    }
}

impl From {
    /// The leaves of joins, from left to right.
    pub fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::Join { left, right, .. } => {
                let mut list = left.leaves();
                list.extend(right.leaves());
                list
            }
            leaf => vec![leaf],
        }
    }

    /// How it is called: by its alias, or its table's name.
    pub fn called(&self) -> Option<&Name> {
        match self {
            Self::Table { name, alias, .. } => alias.as_ref().or(name.last()),
            Self::Query { alias, .. } | Self::Function { alias, .. } => alias.as_ref(),
            Self::Join { .. } => None,
        }
    }
}

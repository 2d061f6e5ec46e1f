//! What a filter and a sort ask of an index: fields that are equal to something, the order, fields within bounds.

use crate::support::ejson::Value;
use std::collections::BTreeSet;

/// Most values of `$in` that a sort is merged from; with more, it is a range (`MongoDB` manual, the ESR guideline).
const MOST_MERGED: usize = 200;
/// Deepest nesting of conditions that is looked into.
const MAX_DEPTH: usize = 40;

/// What is asked of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Shape {
    pub(super) equal: BTreeSet<String>,
    pub(super) sort: Vec<(String, i8)>,
    pub(super) range: BTreeSet<String>,
}

/// What no such index serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// A pattern that is not bound to the beginning.
    Pattern(String),
    /// `$ne`, `$nin`, `$not`.
    Negation(String),
    /// `$where`.
    Code,
    /// A kind of index of its own: field and kind.
    Special(String, &'static str),
}

#[derive(Default)]
struct Conditions<'v> {
    equal: BTreeSet<String>,
    range: BTreeSet<String>,
    either: Vec<&'v [Value]>,
    notes: Vec<Note>,
}

impl Shape {
    /// Whether nothing is asked.
    pub(super) fn is_empty(&self) -> bool {
        self.equal.is_empty() && self.sort.is_empty() && self.range.is_empty()
    }

    /// The order that matters: fields that are equal to something have none.
    pub(super) fn order(&self) -> Vec<(String, i8)> {
        let mut seen = BTreeSet::new();
        self.sort.iter().filter(|(name, _)| !self.equal.contains(name) && seen.insert(name.clone())).cloned().collect()
    }

    /// The fields within bounds that are neither equal nor sorted by.
    pub(super) fn bounds(&self) -> BTreeSet<String> {
        self.range
            .iter()
            .filter(|name| !self.equal.contains(*name) && !self.sort.iter().any(|(sorted, _)| sorted == *name))
            .cloned()
            .collect()
    }

    /// How many fields its index has.
    pub(super) fn len(&self) -> usize {
        self.equal.len() + self.order().len() + self.bounds().len()
    }
}

/// The shapes of a filter and sort: one, or one a branch of `$or`.
pub(super) fn shapes(filter: &Value, sort: &[(String, i8)]) -> (Vec<Shape>, Vec<Note>) {
    let mut all = Conditions::default();
    read(filter, "", !sort.is_empty(), 0, &mut all);
    let mut list = Vec::new();
    // Each branch is looked for by itself; without a way to find one of them, all documents are read.
    let branches = all.either.first().copied().unwrap_or_default();
    for branch in branches {
        let mut one = Conditions { equal: all.equal.clone(), range: all.range.clone(), ..Conditions::default() };
        read(branch, "", !sort.is_empty(), 1, &mut one);
        all.notes.extend(one.notes);
        list.push(Shape { equal: one.equal, sort: sort.to_vec(), range: one.range });
    }
    if list.is_empty() || list.iter().any(Shape::is_empty) {
        list = vec![Shape { equal: all.equal, sort: sort.to_vec(), range: all.range }];
    }
    list.retain(|shape| !shape.is_empty());
    all.notes.dedup();
    (list, all.notes)
}

fn read<'v>(filter: &'v Value, prefix: &str, sorted: bool, depth: usize, into: &mut Conditions<'v>) {
    if depth > MAX_DEPTH {
        return;
    }
    for (name, value) in filter.members() {
        match (name.as_str(), value) {
            ("$and", Value::Array(list)) => list.iter().for_each(|one| read(one, prefix, sorted, depth + 1, into)),
            ("$or", Value::Array(list)) if prefix.is_empty() => match list.as_slice() {
                [one] => read(one, prefix, sorted, depth + 1, into),
                list => into.either.push(list),
            },
            ("$where", _) => into.notes.push(Note::Code),
            ("$text", _) => into.notes.push(Note::Special("$**".to_owned(), "text")),
            (name, _) if name.starts_with('$') => {}
            (name, value) => field(&format!("{prefix}{name}"), value, sorted, depth, into),
        }
    }
}

fn field<'v>(name: &str, value: &'v Value, sorted: bool, depth: usize, into: &mut Conditions<'v>) {
    if let Value::Regex(pattern, options) = value {
        pattern_of(name, pattern, options, into);
        return;
    }
    let operators = value.members();
    if !operators.first().is_some_and(|(operator, _)| operator.starts_with('$')) {
        into.equal.insert(name.to_owned());
        return;
    }
    for (operator, operand) in operators {
        match (operator.as_str(), operand) {
            ("$eq" | "$all", _) | ("$exists", Value::Bool(false)) => {
                into.equal.insert(name.to_owned());
            }
            ("$in", Value::Array(list)) if sorted && list.len() > MOST_MERGED => {
                into.range.insert(name.to_owned());
            }
            ("$in", _) => {
                into.equal.insert(name.to_owned());
            }
            ("$gt" | "$gte" | "$lt" | "$lte", _) => {
                into.range.insert(name.to_owned());
            }
            ("$ne" | "$nin" | "$not", _) => into.notes.push(Note::Negation(name.to_owned())),
            ("$regex", Value::String(pattern)) => {
                let options = value
                    .get("$options")
                    .map_or("", |options| if let Value::String(text) = options { text } else { "" });
                pattern_of(name, pattern, options, into);
            }
            ("$regex", Value::Regex(pattern, options)) => pattern_of(name, pattern, options, into),
            ("$elemMatch", inner) => {
                let whole = inner.members().first().is_some_and(|(operator, _)| {
                    operator.starts_with('$') && !matches!(operator.as_str(), "$and" | "$or")
                });
                if whole && depth < MAX_DEPTH {
                    field(name, inner, sorted, depth + 1, into);
                } else {
                    read(inner, &format!("{name}."), sorted, depth + 1, into);
                }
            }
            ("$near" | "$nearSphere" | "$geoWithin" | "$geoIntersects", _) => {
                into.notes.push(Note::Special(name.to_owned(), "2dsphere"));
            }
            _ => {}
        }
    }
}

fn pattern_of(name: &str, pattern: &str, options: &str, into: &mut Conditions<'_>) {
    let bound = pattern.strip_prefix('^').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
    if bound && !options.contains('i') {
        into.range.insert(name.to_owned());
    } else {
        into.notes.push(Note::Pattern(name.to_owned()));
    }
}

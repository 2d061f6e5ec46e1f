//! Lints of tables, keys and indexes, after `SchemaCrawler`'s.

use super::rules;
use crate::support::schema::{Column, Dialect, ForeignKey, Schema, Table};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Finding, LineIndex, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// More large objects than this in one table are many (`SchemaCrawler`'s default).
const MAX_LARGE_COLUMNS: usize = 1;

/// Reserved words of SQL that people take for names.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "between",
    "both",
    "by",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "cross",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "delete",
    "desc",
    "distinct",
    "do",
    "drop",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "fetch",
    "for",
    "foreign",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "in",
    "index",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "key",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "primary",
    "references",
    "right",
    "select",
    "session_user",
    "set",
    "some",
    "table",
    "then",
    "to",
    "true",
    "union",
    "unique",
    "update",
    "user",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];

/// What the lints look at.
pub(super) struct Review<'r> {
    pub(super) schema: &'r Schema,
    pub(super) dialect: Dialect,
    pub(super) lines: &'r LineIndex<'r>,
}

impl Review<'_> {
    fn at(&self, rule: &Rule, span: &std::ops::Range<usize>, message: String) -> Finding {
        Finding::new(rule, message).at(self.lines.range(span.clone()))
    }

    /// Everything found.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for problem in &self.schema.problems {
            found.push(self.at(&rules::SYNTAX, &problem.span, format!("{}; the statement is left out", problem.what)));
        }
        for table in &self.schema.tables {
            if table.opaque || table.columns.is_empty() {
                continue;
            }
            self.table(table, &mut found);
            self.indexes(table, &mut found);
            for key in &table.foreign_keys {
                self.foreign_key(table, key, &mut found);
            }
        }
        self.column_types(&mut found);
        self.cycles(&mut found);
        found
    }

    fn table(&self, table: &Table, found: &mut Vec<Finding>) {
        let name = excerpt(&table.name);
        let mut say = |rule: &Rule, message: String| found.push(self.at(rule, &table.span, message));
        let keyed = table.primary_key.is_some();
        if !keyed && table.parent.is_none() {
            say(&rules::NO_PRIMARY_KEY, format!("`{name}` has no primary key"));
            if table.indexes.is_empty() && table.uniques.is_empty() {
                say(&rules::NO_INDEXES, format!("`{name}` has no index at all"));
            }
        }
        let key: Vec<&str> = table.primary_key.iter().flat_map(|key| key.columns.iter().map(String::as_str)).collect();
        let data: Vec<&Column> = table.columns.iter().filter(|column| !key.contains(&column.name.as_str())).collect();
        if !data.is_empty() && data.iter().all(|column| !column.not_null) {
            say(&rules::ALL_NULLABLE, format!("every column of `{name}` beside its key may be NULL"));
        }
        if table.columns.len() == 1 {
            say(&rules::SINGLE_COLUMN, format!("`{name}` has one column"));
        }
        let first: Vec<&str> = table.columns.iter().take(key.len()).map(|column| column.name.as_str()).collect();
        let (first, wanted): (BTreeSet<&str>, BTreeSet<&str>) =
            (first.into_iter().collect(), key.iter().copied().collect());
        if keyed && first != wanted {
            say(&rules::KEY_NOT_FIRST, format!("the primary key of `{name}` is not its first columns"));
        }
        let large = table
            .columns
            .iter()
            .filter(|column| {
                column.ty.is_large() && !matches!(column.ty.name.as_str(), "text" | "json" | "jsonb" | "xml")
            })
            .count();
        if large > MAX_LARGE_COLUMNS {
            say(&rules::TOO_MANY_LOBS, format!("`{name}` has {large} columns of large objects"));
        }
        for (stem, members) in incrementing(table) {
            say(
                &rules::INCREMENTING,
                format!(
                    "columns {} of `{name}` count up from `{}`: a list in rows of a table of its own",
                    members.join(", "),
                    excerpt(&stem)
                ),
            );
        }
        for column in &table.columns {
            if column
                .default
                .as_deref()
                .is_some_and(|default| default.trim_matches(['(', ')']).eq_ignore_ascii_case("'null'"))
            {
                found.push(self.at(
                    &rules::NULL_INTENDED,
                    &column.span,
                    format!("the default of `{}` is the text 'NULL'; NULL is meant", excerpt(&column.name)),
                ));
            }
            if is_awkward(&column.name) {
                found.push(self.at(
                    &rules::QUOTED_NAMES,
                    &column.span,
                    format!("`{}` must be quoted everywhere", excerpt(&column.name)),
                ));
            }
        }
        let bare = table.name.rsplit('.').next().unwrap_or(&table.name);
        if is_awkward(bare) {
            found.push(self.at(
                &rules::QUOTED_NAMES,
                &table.span,
                format!("`{}` must be quoted everywhere", excerpt(bare)),
            ));
        }
    }

    fn indexes(&self, table: &Table, found: &mut Vec<Finding>) {
        let sets = sets_of(table);
        for (at, set) in sets.iter().enumerate() {
            let Some(index) = set.index else { continue };
            let label = |at: usize| sets.get(at).map_or_else(String::new, |set| set.label.clone());
            let covered = sets.iter().enumerate().find(|(other, wider)| {
                *other != at
                    && set.method == "btree"
                    && wider.method == "btree"
                    && set.condition == wider.condition
                    && wider.parts.starts_with(&set.parts)
                    // A unique index also checks, so only an equal unique one makes it needless.
                    && (!set.unique || wider.unique && wider.parts.len() == set.parts.len())
                    // Of two equal ones the later goes, a constraint's never.
                    && (wider.parts.len() > set.parts.len() || wider.index.is_none() || *other < at || wider.unique && !set.unique)
                    && !(wider.parts.len() == set.parts.len() && wider.index.is_some() && *other > at && set.unique == wider.unique)
                    && set.include.iter().all(|column| wider.include.contains(column) || wider.parts.contains(column))
            });
            if let Some((other, _)) = covered {
                let message = format!("{} begins {}: what it answers the other answers too", set.label, label(other));
                found.push(self.at(&rules::REDUNDANT_INDEX, &index.span, message));
            }
            if index.unique {
                let nullable: Vec<String> = index
                    .parts
                    .iter()
                    .filter_map(|part| table.column(part.column.as_deref()?))
                    .filter(|column| !column.not_null)
                    .map(|column| format!("`{}`", excerpt(&column.name)))
                    .collect();
                if !nullable.is_empty() {
                    let message =
                        format!("{} takes any number of rows where {} is NULL", set.label, nullable.join(", "));
                    found.push(self.at(&rules::NULL_IN_UNIQUE, &index.span, message));
                }
            }
            for part in &index.parts {
                if let Some(column) =
                    part.column.as_deref().filter(|column| table.column(column).is_none() && table.parent.is_none())
                {
                    found.push(self.at(
                        &rules::UNKNOWN_COLUMN,
                        &index.span,
                        format!("`{}` has no column `{}`", excerpt(&table.name), excerpt(column)),
                    ));
                }
            }
        }
        for key in &table.uniques {
            let nullable: Vec<String> = key
                .columns
                .iter()
                .filter_map(|name| table.column(name))
                .filter(|column| !column.not_null)
                .map(|column| format!("`{}`", excerpt(&column.name)))
                .collect();
            if !nullable.is_empty() {
                let message = format!(
                    "the unique key on ({}) takes any number of rows where {} is NULL",
                    excerpt(&key.columns.join(", ")),
                    nullable.join(", ")
                );
                found.push(self.at(&rules::NULL_IN_UNIQUE, &key.span, message));
            }
        }
        let constraints = table.primary_key.iter().chain(&table.uniques).map(|key| (&key.columns, &key.span));
        for (columns, span) in constraints.chain(table.foreign_keys.iter().map(|key| (&key.columns, &key.span))) {
            for column in columns.iter().filter(|column| table.column(column).is_none() && table.parent.is_none()) {
                found.push(self.at(
                    &rules::UNKNOWN_COLUMN,
                    span,
                    format!("`{}` has no column `{}`", excerpt(&table.name), excerpt(column)),
                ));
            }
        }
    }

    fn foreign_key(&self, table: &Table, key: &ForeignKey, found: &mut Vec<Finding>) {
        let shown = format!("`{}` ({})", excerpt(&table.name), excerpt(&key.columns.join(", ")));
        // MySQL makes an index for each foreign key that has none.
        let indexed = self.dialect == Dialect::MySql
            || sets_of(table).iter().any(|set| {
                let leading: BTreeSet<&str> = set.parts.iter().take(key.columns.len()).map(String::as_str).collect();
                set.condition.is_none() && leading == key.columns.iter().map(String::as_str).collect()
            });
        if !indexed {
            found.push(self.at(
                &rules::FK_WITHOUT_INDEX,
                &key.span,
                format!(
                    "no index begins with {shown}: deleting or changing a row of `{}` reads the whole table",
                    excerpt(&key.table)
                ),
            ));
        }
        let Some(target) = self.schema.table(&key.table) else {
            found.push(self.at(
                &rules::UNKNOWN_TABLE,
                &key.span,
                format!("{shown} refers to `{}`, which is not here", excerpt(&key.table)),
            ));
            return;
        };
        let primary = || target.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
        let references = if key.references.is_empty() { primary() } else { key.references.clone() };
        let wanted: BTreeSet<&str> = references.iter().map(String::as_str).collect();
        if target.opaque {
            return;
        }
        if !target.keys().iter().any(|known| known.iter().copied().collect::<BTreeSet<_>>() == wanted) {
            let message = format!(
                "{shown} refers to ({}) of `{}`, which is no key of it",
                excerpt(&references.join(", ")),
                excerpt(&key.table)
            );
            found.push(self.at(&rules::FK_TARGET, &key.span, message));
        }
        for (name, reference) in key.columns.iter().zip(&references) {
            let (Some(column), Some(referred)) = (table.column(name), target.column(reference)) else { continue };
            if column.ty != referred.ty {
                let message = format!(
                    "`{}.{}` is {}, `{}.{}` is {}",
                    excerpt(&table.name),
                    excerpt(name),
                    excerpt(&column.ty.text()),
                    excerpt(&target.name),
                    excerpt(reference),
                    excerpt(&referred.ty.text())
                );
                found.push(self.at(&rules::FK_MISMATCH, &key.span, message));
            }
        }
    }

    // Columns of one name that have another type than most.
    fn column_types(&self, found: &mut Vec<Finding>) {
        let mut by_name: BTreeMap<String, Vec<(&Table, &Column)>> = BTreeMap::new();
        for table in &self.schema.tables {
            for column in &table.columns {
                by_name.entry(column.name.to_lowercase()).or_default().push((table, column));
            }
        }
        for uses in by_name.values() {
            let mut types: BTreeMap<String, usize> = BTreeMap::new();
            for (_, column) in uses {
                *types.entry(column.ty.text()).or_default() += 1;
            }
            if types.len() < 2 {
                continue;
            }
            let list: Vec<String> = types.iter().map(|(ty, count)| format!("{} in {count}", excerpt(ty))).collect();
            if let Some((_, column)) = uses.first() {
                let message = format!("`{}` has several types: {}", excerpt(&column.name), list.join(", "));
                found.push(self.at(&rules::COLUMN_TYPES, &column.span, message));
            }
        }
    }

    fn cycles(&self, found: &mut Vec<Finding>) {
        for cycle in cycles(self.schema) {
            let list: Vec<String> = cycle.iter().map(|name| format!("`{}`", excerpt(name))).collect();
            if let Some(table) = cycle.first().and_then(|name| self.schema.table(name)) {
                let message = format!("{} refer to each other in a circle: no order fills them", list.join(", "));
                found.push(self.at(&rules::CYCLE, &table.span, message));
            }
        }
    }
}

/// An index or the index of a constraint.
struct IndexSet<'t> {
    label: String,
    parts: Vec<String>,
    unique: bool,
    method: &'t str,
    condition: Option<&'t str>,
    include: &'t [String],
    index: Option<&'t crate::support::schema::Index>,
}

fn sets_of(table: &Table) -> Vec<IndexSet<'_>> {
    let keys = table
        .primary_key
        .iter()
        .map(|key| ("the primary key", key))
        .chain(table.uniques.iter().map(|key| ("the unique key", key)));
    let mut sets: Vec<IndexSet<'_>> = keys
        .map(|(what, key)| IndexSet {
            label: format!("{what} on ({})", excerpt(&key.columns.join(", "))),
            parts: key.columns.clone(),
            unique: true,
            method: "btree",
            condition: None,
            include: &[],
            index: None,
        })
        .collect();
    sets.extend(table.indexes.iter().map(|index| {
        let parts: Vec<String> = index
            .parts
            .iter()
            .map(|part| match &part.column {
                // A collation, an operator class or a direction makes another order.
                Some(column) if part.text.trim_matches(['"', '`']).eq_ignore_ascii_case(column) => column.clone(),
                _ => part.text.clone(),
            })
            .collect();
        let name = index
            .name
            .as_deref()
            .map_or_else(|| "the index".to_owned(), |name| format!("the index `{}`", excerpt(name)));
        IndexSet {
            label: format!("{name} on ({})", excerpt(&parts.join(", "))),
            parts,
            unique: index.unique,
            method: &index.method,
            condition: index.condition.as_deref(),
            include: &index.include,
            index: Some(index),
        }
    }));
    sets
}

// Groups of columns whose names differ by a number at the end.
fn incrementing(table: &Table) -> Vec<(String, Vec<String>)> {
    let mut groups: BTreeMap<String, Vec<(u64, String, String)>> = BTreeMap::new();
    for column in &table.columns {
        let stem = column.name.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = column.name.get(stem.len()..).unwrap_or_default();
        if let Ok(number) = digits.parse::<u64>()
            && !stem.is_empty()
        {
            groups.entry(stem.to_lowercase()).or_default().push((number, column.name.clone(), column.ty.text()));
        }
    }
    let mut found = Vec::new();
    for (stem, mut members) in groups {
        members.sort();
        let counts =
            members.windows(2).all(|pair| matches!(pair, [one, next] if next.0 == one.0 + 1 && next.2 == one.2));
        if members.len() > 1 && counts {
            found.push((stem, members.into_iter().map(|(_, name, _)| format!("`{}`", excerpt(&name))).collect()));
        }
    }
    found
}

fn is_awkward(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    !plain || RESERVED.contains(&name.to_lowercase().as_str())
}

/// Tables that refer to each other in circles, each circle once, sorted (Tarjan's strongly connected components).
pub(super) fn cycles(schema: &Schema) -> Vec<Vec<String>> {
    let places: BTreeMap<&str, usize> =
        schema.tables.iter().enumerate().map(|(at, table)| (table.name.as_str(), at)).collect();
    let edges: Vec<Vec<usize>> = schema
        .tables
        .iter()
        .map(|table| table.foreign_keys.iter().filter_map(|key| places.get(key.table.as_str()).copied()).collect())
        .collect();
    let count = edges.len();
    let (mut order, mut low) = (vec![usize::MAX; count], vec![usize::MAX; count]);
    let (mut open, mut stack, mut next) = (vec![false; count], Vec::new(), 0);
    let mut found: Vec<Vec<String>> = Vec::new();
    for root in 0..count {
        // Its own stack of calls: schemas may chain thousands of tables.
        let mut calls: Vec<(usize, usize)> = vec![(root, 0)];
        while let Some((at, edge)) = calls.pop() {
            let Some(seen) = order.get_mut(at) else { continue };
            if edge == 0 {
                if *seen != usize::MAX {
                    continue;
                }
                *seen = next;
                if let (Some(low), Some(open)) = (low.get_mut(at), open.get_mut(at)) {
                    *low = next;
                    *open = true;
                }
                next += 1;
                stack.push(at);
            }
            let target = edges.get(at).and_then(|edges| edges.get(edge)).copied();
            // Coming back from the edge before.
            if let Some(before) =
                edge.checked_sub(1).and_then(|edge| edges.get(at).and_then(|edges| edges.get(edge))).copied()
                && open.get(before).copied().unwrap_or(false)
            {
                let reached = low.get(before).copied().unwrap_or(usize::MAX);
                if let Some(low) = low.get_mut(at) {
                    *low = (*low).min(reached);
                }
            }
            if let Some(target) = target {
                calls.push((at, edge + 1));
                if order.get(target) == Some(&usize::MAX) {
                    calls.push((target, 0));
                }
                continue;
            }
            if low.get(at) == order.get(at) {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    if let Some(open) = open.get_mut(member) {
                        *open = false;
                    }
                    group.extend(schema.tables.get(member).map(|table| table.name.clone()));
                    if member == at {
                        break;
                    }
                }
                if group.len() > 1 {
                    group.sort();
                    found.push(group);
                }
            }
        }
    }
    found.sort();
    found
}

//! What changes a table of `PostgreSQL` into another.

use super::plan::{Phase, Plan, Side, Which};
use super::rules;
use super::text::{
    canonical, canonical_default, literal, made_name, quote, quote_list, quote_table, same_type, type_text, words,
};
use crate::support::schema::{Check, Column, Dialect, Index, Key, Table};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

const PG: Dialect = Dialect::PostgreSql;
/// Types of whole numbers, narrow to wide.
const WHOLE: &[&str] = &["smallint", "integer", "bigint"];
/// Types of texts.
const TEXTUAL: &[&str] = &["char", "varchar", "text", "name", "citext"];
/// Types of points in time.
const TIMES: &[&str] = &["date", "timestamp", "timestamptz"];

/// A key or check with the name that the server knows it by.
#[expect(clippy::struct_excessive_bools, reason = "what a constraint is or not")]
struct Named {
    name: String,
    said: bool,
    clause: String,
    canonical: String,
    unique: bool,
    primary: bool,
    deferred: bool,
}

fn name(table: &Table) -> String {
    quote_table(&table.name, PG)
}

/// Gives constraints the names that the server made, before the table or a column goes by another.
pub(super) fn fix_names(table: &mut Table) {
    let names: Vec<String> = constraints(table).into_iter().map(|named| named.name).collect();
    let mut names = names.into_iter();
    let made_primary = table.primary_key.is_some().then(|| names.next()).flatten();
    if let (Some(key), Some(made)) = (&mut table.primary_key, made_primary) {
        key.name.get_or_insert(made);
    }
    for key in &mut table.uniques {
        if let Some(made) = names.next() {
            key.name.get_or_insert(made);
        }
    }
    for check in &mut table.checks {
        if let Some(made) = names.next() {
            check.name.get_or_insert(made);
        }
    }
    let foreign = super::reference::foreign_names(table, PG);
    for (key, made) in table.foreign_keys.iter_mut().zip(foreign) {
        key.name.get_or_insert(made);
    }
    let indexes: Vec<String> = table.indexes.iter().map(|index| index_name(table, index)).collect();
    for (index, made) in table.indexes.iter_mut().zip(indexes) {
        index.name.get_or_insert(made);
    }
    // Sequences of serial columns keep their names too.
    for column in
        table.columns.iter_mut().filter(|column| column.counts && column.identity.is_none() && column.default.is_none())
    {
        column.default = Some(format!("nextval('{}')", made_name(&table.name, &column.name, "seq")));
    }
}

// Primary key, unique keys, checks, exclusions, in this order.
fn constraints(table: &Table) -> Vec<Named> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // The last number tried of each name: those before are taken.
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    let mut unique_name = |wanted: String, said: bool| {
        if said || taken.insert(wanted.clone()) {
            return wanted;
        }
        let at = tried.entry(wanted.clone()).or_insert(0_usize);
        loop {
            *at += 1;
            let other = format!("{wanted}{at}");
            if taken.insert(other.clone()) {
                return other;
            }
        }
    };
    let mut list = Vec::new();
    let key_of = |key: &Key, kind: &str| {
        let options = if key.options.is_empty() { String::new() } else { format!(" {}", key.options) };
        let (before, after) = match options.to_lowercase().strip_prefix(" nulls not distinct") {
            Some(_) => (" NULLS NOT DISTINCT", options.get(19..).unwrap_or_default().to_owned()),
            None => ("", options),
        };
        format!("{kind}{before} ({}){after}", quote_list(&key.columns, PG))
    };
    if let Some(key) = &table.primary_key {
        let clause = key_of(key, "PRIMARY KEY");
        list.push(named(key.name.clone(), made_name(&table.name, "", "pkey"), clause, &mut unique_name, (true, true)));
    }
    for key in &table.uniques {
        let clause = key_of(key, "UNIQUE");
        list.push(named(
            key.name.clone(),
            made_name(&table.name, &key.columns.join("_"), "key"),
            clause,
            &mut unique_name,
            (true, false),
        ));
    }
    for check in &table.checks {
        list.push(named(
            check.name.clone(),
            check_name(table, check),
            check_text(check),
            &mut unique_name,
            (false, false),
        ));
    }
    for index in &table.indexes {
        if let Some(text) = &index.exclusion {
            let columns: Vec<&str> = index.parts.iter().filter_map(|part| part.text.split([' ', '(']).next()).collect();
            list.push(named(
                index.name.clone(),
                made_name(&table.name, &columns.join("_"), "excl"),
                text.clone(),
                &mut unique_name,
                (false, false),
            ));
        }
    }
    list
}

fn named(
    said: Option<String>,
    made: String,
    clause: String,
    unique_name: &mut impl FnMut(String, bool) -> String,
    (unique, primary): (bool, bool),
) -> Named {
    let is_said = said.is_some();
    let spelled = match clause.split_once('(').filter(|_| clause.starts_with("CHECK")) {
        Some((head, rest)) => {
            let end = rest.rfind(')').unwrap_or(rest.len());
            format!(
                "{head}({}) {}",
                canonical(rest.get(..end).unwrap_or_default(), PG),
                rest.get(end + 1..).unwrap_or_default().to_lowercase()
            )
        }
        None => words(&clause, PG)
            .join(" ")
            .replace("exclude using gist", "exclude")
            .replace(" not deferrable", "")
            .replace(" initially immediate", ""),
    };
    let deferred = spelled.contains(" deferrable");
    Named {
        name: unique_name(said.unwrap_or(made), is_said),
        said: is_said,
        clause,
        canonical: spelled.trim().to_owned(),
        unique,
        primary,
        deferred,
    }
}

fn check_name(table: &Table, check: &Check) -> String {
    let said = words(&check.condition, PG);
    let columns: BTreeSet<usize> =
        said.iter().filter_map(|word| table.columns.position(word.trim_matches('"'))).collect();
    let one = columns.first().filter(|_| columns.len() == 1).and_then(|at| table.columns.get(*at));
    made_name(&table.name, one.map_or("", |column| &column.name), "check")
}

fn check_text(check: &Check) -> String {
    let options = if check.options.is_empty() { String::new() } else { format!(" {}", check.options) };
    format!("CHECK ({}){options}", check.condition)
}

/// The name of an index, or the one that the server makes.
pub(super) fn index_name(table: &Table, index: &Index) -> String {
    index.name.clone().unwrap_or_else(|| {
        let parts: Vec<String> = index
            .parts
            .iter()
            .map(|part| {
                if let Some(column) = &part.column {
                    column.clone()
                } else {
                    let first = words(&part.text, PG);
                    let call = first.get(1).is_some_and(|word| word == "(");
                    first.first().filter(|_| call).cloned().unwrap_or_else(|| "expr".to_owned())
                }
            })
            .chain(index.include.iter().cloned())
            .collect();
        made_name(&table.name, &parts.join("_"), "idx")
    })
}

fn index_canonical(index: &Index) -> String {
    let parts: Vec<String> = index
        .parts
        .iter()
        .map(|part| {
            let text = canonical(&part.text, PG);
            let text = text.trim_end_matches(if part.descending { " nulls first" } else { " nulls last" });
            text.trim_end_matches(" asc").to_owned()
        })
        .collect();
    format!(
        "{} {} ({}) include ({}) where {} {}",
        index.unique,
        index.method,
        parts.join(", "),
        index.include.join(", "),
        index.condition.as_deref().map(|text| canonical(text, PG)).unwrap_or_default(),
        words(&index.options, PG)
            .iter()
            .map(|word| word.trim_matches('\''))
            .collect::<Vec<_>>()
            .join(" ")
            .replace("nulls distinct", "")
    )
}

/// A column as ADD COLUMN says it.
fn definition(column: &Column, table: &Table) -> String {
    let mut text = quote(&column.name, PG);
    let serial = column.counts && column.identity.is_none() && column.default.is_none();
    let ty = match column.ty.name.as_str() {
        "smallint" if serial => "smallserial".to_owned(),
        "integer" if serial => "serial".to_owned(),
        "bigint" if serial => "bigserial".to_owned(),
        _ => type_text(&column.ty, PG),
    };
    text.push(' ');
    text.push_str(&ty);
    if let Some(collation) = &column.collation {
        let _ = write!(text, " COLLATE {collation}");
    }
    if let Some(expression) = &column.generated {
        let _ = write!(text, " GENERATED ALWAYS AS ({expression}) STORED");
    }
    if let Some(default) = &column.default {
        let _ = write!(text, " DEFAULT {default}");
    }
    if let Some(identity) = &column.identity {
        let (kind, options) = split_identity(identity);
        let _ = write!(text, " GENERATED {kind} AS IDENTITY{options}");
    }
    let keyed = table.primary_key.as_ref().is_some_and(|key| key.columns.contains(&column.name));
    if column.not_null && column.identity.is_none() || keyed {
        text.push_str(" NOT NULL");
    }
    text
}

fn split_identity(identity: &str) -> (&'static str, String) {
    let kind = if identity.starts_with("ALWAYS") { "ALWAYS" } else { "BY DEFAULT" };
    (kind, identity.get(kind.len()..).unwrap_or_default().to_owned())
}

/// The whole table by its parts, without references.
pub(super) fn whole(table: &Table) -> String {
    let mut parts: Vec<String> = table.columns.iter().map(|column| definition(column, table)).collect();
    for named in constraints(table) {
        parts.push(if named.said {
            format!("CONSTRAINT {} {}", quote(&named.name, PG), named.clause)
        } else {
            named.clause
        });
    }
    let options = if table.options.is_empty() { String::new() } else { format!(" {}", table.options) };
    format!("CREATE TABLE {} (\n  {}\n){options}", name(table), parts.join(",\n  "))
}

/// Changes one into the other, references apart.
pub(super) fn change(old: &Table, new: &Table, to: &Side<'_>, plan: &mut Plan) {
    columns(old, new, plan);
    keys(old, new, plan);
    indexes(old, new, to, plan);
    comments(old, new, plan);
    settings(old, new, plan);
}

fn columns(old: &Table, new: &Table, plan: &mut Plan) {
    let table = name(new);
    if new.opaque || old.opaque {
        return;
    }
    let place = |column: &Column| Some((Which::To, column.span.clone()));
    for column in &new.columns {
        let Some(known) = old.column(&column.name) else {
            plan.add(Phase::Column, format!("ALTER TABLE {table} ADD COLUMN {}", definition(column, new)));
            let filled = column.default.is_some() || column.counts || column.generated.is_some();
            if column.not_null && !filled {
                plan.risk(
                    &rules::ADD_NOT_NULL,
                    format!("{}.{} has no default: with rows in the table it fails", new.name, column.name),
                    place(column),
                );
            }
            storage(column, None, &table, plan);
            continue;
        };
        // What is computed is computed anew.
        let computed = |column: &Column| column.generated.as_deref().map(|text| canonical(text, PG));
        if computed(column) != computed(known) {
            if column.generated.is_none() {
                plan.add(
                    Phase::Column,
                    format!("ALTER TABLE {table} ALTER COLUMN {} DROP EXPRESSION", quote(&column.name, PG)),
                );
            } else {
                let sql = format!("ALTER TABLE {table} DROP COLUMN {}", quote(&column.name, PG));
                if known.generated.is_none() {
                    plan.add_lossy(Phase::DropKey, sql, format!("values of {}.{}", new.name, column.name));
                    plan.risk(
                        &rules::DROP_COLUMN,
                        format!("{}.{} is made anew as a computed column; its values go", new.name, column.name),
                        place(column),
                    );
                } else {
                    plan.add(Phase::DropKey, sql);
                }
                plan.add(Phase::Column, format!("ALTER TABLE {table} ADD COLUMN {}", definition(column, new)));
                plan.disturbed.insert((new.name.clone(), column.name.clone()));
                continue;
            }
        }
        alter(known, column, old, new, plan);
    }
    // What computes goes before what it computes from.
    let mut gone: Vec<&Column> = old.columns.iter().filter(|column| new.column(&column.name).is_none()).collect();
    gone.sort_by_key(|column| column.generated.is_none());
    for column in gone {
        plan.disturbed.insert((new.name.clone(), column.name.clone()));
        let sql = format!("ALTER TABLE {table} DROP COLUMN {}", quote(&column.name, PG));
        if column.generated.is_some() {
            plan.add(Phase::Column, sql);
        } else {
            plan.add_lossy(Phase::Column, sql, format!("values of {}.{}", new.name, column.name));
            plan.risk(
                &rules::DROP_COLUMN,
                format!("{}.{} and its values go", new.name, column.name),
                Some((Which::From, column.span.clone())),
            );
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one step after the other, in the order in which they have to run")]
fn alter(known: &Column, column: &Column, old: &Table, new: &Table, plan: &mut Plan) {
    let alter = format!("ALTER TABLE {} ALTER COLUMN {}", name(new), quote(&column.name, PG));
    let place = Some((Which::To, column.span.clone()));
    let serial = |column: &Column| column.counts && column.identity.is_none();
    let sequence = |table: &Table| -> String {
        let made = made_name(&table.name, &column.name, "seq");
        match table.name.split_once('.') {
            Some((schema, _)) => format!("{}.{}", quote(schema, PG), quote(&made, PG)),
            None => quote(&made, PG),
        }
    };
    let collated = |column: &Column| {
        column
            .collation
            .as_deref()
            .map(|text| words(text, PG).join(" "))
            .filter(|text| text != "\"default\"" && text != "default")
    };
    let same = same_type(&known.ty, &column.ty) && collated(known) == collated(column);
    let default = |column: &Column| {
        if serial(column) { None } else { canonical_default(column.default.as_deref(), &column.ty, PG) }
    };
    let (had, wants) = (default(known), default(column));
    let mut reset = false;
    if known.identity.is_some() && column.identity.is_none() {
        plan.add(Phase::Column, format!("{alter} DROP IDENTITY"));
    }
    if serial(known) && !serial(column) {
        plan.add(Phase::Column, format!("{alter} DROP DEFAULT"));
        plan.add(Phase::Column, format!("DROP SEQUENCE IF EXISTS {}", sequence(old)));
    }
    if !same {
        let (from, into) = (family(&known.ty.name), family(&column.ty.name));
        let direct = from == into && known.ty.array.min(1) == column.ty.array.min(1) && !from.is_empty();
        if !direct && had.is_some() {
            plan.add(Phase::Column, format!("{alter} DROP DEFAULT"));
            reset = true;
        }
        let ty = type_text(&column.ty, PG);
        let collate = match (collated(column), collated(known)) {
            (Some(_), _) => format!(" COLLATE {}", column.collation.as_deref().unwrap_or_default()),
            (None, Some(_)) => " COLLATE \"default\"".to_owned(),
            (None, None) => String::new(),
        };
        let assignable = direct || into == "text" && column.ty.array == 0 && known.ty.array == 0;
        let using = if assignable {
            String::new()
        } else {
            let through = if from == "text" || into == "text" || from == into { "" } else { "::text" };
            format!(" USING {}{through}::{ty}", quote(&column.name, PG))
        };
        let sql = format!("{alter} TYPE {ty}{collate}{using}");
        match narrows(known, column) {
            Some(why) => {
                plan.risk(
                    &rules::NARROW_TYPE,
                    format!("{}.{} from {} to {}: {why}", new.name, column.name, known.ty.text(), column.ty.text()),
                    place.clone(),
                );
                plan.add_lossy(Phase::Column, sql, why);
            }
            None => plan.add(Phase::Column, sql),
        }
        if serial(known) && serial(column) {
            plan.add(Phase::Column, format!("ALTER SEQUENCE {} AS {}", sequence(old), column.ty.name));
        }
        plan.disturbed.insert((new.name.clone(), column.name.clone()));
    }
    if serial(column) && !serial(known) {
        let sequence = sequence(new);
        plan.add(
            Phase::Column,
            format!(
                "CREATE SEQUENCE {sequence} AS {} OWNED BY {}.{}",
                column.ty.name,
                name(new),
                quote(&column.name, PG)
            ),
        );
        plan.add(
            Phase::Column,
            format!(
                "SELECT setval({}, coalesce(max({column}), 0) + 1, false) FROM {}",
                literal(&sequence, PG),
                name(new),
                column = quote(&column.name, PG)
            ),
        );
        plan.add(Phase::Column, format!("{alter} SET DEFAULT nextval({}::regclass)", literal(&sequence, PG)));
    } else if wants != had || reset {
        match &column.default {
            Some(default) if wants.is_some() => plan.add(Phase::Column, format!("{alter} SET DEFAULT {default}")),
            _ if !reset => plan.add(Phase::Column, format!("{alter} DROP DEFAULT")),
            _ => {}
        }
    }
    if column.not_null && !known.not_null {
        plan.add(Phase::Column, format!("{alter} SET NOT NULL"));
        plan.risk(&rules::SET_NOT_NULL, format!("{}.{} may hold NULL: then it fails", new.name, column.name), place);
    }
    match (&known.identity, &column.identity) {
        (None, Some(identity)) => {
            if known.default.is_some() && had.is_some() && wants.is_some() {
                plan.add(Phase::Column, format!("{alter} DROP DEFAULT"));
            }
            let (kind, options) = split_identity(identity);
            plan.add(Phase::Column, format!("{alter} ADD GENERATED {kind} AS IDENTITY{options}"));
        }
        (Some(before), Some(after)) if words(before, PG) != words(after, PG) => {
            let (kind, options) = split_identity(after);
            let mut sets = Vec::new();
            if split_identity(before).0 != kind {
                sets.push(format!("SET GENERATED {kind}"));
            }
            sets.extend(
                super::alter::sequence_options(&split_identity(before).1, &options)
                    .into_iter()
                    .map(|option| format!("SET {option}")),
            );
            if !sets.is_empty() {
                plan.add(Phase::Column, format!("{alter} {}", sets.join(" ")));
            }
        }
        _ => {}
    }
    if !column.not_null && known.not_null {
        plan.add(Phase::Column, format!("{alter} DROP NOT NULL"));
    }
    storage(column, Some(known), &name(new), plan);
}

fn storage(column: &Column, known: Option<&Column>, table: &str, plan: &mut Plan) {
    for word in ["storage", "compression"] {
        let said = |column: &Column| {
            column
                .clauses
                .iter()
                .map(|clause| words(clause, PG))
                .find(|words| words.first().is_some_and(|first| first == word))
                .and_then(|words| words.get(1).cloned())
        };
        let (had, wants) = (known.and_then(said), said(column));
        if had != wants {
            let value = wants.unwrap_or_else(|| "default".to_owned());
            // Before version 16 the default of storage has no word.
            let value = if word == "storage" && value == "default" { "extended".to_owned() } else { value };
            plan.add(
                Phase::Column,
                format!(
                    "ALTER TABLE {table} ALTER COLUMN {} SET {} {value}",
                    quote(&column.name, PG),
                    word.to_uppercase()
                ),
            );
        }
    }
}

// Types that are cast into each other by themselves when they are assigned.
fn family(name: &str) -> &str {
    if WHOLE.contains(&name) || matches!(name, "numeric" | "real" | "double precision") {
        "number"
    } else if TEXTUAL.contains(&name) {
        "text"
    } else if TIMES.contains(&name) {
        "point"
    } else if matches!(name, "time" | "timetz") {
        "time"
    } else if matches!(name, "json" | "jsonb") {
        "json"
    } else if matches!(name, "inet" | "cidr") {
        "net"
    } else {
        name
    }
}

// What of the old type the new one may not hold.
fn narrows(known: &Column, column: &Column) -> Option<String> {
    let (from, into) = (&known.ty, &column.ty);
    let (one, other) = (family(&from.name), family(&into.name));
    if from.array.min(1) != into.array.min(1) {
        return Some("values are cast, and those that cannot be make it fail".to_owned());
    }
    if one != other {
        return (other != "text" || !into.arguments.is_empty())
            .then(|| "values are cast, and those that cannot be make it fail".to_owned());
    }
    let size = |argument: Option<&String>| argument.and_then(|text| text.trim().parse::<u64>().ok());
    let (had, has) = (size(from.arguments.first()), size(into.arguments.first()));
    match one {
        "text" => (has.unwrap_or(u64::MAX) < had.unwrap_or(u64::MAX)).then(|| "longer values make it fail".to_owned()),
        "number" => {
            let width = |name: &str| WHOLE.iter().position(|known| *known == name);
            match (width(&from.name), width(&into.name)) {
                (Some(before), Some(after)) => (after < before).then(|| "larger values make it fail".to_owned()),
                (Some(_), None) => None,
                (None, Some(_)) => Some("values are rounded".to_owned()),
                (None, None) => {
                    let scale = |ty: &crate::support::schema::types::ColumnType| {
                        size(ty.arguments.get(1)).unwrap_or(if ty.arguments.is_empty() { u64::MAX } else { 0 })
                    };
                    let less = has.unwrap_or(u64::MAX) < had.unwrap_or(u64::MAX) || scale(into) < scale(from);
                    let inexact = into.name == "real" && from.name != "real"
                        || into.name == "double precision" && from.name == "numeric";
                    (less || inexact).then(|| "values are rounded, larger ones make it fail".to_owned())
                }
            }
        }
        "point" => {
            let fine = |name: &str| name != "date";
            (fine(&from.name) && !fine(&into.name)).then(|| "the time of day goes".to_owned())
        }
        _ => None,
    }
}

// What is not on both sides by what it is and by its name: of those before, by their places, and of those after.
fn changed<'t, T>(
    before: &'t [T],
    after: &'t [T],
    key: impl Fn(&'t T) -> (&'t str, &'t str),
) -> (BTreeMap<usize, &'t T>, Vec<&'t T>) {
    let mut same: BTreeMap<(&str, &str), VecDeque<usize>> = BTreeMap::new();
    for (at, known) in before.iter().enumerate() {
        same.entry(key(known)).or_default().push_back(at);
    }
    let mut left: BTreeMap<usize, &T> = before.iter().enumerate().collect();
    let mut open = Vec::new();
    for wanted in after {
        match same.get_mut(&key(wanted)).and_then(VecDeque::pop_front) {
            Some(at) => drop(left.remove(&at)),
            None => open.push(wanted),
        }
    }
    (left, open)
}

fn keys(old: &Table, new: &Table, plan: &mut Plan) {
    let table = name(new);
    let (before, after) = (constraints(old), constraints(new));
    // First those that are what they are called, then those that are only called otherwise.
    let (mut left, open) = changed(&before, &after, |named| (&named.canonical, &named.name));
    // Those that are left by what they are: with a name of their own, and any.
    let mut alike: BTreeMap<&str, [BTreeSet<usize>; 2]> = BTreeMap::new();
    for (at, known) in &left {
        let [said, any] = alike.entry(&known.canonical).or_default();
        any.insert(*at);
        if known.said {
            said.insert(*at);
        }
    }
    let mut added: Vec<&Named> = Vec::new();
    for named in open {
        let found = alike.get_mut(named.canonical.as_str()).and_then(|[said, any]| {
            let at = *if named.said { any.first() } else { said.first() }?;
            any.remove(&at);
            said.remove(&at);
            left.remove(&at)
        });
        let Some(known) = found else {
            added.push(named);
            continue;
        };
        if named.said || !known.said || known.name != named.name {
            plan.add(
                Phase::Rename,
                format!(
                    "ALTER TABLE {table} RENAME CONSTRAINT {} TO {}",
                    quote(&known.name, PG),
                    quote(&named.name, PG)
                ),
            );
        }
    }
    for named in left.into_values() {
        if named.unique {
            plan.unkeyed.insert(new.name.clone());
        }
        plan.add(Phase::DropKey, format!("ALTER TABLE {table} DROP CONSTRAINT {}", quote(&named.name, PG)));
    }
    for named in added {
        plan.add(Phase::Key, format!("ALTER TABLE {table} ADD CONSTRAINT {} {}", quote(&named.name, PG), named.clause));
        if named.unique && !named.primary {
            plan.risk(&rules::ADD_UNIQUE, format!("{}: rows that are alike make {} fail", new.name, named.name), None);
        } else if !named.unique {
            plan.risk(&rules::MAY_FAIL, format!("{}: rows that break it make {} fail", new.name, named.name), None);
        }
        let _ = named.deferred;
    }
}

// An index, its name with and without a schema, and what it is.
struct Spelled {
    index: Index,
    full: String,
    name: String,
    canonical: String,
}

fn indexes(old: &Table, new: &Table, to: &Side<'_>, plan: &mut Plan) {
    let last = |name: String| name.rsplit('.').next().map(str::to_owned).unwrap_or(name);
    let plain = |table: &Table| -> Vec<Spelled> {
        let plain = table.indexes.iter().filter(|index| index.exclusion.is_none());
        let spelled = plain.map(|index| {
            let full = index_name(table, index);
            Spelled { index: index.clone(), name: last(full.clone()), full, canonical: index_canonical(index) }
        });
        spelled.collect()
    };
    let (before, after) = (plain(old), plain(new));
    let schema = new.name.rsplit_once('.').map(|(schema, _)| format!("{}.", quote(schema, PG))).unwrap_or_default();
    let (mut left, open) = changed(&before, &after, |spelled| (&spelled.canonical, &spelled.name));
    // Those that are left by their names, and by what they are where the name is not on both sides.
    let kept: BTreeSet<&str> = after.iter().map(|spelled| spelled.full.as_str()).collect();
    let mut by_name: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut alike: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (at, known) in &left {
        by_name.entry(&known.name).or_default().insert(*at);
        if !kept.contains(known.full.as_str()) {
            alike.entry(&known.canonical).or_default().insert(*at);
        }
    }
    for spelled in open {
        let (index, wanted) = (&spelled.index, spelled.name.as_str());
        let first = |places: Option<&BTreeSet<usize>>| places.and_then(BTreeSet::first).copied();
        let renamed = index.renamed_from.as_deref().and_then(|from| first(by_name.get(from)));
        let found = renamed.or_else(|| first(alike.get(spelled.canonical.as_str())));
        if let Some((at, known)) = found.and_then(|at| Some((at, left.remove(&at)?))) {
            for places in
                [by_name.get_mut(known.name.as_str()), alike.get_mut(known.canonical.as_str())].into_iter().flatten()
            {
                places.remove(&at);
            }
            plan.add(
                Phase::Rename,
                format!("ALTER INDEX {schema}{} RENAME TO {}", quote(&known.name, PG), quote(wanted, PG)),
            );
            if known.canonical == spelled.canonical {
                continue;
            }
            plan.add(Phase::DropKey, format!("DROP INDEX {schema}{}", quote(wanted, PG)));
        }
        plan.add(Phase::Key, to.source.get(index.span.clone()).unwrap_or_default());
        if index.unique {
            plan.risk(
                &rules::ADD_UNIQUE,
                format!("{}: rows that are alike make {wanted} fail", new.name),
                Some((Which::To, index.span.clone())),
            );
        }
    }
    for known in left.into_values() {
        if known.index.unique {
            plan.unkeyed.insert(new.name.clone());
        }
        plan.add(Phase::DropKey, format!("DROP INDEX {schema}{}", quote(&known.name, PG)));
    }
}

/// Comments on the table and its columns.
pub(super) fn comments(old: &Table, new: &Table, plan: &mut Plan) {
    let text =
        |comment: &Option<String>| comment.as_deref().map_or_else(|| "NULL".to_owned(), |text| literal(text, PG));
    let said = |comment: &Option<String>| comment.clone().filter(|text| !text.is_empty());
    if said(&old.comment) != said(&new.comment) {
        plan.add(Phase::Remark, format!("COMMENT ON TABLE {} IS {}", name(new), text(&new.comment)));
    }
    for column in &new.columns {
        let known = old.column(&column.name);
        let made_anew = known.is_some_and(|known| known.generated != column.generated && column.generated.is_some());
        let before = known.filter(|_| !made_anew).and_then(|known| said(&known.comment));
        if before != said(&column.comment) {
            plan.add(
                Phase::Remark,
                format!("COMMENT ON COLUMN {}.{} IS {}", name(new), quote(&column.name, PG), text(&column.comment)),
            );
        }
    }
}

fn settings(old: &Table, new: &Table, plan: &mut Plan) {
    let table = name(new);
    let spelled = |list: &[String]| -> BTreeSet<String> { list.iter().map(|text| words(text, PG).join(" ")).collect() };
    let (before, after) = (spelled(&old.settings), spelled(&new.settings));
    for setting in new.settings.iter().filter(|setting| !before.contains(&words(setting, PG).join(" "))) {
        plan.add(Phase::Column, format!("ALTER TABLE {table} {setting}"));
    }
    for setting in before.difference(&after) {
        let undone = if setting.starts_with("enable row") {
            Some("DISABLE ROW LEVEL SECURITY".to_owned())
        } else if setting.starts_with("force row") {
            Some("NO FORCE ROW LEVEL SECURITY".to_owned())
        } else if setting.starts_with("cluster on") {
            Some("SET WITHOUT CLUSTER".to_owned())
        } else if setting.starts_with("replica identity") {
            Some("REPLICA IDENTITY DEFAULT".to_owned())
        } else {
            None
        };
        match undone {
            Some(sql) => plan.add(Phase::Column, format!("ALTER TABLE {table} {sql}")),
            None => plan.risk(
                &rules::NOT_ALTERABLE,
                format!("{}: \"{setting}\" is no more said; set what it was before", new.name),
                Some((Which::To, new.span.clone())),
            ),
        }
    }
    if words(&old.options, PG) != words(&new.options, PG) || old.parent != new.parent {
        options(old, new, plan);
    }
}

// `WITH (..)`, tablespace, inheritance; how it is partitioned cannot be changed.
fn options(old: &Table, new: &Table, plan: &mut Plan) {
    let table = name(new);
    let (before, after) = (words(&old.options, PG), words(&new.options, PG));
    let part =
        |list: &[String]| list.first().is_some_and(|word| word == "partition" || word == "for" || word == "default");
    if part(&before) || part(&after) || old.parent.is_some() || new.parent.is_some() {
        if old.parent != new.parent && !part(&before) && !part(&after) {
            if let Some(parent) = &old.parent {
                plan.add(Phase::Column, format!("ALTER TABLE {table} NO INHERIT {}", quote_table(parent, PG)));
            }
            if let Some(parent) = &new.parent {
                plan.add(Phase::Key, format!("ALTER TABLE {table} INHERIT {}", quote_table(parent, PG)));
            }
            return;
        }
        let bound = |table: &Table| table.parent.is_some() && !table.options.is_empty();
        if bound(old) && bound(new) && old.parent == new.parent {
            let parent = quote_table(new.parent.as_deref().unwrap_or_default(), PG);
            plan.add(Phase::Column, format!("ALTER TABLE {parent} DETACH PARTITION {table}"));
            plan.add(Phase::Reference, format!("ALTER TABLE {parent} ATTACH PARTITION {table} {}", new.options));
            return;
        }
        plan.risk(
            &rules::NOT_ALTERABLE,
            format!("{} is partitioned otherwise: make a new table and copy its rows", new.name),
            Some((Which::To, new.span.clone())),
        );
        return;
    }
    let stored = |list: &[String]| -> Vec<String> {
        let text = list.join(" ");
        let inner = text
            .split_once("with (")
            .map(|(_, rest)| rest.rsplit_once(')').map_or(rest, |(inner, _)| inner).trim().to_owned());
        inner.into_iter().flat_map(|inner| inner.split(" , ").map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    let (had, wants) = (stored(&before), stored(&after));
    let key = |setting: &String| setting.split(" =").next().unwrap_or_default().trim().to_owned();
    let set: Vec<String> = wants.iter().filter(|setting| !had.contains(setting)).cloned().collect();
    let reset: Vec<String> =
        had.iter().map(key).filter(|name| !wants.iter().any(|setting| key(setting) == *name)).collect();
    if !set.is_empty() {
        plan.add(Phase::Column, format!("ALTER TABLE {table} SET ({})", set.join(", ").replace(" . ", ".")));
    }
    if !reset.is_empty() {
        plan.add(Phase::Column, format!("ALTER TABLE {table} RESET ({})", reset.join(", ")));
    }
}

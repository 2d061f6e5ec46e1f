//! What changes a table of `MySQL` or `MariaDB` into another: one ALTER TABLE, so that keys and counting columns never stand
//! alone.

use super::plan::{Phase, Plan, Which};
use super::rules;
use super::text::{canonical, canonical_default, literal, quote, quote_list, quote_table, same_type, type_text, words};
use crate::support::schema::{self, Column, Dialect, Index, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const MY: Dialect = Dialect::MySql;
/// Types of whole numbers, narrow to wide.
const WHOLE: &[&str] = &["tinyint", "smallint", "mediumint", "int", "bigint"];
/// Types of texts, short to long.
const TEXTS: &[&str] = &["tinytext", "text", "mediumtext", "longtext"];

struct Named {
    name: String,
    clause: String,
    canonical: String,
    unique: bool,
    renamed_from: Option<String>,
}

fn index_clause(index: &Index) -> String {
    let kind = match index.method.as_str() {
        "fulltext" => "FULLTEXT KEY",
        "spatial" => "SPATIAL KEY",
        _ if index.unique => "UNIQUE KEY",
        _ => "KEY",
    };
    let name = index.name.as_deref().map(|name| format!(" {}", quote(name, MY))).unwrap_or_default();
    let parts: Vec<String> = index.parts.iter().map(|part| part.text.clone()).collect();
    let using = if index.method == "hash" { " USING HASH" } else { "" };
    let options = if index.options.is_empty() { String::new() } else { format!(" {}", index.options) };
    format!("{kind}{name} ({}){using}{options}", parts.join(", "))
}

// Keys beside the primary one, by their names; those without one get the server's: the first column's, with a number.
fn keys(table: &Table) -> Vec<Named> {
    let mut taken: BTreeSet<String> = table
        .uniques
        .iter()
        .filter_map(|key| key.name.clone())
        .chain(table.indexes.iter().filter_map(|index| index.name.clone()))
        .map(|name| name.to_lowercase())
        .collect();
    // The last number tried of each name: those before are taken.
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    let mut made = |name: Option<&String>, first: &str| {
        if let Some(name) = name {
            return name.clone();
        }
        let at = tried.entry(first.to_owned()).or_insert(0_usize);
        loop {
            *at += 1;
            let wanted = if *at == 1 { first.to_owned() } else { format!("{first}_{at}") };
            if taken.insert(wanted.to_lowercase()) {
                return wanted;
            }
        }
    };
    let mut list = Vec::new();
    for key in &table.uniques {
        let named = key.name.as_deref().map(|name| format!(" {}", quote(name, MY))).unwrap_or_default();
        let options = if key.options.is_empty() { String::new() } else { format!(" {}", key.options) };
        let columns = quote_list(&key.columns, MY);
        list.push(Named {
            name: made(key.name.as_ref(), key.columns.first().map_or("key", String::as_str)),
            canonical: format!("unique ({}) {}", words(&columns, MY).join(" "), quiet(&options)),
            clause: format!("UNIQUE KEY{named} ({columns}){options}"),
            unique: true,
            renamed_from: None,
        });
    }
    for index in &table.indexes {
        let parts: Vec<String> =
            index.parts.iter().map(|part| canonical(&part.text, MY).trim_end_matches(" asc").to_owned()).collect();
        let method = if matches!(index.method.as_str(), "btree" | "hash") { "" } else { index.method.as_str() };
        list.push(Named {
            name: made(
                index.name.as_ref(),
                index.parts.first().and_then(|part| part.column.as_deref()).unwrap_or("functional_index"),
            ),
            canonical: format!(
                "{}{method} ({}) {}",
                if index.unique { "unique" } else { "" },
                parts.join(" , "),
                quiet(&index.options)
            ),
            clause: index_clause(index),
            unique: index.unique,
            renamed_from: index.renamed_from.clone(),
        });
    }
    list
}

fn quiet(options: &str) -> String {
    words(options, MY).join(" ").replace("using btree", "").replace("using hash", "").trim().to_owned()
}

/// A column as ADD and MODIFY say it.
fn definition(column: &Column) -> String {
    let mut text = format!("{} {}", quote(&column.name, MY), type_text(&column.ty, MY));
    let first = |clause: &str| words(clause, MY).into_iter().next().unwrap_or_default();
    let early = |clause: &str| {
        matches!(first(clause).as_str(), "character" | "charset" | "zerofill" | "binary" | "ascii" | "unicode")
    };
    for clause in column.clauses.iter().filter(|clause| early(clause)) {
        text.push(' ');
        text.push_str(clause);
    }
    if let Some(collation) = &column.collation {
        let _ = write!(text, " COLLATE {collation}");
    }
    if let Some(expression) = &column.generated {
        let _ =
            write!(text, " GENERATED ALWAYS AS ({expression}) {}", if column.stored { "STORED" } else { "VIRTUAL" });
    }
    if column.not_null {
        text.push_str(" NOT NULL");
    } else if column.ty.name == "timestamp" {
        text.push_str(" NULL");
    }
    if let Some(default) = &column.default {
        let _ = write!(text, " DEFAULT {default}");
    }
    if column.counts {
        text.push_str(" AUTO_INCREMENT");
    }
    for clause in column.clauses.iter().filter(|clause| !early(clause)) {
        text.push(' ');
        text.push_str(clause);
    }
    if let Some(comment) = column.comment.as_deref().filter(|comment| !comment.is_empty()) {
        let _ = write!(text, " COMMENT {}", literal(comment, MY));
    }
    text
}

fn same(old: &Column, new: &Column) -> bool {
    let clauses = |column: &Column| -> BTreeSet<String> {
        column
            .clauses
            .iter()
            .map(|clause| canonical(&clause.to_lowercase().replace("charset", "character set"), MY))
            .filter(|clause| clause != "visible")
            .collect()
    };
    let said = |comment: &Option<String>| comment.clone().filter(|text| !text.is_empty());
    let collation = |column: &Column| column.collation.as_deref().map(|text| words(text, MY).concat());
    let computed = |column: &Column| column.generated.as_deref().map(|text| (canonical(text, MY), column.stored));
    same_type(&old.ty, &new.ty)
        && old.not_null == new.not_null
        && old.counts == new.counts
        && canonical_default(old.default.as_deref(), &old.ty, MY)
            == canonical_default(new.default.as_deref(), &new.ty, MY)
        && computed(old) == computed(new)
        && collation(old) == collation(new)
        && said(&old.comment) == said(&new.comment)
        && clauses(old) == clauses(new)
}

/// The whole table by its parts, without references.
pub(super) fn whole(table: &Table) -> String {
    let mut parts: Vec<String> = table.columns.iter().map(definition).collect();
    if let Some(key) = &table.primary_key {
        parts.push(format!("PRIMARY KEY ({})", quote_list(&key.columns, MY)));
    }
    parts.extend(keys(table).into_iter().map(|named| named.clause));
    for check in &table.checks {
        let named = check.name.as_deref().map(|name| format!("CONSTRAINT {} ", quote(name, MY))).unwrap_or_default();
        parts.push(format!("{named}CHECK ({})", check.condition));
    }
    let options = if table.options.is_empty() { String::new() } else { format!(" {}", table.options) };
    format!("CREATE TABLE {} (\n  {}\n){options}", quote_table(&table.name, MY), parts.join(",\n  "))
}

/// Changes one into the other, references apart.
pub(super) fn change(old: &Table, new: &Table, plan: &mut Plan) {
    let mut actions: Vec<String> = Vec::new();
    let mut loses: Vec<String> = Vec::new();
    change_keys(old, new, &mut actions, plan);
    if !old.opaque && !new.opaque {
        columns(old, new, &mut actions, &mut loses, plan);
    }
    add_keys(old, new, &mut actions, plan);
    options(old, new, &mut actions);
    if !actions.is_empty() {
        let sql = format!("ALTER TABLE {} {}", quote_table(&new.name, MY), actions.join(", "));
        if loses.is_empty() {
            plan.add(Phase::Column, sql);
        } else {
            plan.add_lossy(Phase::Column, sql, loses.join("; "));
        }
    }
    let partition = |table: &Table| -> Option<String> {
        let lower = table.options.to_lowercase();
        lower.find("partition by").and_then(|at| table.options.get(at..).map(str::to_owned))
    };
    let (had, wants) = (partition(old), partition(new));
    if had.as_deref().map(|text| words(text, MY)) != wants.as_deref().map(|text| words(text, MY)) {
        let how = wants.unwrap_or_else(|| "REMOVE PARTITIONING".to_owned());
        plan.add(Phase::Column, format!("ALTER TABLE {} {how}", quote_table(&new.name, MY)));
    }
}

fn primary(table: &Table) -> Option<String> {
    table
        .primary_key
        .as_ref()
        .map(|key| format!("({}) {}", words(&quote_list(&key.columns, MY), MY).join(" "), quiet(&key.options)))
}

fn change_keys(old: &Table, new: &Table, actions: &mut Vec<String>, plan: &mut Plan) {
    if primary(old) != primary(new) && old.primary_key.is_some() {
        actions.push("DROP PRIMARY KEY".to_owned());
        plan.unkeyed.insert(new.name.clone());
    }
    let (before, after) = (keys(old), keys(new));
    let sides = Sides::new(&before, &after);
    let kept: BTreeSet<(String, &str)> = after.iter().map(spelled).collect();
    for named in &before {
        if !kept.contains(&spelled(named)) && !sides.is_renamed(named) {
            actions.push(format!("DROP INDEX {}", quote(&named.name, MY)));
            if named.unique {
                plan.unkeyed.insert(new.name.clone());
            }
        }
    }
    let kept: BTreeSet<Check> = checks(new).into_iter().map(|(_, check)| check).collect();
    for (name, check) in checks(old) {
        if !kept.contains(&check) {
            actions.push(format!("DROP CONSTRAINT {}", quote(&name, MY)));
        }
    }
}

fn spelled(named: &Named) -> (String, &str) {
    (named.name.to_ascii_lowercase(), named.canonical.as_str())
}

// A check's name in lower case, its condition and its options.
type Check = (String, String, String);

// The checks of a table in order, each with its name.
fn checks(table: &Table) -> Vec<(String, Check)> {
    let mut unnamed = 0;
    let all = table.checks.iter().map(|check: &schema::Check| {
        let name = check.name.clone().unwrap_or_else(|| {
            unnamed += 1;
            format!("{}_chk_{unnamed}", table.name)
        });
        let options = words(&check.options, MY).join(" ").replace("not enforced", "-").replace("enforced", "");
        let spelled = (name.to_ascii_lowercase(), canonical(&check.condition, MY), options);
        (name, spelled)
    });
    all.collect()
}

// Which key is which by a new name, where neither name is on both sides: it is said, or each is the first of what it is.
struct Sides<'k> {
    // Those whose names only one side has, by what they are.
    gone: BTreeMap<&'k str, Vec<&'k Named>>,
    come: BTreeMap<&'k str, Vec<&'k Named>>,
    // What each of those that come is, and is said to have been called.
    told: BTreeSet<(&'k str, &'k str)>,
    names: [BTreeSet<String>; 2],
}

impl<'k> Sides<'k> {
    fn new(before: &'k [Named], after: &'k [Named]) -> Self {
        let names = [before, after].map(|list| list.iter().map(|named| named.name.to_ascii_lowercase()).collect());
        let alone = |list: &'k [Named], others: &BTreeSet<String>| {
            let mut alone: BTreeMap<&'k str, Vec<&'k Named>> = BTreeMap::new();
            for named in list.iter().filter(|named| !others.contains(&named.name.to_ascii_lowercase())) {
                alone.entry(named.canonical.as_str()).or_default().push(named);
            }
            alone
        };
        let (gone, come) = (alone(before, &names[1]), alone(after, &names[0]));
        let told = come.values().flatten();
        let told = told.filter_map(|named| Some((named.canonical.as_str(), named.renamed_from.as_deref()?))).collect();
        Self { gone, come, told, names }
    }

    fn is_first(of: &BTreeMap<&str, Vec<&Named>>, named: &Named) -> bool {
        let first = of.get(named.canonical.as_str()).and_then(|list| list.first());
        first.is_some_and(|first| first.name == named.name)
    }

    // Whether a key that was has another name now.
    fn is_renamed(&self, known: &Named) -> bool {
        let canonical = known.canonical.as_str();
        !self.names[1].contains(&known.name.to_ascii_lowercase())
            && (Self::is_first(&self.gone, known) && self.come.contains_key(canonical)
                || self.told.contains(&(canonical, known.name.as_str())))
    }

    // The key that a key was.
    fn origin(&self, wanted: &Named) -> Option<&'k Named> {
        let gone = self.gone.get(wanted.canonical.as_str())?;
        if Self::is_first(&self.come, wanted) {
            return gone.first().copied();
        }
        let told = wanted.renamed_from.as_deref()?;
        let is_fresh = !self.names[0].contains(&wanted.name.to_ascii_lowercase());
        gone.iter().copied().find(|known| is_fresh && known.name == told)
    }
}

fn add_keys(old: &Table, new: &Table, actions: &mut Vec<String>, plan: &mut Plan) {
    if primary(old) != primary(new)
        && let Some(key) = &new.primary_key
    {
        let options = if key.options.is_empty() { String::new() } else { format!(" {}", key.options) };
        actions.push(format!("ADD PRIMARY KEY ({}){options}", quote_list(&key.columns, MY)));
    }
    let (before, after) = (keys(old), keys(new));
    let sides = Sides::new(&before, &after);
    let known: BTreeSet<(String, &str)> = before.iter().map(spelled).collect();
    for named in &after {
        if known.contains(&spelled(named)) {
            continue;
        }
        if let Some(known) = sides.origin(named) {
            actions.push(format!("RENAME INDEX {} TO {}", quote(&known.name, MY), quote(&named.name, MY)));
            continue;
        }
        actions.push(format!("ADD {}", named.clause));
        if named.unique {
            plan.risk(&rules::ADD_UNIQUE, format!("{}: rows that are alike make {} fail", new.name, named.name), None);
        }
    }
    let known: BTreeSet<Check> = checks(old).into_iter().map(|(_, check)| check).collect();
    for (check, (name, spelled)) in new.checks.iter().zip(checks(new)) {
        if !known.contains(&spelled) {
            let named =
                check.name.as_deref().map(|name| format!("CONSTRAINT {} ", quote(name, MY))).unwrap_or_default();
            let options = if check.options.is_empty() { String::new() } else { format!(" {}", check.options) };
            actions.push(format!("ADD {named}CHECK ({}){options}", check.condition));
            plan.risk(
                &rules::MAY_FAIL,
                format!("{}: rows that break it make {name} fail", new.name),
                Some((Which::To, check.span.clone())),
            );
        }
    }
}

fn columns(old: &Table, new: &Table, actions: &mut Vec<String>, loses: &mut Vec<String>, plan: &mut Plan) {
    let find = |table: &Table, name: &str| table.columns.position_in(name, MY);
    for column in old.columns.iter().filter(|column| find(new, &column.name).is_none()) {
        actions.push(format!("DROP COLUMN {}", quote(&column.name, MY)));
        plan.disturbed.insert((new.name.clone(), column.name.clone()));
        if column.generated.is_none() {
            loses.push(format!("values of {}.{}", new.name, column.name));
            plan.risk(
                &rules::DROP_COLUMN,
                format!("{}.{} and its values go", new.name, column.name),
                Some((Which::From, column.span.clone())),
            );
        }
    }
    // Columns that stay where they are: the longest run of those that are in order.
    let common: Vec<(usize, usize)> = new
        .columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| find(old, &column.name).map(|known| (at, known)))
        .collect();
    let stay = increasing(&common);
    for (at, column) in new.columns.iter().enumerate() {
        let place = match at.checked_sub(1).and_then(|at| new.columns.get(at)) {
            Some(previous) => format!(" AFTER {}", quote(&previous.name, MY)),
            None => " FIRST".to_owned(),
        };
        let Some(known) = find(old, &column.name).and_then(|known| old.columns.get(known)) else {
            actions.push(format!("ADD COLUMN {}{place}", definition(column)));
            if column.not_null && column.default.is_none() && column.generated.is_none() && !column.counts {
                plan.risk(
                    &rules::ADD_NOT_NULL,
                    format!(
                        "{}.{} has no default: rows get the type's empty value, or it fails",
                        new.name, column.name
                    ),
                    Some((Which::To, column.span.clone())),
                );
            }
            continue;
        };
        let moved = !stay.contains(&at);
        let computed = |column: &Column| column.generated.as_ref().map(|_| column.stored);
        if computed(known) != computed(column)
            && (known.generated.is_some() || column.generated.is_some())
            && !(known.generated.is_some() && known.stored && column.generated.is_none())
        {
            actions.push(format!("DROP COLUMN {}", quote(&known.name, MY)));
            actions.push(format!("ADD COLUMN {}{place}", definition(column)));
            if known.generated.is_none() {
                loses.push(format!("values of {}.{}", new.name, column.name));
                plan.risk(
                    &rules::DROP_COLUMN,
                    format!("{}.{} is made anew as a computed column; its values go", new.name, column.name),
                    Some((Which::To, column.span.clone())),
                );
            }
            plan.disturbed.insert((new.name.clone(), column.name.clone()));
            continue;
        }
        if same(known, column) && !moved {
            continue;
        }
        let place = if moved { place } else { String::new() };
        actions.push(format!("MODIFY COLUMN {}{place}", definition(column)));
        if !same_type(&known.ty, &column.ty) {
            plan.disturbed.insert((new.name.clone(), column.name.clone()));
        }
        if let Some(why) = narrows(known, column) {
            loses.push(format!("{}.{}: {why}", new.name, column.name));
            plan.risk(
                &rules::NARROW_TYPE,
                format!("{}.{} from {} to {}: {why}", new.name, column.name, known.ty.text(), column.ty.text()),
                Some((Which::To, column.span.clone())),
            );
        }
        if column.not_null && !known.not_null {
            plan.risk(
                &rules::SET_NOT_NULL,
                format!("{}.{} may hold NULL: then it fails", new.name, column.name),
                Some((Which::To, column.span.clone())),
            );
        }
    }
}

// The positions (of the first numbers) whose second numbers form a longest increasing run.
fn increasing(pairs: &[(usize, usize)]) -> BTreeSet<usize> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    let value = |at: usize| pairs.get(at).map_or(0, |(_, value)| *value);
    for at in 0..pairs.len() {
        let place = tails.partition_point(|tail| value(*tail) < value(at));
        before.push(place.checked_sub(1).and_then(|place| tails.get(place)).copied());
        if place == tails.len() {
            tails.push(at);
        } else if let Some(slot) = tails.get_mut(place) {
            *slot = at;
        }
    }
    let mut run = BTreeSet::new();
    let mut at = tails.last().copied();
    while let Some(current) = at {
        run.extend(pairs.get(current).map(|(first, _)| *first));
        at = before.get(current).copied().flatten();
    }
    run
}

fn narrows(known: &Column, column: &Column) -> Option<String> {
    let (from, into) = (&known.ty, &column.ty);
    let at = |list: &[&str], name: &str| list.iter().position(|word| *word == name);
    let size = |argument: Option<&String>| argument.and_then(|text| text.trim().parse::<u64>().ok());
    if let (Some(before), Some(after)) = (at(WHOLE, &from.name), at(WHOLE, &into.name)) {
        return (after < before || from.unsigned != into.unsigned && after <= before)
            .then(|| "values out of its range make it fail".to_owned());
    }
    let texts = |name: &str| matches!(name, "char" | "varchar") || TEXTS.contains(&name);
    if texts(&from.name) && texts(&into.name) {
        let room = |ty: &crate::support::schema::types::ColumnType| match at(TEXTS, &ty.name) {
            Some(0) => 255,
            Some(1) => 65_535,
            Some(_) => u64::MAX,
            None => size(ty.arguments.first()).unwrap_or(1),
        };
        return (room(into) < room(from)).then(|| "longer values make it fail".to_owned());
    }
    if from.name == into.name && matches!(from.name.as_str(), "enum" | "set") {
        let lost: Vec<&str> =
            from.arguments.iter().filter(|word| !into.arguments.contains(word)).map(String::as_str).collect();
        return (!lost.is_empty()).then(|| format!("rows that say {} make it fail", lost.join(", ")));
    }
    if from.name == into.name {
        let less = from.arguments.iter().zip(&into.arguments).any(|(had, has)| size(Some(has)) < size(Some(had)));
        return less.then(|| "values are cut or make it fail".to_owned());
    }
    if matches!(into.name.as_str(), "longtext" | "mediumtext" | "text") && at(WHOLE, &from.name).is_some() {
        return None;
    }
    Some("values are converted, and those that cannot be make it fail".to_owned())
}

fn options(old: &Table, new: &Table, actions: &mut Vec<String>) {
    let read = |table: &Table| -> BTreeMap<String, String> {
        let lower = table.options.to_lowercase();
        let end = lower.find("partition by").unwrap_or(lower.len());
        let list = words(table.options.get(..end).unwrap_or_default(), MY);
        let mut found = BTreeMap::new();
        let mut at = 0;
        while let Some(word) = list.get(at) {
            let mut key = word.clone();
            at += 1;
            if key == "default" || key == "," {
                continue;
            }
            if key == "character" && list.get(at).is_some_and(|next| next == "set") {
                "charset".clone_into(&mut key);
                at += 1;
            }
            at += usize::from(list.get(at).is_some_and(|next| next == "="));
            if let Some(value) = list.get(at) {
                found.insert(key, value.clone());
                at += 1;
            }
        }
        found.remove("auto_increment");
        found.remove("comment");
        found
    };
    let said = |comment: &Option<String>| comment.clone().unwrap_or_default();
    if said(&old.comment) != said(&new.comment) {
        actions.push(format!("COMMENT = {}", literal(&said(&new.comment), MY)));
    }
    let before = read(old);
    for (key, value) in read(new) {
        if before.get(&key) != Some(&value) {
            actions.push(format!("{} = {value}", key.to_uppercase()));
        }
    }
}

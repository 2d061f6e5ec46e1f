//! From one schema to another: what is renamed, what is matched, and the order of the statements.
//!
//! Statements belong to phases: renames, what must be out of the way, types and tables, columns, keys and indexes, references, what
//! goes, what stands on tables, comments and grants, types that go. Within a phase they are in the order of dependency.

use super::object::{Grant, Object, objects};
use super::reference::{add_reference, foreign_keys, foreign_names};
use super::text::{literal, quote, quote_table, rename_word, type_key, words};
use super::things::things;
use super::{mysql, postgres, rules, sqlite};
use crate::support::schema::{Column, Dialect, Schema, Span, Table};
use octavo_toolkit::Rule;
use std::collections::{BTreeMap, BTreeSet};

/// One side of the comparison.
pub(super) struct Side<'a> {
    /// Its text.
    pub(super) source: &'a str,
    /// Its tables.
    pub(super) schema: Schema,
    /// What it has beside tables.
    pub(super) objects: Vec<Object>,
    /// Who may do what.
    pub(super) grants: BTreeSet<Grant>,
    /// Whether there are more grants.
    pub(super) more_grants: bool,
}

impl<'a> Side<'a> {
    /// A side as its text says it.
    pub(super) fn read(source: &'a str, dialect: Dialect) -> Self {
        let schema = crate::support::schema::ddl::read(source, dialect);
        let (objects, grants, more_grants) = objects(source, &schema, dialect);
        Self { source, schema, objects, grants, more_grants }
    }

    /// How many renames its comments ask for.
    pub(super) fn renames(&self) -> usize {
        let tables = &self.schema.tables;
        let columns = tables.iter().flat_map(|table| &table.columns);
        let tables = tables.iter().filter(|table| table.renamed_from.is_some()).count();
        tables + columns.filter(|column| column.renamed_from.is_some()).count()
    }

    /// The names of tables, enumerations and objects.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        let tables = self.schema.tables.iter().map(|table| table.name.as_str());
        let enums = self.schema.enums.iter().map(|(name, _)| name.as_str());
        tables.chain(enums).chain(self.objects.iter().map(|object| object.name.as_str())).collect()
    }

    /// The text of a statement; one that ends in `MySQL`'s comment that runs is closed.
    pub(super) fn text(&self, span: &Span) -> String {
        let text = self.source.get(span.clone()).unwrap_or_default();
        let open = text.matches("/*").count() > text.matches("*/").count();
        if open { format!("{text} */") } else { text.to_owned() }
    }
}

/// Whether one of the names is in this schema.
pub(super) fn holds(names: &BTreeSet<&str>, schema: &str) -> bool {
    let prefix = format!("{schema}.");
    names.range(prefix.as_str()..).next().is_some_and(|name| name.starts_with(&prefix))
}

/// When a statement runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Rename,
    Unbind,
    DropReference,
    DropKey,
    Create,
    Column,
    Key,
    Reference,
    DropTable,
    Stand,
    Remark,
    DropType,
    DropEnum,
    DropSchema,
}

/// What a statement risks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Risk {
    /// Its rule.
    pub(super) rule: &'static Rule,
    /// What is lost, or may fail.
    pub(super) message: String,
    /// Where, and on which side.
    pub(super) place: Option<(Which, Span)>,
}

/// A side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    From,
    To,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    phase: Phase,
    /// The statement, without its semicolon.
    pub(super) sql: String,
    /// What data it destroys.
    pub(super) loses: Option<String>,
}

/// Statements, and what they risk.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) risks: Vec<Risk>,
    /// Columns that go or change their type: views on them have to be made anew.
    pub(super) disturbed: BTreeSet<(String, String)>,
    /// Tables that are made anew.
    pub(super) rebuilt: BTreeSet<String>,
    /// Tables whose columns or keys are not what they were.
    pub(super) moved: BTreeSet<String>,
    /// Tables whose keys go.
    pub(super) unkeyed: BTreeSet<String>,
}

impl Plan {
    /// Adds a statement.
    pub(super) fn add(&mut self, phase: Phase, sql: impl Into<String>) {
        self.steps.push(Step { phase, sql: sql.into(), loses: None });
    }

    /// Adds a statement that destroys data.
    pub(super) fn add_lossy(&mut self, phase: Phase, sql: impl Into<String>, loses: impl Into<String>) {
        self.steps.push(Step { phase, sql: sql.into(), loses: Some(loses.into()) });
    }

    /// Notes a risk.
    pub(super) fn risk(&mut self, rule: &'static Rule, message: impl Into<String>, place: Option<(Which, Span)>) {
        self.risks.push(Risk { rule, message: message.into(), place });
    }
}

/// Most things of one name whose order is looked after: routines with that many kinds of parameters are none that people write, and
/// triggers of one name on many tables do not need each other.
const MAX_NAMESAKES: usize = 32;

/// A table or column that goes by another name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rename {
    /// The table, by its name before, or the table of the column by its new name.
    pub(super) table: String,
    /// The column's old name.
    pub(super) column: Option<String>,
    /// The new name.
    pub(super) new: String,
}

/// The statements that lead from one side to the other.
pub(super) fn plan(from: &Side<'_>, to: &Side<'_>, renames: &[Rename], dialect: Dialect) -> Plan {
    let mut plan = Plan::default();
    let mut before = from.schema.clone();
    apply_renames(&mut before, to, renames, dialect, &mut plan);
    let old_tables: BTreeMap<String, &Table> =
        before.tables.iter().map(|table| (fold(&table.name, dialect), table)).collect();
    let new_tables: BTreeMap<String, &Table> =
        to.schema.tables.iter().map(|table| (fold(&table.name, dialect), table)).collect();
    enums(&before, &to.schema, dialect, &mut plan);
    // Tables on both sides.
    let pairs: Vec<(&Table, &Table)> = to
        .schema
        .tables
        .iter()
        .filter_map(|table| old_tables.get(&fold(&table.name, dialect)).map(|old| (*old, table)))
        .collect();
    for (old, new) in &pairs {
        let shape = |table: &Table| -> Vec<(String, String)> {
            table.columns.iter().map(|column| (column.name.clone(), column.ty.text())).collect()
        };
        if old.keys() != new.keys() || shape(old) != shape(new) {
            plan.moved.insert(new.name.clone());
        }
        match dialect {
            Dialect::PostgreSql => postgres::change(old, new, to, &mut plan),
            Dialect::MySql => mysql::change(old, new, &mut plan),
            Dialect::Sqlite => sqlite::change(old, new, to, &mut plan),
        }
    }
    let gone: Vec<&Table> =
        before.tables.iter().filter(|table| !new_tables.contains_key(&fold(&table.name, dialect))).collect();
    let made: Vec<&Table> =
        to.schema.tables.iter().filter(|table| !old_tables.contains_key(&fold(&table.name, dialect))).collect();
    if dialect != Dialect::Sqlite {
        foreign_keys(&pairs, &before, &gone, dialect, &mut plan);
    }
    let doomed: BTreeSet<&str> = gone.iter().map(|table| table.name.as_str()).collect();
    things(from, to, &doomed, dialect, &mut plan);
    create(&made, to, dialect, &mut plan, from);
    drop_tables(&gone, dialect, &mut plan);
    rename_candidates(&pairs, &gone, &made, dialect, &mut plan);
    plan.steps.sort_by_key(|step| step.phase);
    plan
}

pub(super) fn fold(name: &str, dialect: Dialect) -> String {
    if dialect == Dialect::PostgreSql { name.to_owned() } else { name.to_lowercase() }
}

// Renames that were asked for, in the arguments or by comments; the model goes by the new names afterwards.
fn apply_renames(before: &mut Schema, to: &Side<'_>, asked: &[Rename], dialect: Dialect, plan: &mut Plan) {
    let mut list: Vec<Rename> = Vec::new();
    for table in &to.schema.tables {
        if let Some(old) = &table.renamed_from {
            list.push(Rename { table: old.clone(), column: None, new: table.name.clone() });
        }
    }
    list.extend(asked.iter().filter(|rename| rename.column.is_none()).cloned());
    for rename in list {
        let taken = before.table(&rename.new).is_some();
        let old = before.table(&rename.table).map(|table| table.name.clone()).or_else(|| {
            let prefix = rename.new.rsplit_once('.').map(|(prefix, _)| prefix)?;
            before.table(&format!("{prefix}.{}", rename.table)).map(|table| table.name.clone())
        });
        let Some(old) = old.filter(|_| !taken) else { continue };
        let last = rename.new.rsplit('.').next().unwrap_or(&rename.new);
        let target = if dialect == Dialect::MySql { quote_table(&rename.new, dialect) } else { quote(last, dialect) };
        plan.add(Phase::Rename, format!("ALTER TABLE {} RENAME TO {target}", quote_table(&old, dialect)));
        rename_table(before, &old, &rename.new, dialect);
    }
    let mut columns: Vec<Rename> = Vec::new();
    for table in &to.schema.tables {
        for column in &table.columns {
            if let Some(old) = &column.renamed_from {
                columns.push(Rename { table: table.name.clone(), column: Some(old.clone()), new: column.name.clone() });
            }
        }
    }
    columns.extend(asked.iter().filter(|rename| rename.column.is_some()).cloned());
    for rename in columns {
        let Some(old) = rename.column else { continue };
        let Some(table) = before.table(&rename.table) else { continue };
        let stays = to.schema.table(&rename.table).is_some_and(|table| table.column(&old).is_some());
        if table.column(&old).is_none() || table.column(&rename.new).is_some() || stays {
            continue;
        }
        let sql = format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            quote_table(&rename.table, dialect),
            quote(&old, dialect),
            quote(&rename.new, dialect)
        );
        plan.add(Phase::Rename, sql);
        rename_column(before, &rename.table, &old, &rename.new, dialect);
    }
}

fn rename_table(schema: &mut Schema, old: &str, new: &str, dialect: Dialect) {
    for table in &mut schema.tables {
        for key in table.foreign_keys.iter_mut().filter(|key| key.table == old) {
            new.clone_into(&mut key.table);
        }
        if table.name == old {
            // Names that the server made stay as they are.
            if dialect == Dialect::PostgreSql {
                postgres::fix_names(table);
            }
            new.clone_into(&mut table.name);
        }
    }
}

fn rename_column(schema: &mut Schema, table: &str, old: &str, new: &str, dialect: Dialect) {
    if dialect == Dialect::PostgreSql
        && let Some(table) = schema.tables.iter_mut().find(|known| known.name == table)
    {
        postgres::fix_names(table);
    }
    let swap =
        |names: &mut Vec<String>| names.iter_mut().filter(|name| *name == old).for_each(|name| new.clone_into(name));
    for other in &mut schema.tables {
        for key in other.foreign_keys.iter_mut().filter(|key| key.table == table) {
            swap(&mut key.references);
        }
        if other.name != table {
            continue;
        }
        for column in &mut other.columns {
            if column.name == old {
                new.clone_into(&mut column.name);
            }
            if let Some(expression) = &mut column.generated {
                *expression = rename_word(expression, old, new, dialect);
            }
        }
        other.primary_key.iter_mut().chain(&mut other.uniques).for_each(|key| swap(&mut key.columns));
        other.foreign_keys.iter_mut().for_each(|key| swap(&mut key.columns));
        for check in &mut other.checks {
            check.condition = rename_word(&check.condition, old, new, dialect);
        }
        for index in &mut other.indexes {
            swap(&mut index.include);
            index.condition = index.condition.as_deref().map(|text| rename_word(text, old, new, dialect));
            for part in &mut index.parts {
                if part.column.as_deref() == Some(old) {
                    part.column = Some(new.to_owned());
                }
                part.text = rename_word(&part.text, old, new, dialect);
            }
        }
    }
}

// Enumerations: new words are added where they stand; where words go, the type is made anew.
fn enums<'s>(before: &'s Schema, after: &'s Schema, dialect: Dialect, plan: &mut Plan) {
    let text = |word: &str| literal(word, dialect);
    let list = |list: &[String]| list.iter().map(|word| text(word)).collect::<Vec<_>>().join(", ");
    let by_name = |schema: &'s Schema| -> BTreeMap<&'s str, &'s Vec<String>> {
        schema.enums.iter().rev().map(|(name, words)| (name.as_str(), words)).collect()
    };
    let (known, kept_enums) = (by_name(before), by_name(after));
    // The columns of each type, by table.
    let mut typed: BTreeMap<&str, Vec<(&Table, &Column)>> = BTreeMap::new();
    for table in &before.tables {
        for column in &table.columns {
            typed.entry(column.ty.name.as_str()).or_default().push((table, column));
        }
    }
    for (name, new) in &after.enums {
        let quoted = quote_table(name, dialect);
        let Some(old) = known.get(name.as_str()) else {
            plan.add(Phase::Rename, format!("CREATE TYPE {quoted} AS ENUM ({})", list(new)));
            continue;
        };
        let old = *old;
        if old == new {
            continue;
        }
        let there: BTreeSet<&String> = old.iter().collect();
        let kept: Vec<&String> = new.iter().filter(|word| there.contains(word)).collect();
        if kept.len() == old.len() && kept.iter().zip(old).all(|(one, other)| *one == other) {
            let last_kept = new.iter().rposition(|word| there.contains(word));
            for (at, word) in new.iter().enumerate().filter(|(_, word)| !there.contains(word)) {
                let last = last_kept.is_none_or(|kept| kept < at);
                let place = match at.checked_sub(1).and_then(|at| new.get(at)) {
                    _ if last => String::new(),
                    Some(previous) => format!(" AFTER {}", text(previous)),
                    None => old.first().map(|first| format!(" BEFORE {}", text(first))).unwrap_or_default(),
                };
                plan.add(Phase::Rename, format!("ALTER TYPE {quoted} ADD VALUE {}{place}", text(word)));
            }
            continue;
        }
        let wanted: BTreeSet<&String> = new.iter().collect();
        let lost: Vec<&str> = old.iter().filter(|word| !wanted.contains(word)).map(String::as_str).collect();
        let loses =
            if lost.is_empty() { None } else { Some(format!("rows that say {} cannot be kept", lost.join(", "))) };
        plan.risk(
            &rules::ENUM_VALUE,
            format!(
                "{name} is made anew{}; columns of it are rewritten",
                loses.as_deref().map(|loses| format!(": {loses}")).unwrap_or_default()
            ),
            None,
        );
        let aside = format!("{}__old", name.rsplit('.').next().unwrap_or(name));
        let (schema, _) = name.rsplit_once('.').unwrap_or(("", name));
        let aside_full = if schema.is_empty() { aside.clone() } else { format!("{schema}.{aside}") };
        plan.add(Phase::Column, format!("ALTER TYPE {quoted} RENAME TO {}", quote(&aside, dialect)));
        plan.add(Phase::Column, format!("CREATE TYPE {quoted} AS ENUM ({})", list(new)));
        for (table, column) in typed.get(name.as_str()).into_iter().flatten() {
            let Some(after) = after.table(&table.name) else { continue };
            let Some(wanted) = after.column(&column.name).filter(|wanted| wanted.ty.name == *name) else {
                continue;
            };
            let (table_name, column_name) = (quote_table(&table.name, dialect), quote(&column.name, dialect));
            let array = "[]".repeat(column.ty.array);
            if column.default.is_some() {
                plan.add(Phase::Column, format!("ALTER TABLE {table_name} ALTER COLUMN {column_name} DROP DEFAULT"));
            }
            let sql = format!(
                "ALTER TABLE {table_name} ALTER COLUMN {column_name} TYPE {quoted}{array} USING {column_name}::text{array}::{quoted}{array}"
            );
            match &loses {
                Some(loses) => plan.add_lossy(Phase::Column, sql, loses.clone()),
                None => plan.add(Phase::Column, sql),
            }
            if let Some(default) = &wanted.default {
                plan.add(
                    Phase::Column,
                    format!("ALTER TABLE {table_name} ALTER COLUMN {column_name} SET DEFAULT {default}"),
                );
            }
            plan.disturbed.insert((table.name.clone(), column.name.clone()));
        }
        plan.add(Phase::DropEnum, format!("DROP TYPE {}", quote_table(&aside_full, dialect)));
    }
    for (name, _) in before.enums.iter().filter(|(name, _)| !kept_enums.contains_key(name.as_str())) {
        plan.add(Phase::DropEnum, format!("DROP TYPE {}", quote_table(name, dialect)));
    }
}

// The order in which every item comes behind what it needs; ties by place. Items in circles follow at the end, in their order.
pub(super) fn ordered(count: usize, needs: &[BTreeSet<usize>]) -> (Vec<usize>, BTreeSet<usize>) {
    let mut open: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, list) in needs.iter().enumerate() {
        for need in list {
            if let Some(users) = users.get_mut(*need) {
                users.push(at);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..count).filter(|at| open.get(*at) == Some(&0)).collect();
    let mut order = Vec::new();
    while let Some(at) = ready.pop_first() {
        order.push(at);
        for user in users.get(at).into_iter().flatten() {
            if let Some(open) = open.get_mut(*user) {
                *open -= 1;
                if *open == 0 {
                    ready.insert(*user);
                }
            }
        }
    }
    let done: BTreeSet<usize> = order.iter().copied().collect();
    let stuck: BTreeSet<usize> = (0..count).filter(|at| !done.contains(at)).collect();
    order.extend(stuck.iter().copied());
    (order, stuck)
}

/// The last part of its name.
pub(super) fn last_name(object: &Object) -> &str {
    object.name.rsplit('.').next().unwrap_or(&object.name)
}

// Which others each one mentions, where those do not mention it too.
pub(super) fn mentioned(list: &[&Object]) -> Vec<BTreeSet<usize>> {
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, object) in list.iter().enumerate() {
        named.entry(last_name(object)).or_default().push(at);
    }
    // A name of many says nothing of which is meant.
    named.retain(|_, places| places.len() <= MAX_NAMESAKES);
    let found: Vec<BTreeSet<usize>> = list
        .iter()
        .enumerate()
        .map(|(at, object)| {
            object
                .words
                .iter()
                .filter_map(|word| named.get(word.trim_matches('"')))
                .flatten()
                .copied()
                .filter(|other| *other != at)
                .collect()
        })
        .collect();
    let mutual = |at: usize, other: usize| found.get(other).is_some_and(|others| others.contains(&at));
    found
        .iter()
        .enumerate()
        .map(|(at, others)| others.iter().copied().filter(|other| !mutual(at, *other)).collect())
        .collect()
}

enum New<'s> {
    Table(&'s Table),
    Object(&'s Object),
}

// Whether it has to be there before tables are.
fn comes_first(object: &Object, called: &BTreeSet<&str>) -> bool {
    match object.kind.as_str() {
        "schema" | "extension" | "type" | "domain" | "sequence" | "collation" | "language" => true,
        "function" | "procedure" => called.contains(object.name.rsplit('.').next().unwrap_or(&object.name)),
        _ => false,
    }
}

fn create(made: &[&Table], to: &Side<'_>, dialect: Dialect, plan: &mut Plan, from: &Side<'_>) {
    let table_words: Vec<Vec<String>> = to
        .schema
        .tables
        .iter()
        .map(|table| words(to.source.get(table.statement.clone()).unwrap_or_default(), dialect))
        .collect();
    // Statements that tables need: those of domains, of indexes, and what alters tables.
    let spans = to
        .schema
        .tables
        .iter()
        .flat_map(|table| table.alters.iter().chain(table.indexes.iter().map(|index| &index.span)));
    let mut table_words = table_words;
    table_words.extend(spans.map(|span| words(to.source.get(span.clone()).unwrap_or_default(), dialect)));
    table_words.extend(
        to.objects
            .iter()
            .filter(|object| matches!(object.kind.as_str(), "domain" | "type"))
            .map(|object| object.words.clone()),
    );
    // Words with a bracket behind them.
    let pairs = table_words.iter().flat_map(|words| words.iter().zip(words.iter().skip(1)));
    let called = pairs.filter(|(_, next)| *next == "(").map(|(word, _)| word.trim_matches('"')).collect();
    let known: BTreeSet<(String, String)> = from.objects.iter().map(Object::key).collect();
    let names = from.names();
    let there = |object: &Object| object.kind == "schema" && holds(&names, &object.name);
    let fresh: Vec<&Object> = to
        .objects
        .iter()
        .filter(|object| {
            !known.contains(&object.key()) && !matches!(object.kind.as_str(), "comment" | "alter") && !there(object)
        })
        .collect();
    let (first, later): (Vec<&Object>, Vec<&Object>) =
        fresh.into_iter().partition(|object| comes_first(object, &called));
    let mut items: Vec<New<'_>> = first.into_iter().map(New::Object).collect();
    items.sort_by_key(|item| match item {
        New::Object(object) if object.kind == "schema" => 0,
        New::Object(object) if object.kind == "extension" => 1,
        _ => 2,
    });
    items.extend(made.iter().map(|table| New::Table(table)));
    let names: BTreeMap<&str, usize> = items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            (
                match item {
                    New::Table(table) => table.name.as_str(),
                    New::Object(object) => object.name.as_str(),
                },
                at,
            )
        })
        .map(|(name, at)| (name.rsplit('.').next().unwrap_or(name), at))
        .collect();
    let needs = |at: usize, item: &New<'_>| -> BTreeSet<usize> {
        let text = match item {
            New::Table(table) => words(to.source.get(table.statement.clone()).unwrap_or_default(), dialect),
            New::Object(object) => object.words.clone(),
        };
        // A column may be called like a table: of tables, only what is referred to counts.
        let tables: BTreeSet<&str> = match item {
            New::Table(table) => table
                .foreign_keys
                .iter()
                .map(|key| key.table.as_str())
                .chain(table.parent.as_deref())
                .map(|name| name.rsplit('.').next().unwrap_or(name))
                .collect(),
            New::Object(_) => BTreeSet::new(),
        };
        let is_table = |other: usize| matches!(items.get(other), Some(New::Table(_)));
        let mut found: BTreeSet<usize> = text
            .iter()
            .filter_map(|word| names.get(word.trim_matches('"')).copied())
            .filter(|other| !is_table(*other) || matches!(item, New::Object(_)))
            .collect();
        found.extend(tables.iter().filter_map(|name| names.get(name).copied()).filter(|other| is_table(*other)));
        found.remove(&at);
        found
    };
    let list: Vec<BTreeSet<usize>> = items.iter().enumerate().map(|(at, item)| needs(at, item)).collect();
    let (order, stuck) = ordered(items.len(), &list);
    for at in order {
        match items.get(at) {
            Some(New::Object(object)) => plan.add(Phase::Create, object.text.clone()),
            Some(New::Table(table)) => create_table(table, to, stuck.contains(&at), dialect, plan),
            None => {}
        }
    }
    for at in ordered(later.len(), &mentioned(&later)).0 {
        if let Some(object) = later.get(at) {
            plan.add(Phase::Stand, object.text.clone());
        }
    }
}

fn create_table(table: &Table, to: &Side<'_>, circular: bool, dialect: Dialect, plan: &mut Plan) {
    let text = |span: &Span| to.text(span);
    let moved = table.foreign_keys.iter().any(|key| plan.moved.contains(&key.table));
    let apart =
        (circular || moved) && dialect != Dialect::Sqlite && table.alters.is_empty() && !table.foreign_keys.is_empty();
    if apart {
        let sql = match dialect {
            Dialect::PostgreSql => postgres::whole(table),
            Dialect::MySql | Dialect::Sqlite => mysql::whole(table),
        };
        plan.add(Phase::Create, sql);
        for (at, made) in foreign_names(table, dialect).iter().enumerate() {
            add_reference(table, at, made, dialect, plan);
        }
    } else {
        plan.add(Phase::Create, text(&table.statement));
        for alter in &table.alters {
            plan.add(Phase::Reference, text(alter));
        }
    }
    for index in table.indexes.iter().filter(|index| index.alone) {
        plan.add(Phase::Key, text(&index.span));
    }
    if dialect == Dialect::PostgreSql {
        postgres::comments(&Table::new(table.name.clone(), 0..0), table, plan);
    }
}

fn drop_tables(gone: &[&Table], dialect: Dialect, plan: &mut Plan) {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, table) in gone.iter().enumerate() {
        places.entry(&table.name).or_default().push(at);
    }
    let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); gone.len()];
    for (user, table) in gone.iter().enumerate() {
        let used = table.foreign_keys.iter().map(|key| &key.table).chain(&table.parent);
        for at in used.filter_map(|name| places.get(name.as_str())).flatten().filter(|at| **at != user) {
            if let Some(needs) = needs.get_mut(*at) {
                needs.insert(user);
            }
        }
    }
    for at in ordered(gone.len(), &needs).0 {
        let Some(table) = gone.get(at) else { continue };
        plan.add_lossy(
            Phase::DropTable,
            format!("DROP TABLE {}", quote_table(&table.name, dialect)),
            format!("all rows of {}", table.name),
        );
        plan.risk(
            &rules::DROP_TABLE,
            format!("{} and all its rows go", table.name),
            Some((Which::From, table.span.clone())),
        );
    }
}

// What goes and what comes in its stead look alike: perhaps it was renamed.
fn rename_candidates(pairs: &[(&Table, &Table)], gone: &[&Table], made: &[&Table], dialect: Dialect, plan: &mut Plan) {
    for (old, new) in pairs {
        let dropped: Vec<_> =
            old.columns.iter().filter(|column| new.columns.position_in(&column.name, dialect).is_none()).collect();
        let added: Vec<_> =
            new.columns.iter().filter(|column| old.columns.position_in(&column.name, dialect).is_none()).collect();
        let mut alike: BTreeMap<_, Vec<&Column>> = BTreeMap::new();
        for column in added {
            alike.entry((type_key(&column.ty), column.not_null)).or_default().push(column);
        }
        for column in &dropped {
            if let Some([one]) = alike.get(&(type_key(&column.ty), column.not_null)).map(Vec::as_slice) {
                plan.risk(
                    &rules::RENAME_CANDIDATE,
                    format!("{0}.{1} goes and {0}.{2} of the same type comes: if it is renamed, say \"{0}.{1} -> {2}\" in renames, and its data stays", new.name, column.name, one.name),
                    Some((Which::To, one.span.clone())),
                );
            }
        }
    }
    let shape = |table: &Table| -> Vec<(String, String)> {
        table.columns.iter().map(|column| (column.name.clone(), column.ty.text())).collect()
    };
    let mut shapes: BTreeMap<Vec<(String, String)>, Vec<&Table>> = BTreeMap::new();
    for new in made {
        shapes.entry(shape(new)).or_default().push(new);
    }
    for old in gone.iter().filter(|table| !table.columns.is_empty()) {
        if let Some([one]) = shapes.get(&shape(old)).map(Vec::as_slice) {
            plan.risk(
                &rules::RENAME_CANDIDATE,
                format!("{0} goes and {1} with the same columns comes: if it is renamed, say \"{0} -> {1}\" in renames, and its rows stay", old.name, one.name),
                Some((Which::To, one.span.clone())),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_too_many_say_nothing_of_order() {
        let needs = |count: usize| {
            let function = |at| format!("CREATE FUNCTION f(a t{at}) RETURNS int LANGUAGE sql AS 'x';");
            let functions = (0..count).map(function).collect::<Vec<_>>().concat();
            let side = Side::read(&functions, Dialect::PostgreSql);
            let view = Side::read("CREATE VIEW v AS SELECT f(1);", Dialect::PostgreSql);
            let list: Vec<&Object> = side.objects.iter().chain(&view.objects).collect();
            mentioned(&list).last().map(BTreeSet::len)
        };
        assert_eq!(needs(MAX_NAMESAKES), Some(MAX_NAMESAKES));
        assert_eq!(needs(MAX_NAMESAKES + 1), Some(0));
    }
}

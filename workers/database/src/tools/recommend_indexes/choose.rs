//! The smallest set of indexes that a workload gains from: candidates of each query, taken one by one while they gain, then left
//! out again where the others do.

use super::cost::{Price, Tree, Trees, price};
use super::workload::{Block, Part, Query, Way};
use crate::support::schema::{Dialect, Index, Schema, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Least part of a query's cost that an index saves, to be worth its upkeep.
const LEAST_GAIN: f64 = 0.2;
/// Least cost of a query, in pages, that an index is thought of for.
const LEAST_COST: f64 = 20.0;
/// Most columns of an index.
const MOST_PARTS: usize = 4;
/// Most indexes advised.
const MOST_ADVISED: usize = 60;
/// How often all candidates are looked at again: what one index does not gain, two may.
const MOST_ROUNDS: usize = 3;
/// Most candidates; those of earlier queries count.
const MOST_CANDIDATES: usize = 2_000;

/// A name as SQL writes it, quoted where it must be.
pub(super) fn quoted(name: &str, dialect: Dialect) -> String {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.starts_with(|c: char| !c.is_ascii_digit())
        && ![
            "order", "group", "user", "select", "table", "where", "from", "desc", "asc", "end", "default", "check",
            "key",
        ]
        .contains(&name);
    match (plain, dialect) {
        (true, _) => name.to_owned(),
        (false, Dialect::MySql) => format!("`{}`", name.replace('`', "``")),
        (false, _) => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// What is advised.
#[derive(Debug)]
pub(super) struct Choice {
    /// All indexes: those that are there, then those advised.
    pub(super) trees: Vec<Tree>,
    /// How many are there already.
    pub(super) existing: usize,
    /// Which are advised.
    pub(super) advised: Vec<usize>,
    /// What each query costs before and after.
    pub(super) costs: Vec<(f64, f64)>,
    /// Which indexes each query reads, after.
    pub(super) used: Vec<BTreeSet<usize>>,
}

/// The trees of the indexes and keys that a schema has, with where each comes from.
pub(super) fn existing(schema: &Schema) -> Vec<(Tree, Option<(usize, usize)>)> {
    let mut list = Vec::new();
    for (at, table) in schema.tables.iter().enumerate() {
        for key in table.primary_key.iter().chain(&table.uniques) {
            let parts = key.columns.iter().map(|name| (Part::Column(name.clone()), false)).collect();
            list.push((Tree { table: table.name.clone(), parts, unique: true }, None));
        }
        for (place, index) in table.indexes.iter().enumerate() {
            if index.method == "btree" && index.condition.is_none() && index.exclusion.is_none() {
                let parts = index.parts.iter().map(|part| (part_of(part, table), part.descending)).collect();
                list.push((Tree { table: table.name.clone(), parts, unique: index.unique }, Some((at, place))));
            }
        }
    }
    list
}

fn part_of(part: &crate::support::schema::IndexPart, table: &Table) -> Part {
    if let Some(column) = &part.column {
        let lower = part.text.to_lowercase();
        if lower.contains("_pattern_ops") {
            return Part::Beginning(column.clone());
        }
        return Part::Column(column.clone());
    }
    let _ = table;
    let mut text = part.text.trim();
    while let Some(inner) =
        text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).filter(|inner| balanced(inner))
    {
        text = inner.trim();
    }
    let text = text.to_lowercase().replace("::text", "");
    Part::Expression(if text.contains("->>") { format!("({text})") } else { text })
}

fn balanced(text: &str) -> bool {
    let mut depth = 0_i32;
    text.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    }) && depth == 0
}

/// Prices a query: each block as often as it is read.
pub(super) fn query_price(query: &Query, trees: &Trees<'_>) -> (f64, BTreeSet<usize>) {
    let prices: Vec<Price> = query.blocks.iter().map(|block| price(block, trees)).collect();
    let mut total = 0.0;
    let mut used = BTreeSet::new();
    let mut loops: Vec<f64> = Vec::new();
    for (block, own) in query.blocks.iter().zip(&prices) {
        let outer = block.around.and_then(|at| Some((prices.get(at)?.rows, *loops.get(at)?)));
        let times = match outer {
            Some((rows, times)) if block.correlated => rows.max(1.0) * times,
            Some((_, times)) => times,
            None => 1.0,
        };
        loops.push(times);
        let mut cost = own.cost * times;
        let mut reads = true;
        if block.correlated && block.semi && times > 1.0 {
            // Whether there is a row can be told from all rows read once, and kept by value.
            let loose = Block { members: block.members.iter().cloned().map(loosened).collect(), ..block.clone() };
            let once = price(&loose, trees);
            let kept = once.cost + times * 0.02;
            if kept < cost {
                cost = kept;
                reads = false;
                used.extend(once.used);
            }
        }
        if reads {
            used.extend(own.used.iter().copied());
        }
        total += cost;
    }
    (total, used)
}

// Without what the query around gives; that is not told from other equalities, so all of them go.
fn loosened(mut member: super::workload::Member) -> super::workload::Member {
    member.tests.retain(|test| test.way != Way::Equal);
    member
}

// What could help a block.
fn candidates(block: &Block, list: &mut Vec<Tree>, seen: &mut BTreeSet<(String, Vec<(Part, bool)>)>) {
    for (at, member) in block.members.iter().enumerate() {
        let Some(table) = &member.table else { continue };
        let mut equal: Vec<(&Part, f64)> = Vec::new();
        let mut ranges: Vec<(&Part, f64)> = Vec::new();
        for test in &member.tests {
            let into = if test.way == Way::Range { &mut ranges } else { &mut equal };
            if !into.iter().any(|(part, _)| *part == &test.part) {
                into.push((&test.part, test.share));
            }
        }
        // The most telling first.
        equal.sort_by(|one, other| one.1.total_cmp(&other.1).then(one.0.cmp(other.0)));
        ranges.sort_by(|one, other| one.1.total_cmp(&other.1).then(one.0.cmp(other.0)));
        let joins: BTreeSet<&Part> = block
            .links
            .iter()
            .flat_map(|link| [&link.left, &link.right])
            .filter(|(member, _)| *member == at)
            .map(|(_, part)| part)
            .collect();
        let mut add = |parts: Vec<(Part, bool)>| {
            let mut kept: Vec<(Part, bool)> = Vec::new();
            for (part, down) in parts {
                if kept.len() < MOST_PARTS && !kept.iter().any(|(known, _)| *known == part) {
                    kept.push((part, down));
                }
            }
            if !kept.is_empty() && list.len() < MOST_CANDIDATES && seen.insert((table.clone(), kept.clone())) {
                list.push(Tree { table: table.clone(), parts: kept, unique: false });
            }
        };
        let up = |parts: &[(&Part, f64)]| parts.iter().map(|(part, _)| ((*part).clone(), false)).collect::<Vec<_>>();
        let equals = up(&equal);
        for one in &equals {
            add(vec![one.clone()]);
        }
        if equals.len() > 1 {
            add(equals.clone());
            add(equals.iter().take(2).cloned().collect());
            add(equals.iter().rev().cloned().collect());
        }
        for (range, _) in &ranges {
            add(vec![((*range).clone(), false)]);
            if !equals.is_empty() {
                add(equals.iter().take(1).cloned().chain([((*range).clone(), false)]).collect());
                add(equals.iter().cloned().chain([((*range).clone(), false)]).collect());
            }
        }
        for join in &joins {
            let join = ((*join).clone(), false);
            add(vec![join.clone()]);
            if !equals.is_empty() {
                add([join.clone()].into_iter().chain(equals.iter().cloned()).collect());
                add(equals.iter().cloned().chain([join.clone()]).collect());
            }
            for (range, _) in ranges.iter().take(1) {
                add(vec![join.clone(), ((*range).clone(), false)]);
            }
        }
        if joins.len() > 1 {
            add(joins.iter().map(|part| ((*part).clone(), false)).collect());
        }
        if !block.order.is_empty() {
            let fixed: Vec<(Part, bool)> = member
                .tests
                .iter()
                .filter(|test| test.way == Way::Equal && !block.order.iter().any(|(part, _)| *part == test.part))
                .map(|test| (test.part.clone(), false))
                .collect();
            // All one way can be read backwards.
            let turned = block.order.iter().all(|(_, down)| *down);
            let order: Vec<(Part, bool)> =
                block.order.iter().map(|(part, down)| (part.clone(), *down && !turned)).collect();
            add(fixed.iter().cloned().chain(order.iter().cloned()).collect());
            add(order);
        }
    }
}

// Which queries read each table, in their order: no other one has another price for an index of it.
fn readers(queries: &[Query]) -> BTreeMap<&str, Vec<usize>> {
    let mut readers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, query) in queries.iter().enumerate() {
        let members = query.blocks.iter().flat_map(|block| &block.members);
        let tables: BTreeSet<&str> = members.filter_map(|member| member.table.as_deref()).collect();
        for table in tables {
            readers.entry(table).or_default().push(at);
        }
    }
    readers
}

/// Chooses.
pub(super) fn choose(queries: &[Query], known: &[Tree]) -> Choice {
    let existing = known.len();
    let mut seen: BTreeSet<(String, Vec<(Part, bool)>)> =
        known.iter().map(|tree| (tree.table.clone(), tree.parts.clone())).collect();
    let mut list = Vec::new();
    for query in queries {
        for block in &query.blocks {
            candidates(block, &mut list, &mut seen);
        }
    }
    let readers = readers(queries);
    let of_table = |table: &str| readers.get(table).map_or(&[][..], Vec::as_slice);
    let mut trees: Vec<&Tree> = known.iter().collect();
    let mut set = Trees::of(trees.iter().copied().enumerate());
    let mut current: Vec<f64> = queries.iter().map(|query| query_price(query, &set).0).collect();
    let before = current.clone();
    let mut advised: Vec<usize> = Vec::new();
    let mut gains: Vec<(f64, usize)> = Vec::new();
    let mut round = (0, usize::MAX);
    while advised.len() < MOST_ADVISED {
        // What a candidate gains beside those taken; never more later than earlier, nearly, so that the best of last time is
        // looked at first and most are never looked at again.
        let mut gain = |at: usize| {
            list.get(at).map_or(0.0, |tree| gained(tree, trees.len(), &mut set, queries, of_table, &current))
        };
        if gains.is_empty() {
            if round.0 == MOST_ROUNDS || round.1 == advised.len() {
                break;
            }
            round = (round.0 + 1, advised.len());
            gains = (0..list.len()).map(|at| (gain(at), at)).collect();
        }
        gains.retain(|(gained, _)| *gained > 0.0);
        gains.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut best: Option<(f64, usize)> = None;
        for slot in &mut gains {
            if best.is_some_and(|(found, _)| found >= slot.0) {
                break;
            }
            slot.0 = gain(slot.1);
            if slot.0 > 0.0
                && best.is_none_or(|(found, at)| slot.0 > found || (slot.0 - found).abs() < f64::EPSILON && slot.1 < at)
            {
                best = Some(*slot);
            }
        }
        let Some((_, at)) = best else {
            gains.clear();
            continue;
        };
        gains.retain(|(_, other)| *other != at);
        let Some(candidate) = list.get(at) else { break };
        advised.push(trees.len());
        set.push(trees.len(), candidate);
        trees.push(candidate);
        reprice(queries, of_table(&candidate.table), &set, &mut current);
    }
    thin(queries, &trees, of_table, &mut advised);
    let set = Trees::of(kept(&trees, existing, &advised));
    let (mut costs, mut used) = (Vec::new(), Vec::new());
    for (query, before) in queries.iter().zip(before) {
        let (after, reads) = query_price(query, &set);
        costs.push((before, after));
        used.push(reads);
    }
    // What no query reads after all is not advised.
    advised.retain(|at| used.iter().any(|reads| reads.contains(at)));
    let trees = trees.into_iter().cloned().collect();
    Choice { trees, existing, advised, costs, used }
}

// What a candidate gains as the tree with that number, beside those in the set.
fn gained<'t, 'q>(
    candidate: &'t Tree,
    at: usize,
    set: &mut Trees<'t>,
    queries: &[Query],
    of_table: impl Fn(&str) -> &'q [usize],
    current: &[f64],
) -> f64 {
    set.push(at, candidate);
    let mut gained = 0.0;
    for number in of_table(&candidate.table) {
        let (Some(query), Some(cost)) = (queries.get(*number), current.get(*number)) else { continue };
        if *cost > LEAST_COST {
            let (with, used) = query_price(query, set);
            if used.contains(&at) && with < cost * (1.0 - LEAST_GAIN) {
                gained += (cost - with) * query.weight;
            }
        }
    }
    set.pop(&candidate.table);
    // Of two that gain alike, the narrower one.
    gained / (1.0 + 0.02 * super::facts::number(candidate.parts.len()))
}

fn reprice(queries: &[Query], numbers: &[usize], set: &Trees<'_>, prices: &mut [f64]) {
    for number in numbers {
        if let (Some(query), Some(price)) = (queries.get(*number), prices.get_mut(*number)) {
            *price = query_price(query, set).0;
        }
    }
}

// The trees that are there, and those of the advised that are kept.
fn kept<'t>(trees: &[&'t Tree], existing: usize, kept: &[usize]) -> impl Iterator<Item = (usize, &'t Tree)> {
    trees.iter().copied().enumerate().filter(move |(at, _)| *at < existing || kept.contains(at))
}

// Leaves out what the others make up for.
fn thin<'q>(queries: &[Query], trees: &[&Tree], of_table: impl Fn(&str) -> &'q [usize], advised: &mut Vec<usize>) {
    let existing = trees.len() - advised.len();
    let set = Trees::of(kept(trees, existing, advised));
    let mut current: Vec<f64> = queries.iter().map(|query| query_price(query, &set).0).collect();
    for at in advised.clone() {
        let without: Vec<usize> = advised.iter().copied().filter(|other| *other != at).collect();
        let set = Trees::of(kept(trees, existing, &without));
        let mut dearer = current.clone();
        reprice(queries, trees.get(at).map_or(&[][..], |tree| of_table(&tree.table)), &set, &mut dearer);
        let much = dearer.iter().zip(&current).any(|(dear, cost)| dear * (1.0 - LEAST_GAIN) > *cost);
        if !much {
            *advised = without;
            current = dearer;
        }
    }
}

/// The statement that makes an index.
pub(super) fn statement(
    tree: &Tree,
    schema: &Schema,
    dialect: Dialect,
    taken: &mut BTreeMap<String, usize>,
) -> (String, String) {
    let word = |part: &Part| match part {
        Part::Column(name) | Part::Beginning(name) => name.clone(),
        Part::Expression(text) => {
            let words: Vec<&str> =
                text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
            words.join("_").to_lowercase()
        }
    };
    let parts: Vec<String> = tree.parts.iter().map(|(part, _)| word(part)).collect();
    let plain = tree.table.rsplit('.').next().unwrap_or(&tree.table);
    let mut name: String = format!("{plain}_{}_idx", parts.join("_")).chars().take(60).collect();
    let known = |name: &str| {
        schema.tables.iter().flat_map(|table| &table.indexes).any(|index: &Index| index.name.as_deref() == Some(name))
    };
    let count = taken.entry(name.clone()).or_default();
    *count += 1;
    if *count > 1 || known(&name) {
        name = format!("{name}{count}");
    }
    let written: Vec<String> = tree
        .parts
        .iter()
        .map(|(part, down)| {
            let text = match part {
                Part::Column(name) => quoted(name, dialect),
                Part::Beginning(name) if dialect == Dialect::PostgreSql => {
                    format!("{} text_pattern_ops", quoted(name, dialect))
                }
                Part::Beginning(name) => quoted(name, dialect),
                Part::Expression(text) => format!("({text})"),
            };
            if *down { format!("{text} DESC") } else { text }
        })
        .collect();
    let table = tree.table.split('.').map(|part| quoted(part, dialect)).collect::<Vec<_>>().join(".");
    (format!("CREATE INDEX {} ON {table} ({});", quoted(&name, dialect), written.join(", ")), name)
}

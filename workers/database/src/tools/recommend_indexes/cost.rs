//! What reading a block costs with a set of indexes: `PostgreSQL`'s model of pages and rows, its usual constants, and joins
//! added one by one.

use super::facts::number;
use super::workload::{Block, Link, Member, Part, Way};
use std::collections::BTreeMap;

const RANDOM_PAGE: f64 = 4.0;
const ROW: f64 = 0.01;
const INDEX_ROW: f64 = 0.005;
const OPERATOR: f64 = 0.0025;
const PAGE: f64 = 8192.0;
/// Joins with more tables begin with the smallest one alone.
const MOST_BEGINNINGS: usize = 8;

/// An index as the model sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    /// The table.
    pub(super) table: String,
    /// What it is made of, with whether it counts down.
    pub(super) parts: Vec<(Part, bool)>,
    /// Whether it has one row a value.
    pub(super) unique: bool,
}

/// Indexes with their numbers, by their tables.
#[derive(Debug, Default)]
pub(super) struct Trees<'t> {
    by_table: BTreeMap<&'t str, Vec<(usize, &'t Tree)>>,
}

impl<'t> Trees<'t> {
    /// All of a list.
    pub(super) fn of(list: impl IntoIterator<Item = (usize, &'t Tree)>) -> Self {
        let mut trees = Self::default();
        list.into_iter().for_each(|(at, tree)| trees.push(at, tree));
        trees
    }

    /// Adds one behind the others.
    pub(super) fn push(&mut self, at: usize, tree: &'t Tree) {
        self.by_table.entry(&tree.table).or_default().push((at, tree));
    }

    /// Takes the last one of a table away.
    pub(super) fn pop(&mut self, table: &str) {
        self.by_table.get_mut(table).and_then(Vec::pop);
    }

    fn of_member(&self, member: &Member) -> &[(usize, &'t Tree)] {
        let own = member.table.as_ref().and_then(|table| self.by_table.get(table.as_str()));
        own.map_or(&[], Vec::as_slice)
    }
}

/// What a block costs, and which indexes are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Price {
    pub(super) cost: f64,
    pub(super) rows: f64,
    pub(super) used: Vec<usize>,
}

// One way to read a table.
#[derive(Debug, Clone, Copy)]
struct Read {
    cost: f64,
    rows: f64,
    index: Option<usize>,
}

fn depth(rows: f64) -> f64 {
    // Comparisons on the way down: the bits of the count.
    if rows > 2.0 { rows.log2().ceil() } else { 1.0 }
}

// The pages that so many rows lie on, by Mackert and Lohman.
fn fetched(pages: f64, rows: f64) -> f64 {
    ((2.0 * pages * rows) / (2.0 * pages + rows)).min(pages)
}

fn share_of(member: &Member) -> f64 {
    member.tests.iter().map(|test| test.share).product::<f64>() * member.rest
}

fn whole(member: &Member) -> Read {
    let tests = number(member.tests.len() + member.others);
    let cost = member.pages + member.rows * (ROW + OPERATOR * tests);
    Read { cost, rows: (member.rows * share_of(member)).max(1.0), index: None }
}

// The share of rows that an index finds, and whether it finds them at all; `joined` are columns with one value a loop.
fn found(member: &Member, tree: &Tree, joined: &[(&Part, f64)]) -> Option<(f64, usize, bool)> {
    let mut share = 1.0;
    let mut matched = 0;
    let mut by_join = false;
    for (part, _) in &tree.parts {
        let equal = member.tests.iter().find(|test| test.part == *part && test.way != Way::Range);
        if let Some(test) = equal {
            share *= test.share;
            matched += 1;
            continue;
        }
        if let Some((_, distinct)) = joined.iter().find(|(known, _)| *known == part) {
            share /= distinct.max(1.0);
            matched += 1;
            by_join = true;
            continue;
        }
        let range: Vec<f64> = member
            .tests
            .iter()
            .filter(|test| test.part == *part && test.way == Way::Range)
            .map(|test| test.share)
            .collect();
        if !range.is_empty() {
            share *= range.iter().product::<f64>();
            matched += 1;
        }
        break;
    }
    (matched > 0).then_some((share, matched, by_join))
}

fn by_index(member: &Member, tree: &Tree, at: usize, joined: &[(&Part, f64)], loops: f64) -> Option<(Read, bool)> {
    let (share, matched, by_join) = found(member, tree, joined)?;
    let one = if tree.unique && matched == tree.parts.len() { 1.0 } else { f64::INFINITY };
    let rows = (member.rows * share).min(one).max(if share > 0.0 { 1.0 } else { 0.0 });
    let leaf_pages = (member.rows * (16.0 + 10.0 * number(tree.parts.len())) / PAGE).max(1.0);
    let read_leaves = (leaf_pages * share).ceil().max(1.0);
    let descent = depth(member.rows) * OPERATOR + (depth(leaf_pages) / 8.0 + 1.0) * 50.0 * OPERATOR;
    let tests = number((member.tests.len() + member.others).saturating_sub(matched));
    let cpu = rows * (INDEX_ROW + OPERATOR * number(matched) + ROW + OPERATOR * (tests + 1.0));
    let io = if loops > 1.0 {
        // Pages that one loop reads are there for the next.
        let all = fetched(member.pages, rows * loops) / loops * RANDOM_PAGE;
        let leaves = fetched(leaf_pages, read_leaves * loops) / loops * RANDOM_PAGE;
        all + leaves
    } else {
        let heap = fetched(member.pages, rows);
        // Pages that lie closer cost less each.
        let each = RANDOM_PAGE - (RANDOM_PAGE - 1.0) * (heap / member.pages.max(1.0)).sqrt();
        heap * each + read_leaves * if read_leaves > 1.0 { 1.0 } else { RANDOM_PAGE }
    };
    let left = (member.rows * share_of(member)).clamp(1.0, rows.max(1.0));
    Some((Read { cost: descent + io + cpu, rows: left, index: Some(at) }, by_join))
}

/// The cheapest way found for a block.
pub(super) fn price(block: &Block, trees: &Trees<'_>) -> Price {
    let own: Vec<&[(usize, &Tree)]> = block.members.iter().map(|member| trees.of_member(member)).collect();
    // By itself, with what the query around gives as constants.
    let alone: Vec<Read> = block
        .members
        .iter()
        .zip(&own)
        .map(|(member, trees)| {
            let mut best = whole(member);
            for (at, tree) in *trees {
                if let Some((read, _)) = by_index(member, tree, *at, &[], 1.0)
                    && read.cost < best.cost
                {
                    best = read;
                }
            }
            best
        })
        .collect();
    if let ([member], [read], [trees]) = (block.members.as_slice(), alone.as_slice(), own.as_slice()) {
        return single(block, member, *read, trees);
    }
    let mut beginnings: Vec<usize> = (0..alone.len()).collect();
    beginnings.sort_by(|one, other| {
        let rows = |at: &usize| alone.get(*at).map_or(0.0, |read| read.rows);
        rows(one).total_cmp(&rows(other)).then(one.cmp(other))
    });
    if beginnings.len() > MOST_BEGINNINGS {
        beginnings.truncate(1);
    }
    let mut best: Option<Price> = None;
    for start in beginnings {
        let price = from(block, start, &alone, &own);
        if best.as_ref().is_none_or(|best| price.cost < best.cost) {
            best = Some(price);
        }
    }
    best.unwrap_or_default()
}

// One table: an index may give the order, too.
fn single(block: &Block, member: &Member, read: Read, trees: &[(usize, &Tree)]) -> Price {
    let sorts = !block.order.is_empty();
    let sort = if sorts { 2.0 * OPERATOR * read.rows * depth(read.rows) } else { 0.0 };
    let mut best = Price { cost: read.cost + sort, rows: read.rows, used: read.index.into_iter().collect() };
    if !sorts && let Some(limit) = block.limit {
        // The first rows found will do.
        best.cost *= (limit / read.rows.max(1.0)).min(1.0);
    }
    for (at, tree) in trees.iter().filter(|_| sorts) {
        let mut share = 1.0;
        let mut parts = tree.parts.iter().peekable();
        while let Some(test) = parts
            .peek()
            .and_then(|(part, _)| member.tests.iter().find(|test| test.part == *part && test.way == Way::Equal))
        {
            share *= test.share;
            parts.next();
        }
        let rest: Vec<&(Part, bool)> = parts.collect();
        let gives = rest.len() >= block.order.len()
            && rest.iter().zip(&block.order).all(|((part, _), (wanted, _))| part == wanted)
            && [false, true].iter().any(|turned| {
                rest.iter().zip(&block.order).all(|((_, down), (_, wanted))| (down == wanted) != *turned)
            });
        if !gives {
            continue;
        }
        let matching = (member.rows * share).max(1.0);
        let passing = (share_of(member) / share.max(f64::MIN_POSITIVE)).clamp(1.0 / matching, 1.0);
        let rows = block.limit.map_or(matching, |limit| (limit / passing).min(matching));
        let cost = depth(member.rows) * OPERATOR
            + rows * (RANDOM_PAGE.min(fetched(member.pages, rows) / rows * RANDOM_PAGE) + ROW + INDEX_ROW);
        if cost < best.cost {
            best = Price { cost, rows: block.limit.unwrap_or(read.rows).min(read.rows), used: vec![*at] };
        }
    }
    best
}

fn from(block: &Block, start: usize, alone: &[Read], own: &[&[(usize, &Tree)]]) -> Price {
    let Some(first) = alone.get(start) else { return Price::default() };
    let mut price = Price { cost: first.cost, rows: first.rows, used: first.index.into_iter().collect() };
    let mut joined = vec![start];
    while joined.len() < block.members.len() {
        // The next is the one that leaves the fewest rows, connected ones first.
        let mut next: Option<(bool, f64, usize, Vec<&Link>)> = None;
        for at in (0..block.members.len()).filter(|at| !joined.contains(at)) {
            let links: Vec<&Link> = block
                .links
                .iter()
                .filter(|link| {
                    link.left.0 == at && joined.contains(&link.right.0)
                        || link.right.0 == at && joined.contains(&link.left.0)
                })
                .collect();
            let share: f64 = links.iter().map(|link| 1.0 / link.distinct.max(1.0)).product();
            let rows = alone.get(at).map_or(1.0, |read| read.rows) * price.rows * share;
            let better = next.as_ref().is_none_or(|(apart, fewest, _, _)| (links.is_empty(), rows) < (*apart, *fewest));
            if better {
                next = Some((links.is_empty(), rows, at, links));
            }
        }
        let Some((_, rows, at, links)) = next else { break };
        let (Some(read), Some(member), Some(trees)) = (alone.get(at), block.members.get(at), own.get(at)) else {
            break;
        };
        let hashed = read.cost + read.rows * 0.0175 + price.rows * 0.0125;
        let mut best = (hashed, read.index);
        let parts: Vec<(&Part, f64)> = links
            .iter()
            .map(|link| (if link.left.0 == at { &link.left.1 } else { &link.right.1 }, link.distinct))
            .collect();
        for (index, tree) in *trees {
            if let Some((probe, true)) = by_index(member, tree, *index, &parts, price.rows.max(1.0)) {
                let cost = price.rows.max(1.0) * probe.cost;
                if cost < best.0 {
                    best = (cost, probe.index);
                }
            }
        }
        if links.is_empty() {
            best.0 = read.cost + price.rows * read.rows * OPERATOR;
        }
        price.cost += best.0;
        price.used.extend(best.1);
        price.rows = rows.max(1.0);
        joined.push(at);
    }
    price
}

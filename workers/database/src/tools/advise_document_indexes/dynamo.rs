//! Keys and indexes of `DynamoDB` for access patterns: every pattern is a query of one partition, read in order.

use super::esr::{fields, plan};
use super::shape::Shape;
use octavo_toolkit::ToolError;
use std::collections::{BTreeMap, BTreeSet};

/// Most ways to part patterns that are all tried.
const MOST_WAYS: usize = 1_000;

/// An access pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) entity: String,
    pub(super) equal: Vec<String>,
    pub(super) range: Option<String>,
    pub(super) order: Option<String>,
    pub(super) unique: bool,
}

/// A key: its partition, and what sorts in it.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) partition: String,
    pub(super) sort: Vec<String>,
    pub(super) serves: Vec<usize>,
}

/// The keys of one table, the table's own first.
#[derive(Debug)]
pub(super) struct Design {
    pub(super) entity: String,
    pub(super) keys: Vec<Key>,
    /// Patterns that read the whole table.
    pub(super) scans: Vec<usize>,
    /// Patterns with what is left to a filter, or to a sort of one's own.
    pub(super) filtered: Vec<(usize, String)>,
    /// Whether the table's key tells every item from all others.
    pub(super) unique: bool,
}

/// Reads `orders: customerId =, placed range desc`.
pub(super) fn pattern(at: usize, text: &str) -> Result<Pattern, ToolError> {
    let wrong = || {
        ToolError::invalid(
            format!("/patterns/{at}"),
            "is no access pattern",
            "\"orders: customerId =, placed range desc\", with =, range, begins, asc, desc behind attributes, and unique",
        )
    };
    let (entity, rest) = text.split_once(':').ok_or_else(wrong)?;
    let mut pattern =
        Pattern { entity: entity.trim().to_owned(), equal: Vec::new(), range: None, order: None, unique: false };
    if pattern.entity.is_empty() {
        return Err(wrong());
    }
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let end =
            part.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '#')).unwrap_or(part.len());
        let (name, says) = part.split_at(end);
        let says = says.trim().to_lowercase();
        if name == "unique" && says.is_empty() {
            pattern.unique = true;
            continue;
        }
        if name.is_empty() {
            return Err(wrong());
        }
        let ordered = says.ends_with("desc") || says.ends_with("asc");
        let test = says.trim_end_matches("desc").trim_end_matches("asc").trim();
        if ordered {
            pattern.order = Some(name.to_owned());
        }
        match test {
            _ if test.starts_with('=') => pattern.equal.push(name.to_owned()),
            "" if ordered => {}
            _ if ["range", "between", ">", "<", "begins"].iter().any(|word| test.starts_with(word)) => {
                if pattern.range.is_some() {
                    return Err(ToolError::invalid(
                        format!("/patterns/{at}"),
                        "has two ranges",
                        "one range: a key has one sort key",
                    ));
                }
                pattern.range = Some(name.to_owned());
            }
            _ => return Err(wrong()),
        }
    }
    Ok(pattern)
}

// What a pattern asks within its partition.
fn within(pattern: &Pattern, partition: &str) -> Shape {
    let mut shape = Shape::default();
    shape.equal.extend(pattern.equal.iter().filter(|name| *name != partition).cloned());
    if let Some(sorted) = pattern.range.as_ref().or(pattern.order.as_ref()).filter(|name| !pattern.equal.contains(name))
    {
        shape.sort.push((sorted.clone(), 1));
    }
    shape
}

/// Designs the table of each entity.
pub(super) fn designs(patterns: &[Pattern]) -> Vec<Design> {
    let mut entities: Vec<&str> = Vec::new();
    for pattern in patterns {
        if !entities.contains(&pattern.entity.as_str()) {
            entities.push(&pattern.entity);
        }
    }
    entities.iter().map(|entity| design(entity, patterns)).collect()
}

fn design(entity: &str, patterns: &[Pattern]) -> Design {
    let own: Vec<(usize, &Pattern)> =
        patterns.iter().enumerate().filter(|(_, pattern)| pattern.entity == entity).collect();
    let mut scans: Vec<usize> = Vec::new();
    let mut filtered: Vec<(usize, String)> = Vec::new();
    let mut open: Vec<(usize, &Pattern)> = Vec::new();
    for (at, pattern) in own {
        if pattern.equal.is_empty() {
            scans.push(at);
            continue;
        }
        if let (Some(range), Some(order)) = (&pattern.range, &pattern.order)
            && range != order
        {
            filtered.push((at, format!("items come in the order of {range}; sort them by {order} yourself")));
        }
        open.push((at, pattern));
    }
    let mut keys = fewest(&open);
    // The table's own key is that of the item looked up by itself.
    let unique = |key: &Key| {
        key.serves.iter().any(|at| patterns.get(*at).is_some_and(|pattern| pattern.unique && is_whole(pattern, key)))
    };
    let first = keys.iter().position(unique);
    let is_unique = first.is_some();
    let at = first.unwrap_or(0);
    if at < keys.len() {
        let key = keys.remove(at);
        keys.insert(0, key);
    }
    Design { entity: entity.to_owned(), keys, scans, filtered, unique: is_unique }
}

// The keys that serve patterns which know their partition: by the fewest of all ways to part them, where those can be tried.
fn fewest(open: &[(usize, &Pattern)]) -> Vec<Key> {
    let mut best = keys_of(open, &greedy(open));
    let ways = open.iter().try_fold(1_usize, |ways, (_, pattern)| ways.checked_mul(pattern.equal.len()));
    for way in 0..ways.filter(|ways| *ways <= MOST_WAYS).unwrap_or(0) {
        let mut left = way;
        let partitions: Vec<&str> = open
            .iter()
            .map(|(_, pattern)| {
                let count = pattern.equal.len().max(1);
                let name = pattern.equal.get(left % count).map_or("", String::as_str);
                left /= count;
                name
            })
            .collect();
        let keys = keys_of(open, &partitions);
        if keys.len() < best.len() {
            best = keys;
        }
    }
    best
}

// The attribute that most patterns know parts the table first.
fn greedy<'p>(open: &[(usize, &'p Pattern)]) -> Vec<&'p str> {
    let mut partitions: Vec<&str> = vec![""; open.len()];
    while partitions.contains(&"") {
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (place, (_, pattern)) in open.iter().enumerate().filter(|(place, _)| partitions.get(*place) == Some(&"")) {
            for (within, name) in pattern.equal.iter().enumerate() {
                counts.entry(name).or_insert((0, place * 1_000 + within)).0 += 1;
            }
        }
        let most = counts.iter().max_by_key(|(_, (count, first))| (*count, usize::MAX - *first));
        let Some(name) = most.map(|(name, _)| *name).filter(|name| !name.is_empty()) else { break };
        for ((_, pattern), slot) in open.iter().zip(&mut partitions) {
            if slot.is_empty() && pattern.equal.iter().any(|known| known == name) {
                *slot = name;
            }
        }
    }
    partitions
}

// The keys for patterns whose partitions are chosen.
fn keys_of(open: &[(usize, &Pattern)], partitions: &[&str]) -> Vec<Key> {
    let mut names: Vec<&str> = Vec::new();
    for name in partitions {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let mut keys = Vec::new();
    for name in names {
        let mine = open.iter().zip(partitions).filter(|(_, own)| **own == name);
        let shapes: Vec<(usize, Shape)> = mine.map(|((at, pattern), _)| (*at, within(pattern, name))).collect();
        let asked: Vec<(usize, &Shape)> =
            shapes.iter().filter(|(_, shape)| !shape.is_empty()).map(|(at, shape)| (*at, shape)).collect();
        let mut planned = plan(&asked);
        if planned.is_empty() {
            planned.push(super::esr::Planned { slots: Vec::new(), serves: Vec::new() });
        }
        // What asks nothing more is read from any of them.
        for (at, _) in shapes.iter().filter(|(_, shape)| shape.is_empty()) {
            if let Some(first) = planned.first_mut() {
                first.serves.push(*at);
            }
        }
        for one in planned {
            let mut serves = one.serves;
            serves.sort_unstable();
            let sort = fields(&one.slots).into_iter().map(|(name, _)| name).collect();
            keys.push(Key { partition: name.to_owned(), sort, serves });
        }
    }
    keys
}

// Whether what tells the item apart is the whole key.
fn is_whole(pattern: &Pattern, key: &Key) -> bool {
    let names: BTreeSet<&String> = pattern.equal.iter().collect();
    let parts: BTreeSet<&String> = key.sort.iter().chain([&key.partition]).collect();
    names.is_subset(&parts)
}

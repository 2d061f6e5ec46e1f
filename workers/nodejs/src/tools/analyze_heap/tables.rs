//! The tables of a snapshot: classes, objects, strings, an object explained, and what changed since a baseline.

use super::dominators::{Dominators, ROOT};
use super::snapshot::Snapshot;
use crate::support::Map;
use crate::support::call_tree::number;
use octavo_toolkit::limits::excerpt;
use serde::Serialize;

/// Most steps of a way shown: the first and the last.
const MAX_WAY: usize = 16;

/// A class of objects.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClassRow {
    /// Its name; kinds without one in brackets.
    pub class: String,
    /// Objects of it.
    pub count: u64,
    /// Their own bytes.
    #[serde(rename = "self")]
    pub own: u64,
    /// Bytes freed if all of them were.
    pub retained: u64,
}

/// An object.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectRow {
    /// Its id, the same in later snapshots of the process.
    pub id: u32,
    /// Its kind.
    pub kind: String,
    /// Its class, function or text.
    pub name: String,
    /// Its own bytes.
    #[serde(rename = "self")]
    pub own: u64,
    /// Bytes freed with it.
    pub retained: u64,
    /// A shortest way from the roots to it; of the first rows only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub way: Vec<String>,
}

/// A string that is in memory several times.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StringRow {
    /// Its start.
    pub text: String,
    /// How often it is there.
    pub count: u64,
    /// Bytes of all but one.
    pub wasted: u64,
}

/// An object or class explained.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Focus {
    /// The objects meant, the largest first.
    pub objects: Vec<ObjectRow>,
    /// Who refers to the first of them.
    pub retainers: Vec<String>,
    /// What the first of them keeps alive, the largest first.
    pub dominates: Vec<ObjectRow>,
}

/// What became of a class since the baseline.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The class.
    pub class: String,
    /// Objects that are new.
    pub added: u64,
    /// Objects that are gone.
    pub removed: u64,
    /// Growth of their own bytes.
    pub grew: i64,
    /// A shortest way to the new object that retains most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub way: Vec<String>,
}

/// A snapshot with all that the tables need.
pub(super) struct Tables<'s> {
    pub(super) snapshot: &'s Snapshot<'s>,
    pub(super) dominators: Dominators,
    /// Names of classes.
    classes: Vec<String>,
    /// Each object's class.
    class_of: Vec<u32>,
}

impl<'s> Tables<'s> {
    pub(super) fn of(snapshot: &'s Snapshot<'s>) -> Self {
        let dominators = Dominators::of(snapshot);
        let (classes, class_of) = classes(snapshot);
        Self { snapshot, dominators, classes, class_of }
    }

    /// Bytes of all objects.
    pub(super) fn total(&self) -> u64 {
        self.snapshot.nodes.iter().map(|node| node.size).sum()
    }

    fn class(&self, node: usize) -> Option<usize> {
        self.class_of.get(node).map(|class| *class as usize)
    }

    fn retained(&self, node: usize) -> u64 {
        self.dominators.retained.get(node).copied().unwrap_or_default()
    }

    /// Classes, those that retain most first.
    pub(super) fn class_rows(&self, most: usize) -> Vec<ClassRow> {
        let mut rows: Vec<ClassRow> = self
            .classes
            .iter()
            .map(|class| ClassRow { class: excerpt(class), count: 0, own: 0, retained: 0 })
            .collect();
        for (at, node) in self.snapshot.nodes.iter().enumerate() {
            if let Some(row) = self.class(at).and_then(|class| rows.get_mut(class)) {
                row.count += 1;
                row.own += node.size;
            }
        }
        self.add_retained(&mut rows);
        rows.sort_by(|one, other| other.retained.cmp(&one.retained).then_with(|| one.class.cmp(&other.class)));
        rows.truncate(most);
        rows
    }

    // An object that another of its class dominates is freed with that one.
    fn add_retained(&self, rows: &mut [ClassRow]) {
        let count = self.snapshot.nodes.len();
        // Children in the dominator tree, as chains.
        let (mut first, mut next) = (vec![0_u32; count], vec![0_u32; count]);
        for at in (1..count).rev() {
            let above = self.dominators.of.get(at).copied().unwrap_or_default() as usize;
            let head = first.get(above).copied().unwrap_or_default();
            if let (Some(link), Some(chain)) = (next.get_mut(at), first.get_mut(above)) {
                *link = head;
                *chain = number(at);
            }
        }
        let mut open = vec![0_u32; rows.len()];
        let mut path = vec![ROOT];
        let mut enters = true;
        while let Some(at) = path.last().copied() {
            let class = self.class(at);
            if enters {
                if let Some((class, depth)) = class.and_then(|class| Some((class, open.get_mut(class)?))) {
                    if let Some(row) = rows.get_mut(class).filter(|_| *depth == 0) {
                        row.retained += self.retained(at);
                    }
                    *depth += 1;
                }
                let child = first.get(at).copied().unwrap_or_default();
                if child != 0 {
                    path.push(child as usize);
                    continue;
                }
            }
            if let Some(depth) = class.and_then(|class| open.get_mut(class)) {
                *depth -= 1;
            }
            path.pop();
            let sibling = next.get(at).copied().unwrap_or_default();
            enters = sibling != 0 && at != ROOT;
            if enters {
                path.push(sibling as usize);
            }
        }
    }

    fn is_object(&self, node: usize) -> bool {
        node != ROOT && self.snapshot.kind(node) != "synthetic"
    }

    /// Objects of the program, those that retain most first; ways for the first `with_ways`.
    pub(super) fn object_rows(&self, most: usize, with_ways: usize) -> Vec<ObjectRow> {
        let all = (0..self.snapshot.nodes.len()).filter(|at| self.is_object(*at));
        self.rows(all.collect(), most, with_ways)
    }

    fn rows(&self, mut order: Vec<usize>, most: usize, with_ways: usize) -> Vec<ObjectRow> {
        order.sort_by(|one, other| self.retained(*other).cmp(&self.retained(*one)).then(one.cmp(other)));
        order.truncate(most);
        order.iter().enumerate().map(|(rank, at)| self.row(*at, rank < with_ways)).collect()
    }

    fn row(&self, at: usize, with_way: bool) -> ObjectRow {
        let node = self.snapshot.nodes.get(at).copied().unwrap_or_default();
        ObjectRow {
            id: node.id,
            kind: self.snapshot.kind(at).to_owned(),
            name: excerpt(&self.snapshot.name(at)),
            own: node.size,
            retained: self.retained(at),
            way: if with_way { self.way(at) } else { Vec::new() },
        }
    }

    /// A shortest way from the roots: `reference: class @id`, a step an item.
    pub(super) fn way(&self, node: usize) -> Vec<String> {
        let way = self.dominators.way(node);
        let step = |(at, edge): &(usize, usize)| {
            let name = self.snapshot.edges.get(*edge).map(|edge| self.snapshot.edge_name(edge)).unwrap_or_default();
            let id = self.snapshot.nodes.get(*at).map_or(0, |node| node.id);
            format!("{}: {} @{id}", excerpt(&name), excerpt(&self.label(*at)))
        };
        if way.len() <= MAX_WAY {
            return way.iter().map(step).collect();
        }
        let (head, tail) = (MAX_WAY / 2, way.len() - MAX_WAY / 2);
        let hidden = std::iter::once(format!("({} more)", tail - head));
        way.iter().take(head).map(step).chain(hidden).chain(way.iter().skip(tail).map(step)).collect()
    }

    fn label(&self, node: usize) -> String {
        let name = self.snapshot.name(node);
        match self.snapshot.kind(node) {
            "closure" => format!("{name}()"),
            "string" | "concatenated string" | "sliced string" => format!("\"{name}\""),
            _ if name.is_empty() => self.snapshot.class(node).into_owned(),
            _ => name.into_owned(),
        }
    }

    /// Strings that are there several times, those that waste most first, and what all of them waste.
    pub(super) fn duplicate_strings(&self, most: usize) -> (Vec<StringRow>, u64) {
        let mut counts: Map<(u32, u64), u64> = Map::default();
        for (at, node) in self.snapshot.nodes.iter().enumerate() {
            if self.snapshot.kind(at) == "string" {
                *counts.entry((node.name, node.size)).or_default() += 1;
            }
        }
        let repeated = counts.into_iter().filter(|(_, count)| *count > 1);
        let mut repeated: Vec<((u32, u64), u64)> = repeated.collect();
        let wasted = |((_, size), count): &((u32, u64), u64)| size * (count - 1);
        repeated.sort_by(|one, other| wasted(other).cmp(&wasted(one)).then(one.0.cmp(&other.0)));
        let all = repeated.iter().map(wasted).sum();
        let row = |one: &((u32, u64), u64)| StringRow {
            text: excerpt(&self.snapshot.string(one.0.0)),
            count: one.1,
            wasted: wasted(one),
        };
        (repeated.iter().take(most).map(row).collect(), all)
    }

    /// How many detached nodes are alive, and their bytes.
    pub(super) fn detached(&self) -> (u64, u64) {
        let detached = self.snapshot.nodes.iter().filter(|node| node.detached);
        detached.fold((0, 0), |(count, bytes), node| (count + 1, bytes + node.size))
    }

    /// An object by `@id`, or the objects of a class or function of this name; nothing where there is none.
    pub(super) fn focus(&self, wanted: &str, most: usize) -> Option<Focus> {
        let by_id = wanted.strip_prefix('@').and_then(|id| id.parse::<u32>().ok());
        let meant = |at: &usize| match by_id {
            Some(id) => self.snapshot.nodes.get(*at).is_some_and(|node| node.id == id),
            None => {
                self.is_object(*at)
                    && (self.class(*at).and_then(|class| self.classes.get(class)).is_some_and(|class| class == wanted)
                        || self.snapshot.kind(*at) == "closure" && self.snapshot.name(*at) == wanted)
            }
        };
        let mut order: Vec<usize> = (0..self.snapshot.nodes.len()).filter(meant).collect();
        order.sort_by(|one, other| self.retained(*other).cmp(&self.retained(*one)).then(one.cmp(other)));
        let first = *order.first()?;
        let mut retainers = Vec::new();
        for from in 0..self.snapshot.nodes.len() {
            for edge in self.snapshot.edges.get(self.snapshot.own_edges(from)).unwrap_or_default() {
                if edge.to as usize == first && retainers.len() < most {
                    let id = self.snapshot.nodes.get(from).map_or(0, |node| node.id);
                    let kind = self.snapshot.edge_types.get(edge.kind as usize).map_or("", String::as_str);
                    let name = excerpt(&self.snapshot.edge_name(edge));
                    retainers.push(format!("{} @{id} by {name} ({kind})", excerpt(&self.label(from))));
                }
            }
        }
        let below = (1..self.snapshot.nodes.len())
            .filter(|at| self.dominators.of.get(*at).is_some_and(|above| *above as usize == first));
        let dominates = self.rows(below.collect(), most, 0);
        Some(Focus { objects: self.rows(order, most, 3), retainers, dominates })
    }

    /// Names of classes, for suggestions.
    pub(super) fn class_names(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().map(String::as_str)
    }

    /// What changed since a baseline of the same process, the largest growth first; ways for the first `with_ways`.
    pub(super) fn changes(&self, baseline: &Snapshot<'_>, most: usize, with_ways: usize) -> Vec<Change> {
        let (old_classes, old_class_of) = classes(baseline);
        let ids = |snapshot: &Snapshot<'_>| {
            let mut ids: Vec<u32> = snapshot.nodes.iter().map(|node| node.id).collect();
            ids.sort_unstable();
            ids
        };
        let (old_ids, new_ids) = (ids(baseline), ids(self.snapshot));
        let mut changes: Map<&str, (Change, Option<usize>)> = Map::default();
        let empty = |class: &str| {
            let class = excerpt(class);
            (Change { class, added: 0, removed: 0, grew: 0, way: Vec::new() }, None)
        };
        let signed = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
        for (at, node) in self.snapshot.nodes.iter().enumerate().filter(|(at, _)| self.is_object(*at)) {
            let Some(class) = self.class(at).and_then(|class| self.classes.get(class)) else { continue };
            let (change, largest) = changes.entry(class).or_insert_with(|| empty(class));
            change.grew += signed(node.size);
            if old_ids.binary_search(&node.id).is_err() {
                change.added += 1;
                if largest.is_none_or(|largest| self.retained(largest) < self.retained(at)) {
                    *largest = Some(at);
                }
            }
        }
        for (at, node) in baseline.nodes.iter().enumerate() {
            if at == ROOT || baseline.kind(at) == "synthetic" {
                continue;
            }
            let class = old_class_of.get(at).and_then(|class| old_classes.get(*class as usize));
            let Some(class) = class else { continue };
            let (change, _) = changes.entry(class).or_insert_with(|| empty(class));
            change.grew -= signed(node.size);
            change.removed += u64::from(new_ids.binary_search(&node.id).is_err());
        }
        let moved = changes.into_values().filter(|(change, _)| change.grew != 0 || change.added + change.removed > 0);
        let mut list: Vec<(Change, Option<usize>)> = moved.collect();
        list.sort_by(|(one, _), (other, _)| {
            other.grew.cmp(&one.grew).then(other.added.cmp(&one.added)).then_with(|| one.class.cmp(&other.class))
        });
        list.truncate(most);
        let with_way = |(rank, (mut change, largest)): (usize, (Change, Option<usize>))| {
            if let Some(largest) = largest.filter(|_| rank < with_ways && change.grew > 0) {
                change.way = self.way(largest);
            }
            change
        };
        list.into_iter().enumerate().map(with_way).collect()
    }
}

// Names of classes in the order they are met, and each object's class.
fn classes(snapshot: &Snapshot<'_>) -> (Vec<String>, Vec<u32>) {
    let mut known: Map<String, u32> = Map::default();
    // Objects and native things by their name's number: most names come many times.
    let mut by_name: Map<u32, u32> = Map::default();
    let mut names = Vec::new();
    let mut of = Vec::with_capacity(snapshot.nodes.len());
    for (at, node) in snapshot.nodes.iter().enumerate() {
        let is_named = matches!(snapshot.kind(at), "object" | "native");
        if let Some(class) = by_name.get(&node.name).filter(|_| is_named) {
            of.push(*class);
            continue;
        }
        let name = snapshot.class(at);
        let class = if let Some(class) = known.get(name.as_ref()) {
            *class
        } else {
            let class = number(names.len());
            names.push(name.clone().into_owned());
            known.insert(name.into_owned(), class);
            class
        };
        if is_named {
            by_name.insert(node.name, class);
        }
        of.push(class);
    }
    (names, of)
}

//! Which object keeps which alive: immediate dominators (Lengauer and Tarjan, 1979), retained sizes, and shortest ways from the
//! roots.
//!
//! The graph is memlab's: weak references retain nothing, shortcuts only from the root, and what only shortcuts of the root
//! reach does not retain what other references reach. Objects that nothing reaches count as retained by the root.

use super::snapshot::Snapshot;
use crate::support::call_tree::number;

/// The root's number: V8 writes it first.
pub(super) const ROOT: usize = 0;

/// Who dominates whom.
#[derive(Debug)]
pub(super) struct Dominators {
    /// Each object's immediate dominator; the root's own is itself.
    pub(super) of: Vec<u32>,
    /// Bytes that would be freed with each object.
    pub(super) retained: Vec<u64>,
    /// For each object its nearest retainer on a shortest way from the root, and the reference; none for the unreachable.
    pub(super) ways: Vec<Option<(u32, u32)>>,
}

/// The numbers of the kinds of references that are not like the others.
#[derive(Debug, Clone, Copy)]
struct Kinds {
    weak: Option<u8>,
    shortcut: Option<u8>,
    element: Option<u8>,
}

struct Graph<'s> {
    snapshot: &'s Snapshot<'s>,
    kinds: Kinds,
    /// Reached from the root by more than shortcuts.
    owned: Vec<bool>,
    /// References to each object, as their places in the list; those of object n start at `first_retainer[n]`.
    retainers: Vec<u32>,
    first_retainer: Vec<u32>,
    /// Whose each reference is.
    from: Vec<u32>,
}

impl Dominators {
    /// Finds the dominators of all objects.
    pub(super) fn of(snapshot: &Snapshot<'_>) -> Self {
        let ways = shortest_ways(snapshot);
        let graph = Graph::of(snapshot);
        let (of, order) = graph.dominators();
        drop(graph);
        let mut retained: Vec<u64> = snapshot.nodes.iter().map(|node| node.size).collect();
        for at in order.into_iter().skip(1).rev() {
            let own = retained.get(at as usize).copied().unwrap_or_default();
            let above = of.get(at as usize).copied().unwrap_or_default() as usize;
            if let Some(sum) = retained.get_mut(above) {
                *sum = sum.saturating_add(own);
            }
        }
        Self { of, retained, ways }
    }

    /// The objects from the root to this one on a shortest way, each with the reference that leads to it.
    pub(super) fn way(&self, node: usize) -> Vec<(usize, usize)> {
        let mut way = Vec::new();
        let mut at = node;
        while let Some((from, edge)) = self.ways.get(at).copied().flatten() {
            way.push((at, edge as usize));
            at = from as usize;
        }
        way.reverse();
        way
    }
}

impl Kinds {
    fn of(snapshot: &Snapshot<'_>) -> Self {
        Self {
            weak: snapshot.edge_kind("weak"),
            shortcut: snapshot.edge_kind("shortcut"),
            element: snapshot.edge_kind("element"),
        }
    }
}

impl<'s> Graph<'s> {
    fn of(snapshot: &'s Snapshot<'s>) -> Self {
        let count = snapshot.nodes.len();
        let mut from = vec![0_u32; snapshot.edges.len()];
        let mut first_retainer = vec![0_u32; count + 1];
        for node in 0..count {
            for edge in snapshot.own_edges(node) {
                if let Some(owner) = from.get_mut(edge) {
                    *owner = number(node);
                }
                let to = snapshot.edges.get(edge).map_or(0, |edge| edge.to as usize);
                if let Some(sum) = first_retainer.get_mut(to + 1) {
                    *sum += 1;
                }
            }
        }
        let mut sum = 0;
        for first in &mut first_retainer {
            sum += *first;
            *first = sum;
        }
        let mut next = first_retainer.clone();
        let mut retainers = vec![0_u32; snapshot.edges.len()];
        for (at, edge) in snapshot.edges.iter().enumerate() {
            if let Some(place) = next.get_mut(edge.to as usize) {
                if let Some(retainer) = retainers.get_mut(*place as usize) {
                    *retainer = number(at);
                }
                *place += 1;
            }
        }
        let kinds = Kinds::of(snapshot);
        let owned = owned(snapshot, kinds);
        Self { snapshot, kinds, owned, retainers, first_retainer, from }
    }

    // Whether a reference keeps alive what it leads to.
    fn keeps(&self, from: usize, kind: u8, to: usize) -> bool {
        let kind = Some(kind);
        let owns = |node: usize| self.owned.get(node).copied().unwrap_or_default();
        from != to
            && kind != self.kinds.weak
            && (kind != self.kinds.shortcut || from == ROOT)
            && (from == ROOT || owns(from) || !owns(to))
    }

    fn retainers_of(&self, node: usize) -> impl Iterator<Item = (usize, u8)> + '_ {
        let bound = |at: usize| self.first_retainer.get(at).copied().unwrap_or_default() as usize;
        let places = self.retainers.get(bound(node)..bound(node + 1)).unwrap_or_default();
        places.iter().filter_map(move |place| {
            let edge = self.snapshot.edges.get(*place as usize)?;
            Some((self.from.get(*place as usize).copied()? as usize, edge.kind))
        })
    }

    fn is_only_weakly_referred(&self, node: usize) -> bool {
        self.retainers_of(node).all(|(_, kind)| Some(kind) == self.kinds.weak || Some(kind) == self.kinds.shortcut)
    }

    // Each node's dominator, and the nodes in the order of the search.
    fn dominators(&self) -> (Vec<u32>, Vec<u32>) {
        let count = self.snapshot.nodes.len();
        let mut search = Search::new(count);
        search.descend(self, ROOT);
        for node in 0..count {
            if !search.is_known(node) && self.is_only_weakly_referred(node) {
                search.set_parent(node, ROOT);
                search.descend(self, node);
            }
        }
        // What is left refers to itself in circles.
        for node in 0..count {
            if !search.is_known(node) {
                search.set_parent(node, ROOT);
                search.enter(node);
            }
        }
        search.dominators(self)
    }
}

/// The search's state. Objects are named by their number in the order of the search plus one; 0 is none.
struct Search {
    /// Number of each object.
    numbers: Vec<u32>,
    /// Object of each number, from 1.
    order: Vec<u32>,
    /// Parent of each object in the search's tree.
    parents: Vec<u32>,
    /// Next reference of each object to follow.
    cursors: Vec<u32>,
}

impl Search {
    fn new(count: usize) -> Self {
        Self {
            numbers: vec![0; count],
            order: Vec::with_capacity(count),
            parents: vec![0; count],
            cursors: vec![0; count],
        }
    }

    fn is_known(&self, node: usize) -> bool {
        self.numbers.get(node).is_some_and(|number| *number != 0)
    }

    fn set_parent(&mut self, node: usize, parent: usize) {
        if let Some(known) = self.parents.get_mut(node) {
            *known = number(parent);
        }
    }

    fn enter(&mut self, node: usize) {
        self.order.push(number(node));
        if let Some(known) = self.numbers.get_mut(node) {
            *known = number(self.order.len());
        }
    }

    fn descend(&mut self, graph: &Graph<'_>, start: usize) {
        self.enter(start);
        let mut at = start;
        loop {
            let edges = graph.snapshot.own_edges(at);
            let mut next = None;
            let mut cursor = edges.start + self.cursors.get(at).copied().unwrap_or_default() as usize;
            while cursor < edges.end && next.is_none() {
                if let Some(edge) = graph.snapshot.edges.get(cursor) {
                    let to = edge.to as usize;
                    next = Some(to).filter(|to| !self.is_known(*to) && graph.keeps(at, edge.kind, *to));
                }
                cursor += 1;
            }
            if let Some(place) = self.cursors.get_mut(at) {
                *place = number(cursor - edges.start);
            }
            if let Some(to) = next {
                self.set_parent(to, at);
                self.enter(to);
                at = to;
            } else if at == start {
                return;
            } else {
                at = self.parents.get(at).copied().unwrap_or_default() as usize;
            }
        }
    }

    fn dominators(self, graph: &Graph<'_>) -> (Vec<u32>, Vec<u32>) {
        let Self { numbers, order, parents, cursors } = self;
        drop(cursors);
        let count = order.len();
        let number_of = |node: usize| numbers.get(node).copied().unwrap_or_default() as usize;
        let node_of = |number: usize| order.get(number.wrapping_sub(1)).copied().unwrap_or_default() as usize;
        // All from here on by number.
        let mut forest = Forest::new(count);
        let mut dominators = vec![0_u32; count + 1];
        let mut bucket_first = vec![0_u32; count + 1];
        let mut bucket_next = vec![0_u32; count + 1];
        for at in (2..=count).rev() {
            let node = node_of(at);
            let mut is_orphan = true;
            let mut semi = at;
            for (from, kind) in graph.retainers_of(node) {
                if graph.keeps(from, kind, node) {
                    is_orphan = false;
                    let best = forest.evaluate(number_of(from));
                    semi = semi.min(forest.semi(best));
                }
            }
            if is_orphan {
                semi = 1;
            }
            forest.set_semi(at, semi);
            push(&mut bucket_first, &mut bucket_next, semi, at);
            let parent = number_of(parents.get(node).copied().unwrap_or_default() as usize);
            forest.link(parent, at);
            let mut waiting = bucket_first.get(parent).copied().unwrap_or_default() as usize;
            if let Some(first) = bucket_first.get_mut(parent) {
                *first = 0;
            }
            while waiting != 0 {
                let best = forest.evaluate(waiting);
                let dominator = if forest.semi(best) < forest.semi(waiting) { best } else { parent };
                set(&mut dominators, waiting, dominator);
                waiting = bucket_next.get(waiting).copied().unwrap_or_default() as usize;
            }
        }
        set(&mut dominators, 1, 1);
        for at in 2..=count {
            let dominator = dominators.get(at).copied().unwrap_or_default() as usize;
            if dominator != forest.semi(at) {
                let above = dominators.get(dominator).copied().unwrap_or_default() as usize;
                set(&mut dominators, at, above);
            }
        }
        let mut of = vec![0_u32; count];
        for at in 1..=count {
            let dominator = dominators.get(at).copied().unwrap_or_default() as usize;
            if let Some(known) = of.get_mut(node_of(at)) {
                *known = number(node_of(dominator));
            }
        }
        (of, order)
    }
}

/// The forest of Lengauer and Tarjan, with path compression.
struct Forest {
    ancestors: Vec<u32>,
    labels: Vec<u32>,
    semis: Vec<u32>,
    path: Vec<u32>,
}

impl Forest {
    fn new(count: usize) -> Self {
        let own: Vec<u32> = (0..=number(count)).collect();
        Self { ancestors: vec![0; count + 1], labels: own.clone(), semis: own, path: Vec::new() }
    }

    fn semi(&self, at: usize) -> usize {
        self.semis.get(at).copied().unwrap_or_default() as usize
    }

    fn set_semi(&mut self, at: usize, semi: usize) {
        set(&mut self.semis, at, semi);
    }

    fn link(&mut self, parent: usize, child: usize) {
        set(&mut self.ancestors, child, parent);
    }

    fn ancestor(&self, at: usize) -> usize {
        self.ancestors.get(at).copied().unwrap_or_default() as usize
    }

    fn label(&self, at: usize) -> usize {
        self.labels.get(at).copied().unwrap_or_default() as usize
    }

    fn evaluate(&mut self, at: usize) -> usize {
        if self.ancestor(at) == 0 {
            return at;
        }
        let mut top = at;
        while self.ancestor(self.ancestor(top)) != 0 {
            self.path.push(number(top));
            top = self.ancestor(top);
        }
        while let Some(below) = self.path.pop() {
            let below = below as usize;
            let above = self.ancestor(below);
            if self.semi(self.label(above)) < self.semi(self.label(below)) {
                let label = self.label(above);
                set(&mut self.labels, below, label);
            }
            let higher = self.ancestor(above);
            set(&mut self.ancestors, below, higher);
        }
        self.label(at)
    }
}

fn set(list: &mut [u32], at: usize, value: usize) {
    if let Some(place) = list.get_mut(at) {
        *place = number(value);
    }
}

fn push(first: &mut [u32], next: &mut [u32], bucket: usize, item: usize) {
    let head = first.get(bucket).copied().unwrap_or_default();
    set(next, item, head as usize);
    set(first, bucket, item);
}

// What the root reaches other than by shortcuts and by the trees of documents.
fn owned(snapshot: &Snapshot<'_>, kinds: Kinds) -> Vec<bool> {
    let mut owned = vec![false; snapshot.nodes.len()];
    let mut waiting: Vec<u32> = Vec::new();
    let mut mark = |node: u32, waiting: &mut Vec<u32>, always: bool| {
        if let Some(known) = owned.get_mut(node as usize)
            && (always || !*known)
        {
            *known = true;
            waiting.push(node);
        }
    };
    let is_documents = |node: u32| {
        snapshot.kind(node as usize) == "synthetic" && snapshot.name(node as usize) == "(Document DOM trees)"
    };
    for edge in snapshot.edges.get(snapshot.own_edges(ROOT)).unwrap_or_default() {
        let kind = Some(edge.kind);
        if kind == kinds.shortcut || kind == kinds.element && is_documents(edge.to) {
            continue;
        }
        mark(edge.to, &mut waiting, false);
    }
    while let Some(node) = waiting.pop() {
        for edge in snapshot.edges.get(snapshot.own_edges(node as usize)).unwrap_or_default() {
            if Some(edge.kind) != kinds.weak {
                mark(edge.to, &mut waiting, false);
            }
        }
    }
    owned
}

// Breadth first, weak references left out.
fn shortest_ways(snapshot: &Snapshot<'_>) -> Vec<Option<(u32, u32)>> {
    let weak = snapshot.edge_kind("weak");
    let mut ways: Vec<Option<(u32, u32)>> = vec![None; snapshot.nodes.len()];
    let mut queue: Vec<u32> = vec![number(ROOT)];
    let mut next = 0;
    while let Some(node) = queue.get(next).copied() {
        next += 1;
        for place in snapshot.own_edges(node as usize) {
            let Some(edge) = snapshot.edges.get(place).filter(|edge| Some(edge.kind) != weak) else { continue };
            let Some(way) = ways.get_mut(edge.to as usize).filter(|way| way.is_none() && edge.to as usize != ROOT)
            else {
                continue;
            };
            *way = Some((node, number(place)));
            queue.push(edge.to);
        }
    }
    ways
}

//! Directed graphs of components or modules and what an architect asks of them.
//!
//! Owns cycles, feedback edges, cut vertices, dominators and reach; knows nothing of what the nodes stand for. Every
//! answer is deterministic: nodes are numbers, neighbours are kept sorted. No function recurses.

use petgraph::algo::{dominators, kosaraju_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::BTreeMap;

/// Largest cycle group whose minimum feedback set is found exactly: the search visits 2^n states.
pub const MAX_EXACT_FEEDBACK_NODES: usize = 16;

/// Most states one call may visit for exact feedback sets; groups beyond it are answered greedily.
pub const MAX_FEEDBACK_STATES: usize = 1 << 20;

// Largest group that is sifted: a round is quadratic.
const MAX_SIFTED_NODES: usize = 2_000;

// Rounds of improving a greedy order; most graphs are done after three.
const MAX_SIFTING_ROUNDS: usize = 8;

/// A directed graph without parallel edges; an edge's weight says how many it stands for.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
    weights: BTreeMap<(usize, usize), u32>,
}

/// Edges whose removal leaves no cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackSet {
    /// The edges, sorted.
    pub edges: Vec<(usize, usize)>,
    /// Whether no lighter set exists.
    pub is_minimum: bool,
    /// All nodes, so that every edge outside the set points forward.
    pub order: Vec<usize>,
}

/// How nodes depend on what lies before them on every way from the roots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dominators {
    /// The nearest node on every way from the roots; none for roots, for nodes that ways share nothing on, and for
    /// nodes that no root reaches.
    pub immediate: Vec<Option<usize>>,
    /// How many other nodes are reached through the node only.
    pub dominated: Vec<usize>,
    /// Which nodes a root reaches.
    pub reached: Vec<bool>,
}

impl Graph {
    /// A graph of `nodes` nodes; edges that name others are left out. O(E log E).
    pub fn new(nodes: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Self {
        Self::weighted(nodes, edges.into_iter().map(|(from, to)| (from, to, 1)))
    }

    /// The same for edges that each stand for several.
    pub fn weighted(nodes: usize, edges: impl IntoIterator<Item = (usize, usize, u32)>) -> Self {
        let mut weights = BTreeMap::new();
        for (from, to, more) in edges {
            if from < nodes && to < nodes {
                let weight = weights.entry((from, to)).or_insert(0_u32);
                *weight = weight.saturating_add(more);
            }
        }
        let (mut out, mut into) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
        for &(from, to) in weights.keys() {
            push_at(&mut out, from, to);
            push_at(&mut into, to, from);
        }
        Self { out, into, weights }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// The nodes that `node` points at, sorted.
    pub fn successors(&self, node: usize) -> &[usize] {
        self.out.get(node).map_or(&[], Vec::as_slice)
    }

    /// The nodes that point at `node`, sorted.
    pub fn predecessors(&self, node: usize) -> &[usize] {
        self.into.get(node).map_or(&[], Vec::as_slice)
    }

    /// The edges, sorted, with how many each stands for.
    pub fn edges(&self) -> impl Iterator<Item = ((usize, usize), u32)> + '_ {
        self.weights.iter().map(|(edge, weight)| (*edge, *weight))
    }

    /// How many edges an edge stands for; 0 where there is none.
    pub fn weight(&self, from: usize, to: usize) -> u32 {
        self.weights.get(&(from, to)).copied().unwrap_or(0)
    }

    /// The strongly connected components, those that point at others after these (sinks first). Kosaraju, O(V + E).
    pub fn strong_components(&self) -> Vec<Vec<usize>> {
        let mut components: Vec<Vec<usize>> = kosaraju_scc(&self.to_petgraph(0))
            .into_iter()
            .map(|nodes| nodes.into_iter().map(NodeIndex::index).collect())
            .collect();
        for nodes in &mut components {
            nodes.sort_unstable();
        }
        components
    }

    /// The groups of nodes that reach each other, and nodes that point at themselves, in order of their least node.
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        let mut cycles: Vec<Vec<usize>> = self
            .strong_components()
            .into_iter()
            .filter(|nodes| nodes.len() > 1 || nodes.first().is_some_and(|node| self.weight(*node, *node) > 0))
            .collect();
        cycles.sort_unstable();
        cycles
    }

    /// One shortest cycle through the least node of a strongly connected group, as its nodes in order. O(V + E).
    pub fn cycle_in(&self, group: &[usize]) -> Vec<usize> {
        let Some(&start) = group.first() else { return Vec::new() };
        let mut inside = vec![false; self.len()];
        for node in group {
            set(&mut inside, *node, true);
        }
        let mut before = vec![None; self.len()];
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for &next in self.successors(node) {
                if next == start {
                    let mut cycle = vec![node];
                    while let Some(previous) = cycle.last().and_then(|last| before.get(*last).copied().flatten()) {
                        cycle.push(previous);
                    }
                    cycle.reverse();
                    return cycle;
                }
                if at(&inside, next) && before.get(next).is_some_and(Option::is_none) {
                    set(&mut before, next, Some(node));
                    queue.push_back(next);
                }
            }
        }
        Vec::new()
    }

    /// Edges to remove so that no cycle is left: of least total weight in groups of up to
    /// [`MAX_EXACT_FEEDBACK_NODES`] nodes (dynamic programming over subsets, O(2^n n)), greedily (Eades, Lin and Smyth
    /// 1993, by weight, then sifted) in larger ones.
    pub fn feedback_set(&self) -> FeedbackSet {
        let (mut order, mut is_minimum, mut states) = (Vec::with_capacity(self.len()), true, 0_usize);
        for group in self.strong_components().into_iter().rev() {
            let needed = 1_usize << group.len().min(MAX_EXACT_FEEDBACK_NODES + 1);
            if group.len() < 2 {
                order.extend(group);
            } else if group.len() <= MAX_EXACT_FEEDBACK_NODES && states + needed <= MAX_FEEDBACK_STATES {
                states += needed;
                order.extend(self.exact_order(&group));
            } else {
                is_minimum = false;
                order.extend(self.greedy_order(&group));
            }
        }
        let mut place = vec![0_usize; self.len()];
        for (rank, node) in order.iter().enumerate() {
            set(&mut place, *node, rank);
        }
        let edges = self.weights.keys().copied().filter(|(from, to)| at(&place, *from) >= at(&place, *to)).collect();
        FeedbackSet { edges, is_minimum, order }
    }

    /// For every node, into how many pieces its removal splits what it is connected with, directions aside; 1 for a
    /// node that is no cut vertex, 0 for one without neighbours. Hopcroft and Tarjan 1973, O(V + E).
    pub fn pieces_without(&self) -> Vec<usize> {
        let near: Vec<Vec<usize>> = (0..self.len())
            .map(|node| {
                let mut all: Vec<usize> =
                    self.successors(node).iter().chain(self.predecessors(node)).copied().collect();
                all.retain(|other| *other != node);
                all.sort_unstable();
                all.dedup();
                all
            })
            .collect();
        let (mut entered, mut low) = (vec![0_usize; self.len()], vec![0_usize; self.len()]);
        let (mut pieces, mut clock) = (vec![0_usize; self.len()], 0_usize);
        let mut is_root = vec![false; self.len()];
        for root in 0..self.len() {
            if at(&entered, root) != 0 {
                continue;
            }
            clock += 1;
            set(&mut is_root, root, true);
            set(&mut entered, root, clock);
            set(&mut low, root, clock);
            let mut stack = vec![(root, root, 0_usize)];
            while let Some((node, parent, next)) = stack.pop() {
                if let Some(&other) = near.get(node).and_then(|all| all.get(next)) {
                    stack.push((node, parent, next + 1));
                    if at(&entered, other) == 0 {
                        clock += 1;
                        set(&mut entered, other, clock);
                        set(&mut low, other, clock);
                        stack.push((other, node, 0));
                    } else if other != parent {
                        let reached = at(&low, node).min(at(&entered, other));
                        set(&mut low, node, reached);
                    }
                } else if node != root {
                    let reached = at(&low, parent).min(at(&low, node));
                    set(&mut low, parent, reached);
                    if at(&low, node) >= at(&entered, parent) {
                        let cut_off = at(&pieces, parent) + 1;
                        set(&mut pieces, parent, cut_off);
                    }
                }
            }
        }
        // What lies above a node is one more piece; a root has nothing above it.
        pieces.iter().zip(&is_root).map(|(below, root)| below + usize::from(!root)).collect()
    }

    /// Which nodes lie on every way from the roots. Cooper, Harvey and Kennedy 2001: near-linear on such graphs,
    /// quadratic at worst.
    pub fn dominators(&self, roots: &[usize]) -> Dominators {
        let mut graph = self.to_petgraph(1);
        let start = NodeIndex::new(self.len());
        for &root in roots {
            if root < self.len() {
                graph.add_edge(start, NodeIndex::new(root), ());
            }
        }
        let tree = dominators::simple_fast(&graph, start);
        let known: Vec<Option<usize>> =
            (0..self.len()).map(|node| tree.immediate_dominator(NodeIndex::new(node)).map(NodeIndex::index)).collect();
        let reached: Vec<bool> = known.iter().map(Option::is_some).collect();
        let immediate: Vec<Option<usize>> = known.into_iter().map(|node| node.filter(|n| *n < self.len())).collect();
        // Nodes farther down the tree hand their counts up before their parents do.
        let mut below = vec![0_usize; self.len()];
        immediate.iter().flatten().for_each(|parent| add(&mut below, *parent, 1));
        let mut waiting = below.clone();
        let mut dominated = vec![0_usize; self.len()];
        let mut ready: Vec<usize> = (0..self.len()).filter(|node| at(&below, *node) == 0).collect();
        while let Some(node) = ready.pop() {
            let Some(parent) = immediate.get(node).copied().flatten() else { continue };
            let share = at(&dominated, node) + 1;
            add(&mut dominated, parent, share);
            let left = at(&waiting, parent).saturating_sub(1);
            set(&mut waiting, parent, left);
            if left == 0 {
                ready.push(parent);
            }
        }
        Dominators { immediate, dominated, reached }
    }

    /// For every node, how many other nodes reach it. Bit sets over strong components, O(V E / 64).
    pub fn dependants(&self) -> Vec<usize> {
        let groups = self.strong_components();
        let mut group_of = vec![0_usize; self.len()];
        for (number, nodes) in groups.iter().enumerate() {
            for node in nodes {
                set(&mut group_of, *node, number);
            }
        }
        let words = self.len().div_ceil(64);
        let mut reach: Vec<Vec<u64>> = vec![Vec::new(); groups.len()];
        let mut counts = vec![0_usize; self.len()];
        // Sources come last in `groups`: from the end, every group's callers are known before it.
        for (number, nodes) in groups.iter().enumerate().rev() {
            let mut bits = vec![0_u64; words];
            for &node in nodes {
                for &caller in self.predecessors(node) {
                    let other = at(&group_of, caller);
                    if other != number {
                        for (word, more) in bits.iter_mut().zip(reach.get(other).into_iter().flatten()) {
                            *word |= more;
                        }
                    }
                }
            }
            for &node in nodes {
                if let Some(word) = bits.get_mut(node / 64) {
                    *word |= 1 << (node % 64);
                }
            }
            let all: usize = bits.iter().map(|word| word.count_ones() as usize).sum();
            for node in nodes {
                set(&mut counts, *node, all.saturating_sub(1));
            }
            set(&mut reach, number, bits);
        }
        counts
    }

    /// Which nodes are reached from `start`, itself included. O(V + E).
    pub fn reached_from(&self, start: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut stack: Vec<usize> = start.into_iter().collect();
        while let Some(node) = stack.pop() {
            if node < self.len() && !at(&reached, node) {
                set(&mut reached, node, true);
                stack.extend_from_slice(self.successors(node));
            }
        }
        reached
    }

    fn to_petgraph(&self, more_nodes: usize) -> DiGraph<(), ()> {
        let mut graph = DiGraph::with_capacity(self.len() + more_nodes, self.weights.len());
        for _ in 0..self.len() + more_nodes {
            graph.add_node(());
        }
        for &(from, to) in self.weights.keys() {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
        }
        graph
    }

    // Held and Karp's scheme: the best order of a set ends in some node, which costs its edges back into the set.
    fn exact_order(&self, group: &[usize]) -> Vec<usize> {
        let count = group.len();
        let costs: Vec<Vec<u32>> =
            group.iter().map(|from| group.iter().map(|to| self.weight(*from, *to)).collect()).collect();
        let states = 1_usize << count;
        let mut best = vec![u32::MAX; states];
        let mut last = vec![0_u8; states];
        set(&mut best, 0, 0);
        for state in 1..states {
            for (node, back) in costs.iter().enumerate() {
                if state & (1 << node) == 0 {
                    continue;
                }
                let rest = state & !(1 << node);
                let mut cost = at(&best, rest);
                for (other, weight) in back.iter().enumerate() {
                    if rest & (1 << other) != 0 {
                        cost = cost.saturating_add(*weight);
                    }
                }
                if cost < at(&best, state) {
                    set(&mut best, state, cost);
                    set(&mut last, state, u8::try_from(node).unwrap_or(u8::MAX));
                }
            }
        }
        let mut order = Vec::with_capacity(count);
        let mut state = states - 1;
        while state != 0 {
            let node = usize::from(at(&last, state));
            order.extend(group.get(node));
            state &= !(1 << node);
        }
        order.reverse();
        order
    }

    // Sinks go to the end, sources to the front, else the node that gives most more than it takes goes to the front.
    fn greedy_order(&self, group: &[usize]) -> Vec<usize> {
        let mut inside = vec![false; self.len()];
        for node in group {
            set(&mut inside, *node, true);
        }
        let degree = |edges: &[usize], weight: &dyn Fn(usize) -> u32| -> i64 {
            edges.iter().filter(|other| at(&inside, **other)).map(|other| i64::from(weight(*other))).sum()
        };
        let mut gives = vec![0_i64; self.len()];
        let mut takes = vec![0_i64; self.len()];
        for &node in group {
            let itself = i64::from(self.weight(node, node));
            set(&mut gives, node, degree(self.successors(node), &|to| self.weight(node, to)) - itself);
            set(&mut takes, node, degree(self.predecessors(node), &|from| self.weight(from, node)) - itself);
        }
        let key = |gives: &[i64], takes: &[i64], node: usize| {
            let (out, into) = (at(gives, node), at(takes, node));
            if out == 0 {
                i64::MAX
            } else if into == 0 {
                i64::MAX - 1
            } else {
                out - into
            }
        };
        let mut ranked: std::collections::BTreeSet<(i64, std::cmp::Reverse<usize>)> =
            group.iter().map(|node| (key(&gives, &takes, *node), std::cmp::Reverse(*node))).collect();
        let (mut front, mut back) = (Vec::new(), Vec::new());
        while let Some((rank, std::cmp::Reverse(node))) = ranked.pop_last() {
            if rank == i64::MAX {
                back.push(node);
            } else {
                front.push(node);
            }
            set(&mut inside, node, false);
            let mut touched: Vec<usize> =
                self.successors(node).iter().chain(self.predecessors(node)).copied().collect();
            touched.retain(|other| at(&inside, *other));
            touched.sort_unstable();
            touched.dedup();
            for other in touched {
                ranked.remove(&(key(&gives, &takes, other), std::cmp::Reverse(other)));
                add_signed(&mut takes, other, -i64::from(self.weight(node, other)));
                add_signed(&mut gives, other, -i64::from(self.weight(other, node)));
                ranked.insert((key(&gives, &takes, other), std::cmp::Reverse(other)));
            }
        }
        back.reverse();
        front.extend(back);
        if front.len() <= MAX_SIFTED_NODES { self.sift(front) } else { front }
    }

    // Moves one node after the other to where fewest of its edges point back, until a round changes nothing.
    // O(rounds (V^2 + E log E)), the square being a move within an array.
    fn sift(&self, mut order: Vec<usize>) -> Vec<usize> {
        let mut place = vec![usize::MAX; self.len()];
        for _ in 0..MAX_SIFTING_ROUNDS {
            let mut has_moved = false;
            for node in order.clone() {
                for (rank, other) in order.iter().enumerate() {
                    set(&mut place, *other, rank);
                }
                let Some(from) = place.get(node).copied().filter(|rank| *rank < order.len()) else { continue };
                order.remove(from);
                // Places are those of the others alone: what came after the node moved up by one.
                let rank_of = |other: usize| {
                    let rank = place.get(other).copied().filter(|rank| *rank != usize::MAX && other != node)?;
                    Some(rank - usize::from(rank > from))
                };
                let ahead = self.successors(node).iter().map(|to| (rank_of(*to), i64::from(self.weight(node, *to))));
                let behind =
                    self.predecessors(node).iter().map(|to| (rank_of(*to), -i64::from(self.weight(*to, node))));
                let mut steps: Vec<(usize, i64)> =
                    ahead.chain(behind).filter_map(|(rank, weight)| Some((rank?, weight))).collect();
                steps.sort_unstable();
                // Passing a successor turns its edge back, passing a predecessor turns one forward.
                let here: i64 = steps.iter().take_while(|(rank, _)| *rank < from).map(|(_, weight)| weight).sum();
                let (mut cost, mut best) = (0, (0, 0));
                let mut waiting = steps.iter().peekable();
                while let Some((rank, weight)) = waiting.next() {
                    cost += weight;
                    if waiting.peek().is_none_or(|(next, _)| next != rank) && cost < best.0 {
                        best = (cost, rank + 1);
                    }
                }
                let to = if best.0 < here { best.1 } else { from };
                has_moved |= to != from;
                order.insert(to, node);
            }
            if !has_moved {
                break;
            }
        }
        order
    }
}

fn at<T: Copy + Default>(values: &[T], index: usize) -> T {
    values.get(index).copied().unwrap_or_default()
}

fn set<T>(values: &mut [T], index: usize, value: T) {
    if let Some(slot) = values.get_mut(index) {
        *slot = value;
    }
}

fn add(values: &mut [usize], index: usize, more: usize) {
    if let Some(slot) = values.get_mut(index) {
        *slot += more;
    }
}

fn add_signed(values: &mut [i64], index: usize, more: i64) {
    if let Some(slot) = values.get_mut(index) {
        *slot += more;
    }
}

fn push_at(lists: &mut [Vec<usize>], index: usize, value: usize) {
    if let Some(list) = lists.get_mut(index) {
        list.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // A small generator, so that random graphs are the same in every run.
    struct Dice(u64);
    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).expect("31 bits") % sides
        }
        fn graph(&mut self, nodes: usize, edges: usize) -> Graph {
            let all: Vec<_> = (0..edges).map(|_| (self.roll(nodes), self.roll(nodes))).collect();
            Graph::new(nodes, all)
        }
    }

    fn weight_of(graph: &Graph, edges: &[(usize, usize)]) -> u32 {
        edges.iter().map(|(from, to)| graph.weight(*from, *to)).sum()
    }

    fn without(graph: &Graph, edges: &[(usize, usize)]) -> Graph {
        Graph::new(graph.len(), graph.edges().map(|(edge, _)| edge).filter(|edge| !edges.contains(edge)))
    }

    #[test]
    fn exact_feedback_sets_equal_brute_force_over_all_orders() {
        fn best(graph: &Graph, placed: &mut Vec<usize>) -> u32 {
            if placed.len() == graph.len() {
                return 0;
            }
            (0..graph.len())
                .filter(|node| !placed.contains(node))
                .collect::<Vec<_>>()
                .into_iter()
                .map(|node| {
                    placed.push(node);
                    let back: u32 = placed.iter().map(|to| graph.weight(node, *to)).sum();
                    let cost = back + best(graph, placed);
                    placed.pop();
                    cost
                })
                .min()
                .unwrap_or(0)
        }
        let mut dice = Dice(7);
        for _ in 0..60 {
            let edges = 4 + dice.roll(22);
            let graph = dice.graph(6, edges);
            let found = graph.feedback_set();
            assert!(found.is_minimum);
            assert!(without(&graph, &found.edges).cycles().is_empty());
            assert_eq!(weight_of(&graph, &found.edges), best(&graph, &mut Vec::new()));
        }
    }

    #[test]
    fn greedy_feedback_sets_leave_no_cycle() {
        let mut dice = Dice(11);
        for _ in 0..40 {
            let graph = dice.graph(40, 160);
            let found = graph.feedback_set();
            assert!(!found.is_minimum);
            assert_eq!(found.order.len(), 40);
            assert!(without(&graph, &found.edges).cycles().is_empty());
            // The method's own bound: at most half of the edges, loops aside.
            let loops = (0..40).filter(|node| graph.weight(*node, *node) > 0).count();
            assert!(found.edges.len() - loops <= graph.edges().count() / 2);
        }
    }

    #[test]
    fn cut_vertices_dominators_and_dependants_equal_their_definitions() {
        let mut dice = Dice(3);
        for round in 0..80 {
            let (nodes, edges) = (2 + dice.roll(12), dice.roll(24));
            let graph = dice.graph(nodes, edges);
            let pieces = graph.pieces_without();
            let tree = graph.dominators(&[0]);
            let counts = graph.dependants();
            for node in 0..nodes {
                let rest = Graph::new(
                    nodes,
                    graph
                        .edges()
                        .filter(|((from, to), _)| *from != node && *to != node)
                        .flat_map(|((from, to), _)| [(from, to), (to, from)]),
                );
                let near: std::collections::BTreeSet<usize> = graph
                    .successors(node)
                    .iter()
                    .chain(graph.predecessors(node))
                    .copied()
                    .filter(|n| *n != node)
                    .collect();
                let mut seen = vec![false; nodes];
                let mut split = 0;
                for other in near {
                    if !at(&seen, other) {
                        split += 1;
                        seen.iter_mut().zip(rest.reached_from([other])).for_each(|(s, r)| *s |= r);
                    }
                }
                assert_eq!(at(&pieces, node), split, "round {round} node {node}");
                let cut = Graph::new(
                    nodes,
                    graph.edges().map(|(edge, _)| edge).filter(|(from, to)| *from != node && *to != node),
                );
                let still = if node == 0 { vec![false; nodes] } else { cut.reached_from([0]) };
                let lost = (0..nodes).filter(|n| *n != node && at(&tree.reached, *n) && !at(&still, *n)).count();
                let expected = if at(&tree.reached, node) { lost } else { 0 };
                assert_eq!(at(&tree.dominated, node), expected, "round {round} node {node}");
                let callers = (0..nodes).filter(|n| *n != node && at(&graph.reached_from([*n]), node)).count();
                assert_eq!(at(&counts, node), callers, "round {round} node {node}");
            }
        }
    }

    #[test]
    fn a_chain_of_the_largest_size_needs_no_stack() {
        let nodes = 20_000;
        let graph = Graph::new(nodes, (1..nodes).map(|node| (node - 1, node)).chain([(nodes - 1, 0)]));
        assert_eq!(graph.cycles().len(), 1);
        assert_eq!(graph.cycle_in(&(0..nodes).collect::<Vec<_>>()).len(), nodes);
        assert_eq!(graph.feedback_set().edges.len(), 1);
        assert!(graph.pieces_without().iter().all(|pieces| *pieces == 1));
    }
}

//! Directed graphs of imports and what is computed on them: circles, reach, shortest chains, smallest cuts.
//!
//! Knows nodes by number. All answers are the same for the same edges: neighbours are visited in their order.

pub mod diagram;

use std::collections::{BTreeSet, VecDeque};

/// Largest knot whose smallest set of edges to remove is searched for exhaustively: 2^16 sets of nodes.
const MAX_EXACT_KNOT: usize = 16;

/// Largest knot whose order is improved node by node: a round costs the square of the nodes.
const MAX_SIFTED_KNOT: usize = 1_000;

/// Rounds of improving an order; most are done after three.
const MAX_ROUNDS: usize = 8;

/// Largest cut that is computed; a larger one helps nobody.
pub const MAX_CUT: usize = 100;

/// A directed graph over `0..len`.
#[derive(Debug, Default)]
pub struct Graph {
    out: Vec<BTreeSet<usize>>,
    into: Vec<BTreeSet<usize>>,
}

/// An edge: importer and imported.
pub type Edge = (usize, usize);

impl Graph {
    /// A graph of so many nodes, without edges.
    pub fn with_nodes(len: usize) -> Self {
        Self { out: vec![BTreeSet::new(); len], into: vec![BTreeSet::new(); len] }
    }

    /// Adds an edge; one that names a node that is not there is left out.
    pub fn add(&mut self, from: usize, to: usize) {
        if let (Some(out), Some(into)) = (self.out.get_mut(from), self.into.get_mut(to)) {
            out.insert(to);
            into.insert(from);
        }
    }

    /// Takes an edge out.
    pub fn remove(&mut self, from: usize, to: usize) {
        if let (Some(out), Some(into)) = (self.out.get_mut(from), self.into.get_mut(to)) {
            out.remove(&to);
            into.remove(&from);
        }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// What a node imports, in order.
    pub fn imported_by(&self, node: usize) -> impl Iterator<Item = usize> {
        self.out.get(node).into_iter().flatten().copied()
    }

    /// What imports a node, in order.
    pub fn importers_of(&self, node: usize) -> impl Iterator<Item = usize> {
        self.into.get(node).into_iter().flatten().copied()
    }

    /// All edges, in order.
    pub fn edges(&self) -> impl Iterator<Item = Edge> {
        self.out.iter().enumerate().flat_map(|(from, out)| out.iter().map(move |to| (from, *to)))
    }

    /// Sets of nodes that all reach each other, two or more, each sorted; by their first node. Tarjan's, without recursion.
    pub fn knots(&self) -> Vec<Vec<usize>> {
        const UNSEEN: usize = usize::MAX;
        let len = self.len();
        let mut index = vec![UNSEEN; len];
        let mut low = vec![0; len];
        let mut on_stack = vec![false; len];
        let mut stack = Vec::new();
        let mut next = 0;
        let mut knots = Vec::new();
        for start in 0..len {
            if index.get(start) != Some(&UNSEEN) {
                continue;
            }
            let mut work = vec![(start, self.imported_by(start).collect::<Vec<_>>().into_iter())];
            visit(start, &mut next, &mut index, &mut low, &mut on_stack, &mut stack);
            while let Some((node, children)) = work.last_mut() {
                let node = *node;
                if let Some(child) = children.next() {
                    if at(&index, child) == UNSEEN {
                        visit(child, &mut next, &mut index, &mut low, &mut on_stack, &mut stack);
                        work.push((child, self.imported_by(child).collect::<Vec<_>>().into_iter()));
                    } else if on_stack.get(child) == Some(&true) {
                        lower(&mut low, node, at(&index, child));
                    }
                    continue;
                }
                work.pop();
                if let Some((parent, _)) = work.last() {
                    let value = at(&low, node);
                    lower(&mut low, *parent, value);
                }
                if at(&low, node) == at(&index, node) {
                    let mut knot = Vec::new();
                    while let Some(member) = stack.pop() {
                        if let Some(flag) = on_stack.get_mut(member) {
                            *flag = false;
                        }
                        knot.push(member);
                        if member == node {
                            break;
                        }
                    }
                    if knot.len() > 1 {
                        knot.sort_unstable();
                        knots.push(knot);
                    }
                }
            }
        }
        knots.sort();
        knots
    }

    /// Nodes that can be reached from these, without them unless they are reached again.
    pub fn reach(&self, from: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut queue: VecDeque<usize> = from.iter().copied().collect();
        while let Some(node) = queue.pop_front() {
            for next in self.imported_by(node) {
                if seen.insert(next) {
                    queue.push_back(next);
                }
            }
        }
        seen
    }

    /// A shortest chain from one of `from` to one of `to` that passes no node of `barred` and no edge of `cut`.
    pub fn shortest_chain(
        &self,
        from: &BTreeSet<usize>,
        to: &BTreeSet<usize>,
        barred: &BTreeSet<usize>,
        cut: &BTreeSet<Edge>,
    ) -> Option<Vec<usize>> {
        let mut before: Vec<Option<usize>> = vec![None; self.len()];
        let mut seen = vec![false; self.len()];
        let mut queue = VecDeque::new();
        for node in from {
            *seen.get_mut(*node)? = true;
            queue.push_back(*node);
        }
        while let Some(node) = queue.pop_front() {
            for next in self.imported_by(node) {
                if seen.get(next) == Some(&true) || barred.contains(&next) || cut.contains(&(node, next)) {
                    continue;
                }
                *seen.get_mut(next)? = true;
                *before.get_mut(next)? = Some(node);
                if to.contains(&next) {
                    let mut chain = vec![next];
                    let mut at = next;
                    while let Some(earlier) = before.get(at).copied().flatten() {
                        chain.push(earlier);
                        at = earlier;
                    }
                    chain.reverse();
                    return Some(chain);
                }
                queue.push_back(next);
            }
        }
        None
    }

    /// The shortest cycle through a knot's nodes, from its smallest node on; ends where it began.
    pub fn shortest_cycle(&self, knot: &[usize]) -> Vec<usize> {
        let inside: BTreeSet<usize> = knot.iter().copied().collect();
        let outside: BTreeSet<usize> = (0..self.len()).filter(|node| !inside.contains(node)).collect();
        let mut best: Option<Vec<usize>> = None;
        for node in knot {
            if best.as_ref().is_some_and(|best| best.len() == 3) {
                break;
            }
            let only = BTreeSet::from([*node]);
            // The way back to the node itself: its neighbours are where the search begins.
            for next in self.imported_by(*node).filter(|next| inside.contains(next) && next != node) {
                if let Some(chain) = self.shortest_chain(&BTreeSet::from([next]), &only, &outside, &BTreeSet::new())
                    && best.as_ref().is_none_or(|best| chain.len() + 1 < best.len())
                {
                    best = Some(std::iter::once(*node).chain(chain).collect());
                }
            }
            if knot.len() > MAX_EXACT_KNOT && best.is_some() {
                break;
            }
        }
        best.unwrap_or_default()
    }

    /// The fewest edges whose removal leaves no cycle in a knot, and whether they are surely the fewest.
    pub fn cycle_cut(&self, knot: &[usize]) -> (Vec<Edge>, bool) {
        let exact = knot.len() <= MAX_EXACT_KNOT;
        let order = if exact { self.best_order(knot) } else { self.sifted(self.good_order(knot)) };
        let place = |node: usize| order.iter().position(|other| *other == node);
        let places: std::collections::BTreeMap<usize, usize> =
            knot.iter().filter_map(|node| Some((*node, place(*node)?))).collect();
        let mut back = Vec::new();
        for from in knot {
            for to in self.imported_by(*from) {
                if let (Some(a), Some(b)) = (places.get(from), places.get(&to))
                    && a > b
                {
                    back.push((*from, to));
                }
            }
        }
        (back, exact)
    }

    // The order of a knot's nodes with the fewest edges that point backwards: the best order of each subset is the best order of
    // all but its last node, and then that node.
    fn best_order(&self, knot: &[usize]) -> Vec<usize> {
        let count = knot.len();
        let masks: Vec<u32> = knot
            .iter()
            .map(|from| {
                let bit = |to: usize| knot.iter().position(|node| *node == to).map_or(0, |place| 1_u32 << place);
                self.imported_by(*from).filter(|to| to != from).map(bit).fold(0, |mask, bit| mask | bit)
            })
            .collect();
        let full = 1_usize << count;
        let mut cost = vec![u32::MAX; full];
        let mut last = vec![0_u8; full];
        if let Some(empty) = cost.first_mut() {
            *empty = 0;
        }
        for set in 1..full {
            for (node, mask) in masks.iter().enumerate() {
                if set & (1 << node) == 0 {
                    continue;
                }
                let rest = set & !(1 << node);
                // Edges from this node back to those before it.
                let back = (*mask as usize & rest).count_ones();
                let total = cost.get(rest).copied().unwrap_or(u32::MAX).saturating_add(back);
                if let (Some(known), Some(who)) = (cost.get_mut(set), last.get_mut(set))
                    && total < *known
                {
                    *known = total;
                    *who = u8::try_from(node).unwrap_or(u8::MAX);
                }
            }
        }
        let mut order = Vec::with_capacity(count);
        let mut set = full - 1;
        while set != 0 {
            let node = usize::from(last.get(set).copied().unwrap_or_default());
            order.extend(knot.get(node).copied());
            set &= !(1 << node);
        }
        order.reverse();
        order
    }

    // Eades, Lin and Smyth's order: sinks last, sources first, else the node with the most that it imports over what imports it.
    fn good_order(&self, knot: &[usize]) -> Vec<usize> {
        let mut left: BTreeSet<usize> = knot.iter().copied().collect();
        let mut degree: std::collections::BTreeMap<usize, (usize, usize)> = knot
            .iter()
            .map(|node| {
                let out = self.imported_by(*node).filter(|other| left.contains(other) && other != node).count();
                let into = self.importers_of(*node).filter(|other| left.contains(other) && other != node).count();
                (*node, (out, into))
            })
            .collect();
        let (mut first, mut last) = (Vec::new(), Vec::new());
        while !left.is_empty() {
            let of = |node: &usize| degree.get(node).copied().unwrap_or_default();
            let sink = left.iter().copied().find(|node| of(node).0 == 0);
            let source = left.iter().copied().find(|node| of(node).1 == 0);
            let balance = |node: &usize| {
                let (out, into) = of(node);
                (
                    i64::try_from(out).unwrap_or(i64::MAX) - i64::try_from(into).unwrap_or(i64::MAX),
                    std::cmp::Reverse(*node),
                )
            };
            let Some(node) = sink.or(source).or_else(|| left.iter().copied().max_by_key(balance)) else { break };
            if sink.is_some() {
                last.push(node);
            } else {
                first.push(node);
            }
            left.remove(&node);
            for other in self.imported_by(node) {
                if let Some((_, into)) = degree.get_mut(&other) {
                    *into = into.saturating_sub(1);
                }
            }
            for other in self.importers_of(node) {
                if let Some((out, _)) = degree.get_mut(&other) {
                    *out = out.saturating_sub(1);
                }
            }
        }
        first.extend(last.into_iter().rev());
        first
    }

    // An order in which no single node could stand elsewhere with fewer edges that point backwards.
    fn sifted(&self, mut order: Vec<usize>) -> Vec<usize> {
        if order.len() > MAX_SIFTED_KNOT {
            return order;
        }
        for _ in 0..MAX_ROUNDS {
            let mut moved = false;
            for node in order.clone() {
                let Some(place) = order.iter().position(|other| *other == node) else { continue };
                order.remove(place);
                // From before all others on: each node that it passes turns the edges between them.
                let (mut cost, mut costs) = (0_i64, vec![0_i64]);
                for other in &order {
                    let has = |from: usize, to: usize| self.out.get(from).is_some_and(|out| out.contains(&to));
                    cost += i64::from(has(node, *other)) - i64::from(has(*other, node));
                    costs.push(cost);
                }
                let least = costs.iter().min().copied().unwrap_or_default();
                let better = costs.get(place).is_some_and(|cost| *cost > least);
                let best = costs.iter().position(|cost| *cost == least).filter(|_| better).unwrap_or(place);
                moved |= better;
                order.insert(best, node);
            }
            if !moved {
                break;
            }
        }
        order
    }

    /// The fewest edges whose removal leaves no chain from `from` to `to`; none when there are more than [`MAX_CUT`]. By
    /// augmenting paths, each edge carrying one.
    pub fn chain_cut(
        &self,
        from: &BTreeSet<usize>,
        to: &BTreeSet<usize>,
        barred: &BTreeSet<usize>,
    ) -> Option<Vec<Edge>> {
        let mut flow: BTreeSet<Edge> = BTreeSet::new();
        for _ in 0..=MAX_CUT {
            let (path, seen) = self.augmenting(from, to, barred, &flow);
            let Some(path) = path else {
                let crosses = |(a, b): &Edge| seen.contains(a) && !seen.contains(b);
                return Some(flow.into_iter().filter(crosses).collect());
            };
            for pair in path.windows(2) {
                if let [a, b] = *pair
                    && !flow.remove(&(b, a))
                {
                    flow.insert((a, b));
                }
            }
        }
        None
    }

    fn augmenting(
        &self,
        from: &BTreeSet<usize>,
        to: &BTreeSet<usize>,
        barred: &BTreeSet<usize>,
        flow: &BTreeSet<Edge>,
    ) -> (Option<Vec<usize>>, BTreeSet<usize>) {
        let mut before = std::collections::BTreeMap::new();
        let mut seen: BTreeSet<usize> = from.clone();
        let mut queue: VecDeque<usize> = from.iter().copied().collect();
        while let Some(node) = queue.pop_front() {
            let forth = self.imported_by(node).filter(|next| !flow.contains(&(node, *next)));
            let back = self.importers_of(node).filter(|next| flow.contains(&(*next, node)));
            for next in forth.chain(back) {
                if barred.contains(&next) || !seen.insert(next) {
                    continue;
                }
                before.insert(next, node);
                if to.contains(&next) {
                    let mut path = vec![next];
                    let mut at = next;
                    while let Some(earlier) = before.get(&at) {
                        path.push(*earlier);
                        at = *earlier;
                    }
                    path.reverse();
                    return (Some(path), seen);
                }
                queue.push_back(next);
            }
        }
        (None, seen)
    }
}

fn visit(
    node: usize,
    next: &mut usize,
    index: &mut [usize],
    low: &mut [usize],
    on_stack: &mut [bool],
    stack: &mut Vec<usize>,
) {
    if let (Some(index), Some(low), Some(flag)) = (index.get_mut(node), low.get_mut(node), on_stack.get_mut(node)) {
        *index = *next;
        *low = *next;
        *flag = true;
    }
    *next += 1;
    stack.push(node);
}

fn at(values: &[usize], node: usize) -> usize {
    values.get(node).copied().unwrap_or(usize::MAX)
}

fn lower(low: &mut [usize], node: usize, value: usize) {
    if let Some(low) = low.get_mut(node) {
        *low = (*low).min(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_testkit::Dice;

    fn graph(len: usize, edges: &[Edge]) -> Graph {
        let mut graph = Graph::with_nodes(len);
        for (from, to) in edges {
            graph.add(*from, *to);
        }
        graph
    }

    #[test]
    fn finds_knots_and_their_shortest_cycle() {
        let graph = graph(7, &[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (1, 0), (5, 6)]);
        assert_eq!(graph.knots(), [vec![0, 1, 2], vec![3, 4]]);
        assert_eq!(graph.shortest_cycle(&[0, 1, 2]), [0, 1, 0]);
        assert_eq!(graph.cycle_cut(&[0, 1, 2]), (vec![(0, 1)], true));
    }

    #[test]
    fn chains_are_shortest_and_cuts_smallest() {
        let graph = graph(6, &[(0, 1), (1, 2), (2, 5), (0, 3), (3, 5), (4, 5), (0, 4), (1, 4)]);
        let (from, to, none) = (BTreeSet::from([0]), BTreeSet::from([5]), BTreeSet::new());
        assert_eq!(graph.shortest_chain(&from, &to, &none, &BTreeSet::new()), Some(vec![0, 3, 5]));
        assert_eq!(graph.chain_cut(&from, &to, &none).map(|cut| cut.len()), Some(3));
        assert_eq!(graph.chain_cut(&from, &to, &BTreeSet::from([3])).map(|cut| cut.len()), Some(2));
        assert_eq!(graph.reach(&BTreeSet::from([2])), BTreeSet::from([5]));
    }

    fn is_acyclic(len: usize, edges: &[Edge]) -> bool {
        graph(len, edges).knots().is_empty()
    }

    // Fewest edges by trying all sets of edges.
    fn fewest(edges: &[Edge], holds: impl Fn(&[Edge]) -> bool) -> usize {
        let sets = 1_u32 << edges.len();
        let kept = |set: u32| {
            let kept = edges.iter().enumerate().filter(|(at, _)| set & (1 << at) == 0).map(|(_, edge)| *edge);
            kept.collect::<Vec<_>>()
        };
        (0..sets).filter(|set| holds(&kept(*set))).map(|set| set.count_ones() as usize).min().unwrap_or(0)
    }

    #[test]
    fn cuts_are_as_small_as_trying_everything_finds() {
        let mut dice = Dice::new(7);
        for _ in 0..150 {
            let len = 4 + dice.below(2);
            let mut edges = BTreeSet::new();
            for _ in 0..10 {
                let (from, to) = (dice.below(len), dice.below(len));
                if from != to {
                    edges.insert((from, to));
                }
            }
            let edges: Vec<Edge> = edges.into_iter().collect();
            let whole = graph(len, &edges);
            let cuts: usize = whole.knots().iter().map(|knot| whole.cycle_cut(knot).0.len()).sum();
            assert_eq!(cuts, fewest(&edges, |kept| is_acyclic(len, kept)), "{edges:?}");
            for knot in whole.knots() {
                let order = whole.good_order(&knot);
                assert_eq!(order.len(), knot.len());
            }
            let (from, to, none) = (BTreeSet::from([0]), BTreeSet::from([len - 1]), BTreeSet::new());
            let apart = |kept: &[Edge]| !graph(len, kept).reach(&from).contains(&(len - 1));
            let cut = whole.chain_cut(&from, &to, &none).expect("small");
            let kept: Vec<Edge> = edges.iter().filter(|edge| !cut.contains(edge)).copied().collect();
            assert!(apart(&kept), "{edges:?} without {cut:?}");
            assert_eq!(cut.len(), fewest(&edges, apart), "{edges:?}");
        }
    }

    #[test]
    fn large_knots_are_cut_no_worse_after_sifting() {
        let mut dice = Dice::new(9);
        let (mut before, mut after) = (0, 0);
        for _ in 0..40 {
            let len = 20 + dice.below(20);
            let mut whole = Graph::with_nodes(len);
            for _ in 0..len * 3 {
                whole.add(dice.below(len), dice.below(len));
            }
            let backwards = |order: &[usize]| {
                let place = |node: usize| order.iter().position(|other| *other == node);
                whole.edges().filter(|(from, to)| place(*from) > place(*to) && place(*to).is_some()).count()
            };
            for knot in whole.knots().into_iter().filter(|knot| knot.len() > MAX_EXACT_KNOT) {
                let good = whole.good_order(&knot);
                let sifted = whole.sifted(good.clone());
                assert!(backwards(&sifted) <= backwards(&good));
                (before, after) = (before + backwards(&good), after + backwards(&sifted));
                let mut rest = Graph::with_nodes(len);
                let cut = whole.cycle_cut(&knot).0;
                for (from, to) in whole.edges().filter(|(from, to)| from != to && !cut.contains(&(*from, *to))) {
                    rest.add(from, to);
                }
                assert!(rest.knots().iter().all(|left| left.iter().any(|node| !knot.contains(node))));
            }
        }
        assert!(after < before, "{after} of {before}");
    }
}

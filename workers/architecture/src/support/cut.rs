//! Where a system comes apart: least cuts between anchors, and clusters where there are none.
//!
//! Undirected graphs with whole weights. Two anchors are parted by a least cut (Edmonds and Karp 1972), several by
//! isolating cuts (Dahlhaus et al. 1994, at most twice the least), then single nodes move while that cuts less.
//! Clusters are merged by modularity (Clauset, Newman and Moore 2004). Deterministic; nothing recurses.

use std::collections::{BTreeMap, VecDeque};

/// Most nodes of a clustering: the merges are quadratic.
pub const MAX_CLUSTERED: usize = 500;

/// An undirected graph; parallel edges add up.
#[derive(Debug, Clone, Default)]
pub struct Net {
    near: Vec<BTreeMap<usize, u64>>,
}

impl Net {
    /// A graph of `nodes` nodes; loops and edges that name others are left out.
    pub fn new(nodes: usize, edges: impl IntoIterator<Item = (usize, usize, u64)>) -> Self {
        let mut near = vec![BTreeMap::new(); nodes];
        for (a, b, weight) in edges {
            if a < nodes && b < nodes && a != b {
                for (from, to) in [(a, b), (b, a)] {
                    if let Some(list) = near.get_mut(from) {
                        *list.entry(to).or_insert(0) += weight;
                    }
                }
            }
        }
        Self { near }
    }

    fn around(&self, node: usize) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.near.get(node).into_iter().flatten().map(|(other, weight)| (*other, *weight))
    }

    /// Weight between nodes of different parts, nodes without a part left out.
    pub fn crossing(&self, parts: &[Option<usize>]) -> u64 {
        let part = |node: usize| parts.get(node).copied().flatten();
        let twice: u64 = (0..self.near.len())
            .flat_map(|node| self.around(node).map(move |(other, weight)| (node, other, weight)))
            .filter(|(node, other, _)| part(*node).zip(part(*other)).is_some_and(|(a, b)| a != b))
            .map(|(_, _, weight)| weight)
            .sum();
        twice / 2
    }

    /// The side of `sources` in a least cut that parts them from `sinks`, the smallest such side. None reach it if there
    /// are no sinks. O(V E^2) at worst, near-linear on such graphs.
    fn side_of(&self, sources: &[usize], sinks: &[usize]) -> Vec<bool> {
        let count = self.near.len();
        let mut left: Vec<BTreeMap<usize, u64>> = self.near.clone();
        let mut is_sink = vec![false; count];
        for sink in sinks {
            if let Some(slot) = is_sink.get_mut(*sink) {
                *slot = true;
            }
        }
        loop {
            let mut before: Vec<Option<usize>> = vec![None; count];
            let mut seen = vec![false; count];
            let mut queue: VecDeque<usize> = VecDeque::new();
            for source in sources {
                if let Some(slot) = seen.get_mut(*source) {
                    *slot = true;
                    queue.push_back(*source);
                }
            }
            let mut end = None;
            'search: while let Some(node) = queue.pop_front() {
                for (other, weight) in left.get(node).into_iter().flatten() {
                    if *weight > 0 && seen.get(*other) == Some(&false) {
                        if let (Some(slot), Some(from)) = (seen.get_mut(*other), before.get_mut(*other)) {
                            *slot = true;
                            *from = Some(node);
                        }
                        if is_sink.get(*other) == Some(&true) {
                            end = Some(*other);
                            break 'search;
                        }
                        queue.push_back(*other);
                    }
                }
            }
            let Some(end) = end else { return seen };
            let steps: Vec<(usize, usize)> = std::iter::successors(Some(end), |at| before.get(*at).copied().flatten())
                .zip(std::iter::successors(before.get(end).copied().flatten(), |at| before.get(*at).copied().flatten()))
                .map(|(to, from)| (from, to))
                .collect();
            let flow = |(from, to): &(usize, usize)| left.get(*from).and_then(|list| list.get(to)).copied();
            let most = steps.iter().filter_map(flow).min().unwrap_or(0);
            for (from, to) in steps {
                if let Some(weight) = left.get_mut(from).and_then(|list| list.get_mut(&to)) {
                    *weight -= most;
                }
                if let Some(list) = left.get_mut(to) {
                    *list.entry(from).or_insert(0) += most;
                }
            }
            if most == 0 {
                return seen;
            }
        }
    }

    /// Gives every node of `free` a part, so that little weight lies between parts; `anchors` keep theirs. Whether the
    /// cut is the least: for two parts always.
    pub fn assign(&self, anchors: &[Option<usize>], free: &[bool]) -> (Vec<Option<usize>>, bool) {
        let mut parts: Vec<Option<usize>> = anchors.to_vec();
        let mut names: Vec<usize> = anchors.iter().copied().flatten().collect();
        names.sort_unstable();
        names.dedup();
        let is_free = |node: usize| free.get(node) == Some(&true);
        let of = |part: usize, same: bool| -> Vec<usize> {
            let all = anchors.iter().enumerate();
            all.filter(|(_, given)| given.is_some_and(|given| (given == part) == same)).map(|(node, _)| node).collect()
        };
        match names.as_slice() {
            [] => return (parts, true),
            [only] => {
                for (node, part) in parts.iter_mut().enumerate() {
                    if is_free(node) {
                        *part = Some(*only);
                    }
                }
                return (parts, true);
            }
            [first, second] => {
                let side = self.inner(free, anchors).side_of(&of(*first, true), &of(*second, true));
                for (node, part) in parts.iter_mut().enumerate() {
                    if is_free(node) {
                        *part = Some(if side.get(node) == Some(&true) { *first } else { *second });
                    }
                }
                return (parts, true);
            }
            _ => {}
        }
        let net = self.inner(free, anchors);
        // Each part keeps what a least cut leaves with it; the part whose cut weighs most takes what no other wants.
        let mut sides: Vec<(u64, usize, Vec<bool>)> = names
            .iter()
            .map(|part| {
                let side = net.side_of(&of(*part, true), &of(*part, false));
                let split: Vec<Option<usize>> = side.iter().map(|inside| Some(usize::from(*inside))).collect();
                (net.crossing(&split), *part, side)
            })
            .collect();
        sides.sort_by_key(|(weight, part, _)| (*weight, *part));
        let heaviest = sides.last().map(|(_, part, _)| *part);
        for (node, part) in parts.iter_mut().enumerate() {
            if is_free(node) {
                let found = sides.iter().find(|(_, _, side)| side.get(node) == Some(&true)).map(|(_, part, _)| *part);
                *part = found.or(heaviest);
            }
        }
        self.settle(&mut parts, free);
        (parts, false)
    }

    // Nodes of no part and not free are not looked at.
    fn inner(&self, free: &[bool], anchors: &[Option<usize>]) -> Self {
        let counts = |node: usize| free.get(node) == Some(&true) || anchors.get(node).copied().flatten().is_some();
        let edges = (0..self.near.len())
            .filter(|node| counts(*node))
            .flat_map(|node| self.around(node).map(move |(other, weight)| (node, other, weight)))
            .filter(|(node, other, _)| node < other && counts(*other));
        Self::new(self.near.len(), edges)
    }

    // Moves free nodes, one after the other, to the part they are tied to most; each move cuts less, so it ends.
    fn settle(&self, parts: &mut [Option<usize>], free: &[bool]) {
        for _ in 0..self.near.len().min(50) {
            let mut has_moved = false;
            for node in 0..self.near.len() {
                if free.get(node) != Some(&true) {
                    continue;
                }
                let mut ties: BTreeMap<usize, u64> = BTreeMap::new();
                for (other, weight) in self.around(node) {
                    if let Some(part) = parts.get(other).copied().flatten() {
                        *ties.entry(part).or_insert(0) += weight;
                    }
                }
                let here = parts.get(node).copied().flatten();
                let own = here.and_then(|part| ties.get(&part)).copied().unwrap_or(0);
                let best = ties.iter().max_by_key(|(part, weight)| (**weight, std::cmp::Reverse(**part)));
                if let Some((part, weight)) = best
                    && *weight > own
                    && let Some(slot) = parts.get_mut(node)
                {
                    *slot = Some(*part);
                    has_moved = true;
                }
            }
            if !has_moved {
                break;
            }
        }
    }

    /// Clusters of the nodes of `inside`: as many as `wanted`, or where modularity is highest. Each cluster sorted, in
    /// order of their least node. O(V^2) merges of neighbours.
    pub fn clusters(&self, inside: &[bool], wanted: Option<usize>) -> Vec<Vec<usize>> {
        let nodes: Vec<usize> = (0..self.near.len()).filter(|node| inside.get(*node) == Some(&true)).collect();
        let mut groups: BTreeMap<usize, Vec<usize>> = nodes.iter().map(|node| (*node, vec![*node])).collect();
        let mut ties: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
        for node in &nodes {
            let list = self.around(*node).filter(|(other, _)| inside.get(*other) == Some(&true)).collect();
            ties.insert(*node, list);
        }
        let mut degree: BTreeMap<usize, u64> = ties.iter().map(|(node, list)| (*node, list.values().sum())).collect();
        let twice: u64 = degree.values().sum();
        let wanted = wanted.map(|wanted| wanted.max(1));
        while groups.len() > wanted.unwrap_or(1) {
            // 2 m^2 times what the merge adds to modularity: whole numbers compare exactly.
            let mut best: Option<(i128, usize, usize)> = None;
            for (a, list) in &ties {
                for (b, weight) in list.range(a + 1..) {
                    let of = |node: &usize| i128::from(degree.get(node).copied().unwrap_or(0));
                    let gain = i128::from(*weight) * i128::from(twice) - of(a) * of(b);
                    if best.is_none_or(|(known, _, _)| gain > known) {
                        best = Some((gain, *a, *b));
                    }
                }
            }
            let (gain, a, b) = match (best, wanted) {
                (Some(found), _) => found,
                // Pieces without ties are merged only when fewer clusters were asked for: the two smallest.
                (None, Some(_)) => {
                    let mut sizes: Vec<(usize, usize)> = groups.iter().map(|(id, list)| (list.len(), *id)).collect();
                    sizes.sort_unstable();
                    let [(_, first), (_, second), ..] = sizes.as_slice() else { break };
                    (0, (*first).min(*second), (*first).max(*second))
                }
                (None, None) => break,
            };
            if gain <= 0 && wanted.is_none() {
                break;
            }
            let moved = groups.remove(&b).unwrap_or_default();
            groups.entry(a).or_default().extend(moved);
            let more = degree.remove(&b).unwrap_or(0);
            *degree.entry(a).or_insert(0) += more;
            for (other, weight) in ties.remove(&b).unwrap_or_default() {
                if let Some(list) = ties.get_mut(&other) {
                    list.remove(&b);
                    if other != a {
                        *list.entry(a).or_insert(0) += weight;
                    }
                }
                if other != a {
                    *ties.entry(a).or_default().entry(other).or_insert(0) += weight;
                }
            }
        }
        let mut all: Vec<Vec<usize>> = groups.into_values().collect();
        for group in &mut all {
            group.sort_unstable();
        }
        all.sort();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_anchors_are_parted_by_a_least_cut() {
        let mut state = 4_u64;
        let mut roll = |sides: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % sides
        };
        for round in 0..60 {
            let count = 7;
            let edges: Vec<(usize, usize, u64)> = (0..14)
                .map(|_| {
                    (usize::try_from(roll(7)).expect("small"), usize::try_from(roll(7)).expect("small"), 1 + roll(5))
                })
                .collect();
            let net = Net::new(count, edges);
            for kinds in [2_usize, 3] {
                let anchors: Vec<Option<usize>> = (0..count).map(|node| (node < kinds).then_some(node)).collect();
                let free: Vec<bool> = (0..count).map(|node| node >= kinds).collect();
                let (parts, is_least) = net.assign(&anchors, &free);
                assert!(parts.iter().all(Option::is_some));
                let mut least = u64::MAX;
                for code in 0..kinds.pow(5) {
                    let mut code = code;
                    let tried: Vec<Option<usize>> = (0..count)
                        .map(|node| {
                            if node < kinds {
                                return Some(node);
                            }
                            let part = code % kinds;
                            code /= kinds;
                            Some(part)
                        })
                        .collect();
                    least = least.min(net.crossing(&tried));
                }
                assert_eq!(is_least, kinds == 2);
                if is_least {
                    assert_eq!(net.crossing(&parts), least, "round {round}");
                } else {
                    assert!(net.crossing(&parts) <= least * 2, "round {round}");
                }
            }
        }
    }

    #[test]
    fn two_cliques_and_a_bridge_are_two_clusters() {
        let clique = |from: usize| [(from, from + 1, 3), (from + 1, from + 2, 3), (from, from + 2, 3)];
        let net = Net::new(7, clique(0).into_iter().chain(clique(3)).chain([(2, 3, 1)]));
        let inside = [true, true, true, true, true, true, false];
        assert_eq!(net.clusters(&inside, None), [vec![0, 1, 2], vec![3, 4, 5]]);
        assert_eq!(net.clusters(&inside, Some(1)).len(), 1);
        assert_eq!(net.clusters(&inside, Some(4)).len(), 4);
        assert_eq!(Net::new(3, []).clusters(&[true; 3], Some(2)).len(), 2);
    }
}

//! Packing pods on nodes: vector bin packing with pods that may not share a node.
//!
//! Nodes are filled one after the other with the pod that fits their rest best (largest dot product), over and over with
//! disturbed weights from a fixed seed, and the best packing is kept; a lower bound from sums says how far it can be from the
//! optimum. What is told as a placement always fits.

/// Most pods that are placed one by one.
pub(super) const MAX_PODS: u64 = 5_000;

/// Work of a search, in comparisons of a pod's kind with a node: some tens of milliseconds.
const BUDGET: u64 = 3_000_000;

/// Most rounds of a search.
const MAX_ROUNDS: u64 = 600;

/// Pods that are all the same to the scheduler.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    /// What one asks for, by dimension.
    pub(super) size: Vec<i64>,
    /// How many.
    pub(super) count: u64,
    /// Kinds that may not be on the same node, by place; its own place where only one fits a node.
    pub(super) apart: Vec<usize>,
    /// Whether each class of nodes takes it.
    pub(super) takes: Vec<bool>,
}

/// A node: its class, and what is free on it.
#[derive(Debug, Clone)]
pub(super) struct Room {
    pub(super) class: usize,
    pub(super) free: Vec<i64>,
}

/// A node with pods: how many of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) class: usize,
    pub(super) pods: Vec<(usize, u64)>,
}

/// Pods placed on given nodes, and how many of each kind found no place.
#[derive(Debug, Clone)]
pub(super) struct Placement {
    pub(super) nodes: Vec<Packed>,
    pub(super) left: Vec<u64>,
}

// A small generator with a fixed seed: the same packing on every call.
struct Dice(u64);

impl Dice {
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f64 / (1_u64 << 24) as f64
    }
}

struct Round<'k> {
    kinds: &'k [Kind],
    // The weight of each dimension, and a factor for each kind.
    weights: Vec<f64>,
    favour: Vec<f64>,
    // Whether the size of a pod counts beside how well it fits the rest.
    by_size: bool,
    left: Vec<u64>,
}

impl<'k> Round<'k> {
    fn new(kinds: &'k [Kind], scale: &[f64], round: u64, dice: &mut Dice) -> Self {
        let mut weights: Vec<f64> = scale.to_vec();
        let mut favour = vec![1.0; kinds.len()];
        if round >= 2 {
            let spread = if round.is_multiple_of(3) { 0.9 } else { 0.3 };
            for weight in &mut weights {
                *weight *= 1.0 - spread * dice.next();
            }
            for factor in &mut favour {
                *factor = 1.0 - spread * dice.next();
            }
        }
        Self {
            kinds,
            weights,
            favour,
            by_size: round.is_multiple_of(2),
            left: kinds.iter().map(|kind| kind.count).collect(),
        }
    }

    fn is_done(&self) -> bool {
        self.left.iter().all(|left| *left == 0)
    }

    // Fills one node; gives what went on it.
    fn fill(&mut self, room: &Room) -> Vec<(usize, u64)> {
        let mut free = room.free.clone();
        let mut pods: Vec<(usize, u64)> = Vec::new();
        while let Some(at) = self.best(room.class, &free, &pods) {
            let Some(kind) = self.kinds.get(at) else { break };
            for (free, size) in free.iter_mut().zip(&kind.size) {
                *free -= size;
            }
            if let Some(left) = self.left.get_mut(at) {
                *left -= 1;
            }
            match pods.iter_mut().find(|(other, _)| *other == at) {
                Some((_, count)) => *count += 1,
                None => pods.push((at, 1)),
            }
        }
        pods
    }

    // The kind that fits what is left of a node best.
    #[expect(clippy::cast_precision_loss, reason = "a score need not be exact")]
    fn best(&self, class: usize, free: &[i64], pods: &[(usize, u64)]) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for (at, kind) in self.kinds.iter().enumerate() {
            if self.left.get(at).is_none_or(|left| *left == 0) || !fits(kind, class, free) {
                continue;
            }
            if !kind.apart.is_empty() && pods.iter().any(|(other, _)| kind.apart.contains(other)) {
                continue;
            }
            let mut score = 0.0;
            for ((size, free), weight) in kind.size.iter().zip(free).zip(&self.weights) {
                let (size, free) = (*size as f64 * weight, *free as f64 * weight);
                score += if self.by_size { size * free + 0.5 * size * size } else { size * (free + 0.05) };
            }
            score *= self.favour.get(at).copied().unwrap_or(1.0);
            // Pods that few others can share a node with go first.
            if !kind.apart.is_empty() {
                score = score * 1.5 + 1e-9;
            }
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, at));
            }
        }
        best.map(|(_, at)| at)
    }
}

fn fits(kind: &Kind, class: usize, free: &[i64]) -> bool {
    kind.takes.get(class).copied().unwrap_or_default() && kind.size.iter().zip(free).all(|(size, free)| size <= free)
}

// One over the capacity, so that dimensions compare.
#[expect(clippy::cast_precision_loss, reason = "a scale need not be exact")]
fn scale_of(rooms: &[&Room], dimensions: usize) -> Vec<f64> {
    let largest = |at: usize| rooms.iter().filter_map(|room| room.free.get(at)).copied().max().unwrap_or(1).max(1);
    (0..dimensions).map(|at| 1.0 / largest(at) as f64).collect()
}

fn rounds(kinds: &[Kind]) -> u64 {
    let pods = kinds.iter().map(|kind| kind.count).sum::<u64>().max(1);
    let kinds = u64::try_from(kinds.len()).unwrap_or(u64::MAX).max(1);
    (BUDGET / pods.saturating_mul(kinds).max(1)).clamp(2, MAX_ROUNDS)
}

/// Places pods on given nodes.
pub(super) fn place(kinds: &[Kind], rooms: &[Room]) -> Placement {
    let all: Vec<&Room> = rooms.iter().collect();
    let scale = scale_of(&all, kinds.first().map_or(0, |kind| kind.size.len()));
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut best: Option<Placement> = None;
    for round in 0..rounds(kinds) {
        let mut state = Round::new(kinds, &scale, round, &mut dice);
        // Nodes that few pods want, and small ones, first in some rounds, last in others.
        let mut order: Vec<usize> = (0..rooms.len()).collect();
        let wanted = |at: &usize| {
            rooms.get(*at).map_or(0, |room| kinds.iter().filter(|kind| fits(kind, room.class, &room.free)).count())
        };
        order.sort_by_key(|at| (wanted(at), *at));
        if round % 4 == 3 {
            order.reverse();
        }
        let mut nodes = vec![Packed::default(); rooms.len()];
        for at in order {
            if let (Some(room), Some(node)) = (rooms.get(at), nodes.get_mut(at)) {
                *node = Packed { class: room.class, pods: state.fill(room) };
            }
        }
        let unplaced = |placement: &Placement| placement.left.iter().sum::<u64>();
        let found = Placement { nodes, left: state.left };
        if best.as_ref().is_none_or(|known| unplaced(&found) < unplaced(known)) {
            let is_whole = unplaced(&found) == 0;
            best = Some(found);
            if is_whole {
                break;
            }
        }
    }
    best.unwrap_or_else(|| Placement {
        nodes: vec![Packed::default(); rooms.len()],
        left: kinds.iter().map(|kind| kind.count).collect(),
    })
}

/// Fewer nodes than this cannot hold the pods, whatever the packing.
pub(super) fn lower_bound(kinds: &[Kind], room: &Room) -> u64 {
    let mut bound = 0_u64;
    for (at, free) in room.free.iter().enumerate() {
        let sum: i128 = kinds
            .iter()
            .map(|kind| i128::from(kind.size.get(at).copied().unwrap_or_default()) * i128::from(kind.count))
            .sum();
        let free = i128::from((*free).max(1));
        bound = bound.max(u64::try_from((sum + free - 1) / free).unwrap_or(u64::MAX));
        // Pods of more than half a node are alone among themselves.
        let large = kinds.iter().filter(|kind| i128::from(kind.size.get(at).copied().unwrap_or_default()) * 2 > free);
        bound = bound.max(large.map(|kind| kind.count).sum());
    }
    let apart = kinds.iter().enumerate().filter(|(at, kind)| kind.apart.contains(at)).map(|(_, kind)| kind.count);
    bound.max(apart.max().unwrap_or_default())
}

/// The nodes of one class that all pods need, as few as are found; nothing if some pod fits none.
pub(super) fn fewest(kinds: &[Kind], room: &Room) -> Option<Vec<Packed>> {
    if kinds.iter().any(|kind| kind.count > 0 && !fits(kind, room.class, &room.free)) {
        return None;
    }
    let bound = lower_bound(kinds, room);
    let scale = scale_of(&[room], room.free.len());
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut best: Option<Vec<Packed>> = None;
    for round in 0..rounds(kinds) {
        let mut state = Round::new(kinds, &scale, round, &mut dice);
        let mut nodes = Vec::new();
        let most = best.as_ref().map_or(usize::MAX, Vec::len);
        while !state.is_done() && nodes.len() + 1 < most {
            let pods = state.fill(room);
            if pods.is_empty() {
                return None;
            }
            nodes.push(Packed { class: room.class, pods });
        }
        if state.is_done() && nodes.len() < most {
            let is_least = u64::try_from(nodes.len()).unwrap_or(u64::MAX) <= bound;
            best = Some(nodes);
            if is_least {
                break;
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(size: &[i64], count: u64) -> Kind {
        Kind { size: size.to_vec(), count, apart: Vec::new(), takes: vec![true] }
    }

    #[test]
    fn packs_what_fits_exactly() {
        let kinds = [kind(&[6, 1], 3), kind(&[4, 1], 3)];
        let room = Room { class: 0, free: vec![10, 10] };
        assert_eq!(fewest(&kinds, &room).map(|nodes| nodes.len()), Some(3));
        assert_eq!(lower_bound(&kinds, &room), 3);
        assert_eq!(fewest(&[kind(&[11, 1], 1)], &room), None);
        assert_eq!(fewest(&[kind(&[1, 1], 0)], &room).map(|nodes| nodes.len()), Some(0));
    }

    #[test]
    fn keeps_apart_what_must_be() {
        let room = Room { class: 0, free: vec![10] };
        let alone = Kind { apart: vec![0], ..kind(&[1], 4) };
        assert_eq!(fewest(&[alone], &room).map(|nodes| nodes.len()), Some(4));
        let (one, other) = (Kind { apart: vec![1], ..kind(&[1], 2) }, Kind { apart: vec![0], ..kind(&[1], 2) });
        assert_eq!(fewest(&[one, other], &room).map(|nodes| nodes.len()), Some(2));
    }

    #[test]
    fn tells_what_found_no_place() {
        let rooms = [Room { class: 0, free: vec![4] }, Room { class: 1, free: vec![4] }];
        let picky = Kind { takes: vec![false, true], ..kind(&[3], 2) };
        let placement = place(&[picky, kind(&[4], 1)], &rooms.map(|room| room));
        assert_eq!(placement.left, [1, 0]);
    }
}

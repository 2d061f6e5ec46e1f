//! Which combinations of values must be covered, and how often each is.

use super::constraint::Domain;
use super::solver::{Solver, TooHard};

/// Most combinations of a model: their counts are 12 bytes each.
pub const MAX_TUPLES: usize = 2_000_000;

/// Parameters all of whose combinations of values are to be covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub members: Vec<usize>,
    // How far apart the numbers of combinations are that differ by one in a member's value.
    strides: Vec<usize>,
    start: usize,
}

/// A generator of numbers with a fixed start: the same rows in every run.
#[derive(Debug, Clone)]
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below a limit; 0 where there is none.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }

    pub(super) fn shuffle(&mut self, items: &mut [usize]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// What is to be covered.
#[derive(Debug)]
pub(super) struct Plan {
    pub targets: Vec<Target>,
    of_parameter: Vec<Vec<usize>>,
    /// How many combinations there are, allowed or not.
    pub total: usize,
    /// Which of them some row can have.
    pub needed: Vec<bool>,
    /// How many of them.
    pub needed_count: usize,
}

/// How many combinations a choice of parameters has, if not more than [`MAX_TUPLES`].
pub(super) fn tuples_of(sets: &[Vec<usize>], sizes: &[usize]) -> usize {
    let product = |set: &Vec<usize>| {
        set.iter().fold(1_usize, |product, one| product.saturating_mul(sizes.get(*one).copied().unwrap_or(1)))
    };
    sets.iter().fold(0_usize, |sum, set| sum.saturating_add(product(set)))
}

/// Every choice of `strength` of the items; stops growing beyond `limit` choices.
pub(super) fn choices(items: &[usize], strength: usize, limit: usize) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut chosen: Vec<usize> = (0..strength).collect();
    if strength > items.len() {
        return found;
    }
    loop {
        found.push(chosen.iter().filter_map(|at| items.get(*at).copied()).collect());
        if found.len() > limit {
            return found;
        }
        let Some(at) =
            (0..strength).rev().find(|at| chosen.get(*at).is_some_and(|own| *own < items.len() - strength + at))
        else {
            return found;
        };
        let first = chosen.get(at).copied().unwrap_or(0) + 1;
        chosen.iter_mut().skip(at).zip(first..).for_each(|(one, value)| *one = value);
    }
}

impl Plan {
    /// Numbers the combinations of the sets, and finds out which are allowed.
    pub(super) fn new(sets: Vec<Vec<usize>>, solver: &Solver) -> Result<Self, TooHard> {
        let mut targets = Vec::new();
        let mut of_parameter = vec![Vec::new(); solver.sizes.len()];
        let mut start = 0;
        for (at, members) in sets.into_iter().enumerate() {
            let mut stride = 1;
            let mut strides = Vec::new();
            for member in &members {
                strides.push(stride);
                stride *= solver.sizes.get(*member).copied().unwrap_or(1);
                of_parameter.get_mut(*member).into_iter().for_each(|list: &mut Vec<usize>| list.push(at));
            }
            targets.push(Target { members, strides, start });
            start += stride;
        }
        let mut plan = Self { targets, of_parameter, total: start, needed: vec![false; start], needed_count: 0 };
        plan.find_needed(solver)?;
        plan.needed_count = plan.needed.iter().filter(|needed| **needed).count();
        Ok(plan)
    }

    fn find_needed(&mut self, solver: &Solver) -> Result<(), TooHard> {
        let mut base = solver.everything();
        if !solver.conclude(&mut base) || !solver.is_possible(&base)? {
            return Ok(());
        }
        let mut numbers = Numbers::new(11);
        let mut row_tuples = Vec::new();
        for at in 0..self.targets.len() {
            let Some(target) = self.targets.get(at).cloned() else { continue };
            let unbound = target.members.iter().all(|member| solver.is_unbound(*member));
            let end = self.targets.get(at + 1).map_or(self.total, |next| next.start);
            for tuple in target.start..end {
                if self.needed.get(tuple).copied().unwrap_or(true) {
                    continue;
                }
                if unbound {
                    self.need(tuple);
                    continue;
                }
                let mut domains = base.clone();
                let decided = target
                    .members
                    .iter()
                    .zip(Self::values_of(&target, tuple, solver))
                    .all(|(member, value)| solver.decide(&mut domains, *member, value));
                if !decided {
                    continue;
                }
                // Values in any order, so that one row proves many combinations.
                let row = solver.complete(&domains, &mut |_, domain| shuffled(domain, &mut numbers))?;
                if let Some(row) = row {
                    row_tuples.clear();
                    row_tuples.extend(self.tuples_in(&row));
                    row_tuples.iter().for_each(|tuple| self.need(*tuple));
                }
            }
        }
        Ok(())
    }

    fn need(&mut self, tuple: usize) {
        if let Some(needed) = self.needed.get_mut(tuple) {
            *needed = true;
        }
    }

    fn values_of<'p>(target: &'p Target, tuple: usize, solver: &'p Solver) -> impl Iterator<Item = usize> + use<'p> {
        let within = tuple - target.start;
        target
            .members
            .iter()
            .zip(&target.strides)
            .map(move |(member, stride)| within / stride % solver.sizes.get(*member).copied().unwrap_or(1).max(1))
    }

    /// The target of a combination, by its number.
    pub(super) fn target_of(&self, tuple: usize) -> Option<&Target> {
        let after = self.targets.partition_point(|target| target.start <= tuple);
        self.targets.get(after.checked_sub(1)?)
    }

    /// A combination as parameters with their values.
    pub(super) fn cells_of(&self, tuple: usize, solver: &Solver) -> Vec<(usize, usize)> {
        self.target_of(tuple).map_or_else(Vec::new, |target| {
            target.members.iter().copied().zip(Self::values_of(target, tuple, solver)).collect()
        })
    }

    /// The numbers of the combinations in a row.
    pub(super) fn tuples_in<'p>(&'p self, row: &'p [usize]) -> impl Iterator<Item = usize> + use<'p> {
        self.targets.iter().map(|target| {
            let cells = target.members.iter().zip(&target.strides);
            target.start + cells.map(|(member, stride)| row.get(*member).copied().unwrap_or(0) * stride).sum::<usize>()
        })
    }

    /// For each target of a parameter whose other members are decided: the number of the combination with the parameter's
    /// value 0, and the stride of its values.
    pub(super) fn open_at<'p>(
        &'p self,
        parameter: usize,
        row: &'p [Option<usize>],
    ) -> impl Iterator<Item = (usize, usize)> + use<'p> {
        self.of_parameter.get(parameter).into_iter().flatten().filter_map(move |at| {
            let target = self.targets.get(*at)?;
            let (mut tuple, mut own) = (target.start, 0);
            for (member, stride) in target.members.iter().zip(&target.strides) {
                if *member == parameter {
                    own = *stride;
                } else {
                    tuple += row.get(*member).copied().flatten()? * stride;
                }
            }
            Some((tuple, own))
        })
    }

    /// How many targets a parameter has.
    pub(super) fn targets_at(&self, parameter: usize) -> usize {
        self.of_parameter.get(parameter).map_or(0, Vec::len)
    }

    /// Fewest rows that any cover can have: the allowed combinations of the richest target.
    pub(super) fn lower_bound(&self) -> usize {
        let ends = self.targets.iter().skip(1).map(|target| target.start).chain([self.total]);
        let count = |(target, end): (&Target, usize)| {
            self.needed.get(target.start..end).map_or(0, |needed| needed.iter().filter(|one| **one).count())
        };
        self.targets.iter().zip(ends).map(count).max().unwrap_or(0)
    }
}

/// The values of a domain in any order.
pub(super) fn shuffled(domain: &Domain, numbers: &mut Numbers) -> Vec<usize> {
    let mut order: Vec<usize> = super::constraint::values(domain).collect();
    numbers.shuffle(&mut order);
    order
}

/// How often each combination is covered, and which are missing.
#[derive(Debug, Clone)]
pub(super) struct Cover {
    counts: Vec<u32>,
    missing: Vec<u32>,
    // Where a missing combination stands in the list.
    place: Vec<u32>,
}

const COVERED: u32 = u32::MAX;

impl Cover {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut cover = Self { counts: vec![0; plan.total], missing: Vec::new(), place: vec![COVERED; plan.total] };
        for (tuple, _) in plan.needed.iter().enumerate().filter(|(_, needed)| **needed) {
            cover.miss(tuple);
        }
        cover
    }

    fn miss(&mut self, tuple: usize) {
        if let Some(place) = self.place.get_mut(tuple) {
            *place = u32::try_from(self.missing.len()).unwrap_or(COVERED);
            self.missing.push(u32::try_from(tuple).unwrap_or(COVERED));
        }
    }

    pub(super) fn missing(&self) -> &[u32] {
        &self.missing
    }

    pub(super) fn count(&self, tuple: usize) -> u32 {
        self.counts.get(tuple).copied().unwrap_or(0)
    }

    pub(super) fn is_missing(&self, tuple: usize) -> bool {
        self.place.get(tuple).is_some_and(|place| *place != COVERED)
    }

    pub(super) fn add(&mut self, tuple: usize) {
        let Some(count) = self.counts.get_mut(tuple) else { return };
        *count += 1;
        let place = self.place.get(tuple).copied().unwrap_or(COVERED);
        if place == COVERED {
            return;
        }
        self.missing.swap_remove(place as usize);
        if let Some(moved) = self.missing.get(place as usize).copied()
            && let Some(own) = self.place.get_mut(moved as usize)
        {
            *own = place;
        }
        if let Some(own) = self.place.get_mut(tuple) {
            *own = COVERED;
        }
    }

    /// Takes a covered combination away once; it must be a needed one.
    pub(super) fn take(&mut self, tuple: usize) {
        let Some(count) = self.counts.get_mut(tuple) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.miss(tuple);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_every_subset_once() {
        assert_eq!(choices(&[4, 5, 6], 2, 99), [[4, 5], [4, 6], [5, 6]]);
        assert_eq!(choices(&[4], 2, 99), Vec::<Vec<usize>>::new());
        assert_eq!(choices(&[1, 2, 3, 4, 5, 6], 3, 99).len(), 20);
        assert_eq!(choices(&[1, 2, 3, 4, 5, 6], 3, 4).len(), 5);
    }

    #[test]
    fn combinations_have_numbers_of_their_own() {
        let solver = Solver::new(vec![2, 3, 4], vec![[0; 4]; 3], Vec::new());
        let plan = Plan::new(choices(&[0, 1, 2], 2, 99), &solver).expect("easy");
        assert_eq!((plan.total, plan.needed_count, plan.lower_bound()), (6 + 8 + 12, 26, 12));
        for tuple in 0..plan.total {
            let cells = plan.cells_of(tuple, &solver);
            let mut row = vec![0; 3];
            cells.iter().for_each(|(parameter, value)| row[*parameter] = *value);
            assert!(plan.tuples_in(&row).any(|own| own == tuple));
        }
    }
}

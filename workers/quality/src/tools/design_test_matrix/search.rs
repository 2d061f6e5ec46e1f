//! Finds few rows that cover all combinations: greedy rows first, then a local search that drops rows and mends the gaps.
//!
//! Deterministic: the numbers it draws have a fixed start, and its work has a budget counted in looks at combinations.

use super::constraint::{Domain, contains};
use super::cover::{Cover, Numbers, Plan, shuffled};
use super::solver::Solver;

/// Most looks at combinations that the search for fewer rows may take: a few tenths of a second in the wasm.
pub const MAX_SEARCH_WORK: usize = 25_000_000;
/// Looks for each combination of a model, within the most.
pub const WORK_PER_TUPLE: usize = 2_000;
/// Most candidates for a greedy row, of which the best is taken.
const MAX_CANDIDATES: usize = 24;
/// Most greedy covers that are made before the best is worked on.
const MAX_COVERS: usize = 6;

/// Everything the search needs to know.
pub(super) struct Search<'p> {
    pub plan: &'p Plan,
    pub solver: &'p Solver,
    /// How much each value is preferred.
    pub weights: &'p [Vec<u32>],
    /// Rows that must be part: which cells are given.
    pub seeds: &'p [Vec<Option<usize>>],
    numbers: Numbers,
    work: usize,
}

/// Rows, the first of which are the seeds.
pub(super) type Rows = Vec<Vec<usize>>;

impl<'p> Search<'p> {
    pub(super) fn new(
        plan: &'p Plan,
        solver: &'p Solver,
        weights: &'p [Vec<u32>],
        seeds: &'p [Vec<Option<usize>>],
    ) -> Self {
        Self { plan, solver, weights, seeds, numbers: Numbers::new(7), work: 0 }
    }

    /// Rows that cover everything needed, as few as the budget finds.
    pub(super) fn run(&mut self) -> Rows {
        let budget = self.plan.total.saturating_mul(WORK_PER_TUPLE).min(MAX_SEARCH_WORK);
        let bound = self.plan.lower_bound().max(self.seeds.len());
        let mut best = self.greedy(1, usize::MAX);
        let first = self.work.max(1);
        let affordable = budget / 3 / first;
        if affordable > 1 {
            let candidates = (affordable / 2).clamp(2, MAX_CANDIDATES);
            for _ in 0..(affordable / candidates).clamp(1, MAX_COVERS) {
                if best.len() <= bound {
                    break;
                }
                let rows = self.greedy(candidates, best.len());
                if rows.len() < best.len() {
                    best = rows;
                }
            }
        }
        if best.len() > bound {
            best = self.reduce(best, bound, budget);
        }
        self.prefer_heavy(&mut best);
        best
    }

    // Row by row, each the best of some candidates. Gives up at `limit` rows.
    fn greedy(&mut self, candidates: usize, limit: usize) -> Rows {
        let mut cover = Cover::new(self.plan);
        let mut rows: Rows = Vec::new();
        for seed in self.seeds {
            let Some(row) = self.row_from(seed, &cover) else { continue };
            self.plan.tuples_in(&row).for_each(|tuple| cover.add(tuple));
            rows.push(row);
        }
        while !cover.missing().is_empty() && rows.len() < limit {
            let mut best: Option<(usize, Vec<usize>)> = None;
            for _ in 0..candidates {
                let at = self.numbers.below(cover.missing().len());
                let Some(tuple) = cover.missing().get(at) else { break };
                let mut given = vec![None; self.solver.sizes.len()];
                for (parameter, value) in self.plan.cells_of(*tuple as usize, self.solver) {
                    given.get_mut(parameter).into_iter().for_each(|cell| *cell = Some(value));
                }
                let Some(row) = self.row_from(&given, &cover) else { continue };
                self.work += self.plan.targets.len();
                let gain = self.plan.tuples_in(&row).filter(|tuple| cover.is_missing(*tuple)).count();
                if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                    best = Some((gain, row));
                }
            }
            // Every missing combination is known to be allowed, so that there always is a row.
            let Some((_, row)) = best else { break };
            self.plan.tuples_in(&row).for_each(|tuple| cover.add(tuple));
            rows.push(row);
        }
        rows
    }

    /// A whole row from a partly given one, each cell with the value that covers most.
    pub(super) fn row_from(&mut self, given: &[Option<usize>], cover: &Cover) -> Option<Vec<usize>> {
        let solver = self.solver;
        let mut domains = solver.everything();
        let mut row = vec![None; given.len()];
        let free = solver.is_free();
        if !free && !solver.conclude(&mut domains) {
            return None;
        }
        for (parameter, value) in given.iter().enumerate().filter_map(|(at, value)| value.map(|value| (at, value))) {
            if !free && !solver.decide(&mut domains, parameter, value) {
                return None;
            }
            row.get_mut(parameter).into_iter().for_each(|cell| *cell = Some(value));
        }
        if !free && !solver.is_possible(&domains).ok()? {
            return None;
        }
        let mut order: Vec<usize> = (0..given.len()).filter(|at| row.get(*at).is_some_and(Option::is_none)).collect();
        self.numbers.shuffle(&mut order);
        for parameter in order {
            let value = self.choose(parameter, &row, &mut domains, cover)?;
            row.get_mut(parameter).into_iter().for_each(|cell| *cell = Some(value));
        }
        row.into_iter().collect()
    }

    fn choose(
        &mut self,
        parameter: usize,
        row: &[Option<usize>],
        domains: &mut Vec<Domain>,
        cover: &Cover,
    ) -> Option<usize> {
        let size = self.solver.sizes.get(parameter).copied()?;
        let mut gains = vec![0_u32; size];
        self.work += self.plan.targets_at(parameter) * size;
        for (tuple, stride) in self.plan.open_at(parameter, row) {
            for (value, gain) in gains.iter_mut().enumerate() {
                *gain += u32::from(cover.is_missing(tuple + value * stride));
            }
        }
        let domain = domains.get(parameter).copied()?;
        let mut order = shuffled(&domain, &mut self.numbers);
        let weight = |value: usize| self.weights.get(parameter).and_then(|list| list.get(value)).copied().unwrap_or(1);
        order.sort_by_key(|value| std::cmp::Reverse((gains.get(*value).copied(), weight(*value))));
        if self.solver.is_unbound(parameter) {
            return order.first().copied();
        }
        order.into_iter().find(|value| {
            let mut next = domains.clone();
            let fits =
                self.solver.decide(&mut next, parameter, *value) && self.solver.is_possible(&next).unwrap_or(false);
            if fits {
                *domains = next;
            }
            fits
        })
    }

    fn is_given(&self, row: usize, parameter: usize) -> bool {
        self.seeds.get(row).is_some_and(|seed| seed.get(parameter).is_some_and(Option::is_some))
    }

    // Takes out the row that is missed least, then changes single cells until nothing is missing; again until the budget is
    // spent or the bound is reached.
    fn reduce(&mut self, mut best: Rows, bound: usize, budget: usize) -> Rows {
        let mut cover = Cover::new(self.plan);
        for row in &best {
            self.plan.tuples_in(row).for_each(|tuple| cover.add(tuple));
        }
        let mut rows = best.clone();
        let mut tabu =
            Tabu { until: vec![0; rows.len() * self.solver.sizes.len()], width: self.solver.sizes.len(), step: 0 };
        loop {
            if cover.missing().is_empty() {
                best.clone_from(&rows);
                if rows.len() <= bound {
                    return best;
                }
                let unique =
                    |row: &Vec<usize>| self.plan.tuples_in(row).filter(|tuple| cover.count(*tuple) == 1).count();
                let least = (self.seeds.len()..rows.len()).min_by_key(|at| rows.get(*at).map_or(usize::MAX, unique));
                self.work += rows.len() * self.plan.targets.len();
                let Some(least) = least else { return best };
                let row = rows.remove(least);
                self.plan.tuples_in(&row).for_each(|tuple| cover.take(tuple));
                continue;
            }
            if self.work > budget || rows.is_empty() {
                return best;
            }
            self.mend(&mut rows, &mut cover, &mut tabu);
        }
    }

    // One step: a missing combination gets covered at the least cost.
    fn mend(&mut self, rows: &mut Rows, cover: &mut Cover, tabu: &mut Tabu) {
        tabu.step += 1;
        let at = self.numbers.below(cover.missing().len());
        let Some(tuple) = cover.missing().get(at).copied() else { return };
        let cells = self.plan.cells_of(tuple as usize, self.solver);
        let mut best: Option<(i64, usize, usize, usize)> = None;
        let offset = self.numbers.below(rows.len());
        self.work += rows.len();
        for index in 0..rows.len() {
            let index = (index + offset) % rows.len();
            let Some(row) = rows.get(index) else { continue };
            let mut wrong = cells.iter().filter(|(parameter, value)| row.get(*parameter) != Some(value));
            let (Some((parameter, value)), None) = (wrong.next().copied(), wrong.next()) else { continue };
            if self.is_given(index, parameter) {
                continue;
            }
            let delta = self.change(row, parameter, value, cover);
            let forbidden = tabu.forbids(index, parameter) && delta < i64::try_from(cover.missing().len()).unwrap_or(0);
            if !forbidden && best.is_none_or(|(most, ..)| delta > most) && self.fits(row, parameter, value) {
                best = Some((delta, index, parameter, value));
            }
        }
        match best {
            Some((_, index, parameter, value)) => {
                self.set(rows, cover, index, parameter, value);
                tabu.forbid(index, parameter, self.numbers.below(10) + 2);
            }
            None => self.force(rows, cover, &cells),
        }
    }

    fn fits(&self, row: &[usize], parameter: usize, value: usize) -> bool {
        if self.solver.is_unbound(parameter) {
            return true;
        }
        let mut changed = row.to_vec();
        changed.get_mut(parameter).into_iter().for_each(|cell| *cell = value);
        self.solver.allows(&changed)
    }

    // How many more combinations are covered with another value in a cell.
    fn change(&mut self, row: &[usize], parameter: usize, value: usize, cover: &Cover) -> i64 {
        self.work += self.plan.targets_at(parameter);
        let decided: Vec<Option<usize>> = row.iter().map(|value| Some(*value)).collect();
        let old = row.get(parameter).copied().unwrap_or(0);
        let mut delta = 0;
        for (tuple, stride) in self.plan.open_at(parameter, &decided) {
            delta += i64::from(cover.is_missing(tuple + value * stride));
            delta -= i64::from(cover.count(tuple + old * stride) == 1);
        }
        delta
    }

    fn set(&mut self, rows: &mut Rows, cover: &mut Cover, index: usize, parameter: usize, value: usize) {
        let Some(row) = rows.get_mut(index) else { return };
        let decided: Vec<Option<usize>> = row.iter().map(|value| Some(*value)).collect();
        let Some(cell) = row.get_mut(parameter) else { return };
        let old = std::mem::replace(cell, value);
        self.work += self.plan.targets_at(parameter);
        for (tuple, stride) in self.plan.open_at(parameter, &decided) {
            cover.take(tuple + old * stride);
            cover.add(tuple + value * stride);
        }
    }

    // Puts a combination into some row, which keeps as much of itself as the conditions let it.
    fn force(&mut self, rows: &mut Rows, cover: &mut Cover, cells: &[(usize, usize)]) {
        if rows.len() <= self.seeds.len() {
            return;
        }
        let index = self.seeds.len() + self.numbers.below(rows.len() - self.seeds.len());
        let Some(old) = rows.get(index).cloned() else { return };
        let solver = self.solver;
        let mut domains = solver.everything();
        if !solver.conclude(&mut domains)
            || !cells.iter().all(|(parameter, value)| solver.decide(&mut domains, *parameter, *value))
        {
            return;
        }
        let numbers = &mut self.numbers;
        let found = solver.complete(&domains, &mut |parameter, domain| {
            let kept = old.get(parameter).copied().filter(|value| contains(domain, *value));
            let mut order = shuffled(domain, numbers);
            if let Some(kept) = kept {
                order.sort_by_key(|value| *value != kept);
            }
            order
        });
        let Ok(Some(row)) = found else { return };
        self.work += 2 * self.plan.targets.len();
        self.plan.tuples_in(&old).for_each(|tuple| cover.take(tuple));
        self.plan.tuples_in(&row).for_each(|tuple| cover.add(tuple));
        rows.get_mut(index).into_iter().for_each(|place| place.clone_from(&row));
    }

    // Where nothing depends on a cell, the value of the most weight takes it.
    fn prefer_heavy(&mut self, rows: &mut Rows) {
        let weighted: Vec<usize> = (0..self.weights.len())
            .filter(|at| self.weights.get(*at).is_some_and(|list| list.iter().any(|one| *one > 1)))
            .collect();
        if weighted.is_empty() {
            return;
        }
        let mut cover = Cover::new(self.plan);
        for row in rows.iter() {
            self.plan.tuples_in(row).for_each(|tuple| cover.add(tuple));
        }
        for index in 0..rows.len() {
            for parameter in weighted.iter().copied() {
                if self.is_given(index, parameter) {
                    continue;
                }
                let Some(row) = rows.get(index).cloned() else { continue };
                let weights = self.weights.get(parameter).cloned().unwrap_or_default();
                let own = row.get(parameter).copied().unwrap_or(0);
                let mut order: Vec<usize> =
                    (0..weights.len()).filter(|at| weights.get(*at) > weights.get(own)).collect();
                order.sort_by_key(|at| std::cmp::Reverse(weights.get(*at).copied()));
                let better = order.into_iter().find(|value| {
                    self.change(&row, parameter, *value, &cover) >= 0 && self.fits(&row, parameter, *value)
                });
                if let Some(value) = better {
                    self.set(rows, &mut cover, index, parameter, value);
                }
            }
        }
    }
}

// Cells that were changed lately and must rest.
struct Tabu {
    until: Vec<usize>,
    width: usize,
    step: usize,
}

impl Tabu {
    fn forbids(&self, row: usize, parameter: usize) -> bool {
        self.until.get(row * self.width + parameter).is_some_and(|until| *until > self.step)
    }

    fn forbid(&mut self, row: usize, parameter: usize, steps: usize) {
        let until = self.step + steps;
        self.until.get_mut(row * self.width + parameter).into_iter().for_each(|own| *own = until);
    }
}

//! Tells whether a partly decided row can still be completed so that every condition holds.
//!
//! Propagates conditions of one open parameter, then searches; exact within [`MAX_NODES`].

use super::constraint::{Condition, Domain, Truth, contains, count, full, insert, remove, single, values};

/// Search nodes of one question. Conditions of real models are settled within a few dozen.
pub const MAX_NODES: u32 = 50_000;

/// The parameters, their out-of-range values and the conditions.
#[derive(Debug)]
pub(super) struct Solver {
    /// How many values each parameter has.
    pub sizes: Vec<usize>,
    /// The out-of-range values of each.
    pub negatives: Vec<Domain>,
    conditions: Vec<(Condition, Vec<usize>)>,
    // Which conditions speak of each parameter.
    of_parameter: Vec<Vec<usize>>,
    has_negatives: bool,
}

/// The search of one question took too long to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooHard;

impl Solver {
    pub(super) fn new(sizes: Vec<usize>, negatives: Vec<Domain>, conditions: Vec<Condition>) -> Self {
        let mut flat = Vec::new();
        conditions.into_iter().for_each(|condition| flatten(condition, &mut flat));
        let mut of_parameter = vec![Vec::new(); sizes.len()];
        let conditions: Vec<(Condition, Vec<usize>)> = flat
            .into_iter()
            .enumerate()
            .map(|(at, condition)| {
                let mut found = Vec::new();
                condition.parameters(sizes.len(), &mut found);
                found.sort_unstable();
                found.dedup();
                for parameter in &found {
                    of_parameter.get_mut(*parameter).into_iter().for_each(|list: &mut Vec<usize>| list.push(at));
                }
                (condition, found)
            })
            .collect();
        let has_negatives = negatives.iter().any(|set| *set != [0; 4]);
        Self { sizes, negatives, conditions, of_parameter, has_negatives }
    }

    /// Whether any row is allowed.
    pub(super) fn is_free(&self) -> bool {
        self.conditions.is_empty() && !self.has_negatives
    }

    /// Whether no condition speaks of a parameter.
    pub(super) fn is_unbound(&self, parameter: usize) -> bool {
        !self.has_negatives && self.of_parameter.get(parameter).is_none_or(Vec::is_empty)
    }

    /// Every value of every parameter.
    pub(super) fn everything(&self) -> Vec<Domain> {
        self.sizes.iter().map(|size| full(*size)).collect()
    }

    pub(super) fn is_negative(&self, parameter: usize, value: usize) -> bool {
        self.negatives.get(parameter).is_some_and(|set| contains(set, value))
    }

    /// Whether a whole row is allowed.
    pub(super) fn allows(&self, row: &[usize]) -> bool {
        if self.is_free() {
            return true;
        }
        let negative =
            row.iter().enumerate().filter(|(parameter, value)| self.is_negative(*parameter, **value)).count();
        if negative > 1 {
            return false;
        }
        let domains: Vec<Domain> = row.iter().map(|value| single(*value)).collect();
        self.conditions.iter().all(|(condition, _)| condition.truth(&domains, &self.negatives) == Truth::Yes)
    }

    /// Decides a parameter and what follows from it; false where nothing is left.
    pub(super) fn decide(&self, domains: &mut [Domain], parameter: usize, value: usize) -> bool {
        match domains.get_mut(parameter) {
            Some(domain) if contains(domain, value) => *domain = single(value),
            _ => return false,
        }
        self.propagate(domains, vec![parameter])
    }

    /// Draws the conclusions of all conditions; false where nothing is left.
    pub(super) fn conclude(&self, domains: &mut [Domain]) -> bool {
        for at in 0..self.conditions.len() {
            let mut changed = Vec::new();
            if !self.conclude_one(domains, at, &mut changed) || !self.propagate(domains, changed) {
                return false;
            }
        }
        true
    }

    fn propagate(&self, domains: &mut [Domain], mut changed: Vec<usize>) -> bool {
        while let Some(parameter) = changed.pop() {
            if self.has_negatives && !self.part_negatives(domains, parameter, &mut changed) {
                return false;
            }
            for at in self.of_parameter.get(parameter).into_iter().flatten() {
                if !self.conclude_one(domains, *at, &mut changed) {
                    return false;
                }
            }
        }
        true
    }

    // A row with one out-of-range value has no second one.
    fn part_negatives(&self, domains: &mut [Domain], parameter: usize, changed: &mut Vec<usize>) -> bool {
        let certain = domains.get(parameter).zip(self.negatives.get(parameter)).is_some_and(|(domain, negative)| {
            *domain != [0; 4] && domain.iter().zip(negative).all(|(own, bad)| own & !bad == 0)
        });
        if !certain {
            return true;
        }
        for (other, (domain, negative)) in domains.iter_mut().zip(&self.negatives).enumerate() {
            if other == parameter || *negative == [0; 4] {
                continue;
            }
            let before = *domain;
            domain.iter_mut().zip(negative).for_each(|(own, bad)| *own &= !bad);
            if *domain == [0; 4] {
                return false;
            }
            if *domain != before {
                changed.push(other);
            }
        }
        true
    }

    fn conclude_one(&self, domains: &mut [Domain], at: usize, changed: &mut Vec<usize>) -> bool {
        let Some((condition, parameters)) = self.conditions.get(at) else { return true };
        match condition.truth(domains, &self.negatives) {
            Truth::Yes => return true,
            Truth::No => return false,
            Truth::Open => {}
        }
        let open: Vec<usize> = parameters
            .iter()
            .copied()
            .filter(|one| domains.get(*one).is_some_and(|domain| count(domain) > 1))
            .take(2)
            .collect();
        let [last] = open.as_slice() else { return true };
        let Some(before) = domains.get(*last).copied() else { return true };
        let mut left = before;
        for value in values(&before) {
            if let Some(domain) = domains.get_mut(*last) {
                *domain = single(value);
            }
            if condition.truth(domains, &self.negatives) == Truth::No {
                remove(&mut left, value);
            }
        }
        if let Some(domain) = domains.get_mut(*last) {
            *domain = left;
        }
        if left == [0; 4] {
            return false;
        }
        if left != before {
            changed.push(*last);
        }
        true
    }

    /// A row within the domains that all conditions allow, if there is one; `prefer` orders the values tried.
    pub(super) fn complete(
        &self,
        domains: &[Domain],
        prefer: &mut dyn FnMut(usize, &Domain) -> Vec<usize>,
    ) -> Result<Option<Vec<usize>>, TooHard> {
        let mut nodes = 0;
        let mut stack = vec![(domains.to_vec(), None::<(usize, std::vec::IntoIter<usize>)>)];
        loop {
            let Some((domains, branch)) = stack.last_mut() else { return Ok(None) };
            if branch.is_none() {
                let next = self.undecided(domains);
                let Some(parameter) = next else {
                    let row = domains
                        .iter()
                        .enumerate()
                        .map(|(parameter, domain)| {
                            let only = count(domain) <= 1;
                            if only { values(domain).next() } else { prefer(parameter, domain).first().copied() }
                        })
                        .collect::<Option<Vec<usize>>>();
                    return Ok(row);
                };
                let order = domains.get(parameter).map_or_else(Vec::new, |domain| prefer(parameter, domain));
                *branch = Some((parameter, order.into_iter()));
            }
            let Some((parameter, order)) = branch else { return Ok(None) };
            let Some(value) = order.next() else {
                stack.pop();
                continue;
            };
            nodes += 1;
            if nodes > MAX_NODES {
                return Err(TooHard);
            }
            let (parameter, mut next) = (*parameter, domains.clone());
            if self.decide(&mut next, parameter, value) {
                stack.push((next, None));
            }
        }
    }

    /// Whether the domains hold a row that all conditions allow.
    pub(super) fn is_possible(&self, domains: &[Domain]) -> Result<bool, TooHard> {
        self.complete(domains, &mut |_, domain| values(domain).collect()).map(|row| row.is_some())
    }

    // The open parameter of the fewest values in a condition that is open.
    fn undecided(&self, domains: &[Domain]) -> Option<usize> {
        let size = |parameter: &usize| domains.get(*parameter).map_or(0, count);
        let mut best: Option<usize> = None;
        for (condition, parameters) in &self.conditions {
            if condition.truth(domains, &self.negatives) != Truth::Open {
                continue;
            }
            let open = parameters.iter().copied().filter(|one| size(one) > 1).min_by_key(|one| (size(one), *one));
            best = [best, open].into_iter().flatten().min_by_key(|one| (size(one), *one));
        }
        // Without open conditions only out-of-range values can still be in each other's way.
        best.or_else(|| {
            let may_be_negative = |parameter: usize, domain: &Domain| {
                count(domain) > 1
                    && self
                        .negatives
                        .get(parameter)
                        .is_some_and(|bad| domain.iter().zip(bad).any(|(own, bad)| own & bad != 0))
            };
            domains
                .iter()
                .enumerate()
                .find(|(parameter, domain)| may_be_negative(*parameter, domain))
                .map(|(one, _)| one)
        })
    }
}

// Conditions that all must hold are looked at one by one.
fn flatten(condition: Condition, into: &mut Vec<Condition>) {
    match condition {
        Condition::And(parts) => parts.into_iter().for_each(|part| flatten(part, into)),
        Condition::Or(mut parts) if parts.len() == 1 => {
            if let Some(only) = parts.pop() {
                flatten(only, into);
            }
        }
        Condition::Not(inner) => match *inner {
            Condition::Or(parts) => {
                parts.into_iter().for_each(|part| flatten(Condition::Not(Box::new(part)), into));
            }
            Condition::Not(inner) => flatten(*inner, into),
            other @ (Condition::One(..) | Condition::Two(..) | Condition::AnyNegative | Condition::And(_)) => {
                into.push(Condition::Not(Box::new(other)));
            }
        },
        other @ (Condition::One(..) | Condition::Two(..) | Condition::AnyNegative | Condition::Or(_)) => {
            into.push(other);
        }
    }
}

/// The set of the values that are in the list.
pub(super) fn set_of(list: impl IntoIterator<Item = usize>) -> Domain {
    let mut set = [0; 4];
    list.into_iter().for_each(|value| insert(&mut set, value));
    set
}

#[cfg(test)]
mod tests {
    use super::super::constraint::read;
    use super::super::model::Model;
    use super::*;

    fn solver(text: &str) -> Solver {
        let model = Model::parse(text);
        let read = read(&model);
        assert_eq!(read.faults, []);
        let sizes = model.parameters.iter().map(|parameter| parameter.choices.len()).collect();
        let negative = |(at, choice): (usize, &super::super::model::Choice)| choice.negative.then_some(at);
        let negatives =
            model.parameters.iter().map(|one| set_of(one.choices.iter().enumerate().filter_map(negative))).collect();
        Solver::new(sizes, negatives, read.conditions.into_iter().map(|(condition, _)| condition).collect())
    }

    #[test]
    fn agrees_with_trying_every_row() {
        for text in [
            "A: 1, 2, 3\nB: 1, 2, 3\nC: 1, 2, 3\n[A] <> [B]; [B] <> [C]; [A] <> [C]; IF [A] = 1 THEN [B] = 3;",
            "A: 1, ~2, 3\nB: ~1, 2, 3\nC: 1, 2, ~3\nIF [A] > 1 OR [B] < 3 THEN [C] = 3 ELSE [C] = 1;",
            "A: 1, 2, 3\nB: 1, 2, 3\nC: 1, 2, 3\n[A] > [B]; [B] > [C]; [C] > 1;",
        ] {
            let solver = solver(text);
            let rows: Vec<[usize; 3]> =
                (0..27).map(|at| [at / 9, at / 3 % 3, at % 3]).filter(|row| solver.allows(row)).collect();
            for parameter in 0..3 {
                for value in 0..3 {
                    let mut domains = solver.everything();
                    let decided = solver.decide(&mut domains, parameter, value);
                    let possible = decided && solver.is_possible(&domains).expect("small");
                    assert_eq!(possible, rows.iter().any(|row| row[parameter] == value), "{text} {parameter} {value}");
                }
            }
        }
    }
}

//! Traffic and queues: how much arrives where, and how long it waits.

use super::data::Queue;
use super::design::{Design, Note, place};
use super::figures;
use super::rules;
use super::structure::name;
use crate::support::graph::Graph;
use std::collections::BTreeMap;

/// Largest ring of calls whose traffic is solved: the elimination is cubic in it.
const MAX_RING: usize = 64;
/// Utilisation that is reported: waits grow as 1 / (1 - utilisation), here fivefold.
const HIGH_UTILISATION: f64 = 0.8;
/// Least pivot of the traffic equations; below it, calls multiply without bound.
const LEAST_PIVOT: f64 = 1e-12;

/// What arrives at every component, and the queue there.
pub(super) struct Load {
    /// Requests per second; none where calls multiply without bound.
    pub(super) arrivals: Vec<Option<f64>>,
    pub(super) queues: Vec<Option<Queue>>,
}

/// Solves the traffic equations (Jackson 1957) group by group and the queue of every component, and reports overload.
pub(super) fn solve(design: &Design, notes: &mut Vec<Note>) -> Load {
    let count = design.components.len();
    if design.components.iter().all(|component| component.rate.is_none()) {
        return Load { arrivals: vec![Some(0.0); count], queues: vec![None; count] };
    }
    let arrivals = arrivals(design, notes);
    let mut queues = vec![None; count];
    for (at, component) in design.components.iter().enumerate() {
        let (Some(rate), Some(service_ms)) = (arrivals.get(at).copied().flatten(), component.service_ms) else {
            continue;
        };
        let replicas = component.replicas.unwrap_or(1);
        let queue = figures::queue(replicas * component.servers, rate, service_ms);
        if let Some(slot) = queues.get_mut(at) {
            *slot = Some(queue);
        }
        let load = format!("{} requests a second of {service_ms} ms each on {} servers", shown(rate), queue.servers);
        if queue.utilisation >= 1.0 {
            let message =
                format!("{} is overloaded: {load} need {:.2} times what there is", component.id, queue.utilisation);
            notes.push(place(Note::new(&rules::QUEUE_OVERLOAD, message), component.at));
            continue;
        }
        let wait = shown(queue.wait_ms.unwrap_or(0.0));
        if queue.utilisation > HIGH_UTILISATION {
            let message = format!(
                "{} is busy {:.1} % of the time: {load}; a request waits {wait} ms on average",
                component.id,
                queue.utilisation * 100.0
            );
            notes.push(place(Note::new(&rules::QUEUE_SATURATION, message), component.at));
        }
        if replicas > 1 {
            let left = figures::queue((replicas - 1) * component.servers, rate, service_ms);
            if left.utilisation >= 1.0 {
                let message = format!(
                    "{} is overloaded once one of its {replicas} replicas fails: the rest would be busy {:.2} times over",
                    component.id, left.utilisation
                );
                notes.push(place(Note::new(&rules::NO_FAILURE_HEADROOM, message), component.at));
            }
        }
    }
    Load { arrivals, queues }
}

fn arrivals(design: &Design, notes: &mut Vec<Note>) -> Vec<Option<f64>> {
    let count = design.components.len();
    let mut calls: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for link in design.links.iter().filter(|link| link.calls > 0.0) {
        *calls.entry((link.from, link.to)).or_insert(0.0) += link.calls;
    }
    let graph = Graph::new(count, calls.keys().copied());
    let mut arrivals: Vec<Option<f64>> = vec![Some(0.0); count];
    // Callers before what they call.
    for group in graph.strong_components().into_iter().rev() {
        let inflow: Vec<Option<f64>> = group
            .iter()
            .map(|&at| {
                let mut sum = design.components.get(at).and_then(|component| component.rate).unwrap_or(0.0);
                for &from in graph.predecessors(at).iter().filter(|from| group.binary_search(from).is_err()) {
                    sum += arrivals.get(from).copied().flatten()? * calls.get(&(from, at)).copied().unwrap_or(0.0);
                }
                sum.is_finite().then_some(sum)
            })
            .collect();
        let is_ring = group.len() > 1 || group.first().is_some_and(|at| graph.weight(*at, *at) > 0);
        let solved = match inflow.iter().copied().collect::<Option<Vec<f64>>>() {
            Some(inflow) if is_ring && inflow.iter().any(|rate| *rate > 0.0) => {
                let solved = if group.len() <= MAX_RING { solve_ring(&group, inflow, &calls) } else { None };
                if solved.is_none() {
                    let first = group.first().copied().unwrap_or_default();
                    let message = if group.len() > MAX_RING {
                        format!(
                            "{} components call each other in rings, the limit for their traffic is {MAX_RING}; their queues are not computed",
                            group.len()
                        )
                    } else {
                        format!(
                            "calls in the ring through {} cause one more call or more each: the traffic grows without bound",
                            name(&design.components, first)
                        )
                    };
                    let rule = if group.len() > MAX_RING { &rules::MODEL_LIMIT } else { &rules::TRAFFIC_DIVERGES };
                    notes.push(place(
                        Note::new(rule, message),
                        design.components.get(first).and_then(|component| component.at),
                    ));
                }
                solved
            }
            other => other,
        };
        for (number, &at) in group.iter().enumerate() {
            if let Some(slot) = arrivals.get_mut(at) {
                *slot = solved.as_ref().and_then(|rates| rates.get(number).copied());
            }
        }
    }
    arrivals
}

// Gauss's elimination with the largest pivot of each column on rate_j - sum_i rate_i calls_ij = inflow_j. The calls of
// a ring are irreducible and not negative, so that a solution without a negative rate exists exactly when the traffic
// converges (Perron and Frobenius).
fn solve_ring(group: &[usize], inflow: Vec<f64>, calls: &BTreeMap<(usize, usize), f64>) -> Option<Vec<f64>> {
    let count = group.len();
    let mut rows: Vec<Vec<f64>> = group
        .iter()
        .zip(inflow)
        .enumerate()
        .map(|(row, (to, constant))| {
            let coefficient = |(column, from): (usize, &usize)| {
                f64::from(u8::from(row == column)) - calls.get(&(*from, *to)).copied().unwrap_or(0.0)
            };
            group.iter().enumerate().map(coefficient).chain([constant]).collect()
        })
        .collect();
    for column in 0..count {
        let size = |row: &Vec<f64>| row.get(column).copied().unwrap_or(0.0).abs();
        let pivot =
            (column..count).max_by(|a, b| rows.get(*a).map_or(0.0, size).total_cmp(&rows.get(*b).map_or(0.0, size)))?;
        rows.swap(column, pivot);
        let upper = rows.get(column)?.clone();
        let divisor = upper.get(column).copied().filter(|value| value.abs() > LEAST_PIVOT)?;
        for (number, row) in rows.iter_mut().enumerate() {
            let factor = row.get(column).copied().unwrap_or(0.0) / divisor;
            if number != column && factor != 0.0 {
                for (value, above) in row.iter_mut().zip(&upper).skip(column) {
                    *value -= factor * above;
                }
            }
        }
    }
    let solution = rows
        .iter()
        .enumerate()
        .map(|(at, row)| row.get(count).zip(row.get(at)).map(|(constant, divisor)| constant / divisor));
    let solution = solution.collect::<Option<Vec<f64>>>()?;
    solution.iter().all(|rate| rate.is_finite() && *rate >= 0.0).then_some(solution)
}

/// A number in a message: four significant digits.
pub(super) fn shown(number: f64) -> String {
    let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(number);
    format!("{rounded}")
}

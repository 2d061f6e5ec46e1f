//! Phases that can each go live and be taken back: what moves, which facades stand, which invariants hold.

use super::data::{Facade, Invariant, Rollback};
use super::model::Model;
use super::seams::{LEGACY, Target};
use super::steps::Order;
use crate::support::graph::Graph;
use std::collections::{BTreeMap, BTreeSet};

/// Names listed with an invariant.
const MAX_LISTED: usize = 10;

/// What goes live together.
#[derive(Debug, Clone, Default)]
pub(super) struct Phase {
    pub(super) steps: Vec<usize>,
    pub(super) service: usize,
    pub(super) effort: f64,
    pub(super) risk: f64,
}

/// Groups the steps into phases: a service at a time, whole ones first, in an order in which each step follows those it
/// must follow.
pub(super) fn phases(model: &Model, order: &Order) -> Vec<Phase> {
    let count = order.steps.len();
    let mut rank = vec![0; count];
    for (at, step) in order.list.iter().enumerate() {
        if let Some(slot) = rank.get_mut(*step) {
            *slot = at;
        }
    }
    let mut left: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &step in &order.list {
        left.entry(order.steps.get(step).map_or(0, |step| step.service)).or_default().push(step);
    }
    let mut moved = vec![false; count];
    let mut known: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut phases = Vec::new();
    while !left.is_empty() {
        for (service, steps) in &left {
            known.entry(*service).or_insert_with(|| ready(steps, order, &moved));
        }
        let risk = |steps: &[usize]| {
            1.0 - steps
                .iter()
                .filter_map(|step| order.steps.get(*step))
                .fold(1.0, |safe, step| safe * (1.0 - step.risk))
        };
        let best = known.iter().filter(|(_, steps)| !steps.is_empty()).min_by(|(a, first), (b, second)| {
            let is_partial = |service: &usize, steps: &[usize]| left.get(service).map_or(0, Vec::len) > steps.len();
            let place = |steps: &[usize]| steps.first().and_then(|step| rank.get(*step)).copied();
            (is_partial(a, first).cmp(&is_partial(b, second)))
                .then_with(|| risk(first).total_cmp(&risk(second)))
                .then_with(|| place(first).cmp(&place(second)))
        });
        let Some((service, steps)) = best.map(|(service, steps)| (*service, steps.clone())) else { break };
        for step in &steps {
            if let Some(slot) = moved.get_mut(*step) {
                *slot = true;
            }
        }
        if let Some(list) = left.get_mut(&service) {
            list.retain(|step| !steps.contains(step));
            if list.is_empty() {
                left.remove(&service);
            }
        }
        // What each service can move next changes only where something waited for these steps.
        known.remove(&service);
        known.retain(|other, _| {
            let all = left.get(other).into_iter().flatten();
            !all.filter_map(|step| order.after.get(*step))
                .any(|after| steps.iter().any(|step| after.contains_key(step)))
        });
        phases.extend(split(model, order, service, &steps));
    }
    phases
}

// Steps of one service that only wait for what has moved and for each other, in order.
fn ready(steps: &[usize], order: &Order, moved: &[bool]) -> Vec<usize> {
    let mut found = BTreeSet::new();
    let mut list = Vec::new();
    for &step in steps {
        let is_ready = order
            .after
            .get(step)
            .is_none_or(|after| after.keys().all(|other| moved.get(*other) == Some(&true) || found.contains(other)));
        if is_ready {
            found.insert(step);
            list.push(step);
        }
    }
    list
}

// Cuts where a limit on a phase would be passed.
fn split(model: &Model, order: &Order, service: usize, steps: &[usize]) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for &number in steps {
        let Some(step) = order.steps.get(number) else { continue };
        let fits = |phase: &Phase| {
            let risk = 1.0 - (1.0 - phase.risk) * (1.0 - step.risk);
            model.bars.phase_effort.is_none_or(|most| phase.effort + step.effort <= most + 1e-9)
                && model.bars.phase_risk.is_none_or(|most| risk <= most + 1e-9)
        };
        match phases.last_mut().filter(|phase| fits(phase)) {
            Some(phase) => {
                phase.steps.push(number);
                phase.effort += step.effort;
                phase.risk = 1.0 - (1.0 - phase.risk) * (1.0 - step.risk);
            }
            None => phases.push(Phase { steps: vec![number], service, effort: step.effort, risk: step.risk }),
        }
    }
    phases
}

/// The phase of each component, from 1; none for those that do not move.
pub(super) fn phase_of(model: &Model, order: &Order, phases: &[Phase]) -> Vec<Option<usize>> {
    let mut of_step = vec![None; order.steps.len()];
    for (at, phase) in phases.iter().enumerate() {
        for step in &phase.steps {
            if let Some(slot) = of_step.get_mut(*step) {
                *slot = Some(at + 1);
            }
        }
    }
    (0..model.components.len())
        .map(|at| order.step_of.get(at).copied().flatten().and_then(|step| of_step.get(step).copied().flatten()))
        .collect()
}

struct Bridge {
    added: usize,
    removed: Option<usize>,
    callers: BTreeSet<usize>,
}

/// The facades between old and new: one for each component that is called from the other side.
pub(super) fn facades(model: &Model, phase_of: &[Option<usize>]) -> Vec<(usize, Facade)> {
    let of = |at: usize| phase_of.get(at).copied().flatten();
    // Adapters to one component serve all callers that come later, a proxy all that stayed behind.
    let mut found: BTreeMap<(usize, bool), Bridge> = BTreeMap::new();
    for link in model.links.iter().filter(|link| link.from != link.to) {
        let is_outside = |at: usize| model.components.get(at).is_none_or(|component| component.is_outside);
        if is_outside(link.to) {
            continue;
        }
        // What comes from outside is told apart by a route, which takes the place of a proxy.
        let from = if is_outside(link.from) { None } else { of(link.from) };
        let (is_adapter, added, removed) = match (from, of(link.to)) {
            (Some(from), Some(to)) if from == to => continue,
            (Some(from), Some(to)) if to < from => (false, to, Some(from)),
            (None, Some(to)) => (false, to, None),
            (Some(from), to) => (true, from, to),
            (None, None) => continue,
        };
        let bridge =
            found.entry((link.to, is_adapter)).or_insert_with(|| Bridge { added, removed, callers: BTreeSet::new() });
        bridge.added = bridge.added.min(added);
        bridge.removed = bridge.removed.zip(removed).map(|(known, removed)| known.max(removed));
        bridge.callers.insert(link.from);
    }
    let id = |at: usize| model.components.get(at).map_or_else(String::new, |component| component.id.clone());
    let mut all: Vec<(usize, Facade)> = found
        .into_iter()
        .map(|((to, is_adapter), Bridge { added, removed, callers })| {
            // The step that builds it: the callee's for a proxy, the first caller's for an adapter.
            let builder = if is_adapter { callers.iter().copied().find(|at| of(*at) == Some(added)) } else { Some(to) };
            let facade = Facade {
                kind: if is_adapter { "anti-corruption-layer" } else { "proxy" },
                to: id(to),
                callers: callers.into_iter().map(id).collect(),
                added,
                removed,
            };
            (builder.unwrap_or(to), facade)
        })
        .collect();
    all.sort_by(|(_, a), (_, b)| (a.added, a.removed, a.kind, &a.to).cmp(&(b.added, b.removed, b.kind, &b.to)));
    all
}

/// What is checked after each phase; the first state is the one before all.
pub(super) struct Checks {
    pub(super) by_phase: Vec<Vec<Invariant>>,
    /// Circles of deployables that were not there before, with the phase they come up in.
    pub(super) circles: Vec<(usize, Vec<String>)>,
    /// Stores used by several deployables, with the phase this begins in.
    pub(super) shared: Vec<(usize, usize, Vec<String>)>,
}

pub(super) fn check(
    model: &Model,
    target: &Target,
    phase_of: &[Option<usize>],
    phases: &[Phase],
    facades: &[(usize, Facade)],
) -> Checks {
    let mut checks = Checks { by_phase: Vec::new(), circles: Vec::new(), shared: Vec::new() };
    let (mut known_circles, mut known_shared) = (BTreeSet::new(), BTreeSet::new());
    for number in 0..=phases.len() {
        let (names, of) = deployables(model, target, phase_of, number);
        let circles = circles(model, &names, &of);
        let shared = shared(model, &names, &of);
        let new_circles: Vec<&Vec<String>> = circles.iter().filter(|circle| !known_circles.contains(*circle)).collect();
        let new_shared: Vec<&(usize, Vec<String>)> =
            shared.iter().filter(|(at, _)| !known_shared.contains(at)).collect();
        if let Some(phase) = number.checked_sub(1).and_then(|at| phases.get(at)) {
            checks.circles.extend(new_circles.iter().map(|circle| (number, (*circle).clone())));
            checks.shared.extend(new_shared.iter().map(|(at, users)| (number, *at, users.clone())));
            let active = facades
                .iter()
                .filter(|(_, facade)| facade.added <= number && facade.removed.is_none_or(|end| end > number));
            let active: Vec<&Facade> = active.map(|(_, facade)| facade).collect();
            let back: Vec<String> = active
                .iter()
                .filter(|facade| facade.kind != "proxy" && facade.removed.is_some())
                .map(|facade| facade.to.clone())
                .collect();
            let listed = |names: Vec<String>| names.into_iter().take(MAX_LISTED).collect::<Vec<_>>();
            let stores: Vec<String> = members(model, phase_of, number)
                .filter(|at| model.components.get(*at).is_some_and(|component| component.is_store))
                .filter_map(|at| model.components.get(at).map(|component| component.id.clone()))
                .collect();
            let invariant = |id, holds, detail: Vec<String>| Invariant { id, holds, detail: listed(detail) };
            let mut all = vec![
                invariant("no-call-from-new-to-old", back.is_empty(), back),
                invariant(
                    "no-new-circle-of-services",
                    new_circles.is_empty(),
                    new_circles.iter().map(|circle| circle.join(" -> ")).collect(),
                ),
                invariant(
                    "one-service-per-store",
                    shared.is_empty(),
                    shared.iter().filter_map(|(at, _)| model.components.get(*at).map(|c| c.id.clone())).collect(),
                ),
                invariant("no-data-to-move-back", stores.is_empty(), stores),
            ];
            if let Some(most) = model.bars.facades {
                let count = active.len();
                all.push(invariant(
                    "facades-within-limit",
                    u32::try_from(count).is_ok_and(|count| count <= most),
                    vec![format!("{count} of {most}")],
                ));
            }
            if let Some(most) = model.bars.phase_risk {
                all.push(invariant("risk-within-limit", phase.risk <= most + 1e-9, Vec::new()));
            }
            if let Some(most) = model.bars.phase_effort {
                all.push(invariant("effort-within-limit", phase.effort <= most + 1e-9, Vec::new()));
            }
            checks.by_phase.push(all);
        }
        known_circles.extend(circles);
        known_shared = shared.into_iter().map(|(at, _)| at).collect();
    }
    checks
}

fn members<'a>(model: &'a Model, phase_of: &'a [Option<usize>], number: usize) -> impl Iterator<Item = usize> + 'a {
    (0..model.components.len()).filter(move |at| phase_of.get(*at).copied().flatten() == Some(number))
}

// What runs as one after the phase: names, and the number of each component.
fn deployables(
    model: &Model,
    target: &Target,
    phase_of: &[Option<usize>],
    number: usize,
) -> (Vec<String>, Vec<Option<usize>>) {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let of = model
        .components
        .iter()
        .enumerate()
        .map(|(at, component)| {
            if component.is_outside {
                return None;
            }
            let has_moved = phase_of.get(at).copied().flatten().is_some_and(|phase| phase <= number);
            let service = target.of.get(at).copied().flatten().and_then(|at| target.services.get(at)).cloned();
            let name = if has_moved { service } else { component.group.clone() };
            let name = name.unwrap_or_else(|| LEGACY.to_owned());
            let next = names.len();
            Some(*names.entry(name).or_insert(next))
        })
        .collect();
    let mut list = vec![String::new(); names.len()];
    for (name, at) in names {
        if let Some(slot) = list.get_mut(at) {
            *slot = name;
        }
    }
    (list, of)
}

// Deployables that wait for each other, one shortest circle each.
fn circles(model: &Model, names: &[String], of: &[Option<usize>]) -> Vec<Vec<String>> {
    let number = |at: usize| of.get(at).copied().flatten();
    let edges =
        model.links.iter().filter(|link| link.waits).filter_map(|link| Some((number(link.from)?, number(link.to)?)));
    let graph = Graph::new(names.len(), edges.filter(|(from, to)| from != to));
    let groups = graph.cycles();
    groups
        .iter()
        .map(|group| {
            let mut all: Vec<String> = group.iter().filter_map(|at| names.get(*at)).cloned().collect();
            all.sort();
            all
        })
        .collect()
}

// Stores that several deployables use, the store's own one among them.
fn shared(model: &Model, names: &[String], of: &[Option<usize>]) -> Vec<(usize, Vec<String>)> {
    let mut users: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for link in &model.links {
        let is_store = model.components.get(link.to).is_some_and(|component| component.is_store);
        if let (true, Some(user)) = (is_store, of.get(link.from).copied().flatten()) {
            users.entry(link.to).or_default().insert(user);
        }
    }
    users
        .into_iter()
        .filter(|(_, users)| users.len() > 1)
        .map(|(at, users)| (at, users.into_iter().filter_map(|user| names.get(user)).cloned().collect()))
        .collect()
}

/// What taking the phase back means.
pub(super) fn rollback(
    model: &Model,
    phase_of: &[Option<usize>],
    number: usize,
    facades: &[(usize, Facade)],
) -> Rollback {
    let id = |at: usize| model.components.get(at).map(|component| component.id.clone());
    let is_store = |at: &usize| model.components.get(*at).is_some_and(|component| component.is_store);
    let restore_data: Vec<String> = members(model, phase_of, number).filter(is_store).filter_map(id).collect();
    Rollback {
        is_by_routing_alone: restore_data.is_empty(),
        route_back: facades
            .iter()
            .filter(|(_, f)| f.added == number && f.kind == "proxy")
            .map(|(_, f)| f.to.clone())
            .collect(),
        reinstate: facades.iter().filter(|(_, f)| f.removed == Some(number)).map(|(_, f)| f.to.clone()).collect(),
        restore_data,
    }
}

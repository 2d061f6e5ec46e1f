//! What moves as one, in which order, and which links must be cut for it.

use super::model::{Model, days, ticks};
use super::rules;
use super::seams::{Target, owned_stores};
use crate::support::graph::Graph;
use crate::support::notes::Note;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Components that move as one.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) members: Vec<usize>,
    pub(super) service: usize,
    /// Person-days, facades left out.
    pub(super) effort: f64,
    /// People of each team, and the person-days it works.
    pub(super) teams: BTreeMap<usize, (u32, f64)>,
    /// Probability that something of it must be taken back.
    pub(super) risk: f64,
    pub(super) release: u64,
    pub(super) due: Option<u64>,
}

impl Step {
    /// How long it takes when `more` person-days are added to the first team.
    pub(super) fn length(&self, more: f64) -> u64 {
        let all = self.teams.values().enumerate();
        let each =
            all.map(|(at, (people, effort))| ticks((effort + if at == 0 { more } else { 0.0 }) / f64::from(*people)));
        each.max().unwrap_or(0)
    }
}

/// The steps and what must come before what.
pub(super) struct Order {
    pub(super) steps: Vec<Step>,
    /// The step of each component that moves.
    pub(super) step_of: Vec<Option<usize>>,
    /// Steps that each step follows, with the days between.
    pub(super) after: Vec<BTreeMap<usize, u64>>,
    /// All steps, each after those it follows.
    pub(super) list: Vec<usize>,
    /// Pairs of steps (caller, callee) whose links are cut: the caller moves first.
    pub(super) cut: BTreeSet<(usize, usize)>,
    /// Calls over them.
    pub(super) weight: u32,
    pub(super) is_minimum: bool,
}

/// Puts what moves in order: what is called before what calls it.
pub(super) fn order(model: &Model, target: &Target, notes: &mut Vec<Note>) -> Order {
    let (steps, step_of) = steps(model, target);
    let of = |at: usize| step_of.get(at).copied().flatten();
    let calls: Vec<(usize, usize, u32)> = model
        .links
        .iter()
        .filter_map(|link| Some((of(link.from)?, of(link.to)?, link.weight)))
        .filter(|(from, to, _)| from != to)
        .collect();
    let firm = firm(model, &step_of, steps.len(), notes);
    // A constraint weighs more than all calls together, so that none is ever broken for the sake of calls.
    let heavy = calls.iter().map(|(_, _, weight)| *weight).fold(1_u32, u32::saturating_add);
    let heavy = heavy.min(u32::MAX / 64);
    let edges = calls.iter().map(|(from, to, weight)| (*to, *from, *weight));
    let graph = Graph::weighted(steps.len(), edges.chain(firm.keys().map(|(first, then)| (*first, *then, heavy))));
    let set = graph.feedback_set();
    let list = topological(steps.len(), &firm, &set.order);
    let mut rank = vec![0; steps.len()];
    for (at, step) in list.iter().enumerate() {
        if let Some(slot) = rank.get_mut(*step) {
            *slot = at;
        }
    }
    let is_later = |a: usize, b: usize| rank.get(a) > rank.get(b);
    let mut after: Vec<BTreeMap<usize, u64>> = vec![BTreeMap::new(); steps.len()];
    let mut cut = BTreeSet::new();
    let mut weight = 0_u32;
    for (from, to, calls) in calls {
        if is_later(to, from) {
            cut.insert((from, to));
            weight = weight.saturating_add(calls);
        } else if let Some(list) = after.get_mut(from) {
            list.entry(to).or_insert(0);
        }
    }
    for ((first, then), lag) in firm {
        if let Some(list) = after.get_mut(then) {
            let known = list.entry(first).or_insert(0);
            *known = (*known).max(lag);
        }
    }
    Order { steps, step_of, after, list, cut, weight, is_minimum: set.is_minimum }
}

fn steps(model: &Model, target: &Target) -> (Vec<Step>, Vec<Option<usize>>) {
    let count = model.components.len();
    let moves = |at: usize| target.moves.get(at) == Some(&true);
    let mut leader: Vec<usize> = (0..count).collect();
    let find = |leader: &[usize], at: usize| {
        let mut at = at;
        while let Some(next) = leader.get(at).copied().filter(|next| *next != at) {
            at = next;
        }
        at
    };
    let mut pairs: Vec<(usize, usize)> = owned_stores(model, target);
    for group in &model.together {
        let moving: Vec<usize> = group.iter().copied().filter(|at| moves(*at)).collect();
        pairs.extend(moving.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))));
    }
    for (a, b) in pairs {
        let (a, b) = (find(&leader, a), find(&leader, b));
        if let Some(slot) = leader.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in (0..count).filter(|at| moves(*at)) {
        members.entry(find(&leader, at)).or_default().push(at);
    }
    let mut step_of = vec![None; count];
    let steps = members
        .into_values()
        .enumerate()
        .map(|(number, members)| {
            let mut step = Step {
                service: members.first().and_then(|at| target.of.get(*at).copied().flatten()).unwrap_or(0),
                effort: 0.0,
                teams: BTreeMap::new(),
                risk: 0.0,
                release: 0,
                due: None,
                members: members.clone(),
            };
            let mut safe = 1.0;
            for at in members {
                if let Some(slot) = step_of.get_mut(at) {
                    *slot = Some(number);
                }
                let Some(component) = model.components.get(at) else { continue };
                let effort = component.effort.unwrap_or(super::model::DEFAULT_EFFORT);
                step.effort += effort;
                let team = step.teams.entry(component.team).or_insert((1, 0.0));
                team.0 = team.0.max(component.people);
                team.1 += effort;
                safe *= 1.0 - component.risk;
                step.release = step.release.max(ticks(component.not_before));
                if let Some(deadline) = component.deadline {
                    let due = ticks(deadline);
                    step.due = Some(step.due.map_or(due, |known| known.min(due)));
                }
            }
            step.risk = 1.0 - safe;
            step
        })
        .collect();
    (steps, step_of)
}

// Constraints between steps; those that contradict each other are reported and left out.
fn firm(
    model: &Model,
    step_of: &[Option<usize>],
    count: usize,
    notes: &mut Vec<Note>,
) -> BTreeMap<(usize, usize), u64> {
    let mut firm: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let mut places = BTreeMap::new();
    let name = |at: usize| model.components.get(at).map_or_else(String::new, |component| excerpt(&component.id));
    for before in &model.before {
        let of = |at: usize| step_of.get(at).copied().flatten();
        let (Some(first), Some(then)) = (of(before.first), of(before.then)) else {
            let still = if of(before.first).is_none() { before.first } else { before.then };
            let message = format!("`before` names {}, which does not move; the entry has no effect", name(still));
            notes.push(Note::new(&rules::IDLE_CONSTRAINT, message).at(before.at));
            continue;
        };
        if first == then {
            let message =
                format!("{} is to move before {}, but both move in one step", name(before.first), name(before.then));
            notes.push(Note::new(&rules::CONSTRAINT_CYCLE, message).at(before.at));
            continue;
        }
        let lag = firm.entry((first, then)).or_insert(0);
        *lag = (*lag).max(ticks(before.lag));
        places.insert((first, then), before);
    }
    let broken = Graph::new(count, firm.keys().copied()).feedback_set().edges;
    for edge in broken {
        firm.remove(&edge);
        if let Some(before) = places.get(&edge) {
            let message = format!(
                "{} before {} closes a circle of constraints; it is left out of the plan",
                name(before.first),
                name(before.then)
            );
            notes.push(Note::new(&rules::CONSTRAINT_CYCLE, message).at(before.at));
        }
    }
    firm
}

// In the given order, as far as the constraints allow.
fn topological(count: usize, firm: &BTreeMap<(usize, usize), u64>, wished: &[usize]) -> Vec<usize> {
    let mut rank = vec![0; count];
    for (at, step) in wished.iter().enumerate() {
        if let Some(slot) = rank.get_mut(*step) {
            *slot = at;
        }
    }
    let rank_of = |step: usize| rank.get(step).copied().unwrap_or(0);
    let mut waiting = vec![0_usize; count];
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (first, then) in firm.keys() {
        if let (Some(slot), Some(list)) = (waiting.get_mut(*then), followers.get_mut(*first)) {
            *slot += 1;
            list.push(*then);
        }
    }
    let mut ready: BTreeSet<(usize, usize)> =
        (0..count).filter(|step| waiting.get(*step) == Some(&0)).map(|step| (rank_of(step), step)).collect();
    let mut list = Vec::with_capacity(count);
    while let Some((_, step)) = ready.pop_first() {
        list.push(step);
        for &next in followers.get(step).into_iter().flatten() {
            if let Some(left) = waiting.get_mut(next) {
                *left -= 1;
                if *left == 0 {
                    ready.insert((rank_of(next), next));
                }
            }
        }
    }
    list
}

/// A step's name: its first member, and how many go with it.
pub(super) fn name(model: &Model, step: &Step) -> String {
    let first = step.members.first().and_then(|at| model.components.get(*at));
    first.map_or_else(String::new, |component| component.id.clone())
}

/// What a message says of a time.
pub(super) fn shown(ticks: u64) -> String {
    format!("{}", days(ticks))
}

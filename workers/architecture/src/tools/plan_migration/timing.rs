//! When each step is done, by whom, and what sets the end.

use super::calendar;
use super::data::{Facade, ScheduleData, TeamData, rounded};
use super::model::{Model, days};
use super::phases::Phase;
use super::rules;
use super::steps::{Order, name, shown};
use crate::support::notes::Note;
use crate::support::schedule::{Job, Project};

/// Share of a team's time from which it is busy nearly always.
const BUSY: f64 = 0.9;
/// Steps of a path that are listed.
const MAX_LISTED: usize = 100;

/// The times of the plan; empty where there is no schedule.
#[derive(Default)]
pub(super) struct Timing {
    pub(super) lengths: Vec<u64>,
    pub(super) starts: Vec<u64>,
    pub(super) slack: Vec<u64>,
    /// When each phase goes live: its own end and that of all before it.
    pub(super) live: Vec<u64>,
    pub(super) schedule: Option<ScheduleData>,
}

/// Schedules the steps within their teams.
pub(super) fn solve(
    model: &Model,
    order: &Order,
    phases: &[Phase],
    facades: &[(usize, Facade)],
    notes: &mut Vec<Note>,
) -> Timing {
    let mut more = vec![0.0; order.steps.len()];
    for (builder, _) in facades {
        let step = order.step_of.get(*builder).copied().flatten();
        if let Some(slot) = step.and_then(|step| more.get_mut(step)) {
            *slot += model.bars.facade_effort;
        }
    }
    let lengths: Vec<u64> = order.steps.iter().zip(&more).map(|(step, more)| step.length(*more)).collect();
    if order.steps.is_empty() || !fits(model, order, notes) {
        return Timing { lengths, ..Timing::default() };
    }
    let project = project(model, order, &lengths);
    let Some((list, found)) = project.order().zip(project.schedule()) else {
        return Timing { lengths, ..Timing::default() };
    };
    let network = project.network(&list);
    let end_of = |at: usize| found.starts.get(at).copied().unwrap_or(0) + lengths.get(at).copied().unwrap_or(0);
    for (at, step) in order.steps.iter().enumerate() {
        let Some(due) = step.due.filter(|due| end_of(at) > *due) else { continue };
        let first = step.members.iter().filter_map(|at| model.components.get(*at)).find(|c| c.deadline.is_some());
        let message = format!(
            "{} has moved on day {}, its deadline is day {}",
            first.map_or_else(|| name(model, step), |component| component.id.clone()),
            shown(end_of(at)),
            shown(due)
        );
        let note = Note::new(&rules::DEADLINE_MISSED, message);
        notes.push(match first {
            Some(component) => note.at(component.at),
            None => note,
        });
    }
    let slack: Vec<u64> = (0..order.steps.len())
        .map(|at| {
            let of = |list: &[u64]| list.get(at).copied().unwrap_or(0);
            network.length.saturating_sub(of(&network.heads) + of(&lengths) + of(&network.tails))
        })
        .collect();
    let mut live = Vec::with_capacity(phases.len());
    for phase in phases {
        let own = phase.steps.iter().map(|step| end_of(*step)).max().unwrap_or(0);
        live.push(own.max(live.last().copied().unwrap_or(0)));
    }
    let chain = chain(order, &found.starts, &lengths);
    let critical: Vec<usize> = critical(order, &project, &network.heads, &network.tails, &lengths, network.length);
    let named = |steps: &[usize]| -> Vec<String> {
        steps.iter().take(MAX_LISTED).filter_map(|at| order.steps.get(*at)).map(|step| name(model, step)).collect()
    };
    let buffer: f64 = chain
        .iter()
        .map(|at| order.steps.get(*at).map_or(0.0, |step| step.risk) * days(lengths.get(*at).copied().unwrap_or(0)))
        .sum();
    let teams = teams(&project, model, found.end);
    if found.end > network.length
        && let Some(team) =
            teams.iter().filter(|team| team.utilisation >= BUSY).max_by(|a, b| a.utilisation.total_cmp(&b.utilisation))
    {
        let message = format!(
            "{} works {:.0} % of its time and sets the end, day {}; the order alone would take until day {}",
            team.id,
            team.utilisation * 100.0,
            shown(found.end),
            shown(network.length)
        );
        notes.push(Note::new(&rules::BOTTLENECK_TEAM, message));
    }
    let schedule = ScheduleData {
        days: days(found.end),
        lower_bound: days(found.bound),
        is_optimal: found.lateness == 0 && found.end <= found.bound,
        critical_path_days: days(network.length),
        critical_path: named(&critical),
        chain: named(&chain),
        risk_buffer_days: rounded((buffer * 100.0).round() / 100.0),
        teams,
    };
    Timing { starts: found.starts, slack, live, schedule: Some(schedule), lengths }
}

fn fits(model: &Model, order: &Order, notes: &mut Vec<Note>) -> bool {
    let mut fits = true;
    for step in &order.steps {
        for (team, (people, _)) in &step.teams {
            let Some(team) = model.teams.get(*team).filter(|team| team.capacity < *people) else { continue };
            fits = false;
            let message =
                format!("{} needs {people} people of {}, which has {}", name(model, step), team.id, team.capacity);
            let place = step.members.first().and_then(|at| model.components.get(*at));
            let note = Note::new(&rules::TEAM_TOO_SMALL, message);
            notes.push(match place {
                Some(component) => note.at(component.at),
                None => note,
            });
        }
    }
    fits
}

fn project(model: &Model, order: &Order, lengths: &[u64]) -> Project {
    let jobs = order
        .steps
        .iter()
        .enumerate()
        .map(|(at, step)| Job {
            length: lengths.get(at).copied().unwrap_or(0),
            needs: (0..model.teams.len()).map(|team| step.teams.get(&team).map_or(0, |(people, _)| *people)).collect(),
            after: order.after.get(at).into_iter().flatten().map(|(other, lag)| (*other, *lag)).collect(),
            release: step.release,
            due: step.due,
        })
        .collect();
    Project { jobs, capacities: model.teams.iter().map(|team| team.capacity).collect() }
}

// From the last end back: the step whose end, or whose people, the start waited for.
fn chain(order: &Order, starts: &[u64], lengths: &[u64]) -> Vec<usize> {
    let start_of = |at: usize| starts.get(at).copied().unwrap_or(0);
    let end_of = |at: usize| start_of(at) + lengths.get(at).copied().unwrap_or(0);
    let count = order.steps.len();
    let mut chain: Vec<usize> = Vec::new();
    let mut next = (0..count).max_by_key(|at| (end_of(*at), std::cmp::Reverse(*at)));
    while let Some(at) = next {
        chain.push(at);
        let start = start_of(at);
        let by_order = order.after.get(at).into_iter().flatten().find(|(other, lag)| end_of(**other) + **lag == start);
        let teams = order.steps.get(at).map(|step| &step.teams);
        let shares = |other: usize| {
            let theirs = order.steps.get(other).map(|step| &step.teams);
            teams.zip(theirs).is_some_and(|(a, b)| a.keys().any(|team| b.contains_key(team)))
        };
        next = by_order.map(|(other, _)| *other).or_else(|| {
            (0..count).find(|other| start > 0 && end_of(*other) == start && shares(*other) && !chain.contains(other))
        });
        next = next.filter(|other| !chain.contains(other));
    }
    chain.reverse();
    chain
}

fn critical(order: &Order, project: &Project, heads: &[u64], tails: &[u64], lengths: &[u64], whole: u64) -> Vec<usize> {
    let of = |list: &[u64], at: usize| list.get(at).copied().unwrap_or(0);
    let is_on = |at: usize| of(heads, at) + of(lengths, at) + of(tails, at) == whole;
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..order.steps.len()).find(|at| is_on(*at) && of(tails, *at) == 0);
    while let Some(at) = next {
        path.push(at);
        let before = project.jobs.get(at).into_iter().flat_map(|job| &job.after);
        next = before
            .filter(|(other, lag)| is_on(*other) && of(heads, *other) + of(lengths, *other) + lag == of(heads, at))
            .map(|(other, _)| *other)
            .find(|other| !path.contains(other));
    }
    path.reverse();
    path
}

#[expect(clippy::cast_precision_loss, reason = "times are far below 2^52")]
fn teams(project: &Project, model: &Model, end: u64) -> Vec<TeamData> {
    let all = model.teams.iter().enumerate();
    all.map(|(at, team)| {
        let need = |job: &Job| u64::from(job.needs.get(at).copied().unwrap_or(0));
        let work: u64 = project.jobs.iter().map(|job| job.length * need(job)).sum();
        let most = end * u64::from(team.capacity);
        TeamData {
            id: team.id.clone(),
            capacity: team.capacity,
            effort: days(work),
            utilisation: if most == 0 { 0.0 } else { rounded(work as f64 / most as f64) },
        }
    })
    .collect()
}

/// The first and last date of a stretch of work; of one without length, the day on which it lies at its end.
pub(super) fn dates(first: i64, start: u64, length: u64) -> (String, String) {
    let tick = 100;
    let begin = start / tick;
    let last = (start + length).div_ceil(tick).saturating_sub(1);
    (
        calendar::date(first, if length == 0 { last } else { begin }),
        calendar::date(first, last.max(if length == 0 { 0 } else { begin })),
    )
}

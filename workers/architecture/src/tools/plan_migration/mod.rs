//! Plans a migration: what moves in which order, by whom and when, and what stands in between.
//!
//! Owns the declaration and the order of the parts. `model` reads; `seams` finds services; `steps` what moves as one and
//! what must be cut; `phases` what goes live together and what holds after it; `timing` the days; `gantt` draws.

mod calendar;
mod data;
mod gantt;
mod model;
mod phases;
mod rules;
mod seams;
mod steps;
mod timing;

use crate::support::notes::{self, Note};
use data::{Cut, CutEdge, PhaseData, PlanData, StepData, rounded};
use model::{Model, days};
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes};
use octavo_toolkit::{Ctx, Report, Tool, ToolError, declare_tool};
use phases::Phase;
use seams::Target;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use steps::Order;
use timing::Timing;

/// Findings that are placed and handed on.
const MAX_NOTES: usize = 1_000;
/// Cut links that are listed, and reported.
const MAX_CUT: usize = 100;
/// Facades that are listed.
const MAX_FACADES: usize = 200;

declare_tool! {
    /// Plans how a system moves from what it is to what it should be, a piece at a time: which links to cut, what goes
    /// live together, which facades stand in between, who works when, and what leads back.
    ///
    /// Use it when a monolith is to come apart, when components change owners or platforms, or when a plan for that has
    /// to be checked. It computes from the model; it does not guess efforts or targets beyond what the links tell.
    ///
    /// ## What is computed
    ///
    /// - **Seams**: components without a target get one where the fewest calls are cut: a least cut between two given
    ///   targets, isolating cuts between more (at most twice the least), and clusters of highest modularity, or as many
    ///   as `services` says, where no target is given. Each service with its calls inside and across.
    /// - **Order**: what is called moves before what calls it, so that new code does not depend on old. Where calls go in
    ///   circles, links of least weight are cut (a minimum feedback arc set: exact for circles of up to 16 steps, by
    ///   Eades, Lin and Smyth with sifting beyond). Constraints are never cut for calls. A store with one user moves
    ///   with it.
    /// - **Phases**: a service at a time, whole ones and safe ones first, each within the limits. After each: facades
    ///   that stand, what a rollback takes, and invariants - no call from new to old, no new circle of services that
    ///   wait, one service for each store, no data to move back, limits kept.
    /// - **Schedule**: steps within the people of their teams (resource-constrained project scheduling): Hartmann's
    ///   genetic algorithm with double justification, always feasible, with a lower bound that tells when it is optimal;
    ///   least lateness first, then the earliest end. Critical path, slack, and the chain of steps that sets the end.
    /// - A **Gantt chart** in Mermaid's language.
    ///
    /// ## The model
    ///
    /// The JSON model of `architecture_review_design`, with more members; figures of that tool are passed over.
    ///
    /// - `components`: `id` (required), `kind` (service, component, system; database, cache, queue, topic hold data;
    ///   person, user, external never move), `group` (what it runs in today, taken as "legacy"), `target` (the service it
    ///   moves to), `stays`, `effort` (person-days, taken as 5), `team` (taken as the first), `people` (at once, 1),
    ///   `risk` (probability that the move is taken back, 0), `notBefore` and `deadline` (working days from the start).
    /// - `links`: `from`, `to` (required), `calls` (per request, 1; counted as whole ones), `kind` (sync, async).
    /// - `teams`: `id`, `capacity` (people, 1). Without teams there is one of one person.
    /// - `before`: `first`, `then`, `lagDays`: one has moved before the other begins.
    /// - `together`: lists of ids that move in one step.
    /// - `services`: how many to find where no target is given.
    /// - `start`: a date; working days are Monday to Friday. Without it, days are counted from 0.
    /// - `limits`: `phaseEffort` (person-days), `phaseRisk`, `facades` (at once), `facadeEffort` (person-days to build
    ///   one, 0).
    ///
    /// An effort of 10 with two people takes 5 days. Times are counted in hundredths of a day.
    ///
    /// ## A worked example
    ///
    /// The example "Spring PetClinic" below takes the monolith of that name apart into the services that
    /// spring-petclinic-microservices has. Classes, and who calls whom, are facts of the repository; efforts, risks and
    /// teams are made up. Vets go first: nothing else touches them. The plan then shows what the well-known split has to
    /// solve: `OwnerRepository` stores visits with their pets, so that the customers service and the visits service use
    /// one store and wait for each other. The seam needs a change in the code first, not only a move.
    ///
    /// ## Limits
    ///
    /// 4 MiB of source, 500 components, 5,000 links, 20 teams, 1,000 constraints. The search for a schedule ends after
    /// two and a half million steps, tens of milliseconds.
    pub struct PlanMigration;
    name: "plan_migration",
    title: "Plan a migration",
    summary: "Plans a migration between architectures: seams, links to cut, phases, facades, rollback points, team schedule, Gantt. Use to split a monolith.",
    keywords: "monolith microservices strangler fig extraction decompose split modernization rewrite roadmap order sequence phases waves cutover rollback anti-corruption layer facade feedback arc set min cut clustering critical path rcpsp project scheduling capacity teams gantt dependencies bounded context replatform big ball of mud legacy core hexagonal modular stages step by step breakup invariants developers months deadline feasible effort",
    examples: [
        "a service out of a monolith" => r#"{"source":"{\"components\":[{\"id\":\"web\",\"group\":\"shop\",\"stays\":true},{\"id\":\"cart\",\"group\":\"shop\",\"target\":\"cart\",\"effort\":8,\"risk\":0.1},{\"id\":\"cart-db\",\"kind\":\"database\",\"group\":\"shop\",\"target\":\"cart\",\"effort\":4},{\"id\":\"prices\",\"group\":\"shop\",\"target\":\"pricing\",\"effort\":6}],\"links\":[{\"from\":\"web\",\"to\":\"cart\"},{\"from\":\"cart\",\"to\":\"cart-db\"},{\"from\":\"cart\",\"to\":\"prices\",\"calls\":3}],\"start\":\"2026-03-02\"}"}"#,
        "Spring PetClinic" => PETCLINIC,
    ],
    rules: rules::RULES,
    not_checked: [
        "how data is moved, and code that the links do not tell of",
        "holidays, people who are in two teams, work that is interrupted",
    ],
}

// Examples are no part of the wasm. Classes and calls are facts of github.com/spring-projects/spring-petclinic, services
// of github.com/spring-petclinic/spring-petclinic-microservices; efforts, risks and teams are not.
#[cfg(not(target_arch = "wasm32"))]
const PETCLINIC: &str = r#"{"source":"{\"name\":\"Spring PetClinic\",\"start\":\"2026-03-02\",\"teams\":[{\"id\":\"core\",\"capacity\":2},{\"id\":\"web\"}],\"components\":[{\"id\":\"visitor\",\"kind\":\"person\"},{\"id\":\"WelcomeController\",\"group\":\"petclinic\",\"target\":\"api-gateway\",\"team\":\"web\",\"effort\":2},{\"id\":\"OwnerController\",\"group\":\"petclinic\",\"target\":\"customers-service\",\"effort\":6,\"risk\":0.1},{\"id\":\"PetController\",\"group\":\"petclinic\",\"target\":\"customers-service\",\"effort\":5,\"risk\":0.1},{\"id\":\"PetTypeFormatter\",\"group\":\"petclinic\",\"target\":\"customers-service\",\"effort\":1},{\"id\":\"OwnerRepository\",\"group\":\"petclinic\",\"target\":\"customers-service\",\"effort\":4},{\"id\":\"PetTypeRepository\",\"group\":\"petclinic\",\"target\":\"customers-service\",\"effort\":2},{\"id\":\"owners and pets\",\"kind\":\"database\",\"group\":\"petclinic\",\"target\":\"customers-service\",\"effort\":5,\"risk\":0.2},{\"id\":\"VisitController\",\"group\":\"petclinic\",\"target\":\"visits-service\",\"effort\":4},{\"id\":\"visits\",\"kind\":\"database\",\"group\":\"petclinic\",\"target\":\"visits-service\",\"effort\":3,\"risk\":0.2},{\"id\":\"VetController\",\"group\":\"petclinic\",\"target\":\"vets-service\",\"team\":\"web\",\"effort\":3},{\"id\":\"VetRepository\",\"group\":\"petclinic\",\"target\":\"vets-service\",\"team\":\"web\",\"effort\":2},{\"id\":\"vets\",\"kind\":\"database\",\"group\":\"petclinic\",\"target\":\"vets-service\",\"team\":\"web\",\"effort\":2,\"risk\":0.1}],\"links\":[{\"from\":\"visitor\",\"to\":\"WelcomeController\"},{\"from\":\"visitor\",\"to\":\"OwnerController\"},{\"from\":\"visitor\",\"to\":\"PetController\"},{\"from\":\"visitor\",\"to\":\"VisitController\"},{\"from\":\"visitor\",\"to\":\"VetController\"},{\"from\":\"OwnerController\",\"to\":\"OwnerRepository\"},{\"from\":\"PetController\",\"to\":\"OwnerRepository\"},{\"from\":\"PetController\",\"to\":\"PetTypeRepository\"},{\"from\":\"PetTypeFormatter\",\"to\":\"PetTypeRepository\"},{\"from\":\"VisitController\",\"to\":\"OwnerRepository\"},{\"from\":\"OwnerRepository\",\"to\":\"owners and pets\"},{\"from\":\"OwnerRepository\",\"to\":\"visits\"},{\"from\":\"PetTypeRepository\",\"to\":\"owners and pets\"},{\"from\":\"VetController\",\"to\":\"VetRepository\"},{\"from\":\"VetRepository\",\"to\":\"vets\"}],\"before\":[{\"first\":\"VetController\",\"then\":\"OwnerController\"}],\"limits\":{\"phaseEffort\":20,\"facadeEffort\":0.5}}"}"#;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// JSON: components [{id, kind, group today, target, stays, effort person-days, team, people, risk, notBefore,
    /// deadline}], links [{from, to, calls, kind sync|async}], teams [{id, capacity}], before [{first, then, lagDays}],
    /// together [[id]], services, start date, limits {phaseEffort, phaseRisk, facades, facadeEffort}.
    source: String,
}

impl Tool for PlanMigration {
    type Input = Input;
    type Data = PlanData;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<PlanData>, ToolError> {
        check_bytes("/source", &input.source, MAX_SOURCE_BYTES)?;
        let source = input.source.as_str();
        let mut found = Vec::new();
        let model = model::read(source, &mut found).unwrap_or_default();
        let data = plan(&model, &mut found);
        let omitted = found.len().saturating_sub(MAX_NOTES);
        let report = Report::checked(notes::findings_of(notes::gravest(found, MAX_NOTES), source), data);
        Ok(if omitted > 0 {
            report.not_checked(format!("{omitted} findings beyond the {MAX_NOTES} gravest"))
        } else {
            report
        })
    }
}

fn plan(model: &Model, found: &mut Vec<Note>) -> PlanData {
    let target = seams::find(model, found);
    let moves = target.moves.iter().filter(|moves| **moves).count();
    if moves == 0 && !model.components.is_empty() {
        found.push(Note::new(&rules::NOTHING_MOVES, "no component has a target other than what it runs in today"));
    }
    missing_efforts(model, &target, found);
    let order = steps::order(model, &target, found);
    let phases = phases::phases(model, &order);
    let phase_of = phases::phase_of(model, &order, &phases);
    let facades = phases::facades(model, &phase_of);
    let checks = phases::check(model, &target, &phase_of, &phases, &facades);
    let timing = timing::solve(model, &order, &phases, &facades, found);
    let cut = cut(model, &order, &phase_of, found);
    judge(model, &checks, &phases, &phase_of, &facades, found);
    let mut steps = step_data(model, &order, &phases, &timing);
    let phase_data: Vec<PhaseData> = phases
        .iter()
        .enumerate()
        .map(|(at, phase)| phase_data(model, &target, &order, phase, at + 1, &timing, &facades, &checks, &phase_of))
        .collect();
    let chain = timing.schedule.as_ref().map_or(&[][..], |schedule| schedule.chain.as_slice());
    let mermaid = timing.schedule.as_ref().and_then(|_| gantt::draw(&model.title, &phase_data, &steps, chain));
    steps.truncate(model::MAX_COMPONENTS);
    let services = seams::services(model, &target);
    let crossing = services.iter().map(|service| service.crossing).sum::<u32>() / 2;
    PlanData {
        moves,
        targets: target.method,
        services,
        crossing,
        cut,
        phases: phase_data,
        facades: facades.into_iter().map(|(_, facade)| facade).take(MAX_FACADES).collect(),
        steps,
        schedule: timing.schedule,
        mermaid,
    }
}

fn missing_efforts(model: &Model, target: &Target, found: &mut Vec<Note>) {
    let missing: Vec<&str> = model
        .components
        .iter()
        .enumerate()
        .filter(|(at, component)| target.moves.get(*at) == Some(&true) && component.effort.is_none())
        .map(|(_, component)| component.id.as_str())
        .collect();
    if let Some(first) = missing.first() {
        let message = format!(
            "{} moves have no effort and count {} person-days each, {first} among them",
            missing.len(),
            model::DEFAULT_EFFORT
        );
        found.push(Note::new(&rules::MISSING_EFFORT, message));
    }
}

// The links that are cut, and what stands in for them.
fn cut(model: &Model, order: &Order, phase_of: &[Option<usize>], found: &mut Vec<Note>) -> Cut {
    let mut pairs: BTreeMap<(usize, usize), (u32, notes::Span)> = BTreeMap::new();
    let of = |at: usize| order.step_of.get(at).copied().flatten();
    for link in &model.links {
        if let (Some(from), Some(to)) = (of(link.from), of(link.to))
            && order.cut.contains(&(from, to))
        {
            pairs.entry((link.from, link.to)).or_insert((0, link.at)).0 += link.weight;
        }
    }
    let id = |at: usize| model.components.get(at).map_or_else(String::new, |component| component.id.clone());
    for ((from, to), (_, at)) in pairs.iter().take(MAX_CUT) {
        let phase = |at: usize| phase_of.get(at).copied().flatten().unwrap_or(0);
        let (from, to, first, then) = (id(*from), id(*to), phase(*from), phase(*to));
        let message = if first == then {
            format!("{from} calls {to} and moves before it, both in phase {first}; cut the link or move them together")
        } else {
            format!(
                "{from} moves in phase {first} and calls {to}, which stays behind until phase {then}: cut the link, or an anti-corruption layer bridges it"
            )
        };
        found.push(Note::new(&rules::CALL_TO_OLD, message).at(*at));
    }
    Cut {
        edges: pairs
            .into_iter()
            .take(MAX_CUT)
            .map(|((from, to), (calls, _))| CutEdge { from: id(from), to: id(to), calls })
            .collect(),
        calls: order.weight,
        method: if order.is_minimum { "exact" } else { "greedy" },
    }
}

fn judge(
    model: &Model,
    checks: &phases::Checks,
    phases: &[Phase],
    phase_of: &[Option<usize>],
    facades: &[(usize, data::Facade)],
    found: &mut Vec<Note>,
) {
    for (phase, circle) in &checks.circles {
        let message = format!("from phase {phase} on, {} wait for each other in a circle", circle.join(" and "));
        found.push(Note::new(&rules::DISTRIBUTED_CYCLE, message));
    }
    for (phase, store, users) in &checks.shared {
        let Some(component) = model.components.get(*store) else { continue };
        let later = phase_of.get(*store).copied().flatten();
        let until = later
            .filter(|later| later > phase)
            .map_or_else(String::new, |later| format!(" until phase {later} at least"));
        let message = format!("{} is used by {} from phase {phase} on{until}", component.id, users.join(" and "));
        found.push(Note::new(&rules::SHARED_DATABASE, message).at(component.at));
    }
    for (at, phase) in phases.iter().enumerate() {
        let number = at + 1;
        let active = facades
            .iter()
            .filter(|(_, facade)| facade.added <= number && facade.removed.is_none_or(|end| end > number))
            .count();
        if let Some(most) = model.bars.facades
            && !u32::try_from(active).is_ok_and(|active| active <= most)
        {
            let message = format!("{active} facades stand after phase {number}, {most} are allowed");
            found.push(Note::new(&rules::FACADE_LIMIT, message));
        }
        for (value, most, what) in
            [(phase.effort, model.bars.phase_effort, "person-days"), (phase.risk, model.bars.phase_risk, "risk")]
        {
            if let Some(most) = most
                && value > most + 1e-9
            {
                let message = format!(
                    "phase {number} has {} {what}, {most} are allowed; its one step is not divided",
                    rounded((value * 1e4).round() / 1e4)
                );
                found.push(Note::new(&rules::PHASE_LIMIT, message));
            }
        }
    }
}

fn step_data(model: &Model, order: &Order, phases: &[Phase], timing: &Timing) -> Vec<StepData> {
    let name = |at: usize| order.steps.get(at).map_or_else(String::new, |step| steps::name(model, step));
    let mut all: Vec<(usize, Option<u64>, usize, StepData)> = Vec::new();
    for (number, phase) in phases.iter().enumerate() {
        for &at in &phase.steps {
            let Some(step) = order.steps.get(at) else { continue };
            let length = timing.lengths.get(at).copied().unwrap_or(0);
            let start = timing.starts.get(at).copied();
            let members = step.members.iter().filter_map(|at| model.components.get(*at)).map(|c| c.id.clone());
            all.push((
                number,
                start,
                at,
                StepData {
                    id: name(at),
                    members: if step.members.len() > 1 { members.collect() } else { Vec::new() },
                    phase: number + 1,
                    teams: step
                        .teams
                        .keys()
                        .filter_map(|at| model.teams.get(*at))
                        .map(|team| team.id.clone())
                        .collect(),
                    days: days(length),
                    after: order.after.get(at).into_iter().flatten().map(|(other, _)| name(*other)).collect(),
                    start: start.map(days),
                    end: start.map(|start| days(start + length)),
                    dates: model.start.zip(start).map(|(first, start)| timing::dates(first, start, length)),
                    slack: timing.slack.get(at).copied().map(days),
                },
            ));
        }
    }
    all.sort_by_key(|(phase, start, at, _)| (*phase, *start, *at));
    all.into_iter().map(|(_, _, _, step)| step).collect()
}

#[expect(clippy::too_many_arguments, reason = "one place that brings the parts of the plan together")]
fn phase_data(
    model: &Model,
    target: &Target,
    order: &Order,
    phase: &Phase,
    number: usize,
    timing: &Timing,
    facades: &[(usize, data::Facade)],
    checks: &phases::Checks,
    phase_of: &[Option<usize>],
) -> PhaseData {
    let own: BTreeSet<usize> = phase.steps.iter().copied().collect();
    let built = facades
        .iter()
        .filter(|(builder, _)| order.step_of.get(*builder).copied().flatten().is_some_and(|step| own.contains(&step)));
    let live = timing.live.get(number - 1).copied();
    PhaseData {
        number,
        service: target.services.get(phase.service).cloned().unwrap_or_default(),
        steps: phase.steps.iter().filter_map(|at| order.steps.get(*at)).map(|step| steps::name(model, step)).collect(),
        effort: rounded(phase.effort + built.map(|_| model.bars.facade_effort).sum::<f64>()),
        risk: rounded(phase.risk),
        live_day: live.map(days),
        live_date: model.start.zip(live).map(|(start, live)| timing::dates(start, live, 0).1),
        facades: facades
            .iter()
            .filter(|(_, facade)| facade.added <= number && facade.removed.is_none_or(|end| end > number))
            .count(),
        rollback: phases::rollback(model, phase_of, number, facades),
        invariants: checks.by_phase.get(number - 1).cloned().unwrap_or_default(),
    }
}

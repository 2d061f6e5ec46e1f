//! The arithmetic of a plan: what each node took by itself, all loops and processes counted.
//!
//! The times of all nodes by themselves sum up to that of the root: each time is taken away from exactly one node that
//! includes it. An `InitPlan` runs within the node that asks for its value first, a CTE within the scans of it, so these pay.

use super::plan::{Dialect, Plan, Properties, Relation, number};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most `InitPlans` whose user is looked for; each look reads the whole plan.
const MAX_INIT_PLANS: usize = 100;

/// What a node comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Measures {
    /// Processes that ran it side by side.
    pub(super) processes: f64,
    /// Workers planned and launched by the Gather above.
    pub(super) workers_planned: Option<f64>,
    pub(super) workers_launched: Option<f64>,
    /// Milliseconds with everything below, all loops.
    pub(super) total_ms: Option<f64>,
    /// Milliseconds by itself.
    pub(super) exclusive_ms: Option<f64>,
    /// Cost by itself.
    pub(super) exclusive_cost: Option<f64>,
    /// Rows out of all loops.
    pub(super) rows: Option<f64>,
    /// How many times more rows came than were expected, or fewer; at least 1.
    pub(super) factor: Option<f64>,
    /// Whether more rows came than were expected.
    pub(super) underestimated: bool,
    pub(super) io: Option<Io>,
}

/// I/O of a node by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Io {
    pub(super) read_ms: f64,
    pub(super) write_ms: f64,
    pub(super) read_blocks: f64,
    pub(super) written_blocks: f64,
}

impl Io {
    /// Blocks a second; none where no time was taken.
    pub(super) fn speed(blocks: f64, ms: f64) -> Option<f64> {
        (ms > 0.0).then(|| blocks / (ms / 1000.0))
    }
}

/// Measures every node.
pub(super) fn measure(plan: &Plan) -> Vec<Measures> {
    let children = plan.children();
    let ends = plan.ends();
    let mut measures: Vec<Measures> = plan.nodes.iter().map(|_| Measures::default()).collect();
    let users = users_of_init_plans(plan, &ends);
    // Parents come before their children, and who uses an InitPlan may come after it.
    for at in 0..plan.nodes.len() {
        processes(plan, at, &mut measures);
    }
    for (init, user) in &users {
        let divisor = user.and_then(|user| measures.get(user)).map_or(1.0, |user| user.processes);
        for measure in measures.get_mut(subtree(&ends, *init)).into_iter().flatten() {
            measure.processes = measure.processes.max(divisor);
        }
    }
    for (at, node) in plan.nodes.iter().enumerate() {
        let Some(measure) = measures.get_mut(at) else { continue };
        let loops = node.number("Actual Loops").unwrap_or(1.0);
        measure.total_ms = node.number("Actual Total Time").map(|time| time * loops / measure.processes);
        measure.rows = node.number("Actual Rows").map(|rows| rows * loops);
        if let (Some(actual), Some(planned)) = (node.number("Actual Rows"), node.number("Plan Rows")) {
            measure.underestimated = actual > planned;
            let (more, less) = if actual > planned { (actual, planned) } else { (planned, actual) };
            measure.factor = (loops > 0.0 && more > 0.0).then(|| more.max(1.0) / less.max(1.0));
        }
    }
    for (at, node) in plan.nodes.iter().enumerate() {
        let gather = node.parent.filter(|parent| {
            plan.nodes.get(*parent).is_some_and(|parent| parent.properties.contains_key("Workers Planned"))
        });
        let limit = gather.and_then(|gather| measures.get(gather)).and_then(|gather| gather.total_ms);
        let total = measures.get(at).and_then(|measure| measure.total_ms);
        // Workers go on until they are stopped: what they took beyond the Gather nobody waited for.
        if let (Some(limit), Some(total)) = (limit, total)
            && total > limit
            && node.relation == Relation::Input
        {
            for measure in measures.get_mut(subtree(&ends, at)).into_iter().flatten() {
                measure.total_ms = measure.total_ms.map(|time| time * limit / total);
            }
        }
    }
    exclusive_times(plan, &children, &ends, &users, &mut measures);
    exclusive_costs(plan, &children, &mut measures);
    for at in 0..plan.nodes.len() {
        let io = io(plan, at, &children);
        if let Some(measure) = measures.get_mut(at) {
            measure.io = io;
        }
    }
    measures
}

fn subtree(ends: &[usize], at: usize) -> std::ops::Range<usize> {
    at..ends.get(at).copied().unwrap_or(at)
}

fn processes(plan: &Plan, at: usize, measures: &mut [Measures]) {
    let Some(node) = plan.nodes.get(at) else { return };
    let inherited = match node.relation {
        Relation::Input | Relation::SubPlan => node.parent.and_then(|parent| measures.get(parent).copied()),
        Relation::InitPlan | Relation::Cte => None,
    };
    let parent = node.parent.and_then(|parent| plan.nodes.get(parent));
    let gather = parent.filter(|parent| parent.properties.contains_key("Workers Planned"));
    let mut own = inherited.map_or(Measures { processes: 1.0, ..Measures::default() }, |above| Measures {
        processes: above.processes,
        workers_planned: above.workers_planned,
        workers_launched: above.workers_launched,
        ..Measures::default()
    });
    if let Some(gather) = gather.filter(|_| node.relation == Relation::Input) {
        own.workers_planned = gather.number("Workers Planned");
        own.workers_launched = gather.number("Workers Launched");
        let most = own.workers_launched.unwrap_or(0.0) + 1.0;
        // The leader may not take part, and a worker may come too late: the loops tell how many did.
        let took_part = match (node.number("Actual Loops"), gather.number("Actual Loops")) {
            (Some(inner), Some(outer)) if outer > 0.0 && inner > 0.0 => inner / outer,
            _ => most,
        };
        own.processes = took_part.clamp(1.0, most);
    }
    if let Some(measure) = measures.get_mut(at) {
        *measure = own;
    }
}

// Each InitPlan with the node that most likely asked for it.
fn users_of_init_plans(plan: &Plan, ends: &[usize]) -> Vec<(usize, Option<usize>)> {
    let mut users = Vec::new();
    let inits = plan.nodes.iter().enumerate().filter(|(_, node)| node.relation == Relation::InitPlan);
    for (at, node) in inits.take(MAX_INIT_PLANS) {
        let names = names_of_init_plan(node.word("Subplan Name").unwrap_or_default());
        let mentions: Vec<usize> = plan
            .nodes
            .iter()
            .enumerate()
            .filter(|(other, _)| node.parent.is_some_and(|parent| subtree(ends, parent).contains(other)))
            .filter(|(other, _)| !subtree(ends, at).contains(other))
            .filter(|(_, other)| other.number("Actual Loops") != Some(0.0))
            .filter(|(_, other)| {
                other.properties.iter().any(|(name, value)| name != "Subplan Name" && mentions(value, &names))
            })
            .map(|(other, _)| other)
            .collect();
        // A Gather evaluates what its workers need; else the first that mentions it, downwards from where it hangs.
        let gather = mentions.iter().find(|other| {
            plan.nodes.get(**other).is_some_and(|other| other.properties.contains_key("Params Evaluated"))
        });
        users.push((at, gather.or_else(|| mentions.first()).copied()));
    }
    users
}

// `InitPlan 2 (returns $1,$2)` is asked for as `$1`, `$2`; since version 17 as `(InitPlan 2).col1`.
fn names_of_init_plan(name: &str) -> Vec<String> {
    match name.split_once("(returns ") {
        Some((_, returned)) => returned
            .trim_end_matches(')')
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
        None if name.is_empty() => Vec::new(),
        None => vec![name.trim().to_owned()],
    }
}

fn mentions(value: &Value, names: &[String]) -> bool {
    match value {
        Value::String(text) => names.iter().any(|name| {
            text.match_indices(name.as_str()).any(|(at, _)| {
                let next = text.get(at + name.len()..).and_then(|rest| rest.chars().next());
                next.is_none_or(|next| !next.is_ascii_digit())
            })
        }),
        Value::Array(items) => items.iter().any(|item| matches!(item, Value::String(_)) && mentions(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn exclusive_times(
    plan: &Plan,
    children: &[Vec<usize>],
    ends: &[usize],
    users: &[(usize, Option<usize>)],
    measures: &mut [Measures],
) {
    let total = |measures: &[Measures], at: usize| measures.get(at).and_then(|measure| measure.total_ms);
    for at in 0..plan.nodes.len() {
        let Some(own) = total(measures, at) else { continue };
        let relation = |child: usize| plan.nodes.get(child).map(|node| node.relation);
        let within = children
            .get(at)
            .into_iter()
            .flatten()
            .filter(|child| matches!(relation(**child), Some(Relation::Input | Relation::SubPlan)));
        let below: f64 = within.filter_map(|child| total(measures, *child)).sum();
        if let Some(measure) = measures.get_mut(at) {
            measure.exclusive_ms = Some((own - below).max(0.0));
        }
    }
    for (cte, scans) in scans_of_ctes(plan) {
        if let Some(time) = total(measures, cte).filter(|time| *time > 0.0) {
            // What the end of parallel work below a CTE takes is within the node that it hangs on.
            let rest = take(time, &scans, measures);
            take(rest, &plan.nodes.get(cte).and_then(|node| node.parent).into_iter().collect::<Vec<_>>(), measures);
        }
    }
    for (init, user) in users {
        let Some(time) = total(measures, *init).filter(|time| *time > 0.0) else { continue };
        let spare = |at: usize| measures.get(at).and_then(|measure| measure.exclusive_ms).unwrap_or(0.0);
        let above = plan.nodes.get(*init).and_then(|node| node.parent);
        let candidates = (0..plan.nodes.len()).filter(|at| {
            above.is_some_and(|above| subtree(ends, above).contains(at)) && !subtree(ends, *init).contains(at)
        });
        let payer = user.filter(|user| spare(*user) >= time * 0.9).or_else(|| {
            // Output lists are not printed without VERBOSE, so the user may be unseen: the first that has the time.
            let mut candidates: Vec<usize> = candidates.collect();
            candidates.sort_by(|left, right| {
                let enough = |at: usize| spare(at) < time * 0.9;
                enough(*left).cmp(&enough(*right)).then_with(|| spare(*left).total_cmp(&spare(*right)).reverse())
            });
            let exact = above.filter(|above| spare(*above) >= time * 0.9);
            exact.or_else(|| candidates.first().copied())
        });
        let rest = take(time, &payer.into_iter().collect::<Vec<_>>(), measures);
        take(rest, &above.into_iter().collect::<Vec<_>>(), measures);
    }
    if plan.dialect == Dialect::MySql {
        for (node, measure) in plan.nodes.iter().zip(measures.iter_mut()) {
            if let Some(own) = node.number("Own Time") {
                measure.exclusive_ms = Some(own);
            }
        }
    }
}

// Each CTE with its scans: a scan reads the one of that name that hangs nearest above it.
fn scans_of_ctes(plan: &Plan) -> BTreeMap<usize, Vec<usize>> {
    let mut hanging: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (at, node) in plan.nodes.iter().enumerate().filter(|(_, node)| node.relation == Relation::Cte) {
        let name = node.word("Subplan Name").and_then(|name| name.strip_prefix("CTE "));
        if let (Some(parent), Some(name)) = (node.parent, name) {
            hanging.insert((parent, name), at);
        }
    }
    let mut scans: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, node) in plan.nodes.iter().enumerate() {
        let Some(name) = node.word("CTE Name") else { continue };
        if let Some(cte) = plan.path(at).find_map(|above| hanging.get(&(above, name))) {
            scans.entry(*cte).or_default().push(at);
        }
    }
    scans
}

// Takes a time from nodes in proportion to what they have; gives what they lack.
fn take(time: f64, from: &[usize], measures: &mut [Measures]) -> f64 {
    let spare: f64 = from.iter().filter_map(|at| measures.get(*at)?.exclusive_ms).sum();
    if spare <= 0.0 || time <= 0.0 {
        return time.max(0.0);
    }
    let left = (1.0 - time / spare).max(0.0);
    for at in from {
        if let Some(exclusive) = measures.get_mut(*at).and_then(|measure| measure.exclusive_ms.as_mut()) {
            *exclusive *= left;
        }
    }
    (time - spare).max(0.0)
}

fn exclusive_costs(plan: &Plan, children: &[Vec<usize>], measures: &mut [Measures]) {
    for (at, node) in plan.nodes.iter().enumerate() {
        let own = match (node.number("Own Cost"), node.number("Total Cost")) {
            (Some(own), _) => Some(own),
            (None, Some(total)) if plan.costs_nest => {
                let inner = children.get(at).into_iter().flatten().filter_map(|child| plan.nodes.get(*child));
                let below: f64 = inner
                    .filter(|child| child.relation != Relation::Cte)
                    .filter_map(|child| child.number("Total Cost"))
                    .sum();
                Some((total - below).max(0.0))
            }
            (None, _) => None,
        };
        if let Some(measure) = measures.get_mut(at) {
            measure.exclusive_cost = own;
        }
    }
}

const SCOPES: &[&str] = &["", "Shared ", "Local ", "Temp "];

fn io(plan: &Plan, at: usize, children: &[Vec<usize>]) -> Option<Io> {
    let node = plan.nodes.get(at)?;
    let timed = SCOPES.iter().any(|scope| node.properties.contains_key(&format!("{scope}I/O Read Time")));
    timed.then(|| {
        let inner: Vec<Io> = children
            .get(at)
            .into_iter()
            .flatten()
            .filter_map(|child| plan.nodes.get(*child))
            .filter(|child| matches!(child.relation, Relation::Input | Relation::SubPlan))
            .map(|child| with_below(&child.properties))
            .collect();
        let own = with_below(&node.properties);
        let less = |of: fn(&Io) -> f64| (of(&own) - inner.iter().map(of).sum::<f64>()).max(0.0);
        Io {
            read_ms: less(|io| io.read_ms),
            write_ms: less(|io| io.write_ms),
            read_blocks: less(|io| io.read_blocks),
            written_blocks: less(|io| io.written_blocks),
        }
    })
}

/// I/O of a node or section with everything below.
pub(super) fn with_below(properties: &Properties) -> Io {
    let sum = |scopes: &[&str], name: &str| -> f64 {
        scopes.iter().filter_map(|scope| number(properties.get(&format!("{scope}{name}"))?)).sum()
    };
    Io {
        read_ms: sum(SCOPES, "I/O Read Time"),
        write_ms: sum(SCOPES, "I/O Write Time"),
        read_blocks: sum(SCOPES, "Read Blocks"),
        written_blocks: sum(SCOPES, "Written Blocks"),
    }
}

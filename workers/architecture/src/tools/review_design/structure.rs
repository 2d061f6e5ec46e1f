//! Form alone: cycles, layers, zones, coupling, single points of failure, blast radius.

use super::data::{Cycle, Edge, Feedback, Matrix, rounded};
use super::design::{Component, Design, Kind, Mode, Note, Span, place};
use super::rules;
use crate::support::graph::{Dominators, FeedbackSet, Graph};
use octavo_toolkit::Level;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Members of a cycle, and steps of a path, that are listed.
pub(super) const MAX_LISTED: usize = 50;
/// Feedback edges that are listed.
const MAX_LISTED_EDGES: usize = 100;
/// Components of a dependency matrix; a larger one is not readable as text.
const MAX_MATRIX: usize = 40;
/// Dependants, as a share of the others, from which a failure counts as wide.
const WIDE_SHARE: f64 = 0.5;
/// Components from which shares say something.
const LEAST_FOR_SHARES: usize = 6;
/// Distance from the main sequence that is reported: Martin names no number, and this leaves the corners of the square.
const FAR_FROM_SEQUENCE: f64 = 0.7;

/// Which nodes lie together, where edges stand, and the names to tell it with.
pub(super) struct View<'a> {
    pub(super) graph: &'a Graph,
    pub(super) nodes: &'a [Component],
    pub(super) places: &'a BTreeMap<(usize, usize), Span>,
    pub(super) layers: &'a [String],
    pub(super) is_closed: bool,
}

/// How a node is coupled with the others.
pub(super) struct Coupling {
    pub(super) afferent: usize,
    pub(super) efferent: usize,
    pub(super) instability: Option<f64>,
    pub(super) abstractness: Option<f64>,
    pub(super) distance: Option<f64>,
}

pub(super) fn name(nodes: &[Component], at: usize) -> String {
    nodes.get(at).map_or_else(String::new, |node| node.id.clone())
}

/// Reports cycles; the edges whose removal breaks them all.
pub(super) fn cycles(view: &View<'_>, notes: &mut Vec<Note>) -> (Vec<Cycle>, Option<Feedback>, FeedbackSet) {
    let groups = view.graph.cycles();
    let set = view.graph.feedback_set();
    let named = |nodes: &[usize]| nodes.iter().take(MAX_LISTED).map(|at| name(view.nodes, *at)).collect::<Vec<_>>();
    let mut group_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, group) in groups.iter().enumerate() {
        group_of.extend(group.iter().map(|node| (*node, number)));
    }
    let mut cuts: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for &(from, to) in &set.edges {
        if let Some(group) = group_of.get(&from) {
            cuts.entry(*group).or_default().push((from, to));
        }
    }
    let mut cycles = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let example = view.graph.cycle_in(group);
        let cut = cuts.get(&number).map_or(&[][..], Vec::as_slice);
        let round: Vec<String> =
            example.iter().chain(example.first()).take(8).map(|at| name(view.nodes, *at)).collect();
        let round = if example.len() >= 8 { format!("{} -> \u{2026}", round.join(" -> ")) } else { round.join(" -> ") };
        let first_cuts: Vec<String> = cut
            .iter()
            .take(5)
            .map(|(from, to)| format!("{} -> {}", name(view.nodes, *from), name(view.nodes, *to)))
            .collect();
        let more = if cut.len() > 5 { format!(" and {} more", cut.len() - 5) } else { String::new() };
        let message = if group.len() == 1 {
            format!("{} depends on itself", name(view.nodes, group.first().copied().unwrap_or_default()))
        } else {
            format!(
                "{} parts depend on each other, as in {round}; without {}{more} they would not",
                group.len(),
                first_cuts.join(", ")
            )
        };
        let at = cut.first().and_then(|edge| view.places.get(edge)).copied();
        notes.push(place(Note::new(&rules::NO_CIRCULAR, message), at));
        cycles.push(Cycle { members: named(group), size: group.len(), example: named(&example) });
    }
    let feedback = (!set.edges.is_empty()).then(|| Feedback {
        edges: set
            .edges
            .iter()
            .take(MAX_LISTED_EDGES)
            .map(|(from, to)| Edge { from: name(view.nodes, *from), to: name(view.nodes, *to) })
            .collect(),
        count: set.edges.len(),
        links: set.edges.iter().map(|(from, to)| view.graph.weight(*from, *to)).sum(),
        method: if set.is_minimum { "exact" } else { "greedy" },
    });
    (cycles, feedback, set)
}

/// Reports links that climb, or skip, the declared layers.
pub(super) fn layers(view: &View<'_>, notes: &mut Vec<Note>) {
    if view.layers.is_empty() {
        return;
    }
    let layer = |at: usize| view.nodes.get(at).and_then(|node| node.layer);
    let called = |at: usize| view.layers.get(at).map_or("", String::as_str);
    for ((from, to), _) in view.graph.edges() {
        let (Some(upper), Some(lower)) = (layer(from), layer(to)) else { continue };
        let at = view.places.get(&(from, to)).copied();
        let ends = format!("{} -> {}", name(view.nodes, from), name(view.nodes, to));
        if upper > lower {
            let message = format!("{ends} leads from layer \"{}\" up to \"{}\"", called(upper), called(lower));
            notes.push(place(Note::new(&rules::LAYER_VIOLATION, message), at));
        } else if view.is_closed && lower > upper + 1 {
            let message = format!(
                "{ends} leads from layer \"{}\" to \"{}\" past closed layers between",
                called(upper),
                called(lower)
            );
            notes.push(place(Note::new(&rules::LAYER_SKIP, message), at));
        }
    }
}

/// Reports links that lead from a zone past one in between.
pub(super) fn zones(design: &Design, notes: &mut Vec<Note>) {
    let called = |at: usize| design.zones.get(at).map_or("", String::as_str);
    for link in &design.links {
        let zone = |at: usize| design.components.get(at).and_then(|component| component.zone);
        let (Some(outer), Some(inner)) = (zone(link.from), zone(link.to)) else { continue };
        if inner > outer + 1 {
            let message = format!(
                "{} -> {} leads from zone \"{}\" straight to \"{}\", past \"{}\"",
                name(&design.components, link.from),
                name(&design.components, link.to),
                called(outer),
                called(inner),
                called(outer + 1)
            );
            notes.push(place(Note::new(&rules::ZONE_SKIP, message), link.at));
        }
    }
}

/// Martin's metrics of a node.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) fn coupling(graph: &Graph, nodes: &[Component], at: usize) -> Coupling {
    let others = |list: &[usize]| list.iter().filter(|other| **other != at).count();
    let (afferent, efferent) = (others(graph.predecessors(at)), others(graph.successors(at)));
    let instability = (afferent + efferent > 0).then(|| efferent as f64 / (afferent + efferent) as f64);
    let abstractness = nodes.get(at).and_then(|node| {
        let types = node.types.filter(|types| *types > 0.0)?;
        Some(node.abstract_types.unwrap_or(0.0) / types)
    });
    let distance = instability.zip(abstractness).map(|(i, a)| (a + i - 1.0).abs());
    Coupling { afferent, efferent, instability, abstractness, distance }
}

/// Reports nodes far from the main sequence.
pub(super) fn main_sequence(view: &View<'_>, notes: &mut Vec<Note>) {
    for at in 0..view.graph.len() {
        let coupling = coupling(view.graph, view.nodes, at);
        let (Some(instability), Some(abstractness), Some(distance)) =
            (coupling.instability, coupling.abstractness, coupling.distance)
        else {
            continue;
        };
        if distance > FAR_FROM_SEQUENCE {
            let zone = if abstractness + instability < 1.0 {
                "concrete and much depended on, so that it is hard to change"
            } else {
                "abstract and hardly depended on, so that it may be of no use"
            };
            let message = format!(
                "{} is {zone}: instability {:.2}, abstractness {:.2}, distance {:.2}",
                name(view.nodes, at),
                instability,
                abstractness,
                distance
            );
            notes.push(place(Note::new(&rules::MAIN_SEQUENCE, message), view.nodes.get(at).and_then(|node| node.at)));
        }
    }
}

/// Reports edges that lead to what changes more easily than their start.
pub(super) fn stable_dependencies(view: &View<'_>, notes: &mut Vec<Note>) {
    let instability: Vec<Option<f64>> =
        (0..view.graph.len()).map(|at| coupling(view.graph, view.nodes, at).instability).collect();
    let of = |at: usize| instability.get(at).copied().flatten();
    for ((from, to), _) in view.graph.edges() {
        if let (Some(start), Some(end)) = (of(from), of(to))
            && from != to
            && end > start
        {
            let message = format!(
                "{} (instability {start:.2}) depends on {} ({end:.2}), which changes more easily",
                name(view.nodes, from),
                name(view.nodes, to)
            );
            notes.push(place(Note::new(&rules::STABLE_DEPENDENCIES, message), view.places.get(&(from, to)).copied()));
        }
    }
}

/// The matrix of a small graph.
pub(super) fn matrix(view: &View<'_>, set: &FeedbackSet, people: &BTreeSet<usize>) -> Option<Matrix> {
    let mut order: Vec<usize> = set.order.iter().copied().filter(|at| !people.contains(at)).collect();
    if order.is_empty() || order.len() > MAX_MATRIX {
        return None;
    }
    if !view.layers.is_empty() {
        order.sort_by_key(|at| view.nodes.get(*at).and_then(|node| node.layer).unwrap_or(usize::MAX));
    }
    let mut below_diagonal = 0;
    let rows = order
        .iter()
        .enumerate()
        .map(|(row, from)| {
            let mark = |(column, to): (usize, &usize)| match (row == column, view.graph.weight(*from, *to)) {
                (true, _) => '\\',
                (false, 0) => '.',
                (false, links) => {
                    below_diagonal += usize::from(column < row);
                    char::from_digit(links.min(9), 10).unwrap_or('9')
                }
            };
            order.iter().enumerate().map(mark).collect()
        })
        .collect();
    Some(Matrix { order: order.iter().map(|at| name(view.nodes, *at)).collect(), rows, below_diagonal })
}

/// What failures do.
pub(super) struct Failure {
    pub(super) pieces: Vec<usize>,
    pub(super) dominators: Dominators,
    pub(super) dependants: Vec<usize>,
    pub(super) hard_dependants: Vec<usize>,
}

/// Reports single points of failure and wide blast radii.
pub(super) fn failures(
    design: &Design,
    graph: &Graph,
    hard: &Graph,
    people: &BTreeSet<usize>,
    notes: &mut Vec<Note>,
) -> Failure {
    let failure = Failure {
        pieces: graph.pieces_without(),
        dominators: graph.dominators(&design.entries),
        dependants: graph.dependants(),
        hard_dependants: hard.dependants(),
    };
    let needed_by = needed_by(design, hard);
    let others = design.components.len().saturating_sub(people.len()).saturating_sub(1);
    for (at, component) in design.components.iter().enumerate() {
        if component.kind == Kind::Person {
            continue;
        }
        let pieces = failure.pieces.get(at).copied().unwrap_or(0);
        let dominates = failure.dominators.dominated.get(at).copied().unwrap_or(0);
        let mut reasons = Vec::new();
        if let Some(entry) = needed_by.get(at).copied().flatten() {
            let entry_name = name(&design.components, entry);
            reasons.push(if entry == at {
                "requests come in here".to_owned()
            } else {
                format!("every request to {entry_name} waits for it")
            });
        }
        if dominates > 0 {
            reasons.push(format!("{} reached through it only", count(dominates, "component is", "components are")));
        }
        if pieces > 1 {
            reasons.push(format!("without it the design falls into {pieces} pieces"));
        }
        let is_structural = dominates > 0 || pieces > 1;
        let level = match component.spare() {
            Some(0) if !reasons.is_empty() => Some(Level::Warning),
            None if is_structural => Some(Level::Info),
            Some(_) | None => None,
        };
        if let Some(level) = level {
            let spare = match component.replicas {
                Some(1) => "has one replica".to_owned(),
                Some(replicas) => format!("needs all of its {replicas} replicas"),
                None => "has no stated replicas".to_owned(),
            };
            let message = format!("{} {spare} and is a single point of failure: {}", component.id, reasons.join("; "));
            notes.push(place(Note::new(&rules::SINGLE_POINT_OF_FAILURE, message).with_level(level), component.at));
        }
        let dependants = failure.hard_dependants.get(at).copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let share = dependants as f64 / others.max(1) as f64;
        if others + 1 >= LEAST_FOR_SHARES && share >= WIDE_SHARE {
            let message = format!(
                "a failure of {} reaches {dependants} of {others} other components over calls that wait",
                component.id
            );
            notes.push(place(Note::new(&rules::WIDE_BLAST_RADIUS, message), component.at));
        }
    }
    failure
}

/// Reports components without any link.
pub(super) fn orphans(design: &Design, graph: &Graph, is_inspected: bool, notes: &mut Vec<Note>) {
    for (at, component) in design.components.iter().enumerate() {
        let is_alone = graph.successors(at).is_empty() && graph.predecessors(at).is_empty();
        // Structurizr's inspection of disconnected elements says the same of its models.
        if component.kind != Kind::Person && is_alone && !is_inspected && design.components.len() > 1 {
            notes.push(place(
                Note::new(&rules::NO_ORPHANS, format!("{} has no link at all", component.id)),
                component.at,
            ));
        }
    }
}

// For every component, one entry point whose every request needs it.
fn needed_by(design: &Design, hard: &Graph) -> Vec<Option<usize>> {
    let mut needed = vec![None; design.components.len()];
    for &entry in &design.entries {
        let mut stack = vec![entry];
        while let Some(at) = stack.pop() {
            if let Some(slot) = needed.get_mut(at)
                && slot.is_none()
            {
                *slot = Some(entry);
                stack.extend_from_slice(hard.successors(at));
            }
        }
    }
    needed
}

/// The links between components, people left out, and among them those a request cannot do without.
pub(super) fn graphs(design: &Design) -> (Graph, Graph, BTreeSet<usize>) {
    let people: BTreeSet<usize> = design
        .components
        .iter()
        .enumerate()
        .filter(|(_, component)| component.kind == Kind::Person)
        .map(|(at, _)| at)
        .collect();
    let between = |from: usize, to: usize| !people.contains(&from) && !people.contains(&to);
    let count = design.components.len();
    let all = design.links.iter().filter(|link| between(link.from, link.to));
    let graph = Graph::new(count, all.clone().map(|link| (link.from, link.to)));
    let needs = all.filter(|link| link.is_waited_for() && !link.is_optional && link.alternative.is_none());
    let hard = Graph::new(count, needs.map(|link| (link.from, link.to)));
    (graph, hard, people)
}

/// Where requests come in when the design does not say: what people use, else what nothing calls.
pub(super) fn default_entries(design: &Design, graph: &Graph, people: &BTreeSet<usize>) -> Vec<usize> {
    let used: BTreeSet<usize> = design
        .links
        .iter()
        .filter(|link| people.contains(&link.from) && !people.contains(&link.to))
        .map(|link| link.to)
        .collect();
    if !used.is_empty() {
        return used.into_iter().collect();
    }
    let is_start =
        |at: &usize| graph.predecessors(*at).iter().all(|other| other == at) && !graph.successors(*at).is_empty();
    (0..graph.len()).filter(|at| !people.contains(at)).filter(is_start).collect()
}

/// Reports cycles of calls that wait for each other and that an entry point reaches: such a request may never end.
pub(super) fn waiting_cycles(design: &Design, waits: &Graph, notes: &mut Vec<Note>) {
    let reached = waits.reached_from(design.entries.iter().copied());
    for group in waits.cycles() {
        // Where no entry point is known, any ring may be entered.
        let is_reached = group.first().and_then(|at| reached.get(*at)) == Some(&true);
        if !is_reached && !design.entries.is_empty() {
            continue;
        }
        let example = waits.cycle_in(&group);
        let round: Vec<String> =
            example.iter().chain(example.first()).take(8).map(|at| name(&design.components, *at)).collect();
        let message = format!(
            "calls wait for each other in a ring ({}{}); a request has no bound on its time and threads can run out",
            round.join(" -> "),
            if example.len() >= 8 { " -> \u{2026}" } else { "" }
        );
        let at = design
            .links
            .iter()
            .find(|link| {
                link.mode == Mode::Sync
                    && Some(&link.from) == example.first()
                    && example.get(1).or(example.first()) == Some(&link.to)
            })
            .and_then(|link| link.at);
        notes.push(place(Note::new(&rules::SYNCHRONOUS_CYCLE, message), at));
    }
}

pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

pub(super) fn optional(number: Option<f64>) -> Option<f64> {
    number.map(rounded)
}

/// A name in a message, short.
pub(super) fn short(text: &str) -> String {
    excerpt(text)
}

//! Objectives: availability of what a request needs, and the time its longest chain of calls takes.

use super::data::{Outcome, rounded};
use super::design::{Component, Course, Design, Link, Note, Slo, place};
use super::figures::k_of_n;
use super::load::{Load, shown};
use super::rules;
use super::structure::{MAX_LISTED, name, optional, short};
use crate::support::graph::Graph;
use octavo_toolkit::Level;
use std::collections::{BTreeMap, BTreeSet};

/// Most components and links below alternatives: the depth of the decision diagram.
const MAX_ALTERNATIVE_PARTS: usize = 64;
/// Most nodes of a decision diagram; beyond it, availability is not computed.
const MAX_DIAGRAM_NODES: usize = 10_000;
/// Minutes of a year of 365.25 days.
const MINUTES_PER_YEAR: f64 = 525_960.0;
/// What the arithmetic may be off by.
const TOLERANCE: f64 = 1e-12;

/// Times over chains of waiting calls, for every component.
pub(super) struct Times {
    // None where a ring or an overloaded queue makes it endless.
    longest: Vec<Option<f64>>,
    sequential: Vec<Option<f64>>,
    next: Vec<Option<usize>>,
}

/// Sums own time, queue wait and calls, callees first. O(V + E).
pub(super) fn times(design: &Design, load: &Load, waits: &Graph) -> Times {
    let count = design.components.len();
    let mut by_start: Vec<Vec<&Link>> = vec![Vec::new(); count];
    for link in design.links.iter().filter(|link| link.is_waited_for()) {
        if let Some(list) = by_start.get_mut(link.from) {
            list.push(link);
        }
    }
    let mut times = Times { longest: vec![None; count], sequential: vec![None; count], next: vec![None; count] };
    for group in waits.strong_components() {
        let [at] = group.as_slice() else { continue };
        if waits.weight(*at, *at) > 0 {
            continue;
        }
        let own = own_time(design, load, *at);
        let links = by_start.get(*at).map_or(&[][..], Vec::as_slice);
        let (mut longest, mut sequential, mut next) = (own, own, None);
        let mut slowest: Option<f64> = Some(0.0);
        for link in links {
            let step = link.latency_ms.unwrap_or(0.0);
            let below = times.longest.get(link.to).copied().flatten();
            let time = below.map(|below| link.calls.max(1.0) * (step + below));
            // An endless call is the slowest of all; the first of equals stands for them.
            let is_slower = match (slowest, time) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(known), Some(time)) => time > known || next.is_none(),
            };
            if is_slower {
                slowest = time;
                next = Some(link.to);
            }
            let after = times.sequential.get(link.to).copied().flatten();
            sequential = sequential.zip(after).map(|(sum, after)| sum + link.calls.max(1.0) * (step + after));
        }
        longest = longest.zip(slowest).map(|(own, slowest)| own + slowest);
        set(&mut times.longest, *at, longest.filter(|time| time.is_finite()));
        set(&mut times.sequential, *at, sequential.filter(|time| time.is_finite()));
        set(&mut times.next, *at, next);
    }
    times
}

/// Judges every objective.
pub(super) fn judge(design: &Design, load: &Load, times: &Times, notes: &mut Vec<Note>) -> Vec<Outcome> {
    let mut from: BTreeMap<usize, Vec<&Link>> = BTreeMap::new();
    for link in design.links.iter().filter(|link| link.is_waited_for() && !link.is_optional) {
        from.entry(link.from).or_default().push(link);
    }
    let downs: Vec<f64> = design.components.iter().map(down).collect();
    let known = Known { design, load, times, from, downs };
    design.slos.iter().map(|slo| outcome(&known, slo, notes)).collect()
}

// What every objective is judged with.
struct Known<'a> {
    design: &'a Design,
    load: &'a Load,
    times: &'a Times,
    // Links that a request cannot do without, by their start.
    from: BTreeMap<usize, Vec<&'a Link>>,
    // Probability that a component, all its replicas together, is down.
    downs: Vec<f64>,
}

impl Known<'_> {
    fn down(&self, at: usize) -> f64 {
        self.downs.get(at).copied().unwrap_or(0.0)
    }

    fn links_from(&self, at: usize) -> &[&Link] {
        self.from.get(&at).map_or(&[], Vec::as_slice)
    }
}

fn outcome(known: &Known<'_>, slo: &Slo, notes: &mut Vec<Note>) -> Outcome {
    let Known { design, load, times, .. } = *known;
    let (needs, path, longest, sequential) = match &slo.course {
        Course::Entry(entry) => {
            let mut path = vec![*entry];
            while let Some(next) = path.last().and_then(|at| times.next.get(*at)).copied().flatten() {
                if path.len() > design.components.len() {
                    break;
                }
                path.push(next);
            }
            let longest = times.longest.get(*entry).copied().flatten();
            let sequential = times.sequential.get(*entry).copied().flatten();
            (needs_of(known, *entry), path, longest, sequential)
        }
        Course::Path(path) => {
            let time = time_along(design, load, path);
            (Ok(along(known, path)), path.clone(), time, time)
        }
    };
    let mut outcome = Outcome {
        name: slo.name.clone(),
        availability: None,
        downtime_minutes_per_year: None,
        availability_target: optional(slo.availability),
        latency_ms: optional(longest),
        sequential_ms: optional(sequential),
        latency_target_ms: optional(slo.latency_ms),
        path: path.iter().take(MAX_LISTED).map(|at| name(&design.components, *at)).collect(),
        assumed_available: Vec::new(),
        assumed_instant: path
            .iter()
            .filter(|at| design.components.get(**at).is_some_and(|c| c.latency_ms.or(c.service_ms).is_none()))
            .take(MAX_LISTED)
            .map(|at| name(&design.components, *at))
            .collect(),
    };
    match needs {
        Ok(needs) => {
            let (up, down) = needs.availability();
            if slo.availability.is_some() || needs.is_known() {
                outcome.availability = Some(rounded(up));
                outcome.downtime_minutes_per_year = Some(rounded(down * MINUTES_PER_YEAR));
            }
            outcome.assumed_available =
                needs.assumed.iter().take(MAX_LISTED).map(|at| name(&design.components, *at)).collect();
            if let Some(target) = slo.availability
                && up < target - TOLERANCE
            {
                let message = format!(
                    "objective {}: availability {} is below {}, {} minutes a year instead of {}{}",
                    short(&slo.name),
                    percent(up),
                    percent(target),
                    shown(down * MINUTES_PER_YEAR),
                    shown((1.0 - target) * MINUTES_PER_YEAR),
                    needs.weakest(design)
                );
                notes.push(place(Note::new(&rules::AVAILABILITY_SLO, message), slo.at));
            }
        }
        Err(reason) => {
            let message = format!("objective {}: availability is not computed: {reason}", short(&slo.name));
            notes.push(place(Note::new(&rules::MISSING_FIGURES, message), slo.at));
        }
    }
    if let Some(target) = slo.latency_ms {
        judge_latency(&outcome, slo, target, longest, sequential, notes);
    } else if longest.is_some_and(|time| time <= 0.0) {
        outcome.latency_ms = None;
        outcome.sequential_ms = None;
        outcome.assumed_instant = Vec::new();
    }
    missing(&outcome, slo, notes);
    outcome
}

fn judge_latency(
    outcome: &Outcome,
    slo: &Slo,
    target: f64,
    longest: Option<f64>,
    sequential: Option<f64>,
    notes: &mut Vec<Note>,
) {
    let path = outcome.path.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(" -> ");
    let title = short(&slo.name);
    let slack = target * TOLERANCE;
    match (longest, sequential) {
        (None, _) => {
            let message = format!(
                "objective {title}: the time has no bound, for calls wait in a ring or at an overloaded queue along {path}"
            );
            notes.push(place(Note::new(&rules::LATENCY_SLO, message), slo.at));
        }
        (Some(longest), _) if longest > target + slack => {
            let message = format!(
                "objective {title}: {} ms along {path} are over the budget of {} ms",
                shown(longest),
                shown(target)
            );
            notes.push(place(Note::new(&rules::LATENCY_SLO, message), slo.at));
        }
        (Some(longest), Some(sequential)) if sequential > target + slack => {
            let message = format!(
                "objective {title}: {} ms along {path} fit the budget of {} ms only if calls run side by side; one after the other they take {} ms",
                shown(longest),
                shown(target),
                shown(sequential)
            );
            notes.push(place(Note::new(&rules::LATENCY_SLO, message).with_level(Level::Warning), slo.at));
        }
        (Some(_), _) => {}
    }
}

fn missing(outcome: &Outcome, slo: &Slo, notes: &mut Vec<Note>) {
    let lists = [
        (slo.availability.is_some(), &outcome.assumed_available, "availability of", "1"),
        (slo.latency_ms.is_some(), &outcome.assumed_instant, "latency of", "0 ms"),
    ];
    for (is_asked, ids, what, assumed) in lists {
        if is_asked && !ids.is_empty() {
            let list = ids.iter().take(6).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if ids.len() > 6 { ", \u{2026}" } else { "" };
            let message =
                format!("objective {}: the {what} {list}{more} is not given and counts as {assumed}", short(&slo.name));
            notes.push(place(Note::new(&rules::MISSING_FIGURES, message), slo.at));
        }
    }
}

fn percent(fraction: f64) -> String {
    format!("{} %", format!("{:.6}", fraction * 100.0).trim_end_matches('0').trim_end_matches('.'))
}

fn own_time(design: &Design, load: &Load, at: usize) -> Option<f64> {
    let component = design.components.get(at)?;
    let own = component.latency_ms.or(component.service_ms).unwrap_or(0.0);
    match load.queues.get(at).copied().flatten() {
        Some(queue) => queue.wait_ms.map(|wait| own + wait),
        None => Some(own),
    }
}

fn time_along(design: &Design, load: &Load, path: &[usize]) -> Option<f64> {
    let mut time: Option<f64> = None;
    for (number, at) in path.iter().enumerate().rev() {
        let below = match (path.get(number + 1), time) {
            (None, _) => Some(0.0),
            (Some(next), Some(below)) => link_between(design, *at, *next)
                .map(|link| link.calls.max(1.0) * (link.latency_ms.unwrap_or(0.0) + below)),
            (Some(_), None) => None,
        };
        time = own_time(design, load, *at).zip(below).map(|(own, below)| own + below);
        time?;
    }
    time.filter(|time| time.is_finite())
}

fn link_between(design: &Design, from: usize, to: usize) -> Option<&Link> {
    design.links.iter().find(|link| link.from == from && link.to == to)
}

/// What a request needs: parts in series, and the probability that all alternatives fail although those work.
struct Needs {
    // (component, probability that it is down), links without component.
    series: Vec<(Option<usize>, f64)>,
    alternatives_fail: f64,
    assumed: Vec<usize>,
}

impl Needs {
    fn availability(&self) -> (f64, f64) {
        let parts = self.series.iter().map(|(_, down)| *down).chain([self.alternatives_fail]);
        let logarithm: f64 = parts.map(|down| (-down).ln_1p()).sum();
        (logarithm.exp(), -logarithm.exp_m1())
    }

    // Whether any availability is given at all.
    fn is_known(&self) -> bool {
        self.assumed.len() < self.series.iter().filter(|(at, _)| at.is_some()).count() || self.alternatives_fail > 0.0
    }

    // The components that fail most.
    fn weakest(&self, design: &Design) -> String {
        let mut parts: Vec<(usize, f64)> =
            self.series.iter().filter_map(|(at, down)| Some((at.as_ref().copied()?, *down))).collect();
        parts.retain(|(_, down)| *down > 0.0);
        parts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let list: Vec<String> = parts
            .iter()
            .take(3)
            .map(|(at, down)| format!("{} {}", name(&design.components, *at), percent(1.0 - down)))
            .collect();
        if list.is_empty() { String::new() } else { format!("; weakest: {}", list.join(", ")) }
    }
}

fn down(component: &Component) -> f64 {
    component.availability.map_or(0.0, |up| k_of_n(component.required_replicas, component.replicas.unwrap_or(1), up).1)
}

fn assumed(design: &Design, at: usize) -> bool {
    design.components.get(at).is_some_and(|component| component.availability.is_none())
}

fn along(known: &Known<'_>, path: &[usize]) -> Needs {
    let design = known.design;
    let mut series: Vec<(Option<usize>, f64)> = path.iter().map(|at| (Some(*at), known.down(*at))).collect();
    for (from, to) in path.iter().zip(path.iter().skip(1)) {
        let link = link_between(design, *from, *to).and_then(|link| link.availability);
        series.extend(link.map(|up| (None, 1.0 - up)));
    }
    Needs { series, alternatives_fail: 0.0, assumed: path.iter().copied().filter(|at| assumed(design, *at)).collect() }
}

// Everything reached over links without alternative is in series; what lies below alternatives goes into a decision
// diagram, which counts shared parts once.
fn needs_of(known: &Known<'_>, entry: usize) -> Result<Needs, String> {
    let design = known.design;
    let mut required = BTreeSet::from([entry]);
    let mut stack = vec![entry];
    let mut needs = Needs { series: Vec::new(), alternatives_fail: 0.0, assumed: Vec::new() };
    while let Some(at) = stack.pop() {
        for link in known.links_from(at).iter().filter(|link| link.alternative.is_none()) {
            needs.series.extend(link.availability.map(|up| (None, 1.0 - up)));
            if required.insert(link.to) {
                stack.push(link.to);
            }
        }
    }
    needs.series.extend(required.iter().map(|at| (Some(*at), known.down(*at))));
    needs.assumed.extend(required.iter().copied().filter(|at| assumed(design, *at)));
    let mut diagram = Diagram::new(known, &required);
    let mut all = Diagram::TRUE;
    for &at in &required {
        let some = diagram.alternatives(at)?;
        all = diagram.and(all, some)?;
    }
    needs.alternatives_fail = diagram.fails(all);
    needs.assumed.extend(diagram.works.keys().copied().filter(|at| assumed(design, *at)));
    needs.assumed.sort_unstable();
    Ok(needs)
}

/// A reduced ordered binary decision diagram over parts that are up or down (Bryant 1986).
struct Diagram<'a> {
    design: &'a Known<'a>,
    required: &'a BTreeSet<usize>,
    // (variable, when down, when up); children come before parents.
    nodes: Vec<(usize, usize, usize)>,
    made: BTreeMap<(usize, usize, usize), usize>,
    joined: BTreeMap<(bool, usize, usize), usize>,
    down: Vec<f64>,
    works: BTreeMap<usize, Option<usize>>,
}

impl<'a> Diagram<'a> {
    const FALSE: usize = 0;
    const TRUE: usize = 1;

    fn new(design: &'a Known<'a>, required: &'a BTreeSet<usize>) -> Self {
        let end = usize::MAX;
        Self {
            design,
            required,
            nodes: vec![(end, 0, 0), (end, 1, 1)],
            made: BTreeMap::new(),
            joined: BTreeMap::new(),
            down: Vec::new(),
            works: BTreeMap::new(),
        }
    }

    // Whether, for each group of alternatives at `at`, one works.
    fn alternatives(&mut self, at: usize) -> Result<usize, String> {
        let mut groups: BTreeMap<&str, Vec<&Link>> = BTreeMap::new();
        for link in self.design.links_from(at) {
            if let Some(group) = &link.alternative {
                groups.entry(group).or_default().push(link);
            }
        }
        let mut all = Self::TRUE;
        for links in groups.values() {
            let mut any = Self::FALSE;
            for link in links {
                let branch = self.over(link)?;
                any = self.or(any, branch)?;
            }
            all = self.and(all, any)?;
        }
        Ok(all)
    }

    fn over(&mut self, link: &Link) -> Result<usize, String> {
        let up = match link.availability.filter(|up| *up < 1.0) {
            Some(up) => self.variable(1.0 - up)?,
            None => Self::TRUE,
        };
        let end = self.component(link.to)?;
        self.and(up, end)
    }

    // Whether a component and all it needs work, given that what is required works. Recursion ends at
    // MAX_ALTERNATIVE_PARTS components.
    fn component(&mut self, at: usize) -> Result<usize, String> {
        if self.required.contains(&at) {
            return Ok(Self::TRUE);
        }
        match self.works.get(&at) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err("calls below an alternative go round in a ring".to_owned()),
            None => {}
        }
        if self.works.len() >= MAX_ALTERNATIVE_PARTS {
            return Err(format!("more than {MAX_ALTERNATIVE_PARTS} components lie below alternatives"));
        }
        self.works.insert(at, None);
        let mut all = self.variable(self.design.down(at))?;
        let links: Vec<&Link> = self.design.links_from(at).to_vec();
        for link in links.into_iter().filter(|link| link.alternative.is_none()) {
            let next = self.over(link)?;
            all = self.and(all, next)?;
        }
        let some = self.alternatives(at)?;
        all = self.and(all, some)?;
        self.works.insert(at, Some(all));
        Ok(all)
    }

    fn variable(&mut self, down: f64) -> Result<usize, String> {
        if self.down.len() >= 2 * MAX_ALTERNATIVE_PARTS {
            return Err(format!("more than {} components and links lie below alternatives", 2 * MAX_ALTERNATIVE_PARTS));
        }
        self.down.push(down);
        self.node(self.down.len() - 1, Self::FALSE, Self::TRUE)
    }

    fn node(&mut self, variable: usize, when_down: usize, when_up: usize) -> Result<usize, String> {
        if when_down == when_up {
            return Ok(when_up);
        }
        let node = (variable, when_down, when_up);
        if let Some(known) = self.made.get(&node) {
            return Ok(*known);
        }
        if self.nodes.len() >= MAX_DIAGRAM_NODES {
            return Err(format!("alternatives share so much that the diagram has over {MAX_DIAGRAM_NODES} nodes"));
        }
        self.nodes.push(node);
        self.made.insert(node, self.nodes.len() - 1);
        Ok(self.nodes.len() - 1)
    }

    fn and(&mut self, a: usize, b: usize) -> Result<usize, String> {
        self.join(true, a, b)
    }

    fn or(&mut self, a: usize, b: usize) -> Result<usize, String> {
        self.join(false, a, b)
    }

    // Recursion goes down one variable a step, of which there are at most 2 MAX_ALTERNATIVE_PARTS.
    fn join(&mut self, is_and: bool, a: usize, b: usize) -> Result<usize, String> {
        let (neutral, absorbing) = if is_and { (Self::TRUE, Self::FALSE) } else { (Self::FALSE, Self::TRUE) };
        if a == absorbing || b == absorbing {
            return Ok(absorbing);
        }
        if a == neutral || a == b {
            return Ok(b);
        }
        if b == neutral {
            return Ok(a);
        }
        let key = (is_and, a.min(b), a.max(b));
        if let Some(known) = self.joined.get(&key) {
            return Ok(*known);
        }
        let (Some(&(x, a_down, a_up)), Some(&(y, b_down, b_up))) = (self.nodes.get(a), self.nodes.get(b)) else {
            return Ok(absorbing);
        };
        let variable = x.min(y);
        let (a_down, a_up) = if x == variable { (a_down, a_up) } else { (a, a) };
        let (b_down, b_up) = if y == variable { (b_down, b_up) } else { (b, b) };
        let when_down = self.join(is_and, a_down, b_down)?;
        let when_up = self.join(is_and, a_up, b_up)?;
        let joined = self.node(variable, when_down, when_up)?;
        self.joined.insert(key, joined);
        Ok(joined)
    }

    // Sums of products of positive numbers only, so that a tiny probability keeps its digits.
    fn fails(&self, root: usize) -> f64 {
        let mut fails = vec![0.0; self.nodes.len()];
        set(&mut fails, Self::FALSE, 1.0);
        for (at, (variable, when_down, when_up)) in self.nodes.iter().enumerate().skip(2) {
            let of = |node: usize| fails.get(node).copied().unwrap_or(0.0);
            let down = self.down.get(*variable).copied().unwrap_or(0.0);
            let sum = down * of(*when_down) + (1.0 - down) * of(*when_up);
            set(&mut fails, at, sum);
        }
        fails.get(root).copied().unwrap_or(0.0)
    }
}

fn set<T>(values: &mut [T], index: usize, value: T) {
    if let Some(slot) = values.get_mut(index) {
        *slot = value;
    }
}

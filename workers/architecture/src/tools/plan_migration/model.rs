//! The model of a migration: the members of a design that say what moves where, by whom, and under what constraints.

use super::rules;
use crate::support::fields::{Bounds, Fields};
use crate::support::members::{self, Reading, id_of, shown};
use crate::support::notes::{Note, Span, place};
use octavo_toolkit::limits::excerpt;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Most components of one plan: the search for a schedule and the phases grow faster than the model.
pub(super) const MAX_COMPONENTS: usize = 500;
/// Most links between them.
pub(super) const MAX_LINKS: usize = 5_000;
/// Most teams.
pub(super) const MAX_TEAMS: usize = 20;
/// Most entries of `before`, and of `together`.
pub(super) const MAX_CONSTRAINTS: usize = 1_000;
/// Ticks of a day: efforts are counted in hundredths of a day, rounded up.
pub(super) const TICKS: f64 = 100.0;
/// Person-days of a move whose effort is not given.
pub(super) const DEFAULT_EFFORT: f64 = 5.0;

const EFFORT: Bounds = Bounds::new(0.0, 10_000.0, "person-days from 0 to 10000");
const DAY: Bounds = Bounds::new(0.0, 100_000.0, "a working day from 0 to 100000");
const PEOPLE: Bounds = Bounds::new(1.0, 1_000.0, "a whole number from 1 to 1000").whole();
const FRACTION: Bounds = Bounds::new(0.0, 1.0, "a fraction from 0 to 1, such as 0.1");
const CALLS: Bounds = Bounds::new(0.0, 10_000.0, "calls per request from 0 to 10000");
const COUNT: Bounds = Bounds::new(0.0, 10_000.0, "a whole number from 0 to 10000").whole();

const TOP_LEVEL: [&str; 9] =
    ["name", "components", "links", "teams", "before", "together", "services", "start", "limits"];
// Members that `review_design` reads from the same model.
const ELSEWHERE: [&str; 7] = ["entryPoints", "slos", "layers", "closedLayers", "zones", "modules", "moduleEdges"];
const KINDS: [&str; 10] =
    ["service", "component", "system", "database", "cache", "queue", "topic", "person", "user", "external"];

#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) id: String,
    pub(super) is_store: bool,
    /// People and systems of others: they never move.
    pub(super) is_outside: bool,
    /// What it is deployed with today.
    pub(super) group: Option<String>,
    pub(super) target: Option<String>,
    pub(super) stays: bool,
    /// Person-days.
    pub(super) effort: Option<f64>,
    pub(super) team: usize,
    pub(super) people: u32,
    pub(super) risk: f64,
    pub(super) not_before: f64,
    pub(super) deadline: Option<f64>,
    pub(super) at: Span,
}

#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Calls, rounded up, at least one.
    pub(super) weight: u32,
    pub(super) waits: bool,
    pub(super) at: Span,
}

#[derive(Debug, Clone)]
pub(super) struct Team {
    pub(super) id: String,
    pub(super) capacity: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Before {
    pub(super) first: usize,
    pub(super) then: usize,
    pub(super) lag: f64,
    pub(super) at: Span,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Bars {
    pub(super) phase_effort: Option<f64>,
    pub(super) phase_risk: Option<f64>,
    pub(super) facades: Option<u32>,
    pub(super) facade_effort: f64,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) title: String,
    pub(super) components: Vec<Component>,
    pub(super) links: Vec<Link>,
    pub(super) teams: Vec<Team>,
    pub(super) before: Vec<Before>,
    pub(super) together: Vec<Vec<usize>>,
    pub(super) services: Option<u32>,
    /// Days since 1970-01-01.
    pub(super) start: Option<i64>,
    pub(super) bars: Bars,
}

/// Reads a model; none when the text is no JSON object.
pub(super) fn read(source: &str, findings: &mut Vec<Note>) -> Option<Model> {
    let all = members::open(source, findings)?;
    let mut reader = Reader {
        text: Reading { source, findings, max_names: MAX_COMPONENTS },
        model: Model::default(),
        ids: BTreeMap::new(),
        teams: BTreeMap::new(),
    };
    let all = reader.text.members(&all, &TOP_LEVEL, &ELSEWHERE);
    reader.read(&all);
    Some(reader.model)
}

struct Reader<'a, 'f> {
    text: Reading<'a, 'f>,
    model: Model,
    ids: BTreeMap<String, usize>,
    teams: BTreeMap<String, usize>,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self, members: &BTreeMap<String, &'a RawValue>) {
        let member = |name: &str| members.get(name).copied();
        if let Some(value) = member("name") {
            self.model.title = self.text.string(value, "name").map(|name| excerpt(&name)).unwrap_or_default();
        }
        if let Some(value) = member("start")
            && let Some(text) = self.text.string(value, "start")
        {
            self.model.start = super::calendar::parse(&text);
            if self.model.start.is_none() {
                let message = "`start` is not acceptable; accepted: a date such as 2026-03-02".to_owned();
                self.text.report(&rules::MODEL_VALUE, value, message);
            }
        }
        for value in self.text.items(member("teams"), "teams", MAX_TEAMS) {
            self.team(value);
        }
        if self.model.teams.is_empty() {
            self.model.teams.push(Team { id: "team".to_owned(), capacity: 1 });
        }
        for value in self.text.items(member("components"), "components", MAX_COMPONENTS) {
            self.component(value);
        }
        for value in self.text.items(member("links"), "links", MAX_LINKS) {
            self.link(value);
        }
        for value in self.text.items(member("before"), "before", MAX_CONSTRAINTS) {
            self.before(value);
        }
        for value in self.text.items(member("together"), "together", MAX_CONSTRAINTS) {
            let mut group = Vec::new();
            for value in self.text.items(Some(value), "together", MAX_COMPONENTS) {
                let Some(id) = self.text.string(value, "together") else { continue };
                match self.ids.get(&id) {
                    Some(found) => group.push(*found),
                    None => self.text.report(
                        &rules::MODEL_VALUE,
                        value,
                        format!("`together` names `{}`, which is no component", excerpt(&id)),
                    ),
                }
            }
            self.model.together.push(group);
        }
        if let Some(value) = member("services") {
            let count = value.get().parse::<u32>().ok().filter(|count| (1..=100).contains(count));
            if count.is_none() {
                let message = "`services` is not acceptable; accepted: a whole number from 1 to 100".to_owned();
                self.text.report(&rules::MODEL_VALUE, value, message);
            }
            self.model.services = count;
        }
        if let Some(value) = member("limits") {
            self.bars(value);
        }
        self.text.finish(self.model.components.is_empty().then_some("the model has no components"));
    }

    fn bars(&mut self, value: &'a RawValue) {
        let Some(list) = self.text.fields(value, "limits") else { return };
        let mut findings = Vec::new();
        let at = self.text.range(value);
        let mut fields = Fields::of_json(list, "limits".to_owned(), Some(at), &mut findings);
        self.model.bars = Bars {
            phase_effort: fields.number("phaseEffort", EFFORT).filter(|effort| *effort > 0.0),
            phase_risk: fields.number("phaseRisk", FRACTION),
            facades: fields.whole("facades", COUNT),
            facade_effort: fields.number("facadeEffort", EFFORT).unwrap_or(0.0),
        };
        fields.finish();
        self.text.findings.extend(findings);
    }

    fn team(&mut self, value: &'a RawValue) {
        let Some(list) = self.text.fields(value, "teams") else { return };
        let at = self.text.range(value);
        let known = id_of(&list).is_some_and(|id| self.teams.contains_key(id));
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list.clone(), format!("team {}", shown(&list)), Some(at), &mut findings);
        if let Some(id) = Reading::new_id(&mut fields, known) {
            let capacity = fields.whole("capacity", PEOPLE).unwrap_or(1);
            fields.finish();
            self.teams.insert(id.clone(), self.model.teams.len());
            self.model.teams.push(Team { id, capacity });
        }
        self.text.findings.extend(findings);
    }

    fn component(&mut self, value: &'a RawValue) {
        let Some(list) = self.text.fields(value, "components") else { return };
        let at = self.text.range(value);
        let known = id_of(&list).is_some_and(|id| self.ids.contains_key(id));
        let owner = format!("component {}", shown(&list));
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list, owner, Some(at), &mut findings);
        if let Some(id) = Reading::new_id(&mut fields, known) {
            let name = |fields: &mut Fields<'_>, which| {
                fields.text(which).map(|name| excerpt(name.trim())).filter(|name| !name.is_empty())
            };
            let kind = fields.choice("kind", &KINDS).and_then(|at| KINDS.get(at)).copied().unwrap_or("service");
            let team_at = fields.place("team");
            let team = fields.text("team").map_or(Some(0), |id| self.teams.get(&id).copied());
            if team.is_none() {
                let message = format!("{}: its `team` is none of `teams`; the first one is taken", fields.owner);
                fields.findings.push(place(Note::new(&rules::MODEL_VALUE, message), team_at));
            }
            let component = Component {
                is_store: matches!(kind, "database" | "cache" | "queue" | "topic"),
                is_outside: matches!(kind, "person" | "user" | "external"),
                group: name(&mut fields, "group"),
                target: name(&mut fields, "target"),
                stays: fields.flag("stays"),
                effort: fields.number("effort", EFFORT),
                team: team.unwrap_or(0),
                people: fields.whole("people", PEOPLE).unwrap_or(1),
                risk: fields.number("risk", FRACTION).unwrap_or(0.0),
                not_before: fields.number("notBefore", DAY).unwrap_or(0.0),
                deadline: fields.number("deadline", DAY),
                at,
                id: id.clone(),
            };
            if component.target.is_some() && (component.stays || component.is_outside) {
                let message = format!("{}: has a target, but does not move", fields.owner);
                fields.findings.push(Note::new(&rules::MODEL_VALUE, message).at(at));
            }
            for name in [
                "name",
                "description",
                "technology",
                "layer",
                "zone",
                "replicas",
                "requiredReplicas",
                "availability",
                "latencyMs",
                "ratePerSecond",
                "serviceTimeMs",
                "servers",
                "types",
                "abstractTypes",
            ] {
                fields.ignore(name);
            }
            fields.finish();
            self.ids.insert(id, self.model.components.len());
            self.model.components.push(component);
        }
        self.text.findings.extend(findings);
    }

    fn link(&mut self, value: &'a RawValue) {
        let Some(list) = self.text.fields(value, "links") else { return };
        let at = self.text.range(value);
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list, "link".to_owned(), Some(at), &mut findings);
        let from = Reading::lookup(&mut fields, "from", &self.ids);
        let to = Reading::lookup(&mut fields, "to", &self.ids);
        if let (Some(from), Some(to)) = (from, to) {
            let calls = fields.number("calls", CALLS).unwrap_or(1.0);
            let waits = fields.choice("kind", &["sync", "async"]) != Some(1);
            for name in ["description", "technology", "latencyMs", "availability", "optional", "alternative"] {
                fields.ignore(name);
            }
            fields.finish();
            self.model.links.push(Link { from, to, weight: whole(calls.ceil().max(1.0)), waits, at });
        }
        self.text.findings.extend(findings);
    }

    fn before(&mut self, value: &'a RawValue) {
        let Some(list) = self.text.fields(value, "before") else { return };
        let at = self.text.range(value);
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list, "an entry of `before`".to_owned(), Some(at), &mut findings);
        let first = Reading::lookup(&mut fields, "first", &self.ids);
        let then = Reading::lookup(&mut fields, "then", &self.ids);
        let lag = fields.number("lagDays", DAY).unwrap_or(0.0);
        if let (Some(first), Some(then)) = (first, then) {
            fields.finish();
            self.model.before.push(Before { first, then, lag, at });
        }
        self.text.findings.extend(findings);
    }
}

/// Whole and small by the bounds it was read with.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounds keep the number small")]
fn whole(number: f64) -> u32 {
    number as u32
}

/// Days in ticks, rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounds keep the number small")]
pub(super) fn ticks(days: f64) -> u64 {
    // A millionth of a tick forgives what binary fractions add.
    (days * TICKS - 1e-6).ceil().max(0.0) as u64
}

/// Ticks in days.
#[expect(clippy::cast_precision_loss, reason = "times are far below 2^52")]
pub(super) fn days(ticks: u64) -> f64 {
    ticks as f64 / TICKS
}

//! The plan, as it is sent.

use serde::Serialize;

/// A migration plan.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PlanData {
    /// Components that move.
    pub moves: usize,
    /// How targets were found: `given`, `minimum-cut` (least), `isolating-cuts` (at most twice the least), `clustering`.
    pub targets: &'static str,
    /// The services at the end.
    pub services: Vec<Service>,
    /// Calls between services at the end.
    pub crossing: u32,
    /// Links cut so that the rest can move callee first.
    pub cut: Cut,
    /// What goes live together, in order.
    pub phases: Vec<PhaseData>,
    /// What stands between old and new; the first 200.
    pub facades: Vec<Facade>,
    /// The moves, by phase and start.
    pub steps: Vec<StepData>,
    /// When it ends, and why not earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleData>,
    /// A Gantt chart in Mermaid's language; absent for more than 100 steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mermaid: Option<String>,
}

/// A service at the end.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Whether nothing runs under this name today.
    pub is_new: bool,
    /// Ids of its components.
    pub members: Vec<String>,
    /// Calls within it.
    pub inside: u32,
    /// Calls between it and other services.
    pub crossing: u32,
    /// Share of its calls that stay inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohesion: Option<f64>,
}

/// Links that are cut: the caller moves before what it calls.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    /// The links, the first 100.
    pub edges: Vec<CutEdge>,
    /// Calls over all of them: what the method keeps small.
    pub calls: u32,
    /// `exact`: no lighter cut exists; `greedy`: there may be one.
    pub method: &'static str,
}

/// A link that is cut.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CutEdge {
    /// The caller.
    pub from: String,
    /// What it calls.
    pub to: String,
    /// Calls.
    pub calls: u32,
}

/// A facade between old and new.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Facade {
    /// `proxy`: what stayed behind reaches what moved; `anti-corruption-layer`: what moved reaches what stayed behind.
    pub kind: &'static str,
    /// The component behind it.
    pub to: String,
    /// Who calls through it.
    pub callers: Vec<String>,
    /// The phase that needs it first.
    pub added: usize,
    /// The phase that removes it; absent where it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<usize>,
}

/// What goes live together.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PhaseData {
    /// From 1.
    pub number: usize,
    /// The service it builds.
    pub service: String,
    /// Ids of its steps.
    pub steps: Vec<String>,
    /// Person-days, facades included.
    pub effort: f64,
    /// Probability that something of it must be taken back.
    pub risk: f64,
    /// Day of its end; phases go live in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_day: Option<f64>,
    /// The date of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_date: Option<String>,
    /// Facades that stand after it.
    pub facades: usize,
    /// What taking it back means.
    pub rollback: Rollback,
    /// What was checked of the state after it.
    pub invariants: Vec<Invariant>,
}

/// A rollback point: the state before the phase, and what leads back to it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// Whether no data has to go back.
    pub is_by_routing_alone: bool,
    /// Proxies to point at the old component again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub route_back: Vec<String>,
    /// Components whose facades the phase removed and a rollback needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reinstate: Vec<String>,
    /// Stores whose data must be copied back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restore_data: Vec<String>,
}

/// Something that should hold after a phase.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Invariant {
    /// What should hold.
    pub id: &'static str,
    /// Whether it does.
    pub holds: bool,
    /// What breaks it, the first ten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub detail: Vec<String>,
}

/// A move.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StepData {
    /// Its first component's id.
    pub id: String,
    /// All components that move with it, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Its phase.
    pub phase: usize,
    /// The teams at work.
    pub teams: Vec<String>,
    /// How long it takes, in working days.
    pub days: f64,
    /// Steps that must have ended before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Day of its start, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    /// Day of its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<f64>,
    /// First and last date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<(String, String)>,
    /// Days it could take longer if only the order counted, not people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slack: Option<f64>,
}

/// The schedule as a whole.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ScheduleData {
    /// Working days to the end.
    pub days: f64,
    /// No schedule takes less.
    pub lower_bound: f64,
    /// Whether it takes no more than that.
    pub is_optimal: bool,
    /// Days that the order alone takes, with people without end.
    pub critical_path_days: f64,
    /// The steps of that longest way.
    pub critical_path: Vec<String>,
    /// Steps of which each waits for the one before, for its end or its people: what must get shorter for an earlier end.
    pub chain: Vec<String>,
    /// Days to expect on top if steps of the chain have to be done again, by their risks.
    pub risk_buffer_days: f64,
    /// How busy each team is.
    pub teams: Vec<TeamData>,
}

/// How busy a team is.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TeamData {
    /// Its id.
    pub id: String,
    /// Its people.
    pub capacity: u32,
    /// Person-days of work.
    pub effort: f64,
    /// Share of its capacity that works until the end.
    pub utilisation: f64,
}

/// A number as it is sent: twelve significant digits.
pub(super) fn rounded(number: f64) -> f64 {
    format!("{number:.11e}").parse().unwrap_or(number)
}

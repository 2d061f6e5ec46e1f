//! The tool's own result, as it is sent.

use serde::Serialize;

/// What was computed of a design.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReviewData {
    /// Components reviewed, people left out.
    pub components: usize,
    /// Links between them.
    pub links: usize,
    /// Ids where requests come in.
    pub entry_points: Vec<String>,
    /// Groups of components that depend on each other.
    pub cycles: Vec<Cycle>,
    /// Edges to cut so that no cycle is left; absent without cycles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Feedback>,
    /// Dependency matrix; absent for more than 40 components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Matrix>,
    /// A row for each component, the first 200 in the order of the source.
    pub rows: Vec<Row>,
    /// Components beyond the rows.
    #[serde(skip_serializing_if = "is_zero")]
    pub rows_omitted: usize,
    /// What became of each objective.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slos: Vec<Outcome>,
    /// Modules, where given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules: Option<ModuleData>,
    /// C4 diagram in Mermaid's language; absent for more than 100 components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mermaid: Option<String>,
}

/// A group of components that depend on each other.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Cycle {
    /// Its members, the first 50.
    pub members: Vec<String>,
    /// How many members it has.
    pub size: usize,
    /// One shortest way round through the first member, the first 50 steps.
    pub example: Vec<String>,
}

/// Edges to cut so that no cycle is left.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Feedback {
    /// The edges, the first 100.
    pub edges: Vec<Edge>,
    /// How many there are.
    pub count: usize,
    /// Links they stand for: what the method keeps small.
    pub links: u32,
    /// `exact`: no lighter set exists; `greedy`: there may be one.
    pub method: &'static str,
}

/// An edge.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Edge {
    /// Where it starts.
    pub from: String,
    /// Where it ends.
    pub to: String,
}

/// Design structure matrix: row depends on column; layers from the top, else callers before what they call.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Matrix {
    /// Ids in the order of rows and columns.
    pub order: Vec<String>,
    /// A character for each column: `.` none, `1`-`9` links (9 or more), `\` the diagonal.
    pub rows: Vec<String>,
    /// Marks below the diagonal: links against the order.
    pub below_diagonal: usize,
}

/// What was computed of a component.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Components that depend on it directly (Ca).
    pub afferent: usize,
    /// Components it depends on directly (Ce).
    pub efferent: usize,
    /// Ce / (Ca + Ce); absent without either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instability: Option<f64>,
    /// Abstract types / types, where given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abstractness: Option<f64>,
    /// |A + I - 1|, the distance from the main sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// Components that depend on it directly or not: its blast radius.
    pub dependants: usize,
    /// The same over links whose caller waits and cannot do without.
    pub hard_dependants: usize,
    /// Pieces that its removal leaves of what is connected with it, where it is a cut vertex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pieces: Option<usize>,
    /// Nearest component on every way from the entry points to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dominator: Option<String>,
    /// Components reached from the entry points through it only.
    #[serde(skip_serializing_if = "is_zero")]
    pub dominates: usize,
    /// Availability of all its replicas together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<f64>,
    /// Requests per second that arrive, where any do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrivals_per_second: Option<f64>,
    /// Its queue, where rate and service time are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
}

/// An M/M/c queue in steady state.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// Servers over all replicas (c).
    pub servers: u32,
    /// Share of time a server is busy; from 1 on the queue grows without end.
    pub utilisation: f64,
    /// Probability that a request waits (Erlang C); absent under overload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_probability: Option<f64>,
    /// Mean wait of all requests, in milliseconds; absent under overload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<f64>,
}

/// What became of an objective.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Availability of a request; absent where it cannot be computed or nothing is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<f64>,
    /// Minutes a year without it, at 365.25 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downtime_minutes_per_year: Option<f64>,
    /// Target, where set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_target: Option<f64>,
    /// Time along the longest synchronous path, in milliseconds; absent where it has no end or nothing is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// Time if every call waited for the one before, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequential_ms: Option<f64>,
    /// Target, where set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_target_ms: Option<f64>,
    /// Ids along the longest path, the first 50.
    pub path: Vec<String>,
    /// Ids a request cannot do without and whose availability is not given, counted as 1; the first 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed_available: Vec<String>,
    /// Ids on the longest path whose latency is not given, counted as 0; the first 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed_instant: Vec<String>,
}

/// What was computed of the modules.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ModuleData {
    /// Groups of modules that depend on each other.
    pub cycles: Vec<Cycle>,
    /// Edges to cut so that no cycle is left; absent without cycles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Feedback>,
    /// Dependency matrix; absent for more than 40 modules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Matrix>,
    /// A row for each module, the first 200.
    pub rows: Vec<ModuleRow>,
    /// Modules beyond the rows.
    #[serde(skip_serializing_if = "is_zero")]
    pub rows_omitted: usize,
}

/// What was computed of a module.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ModuleRow {
    /// Its id.
    pub id: String,
    /// Modules that depend on it directly (Ca).
    pub afferent: usize,
    /// Modules it depends on directly (Ce).
    pub efferent: usize,
    /// Ce / (Ca + Ce); absent without either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instability: Option<f64>,
    /// Abstract types / types, where given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abstractness: Option<f64>,
    /// |A + I - 1|, the distance from the main sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// Modules that depend on it directly or not.
    pub dependants: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field by reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Twelve significant digits: what the arithmetic vouches for, and less to read than a double's seventeen.
pub(super) fn rounded(number: f64) -> f64 {
    format!("{number:.11e}").parse().unwrap_or(number)
}

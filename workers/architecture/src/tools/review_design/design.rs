//! What is reviewed, whichever language it was written in: components, links, entry points, objectives, modules.
//!
//! Owns the reading of figures (names, bounds, defaults) from JSON members and from `octavo.*` properties alike. A
//! figure that is not acceptable is a finding and counts as not given.

use super::rules;
pub(super) use crate::support::fields::{Bounds, Field, Fields, Value};
pub(super) use crate::support::members::MAX_ID_CHARS;
pub(super) use crate::support::notes::{Note, Span, findings_of, gravest, place};
use octavo_toolkit::limits::excerpt;

/// Most components of one design; the answer grows with them and the quadratic steps stay below a second.
pub(super) const MAX_COMPONENTS: usize = 2_000;
/// Most links of one design.
pub(super) const MAX_LINKS: usize = 20_000;
/// Most modules of one design.
pub(super) const MAX_MODULES: usize = 2_000;
/// Most edges between modules.
pub(super) const MAX_MODULE_EDGES: usize = 20_000;
/// Most objectives: each walks the graph once.
pub(super) const MAX_SLOS: usize = 100;
/// Most layers, and most zones.
pub(super) const MAX_LAYERS: usize = 50;
/// Most steps of an objective's explicit path.
pub(super) const MAX_PATH_STEPS: usize = 200;
/// Most replicas of a component; more is a fleet, not a figure of a design.
pub(super) const MAX_REPLICAS: f64 = 1_000.0;
/// Most servers (threads, workers) of one replica.
pub(super) const MAX_SERVERS: f64 = 1_000.0;
/// Most servers over all replicas: the queue formula takes a step for each.
pub(super) const MAX_TOTAL_SERVERS: u32 = 20_000;
/// Longest latency, in milliseconds: a day.
pub(super) const MAX_LATENCY_MS: f64 = 86_400_000.0;
/// Highest rate, per second.
pub(super) const MAX_RATE: f64 = 1e9;
/// Most calls a request may make over one link.
pub(super) const MAX_CALLS: f64 = 10_000.0;
/// Most types of a module.
pub(super) const MAX_TYPES: f64 = 1e6;

/// What a component is, as far as the drawing and the review care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Person,
    System,
    Service,
    Database,
    Queue,
    Component,
}

/// Whether the caller waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Sync,
    Async,
}

#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) is_external: bool,
    pub(super) description: String,
    pub(super) technology: String,
    pub(super) boundary: Option<usize>,
    pub(super) layer: Option<usize>,
    pub(super) zone: Option<usize>,
    pub(super) replicas: Option<u32>,
    pub(super) required_replicas: u32,
    pub(super) availability: Option<f64>,
    pub(super) latency_ms: Option<f64>,
    pub(super) rate: Option<f64>,
    pub(super) service_ms: Option<f64>,
    pub(super) servers: u32,
    pub(super) types: Option<f64>,
    pub(super) abstract_types: Option<f64>,
    pub(super) at: Option<Span>,
}

impl Component {
    /// How many replicas may fail.
    pub(super) fn spare(&self) -> Option<u32> {
        self.replicas.map(|replicas| replicas.saturating_sub(self.required_replicas))
    }
}

#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) mode: Mode,
    pub(super) calls: f64,
    pub(super) latency_ms: Option<f64>,
    pub(super) availability: Option<f64>,
    pub(super) is_optional: bool,
    pub(super) alternative: Option<String>,
    pub(super) description: String,
    pub(super) technology: String,
    pub(super) at: Option<Span>,
}

impl Link {
    /// Whether the caller waits for an answer over this link.
    pub(super) fn is_waited_for(&self) -> bool {
        self.mode == Mode::Sync && self.calls > 0.0
    }
}

/// A box drawn around components.
#[derive(Debug, Clone)]
pub(super) struct Boundary {
    pub(super) name: String,
    pub(super) parent: Option<usize>,
    pub(super) is_container: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Course {
    Entry(usize),
    Path(Vec<usize>),
}

#[derive(Debug, Clone)]
pub(super) struct Slo {
    pub(super) name: String,
    pub(super) course: Course,
    pub(super) latency_ms: Option<f64>,
    pub(super) availability: Option<f64>,
    pub(super) at: Option<Span>,
}

/// A module of the code and what points where.
#[derive(Debug, Clone, Default)]
pub(super) struct Modules {
    pub(super) components: Vec<Component>,
    pub(super) edges: Vec<(usize, usize, Option<Span>)>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Design {
    pub(super) title: String,
    pub(super) components: Vec<Component>,
    pub(super) links: Vec<Link>,
    pub(super) boundaries: Vec<Boundary>,
    pub(super) entries: Vec<usize>,
    pub(super) slos: Vec<Slo>,
    pub(super) layers: Vec<String>,
    pub(super) is_closed: bool,
    pub(super) zones: Vec<String>,
    pub(super) modules: Modules,
}

pub(super) const FRACTION: Bounds = Bounds::new(0.0, 1.0, "a fraction from 0 to 1, such as 0.999");
pub(super) const REPLICAS: Bounds = Bounds::new(1.0, MAX_REPLICAS, "a whole number from 1 to 1000").whole();
pub(super) const SERVERS: Bounds = Bounds::new(1.0, MAX_SERVERS, "a whole number from 1 to 1000").whole();
pub(super) const LATENCY: Bounds = Bounds::new(0.0, MAX_LATENCY_MS, "milliseconds from 0 to 86400000");
pub(super) const RATE: Bounds = Bounds::new(0.0, MAX_RATE, "a rate per second from 0 to 1e9");
pub(super) const CALLS: Bounds = Bounds::new(0.0, MAX_CALLS, "calls per request from 0 to 10000");
pub(super) const TYPES: Bounds = Bounds::new(0.0, MAX_TYPES, "a whole number from 0 to 1000000").whole();

/// Reads the figures every component may have.
pub(super) fn read_figures(fields: &mut Fields<'_>, component: &mut Component, layers: &[String], zones: &[String]) {
    fn names(list: &[String]) -> Vec<&str> {
        list.iter().map(String::as_str).collect()
    }
    component.layer = fields.choice("layer", &names(layers)).or(component.layer);
    component.zone = fields.choice("zone", &names(zones)).or(component.zone);
    component.replicas = fields.whole("replicas", REPLICAS).or(component.replicas);
    if let Some(required) = fields.whole("requiredReplicas", REPLICAS) {
        if required > component.replicas.unwrap_or(1) {
            let at = fields.place("requiredReplicas");
            let message =
                format!("{}: needs {required} replicas and has {}", fields.owner, component.replicas.unwrap_or(1));
            fields.findings.push(place(Note::new(&rules::MODEL_VALUE, message), at));
        } else {
            component.required_replicas = required;
        }
    }
    component.availability = fields.number("availability", FRACTION);
    component.latency_ms = fields.number("latencyMs", LATENCY);
    component.rate = fields.number("ratePerSecond", RATE);
    component.service_ms = fields.number("serviceTimeMs", LATENCY).filter(|ms| *ms > 0.0);
    component.servers = fields.whole("servers", SERVERS).unwrap_or(1);
    if component.servers * component.replicas.unwrap_or(1) > MAX_TOTAL_SERVERS {
        let at = fields.place("servers");
        let message = format!(
            "{}: has more than {MAX_TOTAL_SERVERS} servers over all replicas, which is the limit",
            fields.owner
        );
        fields.findings.push(place(Note::new(&rules::MODEL_LIMIT, message), at));
        component.service_ms = None;
    }
    component.types = fields.number("types", TYPES);
    component.abstract_types = fields.number("abstractTypes", TYPES);
    if let (Some(types), Some(abstract_types)) = (component.types, component.abstract_types)
        && abstract_types > types
    {
        let at = fields.place("abstractTypes");
        let message = format!("{}: has more abstract types than types", fields.owner);
        fields.findings.push(place(Note::new(&rules::MODEL_VALUE, message), at));
        component.abstract_types = None;
    }
}

/// Reads the figures every link may have.
pub(super) fn read_link_figures(fields: &mut Fields<'_>, link: &mut Link) {
    if let Some(kind) = fields.choice("kind", &["sync", "async"]) {
        link.mode = if kind == 0 { Mode::Sync } else { Mode::Async };
    }
    link.calls = fields.number("calls", CALLS).unwrap_or(link.calls);
    link.latency_ms = fields.number("latencyMs", LATENCY);
    link.availability = fields.number("availability", FRACTION);
    link.is_optional = fields.flag("optional");
    link.alternative = fields.text("alternative").filter(|name| !name.is_empty()).map(|name| excerpt(&name));
}

impl Component {
    pub(super) fn new(id: String, name: String, kind: Kind, at: Option<Span>) -> Self {
        Self {
            id,
            name,
            kind,
            is_external: false,
            description: String::new(),
            technology: String::new(),
            boundary: None,
            layer: None,
            zone: None,
            replicas: None,
            required_replicas: 1,
            availability: None,
            latency_ms: None,
            rate: None,
            service_ms: None,
            servers: 1,
            types: None,
            abstract_types: None,
            at,
        }
    }
}

impl Link {
    pub(super) fn new(from: usize, to: usize, at: Option<Span>) -> Self {
        Self {
            from,
            to,
            mode: Mode::Sync,
            calls: 1.0,
            latency_ms: None,
            availability: None,
            is_optional: false,
            alternative: None,
            description: String::new(),
            technology: String::new(),
            at,
        }
    }
}

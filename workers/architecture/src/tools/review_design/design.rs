//! What is reviewed, whichever language it was written in: components, links, entry points, objectives, modules.
//!
//! Owns the reading of figures (names, bounds, defaults) from JSON members and from `octavo.*` properties alike. A
//! figure that is not acceptable is a finding and counts as not given.

use super::rules;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::tool::Rule;
use octavo_toolkit::{Finding, Level, Position, Range, suggest};
use std::collections::BTreeMap;

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
/// Longest id, in characters: ids are repeated in the answer.
pub(super) const MAX_ID_CHARS: usize = 80;
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

/// A value as either language gives it.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Flag(bool),
    /// An array or object, whose reading is the language's own matter.
    Nested,
}

#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) at: Option<Span>,
    pub(super) is_read: bool,
}

/// The named values of one item.
pub(super) struct Fields<'a> {
    pub(super) list: Vec<Field>,
    /// What the item is called in a message: `component "cart"`.
    pub(super) owner: String,
    pub(super) at: Option<Span>,
    pub(super) findings: &'a mut Vec<Note>,
    /// Names that were asked for: what an unknown one may have meant.
    known: Vec<&'static str>,
    // Whether numbers come as text, as in properties.
    is_text: bool,
}

/// The accepted values of a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    least: f64,
    most: f64,
    is_whole: bool,
    accepted: &'static str,
}

pub(super) const FRACTION: Bounds =
    Bounds { least: 0.0, most: 1.0, is_whole: false, accepted: "a fraction from 0 to 1, such as 0.999" };
pub(super) const REPLICAS: Bounds =
    Bounds { least: 1.0, most: MAX_REPLICAS, is_whole: true, accepted: "a whole number from 1 to 1000" };
pub(super) const SERVERS: Bounds =
    Bounds { least: 1.0, most: MAX_SERVERS, is_whole: true, accepted: "a whole number from 1 to 1000" };
pub(super) const LATENCY: Bounds =
    Bounds { least: 0.0, most: MAX_LATENCY_MS, is_whole: false, accepted: "milliseconds from 0 to 86400000" };
pub(super) const RATE: Bounds =
    Bounds { least: 0.0, most: MAX_RATE, is_whole: false, accepted: "a rate per second from 0 to 1e9" };
pub(super) const CALLS: Bounds =
    Bounds { least: 0.0, most: MAX_CALLS, is_whole: false, accepted: "calls per request from 0 to 10000" };
pub(super) const TYPES: Bounds =
    Bounds { least: 0.0, most: MAX_TYPES, is_whole: true, accepted: "a whole number from 0 to 1000000" };

impl<'a> Fields<'a> {
    pub(super) fn of_json(fields: Vec<Field>, owner: String, at: Option<Span>, findings: &'a mut Vec<Note>) -> Self {
        Self { list: fields, owner, at, findings, known: Vec::new(), is_text: false }
    }

    pub(super) fn of_properties(
        fields: Vec<Field>,
        owner: String,
        at: Option<Span>,
        findings: &'a mut Vec<Note>,
    ) -> Self {
        Self { list: fields, owner, at, findings, known: Vec::new(), is_text: true }
    }

    /// The number of this name, if there is an acceptable one.
    pub(super) fn number(&mut self, name: &'static str, bounds: Bounds) -> Option<f64> {
        let field = self.take(name)?;
        let number = match &field.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) if self.is_text => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()),
            Value::Text(_) | Value::Flag(_) | Value::Nested => None,
        };
        let accepted = number.filter(|number| {
            (bounds.least..=bounds.most).contains(number) && (!bounds.is_whole || number.fract() == 0.0)
        });
        if accepted.is_none() {
            let percent = bounds.most.total_cmp(&1.0).is_eq() && number.is_some_and(|n| (1.0..=100.0).contains(&n));
            let hint = if percent { "; this looks like a percentage" } else { "" };
            self.refuse(&field, &format!("accepted: {}{hint}", bounds.accepted));
        }
        // Negative zero would be shown with its sign.
        accepted.map(|number| number + 0.0)
    }

    /// A whole number of this name; `bounds` keep it within `u32`.
    pub(super) fn whole(&mut self, name: &'static str, bounds: Bounds) -> Option<u32> {
        self.number(name, bounds).map(to_u32)
    }

    /// The text of this name.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        let field = self.take(name)?;
        match &field.value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(_) | Value::Flag(_) | Value::Nested => {
                self.refuse(&field, "accepted: a string");
                None
            }
        }
    }

    /// The truth value of this name; false when it is not given.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        let Some(field) = self.take(name) else { return false };
        match &field.value {
            Value::Flag(flag) => return *flag,
            Value::Text(text) if self.is_text && text.eq_ignore_ascii_case("true") => return true,
            Value::Text(text) if self.is_text && text.eq_ignore_ascii_case("false") => return false,
            Value::Text(_) | Value::Number(_) | Value::Nested => {}
        }
        self.refuse(&field, "accepted: true or false");
        false
    }

    /// Which of `choices` the text of this name is.
    pub(super) fn choice(&mut self, name: &'static str, choices: &[&str]) -> Option<usize> {
        let field = self.take(name)?;
        let given = if let Value::Text(text) = &field.value { text.trim() } else { "" };
        let found = choices.iter().position(|choice| choice.eq_ignore_ascii_case(given));
        if found.is_none() {
            let near = suggest::nearest(given, choices.iter().copied())
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let list = choices.iter().map(|choice| excerpt(choice)).collect::<Vec<_>>().join(", ");
            let list = if list.is_empty() { "nothing, for none are declared".to_owned() } else { list };
            self.refuse(&field, &format!("accepted: {list}{near}"));
        }
        found
    }

    /// Where the field of this name stands, else the item.
    pub(super) fn place(&self, name: &str) -> Option<Span> {
        self.list.iter().rev().find(|field| field.name == name).and_then(|field| field.at).or(self.at)
    }

    /// Marks a name as known without reading it.
    pub(super) fn skip(&mut self, name: &'static str) {
        let _ = self.take(name);
    }

    /// Reports every field that nobody asked for.
    pub(super) fn finish(self) {
        for field in self.list.iter().filter(|field| !field.is_read) {
            let near = suggest::nearest(&field.name, self.known.iter().copied());
            let near = near.map_or_else(
                || format!("; known are {}", self.known.join(", ")),
                |near| format!("; did you mean `{near}`?"),
            );
            let message =
                format!("{}: `{}` is not a figure or name that is read here{near}", self.owner, excerpt(&field.name));
            self.findings.push(place(Note::new(&rules::MODEL_VALUE, message), field.at.or(self.at)));
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Field> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        let mut found = None;
        for field in self.list.iter_mut().filter(|field| field.name == name) {
            field.is_read = true;
            found = Some(field.clone());
        }
        found
    }

    fn refuse(&mut self, field: &Field, accepted: &str) {
        let message = format!("{}: the value of `{}` is not acceptable; {accepted}", self.owner, excerpt(&field.name));
        self.findings.push(place(Note::new(&rules::MODEL_VALUE, message), field.at.or(self.at)));
    }
}

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

/// A stretch of the source in bytes. Lines and columns are counted once, at the end: counting them for every field of
/// a text of one line would be quadratic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A finding whose place is not yet counted in lines.
#[derive(Debug, Clone)]
pub(super) struct Note {
    rule: &'static Rule,
    level: Level,
    message: String,
    span: Option<Span>,
}

impl Note {
    pub(super) fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self { rule, level: rule.level, message: message.into(), span: None }
    }

    pub(super) fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    pub(super) fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

/// A note at its place, where one is known.
pub(super) fn place(note: Note, at: Option<Span>) -> Note {
    match at {
        Some(span) => note.at(span),
        None => note,
    }
}

/// The gravest notes, in their order.
pub(super) fn gravest(notes: Vec<Note>, most: usize) -> Vec<Note> {
    if notes.len() <= most {
        return notes;
    }
    let mut sorted = notes;
    sorted.sort_by_key(|note| note.level);
    sorted.truncate(most);
    sorted
}

/// The findings that notes are, with lines and columns in UTF-16 units. One pass over the source.
pub(super) fn findings_of(notes: Vec<Note>, source: &str) -> Vec<Finding> {
    let mut places: BTreeMap<usize, Position> = BTreeMap::new();
    for span in notes.iter().filter_map(|note| note.span) {
        for at in [span.start, span.end] {
            places.insert(at, Position { line: 1, column: 1 });
        }
    }
    let mut now = Position { line: 1, column: 1 };
    let mut waiting = places.iter_mut().peekable();
    for (at, c) in source.char_indices() {
        while let Some((_, position)) = waiting.next_if(|(offset, _)| **offset <= at) {
            *position = now;
        }
        now = match c {
            '\n' => Position { line: now.line + 1, column: 1 },
            _ => Position { line: now.line, column: now.column + if c.len_utf16() == 1 { 1 } else { 2 } },
        };
    }
    waiting.for_each(|(_, position)| *position = now);
    let position = |at: usize| places.get(&at).copied().unwrap_or(now);
    notes
        .into_iter()
        .map(|note| {
            let finding = Finding::new(note.rule, note.message).with_level(note.level);
            match note.span {
                Some(span) => {
                    finding.at(Range { start: position(span.start), end: position(span.end.max(span.start)) })
                }
                None => finding,
            }
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounds keep the number whole and small")]
pub(super) fn to_u32(number: f64) -> u32 {
    number as u32
}

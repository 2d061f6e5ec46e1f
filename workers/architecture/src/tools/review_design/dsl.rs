//! From Structurizr's language to a design.
//!
//! The review looks at the finest level of the model: elements without parts, and those that a relationship names
//! although they have parts. Figures come from properties whose name starts with `octavo.`.

use super::design::{
    Boundary, Component, Course, Design, FRACTION, Field, Fields, Kind, LATENCY, Link, MAX_ID_CHARS, MAX_LAYERS, Mode,
    Note, Slo, Span, Value, read_figures, read_link_figures,
};
use super::rules;
use crate::support::structurizr::{Element, ElementKind, IssueKind, Property, Relationship, Workspace};
use octavo_toolkit::Level;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

const PREFIX: &str = "octavo.";

/// Reads the design out of a workspace, reporting what the reader found.
pub(super) fn read(workspace: &Workspace, notes: &mut Vec<Note>) -> Design {
    for issue in &workspace.issues {
        let (rule, level) = match issue.kind {
            IssueKind::Syntax => (&rules::DSL_SYNTAX, None),
            IssueKind::UnknownIdentifier => (&rules::DSL_UNKNOWN_IDENTIFIER, None),
            IssueKind::UnresolvedIdentifier => (&rules::DSL_UNKNOWN_IDENTIFIER, Some(Level::Info)),
            IssueKind::DuplicateIdentifier => (&rules::DSL_DUPLICATE_IDENTIFIER, None),
            IssueKind::DuplicateName => (&rules::DSL_DUPLICATE_NAME, None),
            IssueKind::InvalidRelationship => (&rules::DSL_INVALID_RELATIONSHIP, None),
            IssueKind::Deprecated => (&rules::DSL_DEPRECATED, None),
            IssueKind::NotFetched => (&rules::DSL_NOT_FETCHED, None),
            IssueKind::NotEvaluated => (&rules::DSL_NOT_EVALUATED, None),
            IssueKind::UnresolvedSubstitution => (&rules::DSL_UNRESOLVED_SUBSTITUTION, None),
            IssueKind::Limit => (&rules::MODEL_LIMIT, None),
        };
        let note = Note::new(rule, issue.message.clone()).at(span(&issue.span));
        notes.push(level.into_iter().fold(note, Note::with_level));
    }
    Reader::new(workspace, notes).read()
}

struct Reader<'a> {
    workspace: &'a Workspace,
    notes: &'a mut Vec<Note>,
    has_parts: Vec<bool>,
    replicas: BTreeMap<usize, u32>,
}

impl<'a> Reader<'a> {
    fn new(workspace: &'a Workspace, notes: &'a mut Vec<Note>) -> Self {
        let mut has_parts = vec![false; workspace.elements.len()];
        for parent in workspace.elements.iter().filter_map(|element| element.parent) {
            if let Some(slot) = has_parts.get_mut(parent) {
                *slot = true;
            }
        }
        Self { workspace, notes, has_parts, replicas: deployed_replicas(workspace) }
    }

    fn read(mut self) -> Design {
        let mut design = Design { title: excerpt(&self.workspace.name), ..Design::default() };
        self.settings(&mut design);
        let links = self.finest_relationships();
        let named: BTreeSet<usize> = links.iter().flat_map(|link| [link.from, link.to]).collect();
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        let mut boundaries: BTreeMap<usize, usize> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for (at, element) in self.workspace.elements.iter().enumerate() {
            if !element.kind.is_static() {
                continue;
            }
            let has_parts = self.has_parts.get(at).copied().unwrap_or(false);
            let id = unique(&mut ids, id_of(self.workspace, at));
            let parent = element.parent.and_then(|parent| boundaries.get(&parent).copied());
            if has_parts {
                boundaries.insert(at, design.boundaries.len());
                let is_container = element.kind == ElementKind::Container;
                design.boundaries.push(Boundary { name: excerpt(&element.name), parent, is_container });
            }
            if has_parts && !named.contains(&at) {
                self.unread_figures(element);
                continue;
            }
            let component = self.component(element, at, id, parent, &mut design);
            numbers.insert(at, design.components.len());
            design.components.push(component);
        }
        for relationship in links {
            let (Some(from), Some(to)) = (numbers.get(&relationship.from), numbers.get(&relationship.to)) else {
                continue;
            };
            let link = self.link(relationship, *from, *to);
            design.links.push(link);
        }
        design
    }

    // Properties of the workspace and model.
    fn settings(&mut self, design: &mut Design) {
        let mut list = own_fields(&self.workspace.properties);
        list.extend(own_fields(&self.workspace.model_properties));
        let mut notes = Vec::new();
        let mut fields =
            Fields::of_properties(list, "workspace".to_owned(), Some(span(&self.workspace.span)), &mut notes);
        let mut names = |name: &'static str| -> Vec<String> {
            let text = fields.text(name).unwrap_or_default();
            let mut list: Vec<String> =
                text.split(',').map(|name| excerpt(name.trim())).filter(|name| !name.is_empty()).collect();
            list.dedup();
            list.truncate(MAX_LAYERS);
            list
        };
        design.layers = names("layers");
        design.zones = names("zones");
        design.is_closed = fields.flag("closedLayers");
        fields.finish();
        self.notes.extend(notes);
    }

    // Relationships of the static model, without those that finer ones already tell.
    fn finest_relationships(&mut self) -> Vec<&'a Relationship> {
        let stated = |relationship: &&Relationship| {
            let is_static = |at: usize| self.workspace.elements.get(at).is_some_and(|element| element.kind.is_static());
            !relationship.is_implied && is_static(relationship.from) && is_static(relationship.to)
        };
        let all: Vec<&Relationship> = self.workspace.relationships.iter().filter(stated).collect();
        // Every pair of ancestors, itself left out, that some relationship between parts stands for.
        let mut finer = BTreeSet::new();
        for relationship in &all {
            for from in ancestors(self.workspace, relationship.from) {
                for to in ancestors(self.workspace, relationship.to) {
                    if (from, to) != (relationship.from, relationship.to) {
                        finer.insert((from, to));
                    }
                }
            }
        }
        let mut told = BTreeSet::new();
        let mut kept = Vec::new();
        for relationship in all {
            if finer.contains(&(relationship.from, relationship.to)) {
                continue;
            }
            for end in [relationship.from, relationship.to] {
                if self.has_parts.get(end) == Some(&true)
                    && told.insert(end)
                    && let Some(element) = self.workspace.elements.get(end)
                {
                    let message = format!(
                        "{} has parts, but a relationship names it as a whole; it is reviewed as a box of its own beside its parts",
                        shown(element)
                    );
                    self.notes.push(Note::new(&rules::COARSE_RELATIONSHIP, message).at(span(&relationship.span)));
                }
            }
            kept.push(relationship);
        }
        kept
    }

    fn component(
        &mut self,
        element: &Element,
        at: usize,
        id: String,
        boundary: Option<usize>,
        design: &mut Design,
    ) -> Component {
        let has_tag = |words: &[&str]| {
            let about = element.tags.iter().map(String::as_str).chain([element.technology.as_str()]);
            about.into_iter().any(|text| words.iter().any(|word| text.to_lowercase().contains(word)))
        };
        let kind = match element.kind {
            ElementKind::Person => Kind::Person,
            ElementKind::SoftwareSystem => Kind::System,
            ElementKind::Component => Kind::Component,
            _ if element
                .tags
                .iter()
                .any(|tag| matches!(tag.to_lowercase().as_str(), "queue" | "topic" | "bus" | "message bus")) =>
            {
                Kind::Queue
            }
            _ if has_tag(&["database", "datastore", "data store"]) => Kind::Database,
            _ => Kind::Service,
        };
        let place = span(&element.span);
        let mut component = Component::new(id, excerpt(&element.name), kind, Some(place));
        component.is_external = element.tags.iter().any(|tag| tag.to_lowercase().contains("external"));
        component.description = excerpt(&element.description);
        component.technology = excerpt(&element.technology);
        component.boundary = boundary;
        component.replicas = self.replicas.get(&at).copied();
        let mut notes = Vec::new();
        let mut fields =
            Fields::of_properties(own_fields(&element.properties), shown(element), Some(place), &mut notes);
        read_figures(&mut fields, &mut component, &design.layers, &design.zones);
        let number = design.components.len();
        if fields.flag("entry") {
            design.entries.push(number);
        }
        let latency_ms = fields.number("slo.latencyMs", LATENCY);
        let availability = fields.number("slo.availability", FRACTION);
        if latency_ms.is_some() || availability.is_some() {
            let name = component.id.clone();
            design.slos.push(Slo { name, course: Course::Entry(number), latency_ms, availability, at: Some(place) });
        }
        fields.finish();
        self.notes.extend(notes);
        component
    }

    // An element that is only drawn around its parts has no use for figures.
    fn unread_figures(&mut self, element: &Element) {
        if element.properties.iter().any(|property| property.name.starts_with(PREFIX)) {
            let message =
                format!("{}: has parts, so that its figures are not read; give them to the parts", shown(element));
            self.notes.push(Note::new(&rules::MODEL_VALUE, message).at(span(&element.span)));
        }
    }

    fn link(&mut self, relationship: &Relationship, from: usize, to: usize) -> Link {
        let place = span(&relationship.span);
        let mut link = Link::new(from, to, Some(place));
        link.description = excerpt(&relationship.description);
        link.technology = excerpt(&relationship.technology);
        if relationship.tags.iter().any(|tag| matches!(tag.to_lowercase().as_str(), "async" | "asynchronous")) {
            link.mode = Mode::Async;
        }
        let mut notes = Vec::new();
        let mut fields = Fields::of_properties(
            own_fields(&relationship.properties),
            "relationship".to_owned(),
            Some(place),
            &mut notes,
        );
        read_link_figures(&mut fields, &mut link);
        fields.finish();
        self.notes.extend(notes);
        link
    }
}

// How many of each static element run in the environment that counts: the only one, or the one named for production.
fn deployed_replicas(workspace: &Workspace) -> BTreeMap<usize, u32> {
    let live: Vec<usize> = workspace
        .environments
        .iter()
        .enumerate()
        .filter(|(_, name)| {
            workspace.environments.len() == 1
                || matches!(name.trim().to_lowercase().as_str(), "live" | "production" | "prod")
        })
        .map(|(at, _)| at)
        .collect();
    let mut replicas = BTreeMap::new();
    let [live] = live.as_slice() else { return replicas };
    for element in workspace.elements.iter().filter(|element| element.environment == Some(*live)) {
        let Some(of) = element.instance_of else { continue };
        let mut count = 1_u32;
        let mut at = element.parent;
        while let Some(node) = at.and_then(|at| workspace.elements.get(at)) {
            // A range such as `1..4` counts as its least.
            let written = node.instances.as_deref().unwrap_or("1");
            let least = written.split("..").next().unwrap_or_default();
            count = count.saturating_mul(least.trim().parse().unwrap_or(1)).min(MAX_DEPLOYED);
            at = node.parent;
        }
        let sum = replicas.entry(of).or_insert(0_u32);
        *sum = sum.saturating_add(count).min(MAX_DEPLOYED);
    }
    replicas.retain(|_, count| *count > 0);
    replicas
}

// The bound of `octavo.replicas`, for replicas that are counted.
const MAX_DEPLOYED: u32 = 1_000;

fn own_fields(properties: &[Property]) -> Vec<Field> {
    let own = properties.iter().filter_map(|property| Some((property.name.strip_prefix(PREFIX)?, property)));
    own.map(|(name, property)| Field {
        name: name.to_owned(),
        value: Value::Text(property.value.clone()),
        at: Some(span(&property.span)),
        is_read: false,
    })
    .collect()
}

fn ancestors(workspace: &Workspace, start: usize) -> Vec<usize> {
    std::iter::successors(Some(start), |at| workspace.elements.get(*at).and_then(|element| element.parent)).collect()
}

// Identifiers from the outermost element inwards; names where there is no identifier.
fn id_of(workspace: &Workspace, at: usize) -> String {
    let mut parts: Vec<String> = ancestors(workspace, at)
        .into_iter()
        .filter_map(|at| workspace.elements.get(at))
        .map(|element| {
            let name = element.identifier.clone().unwrap_or_else(|| element.name.clone());
            name.chars()
                .map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' })
                .take(MAX_ID_CHARS / 3)
                .collect()
        })
        .collect();
    parts.reverse();
    parts.join(".")
}

fn unique(taken: &mut BTreeSet<String>, id: String) -> String {
    if taken.insert(id.clone()) {
        return id;
    }
    let mut number = taken.len();
    loop {
        let candidate = format!("{id}_{number}");
        if taken.insert(candidate.clone()) {
            return candidate;
        }
        number += 1;
    }
}

pub(super) fn shown(element: &Element) -> String {
    format!("{} \"{}\"", element.kind.words(), excerpt(&element.name))
}

pub(super) fn span(range: &std::ops::Range<usize>) -> Span {
    Span { start: range.start, end: range.end }
}

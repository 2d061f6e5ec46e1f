//! The JSON model: members with their places in the source, read one by one so that one mistake spoils one item.

use super::design::{
    Boundary, Component, Course, Design, FRACTION, Fields, Kind, LATENCY, Link, MAX_COMPONENTS, MAX_LAYERS, MAX_LINKS,
    MAX_MODULE_EDGES, MAX_MODULES, MAX_PATH_STEPS, MAX_SLOS, Note, Slo, TYPES, place, read_figures, read_link_figures,
};
use super::rules;
use crate::support::members::{self, Reading, id_of, shown};
use octavo_toolkit::arguments::Members;
use octavo_toolkit::limits::excerpt;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [(&str, Kind); 10] = [
    ("service", Kind::Service),
    ("person", Kind::Person),
    ("user", Kind::Person),
    ("system", Kind::System),
    ("database", Kind::Database),
    ("cache", Kind::Database),
    ("queue", Kind::Queue),
    ("topic", Kind::Queue),
    ("component", Kind::Component),
    ("external", Kind::System),
];

const TOP_LEVEL: [&str; 10] =
    ["name", "components", "links", "entryPoints", "slos", "layers", "closedLayers", "zones", "modules", "moduleEdges"];

// Members that `plan_migration` reads from the same model.
const ELSEWHERE: [&str; 6] = ["teams", "before", "together", "services", "start", "limits"];
// Fields of a component that it reads.
const FIELDS_ELSEWHERE: [&str; 8] = ["target", "stays", "effort", "team", "people", "risk", "notBefore", "deadline"];

/// Reads a JSON model; none when it is no JSON object.
pub(super) fn read(source: &str, findings: &mut Vec<Note>) -> Option<Design> {
    let members = members::open(source, findings)?;
    let mut reader = Reader {
        text: Reading { source, findings, max_names: MAX_LAYERS },
        design: Design::default(),
        ids: BTreeMap::new(),
        pairs: BTreeSet::new(),
    };
    reader.read(&members);
    Some(reader.design)
}

struct Reader<'a, 'f> {
    text: Reading<'a, 'f>,
    design: Design,
    ids: BTreeMap<String, usize>,
    // Which components a link leads between.
    pairs: BTreeSet<(usize, usize)>,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self, members: &[(String, &'a RawValue)]) {
        let members = self.text.members(members, &TOP_LEVEL, &ELSEWHERE);
        let member = |name: &str| members.get(name).copied();
        if let Some(value) = member("name") {
            self.design.title = self.text.string(value, "name").map(|name| excerpt(&name)).unwrap_or_default();
        }
        self.design.layers = self.text.names(member("layers"), "layers");
        self.design.zones = self.text.names(member("zones"), "zones");
        if let Some(value) = member("closedLayers") {
            match serde_json::from_str::<bool>(value.get()) {
                Ok(is_closed) => self.design.is_closed = is_closed,
                Err(_) => self.text.report(
                    &rules::MODEL_VALUE,
                    value,
                    "`closedLayers` is not acceptable; accepted: true or false".to_owned(),
                ),
            }
        }
        for value in self.text.items(member("components"), "components", MAX_COMPONENTS) {
            self.component(value);
        }
        for value in self.text.items(member("links"), "links", MAX_LINKS) {
            self.link(value);
        }
        self.entries(member("entryPoints"));
        for value in self.text.items(member("slos"), "slos", MAX_SLOS) {
            self.slo(value);
        }
        self.modules(member("modules"), member("moduleEdges"));
        let is_empty = self.design.components.is_empty() && self.design.modules.components.is_empty();
        self.text.finish(is_empty.then_some("the model has neither components nor modules"));
    }

    fn component(&mut self, value: &'a RawValue) {
        let Some(list) = self.text.fields(value, "components") else { return };
        let at = self.text.range(value);
        let known = id_of(&list).is_some_and(|id| self.ids.contains_key(id));
        let owner = format!("component {}", shown(&list));
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list, owner, Some(at), &mut findings);
        if let Some(id) = Reading::new_id(&mut fields, known) {
            let name = fields.text("name").map_or_else(|| id.clone(), |name| excerpt(&name));
            let kinds = KINDS.map(|(word, _)| word);
            let kind = fields.choice("kind", &kinds);
            let mut component =
                Component::new(id, name, kind.and_then(|at| KINDS.get(at)).map_or(Kind::Service, |k| k.1), Some(at));
            component.is_external = kind.and_then(|at| kinds.get(at)) == Some(&"external");
            component.description = fields.text("description").map(|text| excerpt(&text)).unwrap_or_default();
            component.technology = fields.text("technology").map(|text| excerpt(&text)).unwrap_or_default();
            if let Some(group) = fields.text("group").map(|name| excerpt(&name)).filter(|name| !name.is_empty()) {
                component.boundary = Some(self.boundary(group));
            }
            read_figures(&mut fields, &mut component, &self.design.layers, &self.design.zones);
            self.ids.insert(component.id.clone(), self.design.components.len());
            self.design.components.push(component);
            for name in FIELDS_ELSEWHERE {
                fields.ignore(name);
            }
            fields.finish();
        }
        self.text.findings.extend(findings);
    }

    fn boundary(&mut self, name: String) -> usize {
        let known = self.design.boundaries.iter().position(|boundary| boundary.name == name);
        known.unwrap_or_else(|| {
            self.design.boundaries.push(Boundary { name, parent: None, is_container: false });
            self.design.boundaries.len() - 1
        })
    }

    fn link(&mut self, value: &'a RawValue) {
        let Some(list) = self.text.fields(value, "links") else { return };
        let at = self.text.range(value);
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list, "link".to_owned(), Some(at), &mut findings);
        let from = Reading::lookup(&mut fields, "from", &self.ids);
        let to = Reading::lookup(&mut fields, "to", &self.ids);
        if let (Some(from), Some(to)) = (from, to) {
            let mut link = Link::new(from, to, Some(at));
            link.description = fields.text("description").map(|text| excerpt(&text)).unwrap_or_default();
            link.technology = fields.text("technology").map(|text| excerpt(&text)).unwrap_or_default();
            read_link_figures(&mut fields, &mut link);
            fields.finish();
            self.pairs.insert((from, to));
            self.design.links.push(link);
        }
        self.text.findings.extend(findings);
    }

    fn entries(&mut self, value: Option<&'a RawValue>) {
        for value in self.text.items(value, "entryPoints", MAX_COMPONENTS) {
            if self.text.is_over() {
                break;
            }
            let Some(id) = self.text.string(value, "entryPoints") else { continue };
            match self.ids.get(&id) {
                Some(found) => self.design.entries.push(*found),
                None => self.text.report(
                    &rules::MODEL_VALUE,
                    value,
                    format!("`entryPoints` names `{}`, which is no component", excerpt(&id)),
                ),
            }
        }
    }

    fn slo(&mut self, value: &'a RawValue) {
        let Some(list) = self.text.fields(value, "slos") else { return };
        let at = self.text.range(value);
        let path = self.path(value);
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list, "objective".to_owned(), Some(at), &mut findings);
        fields.skip("path");
        let given_name = fields.text("name").map(|name| excerpt(&name));
        if let Some(name) = &given_name {
            fields.owner = format!("objective \"{name}\"");
        }
        let has_entry = fields.list.iter().any(|field| field.name == "entry");
        let course = match (path, has_entry) {
            (Some(path), false) => (!path.is_empty()).then_some(Course::Path(path)),
            (None, true) => Reading::lookup(&mut fields, "entry", &self.ids).map(Course::Entry),
            _ => {
                let message = format!("{}: accepted: either `entry`, an id, or `path`, a list of ids", fields.owner);
                fields.findings.push(Note::new(&rules::MODEL_VALUE, message).at(at));
                None
            }
        };
        let latency_ms = fields.number("latencyMs", LATENCY);
        let availability = fields.number("availability", FRACTION);
        if latency_ms.is_none() && availability.is_none() {
            let message = format!("{}: sets no target; accepted: `latencyMs`, `availability` or both", fields.owner);
            fields.findings.push(Note::new(&rules::MODEL_VALUE, message).at(at));
        }
        fields.skip("entry");
        fields.finish();
        self.text.findings.extend(findings);
        if let Some(course) = course {
            let first = match &course {
                Course::Entry(entry) => Some(*entry),
                Course::Path(path) => path.first().copied(),
            };
            let name = given_name.or_else(|| first.and_then(|at| self.design.components.get(at)).map(|c| c.id.clone()));
            self.design.slos.push(Slo {
                name: name.unwrap_or_default(),
                course,
                latency_ms,
                availability,
                at: Some(at),
            });
        }
    }

    // The steps of an objective's path: none if there is no path, empty if it is not acceptable.
    fn path(&mut self, value: &'a RawValue) -> Option<Vec<usize>> {
        let Members(members) = serde_json::from_str::<Members<'a>>(value.get()).ok()?;
        let (_, value) = members.into_iter().rev().find(|(name, _)| name == "path")?;
        let mut path = Vec::new();
        let mut is_complete = true;
        for step in self.text.items(Some(value), "path", MAX_PATH_STEPS) {
            let found = self.text.string(step, "path").and_then(|id| self.ids.get(&id).copied());
            match (found, path.last()) {
                (None, _) => {
                    self.text.report(&rules::MODEL_VALUE, step, "a step of the path is no component".to_owned());
                    is_complete = false;
                }
                (Some(next), Some(last)) if !self.pairs.contains(&(*last, next)) => {
                    self.text.report(
                        &rules::MODEL_VALUE,
                        step,
                        "no link leads to this step from the one before".to_owned(),
                    );
                    is_complete = false;
                }
                (Some(next), _) if path.contains(&next) => {
                    self.text.report(&rules::MODEL_VALUE, step, "the path comes by this component twice".to_owned());
                    is_complete = false;
                }
                (Some(next), _) => path.push(next),
            }
        }
        if path.is_empty() && is_complete {
            self.text.report(&rules::MODEL_VALUE, value, "the path has no steps".to_owned());
        }
        Some(if is_complete { path } else { Vec::new() })
    }

    fn modules(&mut self, modules: Option<&'a RawValue>, edges: Option<&'a RawValue>) {
        let mut ids = BTreeMap::new();
        for value in self.text.items(modules, "modules", MAX_MODULES) {
            let Some(list) = self.text.fields(value, "modules") else { continue };
            let at = self.text.range(value);
            let known = id_of(&list).is_some_and(|id| ids.contains_key(id));
            let owner = format!("module {}", shown(&list));
            let mut findings = Vec::new();
            let mut fields = Fields::of_json(list, owner, Some(at), &mut findings);
            if let Some(id) = Reading::new_id(&mut fields, known) {
                let mut module = Component::new(id.clone(), id.clone(), Kind::Component, Some(at));
                let names: Vec<&str> = self.design.layers.iter().map(String::as_str).collect();
                module.layer = fields.choice("layer", &names);
                let mut figures = module.clone();
                read_module_figures(&mut fields, &mut figures);
                module.types = figures.types;
                module.abstract_types = figures.abstract_types;
                ids.insert(id, self.design.modules.components.len());
                self.design.modules.components.push(module);
                fields.finish();
            }
            self.text.findings.extend(findings);
        }
        for value in self.text.items(edges, "moduleEdges", MAX_MODULE_EDGES) {
            let Some(list) = self.text.fields(value, "moduleEdges") else { continue };
            let at = self.text.range(value);
            let mut findings = Vec::new();
            let mut fields = Fields::of_json(list, "module edge".to_owned(), Some(at), &mut findings);
            let from = Reading::lookup(&mut fields, "from", &ids);
            let to = Reading::lookup(&mut fields, "to", &ids);
            if let (Some(from), Some(to)) = (from, to) {
                fields.finish();
                self.design.modules.edges.push((from, to, Some(at)));
            }
            self.text.findings.extend(findings);
        }
    }
}

fn read_module_figures(fields: &mut Fields<'_>, module: &mut Component) {
    module.types = fields.number("types", TYPES);
    module.abstract_types = fields.number("abstractTypes", TYPES);
    if let (Some(types), Some(abstract_types)) = (module.types, module.abstract_types)
        && abstract_types > types
    {
        let at = fields.place("abstractTypes");
        let message = format!("{}: has more abstract types than types", fields.owner);
        fields.findings.push(place(Note::new(&rules::MODEL_VALUE, message), at));
        module.abstract_types = None;
    }
}

//! The JSON model: members with their places in the source, read one by one so that one mistake spoils one item.

use super::design::{
    Boundary, Component, Course, Design, FRACTION, Field, Fields, Kind, LATENCY, Link, MAX_COMPONENTS, MAX_ID_CHARS,
    MAX_LAYERS, MAX_LINKS, MAX_MODULE_EDGES, MAX_MODULES, MAX_PATH_STEPS, MAX_SLOS, Note, Slo, Span, TYPES, Value,
    place, read_figures, read_link_figures,
};
use super::rules;
use octavo_toolkit::limits::{self, MAX_NESTING_DEPTH, excerpt};
use octavo_toolkit::suggest;
use octavo_toolkit::tool::Rule;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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

/// Reads a JSON model; none when it is no JSON object.
pub(super) fn read(source: &str, findings: &mut Vec<Note>) -> Option<Design> {
    if let Some(at) = limits::nesting_exceeded(source) {
        let message = format!("the text nests deeper than {MAX_NESTING_DEPTH} levels");
        findings.push(Note::new(&rules::JSON_SYNTAX, message).at(Span { start: at, end: at + 1 }));
        return None;
    }
    let body = source.strip_prefix('\u{feff}').unwrap_or(source);
    let members = match serde_json::from_str::<Members<'_>>(body) {
        Ok(Members(members)) => members,
        Err(error) => {
            // serde_json counts lines from 1 and columns in bytes.
            let line = body.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
            let at = source.len() - body.len() + line + error.column().saturating_sub(1);
            let message = format!("the text is no JSON object of a design: {}", reason(&error));
            findings.push(Note::new(&rules::JSON_SYNTAX, message).at(Span { start: at, end: at + 1 }));
            return None;
        }
    };
    let mut reader =
        Reader { source, findings, design: Design::default(), ids: BTreeMap::new(), pairs: BTreeSet::new() };
    reader.read(&members);
    Some(reader.design)
}

// serde's message without its position, which is told as a range, and without anything of the source.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    match message.strip_prefix("invalid type: ") {
        Some(_) => "accepted: an object with `components` and `links`".to_owned(),
        None => excerpt(message),
    }
}

struct Reader<'a, 'f> {
    source: &'a str,
    findings: &'f mut Vec<Note>,
    design: Design,
    ids: BTreeMap<String, usize>,
    // Which components a link leads between.
    pairs: BTreeSet<(usize, usize)>,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self, members: &[(String, &'a RawValue)]) {
        let mut seen = BTreeSet::new();
        for (name, value) in members {
            if self.is_over() {
                break;
            }
            if !TOP_LEVEL.contains(&name.as_str()) {
                let near = suggest::nearest(name, TOP_LEVEL).map_or_else(
                    || format!("; known are {}", TOP_LEVEL.join(", ")),
                    |near| format!("; did you mean `{near}`?"),
                );
                let hint = if name == "model" || name == "views" {
                    "; a workspace of Structurizr is read from its DSL, not from its JSON"
                } else {
                    &near
                };
                self.report(&rules::MODEL_VALUE, value, format!("`{}` is no member of a design{hint}", excerpt(name)));
            }
            if !seen.insert(name) {
                self.report(
                    &rules::MODEL_VALUE,
                    value,
                    format!("`{}` is given twice; the last one counts", excerpt(name)),
                );
            }
        }
        let member = |name: &str| members.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value);
        if let Some(value) = member("name") {
            self.design.title = self.string(value, "name").map(|name| excerpt(&name)).unwrap_or_default();
        }
        self.design.layers = self.names(member("layers"), "layers");
        self.design.zones = self.names(member("zones"), "zones");
        if let Some(value) = member("closedLayers") {
            match serde_json::from_str::<bool>(value.get()) {
                Ok(is_closed) => self.design.is_closed = is_closed,
                Err(_) => self.report(
                    &rules::MODEL_VALUE,
                    value,
                    "`closedLayers` is not acceptable; accepted: true or false".to_owned(),
                ),
            }
        }
        for value in self.items(member("components"), "components", MAX_COMPONENTS) {
            self.component(value);
        }
        for value in self.items(member("links"), "links", MAX_LINKS) {
            self.link(value);
        }
        self.entries(member("entryPoints"));
        for value in self.items(member("slos"), "slos", MAX_SLOS) {
            self.slo(value);
        }
        self.modules(member("modules"), member("moduleEdges"));
        let is_empty = self.design.components.is_empty() && self.design.modules.components.is_empty();
        if is_empty && self.findings.is_empty() {
            self.findings.push(Note::new(&rules::MODEL_EMPTY, "the model has neither components nor modules"));
        }
        if self.is_over() {
            let message = format!("more than {MAX_MISTAKES} mistakes; the rest was not read");
            self.findings.push(Note::new(&rules::MODEL_LIMIT, message));
        }
    }

    fn is_over(&self) -> bool {
        self.findings.len() > MAX_MISTAKES
    }

    fn range(&self, value: &RawValue) -> Span {
        // Raw values are borrowed from the source, so that their distance from its start is their offset.
        let at = value.get().as_ptr().addr().saturating_sub(self.source.as_ptr().addr());
        Span { start: at, end: at + value.get().len() }
    }

    fn report(&mut self, rule: &'static Rule, value: &RawValue, message: String) {
        let range = self.range(value);
        self.findings.push(Note::new(rule, message).at(range));
    }

    fn string(&mut self, value: &RawValue, what: &str) -> Option<String> {
        let text = serde_json::from_str::<String>(value.get()).ok();
        if text.is_none() {
            self.report(&rules::MODEL_VALUE, value, format!("`{what}` is not acceptable; accepted: a string"));
        }
        text
    }

    fn items(&mut self, value: Option<&'a RawValue>, what: &str, most: usize) -> Vec<&'a RawValue> {
        let Some(value) = value else { return Vec::new() };
        let Ok(mut items) = serde_json::from_str::<Vec<&'a RawValue>>(value.get()) else {
            self.report(&rules::MODEL_VALUE, value, format!("`{what}` is not acceptable; accepted: an array"));
            return Vec::new();
        };
        if let Some(first_over) = items.get(most) {
            let message = format!("`{what}` has {} items, the limit is {most}; the rest is not read", items.len());
            self.report(&rules::MODEL_LIMIT, first_over, message);
            items.truncate(most);
        }
        items
    }

    fn names(&mut self, value: Option<&'a RawValue>, what: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for value in self.items(value, what, MAX_LAYERS) {
            if let Some(name) = self.string(value, what) {
                let name = excerpt(&name);
                if names.contains(&name) || name.is_empty() {
                    self.report(
                        &rules::MODEL_VALUE,
                        value,
                        format!("`{what}`: names are not empty and not given twice"),
                    );
                } else {
                    names.push(name);
                }
            }
        }
        names
    }

    fn fields(&mut self, value: &'a RawValue, what: &str) -> Option<Vec<Field>> {
        if self.is_over() {
            return None;
        }
        let Ok(Members(members)) = serde_json::from_str::<Members<'a>>(value.get()) else {
            self.report(
                &rules::MODEL_VALUE,
                value,
                format!("an item of `{what}` is not acceptable; accepted: an object"),
            );
            return None;
        };
        let mut fields: Vec<Field> = Vec::with_capacity(members.len());
        for (name, raw) in members {
            if fields.len() < MAX_FIELDS {
                fields.push(Field { name, value: scalar(raw), at: Some(self.range(raw)), is_read: false });
            }
        }
        Some(fields)
    }

    // The id of an item, if it is acceptable and new.
    fn new_id(fields: &mut Fields<'_>, known: bool) -> Option<String> {
        let at = fields.place("id");
        let id = fields.text("id");
        let problem = match &id {
            Some(id) if id.trim().is_empty() => "the id is empty",
            Some(id) if id.chars().count() > MAX_ID_CHARS || id.chars().any(limits::is_invisible) => {
                "the id has more than 80 or invisible characters"
            }
            Some(_) if known => "the id is already taken",
            Some(_) => return id,
            None => "an `id` is missing",
        };
        let message = format!("{}: {problem}; the item is left out", fields.owner);
        fields.findings.push(place(Note::new(&rules::MODEL_VALUE, message), at));
        None
    }

    fn component(&mut self, value: &'a RawValue) {
        let Some(list) = self.fields(value, "components") else { return };
        let at = self.range(value);
        let known = id_of(&list).is_some_and(|id| self.ids.contains_key(id));
        let owner = format!("component {}", shown(&list));
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list, owner, Some(at), &mut findings);
        if let Some(id) = Self::new_id(&mut fields, known) {
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
            fields.finish();
        }
        self.findings.extend(findings);
    }

    fn boundary(&mut self, name: String) -> usize {
        let known = self.design.boundaries.iter().position(|boundary| boundary.name == name);
        known.unwrap_or_else(|| {
            self.design.boundaries.push(Boundary { name, parent: None, is_container: false });
            self.design.boundaries.len() - 1
        })
    }

    fn lookup(fields: &mut Fields<'_>, name: &'static str, ids: &BTreeMap<String, usize>) -> Option<usize> {
        let at = fields.place(name);
        let problem = match fields.text(name) {
            Some(id) => {
                if let Some(found) = ids.get(&id) {
                    return Some(*found);
                }
                let near = suggest::nearest(&id, ids.keys().map(String::as_str).take(MAX_SUGGESTED));
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{}`?", excerpt(near)));
                format!("`{name}` names `{}`, which is not there{near}", excerpt(&id))
            }
            None => format!("`{name}` is missing"),
        };
        fields.findings.push(place(Note::new(&rules::MODEL_VALUE, format!("{}: {problem}", fields.owner)), at));
        None
    }

    fn link(&mut self, value: &'a RawValue) {
        let Some(list) = self.fields(value, "links") else { return };
        let at = self.range(value);
        let mut findings = Vec::new();
        let mut fields = Fields::of_json(list, "link".to_owned(), Some(at), &mut findings);
        let from = Self::lookup(&mut fields, "from", &self.ids);
        let to = Self::lookup(&mut fields, "to", &self.ids);
        if let (Some(from), Some(to)) = (from, to) {
            let mut link = Link::new(from, to, Some(at));
            link.description = fields.text("description").map(|text| excerpt(&text)).unwrap_or_default();
            link.technology = fields.text("technology").map(|text| excerpt(&text)).unwrap_or_default();
            read_link_figures(&mut fields, &mut link);
            fields.finish();
            self.pairs.insert((from, to));
            self.design.links.push(link);
        }
        self.findings.extend(findings);
    }

    fn entries(&mut self, value: Option<&'a RawValue>) {
        for value in self.items(value, "entryPoints", MAX_COMPONENTS) {
            if self.is_over() {
                break;
            }
            let Some(id) = self.string(value, "entryPoints") else { continue };
            match self.ids.get(&id) {
                Some(found) => self.design.entries.push(*found),
                None => self.report(
                    &rules::MODEL_VALUE,
                    value,
                    format!("`entryPoints` names `{}`, which is no component", excerpt(&id)),
                ),
            }
        }
    }

    fn slo(&mut self, value: &'a RawValue) {
        let Some(list) = self.fields(value, "slos") else { return };
        let at = self.range(value);
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
            (None, true) => Self::lookup(&mut fields, "entry", &self.ids).map(Course::Entry),
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
        self.findings.extend(findings);
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
        for step in self.items(Some(value), "path", MAX_PATH_STEPS) {
            let found = self.string(step, "path").and_then(|id| self.ids.get(&id).copied());
            match (found, path.last()) {
                (None, _) => {
                    self.report(&rules::MODEL_VALUE, step, "a step of the path is no component".to_owned());
                    is_complete = false;
                }
                (Some(next), Some(last)) if !self.pairs.contains(&(*last, next)) => {
                    self.report(&rules::MODEL_VALUE, step, "no link leads to this step from the one before".to_owned());
                    is_complete = false;
                }
                (Some(next), _) if path.contains(&next) => {
                    self.report(&rules::MODEL_VALUE, step, "the path comes by this component twice".to_owned());
                    is_complete = false;
                }
                (Some(next), _) => path.push(next),
            }
        }
        if path.is_empty() && is_complete {
            self.report(&rules::MODEL_VALUE, value, "the path has no steps".to_owned());
        }
        Some(if is_complete { path } else { Vec::new() })
    }

    fn modules(&mut self, modules: Option<&'a RawValue>, edges: Option<&'a RawValue>) {
        let mut ids = BTreeMap::new();
        for value in self.items(modules, "modules", MAX_MODULES) {
            let Some(list) = self.fields(value, "modules") else { continue };
            let at = self.range(value);
            let known = id_of(&list).is_some_and(|id| ids.contains_key(id));
            let owner = format!("module {}", shown(&list));
            let mut findings = Vec::new();
            let mut fields = Fields::of_json(list, owner, Some(at), &mut findings);
            if let Some(id) = Self::new_id(&mut fields, known) {
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
            self.findings.extend(findings);
        }
        for value in self.items(edges, "moduleEdges", MAX_MODULE_EDGES) {
            let Some(list) = self.fields(value, "moduleEdges") else { continue };
            let at = self.range(value);
            let mut findings = Vec::new();
            let mut fields = Fields::of_json(list, "module edge".to_owned(), Some(at), &mut findings);
            let from = Self::lookup(&mut fields, "from", &ids);
            let to = Self::lookup(&mut fields, "to", &ids);
            if let (Some(from), Some(to)) = (from, to) {
                fields.finish();
                self.design.modules.edges.push((from, to, Some(at)));
            }
            self.findings.extend(findings);
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

// Mistakes reported of one model; a text of another kind has one in every item.
const MAX_MISTAKES: usize = 200;

// Fields read of one item; the longest item known has 18.
const MAX_FIELDS: usize = 64;

// Ids looked at for a did-you-mean: each costs a distance.
const MAX_SUGGESTED: usize = 200;

fn id_of(fields: &[Field]) -> Option<&str> {
    fields.iter().rev().find(|field| field.name == "id").and_then(|field| match &field.value {
        Value::Text(text) => Some(text.as_str()),
        Value::Number(_) | Value::Flag(_) | Value::Nested => None,
    })
}

fn shown(fields: &[Field]) -> String {
    id_of(fields).map_or_else(|| "without id".to_owned(), |id| format!("\"{}\"", excerpt(id)))
}

fn scalar(raw: &RawValue) -> Value {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map_or(Value::Nested, Value::Text),
        Some(b't') => Value::Flag(true),
        Some(b'f') => Value::Flag(false),
        // The standard library rounds correctly, serde_json may be off by a unit in the last place. A number beyond the
        // range of a double has no value.
        Some(b'-' | b'0'..=b'9') => {
            text.parse::<f64>().ok().filter(|number| number.is_finite()).map_or(Value::Nested, Value::Number)
        }
        _ => Value::Nested,
    }
}

// The members of an object in their order, values raw, so that duplicates and places are seen.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

//! Compares two OpenAPI documents: paths, operations, parameters, bodies, responses, security and the rest of what
//! surrounds schemas. The schemas themselves are compared in [`schema`](super::schema).

use super::change::{Change, Side, shown};
use super::openapi_rules::OPENAPI_RULES;
use super::schema::{ParameterTraits, Place, PlaceKind, Walk};
use super::unchanged::{Unchanged, same_media_types};
use crate::support::openapi::{
    Body, Edition, MediaType, Operation, Parameter, Path, Response, Spec, nameless, template_names,
};
use crate::support::tree::{NodeId, Span};
use octavo_toolkit::{Level, Rule};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Most schemas, properties and alternatives looked at in one call: what the largest published documents need when every
/// schema changes, several times over.
pub const MAX_SCHEMA_STEPS: usize = 500_000;

/// Most changes kept; the rest is only counted. Beyond it no reader looks.
pub const MAX_CHANGES: usize = 20_000;

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The changes, in the order of the documents.
    pub changes: Vec<Change>,
    /// Whether a limit ended the comparison of schemas early.
    pub cut: bool,
}

/// All changes from `base` to `revision` on paths that begin with `prefix`.
#[must_use]
pub fn compare(base: &Spec<'_>, revision: &Spec<'_>, prefix: &str) -> Outcome {
    let mut comparer = Comparer {
        base,
        revision,
        unchanged: Unchanged::new(base, revision),
        rules: OPENAPI_RULES.iter().map(|rule| (rule.id, rule)).collect(),
        subject: String::new(),
        subjects: 0,
        changes: Vec::new(),
        last_seen: Vec::new(),
        known: BTreeMap::new(),
        walked: BTreeMap::new(),
        trail: Vec::new(),
        steps_left: MAX_SCHEMA_STEPS,
        cut: false,
    };
    comparer.paths(prefix);
    comparer.surroundings();
    comparer.versions();
    Outcome { changes: comparer.changes, cut: comparer.cut }
}

// One change of one place, whatever operations show it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rule: &'static str,
    side: Side,
    span: Span,
    detail: String,
}

pub(super) struct Comparer<'c, 'd> {
    pub(super) base: &'c Spec<'d>,
    pub(super) revision: &'c Spec<'d>,
    pub(super) unchanged: Unchanged,
    rules: BTreeMap<&'static str, &'static Rule>,
    subject: String,
    // How many subjects there were, which numbers the present one.
    subjects: usize,
    changes: Vec<Change>,
    // By change: the number of the subject that showed it last.
    last_seen: Vec<usize>,
    known: BTreeMap<Key, usize>,
    // What pairs of schemas showed when they were walked whole, by index of the change.
    pub(super) walked: BTreeMap<Walk, Vec<usize>>,
    // Changes shown since the walk of a place began.
    pub(super) trail: Vec<usize>,
    pub(super) steps_left: usize,
    pub(super) cut: bool,
}

impl<'d> Comparer<'_, 'd> {
    /// Whether there is a rule of this id.
    pub(super) fn has_rule(&self, id: &str) -> bool {
        self.rules.contains_key(id)
    }

    /// The level of a rule.
    pub(super) fn level(&self, id: &str) -> Option<Level> {
        self.rules.get(id).map(|rule| rule.level)
    }

    /// Records a change, if there is a rule for it. `detail` tells apart changes of one rule at one place.
    pub(super) fn add(&mut self, id: &str, (side, span): (Side, Span), detail: &str, message: String) {
        let Some(rule) = self.rules.get(id).copied() else { return };
        let key = Key { rule: rule.id, side, span, detail: detail.to_owned() };
        if let Some(at) = self.known.get(&key).copied() {
            return self.show_again(at);
        }
        if self.changes.len() >= MAX_CHANGES {
            self.cut = true;
            return;
        }
        self.known.insert(key, self.changes.len());
        self.trail.push(self.changes.len());
        self.last_seen.push(self.subjects);
        let subject = self.subject.clone();
        self.changes.push(Change { rule, level: rule.level, side, span, subject, message, others: 0, nested: false });
    }

    /// Counts a change that an earlier operation showed already.
    pub(super) fn show_again(&mut self, at: usize) {
        self.trail.push(at);
        let (Some(last), Some(change)) = (self.last_seen.get_mut(at), self.changes.get_mut(at)) else { return };
        if *last != self.subjects {
            *last = self.subjects;
            change.others += 1;
        }
    }

    pub(super) fn at_base(&self, id: NodeId) -> (Side, Span) {
        (Side::Base, self.base.doc.span(id))
    }

    pub(super) fn at_revision(&self, id: NodeId) -> (Side, Span) {
        (Side::Revision, self.revision.doc.span(id))
    }

    // The place of a member of the revision, or else of the node that would hold it.
    pub(super) fn at_member(&self, id: NodeId, key: &str) -> (Side, Span) {
        match self.revision.doc.member(id, key) {
            Some(member) => (Side::Revision, Span { end: self.revision.doc.span(member.value).end, ..member.key_span }),
            None => self.at_revision(id),
        }
    }

    fn paths(&mut self, prefix: &str) {
        let of = |spec: &Spec<'d>| -> Vec<Path<'d>> {
            spec.paths().into_iter().filter(|path| path.template.starts_with(prefix)).collect()
        };
        let (old, new) = (of(self.base), of(self.revision));
        let mut exact: BTreeMap<&str, usize> = BTreeMap::new();
        let mut loose: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
        for (at, path) in new.iter().enumerate() {
            exact.insert(path.template, at);
            loose.entry(nameless(path.template)).or_default().push_back(at);
        }
        let mut taken = BTreeSet::new();
        // Equal templates first, so that a renamed parameter never steals a path from its equal.
        let mut partner: Vec<Option<usize>> = old.iter().map(|path| exact.get(path.template).copied()).collect();
        taken.extend(partner.iter().flatten().copied());
        for (path, partner) in old.iter().zip(&mut partner).filter(|(_, partner)| partner.is_none()) {
            let candidates = loose.get_mut(&nameless(path.template));
            *partner = candidates.and_then(|all| std::iter::from_fn(|| all.pop_front()).find(|at| !taken.contains(at)));
            taken.extend(*partner);
        }
        for (path, partner) in old.iter().zip(&partner) {
            match partner.and_then(|at| new.get(at)) {
                Some(other) => self.path(path, other),
                None => self.path_removed(path),
            }
        }
        for path in new.iter().enumerate().filter(|(at, _)| !taken.contains(at)).map(|(_, path)| path) {
            for operation in self.revision.operations(path.item) {
                self.operation_added(path, &operation);
            }
        }
    }

    fn set_subject(&mut self, path: &Path<'_>, operation: &Operation) {
        self.subject = format!("{} {}", operation.method.to_uppercase(), shown(path.template));
        self.subjects += 1;
    }

    fn operation_added(&mut self, path: &Path<'_>, operation: &Operation) {
        self.set_subject(path, operation);
        self.add("endpoint-added", (Side::Revision, operation.span), "", "the operation was added".into());
    }

    fn path_removed(&mut self, path: &Path<'_>) {
        for operation in self.base.operations(path.item) {
            // What is still a draft may go without notice, as oasdiff has it.
            if matches!(stability(self.base, operation.node), Some("alpha" | "draft")) {
                continue;
            }
            self.operation_removed(path, &operation, "api-path-removed");
        }
    }

    fn operation_removed(&mut self, path: &Path<'_>, operation: &Operation, prefix: &str) {
        self.set_subject(path, operation);
        let at = (Side::Base, operation.span);
        let what = if prefix == "api-path-removed" { "the path was removed" } else { "the operation was removed" };
        if !self.base.doc.is_true(operation.node, "deprecated") {
            self.add(&format!("{prefix}-without-deprecation"), at, "", format!("{what} without deprecation"));
        } else if let Some(Err(())) = sunset(self.base, operation.node) {
            self.add("api-path-sunset-parse", at, "", format!("{what}, and its x-sunset was no date"));
        } else {
            self.add(&format!("{prefix}-with-deprecation"), at, "", format!("{what} after its deprecation"));
        }
    }

    fn path(&mut self, old: &Path<'d>, new: &Path<'d>) {
        let renamed: BTreeMap<&str, &str> =
            template_names(old.template).into_iter().zip(template_names(new.template)).collect();
        let before: BTreeMap<_, _> =
            self.base.operations(old.item).into_iter().map(|found| (found.method, found)).collect();
        let after: BTreeMap<_, _> =
            self.revision.operations(new.item).into_iter().map(|found| (found.method, found)).collect();
        for (method, operation) in &before {
            match after.get(method) {
                None => self.operation_removed(old, operation, "api-removed"),
                Some(other) => {
                    self.set_subject(new, other);
                    self.operation((old.item, operation.node), (new.item, other.node), &renamed);
                }
            }
        }
        for (_, operation) in after.iter().filter(|(method, _)| !before.contains_key(*method)) {
            self.operation_added(new, operation);
        }
    }

    fn operation(
        &mut self,
        (old_item, old): (NodeId, NodeId),
        (new_item, new): (NodeId, NodeId),
        renamed: &BTreeMap<&str, &str>,
    ) {
        let same = self.unchanged.node(self.base, old, self.revision, new);
        let lists = [self.base.doc.get(old_item, "parameters"), self.revision.doc.get(new_item, "parameters")];
        let same_lists = match lists {
            [None, None] => true,
            [Some(old), Some(new)] => self.unchanged.node(self.base, old, self.revision, new),
            _ => false,
        };
        // Swagger keeps media types at the root, so an equal operation may still mean another one.
        let same_root = self.base.edition != Edition::Swagger2 || same_media_types(self.base, self.revision);
        if same && same_lists && same_root && renamed.iter().all(|(old, new)| old == new) {
            return;
        }
        self.life_cycle(old, new);
        self.parameters((old_item, old), (new_item, new), renamed);
        self.body(self.base.body(old_item, old), self.revision.body(new_item, new), new);
        self.responses(old, new);
        self.names(old, new);
        self.security(self.base.doc.get(old, "security"), self.revision.doc.get(new, "security"), "api-security");
    }

    fn life_cycle(&mut self, old: NodeId, new: NodeId) {
        let (was, is) = (self.base.doc.is_true(old, "deprecated"), self.revision.doc.is_true(new, "deprecated"));
        let date = sunset(self.revision, new);
        let at = self.at_member(new, "deprecated");
        match (was, is) {
            (false, true) => match date {
                None => self.add("endpoint-deprecated", at, "", "the operation was deprecated".into()),
                Some(Ok(date)) => {
                    let message = format!("the operation was deprecated and goes on {date}");
                    self.add("endpoint-deprecated-with-sunset", at, "", message);
                }
                Some(Err(())) => {
                    let message = "the operation was deprecated with an x-sunset that is no date".into();
                    self.add("api-deprecated-sunset-parse", at, "", message);
                }
            },
            (true, false) => self.add("endpoint-reactivated", at, "", "the operation is no longer deprecated".into()),
            (true, true) if sunset(self.base, old).is_some() && date.is_none() => {
                self.add("sunset-deleted", at, "", "the deprecated operation lost its x-sunset".into());
            }
            (true, true) | (false, false) => {}
        }
        let rank = |level: Option<&str>| match level {
            Some("draft") => Some(0),
            Some("alpha") => Some(1),
            Some("beta") => Some(2),
            Some("stable") | None => Some(3),
            Some(_) => None,
        };
        let (before, after) = (stability(self.base, old), stability(self.revision, new));
        let at = self.at_member(new, "x-stability-level");
        match (rank(before), rank(after)) {
            (_, None) => {
                let message = "x-stability-level is none of draft, alpha, beta and stable".into();
                self.add("api-invalid-stability-level", at, "", message);
            }
            (Some(was), Some(is)) if was != is => {
                let (id, verb) =
                    if is < was { ("api-stability-decreased", "less") } else { ("api-stability-increased", "more") };
                let (was, is) = (before.unwrap_or("stable"), after.unwrap_or("stable"));
                self.add(id, at, "", format!("the operation is {verb} stable: {is} instead of {was}"));
            }
            _ => {}
        }
    }

    fn parameters(&mut self, old: (NodeId, NodeId), new: (NodeId, NodeId), renamed: &BTreeMap<&str, &str>) {
        let before = self.base.parameters(old.0, old.1);
        let after = self.revision.parameters(new.0, new.1);
        // Headers have no case; a path parameter is its place in the template, whatever its name.
        let key = |parameter: &Parameter<'_>, name: &str| match parameter.location {
            "header" => (parameter.location.to_owned(), name.to_lowercase()),
            _ => (parameter.location.to_owned(), name.to_owned()),
        };
        let news: BTreeMap<_, _> = after.iter().map(|parameter| (key(parameter, parameter.name), parameter)).collect();
        let mut kept = BTreeSet::new();
        for parameter in &before {
            let name = if parameter.location == "path" { renamed.get(parameter.name).copied() } else { None };
            let key = key(parameter, name.unwrap_or(parameter.name));
            match news.get(&key) {
                Some(other) => {
                    kept.insert(key);
                    self.parameter(parameter, other);
                }
                None => self.parameter_removed(parameter),
            }
        }
        for (_, parameter) in news.iter().filter(|(key, _)| !kept.contains(*key)) {
            let id = match (parameter.location, parameter.of_path, parameter.required) {
                ("path", ..) => "new-request-path-parameter",
                (_, true, true) => "new-required-request-default-parameter-to-existing-path",
                (_, true, false) => "new-optional-request-default-parameter-to-existing-path",
                (_, false, true) => "new-required-request-parameter",
                (_, false, false) => "new-optional-request-parameter",
            };
            let how = if parameter.required { "required" } else { "optional" };
            let message = format!("the {how} {} was added", parameter_words(parameter));
            self.add(id, self.at_revision(parameter.node), "", message);
        }
    }

    fn parameter_removed(&mut self, parameter: &Parameter<'_>) {
        let at = self.at_base(parameter.node);
        let words = parameter_words(parameter);
        let (id, message) = if !self.base.doc.is_true(parameter.node, "deprecated") {
            ("request-parameter-removed", format!("the {words} was removed"))
        } else if let Some(Err(())) = sunset(self.base, parameter.node) {
            ("request-parameter-sunset-parse", format!("the {words} was removed, and its x-sunset was no date"))
        } else {
            ("request-parameter-removed-with-deprecation", format!("the {words} was removed after its deprecation"))
        };
        self.add(id, at, "", message);
    }

    fn parameter(&mut self, old: &Parameter<'d>, new: &Parameter<'d>) {
        let words = parameter_words(new);
        if old.required != new.required {
            let (id, verb) = if new.required {
                ("request-parameter-became-required", "must be sent now")
            } else {
                ("request-parameter-became-optional", "is no longer required")
            };
            self.add(id, self.at_member(new.node, "required"), "", format!("the {words} {verb}"));
        }
        let (was, is) =
            (self.base.doc.is_true(old.node, "deprecated"), self.revision.doc.is_true(new.node, "deprecated"));
        let at = self.at_member(new.node, "deprecated");
        match (was, is, sunset(self.base, old.node), sunset(self.revision, new.node)) {
            (false, true, _, Some(Err(()))) => {
                let message = format!("the {words} was deprecated with an x-sunset that is no date");
                self.add("request-parameter-sunset-parse", at, "", message);
            }
            (false, true, ..) => {
                self.add("request-parameter-deprecated", at, "", format!("the {words} was deprecated"));
            }
            (true, false, ..) => {
                self.add("request-parameter-reactivated", at, "", format!("the {words} is no longer deprecated"));
            }
            (true, true, Some(_), None) => {
                self.add(
                    "request-parameter-sunset-deleted",
                    at,
                    "",
                    format!("the deprecated {words} lost its x-sunset"),
                );
            }
            _ => {}
        }
        if let (Some(before), Some(after)) = (&old.schema, &new.schema) {
            let place = Place {
                kind: PlaceKind::Parameter,
                whole: words.clone(),
                of: format!("the {words}"),
                strong: false,
                parameter: ParameterTraits {
                    form_explode: form_explode(self.revision, new),
                    optional: !old.required && !new.required,
                    header: new.location == "header",
                },
            };
            self.schemas(&place, before, after);
        }
    }

    fn body(&mut self, old: Option<Body<'d>>, new: Option<Body<'d>>, operation: NodeId) {
        match (old, new) {
            (None, None) => {}
            (None, Some(new)) => {
                let (id, how) = if new.required {
                    ("request-body-added-required", "required")
                } else {
                    ("request-body-added-optional", "optional")
                };
                self.add(
                    id,
                    self.at_member(operation, "requestBody"),
                    "",
                    format!("an {how} request body was added").replace("an required", "a required"),
                );
            }
            (Some(old), None) => {
                self.add("request-body-removed", self.at_base(old.node), "", "the request body was removed".into());
            }
            (Some(old), Some(new)) => {
                if old.required != new.required {
                    let (id, verb) = if new.required {
                        ("request-body-became-required", "must be sent now")
                    } else {
                        ("request-body-became-optional", "is no longer required")
                    };
                    self.add(id, self.at_member(new.node, "required"), "", format!("the request body {verb}"));
                }
                let place = Place::body(PlaceKind::RequestBody, "request body".into(), "the request".into());
                self.content(
                    &place,
                    &old.content,
                    &new.content,
                    ["request-body-media-type", "request-body-media-type-schema"],
                );
            }
        }
    }

    // `ids` begin the ids of a media type's change and of its schema's.
    fn content(&mut self, place: &Place, old: &[MediaType<'d>], new: &[MediaType<'d>], ids: [&str; 2]) {
        let [media_id, schema_id] = ids;
        let before: BTreeMap<String, &MediaType<'_>> = old.iter().map(|media| (media_key(media.name), media)).collect();
        let after: BTreeMap<String, &MediaType<'_>> = new.iter().map(|media| (media_key(media.name), media)).collect();
        for (key, media) in &before {
            let Some(other) = after.get(key) else {
                let message = format!("media type `{}` of the {} was removed", shown(media.name), place.whole);
                self.add(&format!("{media_id}-removed"), (Side::Base, media.span), media.name, message);
                continue;
            };
            match (&media.schema, &other.schema) {
                (None, None) => {}
                (None, Some(_)) => {
                    let message = format!("media type `{}` of the {} got a schema", shown(media.name), place.whole);
                    self.add(&format!("{schema_id}-added"), (Side::Revision, other.span), media.name, message);
                }
                (Some(_), None) => {
                    let message = format!("media type `{}` of the {} lost its schema", shown(media.name), place.whole);
                    self.add(&format!("{schema_id}-removed"), (Side::Base, media.span), media.name, message);
                }
                (Some(before), Some(after)) => {
                    let essence = key.split(';').next().unwrap_or(key).trim();
                    let strong = essence == "application/json" || essence.ends_with("+json");
                    self.schemas(&Place { strong, ..place.clone() }, before, after);
                }
            }
        }
        for (_, media) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
            let message = format!("media type `{}` of the {} was added", shown(media.name), place.whole);
            self.add(&format!("{media_id}-added"), (Side::Revision, media.span), media.name, message);
        }
    }

    fn responses(&mut self, old: NodeId, new: NodeId) {
        let (before, after) = (self.base.responses(old), self.revision.responses(new));
        let news: BTreeMap<&str, &Response<'_>> = after.iter().map(|response| (response.status, response)).collect();
        let olds: BTreeSet<&str> = before.iter().map(|response| response.status).collect();
        for response in &before {
            match news.get(response.status) {
                Some(other) => self.response(response, other),
                None => self.status((Side::Base, response.span), response.status, "removed"),
            }
        }
        for response in after.iter().filter(|response| !olds.contains(response.status)) {
            self.status((Side::Revision, response.span), response.status, "added");
        }
    }

    fn status(&mut self, at: (Side, Span), status: &str, verb: &str) {
        // A class counts as its codes; `default` is no status of its own.
        let success = match status.as_bytes() {
            [b'2', ..] if status.len() == 3 => true,
            [b'1'..=b'5', ..] if status.len() == 3 => false,
            _ => return,
        };
        let id = format!("response-{}-status-{verb}", if success { "success" } else { "non-success" });
        self.add(&id, at, "", format!("response status {} was {verb}", shown(status)));
    }

    fn response(&mut self, old: &Response<'d>, new: &Response<'d>) {
        let status = shown(new.status);
        let place =
            Place::body(PlaceKind::ResponseBody, format!("{status} response"), format!("the {status} response"));
        self.content(&place, &old.content, &new.content, ["response-media-type", "response-body-media-type-schema"]);
        let lower = |name: &str| name.to_lowercase();
        let news: BTreeMap<String, _> = new.headers.iter().map(|header| (lower(header.name), header)).collect();
        let olds: BTreeSet<String> = old.headers.iter().map(|header| lower(header.name)).collect();
        for header in &old.headers {
            let words = format!("header `{}` of the {status} response", shown(header.name));
            let Some(other) = news.get(&lower(header.name)) else {
                let id = if header.required {
                    "required-response-header-removed"
                } else {
                    "optional-response-header-removed"
                };
                self.add(id, self.at_base(header.node), "", format!("the {words} was removed"));
                continue;
            };
            if header.required && !other.required {
                let message = format!("the {words} is no longer always sent");
                self.add("response-header-became-optional", self.at_member(other.node, "required"), "", message);
            }
            if let (Some(before), Some(after)) = (&header.schema, &other.schema) {
                let place = Place::body(PlaceKind::ResponseHeader, words.clone(), format!("the {words}"));
                self.schemas(&Place { strong: false, ..place }, before, after);
            }
        }
        for header in new.headers.iter().filter(|header| !olds.contains(&lower(header.name))) {
            let message = format!("the header `{}` of the {status} response was added", shown(header.name));
            self.add("response-header-added", self.at_revision(header.node), "", message);
        }
    }

    fn names(&mut self, old: NodeId, new: NodeId) {
        let name = |spec: &Spec<'d>, id: NodeId| spec.doc.get_str(id, "operationId").filter(|name| !name.is_empty());
        match (name(self.base, old), name(self.revision, new)) {
            (None, Some(name)) => {
                let message = format!("the operation got the operationId `{}`", shown(name));
                self.add("api-operation-id-added", self.at_member(new, "operationId"), "", message);
            }
            (Some(before), after) if after != Some(before) => {
                let message = match after {
                    Some(after) => {
                        format!("the operationId changed from `{}` to `{}`", shown(before), shown(after))
                    }
                    None => format!("the operationId `{}` was removed", shown(before)),
                };
                self.add("api-operation-id-removed", self.at_member(new, "operationId"), "", message);
            }
            _ => {}
        }
        let tags = |spec: &Spec<'d>, id: NodeId| -> BTreeSet<&'d str> {
            let list = spec.doc.get(id, "tags");
            list.map_or(&[][..], |list| spec.doc.items(list)).iter().filter_map(|tag| spec.doc.str(*tag)).collect()
        };
        let (before, after) = (tags(self.base, old), tags(self.revision, new));
        for tag in before.difference(&after) {
            self.add("api-tag-removed", self.at_member(new, "tags"), tag, format!("tag `{}` was removed", shown(tag)));
        }
        for tag in after.difference(&before) {
            self.add("api-tag-added", self.at_member(new, "tags"), tag, format!("tag `{}` was added", shown(tag)));
        }
    }

    fn surroundings(&mut self) {
        "API".clone_into(&mut self.subject);
        let (old_root, new_root) = (self.base.doc.root(), self.revision.doc.root());
        let (old, new) = (self.base.doc.get(old_root, "security"), self.revision.doc.get(new_root, "security"));
        self.security(old, new, "api-global-security");
        "webhooks".clone_into(&mut self.subject);
        self.named("webhook", "webhooks", old_root, new_root);
        "components".clone_into(&mut self.subject);
        let (old, new) = (self.base.components("schemas"), self.revision.components("schemas"));
        let kept: BTreeSet<&str> = new.iter().map(|member| &*member.key).collect();
        for member in old.iter().filter(|member| !kept.contains(&*member.key)) {
            let message = format!("schema `{}` was removed", shown(&member.key));
            self.add("api-schema-removed", (Side::Base, member.key_span), "", message);
        }
        self.security_schemes();
    }

    fn named(&mut self, id: &str, holder: &str, old_root: NodeId, new_root: NodeId) {
        let old = self.base.doc.get(old_root, holder).map_or(&[][..], |at| self.base.doc.members(at));
        let new = self.revision.doc.get(new_root, holder).map_or(&[][..], |at| self.revision.doc.members(at));
        let names = |members: &[crate::support::tree::Member]| -> BTreeMap<String, Span> {
            members.iter().map(|member| (member.key.to_string(), member.key_span)).collect()
        };
        let (old, new) = (names(old), names(new));
        for (name, span) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
            self.add(&format!("{id}-removed"), (Side::Base, *span), "", format!("{id} `{}` was removed", shown(name)));
        }
        for (name, span) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            self.add(&format!("{id}-added"), (Side::Revision, *span), "", format!("{id} `{}` was added", shown(name)));
        }
    }

    // Whether the version the document states fits what was found; silent about versions that are not semantic.
    fn versions(&mut self) {
        if !self.changes.iter().any(|change| change.level == Level::Error) {
            return;
        }
        let (Some(old), Some(new)) = (self.base.api_version(), self.revision.api_version()) else { return };
        let (Some(was), Some(is)) = (semantic(old), semantic(new)) else { return };
        let (id, message) = if old == new {
            ("api-version-not-bumped", format!("something breaks, but the version stayed {}", shown(new)))
        } else if is <= was {
            let message = format!("something breaks, but the version went from {} to {}", shown(old), shown(new));
            ("api-version-decreased", message)
        } else if is[0] > was[0] || (was[0] == 0 && is[0] == 0 && is[1] > was[1]) {
            return;
        } else {
            let message = format!("something breaks, but the version went from {} to {} only", shown(old), shown(new));
            ("api-major-version-not-bumped", message)
        };
        "info.version".clone_into(&mut self.subject);
        let info = self.revision.doc.get(self.revision.doc.root(), "info");
        let at = info.map_or((Side::Revision, Span::default()), |info| self.at_member(info, "version"));
        self.add(id, at, "", message);
    }
}

fn parameter_words(parameter: &Parameter<'_>) -> String {
    format!("{} parameter `{}`", shown(parameter.location), shown(parameter.name))
}

// Parameters of a media type have no order and case is no difference.
fn media_key(name: &str) -> String {
    let mut parts = name.split(';').map(|part| part.trim().to_lowercase());
    let essence = parts.next().unwrap_or_default();
    let rest: BTreeSet<String> = parts.filter(|part| !part.is_empty()).collect();
    rest.into_iter().fold(essence, |key, part| format!("{key};{part}"))
}

fn stability<'d>(spec: &Spec<'d>, id: NodeId) -> Option<&'d str> {
    spec.doc.get_str(id, "x-stability-level")
}

/// The day an `x-sunset` names; an error where it names none.
pub(super) fn sunset(spec: &Spec<'_>, id: NodeId) -> Option<Result<String, ()>> {
    let value = spec.doc.get(id, "x-sunset")?;
    let text = spec.doc.str(value).unwrap_or_default();
    let day = text.get(..10).unwrap_or_default();
    let digits = |range: std::ops::Range<usize>| day.get(range).and_then(|part| part.parse::<u32>().ok());
    let shape = day
        .bytes()
        .enumerate()
        .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    let in_range = matches!((digits(5..7), digits(8..10)), (Some(1..=12), Some(1..=31)));
    let tail = text.get(10..).unwrap_or_default();
    let valid = day.len() == 10 && shape && in_range && (tail.is_empty() || tail.starts_with(['T', 't']));
    Some(if valid { Ok(day.to_owned()) } else { Err(()) })
}

// Whether a list in the parameter is sent as `?a=1&a=2`, so that one value is also a list of one.
fn form_explode(spec: &Spec<'_>, parameter: &Parameter<'_>) -> bool {
    if spec.edition == Edition::Swagger2 {
        return spec.doc.get_str(parameter.node, "collectionFormat") == Some("multi");
    }
    let default_style = if matches!(parameter.location, "query" | "cookie") { "form" } else { "simple" };
    let style = spec.doc.get_str(parameter.node, "style").unwrap_or(default_style);
    let explode = match spec.doc.get(parameter.node, "explode") {
        Some(_) => spec.doc.is_true(parameter.node, "explode"),
        None => true,
    };
    style == "form" && explode
}

// Major, minor and patch of a semantic version, with or without a leading `v`.
fn semantic(version: &str) -> Option<[u64; 3]> {
    let plain = version.strip_prefix('v').unwrap_or(version);
    let core = plain.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = core.split('.').map(|part| {
        let canonical = part == "0" || !part.starts_with('0');
        if canonical && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) { part.parse().ok() } else { None }
    });
    let found = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_strictly() {
        assert_eq!(semantic("1.2.3"), Some([1, 2, 3]));
        assert_eq!(semantic("v0.0.10-rc.1+b"), Some([0, 0, 10]));
        for version in ["1.2", "1.2.3.4", "01.2.3", "2024-01-01", "v1", "", "1..3"] {
            assert_eq!(semantic(version), None, "{version}");
        }
    }

    #[test]
    fn media_types_are_compared_without_case_and_order() {
        assert_eq!(media_key("Application/JSON; b=2;a=1"), media_key("application/json;a=1; b=2"));
        assert_ne!(media_key("text/plain;charset=utf-8"), media_key("text/plain"));
    }
}

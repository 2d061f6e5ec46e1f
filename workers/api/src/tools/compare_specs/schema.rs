//! Compares two schemas keyword by keyword.
//!
//! What is found is named by place and change, such as `request-property` and `max-decreased`; the rule table says whether
//! that matters and how much. A pair of schemas is looked at once per body, so recursive schemas end.

use super::change::{Side, shown};
use super::openapi::{Comparer, sunset};
use super::types::TypeChange;
use super::view::{View, alternatives_of, join};
use crate::support::openapi::{Schema, Spec};
use crate::support::tree::{NodeId, Span};
use octavo_toolkit::Level;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Deepest chain of schemas followed; no published document goes half as deep.
const MAX_SCHEMA_DEPTH: usize = 64;

/// Changes shown again at the price of looking at one schema.
const CHANGES_PER_STEP: usize = 16;

/// Longest value repeated in a message, in bytes.
const MAX_VALUE_BYTES: usize = 60;

/// What holds a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PlaceKind {
    RequestBody,
    Parameter,
    ResponseBody,
    ResponseHeader,
}

/// The place of a schema in an operation.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) kind: PlaceKind,
    /// What holds the schema, without article: `request body`, `200 response`.
    pub(super) whole: String,
    /// What a property is said to be of: `the request`.
    pub(super) of: String,
    /// Whether a number and its digits as a string differ, as in JSON.
    pub(super) strong: bool,
    /// What more is known of a parameter.
    pub(super) parameter: ParameterTraits,
}

/// What matters of a parameter beside its schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ParameterTraits {
    /// Whether its list is sent as repeated single values.
    pub(super) form_explode: bool,
    /// Whether it may be left out on both sides, so that its default matters.
    pub(super) optional: bool,
    /// Whether it is sent as a header.
    pub(super) header: bool,
}

impl Place {
    /// The place of a body of one media type.
    pub(super) fn body(kind: PlaceKind, whole: String, of: String) -> Self {
        Self { kind, whole, of, strong: true, parameter: ParameterTraits::default() }
    }

    pub(super) const fn is_request(&self) -> bool {
        matches!(self.kind, PlaceKind::RequestBody | PlaceKind::Parameter)
    }

    const fn prefix(&self, at_root: bool) -> &'static str {
        match (self.kind, at_root) {
            (PlaceKind::RequestBody, true) => "request-body",
            (PlaceKind::RequestBody, false) => "request-property",
            (PlaceKind::Parameter, true) => "request-parameter",
            (PlaceKind::Parameter, false) => "request-parameter-property",
            (PlaceKind::ResponseBody, true) => "response-body",
            (PlaceKind::ResponseBody, false) => "response-property",
            (PlaceKind::ResponseHeader, true) => "response-header",
            (PlaceKind::ResponseHeader, false) => "response-header-property",
        }
    }

    // The words of a message for the property at `path`, or for the whole.
    fn words(&self, path: &str) -> String {
        match (path.is_empty(), self.kind) {
            (false, _) => format!("property `{}` of {}", shown(path), self.of),
            (true, PlaceKind::ResponseBody) => format!("the {} body", self.whole),
            (true, PlaceKind::RequestBody | PlaceKind::Parameter | PlaceKind::ResponseHeader) => {
                format!("the {}", self.whole)
            }
        }
    }
}

// Where in a place the walk is.
#[derive(Debug, Clone, Default)]
struct Cursor {
    path: String,
    depth: usize,
}

impl Cursor {
    fn down(&self, step: &str) -> Self {
        Self { path: join(&self.path, step), depth: self.depth + 1 }
    }
}

/// A walk of a pair of schemas: all that what it shows depends on.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Walk {
    kind: PlaceKind,
    strong: bool,
    parameter: ParameterTraits,
    at_root: bool,
    old: Schema,
    new: Schema,
}

// The pairs of one body that were or are being walked.
#[derive(Debug, Default)]
struct Seen {
    pairs: BTreeSet<(Schema, Schema)>,
    // How many pairs were not walked again, or not at all.
    passed_over: usize,
}
type At = (Side, Span);

/// Both sides of a schema.
pub(super) struct Pair<'p, 'd> {
    /// The base's.
    pub(super) old: View<'p, 'd>,
    /// The revision's.
    pub(super) new: View<'p, 'd>,
}

impl Pair<'_, '_> {
    // Where the revision has a keyword, or else its schema.
    fn at(&self, key: &str) -> At {
        (Side::Revision, self.new.place(key).unwrap_or_else(|| self.new.span()))
    }

    // Where the base had a keyword.
    fn was_at(&self, key: &str) -> At {
        (Side::Base, self.old.place(key).unwrap_or_else(|| self.old.span()))
    }

    // A property of a request that only answers have, or of an answer that only requests have, is of no weight.
    fn is_foreign(&self, place: &Place) -> bool {
        self.new.is_true(if place.is_request() { "readOnly" } else { "writeOnly" })
    }
}

impl<'d> Comparer<'_, 'd> {
    /// Compares two schemas of a place.
    pub(super) fn schemas(&mut self, place: &Place, old: &Schema, new: &Schema) {
        self.trail.clear();
        self.walk(place, &Cursor::default(), old, new, &mut Seen::default());
    }

    // Walks a pair, or shows again what an earlier walk of it showed. A pair that is being walked further up, or was
    // elsewhere in this body, is not walked twice; what stands above it is then not known whole, and not kept.
    fn walk(&mut self, place: &Place, at: &Cursor, old: &Schema, new: &Schema, seen: &mut Seen) {
        let (base, revision) = (self.base, self.revision);
        let same = |(old, new): (&NodeId, &NodeId)| self.unchanged.node(base, *old, revision, *new);
        if old.parts.len() == new.parts.len() && old.parts.iter().zip(&new.parts).all(same) {
            return;
        }
        if self.steps_left == 0 || at.depth > MAX_SCHEMA_DEPTH {
            self.cut = true;
            seen.passed_over += 1;
            return;
        }
        if !seen.pairs.insert((old.clone(), new.clone())) {
            seen.passed_over += 1;
            return;
        }
        let walk = Walk {
            kind: place.kind,
            strong: place.strong,
            parameter: place.parameter,
            at_root: at.path.is_empty(),
            old: old.clone(),
            new: new.clone(),
        };
        if let Some(changes) = self.walked.remove(&walk) {
            self.steps_left = self.steps_left.saturating_sub(1 + changes.len() / CHANGES_PER_STEP);
            for change in &changes {
                self.show_again(*change);
            }
            self.walked.insert(walk, changes);
            return;
        }
        let (start, passed_over) = (self.trail.len(), seen.passed_over);
        let pair = Pair { old: View::new(base, old.clone()), new: View::new(revision, new.clone()) };
        let pair = pair.without_null_branches();
        self.steps_left = self.steps_left.saturating_sub(pair.old.size() + pair.new.size());
        self.keywords(place, at, &pair);
        let moved = self.composition(place, at, &pair, seen);
        self.properties(place, at, &pair, &moved, seen);
        self.parts(place, at, &pair, seen);
        if seen.passed_over == passed_over {
            self.walked.insert(walk, self.trail.get(start..).unwrap_or_default().to_vec());
        }
    }

    // Records a change of the schema at the cursor, if the table has a rule for it here.
    fn emit(
        &mut self,
        place: &Place,
        at: &Cursor,
        pair: &Pair<'_, '_>,
        (suffix, detail): (&str, &str),
        here: At,
        what: &str,
    ) {
        let root = at.path.is_empty();
        let mut id = match (place.kind, root, suffix) {
            (PlaceKind::ResponseBody, true, "enum-value-removed") => "response-mediatype-enum-value-removed".to_owned(),
            (PlaceKind::Parameter, false, "became-enum") if place.parameter.header => {
                "request-header-property-became-enum".to_owned()
            }
            _ => format!("{}-{suffix}", place.prefix(root)),
        };
        if !root && pair.is_foreign(place) {
            let milder = if place.is_request() { "request-read-only-property" } else { "response-write-only-property" };
            let milder = format!("{milder}-{suffix}");
            if self.has_rule(&milder) {
                id = milder;
            } else if self.level(&id) != Some(Level::Info) {
                return;
            }
        }
        if self.has_rule(&id) {
            self.add(&id, here, detail, format!("{} {what}", place.words(&at.path)));
        }
    }

    fn keywords(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        self.nullability(place, at, pair);
        self.types(place, at, pair);
        self.enumeration(place, at, pair);
        self.bounds(place, at, pair);
        self.pattern(place, at, pair);
        let relevant_default = place.kind != PlaceKind::Parameter || place.parameter.optional;
        if relevant_default {
            self.value(place, at, pair, ("default", "default-value"), "the default");
        }
        self.value(place, at, pair, ("const", "const"), "the fixed value");
        self.text(place, at, pair, ("contentMediaType", "content-media-type-changed"));
        self.text(place, at, pair, ("contentEncoding", "content-encoding-changed"));
        self.discriminator(place, at, pair);
        self.dependent_required(place, at, pair);
        if !at.path.is_empty() {
            self.deprecation(place, at, pair);
        }
    }

    fn nullability(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        let here = if pair.new.place("nullable").is_some() { pair.at("nullable") } else { pair.at("type") };
        match (pair.old.nullable(), pair.new.nullable()) {
            (false, true) if !pair.old.is_open() => {
                self.emit(place, at, pair, ("became-nullable", ""), here, "may be null now");
            }
            (true, false) if !pair.new.is_open() => {
                self.emit(place, at, pair, ("became-not-nullable", ""), here, "may no longer be null");
            }
            _ => {}
        }
    }

    fn types(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        if pair.type_lists().is_some() || pair.wrapped() {
            return;
        }
        let (old, new) = (pair.old.types(), pair.new.types());
        let (old_format, new_format) = (pair.old.str("format").unwrap_or(""), pair.new.str("format").unwrap_or(""));
        let (type_changed, format_changed) = (old != new, old_format != new_format);
        if !type_changed && !format_changed {
            return;
        }
        let change = TypeChange { old, new, old_format, new_format };
        let suffix = change.suffix(place, at.path.is_empty(), pair);
        let say = |types: &BTreeSet<&str>, format: &str| {
            let types: Vec<&str> = types.iter().copied().collect();
            let types = if types.is_empty() { "any".to_owned() } else { types.join(" or ") };
            shown(&if format.is_empty() { types } else { format!("{types} ({format})") })
        };
        let what = format!("changed from type {} to {}", say(&change.old, old_format), say(&change.new, new_format));
        let here = if type_changed { pair.at("type") } else { pair.at("format") };
        self.emit(place, at, pair, (suffix, ""), here, &what);
    }

    fn enumeration(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        match (pair.old.values("enum"), pair.new.values("enum")) {
            (None, None) => {}
            (None, Some(_)) => {
                self.emit(place, at, pair, ("became-enum", ""), pair.at("enum"), "only accepts listed values now");
            }
            (Some(_), None) => {
                let here = pair.was_at("enum");
                self.emit(place, at, pair, ("enum-value-added", ""), here, "is no longer limited to listed values");
            }
            (Some(old), Some(new)) => {
                for (digest, id) in old.iter().filter(|(digest, _)| !new.contains_key(*digest)) {
                    let what = format!("no longer lists the value {}", value_of(self.base, *id));
                    let here = (Side::Base, self.base.doc.span(*id));
                    self.emit(place, at, pair, ("enum-value-removed", &digest.to_string()), here, &what);
                }
                for (digest, id) in new.iter().filter(|(digest, _)| !old.contains_key(*digest)) {
                    let what = format!("lists the new value {}", value_of(self.revision, *id));
                    let here = (Side::Revision, self.revision.doc.span(*id));
                    self.emit(place, at, pair, ("enum-value-added", &digest.to_string()), here, &what);
                }
            }
        }
        if let (Some(old), Some(new)) = (pair.old.values("x-extensible-enum"), pair.new.values("x-extensible-enum")) {
            for (digest, id) in old.iter().filter(|(digest, _)| !new.contains_key(*digest)) {
                let what = format!("no longer lists the extensible value {}", value_of(self.base, *id));
                let here = (Side::Base, self.base.doc.span(*id));
                self.emit(place, at, pair, ("x-extensible-enum-value-removed", &digest.to_string()), here, &what);
            }
        }
    }

    fn bounds(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        for bound in BOUNDS {
            let (old, new) = (pair.old.bound(bound), pair.new.bound(bound));
            // No least length is a least length of none.
            let floor = if bound.name == "min-length" { Some(0.0) } else { None };
            let (from, to) = (old.or(floor), new.or(floor));
            let (verb, what) = match (from, to) {
                (Some(from), Some(to)) if from < to => {
                    ("increased", format!("{} rose from {from} to {to}", bound.keyword))
                }
                (Some(from), Some(to)) if from > to => {
                    ("decreased", format!("{} fell from {from} to {to}", bound.keyword))
                }
                (None, Some(to)) => ("set", format!("{} is {to} now", bound.keyword)),
                (Some(from), None) => ("unset", format!("{} was {from} and is gone", bound.keyword)),
                _ => continue,
            };
            let here = if new.is_some() { pair.at(bound.keyword) } else { pair.was_at(bound.keyword) };
            let suffix = format!("{}-{verb}", bound.name);
            self.emit(place, at, pair, (&suffix, ""), here, &format!("changed: {what}"));
        }
    }

    fn pattern(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        let say = |text: &str| shown(text);
        match (pair.old.str("pattern").filter(|t| !t.is_empty()), pair.new.str("pattern").filter(|t| !t.is_empty())) {
            (None, Some(new)) => {
                let what = format!("must match `{}` now", say(new));
                self.emit(place, at, pair, ("pattern-added", ""), pair.at("pattern"), &what);
            }
            (Some(old), None) => {
                let what = format!("need not match `{}` any more", say(old));
                self.emit(place, at, pair, ("pattern-removed", ""), pair.was_at("pattern"), &what);
            }
            (Some(old), Some(new)) if old != new => {
                let suffix = if new == ".*" && place.is_request() { "pattern-generalized" } else { "pattern-changed" };
                let what = format!("must match `{}` instead of `{}`", say(new), say(old));
                self.emit(place, at, pair, (suffix, ""), pair.at("pattern"), &what);
            }
            _ => {}
        }
    }

    // A keyword with any value: added, removed or changed.
    fn value(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>, (key, name): (&str, &str), words: &str) {
        let (old, new) = (pair.old.find(key), pair.new.find(key));
        let (verb, here, what) = match (old, new) {
            (None, Some(new)) => {
                ("added", pair.at(key), format!("changed: {words} is {} now", value_of(self.revision, new)))
            }
            (Some(old), None) => {
                ("removed", pair.was_at(key), format!("changed: {words} was {} and is gone", value_of(self.base, old)))
            }
            (Some(old), Some(new)) if self.base.doc.digest(old) != self.revision.doc.digest(new) => {
                let (from, to) = (value_of(self.base, old), value_of(self.revision, new));
                ("changed", pair.at(key), format!("changed: {words} is {to} instead of {from}"))
            }
            _ => return,
        };
        self.emit(place, at, pair, (&format!("{name}-{verb}"), ""), here, &what);
    }

    fn text(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>, (key, suffix): (&str, &str)) {
        let (old, new) = (pair.old.str(key).unwrap_or("none"), pair.new.str(key).unwrap_or("none"));
        if old != new {
            let what = format!("changed: {key} is `{}` instead of `{}`", shown(new), shown(old));
            self.emit(place, at, pair, (suffix, ""), pair.at(key), &what);
        }
    }

    fn discriminator(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        let (old, new) = match (pair.old.find("discriminator"), pair.new.find("discriminator")) {
            (None, None) => return,
            (None, Some(_)) => {
                return self.emit(
                    place,
                    at,
                    pair,
                    ("discriminator-added", ""),
                    pair.at("discriminator"),
                    "got a discriminator",
                );
            }
            (Some(_), None) => {
                let here = pair.was_at("discriminator");
                return self.emit(place, at, pair, ("discriminator-removed", ""), here, "lost its discriminator");
            }
            (Some(old), Some(new)) => (old, new),
        };
        let here = pair.at("discriminator");
        let (was, is) = (discriminator_name(self.base, old), discriminator_name(self.revision, new));
        if was != is {
            let what = format!("is told apart by `{}` instead of `{}`", shown(is), shown(was));
            self.emit(place, at, pair, ("discriminator-property-name-changed", ""), here, &what);
        }
        let (olds, news) = (discriminator_mapping(self.base, old), discriminator_mapping(self.revision, new));
        for (key, target) in &olds {
            match news.get(key) {
                None => {
                    let what = format!("lost `{}` in the mapping of its discriminator", shown(key));
                    self.emit(place, at, pair, ("discriminator-mapping-deleted", key), here, &what);
                }
                Some(other) if other != target => {
                    let what = format!("maps `{}` of its discriminator to another schema", shown(key));
                    self.emit(place, at, pair, ("discriminator-mapping-changed", key), here, &what);
                }
                Some(_) => {}
            }
        }
        for key in news.keys().filter(|key| !olds.contains_key(*key)) {
            let what = format!("has `{}` in the mapping of its discriminator now", shown(key));
            self.emit(place, at, pair, ("discriminator-mapping-added", key), here, &what);
        }
    }

    fn dependent_required(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        let key = "dependentRequired";
        let (old, new) = (pair.old.map(key), pair.new.map(key));
        for (name, ids) in &old {
            let same = |other: &Vec<NodeId>| {
                let digests = |spec: &Spec<'_>, ids: &[NodeId]| -> BTreeSet<u64> {
                    ids.iter().flat_map(|id| spec.doc.items(*id)).map(|id| spec.doc.digest(*id)).collect()
                };
                digests(self.base, ids) == digests(self.revision, other)
            };
            let (suffix, here) = match new.get(name) {
                None => ("dependent-required-removed", pair.was_at(key)),
                Some(other) if !same(other) => ("dependent-required-changed", pair.at(key)),
                Some(_) => continue,
            };
            let what = format!("changed what `{}` requires beside it", shown(name));
            self.emit(place, at, pair, (suffix, name), here, &what);
        }
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            let what = format!("requires others beside `{}` now", shown(name));
            self.emit(place, at, pair, ("dependent-required-added", name), pair.at(key), &what);
        }
    }

    fn deprecation(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>) {
        let here = pair.at("deprecated");
        match (pair.old.is_true("deprecated"), pair.new.is_true("deprecated")) {
            (false, true) => {
                let date = pair.new.parts().iter().find_map(|part| sunset(self.revision, *part));
                let (suffix, what) = match date {
                    None => ("deprecated", "was deprecated".to_owned()),
                    Some(Ok(date)) => ("deprecated-with-sunset", format!("was deprecated and goes on {date}")),
                    Some(Err(())) => {
                        ("deprecated-sunset-invalid", "was deprecated with an x-sunset that is no date".to_owned())
                    }
                };
                self.emit(place, at, pair, (suffix, ""), here, &what);
            }
            (true, false) => self.emit(place, at, pair, ("reactivated", ""), here, "is no longer deprecated"),
            (true, true) | (false, false) => {}
        }
    }

    // Alternatives under oneOf and anyOf. Answers which properties moved into them.
    fn composition(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>, seen: &mut Seen) -> BTreeSet<String> {
        if let Some((old, new)) = pair.type_lists() {
            let gone: Vec<&str> = old.difference(&new).copied().collect();
            let come: Vec<&str> = new.difference(&old).copied().collect();
            let narrowed = if place.is_request() { !gone.is_empty() } else { come.is_empty() };
            let (suffix, what) = if narrowed {
                ("list-of-types-narrowed", format!("no longer allows type {}", shown(&gone.join(", "))))
            } else {
                ("list-of-types-widened", format!("allows type {} too", shown(&come.join(", "))))
            };
            let here = (Side::Revision, pair.new.span());
            self.emit(place, at, pair, (suffix, ""), here, &what);
            return BTreeSet::new();
        }
        let mut moved = BTreeSet::new();
        if pair.wrapped() {
            moved = pair.moved();
            if at.path.is_empty() {
                let what = "became a choice of alternatives that hold its properties";
                self.emit(place, at, pair, ("wrapped-in-one-of", ""), pair.at("oneOf"), what);
                return moved;
            }
        }
        self.alternatives(place, at, pair, ("oneOf", "one-of"), seen);
        self.alternatives(place, at, pair, ("anyOf", "any-of"), seen);
        moved
    }

    fn alternatives(
        &mut self,
        place: &Place,
        at: &Cursor,
        pair: &Pair<'_, '_>,
        (key, name): (&str, &str),
        seen: &mut Seen,
    ) {
        let (old, new) = (pair.old.alternatives(key), pair.new.alternatives(key));
        let matched = self.match_alternatives(old, new);
        for id in matched.removed {
            let what = format!("lost the alternative {} under {key}", alternative_name(self.base, id));
            let here = (Side::Base, self.base.doc.span(id));
            self.emit(place, at, pair, (&format!("{name}-removed"), ""), here, &what);
        }
        for id in matched.added {
            let what = format!("has the new alternative {} under {key}", alternative_name(self.revision, id));
            let here = (Side::Revision, self.revision.doc.span(id));
            self.emit(place, at, pair, (&format!("{name}-added"), ""), here, &what);
        }
        for (old, new) in matched.kept {
            let label = self.revision.reference_name(new).or_else(|| self.revision.doc.get_str(new, "title"));
            let step = label.map_or_else(|| key.to_owned(), |label| format!("{key}[{label}]"));
            let (old, new) = (self.base.schema(old), self.revision.schema(new));
            self.walk(place, &at.down(&step), &old, &new, seen);
        }
    }

    // Alternatives are a set: paired by reference, then by equal content, then by title, then as the only ones left.
    fn match_alternatives(&self, old: &[NodeId], new: &[NodeId]) -> Matched {
        let mut matched = Matched { kept: Vec::new(), removed: old.to_vec(), added: new.to_vec() };
        let name = |spec: &Spec<'d>, id: NodeId| spec.reference_name(id);
        matched.pair(|id| name(self.base, id), |id| name(self.revision, id));
        let content = |spec: &Spec<'d>, id: NodeId| Some(spec.doc.digest(spec.resolve(id).unwrap_or(id)));
        matched.pair(|id| content(self.base, id), |id| content(self.revision, id));
        let title = |spec: &Spec<'d>, id: NodeId| spec.doc.get_str(id, "title");
        matched.pair(|id| title(self.base, id), |id| title(self.revision, id));
        let is_named = |spec: &Spec<'d>, id: NodeId| name(spec, id).is_some() || title(spec, id).is_some();
        if let ([old], [new]) = (&*matched.removed, &*matched.added)
            && !is_named(self.base, *old)
            && !is_named(self.revision, *new)
        {
            matched.kept.push((*old, *new));
            matched.removed.clear();
            matched.added.clear();
        }
        matched
    }

    fn properties(
        &mut self,
        place: &Place,
        at: &Cursor,
        pair: &Pair<'_, '_>,
        moved: &BTreeSet<String>,
        seen: &mut Seen,
    ) {
        let (old, new) = (pair.old.map("properties"), pair.new.map("properties"));
        let (was_required, is_required) = (pair.old.required(), pair.new.required());
        for (name, ids) in &old {
            let Some(others) = new.get(name) else {
                if !moved.contains(*name) {
                    self.property_removed(place, &at.down(name), ids, was_required.contains_key(name));
                }
                continue;
            };
            let (before, after) = (self.base.schema_of_all(ids), self.revision.schema_of_all(others));
            let child = at.down(name);
            self.requiredness(place, &child, (was_required.get(name), is_required.get(name)), (&before, &after));
            self.access(place, &child, is_required.contains_key(name), (&before, &after));
            self.walk(place, &child, &before, &after, seen);
        }
        for (name, ids) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            self.property_added(place, &at.down(name), ids, is_required.contains_key(name));
        }
    }

    fn property_removed(&mut self, place: &Place, at: &Cursor, ids: &[NodeId], required: bool) {
        let schema = self.base.schema_of_all(ids);
        let view = View::new(self.base, schema);
        let id = match place.kind {
            PlaceKind::RequestBody if view.is_true("readOnly") => return,
            PlaceKind::RequestBody => "request-property-removed",
            PlaceKind::ResponseBody => match (required, view.is_true("writeOnly")) {
                (true, false) => "response-required-property-removed",
                (true, true) => "response-required-write-only-property-removed",
                (false, false) => "response-optional-property-removed",
                (false, true) => "response-optional-write-only-property-removed",
            },
            PlaceKind::Parameter | PlaceKind::ResponseHeader => return,
        };
        let span = ids.first().map_or_else(Span::default, |id| self.base.doc.span(*id));
        self.add(id, (Side::Base, span), "", format!("{} was removed", place.words(&at.path)));
    }

    fn property_added(&mut self, place: &Place, at: &Cursor, ids: &[NodeId], required: bool) {
        let schema = self.revision.schema_of_all(ids);
        let view = View::new(self.revision, schema);
        let id = match place.kind {
            PlaceKind::RequestBody if view.is_true("readOnly") => return,
            PlaceKind::RequestBody => match (required, view.find("default").is_some()) {
                (true, false) => "new-required-request-property",
                (true, true) => "new-required-request-property-with-default",
                (false, _) => "new-optional-request-property",
            },
            PlaceKind::ResponseBody => match (required, view.is_true("writeOnly")) {
                (true, false) => "response-required-property-added",
                (true, true) => "response-required-write-only-property-added",
                (false, false) => "response-optional-property-added",
                (false, true) => "response-optional-write-only-property-added",
            },
            PlaceKind::Parameter if place.parameter.header && required => "new-required-request-header-property",
            PlaceKind::Parameter | PlaceKind::ResponseHeader => return,
        };
        let how = if required { "required" } else { "optional" };
        let span = ids.first().map_or_else(Span::default, |id| self.revision.doc.span(*id));
        self.add(id, (Side::Revision, span), "", format!("the {how} {} was added", place.words(&at.path)));
    }

    fn requiredness(
        &mut self,
        place: &Place,
        at: &Cursor,
        required: (Option<&Span>, Option<&Span>),
        schemas: (&Schema, &Schema),
    ) {
        let view = View::new(self.revision, schemas.1.clone());
        let write_only = view.is_true("writeOnly") || View::new(self.base, schemas.0.clone()).is_true("writeOnly");
        let (became, here) = match required {
            (None, Some(span)) => (true, (Side::Revision, *span)),
            (Some(span), None) => (false, (Side::Base, *span)),
            _ => return,
        };
        let id = match (place.kind, became) {
            (PlaceKind::RequestBody, _) if view.is_true("readOnly") => return,
            (PlaceKind::RequestBody, true) if view.find("default").is_some() => {
                "request-property-became-required-with-default"
            }
            (PlaceKind::RequestBody, true) => "request-property-became-required",
            (PlaceKind::RequestBody, false) => "request-property-became-optional",
            (PlaceKind::ResponseBody, true) if write_only => "response-write-only-property-became-required",
            (PlaceKind::ResponseBody, true) => "response-property-became-required",
            (PlaceKind::ResponseBody, false) if write_only => "response-write-only-property-became-optional",
            (PlaceKind::ResponseBody, false) => "response-property-became-optional",
            (PlaceKind::Parameter, true) if place.parameter.header => "request-header-property-became-required",
            (PlaceKind::Parameter | PlaceKind::ResponseHeader, _) => return,
        };
        let verb = if became { "is required now" } else { "is no longer required" };
        self.add(id, here, "", format!("{} {verb}", place.words(&at.path)));
    }

    fn access(&mut self, place: &Place, at: &Cursor, required: bool, (old, new): (&Schema, &Schema)) {
        if !matches!(place.kind, PlaceKind::RequestBody | PlaceKind::ResponseBody) {
            return;
        }
        let pair = Pair { old: View::new(self.base, old.clone()), new: View::new(self.revision, new.clone()) };
        for (key, word) in [("readOnly", "read-only"), ("writeOnly", "write-only")] {
            let (was, is) = (pair.old.is_true(key), pair.new.is_true(key));
            if was == is {
                continue;
            }
            let direction = if place.is_request() { "request" } else { "response" };
            let how = if required { "required" } else { "optional" };
            let id = format!("{direction}-{how}-property-became-{}{word}", if is { "" } else { "not-" });
            let verb = if is { "became" } else { "is no longer" };
            self.add(&id, pair.at(key), "", format!("{} {verb} {word}", place.words(&at.path)));
        }
    }

    // Everything a schema is made of besides properties and alternatives. `not` and `if` are left alone: below them, wider
    // and narrower change places.
    fn parts(&mut self, place: &Place, at: &Cursor, pair: &Pair<'_, '_>, seen: &mut Seen) {
        for (key, name) in SUBSCHEMAS {
            match (pair.old.sub(key), pair.new.sub(key)) {
                (Some(old), Some(new)) if *key != "if" => self.walk(place, &at.down(key), &old, &new, seen),
                (None, Some(_)) => {
                    let what = format!("got the keyword {key}");
                    self.emit(place, at, pair, (&format!("{name}-added"), ""), pair.at(key), &what);
                }
                (Some(_), None) => {
                    let what = format!("lost the keyword {key}");
                    self.emit(place, at, pair, (&format!("{name}-removed"), ""), pair.was_at(key), &what);
                }
                _ => {}
            }
        }
        for (key, name) in [("patternProperties", "pattern-property"), ("dependentSchemas", "dependent-schema")] {
            let (old, new) = (pair.old.map(key), pair.new.map(key));
            for (entry, ids) in &old {
                if let Some(others) = new.get(entry) {
                    let (before, after) = (self.base.schema_of_all(ids), self.revision.schema_of_all(others));
                    self.walk(place, &at.down(&format!("{key}[{entry}]")), &before, &after, seen);
                } else {
                    let what = format!("lost `{}` under {key}", shown(entry));
                    self.emit(place, at, pair, (&format!("{name}-removed"), entry), pair.was_at(key), &what);
                }
            }
            for entry in new.keys().filter(|entry| !old.contains_key(*entry)) {
                let what = format!("has `{}` under {key} now", shown(entry));
                self.emit(place, at, pair, (&format!("{name}-added"), entry), pair.at(key), &what);
            }
        }
        let (old, new) = (alternatives_of(&pair.old, "prefixItems"), alternatives_of(&pair.new, "prefixItems"));
        for (index, (old, new)) in old.iter().zip(&new).enumerate() {
            let (before, after) = (self.base.schema(*old), self.revision.schema(*new));
            self.walk(place, &at.down(&format!("prefixItems[{index}]")), &before, &after, seen);
        }
        if new.len() > old.len() {
            let what = format!("describes {} leading items instead of {}", new.len(), old.len());
            self.emit(place, at, pair, ("prefix-items-added", ""), pair.at("prefixItems"), &what);
        } else if new.len() < old.len() {
            let what = format!("describes {} leading items instead of {}", new.len(), old.len());
            self.emit(place, at, pair, ("prefix-items-removed", ""), pair.was_at("prefixItems"), &what);
        }
    }
}

fn value_of(spec: &Spec<'_>, id: NodeId) -> String {
    shown(&spec.doc.excerpt(id, MAX_VALUE_BYTES))
}

fn alternative_name(spec: &Spec<'_>, id: NodeId) -> String {
    let name = spec.reference_name(id).or_else(|| spec.doc.get_str(id, "title"));
    name.map_or_else(|| value_of(spec, id), |name| format!("`{}`", shown(name)))
}

// Swagger's discriminator is the property's name itself.
fn discriminator_name<'s>(spec: &Spec<'s>, id: NodeId) -> &'s str {
    spec.doc.str(id).or_else(|| spec.doc.get_str(id, "propertyName")).unwrap_or("")
}

fn discriminator_mapping<'s>(spec: &Spec<'s>, id: NodeId) -> BTreeMap<&'s str, &'s str> {
    let all = spec.doc.get(id, "mapping").map_or(&[][..], |mapping| spec.doc.members(mapping));
    all.iter().filter_map(|member| Some((&*member.key, spec.doc.str(member.value)?))).collect()
}

// Alternatives of two sides once paired.
struct Matched {
    kept: Vec<(NodeId, NodeId)>,
    removed: Vec<NodeId>,
    added: Vec<NodeId>,
}

impl Matched {
    // Pairs what is left by a key; what has none stays.
    fn pair<K: Ord>(&mut self, old_key: impl Fn(NodeId) -> Option<K>, new_key: impl Fn(NodeId) -> Option<K>) {
        let mut waiting: BTreeMap<K, VecDeque<NodeId>> = BTreeMap::new();
        for id in &self.added {
            if let Some(key) = new_key(*id) {
                waiting.entry(key).or_default().push_back(*id);
            }
        }
        let mut taken = BTreeSet::new();
        self.removed.retain(|old| {
            let partner = old_key(*old).and_then(|key| waiting.get_mut(&key)?.pop_front());
            self.kept.extend(partner.map(|new| (*old, new)));
            taken.extend(partner);
            partner.is_none()
        });
        self.added.retain(|id| !taken.contains(id));
    }
}

/// Keywords that hold one schema, with their part of a rule's id.
const SUBSCHEMAS: &[(&str, &str)] = &[
    ("items", "items"),
    ("additionalProperties", "additional-properties"),
    ("contains", "contains"),
    ("propertyNames", "property-names"),
    ("unevaluatedItems", "unevaluated-items"),
    ("unevaluatedProperties", "unevaluated-properties"),
    ("if", "if"),
    ("then", "then"),
    ("else", "else"),
    ("contentSchema", "content-schema"),
];

/// A limit on a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// The keyword.
    pub(super) keyword: &'static str,
    /// Its part of a rule's id.
    pub(super) name: &'static str,
    /// Whether of several the highest holds.
    pub(super) is_least: bool,
}

const fn bound(keyword: &'static str, name: &'static str, is_least: bool) -> Bound {
    Bound { keyword, name, is_least }
}

const BOUNDS: &[Bound] = &[
    bound("maximum", "max", false),
    bound("minimum", "min", true),
    bound("exclusiveMaximum", "exclusive-max", false),
    bound("exclusiveMinimum", "exclusive-min", true),
    bound("maxLength", "max-length", false),
    bound("minLength", "min-length", true),
    bound("maxItems", "max-items", false),
    bound("minItems", "min-items", true),
    bound("maxContains", "max-contains", false),
    bound("minContains", "min-contains", true),
];

impl<'p> Pair<'p, '_> {
    // A side that is one alternative or null is that alternative, and may be null; unless the other side has several.
    fn without_null_branches(mut self) -> Self {
        let (old, new) = (self.old.several_alternatives(), self.new.several_alternatives());
        if !new {
            self.old.absorb_single_alternative();
        }
        if !old {
            self.new.absorb_single_alternative();
        }
        self
    }

    // The types of both sides, where one at least lists them as bare alternatives, and they differ.
    fn type_lists(&self) -> Option<(BTreeSet<&'p str>, BTreeSet<&'p str>)> {
        let ((old, old_is_list), (new, new_is_list)) = (self.old.type_list()?, self.new.type_list()?);
        ((old_is_list || new_is_list) && old != new).then_some((old, new))
    }

    // Whether an object became a choice of alternatives that hold its properties.
    fn wrapped(&self) -> bool {
        self.old.alternatives("oneOf").is_empty()
            && !self.new.alternatives("oneOf").is_empty()
            && self.new.types().is_empty()
            && self.new.map("properties").is_empty()
            && !self.moved().is_empty()
    }

    fn moved(&self) -> BTreeSet<String> {
        let spec = self.new.spec();
        let alternatives = self.new.alternatives("oneOf").iter();
        let within: BTreeSet<String> = alternatives
            .flat_map(|id| {
                View::new(spec, spec.schema(*id)).map("properties").into_keys().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        self.old.map("properties").into_keys().filter(|name| within.contains(*name)).map(str::to_owned).collect()
    }
}

//! Compares two GraphQL schemas: the change types and criticalities of graphql-inspector.

use super::change::{Change, Side, shown};
use super::graphql_rules::rule;
use crate::support::sdl::{
    DirectiveDef, DirectiveUse, EnumValue, Field, InputValue, Kind, Literal, NO_REASON, Named, Schema, Type, TypeDef,
};
use crate::support::tree::Span;
use octavo_toolkit::Level;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Directives every server knows; a schema may spell them out, which changes nothing.
const SPECIFIED_DIRECTIVES: [&str; 5] = ["skip", "include", "deprecated", "specifiedBy", "oneOf"];

/// Scalars every server knows.
const SPECIFIED_SCALARS: [&str; 5] = ["String", "Int", "Float", "Boolean", "ID"];

/// Most values looked at in one call to tell whether defaults are the same: nested input types multiply. Beyond it, every
/// default counts as unchanged.
const MAX_COERCION_STEPS: usize = 500_000;

/// All changes from `base` to `revision`, removals before additions within each list.
pub fn compare(base: &Schema, revision: &Schema) -> Vec<Change> {
    let mut comparer = Comparer { base, revision, changes: Vec::new(), nested: false, steps: MAX_COERCION_STEPS };
    comparer.directives();
    comparer.roots();
    comparer.types();
    for at in 0..base.schema_directives.len().max(revision.schema_directives.len()) {
        let (old, new) = (base.schema_directives.get(at), revision.schema_directives.get(at));
        let at = Uses { kind: "SCHEMA", path: "", of: "the schema", new: false };
        comparer.directive_uses(&at, old.map_or(&[], Vec::as_slice), new.map_or(&[], Vec::as_slice));
    }
    comparer.changes
}

struct Comparer<'a> {
    base: &'a Schema,
    revision: &'a Schema,
    changes: Vec<Change>,
    nested: bool,
    // What is left of the steps for defaults.
    steps: usize,
}

// Where a list of directives stands.
struct Uses<'a> {
    // The middle of the change type's name.
    kind: &'static str,
    path: &'a str,
    of: &'a str,
    new: bool,
}

// Both sides of something: what only one side has, and pairs. Order as in the texts.
struct Split<'a, T> {
    removed: Vec<&'a T>,
    added: Vec<&'a T>,
    kept: Vec<(&'a T, &'a T)>,
}

fn split<'a, T>(old: &'a [T], new: &'a [T], name: impl Fn(&T) -> &str) -> Split<'a, T> {
    let index = |list: &'a [T]| list.iter().map(|item| (name(item).to_owned(), item)).collect::<BTreeMap<_, _>>();
    let (olds, news) = (index(old), index(new));
    let mut split = Split { removed: Vec::new(), added: Vec::new(), kept: Vec::new() };
    for item in old {
        match news.get(name(item)) {
            Some(other) => split.kept.push((item, other)),
            None => split.removed.push(item),
        }
    }
    split.added.extend(new.iter().filter(|item| !olds.contains_key(name(item))));
    split
}

// An absent text and an empty one are the same to a reader.
fn same_text(old: Option<&String>, new: Option<&String>) -> bool {
    old.map_or("", String::as_str) == new.map_or("", String::as_str)
}

fn deprecation(directives: &[DirectiveUse]) -> Option<&str> {
    let used = directives.iter().find(|used| used.name == "deprecated")?;
    let reason = used.arguments.iter().find_map(|(name, value, _)| match value {
        Literal::String(text) if name == "reason" => Some(text.as_str()),
        _ => None,
    });
    Some(reason.unwrap_or(NO_REASON))
}

impl Comparer<'_> {
    fn add(&mut self, id: &str, level: Level, (side, span): (Side, Span), path: &str, message: String) {
        let Some(rule) = rule(id) else { return };
        let (subject, nested) = (path.to_owned(), self.nested);
        self.changes.push(Change { rule, level, side, span, subject, message, others: 0, nested });
    }

    // Runs with everything it finds marked as part of something new.
    fn within_new(&mut self, work: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.nested, true);
        work(self);
        self.nested = outer;
    }

    fn directives(&mut self) {
        let own = |schema: &Schema| -> Vec<DirectiveDef> {
            let known = |directive: &&DirectiveDef| !SPECIFIED_DIRECTIVES.contains(&directive.name.as_str());
            schema.directives.iter().filter(known).cloned().collect()
        };
        let (old, new) = (own(self.base), own(self.revision));
        let split = split(&old, &new, |directive| &directive.name);
        for directive in split.removed {
            let path = format!("@{}", directive.name);
            self.add(
                "DIRECTIVE_REMOVED",
                Level::Error,
                (Side::Base, directive.span),
                &path,
                "the directive was removed".into(),
            );
        }
        for directive in split.added {
            let path = format!("@{}", directive.name);
            self.add(
                "DIRECTIVE_ADDED",
                Level::Info,
                (Side::Revision, directive.span),
                &path,
                "the directive was added".into(),
            );
            self.within_new(|this| this.directive(None, directive));
        }
        for (old, new) in split.kept {
            self.directive(Some(old), new);
        }
    }

    fn directive(&mut self, old: Option<&DirectiveDef>, new: &DirectiveDef) {
        let (path, at) = (format!("@{}", new.name), (Side::Revision, new.span));
        if !same_text(old.and_then(|old| old.description.as_ref()), new.description.as_ref()) {
            self.add(
                "DIRECTIVE_DESCRIPTION_CHANGED",
                Level::Info,
                at,
                &path,
                "the directive's description changed".into(),
            );
        }
        match (old.is_some_and(|old| old.repeatable), new.repeatable) {
            (true, false) => {
                let message = "the directive may no longer stand twice at one place".into();
                self.add("DIRECTIVE_REPEATABLE_REMOVED", Level::Warning, at, &path, message);
            }
            (false, true) => {
                let message = "the directive may now stand twice at one place".into();
                self.add("DIRECTIVE_REPEATABLE_ADDED", Level::Info, at, &path, message);
            }
            (true, true) | (false, false) => {}
        }
        let locations = split(old.map_or(&[], |old| &old.locations), &new.locations, |location| &location.name);
        for location in locations.added {
            let message = format!("the directive may now stand on {}", location.name);
            self.add("DIRECTIVE_LOCATION_ADDED", Level::Info, (Side::Revision, location.span), &path, message);
        }
        for location in locations.removed {
            let message = format!("the directive may no longer stand on {}", location.name);
            self.add("DIRECTIVE_LOCATION_REMOVED", Level::Error, (Side::Base, location.span), &path, message);
        }
        let arguments = split(old.map_or(&[], |old| &old.arguments), &new.arguments, |argument| &argument.name);
        for argument in arguments.removed {
            let path = format!("@{}.{}", new.name, argument.name);
            let message = "the directive's argument was removed".into();
            self.add("DIRECTIVE_ARGUMENT_REMOVED", Level::Error, (Side::Base, argument.span), &path, message);
        }
        for argument in arguments.added {
            let breaks = old.is_some() && matches!(argument.ty, Type::NonNull(_));
            let level = if breaks { Level::Error } else { Level::Info };
            let message =
                format!("argument `{}: {}` was added", shown(&argument.name), shown(&argument.ty.to_string()));
            self.add("DIRECTIVE_ARGUMENT_ADDED", level, (Side::Revision, argument.span), &path, message);
        }
        for (old, argument) in arguments.kept {
            self.directive_argument(&new.name, old, argument);
        }
    }

    fn directive_argument(&mut self, directive: &str, old: &InputValue, new: &InputValue) {
        let (path, at) = (format!("@{directive}.{}", new.name), (Side::Revision, new.span));
        if !same_text(old.description.as_ref(), new.description.as_ref()) {
            let message = "the argument's description changed".into();
            self.add("DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED", Level::Info, at, &path, message);
        }
        if !self.same_default(old, new) {
            let message = default_change(old, new);
            self.add("DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED", Level::Warning, at, &path, message);
        }
        if old.ty != new.ty {
            self.add(
                "DIRECTIVE_ARGUMENT_TYPE_CHANGED",
                input_level(&old.ty, &new.ty),
                at,
                &path,
                type_change(&old.ty, &new.ty),
            );
        }
    }

    fn roots(&mut self) {
        let ids = [
            ("query", "SCHEMA_QUERY_TYPE_CHANGED"),
            ("mutation", "SCHEMA_MUTATION_TYPE_CHANGED"),
            ("subscription", "SCHEMA_SUBSCRIPTION_TYPE_CHANGED"),
        ];
        for (operation, id) in ids {
            let (old, new) = (self.base.roots.get(operation), self.revision.roots.get(operation));
            let (level, at, message) = match (old, new) {
                (None, Some(new)) => (
                    Level::Info,
                    (Side::Revision, new.span),
                    format!("the {operation} root is now `{}`", shown(&new.name)),
                ),
                (Some(old), None) => (
                    Level::Error,
                    (Side::Base, old.span),
                    format!("the {operation} root `{}` was removed", shown(&old.name)),
                ),
                (Some(old), Some(new)) if old.name != new.name => {
                    let (from, to) = (shown(&old.name), shown(&new.name));
                    (
                        Level::Error,
                        (Side::Revision, new.span),
                        format!("the {operation} root changed from `{from}` to `{to}`"),
                    )
                }
                _ => continue,
            };
            self.add(id, level, at, "", message);
        }
    }

    fn types(&mut self) {
        let own = |schema: &Schema| -> BTreeSet<String> {
            let known = |name: &&String| !SPECIFIED_SCALARS.contains(&name.as_str()) && !name.starts_with("__");
            schema.order.iter().filter(known).cloned().collect()
        };
        let (old, new) = (own(self.base), own(self.revision));
        for name in old.difference(&new) {
            let Some(ty) = self.base.types.get(name) else { continue };
            let message = format!("the {} was removed", ty.kind.word());
            self.add("TYPE_REMOVED", Level::Error, (Side::Base, ty.span), name, message);
        }
        for name in new.difference(&old) {
            let Some(ty) = self.revision.types.get(name) else { continue };
            let parts = ty.fields.len() + ty.inputs.len() + ty.values.len() + ty.members.len();
            let with = match (ty.kind, parts) {
                (Kind::Scalar, _) | (_, 0) => String::new(),
                (Kind::Enum, n) => format!(" with {}", octavo_toolkit::render::plural(n, "value")),
                (Kind::Union, n) => format!(" with {}", octavo_toolkit::render::plural(n, "member")),
                (Kind::Object | Kind::Interface | Kind::Input, n) => {
                    format!(" with {}", octavo_toolkit::render::plural(n, "field"))
                }
            };
            let message = format!("the {} was added{with}", ty.kind.word());
            self.add("TYPE_ADDED", Level::Info, (Side::Revision, ty.span), name, message);
            self.within_new(|this| this.type_def(None, ty));
        }
        for name in old.intersection(&new) {
            if let (Some(old), Some(new)) = (self.base.types.get(name), self.revision.types.get(name)) {
                self.type_def(Some(old), new);
            }
        }
    }

    fn type_def(&mut self, old: Option<&TypeDef>, new: &TypeDef) {
        let at = (Side::Revision, new.span);
        match old {
            Some(old) if old.kind != new.kind => {
                let message = format!("the kind changed from {} to {}", old.kind.word(), new.kind.word());
                self.add("TYPE_KIND_CHANGED", Level::Error, at, &new.name, message);
            }
            _ => match new.kind {
                Kind::Scalar => self.type_directives("SCALAR", old, new),
                Kind::Object => self.object(old, new, "OBJECT"),
                Kind::Interface => self.object(old, new, "INTERFACE"),
                Kind::Union => self.union(old, new),
                Kind::Enum => self.enumeration(old, new),
                Kind::Input => self.input(old, new),
            },
        }
        let (before, after) = (old.and_then(|old| old.description.as_ref()), new.description.as_ref());
        if !same_text(before, after) {
            let (id, verb) = match (before, after) {
                (None, _) => ("TYPE_DESCRIPTION_ADDED", "was added"),
                (Some(text), None) if !text.is_empty() => ("TYPE_DESCRIPTION_REMOVED", "was removed"),
                (Some(_), _) => ("TYPE_DESCRIPTION_CHANGED", "changed"),
            };
            self.add(id, Level::Info, at, &new.name, format!("the description {verb}"));
        }
    }

    fn type_directives(&mut self, kind: &'static str, old: Option<&TypeDef>, new: &TypeDef) {
        let of = format!("{} `{}`", new.kind.word(), shown(&new.name));
        let uses = Uses { kind, path: &new.name, of: &of, new: old.is_none() };
        self.directive_uses(&uses, old.map_or(&[], |old| &old.directives), &new.directives);
    }

    fn union(&mut self, old: Option<&TypeDef>, new: &TypeDef) {
        let members = split(old.map_or(&[], |old| &old.members), &new.members, |member| &member.name);
        for member in members.removed {
            let message = format!("member `{}` was removed", shown(&member.name));
            self.add("UNION_MEMBER_REMOVED", Level::Error, (Side::Base, member.span), &new.name, message);
        }
        for member in members.added {
            let level = if old.is_some() { Level::Warning } else { Level::Info };
            let message = format!("member `{}` was added", shown(&member.name));
            self.add("UNION_MEMBER_ADDED", level, (Side::Revision, member.span), &new.name, message);
        }
        self.type_directives("UNION_MEMBER", old, new);
    }

    fn enumeration(&mut self, old: Option<&TypeDef>, new: &TypeDef) {
        let values = split(old.map_or(&[], |old| &old.values), &new.values, |value| &value.name);
        for value in values.removed {
            let path = format!("{}.{}", new.name, value.name);
            let was = if deprecation(&value.directives).is_some() { "deprecated value" } else { "value" };
            let message = format!("the {was} was removed");
            self.add("ENUM_VALUE_REMOVED", Level::Error, (Side::Base, value.span), &path, message);
        }
        for value in values.added {
            let path = format!("{}.{}", new.name, value.name);
            let level = if old.is_some() { Level::Warning } else { Level::Info };
            self.add("ENUM_VALUE_ADDED", level, (Side::Revision, value.span), &path, "the value was added".into());
            self.within_new(|this| this.enum_value(new, None, value));
        }
        for (before, after) in values.kept {
            self.enum_value(new, Some(before), after);
        }
        self.type_directives("ENUM", old, new);
    }

    fn enum_value(&mut self, of: &TypeDef, old: Option<&EnumValue>, new: &EnumValue) {
        let (path, at) = (format!("{}.{}", of.name, new.name), (Side::Revision, new.span));
        if !same_text(old.and_then(|old| old.description.as_ref()), new.description.as_ref()) {
            let message = "the value's description changed".into();
            self.add("ENUM_VALUE_DESCRIPTION_CHANGED", Level::Info, at, &path, message);
        }
        let (before, after) = (old.and_then(|old| deprecation(&old.directives)), deprecation(&new.directives));
        if before.unwrap_or_default() != after.unwrap_or_default() {
            let directive_path = format!("{path}.@deprecated");
            let (id, path, message) = match (before, after) {
                (None | Some(NO_REASON), _) => {
                    ("ENUM_VALUE_DEPRECATION_REASON_ADDED", &directive_path, "the value was deprecated with a reason")
                }
                (_, None | Some(NO_REASON)) => {
                    ("ENUM_VALUE_DEPRECATION_REASON_REMOVED", &path, "the value's deprecation reason was removed")
                }
                (Some(_), Some(_)) => {
                    ("ENUM_VALUE_DEPRECATION_REASON_CHANGED", &directive_path, "the value's deprecation reason changed")
                }
            };
            self.add(id, Level::Info, at, path, message.into());
        }
        let of = format!("enum value `{}`", shown(&path));
        let uses = Uses { kind: "ENUM_VALUE", path: &path, of: &of, new: old.is_none() };
        self.directive_uses(&uses, old.map_or(&[], |old| &old.directives), &new.directives);
    }

    fn object(&mut self, old: Option<&TypeDef>, new: &TypeDef, kind: &'static str) {
        let interfaces =
            split(old.map_or(&[], |old| &old.interfaces), &new.interfaces, |interface: &Named| &interface.name);
        for interface in interfaces.removed {
            let message = format!("it no longer implements `{}`", shown(&interface.name));
            self.add("OBJECT_TYPE_INTERFACE_REMOVED", Level::Error, (Side::Base, interface.span), &new.name, message);
        }
        for interface in interfaces.added {
            let level = if old.is_some() { Level::Warning } else { Level::Info };
            let message = format!("it now implements `{}`", shown(&interface.name));
            self.add("OBJECT_TYPE_INTERFACE_ADDED", level, (Side::Revision, interface.span), &new.name, message);
        }
        let fields = split(old.map_or(&[], |old| &old.fields), &new.fields, |field| &field.name);
        for field in fields.removed {
            let path = format!("{}.{}", new.name, field.name);
            let was = if deprecation(&field.directives).is_some() { "deprecated field" } else { "field" };
            let message = format!("the {was} was removed");
            self.add("FIELD_REMOVED", Level::Error, (Side::Base, field.span), &path, message);
        }
        for field in fields.added {
            let path = format!("{}.{}", new.name, field.name);
            let message = format!("the field was added, of type `{}`", shown(&field.ty.to_string()));
            self.add("FIELD_ADDED", Level::Info, (Side::Revision, field.span), &path, message);
            self.within_new(|this| this.field(new, None, field));
        }
        for (before, after) in fields.kept {
            self.field(new, Some(before), after);
        }
        self.type_directives(kind, old, new);
    }

    fn field(&mut self, of: &TypeDef, old: Option<&Field>, new: &Field) {
        let (path, at) = (format!("{}.{}", of.name, new.name), (Side::Revision, new.span));
        let (before, after) = (old.and_then(|old| old.description.as_ref()), new.description.as_ref());
        if !same_text(before, after) {
            let (id, verb) = match (before, after) {
                (None, _) => ("FIELD_DESCRIPTION_ADDED", "was added"),
                (Some(_), None) => ("FIELD_DESCRIPTION_REMOVED", "was removed"),
                (Some(_), Some(_)) => ("FIELD_DESCRIPTION_CHANGED", "changed"),
            };
            self.add(id, Level::Info, at, &path, format!("the description {verb}"));
        }
        self.field_deprecation(
            &path,
            at,
            old.and_then(|old| deprecation(&old.directives)),
            deprecation(&new.directives),
        );
        if let Some(old) = old.filter(|old| old.ty != new.ty) {
            let level = if safe_output(&old.ty, &new.ty) { Level::Info } else { Level::Error };
            self.add("FIELD_TYPE_CHANGED", level, at, &path, type_change(&old.ty, &new.ty));
        }
        let arguments = split(old.map_or(&[], |old| &old.arguments), &new.arguments, |argument| &argument.name);
        for argument in arguments.removed {
            let path = format!("{path}.{}", argument.name);
            let message = format!("the argument of type `{}` was removed", shown(&argument.ty.to_string()));
            self.add("FIELD_ARGUMENT_REMOVED", Level::Error, (Side::Base, argument.span), &path, message);
        }
        for argument in arguments.added {
            let path = format!("{path}.{}", argument.name);
            let required = matches!(argument.ty, Type::NonNull(_))
                && default_of(self.revision, argument, &mut self.steps).is_none();
            let (level, how) = match (old, required) {
                (None, _) => (Level::Info, "new field's"),
                (Some(_), true) => (Level::Error, "required"),
                (Some(_), false) => (Level::Warning, "optional"),
            };
            let message = format!("the {how} argument of type `{}` was added", shown(&argument.ty.to_string()));
            self.add("FIELD_ARGUMENT_ADDED", level, (Side::Revision, argument.span), &path, message);
        }
        for (before, after) in arguments.kept {
            self.argument(&path, before, after);
        }
        let of = format!("field `{}`", shown(&path));
        let uses = Uses { kind: "FIELD_DEFINITION", path: &path, of: &of, new: old.is_none() };
        self.directive_uses(&uses, old.map_or(&[], |old| &old.directives), &new.directives);
    }

    fn field_deprecation(&mut self, path: &str, at: (Side, Span), before: Option<&str>, after: Option<&str>) {
        let directive_path = format!("{path}.@deprecated");
        let (id, path, message) = match (before, after) {
            (None, None) => return,
            (None, Some(_)) => ("FIELD_DEPRECATION_ADDED", directive_path.as_str(), "the field was deprecated"),
            (Some(_), None) => {
                ("FIELD_DEPRECATION_REMOVED", directive_path.as_str(), "the field is no longer deprecated")
            }
            (Some(old), Some(new)) if old == new => return,
            (Some(NO_REASON | ""), Some(_)) => {
                ("FIELD_DEPRECATION_REASON_ADDED", directive_path.as_str(), "the deprecation got a reason")
            }
            (Some(_), Some(NO_REASON)) => {
                ("FIELD_DEPRECATION_REASON_REMOVED", path, "the deprecation's reason was removed")
            }
            (Some(_), Some(_)) => {
                ("FIELD_DEPRECATION_REASON_CHANGED", directive_path.as_str(), "the deprecation's reason changed")
            }
        };
        self.add(id, Level::Info, at, path, message.into());
    }

    fn argument(&mut self, field: &str, old: &InputValue, new: &InputValue) {
        let (path, at) = (format!("{field}.{}", new.name), (Side::Revision, new.span));
        if !same_text(old.description.as_ref(), new.description.as_ref()) {
            let message = "the argument's description changed".into();
            self.add("FIELD_ARGUMENT_DESCRIPTION_CHANGED", Level::Info, at, &path, message);
        }
        if !self.same_default(old, new) {
            self.add("FIELD_ARGUMENT_DEFAULT_CHANGED", Level::Warning, at, &path, default_change(old, new));
        }
        if old.ty != new.ty {
            self.add(
                "FIELD_ARGUMENT_TYPE_CHANGED",
                input_level(&old.ty, &new.ty),
                at,
                &path,
                type_change(&old.ty, &new.ty),
            );
        }
        let of = format!("argument `{}`", shown(&path));
        let uses = Uses { kind: "ARGUMENT_DEFINITION", path: &path, of: &of, new: false };
        self.directive_uses(&uses, &old.directives, &new.directives);
    }

    fn input(&mut self, old: Option<&TypeDef>, new: &TypeDef) {
        let fields = split(old.map_or(&[], |old| &old.inputs), &new.inputs, |field| &field.name);
        for field in fields.removed {
            let path = format!("{}.{}", new.name, field.name);
            let was = if deprecation(&field.directives).is_some() { "deprecated input field" } else { "input field" };
            let message = format!("the {was} was removed");
            self.add("INPUT_FIELD_REMOVED", Level::Error, (Side::Base, field.span), &path, message);
        }
        for field in fields.added {
            let path = format!("{}.{}", new.name, field.name);
            let has_default = default_of(self.revision, field, &mut self.steps).is_some();
            let (level, how) = match (old, has_default, &field.ty) {
                (None, ..) => (Level::Info, "input field"),
                (Some(_), false, Type::NonNull(_)) => (Level::Error, "required input field"),
                (Some(_), false, _) => (Level::Info, "optional input field"),
                (Some(_), true, _) => (Level::Warning, "input field with a default"),
            };
            let message = format!("the {how} was added, of type `{}`", shown(&field.ty.to_string()));
            self.add("INPUT_FIELD_ADDED", level, (Side::Revision, field.span), &path, message);
            self.within_new(|this| this.input_field(new, None, field));
        }
        for (before, after) in fields.kept {
            self.input_field(new, Some(before), after);
        }
        self.type_directives("INPUT_OBJECT", old, new);
    }

    fn input_field(&mut self, of: &TypeDef, old: Option<&InputValue>, new: &InputValue) {
        let (path, at) = (format!("{}.{}", of.name, new.name), (Side::Revision, new.span));
        let (before, after) = (old.and_then(|old| old.description.as_ref()), new.description.as_ref());
        if !same_text(before, after) {
            let (id, verb) = match (before, after) {
                (None, _) => ("INPUT_FIELD_DESCRIPTION_ADDED", "was added"),
                (Some(_), None) => ("INPUT_FIELD_DESCRIPTION_REMOVED", "was removed"),
                (Some(_), Some(_)) => ("INPUT_FIELD_DESCRIPTION_CHANGED", "changed"),
            };
            self.add(id, Level::Info, at, &path, format!("the description {verb}"));
        }
        if let Some(old) = old {
            if !self.same_default(old, new) {
                self.add("INPUT_FIELD_DEFAULT_VALUE_CHANGED", Level::Warning, at, &path, default_change(old, new));
            }
            if old.ty != new.ty {
                self.add(
                    "INPUT_FIELD_TYPE_CHANGED",
                    input_level(&old.ty, &new.ty),
                    at,
                    &path,
                    type_change(&old.ty, &new.ty),
                );
            }
        }
        let of = format!("input field `{}`", shown(&path));
        let uses = Uses { kind: "INPUT_FIELD_DEFINITION", path: &path, of: &of, new: old.is_none() };
        self.directive_uses(&uses, old.map_or(&[], |old| &old.directives), &new.directives);
    }

    // Directives may repeat, so uses of one name are paired in order.
    fn directive_uses(&mut self, at: &Uses<'_>, old: &[DirectiveUse], new: &[DirectiveUse]) {
        let mut waiting: BTreeMap<&str, VecDeque<&DirectiveUse>> = BTreeMap::new();
        for used in new {
            waiting.entry(&used.name).or_default().push_back(used);
        }
        let mut pairs = Vec::new();
        for used in old {
            if let Some(other) = waiting.get_mut(used.name.as_str()).and_then(VecDeque::pop_front) {
                pairs.push((used, other));
                continue;
            }
            let level = if matches!(used.name.as_str(), "deprecated" | "oneOf") { Level::Info } else { Level::Warning };
            let path = format!("{}.@{}", at.path, used.name);
            let message = format!("directive `@{}` was removed from {}", shown(&used.name), at.of);
            let id = format!("DIRECTIVE_USAGE_{}_REMOVED", at.kind);
            self.add(&id, level, (Side::Base, used.span), &path, message);
        }
        let mut left: BTreeSet<Span> = waiting.into_values().flatten().map(|used| used.span).collect();
        for used in new.iter().filter(|used| left.remove(&used.span)) {
            let level = match used.name.as_str() {
                _ if at.new => Level::Info,
                "deprecated" => Level::Info,
                "oneOf" => Level::Error,
                _ => Level::Warning,
            };
            let path = format!("{}.@{}", at.path, used.name);
            let message = format!("directive `@{}` was added to {}", shown(&used.name), at.of);
            let id = format!("DIRECTIVE_USAGE_{}_ADDED", at.kind);
            self.add(&id, level, (Side::Revision, used.span), &path, message);
            self.within_new(|this| this.directive_use(at, None, used));
        }
        for (old, new) in pairs {
            self.directive_use(at, Some(old), new);
        }
    }

    fn directive_use(&mut self, at: &Uses<'_>, old: Option<&DirectiveUse>, new: &DirectiveUse) {
        let arguments = split(old.map_or(&[], |old| &old.arguments), &new.arguments, |(name, ..)| name);
        let path = |name: &str| format!("{}.@{}.{name}", at.path, new.name);
        let said = |name: &str, verb: &str| {
            format!("argument `{}` of `@{}` {verb} on {}", shown(name), shown(&new.name), at.of)
        };
        for (name, _, span) in arguments.removed {
            let message = said(name, "was removed");
            self.add("DIRECTIVE_USAGE_ARGUMENT_REMOVED", Level::Warning, (Side::Base, *span), &path(name), message);
        }
        for (name, _, span) in arguments.added {
            let message = said(name, "was added");
            self.add("DIRECTIVE_USAGE_ARGUMENT_ADDED", Level::Info, (Side::Revision, *span), &path(name), message);
        }
        for ((name, before, old_span), (_, after, span)) in arguments.kept {
            if before != after {
                let removed = said(name, "lost its value");
                self.add(
                    "DIRECTIVE_USAGE_ARGUMENT_REMOVED",
                    Level::Warning,
                    (Side::Base, *old_span),
                    &path(name),
                    removed,
                );
                let added = said(name, "got another value");
                self.add("DIRECTIVE_USAGE_ARGUMENT_ADDED", Level::Info, (Side::Revision, *span), &path(name), added);
            }
        }
    }

    fn same_default(&mut self, old: &InputValue, new: &InputValue) -> bool {
        let before = default_of(self.base, old, &mut self.steps);
        before == default_of(self.revision, new, &mut self.steps) || self.steps == 0
    }
}

// A default as a server reads it; one that does not fit its type is as good as none.
fn default_of(schema: &Schema, value: &InputValue, steps: &mut usize) -> Option<Coerced> {
    let found = coerce(schema, value.default.as_ref()?, &value.ty, steps);
    if *steps == 0 { Some(Coerced::Null) } else { found }
}

fn type_change(old: &Type, new: &Type) -> String {
    format!("the type changed from `{}` to `{}`", shown(&old.to_string()), shown(&new.to_string()))
}

fn default_change(old: &InputValue, new: &InputValue) -> String {
    match (&old.default, &new.default) {
        (None, _) => "a default value was added".to_owned(),
        (Some(_), None) => "the default value was removed".to_owned(),
        (Some(_), Some(_)) => "the default value changed".to_owned(),
    }
}

fn input_level(old: &Type, new: &Type) -> Level {
    if safe_input(old, new) { Level::Info } else { Level::Error }
}

// Whether every value of the new output type is one of the old.
fn safe_output(old: &Type, new: &Type) -> bool {
    match (old, new) {
        (Type::Named(old), Type::Named(new)) => old == new,
        (Type::NonNull(old), Type::NonNull(new)) | (Type::List(old), Type::List(new)) => safe_output(old, new),
        (old, Type::NonNull(new)) => safe_output(old, new),
        _ => false,
    }
}

// Whether every value of the old input type is one of the new.
fn safe_input(old: &Type, new: &Type) -> bool {
    match (old, new) {
        (Type::Named(old), Type::Named(new)) => old == new,
        (Type::List(old), Type::List(new)) | (Type::NonNull(old), Type::NonNull(new)) => safe_input(old, new),
        (Type::NonNull(old), new) => safe_input(old, new),
        _ => false,
    }
}

// A default as a server reads it.
#[derive(Debug, PartialEq)]
enum Coerced {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Coerced>),
    Object(BTreeMap<String, Coerced>),
}

// Input coercion (GraphQL, section 3): none where the literal does not fit the type.
fn coerce(schema: &Schema, value: &Literal, ty: &Type, steps: &mut usize) -> Option<Coerced> {
    *steps = steps.checked_sub(1)?;
    match (ty, value) {
        (_, Literal::Variable(_)) | (Type::NonNull(_), Literal::Null) => None,
        (Type::NonNull(inner), value) => coerce(schema, value, inner, steps),
        (_, Literal::Null) => Some(Coerced::Null),
        (Type::List(inner), Literal::List(items)) => {
            items.iter().map(|item| coerce(schema, item, inner, steps)).collect::<Option<_>>().map(Coerced::List)
        }
        (Type::List(inner), value) => coerce(schema, value, inner, steps).map(|item| Coerced::List(vec![item])),
        (Type::Named(name), value) => coerce_named(schema, value, name, steps),
    }
}

fn coerce_named(schema: &Schema, value: &Literal, name: &str, steps: &mut usize) -> Option<Coerced> {
    match (name, value) {
        ("Int", Literal::Int(text)) => text.parse::<i32>().ok().map(|number| Coerced::Number(f64::from(number))),
        ("Float", Literal::Int(text) | Literal::Float(text)) => text.parse().ok().map(Coerced::Number),
        ("String", Literal::String(text)) | ("ID", Literal::String(text) | Literal::Int(text)) => {
            Some(Coerced::Text(text.clone()))
        }
        ("Boolean", Literal::Bool(truth)) => Some(Coerced::Bool(*truth)),
        ("Int" | "Float" | "String" | "ID" | "Boolean", _) => None,
        _ => {
            let ty = schema.types.get(name)?;
            match (ty.kind, value) {
                (Kind::Scalar, value) => untyped(value, steps),
                (Kind::Enum, Literal::Enum(name)) => {
                    *steps = steps.checked_sub(ty.values.len())?;
                    ty.values.iter().any(|value| value.name == *name).then(|| Coerced::Text(name.clone()))
                }
                (Kind::Input, Literal::Object(given)) => coerce_object(schema, given, ty, steps),
                _ => None,
            }
        }
    }
}

fn coerce_object(schema: &Schema, given: &[(String, Literal)], ty: &TypeDef, steps: &mut usize) -> Option<Coerced> {
    let mut object = BTreeMap::new();
    let given: BTreeMap<&str, &Literal> = given.iter().map(|(name, value)| (name.as_str(), value)).collect();
    for field in &ty.inputs {
        *steps = steps.checked_sub(1)?;
        let own = given.get(field.name.as_str()).copied();
        // A field's own default that does not fit its type is as good as none.
        let value = match (own, &field.default) {
            (Some(value), _) => Some(coerce(schema, value, &field.ty, steps)?),
            (None, Some(default)) => coerce(schema, default, &field.ty, steps),
            (None, None) => None,
        };
        match value {
            Some(value) => {
                object.insert(field.name.clone(), value);
            }
            None if matches!(field.ty, Type::NonNull(_)) => return None,
            None => {}
        }
    }
    Some(Coerced::Object(object))
}

fn untyped(value: &Literal, steps: &mut usize) -> Option<Coerced> {
    *steps = steps.checked_sub(1)?;
    match value {
        Literal::Null => Some(Coerced::Null),
        Literal::Bool(truth) => Some(Coerced::Bool(*truth)),
        Literal::Int(text) | Literal::Float(text) => text.parse().ok().map(Coerced::Number),
        Literal::String(text) | Literal::Enum(text) => Some(Coerced::Text(text.clone())),
        Literal::Variable(_) => None,
        Literal::List(items) => items.iter().map(|item| untyped(item, steps)).collect::<Option<_>>().map(Coerced::List),
        Literal::Object(fields) => {
            let field = |(name, value): &(String, Literal)| Some((name.clone(), untyped(value, steps)?));
            fields.iter().map(field).collect::<Option<_>>().map(Coerced::Object)
        }
    }
}

//! Rules on a schema: names, descriptions, deprecations, what is reachable, lists without a limit and cycles.

use super::measure::SIZE_ARGUMENTS;
use super::rules::{
    ARGUMENT_DESCRIPTIONS, CAPITALIZED, DEPRECATION_REASON, ENUM_CAPS, ENUM_DESCRIPTIONS, ENUM_SORTED,
    FIELD_DESCRIPTIONS, FIELDS_CAMEL, FIELDS_SORTED, INPUT_DESCRIPTIONS, INPUTS_CAMEL, INPUTS_SORTED, RELAY,
    TYPE_DESCRIPTIONS, UNBOUNDED_LIST, UNUSED_TYPES,
};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::{Directive, ExtendedType, FieldDefinition, InputValueDefinition};
use apollo_compiler::{Name, Schema};
use octavo_toolkit::Rule;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Most cycles that are told.
pub(super) const MAX_CYCLES: usize = 20;

/// A finding before it has a place in lines.
pub(super) struct Told {
    pub(super) rule: &'static Rule,
    pub(super) at: Option<SourceSpan>,
    pub(super) message: String,
}

/// Checks a schema.
pub(super) fn check(schema: &Schema) -> Vec<Told> {
    let mut told = Vec::new();
    for (name, definition) in &schema.types {
        if !definition.is_built_in() {
            check_type(name, definition, schema, &mut told);
        }
    }
    unused(schema, &mut told);
    told
}

fn tell(told: &mut Vec<Told>, rule: &'static Rule, at: Option<SourceSpan>, message: String) {
    told.push(Told { rule, at, message });
}

fn check_type(name: &Name, definition: &ExtendedType, schema: &Schema, told: &mut Vec<Told>) {
    let at = name.location();
    if name.as_str().starts_with(|c: char| c.is_ascii_lowercase()) {
        tell(told, &CAPITALIZED, at, format!("type `{name}` does not begin with a capital letter"));
    }
    if definition.description().is_none() {
        tell(told, &TYPE_DESCRIPTIONS, at, format!("type `{name}` has no description"));
    }
    match definition {
        ExtendedType::Object(object) => {
            let fields: Vec<&FieldDefinition> = object.fields.values().map(|field| &***field).collect();
            check_fields(name, &fields, schema, told);
        }
        ExtendedType::Interface(interface) => {
            let fields: Vec<&FieldDefinition> = interface.fields.values().map(|field| &***field).collect();
            check_fields(name, &fields, schema, told);
        }
        ExtendedType::InputObject(input) => {
            for field in input.fields.values() {
                check_input(field, &format!("{name}.{}", field.name), &INPUT_DESCRIPTIONS, told);
                if !is_camel(&field.name) {
                    tell(
                        told,
                        &INPUTS_CAMEL,
                        field.name.location(),
                        format!("input field `{name}.{}` is not camelCase", field.name),
                    );
                }
            }
            sorted(input.fields.keys(), &INPUTS_SORTED, name, told);
        }
        ExtendedType::Enum(values) => {
            for value in values.values.values() {
                let place = value.value.location();
                let upper = value.value.as_str().bytes().all(|b| !b.is_ascii_lowercase());
                if !upper {
                    tell(told, &ENUM_CAPS, place, format!("enum value `{name}.{}` is not in capitals", value.value));
                }
                if value.description.is_none() {
                    tell(
                        told,
                        &ENUM_DESCRIPTIONS,
                        place,
                        format!("enum value `{name}.{}` has no description", value.value),
                    );
                }
                deprecation(
                    value.directives.get("deprecated").map(|directive| &**directive),
                    place,
                    &format!("{name}.{}", value.value),
                    told,
                );
            }
            sorted(values.values.keys(), &ENUM_SORTED, name, told);
        }
        ExtendedType::Scalar(_) | ExtendedType::Union(_) => {}
    }
}

fn check_fields(owner: &Name, fields: &[&FieldDefinition], schema: &Schema, told: &mut Vec<Told>) {
    for field in fields {
        let coordinate = format!("{owner}.{}", field.name);
        let at = field.name.location();
        if !is_camel(&field.name) {
            tell(told, &FIELDS_CAMEL, at, format!("field `{coordinate}` is not camelCase"));
        }
        if field.description.is_none() {
            tell(told, &FIELD_DESCRIPTIONS, at, format!("field `{coordinate}` has no description"));
        }
        deprecation(field.directives.get("deprecated").map(|directive| &**directive), at, &coordinate, told);
        for argument in &field.arguments {
            check_input(argument, &format!("{coordinate}({}:)", argument.name), &ARGUMENT_DESCRIPTIONS, told);
        }
        let inner = field.ty.inner_named_type();
        let composite = schema.types.get(inner).is_some_and(|ty| {
            matches!(ty, ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_))
        });
        let limited = field.arguments.iter().any(|argument| SIZE_ARGUMENTS.contains(&argument.name.as_str()))
            || field.directives.get("listSize").is_some()
            || owner.as_str().ends_with("Connection")
            || owner.as_str().ends_with("Payload");
        if field.ty.is_list() && composite && !limited {
            tell(told, &UNBOUNDED_LIST, at, format!("list `{coordinate}` has no argument that limits it"));
        }
    }
    let names: Vec<&Name> = fields.iter().map(|field| &field.name).collect();
    sorted(names.into_iter(), &FIELDS_SORTED, owner, told);
    if owner.as_str().ends_with("Connection") {
        let edges = fields.iter().find(|field| field.name == "edges");
        let page = fields.iter().find(|field| field.name == "pageInfo");
        let mut missing = Vec::new();
        if !edges.is_some_and(|field| field.ty.is_list()) {
            missing.push("a list `edges`");
        }
        if !page.is_some_and(|field| field.ty.is_non_null() && *field.ty.inner_named_type() == "PageInfo") {
            missing.push("`pageInfo: PageInfo!`");
        }
        if !missing.is_empty() {
            tell(told, &RELAY, owner.location(), format!("connection `{owner}` lacks {}", missing.join(" and ")));
        }
    }
}

fn check_input(value: &InputValueDefinition, coordinate: &str, rule: &'static Rule, told: &mut Vec<Told>) {
    let at = value.name.location();
    if value.description.is_none() {
        tell(told, rule, at, format!("`{coordinate}` has no description"));
    }
    deprecation(value.directives.get("deprecated").map(|directive| &**directive), at, coordinate, told);
}

fn deprecation(directive: Option<&Directive>, at: Option<SourceSpan>, coordinate: &str, told: &mut Vec<Told>) {
    let Some(directive) = directive else { return };
    let reason = directive.arguments.iter().find(|argument| argument.name == "reason");
    if reason.is_none_or(|reason| reason.value.as_str().is_none_or(|text| text.trim().is_empty())) {
        tell(told, &DEPRECATION_REASON, at, format!("`{}` is deprecated without a reason", excerpt(coordinate)));
    }
}

fn sorted<'n>(names: impl Iterator<Item = &'n Name>, rule: &'static Rule, owner: &Name, told: &mut Vec<Told>) {
    let names: Vec<&Name> = names.collect();
    if names.windows(2).any(|pair| matches!(pair, [a, b] if a.as_str() > b.as_str())) {
        tell(told, rule, owner.location(), format!("members of `{owner}` are not in alphabetical order"));
    }
}

fn is_camel(name: &Name) -> bool {
    let text = name.as_str().trim_start_matches('_');
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The types a type names, with the fields that do so.
pub(super) fn leads_to(definition: &ExtendedType) -> Vec<(Option<&Name>, &Name)> {
    let mut found = Vec::new();
    match definition {
        ExtendedType::Object(object) => {
            for field in object.fields.values() {
                found.push((Some(&field.name), field.ty.inner_named_type()));
                found.extend(field.arguments.iter().map(|argument| (None, argument.ty.inner_named_type())));
            }
            found.extend(object.implements_interfaces.iter().map(|interface| (None, &interface.name)));
        }
        ExtendedType::Interface(interface) => {
            for field in interface.fields.values() {
                found.push((Some(&field.name), field.ty.inner_named_type()));
                found.extend(field.arguments.iter().map(|argument| (None, argument.ty.inner_named_type())));
            }
            found.extend(interface.implements_interfaces.iter().map(|interface| (None, &interface.name)));
        }
        ExtendedType::Union(union) => found.extend(union.members.iter().map(|member| (None, &member.name))),
        ExtendedType::InputObject(input) => {
            found.extend(input.fields.values().map(|field| (Some(&field.name), field.ty.inner_named_type())));
        }
        ExtendedType::Scalar(_) | ExtendedType::Enum(_) => {}
    }
    found
}

// As graphql-schema-linter sees it: a type is used if another names it or it implements an interface that is used.
fn unused(schema: &Schema, told: &mut Vec<Told>) {
    let mut used: BTreeSet<&str> =
        schema.schema_definition.iter_root_operations().map(|(_, name)| name.name.as_str()).collect();
    let mut implemented: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, definition) in &schema.types {
        for (field, target) in leads_to(definition) {
            let by_interface = field.is_none()
                && schema.get_interface(target).is_some()
                && !matches!(definition, ExtendedType::Union(_));
            if by_interface {
                implemented.entry(target.as_str()).or_default().push(name);
            }
            // What a type says of itself does not make it used; what it implements does.
            if target != name {
                used.insert(target);
            }
        }
    }
    for definition in schema.directive_definitions.values() {
        used.extend(definition.arguments.iter().map(|argument| argument.ty.inner_named_type().as_str()));
    }
    for (interface, implementers) in &implemented {
        if used.contains(interface) {
            used.extend(implementers.iter().copied());
        }
    }
    for (name, definition) in &schema.types {
        if !definition.is_built_in() && !used.contains(name.as_str()) {
            tell(told, &UNUSED_TYPES, name.location(), format!("nothing leads to type `{name}`"));
        }
    }
}

/// Shortest ways from a type back to itself, one for each set of types that lead to each other.
pub(super) fn cycles(schema: &Schema) -> (Vec<(Name, String)>, usize) {
    let composite = |definition: &ExtendedType| !matches!(definition, ExtendedType::InputObject(_));
    let mut edges: BTreeMap<&Name, Vec<(&Name, &Name)>> = BTreeMap::new();
    for (name, definition) in
        schema.types.iter().filter(|(_, definition)| composite(definition) && !definition.is_built_in())
    {
        for (field, target) in leads_to(definition) {
            let Some(field) = field else { continue };
            let mut targets = vec![target];
            match schema.types.get(target) {
                Some(ExtendedType::Union(union)) => targets.extend(union.members.iter().map(|member| &member.name)),
                Some(ExtendedType::Object(_) | ExtendedType::Interface(_)) => {}
                _ => continue,
            }
            edges.entry(name).or_default().extend(targets.into_iter().map(|target| (field, target)));
        }
    }
    let mut found = Vec::new();
    let mut covered: BTreeSet<&Name> = BTreeSet::new();
    let mut count = 0;
    for start in edges.keys().copied() {
        if covered.contains(start) {
            continue;
        }
        // Breadth first from the type back to itself.
        let mut came: BTreeMap<&Name, (&Name, &Name)> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        let mut closing = None;
        while let Some(at) = queue.pop_front() {
            for (field, target) in edges.get(at).map_or(&[][..], Vec::as_slice) {
                if *target == start {
                    closing = Some((at, *field));
                    break;
                }
                if !came.contains_key(target) {
                    came.insert(target, (at, field));
                    queue.push_back(target);
                }
            }
            if closing.is_some() {
                break;
            }
        }
        let Some((mut at, field)) = closing else { continue };
        count += 1;
        let mut steps = vec![format!("{at}.{field}")];
        covered.insert(start);
        while at != start {
            covered.insert(at);
            let Some((before, field)) = came.get(at) else { break };
            steps.push(format!("{before}.{field}"));
            at = before;
        }
        steps.reverse();
        if found.len() < MAX_CYCLES {
            found.push((start.clone(), steps.join(" > ")));
        }
    }
    (found, count)
}

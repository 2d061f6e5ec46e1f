//! An object of one of Kubernetes' own kinds against the fields of its version.

use super::rules;
use super::values::{bounds, is_base64, words};
use super::walk::{Step, Walk, shown};
use crate::support::kubernetes::quantity::Quantity;
use crate::support::kubernetes::schema::{Definition, Schemas, Shape, Type};
use crate::support::yaml::{Entry, Node, Value};
use octavo_toolkit::suggest::nearest;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Checks a node against a definition.
pub(super) fn check<'m>(walk: &mut Walk<'m, '_>, schemas: &Schemas, node: &'m Node, definition: usize) {
    let Some(known) = schemas.definition(definition) else { return };
    match known.shape {
        Shape::Object => object(walk, schemas, node, definition, &known),
        Shape::AnyObject => any_object(walk, node),
        Shape::Any => {}
        Shape::Text => text(walk, node),
        Shape::Quantity => quantity(walk, node),
        Shape::IntOrString => {
            let fits = node.is_null() || node.as_str().is_some() || node.as_int().is_some();
            if !fits {
                wrong_type(walk, node, "an integer or a string", None);
            }
        }
    }
}

fn object<'m>(walk: &mut Walk<'m, '_>, schemas: &Schemas, node: &'m Node, at: usize, definition: &Definition) {
    match node.value {
        Value::Mapping(_) => {}
        Value::Null => return,
        _ => return wrong_type(walk, node, "a mapping", None),
    }
    // The names that are there, once one is not known.
    let mut present: Option<BTreeSet<Cow<'_, str>>> = None;
    for entry in node.entries() {
        let name = entry.name();
        match definition.fields.get(name.as_ref()) {
            Some(field) => walk.down(Step::Field(entry), |walk| {
                if field.required && entry.value.is_null() {
                    walk.report(&rules::REQUIRED, &entry.key, "is required and must not be null");
                    return;
                }
                let before = walk.len();
                value(walk, schemas, &entry.value, &field.kind);
                if walk.len() == before {
                    details(walk, &entry.value, schemas.name(at), &name);
                }
            }),
            None if walk.strict && !walk.is_full() => {
                let present = present.get_or_insert_with(|| node.entries().iter().map(Entry::name).collect());
                let others = definition.fields.keys().copied().filter(|other| !present.contains(*other));
                let hint = nearest(&name, others).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let owner = schemas.name(at).rsplit('.').next().unwrap_or_default();
                let what = format!("{owner} has no such field{hint}");
                walk.down(Step::Field(entry), |walk| {
                    walk.report(&rules::ADDITIONAL_PROPERTIES, &entry.key, &what);
                });
            }
            None => {}
        }
    }
    for (name, _) in definition.fields.iter().filter(|(_, field)| field.required) {
        if node.entry(name).is_none() {
            walk.report(&rules::REQUIRED, node, &format!("lacks the required field `{name}`"));
        }
    }
}

fn value<'m>(walk: &mut Walk<'m, '_>, schemas: &Schemas, node: &'m Node, kind: &Type) {
    if let Type::Definition(definition) = kind {
        return check(walk, schemas, node, *definition);
    }
    if node.is_null() {
        return;
    }
    match kind {
        Type::Text => text(walk, node),
        Type::Bytes => match node.as_str() {
            None => wrong_type(walk, node, "a base64 string", None),
            Some(text) if !is_base64(text) => {
                walk.report(&rules::FORMAT, node, "is not base64; plain text belongs under `stringData`");
            }
            Some(_) => {}
        },
        Type::Int32 => integer(walk, node, i128::from(i32::MIN)..=i128::from(i32::MAX)),
        Type::Int64 => integer(walk, node, i128::from(i64::MIN)..=i128::from(i64::MAX)),
        Type::Number => {
            if !matches!(node.value, Value::Int(_) | Value::Float(_)) {
                wrong_type(walk, node, "a number", unquoted(walk, node, |text| text.parse::<f64>().is_ok()));
            }
        }
        Type::Boolean => {
            if node.as_bool().is_none() {
                wrong_type(walk, node, "true or false", unquoted(walk, node, |text| text == "true" || text == "false"));
            }
        }
        Type::AnyObject => any_object(walk, node),
        Type::Any | Type::Definition(_) => {}
        Type::List(inner) => {
            if !node.is_sequence() {
                return wrong_type(walk, node, "a list", None);
            }
            for (at, item) in node.items().iter().enumerate() {
                walk.down(Step::Item(at), |walk| value(walk, schemas, item, inner));
            }
        }
        Type::Map(inner) => {
            if !node.is_mapping() {
                return wrong_type(walk, node, "a mapping", None);
            }
            for entry in node.entries() {
                walk.down(Step::Field(entry), |walk| value(walk, schemas, &entry.value, inner));
            }
        }
    }
}

// Words and bounds, which the schemas do not tell.
fn details<'m>(walk: &mut Walk<'m, '_>, node: &'m Node, definition: &str, field: &str) {
    if let (Some(text), Some(words)) = (node.as_str(), words(definition, field))
        && !text.is_empty()
        && !words.contains(&text)
    {
        let hint = nearest(text, words.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
        let what = format!("{} is none of {}{}", shown(node), words.join(", "), hint.unwrap_or_default());
        walk.report(&rules::ENUM, node, &what);
    }
    if let (Some(number), Some((least, most))) = (node.as_int(), bounds(definition, field))
        && !(least..=most).contains(&number)
    {
        walk.report(&rules::RANGE, node, &format!("{number} is not between {least} and {most}"));
    }
}

fn text(walk: &mut Walk<'_, '_>, node: &Node) {
    if node.as_str().is_none() && !node.is_null() {
        let raw = node.raw.as_deref().filter(|raw| walk.written(node) == Some(raw));
        let quoted = raw.filter(|raw| !raw.contains(['"', '\\'])).map(|raw| format!("\"{raw}\""));
        wrong_type(walk, node, "a string", quoted);
    }
}

fn any_object(walk: &mut Walk<'_, '_>, node: &Node) {
    if !node.is_mapping() && !node.is_null() {
        wrong_type(walk, node, "a mapping", None);
    }
}

fn integer(walk: &mut Walk<'_, '_>, node: &Node, bounds: std::ops::RangeInclusive<i128>) {
    match node.as_int() {
        Some(number) if bounds.contains(&number) => {}
        Some(number) => walk.report(&rules::RANGE, node, &format!("{number} does not fit the field's whole number")),
        None => {
            let is_plain = |text: &str| text.parse::<i32>().is_ok_and(|number| number.to_string() == text);
            wrong_type(walk, node, "an integer", unquoted(walk, node, is_plain));
        }
    }
}

fn quantity(walk: &mut Walk<'_, '_>, node: &Node) {
    match &node.value {
        Value::Null | Value::Int(_) | Value::Float(_) => {}
        Value::Text(text) if Quantity::parse(text).is_some() => {}
        Value::Text(text) => {
            let hint = near_quantity(text).map(|near| format!("; `{near}` would be one")).unwrap_or_default();
            walk.report(&rules::QUANTITY, node, &format!("{} is no quantity{hint}", shown(node)));
        }
        Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => wrong_type(walk, node, "a quantity", None),
    }
}

// What was probably meant: `1 GB` for `1G`, `512mb` for `512M`, `2K` for `2k`.
fn near_quantity(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).take(32).collect();
    let digits = bare.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(bare.len());
    let (number, unit) = bare.split_at_checked(digits)?;
    let unit = match unit.trim_end_matches(['b', 'B']).to_ascii_lowercase().as_str() {
        "k" => "k",
        "m" => "M",
        "g" => "G",
        "t" => "T",
        "ki" => "Ki",
        "mi" => "Mi",
        "gi" => "Gi",
        "ti" => "Ti",
        "" if !number.is_empty() => "",
        _ => return None,
    };
    let near = format!("{number}{unit}");
    Quantity::parse(&near).map(|_| near)
}

// The text of a quoted scalar without its quotes, where it is then what the field wants.
fn unquoted(walk: &Walk<'_, '_>, node: &Node, fits: impl Fn(&str) -> bool) -> Option<String> {
    let text = node.as_str().filter(|text| fits(text))?;
    let written = walk.written(node)?;
    (written == format!("\"{text}\"") || written == format!("'{text}'")).then(|| text.to_owned())
}

fn wrong_type(walk: &mut Walk<'_, '_>, node: &Node, wanted: &str, fixed: Option<String>) {
    let what = format!("wants {wanted}, not {}", shown(node));
    let title =
        if fixed.as_deref().is_some_and(|text| text.starts_with('"')) { "Quote it" } else { "Take the quotes away" };
    walk.report_fixed(&rules::TYPE, node, &what, title, fixed);
}

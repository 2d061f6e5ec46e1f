//! Anti-patterns of document models, found by counting.

use super::rules;
use super::shape::{Field, Kind, correlation, float};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Finding, Level, Rule};
use std::collections::BTreeMap;

/// A list this long is long, whatever the others are.
const LONG_ARRAY: usize = 1_000;
/// A list is growing when its longest is this many times its median, and at least [`GROWN_ARRAY`].
const GROWTH_FACTOR: usize = 10;
/// See [`GROWTH_FACTOR`].
const GROWN_ARRAY: usize = 100;
/// Lists that are longer the older their document is: the rank correlation that shows it.
const GROWTH_CORRELATION: f64 = -0.6;
/// Fewer documents than this show no correlation.
const MIN_DOCUMENTS: usize = 20;
/// The longest list must have this many elements for a correlation to matter.
const MIN_GROWN: usize = 20;
/// Names of a document's members that look like data, at least.
const MIN_DYNAMIC_NAMES: usize = 10;
/// Members of one document beyond which it is wide.
const MANY_MEMBERS: usize = 200;
/// Share of texts that must look like something else.
const ALIKE: f64 = 0.95;
/// Fewer texts than this show no likeness.
const MIN_ALIKE: usize = 5;

/// Everything wrong below a document.
pub(super) fn of_members(path: &str, kind: &Kind, found: &mut Vec<Finding>) {
    let members = kind.fields.sorted();
    names(path, &members, found);
    if dynamic(path, kind, &members, found) {
        return;
    }
    if members.len() > MANY_MEMBERS {
        found.push(at(
            path,
            &rules::WIDE,
            &format!("{} different names in {}", members.len(), plural(kind.count, "document")),
        ));
    }
    for (name, field) in members {
        let path = joined(path, name);
        of_field(&path, name, field, kind.count, found);
    }
}

/// The path of a member.
pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn at(path: &str, rule: &Rule, message: &str) -> Finding {
    let place = if path.is_empty() { "the documents".to_owned() } else { format!("`{}`", excerpt(path)) };
    Finding::new(rule, format!("{place}: {message}"))
}

fn of_field(path: &str, name: &str, field: &Field, parents: usize, found: &mut Vec<Finding>) {
    mixed(path, field, found);
    let nulls = field.types.iter().find(|kind| kind.alias == "null").map_or(0, |kind| kind.count);
    if nulls > 0 && field.count < parents {
        let message = format!(
            "null in {} and missing in {}; queries for null find both, `$exists` tells them apart",
            nulls,
            parents - field.count
        );
        found.push(at(path, &rules::NULL_AND_MISSING, &message));
    }
    for kind in &field.types {
        match kind.alias {
            "object" => of_members(path, kind, found),
            "array" => {
                lists(path, kind, found);
                if let Some(items) = &kind.items {
                    of_field(&format!("{path}[]"), name, items, items.count, found);
                }
            }
            "string" => texts(path, name, kind, found),
            _ => {}
        }
    }
}

fn mixed(path: &str, field: &Field, found: &mut Vec<Finding>) {
    let kinds: Vec<&Kind> =
        field.by_frequency().into_iter().filter(|kind| !matches!(kind.alias, "null" | "undefined")).collect();
    if kinds.len() < 2 {
        return;
    }
    let numbers = kinds.iter().all(|kind| matches!(kind.alias, "int" | "long" | "double" | "decimal"));
    let list: Vec<String> = kinds.iter().map(|kind| format!("{} in {}", kind.alias, kind.count)).collect();
    let finding =
        at(path, &rules::MIXED_TYPES, &format!("{}; comparisons and indexes keep types apart", list.join(", ")));
    found.push(if numbers {
        at(
            path,
            &rules::MIXED_TYPES,
            &format!("{}; numbers of several widths compare well but round differently", list.join(", ")),
        )
        .with_level(Level::Info)
    } else {
        finding
    });
}

fn lists(path: &str, kind: &Kind, found: &mut Vec<Finding>) {
    let mut lengths: Vec<usize> = kind.lengths.iter().map(|(length, _)| *length).collect();
    lengths.sort_unstable();
    let (longest, median) =
        (lengths.last().copied().unwrap_or(0), lengths.get(lengths.len() / 2).copied().unwrap_or(0));
    let aged: Vec<(f64, f64)> =
        kind.lengths.iter().filter_map(|(length, age)| Some(((*age)?, float(*length)))).collect();
    let growing = if aged.len() >= MIN_DOCUMENTS && longest >= MIN_GROWN { correlation(&aged) } else { None };
    if let Some(correlation) = growing.filter(|correlation| *correlation <= GROWTH_CORRELATION) {
        let message = format!(
            "the older a document, the longer the list (rank correlation {correlation:.2}; median {median}, longest {longest}): it only grows"
        );
        found.push(at(path, &rules::GROWING_ARRAY, &message));
    } else if longest >= LONG_ARRAY || longest >= GROWN_ARRAY && longest >= median.saturating_mul(GROWTH_FACTOR) {
        let message = format!("the longest has {longest} elements, the median {median}");
        found.push(at(path, &rules::GROWING_ARRAY, &message));
    }
}

fn texts(path: &str, name: &str, kind: &Kind, found: &mut Vec<Finding>) {
    let share = |count: usize| float(count) / float(kind.count.max(1));
    if kind.count < MIN_ALIKE {
        return;
    }
    let looks = kind.looks;
    let named_id = {
        let lower = name.to_lowercase();
        lower.ends_with("id") || lower.ends_with("ids") || lower.ends_with("ref")
    };
    let checks = [
        (looks.date, &rules::DATE_AS_STRING, "dates as texts: ranges need one format, and date operators a conversion"),
        (
            if named_id { looks.object_id } else { 0 },
            &rules::OBJECT_ID_AS_STRING,
            "ObjectIds as texts: twice as large, and no `$lookup` matches them with an ObjectId",
        ),
        (looks.boolean, &rules::BOOLEAN_AS_STRING, "booleans as texts: \"false\" is true in an expression"),
        (looks.json, &rules::JSON_AS_STRING, "JSON as texts: no query reaches into it"),
        (
            if named_id { 0 } else { looks.number },
            &rules::NUMBER_AS_STRING,
            "numbers as texts: \"10\" comes before \"9\"",
        ),
    ];
    for (count, rule, message) in checks {
        if count > 0 && share(count) >= ALIKE {
            found.push(at(path, rule, message));
            return;
        }
    }
}

fn names(path: &str, members: &[(&str, &Field)], found: &mut Vec<Finding>) {
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, _) in members {
        if name.is_empty() || name.starts_with('$') || name.contains('.') || name.contains('\0') {
            let message = format!(
                "the name \"{}\" is empty, begins with `$` or holds a dot, which operators and paths take for their own",
                excerpt(name)
            );
            found.push(at(path, &rules::FIELD_NAME, &message));
        }
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            && !plain.is_empty()
            && !name.starts_with('_')
        {
            alike.entry(plain).or_default().push(name);
        }
    }
    for group in alike.values().filter(|group| group.len() > 1) {
        let list: Vec<String> = group.iter().map(|name| format!("`{}`", excerpt(name))).collect();
        found.push(at(path, &rules::NAME_VARIANTS, &format!("{} are spellings of one name", list.join(" and "))));
    }
}

// Names that are data: dates, identifiers, numbers, or very many names with the same kind of value.
fn dynamic(path: &str, kind: &Kind, members: &[(&str, &Field)], found: &mut Vec<Finding>) -> bool {
    if members.len() < MIN_DYNAMIC_NAMES {
        return false;
    }
    let is_data = |name: &str| {
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        let hex = name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        (digits > 0 && digits * 2 >= name.len()) || hex && name.len() >= 16
    };
    let looking = members.iter().filter(|(name, _)| is_data(name)).count();
    let shape = |field: &Field| -> Vec<&'static str> {
        let mut kinds: Vec<&'static str> = field.types.iter().map(|kind| kind.alias).collect();
        kinds.sort_unstable();
        kinds
    };
    let first = members.first().map(|(_, field)| shape(field));
    let alike = members.iter().filter(|(_, field)| Some(shape(field)) == first).count();
    // Each name in few of the documents, all with one kind of value.
    let sparse = members.iter().filter(|(_, field)| field.count * 4 <= kind.count).count();
    let by_names = looking * 10 >= members.len() * 9;
    let by_shape = kind.count >= MIN_DOCUMENTS
        && alike == members.len()
        && sparse * 10 >= members.len() * 9
        && members.len() >= 3 * MIN_DYNAMIC_NAMES;
    if !by_names && !by_shape {
        return false;
    }
    let shown: Vec<String> = members.iter().take(3).map(|(name, _)| format!("\"{}\"", excerpt(name))).collect();
    let message = format!(
        "{} names such as {} are data; as a list of {{k, v}} documents one index answers for all of them",
        members.len(),
        shown.join(", ")
    );
    found.push(at(path, &rules::DYNAMIC_KEYS, &message));
    true
}

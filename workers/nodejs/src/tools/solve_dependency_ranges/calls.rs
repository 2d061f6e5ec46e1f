//! node-semver's functions by their names, on texts.

use crate::support::semver::{
    Increment, Options, Range, Side, Version, clean, coerce, difference, increment, intersects, is_outside, is_subset,
    max_satisfying, min_satisfying, min_version, simplify, truncate,
};
use octavo_toolkit::ToolError;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// The functions that are known, each with what it takes.
const FUNCTIONS: &[(&str, &str)] = &[
    ("clean", "version"),
    ("cmp", "version, operator, version"),
    ("coerce", "text[, \"rtl\"]"),
    ("compare", "version, version"),
    ("compareBuild", "version, version"),
    ("compareLoose", "version, version"),
    ("diff", "version, version"),
    ("eq", "version, version"),
    ("gt", "version, version"),
    ("gte", "version, version"),
    ("gtr", "version, range"),
    ("inc", "version, release[, identifier[, base]]"),
    ("intersects", "range, range"),
    ("lt", "version, version"),
    ("lte", "version, version"),
    ("ltr", "version, range"),
    ("major", "version"),
    ("maxSatisfying", "range, version..."),
    ("minSatisfying", "range, version..."),
    ("minVersion", "range"),
    ("minor", "version"),
    ("neq", "version, version"),
    ("outside", "version, range, \"<\" or \">\""),
    ("parse", "version"),
    ("patch", "version"),
    ("prerelease", "version"),
    ("rcompare", "version, version"),
    ("rsort", "version..."),
    ("satisfies", "version, range"),
    ("simplifyRange", "range, version..."),
    ("sort", "version..."),
    ("subset", "range, range"),
    ("toComparators", "range"),
    ("truncate", "version, release"),
    ("valid", "version"),
    ("validRange", "range"),
];

/// Why a function gives nothing; npm's throws there.
const BAD_VERSION: &str = "invalid version";
const BAD_RANGE: &str = "invalid range";

/// What a call gave: a value, or why it gave none.
pub(super) type Outcome = Result<Value, &'static str>;

/// Does one call; `pointer` is where it stands in the arguments.
pub(super) fn evaluate(pointer: &str, call: &[String], options: Options) -> Result<Outcome, ToolError> {
    let name = call.first().map_or("", String::as_str);
    let Some((_, takes)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
        return Err(ToolError::invalid(
            format!("{pointer}/0"),
            "is no function of semver known here",
            format!("one of {}", names.join(", ")),
        ));
    };
    let arguments: Vec<&str> = call.iter().skip(1).map(String::as_str).collect();
    let required =
        takes.split('[').next().unwrap_or_default().split(", ").filter(|part| !part.ends_with("...")).count();
    let required = if takes.ends_with("...") && !takes.contains(", ") { 0 } else { required };
    let optional = takes.matches('[').count();
    if arguments.len() < required || (!takes.ends_with("...") && arguments.len() > required + optional) {
        return Err(ToolError::invalid(
            pointer,
            format!("has {} arguments of {name}", arguments.len()),
            format!("[\"{name}\", {takes}]"),
        ));
    }
    Ok(apply(name, &arguments, options))
}

fn apply(name: &str, arguments: &[&str], options: Options) -> Outcome {
    let text = |at: usize| arguments.get(at).copied().unwrap_or_default();
    let version = |at: usize| Version::parse(text(at), options).ok_or(BAD_VERSION);
    let range = |at: usize| Range::parse(text(at), options).ok_or(BAD_RANGE);
    let rest = || arguments.get(1..).unwrap_or_default();
    let shown = |version: Option<Version>| Ok(version.map_or(Value::Null, |version| json!(version.to_string())));
    match name {
        "parse" | "valid" => shown(version(0).ok()),
        "clean" => shown(clean(text(0), options)),
        "prerelease" => Ok(version(0).ok().filter(Version::is_prerelease).map_or(Value::Null, |version| {
            use crate::support::semver::Identifier;
            let shown = |identifier: &Identifier| match identifier {
                Identifier::Number(number) => json!(number),
                Identifier::Text(text) => json!(text),
            };
            Value::Array(version.prerelease.iter().map(shown).collect())
        })),
        "major" => Ok(json!(version(0)?.major)),
        "minor" => Ok(json!(version(0)?.minor)),
        "patch" => Ok(json!(version(0)?.patch)),
        "compare" => Ok(sign(version(0)?.compare(&version(1)?))),
        "rcompare" => Ok(sign(version(1)?.compare(&version(0)?))),
        "compareLoose" => {
            let loose = Options { loose: true, ..options };
            let read = |at: usize| Version::parse(text(at), loose).ok_or(BAD_VERSION);
            Ok(sign(read(0)?.compare(&read(1)?)))
        }
        "compareBuild" => Ok(sign(version(0)?.compare_with_build(&version(1)?))),
        "gt" | "gte" | "lt" | "lte" | "eq" | "neq" => Ok(json!(holds(name, version(0)?.compare(&version(1)?)))),
        "cmp" => compare_by(text(1), text(0), text(2), options),
        "sort" | "rsort" => sorted(arguments, name == "rsort", options),
        "diff" => {
            let read = |at: usize| Version::parse(text(at), Options::default()).ok_or(BAD_VERSION);
            Ok(difference(&read(0)?, &read(1)?).map_or(Value::Null, |name| json!(name)))
        }
        "inc" => {
            let base = match text(3) {
                "false" => None,
                "" => Some(0),
                base => Some(u64::from(!matches!(base.parse::<f64>(), Ok(0.0) | Err(_)))),
            };
            let how = Increment { release: text(1), identifier: text(2), base };
            shown(version(0).ok().and_then(|version| increment(&version, &how, options)))
        }
        "truncate" => shown(version(0).ok().and_then(|version| truncate(&version, text(1)))),
        "coerce" => shown(coerce(text(0), text(1) == "rtl", options)),
        "satisfies" => Ok(json!(range(1).is_ok_and(|range| range.contains_text(text(0))))),
        "validRange" => Ok(range(0).map_or(Value::Null, |range| json!(range.normalized()))),
        "toComparators" => {
            let range = range(0)?;
            let texts = |part: &Vec<crate::support::semver::Comparator>| {
                part.iter().map(ToString::to_string).collect::<Vec<_>>()
            };
            Ok(json!(range.alternatives().iter().map(texts).collect::<Vec<_>>()))
        }
        "minVersion" => shown(min_version(&range(0)?)),
        "maxSatisfying" | "minSatisfying" => {
            let find = if name == "maxSatisfying" { max_satisfying } else { min_satisfying };
            Ok(range(0).ok().and_then(|range| find(rest(), &range)).map_or(Value::Null, |found| json!(found)))
        }
        "gtr" => Ok(json!(is_outside(&version(0)?, &range(1)?, Side::Above))),
        "ltr" => Ok(json!(is_outside(&version(0)?, &range(1)?, Side::Below))),
        "outside" => {
            let side = match text(2) {
                ">" => Side::Above,
                "<" => Side::Below,
                _ => return Err("the side is neither < nor >"),
            };
            Ok(json!(is_outside(&version(0)?, &range(1)?, side)))
        }
        "intersects" => Ok(json!(intersects(&range(0)?, &range(1)?, options))),
        "subset" if text(0) == text(1) => Ok(json!(true)),
        "subset" => Ok(json!(is_subset(&range(0)?, &range(1)?, options))),
        _ => simplify(rest(), text(0), options).map(|text| json!(text)).ok_or(BAD_VERSION),
    }
}

fn sign(order: Ordering) -> Value {
    json!(order as i8)
}

fn holds(name: &str, order: Ordering) -> bool {
    match name {
        "gt" => order.is_gt(),
        "gte" => order.is_ge(),
        "lt" => order.is_lt(),
        "lte" => order.is_le(),
        "eq" => order.is_eq(),
        _ => order.is_ne(),
    }
}

fn compare_by(operator: &str, left: &str, right: &str, options: Options) -> Outcome {
    let name = match operator {
        "===" => return Ok(json!(left == right)),
        "!==" => return Ok(json!(left != right)),
        "" | "=" | "==" => "eq",
        "!=" => "neq",
        ">" => "gt",
        ">=" => "gte",
        "<" => "lt",
        "<=" => "lte",
        _ => return Err("the operator is not known"),
    };
    let read = |text: &str| Version::parse(text, options).ok_or(BAD_VERSION);
    Ok(json!(holds(name, read(left)?.compare(&read(right)?))))
}

fn sorted(texts: &[&str], descending: bool, options: Options) -> Outcome {
    let read = |text: &&str| Version::parse(text, options).map(|version| ((*text).to_owned(), version));
    let mut versions = texts.iter().map(read).collect::<Option<Vec<_>>>().ok_or(BAD_VERSION)?;
    versions.sort_by(|(_, a), (_, b)| if descending { b.compare_with_build(a) } else { a.compare_with_build(b) });
    Ok(json!(versions.into_iter().map(|(text, _)| text).collect::<Vec<_>>()))
}

//! Pipelines written so that indexes serve them: conditions go forward as far as they mean the same, limits before what only
//! changes documents, orders that nothing reads away.

use super::shape::Shape;
use super::shell::keys;
use crate::support::ejson::Value;

/// Most stages of a pipeline that is rewritten.
pub(super) const MAX_STAGES: usize = 200;
/// Most changes of a pipeline.
const MAX_CHANGES: usize = 1_000;

/// The rewritten stages, and what was done.
pub(super) fn rewritten(stages: &[Value]) -> (Vec<Value>, Vec<String>) {
    let mut list = stages.to_vec();
    let mut changes: Vec<String> = Vec::new();
    if stages.len() > MAX_STAGES || stages.iter().any(|stage| stage.members().len() != 1) {
        return (list, changes);
    }
    for _ in 0..MAX_CHANGES {
        let Some(change) = (0..list.len()).find_map(|at| change_at(&mut list, at)) else { break };
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    (list, changes)
}

fn stage(list: &[Value], at: usize) -> Option<(&str, &Value)> {
    list.get(at)?.members().first().map(|(name, value)| (name.as_str(), value))
}

fn made(name: &str, value: Value) -> Value {
    Value::Document(vec![(name.to_owned(), value)])
}

fn change_at(list: &mut Vec<Value>, at: usize) -> Option<String> {
    let (name, value) = stage(list, at)?;
    let (name, value) = (name.to_owned(), value.clone());
    if name == "$match" && value.members().is_empty() && matches!(value, Value::Document(_)) {
        list.remove(at);
        return Some("an empty $match goes".to_owned());
    }
    let (next, after) = stage(list, at + 1).map(|(name, value)| (name.to_owned(), value.clone()))?;
    match (name.as_str(), next.as_str()) {
        ("$match", "$match") => {
            list.splice(at..=at + 1, [made("$match", merged(&value, &after)?)]);
            Some("two $match become one".to_owned())
        }
        ("$limit", "$limit") => {
            let least = if value.number()? <= after.number()? { value } else { after };
            list.splice(at..=at + 1, [made("$limit", least)]);
            Some("of two $limit the smaller stays".to_owned())
        }
        (
            "$project" | "$addFields" | "$set" | "$unset" | "$lookup" | "$replaceRoot" | "$replaceWith",
            "$limit" | "$skip",
        ) => {
            // A stage that fails on some documents fails on fewer.
            list.swap(at, at + 1);
            Some(format!("{next} goes before {name}: fewer documents are worked on"))
        }
        ("$sort", "$count") => {
            list.remove(at);
            Some("$sort before $count goes".to_owned())
        }
        ("$sort", "$group")
            if after.members().iter().filter(|(name, _)| name != "_id").all(|(_, value)| unordered(value)) =>
        {
            list.remove(at);
            Some("$sort before a $group that reads no order goes".to_owned())
        }
        (_, "$match") => {
            let conjuncts = conjuncts(&after)?;
            let (mut before, mut stay) = (Vec::new(), Vec::new());
            for one in conjuncts {
                match moved(&name, &value, &one) {
                    Some(moved) => before.push(moved),
                    None => stay.push(one),
                }
            }
            if before.is_empty() {
                return None;
            }
            let forward = made("$match", joined(before));
            let whole = list.get(at)?.clone();
            let rest = if stay.is_empty() { None } else { Some(made("$match", joined(stay))) };
            list.splice(at..=at + 1, [Some(forward), Some(whole), rest].into_iter().flatten());
            Some(format!("$match goes before {name}"))
        }
        _ => None,
    }
}

fn unordered(accumulator: &Value) -> bool {
    accumulator.members().iter().all(|(name, _)| {
        matches!(name.as_str(), "$sum" | "$avg" | "$min" | "$max" | "$count" | "$stdDevPop" | "$stdDevSamp")
    }) && !accumulator.members().is_empty()
}

// The parts of a filter that all have to hold, each a document; none where a part says more than of its field.
fn conjuncts(filter: &Value) -> Option<Vec<Value>> {
    let mut list = Vec::new();
    for (name, value) in filter.members() {
        match (name.as_str(), value) {
            ("$and", Value::Array(items)) => {
                for item in items {
                    list.extend(conjuncts(item)?);
                }
            }
            ("$text", _) => return None,
            _ => list.push(made(name, value.clone())),
        }
    }
    Some(list)
}

fn joined(list: Vec<Value>) -> Value {
    let mut members: Vec<(String, Value)> = Vec::new();
    for one in &list {
        for (name, value) in one.members() {
            if members.iter().any(|(known, _)| known == name) {
                return made("$and", Value::Array(list));
            }
            members.push((name.clone(), value.clone()));
        }
    }
    Value::Document(members)
}

fn merged(one: &Value, other: &Value) -> Option<Value> {
    let mut list = conjuncts(one)?;
    list.extend(conjuncts(other)?);
    Some(joined(list))
}

// The fields a condition reads; none where it reads more than can be told.
fn fields(condition: &Value) -> Option<Vec<String>> {
    let mut list = Vec::new();
    for (name, value) in condition.members() {
        match (name.as_str(), value) {
            ("$and" | "$or" | "$nor", Value::Array(items)) => {
                for item in items {
                    list.extend(fields(item)?);
                }
            }
            (name, _) if name.starts_with('$') => return None,
            (name, _) => list.push(name.to_owned()),
        }
    }
    Some(list)
}

// Whether one path is the other, or in it.
fn touches(one: &str, other: &str) -> bool {
    let inside = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    inside(one, other) || inside(other, one)
}

// The condition as it reads before a stage; none where it cannot stand there.
fn moved(name: &str, value: &Value, condition: &Value) -> Option<Value> {
    let read = fields(condition)?;
    let free = |written: &[String]| !read.iter().any(|field| written.iter().any(|other| touches(field, other)));
    let texts = |value: &Value| -> Option<Vec<String>> {
        match value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(items) => items
                .iter()
                .map(|item| if let Value::String(text) = item { Some(text.clone()) } else { None })
                .collect(),
            _ => None,
        }
    };
    match name {
        "$sort" => Some(condition.clone()),
        "$addFields" | "$set" => {
            let written: Vec<String> = value.members().iter().map(|(name, _)| name.clone()).collect();
            free(&written).then(|| condition.clone())
        }
        "$unset" => free(&texts(value)?).then(|| condition.clone()),
        "$lookup" | "$graphLookup" => {
            let Some(Value::String(written)) = value.get("as") else { return None };
            free(std::slice::from_ref(written)).then(|| condition.clone())
        }
        "$unwind" => {
            let path = if let Value::String(path) = value {
                path
            } else if let Some(Value::String(path)) = value.get("path") {
                path
            } else {
                return None;
            };
            let mut written = vec![path.trim_start_matches('$').to_owned()];
            if let Some(Value::String(index)) = value.get("includeArrayIndex") {
                written.push(index.clone());
            }
            free(&written).then(|| condition.clone())
        }
        "$project" => projected(value, condition, &read),
        "$group" => grouped(value, condition, &read),
        _ => None,
    }
}

fn projected(value: &Value, condition: &Value, read: &[String]) -> Option<Value> {
    let flag = |value: &Value| match value {
        Value::Bool(flag) => Some(*flag),
        other => other.number().map(|number| number != 0.0),
    };
    let excludes =
        value.members().iter().filter(|(name, _)| name != "_id").all(|(_, value)| flag(value) == Some(false));
    if excludes {
        let written: Vec<&String> =
            value.members().iter().filter(|(_, value)| flag(value) == Some(false)).map(|(name, _)| name).collect();
        let only_flags = value.members().iter().all(|(_, value)| flag(value).is_some());
        return (only_flags && !read.iter().any(|field| written.iter().any(|other| touches(field, other))))
            .then(|| condition.clone());
    }
    let mut turned = condition.clone();
    for field in read {
        let top = field.split('.').next().unwrap_or(field);
        let shown = value
            .members()
            .iter()
            .find(|(name, _)| name == top || field == name || field.starts_with(&format!("{name}.")));
        match shown {
            Some((_, shown)) if flag(shown) == Some(true) => {}
            Some((name, Value::String(source))) if name == top => {
                // `{b: "$a"}`: what is asked of b is asked of a.
                let source =
                    source.strip_prefix('$').filter(|source| !source.contains(['.', '$']) && !source.is_empty())?;
                turned = renamed(&turned, name, source);
            }
            None if top == "_id" => {}
            _ => return None,
        }
    }
    Some(turned)
}

fn renamed(condition: &Value, from: &str, to: &str) -> Value {
    let members = condition.members().iter().map(|(name, value)| {
        if let ("$and" | "$or" | "$nor", Value::Array(items)) = (name.as_str(), value) {
            return (name.clone(), Value::Array(items.iter().map(|item| renamed(item, from, to)).collect()));
        }
        let name = match name.strip_prefix(from) {
            Some(rest) if rest.is_empty() || rest.starts_with('.') => format!("{to}{rest}"),
            _ => name.clone(),
        };
        (name, value.clone())
    });
    Value::Document(members.collect())
}

// A condition on what is grouped by, where that is a field.
fn grouped(value: &Value, condition: &Value, read: &[String]) -> Option<Value> {
    let Some(Value::String(source)) = value.get("_id") else { return None };
    let source = source.strip_prefix('$').filter(|source| !source.contains(['.', '$']) && !source.is_empty())?;
    if read.iter().any(|field| field != "_id")
        || !condition.members().iter().all(|(name, value)| name == "_id" && plain(value))
    {
        return None;
    }
    Some(renamed(condition, "_id", source))
}

// Comparisons with something that is there: a missing field is grouped as null.
fn plain(value: &Value) -> bool {
    let there = |value: &Value| {
        !matches!(
            value,
            Value::Null | Value::Undefined | Value::Array(_) | Value::Code(..) | Value::Document(_) | Value::Regex(..)
        )
    };
    let members = value.members();
    if members.is_empty() {
        return there(value);
    }
    members.iter().all(|(operator, operand)| match (operator.as_str(), operand) {
        ("$eq" | "$gt" | "$gte" | "$lt" | "$lte", operand) => there(operand),
        ("$in", Value::Array(items)) => items.iter().all(there),
        _ => false,
    })
}

/// What the beginning of a pipeline asks of its collection: filter and sort.
pub(super) fn beginning(stages: &[Value]) -> (Value, Vec<(String, i8)>) {
    let mut filter = Value::Document(Vec::new());
    let mut at = 0;
    if let Some(("$match", value)) = stage(stages, 0) {
        filter = value.clone();
        at = 1;
    }
    let sort = match stage(stages, at) {
        Some(("$sort", value)) => keys(value),
        _ => Vec::new(),
    };
    (filter, sort)
}

/// What the joins of a pipeline ask of other collections.
pub(super) fn joins(stages: &[Value]) -> Vec<(String, Shape)> {
    let mut list = Vec::new();
    for at in 0..stages.len() {
        let Some((name, value)) = stage(stages, at) else { continue };
        let key = match name {
            "$lookup" => "foreignField",
            "$graphLookup" => "connectToField",
            _ => continue,
        };
        if let (Some(Value::String(from)), Some(Value::String(field))) = (value.get("from"), value.get(key)) {
            let mut shape = Shape::default();
            if let Some(Value::Array(inner)) = value.get("pipeline") {
                let (filter, _) = beginning(inner);
                if let ([one], ()) = (super::shape::shapes(&filter, &[]).0.as_slice(), ()) {
                    shape = one.clone();
                }
            }
            shape.equal.insert(field.clone());
            list.push((from.clone(), shape));
        }
    }
    list
}

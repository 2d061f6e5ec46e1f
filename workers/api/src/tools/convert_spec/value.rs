//! Documents as JSON values, which are rewritten and printed; and references inside them.

use crate::support::tree::{Document, NodeId, Value};
use serde_json::{Map, Number, Value as Json};
use std::collections::BTreeSet;

/// Most values of a result: what prints as about 8 MiB.
pub(super) const MAX_VALUES: usize = 400_000;

/// Deepest nesting of references that are written out.
const MAX_REFERENCE_DEPTH: usize = 60;

/// Bytes of a text that count as one more value: what a value takes without its text.
const BYTES_PER_VALUE: usize = 64;

/// How much may still be written out: values, of which a long text counts as many.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_VALUES)
    }
}

impl Budget {
    /// Takes a value, a number of times; none where that is too much.
    pub(super) fn take(&mut self, text_bytes: usize, times: usize) -> Option<()> {
        self.0 = self.0.checked_sub((1 + text_bytes / BYTES_PER_VALUE).saturating_mul(times))?;
        Some(())
    }

    /// Takes all that a value holds, a number of times.
    pub(super) fn take_all(&mut self, value: &Json, times: usize) -> Option<()> {
        self.take(value.as_str().map_or(0, str::len), times)?;
        match value {
            Json::Object(members) => members.iter().try_for_each(|(key, member)| {
                self.take(key.len(), times)?;
                self.take_all(member, times)
            }),
            Json::Array(items) => items.iter().try_for_each(|item| self.take_all(item, times)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Some(()),
        }
    }
}

/// A node as JSON, aliases written out; the later of two members with one key counts, as everywhere. None where it is too large.
pub(super) fn json(doc: &Document, id: NodeId, budget: &mut Budget) -> Option<Json> {
    budget.take(if let Value::String(text) = doc.value(id) { text.len() } else { 0 }, 1)?;
    Some(match doc.value(id) {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number, spelling) => spelling
            .parse::<i64>()
            .map(Number::from)
            .ok()
            .or_else(|| spelling.parse::<u64>().map(Number::from).ok())
            .or_else(|| Number::from_f64(*number))
            .map_or_else(|| Json::String(spelling.to_string()), Json::Number),
        Value::String(text) => Json::String(text.to_string()),
        Value::Sequence(items) => {
            Json::Array(items.iter().map(|item| json(doc, *item, budget)).collect::<Option<Vec<Json>>>()?)
        }
        Value::Mapping(mapping) => {
            let mut members = Map::new();
            for member in mapping.members() {
                members.insert(member.key.to_string(), json(doc, member.value, budget)?);
            }
            Json::Object(members)
        }
    })
}

/// The value that a local reference names.
pub(super) fn target<'v>(root: &'v Json, reference: &str) -> Option<&'v Json> {
    let pointer = reference.strip_prefix('#')?;
    root.pointer(&decode(pointer))
}

/// A text with its percent signs read.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = (byte == b'%').then(|| Some((hex(ahead.next()?)?, hex(ahead.next()?)?))).flatten();
        match digits {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The last step of a reference.
pub(super) fn name_of(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    decode(last).replace("~1", "/").replace("~0", "~")
}

/// What a value refers to, as far as references lead.
pub(super) fn resolve<'v>(root: &'v Json, value: &'v Json) -> &'v Json {
    let mut at = value;
    for _ in 0..32 {
        match at.get("$ref").and_then(Json::as_str).and_then(|reference| target(root, reference)) {
            Some(next) => at = next,
            None => return at,
        }
    }
    at
}

/// Rewrites every reference of a value.
pub(super) fn rewrite(value: &mut Json, rename: &dyn Fn(&str) -> Option<String>) {
    match value {
        Json::Object(members) => {
            if let Some(Json::String(reference)) = members.get_mut("$ref")
                && let Some(renamed) = rename(reference)
            {
                *reference = renamed;
            }
            members.values_mut().for_each(|member| rewrite(member, rename));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| rewrite(item, rename)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// What writing references out yields, and what could not be.
pub(super) struct Dereferenced {
    pub(super) value: Json,
    /// References that lead back to what they stand in, and stay.
    pub(super) circular: BTreeSet<String>,
    /// References that lead nowhere, or out of the document.
    pub(super) broken: BTreeSet<String>,
    /// Whether the result would be larger than [`MAX_VALUES`].
    pub(super) too_large: bool,
}

/// Writes every local reference out; what refers to itself keeps its reference.
pub(super) fn dereference(root: &Json) -> Dereferenced {
    let mut done =
        Dereferenced { value: Json::Null, circular: BTreeSet::new(), broken: BTreeSet::new(), too_large: false };
    let mut count = 0;
    let mut open = Vec::new();
    done.value = expand(root, root, &mut open, &mut count, &mut done.circular, &mut done.broken);
    done.too_large = count > MAX_VALUES;
    done
}

// A value as it is, and what it weighs.
fn kept(value: &Json, count: &mut usize) -> Json {
    let mut budget = Budget(MAX_VALUES.saturating_sub(*count));
    if budget.take_all(value, 1).is_none() {
        *count = MAX_VALUES + 1;
        return Json::Null;
    }
    *count = MAX_VALUES - budget.0;
    value.clone()
}

fn expand(
    root: &Json,
    value: &Json,
    open: &mut Vec<String>,
    count: &mut usize,
    circular: &mut BTreeSet<String>,
    broken: &mut BTreeSet<String>,
) -> Json {
    *count += 1 + value.as_str().map_or(0, str::len) / BYTES_PER_VALUE;
    if *count > MAX_VALUES {
        return Json::Null;
    }
    match value {
        Json::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Json::as_str) {
                if open.iter().any(|known| known == reference) || open.len() >= MAX_REFERENCE_DEPTH {
                    circular.insert(reference.to_owned());
                    return kept(value, count);
                }
                let Some(found) = target(root, reference) else {
                    broken.insert(reference.to_owned());
                    return kept(value, count);
                };
                open.push(reference.to_owned());
                let mut inner = expand(root, found, open, count, circular, broken);
                open.pop();
                if let Json::Object(inner) = &mut inner {
                    for (key, member) in members.iter().filter(|(key, _)| *key != "$ref") {
                        inner.insert(key.clone(), kept(member, count));
                    }
                }
                return inner;
            }
            let mut out = Map::new();
            for (key, member) in members {
                out.insert(key.clone(), expand(root, member, open, count, circular, broken));
            }
            Json::Object(out)
        }
        Json::Array(items) => {
            Json::Array(items.iter().map(|item| expand(root, item, open, count, circular, broken)).collect())
        }
        other => other.clone(),
    }
}

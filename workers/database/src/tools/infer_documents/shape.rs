//! Counts what documents are made of: for every path its types, how often each, distinct values, lengths, ranges.

use crate::support::ejson::{Value, date_ms};
use std::collections::{BTreeMap, BTreeSet};

/// Most distinct values of a field and type that are remembered; beyond, their number is a lower bound.
pub(super) const MAX_DISTINCT: usize = 10_000;
/// Longest text that can be a word of an enumeration, in bytes.
const MAX_WORD_BYTES: usize = 64;

/// What is known of the values of one path.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// How often it occurs.
    pub(super) count: usize,
    /// By alias, in the order they were first seen.
    pub(super) types: Vec<Kind>,
}

/// What is known of the values of one path that have one type.
#[derive(Debug, Default)]
pub(super) struct Kind {
    pub(super) alias: &'static str,
    pub(super) count: usize,
    /// Distinct values in the form people read, with how often they occur; not for documents and arrays.
    pub(super) values: BTreeMap<String, usize>,
    /// Whether `values` overflowed.
    pub(super) overflowed: bool,
    /// Least and largest number, date in milliseconds, or length of a text or list.
    pub(super) least: Option<f64>,
    pub(super) most: Option<f64>,
    /// Members of documents, in the order they were first seen.
    pub(super) fields: Members,
    /// What lists hold.
    pub(super) items: Option<Box<Field>>,
    /// Length of each list with the age of its document.
    pub(super) lengths: Vec<(usize, Option<f64>)>,
    /// How many texts look like something else.
    pub(super) looks: Looks,
    /// How many of the values are whole numbers, where they are fractions.
    pub(super) whole: usize,
}

/// How many texts look like something else.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Looks {
    pub(super) date: usize,
    pub(super) number: usize,
    pub(super) object_id: usize,
    pub(super) boolean: usize,
    pub(super) json: usize,
}

/// Named fields in the order they were first seen.
#[derive(Debug, Default)]
pub(super) struct Members {
    names: BTreeMap<String, usize>,
    fields: Vec<(String, Field)>,
}

impl Members {
    fn entry(&mut self, name: &str) -> Option<&mut Field> {
        let at = if let Some(at) = self.names.get(name) {
            *at
        } else {
            self.names.insert(name.to_owned(), self.fields.len());
            self.fields.push((name.to_owned(), Field::default()));
            self.fields.len() - 1
        };
        self.fields.get_mut(at).map(|(_, field)| field)
    }

    /// With `_id` first, then by name, as people list them.
    pub(super) fn sorted(&self) -> Vec<(&str, &Field)> {
        let mut list: Vec<(&str, &Field)> = self.fields.iter().map(|(name, field)| (name.as_str(), field)).collect();
        list.sort_by_cached_key(|(name, _)| (*name != "_id", name.to_lowercase(), (*name).to_owned()));
        list
    }
}

impl Field {
    /// Takes a value in; `age` orders documents in time.
    pub(super) fn add(&mut self, value: &Value, age: Option<f64>) {
        self.count += 1;
        let alias = value.alias();
        let at = if let Some(at) = self.types.iter().position(|kind| kind.alias == alias) {
            at
        } else {
            self.types.push(Kind { alias, ..Kind::default() });
            self.types.len() - 1
        };
        if let Some(kind) = self.types.get_mut(at) {
            kind.add(value, age);
        }
    }

    /// The most frequent first.
    pub(super) fn by_frequency(&self) -> Vec<&Kind> {
        let mut kinds: Vec<&Kind> = self.types.iter().collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        kinds
    }
}

impl Kind {
    fn add(&mut self, value: &Value, age: Option<f64>) {
        self.count += 1;
        match value {
            Value::Document(members) => {
                self.take_members(members, age);
                return;
            }
            Value::Array(items) => {
                self.range(float(items.len()));
                self.lengths.push((items.len(), age));
                let field = self.items.get_or_insert_default();
                items.iter().for_each(|item| field.add(item, age));
                return;
            }
            Value::String(text) => {
                self.range(float(text.chars().count()));
                self.looks.add(text);
            }
            Value::Date(Some(ms)) => {
                #[expect(clippy::cast_precision_loss, reason = "milliseconds of dates are exact in a double")]
                self.range(*ms as f64);
            }
            Value::Null | Value::Undefined | Value::MinKey | Value::MaxKey => return,
            other => {
                if let Some(number) = other.number().filter(|number| number.is_finite()) {
                    self.range(number);
                    self.whole += usize::from(number.fract() == 0.0);
                }
            }
        }
        let word = word_of(value);
        let known = self.values.contains_key(&word);
        if known || self.values.len() < MAX_DISTINCT {
            *self.values.entry(word).or_default() += 1;
        } else {
            self.overflowed = true;
        }
    }

    /// Takes a whole document in.
    pub(super) fn take_document(&mut self, document: &Value, age: Option<f64>) {
        self.count += 1;
        self.take_members(document.members(), age);
    }

    fn take_members(&mut self, members: &[(String, Value)], age: Option<f64>) {
        for (name, value) in members {
            if let Some(field) = self.fields.entry(name) {
                field.add(value, age);
            }
        }
    }

    fn range(&mut self, number: f64) {
        self.least = Some(self.least.map_or(number, |least| least.min(number)));
        self.most = Some(self.most.map_or(number, |most| most.max(number)));
    }

    /// Elements of all lists.
    pub(super) fn item_count(&self) -> usize {
        self.items.as_ref().map_or(0, |items| items.count)
    }

    /// Whether all its values are short words.
    pub(super) fn has_short_words(&self) -> bool {
        !self.overflowed && self.values.keys().all(|word| word.len() <= MAX_WORD_BYTES)
    }
}

impl Looks {
    fn add(&mut self, text: &str) {
        let first = text.as_bytes().first().copied().unwrap_or(0);
        self.date += usize::from(text.len() >= 10 && first.is_ascii_digit() && date_ms(text).is_some());
        self.object_id += usize::from(text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        self.boolean += usize::from(matches!(text, "true" | "false" | "True" | "False"));
        let digits = text.strip_prefix('-').unwrap_or(text);
        // Leading zeros are codes, not numbers.
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let coded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        self.number +=
            usize::from(!digits.is_empty() && plain && !coded && text.len() <= 15 && text.parse::<f64>().is_ok());
        let object = matches!((first, text.as_bytes().last()), (b'{', Some(b'}')) | (b'[', Some(b']')));
        self.json +=
            usize::from(text.len() > 2 && object && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
    }
}

/// A count as a number.
pub(super) fn float(count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of a text are far below 2^52")]
    (count as f64)
}

/// A value as people read it; equal exactly where the values are.
fn word_of(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Long(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Decimal(text)
        | Value::String(text)
        | Value::ObjectId(text)
        | Value::Symbol(text)
        | Value::Code(text, _) => text.clone(),
        Value::Date(ms) => ms.map_or_else(|| "?".to_owned(), |ms| ms.to_string()),
        Value::Binary(bytes, subtype, text) => format!("{subtype}:{bytes}:{text}"),
        Value::Regex(pattern, options) => format!("/{pattern}/{options}"),
        Value::Timestamp(t, i) => format!("{t}:{i}"),
        Value::Null | Value::Undefined | Value::MinKey | Value::MaxKey | Value::Array(_) | Value::Document(_) => {
            String::new()
        }
    }
}

/// When a document was made, as far as its `_id` tells.
pub(super) fn age(document: &Value) -> Option<f64> {
    match document.get("_id")? {
        Value::ObjectId(text) => u32::from_str_radix(text.get(..8)?, 16).ok().map(f64::from),
        value @ (Value::Int(_) | Value::Long(_)) => value.number(),
        _ => None,
    }
}

/// The ranks of numbers, equal ones in the middle of theirs.
fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
    order.sort_by(|left, right| at(*left).total_cmp(&at(*right)));
    let mut ranks = vec![0.0; numbers.len()];
    let mut start = 0;
    while start < order.len() {
        let first = order.get(start).copied().unwrap_or_default();
        let end = order
            .get(start..)
            .unwrap_or_default()
            .iter()
            .take_while(|index| at(**index).total_cmp(&at(first)).is_eq())
            .count()
            .max(1)
            + start;
        for index in order.get(start..end).unwrap_or_default() {
            if let Some(rank) = ranks.get_mut(*index) {
                *rank = float(start + end - 1) / 2.0;
            }
        }
        start = end;
    }
    ranks
}

/// Spearman's rank correlation of pairs; none where either side does not vary.
pub(super) fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (left, right): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (left, right) = (ranks(&left), ranks(&right));
    let mean = float(pairs.len().saturating_sub(1)) / 2.0;
    let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
    for (left, right) in left.iter().zip(&right) {
        both += (left - mean) * (right - mean);
        one += (left - mean) * (left - mean);
        other += (right - mean) * (right - mean);
    }
    (one > 0.0 && other > 0.0).then(|| both / (one * other).sqrt())
}

/// Identifiers that come twice.
#[derive(Debug, Default)]
pub(super) struct Ids(BTreeSet<String>);

impl Ids {
    /// Whether this `_id` came before.
    pub(super) fn is_repeated(&mut self, document: &Value) -> bool {
        document.get("_id").is_some_and(|id| !self.0.insert(format!("{id:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_is_spearmans() {
        let close = |pairs: &[(f64, f64)], wanted: f64| (correlation(pairs).expect("it varies") - wanted).abs() < 1e-9;
        assert!(close(&[(1.0, 9.0), (2.0, 5.0), (3.0, 1.0)], -1.0));
        // By hand: ranks 0, 1, 2, 3 against 0.5, 0.5, 2, 3.
        assert!(close(&[(1.0, 1.0), (2.0, 1.0), (3.0, 2.0), (4.0, 7.0)], 4.5 / (5.0_f64 * 4.5).sqrt()));
        assert_eq!(correlation(&[(1.0, 1.0), (2.0, 1.0)]), None);
    }
}

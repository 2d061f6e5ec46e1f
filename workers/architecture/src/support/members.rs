//! JSON models: members with their places in the source, read one by one so that one mistake spoils one item.

use super::fields::{Field, Fields, Value};
use super::notes::{Note, Span, place};
use super::rules;
use octavo_toolkit::arguments::Members;
use octavo_toolkit::limits::{self, MAX_NESTING_DEPTH, excerpt};
use octavo_toolkit::suggest;
use octavo_toolkit::tool::Rule;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Longest id, in characters: ids are repeated in the answer.
pub const MAX_ID_CHARS: usize = 80;

/// Reads the members of a JSON object; none when the text is none.
pub fn open<'a>(source: &'a str, findings: &mut Vec<Note>) -> Option<Vec<(String, &'a RawValue)>> {
    if let Some(at) = limits::nesting_exceeded(source) {
        let message = format!("the text nests deeper than {MAX_NESTING_DEPTH} levels");
        findings.push(Note::new(&rules::JSON_SYNTAX, message).at(Span { start: at, end: at + 1 }));
        return None;
    }
    let body = source.strip_prefix('\u{feff}').unwrap_or(source);
    match serde_json::from_str::<Members<'_>>(body) {
        Ok(Members(members)) => Some(members.into_iter().map(|(name, value)| (name.into_owned(), value)).collect()),
        Err(error) => {
            // serde_json counts lines from 1 and columns in bytes.
            let line = body.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
            let at = source.len() - body.len() + line + error.column().saturating_sub(1);
            let message = format!("the text is no JSON object of a design: {}", reason(&error));
            findings.push(Note::new(&rules::JSON_SYNTAX, message).at(Span { start: at, end: at + 1 }));
            None
        }
    }
}

// serde's message without its position, which is told as a range, and without anything of the source.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    match message.strip_prefix("invalid type: ") {
        Some(_) => "accepted: an object with `components` and `links`".to_owned(),
        None => excerpt(message),
    }
}

/// A JSON text being read, and what was found wrong in it.
pub struct Reading<'a, 'f> {
    /// The text that raw values are borrowed from.
    pub source: &'a str,
    /// What was found.
    pub findings: &'f mut Vec<Note>,
    /// Most items of a list of names.
    pub max_names: usize,
}

impl<'a> Reading<'a, '_> {
    /// The last member of each name; unknown and repeated ones are reported.
    pub fn members(
        &mut self,
        members: &[(String, &'a RawValue)],
        known: &[&'static str],
        elsewhere: &[&str],
    ) -> BTreeMap<String, &'a RawValue> {
        let mut found = BTreeMap::new();
        for (name, value) in members {
            if self.is_over() {
                break;
            }
            if !known.contains(&name.as_str()) && !elsewhere.contains(&name.as_str()) {
                let near = suggest::nearest(name, known.iter().copied()).map_or_else(
                    || format!("; known are {}", known.join(", ")),
                    |near| format!("; did you mean `{near}`?"),
                );
                let hint = if name == "model" || name == "views" {
                    "; a workspace of Structurizr is read from its DSL, not from its JSON"
                } else {
                    &near
                };
                self.report(&rules::MODEL_VALUE, value, format!("`{}` is no member of a design{hint}", excerpt(name)));
            }
            if found.insert(name.clone(), *value).is_some() {
                let message = format!("`{}` is given twice; the last one counts", excerpt(name));
                self.report(&rules::MODEL_VALUE, value, message);
            }
        }
        found
    }

    /// Ends the reading: says that a model is empty where it is and nothing else was found, and that the rest was not read
    /// where there were too many mistakes.
    pub fn finish(&mut self, emptiness: Option<&'static str>) {
        if let Some(message) = emptiness.filter(|_| self.findings.is_empty()) {
            self.findings.push(Note::new(&rules::MODEL_EMPTY, message));
        }
        if self.is_over() {
            let message = format!("more than {MAX_MISTAKES} mistakes; the rest was not read");
            self.findings.push(Note::new(&rules::MODEL_LIMIT, message));
        }
    }

    /// Whether there were too many mistakes to go on.
    pub fn is_over(&self) -> bool {
        self.findings.len() > MAX_MISTAKES
    }

    /// Where a raw value stands.
    pub fn range(&self, value: &RawValue) -> Span {
        // Raw values are borrowed from the source, so that their distance from its start is their offset.
        let at = value.get().as_ptr().addr().saturating_sub(self.source.as_ptr().addr());
        Span { start: at, end: at + value.get().len() }
    }

    /// Reports a value.
    pub fn report(&mut self, rule: &'static Rule, value: &RawValue, message: String) {
        let range = self.range(value);
        self.findings.push(Note::new(rule, message).at(range));
    }

    /// A string, or a finding.
    pub fn string(&mut self, value: &RawValue, what: &str) -> Option<String> {
        let text = serde_json::from_str::<String>(value.get()).ok();
        if text.is_none() {
            self.report(&rules::MODEL_VALUE, value, format!("`{what}` is not acceptable; accepted: a string"));
        }
        text
    }

    /// The items of an array, at most so many.
    pub fn items(&mut self, value: Option<&'a RawValue>, what: &str, most: usize) -> Vec<&'a RawValue> {
        let Some(value) = value else { return Vec::new() };
        let Ok(mut items) = serde_json::from_str::<Vec<&'a RawValue>>(value.get()) else {
            self.report(&rules::MODEL_VALUE, value, format!("`{what}` is not acceptable; accepted: an array"));
            return Vec::new();
        };
        if let Some(first_over) = items.get(most) {
            let message = format!("`{what}` has {} items, the limit is {most}; the rest is not read", items.len());
            self.report(&rules::MODEL_LIMIT, first_over, message);
            items.truncate(most);
        }
        items
    }

    /// Different names.
    pub fn names(&mut self, value: Option<&'a RawValue>, what: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for value in self.items(value, what, self.max_names) {
            if let Some(name) = self.string(value, what) {
                let name = excerpt(&name);
                if names.contains(&name) || name.is_empty() {
                    self.report(
                        &rules::MODEL_VALUE,
                        value,
                        format!("`{what}`: names are not empty and not given twice"),
                    );
                } else {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The named values of an object.
    pub fn fields(&mut self, value: &'a RawValue, what: &str) -> Option<Vec<Field>> {
        if self.is_over() {
            return None;
        }
        let Ok(Members(members)) = serde_json::from_str::<Members<'a>>(value.get()) else {
            self.report(
                &rules::MODEL_VALUE,
                value,
                format!("an item of `{what}` is not acceptable; accepted: an object"),
            );
            return None;
        };
        let mut fields: Vec<Field> = Vec::with_capacity(members.len());
        for (name, raw) in members {
            if fields.len() < MAX_FIELDS {
                fields.push(Field {
                    name: name.into_owned(),
                    value: scalar(raw),
                    at: Some(self.range(raw)),
                    is_read: false,
                });
            }
        }
        Some(fields)
    }

    /// The id of an item, if it is acceptable and new.
    pub fn new_id(fields: &mut Fields<'_>, known: bool) -> Option<String> {
        let at = fields.place("id");
        let id = fields.text("id");
        let problem = match &id {
            Some(id) if id.trim().is_empty() => "the id is empty",
            Some(id) if id.chars().count() > MAX_ID_CHARS || id.chars().any(limits::is_invisible) => {
                "the id has more than 80 or invisible characters"
            }
            Some(_) if known => "the id is already taken",
            Some(_) => return id,
            None => "an `id` is missing",
        };
        let message = format!("{}: {problem}; the item is left out", fields.owner);
        fields.findings.push(place(Note::new(&rules::MODEL_VALUE, message), at));
        None
    }

    /// The item that the field of this name names.
    pub fn lookup(fields: &mut Fields<'_>, name: &'static str, ids: &BTreeMap<String, usize>) -> Option<usize> {
        let at = fields.place(name);
        let problem = match fields.text(name) {
            Some(id) => {
                if let Some(found) = ids.get(&id) {
                    return Some(*found);
                }
                let near = suggest::nearest(&id, ids.keys().map(String::as_str).take(MAX_SUGGESTED));
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{}`?", excerpt(near)));
                format!("`{name}` names `{}`, which is not there{near}", excerpt(&id))
            }
            None => format!("`{name}` is missing"),
        };
        fields.findings.push(place(Note::new(&rules::MODEL_VALUE, format!("{}: {problem}", fields.owner)), at));
        None
    }
}

/// Mistakes reported of one model; a text of another kind has one in every item.
const MAX_MISTAKES: usize = 200;

// Fields read of one item; the longest item known has 18.
const MAX_FIELDS: usize = 64;

// Ids looked at for a did-you-mean: each costs a distance.
const MAX_SUGGESTED: usize = 200;

/// The id among fields.
pub fn id_of(fields: &[Field]) -> Option<&str> {
    fields.iter().rev().find(|field| field.name == "id").and_then(|field| match &field.value {
        Value::Text(text) => Some(text.as_str()),
        Value::Number(_) | Value::Flag(_) | Value::Nested => None,
    })
}

/// An item's id for a message.
pub fn shown(fields: &[Field]) -> String {
    id_of(fields).map_or_else(|| "without id".to_owned(), |id| format!("\"{}\"", excerpt(id)))
}

/// The value of a raw text.
pub fn scalar(raw: &RawValue) -> Value {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map_or(Value::Nested, Value::Text),
        Some(b't') => Value::Flag(true),
        Some(b'f') => Value::Flag(false),
        // The standard library rounds correctly, serde_json may be off by a unit in the last place. A number beyond the
        // range of a double has no value.
        Some(b'-' | b'0'..=b'9') => {
            text.parse::<f64>().ok().filter(|number| number.is_finite()).map_or(Value::Nested, Value::Number)
        }
        _ => Value::Nested,
    }
}

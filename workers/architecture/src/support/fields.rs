//! Named values of a model's items: read by name and bounds, and reported where they are not acceptable.
//!
//! Owns what a value may be and how a mistake in it is told; what the names mean is the tools' own matter.

use super::notes::{Note, Span, place};
use super::rules;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::suggest;

/// A value as either language gives it.
#[derive(Debug, Clone)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Flag(bool),
    /// An array or object, whose reading is the language's own matter.
    Nested,
}

/// A named value.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub at: Option<Span>,
    /// Whether somebody asked for it.
    pub is_read: bool,
}

/// The named values of one item.
pub struct Fields<'a> {
    /// The values, in their order.
    pub list: Vec<Field>,
    /// What the item is called in a message: `component "cart"`.
    pub owner: String,
    /// Where the item stands.
    pub at: Option<Span>,
    /// What was found wrong.
    pub findings: &'a mut Vec<Note>,
    /// Names that were asked for: what an unknown one may have meant.
    known: Vec<&'static str>,
    // Whether numbers come as text, as in properties.
    is_text: bool,
}

/// The accepted values of a number.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    least: f64,
    most: f64,
    is_whole: bool,
    accepted: &'static str,
}

impl Bounds {
    /// Numbers from `least` to `most`; `accepted` tells them to the reader.
    pub const fn new(least: f64, most: f64, accepted: &'static str) -> Self {
        Self { least, most, is_whole: false, accepted }
    }

    /// Whole numbers alone.
    #[must_use]
    pub const fn whole(self) -> Self {
        Self { is_whole: true, ..self }
    }
}

impl<'a> Fields<'a> {
    /// The fields of a JSON object.
    pub fn of_json(fields: Vec<Field>, owner: String, at: Option<Span>, findings: &'a mut Vec<Note>) -> Self {
        Self { list: fields, owner, at, findings, known: Vec::new(), is_text: false }
    }

    /// Fields that come as text.
    pub fn of_properties(fields: Vec<Field>, owner: String, at: Option<Span>, findings: &'a mut Vec<Note>) -> Self {
        Self { list: fields, owner, at, findings, known: Vec::new(), is_text: true }
    }

    /// The number of this name, if there is an acceptable one.
    pub fn number(&mut self, name: &'static str, bounds: Bounds) -> Option<f64> {
        let field = self.take(name)?;
        let number = match &field.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) if self.is_text => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()),
            Value::Text(_) | Value::Flag(_) | Value::Nested => None,
        };
        let accepted = number.filter(|number| {
            (bounds.least..=bounds.most).contains(number) && (!bounds.is_whole || number.fract() == 0.0)
        });
        if accepted.is_none() {
            let percent = bounds.most.total_cmp(&1.0).is_eq() && number.is_some_and(|n| (1.0..=100.0).contains(&n));
            let hint = if percent { "; this looks like a percentage" } else { "" };
            self.refuse(&field, &format!("accepted: {}{hint}", bounds.accepted));
        }
        // Negative zero would be shown with its sign.
        accepted.map(|number| number + 0.0)
    }

    /// A whole number of this name; `bounds` keep it within `u32`.
    pub fn whole(&mut self, name: &'static str, bounds: Bounds) -> Option<u32> {
        self.number(name, bounds).map(to_u32)
    }

    /// The text of this name.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        let field = self.take(name)?;
        match &field.value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(_) | Value::Flag(_) | Value::Nested => {
                self.refuse(&field, "accepted: a string");
                None
            }
        }
    }

    /// The truth value of this name; false when it is not given.
    pub fn flag(&mut self, name: &'static str) -> bool {
        let Some(field) = self.take(name) else { return false };
        match &field.value {
            Value::Flag(flag) => return *flag,
            Value::Text(text) if self.is_text && text.eq_ignore_ascii_case("true") => return true,
            Value::Text(text) if self.is_text && text.eq_ignore_ascii_case("false") => return false,
            Value::Text(_) | Value::Number(_) | Value::Nested => {}
        }
        self.refuse(&field, "accepted: true or false");
        false
    }

    /// Which of `choices` the text of this name is.
    pub fn choice(&mut self, name: &'static str, choices: &[&str]) -> Option<usize> {
        let field = self.take(name)?;
        let given = if let Value::Text(text) = &field.value { text.trim() } else { "" };
        let found = choices.iter().position(|choice| choice.eq_ignore_ascii_case(given));
        if found.is_none() {
            let near = suggest::nearest(given, choices.iter().copied())
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let list = choices.iter().map(|choice| excerpt(choice)).collect::<Vec<_>>().join(", ");
            let list = if list.is_empty() { "nothing, for none are declared".to_owned() } else { list };
            self.refuse(&field, &format!("accepted: {list}{near}"));
        }
        found
    }

    /// Where the field of this name stands, else the item.
    pub fn place(&self, name: &str) -> Option<Span> {
        self.list.iter().rev().find(|field| field.name == name).and_then(|field| field.at).or(self.at)
    }

    /// Marks a name as known without reading it.
    pub fn skip(&mut self, name: &'static str) {
        let _ = self.take(name);
    }

    /// Marks a name as read that is another tool's matter: it is no mistake, and no hint either.
    pub fn ignore(&mut self, name: &str) {
        for field in self.list.iter_mut().filter(|field| field.name == name) {
            field.is_read = true;
        }
    }

    /// Reports every field that nobody asked for.
    pub fn finish(self) {
        for field in self.list.iter().filter(|field| !field.is_read) {
            let near = suggest::nearest(&field.name, self.known.iter().copied());
            let near = near.map_or_else(
                || format!("; known are {}", self.known.join(", ")),
                |near| format!("; did you mean `{near}`?"),
            );
            let message =
                format!("{}: `{}` is not a figure or name that is read here{near}", self.owner, excerpt(&field.name));
            self.findings.push(place(Note::new(&rules::MODEL_VALUE, message), field.at.or(self.at)));
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Field> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        let mut found = None;
        for field in self.list.iter_mut().filter(|field| field.name == name) {
            field.is_read = true;
            found = Some(field.clone());
        }
        found
    }

    fn refuse(&mut self, field: &Field, accepted: &str) {
        let message = format!("{}: the value of `{}` is not acceptable; {accepted}", self.owner, excerpt(&field.name));
        self.findings.push(place(Note::new(&rules::MODEL_VALUE, message), field.at.or(self.at)));
    }
}

/// A whole number that bounds keep small.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounds keep the number whole and small")]
pub fn to_u32(number: f64) -> u32 {
    number as u32
}

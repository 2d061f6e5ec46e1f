//! The shape a Compose file must have: the Compose specification's schema as tables, and the check against it.

use super::item::{Item, Place, Val};
use super::shapes::COMPOSE;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::suggest;

pub(super) const TEXT: u8 = 1;
pub(super) const NUMBER: u8 = 2;
pub(super) const INTEGER: u8 = 4;
pub(super) const BOOL: u8 = 8;
pub(super) const NULL: u8 = 16;
pub(super) const NONE: u8 = 0;

/// What a value must look like.
pub(super) enum Shape {
    /// One of these scalar types, as bits.
    Type(u8),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number between these.
    Whole(i64, i64),
    /// A text that fits, and what it is called.
    Text(fn(&str) -> bool, &'static str),
    /// A list, and whether its items must differ.
    List(&'static Shape, bool),
    Map(&'static Fields),
    OneOf(&'static [Shape]),
    Of(&'static Shape),
}

/// The keys of a mapping.
pub(super) struct Fields {
    /// Scalar types that stand for the mapping.
    pub(super) also: u8,
    pub(super) known: &'static [(&'static str, Shape)],
    pub(super) required: &'static [&'static str],
    pub(super) rest: Rest,
}

/// Keys beside the known ones.
pub(super) enum Rest {
    Nothing,
    /// Those that start with `x-`.
    Extensions,
    Anything,
    /// Keys of this form have this shape; whether others are refused.
    Named(Names, &'static Shape, bool),
}

/// Forms of keys.
#[derive(Clone, Copy)]
pub(super) enum Names {
    Any,
    Lower,
    Resource,
}

/// A value that has not the shape it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Where.
    pub at: Place,
    /// Keys on the way to it.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

// More misfits than this help nobody.
const MAX_MISFITS: usize = 200;

/// Checks a model.
pub fn check(model: &Item) -> Vec<Misfit> {
    let mut checker = Checker { path: Vec::new(), misfits: Vec::new() };
    checker.value(&COMPOSE, model);
    checker.misfits.truncate(MAX_MISFITS);
    checker.misfits
}

pub(super) fn is_container_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.as_bytes()
        .windows(2)
        .any(|pair| pair.first().is_some_and(u8::is_ascii_alphanumeric) && pair.get(1).copied().is_some_and(is_part))
}

pub(super) fn is_pull_policy(text: &str) -> bool {
    let named = ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
    named.iter().any(|word| text.contains(word))
        || text.match_indices("every_").any(|(at, word)| {
            let rest = text.get(at + word.len()..).unwrap_or_default();
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            digits > 0 && rest.get(digits..).is_some_and(|unit| unit.starts_with(['w', 'd', 'h', 'm', 's']))
        })
}

struct Checker {
    path: Vec<String>,
    misfits: Vec<Misfit>,
}

impl Checker {
    fn misfit(&mut self, at: Place, message: String) {
        self.misfits.push(Misfit { at, path: self.path.join("."), message });
    }

    fn value(&mut self, shape: &Shape, item: &Item) {
        match shape {
            Shape::Of(shape) => self.value(shape, item),
            Shape::Type(types) => {
                if !is_of(item, *types) {
                    self.misfit(item.at, format!("must be {}, not {}", type_names(*types), kind(item)));
                }
            }
            Shape::Word(words) => {
                if !item.as_str().is_some_and(|text| words.contains(&text)) {
                    let hint = item.as_str().and_then(|text| suggest::nearest(text, words.iter().copied()));
                    let hint = hint.map_or(String::new(), |near| format!("; did you mean {near}?"));
                    self.misfit(item.at, format!("must be one of {}{hint}", words.join(", ")));
                }
            }
            Shape::Whole(least, most) => match item.value {
                Val::Int(value) if value >= i128::from(*least) && value <= i128::from(*most) => {}
                Val::Int(_) if *most == i64::MAX => self.misfit(item.at, format!("must be at least {least}")),
                Val::Int(_) => self.misfit(item.at, format!("must be between {least} and {most}")),
                _ => self.misfit(item.at, format!("must be an integer, not {}", kind(item))),
            },
            Shape::Text(fits, name) => {
                if !item.as_str().is_some_and(fits) {
                    self.misfit(item.at, format!("must be {name}"));
                }
            }
            Shape::List(of, is_set) => self.list(of, *is_set, item),
            Shape::Map(fields) => self.fields(fields, item),
            Shape::OneOf(shapes) => self.one_of(shapes, item),
        }
    }

    fn list(&mut self, of: &Shape, is_set: bool, item: &Item) {
        let Val::List(items) = &item.value else {
            return self.misfit(item.at, format!("must be a list, not {}", kind(item)));
        };
        let mut seen = std::collections::BTreeSet::new();
        for (index, value) in items.iter().enumerate() {
            self.path.push(index.to_string());
            self.value(of, value);
            if is_set && !seen.insert(identity(value)) {
                self.misfit(value.at, format!("repeats an earlier item, `{}`", excerpt(&value.sprint())));
            }
            self.path.pop();
        }
    }

    fn fields(&mut self, fields: &Fields, item: &Item) {
        let Val::Map(map) = &item.value else {
            if !is_of(item, fields.also) {
                let also = if fields.also == NONE { String::new() } else { format!(" or {}", type_names(fields.also)) };
                self.misfit(item.at, format!("must be a mapping{also}, not {}", kind(item)));
            }
            return;
        };
        for key in fields.required.iter().filter(|key| !map.contains_key(**key)) {
            self.misfit(item.at, format!("lacks `{key}`"));
        }
        for (key, value) in map {
            self.path.push(key.clone());
            if let Some((_, shape)) = fields.known.iter().find(|(known, _)| known == key) {
                self.value(shape, value);
            } else if !key.starts_with("x-") || matches!(fields.rest, Rest::Nothing | Rest::Named(..)) {
                match &fields.rest {
                    Rest::Named(names, shape, _) if names.fit(key) => self.value(shape, value),
                    Rest::Anything | Rest::Named(_, _, false) => {}
                    Rest::Nothing | Rest::Extensions | Rest::Named(_, _, true) => {
                        let known = fields.known.iter().map(|(known, _)| *known);
                        let hint = suggest::nearest(key, known)
                            .map_or(String::new(), |near| format!("; did you mean {near}?"));
                        self.misfit(value.at, format!("is not a key that may stand here{hint}"));
                    }
                }
            }
            self.path.pop();
        }
    }

    fn one_of(&mut self, shapes: &[Shape], item: &Item) {
        let mut nearest: Option<Vec<Misfit>> = None;
        let mut fitting = 0;
        for shape in shapes {
            let mut checker = Self { path: self.path.clone(), misfits: Vec::new() };
            checker.value(shape, item);
            if checker.misfits.is_empty() {
                fitting += 1;
                continue;
            }
            // The shape of the value's own sort says best what is wrong.
            let is_inner = |misfits: &[Misfit]| misfits.iter().all(|misfit| !misfit.message.contains(", not "));
            if !matches!(shape, Shape::Type(_)) && (nearest.is_none() || is_inner(&checker.misfits)) {
                nearest = Some(checker.misfits);
            }
        }
        if fitting != 1 {
            match nearest {
                Some(misfits) if fitting == 0 => self.misfits.extend(misfits),
                _ => self.misfit(item.at, format!("cannot be {}", kind(item))),
            }
        }
    }
}

impl Names {
    fn fit(self, key: &str) -> bool {
        match self {
            Self::Any => !key.is_empty(),
            Self::Lower => !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase()),
            Self::Resource => {
                !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
            }
        }
    }
}

#[expect(clippy::float_cmp, reason = "whole floats count as integers in a schema")]
fn is_of(item: &Item, types: u8) -> bool {
    let bits = match &item.value {
        Val::Null => NULL,
        Val::Bool(_) => BOOL,
        Val::Int(_) => INTEGER | NUMBER,
        Val::Float(value) if value.trunc() == *value => INTEGER | NUMBER,
        Val::Float(_) => NUMBER,
        Val::Text(_) => TEXT,
        Val::List(_) | Val::Map(_) => NONE,
    };
    bits & types != 0
}

fn type_names(types: u8) -> String {
    let names =
        [(TEXT, "a string"), (NUMBER, "a number"), (INTEGER, "an integer"), (BOOL, "a boolean"), (NULL, "null")];
    let names: Vec<&str> = names.iter().filter(|(bit, _)| types & bit != 0).map(|(_, name)| *name).collect();
    names.join(" or ")
}

fn kind(item: &Item) -> &'static str {
    match item.value {
        Val::Null => "null",
        Val::Bool(_) => "a boolean",
        Val::Int(_) => "an integer",
        Val::Float(_) => "a number",
        Val::Text(_) => "a string",
        Val::List(_) => "a list",
        Val::Map(_) => "a mapping",
    }
}

// A text that only equal values have.
fn identity(item: &Item) -> String {
    format!("{}:{}", kind(item), item.sprint())
}

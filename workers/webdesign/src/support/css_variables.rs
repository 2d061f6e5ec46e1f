//! Substitution of `var()` (CSS Custom Properties for Cascading Variables Module Level 1).
//!
//! Owns fallbacks, cycles and the bounds that keep hostile chains cheap; knows nothing of the cascade that decides which
//! value a custom property has.

use super::css_tokens::{Kind, Token, Tokens};
use std::collections::BTreeMap;

/// Longest value after substitution, in bytes; far above any colour, and what stops values that double at each step.
pub const MAX_SUBSTITUTED_BYTES: usize = 4_096;
/// Most references followed for one value; design systems chain three or four.
pub const MAX_REFERENCES: usize = 500;
/// Longest chain of properties that refer to each other; keeps recursion shallow.
pub const MAX_CHAIN: usize = 64;
/// Deepest nesting of fallbacks within one value; keeps recursion shallow.
pub const MAX_FALLBACK_DEPTH: usize = 16;

/// Custom properties by name, values as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables<'a>(BTreeMap<String, &'a str>);

/// Why a value has no substitution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableError {
    /// A property without a value, and no fallback.
    Unknown(String),
    /// A property that refers to itself, perhaps through others.
    Cycle(String),
    /// A `var()` that names no custom property.
    Malformed,
    /// One of the bounds of this module was passed.
    TooLarge,
}

impl<'a> Variables<'a> {
    /// Sets a property, whatever it was before.
    pub fn set(&mut self, name: impl Into<String>, value: &'a str) {
        self.0.insert(name.into(), value);
    }

    /// The value of a property, as written.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    /// The names of all properties, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The value with every `var()` in it replaced. Properties of `local` hide those of `self`.
    pub fn substitute(&self, value: &str, local: &Self) -> Result<String, VariableError> {
        let mut walk = Walk { global: self, local, open: Vec::new(), references: 0 };
        walk.value(value, 0).map_err(|error| match error {
            Stop::Cycle(at) => VariableError::Cycle(walk.cycle_name(at)),
            Stop::Error(error) => error,
        })
    }
}

/// Whether a value refers to custom properties at all.
pub fn has_reference(value: &str) -> bool {
    Tokens::new(value).any(|token| is_var(&token))
}

fn is_var(token: &Token<'_>) -> bool {
    token.kind == Kind::Function && token.name().eq_ignore_ascii_case("var")
}

enum Stop {
    // The place in `open` of the property that came up again.
    Cycle(usize),
    Error(VariableError),
}

struct Walk<'v, 'a> {
    global: &'v Variables<'a>,
    local: &'v Variables<'a>,
    // The properties being resolved, outermost first. Names of a finished cycle stay until it is reported.
    open: Vec<String>,
    references: usize,
}

impl Walk<'_, '_> {
    fn cycle_name(&self, at: usize) -> String {
        self.open.get(at).cloned().unwrap_or_default()
    }

    fn value(&mut self, value: &str, fallback_depth: usize) -> Result<String, Stop> {
        if value.len() > MAX_SUBSTITUTED_BYTES || fallback_depth > MAX_FALLBACK_DEPTH {
            return Err(Stop::Error(VariableError::TooLarge));
        }
        let mut text = String::with_capacity(value.len());
        let mut tokens = Tokens::new(value);
        while let Some(token) = tokens.next() {
            if is_var(&token) {
                let inside = inside_parentheses(value, &mut tokens);
                let replacement = self.reference(inside, fallback_depth)?;
                // A comment keeps the pieces apart as the tokens they were.
                text.push_str("/**/");
                text.push_str(&replacement);
                text.push_str("/**/");
            } else {
                text.push_str(token.text);
            }
            if text.len() > MAX_SUBSTITUTED_BYTES {
                return Err(Stop::Error(VariableError::TooLarge));
            }
        }
        Ok(text)
    }

    fn reference(&mut self, inside: &str, fallback_depth: usize) -> Result<String, Stop> {
        self.references += 1;
        if self.references > MAX_REFERENCES {
            return Err(Stop::Error(VariableError::TooLarge));
        }
        let (name, fallback) = split_reference(inside).ok_or(Stop::Error(VariableError::Malformed))?;
        let depth = self.open.len();
        // The fallback's references count for cycles even where it is not used.
        let fallback = fallback.map(|text| self.value(text, fallback_depth + 1));
        if let Some(Err(Stop::Cycle(at))) = fallback {
            return Err(Stop::Cycle(at));
        }
        match self.property(&name) {
            Ok(text) => Ok(text),
            Err(Stop::Cycle(at)) if at < depth => Err(Stop::Cycle(at)),
            Err(Stop::Error(VariableError::TooLarge)) => Err(Stop::Error(VariableError::TooLarge)),
            // Outside the cycle: its name is fixed now, so that a fallback further out may still be used.
            Err(Stop::Cycle(at)) => {
                let error = Stop::Error(VariableError::Cycle(self.cycle_name(at)));
                self.open.truncate(depth);
                fallback.unwrap_or(Err(error))
            }
            Err(error) => {
                self.open.truncate(depth);
                fallback.unwrap_or(Err(error))
            }
        }
    }

    fn property(&mut self, name: &str) -> Result<String, Stop> {
        if let Some(at) = self.open.iter().position(|open| open == name) {
            return Err(Stop::Cycle(at));
        }
        let value = self.local.get(name).or_else(|| self.global.get(name));
        let value = value.filter(|value| !value.trim().eq_ignore_ascii_case("initial"));
        let value = value.ok_or_else(|| Stop::Error(VariableError::Unknown(name.to_owned())))?;
        if self.open.len() >= MAX_CHAIN {
            return Err(Stop::Error(VariableError::TooLarge));
        }
        self.open.push(name.to_owned());
        let text = self.value(value, 0)?;
        self.open.pop();
        Ok(text)
    }
}

// The text up to the parenthesis that closes a function whose name was just read; the tokens then stand behind it.
fn inside_parentheses<'a>(value: &'a str, tokens: &mut Tokens<'a>) -> &'a str {
    let mut depth = 1_usize;
    let mut start = None;
    let mut end = value.len();
    for token in tokens.by_ref() {
        start.get_or_insert(token.start);
        match token.kind {
            Kind::Function | Kind::Symbol('(') => depth += 1,
            Kind::Symbol(')') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            end = token.start;
            break;
        }
    }
    start.and_then(|start| value.get(start..end)).unwrap_or_default()
}

// `--name` or `--name, fallback`.
fn split_reference(inside: &str) -> Option<(String, Option<&str>)> {
    let mut tokens = Tokens::new(inside).filter(|token| !token.is_blank());
    let name = tokens.next().filter(|token| token.kind == Kind::Ident)?.name().into_owned();
    if !name.starts_with("--") || name.len() < 3 {
        return None;
    }
    match tokens.next() {
        None => Some((name, None)),
        Some(comma) if comma.is(',') => Some((name, inside.get(comma.end()..))),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(properties: &[(&str, &'static str)], value: &str) -> Result<String, VariableError> {
        let mut variables = Variables::default();
        for (name, value) in properties {
            variables.set(*name, value);
        }
        variables.substitute(value, &Variables::default()).map(|text| text.replace("/**/", ""))
    }

    #[test]
    fn follows_references_and_fallbacks() {
        assert_eq!(resolve(&[("--a", "var(--b)"), ("--b", "red")], "var(--a)").as_deref(), Ok("red"));
        assert_eq!(resolve(&[], "var(--a,var(--b,rgb(1, 2, 3)))").as_deref(), Ok("rgb(1, 2, 3)"));
        assert_eq!(resolve(&[("--A", "1")], "var(--a)"), Err(VariableError::Unknown("--a".to_owned())));
        assert_eq!(resolve(&[("--a", "1")], "rgb(var(--a) 2 3)").as_deref(), Ok("rgb(1 2 3)"));
        assert_eq!(resolve(&[], "var(a)"), Err(VariableError::Malformed));
    }

    #[test]
    fn a_property_of_a_cycle_has_no_value_but_its_users_may_fall_back() {
        let cycle = [("--a", "var(--b, 1)"), ("--b", "var(--a)"), ("--c", "var(--a)")];
        assert_eq!(resolve(&cycle, "var(--a)"), Err(VariableError::Cycle("--a".to_owned())));
        assert_eq!(resolve(&cycle, "var(--a,red)").as_deref(), Ok("red"));
        assert_eq!(resolve(&cycle, "var(--c,red)").as_deref(), Ok("red"));
        assert_eq!(
            resolve(&[("--a", "var(--b, var(--a))"), ("--b", "1")], "var(--a)"),
            Err(VariableError::Cycle("--a".to_owned()))
        );
    }

    #[test]
    fn chains_that_double_or_never_end_are_cut() {
        let names: Vec<String> = (0..200).map(|at| format!("--v{at}")).collect();
        let values: Vec<String> = (1..=200).map(|at| format!("var(--v{at}) var(--v{at})")).collect();
        let mut variables = Variables::default();
        for (name, value) in names.iter().zip(&values) {
            variables.set(name.clone(), value);
        }
        assert_eq!(variables.substitute("var(--v0)", &Variables::default()), Err(VariableError::TooLarge));
    }
}

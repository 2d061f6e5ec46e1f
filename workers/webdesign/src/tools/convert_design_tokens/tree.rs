//! Token files read, merged and resolved: names, types, aliases.
//!
//! Owns the shape of the Design Tokens Community Group's format and of Style Dictionary's older one (`value` for `$value`),
//! inheritance of types, merging of files, references and their cycles. Values stay JSON.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most tokens of a design; the largest published ones have a few thousand.
pub const MAX_TOKENS: usize = 20_000;
/// Longest chain of references; design systems chain three or four.
pub(super) const MAX_CHAIN: usize = 32;
/// Deepest nesting of groups and values.
pub(super) const MAX_DEPTH: usize = 64;
/// Longest text after references are put in, in bytes.
pub(super) const MAX_VALUE_BYTES: usize = 16_384;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Its groups and its own name.
    pub(super) path: Vec<String>,
    /// Its type, its own or that of the nearest group.
    pub(super) kind: Option<String>,
    /// Its value as written.
    pub(super) value: Value,
    /// What it is for.
    pub(super) comment: Option<String>,
    /// Values of other modes, by name (`$extensions.mode`).
    pub(super) modes: Vec<(String, Value)>,
}

/// All tokens in the order of the files.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    by_path: BTreeMap<String, usize>,
    /// Whether there were more than are read.
    pub(super) cut: bool,
}

/// Why a value has no meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A reference to no token.
    Missing(String),
    /// Tokens that refer to each other, from the first on.
    Cycle(String),
    /// A bound of this module was passed.
    TooLarge,
}

/// Merges `more` into `all`: groups are joined, tokens replaced.
pub(super) fn merge(all: &mut Map<String, Value>, more: Map<String, Value>, depth: usize) {
    for (name, value) in more {
        match (all.get_mut(&name), value) {
            (Some(Value::Object(own)), Value::Object(other)) if depth < MAX_DEPTH => merge(own, other, depth + 1),
            (_, value) => {
                all.insert(name, value);
            }
        }
    }
}

impl Tokens {
    /// The tokens of a tree.
    pub(super) fn read(root: &Map<String, Value>) -> Self {
        let mut tokens = Self::default();
        tokens.group(root, &mut Vec::new(), None);
        tokens
    }

    fn group(&mut self, group: &Map<String, Value>, path: &mut Vec<String>, kind: Option<&str>) {
        if path.len() > MAX_DEPTH {
            self.cut = true;
            return;
        }
        let own = group.get("$type").and_then(Value::as_str).or(kind);
        let value = group.get("$value").or_else(|| group.get("value").filter(|_| !path.is_empty()));
        if let Some(value) = value {
            let kind = own.or_else(|| group.get("type").and_then(Value::as_str)).map(str::to_owned);
            let comment = ["$description", "comment"].iter().find_map(|name| group.get(*name)).and_then(Value::as_str);
            let modes = group.get("$extensions").and_then(|it| it.get("mode")).and_then(Value::as_object);
            let modes = modes.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
            self.add(Token {
                path: path.clone(),
                kind,
                value: value.clone(),
                comment: comment.map(str::to_owned),
                modes,
            });
            return;
        }
        for (name, child) in group {
            if let Value::Object(child) = child
                && !name.starts_with('$')
            {
                path.push(name.clone());
                self.group(child, path, own);
                path.pop();
            }
        }
    }

    /// Adds a token, if there is room.
    pub(super) fn add(&mut self, token: Token) {
        if self.list.len() >= MAX_TOKENS {
            self.cut = true;
            return;
        }
        self.by_path.insert(token.path.join("."), self.list.len());
        self.list.push(token);
    }

    /// The place of a token by what stands in the braces of a reference.
    pub(super) fn find(&self, reference: &str) -> Option<usize> {
        let name = reference.trim();
        let plain = name.strip_suffix(".value").or_else(|| name.strip_suffix(".$value")).unwrap_or(name);
        self.by_path.get(name).or_else(|| self.by_path.get(plain)).copied()
    }

    /// Follows every reference of a token from its value on, and says what is wrong, if anything is. `depths` keeps how long
    /// the chains of sound tokens are, so that each is followed once.
    pub(super) fn trouble(&self, at: usize, depths: &mut BTreeMap<usize, usize>) -> Option<Trouble> {
        self.follow(at, &mut Vec::new(), depths).err()
    }

    fn follow(&self, at: usize, open: &mut Vec<usize>, depths: &mut BTreeMap<usize, usize>) -> Result<usize, Trouble> {
        if let Some(depth) = depths.get(&at) {
            return Ok(*depth);
        }
        if open.contains(&at) {
            let from = open.iter().position(|it| *it == at).unwrap_or(0);
            let names = open.iter().skip(from).chain(std::iter::once(&at));
            let names: Vec<String> =
                names.filter_map(|at| self.list.get(*at)).map(|token| token.path.join(".")).collect();
            return Err(Trouble::Cycle(names.join(" > ")));
        }
        if open.len() >= MAX_CHAIN {
            return Err(Trouble::TooLarge);
        }
        open.push(at);
        let mut depth = 0;
        for name in self.list.get(at).map(|token| references(&token.value)).unwrap_or_default() {
            let next = self.find(&name).ok_or(Trouble::Missing(name))?;
            depth = depth.max(self.follow(next, open, depths)?);
        }
        open.pop();
        if depth >= MAX_CHAIN {
            return Err(Trouble::TooLarge);
        }
        depths.insert(at, depth + 1);
        Ok(depth + 1)
    }
}

/// The references in a value, in order.
pub(super) fn references(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, 0, &mut found);
    found
}

fn collect(value: &Value, depth: usize, found: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::String(text) => found.extend(split(text).into_iter().filter_map(|piece| match piece {
            Piece::Reference(name) => Some(name.to_owned()),
            Piece::Text(_) => None,
        })),
        Value::Array(items) => items.iter().for_each(|item| collect(item, depth + 1, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, depth + 1, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A piece of a text with references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Reference(&'a str),
}

/// Cuts a text at its references.
pub(super) fn split(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest.get(open..).and_then(|it| it.find('}')).map(|at| open + at) else { break };
        if open > 0 {
            pieces.push(Piece::Text(rest.get(..open).unwrap_or_default()));
        }
        pieces.push(Piece::Reference(rest.get(open + 1..close).unwrap_or_default()));
        rest = rest.get(close + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// A value as text: strings without quotes, other values as JSON.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number_text(number.as_f64().unwrap_or(0.0)),
        Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        Value::Bool(_) | Value::Null | Value::Object(_) => value.to_string(),
    }
}

/// A number as JavaScript writes it, whole numbers without a point.
pub(super) fn number_text(number: f64) -> String {
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

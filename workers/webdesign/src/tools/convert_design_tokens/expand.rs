//! Composite tokens in parts, for platforms that have no value for the whole: `title` becomes `title.fontSize` and so on.

use super::tree::{MAX_CHAIN, Piece, Token, Tokens, split};
use serde_json::Value;

/// The tokens with those parts, and the places of what is to be written of `sound`: parts in place of their composites, which
/// stay in the list for those who refer to them.
pub(super) fn expanded(tokens: &Tokens, sound: &[usize]) -> (Tokens, Vec<usize>) {
    let mut all = Tokens::default();
    all.cut = tokens.cut;
    let mut places = Vec::new();
    for (at, token) in tokens.list.iter().enumerate() {
        let own = all.list.len();
        all.add(token.clone());
        let written = sound.binary_search(&at).is_ok();
        let (kind, value) = whole(tokens, token.kind.as_deref().unwrap_or_default(), &token.value);
        let parts = parts(tokens, kind, value);
        if parts.is_empty() {
            if written && all.list.len() > own {
                places.push(own);
            }
            continue;
        }
        for (path, kind, value) in parts {
            let modes = token.modes.iter().filter_map(|(mode, value)| {
                let part = path.iter().try_fold(value, |value, name| match value {
                    Value::Array(items) => name.parse::<usize>().ok()?.checked_sub(1).and_then(|at| items.get(at)),
                    other => other.get(name),
                });
                Some((mode.clone(), part?.clone()))
            });
            let place = all.list.len();
            all.add(Token {
                path: token.path.iter().cloned().chain(path.iter().cloned()).collect(),
                kind: Some(kind),
                value: value.clone(),
                comment: token.comment.clone(),
                modes: modes.collect(),
            });
            if written && all.list.len() > place {
                places.push(place);
            }
        }
    }
    (all, places)
}

// A type and value, or those of the token that the value is another name of.
fn whole<'t>(tokens: &'t Tokens, kind: &'t str, value: &'t Value) -> (&'t str, &'t Value) {
    let (mut kind, mut value) = (kind, value);
    for _ in 0..MAX_CHAIN {
        let Value::String(text) = value else { break };
        let [Piece::Reference(name)] = split(text)[..] else { break };
        let Some(next) = tokens.find(name).and_then(|place| tokens.list.get(place)) else { break };
        (kind, value) = (next.kind.as_deref().unwrap_or(kind), &next.value);
    }
    (kind, value)
}

// The parts of a composite: where, of which type, which value. None for a value that is one.
fn parts<'v>(tokens: &'v Tokens, kind: &'v str, value: &'v Value) -> Vec<(Vec<String>, String, &'v Value)> {
    if !matches!(kind, "border" | "gradient" | "shadow" | "strokeStyle" | "transition" | "typography") {
        return Vec::new();
    }
    let mut found = Vec::new();
    match value {
        Value::Array(items) if items.len() > 1 => {
            for (number, item) in items.iter().enumerate() {
                members(tokens, kind, item, &[(number + 1).to_string()], &mut found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(tokens, kind, item, &[], &mut found)),
        other => members(tokens, kind, other, &[], &mut found),
    }
    found
}

fn members<'v>(
    tokens: &'v Tokens,
    kind: &'v str,
    value: &'v Value,
    path: &[String],
    found: &mut Vec<(Vec<String>, String, &'v Value)>,
) {
    let (_, value) = whole(tokens, kind, value);
    for (name, value) in value.as_object().into_iter().flatten() {
        let own: Vec<String> = path.iter().cloned().chain(std::iter::once(name.clone())).collect();
        let part = part(kind, name);
        // A border's stroke style may be one more composite; nothing else nests.
        if part == "strokeStyle" && kind == "border" && whole(tokens, part, value).1.is_object() {
            members(tokens, part, value, &own, found);
        } else {
            found.push((own, part.to_owned(), value));
        }
    }
}

// The type of a composite's part, by the format's table; a part named after its type is of that.
fn part<'n>(kind: &str, name: &'n str) -> &'n str {
    match (kind, name) {
        ("border", "style") => "strokeStyle",
        ("border", "width")
        | ("shadow", "offsetX" | "offsetY" | "blur" | "spread")
        | ("typography", "letterSpacing")
        | ("strokeStyle", "dashArray") => "dimension",
        ("transition", "delay") => "duration",
        ("transition", "timingFunction") => "cubicBezier",
        ("gradient", "position") | ("typography", "lineHeight") => "number",
        _ => name,
    }
}

//! Whether a new name would come to mean something else, within one file.

use super::MAX_CONFLICTS;
use super::edits::Clash;
use super::model::{Module, Use};
use std::ops::Range;

/// What stands against a new name of a symbol.
pub(super) fn check(module: &Module, source: &str, at: usize, new: &str) -> Vec<(Range<usize>, Clash)> {
    let Some(symbol) = module.symbol(at) else { return Vec::new() };
    let named = |scope: usize| module.scopes.get(scope).and_then(|scope| scope.names.get(new)).copied();
    let mut found = Vec::new();
    let other = named(symbol.scope).and_then(|other| module.symbol(other).map(|symbol| (other, symbol)));
    if let Some((other, _)) = other.filter(|(_, other)| other.meaning.meets(symbol.meaning)) {
        found.push((module.definition(at), Clash::Declared(module.definition(other))));
    }
    let small = |name: &str| name.starts_with(char::is_lowercase);
    for one in &module.uses {
        // Each is looked up, and the first tell enough.
        if found.len() >= MAX_CONFLICTS {
            break;
        }
        if one.symbol == Some(at) {
            found.extend(captured(module, one, symbol.scope, &named));
            if one.element && small(&symbol.name) != small(new) {
                found.push((one.span.clone(), Clash::Element));
            }
        } else if !one.comment && source.get(one.span.clone()) == Some(new) && one.meaning.meets(symbol.meaning) {
            // A name from further out that is used below the symbol.
            let below = module.around(one.scope).any(|scope| scope == symbol.scope);
            let from = one.symbol.and_then(|at| module.symbol(at)).map(|symbol| symbol.scope);
            let outer =
                from.is_none_or(|from| from != symbol.scope && module.around(symbol.scope).any(|at| at == from));
            if below && outer {
                found.push((one.span.clone(), Clash::Captures));
            }
        }
    }
    found
}

// The nearer declaration of the new name that a use would mean.
fn captured(
    module: &Module,
    one: &Use,
    until: usize,
    named: &impl Fn(usize) -> Option<usize>,
) -> Option<(Range<usize>, Clash)> {
    if one.comment {
        return None;
    }
    let nearer = module.around(one.scope).take_while(|scope| *scope != until);
    let by = nearer
        .filter_map(named)
        .find(|at| module.symbol(*at).is_some_and(|symbol| symbol.meaning.meets(one.meaning)))?;
    Some((one.span.clone(), Clash::Captured(module.definition(by))))
}

//! Functional dependencies: closures, candidate keys, normal forms, and decompositions with their proofs.
//!
//! Sets of attributes are bits of a word. Sources: Maier, "The Theory of Relational Databases" (closure, minimal cover,
//! synthesis, the chase); Lucchesi and Osborn (all candidate keys).

/// Most attributes of a relation: bits of a word.
pub(super) const MAX_ATTRIBUTES: usize = 64;
/// Most candidate keys looked for; there can be exponentially many.
pub(super) const MAX_KEYS: usize = 200;
/// Most attributes of a relation whose every subset is tried as a determinant.
pub(super) const MAX_EXACT_ATTRIBUTES: usize = 16;
/// Most relations of a decomposition.
const MAX_PARTS: usize = 200;

/// A set of attributes.
pub(super) type Set = u64;

/// `left` determines `right`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dependency {
    pub(super) left: Set,
    pub(super) right: Set,
}

/// The normal forms, by strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    First,
    Second,
    Third,
    BoyceCodd,
}

impl Form {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::First => "1NF",
            Self::Second => "2NF",
            Self::Third => "3NF",
            Self::BoyceCodd => "BCNF",
        }
    }
}

/// The attributes of a set, from the lowest.
pub(super) fn bits(set: Set) -> impl Iterator<Item = usize> {
    (0..MAX_ATTRIBUTES).filter(move |bit| set >> bit & 1 == 1)
}

const fn within(inner: Set, outer: Set) -> bool {
    inner & !outer == 0
}

/// Everything that a set determines.
pub(super) fn closure(of: Set, dependencies: &[Dependency]) -> Set {
    let mut closed = of;
    loop {
        let before = closed;
        for dependency in dependencies {
            if within(dependency.left, closed) {
                closed |= dependency.right;
            }
        }
        if closed == before {
            return closed;
        }
    }
}

/// The same dependencies with single right sides, no attribute and no dependency too many.
pub(super) fn minimal_cover(dependencies: &[Dependency]) -> Vec<Dependency> {
    let mut cover: Vec<Dependency> = Vec::new();
    for dependency in dependencies {
        for bit in bits(dependency.right & !dependency.left) {
            cover.push(Dependency { left: dependency.left, right: 1 << bit });
        }
    }
    cover.sort();
    cover.dedup();
    for at in 0..cover.len() {
        let Some(dependency) = cover.get(at).copied() else { break };
        let mut left = dependency.left;
        for bit in bits(dependency.left) {
            let smaller = left & !(1 << bit);
            if within(dependency.right, closure(smaller, &cover)) {
                left = smaller;
            }
        }
        if let Some(slot) = cover.get_mut(at) {
            slot.left = left;
        }
    }
    cover.sort();
    cover.dedup();
    let mut at = 0;
    while let Some(dependency) = cover.get(at).copied() {
        let mut rest = cover.clone();
        rest.remove(at);
        if within(dependency.right, closure(dependency.left, &rest)) {
            cover = rest;
        } else {
            at += 1;
        }
    }
    cover
}

fn reduced(mut key: Set, all: Set, dependencies: &[Dependency]) -> Set {
    for bit in bits(key) {
        let smaller = key & !(1 << bit);
        if closure(smaller, dependencies) & all == all {
            key = smaller;
        }
    }
    key
}

/// All candidate keys, sorted by size; at most [`MAX_KEYS`].
pub(super) fn keys(all: Set, dependencies: &[Dependency]) -> Vec<Set> {
    let mut keys = vec![reduced(all, all, dependencies)];
    let mut at = 0;
    while let Some(key) = keys.get(at).copied() {
        for dependency in dependencies {
            if dependency.right & key == 0 {
                continue;
            }
            let candidate = (dependency.left | (key & !dependency.right)) & all;
            if keys.len() < MAX_KEYS && !keys.iter().any(|known| within(*known, candidate)) {
                keys.push(reduced(candidate, all, dependencies));
            }
        }
        at += 1;
    }
    keys.sort_by_key(|key| (key.count_ones(), bits(*key).collect::<Vec<_>>()));
    keys.dedup();
    keys
}

/// A dependency that keeps a relation from the next form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) dependency: Dependency,
    /// The form it keeps the relation from.
    pub(super) of: Form,
}

/// The form of a relation, and what keeps it from the next ones.
pub(super) fn form(all: Set, keys: &[Set], cover: &[Dependency]) -> (Form, Vec<Violation>) {
    let prime = keys.iter().fold(0, |prime, key| prime | key);
    let mut violations = Vec::new();
    // A part of a key that determines an attribute of no key.
    for key in keys {
        for bit in bits(*key) {
            let part = key & !(1 << bit);
            let right = closure(part, cover) & all & !part & !prime;
            if right != 0 {
                let left = smallest(part, right, cover);
                violations.push(Violation {
                    dependency: Dependency { left, right: closure(left, cover) & all & !left & !prime },
                    of: Form::Second,
                });
            }
        }
    }
    for dependency in cover.iter().filter(|dependency| closure(dependency.left, cover) & all != all) {
        let of = if within(dependency.right, prime) { Form::BoyceCodd } else { Form::Third };
        let known = violations.iter().any(|violation| {
            violation.of == Form::Second
                && within(dependency.right, violation.dependency.right)
                && violation.dependency.left == dependency.left
        });
        if !known {
            violations.push(Violation { dependency: *dependency, of });
        }
    }
    violations.sort_by_key(|violation| (violation.of, violation.dependency));
    violations.dedup();
    let form = match violations.iter().map(|violation| violation.of).min() {
        Some(Form::First | Form::Second) => Form::First,
        Some(Form::Third) => Form::Second,
        Some(Form::BoyceCodd) => Form::Third,
        None => Form::BoyceCodd,
    };
    (form, violations)
}

// A part of a determinant that still determines something of the right side.
fn smallest(part: Set, right: Set, cover: &[Dependency]) -> Set {
    let wanted = bits(right).next().map_or(0, |bit| 1 << bit);
    let mut left = part;
    for bit in bits(part) {
        let smaller = left & !(1 << bit);
        if within(wanted, closure(smaller, cover)) {
            left = smaller;
        }
    }
    left
}

/// Relations in third normal form, by synthesis: lossless, all dependencies kept.
pub(super) fn third(all: Set, keys: &[Set], cover: &[Dependency]) -> Vec<Set> {
    let mut parts: Vec<Set> = Vec::new();
    let mut lefts: Vec<Set> = cover.iter().map(|dependency| dependency.left).collect();
    lefts.sort_unstable();
    lefts.dedup();
    for left in lefts {
        let right = cover
            .iter()
            .filter(|dependency| dependency.left == left)
            .fold(0, |right, dependency| right | dependency.right);
        parts.push(left | right);
    }
    if !parts.iter().any(|part| keys.iter().any(|key| within(*key, *part))) {
        parts.extend(keys.first());
    }
    let mentioned = parts.iter().fold(0, |mentioned, part| mentioned | part);
    if all & !mentioned != 0 && !parts.iter().any(|part| within(all & !mentioned, *part)) {
        // Attributes of no dependency are in every key.
        parts.extend(keys.first());
    }
    maximal(parts)
}

fn maximal(mut parts: Vec<Set>) -> Vec<Set> {
    parts.sort_unstable();
    parts.dedup();
    let all = parts.clone();
    parts.retain(|part| !all.iter().any(|other| other != part && within(*part, *other)));
    parts
}

/// Relations in Boyce-Codd normal form, by decomposition: lossless; dependencies may be lost. The flag says whether every
/// relation was tried whole.
pub(super) fn boyce_codd(all: Set, cover: &[Dependency]) -> (Vec<Set>, bool) {
    let mut parts = Vec::new();
    let mut waiting = vec![all];
    let mut exact = true;
    while let Some(part) = waiting.pop() {
        let split = if parts.len() + waiting.len() < MAX_PARTS { split(part, cover, &mut exact) } else { None };
        match split {
            Some((left, right)) => waiting.extend([left, right]),
            None => parts.push(part),
        }
    }
    (maximal(parts), exact)
}

fn split(part: Set, cover: &[Dependency], exact: &mut bool) -> Option<(Set, Set)> {
    let breaks = |left: Set| {
        let closed = closure(left, cover) & part;
        (closed != left && closed != part).then_some((closed, left | (part & !closed)))
    };
    let mut lefts: Vec<Set> =
        cover.iter().map(|dependency| dependency.left).filter(|left| within(*left, part)).collect();
    lefts.sort_by_key(|left| (left.count_ones(), *left));
    if let Some(found) = lefts.into_iter().find_map(breaks) {
        return Some(found);
    }
    let members: Vec<usize> = bits(part).collect();
    if members.len() > MAX_EXACT_ATTRIBUTES {
        *exact = false;
        return None;
    }
    (1_u32..1 << members.len()).find_map(|chosen| {
        let left = members
            .iter()
            .enumerate()
            .filter(|(at, _)| chosen >> at & 1 == 1)
            .fold(0, |left, (_, bit)| left | 1 << bit);
        breaks(left)
    })
}

/// Whether joining the parts gives the relation back, by the chase.
pub(super) fn is_lossless(all: Set, parts: &[Set], cover: &[Dependency]) -> bool {
    let width = MAX_ATTRIBUTES;
    // A symbol below `width` is the distinguished one of its column.
    let mut rows: Vec<Vec<usize>> = parts
        .iter()
        .enumerate()
        .map(|(row, part)| {
            (0..width).map(|bit| if part >> bit & 1 == 1 { bit } else { width + row * width + bit }).collect()
        })
        .collect();
    let cell = |rows: &[Vec<usize>], row: usize, bit: usize| {
        rows.get(row).and_then(|row| row.get(bit)).copied().unwrap_or_default()
    };
    loop {
        let mut changed = false;
        for dependency in cover {
            for first in 0..rows.len() {
                for second in first + 1..rows.len() {
                    if !bits(dependency.left).all(|bit| cell(&rows, first, bit) == cell(&rows, second, bit)) {
                        continue;
                    }
                    for bit in bits(dependency.right) {
                        let (one, other) = (cell(&rows, first, bit), cell(&rows, second, bit));
                        if one == other {
                            continue;
                        }
                        let (kept, gone) = (one.min(other), one.max(other));
                        for symbol in
                            rows.iter_mut().filter_map(|row| row.get_mut(bit)).filter(|symbol| **symbol == gone)
                        {
                            *symbol = kept;
                        }
                        changed = true;
                    }
                }
            }
        }
        if rows.iter().any(|row| bits(all).all(|bit| row.get(bit) == Some(&bit))) {
            return true;
        }
        if !changed {
            return false;
        }
    }
}

/// The dependencies that no part, nor all of them together, can check.
pub(super) fn lost(parts: &[Set], cover: &[Dependency]) -> Vec<Dependency> {
    let is_kept = |dependency: &Dependency| {
        let mut known = dependency.left;
        loop {
            let before = known;
            for part in parts {
                known |= closure(known & part, cover) & part;
            }
            if within(dependency.right, known) {
                return true;
            }
            if known == before {
                return false;
            }
        }
    };
    cover.iter().filter(|dependency| !is_kept(dependency)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // `ab>c` over letters.
    fn of(texts: &[&str]) -> Vec<Dependency> {
        let set = |text: &str| text.bytes().fold(0, |set, letter| set | 1 << (letter - b'a'));
        texts
            .iter()
            .filter_map(|text| text.split_once('>'))
            .map(|(left, right)| Dependency { left: set(left), right: set(right) })
            .collect()
    }

    #[test]
    fn textbook_relations_come_out_as_in_the_books() {
        let dependencies = of(&["a>b", "b>c", "cd>e", "e>a"]);
        let all = 0b11111;
        let found = keys(all, &dependencies);
        // ad, bd, cd, ed.
        assert_eq!(found, [0b01001, 0b01010, 0b01100, 0b11000]);
        let cover = minimal_cover(&dependencies);
        assert_eq!(form(all, &found, &cover).0, Form::Third);
        let (parts, exact) = boyce_codd(all, &cover);
        assert!(exact && is_lossless(all, &parts, &cover));
        // Street, city, postcode: no decomposition in BCNF keeps sc -> p.
        let address = minimal_cover(&of(&["ab>c", "c>b"]));
        let (parts, _) = boyce_codd(0b111, &address);
        assert_eq!(lost(&parts, &address).len(), 1);
        assert!(!is_lossless(0b111, &[0b011, 0b110], &of(&["ab>c"])));
    }

    #[test]
    fn partial_and_transitive_dependencies_are_told_apart() {
        let order = minimal_cover(&of(&["ab>c", "a>d", "d>e"]));
        let found = keys(0b11111, &order);
        let (first, violations) = form(0b11111, &found, &order);
        assert_eq!(first, Form::First);
        assert!(
            violations.iter().any(|violation| violation.of == Form::Second)
                && violations.iter().any(|violation| violation.of == Form::Third)
        );
        let parts = third(0b11111, &found, &order);
        assert!(lost(&parts, &order).is_empty() && is_lossless(0b11111, &parts, &order));
    }
}

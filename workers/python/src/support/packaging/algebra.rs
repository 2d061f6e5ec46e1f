//! Sets of environments: which markers exclude each other, and the shortest marker that says a set.
//!
//! A set is a decision diagram over the variables of markers. Each variable has cells: for Python's version, stretches
//! between the versions that markers name; for a word, each word that is named, and all others. Python's two version
//! variables are one. Comparisons of other versions and of unknown forms are words of their own, true or false. Every
//! marker must be `known` before the first set is made, so that cells never change.

use crate::support::packaging::marker::{Comparison, Environment, Marker, Side};
use crate::support::packaging::specifier::version;
use std::collections::{BTreeMap, BTreeSet};

/// A set of environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(u32);

/// No environment.
pub const NONE: Set = Set(0);
/// Every environment.
pub const ALL: Set = Set(1);

/// Most parts of a marker that is written; beyond, the marker says it in a longer way.
const MAX_TERMS: usize = 200;
/// Most comparisons that are true or false by themselves; a diagram is as deep as it has variables. More are taken to hold.
const MAX_OPAQUE: usize = 200;
/// Most nodes of all diagrams, about 100 bytes each.
const MAX_NODES: usize = 200_000;

type Python = (u64, u64, u64);

const WORDS: [&str; 8] = [
    "sys_platform",
    "os_name",
    "platform_system",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
    "platform_version",
    "extra",
];

// What follows from what, where both variables are named: (variable, word, variable, word).
const IMPLIED: [(&str, &str, &str, &str); 17] = [
    ("sys_platform", "win32", "os_name", "nt"),
    ("sys_platform", "win32", "platform_system", "Windows"),
    ("os_name", "nt", "sys_platform", "win32"),
    ("os_name", "nt", "platform_system", "Windows"),
    ("platform_system", "Windows", "sys_platform", "win32"),
    ("platform_system", "Windows", "os_name", "nt"),
    ("sys_platform", "linux", "os_name", "posix"),
    ("sys_platform", "linux", "platform_system", "Linux"),
    ("sys_platform", "darwin", "os_name", "posix"),
    ("sys_platform", "darwin", "platform_system", "Darwin"),
    ("platform_system", "Darwin", "sys_platform", "darwin"),
    ("platform_system", "Darwin", "os_name", "posix"),
    ("platform_system", "Linux", "os_name", "posix"),
    ("implementation_name", "cpython", "platform_python_implementation", "CPython"),
    ("platform_python_implementation", "CPython", "implementation_name", "cpython"),
    ("implementation_name", "pypy", "platform_python_implementation", "PyPy"),
    ("platform_python_implementation", "PyPy", "implementation_name", "pypy"),
];

/// Makes sets, and remembers them.
#[derive(Debug, Default)]
pub struct Algebra {
    /// Starts of Python's cells.
    pythons: Vec<Python>,
    /// Words of each variable that is a word.
    words: Vec<Vec<String>>,
    /// Comparisons that are true or false by themselves.
    opaque: Vec<Marker>,
    nodes: Vec<(u32, Vec<Set>)>,
    known: BTreeMap<(u32, Vec<Set>), Set>,
    both: BTreeMap<(Set, Set), Set>,
    negated: BTreeMap<Set, Set>,
    /// Environments that can be.
    possible: Option<Set>,
    /// Whether there were more nodes than there may be; then no answer is right.
    exhausted: bool,
}

enum Atom<'m> {
    Python { text: &'m str },
    Word { variable: usize, comparison: Comparison, text: &'m str, reversed: bool },
    Opaque,
}

fn atom<'m>(left: &'m Side, comparison: Comparison, right: &'m Side) -> Atom<'m> {
    let (name, text, reversed) = match (left, right) {
        (Side::Variable(name), Side::Text(text)) => (*name, text.as_str(), false),
        (Side::Text(text), Side::Variable(name)) => (*name, text.as_str(), true),
        (Side::Variable(_), Side::Variable(_)) | (Side::Text(_), Side::Text(_)) => return Atom::Opaque,
    };
    let signed = matches!(comparison, Comparison::Sign(_));
    match name {
        "python_version" | "python_full_version" if !reversed || signed => Atom::Python { text },
        name => match WORDS.iter().position(|word| *word == name) {
            Some(variable) => Atom::Word { variable, comparison, text, reversed },
            None => Atom::Opaque,
        },
    }
}

impl Algebra {
    /// An algebra for these markers.
    pub fn of<'m>(markers: impl IntoIterator<Item = &'m Marker>) -> Self {
        let mut pythons = BTreeSet::from([(0, 0, 0), (3, 0, 0), (4, 0, 0)]);
        let mut words: Vec<BTreeSet<String>> = vec![BTreeSet::new(); WORDS.len()];
        let mut opaque = Vec::new();
        for marker in markers {
            marker.each(&mut |left, comparison, right| match atom(left, comparison, right) {
                Atom::Python { text } => text.split([' ', ',', '|']).for_each(|text| name_python(text, &mut pythons)),
                Atom::Word { variable, comparison, text, reversed } => {
                    if let Some(words) = words.get_mut(variable) {
                        words.insert(text.to_owned());
                        if !reversed && matches!(comparison, Comparison::In | Comparison::NotIn) {
                            words.extend(text.split([' ', ',', '|']).map(str::to_owned));
                        }
                    }
                }
                Atom::Opaque => {
                    let marker = Marker::Compare { left: left.clone(), comparison, right: right.clone() };
                    if !opaque.contains(&marker) && opaque.len() < MAX_OPAQUE {
                        opaque.push(marker);
                    }
                }
            });
        }
        for (from, from_word, to, to_word) in IMPLIED {
            for (variable, word) in [(from, from_word), (to, to_word)] {
                let at = WORDS.iter().position(|word| *word == variable).unwrap_or_default();
                // A variable nobody names needs no cells.
                if let Some(words) = words.get_mut(at).filter(|words| !words.is_empty()) {
                    words.insert(word.to_owned());
                }
            }
        }
        let words =
            words.into_iter().map(|words| words.into_iter().filter(|word| !word.is_empty()).collect()).collect();
        Self { pythons: pythons.into_iter().collect(), words, opaque, ..Self::default() }
    }

    /// Whether the sets grew too large, so that no answer is right.
    pub const fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    // Python, the words, then what is opaque.
    fn arity(&self, variable: u32) -> usize {
        match variable as usize {
            0 => self.pythons.len(),
            at if at <= WORDS.len() => self.words.get(at - 1).map_or(1, |words| words.len() + 1),
            _ => 2,
        }
    }

    fn make(&mut self, variable: u32, children: Vec<Set>) -> Set {
        match children.split_first() {
            Some((first, rest)) if rest.iter().all(|child| child == first) => return *first,
            _ => {}
        }
        let key = (variable, children);
        if let Some(set) = self.known.get(&key) {
            return *set;
        }
        if self.nodes.len() >= MAX_NODES {
            self.exhausted = true;
            return ALL;
        }
        let set = Set(u32::try_from(self.nodes.len() + 2).unwrap_or(u32::MAX));
        self.nodes.push(key.clone());
        self.known.insert(key, set);
        set
    }

    fn node(&self, set: Set) -> Option<&(u32, Vec<Set>)> {
        self.nodes.get((set.0 as usize).checked_sub(2)?)
    }

    /// The environments in which a marker holds.
    pub fn set(&mut self, marker: &Marker) -> Set {
        match marker {
            Marker::And(parts) => parts.iter().fold(ALL, |set, part| {
                let part = self.set(part);
                self.and(set, part)
            }),
            Marker::Or(parts) => parts.iter().fold(NONE, |set, part| {
                let part = self.set(part);
                self.or(set, part)
            }),
            Marker::Compare { left, comparison, right } => self.compared(left, *comparison, right),
        }
    }

    fn compared(&mut self, left: &Side, comparison: Comparison, right: &Side) -> Set {
        let holds = |environment: &Environment| {
            let marker = Marker::Compare { left: left.clone(), comparison, right: right.clone() };
            marker.holds(environment)
        };
        match atom(left, comparison, right) {
            Atom::Python { .. } => {
                let children = self.pythons.iter().map(|python| if holds(&of_python(*python)) { ALL } else { NONE });
                let children = children.collect();
                self.make(0, children)
            }
            Atom::Word { variable, .. } => {
                let name = WORDS.get(variable).copied().unwrap_or_default();
                let mut environment = Environment::default();
                let words = self.words.get(variable).cloned().unwrap_or_default();
                let mut children = Vec::new();
                // Words that nobody names are one word that resembles none.
                for word in words.iter().map(String::as_str).chain(["\u{1}other"]) {
                    environment.values.insert(name.to_owned(), word.to_owned());
                    children.push(if holds(&environment) { ALL } else { NONE });
                }
                self.make(u32::try_from(variable + 1).unwrap_or_default(), children)
            }
            Atom::Opaque => {
                let marker = Marker::Compare { left: left.clone(), comparison, right: right.clone() };
                let Some(at) = self.opaque.iter().position(|known| *known == marker) else { return ALL };
                let variable = u32::try_from(WORDS.len() + 1 + at).unwrap_or_default();
                self.make(variable, vec![ALL, NONE])
            }
        }
    }

    /// Environments in both.
    pub fn and(&mut self, a: Set, b: Set) -> Set {
        if a == NONE || b == NONE {
            return NONE;
        }
        if a == ALL || a == b {
            return b;
        }
        if b == ALL {
            return a;
        }
        let key = (a.min(b), a.max(b));
        if let Some(set) = self.both.get(&key) {
            return *set;
        }
        let (Some((of_a, children_a)), Some((of_b, children_b))) = (self.node(a).cloned(), self.node(b).cloned())
        else {
            return NONE;
        };
        let variable = of_a.min(of_b);
        let arity = self.arity(variable);
        let children = (0..arity)
            .map(|cell| {
                let child = |of: u32, children: &[Set], set: Set| {
                    if of == variable { children.get(cell).copied().unwrap_or(NONE) } else { set }
                };
                let (a, b) = (child(of_a, &children_a, a), child(of_b, &children_b, b));
                self.and(a, b)
            })
            .collect();
        let set = self.make(variable, children);
        self.both.insert(key, set);
        set
    }

    /// Environments not in it.
    pub fn not(&mut self, set: Set) -> Set {
        match set {
            NONE => return ALL,
            ALL => return NONE,
            Set(_) => {}
        }
        if let Some(negated) = self.negated.get(&set) {
            return *negated;
        }
        let Some((variable, children)) = self.node(set).cloned() else { return NONE };
        let children = children.into_iter().map(|child| self.not(child)).collect();
        let negated = self.make(variable, children);
        self.negated.insert(set, negated);
        self.negated.insert(negated, set);
        negated
    }

    /// Environments in one of both.
    pub fn or(&mut self, a: Set, b: Set) -> Set {
        let (a, b) = (self.not(a), self.not(b));
        let neither = self.and(a, b);
        self.not(neither)
    }

    /// Environments that can be: an operating system has one name in each variable.
    pub fn possible(&mut self) -> Set {
        if let Some(possible) = self.possible {
            return possible;
        }
        let mut possible = ALL;
        for (from, from_word, to, to_word) in IMPLIED {
            let has = |algebra: &Self, name: &str, word: &str| {
                let at = WORDS.iter().position(|word| *word == name)?;
                let cell = algebra.words.get(at)?.iter().position(|known| known == word)?;
                Some((u32::try_from(at + 1).ok()?, cell))
            };
            let (Some(from), Some(to)) = (has(self, from, from_word), has(self, to, to_word)) else { continue };
            let (from, to) = (self.cell(from), self.cell(to));
            let not_from = self.not(from);
            let implied = self.or(not_from, to);
            possible = self.and(possible, implied);
        }
        self.possible = Some(possible);
        possible
    }

    fn cell(&mut self, (variable, cell): (u32, usize)) -> Set {
        let children = (0..self.arity(variable)).map(|at| if at == cell { ALL } else { NONE }).collect();
        self.make(variable, children)
    }

    /// The first Python of a set, and whether none is above it.
    pub fn first_python(&self, set: Set) -> Option<Python> {
        match self.node(set) {
            None => (set == ALL).then(|| self.pythons.first().copied()).flatten(),
            Some((0, children)) => {
                children.iter().position(|child| *child != NONE).and_then(|at| self.pythons.get(at)).copied()
            }
            Some(_) => self.pythons.first().copied(),
        }
    }

    /// Whether a set has a Python at or above one.
    pub fn reaches_python(&mut self, set: Set, from: Python) -> bool {
        let children = self.pythons.iter().map(|start| if *start >= from { ALL } else { NONE }).collect();
        let above = self.make(0, children);
        self.and(set, above) != NONE
    }

    /// The shortest marker found that says a set, where `within` holds anyway; none when it says nothing more.
    pub fn marker(&mut self, set: Set, within: Set) -> Option<Marker> {
        let possible = self.possible();
        let within = self.and(within, possible);
        let inside = self.and(set, within);
        if inside == within {
            return None;
        }
        let outside = self.not(within);
        let allowed = self.or(set, outside);
        let mut terms: Vec<Vec<(u32, BTreeSet<usize>)>> = Vec::new();
        self.paths(inside, &mut Vec::new(), &mut terms);
        let mut kept: Vec<Vec<(u32, BTreeSet<usize>)>> = Vec::new();
        for term in terms {
            let short = self.shortened(term, allowed);
            if !kept.contains(&short) {
                kept.push(short);
            }
        }
        // What the others say already is left out.
        let mut at = 0;
        while at < kept.len() && kept.len() > 1 {
            let mut others = NONE;
            for (other, term) in kept.iter().enumerate() {
                if other != at {
                    let set = self.term(term);
                    others = self.or(others, set);
                }
            }
            let not_others = self.not(others);
            if self.and(inside, not_others) == NONE {
                kept.remove(at);
            } else {
                at += 1;
            }
        }
        kept.sort();
        let parts: Vec<Marker> = kept.iter().map(|term| self.written(term)).collect();
        Some(match <[Marker; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => Marker::Or(parts),
        })
    }

    fn paths(&self, set: Set, path: &mut Vec<(u32, BTreeSet<usize>)>, found: &mut Vec<Vec<(u32, BTreeSet<usize>)>>) {
        if found.len() >= MAX_TERMS {
            return;
        }
        let Some((variable, children)) = self.node(set) else {
            if set == ALL {
                found.push(path.clone());
            }
            return;
        };
        let mut by_child: BTreeMap<Set, BTreeSet<usize>> = BTreeMap::new();
        for (cell, child) in children.iter().enumerate() {
            if *child != NONE {
                by_child.entry(*child).or_default().insert(cell);
            }
        }
        let mut ordered: Vec<(Set, BTreeSet<usize>)> = by_child.into_iter().collect();
        ordered.sort_by(|a, b| a.1.cmp(&b.1));
        for (child, cells) in ordered {
            path.push((*variable, cells));
            self.paths(child, path, found);
            path.pop();
        }
    }

    fn term(&mut self, term: &[(u32, BTreeSet<usize>)]) -> Set {
        term.iter().fold(ALL, |set, (variable, cells)| {
            let children = (0..self.arity(*variable)).map(|at| if cells.contains(&at) { ALL } else { NONE }).collect();
            let part = self.make(*variable, children);
            self.and(set, part)
        })
    }

    // A term without the parts that it does not need, and with those that remain as wide as may be.
    fn shortened(&mut self, mut term: Vec<(u32, BTreeSet<usize>)>, allowed: Set) -> Vec<(u32, BTreeSet<usize>)> {
        let refused = self.not(allowed);
        // What comes later goes first: people know `sys_platform` better than `os_name`.
        for at in (0..term.len()).rev() {
            let part = term.remove(at);
            let wider = self.term(&term);
            if self.and(wider, refused) != NONE {
                term.insert(at, part);
            }
        }
        for at in 0..term.len() {
            let Some((variable, cells)) = term.get(at).cloned() else { break };
            let mut wide = cells.clone();
            // Python's stretches grow at their ends only, so that they stay few; words are added as far as they may be.
            let (up, down) = (0..self.arity(variable), (0..self.arity(variable)).rev());
            for cell in up.chain(down) {
                let beside = variable != 0
                    || wide.contains(&(cell + 1))
                    || cell.checked_sub(1).is_some_and(|at| wide.contains(&at));
                if wide.contains(&cell) || !beside {
                    continue;
                }
                let mut wider = term.clone();
                if let Some((_, cells)) = wider.get_mut(at) {
                    cells.clone_from(&wide);
                    cells.insert(cell);
                }
                let set = self.term(&wider);
                if self.and(set, refused) == NONE {
                    wide.insert(cell);
                }
            }
            if self.length(variable, &wide) <= self.length(variable, &cells)
                && let Some((_, cells)) = term.get_mut(at)
            {
                *cells = wide;
            }
        }
        term
    }

    // How many comparisons it takes to write cells.
    fn length(&self, variable: u32, cells: &BTreeSet<usize>) -> usize {
        let arity = self.arity(variable);
        if variable == 0 {
            return cells.iter().filter(|cell| !cells.contains(&(**cell + 1)) && **cell + 1 < arity).count()
                + cells
                    .iter()
                    .filter(|cell| cell.checked_sub(1).is_some_and(|before| !cells.contains(&before)))
                    .count();
        }
        if cells.contains(&(arity - 1)) { arity - cells.len() } else { cells.len() }
    }

    fn written(&self, term: &[(u32, BTreeSet<usize>)]) -> Marker {
        let parts: Vec<Marker> =
            term.iter().flat_map(|(variable, cells)| self.written_part(*variable, cells)).collect();
        match <[Marker; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => Marker::And(parts),
        }
    }

    fn written_part(&self, variable: u32, cells: &BTreeSet<usize>) -> Vec<Marker> {
        let compare = |name: &'static str, sign: &'static str, text: String| Marker::Compare {
            left: Side::Variable(name),
            comparison: Comparison::Sign(sign),
            right: Side::Text(text),
        };
        if variable == 0 {
            return self.written_python(cells);
        }
        let at = variable as usize - 1;
        let (Some(words), Some(name)) = (self.words.get(at), WORDS.get(at).copied()) else {
            let marker = self.opaque.get(at.saturating_sub(WORDS.len())).cloned();
            let Some(Marker::Compare { left, comparison, right }) = marker else { return Vec::new() };
            let comparison = if cells.contains(&0) { comparison } else { opposite(comparison) };
            return vec![Marker::Compare { left, comparison, right }];
        };
        let others = cells.contains(&words.len());
        let listed = words.iter().enumerate().filter(|(cell, _)| cells.contains(cell) != others);
        let sign = if others { "!=" } else { "==" };
        let parts: Vec<Marker> = listed.map(|(_, word)| compare(name, sign, word.clone())).collect();
        if others || parts.len() == 1 { parts } else { vec![Marker::Or(parts)] }
    }

    fn written_python(&self, cells: &BTreeSet<usize>) -> Vec<Marker> {
        let compare = |sign: &'static str, (major, minor, patch): Python| {
            let short = patch == 0;
            let text = if short { format!("{major}.{minor}") } else { format!("{major}.{minor}.{patch}") };
            Marker::Compare {
                left: Side::Variable(if short { "python_version" } else { "python_full_version" }),
                comparison: Comparison::Sign(sign),
                right: Side::Text(text),
            }
        };
        let mut stretches: Vec<(usize, usize)> = Vec::new();
        for cell in cells {
            match stretches.last_mut() {
                Some((_, end)) if *end == *cell => *end = cell + 1,
                _ => stretches.push((*cell, cell + 1)),
            }
        }
        let mut all = Vec::new();
        for (start, end) in stretches {
            let mut one = Vec::new();
            if let Some(from) = self.pythons.get(start).filter(|_| start > 0) {
                one.push(compare(">=", *from));
            }
            if let Some(to) = self.pythons.get(end) {
                one.push(compare("<", *to));
            }
            all.push(one);
        }
        match <[Vec<Marker>; 1]>::try_from(all) {
            Ok([only]) => only,
            Err(all) => vec![Marker::Or(all.into_iter().map(Marker::And).collect())],
        }
    }
}

const fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::In => Comparison::NotIn,
        Comparison::NotIn => Comparison::In,
        Comparison::Sign(sign) => Comparison::Sign(match sign.as_bytes() {
            b"==" | b"===" => "!=",
            b"!=" => "==",
            b"<" => ">=",
            b"<=" => ">",
            b">" => "<=",
            _ => "<",
        }),
    }
}

// Cells begin where a comparison with this version may change: at it, after it, and at the minor versions around it.
fn name_python(text: &str, pythons: &mut BTreeSet<Python>) {
    let Some(version) = version(text.trim().trim_end_matches(".*")) else { return };
    let number = |at: usize| version.release().get(at).copied().unwrap_or(0);
    let (major, minor, patch) = (number(0), number(1), number(2));
    let next = |number: u64| number.saturating_add(1);
    pythons.insert((major, 0, 0));
    pythons.insert((next(major), 0, 0));
    pythons.insert((major, minor, 0));
    pythons.insert((major, next(minor), 0));
    if version.release().len() > 2 {
        pythons.insert((major, minor, patch));
        pythons.insert((major, minor, next(patch)));
    }
}

fn of_python((major, minor, patch): Python) -> Environment {
    let mut environment = Environment::default();
    environment.values.insert("python_version".to_owned(), format!("{major}.{minor}"));
    environment.values.insert("python_full_version".to_owned(), format!("{major}.{minor}.{patch}"));
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, within: &str) -> String {
        let (marker, within) = (Marker::parse(text).expect(text), Marker::parse(within).expect(within));
        let mut algebra = Algebra::of([&marker, &within]);
        let (set, within) = (algebra.set(&marker), algebra.set(&within));
        algebra.marker(set, within).map_or_else(|| "always".to_owned(), |marker| marker.to_string())
    }

    #[test]
    fn sets_are_written_as_short_markers() {
        for (text, within, expected) in [
            (
                "python_version >= '3.8' and python_version >= '3.9'",
                "python_version >= '3.7'",
                "python_version >= '3.9'",
            ),
            ("python_version >= '3.8'", "python_version >= '3.8'", "always"),
            ("sys_platform == 'a' or sys_platform != 'a'", "python_version >= '3'", "always"),
            (
                "python_version > '3.8' or sys_platform == 'a'",
                "python_version >= '3'",
                "python_version >= '3.9' or sys_platform == 'a'",
            ),
            ("python_full_version < '3.8.2'", "python_version >= '3.8'", "python_full_version < '3.8.2'"),
            ("sys_platform == 'win32' and os_name == 'nt'", "python_version >= '3'", "sys_platform == 'win32'"),
            (
                "platform_release >= '5' and extra == 'x'",
                "python_version >= '3'",
                "extra == 'x' and platform_release >= '5'",
            ),
        ] {
            assert_eq!(shown(text, within), expected, "{text}");
        }
    }

    #[test]
    fn markers_that_exclude_each_other_are_told() {
        for (a, b, disjoint) in [
            ("sys_platform == 'linux'", "sys_platform == 'darwin'", true),
            ("sys_platform == 'win32'", "os_name == 'posix'", true),
            ("python_version < '3.9'", "python_version >= '3.9'", true),
            ("python_version == '3.10'", "python_full_version >= '3.10.1'", false),
            ("implementation_name == 'pypy'", "platform_python_implementation == 'CPython'", true),
            ("os_name == 'a'", "extra == 'b'", false),
        ] {
            let (left, right) = (Marker::parse(a).expect(a), Marker::parse(b).expect(b));
            let mut algebra = Algebra::of([&left, &right]);
            let (left, right) = (algebra.set(&left), algebra.set(&right));
            let both = algebra.and(left, right);
            let possible = algebra.possible();
            assert_eq!(algebra.and(both, possible) == NONE, disjoint, "{a} {b}");
        }
    }
}

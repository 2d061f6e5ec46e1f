//! The automaton of an expression: one state for each place that takes a character, with its ambiguities.
//!
//! A state has two ways for one word back to itself: exponential. Two states loop on one word that also leads from the first
//! to the second: polynomial (Weber and Seidl, On the degree of ambiguity of finite automata, 1991). What is found here are
//! candidates; [`attack`](super::attack) measures them.

use super::parse::Assert;
use super::program::{Inst, Program};
use super::set::{LAST, Set};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// Most states.
pub const MAX_STATES: usize = 2_500;
/// Most kinds of characters that an expression may tell apart.
pub const MAX_SYMBOLS: usize = 256;
/// Most edges, and steps of each search in them.
pub const MAX_EDGES: usize = 300_000;
const MAX_SEARCH: usize = 1_000_000;
const MAX_PAIRS: usize = 700_000;
const MAX_TRIPLES: usize = 40_000;
const MAX_CANDIDATES: usize = 60;
// Words for one pair of loops.
const MAX_WORDS: usize = 4;

/// Symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Mask([u64; 4]);

impl Mask {
    const ALL: Self = Self([u64::MAX; 4]);

    fn insert(&mut self, symbol: usize) {
        if let Some(word) = self.0.get_mut(symbol / 64) {
            *word |= 1 << (symbol % 64);
        }
    }

    fn has(self, symbol: usize) -> bool {
        self.0.get(symbol / 64).is_some_and(|word| word >> (symbol % 64) & 1 == 1)
    }

    fn and(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(own, word)| *own &= word);
        self
    }

    fn or(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(own, word)| *own |= word);
        self
    }

    fn not(mut self) -> Self {
        self.0.iter_mut().for_each(|own| *own = !*own);
        self
    }

    fn is_empty(self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn first(self) -> Option<usize> {
        self.0
            .iter()
            .enumerate()
            .find(|(_, word)| **word != 0)
            .map(|(at, word)| at * 64 + word.trailing_zeros() as usize)
    }
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    to: usize,
    on: Mask,
    // More than one way without a character in between.
    many: bool,
}

#[derive(Debug, Clone, Default)]
struct State {
    edges: Vec<Edge>,
    accepts: bool,
    accepts_at_end: bool,
}

// What stands before: it decides over boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Before {
    Nothing,
    Other,
    Word,
    Newline,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Start,
    // Before the match begins.
    Search(Before),
    Behind(usize, Before),
}

/// A word that may cost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) exponential: bool,
    pub(super) prefix: Vec<u32>,
    pub(super) pump: Vec<u32>,
}

/// The automaton.
#[derive(Debug)]
pub(super) struct Automaton {
    states: Vec<State>,
    // A character of each symbol, the plainest symbols first.
    symbols: Vec<u32>,
    searching: Vec<bool>,
    // Shortest way from the start.
    ways: Vec<Option<(usize, usize)>>,
    budget: usize,
    /// Whether a search was cut short.
    pub(super) incomplete: bool,
}

const WORDS: [Before; 3] = [Before::Other, Before::Word, Before::Newline];

struct Builder<'b> {
    program: &'b Program,
    // By kind of character before.
    kinds: BTreeMap<u8, Mask>,
    masks: Vec<Mask>,
    states: Vec<State>,
    known: BTreeMap<Place, usize>,
    queue: VecDeque<Place>,
    edges: usize,
    steps: usize,
    contexts: &'static [Before],
    sticky: bool,
}

/// Builds the automaton of a program for [`Purpose::Automaton`](super::program::Purpose); nothing where it is too large.
pub(super) fn build(program: &Program, sticky: bool) -> Option<Automaton> {
    let contexts = program.code.iter().any(|inst| {
        matches!(inst, Inst::Assert(Assert::Boundary | Assert::NoBoundary | Assert::LineStart | Assert::LineEnd))
    });
    let mut sets = program.sets.clone();
    let (word, newline) = (sets.len(), sets.len() + 1);
    if contexts {
        sets.push(Set::word());
        sets.push(Set::of(&[(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)]));
    }
    let (symbols, masks) = symbols_of(&sets)?;
    let mask = |at: usize| masks.get(at).copied().unwrap_or_default();
    let mut kinds = BTreeMap::new();
    if contexts {
        kinds.insert(Before::Word as u8, mask(word));
        kinds.insert(Before::Newline as u8, mask(newline));
        kinds.insert(Before::Other as u8, mask(word).or(mask(newline)).not());
    } else {
        kinds.insert(Before::Other as u8, Mask::ALL);
    }
    let mut builder = Builder {
        program,
        kinds,
        masks,
        states: Vec::new(),
        known: BTreeMap::new(),
        queue: VecDeque::new(),
        edges: 0,
        steps: 0,
        contexts: if contexts { &WORDS } else { WORDS.get(..1).unwrap_or_default() },
        sticky,
    };
    builder.state(Place::Start);
    while let Some(place) = builder.queue.pop_front() {
        builder.expand(place)?;
    }
    let mut searching = vec![false; builder.states.len()];
    for (place, at) in &builder.known {
        if let (Place::Search(_), Some(slot)) = (place, searching.get_mut(*at)) {
            *slot = true;
        }
    }
    let states = builder.states;
    let mut automaton =
        Automaton { states, symbols, searching, ways: Vec::new(), budget: MAX_SEARCH, incomplete: false };
    automaton.ways = automaton.ways_from_start();
    Some(automaton)
}

// Kinds of characters that no set tells apart: a character of each, and which are in each set.
fn symbols_of(sets: &[Set]) -> Option<(Vec<u32>, Vec<Mask>)> {
    let mut cuts: BTreeSet<u32> = BTreeSet::from([0]);
    for (start, end) in sets.iter().flat_map(Set::ranges) {
        cuts.insert(*start);
        cuts.insert(end + 1);
    }
    let cuts: Vec<u32> = cuts.into_iter().filter(|cut| *cut <= LAST).collect();
    let mut by_signature: BTreeMap<Vec<bool>, u32> = BTreeMap::new();
    for (at, start) in cuts.iter().enumerate() {
        let end = cuts.get(at + 1).map_or(LAST, |next| next - 1);
        let signature: Vec<bool> = sets.iter().map(|set| set.has(*start)).collect();
        let own = plainest(*start, end);
        by_signature
            .entry(signature)
            .and_modify(|known| {
                if rank(own) < rank(*known) {
                    *known = own;
                }
            })
            .or_insert(own);
        if by_signature.len() > MAX_SYMBOLS {
            return None;
        }
    }
    let mut ordered: Vec<(Vec<bool>, u32)> = by_signature.into_iter().collect();
    ordered.sort_by_key(|(_, character)| rank(*character));
    let mut masks = vec![Mask::default(); sets.len()];
    for (symbol, (signature, _)) in ordered.iter().enumerate() {
        for (mask, has) in masks.iter_mut().zip(signature) {
            if *has {
                mask.insert(symbol);
            }
        }
    }
    Some((ordered.into_iter().map(|(_, character)| character).collect(), masks))
}

// How plain a character is to read.
fn rank(character: u32) -> (u8, u32) {
    let class = match character {
        0x61..=0x7a => 0,
        0x30..=0x39 => 1,
        0x41..=0x5a => 2,
        0x21..=0x7e => 3,
        0x20 => 4,
        0x09 | 0x0a | 0x0d => 5,
        0xa1..=0xd7ff => 6,
        0xe000..=LAST => 7,
        _ => 8,
    };
    (class, character)
}

fn plainest(start: u32, end: u32) -> u32 {
    let ranges = [
        (0x61, 0x7a),
        (0x30, 0x39),
        (0x41, 0x5a),
        (0x21, 0x7e),
        (0x20, 0x20),
        (0x0a, 0x0a),
        (0x09, 0x0d),
        (0xa1, 0xd7ff),
        (0xe000, LAST),
    ];
    ranges
        .into_iter()
        .map(|(low, high)| (low.max(start), high.min(end)))
        .find(|(low, high)| low <= high)
        .map_or(start, |(low, _)| low)
}

// A way without characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Way {
    pc: usize,
    marks: u64,
    allowed: Mask,
    at_end: bool,
}

impl Builder<'_> {
    fn kind(&self, before: Before) -> Mask {
        self.kinds.get(&(before as u8)).copied().unwrap_or_default()
    }

    fn state(&mut self, place: Place) -> usize {
        if let Some(known) = self.known.get(&place) {
            return *known;
        }
        let at = self.states.len();
        self.states.push(State::default());
        self.known.insert(place, at);
        self.queue.push_back(place);
        at
    }

    fn expand(&mut self, place: Place) -> Option<()> {
        let own = self.state(place);
        let (pc, before) = match place {
            Place::Start => (0, Before::Nothing),
            Place::Search(before) => (0, before),
            Place::Behind(pc, before) => (pc + 1, before),
        };
        let mut found: BTreeMap<usize, (Mask, u32)> = BTreeMap::new();
        if !self.sticky && !matches!(place, Place::Behind(..)) {
            for before in self.contexts {
                let mask = self.kind(*before);
                let to = self.state(Place::Search(*before));
                found.insert(to, (mask, 1));
            }
        }
        let mut ways = vec![Way { pc, marks: 0, allowed: Mask::ALL, at_end: true }];
        let mut seen: HashMap<Way, u8> = HashMap::new();
        while let Some(way) = ways.pop() {
            self.steps += 1;
            if self.steps > MAX_SEARCH {
                return None;
            }
            let times = seen.entry(way).or_default();
            *times = times.saturating_add(1);
            if *times > 2 {
                continue;
            }
            self.follow(way, before, own, &mut ways, &mut found);
            if self.states.len() > MAX_STATES {
                return None;
            }
        }
        let edges: Vec<Edge> = found.into_iter().map(|(to, (on, count))| Edge { to, on, many: count > 1 }).collect();
        self.edges += edges.len();
        if let Some(state) = self.states.get_mut(own) {
            state.edges = edges;
        }
        (self.edges <= MAX_EDGES).then_some(())
    }

    fn follow(
        &mut self,
        way: Way,
        before: Before,
        own: usize,
        ways: &mut Vec<Way>,
        found: &mut BTreeMap<usize, (Mask, u32)>,
    ) {
        let next = Way { pc: way.pc + 1, ..way };
        match self.program.code.get(way.pc) {
            None | Some(Inst::End) => {}
            Some(Inst::Match) => {
                if let Some(state) = self.states.get_mut(own) {
                    state.accepts |= way.allowed == Mask::ALL;
                    state.accepts_at_end |= way.at_end;
                }
            }
            Some(Inst::Set(set, _)) => {
                let mask = way.allowed.and(self.masks.get(*set).copied().unwrap_or_default());
                for before in self.contexts {
                    let on = mask.and(self.kind(*before));
                    if !on.is_empty() {
                        let to = self.state(Place::Behind(way.pc, *before));
                        let edge = found.entry(to).or_insert((Mask::default(), 0));
                        edge.0 = edge.0.or(on);
                        edge.1 += 1;
                    }
                }
            }
            Some(Inst::Split(first, second)) => ways.extend([Way { pc: *second, ..way }, Way { pc: *first, ..way }]),
            Some(Inst::Jump(to)) => ways.push(Way { pc: *to, ..way }),
            Some(Inst::Mark(mark)) => ways.push(Way { marks: way.marks | bit(*mark), ..next }),
            Some(Inst::Progress(mark)) => {
                if way.marks & bit(*mark) == 0 {
                    ways.push(next);
                }
            }
            Some(Inst::Assert(assert)) => {
                if let Some(way) = self.asserted(*assert, next, before) {
                    ways.push(way);
                }
            }
            Some(Inst::Look { next: behind, .. }) => ways.extend([Way { pc: *behind, ..way }, next]),
            Some(Inst::Save(_) | Inst::Backreference(..) | Inst::Atomic { .. }) => ways.push(next),
        }
    }

    fn asserted(&self, assert: Assert, way: Way, before: Before) -> Option<Way> {
        let word = self.kind(Before::Word);
        let narrowed = |mask: Mask, at_end: bool| {
            Some(Way { allowed: way.allowed.and(mask), at_end: way.at_end && at_end, ..way })
        };
        match assert {
            Assert::TextStart => (before == Before::Nothing).then_some(way),
            Assert::LineStart => matches!(before, Before::Nothing | Before::Newline).then_some(way),
            Assert::TextEnd | Assert::LastLineEnd => narrowed(Mask::default(), true),
            Assert::LineEnd => narrowed(self.kind(Before::Newline), true),
            Assert::Boundary if before == Before::Word => narrowed(word.not(), true),
            Assert::NoBoundary if before != Before::Word => narrowed(word.not(), true),
            Assert::Boundary | Assert::NoBoundary => narrowed(word, false),
        }
    }
}

fn bit(mark: usize) -> u64 {
    u32::try_from(mark).ok().and_then(|mark| 1_u64.checked_shl(mark)).unwrap_or(0)
}

// Which states reach a component.
fn reaching(component: &[usize], before: &[Vec<usize>]) -> Vec<bool> {
    let mut reached = vec![false; before.len()];
    let mut queue = component.to_vec();
    queue.iter().for_each(|state| set(&mut reached, *state, true));
    while let Some(state) = queue.pop() {
        for earlier in before.get(state).into_iter().flatten() {
            if !get(&reached, *earlier) {
                set(&mut reached, *earlier, true);
                queue.push(*earlier);
            }
        }
    }
    reached
}

impl Automaton {
    /// A character of each symbol, the plainest first.
    pub(super) fn symbols(&self) -> &[u32] {
        &self.symbols
    }

    fn edges(&self, state: usize) -> &[Edge] {
        self.states.get(state).map_or(&[], |state| state.edges.as_slice())
    }

    fn word(&self, symbols: &[usize]) -> Vec<u32> {
        symbols.iter().filter_map(|symbol| self.symbols.get(*symbol)).copied().collect()
    }

    fn pay(&mut self, cost: usize) -> bool {
        if self.budget < cost {
            self.incomplete = true;
            return false;
        }
        self.budget -= cost;
        true
    }

    fn ways_from_start(&self) -> Vec<Option<(usize, usize)>> {
        let mut ways = vec![None; self.states.len()];
        let mut queue = VecDeque::from([0]);
        while let Some(state) = queue.pop_front() {
            for edge in self.edges(state) {
                if let (Some(way @ None), Some(symbol)) = (ways.get_mut(edge.to), edge.on.first())
                    && edge.to != 0
                {
                    *way = Some((state, symbol));
                    queue.push_back(edge.to);
                }
            }
        }
        ways
    }

    // The shortest word from the start to a state; nothing where the search for a match stands there anyway.
    fn prefix(&self, state: usize) -> Vec<u32> {
        if self.searching.get(state) == Some(&true) {
            return Vec::new();
        }
        let mut symbols = Vec::new();
        let mut at = state;
        while let Some(Some((before, symbol))) = self.ways.get(at) {
            symbols.push(*symbol);
            at = *before;
        }
        symbols.reverse();
        self.word(&symbols)
    }

    /// The symbols after which least is alive behind a word, best first; whether nothing is alive at the word's end.
    pub(super) fn endings(&self, word: &[u32]) -> (bool, Vec<u32>) {
        let mut alive: BTreeSet<usize> = BTreeSet::from([0]);
        for character in word {
            let Some(symbol) = self.symbols.iter().position(|known| known == character) else { continue };
            alive = self.after(&alive, symbol);
        }
        let accepted = alive.iter().any(|state| self.states.get(*state).is_some_and(|state| state.accepts_at_end));
        let mut ranked: Vec<(bool, usize, usize)> = (0..self.symbols.len())
            .map(|symbol| {
                let left = self.after(&alive, symbol);
                let taken = left
                    .iter()
                    .any(|state| self.states.get(*state).is_some_and(|state| state.accepts || state.accepts_at_end));
                let count = left.iter().filter(|state| self.searching.get(**state) != Some(&true)).count();
                (taken, count, symbol)
            })
            .collect();
        ranked.sort_unstable();
        (!accepted, ranked.into_iter().filter_map(|(_, _, symbol)| self.symbols.get(symbol)).copied().collect())
    }

    fn after(&self, alive: &BTreeSet<usize>, symbol: usize) -> BTreeSet<usize> {
        alive
            .iter()
            .flat_map(|state| self.edges(*state))
            .filter(|edge| edge.on.has(symbol))
            .map(|edge| edge.to)
            .collect()
    }

    /// Words that may cost, the worst first.
    pub(super) fn candidates(&mut self) -> Vec<Candidate> {
        let components = self.components();
        let mut found = Vec::new();
        for component in &components {
            for (state, pump) in self.twice(component) {
                found.push(Candidate { exponential: true, prefix: self.prefix(state), pump: self.word(&pump) });
            }
        }
        let before = self.before();
        for (at, to) in components.iter().enumerate() {
            // Tarjan gives what is reached first.
            let reached = reaching(to, &before);
            for from in components.iter().skip(at + 1) {
                if found.len() >= MAX_CANDIDATES || self.incomplete {
                    break;
                }
                if !from.first().is_some_and(|first| get(&reached, *first)) {
                    continue;
                }
                for (state, pump) in self.chained(from, to, &reached) {
                    found.push(Candidate { exponential: false, prefix: self.prefix(state), pump: self.word(&pump) });
                }
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|candidate| seen.insert(candidate.clone()));
        found
    }

    // Strongly connected components with a cycle (Tarjan), each reached from those behind it.
    fn components(&self) -> Vec<Vec<usize>> {
        let count = self.states.len();
        let (mut index, mut low) = (vec![usize::MAX; count], vec![0; count]);
        let (mut on_stack, mut stack, mut next) = (vec![false; count], Vec::new(), 0);
        let mut found = Vec::new();
        let mut calls: Vec<(usize, usize)> = Vec::new();
        for root in 0..count {
            if index.get(root) != Some(&usize::MAX) {
                continue;
            }
            calls.push((root, 0));
            while let Some((state, edge)) = calls.pop() {
                if edge == 0 {
                    set(&mut index, state, next);
                    set(&mut low, state, next);
                    set(&mut on_stack, state, true);
                    stack.push(state);
                    next += 1;
                } else if let Some(before) = self.edges(state).get(edge - 1) {
                    let lower = get(&low, state).min(get(&low, before.to));
                    if get(&on_stack, before.to) {
                        set(&mut low, state, lower);
                    }
                }
                match self.edges(state).get(edge) {
                    Some(to) => {
                        calls.push((state, edge + 1));
                        if get(&index, to.to) == usize::MAX {
                            calls.push((to.to, 0));
                        }
                    }
                    None if get(&low, state) == get(&index, state) => {
                        let mut component = Vec::new();
                        while let Some(member) = stack.pop() {
                            set(&mut on_stack, member, false);
                            component.push(member);
                            if member == state {
                                break;
                            }
                        }
                        let cyclic = component.len() > 1 || self.edges(state).iter().any(|edge| edge.to == state);
                        if cyclic {
                            component.sort_unstable();
                            found.push(component);
                        }
                    }
                    None => {}
                }
            }
        }
        found
    }

    // The edges within a component, by place in it.
    fn inner(&self, component: &[usize]) -> Vec<Vec<Edge>> {
        component
            .iter()
            .map(|state| {
                let within = |edge: &Edge| component.binary_search(&edge.to).ok().map(|to| Edge { to, ..*edge });
                self.edges(*state).iter().filter_map(within).collect()
            })
            .collect()
    }

    // States of a component with two ways back to themselves for one word.
    fn twice(&mut self, component: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let inner = self.inner(component);
        let size = component.len();
        let mut found = Vec::new();
        for (from, edges) in inner.iter().enumerate() {
            for edge in edges.iter().filter(|edge| edge.many) {
                if let (Some(symbol), Some(back)) = (edge.on.first(), way_within(&inner, edge.to, from)) {
                    found.push((get(component, from), [vec![symbol], back].concat()));
                }
                if found.len() >= 4 {
                    return found;
                }
            }
        }
        if size * size > MAX_PAIRS {
            self.incomplete = true;
            return found;
        }
        let mut backward: Vec<Vec<Edge>> = vec![Vec::new(); size];
        for (from, edges) in inner.iter().enumerate() {
            for edge in edges {
                if let Some(list) = backward.get_mut(edge.to) {
                    list.push(Edge { to: from, ..*edge });
                }
            }
        }
        let Some((order, forth)) = self.pairs_from_equal(&inner, size) else { return found };
        let Some((_, back)) = self.pairs_from_equal(&backward, size) else { return found };
        for pair in order {
            if pair / size == pair % size || get(&back, pair).is_none() {
                continue;
            }
            let mut pump = Vec::new();
            let mut at = pair;
            while let Some((before, symbol)) = get(&forth, at) {
                pump.push(symbol);
                at = before;
            }
            let start = at / size;
            pump.reverse();
            let mut at = pair;
            while let Some((after, symbol)) = get(&back, at) {
                pump.push(symbol);
                at = after;
            }
            let Some(home) = way_within(&inner, at / size, start) else { continue };
            pump.extend(home);
            let entry = (get(component, start), pump);
            if !found.contains(&entry) {
                found.push(entry);
            }
            if found.len() >= 8 {
                break;
            }
        }
        found
    }

    // Breadth first over pairs of states, from pairs of equal ones; each with the pair before and the symbol, and the order.
    #[expect(clippy::type_complexity, reason = "an order, and for each pair where it came from")]
    fn pairs_from_equal(
        &mut self,
        edges: &[Vec<Edge>],
        size: usize,
    ) -> Option<(Vec<usize>, Vec<Option<(usize, usize)>>)> {
        let mut from: Vec<Option<(usize, usize)>> = vec![None; size * size];
        let mut order = Vec::new();
        let mut queue: VecDeque<usize> = (0..size).map(|state| state * size + state).collect();
        while let Some(pair) = queue.pop_front() {
            let (Some(one), Some(other)) = (edges.get(pair / size), edges.get(pair % size)) else { continue };
            if !self.pay(one.len() * other.len() + 1) {
                return None;
            }
            for first in one {
                for second in other {
                    let (low, high) = (first.to.min(second.to), first.to.max(second.to));
                    let next = low * size + high;
                    if low == high || get(&from, next).is_some() {
                        continue;
                    }
                    if let Some(symbol) = first.on.and(second.on).first() {
                        set(&mut from, next, Some((pair, symbol)));
                        order.push(next);
                        queue.push_back(next);
                    }
                }
            }
        }
        Some((order, from))
    }

    // States of one component and words that loop there, lead to the other component, and loop there: several, for what the
    // automaton does not model may forbid the first.
    fn chained(&mut self, from: &[usize], to: &[usize], reaching: &[bool]) -> Vec<(usize, Vec<usize>)> {
        let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
        let (outer, inner) = (self.inner(from), self.inner(to));
        let some = |list: &[usize], most: usize| {
            let step = list.len().div_ceil(most).max(1);
            (0..list.len()).step_by(step).collect::<Vec<_>>()
        };
        for first in some(from, 4) {
            for last in some(to, 12) {
                if let Some(word) =
                    self.triple(&outer, &inner, (get(from, first), first), (get(to, last), last), reaching)
                    && !found.iter().any(|(_, known)| *known == word)
                {
                    found.push((get(from, first), word));
                }
                if found.len() >= MAX_WORDS || self.budget == 0 || self.incomplete {
                    return found;
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    // For each state those with an edge to it.
    fn before(&self) -> Vec<Vec<usize>> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.states.len()];
        for (state, own) in self.states.iter().enumerate() {
            for edge in &own.edges {
                if let Some(list) = before.get_mut(edge.to) {
                    list.push(state);
                }
            }
        }
        before.iter_mut().for_each(Vec::dedup);
        before
    }

    fn triple(
        &mut self,
        outer: &[Vec<Edge>],
        inner: &[Vec<Edge>],
        first: (usize, usize),
        last: (usize, usize),
        reaching: &[bool],
    ) -> Option<Vec<usize>> {
        type Triple = (usize, usize, usize);
        let start: Triple = (first.1, first.0, last.1);
        let goal: Triple = (first.1, last.0, last.1);
        let mut from: HashMap<Triple, (Triple, usize)> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(triple) = queue.pop_front() {
            let (left, middle, right) = triple;
            let (Some(lefts), Some(rights)) = (outer.get(left), inner.get(right)) else { continue };
            let middles = self.edges(middle).to_vec();
            if !self.pay(lefts.len() * rights.len() * (middles.len() + 1)) || from.len() > MAX_TRIPLES {
                return None;
            }
            for one in lefts {
                for other in rights {
                    let common = one.on.and(other.on);
                    if common.is_empty() {
                        continue;
                    }
                    for between in middles.iter().filter(|edge| get(reaching, edge.to)) {
                        let Some(symbol) = common.and(between.on).first() else { continue };
                        let next = (one.to, between.to, other.to);
                        if next == start || from.contains_key(&next) {
                            continue;
                        }
                        from.insert(next, (triple, symbol));
                        if next == goal {
                            let mut word = Vec::new();
                            let mut at = goal;
                            while let Some((before, symbol)) = from.get(&at).filter(|_| at != start) {
                                word.push(*symbol);
                                at = *before;
                            }
                            word.reverse();
                            return Some(word);
                        }
                        queue.push_back(next);
                    }
                }
            }
        }
        None
    }
}

fn get<T: Copy + Default>(list: &[T], at: usize) -> T {
    list.get(at).copied().unwrap_or_default()
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
}

// The shortest word within a component from one state to another; empty where they are one.
fn way_within(edges: &[Vec<Edge>], from: usize, to: usize) -> Option<Vec<usize>> {
    if from == to {
        return Some(Vec::new());
    }
    let mut before: Vec<Option<(usize, usize)>> = vec![None; edges.len()];
    let mut queue = VecDeque::from([from]);
    while let Some(state) = queue.pop_front() {
        for edge in edges.get(state).into_iter().flatten() {
            let Some(symbol) = edge.on.first() else { continue };
            if edge.to == from || get(&before, edge.to).is_some() {
                continue;
            }
            set(&mut before, edge.to, Some((state, symbol)));
            if edge.to == to {
                let mut word = Vec::new();
                let mut at = to;
                while let Some((earlier, symbol)) = get(&before, at) {
                    word.push(symbol);
                    at = earlier;
                }
                word.reverse();
                return Some(word);
            }
            queue.push_back(edge.to);
        }
    }
    None
}

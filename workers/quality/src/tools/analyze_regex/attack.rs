//! Judges an expression: lets a backtracking matcher run on the candidates of its automaton, and measures how the steps grow.

use super::automaton::{self, Candidate};
use super::matcher::search;
use super::parse::{Dialect, Fault, Flags, Kind, Node, Parsed, parse};
use super::program::{Program, Purpose, compile};
use super::set::Set;
use serde::Serialize;

/// Steps that a single measurement may take.
pub const MEASURE_STEPS: u64 = 400_000;
/// Steps that the search for the worst string of one expression may take.
pub const SEARCH_STEPS: u64 = 6_000_000;
// Endings tried behind each candidate.
const MAX_ENDINGS: usize = 8;
// Longest word repeated.
const MAX_PUMP: usize = 200;

/// How the time of the worst string grows with its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Growth {
    Linear,
    Polynomial(u32),
    Exponential,
}

/// A string on which an expression is slow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Attack {
    /// What it begins with.
    pub prefix: String,
    /// What is repeated.
    pub pump: String,
    /// What it ends with, so that nothing matches.
    pub suffix: String,
    /// Repetitions, and steps of a backtracking matcher.
    pub steps: Vec<[u64; 2]>,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    pub(super) growth: Growth,
    pub(super) attack: Option<Attack>,
    /// Why it may be worse than found.
    pub(super) doubt: Option<&'static str>,
}

/// An expression that was read.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) parsed: Parsed,
    pub(super) sticky: bool,
}

impl Expression {
    /// Reads a pattern; `anchored` where only its start is tried.
    pub(super) fn read(pattern: &str, flags: &str, dialect: Dialect, anchored: bool) -> Result<Self, Fault> {
        let parsed = parse(pattern, Flags::of(flags), dialect)?;
        Ok(Self { parsed, sticky: anchored || (dialect == Dialect::Javascript && flags.contains('y')) })
    }
}

struct Measuring<'m> {
    program: &'m Program,
    sticky: bool,
    left: u64,
}

impl Measuring<'_> {
    // The steps on a string; the budget's worth where it was stopped.
    fn steps(&mut self, candidate: &Candidate, ending: &[u32], times: usize, most: u64) -> u64 {
        let mut text = candidate.prefix.clone();
        for _ in 0..times {
            text.extend_from_slice(&candidate.pump);
        }
        text.extend_from_slice(ending);
        let most = most.min(self.left);
        let run = search(self.program, &text, self.sticky, most);
        self.left = self.left.saturating_sub(run.steps);
        run.steps.min(most).max(1)
    }

    // Whether each repetition multiplies the steps: a power would multiply them by less and less.
    fn is_exponential(&mut self, candidate: &Candidate, ending: &[u32]) -> bool {
        let mut taken = Vec::new();
        for times in 1..=24 {
            let steps = self.steps(candidate, ending, times, MEASURE_STEPS);
            if steps >= MEASURE_STEPS {
                break;
            }
            taken.push(steps);
            if let (8.., Some([before, last])) = (times, taken.last_chunk::<2>())
                && last * 4 < before * 5
            {
                return false;
            }
        }
        let growth = |at: usize| Some(taken.get(at)? * 100 / taken.get(at.checked_sub(1)?)?);
        let (Some(last), Some(middle)) = (growth(taken.len().wrapping_sub(1)), growth(taken.len() / 2)) else {
            return false;
        };
        if taken.len() <= 3 { last >= 1_200 } else { last >= 130 && last * 10 >= middle * 8 }
    }

    // How much the steps grow when the string is doubled, in hundredths, and the steps of the longer one.
    fn doubling(&mut self, candidate: &Candidate, ending: &[u32], times: usize, most: u64) -> (u64, u64) {
        let small = self.steps(candidate, ending, times, most);
        let large = self.steps(candidate, ending, times * 2, most);
        (large * 100 / small, large)
    }
}

/// Judges an expression.
pub(super) fn judge(expression: &Expression) -> Judgement {
    let safe = Judgement { growth: Growth::Linear, attack: None, doubt: None };
    let Some(exact) = compile(&expression.parsed, Purpose::Match) else {
        return Judgement { doubt: Some("it is too large"), ..safe };
    };
    let mut automaton = compile(&expression.parsed, Purpose::Automaton)
        .and_then(|program| automaton::build(&program, expression.sticky));
    let mut doubt = exact.cut.then_some("it counts too far");
    let mut candidates = Vec::new();
    let mut ordinary = vec![0x21, 0x0a, 0x61];
    if automaton.is_none() {
        doubt = Some("its automaton is too large");
    }
    if let Some(automaton) = &mut automaton {
        candidates = automaton.candidates();
        if automaton.incomplete {
            doubt = Some("its automaton is too ambiguous to search whole");
        }
        ordinary = automaton.symbols().to_vec();
    }
    let mut loops = Vec::new();
    let unmodelled = loops_of(&expression.parsed.root, false, &mut loops);
    if doubt.is_some() || unmodelled {
        for set in loops {
            if let Some(pump) = ordinary
                .iter()
                .copied()
                .find(|one| set.has(*one))
                .or_else(|| set.ranges().first().map(|(start, _)| *start))
            {
                candidates.push(Candidate { exponential: false, prefix: Vec::new(), pump: vec![pump] });
            }
        }
        candidates.dedup();
    }
    let candidates = with_roots(candidates);
    let mut measuring = Measuring { program: &exact, sticky: expression.sticky, left: SEARCH_STEPS };
    let mut best: Option<(Growth, u64, Candidate, Vec<u32>)> = None;
    for candidate in candidates {
        let tried = tried_endings(automaton.as_ref(), &candidate, &ordinary);
        for ending in &tried {
            if measuring.left == 0 {
                break;
            }
            if (candidate.exponential || doubt.is_some() || unmodelled) && measuring.is_exponential(&candidate, ending)
            {
                best = Some((Growth::Exponential, u64::MAX, candidate.clone(), ending.clone()));
                break;
            }
        }
        if matches!(best, Some((Growth::Exponential, ..))) {
            break;
        }
        for ending in &tried {
            let least = match best {
                Some((Growth::Polynomial(degree), ..)) => degree + 1,
                _ => 2,
            };
            let found = polynomial(&mut measuring, &candidate, ending, least);
            // Where a match at the very start ends it all, a character before may forbid that one.
            let shielded = match (found, candidate.prefix.is_empty(), tried.iter().find_map(|ending| ending.first())) {
                (None, true, Some(first)) if best.is_none() => {
                    let shielded = Candidate { prefix: vec![*first], ..candidate.clone() };
                    polynomial(&mut measuring, &shielded, ending, least).map(|found| (found, shielded))
                }
                _ => None,
            };
            if let Some(((growth, steps), candidate)) = found.map(|found| (found, candidate.clone())).or(shielded) {
                best = Some((growth, steps, candidate, ending.clone()));
            }
        }
        if measuring.left == 0 {
            doubt = doubt.or(Some("the search for its worst string was cut short"));
            break;
        }
    }
    match best {
        None => Judgement { doubt, ..safe },
        Some((growth, _, candidate, ending)) => {
            measuring.left = SEARCH_STEPS;
            let attack = described(&mut measuring, growth, &candidate, &ending);
            Judgement { growth, attack: Some(attack), doubt: doubt.filter(|_| growth != Growth::Exponential) }
        }
    }
}

// The degree and the steps, where the degree is at least so high.
fn polynomial(
    measuring: &mut Measuring<'_>,
    candidate: &Candidate,
    ending: &[u32],
    least: u32,
) -> Option<(Growth, u64)> {
    let times = (96 / candidate.pump.len()).clamp(12, 48);
    let (grown, steps) = measuring.doubling(candidate, ending, times, MEASURE_STEPS / 4);
    // Less than three times: linear. A short string shows a little less than the degree; the longer one tells.
    let enough = 280_u64.saturating_mul(1 << least.saturating_sub(2).min(10)) * 9 / 10;
    if grown < enough.max(280) && steps < MEASURE_STEPS / 4 {
        return None;
    }
    let degree = degree(measuring, candidate, ending, times);
    (degree >= least).then_some((Growth::Polynomial(degree), steps))
}

// Before a word that repeats a shorter one, the shorter one.
fn with_roots(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for candidate in
        candidates.into_iter().filter(|candidate| !candidate.pump.is_empty() && candidate.pump.len() <= MAX_PUMP)
    {
        let length = candidate.pump.len();
        let repeats = |root: &usize| {
            length % root == 0
                && candidate.pump.iter().zip(candidate.pump.iter().skip(*root)).all(|(one, other)| one == other)
        };
        let root = (1..length).find(repeats).unwrap_or(length);
        let mut short = candidate.clone();
        short.pump.truncate(root);
        for one in [short, candidate] {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

// Endings behind a candidate: none, and the characters behind which least can still match.
fn tried_endings(automaton: Option<&automaton::Automaton>, candidate: &Candidate, ordinary: &[u32]) -> Vec<Vec<u32>> {
    let word: Vec<u32> = [candidate.prefix.as_slice(), &candidate.pump, &candidate.pump].concat();
    let (fails_at_end, characters) =
        automaton.map_or_else(|| (false, ordinary.to_vec()), |automaton| automaton.endings(&word));
    let mut tried: Vec<Vec<u32>> = characters.into_iter().take(MAX_ENDINGS).map(|one| vec![one]).collect();
    // One at which all is over, once more: a look behind a line break.
    if let Some(first) = tried.first().and_then(|ending| ending.first()).copied() {
        tried.push(vec![0x0a, first]);
    }
    tried.insert(if fails_at_end { 0 } else { tried.len() }, Vec::new());
    tried
}

fn degree(measuring: &mut Measuring<'_>, candidate: &Candidate, ending: &[u32], times: usize) -> u32 {
    // Longer strings tell better; as long as the steps allow.
    let mut best = 0;
    let mut times = times;
    for _ in 0..5 {
        let (grown, large) = measuring.doubling(candidate, ending, times, MEASURE_STEPS * 2);
        if large >= MEASURE_STEPS * 2 {
            break;
        }
        best = grown;
        times *= 2;
    }
    if best == 0 {
        let (grown, large) = measuring.doubling(candidate, ending, 12, MEASURE_STEPS * 2);
        best = if large >= MEASURE_STEPS * 2 {
            measuring.doubling(candidate, ending, 6, MEASURE_STEPS * 2).0
        } else {
            grown
        };
    }
    // 2^1.5, 2^2.5, ...
    [283, 566, 1_131, 2_263, 4_525]
        .into_iter()
        .zip(2..)
        .filter(|(least, _)| best >= *least)
        .map(|(_, degree)| degree)
        .last()
        .unwrap_or(1)
}

fn described(measuring: &mut Measuring<'_>, growth: Growth, candidate: &Candidate, ending: &[u32]) -> Attack {
    let (times, enough): (&[usize], usize) =
        if growth == Growth::Exponential { (&[4, 8, 12, 16, 20], 8) } else { (&[25, 50, 100, 200, 400], 50) };
    let bare = Candidate { prefix: Vec::new(), ..candidate.clone() };
    let as_slow = measuring.steps(&bare, ending, enough, MEASURE_STEPS) * 2
        >= measuring.steps(candidate, ending, enough, MEASURE_STEPS);
    let candidate = if as_slow { &bare } else { candidate };
    let mut steps = Vec::new();
    for times in times {
        let taken = measuring.steps(candidate, ending, *times, MEASURE_STEPS);
        steps.push([*times as u64, taken]);
        if taken >= MEASURE_STEPS {
            break;
        }
    }
    let text = |characters: &[u32]| characters.iter().filter_map(|one| char::from_u32(*one)).collect();
    Attack { prefix: text(&candidate.prefix), pump: text(&candidate.pump), suffix: text(ending), steps }
}

// The sets that are repeated without end; whether some stand where the automaton does not model them.
fn loops_of(node: &Node, repeated: bool, found: &mut Vec<Set>) -> bool {
    match &node.kind {
        Kind::Set(set) => {
            if repeated && !found.contains(set) {
                found.push(set.clone());
            }
            false
        }
        Kind::Concat(items) | Kind::Alternate(items) => {
            let mut any = false;
            for item in items {
                any |= loops_of(item, repeated, found);
            }
            any
        }
        Kind::Repeat { body, max, .. } => loops_of(body, repeated || max.is_none(), found),
        Kind::Group { body, .. } | Kind::Atomic(body) => loops_of(body, repeated, found),
        Kind::Look { body, behind, .. } => {
            let inner = loops_of(body, repeated, found);
            inner || *behind
        }
        Kind::Backreference(_) => true,
        Kind::Empty | Kind::Assert(_) => false,
    }
}

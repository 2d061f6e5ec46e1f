//! Matches as a backtracking engine does, and counts its steps: the measure of every verdict.

use super::parse::Assert;
use super::program::{Inst, Program};
use super::set::Set;
use std::collections::HashMap;

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Instructions executed.
    pub(super) steps: u64,
    /// Whether the budget ended it.
    pub(super) stopped: bool,
    /// Whether it matched.
    pub(super) matched: bool,
}

// Most choices open at once; beyond, a run counts as stopped.
const MAX_CHOICES: usize = 2_000_000;

/// Searches a text; from its start alone where `sticky`.
pub(super) fn search(program: &Program, text: &[u32], sticky: bool, budget: u64) -> Run {
    let mut machine = Machine {
        program,
        text,
        kinds: Kinds::of(program, text),
        steps: 0,
        budget,
        slots: vec![usize::MAX; program.saves],
        marks: vec![usize::MAX; program.marks],
    };
    let word = Set::word();
    let mut choices = Vec::new();
    for start in 0..=text.len() {
        machine.slots.fill(usize::MAX);
        choices.clear();
        match machine.run(0, start, &word, &mut choices) {
            Ok(Some(_)) => return Run { steps: machine.steps, stopped: false, matched: true },
            Ok(None) => {}
            Err(Stopped) => return Run { steps: machine.steps, stopped: true, matched: false },
        }
        if sticky {
            break;
        }
    }
    Run { steps: machine.steps, stopped: false, matched: false }
}

struct Stopped;

// The characters of a text by kind, and which kinds each set of a program has: read once, they are asked for at each step.
struct Kinds {
    // Where the row of each character's kind begins.
    rows: Vec<usize>,
    // A row for each kind: whether each set has it.
    has: Vec<bool>,
}

impl Kinds {
    fn of(program: &Program, text: &[u32]) -> Self {
        let mut kinds: Vec<u32> = Vec::new();
        let mut known: HashMap<u32, usize> = HashMap::new();
        let mut kind_of = |character: u32| {
            *known.entry(character).or_insert_with(|| {
                kinds.push(character);
                kinds.len() - 1
            })
        };
        let width = program.sets.len();
        let rows = text.iter().map(|character| kind_of(*character) * width).collect();
        let has = kinds.iter().flat_map(|one| program.sets.iter().map(|set| set.has(*one))).collect();
        Self { rows, has }
    }

    fn fits(&self, set: usize, at: usize) -> bool {
        self.rows.get(at).and_then(|row| self.has.get(row + set)).is_some_and(|has| *has)
    }
}

enum Choice {
    // Go on here.
    Branch(usize, usize),
    // Put back what was overwritten.
    Slot(usize, usize),
    Mark(usize, usize),
}

struct Machine<'m> {
    program: &'m Program,
    text: &'m [u32],
    kinds: Kinds,
    steps: u64,
    budget: u64,
    slots: Vec<usize>,
    marks: Vec<usize>,
}

impl Machine<'_> {
    // Runs to the end of the body that starts there; gives where it ended. Bodies in bodies are as deep as groups may be.
    #[expect(clippy::too_many_lines, reason = "one arm for each instruction")]
    fn run(
        &mut self,
        start: usize,
        from: usize,
        word: &Set,
        choices: &mut Vec<Choice>,
    ) -> Result<Option<usize>, Stopped> {
        let program = self.program;
        let (mut pc, mut at) = (start, from);
        // At hand, for each step counts; the machine's own count is brought up to it where others go on with that.
        let (mut steps, budget) = (self.steps, self.budget);
        loop {
            steps += 1;
            if steps > budget || choices.len() > MAX_CHOICES {
                self.steps = steps;
                return Err(Stopped);
            }
            let fits = match program.code.get(pc) {
                None | Some(Inst::Match | Inst::End) => {
                    self.steps = steps;
                    return Ok(Some(at));
                }
                Some(Inst::Set(set, backwards)) => {
                    let place = if *backwards { at.checked_sub(1) } else { Some(at) };
                    let fits = place.is_some_and(|place| self.kinds.fits(*set, place));
                    if fits {
                        at = if *backwards { at - 1 } else { at + 1 };
                        pc += 1;
                    }
                    fits
                }
                Some(Inst::Split(first, second)) => {
                    choices.push(Choice::Branch(*second, at));
                    pc = *first;
                    true
                }
                Some(Inst::Jump(to)) => {
                    pc = *to;
                    true
                }
                Some(Inst::Mark(mark)) => {
                    if let Some(place) = self.marks.get_mut(*mark) {
                        choices.push(Choice::Mark(*mark, std::mem::replace(place, at)));
                    }
                    pc += 1;
                    true
                }
                Some(Inst::Progress(mark)) => {
                    pc += 1;
                    self.marks.get(*mark) != Some(&at)
                }
                Some(Inst::Assert(assert)) => {
                    pc += 1;
                    self.holds(*assert, at, word)
                }
                Some(Inst::Save(slot)) => {
                    if let Some(place) = self.slots.get_mut(*slot) {
                        choices.push(Choice::Slot(*slot, std::mem::replace(place, at)));
                    }
                    pc += 1;
                    true
                }
                Some(Inst::Backreference(number, backwards)) => {
                    pc += 1;
                    self.steps = steps;
                    let end = self.referred(*number, *backwards, at);
                    steps = self.steps;
                    match end {
                        Some(end) => {
                            at = end;
                            true
                        }
                        None => false,
                    }
                }
                Some(Inst::Look { negative, next }) => {
                    let (negative, next) = (*negative, *next);
                    let kept = self.slots.clone();
                    self.steps = steps;
                    let found = self.run(pc + 1, at, word, &mut Vec::new())?.is_some();
                    steps = self.steps;
                    if !found || negative {
                        self.slots = kept;
                    }
                    pc = next;
                    found != negative
                }
                Some(Inst::Atomic { next }) => {
                    let next = *next;
                    self.steps = steps;
                    let end = self.run(pc + 1, at, word, &mut Vec::new())?;
                    steps = self.steps;
                    at = end.unwrap_or(at);
                    pc = next;
                    end.is_some()
                }
            };
            if fits {
                continue;
            }
            loop {
                match choices.pop() {
                    None => {
                        self.steps = steps;
                        return Ok(None);
                    }
                    Some(Choice::Branch(to, place)) => {
                        (pc, at) = (to, place);
                        break;
                    }
                    Some(Choice::Slot(slot, before)) => {
                        if let Some(place) = self.slots.get_mut(slot) {
                            *place = before;
                        }
                    }
                    Some(Choice::Mark(mark, before)) => {
                        if let Some(place) = self.marks.get_mut(mark) {
                            *place = before;
                        }
                    }
                }
            }
        }
    }

    fn holds(&self, assert: Assert, at: usize, word: &Set) -> bool {
        let is = |place: Option<usize>, check: &dyn Fn(u32) -> bool| {
            place.and_then(|place| self.text.get(place)).is_some_and(|one| check(*one))
        };
        let newline = |one: u32| matches!(one, 0x0a | 0x0d | 0x2028 | 0x2029);
        let before = at.checked_sub(1);
        let end = at == self.text.len();
        let boundary = is(before, &|one| word.has(one)) != is(Some(at), &|one| word.has(one));
        match assert {
            Assert::TextStart => at == 0,
            Assert::TextEnd => end,
            Assert::LastLineEnd => end || (at + 1 == self.text.len() && is(Some(at), &newline)),
            Assert::LineStart => at == 0 || is(before, &newline),
            Assert::LineEnd => end || is(Some(at), &newline),
            Assert::Boundary => boundary,
            Assert::NoBoundary => !boundary,
        }
    }

    // Where the text of a group ends when it is read once more; a group that took part in nothing is empty.
    fn referred(&mut self, number: u32, backwards: bool, at: usize) -> Option<usize> {
        let place = number as usize * 2;
        let (start, end) = self.slots.get(place).copied().zip(self.slots.get(place + 1).copied())?;
        let Some(taken) = self.text.get(start..end) else { return Some(at) };
        self.steps += taken.len() as u64;
        let (from, to) = if backwards { (at.checked_sub(taken.len())?, at) } else { (at, at + taken.len()) };
        (self.text.get(from..to)? == taken).then_some(if backwards { from } else { to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::analyze_regex::parse::{Dialect, Flags, parse};
    use crate::tools::analyze_regex::program::{Purpose, compile};

    fn matches(pattern: &str, flags: &str, text: &str) -> bool {
        let parsed = parse(pattern, Flags::of(flags), Dialect::Pcre).expect("read");
        let program = compile(&parsed, Purpose::Match).expect("small");
        let text: Vec<u32> = text.chars().map(u32::from).collect();
        search(&program, &text, false, 100_000).matched
    }

    #[test]
    fn matches_what_engines_match() {
        for (pattern, flags, text, expected) in [
            ("^a+b$", "", "aaab", true),
            ("^a+b$", "", "aaabc", false),
            ("(a|ab)c", "", "abc", true),
            ("(a*)*b", "", "aaac", false),
            ("(?:a?){3}", "", "", true),
            (r"^(a+)\1$", "", "aaaa", true),
            (r"^(a+)\1$", "", "aaa", false),
            ("(?<=ab?)c", "", "abc", true),
            ("(?<!ab?)c", "", "abc", false),
            ("(?=a*b)a", "", "aab", true),
            ("(?>a+)a", "", "aaa", false),
            ("a++b", "", "aab", true),
            (r"\bfoo\b", "", "a foo b", true),
            (r"\bfoo\b", "", "afoo", false),
            ("^b", "m", "a\nb", true),
            ("A", "i", "a", true),
            ("a.b", "", "a\nb", false),
            ("a.b", "s", "a\nb", true),
            (r"(?<=(a)\1)b", "", "aab", true),
            ("a{2,3}?$", "", "aaa", true),
        ] {
            assert_eq!(matches(pattern, flags, text), expected, "/{pattern}/{flags} on {text:?}");
        }
    }

    #[test]
    fn a_run_ends_at_its_budget() {
        let parsed = parse("^(a|a)*$", Flags::default(), Dialect::Javascript).expect("read");
        let program = compile(&parsed, Purpose::Match).expect("small");
        let text = [vec![0x61; 40], vec![0x21]].concat();
        let run = search(&program, &text, false, 1_000);
        assert!(run.stopped && run.steps == 1_001);
    }
}

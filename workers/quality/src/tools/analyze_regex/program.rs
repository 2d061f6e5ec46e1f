//! Turns an expression into instructions, in the order in which a backtracking engine tries them.

use super::parse::{Assert, Greed, Kind, Node, Parsed};
use super::set::Set;
use std::collections::{BTreeMap, BTreeSet};

/// Most instructions of a program; counts are cut down until it fits.
pub const MAX_INSTRUCTIONS: usize = 4_000;
// What counts are cut down to, one after the other.
const CUTS: [u32; 8] = [100_000, 1_000, 200, 50, 20, 8, 3, 1];

/// One instruction.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Inst {
    /// One character of a set; `true` where the text is read backwards.
    Set(usize, bool),
    /// Tries the first, then the second.
    Split(usize, usize),
    Jump(usize),
    /// An iteration of a loop begins.
    Mark(usize),
    /// It must have taken something.
    Progress(usize),
    Assert(Assert),
    Save(usize),
    Backreference(u32, bool),
    /// The body follows, up to its [`Inst::End`]; the number is behind it.
    Look {
        negative: bool,
        next: usize,
    },
    Atomic {
        next: usize,
    },
    /// Neither the body of a look nor anything of it: what the automaton does not model.
    End,
    /// The whole expression matches.
    Match,
}

/// A program.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub(super) code: Vec<Inst>,
    pub(super) sets: Vec<Set>,
    /// How many marks of loops there are.
    pub(super) marks: usize,
    /// How many places captures need.
    pub(super) saves: usize,
    /// Whether a count was cut down.
    pub(super) cut: bool,
}

/// What a program is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Matching: exact.
    Match,
    /// An automaton: references stand as copies of their groups, lookbehinds are passed over.
    Automaton,
}

/// Compiles an expression; nothing where it is too large even with small counts.
pub(super) fn compile(parsed: &Parsed, purpose: Purpose) -> Option<Program> {
    let mut referred = BTreeSet::new();
    references(&parsed.root, &mut referred);
    for (at, cut) in CUTS.into_iter().enumerate() {
        let mut compiler = Compiler {
            program: Program::default(),
            known: BTreeMap::new(),
            parsed,
            purpose,
            cut,
            referred: &referred,
            backwards: false,
            copies: 0,
        };
        if compiler.node(&parsed.root).is_some() && compiler.push(Inst::Match).is_some() {
            compiler.program.cut = at > 0;
            compiler.program.saves = referred.last().map_or(0, |last| (*last as usize + 1) * 2);
            return Some(compiler.program);
        }
    }
    None
}

fn references(node: &Node, found: &mut BTreeSet<u32>) {
    match &node.kind {
        Kind::Backreference(number) => {
            found.insert(*number);
        }
        Kind::Concat(items) | Kind::Alternate(items) => items.iter().for_each(|item| references(item, found)),
        Kind::Repeat { body, .. } | Kind::Group { body, .. } | Kind::Atomic(body) | Kind::Look { body, .. } => {
            references(body, found);
        }
        Kind::Empty | Kind::Set(_) | Kind::Assert(_) => {}
    }
}

/// Whether a part can match nothing.
pub(super) fn is_nullable(node: &Node) -> bool {
    match &node.kind {
        Kind::Empty | Kind::Assert(_) | Kind::Look { .. } | Kind::Backreference(_) => true,
        Kind::Set(_) => false,
        Kind::Concat(items) => items.iter().all(is_nullable),
        Kind::Alternate(branches) => branches.iter().any(is_nullable),
        Kind::Repeat { body, min, .. } => *min == 0 || is_nullable(body),
        Kind::Group { body, .. } | Kind::Atomic(body) => is_nullable(body),
    }
}

struct Compiler<'p> {
    program: Program,
    known: BTreeMap<Set, usize>,
    parsed: &'p Parsed,
    purpose: Purpose,
    cut: u32,
    referred: &'p BTreeSet<u32>,
    backwards: bool,
    copies: usize,
}

impl Compiler<'_> {
    fn push(&mut self, inst: Inst) -> Option<usize> {
        let at = self.program.code.len();
        if at >= MAX_INSTRUCTIONS {
            return None;
        }
        self.program.code.push(inst);
        Some(at)
    }

    fn here(&self) -> usize {
        self.program.code.len()
    }

    fn set_at(&mut self, at: usize, inst: Inst) {
        if let Some(place) = self.program.code.get_mut(at) {
            *place = inst;
        }
    }

    fn node(&mut self, node: &Node) -> Option<()> {
        match &node.kind {
            Kind::Empty => {}
            Kind::Set(set) => {
                let next = self.program.sets.len();
                let number = *self.known.entry(set.clone()).or_insert(next);
                if number == next {
                    self.program.sets.push(set.clone());
                }
                self.push(Inst::Set(number, self.backwards))?;
            }
            Kind::Concat(items) => {
                if self.backwards {
                    for item in items.iter().rev() {
                        self.node(item)?;
                    }
                } else {
                    for item in items {
                        self.node(item)?;
                    }
                }
            }
            Kind::Alternate(branches) => self.branches(branches)?,
            Kind::Repeat { body, min, max, greed } => self.repeat(body, *min, *max, *greed)?,
            Kind::Group { body, capture } => {
                let kept = capture.filter(|number| self.purpose == Purpose::Match && self.referred.contains(number));
                let places = kept.map(|number| (number as usize * 2, number as usize * 2 + 1));
                let (first, last) =
                    places.map_or((0, 0), |(start, end)| if self.backwards { (end, start) } else { (start, end) });
                if kept.is_some() {
                    self.push(Inst::Save(first))?;
                }
                self.node(body)?;
                if kept.is_some() {
                    self.push(Inst::Save(last))?;
                }
            }
            Kind::Atomic(body) if self.purpose == Purpose::Automaton => self.node(body)?,
            Kind::Atomic(body) => {
                let at = self.push(Inst::Atomic { next: 0 })?;
                self.node(body)?;
                self.push(Inst::End)?;
                let next = self.here();
                self.set_at(at, Inst::Atomic { next });
            }
            Kind::Look { behind: true, .. } if self.purpose == Purpose::Automaton => {}
            Kind::Look { body, behind, negative } => {
                let at = self.push(Inst::Look { negative: *negative, next: 0 })?;
                let before = std::mem::replace(&mut self.backwards, *behind);
                self.node(body)?;
                self.backwards = before;
                self.push(Inst::End)?;
                let next = self.here();
                self.set_at(at, Inst::Look { negative: *negative, next });
            }
            Kind::Assert(assert) => {
                self.push(Inst::Assert(*assert))?;
            }
            Kind::Backreference(number) if self.purpose == Purpose::Automaton => {
                // A group may refer to one that refers to another: each copy costs, and there is an end to it.
                self.copies += 1;
                if self.copies <= 20
                    && let Some(body) = self.parsed.groups.get(number)
                {
                    let split = self.push(Inst::Split(0, 0))?;
                    self.node(body)?;
                    let end = self.here();
                    self.set_at(split, Inst::Split(split + 1, end));
                }
                self.copies -= 1;
            }
            Kind::Backreference(number) => {
                self.push(Inst::Backreference(*number, self.backwards))?;
            }
        }
        Some(())
    }

    fn branches(&mut self, branches: &[Node]) -> Option<()> {
        let mut ends = Vec::new();
        for (at, branch) in branches.iter().enumerate() {
            if at + 1 == branches.len() {
                self.node(branch)?;
                break;
            }
            let split = self.push(Inst::Split(0, 0))?;
            self.node(branch)?;
            ends.push(self.push(Inst::Jump(0))?);
            let next = self.here();
            self.set_at(split, Inst::Split(split + 1, next));
        }
        let end = self.here();
        for jump in ends {
            self.set_at(jump, Inst::Jump(end));
        }
        Some(())
    }

    fn repeat(&mut self, body: &Node, min: u32, max: Option<u32>, greed: Greed) -> Option<()> {
        if greed == Greed::Possessive && self.purpose == Purpose::Match {
            let at = self.push(Inst::Atomic { next: 0 })?;
            self.repeat(body, min, max, Greed::Greedy)?;
            self.push(Inst::End)?;
            let next = self.here();
            self.set_at(at, Inst::Atomic { next });
            return Some(());
        }
        let (min, max) = (min.min(self.cut), max.map(|max| max.min(self.cut)));
        for _ in 0..min {
            self.node(body)?;
        }
        let nullable = is_nullable(body);
        let order = |enter: usize, leave: usize| {
            if greed == Greed::Lazy { Inst::Split(leave, enter) } else { Inst::Split(enter, leave) }
        };
        match max {
            None => {
                let split = self.push(Inst::Split(0, 0))?;
                self.iteration(body, nullable)?;
                self.push(Inst::Jump(split))?;
                let end = self.here();
                self.set_at(split, order(split + 1, end));
            }
            Some(max) => {
                let mut splits = Vec::new();
                for _ in min..max {
                    splits.push(self.push(Inst::Split(0, 0))?);
                    self.iteration(body, nullable)?;
                }
                let end = self.here();
                for split in splits {
                    self.set_at(split, order(split + 1, end));
                }
            }
        }
        Some(())
    }

    fn iteration(&mut self, body: &Node, nullable: bool) -> Option<()> {
        if !nullable {
            return self.node(body);
        }
        let mark = self.program.marks;
        self.program.marks += 1;
        self.push(Inst::Mark(mark))?;
        self.node(body)?;
        self.push(Inst::Progress(mark))?;
        Some(())
    }
}

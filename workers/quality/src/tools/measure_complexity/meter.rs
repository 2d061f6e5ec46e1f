//! Measures functions from the event stream: one algorithm for every language.
//!
//! Cyclomatic complexity, lines, Halstead's counts and nesting are a function's own: what stands inside a nested function
//! counts there alone.

use super::halstead::{Halstead, maintainability};
use crate::support::events::{Construct, Event, Listener, LogicalOperator, Opening, Token, TokenClass};
use octavo_toolkit::LineIndex;
use octavo_toolkit::limits::excerpt;
use std::collections::HashMap;
use std::ops::Range;

/// Where languages differ in how `SonarSource` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// Nested functions count for the enclosing one too, one level deeper; every logical operator counts.
    Folded,
    /// Nested functions count for themselves alone; of logical operators only `&&` counts.
    Separate,
}

/// A measured function.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    /// Its name with its containers before it, parted by dots.
    pub name: String,
    /// Where it stands, from its name to its end, as byte offsets.
    pub span: Range<usize>,
    /// Where its name ends, or where it starts if it has none.
    pub head_end: usize,
    /// Cyclomatic complexity.
    pub cyclomatic: u32,
    /// Cognitive complexity.
    pub cognitive: u32,
    /// Lines of code.
    pub nloc: u32,
    /// Declared parameters.
    pub parameters: u32,
    /// Deepest nesting of control structures.
    pub nesting: u32,
    /// Halstead's measures.
    pub halstead: Halstead,
    /// Maintainability index, 0..=100.
    pub maintainability: f64,
}

/// What was measured of a file as a whole.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Totals {
    /// Lines of code.
    pub nloc: u32,
    /// Decisions plus one for each function.
    pub cyclomatic: u32,
    /// Cognitive complexity of all code, nested functions not counted twice.
    pub cognitive: u32,
    /// Halstead's measures over all tokens.
    pub halstead: Halstead,
    /// Maintainability index of the file as one unit.
    pub maintainability: f64,
}

/// Listens and measures.
#[derive(Debug)]
pub(super) struct Meter<'a> {
    lines: &'a LineIndex<'a>,
    rules: Rules,
    // The file itself, then the functions open at the moment.
    open: Vec<Unit<'a>>,
    scopes: Vec<&'a str>,
    sequences: Vec<Option<LogicalOperator>>,
    ids: HashMap<(bool, &'a str), u32>,
    measured: Vec<Measured>,
    counts: [u32; 2],
    distinct: [u32; 2],
    // Byte offset and line up to which lines were counted.
    scanned: usize,
    line: u32,
    counted_line: u32,
    nloc: u32,
}

#[derive(Debug, Default)]
struct Unit<'a> {
    // The name by which it can call itself; methods need more than their name.
    name: &'a str,
    slot: usize,
    start_line: u32,
    own_from: usize,
    end: usize,
    wrapper: bool,
    recursive: bool,
    scopes: usize,
    sequences: usize,
    cyclomatic: u32,
    cognitive: u32,
    structural: u32,
    level: u32,
    depth: u32,
    deepest: u32,
    nloc: u32,
    operators: Vec<u32>,
    operands: Vec<u32>,
}

impl<'a> Meter<'a> {
    /// Starts on a file.
    pub(super) fn new(lines: &'a LineIndex<'a>, rules: Rules) -> Self {
        Self {
            lines,
            rules,
            open: vec![Unit::default()],
            scopes: Vec::new(),
            sequences: Vec::new(),
            ids: HashMap::new(),
            measured: Vec::new(),
            counts: [0; 2],
            distinct: [0; 2],
            scanned: 0,
            line: 1,
            counted_line: 0,
            nloc: 0,
        }
    }

    /// Ends the file: its functions in source order, and the file as a whole.
    pub(super) fn finish(mut self) -> (Vec<Measured>, Totals) {
        while self.open.len() > 1 {
            self.close();
        }
        let file = self.open.pop().unwrap_or_default();
        let functions: u32 = self.measured.iter().map(|function| function.cyclomatic).sum();
        let cyclomatic = functions + file.cyclomatic;
        let halstead = Halstead::of(self.distinct[0], self.distinct[1], self.counts[0], self.counts[1]);
        let totals = Totals {
            nloc: self.nloc,
            cyclomatic,
            cognitive: file.cognitive,
            maintainability: maintainability(halstead.volume, cyclomatic, self.nloc),
            halstead,
        };
        (self.measured, totals)
    }

    fn unit(&mut self) -> Option<&mut Unit<'a>> {
        self.open.last_mut()
    }

    fn open(&mut self, opening: &Opening<'a>) {
        let slot = self.measured.len();
        // Every open function has pushed its own name; one scope more is a class around this one.
        let holder = if self.open.len() > 1 { self.open.last().map_or(0, |unit| unit.scopes + 1) } else { 0 };
        let method = self.scopes.len() > holder;
        let own = opening.name.map_or_else(|| "(anonymous)".to_owned(), excerpt);
        let mut name = String::new();
        for part in self.scopes.iter().rev().take(MAX_NAME_PARTS).rev() {
            name.push_str(&excerpt(part));
            name.push('.');
        }
        name.push_str(&own);
        self.measured.push(Measured {
            name,
            span: opening.start..opening.end,
            head_end: opening.own_from.max(opening.start),
            cyclomatic: 1,
            cognitive: 0,
            nloc: 0,
            parameters: opening.parameters,
            nesting: 0,
            halstead: Halstead::default(),
            maintainability: 0.0,
        });
        self.open.push(Unit {
            name: opening.name.filter(|_| !method).unwrap_or_default(),
            slot,
            start_line: self.lines.position(opening.start).line,
            own_from: opening.own_from,
            end: opening.end,
            wrapper: opening.wrapper,
            scopes: self.scopes.len(),
            sequences: self.sequences.len(),
            cyclomatic: 1,
            nloc: 1,
            ..Unit::default()
        });
        self.scopes.push(opening.name.unwrap_or("(anonymous)"));
    }

    fn close(&mut self) {
        if self.open.len() < 2 {
            return;
        }
        let Some(mut unit) = self.open.pop() else { return };
        self.scopes.truncate(unit.scopes);
        self.sequences.truncate(unit.sequences);
        let halstead = Halstead::of(
            distinct(&mut unit.operators),
            distinct(&mut unit.operands),
            size(unit.operators.len()),
            size(unit.operands.len()),
        );
        if let Some(measured) = self.measured.get_mut(unit.slot) {
            measured.cyclomatic = unit.cyclomatic;
            measured.cognitive = unit.cognitive;
            measured.nloc = unit.nloc;
            measured.nesting = unit.deepest;
            measured.halstead = halstead;
            measured.maintainability = maintainability(halstead.volume, unit.cyclomatic, unit.nloc);
        }
        let of_file = self.open.len() == 1;
        let rules = self.rules;
        let Some(outer) = self.unit() else { return };
        if of_file {
            outer.cognitive += unit.cognitive;
            return;
        }
        match rules {
            Rules::Folded => {
                let deeper = if outer.wrapper { 0 } else { outer.level + 1 };
                outer.cognitive += unit.cognitive + unit.structural * deeper;
                outer.structural += unit.structural;
            }
            Rules::Separate => {
                if let Some(file) = self.open.first_mut() {
                    file.cognitive += unit.cognitive;
                }
            }
        }
    }

    fn enter(&mut self, construct: Construct) {
        let Some(unit) = self.unit() else { return };
        if construct != Construct::Try {
            unit.cognitive += 1 + unit.level;
            unit.structural += 1;
        }
        if nests(construct) {
            unit.depth += 1;
            unit.deepest = unit.deepest.max(unit.depth);
        }
    }

    fn logical(&mut self, operator: LogicalOperator) {
        let counts = self.rules == Rules::Folded || operator == LogicalOperator::And;
        let Some(sequence) = self.sequences.last_mut() else { return };
        let changed = sequence.replace(operator) != Some(operator);
        if let Some(unit) = self.unit().filter(|_| counts && changed) {
            unit.cognitive += 1;
        }
    }

    fn call(&mut self, name: &str) {
        if let Some(unit) = self.unit().filter(|unit| !unit.recursive && unit.name == name && !name.is_empty()) {
            unit.recursive = true;
            unit.cognitive += 1;
        }
    }

    fn token(&mut self, token: Token) {
        self.count_lines(token);
        let Some(text) = self.lines.text().get(token.start..token.end) else { return };
        let operator = token.class == TokenClass::Operator;
        let at = usize::from(!operator);
        let next = size(self.ids.len());
        let id = *self.ids.entry((operator, text)).or_insert(next);
        let [operators, operands] = &mut self.counts;
        *(if operator { operators } else { operands }) += 1;
        if let Some(distinct) = self.distinct.get_mut(at).filter(|_| id == next) {
            *distinct += 1;
        }
        // The first unit is the file, whose tokens are counted above.
        let holder = self.open.iter_mut().skip(1).rev().find(|unit| (unit.own_from..unit.end).contains(&token.start));
        if let Some(unit) = holder {
            if operator { unit.operators.push(id) } else { unit.operands.push(id) }
        }
    }

    // A line counts for the innermost function that holds its first token, a function's first line for both it and the
    // code around it.
    fn count_lines(&mut self, token: Token) {
        let bytes = self.lines.text().as_bytes();
        self.line += newlines(bytes, self.scanned..token.start);
        let first = self.line;
        self.line += newlines(bytes, token.start..token.end);
        self.scanned = self.scanned.max(token.end);
        if token.class == TokenClass::Documentation {
            return;
        }
        let opens = u32::from(first > self.counted_line);
        let more = self.line.saturating_sub(first.max(self.counted_line));
        self.counted_line = self.counted_line.max(self.line);
        self.nloc += opens + more;
        if opens > 0
            && let Some(unit) = self.open.iter_mut().rev().find(|unit| unit.start_line < first)
        {
            unit.nloc += opens;
        }
        if more > 0
            && let Some(unit) = self.open.iter_mut().rev().find(|unit| unit.own_from <= token.start)
        {
            unit.nloc += more;
        }
    }
}

// Longest chain of container names before a function's own.
const MAX_NAME_PARTS: usize = 3;

impl<'a> Listener<'a> for Meter<'a> {
    fn on(&mut self, event: Event<'a>) {
        match event {
            Event::Open(opening) => self.open(&opening),
            Event::Close => self.close(),
            Event::EnterScope(name) => self.scopes.push(name),
            Event::LeaveScope => {
                self.scopes.pop();
            }
            Event::Enter(construct) => self.enter(construct),
            Event::BeginSequence => self.sequences.push(None),
            Event::EndSequence => {
                self.sequences.pop();
            }
            Event::Logical(operator) => self.logical(operator),
            Event::Call(name) => self.call(name),
            Event::Token(token) => self.token(token),
            Event::Decision | Event::Break | Event::Deepen | Event::Undeepen | Event::Leave(_) => {
                let Some(unit) = self.unit() else { return };
                match event {
                    Event::Decision => unit.cyclomatic += 1,
                    Event::Break => unit.cognitive += 1,
                    Event::Deepen => unit.level += 1,
                    Event::Undeepen => unit.level = unit.level.saturating_sub(1),
                    Event::Leave(construct) if nests(construct) => unit.depth = unit.depth.saturating_sub(1),
                    _ => {}
                }
            }
        }
    }
}

const fn nests(construct: Construct) -> bool {
    match construct {
        Construct::If | Construct::Loop | Construct::Switch | Construct::Try => true,
        Construct::Catch | Construct::Comprehension | Construct::Ternary => false,
    }
}

fn newlines(bytes: &[u8], range: Range<usize>) -> u32 {
    let lines = bytes.get(range).unwrap_or_default().split(|byte| *byte == b'\n').count();
    size(lines.saturating_sub(1))
}

fn distinct(ids: &mut [u32]) -> u32 {
    ids.sort_unstable();
    let changes = ids.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count();
    size(changes + usize::from(!ids.is_empty()))
}

// Every text is far below 4 GiB.
fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

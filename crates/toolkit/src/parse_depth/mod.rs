//! How deep a text recurses in a parser of JavaScript or TypeScript, bounded from above in one pass before parsing.
//!
//! Reads the text as the parser would, as tokens: strings, templates, comments, regular expressions and JSX are told from code, so
//! that nothing hides in them and nothing in them counts. Counts open brackets, and what recurses without them: prefix operators,
//! assignments, arrows, conditionals, `else if`, statements without braces, decorators, type arguments, JSX. A count starts anew
//! only where the parser has returned for sure. Where a sign can be read in two ways, everything behind it counts and nothing
//! starts anew: so it may refuse a text that a parser would take, never the other way round.

mod elements;
#[cfg(test)]
mod tests;
mod tokens;
mod words;

use crate::limits::MAX_NESTING_DEPTH;
use words::{
    BEGINNING_WORDS, CONTINUING_WORDS, DEEPENING_WORDS, HEAVY_WORDS, OPERATOR_WORDS, STATEMENT_WORDS, TYPE_WORDS,
    VISITED_WORDS,
};

/// Deepest recursion handed to a parser, brackets and chains together. oxc fails near 500 on workerd's stack.
pub const MAX_PARSE_DEPTH: usize = 400;

/// Most links of chains open at once in a text whose syntax tree is visited, and which is as deep as its chains of operators are
/// long. oxc on workerd's stack fails between 1 000 and 2 000 links of its heaviest chains (`else if`, arrows), which count twice.
pub const MAX_CHAIN_LINKS: usize = 1_000;

/// How many times a parser may double what it reads. What may be type arguments, or the types of parameters, it reads as such and
/// then as a comparison or a bracket, and an expression in them once more for each that is around it.
pub const MAX_DOUBLINGS: usize = 8;

/// Which language a text is parsed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// JavaScript, with or without JSX.
    JavaScript,
    /// TypeScript, where `<` never begins an element.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

impl Dialect {
    /// The dialect of a source with or without types and JSX; in JavaScript, JSX is looked for in any case.
    pub const fn of(has_types: bool, has_elements: bool) -> Self {
        match (has_types, has_elements) {
            (false, _) => Self::JavaScript,
            (true, false) => Self::TypeScript,
            (true, true) => Self::Tsx,
        }
    }

    const fn has_types(self) -> bool {
        !matches!(self, Self::JavaScript)
    }

    const fn has_elements(self) -> bool {
        !matches!(self, Self::TypeScript)
    }
}

/// What recurses over a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// The parser: up to [`MAX_PARSE_DEPTH`].
    Parser,
    /// Visitors of the syntax tree too, which descend along chains of operators, members and calls: up to [`MAX_CHAIN_LINKS`].
    Visitors,
    /// The same, up to a limit of its own.
    Chains(usize),
}

/// The byte at which a text recurses too deeply to be parsed, if it does.
pub fn recursion_exceeded(text: &str, dialect: Dialect, walk: Walk) -> Option<usize> {
    let mut scan = Scan {
        text,
        bytes: text.as_bytes(),
        at: 0,
        dialect,
        weights: Weights::of(walk),
        frames: vec![Frame::new(Kind::Text, 0)],
        brackets: 0,
        total: 0,
        before: Before::Start,
        last: Last::Other,
        head: Head::None,
        opens_module: false,
        line_broken: true,
        state: State::Sure,
        trials: TRIALS,
        doubtful: 0,
        loose: 0,
        sign: 0,
    };
    while let Some(byte) = scan.peek(0) {
        let start = scan.at;
        scan.step(byte);
        if scan.state == State::Dead {
            if !scan.dialect.has_types() {
                // The parser ends here.
                return None;
            }
            scan.doubt();
        }
        if scan.is_too_deep() {
            return Some(start);
        }
        debug_assert!(scan.at > start, "each step reads something");
    }
    None
}

// Deepest type arguments of an element's name that are read.
const TYPE_ARGUMENTS: usize = 8;

// How often, and how far, what may be type parameters or an element is read as the latter, to see whether it can be.
const TRIALS: usize = 64;
const TRIAL_BYTES: usize = 2_048;

/// What each thing adds to the depth.
#[derive(Clone, Copy)]
struct Weights {
    limit: usize,
    bracket: usize,
    // A statement in a statement; a function or a class in an expression.
    heavy: usize,
    arrow: usize,
    // One type inside another's arguments.
    angle: usize,
    element: usize,
    // What only visitors descend along is counted.
    visited: bool,
}

impl Weights {
    const fn of(walk: Walk) -> Self {
        match walk {
            Walk::Parser => {
                Self { limit: MAX_PARSE_DEPTH, bracket: 1, heavy: 1, arrow: 1, angle: 1, element: 1, visited: false }
            }
            Walk::Visitors => Self::of(Walk::Chains(MAX_CHAIN_LINKS)),
            Walk::Chains(limit) => Self { limit, bracket: 2, heavy: 2, arrow: 2, angle: 4, element: 3, visited: true },
        }
    }
}

/// What stands before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing of the statement.
    Start,
    /// Something that an operand must follow.
    Operator,
    /// The end of an operand.
    Operand,
    /// A name, or a word that belongs to what follows.
    Modifier,
    /// A brace that closes a block or an operand.
    Brace,
    /// A `>` that may close type arguments.
    Angle,
    /// Any of these.
    Unknown,
}

/// The token before, as far as [`Before`] does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A word; whether it may begin a statement.
    Word(bool),
    /// A word before the braces of a block.
    BlockWord,
    /// A word before the operand that it takes.
    OperandWord,
    Dot,
    At,
    Arrow,
    Colon,
    Semicolon,
    CloseBrace,
    /// The bracket of what a statement follows, or a block.
    Head,
    /// Any other closing bracket.
    Closed,
    Other,
}

/// What a round bracket belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    None,
    // `if`, `while`, `for`, `with`
    Statement,
    // `switch`, `catch`
    Block,
}

/// What the end of a brace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Block,
    Operand,
    Unknown,
}

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Round(Head),
    Square,
    Curly(End),
    /// `${` in a template.
    Template,
    /// `{` in JSX.
    Embedded,
    /// The tag that opens an element.
    Tag,
    /// What stands between the tags of an element.
    Children,
}

/// How sure the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Sure,
    /// From here on a sign may be anything.
    Unsure,
    /// An element holds a sign that no parser takes there.
    Dead,
}

/// How far a decorator is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decorator {
    None,
    /// A dotted name, perhaps called.
    Name,
    /// Any expression.
    Expression,
}

/// What stands inside one open bracket or element.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about what is open")]
struct Frame {
    kind: Kind,
    // What the bracket itself adds.
    own: usize,
    // Statements in statements.
    statements: usize,
    // Links of chains within the statement.
    links: usize,
    // What open `<` of type arguments add, or of what may be such.
    angles: usize,
    // A round bracket that calls nothing: parameters of a type, perhaps, so that what is destructured is read ahead.
    groups: bool,
    // A colon stands in this round bracket: a type behind it, if these are an arrow's parameters.
    annotates: bool,
    // Type arguments and parameters' types, or what may be such, around a type that this bracket may stand in.
    typed: usize,
    // Of those, how many are around an expression in it.
    doubtful: usize,
    // Of which precedences binary operators wait for their right side: one bit each.
    pending: u16,
    // A `do` waits for its `while`.
    doing: bool,
    // A dotted name after `namespace`.
    dotted: bool,
    decorator: Decorator,
}

impl Frame {
    const fn new(kind: Kind, own: usize) -> Self {
        Self {
            kind,
            own,
            statements: 0,
            links: 0,
            angles: 0,
            groups: false,
            annotates: false,
            typed: 0,
            doubtful: 0,
            pending: 0,
            doing: false,
            dotted: false,
            decorator: Decorator::None,
        }
    }

    const fn expression(&self) -> usize {
        self.links + self.angles + self.pending.count_ones() as usize
    }
}

// The token that begins.
#[derive(Clone, Copy)]
enum Next<'a> {
    Word(&'a str),
    // `@`, or the `#` of a private name.
    Member,
    Round,
    Dot,
    Other,
}

/// Precedences of binary operators, as bits.
mod precedence {
    pub(super) const COALESCE: u16 = 1;
    pub(super) const OR: u16 = 1 << 1;
    pub(super) const AND: u16 = 1 << 2;
    pub(super) const BIT_OR: u16 = 1 << 3;
    pub(super) const BIT_XOR: u16 = 1 << 4;
    pub(super) const BIT_AND: u16 = 1 << 5;
    pub(super) const EQUALITY: u16 = 1 << 6;
    pub(super) const RELATION: u16 = 1 << 7;
    pub(super) const SHIFT: u16 = 1 << 8;
    pub(super) const SUM: u16 = 1 << 9;
    pub(super) const PRODUCT: u16 = 1 << 10;
}

#[derive(Clone)]
struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    dialect: Dialect,
    weights: Weights,
    // What is open, the innermost last; the first is the text itself.
    frames: Vec<Frame>,
    brackets: usize,
    // The sum of what the frames hold.
    total: usize,
    before: Before,
    last: Last,
    // What a round bracket here would belong to.
    head: Head,
    // The last word was `namespace` or `module`.
    opens_module: bool,
    line_broken: bool,
    state: State,
    // How many times more something may be read in two ways.
    trials: usize,
    // The sum of what the frames hold of type arguments around expressions.
    doubtful: usize,
    // Where nothing is told from anything else, what may be type arguments and has no expression yet.
    loose: usize,
    // There, the last sign, or none behind a word.
    sign: u8,
}

impl<'a> Scan<'a> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn follows(&self, sign: &str) -> bool {
        self.rest().starts_with(sign.as_bytes())
    }

    fn kind(&self) -> Kind {
        self.frames.last().map_or(Kind::Text, |frame| frame.kind)
    }

    // Changes the innermost frame, keeping the sum.
    fn change(&mut self, change: impl FnOnce(&mut Frame)) {
        let Some(frame) = self.frames.last_mut() else { return };
        let before = frame.statements + frame.expression();
        change(frame);
        self.total = self.total + frame.statements + frame.expression() - before;
    }

    fn link(&mut self, links: usize) {
        self.change(|frame| frame.links += links);
    }

    // What a visitor descends along, but no parser.
    fn visit(&mut self) {
        self.link(usize::from(self.weights.visited));
    }

    fn push(&mut self, kind: Kind) {
        let own = if kind == Kind::Tag { self.weights.element } else { self.weights.bracket };
        let around = self.kind();
        let calls = self.before == Before::Operand && !self.line_broken;
        let typed = self.typed(kind, calls);
        let groups = kind == Kind::Round(Head::None) && !calls;
        // Behind a colon and in type arguments a square bracket is a tuple, else the name of a member, which may be anything.
        let names = kind == Kind::Square
            && matches!(around, Kind::Curly(_))
            && self.last != Last::Colon
            && self.frames.last().is_some_and(|frame| frame.angles == 0)
            && !self.names_a_key();
        self.brackets += usize::from(kind != Kind::Tag);
        self.total += own;
        self.frames.push(Frame { groups, typed, ..Frame::new(kind, own) });
        if names {
            self.find_expression();
        }
        self.head = Head::None;
        self.before = Before::Operator;
        self.last = Last::Other;
        self.line_broken = false;
    }

    // How many types a bracket that begins here may stand in.
    fn typed(&self, kind: Kind, calls: bool) -> usize {
        let Some(around) = self.frames.last() else { return 0 };
        let destructures = match kind {
            Kind::Curly(_) | Kind::Square => usize::from(around.groups),
            Kind::Round(_) | Kind::Template => 0,
            Kind::Text | Kind::Embedded | Kind::Tag | Kind::Children => return around.typed,
        };
        if calls {
            return around.typed;
        }
        around.typed + destructures + around.angles / self.weights.angle + usize::from(around.annotates)
    }

    // Whether a name and a sign of types alone stand behind a square bracket: `[key: string]`, `[key in Keys]`.
    fn names_a_key(&self) -> bool {
        let name = self.behind_space(self.at);
        let end = name + self.word_length(name);
        let sign = self.bytes.get(self.behind_space(end)..).unwrap_or_default();
        end > name
            && (sign.starts_with(b":") || (sign.starts_with(b"in") && !sign.get(2).copied().is_some_and(is_word)))
    }

    // An expression begins in what may be a type.
    fn find_expression(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            let found = doublings(std::mem::take(&mut frame.typed));
            frame.doubtful += found;
            self.doubtful += found;
        }
    }

    fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.doubtful -= frame.doubtful;
            self.total -= frame.own + frame.statements + frame.expression();
            self.brackets -= usize::from(!matches!(frame.kind, Kind::Tag | Kind::Children));
        }
    }

    fn end_statement(&mut self) {
        self.change(|frame| {
            let Frame { kind, own, typed, doubtful, .. } = *frame;
            *frame = Frame { typed, doubtful, ..Frame::new(kind, own) };
        });
    }

    fn end_expression(&mut self) {
        self.change(|frame| {
            frame.links = 0;
            frame.pending = 0;
        });
    }

    // From here on, nothing is told from anything else.
    fn doubt(&mut self) {
        if self.state != State::Unsure {
            self.loose = self.frames.last().map_or(0, |frame| frame.typed + frame.angles / self.weights.angle);
        }
        self.state = State::Unsure;
    }

    fn step(&mut self, byte: u8) {
        if self.state == State::Unsure {
            self.anything(byte);
            return;
        }
        match self.kind() {
            Kind::Tag => self.tag(byte),
            Kind::Children => self.children(),
            Kind::Text | Kind::Round(_) | Kind::Square | Kind::Curly(_) | Kind::Template | Kind::Embedded => {
                self.code(byte);
            }
        }
        if self.state == State::Unsure {
            // The doubtful sign itself counts too, and whatever it is, the scan goes on behind it.
            self.link(1);
            self.at += 1;
        }
    }

    // Counts what may deepen, whatever it stands in.
    fn anything(&mut self, byte: u8) {
        if is_word(byte) {
            let length = self.rest().iter().take_while(|byte| is_word(**byte)).count();
            let word = self.text.get(self.at..self.at + length).unwrap_or_default();
            self.link(self.weight(word));
            self.sign = 0;
            self.at += length;
            return;
        }
        self.anything_typed(byte);
        self.at += 1;
        if matches!(byte, b'(' | b'[' | b'{') {
            // These have a limit of their own.
            self.link(self.weights.limit / MAX_NESTING_DEPTH);
        } else if byte == b'<' {
            self.link(self.weights.element.max(self.weights.angle));
        } else if byte.is_ascii_punctuation()
            && !matches!(byte, b')' | b']' | b'}' | b',' | b';' | b'"' | b'\'' | b'\\')
        {
            self.link(1);
        }
    }

    // Counts what may be an expression in type arguments, which never end here.
    fn anything_typed(&mut self, byte: u8) {
        let behind = self.peek(1);
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied();
        let assigns =
            byte == b'=' && !matches!(behind, Some(b'=' | b'>')) && !matches!(before, Some(b'=' | b'!' | b'<' | b'>'));
        let opens = matches!(byte, b'{' | b'[') && matches!(self.sign, b'(' | b':' | b'/');
        if !byte.is_ascii_whitespace() {
            self.sign = byte;
        }
        if opens || byte == b'<' && self.dialect.has_types() {
            self.loose += 1;
        } else if byte == b'[' || assigns {
            self.doubtful += doublings(std::mem::take(&mut self.loose));
        }
    }

    // How much deeper a word makes what follows it.
    fn weight(&self, word: &str) -> usize {
        if STATEMENT_WORDS.contains(&word) || HEAVY_WORDS.contains(&word) {
            self.weights.heavy
        } else {
            usize::from(DEEPENING_WORDS.contains(&word) || (self.weights.visited && VISITED_WORDS.contains(&word)))
        }
    }

    // Whether statement or decorator end before the token that begins here.
    fn begin(&mut self, next: Next<'_>) {
        let word = if let Next::Word(word) = next { Some(word) } else { None };
        let Some(frame) = self.frames.last() else { return };
        let doing = frame.doing && word == Some("while");
        let decorator = frame.decorator;
        let fresh = match (self.last, word, next) {
            (Last::Semicolon, Some("else" | "catch" | "finally"), _) => false,
            (Last::Semicolon, _, _) => !doing,
            _ if decorator != Decorator::None || !matches!(frame.kind, Kind::Text | Kind::Curly(_)) => false,
            (_, Some("while"), _) if self.last == Last::CloseBrace || self.ends_line() => !doing,
            (Last::CloseBrace, Some(word), _) => !CONTINUING_WORDS.contains(&word),
            (Last::CloseBrace, None, Next::Member) => true,
            (_, Some(word), _) if self.before == Before::Angle => self.line_broken && BEGINNING_WORDS.contains(&word),
            // Parameters of a type whose arrow is missing.
            (Last::Closed, Some(word), _) if self.dialect.has_types() && TYPE_WORDS.contains(&word) => false,
            (_, Some(word), _) => self.ends_line() && !CONTINUING_WORDS.contains(&word),
            (_, None, Next::Member) => self.ends_line(),
            _ => false,
        };
        if fresh {
            self.end_statement();
        }
        let last = self.last;
        self.change(|frame| {
            frame.dotted &= matches!(next, Next::Word(_) | Next::Dot);
            frame.decorator = match (frame.decorator, next) {
                (Decorator::None, _) => Decorator::None,
                (Decorator::Expression, _) => Decorator::Expression,
                (Decorator::Name, Next::Dot | Next::Round) => Decorator::Name,
                (Decorator::Name, Next::Word(word)) if matches!(last, Last::At | Last::Dot) => {
                    if last == Last::At && OPERATOR_WORDS.contains(&word) {
                        Decorator::Expression
                    } else {
                        Decorator::Name
                    }
                }
                // What is decorated.
                (Decorator::Name, Next::Word(_)) => Decorator::None,
                (Decorator::Name, Next::Member) if last != Last::At => Decorator::None,
                (Decorator::Name, Next::Member | Next::Other) => Decorator::Expression,
            };
        });
    }

    fn ends_line(&self) -> bool {
        self.line_broken && self.before == Before::Operand
    }

    fn set(&mut self, before: Before, last: Last) {
        self.before = before;
        self.last = last;
        self.head = Head::None;
        self.opens_module = false;
        self.line_broken = false;
    }

    // Takes a sign that says no more than what may stand behind it.
    fn take(&mut self, length: usize, before: Before) {
        self.at += length;
        self.set(before, Last::Other);
    }
}

// How often what is read once more for each of so many is doubled, at most.
fn doublings(readings: usize) -> usize {
    readings.checked_ilog2().map_or(0, |double| double as usize + 1)
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

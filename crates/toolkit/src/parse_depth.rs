//! How deep a text recurses in a parser of JavaScript or TypeScript, bounded from above in one pass before parsing.
//!
//! Reads the text as the parser would, as tokens: strings, templates, comments, regular expressions and JSX are told from code, so
//! that nothing hides in them and nothing in them counts. Counts open brackets, and what recurses without them: prefix operators,
//! assignments, arrows, conditionals, `else if`, statements without braces, decorators, type arguments, JSX. A count starts anew
//! only where the parser has returned for sure. Where a sign can be read in two ways, everything behind it counts and nothing
//! starts anew: so it may refuse a text that a parser would take, never the other way round.

use crate::limits::MAX_NESTING_DEPTH;

/// Deepest recursion handed to a parser, brackets and chains together. oxc fails near 500 on workerd's stack.
pub const MAX_PARSE_DEPTH: usize = 400;

/// Most links of chains open at once in a text whose syntax tree is visited, and which is as deep as its chains of operators are
/// long. oxc on workerd's stack fails between 1 000 and 2 000 links of its heaviest chains (`else if`, arrows), which count twice.
pub const MAX_CHAIN_LINKS: usize = 1_000;

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

/// Words whose statement holds the next one.
const STATEMENT_WORDS: [&str; 8] = ["if", "else", "for", "while", "do", "with", "try", "switch"];

/// Words after which an expression or a type goes on several calls deeper.
const HEAVY_WORDS: [&str; 9] =
    ["asserts", "class", "extends", "function", "infer", "is", "keyof", "readonly", "unique"];

/// Words after which it goes on one deeper.
const DEEPENING_WORDS: [&str; 8] = ["await", "delete", "module", "namespace", "new", "typeof", "void", "yield"];

/// Words that a syntax tree is deeper by, besides.
const VISITED_WORDS: [&str; 10] =
    ["as", "async", "default", "export", "in", "instanceof", "of", "return", "satisfies", "throw"];

/// Reserved words that an operand, a name or a bracket must follow.
const OPERATOR_WORDS: [&str; 28] = [
    "case",
    "catch",
    "class",
    "const",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "return",
    "switch",
    "throw",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
];

/// Words that are operators or names.
const DOUBTFUL_WORDS: [&str; 3] = ["await", "of", "yield"];

/// Words that may be names, but also stand before what they belong to, on the next line too.
const MODIFIER_WORDS: [&str; 31] = [
    "abstract",
    "accessor",
    "as",
    "asserts",
    "async",
    "declare",
    "from",
    "get",
    "global",
    "implements",
    "infer",
    "interface",
    "is",
    "keyof",
    "let",
    "module",
    "namespace",
    "out",
    "override",
    "private",
    "protected",
    "public",
    "readonly",
    "require",
    "satisfies",
    "set",
    "static",
    "type",
    "unique",
    "using",
    "assert",
];

/// Words that go on with what stands before them.
const CONTINUING_WORDS: [&str; 15] = [
    "as",
    "assert",
    "catch",
    "else",
    "extends",
    "finally",
    "from",
    "implements",
    "in",
    "instanceof",
    "is",
    "of",
    "satisfies",
    "while",
    "with",
];

/// Words that a type goes on behind.
const TYPE_WORDS: [&str; 8] = ["abstract", "asserts", "infer", "keyof", "new", "readonly", "typeof", "unique"];

/// Words that only ever begin a statement.
const BEGINNING_WORDS: [&str; 13] = [
    "break", "continue", "debugger", "export", "for", "if", "return", "switch", "throw", "try", "var", "case",
    "default",
];

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
        self.brackets += usize::from(kind != Kind::Tag);
        self.total += own;
        self.frames.push(Frame::new(kind, own));
        self.head = Head::None;
        self.before = Before::Operator;
        self.last = Last::Other;
        self.line_broken = false;
    }

    fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.total -= frame.own + frame.statements + frame.expression();
            self.brackets -= usize::from(!matches!(frame.kind, Kind::Tag | Kind::Children));
        }
    }

    fn end_statement(&mut self) {
        self.change(|frame| *frame = Frame::new(frame.kind, frame.own));
    }

    fn end_expression(&mut self) {
        self.change(|frame| {
            frame.links = 0;
            frame.pending = 0;
        });
    }

    // From here on, nothing is told from anything else.
    fn doubt(&mut self) {
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
            self.at += length;
            return;
        }
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

    fn code(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | 0x0b | 0x0c => self.at += 1,
            b'\n' | b'\r' => {
                self.line_broken = true;
                self.at += 1;
            }
            b'/' => self.slash(),
            b'"' | b'\'' => self.string(byte),
            b'`' => {
                self.begin(Next::Other);
                self.postfix();
                self.template();
            }
            b'0'..=b'9' => self.number(),
            b'\\' => self.doubt(),
            b'#' if self.at == 0 && self.follows("#!") => self.skip_line(),
            b'#' if self.follows("#!") => self.doubt(),
            b'#' => self.private_name(),
            _ if is_word(byte) => self.word(),
            0x80.. => self.character(),
            b'(' | b'[' | b'{' => self.open(byte),
            b')' | b']' | b'}' => self.close(byte),
            _ => self.sign(byte),
        }
    }

    // A link of what a visitor descends along, where an operand stands before.
    fn postfix(&mut self) {
        if !matches!(self.before, Before::Operator | Before::Start) {
            self.visit();
        }
    }

    // Letters beyond ASCII are read with words; what else there is, is space.
    fn character(&mut self) {
        let next = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        match next {
            Some('\u{2028}' | '\u{2029}') => self.line_broken = true,
            Some(letter) if letter.is_alphanumeric() => return self.word(),
            _ => {}
        }
        self.at += next.map_or(1, char::len_utf8);
    }

    fn word_length(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        rest.find(|c: char| {
            !(c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii() && c.is_alphanumeric())
        })
        .unwrap_or(rest.len())
    }

    fn private_name(&mut self) {
        self.begin(Next::Member);
        self.at += 1;
        self.at += self.word_length(self.at);
        self.set(Before::Operand, Last::Word(false));
    }

    fn word(&mut self) {
        let start = self.at;
        let end = start + self.word_length(start);
        let word = self.text.get(start..end).unwrap_or_default();
        let behind = self.bytes.get(end).copied();
        if behind == Some(b'\\') || end == start {
            return self.doubt();
        }
        // A name after a dot, and a key before a colon, are no keywords.
        let member = self.last == Last::Dot;
        let key = behind == Some(b':');
        let is_boundary = matches!(self.before, Before::Start | Before::Brace)
            || self.line_broken
            || matches!(
                self.last,
                Last::Head | Last::Closed | Last::CloseBrace | Last::Colon | Last::BlockWord | Last::Semicolon
            );
        self.begin(if member { Next::Word("") } else { Next::Word(word) });
        let was_head = self.head;
        let declares_module = self.opens_module && !self.line_broken;
        self.at = end;
        if member || key && word != "default" {
            return self.set(Before::Operand, Last::Word(is_boundary && !member));
        }
        let weight = self.weight(word);
        if STATEMENT_WORDS.contains(&word) {
            self.change(|frame| frame.statements += weight);
            if word == "do" {
                self.change(|frame| frame.doing = true);
            }
        } else if word == "case" || word == "default" && self.colon_follows() {
            if matches!(self.kind(), Kind::Curly(_)) {
                self.end_statement();
            }
        } else {
            self.link(weight);
        }
        if declares_module {
            self.change(|frame| frame.dotted = true);
        }
        let before = if OPERATOR_WORDS.contains(&word) {
            Before::Operator
        } else if DOUBTFUL_WORDS.contains(&word) {
            Before::Unknown
        } else if MODIFIER_WORDS.contains(&word) {
            Before::Modifier
        } else {
            Before::Operand
        };
        let last = match word {
            "else" | "do" | "try" | "finally" => Last::BlockWord,
            "return" | "typeof" | "void" | "delete" | "in" | "instanceof" | "throw" | "case" | "default" => {
                Last::OperandWord
            }
            "catch" => Last::BlockWord,
            _ => Last::Word(is_boundary),
        };
        self.set(before, last);
        self.opens_module = matches!(word, "namespace" | "module");
        self.head = match word {
            "if" | "for" | "while" | "with" => Head::Statement,
            "switch" | "catch" => Head::Block,
            "await" => was_head,
            _ => Head::None,
        };
    }

    fn colon_follows(&self) -> bool {
        self.rest().iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
    }

    fn number(&mut self) {
        self.begin(Next::Other);
        let start = self.at;
        let is_decimal = !matches!(self.peek(1), Some(b'x' | b'X' | b'b' | b'B' | b'o' | b'O'));
        let mut has_dot = self.peek(0) == Some(b'.');
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            let signed = matches!(byte, b'+' | b'-')
                && is_decimal
                && self.at > start
                && matches!(self.bytes.get(self.at - 1), Some(b'e' | b'E'));
            let dot = byte == b'.' && is_decimal && !has_dot;
            has_dot |= dot || signed;
            if !(byte.is_ascii_alphanumeric() || byte == b'_' || signed || dot) {
                break;
            }
            self.at += 1;
        }
        self.set(Before::Operand, Last::Other);
    }

    fn skip_line(&mut self) {
        while let Some(byte) = self.peek(0) {
            let breaks = matches!(byte, b'\n' | b'\r') || self.follows("\u{2028}") || self.follows("\u{2029}");
            if breaks {
                break;
            }
            self.at += 1;
        }
    }

    // A comment, if one begins here.
    fn comment(&mut self) -> bool {
        if self.follows("//") {
            self.skip_line();
            return true;
        }
        if !self.follows("/*") {
            return false;
        }
        let inside = self.rest().get(2..).unwrap_or_default();
        let Some(length) = inside.windows(2).position(|pair| pair == b"*/") else {
            self.doubt();
            return true;
        };
        let inside = self.text.get(self.at + 2..self.at + 2 + length).unwrap_or_default();
        self.line_broken |= inside.contains(['\n', '\r', '\u{2028}', '\u{2029}']);
        self.at += length + 4;
        true
    }

    fn string(&mut self, quote: u8) {
        self.begin(Next::Other);
        let mut length = 1;
        loop {
            match self.peek(length) {
                Some(b'\\') if self.peek(length + 1) == Some(b'\r') && self.peek(length + 2) == Some(b'\n') => {
                    length += 3;
                }
                Some(b'\\') => length += 2,
                Some(byte) if byte == quote => break,
                Some(b'\n' | b'\r') | None => return self.doubt(),
                Some(_) => length += 1,
            }
        }
        self.take(length + 1, Before::Operand);
    }

    // From a backquote, or from the brace that ends a `${`, to the next of either.
    fn template(&mut self) {
        let mut length = 1;
        loop {
            match (self.peek(length), self.peek(length + 1)) {
                (Some(b'\\'), _) => length += 2,
                (Some(b'`'), _) => return self.take(length + 1, Before::Operand),
                (Some(b'$'), Some(b'{')) => {
                    self.at += length + 2;
                    return self.push(Kind::Template);
                }
                (Some(_), _) => length += 1,
                (None, _) => return self.doubt(),
            }
        }
    }

    fn slash(&mut self) {
        if self.comment() {
            return;
        }
        self.begin(Next::Other);
        match self.before {
            Before::Operator | Before::Start => return self.regular_expression(),
            Before::Operand | Before::Modifier if !self.line_broken => {}
            // A division, or a regular expression, which would end on this line.
            _ => {
                let line = self.rest().iter().skip(1).take_while(|byte| !matches!(byte, b'\n' | b'\r'));
                if line.into_iter().any(|byte| *byte == b'/') {
                    return self.doubt();
                }
            }
        }
        if self.peek(1) == Some(b'=') {
            self.assignment(2);
        } else {
            self.binary(1, precedence::PRODUCT);
        }
    }

    fn regular_expression(&mut self) {
        let mut length = 1;
        let mut in_class = false;
        loop {
            match self.peek(length) {
                None | Some(b'\n' | b'\r') => return self.doubt(),
                Some(b'\\') => length += 2,
                Some(b'/') if !in_class => break,
                Some(byte) => {
                    in_class = byte == b'[' || (in_class && byte != b']');
                    length += 1;
                }
            }
        }
        length += 1;
        while self.peek(length).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')) {
            length += 1;
        }
        self.take(length, Before::Operand);
    }

    fn open(&mut self, byte: u8) {
        let (before, last, head) = (self.before, self.last, self.head);
        self.begin(if byte == b'(' { Next::Round } else { Next::Other });
        let kind = match byte {
            b'(' => {
                self.postfix();
                if matches!(last, Last::Word(_)) && before == Before::Operand {
                    // No type: what `<` there is compares.
                    self.change(|frame| frame.angles = 0);
                }
                Kind::Round(head)
            }
            b'[' => {
                self.postfix();
                Kind::Square
            }
            _ => Kind::Curly(match (before, last) {
                (_, Last::Head | Last::BlockWord) => End::Block,
                (Before::Start, _) if matches!(self.kind(), Kind::Text | Kind::Curly(_)) => End::Block,
                (_, Last::OperandWord) => End::Operand,
                (Before::Operator, Last::Other) => End::Operand,
                _ => End::Unknown,
            }),
        };
        self.at += 1;
        self.push(kind);
        if byte == b'{' {
            self.before = Before::Start;
        }
    }

    fn close(&mut self, byte: u8) {
        self.begin(Next::Other);
        match (byte, self.kind()) {
            (b')', Kind::Round(head)) => {
                self.pop();
                self.at += 1;
                match head {
                    Head::None => self.set(Before::Operand, Last::Closed),
                    Head::Statement | Head::Block => self.set(Before::Operator, Last::Head),
                }
            }
            (b']', Kind::Square) => {
                self.pop();
                self.take(1, Before::Operand);
            }
            (b'}', Kind::Curly(end)) => {
                self.pop();
                self.at += 1;
                let before = match end {
                    End::Block => Before::Start,
                    End::Operand => Before::Operand,
                    End::Unknown => Before::Brace,
                };
                self.set(before, Last::CloseBrace);
            }
            (b'}', Kind::Template) => {
                self.pop();
                self.template();
            }
            (b'}', Kind::Embedded) => {
                self.pop();
                self.take(1, Before::Operand);
            }
            _ => self.doubt(),
        }
    }

    fn binary(&mut self, length: usize, precedence: u16) {
        // What may stand in type arguments.
        let in_types =
            precedence::COALESCE | precedence::BIT_OR | precedence::BIT_AND | precedence::RELATION | precedence::SUM;
        let typed = self.dialect.has_types();
        self.change(|frame| {
            // Those that bind tighter have their right side, unless this stands in type arguments.
            frame.pending = if typed { frame.pending } else { frame.pending & (precedence - 1) } | precedence;
            if precedence & in_types == 0 {
                frame.angles = 0;
            }
        });
        self.visit();
        self.take(length, Before::Operator);
    }

    fn assignment(&mut self, length: usize) {
        self.change(|frame| {
            frame.links += 1;
            frame.pending = 0;
        });
        self.take(length, Before::Operator);
    }

    fn prefix(&mut self, length: usize) {
        let sure = matches!(self.before, Before::Operator | Before::Start) || self.ends_line();
        self.link(1);
        self.take(length, if sure { Before::Operator } else { Before::Unknown });
    }

    fn sign(&mut self, byte: u8) {
        match byte {
            b'@' => {
                self.begin(Next::Member);
                self.change(|frame| {
                    frame.links += 1;
                    if frame.decorator == Decorator::None {
                        frame.decorator = Decorator::Name;
                    }
                });
                self.at += 1;
                return self.set(Before::Operator, Last::At);
            }
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => return self.number(),
            b'.' if !self.follows("...") => return self.dot(1),
            b'?' if self.peek(1) == Some(b'.') && !self.peek(2).is_some_and(|next| next.is_ascii_digit()) => {
                return self.dot(2);
            }
            _ => self.begin(Next::Other),
        }
        match (byte, self.peek(1), self.peek(2)) {
            (b';', _, _) => {
                self.at += 1;
                self.set(Before::Start, Last::Semicolon);
            }
            (b',', _, _) => {
                if self.frames.last().is_some_and(|frame| frame.angles == 0) {
                    self.end_expression();
                }
                self.take(1, Before::Operator);
            }
            (b'.', _, _) => {
                self.link(1);
                self.take(3, Before::Operator);
            }
            (b'?', Some(b'?'), Some(b'=')) => self.assignment(3),
            (b'?', Some(b'?'), _) => self.binary(2, precedence::COALESCE),
            (b'?', _, _) => {
                if self.dialect.has_types() && self.before != Before::Operand {
                    // What may be null.
                    self.link(self.weights.angle);
                }
                self.assignment(1);
            }
            (b':', _, _) => self.colon(),
            (b'=', Some(b'>'), _) => {
                let weight = self.weights.arrow;
                self.change(|frame| {
                    frame.links += weight;
                    frame.pending = 0;
                });
                self.at += 2;
                self.set(Before::Operator, Last::Arrow);
            }
            (b'=', Some(b'='), Some(b'=')) => self.binary(3, precedence::EQUALITY),
            (b'=', Some(b'='), _) => self.binary(2, precedence::EQUALITY),
            (b'=', _, _) => self.assignment(1),
            (b'!', Some(b'='), Some(b'=')) => self.binary(3, precedence::EQUALITY),
            (b'!', Some(b'='), _) => self.binary(2, precedence::EQUALITY),
            (b'!', _, _) if self.dialect.has_types() && self.before == Before::Operand && !self.line_broken => {
                self.visit();
                self.take(1, Before::Operand);
            }
            (b'!' | b'~', _, _) => self.prefix(1),
            (b'-', Some(b'-'), Some(b'>')) if self.line_broken => self.doubt(),
            (b'+', Some(b'+'), _) | (b'-', Some(b'-'), _) => {
                if self.before == Before::Operand && !self.line_broken {
                    self.visit();
                    self.take(2, Before::Operand);
                } else {
                    self.prefix(2);
                }
            }
            (b'+' | b'-' | b'*' | b'%' | b'^', Some(b'='), _) => self.assignment(2),
            (b'+' | b'-', _, _) if self.before != Before::Operand => {
                self.binary(1, precedence::SUM);
                self.link(1);
            }
            (b'+' | b'-', _, _) => self.binary(1, precedence::SUM),
            (b'*', Some(b'*'), Some(b'=')) => self.assignment(3),
            (b'*', Some(b'*'), _) => {
                self.link(1);
                self.binary(2, precedence::PRODUCT);
            }
            (b'*', _, _) if self.before != Before::Operand => self.prefix(1),
            (b'*' | b'%', _, _) => self.binary(1, precedence::PRODUCT),
            (b'^', _, _) => self.binary(1, precedence::BIT_XOR),
            (b'&', Some(b'&'), Some(b'=')) | (b'|', Some(b'|'), Some(b'=')) => self.assignment(3),
            (b'&', Some(b'&'), _) => self.binary(2, precedence::AND),
            (b'|', Some(b'|'), _) => self.binary(2, precedence::OR),
            (b'&' | b'|', Some(b'='), _) => self.assignment(2),
            (b'&', _, _) => self.binary(1, precedence::BIT_AND),
            (b'|', _, _) => self.binary(1, precedence::BIT_OR),
            (b'<', _, _) => self.less(),
            (b'>', _, _) => self.greater(),
            _ => self.doubt(),
        }
    }

    fn dot(&mut self, length: usize) {
        self.begin(Next::Dot);
        let dotted = self.frames.last().is_some_and(|frame| frame.dotted);
        self.link(usize::from(dotted || self.weights.visited));
        self.at += length;
        self.set(Before::Operator, Last::Dot);
    }

    fn colon(&mut self) {
        // A label's statement goes on behind a comma.
        let label = self.last == Last::Word(true) && matches!(self.kind(), Kind::Text | Kind::Curly(_));
        self.change(|frame| {
            if label {
                frame.statements += 1;
            } else {
                frame.links += 1;
            }
            frame.pending = 0;
        });
        self.at += 1;
        self.set(Before::Operator, Last::Colon);
    }

    fn less(&mut self) {
        if self.follows("<!--") {
            return self.doubt();
        }
        let operand = matches!(self.before, Before::Operand | Before::Modifier);
        if self.dialect.has_elements() && (!operand || self.line_broken) {
            let after = self.behind_space(self.at + 1);
            let element = self.bytes.get(after).is_some_and(|byte| is_word(*byte) || matches!(byte, b'>' | b'\\'));
            if element {
                let begins = matches!(self.before, Before::Operator | Before::Start);
                let generics = if self.dialect.has_types() { self.generics(after) } else { Some(false) };
                match generics.or_else(|| self.is_no_element(after).then_some(true)) {
                    Some(false) if begins => return self.element(after),
                    Some(true) if begins => {}
                    _ => return self.doubt(),
                }
            }
        }
        match (self.peek(1), self.peek(2)) {
            (Some(b'='), _) => self.binary(2, precedence::RELATION),
            (Some(b'<'), Some(b'=')) if !self.dialect.has_types() => self.assignment(3),
            (Some(b'<'), _) if !self.dialect.has_types() => self.binary(2, precedence::SHIFT),
            _ if !self.dialect.has_types() => self.binary(1, precedence::RELATION),
            _ => {
                // Without an operand before it, what stands behind it takes an operand again.
                self.link(usize::from(!operand));
                // A shift, or two type arguments.
                let signs = if self.peek(1) == Some(b'<') { 2 } else { 1 };
                let weight = signs * self.weights.angle;
                self.change(|frame| frame.angles += weight);
                self.binary(signs, precedence::RELATION);
            }
        }
    }

    fn greater(&mut self) {
        if self.dialect.has_types() && self.frames.last().is_some_and(|frame| frame.angles > 0) {
            let weight = self.weights.angle;
            self.change(|frame| frame.angles -= weight);
            self.visit();
            return self.take(1, Before::Angle);
        }
        let length = self.rest().iter().take_while(|byte| **byte == b'>').count().min(3);
        if self.peek(length) == Some(b'=') && length > 1 {
            return self.assignment(length + 1);
        }
        let precedence = if length == 1 { precedence::RELATION } else { precedence::SHIFT };
        let length = if self.peek(length) == Some(b'=') { length + 1 } else { length };
        self.binary(length, precedence);
    }

    // Where the next token begins.
    fn behind_space(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count();
            if space > 0 {
                at += space;
            } else if rest.starts_with(b"//") {
                at += rest.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count();
            } else if rest.starts_with(b"/*") {
                let inside = rest.get(2..).unwrap_or_default();
                at += inside.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |length| length + 4);
            } else {
                return at;
            }
        }
    }

    // Whether `<` begins type parameters in a language that has elements too, by the word that stands there; if it is sure.
    fn generics(&self, at: usize) -> Option<bool> {
        let end = at + self.word_length(at);
        let word = self.text.get(at..end).unwrap_or_default();
        if word.is_empty() {
            // A fragment, or no parameters at all.
            return match self.bytes.get(self.behind_space(at + 1)) {
                Some(b'(' | b'\\' | 0x80..) => None,
                _ => Some(false),
            };
        }
        if matches!(word, "const" | "in" | "out") {
            return None;
        }
        let third = self.behind_space(end);
        match self.bytes.get(third) {
            Some(b',' | b'=') => Some(true),
            // A type's parameters, or the text of an element.
            Some(b'>') => match self.bytes.get(self.behind_space(third + 1)) {
                Some(b'(' | b'\\' | 0x80..) => None,
                _ => Some(false),
            },
            Some(b'\\' | 0x80..) => None,
            Some(b'e') if self.text.get(third..third + self.word_length(third)) == Some("extends") => {
                match self.bytes.get(self.behind_space(third + "extends".len())) {
                    Some(b'=' | b'>' | b'/') => Some(false),
                    Some(byte) if byte.is_ascii_punctuation() && !matches!(byte, b'\\' | b'_' | b'$') => Some(true),
                    _ => None,
                }
            }
            _ => Some(false),
        }
    }

    // Whether what may be an element soon comes to a sign that cannot stand in one.
    fn is_no_element(&mut self, name: usize) -> bool {
        if self.trials == 0 {
            return false;
        }
        self.trials -= 1;
        let mut trial = Self { trials: 0, ..self.clone() };
        trial.element(name);
        while let Some(byte) = trial.peek(0) {
            if trial.state != State::Sure || trial.at > name + TRIAL_BYTES || trial.is_too_deep() {
                break;
            }
            trial.step(byte);
        }
        trial.state == State::Dead
    }

    fn is_too_deep(&self) -> bool {
        self.total > self.weights.limit || self.brackets > MAX_NESTING_DEPTH
    }

    // An element begins, its name at a byte or nameless.
    fn element(&mut self, name: usize) {
        self.push(Kind::Tag);
        self.at = name;
        while self.peek(0).is_some_and(|byte| is_word(byte) || matches!(byte, b'.' | b'-' | b':')) {
            self.at += 1;
        }
        if !self.dialect.has_types() {
            return;
        }
        // Plain type arguments.
        let from = self.behind_space(self.at);
        if self.bytes.get(from) != Some(&b'<') {
            return;
        }
        let mut open = 0_usize;
        for (at, byte) in self.bytes.iter().enumerate().skip(from) {
            match byte {
                b'<' => open += 1,
                b'>' => open -= 1,
                b'.' | b',' | b'|' | b'&' | b'[' | b']' | b' ' | b'\n' => {}
                _ if is_word(*byte) => {}
                _ => break,
            }
            if open == 0 {
                self.at = at + 1;
                return;
            }
            if open > TYPE_ARGUMENTS {
                break;
            }
        }
        self.doubt();
    }

    fn tag(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b'-' | b':' | b'.' => self.at += 1,
            b'=' => {
                let value = self.bytes.get(self.behind_space(self.at + 1));
                if !matches!(value, Some(b'"' | b'\'' | b'{' | b'<')) {
                    self.state = State::Dead;
                }
                self.at += 1;
            }
            b'"' | b'\'' => match self.rest().iter().skip(1).position(|next| *next == byte) {
                Some(length) => self.at += length + 2,
                None => self.doubt(),
            },
            b'{' => {
                self.at += 1;
                self.push(Kind::Embedded);
            }
            b'/' if self.peek(1) == Some(b'>') => {
                self.at += 2;
                self.end_element();
            }
            b'/' => {
                if !self.comment() {
                    self.doubt();
                }
            }
            b'>' => {
                self.at += 1;
                if let Some(frame) = self.frames.last_mut() {
                    frame.kind = Kind::Children;
                }
            }
            // An element as the value of an attribute.
            b'<' if self.at > 0 && self.bytes.get(self.at - 1) == Some(&b'=') => {
                let after = self.behind_space(self.at + 1);
                if self.bytes.get(after).is_some_and(|byte| is_word(*byte) || *byte == b'>') {
                    self.element(after);
                } else {
                    self.doubt();
                }
            }
            b'<' if !self.dialect.has_types() && self.is_behind_word() => {
                self.state = State::Dead;
                self.at += 1;
            }
            _ if is_word(byte) => self.at += self.word_length(self.at).max(1),
            b',' | b';' | b'(' | b')' | b'[' | b']' | b'|' | b'&' => {
                self.state = State::Dead;
                self.at += 1;
            }
            _ => self.doubt(),
        }
    }

    // Not on a line below: that above may end in a comment.
    fn is_behind_word(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_some_and(|byte| is_word(*byte))
    }

    fn children(&mut self) {
        let length = self.rest().iter().take_while(|byte| !matches!(byte, b'{' | b'<' | b'>' | b'}')).count();
        if length > 0 {
            self.at += length;
            return;
        }
        if matches!(self.peek(0), Some(b'>' | b'}')) {
            self.state = State::Dead;
            self.at += 1;
            return;
        }
        if self.peek(0) == Some(b'{') {
            self.at += 1;
            return self.push(Kind::Embedded);
        }
        let after = self.behind_space(self.at + 1);
        match self.bytes.get(after) {
            Some(b'/') => {
                let inside = self.bytes.get(after + 1..).unwrap_or_default();
                let plain =
                    |byte: &&u8| is_word(**byte) || matches!(**byte, b'.' | b':' | b'-' | b' ' | b'\n' | b'\r' | b'\t');
                let length = inside.iter().take_while(plain).count();
                if inside.get(length) != Some(&b'>') {
                    return self.doubt();
                }
                self.at = after + length + 2;
                self.end_element();
            }
            Some(byte) if is_word(*byte) || *byte == b'>' => self.element(after),
            _ => self.doubt(),
        }
    }

    fn end_element(&mut self) {
        self.pop();
        self.set(Before::Operand, Last::Other);
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECTS: [Dialect; 3] = [Dialect::JavaScript, Dialect::TypeScript, Dialect::Tsx];

    fn parsed(text: &str, dialect: Dialect) -> bool {
        recursion_exceeded(text, dialect, Walk::Parser).is_none()
    }

    fn visited(text: &str, dialect: Dialect) -> bool {
        recursion_exceeded(text, dialect, Walk::Visitors).is_none()
    }

    fn start(text: &str) -> String {
        text.chars().take(24).collect()
    }

    #[test]
    fn limits_hold_at_their_edges() {
        for (walk, links) in [(Walk::Parser, MAX_PARSE_DEPTH), (Walk::Visitors, MAX_CHAIN_LINKS)] {
            for dialect in DIALECTS {
                assert_eq!(recursion_exceeded(&"!".repeat(links), dialect, walk), None);
                assert_eq!(recursion_exceeded(&"!".repeat(links + 1), dialect, walk), Some(links));
                assert_eq!(recursion_exceeded(&"(".repeat(MAX_NESTING_DEPTH), dialect, walk), None);
                assert_eq!(
                    recursion_exceeded(&"(".repeat(MAX_NESTING_DEPTH + 1), dialect, walk),
                    Some(MAX_NESTING_DEPTH)
                );
            }
        }
        let arrows = MAX_CHAIN_LINKS / 2;
        assert!(visited(&"a=>".repeat(arrows), Dialect::JavaScript));
        assert!(!visited(&"a=>".repeat(arrows + 1), Dialect::JavaScript));
        assert!(!visited(&"if(a){b}else ".repeat(arrows), Dialect::JavaScript));
    }

    #[test]
    fn hostile_depth_is_refused_before_parsing() {
        for piece in [
            "(",
            "!",
            "a=",
            "a=>",
            "a=>\n",
            "a?b:",
            "if(a)",
            "if(a)\n",
            "if(a){}else ",
            "for(;;)",
            "typeof ",
            "typeof\n",
            "- ",
            "a:",
            "a**",
            "new ",
            "a?.[",
            "`${",
            "{a:",
            "[",
            "async a=>",
            "do ",
            "with(a)",
            "class extends ",
            "yield ",
            "await ",
            "++",
            "--",
            "~",
            "a ?? (b || (c && (d | (",
            "for(a of b)",
            "while(a)",
            "a+=",
            "a??=",
            "yield*",
        ] {
            for dialect in DIALECTS {
                let text = piece.repeat(3_000);
                assert!(!parsed(&text, dialect) && !visited(&text, dialect), "{piece}");
            }
        }
        let many = 3_000;
        for text in [
            format!("type A = {}1", "keyof ".repeat(many)),
            format!("type A = {}", "B<".repeat(many)),
            format!("type A = {}", "B extends C ? D : ".repeat(many)),
            format!("namespace a{}{{}}", ".a".repeat(many)),
            format!("let a = {}b", "<a>".repeat(many)),
        ] {
            assert!(!parsed(&text, Dialect::TypeScript), "{}", start(&text));
        }
        for text in ["<a>", "<a b=", "<a>{", "<>", "<a b={", "<a.b>", "<a><b/>"] {
            assert!(
                !parsed(&text.repeat(many), Dialect::JavaScript) && !parsed(&text.repeat(many), Dialect::Tsx),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_hides_behind_what_starts_nothing_anew() {
        for piece in [
            "(\")\",",
            "(')',",
            "[\"]\",",
            "['],'",
            "(/*)*/",
            "(//)\n",
            "{/*}*/",
            "a ? ';' : ",
            "a ? /;/ : ",
            "a ? `;` : ",
            "a ? `\nb` : ",
            "@/*;*/",
            "!/*;*/",
            "typeof//x\n",
            "typeof /* a\n b */ ",
            "@@@@",
            "@ @ @",
            "@/**/@",
            "if(a);else if(a);else ",
            "if(a){}else if(a){}else ",
            "if(a)\nb\nelse ",
            "if(a)b,c;else ",
            "@a\n@b\n!",
            "[a,get <<module ",
            "!@a\nclass{a=",
            "!@class{}\nclass{a=",
            "!!!function\nb(){",
            "if(a)b,function(){",
            "a:b,function(){",
            "do ;while(a)do ",
            "a=b>\nc?",
        ] {
            for dialect in DIALECTS {
                let text = piece.repeat(3_000);
                assert!(!parsed(&text, dialect) && !visited(&text, dialect), "{piece}");
            }
        }
        for piece in ["<a b= //c\n", "<a>;", "<a>,\n", "<a>'", "<a b='/>'>", "<a>{/*}*/"] {
            for dialect in [Dialect::JavaScript, Dialect::Tsx] {
                assert!(!parsed(&piece.repeat(3_000), dialect), "{piece}");
            }
        }
        for (before, piece) in [
            ("let a: ", "A<b,"),
            ("", "<T,>()=>"),
            ("type A = ", "<T, U>(a) => "),
            ("let a: ", "()=><>"),
            ("let a: ", "(a,)\nasserts a is "),
            ("", "[a,get <<module "),
            ("x = ", "<T extends {a, b}>() => "),
        ] {
            let text = format!("{before}{}", piece.repeat(3_000));
            assert!(!parsed(&text, Dialect::TypeScript) && !parsed(&text, Dialect::Tsx), "{piece}");
        }
        // What only visitors recurse over.
        for piece in ["a/", "a+", "a.", "a().", "a&&", "a<", "a`b`", "a as ", "''+"] {
            assert!(!visited(&piece.repeat(3_000), Dialect::TypeScript), "{piece}");
        }
        for (first, piece) in [("a", "/a"), ("a", "()"), ("a", "[0]"), ("a", "!"), ("a", "``"), ("'x'", " + 'x'")] {
            assert!(!visited(&format!("{first}{}", piece.repeat(3_000)), Dialect::TypeScript), "{piece}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_counts_in_both() {
        let many = "!".repeat(3_000);
        for text in [
            format!("a = b\n/'/; {many} '"),
            format!("if (a) /\"/; {many} \""),
            format!("a = '\n{many}'"),
            format!("`${{ {many} }}`"),
            format!("a = /[/*]/; {many} */"),
            format!("function a() {{}} /'/; {many} '"),
            format!("yield /'/; {many} '"),
            format!("<!-- '\n{many} '"),
            format!("a\n--> '\n{many} '"),
            format!("\\u0061 = '{many}'"),
        ] {
            for dialect in DIALECTS {
                assert!(!parsed(&text, dialect), "{}", start(&text));
            }
        }
        assert!(!parsed(&format!("a = '' {many} ''"), Dialect::JavaScript));
        for text in ["x = <b>(' {", "x = <a extends b>(' {", "let a\n<b>' {"] {
            assert!(!parsed(&format!("{text}{} ')", "(".repeat(300)), Dialect::Tsx), "{text}");
        }
    }

    #[test]
    fn strings_comments_and_text_do_not_count() {
        let many = 3_000;
        for text in [
            format!("/* {} */ a", "[ ? ".repeat(many)),
            format!("// {}\na", "( ".repeat(many)),
            format!("#!/bin/node {}\na", "( ".repeat(many)),
            format!("a = '{}'", "\\'[".repeat(many)),
            format!("a = /[/'{}]/g", "(".repeat(many)),
            format!("a = `{}${{ b + `${{c}}` }}{}`", "[".repeat(many), "(".repeat(many)),
            format!("a++ /'/ {} '", "!".repeat(many)),
            format!("a = (b) / 2 / '{}'", "(".repeat(many)),
            format!("if (a) {{ b = {{}} / c }} /'/.test('{}')", "(".repeat(many)),
            format!("a = 'data:image/png;base64,{}'", "iVBORw0KGgo+/=".repeat(many)),
            " * Line. Of: prose?\n".repeat(many).replacen(" *", "/**", 1) + "*/",
        ] {
            for dialect in DIALECTS {
                assert!(parsed(&text, dialect) && visited(&text, dialect), "{}", start(&text));
            }
        }
        for text in [
            format!("a = <b c=\"{}\" d='\"'>{}</b>", "(".repeat(many), "( ' ? : ! ".repeat(many)),
            "a(<b c={d}>it's {e}<f.g/></b>)\n".repeat(many),
            "a = <><b {...c}/>d</>;\n".repeat(many),
        ] {
            assert!(parsed(&text, Dialect::JavaScript) && parsed(&text, Dialect::Tsx), "{}", start(&text));
        }
    }

    #[test]
    fn long_but_shallow_code_is_not_refused() {
        let many = 3_000;
        for piece in [
            "a = b\n",
            "const a = (b) => !c;\n",
            "if (a) { b() } else { c() }\n",
            "if (a) { b() }\n",
            "a.b.c.d()\n",
            "a.b(c + d);",
            "a.b = /c/.test(d) ? e / f : g\n",
            "function a() { return !b }",
            "class A extends B { c = 1\n d() {} }\n",
            "x: for (;;) { break x }\n",
            "while (a) { b() }\n",
            "do { a() } while (b)\nc()\n",
            "try { a() } catch (b) { c() } finally { d() }\n",
            "switch (a) { case 1: b(); break; default: c() }\n",
            "let a = `b ${c} d`\n",
            "/**************** ======== ********/\nfunction a() {}\n",
            "  // ------------ a: b ------------\na();\n",
            "export const a = { b: [c, d], e }\n",
        ] {
            for dialect in DIALECTS {
                let text = piece.repeat(many);
                assert!(parsed(&text, dialect) && visited(&text, dialect), "{piece}");
            }
        }
        for piece in [
            "export type A = B<C>\n",
            "export type A<T> = T extends B ? C : D;\n",
            "@A({ b: c })\nexport class D { @E() f: G; @H() i() {} }\n",
            "let a = b as C<D, E>;\n",
            "interface A { b?: C; <T>(d: T): E; delete<T>(f: T): void }\n",
            "export function a<T, U = V>(b: T): b is U { return c<T>(d!) }\n",
            "if (a < b) { c(d < e, f > g) }\n",
        ] {
            let text = piece.repeat(many);
            assert!(parsed(&text, Dialect::TypeScript) && visited(&text, Dialect::TypeScript), "{piece}");
        }
        for piece in [
            "const a = <T,>(b: T) => <c d={b}>e</c>;\n",
            "type A = { b: <T>(c: T) => void };\n",
            "const a = <T extends B>(c: T) => d;\n",
        ] {
            assert!(parsed(&piece.repeat(20), Dialect::Tsx), "{piece}");
        }
        for (before, piece, after) in [
            ("a = [", "b ? c : d,", "]"),
            ("a = [", "{ b: 'c', d: [1, -2, 3e+5], e: !f },\n", "]"),
            ("a = {", "'b/c': (d) => d * 2,\n", "}"),
            ("a(", "function (b) { return b },", ")"),
            ("switch (a) {", "case 'b': ", "}"),
            ("var a = 1", ", b = c || d", ";"),
        ] {
            let text = format!("{before}{}{after}", piece.repeat(many));
            for dialect in DIALECTS {
                assert!(parsed(&text, dialect) && visited(&text, dialect), "{piece}");
            }
        }
        // No parser recurses over these; visitors do.
        for piece in ["'x' + ", "a.b().", "a || "] {
            assert!(parsed(&format!("a = {}1", piece.repeat(many)), Dialect::JavaScript), "{piece}");
            assert!(visited(&format!("a = {}1", piece.repeat(300)), Dialect::JavaScript), "{piece}");
        }
    }

    #[test]
    fn reads_in_linear_time() {
        let bytes = 1 << 18;
        for piece in [
            "/",
            "'",
            "\"",
            "`",
            "<a>",
            "}/",
            "}/a/\n",
            "</**/",
            "a\n/",
            "<a extends b>(",
            "<T>(",
            "/*",
            "\\",
            "a<",
            "#",
            "@",
            "<a<",
        ] {
            for dialect in DIALECTS {
                let begun = std::time::Instant::now();
                let text = piece.repeat(bytes / piece.len());
                let _ = recursion_exceeded(&text, dialect, Walk::Visitors);
                let _ = recursion_exceeded(&format!("'{text}'"), dialect, Walk::Visitors);
                // Far above what it takes, far below what squares would.
                assert!(begun.elapsed().as_secs() < 5, "{piece}");
            }
        }
    }
}

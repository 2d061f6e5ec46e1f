//! Regular expressions as ECMA-262 writes them, which is what JSON Schema's `pattern` means.
//!
//! A small backtracking matcher over characters: look-around and back references work, and a step limit ends what would run
//! away. Unicode property escapes know the general categories that Rust's standard library can tell; what else a pattern
//! holds makes it unsupported, and then nothing is said of a text.

/// Most steps of one match: far beyond what an honest pattern takes on an example, and over in a few milliseconds.
const MAX_STEPS: usize = 200_000;

/// Most instructions of a pattern, counted repetitions written out.
const MAX_INSTRUCTIONS: usize = 20_000;

/// Deepest nesting of groups.
const MAX_GROUP_DEPTH: usize = 60;

/// Why a pattern could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is no regular expression.
    Invalid,
    /// It may be one, but not one this matcher knows.
    Unsupported,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    program: Vec<Inst>,
    slots: usize,
}

#[derive(Debug, Clone)]
enum Inst {
    Char(char),
    Any,
    Set(Set),
    Split(usize, usize),
    Jump(usize),
    Save(usize),
    /// Goes on only if the text moved since the slot was saved.
    Progress(usize),
    Start,
    End,
    Word(bool),
    /// Tries the instructions up to `end`, which is where matching goes on.
    Look {
        negative: bool,
        behind: bool,
        end: usize,
    },
    Back(usize),
    Match,
}

#[derive(Debug, Clone, Default)]
struct Set {
    negative: bool,
    ranges: Vec<(char, char)>,
    classes: Vec<(Class, bool)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Word,
    Space,
    Letter,
    Upper,
    Lower,
    Number,
    Punctuation,
    UnicodeSpace,
}

impl Class {
    fn has(self, c: char) -> bool {
        match self {
            Self::Digit => c.is_ascii_digit(),
            Self::Word => is_word(c),
            Self::Space => c.is_whitespace() || c == '\u{feff}',
            Self::Letter => c.is_alphabetic(),
            Self::Upper => c.is_uppercase(),
            Self::Lower => c.is_lowercase(),
            Self::Number => c.is_numeric(),
            Self::Punctuation => {
                c.is_ascii_punctuation() && !matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~')
            }
            Self::UnicodeSpace => c.is_whitespace(),
        }
    }
}

impl Set {
    fn has(&self, c: char) -> bool {
        let within = self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c))
            || self.classes.iter().any(|(class, positive)| class.has(c) == *positive);
        within != self.negative
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

enum Node {
    Empty,
    One(Inst),
    Concat(Vec<Node>),
    Either(Vec<Node>),
    Group(Option<usize>, Box<Node>),
    Repeat { node: Box<Node>, least: usize, most: Option<usize>, greedy: bool },
    Look { negative: bool, behind: bool, node: Box<Node> },
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Result<Self, Trouble> {
        let chars: Vec<char> = text.chars().collect();
        let mut parser = Parser { chars: &chars, at: 0, groups: 0, names: Vec::new(), depth: 0 };
        let node = parser.either()?;
        if parser.at < chars.len() {
            return Err(Trouble::Invalid);
        }
        let mut builder = Builder { program: Vec::new(), slots: (parser.groups + 1) * 2 };
        builder.emit(&node)?;
        builder.push(Inst::Match)?;
        Ok(Self { program: builder.program, slots: builder.slots })
    }

    /// Whether the pattern is found anywhere in a text; none where that took too many steps.
    #[must_use]
    pub fn is_found_in(&self, text: &str) -> Option<bool> {
        let chars: Vec<char> = text.chars().collect();
        let mut steps = 0;
        for start in 0..=chars.len() {
            let mut slots = vec![usize::MAX; self.slots];
            if self.run(0, &chars, start, &mut slots, &mut steps, None)?.is_some() {
                return Some(true);
            }
        }
        Some(false)
    }

    // The end of a match from `pc` at `at`; the outer none means that the steps ran out. `until` ends a look-around.
    #[expect(clippy::option_option, clippy::too_many_lines, reason = "one loop over a table of instructions")]
    fn run(
        &self,
        pc: usize,
        text: &[char],
        at: usize,
        slots: &mut [usize],
        steps: &mut usize,
        until: Option<usize>,
    ) -> Option<Option<usize>> {
        enum Undo {
            Branch(usize, usize),
            Slot(usize, usize),
        }
        let mut undo: Vec<Undo> = Vec::new();
        let (mut pc, mut at) = (pc, at);
        loop {
            *steps += 1;
            if *steps > MAX_STEPS {
                return None;
            }
            if until == Some(pc) {
                return Some(Some(at));
            }
            let here = text.get(at).copied();
            let go_on = match self.program.get(pc) {
                None | Some(Inst::Match) => return Some(Some(at)),
                Some(Inst::Char(c)) => here == Some(*c) && step(&mut pc, &mut at),
                Some(Inst::Any) => {
                    here.is_some_and(|c| !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')) && step(&mut pc, &mut at)
                }
                Some(Inst::Set(set)) => here.is_some_and(|c| set.has(c)) && step(&mut pc, &mut at),
                Some(Inst::Split(first, second)) => {
                    undo.push(Undo::Branch(*second, at));
                    pc = *first;
                    true
                }
                Some(Inst::Jump(to)) => {
                    pc = *to;
                    true
                }
                Some(Inst::Save(slot)) => {
                    if let Some(value) = slots.get_mut(*slot) {
                        undo.push(Undo::Slot(*slot, *value));
                        *value = at;
                    }
                    pc += 1;
                    true
                }
                Some(Inst::Progress(slot)) => {
                    let moved = slots.get(*slot) != Some(&at);
                    pc += 1;
                    moved
                }
                Some(Inst::Start) => {
                    pc += 1;
                    at == 0
                }
                Some(Inst::End) => {
                    pc += 1;
                    at == text.len()
                }
                Some(Inst::Word(wanted)) => {
                    let before = at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|c| is_word(*c));
                    pc += 1;
                    (before != here.is_some_and(is_word)) == *wanted
                }
                Some(Inst::Look { negative, behind, end }) => {
                    let found = if *behind {
                        let mut found = false;
                        for from in (0..=at).rev() {
                            let mut inner = slots.to_vec();
                            // What ends elsewhere is not what stands before this place.
                            let piece = text.get(..at).unwrap_or_default();
                            if self.run(pc + 1, piece, from, &mut inner, steps, Some(*end))? == Some(at) {
                                found = true;
                                break;
                            }
                        }
                        found
                    } else {
                        let mut inner = slots.to_vec();
                        let found = self.run(pc + 1, text, at, &mut inner, steps, Some(*end))?.is_some();
                        if found && !negative {
                            for (slot, value) in inner.iter().enumerate() {
                                if let Some(old) = slots.get_mut(slot).filter(|old| *old != value) {
                                    undo.push(Undo::Slot(slot, *old));
                                    *old = *value;
                                }
                            }
                        }
                        found
                    };
                    pc = *end;
                    found != *negative
                }
                Some(Inst::Back(group)) => {
                    let (start, end) = (slots.get(group * 2).copied(), slots.get(group * 2 + 1).copied());
                    let piece = start.zip(end).and_then(|(start, end)| text.get(start..end)).unwrap_or_default();
                    pc += 1;
                    let matches = text.get(at..at + piece.len()) == Some(piece);
                    at += if matches { piece.len() } else { 0 };
                    matches
                }
            };
            if go_on {
                continue;
            }
            loop {
                match undo.pop() {
                    None => return Some(None),
                    Some(Undo::Slot(slot, value)) => {
                        if let Some(place) = slots.get_mut(slot) {
                            *place = value;
                        }
                    }
                    Some(Undo::Branch(to, place)) => {
                        (pc, at) = (to, place);
                        break;
                    }
                }
            }
        }
    }
}

const fn step(pc: &mut usize, at: &mut usize) -> bool {
    *pc += 1;
    *at += 1;
    true
}

struct Builder {
    program: Vec<Inst>,
    slots: usize,
}

impl Builder {
    fn push(&mut self, inst: Inst) -> Result<usize, Trouble> {
        if self.program.len() >= MAX_INSTRUCTIONS {
            return Err(Trouble::Unsupported);
        }
        self.program.push(inst);
        Ok(self.program.len() - 1)
    }

    fn set(&mut self, at: usize, inst: Inst) {
        if let Some(place) = self.program.get_mut(at) {
            *place = inst;
        }
    }

    fn emit(&mut self, node: &Node) -> Result<(), Trouble> {
        match node {
            Node::Empty => Ok(()),
            Node::One(inst) => self.push(inst.clone()).map(|_| ()),
            Node::Concat(nodes) => nodes.iter().try_for_each(|node| self.emit(node)),
            Node::Either(nodes) => {
                let mut jumps = Vec::new();
                for (at, node) in nodes.iter().enumerate() {
                    if at + 1 == nodes.len() {
                        self.emit(node)?;
                        continue;
                    }
                    let split = self.push(Inst::Jump(0))?;
                    self.emit(node)?;
                    jumps.push(self.push(Inst::Jump(0))?);
                    self.set(split, Inst::Split(split + 1, self.program.len()));
                }
                let end = self.program.len();
                jumps.into_iter().for_each(|jump| self.set(jump, Inst::Jump(end)));
                Ok(())
            }
            Node::Group(None, node) => self.emit(node),
            Node::Group(Some(group), node) => {
                self.push(Inst::Save(group * 2))?;
                self.emit(node)?;
                self.push(Inst::Save(group * 2 + 1)).map(|_| ())
            }
            Node::Repeat { node, least, most, greedy } => {
                for _ in 0..*least {
                    self.emit(node)?;
                }
                let split = |first: usize, second: usize| {
                    if *greedy { Inst::Split(first, second) } else { Inst::Split(second, first) }
                };
                if let Some(most) = most {
                    let mut splits = Vec::new();
                    for _ in *least..*most {
                        splits.push(self.push(Inst::Jump(0))?);
                        self.emit(node)?;
                    }
                    let end = self.program.len();
                    splits.into_iter().for_each(|at| self.set(at, split(at + 1, end)));
                    return Ok(());
                }
                let slot = self.slots;
                self.slots += 1;
                let start = self.push(Inst::Jump(0))?;
                self.push(Inst::Save(slot))?;
                self.emit(node)?;
                self.push(Inst::Progress(slot))?;
                self.push(Inst::Jump(start))?;
                let end = self.program.len();
                self.set(start, split(start + 1, end));
                Ok(())
            }
            Node::Look { negative, behind, node } => {
                let look = self.push(Inst::Jump(0))?;
                self.emit(node)?;
                // A place of its own, so that no jump inside ends there by chance.
                let end = self.push(Inst::Jump(0))?;
                self.set(end, Inst::Jump(end + 1));
                self.set(look, Inst::Look { negative: *negative, behind: *behind, end });
                Ok(())
            }
        }
    }
}

struct Parser<'t> {
    chars: &'t [char],
    at: usize,
    groups: usize,
    names: Vec<(String, usize)>,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate().all(|(n, c)| self.chars.get(self.at + n) == Some(&c));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn either(&mut self) -> Result<Node, Trouble> {
        self.depth += 1;
        if self.depth > MAX_GROUP_DEPTH {
            return Err(Trouble::Unsupported);
        }
        let mut branches = vec![self.concat()?];
        while self.eat("|") {
            branches.push(self.concat()?);
        }
        self.depth -= 1;
        Ok(if branches.len() == 1 { branches.pop().unwrap_or(Node::Empty) } else { Node::Either(branches) })
    }

    fn concat(&mut self) -> Result<Node, Trouble> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if matches!(c, '|' | ')') {
                break;
            }
            let atom = self.atom()?;
            nodes.push(self.repeat(atom)?);
        }
        Ok(Node::Concat(nodes))
    }

    fn repeat(&mut self, atom: Node) -> Result<Node, Trouble> {
        let (least, most) = match self.peek() {
            Some('{') => match self.counts() {
                Some(counts) => counts,
                None => return Ok(atom),
            },
            Some(sign @ ('*' | '+' | '?')) => {
                self.at += 1;
                (usize::from(sign == '+'), (sign == '?').then_some(1))
            }
            _ => return Ok(atom),
        };
        if most.is_some_and(|most| most < least) {
            return Err(Trouble::Invalid);
        }
        let greedy = !self.eat("?");
        if self.peek().is_some_and(|c| matches!(c, '*' | '+' | '?')) {
            return Err(Trouble::Invalid);
        }
        if least.max(most.unwrap_or(0)) > MAX_INSTRUCTIONS {
            return Err(Trouble::Unsupported);
        }
        Ok(Node::Repeat { node: Box::new(atom), least, most, greedy })
    }

    // `{2}`, `{2,}` or `{2,3}`; anything else is text.
    fn counts(&mut self) -> Option<(usize, Option<usize>)> {
        let rest = self.chars.get(self.at + 1..)?;
        let close = rest.iter().take(20).position(|c| *c == '}')?;
        let inner: String = rest.get(..close)?.iter().collect();
        let number = |text: &str| if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None };
        let counts = match inner.split_once(',') {
            None => number(&inner).map(|n| (n, Some(n))),
            Some((least, "")) => number(least).map(|n| (n, None)),
            Some((least, most)) => number(least).zip(number(most)).map(|(least, most)| (least, Some(most))),
        }?;
        self.at += close + 2;
        Some(counts)
    }

    fn atom(&mut self) -> Result<Node, Trouble> {
        let Some(c) = self.peek() else { return Err(Trouble::Invalid) };
        self.at += 1;
        match c {
            '^' => Ok(Node::One(Inst::Start)),
            '$' => Ok(Node::One(Inst::End)),
            '.' => Ok(Node::One(Inst::Any)),
            '(' => self.group(),
            '[' => self.set(),
            '\\' => self.escape(),
            '*' | '+' | '?' => Err(Trouble::Invalid),
            c => Ok(Node::One(Inst::Char(c))),
        }
    }

    fn group(&mut self) -> Result<Node, Trouble> {
        let look = [("?=", false, false), ("?!", true, false), ("?<=", false, true), ("?<!", true, true)];
        let found = look.into_iter().find(|(mark, ..)| self.eat(mark));
        let node = if let Some((_, negative, behind)) = found {
            Node::Look { negative, behind, node: Box::new(self.either()?) }
        } else if self.eat("?:") {
            Node::Group(None, Box::new(self.either()?))
        } else {
            self.groups += 1;
            let group = self.groups;
            if self.eat("?<") || self.eat("?P<") {
                let rest = self.chars.get(self.at..).unwrap_or_default();
                let close = rest.iter().position(|c| *c == '>').ok_or(Trouble::Invalid)?;
                self.names.push((rest.get(..close).unwrap_or_default().iter().collect(), group));
                self.at += close + 1;
            } else if self.peek() == Some('?') {
                // Flags in a group, such as `(?i)`, are not ECMAScript.
                return Err(Trouble::Invalid);
            }
            Node::Group(Some(group), Box::new(self.either()?))
        };
        if self.eat(")") { Ok(node) } else { Err(Trouble::Invalid) }
    }

    fn set(&mut self) -> Result<Node, Trouble> {
        let mut set = Set { negative: self.eat("^"), ..Set::default() };
        loop {
            let Some(c) = self.peek() else { return Err(Trouble::Invalid) };
            if c == ']' {
                self.at += 1;
                return Ok(Node::One(Inst::Set(set)));
            }
            let Some(low) = self.set_item(&mut set)? else { continue };
            let is_range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
            if !is_range {
                set.ranges.push((low, low));
                continue;
            }
            self.at += 1;
            match self.set_item(&mut set)? {
                Some(high) if low <= high => set.ranges.push((low, high)),
                Some(_) => return Err(Trouble::Invalid),
                None => set.ranges.extend([(low, low), ('-', '-')]),
            }
        }
    }

    // A character of a set; none where it was a class, which is in the set by then.
    fn set_item(&mut self, set: &mut Set) -> Result<Option<char>, Trouble> {
        let Some(c) = self.peek() else { return Err(Trouble::Invalid) };
        self.at += 1;
        if c != '\\' {
            return Ok(Some(c));
        }
        if self.eat("b") {
            return Ok(Some('\u{8}'));
        }
        if self.eat("-") {
            return Ok(Some('-'));
        }
        match self.escaped()? {
            Escaped::Char(c) => Ok(Some(c)),
            Escaped::Class(class, positive) => {
                set.classes.push((class, positive));
                Ok(None)
            }
            Escaped::Digits(digits) => Ok(char::from_u32(digits)),
        }
    }

    fn escape(&mut self) -> Result<Node, Trouble> {
        if self.eat("b") {
            return Ok(Node::One(Inst::Word(true)));
        }
        if self.eat("B") {
            return Ok(Node::One(Inst::Word(false)));
        }
        if self.eat("k<") {
            let rest = self.chars.get(self.at..).unwrap_or_default();
            let close = rest.iter().position(|c| *c == '>').ok_or(Trouble::Invalid)?;
            let name: String = rest.get(..close).unwrap_or_default().iter().collect();
            self.at += close + 1;
            let group = self.names.iter().find(|(known, _)| *known == name).map(|(_, group)| *group);
            return group.map(|group| Node::One(Inst::Back(group))).ok_or(Trouble::Unsupported);
        }
        match self.escaped()? {
            Escaped::Char(c) => Ok(Node::One(Inst::Char(c))),
            Escaped::Class(class, positive) => {
                Ok(Node::One(Inst::Set(Set { classes: vec![(class, positive)], ..Set::default() })))
            }
            Escaped::Digits(0) => Ok(Node::One(Inst::Char('\0'))),
            Escaped::Digits(group) => Ok(Node::One(Inst::Back(group as usize))),
        }
    }

    fn escaped(&mut self) -> Result<Escaped, Trouble> {
        let Some(c) = self.peek() else { return Err(Trouble::Invalid) };
        self.at += 1;
        Ok(match c {
            'd' | 'D' => Escaped::Class(Class::Digit, c == 'd'),
            'w' | 'W' => Escaped::Class(Class::Word, c == 'w'),
            's' | 'S' => Escaped::Class(Class::Space, c == 's'),
            't' => Escaped::Char('\t'),
            'n' => Escaped::Char('\n'),
            'r' => Escaped::Char('\r'),
            'f' => Escaped::Char('\u{c}'),
            'v' => Escaped::Char('\u{b}'),
            'x' => self.code(2).map_or(Escaped::Char('x'), Escaped::Char),
            'u' if self.peek() == Some('{') => {
                let rest = self.chars.get(self.at + 1..).unwrap_or_default();
                let close = rest.iter().position(|c| *c == '}').ok_or(Trouble::Invalid)?;
                let digits: String = rest.get(..close).unwrap_or_default().iter().collect();
                self.at += close + 2;
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                Escaped::Char(code.ok_or(Trouble::Unsupported)?)
            }
            'u' => match self.code(4) {
                Some(c) => Escaped::Char(c),
                None if self.peek().is_some_and(|c| c.is_ascii_hexdigit()) => return Err(Trouble::Unsupported),
                None => Escaped::Char('u'),
            },
            'c' => match self.peek() {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    self.at += 1;
                    Escaped::Char(char::from_u32(letter as u32 % 32).unwrap_or('\0'))
                }
                _ => return Err(Trouble::Invalid),
            },
            'p' | 'P' if self.peek() == Some('{') => {
                let rest = self.chars.get(self.at + 1..).unwrap_or_default();
                let close = rest.iter().position(|c| *c == '}').ok_or(Trouble::Invalid)?;
                let name: String = rest.get(..close).unwrap_or_default().iter().collect();
                self.at += close + 2;
                let class = match name.rsplit('=').next().unwrap_or_default() {
                    "L" | "Letter" | "Alphabetic" | "Alpha" => Class::Letter,
                    "Lu" | "Uppercase_Letter" | "Uppercase" => Class::Upper,
                    "Ll" | "Lowercase_Letter" | "Lowercase" => Class::Lower,
                    "N" | "Number" | "Nd" | "digit" | "Decimal_Number" => Class::Number,
                    "P" | "Punctuation" | "punct" => Class::Punctuation,
                    "White_Space" | "Z" | "Zs" | "Separator" | "Space_Separator" => Class::UnicodeSpace,
                    _ => return Err(Trouble::Unsupported),
                };
                Escaped::Class(class, c == 'p')
            }
            '0'..='9' => {
                let mut value = c as u32 - '0' as u32;
                while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)).filter(|_| value > 0 && value < 100) {
                    value = value * 10 + digit;
                    self.at += 1;
                }
                Escaped::Digits(value)
            }
            c => Escaped::Char(c),
        })
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let text: String = self.chars.get(self.at..self.at + digits)?.iter().collect();
        let code = u32::from_str_radix(&text, 16).ok().filter(|_| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let c = char::from_u32(code)?;
        self.at += digits;
        Some(c)
    }
}

enum Escaped {
    Char(char),
    Class(Class, bool),
    Digits(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Option<bool> {
        Pattern::new(pattern).expect(pattern).is_found_in(text)
    }

    #[test]
    fn matches_as_ecmascript_does() {
        for (pattern, text, expected) in [
            ("^a*$", "aaa", true),
            ("^a*$", "ab", false),
            ("a+", "xxaayy", true),
            ("^(?=.*[A-Z])(?=.*\\d).{4,}$", "abC1", true),
            ("^(?=.*[A-Z])(?=.*\\d).{4,}$", "abc1", false),
            ("^(a|b)\\1$", "aa", true),
            ("^(a|b)\\1$", "ab", false),
            ("^(?!x)\\w+$", "xa", false),
            ("(?<=\\$)\\d+", "a$5", true),
            ("(?<!\\$)\\b\\d+", "$5", false),
            ("^[\\w.-]+@[\\w-]+\\.\\w{2,3}$", "a.b@c.de", true),
            ("^\\u00e9[\\x41-C]{2}$", "\u{e9}AC", true),
            ("^a{2}b{1,}c{0,1}?$", "aabbb", true),
            ("^(a?)*$", "aaa", true),
            ("^(?:a*)*b$", "aaab", true),
            ("\\p{L}ole", "\u{e9}ole", true),
            ("^a{,2}$", "a{,2}", true),
            ("^[^]a]", "x", false),
            ("^(?<y>\\d)-\\k<y>$", "5-5", true),
        ] {
            if pattern == "^[^]a]" {
                // An empty negated set takes anything, and `a]` follows.
                assert_eq!(found(pattern, "xa]"), Some(true));
                continue;
            }
            assert_eq!(found(pattern, text), Some(expected), "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_and_what_runs_away_ends() {
        for pattern in ["(", "a)", "[a", "*", "a**", "[b-a]", "a{3,2}", "(?i)a", "\\"] {
            assert_eq!(Pattern::new(pattern).err(), Some(Trouble::Invalid), "{pattern}");
        }
        assert_eq!(Pattern::new("\\p{Script=Greek}").err(), Some(Trouble::Unsupported));
        assert_eq!(Pattern::new(&"(".repeat(10_000)).err(), Some(Trouble::Unsupported));
        assert_eq!(Pattern::new("(a{1000}){1000}").err(), Some(Trouble::Unsupported));
        assert_eq!(found("^(a+)+$", &format!("{}b", "a".repeat(60))), None);
    }
}

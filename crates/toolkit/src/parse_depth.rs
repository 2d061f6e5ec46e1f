//! How deep a text recurses in a parser of JavaScript or TypeScript, estimated in one pass before parsing.
//!
//! Counts brackets, and what recurses without them: prefix operators, assignments, arrows, conditionals, `else if`,
//! statements without braces, dotted names, type arguments, JSX. First over the whole text; where that is too much, over
//! its code without strings and comments, provided that these can be told from regular expressions for sure. So it may
//! refuse a text that a parser would take, never the other way round.

use crate::limits::nesting_exceeded;

/// Deepest recursion handed to a parser, brackets and chains together. oxc fails near 500 on workerd's stack.
pub const MAX_PARSE_DEPTH: usize = 400;

/// Words after which an expression, a type or a statement goes on one level deeper.
const DEEPENING_WORDS: [&str; 18] = [
    "await",
    "delete",
    "do",
    "else",
    "extends",
    "for",
    "if",
    "infer",
    "keyof",
    "namespace",
    "new",
    "readonly",
    "typeof",
    "unique",
    "void",
    "while",
    "with",
    "yield",
];

/// Characters after which an operand must follow.
const OPERATORS: &[u8] = b"(,=:[!&|?{;~+-*/%^<.";

/// Whether a text may be handed to a recursive parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseDepth {
    /// It may.
    Shallow,
    /// It may, to a parser that takes no JSX: in JSX text, quotes are no strings.
    ShallowWithoutJsx,
    /// It may not: it recurses deeper than [`MAX_PARSE_DEPTH`] at this byte.
    TooDeep(usize),
}

/// Estimates how deep a text recurses in a parser.
pub fn parse_depth(text: &str) -> ParseDepth {
    let Some(at) = too_deep(text) else { return ParseDepth::Shallow };
    match Blanking::of(text) {
        Some(code) if too_deep(&code).is_none() => ParseDepth::ShallowWithoutJsx,
        Some(_) | None => ParseDepth::TooDeep(at),
    }
}

fn too_deep(text: &str) -> Option<usize> {
    if let Some(at) = nesting_exceeded(text) {
        return Some(at);
    }
    let mut scan =
        Scan { levels: vec![Level::default()], total: 0, previous: b';', previous_deepens: false, line_broken: false };
    let mut word: Option<usize> = None;
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..) {
            if word.is_none() {
                scan.start_word();
                word = Some(at);
            }
            scan.previous = byte;
            continue;
        }
        if let Some(start) = word.take() {
            scan.previous_deepens = text.get(start..at).is_some_and(|word| DEEPENING_WORDS.contains(&word));
            if scan.previous_deepens {
                scan.deepen();
            }
        }
        scan.punctuation(byte);
        if scan.total + scan.levels.len() > MAX_PARSE_DEPTH {
            return Some(at);
        }
    }
    None
}

// What stands inside one open bracket.
#[derive(Default)]
struct Level {
    // Levels chained since its last fresh start.
    chained: usize,
    // Whether the bracket belongs to `if`, `for`, `while`.
    heads_statement: bool,
}

struct Scan {
    // The open brackets, the innermost last; the first is the text itself.
    levels: Vec<Level>,
    // The sum of what they chain.
    total: usize,
    previous: u8,
    previous_deepens: bool,
    line_broken: bool,
}

impl Scan {
    fn deepen(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.chained += 1;
            self.total += 1;
        }
    }

    fn start_anew(&mut self) {
        self.total -= self.levels.last_mut().map_or(0, |level| std::mem::take(&mut level.chained));
    }

    // A word at the beginning of a line begins a new statement, unless the line before is unfinished.
    fn start_word(&mut self) {
        let continues = self.previous_deepens || OPERATORS.contains(&self.previous);
        if self.line_broken && !continues {
            self.start_anew();
        }
        self.line_broken = false;
    }

    fn punctuation(&mut self, byte: u8) {
        let mut deepens = false;
        match byte {
            b' ' | b'\t' | b'\r' => return,
            b'\n' => {
                self.line_broken = true;
                return;
            }
            b'(' | b'[' | b'{' => {
                self.levels.push(Level { chained: 0, heads_statement: self.previous_deepens });
            }
            b')' | b']' | b'}' => {
                if let Some(level) = self.levels.pop() {
                    self.total -= level.chained;
                    deepens = level.heads_statement && byte == b')';
                }
                if self.levels.is_empty() {
                    self.levels.push(Level::default());
                }
            }
            b';' | b',' => self.start_anew(),
            // An arrow is as unfinished as the `=` it begins with.
            b'>' if self.previous == b'=' => return,
            b'!' | b'~' | b'?' | b'=' | b':' | b'<' | b'.' => self.deepen(),
            b'+' | b'-' | b'*' if OPERATORS.contains(&self.previous) => self.deepen(),
            _ => {}
        }
        self.previous = byte;
        self.previous_deepens = deepens;
        self.line_broken = false;
    }
}

// Reads a text as tokens, far enough to blank out strings, templates, comments and regular expressions.
struct Blanking<'a> {
    bytes: &'a [u8],
    at: usize,
    code: Vec<u8>,
    // Open braces inside each open `${`.
    templates: Vec<usize>,
}

impl<'a> Blanking<'a> {
    // The text with everything but code blanked; `None` where code cannot be told for sure.
    fn of(text: &'a str) -> Option<String> {
        let mut blanking =
            Self { bytes: text.as_bytes(), at: 0, code: Vec::with_capacity(text.len()), templates: Vec::new() };
        while let Some(byte) = blanking.peek(0) {
            blanking.token(byte)?;
        }
        String::from_utf8(blanking.code).ok()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn keep(&mut self, byte: u8) {
        // Letters beyond ASCII are letters to the count, whichever they are.
        self.code.push(if byte.is_ascii() { byte } else { b'x' });
        self.at += 1;
    }

    fn blank(&mut self, length: usize) {
        for byte in self.bytes.iter().skip(self.at).take(length) {
            self.code.push(if *byte == b'\n' { b'\n' } else { b' ' });
        }
        self.at += length;
    }

    fn token(&mut self, byte: u8) -> Option<()> {
        match (byte, self.peek(1)) {
            (b'/', Some(b'/')) => {
                let length = self.rest().iter().position(|b| *b == b'\n').unwrap_or(self.rest().len());
                self.blank(length);
            }
            (b'/', Some(b'*')) => {
                let end = self.rest().windows(2).skip(2).position(|pair| pair == b"*/")?;
                self.blank(end + 4);
            }
            (b'/', _) => self.slash()?,
            (b'"' | b'\'', _) => self.string(byte)?,
            (b'`', _) => self.template()?,
            (b'{', _) => {
                if let Some(open) = self.templates.last_mut() {
                    *open += 1;
                }
                self.keep(byte);
            }
            (b'}', _) => match self.templates.last_mut() {
                Some(0) => {
                    self.templates.pop();
                    self.template()?;
                }
                Some(open) => {
                    *open -= 1;
                    self.keep(byte);
                }
                None => self.keep(byte),
            },
            _ => self.keep(byte),
        }
        Some(())
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn string(&mut self, quote: u8) -> Option<()> {
        let mut length = 1;
        loop {
            match self.peek(length)? {
                b'\\' => length += 2,
                b'\n' => return None,
                byte if byte == quote => break,
                _ => length += 1,
            }
        }
        // A string is an operand: a quote in its place keeps lines apart.
        self.blank(length);
        self.code.push(b'x');
        self.at += 1;
        Some(())
    }

    // From a backquote, or from the brace that ends a `${`, to the next of either.
    fn template(&mut self) -> Option<()> {
        let mut length = 1;
        loop {
            match (self.peek(length)?, self.peek(length + 1)) {
                (b'\\', _) => length += 2,
                (b'`', _) => {
                    self.blank(length);
                    self.code.push(b'x');
                    self.at += 1;
                    return Some(());
                }
                (b'$', Some(b'{')) => {
                    self.blank(length + 2);
                    self.templates.push(0);
                    return if self.templates.len() > MAX_PARSE_DEPTH { None } else { Some(()) };
                }
                _ => length += 1,
            }
        }
    }

    // A regular expression, or a division. Where both are possible, nothing on the line may look different by it.
    fn slash(&mut self) -> Option<()> {
        let previous = self.code.iter().rev().copied().find(|byte| !byte.is_ascii_whitespace()).unwrap_or(b';');
        if b"(,=:[&|{;~%^<".contains(&previous) {
            return self.regular_expression();
        }
        let line_end = self.rest().iter().position(|byte| *byte == b'\n').unwrap_or(self.rest().len());
        let line = self.rest().get(1..line_end).unwrap_or_default();
        if line.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'/')) {
            return None;
        }
        self.keep(b'/');
        Some(())
    }

    fn regular_expression(&mut self) -> Option<()> {
        let mut length = 1;
        let mut in_class = false;
        loop {
            match self.peek(length)? {
                b'\\' => length += 2,
                b'\n' => return None,
                b'/' if !in_class => break,
                byte => {
                    in_class = byte == b'[' || (in_class && byte != b']');
                    length += 1;
                }
            }
        }
        self.blank(length);
        self.code.push(b'x');
        self.at += 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_depth_is_refused_before_parsing() {
        let many = 100_000;
        for text in [
            "(".repeat(many),
            "!".repeat(many),
            "a=".repeat(many),
            "a=>".repeat(many),
            "a=>\n".repeat(many),
            "a?b:".repeat(many),
            "if(a)".repeat(many),
            "if(a)\n".repeat(many),
            "if(a){}else ".repeat(many),
            "for(;;)".repeat(many),
            "typeof ".repeat(many),
            "typeof\n".repeat(many),
            "- ".repeat(many),
            "a:".repeat(many),
            "a**".repeat(many),
            "<a>".repeat(many),
            "new ".repeat(many),
        ] {
            assert!(too_deep(&text).is_some(), "{}", &text[..8]);
        }
        for text in [
            format!("type A = {}1", "keyof ".repeat(many)),
            format!("type A = {}", "B<".repeat(many)),
            format!("type A = {}", "B extends C ? D : ".repeat(many)),
            format!("namespace a{}{{}}", ".a".repeat(many)),
        ] {
            assert!(too_deep(&text).is_some(), "{}", &text[..20]);
        }
    }

    #[test]
    fn strings_and_comments_do_not_count() {
        let many = 3_000;
        for text in [
            format!("/* {} */ a", "[ ? ".repeat(many)),
            format!("// {}\na", "( ".repeat(many)),
            format!("a = '{}'", "\\'[".repeat(many)),
            format!("a = /[/'{}]/g", "(".repeat(many)),
            format!("a = `{}${{ b + `${{c}}` }}{}`", "[".repeat(many), "(".repeat(many)),
            " * Line. Of: prose?\n".repeat(many).replacen(" *", "/**", 1) + "*/",
        ] {
            assert_eq!(parse_depth(&text), ParseDepth::ShallowWithoutJsx, "{}", &text[..12]);
        }
    }

    #[test]
    fn nothing_hides_in_what_may_be_no_string() {
        let many = 3_000;
        for text in [
            format!("a = b\n/'/; {} '", "!".repeat(many)),
            format!("if (a) /\"/; {} \"", "!".repeat(many)),
            format!("a++ /'/ {} '", "!".repeat(many)),
            format!("a = '\n{}'", "!".repeat(many)),
            format!("`${{ {} }}`", "!".repeat(many)),
            format!("a = /[/*]/; {} */", "!".repeat(many)),
            format!("a = '' {} ''", "!".repeat(many)),
            "`${".repeat(many),
        ] {
            assert!(matches!(parse_depth(&text), ParseDepth::TooDeep(_)), "{}", &text[..12]);
        }
    }

    #[test]
    fn long_but_shallow_code_is_not_refused() {
        let lines = 3_000;
        for text in [
            "a = b\n".repeat(lines),
            "const a = (b) => !c;\n".repeat(lines),
            "if (a) { b() } else { c() }\n".repeat(lines),
            "a.b.c.d()\n".repeat(lines),
            "export type A = B<C>\n".repeat(lines),
            format!("a = {}1", "'x' + ".repeat(lines)),
            format!("a = [{}]", "b ? c : d,".repeat(lines)),
        ] {
            assert_eq!(too_deep(&text), None, "{}", &text[..12]);
        }
    }
}

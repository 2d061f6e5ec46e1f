//! Tells in one linear pass how deep a text of a language that tree-sitter reads nests: brackets, and chains of operators, arrows,
//! members, `else if` and unbraced statements.
//!
//! It knows nothing of strings, and only of comments that begin their line, so it may refuse a text that a parser would take:
//! `walk::parsed` looks again at Python without them. Scripts are read exactly, by `octavo_toolkit::parse_depth`.

// Words that open a chain link: what follows them is parsed inside them.
const HEAVY_WORDS: &[&str] = &["else", "if", "for", "while", "do", "with", "try", "function", "class", "switch"];
const LIGHT_WORDS: &[&str] = &[
    "and",
    "await",
    "or",
    "typeof",
    "void",
    "delete",
    "new",
    "yield",
    "keyof",
    "readonly",
    "unique",
    "infer",
    "extends",
    "in",
    "of",
    "instanceof",
    "as",
    "satisfies",
    "is",
    "asserts",
    "async",
    "return",
    "throw",
    "export",
    "default",
];
// Words behind a closing brace that continue what it closed.
const CONTINUING_WORDS: &[&str] = &["else", "catch", "finally", "while", "in", "of", "instanceof", "as", "satisfies"];

/// How a language parts its statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// By semicolons, commas and closing braces.
    Signs,
    /// By ends of lines too.
    Lines,
    /// By ends of lines too, outside round and square brackets; definitions at the margin stand in no bracket.
    Margin,
    /// By signs and lines that start with `#`.
    Directives,
}

/// The byte offset at which more than `limit` chain links and brackets are open, if they are.
pub fn chain_exceeded(text: &str, layout: Layout, limit: u32) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut levels: Vec<u32> = vec![0];
    // Which open brackets are no braces: inside them an end of line parts nothing.
    let mut inline: Vec<bool> = vec![false];
    let (mut total, mut at) = (0_u32, 0);
    let mut after_brace = false;
    // The last sign of the comment that follows a closing brace.
    let mut in_comment: Option<u8> = None;
    let mut signs = Signs { last: 0, run: 0, comment: comment_at(bytes, 0, layout) };
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        let mut links: u32 = 0;
        signs.take(byte, bytes, at, layout);
        match byte {
            _ if is_word(byte) => {
                while bytes.get(at).is_some_and(|next| is_word(*next)) {
                    at += 1;
                }
                let word = text.get(start..at).unwrap_or_default();
                if after_brace && !CONTINUING_WORDS.contains(&word) {
                    reset(&mut levels, &mut total);
                }
                links = if HEAVY_WORDS.contains(&word) { 2 } else { u32::from(LIGHT_WORDS.contains(&word)) };
            }
            b'(' | b'[' | b'{' => {
                add(&mut levels, &mut total, 1);
                levels.push(0);
                inline.push(byte != b'{');
            }
            b')' | b']' | b'}' => {
                if levels.len() > 1 {
                    total = total.saturating_sub(levels.pop().unwrap_or(0));
                    inline.pop();
                }
            }
            b';' | b',' => reset(&mut levels, &mut total),
            b'=' if bytes.get(at) == Some(&b'>') => {
                at += 1;
                links = 2;
            }
            b'\n' if layout == Layout::Margin && starts_definition(text, at) => {
                levels = vec![0];
                inline = vec![false];
                total = 0;
            }
            b'\n'
                if layout == Layout::Lines
                    || layout == Layout::Margin && inline.last() == Some(&false)
                    || in_comment == Some(b'\n') =>
            {
                if layout == Layout::Lines || layout == Layout::Margin {
                    reset(&mut levels, &mut total);
                }
            }
            // An operator of Python, where it is no decorator's sign.
            b'@' | b'/' if layout == Layout::Margin && !starts_line(bytes, start) => links = 1,
            b'#' | b'@' if after_brace => reset(&mut levels, &mut total),
            b'#' if layout == Layout::Directives && starts_line(bytes, start) => reset(&mut levels, &mut total),
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            // A ruler in a comment is one sign; in code, each two of its signs may be an operator before an operand.
            b'-' | b'+' if signs.run > 1 => links = signs.run % 2,
            b'*' | b'=' | b'-' | b'+' | b'.' | b'|' if start > 0 && bytes.get(start - 1) == Some(&byte) => {}
            b'"' | b'\'' | b'/' | b'\\' | b'#' | b'@' => {}
            _ => links = 1,
        }
        if in_comment == Some(byte) && (byte == b'\n' || bytes.get(at) == Some(&b'/')) {
            in_comment = None;
            after_brace = true;
            if byte != b'\n' {
                at += 1;
                signs.comment = None;
            }
        } else if after_brace && byte == b'/' && matches!(bytes.get(at), Some(b'/' | b'*')) {
            in_comment = Some(if bytes.get(at) == Some(&b'/') { b'\n' } else { b'*' });
            at += 1;
            after_brace = false;
        } else {
            after_brace = byte == b'}';
        }
        add(&mut levels, &mut total, if signs.comment.is_some() { 0 } else { links });
        if total > limit {
            return Some(start);
        }
    }
    None
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn starts_definition(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    ["def ", "class ", "async def ", "@"].iter().any(|word| rest.starts_with(word))
}

fn starts_line(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_none_or(|byte| *byte == b'\n')
}

// What a line begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comment {
    // Up to the end of the line.
    Line,
    // Up to its own end.
    Block,
}

// The last sign, how many of it stand in a row, and the comment that it stands in for sure.
struct Signs {
    last: u8,
    run: u32,
    comment: Option<Comment>,
}

impl Signs {
    fn take(&mut self, byte: u8, bytes: &[u8], next: usize, layout: Layout) {
        self.comment = match byte {
            b'\n' if self.comment != Some(Comment::Block) => comment_at(bytes, next, layout),
            b'`' | b'{' | b'<' | b'"' | b'\'' => None,
            b'/' if self.last == b'*' => None,
            _ => self.comment,
        };
        self.run = if self.last == byte { self.run.saturating_add(1) } else { 1 };
        self.last = byte;
    }
}

// The comment that the line from here on begins with, be it in code or in the text of a template or a string: these go on
// as code only behind a sign that ends it here too.
fn comment_at(bytes: &[u8], at: usize, layout: Layout) -> Option<Comment> {
    let line = bytes.get(at..).unwrap_or_default();
    let blank = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match (line.get(blank), line.get(blank + 1)) {
        (Some(b'/'), Some(b'/')) if layout != Layout::Margin => Some(Comment::Line),
        (Some(b'/'), Some(b'*')) if layout != Layout::Margin => Some(Comment::Block),
        (Some(b'#'), _) if layout == Layout::Margin => Some(Comment::Line),
        _ => None,
    }
}

fn add(levels: &mut [u32], total: &mut u32, links: u32) {
    if let Some(level) = levels.last_mut() {
        *level += links;
        *total += links;
    }
}

fn reset(levels: &mut [u32], total: &mut u32) {
    if let Some(level) = levels.last_mut() {
        *total -= *level;
        *level = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINKS: u32 = 1_000;

    fn exceeded(text: &str, layout: Layout) -> Option<usize> {
        chain_exceeded(text, layout, LINKS)
    }

    #[test]
    fn chain_limit_holds_at_its_edge() {
        let links = LINKS as usize;
        assert_eq!(exceeded(&"!".repeat(links), Layout::Signs), None);
        assert_eq!(exceeded(&"!".repeat(links + 1), Layout::Signs), Some(links));
        assert_eq!(exceeded(&"a=>".repeat(links / 2), Layout::Signs), None);
        assert!(exceeded(&"a=>".repeat(links / 2 + 1), Layout::Signs).is_some());
        assert!(exceeded(&"if(a){b}else ".repeat(links / 2), Layout::Signs).is_some());
    }

    #[test]
    fn rulers_count_where_code_may_be() {
        let links = LINKS as usize;
        for sign in ["--", "++"] {
            assert_eq!(exceeded(&sign.repeat(links), Layout::Signs), None);
            assert!(exceeded(&sign.repeat(links + 1), Layout::Signs).is_some());
        }
        let many = "-".repeat(3 * links);
        for text in [
            format!("a\n{many}b"),
            format!("'//' + {many}b"),
            format!("`\n// ${{{many}b}}`"),
            format!("/*\n// */ {many}b"),
            format!("}}\n/* a */ {many}b"),
            format!("'\\\n// ' + {many}b"),
            format!("/*\n-\n*/ {many}b"),
            format!("`\n/*\n${{{many}b}}`"),
        ] {
            assert!(exceeded(&text, Layout::Signs).is_some(), "{}", &text[..9]);
        }
        assert!(exceeded(&format!("# a = {many}b"), Layout::Directives).is_some());
        assert_eq!(exceeded(&format!("// {many}\na"), Layout::Signs), None);
        assert_eq!(exceeded(&format!("/*\n  +{many}\n  | a |\n{many}\n*/\na"), Layout::Signs), None);
    }

    #[test]
    fn long_sources_are_not_deep() {
        for (piece, layout) in [
            ("if (a) { b() }\n", Layout::Signs),
            ("a.b(c + d);", Layout::Signs),
            ("{a: 1, b: [2]}, ", Layout::Signs),
            ("if a == b: c = -d\n", Layout::Margin),
            ("def a(b):\n    return b == '('\n", Layout::Margin),
            ("const (\n    a = -b\n)\n", Layout::Lines),
            ("#[a(b)]\nimpl A for B {}\n", Layout::Signs),
            ("#define A(x) ((x) << 1)\n", Layout::Directives),
            ("/**************** ======== ********/\nfunction a() {}\n", Layout::Signs),
            ("  // ------------ a: b ------------\na();\n", Layout::Signs),
            ("/*------------*/\na();\n", Layout::Signs),
            ("a(\n# ------------\n)\n", Layout::Margin),
        ] {
            assert_eq!(chain_exceeded(&piece.repeat(5_000), layout, LINKS), None, "{piece}");
        }
    }
}

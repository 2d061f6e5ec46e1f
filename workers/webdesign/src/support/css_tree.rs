//! A stylesheet as a tree of rules, at-rules and declarations with their places, read in one pass without recursion.
//!
//! Owns the block structure of CSS Syntax Module Level 3 and CSS Nesting for tools that look at every construct; `css_rules`
//! is the narrower reader of style rules alone. Preludes and values stay text. Any text gives a tree, with [`Flaw`]s.

use super::css_pieces::{Flaw, Piece, Visit, keep_flaw, walk};
use super::css_tokens::{Kind, Token, Tokens};
use std::ops::Range;

/// Deepest nesting of blocks; what lies deeper is left out, with a flaw. Stylesheets nest five or six deep.
pub const MAX_DEPTH: usize = 200;

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node<'a> {
    /// An at-rule.
    At {
        /// Name, lower case, without its `@`.
        name: String,
        /// Whether it has a block.
        block: bool,
    },
    /// A style rule, or a keyframe.
    Rule,
    /// A declaration.
    Declaration {
        /// The property as written.
        property: &'a str,
        /// Bytes of the value, `!important` left out.
        value: Range<usize>,
        /// Whether it carries `!important`.
        important: bool,
    },
}

/// A node and its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What it is.
    pub node: Node<'a>,
    /// Bytes of the whole node, its block and semicolon included.
    pub span: Range<usize>,
    /// Bytes of a selector, of what follows an at-rule's name, or of a declaration without its semicolon.
    pub prelude: Range<usize>,
    /// The node around it, by its place.
    pub parent: Option<usize>,
    /// How many nodes are around it.
    pub depth: usize,
    /// Whether it stands in `@keyframes`.
    pub in_keyframes: bool,
    /// Whether it stands in a style rule.
    pub in_rule: bool,
    first: Option<usize>,
    last: Option<usize>,
    next: Option<usize>,
}

/// A stylesheet.
#[derive(Debug, Clone, Default)]
pub struct Sheet<'a> {
    /// The text.
    pub text: &'a str,
    /// All nodes in the order of the text.
    pub entries: Vec<Entry<'a>>,
    /// Bytes of the comments.
    pub comments: Vec<Range<usize>>,
    /// What is wrong with its structure, at most [`MAX_FLAWS`](super::css_pieces::MAX_FLAWS).
    pub flaws: Vec<Flaw>,
    /// Statements that are neither: bytes.
    pub strays: Vec<Range<usize>>,
}

impl<'a> Sheet<'a> {
    /// The text of some bytes.
    pub fn slice(&self, span: &Range<usize>) -> &'a str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The children of a node, in order.
    pub fn children(&self, parent: usize) -> impl Iterator<Item = (usize, &Entry<'a>)> + '_ {
        let first = self.entries.get(parent).and_then(|entry| entry.first);
        let next = |at: &usize| self.entries.get(*at).and_then(|entry| entry.next);
        std::iter::successors(first, next).filter_map(|at| Some((at, self.entries.get(at)?)))
    }

    /// The nodes around a node, innermost first.
    pub fn ancestors(&self, at: usize) -> impl Iterator<Item = (usize, &Entry<'a>)> + '_ {
        let parent = |at: usize| self.entries.get(at).and_then(|entry| entry.parent);
        std::iter::successors(parent(at), move |at| parent(*at)).filter_map(|at| Some((at, self.entries.get(at)?)))
    }
}

impl Entry<'_> {
    /// Whether it is an at-rule of this name.
    pub fn is_at(&self, wanted: &str) -> bool {
        matches!(&self.node, Node::At { name, .. } if name == wanted)
    }

    /// Whether it is `@keyframes`, prefixed or not.
    pub fn is_keyframes(&self) -> bool {
        matches!(&self.node, Node::At { name, .. } if name.ends_with("keyframes"))
    }

    /// Whether it is a style rule or a keyframe.
    pub const fn is_rule(&self) -> bool {
        matches!(self.node, Node::Rule)
    }
}

/// Reads a stylesheet.
pub fn read(text: &str) -> Sheet<'_> {
    let mut reader = Reader { sheet: Sheet { text, ..Sheet::default() }, open: Vec::new(), skipped: 0 };
    walk(text, &mut reader);
    reader.sheet
}

struct Reader<'a> {
    sheet: Sheet<'a>,
    open: Vec<usize>,
    // Open blocks that lie too deep.
    skipped: usize,
}

impl<'a> Reader<'a> {
    fn push(&mut self, node: Node<'a>, span: Range<usize>, prelude: Range<usize>) -> usize {
        let at = self.sheet.entries.len();
        let parent = self.open.last().copied();
        let (mut in_keyframes, mut in_rule) = (false, false);
        let mut before = None;
        if let Some(around) = parent.and_then(|parent| self.sheet.entries.get_mut(parent)) {
            in_keyframes = around.in_keyframes || around.is_keyframes();
            in_rule = around.in_rule || around.is_rule();
            around.first.get_or_insert(at);
            before = around.last.replace(at);
        }
        if let Some(before) = before.and_then(|before| self.sheet.entries.get_mut(before)) {
            before.next = Some(at);
        }
        let depth = self.open.len();
        let (first, last, next) = (None, None, None);
        self.sheet.entries.push(Entry { node, span, prelude, parent, depth, in_keyframes, in_rule, first, last, next });
        at
    }
}

impl<'a> Visit<'a> for Reader<'a> {
    fn comment(&mut self, span: Range<usize>) {
        self.sheet.comments.push(span);
    }

    fn flaw(&mut self, what: &'static str, span: Range<usize>) {
        keep_flaw(&mut self.sheet.flaws, what, span);
    }

    fn enter(&mut self, piece: &Piece<'a>, brace: usize) {
        let start = piece.first.map_or(brace, |token| token.start);
        if self.open.len() >= MAX_DEPTH {
            if self.skipped == 0 {
                self.flaw("blocks nest deeper than 200 levels", brace..brace + 1);
            }
            self.skipped += 1;
            return;
        }
        let at = match piece.first {
            Some(token) if token.kind == Kind::AtKeyword => {
                let name = token.name().to_ascii_lowercase();
                self.push(Node::At { name, block: true }, start..brace, after(&token, piece))
            }
            _ => self.push(Node::Rule, start..brace, start..piece.end.max(start)),
        };
        self.open.push(at);
    }

    fn leave(&mut self, brace: &Token<'a>) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match self.open.pop().and_then(|at| self.sheet.entries.get_mut(at)) {
            Some(entry) => entry.span.end = brace.end(),
            None => self.flaw("a closing brace without an opening one", brace.start..brace.end()),
        }
    }

    fn end(&mut self, piece: &Piece<'a>, end: usize) {
        let Some(first) = piece.first.filter(|_| self.skipped == 0) else { return };
        if first.kind == Kind::AtKeyword {
            let name = first.name().to_ascii_lowercase();
            self.push(Node::At { name, block: false }, first.start..end, after(&first, piece));
            return;
        }
        if self.open.is_empty() {
            self.flaw("text that belongs to no rule", first.start..piece.end);
            self.sheet.strays.push(first.start..piece.end);
            return;
        }
        // A sign in front hides a declaration from newer browsers.
        let text = self.sheet.text;
        let written = text.get(first.start..piece.end).unwrap_or_default();
        let hacked = matches!(first.kind, Kind::Symbol('*' | '_' | '+' | '&' | '$' | '/')) || first.kind == Kind::Hash;
        let colon = if piece.is_declaration() {
            piece.second
        } else if hacked {
            Tokens::new(written)
                .find(|token| token.is(':'))
                .map(|token| Token { start: first.start + token.start, ..token })
        } else {
            None
        };
        let Some(colon) = colon else {
            self.sheet.strays.push(first.start..piece.end);
            return;
        };
        let property = text.get(first.start..colon.start).unwrap_or_default();
        let property = property.split("/*").next().unwrap_or_default().trim();
        let important = matches!(piece.last, [Some(mark), Some(word)] if mark.is('!') && word.is_ident("important"));
        let stop = if important { piece.last[0].map_or(piece.end, |mark| mark.start) } else { piece.end };
        let raw = text.get(colon.end()..stop).unwrap_or_default();
        let from = colon.end() + (raw.len() - raw.trim_start().len());
        let value = from..from + raw.trim().len();
        self.push(Node::Declaration { property, value, important }, first.start..end, first.start..piece.end);
    }

    fn close(&mut self) {
        let text = self.sheet.text;
        if let Some(start) = self.open.first().and_then(|at| self.sheet.entries.get(*at)).map(|entry| entry.prelude.end)
        {
            self.flaw("a block that is not closed", start..text.len().min(start + 1));
        }
        for at in std::mem::take(&mut self.open) {
            if let Some(entry) = self.sheet.entries.get_mut(at) {
                entry.span.end = text.len();
            }
        }
    }
}

// What follows an at-rule's name.
fn after(name: &Token<'_>, piece: &Piece<'_>) -> Range<usize> {
    match piece.second {
        Some(second) => second.start..piece.end,
        None => name.end()..name.end(),
    }
}

/// A property without its vendor prefix or the sign of a hack, lower case; custom properties as they are.
pub fn base_name(property: &str) -> String {
    if property.starts_with("--") {
        return property.to_owned();
    }
    match vendor_prefix(property) {
        Some(prefix) => property.get(prefix.len()..).unwrap_or_default().to_ascii_lowercase(),
        None => property.trim_start_matches(['/', '*', '_', '+', '&', '$', '#']).to_ascii_lowercase(),
    }
}

/// The vendor prefix of a name, `-webkit-` for example.
pub fn vendor_prefix(name: &str) -> Option<&str> {
    if !name.starts_with('-') || name.starts_with("--") {
        return None;
    }
    let end = name.get(1..)?.find('-')? + 2;
    name.get(..end).filter(|prefix| prefix.len() > 2 && name.len() > end)
}

/// Splits at top-level commas; spans of the parts without the blanks around them.
pub fn split_commas(text: &str, offset: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut depth, mut from, mut to) = (0_usize, None, 0);
    for token in Tokens::new(text) {
        match token.kind {
            Kind::Symbol(',') if depth == 0 => {
                parts.push(from.take().unwrap_or(token.start)..if to == 0 { token.start } else { to });
                to = 0;
                continue;
            }
            Kind::Function | Kind::Symbol('(' | '[' | '{') => depth += 1,
            Kind::Symbol(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !token.is_blank() {
            from.get_or_insert(token.start);
            to = token.end();
        }
    }
    if let Some(from) = from {
        parts.push(from..to);
    }
    parts.into_iter().map(|part| part.start + offset..part.end.max(part.start) + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Vec<String> {
        let sheet = read(text);
        let show = |entry: &Entry<'_>| match &entry.node {
            Node::At { name, .. } => format!("{}@{name} {}", entry.depth, sheet.slice(&entry.prelude)),
            Node::Rule => format!("{}{}", entry.depth, sheet.slice(&entry.prelude)),
            Node::Declaration { property, value, important } => {
                format!("{}{property}={}{}", entry.depth, sheet.slice(value), if *important { "!" } else { "" })
            }
        };
        sheet.entries.iter().map(show).collect()
    }

    #[test]
    fn reads_every_construct() {
        assert_eq!(outline("@charset 'a';@import url(b);"), ["0@charset 'a'", "0@import url(b)"]);
        assert_eq!(outline("a,b{c:d ! important;*zoom:1;_h:2}"), ["0a,b", "1c=d!", "1*zoom=1", "1_h=2"]);
        assert_eq!(outline("@media x{a{b:c}&:hover{d:e}}"), ["0@media x", "1a", "2b=c", "1&:hover", "2d=e"]);
        assert_eq!(outline("a{--x:{b:c};--y:;d:url(a;b)}"), ["0a", "1--x={b:c}", "1--y=", "1d=url(a;b)"]);
        assert_eq!(outline("a{b:hover{c:d}}"), ["0a", "1b:hover", "2c=d"]);
    }

    #[test]
    fn names_lose_prefixes_and_signs() {
        for (name, base) in
            [("-webkit-Box", "box"), ("--a-b", "--a-b"), ("*zoom", "zoom"), ("COLOR", "color"), ("-a", "-a")]
        {
            assert_eq!(base_name(name), base);
        }
    }

    #[test]
    fn commas_in_brackets_do_not_split() {
        let text = "a , :is(b,c),[d=','] ";
        let parts: Vec<&str> = split_commas(text, 0).into_iter().map(|part| &text[part]).collect();
        assert_eq!(parts, ["a", ":is(b,c)", "[d=',']"]);
    }
}

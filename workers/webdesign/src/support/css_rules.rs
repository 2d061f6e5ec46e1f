//! The rules of a stylesheet with their declarations, read in one pass without recursion.
//!
//! Owns the block structure of CSS Syntax Module Level 3 and CSS Nesting: which declaration stands in which style rule,
//! and whether a condition (`@media`, `@supports`, `@container`) or a nesting stands around it. Values stay text. A text
//! that is no CSS gives no rules and a [`Flaw`], never an error.

use super::css_pieces::{Flaw, Piece, Visit, keep_flaw, walk};
use super::css_tokens::{Kind, Token, Tokens};
use std::ops::Range;

/// One declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration<'a> {
    /// The property: lower case, or as written for a custom property.
    pub property: String,
    /// The value as written, trimmed, without `!important`.
    pub value: &'a str,
    /// The byte span of `value`.
    pub span: Range<usize>,
    /// Whether it carries `!important`.
    pub important: bool,
}

/// The declarations of one style rule that stand directly in one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleRule<'a> {
    /// The selector as written; of nested rules, the innermost.
    pub selector: &'a str,
    /// The byte span of `selector`.
    pub span: Range<usize>,
    /// Whether another style rule is around it.
    pub nested: bool,
    /// Whether it holds under a condition only.
    pub conditional: bool,
    /// Its declarations, in order.
    pub declarations: Vec<Declaration<'a>>,
}

impl<'a> StyleRule<'a> {
    /// The declarations of properties that set the same thing, the one that wins within the rule first.
    pub fn by_precedence(&self, properties: &[&str]) -> Vec<&Declaration<'a>> {
        let matching = self.declarations.iter().rev().filter(|it| properties.contains(&it.property.as_str()));
        let (mut important, plain): (Vec<_>, Vec<_>) = matching.partition(|it| it.important);
        important.extend(plain);
        important
    }
}

/// Reads the style rules of a stylesheet, in the order in which their blocks end, and the flaws of its structure.
pub fn read(text: &str) -> (Vec<StyleRule<'_>>, Vec<Flaw>) {
    let mut reader = Reader { text, open: Vec::new(), rules: Vec::new(), flaws: Vec::new() };
    walk(text, &mut reader);
    (reader.rules, reader.flaws)
}

// At-rules whose blocks hold style rules: of these, the first three only under a condition.
const CONDITIONS: [&str; 4] = ["media", "supports", "container", "starting-style"];
const GROUPS: [&str; 3] = ["layer", "scope", "nest"];

struct Block<'a> {
    rule: Option<StyleRule<'a>>,
    // Whether what it holds matters: false in `@font-face`, `@keyframes` and their like.
    read: bool,
    conditional: bool,
    in_rule: bool,
    start: usize,
}

struct Reader<'a> {
    text: &'a str,
    open: Vec<Block<'a>>,
    rules: Vec<StyleRule<'a>>,
    flaws: Vec<Flaw>,
}

impl<'a> Visit<'a> for Reader<'a> {
    fn flaw(&mut self, what: &'static str, span: Range<usize>) {
        keep_flaw(&mut self.flaws, what, span);
    }

    fn enter(&mut self, piece: &Piece<'a>, start: usize) {
        let around = self.open.last();
        let (read, conditional, in_rule) =
            around.map_or((true, false, false), |block| (block.read, block.conditional, block.in_rule));
        let mut block = Block { rule: None, read, conditional, in_rule, start };
        let prelude = piece.first.map_or(start..start, |token| token.start..piece.end);
        let selector = self.text.get(prelude.clone()).unwrap_or_default();
        match piece.first {
            Some(token) if token.kind == Kind::AtKeyword => {
                let name = token.name().to_ascii_lowercase();
                let theme = name == "theme";
                block.conditional |= CONDITIONS.contains(&name.as_str());
                block.read &= theme || CONDITIONS.contains(&name.as_str()) || GROUPS.contains(&name.as_str());
                // Declarations directly in a nested `@media` belong to the rule around it.
                let rule = around.and_then(|block| block.rule.as_ref());
                block.rule = rule.filter(|_| block.read).map(|rule| StyleRule {
                    selector: rule.selector,
                    span: rule.span.clone(),
                    nested: rule.nested,
                    conditional: block.conditional,
                    declarations: Vec::new(),
                });
                if theme && block.read && block.rule.is_none() {
                    block.rule = Some(StyleRule {
                        selector,
                        span: prelude,
                        nested: false,
                        conditional: block.conditional,
                        declarations: Vec::new(),
                    });
                }
            }
            _ if read => {
                block.in_rule = true;
                block.rule =
                    Some(StyleRule { selector, span: prelude, nested: in_rule, conditional, declarations: Vec::new() });
            }
            _ => {}
        }
        self.open.push(block);
    }

    fn leave(&mut self, brace: &Token<'a>) {
        match self.open.pop() {
            Some(block) => self.rules.extend(block.rule),
            None => self.flaw("a closing brace without an opening one", brace.start..brace.end()),
        }
    }

    fn close(&mut self) {
        if let Some(block) = self.open.first() {
            self.flaw("a block that is not closed", block.start..block.start + 1);
        }
        while let Some(block) = self.open.pop() {
            self.rules.extend(block.rule);
        }
    }

    fn end(&mut self, piece: &Piece<'a>, _end: usize) {
        if !piece.is_declaration() {
            return;
        }
        let (Some(first), Some(colon)) = (piece.first, piece.second) else { return };
        let text = self.text;
        let Some(rule) = self.open.last_mut().and_then(|block| block.rule.as_mut()) else { return };
        let (value, important) = without_important(text.get(colon.end()..piece.end).unwrap_or_default());
        let start = colon.end() + (value.len() - value.trim_start().len());
        let value = value.trim();
        let name = first.name();
        let property = if name.starts_with("--") { name.into_owned() } else { name.to_ascii_lowercase() };
        rule.declarations.push(Declaration { property, value, span: start..start + value.len(), important });
    }
}

fn without_important(value: &str) -> (&str, bool) {
    let mut before = None;
    let mut word = None;
    for token in Tokens::new(value).filter(|token| !token.is_blank()) {
        before = word;
        word = Some(token);
    }
    match (before, word) {
        (Some(mark), Some(word)) if mark.is('!') && word.is_ident("important") => {
            (value.get(..mark.start).unwrap_or(value), true)
        }
        _ => (value, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Vec<String> {
        let (rules, _) = read(text);
        rules
            .iter()
            .map(|rule| {
                let declarations: Vec<String> =
                    rule.declarations.iter().map(|it| format!("{}={}", it.property, it.value)).collect();
                let marks =
                    format!("{}{}", if rule.nested { "&" } else { "" }, if rule.conditional { "?" } else { "" });
                format!("{marks}{}: {}", rule.selector, declarations.join(" "))
            })
            .collect()
    }

    #[test]
    fn reads_rules_nested_and_conditional() {
        assert_eq!(outline("a{color:red;b:c}"), ["a: color=red b=c"]);
        assert_eq!(outline("a { COLOR : Red !important } "), ["a: color=Red"]);
        assert_eq!(outline("@media x{a{b:c}}@layer y{d{e:f}}"), ["?a: b=c", "d: e=f"]);
        assert_eq!(outline("a{b:c;&:hover{d:e}f:g}"), ["&&:hover: d=e", "a: b=c f=g"]);
        assert_eq!(outline("a{b:c;@media x{d:e}}"), ["?a: d=e", "a: b=c"]);
        assert_eq!(outline("@font-face{a:b}@keyframes k{from{c:d}}e{f:g}"), ["e: f=g"]);
        assert_eq!(outline("a{--x:{b:c};d:url(a;b)}"), ["a: --x={b:c} d=url(a;b)"]);
    }

    #[test]
    fn broken_structure_is_a_flaw() {
        let flaws = |text| read(text).1.into_iter().map(|flaw| flaw.what).collect::<Vec<_>>();
        assert_eq!(flaws("a{b:c"), ["a block that is not closed"]);
        assert_eq!(flaws("a{b:c}}"), ["a closing brace without an opening one"]);
        assert_eq!(flaws("a{b:rgb(1;c:d}"), ["a bracket that is not closed", "a block that is not closed"]);
        assert_eq!(flaws("/*a{}"), ["a comment that is not closed"]);
        assert_eq!(flaws("a{b:'c\n'}"), ["a string that a line break cuts off", "a block that is not closed"]);
        assert_eq!(outline("a{b:c"), ["a: b=c"]);
    }

    #[test]
    fn spans_point_at_the_value() {
        let text = "a{ color :\r\n  red  ! important ;}";
        let (rules, _) = read(text);
        let declaration = rules[0].by_precedence(&["color"])[0];
        assert_eq!((&text[declaration.span.clone()], declaration.important), ("red", true));
    }
}

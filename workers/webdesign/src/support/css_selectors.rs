//! The parts of a selector, its specificity and its complexity, read from its text.
//!
//! Owns the cutting of selectors (Selectors Level 4) into simple selectors and combinators, without judging them: what is no
//! selector gives odd parts, never an error. Matching against documents is not done here.

use super::css_tokens::{Kind, Token, Tokens, unescape};
use super::css_tree::{split_commas, vendor_prefix};
use std::ops::Range;

/// Deepest nesting of selectors in selectors that is followed; what lies deeper counts as nothing.
pub const MAX_SELECTOR_DEPTH: usize = 16;

/// A part of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// `a`, `*`, with a namespace in front where one is written.
    Type(String),
    /// `.a`.
    Class(String),
    /// `#a`.
    Id(String),
    /// `[a=b]`.
    Attribute {
        /// The attribute as written.
        name: String,
        /// `=` and its like; empty where only presence is asked.
        operator: String,
        /// The value without quotes, escapes resolved.
        value: String,
        /// Whether case does not count, where a flag says so.
        insensitive: Option<bool>,
    },
    /// `:a` or `:a(b)`.
    PseudoClass(Pseudo),
    /// `::a` or `::a(b)`.
    PseudoElement(Pseudo),
    /// `>`, `+`, `~`, `||` or a space.
    Combinator(&'static str),
    /// `&`.
    Nesting,
}

/// A pseudo-class or pseudo-element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pseudo {
    /// The name as written.
    pub name: String,
    /// What stands in its parentheses, where it has them.
    pub argument: Option<String>,
    /// The selectors in its parentheses, where it takes selectors.
    pub selectors: Vec<Selector>,
    /// Whether it has an `An+B` in front of them.
    pub nth: bool,
}

/// One complex selector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Its parts in order.
    pub parts: Vec<Part>,
    /// Bytes it stands on.
    pub span: Range<usize>,
}

// Pseudo-classes whose arguments are selectors.
const SELECTOR_FUNCTIONS: [&str; 12] = [
    "not",
    "is",
    "where",
    "has",
    "matches",
    "any",
    "-webkit-any",
    "-moz-any",
    "host",
    "host-context",
    "current",
    "slotted",
];
// Those whose selectors are weighed as selectors.
const WEIGHED: [&str; 9] =
    ["nth-child", "where", "not", "is", "has", "nth-last-child", "matches", "-webkit-any", "-moz-any"];
const NTH_FUNCTIONS: [&str; 4] = ["nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"];

/// Reads a selector list; `offset` is where the text stands.
pub fn read_list(text: &str, offset: usize) -> Vec<Selector> {
    list(text, offset, 0)
}

fn list(text: &str, offset: usize, depth: usize) -> Vec<Selector> {
    if depth > MAX_SELECTOR_DEPTH {
        return Vec::new();
    }
    let spans = split_commas(text, 0);
    let read = spans.into_iter().filter(|span| !span.is_empty()).map(|span| {
        let parts = parts(text.get(span.clone()).unwrap_or_default(), depth);
        Selector { parts, span: span.start + offset..span.end + offset }
    });
    read.collect()
}

fn parts(text: &str, depth: usize) -> Vec<Part> {
    let tokens: Vec<Token<'_>> = Tokens::new(text).filter(|token| token.kind != Kind::Comment).collect();
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    // A blank is a combinator only between two compounds.
    let mut blank = false;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if token.kind == Kind::Whitespace {
            blank = true;
            continue;
        }
        let combinator = match token.kind {
            Kind::Symbol('>') => Some(">"),
            Kind::Symbol('+') => Some("+"),
            Kind::Symbol('~') => Some("~"),
            Kind::Symbol('|') if tokens.get(at).is_some_and(|next| next.is('|')) => {
                at += 1;
                Some("||")
            }
            _ => None,
        };
        if let Some(combinator) = combinator {
            parts.push(Part::Combinator(combinator));
            blank = false;
            continue;
        }
        if blank && !matches!(parts.last(), None | Some(Part::Combinator(_))) {
            parts.push(Part::Combinator(" "));
        }
        blank = false;
        match token.kind {
            Kind::Ident | Kind::Symbol('*' | '|') => {
                let mut name = token.name().into_owned();
                // A namespace, or the name behind it.
                while let Some(next) = tokens
                    .get(at)
                    .filter(|next| next.is('|') || (name.ends_with('|') && (next.kind == Kind::Ident || next.is('*'))))
                {
                    name.push_str(&next.name());
                    at += 1;
                }
                parts.push(Part::Type(name));
            }
            // Keyframe selectors.
            Kind::Percentage(_) | Kind::Number(_) | Kind::Dimension(..) => {
                parts.push(Part::Type(token.text.to_owned()));
            }
            Kind::Hash => parts.push(Part::Id(token.name().into_owned())),
            Kind::Symbol('.') => {
                if let Some(name) = tokens.get(at).filter(|next| next.kind == Kind::Ident) {
                    parts.push(Part::Class(name.name().into_owned()));
                    at += 1;
                }
            }
            Kind::Symbol('&') => parts.push(Part::Nesting),
            Kind::Symbol('[') => {
                let end = closing(&tokens, at, '[', ']');
                parts.push(attribute(tokens.get(at..end).unwrap_or_default()));
                at = end + 1;
            }
            Kind::Symbol(':') => {
                let element = tokens.get(at).is_some_and(|next| next.is(':'));
                at += usize::from(element);
                if let Some(name) = tokens.get(at) {
                    at += 1;
                    let mut pseudo =
                        Pseudo { name: name.name().into_owned(), argument: None, selectors: Vec::new(), nth: false };
                    if name.kind == Kind::Function {
                        let end = closing(&tokens, at, '(', ')');
                        let (from, to) = (name.end(), tokens.get(end).map_or(text.len(), |token| token.start));
                        fill(&mut pseudo, text.get(from..to).unwrap_or_default(), depth);
                        at = end + 1;
                    }
                    parts.push(if element { Part::PseudoElement(pseudo) } else { Part::PseudoClass(pseudo) });
                }
            }
            _ => {}
        }
    }
    parts
}

fn fill(pseudo: &mut Pseudo, argument: &str, depth: usize) {
    pseudo.argument = Some(argument.trim().to_owned());
    let name = pseudo.name.to_ascii_lowercase();
    if SELECTOR_FUNCTIONS.contains(&name.as_str()) {
        pseudo.selectors = list(argument, 0, depth + 1);
    } else if NTH_FUNCTIONS.contains(&name.as_str()) {
        pseudo.nth = !argument.trim().is_empty();
        let of = Tokens::new(argument).find(|token| token.is_ident("of"));
        if let Some(rest) = of.and_then(|of| argument.get(of.end()..)) {
            pseudo.selectors = list(rest, 0, depth + 1);
        }
    }
}

// The place of the bracket that closes, or the end.
fn closing(tokens: &[Token<'_>], from: usize, opener: char, closer: char) -> usize {
    let mut depth = 1_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        let opens = token.is(opener) || (opener == '(' && token.kind == Kind::Function);
        if opens {
            depth += 1;
        } else if token.is(closer) {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    tokens.len()
}

fn attribute(tokens: &[Token<'_>]) -> Part {
    let mut solid = tokens.iter().filter(|token| !token.is_blank());
    let (mut name, mut operator, mut value) = (String::new(), String::new(), String::new());
    for token in solid.by_ref() {
        match token.kind {
            Kind::Ident => name.push_str(&token.name()),
            Kind::Symbol('=') => {
                operator.push('=');
                break;
            }
            Kind::Symbol(sign @ ('~' | '|' | '^' | '$' | '*')) => operator.push(sign),
            _ => {}
        }
    }
    if let Some(token) = solid.next() {
        value.push_str(&unescape(token.text.trim_matches(['"', '\''])));
    }
    // How case counts stands behind the value.
    let flag = solid.next().filter(|token| token.kind == Kind::Ident).map(|token| token.text.to_ascii_lowercase());
    let insensitive = match flag.as_deref() {
        Some("i") => Some(true),
        Some("s") => Some(false),
        _ => None,
    };
    if !operator.ends_with('=') {
        name.push_str(&std::mem::take(&mut operator));
    }
    Part::Attribute { name, operator, value, insensitive }
}

/// Ids; classes, attributes and pseudo-classes; types and pseudo-elements (Selectors Level 4, section 17).
pub type Specificity = [u32; 3];

impl Selector {
    /// Its specificity; a nesting `&` counts as nothing, since what it stands for is not known here.
    pub fn specificity(&self) -> Specificity {
        let mut total = [0; 3];
        for part in &self.parts {
            add(&mut total, part.specificity());
        }
        total
    }

    /// How many parts there are to understand, as Project Wallace's analyzer counts them: simple selectors, combinators, values of
    /// attributes, vendor prefixes, arguments; a selector in parentheses counts once for each pair around it.
    pub fn complexity(&self) -> u32 {
        self.weigh().0
    }

    // Its own complexity, and with it that of every selector in its parentheses.
    fn weigh(&self) -> (u32, u32) {
        let (mut own, mut nested) = (0_u32, 0_u32);
        for part in &self.parts {
            let (count, within) = part.weigh();
            own = own.saturating_add(count);
            nested = nested.saturating_add(within);
        }
        (own, own.saturating_add(nested))
    }

    /// Every part, those in parentheses too, in order.
    pub fn all_parts(&self) -> Vec<&Part> {
        let mut found = Vec::new();
        let mut open: Vec<&Part> = self.parts.iter().rev().collect();
        while let Some(part) = open.pop() {
            found.push(part);
            if let Part::PseudoClass(pseudo) | Part::PseudoElement(pseudo) = part {
                open.extend(pseudo.selectors.iter().rev().flat_map(|selector| selector.parts.iter().rev()));
            }
        }
        found
    }
}

fn add(total: &mut Specificity, more: Specificity) {
    for (own, other) in total.iter_mut().zip(more) {
        *own = own.saturating_add(other);
    }
}

impl Part {
    fn specificity(&self) -> Specificity {
        match self {
            Self::Id(_) => [1, 0, 0],
            Self::Class(_) | Self::Attribute { .. } => [0, 1, 0],
            Self::Type(name) => [0, 0, u32::from(name.rsplit('|').next() != Some("*"))],
            Self::Combinator(_) | Self::Nesting => [0, 0, 0],
            Self::PseudoClass(pseudo) => pseudo.class_specificity(),
            Self::PseudoElement(pseudo) => {
                let name = pseudo.name.to_ascii_lowercase();
                let mut total = [
                    0,
                    0,
                    u32::from(!(name.starts_with("view-transition-") && pseudo.argument.as_deref() == Some("*"))),
                ];
                if name == "slotted" {
                    add(&mut total, pseudo.compound());
                }
                total
            }
        }
    }

    // What it counts, and what the selectors in its parentheses count.
    fn weigh(&self) -> (u32, u32) {
        let prefixed = |name: &str| u32::from(vendor_prefix(name).is_some());
        match self {
            Self::Type(name) => (1 + prefixed(name), 0),
            Self::Attribute { operator, .. } => (1 + u32::from(!operator.is_empty()), 0),
            Self::PseudoClass(pseudo) | Self::PseudoElement(pseudo) => {
                let (count, selectors) = pseudo.within();
                ((1 + prefixed(&pseudo.name)).saturating_add(count), selectors)
            }
            Self::Class(_) | Self::Id(_) | Self::Combinator(_) | Self::Nesting => (1, 0),
        }
    }
}

impl Pseudo {
    // What stands in its parentheses counts, and the selectors of it.
    fn within(&self) -> (u32, u32) {
        let Some(argument) = self.argument.as_deref().filter(|argument| !argument.is_empty()) else { return (0, 0) };
        let name = self.name.to_ascii_lowercase();
        if WEIGHED.contains(&name.as_str()) && !self.selectors.is_empty() {
            let all = self.selectors.iter().fold(0_u32, |sum, selector| sum.saturating_add(selector.weigh().1));
            return (all, all);
        }
        if self.nth {
            return (1, 0);
        }
        // Of a list of languages each counts; any other list counts, and what is in it.
        let list = list(argument, 0, MAX_SELECTOR_DEPTH);
        let count = |parts: usize| u32::try_from(parts).unwrap_or(u32::MAX);
        if name == "lang" {
            return (count(list.len()), 0);
        }
        let parts = count(list.iter().map(|selector| selector.parts.len()).sum());
        (parts.saturating_add(1), parts)
    }

    fn most_specific(&self) -> Specificity {
        self.selectors.iter().map(Selector::specificity).max().unwrap_or_default()
    }

    // The first compound of its argument.
    fn compound(&self) -> Specificity {
        let mut total = [0; 3];
        let parts = self.selectors.first().map_or(&[][..], |selector| selector.parts.as_slice());
        for part in parts.iter().take_while(|part| !matches!(part, Part::Combinator(_))) {
            add(&mut total, part.specificity());
        }
        total
    }

    fn class_specificity(&self) -> Specificity {
        match self.name.to_ascii_lowercase().as_str() {
            "where" => [0, 0, 0],
            "is" | "matches" | "not" | "has" | "-moz-any" => self.most_specific(),
            "nth-child" | "nth-last-child" => {
                let mut total = [0, 1, 0];
                add(&mut total, self.most_specific());
                total
            }
            "host" | "host-context" => {
                let mut total = [0, 1, 0];
                add(&mut total, self.compound());
                total
            }
            // Pseudo-elements of CSS 2, which may be written with one colon.
            "after" | "before" | "first-letter" | "first-line" => [0, 0, 1],
            _ => [0, 1, 0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specificities_are_those_of_the_standard() {
        for (text, expected) in [
            ("*", [0, 0, 0]),
            ("li", [0, 0, 1]),
            ("ul ol+li", [0, 0, 3]),
            ("h1 + *[rel=up]", [0, 1, 1]),
            ("li.red.level", [0, 2, 1]),
            ("#x34y", [1, 0, 0]),
            ("#s12:not(foo)", [1, 0, 1]),
            (".foo :is(.bar, #baz)", [1, 1, 0]),
            (":where(#a) b", [0, 0, 1]),
            (":nth-child(2n+1 of li, .item)", [0, 2, 0]),
            ("a::before", [0, 0, 2]),
            ("svg|a", [0, 0, 1]),
        ] {
            assert_eq!(read_list(text, 0)[0].specificity(), expected, "{text}");
        }
    }

    #[test]
    fn complexity_counts_what_is_to_be_understood() {
        for (text, expected) in [
            ("a", 1),
            ("a b", 3),
            ("a[b=c]", 3),
            ("a:not(b, c)", 4),
            ("::-webkit-x", 2),
            ("a:nth-child(2)", 3),
            (".a>.b", 3),
            (":lang(en, fr)", 3),
            ("::part(a b)", 5),
            (":host(.a)", 3),
            (":not(.a:is(.b))", 5),
            (":not(:not(:not(a)))", 8),
            (":nth-last-child(2 of .a, .b)", 3),
            (":is()", 1),
            ("a:not(:nth-child(7n+1))", 4),
            ("[a=\"\"]", 2),
        ] {
            assert_eq!(read_list(text, 0)[0].complexity(), expected, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_cut() {
        let text = format!("{}a{}", ":not(".repeat(500), ")".repeat(500));
        assert_eq!(read_list(&text, 0).len(), 1);
    }
}

//! The features that a stylesheet uses.
//!
//! Owns what shows a feature: `data/browsers/css_features.txt` for those of caniuse.com, with what no list can say in code
//! here, and MDN's names for all else that is not prefixed. Tokens are compared, never letters: `minmax(` is no `max(`.

use super::Use;
use crate::support::css_selectors::{Part, Selector, read_list};
use crate::support::css_tokens::{Kind as Token, Tokens};
use crate::support::css_tree::{Entry, Node, Sheet, base_name, read, split_commas, vendor_prefix};
use crate::support::features::{Features, Key, Kind};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

const DETECTORS: &str = include_str!("../../../data/browsers/css_features.txt");

// Properties whose values are images, or have some.
const IMAGES: [&str; 11] = [
    "background",
    "background-image",
    "border-image",
    "border-image-source",
    "content",
    "cursor",
    "list-style",
    "list-style-image",
    "mask",
    "mask-image",
    "shape-outside",
];
// Functions of colours that may take `from`.
const RELATIVE: [&str; 10] = ["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color"];

type Ids = Vec<&'static str>;

/// What shows the features of caniuse.com.
#[derive(Debug, Default)]
pub(super) struct Detectors {
    // By the letter and the name; of `d` by the property, with patterns.
    exact: BTreeMap<char, BTreeMap<&'static str, Ids>>,
    words: BTreeMap<&'static str, Vec<(&'static str, &'static str)>>,
    media: Vec<(&'static str, &'static str)>,
}

impl Detectors {
    pub(super) fn read() -> Self {
        let mut detectors = Self::default();
        for line in DETECTORS.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split(' ');
            let Some(id) = cells.next() else { continue };
            for (kind, what) in cells.filter_map(|cell| cell.split_once(':')) {
                match kind {
                    "d" => {
                        if let Some((property, pattern)) = what.split_once('=') {
                            detectors.words.entry(property).or_default().push((pattern, id));
                        }
                    }
                    "m" => detectors.media.push((what, id)),
                    _ => {
                        if let Some(kind) = kind.chars().next() {
                            detectors.exact.entry(kind).or_default().entry(what).or_default().push(id);
                        }
                    }
                }
            }
        }
        detectors
    }

    fn ids(&self, kind: char, name: &str) -> &[&'static str] {
        self.exact.get(&kind).and_then(|names| names.get(name)).map(Vec::as_slice).unwrap_or_default()
    }
}

fn matches(pattern: &str, word: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => word.ends_with(end),
        (None, Some(start)) => word.starts_with(start),
        (None, None) => word == pattern,
    }
}

fn without_prefix(name: &str) -> &str {
    vendor_prefix(name).and_then(|prefix| name.get(prefix.len()..)).unwrap_or(name)
}

/// Finds the features of a stylesheet that stands at `offset` of its file.
pub(super) fn uses(text: &str, offset: usize, detectors: &Detectors, features: &Features) -> Vec<Use> {
    let sheet = read(text);
    let mut finder = Finder { sheet: &sheet, detectors, features, found: BTreeSet::new(), uses: Vec::new() };
    for (at, entry) in sheet.entries.iter().enumerate() {
        finder.entry(at, entry);
        let span = match &entry.node {
            Node::At { .. } => entry.span.start..entry.prelude.end.max(entry.span.start),
            Node::Rule | Node::Declaration { .. } => entry.prelude.clone(),
        };
        let guarded =
            sheet.ancestors(at).any(|(_, above)| above.is_at("supports") && !negated(sheet.slice(&above.prelude)));
        for key in std::mem::take(&mut finder.found) {
            let span = span.start + offset..span.end + offset;
            finder.uses.push(Use { key, or: None, span, guarded });
        }
    }
    finder.uses
}

// Whether a condition holds where a feature is not there.
fn negated(condition: &str) -> bool {
    condition.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("not"))
}

struct Finder<'s> {
    sheet: &'s Sheet<'s>,
    detectors: &'s Detectors,
    features: &'s Features,
    // Of the node at hand.
    found: BTreeSet<Key>,
    uses: Vec<Use>,
}

// What stands in a value or a condition.
#[derive(Default)]
struct Pieces {
    words: Vec<String>,
    functions: Vec<String>,
    units: Vec<String>,
    addresses: Vec<Range<usize>>,
    long_hash: bool,
    relative: bool,
    blanks: usize,
}

fn pieces(text: &str) -> Pieces {
    let mut pieces = Pieces::default();
    let (mut depth, mut before, mut address) = (0_usize, String::new(), None);
    for token in Tokens::new(text) {
        match token.kind {
            Token::Whitespace if depth == 0 => pieces.blanks += 1,
            Token::Whitespace | Token::Comment => continue,
            Token::Ident => {
                let word = token.name().to_ascii_lowercase();
                pieces.relative |= word == "from" && RELATIVE.contains(&before.as_str());
                pieces.words.push(word);
            }
            Token::Function => {
                depth += 1;
                let name = token.name().to_ascii_lowercase();
                if name == "url" && address.is_none() {
                    address = Some(token.end());
                }
                pieces.functions.push(name.clone());
                before = name;
                continue;
            }
            Token::Symbol('(' | '[' | '{') => depth += 1,
            Token::Symbol(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                if let Some(start) = address.take() {
                    pieces.addresses.push(start..token.start);
                }
            }
            Token::Dimension(..) => pieces.units.push(token.unit().to_ascii_lowercase()),
            Token::Url | Token::BadUrl => pieces.addresses.push(token.start..token.end()),
            Token::Hash => {
                let digits = token.text.get(1..).unwrap_or_default();
                let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                pieces.long_hash |= hex && matches!(digits.len(), 4 | 8);
            }
            _ => {}
        }
        before.clear();
    }
    pieces
}

impl Finder<'_> {
    fn caniuse(&mut self, ids: &[&'static str]) {
        self.found.extend(ids.iter().map(|id| Key::Caniuse(id)));
    }

    // A name that a list knows, or else that MDN knows.
    fn name(&mut self, letter: char, kind: Kind, name: &str) {
        let ids = self.detectors.ids(letter, name);
        if ids.is_empty() {
            if !name.starts_with('-') {
                self.found.extend(self.features.find(kind, name));
            }
        } else {
            let ids = ids.to_vec();
            self.caniuse(&ids);
        }
    }

    fn entry(&mut self, at: usize, entry: &Entry<'_>) {
        let parent = entry.parent.and_then(|parent| self.sheet.entries.get(parent));
        match &entry.node {
            Node::Declaration { property, value, .. } => self.declaration(property, self.sheet.slice(value), parent),
            Node::Rule => {
                if parent.is_some_and(Entry::is_rule) {
                    self.caniuse(&["css-nesting"]);
                }
                if !entry.in_keyframes {
                    self.selectors(self.sheet.slice(&entry.prelude));
                    self.gap(at);
                }
            }
            Node::At { name, .. } => {
                if parent.is_some_and(Entry::is_rule) {
                    self.caniuse(&["css-nesting"]);
                }
                self.at_rule(name, self.sheet.slice(&entry.prelude));
                if name == "font-face" {
                    self.fonts(at);
                }
            }
        }
    }

    // `gap` between the items of a flex container.
    fn gap(&mut self, at: usize) {
        let (mut flex, mut gap) = (false, false);
        for (_, child) in self.sheet.children(at) {
            if let Node::Declaration { property, value, .. } = &child.node {
                let value = self.sheet.slice(value);
                flex |= property.eq_ignore_ascii_case("display")
                    && (value.eq_ignore_ascii_case("flex") || value.eq_ignore_ascii_case("inline-flex"));
                gap |= ["gap", "row-gap", "column-gap"].iter().any(|name| property.eq_ignore_ascii_case(name));
            }
        }
        if flex && gap {
            self.caniuse(&["flexbox-gap"]);
        }
    }

    fn fonts(&mut self, at: usize) {
        let sources = self.sheet.children(at).any(|(_, child)| match &child.node {
            Node::Declaration { property, value, .. } if property.eq_ignore_ascii_case("src") => {
                let value = self.sheet.slice(value).to_ascii_lowercase();
                value.contains(".ttf") || value.contains(".otf")
            }
            _ => false,
        });
        if sources {
            self.caniuse(&["ttf"]);
        }
    }

    fn at_rule(&mut self, name: &str, prelude: &str) {
        let base = without_prefix(name);
        self.name('@', Kind::AtRule, if self.detectors.ids('@', base).is_empty() { name } else { base });
        let pieces = pieces(prelude);
        for unit in &pieces.units {
            self.name('u', Kind::Unit, unit);
        }
        if name == "container" && pieces.functions.iter().any(|function| function == "style") {
            self.caniuse(&["css-container-queries-style"]);
        }
        if name == "media" || name == "import" {
            for word in &pieces.words {
                let listed = self.detectors.media.iter().filter(|(pattern, _)| matches(pattern, word));
                let ids: Ids = listed.map(|(_, id)| *id).collect();
                if ids.is_empty() {
                    let feature = word.strip_prefix("min-").or_else(|| word.strip_prefix("max-")).unwrap_or(word);
                    self.found.extend(self.features.find(Kind::Media, feature));
                }
                self.caniuse(&ids);
            }
            if name == "media" && Tokens::new(prelude).any(|token| token.is('<') || token.is('>')) {
                self.caniuse(&["css-media-range-syntax"]);
            }
        }
    }

    fn declaration(&mut self, property: &str, value: &str, parent: Option<&Entry<'_>>) {
        // Of the signs of hacks these two leave a property that some browser reads.
        let written = property.strip_prefix(['*', '_']).unwrap_or(property);
        let name = written.to_ascii_lowercase();
        let custom = name.starts_with("--");
        let pieces = pieces(value);
        if custom {
            self.caniuse(&["css-variables"]);
        } else if parent.is_none_or(|parent| !matches!(&parent.node, Node::At { name, .. } if name != "page" && name != "layer" && name != "media" && name != "supports" && name != "container")) || !self.detectors.ids('p', &name).is_empty() {
            self.name('p', Kind::Property, &name);
        }
        for word in pieces.words.iter().filter(|word| !word.starts_with("--")) {
            let ids = self.detectors.ids('w', word).to_vec();
            self.caniuse(&ids);
        }
        let listed = self.detectors.words.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
        for word in pieces.words.iter().chain(&pieces.functions) {
            let ids: Ids = listed.iter().filter(|(pattern, _)| matches(pattern, word)).map(|(_, id)| *id).collect();
            if ids.is_empty() && !custom && !name.starts_with('-') && self.detectors.ids('w', word).is_empty() {
                self.found.extend(self.features.find(Kind::Value, &format!("{name} {word}")));
            }
            self.caniuse(&ids);
        }
        for function in &pieces.functions {
            let images = self.detectors.ids('g', function).to_vec();
            // `alpha(opacity=50)` is of Internet Explorer, and no colour.
            if function == "alpha" && base_name(&name) == "filter" {
                continue;
            }
            if images.is_empty() {
                let base = without_prefix(function);
                self.name('f', Kind::Function, if self.detectors.ids('f', base).is_empty() { function } else { base });
            } else if IMAGES.contains(&base_name(&name).as_str()) {
                self.caniuse(&images);
            }
        }
        for unit in &pieces.units {
            self.name('u', Kind::Unit, unit);
        }
        let addressed = pieces.addresses.iter().filter_map(|span| value.get(span.clone()));
        let image = addressed.into_iter().any(|address| address.to_ascii_lowercase().contains("svg"));
        let background = name.starts_with("background");
        let more = [
            ("css-background-offsets", name == "background-position" && pieces.blanks > 1),
            ("css-canvas", background && pieces.functions.first().is_some_and(|function| function == "-webkit-canvas")),
            ("css-relative-colors", pieces.relative),
            ("css-rrggbbaa", pieces.long_hash),
            ("css3-attr", name != "content" && pieces.functions.iter().any(|function| function == "attr")),
            ("multibackgrounds", background && value.contains(',') && split_commas(value, 0).len() > 1),
            ("svg-css", image),
            ("text-decoration", name == "text-decoration" && pieces.words.len() > 1),
        ];
        self.found.extend(more.into_iter().filter(|(_, there)| *there).map(|(id, _)| Key::Caniuse(id)));
    }

    fn selectors(&mut self, text: &str) {
        let tokens: Vec<_> = Tokens::new(text).filter(|token| token.kind != Token::Comment).collect();
        for pair in tokens.windows(2) {
            let [first, second] = pair else { continue };
            if first.is('>') && second.is('>') {
                self.caniuse(&["css-descendant-gtgt"]);
            }
        }
        let mut open: Vec<Selector> = read_list(text, 0);
        while let Some(selector) = open.pop() {
            for part in selector.parts {
                self.part(part, &mut open);
            }
        }
    }

    fn part(&mut self, part: Part, open: &mut Vec<Selector>) {
        match part {
            Part::Class(_) | Part::Id(_) => self.caniuse(&["css-sel2"]),
            Part::Type(name) => {
                if name == "*" {
                    self.caniuse(&["css-sel2"]);
                }
            }
            Part::Combinator(">" | "+") => self.caniuse(&["css-sel2"]),
            Part::Combinator("~") => self.caniuse(&["css-sel3"]),
            Part::Combinator(_) => {}
            Part::Attribute { operator, insensitive, .. } => {
                self.caniuse(&[if matches!(operator.as_str(), "^=" | "$=" | "*=") { "css-sel3" } else { "css-sel2" }]);
                if insensitive == Some(true) {
                    self.caniuse(&["css-case-insensitive"]);
                }
            }
            Part::PseudoClass(pseudo) | Part::PseudoElement(pseudo) => {
                let name = pseudo.name.to_ascii_lowercase();
                self.name('s', Kind::Selector, &name);
                let simple = |selector: &Selector| selector.parts.len() == 1;
                let list = pseudo.selectors.len() > 1 || !pseudo.selectors.iter().all(simple);
                if name == "not" && list {
                    self.caniuse(&["css-not-sel-list"]);
                }
                if pseudo.nth && !pseudo.selectors.is_empty() {
                    self.caniuse(&["css-nth-child-of"]);
                }
                open.extend(pseudo.selectors);
            }
            Part::Nesting => {}
        }
    }
}

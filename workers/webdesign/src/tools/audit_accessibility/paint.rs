//! What a page's own style sheets and `style` attributes say of how text is painted and boxes are sized.
//!
//! Owns the cascade of a few properties, and whether it is whole: with a linked style sheet that was not given, a condition or
//! a selector that is not read here, nothing is known, and nothing is said.

use super::sheets::ReadSheets;
use super::style::{MAX_TRIES, Rank, Selector, parse_list, selects};
use crate::support::css_rules::StyleRule;
use crate::support::html::{Document, NodeId};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Most selectors kept; a page with more has a framework in it.
const MAX_SELECTORS: usize = 1_500;

/// The properties that are read.
const PROPERTIES: &[&str] = &[
    "-webkit-background-clip",
    "-webkit-text-fill-color",
    "backdrop-filter",
    "background",
    "background-clip",
    "background-color",
    "background-image",
    "color",
    "filter",
    "float",
    "font",
    "font-size",
    "font-weight",
    "height",
    "left",
    "margin",
    "margin-top",
    "mask",
    "mask-image",
    "max-height",
    "mix-blend-mode",
    "opacity",
    "overflow",
    "overflow-x",
    "overflow-y",
    "position",
    "text-overflow",
    "text-shadow",
    "top",
    "transform",
    "white-space",
    "width",
];

// Pseudo-classes that say nothing of a page at rest, and pseudo-elements.
const AT_REST: &[&str] = &[
    "active",
    "after",
    "before",
    "checked",
    "disabled",
    "first-child",
    "first-letter",
    "first-line",
    "focus",
    "focus-visible",
    "focus-within",
    "hover",
    "last-child",
    "marker",
    "placeholder",
    "root",
    "selection",
    "target",
    "visited",
];

struct Rule {
    selector: Selector,
    said: Vec<(&'static str, String, bool)>,
}

/// The style sheets of a page.
pub(super) struct Paints {
    rules: Vec<Rule>,
    is_whole: bool,
    tries: Cell<usize>,
}

/// The winning declarations of one element, with their ranks.
pub(super) type Said<'a> = BTreeMap<&'static str, (Rank, &'a str)>;

fn property(name: &str) -> Option<&'static str> {
    PROPERTIES.binary_search(&name).ok().and_then(|at| PROPERTIES.get(at)).copied()
}

// Whether a selector has a pseudo-class that could match a page at rest and is not read.
fn is_beyond(selector: &str) -> bool {
    let mut rest = selector;
    while let Some(at) = rest.find(':') {
        rest = rest.get(at..).unwrap_or_default().trim_start_matches(':');
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if !AT_REST.contains(&name.to_ascii_lowercase().as_str()) && !name.starts_with('-') {
            return true;
        }
        rest = after;
    }
    false
}

impl Paints {
    /// Reads the sheets of a page.
    pub(super) fn read(sheets: &ReadSheets<'_>) -> Self {
        let mut paints = Self { rules: Vec::new(), is_whole: sheets.is_whole, tries: Cell::new(0) };
        for (sheet, rules) in &sheets.list {
            paints.is_whole &= sheet.is_plain && !sheet.text.contains("@layer");
            if !paints.is_whole {
                break;
            }
            paints.sheet(rules);
        }
        paints
    }

    fn sheet(&mut self, rules: &[StyleRule<'_>]) {
        for rule in rules {
            let said: Vec<(&'static str, String, bool)> = rule
                .declarations
                .iter()
                .filter_map(|it| property(&it.property).map(|name| (name, it.value.to_owned(), it.important)))
                .collect();
            if said.is_empty() {
                continue;
            }
            if rule.conditional || rule.nested || is_beyond(rule.selector) || self.rules.len() >= MAX_SELECTORS {
                self.is_whole = false;
                return;
            }
            self.rules
                .extend(parse_list(rule.selector).into_iter().map(|selector| Rule { selector, said: said.clone() }));
        }
    }

    /// What is said of each element; nothing where not all that decides is known.
    pub(super) fn all<'a>(&'a self, document: &'a Document) -> Option<BTreeMap<NodeId, Said<'a>>> {
        if !self.is_whole {
            return None;
        }
        let all = document.elements().map(|id| (id, self.of(document, id))).collect();
        (self.tries.get() <= MAX_TRIES).then_some(all)
    }

    fn of<'a>(&'a self, document: &'a Document, id: NodeId) -> Said<'a> {
        let mut said: Said<'a> = BTreeMap::new();
        let mut note = |name: &'static str, rank: Rank, value: &'a str| {
            if said.get(name).is_none_or(|(best, _)| *best <= rank) {
                said.insert(name, (rank, value));
            }
        };
        for (at, rule) in self.rules.iter().enumerate() {
            if self.tries.get() > MAX_TRIES {
                break;
            }
            self.tries.set(self.tries.get() + 1);
            if selects(document, id, &rule.selector, &self.tries) {
                for (name, value, important) in &rule.said {
                    note(name, (*important, rule.selector.weight, at), value);
                }
            }
        }
        for (at, declaration) in document.attr(id, "style").unwrap_or_default().split(';').enumerate() {
            let Some((name, value)) = declaration.split_once(':') else { continue };
            let Some(name) = property(&name.trim().to_ascii_lowercase()) else { continue };
            let (value, important) = match value.rsplit_once('!') {
                Some((value, word)) if word.trim().eq_ignore_ascii_case("important") => (value, true),
                _ => (value, false),
            };
            note(name, (important, (usize::MAX, 0, 0), at), value.trim());
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheets::gather;
    use super::*;
    use crate::support::html::parse;

    #[test]
    fn the_cascade_decides_what_is_painted() {
        assert!(PROPERTIES.is_sorted() && AT_REST.is_sorted());
        let page = "<style>p{color:red;opacity:.5} .a{color:blue!important} p:hover{color:lime}</style>\
                    <p class=a style='color:green;background:#fff'>x</p>";
        let document = parse(page);
        let paints = Paints::read(&gather(&document, &[]).read());
        let all = paints.all(&document).expect("whole");
        let said = all.get(&document.find("p").expect("there")).expect("an element");
        let value = |name: &str| said.get(name).map(|(_, value)| *value);
        assert_eq!((value("color"), value("background"), value("opacity")), (Some("blue"), Some("#fff"), Some(".5")));
    }

    #[test]
    fn what_is_not_read_leaves_all_unknown() {
        for page in [
            "<link rel=stylesheet href=a.css><p>x",
            "<style>@import 'a.css';</style><p>x",
            "<style>p:nth-child(2){color:red}</style><p>x",
            "<style>@media (min-width:9px){p{color:red}}</style><p>x",
        ] {
            let document = parse(page);
            assert!(Paints::read(&gather(&document, &[]).read()).all(&document).is_none(), "{page}");
        }
    }

    #[test]
    fn a_framework_is_left_alone() {
        for (count, is_known) in [(MAX_SELECTORS, true), (MAX_SELECTORS + 1, false)] {
            let document = parse(&format!("<style>{}</style><p>x", ".a{color:red}".repeat(count)));
            assert_eq!(Paints::read(&gather(&document, &[]).read()).all(&document).is_some(), is_known, "{count}");
        }
    }
}

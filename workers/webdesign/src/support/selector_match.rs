//! Whether a selector matches an element of a document, with three answers: yes, no, and perhaps.
//!
//! Owns the semantics of Selectors Level 4 over `support::html` documents. States that only a running page has (`:hover`,
//! `:checked` after a click) and attributes that an expression decides give *perhaps*, which a `:not()` around them keeps;
//! that is why this is not the `selectors` crate, which knows yes and no only.

use super::css_selectors::{Part, Pseudo, Selector, read_list};
use super::html::{Document, NodeId, NodeKind, ROOT};
use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Most elements that matching may look at for one document, each once for each compound: half a second. Names, ids, classes and
/// attributes leave few elements to a selector, so a hundred thousand elements and all rules of a large framework stay below. What
/// lies beyond is perhaps.
pub const MAX_STEPS: u64 = 6_000_000;

/// What is known of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// It does not match, whatever happens.
    No,
    /// It depends on a state or a value that the source does not say.
    Perhaps,
    /// It matches as the page is.
    Yes,
}

impl Match {
    fn and(self, other: Self) -> Self {
        self.min(other)
    }
    fn or(self, other: Self) -> Self {
        self.max(other)
    }
    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::Perhaps => Self::Perhaps,
            Self::No => Self::Yes,
        }
    }
    const fn of(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }
}

/// A document made ready for many selectors.
pub struct Matcher<'d> {
    document: &'d Document,
    elements: Vec<NodeId>,
    // The place of each element in the document, by its number.
    places: Vec<u32>,
    by_id: BTreeMap<String, Vec<NodeId>>,
    by_class: BTreeMap<String, Vec<NodeId>>,
    by_type: BTreeMap<String, Vec<NodeId>>,
    // By the names of attributes, in lower case.
    by_attribute: BTreeMap<String, Vec<NodeId>>,
    // Elements of which a class or id is not known.
    open: Vec<NodeId>,
    steps: Cell<u64>,
}

/// A selector with what is looked up once.
struct Complex<'s> {
    compounds: Vec<&'s [Part]>,
    // The sign between a compound and the one before it.
    signs: Vec<&'static str>,
    // A sign in front of all, in `:has(> a)`.
    leading: Option<&'static str>,
}

impl<'s> Complex<'s> {
    fn of(selector: &'s Selector) -> Self {
        let mut compounds = Vec::new();
        let mut signs = Vec::new();
        let mut leading = None;
        let mut parts = selector.parts.as_slice();
        if let Some((Part::Combinator(sign), rest)) = parts.split_first() {
            leading = Some(*sign);
            parts = rest;
        }
        for compound in parts.split(|part| matches!(part, Part::Combinator(_))) {
            compounds.push(compound);
        }
        signs.extend(parts.iter().filter_map(|part| match part {
            Part::Combinator(sign) => Some(*sign),
            _ => None,
        }));
        Self { compounds, signs, leading }
    }
}

impl<'d> Matcher<'d> {
    /// Indexes a document.
    pub fn new(document: &'d Document) -> Self {
        let mut matcher = Self {
            document,
            elements: document.elements().collect(),
            places: Vec::new(),
            by_id: BTreeMap::new(),
            by_class: BTreeMap::new(),
            by_type: BTreeMap::new(),
            by_attribute: BTreeMap::new(),
            open: Vec::new(),
            steps: Cell::new(0),
        };
        let most = matcher.elements.iter().map(|at| at.index()).max().unwrap_or_default();
        matcher.places = vec![0; most + 1];
        for (place, at) in (0_u32..).zip(matcher.elements.clone()) {
            if let Some(own) = matcher.places.get_mut(at.index()) {
                *own = place;
            }
            matcher.by_type.entry(document.name(at).to_ascii_lowercase()).or_default().push(at);
            for attribute in document.attributes(at) {
                let name = str::to_ascii_lowercase(&attribute.name);
                let list = matcher.by_attribute.entry(name).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
            let open_ended = document.element(at).is_some_and(|element| element.open_ended);
            let unknown = |name: &str| document.attribute(at, name).is_some_and(|attribute| attribute.text().is_none());
            if open_ended || unknown("class") || unknown("id") {
                matcher.open.push(at);
            }
            if let Some(id) = document.attr(at, "id") {
                matcher.by_id.entry(matcher.folded(id)).or_default().push(at);
            }
            let mut classes: Vec<&str> =
                document.attr(at, "class").unwrap_or_default().split_ascii_whitespace().collect();
            classes.sort_unstable();
            classes.dedup();
            for class in classes {
                matcher.by_class.entry(matcher.folded(class)).or_default().push(at);
            }
        }
        matcher
    }

    /// The document.
    pub const fn document(&self) -> &'d Document {
        self.document
    }

    // In quirks mode classes and ids are compared without regard to case.
    fn folded(&self, name: &str) -> String {
        if self.document.quirks { name.to_ascii_lowercase() } else { name.to_owned() }
    }

    /// The first element that a selector matches, else the first that it perhaps matches.
    pub fn first(&self, selector: &Selector) -> Option<(NodeId, Match)> {
        let complex = Complex::of(selector);
        let mut found = None;
        let is_spent = || self.steps.get() > MAX_STEPS;
        let candidates = if is_spent() { self.named_last(&complex) } else { self.candidates(&complex) };
        for at in candidates.iter().copied() {
            if is_spent() {
                return found.or(Some((at, Match::Perhaps)));
            }
            match self.complex(&complex, at, None) {
                Match::Yes => return Some((at, Match::Yes)),
                Match::Perhaps if found.is_none() => found = Some((at, Match::Perhaps)),
                Match::Perhaps | Match::No => {}
            }
        }
        found
    }

    // The elements with the rarest name of the last compound, without a look at what is around them.
    fn named_last(&self, complex: &Complex<'_>) -> Cow<'_, [NodeId]> {
        match self.rarest(complex.compounds.last().copied().unwrap_or_default()) {
            Some([]) => Cow::Borrowed(&self.open),
            Some(list) => Cow::Borrowed(list),
            None => Cow::Borrowed(&self.elements),
        }
    }

    // The elements with the rarest name of a compound; nothing where it has no name.
    fn rarest(&self, compound: &[Part]) -> Option<&[NodeId]> {
        let mut best: Option<&[NodeId]> = None;
        for part in compound {
            let list = match part {
                Part::Id(id) => self.by_id.get(&self.folded(id)),
                Part::Class(class) => self.by_class.get(&self.folded(class)),
                Part::Attribute { name, .. } => {
                    self.by_attribute.get(&name.rsplit('|').next().unwrap_or(name).to_ascii_lowercase())
                }
                Part::Type(name) if name != "*" && !name.contains('|') => self.by_type.get(&name.to_ascii_lowercase()),
                _ => continue,
            };
            let list = list.map(Vec::as_slice).unwrap_or_default();
            if best.is_none_or(|best| list.len() < best.len()) {
                best = Some(list);
            }
        }
        best
    }

    // The elements that the names of a selector leave, in the order in which they are tried.
    fn candidates(&self, complex: &Complex<'_>) -> Cow<'_, [NodeId]> {
        let subject = self.rarest(complex.compounds.last().copied().unwrap_or_default());
        if let Some(mut below) = self.below_the_rarest(complex, subject.map_or(self.elements.len(), <[NodeId]>::len)) {
            if subject.is_none() || self.open.is_empty() {
                below.sort_unstable_by_key(|at| self.places.get(at.index()));
            } else {
                below.sort_unstable();
            }
            below.dedup();
            return Cow::Owned(below);
        }
        match subject {
            Some(list) if self.open.is_empty() => Cow::Borrowed(list),
            Some(list) => {
                let mut all: Vec<NodeId> = list.iter().chain(&self.open).copied().collect();
                all.sort_unstable();
                all.dedup();
                self.steps.set(self.steps.get() + all.len() as u64);
                Cow::Owned(all)
            }
            None => Cow::Borrowed(&self.elements),
        }
    }

    // What is below the rarest element that must be around the subject, where that is less than `most`.
    fn below_the_rarest(&self, complex: &Complex<'_>, most: usize) -> Option<Vec<NodeId>> {
        let signs = complex.signs.iter().rev().take_while(|sign| matches!(**sign, " " | ">")).count();
        let around = complex.compounds.iter().rev().skip(1).take(signs);
        let rarest = around.filter_map(|compound| self.rarest(compound)).min_by_key(|list| list.len())?;
        if rarest.len() + self.open.len() >= most {
            return None;
        }
        let mut below = Vec::new();
        for above in rarest.iter().chain(&self.open) {
            for at in self.document.descendants(*above).filter(|at| self.document.is_element(*at)) {
                self.steps.set(self.steps.get() + 1);
                if below.len() >= most || self.steps.get() > MAX_STEPS {
                    return None;
                }
                below.push(at);
            }
        }
        Some(below)
    }

    fn complex(&self, complex: &Complex<'_>, at: NodeId, scope: Option<NodeId>) -> Match {
        self.from(complex, complex.compounds.len().saturating_sub(1), at, scope)
    }

    // Whether the compounds up to `last` match, the last of them this element.
    fn from(&self, complex: &Complex<'_>, last: usize, at: NodeId, scope: Option<NodeId>) -> Match {
        let Some(compound) = complex.compounds.get(last) else { return Match::No };
        let own = self.compound(compound, at, scope);
        if own == Match::No {
            return Match::No;
        }
        let document = self.document;
        let sign = if last == 0 { complex.leading } else { complex.signs.get(last - 1).copied() };
        let Some(sign) = sign else { return own };
        // A relative selector begins at its scope.
        let before = |candidate: NodeId| {
            if last == 0 { Match::of(Some(candidate) == scope) } else { self.from(complex, last - 1, candidate, scope) }
        };
        let mut best = Match::No;
        match sign {
            ">" => {
                if let Some(parent) = document.parent_element(at) {
                    best = before(parent);
                }
            }
            "+" => {
                if let Some(previous) = document.previous_element(at) {
                    best = before(previous);
                }
            }
            "~" => {
                let mut next = document.previous_element(at);
                while let Some(previous) = next {
                    best = best.or(before(previous));
                    if best == Match::Yes {
                        break;
                    }
                    next = document.previous_element(previous);
                }
            }
            " " => {
                for above in document.ancestors(at).filter(|above| document.is_element(*above)) {
                    best = best.or(before(above));
                    if best == Match::Yes {
                        break;
                    }
                }
            }
            _ => best = Match::Perhaps,
        }
        own.and(best)
    }

    fn compound(&self, compound: &[Part], at: NodeId, scope: Option<NodeId>) -> Match {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > MAX_STEPS {
            return Match::Perhaps;
        }
        let mut all = Match::Yes;
        for part in compound {
            all = all.and(self.part(part, at, scope));
            if all == Match::No {
                break;
            }
            // What stands behind a pseudo-element is about a box that this document does not have.
            if matches!(part, Part::PseudoElement(_)) {
                break;
            }
        }
        all
    }

    fn part(&self, part: &Part, at: NodeId, scope: Option<NodeId>) -> Match {
        let document = self.document;
        match part {
            Part::Type(name) => {
                let name = name.rsplit('|').next().unwrap_or(name);
                let own = document.name(at);
                Match::of(
                    name == "*"
                        || own == name
                        || (!document.html_name(at).is_empty() && own.eq_ignore_ascii_case(name)),
                )
            }
            Part::Class(class) => self.named(at, "class", |value| {
                value
                    .split_ascii_whitespace()
                    .any(|own| own == class || (document.quirks && own.eq_ignore_ascii_case(class)))
            }),
            Part::Id(id) => {
                self.named(at, "id", |value| value == id || (document.quirks && value.eq_ignore_ascii_case(id)))
            }
            Part::Attribute { name, operator, value, insensitive } => {
                self.attribute(at, name, operator, value, *insensitive)
            }
            Part::PseudoClass(pseudo) => self.pseudo(pseudo, at, scope),
            // Every element may have boxes of its own.
            Part::PseudoElement(_) => Match::Yes,
            Part::Nesting => scope.map_or(Match::Perhaps, |scope| Match::of(scope == at)),
            Part::Combinator(_) => Match::No,
        }
    }

    fn named(&self, at: NodeId, name: &str, holds: impl Fn(&str) -> bool) -> Match {
        match self.document.attribute(at, name) {
            Some(attribute) => attribute.text().map_or(Match::Perhaps, |value| Match::of(holds(value))),
            None if self.document.element(at).is_some_and(|element| element.open_ended) => Match::Perhaps,
            None => Match::No,
        }
    }

    fn attribute(&self, at: NodeId, name: &str, operator: &str, value: &str, insensitive: Option<bool>) -> Match {
        let document = self.document;
        let name = name.rsplit('|').next().unwrap_or(name);
        let html = !document.html_name(at).is_empty();
        let lower = name.to_ascii_lowercase();
        let found = document.attribute(at, if html { &lower } else { name });
        let Some(attribute) = found else {
            return if document.element(at).is_some_and(|element| element.open_ended) {
                Match::Perhaps
            } else {
                Match::No
            };
        };
        if operator.is_empty() {
            return Match::Yes;
        }
        let Some(own) = attribute.text() else { return Match::Perhaps };
        // Some attributes of HTML are compared without regard to case.
        let fold = insensitive.unwrap_or(html && CASELESS.contains(&lower.as_str()));
        let (own, value) = if fold {
            (own.to_ascii_lowercase(), value.to_ascii_lowercase())
        } else {
            (own.to_owned(), value.to_owned())
        };
        let (own, value) = (own.as_str(), value.as_str());
        Match::of(match operator {
            "=" => own == value,
            "~=" => !value.is_empty() && own.split_ascii_whitespace().any(|word| word == value),
            "|=" => own == value || own.strip_prefix(value).is_some_and(|rest| rest.starts_with('-')),
            "^=" => !value.is_empty() && own.starts_with(value),
            "$=" => !value.is_empty() && own.ends_with(value),
            "*=" => !value.is_empty() && own.contains(value),
            _ => false,
        })
    }

    fn any(&self, selectors: &[Selector], at: NodeId, scope: Option<NodeId>) -> Match {
        let mut best = Match::No;
        for selector in selectors {
            best = best.or(self.complex(&Complex::of(selector), at, scope));
            if best == Match::Yes {
                break;
            }
        }
        best
    }

    fn pseudo(&self, pseudo: &Pseudo, at: NodeId, scope: Option<NodeId>) -> Match {
        let document = self.document;
        let name = pseudo.name.to_ascii_lowercase();
        let html = document.html_name(at);
        match name.as_str() {
            "is" | "where" | "matches" | "any" | "-webkit-any" | "-moz-any" => self.any(&pseudo.selectors, at, scope),
            "not" => self.any(&pseudo.selectors, at, scope).not(),
            "has" => self.has(&pseudo.selectors, at),
            "root" => Match::of(document.parent(at) == Some(ROOT)),
            "scope" => Match::of(document.parent(at) == Some(ROOT)),
            "empty" => {
                let mut kids = document.children(at).map(|kid| match document.kind(kid) {
                    NodeKind::Element(_) => Match::No,
                    NodeKind::Text(text) => Match::of(text.is_empty()),
                    NodeKind::Unknown => Match::Perhaps,
                    _ => Match::Yes,
                });
                kids.try_fold(Match::Yes, |all, kid| Some(all.and(kid))).unwrap_or(Match::Yes)
            }
            "first-child" => Match::of(document.previous_element(at).is_none()),
            "last-child" => Match::of(document.next_element(at).is_none()),
            "only-child" => Match::of(document.previous_element(at).is_none() && document.next_element(at).is_none()),
            "first-of-type" => Match::of(self.place(at, Side::Start, Some(true), &[]) == 1),
            "last-of-type" => Match::of(self.place(at, Side::End, Some(true), &[]) == 1),
            "only-of-type" => Match::of(
                self.place(at, Side::Start, Some(true), &[]) == 1 && self.place(at, Side::End, Some(true), &[]) == 1,
            ),
            "nth-child" | "nth-last-child" | "nth-of-type" | "nth-last-of-type" => self.nth(pseudo, &name, at),
            "any-link" | "link" => Match::of(matches!(html, "a" | "area") && document.has_attr(at, "href")),
            // Visited links do not tell.
            "visited" => {
                if matches!(html, "a" | "area") && document.has_attr(at, "href") {
                    Match::Perhaps
                } else {
                    Match::No
                }
            }
            "lang" | "dir" => Match::Perhaps,
            "before" | "after" | "first-line" | "first-letter" => Match::Yes,
            "defined" => {
                if html.contains('-') {
                    Match::Perhaps
                } else {
                    Match::Yes
                }
            }
            "host" | "host-context" => Match::Perhaps,
            // States that come and go with what people and scripts do.
            _ => Match::Perhaps,
        }
    }

    fn has(&self, selectors: &[Selector], at: NodeId) -> Match {
        let document = self.document;
        let mut best = Match::No;
        for selector in selectors {
            let mut complex = Complex::of(selector);
            let sign = *complex.leading.get_or_insert(" ");
            let mut look = |candidate: NodeId| {
                best = best.or(self.complex(&complex, candidate, Some(at)));
                best == Match::Yes
            };
            if matches!(sign, ">" | " ") {
                let mut within = document.descendants(at).filter(|it| document.is_element(*it));
                if within.any(&mut look) {
                    return Match::Yes;
                }
            } else {
                let mut next = document.next_element(at);
                while let Some(sibling) = next {
                    let mut all = std::iter::once(sibling)
                        .chain(document.descendants(sibling).filter(|it| document.is_element(*it)));
                    if all.any(&mut look) {
                        return Match::Yes;
                    }
                    next = document.next_element(sibling);
                }
            }
        }
        best
    }

    // The place among its siblings, from 1, counting those of its type or those that match.
    fn place(&self, at: NodeId, side: Side, of_type: Option<bool>, of: &[Selector]) -> i64 {
        let document = self.document;
        let mut place = 1;
        let step = |at: NodeId| match side {
            Side::Start => document.previous_element(at),
            Side::End => document.next_element(at),
        };
        let mut next = step(at);
        while let Some(sibling) = next {
            let counts = if of_type.is_some() {
                document.name(sibling) == document.name(at) && document.namespace(sibling) == document.namespace(at)
            } else {
                of.is_empty() || self.any(of, sibling, None) != Match::No
            };
            place += i64::from(counts);
            self.steps.set(self.steps.get() + 1);
            if self.steps.get() > MAX_STEPS {
                break;
            }
            next = step(sibling);
        }
        place
    }

    fn nth(&self, pseudo: &Pseudo, name: &str, at: NodeId) -> Match {
        let Some((a, b)) = formula(pseudo.argument.as_deref().unwrap_or_default()) else { return Match::No };
        let side = if name.contains("last") { Side::End } else { Side::Start };
        let of_type = name.ends_with("of-type").then_some(true);
        let own = if pseudo.selectors.is_empty() { Match::Yes } else { self.any(&pseudo.selectors, at, None) };
        let place = self.place(at, side, of_type, &pseudo.selectors);
        let rest = place - b;
        let holds = match a.cmp(&0) {
            Ordering::Equal => rest == 0,
            _ => rest % a == 0 && rest / a >= 0,
        };
        own.and(Match::of(holds))
    }
}

#[derive(Debug, Clone, Copy)]
enum Side {
    Start,
    End,
}

// Attributes whose values HTML compares without regard to ASCII case in selectors.
const CASELESS: [&str; 46] = [
    "accept",
    "accept-charset",
    "align",
    "alink",
    "axis",
    "bgcolor",
    "charset",
    "checked",
    "clear",
    "codetype",
    "color",
    "compact",
    "declare",
    "defer",
    "dir",
    "direction",
    "disabled",
    "enctype",
    "face",
    "frame",
    "hreflang",
    "http-equiv",
    "lang",
    "language",
    "link",
    "media",
    "method",
    "multiple",
    "nohref",
    "noresize",
    "noshade",
    "nowrap",
    "readonly",
    "rel",
    "rev",
    "rules",
    "scope",
    "scrolling",
    "selected",
    "shape",
    "target",
    "text",
    "type",
    "valign",
    "valuetype",
    "vlink",
];

// `An+B`, as two numbers; what follows `of` is left out.
fn formula(argument: &str) -> Option<(i64, i64)> {
    let lower = argument.to_ascii_lowercase();
    let text = lower.split(" of ").next().unwrap_or_default();
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match plain.as_str() {
        "odd" => return Some((2, 1)),
        "even" => return Some((2, 0)),
        _ => {}
    }
    let number = |text: &str| match text {
        "" | "+" => Some(1),
        "-" => Some(-1),
        other => other.parse::<i64>().ok().filter(|number| number.abs() < 1_000_000_000),
    };
    match plain.split_once('n') {
        Some((a, "")) => Some((number(a)?, 0)),
        Some((a, b)) => Some((number(a)?, b.parse::<i64>().ok().filter(|number| number.abs() < 1_000_000_000)?)),
        None => Some((0, plain.parse::<i64>().ok().filter(|number| number.abs() < 1_000_000_000)?)),
    }
}

/// The selectors of a list, ready to match.
pub fn selectors(text: &str) -> Vec<Selector> {
    read_list(text, 0)
}

#[cfg(test)]
mod tests {
    use super::super::html::parse;
    use super::*;

    const PAGE: &str = "<!doctype html><body class='a b'><ul id=x><li>1<li class=on>2<li data-k='V-w'>3</ul><p>t</p><p></p><a href=u>l</a><input type=TEXT></body>";

    fn matches(selector: &str) -> Option<Match> {
        let document = parse(PAGE);
        let matcher = Matcher::new(&document);
        matcher.first(&selectors(selector)[0]).map(|(_, matched)| matched)
    }

    #[test]
    fn what_lies_beyond_the_most_elements_looked_at_is_perhaps() {
        let document = parse(&"<p>x".repeat(10_000));
        let matcher = Matcher::new(&document);
        let empty = &selectors("p:empty")[0];
        for _ in 0..MAX_STEPS / 10_000 {
            assert!(matcher.first(empty).is_none());
        }
        assert_eq!(matcher.first(empty).map(|(_, matched)| matched), Some(Match::Perhaps));
    }

    #[test]
    fn matches_as_browsers_do() {
        for selector in [
            "body.a.b",
            "#x > li.on",
            "li:nth-child(2)",
            "li:nth-last-child(1)",
            "li + li.on",
            "li ~ li[data-k]",
            "[data-k|=V]",
            "[data-k='v-W' i]",
            "input[type=text]",
            "p:empty",
            "ul:has(> .on)",
            "p:not(.c)",
            ":is(.zz, #x) li",
            "p:last-of-type",
            "li:nth-child(odd)",
            "li:nth-child(-n+1)",
            "a:link",
            "ul:has(+ p)",
            "html:root",
            "li:nth-child(1 of .on)",
            "li::before",
            "LI",
        ] {
            assert_eq!(matches(selector), Some(Match::Yes), "{selector}");
        }
        for selector in [
            ".c",
            "#X",
            "ul > p",
            "li.on + li.on",
            "p:first-child",
            "[data-k=v-w]",
            "li:nth-child(4)",
            "ul:has(> p)",
            "p:not(p)",
            "ul:empty",
            "li:nth-child(0)",
            "table",
            "a:not([href])",
        ] {
            assert_eq!(matches(selector), None, "{selector}");
        }
    }

    #[test]
    fn states_are_perhaps_inside_and_outside_a_negation() {
        assert_eq!(matches("a:hover"), Some(Match::Perhaps));
        assert_eq!(matches("a:not(:hover)"), Some(Match::Perhaps));
        assert_eq!(matches("table:hover"), None);
    }
}

//! What a page's style sheets, as far as they are known, and `style` attributes say of what is shown: `display` and `visibility`.
//!
//! Owns selectors of types, classes, ids, attributes, `:not`, `:root`, `:first-child`, `:last-child` and all combinators; a
//! selector with anything else matches nothing here, as does a rule under a condition.

use super::sheets::ReadSheets;
use crate::support::html::{Document, NodeId, NodeKind};
use std::cell::Cell;

/// Most selectors kept; a sheet with more that hide something is a framework's, of which a page uses few.
pub(super) const MAX_SELECTORS: usize = 4_000;

/// Most matches of a selector against an element that are tried for one page.
pub(super) const MAX_TRIES: usize = 20_000_000;

/// What the winning declarations say of one element.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    /// Whether `display` is `none`; absent where nothing is said.
    pub(super) display_none: Option<bool>,
    /// Whether `visibility` hides it; absent where it is inherited.
    pub(super) invisible: Option<bool>,
    /// The size of its font as written; absent where it is inherited.
    pub(super) font: Option<&'a str>,
    /// Whether it is cut off to nothing, for screen readers alone.
    pub(super) clipped: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Display(bool),
    Visibility(bool),
    Font(String),
    Clip(bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Any,
    Type(String),
    Id(String),
    Class(String),
    Attribute(String, Option<(char, String)>),
    Not(Vec<Part>),
    Root,
    FirstChild,
    LastChild,
    Nothing,
}

/// A selector, read.
#[derive(Debug)]
pub(super) struct Selector {
    // The rightmost compound first; each with the combinator to the one before it in the source.
    compounds: Vec<(Vec<Part>, char)>,
    pub(super) weight: (usize, usize, usize),
}

/// Importance, specificity, order.
pub(super) type Rank = (bool, (usize, usize, usize), usize);

struct Rule {
    selector: Selector,
    said: Vec<(Said, bool)>,
}

/// The style sheets of a page.
pub(super) struct Styles {
    rules: Vec<Rule>,
    tries: Cell<usize>,
}

fn said(property: &str, value: &str) -> Option<Said> {
    match property {
        "display" => Some(Said::Display(value.eq_ignore_ascii_case("none"))),
        "visibility" if value.eq_ignore_ascii_case("inherit") => None,
        "visibility" => {
            Some(Said::Visibility(value.eq_ignore_ascii_case("hidden") || value.eq_ignore_ascii_case("collapse")))
        }
        "font-size" => Some(Said::Font(value.to_ascii_lowercase())),
        "clip-path" | "clip" => {
            let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            let nothing = [
                "inset(50%)",
                "inset(100%)",
                "inset(50%50%50%50%)",
                "rect(0000)",
                "rect(0,0,0,0)",
                "rect(1px,1px,1px,1px)",
                "rect(1px1px1px1px)",
                "rect(0px,0px,0px,0px)",
            ];
            Some(Said::Clip(nothing.contains(&value.to_ascii_lowercase().as_str())))
        }
        "content-visibility" if value.eq_ignore_ascii_case("hidden") => Some(Said::Display(true)),
        _ => None,
    }
}

impl Styles {
    /// Reads the sheets of a page.
    pub(super) fn read(sheets: &ReadSheets<'_>) -> Self {
        let mut rules = Vec::new();
        for (_, written) in sheets.list.iter().filter(|(sheet, _)| sheet.is_plain) {
            for rule in written {
                if rule.conditional || rule.nested {
                    continue;
                }
                let said: Vec<(Said, bool)> = rule
                    .declarations
                    .iter()
                    .filter_map(|it| said(&it.property, it.value).map(|said| (said, it.important)))
                    .collect();
                if said.is_empty() {
                    continue;
                }
                for selector in parse_list(rule.selector) {
                    if rules.len() < MAX_SELECTORS {
                        rules.push(Rule { selector, said: said.clone() });
                    }
                }
            }
        }
        Self { rules, tries: Cell::new(0) }
    }

    /// What is said of an element.
    pub(super) fn of<'a>(&'a self, document: &'a Document, id: NodeId) -> Shown<'a> {
        let mut display: Option<(Rank, bool)> = None;
        let mut visibility = display;
        let mut clip = display;
        let mut font: Option<(Rank, &str)> = None;
        let mut note = |rank: Rank, said: &'a Said| {
            let (slot, value) = match said {
                Said::Display(none) => (&mut display, *none),
                Said::Visibility(hidden) => (&mut visibility, *hidden),
                Said::Clip(nothing) => (&mut clip, *nothing),
                Said::Font(size) => {
                    if font.is_none_or(|(best, _)| best <= rank) {
                        font = Some((rank, size));
                    }
                    return;
                }
            };
            if slot.is_none_or(|(best, _)| best <= rank) {
                *slot = Some((rank, value));
            }
        };
        for (at, rule) in self.rules.iter().enumerate() {
            if self.tries.get() > MAX_TRIES {
                break;
            }
            self.tries.set(self.tries.get() + 1);
            if selects(document, id, &rule.selector, &self.tries) {
                for (said, important) in &rule.said {
                    note((*important, rule.selector.weight, at), said);
                }
            }
        }
        let mut shown = Shown {
            display_none: display.map(|(_, none)| none),
            invisible: visibility.map(|(_, hidden)| hidden),
            font: font.map(|(_, size)| size),
            clipped: clip.is_some_and(|(_, nothing)| nothing),
        };
        let Some(style) = document.attr(id, "style") else { return shown };
        let important = |winner: Option<bool>| winner.unwrap_or_default();
        let kept = [
            important(display.map(|((important, ..), _)| important)),
            important(visibility.map(|((important, ..), _)| important)),
            important(font.map(|((important, ..), _)| important)),
        ];
        for declaration in style.split(';') {
            let Some((property, value)) = declaration.split_once(':') else { continue };
            let (value, over) = match value.split_once('!') {
                Some((value, word)) => (value.trim(), word.trim().eq_ignore_ascii_case("important")),
                None => (value.trim(), false),
            };
            let [display, visibility, font] = kept.map(|kept| over || !kept);
            match said(&property.trim().to_ascii_lowercase(), value) {
                Some(Said::Display(none)) if display => shown.display_none = Some(none),
                Some(Said::Visibility(hidden)) if visibility => shown.invisible = Some(hidden),
                Some(Said::Font(_)) if font => shown.font = Some(value),
                Some(Said::Clip(nothing)) => shown.clipped = nothing,
                _ => {}
            }
        }
        shown
    }
}

/// Whether a selector matches; each step that is tried is counted, up to [`MAX_TRIES`].
pub(super) fn selects(document: &Document, id: NodeId, selector: &Selector, tries: &Cell<usize>) -> bool {
    let Some(((first, _), rest)) = selector.compounds.split_first() else { return false };
    first.iter().all(|part| part_matches(document, id, part))
        && (rest.is_empty() || selects_before(document, id, &selector.compounds, tries))
}

// Whether what stands left of the first compound matches from `id`, with the usual backtracking over ancestors.
fn selects_before(document: &Document, id: NodeId, compounds: &[(Vec<Part>, char)], tries: &Cell<usize>) -> bool {
    let Some(((_, combinator), rest)) = compounds.split_first() else { return true };
    let Some((next, _)) = rest.first() else { return true };
    let fits = |at: NodeId| {
        tries.set(tries.get() + 1);
        next.iter().all(|part| part_matches(document, at, part))
    };
    let goes_on = |at: NodeId| fits(at) && selects_before(document, at, rest, tries);
    match combinator {
        '>' => document.parent_element(id).is_some_and(goes_on),
        '+' => document.previous_element(id).is_some_and(goes_on),
        '~' => std::iter::successors(document.previous_element(id), |at| document.previous_element(*at))
            .take_while(|_| tries.get() <= MAX_TRIES)
            .any(goes_on),
        _ => document
            .ancestors(id)
            .take_while(|_| tries.get() <= MAX_TRIES)
            .any(|at| document.is_element(at) && goes_on(at)),
    }
}

fn part_matches(document: &Document, id: NodeId, part: &Part) -> bool {
    match part {
        Part::Any => true,
        Part::Type(name) => document.name(id).eq_ignore_ascii_case(name),
        Part::Id(name) => document.attr(id, "id") == Some(name),
        Part::Class(name) => {
            document.attr(id, "class").is_some_and(|classes| classes.split_ascii_whitespace().any(|it| it == name))
        }
        Part::Attribute(name, None) => document.has_attr(id, name),
        Part::Attribute(name, Some((how, wanted))) => document.attr(id, name).is_some_and(|value| match how {
            '~' => value.split_ascii_whitespace().any(|it| it == wanted),
            '|' => value == wanted || value.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.starts_with('-')),
            '^' => !wanted.is_empty() && value.starts_with(wanted.as_str()),
            '$' => !wanted.is_empty() && value.ends_with(wanted.as_str()),
            '*' => !wanted.is_empty() && value.contains(wanted.as_str()),
            _ => value == wanted,
        }),
        Part::Not(parts) => !parts.iter().all(|part| part_matches(document, id, part)),
        Part::Root => matches!(document.parent(id).map(|at| document.kind(at)), Some(NodeKind::Document)),
        Part::FirstChild => document.previous_element(id).is_none(),
        Part::LastChild => document.next_element(id).is_none(),
        Part::Nothing => false,
    }
}

struct Text<'a> {
    rest: &'a str,
}

impl<'a> Text<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let at = self.rest.find(ends).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(at);
        self.rest = rest;
        taken
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        loop {
            name.push_str(self.until(|c| !(c.is_alphanumeric() || c == '-' || c == '_' || !c.is_ascii())));
            if self.take('\\')
                && let Some(c) = self.peek()
            {
                name.push(c);
                self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
            return name;
        }
    }
}

/// The selectors of a list, as far as they can be read.
pub(super) fn parse_list(text: &str) -> Vec<Selector> {
    let (mut depth, mut start, mut list) = (0_usize, 0, Vec::new());
    for (at, c) in text.char_indices().chain([(text.len(), ',')]) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 || at == text.len() => {
                list.extend(text.get(start..at).and_then(parse));
                start = at + 1;
            }
            _ => {}
        }
    }
    list
}

fn parse(text: &str) -> Option<Selector> {
    let mut text = Text { rest: text.trim() };
    let mut compounds = Vec::new();
    let mut combinator = ' ';
    let mut weight = (0, 0, 0);
    loop {
        let parts = compound(&mut text)?;
        for part in &parts {
            weigh(part, &mut weight);
        }
        compounds.push((parts, combinator));
        let spaced = text.rest.starts_with(char::is_whitespace);
        text.rest = text.rest.trim_start();
        match text.peek() {
            None => break,
            Some(c @ ('>' | '+' | '~')) => {
                text.take(c);
                text.rest = text.rest.trim_start();
                combinator = c;
            }
            Some(_) if spaced => combinator = ' ',
            Some(_) => return None,
        }
    }
    compounds.reverse();
    Some(Selector { compounds, weight })
}

fn weigh(part: &Part, weight: &mut (usize, usize, usize)) {
    match part {
        Part::Id(_) => weight.0 += 1,
        Part::Class(_) | Part::Attribute(..) | Part::Root | Part::FirstChild | Part::LastChild => weight.1 += 1,
        Part::Type(_) => weight.2 += 1,
        Part::Not(parts) => parts.iter().for_each(|part| weigh(part, weight)),
        Part::Any | Part::Nothing => {}
    }
}

fn compound(text: &mut Text<'_>) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    loop {
        match text.peek() {
            Some('*') => {
                text.take('*');
                parts.push(Part::Any);
            }
            Some('.') => {
                text.take('.');
                parts.push(Part::Class(text.name()));
            }
            Some('#') => {
                text.take('#');
                parts.push(Part::Id(text.name()));
            }
            Some('[') => {
                text.take('[');
                let inside = text.until(|c| c == ']');
                text.take(']');
                parts.push(attribute(inside));
            }
            Some(':') => {
                text.take(':');
                let element = text.take(':');
                let name = text.name().to_ascii_lowercase();
                let inside = if text.take('(') {
                    let inside = text.until(|c| c == ')');
                    text.take(')');
                    Some(inside)
                } else {
                    None
                };
                parts.push(match (name.as_str(), inside) {
                    ("root", None) if !element => Part::Root,
                    ("first-child", None) if !element => Part::FirstChild,
                    ("last-child", None) if !element => Part::LastChild,
                    ("not", Some(inside))
                        if !inside.contains([',', '(', ' ', '>', '+', '~', ':']) || inside.starts_with('[') =>
                    {
                        let mut inner = Text { rest: inside.trim() };
                        Part::Not(compound(&mut inner)?)
                    }
                    _ => Part::Nothing,
                });
            }
            Some(c) if c.is_alphabetic() || c == '_' || c == '-' || c == '\\' || !c.is_ascii() => {
                let name = text.name();
                if name.is_empty() {
                    return None;
                }
                parts.push(Part::Type(name));
            }
            _ => break,
        }
    }
    (!parts.is_empty()).then_some(parts)
}

fn attribute(inside: &str) -> Part {
    let inside = inside.trim();
    let Some(at) = inside.find('=') else { return Part::Attribute(inside.to_ascii_lowercase(), None) };
    let (mut name, value) = inside.split_at(at);
    let value = value.trim_start_matches('=').trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = quote.map_or(value, |quote| value.trim_matches(quote)).to_owned();
    let how = name.chars().next_back().filter(|c| matches!(c, '~' | '|' | '^' | '$' | '*'));
    if let Some(how) = how {
        name = name.trim_end_matches(how);
    }
    Part::Attribute(name.trim().to_ascii_lowercase(), Some((how.unwrap_or('='), value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::html::parse;

    #[test]
    fn the_cascade_decides_what_is_shown() {
        let page = "<style>.a{display:none} #x.a{display:block} p>.b{visibility:hidden} @media print{i{display:none}} \
                    [data-k^=v]{display:none!important} u:hover{display:none} div:not(.c) s{display:none}</style>\
                    <p class=a></p><b class=a id=x></b><p><em class=b></em></p><i></i><q data-k=vv style='display:block'></q>\
                    <u></u><div><s></s></div><tt style='display:none'></tt>";
        let document = parse(page);
        let styles = Styles::read(&super::super::sheets::gather(&document, &[]).read());
        let of = |name: &str| styles.of(&document, document.find(name).expect("there"));
        assert_eq!(of("p").display_none, Some(true));
        assert_eq!(of("b").display_none, Some(false));
        assert_eq!(of("em").invisible, Some(true));
        assert_eq!(of("i"), Shown::default());
        assert_eq!(of("q").display_none, Some(true));
        assert_eq!(of("u"), Shown::default());
        assert_eq!(of("s").display_none, Some(true));
        assert_eq!(of("tt").display_none, Some(true));
    }
}

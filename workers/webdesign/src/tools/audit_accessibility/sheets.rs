//! The style sheets of a page: those it holds, and of those it links the ones that were given along.
//!
//! A given sheet is known by the last part of its path, as pages link sheets from wherever they are served.

use crate::support::css_rules::{self, StyleRule};
use crate::support::html::{Document, NodeId};
use octavo_toolkit::limits::nesting_exceeded;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A style sheet given beside the pages: its path and its text.
pub(super) type Given<'a> = (&'a str, &'a str);

/// One sheet of a page, in the order in which they apply.
pub(super) struct Sheet<'a> {
    /// Its text.
    pub(super) text: Cow<'a, str>,
    /// Whether it holds on screens at all times, and nowhere else alone.
    pub(super) is_plain: bool,
}

/// The sheets of a page.
#[derive(Default)]
pub(super) struct Sheets<'a> {
    /// Those that are known.
    pub(super) list: Vec<Sheet<'a>>,
    /// Whether there are no others.
    pub(super) is_whole: bool,
}

/// The sheets of a page with their rules, which several checks look at.
#[derive(Default)]
pub(super) struct ReadSheets<'s> {
    /// Those that are known, in the order in which they apply.
    pub(super) list: Vec<(&'s Sheet<'s>, Vec<StyleRule<'s>>)>,
    /// Whether there are no others.
    pub(super) is_whole: bool,
}

impl Sheets<'_> {
    /// Reads the rules of each.
    pub(super) fn read(&self) -> ReadSheets<'_> {
        let list = self.list.iter().map(|sheet| (sheet, css_rules::read(&sheet.text).0)).collect();
        ReadSheets { list, is_whole: self.is_whole }
    }
}

fn last_part(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Gathers the sheets of a page.
pub(super) fn gather<'a>(document: &Document, given: &'a [Given<'a>]) -> Sheets<'a> {
    let mut sheets = Sheets { list: Vec::new(), is_whole: true };
    // A piece of a page links nothing: what is given is for it.
    if !document.is_page {
        sheets.list.extend(given.iter().map(|(_, text)| Sheet { text: Cow::Borrowed(*text), is_plain: true }));
    }
    // Where a sheet stands that is linked again: what the last link says holds.
    let mut linked: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    let mut list: Vec<Option<Sheet<'a>>> = Vec::new();
    for id in document.elements() {
        let link = match document.html_name(id) {
            "style" => None,
            "link" if is_sheet(document, id) => {
                let wanted = last_part(document.attr(id, "href").unwrap_or_default());
                let found =
                    given.iter().enumerate().find(|(_, (path, _))| !wanted.is_empty() && last_part(path) == wanted);
                if found.is_none() {
                    sheets.is_whole = false;
                    continue;
                }
                found
            }
            _ => continue,
        };
        let media = document.attr(id, "media").unwrap_or_default().trim().to_ascii_lowercase();
        if media == "print" {
            continue;
        }
        let is_plain = matches!(media.as_str(), "" | "all" | "screen");
        let before = link.and_then(|(at, _)| linked.insert((at, is_plain), list.len()));
        if let Some(sheet) = before.and_then(|before| list.get_mut(before)?.take()) {
            list.push(Some(sheet));
            continue;
        }
        let text = link.map_or_else(|| Cow::Owned(document.text_content(id)), |(_, (_, text))| Cow::Borrowed(*text));
        let is_shallow = nesting_exceeded(&text).is_none();
        sheets.is_whole &= is_shallow && !text.contains("@import");
        list.push(is_shallow.then_some(Sheet { text, is_plain }));
    }
    sheets.list.extend(list.into_iter().flatten());
    sheets.is_whole &= !is_styled_by_script(document, &sheets.list);
    sheets
}

// Whether a script brings sheets along, as bundles do: there are classes of which no sheet says anything.
fn is_styled_by_script(document: &Document, list: &[Sheet<'_>]) -> bool {
    let has_script = document.elements().any(|id| document.html_name(id) == "script" && document.has_attr(id, "src"));
    if !has_script {
        return false;
    }
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for sheet in list {
        known.extend(sheet.text.split('.').skip(1).map(|rest| {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default()
        }));
    }
    document
        .elements()
        .filter_map(|id| document.attr(id, "class"))
        .flat_map(str::split_ascii_whitespace)
        .any(|class| !known.contains(class))
}

fn is_sheet(document: &Document, id: NodeId) -> bool {
    let has = |word: &str| {
        document.attr(id, "rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case(word)))
    };
    has("stylesheet") && !has("alternate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::html::parse;

    #[test]
    fn linked_sheets_are_known_by_their_names() {
        let given = [("css/site.css", "p{color:red}")];
        let texts = |page: &str| {
            let sheets = gather(&parse(page), &given);
            (sheets.list.iter().map(|sheet| sheet.text.to_string()).collect::<Vec<_>>(), sheets.is_whole)
        };
        let known = vec!["p{color:red}".to_owned(), "a{}".to_owned()];
        assert_eq!(texts("<html><link rel=stylesheet href=/x/site.css?v=2><style>a{}</style>"), (known, true));
        assert_eq!(texts("<html><link rel=stylesheet href=other.css>"), (vec![], false));
        assert_eq!(texts("<html><link rel=stylesheet href=site.css media=print>"), (vec![], true));
        assert!(texts("<html><script src=a.js></script><style>.a{}</style><p class=a>").1);
        assert!(!texts("<html><script src=a.js></script><style>.a{}</style><p class=b>").1);
        let link = "<link rel=stylesheet href=site.css>";
        let again = format!(
            "<html>{link}<style>a{{}}</style>{link}{link}<link rel=stylesheet href=site.css media=print>{link}"
        );
        assert_eq!(texts(&again), (vec!["a{}".to_owned(), "p{color:red}".to_owned()], true), "as the last link has it");
        assert_eq!(texts("<p>x"), (vec!["p{color:red}".to_owned()], true));
    }
}

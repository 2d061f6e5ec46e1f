//! What every rule asks of a page: what is shown, what has which role, what takes the focus, what an id means.
//!
//! Where an expression of JSX decides, nothing is said: see [`Page::is_open`] and [`Page::may_have`].

use super::sheets::ReadSheets;
use super::style::{Shown, Styles};
use crate::support::aria::{self, Role};
use crate::support::html::{Document, NodeId, NodeKind, ROOT};
use octavo_toolkit::{LineIndex, Range};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Most nodes that all names of a page look at together.
pub(super) const MAX_NAMED_NODES: usize = 10_000_000;

const HIDDEN: u8 = 1;
const INVISIBLE: u8 = 2;
const ARIA_HIDDEN: u8 = 4;
const INERT: u8 = 8;
const CLIPPED: u8 = 16;

/// A page under audit.
pub(super) struct Page<'a> {
    pub(super) document: &'a Document,
    pub(super) lines: &'a LineIndex<'a>,
    /// Whether it comes from JSX: elements may be placed anywhere.
    pub(super) is_component: bool,
    states: Vec<u8>,
    // Sizes of fonts in pixels.
    fonts: Vec<f64>,
    ids: BTreeMap<&'a str, Vec<NodeId>>,
    labels: BTreeMap<&'a str, Vec<NodeId>>,
    owners: BTreeMap<NodeId, Vec<NodeId>>,
    maps: BTreeSet<&'a str>,
    /// Nodes that names may still look at.
    pub(super) names_left: Cell<usize>,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        document: &'a Document,
        lines: &'a LineIndex<'a>,
        is_component: bool,
        sheets: &ReadSheets<'_>,
    ) -> Self {
        let styles = Styles::read(sheets);
        let mut page = Self {
            document,
            lines,
            is_component,
            states: vec![0; document.len()],
            fonts: vec![16.0; document.len()],
            ids: BTreeMap::new(),
            labels: BTreeMap::new(),
            owners: BTreeMap::new(),
            maps: BTreeSet::new(),
            names_left: Cell::new(MAX_NAMED_NODES),
        };
        for id in document.descendants(ROOT) {
            let above = document.parent(id).map_or(0, |parent| page.state(parent));
            let mut font = document.parent(id).map_or(16.0, |parent| page.font(parent));
            let state = if document.is_element(id) {
                let shown = styles.of(document, id);
                if let Some(size) = shown.font.and_then(|size| super::language::pixels(size, font)) {
                    font = size.max(0.1);
                }
                page.own_state(id, above, shown)
            } else {
                above
            };
            if let Some(slot) = page.fonts.get_mut(id.index()) {
                *slot = font;
            }
            if let Some(slot) = page.states.get_mut(id.index()) {
                *slot = state;
            }
            if let Some(name) = document.attr(id, "id").filter(|name| !name.is_empty()) {
                page.ids.entry(name).or_default().push(id);
            }
            if document.html_name(id) == "img"
                && page.is_rendered(id)
                && let Some(map) = document.attr(id, "usemap")
            {
                page.maps.insert(map.trim_start_matches('#'));
            }
            if document.html_name(id) == "label"
                && let Some(name) = document.attr(id, "for")
            {
                page.labels.entry(name).or_default().push(id);
            }
        }
        for id in document.elements().filter(|id| document.has_attr(*id, "aria-owns")) {
            for owned in page.references(id, "aria-owns") {
                page.owners.entry(owned).or_default().push(id);
            }
        }
        page
    }

    fn state(&self, id: NodeId) -> u8 {
        self.states.get(id.index()).copied().unwrap_or_default()
    }

    fn own_state(&self, id: NodeId, above: u8, shown: Shown<'_>) -> u8 {
        let document = self.document;
        let name = document.html_name(id);
        let mut state = above;
        let never = matches!(
            name,
            "base"
                | "basefont"
                | "datalist"
                | "head"
                | "link"
                | "meta"
                | "noembed"
                | "noframes"
                | "noscript"
                | "param"
                | "rp"
                | "script"
                | "style"
                | "template"
                | "title"
        );
        let unless_styled = document.has_attr(id, "hidden")
            || (name == "dialog" && !document.has_attr(id, "open"))
            || never
            || (name == "input" && self.input_type(id) == "hidden");
        if shown.display_none.unwrap_or(unless_styled) || self.is_in_closed_details(id) {
            state |= HIDDEN;
        }
        match shown.invisible {
            Some(true) => state |= INVISIBLE,
            Some(false) => state &= !INVISIBLE,
            None => {}
        }
        if document.attr(id, "aria-hidden").is_some_and(|value| value.trim() == "true") {
            state |= ARIA_HIDDEN;
        }
        if shown.clipped {
            state |= CLIPPED;
        }
        if document.has_attr(id, "inert") {
            state |= INERT;
        }
        state
    }

    fn is_in_closed_details(&self, id: NodeId) -> bool {
        let document = self.document;
        let Some(parent) = document.parent(id) else { return false };
        if document.html_name(parent) != "details" || document.has_attr(parent, "open") {
            return false;
        }
        document.element_children(parent).find(|at| document.html_name(*at) == "summary") != Some(id)
    }

    /// Where an element's start tag stands.
    pub(super) fn range(&self, id: NodeId) -> Range {
        self.lines.range(self.document.span(id))
    }

    /// The local name of an HTML element.
    pub(super) fn name(&self, id: NodeId) -> &'a str {
        self.document.html_name(id)
    }

    /// An attribute's value, if it is known.
    pub(super) fn attr(&self, id: NodeId, name: &str) -> Option<&'a str> {
        self.document.attr(id, name)
    }

    /// An attribute's value without spaces around it, if it is known and says something.
    pub(super) fn said(&self, id: NodeId, name: &str) -> Option<&'a str> {
        self.attr(id, name).map(trim).filter(|value| !value.is_empty())
    }

    /// Whether an element may have attributes that the source does not show, or is no element of HTML, SVG or `MathML`.
    pub(super) fn is_open(&self, id: NodeId) -> bool {
        self.document.element(id).is_some_and(|element| element.open_ended || element.name.ns.is_empty())
    }

    /// Whether an attribute is there, or may be.
    pub(super) fn may_have(&self, id: NodeId, name: &str) -> bool {
        self.is_open(id) || self.document.has_attr(id, name)
    }

    /// Whether an expression decides the value of an attribute.
    pub(super) fn is_unknown(&self, id: NodeId, name: &str) -> bool {
        match self.document.attribute(id, name) {
            Some(attribute) => attribute.text().is_none(),
            None => self.is_open(id),
        }
    }

    /// Whether an element above is a component, which may put anything around it.
    pub(super) fn is_inside_component(&self, id: NodeId) -> bool {
        self.is_component
            && self.document.ancestors(id).any(|at| match self.document.kind(at) {
                NodeKind::Element(element) => element.name.ns.is_empty(),
                NodeKind::Document | NodeKind::Unknown => true,
                _ => false,
            })
    }

    /// Whether it stands at the top of a piece of a page, of which nobody knows where it goes.
    pub(super) fn is_inside_fragment(&self, id: NodeId) -> bool {
        match self.document.parent_element(id) {
            None => true,
            Some(parent) if self.is_component => self.is_open(parent),
            Some(parent) => !self.document.is_page && self.name(parent) == "body",
        }
    }

    /// The lower-case type of an `input`.
    pub(super) fn input_type(&self, id: NodeId) -> &'static str {
        let written = self.attr(id, "type").unwrap_or_default();
        [
            "button",
            "checkbox",
            "color",
            "date",
            "datetime-local",
            "email",
            "file",
            "hidden",
            "image",
            "month",
            "number",
            "password",
            "radio",
            "range",
            "reset",
            "search",
            "submit",
            "tel",
            "time",
            "url",
            "week",
        ]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(written))
        .unwrap_or("text")
    }

    /// Whether it is shown at all, to eyes or to assistive technology.
    pub(super) fn is_rendered(&self, id: NodeId) -> bool {
        if self.name(id) == "area" {
            return self.area_is_used(id);
        }
        self.state(id) & (HIDDEN | INVISIBLE) == 0
    }

    /// Whether eyes meet it: it is shown, and not cut off to nothing.
    pub(super) fn is_seen(&self, id: NodeId) -> bool {
        self.is_rendered(id) && self.state(id) & CLIPPED == 0
    }

    /// The size of its font, in pixels, as far as the page's own styles set it.
    pub(super) fn font(&self, id: NodeId) -> f64 {
        self.fonts.get(id.index()).copied().unwrap_or(16.0)
    }

    /// Whether `display` leaves it and all around it in place.
    pub(super) fn is_displayed(&self, id: NodeId) -> bool {
        self.state(id) & HIDDEN == 0
    }

    /// Whether assistive technology meets it.
    pub(super) fn is_exposed(&self, id: NodeId) -> bool {
        self.is_rendered(id) && self.state(id) & (ARIA_HIDDEN | INERT) == 0
    }

    /// Whether it or an element around it is `aria-hidden`.
    pub(super) fn is_aria_hidden(&self, id: NodeId) -> bool {
        self.state(id) & ARIA_HIDDEN != 0
    }

    /// Whether it or an element around it is `inert`.
    pub(super) fn is_inert(&self, id: NodeId) -> bool {
        self.state(id) & INERT != 0
    }

    fn area_is_used(&self, id: NodeId) -> bool {
        let document = self.document;
        let Some(map) = document.ancestors(id).find(|at| self.name(*at) == "map") else { return false };
        let Some(name) = self.attr(map, "name") else { return self.is_component };
        self.maps.contains(name)
    }

    /// The first element of an id.
    pub(super) fn by_id(&self, id: &str) -> Option<NodeId> {
        self.ids.get(id).and_then(|nodes| nodes.first()).copied()
    }

    /// All elements of each id, in the order of the ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = (&'a str, &[NodeId])> {
        self.ids.iter().map(|(id, nodes)| (*id, nodes.as_slice()))
    }

    /// The elements an attribute of ids names, as far as they are there.
    pub(super) fn references(&self, id: NodeId, attribute: &str) -> Vec<NodeId> {
        let value = self.attr(id, attribute).unwrap_or_default();
        value.split_ascii_whitespace().filter_map(|it| self.by_id(it)).collect()
    }

    /// The elements that own this one by `aria-owns`.
    pub(super) fn owners(&self, id: NodeId) -> &[NodeId] {
        self.owners.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The labels of a control: those that point at it and the one around it.
    pub(super) fn labels(&self, id: NodeId) -> Vec<NodeId> {
        let document = self.document;
        let mut labels: Vec<NodeId> = Vec::new();
        if let Some(own) = self.attr(id, "id").filter(|own| !own.is_empty())
            && self.by_id(own) == Some(id)
        {
            labels.extend(self.labels.get(own).into_iter().flatten());
        }
        let around = document.ancestors(id).find(|at| self.name(*at) == "label");
        if let Some(around) = around.filter(|around| !document.has_attr(*around, "for") && !labels.contains(around)) {
            let first = document.descendants(around).find(|at| is_labelable(self, *at));
            if first == Some(id) {
                labels.push(around);
            }
        }
        labels.sort_unstable();
        labels
    }

    /// The role that the `role` attribute gives: its first word that is a role.
    pub(super) fn written_role(&self, id: NodeId) -> Option<&'static Role> {
        let words = self.attr(id, "role")?;
        words
            .split_ascii_whitespace()
            .filter_map(|word| aria::role(&word.to_ascii_lowercase()))
            .find(|role| role.kind != aria::Kind::Abstract)
    }

    /// The role it has for assistive technology, `none` and `presentation` included.
    pub(super) fn role(&self, id: NodeId) -> Option<&'static Role> {
        if let Some(written) = self.written_role(id) {
            if !is_presentational(written) || self.has_presentational_conflict(id) && self.is_exposed(id) {
                return if is_presentational(written) { self.implied_role(id) } else { Some(written) };
            }
            return Some(written);
        }
        if let Some(role) = self.inherited_presentation(id) {
            return Some(role);
        }
        self.implied_role(id)
    }

    /// The name of its role; empty where it has none, or is presentational.
    pub(super) fn role_name(&self, id: NodeId) -> &'static str {
        self.role(id).filter(|role| !is_presentational(role)).map_or("", |role| role.name)
    }

    /// Whether focus or an attribute that every role supports undoes a presentational role.
    pub(super) fn has_presentational_conflict(&self, id: NodeId) -> bool {
        self.is_focusable(id) || self.global_attribute(id).is_some()
    }

    /// A global `aria-` attribute it has.
    pub(super) fn global_attribute(&self, id: NodeId) -> Option<&'static str> {
        self.document
            .attributes(id)
            .iter()
            .filter_map(|attribute| aria::attribute(&attribute.name))
            .find(|known| known.has(aria::GLOBAL) && !known.is_deprecated())
            .map(|known| known.name)
    }

    // Lists and tables lose the roles of their parts with their own.
    fn inherited_presentation(&self, id: NodeId) -> Option<&'static Role> {
        let parents: &[&str] = match self.name(id) {
            "td" | "th" => &["tr"],
            "tr" => &["thead", "tbody", "tfoot", "table"],
            "thead" | "tbody" | "tfoot" => &["table"],
            "li" => &["ol", "ul"],
            "dt" | "dd" => &["dl", "div"],
            _ => return None,
        };
        let parent = self.document.parent_element(id)?;
        if !parents.contains(&self.name(parent)) {
            return None;
        }
        match self.written_role(parent) {
            Some(written) if is_presentational(written) && !self.has_presentational_conflict(parent) => {
                (!self.has_presentational_conflict(id)).then_some(written)
            }
            Some(_) => None,
            None => self.inherited_presentation(parent).filter(|_| !self.has_presentational_conflict(id)),
        }
    }

    fn is_in_sectioning(&self, id: NodeId, with_main: bool) -> bool {
        self.document.ancestors(id).any(|at| {
            let sectioning = ["article", "aside", "nav", "section"];
            let written = self.written_role(at).map(|role| role.name);
            match written {
                Some("article" | "complementary" | "navigation" | "region") => true,
                Some("main") => with_main,
                Some(_) => false,
                None => sectioning.contains(&self.name(at)) || (with_main && self.name(at) == "main"),
            }
        })
    }

    fn has_author_name(&self, id: NodeId, with_title: bool) -> bool {
        self.said(id, "aria-label").is_some()
            || !self.references(id, "aria-labelledby").is_empty()
            || (with_title && self.said(id, "title").is_some())
            || (self.is_component
                && (self.is_unknown(id, "aria-label")
                    || self.document.has_attr(id, "aria-labelledby")
                    || self.is_open(id)))
    }

    /// The role an element has by its name.
    pub(super) fn implied_role(&self, id: NodeId) -> Option<&'static Role> {
        let document = self.document;
        let has = |attribute: &str| document.has_attr(id, attribute);
        let name = match self.name(id) {
            "" if document.is_svg(id) && document.name(id) == "svg" => "graphics-document",
            "a" | "area" if self.may_have(id, "href") => "link",
            "article" => "article",
            "aside" if !self.is_in_sectioning(id, false) || self.has_author_name(id, true) => "complementary",
            "body" => "document",
            "button" => "button",
            "datalist" => "listbox",
            "dd" => "definition",
            "details" | "fieldset" | "optgroup" => "group",
            "dfn" | "dt" => "term",
            "dialog" => "dialog",
            "figure" => "figure",
            "footer" if !self.is_in_sectioning(id, true) => "contentinfo",
            "header" if !self.is_in_sectioning(id, true) => "banner",
            "form" if self.has_author_name(id, true) => "form",
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "heading",
            "hr" => "separator",
            "img" => {
                let empty = self.attr(id, "alt") == Some("");
                if empty && !self.has_presentational_conflict(id) { "presentation" } else { "img" }
            }
            "input" => self.input_role(id),
            "li" => "listitem",
            "main" => "main",
            "math" => "math",
            "menu" | "ol" | "ul" => "list",
            "meter" => "meter",
            "nav" => "navigation",
            "option" => "option",
            "output" => "status",
            "progress" => "progressbar",
            "search" => "search",
            "section" if self.has_author_name(id, true) => "region",
            "select" => {
                let size = self.attr(id, "size").and_then(|size| size.trim().parse::<u32>().ok()).unwrap_or(1);
                if has("multiple") || size > 1 { "listbox" } else { "combobox" }
            }
            "summary" => "button",
            "table" => "table",
            "tbody" | "tfoot" | "thead" => "rowgroup",
            "td" => {
                let table = document.ancestors(id).find(|at| self.name(*at) == "table");
                match table.and_then(|table| self.written_role(table)).map(|role| role.name) {
                    Some("grid" | "treegrid") => "gridcell",
                    _ => "cell",
                }
            }
            "textarea" => "textbox",
            "th" => match self.attr(id, "scope").unwrap_or_default() {
                "row" | "rowgroup" => "rowheader",
                _ => "columnheader",
            },
            "tr" => "row",
            _ => return None,
        };
        aria::role(name)
    }

    fn input_role(&self, id: NodeId) -> &'static str {
        let list = self.attr(id, "list").and_then(|list| self.by_id(list));
        let suggests = list.is_some_and(|list| self.name(list) == "datalist");
        match self.input_type(id) {
            "checkbox" => "checkbox",
            "number" => "spinbutton",
            "radio" => "radio",
            "range" => "slider",
            "button" | "image" | "reset" | "submit" => "button",
            "search" if !suggests => "searchbox",
            "search" | "text" | "tel" | "url" | "email" if suggests => "combobox",
            _ => "textbox",
        }
    }

    fn is_disabled(&self, id: NodeId) -> bool {
        let document = self.document;
        let can =
            |at: NodeId| matches!(self.name(at), "button" | "input" | "select" | "textarea" | "option" | "optgroup");
        if !can(id) {
            return false;
        }
        if document.has_attr(id, "disabled") {
            return true;
        }
        let mut below = id;
        for at in document.ancestors(id) {
            if self.name(at) == "fieldset" && document.has_attr(at, "disabled") {
                let legend = document.element_children(at).find(|it| self.name(*it) == "legend");
                return legend != Some(below);
            }
            below = at;
        }
        false
    }

    /// Whether it is disabled by itself or a `fieldset`.
    pub(super) fn is_switched_off(&self, id: NodeId) -> bool {
        self.is_disabled(id)
    }

    /// The number in `tabindex`, read as browsers read integers.
    pub(super) fn tab_index(&self, id: NodeId) -> Option<i64> {
        let text = self.attr(id, "tabindex")?.trim_start();
        let end = text.char_indices().position(|(at, c)| !(c.is_ascii_digit() || (at == 0 && matches!(c, '-' | '+'))));
        text.get(..end.unwrap_or(text.len()))?.parse().ok()
    }

    /// Whether it takes the focus by itself.
    pub(super) fn is_natively_focusable(&self, id: NodeId) -> bool {
        let document = self.document;
        match self.name(id) {
            "a" | "area" => document.has_attr(id, "href"),
            "input" => self.input_type(id) != "hidden",
            "textarea" | "select" | "button" => true,
            "summary" => document.parent(id).is_some_and(|parent| {
                self.name(parent) == "details"
                    && document.element_children(parent).find(|at| self.name(*at) == "summary") == Some(id)
            }),
            "details" => !document.element_children(id).any(|at| self.name(at) == "summary"),
            "audio" | "video" => document.has_attr(id, "controls"),
            _ => false,
        }
    }

    /// Whether it can take the focus.
    pub(super) fn is_focusable(&self, id: NodeId) -> bool {
        if self.is_disabled(id) || self.is_inert(id) || !self.is_rendered(id) {
            return false;
        }
        self.is_natively_focusable(id)
            || self.tab_index(id).is_some()
            || self
                .attr(id, "contenteditable")
                .is_some_and(|value| value.is_empty() || value.eq_ignore_ascii_case("true"))
    }

    /// Whether the tab key reaches it.
    pub(super) fn is_tabbable(&self, id: NodeId) -> bool {
        self.is_focusable(id) && self.tab_index(id).is_none_or(|index| index >= 0) && !self.is_unknown_tab_index(id)
    }

    fn is_unknown_tab_index(&self, id: NodeId) -> bool {
        self.document.attribute(id, "tabindex").is_some_and(|attribute| attribute.text().is_none())
    }
}

fn is_labelable(page: &Page<'_>, id: NodeId) -> bool {
    match page.name(id) {
        "input" => page.input_type(id) != "hidden",
        "button" | "meter" | "output" | "progress" | "select" | "textarea" => true,
        _ => false,
    }
}

/// Whether a role takes an element's meaning away.
pub(super) fn is_presentational(role: &Role) -> bool {
    matches!(role.name, "none" | "presentation")
}

/// Without the spaces that people cannot see, those of other scripts included.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    })
}

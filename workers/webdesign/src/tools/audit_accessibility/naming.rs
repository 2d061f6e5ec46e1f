//! Accessible names: Accessible Name and Description Computation 1.2, with what HTML-AAM and SVG-AAM add for each element.

use super::page::{Page, is_presentational, trim};
use crate::support::aria;
use crate::support::html::{NodeId, NodeKind};

/// Deepest walk of one name; what lies deeper counts as unknown.
const MAX_NAME_DEPTH: usize = 128;

/// Most nodes that one name looks at.
const MAX_NAME_NODES: usize = 20_000;

/// A name, as far as the source tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// The text, spaces run together.
    pub(super) text: String,
    /// Whether something that only running it shows is part of it.
    pub(super) is_open: bool,
}

impl Name {
    /// Whether it is certain that there is none.
    pub(super) fn is_missing(&self) -> bool {
        self.text.is_empty() && !self.is_open
    }
}

struct Walk<'p, 'a> {
    page: &'p Page<'a>,
    text: String,
    is_open: bool,
    left: usize,
    visited: Vec<NodeId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    Plainly,
    ByReference,
    // What is in a hidden target counts.
    ByReferenceHidden,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    // In the content of another element: everything gives its content.
    inside: bool,
    // Whether `aria-labelledby` led here, which does not follow further ones.
    reached: Reached,
    // In a label or the like: a control gives its value.
    embedded: bool,
}

/// The accessible name of an element.
pub(super) fn name(page: &Page<'_>, id: NodeId) -> Name {
    let mut walk = Walk::new(page);
    walk.element(id, Step { inside: false, reached: Reached::Plainly, embedded: false }, 0);
    walk.finish()
}

/// The text an element shows, names of images in it included.
pub(super) fn content(page: &Page<'_>, id: NodeId) -> Name {
    let mut walk = Walk::new(page);
    walk.visited.push(id);
    walk.children(id, Step { inside: true, reached: Reached::Plainly, embedded: false }, 0);
    walk.finish()
}

/// The text an element shows to eyes.
pub(super) fn visible_text(page: &Page<'_>, id: NodeId) -> String {
    let mut text = String::new();
    let mut at = page.document.first_child(id);
    while let Some(node) = at {
        let skipped = page.document.is_element(node) && !page.is_seen(node);
        if let Some(piece) = page.document.text(node)
            && page.is_seen(node)
        {
            text.push_str(piece);
        }
        let inline = is_inline(page.name(node))
            || page.attr(node, "style").is_some_and(|style| {
                super::language::declared(style, "display").is_some_and(|(value, _)| value == "inline")
            });
        if page.document.is_element(node) && !inline {
            text.push(' ');
        }
        at = if skipped { None } else { page.document.first_child(node) }
            .or_else(|| page.document.following_outside(node, id));
    }
    squeeze(&text)
}

/// With runs of spaces made one, and none around.
pub(super) fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace()).filter(|word| !word.is_empty()) {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    trim(&squeezed).to_owned()
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "data"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
            | "del"
            | "big"
    )
}

impl<'p, 'a> Walk<'p, 'a> {
    fn new(page: &'p Page<'a>) -> Self {
        let left = MAX_NAME_NODES.min(page.names_left.get());
        Self { page, text: String::new(), is_open: left == 0, left, visited: Vec::new() }
    }

    fn finish(self) -> Name {
        let used = MAX_NAME_NODES.min(self.page.names_left.get()).saturating_sub(self.left);
        self.page.names_left.set(self.page.names_left.get().saturating_sub(used));
        Name { text: squeeze(&self.text), is_open: self.is_open }
    }

    fn has_text_since(&self, start: usize) -> bool {
        self.text.get(start..).is_some_and(|text| !trim(text).is_empty())
    }

    // Whether the attribute decides: it says something, or an expression does.
    fn attribute(&mut self, id: NodeId, name: &str) -> bool {
        if let Some(text) = self.page.said(id, name) {
            self.text.push_str(text);
            return true;
        }
        if self.page.is_component && self.page.document.attribute(id, name).is_some_and(|it| it.text().is_none()) {
            self.is_open = true;
            return true;
        }
        false
    }

    fn element(&mut self, id: NodeId, step: Step, depth: usize) {
        let page = self.page;
        if depth > MAX_NAME_DEPTH || self.left == 0 {
            self.is_open = true;
            return;
        }
        self.left -= 1;
        if self.visited.contains(&id) && step.inside {
            return;
        }
        let exposed = if step.reached != Reached::Plainly || !step.inside {
            page.is_rendered(id) && !page.is_aria_hidden(id)
        } else {
            page.is_exposed(id)
        };
        if step.inside && step.reached != Reached::ByReferenceHidden && !exposed {
            return;
        }
        if page.is_open(id) {
            self.is_open = true;
        }
        self.visited.push(id);
        self.compute(id, step, depth);
        self.visited.pop();
    }

    fn compute(&mut self, id: NodeId, step: Step, depth: usize) {
        let page = self.page;
        let start = self.text.len();
        if step.reached == Reached::Plainly {
            let targets = page.references(id, "aria-labelledby");
            for target in &targets {
                let hidden = !page.is_rendered(*target) || page.is_aria_hidden(*target);
                let reached = if hidden { Reached::ByReferenceHidden } else { Reached::ByReference };
                self.text.push(' ');
                let own = *target == id;
                let step = Step { inside: !own, reached, embedded: true };
                if own {
                    self.compute(id, step, depth + 1);
                } else {
                    let visited = std::mem::take(&mut self.visited);
                    self.element(*target, step, depth + 1);
                    self.visited = visited;
                }
            }
            if self.has_text_since(start) {
                return;
            }
            if page.is_component && page.document.has_attr(id, "aria-labelledby") {
                self.is_open = true;
                return;
            }
        }
        if step.embedded && step.inside && self.value(id, depth) {
            return;
        }
        if self.attribute(id, "aria-label") {
            return;
        }
        let role = page.role(id);
        let presentational = role.is_some_and(is_presentational);
        if !presentational {
            self.native(id, step, depth);
            if self.has_text_since(start) || self.is_open {
                return;
            }
        }
        let from_content =
            step.inside || role.is_some_and(|role| role.has(aria::CONTENT) && takes_content(page, id, role.name));
        if from_content && !matches!(page.name(id), "select" | "textarea" | "iframe" | "object" | "audio" | "video") {
            self.children(id, step, depth);
            if self.has_text_since(start) {
                return;
            }
        }
        if self.attribute(id, "title") {
            return;
        }
        if matches!(page.name(id), "input" | "textarea") && self.attribute(id, "placeholder") {
            return;
        }
        let _ = self.attribute(id, "aria-placeholder");
    }

    fn children(&mut self, id: NodeId, step: Step, depth: usize) {
        let page = self.page;
        let document = page.document;
        let children: Vec<NodeId> = document.children(id).chain(page.references(id, "aria-owns")).collect();
        for child in children {
            match document.kind(child) {
                NodeKind::Text(text) => {
                    self.text.push_str(text);
                }
                NodeKind::Unknown => self.is_open = true,
                NodeKind::Element(element) => {
                    if element.name.ns.is_empty() {
                        self.is_open = true;
                        continue;
                    }
                    let spaced = !is_inline(&element.name.local);
                    if spaced {
                        self.text.push(' ');
                    }
                    self.element(child, Step { inside: true, ..step }, depth + 1);
                    if spaced {
                        self.text.push(' ');
                    }
                }
                NodeKind::Document | NodeKind::Fragment | NodeKind::Doctype { .. } | NodeKind::Comment(_) => {}
            }
            if self.left == 0 {
                return;
            }
        }
    }

    // The value of a control that stands in a name.
    fn value(&mut self, id: NodeId, depth: usize) -> bool {
        let page = self.page;
        let document = page.document;
        match page.role_name(id) {
            "textbox" | "searchbox" => {
                if page.name(id) == "input" {
                    self.text.push_str(page.attr(id, "value").unwrap_or_default());
                } else {
                    let text = document.text_content(id);
                    self.text.push_str(&text);
                }
                true
            }
            "combobox" | "listbox" if page.name(id) == "select" => {
                let options: Vec<NodeId> = document.descendants(id).filter(|at| page.name(*at) == "option").collect();
                let chosen = options.iter().find(|at| document.has_attr(**at, "selected")).or(options.first());
                if let Some(chosen) = chosen {
                    let text = document.text_content(*chosen);
                    self.text.push_str(&text);
                }
                true
            }
            "combobox" if page.name(id) == "input" => {
                self.text.push_str(page.attr(id, "value").unwrap_or_default());
                true
            }
            "listbox" | "combobox" => {
                let chosen = document.descendants(id).find(|at| page.attr(*at, "aria-selected") == Some("true"));
                if let Some(chosen) = chosen {
                    self.element(
                        chosen,
                        Step { inside: true, reached: Reached::ByReference, embedded: false },
                        depth + 1,
                    );
                }
                true
            }
            "slider" | "spinbutton" | "progressbar" | "scrollbar" | "meter" => {
                let value = ["aria-valuetext", "aria-valuenow", "value"].iter().find_map(|name| page.said(id, name));
                self.text.push_str(value.unwrap_or_default());
                true
            }
            _ => false,
        }
    }

    fn native(&mut self, id: NodeId, step: Step, depth: usize) {
        let page = self.page;
        let document = page.document;
        match page.name(id) {
            "input" => match page.input_type(id) {
                "button" | "submit" | "reset" => {
                    if !self.by_labels(id, depth) && !self.attribute(id, "value") && !document.has_attr(id, "value") {
                        self.text.push_str(match page.input_type(id) {
                            "submit" => "Submit",
                            "reset" => "Reset",
                            _ => "",
                        });
                    }
                }
                "image" => {
                    if !self.by_labels(id, depth) {
                        let _ = self.attribute(id, "alt") || self.attribute(id, "title");
                    }
                }
                _ => {
                    self.by_labels(id, depth);
                }
            },
            "select" | "textarea" | "meter" | "output" | "progress" => {
                self.by_labels(id, depth);
            }
            "button" => {
                self.by_labels(id, depth);
            }
            "img" | "area" => {
                let _ = self.attribute(id, "alt");
            }
            "fieldset" => self.by_child(id, "legend", depth),
            "figure" => self.by_child(id, "figcaption", depth),
            "table" => {
                let start = self.text.len();
                self.by_child(id, "caption", depth);
                if !self.has_text_since(start) {
                    let _ = self.attribute(id, "summary");
                }
            }
            "optgroup" => {
                let _ = self.attribute(id, "label");
            }
            "option" if !step.inside => {
                let _ = self.attribute(id, "label");
            }
            "" if document.is_svg(id) => {
                let title =
                    document.element_children(id).find(|at| document.is_svg(*at) && document.name(*at) == "title");
                if let Some(title) = title {
                    let text = document.text_content(title);
                    self.text.push_str(&text);
                } else if document.name(id) == "a" {
                    let _ = self.attribute(id, "xlink:title");
                }
            }
            _ => {}
        }
    }

    fn by_labels(&mut self, id: NodeId, depth: usize) -> bool {
        let start = self.text.len();
        for label in self.page.labels(id) {
            self.text.push(' ');
            let visited = self.visited.clone();
            self.element(label, Step { inside: true, reached: Reached::Plainly, embedded: true }, depth + 1);
            self.visited = visited;
        }
        self.has_text_since(start) || self.is_open
    }

    fn by_child(&mut self, id: NodeId, name: &str, depth: usize) {
        let child = self.page.document.element_children(id).find(|at| self.page.name(*at) == name);
        if let Some(child) = child {
            self.element(child, Step { inside: true, reached: Reached::Plainly, embedded: false }, depth + 1);
        }
    }
}

// Roles that the data say take content, but elements of which do not when they are no widget: a table is not named by its cells.
fn takes_content(page: &Page<'_>, id: NodeId, role: &str) -> bool {
    match role {
        "table" | "rowgroup" | "figure" | "term" | "listitem" | "text" | "section" | "sectionhead" | "directory"
        | "graphics-object" => false,
        _ => page.name(id) != "dt",
    }
}

//! Rules on what has a name: images, controls, links, frames, headings, and roles that need one.

use super::Audit;
use super::naming::{Name, name, squeeze, visible_text};
use super::page::{is_presentational, trim};
use crate::support::aria;
use crate::support::html::NodeId;
use std::collections::BTreeMap;

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>) {
    let document = audit.page.document;
    let mut frames: BTreeMap<String, Vec<NodeId>> = BTreeMap::new();
    for id in document.elements() {
        let page = audit.page;
        if page.name(id) == "area" && page.said(id, "href").is_some() {
            area(audit, id);
        }
        if !page.is_exposed(id) || page.is_open(id) {
            continue;
        }
        match page.name(id) {
            "img" => image(audit, id),
            "button" => button(audit, id),
            "input" | "select" | "textarea" => field(audit, id),
            "a" if document.has_attr(id, "href") => link(audit, id),
            "iframe" | "frame" => {
                if let Some(title) = page.said(id, "title") {
                    frames.entry(squeeze(title).to_lowercase()).or_default().push(id);
                }
                frame(audit, id);
            }
            "object" if document.has_attr(id, "data") => object(audit, id),
            "summary" if page.is_natively_focusable(id) => {
                missing(audit, "summary-name", id, "the summary of a details element has no text");
            }
            "th" => header_cell(audit, id),
            _ => {}
        }
        match page.role(id).map_or("", |role| role.name) {
            "heading" => heading(audit, id),
            "link" => link_text(audit, id),
            _ => {}
        }
        by_role(audit, id);
    }
    for (_, same) in frames.into_iter().filter(|(_, same)| same.len() > 1) {
        for id in same {
            audit.add("frame-title-unique", id, "another frame has the same title".to_owned());
        }
    }
}

fn missing(audit: &mut Audit<'_>, rule: &'static str, id: NodeId, message: &str) -> bool {
    let missing = name(audit.page, id).is_missing();
    if missing {
        audit.add(rule, id, message.to_owned());
    }
    missing
}

// Whether what is meant for one element fits it with the role it was given.
fn needs_name_still(audit: &Audit<'_>, id: NodeId) -> bool {
    match audit.page.written_role(id) {
        None => true,
        Some(role) => is_presentational(role) || role.has(aria::NAMED) || audit.page.is_focusable(id),
    }
}

fn is_set_aside(audit: &Audit<'_>, id: NodeId) -> bool {
    audit.page.role(id).is_some_and(is_presentational)
}

fn image(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    if page.is_unknown(id, "alt") && page.document.has_attr(id, "alt") || !needs_name_still(audit, id) {
        return;
    }
    let alt = page.attr(id, "alt");
    if let Some(alt) = alt.filter(|alt| !alt.is_empty() && alt.trim().is_empty()) {
        let named = !is_set_aside(audit, id) && !alt.is_empty();
        if named {
            let fix = audit.value_fix(id, "alt", "mark it as decorative", "");
            audit.add_fixed(
                "image-alt",
                id,
                "the alt text is only spaces; leave it empty for decoration, or say what it shows".to_owned(),
                fix,
            );
        }
        return;
    }
    if alt.is_none() && !is_set_aside(audit, id) {
        missing(audit, "image-alt", id, "the image has no alt attribute and no other name");
        return;
    }
    if alt.is_some_and(|alt| !trim(alt).is_empty()) && !is_set_aside(audit, id) {
        repeats_text(audit, id);
    }
}

fn repeats_text(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let around = page.document.ancestors(id).find(|at| {
        matches!(page.name(*at), "button" | "p" | "li" | "td" | "th")
            || (page.name(*at) == "a" && page.document.has_attr(*at, "href"))
            || page.attr(*at, "role") == Some("button")
    });
    let Some(around) = around else { return };
    let text = visible_text(page, around).to_lowercase();
    if !text.is_empty() && text == name(page, id).text.to_lowercase() {
        audit.add("image-redundant-alt", id, "the alt text repeats the text beside it; leave it empty".to_owned());
    }
}

fn button(audit: &mut Audit<'_>, id: NodeId) {
    if needs_name_still(audit, id) && !is_set_aside(audit, id) {
        missing(audit, "button-name", id, "the button has no text and no other name");
    }
}

fn field(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let kind = if page.name(id) == "input" { page.input_type(id) } else { "" };
    if page.is_unknown(id, "type") && page.document.has_attr(id, "type") {
        return;
    }
    match (page.name(id), kind) {
        (_, "hidden") => return,
        (_, "button" | "submit" | "reset") => {
            if needs_name_still(audit, id) && !is_set_aside(audit, id) {
                missing(audit, "input-button-name", id, "the button has no value and no other name");
            }
            return;
        }
        (_, "image") => {
            if needs_name_still(audit, id) {
                missing(audit, "input-image-alt", id, "the image button has no alt text and no other name");
            }
            return;
        }
        ("select", _) => {
            if !is_set_aside(audit, id) {
                missing(audit, "select-name", id, "the select has no label");
            }
        }
        _ => {
            if !is_set_aside(audit, id)
                && page.written_role(id).is_none_or(|role| role.has(aria::NAMED) || is_presentational(role))
            {
                missing(audit, "label", id, "the field has no label");
            }
        }
    }
    labels(audit, id);
}

fn labels(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let labels: Vec<NodeId> = page.labels(id).into_iter().filter(|label| page.is_displayed(*label)).collect();
    if labels.len() > 1 {
        let named: Vec<NodeId> = page.references(id, "aria-labelledby");
        let exposed = labels.iter().filter(|label| page.is_exposed(**label)).count();
        if exposed > 1 || !labels.iter().any(|label| named.contains(label)) {
            audit.add("form-field-multiple-labels", id, format!("{} labels name one field", labels.len()));
        }
    }
    let by_label = labels.iter().any(|label| !super::naming::content(page, *label).is_missing());
    let by_aria = page.said(id, "aria-label").is_some()
        || page.references(id, "aria-labelledby").iter().any(|at| !super::naming::content(page, *at).is_missing());
    if by_label || by_aria || (page.is_component && !page.labels(id).is_empty()) || page.is_unknown(id, "aria-label") {
        return;
    }
    let described = page.said(id, "aria-describedby").is_some();
    if page.said(id, "title").is_some() || described {
        audit.add("label-title-only", id, "only a title or description names the field; eyes see no label".to_owned());
    }
}

fn link(audit: &mut Audit<'_>, id: NodeId) {
    missing(audit, "link-name", id, "the link has no text and no other name");
}

// Link texts that say nothing by themselves, in the languages of most pages.
const EMPTY_PHRASES: &[&str] = &[
    "aquí",
    "clic aquí",
    "clicca qui",
    "click here",
    "click this",
    "clique aqui",
    "cliquez ici",
    "continue",
    "details",
    "en savoir plus",
    "go",
    "haga clic aquí",
    "here",
    "hier",
    "hier klicken",
    "ici",
    "info",
    "information",
    "klicken sie hier",
    "klik hier",
    "learn more",
    "leer más",
    "lees meer",
    "leggi tutto",
    "leia mais",
    "link",
    "lire la suite",
    "läs mer",
    "læs mere",
    "meer",
    "mehr",
    "mehr erfahren",
    "more",
    "more info",
    "more information",
    "más",
    "más información",
    "plus",
    "read more",
    "right here",
    "saiba mais",
    "scopri di più",
    "see more",
    "start",
    "this",
    "this link",
    "this page",
    "view more",
    "weiter",
    "weiterlesen",
];

fn link_text(audit: &mut Audit<'_>, id: NodeId) {
    let named = name(audit.page, id);
    let text = named.text.to_lowercase();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    if !named.is_open && EMPTY_PHRASES.binary_search(&text).is_ok() {
        let message = format!("\"{}\" does not say where the link leads", octavo_toolkit::limits::excerpt(&named.text));
        audit.add("link-text", id, message);
        if !has_context(audit, id) {
            let message = "neither the link nor what is around it says where it leads".to_owned();
            audit.add("link-in-context-descriptive", id, message);
        }
    }
}

// Whether something tells what a link is about: words beside it, a description, headers of its cell, or a heading before.
fn has_context(audit: &Audit<'_>, id: NodeId) -> bool {
    let page = audit.page;
    let document = page.document;
    let own = name(page, id).text;
    if page.is_component || page.said(id, "title").is_some() || !page.references(id, "aria-describedby").is_empty() {
        return true;
    }
    for at in document.ancestors(id) {
        let ends = matches!(
            page.name(at),
            "body" | "main" | "article" | "section" | "nav" | "aside" | "header" | "footer" | "html"
        );
        if matches!(page.name(at), "td" | "th" | "dd") || (!ends && says_more(audit, at, own.len() + 2)) {
            return true;
        }
        if ends {
            break;
        }
    }
    audit.first_heading.is_some_and(|first| first < audit.order(id))
}

// Whether an element shows more letters than so many.
fn says_more(audit: &Audit<'_>, id: NodeId, than: usize) -> bool {
    let page = audit.page;
    let document = page.document;
    let mut length = 0;
    document.descendants(id).any(|at| {
        if let Some(text) = document.text(at).filter(|_| page.is_seen(at)) {
            length += squeeze(text).len();
        }
        length > than
    })
}

fn area(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    if page.is_open(id) || !page.document.ancestors(id).any(|at| page.name(at) == "map") {
        return;
    }
    if !page.is_unknown(id, "alt") || !page.document.has_attr(id, "alt") {
        missing(audit, "area-alt", id, "the area of an image map has no alt text and no other name");
    }
}

fn frame(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    if page.tab_index(id).is_some_and(|index| index < 0) || is_set_aside(audit, id) {
        return;
    }
    missing(audit, "frame-title", id, "the frame has no title");
}

fn object(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let data = page.attr(id, "data").unwrap_or_default();
    let path = data.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let kind = page.attr(id, "type").unwrap_or_default().to_ascii_lowercase();
    let media =
        ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "bmp", "mp3", "mp4", "webm", "ogg", "wav", "pdf", "swf"];
    let shows = path.rsplit_once('.').is_some_and(|(_, end)| media.contains(&end))
        || ["image/", "audio/", "video/", "application/pdf"].iter().any(|start| kind.starts_with(start))
        || data.starts_with("data:image/");
    if !shows || is_set_aside(audit, id) {
        return;
    }
    missing(audit, "object-alt", id, "the object has no name for those who cannot see it");
}

fn header_cell(audit: &mut Audit<'_>, id: NodeId) {
    if audit.page.written_role(id).is_none() && !is_set_aside(audit, id) {
        let shown = super::naming::content(audit.page, id);
        if shown.is_missing() {
            audit.add("empty-table-header", id, "the header cell has no text".to_owned());
        }
    }
}

fn heading(audit: &mut Audit<'_>, id: NodeId) {
    missing(audit, "empty-heading", id, "the heading has no text");
}

// Elements that HTML names by themselves; the rules of roles leave them to those of the elements.
fn names_itself(audit: &Audit<'_>, id: NodeId) -> bool {
    let page = audit.page;
    match page.name(id) {
        "a" | "area" => page.document.has_attr(id, "href"),
        "br" | "button" | "fieldset" | "figure" | "hr" | "img" | "input" | "output" | "select" | "summary"
        | "table" | "textarea" => true,
        _ => page.document.is_svg(id) && page.document.name(id) == "svg",
    }
}

fn by_role(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let Some(role) = page.written_role(id) else { return };
    let is_svg = page.document.is_svg(id);
    match role.name {
        "img" | "image" if is_svg => drop_named(audit, "svg-img-alt", id),
        "graphics-symbol" | "graphics-document" if is_svg => drop_named(audit, "svg-img-alt", id),
        "img" | "image"
            if !matches!(page.name(id), "img" | "area" | "input" | "object" | "") && missing_by_author(audit, id) =>
        {
            audit.add("role-img-alt", id, format!("the element with role {} has no name", role.name));
        }
        "rowheader" | "columnheader" if super::naming::content(page, id).is_missing() => {
            audit.add("empty-table-header", id, "the header cell has no text".to_owned());
        }
        _ => {}
    }
    if names_itself(audit, id) {
        return;
    }
    let rule = match role.name {
        "link" | "button" | "menuitem" => "aria-command-name",
        "dialog" | "alertdialog" => "aria-dialog-name",
        "combobox" | "listbox" | "searchbox" | "slider" | "spinbutton" | "textbox" => "aria-input-field-name",
        "meter" => "aria-meter-name",
        "progressbar" => "aria-progressbar-name",
        "tab" => "aria-tab-name",
        "checkbox" | "menuitemcheckbox" | "menuitemradio" | "radio" | "switch" | "option" => "aria-toggle-field-name",
        "tooltip" => "aria-tooltip-name",
        "treeitem" => "aria-treeitem-name",
        _ => return,
    };
    if role.name == "combobox"
        && page.document.descendants(id).any(|at| page.name(at) == "input" && page.input_type(at) != "hidden")
    {
        return;
    }
    if role.name == "listbox" && is_popup(audit, id) {
        return;
    }
    missing(audit, rule, id, &format!("the element with role {} has no name", role.name));
}

// Whether a combobox opens it: then the combobox carries the name.
fn is_popup(audit: &Audit<'_>, id: NodeId) -> bool {
    let page = audit.page;
    let Some(own) = page.attr(id, "id") else { return false };
    page.document.elements().any(|at| {
        page.role_name(at) == "combobox"
            && ["aria-controls", "aria-owns"].iter().any(|attribute| {
                page.attr(at, attribute).is_some_and(|ids| ids.split_ascii_whitespace().any(|it| it == own))
            })
    })
}

fn missing_by_author(audit: &Audit<'_>, id: NodeId) -> bool {
    name(audit.page, id).is_missing()
}

fn drop_named(audit: &mut Audit<'_>, rule: &'static str, id: NodeId) {
    let Name { text, is_open } = name(audit.page, id);
    if text.is_empty() && !is_open {
        audit.add(rule, id, "the SVG image has no title and no other name".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::EMPTY_PHRASES;

    #[test]
    fn phrases_are_sorted() {
        assert!(EMPTY_PHRASES.is_sorted());
    }
}

//! Rules on the keyboard: what takes the focus, in which order, and what its name says.

use super::Audit;
use super::naming::{name, visible_text};
use super::page::trim;
use crate::support::aria::{CONTENT, Kind, LEAF};
use crate::support::html::{NodeId, NodeKind, parse};
use std::collections::BTreeMap;

/// Most descendants looked at for what takes the focus, summed over a page.
const MAX_LOOKED_AT: usize = 5_000_000;

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>) {
    let document = audit.page.document;
    let mut keys: BTreeMap<String, Vec<NodeId>> = BTreeMap::new();
    let mut left = MAX_LOOKED_AT;
    for id in document.elements() {
        let page = audit.page;
        if let Some(key) = page.said(id, "accesskey")
            && page.is_rendered(id)
        {
            keys.entry(key.to_uppercase()).or_default().push(id);
        }
        if page.tab_index(id).is_some_and(|index| index > 0) && page.is_exposed(id) {
            let fix = audit.value_fix(id, "tabindex", "let the order of the source decide", "0");
            let message = "a positive tabindex takes it out of the order of the page".to_owned();
            audit.add_fixed("tabindex", id, message, fix);
        }
        if page.attr(id, "aria-hidden") == Some("true")
            && page.name(id) != "body"
            && document.parent(id).is_none_or(|parent| !page.is_aria_hidden(parent))
        {
            hidden_focus(audit, id, &mut left);
        }
        if page.name(id) == "img" && document.has_attr(id, "ismap") && page.is_exposed(id) {
            audit.add(
                "server-side-image-map",
                id,
                "only a pointer can choose a place of a server-side image map".to_owned(),
            );
        }
        if page.name(id) == "iframe" {
            frame(audit, id);
        }
        if page.is_exposed(id) && !page.is_open(id) {
            if page.role(id).is_some_and(|role| role.has(LEAF)) {
                nested(audit, id, &mut left);
            }
            label_in_name(audit, id);
            focus_order(audit, id);
        }
        if page.name(id) == "a" && page.is_exposed(id) {
            skip_link(audit, id);
        }
    }
    for (key, ids) in keys.into_iter().filter(|(_, ids)| ids.len() > 1) {
        if let Some(first) = ids.first() {
            let key = octavo_toolkit::limits::excerpt(&key);
            audit.add("accesskeys", *first, format!("{} elements have the access key {key}", ids.len()));
        }
    }
}

fn hidden_focus(audit: &mut Audit<'_>, id: NodeId, left: &mut usize) {
    let page = audit.page;
    let document = page.document;
    let focused = std::iter::once(id).chain(document.descendants(id)).take_while(|_| {
        *left = left.saturating_sub(1);
        *left > 0
    });
    let mut found = None;
    for at in focused {
        if document.is_element(at) && page.is_tabbable(at) && !page.is_open(at) {
            found = Some(at);
            break;
        }
    }
    if let Some(found) = found {
        let what = if found == id {
            "it takes the focus itself".to_owned()
        } else {
            format!("{} in it takes the focus", page.name(found))
        };
        let message = format!("it is hidden from assistive technology, yet {what}");
        // While a dialog is open, scripts may keep the focus in it.
        if audit.has_open_dialog && may_move_focus(audit) {
            audit.add_review("aria-hidden-focus", id, message);
        } else {
            audit.add("aria-hidden-focus", id, message);
        }
    }
}

// Whether a script of the page may give the focus to something.
fn may_move_focus(audit: &Audit<'_>) -> bool {
    let page = audit.page;
    let document = page.document;
    page.is_component
        || document.elements().any(|id| {
            page.name(id) == "script" && (document.has_attr(id, "src") || document.text_content(id).contains(".focus("))
                || document
                    .attributes(id)
                    .iter()
                    .any(|it| it.name.starts_with("on") && it.text().is_some_and(|code| code.contains("focus")))
        })
}

fn nested(audit: &mut Audit<'_>, id: NodeId, left: &mut usize) {
    let page = audit.page;
    let document = page.document;
    let mut at = document.first_child(id);
    while let Some(node) = at {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return;
        }
        if document.is_element(node)
            && page.role(node).is_some_and(|role| role.kind == Kind::Widget)
            && page.is_focusable(node)
        {
            let message = format!("{} in it takes the focus, but is not exposed there", page.name(node));
            audit.add("nested-interactive", id, message);
            return;
        }
        at = document.first_child(node).or_else(|| document.following_outside(node, id));
    }
}

fn frame(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    // A frame of a pixel shows nothing.
    let tiny =
        ["width", "height"].iter().all(|name| page.attr(id, name).is_some_and(|size| matches!(size.trim(), "0" | "1")));
    if page.tab_index(id).is_none_or(|index| index >= 0) || !page.is_rendered(id) || page.is_inert(id) || tiny {
        return;
    }
    let Some(source) = page.attr(id, "srcdoc") else { return };
    let inner = parse(source);
    let lines = octavo_toolkit::LineIndex::new(source);
    let inside = super::page::Page::new(&inner, &lines, false, &super::sheets::gather(&inner, &[]).read());
    if inner.elements().any(|at| inside.is_tabbable(at)) {
        audit.add("frame-focusable-content", id, "tabindex=-1 keeps the focus out of what the frame holds".to_owned());
    }
}

// What a speaker of what is seen would say, and what the name says.
fn words(text: &str) -> Vec<String> {
    let kept: String = text.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    kept.split_whitespace().map(str::to_owned).collect()
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_usize;
    let kept = text.chars().filter(|c| {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    kept.collect()
}

// Whether a word stands for a picture of an icon font of the page.
fn is_icon(audit: &Audit<'_>, seen: &str) -> bool {
    let one_word = seen.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    one_word && audit.has_icon_font
}

fn label_in_name(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let Some(role) = page.role(id) else { return };
    if role.kind != Kind::Widget || !role.has(CONTENT) {
        return;
    }
    if page.said(id, "aria-label").is_none() && page.references(id, "aria-labelledby").is_empty() {
        return;
    }
    let seen = visible_text(page, id);
    if seen.is_empty() || page.document.descendants(id).any(|at| matches!(page.document.kind(at), NodeKind::Unknown)) {
        return;
    }
    let named = name(page, id);
    let (seen_words, name_words) = (words(&without_parentheses(&seen)), words(&named.text));
    // One letter, or signs alone, is a picture rather than a word.
    let is_sign = |words: &[String], text: &str| {
        words.is_empty() || matches!(trim(text).chars().collect::<Vec<_>>().as_slice(), [one] if !one.is_ascii_digit())
    };
    if named.is_open || is_sign(&seen_words, &seen) || is_sign(&name_words, &named.text) || is_icon(audit, &seen) {
        return;
    }
    let contained = name_words.windows(seen_words.len()).any(|window| window == seen_words);
    // A hyphen more or less, or an abbreviation, is said alike.
    let joined = words(&named.text.replace('-', ""));
    let alike = joined.windows(seen_words.len()).any(|window| window == seen_words) || seen.ends_with('.');
    if !contained {
        let message = format!(
            "it shows \"{}\", but its name is \"{}\"",
            octavo_toolkit::limits::excerpt(&seen),
            octavo_toolkit::limits::excerpt(&named.text)
        );
        if alike || matches!(role.name, "switch" | "checkbox" | "radio" | "menuitemcheckbox" | "menuitemradio") {
            audit.add_review("label-content-name-mismatch", id, message);
        } else {
            audit.add("label-content-name-mismatch", id, message);
        }
    }
}

fn focus_order(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let plain = matches!(page.name(id), "div" | "p" | "span" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
        || page.attr(id, "role") == Some("heading");
    if !plain || !page.is_tabbable(id) || page.is_natively_focusable(id) || page.tab_index(id).is_none() {
        return;
    }
    let role = page.role(id);
    let fits = role.is_some_and(|role| {
        matches!(role.kind, Kind::Widget | Kind::Landmark | Kind::Window)
            || matches!(role.name, "tooltip" | "document" | "article" | "toolbar" | "tabpanel" | "group")
    });
    if !fits {
        let what = role.map_or("no role", |role| role.name);
        audit.add(
            "focus-order-semantics",
            id,
            format!("it takes the focus with {what}, which says nothing of what it does"),
        );
    }
}

fn skip_link(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let Some(target) = page.attr(id, "href").and_then(|href| href.strip_prefix('#')) else { return };
    if target.is_empty() || target.starts_with(['!', '/']) || target.eq_ignore_ascii_case("top") || page.is_component {
        return;
    }
    let known = page.by_id(target).is_some() || audit.anchors.contains(target);
    if !known && visible_text(page, id).to_lowercase().contains("skip") {
        audit.add("skip-link", id, "the link leads to nothing of the page".to_owned());
    }
}

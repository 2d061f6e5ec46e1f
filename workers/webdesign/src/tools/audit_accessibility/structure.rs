//! Rules on the structure of a page: headings, landmarks, lists, and ways past what repeats.

use super::Audit;
use super::naming::{name, squeeze};
use super::page::{is_presentational, trim};
use crate::support::aria::Kind;
use crate::support::html::{NodeId, NodeKind, ROOT};
use std::collections::{BTreeMap, BTreeSet};

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>) {
    lists(audit);
    headings(audit);
    landmarks(audit);
    if audit.page.document.is_page {
        bypass(audit);
        regions(audit);
    }
    duplicate_ids(audit);
}

fn lists(audit: &mut Audit<'_>) {
    for id in audit.page.document.elements() {
        let page = audit.page;
        if !page.is_exposed(id) || page.is_open(id) || page.document.has_attr(id, "role") {
            continue;
        }
        match page.name(id) {
            "ul" | "ol" => list(audit, id),
            "dl" => definitions(audit, id),
            "li" => {
                let parent = page.document.parent_element(id);
                let fits = parent.is_some_and(|parent| {
                    page.document.name(parent) == "slot"
                        || page.role(parent).is_some_and(|role| is_presentational(role) || role.name == "list")
                        || page.is_open(parent)
                });
                let torn_out = page.is_inside_fragment(id) || (page.is_component && parent.is_none());
                if !fits && !torn_out {
                    audit.add("listitem", id, "a list item must stand in a list".to_owned());
                }
            }
            "dd" | "dt" => {
                let mut parent = page.document.parent_element(id);
                if let Some(group) = parent.filter(|at| page.name(*at) == "div")
                    && page.written_role(group).is_none_or(is_presentational)
                {
                    parent = page.document.parent_element(group);
                }
                let fits = parent.is_some_and(|parent| {
                    page.is_open(parent)
                        || (page.name(parent) == "dl"
                            && page
                                .written_role(parent)
                                .is_none_or(|role| is_presentational(role) || role.name == "list"))
                });
                if !fits && !page.is_inside_fragment(id) {
                    audit.add("dlitem", id, format!("{} must stand in a dl", page.name(id)));
                }
            }
            _ => {}
        }
    }
}

// What may not stand in a list, in words.
fn unfit(audit: &Audit<'_>, id: NodeId, names: &[&str], roles: &[&str]) -> Option<String> {
    let page = audit.page;
    match page.document.kind(id) {
        NodeKind::Text(text) if !text.trim().is_empty() => Some("text".to_owned()),
        NodeKind::Element(_) if page.is_exposed(id) && !page.is_open(id) => match page.written_role(id) {
            Some(role) => (!roles.contains(&role.name)).then(|| format!("role {}", role.name)),
            None => (!names.contains(&page.name(id)) && !roles.contains(&page.role_name(id)))
                .then(|| page.document.name(id).to_owned()),
        },
        _ => None,
    }
}

fn list(audit: &mut Audit<'_>, id: NodeId) {
    let found =
        audit.page.document.children(id).find_map(|at| unfit(audit, at, &["li", "script", "template"], &["listitem"]));
    if let Some(found) = found {
        audit.add("list", id, format!("{} may hold li alone, not {found}", audit.page.name(id)));
    }
}

fn definitions(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let document = page.document;
    let names = ["dt", "dd", "script", "template"];
    let roles = ["definition", "term", "listitem"];
    let mut found = None;
    for at in document.children(id) {
        let group = page.name(at) == "div" && page.written_role(at).is_none();
        found = if group {
            document.children(at).find_map(|inner| unfit(audit, inner, &names, &roles))
        } else {
            unfit(audit, at, &names, &roles)
        };
        if found.is_some() {
            break;
        }
    }
    if let Some(found) = found {
        audit.add("definition-list", id, format!("dl may hold dt, dd and groups of them alone, not {found}"));
        return;
    }
    let (mut term, mut pair, mut any) = (false, false, false);
    for at in document.element_children(id) {
        match page.name(at) {
            "dt" => term = true,
            "dd" => pair |= term,
            _ => continue,
        }
        any = true;
    }
    if any && !pair {
        audit.add("definition-list", id, "dl needs terms (dt), each followed by descriptions (dd)".to_owned());
    }
}

fn level(audit: &Audit<'_>, id: NodeId) -> Option<u32> {
    let page = audit.page;
    let native = page.name(id).strip_prefix('h').and_then(|digit| digit.parse::<u32>().ok());
    match page.attr(id, "aria-level").map(|text| text.trim().parse::<u32>()) {
        Some(Ok(level)) if level > 0 => Some(level),
        _ if page.document.has_attr(id, "aria-level") && page.is_unknown(id, "aria-level") => None,
        _ => Some(native.unwrap_or(2)),
    }
}

fn headings(audit: &mut Audit<'_>) {
    let document = audit.page.document;
    let mut last: Option<u32> = None;
    let mut first_level = false;
    let mut any = false;
    for id in document.elements() {
        let page = audit.page;
        if page.role(id).is_none_or(|role| role.name != "heading") || !page.is_exposed(id) {
            continue;
        }
        any = true;
        let Some(level) = level(audit, id) else {
            last = None;
            continue;
        };
        first_level |= level == 1;
        audit.headings.push((id, level));
        if let Some(before) = last.filter(|_| !page.is_component)
            && level > before + 1
        {
            audit.add("heading-order", id, format!("a heading of level {level} follows one of level {before}"));
        }
        last = Some(level);
    }
    if document.is_page && !first_level && !audit.has_open_dialog {
        let at = root(audit);
        let what = if any { "no heading of level one" } else { "no heading" };
        audit.add("page-has-heading-one", at, format!("the page has {what}"));
    }
}

/// Whether a dialog is open.
pub(super) fn has_open_dialog(page: &super::page::Page<'_>) -> bool {
    page.document.elements().any(|id| {
        page.is_rendered(id)
            && (page.name(id) == "dialog"
                || page.attr(id, "role") == Some("dialog")
                || page.attr(id, "aria-modal") == Some("true"))
    })
}

fn root(audit: &Audit<'_>) -> NodeId {
    audit.page.document.find("html").unwrap_or(ROOT)
}

fn landmarks(audit: &mut Audit<'_>) {
    let document = audit.page.document;
    let mut kinds: BTreeMap<(&str, String), Vec<NodeId>> = BTreeMap::new();
    let mut once: BTreeMap<&str, Vec<NodeId>> = BTreeMap::new();
    let mut open = BTreeSet::new();
    for id in document.elements() {
        let page = audit.page;
        let Some(role) = page.role(id).filter(|role| role.kind == Kind::Landmark) else { continue };
        if !page.is_exposed(id) {
            continue;
        }
        audit.landmarks.push((id, role.name));
        let named = name(page, id);
        if named.is_open {
            open.insert(id);
        }
        kinds.entry((role.name, named.text.to_lowercase())).or_default().push(id);
        let native = match role.name {
            "banner" => "header",
            "contentinfo" => "footer",
            "main" => "main",
            _ => continue,
        };
        let written = page.attr(id, "role");
        if written == Some(role.name) || (written.is_none() && page.name(id) == native) {
            once.entry(role.name).or_default().push(id);
            top_level(audit, id, role.name);
        }
    }
    for (role, ids) in if audit.page.is_component { BTreeMap::new() } else { once } {
        let rule = match role {
            "banner" => "landmark-no-duplicate-banner",
            "contentinfo" => "landmark-no-duplicate-contentinfo",
            _ => "landmark-no-duplicate-main",
        };
        if let Some(first) = ids.first().filter(|_| ids.len() > 1) {
            audit.add(rule, *first, format!("the page has {} {role} landmarks", ids.len()));
        }
    }
    for ((role, named), ids) in if audit.page.is_component { BTreeMap::new() } else { kinds } {
        if let Some(first) = ids.first().filter(|_| ids.len() > 1 && !ids.iter().any(|id| open.contains(id))) {
            let how = if named.is_empty() { "without names" } else { "of the same name" };
            audit.add("landmark-unique", *first, format!("{} {role} landmarks {how}; give each its own", ids.len()));
        }
    }
    if document.is_page && !has_main(audit) && !audit.has_open_dialog {
        let at = root(audit);
        audit.add("landmark-one-main", at, "the page has no main landmark".to_owned());
    }
}

fn has_main(audit: &Audit<'_>) -> bool {
    let page = audit.page;
    page.document.elements().any(|id| {
        page.is_exposed(id)
            && (page.attr(id, "role") == Some("main")
                || (page.name(id) == "main" && !page.document.has_attr(id, "role")))
    })
}

fn top_level(audit: &mut Audit<'_>, id: NodeId, role: &str) {
    let page = audit.page;
    let inside = page.document.ancestors(id).any(|at| {
        let written = page.written_role(at);
        let above =
            if written.is_none() && page.name(at) == "form" { None } else { written.or_else(|| page.implied_role(at)) };
        above.is_some_and(|above| above.kind == Kind::Landmark)
    });
    if inside {
        let rule = match role {
            "banner" => "landmark-banner-is-top-level",
            "contentinfo" => "landmark-contentinfo-is-top-level",
            _ => "landmark-main-is-top-level",
        };
        audit.add(rule, id, format!("the {role} landmark stands in another landmark"));
    }
}

fn bypass(audit: &mut Audit<'_>) {
    let page = audit.page;
    let document = page.document;
    let has_link = document.elements().any(|id| page.name(id) == "a" && document.has_attr(id, "href"));
    // A script may show, hide or jump.
    let by_script = document.elements().any(|id| {
        document.has_attr(id, "onclick") && matches!(page.name(id), "a" | "button" | "input") && page.is_rendered(id)
    });
    if !has_link || by_script || begins_with_content(audit) {
        return;
    }
    let way = document.elements().any(|id| {
        let jumps = page.name(id) == "a"
            && page.attr(id, "href").is_some_and(|href| {
                href.starts_with('#') && !matches!(href.as_bytes().get(1), None | Some(b'/' | b'!'))
            });
        let written = page.attr(id, "role");
        let heads = matches!(page.name(id), "h1" | "h2" | "h3" | "h4" | "h5" | "h6") && written.is_none()
            || written == Some("heading");
        let main = page.name(id) == "main" || written == Some("main");
        jumps || (heads && page.is_rendered(id)) || main
    });
    if !way {
        let at = root(audit);
        audit.add("bypass", at, "no heading, main landmark or link within the page leads past what repeats".to_owned());
    }
}

/// Most words before the first link that do not yet make a page begin with its content.
const MAX_TEASER: usize = 8;

// Whether a page begins with what it is about, so that nothing stands before it.
fn begins_with_content(audit: &Audit<'_>) -> bool {
    let page = audit.page;
    let document = page.document;
    let Some(body) = document.find("body") else { return false };
    let mut at = document.first_child(body);
    while let Some(id) = at {
        if page.name(id) == "a" && document.has_attr(id, "href") {
            return false;
        }
        if document.text(id).is_some_and(|text| text.split_whitespace().take(MAX_TEASER + 1).count() > MAX_TEASER) {
            return true;
        }
        let repeats = document.is_element(id)
            && (!page.is_exposed(id)
                || matches!(page.name(id), "header" | "nav" | "aside" | "footer")
                || page.role(id).is_some_and(|role| {
                    matches!(role.name, "banner" | "navigation" | "complementary" | "contentinfo")
                }));
        let first_link =
            repeats && document.descendants(id).any(|at| page.name(at) == "a" && document.has_attr(at, "href"));
        if first_link {
            return false;
        }
        at = if repeats { None } else { document.first_child(id) }.or_else(|| document.following_outside(id, body));
    }
    false
}

fn is_region(audit: &Audit<'_>, id: NodeId) -> bool {
    let page = audit.page;
    let role = page.role(id);
    page.attr(id, "aria-live").is_some_and(|live| matches!(live, "assertive" | "polite"))
        || role.is_some_and(|role| role.kind == Kind::Landmark || matches!(role.name, "alert" | "log" | "status"))
        || page.name(id) == "dialog"
        || page.attr(id, "role").is_some_and(|role| matches!(role, "dialog" | "alertdialog"))
        || page.document.name(id) == "svg"
}

// A link at the beginning that leads within the page.
fn is_skip_link(audit: &Audit<'_>, id: NodeId, first_outside: Option<NodeId>) -> bool {
    let page = audit.page;
    if page.name(id) != "a" || !page.attr(id, "href").is_some_and(|href| href.starts_with('#') && href.len() > 1) {
        return false;
    }
    // Those before the first link that leads elsewhere.
    first_outside.is_none_or(|first| audit.order(id) < audit.order(first))
}

fn regions(audit: &mut Audit<'_>) {
    let page = audit.page;
    let document = page.document;
    let Some(body) = document.find("body") else { return };
    let first_outside = document.elements().find(|id| {
        page.name(*id) == "a"
            && page.attr(*id, "href").is_some_and(|href| !href.starts_with('#') && !href.starts_with("/#"))
    });
    let mut with_region = BTreeSet::new();
    let mut loose: Vec<NodeId> = Vec::new();
    let mut at = document.first_child(body);
    while let Some(id) = at {
        if !document.is_element(id) {
            at = document.following_outside(id, body);
            continue;
        }
        let frame = matches!(page.name(id), "iframe" | "frame");
        let skip = is_skip_link(audit, id, first_outside)
            && page.attr(id, "href").is_some_and(|href| page.by_id(href.trim_start_matches('#')).is_some());
        if page.role(id).is_some_and(|role| role.name == "button")
            || is_region(audit, id)
            || frame
            || skip
            || !page.is_exposed(id)
        {
            with_region.insert(id);
            with_region
                .extend(document.ancestors(id).take_while(|above| !with_region.contains(above)).collect::<Vec<_>>());
            if frame && page.is_exposed(id) {
                loose.push(id);
            }
            at = document.following_outside(id, body);
        } else if has_content(audit, id) && (has_text(audit, id) || !page.role(id).is_some_and(is_presentational)) {
            loose.push(id);
            at = document.following_outside(id, body);
        } else {
            at = document.first_child(id).or_else(|| document.following_outside(id, body));
        }
    }
    let mut reported = BTreeSet::new();
    for id in loose {
        let mut top = id;
        while let Some(parent) = document.parent_element(top) {
            if parent == body || with_region.contains(&parent) {
                break;
            }
            top = parent;
        }
        if reported.insert(top) {
            audit.add("region", top, "this content stands in no landmark".to_owned());
        }
    }
}

fn has_text(audit: &Audit<'_>, id: NodeId) -> bool {
    let document = audit.page.document;
    document.children(id).any(|at| document.text(at).is_some_and(|text| !text.trim().is_empty()))
}

fn has_content(audit: &Audit<'_>, id: NodeId) -> bool {
    let page = audit.page;
    let visual = match page.name(id) {
        "img" | "iframe" | "object" | "video" => true,
        "input" => page.input_type(id) != "hidden",
        "audio" | "canvas" | "embed" | "meter" | "progress" | "select" | "textarea" | "button" | "keygen" => true,
        _ => page.document.name(id) == "svg" || page.document.name(id) == "math",
    };
    visual
        || has_text(audit, id)
        || page.said(id, "aria-label").is_some()
        || !page.references(id, "aria-labelledby").is_empty()
}

fn duplicate_ids(audit: &mut Audit<'_>) {
    let page = audit.page;
    let document = page.document;
    let mut referenced: BTreeSet<&str> = BTreeSet::new();
    for id in document.elements() {
        for attribute in document.attributes(id) {
            let refers = match &*attribute.name {
                "for" => page.name(id) == "label",
                name => name.starts_with("aria-") && is_reference(name),
            };
            if refers && let Some(text) = attribute.text() {
                referenced.extend(text.split_ascii_whitespace());
            }
        }
    }
    let twice: Vec<(String, NodeId, usize)> = page
        .ids()
        .filter(|(id, nodes)| nodes.len() > 1 && referenced.contains(id))
        .filter_map(|(id, nodes)| nodes.first().map(|first| (id.to_owned(), *first, nodes.len())))
        .collect();
    if page.is_component {
        return;
    }
    for (id, first, count) in twice {
        let id = octavo_toolkit::limits::excerpt(&id);
        audit.add(
            "duplicate-id-aria",
            first,
            format!("{count} elements have the id {id}, which a label or aria- attribute names"),
        );
    }
}

fn is_reference(name: &str) -> bool {
    use crate::support::aria::{Value, attribute};
    attribute(name).is_some_and(|known| matches!(known.value, Value::Id | Value::Ids))
}

/// Whether what two texts say is the same to a reader.
pub(super) fn same_text(one: &str, other: &str) -> bool {
    squeeze(trim(one)).to_lowercase() == squeeze(trim(other)).to_lowercase()
}

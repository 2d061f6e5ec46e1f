//! Rules on roles and `aria-` attributes.

use super::Audit;
use super::page::is_presentational;
use crate::support::aria::elements::{Allowed, allowed_roles, is_nameless, takes_no_attributes};
use crate::support::aria::{self, Kind, Role, Value};
use crate::support::html::{Attribute, NodeId, NodeKind};

/// Most elements whose owned ones are walked, summed over a page.
const MAX_OWNED: usize = 5_000_000;

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>) {
    let mut left = MAX_OWNED;
    for id in audit.page.document.elements() {
        let page = audit.page;
        if page.name(id) == "body" && page.attr(id, "aria-hidden") == Some("true") {
            let fix = audit.removal_fix(id, "aria-hidden", "remove aria-hidden");
            audit.add_fixed(
                "aria-hidden-body",
                id,
                "the whole page is hidden from assistive technology".to_owned(),
                fix,
            );
        }
        if !page.is_exposed(id) {
            continue;
        }
        if page.document.attributes(id).iter().any(|attribute| attribute.name.starts_with("aria-")) {
            attributes(audit, id);
        }
        if page.said(id, "role").is_some() {
            role(audit, id, &mut left);
        } else if page.name(id) == "img" && page.attr(id, "alt") == Some("") {
            conflict(audit, id);
        }
    }
}

fn role(audit: &mut Audit<'_>, id: NodeId, left: &mut usize) {
    let page = audit.page;
    let words: Vec<String> =
        page.attr(id, "role").unwrap_or_default().split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
    let abstracts: Vec<&String> =
        words.iter().filter(|word| aria::role(word).is_some_and(|role| role.kind == Kind::Abstract)).collect();
    if let Some(word) = abstracts.first() {
        audit.add_at("aria-roles", id, "role", format!("{word} is an abstract role, for the standard alone"));
    } else if words.iter().all(|word| aria::role(word).is_none()) {
        let word = words.first().map(String::as_str).unwrap_or_default();
        let near = octavo_toolkit::suggest::nearest(word, aria::role_names());
        let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        let word = octavo_toolkit::limits::excerpt(word);
        audit.add_at("aria-roles", id, "role", format!("there is no role {word}{near}"));
    }
    let Some(written) = page.written_role(id) else { return };
    if written.is_deprecated() {
        audit.add_at("aria-deprecated-role", id, "role", format!("the role {} is deprecated", written.name));
    }
    allowed_role(audit, id, &words);
    if is_presentational(written) {
        conflict(audit, id);
    }
    required_attributes(audit, id, written);
    required_parent(audit, id, written);
    required_children(audit, id, written, left);
    if written.name == "text" && page.document.descendants(id).any(|at| page.is_focusable(at)) {
        audit.add("aria-text", id, "the text role hides something that takes the focus".to_owned());
    }
}

fn kind_of_element(audit: &Audit<'_>, id: NodeId) -> String {
    let page = audit.page;
    let name = page.name(id);
    let has = |attribute: &str| page.document.has_attr(id, attribute);
    let variant = match name {
        "a" | "area" if has("href") => "href",
        "img"
            if page.said(id, "alt").is_some()
                || page.said(id, "aria-label").is_some()
                || has("aria-labelledby")
                || page.said(id, "title").is_some() =>
        {
            "name"
        }
        "figure" if page.document.element_children(id).any(|at| page.name(at) == "figcaption") => "figcaption",
        "select" if !has("multiple") && page.attr(id, "size").is_none_or(|size| size.trim() == "1") => "one",
        "summary" if page.is_natively_focusable(id) => "details",
        "input" => match page.input_type(id) {
            "button" => "button",
            "checkbox" if has("aria-pressed") => "pressed",
            "checkbox" => "checkbox",
            "image" => "image",
            "radio" => "radio",
            "text" if has("list") => "",
            "text" | "email" | "tel" | "url" | "search" => "text",
            _ => "",
        },
        _ => "",
    };
    if variant.is_empty() { name.to_owned() } else { format!("{name}[{variant}]") }
}

fn allowed_role(audit: &mut Audit<'_>, id: NodeId, words: &[String]) {
    let page = audit.page;
    if page.name(id).is_empty() || page.name(id).contains('-') {
        return;
    }
    let kind = kind_of_element(audit, id);
    let implied = page.implied_role(id).map_or("", |role| role.name);
    for word in words {
        let Some(role) = aria::role(word).filter(|role| role.kind != Kind::Abstract) else { continue };
        let same_image = implied == "img" && role.name == "image";
        if role.name == implied || same_image || fits_by_name(audit, id, role) {
            continue;
        }
        let fits = match allowed_roles(&kind) {
            Allowed::Any => true,
            Allowed::None => false,
            Allowed::These(these) => these.split_ascii_whitespace().any(|it| it == role.name),
        };
        if !fits {
            let message = format!("{} may not have the role {}", page.name(id), role.name);
            audit.add_at("aria-allowed-role", id, "role", message);
            return;
        }
    }
}

// Roles that an element has once it has a name; writing them is no more than saying so.
fn fits_by_name(audit: &Audit<'_>, id: NodeId, role: &Role) -> bool {
    matches!(
        (audit.page.name(id), role.name),
        ("form", "form")
            | ("section", "region")
            | ("header", "banner")
            | ("footer", "contentinfo")
            | ("aside", "complementary")
            | ("img", "img" | "image")
            | ("th", "columnheader" | "rowheader")
            | ("td", "cell" | "gridcell")
    )
}

fn conflict(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    // Elements that mean nothing lose nothing.
    if page.implied_role(id).is_none() && !matches!(page.name(id), "img" | "") {
        return;
    }
    if page.is_focusable(id) {
        audit.add(
            "presentation-role-conflict",
            id,
            "it takes the focus, so it is exposed in spite of its role".to_owned(),
        );
    } else if let Some(attribute) = page.global_attribute(id) {
        audit.add("presentation-role-conflict", id, format!("{attribute} makes it exposed in spite of its role"));
    }
}

fn value<'a>(audit: &Audit<'a>, id: NodeId, name: &str) -> Option<&'a str> {
    audit.page.attr(id, name)
}

fn required_attributes(audit: &mut Audit<'_>, id: NodeId, role: &Role) {
    let page = audit.page;
    if page.is_open(id) || (role.name == "separator" && !page.is_focusable(id)) {
        return;
    }
    if role.name == "combobox" && value(audit, id, "aria-expanded") == Some("false") {
        return;
    }
    if role.name == "slider" && page.said(id, "aria-valuetext").is_some() {
        return;
    }
    let implied = |name: &str| match page.name(id) {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => name == "level",
        "input" => match page.input_type(id) {
            "checkbox" | "radio" => name == "checked",
            _ => name == "valuenow",
        },
        "progress" | "meter" => matches!(name, "valuenow" | "valuemin" | "valuemax"),
        "select" | "textarea" => name == "valuenow",
        "option" => name == "selected",
        _ => false,
    };
    let missing: Vec<String> = role
        .required()
        .filter(|name| !implied(name))
        .map(|name| format!("aria-{name}"))
        .filter(|name| {
            page.said(id, name).is_none() && !(page.document.has_attr(id, name) && page.is_unknown(id, name))
        })
        .collect();
    if !missing.is_empty() {
        audit.add("aria-required-attr", id, format!("the role {} needs {}", role.name, missing.join(" and ")));
    }
}

fn required_parent(audit: &mut Audit<'_>, id: NodeId, role: &Role) {
    let page = audit.page;
    let required: Vec<&str> = role.context().collect();
    if required.is_empty() || page.is_inside_component(id) {
        return;
    }
    let owners = page.owners(id).to_vec();
    let fits = std::iter::once(None)
        .chain(owners.into_iter().map(Some))
        .any(|owner| has_context(audit, id, owner, role, &required));
    if !fits {
        audit.add("aria-required-parent", id, format!("the role {} must be inside {}", role.name, required.join(", ")));
    }
}

fn has_context(audit: &Audit<'_>, id: NodeId, owner: Option<NodeId>, role: &Role, required: &[&str]) -> bool {
    let page = audit.page;
    let mut at = owner.or_else(|| page.document.parent_element(id));
    while let Some(above) = at {
        if page.document.name(above) == "slot" {
            return true;
        }
        let written = page.role(above).map_or("", |role| role.name);
        let written = if written.is_empty() || matches!(written, "none" | "presentation") { "" } else { written };
        if required.contains(&written) {
            // A group belongs to the list or menu around it.
            let own_group = matches!(role.name, "listitem" | "treeitem");
            if written == "group" && !own_group || written == "rowgroup" {
                let outer: Vec<&str> = required.iter().copied().filter(|it| *it != written).collect();
                if outer.is_empty() || (written == "group" && role.name == "option" && outer.is_empty()) {
                    return true;
                }
                return has_context(audit, above, None, role, &outer)
                    || page.owners(above).iter().any(|owner| has_context(audit, above, Some(*owner), role, &outer));
            }
            return true;
        }
        if written == "group" && matches!(role.name, "listitem" | "treeitem") {
            at = page.document.parent_element(above);
            continue;
        }
        let passes = written.is_empty() || matches!(written, "generic");
        // What is exposed by itself stands between them.
        if !passes || page.is_focusable(above) || page.global_attribute(above).is_some() {
            return false;
        }
        at = page.document.parent_element(above);
    }
    false
}

fn required_children(audit: &mut Audit<'_>, id: NodeId, role: &Role, left: &mut usize) {
    let page = audit.page;
    let document = page.document;
    let required: Vec<&str> = role.owned().collect();
    if required.is_empty() || page.is_open(id) {
        return;
    }
    let mut found = false;
    let mut unfit: Option<String> = None;
    let mut has_content = false;
    let mut queue: Vec<NodeId> = page.references(id, "aria-owns");
    queue.reverse();
    let mut children: Vec<NodeId> = document.children(id).collect();
    children.reverse();
    queue.extend(children);
    let mut steps = 0_usize;
    while let Some(at) = queue.pop() {
        *left = left.saturating_sub(1);
        steps += 1;
        if *left == 0 || steps > document.len() {
            return;
        }
        match document.kind(at) {
            NodeKind::Unknown => return,
            NodeKind::Text(text) => has_content |= !text.trim().is_empty(),
            NodeKind::Element(element) => {
                if element.name.ns.is_empty() {
                    return;
                }
                if !page.is_exposed(at) {
                    continue;
                }
                let own = page.role_name(at);
                let exposed = page.global_attribute(at).is_some() || page.is_focusable(at);
                let group = matches!(own, "group" | "rowgroup") && required.contains(&own);
                if (own.is_empty() && !exposed) || group {
                    let mut inner: Vec<NodeId> =
                        document.children(at).chain(page.references(at, "aria-owns")).collect();
                    inner.reverse();
                    queue.extend(inner);
                    if group {
                        has_content = true;
                    }
                } else {
                    has_content = true;
                    if required.contains(&own) {
                        found = true;
                    } else if unfit.is_none() && !may_stand_in(own, role.name) {
                        unfit = Some(if own.is_empty() { page.name(at).to_owned() } else { format!("role {own}") });
                    }
                }
            }
            _ => {}
        }
    }
    let busy = page.attr(id, "aria-busy") == Some("true");
    if let Some(unfit) = unfit {
        audit.add("aria-required-children", id, format!("the role {} may not hold {unfit}", role.name));
    } else if !found && !busy {
        let closed = role.name == "combobox";
        let empty_is_fine = !has_content
            && matches!(
                role.name,
                "grid"
                    | "list"
                    | "listbox"
                    | "menu"
                    | "menubar"
                    | "table"
                    | "tablist"
                    | "tree"
                    | "treegrid"
                    | "rowgroup"
            );
        let message = format!("the role {} must hold {}", role.name, required.join(" or "));
        if empty_is_fine {
            audit.add_review("aria-required-children", id, message);
        } else if !closed {
            audit.add("aria-required-children", id, message);
        }
    }
}

// Whether a role names the other as the one it belongs into, though that one does not name it.
fn may_stand_in(role: &str, parent: &str) -> bool {
    aria::role(role).is_some_and(|role| role.context().any(|it| it == parent))
}

fn attributes(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let document = page.document;
    let role = page.role(id);
    let element = page.name(id);
    for attribute in document.attributes(id).iter().filter(|attribute| attribute.name.starts_with("aria-")) {
        let Some(known) = aria::attribute(&attribute.name) else {
            let near = octavo_toolkit::suggest::nearest(&attribute.name, aria::attribute_names());
            let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            let shown = octavo_toolkit::limits::excerpt(&attribute.name);
            audit.add_at("aria-valid-attr", id, &attribute.name, format!("there is no attribute {shown}{near}"));
            continue;
        };
        if let Some(text) = attribute.text() {
            if known.name == "aria-errormessage" {
                error_message(audit, id, text);
            } else {
                valid_value(audit, id, attribute, known, text);
            }
        }
        if takes_no_attributes(element) && !(known.name == "aria-hidden" && matches!(element, "br" | "wbr" | "picture"))
        {
            audit.add_at("aria-allowed-attr", id, &attribute.name, format!("{element} takes no {}", known.name));
            continue;
        }
        let supported = known.has(aria::GLOBAL) || role.is_some_and(|role| role.supports(known.name));
        if !supported && !page.is_open(id) && !is_harmless(audit, id, attribute) {
            let what = role.map_or_else(
                || format!("{} without a role", document.name(id)),
                |role| format!("the role {}", role.name),
            );
            audit.add_at("aria-allowed-attr", id, &attribute.name, format!("{what} does not support {}", known.name));
        } else if known.is_deprecated() {
            audit.add_review("aria-allowed-attr", id, format!("{} is deprecated", known.name));
        }
    }
    prohibited(audit, id, role);
    conditional(audit, id, role);
    braille(audit, id);
}

fn braille(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    if page.said(id, "aria-braillelabel").is_some() && super::naming::name(page, id).is_missing() {
        audit.add("aria-braille-equivalent", id, "aria-braillelabel stands beside no name".to_owned());
    }
    let described = page.said(id, "aria-roledescription").is_some() || page.is_unknown(id, "aria-roledescription");
    if page.said(id, "aria-brailleroledescription").is_some() && !described {
        let message = "aria-brailleroledescription stands beside no aria-roledescription".to_owned();
        audit.add("aria-braille-equivalent", id, message);
    }
}

fn is_harmless(audit: &Audit<'_>, id: NodeId, attribute: &Attribute) -> bool {
    let value = attribute.text().unwrap_or_default();
    (&*attribute.name == "aria-required" && value == "false")
        || (&*attribute.name == "aria-multiline"
            && value == "false"
            && audit.page.document.has_attr(id, "contenteditable"))
}

fn valid_value(audit: &mut Audit<'_>, id: NodeId, attribute: &Attribute, known: &aria::Attribute, text: &str) {
    let page = audit.page;
    let trimmed = text.trim();
    if trimmed.is_empty() {
        // As if it were not there.
        return;
    }
    let lower = trimmed.to_ascii_lowercase();
    let one_of = |words: &str, word: &str| words.split_ascii_whitespace().any(|it| it == word);
    let (valid, expected) = match known.value {
        Value::Token(words) => (one_of(words, &lower), words.replace(' ', ", ")),
        Value::Tokens(words) => {
            (lower.split_ascii_whitespace().all(|word| one_of(words, word)), words.replace(' ', ", "))
        }
        Value::Text => (true, String::new()),
        Value::Number => (trimmed.parse::<f64>().is_ok_and(f64::is_finite), "a number".to_owned()),
        Value::Integer(least) => {
            let valid = trimmed.parse::<i64>().is_ok_and(|number| number >= least);
            (valid, format!("a whole number, at least {least}"))
        }
        Value::Id => (page.by_id(trimmed).is_some(), "the id of an element of the page".to_owned()),
        Value::Ids => {
            let known = trimmed.split_ascii_whitespace().any(|it| page.by_id(it).is_some());
            (known, "ids of elements of the page".to_owned())
        }
    };
    if valid || (page.is_component && matches!(known.value, Value::Id | Value::Ids)) {
        return;
    }
    let is = |name: &str, wanted: &str| page.attr(id, name) == Some(wanted);
    let popup = page.attr(id, "aria-haspopup").is_some_and(|value| value != "false");
    let shown = octavo_toolkit::limits::excerpt(trimmed);
    let message = format!("{}=\"{shown}\" is not {expected}", known.name);
    match known.name {
        "aria-controls" if popup || is("aria-expanded", "false") || is("aria-selected", "false") => {}
        "aria-owns" if is("aria-expanded", "false") => {}
        "aria-current" | "aria-describedby" | "aria-labelledby" => {
            audit.add_review("aria-valid-attr-value", id, message);
        }
        _ => audit.add_at("aria-valid-attr-value", id, &attribute.name, message),
    }
}

fn error_message(audit: &mut Audit<'_>, id: NodeId, text: &str) {
    let page = audit.page;
    let invalid = page.attr(id, "aria-invalid").is_some_and(|value| matches!(value, "true" | "grammar" | "spelling"));
    let wanted = text.trim();
    if !invalid || wanted.is_empty() || page.is_component {
        return;
    }
    let targets = page.references(id, "aria-errormessage");
    let announced = |target: &NodeId| {
        page.role(*target).is_some_and(|role| role.name == "alert")
            || page.attr(*target, "aria-live").is_some_and(|live| matches!(live, "assertive" | "polite"))
            || page.references(id, "aria-describedby").contains(target)
    };
    if targets.is_empty() || targets.iter().any(|target| page.is_rendered(*target) && !announced(target)) {
        let message =
            "aria-errormessage must name an element that is announced: a live region or a description".to_owned();
        audit.add_at("aria-valid-attr-value", id, "aria-errormessage", message);
    }
}

fn prohibited(audit: &mut Audit<'_>, id: NodeId, role: Option<&'static Role>) {
    let page = audit.page;
    let role = page.written_role(id).or(role);
    let nameless = match role {
        Some(role) => role.has(aria::NAMELESS),
        None => is_nameless(page.name(id)),
    };
    if !nameless || page.is_open(id) {
        return;
    }
    for name in
        ["aria-label", "aria-labelledby", "aria-braillelabel", "aria-roledescription", "aria-brailleroledescription"]
    {
        if page.said(id, name).is_none() {
            continue;
        }
        let what =
            role.map_or_else(|| format!("{} without a role", page.name(id)), |role| format!("the role {}", role.name));
        let message = format!("{what} must not have {name}: what it names is not exposed");
        audit.add_at("aria-prohibited-attr", id, name, message);
        return;
    }
}

fn conditional(audit: &mut Audit<'_>, id: NodeId, role: Option<&'static Role>) {
    let page = audit.page;
    match role.map_or("", |role| role.name) {
        "checkbox" if page.name(id) == "input" && page.input_type(id) == "checkbox" => {
            let Some(written) = page.said(id, "aria-checked") else { return };
            let checked = page.document.has_attr(id, "checked");
            let says = if checked { "true" } else { "false" };
            if written != says && written != "mixed" && !page.is_component {
                let message =
                    format!("aria-checked says {written}, the checkbox itself {says}; leave the attribute out");
                audit.add_at("aria-conditional-attr", id, "aria-checked", message);
            }
        }
        "row" => {
            let table = page
                .document
                .ancestors(id)
                .map(|at| page.role_name(at))
                .find(|role| matches!(*role, "table" | "grid" | "treegrid"));
            if !matches!(table, Some("table" | "grid")) {
                return;
            }
            let unfit = ["aria-posinset", "aria-setsize", "aria-expanded", "aria-level"];
            if let Some(name) = unfit.into_iter().find(|name| page.document.has_attr(id, name)) {
                audit.add_at("aria-conditional-attr", id, name, format!("a row supports {name} in a treegrid alone"));
            }
        }
        _ => {}
    }
}

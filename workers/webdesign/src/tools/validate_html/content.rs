//! What may stand where: the content model, what elements must hold, and the attributes they have.

use super::Checker;
use super::elements::{
    self, Base, Element, FLOW, HEADING, INTERACTIVE, METADATA, Model, OBSOLETE, PHRASING, SECTIONING, SUPPORT,
};
use super::values;
use crate::support::aria;
use crate::support::html::{NodeId, NodeKind};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::suggest;
use std::collections::BTreeMap;

// What is around an element and forbids something in it; one bit each.
const IN_LINK: u16 = 1;
const IN_BUTTON: u16 = 2;
const IN_LABEL: u16 = 4;
const IN_FORM: u16 = 8;
const IN_FRAME_OF_PAGE: u16 = 16;
const IN_ADDRESS: u16 = 32;
const IN_MEDIA: u16 = 64;
const IN_DFN: u16 = 128;
const IN_HEADER_CELL: u16 = 256;
const IN_CAPTION: u16 = 512;
const IN_TERM: u16 = 1024;
const IN_METER: u16 = 2048;
const IN_NOSCRIPT: u16 = 4096;
const IN_PROGRESS: u16 = 8192;

/// Checks every element of a document or of a template's contents.
pub(super) fn check(checker: &mut Checker<'_>, root: NodeId) {
    let document = checker.document;
    let mut around: BTreeMap<NodeId, u16> = BTreeMap::new();
    let mut templates = Vec::new();
    for id in document.descendants(root) {
        let above = document.parent(id).and_then(|parent| around.get(&parent)).copied().unwrap_or_default();
        match document.kind(id) {
            NodeKind::Text(text) if !text.trim().is_empty() => check_text(checker, id),
            NodeKind::Element(_) => {
                let name = document.html_name(id);
                around.insert(id, above | opens(name));
                if name.is_empty() {
                    if !document.name(document.parent(id).unwrap_or(root)).is_empty()
                        && !document.html_name(document.parent(id).unwrap_or(root)).is_empty()
                    {
                        check_place(checker, id, None);
                    }
                    continue;
                }
                check_element(checker, id, name, above);
                if let Some(contents) = document.element(id).and_then(|element| element.contents) {
                    templates.push(contents);
                }
            }
            _ => {}
        }
    }
    for contents in templates {
        check(checker, contents);
    }
}

fn opens(name: &str) -> u16 {
    match name {
        "a" => IN_LINK,
        "button" => IN_BUTTON,
        "label" => IN_LABEL,
        "form" => IN_FORM,
        "header" | "footer" => IN_FRAME_OF_PAGE,
        "address" => IN_ADDRESS,
        "audio" | "video" => IN_MEDIA,
        "dfn" => IN_DFN,
        "th" => IN_HEADER_CELL,
        "caption" => IN_CAPTION,
        "dt" => IN_TERM,
        "meter" => IN_METER,
        "progress" => IN_PROGRESS,
        "noscript" => IN_NOSCRIPT,
        _ => 0,
    }
}

fn is_custom(name: &str) -> bool {
    name.contains('-')
}

fn check_element(checker: &mut Checker<'_>, id: NodeId, name: &str, above: u16) {
    let known = elements::find(name);
    if known.is_none() && !is_custom(name) {
        let shown = excerpt(name);
        checker.add("element-name", id, format!("there is no element {shown}"));
        return;
    }
    if let Some(known) = known {
        if known.is & OBSOLETE != 0 {
            checker.add("deprecated", id, format!("{name} is obsolete; use CSS, or an element that says what it is"));
        }
        attributes(checker, id, known);
        required(checker, id, name);
    }
    check_place(checker, id, known);
    forbidden(checker, id, name, known, above);
}

fn is_phrasing(checker: &Checker<'_>, id: NodeId, known: Option<&Element>) -> bool {
    let document = checker.document;
    match known {
        None => true,
        Some(element) if element.is & PHRASING != 0 => true,
        Some(element) => match element.name {
            "link" => document.has_attr(id, "itemprop") || link_fits_body(checker, id),
            "meta" => document.has_attr(id, "itemprop"),
            _ => false,
        },
    }
}

fn link_fits_body(checker: &Checker<'_>, id: NodeId) -> bool {
    checker.document.attr(id, "rel").is_some_and(|rel| {
        let mut words = rel.split_ascii_whitespace().peekable();
        words.peek().is_some()
            && words.all(|word| {
                [
                    "dns-prefetch",
                    "modulepreload",
                    "pingback",
                    "preconnect",
                    "prefetch",
                    "preload",
                    "prerender",
                    "stylesheet",
                ]
                .iter()
                .any(|fits| fits.eq_ignore_ascii_case(word))
            })
    })
}

// Whether an element may stand in its parent.
fn check_place(checker: &mut Checker<'_>, id: NodeId, known: Option<&'static Element>) {
    let document = checker.document;
    let Some(parent) = document.parent_element(id) else { return };
    let parent_name = document.html_name(parent);
    if parent_name.is_empty() {
        return;
    }
    let name = if document.html_name(id).is_empty() { document.name(id) } else { document.html_name(id) };
    if known.is_some_and(|known| known.is & OBSOLETE != 0) {
        return;
    }
    let late = parent_name == "table" && comes_late(checker, id, name);
    let fits = !late && may_hold(checker, parent, id, known);
    if !fits && !matches!(name, "html" | "body" | "head") {
        checker.add("element-permitted-content", id, format!("{name} is not allowed in {parent_name}"));
    }
}

// The parts of a table come in one order, and some of them once.
fn comes_late(checker: &Checker<'_>, id: NodeId, name: &str) -> bool {
    let document = checker.document;
    let rank = |name: &str| match name {
        "caption" => 1,
        "colgroup" => 2,
        "thead" => 3,
        "tbody" | "tr" => 4,
        "tfoot" => 5,
        _ => 0,
    };
    let own = rank(name);
    let once = matches!(name, "caption" | "thead" | "tfoot");
    own > 0
        && std::iter::successors(document.previous_element(id), |at| document.previous_element(*at)).any(|at| {
            let other = rank(document.html_name(at));
            other > own || (once && other == own)
        })
}

fn may_hold(checker: &Checker<'_>, parent: NodeId, id: NodeId, known: Option<&Element>) -> bool {
    let document = checker.document;
    let name = document.html_name(id);
    let phrasing = is_phrasing(checker, id, known);
    let flow = phrasing || known.is_none_or(|known| known.is & FLOW != 0);
    let support = known.is_some_and(|known| known.is & SUPPORT != 0);
    let among = |names: &str| !name.is_empty() && names.split(' ').any(|it| it == name);
    let mut at = parent;
    loop {
        // What is transparent stands wrongly itself, and is reported once.
        if at != parent
            && elements::find(document.html_name(at))
                .is_some_and(|it| matches!(it.model, Model::Only(_) | Model::Text | Model::Empty))
        {
            return flow;
        }
        let parent_name = document.html_name(at);
        let Some(holder) = elements::find(parent_name) else { return true };
        let model = match holder.model {
            Model::With(_, names) if among(names) && at == parent => return with_fits(checker, parent_name, id),
            Model::With(Base::Flow, _) => Model::Flow,
            Model::With(Base::Phrasing, _) => Model::Phrasing,
            Model::With(Base::Transparent, _) => Model::Transparent,
            other => other,
        };
        match model {
            Model::Flow => return flow || (parent_name == "div" && in_definitions(checker, at) && among("dt dd")),
            Model::Phrasing => return phrasing,
            Model::Empty => return true,
            Model::Text => {
                return parent_name == "option" || name.is_empty() && parent_name != "title" || parent_name == "iframe";
            }
            Model::Only("base link meta noscript style title") => {
                return support
                    || among("base link meta noscript style title")
                    || known.is_some_and(|known| known.is & METADATA != 0);
            }
            Model::Only(names) => return support || among(names) || (parent_name == "select" && phrasing),
            Model::Any => return any_fits(checker, at, id, phrasing, flow),
            Model::Transparent => match document.parent_element(at) {
                // A map's areas stand anywhere in it.
                Some(above) if !document.html_name(above).is_empty() => at = above,
                _ => return flow,
            },
            Model::With(..) => return true,
        }
    }
}

fn in_definitions(checker: &Checker<'_>, div: NodeId) -> bool {
    checker.document.parent_element(div).is_some_and(|at| checker.document.html_name(at) == "dl")
}

fn any_fits(checker: &Checker<'_>, parent: NodeId, id: NodeId, phrasing: bool, flow: bool) -> bool {
    let document = checker.document;
    match document.html_name(parent) {
        "noscript" => {
            let above = document.parent_element(parent).map_or("", |at| document.html_name(at));
            let name = document.html_name(id);
            match above {
                "head" => matches!(name, "link" | "style" | "meta"),
                "" => true,
                above => match elements::find(above).map(|it| it.model) {
                    Some(Model::Phrasing) => phrasing,
                    _ => flow || name == "link" || name == "style",
                },
            }
        }
        _ => true,
    }
}

// The places of the elements that a model names.
fn with_fits(checker: &Checker<'_>, parent: &str, id: NodeId) -> bool {
    let document = checker.document;
    let before = document.previous_element(id);
    let text_before = std::iter::successors(document.previous_sibling(id), |at| document.previous_sibling(*at))
        .any(|at| document.text(at).is_some_and(|text| !text.trim().is_empty()));
    match parent {
        "details" | "fieldset" => before.is_none() && !text_before,
        "figure" => {
            let only = !document
                .element_children(document.parent(id).unwrap_or(id))
                .any(|at| at != id && document.html_name(at) == "figcaption");
            only && (before.is_none() && !text_before || document.next_element(id).is_none())
        }
        "audio" | "video" => std::iter::successors(before, |at| document.previous_element(*at))
            .all(|at| matches!(document.html_name(at), "source" | "track" | "script" | "template")),
        _ => true,
    }
}

fn check_text(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    let Some(parent) = document.parent_element(id) else { return };
    let name = document.html_name(parent);
    let refused = match elements::find(name).map(|element| element.model) {
        Some(Model::Only(_) | Model::Empty) => !matches!(name, "head" | "html" | "select" | "optgroup"),
        _ => false,
    };
    if refused {
        checker.add_text(id, format!("text is not allowed in {name}"));
    }
}

fn is_interactive(checker: &Checker<'_>, id: NodeId, name: &str, known: Option<&Element>) -> bool {
    let document = checker.document;
    match name {
        "a" => document.has_attr(id, "href"),
        "audio" | "video" => document.has_attr(id, "controls"),
        "img" => document.has_attr(id, "usemap"),
        "input" => !document.attr(id, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")),
        "object" => document.has_attr(id, "usemap"),
        _ => known.is_some_and(|known| known.is & INTERACTIVE != 0),
    }
}

// What may not stand anywhere inside another element.
fn forbidden(checker: &mut Checker<'_>, id: NodeId, name: &str, known: Option<&'static Element>, above: u16) {
    let is = known.map_or(0, |known| known.is);
    let interactive = is_interactive(checker, id, name, known);
    let by = |bit: u16| above & bit != 0;
    let outer = if by(IN_LINK) && (interactive || name == "a") {
        "a"
    } else if by(IN_BUTTON) && (interactive || name == "a") {
        "button"
    } else if by(IN_LABEL) && name == "label" {
        "label"
    } else if by(IN_FORM) && name == "form" {
        "form"
    } else if by(IN_FRAME_OF_PAGE) && matches!(name, "header" | "footer" | "main") && !in_own_section(checker, id) {
        "header or footer"
    } else if by(IN_ADDRESS) && (is & (HEADING | SECTIONING) != 0 || matches!(name, "header" | "footer" | "address")) {
        "address"
    } else if by(IN_MEDIA) && matches!(name, "audio" | "video") {
        "audio or video"
    } else if by(IN_DFN) && name == "dfn" {
        "dfn"
    } else if by(IN_HEADER_CELL) && (is & (HEADING | SECTIONING) != 0 || matches!(name, "header" | "footer")) {
        "th"
    } else if by(IN_TERM) && (is & (HEADING | SECTIONING) != 0 || matches!(name, "header" | "footer")) {
        "dt"
    } else if by(IN_CAPTION) && name == "table" {
        "caption"
    } else if by(IN_METER) && name == "meter" {
        "meter"
    } else if by(IN_PROGRESS) && name == "progress" {
        "progress"
    } else if by(IN_NOSCRIPT) && name == "noscript" {
        "noscript"
    } else {
        ""
    };
    if !outer.is_empty() {
        checker.add("element-permitted-content", id, format!("{name} is not allowed anywhere in {outer}"));
    }
    if name == "main" {
        let document = checker.document;
        let bad = document
            .ancestors(id)
            .map(|at| document.html_name(at))
            .find(|at| matches!(*at, "article" | "aside" | "nav" | "section"));
        if let Some(bad) = bad {
            checker.add("element-permitted-content", id, format!("main is not allowed in {bad}"));
        }
    }
}

// A header of an article in a header is that article's.
fn in_own_section(checker: &Checker<'_>, id: NodeId) -> bool {
    let document = checker.document;
    for at in document.ancestors(id) {
        match document.html_name(at) {
            "article" | "aside" | "nav" | "section" => return true,
            "header" | "footer" => return false,
            _ => {}
        }
    }
    false
}

fn attributes(checker: &mut Checker<'_>, id: NodeId, known: &'static Element) {
    let document = checker.document;
    let name = known.name;
    if known.is & OBSOLETE != 0 {
        return;
    }
    for attribute in document.attributes(id) {
        let key: &str = &attribute.name;
        let value = attribute.text().unwrap_or_default();
        let own = has_word(known.attributes, key);
        if !own && has_word(known.obsolete, key) {
            let instead = match key {
                "language" | "charset" | "type" | "event" | "for" | "version" | "profile" | "scheme" => "leave it out",
                "name" => "use id",
                _ => "use CSS",
            };
            let message = format!("{key} on {name} is obsolete; {instead}");
            if is_kept(name, key, value) {
                checker.add_advice("no-deprecated-attr", id, key, message);
            } else {
                checker.add_at("no-deprecated-attr", id, key, message);
            }
            continue;
        }
        let global = has_word(elements::GLOBAL, key);
        if !own && !global && !is_open_ended(key) {
            let near = suggest::nearest(key, known.attributes.split(' ').chain(elements::GLOBAL.split(' ')));
            let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            let message = format!("{name} has no attribute {}{near}", excerpt(key));
            checker.add_at("attribute-not-allowed", id, key, message);
            continue;
        }
        if let Err(expected) = values::check(name, key, value) {
            let message = format!("{key}=\"{}\" on {name} is not valid; accepted: {expected}", excerpt(value));
            checker.add_at("attribute-allowed-values", id, key, message);
        }
    }
    input_attributes(checker, id, name);
}

fn has_word(words: &str, word: &str) -> bool {
    words.split(' ').any(|it| it == word)
}

// Old attributes that the standard lets pass in one form, with a warning.
fn is_kept(name: &str, attribute: &str, value: &str) -> bool {
    match (name, attribute) {
        ("img", "border") => value == "0",
        ("script", "language") => value.eq_ignore_ascii_case("javascript"),
        ("style", "type") => value.eq_ignore_ascii_case("text/css"),
        ("script", "charset") => value.eq_ignore_ascii_case("utf-8"),
        _ => false,
    }
}

fn is_open_ended(attribute: &str) -> bool {
    attribute.starts_with("data-")
        || aria::attribute(attribute).is_some()
        || attribute.starts_with("xml:")
        || attribute.starts_with("xmlns:")
        || is_handler(attribute)
}

fn is_handler(attribute: &str) -> bool {
    const HANDLERS: &str = "abort animationcancel animationend animationiteration animationstart auxclick beforeinput beforematch beforetoggle blur cancel canplay canplaythrough change click close command contextlost contextmenu contextrestored copy cuechange cut dblclick drag dragend dragenter dragleave dragover dragstart drop durationchange emptied ended error focus focusin focusout formdata fullscreenchange fullscreenerror gotpointercapture input invalid keydown keypress keyup load loadeddata loadedmetadata loadstart lostpointercapture mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup paste pause play playing pointercancel pointerdown pointerenter pointerleave pointermove pointerout pointerover pointerup progress ratechange reset resize scroll scrollend securitypolicyviolation seeked seeking select selectionchange selectstart slotchange stalled submit suspend timeupdate toggle touchcancel touchend touchmove touchstart transitioncancel transitionend transitionrun transitionstart volumechange waiting wheel";
    attribute.strip_prefix("on").is_some_and(|event| has_word(HANDLERS, event))
}

// Attributes that only some types of input have.
fn input_attributes(checker: &mut Checker<'_>, id: NodeId, name: &str) {
    if name != "input" {
        return;
    }
    let document = checker.document;
    let kind = document.attr(id, "type").unwrap_or("text").to_ascii_lowercase();
    let text_like = "text search url tel email password";
    let dated = "date month week time datetime-local number range";
    for attribute in document.attributes(id) {
        let key: &str = &attribute.name;
        let fits = match key {
            "accept" | "capture" | "webkitdirectory" => "file".to_owned(),
            "alt" | "height" | "width" | "src" => "image".to_owned(),
            "checked" => "checkbox radio".to_owned(),
            "formaction" | "formenctype" | "formmethod" | "formnovalidate" | "formtarget" => "submit image".to_owned(),
            "max" | "min" | "step" => dated.to_owned(),
            "maxlength" | "minlength" | "pattern" | "size" => text_like.to_owned(),
            "multiple" => "email file".to_owned(),
            "placeholder" => format!("{text_like} number"),
            "readonly" => format!("{text_like} date month week time datetime-local number"),
            "required" => format!("{text_like} date month week time datetime-local number checkbox radio file"),
            "list" => format!("text search url tel email {dated} color"),
            "autocomplete" => format!("{text_like} {dated} color hidden file image"),
            _ => continue,
        };
        if !has_word(&fits, &kind) && known_type(&kind) {
            let message =
                format!("{key} does nothing on an input of type {kind}; it is for {}", fits.replace(' ', ", "));
            checker.add_at("input-attributes", id, key, message);
        }
    }
}

fn known_type(kind: &str) -> bool {
    values::check("input", "type", kind).is_ok()
}

fn required(checker: &mut Checker<'_>, id: NodeId, name: &str) {
    let document = checker.document;
    let has = |attribute: &str| document.has_attr(id, attribute);
    let any = |attributes: &[&str]| attributes.iter().any(|it| document.has_attr(id, it));
    let missing = match name {
        "img" if !any(&["src", "srcset"]) => "src",
        "a" if !has("href")
            && any(&["target", "download", "ping", "rel", "hreflang", "type", "referrerpolicy", "name"]) =>
        {
            "href"
        }
        "area" if has("href") && !has("alt") => "alt",
        "base" if !any(&["href", "target"]) => "href or target",
        "bdo" if !has("dir") => "dir",
        "data" if !has("value") => "value",
        "embed" if !any(&["src", "itemprop"]) => "src",
        "link" if !any(&["rel", "itemprop"]) => "rel",
        "link" if !any(&["href", "imagesrcset"]) => "href",
        "map" if !has("name") => "name",
        "meta" if !any(&["name", "http-equiv", "charset", "itemprop", "property"]) => {
            "name, http-equiv, charset or itemprop"
        }
        "meta" if any(&["name", "http-equiv", "itemprop", "property"]) && !has("content") => "content",
        "meter" if !has("value") => "value",
        "object" if !has("data") => "data",
        "optgroup" if !has("label") && !document.element_children(id).any(|at| document.html_name(at) == "legend") => {
            "label"
        }
        "track" if !has("src") => "src",
        _ => "",
    };
    if !missing.is_empty() {
        checker.add("element-required-attributes", id, format!("{name} needs {missing}"));
    }
    if name == "img" && !has("alt") {
        let explained = any(&["title"]) || document.ancestors(id).any(|at| document.html_name(at) == "figure");
        if !explained {
            checker.add("element-required-attributes", id, "img needs alt".to_owned());
        }
    }
    let children: Vec<&str> = document.element_children(id).map(|at| document.html_name(at)).collect();
    match name {
        "head" if document.is_page && !children.contains(&"title") => {
            checker.add("element-required-content", id, "head needs a title".to_owned());
        }
        "dl" => {
            let count = |wanted: &str| children.iter().filter(|it| **it == wanted).count();
            if count("dt") > 0 && count("dd") == 0 && count("div") == 0 {
                checker.add("element-required-content", id, "dl needs a dd for its dt".to_owned());
            } else if count("dd") > 0 && count("dt") == 0 && count("div") == 0 {
                checker.add("element-required-content", id, "dl needs a dt for its dd".to_owned());
            }
        }
        "option"
            if !has("label")
                && document.text_content(id).trim().is_empty()
                && !document.ancestors(id).any(|at| document.html_name(at) == "datalist") =>
        {
            checker.add("element-required-content", id, "option needs text or a label".to_owned());
        }
        "hgroup" if !children.iter().any(|it| matches!(*it, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")) => {
            checker.add("element-required-content", id, "hgroup needs a heading".to_owned());
        }
        "ruby" if !children.iter().any(|it| matches!(*it, "rt" | "rp" | "rtc")) => {
            checker.add("element-required-content", id, "ruby needs an rt".to_owned());
        }
        "title" if document.text_content(id).trim().is_empty() => {
            checker.add("empty-title", id, "title has no text".to_owned());
        }
        "details" if !children.contains(&"summary") => {
            checker.add("element-required-content", id, "details needs a summary".to_owned());
        }
        _ => {}
    }
}

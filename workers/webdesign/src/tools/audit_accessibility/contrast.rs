//! Contrast of text with what is behind it, where the page's known styles decide both.
//!
//! Where anything is open (an image, a shadow, a filter, something positioned over something else) no contrast is computed.

use super::Audit;
use super::language::pixels;
use super::page::Page;
use super::paint::Said;
use crate::support::color::contrast::ratio;
use crate::support::color::convert::to_srgb;
use crate::support::color::{self, Color, composite, hex};
use crate::support::html::NodeId;
use std::collections::{BTreeMap, BTreeSet};

type Triple = [f64; 3];

/// Most layers of gradient stops behind one text.
const MAX_STOPS: usize = 64;

/// Most elements around texts that are looked at, summed over a page; later texts are not judged.
const MAX_AROUND: usize = 300_000;

/// Runs the rules, with what is said of each element.
pub(super) fn check(audit: &mut Audit<'_>, styles: &BTreeMap<NodeId, Said<'_>>) {
    let page = audit.page;
    let document = page.document;
    let off = switched_off(page);
    let mut around = 0;
    for id in document.elements() {
        if page.name(id).is_empty() || !page.is_exposed(id) || !page.is_seen(id) || !has_words(page, id) {
            continue;
        }
        around += document.ancestors(id).count();
        if around > MAX_AROUND {
            return;
        }
        if std::iter::once(id).chain(document.ancestors(id)).any(|at| off.contains(&at)) {
            continue;
        }
        let Some((contrast, text, behind)) = best(page, styles, id) else { continue };
        let needed = if is_large(page, styles, id) { 3.0 } else { 4.5 };
        let enhanced = if needed > 3.0 { 7.0 } else { 4.5 };
        let cut = (contrast * 100.0).floor() / 100.0;
        let say = |needed: f64| {
            format!("the text has a contrast of {cut}:1 ({} on {}); {needed}:1 is needed", hex(text), hex(behind))
        };
        // Text of the colour of its background is meant to be unseen, or lies on something else.
        if contrast <= 1.01 {
            continue;
        }
        if contrast < needed {
            audit.add("color-contrast", id, say(needed));
        } else if contrast < enhanced {
            audit.add("color-contrast-enhanced", id, say(enhanced));
        }
    }
}

// Controls that are disabled, and their labels: neither needs contrast.
fn switched_off(page: &Page<'_>) -> BTreeSet<NodeId> {
    let document = page.document;
    let mut off = BTreeSet::new();
    for id in document.elements() {
        let by_aria = page.attr(id, "aria-disabled") == Some("true");
        if by_aria || page.is_switched_off(id) {
            off.insert(id);
            off.extend(page.labels(id));
            off.extend(page.references(id, "aria-labelledby"));
        }
        if page.name(id) == "fieldset" && document.has_attr(id, "disabled") {
            off.extend(document.element_children(id).filter(|at| page.name(*at) != "legend"));
        }
    }
    off
}

fn has_words(page: &Page<'_>, id: NodeId) -> bool {
    let document = page.document;
    if matches!(page.name(id), "option" | "optgroup" | "select" | "textarea" | "canvas" | "video" | "audio" | "iframe")
    {
        return false;
    }
    document
        .children(id)
        .filter_map(|at| document.text(at))
        .any(|text| text.chars().filter(|c| c.is_alphanumeric()).count() > 1)
}

enum Layer {
    Nothing,
    Plain(Triple, f64),
    Stops(Vec<(Triple, f64)>),
}

fn read_color(text: &str) -> Option<(Triple, f64)> {
    let color: Color = color::parse::parse(text.trim()).ok()?;
    Some((to_srgb(&color).map(|component| component.clamp(0.0, 1.0)), color.opacity()))
}

// Text at the top level of functions, split at a sign.
fn split_top(text: &str, sign: impl Fn(char) -> bool) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 && sign(c) => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn gradient(text: &str) -> Option<Vec<(Triple, f64)>> {
    let (_, inside) = text.trim().strip_suffix(')')?.split_once('(')?;
    let mut stops = Vec::new();
    for (at, part) in split_top(inside, |c| c == ',').into_iter().enumerate() {
        let color = split_top(part.trim(), char::is_whitespace).into_iter().next().unwrap_or_default();
        match read_color(color) {
            Some(stop) => stops.push(stop),
            // The first part may be a direction.
            None if at == 0 => {}
            None => return None,
        }
    }
    (!stops.is_empty() && stops.len() <= MAX_STOPS).then_some(stops)
}

// The background of an element itself; absent where it is not known.
fn background(page: &Page<'_>, said: &Said<'_>, id: NodeId) -> Option<Layer> {
    let mut color = None;
    let mut image: Option<Vec<(Triple, f64)>> = None;
    let shorthand = said.get("background");
    if let Some((_, value)) = shorthand {
        let layers = split_top(value, |c| c == ',');
        if layers.len() > 1 {
            return None;
        }
        color = Some(([1.0; 3], 0.0));
        for word in split_top(value, |c| char::is_whitespace(c) || c == '/') {
            let lower = word.to_ascii_lowercase();
            if let Some(known) = read_color(word) {
                color = Some(known);
            } else if lower.contains("gradient(") {
                image = Some(gradient(&lower)?);
            } else if lower.contains('(') || matches!(lower.as_str(), "inherit" | "unset" | "revert" | "currentcolor") {
                return None;
            }
        }
    }
    if let Some((rank, value)) = said.get("background-color")
        && shorthand.is_none_or(|(other, _)| other <= rank)
    {
        color = Some(read_color(value)?);
    }
    if let Some((rank, value)) = said.get("background-image")
        && shorthand.is_none_or(|(other, _)| other <= rank)
    {
        let lower = value.to_ascii_lowercase();
        image = if lower == "none" { None } else { Some(gradient(&lower)?) };
        if image.is_some() && split_top(value, |c| c == ',').len() > 1 {
            return None;
        }
    }
    let own = match page.name(id) {
        "button" => Some(([239.0 / 255.0; 3], 1.0)),
        "mark" => Some(([1.0, 1.0, 0.0], 1.0)),
        "dialog" => Some(([1.0; 3], 1.0)),
        _ => None,
    };
    let color = color.or(own);
    match (image, color) {
        (Some(stops), Some((under, 1.0))) => {
            Some(Layer::Stops(stops.into_iter().map(|(over, alpha)| (composite(over, alpha, under), 1.0)).collect()))
        }
        (Some(_), Some((_, alpha))) if alpha > 0.0 => None,
        (Some(stops), _) => Some(Layer::Stops(stops)),
        (None, Some((_, 0.0)) | None) => Some(Layer::Nothing),
        (None, Some((color, alpha))) => Some(Layer::Plain(color, alpha)),
    }
}

// The colour of an element's text; absent where it is not known.
fn foreground(page: &Page<'_>, styles: &BTreeMap<NodeId, Said<'_>>, id: NodeId) -> Option<(Triple, f64)> {
    for at in std::iter::once(id).chain(page.document.ancestors(id)) {
        let Some(said) = styles.get(&at) else { continue };
        if let Some((_, value)) = said.get("color") {
            if value.eq_ignore_ascii_case("inherit") {
                continue;
            }
            return read_color(value);
        }
        match page.name(at) {
            "a" if page.document.has_attr(at, "href") => return Some(([0.0, 0.0, 238.0 / 255.0], 1.0)),
            "button" | "mark" | "dialog" => return Some(([0.0; 3], 1.0)),
            // Their colours are the browser's.
            "input" | "select" | "textarea" | "font" | "legend" => return None,
            _ => {}
        }
    }
    let body = page.document.find("body");
    if body.is_some_and(|body| page.document.has_attr(body, "text") || page.document.has_attr(body, "bgcolor")) {
        return None;
    }
    Some(([0.0; 3], 1.0))
}

fn is_set(said: &Said<'_>, name: &str) -> bool {
    said.get(name).is_some_and(|(_, value)| {
        !matches!(
            value.to_ascii_lowercase().as_str(),
            "none" | "normal" | "border-box" | "padding-box" | "auto" | "static" | "initial"
        )
    })
}

// The highest contrast the text of an element has anywhere, with the two colours; absent where it is not known.
fn best(page: &Page<'_>, styles: &BTreeMap<NodeId, Said<'_>>, id: NodeId) -> Option<(f64, Triple, Triple)> {
    let document = page.document;
    let (color, alpha) = foreground(page, styles, id)?;
    // Outermost last: what lies behind, with the opacity of each element as a whole.
    let mut path: Vec<(Layer, f64)> = Vec::new();
    let mut is_covered = false;
    for at in std::iter::once(id).chain(document.ancestors(id)) {
        let Some(said) = styles.get(&at) else { continue };
        if page.name(at).is_empty() && document.is_element(at) {
            return None;
        }
        let open = [
            "filter",
            "backdrop-filter",
            "mix-blend-mode",
            "-webkit-text-fill-color",
            "background-clip",
            "-webkit-background-clip",
            "mask",
            "mask-image",
            "text-shadow",
            "transform",
        ];
        if open.iter().any(|name| is_set(said, name))
            || document.has_attr(at, "bgcolor")
            || document.has_attr(at, "background")
        {
            return None;
        }
        let opacity = match said.get("opacity") {
            Some((_, value)) => value.trim().parse::<f64>().ok()?.clamp(0.0, 1.0),
            None => 1.0,
        };
        let layer = if is_covered { Layer::Nothing } else { background(page, said, at)? };
        let opaque = matches!(layer, Layer::Plain(_, 1.0))
            || matches!(&layer, Layer::Stops(stops) if stops.iter().all(|(_, alpha)| *alpha >= 1.0));
        let is_placed = said
            .get("position")
            .is_some_and(|(_, value)| matches!(value.to_ascii_lowercase().as_str(), "absolute" | "fixed" | "sticky"));
        let is_moved = ["top", "left", "margin", "margin-top"]
            .iter()
            .any(|name| said.get(name).is_some_and(|(_, value)| value.trim_start().starts_with('-')));
        path.push((layer, opacity));
        // What is placed over something else lies on that, unless it has a background of its own.
        if (is_placed || is_moved) && !opaque && !is_covered {
            return None;
        }
        if is_moved && is_placed {
            return None;
        }
        is_covered |= opaque;
    }
    let mut choices = vec![0_usize];
    for (layer, _) in &path {
        if let Layer::Stops(stops) = layer {
            if choices.len() > 1 {
                return None;
            }
            choices = (0..stops.len()).collect();
        }
    }
    let mut best: Option<(f64, Triple, Triple)> = None;
    for choice in choices {
        let mut behind: Triple = [1.0; 3];
        let mut groups: Vec<(f64, Triple)> = Vec::new();
        for (layer, opacity) in path.iter().rev() {
            if *opacity < 1.0 {
                groups.push((*opacity, behind));
            }
            behind = match layer {
                Layer::Nothing => behind,
                Layer::Plain(color, alpha) => composite(*color, *alpha, behind),
                Layer::Stops(stops) => {
                    let (color, alpha) = stops.get(choice).copied()?;
                    composite(color, alpha, behind)
                }
            };
        }
        let mut text = composite(color, alpha, behind);
        for (opacity, under) in groups.into_iter().rev() {
            text = composite(text, opacity, under);
            behind = composite(behind, opacity, under);
        }
        let contrast = ratio(text, behind);
        if best.is_none_or(|(known, ..)| contrast > known) {
            best = Some((contrast, text, behind));
        }
    }
    best
}

// Whether text is large, or may be.
fn is_large(page: &Page<'_>, styles: &BTreeMap<NodeId, Said<'_>>, id: NodeId) -> bool {
    let mut bold = None;
    for at in std::iter::once(id).chain(page.document.ancestors(id)) {
        let Some(said) = styles.get(&at) else { continue };
        if said.contains_key("font") {
            return true;
        }
        if let Some((_, value)) = said.get("font-size") {
            if pixels(value, 16.0).is_none() {
                return true;
            }
        } else if matches!(page.name(at), "h1" | "h2" | "h3") {
            return true;
        }
        if bold.is_none() {
            bold = match said.get("font-weight").map(|(_, value)| value.to_ascii_lowercase()) {
                Some(weight) => Some(
                    matches!(weight.as_str(), "bold" | "bolder")
                        || weight.parse::<f64>().is_ok_and(|weight| weight >= 700.0),
                ),
                None if matches!(page.name(at), "b" | "strong" | "h4" | "h5" | "h6" | "th") => Some(true),
                None => None,
            };
        }
    }
    let size = page.font(id);
    // 18 pt, or 14 pt in bold.
    size + 1e-6 >= 24.0 || (bold == Some(true) && size + 0.01 >= 14.0 * 4.0 / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backgrounds_are_taken_apart() {
        assert_eq!(split_top("a(b c) d  e", char::is_whitespace), ["a(b c)", "d", "e"]);
        assert_eq!(gradient("linear-gradient(to right, #fff, rgb(0 0 0) 50%)").map(|stops| stops.len()), Some(2));
        let many = |count: usize| gradient(&format!("linear-gradient({})", vec!["red"; count].join(",")));
        assert!(many(MAX_STOPS).is_some() && many(MAX_STOPS + 1).is_none());
        assert!(gradient("linear-gradient(red, var(--x))").is_none() && gradient("linear-gradient()").is_none());
    }
}

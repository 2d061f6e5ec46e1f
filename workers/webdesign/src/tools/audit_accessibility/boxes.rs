//! Boxes that text surely outgrows, where the page's known styles size them: those that scroll out of the keyboard's reach, and
//! those that cut text off when it is zoomed.
//!
//! Nothing is laid out: text is taken to be narrower and lower than any font makes it, so that what is found holds everywhere.

use super::Audit;
use super::language::pixels;
use super::naming::squeeze;
use super::page::Page;
use super::paint::Said;
use crate::support::html::NodeId;
use std::collections::BTreeMap;

/// Narrowest letters are about this part of the size of the font, and lines this multiple of it.
const LETTER: f64 = 0.38;
const LINE: f64 = 1.1;

/// A window of 1280 to 1024 pixels, zoomed to 200 %.
const ZOOMED: (f64, f64) = (640.0, 512.0);

/// Boxes up to this height hide their text on purpose.
const HIDDEN: f64 = 5.0;

/// Most text nodes that are measured, summed over a page.
const MAX_MEASURED: usize = 2_000_000;

/// Runs the rules, with what is said of each element.
pub(super) fn check(audit: &mut Audit<'_>, styles: &BTreeMap<NodeId, Said<'_>>) {
    let mut left = MAX_MEASURED;
    for id in audit.page.document.elements() {
        let page = audit.page;
        if page.name(id).is_empty() || !page.is_exposed(id) || !page.is_seen(id) {
            continue;
        }
        if scrolls_unreached(page, styles, id, &mut left) {
            audit.add("scrollable-region-focusable", id, "it scrolls, but the keyboard cannot reach it".to_owned());
        }
        if cuts_off(page, styles, id, &mut left) {
            let message = "its text is cut off when zoomed to 200 %, since its size is fixed".to_owned();
            audit.add("zoom-text-no-overflow-clipping", id, message);
        }
    }
}

fn word(said: &Said<'_>, name: &str) -> Option<String> {
    said.get(name).map(|(_, value)| value.to_ascii_lowercase())
}

// What happens to what is too large: along the line, and down.
fn overflow(said: &Said<'_>) -> (String, String) {
    let both = word(said, "overflow").unwrap_or_default();
    let mut words = both.split_whitespace();
    let x = words.next().unwrap_or_default().to_owned();
    let y = words.next().unwrap_or(&x).to_owned();
    (word(said, "overflow-x").unwrap_or(x), word(said, "overflow-y").unwrap_or(y))
}

fn length(page: &Page<'_>, said: &Said<'_>, id: NodeId, name: &str) -> Option<f64> {
    let value = word(said, name)?;
    if let Some(part) = value.strip_suffix("vh") {
        return part.trim().parse::<f64>().ok().map(|part| part * ZOOMED.1 / 100.0);
    }
    pixels(&value, page.font(id)).filter(|_| !value.contains('%'))
}

#[expect(clippy::cast_precision_loss, reason = "a text's length is far below 2^52")]
fn width_of(letters: usize, font: f64) -> f64 {
    letters as f64 * font * LETTER
}

// Whether an element surely scrolls down, and neither it nor anything in it takes the focus.
fn scrolls_unreached(page: &Page<'_>, styles: &BTreeMap<NodeId, Said<'_>>, id: NodeId, left: &mut usize) -> bool {
    let document = page.document;
    let Some(said) = styles.get(&id) else { return false };
    let (_, y) = overflow(said);
    if !matches!(y.as_str(), "auto" | "scroll") {
        return false;
    }
    let height = length(page, said, id, "height").or_else(|| length(page, said, id, "max-height"));
    let Some(height) = height else { return false };
    let width = std::iter::once(id)
        .chain(document.ancestors(id))
        .find_map(|at| {
            let (_, value) = styles.get(&at)?.get("width")?;
            pixels(value, page.font(at)).filter(|_| !value.contains('%'))
        })
        .unwrap_or(1_600.0);
    let mut letters = 0;
    for at in document.descendants(id) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return false;
        }
        if let Some(text) = document.text(at).filter(|_| page.is_seen(at)) {
            letters += squeeze(text).chars().count();
        }
    }
    let lines = width_of(letters, page.font(id)) / width.max(1.0);
    lines * page.font(id) * LINE > height + 20.0
        && !std::iter::once(id).chain(document.descendants(id)).any(|at| {
            document.is_element(at) && (page.is_focusable(at) || page.name(at) == "iframe" || page.is_open(at))
        })
}

// Whether a box of a fixed size hides a part of its own text.
fn cuts_off(page: &Page<'_>, styles: &BTreeMap<NodeId, Said<'_>>, id: NodeId, left: &mut usize) -> bool {
    let document = page.document;
    let Some(said) = styles.get(&id) else { return false };
    let (x, y) = overflow(said);
    let hides = |how: &str| matches!(how, "hidden" | "clip");
    if !hides(&x) && !hides(&y) {
        return false;
    }
    // A link right after it leads to the whole text.
    let goes_on = document.next_element(id).is_some_and(|next| page.name(next) == "a");
    if goes_on
        || document
            .element_children(id)
            .any(|at| !matches!(page.name(at), "br" | "b" | "i" | "em" | "strong" | "a" | "span"))
    {
        return false;
    }
    let font = page.font(id);
    let width = length(page, said, id, "width");
    let height = length(page, said, id, "height").or_else(|| length(page, said, id, "max-height"));
    let mut lines = vec![0_usize];
    for at in document.descendants(id) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return false;
        }
        if page.name(at) == "br" {
            lines.push(0);
        }
        if let (Some(text), Some(last)) = (document.text(at).filter(|_| page.is_seen(at)), lines.last_mut()) {
            *last += squeeze(text).chars().count();
        }
    }
    let longest = lines.iter().copied().max().unwrap_or_default();
    let one_line = word(said, "white-space").is_some_and(|value| matches!(value.as_str(), "nowrap" | "pre"));
    if height.is_some_and(|height| height <= HIDDEN) || width.is_some_and(|width| width <= HIDDEN) || longest == 0 {
        return false;
    }
    let line = width.unwrap_or(ZOOMED.0).min(ZOOMED.0);
    let count: f64 = if one_line {
        lines.iter().map(|_| 1.0).sum()
    } else {
        lines.iter().map(|letters| (width_of(*letters, font) / line).ceil()).sum()
    };
    let down = hides(&y) && height.is_some_and(|height| count * font * LINE > height + 1.0);
    let shortened = word(said, "text-overflow").is_some_and(|value| value != "clip");
    let along = hides(&x) && one_line && !shortened && width.is_some_and(|width| width_of(longest, font) > width + 1.0);
    down || along
}

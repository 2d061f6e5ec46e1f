//! What elements and attributes ask of each other: sources and their parents, numbers and their bounds, microdata, images of
//! several sizes, labels around controls.

use super::Checker;
use super::dates::{self, float};
use super::values;
use crate::support::html::{NodeId, ROOT};
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeSet;

/// Checks a whole document.
pub(super) fn check(checker: &mut Checker<'_>) {
    let document = checker.document;
    let referred: BTreeSet<&str> = document
        .elements()
        .filter_map(|id| document.attr(id, "itemref"))
        .flat_map(str::split_ascii_whitespace)
        .collect();
    for id in document.descendants(ROOT).filter(|id| !document.html_name(*id).is_empty()) {
        match document.html_name(id) {
            "source" => source(checker, id),
            "img" => sizes(checker, id),
            "progress" | "meter" => bounds(checker, id),
            "select" => placeholder(checker, id),
            "input" => input(checker, id),
            "time" if !document.has_attr(id, "datetime") => time(checker, id),
            "map" => map(checker, id),
            "label" => label(checker, id),
            _ => {}
        }
        microdata(checker, id, &referred);
    }
}

fn source(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    let Some(parent) = document.parent_element(id) else { return };
    let (needed, unfit): (&str, &[&str]) = match document.html_name(parent) {
        "picture" => ("srcset", &["src"]),
        "audio" | "video" => ("src", &["srcset", "sizes", "width", "height"]),
        _ => return,
    };
    let around = document.html_name(parent);
    if !document.has_attr(id, needed) {
        checker.add("element-required-attributes", id, format!("source in {around} needs {needed}"));
    }
    for name in unfit.iter().filter(|name| document.has_attr(id, name)) {
        checker.add_at("attribute-not-allowed", id, name, format!("source in {around} has no attribute {name}"));
    }
    if around == "picture" {
        sizes(checker, id);
    }
}

// Candidates of a srcset: address and descriptor.
fn candidates(text: &str) -> Vec<(&str, &str)> {
    let mut list = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return list;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (address, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if let Some(bare) = address.strip_suffix(',') {
            list.push((bare.trim_end_matches(','), ""));
            rest = after;
            continue;
        }
        let end = after.find(',').unwrap_or(after.len());
        let (descriptor, next) = after.split_at_checked(end).unwrap_or((after, ""));
        list.push((address, descriptor.trim()));
        rest = next;
    }
}

fn sizes(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    let Some(srcset) = document.attr(id, "srcset") else {
        if document.has_attr(id, "sizes") {
            let message = "sizes does nothing without srcset".to_owned();
            checker.add_at("attribute-not-allowed", id, "sizes", message);
        }
        return;
    };
    let list = candidates(srcset);
    let mut seen = BTreeSet::new();
    for (address, descriptor) in &list {
        let one = if descriptor.is_empty() { "1x" } else { descriptor };
        let (digits, unit) = one.split_at_checked(one.len().saturating_sub(1)).unwrap_or((one, ""));
        let fits = match unit {
            "x" => float(digits).is_some_and(|density| density >= 0.0),
            "w" | "h" => digits.parse::<u32>().is_ok_and(|width| width > 0),
            _ => false,
        } || one.contains(' ');
        let message = if fits {
            if seen.insert(one.to_owned()) {
                continue;
            }
            format!("srcset has two images for {one}: {}", excerpt(address))
        } else {
            format!("srcset has {}, which is no width (100w) and no density (2x)", excerpt(one))
        };
        checker.add_at("attribute-allowed-values", id, "srcset", message);
        return;
    }
    let by_width = list.iter().any(|(_, descriptor)| descriptor.ends_with('w'));
    // Of a source, the image beside it says so.
    let image = document
        .parent_element(id)
        .filter(|_| document.html_name(id) == "source")
        .and_then(|parent| document.element_children(parent).find(|at| document.html_name(*at) == "img"))
        .unwrap_or(id);
    let is_lazy = document.attr(image, "loading").is_some_and(|value| value.eq_ignore_ascii_case("lazy"));
    if by_width && !document.has_attr(id, "sizes") && !is_lazy {
        let name = document.html_name(id);
        checker.add("element-required-attributes", id, format!("{name} needs sizes, since srcset gives widths"));
    }
}

fn bounds(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    let is_meter = document.html_name(id) == "meter";
    let read = |name: &str| document.attr(id, name).and_then(float);
    let Some(value) = read("value") else { return };
    let least = if is_meter { read("min").unwrap_or(0.0) } else { 0.0 };
    let most = read("max").unwrap_or(1.0).max(least);
    if value < least || value > most {
        let message = format!("value={value} lies outside of {least} to {most}");
        checker.add_at("attribute-allowed-values", id, "value", message);
    }
}

// A required select begins with an option of no value, so that nothing is chosen unseen.
fn placeholder(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    let has = |name: &str| document.has_attr(id, name);
    let rows = document.attr(id, "size").and_then(|size| size.trim().parse::<u32>().ok()).unwrap_or(1);
    if !has("required") || has("multiple") || rows > 1 {
        return;
    }
    let Some(first) = document.descendants(id).find(|at| document.html_name(*at) == "option") else { return };
    let value = document.attr(first, "value").map_or_else(|| document.text_content(first), str::to_owned);
    let label_only = document.text_content(first).trim().is_empty();
    if !value.is_empty() && !label_only {
        let message = "the first option of a required select needs an empty value".to_owned();
        checker.add("element-required-content", first, message);
    }
}

fn input(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    let kind = document.attr(id, "type").unwrap_or("text").to_ascii_lowercase();
    for name in ["value", "min", "max", "step"] {
        let Some(value) = document.attr(id, name).filter(|value| !value.is_empty()) else { continue };
        if let Some(expected) = values::of_input(&kind, name, value) {
            let message = format!("{name}=\"{}\" on an input of type {kind} is not {expected}", excerpt(value));
            checker.add_at("attribute-allowed-values", id, name, message);
        }
    }
}

fn time(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    if document.element_children(id).next().is_none() && !dates::is_for_time(&document.text_content(id)) {
        let message = "time needs datetime, since its text is no date or time of the standard's forms".to_owned();
        checker.add("element-required-content", id, message);
    }
}

fn map(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    if let (Some(name), Some(own)) = (document.attr(id, "name"), document.attr(id, "id"))
        && name != own
    {
        checker.add_at("attribute-allowed-values", id, "id", "id and name of a map are the same".to_owned());
    }
}

fn label(checker: &mut Checker<'_>, id: NodeId) {
    let document = checker.document;
    let Some(target) = document.attr(id, "for") else { return };
    let other = document.descendants(id).find(|at| {
        let is_control = match document.html_name(*at) {
            "input" => !document.attr(*at, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")),
            "button" | "meter" | "output" | "progress" | "select" | "textarea" => true,
            _ => false,
        };
        is_control && document.attr(*at, "id") != Some(target)
    });
    if let Some(other) = other {
        let message = format!("the label around it is for {}, which is another id", excerpt(target));
        checker.add("no-missing-references", other, message);
    }
}

fn microdata(checker: &mut Checker<'_>, id: NodeId, referred: &BTreeSet<&str>) {
    let document = checker.document;
    for name in ["itemtype", "itemid", "itemref"] {
        if document.has_attr(id, name) && !document.has_attr(id, "itemscope") {
            checker.add_at("attribute-not-allowed", id, name, format!("{name} needs itemscope beside it"));
        }
    }
    if !document.has_attr(id, "itemprop") || !document.is_page {
        return;
    }
    let is_referred = |at: NodeId| document.attr(at, "id").is_some_and(|own| referred.contains(own));
    let belongs =
        is_referred(id) || document.ancestors(id).any(|at| document.has_attr(at, "itemscope") || is_referred(at));
    if !belongs {
        let message = "itemprop stands in no item: no element around it has itemscope".to_owned();
        checker.add_at("attribute-not-allowed", id, "itemprop", message);
    }
}

#[cfg(test)]
mod tests {
    use super::candidates;

    #[test]
    fn candidates_of_srcset_are_taken_apart() {
        assert_eq!(candidates("a.png 1x, b.png 2x"), [("a.png", "1x"), ("b.png", "2x")]);
        assert_eq!(candidates("a.png, b.png 200w,"), [("a.png", ""), ("b.png", "200w")]);
        assert_eq!(candidates(" , "), []);
        assert_eq!(candidates("data:,x 1x"), [("data:,x", "1x")]);
    }
}

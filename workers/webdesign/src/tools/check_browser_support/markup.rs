//! The features that an HTML page uses, with those of its styles and scripts.
//!
//! Owns the reading of elements and attributes against MDN's names. Elements of SVG and `MathML` are not looked at.

use super::css::{self, Detectors};
use super::script::{self, Language};
use super::{Flaw, Use};
use crate::support::features::{Features, Kind};
use crate::support::html::{Attribute, Document, NodeId, parse};

/// Finds the features of a page.
pub(super) fn uses(source: &str, detectors: &Detectors, features: &Features) -> (Vec<Use>, Vec<Flaw>) {
    let document = parse(source);
    let (mut uses, mut flaws) = (Vec::new(), Vec::new());
    if let Some((cut, at)) = document.cut {
        flaws.push((cut.sentence(), at..at));
    }
    for at in document.elements() {
        let name = document.html_name(at);
        if name.is_empty() {
            continue;
        }
        if let Some(key) = features.find(Kind::Element, name) {
            let span = document.element(at).and_then(|element| element.start_tag.clone());
            let end = |start: usize| start + 1 + name.len();
            uses.extend(span.map(|tag| Use { key, span: tag.start..end(tag.start), or: None, guarded: false }));
        }
        for attribute in document.attributes(at) {
            self::attribute(name, attribute, features, &mut uses);
            if &*attribute.name == "style" {
                let text = attribute.text().unwrap_or_default();
                let inner = css::uses(&format!("x{{{text}}}"), 0, detectors, features);
                let declared = inner.into_iter().filter(|one| one.span.start > 1);
                uses.extend(declared.map(|one| Use { span: attribute.value_span.clone(), ..one }));
            }
        }
        let Some((text, start)) = raw(&document, at, source) else { continue };
        match name {
            "style" => uses.extend(css::uses(text, start, detectors, features)),
            "script" => {
                if let Some(language) = language(document.attr(at, "type")) {
                    let (found, flaw) = script::uses(text, start, language, features);
                    uses.extend(found);
                    flaws.extend(flaw);
                }
            }
            _ => {}
        }
    }
    (uses, flaws)
}

fn attribute(element: &str, attribute: &Attribute, features: &Features, uses: &mut Vec<Use>) {
    let name = attribute.name.to_ascii_lowercase();
    let value = attribute.text().unwrap_or_default().trim().to_ascii_lowercase();
    let of_value = features.find(Kind::AttributeValue, &format!("{element} {name} {value}"));
    let of_name = features
        .find(Kind::Attribute, &format!("{element} {name}"))
        .or_else(|| features.find(Kind::Attribute, &format!("* {name}")));
    let spans = [(of_name, &attribute.name_span), (of_value, &attribute.value_span)];
    for (key, span) in spans {
        uses.extend(key.map(|key| Use { key, span: span.clone(), or: None, guarded: false }));
    }
}

// The text of a style or script, which has no character references, and where it is.
fn raw<'s>(document: &Document, at: NodeId, source: &'s str) -> Option<(&'s str, usize)> {
    let text = document.first_child(at)?;
    let span = document.span(text);
    matches!(document.html_name(at), "style" | "script").then_some(())?;
    Some((source.get(span.clone())?, span.start))
}

fn language(kind: Option<&str>) -> Option<Language> {
    let kind = kind.unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "module" => Some(Language::Module),
        "" => Some(Language::Script),
        _ if kind.contains("javascript") || kind.contains("ecmascript") => Some(Language::Script),
        _ => None,
    }
}

//! Rules on the page as a whole: title, language, zoom and refresh; on `autocomplete`, text spacing, orientation.

use super::Audit;
use crate::support::css_rules;
use crate::support::html::{NodeId, ROOT};
use crate::support::languages;
use std::collections::BTreeMap;

/// Twenty hours: what WCAG 2.2.1 lets pass, in seconds.
const LONG_DELAY: f64 = 72_000.0;

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>) {
    let document = audit.page.document;
    if document.is_page {
        title(audit);
        page_language(audit);
        orientation(audit);
    }
    for id in document.elements() {
        match audit.page.name(id) {
            "meta" => meta(audit, id),
            "input" | "select" | "textarea" => autocomplete(audit, id),
            "blink" | "marquee" if audit.page.is_rendered(id) => {
                let rule = if audit.page.name(id) == "blink" { "blink" } else { "marquee" };
                audit.add(rule, id, "text that moves by itself cannot be stopped".to_owned());
            }
            _ => {}
        }
        if audit.page.name(id) != "html" {
            part_language(audit, id);
        }
        if document.has_attr(id, "style") {
            spacing(audit, id);
        }
    }
}

fn title(audit: &mut Audit<'_>) {
    let document = audit.page.document;
    let title = document.find("title");
    let text = title.map(|at| document.text_content(at)).unwrap_or_default();
    if text.trim().is_empty() {
        let at = title.or_else(|| document.find("html")).unwrap_or(ROOT);
        audit.add("document-title", at, "the page has no title".to_owned());
    }
}

fn page_language(audit: &mut Audit<'_>) {
    let page = audit.page;
    let Some(html) = page.document.find("html") else { return };
    let lang = page.attr(html, "lang");
    if lang.is_none_or(|lang| lang.trim().is_empty()) {
        audit.add("html-has-lang", html, "the html element has no lang".to_owned());
    }
    let xml = page.attr(html, "xml:lang");
    for (name, value) in [("lang", lang), ("xml:lang", xml)] {
        if let Some(value) = value.filter(|value| !value.is_empty() && !languages::is_known(value))
            && !(value.trim().is_empty() && name == "xml:lang")
        {
            let shown = octavo_toolkit::limits::excerpt(value);
            audit.add_at("html-lang-valid", html, name, format!("\"{shown}\" begins with no registered language"));
            return;
        }
    }
    if let (Some(lang), Some(xml)) = (lang.filter(|it| !it.is_empty()), xml.filter(|it| !it.is_empty()))
        && !primary(lang).eq_ignore_ascii_case(primary(xml))
    {
        audit.add_at(
            "html-xml-lang-mismatch",
            html,
            "xml:lang",
            "lang and xml:lang name different languages".to_owned(),
        );
    }
}

fn primary(tag: &str) -> &str {
    tag.trim().split('-').next().unwrap_or_default()
}

fn part_language(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    for name in ["lang", "xml:lang"] {
        let Some(value) = page.attr(id, name).filter(|value| !value.is_empty()) else { continue };
        if !languages::is_known(value) && page.is_rendered(id) && speaks(audit, id) {
            let shown = octavo_toolkit::limits::excerpt(value);
            audit.add_at("valid-lang", id, name, format!("\"{shown}\" begins with no registered language"));
            return;
        }
    }
}

// Whether there is text of this language in it, or an alternative to text.
fn speaks(audit: &Audit<'_>, id: NodeId) -> bool {
    let page = audit.page;
    let document = page.document;
    let mut at = document.first_child(id);
    if page.said(id, "alt").is_some() || page.said(id, "aria-label").is_some() || page.said(id, "title").is_some() {
        return true;
    }
    while let Some(node) = at {
        if document.text(node).is_some_and(|text| !text.trim().is_empty()) {
            return true;
        }
        let other = document.is_element(node)
            && (!page.is_rendered(node) || document.has_attr(node, "lang") || document.has_attr(node, "xml:lang"));
        if document.is_element(node)
            && !other
            && ["alt", "aria-label"].iter().any(|name| page.said(node, name).is_some())
        {
            return true;
        }
        at = if other { None } else { document.first_child(node) }.or_else(|| document.following_outside(node, id));
    }
    false
}

fn leading_number(text: &str) -> Option<f64> {
    let end = text
        .char_indices()
        .position(|(at, c)| !(c.is_ascii_digit() || c == '.' || (at == 0 && matches!(c, '-' | '+'))));
    text.get(..end.unwrap_or(text.len()))?.parse().ok()
}

fn meta(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let Some(content) = page.attr(id, "content") else { return };
    if page.attr(id, "http-equiv").is_some_and(|it| it.eq_ignore_ascii_case("refresh")) {
        refresh(audit, id, content);
    }
    if page.attr(id, "name").is_some_and(|it| it.eq_ignore_ascii_case("viewport")) {
        viewport(audit, id, content);
    }
}

fn refresh(audit: &mut Audit<'_>, id: NodeId, content: &str) {
    let content = content.trim();
    let end = content.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(content.len());
    let (digits, rest) = content.split_at(end);
    if digits.is_empty() || !(rest.is_empty() || rest.starts_with([';', ',']) || rest.starts_with(char::is_whitespace))
    {
        return;
    }
    let Some(delay) = leading_number(digits.split('.').next().unwrap_or_default()) else { return };
    // The first that can be read decides.
    if std::mem::replace(&mut audit.refreshes, true) {
        return;
    }
    if delay > 0.0 && delay <= LONG_DELAY {
        audit.add("meta-refresh", id, format!("the page goes on by itself after {delay} seconds"));
    }
    if delay > 0.0 {
        audit.add("meta-refresh-no-exceptions", id, format!("the page goes on by itself after {delay} seconds"));
    }
}

fn viewport(audit: &mut Audit<'_>, id: NodeId, content: &str) {
    let mut large = false;
    for item in content.to_ascii_lowercase().split([';', ',']) {
        let Some((key, value)) = item.split_once('=') else { continue };
        let (key, value) = (key.trim(), value.trim());
        let number = leading_number(value);
        let blocks = match key {
            "user-scalable" => match number {
                Some(number) => number > -1.0 && number < 1.0,
                None => !value.is_empty() && !matches!(value, "yes" | "device-width" | "device-height"),
            },
            "maximum-scale" => match number {
                Some(number) => {
                    large |= (2.0..5.0).contains(&number);
                    (0.0..2.0).contains(&number)
                }
                None => !value.is_empty() && !matches!(value, "device-width" | "device-height"),
            },
            _ => false,
        };
        if blocks {
            let shown = octavo_toolkit::limits::excerpt(value);
            audit.add("meta-viewport", id, format!("{key}={shown} keeps people from zooming to 200 %"));
            return;
        }
    }
    if large {
        audit.add("meta-viewport-large", id, "maximum-scale keeps people from zooming to 500 %".to_owned());
    }
}

const STANDALONE: &str = "name honorific-prefix given-name additional-name family-name honorific-suffix nickname username new-password current-password organization-title organization street-address address-line1 address-line2 address-line3 address-level4 address-level3 address-level2 address-level1 country country-name postal-code cc-name cc-given-name cc-additional-name cc-family-name cc-number cc-exp cc-exp-month cc-exp-year cc-csc cc-type transaction-currency transaction-amount language bday bday-day bday-month bday-year sex url photo one-time-code";
const QUALIFIED: &str = "tel tel-country-code tel-national tel-area-code tel-local tel-local-prefix tel-local-suffix tel-extension email impp";

fn autocomplete(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let document = page.document;
    let Some(value) = page.said(id, "autocomplete") else { return };
    let is = |name: &str| page.attr(id, name).is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let off =
        document.has_attr(id, "readonly") || is("aria-readonly") || page.is_switched_off(id) || is("aria-disabled");
    let kind = if page.name(id) == "input" { page.input_type(id) } else { "" };
    if off || matches!(kind, "submit" | "reset" | "button" | "hidden") || !page.is_exposed(id) && !page.is_rendered(id)
    {
        return;
    }
    if page.tab_index(id).is_some_and(|index| index < 0)
        && document.has_attr(id, "role")
        && page.written_role(id).is_none_or(|role| role.kind != crate::support::aria::Kind::Widget)
    {
        return;
    }
    let lower = value.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "on" | "off" | "none" | "false" | "true" | "disabled" | "enabled" | "undefined" | "null" | "xoff" | "xon"
    ) {
        return;
    }
    let mut words: Vec<&str> = lower.split_ascii_whitespace().collect();
    if words.last() == Some(&"webauthn") {
        words.pop();
    }
    if words.first().is_some_and(|word| word.len() > 8 && word.starts_with("section-")) {
        words.remove(0);
    }
    if words.first().is_some_and(|word| matches!(*word, "billing" | "shipping")) {
        words.remove(0);
    }
    let mut qualified = false;
    if words.first().is_some_and(|word| matches!(*word, "home" | "work" | "mobile" | "fax" | "pager")) {
        words.remove(0);
        qualified = true;
    }
    let known = |list: &str, word: &str| list.split_ascii_whitespace().any(|it| it == word);
    let valid = match words.as_slice() {
        [word] if matches!(*word, "text" | "pronouns" | "gender" | "message" | "content") => return,
        [word] => known(QUALIFIED, word) || (!qualified && known(STANDALONE, word)),
        _ => false,
    };
    if !valid {
        let shown = octavo_toolkit::limits::excerpt(value);
        audit.add_at(
            "autocomplete-valid",
            id,
            "autocomplete",
            format!("\"{shown}\" is not what the HTML standard lists"),
        );
    }
}

// Lengths of inline styles that `!important` keeps readers from changing.
fn spacing(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let Some(style) = page.attr(id, "style") else { return };
    if !style.contains("important") || !page.is_rendered(id) || is_off_screen(style) {
        return;
    }
    for (property, least) in [("letter-spacing", 0.12), ("word-spacing", 0.16), ("line-height", 1.5)] {
        let Some((value, true)) = declared(style, property) else { continue };
        let font = page.font(id);
        let (length, of_font) = match value.as_str() {
            "inherit" | "unset" | "revert" | "revert-layer" => continue,
            "normal" | "initial" if property == "line-height" => (0.0, 1.2),
            "normal" | "initial" => (0.0, 0.0),
            _ => match (property, value.parse::<f64>(), pixels(&value, font)) {
                ("line-height", Ok(number), _) => (0.0, number),
                (_, _, Some(length)) => (length, 0.0),
                _ => continue,
            },
        };
        // The texts it holds for: no element between sets it otherwise.
        let document = page.document;
        let mut at = document.first_child(id);
        let mut tight = false;
        while let Some(node) = at {
            let other = document.is_element(node)
                && (!page.is_rendered(node)
                    || page.attr(node, "style").is_some_and(|style| declared(style, property).is_some()));
            if let Some(text) = document.text(node)
                && !text.trim().is_empty()
            {
                let font = document.parent(node).map_or(font, |parent| page.font(parent));
                let ratio = length / font + of_font;
                tight |= ratio + 1e-9 < least && (property != "line-height" || breaks(audit, node, text, font));
            }
            at = if other { None } else { document.first_child(node) }.or_else(|| document.following_outside(node, id));
        }
        if tight {
            let message =
                format!("{property}: {value} !important keeps readers from at least {least} of the font size");
            audit.add_at("avoid-inline-spacing", id, "style", message);
        }
    }
}

fn is_off_screen(style: &str) -> bool {
    let is = |property: &str, wanted: &[&str]| {
        declared(style, property).is_some_and(|(value, _)| wanted.contains(&value.as_str()))
    };
    is("position", &["absolute", "fixed"])
        && ["top", "left"].iter().any(|side| {
            declared(style, side).and_then(|(value, _)| pixels(&value, 16.0)).is_some_and(|length| length < -900.0)
        })
}

// Whether a text surely takes more than one line: of the width that is set around it, or of a long line.
fn breaks(audit: &Audit<'_>, id: NodeId, text: &str, font: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "a text's length is far below 2^52")]
    let length = super::naming::squeeze(text).chars().count() as f64 * font * 0.45;
    let document = audit.page.document;
    let width = document.ancestors(id).find_map(|at| {
        let style = audit.page.attr(at, "style")?;
        ["max-width", "width"]
            .iter()
            .find_map(|property| declared(style, property).and_then(|(value, _)| pixels(&value, font)))
    });
    length > width.unwrap_or(1_600.0)
}

/// What a `style` attribute sets a property to, and whether it is `!important`.
pub(super) fn declared(style: &str, property: &str) -> Option<(String, bool)> {
    let mut best: Option<(String, bool)> = None;
    for declaration in style.split(';') {
        let Some((name, value)) = declaration.split_once(':') else { continue };
        if !name.trim().eq_ignore_ascii_case(property) {
            continue;
        }
        let (value, important) = match value.split_once('!') {
            Some((value, word)) => (value, word.trim().eq_ignore_ascii_case("important")),
            None => (value, false),
        };
        if important || best.as_ref().is_none_or(|(_, important)| !important) {
            best = Some((value.trim().to_ascii_lowercase(), important));
        }
    }
    best
}

/// A length in pixels, for a font of a size.
pub(super) fn pixels(value: &str, font: f64) -> Option<f64> {
    let unit = value.find(|c: char| c.is_ascii_alphabetic() || c == '%')?;
    let (number, unit) = value.split_at(unit);
    let number: f64 = number.trim().parse().ok()?;
    Some(match unit {
        "px" => number,
        "em" => number * font,
        "%" => number * font / 100.0,
        "rem" => number * 16.0,
        "pt" => number * 4.0 / 3.0,
        "pc" => number * 16.0,
        "in" => number * 96.0,
        "cm" => number * 96.0 / 2.54,
        "mm" => number * 9.6 / 2.54,
        _ => return None,
    })
}

// A style sheet that turns something by a quarter under an `orientation` condition.
fn orientation(audit: &mut Audit<'_>) {
    let document = audit.page.document;
    if document.find("body").is_some_and(|body| !audit.page.is_rendered(body)) {
        return;
    }
    let styles: Vec<NodeId> = document.elements().filter(|at| document.html_name(*at) == "style").collect();
    for style in styles {
        let text = document.text_content(style).to_ascii_lowercase();
        if octavo_toolkit::limits::nesting_exceeded(&text).is_some() {
            continue;
        }
        let (rules, _) = css_rules::read(&text);
        let upright: BTreeMap<&str, f64> = rules
            .iter()
            .filter(|rule| !rule.conditional)
            .filter_map(|rule| turn_of(rule).map(|degrees| (rule.selector, degrees)))
            .collect();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("@media") {
            let media = rest.get(at..).unwrap_or_default();
            let (condition, body) = media.split_at(media.find('{').unwrap_or(media.len()));
            let mut depth = 0_usize;
            let end = body.char_indices().find(|(_, c)| {
                match c {
                    '{' => depth += 1,
                    '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth == 0
            });
            let (inside, after) = body.split_at(end.map_or(body.len(), |(at, _)| at));
            let locks = |rule: &css_rules::StyleRule<'_>| {
                turn_of(rule).is_some_and(|degrees| {
                    let turned = degrees - upright.get(rule.selector).copied().unwrap_or_default();
                    (turned.rem_euclid(180.0) - 90.0).abs() <= 2.0
                })
            };
            if condition.contains("orientation") && css_rules::read(inside.trim_start_matches('{')).0.iter().any(locks)
            {
                audit.add(
                    "css-orientation-lock",
                    style,
                    "the page is turned by a quarter in one orientation".to_owned(),
                );
                return;
            }
            rest = after;
        }
    }
}

// By how many degrees a rule turns what it selects.
fn turn_of(rule: &css_rules::StyleRule<'_>) -> Option<f64> {
    rule.by_precedence(&["transform", "rotate"]).first().and_then(|declaration| {
        if declaration.property == "rotate" {
            return declaration.value.split_whitespace().last().and_then(angle);
        }
        ["rotate3d(", "rotatez(", "rotate(", "matrix3d(", "matrix("].iter().find_map(|function| {
            let at = declaration.value.find(function)?;
            let argument = declaration.value.get(at + function.len()..)?.split(')').next()?;
            match *function {
                "matrix(" | "matrix3d(" => {
                    let numbers: Vec<f64> = argument.split(',').map_while(|it| it.trim().parse().ok()).collect();
                    match numbers.as_slice() {
                        [a, b, ..] => Some(b.atan2(*a).to_degrees()),
                        _ => None,
                    }
                }
                "rotate3d(" => argument.rsplit(',').next().and_then(angle),
                _ => angle(argument),
            }
        })
    })
}

fn angle(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let number: f64 = number.trim().parse().ok()?;
    Some(match unit.trim() {
        "deg" => number,
        "rad" => number.to_degrees(),
        "grad" => number * 0.9,
        "turn" => number * 360.0,
        _ => return None,
    })
}

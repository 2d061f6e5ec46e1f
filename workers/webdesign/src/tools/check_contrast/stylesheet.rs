//! A stylesheet: the rules that set both text colour and background.

use super::pair::{self, Advice, Demand, Outcome, Reader, Sample, Trouble};
use super::{INVALID_COLOR, Kind, MAX_PAIRS, SYNTAX, UNRESOLVED_COLOR, WcagLevel};
use crate::support::color::gamut::Shown;
use crate::support::css_pieces::Flaw;
use crate::support::css_rules::{self, Declaration, StyleRule};
use crate::support::css_tokens::{Kind as TokenKind, Tokens};
use crate::support::css_variables::{Variables, has_reference};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::output::MAX_FINDINGS;
use octavo_toolkit::{Edit, Finding, LineIndex};

/// Pixels of 1rem and of `medium`: the initial font size of browsers.
const ROOT_PX: f64 = 16.0;
/// The properties that set the background's colour.
const BACKGROUNDS: [&str; 2] = ["background-color", "background"];

/// A stylesheet, read.
pub(super) struct Stylesheet<'a> {
    places: LineIndex<'a>,
    rules: Vec<StyleRule<'a>>,
    flaws: Vec<Flaw>,
}

impl<'a> Stylesheet<'a> {
    /// Reads a stylesheet.
    pub(super) fn read(source: &'a str) -> Self {
        let (rules, flaws) = css_rules::read(source);
        Self { places: LineIndex::new(source), rules, flaws }
    }

    /// The custom properties of the whole page.
    pub(super) fn root_properties(&self) -> Variables<'a> {
        let mut properties = Variables::default();
        for rule in self.rules.iter().filter(|rule| is_root(rule)) {
            for declaration in rule.declarations.iter().filter(|it| it.property.starts_with("--")) {
                properties.set(declaration.property.clone(), declaration.value);
            }
        }
        properties
    }

    /// Checks every rule that sets both.
    pub(super) fn check(&self, page: &Reader<'_, '_>, level: WcagLevel, outcome: &mut Outcome) {
        let Self { places: index, rules, flaws } = self;
        for flaw in flaws {
            let finding = Finding::new(&SYNTAX, format!("the stylesheet has {}", flaw.what));
            outcome.findings.push(finding.at(index.range(flaw.span.clone())));
        }
        let mut listed = 0;
        for rule in rules {
            if [&["color"][..], &BACKGROUNDS].iter().any(|properties| rule.by_precedence(properties).is_empty()) {
                continue;
            }
            let local = local_properties(rule);
            let reader = Reader { local: &local, ..*page };
            let Some((declared, foreground)) = winner(rule, &["color"], &reader, index, outcome) else {
                outcome.unread += 1;
                continue;
            };
            let Some((_, background)) = winner(rule, &BACKGROUNDS, &reader, index, outcome) else {
                outcome.unread += 1;
                continue;
            };
            let at = index.range(declared.span.clone());
            let Some(foreground) = foreground else {
                let finding = Finding::new(&UNRESOLVED_COLOR, "currentcolor takes the inherited colour");
                outcome.findings.push(finding.at(at));
                outcome.unread += 1;
                continue;
            };
            // The background's current colour is the text's; through a transparent one shows what another rule sets.
            let background = background.unwrap_or(foreground);
            if background.alpha <= 0.0 {
                continue;
            }
            let (size, weight) = font(rule);
            let sample = Sample::of(foreground, background, page.canvas);
            let place = format!("{}:{} {}", at.start.line, at.start.column, excerpt(rule.selector));
            let advice = if outcome.failed < MAX_FINDINGS as usize { Advice::Give } else { Advice::Spare };
            let judged = pair::judge(&sample, Demand::new(Kind::Text, size, weight, level), advice, place, "");
            outcome.checked += 1;
            outcome.failed += usize::from(judged.failure.is_some());
            // A reference stands for a token that other rules share: changing it here would leave the token behind.
            let literal = !has_reference(declared.value);
            if let Some(finding) = judged.failure {
                let finding = finding.at(at);
                outcome.findings.push(match &judged.foreground {
                    Some(color) if literal => {
                        finding.with_fix(format!("use {color}"), vec![Edit { range: at, new_text: color.clone() }])
                    }
                    _ => finding,
                });
            }
            outcome.findings.extend(judged.remark.map(|finding| finding.at(at)));
            if listed < MAX_PAIRS {
                outcome.pairs.push(judged.result);
                listed += 1;
            } else {
                outcome.listed_all = false;
            }
        }
    }
}

fn local_properties<'a>(rule: &StyleRule<'a>) -> Variables<'a> {
    let mut properties = Variables::default();
    for declaration in rule.declarations.iter().filter(|it| it.property.starts_with("--")) {
        properties.set(declaration.property.clone(), declaration.value);
    }
    properties
}

fn is_root(rule: &StyleRule<'_>) -> bool {
    let roots = [":root", "html", ":host"];
    let is_root = |part: &str| roots.iter().any(|root| part.trim().eq_ignore_ascii_case(root));
    !rule.conditional && !rule.nested && (rule.selector.starts_with("@theme") || rule.selector.split(',').any(is_root))
}

// The declaration that browsers use, with its colour (none for `currentcolor`). What cannot be read is reported; an
// invalid value gives way to the one before it, unless it has references, which make it win before it is read.
fn winner<'r, 'a>(
    rule: &'r StyleRule<'a>,
    properties: &[&str],
    reader: &Reader<'_, '_>,
    index: &LineIndex<'_>,
    outcome: &mut Outcome,
) -> Option<(&'r Declaration<'a>, Option<Shown>)> {
    for declaration in rule.by_precedence(properties) {
        let read = if declaration.property == "background" {
            shorthand(declaration.value, reader)
        } else {
            reader.read(declaration.value)
        };
        match read {
            Ok(color) => return Some((declaration, color)),
            Err(trouble) => {
                let gives_way = trouble.rule == &INVALID_COLOR && !has_reference(declaration.value);
                let finding = Finding::new(trouble.rule, trouble.message).at(index.range(declaration.span.clone()));
                outcome.findings.push(finding);
                if !gives_way {
                    return None;
                }
            }
        }
    }
    None
}

// The colour of a `background` shorthand: of its last layer, the one part that is a colour; none is transparent.
fn shorthand(value: &str, reader: &Reader<'_, '_>) -> Result<Option<Shown>, Trouble> {
    const IMAGES: [&str; 4] = ["url(", "gradient(", "image(", "image-set("];
    let unresolved = |what: &str| Trouble {
        rule: &UNRESOLVED_COLOR,
        message: format!("the background has {what}; check it where it is shown"),
    };
    let value = reader.substitute(value)?;
    let parts = last_layer(&value);
    let has_image = Tokens::new(&value).any(|token| {
        let text = token.text.to_ascii_lowercase();
        matches!(token.kind, TokenKind::Url | TokenKind::Function) && IMAGES.iter().any(|image| text.contains(image))
            || token.kind == TokenKind::Function && ["element(", "cross-fade(", "paint("].contains(&text.as_str())
    });
    if has_image {
        return Err(unresolved("an image"));
    }
    let mut color = None;
    for part in parts {
        match reader.read(part) {
            Ok(found) => color = Some(found),
            Err(trouble) if trouble.rule == &INVALID_COLOR && is_other_part(part) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    let transparent = Shown { rgb: [0.0; 3], alpha: 0.0, mapped: false };
    Ok(color.unwrap_or(Some(transparent)))
}

// The components of the last layer of a shorthand.
fn last_layer(value: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    let (mut depth, mut start) = (0_usize, None);
    for token in Tokens::new(value) {
        match token.kind {
            TokenKind::Function | TokenKind::Symbol('(') => depth += 1,
            TokenKind::Symbol(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let separates = depth == 0 && (token.is_blank() || token.is(',') || token.is('/'));
        if separates {
            parts.extend(start.take().and_then(|start| value.get(start..token.start)));
            if token.is(',') {
                parts.clear();
            }
        } else if start.is_none() {
            start = Some(token.start);
        }
    }
    parts.extend(start.and_then(|start| value.get(start..)));
    parts
}

// Whether a part of the shorthand is a position, size, repetition, box or attachment.
fn is_other_part(part: &str) -> bool {
    const WORDS: [&str; 21] = [
        "none",
        "left",
        "right",
        "top",
        "bottom",
        "center",
        "auto",
        "cover",
        "contain",
        "repeat",
        "no-repeat",
        "repeat-x",
        "repeat-y",
        "space",
        "round",
        "scroll",
        "fixed",
        "local",
        "border-box",
        "padding-box",
        "content-box",
    ];
    let Some(token) = Tokens::new(part).next() else { return true };
    match token.kind {
        TokenKind::Number(_) | TokenKind::Percentage(_) | TokenKind::Dimension(..) => true,
        TokenKind::Function => ["calc", "min", "max", "clamp"].contains(&token.name().to_ascii_lowercase().as_str()),
        _ => WORDS.contains(&part.to_ascii_lowercase().as_str()),
    }
}

// Size in pixels and weight, as far as the rule itself says them; else what browsers begin with, which is the stricter.
fn font(rule: &StyleRule<'_>) -> (f64, f64) {
    let first = |property: &str| rule.by_precedence(&[property]).first().and_then(|it| Tokens::new(it.value).next());
    let size = first("font-size").and_then(|token| match token.kind {
        TokenKind::Dimension(value, _) => match token.unit().to_ascii_lowercase().as_str() {
            "px" => Some(value),
            "pt" => Some(value * 96.0 / 72.0),
            "rem" => Some(value * ROOT_PX),
            _ => None,
        },
        _ => None,
    });
    let weight = first("font-weight").and_then(|token| match token.kind {
        TokenKind::Number(value) => Some(value),
        _ if token.is_ident("bold") => Some(700.0),
        _ => None,
    });
    (size.unwrap_or(ROOT_PX), weight.unwrap_or(400.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn background(value: &str) -> Result<Option<Shown>, &'static str> {
        let none = Variables::default();
        shorthand(value, &Reader { global: &none, local: &none, canvas: [1.0; 3] }).map_err(|trouble| trouble.rule.id)
    }

    #[test]
    fn the_shorthand_gives_its_color() {
        let red = background("red").expect("a colour");
        for value in [
            "no-repeat red",
            "RED center / cover",
            "calc(1px + 2px) 0 rgb(255 0 0)",
            "none, red",
            "0 0 red fixed border-box",
        ] {
            assert_eq!(background(value), Ok(red), "{value}");
        }
        assert_eq!(background("none").map(|it| it.map(|it| it.alpha)), Ok(Some(0.0)));
        assert_eq!(background("currentcolor"), Ok(None));
    }

    #[test]
    fn images_are_left_to_the_page() {
        for value in [
            "url(a.png) red",
            "linear-gradient(red, blue)",
            "red, image-set('a' 1x)",
            "-webkit-repeating-linear-gradient(a)",
        ] {
            assert_eq!(background(value), Err("unresolved-color"), "{value}");
        }
        assert_eq!(background("reddish"), Err("invalid-color"));
    }
}

//! The files that tokens become.

use super::names::{camel, kebab, snake};
use super::tree::{Piece, Tokens, split, text_of};
use super::values::{Resolver, Target, swift_literal};
use serde_json::{Map, Value};

/// How files are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style<'a> {
    pub(super) target: Target,
    pub(super) prefix: &'a str,
    /// Whether aliases stay aliases.
    pub(super) references: bool,
}

/// The name of a token on a platform.
pub(super) fn name(path: &[String], kind: Option<&str>, style: Style<'_>) -> String {
    match style.target {
        Target::Css | Target::Scss | Target::Json => kebab(path, style.prefix),
        Target::Android => snake(path, style.prefix),
        Target::Swift => camel(path, style.prefix),
        Target::Tailwind => tailwind(path, kind, style.prefix),
    }
}

// Tailwind tells what a variable is for by the first word of its name.
fn tailwind(path: &[String], kind: Option<&str>, prefix: &str) -> String {
    let space = match kind.unwrap_or_default() {
        "color" => "color",
        "fontFamily" => "font",
        "fontSize" => "text",
        "fontWeight" => "font-weight",
        "lineHeight" => "leading",
        "shadow" => "shadow",
        "cubicBezier" => "ease",
        "dimension" => match path.first().map(String::as_str) {
            Some("radius" | "borderRadius") => "radius",
            Some("breakpoint" | "screen") => "breakpoint",
            _ => "spacing",
        },
        _ => "",
    };
    let own = kebab(path, prefix);
    let known = space.is_empty() || own == space || own.starts_with(&format!("{space}-"));
    if known { own } else { format!("{space}-{own}") }
}

/// A file of some tokens, by their places; `selector` is where CSS puts them.
pub(super) fn file(tokens: &Tokens, places: &[usize], style: Style<'_>, selector: &str) -> String {
    let sorted = if style.references && !matches!(style.target, Target::Css | Target::Tailwind | Target::Json) {
        after_what_they_refer_to(tokens, places)
    } else {
        places.to_vec()
    };
    let resolver = Resolver::new(tokens, style.target);
    let lines = sorted.iter().filter_map(|at| line(&resolver, *at, style));
    match style.target {
        Target::Css => format!("{selector} {{\n{}\n}}\n", lines.collect::<Vec<_>>().join("\n")),
        Target::Tailwind => format!("@theme {{\n{}\n}}\n", lines.collect::<Vec<_>>().join("\n")),
        Target::Scss => format!("{}\n", lines.collect::<Vec<_>>().join("\n")),
        Target::Android => {
            let lines = lines.collect::<Vec<_>>().join("\n  ");
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<resources>\n  {lines}\n</resources>\n")
        }
        Target::Swift => {
            let mut lines: Vec<String> = lines.collect();
            if !style.references {
                lines.sort();
            }
            format!("import UIKit\n\npublic class DesignTokens {{\n    {}\n}}\n", lines.join("\n    "))
        }
        Target::Json => {
            let mut all = Map::new();
            for at in sorted {
                if let Some(token) = tokens.list.get(at) {
                    all.insert(name(&token.path, token.kind.as_deref(), style), resolver.value(at));
                }
            }
            format!("{}\n", serde_json::to_string_pretty(&Value::Object(all)).unwrap_or_default())
        }
    }
}

fn line(resolver: &Resolver<'_>, at: usize, style: Style<'_>) -> Option<String> {
    let token = resolver.tokens.list.get(at)?;
    let own = name(&token.path, token.kind.as_deref(), style);
    let value = written(resolver, at, style);
    let comment = token.comment.as_deref().map(|text| text.replace("*/", "* /").replace("--", "- -"));
    let comment = comment.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    Some(match style.target {
        Target::Css | Target::Tailwind => {
            format!("  --{own}: {value};{}", comment.map(|text| format!(" /** {text} */")).unwrap_or_default())
        }
        Target::Scss => format!("${own}: {value};{}", comment.map(|text| format!(" // {text}")).unwrap_or_default()),
        Target::Swift => {
            format!(
                "public static let {own} = {value}{}",
                comment.map(|text| format!(" /** {text} */")).unwrap_or_default()
            )
        }
        Target::Android => {
            let comment = comment.map(|text| format!("<!-- {text} -->")).unwrap_or_default();
            let kind = resource(token.kind.as_deref(), &value);
            if kind == "item" {
                format!("<item name=\"{own}\" type=\"dimen\" format=\"float\">{value}</item>{comment}")
            } else {
                let is_reference = style.references && value.starts_with('@');
                let value = if is_reference { value } else { escaped(&value, kind) };
                format!("<{kind} name=\"{own}\">{value}</{kind}>{comment}")
            }
        }
        Target::Json => return None,
    })
}

// What a value is to Android; a number with a fraction is an item, since integers have none.
fn resource(kind: Option<&str>, value: &str) -> &'static str {
    let (sizes, is_reference) = (["dp", "sp"], value.starts_with('@'));
    match kind.unwrap_or_default() {
        "dimension" | "fontSize" if is_reference || sizes.iter().any(|unit| value.ends_with(unit)) => "dimen",
        "color" if is_reference || value.starts_with('#') => "color",
        "time" | "number" | "duration" if is_reference || value.parse::<i64>().is_ok() => "integer",
        "number" if value.parse::<f64>().is_ok_and(f64::is_finite) => "item",
        _ => "string",
    }
}

// As XML has it, and in a text as Android does, where quotes and a first @ or ? have meanings.
fn escaped(text: &str, kind: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    if kind != "string" {
        return text;
    }
    let text = text.replace('\'', "\\'").replace('"', "\\\"");
    if text.starts_with(['@', '?']) { format!("\\{text}") } else { text }
}

fn written(resolver: &Resolver<'_>, at: usize, style: Style<'_>) -> String {
    let tokens = resolver.tokens;
    let plain = || {
        let value = resolver.value(at);
        if style.target == Target::Swift { swift_literal(&value) } else { text_of(&value) }
    };
    let Some(token) = tokens.list.get(at).filter(|_| style.references) else { return plain() };
    let Value::String(text) = &token.value else {
        let web = matches!(style.target, Target::Css | Target::Scss | Target::Tailwind);
        let refer = |at: usize| {
            let own =
                tokens.list.get(at).map(|token| name(&token.path, token.kind.as_deref(), style)).unwrap_or_default();
            if style.target == Target::Scss { format!("${own}") } else { format!("var(--{own})") }
        };
        let kept =
            resolver.with_references(at, &refer).filter(|_| web && !super::tree::references(&token.value).is_empty());
        return kept.as_ref().map_or_else(plain, text_of);
    };
    let pieces = split(text);
    if !pieces.iter().any(|piece| matches!(piece, Piece::Reference(_))) {
        return plain();
    }
    let mut whole = String::new();
    for piece in &pieces {
        match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Reference(reference) => {
                let found = tokens.find(reference).and_then(|at| Some((at, tokens.list.get(at)?)));
                let Some((place, other)) = found else { return plain() };
                let own = name(&other.path, other.kind.as_deref(), style);
                match style.target {
                    Target::Css | Target::Tailwind => whole.extend(["var(--", own.as_str(), ")"]),
                    Target::Scss => whole.extend(["$", own.as_str()]),
                    // A constant or resource is another one or a value, not both.
                    Target::Swift if pieces.len() == 1 => whole = own,
                    Target::Android if pieces.len() == 1 => {
                        match resource(other.kind.as_deref(), &text_of(&resolver.value(place))) {
                            // It has no kind of its own.
                            "item" => return plain(),
                            kind => whole = format!("@{kind}/{own}"),
                        }
                    }
                    Target::Swift | Target::Android | Target::Json => return plain(),
                }
            }
        }
    }
    whole
}

// The places in an order in which what is referred to comes first, else as they were.
fn after_what_they_refer_to(tokens: &Tokens, places: &[usize]) -> Vec<usize> {
    let mut done = std::collections::BTreeSet::new();
    let mut order = Vec::with_capacity(places.len());
    for start in places {
        let mut open = vec![(*start, false)];
        while let Some((at, ready)) = open.pop() {
            if ready {
                if done.insert(at) && places.binary_search(&at).is_ok() {
                    order.push(at);
                }
                continue;
            }
            if done.contains(&at) {
                continue;
            }
            open.push((at, true));
            let references = tokens.list.get(at).map(|token| super::tree::references(&token.value)).unwrap_or_default();
            open.extend(references.iter().rev().filter_map(|name| tokens.find(name)).map(|at| (at, false)));
        }
    }
    order
}

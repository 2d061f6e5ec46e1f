//! Values of tokens as each platform writes them.

use super::tree::{MAX_VALUE_BYTES, Piece, Tokens, number_text, references, split, text_of};
use crate::support::color::gamut::show;
use crate::support::color::parse::parse;
use crate::support::color::{Color, Space, Triple};
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Where the tokens go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum Target {
    #[default]
    Css,
    Scss,
    Tailwind,
    Swift,
    Android,
    Json,
}

impl Target {
    pub(super) const fn is_web(self) -> bool {
        matches!(self, Self::Css | Self::Scss | Self::Tailwind | Self::Json)
    }
}

/// Pixels of a rem, as browsers have it.
const BASE_PIXELS: f64 = 16.0;

/// Most values copied while references are followed; what lies beyond is null.
pub(super) const MAX_COPIED: usize = 500_000;

/// Works out values on one platform, each once.
pub(super) struct Resolver<'t> {
    pub(super) tokens: &'t Tokens,
    pub(super) target: Target,
    // Value and how many values are in it.
    known: RefCell<BTreeMap<usize, (Value, usize)>>,
    copied: Cell<usize>,
}

impl<'t> Resolver<'t> {
    pub(super) fn new(tokens: &'t Tokens, target: Target) -> Self {
        Self { tokens, target, known: RefCell::default(), copied: Cell::new(0) }
    }

    /// A token's value, its references followed; the caller has seen that they lead somewhere.
    pub(super) fn value(&self, at: usize) -> Value {
        if let Some((value, size)) = self.known.borrow().get(&at) {
            self.copied.set(self.copied.get() + size);
            return if self.copied.get() > MAX_COPIED { Value::Null } else { value.clone() };
        }
        let Some(token) = self.tokens.list.get(at) else { return Value::Null };
        let kind = token.kind.as_deref().unwrap_or_default();
        let aliased = !references(&token.value).is_empty();
        let mut value = self.filled(&token.value, 0);
        if !aliased {
            value = plain(kind, value, self.target);
        }
        // What is put together is written out once its parts are there.
        if self.target.is_web() {
            value = composed(kind, value);
        }
        let size = size_of(&value);
        self.known.borrow_mut().insert(at, (value.clone(), size));
        value
    }

    /// A composite value whose parts stay references, each written as `refer` says.
    pub(super) fn with_references(&self, at: usize, refer: &dyn Fn(usize) -> String) -> Option<Value> {
        let token = self.tokens.list.get(at)?;
        let value = self.referring(&token.value, refer, 0);
        Some(composed(token.kind.as_deref().unwrap_or_default(), value))
    }

    fn referring(&self, value: &Value, refer: &dyn Fn(usize) -> String, depth: usize) -> Value {
        match value {
            _ if depth > super::tree::MAX_DEPTH => Value::Null,
            Value::String(text) => {
                let pieces = split(text).into_iter().map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Reference(name) => self.tokens.find(name).map(refer).unwrap_or_default(),
                });
                Value::String(pieces.collect())
            }
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.referring(item, refer, depth + 1)).collect())
            }
            Value::Object(members) => {
                let all = members.iter().map(|(name, value)| (name.clone(), self.referring(value, refer, depth + 1)));
                Value::Object(all.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    // A value with the values of the tokens it refers to.
    fn filled(&self, value: &Value, depth: usize) -> Value {
        if depth > super::tree::MAX_DEPTH {
            return Value::Null;
        }
        match value {
            Value::String(text) => {
                let pieces = split(text);
                if let [Piece::Reference(name)] = pieces.as_slice() {
                    return self.tokens.find(name).map_or(Value::Null, |at| self.value(at));
                }
                let mut whole = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => whole.push_str(text),
                        Piece::Reference(name) => {
                            let value = self.tokens.find(name).map(|at| self.value(at));
                            whole.push_str(&value.as_ref().map(text_of).unwrap_or_default());
                        }
                    }
                    if whole.len() > MAX_VALUE_BYTES {
                        break;
                    }
                }
                Value::String(whole)
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.filled(item, depth + 1)).collect()),
            Value::Object(members) => {
                let filled = members.iter().map(|(name, value)| (name.clone(), self.filled(value, depth + 1)));
                Value::Object(filled.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }
}

fn size_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size_of).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size_of).sum::<usize>(),
        Value::String(text) => 1 + text.len() / 64,
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

// What is done to a value that refers to nothing.
fn plain(kind: &str, value: Value, target: Target) -> Value {
    let written = match (kind, target) {
        ("color", _) => color(&value).map(|(rgb, alpha)| color_text(rgb, alpha, target)),
        ("dimension" | "fontSize", _) => {
            dimension(&value).map(|(number, unit)| dimension_text(kind, number, &unit, target))
        }
        ("time", _) if target.is_web() => text_of(&value)
            .trim_end_matches(char::is_alphabetic)
            .parse::<f64>()
            .ok()
            .map(|millis| format!("{:.2}s", millis / 1000.0)),
        ("duration", _) if target.is_web() => value
            .get("value")
            .zip(value.get("unit"))
            .map(|(number, unit)| format!("{}{}", text_of(number), text_of(unit))),
        ("duration", _) => millis(&value).map(|millis| match target {
            Target::Swift => number_text(millis / 1000.0),
            _ => number_text(millis.round()),
        }),
        ("asset", Target::Css | Target::Scss | Target::Tailwind) => {
            value.as_str().map(|text| format!("url(\"{}\")", text.replace('"', "\\\"")))
        }
        ("html", _) if target.is_web() => value.as_str().map(icon),
        _ => None,
    };
    written.map_or(value, Value::String)
}

// A duration in milliseconds.
fn millis(value: &Value) -> Option<f64> {
    let (number, unit) = dimension(value)?;
    match unit.as_str() {
        "ms" => Some(number),
        "s" => Some(number * 1000.0),
        _ => None,
    }
}

/// A value as Swift has it: numbers, calls that make colours and lengths, lists, and texts in quotes.
pub(super) fn swift_literal(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let call = (text.starts_with("UIColor(") || text.starts_with("CGFloat("))
                && text.find(')') == text.len().checked_sub(1);
            let number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && text.parse::<f64>().is_ok();
            if call || number { text.clone() } else { swift_text(text) }
        }
        Value::Array(items) => format!("[{}]", items.iter().map(swift_literal).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => swift_text(&value.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            if value.is_null() {
                "\"\"".to_owned()
            } else {
                text_of(value)
            }
        }
    }
}

fn swift_text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

// `&#xE001;` as an escape of CSS.
fn icon(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("&#x") {
        let Some(end) = rest.get(start..).and_then(|it| it.find(';')).map(|at| start + at) else { break };
        out.push_str(rest.get(..start).unwrap_or_default());
        out.push_str("'\\");
        out.push_str(rest.get(start + 3..end).unwrap_or_default());
        out.push('\'');
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    out + rest
}

/// A colour as a token has it: text of CSS, or space and components.
pub(super) fn color(value: &Value) -> Option<(Triple, f64)> {
    let parsed = match value {
        Value::String(text) => parse(text).ok()?,
        Value::Object(members) if members.contains_key("r") => {
            let component = |name: &str| members.get(name)?.as_f64().map(|byte| byte / 255.0);
            Color::of_srgb([component("r")?, component("g")?, component("b")?])
        }
        Value::Object(members) => {
            let space = space_of(members.get("colorSpace")?.as_str()?)?;
            let component = |at: usize| members.get("components")?.get(at).map(Value::as_f64);
            let components = [component(0)?, component(1)?, component(2)?];
            let alpha = members.get("alpha").map_or(Some(1.0), Value::as_f64);
            Color { space, components, alpha }
        }
        _ => return None,
    };
    let shown = show(&parsed);
    Some((shown.rgb, shown.alpha))
}

fn space_of(name: &str) -> Option<Space> {
    Some(match name {
        "srgb" => Space::Srgb,
        "srgb-linear" => Space::SrgbLinear,
        "hsl" => Space::Hsl,
        "hwb" => Space::Hwb,
        "lab" => Space::Lab,
        "lch" => Space::Lch,
        "oklab" => Space::Oklab,
        "oklch" => Space::Oklch,
        "display-p3" => Space::DisplayP3,
        "a98-rgb" => Space::A98Rgb,
        "prophoto-rgb" => Space::ProphotoRgb,
        "rec2020" => Space::Rec2020,
        "xyz-d50" => Space::XyzD50,
        "xyz-d65" | "xyz" => Space::XyzD65,
        _ => return None,
    })
}

fn color_text(rgb: Triple, alpha: f64, target: Target) -> String {
    let hex = crate::support::color::hex(rgb);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before the cast")]
    let alpha_byte = (alpha.clamp(0.0, 1.0) * 255.0).round() as u8;
    let bytes = rgb.map(|component| (component.clamp(0.0, 1.0) * 255.0).round());
    let [r, g, b] = bytes;
    match target {
        Target::Android => format!("#{alpha_byte:02x}{}", hex.trim_start_matches('#')),
        Target::Swift => {
            let [r, g, b] = bytes.map(|byte| byte / 255.0);
            format!("UIColor(red: {r:.3}, green: {g:.3}, blue: {b:.3}, alpha: {})", number_text(alpha))
        }
        Target::Css | Target::Scss | Target::Tailwind | Target::Json if alpha < 1.0 => {
            format!("rgba({r}, {g}, {b}, {})", number_text(alpha))
        }
        Target::Css | Target::Scss | Target::Tailwind | Target::Json => hex,
    }
}

/// A dimension's number and unit; the unit is empty where none is written.
pub(super) fn dimension(value: &Value) -> Option<(f64, String)> {
    match value {
        Value::Number(number) => Some((number.as_f64()?, String::new())),
        Value::String(text) => {
            let text = text.trim();
            let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').map_or(0, |at| at + 1);
            let (number, unit) = text.split_at_checked(end)?;
            Some((number.parse().ok()?, unit.to_owned()))
        }
        Value::Object(members) => {
            let number = members.get("value")?;
            let number = number.as_f64().or_else(|| number.as_str()?.parse().ok())?;
            Some((number, members.get("unit").and_then(Value::as_str).unwrap_or_default().to_owned()))
        }
        _ => None,
    }
}

fn dimension_text(kind: &str, number: f64, unit: &str, target: Target) -> String {
    match target {
        Target::Swift => format!("CGFloat({:.2})", pixels(number, unit)),
        Target::Android => format!("{:.2}{}", pixels(number, unit), if kind == "fontSize" { "sp" } else { "dp" }),
        Target::Css | Target::Scss | Target::Tailwind | Target::Json => {
            let plain = number_text(number);
            if !unit.is_empty() {
                format!("{plain}{unit}")
            } else if number == 0.0 {
                plain
            } else {
                format!("{plain}rem")
            }
        }
    }
}

// Without a unit, and in rem, a number is of the root's font size; pixels are what they are.
fn pixels(number: f64, unit: &str) -> f64 {
    if unit == "px" { number } else { number * BASE_PIXELS }
}

fn composed(kind: &str, value: Value) -> Value {
    let text = match (kind, &value) {
        ("fontFamily", Value::String(_) | Value::Array(_)) => Some(family(&value)),
        ("cubicBezier", Value::Array(_)) => Some(bezier(&value)),
        ("strokeStyle", Value::Object(_)) => Some("dashed".to_owned()),
        ("border", Value::Object(it)) => Some(border(it)),
        ("typography", Value::Object(it)) => Some(typography(it)),
        ("transition", Value::Object(it)) => Some(transition(it)),
        ("shadow", Value::Object(_)) => Some(shadow(&value)),
        ("shadow", Value::Array(all)) => Some(all.iter().map(shadow).collect::<Vec<_>>().join(", ")),
        _ => None,
    };
    text.map_or(value, Value::String)
}

fn family(value: &Value) -> String {
    let names: Vec<String> = match value {
        Value::Array(items) => items.iter().map(text_of).collect(),
        other => text_of(other).split(',').map(|name| name.trim().to_owned()).collect(),
    };
    let quoted = names.iter().map(|name| {
        let name = name.trim();
        let is_quoted =
            (name.starts_with('\'') && name.ends_with('\'')) || (name.starts_with('"') && name.ends_with('"'));
        let escaped = if is_quoted { name.to_owned() } else { name.replace('\'', "\\'") };
        if escaped.contains(char::is_whitespace) && !is_quoted { format!("'{escaped}'") } else { escaped }
    });
    quoted.collect::<Vec<_>>().join(", ")
}

fn bezier(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("cubic-bezier({})", items.iter().map(text_of).collect::<Vec<_>>().join(", ")),
        other => text_of(other),
    }
}

// A part of a composite: a dimension with its unit, a colour as CSS has it.
fn part(members: &Map<String, Value>, name: &str) -> Option<String> {
    match members.get(name)? {
        Value::Object(object) if object.contains_key("colorSpace") => {
            color(&Value::Object(object.clone())).map(|(rgb, alpha)| color_text(rgb, alpha, Target::Css))
        }
        Value::Object(object) if object.contains_key("value") => {
            let unit = object.get("unit").map(text_of).unwrap_or_default();
            Some(format!("{}{unit}", object.get("value").map(text_of).unwrap_or_default()))
        }
        other => Some(text_of(other)).filter(|text| !text.is_empty()),
    }
}

fn border(members: &Map<String, Value>) -> String {
    let style = match members.get("style") {
        Some(Value::Object(_)) => "dashed".to_owned(),
        Some(style) => text_of(style),
        None => "none".to_owned(),
    };
    let parts = [part(members, "width"), Some(style), part(members, "color")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn typography(members: &Map<String, Value>) -> String {
    let mut text = String::new();
    for name in ["fontStyle", "fontVariant", "fontWeight", "fontWidth"] {
        if let Some(part) = part(members, name) {
            text.push_str(&part);
            text.push(' ');
        }
    }
    text.push_str(&part(members, "fontSize").unwrap_or_else(|| "16px".to_owned()));
    match part(members, "lineHeight") {
        Some(height) => text.extend(["/", height.as_str(), " "]),
        None => text.push(' '),
    }
    text.push_str(&members.get("fontFamily").map_or_else(|| "sans-serif".to_owned(), family));
    text
}

fn transition(members: &Map<String, Value>) -> String {
    let timing = members.get("timingFunction").map(bezier).unwrap_or_default();
    let of = |name: &str| part(members, name).unwrap_or_else(|| "0s".to_owned());
    format!("{} {timing} {}", of("duration"), of("delay"))
}

fn shadow(value: &Value) -> String {
    let Value::Object(members) = value else { return text_of(value) };
    let inset = members.get("inset").and_then(Value::as_bool) == Some(true)
        || members.get("type").and_then(Value::as_str) == Some("inset");
    let of = |name: &str| part(members, name).unwrap_or_else(|| "0".to_owned());
    let spread = part(members, "spread").map(|spread| format!("{spread} ")).unwrap_or_default();
    let color = part(members, "color").unwrap_or_else(|| "#000000".to_owned());
    let inset = if inset { "inset " } else { "" };
    format!("{inset}{} {} {} {spread}{color}", of("offsetX"), of("offsetY"), of("blur"))
}

//! Inventories of values: colours, sizes, fonts, durations and what else a design repeats.

use super::count::Count;
use crate::support::color::named::named;
use crate::support::css_tokens::{Kind, Token, Tokens};
use crate::support::css_tree::vendor_prefix;

/// Longest function that an inventory lists whole, in bytes: gradients have a few hundred.
const MAX_LISTED_BYTES: usize = 4_096;

/// Properties that set several others.
pub(super) const SHORTHANDS: [&str; 47] = [
    "all",
    "animation",
    "background",
    "border",
    "border-block-end",
    "border-block-start",
    "border-bottom",
    "border-color",
    "border-image",
    "border-inline-end",
    "border-inline-start",
    "border-left",
    "border-radius",
    "border-right",
    "border-style",
    "border-top",
    "border-width",
    "column-rule",
    "columns",
    "contain-intrinsic-size",
    "flex",
    "flex-flow",
    "font",
    "gap",
    "grid",
    "grid-area",
    "grid-column",
    "grid-row",
    "grid-template",
    "inset",
    "list-style",
    "margin",
    "mask",
    "offset",
    "outline",
    "overflow",
    "padding",
    "place-content",
    "place-items",
    "place-self",
    "scroll-margin",
    "scroll-padding",
    "scroll-timeline",
    "text-decoration",
    "text-emphasis",
    "transition",
    "vertical-align",
];

const GLOBAL_KEYWORDS: [&str; 7] = ["auto", "none", "inherit", "initial", "unset", "revert", "revert-layer"];
const COLOR_FUNCTIONS: [&str; 10] = ["rgba", "rgb", "hsla", "hsl", "oklch", "color", "hwb", "lch", "lab", "oklab"];
const SIZE_WORDS: [&str; 10] =
    ["xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large", "smaller", "larger"];
// Words of the shorthand `font` before the size.
const FONT_WORDS: [&str; 15] = [
    "italic",
    "oblique",
    "small-caps",
    "bold",
    "bolder",
    "lighter",
    "ultra-condensed",
    "extra-condensed",
    "condensed",
    "semi-condensed",
    "semi-expanded",
    "expanded",
    "extra-expanded",
    "ultra-expanded",
    "normal",
];
/// Words that are a whole `font`.
pub(super) const SYSTEM_FONTS: [&str; 6] = ["caption", "icon", "menu", "message-box", "small-caption", "status-bar"];
const SYSTEM_COLORS: [&str; 19] = [
    "accentcolor",
    "accentcolortext",
    "activetext",
    "buttonborder",
    "buttonface",
    "buttontext",
    "canvas",
    "canvastext",
    "field",
    "fieldtext",
    "graytext",
    "highlight",
    "highlighttext",
    "linktext",
    "mark",
    "marktext",
    "selecteditem",
    "selecteditemtext",
    "visitedtext",
];
const RADII: [&str; 9] = [
    "border-radius",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-bottom-right-radius",
    "border-bottom-left-radius",
    "border-start-start-radius",
    "border-start-end-radius",
    "border-end-end-radius",
    "border-end-start-radius",
];
const TIMING_WORDS: [&str; 7] = ["linear", "ease", "ease-in", "ease-out", "ease-in-out", "step-start", "step-end"];
const ANIMATION_WORDS: [&str; 10] = [
    "normal",
    "reverse",
    "alternate",
    "alternate-reverse",
    "forwards",
    "backwards",
    "both",
    "running",
    "paused",
    "infinite",
];

/// Whether a word of `animation` means something else than the name of keyframes.
pub(super) fn is_animation_word(word: &str) -> bool {
    is_one_of(&GLOBAL_KEYWORDS, word) || is_one_of(&TIMING_WORDS, word) || is_one_of(&ANIMATION_WORDS, word)
}

fn is_one_of(words: &[&str], text: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A token with the brackets behind it: one component of a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Component<'a> {
    pub(super) token: Token<'a>,
    /// The whole of it, a function's arguments included.
    pub(super) text: &'a str,
}

/// The components of a value, in order; signs between them too.
pub(super) fn components(value: &str) -> Vec<Component<'_>> {
    let mut found: Vec<Component<'_>> = Vec::new();
    let mut depth = 0_usize;
    let mut start: Option<Token<'_>> = None;
    for token in Tokens::new(value) {
        let opens = matches!(token.kind, Kind::Function | Kind::Symbol('(' | '[' | '{'));
        if depth == 0 && !opens {
            if !token.is_blank() {
                found.push(Component { token, text: token.text });
            }
            continue;
        }
        if opens {
            if depth == 0 {
                start = Some(token);
            }
            depth += 1;
        } else if matches!(token.kind, Kind::Symbol(')' | ']' | '}')) {
            depth -= 1;
            if depth == 0
                && let Some(opener) = start.take()
            {
                let text = value.get(opener.start..token.end()).unwrap_or_default();
                found.push(Component { token: opener, text });
            }
        }
    }
    if let Some(opener) = start {
        found.push(Component { token: opener, text: value.get(opener.start..).unwrap_or_default() });
    }
    found
}

/// What the shorthand `font` sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Font<'p, 'a> {
    pub(super) size: Option<&'a str>,
    pub(super) line_height: Option<&'a str>,
    pub(super) families: &'p [Component<'a>],
}

/// Takes the shorthand `font` apart: the size stands before a slash, or is the first length or word of size, or a computed one.
pub(super) fn shorthand<'p, 'a>(parts: &'p [Component<'a>]) -> Option<Font<'p, 'a>> {
    let text = |at: usize| parts.get(at).map(|part| part.text);
    let families = |from: usize| parts.get(from..).unwrap_or_default();
    if let Some(slash) = parts.iter().position(|part| part.token.is('/')) {
        let size = slash.checked_sub(1).and_then(text);
        return Some(Font { size, line_height: text(slash + 1), families: families(slash + 2) });
    }
    for (at, part) in parts.iter().enumerate() {
        let is_size = match part.token.kind {
            Kind::Dimension(..) | Kind::Percentage(_) | Kind::Function => true,
            Kind::Ident => is_one_of(&SIZE_WORDS, part.text),
            _ => false,
        };
        if is_size {
            return Some(Font { size: Some(part.text), line_height: None, families: families(at + 1) });
        }
        let is_style = part.token.kind == Kind::Ident
            && (is_one_of(&FONT_WORDS, part.text) || is_one_of(&GLOBAL_KEYWORDS, part.text));
        if matches!(part.token.kind, Kind::Ident | Kind::Text) && !is_style {
            return Some(Font { size: None, line_height: None, families: families(at) });
        }
    }
    None
}

/// Counts one value.
pub(super) fn count(base: &str, value: &str, count: &mut Count) {
    if value.is_empty() {
        return;
    }
    embedded(value, count);
    let mut complexity = 1;
    if is_one_of(&GLOBAL_KEYWORDS, value) {
        count.add("keywords", value.to_ascii_lowercase());
        count.totals.value_complexity += complexity;
        if base == "display" {
            count.add("displays", value.to_ascii_lowercase());
        }
        return;
    }
    for token in Tokens::new(value).filter(|token| matches!(token.kind, Kind::Ident | Kind::Function)) {
        let name = token.name();
        if vendor_prefix(&name).is_some() {
            count.add("prefixedValues", name.to_ascii_lowercase());
            complexity += 1;
        }
    }
    count.totals.value_complexity += complexity;
    if !inventory(base, value, count) {
        walk(base, value, count);
    }
}

// What a property's whole value says; whether that is all there is to say.
fn inventory(base: &str, value: &str, count: &mut Count) -> bool {
    let lower =
        || if value.to_ascii_lowercase().contains("var(") { value.to_owned() } else { value.to_ascii_lowercase() };
    match base {
        "z-index" => {
            count.add("zIndexes", value);
            return true;
        }
        "display" => count.add("displays", value.to_ascii_lowercase()),
        "font-family" => {
            if !is_one_of(&SYSTEM_FONTS, value) {
                count.add("fontFamilies", value);
            }
            return true;
        }
        "font" if !is_one_of(&SYSTEM_FONTS, value) => {
            let parts = components(value);
            if let [only] = parts.as_slice()
                && only.token.kind == Kind::Function
            {
                return true;
            }
            let Some(font) = shorthand(&parts) else { return true };
            for part in parts.iter().filter(|part| is_one_of(&GLOBAL_KEYWORDS, part.text)) {
                count.add("keywords", part.text.to_ascii_lowercase());
            }
            if let Some(first) = font.families.first() {
                count.add("fontFamilies", value.get(first.token.start..).unwrap_or_default().trim_end());
            }
            if let Some(size) = font.size {
                count.add("fontSizes", size.to_ascii_lowercase());
            }
            if let Some(height) = font.line_height {
                count.add("lineHeights", height.to_ascii_lowercase());
            }
        }
        "font-size" if !is_one_of(&SYSTEM_FONTS, value) => count.add("fontSizes", lower()),
        "line-height" => count.add("lineHeights", lower()),
        "text-shadow" => count.add("textShadows", value),
        "box-shadow" => count.add("boxShadows", value),
        "transition" | "animation" => {
            animation(base == "animation", value, count);
            return true;
        }
        "animation-duration" | "transition-duration" => {
            for component in components(value).iter().filter(|component| !is_operator(component)) {
                let text = component.text;
                let lowered = text.to_ascii_lowercase();
                count.add("durations", if lowered.contains("var(") { text.to_owned() } else { lowered });
            }
        }
        "animation-timing-function" | "transition-timing-function" => {
            for component in components(value).iter().filter(|component| !is_operator(component)) {
                count.add("timingFunctions", component.text);
            }
        }
        "animation-name" => {
            for component in components(value) {
                if component.token.kind == Kind::Ident && !is_one_of(&GLOBAL_KEYWORDS, component.text) {
                    count.add("animationNames", component.text);
                }
            }
        }
        _ if RADII.contains(&base) => count.add("borderRadiuses", value),
        _ => {}
    }
    false
}

fn is_operator(component: &Component<'_>) -> bool {
    matches!(component.token.kind, Kind::Symbol(',' | '/' | '+' | '-' | '*'))
}

fn animation(named: bool, value: &str, count: &mut Count) {
    let mut timed = false;
    for component in components(value) {
        let text = component.text;
        match component.token.kind {
            _ if is_operator(&component) => timed = false,
            Kind::Dimension(..) | Kind::Percentage(_) if !timed => {
                timed = true;
                count.add("durations", text.to_ascii_lowercase());
            }
            Kind::Ident if is_one_of(&TIMING_WORDS, text) => count.add("timingFunctions", text.to_ascii_lowercase()),
            Kind::Ident if is_one_of(&GLOBAL_KEYWORDS, text) => count.add("keywords", text.to_ascii_lowercase()),
            Kind::Ident if named && !is_one_of(&ANIMATION_WORDS, text) => count.add("animationNames", text),
            Kind::Function if is_one_of(&["cubic-bezier", "steps"], &component.token.name()) => {
                count.add("timingFunctions", text.to_ascii_lowercase());
            }
            _ => {}
        }
    }
}

fn walk(base: &str, value: &str, count: &mut Count) {
    let in_font = matches!(base, "font" | "font-family");
    for token in Tokens::new(value) {
        match token.kind {
            // An escaped end is a hack that hides the declaration from newer browsers.
            Kind::Dimension(_, at) => {
                let unit = token.text.get(at..).unwrap_or_default().split('\\').next().unwrap_or_default();
                count.add("units", unit.to_lowercase());
            }
            Kind::Percentage(_) => count.add("units", "%"),
            Kind::Hash => {
                let hex = token.text.to_ascii_lowercase();
                count.add("colorFormats", format!("hex{}", hex.len() - 1));
                count.add("colors", hex);
            }
            Kind::Ident if !in_font => {
                let name = token.text;
                if is_one_of(&GLOBAL_KEYWORDS, name) {
                    count.add("keywords", name.to_ascii_lowercase());
                }
                let lower = name.to_ascii_lowercase();
                let format = if matches!(lower.as_str(), "transparent" | "currentcolor") {
                    lower.clone()
                } else if named(&lower).is_some() {
                    "named".to_owned()
                } else if SYSTEM_COLORS.contains(&lower.as_str()) {
                    "system".to_owned()
                } else {
                    continue;
                };
                count.add("colors", lower);
                count.add("colorFormats", format);
            }
            Kind::Function => {
                let name = token.name();
                let text = || function_text(value, token.start);
                if is_one_of(&COLOR_FUNCTIONS, &name) {
                    count.add("colors", text());
                    count.add("colorFormats", name.to_ascii_lowercase());
                } else if name.to_ascii_lowercase().ends_with("gradient") {
                    count.add("gradients", text());
                }
            }
            _ => {}
        }
    }
}

// A function that begins here, with its arguments.
fn function_text(value: &str, start: usize) -> &str {
    let rest = value.get(start..).unwrap_or_default();
    let mut depth = 0_usize;
    for token in Tokens::new(rest) {
        match token.kind {
            Kind::Function | Kind::Symbol('(') => depth += 1,
            Kind::Symbol(')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return rest.get(..token.end()).unwrap_or(rest);
                }
            }
            _ => {}
        }
        if token.end() > MAX_LISTED_BYTES {
            return rest.get(..token.end()).unwrap_or(rest);
        }
    }
    rest
}

fn embedded(value: &str, count: &mut Count) {
    if !value.contains("data:") {
        return;
    }
    let mut quoted = false;
    for token in Tokens::new(value) {
        let address = match token.kind {
            Kind::Url => token.text.get(4..).unwrap_or_default().trim_end_matches(')').trim(),
            Kind::Text if quoted => token.text.trim_matches(['"', '\'']),
            _ => {
                quoted = (quoted && token.is_blank())
                    || (token.kind == Kind::Function && token.name().eq_ignore_ascii_case("url"));
                continue;
            }
        };
        quoted = false;
        if let Some(rest) = address.strip_prefix("data:") {
            count.totals.embedded += address.encode_utf16().count();
            count.add("embedded", rest.split([';', ',']).next().unwrap_or_default());
        }
    }
}

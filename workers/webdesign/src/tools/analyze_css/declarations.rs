//! What is wrong with declarations: unknown and repeated ones, values that cannot be read or say things twice.

use super::Checker;
use super::rules::{
    DUPLICATE_CUSTOM, DUPLICATE_FONT, DUPLICATE_PROPERTY, GENERIC_FONT, INVALID_HEX, KEYFRAME_IMPORTANT,
    REDUNDANT_VALUES, SHORTHAND_OVERRIDE, UNKNOWN_PROPERTY, UNKNOWN_UNIT, UNSPACED_OPERATOR, ZERO_UNIT,
};
use super::values::{Component, SYSTEM_FONTS, components, shorthand};
use crate::support::color::named::named;
use crate::support::css_tokens::{Kind, Token, Tokens};
use crate::support::css_tree::{Entry, Node, base_name, vendor_prefix};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Edit, Finding};
use std::collections::{BTreeMap, BTreeSet};

/// At-rules whose declarations are descriptors, with names of their own.
const DESCRIPTOR_RULES: [&str; 9] = [
    "font-face",
    "property",
    "counter-style",
    "page",
    "font-palette-values",
    "color-profile",
    "view-transition",
    "font-feature-values",
    "function",
];
const MATH: [&str; 12] =
    ["calc", "min", "max", "clamp", "round", "mod", "rem", "hypot", "abs", "sign", "-webkit-calc", "-moz-calc"];
const GENERIC_FAMILIES: [&str; 16] = [
    "serif",
    "sans-serif",
    "monospace",
    "cursive",
    "fantasy",
    "system-ui",
    "math",
    "emoji",
    "fangsong",
    "ui-serif",
    "ui-sans-serif",
    "ui-monospace",
    "ui-rounded",
    "kai",
    "nastaliq",
    "-apple-system",
];
const GLOBAL: [&str; 5] = ["inherit", "initial", "unset", "revert", "revert-layer"];
const LENGTHS: [&str; 21] = [
    "em", "rem", "ex", "rex", "cap", "rcap", "ch", "rch", "ic", "ric", "lh", "rlh", "vw", "vh", "vi", "vb", "vmin",
    "vmax", "cm", "mm", "q",
];
const MORE_LENGTHS: [&str; 20] = [
    "in", "pt", "pc", "px", "cqw", "cqh", "cqi", "cqb", "cqmin", "cqmax", "svw", "svh", "lvw", "lvh", "dvw", "dvh",
    "dvmin", "dvmax", "svmin", "lvmin",
];
const REPEATING: [&str; 29] = [
    "border-block-color",
    "border-block-style",
    "border-block-width",
    "border-inline-color",
    "border-inline-style",
    "border-inline-width",
    "border-radius",
    "scroll-margin-block",
    "scroll-margin-inline",
    "scroll-padding-block",
    "scroll-padding-inline",
    "margin",
    "margin-block",
    "margin-inline",
    "padding",
    "padding-block",
    "padding-inline",
    "border-color",
    "border-style",
    "border-width",
    "gap",
    "grid-gap",
    "overflow",
    "overscroll-behavior",
    "scroll-margin",
    "scroll-padding",
    "inset",
    "inset-block",
    "inset-inline",
];
const FOUR_SIDED: [&str; 9] = [
    "margin",
    "padding",
    "border-color",
    "border-radius",
    "border-style",
    "border-width",
    "scroll-margin",
    "scroll-padding",
    "inset",
];

/// One declaration of a block.
struct Declared<'a> {
    at: usize,
    name: String,
    value: &'a str,
    important: bool,
}

/// Checks every declaration and block of a sheet.
pub(super) fn check(checker: &mut Checker<'_>) {
    let sheet = checker.sheet;
    let mut blocks: BTreeMap<Option<usize>, Vec<Declared<'_>>> = BTreeMap::new();
    for (at, entry) in sheet.entries.iter().enumerate() {
        let Node::Declaration { property, value, important } = &entry.node else { continue };
        let text = sheet.slice(value);
        single(checker, at, entry, property, text, value.start);
        if *important && entry.in_keyframes {
            checker.add(&KEYFRAME_IMPORTANT, entry.prelude.clone(), || format!("!important on {}", excerpt(property)));
        }
        let name = if property.starts_with("--") { (*property).to_owned() } else { property.to_ascii_lowercase() };
        blocks.entry(entry.parent).or_default().push(Declared { at, name, value: text, important: *important });
    }
    for block in blocks.values() {
        repeated(checker, block);
        overriding(checker, block);
    }
}

fn single(checker: &mut Checker<'_>, at: usize, entry: &Entry<'_>, property: &str, value: &str, start: usize) {
    let custom = property.starts_with("--");
    let prefixed = vendor_prefix(property).is_some();
    let plain = property.starts_with(|c: char| c.is_ascii_alphabetic());
    if plain && !custom && !prefixed && !checker.names.is_property(property) && !in_descriptors(checker, at) {
        let near = checker.nearest(property);
        checker.add(&UNKNOWN_PROPERTY, entry.prelude.clone(), || {
            let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            format!("{} is no property{near}", excerpt(property))
        });
    }
    tokens(checker, property, value, start);
    let lower = property.to_ascii_lowercase();
    if matches!(lower.as_str(), "font-family" | "font") && !in_descriptors(checker, at) {
        fonts(checker, &lower, value, start);
    }
    let base = base_name(property);
    if REPEATING.contains(&base.as_str()) {
        redundant(checker, &base, value, start);
    }
}

fn in_descriptors(checker: &Checker<'_>, at: usize) -> bool {
    let parent = checker.sheet.ancestors(at).next();
    parent.is_some_and(|(_, entry)| match &entry.node {
        Node::At { name, .. } => DESCRIPTOR_RULES.contains(&name.as_str()) || !checker.names.is_at_rule(name),
        Node::Rule | Node::Declaration { .. } => false,
    })
}

// Single tokens of a value: units, colours, signs in arithmetic.
fn tokens(checker: &mut Checker<'_>, property: &str, value: &str, start: usize) {
    let custom = property.starts_with("--");
    let lower = property.to_ascii_lowercase();
    // What each open bracket is for: whether arithmetic is done in it.
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut before: Option<Token<'_>> = None;
    let mut slash = false;
    for token in Tokens::new(value) {
        let place = start + token.start..start + token.end();
        let math = open.last().is_some_and(|(math, _)| *math);
        let scaled = open.last().is_some_and(|(_, scaled)| *scaled);
        match token.kind {
            Kind::Function => {
                let name = token.name().to_ascii_lowercase();
                open.push((MATH.contains(&name.as_str()), name.ends_with("image-set")));
            }
            Kind::Symbol('(') => open.push((math, scaled)),
            Kind::Symbol(')') => {
                open.pop();
            }
            Kind::Hash if !custom && !is_address(property) && !hex_digits(token.text) => {
                checker.add(&INVALID_HEX, place.clone(), || format!("{} is no colour", excerpt(token.text)));
            }
            Kind::Dimension(number, _) => {
                let unit = token.unit().to_ascii_lowercase();
                // The hack `\9` hides a declaration from newer browsers.
                let hack = token.text.ends_with("\\9");
                let known = checker.names.is_unit(&unit) && (unit != "x" || scaled || lower == "image-resolution");
                if !known && !hack && !custom && lower != "unicode-range" {
                    checker.add(&UNKNOWN_UNIT, place.clone(), || format!("{} is no unit", excerpt(&token.unit())));
                }
                let length = LENGTHS.contains(&unit.as_str()) || MORE_LENGTHS.contains(&unit.as_str());
                let line_height = lower == "line-height" || (lower == "font" && slash);
                if number == 0.0
                    && length
                    && !math
                    && !custom
                    && !line_height
                    && lower != "flex"
                    && !open.iter().any(|(math, _)| *math)
                {
                    let (text, index) = (token.text, checker.index);
                    checker.push(&ZERO_UNIT, place.clone(), || {
                        let span = place.start + text.len() - unit.len()..place.end;
                        let edit = Edit { range: index.range(span), new_text: String::new() };
                        Finding::new(&ZERO_UNIT, format!("{} needs no unit", excerpt(text)))
                            .with_fix("Leave the unit out", vec![edit])
                    });
                }
            }
            _ => {}
        }
        if math {
            unspaced(checker, &token, before.as_ref(), value, start);
        }
        slash = token.is('/') || (slash && token.is_blank());
        before = Some(token);
    }
}

fn unspaced(checker: &mut Checker<'_>, token: &Token<'_>, before: Option<&Token<'_>>, value: &str, start: usize) {
    let Some(before) = before else { return };
    let operand = |token: &Token<'_>| {
        matches!(token.kind, Kind::Number(_) | Kind::Dimension(..) | Kind::Percentage(_) | Kind::Symbol(')'))
            || token.is(')')
    };
    let signed = matches!(token.kind, Kind::Number(_) | Kind::Dimension(..) | Kind::Percentage(_))
        && token.text.starts_with(['+', '-']);
    let spaced_operand = value.get(..token.start).unwrap_or_default().trim_end();
    // `1px +2px` and `1px+2px`: the sign is part of the number.
    let after_operand = spaced_operand.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '%' || c == ')');
    let sign_alone = token.is('+') || token.is('-');
    let trouble = if signed && (operand(before) || (before.kind == Kind::Whitespace && after_operand)) {
        true
    } else {
        let next = value.get(token.end()..).unwrap_or_default();
        sign_alone
            && (before.kind != Kind::Whitespace || !next.starts_with(char::is_whitespace))
            && (operand(before) || (before.kind == Kind::Whitespace && after_operand))
    };
    if trouble {
        let place = start + token.start..start + token.end();
        checker.add(&UNSPACED_OPERATOR, place, || format!("{} has no spaces around its sign", excerpt(token.text)));
    }
}

// Properties whose `#` begins a fragment.
fn is_address(property: &str) -> bool {
    property.eq_ignore_ascii_case("filter") || property.eq_ignore_ascii_case("behavior")
}

fn hex_digits(text: &str) -> bool {
    let digits = text.get(1..).unwrap_or_default();
    matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn fonts(checker: &mut Checker<'_>, property: &str, value: &str, start: usize) {
    let lower = value.to_ascii_lowercase();
    if GLOBAL.contains(&lower.as_str()) || SYSTEM_FONTS.contains(&lower.as_str()) || value.is_empty() {
        return;
    }
    let parts = components(value);
    let families = if property == "font" {
        let Some(font) = shorthand(&parts) else { return };
        font.families
    } else {
        parts.as_slice()
    };
    let (mut seen, mut names): (BTreeSet<String>, Vec<(String, bool)>) = (BTreeSet::new(), Vec::new());
    let mut variable_last = false;
    for family in families.split(|part| part.token.is(',')) {
        let variable = family.iter().any(|part| part.token.kind == Kind::Function);
        variable_last = variable;
        let quoted = family.iter().any(|part| part.token.kind == Kind::Text);
        let words: Vec<&str> = family.iter().map(|part| part.text.trim_matches(['"', '\''])).collect();
        let name = words.join(" ");
        if name.is_empty() || variable {
            continue;
        }
        let generic = !quoted && GENERIC_FAMILIES.contains(&name.to_ascii_lowercase().as_str());
        let key = if generic { name.to_ascii_lowercase() } else { name.clone() };
        if !seen.insert(format!("{generic} {key}"))
            && let Some(first) = family.first()
        {
            let place = start + first.token.start..start + first.token.end();
            checker.add(&DUPLICATE_FONT, place, || format!("{} is in the list twice", excerpt(&name)));
        }
        names.push((name, generic || (!quoted && GLOBAL.contains(&key.as_str()))));
    }
    if !names.is_empty() && !variable_last && !names.iter().any(|(_, generic)| *generic) {
        let place = start..start + value.len();
        checker.add(&GENERIC_FONT, place, || format!("{} has no generic family after it", excerpt(value)));
    }
}

fn redundant(checker: &mut Checker<'_>, property: &str, value: &str, start: usize) {
    let parts = components(value);
    let slash = |part: &Component<'_>| property == "border-radius" && part.token.is('/');
    let plain = parts.iter().all(|part| {
        slash(part) || !matches!(part.token.kind, Kind::Symbol(_)) && !part.text.to_ascii_lowercase().contains("var(")
    });
    let most = if FOUR_SIDED.contains(&property) { 4 } else { 2 };
    // Radii across, and behind a slash those down.
    let sides: Vec<Vec<&str>> =
        parts.split(slash).map(|side| side.iter().map(|part| part.text).collect::<Vec<_>>()).collect();
    let fits = sides.len() <= 2 && sides.iter().all(|side| (1..=most).contains(&side.len()));
    if !plain || !fits || value.contains("/*") || value.ends_with("\\9") {
        return;
    }
    let shortened: Vec<String> =
        sides.iter().map(|side| side.get(..needed(side)).unwrap_or_default().join(" ")).collect();
    let shorter = match shortened.as_slice() {
        [across, down] if across.eq_ignore_ascii_case(down) => across.clone(),
        both => both.join(" / "),
    };
    let left = sides.iter().map(Vec::len).sum::<usize>();
    if shorter.split([' ', '/']).filter(|word| !word.is_empty()).count() >= left {
        return;
    }
    let place = start..start + value.len();
    let index = checker.index;
    checker.push(&REDUNDANT_VALUES, place.clone(), || {
        let message = format!("{} is {}", excerpt(value), excerpt(&shorter));
        let edit = Edit { range: index.range(place), new_text: shorter };
        Finding::new(&REDUNDANT_VALUES, message).with_fix("Say each value once", vec![edit])
    });
}

// How many of up to four values say all.
fn needed(words: &[&str]) -> usize {
    let same = |a: usize, b: usize| match (words.get(a), words.get(b)) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    };
    match words.len() {
        2 if same(0, 1) => 1,
        3 if same(0, 1) && same(0, 2) => 1,
        3 if same(0, 2) => 2,
        4 if same(0, 1) && same(0, 2) && same(0, 3) => 1,
        4 if same(0, 2) && same(1, 3) => 2,
        4 if same(1, 3) => 3,
        all => all,
    }
}

fn repeated(checker: &mut Checker<'_>, block: &[Declared<'_>]) {
    let mut active: BTreeMap<&str, &Declared<'_>> = BTreeMap::new();
    let mut last = "";
    for declared in block {
        let name = declared.name.as_str();
        if name == "src" {
            continue;
        }
        let consecutive = last == name;
        last = name;
        let Some(earlier) = active.get(name).copied() else {
            active.insert(name, declared);
            continue;
        };
        let custom = name.starts_with("--");
        let fallback = !custom && consecutive && !same_syntax(name, earlier.value, declared.value);
        if fallback {
            continue;
        }
        let earlier_wins = !declared.important && earlier.important && !custom;
        let loser = if earlier_wins { declared } else { earlier };
        let rule = if custom { &DUPLICATE_CUSTOM } else { &DUPLICATE_PROPERTY };
        if let Some(entry) = checker.sheet.entries.get(if custom { declared.at } else { loser.at }) {
            checker.add(rule, entry.prelude.clone(), || format!("{} is set twice in this block", excerpt(name)));
        }
        if !earlier_wins {
            active.insert(name, declared);
        }
    }
}

// Whether two values are of one syntax, so that the earlier is no fallback of the later.
fn same_syntax(property: &str, one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let color = property.ends_with("color");
    let mut a = Tokens::new(one).filter(|token| !token.is_blank());
    let mut b = Tokens::new(other).filter(|token| !token.is_blank());
    loop {
        let (a, b) = match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) => (a, b),
            _ => return false,
        };
        let alike = match (a.kind, b.kind) {
            (Kind::Ident, Kind::Ident) | (Kind::Function, Kind::Function) => {
                let (x, y) = (a.name(), b.name());
                let both_custom = x.starts_with("--") && y.starts_with("--");
                x.eq_ignore_ascii_case(&y) || both_custom || (color && named(&x).is_some() && named(&y).is_some())
            }
            (Kind::Dimension(..), Kind::Dimension(..)) => a.unit() == b.unit(),
            (Kind::Symbol(x), Kind::Symbol(y)) => x == y,
            (x, y) => std::mem::discriminant(&x) == std::mem::discriminant(&y),
        };
        if !alike {
            return false;
        }
    }
}

fn overriding(checker: &mut Checker<'_>, block: &[Declared<'_>]) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for declared in block {
        let prefix = vendor_prefix(&declared.name).unwrap_or_default();
        let base = declared.name.get(prefix.len()..).unwrap_or_default();
        let longhands = checker.names.longhands(base).cloned().unwrap_or_default();
        for longhand in longhands {
            if seen.contains(format!("{prefix}{longhand}").as_str())
                && let Some(entry) = checker.sheet.entries.get(declared.at)
            {
                checker.add(&SHORTHAND_OVERRIDE, entry.prelude.clone(), || {
                    format!("{} sets {prefix}{longhand} anew", excerpt(&declared.name))
                });
            }
        }
        seen.insert(&declared.name);
    }
}

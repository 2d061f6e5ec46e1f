//! What is wrong with rules and selectors: unknown names, repetition, order, and what refers to nothing.

use super::Checker;
use super::rules::{
    DESCENDING, DUPLICATE_IMPORT, DUPLICATE_KEYFRAME, DUPLICATE_SELECTOR, EMPTY_BLOCK, EMPTY_SOURCE, IMPORT_POSITION,
    OVERRIDDEN, PSEUDO_COLONS, SYNTAX, UNDEFINED_VARIABLE, UNKNOWN_ANIMATION, UNKNOWN_AT_RULE, UNKNOWN_PSEUDO_CLASS,
    UNKNOWN_PSEUDO_ELEMENT, UNKNOWN_TYPE, UNUSED_VARIABLE,
};
use super::values::{components, is_animation_word};
use crate::support::css_selectors::{Part, Selector, Specificity, read_list};
use crate::support::css_tokens::{Kind, Tokens};
use crate::support::css_tree::{Node, base_name, vendor_prefix};
use octavo_toolkit::Finding;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Edit, Rule};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Checks the structure of a sheet.
pub(super) fn check(checker: &mut Checker<'_>) {
    let sheet = checker.sheet;
    for flaw in &sheet.flaws {
        checker.add(&SYNTAX, flaw.span.clone(), || flaw.what.to_owned());
    }
    if sheet.entries.is_empty() && sheet.comments.is_empty() {
        checker.add(&EMPTY_SOURCE, 0..0, || "the stylesheet is empty".to_owned());
    }
    blocks(checker);
    imports(checker);
    selectors(checker);
}

fn blocks(checker: &mut Checker<'_>) {
    let sheet = checker.sheet;
    for (at, entry) in sheet.entries.iter().enumerate() {
        let has_block = match &entry.node {
            Node::At { name, block } => {
                if vendor_prefix(name).is_none() && !checker.names.is_at_rule(name) {
                    let message = || format!("@{} is no at-rule", excerpt(name));
                    checker.add(&UNKNOWN_AT_RULE, entry.span.clone(), message);
                }
                *block
            }
            Node::Rule => true,
            Node::Declaration { .. } => false,
        };
        let has_child = sheet.entries.get(at + 1).is_some_and(|next| next.parent == Some(at));
        let body = sheet.slice(&entry.span).find('{').map_or(entry.span.end, |brace| entry.span.start + brace + 1);
        let inner = sheet.slice(&(body..entry.span.end)).trim_end_matches('}').trim();
        if has_block && !has_child && inner.is_empty() {
            let message = || format!("{} is empty", excerpt(sheet.slice(&entry.span)));
            checker.add(&EMPTY_BLOCK, body.saturating_sub(1)..entry.span.end, message);
        }
        if entry.is_keyframes() {
            keyframes(checker, at);
        }
    }
}

fn keyframes(checker: &mut Checker<'_>, at: usize) {
    let sheet = checker.sheet;
    let mut seen = BTreeSet::new();
    for (_, rule) in sheet.children(at).filter(|(_, entry)| entry.is_rule()) {
        for selector in read_list(sheet.slice(&rule.prelude), rule.prelude.start) {
            let text = sheet.slice(&selector.span).to_ascii_lowercase();
            if !seen.insert(text.clone()) {
                checker.add(&DUPLICATE_KEYFRAME, selector.span.clone(), || {
                    format!("{} has a block already", excerpt(&text))
                });
            }
        }
    }
}

fn imports(checker: &mut Checker<'_>) {
    let sheet = checker.sheet;
    let mut too_late = false;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for entry in &sheet.entries {
        match &entry.node {
            Node::At { name, .. } if name == "import" => {
                if too_late {
                    checker.add(&IMPORT_POSITION, entry.span.clone(), || {
                        "this import is ignored: rules stand before it".to_owned()
                    });
                }
                let prelude = sheet.slice(&entry.prelude);
                let parts = components(prelude);
                let Some(first) = parts.first() else { continue };
                let address =
                    first.text.trim_start_matches("url(").trim_end_matches(')').trim().trim_matches(['"', '\'']);
                let rest = prelude.get(first.text.len()..).unwrap_or_default();
                let conditions: Vec<String> =
                    rest.split(',').map(|condition| condition.split_whitespace().collect::<String>()).collect();
                let repeated = conditions.iter().any(|condition| seen.contains(&format!("{address} {condition}")));
                if repeated {
                    checker.add(&DUPLICATE_IMPORT, entry.span.clone(), || {
                        format!("{} is imported already", excerpt(address))
                    });
                } else {
                    seen.extend(conditions.into_iter().map(|condition| format!("{address} {condition}")));
                }
            }
            Node::At { name, block } => too_late |= name != "charset" && (name != "layer" || *block),
            Node::Rule => too_late = true,
            Node::Declaration { .. } => {}
        }
    }
}

// A declaration of some selectors.
struct Setting {
    important: bool,
    rule: usize,
    span: Range<usize>,
}

// A selector seen earlier for the same element.
struct Earlier {
    specificity: Specificity,
    text: String,
    line: u32,
}

fn selectors(checker: &mut Checker<'_>) {
    let sheet = checker.sheet;
    let mut lists: BTreeMap<(Option<usize>, String), (usize, u32)> = BTreeMap::new();
    let mut compared: BTreeMap<(Option<usize>, String), Vec<Earlier>> = BTreeMap::new();
    // What each list of selectors has set, by property and importance, and where.
    let mut set: BTreeMap<(Option<usize>, String, String), Vec<Setting>> = BTreeMap::new();
    for (at, entry) in sheet.entries.iter().enumerate() {
        if !entry.is_rule() || entry.in_keyframes {
            continue;
        }
        let list = read_list(sheet.slice(&entry.prelude), entry.prelude.start);
        let scrollbar = list.iter().flat_map(Selector::all_parts).any(|part| matches!(part, Part::PseudoElement(it) if it.name.contains("scrollbar") || it.name.contains("resizer")));
        for selector in &list {
            names(checker, selector, scrollbar);
        }
        let nested = entry.in_rule;
        if nested {
            continue;
        }
        let context = entry.parent;
        let line = checker.index.position(entry.span.start).line;
        let mut normal: BTreeSet<String> = BTreeSet::new();
        for selector in &list {
            if !normal.insert(normalized(selector)) {
                let message = || format!("{} is in the list already", excerpt(sheet.slice(&selector.span)));
                checker.add(&DUPLICATE_SELECTOR, selector.span.clone(), message);
            }
        }
        let key = normal.into_iter().collect::<Vec<_>>().join(",");
        if let Some((_, first)) = lists.get(&(context, key.clone())) {
            let message = || format!("{} has a rule already, in line {first}", excerpt(sheet.slice(&entry.prelude)));
            checker.add(&DUPLICATE_SELECTOR, entry.prelude.clone(), message);
        } else {
            lists.insert((context, key.clone()), (at, line));
        }
        let declares = sheet.children(at).any(|(_, child)| matches!(child.node, Node::Declaration { .. }));
        for (_, child) in sheet.children(at) {
            if let Node::Declaration { property, important, .. } = &child.node {
                let name =
                    if property.starts_with("--") { (*property).to_owned() } else { property.to_ascii_lowercase() };
                let earlier = set.entry((context, key.clone(), name.clone())).or_default();
                earlier.push(Setting { important: *important, rule: at, span: child.prelude.clone() });
            }
        }
        if declares {
            for selector in &list {
                descending(checker, selector, context, line, &mut compared);
            }
        }
    }
    overridden(checker, &set);
}

// What an earlier rule of the same selectors has set and a later one sets again.
fn overridden(checker: &mut Checker<'_>, set: &BTreeMap<(Option<usize>, String, String), Vec<Setting>>) {
    for ((_, _, property), all) in set {
        let Some(last) = all.last() else { continue };
        let line = checker.index.position(last.span.start).line;
        // Within one block that is the duplicate rule's.
        for earlier in all.iter().filter(|it| it.important == last.important && it.rule != last.rule) {
            let message = || format!("{} is set again in line {line}", excerpt(property));
            checker.add(&OVERRIDDEN, earlier.span.clone(), message);
        }
    }
}

fn descending(
    checker: &mut Checker<'_>,
    selector: &Selector,
    context: Option<usize>,
    line: u32,
    compared: &mut BTreeMap<(Option<usize>, String), Vec<Earlier>>,
) {
    let last = selector.parts.rsplit(|part| matches!(part, Part::Combinator(_))).next().unwrap_or_default();
    let kept: Vec<Part> = last.iter().filter(|part| !is_pseudo_class(part)).cloned().collect();
    if kept.is_empty() {
        return;
    }
    let reference = normalized(&Selector { parts: kept, span: 0..0 });
    let specificity = selector.specificity();
    let text = checker.sheet.slice(&selector.span).to_owned();
    let earlier = compared.entry((context, reference)).or_default();
    if let Some(prior) = earlier.iter().find(|prior| prior.specificity > specificity) {
        checker.add(&DESCENDING, selector.span.clone(), || {
            format!("{} comes after the more specific {} of line {}", excerpt(&text), excerpt(&prior.text), prior.line)
        });
    }
    // The first that is more specific than a later one is more specific than all before it: only those are kept.
    if earlier.last().is_none_or(|highest| highest.specificity < specificity) {
        earlier.push(Earlier { specificity, text, line });
    }
}

fn is_old_element(name: &str) -> bool {
    ["before", "after", "first-line", "first-letter"].iter().any(|it| it.eq_ignore_ascii_case(name))
}

fn is_pseudo_class(part: &Part) -> bool {
    // Firefox before 19 wrote its placeholder with one colon.
    matches!(part, Part::PseudoClass(pseudo) if !is_old_element(&pseudo.name) && pseudo.name != "-moz-placeholder")
}

// A selector in one spelling: the parts of a compound sorted by kind, no blanks.
fn normalized(selector: &Selector) -> String {
    let mut text = String::new();
    let mut signs = selector.parts.iter().filter_map(|part| match part {
        Part::Combinator(sign) => Some(*sign),
        _ => None,
    });
    for (at, compound) in selector.parts.split(|part| matches!(part, Part::Combinator(_))).enumerate() {
        if at > 0 {
            text.push_str(signs.next().unwrap_or(" "));
        }
        let mut words: Vec<(u8, String)> = compound.iter().map(word).collect();
        // Pseudo-classes keep their order: what stands behind a pseudo-element is about it.
        words.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| if a.0 < 6 { a.1.cmp(&b.1) } else { std::cmp::Ordering::Equal })
        });
        text.extend(words.into_iter().map(|(_, word)| word));
    }
    text
}

fn word(part: &Part) -> (u8, String) {
    match part {
        Part::Type(name) => (1, name.clone()),
        Part::Nesting => (2, "&".to_owned()),
        Part::Id(name) => (3, format!("#{name}")),
        Part::Class(name) => (4, format!(".{name}")),
        Part::Attribute { name, operator, value, .. } => (5, format!("[{name}{operator}{value}]")),
        Part::PseudoClass(pseudo) | Part::PseudoElement(pseudo) => {
            let colons = if matches!(part, Part::PseudoElement(_)) { "::" } else { ":" };
            let argument = if pseudo.selectors.is_empty() {
                pseudo.argument.clone().unwrap_or_default()
            } else {
                let all: BTreeSet<String> = pseudo.selectors.iter().map(normalized).collect();
                all.into_iter().collect::<Vec<_>>().join(",")
            };
            (6, format!("{colons}{}({argument})", pseudo.name))
        }
        Part::Combinator(sign) => (7, (*sign).to_owned()),
    }
}

fn names(checker: &mut Checker<'_>, selector: &Selector, scrollbar: bool) {
    const SCROLLBAR: [&str; 9] = [
        "horizontal",
        "vertical",
        "decrement",
        "increment",
        "start",
        "end",
        "double-button",
        "single-button",
        "no-button",
    ];
    let at = |checker: &mut Checker<'_>, rule: &'static Rule, message: &dyn Fn() -> String| {
        checker.add(rule, selector.span.clone(), message);
    };
    for part in selector.all_parts() {
        match part {
            Part::Type(name) => {
                let name = name.rsplit('|').next().unwrap_or(name);
                let plain = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains('-');
                if plain && !checker.names.is_element(name) {
                    at(checker, &UNKNOWN_TYPE, &|| format!("{} is no element", excerpt(name)));
                }
            }
            Part::PseudoClass(pseudo) if is_old_element(&pseudo.name) => colons(checker, selector, &pseudo.name),
            Part::PseudoClass(pseudo) => {
                let name = pseudo.name.to_ascii_lowercase();
                let of_scrollbar = scrollbar
                    && (SCROLLBAR.contains(&name.as_str()) || name == "corner-present" || name == "window-inactive");
                let custom = name.starts_with("--");
                if vendor_prefix(&name).is_none() && !checker.names.is_pseudo_class(&name) && !of_scrollbar && !custom {
                    at(checker, &UNKNOWN_PSEUDO_CLASS, &|| format!(":{} is no pseudo-class", excerpt(&pseudo.name)));
                }
            }
            Part::PseudoElement(pseudo) => {
                let name = pseudo.name.as_str();
                if vendor_prefix(name).is_none() && !checker.names.is_pseudo_element(name) {
                    at(checker, &UNKNOWN_PSEUDO_ELEMENT, &|| format!("::{} is no pseudo-element", excerpt(name)));
                }
            }
            Part::Class(_) | Part::Id(_) | Part::Attribute { .. } | Part::Combinator(_) | Part::Nesting => {}
        }
    }
}

fn colons(checker: &mut Checker<'_>, selector: &Selector, name: &str) {
    let text = checker.sheet.slice(&selector.span);
    let colon = Tokens::new(text).zip(Tokens::new(text).skip(1)).scan(false, |before, (one, two)| {
        let single = one.is(':') && two.kind == Kind::Ident && two.text == name && !*before;
        *before = one.is(':');
        Some(single.then_some(one.start))
    });
    let Some(at) = colon.flatten().next() else {
        checker.add(&PSEUDO_COLONS, selector.span.clone(), || format!(":{} has one colon", excerpt(name)));
        return;
    };
    let at = selector.span.start + at;
    let index = checker.index;
    checker.push(&PSEUDO_COLONS, at..at + 1 + name.len(), || {
        let edit = Edit { range: index.range(at..at), new_text: ":".to_owned() };
        Finding::new(&PSEUDO_COLONS, format!(":{} has one colon", excerpt(name))).with_fix("Write two", vec![edit])
    });
}

/// What the sheets set and use, over all of them.
#[derive(Debug, Default)]
pub(super) struct References {
    variables: BTreeSet<String>,
    used_variables: BTreeSet<String>,
    keyframes: BTreeSet<String>,
}

impl References {
    /// Notes what a sheet sets and uses.
    pub(super) fn note(&mut self, checker: &Checker<'_>) {
        let sheet = checker.sheet;
        for entry in &sheet.entries {
            match &entry.node {
                Node::At { name, .. } if name == "property" => {
                    self.variables.insert(sheet.slice(&entry.prelude).to_owned());
                }
                Node::At { .. } if entry.is_keyframes() => {
                    self.keyframes.insert(sheet.slice(&entry.prelude).trim_matches(['"', '\'']).to_owned());
                }
                Node::Declaration { property, value, .. } => {
                    if property.starts_with("--") {
                        self.variables.insert((*property).to_owned());
                    }
                    uses(sheet.slice(value), |name, _, _| {
                        self.used_variables.insert(name.to_owned());
                    });
                }
                Node::At { .. } | Node::Rule => {}
            }
        }
    }

    /// Finds what refers to nothing, and what nothing refers to.
    pub(super) fn check(&self, checker: &mut Checker<'_>) {
        let sheet = checker.sheet;
        let mut told = BTreeSet::new();
        for entry in &sheet.entries {
            let Node::Declaration { property, value, .. } = &entry.node else { continue };
            let text = sheet.slice(value);
            let mut unknown: Vec<(String, Range<usize>)> = Vec::new();
            uses(text, |name, place, fallback| {
                if !fallback && !self.variables.contains(name) {
                    unknown.push((name.to_owned(), value.start + place.start..value.start + place.end));
                }
            });
            for (name, place) in unknown {
                checker.add(&UNDEFINED_VARIABLE, place, || format!("{} is never set", excerpt(&name)));
            }
            if property.starts_with("--") && !self.used_variables.contains(*property) && told.insert(*property) {
                checker.add(&UNUSED_VARIABLE, entry.prelude.clone(), || format!("{} is never used", excerpt(property)));
            }
            self.animations(checker, property, text, value.start);
        }
    }

    fn animations(&self, checker: &mut Checker<'_>, property: &str, value: &str, start: usize) {
        let base = base_name(property);
        if base != "animation" && base != "animation-name" {
            return;
        }
        for part in components(value) {
            let is_name = part.token.kind == Kind::Ident && !is_animation_word(part.text);
            if is_name && !self.keyframes.contains(part.text) {
                let place = start + part.token.start..start + part.token.end();
                checker.add(&UNKNOWN_ANIMATION, place, || format!("{} has no keyframes", excerpt(part.text)));
            }
        }
    }
}

// Each `var(--name)` of a value: the name, where it stands, whether a fallback follows.
fn uses(value: &str, mut each: impl FnMut(&str, Range<usize>, bool)) {
    let mut tokens = Tokens::new(value).filter(|token| !token.is_blank()).peekable();
    while let Some(token) = tokens.next() {
        if token.kind == Kind::Function && token.name().eq_ignore_ascii_case("var") {
            let Some(name) = tokens.next().filter(|name| name.kind == Kind::Ident && name.text.starts_with("--"))
            else {
                continue;
            };
            let fallback = tokens.peek().is_some_and(|next| next.is(','));
            each(name.text, name.start..name.end(), fallback);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_compound_keeps_the_combinator_before_it() {
        let spelled = |text: &str| read_list(text, 0).iter().map(normalized).collect::<Vec<_>>();
        assert_eq!(spelled("a.c.b > b ~ c + d e||f"), ["a.b.c>b~c+d e||f"]);
        assert_eq!(spelled("> a, b >> c"), [">a", "b>>c"]);
    }
}

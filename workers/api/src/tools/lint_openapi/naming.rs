//! Names that leave the document's own style.

use super::Lint;
use super::rules::NAMING;
use crate::support::tree::Span;
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeMap;

/// Fewest names of a kind before there is a style.
const LEAST_NAMES: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Style {
    Camel,
    Pascal,
    Snake,
    Kebab,
}

impl Style {
    const fn word(self) -> &'static str {
        match self {
            Self::Camel => "camelCase",
            Self::Pascal => "PascalCase",
            Self::Snake => "snake_case",
            Self::Kebab => "kebab-case",
        }
    }

    // The styles a name tells apart; one word in lower case fits most.
    fn of(name: &str) -> Option<Self> {
        let upper = name.bytes().any(|b| b.is_ascii_uppercase());
        let lower = name.bytes().any(|b| b.is_ascii_lowercase());
        let begins = name.bytes().next()?;
        match (name.contains('_'), name.contains('-')) {
            (true, true) => None,
            (true, false) if !upper => Some(Self::Snake),
            (false, true) if !upper => Some(Self::Kebab),
            (false, false) if upper && lower && begins.is_ascii_lowercase() => Some(Self::Camel),
            (false, false) if lower && begins.is_ascii_uppercase() => Some(Self::Pascal),
            _ => None,
        }
    }
}

pub(super) fn check(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let mut kinds: BTreeMap<&str, BTreeMap<&str, Span>> = BTreeMap::new();
    for id in doc.ids().filter(|id| !lint.is_data(*id)) {
        if let Some(properties) = doc.get(id, "properties").filter(|_| lint.key(id) != Some("properties")) {
            for member in doc.members(properties) {
                kinds.entry("property").or_default().entry(&member.key).or_insert(member.key_span);
            }
        }
        if let (Some(member), Some("query" | "path")) = (doc.member(id, "name"), doc.get_str(id, "in"))
            && let Some(name) = doc.str(member.value)
        {
            kinds.entry("parameter").or_default().entry(name).or_insert(member.key_span);
        }
        if let Some(member) = doc.member(id, "operationId")
            && let Some(name) = doc.str(member.value)
        {
            kinds.entry("operationId").or_default().entry(name).or_insert(member.key_span);
        }
    }
    for member in lint.spec.components("schemas") {
        kinds.entry("schema").or_default().entry(&member.key).or_insert(member.key_span);
    }
    for path in lint.top("paths").map_or(&[][..], |paths| doc.members(paths)) {
        for step in path.key.split('/').filter(|step| !step.contains('{') && !step.is_empty()) {
            kinds.entry("path segment").or_default().entry(step).or_insert(path.key_span);
        }
    }
    for (kind, names) in kinds {
        let styles: Vec<(&str, Span, Style)> =
            names.iter().filter_map(|(name, span)| Some((*name, *span, Style::of(name)?))).collect();
        let mut counts: BTreeMap<Style, usize> = BTreeMap::new();
        styles.iter().for_each(|(_, _, style)| *counts.entry(*style).or_default() += 1);
        let Some((style, count)) = counts.into_iter().max_by_key(|(style, count)| (*count, std::cmp::Reverse(*style)))
        else {
            continue;
        };
        if styles.len() < LEAST_NAMES || count * 10 < styles.len() * 9 {
            continue;
        }
        for (name, span, other) in styles.iter().filter(|(_, _, other)| *other != style) {
            let message = format!("{kind} `{}` is {}, the others are {}", excerpt(name), other.word(), style.word());
            lint.add(&NAMING, *span, message);
        }
    }
}

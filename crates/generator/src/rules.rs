//! `crates/catalog/generated/rules.jsonl`: one line a rule, sorted so that a line is found without reading the others.

use crate::Generated;
use octavo_toolkit::{Registry, RulePage};
use serde::Serialize;
use std::collections::BTreeMap;

// `rule` stands first: the look-up reads it without parsing the line.
#[derive(Serialize)]
struct Line<'a> {
    rule: &'a str,
    level: &'a str,
    summary: &'a str,
    why: &'a str,
    wrong: &'a str,
    right: &'a str,
    source: &'a str,
    tools: &'a [String],
}

/// The pages of all registries' rules. Tools of a category that say the same of an id share a line.
///
/// # Panics
///
/// On an id that could not be found in the text.
pub(crate) fn generate(registries: &[Registry]) -> Generated {
    // Lower-case key, key, and which of the pages of that key; the page and the tools that have it.
    let mut pages: BTreeMap<(String, String, usize), (RulePage, Vec<String>)> = BTreeMap::new();
    for registry in registries {
        for tool in registry.tools {
            let name = registry.full_name(&tool.declaration());
            for page in tool.rule_pages() {
                let key = format!("{}/{}", registry.category, page.id);
                let plain = key.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'%'));
                assert!(plain, "{name}: the id of rule {key} is not plain ASCII");
                let place = |nth| (key.to_ascii_lowercase(), key.clone(), nth);
                let mut nth = 0;
                while pages.get(&place(nth)).is_some_and(|(known, _)| *known != page) {
                    nth += 1;
                }
                let (_, tools) = pages.entry(place(nth)).or_insert_with(|| (page, Vec::new()));
                if !tools.contains(&name) {
                    tools.push(name.clone());
                }
            }
        }
    }
    let mut text = String::new();
    for ((_, rule, _), (page, tools)) in &pages {
        let RulePage { id: _, level, summary, why, wrong, right, source } = page;
        let line = Line { rule, level: level.word(), summary, why, wrong, right, source, tools };
        text.push_str(&serde_json::to_string(&line).expect("a line of strings serialises"));
        text.push('\n');
    }
    Generated { path: "crates/catalog/generated/rules.jsonl".into(), text }
}

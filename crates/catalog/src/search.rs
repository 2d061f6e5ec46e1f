//! Search over the tools: an index baked at build time, read at the first query.
//!
//! What a term adds to a tool's rank does not depend on the query, so the index holds it (BM25, see the generator) and a
//! query is a sum.

use crate::rules;
use crate::scope::Scope;
use crate::terms::{tables, terms};
use crate::{Tool, catalog};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::OnceLock;

static JSON: &str = include_str!("../generated/search.json");

/// Shortest piece of a word that stands for the words it begins.
const LEAST_PREFIX: usize = 4;

/// What a tool gains by reporting a rule that the query names: more than any word brings.
const NAMES_A_RULE: u32 = 2_000;
/// What the tool gets whose name the query is.
const NAMES_A_TOOL: u32 = 2_000;

/// Term to the tools it ranks, by their place in the catalogue.
type Index = BTreeMap<&'static str, Vec<(usize, u32)>>;

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    // The generated file is checked by `the_index_is_of_this_catalogue`; were it broken, nothing would be found.
    INDEX.get_or_init(|| serde_json::from_str(JSON).unwrap_or_default())
}

/// The tools in scope that fit a task best, best first, at most `limit`.
pub fn find_tools(query: &str, scope: &Scope, limit: usize) -> Vec<&'static Tool> {
    let tools = catalog().tools();
    let mut scores = vec![0_u32; tools.len()];
    let mut add = |postings: &[(usize, u32)], halves: u32| {
        for (tool, score) in postings {
            if let Some(sum) = scores.get_mut(*tool) {
                *sum = sum.saturating_add(score * halves / 2);
            }
        }
    };
    let wanted = terms(query);
    for term in &wanted {
        match index().get(term.as_str()) {
            Some(postings) => add(postings, 2),
            None if term.len() >= LEAST_PREFIX => {
                let from = (Bound::Included(term.as_str()), Bound::Unbounded);
                let begun = index().range::<str, _>(from).take_while(|(word, _)| word.starts_with(term.as_str()));
                begun.for_each(|(_, postings)| add(postings, 1));
            }
            None => {}
        }
    }
    // "docker file" is "dockerfile" to many.
    for pair in wanted.windows(2) {
        if let Some(postings) = index().get(pair.concat().as_str()) {
            add(postings, 2);
        }
    }
    if let Some(named) = tools.iter().position(|tool| tool.name == query.trim()) {
        add(&[(named, NAMES_A_TOOL)], 2);
    }
    let words = query.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    for rule in words.filter(|word| looks_like_a_rule(word)) {
        for page in rules::find(rule, scope) {
            let reporting = tools.iter().enumerate().filter(|(_, tool)| page.tools.contains(&tool.name));
            reporting.for_each(|(at, _)| add(&[(at, NAMES_A_RULE)], 2));
        }
    }
    let mut hits: Vec<(u32, &'static Tool)> =
        scores.into_iter().zip(tools).filter(|(score, tool)| *score > 0 && scope.contains(tool)).collect();
    // Stable, so that equal scores keep the catalogue's order.
    hits.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    hits.into_iter().map(|(_, tool)| tool).take(limit).collect()
}

/// What a search elsewhere needs to find the same, as JSON: how words are cut, the shortest prefix, the tools' names, and the index, whose
/// numbers are places in the catalogue.
pub fn search_data() -> String {
    let names: Vec<&str> = catalog().tools().iter().map(|tool| tool.name).collect();
    format!(
        r#"{{"terms":{},"leastPrefix":{LEAST_PREFIX},"names":["{}"],"namesATool":{NAMES_A_TOOL},"index":{}}}"#,
        tables(),
        names.join(r#"",""#),
        JSON.trim_end()
    )
}

// A plain word may be a rule's id too, and mean itself.
fn looks_like_a_rule(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit() || matches!(c, '-' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(query: &str) -> Option<&'static str> {
        find_tools(query, &Scope::default(), 3).first().map(|tool| tool.name)
    }

    #[test]
    fn the_index_is_of_this_catalogue() {
        let index: Index = serde_json::from_str(JSON).expect("the generated index parses");
        let tools = catalog().tools();
        assert!(index.values().flatten().all(|(tool, score)| *tool < tools.len() && *score > 0));
        for tool in tools {
            assert_eq!(best(tool.name), Some(tool.name), "a tool is found by its name");
        }
    }

    #[test]
    fn what_others_search_by_is_json() {
        let data: serde_json::Value = serde_json::from_str(&search_data()).expect("JSON");
        assert!(data["index"].is_object() && data["terms"]["endings"].is_array());
    }

    #[test]
    fn forms_pieces_and_rules_find_their_tool() {
        for (query, name) in [
            ("linting a docker file", "docker_lint_dockerfile"),
            ("why do I get DL3006?", "docker_lint_dockerfile"),
            ("accessib of colours", "webdesign_check_contrast"),
        ] {
            assert_eq!(best(query), Some(name), "{query}");
        }
        assert_eq!(best("the of"), None);
        assert_eq!(best(""), None);
    }
}

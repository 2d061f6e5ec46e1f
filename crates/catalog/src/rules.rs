//! The page of every rule that a finding can name.
//!
//! A line of the generated file is a page, and the lines are sorted by category and id without regard to case, so that a
//! page is found in the text itself: nothing is parsed but what is asked for. Two tools that mean different things by one
//! id have a line each.

use crate::scope::{Scope, decoded};
use octavo_category::Category;
use octavo_suggest::nearest;
use serde::Deserialize;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

static LINES: &str = include_str!("../generated/rules.jsonl");

/// What every rule's URI begins with.
pub const SCHEME: &str = "rule://";

/// Longest name of a rule that is looked at, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// A rule, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Rule {
    /// Category and id, `docker/DL3006`.
    pub rule: &'static str,
    /// Its usual level.
    pub level: &'static str,
    /// What it asks for, in one sentence.
    #[serde(borrow)]
    pub summary: Cow<'static, str>,
    /// Why it matters.
    #[serde(borrow)]
    pub why: Cow<'static, str>,
    /// The smallest wrong source; empty where the page shows none.
    #[serde(borrow)]
    pub wrong: Cow<'static, str>,
    /// The same, right.
    #[serde(borrow)]
    pub right: Cow<'static, str>,
    /// Where the rule comes from.
    #[serde(borrow)]
    pub source: Cow<'static, str>,
    /// The tools that report it.
    pub tools: Vec<&'static str>,
}

impl Rule {
    /// Its id alone.
    pub fn id(&self) -> &'static str {
        self.rule.split_once('/').map_or(self.rule, |(_, id)| id)
    }

    /// Its page, in Markdown.
    pub fn to_markdown(&self) -> String {
        let Self { rule, level, summary, why, source, .. } = self;
        let mut page = format!("# {rule} ({level})\n\n{summary} {why}\n");
        page.truncate(page.trim_end().len());
        page.push('\n');
        for (title, text) in [("Wrong", &self.wrong), ("Right", &self.right)] {
            if !text.is_empty() {
                let fence = if text.contains("```") { "````" } else { "```" };
                let _ = write!(page, "\n{title}:\n\n{fence}text\n{}\n{fence}\n", text.trim_end());
            }
        }
        let _ = write!(page, "\nSource: {source}\nReported by: {}\n", self.tools.join(", "));
        page
    }
}

/// The pages of a rule named by id (`DL3006`), with its category (`docker/DL3006`) or by URI, in any case. An id that
/// several categories have gives the pages of all in scope.
pub fn find(name: &str, scope: &Scope) -> Vec<Rule> {
    let Some((category, id)) = split(name) else { return Vec::new() };
    let categories: &[Category] = category.as_ref().map_or(Category::ALL, std::slice::from_ref);
    let in_scope = categories.iter().filter(|category| scope.has(**category));
    in_scope.flat_map(|category| get(*category, &id)).collect()
}

/// The pages of a category's rule, in any case of its id.
pub fn get(category: Category, id: &str) -> Vec<Rule> {
    let key = format!("{category}/{id}");
    lines_from(&key).take_while(|line| compare(key_of(line), &key).is_eq()).filter_map(parsed).collect()
}

/// All rules of a category, by id.
pub fn of_category(category: Category) -> impl Iterator<Item = Rule> {
    let prefix = format!("{category}/");
    // Slugs are lower-case on both sides.
    lines_from(&prefix).take_while(move |line| key_of(line).starts_with(&prefix)).filter_map(parsed)
}

/// The rule in scope that was meant, if one is near: category and id.
pub fn meant(name: &str, scope: &Scope) -> Option<&'static str> {
    let (category, id) = split(name)?;
    let keys = LINES.lines().map(key_of).filter_map(|key| Some((key, key.split_once('/')?)));
    let in_scope = keys.filter(|(_, (slug, _))| {
        Category::from_slug(slug)
            .is_some_and(|found| scope.has(found) && category.is_none_or(|category| category == found))
    });
    let candidates: Vec<(&'static str, &'static str)> = in_scope.map(|(key, (_, id))| (key, id)).collect();
    let near = nearest(&id, candidates.iter().map(|(_, id)| *id))?;
    candidates.iter().find(|(_, id)| *id == near).map(|(key, _)| *key)
}

// The category, if the name has one, and the id.
fn split(name: &str) -> Option<(Option<Category>, String)> {
    let name = name.trim();
    let rest = name.get(..SCHEME.len()).filter(|start| start.eq_ignore_ascii_case(SCHEME));
    let name = if rest.is_some() { name.get(SCHEME.len()..)? } else { name };
    let name = decoded(name);
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return None;
    }
    // Some ids have a slash of their own.
    let qualified =
        name.split_once('/').and_then(|(slug, id)| Some((Category::from_slug(&slug.to_ascii_lowercase())?, id)));
    Some(match qualified {
        Some((category, id)) => (Some(category), id.to_owned()),
        None => (None, name),
    })
}

fn parsed(line: &'static str) -> Option<Rule> {
    serde_json::from_str(line).ok()
}

// The lines from the first whose key is not below `key`, by bisection of the text.
fn lines_from(key: &str) -> impl Iterator<Item = &'static str> + use<> {
    let (mut low, mut high) = (0, LINES.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = LINES.get(..middle).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let line = LINES.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        if compare(key_of(line), key).is_lt() {
            low = start + line.len() + 1;
        } else {
            high = start;
        }
    }
    LINES.get(low..).unwrap_or_default().lines()
}

// Category and id of a line; the generator writes them first, and without escapes.
fn key_of(line: &'static str) -> &'static str {
    line.strip_prefix("{\"rule\":\"").and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

fn compare(one: &str, other: &str) -> Ordering {
    one.bytes().map(|b| b.to_ascii_lowercase()).cmp(other.bytes().map(|b| b.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_page_and_is_found_by_its_key() {
        let everything = Scope::default();
        let mut before = "";
        for line in LINES.lines() {
            let rule: Rule = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(compare(before, rule.rule).is_le(), "{} stands after {before}", rule.rule);
            before = rule.rule;
            for name in [rule.rule.to_owned(), rule.rule.to_uppercase(), format!("{SCHEME}{}", rule.rule)] {
                assert!(find(&name, &everything).contains(&rule), "{name}");
            }
            assert!(find(rule.id(), &everything).contains(&rule), "{}", rule.id());
        }
        let counted: usize = Category::ALL.iter().map(|category| of_category(*category).count()).sum();
        assert_eq!(counted, LINES.lines().count());
    }

    #[test]
    fn strangers_are_not_found_and_slips_are_meant() {
        let everything = Scope::default();
        for name in
            ["", "/", "docker/", "rule://", "rule://docker", "no-such-rule-anywhere", &"x".repeat(500), "\u{e9}"]
        {
            assert!(find(name, &everything).is_empty(), "{name}");
        }
        assert_eq!(meant("DL306", &everything).map(|rule| rule.starts_with("docker/DL3")), Some(true));
        assert_eq!(meant("docker/dl3006x", &everything), Some("docker/DL3006"));
        assert!(!meant("python/dl3006", &everything).is_some_and(|rule| rule.starts_with("docker/")));
    }

    #[test]
    fn a_page_says_everything() {
        let rule = find("DL3006", &Scope::default()).remove(0);
        let page = rule.to_markdown();
        assert!(page.starts_with("# docker/DL3006 (warning)\n\n"), "{page}");
        for part in [&rule.summary, &rule.why, &rule.wrong, &rule.right, &rule.source] {
            assert!(page.contains(part.trim_end()), "{page}");
        }
        assert!(page.ends_with("Reported by: docker_lint_dockerfile\n"), "{page}");
    }
}

//! The catalogue: every tool's name, docs and schema, generated from the tool packages by `cargo xtask gen`.
//!
//! The gateway answers `tools/list` and routes `tools/call` from this constant; it links no tool. Invariant: one page, one
//! fixed order (the category table's, then the registry's), the same bytes on every call.

use octavo_category::Category;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::OnceLock;

static JSON: &str = include_str!("../generated/catalog.json");

/// One tool, as the catalogue knows it.
#[derive(Debug)]
pub struct Tool {
    /// Full name: category and tool.
    pub name: &'static str,
    /// The worker that runs it.
    pub category: Category,
    // The MCP `Tool` object, as newest clients get it.
    entry: &'static str,
}

/// How much of a tool a protocol version can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Everything (2025-06-18 and later).
    Full,
    /// Without titles (2025-03-26).
    Untitled,
    /// Without titles and annotations (2024-11-05).
    Bare,
}

/// The parsed catalogue.
#[derive(Debug)]
pub struct Catalog {
    tools: Vec<Tool>,
    by_name: HashMap<&'static str, usize>,
    full: String,
}

#[derive(Deserialize)]
struct Row {
    category: &'static str,
    #[serde(borrow)]
    tool: &'static RawValue,
}

#[derive(Deserialize)]
struct Name {
    name: &'static str,
}

/// The catalogue, parsed once per isolate, at its first use.
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    // The generated file is checked by `parses_whole`; were it broken, the list would be empty, not the worker dead.
    CATALOG.get_or_init(|| Catalog::parse(JSON).unwrap_or_else(|_| Catalog::of(Vec::new())))
}

impl Catalog {
    fn parse(json: &'static str) -> serde_json::Result<Self> {
        let rows: Vec<Row> = serde_json::from_str(json)?;
        let mut tools = Vec::with_capacity(rows.len());
        for row in rows {
            let Name { name } = serde_json::from_str(row.tool.get())?;
            if let Some(category) = Category::from_slug(row.category) {
                tools.push(Tool { name, category, entry: row.tool.get() });
            }
        }
        Ok(Self::of(tools))
    }

    fn of(tools: Vec<Tool>) -> Self {
        let by_name = tools.iter().enumerate().map(|(at, tool)| (tool.name, at)).collect();
        let full = list(tools.iter().map(|tool| tool.entry));
        Self { tools, by_name, full }
    }

    /// Every tool, in the order of the list.
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool of this full name.
    pub fn get(&self, name: &str) -> Option<&Tool> {
        self.by_name.get(name).and_then(|at| self.tools.get(*at))
    }

    /// The `tools` array of all tools or of one category, as JSON.
    pub fn list(&self, shape: Shape, category: Option<Category>) -> String {
        if shape == Shape::Full && category.is_none() {
            return self.full.clone();
        }
        let chosen = self.tools.iter().filter(|tool| category.is_none_or(|category| tool.category == category));
        let entries: Vec<String> = chosen.map(|tool| tool.entry_in(shape)).collect();
        list(entries.iter().map(String::as_str))
    }
}

impl Tool {
    fn entry_in(&self, shape: Shape) -> String {
        let dropped: &[&str] = match shape {
            Shape::Full => return self.entry.to_owned(),
            Shape::Untitled => &["title"],
            Shape::Bare => &["title", "annotations"],
        };
        let mut entry: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(self.entry).unwrap_or_default();
        entry.retain(|key, _| !dropped.contains(&key.as_str()));
        serde_json::to_string(&entry).unwrap_or_default()
    }
}

fn list<'a>(entries: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", entries.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_whole() {
        let catalog = Catalog::parse(JSON).expect("the generated catalogue parses");
        let rows: Vec<serde_json::Value> = serde_json::from_str(JSON).expect("JSON");
        assert_eq!(catalog.tools().len(), rows.len());
        for tool in catalog.tools() {
            assert!(tool.name.starts_with(tool.category.slug()), "{}", tool.name);
            assert_eq!(catalog.get(tool.name).map(|found| found.name), Some(tool.name));
        }
        assert!(catalog.get("nope").is_none());
    }

    #[test]
    fn older_versions_get_less() {
        let catalog = catalog();
        for (shape, key, there) in [
            (Shape::Full, "title", true),
            (Shape::Untitled, "title", false),
            (Shape::Untitled, "annotations", true),
            (Shape::Bare, "annotations", false),
        ] {
            let tools: Vec<serde_json::Value> = serde_json::from_str(&catalog.list(shape, None)).expect("JSON");
            assert!(tools.iter().all(|tool| tool.get(key).is_some() == there), "{shape:?} {key}");
        }
    }

    #[test]
    fn a_category_lists_its_own_tools() {
        for category in Category::ALL {
            let tools: Vec<serde_json::Value> =
                serde_json::from_str(&catalog().list(Shape::Full, Some(*category))).expect("JSON");
            assert!(
                !tools.is_empty()
                    && tools.iter().all(|tool| tool["name"].as_str().is_some_and(|n| n.starts_with(category.slug())))
            );
        }
    }
}

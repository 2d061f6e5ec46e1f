//! The catalogue: every tool's name, docs and schemas, every rule's page and every category's guide, generated from the
//! tool packages by `cargo xtask gen`.
//!
//! The gateway answers lists, searches and explanations from these constants and routes `tools/call` by them; it links no
//! tool. Each generated file is read at the first call that needs it. Invariant: one page, one fixed order (the category
//! table's, then the registry's), the same bytes on every call.

mod agent;
mod digests;
mod guides;
mod instructions;
pub mod rules;
mod scope;
mod search;
mod skills;
mod terms;

pub use agent::{is_agent_tool, open_log};
pub use digests::digest;
pub use guides::guide;
pub use instructions::INSTRUCTIONS;
pub use scope::{ENDPOINT, SEARCH, Scope, ScopeError, Selection, decoded};
pub use search::{find_tools, search_data};
pub use skills::Skill;
pub use terms::terms;

use octavo_category::Category;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::OnceLock;

static TOOLS: &str = include_str!("../generated/catalog.json");
static OUTPUTS: &str = include_str!("../generated/outputs.json");
// The three tools of the search surface, which the gateway answers itself.
static META_TOOLS: &str = include_str!("meta_tools.json");

/// One tool, as the catalogue knows it.
#[derive(Debug)]
pub struct Tool {
    /// Full name: category and tool.
    pub name: &'static str,
    /// The category whose worker runs it; none for a tool of the deployment's extra worker, or of the log.
    pub category: Option<Category>,
    // The MCP `Tool` object, as newest clients get it.
    entry: &'static str,
}

/// How much of a tool a protocol version can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Everything (2025-06-18 and later).
    Full,
    /// Without titles and output schemas (2025-03-26).
    Untitled,
    /// Without titles, output schemas and annotations (2024-11-05).
    Bare,
}

/// The parsed catalogue.
#[derive(Debug)]
pub struct Catalog {
    // The tools for an agent's own calls last.
    tools: Vec<Tool>,
    others: usize,
    by_name: HashMap<&'static str, usize>,
}

#[derive(Deserialize)]
struct Row {
    category: &'static str,
    #[serde(borrow)]
    tool: &'static RawValue,
}

/// The MCP `Tool` object, its values as they were written.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its name.
    #[serde(borrow)]
    pub name: &'static RawValue,
    /// Its name for people.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub title: Option<&'static RawValue>,
    /// What it does and when to use it.
    #[serde(borrow)]
    pub description: &'static RawValue,
    /// What it takes.
    #[serde(borrow)]
    pub input_schema: &'static RawValue,
    /// What it gives, where that is asked for.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub output_schema: Option<&'static RawValue>,
    /// What a client may assume of it.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub annotations: Option<&'static RawValue>,
}

/// What a deployment's extra worker adds: its own catalogue, as it gives it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Extra {
    /// MCP `Tool` objects.
    #[serde(borrow)]
    pub tools: Vec<&'static RawValue>,
    /// MCP `Resource` objects.
    #[serde(borrow)]
    pub resources: Vec<&'static RawValue>,
    /// MCP `ResourceTemplate` objects.
    #[serde(borrow)]
    pub resource_templates: Vec<&'static RawValue>,
    /// MCP `Prompt` objects.
    #[serde(borrow)]
    pub prompts: Vec<&'static RawValue>,
    /// Whether it completes arguments.
    pub completions: bool,
    /// Whether its tools send log messages.
    pub logging: bool,
    /// Whether clients may subscribe to its resources.
    pub subscribe: bool,
}

static EXTRA: OnceLock<Extra> = OnceLock::new();

/// Takes the catalogue of the deployment's extra worker, before anything is listed; the first one counts. False when it is
/// none.
pub fn extend(json: String) -> bool {
    // Lives as long as the isolate, like the baked one.
    let json: &'static str = Box::leak(json.into_boxed_str());
    serde_json::from_str(json).is_ok_and(|extra| EXTRA.set(extra).is_ok())
}

/// What the deployment's extra worker adds, if it has one.
pub fn extra() -> Option<&'static Extra> {
    EXTRA.get()
}

/// The parsed catalogue, at its first use in an isolate.
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    // The generated file is checked by `parses_whole`; were it broken, the list would be empty, not the worker dead.
    CATALOG.get_or_init(|| Catalog::parse(TOOLS).unwrap_or_else(|_| Catalog::of(Vec::new(), 0)))
}

impl Catalog {
    fn parse(json: &'static str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Named {
            name: &'static str,
        }
        let rows: Vec<Row> = serde_json::from_str(json)?;
        let mut tools = Vec::with_capacity(rows.len());
        for row in rows {
            let Named { name } = serde_json::from_str(row.tool.get())?;
            if let Some(category) = Category::from_slug(row.category) {
                tools.push(Tool { name, category: Some(category), entry: row.tool.get() });
            }
        }
        let added = extra().map_or(&[][..], |extra| &extra.tools);
        let others = tools.len() + added.len();
        for entry in added.iter().copied().chain(agent::agent_tools()) {
            let Named { name } = serde_json::from_str(entry.get())?;
            tools.push(Tool { name, category: None, entry: entry.get() });
        }
        Ok(Self::of(tools, others))
    }

    fn of(tools: Vec<Tool>, others: usize) -> Self {
        let by_name = tools.iter().enumerate().map(|(at, tool)| (tool.name, at)).collect();
        Self { tools, others, by_name }
    }

    /// Every tool, in the order of the list.
    pub fn tools(&self) -> &[Tool] {
        // Opened when the catalogue may long be parsed: the deployment is asked beside the first requests.
        let all = if agent::is_open() { self.tools.len() } else { self.others };
        self.tools.get(..all).unwrap_or_default()
    }

    /// The tool of this full name.
    pub fn get(&self, name: &str) -> Option<&Tool> {
        self.by_name.get(name).and_then(|at| self.tools().get(*at))
    }
}

/// The `tools` array that a scope lists, as JSON: its tools, or those of the search surface.
pub fn list(shape: Shape, scope: &Scope) -> String {
    static WHOLE: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    if scope.is_search() {
        let entries: Vec<&RawValue> = serde_json::from_str(META_TOOLS).unwrap_or_default();
        return joined(entries.iter().map(|entry| projected(entry.get(), shape, None)));
    }
    if shape == Shape::Full && *scope == Scope::default() {
        let [closed, open] = &WHOLE;
        let whole = if agent::is_open() { open } else { closed };
        return whole.get_or_init(|| joined(catalog().tools().iter().map(|tool| tool.entry))).clone();
    }
    joined(scope.tools().map(|tool| {
        let output = if scope.has_full_schemas() { tool.output_schema() } else { None };
        projected(tool.entry, shape, output)
    }))
}

impl Tool {
    /// What the list says of it.
    pub fn entry(&self) -> Option<Entry> {
        serde_json::from_str(self.entry).ok()
    }

    /// Whether these words stand anywhere in what the list says of it: a cheap look before [`entry`](Self::entry) reads it.
    pub fn says(&self, words: &str) -> bool {
        self.entry.contains(words)
    }

    /// What it gives: the schema of its structured report.
    pub fn output_schema(&self) -> Option<&'static RawValue> {
        static BY_NAME: OnceLock<HashMap<&'static str, &'static RawValue>> = OnceLock::new();
        BY_NAME.get_or_init(|| serde_json::from_str(OUTPUTS).unwrap_or_default()).get(self.name).copied()
    }
}

fn projected(entry: &'static str, shape: Shape, output_schema: Option<&'static RawValue>) -> String {
    if shape == Shape::Full && output_schema.is_none() {
        return entry.to_owned();
    }
    let projected = serde_json::from_str::<Entry>(entry).and_then(|mut entry| {
        match shape {
            Shape::Full => entry.output_schema = output_schema,
            Shape::Untitled => entry.title = None,
            Shape::Bare => {
                entry.title = None;
                entry.annotations = None;
            }
        }
        serde_json::to_string(&entry)
    });
    projected.unwrap_or_default()
}

fn joined(entries: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut list = String::from("[");
    for (at, entry) in entries.enumerate() {
        if at > 0 {
            list.push(',');
        }
        list.push_str(entry.as_ref());
    }
    list.push(']');
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn listed(shape: Shape, target: &str) -> Vec<Value> {
        let scope = Scope::select(Selection { target, ..Selection::default() }).expect("a scope");
        serde_json::from_str(&list(shape, &scope)).expect("JSON")
    }

    #[test]
    fn parses_whole() {
        let catalog = Catalog::parse(TOOLS).expect("the generated catalogue parses");
        let rows: Vec<Value> = serde_json::from_str(TOOLS).expect("JSON");
        assert_eq!(catalog.tools().len(), rows.len());
        for tool in catalog.tools() {
            assert!(tool.category.is_some_and(|category| tool.name.starts_with(category.slug())), "{}", tool.name);
            assert_eq!(catalog.get(tool.name).map(|found| found.name), Some(tool.name));
            assert!(tool.entry().is_some() && tool.output_schema().is_some(), "{}", tool.name);
        }
        assert!(catalog.get("nope").is_none());
    }

    #[test]
    fn older_versions_get_less() {
        for target in ["/mcp?schemas=full", "/mcp/search"] {
            for (shape, key, there) in [
                (Shape::Full, "title", true),
                (Shape::Untitled, "title", false),
                (Shape::Untitled, "outputSchema", false),
                (Shape::Untitled, "annotations", true),
                (Shape::Bare, "annotations", false),
                (Shape::Bare, "inputSchema", true),
            ] {
                let tools = listed(shape, target);
                assert!(
                    !tools.is_empty() && tools.iter().all(|tool| tool.get(key).is_some() == there),
                    "{shape:?} {key}"
                );
            }
        }
    }

    #[test]
    fn output_schemas_come_when_they_are_asked_for() {
        assert!(listed(Shape::Full, "/mcp").iter().all(|tool| tool.get("outputSchema").is_none()));
        let full = listed(Shape::Full, "/mcp?schemas=full");
        assert!(full.iter().all(|tool| tool["outputSchema"]["type"] == "object"));
    }

    #[test]
    fn a_category_lists_its_own_tools() {
        for category in Category::ALL {
            let tools = listed(Shape::Full, &format!("/mcp/{category}"));
            let own = |tool: &Value| tool["name"].as_str().is_some_and(|name| name.starts_with(category.slug()));
            assert!(!tools.is_empty() && tools.iter().all(own));
        }
    }
}

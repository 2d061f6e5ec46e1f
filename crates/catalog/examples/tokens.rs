//! Prints what the surface costs a model, in tokens of o200k: each tool, each category, all, the search surface, the
//! instructions. `cargo xtask size` runs it.
//!
//! "Shown" is what clients give a model of a tool: name, description, input schema. "Sent" is the whole list.

use bpe_openai::o200k_base;
use octavo_catalog::{INSTRUCTIONS, SEARCH, Scope, Selection, Shape, catalog, list};
use octavo_category::Category;
use serde_json::Value;
use std::io::{Result, Write as _, stdout};

fn main() -> Result<()> {
    let mut table = stdout().lock();
    let listed = |target: &str| {
        let scope = Scope::select(Selection { target, ..Selection::default() });
        scope.map_or((0, 0), |scope| cost(&list(Shape::Full, &scope)))
    };
    writeln!(table, "{:<42}{:>8}{:>8}", "in a list, in tokens", "shown", "sent")?;
    let mut row = |what: &str, (shown, sent): (usize, usize)| writeln!(table, "{what:<42}{shown:>8}{sent:>8}");
    let (mut shown, mut sent) = (0, 0);
    for tool in catalog().tools() {
        let one =
            tool.entry().and_then(|entry| serde_json::to_string(&[entry]).ok()).map_or((0, 0), |entry| cost(&entry));
        shown += one.0;
        sent += one.1;
        row(tool.name, one)?;
    }
    let tools = catalog().tools().len().max(1);
    row("mean of a tool", (shown / tools, sent / tools))?;
    for category in Category::ALL {
        row(&format!("/mcp/{category}"), listed(&format!("/mcp/{category}")))?;
    }
    for target in ["/mcp", "/mcp?schemas=full", &format!("/mcp/{SEARCH}")] {
        row(target, listed(target))?;
    }
    let instructions = o200k_base().count(INSTRUCTIONS);
    row("instructions", (instructions, instructions))
}

// Tokens of what a model is shown of a list, and of the list.
fn cost(list: &str) -> (usize, usize) {
    let mut tools: Vec<Value> = serde_json::from_str(list).unwrap_or_default();
    for tool in tools.iter_mut().filter_map(Value::as_object_mut) {
        tool.retain(|field, _| matches!(field.as_str(), "name" | "description" | "inputSchema"));
    }
    let shown = serde_json::to_string(&tools).unwrap_or_default();
    (o200k_base().count(&shown), o200k_base().count(list))
}

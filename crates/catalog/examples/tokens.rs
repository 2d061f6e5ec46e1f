//! Prints what the surface costs a model, in tokens of o200k: each tool, each category, all, the search surface, the
//! instructions. `cargo xtask size` runs it.

use bpe_openai::o200k_base;
use octavo_catalog::{INSTRUCTIONS, SEARCH, Scope, Selection, Shape, catalog, list};
use octavo_category::Category;
use std::io::{Result, Write as _, stdout};

fn main() -> Result<()> {
    let mut table = stdout().lock();
    let count = |text: &str| o200k_base().count(text);
    let listed = |target: &str| {
        Scope::select(Selection { target, ..Selection::default() }).map_or(0, |scope| count(&list(Shape::Full, &scope)))
    };
    writeln!(table, "{:<42}{:>8}", "in a list", "tokens")?;
    let mut sum = 0;
    for tool in catalog().tools() {
        let tokens = tool.entry().and_then(|entry| serde_json::to_string(&entry).ok()).map_or(0, |entry| count(&entry));
        sum += tokens;
        writeln!(table, "{:<42}{tokens:>8}", tool.name)?;
    }
    writeln!(table, "{:<42}{:>8}", "mean of a tool", sum / catalog().tools().len().max(1))?;
    for category in Category::ALL {
        writeln!(table, "{:<42}{:>8}", format!("/mcp/{category}"), listed(&format!("/mcp/{category}")))?;
    }
    writeln!(table, "{:<42}{:>8}", "/mcp", listed("/mcp"))?;
    writeln!(table, "{:<42}{:>8}", "/mcp?schemas=full", listed("/mcp?schemas=full"))?;
    writeln!(table, "{:<42}{:>8}", format!("/mcp/{SEARCH}"), listed(&format!("/mcp/{SEARCH}")))?;
    writeln!(table, "{:<42}{:>8}", "instructions", count(INSTRUCTIONS))
}

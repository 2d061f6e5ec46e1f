//! Prints what the surface costs a model, in tokens of o200k: each tool, each category, all, the search surface, the
//! instructions. `cargo xtask size` runs it.
//!
//! "Shown" is what clients give a model of a tool: name, description, input schema ([`Shape::Bare`]). "Sent" is the whole list.

use bpe_openai::o200k_base;
use octavo_catalog::{INSTRUCTIONS, SEARCH, Scope, Selection, Shape, catalog, list};
use octavo_category::Category;
use std::io::{Result, Write as _, stdout};

fn main() -> Result<()> {
    let mut table = stdout().lock();
    let listed = |target: &str| {
        let scope = Scope::select(Selection { target, ..Selection::default() }).ok();
        let cost = |shape| scope.as_ref().map_or(0, |scope| o200k_base().count(&list(shape, scope)));
        (cost(Shape::Bare), cost(Shape::Full))
    };
    writeln!(table, "{:<42}{:>8}{:>8}", "in a list, in tokens", "shown", "sent")?;
    let mut row = |what: &str, (shown, sent): (usize, usize)| writeln!(table, "{what:<42}{shown:>8}{sent:>8}");
    let (mut shown, mut sent) = (0, 0);
    for tool in catalog().tools() {
        let one = listed(&format!("/mcp?tools={}", tool.name));
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

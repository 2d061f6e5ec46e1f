//! Blocks inside hand-written files: the README's table of categories, the guides' clients, wrangler's service bindings.
//!
//! A block stands between a line that contains `generated:<name>` and one that contains `/generated`.

use crate::Generated;
use octavo_category::{Category, TAIL_BINDING, TAIL_WORKER};
use octavo_toolkit::Registry;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The files with blocks, their blocks written anew.
pub(crate) fn generate(root: &Path, registries: &[Registry]) -> Vec<Generated> {
    let blocks = [
        ("README.md", "categories", categories(registries)),
        ("docs/README.md", "tools", tools(registries)),
        ("docs/connect.md", "clients", crate::reference::clients()),
        ("wrangler/gateway.toml", "services", services()),
    ];
    let replaced = blocks.into_iter().map(|(path, name, block)| {
        let text = fs::read_to_string(root.join(path)).unwrap_or_default();
        let text = replace(&text, name, &block).unwrap_or_else(|| panic!("{path} has no block generated:{name}"));
        Generated { path: path.into(), text }
    });
    replaced.collect()
}

fn replace(text: &str, name: &str, block: &str) -> Option<String> {
    let start = text.find(&format!("generated:{name}"))?;
    let body = start + text.get(start..)?.find('\n')? + 1;
    let end = body + text.get(body..)?.find("/generated")?;
    let end = text.get(..end)?.rfind('\n')? + 1;
    Some(format!("{}{block}{}", text.get(..body)?, text.get(end.max(body)..)?))
}

fn categories(registries: &[Registry]) -> String {
    let mut table = String::from("\n| category | tools | for | worker |\n|---|---|---|---|\n");
    for registry in registries {
        let row = registry.category.row();
        let count = registry.tools.len();
        let _ = writeln!(
            table,
            "| [{}](docs/categories/{}.md) | {count} | {} | `{}` |",
            row.title, row.slug, row.summary, row.worker
        );
    }
    table.push('\n');
    table
}

fn tools(registries: &[Registry]) -> String {
    let mut table = String::from("\n| tool | what it does |\n|---|---|\n");
    for registry in registries {
        for tool in registry.tools {
            let declaration = tool.declaration();
            let name = registry.full_name(&declaration);
            let _ = writeln!(table, "| [`{name}`](tools/{name}.md) | {} |", declaration.summary);
        }
    }
    table.push('\n');
    table
}

fn services() -> String {
    let mut services = String::from("services = [\n");
    for category in Category::ALL {
        let row = category.row();
        let _ = writeln!(services, "  {{ binding = \"{}\", service = \"{}\" }},", row.binding, row.worker);
    }
    let _ = writeln!(services, "  {{ binding = \"{TAIL_BINDING}\", service = \"{TAIL_WORKER}\" }},");
    services.push_str("]\n");
    services
}

//! `crates/catalog/generated/catalog.json` and `outputs.json`: one line a tool.

use crate::Generated;
use octavo_toolkit::Registry;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Row<'a> {
    category: &'a str,
    tool: Tool<'a>,
}

// The MCP `Tool` object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tool<'a> {
    name: &'a str,
    title: &'a str,
    description: &'a str,
    input_schema: Value,
    annotations: Annotations,
}

// All four are set, since the defaults assume the worst; no tool writes, asks the world, or differs on a second call.
#[expect(clippy::struct_excessive_bools, reason = "the wire has four booleans")]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Annotations {
    read_only_hint: bool,
    destructive_hint: bool,
    idempotent_hint: bool,
    open_world_hint: bool,
}

/// The catalogue of all registries.
pub(crate) fn generate(registries: &[Registry]) -> Generated {
    let mut lines = Vec::new();
    for registry in registries {
        for tool in registry.tools {
            let declaration = tool.declaration();
            let row = Row {
                category: registry.category.slug(),
                tool: Tool {
                    name: &registry.full_name(&declaration),
                    title: declaration.title,
                    description: declaration.summary,
                    input_schema: tool.input_schema(),
                    annotations: Annotations {
                        read_only_hint: true,
                        destructive_hint: false,
                        idempotent_hint: true,
                        open_world_hint: false,
                    },
                },
            };
            lines.push(serde_json::to_string(&row).expect("a row of strings and schemas serialises"));
        }
    }
    Generated { path: "crates/catalog/generated/catalog.json".into(), text: format!("[\n{}\n]\n", lines.join(",\n")) }
}

/// The schemas of all tools' reports, by name.
pub(crate) fn outputs(registries: &[Registry]) -> Generated {
    let mut lines = Vec::new();
    for registry in registries {
        for tool in registry.tools {
            let name = registry.full_name(&tool.declaration());
            let schema = octavo_toolkit::schema::report_of(tool.data_schema());
            lines.push(format!("{name:?}:{schema}"));
        }
    }
    Generated { path: "crates/catalog/generated/outputs.json".into(), text: format!("{{\n{}\n}}\n", lines.join(",\n")) }
}

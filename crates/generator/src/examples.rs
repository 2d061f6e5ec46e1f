//! `workers/gateway/page/examples.json`: the examples that the playground fills in. They are those of the tools' pages, where
//! they are executed.

use crate::Generated;
use octavo_toolkit::Registry;
use octavo_toolkit::registry::AnyTool;
use serde_json::{Value, json};

/// The examples of all tools, a line each.
pub(crate) fn generate(registries: &[Registry]) -> Generated {
    let line = |registry: &Registry, tool: &dyn AnyTool| {
        let declaration = tool.declaration();
        let examples: Vec<Value> = declaration
            .examples
            .iter()
            .map(|example| {
                let arguments: Value = serde_json::from_str(example.arguments).expect("an example is JSON");
                json!({ "title": example.title, "arguments": arguments })
            })
            .collect();
        let examples = serde_json::to_string(&examples).expect("values serialise");
        format!("{:?}:{examples}", registry.full_name(&declaration))
    };
    let lines: Vec<String> =
        registries.iter().flat_map(|registry| registry.tools.iter().map(move |tool| line(registry, *tool))).collect();
    Generated { path: "workers/gateway/page/examples.json".into(), text: format!("{{\n{}\n}}\n", lines.join(",\n")) }
}

//! The tools by which an agent asks the log about its own calls. They are no part of the catalogue: a deployment lists them
//! where callers can be told apart and operators' access is configured, and the tail worker answers them.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::OnceLock;

static TOOLS: &str = include_str!("agent_tools.json");
static OPEN: OnceLock<()> = OnceLock::new();

#[derive(Deserialize)]
struct Named {
    name: &'static str,
}

/// Lists the tools from now on; to be called before anything is listed.
pub fn open_log() {
    // Told again, it stays so.
    let _ = OPEN.set(());
}

/// The tools' MCP `Tool` objects, where they are listed.
pub(crate) fn agent_tools() -> Vec<&'static RawValue> {
    let all = || serde_json::from_str(TOOLS).unwrap_or_default();
    OPEN.get().map_or_else(Vec::new, |()| all())
}

/// Whether this is the name of such a tool, listed or not.
pub fn is_agent_tool(name: &str) -> bool {
    let tools: Vec<Named> = serde_json::from_str(TOOLS).unwrap_or_default();
    tools.iter().any(|tool| tool.name == name)
}

//! The tools by which an agent asks the log about its own calls. They stand behind all others and are there only where a
//! deployment opens the log: callers can be told apart, and operators' access is configured. The tail worker answers them.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::OnceLock;

static TOOLS: &str = include_str!("agent_tools.json");
static OPEN: OnceLock<()> = OnceLock::new();

#[derive(Deserialize)]
struct Named {
    name: &'static str,
}

/// Lists the tools from now on.
pub fn open_log() {
    // Told again, it stays so.
    let _ = OPEN.set(());
}

/// Whether the tools are listed.
pub(crate) fn is_open() -> bool {
    OPEN.get().is_some()
}

/// The tools' MCP `Tool` objects.
pub(crate) fn agent_tools() -> Vec<&'static RawValue> {
    serde_json::from_str(TOOLS).unwrap_or_default()
}

/// Whether this is the name of such a tool, listed or not.
pub fn is_agent_tool(name: &str) -> bool {
    let tools: Vec<Named> = serde_json::from_str(TOOLS).unwrap_or_default();
    tools.iter().any(|tool| tool.name == name)
}

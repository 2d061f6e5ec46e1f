//! The canonical log line: its fields, its order, its version.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Version of the line; readers accept this and all older ones.
pub const VERSION: u8 = 1;

/// How every canonical line starts, and no other output does.
pub const MARKER: &str = r#"{"v":1,"worker":"octavo-"#;

/// Longest line ever printed, in bytes: well under the platform's 256 KB for all output of an invocation.
pub const MAX_LINE_BYTES: usize = 8 * 1024;

/// What kind of work an invocation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request to the MCP endpoint.
    Mcp,
    /// A tool call inside a tool worker.
    Tool,
    /// A request for the landing page, health or metrics.
    Web,
    /// An operator's request; the tail worker drops these lines, or the dashboard would log itself.
    Ops,
}

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did what was asked.
    Ok,
    /// A tool result with `isError`.
    ToolError,
    /// A JSON-RPC or HTTP error answered by us.
    RpcError,
    /// The code failed: a trap or an unexpected answer.
    Exception,
    /// A limit refused it.
    Limit,
    /// The client went away.
    Disconnect,
}

impl Kind {
    /// The word that stands in a line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Tool => "tool",
            Self::Web => "web",
            Self::Ops => "ops",
        }
    }
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Ok, Self::ToolError, Self::RpcError, Self::Exception, Self::Limit, Self::Disconnect];

    /// The word that stands in a line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ToolError => "tool_error",
            Self::RpcError => "rpc_error",
            Self::Exception => "exception",
            Self::Limit => "limit",
            Self::Disconnect => "disconnect",
        }
    }

    /// Whether it counts as an error; a client that went away is none.
    pub const fn is_error(self) -> bool {
        match self {
            Self::Ok | Self::Disconnect => false,
            Self::ToolError | Self::RpcError | Self::Exception | Self::Limit => true,
        }
    }
}

/// One invocation, in one line. Times are milliseconds, sizes are bytes, ids are lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogLine<'a> {
    /// [`VERSION`]. First, because [`MARKER`] starts with it.
    pub v: u8,
    /// The worker that printed the line. Second, for the same reason.
    pub worker: Cow<'a, str>,
    /// When the invocation started, since the Unix epoch.
    pub ts: u64,
    /// What kind of work it was.
    pub kind: Kind,
    /// How it ended.
    pub status: Status,
    /// The trace it belongs to.
    pub trace_id: Cow<'a, str>,
    /// Its own span.
    pub span_id: Cow<'a, str>,
    /// The span that caused it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent_id: Option<Cow<'a, str>>,
    /// The platform's own trace id, when it traces.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cf_trace_id: Option<Cow<'a, str>>,
    /// Deployed version of the worker.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<Cow<'a, str>>,
    /// Data centre.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub colo: Option<Cow<'a, str>>,
    /// MCP method, or the HTTP path's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<Cow<'a, str>>,
    /// Full tool name; only names from the catalogue appear here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tool: Option<Cow<'a, str>>,
    /// Fixed word for what went wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_type: Option<Cow<'a, str>>,
    /// JSON-RPC error code answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rpc_code: Option<i32>,
    /// HTTP status answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub http_status: Option<u16>,
    /// How long it took. The platform's clock stands still between IO, so only a line with IO in it shows more than 0.
    pub dur_ms: u64,
    /// Request body.
    pub in_bytes: u64,
    /// Response body.
    pub out_bytes: u64,
    /// Client's own name, as a label.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client: Option<Cow<'a, str>>,
    /// Client's own version, as a label.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_version: Option<Cow<'a, str>>,
    /// MCP version spoken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub protocol: Option<Cow<'a, str>>,
    /// Keyed digest of the session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_hash: Option<Cow<'a, str>>,
    /// Keyed digest of the principal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub principal_hash: Option<Cow<'a, str>>,
    /// `hit` or `miss`, where a cache was asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cache: Option<Cow<'a, str>>,
    /// Attempts beyond the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retries: Option<u32>,
    /// A few words of ours, never the caller's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub msg: Option<Cow<'a, str>>,
    /// How the platform says the invocation ended, where that is not `ok`; the tail worker adds it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<Cow<'a, str>>,
    /// Processor time, in milliseconds; the tail worker adds it where the platform tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cpu_ms: Option<u64>,
    /// Time from start to end, in milliseconds, as the platform has it; the tail worker adds it where the platform tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wall_ms: Option<u64>,
}

impl<'a> LogLine<'a> {
    /// A line with its identity and nothing else said yet.
    pub fn new(worker: &'a str, kind: Kind, ts: u64, trace_id: Cow<'a, str>, span_id: Cow<'a, str>) -> Self {
        Self {
            v: VERSION,
            worker: worker.into(),
            ts,
            kind,
            status: Status::Ok,
            trace_id,
            span_id,
            parent_id: None,
            cf_trace_id: None,
            version: None,
            colo: None,
            method: None,
            tool: None,
            error_type: None,
            rpc_code: None,
            http_status: None,
            dur_ms: 0,
            in_bytes: 0,
            out_bytes: 0,
            client: None,
            client_version: None,
            protocol: None,
            session_hash: None,
            principal_hash: None,
            cache: None,
            retries: None,
            msg: None,
            outcome: None,
            cpu_ms: None,
            wall_ms: None,
        }
    }

    /// The line as it is printed.
    pub fn to_json(&self) -> String {
        let line = serde_json::to_string(self).unwrap_or_default();
        debug_assert!(line.starts_with(MARKER) && line.len() <= MAX_LINE_BYTES, "{line}");
        line
    }
}

impl LogLine<'static> {
    /// Finds a canonical line in one console argument; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.starts_with(r#"{"v":"#) || text.len() > MAX_LINE_BYTES {
            return None;
        }
        let line: Self = serde_json::from_str(text).ok()?;
        (line.v <= VERSION && line.worker.starts_with("octavo-")).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_line_starts_with_the_marker_and_reads_back() {
        let mut line = LogLine::new("octavo-gateway", Kind::Mcp, 1, "ab".into(), "cd".into());
        line.tool = Some("docker_lint_dockerfile".into());
        let text = line.to_json();
        assert!(text.starts_with(MARKER));
        assert_eq!(LogLine::parse(&text), Some(line));
    }

    #[test]
    fn other_output_is_no_line() {
        for text in ["", "hello", "{\"v\":1}", "{\"v\":9,\"worker\":\"octavo-x\"}", "{\"v\":1,\"worker\":\"other\"}"] {
            assert_eq!(LogLine::parse(text), None, "{text}");
        }
    }
}

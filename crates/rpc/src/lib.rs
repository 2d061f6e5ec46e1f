//! The private contract between the gateway and a tool worker.
//!
//! The gateway POSTs one [`CallRequest`] as JSON. The worker answers 200 with [`Frame`]s, one JSON object a line: any
//! number of progress frames when the request asked for them, then exactly one reply. Nothing here knows MCP, HTTP
//! headers or the platform, so the transport can change without touching a tool.
//!
//! Invariant: raw JSON (arguments, text, structured result) crosses untouched, as written by its author.

use octavo_category::Category;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Version of this contract; a worker refuses a request of another version.
pub const VERSION: u8 = 1;

/// The path a tool worker serves; every other path is 404.
pub const CALL_PATH: &str = "/call";

/// Longest arguments of one call, in bytes: the 24 MiB of text that may come by handle, and what escaping adds to it.
pub const MAX_ARGUMENTS_BYTES: usize = 32 * 1024 * 1024;

/// One tool call, as the gateway asks for it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRequest<'a> {
    /// Contract version, [`VERSION`].
    pub v: u8,
    /// Tool name without its category, for example `lint_dockerfile`.
    #[serde(borrow)]
    pub tool: std::borrow::Cow<'a, str>,
    /// The caller's arguments object, raw.
    #[serde(borrow)]
    pub arguments: &'a RawValue,
    /// Where the call belongs in its trace.
    #[serde(borrow)]
    pub trace: Trace<'a>,
    /// Whether progress frames are wanted.
    #[serde(default)]
    pub progress: bool,
}

/// Trace context of a call, in W3C form (lower-case hexadecimal).
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Trace<'a> {
    /// 32 digits, the same at every hop.
    #[serde(borrow)]
    pub trace_id: std::borrow::Cow<'a, str>,
    /// 16 digits, the tool worker's own span; made by the gateway, because a tool worker has no source of chance.
    #[serde(borrow)]
    pub span_id: std::borrow::Cow<'a, str>,
    /// 16 digits, the gateway's span.
    #[serde(borrow)]
    pub parent_id: std::borrow::Cow<'a, str>,
}

/// One line of a tool worker's answer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Frame<'a> {
    /// Work goes on.
    Progress(Progress),
    /// The end: what the call came to.
    #[serde(borrow)]
    Reply(Reply<'a>),
}

/// How far a call has come.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Progress {
    /// Work done, strictly increasing within a call.
    pub progress: f64,
    /// All work, when known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<f64>,
    /// What is being done, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
}

/// What a call came to.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply<'a> {
    /// The rendered report or error, a JSON string.
    #[serde(borrow)]
    pub text: &'a RawValue,
    /// The structured report; absent for errors.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub structured: Option<&'a RawValue>,
    /// Present when the call failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<CallError>,
}

/// Why a call failed, for programs; the sentence for the model is the reply's text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallError {
    /// The kind of failure.
    pub reason: Reason,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// JSON pointer of the argument at fault.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// When to try again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after_ms: Option<u32>,
}

/// Kinds of failure a model can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A field is missing, unknown, ill-typed or out of range.
    InvalidArgument,
    /// Over a documented limit.
    InputTooLarge,
    /// Unknown or expired handle.
    BlobNotFound,
    /// The worker is down or its breaker is open.
    CategoryUnavailable,
    /// The worker trapped, or answered something that is no answer.
    ToolFailed,
    /// Too many calls.
    RateLimited,
}

impl Reason {
    /// The fixed word used on the wire, in logs and in metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::InputTooLarge => "input_too_large",
            Self::BlobNotFound => "blob_not_found",
            Self::CategoryUnavailable => "category_unavailable",
            Self::ToolFailed => "tool_failed",
            Self::RateLimited => "rate_limited",
        }
    }
}

/// Splits a full tool name into its category and the tool's own name.
pub fn split_tool_name(name: &str) -> Option<(Category, &str)> {
    let (slug, tool) = name.split_once('_')?;
    Some((Category::from_slug(slug)?, tool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_json_crosses_untouched() {
        let wire = r#"{"v":1,"tool":"t","arguments":{ "b" : 1e400, "a":18446744073709551617 },"trace":{"traceId":"a","spanId":"b","parentId":"c"}}"#;
        let call: CallRequest<'_> = serde_json::from_str(wire).expect("parses");
        assert_eq!(call.arguments.get(), r#"{ "b" : 1e400, "a":18446744073709551617 }"#);
        assert!(!call.progress);
    }

    #[test]
    fn reason_codes_are_the_wire_words() {
        for reason in [
            Reason::InvalidArgument,
            Reason::InputTooLarge,
            Reason::BlobNotFound,
            Reason::CategoryUnavailable,
            Reason::ToolFailed,
            Reason::RateLimited,
        ] {
            assert_eq!(serde_json::to_value(reason).expect("serialises"), reason.code());
        }
    }

    #[test]
    fn splits_tool_names_at_the_category() {
        assert_eq!(split_tool_name("docker_lint_dockerfile"), Some((Category::Docker, "lint_dockerfile")));
        assert_eq!(split_tool_name("nope_x"), None);
        assert_eq!(split_tool_name("docker"), None);
    }
}

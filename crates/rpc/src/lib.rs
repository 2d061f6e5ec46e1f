//! The private contract between the gateway and a tool worker.
//!
//! The gateway POSTs one [`CallRequest`] as JSON. The worker answers 200 with [`Frame`]s, one JSON object a line, as they
//! happen: any number of progress and log frames when the request asked for them, then exactly one reply. Nothing here knows
//! HTTP headers or the platform, so the transport can change without touching a tool; of MCP it knows only what a worker may
//! hand through raw.
//!
//! Invariant: raw JSON (arguments, text, structured result, content) crosses untouched, as written by its author.

use octavo_category::Category;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Version of this contract; a worker refuses a request of another version.
pub const VERSION: u8 = 2;

/// The path a tool worker serves; every other path is 404.
pub const CALL_PATH: &str = "/call";

/// Longest arguments of one call, in bytes: the 24 MiB of text that may come by handle, and what escaping adds to it.
pub const MAX_ARGUMENTS_BYTES: usize = 32 * 1024 * 1024;

/// The path at which a worker beside the categories says what it has; see [`EXTRA_BINDING`].
pub const CATALOG_PATH: &str = "/catalog";

/// The gateway's binding of a worker beside the categories, if a deployment has one. Its catalogue is asked for once and
/// merged after the baked one; its tools are called by their whole names.
pub const EXTRA_BINDING: &str = "EXTRA_MCP_WORKER";

/// The header by which the gateway tells the tail worker whose key a caller has, where the tail worker answers a call itself:
/// [`PRINCIPAL_DIGITS`] lower-case hexadecimal digits. It never comes from outside.
pub const PRINCIPAL_HEADER: &str = "x-octavo-principal";

/// Digits of a principal: half of a keyed SHA-256.
pub const PRINCIPAL_DIGITS: usize = 32;

/// What a worker is asked for. The product's workers know calls only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// A tool call.
    #[default]
    Call,
    /// The contents of a resource.
    Read,
    /// The messages of a prompt.
    Prompt,
    /// Completions of an argument.
    Complete,
}

/// How a call stands to tasks: work that goes on after its request was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskMode {
    /// The caller waits for the answer.
    #[default]
    Never,
    /// The caller takes a task in place of an answer: a worker may reply with [`Reply::task`].
    Possible,
    /// The call is a task by now and does its work. Progress becomes the task's status message.
    Running,
}

impl TaskMode {
    /// Whether there is nothing to say of it.
    pub fn is_never(&self) -> bool {
        *self == Self::Never
    }
}

/// One call, as the gateway asks for it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRequest<'a> {
    /// Contract version, [`VERSION`].
    pub v: u8,
    /// What is asked for.
    #[serde(default)]
    pub ask: Ask,
    /// A call: the tool's name without its category, for example `lint_dockerfile`. A read: the URI. A prompt: its name.
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
    /// The least level of log frames wanted; none are when it is absent.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub log_level: Option<std::borrow::Cow<'a, str>>,
    /// What the client can do, a JSON object; nothing when absent.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub capabilities: Option<&'a RawValue>,
    /// The client's answers to an earlier reply's [`InputRequests`], a JSON object by the same keys.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub input_responses: Option<&'a RawValue>,
    /// The state that came with those requests.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub state: Option<std::borrow::Cow<'a, str>>,
    /// How the call stands to tasks.
    #[serde(skip_serializing_if = "TaskMode::is_never", default)]
    pub task: TaskMode,
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
    /// The caller's `tracestate`, as it came.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub state: Option<std::borrow::Cow<'a, str>>,
}

/// One line of a tool worker's answer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Frame<'a> {
    /// Work goes on.
    Progress(Progress),
    /// Something worth a client's log.
    #[serde(borrow)]
    Log(Log<'a>),
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

/// A message for the client's log.
#[derive(Debug, Deserialize, Serialize)]
pub struct Log<'a> {
    /// A syslog level.
    #[serde(borrow)]
    pub level: std::borrow::Cow<'a, str>,
    /// Who says it.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub logger: Option<std::borrow::Cow<'a, str>>,
    /// What is said, any JSON.
    #[serde(borrow)]
    pub data: &'a RawValue,
}

/// What a call came to: a text, or one of what stands beside it.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reply<'a> {
    /// The rendered report or error, a JSON string.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a RawValue>,
    /// The structured report; absent for errors.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub structured: Option<&'a RawValue>,
    /// Present when the call failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<CallError>,
    /// MCP content blocks in place of the text, a JSON array.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a RawValue>,
    /// What the client must answer before the call can go on.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub input: Option<InputRequests<'a>>,
    /// Capabilities that the client did not declare and the call needs, a JSON object.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub requires: Option<&'a RawValue>,
    /// The result of anything but a call, a JSON object.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub result: Option<&'a RawValue>,
    /// Whether there is no such resource or prompt.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_found: bool,
    /// Whether the call is to be made a task, and asked again as one; only where that is [possible](TaskMode::Possible).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub task: bool,
    /// Lists that the call changed: `tools`, `prompts`, `resources`.
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<std::borrow::Cow<'a, str>>,
}

/// Questions to the client.
#[derive(Debug, Deserialize, Serialize)]
pub struct InputRequests<'a> {
    /// Requests by key, a JSON object of `{method, params}`.
    #[serde(borrow)]
    pub requests: &'a RawValue,
    /// What the worker wants back with the answers.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    pub state: Option<std::borrow::Cow<'a, str>>,
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
        let wire = r#"{"v":2,"tool":"t","arguments":{ "b" : 1e400, "a":18446744073709551617 },"trace":{"traceId":"a","spanId":"b","parentId":"c"}}"#;
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

//! Between the private contract and MCP: the only file that names types of both.

use crate::methods::SERVER;
use octavo_mcp::{Version, call_result, progress_notification};
use octavo_rpc::{CallError, CallRequest, Frame, Reason, Trace, VERSION};
use serde_json::value::RawValue;

/// A finished `tools/call`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The result object, in the client's version.
    pub(crate) result: String,
    /// Progress notifications that came before it.
    pub(crate) notifications: Vec<String>,
    /// Why it failed, if it did.
    pub(crate) failure: Option<Reason>,
}

/// The request for the tool worker, and where in it the arguments start.
pub(crate) fn call_request(
    tool: &str,
    arguments: Option<&RawValue>,
    trace: Trace<'_>,
    progress: bool,
) -> (String, usize) {
    // Sloppy clients send null for "no arguments".
    let arguments = arguments.filter(|raw| raw.get() != "null").map_or("{}", RawValue::get);
    let head = serde_json::to_string(&CallRequest {
        v: VERSION,
        tool: tool.into(),
        arguments: RawValue::NULL,
        trace,
        progress,
    })
    .unwrap_or_default();
    // The arguments are pasted in as they are, so that megabytes of source are copied once and parsed by the worker alone.
    let (before, after) = head.split_once(r#""arguments":null"#).unwrap_or_default();
    let before = format!(r#"{before}"arguments":"#);
    let start = before.len();
    ([&before, arguments, after].concat(), start)
}

/// Reads a worker's frames into the client's version. `None` when they are no answer.
pub(crate) fn outcome(version: Version, frames: &[u8], token: Option<&RawValue>, trace_id: &str) -> Option<Outcome> {
    let text = std::str::from_utf8(frames).ok()?;
    let mut notifications = Vec::new();
    let mut last = 0.0;
    for line in text.lines().filter(|line| !line.is_empty()) {
        match serde_json::from_str::<Frame<'_>>(line).ok()? {
            Frame::Progress(progress) => {
                if let Some(token) = token.filter(|_| progress.progress > last) {
                    last = progress.progress;
                    let message = progress.message.as_deref();
                    notifications.push(progress_notification(
                        version,
                        token,
                        progress.progress,
                        progress.total,
                        message,
                    ));
                }
            }
            Frame::Reply(reply) => {
                let meta = reply.error.as_ref().map(|error| error_meta(error, trace_id));
                let structured = reply.structured.map(RawValue::get);
                let is_error = reply.error.is_some();
                let result = call_result(version, SERVER, reply.text.get(), structured, is_error, meta.as_deref());
                return Some(Outcome { result, notifications, failure: reply.error.map(|error| error.reason) });
            }
        }
    }
    None
}

/// The result of a call that the gateway answers itself.
pub(crate) fn answered(version: Version, text: &str, structured: &str) -> Outcome {
    let text = serde_json::to_string(text).unwrap_or_default();
    let result = call_result(version, SERVER, &text, Some(structured), false, None);
    Outcome { result, notifications: Vec::new(), failure: None }
}

/// The result of a call that never reached a tool.
pub(crate) fn failed(version: Version, sentence: &str, error: &CallError, trace_id: &str) -> Outcome {
    let text = serde_json::to_string(sentence).unwrap_or_default();
    let meta = error_meta(error, trace_id);
    let result = call_result(version, SERVER, &text, None, true, Some(&meta));
    Outcome { result, notifications: Vec::new(), failure: Some(error.reason) }
}

fn error_meta(error: &CallError, trace_id: &str) -> String {
    let error = serde_json::to_string(error).unwrap_or_default();
    format!(r#""dev.octavo/error":{error},"dev.octavo/traceId":"{trace_id}""#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).expect("test JSON")
    }

    #[test]
    fn arguments_cross_as_they_are() {
        let trace = Trace { trace_id: "t".into(), span_id: "s".into(), parent_id: "p".into() };
        let arguments = r#"{ "a" : "\"arguments\":null" }"#;
        let (request, start) = call_request("x_y", Some(raw(arguments)), trace.clone(), true);
        assert!(request[start..].starts_with(arguments));
        assert_eq!(
            request,
            r#"{"v":1,"tool":"x_y","arguments":{ "a" : "\"arguments\":null" },"trace":{"traceId":"t","spanId":"s","parentId":"p"},"progress":true}"#
        );
        assert!(call_request("x_y", Some(raw("null")), trace.clone(), false).0.contains(r#""arguments":{}"#));
        assert!(call_request("x_y", None, trace, false).0.contains(r#""arguments":{}"#));
    }

    #[test]
    fn frames_become_notifications_and_one_result() {
        let frames = br#"{"progress":{"progress":1.0}}
{"progress":{"progress":1.0}}
{"reply":{"text":"hi","structured":{"a":1}}}
"#;
        let outcome = outcome(Version::V2025_11_25, frames, Some(raw("7")), "t").expect("an answer");
        assert_eq!(outcome.notifications.len(), 1, "progress must increase");
        assert_eq!(
            outcome.result,
            r#"{"content":[{"type":"text","text":"hi"}],"structuredContent":{"a":1},"isError":false}"#
        );
    }

    #[test]
    fn garbage_is_no_answer() {
        for frames in [&b""[..], b"<html>", b"{}", b"\xff", b"{\"progress\":{\"progress\":1}}\n"] {
            assert_eq!(outcome(Version::V2025_11_25, frames, None, "t"), None);
        }
    }
}

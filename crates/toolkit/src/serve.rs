//! One call from bytes to bytes: what every tool worker does, without the platform.

use crate::registry::{Registry, Rendering};
use crate::suggest;
use crate::tool::Ctx;
use octavo_rpc::{CallError, CallRequest, Frame, Progress, Reason, Reply, VERSION};
use octavo_telemetry::{Kind, LogLine, Status};
use serde_json::value::{RawValue, to_raw_value};
use std::cell::RefCell;

/// The answer to one call and the line it leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Frames, one JSON object a line, the reply last.
    pub frames: String,
    /// The canonical log line.
    pub log_line: String,
}

/// Answers one [`CallRequest`]. Never fails: a request that cannot be read is answered with `tool_failed`.
///
/// `clock` gives milliseconds since the Unix epoch; `version` is the deployed version for the log.
pub fn serve(registry: &Registry, body: &[u8], clock: &dyn Fn() -> u64, version: Option<&str>) -> Served {
    let started = clock();
    let mut served = String::new();
    let request = match serde_json::from_slice::<CallRequest<'_>>(body) {
        Ok(request) if request.v == VERSION => request,
        Ok(_) | Err(_) => {
            let mut line = line_of(registry, None, started, version);
            push(&mut served, &failure("this worker does not understand the gateway's request", Reason::ToolFailed));
            finish(&mut line, Status::Exception, Some(Reason::ToolFailed), body, &served, clock() - started);
            return Served { frames: served, log_line: line.to_json() };
        }
    };
    let mut line = line_of(registry, Some(&request), started, version);
    let Some(tool) = registry.get(&request.tool) else {
        let names = registry.tools.iter().map(|tool| tool.declaration().name);
        let hint =
            suggest::nearest(&request.tool, names).map_or(String::new(), |name| format!("; did you mean {name}?"));
        let sentence = format!("this version of {} has no such tool{hint}", registry.category.row().worker);
        push(&mut served, &failure(&sentence, Reason::ToolFailed));
        finish(&mut line, Status::ToolError, Some(Reason::ToolFailed), body, &served, clock() - started);
        return Served { frames: served, log_line: line.to_json() };
    };
    line.tool = Some(registry.full_name(&tool.declaration()).into());

    let progress = RefCell::new(|progress: Progress| push(&mut served, &Frame::Progress(progress)));
    let ctx = if request.progress { Ctx::with_progress(&progress) } else { Ctx::silent() };
    let result = tool.call(registry.category, request.arguments, &ctx);
    let (status, reason) = match result {
        Ok(Rendering { text, structured }) => {
            let (text, structured) = (raw_string(&text), RawValue::from_string(structured).ok());
            let reply = Reply { text: &text, structured: structured.as_deref(), error: None };
            push(&mut served, &Frame::Reply(reply));
            (Status::Ok, None)
        }
        Err(error) => {
            let text = raw_string(&error.to_string());
            let reply = Reply { text: &text, structured: None, error: Some(error.to_call_error()) };
            push(&mut served, &Frame::Reply(reply));
            (Status::ToolError, Some(error.reason()))
        }
    };
    finish(&mut line, status, reason, body, &served, clock() - started);
    Served { frames: served, log_line: line.to_json() }
}

/// The answer to a call whose instance trapped: made by the fresh instance from the same request.
pub fn trapped(registry: &Registry, body: &[u8], now: u64, version: Option<&str>) -> Served {
    let request = serde_json::from_slice::<CallRequest<'_>>(body).ok();
    let mut line = line_of(registry, request.as_ref(), now, version);
    let known = request.as_ref().and_then(|request| registry.get(&request.tool));
    line.tool = known.map(|tool| registry.full_name(&tool.declaration()).into());
    let trace = request.as_ref().map_or("unknown", |request| request.trace.trace_id.as_ref());
    let sentence = format!(
        "the tool stopped unexpectedly on this input (trace {trace}); a smaller input may work, the same will not"
    );
    let mut frames = String::new();
    push(&mut frames, &failure(&sentence, Reason::ToolFailed));
    finish(&mut line, Status::Exception, Some(Reason::ToolFailed), body, &frames, 0);
    Served { frames, log_line: line.to_json() }
}

fn line_of<'a>(
    registry: &Registry,
    request: Option<&CallRequest<'a>>,
    ts: u64,
    version: Option<&'a str>,
) -> LogLine<'a> {
    let trace = request.map(|request| request.trace.clone()).unwrap_or_default();
    let mut line = LogLine::new(registry.category.row().worker, Kind::Tool, ts, trace.trace_id, trace.span_id);
    line.parent_id = Some(trace.parent_id).filter(|id| !id.is_empty());
    line.version = version.map(Into::into);
    line
}

fn finish(line: &mut LogLine<'_>, status: Status, reason: Option<Reason>, body: &[u8], frames: &str, dur_ms: u64) {
    line.status = status;
    line.error_type = reason.map(|reason| reason.code().into());
    line.dur_ms = dur_ms;
    line.in_bytes = body.len() as u64;
    line.out_bytes = frames.len() as u64;
}

// An owned failure reply, as a JSON value that serialises like `Frame::Reply`.
fn failure(sentence: &str, reason: Reason) -> serde_json::Value {
    let error = CallError { reason, retryable: false, path: None, retry_after_ms: None };
    serde_json::json!({ "reply": { "text": sentence, "error": error } })
}

fn push(frames: &mut String, frame: &impl serde::Serialize) {
    if let Ok(frame) = serde_json::to_string(frame) {
        frames.push_str(&frame);
        frames.push('\n');
    }
}

fn raw_string(text: &str) -> Box<RawValue> {
    // A string always serialises; an empty object stands in for the impossible.
    to_raw_value(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Category, Report, Rule, Tool, ToolError, declare_tool};
    use serde::Deserialize;

    declare_tool! {
        /// Counts characters.
        struct CountCharacters;
        name: "count_characters",
        title: "Count characters",
        summary: "Counts characters.",
        keywords: "",
        examples: ["one" => r#"{"source":"a"}"#],
        rules: &[] as &[Rule],
        not_checked: [],
    }

    #[derive(Deserialize)]
    #[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    struct Input {
        /// The text.
        source: String,
    }

    impl Tool for CountCharacters {
        type Input = Input;
        type Data = usize;
        fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<usize>, ToolError> {
            ctx.progress(1, 2, "counting");
            Ok(Report::computed("counted", input.source.chars().count()))
        }
    }

    const REGISTRY: Registry = Registry { category: Category::Quality, tools: &[&CountCharacters] };

    fn call(tool: &str, arguments: &str, progress: bool) -> Served {
        let body = format!(
            r#"{{"v":1,"tool":"{tool}","arguments":{arguments},"trace":{{"traceId":"t","spanId":"s","parentId":"p"}},"progress":{progress}}}"#
        );
        serve(&REGISTRY, body.as_bytes(), &|| 5, None)
    }

    #[test]
    fn answers_with_one_reply_and_one_line() {
        let served = call("count_characters", r#"{"source":"abc"}"#, false);
        let mut lines = served.frames.lines();
        let Ok(Frame::Reply(reply)) = serde_json::from_str(lines.next().expect("a frame")) else { panic!("no reply") };
        assert_eq!(reply.text.get(), r#""info: counted\ndata: 3""#);
        assert!(reply.structured.expect("structured").get().contains(r#""data":3"#));
        assert_eq!(lines.next(), None);
        let line = LogLine::parse(&served.log_line).expect("canonical");
        assert_eq!(line.tool.as_deref(), Some("quality_count_characters"));
        assert_eq!((line.trace_id.as_ref(), line.span_id.as_ref(), line.parent_id.as_deref()), ("t", "s", Some("p")));
    }

    #[test]
    fn progress_comes_before_the_reply_when_asked_for() {
        let served = call("count_characters", r#"{"source":"abc"}"#, true);
        assert_eq!(served.frames.lines().count(), 2);
        assert!(served.frames.starts_with(r#"{"progress":{"progress":1.0,"total":2.0,"message":"counting"}}"#));
    }

    #[test]
    fn bad_arguments_name_the_field() {
        let served = call("count_characters", r#"{"sorce":"x"}"#, false);
        assert!(served.frames.contains("did you mean \\\"source\\\"?"), "{}", served.frames);
        assert!(served.frames.contains(r#""reason":"invalid_argument""#));
        assert_eq!(LogLine::parse(&served.log_line).expect("canonical").status, Status::ToolError);
    }

    #[test]
    fn garbage_is_answered_not_dropped() {
        for body in [&b""[..], b"{", b"\xff\xfe", br#"{"v":9}"#] {
            let served = serve(&REGISTRY, body, &|| 5, None);
            assert!(served.frames.contains("tool_failed"));
            assert!(LogLine::parse(&served.log_line).is_some());
            assert!(trapped(&REGISTRY, body, 5, None).frames.contains("tool_failed"));
        }
        assert!(call("count_character", "{}", false).frames.contains("did you mean count_characters"));
    }
}

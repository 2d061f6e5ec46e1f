//! Between the private contract and MCP: the only file that names types of both.

use crate::cache::Cached;
use crate::methods::SERVER;
use octavo_mcp::{
    CacheScope, Content, ErrorCode, Params, RpcError, Version, call_result, complete_result, input_required_result,
    log_notification, progress_notification, with_server_info,
};
use octavo_rpc::{Ask, CallError, CallRequest, Frame, InputRequests, Reason, Reply, TaskMode, Trace, VERSION};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Why a tool worker gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is not bound, or could not be reached.
    Unavailable,
    /// It failed so often that it is left alone for so many milliseconds.
    LeftAlone(u64),
    /// It said nothing for so many milliseconds.
    Overdue(u64),
    /// It answered something that is no answer.
    Garbage,
}

/// When to try a worker again that could not be reached.
const RETRY_AFTER_MS: u32 = 5_000;

/// What a request that was forwarded comes to.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The result object in the client's version, or a protocol error.
    pub(crate) result: Result<String, RpcError>,
    /// Why a call failed, if it did.
    pub(crate) failure: Option<Reason>,
    /// Lists that the call changed.
    pub(crate) changed: Vec<String>,
}

impl Outcome {
    pub(crate) fn of(result: String) -> Self {
        Self { result: Ok(result), failure: None, changed: Vec::new() }
    }

    pub(crate) fn error(error: RpcError) -> Self {
        Self { result: Err(error), failure: None, changed: Vec::new() }
    }

    // Of a call that needs a capability which the client did not declare.
    fn lacking(capability: &str) -> Self {
        let required = format!(r#"{{"{capability}":{{}}}}"#);
        Self::error(RawValue::from_string(required).map_or_else(
            |_| RpcError::new(ErrorCode::MissingCapability, capability),
            |required| RpcError::missing_capability(&required),
        ))
    }
}

/// What a worker is asked, beside the arguments.
#[derive(Debug)]
pub(crate) struct Asking<'a> {
    /// What for.
    pub(crate) ask: Ask,
    /// The tool's own name, the URI or the prompt's name.
    pub(crate) name: &'a str,
    /// Where it belongs.
    pub(crate) trace: Trace<'a>,
    /// Whether progress is wanted.
    pub(crate) progress: bool,
    /// The least level of log messages wanted.
    pub(crate) log_level: Option<&'a str>,
    /// What the client can do.
    pub(crate) capabilities: Option<&'a RawValue>,
    /// The client's answers to an earlier result.
    pub(crate) input_responses: Option<&'a RawValue>,
    /// The state of that result, unsealed.
    pub(crate) state: Option<&'a str>,
    /// How the call stands to tasks.
    pub(crate) task: TaskMode,
}

/// A request for a worker.
#[derive(Debug)]
pub(crate) struct Written {
    /// The whole of it.
    pub(crate) body: String,
    /// Where in it the arguments start.
    pub(crate) arguments: usize,
    /// Where in it the [tail] starts, which another round replaces.
    pub(crate) tail: usize,
}

/// The request for the worker.
pub(crate) fn call_request(asking: &Asking<'_>, arguments: Option<&RawValue>) -> Written {
    // Sloppy clients send null for "no arguments".
    let arguments = arguments.filter(|raw| raw.get() != "null").map_or("{}", RawValue::get);
    let head = serde_json::to_string(&CallRequest {
        v: VERSION,
        ask: asking.ask,
        tool: asking.name.into(),
        arguments: RawValue::NULL,
        trace: asking.trace.clone(),
        progress: asking.progress,
        log_level: asking.log_level.map(Into::into),
        capabilities: asking.capabilities,
        input_responses: None,
        state: None,
        task: TaskMode::Never,
    })
    .unwrap_or_default();
    // The arguments are pasted in as they are, so that megabytes of source are copied once and parsed by the worker alone.
    let (before, after) = head.split_once(r#""arguments":null"#).unwrap_or_default();
    let before = format!(r#"{before}"arguments":"#);
    let after = after.strip_suffix('}').unwrap_or_default();
    let tail = tail(asking.input_responses, asking.state, asking.task);
    let body = [&before, arguments, after, &tail].concat();
    Written { arguments: before.len(), tail: body.len() - tail.len(), body }
}

/// The end of a request for a worker: what differs between the rounds of one call.
pub(crate) fn tail(input_responses: Option<&RawValue>, state: Option<&str>, task: TaskMode) -> String {
    let mut tail = String::new();
    if let Some(responses) = input_responses {
        tail.extend([r#","inputResponses":"#, responses.get()]);
    }
    if let Some(state) = state {
        tail.extend([r#","state":"#, &Value::from(state).to_string()]);
    }
    if !task.is_never() {
        tail.extend([r#","task":"#, &serde_json::to_string(&task).unwrap_or_default()]);
    }
    tail.push('}');
    tail
}

/// What a client hears of a call before its end.
#[derive(Debug)]
pub(crate) struct Listening {
    token: Option<Box<RawValue>>,
    logs: bool,
    // Progress must increase; it may start at zero.
    last: f64,
}

impl Listening {
    /// To progress under this token, and to log messages if so.
    pub(crate) fn new(token: Option<Box<RawValue>>, logs: bool) -> Self {
        Self { token, logs, last: f64::NEG_INFINITY }
    }
}

/// What was asked, for reading the reply.
pub(crate) struct Asked<'a> {
    pub(crate) version: Version,
    pub(crate) ask: Ask,
    pub(crate) name: &'a str,
    pub(crate) capabilities: Option<&'a RawValue>,
    pub(crate) trace_id: &'a str,
    /// Whether the client can be asked while the call goes on: on its own stream, or as a task.
    pub(crate) on_stream: bool,
    /// Whether the worker may say that the call is to be a task.
    pub(crate) may_be_task: bool,
    /// Seals a worker's state.
    pub(crate) seal: &'a dyn Fn(&str) -> String,
    /// What the cache said, where one was asked.
    pub(crate) cached: Option<Cached>,
}

/// One frame, as the client is to hear it.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A notification, if the client listens to it.
    Notification(Option<String>),
    /// The end.
    Done(Outcome),
    /// Questions to a client that is asked while the call goes on, by key, and the state that goes with them.
    Asks(Box<RawValue>, Option<String>),
    /// The call is to be made a task.
    Task,
}

/// Reads one frame into the client's version. `None` when it is none.
pub(crate) fn frame(line: &str, asked: &Asked<'_>, listening: &mut Listening) -> Option<Heard> {
    match serde_json::from_str::<Frame<'_>>(line).ok()? {
        Frame::Progress(progress) => {
            let token = listening.token.as_deref().filter(|_| progress.progress > listening.last);
            let notification = token.map(|token| {
                let message = progress.message.as_deref();
                progress_notification(asked.version, token, progress.progress, progress.total, message)
            });
            listening.last = listening.last.max(progress.progress);
            Some(Heard::Notification(notification))
        }
        Frame::Log(log) => {
            let message = || log_notification(&log.level, log.logger.as_deref(), log.data.get());
            Some(Heard::Notification(listening.logs.then(message)))
        }
        Frame::Reply(Reply { task: true, .. }) => asked.may_be_task.then_some(Heard::Task),
        Frame::Reply(Reply { input: Some(input), .. }) if asked.on_stream => match lacking(input.requests, asked) {
            None => Some(Heard::Asks(input.requests.to_owned(), input.state.map(Into::into))),
            Some(capability) if asked.version.is_modern() => Some(Heard::Done(Outcome::lacking(capability))),
            Some(capability) => {
                let sentence = format!("this call needs `{capability}`, which the client did not declare");
                Some(Heard::Done(failed(asked.version, &sentence, &cannot_be_asked(), asked.trace_id)))
            }
        },
        Frame::Reply(reply) => outcome(&reply, asked).map(Heard::Done),
    }
}

fn outcome(reply: &Reply<'_>, asked: &Asked<'_>) -> Option<Outcome> {
    let Asked { version, .. } = *asked;
    if let Some(requires) = reply.requires {
        return Some(missing(requires, asked));
    }
    if let Some(InputRequests { requests, state }) = &reply.input {
        return Some(input_required(requests, state.as_deref(), asked));
    }
    match asked.ask {
        Ask::Call => {
            let cached = asked.cached.map(Cached::meta);
            let meta = reply.error.as_ref().map(|error| error_meta(error, asked.trace_id)).or(cached);
            let structured = reply.structured.map(RawValue::get);
            let blocks = reply.content.map(|blocks| Content::Blocks(blocks.get()));
            let content = blocks.or(reply.text.map(|text| Content::Text(text.get())))?;
            let result = call_result(version, SERVER, content, structured, reply.error.is_some(), meta.as_deref());
            let failure = reply.error.as_ref().map(|error| error.reason);
            let changed = reply.changed.iter().map(|list| list.clone().into_owned()).collect();
            Some(Outcome { result: Ok(result), failure, changed })
        }
        Ask::Read | Ask::Prompt | Ask::Complete => {
            if reply.not_found && asked.ask == Ask::Read {
                return Some(Outcome::error(RpcError::unknown_resource(version, asked.name)));
            }
            if reply.not_found || reply.error.is_some() {
                let sentence = reply.text.and_then(|text| Params::text(Some(text)));
                let sentence = sentence.unwrap_or_else(|| "unknown name".into());
                return Some(Outcome::error(RpcError::new(
                    ErrorCode::InvalidParams,
                    format!("Invalid params: {sentence}"),
                )));
            }
            let members = reply.result?.get().trim().strip_prefix('{')?.strip_suffix('}')?;
            Some(Outcome::of(if asked.ask == Ask::Read {
                with_server_info(version, members, SERVER, 0, CacheScope::Private)
            } else {
                complete_result(version, members, SERVER)
            }))
        }
    }
}

fn missing(capabilities: &RawValue, asked: &Asked<'_>) -> Outcome {
    if asked.version.is_modern() {
        return Outcome::error(RpcError::missing_capability(capabilities));
    }
    let sentence = "this call needs a capability that the client did not declare";
    failed(asked.version, sentence, &cannot_be_asked(), asked.trace_id)
}

fn input_required(requests: &RawValue, state: Option<&str>, asked: &Asked<'_>) -> Outcome {
    if !asked.version.is_modern() {
        let sentence =
            "this call must ask the user something, which clients of this protocol version cannot be asked here";
        return failed(asked.version, sentence, &cannot_be_asked(), asked.trace_id);
    }
    if let Some(capability) = lacking(requests, asked) {
        return Outcome::lacking(capability);
    }
    Outcome::of(input_required_result(SERVER, requests.get(), state.map(asked.seal).as_deref()))
}

// The first capability that the questions need and the client did not declare.
fn lacking(requests: &RawValue, asked: &Asked<'_>) -> Option<&'static str> {
    let declared: BTreeMap<String, &RawValue> =
        asked.capabilities.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let requests: BTreeMap<String, Value> = serde_json::from_str(requests.get()).unwrap_or_default();
    requests.values().find_map(|request| {
        let method = request["method"].as_str()?;
        let needed =
            [("elicitation/create", "elicitation"), ("sampling/createMessage", "sampling"), ("roots/list", "roots")];
        let (_, capability) = needed.into_iter().find(|(known, _)| *known == method)?;
        (!declared.contains_key(capability)).then_some(capability)
    })
}

fn cannot_be_asked() -> CallError {
    CallError { reason: Reason::ToolFailed, retryable: false, path: None, retry_after_ms: None }
}

/// The result of a call that the gateway answers itself.
pub(crate) fn answered(version: Version, text: &str, structured: &str) -> Outcome {
    let text = serde_json::to_string(text).unwrap_or_default();
    Outcome::of(call_result(version, SERVER, Content::Text(&text), Some(structured), false, None))
}

/// What a worker's frame says of how far it is, if it does.
pub(crate) fn progress_message(line: &str) -> Option<String> {
    let Frame::Progress(progress) = serde_json::from_str::<Frame<'_>>(line).ok()? else { return None };
    let done = progress.progress;
    let count = progress.total.map_or_else(|| done.to_string(), |total| format!("{done} of {total}"));
    Some(progress.message.map_or_else(|| count.clone(), |message| format!("{message} ({count})")))
}

/// What a request comes to whose worker gave no answer; `title` is what the worker's tools are called.
pub(crate) fn without_answer(version: Version, ask: Ask, title: &str, failure: Failure, trace_id: &str) -> Outcome {
    let (sentence, reason, retry_after_ms) = match failure {
        Failure::Unavailable => (
            format!(
                "the {title} tools cannot be reached right now; the tools of the other categories still work, try these again in a few seconds"
            ),
            Reason::CategoryUnavailable,
            Some(RETRY_AFTER_MS),
        ),
        Failure::LeftAlone(for_ms) => (
            format!(
                "the {title} tools failed several times in a row and are left alone for a while; the tools of the other categories still work, try these again in {} s",
                for_ms.div_ceil(1_000)
            ),
            Reason::CategoryUnavailable,
            Some(u32::try_from(for_ms).unwrap_or(u32::MAX)),
        ),
        Failure::Overdue(after_ms) => (
            format!(
                "the {title} worker did not answer within {} s and was given up; the tools of the other categories still work, try this one again in a few seconds, with a smaller input if it was large",
                after_ms.div_ceil(1_000)
            ),
            Reason::CategoryUnavailable,
            Some(RETRY_AFTER_MS),
        ),
        Failure::Garbage => {
            (format!("the {title} worker gave no usable answer (trace {trace_id})"), Reason::ToolFailed, None)
        }
    };
    if ask == Ask::Call {
        let error = CallError { reason, retryable: retry_after_ms.is_some(), path: None, retry_after_ms };
        return failed(version, &sentence, &error, trace_id);
    }
    let result = Err(RpcError::new(ErrorCode::InternalError, sentence));
    Outcome { result, failure: Some(reason), changed: Vec::new() }
}

/// The result of a call that never reached a tool.
pub(crate) fn failed(version: Version, sentence: &str, error: &CallError, trace_id: &str) -> Outcome {
    let text = serde_json::to_string(sentence).unwrap_or_default();
    let meta = error_meta(error, trace_id);
    let result = call_result(version, SERVER, Content::Text(&text), None, true, Some(&meta));
    Outcome { failure: Some(error.reason), ..Outcome::of(result) }
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

    fn asking<'a>() -> Asking<'a> {
        let trace = Trace { trace_id: "t".into(), span_id: "s".into(), parent_id: "p".into(), state: None };
        let ask = Ask::Call;
        Asking {
            ask,
            name: "x_y",
            trace,
            progress: true,
            log_level: None,
            capabilities: None,
            input_responses: None,
            state: None,
            task: TaskMode::Never,
        }
    }

    fn asked(version: Version, capabilities: Option<&RawValue>) -> Asked<'_> {
        Asked {
            version,
            ask: Ask::Call,
            name: "x_y",
            capabilities,
            trace_id: "t",
            on_stream: false,
            may_be_task: false,
            seal: &|state| format!("<{state}>"),
            cached: None,
        }
    }

    #[test]
    fn arguments_cross_as_they_are() {
        let Written { body, arguments, .. } = call_request(&asking(), Some(raw(r#"{ "a" : "\"arguments\":null" }"#)));
        assert_eq!(
            body,
            r#"{"v":2,"ask":"call","tool":"x_y","arguments":{ "a" : "\"arguments\":null" },"trace":{"traceId":"t","spanId":"s","parentId":"p"},"progress":true}"#
        );
        assert!(body[arguments..].starts_with("{ \"a\""));
        for nothing in [Some(raw("null")), None] {
            assert!(call_request(&asking(), nothing).body.contains(r#""arguments":{}"#));
        }
    }

    #[test]
    fn the_tail_is_what_differs_between_rounds() {
        let responses = raw(r#"{"k":1}"#);
        let (input_responses, state, task) = (Some(responses), Some("s\"t"), TaskMode::Possible);
        let Written { body, tail, .. } = call_request(&Asking { input_responses, state, task, ..asking() }, None);
        assert_eq!(&body[tail..], r#","inputResponses":{"k":1},"state":"s\"t","task":"possible"}"#);
        let request: CallRequest<'_> = serde_json::from_str(&body).expect("a request");
        assert_eq!((request.state.as_deref(), request.task), (Some("s\"t"), TaskMode::Possible));
        let next = format!("{}{}", &body[..tail], super::tail(None, None, TaskMode::Running));
        let request: CallRequest<'_> = serde_json::from_str(&next).expect("a request");
        assert!(request.input_responses.is_none() && request.task == TaskMode::Running);
    }

    #[test]
    fn a_call_becomes_a_task_where_it_may() {
        let line = r#"{"reply":{"task":true}}"#;
        let may = Asked { may_be_task: true, ..asked(Version::V2026_07_28, None) };
        assert!(matches!(frame(line, &may, &mut Listening::new(None, false)), Some(Heard::Task)));
        let never = asked(Version::V2026_07_28, None);
        assert!(frame(line, &never, &mut Listening::new(None, false)).is_none());
    }

    #[test]
    fn frames_become_notifications_and_one_result() {
        let mut listening = Listening::new(Some(raw("7").to_owned()), false);
        let asked = asked(Version::V2025_11_25, None);
        let mut heard = |line| frame(line, &asked, &mut listening);
        assert!(matches!(heard(r#"{"progress":{"progress":0.0}}"#), Some(Heard::Notification(Some(_)))));
        let progress = r#"{"progress":{"progress":1.0}}"#;
        assert!(matches!(heard(progress), Some(Heard::Notification(Some(_)))));
        assert!(matches!(heard(progress), Some(Heard::Notification(None))), "progress must increase");
        let log = r#"{"log":{"level":"info","data":1}}"#;
        assert!(matches!(heard(log), Some(Heard::Notification(None))), "nobody asked for the log");
        let done = heard(r#"{"reply":{"text":"hi","structured":{"a":1}}}"#);
        let Some(Heard::Done(outcome)) = done else { panic!("{done:?}") };
        assert_eq!(
            outcome.result.as_deref(),
            Ok(r#"{"content":[{"type":"text","text":"hi"}],"structuredContent":{"a":1},"isError":false}"#)
        );
    }

    #[test]
    fn questions_go_to_clients_that_can_be_asked() {
        let reply = r#"{"reply":{"input":{"requests":{"k":{"method":"elicitation/create","params":{}}},"state":"s"}}}"#;
        let ask =
            |version, capabilities| match frame(reply, &asked(version, capabilities), &mut Listening::new(None, false))
            {
                Some(Heard::Done(outcome)) => outcome,
                other => panic!("{other:?}"),
            };
        let able = ask(Version::V2026_07_28, Some(raw(r#"{"elicitation":{}}"#)));
        let result: Value = serde_json::from_str(&able.result.expect("a result")).expect("JSON");
        assert_eq!((&result["resultType"], &result["requestState"]), (&"input_required".into(), &"<s>".into()));
        let unable = ask(Version::V2026_07_28, Some(raw("{}"))).result.expect_err("refused");
        assert_eq!(unable.code, ErrorCode::MissingCapability);
        assert_eq!(unable.data, Some(serde_json::json!({ "requiredCapabilities": { "elicitation": {} } })));
        assert_eq!(ask(Version::V2025_11_25, None).failure, Some(Reason::ToolFailed));
    }

    #[test]
    fn garbage_is_no_answer() {
        let asked = asked(Version::V2025_11_25, None);
        for line in ["", "<html>", "{}", r#"{"reply":{}}"#] {
            assert!(frame(line, &asked, &mut Listening::new(None, false)).is_none(), "{line}");
        }
    }
}

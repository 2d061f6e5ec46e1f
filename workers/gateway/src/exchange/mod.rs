//! One POST to the MCP endpoint, from bytes to bytes, without IO.

use crate::blob::{BLOBS_PATH, BlobError, BlobSize, Named, Splice, StoreFault};
use crate::config::Config;
use crate::convert::{self, Outcome};
use crate::era::{self, Placed};
use crate::headers::Headers;
use crate::search::{MetaTool, Step};
use crate::{methods, prompts, resources};
use octavo_catalog::{Scope, ScopeError, Selection};
use octavo_category::{Category, GATEWAY_WORKER};
use octavo_mcp::{
    ClientInfo, ErrorCode, Message, Params, Request, RpcError, Version, error_response, event, parse, response,
};
use octavo_rpc::{CallError, Reason, Trace, split_tool_name};
use octavo_telemetry::{IdSource, Kind, LogLine, SpanId, Status, TraceContext, TraceId, label};
use serde_json::value::RawValue;

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The URL's path and query.
    pub path: &'a str,
    /// Headers, one `name:value` a line.
    pub headers: &'a str,
    /// The body; `None` when it was over [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    pub body: Option<&'a [u8]>,
    /// Milliseconds since the Unix epoch.
    pub now_ms: u64,
}

/// An answer for the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// The origin to allow, when the request came from an allowed page.
    pub allow_origin: Option<String>,
}

/// What to ask a tool worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The service binding to ask.
    pub category: Category,
    /// The request's body, with handles where blobs belong.
    pub body: String,
    /// The handles in it, first to last, each to be replaced by its blob's text.
    pub splices: Vec<Splice>,
}

/// Why a tool worker gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is not bound, or could not be reached.
    Unavailable,
    /// It answered something that is no answer.
    Garbage,
}

/// One request on its way through the gateway.
#[derive(Debug)]
pub struct Exchange {
    log: LogLine<'static>,
    allow_origin: Option<String>,
    batch: InBatch,
    state: State,
}

// What a request has to do with batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InBatch {
    // It came alone.
    No,
    // It is the batch: its parts leave the log lines.
    Whole,
    // It is one of a batch, whose replies are one JSON array.
    Part,
}

#[derive(Debug)]
enum State {
    Asking(Box<Call>),
    // The requests of a batch, to be answered each by itself.
    Batch(Vec<Exchange>),
    Answered(Reply),
}

// A tools/call that waits for its worker.
#[derive(Debug)]
struct Call {
    id: Box<RawValue>,
    version: Version,
    token: Option<Box<RawValue>>,
    streams: bool,
    forward: Forward,
    // Until its blobs are found.
    waiting: Option<Waiting>,
}

// The blobs that a call waits for, and how long its arguments are without them.
#[derive(Debug)]
struct Waiting {
    named: Named,
    arguments: usize,
}

const JSON: &str = "application/json";
const SSE: &str = "text/event-stream";

impl Exchange {
    /// Reads a request. Afterwards [`blobs`](Self::blobs) says what to fetch, [`forward`](Self::forward) says whom to ask,
    /// or the reply is there.
    pub fn open(arrival: Arrival<'_>, config: &Config, ids: &mut IdSource) -> Self {
        let headers = Headers::new(arrival.headers);
        let context = headers.get("traceparent").and_then(TraceContext::parse);
        let mut log = new_line(context, arrival.now_ms, ids);
        log.version = config.version.clone().map(Into::into);
        log.in_bytes = arrival.body.map_or(0, <[u8]>::len) as u64;
        let origin = headers.get("origin");
        let allow_origin = origin.filter(|origin| config.allows_origin(origin)).map(str::to_owned);
        let mut exchange = Self { log, allow_origin, batch: InBatch::No, state: State::Answered(Reply::default()) };
        let Some(body) = arrival.body else {
            let message = format!(
                "Request body over {} bytes; upload a long text with PUT {BLOBS_PATH} and pass its handle instead",
                crate::MAX_BODY_BYTES
            );
            exchange.refuse(None, 413, &RpcError::new(ErrorCode::InvalidRequest, message));
            return exchange;
        };
        if origin.is_some() && exchange.allow_origin.is_none() {
            exchange.refuse(
                None,
                403,
                &RpcError::new(ErrorCode::InvalidRequest, "Origin not allowed; see ALLOWED_ORIGINS"),
            );
        } else if !headers.is_json() {
            exchange.refuse(
                None,
                415,
                &RpcError::new(ErrorCode::InvalidRequest, "Content-Type must be application/json"),
            );
        } else if !headers.accepts(JSON) && !headers.accepts(SSE) {
            let message = "Accept must allow application/json or text/event-stream";
            exchange.refuse(None, 406, &RpcError::new(ErrorCode::InvalidRequest, message));
        } else {
            exchange.read(arrival.path, headers, body, ids);
        }
        exchange
    }

    fn read(&mut self, target: &str, headers: Headers<'_>, body: &[u8], ids: &mut IdSource) {
        let message = parse(body);
        let scope = match scope_of(target, headers) {
            Ok(scope) => scope,
            Err((status, error)) => {
                let id = match &message {
                    Ok(Message::Request(request)) => Some(request.id),
                    Ok(Message::Notification(_) | Message::Response | Message::Batch(_)) => None,
                    Err((id, _)) => *id,
                };
                return self.refuse(id, status, &error);
            }
        };
        match message {
            Err((id, error)) => self.refuse(id, 400, &error),
            Ok(Message::Notification(_) | Message::Response) => self.accept(),
            Ok(Message::Batch(items)) => self.read_batch(&items, &scope, headers, ids),
            Ok(Message::Request(request)) => match era::place(&request.envelope, headers) {
                Err((status, error)) => self.refuse(Some(request.id), status, &error),
                Ok(placed) => self.dispatch(&request, &placed, &scope, headers, ids),
            },
        }
    }

    // Batches are of 2025-03-26 alone, which is also the version of a request without the version's header.
    fn read_batch(&mut self, items: &[&RawValue], scope: &Scope, headers: Headers<'_>, ids: &mut IdSource) {
        let version = headers.get("mcp-protocol-version");
        let fault = if version.is_some_and(|version| version != Version::V2025_03_26.as_str()) {
            Some("send one message per POST".to_owned())
        } else if items.is_empty() || items.len() > MAX_BATCH {
            Some(format!("a batch has 1 to {MAX_BATCH} messages"))
        } else {
            None
        };
        if let Some(fault) = fault {
            let error = RpcError::new(ErrorCode::InvalidRequest, format!("Invalid request: {fault}"));
            return self.refuse(None, 400, &error);
        }
        let mut parts = Vec::new();
        for item in items {
            let (id, refused) = match parse(item.get().as_bytes()) {
                Ok(Message::Notification(_) | Message::Response) => continue,
                Ok(Message::Batch(_)) => {
                    (None, RpcError::new(ErrorCode::InvalidRequest, "Invalid request: a batch inside a batch"))
                }
                Err((id, error)) => (id, error),
                Ok(Message::Request(request)) if era::claims_modern(&request.envelope) => {
                    let message = "Invalid request: a request of 2026-07-28 is not part of a batch";
                    return self.refuse(None, 400, &RpcError::new(ErrorCode::InvalidRequest, message));
                }
                Ok(Message::Request(request)) => match era::place(&request.envelope, headers) {
                    Ok(placed) if request.envelope.method != "initialize" => {
                        let mut part = self.part(ids);
                        part.dispatch(&request, &placed, scope, headers, ids);
                        parts.push(part);
                        continue;
                    }
                    Ok(_) => {
                        let message = "Invalid request: `initialize` must not be part of a batch";
                        (Some(request.id), RpcError::new(ErrorCode::InvalidRequest, message))
                    }
                    Err((_, error)) => (Some(request.id), error),
                },
            };
            let mut part = self.part(ids);
            part.refuse(id, 200, &refused);
            parts.push(part);
        }
        if parts.is_empty() {
            return self.accept();
        }
        self.batch = InBatch::Whole;
        self.state = State::Batch(parts);
    }

    // One request of this batch, with a span of its own in the same trace.
    fn part(&self, ids: &mut IdSource) -> Self {
        let mut log = self.log.clone();
        log.span_id = ids.span_id().to_string().into();
        Self { log, allow_origin: None, batch: InBatch::Part, state: State::Answered(Reply::default()) }
    }

    /// The requests of a batch, each to be answered by itself; none when this is a single request.
    pub fn take_parts(&mut self) -> Vec<Self> {
        match &mut self.state {
            State::Batch(parts) => std::mem::take(parts),
            State::Asking(_) | State::Answered(_) => Vec::new(),
        }
    }

    /// Takes the bodies of the parts' replies, in their order.
    pub fn joined(&mut self, bodies: &[String]) {
        self.reply_with(200, JSON, format!("[{}]", bodies.join(",")));
    }

    fn dispatch(
        &mut self,
        request: &Request<'_>,
        placed: &Placed<'_>,
        scope: &Scope,
        headers: Headers<'_>,
        ids: &mut IdSource,
    ) {
        let Placed { version, params, meta } = placed;
        let client = ClientInfo::parse(meta.client_info.or(params.client_info));
        self.log.client = Some(label(&client.name).into()).filter(|name: &std::borrow::Cow<'_, str>| !name.is_empty());
        self.log.client_version =
            Some(label(&client.version).into()).filter(|v: &std::borrow::Cow<'_, str>| !v.is_empty());
        self.log.protocol = Some(version.as_str().into());
        if let Some(context) = meta.traceparent().as_deref().and_then(TraceContext::parse) {
            self.log.trace_id = context.trace_id.to_string().into();
            self.log.parent_id = Some(context.parent_id.to_string().into());
        }
        let method = request.envelope.method.as_ref();
        let known = KNOWN_METHODS.iter().find(|known| **known == method);
        self.log.method = Some(known.copied().unwrap_or("other").into());
        match (method, version.is_modern()) {
            ("tools/call", _) => self.call(request.id, placed, scope, headers, ids),
            (method, _) if is_list(method) && params.cursor.is_some_and(|cursor| cursor.get() != "null") => {
                let error =
                    RpcError::new(ErrorCode::InvalidParams, "Invalid params: unknown cursor; the list has one page");
                self.fail(request.id, *version, &error);
            }
            ("tools/list", _) => self.answer(request.id, &methods::list_tools(*version, scope)),
            ("resources/list", _) => self.answer(request.id, &resources::list(*version, scope)),
            ("resources/templates/list", _) => self.answer(request.id, &resources::templates(*version, scope)),
            ("resources/read", _) => {
                self.answer_or_fail(request.id, *version, resources::read(*version, scope, params));
            }
            ("prompts/list", _) => self.answer(request.id, &prompts::list(*version, scope)),
            ("prompts/get", _) => self.answer_or_fail(request.id, *version, prompts::get(*version, scope, params)),
            ("server/discover", true) => self.answer(request.id, &methods::discover()),
            ("initialize", false) => {
                let requested = Params::text(params.protocol_version);
                let (version, result) = methods::initialize(requested.as_deref());
                self.log.protocol = Some(version.as_str().into());
                self.answer(request.id, &result);
            }
            ("ping", false) => self.answer(request.id, "{}"),
            _ => {
                let message = format!("Method not found in version {version}");
                self.fail(request.id, *version, &RpcError::new(ErrorCode::MethodNotFound, message));
            }
        }
    }

    fn call(&mut self, id: &RawValue, placed: &Placed<'_>, scope: &Scope, headers: Headers<'_>, ids: &mut IdSource) {
        let Placed { version, params, meta } = placed;
        let Some(name) = Params::text(params.name) else {
            let error = RpcError::new(ErrorCode::InvalidParams, "Invalid params: `params.name` must be a tool's name");
            return self.fail(id, *version, &error);
        };
        let streams = self.batch == InBatch::No
            && headers.accepts(SSE)
            && (meta.progress_token().is_some() || !headers.accepts(JSON));
        let called = match MetaTool::from_name(&name).filter(|_| scope.is_search()) {
            None => scope.get(&name).map(|tool| (tool, params.arguments)),
            Some(meta_tool) => {
                self.log.tool = Some(meta_tool.name().into());
                match meta_tool.call(params.arguments, scope) {
                    Ok(Step::Run(tool, arguments)) => Some((tool, arguments)),
                    Ok(Step::Answer(text, structured)) => {
                        return self.conclude(id, streams, &convert::answered(*version, &text, &structured));
                    }
                    Err(error) => {
                        let sentence = error.to_string();
                        let (reason, path) = (Reason::InvalidArgument, Some(error.pointer));
                        let error = CallError { reason, retryable: false, path, retry_after_ms: None };
                        let outcome = convert::failed(*version, &sentence, &error, &self.log.trace_id);
                        return self.conclude(id, streams, &outcome);
                    }
                }
            }
        };
        let known = called.and_then(|(tool, arguments)| Some((tool, arguments, split_tool_name(tool.name)?)));
        let Some((tool, arguments, (category, short))) = known else {
            let message = "Unknown tool; tools/list names the tools served here";
            return self.fail(id, *version, &RpcError::new(ErrorCode::InvalidParams, message));
        };
        self.log.tool = Some(tool.name.into());
        let written = arguments.map_or("", RawValue::get);
        let named = match Named::find(written) {
            Ok(named) => named,
            Err(error) => {
                let outcome = self.without_blobs(*version, &error);
                return self.conclude(id, streams, &outcome);
            }
        };
        let token = meta.progress_token();
        let span_id = ids.span_id().to_string();
        let trace = Trace {
            trace_id: self.log.trace_id.as_ref().into(),
            span_id: span_id.into(),
            parent_id: self.log.span_id.as_ref().into(),
        };
        let (body, start) = convert::call_request(short, arguments, trace, streams && token.is_some());
        let shifted =
            |splice: &Splice| Splice { at: splice.at.start + start..splice.at.end + start, blob: splice.blob };
        let splices = named.splices.iter().map(shifted).collect();
        let waiting = (!named.handles.is_empty()).then_some(Waiting { named, arguments: written.len() });
        self.state = State::Asking(Box::new(Call {
            id: id.to_owned(),
            version: *version,
            token: token.map(ToOwned::to_owned),
            streams,
            forward: Forward { category, body, splices },
            waiting,
        }));
    }

    /// The handles whose blobs must be found before the worker can be asked; none when there is nothing to find.
    pub fn blobs(&self) -> &[String] {
        match &self.state {
            State::Asking(call) => call.waiting.as_ref().map_or(&[], |waiting| &waiting.named.handles),
            State::Batch(_) | State::Answered(_) => &[],
        }
    }

    /// Takes the sizes of all blobs, in the order of the handles.
    pub fn blobs_found(&mut self, sizes: &[BlobSize]) {
        let State::Asking(call) = &mut self.state else { return };
        let version = call.version;
        let Some(Waiting { named, arguments }) = call.waiting.take() else { return };
        if let Err(error) = named.check(sizes, arguments) {
            let outcome = self.without_blobs(version, &error);
            self.finish(&outcome);
        }
    }

    /// Takes word that some blobs are not there, by their places among the handles.
    pub fn blobs_missing(&mut self, blobs: &[usize]) {
        self.blobs_refused(|named| named.missing(blobs));
    }

    /// Takes word that the store gave no blobs at all.
    pub fn blobs_unavailable(&mut self, fault: StoreFault) {
        self.blobs_refused(|named| named.without_store(fault));
    }

    fn blobs_refused(&mut self, error: impl FnOnce(&Named) -> BlobError) {
        let State::Asking(call) = &self.state else { return };
        let Some(waiting) = &call.waiting else { return };
        let outcome = self.without_blobs(call.version, &error(&waiting.named));
        self.finish(&outcome);
    }

    fn without_blobs(&self, version: Version, error: &BlobError) -> Outcome {
        convert::failed(version, &error.to_string(), &error.to_call_error(), &self.log.trace_id)
    }

    /// Whom to ask, when a tool worker must be.
    pub fn forward(&self) -> Option<&Forward> {
        match &self.state {
            State::Asking(call) => call.waiting.is_none().then_some(&call.forward),
            State::Batch(_) | State::Answered(_) => None,
        }
    }

    /// Takes the worker's frames.
    pub fn answered(&mut self, frames: &[u8]) {
        let State::Asking(call) = &self.state else { return };
        match convert::outcome(call.version, frames, call.token.as_deref(), &self.log.trace_id) {
            Some(outcome) => self.finish(&outcome),
            None => self.failed(Failure::Garbage),
        }
    }

    /// Takes word that the worker gave no answer.
    pub fn failed(&mut self, failure: Failure) {
        let State::Asking(call) = &self.state else { return };
        let title = call.forward.category.row().title;
        let trace = self.log.trace_id.as_ref();
        let (sentence, reason, retry_after_ms) = match failure {
            Failure::Unavailable => (
                format!(
                    "the {title} tools cannot be reached right now; the tools of the other categories still work, try these again in a few seconds"
                ),
                Reason::CategoryUnavailable,
                Some(RETRY_AFTER_MS),
            ),
            Failure::Garbage => {
                (format!("the {title} worker gave no usable answer (trace {trace})"), Reason::ToolFailed, None)
            }
        };
        let error = CallError { reason, retryable: retry_after_ms.is_some(), path: None, retry_after_ms };
        let outcome = convert::failed(call.version, &sentence, &error, trace);
        self.finish(&outcome);
    }

    fn finish(&mut self, outcome: &Outcome) {
        let State::Asking(call) = &self.state else { return };
        let (id, streams) = (call.id.clone(), call.streams);
        self.conclude(&id, streams, outcome);
    }

    fn conclude(&mut self, id: &RawValue, streams: bool, outcome: &Outcome) {
        if let Some(reason) = outcome.failure {
            self.log.status = match reason {
                Reason::CategoryUnavailable | Reason::ToolFailed => Status::Exception,
                Reason::RateLimited => Status::Limit,
                Reason::InvalidArgument | Reason::InputTooLarge | Reason::BlobNotFound => Status::ToolError,
            };
            self.log.error_type = Some(reason.code().into());
        }
        let response = response(id, &outcome.result);
        if streams {
            let mut stream: String = outcome.notifications.iter().map(|notification| event(notification)).collect();
            stream.push_str(&event(&response));
            self.reply_with(200, SSE, stream);
        } else {
            self.reply_with(200, JSON, response);
        }
    }

    fn answer_or_fail(&mut self, id: &RawValue, version: Version, result: Result<String, RpcError>) {
        match result {
            Ok(result) => self.answer(id, &result),
            Err(error) => self.fail(id, version, &error),
        }
    }

    fn answer(&mut self, id: &RawValue, result: &str) {
        self.reply_with(200, JSON, response(id, result));
    }

    fn accept(&mut self) {
        self.log.method = Some("notification".into());
        self.reply_with(202, "", String::new());
    }

    // An error to a readable request: the modern era maps codes to statuses, the legacy one says 200.
    fn fail(&mut self, id: &RawValue, version: Version, error: &RpcError) {
        // Unknown tools and bad cursors are found after dispatch, and answered in band.
        let in_band = !version.is_modern() || error.code == ErrorCode::InvalidParams;
        self.refuse(Some(id), if in_band { 200 } else { error.code.modern_status() }, error);
    }

    fn refuse(&mut self, id: Option<&RawValue>, status: u16, error: &RpcError) {
        self.log.status = Status::RpcError;
        self.log.rpc_code = Some(error.code.number());
        self.reply_with(status, JSON, error_response(id, error));
    }

    fn reply_with(&mut self, status: u16, content_type: &'static str, body: String) {
        self.log.http_status = Some(status);
        self.log.out_bytes = body.len() as u64;
        self.state = State::Answered(Reply { status, content_type, body, allow_origin: self.allow_origin.clone() });
    }

    /// The reply, once there is one, and the log line, which `now_ms` closes; a batch has none beside those of its parts.
    pub fn close(mut self, now_ms: u64) -> (Reply, Option<String>) {
        if matches!(self.state, State::Asking(_)) {
            self.failed(Failure::Unavailable);
        }
        self.log.dur_ms = now_ms.saturating_sub(self.log.ts);
        let State::Answered(reply) = self.state else { return (Reply::default(), None) };
        (reply, (self.batch != InBatch::Whole).then(|| self.log.to_json()))
    }
}

/// Most messages of a batch; a tool call among them is a request to a worker, of which an invocation may make few.
pub const MAX_BATCH: usize = 20;

/// When to try a worker again that could not be reached.
const RETRY_AFTER_MS: u32 = 5_000;

// Method names that may stand in a log line; others are the caller's own words.
const KNOWN_METHODS: [&str; 10] = [
    "initialize",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "server/discover",
    "tools/call",
    "tools/list",
];

// Methods that take a cursor; each has one page.
fn is_list(method: &str) -> bool {
    method.ends_with("/list") && KNOWN_METHODS.contains(&method)
}

fn new_line(context: Option<TraceContext>, now_ms: u64, ids: &mut IdSource) -> LogLine<'static> {
    let trace_id: TraceId = context.map_or_else(|| ids.trace_id(now_ms), |context| context.trace_id);
    let span_id: SpanId = ids.span_id();
    let mut log =
        LogLine::new(GATEWAY_WORKER, Kind::Mcp, now_ms, trace_id.to_string().into(), span_id.to_string().into());
    log.parent_id = context.map(|context| context.parent_id.to_string().into());
    log
}

fn scope_of(target: &str, headers: Headers<'_>) -> Result<Scope, (u16, RpcError)> {
    let selection = Selection {
        target,
        toolsets: headers.get("x-mcp-toolsets"),
        tools: headers.get("x-mcp-tools"),
        exclude: headers.get("x-mcp-exclude-tools"),
    };
    Scope::select(selection).map_err(|error| {
        let status = match error {
            ScopeError::NoSuchPath => 404,
            ScopeError::Unknown(_) => 400,
        };
        (status, RpcError::new(ErrorCode::InvalidRequest, error.to_string()))
    })
}

//! One POST to the MCP endpoint, from bytes to bytes, without IO.

use crate::config::Config;
use crate::convert::{self, Outcome};
use crate::era::{self, Placed};
use crate::headers::Headers;
use crate::methods;
use octavo_catalog::catalog;
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
    /// The URL's path.
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
    /// The request's body.
    pub body: String,
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
    state: State,
}

#[derive(Debug)]
enum State {
    Asking(Box<Call>),
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
}

const JSON: &str = "application/json";
const SSE: &str = "text/event-stream";

impl Exchange {
    /// Reads a request. Afterwards either [`forward`](Self::forward) says whom to ask, or [`reply`](Self::reply) is there.
    pub fn open(arrival: Arrival<'_>, config: &Config, ids: &mut IdSource) -> Self {
        let headers = Headers::new(arrival.headers);
        let context = headers.get("traceparent").and_then(TraceContext::parse);
        let mut log = new_line(context, arrival.now_ms, ids);
        log.version = config.version.clone().map(Into::into);
        log.in_bytes = arrival.body.map_or(0, <[u8]>::len) as u64;
        let origin = headers.get("origin");
        let allow_origin = origin.filter(|origin| config.allows_origin(origin)).map(str::to_owned);
        let mut exchange = Self { log, allow_origin, state: State::Answered(Reply::default()) };
        let Some(body) = arrival.body else {
            let limit = crate::MAX_BODY_BYTES;
            exchange.refuse(
                None,
                413,
                &RpcError::new(ErrorCode::InvalidRequest, format!("Request body over {limit} bytes")),
            );
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

    fn read(&mut self, path: &str, headers: Headers<'_>, body: &[u8], ids: &mut IdSource) {
        let scope = match scope_of(path) {
            Ok(scope) => scope,
            Err(error) => return self.refuse(None, 404, &error),
        };
        match parse(body) {
            Err((id, error)) => self.refuse(id, 400, &error),
            Ok(Message::Notification(_) | Message::Response) => self.accept(),
            Ok(Message::Batch(_)) => {
                let message = "Invalid request: send one message per POST";
                self.refuse(None, 400, &RpcError::new(ErrorCode::InvalidRequest, message));
            }
            Ok(Message::Request(request)) => match era::place(&request.envelope, headers) {
                Err((status, error)) => self.refuse(Some(request.id), status, &error),
                Ok(placed) => self.dispatch(&request, &placed, scope, headers, ids),
            },
        }
    }

    fn dispatch(
        &mut self,
        request: &Request<'_>,
        placed: &Placed<'_>,
        scope: Option<Category>,
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
            ("tools/list", _) if params.cursor.is_some_and(|cursor| cursor.get() != "null") => {
                let error =
                    RpcError::new(ErrorCode::InvalidParams, "Invalid params: unknown cursor; the list has one page");
                self.fail(request.id, *version, &error);
            }
            ("tools/list", _) => self.answer(request.id, &methods::list_tools(*version, scope)),
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

    fn call(
        &mut self,
        id: &RawValue,
        placed: &Placed<'_>,
        scope: Option<Category>,
        headers: Headers<'_>,
        ids: &mut IdSource,
    ) {
        let Placed { version, params, meta } = placed;
        let Some(name) = Params::text(params.name) else {
            let error = RpcError::new(ErrorCode::InvalidParams, "Invalid params: `params.name` must be a tool's name");
            return self.fail(id, *version, &error);
        };
        let known = catalog().get(&name).filter(|tool| scope.is_none_or(|scope| tool.category == scope));
        let Some((tool, (category, short))) = known.and_then(|tool| Some((tool, split_tool_name(tool.name)?))) else {
            let message = "Unknown tool; tools/list names the tools served here";
            return self.fail(id, *version, &RpcError::new(ErrorCode::InvalidParams, message));
        };
        self.log.tool = Some(tool.name.into());
        let token = meta.progress_token();
        let streams = headers.accepts(SSE) && (token.is_some() || !headers.accepts(JSON));
        let span_id = ids.span_id().to_string();
        let trace = Trace {
            trace_id: self.log.trace_id.as_ref().into(),
            span_id: span_id.into(),
            parent_id: self.log.span_id.as_ref().into(),
        };
        let body = convert::call_request(short, params.arguments, trace, streams && token.is_some());
        self.state = State::Asking(Box::new(Call {
            id: id.to_owned(),
            version: *version,
            token: token.map(ToOwned::to_owned),
            streams,
            forward: Forward { category, body },
        }));
    }

    /// Whom to ask, when a tool worker must be.
    pub fn forward(&self) -> Option<&Forward> {
        match &self.state {
            State::Asking(call) => Some(&call.forward),
            State::Answered(_) => None,
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
        if let Some(reason) = outcome.failure {
            self.log.status = match reason {
                Reason::CategoryUnavailable | Reason::ToolFailed => Status::Exception,
                Reason::RateLimited => Status::Limit,
                Reason::InvalidArgument | Reason::InputTooLarge | Reason::BlobNotFound => Status::ToolError,
            };
            self.log.error_type = Some(reason.code().into());
        }
        let response = response(&call.id, &outcome.result);
        if call.streams {
            let mut stream: String = outcome.notifications.iter().map(|notification| event(notification)).collect();
            stream.push_str(&event(&response));
            self.reply_with(200, SSE, stream);
        } else {
            self.reply_with(200, JSON, response);
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

    /// The reply and the log line, once there is a reply. `now_ms` closes the line.
    pub fn close(mut self, now_ms: u64) -> (Reply, String) {
        if matches!(self.state, State::Asking(_)) {
            self.failed(Failure::Unavailable);
        }
        self.log.dur_ms = now_ms.saturating_sub(self.log.ts);
        let State::Answered(reply) = self.state else { return (Reply::default(), String::new()) };
        (reply, self.log.to_json())
    }
}

/// When to try a worker again that could not be reached.
const RETRY_AFTER_MS: u32 = 5_000;

// Method names that may stand in a log line; others are the caller's own words.
const KNOWN_METHODS: [&str; 5] = ["initialize", "ping", "server/discover", "tools/call", "tools/list"];

fn new_line(context: Option<TraceContext>, now_ms: u64, ids: &mut IdSource) -> LogLine<'static> {
    let trace_id: TraceId = context.map_or_else(|| ids.trace_id(now_ms), |context| context.trace_id);
    let span_id: SpanId = ids.span_id();
    let mut log =
        LogLine::new(GATEWAY_WORKER, Kind::Mcp, now_ms, trace_id.to_string().into(), span_id.to_string().into());
    log.parent_id = context.map(|context| context.parent_id.to_string().into());
    log
}

// `/mcp` is everything, `/mcp/{category}` one category.
fn scope_of(path: &str) -> Result<Option<Category>, RpcError> {
    let rest = path.strip_prefix("/mcp").unwrap_or_default().trim_matches('/');
    if rest.is_empty() {
        return Ok(None);
    }
    Category::from_slug(rest).map(Some).ok_or_else(|| {
        let slugs: Vec<&str> = Category::ALL.iter().map(|category| category.slug()).collect();
        RpcError::new(
            ErrorCode::InvalidRequest,
            format!("No such endpoint; use /mcp or /mcp/ with one of {}", slugs.join(", ")),
        )
    })
}

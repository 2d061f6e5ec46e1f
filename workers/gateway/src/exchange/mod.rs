//! One POST to the MCP endpoint, from bytes to bytes, without IO.

mod batch;
mod call;
mod tasks;

pub use batch::MAX_BATCH;
pub use tasks::TaskAnswer;

use crate::access::{Access, Grant, Refusal};
use crate::blob::{BLOBS_PATH, Splice};
use crate::config::{Bound, Config};
use crate::convert::Failure;
use crate::era::{self, Placed};
use crate::headers::Headers;
use crate::listen::Subscription;
use crate::session::Session;
use crate::task::{self, Method};
use crate::{completion, methods, prompts, resources, skills};
use call::{Call, Target};
use octavo_catalog::{Scope, ScopeError, Selection, extra};
use octavo_category::{Category, GATEWAY_WORKER, TAIL_BINDING};
use octavo_mcp::{
    ClientInfo, ErrorCode, Message, Params, Request, RpcError, Version, error_response, event, parse, response,
};
use octavo_rpc::{Ask, EXTRA_BINDING};
use octavo_telemetry::{IdSource, Kind, LogLine, SpanId, Status, TraceContext, TraceId, label};
use serde_json::value::RawValue;
use std::rc::Rc;

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
    /// What the shell found out about the caller.
    pub access: &'a Access,
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
    /// The id of a session that begins.
    pub session: Option<String>,
    /// Where the request was in its trace, as W3C's `traceparent`.
    pub traceparent: String,
    /// The caller's `tracestate`.
    pub tracestate: Option<String>,
    /// Further headers: of refusals, and of limits.
    pub headers: Vec<(&'static str, String)>,
}

/// What to ask a tool worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The category whose worker is asked; none for the deployment's extra worker, or the log.
    pub category: Option<Category>,
    /// Whether the tail worker is asked, about the caller's own calls.
    pub log: bool,
    /// The request's body, with handles where blobs belong.
    pub body: String,
    /// The handles in it, first to last, each to be replaced by its blob's text.
    pub splices: Vec<Splice>,
}

impl Forward {
    /// The service binding to ask.
    pub fn binding(&self) -> &'static str {
        let other = if self.log { TAIL_BINDING } else { EXTRA_BINDING };
        self.category.map_or(other, |category| category.row().binding)
    }

    /// What the worker's tools are called.
    pub fn title(&self) -> &'static str {
        let other = if self.log { "log" } else { "extra" };
        self.category.map_or(other, |category| category.row().title)
    }
}

/// A client's answer to a question that another exchange waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The object that joins the two.
    pub object: String,
    /// The question's id.
    pub id: String,
    /// The answer, JSON; none for a refusal.
    pub result: Option<String>,
}

/// One request on its way through the gateway.
#[derive(Debug)]
pub struct Exchange {
    log: LogLine<'static>,
    allow_origin: Option<String>,
    batch: InBatch,
    // What states are sealed with.
    key: Rc<[u8]>,
    // What the deployment can do by its objects.
    bound: Bound,
    // What came with the trace context that counts.
    tracestate: Option<String>,
    // Who asks: the value of the `Authorization` header.
    caller: String,
    // Of an older client, where there are sessions.
    session: Option<Session>,
    // The id of what is asked in it.
    in_session: Option<Box<RawValue>>,
    // The id of one that begins with this reply.
    opened: Option<String>,
    // An answer to a question of another exchange.
    delivery: Option<Delivery>,
    // Events for the client that were not taken yet.
    events: String,
    // Whether the reply has begun as a stream.
    committed: bool,
    // Lists that the call changed.
    changed: Vec<String>,
    // Why the worker gave no answer.
    fault: Option<Failure>,
    // What the caller may do, where callers are asked.
    grant: Option<Rc<Grant>>,
    // Further headers of the reply.
    headers: Vec<(&'static str, String)>,
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
    // A question about a task.
    Tracking(Box<tasks::Tracking>),
    // The requests of a batch, to be answered each by itself.
    Batch(Vec<Exchange>),
    // A subscription that goes on until somebody ends it.
    Listening(Subscription),
    Answered(Reply),
}

const JSON: &str = "application/json";
const SSE: &str = "text/event-stream";

impl Exchange {
    /// Reads a request. Afterwards [`blobs`](Self::blobs) says what to fetch, [`forward`](Self::forward) says whom to ask,
    /// or the reply is there.
    pub fn open(arrival: Arrival<'_>, config: &Config, ids: &mut IdSource) -> Self {
        let headers = Headers::new(arrival.headers);
        let context = headers.get("traceparent").and_then(TraceContext::parse);
        let mut log = new_line(context, &headers, arrival.now_ms, config, ids);
        log.in_bytes = arrival.body.map_or(0, <[u8]>::len) as u64;
        let origin = headers.get("origin");
        let allow_origin = origin.filter(|origin| config.allows_origin(origin)).map(str::to_owned);
        let tracestate = context.and_then(|_| headers.get("tracestate")).and_then(passed_on);
        let mut exchange = Self {
            log,
            tracestate,
            allow_origin,
            batch: InBatch::No,
            caller: headers.get("authorization").unwrap_or_default().to_owned(),
            key: Rc::clone(&config.state_key),
            bound: config.bound,
            session: None,
            in_session: None,
            opened: None,
            delivery: None,
            events: String::new(),
            committed: false,
            changed: Vec::new(),
            fault: None,
            grant: arrival.access.grant().cloned().map(Rc::new),
            headers: Vec::new(),
            state: State::Answered(Reply::default()),
        };
        if origin.is_some() && exchange.allow_origin.is_none() {
            let message = "Origin not allowed; see ALLOWED_ORIGINS";
            exchange.refuse(None, 403, &RpcError::new(ErrorCode::InvalidRequest, message));
            return exchange;
        }
        if let Access::Refused(refusal) = arrival.access {
            exchange.refuse_access(None, refusal);
            return exchange;
        }
        let Some(body) = arrival.body else {
            let message = format!(
                "Request body over {} bytes; upload a long text with PUT {BLOBS_PATH} and pass its handle instead",
                crate::MAX_BODY_BYTES
            );
            exchange.refuse(None, 413, &RpcError::new(ErrorCode::InvalidRequest, message));
            return exchange;
        };
        if !headers.is_json() {
            exchange.refuse(
                None,
                415,
                &RpcError::new(ErrorCode::InvalidRequest, "Content-Type must be application/json"),
            );
        } else if !headers.accepts(JSON) && !headers.accepts(SSE) {
            let message = "Accept must allow application/json or text/event-stream";
            exchange.refuse(None, 406, &RpcError::new(ErrorCode::InvalidRequest, message));
        } else {
            exchange.read(arrival.path, &headers, body, ids);
        }
        exchange
    }

    /// The log line of a request whose instance was lost under it, in the next one, and the id of its trace.
    pub fn lost(headers: &str, now_ms: u64, config: &Config, ids: &mut IdSource) -> (String, String) {
        let headers = Headers::new(headers);
        let context = headers.get("traceparent").and_then(TraceContext::parse);
        let mut log = new_line(context, &headers, now_ms, config, ids);
        log.method = KNOWN_METHODS.iter().find(|known| headers.get("mcp-method") == Some(known)).map(|m| (*m).into());
        log.status = Status::Exception;
        log.error_type = Some("instance_lost".into());
        log.rpc_code = Some(ErrorCode::InternalError.number());
        log.http_status = Some(500);
        (log.to_json(), log.trace_id.into_owned())
    }

    fn read(&mut self, target: &str, headers: &Headers<'_>, body: &[u8], ids: &mut IdSource) {
        let message = parse(body);
        let scope = match scope_of(target, headers) {
            Ok(scope) => match &self.grant {
                Some(grant) => scope.within(|category| grant.allows(category)),
                None => scope,
            },
            Err((status, error)) => {
                let id = match &message {
                    Ok(Message::Request(request)) => Some(request.id),
                    Ok(Message::Notification(_) | Message::Response { .. } | Message::Batch(_)) => None,
                    Err((id, _)) => *id,
                };
                return self.refuse(id, status, &error);
            }
        };
        match message {
            Err((id, error)) => self.refuse(id, 400, &error),
            Ok(Message::Notification(envelope)) => match era::check_notification(&envelope, headers) {
                Ok(()) if !self.joins_session(headers, None) => self.refuse(None, 404, &no_session()),
                Ok(()) => self.accept(),
                Err((status, error)) => self.refuse(None, status, &error),
            },
            Ok(Message::Response { id, result }) => {
                if let Err((status, error)) = era::check_response(headers) {
                    return self.refuse(None, status, &error);
                }
                if !self.joins_session(headers, None) {
                    return self.refuse(None, 404, &no_session());
                }
                self.delivery =
                    self.session.clone().zip(id.and_then(|id| Params::text(Some(id)))).map(|(session, id)| Delivery {
                        object: session.object,
                        id: id.into_owned(),
                        result: result.map(|result| result.get().to_owned()),
                    });
                self.accept();
            }
            Ok(Message::Batch(items)) => {
                self.read_batch(&items, &scope, headers, ids);
                if !self.joins_session(headers, None) {
                    self.session_over();
                }
            }
            Ok(Message::Request(request)) => match era::place(&request.envelope, headers) {
                Err((status, error)) => self.refuse(Some(request.id), status, &error),
                Ok(placed)
                    if !placed.version.is_modern()
                        && request.envelope.method != "initialize"
                        && !self.joins_session(headers, Some(request.id)) =>
                {
                    self.refuse(Some(request.id), 404, &no_session());
                }
                Ok(placed) => self.dispatch(&request, &placed, &scope, headers, ids),
            },
        }
    }

    fn dispatch(
        &mut self,
        request: &Request<'_>,
        placed: &Placed<'_>,
        scope: &Scope,
        headers: &Headers<'_>,
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
            // The two are a pair: what a header says of another trace is not of this one.
            self.tracestate = meta.tracestate().as_deref().and_then(passed_on);
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
            ("resources/read", _) => match resources::read(*version, scope, params) {
                Err(_) if self.asks_extra(scope) && params.uri.is_some() => {
                    let uri = Params::text(params.uri).unwrap_or_default();
                    let target = Target { ask: Ask::Read, category: None, name: &uri, arguments: None };
                    self.forward_to(request.id, placed, target, headers, ids);
                }
                result => self.answer_or_fail(request.id, *version, result),
            },
            ("skills/list", true) => self.answer(request.id, &skills::list(*version, scope)),
            ("skills/get", true) => self.answer_or_fail(request.id, *version, skills::get(*version, scope, params)),
            ("prompts/list", _) => self.answer(request.id, &prompts::list(*version, scope)),
            ("prompts/get", _) => match Params::text(params.name) {
                Some(name) if self.asks_extra(scope) && !prompts::has(scope, &name) => {
                    let target = Target { ask: Ask::Prompt, category: None, name: &name, arguments: params.arguments };
                    self.forward_to(request.id, placed, target, headers, ids);
                }
                _ => self.answer_or_fail(request.id, *version, prompts::get(*version, scope, params)),
            },
            ("completion/complete", _) => match completion::complete(*version, scope, params) {
                Ok(Some(result)) => self.answer(request.id, &result),
                Ok(None) if self.asks_extra(scope) => {
                    let arguments = request.envelope.params;
                    let target = Target { ask: Ask::Complete, category: None, name: "completion", arguments };
                    self.forward_to(request.id, placed, target, headers, ids);
                }
                Ok(None) => {
                    let message = "Invalid params: `params.ref` names nothing that is served here";
                    self.fail(request.id, *version, &RpcError::new(ErrorCode::InvalidParams, message));
                }
                Err(error) => self.fail(request.id, *version, &error),
            },
            ("subscriptions/listen", true) => self.listen(request.id, placed, headers),
            ("logging/setLevel", false) if extra().is_some_and(|extra| extra.logging) => self.answer(request.id, "{}"),
            ("resources/subscribe" | "resources/unsubscribe", false)
                if extra().is_some_and(|extra| extra.subscribe) =>
            {
                self.answer(request.id, "{}");
            }
            ("server/discover", true) => self.answer(request.id, &methods::discover(self.bound)),
            ("initialize", false) => {
                let requested = Params::text(params.protocol_version);
                let (version, result) = methods::initialize(requested.as_deref(), self.bound);
                if self.bound.sessions && self.batch == InBatch::No {
                    let object = ids.trace_id(self.log.ts).to_string();
                    self.opened = Session::open(object, params, &self.key, self.log.ts);
                }
                self.log.protocol = Some(version.as_str().into());
                self.answer(request.id, &result);
            }
            ("ping", false) => self.answer(request.id, "{}"),
            ("tasks/get", true) if self.bound.tasks => self.track(request.id, Method::Get, placed),
            ("tasks/update", true) if self.bound.tasks => self.track(request.id, Method::Update, placed),
            ("tasks/cancel", true) if self.bound.tasks => self.track(request.id, Method::Cancel, placed),
            _ => {
                let message = format!("Method not found in version {version}");
                self.fail(request.id, *version, &RpcError::new(ErrorCode::MethodNotFound, message));
            }
        }
    }

    // Joins the session that an older client names, if it does. False when what it names is none.
    fn joins_session(&mut self, headers: &Headers<'_>, request: Option<&RawValue>) -> bool {
        let is_modern =
            headers.get("mcp-protocol-version").and_then(Version::from_date).is_some_and(Version::is_modern);
        let Some(id) = headers.get("mcp-session-id").filter(|_| self.bound.sessions && !is_modern) else { return true };
        self.session = Session::of(id, &self.key, self.log.ts);
        self.in_session = request.filter(|_| self.session.is_some()).map(ToOwned::to_owned);
        self.session.is_some()
    }

    /// The object of the session that the request is part of; it knows whether the session was ended.
    pub fn session_object(&self) -> Option<&str> {
        self.session.as_ref().map(|session| session.object.as_str())
    }

    /// Takes word that the session was ended: whatever was asked in it is refused.
    pub fn session_over(&mut self) {
        self.delivery = None;
        self.batch = InBatch::No;
        let id = self.in_session.take();
        self.refuse(id.as_deref(), 404, &no_session());
    }

    /// A client's answer that another exchange waits for.
    pub fn delivery(&self) -> Option<&Delivery> {
        self.delivery.as_ref()
    }

    // Whether what is not ours may be the extra worker's.
    #[expect(clippy::unused_self, reason = "reads better at the places of use")]
    fn asks_extra(&self, scope: &Scope) -> bool {
        extra().is_some() && scope.is_whole()
    }

    fn listen(&mut self, id: &RawValue, placed: &Placed<'_>, headers: &Headers<'_>) {
        let Placed { version, params, meta } = placed;
        match Subscription::read(id, params, meta.client_capabilities, self.bound) {
            Err(error) => self.fail(id, *version, &error),
            Ok(_) if !headers.accepts(SSE) => {
                let message = "Accept must allow text/event-stream";
                self.refuse(Some(id), 406, &RpcError::new(ErrorCode::InvalidRequest, message));
            }
            Ok(subscription) => self.state = State::Listening(subscription),
        }
    }

    /// Where this exchange is in its trace, as W3C's `traceparent`, for the reply's header: the caller's own trace where it
    /// sent one.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.log.trace_id, self.log.span_id)
    }

    /// The caller's `tracestate`, which goes back with it.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// Whose calls the log is asked about, where it is: the caller's principal, empty for one who has none.
    pub fn principal(&self) -> Option<&str> {
        self.forward().filter(|forward| forward.log).map(|_| self.log.principal_hash.as_deref().unwrap_or_default())
    }

    /// The origin to allow, when the request came from an allowed page.
    pub fn allow_origin(&self) -> Option<&str> {
        self.allow_origin.as_deref()
    }

    /// Whether the client subscribed: its stream goes on until [`end_listening`](Self::end_listening).
    pub fn is_listening(&self) -> bool {
        matches!(self.state, State::Listening(_))
    }

    fn subscription(&self) -> Option<&Subscription> {
        match &self.state {
            State::Listening(subscription) => Some(subscription),
            State::Asking(_) | State::Tracking(_) | State::Batch(_) | State::Answered(_) => None,
        }
    }

    /// Whether a subscribed client listens to any list.
    pub fn follows_lists(&self) -> bool {
        self.subscription().is_some_and(Subscription::follows_lists)
    }

    /// The tasks that a subscribed client listens to, and what to send their objects to be told of them.
    pub fn follows_tasks(&self) -> (&[String], String) {
        let tasks = self.subscription().map_or(&[][..], Subscription::tasks);
        (tasks, task::request_body(&task::caller_of(&self.caller), None))
    }

    /// Takes word which of those tasks, in their order, can be listened to, and acknowledges the subscription.
    pub fn acknowledge(&mut self, found: &[bool]) {
        if let State::Listening(subscription) = &mut self.state {
            subscription.found(found);
            self.events = subscription.acknowledged();
        }
    }

    /// The event for a subscribed client that a list changed, if it listens to that.
    pub fn changed_event(&self, list: &str) -> Option<String> {
        self.subscription()?.changed(list)
    }

    /// The event for a subscribed client of how a task stands, from the task's members.
    pub fn task_event(&self, members: &str) -> Option<String> {
        Some(self.subscription()?.stands(members))
    }

    /// Ends a subscription; its last event is the reply.
    pub fn end_listening(&mut self) {
        if let State::Listening(subscription) = &self.state {
            let last = subscription.ended();
            self.reply_with(200, SSE, last);
        }
    }

    /// What ends a stream whose exchange is lost with its instance: the response, as an event. Empty where there is no stream.
    pub fn lost_event(&self) -> String {
        let id = match &self.state {
            State::Asking(call) => &call.id,
            State::Listening(subscription) => subscription.id(),
            State::Tracking(_) | State::Batch(_) | State::Answered(_) => return String::new(),
        };
        let error = RpcError::new(ErrorCode::InternalError, "Internal error: the answer was lost; ask again");
        event(&error_response(Some(id), &error))
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

    // Refuses a caller who may not: with the header by which a client finds out how it could.
    fn refuse_access(&mut self, id: Option<&RawValue>, refusal: &Refusal) {
        let challenge = refusal.challenge.clone().map(|challenge| ("www-authenticate", challenge));
        self.headers.extend(challenge);
        self.log.error_type = Some("access".into());
        self.refuse(id, refusal.status, &RpcError::new(ErrorCode::InvalidRequest, refusal.message.clone()));
    }

    fn refuse(&mut self, id: Option<&RawValue>, status: u16, error: &RpcError) {
        self.log.status = Status::RpcError;
        self.log.rpc_code = Some(error.code.number());
        self.reply_with(status, JSON, error_response(id, error));
    }

    fn reply_with(&mut self, status: u16, content_type: &'static str, body: String) {
        self.log.http_status = Some(status);
        self.log.out_bytes = body.len() as u64;
        let (allow_origin, session) = (self.allow_origin.clone(), self.opened.take());
        let (traceparent, tracestate) = (self.traceparent(), self.tracestate.clone());
        let headers = std::mem::take(&mut self.headers);
        self.state = State::Answered(Reply {
            status,
            content_type,
            body,
            allow_origin,
            session,
            traceparent,
            tracestate,
            headers,
        });
    }

    /// The reply, once there is one, and the log line, which `now_ms` closes; a batch has none beside those of its parts.
    pub fn close(mut self, now_ms: u64) -> (Reply, Option<String>) {
        match self.state {
            // A client that left has no reply; the line says so.
            State::Asking(_) if self.committed => {
                self.log.status = Status::Disconnect;
                self.state = State::Answered(Reply::default());
            }
            State::Asking(_) => self.failed(Failure::Unavailable),
            State::Tracking(_) => self.task_answered(&TaskAnswer::Silent),
            State::Listening(_) => self.state = State::Answered(Reply::default()),
            State::Batch(_) | State::Answered(_) => {}
        }
        self.log.dur_ms = now_ms.saturating_sub(self.log.ts);
        let State::Answered(reply) = self.state else { return (Reply::default(), None) };
        (reply, (self.batch != InBatch::Whole).then(|| self.log.to_json()))
    }
}

// Method names that may stand in a log line; others are the caller's own words.
const KNOWN_METHODS: [&str; 20] = [
    "completion/complete",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "server/discover",
    "skills/get",
    "skills/list",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/update",
    "tools/call",
    "tools/list",
];

// Methods that take a cursor; each has one page.
fn is_list(method: &str) -> bool {
    method.ends_with("/list") && KNOWN_METHODS.contains(&method)
}

fn new_line(
    context: Option<TraceContext>,
    headers: &Headers<'_>,
    now_ms: u64,
    config: &Config,
    ids: &mut IdSource,
) -> LogLine<'static> {
    let trace_id: TraceId = context.map_or_else(|| ids.trace_id(now_ms), |context| context.trace_id);
    let span_id: SpanId = ids.span_id();
    let mut log =
        LogLine::new(GATEWAY_WORKER, Kind::Mcp, now_ms, trace_id.to_string().into(), span_id.to_string().into());
    log.parent_id = context.map(|context| context.parent_id.to_string().into());
    log.version = config.version.clone().map(Into::into);
    log.principal_hash = config.principal_of(headers.get("authorization").unwrap_or_default()).map(Into::into);
    log
}

fn no_session() -> RpcError {
    RpcError::new(ErrorCode::InvalidRequest, "Session not found or over; initialize again")
}

/// Longest `tracestate` passed on, in bytes (W3C Trace Context, 3.3.1.5).
const MAX_TRACESTATE_BYTES: usize = 512;

// A `tracestate` as it may be passed on: what W3C asks for at least, and nothing that is no header.
fn passed_on(tracestate: &str) -> Option<String> {
    let is_header = tracestate.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let fits = !tracestate.is_empty() && tracestate.len() <= MAX_TRACESTATE_BYTES;
    (is_header && fits).then(|| tracestate.to_owned())
}

fn scope_of(target: &str, headers: &Headers<'_>) -> Result<Scope, (u16, RpcError)> {
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

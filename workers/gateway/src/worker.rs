//! The platform's side of the gateway: the thin exports for MCP, and the general handler for everything else.

use crate::access::{Access, scope_of};
use crate::blob::{self, BlobFault, BlobSize, StoreFault};
use crate::breaker::Breakers;
use crate::fleet::{Fleet, Probe, Reported};
use crate::page;
use crate::{Arrival, Bound, Config, Exchange, Failure, Forward, MAX_BODY_BYTES, Reply, TaskAnswer};
use futures::future::{Either, join_all, select};
use octavo_category::{Category, TAIL_BINDING};
use octavo_rpc::PRINCIPAL_HEADER;
use octavo_telemetry::IdSource;
use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Context, Delay, Env, Headers, Method, Request, RequestInit, Response, Result, event};

thread_local! {
    static ISOLATE: RefCell<Isolate> = RefCell::new(Isolate::new(Config::default(), 0));
    // The last probes, and when they were made.
    static PROBED: RefCell<(u64, Vec<Probe>)> = const { RefCell::new((0, Vec::new())) };
}

struct Isolate {
    config: Config,
    ids: IdSource,
    fleet: Fleet,
}

impl Isolate {
    fn new(config: Config, seed: u64) -> Self {
        Self { config, ids: IdSource::new(seed), fleet: Fleet::default() }
    }
}

/// How long a worker may take to say that it is up.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long that counts, in milliseconds: whoever asks in between gets the same answer.
const PROBES_KEPT_MS: u64 = 5_000;
/// How long the tail worker may take to begin an answer to operators.
const OPERATORS_TIMEOUT: Duration = Duration::from_secs(30);

#[wasm_bindgen(start)]
fn start() {
    octavo_runtime::report_panics();
}

/// Takes the deployment's variables, a seed for ids, the key of seals, and which objects are bound: for sessions, for tasks
/// and for word of changes; called once per instance.
#[expect(clippy::needless_pass_by_value, reason = "JavaScript hands options over by value")]
#[wasm_bindgen]
pub fn configure(
    allowed_origins: Option<String>,
    version: Option<String>,
    seed: u64,
    state_key: Vec<u8>,
    sessions: bool,
    tasks: bool,
    changes: bool,
) {
    let bound = Bound { sessions, tasks, changes };
    let config = Config::new(allowed_origins.as_deref(), version).with_state_key(state_key).with_bound(bound);
    ISOLATE.with_borrow_mut(|isolate| *isolate = Isolate::new(config, seed));
}

/// What a DELETE of the MCP endpoint ends, as JSON: the object of a session, or the status that says why there is none.
#[wasm_bindgen]
pub fn end_session(headers: &str, now_ms: f64) -> String {
    ISOLATE.with_borrow(|isolate| crate::session::end(headers, &isolate.config, millis(now_ms)))
}

/// How long a session lasts and its end is remembered, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
#[wasm_bindgen]
pub fn session_ttl_ms() -> f64 {
    crate::session::SESSION_TTL_MS as f64
}

/// Takes the key that callers are told apart by in the log.
#[wasm_bindgen]
pub fn identify(key: Vec<u8>) {
    ISOLATE.with_borrow_mut(|Isolate { config, .. }| *config = std::mem::take(config).with_principal_key(key));
}

/// Takes how long a worker that fails is left alone, in milliseconds.
#[wasm_bindgen]
pub fn leave_alone_for(open_ms: f64) {
    ISOLATE.with_borrow_mut(|Isolate { fleet, .. }| fleet.breakers = Breakers::new(millis(open_ms)));
}

/// Lists the tools by which an agent asks the log about its own calls.
#[wasm_bindgen]
pub fn open_log() {
    octavo_catalog::open_log();
}

/// Takes the catalogue of the deployment's extra worker; false when it is none.
#[wasm_bindgen]
pub fn extend(catalog: String) -> bool {
    octavo_catalog::extend(catalog)
}

/// Largest body read.
#[wasm_bindgen]
pub fn max_body_bytes() -> u32 {
    u32::try_from(MAX_BODY_BYTES).unwrap_or(u32::MAX)
}

/// Longest blob kept.
#[wasm_bindgen]
pub fn max_blob_bytes() -> u32 {
    u32::try_from(blob::MAX_BLOB_BYTES).unwrap_or(u32::MAX)
}

/// Most text that one call takes from blobs.
#[wasm_bindgen]
pub fn max_resolved_bytes() -> u32 {
    u32::try_from(blob::MAX_RESOLVED_BYTES).unwrap_or(u32::MAX)
}

/// How long a blob is kept, in seconds.
#[wasm_bindgen]
pub fn blob_ttl_seconds() -> u32 {
    blob::TTL_SECONDS
}

/// A new handle; `random` is 20 bytes.
#[wasm_bindgen]
pub fn blob_handle(random: &[u8]) -> Option<String> {
    random.try_into().ok().map(blob::handle_of)
}

/// What to do with a request to the blob endpoint, as JSON.
#[wasm_bindgen]
pub fn blob_request(method: &str, path: &str, headers: &str) -> String {
    let request = ISOLATE.with_borrow(|isolate| blob::read_request(method, path, headers, &isolate.config));
    serde_json::to_string(&request).unwrap_or_default()
}

/// The answer to a request that went wrong in the shell's hands, by its reason, as JSON.
#[wasm_bindgen]
pub fn blob_refusal(reason: &str) -> String {
    let fault = BlobFault::NOTICED.into_iter().find(|fault| fault.reason() == reason);
    serde_json::to_string(&fault.unwrap_or(BlobFault::Silent).refusal()).unwrap_or_default()
}

/// What is served to people and to programs that look for the server; the shell makes a response of it.
#[wasm_bindgen]
pub struct Served(page::Served);

#[wasm_bindgen]
impl Served {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Header names and values in turn.
    pub fn headers(&self) -> Vec<String> {
        self.0.headers.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]).collect()
    }

    /// The body.
    pub fn body(&self) -> Vec<u8> {
        self.0.body.to_vec()
    }
}

/// What is at a path for a GET or HEAD, where it is the page, one of its files or a document of discovery. `mode` is what
/// `AUTH` says.
#[wasm_bindgen]
pub fn serve(path: &str, origin: &str, accept: &str, if_none_match: &str, mode: &str) -> Option<Served> {
    page::serve(&page::Visit { path, origin, accept, if_none_match, mode: page::Mode::named(mode) }).map(Served)
}

/// An [`Exchange`] in the hands of the shell.
#[wasm_bindgen]
pub struct Open {
    exchange: Option<Exchange>,
    reply: Reply,
    // The worker that is asked, and since when, until it is known what came of it.
    asked: Option<(&'static str, u64)>,
    // What its result is called where results are kept, at this version of the worker: arguments are hashed once.
    named: Option<(String, String)>,
}

/// The scopes of tokens that open one category each.
#[wasm_bindgen]
pub fn category_scopes() -> Vec<String> {
    Category::ALL.iter().map(|category| scope_of(*category)).collect()
}

/// Reads a request; `body` is absent when it was too large, and `access`, JSON, where nobody is asked who calls.
#[expect(clippy::needless_pass_by_value, reason = "JavaScript hands options over by value")]
#[wasm_bindgen]
pub fn open(path: &str, headers: &str, body: Option<Vec<u8>>, now_ms: f64, access: Option<String>) -> Open {
    // What cannot be read opens nothing.
    let access =
        access.map_or(Access::Open, |access| serde_json::from_str(&access).unwrap_or_else(|_| Access::nothing()));
    let arrival = Arrival { path, headers, body: body.as_deref(), now_ms: millis(now_ms), access: &access };
    let exchange = ISOLATE.with_borrow_mut(|Isolate { config, ids, .. }| Exchange::open(arrival, config, ids));
    Open::of(exchange)
}

/// Prints the log line of a request whose instance was lost under it, and gives the id of its trace.
#[wasm_bindgen]
pub fn lost(headers: &str, now_ms: f64) -> String {
    let lost = |Isolate { config, ids, .. }: &mut Isolate| Exchange::lost(headers, millis(now_ms), config, ids);
    let (line, trace_id) = ISOLATE.with_borrow_mut(lost);
    octavo_runtime::print_line(&line);
    trace_id
}

#[wasm_bindgen]
impl Open {
    /// The handles of the blobs to find first, if there are any.
    pub fn blobs(&self) -> Option<Vec<String>> {
        let handles = self.exchange.as_ref()?.blobs();
        (!handles.is_empty()).then(|| handles.to_vec())
    }

    /// Takes the sizes of all blobs: for each its bytes, and its bytes when escaped.
    pub fn blobs_found(&mut self, sizes: &[u32]) {
        let (pairs, _) = sizes.as_chunks();
        let size = |[bytes, escaped]: &[u32; 2]| BlobSize { bytes: *bytes as usize, escaped: *escaped as usize };
        if let Some(exchange) = &mut self.exchange {
            exchange.blobs_found(&pairs.iter().map(size).collect::<Vec<_>>());
        }
    }

    /// Takes word which blobs are not there, by their places among the handles.
    pub fn blobs_missing(&mut self, blobs: &[u32]) {
        if let Some(exchange) = &mut self.exchange {
            exchange.blobs_missing(&blobs.iter().map(|blob| *blob as usize).collect::<Vec<_>>());
        }
    }

    /// Takes word that the store did not answer, or that there is none.
    pub fn blobs_unavailable(&mut self, bound: bool) {
        if let Some(exchange) = &mut self.exchange {
            exchange.blobs_unavailable(if bound { StoreFault::Silent } else { StoreFault::Unbound });
        }
    }

    /// The binding to ask, if a tool worker must be.
    pub fn binding(&self) -> Option<String> {
        let forward = self.exchange.as_ref()?.forward()?;
        Some(forward.binding().to_owned())
    }

    /// Whether that worker may be asked now. Where it is left alone the reply says until when.
    pub fn admit(&mut self, now_ms: f64) -> bool {
        let now = millis(now_ms);
        let Some(binding) = self.exchange.as_ref().and_then(Exchange::forward).map(Forward::binding) else {
            return false;
        };
        match ISOLATE.with_borrow_mut(|isolate| isolate.fleet.breakers.admit(binding, now)) {
            Ok(()) => self.asked = Some((binding, now)),
            Err(for_ms) => self.refuse(Failure::LeftAlone(for_ms)),
        }
        self.asked.is_some()
    }

    /// Takes what the worker says of itself: its version, and the digest of its catalogue.
    pub fn reports(&mut self, version: String, catalog: String) {
        let Some((binding, _)) = self.asked else { return };
        let (said, now) = (Reported { version, catalog }, octavo_runtime::clock());
        let is_skewed = ISOLATE.with_borrow_mut(|isolate| isolate.fleet.reports(binding, said, now));
        if let Some(exchange) = self.exchange.as_mut().filter(|_| is_skewed) {
            exchange.skewed();
        }
    }

    /// Whether its result is one that is kept, and the worker's version is to be asked for first.
    pub fn needs_version(&self, now_ms: f64) -> bool {
        let Some(exchange) = self.exchange.as_ref().filter(|exchange| exchange.is_kept()) else { return false };
        let Some(binding) = exchange.forward().map(Forward::binding) else { return false };
        ISOLATE.with_borrow(|isolate| isolate.fleet.version_of(binding, millis(now_ms)).is_none())
    }

    /// Takes what the worker says of itself when asked, JSON; without an answer it counts as what it was.
    pub fn told_version(&self, said: Option<String>) {
        let Some(binding) = self.exchange.as_ref().and_then(Exchange::forward).map(Forward::binding) else { return };
        let said: Option<Reported> = said.and_then(|said| serde_json::from_str(&said).ok());
        let now = octavo_runtime::clock();
        ISOLATE.with_borrow_mut(|Isolate { fleet, .. }| match said {
            Some(said) => _ = fleet.reports(binding, said, now),
            None => fleet.says_nothing(binding, now),
        });
    }

    /// What the call's result is called where results are kept, if it is one that is kept.
    pub fn cache_key(&mut self, now_ms: f64) -> Option<String> {
        let exchange = self.exchange.as_ref()?;
        let binding = exchange.forward()?.binding();
        let version =
            ISOLATE.with_borrow(|isolate| isolate.fleet.version_of(binding, millis(now_ms)).map(str::to_owned))?;
        if self.named.as_ref().is_none_or(|(of, _)| *of != version) {
            self.named = exchange.cache_key(&version).map(|key| (version, key));
        }
        self.named.as_ref().map(|(_, key)| key.clone())
    }

    /// Whether a kept result will do.
    pub fn takes_cached(&self) -> bool {
        self.exchange.as_ref().is_some_and(Exchange::takes_cached)
    }

    /// Takes word that it was looked for: the milliseconds that it took to make, where it is kept.
    pub fn cached(&mut self, took_ms: Option<f64>) {
        let saved_ms = took_ms.map(millis);
        ISOLATE.with_borrow_mut(|isolate| isolate.fleet.cached(saved_ms));
        if let Some(exchange) = &mut self.exchange {
            exchange.cached(saved_ms);
        }
    }

    /// Whether the call's result is there and no failure.
    pub fn succeeded(&self) -> bool {
        self.exchange.as_ref().is_some_and(Exchange::succeeded)
    }

    /// Whose calls the log is asked about, where it is what is asked: empty for a caller without a key.
    pub fn principal(&self) -> Option<String> {
        self.exchange.as_ref()?.principal().map(str::to_owned)
    }

    /// What to ask it, or what a task is made of.
    pub fn forward_body(&self) -> Vec<u8> {
        let forward = self.forward();
        forward.map_or_else(Vec::new, |forward| forward.body.as_bytes().to_vec())
    }

    /// What blobs replace in it: for each place its start, its end and the blob's place among the handles.
    pub fn splices(&self) -> Vec<u32> {
        let forward = self.forward();
        let splices = forward.map_or(&[][..], |forward| &forward.splices);
        let numbers = splices.iter().flat_map(|splice| [splice.at.start, splice.at.end, splice.blob]);
        // The body's own limit is far below 4 GiB.
        numbers.map(|number| u32::try_from(number).unwrap_or(u32::MAX)).collect()
    }

    /// Whether the call is to go on as a task.
    pub fn becomes_task(&self) -> bool {
        self.exchange.as_ref().is_some_and(Exchange::becomes_task)
    }

    /// Makes it one, of 20 random bytes: its id, and the record for its object.
    pub fn begin_task(&mut self, random: &[u8]) -> Option<Vec<String>> {
        let (id, record) = self.exchange.as_mut()?.begin_task(random.try_into().ok()?)?;
        Some(vec![id, record])
    }

    /// Takes word whether the object kept it.
    pub fn task_begun(&mut self, kept: bool) {
        if let Some(exchange) = &mut self.exchange {
            exchange.task_begun(kept);
        }
    }

    /// What to ask the object of a task: a verb, the task's id, a body; none when there is nothing to ask.
    pub fn task_request(&self) -> Option<Vec<String>> {
        let request = self.exchange.as_ref()?.task_request()?;
        Some(vec![request.verb.to_owned(), request.id.clone(), request.body.clone()])
    }

    /// Takes the object's answer: the HTTP status, 0 for silence, and the members of the task where it tells them.
    pub fn task_answered(&mut self, status: u16, members: String) {
        let answer = match status {
            200 => TaskAnswer::Stands(members),
            204 => TaskAnswer::Noted,
            404 => TaskAnswer::Unknown,
            _ => TaskAnswer::Silent,
        };
        if let Some(exchange) = &mut self.exchange {
            exchange.task_answered(&answer);
        }
    }

    /// The object of the session that the request is part of.
    pub fn session_object(&self) -> Option<String> {
        self.exchange.as_ref()?.session_object().map(str::to_owned)
    }

    /// Takes word that this session is over.
    pub fn session_over(&mut self) {
        if let Some(exchange) = &mut self.exchange {
            exchange.session_over();
        }
    }

    /// The requests of a batch, each to be answered by itself; none when this is a single request.
    pub fn parts(&mut self) -> Vec<Open> {
        let parts = self.exchange.as_mut().map(Exchange::take_parts).unwrap_or_default();
        parts.into_iter().map(Self::of).collect()
    }

    /// Takes the bodies of the parts' replies, in their order.
    #[expect(clippy::needless_pass_by_value, reason = "JavaScript hands lists over by value")]
    pub fn joined(&mut self, bodies: Vec<String>) {
        if let Some(exchange) = &mut self.exchange {
            exchange.joined(&bodies);
        }
    }

    /// Takes the worker's answer.
    pub fn answered(&mut self, frames: &[u8]) {
        if let Some(exchange) = &mut self.exchange {
            exchange.answered(frames);
        }
        self.settle();
    }

    /// Whether the client is to hear the worker's frames as they come.
    pub fn is_heard(&self) -> bool {
        self.exchange.as_ref().is_some_and(Exchange::is_heard)
    }

    /// Takes one of the worker's frames.
    pub fn frame(&mut self, line: &[u8]) {
        if let Some(exchange) = &mut self.exchange {
            exchange.frame(line);
        }
        self.settle();
    }

    /// The events for the client since the last time; from now on the reply is a stream.
    pub fn take_events(&mut self) -> Vec<u8> {
        self.exchange.as_mut().map(Exchange::take_events).unwrap_or_default().into_bytes()
    }

    /// The object that joins the client's answers to what it was asked, and then the ids of what is open; none when nothing
    /// was asked.
    pub fn questions(&self) -> Option<Vec<String>> {
        let (object, open) = self.exchange.as_ref()?.questions()?;
        Some(std::iter::once(object.to_owned()).chain(open).collect())
    }

    /// Takes the client's answer to a question, JSON; without one it counts as refused.
    #[expect(clippy::needless_pass_by_value, reason = "JavaScript hands options over by value")]
    pub fn respond(&mut self, id: &str, result: Option<String>) {
        if let Some(exchange) = &mut self.exchange {
            exchange.respond(id, result.as_deref());
        }
    }

    /// An answer that another exchange waits for: the object that joins the two, the question's id, the answer.
    pub fn delivery(&self) -> Option<Vec<String>> {
        let delivery = self.exchange.as_ref()?.delivery()?.clone();
        Some([delivery.object, delivery.id].into_iter().chain(delivery.result).collect())
    }

    /// Lists that the call changed.
    pub fn changed(&self) -> Vec<String> {
        self.exchange.as_ref().map_or_else(Vec::new, |exchange| exchange.changed().to_vec())
    }

    /// Whether the client subscribed.
    pub fn is_listening(&self) -> bool {
        self.exchange.as_ref().is_some_and(Exchange::is_listening)
    }

    /// Whether a subscribed client listens to any list.
    pub fn follows_lists(&self) -> bool {
        self.exchange.as_ref().is_some_and(Exchange::follows_lists)
    }

    /// What to send the objects of the tasks that a subscribed client listens to, and then the tasks' ids.
    pub fn follows_tasks(&self) -> Vec<String> {
        self.exchange.as_ref().map_or_else(Vec::new, |exchange| {
            let (tasks, body) = exchange.follows_tasks();
            std::iter::once(body).chain(tasks.iter().cloned()).collect()
        })
    }

    /// Takes word which of those tasks can be listened to, 1 or 0 each in their order, and acknowledges the subscription.
    pub fn acknowledge(&mut self, found: &[u8]) {
        if let Some(exchange) = &mut self.exchange {
            exchange.acknowledge(&found.iter().map(|found| *found != 0).collect::<Vec<_>>());
        }
    }

    /// The event for a subscribed client that a list changed, if it listens to that.
    pub fn changed_event(&self, list: &str) -> Option<Vec<u8>> {
        self.exchange.as_ref()?.changed_event(list).map(String::into_bytes)
    }

    /// The event for a subscribed client of how a task stands, from the task's members.
    pub fn task_event(&self, members: &str) -> Option<Vec<u8>> {
        self.exchange.as_ref()?.task_event(members).map(String::into_bytes)
    }

    /// Ends a subscription.
    pub fn end_listening(&mut self) {
        if let Some(exchange) = &mut self.exchange {
            exchange.end_listening();
        }
    }

    /// What ends the client's stream where the instance is lost before it can: one event, the response.
    pub fn lost_event(&self) -> Vec<u8> {
        self.exchange.as_ref().map(Exchange::lost_event).unwrap_or_default().into_bytes()
    }

    /// Takes word that there is no answer.
    pub fn unavailable(&mut self) {
        self.refuse(Failure::Unavailable);
    }

    /// Takes word that there was none within so many milliseconds.
    pub fn overdue(&mut self, deadline_ms: f64) {
        self.refuse(Failure::Overdue(millis(deadline_ms)));
    }

    /// Takes word that what came is no answer.
    pub fn garbage(&mut self) {
        self.refuse(Failure::Garbage);
    }

    /// Prints the log line; afterwards the reply can be read.
    pub fn close(&mut self, now_ms: f64) {
        if let Some(exchange) = self.exchange.take() {
            let (reply, line) = exchange.close(millis(now_ms));
            if let Some(line) = line {
                octavo_runtime::print_line(&line);
            }
            self.reply = reply;
        }
    }

    /// The reply's HTTP status.
    pub fn status(&self) -> u16 {
        self.reply.status
    }

    /// Whether the reply is a stream of events.
    pub fn is_stream(&self) -> bool {
        self.reply.content_type == "text/event-stream"
    }

    /// The reply's body as text, for a part of a batch.
    pub fn text(&mut self) -> String {
        std::mem::take(&mut self.reply.body)
    }

    /// The reply's body.
    pub fn body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.reply.body).into_bytes()
    }

    /// The id of a session that begins with the reply.
    pub fn session(&self) -> Option<String> {
        self.reply.session.clone()
    }

    /// Further headers of the reply, each name before its value.
    pub fn headers(&self) -> Vec<String> {
        self.reply.headers.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]).collect()
    }

    /// The rate-limit binding that counts the call, if one does.
    pub fn limit(&self) -> Option<String> {
        self.exchange.as_ref()?.limit().map(|limit| limit.binding().to_owned())
    }

    /// Takes word that it counted too many, and in how many seconds to try again.
    pub fn limited(&mut self, seconds: u32) {
        if let Some(exchange) = &mut self.exchange
            && let Some(limit) = exchange.limit()
        {
            exchange.limited(limit, seconds);
        }
    }

    /// Where the request is in its trace, as W3C's `traceparent`.
    pub fn traceparent(&self) -> String {
        self.exchange.as_ref().map_or_else(|| self.reply.traceparent.clone(), Exchange::traceparent)
    }

    /// The caller's `tracestate`.
    pub fn tracestate(&self) -> Option<String> {
        let open = self.exchange.as_ref().map(|exchange| exchange.tracestate().map(str::to_owned));
        open.unwrap_or_else(|| self.reply.tracestate.clone())
    }

    /// The origin to allow.
    pub fn allow_origin(&self) -> Option<String> {
        let open = self.exchange.as_ref().and_then(Exchange::allow_origin);
        open.map_or_else(|| self.reply.allow_origin.clone(), |origin| Some(origin.to_owned()))
    }
}

impl Open {
    fn of(exchange: Exchange) -> Self {
        Self { exchange: Some(exchange), reply: Reply::default(), asked: None, named: None }
    }

    fn refuse(&mut self, failure: Failure) {
        if let Some(exchange) = &mut self.exchange {
            exchange.failed(failure);
        }
        self.settle();
    }

    // Tells the breaker what came of asking, once that is known.
    fn settle(&mut self) {
        let Some(exchange) = self.exchange.as_ref().filter(|exchange| exchange.forward().is_none()) else { return };
        let Some((binding, since)) = self.asked.take() else { return };
        let now = octavo_runtime::clock();
        ISOLATE.with_borrow_mut(|isolate| match exchange.fault() {
            None => isolate.fleet.breakers.answered(binding, now.saturating_sub(since)),
            Some(_) => isolate.fleet.breakers.failed(binding, now),
        });
    }

    fn forward(&self) -> Option<&Forward> {
        let exchange = self.exchange.as_ref()?;
        exchange.forward().or_else(|| exchange.task_call())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the platform's clock, below 2^53")]
pub(crate) fn millis(now: f64) -> u64 {
    now as u64
}

/// Everything but POSTs to the MCP endpoint and what uploads, asks for and deletes blobs.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    // What the platform refuses is no trap: thrown, it would cost the instance and the calls in it.
    match answer(request, &env).await {
        Ok(response) => Ok(response),
        Err(_) => refused(500, "Internal error"),
    }
}

async fn answer(request: Request, env: &Env) -> Result<Response> {
    let url = request.url()?;
    let path = url.path();
    if path == "/mcp" || path.starts_with("/mcp/") {
        return not_a_post(&request);
    }
    // The shell serves the other methods.
    if let Some(methods) = blob::methods_of(path) {
        return preflight(&request, methods);
    }
    match (request.method(), path) {
        (Method::Get | Method::Head, "/health") => health(env).await,
        (Method::Get | Method::Head, "/health/live") => alive(),
        (Method::Get | Method::Head, "/metrics") => metrics(),
        _ if path == "/ops" || path.starts_with("/ops/") => operators(request, env).await,
        _ => Response::error("not found; the MCP endpoint is /mcp\n", 404),
    }
}

// No stream is opened by a GET, and the shell ends sessions, where there are any.
fn not_a_post(request: &Request) -> Result<Response> {
    let methods = ISOLATE.with_borrow(|isolate| isolate.config.methods());
    if request.method() == Method::Options {
        return preflight(request, methods);
    }
    let origin = request.headers().get("origin")?;
    if origin.is_some_and(|origin| !ISOLATE.with_borrow(|isolate| isolate.config.allows_origin(&origin))) {
        return Response::error("this origin is not allowed; see ALLOWED_ORIGINS\n", 403);
    }
    let allow = Headers::new();
    allow.set("allow", methods)?;
    Ok(Response::error("this endpoint takes POST only\n", 405)?.with_headers(allow))
}

// Says what a page of an allowed origin may send.
fn preflight(request: &Request, methods: &str) -> Result<Response> {
    let allow = Headers::new();
    allow.set("allow", methods)?;
    let origin = request.headers().get("origin")?.unwrap_or_default();
    if !ISOLATE.with_borrow(|isolate| isolate.config.allows_origin(&origin)) {
        return Ok(Response::empty()?.with_status(403));
    }
    let asked = request.headers().get("access-control-request-headers")?;
    allow.set("access-control-allow-origin", &origin)?;
    allow.set("access-control-allow-methods", methods)?;
    allow.set("access-control-allow-headers", asked.as_deref().unwrap_or(CORS_HEADERS))?;
    allow.set("access-control-max-age", "86400")?;
    allow.set("vary", "Origin, Access-Control-Request-Headers")?;
    Ok(Response::empty()?.with_status(204).with_headers(allow))
}

const CORS_HEADERS: &str = "Authorization, Content-Type, Content-Encoding, Accept, MCP-Protocol-Version, Mcp-Method, \
                            Mcp-Name, Mcp-Session-Id, Last-Event-ID, Traceparent, Tracestate, X-MCP-Toolsets, X-MCP-Tools, \
                            X-MCP-Exclude-Tools";

// Which deployed version answers is what a deployment on trial is recognised by.
fn alive() -> Result<Response> {
    let deployment = ISOLATE.with_borrow(|isolate| isolate.config.version.clone());
    let mut response = Response::from_json(&serde_json::json!({ "status": "ok", "deployment": deployment }))?;
    response.headers_mut().set("cache-control", "no-store")?;
    Ok(response)
}

async fn health(env: &Env) -> Result<Response> {
    let now = octavo_runtime::clock();
    let kept = PROBED.with_borrow(|(at, probes)| (now < at + PROBES_KEPT_MS).then(|| probes.clone()));
    let probes = if let Some(probes) = kept.filter(|probes| !probes.is_empty()) {
        probes
    } else {
        let probes = join_all(Category::ALL.iter().map(|category| probe(env, *category))).await;
        PROBED.set((octavo_runtime::clock(), probes.clone()));
        probes
    };
    let health = ISOLATE.with_borrow(|isolate| isolate.fleet.health(&probes, now));
    let mut response = Response::from_json(&health)?;
    response.headers_mut().set("cache-control", "no-store")?;
    Ok(response)
}

async fn probe(env: &Env, category: Category) -> Probe {
    let started = octavo_runtime::clock();
    let asked = async {
        let worker = env.service(category.row().binding).ok()?;
        let mut response = worker.fetch("https://tool-worker/health", None).await.ok()?;
        if response.status_code() != 200 {
            return None;
        }
        response.json::<Reported>().await.ok()
    };
    let found = match select(pin!(asked), pin!(Delay::from(PROBE_TIMEOUT))).await {
        Either::Left((found, _)) => found,
        Either::Right(_) => None,
    };
    Probe { category, found, took_ms: octavo_runtime::clock() - started }
}

fn metrics() -> Result<Response> {
    let text = ISOLATE.with_borrow(|isolate| isolate.fleet.metrics(octavo_runtime::clock()));
    let mut response = Response::ok(text)?;
    response.headers_mut().set("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")?;
    response.headers_mut().set("cache-control", "no-store")?;
    Ok(response)
}

// The tail worker answers operators; the gateway only passes on, and its own line of it is of kind `ops`, which the tail
// worker drops.
async fn operators(request: Request, env: &Env) -> Result<Response> {
    let Ok(tail) = env.service(TAIL_BINDING) else {
        return refused(503, "the tail worker is not bound");
    };
    let mut url = request.url()?;
    let path = url.path().strip_prefix("/ops").unwrap_or_default().to_owned();
    if path.is_empty() {
        // The page's own links are relative.
        url.set_path("/ops/");
        return Response::redirect_with_status(url, 308);
    }
    // What the workers say to each other is nobody's else.
    if path.starts_with("/internal") {
        return Response::error("not found\n", 404);
    }
    url.set_path(&path);
    let headers = request.headers().clone();
    headers.delete(PRINCIPAL_HEADER)?;
    // There is nothing to write, so no body is passed on.
    let mut init = RequestInit::new();
    init.with_method(request.method()).with_headers(headers);
    let asked = tail.fetch_request(Request::new_with_init(url.as_str(), &init)?);
    match select(pin!(asked), pin!(Delay::from(OPERATORS_TIMEOUT))).await {
        Either::Left((Ok(response), _)) => Ok(response),
        Either::Left((Err(_), _)) | Either::Right(_) => refused(503, "the tail worker does not answer; try again"),
    }
}

// In the form of the operators' API.
fn refused(status: u16, message: &str) -> Result<Response> {
    let mut response =
        Response::from_json(&serde_json::json!({ "error": { "message": message } }))?.with_status(status);
    response.headers_mut().set("cache-control", "no-store")?;
    Ok(response)
}

//! The platform's side of the gateway: the thin exports for MCP, and the general handler for everything else.

use crate::web::{Health, root};
use crate::{Arrival, Config, Exchange, Failure, MAX_BODY_BYTES, Reply};
use futures::future::{Either, join_all, select};
use octavo_category::{Category, TAIL_BINDING};
use octavo_telemetry::IdSource;
use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Context, Delay, Env, Headers, Method, Request, RequestInit, Response, Result, event};

thread_local! {
    static ISOLATE: RefCell<(Config, IdSource)> = RefCell::new((Config::default(), IdSource::new(0)));
}

/// How long a worker may take to say that it is up.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

#[wasm_bindgen(start)]
fn start() {
    octavo_runtime::report_panics();
}

/// Takes the deployment's variables and a seed for ids; called once per instance.
#[expect(clippy::needless_pass_by_value, reason = "JavaScript hands options over by value")]
#[wasm_bindgen]
pub fn configure(allowed_origins: Option<String>, version: Option<String>, seed: u64) {
    let config = Config::new(allowed_origins.as_deref(), version);
    ISOLATE.with_borrow_mut(|isolate| *isolate = (config, IdSource::new(seed)));
}

/// Largest body read.
#[wasm_bindgen]
pub fn max_body_bytes() -> u32 {
    u32::try_from(MAX_BODY_BYTES).unwrap_or(u32::MAX)
}

/// An [`Exchange`] in the hands of the shell.
#[wasm_bindgen]
pub struct Open {
    exchange: Option<Exchange>,
    reply: Reply,
}

/// Reads a request; `body` is absent when it was too large.
#[expect(clippy::needless_pass_by_value, reason = "JavaScript hands options over by value")]
#[wasm_bindgen]
pub fn open(path: &str, headers: &str, body: Option<Vec<u8>>, now_ms: f64) -> Open {
    let arrival = Arrival { path, headers, body: body.as_deref(), now_ms: millis(now_ms) };
    let exchange = ISOLATE.with_borrow_mut(|(config, ids)| Exchange::open(arrival, config, ids));
    Open { exchange: Some(exchange), reply: Reply::default() }
}

#[wasm_bindgen]
impl Open {
    /// The binding to ask, if a tool worker must be.
    pub fn binding(&self) -> Option<String> {
        let forward = self.exchange.as_ref()?.forward()?;
        Some(forward.category.row().binding.to_owned())
    }

    /// What to ask it.
    pub fn forward_body(&self) -> Vec<u8> {
        let forward = self.exchange.as_ref().and_then(Exchange::forward);
        forward.map_or_else(Vec::new, |forward| forward.body.as_bytes().to_vec())
    }

    /// Takes the worker's answer.
    pub fn answered(&mut self, frames: &[u8]) {
        if let Some(exchange) = &mut self.exchange {
            exchange.answered(frames);
        }
    }

    /// Takes word that there is no answer.
    pub fn unavailable(&mut self) {
        if let Some(exchange) = &mut self.exchange {
            exchange.failed(Failure::Unavailable);
        }
    }

    /// Prints the log line; afterwards the reply can be read.
    pub fn close(&mut self, now_ms: f64) {
        if let Some(exchange) = self.exchange.take() {
            let (reply, line) = exchange.close(millis(now_ms));
            octavo_runtime::print_line(&line);
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

    /// The reply's body.
    pub fn body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.reply.body).into_bytes()
    }

    /// The origin to allow.
    pub fn allow_origin(&self) -> Option<String> {
        self.reply.allow_origin.clone()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the platform's clock, below 2^53")]
fn millis(now: f64) -> u64 {
    now as u64
}

/// Everything but POSTs to the MCP endpoint.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let url = request.url()?;
    let path = url.path();
    if path == "/mcp" || path.starts_with("/mcp/") {
        return not_a_post(&request);
    }
    match (request.method(), path) {
        (Method::Get | Method::Head, "/") => Response::ok(root(&url.origin().ascii_serialization())),
        (Method::Get, "/health") => health(&env).await,
        (Method::Get, _) if path.starts_with("/ops/") => operators(request, &env).await,
        _ => Response::error("not found; the MCP endpoint is /mcp\n", 404),
    }
}

// OPTIONS asks whether a page may POST; GET and DELETE belong to sessions, which there are none of.
fn not_a_post(request: &Request) -> Result<Response> {
    let allow = Headers::new();
    allow.set("allow", "POST, OPTIONS")?;
    if request.method() != Method::Options {
        return Ok(Response::error("this endpoint takes POST only\n", 405)?.with_headers(allow));
    }
    let origin = request.headers().get("origin")?.unwrap_or_default();
    if !ISOLATE.with_borrow(|(config, _)| config.allows_origin(&origin)) {
        return Ok(Response::empty()?.with_status(403));
    }
    let asked = request.headers().get("access-control-request-headers")?;
    allow.set("access-control-allow-origin", &origin)?;
    allow.set("access-control-allow-methods", "POST, OPTIONS")?;
    allow.set("access-control-allow-headers", asked.as_deref().unwrap_or(CORS_HEADERS))?;
    allow.set("access-control-max-age", "86400")?;
    allow.set("vary", "Origin, Access-Control-Request-Headers")?;
    Ok(Response::empty()?.with_status(204).with_headers(allow))
}

const CORS_HEADERS: &str = "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name, \
                            Mcp-Session-Id, Last-Event-ID, Traceparent, Tracestate";

async fn health(env: &Env) -> Result<Response> {
    let probes = join_all(Category::ALL.iter().map(|category| probe(env, *category))).await;
    Response::from_json(&Health::of(&probes))
}

async fn probe(env: &Env, category: Category) -> (Category, bool, u64) {
    let started = octavo_runtime::clock();
    let asked = async {
        let worker = env.service(category.row().binding).ok()?;
        let response = worker.fetch("https://tool-worker/health", None).await.ok()?;
        (response.status_code() == 200).then_some(())
    };
    let up = match select(pin!(asked), pin!(Delay::from(PROBE_TIMEOUT))).await {
        Either::Left((answer, _)) => answer.is_some(),
        Either::Right(_) => false,
    };
    (category, up, octavo_runtime::clock() - started)
}

// The tail worker answers operators; the gateway only passes on, and its own line of it is of kind `ops`, which the tail
// worker drops.
async fn operators(request: Request, env: &Env) -> Result<Response> {
    let Ok(tail) = env.service(TAIL_BINDING) else {
        return Response::error("the tail worker is not bound\n", 503);
    };
    let mut url = request.url()?;
    url.set_path(url.path().strip_prefix("/ops").unwrap_or_default().to_owned().as_str());
    let mut init = RequestInit::new();
    init.with_headers(request.headers().clone());
    tail.fetch_request(Request::new_with_init(url.as_str(), &init)?).await
}

//! The platform's side of the tail worker: events in, KV, the clock, answers out.

use crate::access::Access;
use crate::agent;
use crate::analytics::{MAX_POINTS, Point};
use crate::api::{self, Reply};
use crate::buffer::{Budget, Buffer, Turn};
use crate::config::{Config, Mode};
use crate::cron;
use crate::ingest::{Ingested, ingest, ingest_push};
use crate::keys;
use crate::live::{Export, FEED_MS, Feed, POLL_MS};
use crate::otlp::{Collector, Post};
use crate::page;
use crate::segment::{self, Segment};
use crate::store::{Page, Store, StoreError};
use futures::future::{Either, join_all, select};
use futures::stream::unfold;
use octavo_rpc::PRINCIPAL_HEADER;
use octavo_settings as settings;
use serde_json::value::RawValue;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::kv::{KvError, KvStore};
use worker::{
    AnalyticsEngineDataPointBuilder, Context, Delay, Env, Fetch, Headers, Method, Request, RequestInit, Response,
    Result, event,
};

/// The KV namespace of the log.
const STORE: &str = settings::LOGS.name;
/// The dataset of data points; used where it is bound.
const DATASET: &str = settings::ANALYTICS.name;
/// How long after a failed write it is tried once more.
const RETRY: Duration = Duration::from_secs(1);
/// How long a collector may take to answer.
const COLLECTOR_TIMEOUT: Duration = Duration::from_secs(8);
/// Where the gateway hands over lines, asks for an agent, and asks whether it may; nothing outside reaches these paths.
const INGEST_PATH: &str = "/internal/ingest";
const CALL_PATH: &str = "/internal/call";
const AGENT_PATH: &str = "/internal/agent";
/// The header that says how many lines the gateway lost before.
const LOST_HEADER: &str = "x-octavo-lost";
/// The header by which the shell says that a request has a valid assertion of Cloudflare Access.
const ASSERTED_HEADER: &str = "x-octavo-asserted";

thread_local! {
    static BUFFER: RefCell<Buffer> = RefCell::default();
    static BUDGET: RefCell<Budget> = RefCell::default();
    // The isolate's own part of its keys, and the number of its next one.
    static NEXT: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
}

#[wasm_bindgen(start)]
fn start() {
    octavo_runtime::report_panics();
}

struct Kv(KvStore);

impl Store for Kv {
    async fn list(&self, prefix: &str, cursor: Option<&str>, limit: u32) -> std::result::Result<Page, StoreError> {
        let mut list = self.0.list().prefix(prefix.to_owned()).limit(limit.into());
        if let Some(cursor) = cursor {
            list = list.cursor(cursor.to_owned());
        }
        let page = list.execute().await.map_err(fault)?;
        let metadata = |metadata: Option<serde_json::Value>| metadata.map(|json| json.to_string()).unwrap_or_default();
        Ok(Page {
            keys: page.keys.into_iter().map(|key| (key.name, metadata(key.metadata))).collect(),
            cursor: page.cursor.filter(|_| !page.list_complete),
        })
    }

    async fn read(&self, keys: &[String]) -> std::result::Result<Vec<Option<String>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = self.0.get_bulk(keys).text().await.map_err(fault)?;
        Ok(keys.iter().map(|key| values.remove(key).flatten()).collect())
    }

    async fn write(&self, key: &str, value: &str, metadata: &str, ttl: u64) -> std::result::Result<(), StoreError> {
        let metadata: &RawValue = serde_json::from_str(metadata).map_err(|error| StoreError(error.to_string()))?;
        let put = self.0.put(key, value).and_then(|put| put.metadata(metadata)).map_err(fault)?;
        put.expiration_ttl(ttl).execute().await.map_err(fault)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn fault(error: KvError) -> StoreError {
    StoreError(error.to_string())
}

fn config(env: &Env) -> Config {
    Config::read(|name| env.var(name).ok().map(|value| value.to_string()))
}

/// Takes a batch of tail events, cut to the allow-list, as JSON.
#[wasm_bindgen]
pub async fn tail(events: String, env: Env) {
    settle(ingest(&events), &env).await;
}

/// Lines that wait to be written.
#[wasm_bindgen]
pub fn waiting() -> u32 {
    BUFFER.with_borrow(|buffer| u32::try_from(buffer.waiting()).unwrap_or(u32::MAX))
}

/// Counts lines that an instance before this one took along when it died.
#[wasm_bindgen]
pub fn count_lost(lines: u32) {
    BUFFER.with_borrow_mut(|buffer| buffer.count_lost("instance_replaced", lines.into()));
}

// Brings lines to the buffer and, where it is this invocation's turn, from there to the store and elsewhere.
async fn settle(ingested: Ingested, env: &Env) {
    measure(&ingested, env);
    let config = config(env);
    let turn = BUFFER.with_borrow_mut(|buffer| buffer.push(ingested, octavo_runtime::clock(), config.window_ms));
    let spend = || BUDGET.with_borrow_mut(|budget| budget.spend(config.writes_per_day, octavo_runtime::clock()));
    let segment = match turn {
        Turn::Leave => None,
        Turn::Write(segment) => {
            // So many lines are worth a write, whatever is left of the day's.
            let _ = spend();
            Some(segment)
        }
        Turn::Lead => {
            Delay::from(Duration::from_millis(config.window_ms)).await;
            let may = spend();
            BUFFER.with_borrow_mut(|buffer| {
                if may {
                    buffer.take()
                } else {
                    buffer.wait();
                    None
                }
            })
        }
    };
    if let Some(segment) = segment {
        match env.kv(STORE) {
            Ok(kv) => keep(&Kv(kv), &segment, config.lives.raw).await,
            Err(_) => BUFFER.with_borrow_mut(|buffer| buffer.lost(&segment)),
        }
        hand_on(&segment, env).await;
    }
}

async fn keep(store: &Kv, segment: &Segment, ttl: u64) {
    let metadata = segment.metadata();
    for attempt in 0..2 {
        let key = next_key(segment);
        match store.write(&key, &segment.value, &metadata, ttl).await {
            Ok(()) => return,
            Err(_) if attempt == 0 => Delay::from(RETRY).await,
            Err(_) => BUFFER.with_borrow_mut(|buffer| buffer.lost(segment)),
        }
    }
}

// Spans and records to a collector, where one is set. Best effort: one retry, losses counted, the store is never behind it.
async fn hand_on(segment: &Segment, env: &Env) {
    let setting = |name: &str| env.var(name).ok().map(|value| value.to_string());
    let headers = env.secret(settings::OTLP_HEADERS.name).ok().map(|secret| secret.to_string());
    let Some(collector) = Collector::read(setting(settings::OTLP_ENDPOINT.name).as_deref(), headers.as_deref()) else {
        return;
    };
    let lines: Vec<_> = segment::lines(&segment.value).collect();
    let posts = collector.posts(&lines);
    let sent = join_all(posts.iter().map(|post| send(&collector, post))).await;
    for (post, sent) in posts.iter().zip(sent) {
        if !sent {
            let reason = if post.url.ends_with("traces") { "otlp_spans_failed" } else { "otlp_logs_failed" };
            BUFFER.with_borrow_mut(|buffer| buffer.count_lost(reason, post.lines));
        }
    }
}

async fn send(collector: &Collector, post: &Post) -> bool {
    for attempt in 0..2 {
        let asked = async {
            let headers = Headers::new();
            headers.set("content-type", "application/json")?;
            for (name, value) in &collector.headers {
                headers.set(name, value)?;
            }
            let mut init = RequestInit::new();
            init.with_method(Method::Post).with_headers(headers).with_body(Some(post.body.as_str().into()));
            let response = Fetch::Request(Request::new_with_init(&post.url, &init)?).send().await?;
            Ok::<u16, worker::Error>(response.status_code())
        };
        let status = match select(pin!(asked), pin!(Delay::from(COLLECTOR_TIMEOUT))).await {
            Either::Left((Ok(status), _)) => status,
            Either::Left((Err(_), _)) | Either::Right(_) => 0,
        };
        match status {
            200..300 => return true,
            // What the protocol says may be tried again; anything else would be refused again.
            0 | 429 | 502 | 503 | 504 if attempt == 0 => Delay::from(RETRY).await,
            _ => return false,
        }
    }
    false
}

fn next_key(segment: &Segment) -> String {
    let (mut isolate, number) = NEXT.get();
    while isolate == 0 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 up to 2^32")]
        let chance = (js_sys::Math::random() * 4_294_967_296.0) as u32;
        isolate = chance;
    }
    NEXT.set((isolate, (number + 1) & 0x00ff_ffff));
    // A clock that runs behind the producers' must not break the order of keys.
    keys::raw(octavo_runtime::clock().max(segment.facets.t1), isolate, number)
}

// One data point a line, where a dataset is bound.
fn measure(ingested: &Ingested, env: &Env) {
    let Ok(dataset) = env.analytics_engine(DATASET) else { return };
    for point in ingested.lines.iter().take(MAX_POINTS).map(Point::of) {
        let blobs = point.blobs.iter().map(String::as_str);
        let built =
            AnalyticsEngineDataPointBuilder::new().indexes([point.index.as_str()]).blobs(blobs).doubles(point.doubles);
        // Metrics are an extra; a point that is not taken changes nothing else.
        let _ = built.write_to(&dataset);
    }
}

/// The minutely work; the hourly one where operations are few. Gives the reason where it was not all done.
#[wasm_bindgen]
pub async fn scheduled(now: f64, env: Env) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the platform's clock, below 2^53")]
    let now = now as u64;
    let Config { mode, lives, .. } = config(&env);
    let store = match env.kv(STORE) {
        Ok(kv) => Kv(kv),
        Err(error) => return Some(error.to_string()),
    };
    let done = match mode {
        Mode::Tail => cron::run(&store, &lives, now).await,
        Mode::Push if cron::is_hourly_turn(now) => cron::run_hourly(&store, &lives, now).await,
        Mode::Push => return None,
    };
    done.err().map(|error| error.to_string())
}

/// The dashboard and the operators' API.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    // What the platform refuses is no trap: thrown, it would cost the instance and the lines that wait in it.
    match answer(request, env).await {
        Ok(response) => Ok(response),
        Err(_) => Ok(Response::from_json(
            &serde_json::json!({ "error": { "message": "the log does not answer; try again" } }),
        )?
        .with_status(503)),
    }
}

async fn answer(mut request: Request, env: Env) -> Result<Response> {
    let url = request.url()?;
    if url.path() == "/health" {
        return Response::ok("ok\n");
    }
    let setting = |name: &str| env.var(name).ok().map(|value| value.to_string());
    let tokens = env.secret(settings::OPS_TOKENS.name).ok().map(|secret| secret.to_string());
    let mut access = Access::read(setting(settings::OPS_ACCESS.name).as_deref(), tokens.as_deref());
    if let (Some(_), Some(_)) = (setting(settings::ACCESS_TEAM.name), setting(settings::ACCESS_AUD.name)) {
        let asserted = request.headers().get(ASSERTED_HEADER)?.is_some();
        access = access.with_team(setting(settings::ACCESS_SCOPES.name).as_deref(), asserted);
    }
    match url.path() {
        INGEST_PATH => return take_push(&mut request, &env).await,
        AGENT_PATH | CALL_PATH if access.is_closed() => return Response::error("closed\n", 404),
        AGENT_PATH => return Response::ok("open\n"),
        CALL_PATH => return answer_agent(&mut request, &env).await,
        _ => {}
    }
    let method = request.method().to_string();
    // The page holds no data; it asks for a token where one is needed.
    if !access.is_closed()
        && method == "GET"
        && let Some((content_type, text)) = page::file(url.path())
    {
        let headers = headers(content_type)?;
        headers.set("content-security-policy", page::POLICY)?;
        headers.set("referrer-policy", "no-referrer")?;
        return Ok(Response::ok(text)?.with_headers(headers));
    }
    let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let (authorization, last_event_id) =
        (request.headers().get("authorization")?, request.headers().get("last-event-id")?);
    let asked = api::Request {
        method: &method,
        path: url.path(),
        parameters: &parameters,
        authorization: authorization.as_deref(),
        last_event_id: last_event_id.as_deref(),
    };
    let store = Kv(env.kv(STORE)?);
    match api::answer(&store, &access, asked, octavo_runtime::clock()).await {
        Reply::Whole { status, content_type, headers: more, body } => {
            let headers = headers(content_type)?;
            for (name, value) in more {
                headers.set(name, &value)?;
            }
            Ok(Response::ok(body)?.with_status(status).with_headers(headers))
        }
        Reply::Live(feed) => follow(store, *feed),
        Reply::Export(export) => hand_over(store, *export),
    }
}

// Lines that the gateway hands over, where the platform does not.
async fn take_push(request: &mut Request, env: &Env) -> Result<Response> {
    if request.method() != Method::Post || config(env).mode != Mode::Push {
        return Response::error("there is no such path here\n", 404);
    }
    let lost = request.headers().get(LOST_HEADER)?.and_then(|lost| lost.parse().ok()).unwrap_or_default();
    let mut ingested = ingest_push(&request.bytes().await?);
    ingested.lost("push_failed", lost);
    settle(ingested, env).await;
    Ok(Response::empty()?.with_status(204))
}

// A question of an agent about its own calls.
async fn answer_agent(request: &mut Request, env: &Env) -> Result<Response> {
    let principal = request.headers().get(PRINCIPAL_HEADER)?;
    if request.method() != Method::Post {
        return Response::error("there is no such path here\n", 404);
    }
    let body = request.bytes().await?;
    let store = Kv(env.kv(STORE)?);
    let frames = agent::answer(&store, &body, principal.as_deref(), octavo_runtime::clock()).await;
    Ok(Response::ok(frames)?.with_headers(headers("application/x-ndjson")?))
}

fn headers(content_type: &str) -> Result<Headers> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    headers.set("cache-control", "no-store")?;
    headers.set("x-content-type-options", "nosniff")?;
    Ok(headers)
}

fn follow(store: Kv, feed: Feed) -> Result<Response> {
    let ends = octavo_runtime::clock() + FEED_MS;
    let frames = unfold((store, feed, false), move |(store, mut feed, waits)| async move {
        if waits {
            Delay::from(Duration::from_millis(POLL_MS)).await;
        }
        let now = octavo_runtime::clock();
        if now >= ends {
            return None;
        }
        // A store that does not answer now may the next time.
        let frames = feed.step(&store, now).await.unwrap_or_else(|_| ": the store does not answer\n\n".to_owned());
        Some((Ok::<_, worker::Error>(frames.into_bytes()), (store, feed, true)))
    });
    let headers = headers("text/event-stream")?;
    headers.set("x-accel-buffering", "no")?;
    Ok(Response::from_stream(frames)?.with_headers(headers))
}

fn hand_over(store: Kv, export: Export) -> Result<Response> {
    let pages = unfold((store, export), |(store, mut export)| async move {
        match export.step(&store).await {
            Ok(Some(page)) => Some((Ok(page.into_bytes()), (store, export))),
            Ok(None) => None,
            // A body that breaks off tells the client that it is not whole.
            Err(error) => Some((Err(worker::Error::RustError(error.to_string())), (store, export))),
        }
    });
    Ok(Response::from_stream(pages)?.with_headers(headers("application/x-ndjson")?))
}

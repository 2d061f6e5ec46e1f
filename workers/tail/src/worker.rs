//! The platform's side of the tail worker: events in, KV, the clock, answers out.

use crate::access::Access;
use crate::analytics::{MAX_POINTS, Point};
use crate::api::{self, Reply};
use crate::buffer::{Buffer, Turn};
use crate::config::Config;
use crate::cron;
use crate::ingest::{Ingested, ingest};
use crate::keys;
use crate::live::{Export, FEED_MS, Feed, POLL_MS};
use crate::page;
use crate::segment::Segment;
use crate::store::{Page, Store, StoreError};
use futures::stream::unfold;
use serde_json::value::RawValue;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::kv::{KvError, KvStore};
use worker::{AnalyticsEngineDataPointBuilder, Context, Delay, Env, Headers, Request, Response, Result, event};

/// The KV namespace of the log.
const STORE: &str = "LOGS";
/// The dataset of data points; used where it is bound.
const DATASET: &str = "ANALYTICS";
/// How long after a failed write it is tried once more.
const RETRY: Duration = Duration::from_secs(1);

thread_local! {
    static BUFFER: RefCell<Buffer> = RefCell::default();
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
pub async fn tail(events: String, env: Env) -> std::result::Result<(), JsValue> {
    let ingested = ingest(&events);
    measure(&ingested, &env);
    let config = config(&env);
    let turn = BUFFER.with_borrow_mut(|buffer| buffer.push(ingested, octavo_runtime::clock(), config.window_ms));
    let segment = match turn {
        Turn::Leave => None,
        Turn::Write(segment) => Some(segment),
        Turn::Lead => {
            Delay::from(Duration::from_millis(config.window_ms)).await;
            BUFFER.with_borrow_mut(Buffer::take)
        }
    };
    if let Some(segment) = segment {
        keep(&Kv(env.kv(STORE)?), &segment, config.lives.raw).await;
    }
    Ok(())
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

/// The minutely work.
#[wasm_bindgen]
pub async fn scheduled(now: f64, env: Env) -> std::result::Result<(), JsValue> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the platform's clock, below 2^53")]
    let now = now as u64;
    let done = cron::run(&Kv(env.kv(STORE)?), &config(&env).lives, now).await;
    done.map(|_| ()).map_err(|error| JsValue::from_str(&error.to_string()))
}

/// The dashboard and the operators' API.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let url = request.url()?;
    if url.path() == "/health" {
        return Response::ok("ok\n");
    }
    let setting = |name: &str| env.var(name).ok().map(|value| value.to_string());
    let tokens = env.secret("OPS_TOKENS").ok().map(|secret| secret.to_string());
    let access = Access::read(setting("OPS_ACCESS").as_deref(), tokens.as_deref());
    let method = request.method().to_string();
    // The page holds no data; it asks for a token where one is needed.
    if access != Access::Closed
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

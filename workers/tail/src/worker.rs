//! The platform's side of the tail worker: events in, KV, queries out.

use crate::ingest::ingest;
use crate::keys::{self, MAX_METADATA_BYTES};
use crate::query::{LogAnswer, LogQuery};
use octavo_telemetry::LogLine;
use serde_json::value::RawValue;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::kv::KvStore;
use worker::{Context, Env, Method, Request, Response, Result, event};

/// The KV namespace of the log.
const STORE: &str = "LOGS";
/// How long a line is kept unless `LOG_TTL_SECONDS` says otherwise: three days.
const DEFAULT_TTL_SECONDS: u64 = 259_200;
/// Shortest life the platform grants a key.
const MIN_TTL_SECONDS: u64 = 60;

#[wasm_bindgen(start)]
fn start() {
    octavo_runtime::report_panics();
}

/// Takes a batch of tail events, cut to the allow-list, as JSON.
#[wasm_bindgen]
pub async fn tail(events: String, env: Env) -> std::result::Result<(), JsValue> {
    let ingested = ingest(&events);
    if ingested.lines.is_empty() {
        return Ok(());
    }
    let store = env.kv(STORE)?;
    let ttl =
        env.var("LOG_TTL_SECONDS").ok().and_then(|ttl| ttl.to_string().parse().ok()).unwrap_or(DEFAULT_TTL_SECONDS);
    for line in &ingested.lines {
        keep(&store, line, ttl.max(MIN_TTL_SECONDS)).await.map_err(|error| JsValue::from_str(&error.to_string()))?;
    }
    Ok(())
}

async fn keep(store: &KvStore, line: &LogLine<'_>, ttl: u64) -> std::result::Result<(), worker::kv::KvError> {
    let text = line.to_json();
    let key = keys::of_line(line);
    if text.len() <= MAX_METADATA_BYTES {
        store.put(&key, "")?.metadata(line)?.expiration_ttl(ttl).execute().await
    } else {
        store.put(&key, text)?.expiration_ttl(ttl).execute().await
    }
}

/// The operators' API, closed unless `OPS_ACCESS` opens it.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let open = env.var("OPS_ACCESS").is_ok_and(|access| access.to_string() == "open");
    let url = request.url()?;
    match (request.method(), url.path()) {
        (Method::Get, "/health") => Response::ok("ok\n"),
        (Method::Get, "/v1/logs") if open => match LogQuery::parse(url.query_pairs()) {
            Ok(query) => Response::from_json(&logs(&env.kv(STORE)?, &query).await?),
            Err(error) => Response::error(error.to_string(), 400),
        },
        _ => Response::error("not found\n", 404),
    }
}

async fn logs(store: &KvStore, query: &LogQuery) -> Result<LogAnswer> {
    let page = store.list().prefix(keys::LINES.to_owned()).limit(u64::from(query.limit)).execute().await?;
    let mut data = Vec::with_capacity(page.keys.len());
    for key in page.keys {
        let line = match key.metadata {
            Some(line) => Some(line.to_string()),
            None => store.get(&key.name).text().await?,
        };
        data.extend(line.and_then(|line| RawValue::from_string(line).ok()));
    }
    Ok(LogAnswer { data, complete: page.list_complete })
}

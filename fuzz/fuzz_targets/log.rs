//! The log: questions of operators with their filters, times and cursors, and whatever the platform hands to a tail worker.
#![no_main]

use libfuzzer_sys::fuzz_target;
use octavo_fuzz::write_seeds_where_wanted;
use octavo_tail::access::Access;
use octavo_tail::api::{self, Request};
use octavo_tail::ingest::{ingest, ingest_push};
use octavo_tail::store::{MemoryStore, ready};

const NOW_MS: u64 = 1_790_000_000_000;
const PATHS: [&str; 10] = [
    "/v1/logs",
    "/v1/traces",
    "/v1/errors",
    "/v1/metrics",
    "/v1/fields",
    "/v1/summary",
    "/v1/fields/tool/values",
    "/v1/live",
    "/v1/export",
    "/metrics",
];
const SEEDS: [&str; 6] = [
    "since=1h&until=2026-11-23T08:00:00Z&limit=5&status=error,!ok&tool=docker_*",
    "metric=duration&agg=p95&group_by=tool&step=5m",
    "cursor=eyJhIjoxfQ&trace_id=0af7651916cd43dd8448eb211c80319c&min_ms=5&order=asc",
    "[{\"scriptName\":\"octavo-docker\",\"outcome\":\"ok\",\"eventTimestamp\":1790000000000,\"logs\":[{\"level\":\"log\",\"timestamp\":1,\"message\":[\"{\\\"v\\\":1}\"]}],\"exceptions\":[]}]",
    "{\"v\":1,\"worker\":\"octavo-docker\",\"ts\":1790000000000,\"kind\":\"tool\",\"status\":\"ok\",\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"span_id\":\"b7ad6b7169203331\",\"dur_ms\":1,\"in_bytes\":1,\"out_bytes\":1}",
    "limit=1000&since=99999999999999999999&q=%00",
];

fuzz_target!(
    init: write_seeds_where_wanted(14, &SEEDS),
    |data: &[u8]| {
        let Some((first, rest)) = data.split_first() else { return };
        let text = String::from_utf8_lossy(rest);
        match usize::from(*first) % (PATHS.len() + 4) {
            at if at < PATHS.len() => ask(PATHS[at], &pairs(&text)),
            at if at == PATHS.len() => ask("/v1/logs", &[("cursor".to_owned(), text.into_owned())]),
            at if at == PATHS.len() + 1 => ask(&text, &[]),
            at if at == PATHS.len() + 2 => _ = ingest(&text),
            _ => _ = ingest_push(rest),
        }
    }
);

fn ask(path: &str, parameters: &[(String, String)]) {
    let request = Request { method: "GET", path, parameters, authorization: None, last_event_id: None };
    let _ = ready(api::answer(&MemoryStore::default(), &Access::Open, request, NOW_MS));
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        pair.split_once('=')
            .map_or((pair.to_owned(), String::new()), |(name, value)| (name.to_owned(), value.to_owned()))
    };
    text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

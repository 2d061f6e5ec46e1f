//! What the same questions cost at a thousand, a hundred thousand and a million stored calls, over a store in memory:
//! `cargo run --release -p octavo-tail --example growth [calls ...]`.
//!
//! One isolate takes some twelve calls a second, its lines go through the real encoder, and the cron runs each minute.

use octavo_tail::access::Access;
use octavo_tail::api::{self, Reply, Request};
use octavo_tail::buffer::{Buffer, Turn};
use octavo_tail::config::Config;
use octavo_tail::cron;
use octavo_tail::ingest::Ingested;
use octavo_tail::keys;
use octavo_tail::segment::Segment;
use octavo_tail::store::{Cost, MemoryStore, Metered, Store, StoreError, ready};
use octavo_telemetry::{Kind, LogLine, Status};
use serde_json::Value;
use std::io::{Write, stdout};
use std::time::Instant;

const T0: u64 = 1_790_000_400_000;
const WINDOW_MS: u64 = 5000;
const CALLS_A_WINDOW: u64 = 58;
const CATEGORIES: [&str; 8] = ["nodejs", "python", "docker", "quality", "webdesign", "database", "api", "architecture"];

fn lines(at: u64, ts: u64) -> Vec<LogLine<'static>> {
    let category = CATEGORIES.get((at % 8) as usize).copied().unwrap_or_default();
    let trace = format!("{ts:012x}{:020x}", (u128::from(at) * 0x9e37_79b9_7f4a_7c15) & ((1 << 80) - 1));
    let status = if at % 50 == 7 { Status::ToolError } else { Status::Ok };
    let tool = format!("{category}_tool_{}", at / 8 % 8);
    let worker = |name: &str, kind, span: char| {
        let mut line = LogLine::new("", kind, ts, trace.clone().into(), format!("{span}{at:015x}").into());
        line.worker = format!("octavo-{name}").into();
        line.tool = Some(tool.clone().into());
        line.version = Some("41d8e6f3-6f3c-4f6e-9d3f-0f3a3b1c2d4e".into());
        line.status = status;
        line.error_type = status.is_error().then(|| "invalid_argument".into());
        (line.in_bytes, line.out_bytes) = (900 + at % 4000, 1500 + at % 3000);
        line
    };
    let mut gateway = worker("gateway", Kind::Mcp, 'a');
    gateway.method = Some("tools/call".into());
    gateway.client = Some(["claude-code", "cursor", "vscode"][(at % 3) as usize].into());
    gateway.client_version = Some("2.4.1".into());
    gateway.protocol = Some("2026-07-28".into());
    gateway.dur_ms = 3 + at * 7919 % 97;
    let mut leaf = worker(category, Kind::Tool, 'b');
    leaf.parent_id = Some(gateway.span_id.clone());
    vec![leaf, gateway]
}

fn put(store: &impl Store, segment: &Segment, now: u64, number: &mut u32, ttl: u64) -> Result<(), StoreError> {
    *number += 1;
    ready(store.write(&keys::raw(now, 7, *number), &segment.value, &segment.metadata(), ttl))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<u64> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let sizes = if asked.is_empty() { vec![1000, 100_000, 1_000_000] } else { asked };
    let mut out = stdout().lock();
    for calls in sizes {
        let (memory, lives) = (MemoryStore::default(), Config::read(|_| None).lives);
        let store = Metered::new(&memory);
        let (mut now, mut number, mut at, mut crons) = (T0, 0, 0, Cost::default());
        let mut buffer = Buffer::default();
        let filling = Instant::now();
        while at < calls {
            now += WINDOW_MS;
            for _ in 0..CALLS_A_WINDOW.min(calls - at) {
                let ingested = Ingested { lines: lines(at, now - at % 4000), ..Ingested::default() };
                if let Turn::Write(segment) = buffer.push(ingested, now, WINDOW_MS) {
                    put(&store, &segment, now, &mut number, lives.raw)?;
                }
                at += 1;
            }
            if let Some(segment) = buffer.take() {
                put(&store, &segment, now, &mut number, lives.raw)?;
            }
            if now % 60_000 < WINDOW_MS {
                let metered = Metered::new(&store);
                ready(cron::run(&metered, &lives, now))?;
                let cost = metered.cost();
                crons.kv_lists += cost.kv_lists;
                crons.kv_reads += cost.kv_reads;
                crons.kv_writes += cost.kv_writes;
                // Raw segments end after some hours.
                if now % 3_600_000 < 60_000 {
                    let ends = keys::raw(now.saturating_sub(lives.raw * 1000), 0, 0);
                    let old = |key: &str| key.starts_with(keys::RAW) && key > ends.as_str();
                    memory.retain(|key| !old(key));
                }
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let per_thousand = |count: u64| count as f64 * 1000.0 / calls as f64;
        let bytes: usize = memory.entries().iter().map(|(_, value, ..)| value.len()).sum();
        writeln!(
            out,
            "\n{calls} calls in {} h, {} keys, {} MB, filled in {:.1} s; a thousand calls cost {:.2} writes of segments, {:.2} writes, {:.2} lists and {:.2} reads of the cron",
            (now - T0) / 3_600_000,
            memory.entries().len(),
            bytes >> 20,
            filling.elapsed().as_secs_f32(),
            per_thousand(number.into()),
            per_thousand(crons.kv_writes),
            per_thousand(crons.kv_lists),
            per_thousand(crons.kv_reads),
        )?;
        writeln!(out, "{:<44} {:>5} {:>5} {:>6} {:>9} {:>7}", "question", "lists", "gets", "keys", "bytes", "ms")?;
        let trace = format!(
            "/v1/trace/{}",
            lines(calls / 2, T0 + calls / 2 / CALLS_A_WINDOW * WINDOW_MS + WINDOW_MS - calls / 2 % 4000)[0].trace_id
        );
        for question in [
            "/v1/logs?limit=100",
            "/v1/logs?limit=100&status=error",
            "/v1/logs?limit=100&tool=docker_tool_3",
            "/v1/traces?limit=100",
            &trace,
            "/v1/errors?since=24h",
            "/v1/summary?since=1h",
            "/v1/summary?since=24h",
            "/v1/metrics?metric=duration&agg=p95&group_by=tool&since=24h",
        ] {
            let (path, query) = question.split_once('?').unwrap_or((question, ""));
            let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
            let parameters: Vec<_> = query.split('&').filter_map(pair).collect();
            let request =
                Request { method: "GET", path, parameters: &parameters, authorization: None, last_event_id: None };
            let started = Instant::now();
            let Reply::Whole { status: 200, body, .. } = ready(api::answer(&store, &Access::Open, request, now)) else {
                return Err(format!("{question} is not answered").into());
            };
            let took = started.elapsed().as_secs_f64() * 1000.0;
            let answer: Value = serde_json::from_str(&body)?;
            let cost = |name: &str| answer["stats"][name].as_u64().unwrap_or_default();
            let shown: String = question.chars().take(44).collect();
            writeln!(
                out,
                "{shown:<44} {:>5} {:>5} {:>6} {:>9} {took:>7.1}",
                cost("kv_lists"),
                cost("kv_gets"),
                cost("kv_reads"),
                cost("bytes")
            )?;
        }
    }
    Ok(())
}

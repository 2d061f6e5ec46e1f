//! Answers that come from counts: the summary behind the dashboard, metrics, error groups, fields and their values,
//! `OpenMetrics`.
//!
//! A call counts once, by the gateway's line; a worker's own figures count its own lines, but its durations are the
//! gateway's, since the platform's clock stands still inside a tool worker.

use crate::query::{Field, QueryError};
use crate::rollup::{Key, Tally};
use crate::sketch::Sketch;
use crate::timeline::Timeline;
use octavo_category::{Category, GATEWAY_WORKER};
use octavo_telemetry::{Kind, Status};
use serde_json::{Map, Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Rows of a table in the summary.
const ROWS: usize = 100;

#[derive(Default)]
struct Figures {
    all: Tally,
    errors: u64,
}

impl Figures {
    fn add(&mut self, key: &Key, tally: &Tally) {
        self.all.merge(tally);
        self.errors += if key.status.is_error() { tally.n } else { 0 };
    }

    fn of<'c>(cells: impl IntoIterator<Item = (&'c Key, &'c Tally)>) -> Self {
        let mut figures = Self::default();
        cells.into_iter().for_each(|(key, tally)| figures.add(key, tally));
        figures
    }

    fn put(&self, durations: &Sketch, row: &mut Map<String, Value>) {
        row.insert("requests".into(), self.all.n.into());
        row.insert("errors".into(), self.errors.into());
        for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            row.insert(name.into(), durations.quantile(q).into());
        }
        row.insert("cpu_ms".into(), self.all.cpu_ms.into());
        row.insert("in_bytes".into(), self.all.in_bytes.into());
        row.insert("out_bytes".into(), self.all.out_bytes.into());
    }

    fn row(&self, head: Value) -> Value {
        let mut row = Map::new();
        if let Value::Object(head) = head {
            row.extend(head);
        }
        self.put(&self.all.durations, &mut row);
        row.into()
    }
}

// Groups cells by some words, most requests first.
fn groups<'c, G: Ord>(
    cells: impl Iterator<Item = (&'c Key, &'c Tally)>,
    by: impl Fn(&'c Key) -> Option<G>,
) -> Vec<(G, Vec<(&'c Key, &'c Tally)>)> {
    let mut groups: BTreeMap<G, Vec<_>> = BTreeMap::new();
    for (key, tally) in cells {
        if let Some(group) = by(key) {
            groups.entry(group).or_default().push((key, tally));
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, cells)| Reverse(cells.iter().map(|(_, tally)| tally.n).sum::<u64>()));
    groups
}

/// The gateway's cells, or all where a filter left none of the gateway's.
struct Front {
    gateway_only: bool,
}

impl Front {
    fn of(timeline: &Timeline) -> Self {
        Self { gateway_only: timeline.cells().any(|(key, _)| key.worker == GATEWAY_WORKER) }
    }

    fn holds(&self, key: &Key) -> bool {
        key.kind != Kind::Ops && (!self.gateway_only || key.worker == GATEWAY_WORKER)
    }

    fn cells<'t>(&self, timeline: &'t Timeline) -> impl Iterator<Item = (&'t Key, &'t Tally)> {
        timeline.cells().filter(|(key, _)| self.holds(key))
    }

    fn slot<'t>(&self, slot: &'t BTreeMap<Key, Tally>) -> impl Iterator<Item = (&'t Key, &'t Tally)> {
        slot.iter().filter(|(key, _)| self.holds(key))
    }
}

fn by_status<'c>(cells: impl Iterator<Item = (&'c Key, &'c Tally)>) -> Value {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, tally) in cells {
        *counts.entry(key.status.name()).or_default() += tally.n;
    }
    json!(counts)
}

fn worker_of_tool(tool: &str) -> Option<&'static str> {
    Category::from_slug(tool.split('_').next()?).map(|category| category.row().worker)
}

/// Everything the dashboard shows, in one answer.
pub fn summary(timeline: &Timeline, every_worker: bool, now: u64) -> Value {
    let front = Front::of(timeline);
    let totals = Figures::of(front.cells(timeline)).row(json!({ "by_status": by_status(front.cells(timeline)) }));
    let series = timeline.slots.iter().enumerate().map(|(at, slot)| {
        let head = json!({ "ts": timeline.start(at), "by_status": by_status(front.slot(slot)) });
        Figures::of(front.slot(slot)).row(head)
    });
    let dropped: u64 = timeline.drops.values().sum();
    json!({
        "since": timeline.since,
        "until": timeline.until,
        "step_ms": timeline.step_ms,
        "totals": totals,
        "series": series.collect::<Vec<_>>(),
        "workers": workers(timeline, &front, every_worker),
        "tools": tools(timeline, &front),
        "errors": errors(timeline, ROWS),
        "clients": clients(timeline, &front),
        "slowest": timeline.slowest,
        "limits": limits(timeline, &front),
        "cache": cache(timeline, &front),
        "breaker": breaker(timeline, &front),
        "telemetry": {
            "lag_ms": now.saturating_sub(timeline.watermark),
            "segments": timeline.segments,
            "events": timeline.lines,
            "dropped": timeline.drops,
            "dropped_total": dropped,
        },
    })
}

fn workers(timeline: &Timeline, front: &Front, every: bool) -> Vec<Value> {
    let asked = groups(timeline.cells(), |key| Some(key.worker.as_str()));
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut rows = Vec::new();
    for (worker, cells) in &asked {
        seen.insert(worker);
        let figures = Figures::of(cells.iter().copied());
        let versions = groups(cells.iter().copied(), |key| Some(key.version.as_deref()));
        let versions = versions
            .iter()
            .map(|(version, cells)| Figures::of(cells.iter().copied()).row(json!({ "version": version })));
        let mut row = Map::new();
        row.insert("worker".into(), (*worker).into());
        // What callers waited for it.
        let mut waited = Sketch::default();
        let of_worker = |key: &Key| key.tool.as_deref().and_then(worker_of_tool) == Some(worker);
        front.cells(timeline).filter(|(key, _)| of_worker(key)).for_each(|(_, tally)| waited.merge(&tally.durations));
        figures.put(if waited.count() > 0 { &waited } else { &figures.all.durations }, &mut row);
        row.insert("last_seen".into(), figures.all.last.into());
        row.insert("versions".into(), versions.collect());
        rows.push(Value::Object(row));
    }
    let known = std::iter::once(GATEWAY_WORKER).chain(Category::ALL.iter().map(|category| category.row().worker));
    let idle = known.filter(|worker| every && !seen.contains(worker));
    rows.extend(
        idle.map(|worker| Figures::default().row(json!({ "worker": worker, "last_seen": null, "versions": [] }))),
    );
    rows
}

fn tools(timeline: &Timeline, front: &Front) -> Vec<Value> {
    let mut counts: BTreeMap<&str, Vec<[u64; 2]>> = BTreeMap::new();
    for (at, slot) in timeline.slots.iter().enumerate() {
        for (key, tally) in front.slot(slot) {
            let Some(tool) = key.tool.as_deref() else { continue };
            let row = counts.entry(tool).or_insert_with(|| vec![[0, 0]; timeline.slots.len()]);
            if let Some([all, errors]) = row.get_mut(at) {
                *all += tally.n;
                *errors += if key.status.is_error() { tally.n } else { 0 };
            }
        }
    }
    let row = |(tool, cells): (&str, Vec<_>)| {
        let slots = counts.get(tool);
        let column =
            |at: usize| -> Vec<u64> { slots.into_iter().flatten().filter_map(|slot| slot.get(at).copied()).collect() };
        let head =
            json!({ "tool": tool, "worker": worker_of_tool(tool), "counts": column(0), "error_counts": column(1) });
        Figures::of(cells).row(head)
    };
    groups(front.cells(timeline), |key| key.tool.as_deref()).into_iter().map(row).collect()
}

/// Groups of errors, most frequent first: one for each worker, tool, status and word for what went wrong.
pub fn errors(timeline: &Timeline, limit: usize) -> Vec<Value> {
    // What a tool worker and the gateway both say of one call is one error, told by the gateway, which knows the client.
    let front = Front::of(timeline);
    let failed = front.cells(timeline).filter(|(key, _)| key.status.is_error());
    let row = |(group, cells): (ErrorGroup<'_>, Vec<_>)| {
        let ErrorGroup { worker, tool, status, error_type } = group;
        let all = Figures::of(cells.iter().copied()).all;
        let words = [worker, tool.unwrap_or_default(), status.name(), error_type.unwrap_or_default()];
        let clients: BTreeSet<&str> = cells.iter().filter_map(|(key, _)| key.client.as_deref()).take(10).collect();
        json!({
            "fingerprint": format!("{:016x}", crate::ingest::mixed(&words)),
            "worker": worker, "tool": tool, "status": status.name(), "error_type": error_type,
            "count": all.n, "first": all.first, "last": all.last, "clients": clients, "traces": all.traces,
        })
    };
    groups(failed, |key| Some(ErrorGroup::of(key))).into_iter().take(limit).map(row).collect()
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct ErrorGroup<'k> {
    worker: &'k str,
    tool: Option<&'k str>,
    status: Status,
    error_type: Option<&'k str>,
}

impl<'k> ErrorGroup<'k> {
    // A tool's errors are its worker's, whoever tells of them.
    fn of(key: &'k Key) -> Self {
        let tool = key.tool.as_deref();
        let worker = tool.and_then(worker_of_tool).unwrap_or(&key.worker);
        Self { worker, tool, status: key.status, error_type: key.error_type.as_deref() }
    }
}

fn clients(timeline: &Timeline, front: &Front) -> Vec<Value> {
    let named = front.cells(timeline).filter(|(key, _)| key.client.is_some() || key.protocol.is_some());
    let by = |key: &'_ Key| Some([key.client.clone(), key.client_version.clone(), key.protocol.clone()]);
    let row = |([client, version, protocol], cells): ([Option<String>; 3], Vec<_>)| {
        Figures::of(cells).row(json!({ "client": client, "client_version": version, "protocol": protocol }))
    };
    groups(named, by).into_iter().take(ROWS).map(row).collect()
}

fn count(timeline: &Timeline, front: &Front, holds: impl Fn(&Key) -> bool) -> u64 {
    front.cells(timeline).filter(|(key, _)| holds(key)).map(|(_, tally)| tally.n).sum()
}

fn limits(timeline: &Timeline, front: &Front) -> Value {
    let of_type = |word: &str| count(timeline, front, |key| key.error_type.as_deref() == Some(word));
    // A tool worker that ran out of something says so itself.
    let anywhere = |word: &str| -> u64 {
        timeline.cells().filter(|(key, _)| key.error_type.as_deref() == Some(word)).map(|(_, tally)| tally.n).sum()
    };
    json!({
        "exceeded_cpu": anywhere("exceededCpu"),
        "exceeded_memory": anywhere("exceededMemory"),
        "truncated": timeline.drops.get("truncated").copied().unwrap_or_default(),
        "rate_limited": of_type("rate_limited"),
    })
}

fn cache(timeline: &Timeline, front: &Front) -> Value {
    let of = |word: &str| count(timeline, front, |key| key.cache.as_deref() == Some(word));
    json!({ "hit": of("hit"), "miss": of("miss") })
}

// A breaker that opened shows in the newest slot that has calls.
fn breaker(timeline: &Timeline, front: &Front) -> Value {
    let is_open = |key: &Key| key.error_type.as_deref() == Some("circuit_open");
    let newest = timeline.slots.iter().rev().find(|slot| front.slot(slot).next().is_some());
    let open: BTreeSet<&str> = newest
        .into_iter()
        .flat_map(|slot| front.slot(slot))
        .filter(|(key, _)| is_open(key))
        .filter_map(|(key, _)| key.tool.as_deref().and_then(worker_of_tool))
        .collect();
    json!({ "open": open, "refused": count(timeline, front, is_open) })
}

/// `/v1/metrics`: one figure over time, by the values of some fields.
pub fn metrics(
    timeline: &Timeline,
    metric: &str,
    agg: &str,
    group_by: &[Field],
    limit: usize,
) -> Result<Vec<Value>, QueryError> {
    let figure = Figure::of(metric, agg)?;
    let front = Front::of(timeline);
    // Grouped by worker, each worker's own lines count; otherwise each call once.
    let by_worker = group_by.contains(&Field::Worker) || group_by.contains(&Field::Version);
    let counts = |key: &Key| by_worker || front.holds(key);
    let mut rows: BTreeMap<Vec<&str>, Vec<Figures>> = BTreeMap::new();
    for (at, slot) in timeline.slots.iter().enumerate() {
        for (key, tally) in slot.iter().filter(|(key, _)| counts(key)) {
            let Some(group) = group_by.iter().map(|field| field.of_cell(key)).collect() else { continue };
            let slots =
                rows.entry(group).or_insert_with(|| timeline.slots.iter().map(|_| Figures::default()).collect());
            if let Some(figures) = slots.get_mut(at) {
                figures.add(key, tally);
            }
        }
    }
    let length = timeline.until.saturating_sub(timeline.since);
    let row = |(group, slots): (Vec<&str>, Vec<Figures>)| {
        let names: Map<String, Value> =
            group_by.iter().zip(group).map(|(field, value)| (field.name().to_owned(), value.into())).collect();
        let mut whole = Figures::default();
        for figures in &slots {
            whole.all.merge(&figures.all);
            whole.errors += figures.errors;
        }
        let point = |(at, figures)| json!([timeline.start(at), figure.value(figures, timeline.step_ms)]);
        let points: Vec<Value> = slots.iter().enumerate().map(point).collect();
        let value = figure.value(&whole, length);
        (whole.all.n, json!({ "group": names, "requests": whole.all.n, "value": value, "points": points }))
    };
    let mut rows: Vec<(u64, Value)> = rows.into_iter().map(row).collect();
    rows.sort_by_key(|(requests, _)| Reverse(*requests));
    Ok(rows.into_iter().take(limit).map(|(_, row)| row).collect())
}

#[derive(Clone, Copy)]
enum Figure {
    Count,
    Errors,
    Rate,
    ErrorRate,
    Ratio,
    Quantile(f64),
    Cpu,
    In,
    Out,
}

impl Figure {
    fn of(metric: &str, agg: &str) -> Result<Self, QueryError> {
        let quantile = |agg: &str| match agg {
            "p50" => Some(0.5),
            "p75" => Some(0.75),
            "p90" => Some(0.9),
            "p95" => Some(0.95),
            "p99" => Some(0.99),
            _ => None,
        };
        match (metric, agg) {
            ("requests", "count" | "") => Ok(Self::Count),
            ("requests", "rate") => Ok(Self::Rate),
            ("errors", "count" | "") => Ok(Self::Errors),
            ("errors", "rate") => Ok(Self::ErrorRate),
            ("errors", "ratio") => Ok(Self::Ratio),
            ("cpu_ms", "sum" | "") => Ok(Self::Cpu),
            ("in_bytes", "sum" | "") => Ok(Self::In),
            ("out_bytes", "sum" | "") => Ok(Self::Out),
            ("duration", "") => Ok(Self::Quantile(0.95)),
            ("duration", agg) if quantile(agg).is_some() => Ok(Self::Quantile(quantile(agg).unwrap_or(0.5))),
            ("requests" | "errors" | "cpu_ms" | "in_bytes" | "out_bytes" | "duration", _) => Err(QueryError::Value {
                name: "agg",
                takes: "for requests count or rate; for errors count, rate or ratio; for duration p50, p75, p90, p95 or p99; else sum",
            }),
            _ => Err(QueryError::Value {
                name: "metric",
                takes: "requests, errors, duration, cpu_ms, in_bytes or out_bytes",
            }),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn value(self, figures: &Figures, length_ms: u64) -> Value {
        let per_second = |count: u64| count as f64 * 1000.0 / length_ms.max(1) as f64;
        match self {
            Self::Count => figures.all.n.into(),
            Self::Errors => figures.errors.into(),
            Self::Rate => per_second(figures.all.n).into(),
            Self::ErrorRate => per_second(figures.errors).into(),
            Self::Ratio if figures.all.n == 0 => Value::Null,
            Self::Ratio => (figures.errors as f64 / figures.all.n as f64).into(),
            Self::Quantile(q) => figures.all.durations.quantile(q).into(),
            Self::Cpu => figures.all.cpu_ms.into(),
            Self::In => figures.all.in_bytes.into(),
            Self::Out => figures.all.out_bytes.into(),
        }
    }
}

/// `/v1/fields/{field}/values`: the values of a field, most frequent first.
pub fn values(timeline: &Timeline, field: Field, limit: usize) -> Vec<Value> {
    let by_value = groups(timeline.cells(), |key| field.of_cell(key));
    let row = |(value, cells): (&str, Vec<(&Key, &Tally)>)| json!({ "value": value, "count": cells.iter().map(|(_, tally)| tally.n).sum::<u64>() });
    by_value.into_iter().take(limit).map(row).collect()
}

/// `/metrics` as `OpenMetrics` text: counters over the rollups of the last day. Names follow OpenTelemetry's conventions for MCP.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub fn open_metrics(timeline: &Timeline, now: u64) -> String {
    let front = Front::of(timeline);
    let mut text = String::from(
        "# TYPE mcp_server_operation_duration_seconds summary\n# UNIT mcp_server_operation_duration_seconds seconds\n\
         # HELP mcp_server_operation_duration_seconds Duration of MCP requests over the last 24 hours.\n",
    );
    let calls = groups(front.cells(timeline), |key| {
        Some((key.method.as_deref().unwrap_or_default(), key.tool.as_deref().unwrap_or_default(), key.status.name()))
    });
    for ((method, tool, status), cells) in &calls {
        let figures = Figures::of(cells.iter().copied());
        let labels = format!(
            "mcp_method_name=\"{}\",gen_ai_tool_name=\"{}\",status=\"{status}\"",
            escaped(method),
            escaped(tool)
        );
        for q in [0.5, 0.95, 0.99] {
            let seconds = figures.all.durations.quantile(q).unwrap_or_default() / 1000.0;
            let _ = writeln!(text, "mcp_server_operation_duration_seconds{{{labels},quantile=\"{q}\"}} {seconds}");
        }
        let _ = writeln!(text, "mcp_server_operation_duration_seconds_count{{{labels}}} {}", figures.all.n);
    }
    let mut gauge = |name: &str, help: &str, rows: &[(String, f64)]| {
        let _ = writeln!(text, "# TYPE {name} gauge\n# HELP {name} {help}");
        for (labels, value) in rows {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let workers: Vec<_> = groups(timeline.cells(), |key| Some(key.worker.as_str()))
        .into_iter()
        .map(|(worker, cells)| (format!("{{faas_name=\"{}\"}}", escaped(worker)), Figures::of(cells).all.n as f64))
        .collect();
    gauge("octavo_invocations", "Logged invocations of each worker over the last 24 hours.", &workers);
    let drops: Vec<_> = timeline
        .drops
        .iter()
        .map(|(reason, count)| (format!("{{reason=\"{}\"}}", escaped(reason)), *count as f64))
        .collect();
    gauge("octavo_telemetry_dropped", "Log items dropped over the last 24 hours, by reason.", &drops);
    let lag = now.saturating_sub(timeline.watermark) as f64 / 1000.0;
    gauge("octavo_telemetry_lag_seconds", "Age of the oldest segment not rolled up.", &[(String::new(), lag)]);
    text.push_str("# EOF\n");
    text
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

//! From tail events to answers, over a store in memory: every line once, before and after each run of the cron.

use octavo_tail::access::Access;
use octavo_tail::api::{self, Reply, Request};
use octavo_tail::buffer::{Buffer, Turn};
use octavo_tail::config::{Config, Lives};
use octavo_tail::cron;
use octavo_tail::ingest::ingest;
use octavo_tail::keys;
use octavo_tail::live::{Export, Feed, PING_MS};
use octavo_tail::scan::MAX_SCAN_BYTES;
use octavo_tail::segment::Segment;
use octavo_tail::store::{MemoryStore, Metered, Store, ready};
use octavo_telemetry::{Kind, LogLine, Status};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::HashSet;

const T0: u64 = 1_790_000_400_000;
const MINUTE: u64 = 60_000;

/// A fleet of one isolate that calls tools and writes a segment each five seconds.
struct Fleet {
    store: MemoryStore,
    lives: Lives,
    now: Cell<u64>,
    calls: Cell<u64>,
    segments: Cell<u32>,
}

impl Fleet {
    fn new() -> Self {
        let lives = Config::read(|_| None).lives;
        Self { store: MemoryStore::default(), lives, now: Cell::new(T0), calls: Cell::new(0), segments: Cell::new(0) }
    }

    /// One call: the gateway's line and the tool worker's, as the platform would tell of them.
    fn call(&self) -> Vec<LogLine<'static>> {
        let at = self.calls.get();
        self.calls.set(at + 1);
        let tool = ["docker_lint_dockerfile", "python_lint_code", "api_compare_specs"][(at % 3) as usize];
        let worker = ["octavo-docker", "octavo-python", "octavo-api"][(at % 3) as usize];
        let ts = self.now.get() - at % 7;
        let trace = format!("{ts:012x}{at:020x}");
        let mut gateway =
            LogLine::new("octavo-gateway", Kind::Mcp, ts, trace.clone().into(), format!("a{at:015x}").into());
        gateway.tool = Some(tool.into());
        gateway.method = Some("tools/call".into());
        gateway.client = Some(if at.is_multiple_of(4) { "cursor" } else { "claude-code" }.into());
        gateway.protocol = Some("2026-07-28".into());
        gateway.dur_ms = at % 100 + 1;
        if at % 10 == 3 {
            gateway.status = Status::ToolError;
            gateway.error_type = Some("invalid_argument".into());
        }
        let mut leaf = LogLine::new(worker, Kind::Tool, ts, trace.into(), format!("b{at:015x}").into());
        leaf.tool = Some(tool.into());
        leaf.parent_id = Some(gateway.span_id.clone());
        leaf.status = gateway.status;
        vec![leaf, gateway]
    }

    fn write(&self, lines: &[LogLine<'static>]) {
        let events: Vec<Value> =
            lines.iter().map(|line| json!({ "logs": [{ "message": [line.to_json()] }] })).collect();
        let mut buffer = Buffer::default();
        assert!(matches!(buffer.push(ingest(&json!(events).to_string()), self.now.get(), 0), Turn::Lead));
        self.put(&buffer.take().expect("lines"));
    }

    fn put(&self, segment: &Segment) {
        self.segments.set(self.segments.get() + 1);
        let key = keys::raw(self.now.get(), 7, self.segments.get());
        ready(self.store.write(&key, &segment.value, &segment.metadata(), self.lives.raw)).expect("room");
    }

    /// Time goes on; each five seconds bring some calls.
    fn run(&self, minutes: u64, calls: usize) {
        for _ in 0..minutes * 12 {
            self.now.set(self.now.get() + 5000);
            let lines: Vec<_> = (0..calls).flat_map(|_| self.call()).collect();
            self.write(&lines);
        }
    }

    fn cron(&self) -> cron::Report {
        ready(cron::run(&self.store, &self.lives, self.now.get())).expect("a run")
    }

    fn ask(&self, path: &str) -> Value {
        let (status, body) = self.get(path, &Access::Open, None);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn get(&self, path: &str, access: &Access, authorization: Option<&str>) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let parameters: Vec<_> = query.split('&').filter_map(pair).collect();
        let request = Request { method: "GET", path, parameters: &parameters, authorization, last_event_id: None };
        match ready(api::answer(&self.store, access, request, self.now.get())) {
            Reply::Whole { status, body, .. } => (status, serde_json::from_str(&body).unwrap_or(Value::String(body))),
            Reply::Live(_) | Reply::Export(_) => (200, Value::Null),
        }
    }

    /// Every line there is, page by page.
    fn all_lines(&self, query: &str) -> Vec<String> {
        let (mut spans, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = self.ask(&format!("/v1/logs?limit=397&{query}{cursor}"));
            spans.extend(answer["data"].as_array().expect("lines").iter().map(|line| line["span_id"].to_string()));
            match answer["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return spans,
            }
        }
    }

    fn assert_whole(&self) {
        let spans = self.all_lines("");
        let count = usize::try_from(2 * self.calls.get()).expect("a test's count");
        assert_eq!(spans.iter().collect::<HashSet<_>>().len(), count, "each line is found");
        assert_eq!(spans.len(), count, "and once");
        let summary = self.ask("/v1/summary?since=6d");
        assert_eq!(summary["data"]["totals"]["requests"], self.calls.get());
        assert_eq!(summary["data"]["telemetry"]["events"], count);
        let errors: u64 = (0..self.calls.get()).filter(|at| at % 10 == 3).count() as u64;
        assert_eq!(summary["data"]["totals"]["errors"], errors);
        assert_eq!(summary["complete"], true);
    }
}

#[test]
fn every_line_is_answered_once_whatever_the_cron_did() {
    let fleet = Fleet::new();
    fleet.run(5, 3);
    fleet.assert_whole();
    fleet.run(30, 1);
    fleet.assert_whole();
    let report = fleet.cron();
    assert!(report.rollups > 30 && report.windows >= 2, "{report:?}");
    fleet.assert_whole();
    assert_eq!(
        fleet.cron(),
        cron::Report { segments: fleet.cron().segments, ..cron::Report::default() },
        "nothing to do"
    );
    fleet.run(90, 1);
    fleet.cron();
    fleet.run(2, 2);
    fleet.assert_whole();
    // The end of the raw segments that were compacted loses nothing.
    fleet.now.set(fleet.now.get() + 30 * MINUTE);
    fleet.cron();
    fleet.store.forget(keys::RAW);
    fleet.assert_whole();
}

#[test]
fn compaction_is_the_same_twice_and_takes_in_what_is_late() {
    let fleet = Fleet::new();
    fleet.run(25, 2);
    fleet.now.set(fleet.now.get() + 4 * MINUTE);
    fleet.cron();
    let before = fleet.store.entries();
    fleet.store.forget(keys::COMPACTED);
    fleet.store.forget(keys::KEPT);
    fleet.cron();
    assert_eq!(fleet.store.entries(), before);
    // Half of a window's segments show late.
    let late = Fleet::new();
    late.run(12, 2);
    let lines = late.call();
    let hidden = Segment::of(&lines.iter().collect::<Vec<_>>()).expect("lines");
    late.run(8, 2);
    late.now.set(late.now.get() + 4 * MINUTE);
    late.cron();
    let key = keys::raw(T0 + 12 * MINUTE, 9, 1);
    ready(late.store.write(&key, &hidden.value, &hidden.metadata(), 600)).expect("room");
    let report = late.cron();
    assert_eq!((report.windows, report.rollups), (1, 2), "the minute, its ten minutes, its window");
    late.assert_whole();
}

#[test]
fn a_cron_that_is_dead_for_an_hour_costs_no_answer_and_shows() {
    let fleet = Fleet::new();
    fleet.run(30, 1);
    fleet.cron();
    let lag = |fleet: &Fleet| fleet.ask("/v1/summary?since=6h")["data"]["telemetry"]["lag_ms"].as_u64().expect("a lag");
    assert!(lag(&fleet) <= 3 * MINUTE, "{}", lag(&fleet));
    let cursor = fleet.ask("/v1/logs?limit=50")["next_cursor"].as_str().expect("more").to_owned();
    for _ in 0..6 {
        fleet.run(12, 1);
        fleet.assert_whole();
    }
    assert!((70 * MINUTE..80 * MINUTE).contains(&lag(&fleet)), "{}", lag(&fleet));
    assert_eq!(fleet.ask("/v1/summary?since=6h")["complete"], true);
    let seconds = |text: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with("octavo_telemetry_lag_seconds "));
        line.and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a lag")
    };
    let metrics = fleet.ask("/metrics");
    assert!(seconds(metrics.as_str().expect("text")) >= 4200.0);
    let rest = |fleet: &Fleet| fleet.ask(&format!("/v1/logs?limit=300&cursor={cursor}"))["data"].clone();
    let before = rest(&fleet);
    // Back again, it makes good what it missed, and the lag is gone.
    fleet.cron();
    fleet.now.set(fleet.now.get() + MINUTE);
    fleet.cron();
    assert!(lag(&fleet) <= 4 * MINUTE, "{}", lag(&fleet));
    assert_eq!(rest(&fleet), before);
    fleet.assert_whole();
}

#[test]
fn an_hourly_cron_keeps_every_count() {
    let fleet = Fleet::new();
    let mut runs = 0;
    for _ in 0..5 * 60 {
        fleet.run(1, 1);
        if cron::is_hourly_turn(fleet.now.get()) {
            ready(cron::run_hourly(&fleet.store, &fleet.lives, fleet.now.get())).expect("a run");
            runs += 1;
        }
    }
    assert_eq!(runs, 5);
    fleet.assert_whole();
    let hours = fleet.store.entries().iter().filter(|(key, ..)| key.starts_with("u/h/")).count();
    assert!((4..=5).contains(&hours), "{hours}");
    let kinds: HashSet<String> = fleet.store.entries().into_iter().map(|(key, ..)| key[..2].to_owned()).collect();
    assert_eq!(kinds, ["r/", "u/"].map(str::to_owned).into());
    let stats = fleet.ask("/v1/summary?since=3h")["stats"].clone();
    assert!(stats["kv_lists"].as_u64() <= Some(6), "{stats}");
    // Told twice, it writes nothing.
    let again = ready(cron::run_hourly(&fleet.store, &fleet.lives, fleet.now.get())).expect("a run");
    assert_eq!((again.rollups, again.parts), (0, 0));
}

#[test]
fn a_cursor_survives_compaction() {
    let fleet = Fleet::new();
    fleet.run(40, 2);
    let first = fleet.ask("/v1/logs?limit=300");
    let cursor = first["next_cursor"].as_str().expect("more").to_owned();
    let rest = |fleet: &Fleet| fleet.ask(&format!("/v1/logs?limit=1000&cursor={cursor}"))["data"].clone();
    let before = rest(&fleet);
    fleet.now.set(fleet.now.get() + 4 * MINUTE);
    fleet.cron();
    fleet.store.forget(keys::RAW);
    assert_eq!(rest(&fleet), before);
    assert_eq!(before.as_array().map(Vec::len), Some(1000));
}

#[test]
fn without_the_cron_answers_are_right_and_the_lag_shows() {
    let fleet = Fleet::new();
    fleet.run(60, 2);
    fleet.assert_whole();
    let lag = fleet.ask("/v1/summary")["data"]["telemetry"]["lag_ms"].as_u64().expect("a lag");
    assert!(lag >= 55 * MINUTE, "{lag}");
    fleet.cron();
    let lag = fleet.ask("/v1/summary")["data"]["telemetry"]["lag_ms"].as_u64().expect("a lag");
    assert!(lag <= 3 * MINUTE, "{lag}");
}

#[test]
fn filters_and_groups_find_what_they_name() {
    let fleet = Fleet::new();
    fleet.run(30, 2);
    for compacted in [false, true] {
        if compacted {
            fleet.now.set(fleet.now.get() + 10 * MINUTE);
            fleet.cron();
            fleet.store.forget(keys::RAW);
        }
        let calls = fleet.calls.get();
        let errors = (0..calls).filter(|at| at % 10 == 3).count();
        assert_eq!(fleet.all_lines("status=error").len(), 2 * errors, "{compacted}");
        assert_eq!(fleet.all_lines("worker=docker&status=error").len(), (0..calls).filter(|at| at % 30 == 3).count());
        assert_eq!(fleet.all_lines("min_ms=100").len() as u64, calls / 100);
        let trace = fleet.ask("/v1/traces?limit=1")["data"][0]["trace_id"].as_str().expect("a trace").to_owned();
        for path in ["trace", "traces"] {
            let answer = fleet.ask(&format!("/v1/{path}/{trace}"));
            let spans = answer["data"]["spans"].as_array().expect("spans");
            let shape: Vec<_> = spans.iter().map(|span| (span["worker"].as_str(), span["depth"].as_u64())).collect();
            assert_eq!(shape.len(), 2);
            assert_eq!((shape[0], shape[1].1), ((Some("octavo-gateway"), Some(0)), Some(1)));
        }
        assert_eq!(fleet.get("/v1/trace/00000000000000000000000000000001", &Access::Open, None).0, 404);
        let groups = fleet.ask("/v1/errors")["data"].clone();
        assert_eq!(groups.as_array().map(Vec::len), Some(3));
        assert_eq!(
            groups.as_array().into_iter().flatten().filter_map(|group| group["count"].as_u64()).sum::<u64>(),
            errors as u64
        );
        assert_eq!(groups[0]["traces"].as_array().map(Vec::len), Some(3));
        let by_client = fleet.ask("/v1/metrics?metric=requests&group_by=client&since=2h")["data"].clone();
        assert_eq!(by_client[0]["group"]["client"], "claude-code");
        assert_eq!(
            by_client[0]["requests"].as_u64().zip(by_client[1]["requests"].as_u64()),
            Some((calls * 3 / 4, calls / 4))
        );
        let p95 = fleet.ask("/v1/metrics?metric=duration&agg=p95&since=2h")["data"][0]["value"].as_f64().expect("p95");
        assert!((p95 - 95.0).abs() <= 1.0, "{p95}");
        assert_eq!(fleet.ask("/v1/fields/tool/values?since=2h")["data"].as_array().map(Vec::len), Some(3));
        assert_eq!(fleet.ask("/v1/traces?order=slowest&since=2h")["data"][0]["dur_ms"], 100);
        let metrics = fleet.ask("/metrics");
        assert!(metrics.as_str().is_some_and(
            |text| text.contains("gen_ai_tool_name=\"docker_lint_dockerfile\"") && text.ends_with("# EOF\n")
        ));
    }
}

#[test]
fn a_trace_has_its_spans_up_to_the_limit() {
    for (count, told) in [(200, 200), (201, 200), (5_000, 200)] {
        let fleet = Fleet::new();
        fleet.now.set(T0 + 5_000);
        let trace = format!("{T0:012x}{:020x}", 1);
        let span = |at: u64| format!("{at:016x}").into();
        let line = |at| LogLine {
            // Each under the one before.
            parent_id: Some(span(at)),
            ..LogLine::new("octavo-gateway", Kind::Mcp, T0 + at, trace.clone().into(), span(at + 1))
        };
        for lines in (0..count).map(line).collect::<Vec<_>>().chunks(400) {
            fleet.write(lines);
        }
        let answer = fleet.ask(&format!("/v1/traces/{trace}"));
        assert_eq!(answer["data"]["spans"].as_array().map(Vec::len), Some(told), "{count}");
        assert_eq!(answer["complete"], count <= 200, "{count}: what is left out is told");
    }
}

#[test]
fn an_answer_reads_its_bytes_and_says_what_it_left() {
    const SEGMENT: usize = 1 << 20;
    let most = usize::try_from(MAX_SCAN_BYTES).expect("it fits") / SEGMENT;
    for (segments, is_complete) in [(most, true), (most + 1, false), (2 * most, false)] {
        let fleet = Fleet::new();
        // Each of one line, as long as none is.
        for at in 0..segments {
            fleet.now.set(T0 + at as u64 * 1_000);
            let line = LogLine::new("octavo-api", Kind::Tool, fleet.now.get(), "t".into(), format!("{at:016x}").into());
            let mut segment = Segment::of(&[&line]).expect("a line");
            segment.value = format!("{}\n", segment.value.trim_end());
            segment.value.push_str(&" ".repeat(SEGMENT - segment.value.len()));
            segment.facets.b = SEGMENT as u64;
            fleet.put(&segment);
        }
        // Nothing is found, so that all would have to be read.
        let answer = fleet.ask("/v1/logs?client=nobody");
        assert_eq!(answer["complete"], is_complete, "{segments} segments");
        assert_eq!(answer["stats"]["segments"], segments.min(most), "{segments} segments");
        assert_eq!(fleet.all_lines("status=ok").len(), segments, "page by page nothing is left out");
        // Counts of what no cron has counted yet: these have no cursor, so the answer says that it is not whole.
        let counted = fleet.ask("/v1/summary");
        assert_eq!(counted["complete"], segments <= most, "{segments} segments counted");
    }
}

#[test]
fn a_feed_tells_each_new_line_once_and_resumes() {
    let fleet = Fleet::new();
    fleet.run(1, 2);
    let reply = |last: Option<&str>| {
        let parameters = [("kind".to_owned(), "mcp".to_owned())];
        let request = Request {
            method: "GET",
            path: "/v1/live",
            parameters: &parameters,
            authorization: None,
            last_event_id: last,
        };
        match ready(api::answer(&fleet.store, &Access::Open, request, fleet.now.get())) {
            Reply::Live(feed) => *feed,
            Reply::Whole { .. } | Reply::Export(_) => panic!("a feed"),
        }
    };
    let step = |feed: &mut Feed, now: u64| ready(feed.step(&fleet.store, now)).expect("frames");
    let mut feed = reply(None);
    assert_eq!(step(&mut feed, fleet.now.get()).matches("event: log").count(), 0);
    fleet.run(1, 2);
    let frames = step(&mut feed, fleet.now.get());
    assert_eq!(frames.matches("event: log").count(), 24);
    assert_eq!(step(&mut feed, fleet.now.get()), "");
    assert_eq!(step(&mut feed, fleet.now.get() + PING_MS), ": ping\n\n");
    let tenth = frames.lines().filter_map(|line| line.strip_prefix("id: ")).nth(9).expect("an id");
    assert_eq!(step(&mut reply(Some(tenth)), fleet.now.get()).matches("event: log").count(), 14);
}

#[test]
fn an_export_is_everything_and_says_so() {
    let fleet = Fleet::new();
    fleet.run(30, 3);
    let request =
        Request { method: "GET", path: "/v1/export", parameters: &[], authorization: None, last_event_id: None };
    let Reply::Export(mut export) = ready(api::answer(&fleet.store, &Access::Open, request, fleet.now.get())) else {
        panic!("an export")
    };
    let mut text = String::new();
    while let Some(page) = ready(Export::step(&mut export, &fleet.store)).expect("a page") {
        text.push_str(&page);
    }
    let count = usize::try_from(2 * fleet.calls.get()).expect("a test's count");
    assert_eq!(text.lines().count(), count + 1);
    let end: Value = serde_json::from_str(text.lines().last().expect("an end")).expect("json");
    let operations = end["export"]["kv_operations"].as_u64();
    assert!(operations.is_some_and(|operations| operations >= 2), "{end}");
    let told = json!({ "lines": count, "complete": true, "next_cursor": null, "kv_operations": operations });
    assert_eq!(end, json!({ "export": told }));
}

#[test]
fn closed_by_default_and_every_question_is_checked() {
    let fleet = Fleet::new();
    fleet.run(1, 1);
    let closed = Access::read(None, None);
    // SHA-256 of `secret`.
    let digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    let tokens = Access::read(None, Some(&format!("read:{digest}")));
    let description = api::description();
    for path in description["paths"].as_object().expect("paths").keys() {
        let path = path.replace("{id}", "00").replace("{field}", "tool");
        assert_eq!(fleet.get(&path, &closed, Some("Bearer secret")).0, 404, "{path}");
        assert_eq!(fleet.get(&path, &tokens, None).0, 401, "{path}");
        assert_eq!(fleet.get(&path, &tokens, Some("Bearer wrong")).0, 401, "{path}");
        let export = path == "/v1/export";
        let right = if export {
            403
        } else if path == "/v1/trace/00" {
            404
        } else {
            200
        };
        assert_eq!(fleet.get(&path, &tokens, Some("Bearer secret")).0, right, "{path}");
        if !export {
            let (status, body) = fleet.get(&format!("{path}?limti=5"), &Access::Open, None);
            assert_eq!(status, 400, "{path}");
            let message = body["error"]["message"].as_str().unwrap_or_default();
            assert!(message.starts_with("limti is no parameter here") && message.contains("; accepted: "), "{body}");
            let takes_limit = ["/v1/logs", "/v1/traces", "/v1/errors", "/v1/metrics"].contains(&path.as_str());
            assert_eq!(message.contains("; limit is;"), takes_limit || path.ends_with("/values"), "{path}: {message}");
        }
    }
    for path in ["/v1/nothing", "/v1/fields/a/b/values", "/", "/v1", "/v1/fields//values"] {
        assert_eq!(fleet.get(path, &Access::Open, None).0, 404, "{path}");
    }
    for query in ["metric=sleep", "metric=errors&agg=p95", "group_by=trace_id", "step=x"] {
        assert_eq!(fleet.get(&format!("/v1/metrics?{query}"), &Access::Open, None).0, 400, "{query}");
    }
}

#[test]
fn a_store_that_fails_is_said_and_what_was_lost_is_counted() {
    let fleet = Fleet::new();
    let mut buffer = Buffer::default();
    let lines = fleet.call();
    let events: Vec<Value> = lines.iter().map(|line| json!({ "logs": [{ "message": [line.to_json()] }] })).collect();
    buffer.push(ingest(&json!(events).to_string()), T0, 0);
    let segment = buffer.take().expect("lines");
    fleet.store.full.set(true);
    assert!(ready(fleet.store.write("r/x", &segment.value, &segment.metadata(), 60)).is_err());
    buffer.lost(&segment);
    fleet.store.full.set(false);
    let more: Vec<Value> =
        fleet.call().iter().map(|line| json!({ "logs": [{ "message": [line.to_json()] }] })).collect();
    buffer.push(ingest(&json!(more).to_string()), T0, 0);
    fleet.put(&buffer.take().expect("lines"));
    let dropped = &fleet.ask("/v1/summary")["data"]["telemetry"]["dropped"];
    assert_eq!(*dropped, json!({ "write_failed": 2 }));
}

#[test]
fn every_key_ends_by_itself_and_the_newest_lines_are_cheap() {
    let fleet = Fleet::new();
    for _ in 0..180 {
        fleet.run(1, 4);
        fleet.cron();
    }
    for (key, _, _, ttl) in fleet.store.entries() {
        assert!((60..=400 * 86_400 * 2).contains(&ttl), "{key}: {ttl}");
    }
    let stats = |path: &str| fleet.ask(path)["stats"].clone();
    let newest = stats("/v1/logs?limit=100");
    assert!(newest["kv_lists"].as_u64() <= Some(1) && newest["kv_gets"].as_u64() <= Some(2), "{newest}");
    let day = stats("/v1/summary?since=24h");
    assert!(day["kv_reads"].as_u64() <= Some(100), "{day}");
    let metered = Metered::new(&fleet.store);
    ready(cron::run(&metered, &fleet.lives, fleet.now.get() + 5 * MINUTE)).expect("a run");
    assert!(metered.cost().kv_lists <= 12, "{:?}", metered.cost());
}

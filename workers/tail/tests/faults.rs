//! A store that fails now and then: what is written in the end is what would have been written, nothing is counted twice, and
//! no question is answered from half of it.

use octavo_tail::access::Access;
use octavo_tail::api::{self, Reply, Request};
use octavo_tail::buffer::{Buffer, Turn};
use octavo_tail::config::Config;
use octavo_tail::cron;
use octavo_tail::ingest::Ingested;
use octavo_tail::keys::{self, Level};
use octavo_tail::live::{Export, Feed};
use octavo_tail::store::{MemoryStore, Page, Store, StoreError, ready};
use octavo_telemetry::{Kind, LogLine, Status};
use serde_json::Value;
use std::cell::Cell;

const T0: u64 = 1_790_000_400_000;
const MINUTE: u64 = 60_000;

/// Fails the operation that brings the count to zero, and all after it if it is said so.
#[derive(Default)]
struct Failing {
    store: MemoryStore,
    until: Cell<Option<u64>>,
    stays: Cell<bool>,
    operations: Cell<u64>,
}

impl Failing {
    fn turn(&self) -> Result<(), StoreError> {
        self.operations.set(self.operations.get() + 1);
        match self.until.get() {
            Some(0) => {
                if !self.stays.get() {
                    self.until.set(None);
                }
                Err(StoreError("made to fail".into()))
            }
            Some(left) => {
                self.until.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Store for Failing {
    async fn list(&self, prefix: &str, cursor: Option<&str>, limit: u32) -> Result<Page, StoreError> {
        self.turn()?;
        self.store.list(prefix, cursor, limit).await
    }

    async fn read(&self, keys: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        self.turn()?;
        self.store.read(keys).await
    }

    async fn write(&self, key: &str, value: &str, metadata: &str, ttl: u64) -> Result<(), StoreError> {
        self.turn()?;
        self.store.write(key, value, metadata, ttl).await
    }
}

fn filled(minutes: u64) -> Failing {
    let failing = Failing::default();
    let mut buffer = Buffer::default();
    for at in 0..minutes {
        let now = T0 + at * MINUTE;
        let line = |number: u64| {
            let (trace, span) = (format!("{now:012x}{number:020x}"), format!("{:016x}", at * 100 + number + 1));
            let mut line = LogLine::new("octavo-gateway", Kind::Mcp, now - number, trace.into(), span.into());
            line.tool = Some("docker_lint_dockerfile".into());
            line.status = if number == 3 { Status::ToolError } else { Status::Ok };
            line.dur_ms = number;
            line
        };
        let ingested = Ingested { lines: (0..5).map(line).collect(), ..Ingested::default() };
        assert_eq!(buffer.push(ingested, now, 0), Turn::Lead);
        let segment = buffer.take().expect("lines");
        let key = keys::raw(now, 7, u32::try_from(at).expect("few"));
        ready(failing.store.write(&key, &segment.value, &segment.metadata(), 3600)).expect("room");
    }
    failing
}

fn ask(store: &Failing, path: &str, now: u64) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let parameters: Vec<_> = query.split('&').filter_map(pair).collect();
    let request = Request { method: "GET", path, parameters: &parameters, authorization: None, last_event_id: None };
    match ready(api::answer(store, &Access::Open, request, now)) {
        Reply::Whole { status, body, .. } => (status, serde_json::from_str(&body).unwrap_or(Value::String(body))),
        Reply::Live(_) | Reply::Export(_) => (200, Value::Null),
    }
}

#[test]
fn a_cron_that_dies_anywhere_is_made_good_by_the_next() {
    let lives = Config::read(|_| None).lives;
    let now = T0 + 45 * MINUTE;
    for hourly in [false, true] {
        let run = |store: &Failing, now| {
            let hours = || ready(cron::run_hourly(store, &lives, now));
            if hourly { hours() } else { ready(cron::run(store, &lives, now)) }
        };
        let now = if hourly { T0 + 120 * MINUTE } else { now };
        let whole = filled(40);
        run(&whole, now).expect("a run");
        let expected = whole.store.entries();
        for dies_at in 0..whole.operations.get() {
            let failing = filled(40);
            failing.until.set(Some(dies_at));
            assert!(run(&failing, now).is_err(), "at {dies_at}");
            run(&failing, now).expect("a run");
            assert_eq!(failing.store.entries(), expected, "it died at {dies_at}");
        }
    }
}

#[test]
fn questions_say_that_the_store_failed_wherever_it_does() {
    let lives = Config::read(|_| None).lives;
    let now = T0 + 45 * MINUTE;
    let store = filled(40);
    ready(cron::run(&store, &lives, now)).expect("a run");
    let paths = [
        "/v1/logs?limit=1000",
        "/v1/logs?status=error",
        "/v1/traces",
        "/v1/traces?order=slowest",
        "/v1/errors",
        "/v1/metrics?group_by=tool&since=24h",
        "/v1/summary?since=24h",
        "/v1/fields/tool/values",
        "/v1/trace/00000000000000000000000000000000",
        "/metrics",
    ];
    for path in paths {
        store.operations.set(0);
        let whole = ask(&store, path, now);
        for fails_at in 0..store.operations.get() {
            store.until.set(Some(fails_at));
            let (status, body) = ask(&store, path, now);
            assert_eq!(status, 503, "{path} at {fails_at}: {body}");
            store.until.set(None);
        }
        assert_eq!(ask(&store, path, now), whole, "{path}");
    }
}

#[test]
fn a_feed_and_an_export_go_on_where_they_failed() {
    let store = filled(5);
    let now = T0 + 5 * MINUTE;
    let parse = || {
        let request =
            Request { method: "GET", path: "/v1/live", parameters: &[], authorization: None, last_event_id: None };
        match ready(api::answer(&store, &Access::Open, request, now)) {
            Reply::Live(feed) => *feed,
            Reply::Whole { .. } | Reply::Export(_) => panic!("a feed"),
        }
    };
    let mut feed: Feed = parse();
    ready(feed.step(&store, now)).expect("frames");
    let more = filled(6);
    for (key, value, metadata, ttl) in more.store.entries() {
        ready(store.store.write(&key, &value, &metadata, ttl)).expect("room");
    }
    // The list works and the read fails; then both work: the new lines are told, once.
    store.until.set(Some(1));
    assert!(ready(feed.step(&store, now + MINUTE)).is_err());
    let frames = ready(feed.step(&store, now + MINUTE)).expect("frames");
    assert_eq!(frames.matches("event: log").count(), 5);
    assert!(!ready(feed.step(&store, now + MINUTE)).expect("frames").contains("event: log"));

    let request =
        Request { path: "/v1/export", method: "GET", parameters: &[], authorization: None, last_event_id: None };
    let Reply::Export(mut export) = ready(api::answer(&store, &Access::Open, request, now + MINUTE)) else {
        panic!("an export")
    };
    store.until.set(Some(1));
    assert!(ready(Export::step(&mut export, &store)).is_err(), "a body that breaks off");
}

#[test]
fn what_is_listed_and_not_there_yet_makes_an_answer_partial() {
    let lives = Config::read(|_| None).lives;
    let store = filled(40);
    let now = T0 + 45 * MINUTE;
    ready(cron::run(&store, &lives, now)).expect("a run");
    assert_eq!(ask(&store, "/v1/summary?since=30m", now).1["complete"], true);
    let minute = store.store.entries().into_iter().rfind(|(key, ..)| key.starts_with(Level::Minute.prefix()));
    let (key, _, metadata, ttl) = minute.expect("a minute");
    ready(store.store.write(&key, "not what it should be", &metadata, ttl)).expect("room");
    let (status, body) = ask(&store, "/v1/summary?since=50m", now);
    assert_eq!((status, &body["complete"]), (200, &Value::Bool(false)));
}

//! The live feed and the export: answers that go on.
//!
//! Both are driven step by step by the platform's side, which only waits and sends.

use crate::keys;
use crate::query::{Ask, Cursor, MAX_LIMIT};
use crate::scan::{MAX_SCAN_BYTES, Search, find};
use crate::segment::{self, Facets};
use crate::store::{MAX_LIST, Metered, Store, StoreError, batches};
use octavo_telemetry::LogLine;
use serde_json::json;
use std::collections::HashSet;
use std::fmt::Write;

/// How often the feed looks for new segments.
pub const POLL_MS: u64 = 2000;
/// How often a feed without news says that it is alive.
pub const PING_MS: u64 = 15_000;
/// How long a feed lives; clients reconnect where it ended. Bounds the store's operations of one invocation.
pub const FEED_MS: u64 = 600_000;
/// Store operations after which an export ends with a cursor: the platform allows a thousand in one invocation.
const MAX_EXPORT_OPERATIONS: u64 = 800;

/// A feed of server-sent events.
#[derive(Debug)]
pub struct Feed {
    ask: Ask,
    after: Option<Cursor>,
    // The segments of the newest page that are told or older than the feed.
    seen: Option<HashSet<String>>,
    quiet_since: u64,
}

impl Feed {
    /// Begins now, or after the line whose event was the last one a client got.
    pub fn new(ask: Ask, last_event_id: Option<&str>, now: u64) -> Self {
        let after = last_event_id.and_then(|id| {
            let (ts, span) = id.split_once('-')?;
            Some(Cursor { ts: u64::from_str_radix(ts, 16).ok()?, span: span.to_owned() })
        });
        Self { ask, after, seen: None, quiet_since: now }
    }

    /// What is new: events, oldest first, or now and then a comment.
    pub async fn step(&mut self, store: &impl Store, now: u64) -> Result<String, StoreError> {
        let page = store.list(keys::RAW, None, MAX_LIST).await?;
        let is_new = |key: &str| match (&self.seen, &self.after) {
            (Some(seen), _) => !seen.contains(key),
            (None, None) => false,
            (None, Some(after)) => keys::time_of(key).is_some_and(|ms| ms >= after.ts),
        };
        let bytes = |metadata: &str| Facets::parse(metadata).map_or(0, |facets| facets.b);
        let news = page.keys.iter().filter(|(key, _)| is_new(key));
        let news: Vec<(String, u64)> = news.map(|(key, metadata)| (key.clone(), bytes(metadata))).collect();
        let mut lines: Vec<LogLine<'static>> = Vec::new();
        for batch in batches(&news, |(_, bytes)| *bytes) {
            let keys: Vec<String> = batch.iter().map(|(key, _)| key.clone()).collect();
            for value in store.read(&keys).await?.iter().flatten() {
                lines.extend(segment::lines(value).filter(|line| self.ask.filter.takes(line)));
            }
        }
        if self.seen.is_none()
            && let Some(after) = &self.after
        {
            lines.retain(|line| (line.ts, line.span_id.as_ref()) > (after.ts, after.span.as_str()));
        }
        lines.sort_by(|a, b| (a.ts, &a.span_id).cmp(&(b.ts, &b.span_id)));
        let mut frames = String::new();
        if self.seen.is_none() {
            frames.push_str("retry: 2000\n: open\n\n");
        }
        for line in &lines {
            let _ = write!(frames, "id: {:x}-{}\nevent: log\ndata: {}\n\n", line.ts, line.span_id, line.to_json());
        }
        self.seen = Some(page.keys.into_iter().map(|(key, _)| key).collect());
        if frames.is_empty() && now >= self.quiet_since + PING_MS {
            frames.push_str(": ping\n\n");
        }
        if !frames.is_empty() {
            self.quiet_since = now;
        }
        Ok(frames)
    }
}

/// An export, page by page: one line a record, then one that says how it ended.
#[derive(Debug)]
pub struct Export {
    ask: Ask,
    lines: u64,
    operations: u64,
    ended: bool,
}

impl Export {
    /// Begins with the newest line asked for.
    pub fn new(ask: Ask) -> Self {
        Self { ask, lines: 0, operations: 0, ended: false }
    }

    /// The next page; `None` after the last.
    pub async fn step(&mut self, store: &impl Store) -> Result<Option<String>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let store = Metered::new(store);
        let search = Search {
            filter: &self.ask.filter,
            since: self.ask.since.unwrap_or_default(),
            until: self.ask.until,
            cursor: self.ask.cursor.as_ref(),
            limit: MAX_LIMIT,
            max_bytes: MAX_SCAN_BYTES,
        };
        let found = find(&store, &search).await?;
        let mut page = String::new();
        for line in &found.lines {
            page.push_str(&line.to_json());
            page.push('\n');
        }
        self.lines += found.lines.len() as u64;
        self.operations += store.cost().kv_lists + store.cost().kv_gets;
        self.ask.cursor = found.next;
        if self.ask.cursor.is_none() || self.operations >= MAX_EXPORT_OPERATIONS {
            self.ended = true;
            let next = self.ask.cursor.as_ref().map(|cursor| cursor.to_text(&self.ask.filter));
            let end = json!({ "export": { "lines": self.lines, "complete": next.is_none(), "next_cursor": next, "kv_operations": self.operations } });
            let _ = writeln!(page, "{end}");
        }
        Ok(Some(page))
    }
}

//! Finding lines: which segments to read, in which order, and when enough is read.
//!
//! Raw segments are listed from the newest; older than their first page, compacted windows take their place. Segments are
//! read newest first by their facets, and a line is certain once no unread segment can hold a newer one. Invariant: lines
//! come newest first, each once, whether they stand in raw segments, in compacted ones, or in both.

use crate::keys::{self, WINDOW_MS};
use crate::query::{Cursor, Filter};
use crate::segment::{self, Facets};
use crate::store::{MAX_LIST, MAX_READ, MAX_READ_BYTES, Store, StoreError};
use octavo_telemetry::LogLine;
use std::cmp::Reverse;
use std::collections::HashSet;

/// Most bytes read for one answer; what is missing then is told, with a cursor.
pub const MAX_SCAN_BYTES: u64 = 48 << 20;

/// Which lines to find.
#[derive(Debug)]
pub struct Search<'q> {
    /// What they must be.
    pub filter: &'q Filter,
    /// Oldest time.
    pub since: u64,
    /// Newest time.
    pub until: u64,
    /// Where to go on.
    pub cursor: Option<&'q Cursor>,
    /// Most lines.
    pub limit: usize,
    /// Most bytes read, about; [`MAX_SCAN_BYTES`] where an operator asks.
    pub max_bytes: u64,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The lines, newest first.
    pub lines: Vec<LogLine<'static>>,
    /// Where to go on; absent when there are no older ones.
    pub next: Option<Cursor>,
    /// Whether everything up to the last line was looked at.
    pub complete: bool,
    /// Segments read.
    pub segments: u64,
}

// A segment not read yet; its lines are no newer than `facets.t1`.
struct Unread {
    key: String,
    facets: Facets,
}

/// Finds lines.
pub async fn find(store: &impl Store, search: &Search<'_>) -> Result<Found, StoreError> {
    Scan { store, search, unread: Vec::new(), raw: Raw::default(), compacted: Compacted::Unlisted }.run().await
}

#[derive(Default)]
struct Raw {
    cursor: Option<String>,
    done: bool,
    // Time of the oldest key listed; all newer ones are.
    oldest: Option<u64>,
}

enum Compacted {
    Unlisted,
    // Raw segments written before are in compacted ones.
    Listed { until: u64 },
}

struct Scan<'s, S> {
    store: &'s S,
    search: &'s Search<'s>,
    // Oldest first, so that the newest is popped.
    unread: Vec<Unread>,
    raw: Raw,
    compacted: Compacted,
}

impl<S: Store> Scan<'_, S> {
    async fn run(mut self) -> Result<Found, StoreError> {
        let mut found = Found { complete: true, ..Found::default() };
        let (mut seen, mut bytes) = (HashSet::new(), 0);
        let mut wanted = self.search.limit as u64;
        self.list_raw().await?;
        loop {
            let certain_after = self.certain_after();
            let certain = found.lines.iter().filter(|line| line.ts > certain_after.unwrap_or_default()).count();
            if certain_after.is_none() || certain > self.search.limit {
                break;
            }
            if bytes >= self.search.max_bytes {
                found.complete = false;
                break;
            }
            // What stands in unlisted segments may be newer than what is in the listed ones.
            if self.unread.last().is_none_or(|unread| Some(unread.facets.t1) <= self.unlisted_until()) {
                self.list_more().await?;
                continue;
            }
            let batch = self.batch(wanted);
            wanted = wanted.saturating_mul(2);
            found.segments += batch.len() as u64;
            let keys: Vec<String> = batch.into_iter().map(|unread| unread.key).collect();
            for value in self.store.read(&keys).await?.iter().flatten() {
                bytes += value.len() as u64;
                found.lines.extend(segment::lines(value).filter(|line| {
                    self.takes(line) && seen.insert((line.worker.to_string(), line.span_id.to_string()))
                }));
            }
        }
        Ok(self.finish(found))
    }

    fn finish(self, mut found: Found) -> Found {
        let bound = self.certain_after();
        found.lines.retain(|line| bound.is_none_or(|bound| line.ts > bound));
        found.lines.sort_by(|a, b| Reverse((a.ts, &a.span_id)).cmp(&Reverse((b.ts, &b.span_id))));
        if found.lines.len() > self.search.limit {
            found.lines.truncate(self.search.limit);
            found.complete = true;
            found.next = found.lines.last().map(Cursor::after);
        } else {
            // Nothing at or before the bound is certain.
            found.next = bound.map(|ts| Cursor { ts, span: "~".into() });
        }
        found
    }

    fn takes(&self, line: &LogLine<'_>) -> bool {
        (self.search.since..=self.search.until).contains(&line.ts)
            && self.search.cursor.is_none_or(|cursor| cursor.is_before(line))
            && self.search.filter.takes(line)
    }

    fn until(&self) -> u64 {
        self.search.cursor.map_or(self.search.until, |cursor| cursor.ts.min(self.search.until))
    }

    // Lines newer than this are all found; `None` when there are no more segments.
    fn certain_after(&self) -> Option<u64> {
        self.unread.last().map(|unread| unread.facets.t1).max(self.unlisted_until())
    }

    // Segments that are not listed yet hold no line newer than this.
    fn unlisted_until(&self) -> Option<u64> {
        let raw = (!self.raw.done).then(|| self.raw.oldest.unwrap_or(u64::MAX));
        let compacted = match self.compacted {
            Compacted::Unlisted => {
                Some(self.raw.oldest.unwrap_or(u64::MAX)).filter(|oldest| *oldest > self.search.since)
            }
            Compacted::Listed { .. } => None,
        };
        raw.max(compacted)
    }

    async fn list_more(&mut self) -> Result<(), StoreError> {
        match self.compacted {
            Compacted::Unlisted => self.list_compacted().await,
            Compacted::Listed { .. } => self.list_raw().await,
        }
    }

    async fn list_raw(&mut self) -> Result<(), StoreError> {
        if self.raw.done {
            return Ok(());
        }
        let page = self.store.list(keys::RAW, self.raw.cursor.as_deref(), MAX_LIST).await?;
        let stop = match self.compacted {
            Compacted::Unlisted => self.search.since,
            Compacted::Listed { until } => until.max(self.search.since),
        };
        for (key, metadata) in page.keys {
            let Some(written) = keys::time_of(&key) else { continue };
            if written < stop {
                self.raw.done = true;
                self.raw.oldest = Some(stop);
                break;
            }
            self.raw.oldest = Some(written);
            self.admit(key, &metadata);
        }
        self.raw.done |= page.cursor.is_none();
        self.raw.cursor = page.cursor;
        self.order();
        Ok(())
    }

    async fn list_compacted(&mut self) -> Result<(), StoreError> {
        // Lines that did not end in `ok` are kept longer, and apart.
        let stream = if self.search.filter.excludes_ok() { keys::KEPT } else { keys::COMPACTED };
        // The list that tells the newest window is also the one to go on with, where the question reaches that far.
        let limit = if stream == keys::COMPACTED && self.search.cursor.is_none() { MAX_LIST } else { 1 };
        let newest_first = self.store.list(keys::COMPACTED, None, limit).await?;
        let newest = newest_first.keys.first().and_then(|(key, _)| keys::time_of(key));
        let until = newest.map_or(0, |start| start + WINDOW_MS);
        self.compacted = Compacted::Listed { until };
        self.raw.done |= self.raw.oldest.is_some_and(|oldest| oldest <= until);
        let since = self.search.since.saturating_sub(WINDOW_MS);
        let newest_start = if self.raw.done { self.raw.oldest.unwrap_or(u64::MAX) } else { u64::MAX };
        let (prefix, mut page) = if limit == MAX_LIST && self.search.until.saturating_add(WINDOW_MS) >= until {
            (keys::COMPACTED.to_owned(), newest_first)
        } else {
            let prefix = keys::range(stream, since, newest_start.min(until));
            let page = self.store.list(&prefix, None, MAX_LIST).await?;
            (prefix, page)
        };
        loop {
            for (key, metadata) in page.keys {
                match keys::time_of(&key) {
                    Some(start) if start < since => {
                        self.order();
                        return Ok(());
                    }
                    // Newer windows stand in raw segments that are listed.
                    Some(start) if start <= newest_start => self.admit(key, &metadata),
                    _ => {}
                }
            }
            let Some(cursor) = page.cursor else {
                self.order();
                return Ok(());
            };
            page = self.store.list(&prefix, Some(&cursor), MAX_LIST).await?;
        }
    }

    fn admit(&mut self, key: String, metadata: &str) {
        let Some(facets) = Facets::parse(metadata) else { return };
        if facets.t1 >= self.search.since && facets.t0 <= self.until() && self.search.filter.admits(&facets) {
            self.unread.push(Unread { key, facets });
        }
    }

    fn order(&mut self) {
        self.unread.sort_by(|a, b| (a.facets.t1, &b.key).cmp(&(b.facets.t1, &a.key)));
    }

    // The newest segments that together hold as many lines as are wanted.
    fn batch(&mut self, wanted: u64) -> Vec<Unread> {
        let (mut batch, mut lines, mut bytes) = (Vec::new(), 0, 0);
        let unlisted = self.unlisted_until();
        while batch.len() < MAX_READ && lines <= wanted && bytes < MAX_READ_BYTES {
            let Some(unread) = self.unread.pop_if(|unread| Some(unread.facets.t1) > unlisted) else { break };
            lines += unread.facets.n;
            bytes += unread.facets.b;
            batch.push(unread);
        }
        batch
    }
}

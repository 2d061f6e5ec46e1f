//! A rollup: what is kept of many lines when the lines are not read. Counts, a quantile sketch, bytes, by everything that
//! may be asked for.
//!
//! Rollups add up: an hour is the sum of its ten-minute pieces, in any order. Invariant: a rollup is bounded, whatever
//! clients call themselves.

use crate::ingest::Drops;
use crate::sketch::Sketch;
use octavo_telemetry::{Kind, LogLine, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of rollups; readers accept this and all older ones.
pub const VERSION: u8 = 1;

/// Most cells; what comes after is counted with its client called [`OTHER`].
pub const MAX_CELLS: usize = 4000;
/// What stands for names past the limit.
pub const OTHER: &str = "other";
/// Slowest lines kept.
pub const SLOWEST: usize = 10;
/// Traces kept of a cell of errors.
const TRACES: usize = 3;

/// What lines of one cell share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The worker that printed them.
    #[serde(rename = "w")]
    pub worker: String,
    /// Kind of work.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// How they ended.
    #[serde(rename = "s")]
    pub status: Status,
    /// Deployed version.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Method.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Tool.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What went wrong.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// Client.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Its version.
    #[serde(rename = "cv", default, skip_serializing_if = "Option::is_none")]
    pub client_version: Option<String>,
    /// MCP version.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Answer of the cache.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
}

impl Key {
    fn of(line: &LogLine<'_>) -> Self {
        let owned = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        Self {
            worker: line.worker.to_string(),
            kind: line.kind,
            status: line.status,
            version: owned(&line.version),
            method: owned(&line.method),
            tool: owned(&line.tool),
            error_type: owned(&line.error_type),
            client: owned(&line.client),
            client_version: owned(&line.client_version),
            protocol: owned(&line.protocol),
            cache: owned(&line.cache),
        }
    }

    // Without what clients choose.
    fn without_client(mut self) -> Self {
        self.client = self.client.map(|_| OTHER.to_owned());
        self.client_version = None;
        self.protocol = self.protocol.map(|_| OTHER.to_owned());
        self
    }
}

/// What is counted of lines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Lines.
    pub n: u64,
    /// Durations, in milliseconds.
    #[serde(rename = "d")]
    pub durations: Sketch,
    /// Processor time, in milliseconds.
    #[serde(rename = "cpu", default)]
    pub cpu_ms: u64,
    /// Bytes of requests.
    #[serde(rename = "i")]
    pub in_bytes: u64,
    /// Bytes of responses.
    #[serde(rename = "o")]
    pub out_bytes: u64,
    /// Time of the first.
    #[serde(rename = "f")]
    pub first: u64,
    /// Time of the last.
    #[serde(rename = "l")]
    pub last: u64,
    /// Traces of the newest, of errors only.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<String>,
}

impl Tally {
    fn of(line: &LogLine<'_>) -> Self {
        let mut durations = Sketch::default();
        durations.add(line.dur_ms);
        Self {
            n: 1,
            durations,
            cpu_ms: line.cpu_ms.unwrap_or_default(),
            in_bytes: line.in_bytes,
            out_bytes: line.out_bytes,
            first: line.ts,
            last: line.ts,
            traces: line.status.is_error().then(|| line.trace_id.to_string()).into_iter().collect(),
        }
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Self) {
        if self.n == 0 || other.n == 0 {
            if self.n == 0 {
                self.clone_from(other);
            }
            return;
        }
        let (newer, older) = if other.last > self.last { (other, &*self) } else { (&*self, other) };
        let traces: Vec<String> = newer.traces.iter().chain(&older.traces).take(TRACES).cloned().collect();
        self.traces = traces;
        self.n += other.n;
        self.durations.merge(&other.durations);
        self.cpu_ms += other.cpu_ms;
        self.in_bytes += other.in_bytes;
        self.out_bytes += other.out_bytes;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// Many lines, counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rollup {
    /// [`VERSION`].
    pub v: u8,
    /// Lines.
    pub n: u64,
    /// Raw segments they came in.
    pub segments: u64,
    /// What was dropped meanwhile.
    pub drops: Drops,
    /// The counts.
    #[serde(with = "pairs")]
    pub cells: BTreeMap<Key, Tally>,
    /// The slowest lines of the MCP endpoint.
    pub slowest: Vec<LogLine<'static>>,
}

/// What of a rollup stands in its key's metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// [`VERSION`].
    pub v: u8,
    /// Lines.
    pub n: u64,
    /// Raw segments.
    pub segments: u64,
}

impl Default for Rollup {
    fn default() -> Self {
        Self { v: VERSION, n: 0, segments: 0, drops: Drops::new(), cells: BTreeMap::new(), slowest: Vec::new() }
    }
}

impl Rollup {
    /// Counts a line.
    pub fn add(&mut self, line: &LogLine<'static>) {
        self.n += 1;
        self.cell(Key::of(line), &Tally::of(line));
        if line.kind == Kind::Mcp {
            self.slow(line);
        }
    }

    /// Adds another rollup.
    pub fn merge(&mut self, other: Self) {
        self.n += other.n;
        self.segments += other.segments;
        for (reason, count) in other.drops {
            *self.drops.entry(reason).or_default() += count;
        }
        for (key, tally) in other.cells {
            self.cell(key, &tally);
        }
        for line in &other.slowest {
            self.slow(line);
        }
    }

    /// The value of its key.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The metadata of its key.
    pub fn metadata(&self) -> String {
        let extent = Extent { v: VERSION, n: self.n, segments: self.segments };
        serde_json::to_string(&extent).unwrap_or_default()
    }

    /// Reads a value; a version from the future is `None`.
    pub fn parse(value: &str) -> Option<Self> {
        serde_json::from_str(value).ok().filter(|rollup: &Self| rollup.v <= VERSION)
    }

    fn cell(&mut self, key: Key, tally: &Tally) {
        let room = self.cells.len() < MAX_CELLS || self.cells.contains_key(&key);
        self.cells.entry(if room { key } else { key.without_client() }).or_default().merge(tally);
    }

    fn slow(&mut self, line: &LogLine<'static>) {
        let rank = |line: &LogLine<'_>| (line.dur_ms, line.ts, line.span_id.to_string());
        let at = self.slowest.partition_point(|held| rank(held) > rank(line));
        if at < SLOWEST {
            self.slowest.insert(at, line.clone());
            self.slowest.truncate(SLOWEST);
        }
    }
}

impl Extent {
    /// Reads a key's metadata.
    pub fn parse(metadata: &str) -> Option<Self> {
        serde_json::from_str(metadata).ok().filter(|extent: &Self| extent.v <= VERSION)
    }
}

// A JSON object has text for keys; cells are a list of pairs.
mod pairs {
    use super::{BTreeMap, Key, Tally};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(cells: &BTreeMap<Key, Tally>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(cells)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Key, Tally>, D::Error> {
        Ok(Vec::<(Key, Tally)>::deserialize(from)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: u64, client: &str) -> LogLine<'static> {
        let mut line =
            LogLine::new("octavo-gateway", Kind::Mcp, at, format!("{at:x}").into(), format!("{at:x}").into());
        line.client = Some(client.to_owned().into());
        line.dur_ms = at % 100;
        line.status = if at.is_multiple_of(10) { Status::ToolError } else { Status::Ok };
        line
    }

    #[test]
    fn the_sum_of_parts_is_the_whole() {
        let (mut whole, mut parts) = (Rollup::default(), [Rollup::default(), Rollup::default()]);
        for at in 0..1000 {
            whole.add(&line(at, "a"));
            parts[usize::from(at % 3 == 0)].add(&line(at, "a"));
        }
        let [mut left, right] = parts;
        left.merge(right);
        assert_eq!((left.n, left.cells.len(), &left.slowest), (1000, 2, &whole.slowest));
        for (key, tally) in &whole.cells {
            assert_eq!(left.cells[key].durations, tally.durations);
            assert_eq!((left.cells[key].n, left.cells[key].last), (tally.n, tally.last));
            assert_eq!(left.cells[key].traces.len(), if key.status == Status::Ok { 0 } else { TRACES });
        }
        assert_eq!(Rollup::parse(&whole.to_json()), Some(whole));
    }

    #[test]
    fn clients_cannot_make_it_grow() {
        let mut rollup = Rollup::default();
        for at in 0..(MAX_CELLS as u64 + 500) {
            rollup.add(&line(at, &format!("client-{at}")));
        }
        assert!(rollup.cells.len() <= MAX_CELLS + 2);
        assert_eq!(rollup.cells.values().map(|tally| tally.n).sum::<u64>(), MAX_CELLS as u64 + 500);
    }
}

//! Reading rollups: the counts of a stretch of time, from the longest that cover it down to the raw segments that no
//! rollup holds yet.
//!
//! Invariant: each line is counted once, whether the cron has run or not.

use crate::ingest::Drops;
use crate::keys::{self, Level};
use crate::query::Filter;
use crate::rollup::{Extent, Key, Rollup, Tally};
use crate::scan::MAX_SCAN_BYTES;
use crate::segment::{self, Facets};
use crate::store::{MAX_LIST, MAX_READ, Store, StoreError, batches};
use octavo_telemetry::LogLine;
use std::collections::{BTreeMap, HashSet};

/// Most slots of a timeline.
const MAX_SLOTS: u64 = 60;

/// The counts of a stretch of time, slot by slot.
#[derive(Debug)]
pub struct Timeline {
    /// Start of the first slot.
    pub since: u64,
    /// End of what was asked for.
    pub until: u64,
    /// Length of a slot.
    pub step_ms: u64,
    /// What was counted in each slot, filtered.
    pub slots: Vec<BTreeMap<Key, Tally>>,
    /// The slowest lines of the whole, filtered.
    pub slowest: Vec<LogLine<'static>>,
    /// What was dropped.
    pub drops: Drops,
    /// Lines of all kinds, unfiltered.
    pub lines: u64,
    /// Raw segments they came in.
    pub segments: u64,
    /// Time up to which rollups hold everything.
    pub watermark: u64,
    /// Whether everything was read.
    pub complete: bool,
}

impl Timeline {
    /// All cells of all slots.
    pub fn cells(&self) -> impl Iterator<Item = (&Key, &Tally)> {
        self.slots.iter().flatten()
    }

    /// Start of a slot.
    pub fn start(&self, slot: usize) -> u64 {
        self.since + slot as u64 * self.step_ms
    }
}

/// The shortest level whose slots over this stretch are few enough.
pub fn level_of(since: u64, until: u64) -> Level {
    let fits = |level: &Level| until.saturating_sub(since) <= MAX_SLOTS * level.ms();
    Level::ALL.into_iter().find(fits).unwrap_or(Level::Day)
}

/// Reads the counts from `since` to `until` in slots of a level.
pub async fn read(
    store: &impl Store,
    filter: &Filter,
    since: u64,
    until: u64,
    level: Level,
    now: u64,
) -> Result<Timeline, StoreError> {
    let since = since - since % level.ms();
    let slots = (until.saturating_sub(since)).div_ceil(level.ms()).clamp(1, 400);
    let mut reading = Reading {
        filter,
        slowest: Rollup::default(),
        timeline: Timeline {
            since,
            until,
            step_ms: level.ms(),
            slots: (0..slots).map(|_| BTreeMap::new()).collect(),
            slowest: Vec::new(),
            drops: Drops::new(),
            lines: 0,
            segments: 0,
            watermark: now,
            complete: true,
        },
    };
    let mut front = since;
    let mut level = Some(level);
    while let Some(from) = level {
        front = reading.rollups(store, from, front).await?;
        level = from.finer();
    }
    reading.raw(store, front).await?;
    let Reading { mut timeline, slowest, .. } = reading;
    timeline.slowest = slowest.slowest;
    Ok(timeline)
}

struct Reading<'f> {
    filter: &'f Filter,
    timeline: Timeline,
    slowest: Rollup,
}

impl Reading<'_> {
    // Takes in the rollups of a level from `front` on, and says up to where they reach.
    async fn rollups(&mut self, store: &impl Store, level: Level, front: u64) -> Result<u64, StoreError> {
        let until = self.timeline.until;
        let (mut starts, mut cursor) = (Vec::new(), None);
        if front >= until {
            return Ok(front);
        }
        let prefix = keys::range(level.prefix(), front, until);
        'pages: loop {
            let page = store.list(&prefix, cursor.as_deref(), MAX_LIST).await?;
            for (key, metadata) in &page.keys {
                match keys::time_of(key) {
                    Some(start) if start < front => break 'pages,
                    Some(start) if start < until && Extent::parse(metadata).is_some() => starts.push(start),
                    _ => {}
                }
            }
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        for chunk in starts.chunks(MAX_READ) {
            let keys: Vec<String> = chunk.iter().map(|start| keys::rollup(level, *start)).collect();
            for (start, value) in chunk.iter().zip(store.read(&keys).await?) {
                // A key that is listed but not found yet will be, elsewhere.
                match value.as_deref().and_then(Rollup::parse) {
                    Some(rollup) => self.take(*start, rollup),
                    None => self.timeline.complete = false,
                }
            }
        }
        Ok(starts.first().map_or(front, |newest| (newest + level.ms()).max(front)))
    }

    fn take(&mut self, start: u64, mut rollup: Rollup) {
        self.timeline.lines += rollup.n;
        self.timeline.segments += rollup.segments;
        for (reason, count) in std::mem::take(&mut rollup.drops) {
            *self.timeline.drops.entry(reason).or_default() += count;
        }
        let step = self.timeline.step_ms;
        let at = usize::try_from(start.saturating_sub(self.timeline.since) / step).unwrap_or(usize::MAX);
        let last = self.timeline.slots.len().saturating_sub(1);
        let cells = std::mem::take(&mut rollup.cells);
        if let Some(slot) = self.timeline.slots.get_mut(at.min(last)) {
            for (key, tally) in cells {
                if self.filter.takes_cell(&key) {
                    slot.entry(key).or_default().merge(&tally);
                }
            }
        }
        rollup.slowest.retain(|line| self.filter.takes(line));
        self.slowest.merge(rollup);
    }

    // Counts the raw segments written since.
    async fn raw(&mut self, store: &impl Store, front: u64) -> Result<(), StoreError> {
        let (mut raw, mut cursor) = (Vec::new(), None);
        'pages: loop {
            let page = store.list(keys::RAW, cursor.as_deref(), MAX_LIST).await?;
            for (key, metadata) in page.keys {
                let (Some(written), Some(facets)) = (keys::time_of(&key), Facets::parse(&metadata)) else { continue };
                if written < front {
                    break 'pages;
                }
                self.timeline.watermark = written - written % Level::Minute.ms();
                if written <= self.timeline.until {
                    raw.push((key, facets));
                }
            }
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        let (mut seen, mut bytes) = (HashSet::new(), 0);
        for batch in batches(&raw, |(_, facets)| facets.b) {
            if bytes >= MAX_SCAN_BYTES {
                self.timeline.complete = false;
                break;
            }
            let keys: Vec<String> = batch.iter().map(|(key, _)| key.clone()).collect();
            for ((_, facets), value) in batch.iter().zip(store.read(&keys).await?) {
                let Some(value) = value else {
                    self.timeline.complete = false;
                    continue;
                };
                bytes += facets.b;
                let mut slots: BTreeMap<u64, Rollup> = BTreeMap::new();
                for line in segment::lines(&value) {
                    if seen.insert((line.worker.to_string(), line.span_id.to_string())) {
                        // By minute, as the cron would have done; a line that waited counts where it was written.
                        slots.entry(line.ts.max(front) / Level::Minute.ms()).or_default().add(&line);
                    }
                }
                let counted = Rollup { segments: 1, drops: facets.d.clone(), ..Rollup::default() };
                self.take(facets.t1.max(front), counted);
                for (minute, rollup) in slots {
                    self.take(minute * Level::Minute.ms(), rollup);
                }
            }
        }
        Ok(())
    }
}

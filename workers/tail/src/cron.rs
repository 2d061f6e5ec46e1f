//! What is done each minute: rollups of raw segments, rollups of rollups, and compaction.
//!
//! Every step compares what is there with what it would be made of and writes only where something is missing or has grown,
//! oldest first. So a run may be left out, repeated, or end half-way: the next one does the rest, and a segment that
//! arrives late is taken in. Invariant: what is written depends on its inputs alone.

use crate::config::Lives;
use crate::keys::{self, Level, WINDOW_MS};
use crate::rollup::{Extent, Rollup};
use crate::segment::{self, Facets, Segment};
use crate::store::{MAX_LIST, MAX_READ, Store, StoreError, batches};
use octavo_telemetry::{LogLine, Status};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

/// How long after its end a minute is rolled up: the store shows a key everywhere within a minute.
const MINUTE_LAG_MS: u64 = 60_000;
/// How long after its end a longer stretch is.
const LONG_LAG_MS: u64 = 180_000;
/// How far back late segments are looked for.
const HEAL_MS: u64 = 3 * WINDOW_MS;
/// Most minutes rolled up, and most windows compacted, in one run.
const MAX_MINUTES: usize = 120;
const MAX_WINDOWS: usize = 12;
/// Most hours rolled up in one hourly run, and the minute of the hour at which that is.
const MAX_HOURS: usize = 48;
const HOURLY_MINUTE: u64 = 5;
/// Keys of compacted windows looked at, newest first: those that may still grow, and then some.
const WINDOWS_LISTED: u32 = 100;
/// Longest part of a compacted window, in bytes of its raw segments: a question reads whole parts, so a small one costs little.
const PART_BYTES: u64 = 1 << 20;

/// What one run did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Raw segments seen.
    pub segments: u64,
    /// Rollups written.
    pub rollups: u64,
    /// Windows compacted.
    pub windows: u64,
    /// Keys of compacted segments written.
    pub parts: u64,
}

// A raw segment, by its key.
type Raw = (String, Facets);

/// One run at `now`.
pub async fn run(store: &impl Store, lives: &Lives, now: u64) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let minutes = extents(store, Level::Minute).await?;
    let windows = compacted(store).await?;
    // Before the older of the two fronts, and what may be late, everything is done.
    let front = |newest: Option<&u64>, length| newest.map_or(0, |start| start + length);
    let done = front(minutes.keys().next_back(), Level::Minute.ms()).min(front(windows.keys().next_back(), WINDOW_MS));
    let raw = raw_segments(store, done.saturating_sub(HEAL_MS)).await?;
    report.segments = raw.len() as u64;

    let mut by_minute: BTreeMap<u64, Vec<&Raw>> = BTreeMap::new();
    let mut by_window: BTreeMap<u64, Vec<&Raw>> = BTreeMap::new();
    for entry in raw.iter().rev() {
        let written = keys::time_of(&entry.0).unwrap_or_default();
        by_minute.entry(written - written % Level::Minute.ms()).or_default().push(entry);
        by_window.entry(written - written % WINDOW_MS).or_default().push(entry);
    }
    let grown = |held: Option<u64>, made_of: &[&Raw]| made_of.len() as u64 > held.unwrap_or(0);

    let due = by_minute.iter().filter(|(start, made_of)| {
        **start + Level::Minute.ms() + MINUTE_LAG_MS <= now
            && grown(minutes.get(start).map(|extent| extent.segments), made_of)
    });
    for (start, made_of) in due.take(MAX_MINUTES) {
        write_rollup(store, Level::Minute, *start, &minute(store, made_of).await?, lives).await?;
        report.rollups += 1;
    }
    for level in Level::ALL {
        report.rollups += roll_up(store, level, lives, now).await?;
    }

    let due = by_window.iter().filter(|(start, made_of)| {
        **start + WINDOW_MS + LONG_LAG_MS <= now && grown(windows.get(start).copied(), made_of)
    });
    for (start, made_of) in due.take(MAX_WINDOWS) {
        report.windows += 1;
        report.parts += compact(store, *start, made_of, lives).await?;
    }
    Ok(report)
}

/// One run at `now` of a deployment that has few operations a day: raw segments become rollups of an hour and nothing else,
/// some thirty writes and hundred lists a day where it is run once an hour. Raw segments then live as long as lines shall.
pub async fn run_hourly(store: &impl Store, lives: &Lives, now: u64) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let hours = extents(store, Level::Hour).await?;
    let done = hours.keys().next_back().map_or(0, |start| start + Level::Hour.ms());
    // The hour before may still have got a segment.
    let raw = raw_segments(store, done.saturating_sub(Level::Hour.ms())).await?;
    report.segments = raw.len() as u64;
    let mut by_hour: BTreeMap<u64, Vec<&Raw>> = BTreeMap::new();
    for entry in raw.iter().rev() {
        let written = keys::time_of(&entry.0).unwrap_or_default();
        by_hour.entry(written - written % Level::Hour.ms()).or_default().push(entry);
    }
    let due = by_hour.iter().filter(|(start, made_of)| {
        let held = hours.get(start).map_or(0, |extent| extent.segments);
        **start + Level::Hour.ms() + LONG_LAG_MS <= now && made_of.len() as u64 > held
    });
    for (start, made_of) in due.take(MAX_HOURS) {
        write_rollup(store, Level::Hour, *start, &minute(store, made_of).await?, lives).await?;
        report.rollups += 1;
    }
    report.rollups += roll_up(store, Level::Day, lives, now).await?;
    Ok(report)
}

/// Whether a deployment with few operations a day works in this minute.
pub const fn is_hourly_turn(now: u64) -> bool {
    now / 60_000 % 60 == HOURLY_MINUTE
}

// The rollups of a level by their start, of the newest page.
async fn extents(store: &impl Store, level: Level) -> Result<BTreeMap<u64, Extent>, StoreError> {
    let page = store.list(level.prefix(), None, MAX_LIST).await?;
    let extent = |(key, metadata): &(String, String)| Some((keys::time_of(key)?, Extent::parse(metadata)?));
    Ok(page.keys.iter().filter_map(extent).collect())
}

// The newest compacted windows by their start, with the number of raw segments each was made of.
async fn compacted(store: &impl Store) -> Result<BTreeMap<u64, u64>, StoreError> {
    let page = store.list(keys::COMPACTED, None, WINDOWS_LISTED).await?;
    let window = |(key, metadata): &(String, String)| Some((keys::time_of(key)?, Facets::parse(metadata)?.src));
    Ok(page.keys.iter().filter_map(window).collect())
}

// Raw segments written since, newest first.
async fn raw_segments(store: &impl Store, since: u64) -> Result<Vec<Raw>, StoreError> {
    let (mut raw, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list(keys::RAW, cursor.as_deref(), MAX_LIST).await?;
        for (key, metadata) in page.keys {
            let Some(written) = keys::time_of(&key) else { continue };
            if written < since {
                return Ok(raw);
            }
            raw.extend(Facets::parse(&metadata).map(|facets| (key, facets)));
        }
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(raw),
        }
    }
}

// The lines of some segments, each once, in the order of the segments.
async fn lines_of(store: &impl Store, segments: &[&Raw]) -> Result<Vec<LogLine<'static>>, StoreError> {
    let (mut lines, mut seen) = (Vec::new(), HashSet::new());
    for batch in batches(segments, |(_, facets)| facets.b) {
        let keys: Vec<String> = batch.iter().map(|(key, _)| key.clone()).collect();
        for value in store.read(&keys).await?.into_iter().flatten() {
            lines.extend(
                segment::lines(&value).filter(|line| seen.insert((line.worker.to_string(), line.span_id.to_string()))),
            );
        }
    }
    Ok(lines)
}

async fn minute(store: &impl Store, made_of: &[&Raw]) -> Result<Rollup, StoreError> {
    let mut rollup = Rollup { segments: made_of.len() as u64, ..Rollup::default() };
    for line in lines_of(store, made_of).await? {
        rollup.add(&line);
    }
    for (_, facets) in made_of {
        for (reason, count) in &facets.d {
            *rollup.drops.entry(reason.clone()).or_default() += count;
        }
    }
    Ok(rollup)
}

async fn write_rollup(
    store: &impl Store,
    level: Level,
    start: u64,
    rollup: &Rollup,
    lives: &Lives,
) -> Result<(), StoreError> {
    store.write(&keys::rollup(level, start), &rollup.to_json(), &rollup.metadata(), lives.of(level)).await
}

// Makes what is missing of a level, or has grown since, from the next finer one.
async fn roll_up(store: &impl Store, level: Level, lives: &Lives, now: u64) -> Result<u64, StoreError> {
    let Some(finer) = level.finer() else { return Ok(0) };
    let (present, finer_ones) = (extents(store, level).await?, extents(store, finer).await?);
    let mut wanted: BTreeMap<u64, (u64, Vec<String>)> = BTreeMap::new();
    for (start, extent) in finer_ones {
        let (segments, keys) = wanted.entry(start - start % level.ms()).or_default();
        *segments += extent.segments;
        keys.push(keys::rollup(finer, start));
    }
    let mut written = 0;
    for (start, (segments, keys)) in wanted {
        // Parts that came to the end of their lives leave less than there was, which is no reason to write.
        if start + level.ms() + LONG_LAG_MS > now
            || present.get(&start).is_some_and(|extent| extent.segments >= segments)
        {
            continue;
        }
        let mut rollup = Rollup::default();
        for chunk in keys.chunks(MAX_READ) {
            let values = store.read(chunk).await?;
            values.iter().flatten().filter_map(|value| Rollup::parse(value)).for_each(|part| rollup.merge(part));
        }
        write_rollup(store, level, start, &rollup, lives).await?;
        written += 1;
    }
    Ok(written)
}

async fn compact(store: &impl Store, start: u64, made_of: &[&Raw], lives: &Lives) -> Result<u64, StoreError> {
    let mut sources = made_of.to_vec();
    sources.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut written, mut part, mut bytes) = (0, 0, 0);
    let mut segments = Vec::new();
    for (at, raw) in sources.iter().enumerate() {
        segments.push(*raw);
        bytes += raw.1.b;
        if bytes < PART_BYTES && at + 1 < sources.len() {
            continue;
        }
        let mut kept = lines_of(store, &std::mem::take(&mut segments)).await?;
        kept.sort_by(|a, b| Reverse((a.ts, &a.span_id)).cmp(&Reverse((b.ts, &b.span_id))));
        let failed = kept.iter().filter(|line| line.status != Status::Ok).collect::<Vec<_>>();
        let streams = [
            (keys::KEPT, Segment::of(&failed), lives.kept),
            (keys::COMPACTED, Segment::of(&kept.iter().collect::<Vec<_>>()), lives.all),
        ];
        for (stream, segment, life) in streams {
            let Some(mut segment) = segment else { continue };
            segment.facets.src = sources.len() as u64;
            let key = keys::window_part(stream, start, part);
            store.write(&key, &segment.value, &segment.metadata(), life).await?;
            written += 1;
        }
        part += 1;
        bytes = 0;
    }
    Ok(written)
}

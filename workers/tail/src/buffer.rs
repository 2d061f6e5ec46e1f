//! What waits to be written: one buffer an isolate, so that many invocations share one segment.
//!
//! The first invocation that finds no leader leads: it waits a window and takes what has come. Others leave their lines and
//! end. A leader that never comes back (its invocation was ended) is replaced after [`LEADER_MS`]. Invariant: the buffer is
//! bounded; what does not fit is counted.

use crate::ingest::{Drops, Ingested, mixed};
use crate::segment::Segment;
use octavo_telemetry::LogLine;
use std::collections::HashSet;

/// Lines at which a segment is written before the window ends.
pub const FULL_LINES: usize = 2000;
/// Most lines held while writes are slow.
pub const MAX_LINES: usize = 20_000;
/// How much longer than its window a leader may take.
pub const LEADER_MS: u64 = 5000;

/// What an invocation does after it left its lines.
#[derive(Debug, PartialEq)]
pub enum Turn {
    /// Nothing: a leader waits.
    Leave,
    /// Wait for the window, then [`Buffer::take`].
    Lead,
    /// Write this now.
    Write(Segment),
}

/// The lines of one isolate that are not written yet.
#[derive(Debug, Default)]
pub struct Buffer {
    lines: Vec<LogLine<'static>>,
    seen: HashSet<(String, String)>,
    drops: Drops,
    led_until: u64,
    unnamed: u64,
}

impl Buffer {
    /// Takes the lines of one invocation.
    pub fn push(&mut self, ingested: Ingested, now: u64, window_ms: u64) -> Turn {
        for (reason, count) in ingested.drops {
            self.count(&reason, count);
        }
        for mut line in ingested.lines {
            if line.span_id.bytes().all(|digit| digit == b'0') {
                // A worker that could not read who asked; its lines are told apart here.
                self.unnamed += 1;
                let words = [&*line.worker, &line.ts.to_string(), &self.unnamed.to_string()];
                line.span_id = format!("{:016x}", mixed(&words)).into();
            }
            if self.lines.len() >= MAX_LINES {
                self.count("buffer_full", 1);
            } else if self.seen.insert((line.worker.to_string(), line.span_id.to_string())) {
                self.lines.push(line);
            } else {
                self.count("duplicate", 1);
            }
        }
        if self.lines.len() >= FULL_LINES
            && let Some(segment) = self.segment()
        {
            return Turn::Write(segment);
        }
        if self.lines.is_empty() || now < self.led_until {
            return Turn::Leave;
        }
        self.led_until = now + window_ms + LEADER_MS;
        Turn::Lead
    }

    /// The leader takes what has come and leads no more.
    pub fn take(&mut self) -> Option<Segment> {
        self.led_until = 0;
        self.segment()
    }

    /// The leader leaves what has come for a later one, and leads no more.
    pub fn wait(&mut self) {
        self.led_until = 0;
    }

    /// Lines that wait.
    pub fn waiting(&self) -> usize {
        self.lines.len()
    }

    /// Counts what was lost elsewhere.
    pub fn count_lost(&mut self, reason: &str, count: u64) {
        self.count(reason, count);
    }

    /// Counts lines that a write lost.
    pub fn lost(&mut self, segment: &Segment) {
        for (reason, count) in &segment.facets.d {
            self.count(reason, *count);
        }
        self.count("write_failed", segment.facets.n);
    }

    fn segment(&mut self) -> Option<Segment> {
        let mut segment = Segment::of(&self.lines.iter().collect::<Vec<_>>())?;
        segment.facets.d = std::mem::take(&mut self.drops);
        self.lines.clear();
        self.seen.clear();
        Some(segment)
    }

    fn count(&mut self, reason: &str, count: u64) {
        *self.drops.entry(reason.to_owned()).or_default() += count;
    }
}

/// How many keys an isolate may write: so many a day, some of them at once. For accounts whose writes are few and free.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    // Milliseconds of the day saved up; each write costs a share.
    saved: u64,
    seen: Option<u64>,
}

const DAY_MS: u64 = 86_400_000;

impl Budget {
    /// Writes that may be saved up.
    pub const MOST_AT_ONCE: u64 = 10;
    /// Writes that a new isolate begins with.
    pub const AT_FIRST: u64 = 2;

    /// Takes one write of `per_day`, if it is there; 0 is no limit.
    pub fn spend(&mut self, per_day: u64, now: u64) -> bool {
        if per_day == 0 {
            return true;
        }
        let price = (DAY_MS / per_day).max(1);
        self.saved = match self.seen {
            None => Self::AT_FIRST * price,
            Some(seen) => (self.saved + now.saturating_sub(seen)).min(Self::MOST_AT_ONCE * price),
        };
        self.seen = Some(now);
        let enough = self.saved >= price;
        self.saved -= if enough { price } else { 0 };
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_telemetry::Kind;

    #[test]
    fn a_day_of_any_load_keeps_its_budget() {
        for (per_day, gap_ms) in [(800, 100), (800, 60_000), (800, 3_600_000), (1, 1000), (100_000_000, 500)] {
            let mut budget = Budget::default();
            let spent = (0..DAY_MS / gap_ms).filter(|at| budget.spend(per_day, at * gap_ms)).count() as u64;
            assert!(spent <= per_day + Budget::AT_FIRST, "{spent} of {per_day}");
            assert!(spent >= per_day.min(DAY_MS / gap_ms) * 9 / 10, "{spent} of {per_day}");
        }
        let mut budget = Budget::default();
        assert!((0..1000).all(|_| budget.spend(0, 5)));
    }

    #[test]
    fn lines_wait_for_a_write() {
        let mut buffer = Buffer::default();
        assert_eq!(buffer.push(some(0, 1), 0, 100), Turn::Lead);
        buffer.wait();
        assert_eq!(buffer.push(some(1, 1), 101, 100), Turn::Lead);
        assert_eq!(buffer.take().expect("lines").facets.n, 2);
    }

    fn some(from: usize, count: usize) -> Ingested {
        let line = |at| LogLine::new("octavo-docker", Kind::Tool, 1, "t".into(), format!("{at}").into());
        Ingested { lines: (from..from + count).map(line).collect(), ..Ingested::default() }
    }

    #[test]
    fn one_leads_and_the_others_leave() {
        let mut buffer = Buffer::default();
        assert_eq!(buffer.push(some(0, 0), 0, 100), Turn::Leave);
        assert_eq!(buffer.push(some(0, 2), 0, 100), Turn::Lead);
        assert_eq!(buffer.push(some(2, 2), 50, 100), Turn::Leave);
        assert_eq!(buffer.push(some(2, 2), 60, 100), Turn::Leave);
        let segment = buffer.take().expect("lines");
        assert_eq!((segment.facets.n, segment.facets.d.get("duplicate")), (4, Some(&2)));
        assert_eq!(buffer.take(), None);
        assert_eq!(buffer.push(some(4, 1), 101, 100), Turn::Lead);
    }

    #[test]
    fn lines_without_a_span_are_no_duplicates() {
        let mut buffer = Buffer::default();
        let unnamed = || LogLine::new("octavo-docker", Kind::Tool, 1, "t".into(), "0000000000000000".into());
        for _ in 0..3 {
            buffer.push(Ingested { lines: vec![unnamed()], ..Ingested::default() }, 0, 100);
        }
        assert_eq!(buffer.take().expect("lines").facets.n, 3);
    }

    #[test]
    fn a_leader_that_is_gone_is_replaced() {
        let mut buffer = Buffer::default();
        assert_eq!(buffer.push(some(0, 1), 0, 100), Turn::Lead);
        assert_eq!(buffer.push(some(1, 1), 100 + LEADER_MS, 100), Turn::Lead);
    }

    #[test]
    fn a_full_buffer_is_written_at_once_and_losses_are_told_later() {
        let mut buffer = Buffer::default();
        let Turn::Write(segment) = buffer.push(some(0, FULL_LINES), 0, 100) else { panic!("full") };
        buffer.lost(&segment);
        assert_eq!(buffer.push(some(9, 1), 1, 100), Turn::Lead);
        assert_eq!(buffer.take().expect("a line").facets.d.get("write_failed"), Some(&(FULL_LINES as u64)));
        let Turn::Write(segment) = buffer.push(some(0, MAX_LINES + 5), 0, 100) else { panic!("full") };
        assert_eq!((segment.facets.n, segment.facets.d.get("buffer_full")), (MAX_LINES as u64, Some(&5)));
    }
}

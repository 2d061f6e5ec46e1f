//! The layout of the KV namespace; no other file knows a key.
//!
//! | key | holds | lives for |
//! |---|---|---|
//! | `r/{T}/{isolate}{number}` | a raw segment: the lines one isolate collected, as they came | hours |
//! | `c/{T}/{part}` | a compacted segment: all lines of ten minutes, newest first, each once | days |
//! | `k/{T}/{part}` | of the same ten minutes, the lines that did not end in `ok` | weeks |
//! | `u/{level}/{T}` | a rollup: counts and quantile sketches of a minute, ten minutes, an hour, a day | days to a year |
//!
//! `T` is 11 hexadecimal digits of `0xfffffffffff - ms`, so that keys sort newest first and every prefix is a stretch of
//! time. Of a raw segment `T` is when it was written, of a window its start; both bound the lines' own times from above
//! together with the window's length. A key is written once, or rewritten with more of the same; nothing is deleted, keys
//! end by their life alone. A segment's facets stand in the key's metadata, so that a list tells which to read.

/// Prefix of raw segments.
pub const RAW: &str = "r/";
/// Prefix of compacted segments.
pub const COMPACTED: &str = "c/";
/// Prefix of compacted segments with all but what ended in `ok`.
pub const KEPT: &str = "k/";

const NEWEST: u64 = 0xfff_ffff_ffff;

/// Length of a compacted window.
pub const WINDOW_MS: u64 = 600_000;

/// How long a stretch of time a rollup covers; each is made of the next shorter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A minute, from raw segments.
    Minute,
    /// Ten minutes.
    Ten,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

impl Level {
    /// Shortest first.
    pub const ALL: [Self; 4] = [Self::Minute, Self::Ten, Self::Hour, Self::Day];

    /// How long it covers, in milliseconds.
    pub const fn ms(self) -> u64 {
        match self {
            Self::Minute => 60_000,
            Self::Ten => 600_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// What it is made of; of a minute, raw segments.
    pub const fn finer(self) -> Option<Self> {
        match self {
            Self::Minute => None,
            Self::Ten => Some(Self::Minute),
            Self::Hour => Some(Self::Ten),
            Self::Day => Some(Self::Hour),
        }
    }

    /// Prefix of its rollups.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Minute => "u/m/",
            Self::Ten => "u/t/",
            Self::Hour => "u/h/",
            Self::Day => "u/d/",
        }
    }
}

/// The key of a raw segment written at `ms`.
pub fn raw(ms: u64, isolate: u32, number: u32) -> String {
    format!("{RAW}{}/{isolate:08x}{number:06x}", inverted(ms))
}

/// The key of one part of the window that starts at `start`, under [`COMPACTED`] or [`KEPT`].
pub fn window_part(prefix: &str, start: u64, part: usize) -> String {
    format!("{prefix}{}/{part:03}", inverted(start))
}

/// The key of the rollup that starts at `start`.
pub fn rollup(level: Level, start: u64) -> String {
    format!("{}{}", level.prefix(), inverted(start))
}

/// The time in a key.
pub fn time_of(key: &str) -> Option<u64> {
    let mut parts = key.split('/');
    let time = if parts.next()? == "u" { parts.nth(1)? } else { parts.next()? };
    u64::from_str_radix(time, 16).ok().filter(|_| time.len() == 11).map(|time| NEWEST.saturating_sub(time))
}

/// The longest prefix shared by all keys under `prefix` from `since` to `until`.
pub fn range(prefix: &str, since: u64, until: u64) -> String {
    let (newest, oldest) = (inverted(until), inverted(since));
    let shared = newest.bytes().zip(oldest.bytes()).take_while(|(a, b)| a == b).count();
    format!("{prefix}{}", newest.get(..shared).unwrap_or_default())
}

fn inverted(ms: u64) -> String {
    format!("{:011x}", NEWEST.saturating_sub(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_keys_sort_first_and_tell_their_time() {
        let keys = [raw(1_790_000_000_001, 7, 1), raw(1_790_000_000_000, u32::MAX, u32::MAX), raw(0, 0, 0)];
        assert!(keys.is_sorted());
        assert_eq!(time_of(&keys[0]), Some(1_790_000_000_001));
        assert_eq!(time_of(&window_part(KEPT, 600_000, 3)), Some(600_000));
        assert_eq!(time_of(&rollup(Level::Hour, 3_600_000)), Some(3_600_000));
        assert_eq!(raw(u64::MAX, 0, 0), "r/00000000000/00000000000000");
        for other in ["", "r", "r/", "r/xyz/", "u/m", "r/fffffffffff0/1"] {
            assert_eq!(time_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_range_holds_its_ends() {
        for (since, until) in [(0, u64::MAX), (1_790_000_000_000, 1_790_000_600_000), (5, 5)] {
            let prefix = range(RAW, since, until);
            assert!(raw(since, 1, 1).starts_with(&prefix) && raw(until, 1, 1).starts_with(&prefix), "{prefix}");
        }
    }

    #[test]
    fn levels_nest() {
        for level in Level::ALL {
            if let Some(finer) = level.finer() {
                assert_eq!(level.ms() % finer.ms(), 0);
            }
        }
    }
}

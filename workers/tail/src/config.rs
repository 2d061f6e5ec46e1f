//! What a deployment sets: how long things live, how long a batch waits.

use crate::keys::Level;
use crate::store::MIN_TTL_SECONDS;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// How long each stream is kept, in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lives {
    /// Raw segments.
    pub raw: u64,
    /// All lines, compacted.
    pub all: u64,
    /// Lines that did not end in `ok`.
    pub kept: u64,
    /// Rollups of an hour and of ten minutes; those of a day live twelve times as long.
    pub rollups: u64,
}

/// What a deployment sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How long each stream is kept.
    pub lives: Lives,
    /// How long lines wait for others, in milliseconds.
    pub window_ms: u64,
}

/// Longest that lines may wait: the platform ends an invocation some thirty seconds after its event.
const MAX_WINDOW_MS: u64 = 10_000;

impl Lives {
    /// The life of a rollup.
    pub const fn of(&self, level: Level) -> u64 {
        match level {
            Level::Minute => 2 * DAY,
            Level::Ten | Level::Hour => self.rollups,
            Level::Day => self.rollups.saturating_mul(12),
        }
    }
}

impl Config {
    /// Reads the variables; what is missing or no number is as in `wrangler/tail.toml`.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let number =
            |name: &str, default: u64| variable(name).and_then(|text| text.trim().parse().ok()).unwrap_or(default);
        let life = |name: &str, default: u64| number(name, default).max(MIN_TTL_SECONDS);
        Self {
            lives: Lives {
                raw: life("LOG_RAW_TTL_SECONDS", 6 * HOUR),
                all: life("LOG_TTL_SECONDS", 3 * DAY),
                kept: life("LOG_KEPT_TTL_SECONDS", 30 * DAY),
                rollups: life("LOG_ROLLUP_TTL_SECONDS", 35 * DAY),
            },
            window_ms: number("LOG_WINDOW_MS", 5000).min(MAX_WINDOW_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_and_bounded() {
        let plain = Config::read(|_| None);
        assert_eq!((plain.window_ms, plain.lives.all), (5000, 259_200));
        let set = Config::read(|name| {
            let value = match name {
                "LOG_WINDOW_MS" => "99999999",
                "LOG_TTL_SECONDS" => "5",
                "LOG_KEPT_TTL_SECONDS" => "a week",
                _ => return None,
            };
            Some(value.to_owned())
        });
        assert_eq!((set.window_ms, set.lives.all, set.lives.kept), (MAX_WINDOW_MS, MIN_TTL_SECONDS, 2_592_000));
    }
}

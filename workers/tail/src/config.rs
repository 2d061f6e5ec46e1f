//! What a deployment sets: how long things live, how long a batch waits.

use crate::keys::Level;
use crate::store::MIN_TTL_SECONDS;
use octavo_settings::{self as settings, Setting};

const DAY: u64 = 24 * 3600;

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
    /// How lines come.
    pub mode: Mode,
    /// Most keys an isolate writes for new lines in a day; 0 is no limit.
    pub writes_per_day: u64,
}

/// How lines come from the other workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The platform hands over what each invocation printed.
    Tail,
    /// The gateway hands over its own lines and the tool workers', for accounts without tail workers. What else such an
    /// account has few of is saved too: keys are written by a daily budget, and the cron works once an hour.
    Push,
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
    /// Reads the variables; what is missing or no number is as the table of settings says.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |setting: Setting| variable(setting.name).and_then(|text| text.trim().parse().ok());
        let number = |setting: Setting| given(setting).unwrap_or_else(|| setting.number());
        let life = |setting: Setting| number(setting).max(MIN_TTL_SECONDS);
        let is_push = variable(settings::LOG_MODE.name).is_some_and(|mode| mode.trim() == "push");
        let mode = if is_push { Mode::Push } else { Mode::Tail };
        let all = life(settings::LOG_TTL_SECONDS);
        // Without compaction the raw segments are all there is.
        let raw = life(settings::LOG_RAW_TTL_SECONDS);
        Self {
            mode,
            writes_per_day: given(settings::LOG_WRITES_PER_DAY).unwrap_or(if is_push { 800 } else { 0 }),
            lives: Lives {
                raw: if mode == Mode::Push { raw.max(all) } else { raw },
                all,
                kept: life(settings::LOG_KEPT_TTL_SECONDS),
                rollups: life(settings::LOG_ROLLUP_TTL_SECONDS),
            },
            window_ms: number(settings::LOG_WINDOW_MS).min(MAX_WINDOW_MS),
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
        assert_eq!((set.mode, set.writes_per_day), (Mode::Tail, 0));
        let push = Config::read(|name| (name == "LOG_MODE").then(|| "push".to_owned()));
        assert_eq!((push.mode, push.writes_per_day, push.lives.raw), (Mode::Push, 800, 259_200));
        assert_eq!((set.window_ms, set.lives.all, set.lives.kept), (MAX_WINDOW_MS, MIN_TTL_SECONDS, 2_592_000));
    }
}

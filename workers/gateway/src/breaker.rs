//! Whether a worker is asked at all: a circuit breaker for each binding, in each isolate.
//!
//! A worker that fails so often in a row is left alone for a while; then one call tries it, and its answer decides. Nobody
//! waits for a worker that is known to be down, and one that comes back is used again within seconds. A tool that fails in
//! its worker's hands (`tool_failed`) is an answer, and no failure of the worker.

use std::collections::{BTreeMap, VecDeque};

/// Failures in a row after which a worker is left alone.
pub const FAILURES_TO_OPEN: u32 = 3;
/// How long it is left alone, in milliseconds, unless `BREAKER_OPEN_MS` says otherwise; then one call tries it.
pub const OPEN_MS: u64 = 10_000;
/// Calls whose times are remembered of each worker, for the quantile that health shows.
pub const REMEMBERED: usize = 200;

/// How a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Calls go through.
    Closed,
    /// None does.
    Open,
    /// One does, to try.
    HalfOpen,
}

impl State {
    /// The word in health and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// The breakers of an isolate.
#[derive(Debug)]
pub struct Breakers {
    open_ms: u64,
    breakers: BTreeMap<&'static str, Breaker>,
}

impl Default for Breakers {
    fn default() -> Self {
        Self::new(OPEN_MS)
    }
}

#[derive(Debug, Default)]
struct Breaker {
    // In a row, up to now.
    failures: u32,
    // Until when calls are refused; none while they go through.
    open_until: Option<u64>,
    // Milliseconds of the last calls that were answered.
    times: VecDeque<u64>,
    answered: u64,
    failed: u64,
    refused: u64,
}

/// What is known of one worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How its breaker stands.
    pub state: State,
    /// 95th percentile of the last calls' times, in milliseconds; none before the first.
    pub p95_ms: Option<u64>,
    /// Calls that it answered.
    pub answered: u64,
    /// Calls that it did not.
    pub failed: u64,
    /// Calls that were not brought to it.
    pub refused: u64,
}

impl Breakers {
    /// All closed; one that opens stays open for so many milliseconds.
    pub const fn new(open_ms: u64) -> Self {
        Self { open_ms, breakers: BTreeMap::new() }
    }

    /// Whether a call may go to this worker now; otherwise in how many milliseconds to try again.
    ///
    /// # Errors
    ///
    /// That number, while the worker is left alone.
    pub fn admit(&mut self, binding: &'static str, now: u64) -> Result<(), u64> {
        let breaker = self.breakers.entry(binding).or_default();
        match breaker.open_until {
            Some(until) if now < until => {
                breaker.refused += 1;
                Err(until - now)
            }
            // The one that tries: others wait for its answer as long as before.
            Some(_) => {
                breaker.open_until = Some(now + self.open_ms);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes word that a worker answered, and how long that took.
    pub fn answered(&mut self, binding: &'static str, took_ms: u64) {
        let breaker = self.breakers.entry(binding).or_default();
        breaker.answered += 1;
        breaker.failures = 0;
        breaker.open_until = None;
        if breaker.times.len() == REMEMBERED {
            breaker.times.pop_front();
        }
        breaker.times.push_back(took_ms);
    }

    /// Takes word that a worker did not answer, or nothing usable.
    pub fn failed(&mut self, binding: &'static str, now: u64) {
        let breaker = self.breakers.entry(binding).or_default();
        breaker.failed += 1;
        breaker.failures = breaker.failures.saturating_add(1);
        if breaker.failures >= FAILURES_TO_OPEN {
            breaker.open_until = Some(now + self.open_ms);
        }
    }

    /// What is known of a worker.
    pub fn standing(&self, binding: &str, now: u64) -> Standing {
        let nothing = Breaker::default();
        let breaker = self.breakers.get(binding).unwrap_or(&nothing);
        let state = match breaker.open_until {
            None => State::Closed,
            Some(until) if now < until => State::Open,
            Some(_) => State::HalfOpen,
        };
        let mut times: Vec<u64> = breaker.times.iter().copied().collect();
        times.sort_unstable();
        let p95_ms = times.get((times.len() * 95).div_ceil(100).saturating_sub(1)).copied();
        Standing { state, p95_ms, answered: breaker.answered, failed: breaker.failed, refused: breaker.refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "ONE";

    fn failing(breakers: &mut Breakers, times: u32, now: u64) {
        for _ in 0..times {
            assert_eq!(breakers.admit(ONE, now), Ok(()));
            breakers.failed(ONE, now);
        }
    }

    #[test]
    fn it_opens_at_the_last_failure_in_a_row_and_for_nobody_else() {
        let mut breakers = Breakers::default();
        failing(&mut breakers, FAILURES_TO_OPEN - 1, 0);
        breakers.answered(ONE, 5);
        failing(&mut breakers, FAILURES_TO_OPEN - 1, 1);
        assert_eq!(breakers.standing(ONE, 1).state, State::Closed, "not in a row");
        failing(&mut breakers, 1, 2);
        assert_eq!(breakers.standing(ONE, 2).state, State::Open);
        assert_eq!((breakers.admit(ONE, 2), breakers.admit(ONE, 2 + OPEN_MS - 1)), (Err(OPEN_MS), Err(1)));
        assert_eq!(breakers.admit("OTHER", 2), Ok(()));
        assert_eq!(breakers.standing(ONE, 3).refused, 2);
    }

    #[test]
    fn one_call_tries_and_its_answer_decides() {
        let mut breakers = Breakers::default();
        failing(&mut breakers, FAILURES_TO_OPEN, 0);
        assert_eq!(breakers.standing(ONE, OPEN_MS).state, State::HalfOpen);
        assert_eq!(breakers.admit(ONE, OPEN_MS), Ok(()));
        assert_eq!(breakers.admit(ONE, OPEN_MS), Err(OPEN_MS), "one only");
        breakers.failed(ONE, OPEN_MS + 5);
        assert_eq!(breakers.admit(ONE, 2 * OPEN_MS), Err(5), "it failed again");
        assert_eq!(breakers.admit(ONE, 2 * OPEN_MS + 5), Ok(()));
        breakers.answered(ONE, 7);
        assert_eq!(breakers.standing(ONE, 2 * OPEN_MS + 6).state, State::Closed);
        failing(&mut breakers, FAILURES_TO_OPEN - 1, 3 * OPEN_MS);
        assert_eq!(breakers.admit(ONE, 3 * OPEN_MS), Ok(()), "it starts from nothing");
    }

    #[test]
    fn one_that_tried_and_never_came_back_is_followed_by_another() {
        let mut breakers = Breakers::default();
        failing(&mut breakers, FAILURES_TO_OPEN, 0);
        assert_eq!(breakers.admit(ONE, OPEN_MS), Ok(()));
        assert_eq!(breakers.admit(ONE, 2 * OPEN_MS), Ok(()));
    }

    #[test]
    fn the_quantile_is_of_the_last_calls() {
        let mut breakers = Breakers::default();
        assert_eq!(breakers.standing(ONE, 0).p95_ms, None);
        for took in 1..=20 {
            breakers.answered(ONE, took);
        }
        assert_eq!(breakers.standing(ONE, 0).p95_ms, Some(19));
        for _ in 0..REMEMBERED {
            breakers.answered(ONE, 3);
        }
        assert_eq!((breakers.standing(ONE, 0).p95_ms, breakers.standing(ONE, 0).answered), (Some(3), 220));
    }
}

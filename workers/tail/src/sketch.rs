//! A quantile sketch with a bounded relative error: counts in buckets that grow by a constant factor.
//!
//! After Masson, Rim and Lee, "`DDSketch`: a fast and fully-mergeable quantile sketch with relative-error guarantees" (2019).
//! Merging adds counts, so that a sketch of an hour is the sum of its minutes', whatever the order.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Largest relative error of a quantile.
pub const ERROR: f64 = 0.01;

// Bucket i holds what lies between gamma^(i-1) and gamma^i.
const GAMMA: f64 = (1.0 + ERROR) / (1.0 - ERROR);

/// Counts of non-negative whole numbers by bucket; bucket 0 is zero and one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sketch {
    buckets: BTreeMap<u32, u64>,
}

impl Sketch {
    /// Counts a value.
    pub fn add(&mut self, value: u64) {
        #[expect(clippy::cast_precision_loss, reason = "far within the sketch's own error")]
        let exact = (value.max(1) as f64).ln() / GAMMA.ln();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most ln(2^64)/ln(gamma)")]
        let bucket = exact.ceil() as u32;
        // A call that took no measurable time is its own bucket's zero.
        *self.buckets.entry(if value == 0 { 0 } else { bucket + 1 }).or_default() += 1;
    }

    /// Adds another sketch's counts.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    /// Values counted.
    pub fn count(&self) -> u64 {
        self.buckets.values().sum()
    }

    /// The value of which the share `q` is not larger (nearest rank), rounded to a tenth; `None` of nothing.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let count = self.count();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank"
        )]
        let rank = ((q * count as f64).ceil() as u64).clamp(1, count.max(1));
        let mut before = 0;
        for (bucket, held) in &self.buckets {
            before += held;
            if before >= rank {
                return Some(middle(*bucket));
            }
        }
        None
    }
}

fn middle(bucket: u32) -> f64 {
    match bucket {
        0 => 0.0,
        1 => 1.0,
        _ => (GAMMA.powf(f64::from(bucket - 1)) * 2.0 / (GAMMA + 1.0) * 10.0).round() / 10.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_their_error_and_merging_is_adding() {
        // A long tail, in a fixed order.
        let values: Vec<u64> = (0..20_000_u64).map(|at| (at * 7919 % 20_000) * (at % 13) / 10 + at % 3).collect();
        let (mut whole, mut left, mut right) = (Sketch::default(), Sketch::default(), Sketch::default());
        for (at, value) in values.iter().enumerate() {
            whole.add(*value);
            if at % 3 == 0 { left.add(*value) } else { right.add(*value) }
        }
        right.merge(&left);
        assert_eq!(right, whole);
        let mut sorted = values;
        sorted.sort_unstable();
        for (q, at) in [(0.001, 19), (0.5, 9999), (0.95, 18_999), (0.99, 19_799), (1.0, 19_999)] {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let exact = sorted[at] as f64;
            let found = whole.quantile(q).expect("not empty");
            assert!((found - exact).abs() <= exact * ERROR + 0.05, "{q}: {found} for {exact}");
        }
        assert_eq!(Sketch::default().quantile(0.5), None);
    }

    #[test]
    fn it_reads_back_and_holds_the_largest() {
        let mut sketch = Sketch::default();
        for value in [0, 1, 60_000, u64::MAX] {
            sketch.add(value);
        }
        assert_eq!((sketch.quantile(0.25), sketch.quantile(0.5)), (Some(0.0), Some(1.0)));
        let text = serde_json::to_string(&sketch).expect("json");
        assert_eq!(serde_json::from_str::<Sketch>(&text).expect("reads"), sketch);
    }
}

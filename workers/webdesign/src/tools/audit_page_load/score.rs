//! Lighthouse's performance score from the five metrics it weighs.
//!
//! Owns the arithmetic (log-normal curves through two control points, weights, rounding); the control points and weights
//! are those of Lighthouse 10 to 13.

use serde::{Deserialize, Serialize};

/// Where the page was measured, which decides the curves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum Device {
    #[default]
    Mobile,
    Desktop,
}

/// The five weighed metrics as measured: milliseconds, the shift without unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Metrics {
    /// First Contentful Paint.
    pub(super) fcp: Option<f64>,
    /// Largest Contentful Paint.
    pub(super) lcp: Option<f64>,
    /// Total Blocking Time.
    pub(super) tbt: Option<f64>,
    /// Cumulative Layout Shift.
    pub(super) cls: Option<f64>,
    /// Speed Index.
    pub(super) si: Option<f64>,
}

/// One metric of the score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metric {
    /// Lighthouse's id of its audit.
    pub(super) id: &'static str,
    /// Its short name.
    pub(super) acronym: &'static str,
    weight: f64,
    // Value that scores 0.9 and value that scores 0.5, mobile then desktop.
    points: [(f64, f64); 2],
}

const METRICS: [Metric; 5] = [
    Metric { id: "first-contentful-paint", acronym: "FCP", weight: 10.0, points: [(1800.0, 3000.0), (934.0, 1600.0)] },
    Metric {
        id: "largest-contentful-paint",
        acronym: "LCP",
        weight: 25.0,
        points: [(2500.0, 4000.0), (1200.0, 2400.0)],
    },
    Metric { id: "total-blocking-time", acronym: "TBT", weight: 30.0, points: [(200.0, 600.0), (150.0, 350.0)] },
    Metric { id: "cumulative-layout-shift", acronym: "CLS", weight: 25.0, points: [(0.1, 0.25), (0.1, 0.25)] },
    Metric { id: "speed-index", acronym: "SI", weight: 10.0, points: [(3387.0, 5800.0), (1311.0, 2300.0)] },
];

/// The score and what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Score {
    /// 0 to 1, to hundredths; absent while a metric is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) performance: Option<f64>,
    /// What it is at least, whatever the absent metrics are.
    pub(super) least: f64,
    /// What it is at most.
    pub(super) most: f64,
    /// The metrics.
    pub(super) metrics: Vec<MetricScore>,
}

/// The score of one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct MetricScore {
    /// FCP, LCP, TBT, CLS or SI.
    pub(super) metric: &'static str,
    /// As measured.
    pub(super) value: f64,
    /// 0 to 1, to hundredths, as reported.
    pub(super) score: f64,
    /// The same before it is cut and the best are raised a little.
    pub(super) percentile: f64,
    /// Points of 100 that it costs.
    pub(super) points_lost: f64,
    /// The value that would score 0.9.
    pub(super) good: f64,
    #[serde(skip)]
    pub(super) id: &'static str,
}

/// Scores the metrics that are there; none when none is.
pub(super) fn score(metrics: &Metrics, device: Device) -> Option<Score> {
    let values = [metrics.fcp, metrics.lcp, metrics.tbt, metrics.cls, metrics.si];
    let mut scored = Vec::new();
    let (mut sum, mut absent) = (0.0, 0.0);
    for (metric, value) in METRICS.iter().zip(values) {
        let Some(value) = value else {
            absent += metric.weight;
            continue;
        };
        let [mobile, desktop] = metric.points;
        let (p10, median) = match device {
            Device::Mobile => mobile,
            Device::Desktop => desktop,
        };
        let percentile = percentile(p10, median, value);
        let score = reported(percentile);
        sum += score * metric.weight;
        let points_lost = hundredths(metric.weight * (1.0 - score));
        scored.push(MetricScore {
            metric: metric.acronym,
            value,
            score,
            percentile,
            points_lost,
            good: p10,
            id: metric.id,
        });
    }
    if scored.is_empty() {
        return None;
    }
    let of = |sum: f64| hundredths(sum / 100.0);
    let whole = absent == 0.0;
    Some(Score { performance: whole.then(|| of(sum)), least: of(sum), most: of(sum + absent), metrics: scored })
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0 + 0.5).floor() / 100.0
}

// The best scores are raised by up to half a hundredth, so that 1 can be reached, and cut to hundredths.
fn reported(percentile: f64) -> f64 {
    let raised = if percentile > 0.9 { percentile + 0.05 * (percentile - 0.9) } else { percentile };
    (raised * 100.0).floor() / 100.0
}

/// Share of a log-normal distribution above a value, where `p10` has 0.9 above it and `median` 0.5.
pub(super) fn percentile(p10: f64, median: f64, value: f64) -> f64 {
    // erfc of this is a fifth.
    const INVERSE_ERFC_FIFTH: f64 = 0.906_193_802_436_823_2;
    // The neighbours of 0.9 and 0.5 below; a value at a control point must reach its score.
    const BELOW_GOOD: f64 = 0.899_999_999_999_999_9;
    const BELOW_MEDIAN: f64 = 0.499_999_999_999_999_94;
    if value <= 0.0 {
        return 1.0;
    }
    let ratio = (value / median).max(f64::MIN_POSITIVE).ln();
    let shape = -(p10 / median).max(f64::MIN_POSITIVE).ln();
    let share = f64::midpoint(1.0, -erf(ratio * INVERSE_ERFC_FIFTH / shape));
    if value <= p10 {
        share.clamp(0.9, 1.0)
    } else if value <= median {
        share.clamp(0.5, BELOW_GOOD)
    } else {
        share.clamp(0.0, BELOW_MEDIAN)
    }
}

// Abramowitz and Stegun, formula 7.1.26, which Lighthouse uses: good to 1.5e-7.
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let coefficients = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let polynomial = coefficients.into_iter().fold(0.0, |sum, coefficient| (sum * t) + coefficient);
    let positive = 1.0 - t * polynomial * (-x * x).exp();
    if x < 0.0 { -positive } else { positive }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_points_score_what_they_say() {
        for metric in METRICS {
            for (p10, median) in metric.points {
                assert!((percentile(p10, median, p10) - 0.9).abs() < 1e-6);
                assert!((percentile(p10, median, median) - 0.5).abs() < 1e-6);
                assert!(percentile(p10, median, p10 * 1.001) < 0.9);
                assert!(percentile(p10, median, median * 1.001) < 0.5);
            }
        }
        assert!((percentile(1800.0, 3000.0, 0.0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn absent_metrics_leave_a_span() {
        let metrics = Metrics { fcp: Some(0.0), lcp: Some(0.0), ..Metrics::default() };
        let score = score(&metrics, Device::Mobile).expect("two metrics");
        assert_eq!(
            (score.performance, score.least.to_bits(), score.most.to_bits()),
            (None, 0.35_f64.to_bits(), 1_f64.to_bits())
        );
        assert_eq!(super::score(&Metrics::default(), Device::Desktop), None);
    }
}

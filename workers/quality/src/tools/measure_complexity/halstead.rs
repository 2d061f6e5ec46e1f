//! Halstead's counts and what follows from them.

use serde::Serialize;

/// Halstead's counts and what follows from them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Halstead {
    /// Distinct operators.
    #[serde(rename = "n1")]
    pub distinct_operators: u32,
    /// Distinct operands.
    #[serde(rename = "n2")]
    pub distinct_operands: u32,
    /// Operators in all.
    #[serde(rename = "N1")]
    pub operators: u32,
    /// Operands in all.
    #[serde(rename = "N2")]
    pub operands: u32,
    /// Volume, in bits.
    pub volume: f64,
    /// Difficulty.
    pub difficulty: f64,
    /// Effort: volume times difficulty.
    pub effort: f64,
}

impl Halstead {
    /// The measures of four counts: V = N log2 n, D = n1/2 * N2/n2, E = V * D.
    pub(super) fn of(distinct_operators: u32, distinct_operands: u32, operators: u32, operands: u32) -> Self {
        let vocabulary = f64::from(distinct_operators) + f64::from(distinct_operands);
        let length = f64::from(operators) + f64::from(operands);
        let volume = if vocabulary > 0.0 { length * vocabulary.log2() } else { 0.0 };
        let difficulty = if distinct_operands > 0 {
            f64::from(distinct_operators) / 2.0 * f64::from(operands) / f64::from(distinct_operands)
        } else {
            0.0
        };
        Self {
            distinct_operators,
            distinct_operands,
            operators,
            operands,
            volume: rounded(volume),
            difficulty: rounded(difficulty),
            effort: rounded(volume * difficulty),
        }
    }
}

/// The maintainability index without its comment term, scaled to 0..=100 (Coleman and Oman; scale as Visual Studio's).
pub(super) fn maintainability(volume: f64, cyclomatic: u32, nloc: u32) -> f64 {
    let raw = 171.0 - 5.2 * volume.max(1.0).ln() - 0.23 * f64::from(cyclomatic) - 16.2 * f64::from(nloc.max(1)).ln();
    rounded((raw * 100.0 / 171.0).clamp(0.0, 100.0))
}

// Two digits: more would only differ between mathematics libraries.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_follow_from_the_counts() {
        let measured = Halstead::of(10, 8, 20, 12);
        assert_eq!((measured.volume, measured.difficulty, measured.effort), (133.44, 7.5, 1000.78));
        assert_eq!(Halstead::of(0, 0, 0, 0), Halstead::default());
        assert_eq!(Halstead::of(3, 0, 4, 0).difficulty.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn maintainability_stays_on_its_scale() {
        assert_eq!(maintainability(0.0, 0, 0).to_bits(), 100.0_f64.to_bits());
        assert_eq!(maintainability(1e9, 900, 90_000).to_bits(), 0.0_f64.to_bits());
        assert!((maintainability(133.44, 3, 10) - 62.89).abs() < 0.01);
    }
}

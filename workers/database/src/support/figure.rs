//! Numbers of a report: whole ones are written without a fraction, which spares the reader two characters each.

use serde::{Serialize, Serializer};

/// Largest number whose whole neighbours a double still tells apart.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A number of a report.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Figure(pub f64);

impl Figure {
    /// To the thousandth.
    pub fn thousandths(number: f64) -> Self {
        Self((number * 1000.0).round() / 1000.0)
    }

    /// To the hundredth.
    pub fn hundredths(number: f64) -> Self {
        Self((number * 100.0).round() / 100.0)
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < MAX_WHOLE {
            #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
            return serializer.serialize_i64(self.0 as i64);
        }
        serializer.serialize_f64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_fraction() {
        let written = |number| serde_json::to_string(&Figure(number)).expect("a number");
        assert_eq!([written(5.0), written(-0.0), written(2.5), written(1e300)], ["5", "0", "2.5", "1e+300"]);
        assert_eq!(Figure::thousandths(1.23456), Figure(1.235));
        assert_eq!(Figure::hundredths(1.235_1), Figure(1.24));
    }
}

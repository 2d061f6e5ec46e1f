//! How colours look to people without one kind of cone.
//!
//! The model of G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of
//! Color Vision Deficiency", IEEE TVCG 15(6), 2009, with its published matrices at severity 1, applied to linear light.

use super::Triple;
use super::convert::{Matrix, apply, srgb_decode, srgb_encode, srgb_to_oklab};

/// A kind of dichromatic vision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deficiency {
    /// Protanopia.
    Protan,
    /// Deuteranopia.
    Deutan,
    /// Tritanopia; the least exact of the three in this model.
    Tritan,
}

impl Deficiency {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Protan, Self::Deutan, Self::Tritan];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protan => "protanopia",
            Self::Deutan => "deuteranopia",
            Self::Tritan => "tritanopia",
        }
    }
}

// Severity 1.0 of the paper's table: no L cones.
const PROTAN: Matrix =
    [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]];

// No M cones.
const DEUTAN: Matrix =
    [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_82, 0.042_94, 0.968_881]];

// No S cones.
const TRITAN: Matrix =
    [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_9]];

/// A gamma-encoded sRGB colour as it looks with a deficiency, clipped to sRGB.
pub fn simulate(rgb: Triple, deficiency: Deficiency) -> Triple {
    let matrix = match deficiency {
        Deficiency::Protan => &PROTAN,
        Deficiency::Deutan => &DEUTAN,
        Deficiency::Tritan => &TRITAN,
    };
    apply(matrix, rgb.map(srgb_decode)).map(|component| srgb_encode(component).clamp(0.0, 1.0))
}

/// Difference of two gamma-encoded sRGB colours: Euclidean distance in Oklab, the ΔE-OK of CSS Color 4. 0.02 is just
/// noticeable.
pub fn delta_e(a: Triple, b: Triple) -> f64 {
    distance(srgb_to_oklab(a), srgb_to_oklab(b))
}

/// Euclidean distance.
pub fn distance(from: Triple, to: Triple) -> f64 {
    from.iter().zip(to).map(|(from, to)| (from - to).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_stay_and_red_meets_green() {
        for deficiency in Deficiency::ALL {
            assert!(delta_e(simulate([0.5; 3], deficiency), [0.5; 3]) < 1e-4);
        }
        let (red, green) = ([0.8, 0.2, 0.2], [0.45, 0.45, 0.1]);
        let seen = delta_e(simulate(red, Deficiency::Deutan), simulate(green, Deficiency::Deutan));
        assert!(seen < delta_e(red, green) / 2.0);
    }
}

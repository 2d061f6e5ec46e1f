//! Ramps: one colour in steps of guaranteed contrast with a background.

use crate::support::color::contrast::ratio;
use crate::support::color::convert::{srgb_to_oklab, to_polar};
use crate::support::color::{Triple, gamut, hex, rounded};
use serde::Serialize;

/// Halvings of the range of lightness: far below one step of eight bits.
const STEPS: usize = 24;

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) struct Step {
    /// The contrast that was asked for.
    pub(super) ratio: f64,
    /// The colour, as it is written.
    pub(super) color: String,
    /// Its contrast, cut to 4 decimals.
    pub(super) contrast: f64,
}

/// The colour of a step: the hue and chroma of `color` as far as sRGB has them, the lightness nearest to the background that
/// reaches the ratio with it. The ratio is that of the 8-bit colour. None where neither black nor white reaches it.
pub(super) fn step(color: Triple, background: Triple, wanted: f64) -> Option<Step> {
    let [_, chroma, hue] = to_polar(srgb_to_oklab(color));
    let [start, ..] = to_polar(srgb_to_oklab(background));
    let at = |lightness: f64| rounded(gamut::map([lightness, chroma, hue]));
    let toward = |end: f64| {
        let (mut failing, mut passing) = (start, end);
        if ratio(at(end), background) < wanted {
            return None;
        }
        for _ in 0..STEPS {
            let middle = f64::midpoint(failing, passing);
            if ratio(at(middle), background) >= wanted {
                passing = middle;
            } else {
                failing = middle;
            }
        }
        Some(at(passing))
    };
    // Away from the background's own lightness, on the side where there is more room.
    let sides = if start >= 0.5 { [0.0, 1.0] } else { [1.0, 0.0] };
    let found = sides.into_iter().find_map(toward)?;
    let contrast = (ratio(found, background) * 10_000.0).floor() / 10_000.0;
    Some(Step { ratio: wanted, color: hex(found), contrast })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_the_contrast_it_says() {
        let grounds = [[1.0; 3], [0.0; 3], [0.5; 3], [0.1, 0.2, 0.6]];
        for color in [[0.0, 0.4, 0.8], [0.9, 0.1, 0.1], [0.5; 3]] {
            for ground in grounds {
                for wanted in [1.2, 3.0, 4.5] {
                    let step = step(color, ground, wanted).expect("one side reaches it");
                    assert!(step.contrast >= wanted && step.contrast < wanted * 1.15 + 0.2, "{step:?} on {ground:?}");
                }
            }
        }
        assert_eq!(step([0.0; 3], [0.5; 3], 21.0), None);
    }
}

//! The nearest colour that passes.

use super::pair::cut;
use crate::support::color::contrast::ratio;
use crate::support::color::convert::{srgb_to_oklab, to_polar};
use crate::support::color::{Triple, gamut, hex, rounded};
use serde::Serialize;

/// Halvings of the lightness range: far below one 8-bit step.
const STEPS: usize = 24;

/// A change of one colour that makes a pair pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Suggestion {
    /// Which of the two changes: foreground, or background where no foreground does.
    pub(super) of: &'static str,
    /// What it changes to, opaque.
    pub(super) color: String,
    /// The ratio then, cut to 4 decimals.
    pub(super) ratio: f64,
}

/// The least change of OKLCH lightness, hue and chroma kept as far as sRGB has them, of the foreground, or else of the
/// background, that reaches a ratio. The ratio is that of the 8-bit colour suggested.
pub(super) fn nearest_passing(foreground: Triple, background: Triple, required: f64) -> Option<Suggestion> {
    let suggestion = |of, color, other| Suggestion { of, color: hex(color), ratio: cut(ratio(color, other), 10_000.0) };
    let moved =
        move_lightness(foreground, background, required).map(|color| suggestion("foreground", color, background));
    moved.or_else(|| {
        move_lightness(background, foreground, required).map(|color| suggestion("background", color, foreground))
    })
}

fn move_lightness(color: Triple, other: Triple, required: f64) -> Option<Triple> {
    let [start, chroma, hue] = to_polar(srgb_to_oklab(color));
    let at = |lightness: f64| rounded(gamut::map([lightness, chroma, hue]));
    let toward = |end: f64| {
        let (mut failing, mut passing) = (start, end);
        if ratio(at(end), other) < required {
            return None;
        }
        for _ in 0..STEPS {
            let middle = f64::midpoint(failing, passing);
            if ratio(at(middle), other) >= required {
                passing = middle;
            } else {
                failing = middle;
            }
        }
        Some(passing)
    };
    let nearest = match (toward(0.0), toward(1.0)) {
        (Some(dark), Some(light)) if (start - dark).abs() <= (light - start).abs() => dark,
        (_, Some(light)) => light,
        (Some(dark), None) => dark,
        (None, None) => return None,
    };
    Some(at(nearest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::color::gamut::show;
    use crate::support::color::parse::parse;

    fn rgb(text: &str) -> Triple {
        show(&parse(text).expect("a colour")).rgb
    }

    #[test]
    fn the_nearest_grey_is_found_exactly() {
        let suggestion = nearest_passing(rgb("#777"), rgb("#fff"), 4.5).expect("one exists");
        assert_eq!((suggestion.of, suggestion.color.as_str()), ("foreground", "#767676"));
    }

    #[test]
    fn a_suggestion_passes_as_it_is_written_and_keeps_its_hue() {
        for red in (0..=255_u8).step_by(51) {
            for green in (0..=255_u8).step_by(51) {
                for blue in (0..=255_u8).step_by(51) {
                    let color = [red, green, blue].map(|byte| f64::from(byte) / 255.0);
                    for (other, required) in [("#fff", 4.5), ("#000", 7.0), ("#808080", 4.5), ("#3366cc", 3.0)] {
                        if ratio(color, rgb(other)) >= required {
                            continue;
                        }
                        let suggestion = nearest_passing(color, rgb(other), required).expect("one exists");
                        assert_eq!(suggestion.of, "foreground");
                        let moved = rgb(&suggestion.color);
                        assert!(ratio(moved, rgb(other)) >= required, "{} on {other}", suggestion.color);
                        let ([_, _, before], [_, chroma, after]) =
                            (to_polar(srgb_to_oklab(color)), to_polar(srgb_to_oklab(moved)));
                        let turn = ((before - after + 540.0).rem_euclid(360.0) - 180.0).abs();
                        // Gamut mapping may move a colour by one just noticeable difference, and rounding by a little.
                        assert!(chroma * turn.to_radians() < 0.025, "{color:?} turned {turn} to {}", suggestion.color);
                    }
                }
            }
        }
    }

    #[test]
    fn where_no_foreground_helps_the_background_moves_or_nothing() {
        let suggestion = nearest_passing(rgb("#fff"), rgb("#808080"), 7.0).expect("one exists");
        assert_eq!(suggestion.of, "background");
        assert_eq!(nearest_passing(rgb("#808080"), rgb("#7a7a7a"), 7.0), None);
    }
}

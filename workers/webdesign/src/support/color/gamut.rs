//! From any colour to one that an sRGB screen shows.
//!
//! Legacy colours are clipped component by component, as browsers store them; all others are mapped as CSS Color 4
//! describes (chroma reduction with local clipping): chroma is reduced in OKLCH at constant lightness and hue until clipping makes no noticeable
//! difference.

use super::convert::{
    from_polar, oklab_to_srgb, oklab_to_xyz, srgb_to_oklab, to_polar, to_srgb, to_xyz, xyz_to_oklab, xyz_to_srgb,
};
use super::vision::distance;
use super::{Color, Space, Triple};

/// The just noticeable difference in ΔE-OK (CSS Color 4).
pub const JND: f64 = 0.02;
/// Where the search for the chroma ends (CSS Color 4).
const SEARCH_EPSILON: f64 = 0.000_1;
/// What conversion noise may add to a component of a colour that is inside: half of a thousandth of an 8-bit step.
const NOISE: f64 = 0.000_002;

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Gamma-encoded components from 0 to 1.
    pub rgb: Triple,
    /// Opacity from 0 to 1.
    pub alpha: f64,
    /// Whether the colour was outside sRGB.
    pub mapped: bool,
}

/// The colour as an sRGB screen shows it.
pub fn show(color: &Color) -> Shown {
    let alpha = color.opacity();
    let plain = to_srgb(color);
    let mapped = plain.iter().any(|v| !(-NOISE..=1.0 + NOISE).contains(v));
    let rgb = match color.space {
        Space::LegacySrgb | Space::Hsl | Space::Hwb => clip(plain),
        _ if !mapped => clip(plain),
        Space::Oklab => map(to_polar(color.values())),
        Space::Oklch => map(color.values()),
        Space::Srgb => map(to_polar(srgb_to_oklab(plain))),
        _ => map(to_polar(xyz_to_oklab(to_xyz(color)))),
    };
    Shown { rgb, alpha, mapped }
}

/// The sRGB colour of OKLCH coordinates, brought into the gamut.
pub fn map(oklch: Triple) -> Triple {
    let [lightness, chroma, hue] = oklch;
    if lightness >= 1.0 {
        return [1.0; 3];
    }
    if lightness.is_nan() || lightness <= 0.0 {
        return [0.0; 3];
    }
    let current = from_polar(oklch);
    let plain = oklab_to_srgb(current);
    if is_inside(plain) {
        return plain;
    }
    let mut clipped = clip(plain);
    if difference(clipped, current) < JND {
        return clipped;
    }
    let (mut low, mut high) = (0.0, chroma);
    let mut low_is_inside = true;
    // Halving at most so often: the chroma is bounded by the reader, and each step halves what is left.
    for _ in 0..64 {
        if high - low <= SEARCH_EPSILON {
            break;
        }
        let middle = f64::midpoint(low, high);
        let current = from_polar([lightness, middle, hue]);
        let plain = xyz_to_srgb(oklab_to_xyz(current));
        if low_is_inside && is_inside(plain) {
            low = middle;
            continue;
        }
        clipped = clip(plain);
        let gap = difference(clipped, current);
        if gap >= JND {
            high = middle;
        } else if JND - gap < SEARCH_EPSILON {
            break;
        } else {
            low_is_inside = false;
            low = middle;
        }
    }
    clipped
}

fn difference(rgb: Triple, lab: Triple) -> f64 {
    distance(srgb_to_oklab(rgb), lab)
}

fn is_inside(rgb: Triple) -> bool {
    rgb.iter().all(|v| (0.0..=1.0).contains(v))
}

fn clip(rgb: Triple) -> Triple {
    rgb.map(|v| if v.is_nan() { 0.0 } else { v.clamp(0.0, 1.0) })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "what is inside is passed on bit by bit")]
    use super::*;
    use crate::support::color::hex;

    fn shown(space: Space, components: Triple) -> Shown {
        show(&Color { space, components: components.map(Some), alpha: Some(1.0) })
    }

    #[test]
    fn what_is_inside_stays() {
        let seen = shown(Space::DisplayP3, [1.0; 3]);
        assert_eq!((hex(seen.rgb).as_str(), seen.mapped), ("#ffffff", false));
        assert_eq!(shown(Space::Srgb, [0.1, 0.2, 0.3]).rgb, [0.1, 0.2, 0.3]);
    }

    #[test]
    fn lightness_out_of_range_is_white_or_black() {
        assert_eq!(shown(Space::Oklch, [1.0, 0.3, 20.0]).rgb, [1.0; 3]);
        assert_eq!(shown(Space::Oklch, [0.0, 0.3, 20.0]).rgb, [0.0; 3]);
    }

    #[test]
    fn hue_and_lightness_survive() {
        let seen = shown(Space::Oklch, [0.6, 0.4, 145.0]);
        let [lightness, chroma, hue] = to_polar(srgb_to_oklab(seen.rgb));
        assert!(seen.mapped && (lightness - 0.6).abs() < 0.02 && (hue - 145.0).abs() < 6.0 && chroma < 0.25);
    }

    #[test]
    fn absurd_components_end_in_a_colour() {
        for space in [Space::Lab, Space::Oklab, Space::XyzD65, Space::Rec2020, Space::Lch, Space::Hsl] {
            for size in [1e6, -1e6, 0.0] {
                assert!(is_inside(shown(space, [50.0, size, -size]).rgb));
                assert!(is_inside(shown(space, [size; 3]).rgb));
            }
        }
    }
}

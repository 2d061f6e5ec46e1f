//! Contrast between two opaque sRGB colours: the ratio of WCAG 2 and the Lc of APCA.

use super::Triple;
use super::convert::srgb_decode;

/// Relative luminance of a gamma-encoded sRGB colour (WCAG 2.2, definition of relative luminance).
pub fn luminance(rgb: Triple) -> f64 {
    let [r, g, b] = rgb.map(srgb_decode);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio). Never rounded here: a ratio of 4.499
/// does not meet 4.5 (Understanding SC 1.4.3).
pub fn ratio(a: Triple, b: Triple) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Lightness contrast Lc of text on a background, about -108 to 106, by APCA-W3 0.1.9 (constants 0.0.98G-4g): positive
/// for dark text on light, negative for light text on dark.
pub fn apca(text: Triple, background: Triple) -> f64 {
    let (text, background) = (soft_black(apca_luminance(text)), soft_black(apca_luminance(background)));
    if (background - text).abs() < MIN_DIFFERENCE {
        return 0.0;
    }
    let (raw, offset) = if background > text {
        ((background.powf(0.56) - text.powf(0.57)) * SCALE, -OFFSET)
    } else {
        ((background.powf(0.65) - text.powf(0.62)) * SCALE, OFFSET)
    };
    if raw.abs() < LOW_CLIP { 0.0 } else { (raw + offset) * 100.0 }
}

const MIN_DIFFERENCE: f64 = 0.000_5;
const SCALE: f64 = 1.14;
const OFFSET: f64 = 0.027;
const LOW_CLIP: f64 = 0.1;
const BLACK_THRESHOLD: f64 = 0.022;
const BLACK_EXPONENT: f64 = 1.414;

// APCA models the screen by a plain power curve.
fn apca_luminance(rgb: Triple) -> f64 {
    let [r, g, b] = rgb.map(|v| v.powf(2.4));
    0.212_672_9 * r + 0.715_152_2 * g + 0.072_175_0 * b
}

fn soft_black(luminance: f64) -> f64 {
    if luminance > BLACK_THRESHOLD { luminance } else { luminance + (BLACK_THRESHOLD - luminance).powf(BLACK_EXPONENT) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(byte: u8) -> Triple {
        [f64::from(byte) / 255.0; 3]
    }

    #[test]
    fn known_ratios() {
        assert!((ratio(gray(0), gray(255)) - 21.0).abs() < 1e-12);
        assert!((ratio(gray(0x77), gray(255)) - 4.4781).abs() < 1e-4);
        assert!((ratio(gray(0x76), gray(255)) - 4.5422).abs() < 1e-4);
        assert!((ratio(gray(9), gray(9)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn known_lightness_contrasts() {
        // The published check values of APCA-W3 0.1.9.
        assert!((apca(gray(0x88), gray(255)) - 63.056_469).abs() < 1e-5);
        assert!((apca(gray(255), gray(0x88)) + 68.541_464).abs() < 1e-5);
        assert!((apca(gray(0), gray(0xaa)) - 58.146_262).abs() < 1e-5);
        assert!((apca(gray(0xaa), gray(0)) + 56.241_133).abs() < 1e-5);
    }
}

//! Colours of CSS Color Module Level 4: reading, converting, bringing into sRGB, comparing.
//!
//! Everything is `f64` and pure. Formulas and constants come from the standard and the papers named where they stand.

mod calc;
pub mod contrast;
pub mod convert;
pub mod gamut;
mod mix;
pub mod named;
pub mod parse;
pub mod vision;

/// Three components.
pub type Triple = [f64; 3];

/// A space in which CSS writes colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// sRGB in its legacy forms (names, hex, `rgb()`), 0 to 1 and never beyond.
    LegacySrgb,
    /// `hsl()`: degrees, then 0 to 100.
    Hsl,
    /// `hwb()`: degrees, then 0 to 100.
    Hwb,
    /// CIE Lab, D50.
    Lab,
    /// CIE LCH, D50.
    Lch,
    /// Oklab.
    Oklab,
    /// Oklab in polar form.
    Oklch,
    /// `color(srgb ...)`.
    Srgb,
    /// `color(srgb-linear ...)`.
    SrgbLinear,
    /// `color(display-p3 ...)`.
    DisplayP3,
    /// `color(display-p3-linear ...)`.
    DisplayP3Linear,
    /// `color(a98-rgb ...)`.
    A98Rgb,
    /// `color(prophoto-rgb ...)`.
    ProphotoRgb,
    /// `color(rec2020 ...)`.
    Rec2020,
    /// `color(xyz-d50 ...)`.
    XyzD50,
    /// `color(xyz ...)` and `color(xyz-d65 ...)`.
    XyzD65,
}

impl Space {
    /// The place of the hue among the components of a polar space.
    pub const fn hue(self) -> Option<usize> {
        match self {
            Self::Hsl | Self::Hwb => Some(0),
            Self::Lch | Self::Oklch => Some(2),
            _ => None,
        }
    }
}

/// A colour as written. A component that is `none` is absent and counts as 0 when the colour is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Color {
    /// Its space.
    pub space: Space,
    /// Its components in the units of the space.
    pub components: [Option<f64>; 3],
    /// Its opacity, 0 to 1.
    pub alpha: Option<f64>,
}

impl Color {
    /// An opaque sRGB colour of gamma-encoded components from 0 to 1.
    pub fn of_srgb(rgb: Triple) -> Self {
        Self { space: Space::LegacySrgb, components: rgb.map(Some), alpha: Some(1.0) }
    }

    /// The components, absent ones as 0.
    pub fn values(&self) -> Triple {
        self.components.map(|component| component.unwrap_or(0.0))
    }

    /// The opacity, 0 where it is `none`.
    pub fn opacity(&self) -> f64 {
        self.alpha.unwrap_or(0.0)
    }
}

/// An sRGB colour as `#rrggbb`, its components rounded to 8 bits.
pub fn hex(rgb: Triple) -> String {
    let [r, g, b] = rgb.map(to_byte);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The nearest colour with 8 bits a component.
pub fn rounded(rgb: Triple) -> Triple {
    rgb.map(|component| f64::from(to_byte(component)) / 255.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=255 before the cast")]
fn to_byte(component: f64) -> u8 {
    (component.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// `over` with this opacity on an opaque `under`, both gamma-encoded sRGB (Compositing and Blending Level 1, `source-over`).
pub fn composite(over: Triple, opacity: f64, under: Triple) -> Triple {
    let mut blended = over;
    for (component, under) in blended.iter_mut().zip(under) {
        *component = component.mul_add(opacity, under * (1.0 - opacity));
    }
    blended
}

//! `color-mix()` (CSS Color Module Level 5) in the spaces that stylesheets use for it.

use super::convert::{srgb_decode, to_polar, to_srgb, to_xyz, xyz_to_oklab};
use super::parse::{ColorError, Reader, color};
use super::{Color, Space};
use crate::support::css_tokens::Kind;

/// Chroma in OKLCH up to which a colour has no hue (CSS Color 4, powerless components).
const ACHROMATIC: f64 = 0.000_004;

/// The mixture; the reader stands behind `color-mix(`.
pub(super) fn color_mix(reader: &mut Reader<'_>, depth: usize) -> Result<Color, ColorError> {
    const MALFORMED: ColorError = ColorError::Invalid("color-mix() takes `in <space>` and two colours");
    if !reader.next().is_some_and(|token| token.is_ident("in")) {
        return Err(MALFORMED);
    }
    let space = match reader
        .next()
        .filter(|token| token.kind == Kind::Ident)
        .ok_or(MALFORMED)?
        .name()
        .to_ascii_lowercase()
        .as_str()
    {
        "srgb" => Space::Srgb,
        "srgb-linear" => Space::SrgbLinear,
        "xyz" | "xyz-d65" => Space::XyzD65,
        "oklab" => Space::Oklab,
        "oklch" => Space::Oklch,
        "hsl" | "hwb" | "lab" | "lch" | "display-p3" | "display-p3-linear" | "a98-rgb" | "prophoto-rgb" | "rec2020"
        | "xyz-d50" => {
            return Err(ColorError::Unresolved(
                "color-mix() in a space other than srgb, srgb-linear, xyz, oklab and oklch",
            ));
        }
        _ => return Err(MALFORMED),
    };
    if !reader.take(',') {
        return Err(ColorError::Unresolved("color-mix() with a hue interpolation method"));
    }
    let (first, first_part) = part(reader, depth)?;
    if !reader.take(',') {
        return Err(MALFORMED);
    }
    let (second, second_part) = part(reader, depth)?;
    reader.close()?;
    let (a, b) = match (first_part, second_part) {
        (None, None) => (50.0, 50.0),
        (Some(a), None) => (a, 100.0 - a),
        (None, Some(b)) => (100.0 - b, b),
        (Some(a), Some(b)) => (a, b),
    };
    if a + b <= 0.0 {
        return Err(ColorError::Invalid("the percentages of color-mix() are both 0"));
    }
    let mixed = interpolate(space, convert(&first, space), convert(&second, space), b / (a + b));
    Ok(Color { alpha: mixed.alpha.map(|alpha| alpha * ((a + b) / 100.0).min(1.0)), ..mixed })
}

fn part(reader: &mut Reader<'_>, depth: usize) -> Result<(Color, Option<f64>), ColorError> {
    let before = reader.percentage();
    let color = color(reader, depth + 1)?;
    let percentage = before.or_else(|| reader.percentage());
    match percentage {
        Some(value) if !(0.0..=100.0).contains(&value) => {
            Err(ColorError::Invalid("a percentage of color-mix() is not from 0% to 100%"))
        }
        _ => Ok((color, percentage)),
    }
}

// Components of the space; `none` is carried where the colour is written in that space, and a hue from any polar space.
fn convert(color: &Color, space: Space) -> Color {
    if color.space == space {
        return *color;
    }
    let values = match space {
        Space::Oklab => xyz_to_oklab(to_xyz(color)),
        Space::Oklch => to_polar(xyz_to_oklab(to_xyz(color))),
        Space::XyzD65 => to_xyz(color),
        Space::SrgbLinear => to_srgb(color).map(srgb_decode),
        _ => to_srgb(color),
    };
    let mut components = values.map(Some);
    if space == Space::Oklch {
        let [_, chroma, hue] = &mut components;
        let carried = color.space.hue().is_some_and(|at| color.components.get(at) == Some(&None));
        if carried || chroma.is_some_and(|chroma| chroma <= ACHROMATIC) {
            *hue = None;
        }
    }
    Color { space, components, alpha: color.alpha }
}

fn interpolate(space: Space, a: Color, b: Color, progress: f64) -> Color {
    let lerp = |a: f64, b: f64| a + (b - a) * progress;
    let alphas = (a.alpha.or(b.alpha), b.alpha.or(a.alpha));
    let alpha = alphas.0.zip(alphas.1).map(|(a, b)| lerp(a, b));
    let (weight_a, weight_b) = (alphas.0.unwrap_or(1.0), alphas.1.unwrap_or(1.0));
    let hue = space.hue();
    let mut components = [None; 3];
    for (at, mixed) in components.iter_mut().enumerate() {
        let of = |color: &Color| color.components.get(at).copied().flatten();
        let pair = of(&a).or(of(&b)).zip(of(&b).or(of(&a)));
        *mixed = pair.map(|(from, to)| {
            if hue == Some(at) {
                // The shorter way round.
                let turn = (to - from + 540.0).rem_euclid(360.0) - 180.0;
                return (from + turn * progress).rem_euclid(360.0);
            }
            let value = lerp(from * weight_a, to * weight_b);
            match alpha {
                Some(alpha) if alpha > 0.0 => value / alpha,
                _ => value,
            }
        });
    }
    Color { space, components, alpha }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "figures are rounded before they are compared")]
    use crate::support::color::gamut::show;
    use crate::support::color::hex;
    use crate::support::color::parse::parse;

    fn mixed(text: &str) -> (String, f64) {
        let shown = show(&parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")));
        (hex(shown.rgb), (shown.alpha * 1000.0).round() / 1000.0)
    }

    #[test]
    fn mixes_as_the_standard_shows() {
        assert_eq!(mixed("color-mix(in srgb, red, blue)"), ("#800080".to_owned(), 1.0));
        assert_eq!(mixed("color-mix(in srgb, white 10%, black 10%)"), ("#808080".to_owned(), 0.2));
        assert_eq!(mixed("color-mix(in oklab, #0b8 40%, transparent)"), ("#00bb88".to_owned(), 0.4));
        assert_eq!(mixed("color-mix(in oklch, white, hsl(none 0 0))").1, 1.0);
        assert!(parse("color-mix(in srgb, red 0%, blue 0%)").is_err());
        assert!(parse("color-mix(in srgb, red 110%, blue)").is_err());
        assert!(parse("color-mix(red, blue)").is_err());
        // The shorter arc from 350 to 30 degrees passes 10.
        let color = parse("color-mix(in oklch, oklch(50% 0.1 350), oklch(50% 0.1 30))").expect("a colour");
        assert!((color.values()[2] - 10.0).abs() < 1e-9);
    }
}

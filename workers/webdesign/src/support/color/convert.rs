//! Conversions between the spaces of CSS Color 4 (its sample conversion code; constants are those of the standard).
//!
//! Everything meets in CIE XYZ with D65 white. Values outside a gamut are kept, never clipped.

use super::{Color, Space, Triple};

/// Rows of a linear map.
pub type Matrix = [Triple; 3];

// Primaries and D65 white of sRGB (IEC 61966-2-1).
const SRGB_TO_XYZ: Matrix = [
    [506_752.0 / 1_228_815.0, 87_881.0 / 245_763.0, 12_673.0 / 70_218.0],
    [87_098.0 / 409_605.0, 175_762.0 / 245_763.0, 12_673.0 / 175_545.0],
    [7_918.0 / 409_605.0, 87_881.0 / 737_289.0, 1_001_167.0 / 1_053_270.0],
];

// Its inverse.
const XYZ_TO_SRGB: Matrix = [
    [12_831.0 / 3_959.0, -329.0 / 214.0, -1_974.0 / 3_959.0],
    [-851_781.0 / 878_810.0, 1_648_619.0 / 878_810.0, 36_519.0 / 878_810.0],
    [705.0 / 12_673.0, -2_585.0 / 12_673.0, 705.0 / 667.0],
];

// Primaries of DCI-P3 with D65 white.
const P3_TO_XYZ: Matrix = [
    [608_311.0 / 1_250_200.0, 189_793.0 / 714_400.0, 198_249.0 / 1_000_160.0],
    [35_783.0 / 156_275.0, 247_089.0 / 357_200.0, 198_249.0 / 2_500_400.0],
    [0.0, 32_229.0 / 714_400.0, 5_220_557.0 / 5_000_800.0],
];

// Adobe RGB (1998).
const A98_TO_XYZ: Matrix = [
    [573_536.0 / 994_567.0, 263_643.0 / 1_420_810.0, 187_206.0 / 994_567.0],
    [591_459.0 / 1_989_134.0, 6_239_551.0 / 9_945_670.0, 374_412.0 / 4_972_835.0],
    [53_769.0 / 1_989_134.0, 351_524.0 / 4_972_835.0, 4_929_758.0 / 4_972_835.0],
];

// ROMM RGB, D50.
const PROPHOTO_TO_XYZ_D50: Matrix = [
    [0.797_766_644_900_642_3, 0.135_181_297_400_533_08, 0.031_347_734_128_392_2],
    [0.288_074_828_819_401_3, 0.711_835_234_241_873, 0.000_089_936_938_725_64],
    [0.0, 0.0, 0.825_104_602_510_460_2],
];

// ITU-R BT.2020.
const REC2020_TO_XYZ: Matrix = [
    [63_426_534.0 / 99_577_255.0, 20_160_776.0 / 139_408_157.0, 47_086_771.0 / 278_816_314.0],
    [26_158_966.0 / 99_577_255.0, 472_592_308.0 / 697_040_785.0, 8_267_143.0 / 139_408_157.0],
    [0.0, 19_567_812.0 / 697_040_785.0, 295_819_943.0 / 278_816_314.0],
];

// Linear Bradford adaptation.
const D50_TO_D65: Matrix = [
    [0.955_473_421_488_075, -0.023_098_454_948_764_71, 0.063_259_243_200_570_72],
    [-0.028_369_709_333_863_7, 1.009_995_398_081_304_1, 0.021_041_441_191_917_323],
    [0.012_314_014_864_481_998, -0.020_507_649_298_898_964, 1.330_365_926_242_124],
];

// Oklab: XYZ (D65) to cone responses.
const XYZ_TO_LMS: Matrix = [
    [0.819_022_437_996_703, 0.361_906_260_052_890_4, -0.128_873_781_520_987_9],
    [0.032_983_653_932_388_5, 0.929_286_861_586_343_4, 0.036_144_666_350_642_4],
    [0.048_177_189_359_624_2, 0.264_239_531_752_730_8, 0.633_547_828_469_430_9],
];

// Its inverse.
const LMS_TO_XYZ: Matrix = [
    [1.226_879_875_845_924_3, -0.557_814_994_460_217_1, 0.281_391_045_665_964_7],
    [-0.040_575_745_214_800_8, 1.112_286_803_280_317, -0.071_711_058_065_516_4],
    [-0.076_372_936_674_660_1, -0.421_493_332_402_243_2, 1.586_924_019_836_781_6],
];

// Oklab: the cube roots of cone responses to Oklab.
const LMS_TO_OKLAB: Matrix = [
    [0.210_454_268_309_314, 0.793_617_774_702_305_4, -0.004_072_043_011_619_3],
    [1.977_998_532_431_168_4, -2.428_592_242_048_58, 0.450_593_709_617_411],
    [0.025_904_042_465_547_8, 0.782_771_712_457_529_6, -0.808_675_754_923_077_4],
];

// Its inverse.
const OKLAB_TO_LMS: Matrix = [
    [1.0, 0.396_337_777_376_174_9, 0.215_803_757_309_913_6],
    [1.0, -0.105_561_345_815_658_6, -0.063_854_172_825_813_3],
    [1.0, -0.089_484_177_529_811_9, -1.291_485_548_019_409_2],
];

// Cyclic constants of CIE Lab: 216/24389 and 24389/27.
const EPSILON: f64 = 216.0 / 24_389.0;
const KAPPA: f64 = 24_389.0 / 27.0;
// D50 white from chromaticity 0.3457, 0.3585.
const D50_WHITE: Triple = [0.3457 / 0.3585, 1.0, (1.0 - 0.3457 - 0.3585) / 0.3585];

/// A matrix times a column.
pub fn apply(matrix: &Matrix, [x, y, z]: Triple) -> Triple {
    matrix.map(|[a, b, c]| a * x + b * y + c * z)
}

/// Gamma-encoded sRGB of a colour, not clipped, its opacity left aside.
pub fn to_srgb(color: &Color) -> Triple {
    let values = color.values();
    match color.space {
        Space::LegacySrgb | Space::Srgb => values,
        Space::Hsl => hsl_to_srgb(values),
        Space::Hwb => hwb_to_srgb(values),
        Space::SrgbLinear => values.map(srgb_encode),
        _ => xyz_to_srgb(to_xyz(color)),
    }
}

/// CIE XYZ (D65) of a colour.
pub fn to_xyz(color: &Color) -> Triple {
    let values = color.values();
    match color.space {
        Space::XyzD65 => values,
        Space::XyzD50 => apply(&D50_TO_D65, values),
        Space::Lab => apply(&D50_TO_D65, lab_to_xyz_d50(values)),
        Space::Lch => apply(&D50_TO_D65, lab_to_xyz_d50(from_polar(values))),
        Space::Oklab => oklab_to_xyz(values),
        Space::Oklch => oklab_to_xyz(from_polar(values)),
        Space::SrgbLinear => apply(&SRGB_TO_XYZ, values),
        Space::DisplayP3 => apply(&P3_TO_XYZ, values.map(srgb_decode)),
        Space::DisplayP3Linear => apply(&P3_TO_XYZ, values),
        Space::A98Rgb => apply(&A98_TO_XYZ, values.map(|v| power(v, 563.0 / 256.0))),
        Space::ProphotoRgb => apply(&D50_TO_D65, apply(&PROPHOTO_TO_XYZ_D50, values.map(prophoto_decode))),
        // Display-referred, as CSS Color 4 has it since 2025: the transfer function of ITU-R BT.1886.
        Space::Rec2020 => apply(&REC2020_TO_XYZ, values.map(|v| power(v, 2.4))),
        Space::LegacySrgb | Space::Srgb | Space::Hsl | Space::Hwb => srgb_to_xyz(to_srgb(color)),
    }
}

/// Gamma-encoded sRGB to CIE XYZ (D65).
pub fn srgb_to_xyz(rgb: Triple) -> Triple {
    apply(&SRGB_TO_XYZ, rgb.map(srgb_decode))
}

/// CIE XYZ (D65) to gamma-encoded sRGB, not clipped.
pub fn xyz_to_srgb(xyz: Triple) -> Triple {
    apply(&XYZ_TO_SRGB, xyz).map(srgb_encode)
}

/// CIE XYZ (D65) to Oklab.
pub fn xyz_to_oklab(xyz: Triple) -> Triple {
    apply(&LMS_TO_OKLAB, apply(&XYZ_TO_LMS, xyz).map(f64::cbrt))
}

/// Oklab to CIE XYZ (D65).
pub fn oklab_to_xyz(lab: Triple) -> Triple {
    apply(&LMS_TO_XYZ, apply(&OKLAB_TO_LMS, lab).map(|v| v * v * v))
}

/// Gamma-encoded sRGB to Oklab.
pub fn srgb_to_oklab(rgb: Triple) -> Triple {
    xyz_to_oklab(srgb_to_xyz(rgb))
}

/// Oklab to gamma-encoded sRGB, not clipped.
pub fn oklab_to_srgb(lab: Triple) -> Triple {
    xyz_to_srgb(oklab_to_xyz(lab))
}

/// Lightness, a, b to lightness, chroma, hue in degrees from 0 to 360.
pub fn to_polar([lightness, a, b]: Triple) -> Triple {
    [lightness, a.hypot(b), b.atan2(a).to_degrees().rem_euclid(360.0)]
}

/// Lightness, chroma, hue in degrees to lightness, a, b.
pub fn from_polar([lightness, chroma, hue]: Triple) -> Triple {
    let (sin, cos) = hue.to_radians().sin_cos();
    [lightness, chroma * cos, chroma * sin]
}

/// Linear light of a gamma-encoded sRGB component, its sign kept.
pub fn srgb_decode(value: f64) -> f64 {
    let size = value.abs();
    if size <= 0.040_45 { value / 12.92 } else { ((size + 0.055) / 1.055).powf(2.4).copysign(value) }
}

/// The gamma-encoded sRGB component of linear light, its sign kept.
pub fn srgb_encode(value: f64) -> f64 {
    let size = value.abs();
    if size <= 0.003_130_8 { value * 12.92 } else { (1.055 * size.powf(1.0 / 2.4) - 0.055).copysign(value) }
}

fn prophoto_decode(value: f64) -> f64 {
    if value.abs() <= 16.0 / 512.0 { value / 16.0 } else { power(value, 1.8) }
}

fn power(value: f64, exponent: f64) -> f64 {
    value.abs().powf(exponent).copysign(value)
}

fn lab_to_xyz_d50([lightness, a, b]: Triple) -> Triple {
    let middle = (lightness + 16.0) / 116.0;
    let linear = |root: f64| {
        let cube = root * root * root;
        if cube > EPSILON { cube } else { (116.0 * root - 16.0) / KAPPA }
    };
    let luminance = if lightness > KAPPA * EPSILON { middle * middle * middle } else { lightness / KAPPA };
    let [white_x, white_y, white_z] = D50_WHITE;
    [linear(a / 500.0 + middle) * white_x, luminance * white_y, linear(middle - b / 200.0) * white_z]
}

fn hsl_to_srgb([hue, saturation, lightness]: Triple) -> Triple {
    let (saturation, lightness) = (saturation / 100.0, lightness / 100.0);
    let reach = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|n| {
        let k = (n + hue.rem_euclid(360.0) / 30.0) % 12.0;
        lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

fn hwb_to_srgb([hue, white, black]: Triple) -> Triple {
    let (white, black) = (white / 100.0, black / 100.0);
    if white + black >= 1.0 {
        return [white / (white + black); 3];
    }
    hsl_to_srgb([hue, 100.0, 50.0]).map(|component| component * (1.0 - white - black) + white)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Triple, b: Triple) {
        for (x, y) in a.iter().zip(b) {
            assert!((x - y).abs() < 1e-4, "{a:?} is not {b:?}");
        }
    }

    fn srgb(space: Space, components: Triple) -> Triple {
        to_srgb(&Color { space, components: components.map(Some), alpha: Some(1.0) })
    }

    #[test]
    fn agrees_with_the_examples_of_the_standard() {
        // CSS Color 4, section 2: one leaf in several spaces.
        let leaf = [0.415_87, 0.503_670, 0.366_64];
        near(srgb(Space::Lch, [51.2345, 21.2, 130.0]), leaf);
        near(srgb(Space::Lab, [51.2345, -13.6271, 16.2401]), leaf);
        near(srgb(Space::DisplayP3, [0.433_13, 0.501_08, 0.379_50]), leaf);
        near(srgb(Space::A98Rgb, [0.440_91, 0.499_71, 0.374_08]), leaf);
        near(srgb(Space::ProphotoRgb, [0.365_89, 0.417_17, 0.313_33]), leaf);
    }

    #[test]
    fn white_is_white_everywhere() {
        for space in [Space::SrgbLinear, Space::DisplayP3, Space::A98Rgb, Space::ProphotoRgb, Space::Rec2020] {
            near(srgb(space, [1.0; 3]), [1.0; 3]);
        }
        near(srgb(Space::Lab, [100.0, 0.0, 0.0]), [1.0; 3]);
        near(srgb(Space::Oklab, [1.0, 0.0, 0.0]), [1.0; 3]);
        near(srgb(Space::Hwb, [40.0, 80.0, 40.0]), [2.0 / 3.0; 3]);
    }

    #[test]
    fn oklch_goes_there_and_back() {
        let rgb = [0.2, 0.9, 0.4];
        near(oklab_to_srgb(from_polar(to_polar(srgb_to_oklab(rgb)))), rgb);
    }
}

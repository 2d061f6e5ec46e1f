//! One pair: its colours as shown, its figures, and what is found about it.

use super::suggest::{self, Suggestion};
use super::{
    COLOR_VISION, CONTRAST, CONTRAST_ENHANCED, INVALID_COLOR, Kind, NON_TEXT_CONTRAST, PROPERTY_CYCLE,
    UNKNOWN_PROPERTY, UNRESOLVED_COLOR, WcagLevel,
};
use crate::support::color::contrast::{apca, ratio};
use crate::support::color::gamut::{Shown, show};
use crate::support::color::parse::{ColorError, parse};
use crate::support::color::vision::{Deficiency, simulate};
use crate::support::color::{Triple, composite, hex};
use crate::support::css_variables::{VariableError, Variables};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::suggest::nearest;
use octavo_toolkit::{Finding, Rule, ToolError};
use serde::Serialize;

/// Least text size that is large, in CSS pixels: 18 pt (WCAG 2.2, definition of large scale).
const LARGE_PX: f64 = 24.0;
/// Least size of bold text that is large: 14 pt is 18.67 px, which is commonly written as 18.66.
const LARGE_BOLD_PX: f64 = 18.66;
/// Least weight that counts as bold.
const BOLD: f64 = 700.0;
/// Ratio below which a pair that passes is worth a remark when simulated: what even large text and controls need.
const MIN_SIMULATED_RATIO: f64 = 3.0;

/// Largest text size of a pair, in CSS pixels: far above any on a page.
const MAX_SIZE_PX: f64 = 10_000.0;

/// A pair as the caller writes it: two colours, and what the foreground is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair<'a> {
    foreground: &'a str,
    background: &'a str,
    kind: Kind,
    size_px: f64,
    weight: f64,
}

impl<'a> Pair<'a> {
    /// Reads `foreground on background`, behind which `24px`, `bold` and `icon` may stand in any order.
    pub(super) fn read(text: &'a str, index: usize) -> Result<Self, ToolError> {
        let invalid = |problem: &str, accepted: &str| ToolError::invalid(format!("/pairs/{index}"), problem, accepted);
        let Some((foreground, rest)) = text.split_once(" on ") else {
            let accepted = "a foreground on a background, such as \"#777 on #fff\" or \"#777 on #fff 24px bold\"";
            return Err(invalid("is no pair of colours", accepted));
        };
        let mut pair = Self {
            foreground: foreground.trim(),
            background: rest.trim(),
            kind: Kind::Text,
            size_px: 16.0,
            weight: 400.0,
        };
        while let Some((before, word)) = pair.background.rsplit_once(char::is_whitespace) {
            let size = word.strip_suffix("px").and_then(|size| size.parse::<f64>().ok());
            match (word, size) {
                ("bold", _) => pair.weight = BOLD,
                ("icon", _) => pair.kind = Kind::NonText,
                (_, Some(size)) if size > 0.0 && size <= MAX_SIZE_PX => pair.size_px = size,
                (_, Some(_)) => {
                    return Err(invalid("has a size that is out of range", "CSS pixels above 0, up to 10000"));
                }
                (_, None) => break,
            }
            pair.background = before.trim_end();
        }
        Ok(pair)
    }
}

/// Figures of one pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct PairResult {
    /// Where in the arguments or which selector, with its line.
    at: String,
    /// As shown, nearest 8-bit sRGB.
    foreground: String,
    /// As shown, nearest 8-bit sRGB.
    background: String,
    /// WCAG 2 contrast ratio, cut to 4 decimals.
    ratio: f64,
    /// The ratio asked for.
    required: f64,
    /// Highest level reached: AAA, AA or none.
    passes: &'static str,
    /// APCA lightness contrast, rounded to 4 decimals; negative for light on dark.
    lc: f64,
    /// Ratio as simulated for each deficiency, rounded to 2 decimals.
    color_vision: VisionRatios,
    /// Which of the two was outside sRGB and mapped into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gamut_mapped: Vec<&'static str>,
    /// Whether opacity was blended away.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    blended: bool,
    /// The nearest change that passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<Suggestion>,
}

/// A ratio for each kind of colour vision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) struct VisionRatios {
    /// Protanopia.
    protan: f64,
    /// Deuteranopia.
    deutan: f64,
    /// Tritanopia.
    tritan: f64,
}

/// What the pairs of a call come to.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) pairs: Vec<PairResult>,
    pub(super) findings: Vec<Finding>,
    pub(super) checked: usize,
    pub(super) failed: usize,
    /// How many could not be worked out.
    pub(super) unread: usize,
    pub(super) listed_all: bool,
}

impl Default for Outcome {
    fn default() -> Self {
        Self { pairs: Vec::new(), findings: Vec::new(), checked: 0, failed: 0, unread: 0, listed_all: true }
    }
}

/// Reads colours in the light of custom properties.
#[derive(Clone, Copy)]
pub(super) struct Reader<'v, 'a> {
    pub(super) global: &'v Variables<'a>,
    pub(super) local: &'v Variables<'a>,
    pub(super) canvas: Triple,
}

/// Why a colour could not be read.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) rule: &'static Rule,
    pub(super) message: String,
}

impl Reader<'_, '_> {
    /// A colour as sRGB shows it; `None` for `currentcolor`.
    pub(super) fn read(&self, text: &str) -> Result<Option<Shown>, Trouble> {
        let shown = excerpt(text);
        match parse(&self.substitute(text)?) {
            Ok(color) => Ok(Some(show(&color))),
            Err(ColorError::CurrentColor) => Ok(None),
            Err(ColorError::Invalid(why)) => {
                Err(Trouble { rule: &INVALID_COLOR, message: format!("`{shown}` is no CSS colour: {why}") })
            }
            Err(ColorError::Unresolved(what)) => Err(Trouble {
                rule: &UNRESOLVED_COLOR,
                message: format!("`{shown}` is {what}; check it where it is shown"),
            }),
        }
    }

    /// A value with every `var()` replaced.
    pub(super) fn substitute(&self, text: &str) -> Result<String, Trouble> {
        self.global.substitute(text, self.local).map_err(|error| self.explain(&error, &excerpt(text)))
    }

    fn explain(&self, error: &VariableError, shown: &str) -> Trouble {
        match error {
            VariableError::Unknown(name) => {
                let known = nearest(name, self.local.names().chain(self.global.names()));
                let hint = known.map_or("give it to `:root` in `source`".to_owned(), |known| {
                    format!("did you mean `{}`", excerpt(known))
                });
                Trouble {
                    rule: &UNKNOWN_PROPERTY,
                    message: format!("`{}` has no value and no fallback; {hint}", excerpt(name)),
                }
            }
            VariableError::Cycle(name) => {
                Trouble { rule: &PROPERTY_CYCLE, message: format!("`{}` refers back to itself", excerpt(name)) }
            }
            VariableError::Malformed => Trouble {
                rule: &INVALID_COLOR,
                message: format!("`{shown}` has a var() that names no custom property"),
            },
            VariableError::TooLarge => Trouble {
                rule: &INVALID_COLOR,
                message: format!("`{shown}` grows too long or refers too far when var() is replaced"),
            },
        }
    }
}

/// A pair as shown, both opaque.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) foreground: Triple,
    pub(super) background: Triple,
    pub(super) mapped: [bool; 2],
    pub(super) blended: bool,
}

impl Sample {
    /// Blends the background over the canvas, then the foreground over that.
    pub(super) fn of(foreground: Shown, background: Shown, canvas: Triple) -> Self {
        let under = composite(background.rgb, background.alpha, canvas);
        Self {
            foreground: composite(foreground.rgb, foreground.alpha, under),
            background: under,
            mapped: [foreground.mapped, background.mapped],
            blended: foreground.alpha < 1.0 || background.alpha < 1.0,
        }
    }
}

/// What is asked of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Demand {
    kind: Kind,
    large: bool,
    level: WcagLevel,
}

impl Demand {
    pub(super) fn new(kind: Kind, size_px: f64, weight: f64, level: WcagLevel) -> Self {
        let large = size_px >= LARGE_PX || (weight >= BOLD && size_px >= LARGE_BOLD_PX);
        Self { kind, large, level }
    }

    // WCAG 2.2 SC 1.4.3, 1.4.6 and 1.4.11; the last has no AAA.
    fn minimum(self) -> f64 {
        if self.kind == Kind::NonText || self.large { 3.0 } else { 4.5 }
    }

    fn enhanced(self) -> Option<f64> {
        match self.kind {
            Kind::NonText => None,
            Kind::Text => Some(if self.large { 4.5 } else { 7.0 }),
        }
    }

    fn required(self) -> f64 {
        match self.level {
            WcagLevel::Double => self.minimum(),
            WcagLevel::Triple => self.enhanced().unwrap_or_else(|| self.minimum()),
        }
    }

    fn passes(self, ratio: f64) -> &'static str {
        if self.enhanced().is_some_and(|enhanced| ratio >= enhanced) {
            "AAA"
        } else if ratio >= self.minimum() {
            "AA"
        } else {
            "none"
        }
    }

    fn rule(self, ratio: f64) -> &'static Rule {
        match self.kind {
            Kind::NonText => &NON_TEXT_CONTRAST,
            Kind::Text if ratio < self.minimum() => &CONTRAST,
            Kind::Text => &CONTRAST_ENHANCED,
        }
    }

    fn words(self) -> &'static str {
        match (self.kind, self.large, self.level) {
            (Kind::NonText, ..) => "AA asks 3:1 of graphics and controls",
            (Kind::Text, false, WcagLevel::Double) => "AA asks 4.5:1",
            (Kind::Text, true, WcagLevel::Double) => "AA asks 3:1 of large text",
            (Kind::Text, false, WcagLevel::Triple) => "AAA asks 7:1",
            (Kind::Text, true, WcagLevel::Triple) => "AAA asks 4.5:1 of large text",
        }
    }
}

/// Whether a failing pair is told the nearest change that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Advice {
    Give,
    /// Not for findings that no report can show: each is a search of some ten thousand operations.
    Spare,
}

/// Figures and findings of one pair; the caller adds their place.
pub(super) struct Judged {
    pub(super) result: PairResult,
    pub(super) failure: Option<Finding>,
    pub(super) remark: Option<Finding>,
    /// The foreground that would pass.
    pub(super) foreground: Option<String>,
}

/// Measures and judges a pair. `at` names its place in the figures, `before` opens each message.
pub(super) fn judge(sample: &Sample, demand: Demand, advice: Advice, at: String, before: &str) -> Judged {
    let Sample { foreground, background, .. } = *sample;
    let contrast = ratio(foreground, background);
    let required = demand.required();
    let fails = contrast < required;
    let seen = Deficiency::ALL.map(|it| ratio(simulate(foreground, it), simulate(background, it)));
    let [protan, deutan, tritan] = seen.map(round);
    let advised = fails && advice == Advice::Give;
    let suggestion = if advised { suggest::nearest_passing(foreground, background, required) } else { None };
    let pair = format!("{} on {}", hex(foreground), hex(background));
    let failure = fails.then(|| {
        let cure = suggestion.as_ref().map_or_else(
            || "no lightness of either colour alone reaches it".to_owned(),
            |it| format!("nearest {} that passes: {} ({:.2}:1)", it.of, it.color, cut(it.ratio, 100.0)),
        );
        let cure = if advised { format!("; {cure}") } else { String::new() };
        let message = format!("{before}{pair} has {:.2}:1, {}{cure}", cut(contrast, 100.0), demand.words());
        Finding::new(demand.rule(contrast), message)
    });
    let worst = Deficiency::ALL.into_iter().zip(seen).min_by(|a, b| a.1.total_cmp(&b.1));
    let remark = worst.filter(|(_, ratio)| !fails && *ratio < MIN_SIMULATED_RATIO && contrast >= MIN_SIMULATED_RATIO);
    let remark = remark.map(|(deficiency, ratio)| {
        let message = format!(
            "{before}{pair} has {:.2}:1, but {ratio:.2}:1 as simulated for {}",
            cut(contrast, 100.0),
            deficiency.name()
        );
        Finding::new(&COLOR_VISION, message)
    });
    let mapped = ["foreground", "background"].into_iter().zip(sample.mapped).filter(|(_, mapped)| *mapped);
    let passing = suggestion.as_ref().filter(|it| it.of == "foreground").map(|it| it.color.clone());
    let result = PairResult {
        at,
        foreground: hex(foreground),
        background: hex(background),
        ratio: cut(contrast, 10_000.0),
        required,
        passes: demand.passes(contrast),
        lc: (apca(foreground, background) * 10_000.0).round() / 10_000.0,
        color_vision: VisionRatios { protan, deutan, tritan },
        gamut_mapped: mapped.map(|(name, _)| name).collect(),
        blended: sample.blended,
        suggestion,
    };
    Judged { result, failure, remark, foreground: passing }
}

/// Checks one pair of the arguments.
pub(super) fn check(reader: &Reader<'_, '_>, pair: &Pair<'_>, index: usize, level: WcagLevel, outcome: &mut Outcome) {
    let before = format!("pairs[{index}]: ");
    let (foreground, background) = (reader.read(pair.foreground), reader.read(pair.background));
    for trouble in [&foreground, &background].into_iter().filter_map(|read| read.as_ref().err()) {
        outcome.findings.push(Finding::new(trouble.rule, format!("{before}{}", trouble.message)));
    }
    let (Ok(foreground), Ok(background)) = (foreground, background) else {
        outcome.unread += 1;
        return;
    };
    let Some(foreground) = foreground else {
        let message = format!("{before}the foreground is currentcolor, which only the page knows");
        outcome.findings.push(Finding::new(&UNRESOLVED_COLOR, message));
        outcome.unread += 1;
        return;
    };
    // The background's current colour is the text's.
    let sample = Sample::of(foreground, background.unwrap_or(foreground), reader.canvas);
    let demand = Demand::new(pair.kind, pair.size_px, pair.weight, level);
    let judged = judge(&sample, demand, Advice::Give, format!("pairs[{index}]"), &before);
    outcome.checked += 1;
    outcome.failed += usize::from(judged.failure.is_some());
    outcome.findings.extend(judged.failure.into_iter().chain(judged.remark));
    outcome.pairs.push(judged.result);
}

/// Cuts a figure to a fraction, never up: a ratio that is reported as 4.5 is at least 4.5. Noise of the last bits is
/// forgiven, or 21 would read 20.99.
pub(super) fn cut(value: f64, fraction: f64) -> f64 {
    ((value + 1e-9) * fraction).floor() / fraction
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "thresholds are exact")]
    use super::*;

    fn demand(size: f64, weight: f64) -> f64 {
        Demand::new(Kind::Text, size, weight, WcagLevel::Double).required()
    }

    #[test]
    fn large_text_begins_at_18_points_or_14_bold() {
        assert_eq!(
            [demand(24.0, 400.0), demand(23.99, 400.0), demand(18.66, 700.0), demand(18.65, 700.0)],
            [3.0, 4.5, 3.0, 4.5]
        );
        assert_eq!(demand(18.67, 600.0), 4.5);
    }

    #[test]
    fn pairs_are_read_as_they_are_spoken() {
        let read = |text| {
            Pair::read(text, 0).map(|pair| (pair.foreground, pair.background, pair.size_px, pair.weight, pair.kind))
        };
        assert_eq!(read("#777 on #fff"), Ok(("#777", "#fff", 16.0, 400.0, Kind::Text)));
        assert_eq!(
            read(" red on rgb(0 0 0 / 50%)  bold 18.66px "),
            Ok(("red", "rgb(0 0 0 / 50%)", 18.66, 700.0, Kind::Text))
        );
        assert_eq!(read("var(--a, red) on white icon"), Ok(("var(--a, red)", "white", 16.0, 400.0, Kind::NonText)));
        assert_eq!(read("red on white large"), Ok(("red", "white large", 16.0, 400.0, Kind::Text)));
        assert_eq!(read("red on bold"), Ok(("red", "bold", 16.0, 400.0, Kind::Text)));
        for text in [
            "",
            "red",
            "red white",
            "red on",
            "on white",
            "red on white 0px",
            "red on white -1px",
            "red on white NaNpx",
        ] {
            assert!(Pair::read(text, 0).is_err(), "{text}");
        }
    }

    #[test]
    fn ratios_are_never_rounded_up() {
        assert_eq!(
            [cut(4.4999, 100.0), cut(4.5, 100.0), cut(21.0, 100.0), cut(20.999_999_999_9, 100.0)],
            [4.49, 4.5, 21.0, 21.0]
        );
    }

    #[test]
    fn graphics_have_no_enhanced_level() {
        let demand = Demand::new(Kind::NonText, 16.0, 400.0, WcagLevel::Triple);
        assert_eq!((demand.required(), demand.passes(20.0), demand.passes(2.9)), (3.0, "AA", "none"));
    }
}

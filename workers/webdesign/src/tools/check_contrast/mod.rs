//! `check_contrast`: contrast of colour pairs, palettes and stylesheets.
//!
//! Owns what is asked of a pair and how it is reported; colours themselves are `support::color`.

mod pair;
mod palette;
mod stylesheet;
mod suggest;

use crate::support::color::gamut::show;
use crate::support::color::parse::parse;
use crate::support::color::{Triple, composite};
use crate::support::css_variables::Variables;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, check_items};
use octavo_toolkit::{Ctx, Level, Report, Rule, Tool, ToolError, declare_tool, rule_docs};
use pair::{Pair, PairResult, Reader};
use palette::PaletteResult;
use serde::{Deserialize, Serialize};
use stylesheet::Stylesheet;

declare_tool! {
    /// Computes how well a foreground stands out from a background: the WCAG 2.2 contrast ratio with its verdict, the APCA lightness
    /// contrast Lc, and the ratio as people with protanopia, deuteranopia and tritanopia see it (Machado and others 2009, severity 1).
    ///
    /// Use it for colour pairs, for a palette (all pairs at once), or for CSS whose rules set both `color` and a background. Every colour
    /// of CSS Color 4 is understood, and `color-mix()` in common spaces; `var()` is resolved from
    /// `:root`, `html` and `@theme` of the CSS in `source`, where the last value wins.
    ///
    /// A pair is written as `#777 on #fff`. A size in CSS pixels and `bold` may follow, since large text may have less contrast, or
    /// `icon`, for graphics and controls: `#777 on #fff 24px bold`, `var(--line) on white icon`. Text is 16px otherwise.
    ///
    /// A colour outside sRGB is mapped into it by the chroma reduction of CSS Color 4 and marked. Translucent colours are blended in
    /// sRGB: the background over `canvas`, the foreground over the result. Ratios are cut, never rounded up, so 4.499 does not pass 4.5.
    ///
    /// Each failing pair comes with the nearest foreground that passes: same OKLCH hue and chroma, least change of lightness. In CSS the
    /// finding carries an edit, where the colour is written literally. At most 50 pairs, 24 palette colours and 4 MiB of CSS a call.
    pub struct CheckContrast;
    name: "check_contrast",
    title: "Check contrast",
    summary: "Computes WCAG, APCA and colour-blind contrast of colours or CSS, with nearest passing colours. Ignores the cascade.",
    keywords: "choose colours accessibility a11y axe lighthouse readable legible text color ratio 4.5:1 AAA grey gray background foreground brand theme design tokens dark mode button link low vision deuteranopia protanopia color-blindness hex rgb hsl oklch stylesheet",
    examples: [
        "grey text on white" => r##"{"pairs":["#777 on #fff"]}"##,
        "tokens, wide gamut and large text" => r#"{"pairs":["var(--brand) on white 24px"],"source":":root{--brand:oklch(70% 0.25 145)}"}"#,
        "every pair of a palette" => r##"{"palette":["#1b1f24","#d1242f","#1a7f37","#ffffff"]}"##,
        "a stylesheet" => r#"{"source":":root{--bg:#fafafa}\n.hint{color:#999;background:var(--bg)}"}"#,
    ],
    rules: RULES,
    not_checked: [
        "colours that meet only on the page: cascade, inheritance, images, gradients, opacity, blending, shadows",
        "system colours, relative colours, light-dark()",
        "APCA's font sizes for an Lc",
    ],
}

const CONTRAST: Rule = Rule {
    id: "color-contrast",
    level: Level::Error,
    summary: "Text has a contrast ratio of at least 4.5:1, large text of 3:1 (WCAG 2.2 SC 1.4.3, level AA).",
    docs: rule_docs!(
        why: "People with low vision, and anyone in sunlight, lose text that is too close to its background in luminance.",
        wrong: "color: #777; background: #fff",
        right: "color: #767676; background: #fff",
        source: "WCAG 2.2 SC 1.4.3 Contrast (Minimum), https://www.w3.org/TR/WCAG22/#contrast-minimum"
    ),
};
const CONTRAST_ENHANCED: Rule = Rule {
    id: "color-contrast-enhanced",
    level: Level::Error,
    summary: "Text has a contrast ratio of at least 7:1, large text of 4.5:1 (WCAG 2.2 SC 1.4.6, level AAA).",
    docs: rule_docs!(
        why: "The higher ratio makes up for a loss of contrast sensitivity at about 20/80 vision without glasses or aids.",
        wrong: "color: #767676; background: #fff",
        right: "color: #595959; background: #fff",
        source: "WCAG 2.2 SC 1.4.6 Contrast (Enhanced), https://www.w3.org/TR/WCAG22/#contrast-enhanced"
    ),
};
const NON_TEXT_CONTRAST: Rule = Rule {
    id: "non-text-contrast",
    level: Level::Error,
    summary: "Controls and meaningful graphics have a contrast ratio of at least 3:1 to what is next to them (WCAG 2.2 SC 1.4.11, level AA).",
    docs: rule_docs!(
        why: "A border, icon or focus ring that blends into its surroundings hides that something can be operated.",
        wrong: "border-color: #ccc; background: #fff",
        right: "border-color: #949494; background: #fff",
        source: "WCAG 2.2 SC 1.4.11 Non-text Contrast, https://www.w3.org/TR/WCAG22/#non-text-contrast"
    ),
};
const COLOR_VISION: Rule = Rule {
    id: "color-vision",
    level: Level::Info,
    summary: "A pair that is told apart with full colour vision is still told apart without one kind of cone.",
    docs: rule_docs!(
        why: "About one man in twelve sees red and green differently; strong red on black is much darker to some of them than its ratio says.",
        wrong: "color: #f00; background: #000",
        right: "color: #ff6b6b; background: #000",
        source: "Machado, Oliveira, Fernandes 2009, doi:10.1109/TVCG.2009.113; WCAG 2.2 SC 1.4.1 Use of Color"
    ),
};
const INVALID_COLOR: Rule = Rule {
    id: "invalid-color",
    level: Level::Error,
    summary: "A colour is written as CSS Color 4 allows.",
    docs: rule_docs!(
        why: "Browsers drop a declaration they cannot read, and the colour that then applies was never checked.",
        wrong: "color: rgb(10%, 20, 30%)",
        right: "color: rgb(10% 20 30%)",
        source: "CSS Color Module Level 4, https://www.w3.org/TR/css-color-4/"
    ),
};
const UNRESOLVED_COLOR: Rule = Rule {
    id: "unresolved-color",
    level: Level::Info,
    summary: "A colour that depends on the page, the system or an image needs a check where it is shown.",
    docs: rule_docs!(
        why: "What cannot be worked out from the text is neither passed nor failed; leaving it out silently would look like a pass.",
        wrong: "color: white; background: url(photo.jpg)",
        right: "color: white; background: #333 url(photo.jpg), checked on the page",
        source: "CSS Color Module Level 4, https://www.w3.org/TR/css-color-4/#color-syntax"
    ),
};
const UNKNOWN_PROPERTY: Rule = Rule {
    id: "no-unknown-custom-properties",
    level: Level::Warning,
    summary: "A custom property that a colour refers to has a value or a fallback.",
    docs: rule_docs!(
        why: "Without a value the declaration is invalid when computed, and the text takes the inherited colour.",
        wrong: "color: var(--txet)",
        right: "color: var(--text, #222)",
        source: "CSS Custom Properties for Cascading Variables Module Level 1, https://www.w3.org/TR/css-variables-1/#substitute-a-var"
    ),
};
const PROPERTY_CYCLE: Rule = Rule {
    id: "custom-property-cycle",
    level: Level::Error,
    summary: "A custom property does not refer to itself, directly or through others.",
    docs: rule_docs!(
        why: "Every property of a cycle is invalid when computed, whatever fallbacks stand within the cycle.",
        wrong: "--a: var(--b); --b: var(--a)",
        right: "--a: var(--b); --b: #222",
        source: "CSS Custom Properties for Cascading Variables Module Level 1, https://www.w3.org/TR/css-variables-1/#cycles"
    ),
};
const SYNTAX: Rule = Rule {
    id: "CssSyntaxError",
    level: Level::Error,
    summary: "A stylesheet closes its blocks, brackets, strings and comments.",
    docs: rule_docs!(
        why: "What is not closed swallows the rules behind it, which then are neither applied nor checked.",
        wrong: "a { color: red",
        right: "a { color: red }",
        source: "CSS Syntax Module Level 3, https://www.w3.org/TR/css-syntax-3/#error-handling"
    ),
};

/// Every rule of the tool.
const RULES: &[Rule] = &[
    CONTRAST,
    CONTRAST_ENHANCED,
    NON_TEXT_CONTRAST,
    COLOR_VISION,
    INVALID_COLOR,
    UNRESOLVED_COLOR,
    UNKNOWN_PROPERTY,
    PROPERTY_CYCLE,
    SYNTAX,
];

/// Most pairs of a call: figures and finding of one that fails are about 140 tokens, and a result should stay below 8,000.
pub const MAX_PAIRS: usize = 50;
/// Most colours of a palette: 276 pairs, whose figures are about 4,000 tokens.
pub const MAX_PALETTE_COLORS: usize = 24;
/// Longest colour or pair of the arguments, in bytes; far above any that is written by hand.
pub const MAX_VALUE_BYTES: usize = 1_024;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Such as `#777 on #fff 24px bold` or `#999 on #fff icon`; up to 50.
    #[serde(default)]
    pairs: Vec<String>,
    /// Up to 24.
    palette: Option<Vec<String>>,
    /// CSS.
    source: Option<String>,
    /// Default AA.
    #[serde(default)]
    level: WcagLevel,
    /// Default white.
    canvas: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    // Icons, borders, controls.
    NonText,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
enum WcagLevel {
    #[default]
    #[serde(rename = "AA")]
    Double,
    #[serde(rename = "AAA")]
    Triple,
}

/// What could be worked out.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The pairs given, then those of the stylesheet, at most 50 of these.
    pairs: Vec<PairResult>,
    /// The palette.
    #[serde(skip_serializing_if = "Option::is_none")]
    palette: Option<PaletteResult>,
}

impl Tool for CheckContrast {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_limits(&input)?;
        let canvas = canvas(input.canvas.as_deref())?;
        let none = Variables::default();
        let sheet = input.source.as_deref().map(Stylesheet::read);
        let global = sheet.as_ref().map(Stylesheet::root_properties).unwrap_or_default();
        let reader = Reader { global: &global, local: &none, canvas };
        let level = input.level;

        let mut outcome = pair::Outcome::default();
        for (at, text) in input.pairs.iter().enumerate() {
            pair::check(&reader, &Pair::read(text, at)?, at, level, &mut outcome);
        }
        if let Some(sheet) = &sheet {
            sheet.check(&reader, level, &mut outcome);
        }
        let (checked, failed, unread) = (outcome.checked, outcome.failed, outcome.unread);
        let palette = input.palette.map(|colors| palette::check(&reader, &colors, &mut outcome.findings));

        let word = match level {
            WcagLevel::Double => "AA",
            WcagLevel::Triple => "AAA",
        };
        let mut parts = Vec::new();
        if checked > 0 || palette.is_none() {
            parts.push(format!("{failed} of {checked} pairs below WCAG {word}"));
        }
        if unread > 0 {
            parts.push(format!("{unread} could not be worked out"));
        }
        parts.extend(palette.as_ref().map(PaletteResult::summary));
        let mut report = Report::checked(outcome.findings, Data { pairs: outcome.pairs, palette });
        if outcome.listed_all {
            report = report.with_summary(parts.join("; "));
        } else {
            report =
                report.with_summary(format!("{}; data lists {MAX_PAIRS} pairs of the stylesheet", parts.join("; ")));
        }
        if sheet.is_some() {
            report = report.not_checked(
                "custom properties of other selectors than :root and html, or under conditions such as dark mode",
            );
        }
        Ok(report)
    }
}

fn check_limits(input: &Input) -> Result<(), ToolError> {
    if input.pairs.is_empty() && input.palette.is_none() && input.source.is_none() {
        return Err(ToolError::invalid("", "name nothing to check", "one of `pairs`, `palette`, `source`"));
    }
    check_items("/pairs", &input.pairs, MAX_PAIRS)?;
    let palette = input.palette.as_deref().unwrap_or_default();
    check_items("/palette", palette, MAX_PALETTE_COLORS)?;
    for (at, pair) in input.pairs.iter().enumerate() {
        check_bytes(&format!("/pairs/{at}"), pair, MAX_VALUE_BYTES)?;
    }
    for (at, color) in palette.iter().enumerate() {
        check_bytes(&format!("/palette/{at}"), color, MAX_VALUE_BYTES)?;
    }
    if let Some(source) = &input.source {
        check_bytes("/source", source, MAX_SOURCE_BYTES)?;
    }
    Ok(())
}

// What stands behind the canvas itself is white, as in browsers.
fn canvas(text: Option<&str>) -> Result<Triple, ToolError> {
    let Some(text) = text else { return Ok([1.0; 3]) };
    check_bytes("/canvas", text, MAX_VALUE_BYTES)?;
    let color = parse(text).map_err(|_| {
        ToolError::invalid(
            "/canvas",
            "is no colour that can be worked out",
            "a CSS colour without var(), such as \"#fff\"",
        )
    })?;
    let shown = show(&color);
    Ok(composite(shown.rgb, shown.alpha, [1.0; 3]))
}

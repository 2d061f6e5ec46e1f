//! A palette: every colour with every other.

use super::pair::{Reader, cut};
use super::{COLOR_VISION, UNRESOLVED_COLOR};
use crate::support::color::contrast::{apca, ratio};
use crate::support::color::gamut::JND;
use crate::support::color::vision::{Deficiency, delta_e, simulate};
use crate::support::color::{Triple, composite, hex};
use octavo_toolkit::Finding;
use serde::Serialize;

/// Closest pairs listed for each deficiency.
const CLOSEST: usize = 3;

/// Figures of a palette.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct PaletteResult {
    /// The colours as shown, in the order given, those that cannot be read left out.
    colors: Vec<String>,
    /// WCAG 2 ratios, cut to 2 decimals: row i holds colour i against colours 0 to i-1.
    ratios: Vec<Vec<f64>>,
    /// APCA Lc, rounded to 1 decimal: row i is colour i as text on each colour.
    lc: Vec<Vec<f64>>,
    /// The pairs hardest to tell apart with each deficiency.
    closest: Vec<ClosePair>,
}

/// Two colours under one deficiency.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct ClosePair {
    /// Which.
    deficiency: &'static str,
    /// The two, by their places in `colors`.
    pair: [usize; 2],
    /// Their difference as simulated: Delta E-OK, 0.02 is just noticeable.
    delta_e: f64,
    /// Their difference with full colour vision.
    delta_e_normal: f64,
}

impl PaletteResult {
    /// What it comes to, in a few words.
    pub(super) fn summary(&self) -> String {
        let all: Vec<f64> = self.ratios.iter().flatten().copied().collect();
        let reach = |least: f64| all.iter().filter(|ratio| **ratio >= least).count();
        format!("{} of {} palette pairs reach 4.5:1, {} reach 3:1", reach(4.5), all.len(), reach(3.0))
    }
}

/// Compares all colours of a palette.
pub(super) fn check(reader: &Reader<'_, '_>, palette: &[String], findings: &mut Vec<Finding>) -> PaletteResult {
    let mut colors: Vec<Triple> = Vec::with_capacity(palette.len());
    for (at, text) in palette.iter().enumerate() {
        match reader.read(text) {
            Ok(Some(shown)) => colors.push(composite(shown.rgb, shown.alpha, reader.canvas)),
            Ok(None) => {
                let message = format!("palette[{at}]: currentcolor is no colour of its own");
                findings.push(Finding::new(&UNRESOLVED_COLOR, message));
            }
            Err(trouble) => findings.push(Finding::new(trouble.rule, format!("palette[{at}]: {}", trouble.message))),
        }
    }
    let ratios = colors.iter().enumerate();
    let ratios = ratios.map(|(at, a)| colors.iter().take(at).map(|b| cut(ratio(*a, *b), 100.0)).collect()).collect();
    let lc = |text: &Triple| colors.iter().map(|under| (apca(*text, *under) * 10.0).round() / 10.0).collect();
    let lc = colors.iter().map(lc).collect();
    let closest = Deficiency::ALL.into_iter().flat_map(|it| closest(&colors, it, findings)).collect();
    PaletteResult { colors: colors.iter().map(|color| hex(*color)).collect(), ratios, lc, closest }
}

fn closest(colors: &[Triple], deficiency: Deficiency, findings: &mut Vec<Finding>) -> Vec<ClosePair> {
    let simulated: Vec<Triple> = colors.iter().map(|color| simulate(*color, deficiency)).collect();
    let seen: Vec<_> = colors.iter().zip(&simulated).enumerate().collect();
    let mut pairs = Vec::new();
    for (b, (color_b, seen_b)) in &seen {
        for (a, (color_a, seen_a)) in seen.iter().take(*b) {
            let (normal, reduced) = (delta_e(**color_a, **color_b), delta_e(**seen_a, **seen_b));
            if reduced < JND && normal >= JND {
                let message = format!(
                    "palette: {} and {} look alike with {} (simulated Delta E-OK {reduced:.3}, below 0.02)",
                    hex(**color_a),
                    hex(**color_b),
                    deficiency.name()
                );
                findings.push(Finding::new(&COLOR_VISION, message));
            }
            pairs.push((reduced, normal, [*a, *b]));
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    let listed = pairs.into_iter().take(CLOSEST);
    listed
        .map(|(reduced, normal, pair)| ClosePair {
            deficiency: deficiency.name(),
            pair,
            delta_e: round(reduced),
            delta_e_normal: round(normal),
        })
        .collect()
}

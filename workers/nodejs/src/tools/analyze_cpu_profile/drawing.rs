//! A profile as text for other programs: collapsed stacks, and a flame graph in SVG.

use super::profile::Amount;
use crate::support::call_tree::{CallTree, Step};
use crate::support::source_place::owner_of;
use octavo_toolkit::limits::is_invisible;
use std::fmt::Write as _;

/// Width of a flame graph, in pixels.
const WIDTH: f64 = 1200.0;
/// Height of a row, in pixels.
const ROW: usize = 16;
/// Narrowest box drawn, in pixels.
const LEAST_WIDTH: f64 = 0.5;
/// Most boxes drawn, the widest levels first: what a viewer shows at once.
const MAX_BOXES: usize = 4_000;
/// Width of a character of the labels, in pixels.
const CHARACTER: f64 = 6.6;

/// The tree as collapsed stacks: `a;b;c 12`, a line a stack, sorted; weights are rounded to whole numbers.
pub(super) fn collapsed(tree: &CallTree) -> String {
    let mut lines = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let totals = tree.totals();
    for step in tree.walk(&totals) {
        match step {
            Step::Enter(at) => {
                let Some(node) = tree.nodes.get(at) else { continue };
                names.push(tree.frames.get(node.frame as usize).map(|frame| label(&frame.name)).unwrap_or_default());
                let weight = node.own.round();
                if weight > 0.0 {
                    lines.push(format!("{} {weight:.0}", names.join(";")));
                }
            }
            Step::Leave(_) => {
                names.pop();
            }
        }
    }
    lines.sort();
    lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
}

// A name that neither breaks the line nor the stack.
fn label(name: &str) -> String {
    name.chars().map(|c| if c == ';' || is_invisible(c) { '_' } else { c }).collect()
}

/// Boxes left out of a flame graph, and its text.
pub(super) struct Drawing {
    pub(super) svg: String,
    pub(super) left_out: usize,
}

/// A flame graph: callers below callees, widths by weight, colours by what the code belongs to.
pub(super) fn flame_graph(tree: &CallTree, unit: &str) -> Drawing {
    let totals = tree.totals();
    let whole = totals.first().copied().unwrap_or_default();
    let scale = if whole > 0.0 { WIDTH / whole } else { 0.0 };
    let mut boxes: Vec<(usize, f64, f64, usize)> = Vec::new();
    let mut left_out = 0;
    // Where the next child of each open call starts.
    let mut starts = vec![0.0];
    for step in tree.walk(&totals) {
        match step {
            Step::Enter(at) => {
                let total = totals.get(at).copied().unwrap_or_default();
                let depth = starts.len() - 1;
                let start = starts.last().copied().unwrap_or_default();
                if let Some(next) = starts.last_mut() {
                    *next += total;
                }
                starts.push(start);
                if total * scale < LEAST_WIDTH {
                    left_out += 1;
                } else {
                    boxes.push((depth, start * scale, total * scale, at));
                }
            }
            Step::Leave(_) => {
                starts.pop();
            }
        }
    }
    boxes.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    left_out += boxes.len().saturating_sub(MAX_BOXES);
    boxes.truncate(MAX_BOXES);
    let rows = boxes.iter().map(|(depth, ..)| depth + 1).max().unwrap_or_default();
    let height = rows * ROW + 2;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH:.0}\" height=\"{height}\" viewBox=\"0 0 {WIDTH:.0} {height}\" font-family=\"monospace\" font-size=\"11\">\n"
    );
    for (depth, x, width, at) in boxes {
        let Some(frame) = tree.nodes.get(at).and_then(|node| tree.frames.get(node.frame as usize)) else { continue };
        let y = height - (depth + 1) * ROW - 1;
        let total = totals.get(at).copied().unwrap_or_default();
        let share = if whole > 0.0 { total / whole * 100.0 } else { 0.0 };
        let place = if frame.file.is_empty() { String::new() } else { format!(" {}", frame.file) };
        let line = frame.line.filter(|_| !place.is_empty()).map(|line| format!(":{line}")).unwrap_or_default();
        let amount = serde_json::to_string(&Amount(total)).unwrap_or_default();
        let title = escaped(&format!("{}{place}{line}, {amount} {unit}, {share:.2} %", frame.name));
        let colour = colour_of(&frame.file, &frame.name);
        let _ = write!(
            svg,
            "<g><title>{title}</title><rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{colour}\"/>",
            ROW - 1
        );
        // Widths are positive and below the drawing's.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
        let fits = ((width - 4.0).max(0.0) / CHARACTER) as usize;
        if fits >= 3 {
            let shown: String = if frame.name.chars().count() > fits {
                frame.name.chars().take(fits - 1).chain(['\u{2026}']).collect()
            } else {
                frame.name.clone()
            };
            let _ = write!(svg, "<text x=\"{:.1}\" y=\"{}\">{}</text>", x + 2.0, y + 11, escaped(&shown));
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    Drawing { svg, left_out }
}

// One hue for each owner, light enough for black text.
fn colour_of(file: &str, name: &str) -> String {
    let owner = owner_of(file);
    let hash = owner.label().bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let shade = name.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) % 12;
    format!("hsl({},65%,{}%)", hash % 360, 66 + shade)
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if is_invisible(c) => safe.push('_'),
            c => safe.push(c),
        }
    }
    safe
}

//! How long each tool takes over doubling inputs, natively: a line of JSON for each tool. `cargo xtask bench` starts it.
//!
//! `measure [TOOL ...]`. The input is the tool's largest spec or example, grown (`growth.rs`); a size is measured until it has been
//! on the processor for a while, and the least of the runs counts.

use octavo_category::Category;
use octavo_system_tests::clock::processor_time;
use octavo_system_tests::growth::grown;
use octavo_system_tests::{calls_of, registry};
use octavo_toolkit::Ctx;
use octavo_toolkit::registry::AnyTool;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::env;
use std::io::{self, Write as _};
use std::time::Duration;

/// Lines of input at which a call is to be quick: a file as people write them.
const LINES: usize = 500;
/// No size is tried after one that took longer.
const MOST: Duration = Duration::from_millis(1_500);
/// How long a size is measured.
const EACH: Duration = Duration::from_millis(120);
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// One size of input.
struct Point {
    bytes: usize,
    lines: usize,
    ms: f64,
}

fn main() {
    let wanted: Vec<String> = env::args().skip(1).collect();
    for category in Category::ALL {
        let registry = registry(*category);
        for tool in registry.tools {
            let name = registry.full_name(&tool.declaration());
            if !wanted.is_empty() && !wanted.contains(&name) {
                continue;
            }
            // Ones that grow, and that are not about a limit.
            let bases = calls_of(*category, *tool).into_iter().filter(|call: &Value| {
                let size = call.to_string().len();
                size < 20_000
                    && grown(call, 8).to_string().len() > 5 * size
                    && time(*tool, *category, &grown(call, 2)).is_some()
            });
            let base = bases.max_by_key(|call| call.to_string().len());
            let points = base.map(|base| points(*tool, *category, &base)).unwrap_or_default();
            writeln!(io::stdout(), "{}", told(&name, &points)).expect("standard output is open");
        }
    }
}

fn points(tool: &dyn AnyTool, category: Category, base: &Value) -> Vec<Point> {
    let mut points = Vec::new();
    let mut times = 1;
    loop {
        let arguments = grown(base, times);
        let bytes = arguments.to_string().len();
        if bytes > MOST_BYTES {
            break;
        }
        let Some(ms) = time(tool, category, &arguments) else { break };
        points.push(Point { bytes, lines: lines_of(&arguments), ms });
        if ms > MOST.as_secs_f64() * 1_000.0 {
            break;
        }
        times *= 2;
    }
    points
}

// Milliseconds of a warm call; nothing when it is refused.
fn time(tool: &dyn AnyTool, category: Category, arguments: &Value) -> Option<f64> {
    let raw = RawValue::from_string(arguments.to_string()).ok()?;
    let begun = processor_time();
    let mut least = f64::INFINITY;
    loop {
        let started = processor_time();
        tool.call(category, &raw, &Ctx::silent()).ok()?;
        let ended = processor_time();
        least = least.min(ended.saturating_sub(started).as_secs_f64() * 1_000.0);
        if ended.saturating_sub(begun) > EACH {
            return Some(least);
        }
    }
}

// Of all texts together, those of JSON by its items.
fn lines_of(value: &Value) -> usize {
    match value {
        Value::String(text) => {
            text.lines().count()
                + text.bytes().filter(|byte| matches!(byte, b',' | b'{')).count()
                    * usize::from(text.starts_with(['{', '[']))
        }
        Value::Array(items) => items.iter().map(lines_of).sum(),
        Value::Object(members) => members.values().map(lines_of).sum(),
        _ => 0,
    }
}

fn told(name: &str, points: &[Point]) -> Value {
    let at = points.iter().min_by_key(|point| point.lines.abs_diff(LINES));
    json!({
        "tool": name,
        "lines": at.map(|point| point.lines),
        "bytes": at.map(|point| point.bytes),
        "ms": at.map(|point| point.ms),
        "largestBytes": points.last().map(|point| point.bytes),
        "largestMs": points.last().map(|point| point.ms),
        "exponent": exponent(points),
    })
}

// The slope of time over size, both as logarithms, by least squares over the sizes that take long enough to be told apart.
#[expect(clippy::cast_precision_loss, reason = "sizes of megabytes")]
fn exponent(points: &[Point]) -> Option<f64> {
    let long: Vec<(f64, f64)> =
        points.iter().filter(|point| point.ms > 0.2).map(|point| ((point.bytes as f64).ln(), point.ms.ln())).collect();
    let long = long.get(long.len().saturating_sub(4)..)?;
    if long.len() < 3 {
        return None;
    }
    let count = long.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| long.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let above: f64 = long.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let below: f64 = long.iter().map(|point| (point.0 - x).powi(2)).sum();
    Some(above / below)
}

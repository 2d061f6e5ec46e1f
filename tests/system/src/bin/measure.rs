//! How long each tool takes, natively: a line of JSON for each tool. `cargo xtask bench` starts it.
//!
//! `measure [TOOL ...]` measures each tool in a process of its own: the first call and a warm one on 500 lines of its workload
//! (`workload.rs`), and warm ones on twice as much again and again, up to 2 MiB, its own limit or 1.5 seconds. A size is measured
//! until it has been on the processor for a while, and the least of the runs counts. `measure --calls TOOL UNITS COUNT` only
//! makes calls, for a profiler.

use octavo_category::Category;
use octavo_system_tests::clock::processor_time;
use octavo_system_tests::registry;
use octavo_system_tests::workload::{lines_of, workload};
use octavo_toolkit::registry::AnyTool;
use octavo_toolkit::{Ctx, ToolError};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs};

/// Lines of input at which a call is to be quick: a file as people write them.
const LINES: usize = 500;
/// No size is tried after one that took longer.
const MOST: Duration = Duration::from_millis(1_500);
/// How long a size is measured.
const EACH: Duration = Duration::from_millis(100);
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Sizes that the exponent is fitted over, the largest ones.
const FITTED: usize = 4;
/// Shorter times are told apart badly.
const LEAST_FITTED_MS: f64 = 0.05;

/// One size of input.
struct Point {
    units: usize,
    bytes: usize,
    lines: usize,
    ms: f64,
}

#[derive(Clone, Copy)]
struct Subject {
    name: &'static str,
    tool: &'static dyn AnyTool,
    category: Category,
}

impl Subject {
    fn arguments(self, units: usize) -> Value {
        workload(self.name, units)
    }

    fn call(self, arguments: &RawValue) -> Result<(), ToolError> {
        self.tool.call(self.category, arguments, &Ctx::silent()).map(drop)
    }

    // The fewest units with enough lines.
    fn units_of(self, lines: usize) -> usize {
        let has = |units: usize| lines_of(&self.arguments(units)) >= lines;
        let mut most = 1;
        while !has(most) {
            most *= 2;
        }
        let mut least = most / 2;
        while least + 1 < most {
            let middle = usize::midpoint(least, most);
            if has(middle) {
                most = middle;
            } else {
                least = middle;
            }
        }
        most
    }
}

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--calls", tool, units, count] => {
            let subject = subject(tool);
            let raw = raw(&subject.arguments(units.parse().expect("a number of units")));
            for _ in 0..count.parse().expect("a number of calls") {
                subject.call(&raw).unwrap_or_else(|error| panic!("{tool}: {error}"));
            }
        }
        ["--one", tool] => writeln!(io::stdout(), "{}", measured(subject(tool))).expect("standard output is open"),
        wanted => {
            for subject in subjects().filter(|subject| wanted.is_empty() || wanted.contains(&subject.name)) {
                let program = env::current_exe().expect("this program");
                let own = Command::new(program).args(["--one", subject.name]).stdout(Stdio::inherit()).status();
                assert!(own.is_ok_and(|status| status.success()), "{} was not measured", subject.name);
            }
        }
    }
}

fn subjects() -> impl Iterator<Item = Subject> {
    Category::ALL.iter().flat_map(|category| {
        let registry = registry(*category);
        registry.tools.iter().map(move |tool| Subject {
            name: registry.full_name(&tool.declaration()).leak(),
            tool: *tool,
            category: *category,
        })
    })
}

fn subject(name: &str) -> Subject {
    subjects().find(|subject| subject.name == name).unwrap_or_else(|| panic!("no tool {name}"))
}

fn measured(subject: Subject) -> Value {
    let units = subject.units_of(LINES);
    let at = raw(&subject.arguments(units));
    let started = processor_time();
    if let Err(error) = subject.call(&at) {
        panic!("{}: {error}", subject.name);
    }
    let first = milliseconds(processor_time().saturating_sub(started));
    let mut points = points(subject, units);
    let warm = points.first().map(|point| (point.lines, point.bytes, point.ms));
    // Where a limit ends the sizes early, smaller ones are fitted too.
    for half in [2, 4, 8] {
        if points.len() < FITTED && units / half > 0 {
            points.splice(0..0, point(subject, units / half));
        }
    }
    let largest = points.last();
    json!({
        "tool": subject.name,
        "lines": warm.map(|warm| warm.0),
        "bytes": warm.map(|warm| warm.1),
        "ms": warm.map(|warm| warm.2),
        "firstMs": first,
        "largestUnits": largest.map(|point| point.units),
        "largestBytes": largest.map(|point| point.bytes),
        "largestMs": largest.map(|point| point.ms),
        "exponent": exponent(&points),
        "memoryMib": peak_mib(),
    })
}

fn points(subject: Subject, mut units: usize) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    while points.last().is_none_or(|last| last.ms < milliseconds(MOST)) {
        let Some(point) = point(subject, units) else { break };
        points.push(point);
        units *= 2;
    }
    points
}

// Nothing when it is refused, or larger than it is worth.
fn point(subject: Subject, units: usize) -> Option<Point> {
    let arguments = subject.arguments(units);
    let raw = raw(&arguments);
    let bytes = raw.get().len();
    if bytes > MOST_BYTES {
        return None;
    }
    let begun = processor_time();
    let mut least = f64::INFINITY;
    loop {
        let started = processor_time();
        subject.call(&raw).ok()?;
        let ended = processor_time();
        least = least.min(milliseconds(ended.saturating_sub(started)));
        if ended.saturating_sub(begun) > EACH {
            return Some(Point { units, bytes, lines: lines_of(&arguments), ms: least });
        }
    }
}

fn raw(arguments: &Value) -> Box<RawValue> {
    RawValue::from_string(arguments.to_string()).expect("a value is JSON")
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

// The most memory this process had, arguments and all; the system tells it.
fn peak_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let told = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    told.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib / 1_024)
}

// The slope of time over size, both as logarithms, by least squares over the largest sizes.
#[expect(clippy::cast_precision_loss, reason = "sizes of megabytes")]
fn exponent(points: &[Point]) -> Option<f64> {
    let long: Vec<(f64, f64)> = points
        .iter()
        .filter(|point| point.ms > LEAST_FITTED_MS)
        .map(|point| ((point.bytes as f64).ln(), point.ms.ln()))
        .collect();
    let long = long.get(long.len().saturating_sub(FITTED)..)?;
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

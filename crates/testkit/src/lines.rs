//! A registry behind standard input: how the truth scripts call tools from other languages.

use octavo_toolkit::{Category, Ctx, Registry};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::io::{self, BufRead as _, Write as _};
use std::time::Instant;

/// One call, one line.
#[derive(Deserialize)]
struct Call<'a> {
    /// The tool's name without its category.
    tool: &'a str,
    #[serde(borrow)]
    arguments: &'a RawValue,
}

/// Its answer, one line.
#[derive(Serialize)]
struct Answer {
    /// The whole report, however long.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
    /// How long the tool took, parsing of the arguments and rendering included.
    micros: u128,
}

#[derive(Serialize)]
struct Refusal {
    reason: &'static str,
    message: String,
}

/// Answers calls `{"tool", "arguments"}`, one a line, with `{"report"}` or `{"error": {"reason", "message"}}` and the
/// microseconds it took, until standard input ends.
///
/// # Panics
///
/// When a line is no call, or names a tool that the registry lacks: the script is wrong.
pub fn serve_lines(registry: &Registry) {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line.expect("standard input is UTF-8");
        let call: Call<'_> = serde_json::from_str(&line).unwrap_or_else(|error| panic!("no call: {error}"));
        let answer = answer(registry, registry.category, &call);
        serde_json::to_writer(&mut output, &answer).expect("standard output is open");
        output.write_all(b"\n").and_then(|()| output.flush()).expect("standard output is open");
    }
}

fn answer(registry: &Registry, category: Category, call: &Call<'_>) -> Answer {
    let tool = registry.get(call.tool).unwrap_or_else(|| panic!("{} has no tool {}", category.slug(), call.tool));
    // Timed as clients call it: one page. The whole report is rendered beside the clock.
    let started = Instant::now();
    let page = tool.call(category, call.arguments, &Ctx::silent());
    let micros = started.elapsed().as_micros();
    match page.and_then(|_| tool.call_whole(category, call.arguments)) {
        Ok(rendering) => {
            let report = RawValue::from_string(rendering.structured).expect("a report is JSON");
            Answer { report: Some(report), error: None, micros }
        }
        Err(error) => Answer {
            report: None,
            error: Some(Refusal { reason: error.reason().code(), message: error.to_string() }),
            micros,
        },
    }
}

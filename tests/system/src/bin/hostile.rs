//! Runs hostile cases one after the other and writes what went wrong, a line of JSON each; `cargo xtask fuzz` starts it.
//!
//! `hostile LAYER SEED FIRST STRIDE END PLACE [TOOL]` runs the cases FIRST, FIRST + STRIDE ... below END and keeps the number of the one
//! in hand at the start of the file PLACE, where its parent looks when this process hangs or dies. `hostile show LAYER SEED NUMBER [TOOL]`
//! prints a case, and `hostile send LAYER SEED COUNT [TOOL]` writes the cases below COUNT for somebody else to try, a line of JSON each
//! with every body in hexadecimal digits, since a broken one is no text.

use octavo_system_tests::clock::processor_time;
use octavo_system_tests::hostile::{Case, Corpus, Layer};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, str::FromStr, thread};

/// About what V8 gives a worker: what recurses too deeply there has to die here too.
const STACK_BYTES: usize = 1024 * 1024;
/// Cases that take longer than this on the processor are told.
const SLOW: Duration = Duration::from_millis(200);

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

fn main() -> ExitCode {
    let small = thread::Builder::new().stack_size(STACK_BYTES).spawn(work).expect("a thread");
    small.join().unwrap_or(ExitCode::FAILURE)
}

fn work() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["show", layer, seed, number, tool @ ..] => {
            let case = Corpus::new(tool.first().copied()).case(layer_of(layer), number_of(seed), number_of(number));
            tell(&shown(&case));
        }
        ["send", layer, seed, count, tool @ ..] => {
            let corpus = Corpus::new(tool.first().copied());
            if corpus.is_empty() {
                return ExitCode::FAILURE;
            }
            let (layer, seed) = (layer_of(layer), number_of(seed));
            for number in 0..number_of(count) {
                // Who reads may have seen enough.
                if writeln!(io::stdout(), "{}", sent(&corpus.case(layer, seed, number), number)).is_err() {
                    break;
                }
            }
        }
        [layer, seed, first, stride, end, place, tool @ ..] => {
            let corpus = Corpus::new(tool.first().copied());
            if corpus.is_empty() {
                tell(&json!({ "what": "no such tool" }));
                return ExitCode::FAILURE;
            }
            let mut place = File::create(place).expect("the file for the number in hand");
            panic::set_hook(Box::new(|info| PANIC.with(|kept| *kept.borrow_mut() = info.to_string())));
            let (layer, seed, end) = (layer_of(layer), number_of(seed), number_of(end));
            let stride: usize = number_of(stride);
            let end: u64 =
                corpus.count(layer).and_then(|count| count.try_into().ok()).map_or(end, |count: u64| count.min(end));
            for number in (number_of::<u64>(first)..end).step_by(stride) {
                place.rewind().and_then(|()| place.write_all(&number.to_le_bytes())).expect("the number in hand");
                let case = corpus.case(layer, seed, number);
                run(&case, number);
            }
        }
        _ => panic!(
            "hostile LAYER SEED FIRST STRIDE END PLACE [TOOL], hostile show LAYER SEED NUMBER [TOOL], or hostile send LAYER SEED COUNT [TOOL]"
        ),
    }
    ExitCode::SUCCESS
}

fn run(case: &Case, number: u64) {
    let before = processor_time();
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| case.fault()));
    let took = processor_time().saturating_sub(before);
    let what = match outcome {
        Err(_) => Some(PANIC.with(RefCell::take)),
        Ok(fault) => fault,
    };
    if what.is_some() || took > SLOW {
        tell(&json!({ "number": number, "name": case.name(), "ms": took.as_millis(), "what": what }));
    }
}

fn shown(case: &Case) -> Value {
    match case {
        Case::Call { tool, body } => json!({ "tool": tool, "body": String::from_utf8_lossy(body) }),
        Case::Request { path, headers, body } => {
            json!({ "path": path, "headers": headers, "body": String::from_utf8_lossy(body) })
        }
        Case::Query { path, parameters } => json!({ "path": path, "parameters": parameters }),
        Case::Events(events) => json!({ "events": events }),
        Case::Direct { place, text } => json!({ "tool": place.tool, "pointer": place.pointer, "text": text }),
    }
}

// A case as a request.
fn sent(case: &Case, number: u64) -> Value {
    let mut request = match case {
        Case::Call { body, .. } => {
            json!({ "path": "/mcp", "headers": "content-type:application/json\n", "body": hex(body) })
        }
        Case::Request { path, headers, body } => json!({ "path": path, "headers": headers, "body": hex(body) }),
        Case::Query { path, parameters } => json!({ "query": path, "parameters": parameters }),
        Case::Events(events) => json!({ "events": events }),
        Case::Direct { place, text } => {
            let params = json!({ "name": place.tool, "arguments": place.with(text) });
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
            json!({ "path": "/mcp", "headers": "content-type:application/json\n", "body": hex(body.as_bytes()) })
        }
    };
    request["number"] = number.into();
    request["name"] = case.name().into();
    request
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn tell(line: &Value) {
    writeln!(io::stdout(), "{line}").expect("standard output is open");
}

fn layer_of(word: &str) -> Layer {
    match word {
        "tools" => Layer::Tools,
        "doors" => Layer::Doors,
        "nesting" => Layer::Nesting,
        _ => panic!("the layers are tools, doors and nesting"),
    }
}

fn number_of<N: FromStr>(word: &str) -> N {
    word.parse().unwrap_or_else(|_| panic!("{word} is no number"))
}

//! What the platform gives: a clock, a console, word of a panic; and a call in the hands of a tool worker's shell.

use js_sys::Function;
use octavo_toolkit::work::{self, Service};
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static TAP: RefCell<Option<Function>> = const { RefCell::new(None) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = log)]
    fn console_log(line: &str);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(line: &str);
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;
}

/// Milliseconds since the Unix epoch. Between two awaits the platform's clock stands still.
pub fn clock() -> u64 {
    let now = date_now();
    // The clock is a non-negative whole number far below 2^53.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let now = now as u64;
    now
}

/// Prints one canonical log line, and hands it to the tap.
pub fn print_line(line: &str) {
    console_log(line);
    TAP.with_borrow(|tap| {
        if let Some(tap) = tap {
            // A tap that throws must not fail the call whose line this is.
            let _ = tap.call1(&JsValue::NULL, &line.into());
        }
    });
}

/// Where canonical lines go beside the console from now on: nowhere, unless the shell hands them to the tail worker itself.
#[wasm_bindgen]
pub fn tap_lines(tap: Option<Function>) {
    TAP.set(tap);
}

/// Says where a panic happened. In a debug build also what it said; in a release build not, since a message may quote the
/// caller's text.
pub fn report_panics() {
    if cfg!(debug_assertions) {
        console_error_panic_hook::set_once();
    } else {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map_or_else(String::new, ToString::to_string);
            console_error(&format!("panicked at {place}"));
        }));
    }
}

/// A call in the hands of the shell.
#[wasm_bindgen]
pub struct Job(Option<work::Job>);

impl Job {
    /// Takes a call on.
    pub fn begin(service: &dyn Service, body: &[u8], version: Option<&str>) -> Self {
        Self(Some(work::Job::begin(service, body, clock(), version)))
    }

    /// The frames of a call whose instance trapped.
    pub fn trapped(service: &dyn Service, body: &[u8], version: Option<&str>) -> Vec<u8> {
        let mut job = Self(Some(work::Job::trapped(service, body, clock(), version)));
        let frames = job.frames();
        job.close();
        frames
    }
}

#[wasm_bindgen]
impl Job {
    /// Does a part of the work and gives the frames it made.
    pub fn step(&mut self) -> Vec<u8> {
        if let Some(job) = &mut self.0 {
            job.step();
        }
        self.frames()
    }

    /// Does all of the work and gives its frames, where nobody listens in between.
    pub fn finish(&mut self) -> Vec<u8> {
        if let Some(job) = &mut self.0 {
            while !job.is_done() {
                job.step();
            }
        }
        self.frames()
    }

    /// Whether somebody listens in between.
    pub fn is_heard(&self) -> bool {
        self.0.as_ref().is_some_and(work::Job::is_heard)
    }

    /// Whether the reply was among the frames.
    pub fn is_done(&self) -> bool {
        self.0.as_ref().is_none_or(work::Job::is_done)
    }

    /// Milliseconds to wait before the next step.
    pub fn pause_ms(&self) -> u32 {
        self.0.as_ref().map_or(0, work::Job::pause_ms)
    }

    /// Prints the log line; work that is not done is dropped.
    pub fn close(&mut self) {
        if let Some(job) = self.0.take() {
            print_line(&job.close(clock()));
        }
    }

    fn frames(&mut self) -> Vec<u8> {
        self.0.as_mut().map_or_else(Vec::new, |job| job.take_frames().into_bytes())
    }
}

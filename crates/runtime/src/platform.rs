//! What the platform gives: a clock, a console, and word of a panic.

use wasm_bindgen::prelude::wasm_bindgen;

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

/// Prints one canonical log line.
pub fn print_line(line: &str) {
    console_log(line);
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

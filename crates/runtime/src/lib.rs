//! The one shared crate that touches the Workers platform: panic hook, clock, console, and a tool worker's exports.
//!
//! The shells around them are JavaScript modules under `js/`: one call from bytes to bytes on the hot path, and a fresh
//! instance after a trap. Natively this crate is empty.

#[cfg(target_arch = "wasm32")]
mod platform;
#[cfg(target_arch = "wasm32")]
pub use platform::{Job, clock, print_line, report_panics, tap_lines};

/// Exports a service as a tool worker: `begin` takes a call on as a [`Job`](platform::Job), `trapped` answers for an
/// instance that died, `digest` says what catalogue the worker was built with.
#[macro_export]
macro_rules! tool_worker {
    ($service:expr, $digest:expr) => {
        #[wasm_bindgen::prelude::wasm_bindgen(start)]
        fn start() {
            $crate::report_panics();
        }

        /// Takes a call on: request bytes in.
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn begin(body: &[u8], version: Option<String>) -> $crate::Job {
            $crate::Job::begin(&$service, body, version.as_deref())
        }

        /// The digest of its part of the catalogue.
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn digest() -> String {
            $digest.to_owned()
        }

        /// Answers a call whose instance trapped; its log line goes to the console.
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn trapped(body: &[u8], version: Option<String>) -> Vec<u8> {
            $crate::Job::trapped(&$service, body, version.as_deref())
        }
    };
}

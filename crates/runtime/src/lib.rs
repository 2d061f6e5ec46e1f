//! The one shared crate that touches the Workers platform: panic hook, clock, console, and a tool worker's two exports.
//!
//! The shells around them are JavaScript modules under `js/`: one call from bytes to bytes on the hot path, and a fresh
//! instance after a trap. Natively this crate is empty.

#[cfg(target_arch = "wasm32")]
mod platform;
#[cfg(target_arch = "wasm32")]
pub use platform::{clock, print_line, report_panics};

#[cfg(target_arch = "wasm32")]
pub use octavo_toolkit as toolkit;

/// Exports a registry as a tool worker: `call` answers a request's bytes, `trapped` answers for an instance that died.
#[macro_export]
macro_rules! tool_worker {
    ($registry:expr) => {
        #[wasm_bindgen::prelude::wasm_bindgen(start)]
        fn start() {
            $crate::report_panics();
        }

        /// Answers one call: request bytes in, frames out. The log line goes to the console.
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn call(body: &[u8], version: Option<String>) -> Vec<u8> {
            let served = $crate::toolkit::serve(&$registry, body, &$crate::clock, version.as_deref());
            $crate::print_line(&served.log_line);
            served.frames.into_bytes()
        }

        /// Answers a call whose instance trapped.
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub fn trapped(body: &[u8], version: Option<String>) -> Vec<u8> {
            let served = $crate::toolkit::trapped(&$registry, body, $crate::clock(), version.as_deref());
            $crate::print_line(&served.log_line);
            served.frames.into_bytes()
        }
    };
}

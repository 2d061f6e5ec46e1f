//! The gateway: MCP in, tool workers behind it.
//!
//! The core is synchronous and native: an [`Exchange`] takes a request's headers and body, says whether a tool worker must
//! be asked, takes the worker's answer, and holds the reply and the log line. `worker.rs` and `js/gateway.js` are the thin
//! platform around it. It links no tool: names and schemas come from the catalogue.

pub mod access;
pub mod blob;
pub mod breaker;
mod cache;
mod completion;
mod config;
mod convert;
mod era;
mod exchange;
pub mod fleet;
mod headers;
pub mod limit;
mod listen;
mod methods;
mod mirrored;
#[cfg(target_arch = "wasm32")]
mod object;
pub mod page;
mod prompts;
mod resources;
mod seal;
mod search;
pub mod session;
mod skills;
pub mod task;
#[cfg(target_arch = "wasm32")]
pub mod worker;

pub use config::{Bound, Config};
pub use convert::Failure;
pub use exchange::{Arrival, Delivery, Exchange, Forward, MAX_BATCH, Reply, TaskAnswer};

/// Largest body of a request, in bytes; longer texts come by handle.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

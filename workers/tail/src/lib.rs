//! The tail worker: every worker's log lines in KV, and the operators' questions about them.
//!
//! Ingest and queries are synchronous and native; `worker.rs` is the platform around them. The worker has no tail consumer
//! and prints no canonical line of its own, so nothing feeds back.

pub mod ingest;
pub mod keys;
pub mod query;
#[cfg(target_arch = "wasm32")]
pub mod worker;

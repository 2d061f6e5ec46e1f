//! The tail worker: every worker's log lines in KV, and the operators' questions about them.
//!
//! Ingest ([`ingest`], [`buffer`], [`segment`]), the minutely work ([`cron`], [`rollup`], [`sketch`]), queries ([`api`],
//! [`query`], [`scan`], [`timeline`], [`summary`], [`live`]; of agents [`agent`]) and what goes elsewhere ([`analytics`],
//! [`otlp`]) are native, over a [`store`] that may be KV or memory; `worker.rs` is the platform around them. The worker has no tail consumer and prints no canonical line of its own, so
//! nothing feeds back.

pub mod access;
pub mod agent;
pub mod analytics;
pub mod api;
pub mod buffer;
pub mod config;
pub mod cron;
pub mod ingest;
pub mod keys;
pub mod live;
pub mod otlp;
pub mod page;
pub mod query;
pub mod rollup;
pub mod scan;
pub mod segment;
pub mod sketch;
pub mod store;
pub mod summary;
pub mod timeline;
#[cfg(target_arch = "wasm32")]
pub mod worker;

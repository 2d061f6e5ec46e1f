//! JSON-RPC 2.0 and MCP on the wire: envelope, versions, errors, request metadata, results, SSE framing.
//!
//! Knows nothing of Octavo, HTTP servers or Workers; depends on serde, `serde_json` and thiserror only. Ids, progress
//! tokens, arguments and schemas are raw JSON throughout, so that they come back byte for byte.

mod envelope;
mod error;
mod headers;
mod meta;
mod result;
mod sse;
mod time;
mod version;

pub use envelope::{Envelope, Message, Request, parse};
pub use error::{ErrorCode, RpcError, error_response};
pub use headers::decode_name;
pub use meta::{ClaimError, ClientInfo, Meta, Params, declares_extension};
pub use result::{
    CacheScope, Content, Implementation, call_result, complete_result, discover_result, empty_result,
    initialize_result, input_required_result, list_changed, log_notification, progress_notification, response,
    subscription_acknowledged, subscription_ended, task_notification, task_result, with_server_info,
};
pub use sse::event;
pub use time::timestamp;
pub use version::{MODERN, Version};

//! Stands in for `web-time`: the standard library's types, without an import from JavaScript.
//!
//! A tool reads no clock (see `toolkit::Tool`), so nothing on the path of a call reaches these.

pub use std::time::*;

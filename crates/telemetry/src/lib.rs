//! What every worker says about a call, and how calls are joined: the canonical log line and the trace context.
//!
//! One invocation prints one line. A line holds names, numbers and digests; nothing a caller sent is in it, except the
//! client's own name and version, cut and stripped. Invariant: a line is at most [`MAX_LINE_BYTES`] long.

mod line;
mod redact;
mod trace;

pub use line::{Kind, LogLine, MARKER, MAX_LINE_BYTES, Status, VERSION};
pub use redact::{MAX_LABEL_CHARS, MAX_SCRUBBED_CHARS, label, scrub};
pub use trace::{IdSource, SpanId, TraceContext, TraceId};

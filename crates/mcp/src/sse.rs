//! Server-sent events.

/// One `message` event. JSON from serde has no raw line breaks, so one `data` line holds it.
pub fn event(json: &str) -> String {
    debug_assert!(!json.contains('\n'));
    format!("event: message\ndata: {json}\n\n")
}

//! Server-sent events.

use std::borrow::Cow;

/// One `message` event. Its `data` line would end at any line break: JSON has them between its tokens alone, where a space does as
/// well. Octavo's own JSON has none, but what a worker answers goes through as it is.
pub fn event(json: &str) -> String {
    let has = |sign: u8| json.as_bytes().contains(&sign);
    let line = if has(b'\r') || has(b'\n') { Cow::Owned(json.replace(['\r', '\n'], " ")) } else { Cow::Borrowed(json) };
    format!("event: message\ndata: {line}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_one_line_of_data() {
        assert_eq!(event("{}"), "event: message\ndata: {}\n\n");
        assert_eq!(event("{\"a\"\r\n:\r1}"), "event: message\ndata: {\"a\"  : 1}\n\n");
    }
}

//! The layout of the KV namespace; no other file knows a key.
//!
//! `l/{T}/{span}`: one log line. `T` is 11 hexadecimal digits of `0xfffffffffff - ms`, so that keys sort newest first and
//! every prefix is a stretch of time. The span id makes the key the line's own: the same line delivered twice is kept once.
//! The line stands in the key's metadata, so that one `list` answers a query without a read; [`MAX_METADATA_BYTES`] is the
//! platform's limit, and a longer line stands in the value.

use octavo_telemetry::LogLine;

/// Prefix of all log lines.
pub const LINES: &str = "l/";

/// Longest metadata of a key, in bytes, as the platform has it.
pub const MAX_METADATA_BYTES: usize = 1024;

const NEWEST: u64 = 0xfff_ffff_ffff;

/// The key of a line.
pub fn of_line(line: &LogLine<'_>) -> String {
    let inverted = NEWEST.saturating_sub(line.ts);
    // Ids come from our own workers, but a key must hold whatever they send.
    let span: String = line.span_id.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    format!("{LINES}{inverted:011x}/{span}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_telemetry::Kind;

    fn key(ts: u64, span: &str) -> String {
        of_line(&LogLine::new("octavo-x", Kind::Tool, ts, "t".into(), span.to_owned().into()))
    }

    #[test]
    fn newer_lines_sort_first() {
        assert!(key(1_790_000_000_001, "a") < key(1_790_000_000_000, "a"));
        assert!(key(0, "a") > key(u64::MAX, "a"));
    }

    #[test]
    fn keys_are_plain_and_bounded() {
        assert_eq!(key(0, "00ff/../\u{e9}00ff"), "l/fffffffffff/00ff00ff");
        assert!(key(u64::MAX, &"f".repeat(1000)).len() <= 512);
    }
}

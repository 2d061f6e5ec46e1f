//! From tail events to log lines.
//!
//! Takes the events as JSON, already cut to an allow-list by the shell, and finds the canonical lines in them. Everything
//! else (free text, exception messages, other workers' output) is counted and dropped.

use octavo_telemetry::{Kind, LogLine};
use serde::Deserialize;
use serde_json::Value;

/// What one batch of events came to.
#[derive(Debug, Default, PartialEq)]
pub struct Ingested {
    /// The canonical lines, in order, operators' own requests left out.
    pub lines: Vec<LogLine<'static>>,
    /// Console messages that are no canonical line.
    pub dropped: usize,
}

// Only what is read; every member may be missing, of another type, or null.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    logs: Vec<Value>,
}

/// Finds the canonical lines in a batch of tail events. Malformed items are skipped, never an error.
pub fn ingest(events: &str) -> Ingested {
    let mut ingested = Ingested::default();
    let events: Vec<Value> = serde_json::from_str(events).unwrap_or_default();
    for event in events {
        let event = Event::deserialize(event).unwrap_or_default();
        for log in &event.logs {
            // In a local fleet the first argument may be a prefix, so every argument is looked at.
            let arguments = log.get("message").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            match arguments.iter().filter_map(Value::as_str).find_map(LogLine::parse) {
                Some(line) if line.kind == Kind::Ops => {}
                Some(line) => ingested.lines.push(line),
                None => ingested.dropped += 1,
            }
        }
    }
    ingested
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(kind: Kind) -> String {
        LogLine::new("octavo-docker", kind, 5, "t".into(), "s".into()).to_json()
    }

    #[test]
    fn finds_lines_wherever_they_stand() {
        let events = json!([
            {"scriptName": null, "logs": [{"message": [line(Kind::Tool)]}, {"message": ["[gw]", line(Kind::Mcp)]}]},
            {"logs": [{"message": ["hello"]}, {"message": [{"a": 1}]}, {"message": [line(Kind::Ops)]}]},
        ]);
        let ingested = ingest(&events.to_string());
        assert_eq!(ingested.lines.iter().map(|line| line.kind).collect::<Vec<_>>(), [Kind::Tool, Kind::Mcp]);
        assert_eq!(ingested.dropped, 2);
    }

    #[test]
    fn malformed_batches_are_survived() {
        for events in [
            "",
            "null",
            "{}",
            "[1,null,{}]",
            r#"[{"logs":5}]"#,
            r#"[{"logs":[null,{"message":"x"},{"message":[null]}]}]"#,
        ] {
            assert!(ingest(events).lines.is_empty(), "{events}");
        }
    }
}

//! From tail events to log lines.
//!
//! Takes the events as JSON, already cut to an allow-list by the shell, and finds the canonical lines in them. What the
//! platform says of an invocation (outcome, processor time) joins its line; an invocation that failed without a line gets
//! one. Everything else (free text, other workers' output) is counted by reason and dropped.

use octavo_category::GATEWAY_WORKER;
use octavo_telemetry::{Kind, LogLine, Status, scrub};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest push, in bytes: some thirty of the longest lines.
pub const MAX_PUSH_BYTES: usize = 256 * 1024;

/// Why something was not kept, by its word.
pub type Drops = BTreeMap<String, u64>;

/// What one batch of events came to.
#[derive(Debug, Default, PartialEq)]
pub struct Ingested {
    /// The canonical lines, in order, operators' own requests left out.
    pub lines: Vec<LogLine<'static>>,
    /// Console messages that are no canonical line.
    pub dropped: usize,
    /// Everything dropped, by reason.
    pub drops: Drops,
}

impl Ingested {
    fn drop(&mut self, reason: &str) {
        self.lost(reason, 1);
    }

    /// Counts what was lost on the way here.
    pub fn lost(&mut self, reason: &str, count: u64) {
        if count > 0 {
            *self.drops.entry(reason.to_owned()).or_default() += count;
        }
    }
}

/// Finds the canonical lines in a batch of tail events. Malformed items are skipped and counted, never an error.
pub fn ingest(events: &str) -> Ingested {
    let mut ingested = Ingested::default();
    match serde_json::from_str(events) {
        Ok(Value::Array(events)) => events.iter().for_each(|event| take(event, &mut ingested)),
        _ => ingested.drop("malformed"),
    }
    ingested
}

/// Finds the canonical lines of a push, one a line of text: what a gateway hands over where the platform has no tail workers.
/// One that is too long is no gateway's, and its lines are counted only.
pub fn ingest_push(push: &[u8]) -> Ingested {
    let mut ingested = Ingested::default();
    if push.len() > MAX_PUSH_BYTES {
        let lines = push.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        ingested.lost("push_too_large", lines as u64);
        return ingested;
    }
    let Ok(text) = std::str::from_utf8(push) else {
        ingested.drop("malformed");
        return ingested;
    };
    for text in text.lines().filter(|text| !text.is_empty()) {
        match LogLine::parse(text) {
            Some(line) if line.kind == Kind::Ops => {}
            Some(mut line) => {
                line.msg = line.msg.map(|msg| scrub(&msg).into());
                ingested.lines.push(line);
            }
            None => {
                ingested.dropped += 1;
                ingested.drop("not_canonical");
            }
        }
    }
    ingested
}

fn take(event: &Value, ingested: &mut Ingested) {
    if !event.is_object() {
        return ingested.drop("malformed");
    }
    if event.get("truncated").and_then(Value::as_bool) == Some(true) {
        ingested.drop("truncated");
    }
    let mut lines = 0_usize;
    let mut platform = Some(Platform::of(event));
    for log in array(event, "logs") {
        // In a local fleet the first argument may be a prefix, so every argument is looked at.
        let arguments = array(log, "message");
        match arguments.iter().filter_map(Value::as_str).find_map(LogLine::parse) {
            Some(line) if line.kind == Kind::Ops => lines += 1,
            Some(mut line) => {
                lines += 1;
                line.msg = line.msg.map(|msg| scrub(&msg).into());
                if let Some(platform) = platform.take() {
                    platform.join(&mut line);
                }
                ingested.lines.push(line);
            }
            None => {
                ingested.dropped += 1;
                ingested.drop("not_canonical");
            }
        }
    }
    if lines == 0 {
        match platform.take().and_then(|platform| platform.line(event)) {
            Some(Ok(line)) => ingested.lines.push(line),
            Some(Err(reason)) => ingested.drop(reason),
            None => {}
        }
    }
}

/// What the platform says of an invocation.
struct Platform {
    outcome: Option<String>,
    cpu_ms: Option<u64>,
    wall_ms: Option<u64>,
}

impl Platform {
    fn of(event: &Value) -> Self {
        // A local fleet has no such clocks and says 0.
        let millis = |name| event.get(name).and_then(Value::as_f64).filter(|ms| *ms > 0.0).map(|ms| ms.min(1e12));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds, see above")]
        let whole = |ms: Option<f64>| ms.map(|ms| ms.round() as u64);
        let outcome = event.get("outcome").and_then(Value::as_str);
        // A word of the platform's; anything longer is something else.
        let word = outcome.filter(|word| word.len() <= 32 && word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        Self {
            outcome: word.filter(|word| *word != "ok").map(str::to_owned),
            cpu_ms: whole(millis("cpuTime")),
            wall_ms: whole(millis("wallTime")),
        }
    }

    // How the outcome counts; nothing where it says nothing.
    fn status(&self) -> Option<Status> {
        match self.outcome.as_deref()? {
            "canceled" | "responseStreamDisconnected" => Some(Status::Disconnect),
            "exceededCpu" | "exceededMemory" | "exceededWallTime" | "loadShed" => Some(Status::Limit),
            "unknown" => None,
            _ => Some(Status::Exception),
        }
    }

    fn join(self, line: &mut LogLine<'static>) {
        if line.status == Status::Ok
            && let Some(status) = self.status().filter(|status| status.is_error())
        {
            line.status = status;
            line.error_type = self.outcome.clone().map(Into::into);
        }
        line.outcome = self.outcome.map(Into::into);
        line.cpu_ms = self.cpu_ms;
        line.wall_ms = self.wall_ms;
    }

    // The line of an invocation that failed before it could print one; a reason when it is not worth one.
    fn line(self, event: &Value) -> Option<Result<LogLine<'static>, &'static str>> {
        let status = self.status()?;
        if !status.is_error() {
            // Operators close their live feeds this way, and those are not to fill the log.
            return Some(Err("disconnect_without_line"));
        }
        let named = event.get("scriptName").and_then(Value::as_str);
        let worker = named.filter(|name| name.starts_with("octavo-") && name.len() <= 40).unwrap_or("octavo-unknown");
        let kind = if worker == GATEWAY_WORKER { Kind::Mcp } else { Kind::Tool };
        let ts = event.get("eventTimestamp").and_then(Value::as_f64).filter(|ms| *ms > 0.0).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded")]
        let ts = ts.min(1e13) as u64;
        let exception = array(event, "exceptions").first();
        let text = |name| exception.and_then(|exception| exception.get(name)).and_then(Value::as_str);
        let said = format!("{}: {}", text("name").unwrap_or("Error"), text("message").unwrap_or_default());
        let id = mixed(&[worker, &ts.to_string(), self.outcome.as_deref().unwrap_or_default(), &said]);
        let span = format!("{id:016x}");
        let mut line = LogLine::new("", kind, ts, format!("{span}{span}").into(), span.clone().into());
        line.worker = worker.to_owned().into();
        line.status = status;
        line.error_type = self.outcome.clone().map(Into::into);
        line.msg = exception.map(|_| scrub(&said).into());
        line.outcome = self.outcome.map(Into::into);
        line.cpu_ms = self.cpu_ms;
        line.wall_ms = self.wall_ms;
        Some(Ok(line))
    }
}

fn array<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// FNV-1a over some words: an id, no secret.
pub(crate) fn mixed(words: &[&str]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(kind: Kind) -> String {
        LogLine::new("octavo-docker", kind, 5, "t".into(), "s".into()).to_json()
    }

    fn reasons(ingested: &Ingested) -> Vec<(&str, u64)> {
        ingested.drops.iter().map(|(reason, count)| (reason.as_str(), *count)).collect()
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
        assert_eq!(reasons(&ingested), [("not_canonical", 2)]);
    }

    #[test]
    fn malformed_batches_are_survived_and_counted() {
        for (events, drops) in [
            ("", 1),
            ("null", 1),
            ("{}", 1),
            ("[1,null,{}]", 2),
            (r#"[{"logs":5,"outcome":{},"cpuTime":"x","exceptions":[null],"scriptName":[]}]"#, 0),
            (r#"[{"logs":[null,{"message":"x"},{"message":[null]}]}]"#, 3),
            (r#"[{"outcome":"canceled","truncated":true,"logs":[]}]"#, 2),
            (r#"[{"cpuTime":-1e308,"wallTime":1e308,"eventTimestamp":1e308,"outcome":"ok"}]"#, 0),
        ] {
            let ingested = ingest(events);
            assert!(ingested.lines.is_empty(), "{events}");
            assert_eq!(ingested.drops.values().sum::<u64>(), drops, "{events}");
        }
    }

    #[test]
    fn pushed_lines_are_read_like_printed_ones() {
        let mut said = LogLine::new("octavo-docker", Kind::Tool, 5, "t".into(), "s".into());
        said.msg = Some("mail a@b.ch".into());
        let text = format!("{}\n\n{}\nhello\n{}", said.to_json(), line(Kind::Ops), line(Kind::Mcp));
        let ingested = ingest_push(text.as_bytes());
        assert_eq!(ingested.lines.iter().map(|line| line.kind).collect::<Vec<_>>(), [Kind::Tool, Kind::Mcp]);
        assert_eq!(ingested.lines[0].msg.as_deref(), Some("mail [..]"));
        assert_eq!(reasons(&ingested), [("not_canonical", 1)]);
    }

    #[test]
    fn a_push_is_taken_up_to_its_limit_and_counted_beyond() {
        let line = format!("{}\n", line(Kind::Mcp));
        let lines = line.repeat(3);
        let push = |bytes: usize| [lines.as_bytes(), &vec![b'\n'; bytes - lines.len()]].concat();
        assert_eq!(ingest_push(&push(MAX_PUSH_BYTES)).lines.len(), 3);
        for bytes in [MAX_PUSH_BYTES + 1, MAX_PUSH_BYTES * 100] {
            let ingested = ingest_push(&push(bytes));
            assert_eq!((ingested.lines.len(), reasons(&ingested)), (0, vec![("push_too_large", 3)]));
        }
        assert_eq!(reasons(&ingest_push(b"\xff\n")), [("malformed", 1)]);
    }

    #[test]
    fn what_the_platform_says_joins_the_line() {
        let events = json!([{"outcome": "exceededCpu", "cpuTime": 31.6, "wallTime": 40, "logs": [{"message": [line(Kind::Tool)]}]}]);
        let line = &ingest(&events.to_string()).lines[0];
        assert_eq!((line.status, line.cpu_ms, line.wall_ms), (Status::Limit, Some(32), Some(40)));
        assert_eq!(line.error_type.as_deref(), Some("exceededCpu"));
        let events = json!([{"outcome": "canceled", "cpuTime": 0, "logs": [{"message": [self::line(Kind::Tool)]}]}]);
        let line = &ingest(&events.to_string()).lines[0];
        assert_eq!((line.status, line.cpu_ms, line.outcome.as_deref()), (Status::Ok, None, Some("canceled")));
    }

    #[test]
    fn a_failure_without_a_line_gets_one_without_the_callers_words() {
        let events = json!([{"scriptName": "octavo-docker", "outcome": "exception", "eventTimestamp": 7, "logs": [],
            "exceptions": [{"name": "SyntaxError", "message": "Unexpected token 'c', \"canary-7f3a9c51\" is not valid JSON"}]}]);
        let ingested = ingest(&events.to_string());
        let line = &ingested.lines[0];
        assert_eq!((line.worker.as_ref(), line.status, line.ts), ("octavo-docker", Status::Exception, 7));
        assert_eq!(line.msg.as_deref(), Some("SyntaxError: Unexpected token [..], [..] is not valid JSON"));
        assert_eq!(line.trace_id.len(), 32);
        assert_eq!(ingest(&events.to_string()), ingested, "told again, it is the same line");
    }
}

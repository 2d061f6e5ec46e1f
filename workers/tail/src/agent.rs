//! What an agent may ask about its own calls: three tools that the gateway lists where operators' access is configured.
//!
//! The gateway asks under the same contract as a tool worker, and says in a header whose key the caller has. Invariant: every
//! line that leaves here is a gateway's line of that key, or a tool worker's line whose parent span is such a line. Arguments
//! choose among those only; a call without a key, or with a header that is no digest, gets nothing.

use crate::api::find_trace;
use crate::query::{Accepts, Ask, Cursor, Field, Filter, QueryError};
use crate::scan::{Search, find};
use crate::sketch::Sketch;
use crate::store::{Metered, Store, StoreError};
use octavo_rpc::{CallError, CallRequest, Frame, PRINCIPAL_DIGITS, Reason, Reply, VERSION};
use octavo_suggest::nearest;
use octavo_telemetry::{Kind, LogLine, Status};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const TOOLS: [&str; 3] = ["ops_recent_errors", "ops_trace", "ops_tool_metrics"];
/// How far back is looked without `since`.
const DEFAULT_MS: u64 = DAY_MS;
/// How far back may be looked at all.
const MAX_MS: u64 = 7 * DAY_MS;
/// Errors given when no number is asked for.
const DEFAULT_ERRORS: usize = 20;
/// Most errors given.
const MAX_ERRORS: usize = 100;
/// Most lines counted for one answer.
const MAX_COUNTED: usize = 5000;
/// Most bytes read for one answer: less than an operator's, since everybody with a key may ask.
pub const MAX_BYTES: u64 = 8 << 20;
/// Longest question, in bytes.
pub const MAX_CALL_BYTES: usize = 64 * 1024;
/// Longest argument, in bytes.
const MAX_TEXT_BYTES: usize = 128;

/// What is wrong with a call.
enum Fault {
    /// An argument: its pointer, and what is accepted.
    Argument(String, String),
    /// No key.
    NoKey,
    /// The store.
    Store,
}

impl From<StoreError> for Fault {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

struct Answer {
    text: String,
    data: Value,
}

/// Answers a call: `body` is a [`CallRequest`], `principal` the header's value. Gives frames, the reply last.
pub async fn answer(store: &impl Store, body: &[u8], principal: Option<&str>, now: u64) -> String {
    if body.len() > MAX_CALL_BYTES {
        let sentence = format!(
            "the call is {} bytes long, of at most {MAX_CALL_BYTES}; each argument takes at most {MAX_TEXT_BYTES}",
            body.len()
        );
        return failed(&sentence, Reason::InputTooLarge, None);
    }
    let request = serde_json::from_slice::<CallRequest<'_>>(body).ok().filter(|request| request.v == VERSION);
    let Some(request) = request else {
        return failed("the log does not understand the gateway's request", Reason::ToolFailed, None);
    };
    let store = Metered::new(store);
    match call(&store, &request, principal, now).await {
        Ok(Answer { text, data }) => {
            let cost = store.cost();
            let mut data = data;
            data["cost"] = json!({ "kvLists": cost.kv_lists, "kvReads": cost.kv_reads, "bytes": cost.bytes });
            let (text, structured) = (raw(&text), raw(&data));
            frame(Reply { text: Some(&text), structured: Some(&structured), ..Reply::default() })
        }
        Err(Fault::Argument(pointer, accepted)) => {
            let sentence = format!("`{pointer}` is not acceptable; accepted: {accepted}");
            failed(&sentence, Reason::InvalidArgument, Some(pointer))
        }
        Err(Fault::NoKey) => {
            let sentence = "the log is shown by key: send `Authorization: Bearer` with a key of your own, at least 16 \
                            characters, with every call; calls without one are nobody's";
            failed(sentence, Reason::InvalidArgument, None)
        }
        Err(Fault::Store) => failed("the log does not answer right now; try again", Reason::CategoryUnavailable, None),
    }
}

async fn call<S: Store>(
    store: &Metered<'_, S>,
    request: &CallRequest<'_>,
    principal: Option<&str>,
    now: u64,
) -> Result<Answer, Fault> {
    // Anything else is no digest of the gateway's, and would be a filter of somebody's own making.
    let is_digest = |text: &&str| {
        text.len() == PRINCIPAL_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let principal = principal.filter(is_digest).ok_or(Fault::NoKey)?;
    let own = Own { store, principal, now };
    match request.tool.as_ref() {
        "ops_recent_errors" => own.errors(&Arguments::read(request.arguments, &["since", "tool", "limit"])?).await,
        "ops_trace" => own.trace(&Arguments::read(request.arguments, &["traceId"])?).await,
        "ops_tool_metrics" => own.metrics(&Arguments::read(request.arguments, &["since", "tool"])?).await,
        _ => Err(Fault::Argument("name".into(), TOOLS.join(", "))),
    }
}

struct Arguments(Map<String, Value>);

impl Arguments {
    fn read(raw: &RawValue, accepted: &[&str]) -> Result<Self, Fault> {
        let Ok(Value::Object(fields)) = serde_json::from_str(raw.get()) else {
            return Err(Fault::Argument("/".into(), "an object".into()));
        };
        if let Some(unknown) = fields.keys().find(|name| !accepted.contains(&name.as_str())) {
            let hint = nearest(unknown, accepted.iter().copied());
            let hint = hint.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            return Err(Fault::Argument("/".into(), format!("{}{hint}", accepted.join(", "))));
        }
        Ok(Self(fields.into_iter().filter(|(_, value)| !value.is_null()).collect()))
    }

    fn text(&self, name: &str, accepted: &str) -> Result<Option<&str>, Fault> {
        let fault = || Fault::Argument(format!("/{name}"), accepted.to_owned());
        let text = self.0.get(name).map(|value| value.as_str().ok_or_else(fault)).transpose()?;
        match text {
            Some(text) if text.is_empty() || text.len() > MAX_TEXT_BYTES => Err(fault()),
            text => Ok(text),
        }
    }
}

/// The log, as far as it is one caller's.
struct Own<'a, 'm, S> {
    store: &'a Metered<'m, S>,
    principal: &'a str,
    now: u64,
}

impl<S: Store> Own<'_, '_, S> {
    // The time and the filter of a question. The principal's condition is the last word on every line.
    fn ask(&self, arguments: &Arguments) -> Result<(u64, Filter), Fault> {
        let times = "a time before now such as 15m, 2h or 3d, at most 7d";
        let since = match arguments.text("since", times)? {
            None => self.now.saturating_sub(DEFAULT_MS),
            Some(text) => {
                let asked = Ask::parse([("since", text)].into_iter(), Accepts::LINES, self.now);
                let fault = |_: QueryError| Fault::Argument("/since".into(), times.into());
                asked.map_err(fault)?.since.unwrap_or_default().max(self.now.saturating_sub(MAX_MS))
            }
        };
        let mut filter = Filter::default();
        filter.require(Field::Kind, Kind::Mcp.name());
        filter.require(Field::Principal, self.principal);
        match arguments.text("tool", "a tool's full name")? {
            Some(tool) => filter.require(Field::Tool, tool.trim_start_matches('!')),
            // Questions are not what is asked about.
            None => TOOLS.iter().for_each(|tool| filter.require(Field::Tool, &format!("!{tool}"))),
        }
        Ok((since, filter))
    }

    fn is_own(&self, line: &LogLine<'_>) -> bool {
        line.kind == Kind::Mcp && line.principal_hash.as_deref() == Some(self.principal)
    }

    async fn lines(&self, filter: &Filter, since: u64, limit: usize) -> Result<(Vec<LogLine<'static>>, bool), Fault> {
        let (mut lines, mut cursor): (Vec<LogLine<'static>>, Option<Cursor>) = (Vec::new(), None);
        loop {
            let page = (limit - lines.len()).min(crate::query::MAX_LIMIT);
            let left = MAX_BYTES.saturating_sub(self.store.cost().bytes);
            let search =
                Search { filter, since, until: self.now, cursor: cursor.as_ref(), limit: page, max_bytes: left };
            let found = find(self.store, &search).await?;
            lines.extend(found.lines.into_iter().filter(|line| self.is_own(line)));
            cursor = found.next;
            if cursor.is_none() || !found.complete || lines.len() >= limit || left == 0 {
                return Ok((lines, cursor.is_none() && found.complete));
            }
        }
    }

    async fn errors(&self, arguments: &Arguments) -> Result<Answer, Fault> {
        let limit = match arguments.0.get("limit") {
            None => DEFAULT_ERRORS,
            Some(limit) => {
                let limit = limit.as_u64().and_then(|limit| usize::try_from(limit).ok());
                let accepted = || Fault::Argument("/limit".into(), format!("a whole number from 1 to {MAX_ERRORS}"));
                limit.filter(|limit| (1..=MAX_ERRORS).contains(limit)).ok_or_else(accepted)?
            }
        };
        let (since, mut filter) = self.ask(arguments)?;
        filter.require(Field::Status, "error");
        let (lines, complete) = self.lines(&filter, since, limit).await?;
        let mut text = match lines.len() {
            0 => format!("no errors of your calls since {}", time(since)),
            1 => format!("1 error of your calls since {}", time(since)),
            count => format!("{count} errors of your calls since {}, newest first", time(since)),
        };
        for line in &lines {
            let word = line.error_type.as_deref().unwrap_or_default();
            let what = line.tool.as_deref().or(line.method.as_deref()).unwrap_or_default();
            let said = line.msg.as_deref().unwrap_or_default();
            let _ = write!(text, "\n- {} {what}: {} {word} {said}", time(line.ts), line.status.name());
            let _ = write!(text, " ({} ms, trace {})", line.dur_ms, line.trace_id);
        }
        text.push_str(rest(complete, lines.len() >= limit));
        let errors: Vec<Value> = lines.iter().map(shown).collect();
        Ok(Answer { text, data: json!({ "since": since, "complete": complete, "errors": errors }) })
    }

    async fn trace(&self, arguments: &Arguments) -> Result<Answer, Fault> {
        let accepted = "32 lower-case hexadecimal digits, as the traceparent of an answer has them";
        let id = arguments
            .text("traceId", accepted)?
            .filter(|id| id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
        let id = id.ok_or_else(|| Fault::Argument("/traceId".into(), accepted.into()))?;
        let found = find_trace(self.store, id, None, self.now, self.now, MAX_BYTES).await?;
        // A trace's id is the client's choice, so that two callers may have the same; each sees the spans under its own calls.
        let own: BTreeSet<String> =
            found.lines.iter().filter(|line| self.is_own(line)).map(|line| line.span_id.to_string()).collect();
        let under = |line: &LogLine<'_>| {
            line.kind == Kind::Tool && line.parent_id.as_deref().is_some_and(|parent| own.contains(parent))
        };
        let lines: Vec<&LogLine<'static>> =
            found.lines.iter().filter(|line| self.is_own(line) || under(line)).collect();
        let Some(start) = lines.first().map(|line| line.ts) else {
            // The same words whether it is nobody's or somebody else's.
            let text = format!("no call of yours has the trace {id} in the last day, or its lines are not written yet");
            return Ok(Answer { text, data: json!({ "traceId": id, "complete": found.complete, "spans": [] }) });
        };
        let mut text = format!("trace {id}, {}", time(start));
        for line in &lines {
            let indent = if own.contains(line.span_id.as_ref()) { "" } else { "  " };
            let what = line.tool.as_deref().or(line.method.as_deref()).unwrap_or_default();
            let word = line.error_type.as_deref().map(|word| format!(" {word}")).unwrap_or_default();
            let _ = write!(
                text,
                "\n{indent}- +{} ms {} {what}: {}{word}",
                line.ts - start,
                line.worker,
                line.status.name()
            );
            let _ = write!(text, ", {} ms, {} bytes in, {} out", line.dur_ms, line.in_bytes, line.out_bytes);
        }
        let spans: Vec<Value> = lines.iter().map(|line| shown(line)).collect();
        Ok(Answer { text, data: json!({ "traceId": id, "complete": found.complete, "spans": spans }) })
    }

    async fn metrics(&self, arguments: &Arguments) -> Result<Answer, Fault> {
        let (since, mut filter) = self.ask(arguments)?;
        filter.require(Field::Method, "tools/call");
        let (lines, complete) = self.lines(&filter, since, MAX_COUNTED).await?;
        let mut tools: BTreeMap<String, Figures> = BTreeMap::new();
        for line in &lines {
            tools.entry(line.tool.as_deref().unwrap_or("unknown").to_owned()).or_default().add(line);
        }
        let mut rows: Vec<(String, Figures)> = tools.into_iter().collect();
        rows.sort_by(|a, b| b.1.calls.cmp(&a.1.calls).then_with(|| a.0.cmp(&b.0)));
        let mut text = match lines.len() {
            0 => format!("no calls of yours since {}", time(since)),
            1 => format!("1 call of yours since {}", time(since)),
            count => format!("{count} calls of yours since {}, by tool", time(since)),
        };
        for (tool, figures) in &rows {
            let _ = write!(text, "\n- {tool}: {} calls, {} failed", figures.calls, figures.errors);
            for (word, count) in &figures.reasons {
                let _ = write!(text, ", {count} {word}");
            }
            let at = |q| figures.durations.quantile(q).unwrap_or_default();
            let _ = write!(text, "; p50 {} ms, p95 {} ms, slowest {} ms", at(0.5), at(0.95), figures.slowest);
        }
        text.push_str(rest(complete, lines.len() >= MAX_COUNTED));
        let rows: Vec<Value> = rows.iter().map(|(tool, figures)| figures.row(tool)).collect();
        Ok(Answer { text, data: json!({ "since": since, "complete": complete, "calls": lines.len(), "tools": rows }) })
    }
}

#[derive(Default)]
struct Figures {
    calls: u64,
    errors: u64,
    reasons: BTreeMap<String, u64>,
    durations: Sketch,
    slowest: u64,
    in_bytes: u64,
    out_bytes: u64,
}

impl Figures {
    fn add(&mut self, line: &LogLine<'_>) {
        self.calls += 1;
        if line.status.is_error() {
            self.errors += 1;
            let word = line.error_type.as_deref().unwrap_or(line.status.name());
            *self.reasons.entry(word.to_owned()).or_default() += 1;
        }
        self.durations.add(line.dur_ms);
        self.slowest = self.slowest.max(line.dur_ms);
        self.in_bytes = self.in_bytes.saturating_add(line.in_bytes);
        self.out_bytes = self.out_bytes.saturating_add(line.out_bytes);
    }

    fn row(&self, tool: &str) -> Value {
        let at = |q| self.durations.quantile(q);
        json!({
            "tool": tool, "calls": self.calls, "errors": self.errors, "reasons": self.reasons,
            "p50Ms": at(0.5), "p95Ms": at(0.95), "slowestMs": self.slowest,
            "inBytes": self.in_bytes, "outBytes": self.out_bytes,
        })
    }
}

fn rest(complete: bool, full: bool) -> &'static str {
    match (complete, full) {
        (true, _) => "",
        (false, true) => "\nthere are older ones; narrow with `since` or `tool`",
        (false, false) => "\nnot everything was looked at; narrow with `since` or `tool`",
    }
}

// What an agent sees of a line: what was done and how it went, no digests.
fn shown(line: &LogLine<'static>) -> Value {
    let status: Status = line.status;
    let pairs = [
        ("ts", json!(line.ts)),
        ("worker", json!(line.worker)),
        ("method", json!(line.method)),
        ("tool", json!(line.tool)),
        ("status", json!(status.name())),
        ("errorType", json!(line.error_type)),
        ("rpcCode", json!(line.rpc_code)),
        ("durMs", json!(line.dur_ms)),
        ("inBytes", json!(line.in_bytes)),
        ("outBytes", json!(line.out_bytes)),
        ("client", json!(line.client)),
        ("protocol", json!(line.protocol)),
        ("msg", json!(line.msg)),
        ("traceId", json!(line.trace_id)),
        ("spanId", json!(line.span_id)),
        ("parentId", json!(line.parent_id)),
    ];
    Value::Object(
        pairs.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect(),
    )
}

// A time in UTC, as RFC 3339 writes it, to the second.
fn time(ms: u64) -> String {
    let (days, seconds) = (ms / DAY_MS, ms % DAY_MS / 1000);
    // Hinnant, "chrono-compatible low-level date algorithms": years begin in March.
    let since_march = days + 719_468;
    let (era, day) = (since_march / 146_097, since_march % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + carry;
    format!("{year:04}-{month:02}-{of_month:02}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn failed(sentence: &str, reason: Reason, path: Option<String>) -> String {
    let text = raw(&sentence);
    let retryable = reason == Reason::CategoryUnavailable;
    let error = CallError { reason, retryable, path, retry_after_ms: retryable.then_some(5000) };
    frame(Reply { text: Some(&text), error: Some(error), ..Reply::default() })
}

fn raw(value: &impl serde::Serialize) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn frame(reply: Reply<'_>) -> String {
    serde_json::to_string(&Frame::Reply(reply)).map(|frame| frame + "\n").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_read_them() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59Z"),
            (1_790_000_000_000, "2026-09-21T14:13:20Z"),
            (4_102_444_799_000, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(time(ms), text);
        }
    }
}

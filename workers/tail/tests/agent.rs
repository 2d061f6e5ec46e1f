//! An agent's questions about its own calls: two callers share a log, a trace and a tool, and neither sees the other, whatever
//! it asks.

use octavo_rpc::{Frame, PRINCIPAL_DIGITS};
use octavo_tail::agent::{self, MAX_CALL_BYTES};
use octavo_tail::keys;
use octavo_tail::segment::Segment;
use octavo_tail::store::{MemoryStore, Store, ready};
use octavo_telemetry::{Kind, LogLine, Status};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const T0: u64 = 1_790_000_400_000;

fn principal(of: char) -> String {
    std::iter::repeat_n(of, PRINCIPAL_DIGITS).collect()
}

/// A log of calls by several callers: `a`, `b`, and some without a key. Every tenth call fails.
struct Log {
    store: MemoryStore,
    lines: Vec<LogLine<'static>>,
}

impl Log {
    fn of(calls: u64) -> Self {
        let store = MemoryStore::default();
        let mut lines = Vec::new();
        for at in 0..calls {
            let ts = T0 - at * 500;
            // Each third call takes the trace that somebody else used.
            let trace =
                if at % 3 == 0 { "4bf92f3577b34da6a3ce929d0e0e4736".to_owned() } else { format!("{ts:012x}{at:020x}") };
            let span = format!("a{at:015x}");
            let mut front = LogLine::new("octavo-gateway", Kind::Mcp, ts, trace.clone().into(), span.into());
            front.method = Some("tools/call".into());
            front.tool = Some(["docker_lint_dockerfile", "python_lint_code"][(at % 2) as usize].into());
            front.principal_hash = match at % 5 {
                0 | 1 => Some(principal('a').into()),
                2 | 3 => Some(principal('b').into()),
                _ => None,
            };
            front.dur_ms = at % 100;
            front.session_hash = Some("session".into());
            if at % 10 < 3 {
                front.status = Status::ToolError;
                front.error_type = Some("invalid_argument".into());
            }
            let mut leaf = LogLine::new("octavo-docker", Kind::Tool, ts, trace.into(), format!("b{at:015x}").into());
            leaf.parent_id = Some(front.span_id.clone());
            leaf.tool.clone_from(&front.tool);
            lines.extend([front, leaf]);
        }
        for (number, chunk) in lines.chunks(150).enumerate() {
            let segment = Segment::of(&chunk.iter().collect::<Vec<_>>()).expect("lines");
            let key = keys::raw(segment.facets.t1, 7, u32::try_from(number).expect("few"));
            ready(store.write(&key, &segment.value, &segment.metadata(), 600)).expect("room");
        }
        Self { store, lines }
    }

    fn ask(&self, tool: &str, arguments: &Value, principal: Option<&str>) -> (String, Option<Value>, Option<Value>) {
        let body = json!({ "v": 2, "tool": tool, "arguments": arguments, "trace": {} }).to_string();
        let frames = ready(agent::answer(&self.store, body.as_bytes(), principal, T0 + 1000));
        let Ok(Frame::Reply(reply)) = serde_json::from_str(frames.trim()) else { panic!("{frames}") };
        let text: String = serde_json::from_str(reply.text.expect("a text").get()).expect("a string");
        let data = reply.structured.map(|raw| serde_json::from_str(raw.get()).expect("JSON"));
        (text, data, reply.error.map(|error| json!(error)))
    }

    // Spans that a caller may see at all.
    fn own(&self, of: char) -> BTreeSet<String> {
        let is_own = |line: &&LogLine<'_>| line.principal_hash.as_deref() == Some(principal(of).as_str());
        let fronts: BTreeSet<&str> = self.lines.iter().filter(is_own).map(|line| line.span_id.as_ref()).collect();
        let under = |line: &&LogLine<'_>| line.parent_id.as_deref().is_some_and(|parent| fronts.contains(parent));
        let spans = fronts.iter().map(ToString::to_string);
        spans.chain(self.lines.iter().filter(under).map(|line| line.span_id.to_string())).collect()
    }
}

fn spans_in(data: &Value) -> Vec<String> {
    let rows = data["errors"].as_array().or(data["spans"].as_array()).expect("rows");
    rows.iter().map(|row| row["spanId"].as_str().expect("a span").to_owned()).collect()
}

#[test]
fn each_caller_gets_all_of_its_own_and_nothing_else() {
    let log = Log::of(600);
    for of in ['a', 'b'] {
        let own = log.own(of);
        let caller = principal(of);
        let count = |holds: &dyn Fn(&LogLine<'_>) -> bool| {
            log.lines
                .iter()
                .filter(|line| line.kind == Kind::Mcp && own.contains(line.span_id.as_ref()) && holds(line))
                .count()
        };
        let (text, data, _) = log.ask("ops_recent_errors", &json!({ "limit": 100 }), Some(&caller));
        let data = data.expect("data");
        let errors = count(&|line| line.status.is_error());
        assert_eq!(spans_in(&data).len(), errors.min(100), "{text}");
        assert!(spans_in(&data).iter().all(|span| own.contains(span)));
        let (_, data, _) = log.ask("ops_tool_metrics", &json!({}), Some(&caller));
        let data = data.expect("data");
        assert_eq!((&data["calls"], &data["complete"]), (&count(&|_| true).into(), &true.into()));
        let failed: u64 = data["tools"].as_array().into_iter().flatten().filter_map(|row| row["errors"].as_u64()).sum();
        assert_eq!(failed, errors as u64);
        let (_, data, _) =
            log.ask("ops_trace", &json!({ "traceId": "4bf92f3577b34da6a3ce929d0e0e4736" }), Some(&caller));
        let spans = spans_in(&data.expect("data"));
        assert!(!spans.is_empty() && spans.iter().all(|span| own.contains(span)), "{spans:?}");
    }
}

#[test]
fn no_argument_and_no_header_widens_it() {
    let log = Log::of(20);
    let a = principal('a');
    let foreign: BTreeSet<String> = {
        let own = log.own('a');
        log.lines.iter().map(|line| line.span_id.to_string()).filter(|span| !own.contains(span)).collect()
    };
    let words = [
        "!x",
        "*",
        "",
        "a&principal=b",
        "x\nprincipal",
        "\u{0}",
        &principal('b'),
        "docker_lint_dockerfile",
        "!docker_lint_dockerfile",
    ];
    for tool in ["ops_recent_errors", "ops_tool_metrics", "ops_trace", "ops_other", ""] {
        for field in
            ["since", "tool", "limit", "traceId", "principal", "principal_hash", "cursor", "status", "kind", "q"]
        {
            for word in words {
                for value in [json!(word), json!([word]), json!({ "principal": word })] {
                    let (text, data, _) = log.ask(tool, &json!({ field: value }), Some(&a));
                    let data = data.unwrap_or_default().to_string();
                    let leak = foreign.iter().find(|span| text.contains(*span) || data.contains(*span));
                    assert_eq!(leak, None, "{tool} {field} {value}");
                    assert!(!data.contains("session") && !data.contains("hash"), "{data}");
                }
            }
        }
    }
    let upper = principal('a').to_uppercase();
    let longer = principal('a') + "a";
    for nobody in [
        None,
        Some(""),
        Some("!"),
        Some("a"),
        Some(upper.as_str()),
        Some(longer.as_str()),
        Some("!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ] {
        let (text, data, error) = log.ask("ops_recent_errors", &json!({}), nobody);
        assert!(data.is_none() && text.contains("Authorization: Bearer"), "{nobody:?}: {text}");
        assert_eq!(error.expect("an error")["reason"], "invalid_argument");
    }
}

#[test]
fn what_cannot_be_answered_is_said() {
    let log = Log::of(30);
    let a = principal('a');
    for (tool, arguments, accepted) in [
        ("ops_recent_errors", json!({ "limt": 5 }), "since, tool, limit; did you mean \"limit\"?"),
        ("ops_recent_errors", json!({ "limit": 101 }), "a whole number from 1 to 100"),
        ("ops_recent_errors", json!({ "since": "yesterday" }), "at most 7d"),
        ("ops_trace", json!({}), "32 lower-case hexadecimal digits"),
        ("ops_trace", json!({ "traceId": "xyz" }), "32 lower-case hexadecimal digits"),
        ("ops_tool_metrics", json!({ "limit": 5 }), "since, tool"),
    ] {
        let (text, data, error) = log.ask(tool, &arguments, Some(&a));
        assert!(data.is_none() && error.is_some() && text.contains(accepted), "{tool} {arguments}: {text}");
    }
    for body in [&b""[..], b"{", b"null", br#"{"v":9,"tool":"ops_trace","arguments":{},"trace":{}}"#] {
        let frames = ready(agent::answer(&log.store, body, Some(&a), T0));
        assert!(frames.contains("tool_failed"), "{frames}");
    }
    // A call that is too long is not read, whatever is in it.
    let call = json!({ "v": 2, "tool": "ops_recent_errors", "arguments": {}, "trace": {} }).to_string();
    for (bytes, is_taken) in [(MAX_CALL_BYTES, true), (MAX_CALL_BYTES + 1, false), (MAX_CALL_BYTES * 1000, false)] {
        let body = format!("{call}{}", " ".repeat(bytes - call.len()));
        let frames = ready(agent::answer(&log.store, body.as_bytes(), Some(&a), T0));
        assert_eq!(
            (frames.contains("input_too_large"), frames.contains("\"error\"")),
            (!is_taken, !is_taken),
            "{bytes}"
        );
    }
    // Told when the answer stops before the end.
    let many = Log::of(1000);
    let (text, data, _) = many.ask("ops_recent_errors", &json!({ "limit": 2 }), Some(&a));
    assert_eq!((text.contains("there are older ones"), &data.expect("data")["complete"]), (true, &false.into()));
}

//! What workers answer, on its way to a client as a stream: whatever comes, each event is well framed, and one response is the last.
#![no_main]

use libfuzzer_sys::fuzz_target;
use octavo_fuzz::write_seeds_where_wanted;
use octavo_gateway::access::Access;
use octavo_gateway::{Arrival, Config, Exchange, Failure};
use octavo_telemetry::IdSource;
use serde_json::Value;

const NOW_MS: u64 = 1_790_000_000_000;
/// A call that a client listens to, at two revisions: its headers and its body.
const CALLS: [(&str, &str); 2] = [
    (
        "mcp-protocol-version:2026-07-28\nmcp-method:tools/call\nmcp-name:docker_lint_dockerfile\n",
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"docker_lint_dockerfile","arguments":{},"_meta":{"progressToken":"p","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
    ),
    (
        "mcp-protocol-version:2025-11-25\n",
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"docker_lint_dockerfile","arguments":{},"_meta":{"progressToken":"p"}}}"#,
    ),
];
const SEEDS: [&str; 6] = [
    "{\"progress\":{\"progress\":1.0,\"total\":2.0,\"message\":\"x\"}}\n{\"reply\":{\"text\":\"t\",\"structured\":{\"a\":1}}}\n",
    "{\"log\":{\"level\":\"info\",\"logger\":\"l\",\"data\":{\"a\":1}}}\n{\"reply\":{\"task\":true}}\n",
    "{\"reply\":{\"text\":\"t\",\"error\":{\"reason\":\"tool_failed\",\"retryable\":false}}}\n",
    "{\"reply\":{\"content\":[{\"type\":\"text\",\"text\":\"x\"}],\"structured\":{},\"changed\":[\"tools\"]}}\n",
    "{\"reply\":{\"input\":{\"requests\":{\"a\":{\"method\":\"elicitation/create\",\"params\":{}}},\"state\":\"s\"}}}\n{\"reply\":{\"requires\":{}}}\n",
    "{\"reply\":{\"content\":[{\"type\":\"text\"\r,\"text\":\"x\"}],\"structured\":{\r}}}\n",
];

fuzz_target!(
    init: write_seeds_where_wanted(2, &SEEDS),
    |data: &[u8]| {
        let Some((first, frames)) = data.split_first() else { return };
        let (more, body) = CALLS[usize::from(*first & 1)];
        let (config, mut ids) = (Config::default(), IdSource::new(1));
        let headers = format!("content-type:application/json\naccept:application/json, text/event-stream\n{more}");
        let arrival = Arrival { path: "/mcp", headers: &headers, body: Some(body.as_bytes()), now_ms: NOW_MS, access: &Access::Open };
        let mut exchange = Exchange::open(arrival, &config, &mut ids);
        assert!(exchange.is_heard(), "the client listens");
        let mut sent = String::new();
        for frame in frames.split(|byte| *byte == b'\n') {
            exchange.frame(frame);
            if exchange.forward().is_none() {
                break;
            }
            sent.push_str(&exchange.take_events());
        }
        exchange.failed(Failure::Unavailable);
        let (reply, _) = exchange.close(NOW_MS + 1);
        assert!(reply.status < 500);
        sent.push_str(&reply.body);
        if reply.content_type != "text/event-stream" {
            assert!(serde_json::from_str::<Value>(&sent).is_ok_and(|answer| answer["id"] == 7));
            return;
        }
        assert!(!sent.contains('\r'), "a line break of another kind would end an event's line");
        let events: Vec<&str> = sent.strip_suffix("\n\n").expect("events end").split("\n\n").collect();
        for (at, event) in events.iter().enumerate() {
            let json = event.strip_prefix("event: message\ndata: ").expect("an event");
            let message: Value = serde_json::from_str(json).expect("JSON");
            assert_eq!(message.get("id").is_some(), at + 1 == events.len(), "one response, the last: {sent}");
        }
    }
);

//! Requests to the gateway: whatever comes, the reply is one JSON-RPC response, or nothing where nothing was asked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use octavo_fuzz::write_seeds_where_wanted;
use octavo_gateway::access::Access;
use octavo_gateway::{Arrival, Bound, Config, Exchange, Failure};
use octavo_telemetry::IdSource;
use serde_json::Value;

const NOW_MS: u64 = 1_790_000_000_000;
/// The path, and what is said of the version.
const WAYS: [(&str, &str); 8] = [
    ("/mcp", ""),
    ("/mcp", "mcp-protocol-version:2026-07-28\n"),
    ("/mcp", "mcp-protocol-version:2025-11-25\n"),
    ("/mcp/docker", "mcp-protocol-version:2026-07-28\nmcp-method:tools/call\nmcp-name:docker_lint_dockerfile\n"),
    ("/mcp/search", "mcp-protocol-version:2026-07-28\n"),
    ("/mcp?tools=docker_lint_dockerfile", ""),
    ("/mcp", "accept:application/json\n"),
    ("/mcp", "accept:text/event-stream\ntraceparent:00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n"),
];
const SEEDS: [&str; 6] = [
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"docker_lint_dockerfile","arguments":{"source":"FROM a"},"_meta":{"progressToken":1}}}"#,
    r#"{"jsonrpc":"2.0","id":"a","method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}"#,
    r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"rule://docker/DL3006"}}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"review"},"argument":{"name":"category","value":"d"}}}"#,
];

fuzz_target!(
    init: write_seeds_where_wanted(8, &SEEDS),
    |data: &[u8]| {
        let Some((first, body)) = data.split_first() else { return };
        let (path, more) = WAYS[usize::from(*first) % WAYS.len()];
        let headers = format!("content-type:application/json\n{more}");
        let bound = Bound { sessions: *first & 64 != 0, tasks: *first & 128 != 0, changes: false };
        let config = Config::new(None, None).with_bound(bound);
        let mut ids = IdSource::new(1);
        let arrival = Arrival { path, headers: &headers, body: Some(body), now_ms: NOW_MS, access: &Access::Open };
        let mut exchange = Exchange::open(arrival, &config, &mut ids);
        let parts = exchange.take_parts();
        if !parts.is_empty() {
            let bodies: Vec<String> = parts.into_iter().map(|part| closed(part).1).collect();
            exchange.joined(&bodies);
        }
        if exchange.is_listening() {
            exchange.end_listening();
        }
        let (status, text) = closed(exchange);
        assert!(status < 500 || status == 501, "status {status}");
        if status == 202 {
            assert!(text.is_empty());
            return;
        }
        let text = text.strip_prefix("event: message\ndata: ").map_or(text.as_str(), str::trim_end);
        let answer: Value = serde_json::from_str(text).expect("a reply is JSON");
        let responses = answer.as_array().map_or(std::slice::from_ref(&answer), Vec::as_slice);
        for response in responses {
            assert!(response.get("result").is_some() != response.get("error").is_some(), "{response}");
        }
    }
);

fn closed(mut exchange: Exchange) -> (u16, String) {
    exchange.failed(Failure::Unavailable);
    let (reply, line) = exchange.close(NOW_MS + 1);
    if let Some(line) = line {
        serde_json::from_str::<Value>(&line).expect("a log line is JSON");
        assert!(!line.contains('\n'));
    }
    (reply.status, reply.body)
}

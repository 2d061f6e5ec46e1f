//! Handles in calls: what replaces them, what is said when nothing can, and what the log counts.

use octavo_gateway::blob::{MAX_BLOBS, MAX_RESOLVED_BYTES, StoreFault};
use octavo_system_tests::{Fleet, body};
use octavo_telemetry::{Kind, Status};
use serde_json::{Value, json};

const TEXT: &str = "FROM debian\nRUN echo \"\\ \u{e9}\u{1f600}\u{1}\t\" && cd /tmp\n";
const UNKNOWN: &str = "blob_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";

fn lint(fleet: &Fleet, source: &str) -> Value {
    call(fleet, "docker_lint_dockerfile", &json!({ "source": source }))
}

fn measure(fleet: &Fleet, sources: &[&str]) -> Value {
    let files: Vec<Value> =
        (0..).zip(sources).map(|(at, source)| json!({ "path": format!("{at}.py"), "source": source })).collect();
    call(fleet, "quality_measure_complexity", &json!({ "files": files }))
}

fn call(fleet: &Fleet, name: &str, arguments: &Value) -> Value {
    let reply = fleet.legacy("2025-11-25", "tools/call", &json!({ "name": name, "arguments": arguments }));
    assert_eq!(reply.status, 200);
    body(&reply)["result"].clone()
}

fn error(result: &Value) -> (&str, &str) {
    let error = &result["_meta"]["dev.octavo/error"];
    assert_eq!(result["isError"], true, "{result}");
    (error["reason"].as_str().unwrap_or_default(), error["path"].as_str().unwrap_or_default())
}

#[test]
fn a_handle_stands_for_its_text() {
    let fleet = Fleet::default();
    let direct = lint(&fleet, TEXT);
    assert_eq!(direct["isError"], false);
    assert_eq!(lint(&fleet, &fleet.keep(TEXT)), direct);
    let (one, two) = (fleet.keep("def f():\n    pass\n"), fleet.keep("def g():\n    pass\n"));
    let result = measure(&fleet, &[&one, &two, &one, &format!("'see {two}'\n")]);
    let functions = result["structuredContent"]["data"]["functions"].as_array().expect("rows");
    let rows: Vec<_> = functions.iter().map(|row| (row["file"].as_u64(), row["name"].as_str())).collect();
    assert_eq!(rows, [(Some(0), Some("f")), (Some(1), Some("g")), (Some(2), Some("f"))]);
}

#[test]
fn the_search_surface_takes_handles_too() {
    let fleet = Fleet::default();
    let params = json!({ "name": "run_tool",
        "arguments": { "name": "docker_lint_dockerfile", "arguments": { "source": fleet.keep(TEXT) } } });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
    let headers = "content-type:application/json\nmcp-protocol-version:2025-11-25\n";
    let result = &body(&fleet.post("/mcp/search", headers, request.as_bytes()))["result"];
    assert_eq!(result, &lint(&fleet, TEXT));
}

#[test]
fn a_blob_that_is_not_there_is_named_by_its_place() {
    let fleet = Fleet::default();
    let result = lint(&fleet, UNKNOWN);
    assert_eq!(error(&result), ("blob_not_found", "/source"));
    let sentence = result["content"][0]["text"].as_str().unwrap_or_default();
    assert!(sentence.contains("PUT /v1/blobs") && !sentence.contains(UNKNOWN), "{sentence}");
    let known = fleet.keep("");
    assert_eq!(error(&measure(&fleet, &[&known, UNKNOWN])), ("blob_not_found", "/files/1/source"));
    let log = fleet.log();
    assert!(log.iter().all(|line| line.kind == Kind::Mcp && line.status == Status::ToolError), "no worker was asked");
    assert!(log.iter().all(|line| line.error_type.as_deref() == Some("blob_not_found")));
}

#[test]
fn a_handle_among_the_output_options_is_no_text() {
    let fleet = Fleet::default();
    let arguments = json!({ "source": TEXT, "output": { "ignore": [UNKNOWN] } });
    assert_eq!(call(&fleet, "docker_lint_dockerfile", &arguments)["isError"], false);
}

#[test]
fn the_limits_of_a_call_are_told() {
    let fleet = Fleet::default();
    let handles: Vec<String> = (0..=MAX_BLOBS).map(|_| fleet.keep("x = 1\n")).collect();
    let handles: Vec<&str> = handles.iter().map(String::as_str).collect();
    assert_eq!(measure(&fleet, &handles[..MAX_BLOBS])["isError"], false);
    assert_eq!(error(&measure(&fleet, &handles)), ("input_too_large", "/files/16/source"));
    let half = fleet.keep(" ".repeat(MAX_RESOLVED_BYTES / 2 + 1));
    assert_eq!(error(&measure(&fleet, &[&half, &half])), ("input_too_large", ""));
    let line_breaks = fleet.keep("\n".repeat(MAX_RESOLVED_BYTES));
    assert_eq!(error(&measure(&fleet, &[&line_breaks])), ("input_too_large", ""));
    let largest = fleet.keep(" ".repeat(MAX_RESOLVED_BYTES));
    assert_eq!(error(&lint(&fleet, &largest)), ("input_too_large", "/source"), "the tool's own limit");
}

#[test]
fn a_store_that_fails_is_told_from_a_blob_that_is_gone() {
    let fleet = Fleet::default();
    let handle = fleet.keep(TEXT);
    fleet.break_store(StoreFault::Silent);
    let result = lint(&fleet, &handle);
    assert_eq!(error(&result), ("blob_not_found", ""));
    assert_eq!(result["_meta"]["dev.octavo/error"]["retryable"], true);
    fleet.break_store(StoreFault::Unbound);
    let result = lint(&fleet, &handle);
    assert_eq!(error(&result), ("blob_not_found", "/source"));
    assert_eq!(result["_meta"]["dev.octavo/error"]["retryable"], false);
    assert_eq!(lint(&fleet, TEXT)["isError"], false, "calls without handles need no store");
}

#[test]
fn the_log_counts_what_the_client_sent_and_what_the_worker_read() {
    let fleet = Fleet::default();
    let text = TEXT.repeat(100);
    lint(&fleet, &fleet.keep(text.as_str()));
    let log = fleet.log();
    let [tool, gateway] = log.as_slice() else { panic!("two lines") };
    assert_eq!((tool.kind, gateway.kind), (Kind::Tool, Kind::Mcp));
    assert!(gateway.in_bytes < 500, "{}", gateway.in_bytes);
    assert!(tool.in_bytes > text.len() as u64, "{}", tool.in_bytes);
    assert!(log.iter().all(|line| !line.to_json().contains("blob_")));
}

#[test]
fn a_body_over_the_limit_is_told_of_the_endpoint() {
    let fleet = Fleet::default();
    let reply = fleet.post("/mcp", "content-type:application/json\n", &vec![b' '; octavo_gateway::MAX_BODY_BYTES + 1]);
    assert_eq!(reply.status, 413);
    assert!(reply.body.contains("PUT /v1/blobs"), "{}", reply.body);
}

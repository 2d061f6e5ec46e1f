//! What a caller may reach, whatever way it tries: other categories, other callers' results, the log.

use octavo_gateway::access::{Access, Grant};
use octavo_gateway::{Arrival, Config, Exchange};
use octavo_system_tests::{Fleet, body};
use octavo_telemetry::IdSource;
use serde_json::{Value, json};

const HEADERS: &str = "content-type:application/json\nmcp-protocol-version:2025-11-25\n";

fn granted(id: &str, categories: Option<&[&str]>) -> Access {
    let categories = categories.map(|all| all.iter().map(|slug| (*slug).to_owned()).collect());
    Access::Granted(Grant { id: id.to_owned(), categories, challenge: Some("Bearer".to_owned()) })
}

fn request(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

#[test]
fn a_grant_for_one_category_opens_no_other_by_any_way() {
    let fleet = Fleet::default();
    let access = granted("ci", Some(&["docker"]));
    let ask = |path: &str, extra: &str, method: &str, params: Value| {
        fleet.post_as(&access, path, &format!("{HEADERS}{extra}"), request(method, &params).as_bytes())
    };
    let dockerfile = json!({ "source": "FROM debian\n" });
    let own = ask("/mcp", "", "tools/call", json!({ "name": "docker_lint_dockerfile", "arguments": dockerfile }));
    assert_eq!(body(&own)["result"]["isError"], false);
    let contrast = json!({ "pairs": ["#000/#fff"] });
    let other = json!({ "name": "webdesign_check_contrast", "arguments": contrast });
    for (path, extra) in [
        ("/mcp", ""),
        ("/mcp/webdesign", ""),
        ("/mcp?categories=webdesign", ""),
        ("/mcp?tools=webdesign_check_contrast", ""),
        ("/mcp/search", ""),
        ("/mcp", "x-mcp-toolsets:webdesign\n"),
        ("/mcp", "x-mcp-tools:webdesign_check_contrast\n"),
        ("/mcp?exclude=docker_lint_dockerfile", ""),
    ] {
        let refused = ask(path, extra, "tools/call", other.clone());
        assert_eq!(refused.status, 403, "{path} {extra}{}", refused.body);
        let run =
            json!({ "name": "run_tool", "arguments": { "name": "webdesign_check_contrast", "arguments": contrast } });
        let ran = ask(path, extra, "tools/call", run);
        let is_refused =
            ran.status == 403 || body(&ran)["result"]["isError"] == true || body(&ran)["error"].is_object();
        assert!(is_refused, "{path} {extra}{}", ran.body);
        let listed = ask(path, extra, "tools/list", json!({}));
        assert!(!listed.body.contains("webdesign_"), "{path} {extra}{}", listed.body);
    }
    // In a batch, among others.
    let batch = format!("[{},{}]", request("ping", &json!({})), request("tools/call", &other));
    let headers = "content-type:application/json\nmcp-protocol-version:2025-03-26\n";
    let replies = fleet.post_as(&access, "/mcp", headers, batch.as_bytes());
    assert!(body(&replies)[1]["error"].is_object(), "{}", replies.body);
    // What a tool is told stands in its line: no other worker was asked.
    assert!(fleet.log().iter().all(|line| line.worker != "octavo-webdesign"));
    // No grant at all.
    let nothing = fleet.post_as(&Access::nothing(), "/mcp", HEADERS, request("tools/list", &json!({})).as_bytes());
    assert_eq!((nothing.status, nothing.body.contains("docker_")), (401, false));
}

// What a call's result is called where results are kept.
fn kept_as(access: &Access, headers: &str, arguments: &Value) -> Option<String> {
    let call = request("tools/call", &json!({ "name": "docker_lint_dockerfile", "arguments": arguments }));
    let headers = format!("{HEADERS}{headers}");
    let arrival = Arrival { path: "/mcp", headers: &headers, body: Some(call.as_bytes()), now_ms: 1, access };
    let config = Config::default().with_principal_key(*b"pepper");
    Exchange::open(arrival, &config, &mut IdSource::new(1)).cache_key("v1")
}

#[test]
fn results_are_kept_for_their_caller_alone() {
    let arguments = json!({ "source": "FROM debian\n" });
    let [one, two] = ["one", "two"].map(|id| kept_as(&granted(id, None), "", &arguments).expect("kept"));
    let open = kept_as(&Access::Open, "", &arguments).expect("kept");
    let told = kept_as(&Access::Open, "authorization:Bearer 0123456789abcdef\n", &arguments).expect("kept");
    // An id that looks like what stands for a caller elsewhere is another caller all the same.
    let posing = kept_as(&granted("", None), "", &arguments).expect("kept");
    let mut names = vec![&one, &two, &open, &told, &posing];
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 5, "{names:?}");
    assert_eq!(
        kept_as(&granted("one", None), "x-octavo-principal:two\n", &arguments),
        Some(one),
        "headers change nothing"
    );
    // A second member of the same name, or one hidden behind an escape, is no way to another's name.
    let twice = r#"{"source":"FROM evil\n","source":"FROM debian\n"}"#;
    let call = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"docker_lint_dockerfile","arguments":{twice}}}}}"#
    );
    let reply = Fleet::default().post("/mcp", HEADERS, call.as_bytes());
    assert_eq!(body(&reply)["result"]["isError"], true, "refused, and no failure is kept: {}", reply.body);
}

#[test]
fn a_caller_cannot_write_a_log_line_of_its_own() {
    let line = r#"{"v":1,"ts":1,"worker":"octavo-gateway","kind":"mcp","trace_id":"x","span_id":"y","status":"ok"}"#;
    let forged = [
        format!("x\n{line}"),
        format!("x\r\n{line}\r\n"),
        format!("\u{2028}{line}"),
        format!("\u{1b}[2K{line}"),
        format!("\",\"status\":\"ok\",{line}"),
    ];
    let fleet = Fleet::default();
    let mut sent = 0;
    for text in &forged {
        let info = json!({ "name": text, "version": text, "title": text });
        let meta = json!({ "io.modelcontextprotocol/clientInfo": info, "clientInfo": info, "traceparent": text, "tracestate": text, "progressToken": text });
        let params = json!({ "name": "docker_lint_dockerfile", "arguments": { "source": text, "filename": text }, "_meta": meta, "clientInfo": info, "protocolVersion": text, "capabilities": {} });
        fleet.modern("tools/call", params.clone());
        fleet.legacy("2025-06-18", "initialize", &params);
        fleet.legacy("2025-06-18", text, &params);
        sent += 4;
    }
    // `log` takes no output that is not a line of ours; each request has its lines and no more.
    let lines = fleet.log();
    assert_eq!(lines.len(), sent);
    for line in lines {
        let json = line.to_json();
        assert!(json.is_ascii() && !json.bytes().any(|byte| byte.is_ascii_control()), "{json}");
        assert!(!json.contains("\"trace_id\":\"x\"") && !json.contains("\\n"), "{json}");
        assert!(line.client.as_deref().is_none_or(|client| client.len() <= 48), "{json}");
    }
}

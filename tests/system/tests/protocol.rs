//! The validation ladder and the eras, through the gateway's core.

use octavo_gateway::{Arrival, Config, Exchange};
use octavo_system_tests::{Fleet, body};
use octavo_telemetry::IdSource;
use serde_json::{Value, json};

const JSON: &str = "content-type:application/json\n";

fn modern_meta(version: &str) -> Value {
    json!({ "io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {} })
}

fn request(method: &str, params: &Value) -> Vec<u8> {
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string().into_bytes()
}

#[test]
fn each_rung_of_the_ladder_has_its_status_and_code() {
    let modern = "content-type:application/json\nmcp-protocol-version:2026-07-28\nmcp-method:tools/list\n";
    let list = request("tools/list", &json!({ "_meta": modern_meta("2026-07-28") }));
    let call = request("tools/call", &json!({ "name": "x_y", "_meta": modern_meta("2026-07-28") }));
    let future = request("tools/list", &json!({ "_meta": modern_meta("2027-01-01") }));
    let bare = request("tools/list", &json!({}));
    let ping = request("ping", &json!({ "_meta": modern_meta("2026-07-28") }));
    let initialize = request("initialize", &json!({ "_meta": modern_meta("2026-07-28") }));
    let no_capabilities =
        request("tools/list", &json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }));
    let ill_typed = request("tools/list", &json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": null } }));
    let with = |header: &str| format!("{JSON}{header}");
    let cases: Vec<(&str, String, &[u8], u16, i64)> = vec![
        ("evil origin", format!("{modern}origin:https://evil.example\n"), &list, 403, -32600),
        ("null origin", format!("{modern}origin:null\n"), &list, 403, -32600),
        ("not JSON type", "content-type:text/plain\n".to_owned(), &list, 415, -32600),
        ("no type", String::new(), &list, 415, -32600),
        ("unacceptable", format!("{modern}accept:image/png\n"), &list, 406, -32600),
        ("not JSON", JSON.to_owned(), b"{", 400, -32700),
        ("empty", JSON.to_owned(), b"", 400, -32700),
        ("null id", JSON.to_owned(), br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, 400, -32600),
        ("batch", JSON.to_owned(), b"[]", 400, -32600),
        ("header modern, body bare", modern.to_owned(), &bare, 400, -32602),
        ("no capabilities", modern.to_owned(), &no_capabilities, 400, -32602),
        ("ill-typed version", modern.to_owned(), &ill_typed, 400, -32602),
        ("body modern, no header", JSON.to_owned(), &list, 400, -32020),
        ("body modern, older header", with("mcp-protocol-version:2025-11-25\n"), &list, 400, -32020),
        ("no method header", with("mcp-protocol-version:2026-07-28\n"), &list, 400, -32020),
        ("other method header", with("mcp-protocol-version:2026-07-28\nmcp-method:tools/call\n"), &list, 400, -32020),
        (
            "method header in another case",
            with("mcp-protocol-version:2026-07-28\nmcp-method:Tools/List\n"),
            &list,
            400,
            -32020,
        ),
        ("no name header", with("mcp-protocol-version:2026-07-28\nmcp-method:tools/call\n"), &call, 400, -32020),
        (
            "other name header",
            with("mcp-protocol-version:2026-07-28\nmcp-method:tools/call\nmcp-name:z\n"),
            &call,
            400,
            -32020,
        ),
        (
            "bad base64 name",
            with("mcp-protocol-version:2026-07-28\nmcp-method:tools/call\nmcp-name:=?base64?x?=\n"),
            &call,
            400,
            -32020,
        ),
        (
            "mismatch wins over unsupported",
            with("mcp-protocol-version:2026-07-28\nmcp-method:tools/list\n"),
            &future,
            400,
            -32020,
        ),
        ("unsupported", with("mcp-protocol-version:2027-01-01\nmcp-method:tools/list\n"), &future, 400, -32022),
        ("unsupported header alone", with("mcp-protocol-version:1999-01-01\n"), &bare, 400, -32022),
        ("ping is gone", with("mcp-protocol-version:2026-07-28\nmcp-method:ping\n"), &ping, 404, -32601),
        (
            "initialize is gone",
            with("mcp-protocol-version:2026-07-28\nmcp-method:initialize\n"),
            &initialize,
            404,
            -32601,
        ),
        (
            "unknown tool is in band",
            with("mcp-protocol-version:2026-07-28\nmcp-method:tools/call\nmcp-name: x_y \n"),
            &call,
            200,
            -32602,
        ),
    ];
    let fleet = Fleet::default();
    for (name, headers, sent, status, code) in cases {
        let reply = fleet.post("/mcp", &headers, sent);
        let answer = body(&reply);
        assert_eq!((reply.status, answer["error"]["code"].as_i64()), (status, Some(code)), "{name}: {}", reply.body);
        assert_ne!(answer.get("id"), Some(&Value::Null), "{name}: an error has its id or none");
    }
    let requested =
        &body(&fleet.post("/mcp", &with("mcp-protocol-version:2027-01-01\nmcp-method:tools/list\n"), &future))["error"]
            ["data"];
    assert_eq!(requested, &json!({ "supported": ["2026-07-28"], "requested": "2027-01-01" }));
}

#[test]
fn initialize_never_fails_on_a_version() {
    let fleet = Fleet::default();
    for (asked, answered) in [
        (json!("2025-11-25"), "2025-11-25"),
        (json!("2025-06-18"), "2025-06-18"),
        (json!("2025-03-26"), "2025-03-26"),
        (json!("2024-11-05"), "2024-11-05"),
        (json!("2026-07-28"), "2025-11-25"),
        (json!("1999-01-01"), "2025-11-25"),
        (json!(5), "2025-11-25"),
        (json!(null), "2025-11-25"),
    ] {
        let reply =
            fleet.post("/mcp", JSON, &request("initialize", &json!({ "protocolVersion": asked, "capabilities": {} })));
        let result = &body(&reply)["result"];
        assert_eq!((reply.status, result["protocolVersion"].as_str()), (200, Some(answered)), "{asked}");
        assert!(result.get("resultType").is_none());
        assert_eq!(result["serverInfo"].get("title").is_some(), answered >= "2025-06-18");
    }
}

#[test]
fn legacy_errors_are_in_band_and_results_plain() {
    let fleet = Fleet::default();
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let ping = fleet.legacy(version, "ping", &json!({}));
        assert_eq!(body(&ping), json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
        let unknown = fleet.legacy(version, "nope/x", &json!({}));
        assert_eq!((unknown.status, body(&unknown)["error"]["code"].as_i64()), (200, Some(-32601)));
        let cursor = fleet.legacy(version, "tools/list", &json!({ "cursor": "x" }));
        assert_eq!((cursor.status, body(&cursor)["error"]["code"].as_i64()), (200, Some(-32602)));
        let tools = body(&fleet.legacy(version, "tools/list", &json!({})))["result"].clone();
        assert_eq!(
            tools.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>()),
            Some(vec!["tools".to_owned()])
        );
        assert_eq!(tools["tools"][0].get("title").is_some(), version >= "2025-06-18");
        assert_eq!(tools["tools"][0].get("annotations").is_some(), version >= "2025-03-26");
    }
}

#[test]
fn notifications_and_responses_are_accepted_in_silence() {
    let fleet = Fleet::default();
    for sent in
        [&br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#[..], br#"{"jsonrpc":"2.0","id":1,"result":{}}"#]
    {
        let reply = fleet.post("/mcp", JSON, sent);
        assert_eq!((reply.status, reply.body.as_str()), (202, ""));
    }
}

#[test]
fn discover_tells_what_is_served() {
    let result = body(&Fleet::default().modern("server/discover", json!({})))["result"].clone();
    assert_eq!(result["supportedVersions"], json!(["2026-07-28"]));
    let capabilities = json!({
        "tools": {}, "resources": {}, "prompts": {}, "completions": {},
        "extensions": { "io.modelcontextprotocol/skills": {} },
    });
    assert_eq!(result["capabilities"], capabilities);
    assert_eq!((result["resultType"].as_str(), result["cacheScope"].as_str()), (Some("complete"), Some("public")));
    assert!(result["ttlMs"].as_u64().is_some());
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "octavo");
}

#[test]
fn a_category_endpoint_serves_its_own_tools() {
    let fleet = Fleet::default();
    let list = body(&fleet.post("/mcp/docker", JSON, &request("tools/list", &json!({}))));
    let names: Vec<&str> =
        list["result"]["tools"].as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert!(!names.is_empty() && names.iter().all(|name| name.starts_with("docker_")));
    let other = request("tools/call", &json!({ "name": "python_lint_code", "arguments": {} }));
    assert_eq!(body(&fleet.post("/mcp/docker", JSON, &other))["error"]["code"], -32602);
    let unknown = fleet.post("/mcp/dokcer", JSON, &request("tools/list", &json!({})));
    assert_eq!(unknown.status, 400);
    assert!(unknown.body.contains("docker"));
}

#[test]
fn bad_calls_are_answered_clearly_and_repeat_nothing() {
    let fleet = Fleet::default();
    for (length, status) in [(octavo_gateway::MAX_BODY_BYTES + 1, 413), (octavo_gateway::MAX_BODY_BYTES, 200)] {
        let mut sent = request("ping", &json!({}));
        sent.resize(length, b' ');
        assert_eq!(fleet.post("/mcp", JSON, &sent).status, status, "{length} bytes");
        let foreign = format!("{JSON}origin:https://evil.example\n");
        assert_eq!(fleet.post("/mcp", &foreign, &sent).status, 403, "who asks comes before what");
    }
    for (arguments, must_say) in [
        (json!({}), "is missing"),
        (json!({ "sorce": "FROM x" }), "did you mean"),
        (json!({ "source": 5 }), "is a whole number"),
        (json!([1]), "is not a JSON object"),
    ] {
        let reply = fleet.legacy(
            "2025-11-25",
            "tools/call",
            &json!({ "name": "docker_lint_dockerfile", "arguments": arguments }),
        );
        let result = &body(&reply)["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_default();
        assert_eq!((reply.status, result["isError"].as_bool()), (200, Some(true)), "{arguments}");
        assert!(text.contains(must_say), "{arguments}: {text}");
        assert_eq!(result["_meta"]["dev.octavo/error"]["reason"], "invalid_argument");
    }
    let empty = fleet.legacy(
        "2025-11-25",
        "tools/call",
        &json!({ "name": "docker_lint_dockerfile", "arguments": { "source": "" } }),
    );
    assert_eq!(body(&empty)["result"]["isError"], false, "an empty source is a finding, not an error");
}

#[test]
fn ids_come_back_byte_for_byte() {
    let fleet = Fleet::default();
    for id in ["0", "\"\"", "\"1\"", "9007199254740993", "-1", "123456789012345678901234567890"] {
        let sent = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        assert_eq!(
            fleet.post("/mcp", JSON, sent.as_bytes()).body,
            format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
        );
    }
}

#[test]
fn pages_of_allowed_origins_may_read_the_answer() {
    let fleet = Fleet::default();
    let reply = fleet.post("/mcp", &format!("{JSON}origin:http://localhost:6274\n"), &request("ping", &json!({})));
    assert_eq!(reply.allow_origin.as_deref(), Some("http://localhost:6274"));
    assert_eq!(fleet.post("/mcp", JSON, &request("ping", &json!({}))).allow_origin, None);
}

#[test]
fn batches_are_of_one_version() {
    let fleet = Fleet::default();
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let call = json!({
        "jsonrpc": "2.0", "id": "c", "method": "tools/call",
        "params": { "name": "docker_lint_dockerfile", "arguments": { "source": "FROM debian" } },
    });
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled" });
    let broken = json!({ "id": 5, "method": "ping" });
    let initialize = json!({ "jsonrpc": "2.0", "id": 6, "method": "initialize", "params": {} });
    let post = |headers: &str, batch: &Value| fleet.post("/mcp", headers, batch.to_string().as_bytes());
    for headers in [JSON.to_owned(), format!("{JSON}mcp-protocol-version:2025-03-26\naccept:text/event-stream\n")] {
        let reply = post(&headers, &json!([ping, note, call, broken, initialize]));
        assert_eq!((reply.status, reply.content_type), (200, "application/json"));
        let replies = body(&reply);
        let ids: Vec<Value> = replies.as_array().expect("a batch").iter().map(|reply| reply["id"].clone()).collect();
        assert_eq!(json!(ids), json!([1, "c", 5, 6]));
        assert_eq!(replies[0]["result"], json!({}));
        assert!(replies[1]["result"]["content"][0]["text"].as_str().is_some_and(|text| text.contains("DL3006")));
        assert_eq!((&replies[2]["error"]["code"], &replies[3]["error"]["code"]), (&json!(-32600), &json!(-32600)));
    }
    let lines = fleet.log();
    assert_eq!(lines.len(), 2 * 5, "a line for each request at the gateway, and one for the tool");
    let reply = post(JSON, &json!([note, note]));
    assert_eq!((reply.status, reply.body.as_str()), (202, ""));
    let modern =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": { "_meta": modern_meta("2026-07-28") } });
    for (headers, batch) in [
        (JSON.to_owned(), json!([])),
        (JSON.to_owned(), json!(vec![ping.clone(); octavo_gateway::MAX_BATCH + 1])),
        (JSON.to_owned(), json!([ping, modern])),
        (format!("{JSON}mcp-protocol-version:2025-06-18\n"), json!([ping])),
    ] {
        let reply = post(&headers, &batch);
        assert_eq!((reply.status, body(&reply)["error"]["code"].as_i64()), (400, Some(-32600)), "{headers} {batch}");
    }
}

#[test]
fn trace_context_is_a_pair_and_comes_back() {
    let (of_header, of_meta) = ("1af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c");
    let parent = |trace: &str| format!("00-{trace}-b7ad6b7169203331-01");
    let header = format!("traceparent:{}\ntracestate:a=header\n", parent(of_header));
    let long = "x".repeat(513);
    for (headers, meta, trace, state) in [
        (header.as_str(), json!({}), Some(of_header), Some("a=header")),
        ("", json!({ "traceparent": parent(of_meta), "tracestate": "b=meta" }), Some(of_meta), Some("b=meta")),
        (&header, json!({ "traceparent": parent(of_meta), "tracestate": "b=meta" }), Some(of_meta), Some("b=meta")),
        (&header, json!({ "traceparent": parent(of_meta) }), Some(of_meta), None),
        (&header, json!({ "traceparent": "nonsense", "tracestate": "b=meta" }), Some(of_header), Some("a=header")),
        ("tracestate:a=header\n", json!({ "tracestate": "b=meta" }), None, None),
        ("", json!({ "traceparent": parent(of_meta), "tracestate": long }), Some(of_meta), None),
        ("", json!({ "traceparent": parent(of_meta), "tracestate": "a=b\r\nx: y" }), Some(of_meta), None),
    ] {
        for version in ["2025-11-25", "2026-07-28"] {
            let mut meta = meta.clone();
            let mut headers = format!("{JSON}mcp-protocol-version:{version}\n{headers}");
            if version == "2026-07-28" {
                headers.push_str("mcp-method:tools/list\n");
                meta.as_object_mut().expect("an object").extend(modern_meta(version).as_object().expect("one").clone());
            }
            let reply = Fleet::default().post("/mcp", &headers, &request("tools/list", &json!({ "_meta": meta })));
            assert_eq!(reply.status, 200, "{}", reply.body);
            let back = reply.traceparent.split('-').nth(1).expect("a trace");
            assert!(trace.is_none_or(|trace| trace == back), "{headers} {meta}");
            assert_eq!(reply.tracestate.as_deref(), state, "{headers} {meta}");
        }
    }
}

#[test]
fn a_worker_is_told_where_in_the_trace_it_is() {
    let mut params = json!({ "name": "docker_lint_dockerfile", "arguments": {}, "_meta": modern_meta("2026-07-28") });
    params["_meta"]["traceparent"] = json!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    params["_meta"]["tracestate"] = json!("vendor=1,other=2");
    let headers =
        format!("{JSON}mcp-protocol-version:2026-07-28\nmcp-method:tools/call\nmcp-name:docker_lint_dockerfile\n");
    let sent = request("tools/call", &params);
    let arrival = Arrival {
        path: "/mcp",
        headers: &headers,
        body: Some(&sent),
        now_ms: 1,
        access: &octavo_gateway::access::Access::Open,
    };
    let exchange = Exchange::open(arrival, &Config::default(), &mut IdSource::new(1));
    let asked: Value = serde_json::from_str(&exchange.forward().expect("a worker to ask").body).expect("JSON");
    let trace = &asked["trace"];
    assert_eq!(
        (&trace["traceId"], &trace["state"]),
        (&json!("0af7651916cd43dd8448eb211c80319c"), &json!("vendor=1,other=2"))
    );
    let own = exchange.traceparent();
    assert_eq!(trace["parentId"].as_str(), own.split('-').nth(2), "the worker's parent is the span that went back");
}

#[test]
fn skills_are_of_the_newest_version_and_of_the_scope() {
    let fleet = Fleet::default();
    let list = body(&fleet.modern("skills/list", json!({})))["result"].take();
    let uris: Vec<&str> =
        list["skills"].as_array().expect("skills").iter().filter_map(|skill| skill["uri"].as_str()).collect();
    assert_eq!(uris.len(), 8);
    assert!(list["ttlMs"].is_u64() && list["cacheScope"] == "public");
    let skill = body(&fleet.modern("skills/get", json!({ "uri": uris[0] })));
    assert_eq!(skill["result"]["skill"], list["skills"][0]);
    let listed = body(&fleet.modern("resources/list", json!({})));
    for uri in &uris {
        assert!(listed["result"]["resources"].as_array().expect("resources").iter().any(|row| row["uri"] == *uri));
    }
    for (method, params) in [
        ("skills/get", json!({ "uri": "skill://nope/SKILL.md" })),
        ("skills/get", json!({})),
        ("skills/list", json!({ "cursor": "x" })),
    ] {
        let reply = fleet.modern(method, params);
        assert_eq!((reply.status, &body(&reply)["error"]["code"]), (200, &json!(-32602)), "{method}");
    }
    let older = fleet.legacy("2025-11-25", "skills/list", &json!({}));
    assert_eq!(body(&older)["error"]["code"], -32601);
    let meta = modern_meta("2026-07-28");
    let headers = format!("{JSON}mcp-protocol-version:2026-07-28\nmcp-method:skills/list\n");
    let docker = body(&fleet.post("/mcp/docker", &headers, &request("skills/list", &json!({ "_meta": meta }))));
    assert_eq!(docker["result"]["skills"].as_array().map(Vec::len), Some(1));
}

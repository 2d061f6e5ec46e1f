//! Long calls as tasks, through the gateway's core and a tool worker.

use octavo_gateway::Reply;
use octavo_gateway::task::{EXTENSION, TASK_FROM_BYTES};
use octavo_system_tests::{Fleet, body};
use serde_json::{Value, json};

const TOOL: &str = "quality_measure_complexity";
const FILES: usize = 8;

// A request of a client that takes tasks, if so, and says who it is.
fn ask(fleet: &Fleet, method: &str, mut params: Value, takes: bool, caller: &str) -> Reply {
    let capabilities = if takes { json!({ "extensions": { EXTENSION: {} } }) } else { json!({}) };
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    let name = params["name"].as_str().or(params["taskId"].as_str()).unwrap_or_default();
    let headers = format!(
        "content-type:application/json\nmcp-protocol-version:2026-07-28\nmcp-method:{method}\nmcp-name:{name}\nauthorization:{caller}\n"
    );
    let sent = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    fleet.post("/mcp", &headers, sent.to_string().as_bytes())
}

// Arguments of this many bytes.
fn arguments(bytes: usize) -> Value {
    let source = |comment: usize| format!("def first():\n    return 1\n# {}\n", "x".repeat(comment));
    let files = |last: usize, others: usize| -> Value {
        let lengths = (0..FILES).map(|file| if file == 0 { last } else { others });
        let files = lengths.enumerate().map(|(file, length)| json!({ "path": format!("m{file}.py"), "source": source(length) }));
        json!({ "files": files.collect::<Vec<_>>() })
    };
    let others = bytes / FILES - 100;
    let around = files(0, others).to_string().len();
    files(bytes - around, others)
}

fn call(fleet: &Fleet, bytes: usize, takes: bool) -> Value {
    let params = json!({ "name": TOOL, "arguments": arguments(bytes) });
    body(&ask(fleet, "tools/call", params, takes, "me"))["result"].take()
}

fn stands(fleet: &Fleet, task: &Value) -> Value {
    body(&ask(fleet, "tasks/get", json!({ "taskId": task["taskId"] }), true, "me"))["result"].take()
}

#[test]
fn a_long_call_is_a_task_for_clients_that_take_one() {
    let fleet = Fleet::with_tasks();
    let waited_for = call(&fleet, TASK_FROM_BYTES, false);
    assert_eq!((&waited_for["resultType"], &waited_for["isError"]), (&json!("complete"), &json!(false)));
    assert_eq!(call(&fleet, TASK_FROM_BYTES - 1, true)["resultType"], "complete", "below the limit");
    let task = call(&fleet, TASK_FROM_BYTES, true);
    assert_eq!((&task["resultType"], &task["status"]), (&json!("task"), &json!("working")));
    assert!(["result", "error", "inputRequests", "requestState"].iter().all(|member| task.get(member).is_none()));
    assert_eq!((&task["ttlMs"], &task["pollIntervalMs"]), (&json!(3_600_000), &json!(1_000)));
    let working = stands(&fleet, &task);
    assert_eq!((&working["resultType"], &working["status"]), (&json!("complete"), &json!("working")));
    fleet.work();
    let done = stands(&fleet, &task);
    assert_eq!(done["status"], "completed");
    assert_eq!(done["result"], waited_for, "what the call itself would have answered");
    let log = fleet.log();
    let tools = log.iter().filter(|line| line.worker == "octavo-quality");
    assert_eq!(tools.count(), 3, "a line for each time that the tool ran");
    let begun = log.iter().find(|line| line.method.as_deref() == Some("tasks/get")).expect("a line");
    assert_eq!(begun.status, octavo_telemetry::Status::Ok);
}

#[test]
fn blobs_count_by_their_own_length() {
    let fleet = Fleet::with_tasks();
    let handle = fleet.keep(format!("# {}\n", "nothing ".repeat(TASK_FROM_BYTES / FILES / 8)));
    let files: Vec<Value> =
        (0..FILES).map(|file| json!({ "path": format!("m{file}.py"), "source": handle })).collect();
    let params = json!({ "name": TOOL, "arguments": { "files": files } });
    let task = body(&ask(&fleet, "tools/call", params, true, "me"))["result"].take();
    assert_eq!(task["resultType"], "task");
    fleet.work();
    assert_eq!(stands(&fleet, &task)["result"]["isError"], false);
}

#[test]
fn a_task_is_its_callers_alone() {
    let fleet = Fleet::with_tasks();
    let task = call(&fleet, TASK_FROM_BYTES, true);
    let other = format!("task_{}", "a".repeat(32));
    for (method, id, caller) in [
        ("tasks/get", task["taskId"].clone(), "you"),
        ("tasks/get", task["taskId"].clone(), ""),
        ("tasks/update", task["taskId"].clone(), "you"),
        ("tasks/cancel", task["taskId"].clone(), "you"),
        ("tasks/get", json!(format!("{other}a")), "me"),
        ("tasks/cancel", json!("nope"), "me"),
        ("tasks/get", json!(""), "me"),
    ] {
        let reply = ask(&fleet, method, json!({ "taskId": id, "inputResponses": {} }), true, caller);
        assert_eq!((reply.status, &body(&reply)["error"]["code"]), (200, &json!(-32602)), "{method} {id} {caller}");
    }
    assert_eq!(stands(&fleet, &task)["status"], "working", "nobody else stopped it");
    let ack = body(&ask(&fleet, "tasks/cancel", json!({ "taskId": task["taskId"] }), true, "me"))["result"].take();
    let members: Vec<&String> = ack.as_object().expect("a result").keys().collect();
    assert_eq!(members, ["resultType", "_meta"]);
    fleet.work();
    assert_eq!(stands(&fleet, &task)["status"], "cancelled");
    let again = ask(&fleet, "tasks/cancel", json!({ "taskId": task["taskId"] }), true, "me");
    assert_eq!(body(&again)["result"]["resultType"], "complete", "an end is not cancelled, and that is no error");
}

#[test]
fn tasks_are_for_those_who_declare_them_where_they_are_kept() {
    let fleet = Fleet::with_tasks();
    let task = call(&fleet, TASK_FROM_BYTES, true);
    let id = json!({ "taskId": task["taskId"], "inputResponses": {} });
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let reply = ask(&fleet, method, id.clone(), false, "me");
        let error = body(&reply)["error"].take();
        assert_eq!((reply.status, &error["code"]), (400, &json!(-32021)), "{method}");
        assert_eq!(error["data"], json!({ "requiredCapabilities": { "extensions": { EXTENSION: {} } } }));
    }
    let extensions = |fleet: &Fleet| {
        let discovered = body(&fleet.modern("server/discover", json!({})));
        discovered["result"]["capabilities"]["extensions"][EXTENSION].clone()
    };
    assert_eq!(extensions(&fleet), json!({}));
    let without = Fleet::default();
    assert_eq!(extensions(&without), Value::Null);
    assert_eq!(call(&without, TASK_FROM_BYTES, true)["resultType"], "complete");
    for (fleet, method) in [(&without, "tasks/get"), (&fleet, "tasks/list"), (&fleet, "tasks/result")] {
        let reply = ask(fleet, method, id.clone(), true, "me");
        assert_eq!((reply.status, &body(&reply)["error"]["code"]), (404, &json!(-32601)), "{method}");
    }
}

#[test]
fn the_header_names_the_task() {
    let fleet = Fleet::with_tasks();
    let task = call(&fleet, TASK_FROM_BYTES, true);
    let id = task["taskId"].as_str().expect("an id");
    let capabilities = json!({ "extensions": { EXTENSION: {} } });
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let params = json!({ "taskId": id, "inputResponses": {}, "_meta": meta });
        let sent = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        for named in ["", "mcp-name:other\n"] {
            let headers =
                format!("content-type:application/json\nmcp-protocol-version:2026-07-28\nmcp-method:{method}\n{named}");
            let reply = fleet.post("/mcp", &headers, sent.as_bytes());
            assert_eq!((reply.status, &body(&reply)["error"]["code"]), (400, &json!(-32020)), "{method} {named}");
        }
    }
}

#[test]
fn answers_must_be_an_object() {
    let fleet = Fleet::with_tasks();
    let task = call(&fleet, TASK_FROM_BYTES, true);
    for responses in [Value::Null, json!([]), json!("x")] {
        let params = json!({ "taskId": task["taskId"], "inputResponses": responses });
        let reply = ask(&fleet, "tasks/update", params, true, "me");
        assert_eq!((reply.status, &body(&reply)["error"]["code"]), (200, &json!(-32602)));
    }
    let params = json!({ "taskId": task["taskId"], "inputResponses": { "never": { "action": "accept" } } });
    assert_eq!(body(&ask(&fleet, "tasks/update", params, true, "me"))["result"]["resultType"], "complete");
}

//! Calls through the whole fleet: every tool, every category down, and what the log says of it.

use octavo_category::Category;
use octavo_gateway::{Config, Exchange};
use octavo_system_tests::{Behaviour, Fleet, body, registry};
use octavo_telemetry::{IdSource, Kind, LogLine, Status};
use serde_json::{Value, json};

/// Every example of every tool: full name, arguments.
fn examples() -> Vec<(String, Value)> {
    let mut examples = Vec::new();
    for category in Category::ALL {
        let registry = registry(*category);
        for tool in registry.tools {
            let declaration = tool.declaration();
            for example in declaration.examples {
                let arguments = serde_json::from_str(example.arguments).expect("an example is JSON");
                examples.push((registry.full_name(&declaration), arguments));
            }
        }
    }
    examples
}

#[test]
fn every_example_of_every_tool_answers_alike_in_both_eras() {
    let fleet = Fleet::default();
    for (name, arguments) in examples() {
        let modern = body(&fleet.modern("tools/call", json!({ "name": name, "arguments": arguments })));
        let legacy = body(&fleet.legacy("2025-11-25", "tools/call", &json!({ "name": name, "arguments": arguments })));
        assert_eq!(modern["result"]["isError"], false, "{name}: {modern}");
        assert_eq!(modern["result"]["resultType"], "complete", "{name}");
        assert_eq!(modern["result"]["structuredContent"], legacy["result"]["structuredContent"], "{name}");
        assert_eq!(modern["result"]["content"], legacy["result"]["content"], "{name}");
        assert!(legacy["result"].get("resultType").is_none(), "{name}");
    }
}

#[test]
fn the_list_names_the_tools_the_workers_have() {
    let listed = body(&Fleet::default().modern("tools/list", json!({})));
    let listed: Vec<&str> =
        listed["result"]["tools"].as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect();
    let registered: Vec<String> = Category::ALL
        .iter()
        .flat_map(|category| {
            let registry = registry(*category);
            registry.tools.iter().map(move |tool| registry.full_name(&tool.declaration()))
        })
        .collect();
    assert_eq!(listed, registered, "run `cargo xtask gen`");
}

#[test]
fn each_call_leaves_one_line_at_each_hop_joined_by_its_trace() {
    let fleet = Fleet::default();
    let calls = examples();
    for (name, arguments) in &calls {
        fleet.modern("tools/call", json!({ "name": name, "arguments": arguments }));
    }
    let log = fleet.log();
    assert_eq!(log.len(), 2 * calls.len());
    for (pair, (name, _)) in log.chunks(2).zip(&calls) {
        let [tool, gateway] = pair else { panic!("two lines a call") };
        assert_eq!((tool.kind, gateway.kind), (Kind::Tool, Kind::Mcp));
        assert_eq!(tool.trace_id, gateway.trace_id);
        assert_eq!(tool.parent_id.as_ref(), Some(&gateway.span_id));
        assert_ne!(tool.span_id, gateway.span_id);
        assert_eq!((tool.tool.as_deref(), gateway.tool.as_deref()), (Some(name.as_str()), Some(name.as_str())));
        assert_eq!((tool.status, gateway.status), (Status::Ok, Status::Ok));
    }
}

#[test]
fn the_callers_trace_is_carried_on() {
    let fleet = Fleet::default();
    let meta = json!({ "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
    let (name, arguments) = examples().swap_remove(0);
    fleet.modern("tools/call", json!({ "name": name, "arguments": arguments, "_meta": meta }));
    for line in fleet.log() {
        assert_eq!(line.trace_id, "0af7651916cd43dd8448eb211c80319c");
    }
    assert_eq!(fleet.log()[1].parent_id.as_deref(), Some("b7ad6b7169203331"));
}

#[test]
fn a_dead_worker_takes_nothing_else_down() {
    for dead in Category::ALL {
        let fleet = Fleet::default();
        fleet.make(*dead, Behaviour::Dead);
        for (name, arguments) in examples() {
            let result = &body(&fleet.modern("tools/call", json!({ "name": name, "arguments": arguments })))["result"];
            let is_dead = name.starts_with(&format!("{dead}_"));
            assert_eq!(result["isError"], is_dead, "{name} while {dead} is dead");
            if is_dead {
                assert_eq!(result["_meta"]["dev.octavo/error"]["reason"], "category_unavailable");
                assert_eq!(result["_meta"]["dev.octavo/error"]["retryable"], true);
                assert!(result.get("structuredContent").is_none());
            }
        }
    }
}

#[test]
fn a_worker_that_answers_garbage_is_a_failed_tool() {
    let fleet = Fleet::default();
    fleet.make(Category::Docker, Behaviour::Garbage);
    let reply = fleet.modern("tools/call", json!({ "name": "docker_lint_dockerfile", "arguments": {} }));
    assert_eq!(reply.status, 200);
    let result = &body(&reply)["result"];
    assert_eq!(result["_meta"]["dev.octavo/error"]["reason"], "tool_failed");
    assert!(result["content"][0]["text"].as_str().is_some_and(|text| text.contains("trace") && !text.contains("html")));
    assert_eq!(fleet.log()[0].status, Status::Exception);
}

#[test]
fn progress_comes_as_events_when_it_is_asked_for() {
    let fleet = Fleet::default();
    let (name, arguments) = examples().swap_remove(0);
    let reply =
        fleet.modern("tools/call", json!({ "name": name, "arguments": arguments, "_meta": { "progressToken": "p" } }));
    assert_eq!(reply.content_type, "text/event-stream");
    let last = reply.body.trim_end().rsplit("\n\n").next().unwrap_or_default();
    let response: Value =
        serde_json::from_str(last.strip_prefix("event: message\ndata: ").unwrap_or_default()).expect("an event");
    assert_eq!(response["id"], 1);
}

#[test]
fn nothing_a_caller_sends_reaches_the_log_or_an_error() {
    let canary = "canary-7f3a9c51";
    let fleet = Fleet::default();
    for tool in octavo_catalog::catalog().tools() {
        for arguments in [
            json!({ "source": canary, "filename": canary }),
            json!({ "source": 5, "x": canary }),
            json!(canary),
            json!({ "files": canary }),
            json!({ "output": { "ignore": canary, "minLevel": canary } }),
        ] {
            let meta = json!({ "progressToken": canary, "traceparent": canary, "baggage": canary });
            fleet.modern("tools/call", json!({ "name": tool.name, "arguments": arguments, "_meta": meta }));
        }
    }
    fleet.modern(canary, json!({}));
    fleet.modern("tools/call", json!({ "name": canary }));
    fleet.legacy(canary, "tools/list", &json!({ "cursor": canary }));
    for line in fleet.log() {
        assert!(!line.to_json().contains(canary), "{}", line.to_json());
    }
}

#[test]
fn a_lost_instance_leaves_a_line_in_the_next_one() {
    let headers = "authorization:Bearer s3cret\nmcp-method:tools/call\ntraceparent:00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n";
    let (line, trace) = Exchange::lost(headers, 7, &Config::default(), &mut IdSource::new(1));
    let line = LogLine::parse(&line).expect("a line");
    assert_eq!(trace, "0af7651916cd43dd8448eb211c80319c", "what the caller is told");
    assert_eq!(
        (line.trace_id.as_ref(), line.status, line.method.as_deref()),
        (trace.as_str(), Status::Exception, Some("tools/call"))
    );
    assert_eq!((line.error_type.as_deref(), line.http_status), (Some("instance_lost"), Some(500)));
    let (line, _) = Exchange::lost("mcp-method:s3cret\n", 7, &Config::default(), &mut IdSource::new(1));
    assert!(!line.contains("s3cret"), "a method of the caller's own is not logged");
}

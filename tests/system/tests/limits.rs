//! The limits of what callers send, found out by asking: each tool says itself what it takes of each text and list, and has to keep
//! its word at the edge, one beyond it, and far beyond it. Those of the doors are asked by their names.

use octavo_gateway::access::Access;
use octavo_gateway::{Arrival, Bound, Config, Exchange};
use octavo_rpc::MAX_ARGUMENTS_BYTES;
use octavo_system_tests::nesting::{Place, lists, places};
use octavo_system_tests::{Fleet, body};
use octavo_tail::access::Access as Operators;
use octavo_tail::api::{self, Reply, Request};
use octavo_tail::store::{MemoryStore, ready};
use octavo_telemetry::IdSource;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// More than any text but a recording may have, and more than any may have, in bytes.
const LONG: usize = 5 * 1024 * 1024;
const LONGEST: usize = 24 * 1024 * 1024 + 1;
/// Of so many texts and lists one is tried, unless all are asked for.
const SAMPLED: usize = 11;
/// More items than any list may have, where they fit the arguments.
const MANY: usize = 300_000;

// The limit that an answer names, if it is that what stands at `pointer`, or all of it together, is too large.
fn limit_of(frames: &str, pointer: &str) -> Option<usize> {
    let frame: Value = serde_json::from_str(frames.trim_end()).unwrap_or_default();
    let error = &frame["reply"]["error"];
    if error["reason"] != "input_too_large" || error["path"] != pointer {
        return None;
    }
    let sentence = frame["reply"]["text"].as_str()?;
    sentence.split("the limit is ").nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

// One in so many, or all where OCTAVO_LIMITS=all says so, which takes an unoptimised build long.
fn sampled(places: Vec<Place>) -> impl Iterator<Item = Place> {
    let is_whole = std::env::var("OCTAVO_LIMITS").is_ok_and(|value| value == "all");
    places.into_iter().step_by(if is_whole { 1 } else { SAMPLED })
}

fn is_refused(frames: &str) -> bool {
    let frame: Value = serde_json::from_str(frames.trim_end()).unwrap_or_default();
    ["input_too_large", "invalid_argument"].iter().any(|reason| frame["reply"]["error"]["reason"] == *reason)
}

#[test]
fn every_text_of_every_tool_has_a_limit_that_holds_at_its_edge() {
    let (mut faults, mut held) = (Vec::new(), 0);
    let mut seen = BTreeSet::new();
    for place in sampled(places()) {
        let Some(far) =
            [LONG, LONGEST].map(|length| place.call(&" ".repeat(length))).into_iter().find(|frames| is_refused(frames))
        else {
            faults.push(format!("{} {} takes {LONGEST} bytes", place.tool, place.pointer));
            continue;
        };
        // What is refused for another reason, such as a word that is not on a list, was not looked at further.
        let Some(mut limit) = limit_of(&far, &place.pointer) else { continue };
        let at = |length: usize| limit_of(&place.call(&" ".repeat(length)), &place.pointer);
        // What all texts together may have is told first; one alone may have less.
        while let Some(lower) = at(limit).filter(|lower| *lower < limit) {
            limit = lower;
        }
        if !seen.insert((place.tool.clone(), limit)) {
            continue;
        }
        held += 1;
        // A limit of several texts together counts what stands beside this one too.
        let beside = place.arguments().to_string().len();
        if at(limit + 1) != Some(limit) || (at(limit).is_some() && at(limit.saturating_sub(beside)).is_some()) {
            faults.push(format!("{} {} does not hold {limit} bytes at its edge", place.tool, place.pointer));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(held > 3, "{held} limits were met");
}

fn with_items(place: &Place, count: usize) -> String {
    let mut arguments = place.arguments().clone();
    if let Some(Value::Array(items)) = arguments.pointer_mut(&place.pointer) {
        let item = items.first().cloned().unwrap_or_default();
        *items = vec![item; count];
    }
    place.call_with(&arguments)
}

#[test]
fn every_list_of_every_tool_has_a_limit_that_holds_at_its_edge() {
    let (mut faults, mut held) = (Vec::new(), 0);
    for place in sampled(lists()) {
        let item = place.arguments().pointer(&format!("{}/0", place.pointer)).map_or(0, |item| item.to_string().len());
        let many = MANY.min(MAX_ARGUMENTS_BYTES / 2 / (item + 1));
        let far = with_items(&place, many);
        if !is_refused(&far) {
            faults.push(format!("{} {} takes {many} items", place.tool, place.pointer));
            continue;
        }
        let Some(limit) = limit_of(&far, &place.pointer) else { continue };
        held += 1;
        let at = |count: usize| limit_of(&with_items(&place, count), &place.pointer);
        if at(limit + 1) != Some(limit) || at(limit).is_some() {
            faults.push(format!("{} {} does not hold {limit} items at its edge", place.tool, place.pointer));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(held > 3, "{held} limits were met");
}

#[test]
fn arguments_and_output_options_are_bounded() {
    let places = places();
    let place = places.iter().find(|place| place.tool == "docker_lint_dockerfile").expect("the tool");
    let with = |options: Value| place.call_with(&json!({ "source": "FROM a:1\n", "output": options }));
    for (name, most) in [("maxFindings", 1_000), ("maxTokens", 20_000)] {
        for (value, is_over) in [(most, false), (most + 1, true), (most * 1_000, true)] {
            assert_eq!(is_refused(&with(json!({ name: value }))), is_over, "{name} {value}");
        }
    }
    for (count, is_over) in [(2_000, false), (2_001, true), (200_000, true)] {
        assert_eq!(is_refused(&with(json!({ "ignore": vec!["DL3006"; count] }))), is_over, "{count} rules left out");
    }
    for (length, is_over) in [(200, false), (201, true), (200_000, true)] {
        assert_eq!(is_refused(&with(json!({ "ignore": ["a".repeat(length)] }))), is_over, "an id of {length} bytes");
    }
    // All arguments together, with the braces and the name around the text.
    let around = json!({ "source": "" }).to_string().len();
    for (length, is_over) in [(MAX_ARGUMENTS_BYTES, false), (MAX_ARGUMENTS_BYTES + 1, true)] {
        let frames = place.call_with(&json!({ "source": " ".repeat(length - around) }));
        assert_eq!(limit_of(&frames, "").is_some(), is_over, "{length}");
    }
}

// ---- The doors.

const HEADERS: &str = "content-type:application/json\nmcp-protocol-version:2025-11-25\n";

fn exchange(headers: &str, method: &str, params: &Value) -> Exchange {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let headers = format!("{HEADERS}{headers}");
    let arrival =
        Arrival { path: "/mcp", headers: &headers, body: Some(request.as_bytes()), now_ms: 1, access: &Access::Open };
    Exchange::open(arrival, &Config::default(), &mut IdSource::new(1))
}

#[test]
fn a_tracestate_is_passed_on_up_to_its_limit() {
    let parent = "traceparent:00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n";
    for (length, passes) in [(512, true), (513, false), (512_000, false)] {
        let state = format!("a={}", "b".repeat(length - 2));
        let found = exchange(&format!("{parent}tracestate:{state}\n"), "ping", &json!({}));
        assert_eq!(found.tracestate(), passes.then_some(&*state), "{length}");
    }
    let odd = exchange(&format!("{parent}tracestate:a=\u{e9}\n"), "ping", &json!({}));
    assert_eq!(odd.tracestate(), None, "what is no header is not sent as one");
}

#[test]
fn a_subscription_follows_tasks_up_to_their_limit() {
    let config = Config::default().with_bound(Bound { tasks: true, ..Bound::default() });
    for (count, taken) in [(16, true), (17, false), (16_000, false)] {
        let ids: Vec<String> = (0..count).map(|at| format!("task_{at:032x}")).collect();
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": { "extensions": { "io.modelcontextprotocol/tasks": {} } },
        });
        let params = json!({ "notifications": { "taskIds": ids }, "_meta": meta });
        let request =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params }).to_string();
        let headers = "content-type:application/json\naccept:text/event-stream\nmcp-protocol-version:2026-07-28\nmcp-method:subscriptions/listen\n";
        let arrival =
            Arrival { path: "/mcp", headers, body: Some(request.as_bytes()), now_ms: 1, access: &Access::Open };
        let exchange = Exchange::open(arrival, &config, &mut IdSource::new(1));
        assert_eq!(exchange.is_listening(), taken, "{count}");
        if !taken {
            assert!(exchange.close(2).0.body.contains("at most 16 ids of tasks"), "{count}");
        }
    }
}

#[test]
fn an_argument_of_a_prompt_is_cut_at_its_limit() {
    let prompts = body(&Fleet::default().legacy("2025-11-25", "prompts/list", &json!({})));
    let prompt = &prompts["result"]["prompts"][0];
    let argument = prompt["arguments"][0]["name"].as_str().expect("an argument");
    let text = |length: usize| {
        let params = json!({ "name": prompt["name"], "arguments": { argument: "y".repeat(length) } });
        body(&Fleet::default().legacy("2025-11-25", "prompts/get", &params)).to_string()
    };
    let longest = |length: usize| text(length).split(|c| c != 'y').map(str::len).max().unwrap_or_default();
    for (length, kept) in [(1_000, 1_000), (1_001, 1_000), (1_000_000, 1_000)] {
        let found = longest(length);
        assert!(found <= kept, "{found} of {length}");
    }
}

#[test]
fn requests_of_any_length_of_names_are_answered() {
    let fleet = Fleet::default();
    for length in [200, 201, 200_000] {
        let long = "x".repeat(length);
        for (method, params) in [
            ("tools/call", json!({ "name": long, "arguments": {} })),
            ("resources/read", json!({ "uri": format!("rule://docker/{long}") })),
            ("prompts/get", json!({ "name": long })),
            (
                "completion/complete",
                json!({ "ref": { "type": "ref/prompt", "name": long }, "argument": { "name": long, "value": long } }),
            ),
            (&*long, json!({})),
        ] {
            let reply = fleet.legacy("2025-11-25", method, &params);
            // What is not found may be named, and nothing is answered at greater length than it was asked.
            assert!(reply.status < 500 && reply.body.len() < 4_096 + 2 * length, "{length}: {}", reply.body);
        }
    }
    assert!(fleet.log().iter().all(|line| line.to_json().len() < 8 * 1_024));
}

fn status(path: &str, parameters: &[(&str, String)]) -> u16 {
    let parameters: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let request = Request { method: "GET", path, parameters: &parameters, authorization: None, last_event_id: None };
    match ready(api::answer(&MemoryStore::default(), &Operators::Open, request, 1_790_000_000_000)) {
        Reply::Whole { status, .. } => status,
        Reply::Live(_) | Reply::Export(_) => 200,
    }
}

#[test]
fn questions_to_the_log_are_bounded_at_their_edges() {
    for path in ["/v1/logs", "/v1/traces"] {
        for (limit, answer) in [("1", 200), ("1000", 200), ("1001", 400), ("1000000", 400), ("0", 400)] {
            assert_eq!(status(path, &[("limit", limit.to_owned())]), answer, "{path} limit={limit}");
        }
    }
    for name in ["q", "tool", "client"] {
        for (length, answer) in [(256, 200), (257, 400), (256_000, 400)] {
            assert_eq!(status("/v1/logs", &[(name, "a".repeat(length))]), answer, "{name} of {length} bytes");
        }
    }
    for (count, answer) in [(64, 200), (65, 400), (64_000, 400)] {
        let tools: Vec<(&str, String)> = (0..count).map(|at| ("tool", format!("t{at}"))).collect();
        assert_eq!(status("/v1/logs", &tools), answer, "{count} values");
    }
}

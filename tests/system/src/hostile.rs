//! Hostile input to everything that reads strangers' bytes: all tools through the gateway, the gateway's envelope, and the log's
//! ingest and query API. A case is a pure function of its layer, seed and number, so that any of them can be told again.

use crate::nesting::{self, Place, bombs, places};
use crate::{Fleet, calls_of, registry};
use octavo_category::Category;
use octavo_tail::access::Access;
use octavo_tail::api::{self, Request};
use octavo_tail::ingest::ingest;
use octavo_tail::store::{MemoryStore, ready};
use octavo_testkit::Dice;
use serde_json::{Value, json};

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// `tools/call` of every tool in turn, with varied arguments.
    Tools,
    /// Requests to the gateway, queries of the log, and tail events.
    Doors,
    /// Every text of every tool, nested deeply in every way, and bombs; as many cases as there are, whatever the seed.
    Nesting,
}

/// A tool's full name and calls of it that are sound.
struct Subject {
    name: String,
    calls: Vec<Value>,
}

/// What cases are made from.
pub struct Corpus {
    subjects: Vec<Subject>,
    calls: Vec<Value>,
    places: Vec<Place>,
    bombs: Vec<(&'static str, String)>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Case {
    /// A body for `/mcp`, to be answered.
    Call {
        /// Full name of the tool.
        tool: String,
        /// The JSON-RPC request, perhaps broken.
        body: Vec<u8>,
    },
    /// A request to the gateway.
    Request {
        /// Path and query.
        path: String,
        /// `name:value` lines.
        headers: String,
        /// The body.
        body: Vec<u8>,
    },
    /// A question to the log.
    Query {
        /// Path without `/ops`.
        path: String,
        /// Parameters.
        parameters: Vec<(String, String)>,
    },
    /// What the platform hands to a tail worker.
    Events(String),
    /// Arguments for a tool's worker, past the gateway and its limits.
    Direct {
        /// The text that is replaced.
        place: Place,
        /// By what.
        text: String,
    },
}

impl Corpus {
    /// The examples and specs of all tools, or of one.
    pub fn new(tool: Option<&str>) -> Self {
        let mut subjects = Vec::new();
        for category in Category::ALL {
            let registry = registry(*category);
            for known in registry.tools {
                let name = registry.full_name(&known.declaration());
                subjects.push(Subject { name, calls: calls_of(*category, *known) });
            }
        }
        let calls = subjects.iter().flat_map(|subject| subject.calls.iter().cloned()).collect();
        subjects.retain(|subject| tool.is_none_or(|tool| tool == subject.name));
        let mut places = places();
        places.retain(|place| tool.is_none_or(|tool| tool == place.tool));
        Self { subjects, calls, places, bombs: bombs() }
    }

    /// Whether there is a tool to try.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// How many cases a layer has, where it has an end.
    pub fn count(&self, layer: Layer) -> Option<usize> {
        (layer == Layer::Nesting).then(|| self.places.len() * self.each())
    }

    // Cases of each place.
    fn each(&self) -> usize {
        nesting::count() + self.bombs.len()
    }

    // Consecutive numbers are of different tools and different kinds, so that a short run meets all tools and many kinds.
    fn direct(&self, number: usize) -> Case {
        let at = number % self.places.len();
        let kind = (number / self.places.len() * 101 + at * 7) % self.each();
        let place = self.places[at].clone();
        let bomb = kind.checked_sub(nesting::count()).and_then(|bomb| self.bombs.get(bomb));
        let text = bomb.map_or_else(|| nesting::nested(&place, kind), |(_, text)| text.clone());
        Case::Direct { place, text }
    }

    /// The case of a number.
    pub fn case(&self, layer: Layer, seed: u64, number: u64) -> Case {
        let mut dice = Dice::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.below(1);
        match layer {
            Layer::Tools => self.call(&mut dice, number),
            Layer::Doors => self.door(&mut dice),
            Layer::Nesting => self.direct(usize::try_from(number).unwrap_or_default()),
        }
    }

    fn call(&self, dice: &mut Dice, number: u64) -> Case {
        let at = usize::try_from(number).unwrap_or_default() % self.subjects.len();
        let Subject { name, calls } = &self.subjects[at];
        let base = calls.get(dice.below(calls.len())).cloned().unwrap_or_else(|| json!({}));
        let mut arguments = dice.vary(&base, &self.calls);
        if dice.below(8) == 0 {
            let output = json!({ "maxFindings": 5, "maxTokens": 600, "minLevel": "warning", "format": "sarif", "ignore": ["x"] });
            arguments["output"] = dice.vary(&output, &self.calls);
        }
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments } });
        Case::Call { tool: name.clone(), body: broken(dice, request.to_string()) }
    }

    fn door(&self, dice: &mut Dice) -> Case {
        match dice.below(8) {
            0 => Case::Query { path: one_of(dice, QUERIES).to_owned(), parameters: parameters(dice) },
            1 => Case::Events(events(dice)),
            _ => self.request(dice),
        }
    }

    fn request(&self, dice: &mut Dice) -> Case {
        let method = one_of(dice, METHODS).to_owned();
        let tool = self.subjects.get(dice.below(self.subjects.len())).map_or("", |subject| subject.name.as_str());
        let version = one_of(dice, VERSIONS);
        let mut params = json!({
            "name": tool, "arguments": {}, "uri": "rule://docker/DL3006", "cursor": "eyJ", "protocolVersion": version, "capabilities": {},
            "clientInfo": { "name": "x", "version": "1" }, "ref": { "type": "ref/prompt", "name": "review" },
            "argument": { "name": "category", "value": "d" }, "taskId": "task_x", "requestState": "x.y",
            "inputResponses": { "a": { "action": "accept" } }, "level": "info", "requestId": 1, "reason": "x",
            "_meta": { "io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {}, "progressToken": 1,
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        });
        if dice.below(2) == 0 {
            let keep = dice.below(16);
            let mut index = 0;
            if let Some(members) = params.as_object_mut() {
                members.retain(|name, _| {
                    index += 1;
                    name == "_meta" || index == keep
                });
            }
        }
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let varied = if dice.below(4) == 0 { request } else { dice.vary(&request, &self.calls) };
        let mut headers = format!(
            "content-type:application/json\naccept:application/json, text/event-stream\nmcp-protocol-version:{version}\nmcp-method:{method}\nmcp-name:{tool}\n"
        );
        if dice.below(2) == 0 {
            headers = dice.mutate(&headers, ":\n,; \u{0}\u{e9}\"=");
        }
        let mut path = one_of(dice, PATHS).to_owned();
        if dice.below(3) == 0 {
            path = dice.mutate(&path, "/?&=%,.#\u{0}\u{e9}");
        }
        Case::Request { path, headers, body: broken(dice, varied.to_string()) }
    }
}

impl Case {
    /// A short name of what is tried.
    pub fn name(&self) -> &str {
        match self {
            Self::Call { tool, .. } => tool,
            Self::Request { .. } => "gateway",
            Self::Query { .. } => "log query",
            Self::Events(_) => "tail events",
            Self::Direct { place, .. } => &place.tool,
        }
    }

    /// Answers it, and says what is wrong with the answer.
    pub fn fault(&self) -> Option<String> {
        match self {
            Self::Call { body, .. } => answered("/mcp", "content-type:application/json\n", body),
            Self::Request { path, headers, body } => answered(path, headers, body),
            Self::Query { path, parameters } => {
                let request = Request { method: "GET", path, parameters, authorization: None, last_event_id: None };
                let _ = ready(api::answer(&MemoryStore::default(), &Access::Open, request, NOW));
                None
            }
            Self::Events(events) => {
                let _ = ingest(events);
                None
            }
            Self::Direct { place, text } => {
                let frames = place.call(text);
                match serde_json::from_str::<Value>(frames.trim_end()) {
                    Err(error) => Some(format!("an answer that is no JSON: {error}")),
                    Ok(frame) => {
                        let reason = frame.pointer("/reply/error/reason");
                        (reason == Some(&json!("tool_failed"))).then(|| "tool_failed".to_owned())
                    }
                }
            }
        }
    }
}

const NOW: u64 = 1_790_000_000_000;

// One response to each request: JSON, or nothing where nothing is asked.
fn answered(path: &str, headers: &str, body: &[u8]) -> Option<String> {
    let fleet = Fleet::with_tasks();
    let reply = fleet.post(path, headers, body);
    if reply.status >= 500 {
        return Some(format!("status {}", reply.status));
    }
    let text = match reply.content_type {
        "text/event-stream" => {
            reply.body.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().unwrap_or_default()
        }
        _ => &reply.body,
    };
    if text.is_empty() && matches!(reply.status, 202 | 204) {
        return None;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(answer) if answer.get("result").is_some() || answer.get("error").is_some() => {
            let reason = answer.pointer("/result/_meta/dev.octavo~1error/reason");
            (reason == Some(&json!("tool_failed"))).then(|| "tool_failed".to_owned())
        }
        Ok(_) => Some("an answer with neither result nor error".to_owned()),
        Err(error) => Some(format!("an answer that is no JSON: {error}")),
    }
}

// Mostly as it is; else some bytes are others.
fn broken(dice: &mut Dice, text: String) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    match dice.below(12) {
        0 => {
            for _ in 0..=dice.below(4) {
                let at = dice.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
        1 => {
            let escape: &[u8] = [
                &b"\\ud800"[..],
                b"\\udfff\\ud800",
                b"\\u0000",
                b"\\u00",
                b"\\x41",
                b"\xff\xfe",
                b"\xed\xa0\x80",
                b"\xf4\x90\x80\x80",
            ][dice.below(8)];
            let at = dice.below(bytes.len() + 1);
            bytes.splice(at..at, escape.iter().copied());
        }
        2 => bytes.truncate(dice.below(bytes.len())),
        _ => {}
    }
    bytes
}

fn parameters(dice: &mut Dice) -> Vec<(String, String)> {
    (0..dice.below(6))
        .map(|_| {
            let (mut name, mut value) = (one_of(dice, PARAMETERS).to_owned(), one_of(dice, VALUES).to_owned());
            if dice.below(4) == 0 {
                name = dice.mutate(&name, "!~.= \u{e9}");
            }
            if dice.below(2) == 0 {
                value = dice.mutate(&value, "0123456789smhdTZ:-.,!*\u{0}\u{e9}\u{1f600}");
            }
            (name, value)
        })
        .collect()
}

fn events(dice: &mut Dice) -> String {
    let line = json!({ "v": 1, "ts": NOW, "worker": "octavo-docker", "kind": "tool", "trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331",
        "tool": "docker_lint_dockerfile", "status": "ok", "dur_ms": 3, "bytes_in": 10, "bytes_out": 20 });
    let line = dice.vary(&line, &[]).to_string();
    let line = if dice.below(3) == 0 { dice.mutate(&line, "{}\":,\\\u{0}") } else { line };
    let event = json!([{ "scriptName": "octavo-docker", "outcome": "ok", "eventTimestamp": NOW, "logs": [{ "level": "log", "timestamp": NOW, "message": [line] }],
        "exceptions": [{ "name": "Error", "message": "x", "timestamp": NOW }], "event": { "request": { "url": "https://x/", "method": "POST", "headers": {} } } }]);
    let event = dice.vary(&event, &[]).to_string();
    if dice.below(4) == 0 { dice.mutate(&event, "{}[]\":,\\\u{0}") } else { event }
}

fn one_of<'w>(dice: &mut Dice, words: &[&'w str]) -> &'w str {
    words[dice.below(words.len())]
}

const METHODS: &[&str] = &[
    "initialize",
    "notifications/initialized",
    "ping",
    "server/discover",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "subscriptions/listen",
    "tasks/get",
    "tasks/update",
    "tasks/cancel",
    "tasks/result",
    "tasks/list",
    "notifications/cancelled",
    "nope",
];
const VERSIONS: &[&str] = &["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2027-01-01", ""];
const PATHS: &[&str] = &[
    "/mcp",
    "/mcp/docker",
    "/mcp/search",
    "/mcp?categories=docker,python",
    "/mcp?tools=docker_lint_dockerfile&exclude=x",
    "/mcp?schemas=full",
    "/mcp/nope",
    "/mcp?",
];
const QUERIES: &[&str] = &[
    "/v1/logs",
    "/v1/traces",
    "/v1/trace/x",
    "/v1/traces/0af7651916cd43dd8448eb211c80319c",
    "/v1/errors",
    "/v1/metrics",
    "/v1/fields",
    "/v1/summary",
    "/v1/fields/tool/values",
    "/v1/fields/nope/values",
    "/v1/live",
    "/v1/export",
    "/v1/openapi.json",
    "/metrics",
    "/",
];
const PARAMETERS: &[&str] = &[
    "since", "until", "limit", "min_ms", "q", "cursor", "tool", "status", "worker", "kind", "client", "order",
    "metric", "agg", "group_by", "step", "nope",
];
const VALUES: &[&str] = &[
    "15m",
    "2h",
    "3d",
    "1790000000000",
    "2026-11-22T10:00:00Z",
    "-1",
    "0",
    "1000",
    "99999999999999999999",
    "ok",
    "!ok",
    "a,b",
    "docker_lint_dockerfile",
    "eyJhIjoxfQ",
    "p95",
    "count",
    "1m",
    "",
    "%",
    "18446744073709551615d",
];

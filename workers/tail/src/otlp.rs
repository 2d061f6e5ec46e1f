//! Lines as OTLP/HTTP JSON: spans for `/v1/traces`, records for `/v1/logs`, written by hand since the generated types are
//! heavy in wasm.
//!
//! The encoding is the protocol's own (OTLP 1.x, "JSON Protobuf Encoding"): names in lower camel case, ids in hexadecimal,
//! 64-bit numbers as text, enums as numbers. Names of attributes follow OpenTelemetry's conventions for MCP (semantic
//! conventions for generative AI, `mcp.md`) and for HTTP; what they have no word for starts with `octavo.`, what the platform
//! says with `cloudflare.`. Invariant: nothing is exported that is not in the line.

use octavo_telemetry::{Kind, LogLine, Status};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where OTLP goes, if anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    endpoint: String,
    /// Headers of each request, such as a key.
    pub headers: Vec<(String, String)>,
}

/// A request to the collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Whole URL.
    pub url: String,
    /// JSON.
    pub body: String,
    /// Lines in it.
    pub lines: u64,
}

impl Collector {
    /// Reads `OTLP_ENDPOINT`, a URL that `/v1/traces` and `/v1/logs` are put to, and `OTLP_HEADERS`, `name=value` between
    /// commas, values percent-encoded where they must be, as `OTEL_EXPORTER_OTLP_HEADERS` has them. What is no URL is none.
    pub fn read(endpoint: Option<&str>, headers: Option<&str>) -> Option<Self> {
        let endpoint = endpoint?.trim().trim_end_matches('/');
        let is_url = ["https://", "http://"]
            .iter()
            .any(|scheme| endpoint.strip_prefix(scheme).is_some_and(|host| !host.is_empty()));
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let name = name.trim().to_ascii_lowercase();
            let is_token = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            is_token.then(|| (name, decoded(value.trim())))
        };
        let headers = headers.unwrap_or_default().split(',').filter_map(pair).collect();
        is_url.then(|| Self { endpoint: endpoint.to_owned(), headers })
    }

    /// The requests for some lines: their spans, and their records.
    pub fn posts(&self, lines: &[LogLine<'_>]) -> Vec<Post> {
        let post = |path: &str, (body, count): (String, u64)| Post {
            url: format!("{}{path}", self.endpoint),
            body,
            lines: count,
        };
        let posts = [post("/v1/traces", spans(lines)), post("/v1/logs", records(lines))];
        posts.into_iter().filter(|post| post.lines > 0).collect()
    }
}

/// An `ExportTraceServiceRequest`, and how many spans are in it: a line whose ids are none has no span.
pub fn spans(lines: &[LogLine<'_>]) -> (String, u64) {
    let lines: Vec<&LogLine<'_>> =
        lines.iter().filter(|line| is_id(&line.trace_id, 32) && is_id(&line.span_id, 16)).collect();
    let groups = by_resource(&lines).into_iter().map(|(resource, lines)| {
        let spans: Vec<Value> = lines.into_iter().map(span).collect();
        json!({ "resource": resource_of(&resource), "scopeSpans": [{ "scope": scope(), "spans": spans }] })
    });
    (json!({ "resourceSpans": groups.collect::<Vec<_>>() }).to_string(), lines.len() as u64)
}

/// An `ExportLogsServiceRequest`, and how many records are in it.
pub fn records(lines: &[LogLine<'_>]) -> (String, u64) {
    let lines: Vec<&LogLine<'_>> = lines.iter().collect();
    let groups = by_resource(&lines).into_iter().map(|(resource, lines)| {
        let records: Vec<Value> = lines.into_iter().map(record).collect();
        json!({ "resource": resource_of(&resource), "scopeLogs": [{ "scope": scope(), "logRecords": records }] })
    });
    (json!({ "resourceLogs": groups.collect::<Vec<_>>() }).to_string(), lines.len() as u64)
}

type Resource<'l> = (&'l str, &'l str, &'l str);

fn by_resource<'l>(lines: &[&'l LogLine<'_>]) -> BTreeMap<Resource<'l>, Vec<&'l LogLine<'l>>> {
    let mut groups: BTreeMap<Resource<'l>, Vec<&'l LogLine<'l>>> = BTreeMap::new();
    for line in lines {
        let resource = (
            line.worker.as_ref(),
            line.version.as_deref().unwrap_or_default(),
            line.colo.as_deref().unwrap_or_default(),
        );
        groups.entry(resource).or_default().push(line);
    }
    groups
}

fn scope() -> Value {
    json!({ "name": "octavo", "version": env!("CARGO_PKG_VERSION") })
}

fn resource_of((worker, version, colo): &Resource<'_>) -> Value {
    let mut attributes = Attributes::default();
    attributes.text("service.name", Some(worker));
    attributes.text("service.namespace", Some("octavo"));
    attributes.text("service.version", Some(version));
    attributes.text("cloud.provider", Some("cloudflare"));
    attributes.text("cloud.platform", Some("cloudflare.workers"));
    attributes.text("faas.name", Some(worker));
    attributes.text("faas.version", Some(version));
    attributes.text("cloudflare.colo", Some(colo));
    json!({ "attributes": attributes.0 })
}

// `{method} {tool}` of the endpoint, `execute_tool {tool}` of the work behind it.
fn name_of(line: &LogLine<'_>) -> String {
    let head = match line.kind {
        Kind::Tool => "execute_tool",
        Kind::Mcp | Kind::Web | Kind::Ops => line.method.as_deref().unwrap_or(line.kind.name()),
    };
    line.tool.as_deref().map_or_else(|| head.to_owned(), |tool| format!("{head} {tool}"))
}

fn span(line: &LogLine<'_>) -> Value {
    let mut span = json!({
        "traceId": line.trace_id,
        "spanId": line.span_id,
        "name": name_of(line),
        // SERVER answers somebody outside; INTERNAL is what is done for it.
        "kind": if line.kind == Kind::Tool { 1 } else { 2 },
        "startTimeUnixNano": nanos(line.ts),
        "endTimeUnixNano": nanos(line.ts.saturating_add(line.dur_ms)),
        "attributes": attributes_of(line).0,
        "status": {},
    });
    if let Some(parent) = line.parent_id.as_deref().filter(|parent| is_id(parent, 16)) {
        span["parentSpanId"] = parent.into();
    }
    if line.status.is_error() {
        span["status"] = json!({ "code": 2, "message": line.error_type.as_deref().unwrap_or(line.status.name()) });
    }
    span
}

fn record(line: &LogLine<'_>) -> Value {
    let (number, text) = match line.status {
        Status::Ok => (9, "INFO"),
        Status::Disconnect | Status::Limit => (13, "WARN"),
        Status::ToolError | Status::RpcError | Status::Exception => (17, "ERROR"),
    };
    let end = nanos(line.ts.saturating_add(line.dur_ms));
    let said = line.msg.as_deref().map(|msg| format!(": {msg}")).unwrap_or_default();
    let mut record = json!({
        "timeUnixNano": end,
        "observedTimeUnixNano": end,
        "severityNumber": number,
        "severityText": text,
        "body": { "stringValue": format!("{} {}{said}", name_of(line), line.status.name()) },
        "attributes": attributes_of(line).0,
    });
    if is_id(&line.trace_id, 32) && is_id(&line.span_id, 16) {
        record["traceId"] = line.trace_id.as_ref().into();
        record["spanId"] = line.span_id.as_ref().into();
        record["flags"] = 1.into();
    }
    record
}

fn attributes_of(line: &LogLine<'_>) -> Attributes {
    let mut attributes = Attributes::default();
    attributes.text("mcp.method.name", line.method.as_deref());
    attributes.text("mcp.protocol.version", line.protocol.as_deref());
    attributes.text("gen_ai.tool.name", line.tool.as_deref());
    attributes.text("gen_ai.operation.name", line.tool.as_deref().map(|_| "execute_tool"));
    attributes.text("rpc.response.status_code", line.rpc_code.map(|code| code.to_string()).as_deref());
    if line.status.is_error() {
        let word = line.error_type.as_deref().unwrap_or(line.status.name());
        // The conventions' word for a result with `isError`; ours for the reason stands beside it.
        let is_tools = line.status == Status::ToolError;
        attributes.text("error.type", Some(if is_tools { "tool_error" } else { word }));
        attributes.text("octavo.error.reason", line.error_type.as_deref());
    }
    if line.kind != Kind::Tool {
        attributes.text("network.transport", Some("tcp"));
        attributes.text("network.protocol.name", Some("http"));
    }
    attributes.number("http.response.status_code", line.http_status.map(u64::from));
    attributes.number("http.request.body.size", Some(line.in_bytes));
    attributes.number("http.response.body.size", Some(line.out_bytes));
    attributes.text("octavo.status", Some(line.status.name()));
    attributes.text("octavo.client.name", line.client.as_deref());
    attributes.text("octavo.client.version", line.client_version.as_deref());
    attributes.text("octavo.session.hash", line.session_hash.as_deref());
    attributes.text("octavo.principal.hash", line.principal_hash.as_deref());
    attributes.text("octavo.cache", line.cache.as_deref());
    attributes.number("octavo.retries", line.retries.map(u64::from));
    attributes.text("cloudflare.trace_id", line.cf_trace_id.as_deref());
    attributes.text("cloudflare.outcome", line.outcome.as_deref());
    attributes.number("cloudflare.cpu_time_ms", line.cpu_ms);
    attributes.number("cloudflare.wall_time_ms", line.wall_ms);
    attributes
}

/// Attributes that are there: those without a value are left out.
#[derive(Default)]
struct Attributes(Vec<Value>);

impl Attributes {
    fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.0.push(json!({ "key": key, "value": { "stringValue": value } }));
        }
    }

    fn number(&mut self, key: &str, value: Option<u64>) {
        if let Some(value) = value {
            // The protocol's integers are signed.
            let value = value.min(i64::MAX as u64).to_string();
            self.0.push(json!({ "key": key, "value": { "intValue": value } }));
        }
    }
}

// The milliseconds of a line as nanoseconds, in text; 64 bits hold them until the year 2554.
fn nanos(ms: u64) -> String {
    ms.min(u64::MAX / 1_000_000).saturating_mul(1_000_000).to_string()
}

fn is_id(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && text.bytes().any(|byte| byte != b'0')
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).filter(|pair| *first == b'%' && pair.iter().all(u8::is_ascii_hexdigit));
        let byte = pair.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> [LogLine<'static>; 2] {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let mut front =
            LogLine::new("octavo-gateway", Kind::Mcp, 1_790_000_000_001, trace.into(), "b7ad6b7169203331".into());
        front.method = Some("tools/call".into());
        front.tool = Some("docker_lint_dockerfile".into());
        front.status = Status::ToolError;
        front.error_type = Some("invalid_argument".into());
        front.protocol = Some("2026-07-28".into());
        front.http_status = Some(200);
        (front.dur_ms, front.in_bytes) = (12, u64::MAX);
        let mut leaf =
            LogLine::new("octavo-docker", Kind::Tool, 1_790_000_000_003, trace.into(), "1".repeat(16).into());
        leaf.parent_id = Some(front.span_id.clone());
        leaf.tool.clone_from(&front.tool);
        [front, leaf]
    }

    fn value<'v>(attributes: &'v Value, key: &str) -> Option<&'v Value> {
        attributes.as_array()?.iter().find(|attribute| attribute["key"] == key).map(|attribute| &attribute["value"])
    }

    #[test]
    fn a_call_is_a_server_span_with_the_tools_work_under_it() {
        let (body, count) = spans(&call());
        let request: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!((count, request["resourceSpans"].as_array().map(Vec::len)), (2, Some(2)));
        let of = |at: usize| &request["resourceSpans"][at]["scopeSpans"][0]["spans"][0];
        let (leaf, front) = (of(0), of(1));
        assert_eq!((&front["name"], &front["kind"]), (&"tools/call docker_lint_dockerfile".into(), &2.into()));
        assert_eq!(front["startTimeUnixNano"], "1790000000001000000");
        assert_eq!(front["endTimeUnixNano"], "1790000000013000000");
        assert_eq!(front["status"], json!({ "code": 2, "message": "invalid_argument" }));
        assert_eq!(value(&front["attributes"], "error.type"), Some(&json!({ "stringValue": "tool_error" })));
        assert_eq!(value(&front["attributes"], "http.response.status_code"), Some(&json!({ "intValue": "200" })));
        let most = json!({ "intValue": i64::MAX.to_string() });
        assert_eq!(value(&front["attributes"], "http.request.body.size"), Some(&most));
        assert_eq!((&leaf["name"], &leaf["kind"]), (&"execute_tool docker_lint_dockerfile".into(), &1.into()));
        assert_eq!((&leaf["parentSpanId"], &leaf["status"]), (&front["spanId"], &json!({})));
        let resource = &request["resourceSpans"][1]["resource"]["attributes"];
        assert_eq!(value(resource, "service.name"), Some(&json!({ "stringValue": "octavo-gateway" })));
    }

    #[test]
    fn a_line_without_ids_is_a_record_and_no_span() {
        for (trace, span) in [("", "0000000000000000"), ("0af7651916cd43dd8448eb211c80319C", "b7ad6b7169203331")] {
            let line = LogLine::new("octavo-docker", Kind::Tool, 1, trace.into(), span.into());
            assert_eq!(spans(std::slice::from_ref(&line)).1, 0, "{trace}");
            let (body, count) = records(&[line]);
            let request: Value = serde_json::from_str(&body).expect("JSON");
            let record = &request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
            assert_eq!((count, record.get("traceId"), &record["severityText"]), (1, None, &"INFO".into()));
        }
    }

    #[test]
    fn a_collector_is_read_from_settings() {
        let collector =
            Collector::read(Some(" https://otel.example/otlp/ "), Some("Authorization=Basic%20eA==,x=1,y, =z"));
        let collector = collector.expect("a collector");
        let headers = [("authorization", "Basic eA=="), ("x", "1")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(collector.headers, headers);
        let urls: Vec<String> = collector.posts(&call()).into_iter().map(|post| post.url).collect();
        assert_eq!(urls, ["https://otel.example/otlp/v1/traces", "https://otel.example/otlp/v1/logs"]);
        assert_eq!(collector.posts(&[]), []);
        for none in [None, Some(""), Some("otel.example"), Some("https://"), Some("ftp://otel.example")] {
            assert_eq!(Collector::read(none, None), None, "{none:?}");
        }
        assert_eq!(decoded("%zz%4"), "%zz%4");
    }
}

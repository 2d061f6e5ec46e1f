//! The operators' API: routes, their parameters, the envelope of an answer, and its own description.
//!
//! Every answer says what it cost and whether it is whole. Invariant: without configuration nothing is answered, and the
//! description lists exactly what the routes accept.

use crate::access::{Access, Refusal, Scope};
use crate::keys::Level;
use crate::live::{Export, Feed};
use crate::query::{Accepts, Ask, Extent, Field, Filter, QueryError};
use crate::scan::{Found, MAX_SCAN_BYTES, Search, find};
use crate::store::{Cost, Metered, Store, StoreError};
use crate::summary::{self, errors, metrics, values};
use crate::timeline::{self, Timeline};
use octavo_telemetry::Kind;
use serde_json::{Map, Value, json};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// How long after its id was made a span of a trace may start.
const MAX_TRACE_MS: u64 = 600_000;
/// Most spans of one trace.
const MAX_SPANS: usize = 200;

/// A request, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// HTTP method.
    pub method: &'r str,
    /// Path, without the gateway's `/ops`.
    pub path: &'r str,
    /// Parameters, decoded.
    pub parameters: &'r [(String, String)],
    /// The `Authorization` header.
    pub authorization: Option<&'r str>,
    /// The `Last-Event-ID` header.
    pub last_event_id: Option<&'r str>,
}

/// A response.
#[derive(Debug)]
pub enum Reply {
    /// All of it.
    Whole {
        /// HTTP status.
        status: u16,
        /// Media type.
        content_type: &'static str,
        /// Further headers.
        headers: Vec<(&'static str, String)>,
        /// Body.
        body: String,
    },
    /// Server-sent events.
    Live(Box<Feed>),
    /// Lines of JSON.
    Export(Box<Export>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Logs,
    Traces,
    Trace,
    Errors,
    Metrics,
    Fields,
    Values,
    Summary,
    Live,
    Export,
    OpenMetrics,
    OpenApi,
}

const COUNTS: Accepts = Accepts { extent: Extent::Counts, limit: false, extra: &[] };

impl Route {
    const ALL: [Self; 12] = [
        Self::Logs,
        Self::Traces,
        Self::Trace,
        Self::Errors,
        Self::Metrics,
        Self::Fields,
        Self::Values,
        Self::Summary,
        Self::Live,
        Self::Export,
        Self::OpenMetrics,
        Self::OpenApi,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Logs => "/v1/logs",
            Self::Traces => "/v1/traces",
            Self::Trace => "/v1/trace/{id}",
            Self::Errors => "/v1/errors",
            Self::Metrics => "/v1/metrics",
            Self::Fields => "/v1/fields",
            Self::Values => "/v1/fields/{field}/values",
            Self::Summary => "/v1/summary",
            Self::Live => "/v1/live",
            Self::Export => "/v1/export",
            Self::OpenMetrics => "/metrics",
            Self::OpenApi => "/v1/openapi.json",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::Logs => "Log lines, newest first. Without `since`, of all time kept.",
            Self::Traces => "The gateway's line of each trace, newest first, or the slowest with `order=slowest`.",
            Self::Trace => {
                "All lines of a trace, in the order of their start, each with its depth and its offset. An id that does not begin with its time is looked for in the last day, or from `since` to `until`."
            }
            Self::Errors => "Groups of errors, most frequent first, with the newest traces of each.",
            Self::Metrics => "One figure over time, by the values of fields.",
            Self::Fields => "The fields that can be asked for.",
            Self::Values => "The values of a field in a stretch of time, most frequent first.",
            Self::Summary => "Everything the dashboard shows, in one answer.",
            Self::Live => "New lines as server-sent events; `Last-Event-ID` resumes.",
            Self::Export => {
                "All lines of a stretch of time as lines of JSON; the last one says how it ended. Needs the scope `export`."
            }
            Self::OpenMetrics => "Counters and quantiles of the last 24 hours as OpenMetrics text.",
            Self::OpenApi => "This description.",
        }
    }

    const fn accepts(self) -> Accepts {
        match self {
            Self::Logs => Accepts::LINES,
            // A feed has no end and an export is whole.
            Self::Live | Self::Export => Accepts { limit: false, ..Accepts::LINES },
            Self::Traces => Accepts { extra: &["order"], ..Accepts::LINES },
            Self::Errors | Self::Values => Accepts { limit: true, ..COUNTS },
            Self::Summary => COUNTS,
            Self::Metrics => Accepts { limit: true, extra: &["metric", "agg", "group_by", "step"], ..COUNTS },
            Self::Trace => Accepts { extent: Extent::Times, ..Accepts::NOTHING },
            Self::Fields | Self::OpenMetrics | Self::OpenApi => Accepts::NOTHING,
        }
    }

    const fn scope(self) -> Scope {
        if matches!(self, Self::Export) { Scope::Export } else { Scope::Read }
    }

    // The route of a path, with the word in its braces.
    fn of(path: &str) -> Option<(Self, &str)> {
        // The plural is what a list's path and an item's id make.
        if let Some(id) = path.strip_prefix("/v1/traces/") {
            return Some((Self::Trace, id));
        }
        Self::ALL.into_iter().find_map(|route| match route.path().split_once('{') {
            None => (route.path() == path).then_some((route, "")),
            Some((before, rest)) => {
                let (_, after) = rest.split_once('}')?;
                let word = path.strip_prefix(before)?.strip_suffix(after)?;
                (!word.is_empty() && !word.contains('/')).then_some((route, word))
            }
        })
    }
}

/// Answers a request at `now`.
pub async fn answer(store: &impl Store, access: &Access, request: Request<'_>, now: u64) -> Reply {
    let Some((route, word)) = Route::of(request.path) else { return refused(404, "there is no such path here") };
    if let Err(refusal) = access.check(request.authorization, route.scope()) {
        return match refusal {
            Refusal::Closed => refused(404, "there is no such path here"),
            Refusal::Scope => refused(403, "the token lacks the scope that this needs"),
            Refusal::Unknown => {
                let reply = refused(401, "a bearer token is needed, and this is none that is known");
                with_header(reply, "www-authenticate", "Bearer realm=\"octavo\"".into())
            }
        };
    }
    if request.method != "GET" {
        return with_header(refused(405, "this takes GET only"), "allow", "GET".into());
    }
    let parameters = request.parameters.iter().map(|(name, value)| (name, value));
    let ask = match Ask::parse(parameters, route.accepts(), now) {
        Ok(ask) => ask,
        Err(error) => return refused(400, &error.to_string()),
    };
    match answer_route(store, route, word, ask, request.last_event_id, now).await {
        Ok(reply) => reply,
        Err(Fault::Query(error)) => refused(400, &error.to_string()),
        Err(Fault::Missing) => refused(404, "there is no such thing in the time kept"),
        Err(Fault::Store) => refused(503, "the store of logs does not answer; try again"),
    }
}

enum Fault {
    Query(QueryError),
    Missing,
    Store,
}

impl From<QueryError> for Fault {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<StoreError> for Fault {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

async fn answer_route(
    store: &impl Store,
    route: Route,
    word: &str,
    ask: Ask,
    last_event_id: Option<&str>,
    now: u64,
) -> Result<Reply, Fault> {
    let store = Metered::new(store);
    let counted = Counted { store: &store, now };
    match route {
        Route::Logs => lines(&store, &ask).await,
        Route::Traces if ask.extra("order") == Some("slowest") => {
            let timeline = counted.read(&ask, HOUR_MS).await?;
            Ok(counted.reply(json!(timeline.slowest), &timeline))
        }
        Route::Traces => match ask.extra("order") {
            None | Some("newest") => {
                let mut ask = ask;
                ask.filter.require(Field::Kind, Kind::Mcp.name());
                lines(&store, &ask).await
            }
            Some(_) => Err(QueryError::Value { name: "order", takes: "newest or slowest" }.into()),
        },
        Route::Trace => trace(&store, word, &ask, now).await,
        Route::Errors => {
            let timeline = counted.read(&ask, DAY_MS).await?;
            Ok(counted.reply(errors(&timeline, ask.limit).into(), &timeline))
        }
        Route::Metrics => {
            let fields = ask.extra("group_by").unwrap_or_default();
            let group_by = fields.split(',').filter(|name| !name.is_empty()).map(counted_field);
            let group_by = group_by.collect::<Result<Vec<_>, _>>()?;
            let timeline = counted.read(&ask, HOUR_MS).await?;
            let (metric, agg) = (ask.extra("metric").unwrap_or("requests"), ask.extra("agg").unwrap_or_default());
            Ok(counted.reply(metrics(&timeline, metric, agg, &group_by, ask.limit)?.into(), &timeline))
        }
        Route::Fields => {
            let field =
                |field: &Field| json!({ "field": field.name(), "about": field.about(), "counted": field.is_counted() });
            let data = Field::ALL.iter().map(field).collect::<Vec<_>>();
            Ok(enveloped(data.into(), None, true, now, store.cost(), 0))
        }
        Route::Values => {
            let field = counted_field(word)?;
            let timeline = counted.read(&ask, DAY_MS).await?;
            Ok(counted.reply(values(&timeline, field, ask.limit).into(), &timeline))
        }
        Route::Summary => {
            let timeline = counted.read(&ask, HOUR_MS).await?;
            let unfiltered = ask.filter == Filter::default();
            Ok(counted.reply(summary::summary(&timeline, unfiltered, now), &timeline))
        }
        Route::Live => Ok(Reply::Live(Box::new(Feed::new(ask, last_event_id, now)))),
        Route::Export => Ok(Reply::Export(Box::new(Export::new(ask)))),
        Route::OpenMetrics => {
            let timeline = counted.read(&ask, DAY_MS).await?;
            let body = summary::open_metrics(&timeline, now);
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            Ok(Reply::Whole { status: 200, content_type, headers: cost_headers(store.cost()), body })
        }
        Route::OpenApi => Ok(whole(200, description().to_string())),
    }
}

fn counted_field(name: &str) -> Result<Field, QueryError> {
    let field = Field::from_name(name).filter(|field| field.is_counted());
    field
        .ok_or(QueryError::Value { name: "group_by", takes: "fields that /v1/fields says are counted, between commas" })
}

async fn lines<S: Store>(store: &Metered<'_, S>, ask: &Ask) -> Result<Reply, Fault> {
    let search = Search {
        filter: &ask.filter,
        since: ask.since.unwrap_or_default(),
        until: ask.until,
        cursor: ask.cursor.as_ref(),
        limit: ask.limit,
        max_bytes: MAX_SCAN_BYTES,
    };
    let found = find(store, &search).await?;
    let next = found.next.as_ref().map(|cursor| cursor.to_text(&ask.filter));
    let newest = found.lines.first().map_or(0, |line| line.ts);
    Ok(enveloped(json!(found.lines), next, found.complete, newest, store.cost(), found.segments))
}

/// The lines of a trace, in the order of their start. An id of our own begins with its time; another is looked for from
/// `since` on, or in the last day.
pub(crate) async fn find_trace(
    store: &impl Store,
    id: &str,
    since: Option<u64>,
    until: u64,
    now: u64,
    max_bytes: u64,
) -> Result<Found, StoreError> {
    let mut filter = Filter::default();
    filter.require(Field::TraceId, id.trim_start_matches('!'));
    // An id of our own begins with the time; one of a client's may be anything, and is looked for where it is said to be.
    let named = id.get(..12).and_then(|time| u64::from_str_radix(time, 16).ok());
    let named = named.filter(|ms| id.len() == 32 && (now.saturating_sub(400 * DAY_MS)..=now + HOUR_MS).contains(ms));
    let (since, until) = match (named, since) {
        (Some(ms), _) => (ms.saturating_sub(60_000), ms + MAX_TRACE_MS),
        (None, since) => (since.unwrap_or(now.saturating_sub(DAY_MS)), until),
    };
    let mut search = Search { filter: &filter, since, until, cursor: None, limit: MAX_SPANS, max_bytes };
    let mut found = find(store, &search).await?;
    if found.lines.is_empty() && named.is_some() {
        // A client's id that only looks like one of ours.
        search = Search { since: now.saturating_sub(DAY_MS), until: now, ..search };
        found = find(store, &search).await?;
    }
    found.lines.sort_by_key(|line| (line.ts, line.parent_id.is_some(), line.span_id.to_string()));
    Ok(found)
}

async fn trace<S: Store>(store: &Metered<'_, S>, id: &str, ask: &Ask, now: u64) -> Result<Reply, Fault> {
    let found = find_trace(store, id, ask.since, ask.until, now, MAX_SCAN_BYTES).await?;
    let since = ask.since.unwrap_or(now.saturating_sub(DAY_MS));
    if found.lines.is_empty() && found.complete {
        return Err(Fault::Missing);
    }
    // Where not everything was looked at, no spans mean that the question is to be narrowed.
    let start = found.lines.first().map_or(since, |first| first.ts);
    let parent =
        |span: &str| found.lines.iter().find(|line| line.span_id == span).and_then(|line| line.parent_id.as_deref());
    let depth = |span: &str| {
        let mut depth = 0;
        let mut at = parent(span);
        // A trace of spans that name each other would never end.
        while let Some(above) = at.filter(|_| depth < MAX_SPANS) {
            depth += usize::from(found.lines.iter().any(|line| line.span_id == above));
            at = parent(above);
        }
        depth
    };
    let span = |line: &octavo_telemetry::LogLine<'static>| {
        let mut span = match json!(line) {
            Value::Object(span) => span,
            _ => Map::new(),
        };
        span.insert("depth".into(), depth(&line.span_id).into());
        span.insert("offset_ms".into(), (line.ts - start).into());
        Value::Object(span)
    };
    let data = json!({ "trace_id": id, "start": start, "spans": found.lines.iter().map(span).collect::<Vec<_>>() });
    // A trace has no pages: of one with more spans the newest are told, and that they are not all.
    let complete = found.complete && found.next.is_none();
    Ok(enveloped(data, None, complete, start, store.cost(), found.segments))
}

struct Counted<'s, 'm, S> {
    store: &'s Metered<'m, S>,
    now: u64,
}

impl<S: Store> Counted<'_, '_, S> {
    async fn read(&self, ask: &Ask, default_ms: u64) -> Result<Timeline, Fault> {
        let since = ask.since.unwrap_or(ask.until.saturating_sub(default_ms));
        let fitting = timeline::level_of(since, ask.until);
        // A step that the caller chose may be longer than fits best, never shorter.
        let level = match ask.extra("step") {
            None => fitting,
            Some(step) => {
                let step: u64 = step.parse().map_err(|_| QueryError::Value { name: "step", takes: "milliseconds" })?;
                let chosen = Level::ALL.into_iter().find(|level| level.ms() >= step).unwrap_or(Level::Day);
                if chosen.ms() > fitting.ms() { chosen } else { fitting }
            }
        };
        Ok(timeline::read(self.store, &ask.filter, since, ask.until, level, self.now).await?)
    }

    fn reply(&self, data: Value, timeline: &Timeline) -> Reply {
        enveloped(data, None, timeline.complete, timeline.watermark, self.store.cost(), timeline.segments)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "an answer is made and given away")]
fn enveloped(data: Value, next: Option<String>, complete: bool, watermark: u64, cost: Cost, segments: u64) -> Reply {
    let stats = json!({
        "segments": segments,
        "kv_lists": cost.kv_lists,
        "kv_reads": cost.kv_reads,
        "kv_gets": cost.kv_gets,
        "bytes": cost.bytes,
    });
    let body = json!({
        "data": data,
        "next_cursor": next,
        "complete": complete,
        "watermark": watermark,
        "stats": stats,
    });
    match whole(200, body.to_string()) {
        Reply::Whole { status, content_type, mut headers, body } => {
            headers.extend(cost_headers(cost));
            Reply::Whole { status, content_type, headers, body }
        }
        other => other,
    }
}

fn cost_headers(cost: Cost) -> Vec<(&'static str, String)> {
    vec![("x-kv-cost", format!("lists={} reads={} bytes={}", cost.kv_lists, cost.kv_reads, cost.bytes))]
}

fn whole(status: u16, body: String) -> Reply {
    Reply::Whole { status, content_type: "application/json", headers: Vec::new(), body }
}

fn refused(status: u16, message: &str) -> Reply {
    whole(status, json!({ "error": { "status": status, "message": message } }).to_string())
}

fn with_header(reply: Reply, name: &'static str, value: String) -> Reply {
    match reply {
        Reply::Whole { status, content_type, mut headers, body } => {
            headers.push((name, value));
            Reply::Whole { status, content_type, headers, body }
        }
        other => other,
    }
}

/// The API's description in `OpenAPI` 3.1, made of the routes themselves.
pub fn description() -> Value {
    let parameter = |name: &str, place: &str, about: &str| json!({ "name": name, "in": place, "required": place == "path", "description": about, "schema": { "type": "string" } });
    let mut paths = Map::new();
    for route in Route::ALL {
        let mut parameters = Vec::new();
        match route {
            Route::Trace => parameters.push(parameter("id", "path", "The trace.")),
            Route::Values => parameters.push(parameter("field", "path", "The field.")),
            _ => {}
        }
        parameters.extend(route.accepts().names().map(|name| parameter(name, "query", about(name))));
        let media = match route {
            Route::Live => "text/event-stream",
            Route::Export => "application/x-ndjson",
            Route::OpenMetrics => "application/openmetrics-text",
            _ => "application/json",
        };
        let schema = match (media, route) {
            ("application/json", Route::OpenApi) => json!({ "type": "object" }),
            ("application/json", _) => json!({ "$ref": "#/components/schemas/Answer" }),
            _ => json!({ "type": "string" }),
        };
        let operation = json!({
            "operationId": format!("{route:?}"),
            "summary": route.about(),
            "parameters": parameters,
            "security": [{ "token": [] }],
            "responses": {
                "200": { "description": "The answer.", "content": { media: { "schema": schema } } },
                "default": { "description": "Why there is none.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Refusal" } } } },
            },
        });
        paths.insert(route.path().to_owned(), json!({ "get": operation }));
    }
    let whole = json!({ "type": "integer", "minimum": 0 });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Octavo operations", "version": "1", "description": "What operators ask of the log." },
        "servers": [{ "url": "/ops" }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Answer": {
                    "type": "object",
                    "required": ["data", "next_cursor", "complete", "watermark", "stats"],
                    "properties": {
                        "data": {},
                        "next_cursor": { "type": ["string", "null"], "description": "Where to go on; null at the end." },
                        "complete": { "type": "boolean", "description": "Whether everything asked for was looked at." },
                        "watermark": { "type": "integer", "description": "Of counts, the time up to which rollups hold everything; of lines, the newest one's." },
                        "stats": {
                            "type": "object",
                            "description": "What the answer cost.",
                            "properties": { "segments": whole, "kv_lists": whole, "kv_reads": whole, "kv_gets": whole, "bytes": whole },
                        },
                    },
                },
                "Refusal": {
                    "type": "object",
                    "required": ["error"],
                    "properties": { "error": { "type": "object", "required": ["status", "message"], "properties": { "status": whole, "message": { "type": "string" } } } },
                },
            },
        },
    })
}

fn about(name: &str) -> &'static str {
    match name {
        "since" => "Oldest time: 15m, 2h, 3d before now, milliseconds since 1970, or a UTC time as RFC 3339 writes it.",
        "until" => "Newest time, written likewise; now when absent.",
        "limit" => "Most rows, 1 to 1000; 100 when absent.",
        "min_ms" => "Shortest duration.",
        "q" => "Text that must stand in the line, in any case.",
        "cursor" => "The next_cursor of an answer to the same question.",
        "order" => "newest or slowest.",
        "metric" => "requests, errors, duration, cpu_ms, in_bytes or out_bytes.",
        "agg" => "count, rate, ratio, sum, p50, p75, p90, p95 or p99.",
        "group_by" => "Counted fields, between commas.",
        "step" => "Length of a point in milliseconds; the next of a minute, ten minutes, an hour, a day is taken.",
        _ => Field::from_name(name).map_or("", Field::about),
    }
}

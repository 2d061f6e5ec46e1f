// A made-up load and the operators' API over it, for work on the dashboard without a fleet and for its test.
// `node tests/e2e/dashboard-fixture.mjs [port] [token]` serves it at /ops/.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const PAGE = new URL("../../workers/tail/dashboard/", import.meta.url);
const FILES = {
  "": ["index.html", "text/html; charset=utf-8"],
  "app.js": ["app.js", "text/javascript; charset=utf-8"],
  "parts.js": ["parts.js", "text/javascript; charset=utf-8"],
  "app.css": ["app.css", "text/css; charset=utf-8"],
  "vendor.js": ["vendor.js", "text/javascript; charset=utf-8"],
  "vendor.css": ["vendor.css", "text/css; charset=utf-8"],
};

/** The policy the page must live under. */
export const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
].join("; ");

const GATEWAY = "octavo-gateway";
// Tool, share of the calls, median milliseconds.
const TOOLS = [
  ["python_lint_code", 20, 38], ["docker_lint_dockerfile", 14, 9], ["quality_measure_complexity", 12, 55],
  ["nodejs_check_package_publish", 10, 14], ["database_check_migration", 9, 18], ["api_compare_specs", 8, 70],
  ["webdesign_check_contrast", 7, 5], ["python_check_imports", 6, 30], ["quality_find_duplicates", 5, 160],
  ["docker_check_compose", 4, 11], ["nodejs_analyze_bundle", 3, 220], ["api_lint_openapi", 2, 90],
];
const LAG_MS = 83_000;
const IDLE = "octavo-architecture";
const CLIENTS = [
  ["claude-code", "2.4.1", "2026-07-28", 9], ["cursor", "3.1.0", "2025-11-25", 5], ["vscode", "1.128.0", "2026-07-28", 4],
  ["mcp-inspector", "2.12.0", "2025-06-18", 1], ["<img src=x onerror=alert(1)>", "0", "2025-03-26", 0.4],
];
const FAILURES = { ok: null, tool_error: "invalid_argument", rpc_error: "unknown_tool", exception: "trap", limit: "body_too_large", disconnect: "client_closed" };

// A small generator with a seed, so that the load is the same each time.
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The canonical lines of `calls` calls over the hour before `until`: the gateway's, and the tool worker's where it was asked. */
export function load({ calls = 2400, until = Date.now(), span = 3_600_000, seed = 7 } = {}) {
  const random = generator(seed);
  const pick = (rows, weight) => {
    let at = random() * rows.reduce((sum, row) => sum + row[weight], 0);
    return rows.find((row) => (at -= row[weight]) < 0) ?? rows[0];
  };
  const id = (length) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
  const lines = [];
  for (let call = 0; call < calls; call += 1) {
    // Not even: the load swells and ebbs.
    const even = (call + random()) / calls;
    const at = even + 0.05 * Math.sin(even * Math.PI * 4);
    const ts = Math.floor(until - span + at * span * 0.999);
    const [tool, , median] = pick(TOOLS, 1);
    const [client, client_version, protocol] = pick(CLIENTS, 3);
    // An incident: one worker's newer version fails for a while.
    const incident = tool.startsWith("python_") && at > 0.7 && at < 0.85;
    const chance = random();
    const status = incident && chance < 0.3 ? "exception"
      : chance < 0.02 ? "tool_error" : chance < 0.026 ? "rpc_error" : chance < 0.03 ? "limit" : chance < 0.034 ? "disconnect" : "ok";
    const spread = Math.exp((random() + random() + random() - 1.5) * 1.6 + (random() < 0.01 ? 2.5 : 0));
    const dur = Math.max(1, Math.round(median * spread * (incident ? 2 : 1)));
    const error_type = FAILURES[status] ?? undefined;
    const trace_id = ts.toString(16).padStart(12, "0") + id(20);
    const span_id = id(16);
    const common = { v: 1, ts, status, trace_id, tool, error_type, method: "tools/call", client, client_version, protocol };
    const in_bytes = Math.round(400 + random() * 9000);
    const out_bytes = Math.round(600 + random() * 5000);
    lines.push({ ...common, worker: GATEWAY, kind: "mcp", span_id, version: "9f31c2d0", colo: "FRA", dur_ms: dur + 1, in_bytes, out_bytes });
    if (status === "limit" || status === "rpc_error") continue;
    const version = tool.startsWith("python_") && at > 0.65 ? "b7720aa4" : "41d8e6f3";
    const worker = `octavo-${tool.split("_")[0]}`;
    lines.push({ ...common, worker, kind: "tool", ts: ts + 1, span_id: id(16), parent_id: span_id, version, colo: "FRA", dur_ms: dur, in_bytes: in_bytes - 200, out_bytes });
  }
  return lines.sort((a, b) => a.ts - b.ts);
}

const isError = (line) => line.status !== "ok" && line.status !== "disconnect";
const by = (lines, key) => Object.groupBy(lines, key);

/** The nearest-rank percentile of the lines' durations. */
export function percentile(lines, q) {
  const sorted = lines.map((line) => line.dur_ms).sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}

const statuses = (lines) => Object.fromEntries(Object.entries(by(lines, (line) => line.status)).map(([status, some]) => [status, some.length]));

const figures = (lines, waited = lines) => ({
  requests: lines.length,
  errors: lines.filter(isError).length,
  p50: percentile(waited, 0.5),
  p95: percentile(waited, 0.95),
  p99: percentile(waited, 0.99),
  cpu_ms: 0,
  in_bytes: lines.reduce((sum, line) => sum + line.in_bytes, 0),
  out_bytes: lines.reduce((sum, line) => sum + line.out_bytes, 0),
});

const workerOf = (line) => `octavo-${line.tool.split("_")[0]}`;

const FIELDS = ["worker", "tool", "status", "error_type", "client", "version", "method", "protocol"];
const DURATION = /^(\d+)(s|m|h|d)$/;
const UNIT = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function instant(text, now) {
  const parts = DURATION.exec(text);
  if (parts) return now - Number(parts[1]) * UNIT[parts[2]];
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}

function select(lines, parameters, extra = []) {
  const known = [...FIELDS, "since", "until", "limit", ...extra];
  for (const name of parameters.keys()) {
    if (!known.includes(name)) throw Object.assign(new Error(`unknown parameter ${name}; accepted: ${known.join(", ")}`), { status: 400 });
  }
  const now = Date.now();
  const since = instant(parameters.get("since") ?? "1h", now);
  const until = instant(parameters.get("until") ?? String(now), now);
  const matches = (line, field) => {
    const wanted = parameters.getAll(field);
    const [not, may] = [wanted.filter((one) => one.startsWith("!")), wanted.filter((one) => !one.startsWith("!"))];
    const anyError = field === "status" && may.includes("error") && isError(line);
    return !not.includes(`!${line[field]}`) && (may.length === 0 || may.includes(line[field]) || anyError);
  };
  const found = lines.filter((line) => line.ts >= since && line.ts <= until && FIELDS.every((field) => matches(line, field)));
  return { since, until, found, limit: Number(parameters.get("limit") ?? 100) };
}

/** `/v1/summary` over the lines. A call counts once: by its gateway's line, or in a worker's own figures by that worker's. */
export function summary(lines, parameters) {
  const { since, until, found } = select(lines, parameters);
  const step = [60_000, 600_000, 3_600_000].find((one) => (until - since) / one <= 60) ?? 86_400_000;
  const first = Math.floor(since / step) * step;
  const slots = Array.from({ length: Math.ceil((until - first) / step) }, (_, at) => first + at * step);
  const slot = (line) => Math.floor((line.ts - first) / step);
  const front = found.some((line) => line.worker === GATEWAY) ? found.filter((line) => line.worker === GATEWAY) : found;
  const slotted = by(front, slot);
  const groups = (some, key, rest) => Object.entries(by(some, key)).map(([, group]) => rest(group)).sort((a, b) => b.requests - a.requests);
  const workers = groups(found, (line) => line.worker, (group) => ({
    worker: group[0].worker,
    // What callers waited for it, since a tool worker's own clock stands still.
    ...figures(group, group[0].kind === "tool" && front !== found ? front.filter((line) => workerOf(line) === group[0].worker) : group),
    last_seen: group.at(-1).ts,
    versions: groups(group, (line) => line.version, (some) => ({ version: some[0].version, ...figures(some) })),
  }));
  if (!parameters.has("worker")) workers.push({ worker: IDLE, ...figures([]), last_seen: null, versions: [] });
  const failed = front.filter(isError);
  return {
    since, until, step_ms: step,
    totals: { ...figures(front), by_status: statuses(front) },
    series: slots.map((ts, at) => ({ ts, by_status: statuses(slotted[at] ?? []), ...figures(slotted[at] ?? []) })),
    workers,
    tools: groups(front.filter((line) => line.tool), (line) => line.tool, (group) => {
      const inSlot = by(group, slot);
      return {
        tool: group[0].tool, worker: workerOf(group[0]), ...figures(group),
        counts: slots.map((_, at) => inSlot[at]?.length ?? 0),
        error_counts: slots.map((_, at) => (inSlot[at] ?? []).filter(isError).length),
      };
    }),
    errors: groups(failed, (line) => [line.tool, line.status, line.error_type].join(), (group) => ({
      fingerprint: group[0].trace_id.slice(-16), worker: workerOf(group[0]), tool: group[0].tool, status: group[0].status,
      error_type: group[0].error_type, requests: group.length, count: group.length, first: group[0].ts, last: group.at(-1).ts,
      clients: [...new Set(group.map((line) => line.client))], traces: group.slice(-3).reverse().map((line) => line.trace_id),
    })),
    clients: groups(front, (line) => [line.client, line.client_version, line.protocol].join(), (group) => ({
      client: group[0].client, client_version: group[0].client_version, protocol: group[0].protocol, ...figures(group),
    })),
    slowest: front.toSorted((a, b) => b.dur_ms - a.dur_ms).slice(0, 10),
    limits: { exceeded_cpu: 0, exceeded_memory: 0, truncated: 1, rate_limited: 0 },
    cache: { hit: 310, miss: 90 },
    breaker: { open: [], refused: 0 },
    telemetry: { lag_ms: LAG_MS, segments: 71, events: found.length, dropped: { not_canonical: 12, malformed: 1 }, dropped_total: 13 },
  };
}

function enveloped(data, rest = {}) {
  return { data, next_cursor: null, complete: true, watermark: Date.now() - LAG_MS, stats: { segments: 71, kv_lists: 2, kv_reads: 41, kv_gets: 1, bytes: 219_113 }, ...rest };
}

function answer(lines, path, parameters) {
  if (path === "v1/summary") return enveloped(summary(lines, parameters));
  if (path === "v1/logs") {
    const { found, limit } = select(lines, parameters, ["order"]);
    return enveloped(found.toReversed().slice(0, limit));
  }
  if (path.startsWith("v1/trace/")) {
    const spans = lines.filter((line) => line.trace_id === path.slice("v1/trace/".length));
    const start = spans[0]?.ts;
    const placed = spans.map((line) => ({ ...line, depth: line.parent_id ? 1 : 0, offset_ms: line.ts - start }));
    if (spans.length > 0) return enveloped({ trace_id: spans[0].trace_id, start, spans: placed });
  }
  if (path === "v1/metrics") {
    const { found, since, until } = select(lines, parameters, ["metric", "agg", "group_by", "step"]);
    const group = parameters.get("group_by");
    const step = Number(parameters.get("step"));
    const q = Number(parameters.get("agg").slice(1)) / 100;
    const first = Math.floor(since / step) * step;
    const rows = Object.entries(by(found.filter((line) => line[group]), (line) => line[group])).map(([name, some]) => ({
      group: { [group]: name }, requests: some.length,
      points: Array.from({ length: Math.ceil((until - first) / step) }, (_, at) => {
        const from = first + at * step;
        return [from, percentile(some.filter((line) => line.ts >= from && line.ts < from + step), q)];
      }),
    }));
    return enveloped(rows.sort((a, b) => b.requests - a.requests));
  }
  const values = /^v1\/fields\/(\w+)\/values$/.exec(path);
  if (values) {
    const groups = Object.entries(by(lines.filter((line) => line[values[1]]), (line) => line[values[1]]));
    return enveloped(groups.map(([value, some]) => ({ value, count: some.length })));
  }
  throw Object.assign(new Error("not found"), { status: 404 });
}

/** Serves the page and the API. `token` closes the API; `fail` may be set on the result to answer every API request with that status. */
export async function startMock({ lines = load(), token, port = 0, every = 1500 } = {}) {
  const mock = { fail: 0, asked: [] };
  const random = generator(3);
  const live = (response, after) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": open\n\n");
    let at = Number(after ?? 0);
    const timer = setInterval(() => {
      at += 1;
      const line = { ...lines[Math.floor(random() * lines.length)], ts: Date.now() };
      response.write(`id: ${at}\nevent: log\ndata: ${JSON.stringify(line)}\n\n`);
    }, every);
    response.on("close", () => clearInterval(timer));
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://mock");
    const path = url.pathname.replace(/^\/ops\//, "");
    const json = (status, body) => response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(body));
    const file = FILES[path];
    if (file) {
      response.writeHead(200, { "content-type": file[1], "content-security-policy": POLICY, "x-content-type-options": "nosniff" });
      response.end(readFileSync(new URL(file[0], PAGE)));
      return;
    }
    mock.asked.push(`${path}${url.search}`);
    if (mock.fail) return void json(mock.fail, { error: { status: mock.fail, message: "made to fail" } });
    if (token && request.headers.authorization !== `Bearer ${token}`) return void json(401, { error: { status: 401, message: "a token is needed" } });
    if (path === "v1/live") return void live(response, request.headers["last-event-id"]);
    try {
      json(200, answer(lines, path, url.searchParams));
    } catch (error) {
      json(error.status ?? 500, { error: { status: error.status ?? 500, message: error.message } });
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  mock.url = `http://127.0.0.1:${server.address().port}/ops/`;
  mock.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return mock;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startMock({ port: Number(process.argv[2] ?? 8790), token: process.argv[3] });
  console.log(url);
}

// The operators' dashboard: asks `v1/summary` again and again and draws its answer.
//
// What comes from the API reaches the page as text nodes and attributes only. There is no inline style either, which the
// page's content security policy would refuse: colours are classes, bars are SVG attributes.
import {
  byId, h, morph, show, table, scrolling, breakable, fact, CLOCK, DAY, isNumber, whole, rate, percent, duration, bytes, dollars, clock, stamp, ago, ratioOf, time
} from "./parts.js";
import UPlot from "./vendor.js";

const POLL_MS = 10_000;
const SLOW_POLL_MS = 60_000;
const LONG_RANGE_MS = 6 * 3_600_000;
const LONGEST_WAIT_MS = 120_000;
const FEED_ROWS = 200;
const FEED_START = 50;
const MAX_LINES = 6;
const HEAT_ROWS = 16;
const HEAT_COLUMNS = 64;
const HEAT_SHADES = 6;
const HEAT_LABELS_MS = [1, 5, 10, 30, 60, 180, 720, 1440].map((minutes) => minutes * 60_000);
// A worker fails by its own faults; errors it told its callers degrade it only in numbers.
const FAULT_RATIO = 0.01;
const ERROR_RATIO = 0.05;
// Rollups follow a minute or two behind; more, and the cron is late or dead.
const LATE_MS = 600_000;
// What the platform charges for a list and for a read, in dollars.
const LIST_PRICE = 5e-6;
const READ_PRICE = 0.5e-6;

const RANGES = [["15m", "15 minutes"], ["1h", "1 hour"], ["6h", "6 hours"], ["24h", "24 hours"], ["2d", "2 days"], ["30d", "30 days"]];
const DEFAULT_RANGE = "1h";
const RELATIVE = /^(\d+)([smhd])$/;
const SELECTS = ["worker", "tool", "status", "client"];
const FILTERS = [...SELECTS, "method", "kind", "error_type", "client_version", "protocol", "version", "cache"];
const STATUSES = { ok: "ok", disconnect: "disconnect", tool_error: "tool error", rpc_error: "RPC error", limit: "limit", exception: "exception" };
const LATENCY_VIEWS = [["all", "all calls"], ...["worker", "tool"].flatMap((group) => ["p50", "p95", "p99"].map((q) => [`${group}-${q}`, `${q} by ${group}`]))];
const HEAT_VIEWS = [["calls", "calls"], ["errors", "errors"], ["ratio", "error ratio"]];

// ---- The page's state, which is its address ----

const DEFAULTS = { latency: "all", heatmap: "calls", sort: "calls", live: "", trace: "" };
let state = stateOf(location.search);

function stateOf(search) {
  const given = new URLSearchParams(search);
  const read = { since: given.get("since") || DEFAULT_RANGE, until: given.get("until") || "", filters: [] };
  for (const [name, value] of given) if (FILTERS.includes(name) && value) read.filters.push([name, value]);
  for (const [name, value] of Object.entries(DEFAULTS)) read[name] = given.get(name) ?? value;
  return read;
}

function addressOf(from) {
  const parameters = new URLSearchParams();
  if (from.since !== DEFAULT_RANGE || from.until) parameters.set("since", from.since);
  if (from.until) parameters.set("until", from.until);
  for (const [name, value] of from.filters) parameters.append(name, value);
  for (const [name, value] of Object.entries(DEFAULTS)) if (from[name] !== value) parameters.set(name, from[name]);
  const query = parameters.toString();
  return query ? `?${query}` : location.pathname;
}

function go(changes, { replace = false } = {}) {
  state = { ...state, ...changes };
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(state));
}

/** Another range or other filters: everything is asked anew. */
function change(changes) {
  go(changes);
  changed();
}

const setFilter = (field, values) => change({ filters: [...state.filters.filter(([name]) => name !== field), ...values.map((value) => [field, value])] });
const setRange = (since, until = "") => change({ since: String(since), until: String(until) });

// ---- The API ----

const TOKEN = "octavo-operator-token";

/** Asks the API and gives the response, or throws what it said. */
async function request(path, parameters, { signal, headers = {} } = {}) {
  const url = new URL(`v1/${path}`, document.baseURI);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  const token = sessionStorage.getItem(TOKEN);
  const sent = token ? { ...headers, authorization: `Bearer ${token}` } : headers;
  const response = await fetch(url, { headers: sent, signal, cache: "no-cache", credentials: "same-origin" });
  if (response.ok) return response;
  const said = saidBy(await response.text()) || response.statusText;
  if (response.status === 401) signIn(token);
  throw Object.assign(new Error(said), { status: response.status, retryAfter: Number(response.headers.get("retry-after")) * 1000 || 0 });
}

const ask = async (path, parameters, options) => (await request(path, parameters, options)).json();

function saidBy(text) {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return text.slice(0, 200).trim();
  }
}

const rangeParameters = () => [["since", state.since], ...(state.until ? [["until", state.until]] : [])];
const parameters = () => [...rangeParameters(), ...state.filters];

function signIn(refused) {
  const dialog = byId("login");
  if (dialog.open) return;
  if (refused) {
    sessionStorage.removeItem(TOKEN);
    byId("login-reason").textContent = "The token was refused. It may be mistyped, withdrawn or without the scope to read.";
  }
  byId("token").value = "";
  dialog.showModal();
}

// ---- From the API's answer to what the panels draw; no other part knows the answer's members ----

function viewOf({ data, complete = true, stats = {} }) {
  const list = (value) => (Array.isArray(value) ? value : []);
  const figures = (row) => ({ ...row, calls: row.requests ?? 0, errors: row.errors ?? 0, byStatus: row.by_status ?? {} });
  return {
    since: data.since, until: data.until, step: data.step_ms, complete, stats,
    totals: figures(data.totals ?? {}),
    series: list(data.series).map(figures),
    workers: list(data.workers).map((row) => ({ ...figures(row), versions: list(row.versions).map(figures) })),
    tools: list(data.tools).map((row) => ({ ...figures(row), counts: list(row.counts), errorCounts: list(row.error_counts) })),
    errors: list(data.errors).map((row) => ({ ...row, clients: list(row.clients), traces: list(row.traces) })),
    clients: list(data.clients).map(figures),
    slowest: list(data.slowest),
    limits: data.limits ?? {}, cache: data.cache ?? {}, breaker: data.breaker ?? {}, telemetry: data.telemetry ?? {},
  };
}

/** The spans of `v1/trace/…` with their `depth` and `offset_ms`, in the order of their start. */
const spansOf = ({ data }) => data.spans;
const linesOf = ({ data }) => data;

/** Named lines of points, of an answer of `v1/metrics` grouped by `group`. */
const groupsOf = ({ data }, group) => data.map((row) => ({ name: row.group?.[group] ?? "–", points: new Map(row.points) }));

// ---- Charts ----

const charts = new Map();
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/**
 * Draws a chart into the element `id`. `lines` are `{ name, tone, values }` over the times `xs`; stacked ones are bars, each
 * on the one before. A chart has a legend whose figures follow the cursor, arrow keys that move it, and a table behind it.
 */
function chart(id, { label, xs, lines, range, format, stacked = false, logarithmic = false, summary }) {
  let held = charts.get(id);
  const shape = JSON.stringify([label, lines.map(({ name, tone }) => [name, tone]), stacked, logarithmic]);
  if (held?.shape !== shape) {
    held?.destroy();
    held = newChart(id, shape, { label, lines, format, stacked, logarithmic });
    charts.set(id, held);
  }
  held.update({ xs, lines, range, summary });
}

function newChart(id, shape, { label, lines, format, stacked, logarithmic }) {
  const stage = h("div", { class: "stage", tabindex: "0", role: "group", "aria-roledescription": "chart" });
  const figures = lines.map(() => h("b", {}));
  const when = h("span", { class: "muted" });
  const legend = h("ul", { class: "legend" }, lines.map(({ name, tone }, at) => h("li", {}, h("i", { class: `swatch c-${tone}`, "aria-hidden": "true" }), `${name} `, figures[at])), h("li", {}, when));
  const behind = h("div");
  const details = h("details", {}, h("summary", {}, "Table"), behind);
  byId(id).replaceChildren(stage, legend, details);
  let now = { xs: [], lines, range: [0, 1] };

  const fill = (at) => {
    const { xs, lines: current } = now;
    current.forEach(({ values, total }, line) => {
      figures[line].textContent = at === null ? (total ?? "") : format(values[at]);
    });
    when.textContent = at === null ? "" : clock(xs[at]);
  };
  const tabulate = () => {
    if (!details.open) return;
    const rows = now.xs.map((_, at) => at).reverse();
    const columns = [{ head: "From", first: true, of: (at) => stamp(now.xs[at]) }, ...now.lines.map(({ name, values }) => ({ head: name, number: true, of: (at) => format(values[at]) }))];
    morph(behind, [table(`${label}, newest first`, columns, rows)]);
  };

  const series = lines.map(({ tone }) => ({
    stroke: colour(tone), width: stacked ? 0 : 1.75, fill: stacked ? colour(tone) : undefined,
    paths: stacked ? UPlot.paths.bars({ size: [0.86, Infinity], align: 1 }) : undefined,
    points: stacked ? { show: false } : { size: 5, fill: colour(tone), filter: alone },
  }));
  const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const plot = new UPlot({
    width: Math.max(200, stage.clientWidth), height: 190, ms: 1, legend: { show: false }, padding: [8, 8, 0, 0],
    cursor: { sync: { key: "time", setSeries: false }, drag: { x: true, y: false, setScale: false }, y: false, points: { show: !stacked } },
    scales: {
      x: { time: true, range: () => now.range },
      y: logarithmic ? { distr: 3, range: (_, low, high) => logRange(low, high) } : { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] },
    },
    axes: [
      { ...axis, space: 64, size: 28, values: (_, splits, axisAt, space, step) => splits.map((ts) => (step >= 86_400_000 || CLOCK.format(ts) === "00:00" ? DAY : CLOCK).format(ts)) },
      { ...axis, space: 34, size: 58, values: (_, splits) => splits.map((value) => (value === null ? "" : format(value))), filter: logarithmic ? decades : undefined },
    ],
    series: [{}, ...(stacked ? series.toReversed() : series)],
    hooks: {
      setCursor: [(u) => fill(u.cursor.idx ?? null)],
      setSelect: [(u) => {
        if (u.select.width < 8) return;
        const [since, until] = [u.select.left, u.select.left + u.select.width].map((x) => Math.round(u.posToVal(x, "x")));
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        setRange(since, until);
      }],
    },
  }, [[], ...lines.map(() => [])], stage);

  const resized = new ResizeObserver(() => plot.setSize({ width: Math.max(200, stage.clientWidth), height: 190 }));
  resized.observe(stage);
  details.addEventListener("toggle", tabulate);
  stage.addEventListener("keydown", (event) => {
    const last = now.xs.length - 1;
    const from = plot.cursor.idx ?? last + 1;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") plot.setCursor({ left: -10, top: -10 });
    if (to === undefined || last < 0) return;
    event.preventDefault();
    // Spoken only here: a mouse over the chart would talk without end.
    legend.setAttribute("aria-live", "polite");
    plot.setCursor({ left: plot.valToPos(now.xs[Math.min(last, Math.max(0, to))], "x"), top: 10 });
  });
  stage.addEventListener("blur", () => {
    legend.removeAttribute("aria-live");
    plot.setCursor({ left: -10, top: -10 });
  });

  return {
    shape,
    update(next) {
      now = next;
      const values = next.lines.map((line) => line.values);
      plot.setData([next.xs, ...(stacked ? piled(values).reverse() : logarithmic ? values.map((line) => line.map(atLeastOne)) : values)]);
      stage.setAttribute("aria-label", `${label}. ${next.summary} Arrow keys move through time.`);
      fill(plot.cursor.idx ?? null);
      tabulate();
    },
    destroy() {
      resized.disconnect();
      plot.destroy();
    },
  };
}

// Each line on the sum of those before it.
function piled(values) {
  const sums = [];
  for (const line of values) {
    const below = sums.at(-1);
    sums.push(line.map((value, at) => (value ?? 0) + (below?.[at] ?? 0)));
  }
  return sums;
}

// A worker's own clock stands still between IO, so that 0 ms is common and has no logarithm.
const atLeastOne = (value) => (isNumber(value) ? Math.max(1, value) : null);
const logRange = (low, high) => [10 ** Math.floor(Math.log10(Math.max(1, low ?? 1))), 10 ** Math.ceil(Math.log10(Math.max(10, (high ?? 10) * 1.01)))];
// Where no line reaches, a point must be seen.
const alone = (plot, series, shown) => (shown ? null : plot.data[series].flatMap((value, at, all) => (isNumber(value) && !isNumber(all[at - 1]) && !isNumber(all[at + 1]) ? [at] : [])));
const decades = (_, splits) => splits.map((value) => (Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? value : null));

// ---- Panels ----

const filterButton = (field, value, label = breakable(value)) =>
  (value ? h("button", { type: "button", class: "plain", "data-filter": field, "data-value": value, title: `Only ${field} ${value}` }, label) : "–");

// The end of an id tells it apart; its beginning is the time.
function traceLink(id, label = id.slice(-8)) {
  return h("a", { href: addressOf({ ...state, trace: id }), "data-trace": id, class: "mono", "aria-label": `Trace ${label}` }, label);
}

const badge = (status) => h("span", { class: `badge c-${known(status)}` }, STATUSES[status] ?? status ?? "unknown");
const known = (status) => (status in STATUSES ? status : "other");

function drawRates(view) {
  const xs = view.series.map((slot) => slot.ts);
  const range = [view.since, view.until];
  const seconds = view.step / 1000;
  const seen = Object.keys(STATUSES).filter((status) => view.totals.byStatus[status]);
  for (const status of Object.keys(view.totals.byStatus)) if (!(status in STATUSES)) seen.push(status);
  const lines = (seen.length > 0 ? seen : ["ok"]).map((status) => ({
    name: STATUSES[status] ?? status, tone: known(status), total: whole(view.totals.byStatus[status] ?? 0),
    values: view.series.map((slot) => (slot.byStatus[status] ?? 0) / seconds),
  }));
  const peak = Math.max(0, ...view.series.map((slot) => slot.calls / seconds));
  chart("rate", { label: "Calls per second by outcome", xs, lines, range, format: rate, stacked: true, summary: `${whole(view.totals.calls)} calls, at most ${rate(peak)} a second.` });

  const ratios = view.series.map((slot) => ratioOf(slot.errors, slot.calls));
  const worst = Math.max(0, ...ratios.filter(isNumber));
  chart("ratio", {
    label: "Share of calls that failed", xs, range, format: percent, summary: `${percent(ratioOf(view.totals.errors, view.totals.calls))} over all, ${percent(worst)} at worst.`,
    lines: [{ name: "failed", tone: "exception", values: ratios, total: percent(ratioOf(view.totals.errors, view.totals.calls)) }],
  });
}

async function drawLatency(view, signal) {
  const range = [view.since, view.until];
  const options = { range, format: duration, logarithmic: true };
  if (state.latency === "all") {
    const lines = ["p50", "p95", "p99"].map((q) => ({ name: q, tone: q, values: view.series.map((slot) => slot[q]), total: duration(view.totals[q]) }));
    const summary = `${lines.map(({ name, total }) => `${name} ${total}`).join(", ")}.`;
    chart("latency", { ...options, label: "Latency of all calls", xs: view.series.map((slot) => slot.ts), lines, summary });
    return;
  }
  const [group, agg] = state.latency.split("-");
  const asked = [...parameters(), ["metric", "duration"], ["agg", agg], ["group_by", group], ["step", view.step]];
  const groups = groupsOf(await ask("metrics", asked, { signal }), group).slice(0, MAX_LINES);
  const xs = [...new Set(groups.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b);
  const overall = new Map(view[`${group}s`].map((row) => [row[group], row[agg]]));
  const lines = groups.map(({ name, points }, at) => ({ name: shortName(name), tone: `g${at + 1}`, values: xs.map((ts) => points.get(ts) ?? null), total: duration(overall.get(name)) }));
  chart("latency", { ...options, label: `Latency, ${agg} by ${group}`, xs, lines, summary: `The ${lines.length} busiest.` });
}

const shortName = (worker) => String(worker ?? "–").replace(/^octavo-/, "");

function drawTiles(view) {
  const { totals } = view;
  const failed = ratioOf(totals.errors, totals.calls);
  const tile = (label, figure, value, below, warn) => h("div", { class: warn ? "tile warn" : "tile" }, h("dt", {}, label), h("dd", {}, h("span", { class: "value", "data-figure": figure }, value), h("span", { class: "muted" }, below)));
  show("tiles", h("dl", {}, [
    tile("Calls", "calls", whole(totals.calls), `${rate(totals.calls / Math.max(1, (view.until - view.since) / 1000))} a second`),
    tile("Failed", "errors", whole(totals.errors), `${whole(totals.byStatus.disconnect ?? 0)} hung up`, failed > ERROR_RATIO),
    tile("Error ratio", "ratio", percent(failed), failed > ERROR_RATIO ? `over ${percent(ERROR_RATIO)}` : "of all calls", failed > ERROR_RATIO),
    tile("p50", "p50", duration(totals.p50), "half are faster"),
    tile("p95", "p95", duration(totals.p95), "one in 20 is slower"),
    tile("p99", "p99", duration(totals.p99), "one in 100 is slower"),
  ]));
}

const few = (names) => (names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", "));

function drawErrors(view) {
  const total = view.errors.reduce((sum, row) => sum + row.count, 0);
  show("errors", table("Error groups, most frequent first", [
    { head: "What", first: true, of: (row) => [badge(row.status), " ", h("span", { class: "mono" }, filterButton("error_type", row.error_type)), h("br"), row.tool ? filterButton("tool", row.tool) : shortName(row.worker), row.clients.length > 0 && h("span", { class: "muted" }, ` for ${few(row.clients)}`)] },
    { head: "Count", number: true, of: (row) => [whole(row.count), h("br"), h("span", { class: "muted" }, percent(ratioOf(row.count, total)))] },
    { head: "First and last", of: (row) => [time(row.first), h("br"), time(row.last, ago)] },
    { head: "Traces", of: (row) => h("span", { class: "links" }, row.traces.slice(0, 3).map((id) => traceLink(id))) },
  ], view.errors, { none: "No errors in this range." }));
}

function drawSlowest(view) {
  const longest = Math.max(1, ...view.slowest.map((row) => row.dur_ms));
  show("slowest", table("Slowest traces, slowest first", [
    { head: "Trace", first: true, of: (row) => traceLink(row.trace_id) },
    { head: "Tool", of: (row) => row.tool ?? row.method ?? "–" },
    { head: "Outcome", of: (row) => badge(row.status) },
    { head: "When", of: (row) => time(row.ts) },
    { head: "Took", number: true, of: (row) => duration(row.dur_ms) },
    { head: h("span", { class: "sr" }, "Bar"), of: (row) => bar(0, row.dur_ms / longest, row.status) },
  ], view.slowest));
}

/** A bar from `start` to `start + width`, both shares of the whole. */
function bar(start, width, status) {
  const from = Math.min(99, start * 100);
  return h("svg", { class: "bar-line", viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" },
    h("rect", { class: `c-${known(status)}`, x: from.toFixed(2), width: Math.max(0.8, Math.min(100 - from, width * 100)).toFixed(2), height: "1" }));
}

function healthOf(worker, view) {
  if (worker.calls === 0) return "idle";
  const own = view.errors.filter((row) => row.worker === worker.worker && row.status === "exception");
  const faults = own.reduce((sum, row) => sum + row.count, 0);
  if (faults / worker.calls >= FAULT_RATIO) return "failing";
  return faults > 0 || worker.errors / worker.calls >= ERROR_RATIO ? "degraded" : "healthy";
}

const MARKS = { healthy: "●", degraded: "▲", failing: "■", idle: "○" };

function drawWorkers(view) {
  show("workers", view.workers.map((row) => {
    const health = healthOf(row, view);
    return h("li", { class: `worker ${health}`, "data-worker": row.worker },
      h("h3", {}, filterButton("worker", row.worker, shortName(row.worker))),
      h("p", { class: "health" }, h("span", { "aria-hidden": "true" }, MARKS[health]), ` ${health}`),
      h("dl", {},
        fact("calls", whole(row.calls)), fact("errors", percent(ratioOf(row.errors, row.calls))), ["p50", "p95", "p99"].map((q) => fact(q, duration(row[q]))),
        fact("seen", row.last_seen ? time(row.last_seen, ago) : "–"),
        fact(row.versions.length > 1 ? "versions" : "version", h("span", { class: "mono" }, row.versions.map(({ version }) => String(version).slice(0, 8)).join(", ") || "–"))));
  }));
}

const cpuOf = (row) => ratioOf(row.cpu_ms, row.calls);

// Head, name in the address, value, format, what it is.
const TOOL_COLUMNS = [
  ["Calls", "calls", (row) => row.calls, whole],
  ["Errors", "errors", (row) => row.errors, whole],
  ["Ratio", "ratio", (row) => ratioOf(row.errors, row.calls), percent],
  ...["p50", "p95", "p99"].map((q) => [q, q, (row) => row[q], duration]),
  ["CPU", "cpu", cpuOf, duration, "Processor time of a call, in the mean"],
  ["Answers", "out", (row) => row.out_bytes, bytes, "Bytes answered, all calls together"],
];

function drawTools(view) {
  const columns = TOOL_COLUMNS.filter(([, sort]) => sort !== "cpu" || view.tools.some((row) => row.cpu_ms > 0));
  const [, sorted, value] = columns.find(([, sort]) => sort === state.sort) ?? columns[0];
  const rows = view.tools.toSorted((a, b) => (value(b) ?? -1) - (value(a) ?? -1));
  show("tools", table("Tools", [
    { head: "Tool", first: true, of: (row) => filterButton("tool", row.tool) },
    ...columns.map(([head, sort, of, format, title]) => ({ head, sort, title, number: true, of: (row) => format(of(row)) })),
    { head: "Calls over time", of: (row) => spark(row.counts) },
  ], rows, { sorted }));
}

function spark(values) {
  if (values.length < 2) return "";
  const peak = Math.max(1, ...values);
  const points = values.map((value, at) => `${((at / (values.length - 1)) * 100).toFixed(1)},${(19 - (value / peak) * 18).toFixed(1)}`);
  return h("svg", { class: "spark", viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" }, h("polyline", { points: points.join(" ") }));
}

function drawHeatmap(view) {
  const all = state.all === true;
  const rows = view.tools.slice(0, all ? undefined : HEAT_ROWS);
  const merged = Math.max(1, Math.ceil(view.series.length / HEAT_COLUMNS));
  const columns = view.series.filter((_, at) => at % merged === 0).map((slot) => slot.ts);
  const sum = (values, at) => values.slice(at * merged, (at + 1) * merged).reduce((total, value) => total + value, 0);
  const cells = rows.map((row) => columns.map((_, at) => ({ calls: sum(row.counts, at), errors: sum(row.errorCounts, at) })));
  const valueOf = { calls: (cell) => cell.calls, errors: (cell) => cell.errors, ratio: (cell) => ratioOf(cell.errors, cell.calls) ?? 0 }[state.heatmap];
  const format = state.heatmap === "ratio" ? percent : whole;
  const peak = Math.max(...cells.flat().map(valueOf), 0);
  const shade = (value) => (value > 0 ? Math.max(1, Math.ceil((value / peak) * HEAT_SHADES)) : 0);
  const tone = state.heatmap === "calls" ? "heat" : "heat bad";
  const span = columns.length * merged * view.step;
  const every = HEAT_LABELS_MS.find((ms) => span / ms <= 10) ?? span;
  const head = h("tr", {}, h("th", { scope: "col" }, "Tool"), columns.map((ts) => h("th", { scope: "col", title: stamp(ts) }, h("span", { class: ts % every === 0 ? "tick" : "sr" }, (every < 86_400_000 ? CLOCK : DAY).format(ts)))));
  const body = rows.map((row, at) => h("tr", {}, h("th", { scope: "row" }, filterButton("tool", row.tool, row.tool)), cells[at].map((cell, slot) => {
    const value = valueOf(cell);
    return h("td", { class: `h${shade(value)}`, title: `${row.tool}, ${stamp(columns[slot])}: ${whole(cell.calls)} calls, ${whole(cell.errors)} failed` }, h("span", { class: "sr" }, format(value)));
  })));
  if (rows.length === 0) return show("heatmap", h("p", { class: "muted" }, "Nothing in this range."));
  const key = h("p", { class: `key ${tone}` }, h("span", {}, "0"), Array.from({ length: HEAT_SHADES + 1 }, (_, at) => h("i", { class: `h${at}` })), h("span", {}, format(peak)));
  const more = view.tools.length > HEAT_ROWS && h("button", { type: "button", "data-act": "all-tools", "aria-pressed": String(all) }, all ? "Show fewer" : `Show all ${view.tools.length}`);
  return show("heatmap", scrolling("Tools over time", h("table", { class: tone }, h("caption", { class: "sr" }, `Tools over time: ${state.heatmap}`), h("thead", {}, head), h("tbody", {}, body))), h("div", { class: "panel-head" }, key, more || ""));
}

function drawClients(view) {
  const protocols = new Map();
  for (const row of view.clients) protocols.set(row.protocol ?? "unknown", (protocols.get(row.protocol ?? "unknown") ?? 0) + row.calls);
  const total = [...protocols.values()].reduce((sum, calls) => sum + calls, 0);
  const shares = [...protocols].sort((a, b) => b[1] - a[1]);
  show("clients",
    h("dl", { class: "facts", "aria-label": "Calls by protocol version" }, shares.map(([name, calls]) => fact(name, `${whole(calls)} (${percent(ratioOf(calls, total))})`))),
    table("Clients, busiest first", [
      { head: "Client", first: true, of: (row) => filterButton("client", row.client, row.client ?? "–") },
      { head: "Version", of: (row) => row.client_version ?? "–" },
      { head: "Protocol", of: (row) => h("span", { class: "whole" }, row.protocol ?? "–") },
      { head: "Calls", number: true, of: (row) => whole(row.calls) },
      { head: "Errors", number: true, of: (row) => percent(ratioOf(row.errors, row.calls)) },
    ], view.clients));
}

function drawVersions(view) {
  const rows = view.workers.flatMap((worker) => worker.versions.map((row) => ({ ...row, worker: worker.worker, several: worker.versions.length > 1 })));
  show("versions", table("Deployed versions, those in a rollout first", [
    { head: "Worker", first: true, of: (row) => [shortName(row.worker), row.several ? [" ", h("span", { class: "badge c-limit" }, "rollout")] : ""] },
    { head: "Version", of: (row) => h("span", { class: "mono whole" }, filterButton("version", row.version, String(row.version).slice(0, 12))) },
    { head: "Calls", number: true, of: (row) => whole(row.calls) },
    { head: "Errors", number: true, of: (row) => percent(ratioOf(row.errors, row.calls)) },
    { head: "p95", number: true, of: (row) => duration(row.p95) },
  ], rows.toSorted((a, b) => b.several - a.several)));
}

const words = (name) => name.replaceAll("_", " ");

function drawFacts(view) {
  const { cache, breaker, limits, telemetry, stats } = view;
  const asked = (cache.hit ?? 0) + (cache.miss ?? 0);
  const open = Array.isArray(breaker.open) ? breaker.open : [];
  show("limits", [
    fact("refused by a limit", whole(view.totals.byStatus.limit ?? 0), { figure: "limit", warn: view.totals.byStatus.limit > 0 }),
    fact("hung up", whole(view.totals.byStatus.disconnect ?? 0), { figure: "disconnect" }),
    ...Object.entries(limits).map(([name, value]) => fact(words(name), whole(value), { warn: value > 0 })),
    fact("cache hits", asked > 0 ? `${percent(ratioOf(cache.hit ?? 0, asked))} of ${whole(asked)}` : "not asked", { figure: "cache" }),
    fact("breaker", open.length > 0 ? `open: ${open.map(shortName).join(", ")}` : "closed", { figure: "breaker", warn: open.length > 0 }),
    ...(isNumber(breaker.refused) ? [fact("refused by the breaker", whole(breaker.refused))] : []),
  ]);
  const cost = (stats.kv_lists ?? 0) * LIST_PRICE + (stats.kv_reads ?? 0) * READ_PRICE;
  const dropped = Object.entries(telemetry.dropped ?? {}).sort((a, b) => b[1] - a[1]);
  const minutes = Math.max(1, (view.until - view.since) / 60_000);
  show("telemetry", [
    fact("rollups behind by", duration(telemetry.lag_ms), { figure: "lag", warn: telemetry.lag_ms > LATE_MS }),
    fact("events", whole(telemetry.events), { figure: "events" }),
    fact("segments a minute", isNumber(telemetry.segments) ? rate(telemetry.segments / minutes) : "–"),
    ...(dropped.length > 0 ? dropped.map(([reason, value]) => fact(`dropped: ${words(reason)}`, whole(value), { warn: value > 0 })) : [fact("dropped", "0")]),
    fact("this page's last question", `${whole(stats.kv_lists)} lists, ${whole(stats.kv_reads)} reads, ${bytes(stats.bytes)}, ${duration(view.took)}`, { figure: "cost" }),
    fact("a day of this page open", dollars((cost * 86_400_000) / (pollEvery() ?? POLL_MS))),
  ]);
}

function drawFreshness(view) {
  show("freshness", `${view.complete ? "Complete" : "Partial"}, as of ${clock(view.until)}`);
  byId("freshness").classList.toggle("partial", !view.complete);
  show("footnote", `${stamp(view.since)} to ${stamp(view.until)}, ${Intl.DateTimeFormat().resolvedOptions().timeZone}. One point is ${duration(view.step)}.`);
}

// ---- Filters ----

const choices = Object.fromEntries(SELECTS.map((field) => [field, new Set()]));

// Drawn when the address changes only, never under someone who is choosing.
function drawRange() {
  const relative = !state.until && RELATIVE.test(state.since);
  const other = relative && !RANGES.some(([range]) => range === state.since) ? [[state.since, state.since]] : [];
  fillSelect(byId("filters").elements.range, [...RANGES, ...other, ["custom", "Custom…"]], relative ? state.since : "custom");
  byId("custom").hidden = relative;
  if (!relative) {
    byId("custom").elements.since.value = localOf(state.since);
    byId("custom").elements.until.value = localOf(state.until);
  }
}

function drawFilters() {
  for (const field of SELECTS) {
    const chosen = state.filters.filter(([name]) => name === field).map(([, value]) => value);
    const options = [...choices[field]].sort().map((value) => [value, field === "status" ? STATUSES[value] ?? value : field === "worker" ? shortName(value) : value]);
    if (field === "status") options.unshift(["error", "any error"]);
    // Several values, or one that is not known yet, are an option of their own.
    if (chosen.length > 0 && !options.some(([value]) => value === chosen.join("\n"))) options.unshift([chosen.join("\n"), chosen.join(", ")]);
    fillSelect(byId("filters").elements[field], [["", "all"], ...options], chosen.join("\n"));
  }
  byId("reset").hidden = state.filters.length === 0;
  const unseen = state.filters.filter(([name]) => !SELECTS.includes(name)).map((pair) => pair.join("="));
  byId("reset").textContent = unseen.length > 0 ? `Clear filters (${unseen.join(", ")})` : "Clear filters";
}

function fillSelect(element, options, chosen) {
  morph(element, options.map(([value, label]) => h("option", { value }, label)));
  element.value = chosen;
}

/** Milliseconds of what the address may say: a time before now, milliseconds, or a date; else `NaN`. */
function instantOf(text) {
  const [, count, unit] = RELATIVE.exec(text) ?? [];
  if (count) return Date.now() - count * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}

function localOf(text) {
  const ms = instantOf(text);
  return Number.isFinite(ms) ? new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19) : "";
}

/** Learns what may be chosen: from an answer that no filter narrowed, else from the API's list of values. */
async function learnValues(view, signal) {
  const found = { worker: view.workers.map((row) => row.worker), tool: view.tools.map((row) => row.tool), status: Object.keys(view.totals.byStatus), client: view.clients.map((row) => row.client) };
  const narrowed = state.filters.length > 0;
  for (const field of SELECTS) {
    if (narrowed && choices[field].size === 0) {
      const { data } = await ask(`fields/${field}/values`, rangeParameters(), { signal });
      found[field].push(...data.map((row) => row.value));
    }
    for (const value of found[field]) if (value) choices[field].add(value);
  }
  drawFilters();
}

// ---- One trace ----

let traceShown = "";

async function drawTrace() {
  const dialog = byId("trace");
  if (!state.trace) {
    traceShown = "";
    if (dialog.open) dialog.close();
    return;
  }
  if (traceShown === state.trace && dialog.open) return;
  traceShown = state.trace;
  show("trace-body", h("p", { class: "muted" }, "Asking…"));
  if (!dialog.open) dialog.showModal();
  try {
    const asked = state.trace;
    // An id that a client chose does not tell its time.
    const since = Math.min(instantOf(state.since) || Date.now(), Date.now() - 86_400_000);
    const spans = spansOf(await ask(`trace/${encodeURIComponent(asked)}`, [["since", since]]));
    if (asked === state.trace) show("trace-body", waterfall(asked, spans));
  } catch (error) {
    show("trace-body", h("p", {}, error.status === 404 ? "No such trace is kept; it may have expired." : `The trace could not be had: ${error.message}`));
  }
}

function waterfall(id, spans) {
  const length = Math.max(1, ...spans.map((span) => span.offset_ms + span.dur_ms));
  const root = spans[0] ?? {};
  const facts = [["tool", root.tool ?? root.method], ["when", stamp(root.ts)], ["took", duration(length)], ["client", [root.client, root.client_version].filter(Boolean).join(" ")], ["protocol", root.protocol], ["place", root.colo], ["platform's trace", root.cf_trace_id]];
  const fields = [...new Set(spans.flatMap((span) => Object.keys(span)))].filter((name) => name !== "trace_id" && name !== "v");
  return [
    h("p", { class: "mono id" }, id),
    h("dl", { class: "facts" }, fact("outcome", badge(root.status)), facts.filter(([, value]) => value).map(([name, value]) => fact(name, value))),
    table("Waterfall", [
      { head: "Span", first: true, of: (span) => h("span", { class: `depth d${Math.min(4, span.depth)}` }, h("b", {}, shortName(span.worker)), ` ${span.method ?? span.kind ?? ""}`) },
      { head: "Outcome", of: (span) => [badge(span.status), span.error_type ? h("span", { class: "mono" }, ` ${span.error_type}`) : ""] },
      { head: "Starts", number: true, of: (span) => `+${duration(span.offset_ms)}` },
      { head: "Took", number: true, of: (span) => duration(span.dur_ms) },
      { head: h("span", { class: "sr" }, "Bar"), of: (span) => bar(span.offset_ms / length, span.dur_ms / length, span.status) },
    ], spans),
    h("details", {}, h("summary", {}, "Every field"), table("Fields of the spans", [
      { head: "Field", first: true, of: (name) => name },
      ...spans.map((span) => ({ head: shortName(span.worker), of: (name) => h("span", { class: "mono" }, String(span[name] ?? "–")) })),
    ], fields)),
  ];
}

// ---- The live feed ----

const feed = { lines: [], stop: null, cursor: null, wait: 1000, count: 0 };

const FEED_COLUMNS = [
  { head: "Time", first: true, of: (line) => time(line.ts, clock) },
  { head: "Worker", of: (line) => shortName(line.worker) },
  { head: "Tool or method", of: (line) => line.tool ?? line.method ?? line.kind ?? "–" },
  { head: "Outcome", of: (line) => [badge(line.status), line.error_type ? h("span", { class: "mono" }, ` ${line.error_type}`) : ""] },
  { head: "Took", number: true, of: (line) => duration(line.dur_ms) },
  { head: "Client", of: (line) => line.client ?? "–" },
  { head: "Trace", of: (line) => (line.trace_id ? traceLink(line.trace_id) : "–") },
];

function drawFeed() {
  show("live", table("Calls as they end, newest first", FEED_COLUMNS, feed.lines, { none: "Nothing yet." }));
  byId("live-state").textContent = !state.live ? "Stopped; the newest lines when asked." : feed.stop ? `Following, ${whole(feed.count)} since` : "Reconnecting…";
  byId("live-toggle").textContent = state.live ? "Stop" : "Follow";
}

async function fillFeed(signal) {
  if (state.live && feed.lines.length > 0) return;
  takeLines(linesOf(await ask("logs", [...parameters(), ["limit", FEED_START]], { signal })));
}

// A line may come by both ways, and a stream that is taken up again may repeat some.
function takeLines(lines, live = false) {
  if (live) feed.count += lines.length;
  const held = new Map([...feed.lines, ...lines].map((line) => [`${line.worker} ${line.span_id} ${line.ts}`, line]));
  feed.lines = [...held.values()].sort((a, b) => b.ts - a.ts).slice(0, FEED_ROWS);
  drawFeed();
}

function stopFeed() {
  feed.stop?.abort();
  feed.stop = null;
}

// Every follower costs lists of the store, so it follows only while it is asked to and seen.
function runFeed() {
  if (!state.live || document.hidden) {
    stopFeed();
  } else if (!feed.stop) {
    feed.stop = new AbortController();
    follow(feed.stop);
  }
  drawFeed();
}

async function follow(controller) {
  const { signal } = controller;
  try {
    // A stream of events by fetch: the browser's own reader of them cannot send a token.
    const headers = { accept: "text/event-stream", ...(feed.cursor ? { "last-event-id": feed.cursor } : {}) };
    const response = await request("live", state.filters, { signal, headers });
    let rest = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      feed.wait = 1000;
      const events = (rest + text).replaceAll("\r\n", "\n").split("\n\n");
      rest = events.pop();
      takeLines(events.map(lineOf).filter(Boolean), true);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error.status >= 400 && error.status < 500 && error.status !== 429) {
      go({ live: "" }, { replace: true });
      tell(`The live feed is not to be had: ${error.message}`);
    }
  }
  if (signal.aborted) return;
  feed.stop = null;
  drawFeed();
  feed.wait = Math.min(feed.wait * 2, LONGEST_WAIT_MS);
  setTimeout(runFeed, feed.wait);
}

/** The line that an event holds, if it does; its id is where to go on. */
function lineOf(event) {
  const fields = event.split("\n").map((text) => /^(id|data): ?(.*)$/.exec(text)).filter(Boolean);
  const valueOf = (wanted) => fields.filter(([, name]) => name === wanted).map(([, , value]) => value).join("\n");
  feed.cursor = valueOf("id") || feed.cursor;
  try {
    return JSON.parse(valueOf("data"));
  } catch {
    // A comment, or a frame that is no line, is no reason to stop following.
    return null;
  }
}

// ---- Asking and drawing ----

let view = null;
let paused = false;
let timer = 0;
let asking = null;
let failures = 0;

function tell(message, action) {
  // Never hidden: a region that appears with its words is not always spoken.
  byId("notice").classList.toggle("quiet", !message);
  show("notice", message, action ? h("button", { type: "button", "data-act": action[0] }, action[1]) : "");
}

/** How long until the next question; null when the range has ended and nothing new can come. */
function pollEvery() {
  if (state.until) return null;
  return view && view.until - view.since > LONG_RANGE_MS ? SLOW_POLL_MS : POLL_MS;
}

function schedule(wait = pollEvery()) {
  clearTimeout(timer);
  if (wait !== null && !paused && !document.hidden) timer = setTimeout(refresh, wait);
}

const PANELS = [drawTiles, drawRates, drawErrors, drawSlowest, drawWorkers, drawTools, drawHeatmap, drawClients, drawVersions, drawFacts, drawFreshness];

async function refresh() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  clearTimeout(timer);
  try {
    const began = performance.now();
    view = viewOf(await ask("summary", parameters(), { signal }));
    view.took = Math.round(performance.now() - began);
    for (const panel of PANELS) panel(view);
    await Promise.all([drawLatency(view, signal), learnValues(view, signal), fillFeed(signal)]);
    byId("main").setAttribute("aria-busy", "false");
    failures = 0;
    tell(view.complete ? "" : "This answer is partial: the range holds more than one question may read. A shorter range or a filter completes it.");
    schedule();
  } catch (error) {
    if (signal.aborted) return;
    failures += 1;
    failed(error);
  }
}

function failed(error) {
  if (error.status === 401) return tell("Sign in to see the panels.", ["sign-in", "Sign in"]);
  if (error.status === 403) return tell("This token may not read here.", ["sign-in", "Use another"]);
  if (error.status === 400) return tell(`The API refuses this question: ${error.message}`, ["start-over", "Start over"]);
  if (error.status === 404) return tell("There is no operators' API here, or it is not configured.", ["refresh", "Try again"]);
  tell(`The API did not answer${error.status ? ` (${error.status})` : ""}: ${error.message}.${view ? " The panels show the last answer." : ""}`, ["refresh", "Try again"]);
  return schedule(Math.max(error.retryAfter ?? 0, Math.min(POLL_MS * 2 ** (failures - 1), LONGEST_WAIT_MS)));
}

function changed() {
  stopFeed();
  Object.assign(feed, { lines: [], cursor: null, count: 0 });
  drawRange();
  drawFilters();
  refresh();
  runFeed();
}

// ---- Events ----

const ACTIONS = {
  refresh,
  "sign-in": () => signIn(),
  reset: () => change({ filters: [] }),
  "start-over": () => change({ filters: [], since: DEFAULT_RANGE, until: "" }),
  pause: () => {
    paused = !paused;
    byId("pause").textContent = paused ? "Resume" : "Pause";
    if (paused) clearTimeout(timer);
    else refresh();
  },
  live: () => {
    go({ live: state.live ? "" : "1" }, { replace: true });
    runFeed();
  },
  "all-tools": () => {
    state.all = !state.all;
    drawHeatmap(view);
  },
};

function clicked(event) {
  const target = event.target.closest("[data-filter], [data-trace], [data-sort], [data-act], [data-close]");
  if (!target || event.defaultPrevented) return;
  const { filter, value, trace, sort, act } = target.dataset;
  if (filter) setFilter(filter, [value]);
  if (act) ACTIONS[act]();
  if (sort) {
    go({ sort }, { replace: true });
    drawTools(view);
  }
  if ("close" in target.dataset) target.closest("dialog").close();
  // A click with a modifier opens the link elsewhere.
  if (trace && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    go({ trace });
    drawTrace();
  }
}

function listen() {
  document.addEventListener("click", clicked);
  const filters = byId("filters");
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("change", ({ target }) => {
    if (target.name !== "range") return setFilter(target.name, target.value ? target.value.split("\n") : []);
    if (target.value !== "custom") return setRange(target.value);
    byId("custom").hidden = false;
    byId("custom").elements.since.value = localOf(state.since);
    return byId("custom").elements.since.focus();
  });
  byId("custom").addEventListener("submit", (event) => {
    event.preventDefault();
    const { since, until } = event.target.elements;
    setRange(new Date(since.value).getTime(), until.value ? new Date(until.value).getTime() : "");
  });
  for (const [id, name, options, redraw] of [["latency-view", "latency", LATENCY_VIEWS, refresh], ["heatmap-view", "heatmap", HEAT_VIEWS, () => drawHeatmap(view)]]) {
    if (!options.some(([value]) => value === state[name])) state[name] = DEFAULTS[name];
    fillSelect(byId(id), options, state[name]);
    byId(id).addEventListener("change", ({ target }) => {
      go({ [name]: target.value }, { replace: true });
      redraw();
    });
  }
  byId("trace").addEventListener("close", () => {
    if (state.trace) go({ trace: "" });
    drawTrace();
  });
  byId("login-form").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN, byId("token").value.trim());
    byId("login").close();
    traceShown = "";
    drawTrace();
    refresh();
    runFeed();
  });
  window.addEventListener("popstate", () => {
    const before = addressOf({ ...state, trace: "" });
    state = { ...stateOf(location.search), all: state.all };
    drawTrace();
    if (addressOf({ ...state, trace: "" }) !== before) changed();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (!paused && !state.until) refresh();
    runFeed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const held of charts.values()) held.destroy();
    charts.clear();
    refresh();
  });
}

listen();
drawRange();
drawFilters();
refresh();
runFeed();
drawTrace();

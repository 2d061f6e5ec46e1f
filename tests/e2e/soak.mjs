// Soak: a mixed load over all tools for long, with faults switched on and off, on the built fleet in workerd. Prints a line each period
// (five minutes of a long run, a quarter of a short one): calls and their times, errors by reason, what workerd and the heaps of its
// isolates hold, log lines expected and kept. Fails where a call that nothing is wrong with failed, a line is missing that nobody
// counted, or heaps grow on. `cargo xtask soak --minutes 30` starts it: `soak.mjs MINUTES [control]`.
//
// Workerd's resident memory grows under any load, so `control` puts the same load on workers that do nothing.
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { GATEWAY, TOOL, TOOL_FAULTS, byHand, callOf, head, judged, lastOf } from "./chaos.mjs";
import { TAIL, cron, rank, sleep } from "./log.mjs";
import { specs } from "./specs.mjs";
import { heapsOf, workerdMiB } from "./workerd.mjs";

const MINUTES = Number(process.argv[2] ?? 30);
const CONTROL = process.argv[3] === "control";
const CONNECTIONS = Number(process.env.OCTAVO_SOAK_CONNECTIONS ?? 4);
const PERIODS = MINUTES >= 10 ? Math.round(MINUTES / 5) : 4;
const PERIOD_MS = (MINUTES * 60_000) / PERIODS;
// Faults are on every other one of these.
const SPELL_MS = Math.min(60_000, PERIOD_MS / 4);
const LONGEST = 64 * 1024;
const WINDOW_MS = 1_000;
/** How much larger heaps may be at the end than after the first period, as a factor and in MiB: later calls reach more code. */
const GROWTH = 1.5;
const GROWTH_MIB = 32;

// How a request is told apart in the log: the beginning of its trace id.
const KINDS = { sound: "0000000a", faulty: "0000000b", leaving: "0000000c" };

// The tail worker with a store that fails or is slow while it is told so.
const LOG = `
import tail from "./index.js";
export * from "./index.js";
let fault = "none";
const around = (kv) => ({
  list: (...given) => kv.list(...given), get: (...given) => kv.get(...given), getWithMetadata: (...given) => kv.getWithMetadata(...given), delete: (...given) => kv.delete(...given),
  put: async (...given) => {
    if (fault === "slow") await scheduler.wait(500);
    if (fault === "full") throw new Error("429 Too Many Requests");
    return await kv.put(...given);
  },
});
const faulty = (env) => ({ ...env, LOGS: around(env.LOGS) });
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/soak/")) return await tail.fetch(request, faulty(env), ctx);
    fault = pathname.slice(6);
    return new Response();
  },
  tail: (events, env) => tail.tail(events, faulty(env)),
  scheduled: (controller, env) => tail.scheduled(controller, faulty(env)),
};`;

// Workers that do nothing, on the same ways.
const IDLE_GATEWAY = `
export class Session {}
export class Task {}
export class Changes {}
export default {
  async fetch(request, env) {
    const body = await request.text();
    console.log(JSON.stringify({ bytes: body.length }));
    const response = await env.DOCKER_MCP_WORKER.fetch("https://tool-worker/call", { method: "POST", body });
    return Response.json({ length: (await response.text()).length });
  },
};`;
const IDLE_TOOL = `export default { async fetch(request) { const body = await request.text(); console.log(JSON.stringify({ bytes: body.length })); return new Response(body); } };`;
const IDLE_TAIL = `export default { fetch: () => new Response(), tail() {}, scheduled() {} };`;

// Chances that are the same in every run.
let state = 1;
const chance = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
const oneOf = (list) => list[Math.floor(chance() * list.length)];

const tools = [...specs(LONGEST).values()];
const others = [
  ["tools/list", {}], ["ping", {}], ["prompts/list", {}], ["resources/list", {}], ["prompts/get", { name: "nope" }], ["resources/read", { uri: "rule://docker/DL3006" }], ["nope", {}],
];
const around = CONTROL
  ? { "octavo-gateway": IDLE_GATEWAY, [TAIL]: IDLE_TAIL, ...Object.fromEntries(["nodejs", "python", "docker", "quality", "webdesign", "database", "api", "architecture"].map((name) => [`octavo-${name}`, IDLE_TOOL])) }
  : { "octavo-gateway": GATEWAY, "octavo-quality": TOOL, [TAIL]: LOG };
const vars = { OPS_ACCESS: "open", LOG_WINDOW_MS: `${WINDOW_MS}`, CALL_DEADLINE_MS: "10000", BREAKER_OPEN_MS: "1" };
let replaced = 0;
const log = (line) => {
  if (/instance replaced/.test(line)) replaced += 1;
};
const fleet = await startFleet({ around, vars, log, inspector: true });
const { url } = fleet;

let made = 0;
const traced = (kind) => ({ traceparent: `00-${KINDS[kind]}${(made += 1).toString(16).padStart(24, "0")}-${"b".repeat(16)}-01` });

// What came of everything in a period.
const fresh = () => ({ calls: 0, times: [], reasons: {}, wrong: [], gateway: 0, tool: 0, left: 0 });
let tally = fresh();
let faultsOn = false;

const count = (what) => (tally.reasons[what] = (tally.reasons[what] ?? 0) + 1);

async function post(body, kind, { heard = false, own, headers = {} } = {}) {
  const response = await fetch(`${url}/mcp`, { method: "POST", headers: { "content-type": "application/json", ...traced(kind), ...headers }, body });
  const text = await response.text();
  if (CONTROL) return { status: response.status };
  // What the instance was lost with has no line: its own request, and those that met it.
  const lost = response.status === 500;
  if (!lost) tally.gateway += 1;
  if (own !== undefined) return { status: response.status, ...judged({ own, heard }, { status: response.status, type: response.headers.get("content-type"), text }) };
  const message = lastOf(text);
  return { status: response.status, message, reason: message.result?._meta?.["dev.octavo/error"]?.reason ?? message.error?.code };
}

// A call of any tool as its tests make it, sometimes with a listener.
async function sound() {
  const { name, arguments: given } = oneOf(oneOf(tools));
  const heard = chance() < 0.2;
  const id = made;
  const params = { name, arguments: given, ...(heard ? { _meta: { progressToken: id } } : {}) };
  const mayFail = faultsOn;
  const started = performance.now();
  const { message, reason } = await post(JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params }), "sound");
  tally.times.push(performance.now() - started);
  if (CONTROL) return;
  if (reason !== undefined) count(reason);
  if (reason !== -32603 && reason !== "category_unavailable") tally.tool += 1;
  // Broken arguments are what some of the cases are about. A gateway's instance that is lost takes along who waits in it.
  const expected = [undefined, "invalid_argument", "input_too_large"].includes(reason) || ((mayFail || faultsOn) && [-32603, "category_unavailable"].includes(reason));
  if (!expected || (message.id !== undefined && message.id !== id)) tally.wrong.push(`${name}: ${JSON.stringify(message).slice(0, 300)}`);
}

async function other() {
  const [method, params] = oneOf(others);
  const mayFail = faultsOn;
  const { status, reason } = await post(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }), "sound");
  if (!CONTROL && status >= 500 && !((mayFail || faultsOn) && reason === -32603)) tally.wrong.push(`${method}: ${status}`);
}

// Something that goes wrong: in the worker, at the gateway, in the store, or in the client.
async function faulty() {
  const heard = chance() < 0.5;
  const part = chance();
  if (part < 0.5) {
    const fault = oneOf(Object.keys(TOOL_FAULTS).filter((name) => !name.startsWith("hangs") && name !== "reply_then_silence"));
    const call = callOf({ fault, heard });
    const { reason } = await post(call.body, "faulty", call);
    if (reason !== undefined) count(`${reason} (meant)`);
  } else if (part < 0.55) {
    const call = callOf();
    const { reason } = await post(call.body, "faulty", { own: call.own, headers: { "x-chaos": "traps" } });
    count(`${reason} (meant)`);
  } else {
    const call = callOf({ heard: true, files: 20 });
    const { traceparent } = traced("leaving");
    const before = head(call.body.length, `traceparent: ${traceparent}\r\n`);
    const steps = oneOf([["POST /mc"], [before], [before, call.body.slice(0, 200)], [before, call.body], [before, call.body, { until: "notifications/progress" }]]);
    await byHand(url, [...steps, "hang up"]);
    tally.left += 1;
  }
}

async function connection(until) {
  while (performance.now() < until) {
    const part = chance();
    tally.calls += 1;
    try {
      if (part < 0.1) await other();
      else if (part < 0.25 && faultsOn && !CONTROL) await faulty();
      else await sound();
    } catch (error) {
      tally.wrong.push(`${error.message}`.slice(0, 400));
    }
  }
}

async function ask(path) {
  const response = await fetch(`${url}/ops/${path}`);
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return await response.text();
}

const lostLines = async () => {
  const dropped = JSON.parse(await ask("v1/summary?since=24h")).data.telemetry.dropped;
  return Object.entries(dropped).reduce((all, [reason, lines]) => all + (["not_canonical", "disconnect_without_line"].includes(reason) ? 0 : lines), 0);
};

// Lines of a period that are kept, without those of clients that left and of workers that were broken on purpose.
async function keptLines(since, until) {
  const lines = (await ask(`v1/export?since=${since}&until=${until}`)).trim().split("\n").map((line) => JSON.parse(line));
  if (lines.pop().export?.complete !== true) throw new Error("the export is not whole");
  const ours = lines.filter(({ trace_id, kind }) => trace_id?.startsWith(KINDS.sound) || (trace_id?.startsWith(KINDS.faulty) && kind === "mcp"));
  return { gateway: ours.filter(({ kind }) => kind === "mcp").length, tool: ours.filter(({ kind }) => kind === "tool").length };
}

async function logOf(since, lostBefore) {
  const expected = tally.gateway + tally.tool;
  for (const end = Date.now() + 20_000; ; ) {
    await sleep(2 * WINDOW_MS);
    const kept = await keptLines(since, Date.now());
    const lost = (await lostLines()) - lostBefore;
    if (kept.gateway + kept.tool + lost >= expected || Date.now() > end) return { expected, kept, lost };
  }
}

const rows = [];
const wrong = [];
const heaps = await heapsOf(fleet);
const minutely = CONTROL ? undefined : setInterval(() => cron(fleet, Date.now()).catch(() => {}), 60_000);
try {
  // Each tool once: compiling is no part of it.
  for (const [call] of tools) await post(JSON.stringify({ jsonrpc: "2.0", id: 0, method: "tools/call", params: call }), "leaving");
  await sleep(3 * WINDOW_MS);
  const start = { ...(await heaps.read()), resident: workerdMiB() };
  rows.push({ "to minute": 0, "heaps MiB": start.used.toFixed(0), "buffers MiB": start.buffers.toFixed(0), "workerd MiB": start.resident?.toFixed(0) });
  for (let period = 1; period <= PERIODS; period += 1) {
    tally = fresh();
    const lostBefore = CONTROL ? 0 : await lostLines();
    const since = Date.now();
    const began = performance.now();
    const until = began + PERIOD_MS;
    const running = Promise.all(Array.from({ length: CONNECTIONS }, () => connection(until)));
    for (let spell = 1; performance.now() < until; spell += 1) {
      await sleep(Math.min(SPELL_MS, Math.max(until - performance.now(), 0)));
      // Off at the end of each period, so that what is late can still be written.
      faultsOn = !CONTROL && spell % 2 === 1 && performance.now() < until - SPELL_MS / 2;
      if (!CONTROL) await ask(`soak/${faultsOn ? (spell % 4 === 1 ? "full" : "slow") : "none"}`);
    }
    await running;
    const seconds = (performance.now() - began) / 1000;
    const told = CONTROL ? { expected: 0, kept: { gateway: 0, tool: 0 }, lost: 0 } : await logOf(since, lostBefore);
    const { used, buffers, byWorker } = await heaps.read();
    rows.push({
      "to minute": ((period * PERIOD_MS) / 60_000).toFixed(1), calls: tally.calls, "a second": (tally.calls / seconds).toFixed(0), left: tally.left,
      "p50 ms": rank(tally.times, 0.5).toFixed(1), "p95 ms": rank(tally.times, 0.95).toFixed(1), errors: JSON.stringify(tally.reasons), wrong: tally.wrong.length,
      "heaps MiB": used.toFixed(0), "buffers MiB": buffers.toFixed(0), "workerd MiB": workerdMiB()?.toFixed(0),
      "lines expected": told.expected, kept: told.kept.gateway + told.kept.tool, "counted as lost": told.lost,
    });
    console.log(JSON.stringify({ ...rows.at(-1), byWorker }));
    wrong.push(...tally.wrong);
    const missing = told.expected - told.kept.gateway - told.kept.tool;
    if (missing > told.lost) wrong.push(`period ${period}: ${missing} lines are missing (expected ${tally.gateway} and ${tally.tool}, kept ${told.kept.gateway} and ${told.kept.tool}), and ${told.lost} are counted`);
    if (missing < 0) wrong.push(`period ${period}: ${-missing} lines more than requests`);
  }
  console.table(rows);
  const [first, last] = [rows[1], rows.at(-1)];
  for (const what of ["heaps MiB", "buffers MiB"]) {
    if (Number(last[what]) > GROWTH * Number(first[what]) + GROWTH_MIB) wrong.push(`${what}: ${first[what]} after the first period, ${last[what]} at the end`);
  }
  console.log(`${heaps.isolates} isolates, ${tools.length} tools, ${CONNECTIONS} connections; instances of the gateway replaced: ${replaced}; wrong: ${wrong.length}`);
  for (const what of wrong.slice(0, 20)) console.log(`  ${what}`);
} finally {
  clearInterval(minutely);
  heaps.close();
  await fleet.stop();
}
process.exit(wrong.length > 0 ? 1 : 0);

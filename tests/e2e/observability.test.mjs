// The log of the built fleet in workerd: every call once, what it costs, who may ask, and nothing of what was sent.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";

const CALLS = Number(process.env.OCTAVO_LOAD_CALLS ?? 2000);
const CONCURRENCY = 50;
const CANARY = "canary7f3a9c51b2";

const GATEWAY = "octavo-gateway";
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function rpc(url, method, params, headers = {}) {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return { status: response.status, body: await response.json().catch(() => undefined) };
}

async function ask(url, path, headers) {
  const response = await fetch(`${url}/ops/${path}`, { headers });
  const text = await response.text();
  assert.equal(response.status, 200, `${path}: ${text}`);
  return JSON.parse(text);
}

async function exported(url, query = "", headers) {
  const response = await fetch(`${url}/ops/v1/export${query}`, { headers });
  assert.equal(response.status, 200);
  const lines = (await response.text()).trim().split("\n").map((line) => JSON.parse(line));
  const { export: end } = lines.pop();
  assert.deepEqual([end.complete, end.lines], [true, lines.length]);
  return lines;
}

// Waits until the log holds what is expected; lines arrive a window after the response.
async function settled(url, count) {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const { data } = await ask(url, "v1/summary");
    if (data.telemetry.events >= count) return data;
    await sleep(250);
  }
  assert.fail(`fewer than ${count} lines arrived`);
}

async function keysOf({ fleet }) {
  const store = await fleet.getKVNamespace("LOGS", "octavo-tail");
  const keys = [];
  for (let cursor; ; ) {
    const page = await store.list({ cursor });
    keys.push(...page.keys);
    if (page.list_complete) return { store, keys };
    ({ cursor } = page);
  }
}

const cron = async ({ fleet }, time) =>
  (await fleet.getWorker("octavo-tail")).scheduled({ cron: "* * * * *", scheduledTime: new Date(time) });

const rank = (values, q) => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];

test(`${CALLS} calls over all tools are in the log once at each hop, before and after compaction`, async (t) => {
  const running = await startFleet({ vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "1000" } });
  try {
    const { url } = running;
    const { body } = await rpc(url, "tools/list", {});
    const cheap = new Map(calls.filter(({ name }) => /contrast|dockerfile|design/.test(name)).map((call) => [call.name, call.arguments]));
    const names = body.result.tools.map((tool) => tool.name);
    let next = 0;
    const started = performance.now();
    const work = async () => {
      for (let at = next++; at < CALLS; at = next++) {
        const name = names[at % names.length];
        const { status } = await rpc(url, "tools/call", { name, arguments: cheap.get(name) ?? {} });
        assert.equal(status, 200, name);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    const seconds = (performance.now() - started) / 1000;
    const summary = await settled(url, 2 * CALLS + 1);
    const lines = await exported(url);
    const front = lines.filter((line) => line.worker === GATEWAY && line.method === "tools/call");
    const tools = lines.filter((line) => line.kind === "tool");
    const hops = [front, tools].map((some) => new Set(some.map((line) => line.trace_id)).size);
    assert.deepEqual([front.length, tools.length, ...hops], [CALLS, CALLS, CALLS, CALLS]);
    const failed = front.filter((line) => line.status !== "ok").length;
    assert.deepEqual([summary.totals.requests, summary.totals.errors], [CALLS + 1, failed]);
    const { data: timed } = await ask(url, "v1/metrics?metric=duration&agg=p95&group_by=method");
    const exact = rank(front.map((line) => line.dur_ms), 0.95);
    const shown = timed.find((row) => row.group.method === "tools/call").value;
    assert.ok(Math.abs(shown - exact) <= Math.max(0.02 * exact, 0.5), `${shown} for ${exact}`);
    const { keys } = await keysOf(running);
    const writes = keys.filter(({ name }) => name.startsWith("r/")).length;

    await cron(running, Date.now() + 20 * 60_000);
    const after = await keysOf(running);
    const compacted = after.keys.filter(({ name }) => /^[ck]\//.test(name));
    assert.ok(compacted.length > 0 && after.keys.every(({ expiration }) => expiration > Date.now() / 1000));
    for (const { name } of keys) await after.store.delete(name);
    assert.deepEqual((await exported(url)).map((line) => line.span_id), lines.map((line) => line.span_id));
    const later = (await ask(url, "v1/summary")).data;
    assert.deepEqual([later.totals.requests, later.totals.p95], [CALLS + 1, summary.totals.p95]);
    const values = await Promise.all(compacted.map(({ name }) => after.store.get(name)));
    await cron(running, Date.now() + 21 * 60_000);
    assert.deepEqual(await Promise.all(compacted.map(({ name }) => after.store.get(name))), values);

    const newest = await ask(url, "v1/logs?limit=100");
    const day = await ask(url, "v1/summary?since=24h");
    t.diagnostic(JSON.stringify({
      calls: CALLS, seconds: seconds.toFixed(1), lines: lines.length, failed,
      p95_ms: { shown, exact }, kv_writes_per_1000_calls: (1000 * writes) / CALLS, newest: newest.stats, day: day.stats,
    }));
    assert.ok(CALLS < 2000 || (1000 * writes) / CALLS <= 5, `${writes} writes`);
  } finally {
    await running.stop();
  }
});

test("nothing of what was sent is in KV or in the live feed", async () => {
  const running = await startFleet({ vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "100" } });
  try {
    const { url } = running;
    const stop = new AbortController();
    const feed = await fetch(`${url}/ops/v1/live`, { signal: stop.signal });
    assert.equal(feed.headers.get("content-type"), "text/event-stream");
    let heard = "";
    const listening = (async () => {
      for await (const chunk of feed.body.pipeThrough(new TextDecoderStream())) heard += chunk;
    })().catch(() => {});
    const headers = {
      authorization: `Bearer ${CANARY}`, cookie: `s=${CANARY}`, "mcp-session-id": CANARY, "x-api-key": CANARY,
      "user-agent": CANARY, "cf-connecting-ip": "203.0.113.77",
    };
    for (const { name } of calls) {
      await rpc(`${url}`, "tools/call", { name, arguments: { source: CANARY, [CANARY]: CANARY } }, headers);
    }
    await rpc(url, "tools/call", { name: CANARY, arguments: {} }, headers);
    await rpc(url, CANARY, { uri: CANARY }, headers);
    await rpc(url, "prompts/get", { name: CANARY }, headers);
    await fetch(`${url}/mcp?token=${CANARY}`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: `{"${CANARY}` });
    await fetch(`${url}/${CANARY}?key=${CANARY}`, { headers });
    await settled(url, 2 * calls.length + 3);
    await cron(running, Date.now() + 20 * 60_000);
    for (let attempt = 0; attempt < 40 && !heard.includes("event: log"); attempt += 1) await sleep(250);
    assert.match(heard, /event: log/);
    stop.abort();
    await listening;
    assert.ok(!heard.includes(CANARY) && !heard.includes("203.0.113"), heard);
    const { store, keys } = await keysOf(running);
    assert.ok(keys.length > 0);
    for (const { name, metadata } of keys) {
      const kept = `${name} ${JSON.stringify(metadata)} ${await store.get(name)}`;
      assert.ok(!kept.includes(CANARY) && !kept.includes("203.0.113"), kept);
    }
  } finally {
    await running.stop();
  }
});

test("without configuration there is nothing; with tokens each scope opens its own", async () => {
  const closed = await startFleet();
  try {
    for (const path of ["", "app.js", "v1/logs", "v1/summary", "v1/live", "v1/export", "v1/openapi.json", "metrics"]) {
      assert.equal((await fetch(`${closed.url}/ops/${path}`)).status, 404, path);
    }
  } finally {
    await closed.stop();
  }
  const digest = (token) => createHash("sha256").update(token).digest("hex");
  const OPS_TOKENS = `read:${digest("reader")} read+export:${digest("exporter")}`;
  const running = await startFleet({ vars: { OPS_TOKENS } });
  try {
    const status = async (path, token, method = "GET") => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${running.url}/ops/${path}`, { headers, method });
      await response.body?.cancel();
      return response.status;
    };
    for (const path of ["v1/logs", "v1/summary", "v1/live", "v1/openapi.json", "metrics"]) {
      assert.deepEqual([await status(path), await status(path, "wrong"), await status(path, "reader")], [401, 401, 200], path);
    }
    assert.deepEqual([await status("v1/export", "reader"), await status("v1/export", "exporter")], [403, 200]);
    assert.equal(await status("v1/logs", "reader", "POST"), 405);
    assert.equal(await status("v1/logs?limti=1", "reader"), 400);
    const page = await fetch(`${running.url}/ops/`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'; script-src 'self'/);
    const description = await ask(running.url, "v1/openapi.json", { authorization: "Bearer reader" });
    assert.equal(description.openapi, "3.1.0");
    for (const [path, { get }] of Object.entries(description.paths)) {
      const asked = path.slice(1).replace("{id}", "0".repeat(32)).replace("{field}", "tool");
      const expected = path.includes("{id}") ? 404 : 200;
      assert.equal(await status(asked, "exporter"), expected, `${path} ${get.operationId}`);
    }
  } finally {
    await running.stop();
  }
});

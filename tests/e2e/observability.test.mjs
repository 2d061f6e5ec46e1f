// The log of the built fleet in workerd: every call once, what it costs, who may ask, and nothing of what was sent.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { GATEWAY, ask, call, cron, exported, keysOf, rank, rpc, settled, until } from "./log.mjs";
import { fileOf } from "./packages.mjs";

// `OCTAVO_LOAD_CALLS=10000 node --test tests/e2e/observability.test.mjs` is the load of docs/observability.md.
const CALLS = Number(process.env.OCTAVO_LOAD_CALLS ?? 2000);
const CONCURRENCY = 50;

test(`${CALLS} calls over all tools are in the log once at each hop, before and after compaction`, async (t) => {
  // With the window that is deployed.
  const running = await startFleet({ vars: { OPS_ACCESS: "open" } });
  try {
    const { url } = running;
    const { body } = await rpc(url, "tools/list", {});
    const cheap = new Map(calls.filter(({ name }) => /contrast|dockerfile|design/.test(name)).map((call) => [call.name, call.arguments]));
    const names = body.result.tools.map((tool) => tool.name);
    // Each call has a trace of its own, so that the log can be held against what was sent.
    const traces = Array.from({ length: CALLS }, () => randomBytes(16).toString("hex"));
    const waited = [];
    let next = 0;
    const started = performance.now();
    const work = async () => {
      for (let at = next++; at < CALLS; at = next++) {
        const name = names[at % names.length];
        const began = performance.now();
        const { status } = await call(url, name, cheap.get(name), { traceparent: `00-${traces[at]}-00f067aa0ba902b7-01` });
        waited.push(performance.now() - began);
        assert.equal(status, 200, name);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    const seconds = (performance.now() - started) / 1000;
    const summary = await settled(url, 2 * CALLS + 1, 120_000);
    const lines = await exported(url);
    const front = lines.filter((line) => line.worker === GATEWAY && line.method === "tools/call");
    const tools = lines.filter((line) => line.kind === "tool");
    const sent = traces.toSorted();
    for (const hop of [front, tools]) assert.deepEqual(hop.map((line) => line.trace_id).sort(), sent, "each call once");
    const parents = new Map(front.map((line) => [line.trace_id, line.span_id]));
    assert.ok(tools.every((line) => line.parent_id === parents.get(line.trace_id)), "each hop under the one before");
    const failed = front.filter((line) => line.status !== "ok").length;
    assert.deepEqual([summary.totals.requests, summary.totals.errors], [CALLS + 1, failed]);
    const byTool = Map.groupBy(front, (line) => line.tool);
    for (const row of summary.tools) assert.equal(row.requests, byTool.get(row.tool).length, row.tool);
    assert.equal(summary.tools.length, Math.min(names.length, 100));
    assert.equal(summary.telemetry.dropped.duplicate ?? 0, 0);
    const { data: timed } = await ask(url, "v1/metrics?metric=duration&agg=p95&group_by=method");
    const exact = rank(front.map((line) => line.dur_ms), 0.95);
    const shown = timed.find((row) => row.group.method === "tools/call").value;
    // Below 25 ms the clock's millisecond is coarser than 2 %.
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
    const cost = ({ stats }) => `${stats.kv_lists} lists, ${stats.kv_gets} gets of ${stats.kv_reads} keys, ${stats.bytes} bytes`;
    const table = {
      "calls, tools, concurrency": `${CALLS}, ${names.length}, ${CONCURRENCY}`,
      "took": `${seconds.toFixed(1)} s, ${Math.round(CALLS / seconds)} calls a second`,
      "lines at the gateway, at the tool workers": `${front.length}, ${tools.length}`,
      "lost, doubled": "0, 0",
      "calls and errors in /ops/v1/summary, in the lines": `${summary.totals.requests - 1} and ${summary.totals.errors}, ${front.length} and ${failed}`,
      "p95 of /ops/v1/metrics, of the lines": `${shown} ms, ${exact} ms`,
      "p95 as the client waited": `${rank(waited, 0.95).toFixed(1)} ms`,
      "KV writes, for 1,000 calls": `${writes}, ${((1000 * writes) / CALLS).toFixed(1)}`,
      "newest 100": cost(newest),
      "summary of 24 h": cost(day),
    };
    const wide = Math.max(...Object.keys(table).map((name) => name.length));
    for (const [name, value] of Object.entries(table)) t.diagnostic(`${name.padEnd(wide)}  ${value}`);
    assert.ok(newest.stats.kv_lists + newest.stats.kv_gets <= 3, JSON.stringify(newest.stats));
    // Five for 1,000 calls; where the machine is slower than that many calls in a window, one a window.
    assert.ok(writes <= Math.max(5 * (CALLS / 1000), seconds / 5 + 2), `${writes} writes in ${seconds} s`);
  } finally {
    await running.stop();
  }
});

// Each is scanned for whole and by halves; some look like what scrubbers know, others like nothing.
const CANARY = "canary7f3a9c51b2";
const PARTS = [CANARY, CANARY.slice(0, 10), CANARY.slice(-8), "203.0.113", "4111111111111111"];
const SECRETS = [
  CANARY, `Bearer eyJhbGciOiJIUzI1NiJ9.${CANARY}.x`, `AKIA${CANARY}`, `sk-ant-api03-${CANARY}`, `${CANARY}@example.com`,
  `https://${CANARY}:pw@host/?q=${CANARY}`, `-----BEGIN ${CANARY}-----`, "4111111111111111", "203.0.113.77", `'${CANARY}`,
];

// Arguments of a schema with a secret wherever a text may stand.
function poisoned(schema, secret, depth = 0) {
  if (depth > 6 || schema === undefined) return secret;
  const type = [schema.type].flat().find((one) => one !== "null");
  if (type === "object") {
    const fields = Object.entries(schema.properties ?? {}).map(([name, of]) => [name, poisoned(of, secret, depth + 1)]);
    return Object.fromEntries(schema.additionalProperties ? [...fields, [secret, secret]] : fields);
  }
  if (type === "array") return [poisoned(schema.items, secret, depth + 1)];
  if (schema.enum) return schema.enum[0];
  return { integer: 1, number: 1, boolean: true }[type] ?? secret;
}

// A worker that fails with all it was given in its message, as careless code does.
const INDISCREET = `
  import worker from "./index.js";
  export default {
    async fetch(request, env, ctx) {
      const body = await request.clone().text();
      if (body.includes("indiscreet")) {
        console.log(body, { body }, [...request.headers]);
        throw new TypeError("cannot read " + body);
      }
      return worker.fetch(request, env, ctx);
    },
  };`;

test("nothing of what was sent is in KV or in the live feed, whatever tool, header or failure it came by", async () => {
  const around = { "octavo-docker": INDISCREET };
  const running = await startFleet({ around, vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "100", PRINCIPAL_KEY: "pepper" } });
  try {
    const { url } = running;
    const stop = new AbortController();
    const feed = await fetch(`${url}/ops/v1/live`, { signal: stop.signal });
    assert.equal(feed.headers.get("content-type"), "text/event-stream");
    let heard = "";
    const listening = (async () => {
      for await (const chunk of feed.body.pipeThrough(new TextDecoderStream())) heard += chunk;
    })().catch(() => {});
    const { body } = await rpc(url, "tools/list", {});
    let sent = 0;
    for (const [at, { name, inputSchema }] of body.result.tools.entries()) {
      const secret = SECRETS[at % SECRETS.length];
      const headers = {
        authorization: `Bearer ${CANARY}${CANARY}`, cookie: `s=${CANARY}`, "mcp-session-id": CANARY, "x-api-key": CANARY,
        "user-agent": CANARY, "cf-connecting-ip": "203.0.113.77", tracestate: `a=${CANARY}`, baggage: `b=${CANARY}`,
        "x-octavo-principal": CANARY, "x-forwarded-for": "203.0.113.77",
      };
      const meta = { clientInfo: undefined, progressToken: secret, [`x/${CANARY}`]: secret };
      for (const given of [poisoned(inputSchema, secret), { ...poisoned(inputSchema, secret), [CANARY]: secret }, { source: secret }]) {
        await rpc(url, "tools/call", { name, arguments: given, _meta: meta }, headers, `/mcp?token=${CANARY}`);
        sent += 1;
      }
      if (at > 0) continue;
      await call(url, CANARY, {}, headers);
      await rpc(url, CANARY, { uri: secret }, headers);
      await rpc(url, "prompts/get", { name: CANARY, arguments: { [CANARY]: CANARY } }, headers);
      await rpc(url, "resources/read", { uri: `rule://docker/${CANARY}` }, headers);
      await rpc(url, "completion/complete", { ref: { type: "ref/prompt", name: CANARY }, argument: { name: "a", value: CANARY } }, headers);
      await fetch(`${url}/mcp?token=${CANARY}`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: `{"${CANARY}` });
      await fetch(`${url}/${CANARY}?key=${CANARY}`, { headers });
      await (await fetch(`${url}/v1/blobs`, { method: "PUT", headers, body: secret })).text();
    }
    await call(url, "docker_lint_dockerfile", { source: `indiscreet ${SECRETS.join(" ")}` });
    const told = await until("the failure is told", async () => {
      // Here the platform does not tell whose it was.
      const { data } = await ask(url, "v1/logs?status=exception");
      return data.find(({ msg }) => msg);
    });
    assert.match(told.msg, /^TypeError: cannot read /);
    await settled(url, 2 * sent);
    await cron(running, Date.now() + 20 * 60_000);
    await until("the feed tells of it", () => heard.includes("event: log"));
    stop.abort();
    await listening;
    const asked = await Promise.all(["v1/summary", "v1/errors", "v1/logs?limit=1000", "v1/traces?order=slowest", "metrics"].map(async (path) => (await fetch(`${url}/ops/${path}`)).text()));
    const { store, keys } = await keysOf(running);
    assert.ok(keys.length > 0);
    const kept = await Promise.all(keys.map(async ({ name, metadata }) => `${name} ${JSON.stringify(metadata)} ${await store.get(name)}`));
    for (const text of [heard, ...asked, ...kept]) {
      for (const part of PARTS) assert.ok(!text.includes(part), `${part} in ${text.slice(Math.max(0, text.indexOf(part) - 200), text.indexOf(part) + 100)}`);
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
    const ajv = addFormats(new Ajv2020({ strict: false, formats: { "media-range": true } }));
    const valid = ajv.compile(JSON.parse(fileOf("@seriousme/openapi-schema-validator@2.11.0", "schemas/v3.1/schema.json")));
    assert.ok(valid(description), JSON.stringify(valid.errors));
    for (const [path, { get }] of Object.entries(description.paths)) {
      const asked = path.slice(1).replace("{id}", "0".repeat(32)).replace("{field}", "tool");
      const expected = path.includes("{id}") ? 404 : 200;
      assert.equal(await status(asked, "exporter"), expected, `${path} ${get.operationId}`);
      assert.equal(await status(`${asked}?sinse=1h`, "exporter"), 400, `${path} takes what it does not know`);
    }
    // What the workers say to each other is out of reach from outside.
    for (const inside of ["internal/ingest", "internal/call", "internal/agent", "/internal/call", "x/../internal/call", "%69nternal/call"]) {
      assert.equal(await status(inside, "exporter"), 404, inside);
    }
  } finally {
    await running.stop();
  }
});

// Results that are kept, over HTTP: a repeated call does not reach its worker, its result is the same to the byte, and whatever
// differs is made anew.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";

const CACHE = "dev.octavo/cache";
// Workers of a chosen version, which the platform tells a deployed one, and which count their calls.
const around = (name) => `
import worker from "./index.js";
export * from "./index.js";
let version = "v1";
let asked = 0;
export default {
  async fetch(request, env, ctx) {
    const path = new URL(request.url).pathname;
    if (path.startsWith("/version/")) {
      version = path.slice(9);
      return new Response();
    }
    if (path === "/asked") return new Response(String(asked));
    if (path === "/health") return Response.json({ version: "${name}-" + version, catalog: "" });
    if (path === "/call") asked += 1;
    const answer = await worker.fetch(request, env, ctx);
    const headers = new Headers(answer.headers);
    headers.set("x-octavo-version", "${name}-" + version);
    return new Response(answer.body, { status: answer.status, headers });
  },
};`;

async function post(url, params, headers = {}) {
  const started = performance.now();
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const response = await fetch(`${url}/mcp`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  assert.equal(response.status, 200);
  const { result } = await response.json();
  return { result, cache: result._meta?.[CACHE], ms: performance.now() - started };
}

const plain = ({ result }) => JSON.stringify({ ...result, _meta: { ...result._meta, [CACHE]: undefined } });

test("a repeated call is answered from the cache, to the byte, and whatever differs is not", async () => {
  const names = [...new Set(calls.map(({ name }) => `octavo-${name.split("_")[0]}`))];
  const fleet = await startFleet({
    vars: { RESULT_CACHE: "on", OPS_ACCESS: "open", LOG_WINDOW_MS: "100" },
    around: Object.fromEntries(names.map((name) => [name, around(name)])),
  });
  const control = async (name, path) => (await (await fleet.fleet.getWorker(name)).fetch(`https://tool-worker/${path}`)).text();
  try {
    // The first answer of each worker tells the gateway its version.
    for (const call of calls) await post(fleet.url, call);
    for (const call of calls) {
      const worker = `octavo-${call.name.split("_")[0]}`;
      const asked = () => control(worker, "asked").then(Number);
      const before = await asked();
      const made = await post(fleet.url, call, { "cache-control": "no-cache" });
      assert.deepEqual([made.cache, await asked()], [{ status: "miss" }, before + 1], call.name);
      const kept = await post(fleet.url, call);
      assert.deepEqual([kept.cache.status, await asked()], ["hit", before + 1], call.name);
      assert.ok(kept.cache.savedMs >= 0);
      assert.equal(plain(kept), plain(made), `${call.name}: to the byte`);
    }
    const [call] = calls;
    const misses = async (params, headers) => assert.notEqual((await post(fleet.url, params, headers)).cache?.status, "hit");
    const { source } = call.arguments;
    await misses({ ...call, arguments: { ...call.arguments, source: `${source} ` } });
    await misses({ ...call, arguments: { ...call.arguments, output: { minLevel: "error" } } });
    await misses({ ...call, arguments: { ...call.arguments, output: { minLevel: "warning" } } });
    await misses(call, { "cache-control": "no-store" });
    const other = { ...call, arguments: { output: { minLevel: "error", format: null }, unknown: null, ...call.arguments } };
    assert.equal((await post(fleet.url, { ...call, arguments: { output: { minLevel: "error" }, ...call.arguments } })).cache.status, "hit", "in any order");
    delete other.arguments.unknown;
    assert.equal((await post(fleet.url, other)).cache.status, "hit", "null is none");
    // Failures are not kept.
    const wrong = { ...call, arguments: { source: 1 } };
    for (let round = 0; round < 2; round += 1) assert.notEqual((await post(fleet.url, wrong)).cache?.status, "hit");
    // A new version: the gateway hears of it with the first answer, or asks after five seconds, and gives nothing of before.
    const worker = `octavo-${call.name.split("_")[0]}`;
    await control(worker, "version/v2");
    await misses({ ...call, arguments: { ...call.arguments, source: `${source}\n` } });
    await misses(call);
    assert.equal((await post(fleet.url, call)).cache.status, "hit", "of the new version");
    const metrics = await (await fetch(`${fleet.url}/metrics`)).text();
    assert.match(metrics, /^octavo_cache_results_total\{result="hit"\} [1-9]/m);
    assert.match(metrics, /^octavo_worker_calls_total\{category="api",result="answered"\} [1-9]/m);
    // A hit leaves its line at the gateway alone.
    for (let attempt = 0; ; attempt += 1) {
      const { data } = await (await fetch(`${fleet.url}/ops/v1/logs?cache=hit&limit=1000`)).json();
      if (data.length >= calls.length) {
        assert.ok(data.every((line) => line.worker === "octavo-gateway"));
        break;
      }
      assert.ok(attempt < 100, "no hits in the log");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await fleet.stop();
  }
});

test("a replayed load is faster by its hits", async () => {
  const fleet = await startFleet({ vars: { RESULT_CACHE: "on" }, around: Object.fromEntries(calls.map(({ name }) => [`octavo-${name.split("_")[0]}`, around("w")])) });
  try {
    for (const call of calls) await post(fleet.url, call);
    const times = { hit: [], miss: [] };
    // Of ten calls the client has made seven before.
    for (let round = 0; round < 10; round += 1) {
      for (const call of calls) {
        const fresh = round % 10 < 3;
        const answer = await post(fleet.url, call, fresh ? { "cache-control": "no-cache" } : {});
        times[answer.cache.status].push(answer.ms);
      }
    }
    const mean = (list) => list.reduce((sum, ms) => sum + ms, 0) / list.length;
    assert.equal(times.hit.length, 7 * calls.length);
    console.log(`hits ${times.hit.length} of ${times.hit.length + times.miss.length}, mean ${mean(times.hit).toFixed(1)} ms; misses ${mean(times.miss).toFixed(1)} ms`);
  } finally {
    await fleet.stop();
  }
});

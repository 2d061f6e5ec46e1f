// Sixteen connections with calls of all categories for a while: no call fails. Says how fast they were and what workerd holds in
// the middle and at the end, which grows until the heaps of ten isolates are as large as the platform lets them be.
// OCTAVO_LOAD_SECONDS=60 makes it a minute.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { workerdMiB } from "./workerd.mjs";

const CONNECTIONS = 16;
const SECONDS = Number(process.env.OCTAVO_LOAD_SECONDS ?? 4);

test(`${CONNECTIONS} connections for ${SECONDS} s`, async () => {
  const fleet = await startFleet({ vars: { RESULT_CACHE: "off" } });
  try {
    const times = [];
    const failures = [];
    let sent = 0;
    const end = performance.now() + SECONDS * 1000;
    const connection = async () => {
      while (performance.now() < end) {
        const call = calls[sent % calls.length];
        const body = JSON.stringify({ jsonrpc: "2.0", id: sent++, method: "tools/call", params: { name: call.name, arguments: call.arguments } });
        const started = performance.now();
        const response = await fetch(`${fleet.url}/mcp`, { method: "POST", headers: { "content-type": "application/json" }, body });
        const answer = await response.json();
        times.push(performance.now() - started);
        if (response.status !== 200 || answer.result?.isError !== false) failures.push(`${call.name}: ${response.status} ${JSON.stringify(answer).slice(0, 200)}`);
      }
    };
    const running = Promise.all(Array.from({ length: CONNECTIONS }, connection));
    // The first half fills caches and heaps; what counts is whether the second goes on so.
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 500));
    const middle = workerdMiB();
    await running;
    const last = workerdMiB();
    assert.deepEqual(failures, []);
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.ceil(times.length * share) - 1].toFixed(0);
    console.log(`${times.length} calls in ${SECONDS} s, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms; workerd ${middle?.toFixed(0)} MiB in the middle, ${last?.toFixed(0)} MiB at the end`);
  } finally {
    await fleet.stop();
  }
});

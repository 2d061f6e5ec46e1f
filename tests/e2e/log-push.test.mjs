// The log of an account without tail workers: the gateway hands over its own lines and the tool workers'.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { GATEWAY, TAIL, ask, call, cron, exported, keysOf, rpc, settled, sleep, until } from "./log.mjs";

// Without a limit but where it is what is tested.
const VARS = { OPS_ACCESS: "open", LOG_MODE: "push", LOG_WINDOW_MS: "300", LOG_WRITES_PER_DAY: "0" };
const each = (of) => calls.filter(({ name }) => new RegExp(of).test(name));

// A fleet whose workers have no tail consumer, as such an account's.
async function withPush(options, work) {
  const running = await startFleet({ ...options, vars: { ...VARS, ...options.vars }, tails: false });
  try {
    await work(running);
  } finally {
    await running.stop();
  }
}

test("each call is in the log once at both hops, plain, streamed, failed or refused", async () => {
  await withPush({ without: ["python"] }, async (running) => {
    const { url } = running;
    const some = each("contrast|dockerfile|design");
    let expected = 0;
    for (const { name, arguments: given } of some) {
      await call(url, name, given);
      await call(url, name, { nonsense: 1 });
      // A listener gets frames, and the line comes after the last of them.
      const response = await fetch(`${url}/mcp`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: given, _meta: { progressToken: 7 } } }),
      });
      await response.text();
      expected += 3;
    }
    await call(url, "python_lint_code", {});
    await rpc(url, "ping", {});
    await settled(url, 2 * expected + 2);
    const lines = await exported(url);
    const tools = lines.filter((line) => line.kind === "tool");
    const front = lines.filter((line) => line.worker === GATEWAY);
    assert.deepEqual([tools.length, front.length], [expected, expected + 2]);
    const spans = new Set(front.map((line) => line.span_id));
    assert.ok(tools.every((line) => spans.has(line.parent_id)));
    assert.equal(new Set(lines.map((line) => line.span_id)).size, lines.length);
    assert.equal(front.find((line) => line.tool === "python_lint_code").error_type, "category_unavailable");
    const { data } = await ask(url, "v1/summary");
    assert.deepEqual(data.telemetry.dropped, {});
    assert.equal(data.totals.requests, expected + 2);
  });
});

test("a day of calls keeps to the plan's writes: a full budget is spent, then lines wait and none is lost", async () => {
  // Two writes at first, and then one in 86 seconds.
  await withPush({ vars: { LOG_WRITES_PER_DAY: "1000", LOG_WINDOW_MS: "50" } }, async (running) => {
    const { url } = running;
    const [{ name, arguments: given }] = each("contrast");
    const rounds = 8;
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(Array.from({ length: 25 }, () => call(url, name, given)));
      await sleep(400);
    }
    const { keys } = await keysOf(running);
    assert.equal(keys.filter((key) => key.name.startsWith("r/")).length, 2);
  });
  // The same load with a budget that is spent in seconds: all lines arrive.
  await withPush({ vars: { LOG_WRITES_PER_DAY: "86400", LOG_WINDOW_MS: "50" } }, async ({ url }) => {
    const [{ name, arguments: given }] = each("contrast");
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 25 }, () => call(url, name, given)));
      await sleep(300);
    }
    await sleep(1_200);
    await call(url, name, given);
    await settled(url, 202);
    const lines = await exported(url);
    assert.equal(lines.length, 202);
  });
});

test("the cron of such an account works once an hour, and its rollups answer", async () => {
  await withPush({}, async (running) => {
    const { url } = running;
    const [{ name, arguments: given }] = each("contrast");
    await Promise.all(Array.from({ length: 20 }, () => call(url, name, given)));
    await settled(url, 40);
    const hour = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
    for (const minute of [4, 6, 30, 59]) await cron(running, hour + minute * 60_000);
    // Around midnight a day ends too, and has a rollup of its own.
    const names = async () => (await keysOf(running)).keys.map((key) => key.name).filter((name) => !name.startsWith("u/d"));
    const raw = (await names()).length;
    await cron(running, hour + 65 * 60_000);
    const after = await names();
    assert.deepEqual(after.map((name) => name.slice(0, 3)).filter((kind) => !kind.startsWith("r/")), ["u/h"]);
    assert.equal(after.length, raw + 1);
    assert.equal((await ask(url, "v1/summary?since=24h")).data.totals.requests, 20);
  });
});

test("a tail worker that is not there costs log lines and no call", async () => {
  await withPush({ without: ["tail"] }, async ({ url }) => {
    const [{ name, arguments: given }] = each("contrast");
    const { status, body } = await call(url, name, given);
    assert.deepEqual([status, body.result.isError], [200, false]);
  });
  // One that fails for a while: what was lost meanwhile is told after.
  const around = {
    [TAIL]: `import tail from "./index.js";
      let dead = true;
      export default {
        async fetch(request, env, ctx) {
          const { pathname } = new URL(request.url);
          if (pathname === "/revive") { dead = false; return new Response("yes"); }
          if (dead && pathname === "/internal/ingest") throw new Error("dead");
          return tail.fetch(request, env, ctx);
        },
        scheduled: tail.scheduled,
      };`,
  };
  await withPush({ around }, async ({ url }) => {
    const [{ name, arguments: given }] = each("contrast");
    await Promise.all(Array.from({ length: 5 }, () => call(url, name, given)));
    await sleep(1_500);
    await fetch(`${url}/ops/revive`);
    await call(url, name, given);
    const dropped = await until("the loss is told", async () => (await ask(url, "v1/summary")).data.telemetry.dropped.push_failed);
    assert.equal(dropped, 10);
    assert.equal((await exported(url)).length, 2);
  });
});

test("nothing is pushed, and nothing pushed is taken, where the platform brings the lines", async () => {
  const running = await startFleet({ vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "100" } });
  try {
    const [{ name, arguments: given }] = each("contrast");
    await call(running.url, name, given);
    await settled(running.url, 2);
    assert.equal((await exported(running.url)).length, 2);
    const tail = await running.fleet.getWorker(TAIL);
    const response = await tail.fetch("https://tail-worker/internal/ingest", { method: "POST", body: "{}" });
    assert.equal(response.status, 404);
  } finally {
    await running.stop();
  }
});

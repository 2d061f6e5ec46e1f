// A log whose store fails: calls are answered as ever, losses are counted and shown, and what can be kept is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { TAIL, ask, call, cron, exported, keysOf, settled, sleep, until } from "./log.mjs";

// The tail worker with a store that does as it is told at /fault, and a door for events of any shape at /events.
const FAULTY = `
  import tail from "./index.js";
  let fault = {};
  let puts = 0;
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const around = (kv) => {
    const operation = (name) => async (...given) => {
      if (name === "put") puts += 1;
      if (fault.slow) await wait(fault.slow);
      if (fault[name]) throw new Error(name + " failed: " + fault[name]);
      return kv[name](...given);
    };
    return { put: operation("put"), list: operation("list"), get: operation("get"), getWithMetadata: operation("getWithMetadata"), delete: operation("delete") };
  };
  const faulty = (env) => ({ ...env, LOGS: around(env.LOGS) });
  // What no JSON can carry here is made here.
  const odd = () => {
    const circle = {};
    circle.logs = [circle];
    const thrower = { get logs() { throw new Error("no"); } };
    return [circle, thrower, { logs: [{ message: [1n] }] }, undefined, Symbol("x"), () => 1];
  };
  export default {
    async fetch(request, env, ctx) {
      const { pathname } = new URL(request.url);
      if (pathname === "/fault") {
        fault = JSON.parse(new URL(request.url).searchParams.get("as"));
        return Response.json({ puts });
      }
      if (pathname === "/events") {
        const given = new URL(request.url).searchParams.get("given");
        await tail.tail(given === "odd" ? odd() : given === "none" ? undefined : JSON.parse(given), faulty(env));
        return new Response("taken");
      }
      return tail.fetch(request, faulty(env), ctx);
    },
    tail: (events, env) => tail.tail(events, faulty(env)),
    scheduled: (controller, env) => tail.scheduled(controller, faulty(env)),
  };`;

async function withFaultyStore(vars, work) {
  const running = await startFleet({ around: { [TAIL]: FAULTY }, vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "100", ...vars } });
  const fault = async (as) => (await fetch(`${running.url}/ops/fault?as=${encodeURIComponent(JSON.stringify(as))}`)).json();
  try {
    await work(running, fault);
  } finally {
    await running.stop();
  }
}

const [{ name, arguments: given }] = calls.filter((one) => one.name === "webdesign_check_contrast");
const fine = async (url, count) => {
  for (const { status, body } of await Promise.all(Array.from({ length: count }, () => call(url, name, given)))) {
    assert.equal(status, 200);
    assert.equal(body.result.isError, false);
  }
};
const dropped = async (url) => (await ask(url, "v1/summary")).data.telemetry.dropped;

for (const [what, as] of [["fails", "500 Internal"], ["is full", "429 Too Many Requests"]]) {
  test(`a store whose put ${what} costs log lines, counted, and no call`, async () => {
    await withFaultyStore({}, async ({ url }, fault) => {
      await fine(url, 2);
      await settled(url, 4);
      const { puts } = await fault({ put: as });
      await fine(url, 5);
      // Twice a segment, then it is lost.
      await until("both tries are made", async () => (await fault({ put: as })).puts >= puts + 2);
      await sleep(300);
      await fault({});
      await fine(url, 1);
      const lost = await until("the loss is shown", async () => (await dropped(url)).write_failed);
      const lines = await exported(url);
      assert.equal(lines.length + lost, 2 * 8, "each line is kept or counted");
      assert.match(await (await fetch(`${url}/ops/metrics`)).text(), /octavo_telemetry_dropped\{reason="write_failed"\} \d+/);
    });
  });
}

test("a slow store delays the log and no call", async () => {
  await withFaultyStore({}, async ({ url }, fault) => {
    await fault({ slow: 3_000 });
    const began = performance.now();
    for (let round = 0; round < 4; round += 1) await fine(url, 5);
    assert.ok(performance.now() - began < 2_500, "nobody waited for it");
    await sleep(3_500);
    await fault({});
    await settled(url, 40);
    assert.equal(new Set((await exported(url)).map((line) => line.span_id)).size, 40);
    assert.deepEqual(await dropped(url), {});
  });
});

test("a store that does not list or read is said to be so, and the next question is answered", async () => {
  await withFaultyStore({}, async (running, fault) => {
    const { url } = running;
    await fine(url, 3);
    await settled(url, 6);
    const paths = ["v1/logs", "v1/traces", "v1/errors", "v1/metrics", "v1/summary", "v1/fields/tool/values", `v1/trace/${"1".repeat(32)}`, "metrics"];
    for (const operation of ["list", "get"]) {
      await fault({ [operation]: "500" });
      for (const path of operation === "get" ? ["v1/logs", "v1/summary"] : paths) {
        const response = await fetch(`${url}/ops/${path}`);
        assert.equal(response.status, 503, `${operation} ${path}`);
        assert.match((await response.json()).error.message, /does not answer/);
      }
      await assert.rejects(async () => {
        const { outcome } = await cron(running, Date.now() + 20 * 60_000);
        if (outcome !== "ok") throw new Error(outcome);
      });
      await fine(url, 1);
      await fault({});
    }
    await settled(url, 10);
    const { outcome } = await cron(running, Date.now() + 20 * 60_000);
    assert.equal(outcome, "ok");
    assert.equal((await exported(url)).length, 10);
  });
});

test("a live feed outlives a store that fails for a while", async () => {
  await withFaultyStore({}, async ({ url }, fault) => {
    const stop = new AbortController();
    const feed = await fetch(`${url}/ops/v1/live`, { signal: stop.signal });
    let heard = "";
    const listening = (async () => {
      for await (const chunk of feed.body.pipeThrough(new TextDecoderStream())) heard += chunk;
    })().catch(() => {});
    await until("it opens", () => heard.includes(": open"));
    await fault({ list: "500" });
    await until("it says so", () => heard.includes(": the store does not answer"));
    await fault({});
    await fine(url, 2);
    await until("it goes on", () => heard.match(/event: log/g)?.length >= 4);
    stop.abort();
    await listening;
  });
});

test("events of any shape are taken or counted, and those beside them are kept", async () => {
  await withFaultyStore({}, async ({ url }) => {
    const line = JSON.stringify({ v: 1, worker: "octavo-docker", ts: Date.now(), kind: "tool", status: "ok", trace_id: "a".repeat(32), span_id: "b".repeat(16), dur_ms: 1, in_bytes: 1, out_bytes: 1 });
    const sound = { logs: [{ message: [line], level: "log", timestamp: 1 }], outcome: "ok" };
    const shapes = [
      "odd", "none", null, {}, 5, "text", [], [[]], [null], [1], ["text"], [true], [{}], [{ logs: null }], [{ logs: {} }], [{ logs: [null, 1, "x", [], {}] }],
      [{ logs: [{ message: null }, { message: "x" }, { message: {} }, { message: [] }, { message: [null, {}, [], 1] }] }],
      [{ logs: [{ message: ['{"v":1'] }, { message: [`${line}x`] }, { message: [line.slice(0, -1)] }, { message: [line.replace('"v":1', '"v":99')] }] }],
      [{ outcome: 5, cpuTime: "x", wallTime: -1, eventTimestamp: "now", scriptName: {}, exceptions: 1, truncated: "yes", logs: [] }],
      [{ outcome: "exception", exceptions: [null], logs: [] }], [{ outcome: "exception", exceptions: [{ name: 1, message: {} }], logs: [] }],
      [{ outcome: "x".repeat(100_000), logs: [] }], [{ truncated: true, logs: [] }], [{ outcome: "canceled", logs: [] }],
      [{ logs: [{ message: ["y".repeat(200_000)] }] }], [{ logs: Array.from({ length: 5_000 }, () => ({ message: ["n"] })) }],
      [{ event: { request: { url: "https://x/?canary", headers: { a: "canary" } } }, logs: [] }],
    ];
    let total = 0;
    for (const shape of shapes) {
      const text = typeof shape === "string" && ["odd", "none"].includes(shape) ? shape : JSON.stringify(shape);
      if (text.length > 8_000) continue;
      const response = await fetch(`${url}/ops/events?given=${encodeURIComponent(text)}`);
      assert.equal(response.status, 200, text.slice(0, 80));
      total += 1;
    }
    assert.ok(total > 20);
    assert.equal((await fetch(`${url}/ops/events?given=${encodeURIComponent(JSON.stringify([null, sound, { logs: 7 }]))}`)).status, 200);
    const lines = await until("the sound one is kept", async () => (await ask(url, "v1/logs?worker=docker")).data.filter(({ span_id }) => span_id === "b".repeat(16)).length === 1);
    assert.ok(lines);
    const { malformed, not_canonical, truncated, disconnect_without_line } = await dropped(url);
    assert.ok(malformed >= 8 && not_canonical >= 10 && truncated >= 1 && disconnect_without_line >= 1, JSON.stringify(await dropped(url)));
    await fine(url, 2);
    await until("calls are logged as ever", async () => (await ask(url, `v1/logs?tool=${name}`)).data.length === 4);
  });
});

test("every key ends by itself", async () => {
  await withFaultyStore({}, async (running) => {
    await fine(running.url, 3);
    await settled(running.url, 6);
    await cron(running, Date.now() + 20 * 60_000);
    const { keys } = await keysOf(running);
    assert.ok(keys.length > 2 && keys.every(({ expiration }) => expiration > Date.now() / 1000));
  });
});

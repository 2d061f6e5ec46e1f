// What becomes of a call whose instance dies under it, and of the calls beside it: the shells by themselves, then real traps of
// the built workers in workerd.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { ask, call, rpc, until } from "./log.mjs";
import { load, stillClock } from "./shell.mjs";

const text = (bytes) => new TextDecoder().decode(bytes);
const post = (path = "/mcp", body = "{}") => new Request(`http://localhost${path}`, { method: "POST", body, duplex: "half" });

// ---- The shells. As in the real glue, an object of an instance that is gone throws whatever is asked of it, but frees what is
// at its address in the instance of now.
const INSTANCES = `
  let instance = 0;
  export const configure = () => {};
  export const max_body_bytes = () => 100;
  export const __wbg_reset_state = () => { instance += 1; calls.push("reset"); };
  const kept = (object) => {
    const born = instance;
    return Object.fromEntries(Object.entries(object).map(([name, work]) => [name, (...given) => {
      if (name === "free") return void (born === instance || calls.push("freed what is another's"));
      if (born !== instance) throw new Error("Invalid stale object from previous Wasm instance");
      return work(...given);
    }]));
  };
  export const open = (target, headers, body) => {
    if (target === "/mcp/trap") throw new WebAssembly.RuntimeError("unreachable");
    if (body.byteLength === 0) calls.push("no body");
    return kept({
      ...plain, is_heard: () => target === "/mcp/heard", binding: () => "X", forward_body: () => new Uint8Array(), close: () => {},
      is_stream: () => target === "/mcp/heard", body: () => new TextEncoder().encode("{}"), answered: () => {}, unavailable: () => {},
      frame: () => {}, take_events: () => new TextEncoder().encode("event"), questions: () => undefined,
    });
  };`;

test("a trap of the gateway ends the calls of its instance, and none that began after it", async (t) => {
  stillClock(t);
  const { worker, calls: told } = await load("gateway.js", INSTANCES);
  const answers = [];
  const X = { fetch: () => new Promise((resolve) => answers.push(() => resolve(new Response("{}\n")))) };
  const asked = async (count) => {
    while (answers.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  const before = worker.fetch(post(), { X });
  await asked(1);
  assert.equal((await worker.fetch(post("/mcp/trap"), { X })).status, 500);
  const after = worker.fetch(post(), { X });
  await asked(2);
  answers[0]();
  assert.equal((await before).status, 500, "its instance is gone");
  answers[1]();
  assert.equal((await after).status, 200);
  assert.deepEqual(told, ["reset"], "one trap, one replacement");
});

test("what belongs to an instance that is gone is not freed in the next one", async (t) => {
  stillClock(t);
  const { worker, calls: told } = await load("gateway.js", INSTANCES);
  let left = 0;
  const X = { fetch: async () => new Response(new ReadableStream({ start: (frames) => frames.enqueue(new TextEncoder().encode("{}\n")), cancel: () => (left += 1) })) };
  const [leaves, breaks] = await Promise.all([0, 1].map(() => worker.fetch(post("/mcp/heard"), { X })));
  assert.equal((await worker.fetch(post("/mcp/trap"), { X })).status, 500);
  await leaves.body.cancel();
  assert.equal(left, 1, "the worker is told that nobody listens");
  const events = (await breaks.text()).trim().split("\n\n");
  assert.match(events.at(-1), /lost$/, "a stream that began ends in word of it");
  assert.deepEqual(told, ["reset"]);
});

test("a body that breaks off is an empty one, and no instance is replaced for it", async (t) => {
  stillClock(t);
  const { worker, calls: told } = await load("gateway.js", INSTANCES);
  const broken = () => new ReadableStream({ pull: (body) => body.error(new Error("Network connection lost.")) });
  const X = { fetch: async () => new Response("{}\n") };
  assert.equal((await worker.fetch(post("/mcp", broken()), { X })).status, 200);
  assert.deepEqual(told, ["no body"]);
});

// A tool worker whose jobs trap where their body says so.
const JOBS = `
  let instance = 0;
  export const digest = () => "0123";
  export const __wbg_reset_state = () => { instance += 1; calls.push("reset"); };
  const encode = (what) => new TextEncoder().encode(what);
  export const begin = (body) => {
    const [born, asked] = [instance, new TextDecoder().decode(body)];
    const alive = () => { if (born !== instance) throw new Error("Invalid stale object from previous Wasm instance"); };
    let steps = 0;
    return {
      is_heard: () => asked.includes("heard"), pause_ms: () => 0, is_done: () => (alive(), steps === 2), free: () => {},
      step: () => {
        alive();
        if (asked.includes("trap") && steps === 1) throw new RangeError("Maximum call stack size exceeded");
        steps += 1;
        return encode("frame\\n");
      },
      finish: () => { throw new WebAssembly.RuntimeError("unreachable"); },
      close: () => (alive(), calls.push("line")),
    };
  };
  export const trapped = (body) => {
    const asked = new TextDecoder().decode(body);
    calls.push("trapped " + asked);
    if (asked.includes("large")) throw new WebAssembly.RuntimeError("unreachable");
    return encode("tool_failed\\n");
  };`;

test("a trap of a tool worker ends its own call alone: those beside it go on in the next instance", async () => {
  globalThis.scheduler = { wait: () => new Promise((resolve) => setImmediate(resolve)) };
  const { worker, calls: told } = await load("tool-worker.js", JOBS);
  const heard = async (what) => (await worker.fetch(new Request("https://tool-worker/call", { method: "POST", body: what }), {})).body.getReader();
  const rest = async (reader) => {
    let all = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) all += text(part.value);
    return all;
  };
  const [traps, beside, leaves] = [await heard("heard trap"), await heard("heard beside"), await heard("heard leaves")];
  for (const reader of [traps, beside, leaves]) assert.equal(text((await reader.read()).value), "frame\n");
  assert.equal(await rest(traps), "tool_failed\n");
  const after = await heard("heard after");
  assert.equal(await rest(beside), "frame\n", "what it had is not sent again");
  await leaves.cancel();
  assert.equal(await rest(after), "frame\nframe\n");
  assert.deepEqual(told, ["reset", "trapped heard trap", "line", "line", "line"], "one replacement, a line each");
});

test("a call that is too much for two instances in a row is still answered, by what it asked for", async () => {
  const { worker, calls: told } = await load("tool-worker.js", JOBS);
  const body = JSON.stringify({ tool: "lint", arguments: { source: "large" }, trace: {} });
  const response = await worker.fetch(new Request("https://tool-worker/call", { method: "POST", body }), {});
  assert.equal(await response.text(), "tool_failed\n");
  assert.deepEqual(told, ["reset", `trapped ${body}`, "reset", 'trapped {"tool":"lint","arguments":{},"trace":{}}']);
});

// ---- The built workers.

// Stands before a worker and has its own wasm die in the midst of a call, as the test says.
const DYING = `
import worker from "./index.js";
import * as wasm from "./glue.js";
export * from "./index.js";
let fault;
const now = Date.now;
const deaths = {
  // Reads far outside of its memory.
  trap: (job, work) => {
    job.__wbg_ptr = 0xffffff00;
    return work.call(job);
  },
  // Asks for more memory than an address can tell, where Rust aborts as it does on a panic.
  abort: () => wasm.begin({ length: 0xffffffff }, ""),
  // Calls itself through the clock until the stack is full.
  overflow: (job, work, again) => {
    Date.now = () => wasm.begin(again, "");
    try {
      return wasm.begin(again, "");
    } finally {
      Date.now = now;
    }
  },
};
let asked;
for (const name of ["finish", "step"]) {
  const work = wasm.Job.prototype[name];
  wasm.Job.prototype[name] = function () {
    const death = deaths[fault];
    fault = undefined;
    return death === undefined ? work.call(this) : death(this, work, asked);
  };
}
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/fault/")) {
      if (pathname === "/call") asked = new Uint8Array(await request.clone().arrayBuffer());
      return await worker.fetch(request, env, ctx);
    }
    fault = pathname.slice(7);
    return new Response();
  },
};`;

const TOOL = calls[0];
const NEWER = { "mcp-protocol-version": "2025-11-25" };
const WORKER = `octavo-${TOOL.name.split("_")[0]}`;

test("a tool whose instance traps, aborts or overflows its stack is answered as failed, logged, and goes on", async () => {
  const printed = [];
  const fleet = await startFleet({ around: { [WORKER]: DYING }, vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "100" }, log: (line) => printed.push(line) });
  try {
    const worker = await fleet.fleet.getWorker(WORKER);
    const failed = [];
    for (const [death, heard] of ["trap", "abort", "overflow"].flatMap((death) => [[death, false], [death, true]])) {
      await worker.fetch(`https://tool-worker/fault/${death}`);
      const params = { name: TOOL.name, arguments: TOOL.arguments, ...(heard ? { _meta: { progressToken: 1 } } : {}) };
      const response = await fetch(`${fleet.url}/mcp`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/call", params }),
      });
      const last = (await response.text()).trim().split("\n").at(-1).replace(/^data: /, "");
      const { id, result } = JSON.parse(last);
      const where = `${death}, ${heard ? "heard" : "plain"}`;
      assert.deepEqual([response.status, id, result.isError], [200, 7, true], where);
      assert.equal(result._meta["dev.octavo/error"].reason, "tool_failed", where);
      const [, trace] = /trace ([0-9a-f]{32})/.exec(result.content[0].text) ?? [];
      assert.equal(trace, response.headers.get("traceparent").split("-")[1], `${where}: ${result.content[0].text}`);
      failed.push(trace);
      const next = await call(fleet.url, TOOL.name, TOOL.arguments, NEWER);
      assert.equal(next.body.result.isError, false, `after ${where}: ${JSON.stringify(next.body.result.content)} ${printed.slice(-3)}`);
      TOOL.expect(next.body.result);
    }
    const health = await (await fetch(`${fleet.url}/health`)).json();
    const row = health.categories.find(({ category }) => WORKER.endsWith(category));
    assert.deepEqual([row.status, row.breaker], ["ok", "closed"], "a call that fails is no fault of its worker");
    for (const trace of failed) {
      const lines = await until(`the lines of ${trace}`, async () => {
        const { data } = await ask(fleet.url, `v1/logs?trace_id=${trace}`);
        return data.length >= 2 && data;
      });
      assert.equal(lines.length, 2, "one at each hop");
      for (const line of lines) assert.deepEqual([line.status, line.error_type, line.tool], ["exception", "tool_failed", TOOL.name]);
      const own = lines.find(({ kind }) => kind === "tool");
      assert.equal(own.worker, WORKER);
      assert.equal(typeof own.version, "string");
    }
    assert.ok(!printed.some((line) => line.includes("instance replaced")), "of the gateway's instance nothing was lost");
  } finally {
    await fleet.stop();
  }
});

test("one trap in the midst of many calls fails one call", async () => {
  const fleet = await startFleet({ around: { [WORKER]: DYING } });
  try {
    const worker = await fleet.fleet.getWorker(WORKER);
    const many = () => Promise.all(Array.from({ length: 12 }, () => call(fleet.url, TOOL.name, TOOL.arguments)));
    await many();
    for (const death of ["trap", "abort", "overflow"]) {
      await worker.fetch(`https://tool-worker/fault/${death}`);
      const answers = await many();
      assert.equal(answers.filter(({ body }) => body.result.isError).length, 1, death);
    }
    const { body } = await rpc(fleet.url, "tools/list", {});
    assert.ok(body.result.tools.length > 0);
  } finally {
    await fleet.stop();
  }
});

// The shells beside a stand-in for the wasm: what they do when an instance dies, when nothing happens for long, and when a
// task's object is called again.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { SHELLS, load, stillClock } from "./shell.mjs";

for (const fault of ['new WebAssembly.RuntimeError("unreachable")', 'new RangeError("Maximum call stack size exceeded")']) {
  test(`a tool worker that throws ${fault} answers, and its next call works`, async () => {
    const { worker, calls } = await load(
      "tool-worker.js",
      `let dead = true;
       const finish = () => { calls.push("finish"); if (dead) throw ${fault}; return new TextEncoder().encode("fine"); };
       export const digest = () => "0123";
       export const begin = () => ({ is_heard: () => false, finish, close: () => {}, free: () => {} });
       export const trapped = () => { calls.push("trapped"); return new TextEncoder().encode("tool_failed"); };
       export const __wbg_reset_state = () => { calls.push("reset"); dead = false; };`,
    );
    const post = () => worker.fetch(new Request("https://tool-worker/call", { method: "POST", body: "{}" }), {});
    assert.equal(await (await post()).text(), "tool_failed");
    const fine = await post();
    assert.deepEqual([await fine.text(), fine.headers.get("x-octavo-catalog")], ["fine", "0123"]);
    assert.deepEqual(calls, ["finish", "reset", "trapped", "finish"]);
    assert.equal((await worker.fetch(new Request("https://tool-worker/call"), {})).status, 404);
  });
}

test("a gateway that throws answers with an internal error and the trace it is logged under, and starts anew", async () => {
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => calls.push("configure");
     export const max_body_bytes = () => 100;
     export const open = () => { throw new WebAssembly.RuntimeError("unreachable"); };
     export const lost = (headers) => {
       if (headers.includes("deadly")) throw new WebAssembly.RuntimeError("unreachable");
       return "0af7";
     };
     export const __wbg_reset_state = () => calls.push("reset");`,
  );
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const response = await worker.fetch(new Request("http://localhost/mcp", { method: "POST", body: "{}" }), {});
    assert.equal(response.status, 500);
    assert.deepEqual((await response.json()).error, { code: -32603, message: "Internal error (trace 0af7)" });
  }
  assert.deepEqual(calls, ["configure", "reset", "configure", "reset", "configure"], "ready at once for those who wait");
  const deadly = await worker.fetch(new Request("http://localhost/mcp", { method: "POST", headers: { "x-deadly": "1" } }), {});
  assert.equal((await deadly.json()).error.message, "Internal error");
  assert.equal(calls.length, 9, "an instance for the request, and one for those after it");
});

test("a body that breaks off is none, and the instance stays", async () => {
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => calls.push("configure");
     export const max_body_bytes = () => 100;
     export const open = (path, headers, body) => ({
       ...plain, status: () => 400, binding: () => undefined, close: () => calls.push("body of " + body.byteLength), is_stream: () => false, body: () => "said by the wasm",
     });
     export const __wbg_reset_state = () => calls.push("reset");`,
  );
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error("Network connection lost.")) });
  const response = await worker.fetch(new Request("http://localhost/mcp", { method: "POST", body, duplex: "half" }), {});
  assert.deepEqual([response.status, await response.text(), calls], [400, "said by the wasm", ["configure", "body of 0"]]);
});

test("a request that waits for an instance which another request loses is answered, and the next one is not made to pay", async () => {
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => calls.push("configure");
     export const max_body_bytes = () => 100;
     export const serve = () => undefined;
     export const fetch = () => new Promise(() => {});
     export const open = () => { throw new WebAssembly.RuntimeError("unreachable"); };
     export const __wbg_reset_state = () => calls.push("reset");`,
  );
  const waiting = worker.fetch(new Request("http://localhost/health"), {});
  await new Promise((resolve) => setImmediate(resolve));
  const own = await worker.fetch(new Request("http://localhost/mcp", { method: "POST", body: "{}" }), {});
  assert.deepEqual([own.status, (await waiting).status], [500, 500]);
  assert.deepEqual(calls, ["configure", "reset", "configure"], "one instance lost, one made");
});

test("a stream whose instance is lost ends with one response", async (t) => {
  stillClock(t);
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => {};
     export const max_body_bytes = () => 100;
     let taken = 0;
     export const open = () => ({
       ...plain, is_heard: () => true, binding: () => "X", forward_body: () => new Uint8Array(),
       frame: () => { taken += 1; if (taken === 2) throw new WebAssembly.RuntimeError("unreachable"); },
       unavailable: () => { throw new Error("Module terminated"); },
       take_events: () => new TextEncoder().encode("first "), questions: () => undefined, close: () => {},
     });
     export const __wbg_reset_state = () => calls.push("reset");`,
  );
  const X = { fetch: async () => new Response("{}\n{}\n{}\n") };
  const response = await worker.fetch(new Request("http://localhost/mcp", { method: "POST", body: "{}" }), { X });
  assert.deepEqual([response.status, await response.text(), calls], [200, "first lost", ["reset"]]);
});

test("a call between two steps goes on in the instance that takes the place of its own", async (t) => {
  const waits = stillClock(t);
  const { worker, calls } = await load(
    "tool-worker.js",
    `let instance = 0;
     export const digest = () => "0123";
     export const begin = (body) => {
       const trap = body[0] === 33;
       const of = instance;
       let step = 0;
       return {
         is_heard: () => true, pause_ms: () => 0, is_done: () => step === 3, close: () => calls.push("close"), free: () => {},
         step: () => {
           if (of !== instance) throw new Error("Invalid stale object from previous Wasm instance");
           if (trap) throw new WebAssembly.RuntimeError("unreachable");
           step += 1;
           return new TextEncoder().encode(step + " ");
         },
       };
     };
     export const trapped = () => new TextEncoder().encode("tool_failed");
     export const __wbg_reset_state = () => { calls.push("reset"); instance += 1; };`,
  );
  const post = (body) => worker.fetch(new Request("https://tool-worker/call", { method: "POST", body }), {});
  const reading = (await post("{}")).text();
  const { pass } = await waiting(waits, () => true);
  assert.equal(await (await post("!")).text(), "tool_failed");
  pass();
  for (let left = 1; left > 0; left -= 1) (await waiting(waits, () => true)).pass();
  assert.equal(await reading, "1 2 3 ");
  assert.deepEqual(calls, ["reset", "close"]);
});

test("without a store of blobs, or with a silent one, the gateway says so and goes on", async (t) => {
  stillClock(t);
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => {};
     export const max_body_bytes = () => 100;
     export const max_blob_bytes = () => 100;
     export const max_resolved_bytes = () => 100;
     export const blob_ttl_seconds = () => 60;
     export const blob_handle = () => "blob_x";
     export const blob_request = (method) => JSON.stringify({ task: { PUT: "upload", HEAD: "head" }[method], handle: "blob_x" });
     export const blob_refusal = (reason) => JSON.stringify({ status: 503, headers: {}, body: reason });
     export const __wbg_reset_state = () => calls.push("reset");
     export const open = () => ({
       ...plain, blobs: () => ["blob_x"], blobs_unavailable: (bound) => calls.push(bound), binding: () => undefined, close: () => {},
       status: () => 200, is_stream: () => false, allow_origin: () => undefined, body: () => new Uint8Array(), free: () => {},
     });`,
  );
  const down = async () => { throw new Error("down"); };
  for (const [BLOBS, reason] of [[undefined, "blobs_unavailable"], [{ getWithMetadata: down, put: down }, "blobs_unreachable"]]) {
    const ask = (path, method, body) => worker.fetch(new Request(`http://localhost${path}`, { method, body }), { BLOBS });
    assert.equal((await ask("/mcp", "POST", "{}")).status, 200);
    const answer = await ask("/v1/blobs", "PUT", "text");
    assert.deepEqual([answer.status, await answer.text()], [503, reason]);
    assert.equal((await ask("/v1/blobs/blob_x", "HEAD")).status, 503);
  }
  assert.deepEqual(calls, [false, true]);
});

// A gateway whose exchanges write down what they hear of their worker.
const ASKING = `export const configure = () => {};
  export const max_body_bytes = () => 100;
  const say = (what) => () => calls.push(what);
  export const open = () => ({
    ...plain, is_heard: () => false, binding: () => "X", forward_body: () => new Uint8Array(), close: () => {}, is_stream: () => false,
    body: () => new Uint8Array(), answered: say("answered"), unavailable: say("unavailable"), garbage: say("garbage"),
    overdue: (ms) => calls.push("overdue " + ms),
  });`;
const ping = () => new Request("http://localhost/mcp", { method: "POST", body: "{}" });

test("a worker that says nothing is given up, before its answer and within it", async (t) => {
  const waits = stillClock(t);
  const { worker, calls } = await load("gateway.js", ASKING);
  let left = 0;
  const silent = {
    before: { fetch: (url, { signal }) => new Promise(() => signal.addEventListener("abort", () => (left += 1))) },
    within: { fetch: async () => new Response(new ReadableStream({ cancel: () => (left += 1) })) },
  };
  for (const [at, X] of Object.values(silent).entries()) {
    const reply = worker.fetch(ping(), { X, CALL_DEADLINE_MS: "700" });
    const { ms, pass } = await waiting(waits, (wait) => wait <= 700);
    assert.ok(ms > 600, `${ms}`);
    pass();
    assert.equal((await reply).status, 200);
    assert.deepEqual([calls.at(-1), left], ["overdue 700", at + 1]);
  }
  assert.deepEqual(waits, [], "nobody waits any more");
});

test("an answer of 8 MiB is read, and of a longer one no more than that", async (t) => {
  stillClock(t);
  const { worker, calls } = await load("gateway.js", ASKING);
  let pulled = 0;
  const answer = (bytes) => () => {
    pulled = 0;
    const pull = (controller) => {
      const part = Math.min(bytes - pulled, 2 ** 20);
      if (part === 0) return controller.close();
      pulled += part;
      controller.enqueue(new Uint8Array(part));
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  };
  for (const [bytes, heard] of [[2 ** 23, "answered"], [2 ** 23 + 1, "garbage"], [100 * 2 ** 20, "garbage"]]) {
    await worker.fetch(ping(), { X: { fetch: async () => answer(bytes)() } });
    assert.equal(calls.at(-1), heard);
    assert.ok(pulled <= 9 * 2 ** 20, `${pulled} bytes were pulled`);
  }
});

test("what a cache keeps is bounded, and the longest unused goes first", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "octavo-cache-"));
  try {
    stillClock(t);
    for (const module of ["cache.js", "deadline.js"]) cpSync(join(SHELLS, module), join(folder, module));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    const { find, keep, MAX_HELD_BYTES, MAX_KEPT_BYTES } = await import(pathToFileURL(join(folder, "cache.js")));
    const result = (bytes) => ({ frames: new Uint8Array(bytes), tookMs: 5 });
    const entries = MAX_HELD_BYTES / MAX_KEPT_BYTES;
    for (let at = 0; at < entries; at += 1) keep(`${at}`, result(MAX_KEPT_BYTES), {});
    assert.equal((await find("0")).tookMs, 5);
    keep("next", result(MAX_KEPT_BYTES), {});
    assert.deepEqual([await find("1"), (await find("0")) !== undefined, (await find("next")) !== undefined], [undefined, true, true]);
    keep("0", result(1), {});
    assert.equal((await find("0")).frames.byteLength, 1, "kept anew, and counted once");
    keep("large", result(MAX_KEPT_BYTES + 1), {});
    assert.equal(await find("large"), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the gateway says that a worker is unavailable when it throws, refuses, or is not bound", async (t) => {
  stillClock(t);
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => {};
     export const max_body_bytes = () => 100;
     export const open = () => ({
       ...plain, is_heard: () => false, changed: () => [],
       blobs: () => undefined, binding: () => "X", forward_body: () => new Uint8Array(), answered: () => calls.push("answered"),
       unavailable: () => calls.push("unavailable"), close: () => {}, status: () => 200, is_stream: () => false,
       allow_origin: () => undefined, body: () => new Uint8Array(), free: () => calls.push("free"),
     });`,
  );
  const bindings = [
    undefined,
    { fetch: async () => { throw new Error("gone"); } },
    { fetch: async () => new Response("no", { status: 503 }) },
    { fetch: async () => new Response("yes") },
  ];
  for (const X of bindings) await worker.fetch(new Request("http://localhost/mcp", { method: "POST", body: "{}" }), { X });
  assert.deepEqual(calls, ["unavailable", "free", "unavailable", "free", "unavailable", "free", "answered", "free"]);
});

const KEEPALIVE = ": ka\n\n";
const next = async (reader) => new TextDecoder().decode((await reader.read()).value);
// Until somebody waits for the clock.
async function waiting(waits, chosen = (ms) => ms === 15_000) {
  for (;;) {
    const at = waits.findIndex(({ ms }) => chosen(ms));
    if (at >= 0) return waits.splice(at, 1)[0];
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a call whose worker is silent for fifteen seconds keeps its stream alive", async (t) => {
  const waits = stillClock(t);
  const { worker } = await load(
    "gateway.js",
    `export const configure = () => {};
     export const max_body_bytes = () => 100;
     let left = 2;
     export const open = () => ({
       ...plain, is_heard: () => true, binding: () => (left > 0 ? "X" : undefined), forward_body: () => new Uint8Array(),
       frame: () => { left -= 1; }, take_events: () => new TextEncoder().encode("first"), questions: () => undefined,
       close: () => {}, body: () => new TextEncoder().encode("last"),
     });`,
  );
  let frames;
  const body = new ReadableStream({ start: (controller) => (frames = controller) });
  const X = { fetch: async () => new Response(body) };
  frames.enqueue(new TextEncoder().encode("{}\n"));
  const response = await worker.fetch(new Request("http://localhost/mcp", { method: "POST", body: "{}" }), { X });
  const reader = response.body.getReader();
  assert.equal(await next(reader), "first");
  for (let round = 0; round < 3; round += 1) {
    const { ms, pass } = await waiting(waits);
    assert.equal(ms, 15_000);
    const read = next(reader);
    pass();
    assert.equal(await read, KEEPALIVE);
  }
  frames.enqueue(new TextEncoder().encode("{}\n"));
  assert.equal(await next(reader), "last");
  assert.equal((await reader.read()).done, true, "one response ends the stream");
});

test("a subscription on which nothing happens is kept alive, and hears of what does", async (t) => {
  const waits = stillClock(t);
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => {};
     export const max_body_bytes = () => 100;
     const encode = (text) => new TextEncoder().encode(text);
     export const open = () => ({
       ...plain, is_listening: () => true, follows_tasks: () => ["{}", "known", "unknown"], follows_lists: () => true,
       acknowledge: (found) => calls.push([...found]), take_events: () => encode("ack"), task_event: (line) => encode("task " + line),
       changed_event: (line) => (line === "tools" ? encode("tools changed") : undefined), close: () => calls.push("close"),
     });`,
  );
  const told = {};
  const followed = (name) => new Response(new ReadableStream({ start: (controller) => (told[name] = controller), cancel: () => calls.push(`left ${name}`) }));
  const objects = (answer) => ({ idFromName: (name) => name, get: (name) => ({ fetch: async () => answer(name) }) });
  const env = {
    TASKS: objects((name) => (name === "known" ? followed(name) : new Response(null, { status: 404 }))),
    CHANGES: objects(() => followed("lists")),
  };
  const response = await worker.fetch(new Request("http://localhost/mcp", { method: "POST", body: "{}" }), env);
  assert.deepEqual(calls, [[1, 0]], "one of the two tasks is there");
  const reader = response.body.getReader();
  assert.equal(await next(reader), "ack");
  const { ms, pass } = await waiting(waits);
  assert.equal(ms, 15_000);
  const read = next(reader);
  pass();
  assert.equal(await read, KEEPALIVE);
  told.known.enqueue(new TextEncoder().encode("a\n"));
  assert.equal(await next(reader), "task a");
  told.lists.enqueue(new TextEncoder().encode("prompts\ntools\n"));
  assert.equal(await next(reader), "tools changed");
  await reader.cancel();
  assert.deepEqual(calls.slice(1).sort(), ["close", "left known", "left lists"]);
});

// The storage of a Durable Object, in memory.
function storage() {
  const kept = new Map();
  return {
    kept,
    list: async ({ prefix }) => new Map([...kept].filter(([key]) => key.startsWith(prefix)).sort()),
    get: async (key) => kept.get(key),
    put: async (...given) => {
      for (const [key, value] of given.length === 2 ? [given] : Object.entries(given[0])) kept.set(key, value);
    },
    delete: async (keys) => keys.forEach((key) => kept.delete(key)),
    deleteAll: async () => kept.clear(),
    setAlarm: async (at) => kept.set("alarm", at),
  };
}

// A task as a word, which a frame replaces; its time is over at 1,000.
const TASK_GLUE = `
  export class TaskRecord {
    constructor(word) { this.word = word; }
    static read(word) { return word === "broken" ? undefined : new TaskRecord(word); }
    record() { return this.word; }
    is_of(caller) { return caller === "me"; }
    is_working() { return this.word === "working"; }
    binding() { return "X"; }
    tail() { return "}"; }
    expires_ms() { return 1000; }
    detailed() { return this.word; }
    frame(line) { if (line[0] === 33) throw new WebAssembly.RuntimeError("unreachable"); this.word = new TextDecoder().decode(line); }
    died() { if (this.is_working()) this.word = "died"; }
    update(responses) { this.word = responses; }
    cancel() { this.word = "cancelled"; }
    free() {}
  }
  export const __wbg_reset_state = () => calls.push("reset");`;

async function objectOfTask(t, X) {
  stillClock(t);
  t.mock.method(Date, "now", () => 500);
  const { module } = await load("task.js", TASK_GLUE);
  const disk = storage();
  // Another instance, as after an eviction, with what was kept.
  const wake = () => new module.Task({ storage: disk }, { X });
  const ask = (task, verb, body) => task.fetch(new Request(`https://task/${verb}`, { method: "POST", body }));
  const task = wake();
  const call = `{"big":"${"x".repeat(3 * 2 ** 20)}"`;
  assert.equal((await ask(task, "begin", `working\n${call}`)).status, 201);
  assert.ok([...disk.kept.values()].every((value) => typeof value === "number" || value.byteLength <= 2 ** 20), "pieces");
  assert.equal(disk.kept.get("alarm"), 500, "the work begins at once");
  const look = async (of, caller = "me") => {
    const response = await ask(of, "get", JSON.stringify({ caller }));
    return response.status === 200 ? await response.text() : response.status;
  };
  return { disk, wake, ask, task, call, look };
}

test("a task is kept before its client hears of it, is done by whoever wakes, and forgotten in the end", async (t) => {
  let asked = 0;
  let body;
  const X = {
    fetch: async (url, request) => {
      asked += 1;
      body = await new Response(request.body).text();
      return new Response("half\n".replace("half", asked === 1 ? "working" : "done"));
    },
  };
  const { disk, wake, ask, call, look } = await objectOfTask(t, X);
  assert.equal(await look(wake()), "working", "whoever wakes finds it");
  assert.equal(await look(wake(), "you"), 404);
  await wake().alarm();
  assert.equal(body, `${call}}`, "the worker is asked for the same, to the byte");
  assert.equal(await look(wake()), "died", "a worker that gives no reply");
  assert.equal(disk.kept.get("alarm"), 1000, "then it waits for its end");
  await ask(wake(), "update", JSON.stringify({ caller: "me", responses: "working" }));
  assert.equal(disk.kept.get("alarm"), 500, "the last answer wakes the work");
  await wake().alarm();
  assert.equal(await look(wake()), "done");
  t.mock.method(Date, "now", () => 1000);
  assert.equal(await look(wake()), 404, "its time is over");
  await wake().alarm();
  assert.equal(disk.kept.size, 0);
});

test("a task that is cancelled leaves its worker, and its followers hear of it", async (t) => {
  const left = Promise.withResolvers();
  const begun = Promise.withResolvers();
  const body = new ReadableStream({ pull: () => begun.resolve(), cancel: () => left.resolve() }, { highWaterMark: 0 });
  const { ask, task, look } = await objectOfTask(t, { fetch: async () => new Response(body) });
  const follower = (await ask(task, "follow", JSON.stringify({ caller: "me" }))).body.getReader();
  assert.equal(await next(follower), "working\n");
  const alarm = task.alarm();
  await begun.promise;
  assert.equal((await ask(task, "cancel", JSON.stringify({ caller: "me" }))).status, 204);
  await Promise.all([left.promise, alarm]);
  assert.equal(await next(follower), "cancelled\n");
  assert.equal(await look(task), "cancelled");
});

test("a task whose instance traps, and one that another version wrote, end well", async (t) => {
  const { disk, wake, task, look } = await objectOfTask(t, { fetch: async () => new Response("!\n") });
  await task.alarm();
  assert.equal(await look(task), "died");
  for (const key of disk.kept.keys()) if (key.startsWith("record/")) disk.kept.set(key, new TextEncoder().encode("broken"));
  assert.equal(await look(wake()), 404);
  assert.equal(disk.kept.size, 0);
});

test("a session that its client ended is over for good, and nobody waits in it", async (t) => {
  stillClock(t);
  const { module } = await load("session.js", "");
  const disk = storage();
  const wake = () => new module.Session({ storage: disk });
  const ask = (session, method, path, body) => session.fetch(new Request(`https://session/${path}`, { method, body }));
  const session = wake();
  assert.equal((await ask(session, "GET", "")).status, 204);
  const answer = ask(session, "GET", "question");
  assert.equal((await ask(session, "DELETE", "", "60000")).status, 204);
  assert.equal((await answer).status, 204, "a question without an answer");
  assert.equal((await ask(wake(), "GET", "")).status, 404, "remembered by whoever wakes");
  assert.equal((await ask(wake(), "DELETE", "", "60000")).status, 404);
  await wake().alarm();
  assert.equal(disk.kept.size, 0);
});

test("a tail worker that traps counts what waited and goes on; a cron that could not do its work replaces nothing", async () => {
  const { worker, calls } = await load(
    "tail.js",
    `let dead = false;
     export const waiting = () => 7;
     export const tail = async (events) => { calls.push(events); if (events.includes("trap")) throw new WebAssembly.RuntimeError("unreachable"); };
     export const scheduled = async () => "the store did not answer";
     export const count_lost = (lines) => calls.push(lines);
     export const __wbg_reset_state = () => calls.push("reset");`,
  );
  const circle = { outcome: "ok" };
  circle.logs = circle;
  await worker.tail([{ outcome: "ok", event: { request: { url: "secret" } } }], {});
  await worker.tail([circle, { logs: [1n] }, { outcome: "ok" }], {});
  await assert.rejects(worker.tail([{ outcome: "trap" }], {}), WebAssembly.RuntimeError);
  await assert.rejects(worker.scheduled({ scheduledTime: 1 }, {}), /did not answer/);
  assert.deepEqual(calls, ['[{"outcome":"ok"}]', '[null,null,{"outcome":"ok"}]', '[{"outcome":"trap"}]', "reset", 7]);
});

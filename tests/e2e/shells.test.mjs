// The entry shells beside a stand-in for the wasm: what they do when an instance dies.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const SHELLS = fileURLToPath(new URL("../../crates/runtime/js", import.meta.url));

// A shell with `glue` as its wasm; `calls` records what it was asked.
async function load(shell, glue) {
  const folder = mkdtempSync(join(tmpdir(), "octavo-shell-"));
  try {
    cpSync(join(SHELLS, shell), join(folder, "index.mjs"));
    for (const module of ["blobs.js", "session.js", "streams.js"]) cpSync(join(SHELLS, module), join(folder, module));
    // These import what only the platform has, or are of other tests.
    writeFileSync(join(folder, "push.js"), "export const push = () => {};");
    cpSync(join(SHELLS, "access.js"), join(folder, "access.js"));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "glue.js"), `export const calls = [];\n${glue}`);
    const { calls } = await import(pathToFileURL(join(folder, "glue.js")));
    const { default: worker } = await import(pathToFileURL(join(folder, "index.mjs")));
    return { worker, calls };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const fault of ['new WebAssembly.RuntimeError("unreachable")', 'new RangeError("Maximum call stack size exceeded")']) {
  test(`a tool worker that throws ${fault} answers, and its next call works`, async () => {
    const { worker, calls } = await load(
      "tool-worker.js",
      `let dead = true;
       const finish = () => { calls.push("finish"); if (dead) throw ${fault}; return new TextEncoder().encode("fine"); };
       export const begin = () => ({ is_heard: () => false, finish, close: () => {}, free: () => {} });
       export const trapped = () => { calls.push("trapped"); return new TextEncoder().encode("tool_failed"); };
       export const __wbg_reset_state = () => { calls.push("reset"); dead = false; };`,
    );
    const post = () => worker.fetch(new Request("https://tool-worker/call", { method: "POST", body: "{}" }), {});
    assert.equal(await (await post()).text(), "tool_failed");
    assert.equal(await (await post()).text(), "fine");
    assert.deepEqual(calls, ["finish", "reset", "trapped", "finish"]);
    assert.equal((await worker.fetch(new Request("https://tool-worker/call"), {})).status, 404);
  });
}

test("a gateway that throws answers with an internal error and starts anew", async () => {
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => calls.push("configure");
     export const max_body_bytes = () => 100;
     export const open = () => { throw new WebAssembly.RuntimeError("unreachable"); };
     export const __wbg_reset_state = () => calls.push("reset");`,
  );
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const response = await worker.fetch(new Request("https://gateway/mcp", { method: "POST", body: "{}" }), {});
    assert.equal(response.status, 500);
    assert.equal((await response.json()).error.code, -32603);
  }
  assert.deepEqual(calls, ["configure", "reset", "configure", "reset"]);
});

test("without a store of blobs, or with a silent one, the gateway says so and goes on", async () => {
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
       parts: () => [], is_listening: () => false, session: () => undefined, traceparent: () => "", delivery: () => undefined, blobs: () => ["blob_x"], blobs_unavailable: (bound) => calls.push(bound), binding: () => undefined, close: () => {},
       status: () => 200, is_stream: () => false, allow_origin: () => undefined, body: () => new Uint8Array(), free: () => {},
     });`,
  );
  const down = async () => { throw new Error("down"); };
  for (const [BLOBS, reason] of [[undefined, "blobs_unavailable"], [{ getWithMetadata: down, put: down }, "blobs_unreachable"]]) {
    const ask = (path, method, body) => worker.fetch(new Request(`https://gateway${path}`, { method, body }), { BLOBS });
    assert.equal((await ask("/mcp", "POST", "{}")).status, 200);
    const answer = await ask("/v1/blobs", "PUT", "text");
    assert.deepEqual([answer.status, await answer.text()], [503, reason]);
    assert.equal((await ask("/v1/blobs/blob_x", "HEAD")).status, 503);
  }
  assert.deepEqual(calls, [false, true]);
});

test("the gateway says that a worker is unavailable when it throws, refuses, or is not bound", async () => {
  const { worker, calls } = await load(
    "gateway.js",
    `export const configure = () => {};
     export const max_body_bytes = () => 100;
     export const open = () => ({
       parts: () => [], is_listening: () => false, session: () => undefined, traceparent: () => "", delivery: () => undefined, is_heard: () => false, changed: () => [],
       blobs: () => undefined, binding: () => "X", principal: () => undefined, forward_body: () => new Uint8Array(), answered: () => calls.push("answered"),
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
  for (const X of bindings) await worker.fetch(new Request("https://gateway/mcp", { method: "POST", body: "{}" }), { X });
  assert.deepEqual(calls, ["unavailable", "free", "unavailable", "free", "unavailable", "free", "answered", "free"]);
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

// Replies that are streams, through the gateway and a service binding in workerd: frames come as they are made, a client that
// leaves ends the work, subscriptions end well.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { messagesOf } from "./events.mjs";

const MODERN = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const FILES = 12;
// About a tenth of a second of work a file.
const SOURCE = Array.from({ length: 1500 }, (_, n) => `def f${n}(a, b):\n    if a and b:\n        return a\n    return b\n`).join("");
const files = Array.from({ length: FILES }, (_, n) => ({ path: `m${n}.py`, source: SOURCE }));

function post(url, method, params, signal) {
  const headers = { "content-type": "application/json", "mcp-protocol-version": "2026-07-28", "mcp-method": method };
  if (params.name !== undefined) headers["mcp-name"] = params.name;
  const body = JSON.stringify({ jsonrpc: "2.0", id: "s", method, params: { ...params, _meta: { ...MODERN, ...params._meta } } });
  return fetch(`${url}/mcp`, { method: "POST", headers, body, signal });
}

const measure = { name: "quality_measure_complexity", arguments: { files }, _meta: { progressToken: "p" } };

test("the first frame is there before the last is made, and one response ends the stream", async () => {
  const fleet = await startFleet();
  try {
    await post(fleet.url, "tools/call", { ...measure, arguments: { files: files.slice(0, 1) } }).then((warm) => warm.text());
    const started = performance.now();
    const response = await post(fleet.url, "tools/call", measure);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    assert.equal(response.headers.get("x-accel-buffering"), "no");
    assert.equal(response.headers.get("cache-control"), "no-cache, no-transform");
    const arrived = [];
    let text = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      arrived.push(performance.now() - started);
    }
    const messages = messagesOf(text);
    assert.deepEqual(messages.slice(0, -1).map(({ params }) => params.progress), Array.from({ length: FILES }, (_, n) => n + 1));
    assert.ok(messages.slice(0, -1).every(({ params }) => params.progressToken === "p"));
    assert.equal(messages.at(-1).id, "s");
    assert.ok(arrived.length > FILES / 2, `${arrived.length} pieces`);
    assert.ok(arrived[0] < arrived.at(-1) / 2, `first after ${arrived[0]} ms of ${arrived.at(-1)} ms`);
  } finally {
    await fleet.stop();
  }
});

test("a client that leaves ends the tool worker's work", async () => {
  const lines = [];
  const fleet = await startFleet({ log: (line) => lines.push(line) });
  try {
    const leaving = new AbortController();
    const response = await post(fleet.url, "tools/call", measure, leaving.signal);
    const reader = response.body.getReader();
    await reader.read();
    leaving.abort();
    await reader.cancel().catch(() => {});
    const wanted = ["octavo-quality", "octavo-gateway"];
    const lineOf = (worker) => lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line)).find((line) => line.worker === worker);
    for (let attempt = 0; attempt < 100 && !wanted.every(lineOf); attempt += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const worker of wanted) assert.equal(lineOf(worker)?.status, "disconnect", `${worker}: ${JSON.stringify(lineOf(worker))}`);
    // A frame of each file is some 80 bytes; the reply, which was not made, thousands.
    assert.ok(lineOf("octavo-quality").out_bytes < FILES * 100, JSON.stringify(lineOf("octavo-quality")));
    const after = await post(fleet.url, "tools/call", { ...measure, arguments: { files: files.slice(0, 1) } });
    assert.equal(messagesOf(await after.text()).at(-1).result.isError, false, "the next call works");
  } finally {
    await fleet.stop();
  }
});

test("a bad argument is told before anything is committed to a stream", async () => {
  const fleet = await startFleet();
  try {
    const response = await post(fleet.url, "tools/call", { ...measure, arguments: { flies: [] } });
    const [only, ...more] = messagesOf(await response.text());
    assert.deepEqual([response.status, only.result.isError, more], [200, true, []]);
  } finally {
    await fleet.stop();
  }
});

test("a subscription is acknowledged, narrowed, and ended with its response", async () => {
  const fleet = await startFleet({ vars: { LISTEN_SECONDS: "1" } });
  try {
    const response = await post(fleet.url, "subscriptions/listen", { notifications: { toolsListChanged: true, strange: 1 } });
    const [acknowledged, ended, ...more] = messagesOf(await response.text());
    assert.equal(acknowledged.method, "notifications/subscriptions/acknowledged");
    assert.deepEqual(acknowledged.params.notifications, {}, "the product's lists do not change");
    assert.deepEqual([ended.id, ended.result.resultType, more], ["s", "complete", []]);
    const bad = await post(fleet.url, "subscriptions/listen", {});
    assert.equal((await bad.json()).error.code, -32602);
  } finally {
    await fleet.stop();
  }
});

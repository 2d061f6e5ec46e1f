// The built fleet over plain HTTP: logs, a worker that is down, bad input.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { messageOf } from "./events.mjs";
import { calls } from "./inputs.mjs";

const JSON_TYPE = { "content-type": "application/json" };

async function post(url, body, headers = JSON_TYPE) {
  const response = await fetch(`${url}/mcp`, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const request = (method, params, id = 1) => ({ jsonrpc: "2.0", id, method, params });
const callOf = ({ name, arguments: given }) => request("tools/call", { name, arguments: given });

// The newest log lines, once there are `count`; tail events arrive after the response has gone.
async function logLines(url, count) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const response = await fetch(`${url}/ops/v1/logs?limit=1000`);
    assert.equal(response.status, 200);
    const { data } = await response.json();
    if (data.length >= count) return data;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`fewer than ${count} log lines arrived`);
}

test("each call leaves its lines in KV, joined by trace id, and nothing of what was sent", async () => {
  const fleet = await startFleet({ vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "100" } });
  try {
    await post(fleet.url, request("tools/list", {}));
    for (const call of calls) assert.equal((await post(fleet.url, callOf(call))).status, 200);
    const lines = await logLines(fleet.url, 1 + 2 * calls.length);
    assert.equal(lines.length, 1 + 2 * calls.length, "one line a hop, none twice");
    const traces = Map.groupBy(lines, (line) => line.trace_id);
    assert.equal(traces.size, 1 + calls.length);
    for (const { name } of calls) {
      const both = [...traces.values()].find((trace) => trace.some((line) => line.tool === name));
      const gateway = both.find((line) => line.worker === "octavo-gateway");
      const tool = both.find((line) => line.kind === "tool");
      assert.equal(both.length, 2, name);
      assert.equal(tool.worker, `octavo-${name.split("_")[0]}`);
      assert.equal(tool.parent_id, gateway.span_id);
      assert.deepEqual([tool.status, gateway.status], ["ok", "ok"], name);
    }
    const newest = (await (await fetch(`${fleet.url}/ops/v1/logs?limit=2`)).json()).data;
    assert.deepEqual(newest, lines.slice(0, 2), "newest first");
    assert.equal((await fetch(`${fleet.url}/ops/v1/logs?limti=2`)).status, 400);
  } finally {
    await fleet.stop();
  }
});

test("the log is closed unless it is opened", async () => {
  const fleet = await startFleet();
  try {
    assert.equal((await fetch(`${fleet.url}/ops/v1/logs`)).status, 404);
  } finally {
    await fleet.stop();
  }
});

for (const down of ["docker", "python"]) {
  test(`without ${down} the other seven answer, the list is whole, and the call says what is wrong`, async () => {
    const fleet = await startFleet({ without: [down] });
    try {
      const listed = (await post(fleet.url, request("tools/list", {}))).json().result.tools;
      assert.ok(listed.some((tool) => tool.name.startsWith(`${down}_`)));
      for (const call of calls) {
        const answer = await post(fleet.url, callOf(call));
        const { result } = answer.json();
        const isDown = call.name.startsWith(`${down}_`);
        assert.deepEqual([answer.status, result.isError], [200, isDown], call.name);
        if (isDown) assert.equal(result._meta["dev.octavo/error"].reason, "category_unavailable");
      }
      const health = await (await fetch(`${fleet.url}/health`)).json();
      assert.equal(health.status, "degraded");
      assert.deepEqual(health.categories.filter((c) => c.status !== "ok").map((c) => c.category), [down]);
    } finally {
      await fleet.stop();
    }
  });
}

test("bad input gets a clear answer, never a 500, and hears nothing of itself", async () => {
  const fleet = await startFleet();
  const canary = "canary-7f3a9c51";
  try {
    const [{ name }] = calls;
    const wrong = (given) => callOf({ name, arguments: given });
    const cases = [
      ["not JSON", `{"${canary}`, 400, /Parse error/],
      ["not UTF-8", new Uint8Array([0xff, 0xfe, 0x7b]), 400, /UTF-8/],
      ["wrong arguments", wrong({ source: { [canary]: 1 } }), 200, /accepted/],
      ["unknown field", wrong({ source: canary, flavour: canary }), 200, /is not a field/],
      ["unknown tool", callOf({ name: canary, arguments: {} }), 200, /Unknown tool/],
      ["unknown method", request(canary, {}), 200, /Method not found/],
      ["5 MiB", JSON.stringify(wrong({ source: canary.repeat(5 * 2 ** 20 / canary.length) })), 413, /over 4194304 bytes/],
      ["no body", "", 400, /Parse error/],
    ];
    for (const [what, body, status, says] of cases) {
      const raw = body instanceof Uint8Array || typeof body === "string";
      const response = await fetch(`${fleet.url}/mcp`, { method: "POST", headers: JSON_TYPE, body: raw ? body : JSON.stringify(body) });
      const text = await response.text();
      assert.equal(response.status, status, `${what}: ${text}`);
      assert.match(text, says, what);
      assert.ok(!text.includes(canary), `${what}: ${text}`);
    }
    const chunks = new ReadableStream({
      start(controller) {
        for (let mebibyte = 0; mebibyte < 5; mebibyte += 1) controller.enqueue(new Uint8Array(2 ** 20).fill(32));
        controller.close();
      },
    });
    const streamed = await fetch(`${fleet.url}/mcp`, { method: "POST", headers: JSON_TYPE, body: chunks, duplex: "half" });
    assert.equal(streamed.status, 413, "a body without a length is bounded too");
    await streamed.text();
    for (const call of calls) {
      const empty = (await post(fleet.url, callOf({ name: call.name, arguments: {} }))).json().result;
      assert.equal(empty.isError, true, `${call.name} without arguments`);
      assert.equal(empty._meta["dev.octavo/error"].reason, "invalid_argument", call.name);
    }
    for (const method of ["GET", "DELETE"]) {
      const response = await fetch(`${fleet.url}/mcp`, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), "POST, OPTIONS");
      const foreign = await fetch(`${fleet.url}/mcp`, { method, headers: { origin: "https://evil.example" } });
      assert.equal(foreign.status, 403);
    }
    const longest = JSON.stringify(request("ping")).padEnd(4 * 2 ** 20);
    assert.deepEqual([(await post(fleet.url, longest)).status, (await post(fleet.url, `${longest} `)).status], [200, 413], "at the edge");
    const evil = await post(fleet.url, request("ping"), { ...JSON_TYPE, origin: "https://evil.example" });
    assert.equal(evil.status, 403);
    const preflight = await fetch(`${fleet.url}/mcp`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:6274", "access-control-request-headers": "mcp-method, mcp-name" },
    });
    assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-headers")], [204, "mcp-method, mcp-name"]);
  } finally {
    await fleet.stop();
  }
});

test("progress is asked for by a token and ends with exactly one response", async () => {
  const fleet = await startFleet();
  try {
    for (const call of calls) {
      const params = { name: call.name, arguments: call.arguments, _meta: { progressToken: 7 } };
      const answer = await post(fleet.url, request("tools/call", params));
      assert.equal(answer.headers.get("content-type"), "text/event-stream", call.name);
      const messages = answer.text.split("\n\n").filter(Boolean).map(messageOf);
      assert.deepEqual(messages.filter((message) => "id" in message).map((message) => message.id), [1], call.name);
      assert.equal(messages.at(-1).id, 1);
      for (const message of messages.slice(0, -1)) assert.equal(message.params.progressToken, 7);
    }
  } finally {
    await fleet.stop();
  }
});

// Tasks, skills and sessions through the gateway in workerd, with its Durable Objects, and with a client that others wrote.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { messagesOf } from "./events.mjs";

const TASKS = "io.modelcontextprotocol/tasks";
const PREFIX = "io.modelcontextprotocol/";
const TOOL = "quality_measure_complexity";
const source = `def first():\n    return 1\n# ${"nothing ".repeat(12_500)}\n`;
// Over the MiB from which a call becomes a task.
const filesOf = (text) => Array.from({ length: 12 }, (_, n) => ({ path: `m${n}.py`, source: text }));
const long = { name: TOOL, arguments: { files: filesOf(source) } };

// The product's gateway with the objects that a deployment may bind, and without the test tools.
let fleet;
before(async () => {
  fleet = await startFleet({ conformance: true, without: ["fixtures"] });
});
after(() => fleet.stop());

function post(method, params, { takes = true, caller = "me", headers = {} } = {}) {
  const capabilities = takes ? { extensions: { [TASKS]: {} } } : {};
  const meta = { [`${PREFIX}protocolVersion`]: "2026-07-28", [`${PREFIX}clientCapabilities`]: capabilities };
  const name = params.name ?? params.taskId;
  const own = { "content-type": "application/json", "mcp-protocol-version": "2026-07-28", "mcp-method": method, authorization: caller };
  if (name !== undefined) own["mcp-name"] = name;
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } });
  return fetch(`${fleet.url}/mcp`, { method: "POST", headers: { ...own, ...headers }, body });
}

const ask = async (method, params, options) => (await post(method, params, options)).json();

async function until(taskId, wanted) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { result } = await ask("tasks/get", { taskId });
    if (wanted.includes(result.status)) return result;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`the task never became ${wanted.join(" or ")}`);
}


test("a long call goes on as a task, which ends in what the call would have answered", async () => {
  const [waited, begun] = await Promise.all([ask("tools/call", long, { takes: false }), ask("tools/call", long)]);
  assert.deepEqual([waited.result.resultType, begun.result.resultType, begun.result.status], ["complete", "task", "working"]);
  const { taskId } = begun.result;
  assert.equal((await ask("tasks/get", { taskId })).result.taskId, taskId, "it is there at once");
  assert.equal((await ask("tasks/get", { taskId }, { caller: "you" })).error.code, -32602);
  const done = await until(taskId, ["completed", "failed"]);
  assert.deepEqual([done.result, done.result.isError], [waited.result, false]);
  assert.equal((await ask("tasks/cancel", { taskId })).result.resultType, "complete");
  assert.equal((await ask("tasks/get", { taskId })).result.status, "completed");
});

test("a client that asked for progress only over a stream gets its task on that stream", async () => {
  const meta = { headers: { accept: "text/event-stream" } };
  const text = await (await post("tools/call", long, meta)).text();
  const [only, ...more] = messagesOf(text);
  assert.deepEqual([only.result.resultType, more], ["task", []]);
});

test("a subscription tells how a task stands until its end", async () => {
  const { taskId } = (await ask("tools/call", long)).result;
  const leaving = new AbortController();
  const notifications = { taskIds: [taskId, `task_${"a".repeat(32)}`] };
  const refused = await post("subscriptions/listen", { notifications }, { takes: false });
  assert.deepEqual([refused.status, (await refused.json()).error.code], [400, -32021]);
  const foreign = await post("subscriptions/listen", { notifications }, { caller: "you" });
  const foreignReader = foreign.body.pipeThrough(new TextDecoderStream()).getReader();
  assert.deepEqual(messagesOf((await foreignReader.read()).value)[0].params.notifications, {}, "nobody listens to another's task");
  await foreignReader.cancel();
  const response = await post("subscriptions/listen", { notifications });
  let text = "";
  const heard = () => messagesOf(text);
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (heard().some(({ params }) => params?.status === "completed")) break;
  }
  leaving.abort();
  const [acknowledged, ...stands] = heard();
  assert.deepEqual(acknowledged.params.notifications, { taskIds: [taskId] });
  for (const { method, params } of stands) {
    assert.deepEqual([method, params.taskId, params._meta[`${PREFIX}subscriptionId`]], ["notifications/tasks", taskId, 1]);
  }
  assert.equal(stands.at(-1).params.result.isError, false);
});

// The Inspector knows both extensions, and asks for what they are to be like.
function inspector(...words) {
  const program = fileURLToPath(new URL("../../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", import.meta.url));
  const all = [program, "--cli", `${fleet.url}/mcp`, "--transport", "http", "--protocol-era", "modern", "--format", "json", ...words];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, all, { timeout: 60_000, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.code}\n${stdout}\n${stderr}`)) : resolve(stdout),
    );
  });
}

test("the Inspector verifies every skill: its shape, its files, their digests", async () => {
  const reports = (await inspector("--method", "skills/list", "--verify", "--require-digests")).trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(reports.length >= 8, JSON.stringify(reports));
  assert.ok(!JSON.stringify(reports).includes('"outcome":"failed"'), JSON.stringify(reports));
});

test("the Inspector waits for a long call that became a task", async () => {
  const uploaded = await (await fetch(`${fleet.url}/v1/blobs`, { method: "PUT", body: source })).json();
  const printed = await inspector("--method", "tools/call", "--tool-name", TOOL, "--tool-args-json", JSON.stringify({ files: filesOf(uploaded.blob) }));
  assert.match(printed, /"resultType":"complete"/);
  assert.match(printed, /12 files/);
});

test("a client ends its session, and is asked to begin anew", async () => {
  const client = new Client({ name: "e2e", version: "1" });
  const transport = new StreamableHTTPClientTransport(new URL(`${fleet.url}/mcp`));
  await client.connect(transport);
  const session = transport.sessionId;
  assert.match(session, /^[!-~]+$/);
  assert.ok((await client.listTools()).tools.length > 0);
  const send = (method, body, headers = {}) =>
    fetch(`${fleet.url}/mcp`, {
      method,
      headers: { "content-type": "application/json", "mcp-protocol-version": "2025-11-25", "mcp-session-id": session, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  assert.equal((await send("DELETE", undefined, { origin: "https://evil.example" })).status, 403);
  assert.equal((await send("DELETE", undefined, { "mcp-session-id": `${session.slice(0, -1)}${session.endsWith("0") ? "1" : "0"}` })).status, 404, "not one that we gave");
  await transport.terminateSession();
  const over = await send("POST", { jsonrpc: "2.0", id: "i", method: "tools/list" });
  assert.deepEqual([over.status, (await over.json()).id], [404, "i"]);
  assert.equal((await send("POST", { jsonrpc: "2.0", method: "notifications/initialized" })).status, 404);
  assert.equal((await send("POST", { jsonrpc: "2.0", id: 1, result: {} })).status, 404);
  assert.equal((await send("DELETE")).status, 404);
  assert.equal((await send("POST", { jsonrpc: "2.0", id: 1, method: "initialize", params: {} })).status, 200, "it may begin anew");
  const preflight = await fetch(`${fleet.url}/mcp`, { method: "OPTIONS", headers: { origin: "http://localhost:1" } });
  assert.match(preflight.headers.get("access-control-allow-methods"), /DELETE/);
  const none = await fetch(`${fleet.url}/mcp`, { method: "DELETE" });
  assert.equal(none.status, 400);
});

test("trace context comes back with the reply, and is the caller's", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const response = await post("tools/list", {}, { headers: { traceparent, tracestate: "vendor=1", origin: "http://localhost:1" } });
  await response.text();
  assert.match(response.headers.get("traceparent"), /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  assert.equal(response.headers.get("tracestate"), "vendor=1");
  assert.match(response.headers.get("access-control-expose-headers"), /Traceparent, Tracestate/);
});

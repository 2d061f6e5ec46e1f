// Abuse that only the shells or workerd can show: docs/security.md names each. What is tested natively is in
// tests/system/tests/security.rs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { call, rpc } from "./log.mjs";
import { load, stillClock } from "./shell.mjs";

const TOOL_WORKERS = [...new Set(calls.map(({ name }) => name.split("_")[0]))];
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

// ---- The shells.

// A gateway that reads blobs; `batch` is how many parts a request has.
const READING = (batch) => `
  export const configure = () => {};
  export const max_body_bytes = () => 100;
  export const max_resolved_bytes = () => 1e9;
  const reading = () => {
    let [over, found] = [false, false];
    return {
      ...plain, blobs: () => (over || found ? undefined : ["blob_x"]), limit: () => "LIMIT_CALLS", limited: () => { over = true; },
      blobs_found: () => { found = true; calls.push("found"); }, binding: () => undefined, close: () => {}, is_stream: () => false,
      body: () => new Uint8Array(), text: () => "", joined: () => calls.push("joined"), parts: () => [],
    };
  };
  export const open = () => ({ ...reading(), ...(${batch} > 0 ? { blobs: () => undefined, parts: () => Array.from({ length: ${batch} }, reading) } : {}) });`;

const callOf = () => new Request("http://localhost/mcp", { method: "POST", body: "{}" });

test("of a batch, one part at a time has texts of blobs in memory", async (t) => {
  stillClock(t);
  const { worker, calls: told } = await load("gateway.js", READING(20));
  let [held, most] = [0, 0];
  const getWithMetadata = async () => {
    held += 1;
    most = Math.max(most, held);
    await new Promise((resolve) => setImmediate(resolve));
    held -= 1;
    return { value: new Response("text").body, metadata: { caller: "anonymous", bytes: 4, escaped: 4 } };
  };
  assert.equal((await worker.fetch(callOf(), { BLOBS: { getWithMetadata } })).status, 200);
  assert.deepEqual([told.filter((word) => word === "found").length, told.at(-1), most], [20, "joined", 1]);
});

test("a caller over its limit has no blob read", async (t) => {
  stillClock(t);
  const { worker, calls: told } = await load("gateway.js", READING(0));
  let reads = 0;
  const BLOBS = { getWithMetadata: async () => ((reads += 1), { value: new Response("text").body, metadata: { caller: "anonymous", bytes: 4, escaped: 4 } }) };
  for (const success of [true, false]) await worker.fetch(callOf(), { BLOBS, LIMIT_CALLS: { limit: async () => ({ success }) } });
  assert.deepEqual([reads, told], [1, ["found"]]);
});

// ---- No way out.

test("the wasm of a tool worker imports a clock and a console, and nothing that reaches a network", () => {
  for (const worker of TOOL_WORKERS) {
    const wasm = new WebAssembly.Module(readFileSync(new URL(`../../build/${worker}/glue_bg.wasm`, import.meta.url)));
    const names = WebAssembly.Module.imports(wasm).map(({ name }) => name.replace(/_[0-9a-f]{16}$/, ""));
    const outside = names.filter((name) => !/^__wbindgen_|^__wbg___wbindgen_/.test(name));
    assert.deepEqual(outside.toSorted(), ["__wbg_call", "__wbg_error", "__wbg_log", "__wbg_now"], worker);
  }
});

// Arguments of a schema with a text wherever one may stand.
function filled(schema, text, depth = 0) {
  if (depth > 6 || schema === undefined) return text;
  const type = [schema.type].flat().find((one) => one !== "null");
  if (type === "object") return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, of]) => [name, filled(of, text, depth + 1)]));
  if (type === "array") return [filled(schema.items, text, depth + 1)];
  if (schema.enum) return schema.enum[0];
  return { integer: 1, number: 1, boolean: true }[type] ?? text;
}

const AWAY = "http://169.254.169.254/latest/meta-data/";
const LURES = [
  AWAY, `FROM ${AWAY}x\nADD ${AWAY} /\nRUN curl ${AWAY}\n`, `include:\n  - ${AWAY}\nservices:\n  a: {image: "${AWAY}", extends: {file: "${AWAY}", service: a}}\n`,
  `<!DOCTYPE a SYSTEM "${AWAY}" [<!ENTITY x SYSTEM "${AWAY}">]><html><link rel=stylesheet href="${AWAY}"><img src="${AWAY}"><a>&x;</a></html>`,
  `{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{"/a":{"$ref":"${AWAY}"}},"$ref":"${AWAY}","extends":"${AWAY}","$schema":"${AWAY}"}`,
  `@import url("${AWAY}"); a { background: url(${AWAY}) }`, `import x from "${AWAY}"; fetch("${AWAY}");\n//# sourceMappingURL=${AWAY}`,
  `--index-url ${AWAY}\nx @ ${AWAY}x.whl\n-r ${AWAY}\n`, `COPY t FROM PROGRAM 'curl ${AWAY}'; SELECT dblink('${AWAY}', '1');`,
];

test("whatever the tools are given, no worker asks another host", async () => {
  const asked = [];
  const outbound = (request) => (asked.push(request.url), new Response("no", { status: 404 }));
  const fleet = await startFleet({ outbound });
  try {
    const { body } = await rpc(fleet.url, "tools/list", {});
    let answered = 0;
    for (const [at, { name, inputSchema }] of body.result.tools.entries()) {
      for (const lure of [0, 3, 6].map((step) => LURES[(at + step) % LURES.length])) {
        const answer = await call(fleet.url, name, filled(inputSchema, lure));
        assert.equal(answer.status, 200, name);
        answered += 1;
      }
    }
    for (const { name, arguments: given } of calls) await call(fleet.url, name, given);
    for (const uri of [AWAY, `rule://docker/${AWAY}`, "file:///etc/passwd", "skill://../../x"]) await rpc(fleet.url, "resources/read", { uri });
    assert.equal(answered, 3 * 64);
    assert.deepEqual(asked, []);
  } finally {
    await fleet.stop();
  }
});

// ---- Between client, gateway and workers.

// Stands before a worker and remembers the headers it is called with.
const HEARING = `
  import worker from "./index.js";
  export * from "./index.js";
  let heard = [];
  export default {
    async fetch(request, env, ctx) {
      if (new URL(request.url).pathname === "/heard") return Response.json(heard);
      heard.push([request.url, request.method, ...[...request.headers].map(([name]) => name)]);
      return await worker.fetch(request, env, ctx);
    },
  };`;

test("a tool worker gets no header and no address from a client", async () => {
  const [{ name, arguments: given }] = calls;
  const worker = `octavo-${name.split("_")[0]}`;
  const fleet = await startFleet({ around: { [worker]: HEARING } });
  try {
    const headers = {
      authorization: "Bearer 0123456789abcdef0123", cookie: "a=b", "x-octavo-line-wanted": "1", "x-octavo-version": "x", "x-octavo-catalog": "x",
      "x-octavo-line": "{}", "x-octavo-principal": "x", "x-octavo-asserted": "1", "x-octavo-lost": "9", "x-forwarded-for": "203.0.113.7", "x-http-method-override": "DELETE",
    };
    const answer = await rpc(fleet.url, "tools/call", { name, arguments: given }, headers, "/mcp?path=/health");
    assert.equal(answer.body.result.isError, false);
    const heard = await (await (await fleet.fleet.getWorker(worker)).fetch("https://tool-worker/heard")).json();
    const allowed = ["accept-encoding", "content-length", "content-type", "transfer-encoding"];
    for (const [url, method, ...names] of heard) {
      assert.deepEqual([url, method], ["https://tool-worker/call", "POST"]);
      assert.deepEqual(names.filter((header) => !allowed.includes(header)), []);
    }
    assert.equal(heard.length, 1);
  } finally {
    await fleet.stop();
  }
});

test("requests that two readers would read differently are refused, or read in one way within the limits", async () => {
  const printed = [];
  const fleet = await startFleet({ vars: { OPS_ACCESS: "open" }, log: (line) => printed.push(line) });
  const { hostname, port } = new URL(fleet.url);
  // What comes back for these bytes, until the connection is quiet.
  const raw = (text, leaves = false) =>
    new Promise((resolve) => {
      const socket = connect(Number(port), hostname);
      let got = "";
      const done = () => (socket.destroy(), resolve(got));
      socket.setTimeout(leaves ? 100 : 700, done);
      socket.on("data", (bytes) => (got += bytes)).on("error", done).on("close", done);
      socket.write(text);
    });
  const head = (...lines) => ["POST /mcp HTTP/1.1", `Host: ${hostname}:${port}`, "Content-Type: application/json", ...lines, "", ""].join("\r\n");
  const chunked = (text) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  try {
    const length = `Content-Length: ${PING.length}`;
    const inside = "GET /ops/internal/agent HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const [what, text, statuses] of [
      ["sound", head(length) + PING, [200]],
      ["two lengths", head("Content-Length: 5", length) + PING, [400]],
      ["a negative length", head("Content-Length: -1") + PING, [400]],
      ["an unknown coding", head("Transfer-Encoding: xchunked") + chunked(PING), [400]],
      ["a space before the colon", head("Transfer-Encoding : chunked") + chunked(PING), [400]],
      ["a folded header", head("X-A: b\r\n c: d", length) + PING, [400]],
      ["a zero byte", head("X-A: b\0c", length) + PING, [400]],
      ["a length and chunks", head("Content-Length: 10", "Transfer-Encoding: chunked") + chunked(PING), [200, 400]],
      ["a length and more chunks than a body may have", head("Content-Length: 10", "Transfer-Encoding: chunked") + chunked(PING.padEnd(5 * 2 ** 20)), [400, 413]],
      ["a request inside", `${head(length, "Transfer-Encoding: chunked")}0\r\n\r\n${inside}`, [400]],
      ["a chunk that is none", `${head("Transfer-Encoding: chunked")}5\r\nabcde\r\nzz\r\n`, [400]],
    ]) {
      const answers = (await raw(text)).split(/(?=HTTP\/1\.1 \d{3})/).map((answer) => Number(answer.slice(9, 12)));
      assert.ok(statuses.includes(answers[0]), `${what}: ${answers}`);
      // What was inside is a request like any other, and that path is closed to all of them.
      for (const status of answers.slice(1)) assert.ok([400, 404].includes(status), `${what}: ${answers}`);
    }
    // Clients that leave within their bodies, with calls beside them.
    const [{ name, arguments: given }] = calls;
    const leaving = [`${head("Content-Length: 1000")}${PING}`, `${head("Transfer-Encoding: chunked")}5\r\nabcde\r\n`];
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => call(fleet.url, name, given))),
      ...Array.from({ length: 16 }, (_, at) => raw(leaving[at % 2], true)),
    ]);
    for (const { status, body } of answers) assert.deepEqual([status, body.result.isError], [200, false]);
    assert.ok(!printed.some((line) => line.includes("replaced")), "no instance was replaced");
  } finally {
    await fleet.stop();
  }
});

// Blobs in workerd with real KV: uploads, handles in calls, whose they are, and bodies made to do harm.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { startFleet } from "../../xtask/fleet/fleet.mjs";

const MIB = 2 ** 20;
const LIMIT = 24 * MIB;
const HANDLE = /^blob_[a-z2-7]{32}$/;
const CALL_HEADERS = { "content-type": "application/json", "mcp-protocol-version": "2025-11-25" };
const UNKNOWN = `blob_${"a".repeat(32)}`;

let running;
before(async () => {
  running = await startFleet();
});
after(() => running.stop());

async function put(body, headers = {}) {
  const options = body instanceof ReadableStream ? { duplex: "half" } : {};
  const response = await fetch(`${running.url}/v1/blobs`, { method: "PUT", headers, body, ...options });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

async function upload(body, headers) {
  const { status, json } = await put(body, headers);
  assert.equal(status, 201, JSON.stringify(json));
  return json.blob;
}

async function call(name, given, headers = {}) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: given } });
  const response = await fetch(`${running.url}/mcp`, { method: "POST", headers: { ...CALL_HEADERS, ...headers }, body });
  const { result } = await response.json();
  return { sent: body.length, result, error: result._meta?.["dev.octavo/error"] };
}

const lint = (source, headers) => call("docker_lint_dockerfile", { source }, headers);

// A body that does not say how long it is.
function streamed(bytes) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.subarray(at, at + MIB));
      at += MIB;
    },
  });
}

// A gzip stream of `bytes` that holds nothing: stored blocks of no length, without end.
function hollow(bytes) {
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  return Buffer.concat([head, Buffer.alloc(bytes - head.length, Buffer.from([0, 0, 0, 255, 255]))]);
}

// Python in which function `n` has n % 20 + 1 branches, up to `bytes`.
function python(bytes) {
  const parts = [];
  for (let at = 0, length = 0; ; at += 1) {
    const branches = Array.from({ length: (at % 20) + 1 }, (_, n) => `    if value == ${n}:\n        return "caf\u00e9 \\"${n}\\""\n`);
    const part = `def check_${at}(value):\n${branches.join("")}    return None\n\n`;
    length += Buffer.byteLength(part);
    if (length > bytes) return parts.join("");
    parts.push(part);
  }
}

test("an upload answers with a handle, a digest and when it goes, and KV is told to forget it", async () => {
  const text = "FROM debian\nRUN cd /tmp\n";
  const { status, json } = await put(text);
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(json), ["blob", "sha256", "bytes", "expires"]);
  assert.match(json.blob, HANDLE);
  assert.equal(json.sha256, createHash("sha256").update(text).digest("hex"));
  assert.equal(json.bytes, text.length);
  const seconds = (Date.parse(json.expires) - Date.now()) / 1000;
  assert.ok(seconds > 3500 && seconds <= 3600, `${seconds}`);
  const kv = await running.fleet.getKVNamespace("BLOBS", "octavo-gateway");
  const key = (await kv.list({ prefix: `b/${json.blob}` })).keys[0];
  assert.ok(Math.abs(key.expiration - Date.parse(json.expires) / 1000) <= 60, `${key.expiration}`);
  assert.deepEqual(key.metadata, { caller: "anonymous", sha256: json.sha256, bytes: text.length, escaped: text.length + 2 });
});

test("a handle stands for its text, plain or uploaded compressed", async () => {
  const text = 'FROM debian\nRUN cd /tmp # "\\ \u00e9 \u{1f600} \u0001\t\n';
  const direct = await lint(text);
  assert.equal(direct.result.isError, false);
  for (const blob of [await upload(text), await upload(gzipSync(text), { "content-encoding": "gzip" })]) {
    assert.deepEqual((await lint(blob)).result, direct.result);
  }
  const empty = await lint(await upload(""));
  assert.deepEqual(empty.result, (await lint("")).result);
});

test("texts cross byte for byte, whichever pieces they are cut into", async () => {
  const long = `# \u{1f600}${"\u00e9\u20ac\u{1f600}\"\\\n# ".repeat(120_000)}\ndef f(a):\n    return a\n`;
  assert.ok(Buffer.byteLength(long) > MIB && Buffer.byteLength(long) % MIB !== 0);
  const given = (source) => ({ source, filename: "a.py" });
  const direct = await call("quality_measure_complexity", given(long));
  const byHandle = await call("quality_measure_complexity", given(await upload(long)));
  assert.equal(direct.result.isError, false, direct.result.content[0].text);
  assert.deepEqual(byHandle.result, direct.result);
});

test("several files by handle, one of them twice, and text beside them", async () => {
  const [go, py] = [await upload("package a\n\nfunc F() {}\n"), await upload("def f():\n    pass\n")];
  const files = [
    { path: "a.go", source: go },
    { path: "b.py", source: py },
    { path: "c.py", source: py },
    { path: "d.py", source: `see "${py}"\n` },
  ];
  const { result } = await call("quality_measure_complexity", { files });
  assert.equal(result.isError, false, result.content[0].text);
  assert.deepEqual(result.structuredContent.data.functions.map((row) => [row.file, row.name]), [[0, "F"], [1, "f"], [2, "f"]]);
});

test("3 MiB by handle is a request of under 500 bytes", async () => {
  const text = python(3 * MIB);
  assert.ok(Buffer.byteLength(text) > 2.99 * MIB);
  const given = { source: await upload(text), filename: "big.py" };
  const { sent, result } = await call("quality_measure_complexity", given);
  assert.ok(sent < 500, `${sent} bytes`);
  assert.equal(result.isError, false, result.content[0].text);
  assert.equal(result.structuredContent.data.files[0].functions, text.match(/^def /gm).length);
});

test("a blob is its caller's alone, and everything else is no blob", async () => {
  const mine = { authorization: "Bearer key-one" };
  const blob = await upload("FROM debian:12\n", mine);
  assert.equal((await lint(blob, mine)).result.isError, false);
  assert.equal((await lint(blob, { authorization: "bearer  key-one" })).result.isError, false);
  const unknown = await lint(UNKNOWN);
  assert.deepEqual([unknown.error.reason, unknown.error.path, unknown.error.retryable], ["blob_not_found", "/source", false]);
  assert.match(unknown.result.content[0].text, /`\/source`.*PUT \/v1\/blobs/);
  const expired = await upload("FROM debian:12\n");
  await (await running.fleet.getKVNamespace("BLOBS", "octavo-gateway")).delete(`b/${expired}`);
  const others = [
    await lint(blob),
    await lint(blob, { authorization: "Bearer key-two" }),
    await lint(UNKNOWN, mine),
    await lint(expired),
  ];
  for (const { result } of others) assert.deepEqual(result.content, unknown.result.content);
  const mixed = await call("quality_measure_complexity", { files: [{ path: "a.py", source: blob }, { path: "b.py", source: UNKNOWN }] }, mine);
  assert.equal(mixed.error.path, "/files/1/source");
});

test("HEAD and DELETE are for the blob's caller", async () => {
  const mine = { authorization: "Bearer key-one" };
  const ask = async (method, blob, headers) => (await fetch(`${running.url}/v1/blobs/${blob}`, { method, headers })).status;
  const blob = await upload("x = 1\n", mine);
  const head = await fetch(`${running.url}/v1/blobs/${blob}`, { method: "HEAD", headers: mine });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), "6");
  assert.equal(head.headers.get("etag"), `"${createHash("sha256").update("x = 1\n").digest("hex")}"`);
  for (const [method, name, headers, status] of [
    ["HEAD", blob, {}, 404],
    ["HEAD", UNKNOWN, mine, 404],
    ["HEAD", "nothing", mine, 404],
    ["DELETE", blob, {}, 404],
    ["HEAD", blob, mine, 200],
    ["DELETE", blob, mine, 204],
    ["HEAD", blob, mine, 404],
    ["DELETE", blob, mine, 404],
    ["GET", blob, mine, 405],
  ]) {
    assert.equal(await ask(method, name, headers), status, `${method} ${name}`);
  }
  assert.equal((await lint(blob, mine)).error.reason, "blob_not_found");
});

test("what is no text, or not what it says, is refused with a sentence", async () => {
  const gzip = { "content-encoding": "gzip" };
  const packed = gzipSync("FROM debian\n".repeat(1000));
  const cases = [
    ["not UTF-8", new Uint8Array([0x61, 0xff, 0x61]), {}, 400, "not_text"],
    ["half a character", new Uint8Array([0x61, 0xe2, 0x82]), {}, 400, "not_text"],
    ["not UTF-8 inside gzip", gzipSync(new Uint8Array([0xc0, 0x80])), gzip, 400, "not_text"],
    ["no gzip", "FROM debian\n", gzip, 400, "not_gzip"],
    ["nothing", "", gzip, 400, "not_gzip"],
    ["half a gzip", packed.subarray(0, packed.length / 2), gzip, 400, "not_gzip"],
    ["gzip and more", Buffer.concat([packed, Buffer.from("more")]), gzip, 400, "not_gzip"],
    ["brotli", "x", { "content-encoding": "br" }, 415, "unsupported_encoding"],
  ];
  for (const [what, body, headers, status, reason] of cases) {
    const answer = await put(body, headers);
    assert.deepEqual([answer.status, answer.json.error?.reason], [status, reason], what);
    assert.match(answer.json.error.message, /^\S.{20,}$/, what);
  }
  assert.equal((await put(new Uint8Array([0xff]), {})).headers.get("content-type"), "application/json");
  assert.equal((await put("x", { "content-encoding": "br" })).headers.get("accept-encoding"), "gzip");
});

test("24 MiB are kept, and a byte more is not, however it comes", async () => {
  const largest = new Uint8Array(LIMIT).fill(35);
  assert.equal((await put(largest)).json.bytes, LIMIT);
  assert.equal((await put(gzipSync(largest), { "content-encoding": "gzip" })).json.bytes, LIMIT);
  const longer = new Uint8Array(LIMIT + 1).fill(35);
  for (const [what, body, headers] of [
    ["with a length", longer, {}],
    ["streamed", streamed(longer), {}],
    ["twice as long, streamed", streamed(new Uint8Array(2 * LIMIT).fill(35)), {}],
    ["compressed", gzipSync(longer), { "content-encoding": "gzip" }],
    ["a bomb of 256 MiB", gzipSync(Buffer.alloc(256 * MIB, 97)), { "content-encoding": "gzip" }],
    ["gzip of nothing without end", streamed(hollow(LIMIT + MIB)), { "content-encoding": "gzip" }],
  ]) {
    const { status, json } = await put(body, headers);
    assert.deepEqual([status, json.error?.reason], [413, "input_too_large"], what);
  }
  assert.match((await put(longer)).json.error.message, /25165824 bytes/);
});

test("a length that lies is answered or cut off, and the next upload works", async () => {
  const { port } = new URL(running.url);
  const options = { port, host: "127.0.0.1", path: "/v1/blobs", method: "PUT", headers: { "content-length": "1000" } };
  await new Promise((resolve) => {
    const request = httpRequest(options, (response) => response.resume().on("end", resolve));
    request.on("error", resolve);
    request.write("only this");
    setImmediate(() => request.destroy());
  });
  assert.match(await upload("x"), HANDLE);
});

test("a call takes sixteen blobs and 24 MiB of text, and says so beyond", async () => {
  const blobs = await Promise.all(Array.from({ length: 17 }, (_, at) => upload(`def f${at}():\n    pass\n`)));
  const files = blobs.map((source, at) => ({ path: `${at}.py`, source }));
  const sixteen = await call("quality_measure_complexity", { files: files.slice(0, 16) });
  assert.equal(sixteen.result.structuredContent.data.functions.length, 16);
  const seventeen = await call("quality_measure_complexity", { files });
  assert.deepEqual([seventeen.error.reason, seventeen.error.path], ["input_too_large", "/files/16/source"]);
  const half = await upload(new Uint8Array(LIMIT / 2 + 1).fill(32));
  const twice = await call("quality_measure_complexity", { files: [{ path: "a.py", source: half }, { path: "b.py", source: half }] });
  assert.equal(twice.error.reason, "input_too_large");
  assert.match(twice.result.content[0].text, /25165826 bytes/);
  const breaks = await upload("\n".repeat(LIMIT));
  const escaped = await lint(breaks);
  assert.equal(escaped.error.reason, "input_too_large");
  assert.match(escaped.result.content[0].text, /33554432/);
  const largest = await lint(await upload(new Uint8Array(LIMIT).fill(32)));
  assert.deepEqual([largest.error.reason, largest.error.path], ["input_too_large", "/source"], "the tool's own limit");
  assert.equal((await lint(blobs[0])).result.isError, false, "the workers live on");
});

test("pages of allowed origins may upload, others may not", async () => {
  const ours = { origin: "http://localhost:6274" };
  const { status, headers, json } = await put("x", ours);
  assert.deepEqual([status, headers.get("access-control-allow-origin")], [201, ours.origin]);
  const refused = await put("x", { origin: "https://evil.example" });
  assert.deepEqual([refused.status, refused.json.error.reason], [403, "origin_not_allowed"]);
  assert.equal(refused.headers.get("access-control-allow-origin"), null);
  const tooLong = await put(new Uint8Array([0xff]), ours);
  assert.equal(tooLong.headers.get("access-control-allow-origin"), ours.origin, "a page can read why");
  for (const [path, methods] of [["/v1/blobs", "PUT, OPTIONS"], [`/v1/blobs/${json.blob}`, "HEAD, DELETE, OPTIONS"]]) {
    const asked = { "access-control-request-headers": "authorization, content-encoding", "access-control-request-method": "PUT" };
    const preflight = await fetch(running.url + path, { method: "OPTIONS", headers: { ...ours, ...asked } });
    assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-methods")], [204, methods]);
    assert.equal((await fetch(running.url + path, { method: "OPTIONS", headers: { origin: "https://evil.example" } })).status, 403);
    const wrong = await fetch(running.url + path, { method: "POST", body: "x" });
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, methods]);
    assert.equal((await wrong.json()).error.reason, "method_not_allowed");
  }
});

// The golden wire corpus: every method at every version, asked rightly and wrongly. Each reply is held to that version's own
// schema.json, to the same schema with every object closed, and to what else a version must not see. The schemas come from
// published packages when the test runs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { fileOfCrate } from "./packages.mjs";

const MODERN = "2026-07-28";
const LEGACY = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const VERSIONS = [...LEGACY, MODERN];
const PREFIX = "io.modelcontextprotocol/";
const LISTS = { "tools/list": "tools", "prompts/list": "prompts", "resources/list": "resources", "resources/templates/list": "resourceTemplates" };

// Members by the version that brought them; an older one must not see them.
const SINCE = {
  annotations: "2025-03-26",
  title: "2025-06-18",
  outputSchema: "2025-06-18",
  structuredContent: "2025-06-18",
  icons: "2025-11-25",
  resultType: MODERN,
  ttlMs: MODERN,
  cacheScope: MODERN,
};
// What is the server's own below these names, whatever the version.
const FREE = new Set(["inputSchema", "outputSchema", "structuredContent", "_meta"]);
const CODES = [-32700, -32600, -32601, -32602, -32603, -32002, -32020, -32021, -32022];
const OF_THEIR_OWN = { [-32020]: "HeaderMismatchError", [-32021]: "MissingRequiredClientCapabilityError", [-32022]: "UnsupportedProtocolVersionError" };
const INFO = { name: "golden", version: "1" };
const ALWAYS = ["initialize", "ping", "server/discover"];

// --- the schemas ---

// The test kit of the protocol's authors has four schema.json files in its bundle, oldest first.
function bundledSchemas() {
  const path = "../../node_modules/@modelcontextprotocol/conformance/dist/index.js";
  const bundle = readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
  const starts = [...bundle.matchAll(/=\{\$schema:`[^`]*`,(?:definitions|\$defs):\{Annotations:/g)];
  return starts.map(({ index }) => JSON.parse(JSON.stringify(vm.runInNewContext(`(${literalAt(bundle, index + 1)})`))));
}

// The object literal that starts here.
function literalAt(text, start) {
  let depth = 0;
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (quote !== "") {
      if (char === "\\") at += 1;
      else if (char === quote) quote = "";
    } else if ("`\"'".includes(char)) quote = char;
    else if (char === "{") depth += 1;
    else if (char === "}") {
      depth -= 1;
      if (depth === 0) return text.slice(start, at + 1);
    }
  }
  return assert.fail("an object literal without an end");
}

// The generated Rust types of a version quote the definition that each was made from.
function quotedSchema(version) {
  const text = fileOfCrate("rust-mcp-schema@2.0.0", `src/generated_schema/${version.replaceAll("-", "_")}/mcp_schema.rs`);
  const quoted = /\/\/\/ ```json\n((?:\/\/\/[^\n]*\n)+?)\/\/\/ ```\n\/\/\/ <\/details>\n(?:(?:#\[|\/\/\/)[^\n]*\n)*pub (?:struct|enum|type) (\w+)/g;
  const definitions = [...text.matchAll(quoted)].map(([, lines, name]) => [name, JSON.parse(lines.replaceAll(/^\/\/\//gm, ""))]);
  return { definitions: Object.fromEntries(definitions) };
}

function schemas() {
  const bundled = bundledSchemas();
  assert.equal(bundled.length, VERSIONS.length - 1);
  const oldest = quotedSchema("2024-11-05");
  // The crate wrote the envelopes by hand; they did not change with the next version.
  for (const name of ["JSONRPCRequest", "JSONRPCNotification", "JSONRPCResponse", "JSONRPCError"]) {
    oldest.definitions[name] = bundled[0].definitions[name];
  }
  const found = new Map([oldest, ...bundled].map((schema, at) => [VERSIONS[at], schema]));
  // Each has what its version brought, and the one before has not.
  const news = ["ToolAnnotations", "ElicitResult", "Icon", "DiscoverResult"];
  for (const [at, name] of news.entries()) {
    assert.ok(name in definitionsOf(found.get(VERSIONS[at + 1])) && !(name in definitionsOf(found.get(VERSIONS[at]))), name);
  }
  return found;
}

const definitionsOf = (schema) => schema.definitions ?? schema.$defs;

// The schema with every object closed that names its members, so that a member of another version is a fault.
function closed(node) {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== "object") return node;
  const isFree = (key) => FREE.has(key) || key === "allOf" || key.endsWith("MetaObject") || key.endsWith("ResultMeta");
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, isFree(key) ? value : closed(value)]));
  const names = copy.type === "object" && Object.keys(copy.properties ?? {}).length > 0;
  if (names && copy.additionalProperties !== true) copy.additionalProperties = false;
  return copy;
}

// What a version's messages are judged by.
class Judge {
  constructor(version, schema) {
    const Validator = schema.$defs ? Ajv2020 : Ajv;
    this.definitions = definitionsOf(schema);
    this.at = schema.$defs ? "#/$defs/" : "#/definitions/";
    this.validators = [["schema.json", schema], ["schema.json, closed", closed(schema)]].map(([name, judged]) => {
      const ajv = new Validator({ allErrors: true, strict: false });
      addFormats(ajv);
      ajv.addSchema(judged, version);
      return { name, ajv, version };
    });
    [this.asWritten] = this.validators;
    this.requests = new Map(this.definitions.ClientRequest.anyOf.map(({ $ref }) => {
      const name = $ref.slice(this.at.length);
      return [this.definitions[name].properties.method.const, name];
    }));
  }

  // Holds a message to a definition; the closed form is for what the server sends.
  holds(definition, message, what, validators = this.validators) {
    for (const { name, ajv, version } of validators) {
      const validate = ajv.getSchema(`${version}${this.at}${definition}`) ?? assert.fail(`${version} has no ${definition}`);
      const isSound = validate(message);
      const faults = (validate.errors ?? []).slice(0, 5).map(({ instancePath, message: says, params }) => `${instancePath} ${says} ${JSON.stringify(params)}`);
      assert.ok(isSound, `${what}: ${definition} in ${name}: ${faults.join("; ")}\n${JSON.stringify(message).slice(0, 300)}`);
    }
  }

  isSound(request, what) {
    this.holds(this.requests.get(request.method), request, `${what}, as sent`, [this.asWritten]);
  }

  resultOf(method, result) {
    if (result.resultType === "input_required") return "InputRequiredResult";
    const name = this.requests.get(method)?.replace(/Request$/, "Result");
    return name in this.definitions ? name : "EmptyResult";
  }
}

// --- the exchanges ---

const judges = new Map();
let fleet;
let checked = 0;

before(async () => {
  for (const [version, schema] of schemas()) judges.set(version, new Judge(version, schema));
  // One category is down, so that its calls are errors in every version.
  fleet = await startFleet({ without: ["architecture"] });
});
after(async () => {
  await fleet.stop();
  console.log(`${checked} messages held to the schemas of ${VERSIONS.length} versions`);
});

const isModern = (version) => version === MODERN;

function message(version, method, params = {}, id = 7) {
  const meta = { [`${PREFIX}protocolVersion`]: version, [`${PREFIX}clientCapabilities`]: {} };
  const whole = isModern(version) ? { ...params, _meta: { ...meta, ...params._meta } } : params;
  return { jsonrpc: "2.0", id, method, params: whole };
}

function headersOf(version, { method, params }) {
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream", "mcp-protocol-version": version };
  if (!isModern(version)) return headers;
  const name = params.name ?? params.uri ?? params.taskId;
  return { ...headers, "mcp-method": method, ...(typeof name === "string" ? { "mcp-name": name } : {}) };
}

// Posts a body and reads the messages that come back; of a stream, up to the response or the first of `most` messages.
async function post(headers, body, { path = "/mcp", most = Infinity } = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${fleet.url}${path}`, { method: "POST", headers, body: text });
  const type = response.headers.get("content-type");
  const { status } = response;
  if (type !== "text/event-stream") {
    const answer = await response.text();
    return { status, type, messages: answer === "" ? [] : [JSON.parse(answer)].flat() };
  }
  const messages = [];
  let rest = "";
  const decoder = new TextDecoder();
  reading: for await (const chunk of response.body) {
    rest += decoder.decode(chunk, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data !== undefined) messages.push(JSON.parse(data.slice("data: ".length)));
      if (messages.at(-1)?.id !== undefined || messages.length >= most) break reading;
    }
  }
  return { status, type, messages };
}

// Holds one message to all rules of its version, and gives it back.
function judge(version, method, received, what) {
  const judged = judges.get(version);
  checked += 1;
  if (received.method !== undefined) {
    // Older schemas have the envelope apart.
    const { jsonrpc, ...bare } = received;
    assert.equal(jsonrpc, "2.0", what);
    judged.holds("JSONRPCNotification", received, what, [judged.asWritten]);
    judged.holds("ServerNotification", version < "2025-11-25" ? bare : received, what);
  } else if (received.error !== undefined) {
    const { code } = received.error;
    assert.ok(CODES.includes(code), `${what}: ${code}`);
    // Older schemas want an id where there is none to give, and JSON-RPC's null they do not admit.
    const whole = received.id === undefined && version < "2025-11-25" ? { id: 0, ...received } : received;
    judged.holds(judged.definitions.JSONRPCErrorResponse ? "JSONRPCErrorResponse" : "JSONRPCError", whole, what);
    const own = OF_THEIR_OWN[code];
    if (isModern(version) && own !== undefined) judged.holds(own, received, what);
    if (isModern(version)) assert.notEqual(code, -32002, what);
  } else {
    // The envelope admits any result, so its closed form would admit only an empty one.
    const envelope = judged.definitions.JSONRPCResultResponse ? "JSONRPCResultResponse" : "JSONRPCResponse";
    judged.holds(envelope, received, what, [judged.asWritten]);
    assert.deepEqual(Object.keys(received).sort(), ["id", "jsonrpc", "result"], what);
    judged.holds(judged.resultOf(method, received.result), received.result, what);
    isOfItsTime(version, received.result, what);
    if (received.result.isError) assert.equal(received.result.structuredContent, undefined, what);
  }
  return received;
}

function isOfItsTime(version, node, what) {
  if (node === null || typeof node !== "object") return;
  for (const [key, value] of Object.entries(node)) {
    if (!Array.isArray(node)) assert.ok(!(SINCE[key] > version), `${what}: ${key} is not in ${version}`);
    if (key === "_meta" && !isModern(version)) {
      const reserved = Object.keys(value).filter((name) => name.startsWith(PREFIX));
      assert.deepEqual(reserved, [], `${what}: ${version} has no such _meta`);
    }
    if (!FREE.has(key)) isOfItsTime(version, value, what);
  }
}

// Asks, judges what comes, and gives the last message with its status.
async function ask(version, method, params, { headers = {}, ...options } = {}) {
  const what = `${version} ${method} ${JSON.stringify(params ?? {}).slice(0, 200)}`;
  const request = message(version, method, params);
  const sent = Object.entries({ ...headersOf(version, request), ...headers }).filter(([, value]) => value !== undefined);
  const { status, type, messages } = await post(Object.fromEntries(sent), request, options);
  for (const received of messages) judge(version, method, received, what);
  const last = messages.at(-1) ?? assert.fail(`${what}: ${status} without a message`);
  if (last.method === undefined) assert.equal(last.id, request.id, what);
  return { what, request, status, type, messages, ...last };
}

async function declaredAt(version) {
  const { result } = isModern(version)
    ? await ask(version, "server/discover")
    : await ask(version, "initialize", { protocolVersion: version, capabilities: {}, clientInfo: INFO });
  if (!isModern(version)) assert.equal(result.protocolVersion, version);
  return result.capabilities;
}

// Whether a method must be answered under these capabilities; undefined is as the server likes.
function isOffered(version, method, declared) {
  if (!judges.get(version).requests.has(method)) return declared.extensions === undefined ? false : undefined;
  if (ALWAYS.includes(method)) return true;
  if (method === "subscriptions/listen") return undefined;
  // 2024-11-05 has completion and no capability for it.
  if (method === "completion/complete") return version === "2024-11-05" ? undefined : Boolean(declared.completions);
  if (method === "resources/subscribe" || method === "resources/unsubscribe") return Boolean(declared.resources?.subscribe);
  return Boolean(declared[method.split("/")[0]]);
}

// --- the corpus ---

for (const version of VERSIONS) {
  test(`${version}: every method of any version answers as its schema says, or is not there`, async () => {
    const declared = await declaredAt(version);
    const first = async (method) => (await ask(version, method)).result?.[LISTS[method]][0];
    const [prompt, resource] = [await first("prompts/list"), await first("resources/list")];
    const [{ name, arguments: given }] = calls;
    const uri = resource?.uri ?? "none:";
    const taskId = "none";
    const params = {
      initialize: { protocolVersion: version, capabilities: {}, clientInfo: INFO },
      "tools/call": { name, arguments: given },
      "prompts/get": { name: prompt?.name ?? "none" },
      "resources/read": { uri },
      "resources/subscribe": { uri },
      "resources/unsubscribe": { uri },
      "completion/complete": {
        ref: { type: "ref/prompt", name: prompt?.name ?? "none" },
        argument: { name: prompt?.arguments?.[0]?.name ?? "none", value: "" },
      },
      "logging/setLevel": { level: "info" },
      "subscriptions/listen": { notifications: { toolsListChanged: true } },
      "tasks/get": { taskId },
      "tasks/result": { taskId },
      "tasks/cancel": { taskId },
    };
    const methods = new Set([...judges.values()].flatMap(({ requests }) => [...requests.keys()]));
    for (const method of methods) {
      const { what, request, status, error } = await ask(version, method, params[method], { most: 1 });
      if (judges.get(version).requests.has(method)) judges.get(version).isSound(request, what);
      const offered = isOffered(version, method, declared);
      if (offered === true) assert.equal(error, undefined, `${what}: ${JSON.stringify(error)}`);
      if (offered === false) assert.deepEqual([status, error?.code], [isModern(version) ? 404 : 200, -32601], what);
    }
  });

  test(`${version}: every list, every tool's call, and a stream of each`, async () => {
    for (const [method, member] of Object.entries(LISTS)) {
      for (const path of ["/mcp", "/mcp/search", "/mcp?schemas=full"]) {
        const { what, result } = await ask(version, method, {}, { path });
        assert.ok(result[member].length > 0, what);
        assert.equal("nextCursor" in result, false, what);
      }
    }
    for (const { uri } of (await ask(version, "resources/list")).result.resources) await ask(version, "resources/read", { uri });
    for (const { name } of (await ask(version, "prompts/list")).result.prompts) await ask(version, "prompts/get", { name });
    for (const { name, arguments: given } of calls) {
      const isDown = name.startsWith("architecture_");
      const whole = { name, arguments: given };
      const plain = await ask(version, "tools/call", whole);
      assert.equal(plain.result.isError ?? false, isDown, plain.what);
      const streamed = await ask(version, "tools/call", { ...whole, _meta: { progressToken: "p" } });
      assert.deepEqual([streamed.type, streamed.messages.at(-1).id], ["text/event-stream", 7], streamed.what);
      const wrong = await ask(version, "tools/call", { name, arguments: { [name]: 1 } });
      assert.equal(wrong.result.isError, true, wrong.what);
    }
    const surface = { path: "/mcp/search" };
    for (const [name, given] of [["find_tools", { query: "lint" }], ["explain_rule", { rule: "DL3006" }], ["run_tool", { name: "none" }]]) {
      await ask(version, "tools/call", { name, arguments: given }, surface);
    }
  });

  test(`${version}: every fault has its code, and its reply its schema`, async () => {
    const inBand = [200, -32602];
    const cases = [
      ["nope/x", {}, isModern(version) ? [404, -32601] : [200, -32601]],
      ["tools/call", { name: "nope_x", arguments: {} }, inBand],
      ["tools/call", {}, inBand],
      ["prompts/get", { name: "nope" }, inBand],
      ["prompts/get", {}, inBand],
      ["resources/read", { uri: "nope://x" }, isModern(version) ? inBand : [200, -32002]],
      ["resources/read", {}, inBand],
      ...Object.keys(LISTS).map((method) => [method, { cursor: "nope" }, inBand]),
    ];
    const mismatch = [400, -32020];
    if (isModern(version)) {
      const [{ name, arguments: given }] = calls;
      cases.push(
        ["tools/list", {}, mismatch, { "mcp-protocol-version": "2025-11-25" }],
        ["tools/list", {}, mismatch, { "mcp-protocol-version": undefined }],
        ["tools/list", {}, mismatch, { "mcp-method": "tools/call" }],
        ["tools/list", {}, mismatch, { "mcp-method": undefined }],
        ["tools/call", { name, arguments: given }, mismatch, { "mcp-name": "other" }],
        ["tools/call", { name, arguments: given }, mismatch, { "mcp-name": "=?base64?x?=" }],
        ["tools/list", { _meta: { [`${PREFIX}clientCapabilities`]: 5 } }, [400, -32602]],
        ["tools/list", { _meta: { [`${PREFIX}protocolVersion`]: "2027-01-01" } }, [400, -32022], { "mcp-protocol-version": "2027-01-01" }],
      );
    } else {
      cases.push(["tools/list", {}, [400, -32022], { "mcp-protocol-version": "1999-01-01" }], ["initialize", {}, mismatch, { "mcp-protocol-version": MODERN }]);
    }
    for (const [method, params, expected, headers] of cases) {
      const { what, status, error } = await ask(version, method, params, { headers });
      assert.deepEqual([status, error?.code], expected, what);
    }
    const list = message(version, "tools/list");
    const own = headersOf(version, list);
    const unread = [
      [own, "{", 400],
      [own, "", 400],
      [own, { ...list, id: null }, 400],
      [own, { ...list, id: 1.5 }, 400],
      [own, { ...list, id: {} }, 400],
      [{ ...own, "content-type": "text/plain" }, list, 415],
      [{ ...own, accept: "image/png" }, list, 406],
      [{ ...own, origin: "https://evil.example" }, list, 403],
      ...(version === "2025-03-26" ? [] : [[own, [list], 400]]),
    ];
    for (const [headers, body, status] of unread) {
      const what = `${version} ${JSON.stringify(headers)} ${JSON.stringify(body)}`;
      const answer = await post(headers, body);
      assert.equal(answer.status, status, what);
      for (const received of answer.messages) assert.equal("id" in judge(version, "", received, what), false, what);
    }
  });
}

test("2025-03-26: a batch is answered with one", async () => {
  const version = "2025-03-26";
  const [{ name, arguments: given }] = calls;
  const requests = [message(version, "tools/list", {}, 0), message(version, "tools/call", { name, arguments: given }, ""), message(version, "nope/x", {}, "x")];
  const notification = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 0 } };
  const headers = headersOf(version, requests[0]);
  const { status, messages } = await post(headers, [...requests, notification]);
  assert.deepEqual([status, messages.map(({ id }) => id).sort()], [200, ["", 0, "x"]]);
  const judged = judges.get(version);
  judged.holds("JSONRPCBatchResponse", messages, "a batch", [judged.asWritten]);
  for (const received of messages) judge(version, requests.find(({ id }) => id === received.id).method, received, "of a batch");
  const silent = await post(headers, [notification]);
  assert.deepEqual([silent.status, silent.messages], [202, []]);
});

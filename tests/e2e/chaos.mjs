// What the tests of chaos share: modules that stand before workers and break what a request says is to break, calls that carry a
// word of their own, a client by hand, and a judge of answers.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { messageOf, messagesOf } from "./events.mjs";

/**
 * Stands before a tool worker. A call one of whose paths is below `chaos/FAULT/` is answered so; `sound` as it should be.
 * All is done with the worker's true frames: progress where it was asked for, and the reply at the end.
 */
export const TOOL = `
import worker from "./index.js";
export * from "./index.js";
const encoder = new TextEncoder();
const never = new Promise(() => {});
// A body of these pieces; then it ends, dies or says nothing more.
const bodyOf = (pieces, end = "ends") =>
  new ReadableStream({
    async pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) return controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      if (end === "hangs") await never;
      if (end === "dies") throw new Error("died");
      controller.close();
    },
  });
const half = (text) => text.slice(0, text.length / 2);
// What the glue asks of a version, once, and then traps as a stack overflow does.
const trapping = () => {
  let isFirst = true;
  return { id: { get length() { if (isFirst) { isFirst = false; throw new RangeError("Maximum call stack size exceeded"); } return 0; }, charCodeAt: () => 0, slice: () => "" } };
};
const FAULTS = {
  sound: (frames, reply) => bodyOf([...frames, reply]),
  dies_in_stream: (frames) => bodyOf([...frames], "dies"),
  ends_without_reply: (frames) => bodyOf([...frames]),
  half_a_reply: (frames, reply) => bodyOf([...frames, half(reply)]),
  half_a_reply_and_dies: (frames, reply) => bodyOf([...frames, half(reply)], "dies"),
  hangs_in_stream: (frames) => bodyOf([...frames], "hangs"),
  hangs_in_reply: (frames, reply) => bodyOf([...frames, half(reply)], "hangs"),
  garbage_in_stream: (frames, reply) => bodyOf([...frames, "<html>502</html>\\n", reply]),
  no_text: (frames, reply) => bodyOf([...frames, new Uint8Array([255, 254, 10]), reply]),
  deep_garbage: (frames, reply) => bodyOf([...frames, "[".repeat(100_000) + "\\n", reply]),
  two_replies: (frames, reply) => bodyOf([...frames, reply, reply]),
  frames_after_reply: (frames, reply) => bodyOf([...frames, reply, ...frames]),
  reply_then_silence: (frames, reply) => bodyOf([...frames, reply], "hangs"),
  reply_then_death: (frames, reply) => bodyOf([...frames, reply], "dies"),
  drop_by_drop: (frames, reply) => {
    const bytes = encoder.encode(frames.join("") + reply);
    const few = Array.from(bytes.subarray(0, 200), (byte) => new Uint8Array([byte]));
    return bodyOf([...few, ...Array.from({ length: 60 }, (_, at) => bytes.subarray(200 + at * 7, 207 + at * 7)), bytes.subarray(620)]);
  },
  no_last_line_break: (frames, reply) => bodyOf([...frames, reply.trimEnd()]),
  many_frames: (frames, reply) => bodyOf([...Array.from({ length: 300 }, () => frames[0] ?? "\\n"), reply]),
  endless_frame: (frames) => bodyOf([...frames, ...Array.from({ length: 9 }, () => new Uint8Array(2 ** 20).fill(32))]),
  empty: () => bodyOf([]),
};
export default {
  async fetch(request, env, ctx) {
    if (request.method !== "POST") return await worker.fetch(request, env, ctx);
    const body = await request.text();
    const fault = /chaos\\/([a-z_]+)\\//.exec(body)?.[1] ?? "none";
    const ask = (settings) => worker.fetch(new Request(request.url, { method: "POST", headers: request.headers, body }), settings, ctx);
    if (fault === "dead") throw new Error("dead");
    if (fault === "hangs") await never;
    if (fault === "refuses") return new Response("no", { status: 503 });
    if (fault === "redirects") return new Response(null, { status: 302, headers: { location: "https://elsewhere.example/" } });
    if (fault === "no_body") return new Response(null);
    if (fault === "traps") return await ask({ ...env, VERSION: trapping() });
    const answer = await ask(env);
    if (FAULTS[fault] === undefined) return answer;
    const frames = (await answer.text()).trimEnd().split("\\n").map((frame) => frame + "\\n");
    const reply = frames.pop();
    return new Response(FAULTS[fault](frames, reply), { headers: answer.headers });
  },
};`;

/** What a call is told of each fault: whether its result is there all the same, as a plain reply and as a stream. */
export const TOOL_FAULTS = {
  sound: [true, true],
  dead: [false, false],
  hangs: [false, false],
  refuses: [false, false],
  redirects: [false, false],
  no_body: [false, false],
  empty: [false, false],
  traps: [false, false],
  dies_in_stream: [false, false],
  ends_without_reply: [false, false],
  half_a_reply: [false, false],
  half_a_reply_and_dies: [false, false],
  hangs_in_stream: [false, false],
  hangs_in_reply: [false, false],
  garbage_in_stream: [false, false],
  no_text: [false, false],
  deep_garbage: [false, false],
  two_replies: [true, true],
  frames_after_reply: [true, true],
  // A plain reply waits for the end of what may be more.
  reply_then_silence: [false, true],
  reply_then_death: [false, true],
  drop_by_drop: [true, true],
  no_last_line_break: [true, false],
  many_frames: [true, true],
  endless_frame: [false, false],
};

/** Stands before the gateway. The header `x-chaos` says what of its surroundings fails for this request, or that it traps. */
export const GATEWAY = `
import gateway from "./index.js";
export * from "./index.js";
const never = new Promise(() => {});
const broken = (what) => () => Promise.reject(new Error(what));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const dying = () => new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([97])), pull: () => { throw new Error("died"); } });
const silent = () => new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([97])), pull: () => never });
const every = (act) => ({ put: act, getWithMetadata: act, delete: act });
const beside = (kv, others) => ({ put: (...given) => kv.put(...given), getWithMetadata: (...given) => kv.getWithMetadata(...given), delete: (...given) => kv.delete(...given), ...others });
const body = (kv, value) => beside(kv, { getWithMetadata: async (...given) => ({ ...(await kv.getWithMetadata(...given)), value: value() }) });
const slow = (kv) => every(undefined) && Object.fromEntries(["put", "getWithMetadata", "delete"].map((name) => [name, async (...given) => (await wait(150), kv[name](...given))]));
const STORES = {
  store_fails: () => every(broken("KV GET failed: 500 Internal Server Error")),
  store_refuses: () => every(broken("KV PUT failed: 429 Too Many Requests")),
  store_throws: () => every(() => { throw new TypeError("no such thing"); }),
  store_hangs: () => every(() => never),
  store_is_slow: slow,
  store_dies: (kv) => body(kv, dying),
  store_falls_silent: (kv) => body(kv, silent),
  store_forgot: (kv) => body(kv, () => null),
  store_lost_metadata: (kv) => beside(kv, { getWithMetadata: async (...given) => ({ ...(await kv.getWithMetadata(...given)), metadata: null }) }),
};
const LIMITERS = { limiter_fails: broken("no"), limiter_hangs: () => never, limiter_throws: () => { throw new Error("no"); } };
let cacheFault;
const match = caches.default.match.bind(caches.default);
try {
  caches.default.match = (...given) => (cacheFault === "cache_hangs" ? never : cacheFault === "cache_fails" ? Promise.reject(new Error("no")) : match(...given));
} catch {}
// Throws once where the gateway would have the wasm read the request.
const trapping = (request) => {
  let dead = false;
  const headers = {
    get: (name) => request.headers.get(name),
    has: (name) => request.headers.has(name),
    [Symbol.iterator]() {
      if (dead) return request.headers[Symbol.iterator]();
      dead = true;
      throw new WebAssembly.RuntimeError("unreachable");
    },
  };
  return new Proxy(request, { get: (target, name) => (name === "headers" ? headers : typeof target[name] === "function" ? target[name].bind(target) : target[name]) });
};
export default {
  async fetch(request, env, ctx) {
    const fault = request.headers.get("x-chaos");
    cacheFault = fault?.startsWith("cache") ? fault : undefined;
    if (fault === "traps") return await gateway.fetch(trapping(request), env, ctx);
    const settings = { ...env };
    if (STORES[fault]) settings.BLOBS = STORES[fault](env.BLOBS);
    if (LIMITERS[fault]) settings.LIMIT_CALLS = settings.LIMIT_HEAVY_CALLS = { limit: LIMITERS[fault] };
    return await gateway.fetch(request, settings, ctx);
  },
};`;

/** Stands before the tail worker: the header `x-chaos` of an operator's request says how it goes wrong. */
export const TAIL = `
import tail from "./index.js";
export * from "./index.js";
export default {
  async fetch(request, env, ctx) {
    const fault = request.headers.get("x-chaos");
    if (fault === "dead") throw new Error("dead");
    if (fault === "hangs") await new Promise(() => {});
    if (fault === "garbage") return new Response(new ReadableStream({ pull: () => { throw new Error("died"); } }));
    return await tail.fetch(request, env, ctx);
  },
  tail: (events, env) => tail.tail(events, env),
  scheduled: (controller, env) => tail.scheduled(controller, env),
};`;

const SOURCE = Array.from({ length: 30 }, (_, n) => `def f${n}(a, b):\n    if a and b:\n        return a\n    return b\n`).join("");

let made = 0;
/** A word that only one request carries. */
export const word = () => `w${(made += 1)}w`;
const WORDS = /w\d+w/g;

/** A call of a streaming tool whose id and first path hold a word of its own; `fault` is what the tool worker does with it. */
export function callOf({ fault = "none", heard = false, files = 2, source = SOURCE } = {}) {
  const own = word();
  const paths = Array.from({ length: files }, (_, at) => `chaos/${fault}/${own}${at}.py`);
  const params = { name: "quality_measure_complexity", arguments: { files: paths.map((path) => ({ path, source })) } };
  if (heard) params._meta = { progressToken: own };
  return { own, heard, body: JSON.stringify({ jsonrpc: "2.0", id: own, method: "tools/call", params }) };
}

/** Sends a call and gives its answer, judged. */
export async function send(url, call, { headers = {}, signal } = {}) {
  const started = performance.now();
  const response = await fetch(`${url}/mcp`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: call.body, signal });
  const text = await response.text();
  const { message, reason } = judged(call, { status: response.status, type: response.headers.get("content-type"), text });
  return { status: response.status, message, reason, fine: message.result?.isError === false, ms: performance.now() - started };
}

/** The one message that an answer consists of, or its last; fails where it is not exactly one response, ours, to this call. */
export function judged({ own, heard }, { status, type, text }) {
  const shown = `${own}: ${status} ${type} ${text.slice(0, 300)}`;
  const words = [...new Set(text.match(WORDS) ?? [])];
  let messages;
  if (type === "text/event-stream") {
    messages = messagesOf(text);
    assert.ok(heard, `a stream that nobody asked for: ${shown}`);
  } else {
    assert.equal(type, "application/json", shown);
    messages = [JSON.parse(text)];
  }
  const message = messages.pop();
  assert.ok(message !== undefined, `no response: ${shown}`);
  for (const earlier of messages) assert.deepEqual([earlier.method, earlier.params.progressToken], ["notifications/progress", own], shown);
  assert.equal(message.jsonrpc, "2.0", shown);
  assert.equal((message.result !== undefined) !== (message.error !== undefined), true, shown);
  // An error before the request was read has no id, and then it is told by its status too.
  if (message.id === undefined) assert.ok(message.error !== undefined && status >= 400, shown);
  else assert.deepEqual([message.id, words], [own, [own]], `something of another: ${shown}`);
  if (message.result?.isError === false) assert.ok(JSON.stringify(message.result).includes(`${own}0`), `not of this call: ${shown}`);
  return { message, reason: message.result?._meta?.["dev.octavo/error"]?.reason ?? message.error?.code };
}

/** The last message of an answer that may be a stream. */
export function lastOf(text) {
  const last = text.trimEnd().split("\n\n").at(-1);
  return last.startsWith("event: ") ? messageOf(last) : JSON.parse(last);
}

/** The head of a request by hand. */
export const head = (length, more = "") =>
  `POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: */*\r\nconnection: close\r\n${more}content-length: ${length}\r\n\r\n`;

/**
 * A client by hand: sends `steps`, which are texts, numbers of milliseconds to wait, `until TEXT` to wait for something to come,
 * or `hang up`. Gives what came when the connection is over.
 */
export function byHand(url, steps) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let came = "";
    let told = () => {};
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      came += chunk.toString("latin1");
      told();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      told();
      resolve(parsed(came));
    });
    const run = async () => {
      await new Promise((open) => socket.on("connect", open));
      for (const step of steps) {
        if (socket.destroyed) return;
        if (typeof step === "number") await new Promise((passed) => setTimeout(passed, step));
        else if (step === "hang up") socket.destroy();
        else if (step.until === undefined) await new Promise((written) => socket.write(step, () => written()));
        else while (!came.includes(step.until) && !socket.destroyed) await new Promise((resolved) => (told = resolved));
      }
    };
    run().catch(reject);
  });
}

function parsed(came) {
  const end = came.indexOf("\r\n\r\n");
  if (end < 0) return { status: 0, type: undefined, text: "", came };
  const lines = came.slice(0, end).split("\r\n");
  const field = (name) => lines.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1).trim();
  let text = came.slice(end + 4);
  if (field("transfer-encoding") === "chunked") text = joinedChunks(text);
  return { status: Number(lines[0].split(" ")[1]), type: field("content-type"), text: Buffer.from(text, "latin1").toString("utf8"), came };
}

function joinedChunks(text) {
  let joined = "";
  for (let at = 0; ; ) {
    const end = text.indexOf("\r\n", at);
    const length = Number.parseInt(text.slice(at, end), 16);
    if (end < 0 || !(length > 0)) return joined;
    joined += text.slice(end + 2, end + 2 + length);
    at = end + 2 + length + 2;
  }
}

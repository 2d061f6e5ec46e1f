// The shell of the gateway. POSTs to the MCP endpoint take the thin path: headers once, bytes in, one await per hop, bytes
// out. Blobs and streams have their own modules. Everything else goes to the general handler.
import { bodyWith, findBlobs, serveBlobs } from "./blobs.js";
import * as wasm from "./glue.js";
import { push } from "./push.js";
import { answersTo, deliver } from "./session.js";
import { Frames, announce, hear, listen } from "./streams.js";

export { Session } from "./session.js";

const JSON_HEADERS = { "content-type": "application/json", "x-content-type-options": "nosniff" };
const SSE_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};
const CALL_URL = "https://tool-worker/call";
const CATALOG_URL = "https://tool-worker/catalog";
const CALL_HEADERS = { "content-type": "application/json" };
// The tail worker answers some calls itself: an agent's about its own.
const TAIL_BINDING = "OPS_WORKER";
const AGENT_URL = "https://tail-worker/internal/agent";
const AGENT_CALL_URL = "https://tail-worker/internal/call";
const PRINCIPAL = "x-octavo-principal";
const LINE_WANTED = "x-octavo-line-wanted";
const LINE = "x-octavo-line";
const INTERNAL_ERROR = '{"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"}}';

let configured = false;
let extended = false;
let agentAsked = false;

export default {
  async fetch(request, env, ctx) {
    try {
      if (!configured) {
        const [seed] = crypto.getRandomValues(new BigUint64Array(1));
        wasm.configure(env.ALLOWED_ORIGINS, env.VERSION?.id, seed, stateKey(env), env.SESSIONS !== undefined);
        if (env.PRINCIPAL_KEY) wasm.identify(new TextEncoder().encode(env.PRINCIPAL_KEY));
        if (pushes(env)) wasm.tap_lines((line) => push(line, env[TAIL_BINDING]));
        configured = true;
      }
      const { pathname, search } = new URL(request.url);
      if (request.method === "POST" && (pathname === "/mcp" || pathname.startsWith("/mcp/"))) {
        return await mcp(request, pathname + search, env);
      }
      if (request.method !== "OPTIONS" && (pathname === "/v1/blobs" || pathname.startsWith("/v1/blobs/"))) {
        return await blobs(request, pathname, env);
      }
      return await wasm.fetch(request, env, ctx);
    } catch (error) {
      console.error("gateway instance replaced", error?.name);
      wasm.__wbg_reset_state();
      configured = extended = agentAsked = false;
      return new Response(INTERNAL_ERROR, { status: 500, headers: JSON_HEADERS });
    }
  },
};

// What states are sealed with. Without the secret each isolate has its own key, and a client whose next round meets another
// isolate is asked to start again.
function stateKey(env) {
  if (env.STATE_KEY !== undefined) return new TextEncoder().encode(env.STATE_KEY);
  return crypto.getRandomValues(new Uint8Array(32));
}

// Whether this worker brings the log lines to the tail worker itself.
const pushes = (env) => env.LOG_MODE === "push" && env[TAIL_BINDING] !== undefined;

// Asks once whether agents may ask the log: where callers can be told apart and operators' access is configured.
async function askForAgents(env) {
  agentAsked = true;
  try {
    const response = await env[TAIL_BINDING].fetch(AGENT_URL);
    await response.body?.cancel();
    if (response.status === 200) wasm.open_log();
  } catch {
    // Then the tools for it are not listed until the next isolate asks.
  }
}

// A worker beside the categories says once what it has.
async function loadExtra(worker) {
  try {
    const response = await worker.fetch(CATALOG_URL);
    extended = response.status === 200 && wasm.extend(await response.text());
  } catch {
    // Asked again by the next request.
  }
}

async function mcp(request, target, env) {
  if (!extended && env.EXTRA_MCP_WORKER !== undefined) await loadExtra(env.EXTRA_MCP_WORKER);
  if (!agentAsked && env.PRINCIPAL_KEY && env[TAIL_BINDING] !== undefined) await askForAgents(env);
  const body = await bounded(request, wasm.max_body_bytes());
  const exchange = wasm.open(target, linesOf(request.headers), body, Date.now());
  const parts = exchange.parts();
  if (parts.length > 0) {
    await Promise.all(parts.map((part) => settle(part, request, env)));
    exchange.joined(parts.map((part) => part.text()));
    for (const part of parts) part.free();
  }
  const stream = exchange.is_listening() ? listen(exchange, env.LISTEN_SECONDS) : await settle(exchange, request, env);
  if (stream !== undefined) {
    return new Response(stream, { headers: headersOf(exchange, SSE_HEADERS) });
  }
  const status = exchange.status();
  const headers = headersOf(exchange, exchange.is_stream() ? SSE_HEADERS : status === 202 ? {} : JSON_HEADERS);
  const reply = new Response(status === 202 ? null : exchange.body(), { status, headers });
  exchange.free();
  return reply;
}

// Brings one request to its reply and prints its log line; or gives the stream that will.
async function settle(exchange, request, env) {
  const handles = exchange.blobs();
  const texts = handles === undefined ? undefined : await findBlobs(exchange, handles, request, env.BLOBS);
  const binding = exchange.binding();
  if (binding !== undefined) {
    const answer = await ask(exchange, env[binding], texts, env);
    const taken = pushes(env) ? (line) => push(line, env[TAIL_BINDING]) : undefined;
    // When a client that was asked has answered, the worker is asked again.
    const again = async (questions) => {
      await answersTo(exchange, questions, env.SESSIONS);
      const next = await ask(exchange, env[binding], texts, env);
      return next === undefined ? undefined : new Frames(next);
    };
    const stream = answer !== undefined && exchange.is_heard() ? await hear(exchange, new Frames(answer), again, taken) : undefined;
    if (stream !== undefined) return stream;
    if (answer !== undefined && exchange.binding() !== undefined) await takeAll(exchange, answer);
    announce(exchange);
  }
  const delivery = exchange.delivery();
  if (delivery !== undefined) await deliver(delivery, env.SESSIONS);
  exchange.close(Date.now());
}

async function blobs(request, pathname, env) {
  const { status, headers, body, origin } = await serveBlobs(request, pathname, linesOf(request.headers), env.BLOBS);
  const replyHeaders = allowing(origin, body === null ? headers : { ...JSON_HEADERS, ...headers });
  return new Response(request.method === "HEAD" ? null : body, { status, headers: replyHeaders });
}

function linesOf(headers) {
  let lines = "";
  for (const [name, value] of headers) lines += `${name}:${value}\n`;
  return lines;
}

function headersOf(exchange, kind) {
  const headers = { ...kind, traceparent: exchange.traceparent() };
  const session = exchange.session();
  if (session !== undefined) headers["mcp-session-id"] = session;
  return allowing(exchange.allow_origin(), headers);
}

function allowing(origin, headers) {
  if (origin === undefined) return headers;
  return {
    ...headers,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "ETag, Mcp-Session-Id, Traceparent, WWW-Authenticate",
    vary: "Origin",
  };
}

// Asks a worker: its answer's body, or undefined, and then the exchange has word of the silence.
async function ask(exchange, worker, texts, env) {
  try {
    const principal = exchange.principal();
    if (principal !== undefined) return await askLog(exchange, worker, principal);
    const plain = exchange.forward_body();
    const body = texts === undefined ? plain : bodyWith(texts, plain, exchange.splices());
    const headers = pushes(env) ? { ...CALL_HEADERS, [LINE_WANTED]: "1" } : CALL_HEADERS;
    const response = await worker.fetch(CALL_URL, { method: "POST", headers, body });
    const line = response.headers.get(LINE);
    if (line !== null) push(line, env[TAIL_BINDING]);
    if (response.status === 200) return response;
  } catch {
    // Not bound, not running, or died on the way.
  }
  exchange.unavailable();
}

// Asks the tail worker for what the log has of the caller's own calls; `principal` is empty for a caller without a key.
async function askLog(exchange, worker, principal) {
  const headers = { ...CALL_HEADERS, [PRINCIPAL]: principal };
  const response = await worker.fetch(AGENT_CALL_URL, { method: "POST", headers, body: exchange.forward_body() });
  if (response.status === 200) return response;
  exchange.unavailable();
}

async function takeAll(exchange, answer) {
  let frames;
  try {
    frames = new Uint8Array(await answer.arrayBuffer());
  } catch {
    return exchange.unavailable();
  }
  exchange.answered(frames);
}

// The body's bytes, or undefined when there are more than `limit`. A longer body is read on for a while and forgotten:
// a client that is still sending would otherwise see a closed connection instead of the answer.
async function bounded(request, limit) {
  const announced = request.headers.get("content-length");
  if (announced !== null && Number(announced) <= limit) return new Uint8Array(await request.arrayBuffer());
  const chunks = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length <= limit) chunks.push(chunk);
    else if (length > 16 * limit) return undefined;
  }
  return length > limit ? undefined : new Uint8Array(await new Blob(chunks).arrayBuffer());
}

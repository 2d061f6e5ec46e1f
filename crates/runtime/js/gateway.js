// The shell of the gateway. POSTs to the MCP endpoint take the thin path: headers once, bytes in, one await per hop, bytes
// out. Blobs are served by their own module. Everything else goes to the general handler.
import { bodyWith, findBlobs, serveBlobs } from "./blobs.js";
import * as wasm from "./glue.js";

const JSON_HEADERS = { "content-type": "application/json", "x-content-type-options": "nosniff" };
const SSE_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};
const CALL_URL = "https://tool-worker/call";
const CALL_HEADERS = { "content-type": "application/json" };
const INTERNAL_ERROR = '{"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"}}';

let configured = false;

export default {
  async fetch(request, env, ctx) {
    try {
      if (!configured) {
        const [seed] = crypto.getRandomValues(new BigUint64Array(1));
        wasm.configure(env.ALLOWED_ORIGINS, env.VERSION?.id, seed);
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
      configured = false;
      return new Response(INTERNAL_ERROR, { status: 500, headers: JSON_HEADERS });
    }
  },
};

async function mcp(request, target, env) {
  const body = await bounded(request, wasm.max_body_bytes());
  const exchange = wasm.open(target, linesOf(request.headers), body, Date.now());
  const parts = exchange.parts();
  if (parts.length > 0) {
    await Promise.all(parts.map((part) => settle(part, request, env)));
    exchange.joined(parts.map((part) => part.text()));
    for (const part of parts) part.free();
  }
  await settle(exchange, request, env);
  const status = exchange.status();
  const headers = allowing(exchange.allow_origin(), exchange.is_stream() ? SSE_HEADERS : JSON_HEADERS);
  const reply = new Response(status === 202 ? null : exchange.body(), { status, headers });
  exchange.free();
  return reply;
}

// Brings one request to its reply and prints its log line.
async function settle(exchange, request, env) {
  const handles = exchange.blobs();
  const texts = handles === undefined ? undefined : await findBlobs(exchange, handles, request, env.BLOBS);
  const binding = exchange.binding();
  if (binding !== undefined) await ask(exchange, env[binding], texts);
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

function allowing(origin, headers) {
  if (origin === undefined) return headers;
  return {
    ...headers,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "ETag, Mcp-Session-Id, WWW-Authenticate",
    vary: "Origin",
  };
}

// Asks a tool worker and hands its answer, or word of its silence, to the exchange.
async function ask(exchange, worker, texts) {
  let answer;
  try {
    const plain = exchange.forward_body();
    const body = texts === undefined ? plain : bodyWith(texts, plain, exchange.splices());
    const response = await worker.fetch(CALL_URL, { method: "POST", headers: CALL_HEADERS, body });
    if (response.status === 200) answer = new Uint8Array(await response.arrayBuffer());
  } catch {
    // Not bound, not running, or died on the way.
  }
  if (answer === undefined) exchange.unavailable();
  else exchange.answered(answer);
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

// The shell of the gateway. POSTs to the MCP endpoint take the thin path: headers once, bytes in, one await per hop, bytes
// out. Blobs, streams, subscriptions, sessions and tasks have their own modules. Everything else goes to the general handler.
import { admission, metadata, overLimit } from "./admission.js";
import { ask, askVersion, takeAll } from "./ask.js";
import { findBlobs, serveBlobs } from "./blobs.js";
import { find, keep, keepsResults } from "./cache.js";
import { announce } from "./changes.js";
import { deadlineOf } from "./deadline.js";
import * as wasm from "./glue.js";
import { askForAgents, configure, extend, instance, kept, replace } from "./instance.js";
import { listen } from "./listen.js";
import { serve } from "./page.js";
import { linesOf as logLinesOf } from "./push.js";
import { answersTo, deliver, endSession, isEnded } from "./session.js";
import { Frames, hear } from "./streams.js";
import { askTask, beginTask } from "./task.js";

export { Changes } from "./changes.js";
export { Session } from "./session.js";
export { Task } from "./task.js";

const JSON_HEADERS = { "content-type": "application/json", "x-content-type-options": "nosniff" };
const SSE_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};
const TAIL_BINDING = "OPS_WORKER";
const INTERNAL_ERROR = -32603;

export default {
  async fetch(request, env, ctx) {
    const at = instance();
    try {
      configure(env);
      const target = targetOf(request.url);
      if (isMcp(target)) {
        if (request.method === "POST") return await mcp(request, target, env, ctx);
        if (request.method === "DELETE" && env.SESSIONS !== undefined) return await remove(request, env);
      }
      const url = new URL(request.url);
      const { pathname } = url;
      const described = metadata(url, env, wasm.category_scopes);
      if (described !== undefined) return described;
      if (request.method !== "OPTIONS" && (pathname === "/v1/blobs" || pathname.startsWith("/v1/blobs/"))) {
        return await blobs(request, pathname, env);
      }
      return serve(request, url, env) ?? (await kept(wasm.fetch(request, env, ctx)));
    } catch (error) {
      replace(error, at);
      return lost(request);
    }
  },
};

// The answer to a request whose instance was lost under it, and its log line, which the next one prints.
function lost(request) {
  let message = "Internal error";
  try {
    if (isMcp(targetOf(request.url))) message += ` (trace ${wasm.lost(linesOf(request), Date.now())})`;
  } catch (error) {
    // Its headers may be what the instance died of.
    replace(error);
  }
  return Response.json({ jsonrpc: "2.0", error: { code: INTERNAL_ERROR, message } }, { status: 500, headers: JSON_HEADERS });
}

// Path and query; cheaper than to parse the URL, which a call needs for nothing else.
const targetOf = (url) => url.slice(url.indexOf("/", "https://".length));
const isMcp = (target) => /^\/mcp(?![^/?])/.test(target);

// A client is done with its session.
async function remove(request, env) {
  const status = await endSession(linesOf(request), env.SESSIONS);
  const origin = status === 403 ? null : request.headers.get("origin");
  return new Response(null, { status, headers: allowing(origin ?? undefined, {}) });
}

async function mcp(request, target, env, ctx) {
  if (env.EXTRA_MCP_WORKER !== undefined) await extend(env);
  if (env.PRINCIPAL_KEY && env[TAIL_BINDING] !== undefined) await askForAgents(env[TAIL_BINDING]);
  // A body that breaks off is none; that a client hung up is no fault of the instance.
  const body = await bounded(request, wasm.max_body_bytes()).catch(() => new Uint8Array());
  const access = await admission(request, env);
  const exchange = wasm.open(target, linesOf(request), body, Date.now(), access && JSON.stringify(access));
  const session = exchange.session_object();
  if (session !== undefined && (await isEnded(session, env.SESSIONS))) exchange.session_over();
  const parts = exchange.parts();
  if (parts.length > 0) {
    await Promise.all(inTurns(parts, (part) => settle(part, request, env, ctx, access)));
    exchange.joined(parts.map((part) => part.text()));
    for (const part of parts) part.free();
  }
  const stream = exchange.is_listening() ? await listen(exchange, env) : await settle(exchange, request, env, ctx, access);
  if (stream !== undefined) {
    return new Response(stream, { headers: headersOf(exchange, SSE_HEADERS) });
  }
  const status = exchange.status();
  const headers = headersOf(exchange, exchange.is_stream() ? SSE_HEADERS : status === 202 ? {} : JSON_HEADERS);
  const reply = new Response(status === 202 ? null : exchange.body(), { status, headers });
  exchange.free();
  return reply;
}

// Parts of a batch at once, but for those that hold texts of blobs: these would not fit the isolate's memory together.
function inTurns(parts, work) {
  let before = Promise.resolve();
  return parts.map((part) => {
    if (part.blobs() === undefined) return work(part);
    before = before.then(() => work(part));
    return before;
  });
}

// Brings one request to its reply and prints its log line; or gives the stream that will.
async function settle(exchange, request, env, ctx, access) {
  const count = async () => {
    const wait = await overLimit(exchange.limit(), request, access, env);
    if (wait !== undefined) exchange.limited(wait);
  };
  // Reading texts from the store is work too, so a call that does is counted before it, though its result may be kept.
  const reads = exchange.blobs() !== undefined;
  if (reads) await count();
  const handles = reads ? exchange.blobs() : undefined;
  const texts = handles === undefined ? undefined : await findBlobs(exchange, handles, request, env);
  if (keepsResults(env)) await answerKept(exchange, env);
  if (!reads) await count();
  if (exchange.binding() !== undefined) {
    const started = Date.now();
    const answer = await ask(exchange, texts, env);
    const taken = answer === undefined ? undefined : logLinesOf(answer, env);
    // When a client that was asked has answered, the worker is asked again.
    const again = async (questions) => {
      await answersTo(exchange, questions, env.SESSIONS);
      const next = await ask(exchange, texts, env);
      return next === undefined ? undefined : new Frames(next, deadlineOf(env));
    };
    const passes = { again, taken, changes: env.CHANGES };
    const stream = answer !== undefined && exchange.is_heard() ? await hear(exchange, new Frames(answer, deadlineOf(env)), passes) : undefined;
    if (stream !== undefined) return stream;
    if (answer !== undefined && exchange.binding() !== undefined) {
      // The name holds the version of the worker that answered, which only its answer tells for sure.
      const made = keepsResults(env) ? exchange.cache_key(Date.now()) : undefined;
      const frames = await takeAll(exchange, answer, env);
      if (frames !== undefined && made !== undefined) keep(made, { frames, tookMs: Date.now() - started }, ctx);
    }
    await announce(exchange, env.CHANGES);
  }
  if (exchange.becomes_task()) await beginTask(exchange, texts, env.TASKS);
  const question = exchange.task_request();
  if (question !== undefined) await askTask(exchange, question, env.TASKS);
  const delivery = exchange.delivery();
  if (delivery !== undefined) await deliver(delivery, env.SESSIONS);
  exchange.close(Date.now());
}

// Answers by the result that is kept, if there is one and the caller takes it.
async function answerKept(exchange, env) {
  if (exchange.needs_version(Date.now())) await askVersion(exchange, env);
  const name = exchange.cache_key(Date.now());
  if (name === undefined) return;
  const kept = exchange.takes_cached() ? await find(name) : undefined;
  exchange.cached(kept?.tookMs);
  if (kept !== undefined) exchange.answered(kept.frames);
}

async function blobs(request, pathname, env) {
  const refused = (await admission(request, env))?.refused;
  if (refused !== undefined) {
    const headers = refused.challenge === undefined ? {} : { "www-authenticate": refused.challenge };
    return Response.json({ error: refused.message }, { status: refused.status, headers });
  }
  const { status, headers, body, origin } = await serveBlobs(request, pathname, linesOf(request), env);
  const replyHeaders = allowing(origin, body === null ? headers : { ...JSON_HEADERS, ...headers });
  return new Response(request.method === "HEAD" ? null : body, { status, headers: replyHeaders });
}

// The headers, a line each. A page of this very host is no stranger, so its origin is not among them; over TLS only, where the
// certificate vouches for the name: without one, any name can be made to lead here.
function linesOf({ url, headers }) {
  let lines = "";
  for (const [name, value] of headers) {
    if (name === "origin" && value.startsWith("https://") && value === new URL(url).origin) continue;
    lines += `${name}:${value}\n`;
  }
  return lines;
}

function headersOf(exchange, kind) {
  const headers = { ...kind, traceparent: exchange.traceparent() };
  const tracestate = exchange.tracestate();
  if (tracestate !== undefined) headers.tracestate = tracestate;
  const session = exchange.session();
  if (session !== undefined) headers["mcp-session-id"] = session;
  const further = exchange.headers();
  for (let at = 0; at < further.length; at += 2) headers[further[at]] = further[at + 1];
  return allowing(exchange.allow_origin(), headers);
}

function allowing(origin, headers) {
  if (origin === undefined) return headers;
  return {
    ...headers,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "ETag, Mcp-Session-Id, Retry-After, RateLimit-Remaining, RateLimit-Reset, Traceparent, Tracestate, WWW-Authenticate",
    vary: "Origin",
  };
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

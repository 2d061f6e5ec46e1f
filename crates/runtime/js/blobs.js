// Blobs: texts kept in KV for a while, beside MCP, and put into the bodies of calls that name them. Texts stay here and never
// enter the wasm, whose memory cannot shrink; what a handle is, where it stands and what is said is decided there.
import { deadlineOf, within } from "./deadline.js";
import * as wasm from "./glue.js";

const KEY_PREFIX = "b/";
// Text that is escaped at a time.
const PIECE_BYTES = 2 ** 20;
// Compressed bytes that are inflated at a time: deflate makes at most 1,032 of one, so 4 MiB of these.
const INFLATED_AT_ONCE_BYTES = 4096;
// What is read of a body that is too long and forgotten, by the limit: a client that is still sending would otherwise see a
// closed connection instead of the answer.
const PATIENCE = 4;

/** Serves a request to the endpoint: `{status, headers, body, origin}`. `headers` are `name:value` lines. */
export async function serveBlobs(request, pathname, headers, env) {
  const asked = JSON.parse(wasm.blob_request(request.method, pathname, headers));
  const answer = asked.task === "refuse" ? asked : await perform(asked, request, env);
  return { headers: {}, body: null, ...answer, origin: asked.origin };
}

async function perform(asked, request, env) {
  const kv = env.BLOBS;
  if (kv === undefined) return refusal("blobs_unavailable");
  const caller = await callerOf(request);
  const deadline = deadlineOf(env);
  if (asked.task === "upload") return await upload(request, asked.gzip, caller, kv, deadline);
  try {
    const blob = await within(deadline, open(kv, asked.handle, caller));
    if (blob === undefined) return refusal("blob_not_found");
    await blob.text.cancel();
    if (asked.task === "head") {
      const { bytes, sha256 } = blob.metadata;
      return { status: 200, headers: { "content-type": "text/plain; charset=utf-8", "content-length": `${bytes}`, etag: `"${sha256}"` } };
    }
    await within(deadline, kv.delete(KEY_PREFIX + asked.handle));
    return { status: 204 };
  } catch {
    return refusal("blobs_unreachable");
  }
}

const refusal = (reason) => JSON.parse(wasm.blob_refusal(reason));

async function upload(request, gzip, caller, kv, deadline) {
  const text = new Text(wasm.max_blob_bytes());
  await receive(request, gzip, text);
  if (text.fault !== undefined) return refusal(text.fault);
  const value = text.joined();
  const sha256 = hex(await crypto.subtle.digest("SHA-256", value));
  const blob = wasm.blob_handle(crypto.getRandomValues(new Uint8Array(20)));
  const { bytes, escaped } = text;
  const expirationTtl = wasm.blob_ttl_seconds();
  const expires = new Date(Date.now() + expirationTtl * 1000).toISOString();
  try {
    await within(deadline, kv.put(KEY_PREFIX + blob, value, { expirationTtl, metadata: { caller, sha256, bytes, escaped } }));
  } catch {
    return refusal("blobs_unreachable");
  }
  return { status: 201, body: JSON.stringify({ blob, sha256, bytes, expires }) };
}

// A text as it comes in, up to a limit. Its bytes are checked while they come and kept only while there is no fault.
class Text {
  bytes = 0;
  escaped = 0;
  fault = undefined;
  #limit;
  #chunks = [];
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(limit) {
    this.#limit = limit;
  }

  take(chunk) {
    if (this.fault !== undefined) return;
    this.bytes += chunk.byteLength;
    if (this.bytes > this.#limit) return this.fail("input_too_large");
    this.#chunks.push(chunk);
    this.#check(chunk, true);
  }

  end() {
    if (this.fault === undefined) this.#check(new Uint8Array(), false);
  }

  fail(fault) {
    this.fault ??= fault;
    this.#chunks = [];
  }

  joined() {
    const whole = new Uint8Array(this.bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.byteLength;
    }
    this.#chunks = [];
    return whole;
  }

  #check(chunk, stream) {
    try {
      const text = this.#decoder.decode(chunk, { stream });
      // Escapes are ASCII, so they add as many bytes as UTF-16 units.
      this.escaped += chunk.byteLength + JSON.stringify(text).length - 2 - text.length;
    } catch {
      this.fail("not_text");
    }
  }
}

async function receive(request, gzip, text) {
  const limit = wasm.max_blob_bytes();
  const inflater = gzip ? new Inflater(text) : undefined;
  let received = 0;
  try {
    for await (const chunk of request.body ?? []) {
      received += chunk.byteLength;
      if (received > limit) text.fail("input_too_large");
      if (received > PATIENCE * limit) break;
      if (inflater === undefined) text.take(chunk);
      else if (text.fault === undefined) await inflater.write(chunk);
    }
  } catch {
    text.fail("cut_short");
  }
  await inflater?.close();
  text.end();
}

// Inflates little by little, so that a body made to explode is stopped before it does.
class Inflater {
  #text;
  #writer;
  #reading;

  constructor(text) {
    const { readable, writable } = new DecompressionStream("gzip");
    this.#text = text;
    this.#writer = writable.getWriter();
    // Writing and reading say so too.
    this.#writer.closed.catch(() => {});
    this.#reading = this.#read(readable);
  }

  async write(chunk) {
    try {
      for (let at = 0; at < chunk.byteLength && this.#text.fault === undefined; at += INFLATED_AT_ONCE_BYTES) {
        await this.#writer.write(chunk.subarray(at, at + INFLATED_AT_ONCE_BYTES));
      }
    } catch {
      this.#text.fail("not_gzip");
    }
  }

  async close() {
    try {
      if (this.#text.fault === undefined) await this.#writer.close();
      else await this.#writer.abort();
    } catch {
      this.#text.fail("not_gzip");
    }
    await this.#reading;
  }

  async #read(readable) {
    try {
      for await (const chunk of readable) {
        this.#text.take(chunk);
        if (this.#text.fault !== undefined) break;
      }
    } catch {
      this.#text.fail("not_gzip");
    }
  }
}

/** Finds the blobs that a call names and tells the exchange; their texts, in the order of `handles`, if all are there. */
export async function findBlobs(exchange, handles, request, env) {
  const kv = env.BLOBS;
  if (kv === undefined) return exchange.blobs_unavailable(false);
  let found;
  try {
    const caller = await callerOf(request);
    // What is over the limit is not read: sizes are known before texts.
    let left = wasm.max_resolved_bytes();
    const reads = handles.map(async (handle) => {
      const blob = await open(kv, handle, caller);
      if (blob === undefined) return undefined;
      left -= blob.metadata.bytes;
      if (left < 0) await blob.text.cancel();
      return { ...blob.metadata, text: left < 0 ? undefined : await bytesOf(blob.text) };
    });
    found = await within(deadlineOf(env), Promise.all(reads));
  } catch {
    return exchange.blobs_unavailable(true);
  }
  const missing = found.flatMap((blob, at) => (blob === undefined ? [at] : []));
  if (missing.length > 0) return exchange.blobs_missing(Uint32Array.from(missing));
  exchange.blobs_found(Uint32Array.from(found.flatMap(({ bytes, escaped }) => [bytes, escaped])));
  return found.map(({ text }) => text);
}

/** The body of a call with texts in the places of their handles, as a stream: it exists nowhere as a whole. */
export function bodyWith(texts, body, splices, head) {
  const pieces = spliced(texts, body, splices, head);
  return new ReadableStream({
    pull(controller) {
      const { value, done } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function* spliced(texts, body, splices, head) {
  if (head !== undefined) yield head;
  let from = 0;
  for (let at = 0; at < splices.length; at += 3) {
    yield body.subarray(from, splices[at]);
    yield* escaped(texts[splices[at + 2]]);
    from = splices[at + 1];
  }
  yield body.subarray(from);
}

function* escaped(text) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const encoder = new TextEncoder();
  for (let at = 0; at < text.byteLength; at += PIECE_BYTES) {
    const piece = decoder.decode(text.subarray(at, at + PIECE_BYTES), { stream: true });
    yield encoder.encode(JSON.stringify(piece).slice(1, -1));
  }
}

// A blob of this caller: its metadata, and its text as a stream, to be read or cancelled. Another caller's is none.
async function open(kv, handle, caller) {
  const { value, metadata } = await kv.getWithMetadata(KEY_PREFIX + handle, "stream");
  if (value === null) return undefined;
  if (metadata?.caller === caller) return { metadata, text: value };
  await value.cancel();
}

// Whom a blob belongs to: whoever has the same key.
async function callerOf(request) {
  const [, token] = /^bearer +(\S+)$/i.exec(request.headers.get("authorization")?.trim() ?? "") ?? [];
  if (token === undefined) return "anonymous";
  return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))).slice(0, 32);
}

const bytesOf = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

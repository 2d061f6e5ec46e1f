// Asks a worker for the gateway, so that none can hold it or fill it: not at all while its breaker is open, up to a deadline, and
// no longer an answer than is ever one.
import { bodyWith } from "./blobs.js";
import { Overdue, deadlineOf, within } from "./deadline.js";
import { lineWanted } from "./push.js";

/** Where a worker is asked, and by which headers. */
export const CALL_URL = "https://tool-worker/call";
const HEALTH_URL = "https://tool-worker/health";
// How long a call waits for the worker to say what version it is.
const VERSION_PATIENCE_MS = 500;
export const CALL_HEADERS = { "content-type": "application/json" };
// The tail worker answers some calls itself: an agent's about its own.
const AGENT_CALL_URL = "https://tail-worker/internal/call";
const PRINCIPAL = "x-octavo-principal";
// What a worker says of itself with each answer.
const VERSION = "x-octavo-version";
const CATALOG = "x-octavo-catalog";
// How many bytes it sends, where it sends them at once.
const BYTES = "x-octavo-bytes";

/** Longest answer, in bytes. Of a report no more than some 200 KB are ever shown. */
export const MAX_ANSWER_BYTES = 8 * 2 ** 20;

/** Asks the worker of an exchange: its answer, or undefined, and then the exchange has word of why there is none. */
export async function ask(exchange, texts, env) {
  if (!exchange.admit(Date.now())) return undefined;
  const deadline = deadlineOf(env);
  const leave = new AbortController();
  try {
    const response = await within(deadline, env[exchange.binding()].fetch(...requestOf(exchange, texts, env, leave.signal)));
    // Without a body there is not even a frame that could be none.
    if (response.status === 200 && response.body !== null) {
      exchange.reports(response.headers.get(VERSION) ?? "", response.headers.get(CATALOG) ?? "");
      return response;
    }
    await response.body?.cancel();
    exchange.unavailable();
  } catch (error) {
    // Not bound, not running, died on the way, or hanging: then it is told that nobody waits any more.
    leave.abort();
    refuse(exchange, error, deadline);
  }
  return undefined;
}

/** Asks the worker of an exchange what version it is. */
export async function askVersion(exchange, env) {
  let said;
  const leave = new AbortController();
  try {
    const response = await within(VERSION_PATIENCE_MS, env[exchange.binding()].fetch(HEALTH_URL, { signal: leave.signal }));
    if (response.status === 200) said = await within(VERSION_PATIENCE_MS, response.text());
    else await response.body?.cancel();
  } catch {
    // Then it counts as what it was.
    leave.abort();
  }
  exchange.told_version(said);
}

function requestOf(exchange, texts, env, signal) {
  const principal = exchange.principal();
  const plain = exchange.forward_body();
  // The log is asked for what it has of the caller's own calls; empty for a caller without a key.
  if (principal !== undefined) {
    return [AGENT_CALL_URL, { method: "POST", headers: { ...CALL_HEADERS, [PRINCIPAL]: principal }, body: plain, signal }];
  }
  const body = texts === undefined ? plain : bodyWith(texts, plain, exchange.splices());
  return [CALL_URL, { method: "POST", headers: { ...CALL_HEADERS, ...lineWanted(env) }, body, signal }];
}

/** Takes all of an answer at once, and gives its bytes where they are a result. */
export async function takeAll(exchange, answer, env) {
  const deadline = deadlineOf(env);
  const announced = Number(answer.headers.get(BYTES) ?? NaN);
  const reader = announced <= MAX_ANSWER_BYTES ? undefined : answer.body.getReader();
  try {
    const bytes = reader === undefined ? answer.arrayBuffer().then((buffer) => new Uint8Array(buffer)) : readAll(reader);
    const frames = await within(deadline, bytes);
    if (frames !== undefined) {
      exchange.answered(frames);
      return exchange.succeeded() ? frames : undefined;
    }
    exchange.garbage();
  } catch (error) {
    refuse(exchange, error, deadline);
  }
  await reader?.cancel().catch(() => {});
  return undefined;
}

// All that a reader has; undefined when it is longer than an answer is.
async function readAll(reader) {
  const chunks = [];
  let length = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > MAX_ANSWER_BYTES) return undefined;
    chunks.push(value);
  }
  return chunks.length === 1 ? chunks[0] : new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Tells an exchange why its worker gave no answer. */
export function refuse(exchange, error, deadline) {
  if (error instanceof Overdue) exchange.overdue(deadline);
  else exchange.unavailable();
}

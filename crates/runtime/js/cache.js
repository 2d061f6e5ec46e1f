// Results that are kept: in the isolate's memory, and behind it in the data centre's cache, which the platform has on custom
// domains. The wasm names them; what is kept are the worker's frames, byte for byte, and how long they took to make.
import { EXTRA_PATIENCE_MS, within } from "./deadline.js";

const ADDRESS = "https://results.octavo.internal/";
const TOOK = "x-octavo-took-ms";
// How long the data centre keeps one, in seconds.
const KEEP_SECONDS = 86_400;
/** Longest result kept, and all that is held in memory, in bytes. */
export const MAX_KEPT_BYTES = 512 * 1024;
export const MAX_HELD_BYTES = 16 * 2 ** 20;

// By name, the longest unused first.
const held = new Map();
let heldBytes = 0;

/** Whether this deployment keeps results. */
export const keepsResults = (env) => env.RESULT_CACHE !== "off";

/** The result of this name and how long it took to make, `{ frames, tookMs }`; undefined when it is not kept. */
export async function find(name) {
  const near = held.get(name);
  if (near !== undefined) {
    held.delete(name);
    held.set(name, near);
    return near;
  }
  try {
    const result = await within(EXTRA_PATIENCE_MS, far(name));
    if (result !== undefined) hold(name, result);
    return result;
  } catch {
    // As good as not kept.
    return undefined;
  }
}

// The result as the data centre has it.
async function far(name) {
  const response = await globalThis.caches?.default.match(ADDRESS + name);
  if (response === undefined) return undefined;
  return { frames: new Uint8Array(await response.arrayBuffer()), tookMs: Number(response.headers.get(TOOK)) };
}

/** Keeps a result; what the data centre keeps is written after the reply. */
export function keep(name, result, ctx) {
  if (result.frames.byteLength > MAX_KEPT_BYTES) return;
  hold(name, result);
  const headers = { "cache-control": `public, max-age=${KEEP_SECONDS}`, [TOOK]: `${result.tookMs}` };
  const put = globalThis.caches?.default.put(ADDRESS + name, new Response(result.frames, { headers }));
  if (put !== undefined) ctx.waitUntil(put.catch(() => {}));
}

function hold(name, result) {
  drop(name);
  held.set(name, result);
  heldBytes += result.frames.byteLength;
  for (const oldest of held.keys()) {
    if (heldBytes <= MAX_HELD_BYTES) break;
    drop(oldest);
  }
}

function drop(name) {
  heldBytes -= held.get(name)?.frames.byteLength ?? 0;
  held.delete(name);
}

// The wasm instance of an isolate, which all shells of the gateway share: made ready once, and anew after a trap.
import * as wasm from "./glue.js";
import { push, pushes } from "./push.js";

const CATALOG_URL = "https://tool-worker/catalog";
const AGENT_URL = "https://tail-worker/internal/agent";
// How long calls wait for that answer, and when it is asked for again where there was none.
const ASK_PATIENCE_MS = 1_000;
const ASK_AGAIN_MS = 60_000;

let configured = false;
// The deployment's variables and bindings, for an instance that takes another's place.
let settings;
// Counts instances.
let current = 0;
// Those who wait for a promise of the instance, which is never kept once it is replaced.
const waiting = new Set();
let extended = false;
let agentAskedAgain = 0;

/** Makes the instance ready for requests. */
export function configure(env) {
  if (configured) return;
  settings = env;
  const [seed] = crypto.getRandomValues(new BigUint64Array(1));
  const bound = [env.SESSIONS, env.TASKS, env.CHANGES].map((object) => object !== undefined);
  wasm.configure(env.ALLOWED_ORIGINS, env.VERSION?.id, seed, stateKey(env), ...bound);
  if (env.PRINCIPAL_KEY) wasm.identify(new TextEncoder().encode(env.PRINCIPAL_KEY));
  if (Number(env.BREAKER_OPEN_MS) > 0) wasm.leave_alone_for(Number(env.BREAKER_OPEN_MS));
  if (pushes(env)) wasm.tap_lines((line) => push(line, env.OPS_WORKER));
  configured = true;
}

// What states are sealed with. Without the secret each isolate has its own key, and a client whose next round meets another
// isolate is asked to start again.
function stateKey(env) {
  if (env.STATE_KEY !== undefined) return new TextEncoder().encode(env.STATE_KEY);
  return crypto.getRandomValues(new Uint8Array(32));
}

/** Asks a worker beside the categories once what it has. */
export async function extend(env) {
  if (extended) return;
  try {
    const response = await env.EXTRA_MCP_WORKER.fetch(CATALOG_URL, { signal: AbortSignal.timeout(ASK_PATIENCE_MS) });
    extended = response.status === 200 && wasm.extend(await response.text());
  } catch {
    // Asked again by the next request.
  }
}

/** Asks the tail worker once whether agents may ask the log: whether it has an operator. */
export async function askForAgents(tailWorker) {
  if (Date.now() < agentAskedAgain) return;
  agentAskedAgain = Date.now() + ASK_AGAIN_MS;
  try {
    const response = await tailWorker.fetch(AGENT_URL, { signal: AbortSignal.timeout(ASK_PATIENCE_MS) });
    await response.body?.cancel();
    if (response.status === 200) wasm.open_log();
    agentAskedAgain = Infinity;
  } catch {
    // Not there, or too slow: asked again after a while.
  }
}

/** Which instance is at work, as a number. */
export const instance = () => current;

/** What a promise of the instance comes to; an error once the instance is replaced. */
export async function kept(promise) {
  const { promise: lost, reject } = Promise.withResolvers();
  waiting.add(reject);
  try {
    return await Promise.race([promise, lost]);
  } finally {
    waiting.delete(reject);
  }
}

// What a trap throws: a panic's RuntimeError, a stack overflow's RangeError, and in their place what any call after one throws.
const isTrap = (error) =>
  error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.message === "Module terminated";

/**
 * Puts a fresh instance in the place of one that trapped, ready for requests. `of` is the instance that whoever throws began with:
 * what lives on from one that is gone throws too, and says nothing of the one there is now. Without the difference one trap would end
 * every call beside it, each of those the calls that began since, and so on for as long as there is traffic. Without `of` only a trap
 * counts.
 */
export function replace(error, of) {
  if (of !== current && !isTrap(error)) return;
  current += 1;
  console.error("gateway instance replaced", error?.name);
  wasm.__wbg_reset_state();
  configured = extended = false;
  agentAskedAgain = 0;
  if (settings !== undefined) configure(settings);
  for (const giveUp of waiting) giveUp(new Error("the instance was replaced"));
}

// The wasm instance of an isolate, which all shells of the gateway share: made ready once, and anew after a trap.
import * as wasm from "./glue.js";
import { push, pushes } from "./push.js";

const CATALOG_URL = "https://tool-worker/catalog";
const AGENT_URL = "https://tail-worker/internal/agent";
// How long calls wait for that answer, and when it is asked for again where there was none.
const ASK_PATIENCE_MS = 1_000;
const ASK_AGAIN_MS = 60_000;

let configured = false;
let extended = false;
// How often the instance was replaced.
let replaced = 0;
let agentAskedAgain = 0;

/** Which instance there is now, counted from the isolate's first. */
export const current = () => replaced;

/** Makes the instance ready for requests. */
export function configure(env) {
  if (configured) return;
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
    const response = await env.EXTRA_MCP_WORKER.fetch(CATALOG_URL);
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

// What a trap throws: a panic's RuntimeError, a stack overflow's RangeError, and in their place what any call after one throws.
const isTrap = (error) =>
  error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.message === "Module terminated";

/**
 * Frees an exchange that began when `born` was the current instance. One whose instance is gone is let be: its address is
 * somebody else's in the instance of now.
 */
export function release(exchange, born) {
  if (born === replaced) exchange.free();
}

/**
 * Puts a fresh instance in the place of one that trapped. `born` is the instance (`current`) that whoever throws began with: what
 * lives on from one that is gone throws too, and says nothing of the one there is now. Without the difference one trap would end
 * every call beside it, each of those the calls that began since, and so on for as long as there is traffic.
 */
export function replace(error, born) {
  if (born !== replaced && !isTrap(error)) return;
  console.error("gateway instance replaced", error?.name);
  wasm.__wbg_reset_state();
  replaced += 1;
  configured = extended = false;
  agentAskedAgain = 0;
}

// The shell of the tail worker. Events are cut to an allow-list before anything else sees them: headers, URLs and
// addresses never reach the worker's memory.
import { isAsserted } from "./access.js";
import * as wasm from "./glue.js";

const KEPT = [
  "scriptName", "outcome", "truncated", "cpuTime", "wallTime", "eventTimestamp",
  "logs", "timestamp", "level", "message", "exceptions", "name",
];
// How the wasm knows that an assertion of Cloudflare Access was checked here; never taken from outside.
const ASSERTED = "x-octavo-asserted";

// Lines that waited when the last invocation began: what a trap takes along.
let waiting = 0;

// What throws here is a trap, since the wasm says in words what merely went wrong: the instance is replaced, and the lines
// that waited in it are counted as lost.
async function guarded(work) {
  try {
    waiting = wasm.waiting();
    return await work();
  } catch (error) {
    console.error("tail instance replaced", error?.name);
    wasm.__wbg_reset_state();
    wasm.count_lost(waiting);
    waiting = 0;
    throw error;
  }
}

async function scheduled(controller, env) {
  const failed = await guarded(() => wasm.scheduled(controller.scheduledTime, env));
  if (failed !== undefined) throw new Error(failed);
}

// The events as JSON; one that has none becomes `null`, which counts as malformed, and takes no other with it.
function cut(events) {
  try {
    return JSON.stringify(events, KEPT) ?? "";
  } catch {
    return `[${Array.from(events ?? [], cutOne).join(",")}]`;
  }
}

function cutOne(event) {
  try {
    return JSON.stringify(event, KEPT) ?? "null";
  } catch {
    return "null";
  }
}

async function checked(request, env) {
  const { ACCESS_TEAM: team, ACCESS_AUD: audience } = env;
  if ((!team || !audience) && !request.headers.has(ASSERTED)) return request;
  const headers = new Headers(request.headers);
  headers.delete(ASSERTED);
  const assertion = headers.get("cf-access-jwt-assertion");
  if (team && audience && assertion !== null && (await isAsserted(assertion, { team, audience }))) headers.set(ASSERTED, "1");
  return new Request(request, { headers });
}

export default {
  fetch: (request, env, ctx) => guarded(async () => wasm.fetch(await checked(request, env), env, ctx)),
  tail: (events, env) => guarded(() => wasm.tail(cut(events), env)),
  scheduled,
};

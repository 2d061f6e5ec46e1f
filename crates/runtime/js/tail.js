// The shell of the tail worker. Events are cut to an allow-list before anything else sees them: headers, URLs and
// addresses never reach the worker's memory.
import * as wasm from "./glue.js";

const KEPT = [
  "scriptName", "outcome", "truncated", "cpuTime", "wallTime", "eventTimestamp",
  "logs", "timestamp", "level", "message", "exceptions", "name",
];

async function guarded(work) {
  try {
    return await work();
  } catch (error) {
    console.error("tail instance replaced", error?.name);
    wasm.__wbg_reset_state();
    throw error;
  }
}

export default {
  fetch: (request, env, ctx) => guarded(() => wasm.fetch(request, env, ctx)),
  tail: (events, env) => guarded(() => wasm.tail(JSON.stringify(events, KEPT), env)),
  scheduled: (controller, env) => guarded(() => wasm.scheduled(controller.scheduledTime, env)),
};

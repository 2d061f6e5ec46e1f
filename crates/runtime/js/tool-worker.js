// The shell of a tool worker. A call that nobody listens to is one synchronous stretch from bytes to bytes; one with a
// listener is done in steps, each step's frames sent as they come, and dropped when the listener leaves. After a trap the
// instance is a fresh one.
import * as wasm from "./glue.js";

const FRAMES = { headers: { "content-type": "application/x-ndjson" } };

export default {
  async fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (path === "/health") return Response.json({ status: "ok", version: env.VERSION?.id });
    if (path === "/catalog" && wasm.catalog) return new Response(wasm.catalog(), { headers: { "content-type": "application/json" } });
    if (request.method !== "POST" || path !== "/call") return new Response("not found\n", { status: 404 });
    const body = new Uint8Array(await request.arrayBuffer());
    const version = env.VERSION?.id;
    const trapped = () => {
      // Whatever was thrown (a panic's RuntimeError, a stack overflow's RangeError), the instance cannot be trusted.
      wasm.__wbg_reset_state();
      return wasm.trapped(body, version);
    };
    try {
      const job = wasm.begin(body, version);
      if (job.is_heard()) return new Response(stream(job, trapped), FRAMES);
      const frames = job.finish();
      job.close();
      job.free();
      return new Response(frames, FRAMES);
    } catch {
      return new Response(trapped(), FRAMES);
    }
  },
};

// The frames of a call, step by step.
function stream(job, trapped) {
  let left = false;
  const end = () => {
    left = true;
    job.close();
    job.free();
  };
  return new ReadableStream({
    async pull(controller) {
      while (!left) {
        let frames;
        try {
          frames = job.step();
        } catch {
          left = true;
          controller.enqueue(trapped());
          return controller.close();
        }
        if (frames.byteLength > 0) controller.enqueue(frames);
        if (job.is_done()) {
          end();
          return controller.close();
        }
        // Lets what there is go out, and lets word come in that the listener left.
        await scheduler.wait(job.pause_ms());
        if (frames.byteLength > 0) return;
      }
    },
    cancel() {
      if (!left) end();
    },
  });
}

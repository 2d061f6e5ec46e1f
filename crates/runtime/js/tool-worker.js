// The shell of a tool worker: one synchronous call from bytes to bytes, and a fresh instance after a trap.
import * as wasm from "./glue.js";

const FRAMES = { headers: { "content-type": "application/x-ndjson" } };

export default {
  async fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (path === "/health") return Response.json({ status: "ok", version: env.VERSION?.id });
    if (request.method !== "POST" || path !== "/call") return new Response("not found\n", { status: 404 });
    const body = new Uint8Array(await request.arrayBuffer());
    const version = env.VERSION?.id;
    try {
      return new Response(wasm.call(body, version), FRAMES);
    } catch {
      // Whatever was thrown (a panic's RuntimeError, a stack overflow's RangeError), the instance cannot be trusted.
      wasm.__wbg_reset_state();
      return new Response(wasm.trapped(body, version), FRAMES);
    }
  },
};

// The shell of a tool worker. A call that nobody listens to is one synchronous stretch from bytes to bytes; one with a
// listener is done in steps, each step's frames sent as they come, and dropped when the listener leaves. After a trap the
// instance is a fresh one.
import * as wasm from "./glue.js";

// What a worker says of itself with each answer: its deployed version, and the digest of its catalogue.
const VERSION = "x-octavo-version";
const CATALOG = "x-octavo-catalog";
// The header by which the gateway asks for the log line, and the one that brings it; a stream brings it as its last frame.
const LINE_WANTED = "x-octavo-line-wanted";
const LINE = "x-octavo-line";

// The headers of an answer; the same for all of an isolate.
let framesHeaders;

// The line of the call that closes just now.
let printed;
let tapped = false;

// How often the instance was replaced. A job of an earlier one is lost with it; what it throws says nothing of the one of now.
let replaced = 0;

export default {
  async fetch(request, env) {
    const path = new URL(request.url).pathname;
    framesHeaders ??= { "content-type": "application/x-ndjson", [VERSION]: env.VERSION?.id ?? "", [CATALOG]: wasm.digest() };
    if (path === "/health") return Response.json({ version: env.VERSION?.id ?? "", catalog: wasm.digest() });
    if (path === "/catalog" && wasm.catalog) return new Response(wasm.catalog(), { headers: { "content-type": "application/json" } });
    if (request.method !== "POST" || path !== "/call") return new Response("not found\n", { status: 404 });
    const wanted = request.headers.has(LINE_WANTED);
    const body = new Uint8Array(await request.arrayBuffer());
    const version = env.VERSION?.id;
    const born = replaced;
    const trapped = () => {
      // Whatever was thrown (a panic's RuntimeError, a stack overflow's RangeError), the instance cannot be trusted.
      if (born === replaced) replace();
      if (wanted) tap();
      try {
        return wasm.trapped(body, version);
      } catch {
        // Its size may be what two instances died of; who asked for what is still to be told.
        replace();
        if (wanted) tap();
        return wasm.trapped(withoutArguments(body), version);
      }
    };
    try {
      if (wanted) tap();
      const job = wasm.begin(body, version);
      if (job.is_heard()) return new Response(stream(job, trapped, wanted), { headers: framesHeaders });
      const frames = job.finish();
      job.close();
      job.free();
      return new Response(frames, framesWith(wanted));
    } catch {
      return new Response(trapped(), framesWith(wanted));
    }
  },
};

function replace() {
  wasm.__wbg_reset_state();
  replaced += 1;
  tapped = false;
}

function withoutArguments(body) {
  const request = JSON.parse(new TextDecoder().decode(body));
  return new TextEncoder().encode(JSON.stringify({ ...request, arguments: {} }));
}

// A line is printed in the same synchronous stretch in which it is taken, so that calls beside it do not mix theirs in.
function tap() {
  printed = undefined;
  if (!tapped) wasm.tap_lines((line) => (printed = line));
  tapped = true;
}

function lineOf(wanted) {
  const line = wanted ? printed : undefined;
  printed = undefined;
  // Lines are ASCII; a header of anything else would be no header.
  return line?.replace(/[^ -~]/g, "?");
}

function framesWith(wanted) {
  const line = lineOf(wanted);
  return { headers: line === undefined ? framesHeaders : { ...framesHeaders, [LINE]: line } };
}

function lastFrame(wanted) {
  const line = lineOf(wanted);
  return line === undefined ? new Uint8Array() : new TextEncoder().encode(`{"line":${line}}\n`);
}

// The frames of a call, step by step.
function stream(job, trapped, wanted) {
  let left = false;
  const end = () => {
    left = true;
    try {
      job.close();
      job.free();
    } catch {
      // Its instance is gone, but its line is not to be.
      trapped();
    }
    return lastFrame(wanted);
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
          const last = lastFrame(wanted);
          if (last.byteLength > 0) controller.enqueue(last);
          return controller.close();
        }
        if (frames.byteLength > 0) controller.enqueue(frames);
        if (job.is_done()) {
          const last = end();
          if (last.byteLength > 0) controller.enqueue(last);
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

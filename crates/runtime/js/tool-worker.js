// The shell of a tool worker. A call that nobody listens to is one synchronous stretch from bytes to bytes; one with a
// listener is done in steps, each step's frames sent as they come, and dropped when the listener leaves. After a trap the
// instance is a fresh one, and calls that were between two steps go on in it.
import * as wasm from "./glue.js";

// What a worker says of itself with each answer: its deployed version, and the digest of its catalogue.
const VERSION = "x-octavo-version";
const CATALOG = "x-octavo-catalog";
// How many bytes an answer has that is sent at once: the platform passes no length on between workers.
const BYTES = "x-octavo-bytes";
// The header by which the gateway asks for the log line, and the one that brings it; a stream brings it as its last frame.
const LINE_WANTED = "x-octavo-line-wanted";
const LINE = "x-octavo-line";

// The headers of an answer; the same for all of an isolate.
let framesHeaders;

// The line of the call that closes just now.
let printed;
let tapped = false;

// Counts instances.
let current = 0;

export default {
  async fetch(request, env) {
    const path = pathOf(request.url);
    framesHeaders ??= { "content-type": "application/x-ndjson", [VERSION]: env.VERSION?.id ?? "", [CATALOG]: wasm.digest() };
    if (path === "/health") return Response.json({ version: env.VERSION?.id ?? "", catalog: wasm.digest() });
    if (path === "/catalog" && wasm.catalog) return new Response(wasm.catalog(), { headers: { "content-type": "application/json" } });
    if (request.method !== "POST" || path !== "/call") return new Response("not found\n", { status: 404 });
    const wanted = request.headers.has(LINE_WANTED);
    const body = new Uint8Array(await request.arrayBuffer());
    const version = env.VERSION?.id;
    const begin = () => {
      if (wanted) tap();
      return wasm.begin(body, version);
    };
    // `of` is the instance that threw; whatever it was (a panic's RuntimeError, a stack overflow's RangeError), it cannot be trusted.
    const trapped = (of) => {
      if (of === current) replace();
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
    const born = current;
    try {
      const job = begin();
      if (job.is_heard()) return new Response(stream(job, begin, trapped, wanted), { headers: framesHeaders });
      const frames = job.finish();
      job.close();
      job.free();
      return whole(frames, wanted);
    } catch {
      return whole(trapped(born), wanted);
    }
  },
};

// The gateway's URLs have no query, and this is cheaper than to parse one.
const pathOf = (url) => url.slice(url.indexOf("/", "https://".length));

function replace() {
  wasm.__wbg_reset_state();
  current += 1;
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

function whole(frames, wanted) {
  const headers = { ...framesHeaders, [BYTES]: `${frames.byteLength}` };
  const line = lineOf(wanted);
  if (line !== undefined) headers[LINE] = line;
  return new Response(frames, { headers });
}

function lastFrame(wanted) {
  const line = lineOf(wanted);
  return line === undefined ? new Uint8Array() : new TextEncoder().encode(`{"line":${line}}\n`);
}

// The frames of a call, step by step.
function stream(job, begin, trapped, wanted) {
  let left = false;
  // The instance that the job is of, and its steps up to now.
  let of = current;
  let steps = 0;
  // Another call took the instance along: tools are pure, so the same steps lead to where this one was.
  const resume = () => {
    of = current;
    job = begin();
    for (let step = 0; step < steps; step += 1) job.step();
  };
  const end = () => {
    left = true;
    try {
      // For the line: the job's own instance may be gone.
      if (of !== current) {
        of = current;
        job = begin();
      }
      job.close();
      job.free();
    } catch {
      trapped(of);
    }
    return lastFrame(wanted);
  };
  return new ReadableStream({
    async pull(controller) {
      while (!left) {
        let frames;
        try {
          if (of !== current) resume();
          frames = job.step();
          steps += 1;
        } catch {
          left = true;
          controller.enqueue(trapped(of));
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

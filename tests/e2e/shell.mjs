// The shells beside a stand-in for the wasm, for tests of what they do by themselves.
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const SHELLS = fileURLToPath(new URL("../../crates/runtime/js", import.meta.url));

// What an exchange says that is of no interest here.
const PLAIN = `const plain = {
  parts: () => [], is_listening: () => false, session: () => undefined, session_object: () => undefined, traceparent: () => "",
  tracestate: () => undefined, delivery: () => undefined, becomes_task: () => false, task_request: () => undefined,
  allow_origin: () => undefined, blobs: () => undefined, principal: () => undefined, changed: () => [], status: () => 200, free: () => {},
  admit: () => true, reports: () => {}, needs_version: () => false, headers: () => [], limit: () => undefined, cache_key: () => undefined, succeeded: () => false, splices: () => [],
  lost_event: () => new TextEncoder().encode("lost"),
};`;

/** A clock that stands still until the test `t` is over: `waits` holds who waits for it, each with `ms` and `pass`. */
export function stillClock(t) {
  const waits = [];
  const { setTimeout: set, clearTimeout: clear, scheduler } = globalThis;
  t.after(() => Object.assign(globalThis, { setTimeout: set, clearTimeout: clear, scheduler }));
  const leave = (wait) => waits.includes(wait) && waits.splice(waits.indexOf(wait), 1);
  globalThis.setTimeout = (pass, ms) => {
    const wait = { ms, pass };
    waits.push(wait);
    return wait;
  };
  globalThis.clearTimeout = leave;
  globalThis.scheduler = {
    wait: (ms, { signal } = {}) =>
      new Promise((pass, reject) => {
        const wait = setTimeout(pass, ms);
        signal?.addEventListener("abort", (left) => {
          leave(wait);
          reject(left);
        });
      }),
  };
  return waits;
}

/** A shell with `glue` as its wasm; `calls` records what it was asked. Also the shell's module, with all that it exports. */
export async function load(shell, glue) {
  const folder = mkdtempSync(join(tmpdir(), "octavo-shell-"));
  try {
    cpSync(join(SHELLS, shell), join(folder, "index.mjs"));
    for (const module of readdirSync(SHELLS)) cpSync(join(SHELLS, module), join(folder, module));
    // Imports what only the platform has.
    writeFileSync(join(folder, "push.js"), "export const push = () => {};\nexport const pushes = () => false;\nexport const lineWanted = () => ({});\nexport const linesOf = () => undefined;");
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "glue.js"), `export const calls = [];\n${PLAIN}\n${glue}`);
    const { calls } = await import(pathToFileURL(join(folder, "glue.js")));
    const module = await import(pathToFileURL(join(folder, "index.mjs")));
    return { worker: module.default, module, calls };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

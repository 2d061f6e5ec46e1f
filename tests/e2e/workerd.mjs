// A look into the workerd that this process started: what it holds.
import { readdirSync, readFileSync } from "node:fs";

/** Resident memory of this process's workerd, in MiB; undefined where /proc does not tell. */
export function workerdMiB() {
  let kilobytes = 0;
  try {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        const of = (name) => status.match(new RegExp(`^${name}:\\s+(\\S+)`, "m"))?.[1];
        if (of("Name")?.startsWith("workerd") && Number(of("PPid")) === process.pid) kilobytes += Number(of("VmRSS"));
      } catch {
        // It ended meanwhile.
      }
    }
  } catch {
    return undefined;
  }
  return kilobytes === 0 ? undefined : kilobytes / 1024;
}

/** Asks the isolates of a fleet that was started with `inspector` how large their heaps are after a collection. */
export async function heapsOf({ fleet }) {
  const url = await fleet.getInspectorURL();
  const targets = await (await fetch(new URL("/json", url.href.replace(/^ws/, "http")))).json();
  // The fleet's own; the others are the platform's stand-ins.
  const own = targets.filter(({ id }) => id.startsWith("core:user:octavo-"));
  const isolates = await Promise.all(own.map(connected));
  return {
    isolates: isolates.length,
    /** In MiB, after a collection: objects of all heaps, buffers outside them, and both by worker, larger than one MiB. */
    async read() {
      const told = await Promise.all(
        isolates.map(async (ask) => {
          await ask("HeapProfiler.collectGarbage");
          return await ask("Runtime.getHeapUsage");
        }),
      );
      if (told.includes(undefined)) throw new Error("an isolate's inspector does not answer");
      const of = (name) => told.map((usage) => usage[name] / 2 ** 20);
      const [used, buffers] = [of("usedSize"), of("backingStorageSize")];
      const sum = (sizes) => sizes.reduce((all, size) => all + size, 0);
      const byWorker = own.map(({ id }, at) => [id.slice("core:user:octavo-".length), Math.round(used[at] + buffers[at])]);
      return { used: sum(used), buffers: sum(buffers), byWorker: Object.fromEntries(byWorker) };
    },
    close: () => isolates.forEach((ask) => ask.close()),
  };
}

// One isolate's inspector: asks it and gives its answer, undefined where there is none within some seconds.
async function connected({ webSocketDebuggerUrl }) {
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no inspector at ${webSocketDebuggerUrl}`));
  });
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
  };
  let asked = 0;
  const ask = (method) =>
    new Promise((resolve) => {
      const id = (asked += 1);
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method }));
      setTimeout(resolve, 30_000).unref();
    });
  ask.close = () => socket.close();
  return ask;
}

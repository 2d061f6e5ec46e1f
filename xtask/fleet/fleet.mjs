// The whole fleet in one local process, in real workerd: the built workers with the settings of wrangler/*.toml, KV on disk
// or in memory. Used by `cargo xtask dev` and by the end-to-end tests.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare, convertV4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptions, unstable_readConfig as readConfig } from "wrangler";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The workers of a fleet, the gateway first: it gets the port. */
export function workerNames() {
  const names = readdirSync(join(ROOT, "wrangler")).filter((file) => file.endsWith(".toml")).map((file) => file.slice(0, -5));
  return ["gateway", ...names.filter((name) => name !== "gateway").sort()];
}

/**
 * Starts the fleet and answers when the gateway serves.
 *
 * `port` 0 takes a free one; `without` leaves workers out, as if they were down; `persist` is a folder for KV (memory when
 * absent); `vars` are added to each worker's variables; `log` sees what the workers print.
 */
export async function startFleet({ port = 0, without = [], persist, vars = {}, verbose = false } = {}) {
  const names = workerNames().filter((name) => !without.includes(name));
  const workers = names.map((name) => describe(name, vars));
  const present = new Set(workers.map((worker) => worker.name));
  for (const worker of workers) {
    worker.serviceBindings = Object.fromEntries(
      Object.entries(worker.serviceBindings ?? {}).filter(([, target]) => present.has(target.name ?? target)),
    );
    worker.tails = (worker.tails ?? []).filter((target) => present.has(target.name ?? target));
  }
  const fleet = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      cf: false,
      port,
      log: new Log(verbose ? LogLevel.INFO : LogLevel.ERROR),
      ...(verbose ? {} : { handleStructuredLogs: () => {} }),
      ...(persist ? { resourcePersistencePath: persist } : {}),
      workers,
    }),
  );
  const url = await fleet.ready;
  return { url: url.origin, fleet, stop: () => fleet.dispose() };
}

function describe(name, vars) {
  const config = join(ROOT, "wrangler", `${name}.toml`);
  const { workerOptions: options, main } = workerOptions(config);
  if (!existsSync(main)) throw new Error(`${relative(ROOT, main)} is not built; run \`cargo xtask build\``);
  const folder = dirname(main);
  return {
    ...options,
    name: readConfig({ config }).name,
    rootPath: folder,
    bindings: { ...options.bindings, ...vars },
    modulesRoot: folder,
    modules: modulesOf(folder),
  };
}

// Every module of a built worker, its entry first.
function modulesOf(folder) {
  const files = readdirSync(folder, { recursive: true }).map((file) => join(folder, file));
  const modules = files.filter((file) => file.endsWith(".js") || file.endsWith(".wasm"));
  modules.sort((a, b) => Number(b === join(folder, "index.js")) - Number(a === join(folder, "index.js")) || a.localeCompare(b));
  return modules.map((path) => ({ type: path.endsWith(".wasm") ? "CompiledWasm" : "ESModule", path }));
}

// The whole fleet in one local process, in real workerd: the built workers with the settings of wrangler/*.toml, KV on disk
// or in memory. Used by `cargo xtask dev` and by the end-to-end tests.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare, convertV4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptions, unstable_readConfig as readConfig } from "wrangler";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

// The configs in a folder by their workers' names, the gateway's first: it gets the port.
function configsIn(folder) {
  const names = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(".toml")).map((file) => file.slice(0, -5));
  names.sort((a, b) => Number(b === "gateway") - Number(a === "gateway") || a.localeCompare(b));
  return new Map(names.map((name) => [name, join(ROOT, folder, `${name}.toml`)]));
}

/**
 * Starts the fleet and answers when the gateway serves.
 *
 * `port` 0 takes a free one; `without` leaves workers out, as if they were down; `persist` is a folder for KV (memory when
 * absent); `vars` are added to each worker's variables, where results are not kept unless RESULT_CACHE says so; `log` gets each
 * line that the workers print; with `conformance`, the configs of wrangler/conformance/ replace and join the product's; without
 * `tails` no worker has a tail consumer; `limits` has the rate-limit bindings of the gateway, which has none else. For faults:
 * `around` has, by a worker's name, the source of a module that stands before it (it imports the worker as `./index.js`), and
 * `outbound` answers what workers ask of other hosts. With `inspector` isolates can be looked into.
 */
export async function startFleet({
  port = 0, without = [], persist, vars = {}, verbose = false, log, conformance = false, tails = true, around = {}, outbound, limits = {}, inspector = false,
} = {}) {
  const configs = new Map([...configsIn("wrangler"), ...(conformance ? configsIn("wrangler/conformance") : [])]);
  const names = [...configs.keys()].filter((name) => !without.includes(name));
  const workers = names.map((name) => describe(configs.get(name), vars));
  workers[0].ratelimits = limits;
  const present = new Set(workers.map((worker) => worker.name));
  for (const worker of workers) {
    worker.serviceBindings = Object.fromEntries(
      Object.entries(worker.serviceBindings ?? {}).filter(([, target]) => present.has(target.name ?? target)),
    );
    worker.tails = (worker.tails ?? []).filter((target) => tails && present.has(target.name ?? target));
    const contents = around[worker.name];
    if (contents) worker.modules.unshift({ type: "ESModule", path: join(worker.rootPath, "around.js"), contents });
    if (outbound) worker.outboundService = outbound;
  }
  const fleet = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      cf: false,
      port,
      ...(inspector ? { inspectorPort: 0 } : {}),
      log: new Log(verbose ? LogLevel.INFO : LogLevel.ERROR),
      ...(verbose ? {} : { handleStructuredLogs: ({ message }) => log?.(message) }),
      ...(persist ? { resourcePersistencePath: persist } : {}),
      workers,
    }),
  );
  const url = await fleet.ready;
  return { url: url.origin, fleet, stop: () => fleet.dispose() };
}

function describe(config, vars) {
  const { workerOptions: options, main } = workerOptions(config);
  if (!existsSync(main)) throw new Error(`${relative(ROOT, main)} is not built; run \`cargo xtask build\``);
  const folder = dirname(main);
  return {
    ...options,
    name: readConfig({ config }).name,
    rootPath: folder,
    bindings: { ...options.bindings, RESULT_CACHE: "off", ...vars },
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

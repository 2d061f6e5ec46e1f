// Workers in plain workerd, without the local platform around it that `xtask/fleet` starts: what the benchmarks measure.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_readConfig as readConfig } from "wrangler";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Where configs and scripts are written while the program runs. */
export const folder = mkdtempSync(join(tmpdir(), "octavo-bench-"));
/** Quotes a text for Cap'n Proto's text format. */
export const quoted = (value) => JSON.stringify(value);

const workerd = createRequire(import.meta.url).resolve("workerd/bin/workerd");
const children = [];
const VERSION = "2026-07-28";

const META = { "io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {} };

/** A request of 2026-07-28, with the headers it must have. */
export function asked(method, params = {}, { headers = {}, progress = false } = {}) {
  const meta = progress ? { ...META, progressToken: 1 } : META;
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } });
  const name = params.name ? { "mcp-name": params.name } : {};
  const accept = progress ? "text/event-stream, application/json" : "application/json, text/event-stream";
  return { body, headers: { "content-type": "application/json", accept, "mcp-protocol-version": VERSION, "mcp-method": method, ...name, ...headers } };
}

/** A worker's part of a config: its modules, the first the entry, and its bindings. */
export function service(name, { modules, bindings = [] }) {
  const listed = modules.map(({ name: module, path, kind }) => `(name = ${quoted(module)}, ${kind} = embed ${quoted(relative(folder, path))})`);
  return `(name = ${quoted(name)}, worker = (modules = [${listed.join(", ")}], bindings = [${bindings.join(", ")}], compatibilityDate = "2026-11-01", globalOutbound = "internet"))`;
}

let files = 0;
/** The modules of a worker of one module. */
export function script(text) {
  const path = join(folder, `${++files}.js`);
  writeFileSync(path, text);
  return [{ name: "index.js", path, kind: "esModule" }];
}

/** A built worker with the variables of its config and some more; with `services`, the gateway's bindings of the tool workers. */
export function built(name, { services = false, vars = {} } = {}) {
  const at = join(ROOT, "build", name);
  const found = readdirSync(at, { recursive: true }).filter((file) => /\.(js|wasm)$/.test(file));
  found.sort((a, b) => Number(b === "index.js") - Number(a === "index.js"));
  const config = readConfig({ config: join(ROOT, "wrangler", `${name}.toml`) });
  const bindings = Object.entries({ ...config.vars, ...vars }).map(([key, value]) => `(name = ${quoted(key)}, text = ${quoted(String(value))})`);
  // Results are kept by the version of the worker that made them.
  bindings.push(`(name = "VERSION", json = ${quoted(JSON.stringify({ id: "bench" }))})`);
  if (services) {
    for (const { binding, service: target } of config.services) {
      if (target !== "octavo-tail") bindings.push(`(name = ${quoted(binding)}, service = ${quoted(target)})`);
    }
  }
  return { modules: found.map((file) => ({ name: file, path: join(at, file), kind: file.endsWith(".wasm") ? "wasm" : "esModule" })), bindings };
}

/** The tool workers. */
export const WORKERS = ["nodejs", "python", "docker", "quality", "webdesign", "database", "api", "architecture"];
/** The gateway, which is `main`, and the tool workers. */
export const fleet = (vars) => [
  service("main", built("gateway", { services: true, vars })),
  ...WORKERS.map((name) => service(`octavo-${name}`, built(name))),
];

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts workerd with these services, of which `main` serves; gives its URL at once, before it answers. */
export async function start(name, services) {
  const port = await freePort();
  const config = join(folder, `${name}.capnp`);
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${[...services, `(name = "internet", network = (allow = ["private"]))`].join(",\n    ")}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  );
  const child = spawn(workerd, ["serve", config], { stdio: ["ignore", "ignore", process.env.OCTAVO_BENCH_LOUD ? "inherit" : "ignore"] });
  children.push(child);
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

/** Sends a request until something listens. */
export async function answer({ url, path }, { body, headers }) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(`${url}${path}`, { method: "POST", headers, body });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      if (attempt === 1_000) throw error;
      await new Promise((done) => setTimeout(done, 10));
    }
  }
}

/** The median of some numbers. */
export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Stops all that was started. */
export function stopAll() {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

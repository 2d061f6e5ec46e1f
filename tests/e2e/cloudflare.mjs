// A stand-in for the platform, on this machine alone: the part of its API that wrangler and `cargo xtask deploy` use, and the
// fleet that is deployed there, as a client meets it. It runs no worker. What a worker does is read from its uploaded source: one
// that holds `breaks calls` fails them. As on the platform, a worker exists by its first upload, a version serves by a
// deployment, a version with none of the traffic answers who asks for it by header, and bindings must exist.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
export const TOKEN = "stand-in-token";
const CATALOG = JSON.parse(readFileSync(new URL("../../crates/catalog/generated/catalog.json", import.meta.url), "utf8"));
const CALLS = JSON.parse(readFileSync(new URL("../../xtask/deploy/calls.json", import.meta.url), "utf8"));
const CATEGORIES = [...new Set(CATALOG.map(({ category }) => category))];
const OVERRIDES = "cloudflare-workers-version-overrides";

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

const resourcesOf = (bindings) => ({ script: { etag: "e", handlers: ["fetch"] }, script_runtime: { usage_model: "standard" }, bindings });
const noScript = () => new Refusal(404, 10007, "This Worker does not exist on your account.");

/**
 * Starts it. `scripts` has what is deployed, by name, each with its `deployments` and `versions`, newest first; `requests` every
 * request that changed something, as `METHOD path`; `before` may be set to a function that is awaited before such a request is
 * done, and may refuse it by throwing.
 */
export async function startPlatform({ suffix = "", subdomain = "team" } = {}) {
  const platform = { scripts: new Map(), namespaces: new Map(), requests: [], unknown: [], before: undefined };
  let clock = Date.parse("2026-11-30T00:00:00Z");
  const now = () => new Date((clock += 1000)).toISOString();

  const scriptOf = (name) => {
    const script = platform.scripts.get(name);
    if (script === undefined) throw noScript();
    return script;
  };

  function deploy(name, versions, message) {
    const deployment = { id: randomUUID(), created_on: now(), source: "wrangler", strategy: "percentage", versions };
    deployment.annotations = { "workers/triggered_by": "deployment", ...(message ? { "workers/message": message } : {}) };
    scriptOf(name).deployments.unshift(deployment);
    return deployment;
  }

  // What wrangler uploads: settings, and modules.
  async function versionOf(request, body) {
    const form = await new Response(body, { headers: { "content-type": request.headers["content-type"] } }).formData();
    const metadata = JSON.parse(form.get("metadata"));
    const modules = [...form.entries()].filter(([name]) => name !== "metadata");
    const sources = await Promise.all(modules.map(([, module]) => (typeof module === "string" ? module : module.text())));
    for (const { type, name, service } of metadata.bindings) {
      if (type !== "service" || platform.scripts.has(service)) continue;
      throw new Refusal(400, 10143, `Could not resolve service binding '${name}'. Target script '${service}' not found. Please verify the target script and try again.`);
    }
    for (const { service } of metadata.tail_consumers ?? []) {
      if (!platform.scripts.has(service)) throw new Refusal(400, 10203, "Tail Worker does not exist on this account. Check the Worker name and try again.");
    }
    const annotations = { "workers/triggered_by": "upload", ...metadata.annotations };
    return { id: randomUUID(), number: 1, metadata: { created_on: now(), author_email: "dev@octavo.example", source: "wrangler" }, annotations, resources: resourcesOf(metadata.bindings), source: sources.join("\n"), settings: metadata };
  }

  /** A worker that was deployed before the test, by hand. */
  platform.seed = (name, source = "") => {
    const version = { id: randomUUID(), number: 1, metadata: { created_on: now(), author_email: "dev@octavo.example" }, annotations: {}, resources: resourcesOf([]), source, settings: { bindings: [] } };
    platform.scripts.set(name, { deployments: [], versions: [version], secrets: [], schedules: [], door: { enabled: name.startsWith("octavo-gateway"), previews_enabled: false } });
    deploy(name, [{ version_id: version.id, percentage: 100 }]);
    return version.id;
  };

  /** The version that serves a request to a worker, by its traffic or by the request's own wish. */
  platform.serving = (name, headers = {}) => {
    const script = platform.scripts.get(name);
    if (script === undefined) return undefined;
    const { versions } = script.deployments[0];
    const wished = new RegExp(`(?:^|, ?)${name}="([^"]+)"`).exec(headers[OVERRIDES] ?? "")?.[1];
    const id = versions.some(({ version_id: version }) => version === wished) ? wished : versions.find(({ percentage }) => percentage > 50).version_id;
    return script.versions.find((version) => version.id === id);
  };

  const doorOf = (name) => ({ ...scriptOf(name).door, preview_url_suffix: `-${name}.${subdomain}.workers.dev` });

  const SCRIPT = `/accounts/${ACCOUNT}/workers/scripts/`;
  async function api(request, path, query, body) {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) throw new Refusal(403, 10000, "Authentication error");
    const { method } = request;
    const json = () => JSON.parse(body);
    if (path === "/accounts") return [{ id: ACCOUNT, name: "Stand-in" }];
    if (path === `/accounts/${ACCOUNT}/workers/subdomain`) return { subdomain };
    if (path === `/accounts/${ACCOUNT}/workers/scripts`) return [...platform.scripts.keys()].map((id) => ({ id }));
    if (path === `/accounts/${ACCOUNT}/storage/kv/namespaces`) {
      if (method === "GET") return [...platform.namespaces].map(([id, title]) => ({ id, title }));
      const id = randomUUID().replaceAll("-", "");
      platform.namespaces.set(id, json().title);
      return { id, title: json().title };
    }
    if (path.startsWith(`/accounts/${ACCOUNT}/storage/kv/namespaces/`)) {
      const id = path.split("/").at(-1);
      if (!platform.namespaces.has(id)) throw new Refusal(404, 10013, "namespace not found");
      return { id, title: platform.namespaces.get(id) };
    }
    if (path.startsWith(`/accounts/${ACCOUNT}/workers/services/`)) {
      const name = path.split("/").at(-1);
      if (!platform.scripts.has(name)) throw new Refusal(404, 10090, "workers.api.error.service_not_found");
      return { id: name, default_environment: { environment: "production", script: { last_deployed_from: "wrangler", tag: "t" } } };
    }
    if (path.startsWith(`/accounts/${ACCOUNT}/workers/workers/`)) {
      const name = path.split("/").at(-1);
      return { id: name, name, subdomain: doorOf(name) };
    }
    if (!path.startsWith(SCRIPT)) throw new Refusal(404, 7003, `Could not route to ${path}`);
    const [name, part = "", id] = path.slice(SCRIPT.length).split("/");
    return await scriptApi({ request, method, name, part, id, query, body, json });
  }

  async function scriptApi({ request, method, name, part, id, body, json }) {
    if (part === "" && method === "PUT") {
      const version = await versionOf(request, body);
      const old = platform.scripts.get(name);
      platform.scripts.set(name, { deployments: [], secrets: [], schedules: [], door: { enabled: false, previews_enabled: false }, ...old, versions: [version, ...(old?.versions ?? [])] });
      deploy(name, [{ version_id: version.id, percentage: 100 }]);
      return { id: name, etag: "e", deployment_id: version.id.replaceAll("-", ""), startup_time_ms: 1 };
    }
    const script = scriptOf(name);
    switch (`${method} ${part}`) {
      case "GET deployments":
        return { deployments: script.deployments.slice(0, 10) };
      case "POST deployments": {
        const { versions, annotations } = json();
        const total = versions.reduce((sum, { percentage }) => sum + percentage, 0);
        if (total !== 100) throw new Refusal(400, 10045, "percentages must add up to 100");
        for (const { version_id: version } of versions) {
          if (!script.versions.some((one) => one.id === version)) throw new Refusal(400, 10046, `no version ${version}`);
        }
        return deploy(name, versions, annotations?.["workers/message"]);
      }
      case "GET versions": {
        const shown = ({ source, settings, ...version }) => version;
        if (id === undefined) return { items: script.versions.slice(0, 10).map(shown) };
        const found = script.versions.find((version) => version.id === id);
        if (found === undefined) throw new Refusal(404, 10046, "no such version");
        return shown(found);
      }
      case "POST versions": {
        const version = await versionOf(request, body);
        version.number = script.versions.length + 1;
        version.metadata.has_preview = script.door.previews_enabled;
        script.versions.unshift(version);
        return { id: version.id, number: version.number, startup_time_ms: 1, metadata: version.metadata, resources: version.resources };
      }
      case "GET secrets":
        return script.secrets.map((secret) => ({ name: secret, type: "secret_text" }));
      case "GET settings":
        return { bindings: script.versions[0].settings.bindings };
      case "GET script-settings":
      case "PATCH script-settings":
        return { logpush: false, tail_consumers: [], ...(method === "PATCH" ? Object.fromEntries(await settingsOf(request, body)) : {}) };
      case "GET subdomain":
        return doorOf(name);
      case "POST subdomain":
        script.door = { ...script.door, ...json() };
        return script.door;
      case "GET schedules":
        return { schedules: script.schedules };
      case "PUT schedules":
        script.schedules = json();
        return { schedules: script.schedules };
      default:
        throw new Refusal(404, 7003, `Could not route to ${method} ${part}`);
    }
  }

  const settingsOf = async (request, body) =>
    request.headers["content-type"]?.startsWith("application/json") ? Object.entries(JSON.parse(body)) : [];

  // The deployed gateway, and behind it the workers that it is bound to.
  function fleet(request, url, body) {
    const { headers } = request;
    const gateway = platform.serving(`octavo-gateway${suffix}`, headers);
    if (gateway === undefined) return [404, {}];
    const workerOf = (category) => platform.serving(`octavo-${category}${suffix}`);
    if (gateway.source.includes("breaks all")) return [500, { error: "broken" }];
    if (url.pathname === "/health/live") return [200, { status: "ok", deployment: gateway.id }];
    if (url.pathname === "/health") {
      const categories = CATEGORIES.map((category) => ({ category, worker: `octavo-${category}`, status: workerOf(category) ? "ok" : "unavailable", version: workerOf(category)?.id, catalog: "same" }));
      return [200, { status: "ok", categories }];
    }
    if (url.pathname === "/ops/v1/logs") return [200, { data: platform.serving(`octavo-tail${suffix}`) ? [{ kind: "mcp" }, { kind: "tool" }] : [] }];
    if (url.pathname !== "/mcp") return [404, {}];
    const { method, params } = JSON.parse(body);
    if (method === "tools/list") return [200, { result: { tools: CATALOG.map(({ tool }) => tool) } }];
    const { name } = params;
    const isBroken = workerOf(name.split("_")[0]).source.includes("breaks calls");
    const { rule } = CALLS.find((call) => call.name === name);
    const findings = rule === undefined ? [] : [{ rule }];
    if (isBroken) return [200, { result: { isError: true, content: [{ type: "text", text: "Error: broken on purpose" }] } }];
    return [200, { result: { content: [], structuredContent: { summary: "as it must be", findings } } }];
  }

  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url, "http://stand-in");
    const send = (status, value) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (!url.pathname.startsWith("/client/v4/")) {
      const [status, answer] = fleet(request, url, body.toString());
      return send(status, answer);
    }
    const path = url.pathname.slice("/client/v4".length);
    const what = `${request.method} ${path.replace(`/accounts/${ACCOUNT}/`, "")}`;
    try {
      if (request.method !== "GET") {
        platform.requests.push(what);
        await platform.before?.(what, body);
      }
      send(200, { success: true, errors: [], messages: [], result: await api(request, path, url.searchParams, body), result_info: { page: 1, per_page: 100, count: 1, total_count: 1 } });
    } catch (error) {
      if (error.code === 7003) platform.unknown.push(what);
      send(error.status ?? 500, { success: false, errors: [{ code: error.code ?? 10001, message: error.message }], messages: [], result: null });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  platform.url = `http://127.0.0.1:${server.address().port}`;
  platform.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return platform;
}

// Whether a deployed gateway and its workers do what they are for: health, the list, a call of each category, and the line that
// a call leaves in the log. Input as JSON on stdin, `{checks: [{name, ok, detail, ms}]}` on stdout; `ok` is null for what could
// not be asked. The key and the operators' token come by the environment: OCTAVO_KEY, OCTAVO_OPS_TOKEN.
//
// `overrides` names a version of each worker that is on trial: deployed, and met only by who asks for it.
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";

const { url, overrides = {}, versions = {}, gateway, tools, skew = "tell", calls = [], list = false, log = true, patienceMs = 60_000, pauseMs = 1000 } = JSON.parse(
  await text(process.stdin),
);
const KEY = process.env.OCTAVO_KEY;
const OPS_TOKEN = process.env.OCTAVO_OPS_TOKEN;
const REQUEST_MS = 40_000;
// The oldest revision whose results have structured content.
const VERSION = "2025-06-18";

const trial = Object.entries(overrides).map(([name, id]) => `${name}="${id}"`).join(", ");
const common = trial === "" ? {} : { "cloudflare-workers-version-overrides": trial };
const checks = [];

async function get(path, headers = {}) {
  const response = await fetch(new URL(path, url), { headers: { ...common, ...headers }, signal: AbortSignal.timeout(REQUEST_MS) });
  const body = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status}: ${body.slice(0, 200).trim()}`);
  return JSON.parse(body);
}

async function rpc(method, params, headers = {}) {
  const response = await fetch(new URL("/mcp", url), {
    method: "POST",
    headers: { ...common, "content-type": "application/json", "cache-control": "no-cache", "mcp-protocol-version": VERSION, ...(KEY ? { authorization: `Bearer ${KEY}` } : {}), ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  const body = await response.text();
  if (response.status === 401) throw new Error("401: put a key that the deployment takes into OCTAVO_KEY");
  if (!response.ok) throw new Error(`${response.status}: ${body.slice(0, 300).trim()}`);
  const { result, error } = JSON.parse(body);
  if (error) throw new Error(`${error.code}: ${error.message}`);
  return result;
}

// Deployments reach the data centres within seconds: what is not yet so may soon be.
async function soon(work, patience = patienceMs) {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function check(name, work) {
  const began = performance.now();
  const row = { name, ok: true, detail: "" };
  try {
    const detail = await work();
    if (detail === null) row.ok = null;
    else row.detail = detail ?? "";
  } catch (error) {
    row.ok = false;
    row.detail = error.cause?.message ? `${error.message}: ${error.cause.message}` : error.message;
  }
  row.ms = Math.round(performance.now() - began);
  checks.push(row);
  return row.ok !== false;
}

async function gatewayServes() {
  return await soon(async () => {
    const { status, deployment } = await get("/health/live");
    if (status !== "ok") throw new Error(`the gateway says ${status}`);
    if (gateway && deployment !== gateway) throw new Error(`version ${deployment ?? "of before"} answers, not ${gateway}`);
    return deployment ?? "";
  });
}

async function workersServe() {
  return await soon(async () => {
    const { categories } = await get("/health");
    const told = [];
    for (const { category, worker, status, version, catalog } of categories) {
      const name = versions[category] === undefined ? undefined : versions[category];
      if (status !== "ok") throw new Error(`${worker} is ${status}`);
      if (name && version !== name) throw new Error(`${worker} is at version ${version ?? "of before"}, not ${name}`);
      if (catalog === "same") continue;
      const why = `${worker} was built with another catalogue than the gateway`;
      if (skew === "fail") throw new Error(why);
      told.push(`${why}; deploy both`);
    }
    return told.join("; ") || `${categories.length} answer`;
  });
}

async function listIsWhole() {
  let count = 0;
  let cursor;
  do {
    const page = await rpc("tools/list", cursor === undefined ? {} : { cursor });
    count += page.tools.filter(({ name }) => !name.startsWith("ops_")).length;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  if (count === 0 || (tools && count !== tools)) throw new Error(`${count} tools are listed, of ${tools}; does the key open all categories?`);
  return `${count} tools`;
}

let trace;

async function callWorks({ name, arguments: given, rule }) {
  const id = randomBytes(16).toString("hex");
  const result = await rpc("tools/call", { name, arguments: given }, { traceparent: `00-${id}-${randomBytes(8).toString("hex")}-01` });
  if (result.isError) throw new Error(result.content?.[0]?.text?.slice(0, 300) ?? "the tool failed");
  const rules = (result.structuredContent?.findings ?? []).map((finding) => finding.rule);
  if (rule && !rules.includes(rule)) throw new Error(`${rule} is not found, but ${rules.join(", ") || "nothing"}`);
  trace = id;
  return result.structuredContent?.summary ?? "";
}

async function lineIsKept() {
  if (trace === undefined || !OPS_TOKEN) return null;
  return await soon(async () => {
    const { data } = await get(`/ops/v1/logs?trace_id=${trace}`, { authorization: `Bearer ${OPS_TOKEN}` });
    if (data.length < 2) throw new Error(`${data.length} of 2 lines of trace ${trace} have arrived`);
    return `${data.length} lines of one call`;
  });
}

const serves = (await check("gateway", gatewayServes)) && (await check("workers", workersServe));
if (serves) {
  if (list) await check("tools/list", listIsWhole);
  for (const call of calls) await check(call.name, () => callWorks(call));
  if (log) await check("log", lineIsKept);
}
console.log(JSON.stringify({ checks }));

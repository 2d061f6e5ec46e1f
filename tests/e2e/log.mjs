// What tests of the log share: calls, questions, and a look into the store.
import assert from "node:assert/strict";

export const GATEWAY = "octavo-gateway";
export const TAIL = "octavo-tail";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One JSON-RPC request; the body is undefined where it is no JSON. */
export async function rpc(url, method, params, headers = {}, path = "/mcp") {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const traceparent = response.headers.get("traceparent");
  return { status: response.status, traceparent, body: await response.json().catch(() => undefined) };
}

export const call = (url, name, given = {}, headers = {}) => rpc(url, "tools/call", { name, arguments: given }, headers);

/** An answer of the operators' API that must be one. */
export async function ask(url, path, headers) {
  const response = await fetch(`${url}/ops/${path}`, { headers });
  const text = await response.text();
  assert.equal(response.status, 200, `${path}: ${text}`);
  return JSON.parse(text);
}

/** Every line of an export that must be whole. */
export async function exported(url, query = "", headers) {
  const response = await fetch(`${url}/ops/v1/export${query}`, { headers });
  assert.equal(response.status, 200);
  const lines = (await response.text()).trim().split("\n").map((line) => JSON.parse(line));
  const { export: end } = lines.pop();
  assert.deepEqual([end.complete, end.lines], [true, lines.length]);
  return lines;
}

/** Waits until something is true. */
export async function until(what, holds, patienceMs = 30_000) {
  const end = Date.now() + patienceMs;
  for (;;) {
    const value = await holds();
    if (value) return value;
    if (Date.now() > end) assert.fail(`never: ${what}`);
    await sleep(100);
  }
}

/** Waits until the log holds so many lines, and gives the summary; lines arrive a window after the response. */
export async function settled(url, count, patienceMs = 60_000) {
  let last;
  const enough = async () => {
    ({ data: last } = await ask(url, "v1/summary"));
    return last.telemetry.events >= count && last;
  };
  return await until(`${count} lines arrive`, enough, patienceMs).catch((error) => {
    throw new Error(`${error.message}; there are ${last?.telemetry.events}`);
  });
}

/** The store and its keys. */
export async function keysOf({ fleet }) {
  const store = await fleet.getKVNamespace("LOGS", TAIL);
  const keys = [];
  for (let cursor; ; ) {
    const page = await store.list({ cursor });
    keys.push(...page.keys);
    if (page.list_complete) return { store, keys };
    ({ cursor } = page);
  }
}

export const cron = async ({ fleet }, time) =>
  (await fleet.getWorker(TAIL)).scheduled({ cron: "* * * * *", scheduledTime: new Date(time) });

/** The nearest-rank quantile. */
export const rank = (values, q) => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];

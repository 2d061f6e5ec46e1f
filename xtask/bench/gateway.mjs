// The gateway against a bare worker, two bare hops and the official TypeScript server, each in workerd of its own, by wrk with
// sixteen connections: rounds in which every target has its turn, and the median of each. Prints a line of JSON for each target.
//
// gateway.mjs SECONDS ROUNDS
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { typescriptServer } from "./typescript.mjs";
import { answer, asked, fleet, folder, median, quoted, script, service, start, stopAll } from "./workerd.mjs";

const [SECONDS, ROUNDS] = [Number(process.argv[2] ?? 3), Number(process.argv[3] ?? 5)];
const CONNECTIONS = 16;
const CALL = { name: "webdesign_check_contrast", arguments: { source: "a { color: #333; background: #fff }" } };
const KEY = "oct_bench_0123456789abcdef0123456789abcdef";
const run = promisify(execFile);

async function wrk(target) {
  const { headers, body } = target.request;
  const lua = join(folder, `${target.name.replaceAll(/\W/g, "-")}.lua`);
  const set = Object.entries(headers).map(([name, value]) => `wrk.headers[${quoted(name)}] = ${quoted(value)}`);
  const done = `done = function(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), summary.errors.status, summary.bytes))
end`;
  writeFileSync(lua, [`wrk.method = "POST"`, `wrk.body = ${luaText(body)}`, ...set, done].join("\n"));
  const { stdout } = await run("wrk", ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, "-s", lua, `${target.url}${target.path}`]);
  const [requests, micros, p50, p95, errors, bytes] = stdout.match(/RESULT (.*)/)[1].split(" ").map(Number);
  if (errors > 0) throw new Error(`${target.name}: ${errors} of ${requests} requests failed`);
  return { rate: requests / (micros / 1e6), p50: p50 / 1000, p95: p95 / 1000, bytes: bytes / requests };
}

// A text as Lua writes it, whatever is in it.
const luaText = (text) => `"${[...Buffer.from(text)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;

const hello = script(`export default { async fetch(request) { await request.text(); return new Response("hello"); } };`);
const door = script(`export default { async fetch(request, env) {
  const body = await request.text();
  const answer = await env.LEAF.fetch("https://leaf/", { method: "POST", body });
  return new Response(await answer.text(), { headers: { "content-type": "application/json" } });
} };`);
const leaf = script(`export default { async fetch(request) {
  const { id, params } = JSON.parse(await request.text());
  return new Response(JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: String(params.arguments.source.length) }] } }));
} };`);

try {
  const open = await start("open", fleet({ AUTH: "open", RESULT_CACHE: "off" }));
  const list = asked("tools/list");
  const listed = JSON.parse((await answer({ url: open.url, path: "/mcp" }, list)).text).result.tools;
  const digest = createHash("sha256").update(KEY).digest("hex");
  const keyed = await start("keys", fleet({ AUTH: "keys", RESULT_CACHE: "off", API_KEYS: JSON.stringify([{ id: "bench", sha256: digest }]) }));
  const kept = await start("kept", fleet({ AUTH: "open", RESULT_CACHE: "on" }));
  const bare = await start("bare", [service("main", { modules: door, bindings: [`(name = "LEAF", service = "leaf")`] }), service("leaf", { modules: leaf })]);
  const one = await start("hello", [service("main", { modules: hello })]);
  const typescript = await start("typescript", [service("main", { modules: typescriptServer(listed) })]);
  const call = asked("tools/call", CALL);
  const withKey = asked("tools/call", CALL, { headers: { authorization: `Bearer ${KEY}` } });
  const heard = asked("tools/call", CALL, { progress: true });
  const discover = asked("server/discover");
  const targets = [
    { name: "hello world", url: one.url, request: call },
    { name: "two hops of bare JavaScript", url: bare.url, request: call },
    { name: "TypeScript server, call", url: typescript.url, request: call },
    { name: "TypeScript server, list", url: typescript.url, request: list },
    { name: "TypeScript server, discover", url: typescript.url, request: discover },
    { name: "Octavo, call", url: open.url, request: call },
    { name: "Octavo, call with a key", url: keyed.url, request: withKey },
    { name: "Octavo, call from the cache", url: kept.url, request: call },
    { name: "Octavo, call with progress", url: open.url, request: heard },
    { name: "Octavo, list", url: open.url, request: list },
    { name: "Octavo, discover", url: open.url, request: discover },
  ].map((target) => ({ path: "/mcp", rounds: [], ...target }));
  for (const target of targets) {
    const { status, text } = await answer(target, target.request);
    if (status !== 200 || (/"isError":true|"error":\{/.test(text) && target.name !== "hello world")) throw new Error(`${target.name}: ${status} ${text.slice(0, 300)}`);
    // Warm: what is compiled lazily is compiled.
    await wrk(target);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const target of targets) target.rounds.push(await wrk(target));
    process.stderr.write(`bench: gateway, round ${round + 1} of ${ROUNDS}\n`);
  }
  for (const { name, rounds } of targets) {
    const of = (what) => Number(median(rounds.map((round) => round[what])).toPrecision(4));
    console.log(JSON.stringify({ target: name, rate: of("rate"), p50: of("p50"), p95: of("p95"), bytes: of("bytes") }));
  }
} finally {
  stopAll();
}

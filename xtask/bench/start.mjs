// From the start of workerd to the first answer: each tool worker behind the gateway, and the official TypeScript server. Prints a
// line of JSON for each, with the least and the median of the rounds.
//
// start.mjs ROUNDS
import { calls } from "../../tests/e2e/inputs.mjs";
import { typescriptServer } from "./typescript.mjs";
import { WORKERS, answer, asked, built, fleet, median, script, service, start, stopAll } from "./workerd.mjs";

const ROUNDS = Number(process.argv[2] ?? 5);

async function first(name, services, request) {
  const started = performance.now();
  const server = await start(name, services);
  const { status, text } = await answer({ url: server.url, path: "/mcp" }, request);
  const ms = performance.now() - started;
  server.stop();
  if (status !== 200 || /"error":\{/.test(text)) throw new Error(`${name}: ${status} ${text.slice(0, 300)}`);
  return { ms, text };
}

const gateway = built("gateway", { services: true, vars: { AUTH: "open", RESULT_CACHE: "off" } });
const stub = { modules: script(`export default { fetch: () => new Response("", { status: 404 }) };`) };
// The gateway with one worker, so that the others' start is no part of it.
const alone = (category) => [service("main", gateway), ...WORKERS.map((name) => service(`octavo-${name}`, name === category ? built(name) : stub))];

try {
  const { text } = await first("all", fleet({ AUTH: "open" }), asked("tools/list"));
  const tools = JSON.parse(text).result.tools;
  const typescript = [service("main", { modules: typescriptServer(tools) })];
  const call = (category) => calls.find(({ name }) => name.startsWith(`${category}_`));
  const targets = [
    { name: "TypeScript server, call", services: typescript, request: asked("tools/call", { name: tools[0].name, arguments: { source: "x" } }) },
    { name: "gateway, list", services: alone("none"), request: asked("tools/list") },
    ...WORKERS.map((category) => ({ name: `${category}, call`, services: alone(category), request: asked("tools/call", { name: call(category).name, arguments: call(category).arguments }) })),
  ];
  const rounds = targets.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, { name, services, request }] of targets.entries()) rounds[at].push((await first(name.replaceAll(/\W/g, "-"), services, request)).ms);
    process.stderr.write(`bench: start, round ${round + 1} of ${ROUNDS}\n`);
  }
  for (const [at, { name }] of targets.entries()) console.log(JSON.stringify({ target: name, ms: Math.round(median(rounds[at])), least: Math.round(Math.min(...rounds[at])) }));
} finally {
  stopAll();
}

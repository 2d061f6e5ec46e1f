// Hostile input in workerd: the cases that tests/system makes (`hostile send`), sent to the built fleet. A trap, an answer that is
// not ours, an instance that is replaced, and a worker that says nothing are failures. `cargo xtask fuzz --workerd` starts it:
// `fuzz.mjs PROGRAM COUNT SEED [TOOL]`.
import { spawn } from "node:child_process";
import { request, validateHeaderName, validateHeaderValue } from "node:http";
import { startFleet } from "../../xtask/fleet/fleet.mjs";

const [program, count, seed, tool] = process.argv.slice(2);
const AT_ONCE = 2;
// Slowest cases and wrong ones that are shown.
const SHOWN = 10;
// What a connection says of itself is the client's own.
const OWN_HEADERS = /^(host|connection|content-length|transfer-encoding|expect|upgrade|te|trailer|keep-alive)$/i;

// The tail worker with a door for events of any shape.
const TAIL = `
import tail from "./index.js";
export * from "./index.js";
export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/fuzz") return await tail.fetch(request, env, ctx);
    const text = await request.text();
    let events = text;
    try {
      events = JSON.parse(text);
    } catch {
      // No events at all.
    }
    await tail.tail(events, env);
    return new Response("taken");
  },
  tail: (events, env) => tail.tail(events, env),
  scheduled: (controller, env) => tail.scheduled(controller, env),
};`;

const replaced = [];
const exceptions = [];
const log = (line) => {
  if (/instance replaced/.test(line)) replaced.push(line);
  if (line.includes('"status":"exception"')) exceptions.push(line);
};
const vars = { OPS_ACCESS: "open", LISTEN_SECONDS: "0.02", LOG_WINDOW_MS: "1000", CALL_DEADLINE_MS: "20000" };
const fleet = await startFleet({ vars, log, around: { "octavo-tail": TAIL } });
const tail = await fleet.fleet.getWorker("octavo-tail");
const { hostname, port } = new URL(fleet.url);

// What a header has to be to be sent at all.
function headersOf(lines) {
  const headers = {};
  for (const line of lines.split("\n")) {
    const at = line.indexOf(":");
    const [name, value] = [line.slice(0, Math.max(at, 0)), line.slice(at + 1)];
    if (OWN_HEADERS.test(name)) continue;
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      headers[name] = value;
    } catch {
      // No client can send it.
    }
  }
  return headers;
}

// The answer to one request; a feed is left after its head.
function ask(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, method, path: path.replace(/[^!-~]/g, encodeURIComponent), headers }, (response) => {
      const { statusCode: status, headers: fields } = response;
      if (path.startsWith("/ops/v1/live")) {
        resolve({ status, type: fields["content-type"], text: "" });
        return sent.destroy();
      }
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status, type: fields["content-type"], text: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

// What is wrong with an answer.
function faultOf({ status, type = "", text }) {
  if (status >= 500) return `status ${status}: ${text.slice(0, 200)}`;
  if (text === "" || !/json|event-stream/.test(type)) return undefined;
  if (type.includes("ndjson")) return undefined;
  const last = type.includes("event-stream") ? (text.split("\n").findLast((line) => line.startsWith("data: ")) ?? "").slice(6) : text;
  let answer;
  try {
    answer = JSON.parse(last);
  } catch {
    return `no JSON: ${text.slice(0, 200)}`;
  }
  const reason = answer?.result?._meta?.["dev.octavo/error"]?.reason;
  return ["tool_failed", "category_unavailable"].includes(reason) ? `${reason}: ${answer.result.content?.[0]?.text}` : undefined;
}

async function perform(one) {
  if (one.events !== undefined) {
    const response = await tail.fetch("https://tail-worker/fuzz", { method: "POST", body: one.events });
    return { status: response.status, text: await response.text() };
  }
  if (one.query !== undefined) {
    const parameters = new URLSearchParams(one.parameters.map(([name, value]) => [name, value.toWellFormed()]));
    return await ask("GET", `/ops${one.query}?${parameters}`, {});
  }
  return await ask("POST", one.path, headersOf(one.headers), Buffer.from(one.body, "hex"));
}

// Lines end at line feeds alone; `node:readline` ends them at what JSON may hold, too. What is asked for at once is given in order.
async function* linesOf(stream) {
  let pieces = [];
  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...pieces, chunk.subarray(from, at)]).toString("utf8");
      pieces = [];
      from = at + 1;
    }
    pieces.push(chunk.subarray(from));
  }
}

async function runLayer(layer) {
  const child = spawn(program, ["send", layer, seed, count, ...(tool === undefined ? [] : [tool])], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = linesOf(child.stdout);
  const began = performance.now();
  const told = [];
  const wrong = [];
  let done = 0;
  const worker = async () => {
    for (let { value, done: over } = await lines.next(); !over; { value, done: over } = await lines.next()) {
      const one = JSON.parse(value);
      const started = performance.now();
      const before = replaced.length;
      const fault = await perform(one).then(faultOf, (error) => `no answer: ${error.message}`);
      const ms = performance.now() - started;
      done += 1;
      told.push({ number: one.number, name: one.name, ms });
      if (told.length > 1_000) told.sort((a, b) => b.ms - a.ms).splice(SHOWN);
      if (fault !== undefined || replaced.length > before) wrong.push({ number: one.number, name: one.name, ms, fault: fault ?? replaced.at(-1) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`fuzz in workerd: ${layer}: ${done} cases of seed ${seed} in ${seconds} s: ${wrong.length} wrong; the slowest of the rest:`);
  for (const { number, name, ms, fault } of wrong.slice(0, 5 * SHOWN)) console.log(`  WRONG ${ms.toFixed(0).padStart(6)} ms  number ${number}  ${name}  ${fault}`);
  told.sort((a, b) => b.ms - a.ms);
  for (const { number, name, ms } of told.slice(0, SHOWN)) console.log(`  ${ms.toFixed(0).padStart(8)} ms  number ${number}  ${name}`);
  if (done !== Number(count)) throw new Error(`${program} wrote ${done} cases`);
  return wrong.length;
}

try {
  let wrong = 0;
  for (const layer of tool === undefined ? ["tools", "doors"] : ["tools"]) wrong += await runLayer(layer);
  console.log(`replaced instances of gateway and tail worker: ${replaced.length}; lines with status exception: ${exceptions.length}`);
  if (wrong + replaced.length + exceptions.length > 0) {
    console.log(`\`${program} show LAYER ${seed} NUMBER\` prints a case`);
    for (const line of exceptions.slice(0, SHOWN)) console.log(line.slice(0, 400));
    process.exitCode = 1;
  }
} finally {
  await fleet.stop();
}

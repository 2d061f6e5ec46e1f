// Workers that are dead, slow, hanging, or answer what is no answer, one after the other, in real workerd: the others go on as
// before, and the model is told what is wrong. OCTAVO_FAULTS=all does it with each of the eight and prints the table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";

const DEADLINE_MS = 400;
const OPEN_MS = 1_500;
const CATEGORIES = [...new Set(calls.map(({ name }) => name.split("_")[0]))];
const WHOLE = process.env.OCTAVO_FAULTS === "all";
const FAULTY = WHOLE ? CATEGORIES : CATEGORIES.slice(0, 1);
// A call to each category, for the others' part.
const one = (category) => calls.find(({ name }) => name.startsWith(`${category}_`));

// Stands before a worker and does what it was told by a request of the test.
const AROUND = `
import worker from "./index.js";
import { trapped } from "./glue.js";
export * from "./index.js";
let fault = "none";
const endless = () => new Promise((done) => setTimeout(done, 1e8));
const flood = () => {
  let left = 100;
  return new ReadableStream({
    pull(controller) {
      if (left-- === 0) return controller.close();
      controller.enqueue(new Uint8Array(2 ** 20).fill(32));
    },
  });
};
export default {
  async fetch(request, env, ctx) {
    const path = new URL(request.url).pathname;
    if (path.startsWith("/fault/")) {
      fault = decodeURIComponent(path.slice(7));
      return new Response();
    }
    if (fault === "slow") await scheduler.wait(100);
    if (fault === "hanging") await endless();
    if (fault === "dead") throw new Error("dead");
    if (path === "/call") {
      if (fault === "hanging in its answer") {
        return new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])), pull: endless }));
      }
      if (fault === "garbage") return new Response("<html>502</html>");
      if (fault === "refusing") return new Response("no", { status: 503 });
      if (fault === "flood") return new Response(flood());
      if (fault === "trapping") return new Response(trapped(new Uint8Array(await request.arrayBuffer()), ""));
    }
    return await worker.fetch(request, env, ctx);
  },
};`;

// What the model is told by its reasons, and whether the worker is left alone after a while.
const FAULTS = {
  dead: { reasons: ["category_unavailable"], opens: true },
  refusing: { reasons: ["category_unavailable"], opens: true },
  hanging: { reasons: ["category_unavailable"], opens: true },
  "hanging in its answer": { reasons: ["category_unavailable"], opens: true },
  garbage: { reasons: ["tool_failed", "category_unavailable"], opens: true },
  flood: { reasons: ["tool_failed", "category_unavailable"], opens: true },
  slow: { reasons: [undefined], opens: false },
  trapping: { reasons: ["tool_failed"], opens: false },
};

async function post(url, method, params) {
  const started = performance.now();
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(`${url}/mcp`, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { result } = await response.json();
  return { status: response.status, result, ms: performance.now() - started };
}

const reasonOf = ({ result }) => result._meta?.["dev.octavo/error"]?.reason;
const p95 = (times) => times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1];

// Calls to all categories but one, `rounds` each, four at a time.
async function load(url, without, rounds) {
  const queue = CATEGORIES.filter((category) => category !== without).flatMap((category) => Array(rounds).fill(one(category)));
  const answers = [];
  const worker = async () => {
    for (let call = queue.shift(); call; call = queue.shift()) answers.push(await post(url, "tools/call", call));
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return answers;
}

// The same traffic with the fault and without: calls to the others, five in a row to the one, five lists.
async function scene(url, category, rounds) {
  const inARow = async () => {
    const answers = [];
    for (let round = 0; round < 5; round += 1) answers.push(await post(url, "tools/call", one(category)));
    return answers;
  };
  const lists = Promise.all(Array.from({ length: 5 }, () => post(url, "tools/list", {})));
  const [others, own, listed] = await Promise.all([load(url, category, rounds), inARow(), lists]);
  return { others, own, listed };
}

test("a worker in trouble troubles no other", async () => {
  const around = Object.fromEntries(CATEGORIES.map((category) => [`octavo-${category}`, AROUND]));
  const vars = { CALL_DEADLINE_MS: `${DEADLINE_MS}`, BREAKER_OPEN_MS: `${OPEN_MS}`, RESULT_CACHE: "off" };
  const fleet = await startFleet({ around, vars });
  const table = [];
  try {
    const rounds = WHOLE ? 40 : 4;
    // Each once: compiling is no part of it.
    for (const category of CATEGORIES) await post(fleet.url, "tools/call", one(category));
    for (const category of FAULTY) {
      const stand = async (fault) => (await fleet.fleet.getWorker(`octavo-${category}`)).fetch(`https://tool-worker/fault/${encodeURIComponent(fault)}`);
      for (const [fault, { reasons, opens }] of Object.entries(FAULTS)) {
        const calm = (await scene(fleet.url, category, rounds)).others;
        await stand(fault);
        const { others, own, listed } = await scene(fleet.url, category, rounds);
        const where = `${category} ${fault}`;
        for (const answer of others) assert.deepEqual([answer.status, answer.result.isError], [200, false], where);
        for (const answer of listed) assert.equal(answer.result.tools.length, listed[0].result.tools.length, where);
        for (const answer of own) {
          assert.equal(answer.status, 200, where);
          assert.ok(reasons.includes(reasonOf(answer)), `${where}: ${reasonOf(answer)}`);
          assert.ok(answer.ms < 10 * DEADLINE_MS, `${where}: held for ${answer.ms} ms`);
          if (reasonOf(answer) === "category_unavailable") {
            assert.match(answer.result.content[0].text, /other categories still work/, where);
            assert.ok(answer.result._meta["dev.octavo/error"].retryAfterMs > 0, where);
          }
        }
        const leftAlone = own.filter((answer) => /left alone/.test(answer.result.content[0].text)).length;
        assert.equal(leftAlone, opens ? 2 : 0, `${where}: after three failures in a row nobody asks`);
        const health = await (await fetch(`${fleet.url}/health`)).json();
        const row = health.categories.find((found) => found.category === category);
        assert.equal(row.breaker === "closed", !opens, `${where}: ${row.breaker}`);
        await stand("none");
        await new Promise((resolve) => setTimeout(resolve, opens ? OPEN_MS + 20 : 0));
        const after = await post(fleet.url, "tools/call", one(category));
        assert.equal(after.result.isError, false, `${where}: it comes back`);
        const [before, during] = [calm, others].map((answers) => p95(answers.map(({ ms }) => ms)));
        table.push({ worker: category, fault, others: `${others.length} of ${others.length}`, "p95 calm": before.toFixed(1), "p95 during": during.toFixed(1), ratio: (during / before).toFixed(2), told: [...new Set(own.map(reasonOf))].join(", ") });
      }
    }
  } finally {
    await fleet.stop();
  }
  if (WHOLE) console.table(table);
});

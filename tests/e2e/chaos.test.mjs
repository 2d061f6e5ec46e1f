// Chaos in workerd: workers that break anywhere in an answer, clients that hang up anywhere in a request, stores that fail, hang and
// die, instances that are replaced, all of it at once with calls that nothing is wrong with. Every request has exactly one response,
// ours, with nothing in it of another; the next one works. OCTAVO_CHAOS=all does all of it many times and prints the table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { GATEWAY, TAIL, TOOL, TOOL_FAULTS, byHand, callOf, head, judged, lastOf, send, word } from "./chaos.mjs";

const WHOLE = process.env.OCTAVO_CHAOS === "all";
const ROUNDS = WHOLE ? 10 : 1;
const DEADLINE_MS = 1_500;
const CATEGORY = "quality";
const REPLACED = /instance replaced/;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A fleet in which everything can break, what it printed about replaced instances, and calls that go on beside until they are
// stopped: all must be answered well.
async function withChaos({ vars = {}, calm = 2, limits }, work) {
  const replaced = [];
  const log = (line) => REPLACED.test(line) && replaced.push(line);
  const around = { [`octavo-${CATEGORY}`]: TOOL, "octavo-gateway": GATEWAY, "octavo-tail": TAIL };
  const settings = { CALL_DEADLINE_MS: `${DEADLINE_MS}`, BREAKER_OPEN_MS: "1", OPS_ACCESS: "open", ...vars };
  const fleet = await startFleet({ around, log, limits, vars: settings });
  let going = true;
  let count = 0;
  // The breaker of the category that breaks is not theirs.
  const beside = async () => {
    while (going) {
      const own = word();
      const body = JSON.stringify({ jsonrpc: "2.0", id: own, method: "tools/call", params: { name: "docker_lint_dockerfile", arguments: { source: "FROM debian\nRUN cd /tmp\n" } } });
      const answer = await fetch(`${fleet.url}/mcp`, { method: "POST", headers: { "content-type": "application/json" }, body });
      const { id, result } = await answer.json();
      assert.deepEqual([answer.status, id, result?.isError], [200, own, false], "a call that nothing is wrong with");
      count += 1;
    }
  };
  try {
    const running = Promise.all(Array.from({ length: calm }, beside));
    running.catch(() => {});
    const rows = await work(fleet, { replaced });
    going = false;
    await running;
    for (const heard of [false, true]) assert.ok((await send(fleet.url, callOf({ heard }))).fine, "the next call works");
    if (WHOLE) console.table([...(rows ?? []), { what: "calls beside", requests: count, "one response": count, fine: count }]);
  } finally {
    going = false;
    await fleet.stop();
  }
}

// A row of the table.
function row(what, answers) {
  const times = answers.map(({ ms }) => ms).filter(Number.isFinite);
  const told = [...new Set(answers.map(({ reason }) => reason).filter(Boolean))].join(", ");
  const fine = answers.filter((answer) => answer.fine).length;
  return { what, requests: answers.length, "one response": answers.length, fine, told, "longest ms": times.length > 0 ? Math.round(Math.max(...times)) : "" };
}

const times = (count, make) => Promise.all(Array.from({ length: count }, make));

test("a worker that breaks anywhere in its answer gives one response", async () => {
  await withChaos({}, async ({ url }, { replaced }) => {
    await send(url, callOf());
    const rows = await Promise.all(
      Object.entries(TOOL_FAULTS).flatMap(([fault, expected]) =>
        expected.map(async (fine, at) => {
          const heard = at === 1;
          const answers = [];
          for (let round = 0; round < ROUNDS; round += 1) answers.push(...(await times(2, () => send(url, callOf({ fault, heard })))));
          for (const { fine: is, reason, ms, status } of answers) {
            assert.equal(status, 200, fault);
            // While the others fail, the breaker may be open for a moment.
            if (!fine || !is) assert.ok(!is && ["category_unavailable", "tool_failed"].includes(reason), `${fault} ${heard}: ${reason}`);
            assert.ok(ms < 20 * DEADLINE_MS, `${fault}: held for ${ms} ms`);
          }
          return row(`${fault}${heard ? ", heard" : ""}`, answers);
        }),
      ),
    );
    // In peace each does as it should: those first that go well, since the others open the breaker.
    const each = Object.entries(TOOL_FAULTS).flatMap(([fault, expected]) => expected.map((fine, at) => ({ fault, heard: at === 1, fine })));
    const alone = async ({ fault, heard, fine }) => {
      const answer = await send(url, callOf({ fault, heard }));
      assert.equal(answer.fine, fine, `${fault} ${heard}: ${JSON.stringify(answer.message).slice(0, 300)}`);
    };
    await sleep(5);
    for (const one of each.filter(({ fine }) => fine)) await alone(one);
    await Promise.all(each.filter(({ fine }) => !fine).map(alone));
    assert.deepEqual(replaced, [], "no worker's fault costs the gateway its instance");
    return rows;
  });
});

test("clients that hang up anywhere and slow ones disturb nobody", async () => {
  await withChaos({ calm: 4 }, async ({ url }, { replaced }) => {
    const rows = [];
    const plain = () => callOf();
    const heard = () => callOf({ heard: true, files: 40 });
    const leaving = {
      "in the request line": () => ["POST /mc", 1, "hang up"],
      "in the headers": ({ body }) => [head(body.length).slice(0, 60), 1, "hang up"],
      "before the body": ({ body }) => [head(body.length), 1, "hang up"],
      "in the body": ({ body }) => [head(body.length), body.slice(0, body.length / 2), 1, "hang up"],
      "in a chunk": ({ body }) => [head(0, "transfer-encoding: chunked\r\n").replace(/content-length: 0\r\n/, ""), `${body.length.toString(16)}\r\n${body.slice(0, 50)}`, 1, "hang up"],
      "before the head of the answer": ({ body }) => [head(body.length), body, 1, "hang up"],
      "with a half-closed line": ({ body }) => [head(body.length + 10), body, 5, "hang up"],
      "in an upload": () => [head(1000).replace("/mcp", "/v1/blobs").replace("POST", "PUT"), "half", 1, "hang up"],
    };
    for (const [what, steps] of Object.entries(leaving)) {
      await times(ROUNDS * 8, () => byHand(url, steps(plain())));
      rows.push({ what: `hangs up ${what}`, requests: ROUNDS * 8 });
    }
    await times(ROUNDS * 8, () => {
      const call = heard();
      return byHand(url, [head(call.body.length), call.body, { until: "notifications/progress" }, "hang up"]);
    });
    rows.push({ what: "hangs up in the stream", requests: ROUNDS * 8 });
    // Slow, and answered as anybody else.
    const pieces = (text, size) => Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
    const slow = {
      "drop by drop": ({ body }) => [...head(body.length), ...pieces(body, 40).flatMap((piece) => [1, piece])],
      "in chunks": ({ body }) => [
        head(0, "transfer-encoding: chunked\r\n").replace(/content-length: 0\r\n/, ""),
        ...pieces(body, 200).flatMap((piece) => [2, `${piece.length.toString(16)}\r\n${piece}\r\n`]), "0\r\n\r\n",
      ],
      "with a pause in the middle": ({ body }) => [head(body.length), body.slice(0, 100), DEADLINE_MS + 200, body.slice(100)],
    };
    for (const [what, steps] of Object.entries(slow)) {
      const answers = await times(ROUNDS * 4, async (_, at) => {
        const call = callOf({ heard: at % 2 === 1, source: "x = 1\n" });
        const started = performance.now();
        const { message, reason } = judged(call, await byHand(url, steps(call)));
        return { fine: message.result?.isError === false, reason, ms: performance.now() - started };
      });
      assert.ok(answers.every(({ fine }) => fine), `${what}: ${JSON.stringify(answers)}`);
      rows.push(row(`sends ${what}`, answers));
    }
    assert.deepEqual(replaced, [], "nobody who leaves costs the gateway its instance");
    return rows;
  });
});

test("an instance that is replaced under load costs its own call and no other", async () => {
  await withChaos({ calm: 0 }, async ({ url }, { replaced }) => {
    await send(url, callOf());
    const rows = [];
    // The tool worker's, while others are between two steps of theirs.
    const streams = times(ROUNDS * 12, () => send(url, callOf({ heard: true, files: 30 })));
    const traps = [];
    for (let round = 0; round < ROUNDS * 4; round += 1) {
      traps.push(await send(url, callOf({ fault: "traps", heard: round % 2 === 1 })));
      await sleep(5);
    }
    for (const { reason, status } of traps) assert.deepEqual([status, reason], [200, "tool_failed"]);
    const others = await streams;
    for (const { fine, message } of others) assert.ok(fine, JSON.stringify(message).slice(0, 300));
    rows.push(row("tool worker: the call that traps", traps), row("tool worker: streams beside it", others));
    assert.deepEqual(replaced, []);
    // The gateway's, while others wait for their workers.
    const waiting = times(ROUNDS * 12, (_, at) => send(url, callOf({ heard: at % 2 === 1, files: 20 })));
    const looking = times(ROUNDS * 4, async () => {
      const response = await fetch(`${url}/ops/v1/logs`);
      await response.json();
      return { fine: response.status === 200, reason: response.status === 200 ? undefined : response.status };
    });
    const own = [];
    for (let round = 0; round < ROUNDS * 3; round += 1) {
      await sleep(10);
      own.push(await send(url, callOf(), { headers: { "x-chaos": "traps" } }));
      assert.deepEqual([own.at(-1).status, own.at(-1).reason], [500, -32603]);
      assert.ok((await send(url, callOf())).fine, "the next call works");
    }
    const met = await waiting;
    for (const { fine, reason } of met) assert.ok(fine || reason === -32603, `${reason}`);
    rows.push(row("gateway: the request that traps", own), row("gateway: calls beside it", met), row("gateway: operators beside it", await looking));
    assert.equal(replaced.length, own.length, "one trap, one new instance: what is late does not cost another");
    return rows;
  });
});

test("a store of blobs that fails, hangs, dies or forgets is told, and calls without blobs go on", async () => {
  await withChaos({ calm: 1 }, async ({ url }, { replaced }) => {
    const upload = (headers = {}) => fetch(`${url}/v1/blobs`, { method: "PUT", headers, body: "FROM debian\n" });
    const { blob } = await (await upload()).json();
    const ask = async (fault, heard = false) => {
      const own = word();
      const params = { name: "docker_lint_dockerfile", arguments: { source: blob }, ...(heard ? { _meta: { progressToken: own } } : {}) };
      const body = JSON.stringify({ jsonrpc: "2.0", id: own, method: "tools/call", params });
      const started = performance.now();
      const response = await fetch(`${url}/mcp`, { method: "POST", headers: { "content-type": "application/json", "x-chaos": fault }, body });
      const text = await response.text();
      const { result, id } = lastOf(text);
      assert.deepEqual([response.status, id], [200, own], fault);
      const { reason, retryable } = result._meta?.["dev.octavo/error"] ?? {};
      return { fine: result.isError === false, reason: reason === undefined ? undefined : `${reason}, ${retryable ? "try again" : "gone"}`, ms: performance.now() - started };
    };
    const rows = [];
    const [silent, gone] = ["blob_not_found, try again", "blob_not_found, gone"];
    const faults = {
      store_fails: silent, store_refuses: silent, store_throws: silent, store_hangs: silent, store_dies: silent, store_falls_silent: silent,
      store_is_slow: undefined, store_forgot: gone, store_lost_metadata: gone,
    };
    for (const [fault, told] of Object.entries(faults)) {
      const answers = await times(ROUNDS * 4, (_, at) => ask(fault, at % 2 === 1));
      for (const { reason, ms } of answers) {
        assert.equal(reason, told, fault);
        assert.ok(ms < 5 * DEADLINE_MS, `${fault}: held for ${ms} ms`);
      }
      rows.push(row(fault, answers));
      const put = await upload({ "x-chaos": fault });
      const deaf = ["store_fails", "store_refuses", "store_throws", "store_hangs"].includes(fault);
      assert.equal(put.status, deaf ? 503 : 201, `${fault}: upload`);
      assert.ok(await put.json());
      const looked = await fetch(`${url}/v1/blobs/${blob}`, { method: "HEAD", headers: { "x-chaos": fault } });
      assert.ok([200, 404, 503].includes(looked.status), `${fault}: ${looked.status}`);
      assert.equal((await ask("none")).fine, true, "the next call works");
    }
    assert.deepEqual(replaced, []);
    return rows;
  });
});

test("a limiter and a cache that fail or hang stop nobody", async () => {
  const simple = { limit: 10_000, period: 60 };
  const limits = { LIMIT_CALLS: { namespace_id: "1", simple }, LIMIT_HEAVY_CALLS: { namespace_id: "2", simple } };
  await withChaos({ calm: 0, limits, vars: { RESULT_CACHE: "on" } }, async ({ url }, { replaced }) => {
    const rows = [];
    for (const fault of ["limiter_fails", "limiter_hangs", "limiter_throws", "cache_fails", "cache_hangs"]) {
      const answers = await times(ROUNDS * 3, () => send(url, callOf(), { headers: { "x-chaos": fault } }));
      for (const { fine, message, ms } of answers) assert.ok(fine && ms < 4_000, `${fault}: ${ms} ms ${JSON.stringify(message).slice(0, 200)}`);
      rows.push(row(fault, answers));
    }
    assert.deepEqual(replaced, []);
    return rows;
  });
});

test("a tail worker that is dead or breaks off is told to operators as JSON, and costs no call", async () => {
  await withChaos({}, async ({ url }, { replaced }) => {
    for (const path of ["v1/logs", "v1/summary", "", "metrics"]) {
      const response = await fetch(`${url}/ops/${path}`, { headers: { "x-chaos": "dead" } });
      assert.equal(response.status, 503, path);
      assert.match((await response.json()).error.message, /does not answer/);
      await assert.rejects(async () => (await fetch(`${url}/ops/${path}`, { headers: { "x-chaos": "garbage" } })).text());
      assert.equal((await fetch(`${url}/ops/v1/logs`)).status, 200, "the next question is answered");
    }
    // Whatever is asked in whatever way is answered by us.
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      for (const path of ["/", "/mcp", "/mcp/", "/mcp/nope", "/v1/blobs", "/v1/blobs/x", "/ops", "/ops/", "/ops/internal/ingest", "/health", "/metrics", "/nope", "/%ff%00", "//x", "/.well-known/x"]) {
        const response = await fetch(url + path, { method, redirect: "manual" });
        const text = await response.text();
        assert.ok(response.status < 500, `${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
      }
    }
    for (const line of ["TRACE /ops/ HTTP/1.1", "PROPFIND /ops/ HTTP/1.1", "TRACE /mcp HTTP/1.1", "GET /ops/v1/logs?%ff=%zz&q=%u1234 HTTP/1.1", "GET http://elsewhere.example/mcp HTTP/1.1"]) {
      const { status, text } = await byHand(url, [`${line}\r\nhost: xn--a.example\r\nconnection: close\r\n\r\n`]);
      assert.ok(status > 0 && status < 500, `${line}: ${status} ${text.slice(0, 200)}`);
    }
    assert.deepEqual(replaced, []);
  });
});

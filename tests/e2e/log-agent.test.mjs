// What an agent may ask the log: about its own calls, by its own key, and nothing else.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import * as log from "./log.mjs";
import { ask, settled, until } from "./log.mjs";

// A version whose results have structured content.
const VERSION = { "mcp-protocol-version": "2025-11-25" };
const rpc = (url, method, params, headers, path) => log.rpc(url, method, params, { ...VERSION, ...headers }, path);
const call = (url, name, given, headers) => log.call(url, name, given, { ...VERSION, ...headers });

const KEYS = { ann: "ann-0123456789abcdef", bob: "bob-0123456789abcdef" };
const bearer = (key) => ({ authorization: `Bearer ${key}` });
const names = ["ops_recent_errors", "ops_trace", "ops_tool_metrics"];
const digest = (token) => createHash("sha256").update(token).digest("hex");
const [{ name, arguments: given }] = calls.filter((one) => one.name === "webdesign_check_contrast");

const listed = async (url, path) => (await rpc(url, "tools/list", {}, {}, path)).body.result.tools.map((tool) => tool.name);

test("the three tools are listed where callers are told apart and operators have access, and only there", async () => {
  for (const [vars, are] of [
    [{}, false],
    [{ PRINCIPAL_KEY: "pepper" }, false],
    [{ OPS_ACCESS: "open" }, false],
    [{ PRINCIPAL_KEY: "pepper", OPS_TOKENS: `read:${digest("operator")}` }, true],
  ]) {
    const running = await startFleet({ vars });
    try {
      const all = await listed(running.url);
      assert.deepEqual(all.filter((one) => names.includes(one)), are ? names : [], JSON.stringify(vars));
      const others = await listed(running.url, "/mcp/docker");
      assert.ok(!others.some((one) => names.includes(one)), "no category has them");
      const { body } = await call(running.url, "ops_recent_errors", {}, bearer(KEYS.ann));
      assert.equal(body.error?.code, are ? undefined : -32602, "what is not listed cannot be called");
    } finally {
      await running.stop();
    }
  }
});

test("each caller sees its own calls, whatever it asks", async () => {
  const running = await startFleet({ vars: { OPS_ACCESS: "open", PRINCIPAL_KEY: "pepper", LOG_WINDOW_MS: "100" } });
  try {
    const { url } = running;
    // Both in one trace, as clients that copy a traceparent are.
    const shared = "4bf92f3577b34da6a3ce929d0e0e4736";
    const traced = (key) => ({ ...bearer(key), traceparent: `00-${shared}-00f067aa0ba902b7-01` });
    for (let round = 0; round < 3; round += 1) await call(url, name, given, bearer(KEYS.ann));
    await call(url, name, { pairs: 5 }, traced(KEYS.ann));
    await call(url, "docker_lint_dockerfile", { nonsense: 1 }, traced(KEYS.bob));
    await call(url, "docker_lint_dockerfile", { nonsense: 1 }, bearer(KEYS.bob));
    await call(url, name, { pairs: 5 });
    await call(url, name, { pairs: 5 }, bearer("short"));
    await settled(url, 16);

    const opsOf = async (key, tool, arguments_ = {}, more = {}) => {
      const { body } = await call(url, tool, arguments_, { ...(key ? bearer(key) : {}), ...more });
      return body.result;
    };
    const errorsOf = async (key, arguments_) => (await opsOf(key, "ops_recent_errors", arguments_)).structuredContent.errors;
    const [ann, bob] = [await errorsOf(KEYS.ann), await errorsOf(KEYS.bob)];
    assert.deepEqual(ann.map((line) => line.tool), [name]);
    assert.deepEqual(bob.map((line) => line.tool), ["docker_lint_dockerfile", "docker_lint_dockerfile"]);
    assert.equal(ann[0].errorType, "invalid_argument");

    // One trace, two callers: each sees its own span and the work under it.
    for (const [key, worker] of [[KEYS.ann, "octavo-webdesign"], [KEYS.bob, "octavo-docker"]]) {
      const { structuredContent: { spans } } = await opsOf(key, "ops_trace", { traceId: shared });
      assert.deepEqual(spans.map((line) => line.worker).sort(), ["octavo-gateway", worker].sort());
    }
    const foreign = await opsOf(KEYS.ann, "ops_trace", { traceId: bob.find((line) => line.traceId !== shared).traceId });
    const nobodys = await opsOf(KEYS.ann, "ops_trace", { traceId: "f".repeat(32) });
    const shape = ({ structuredContent: { spans, complete }, content, isError }) => [spans, complete, content[0].text.replaceAll(/[0-9a-f]{32}/g, "ID"), isError];
    assert.deepEqual(shape(foreign), shape(nobodys), "another's trace looks like none");

    const { structuredContent: metrics } = await opsOf(KEYS.ann, "ops_tool_metrics", { since: "1h" });
    const own = Object.fromEntries(metrics.tools.map((row) => [row.tool, [row.calls, row.errors]]));
    assert.deepEqual(own[name], [4, 1]);
    assert.equal(own.docker_lint_dockerfile, undefined);

    // Arguments, headers and prefixes that try to widen it.
    for (const arguments_ of [
      { principal: "x" }, { since: "24h", cursor: "1-0-0-a" }, { tool: "!x", kind: "tool" }, { limit: 0 }, { limit: 101 }, { since: "yesterday" }, { since: "" },
      { tool: "" }, { tool: ["a"] }, { tool: "x".repeat(200) }, { limit: "5" },
    ]) {
      const { isError, content } = await opsOf(KEYS.ann, "ops_recent_errors", arguments_);
      assert.ok(isError, JSON.stringify(arguments_));
      assert.match(content[0].text, /accepted: /);
    }
    assert.deepEqual(await errorsOf(KEYS.ann, { tool: "!docker_lint_dockerfile" }), [], "no prefix negates");
    assert.deepEqual(await errorsOf(KEYS.ann, { tool: "docker_lint_dockerfile" }), []);
    const bobs = (await ask(url, "v1/logs?tool=docker_lint_dockerfile&kind=mcp")).data[0].principal_hash;
    assert.match(bobs, /^[0-9a-f]{32}$/);
    const pretending = { "x-octavo-principal": bobs, "x-octavo-asserted": "1", "mcp-session-id": bobs, cookie: `principal=${bobs}` };
    const pretended = await opsOf(KEYS.ann, "ops_recent_errors", {}, pretending);
    assert.deepEqual(pretended.structuredContent.errors.map((line) => line.tool), [name]);
    const inside = await fetch(`${url}/ops/internal/call`, { method: "POST", body: "{}", headers: pretending });
    assert.equal(inside.status, 404);

    // Without a key, or with one that is no secret, nothing.
    for (const key of [undefined, "short"]) {
      for (const tool of names) {
        const { isError, content, structuredContent } = await opsOf(key, tool, tool === "ops_trace" ? { traceId: shared } : {});
        assert.deepEqual([isError, structuredContent], [true, undefined]);
        assert.match(content[0].text, /Authorization: Bearer/);
      }
    }
    // Nor by way of the digest itself.
    assert.deepEqual((await opsOf(bobs, "ops_recent_errors")).structuredContent.errors, []);
    for (const result of [await opsOf(KEYS.ann, "ops_recent_errors"), await opsOf(KEYS.ann, "ops_trace", { traceId: shared })]) {
      assert.ok(!JSON.stringify(result).includes("hash") && !JSON.stringify(result).includes(bobs));
    }
    await until("questions are logged as calls too", async () => (await ask(url, "v1/logs?tool=ops_tool_metrics&status=ok")).data.length === 1);
  } finally {
    await running.stop();
  }
});

// Spans and log records to an OpenTelemetry collector: a stand-in hears them, and the protocol's definitions judge them.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { ask, call, exported, settled, sleep, until } from "./log.mjs";
import { assertMessage } from "./prost.mjs";

async function startCollector(answer = () => 200) {
  const collector = { posts: [], headers: [] };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const status = await answer(request.url, collector.posts.length);
    collector.posts.push({ path: request.url, status, headers: request.headers, body });
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  collector.url = `http://127.0.0.1:${server.address().port}/otlp`;
  collector.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return collector;
}

const valueOf = ({ value }) => value.stringValue ?? Number(value.intValue);
const attributesOf = ({ attributes }) => Object.fromEntries(attributes.map((attribute) => [attribute.key, valueOf(attribute)]));

test("every line is a span and a record, as the protocol has them", async () => {
  const collector = await startCollector();
  const vars = { OPS_ACCESS: "open", LOG_WINDOW_MS: "300", OTLP_ENDPOINT: collector.url, OTLP_HEADERS: "authorization=Basic%20eA==,x-team=7", PRINCIPAL_KEY: "pepper" };
  const running = await startFleet({ vars });
  try {
    const { url } = running;
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const some = calls.filter(({ name }) => /contrast|dockerfile|design/.test(name));
    for (const { name, arguments: given } of some) await call(url, name, given, { "mcp-protocol-version": "2025-11-25", "user-agent": "canary7f3a9c51b2" });
    await call(url, some[0].name, { nonsense: "canary7f3a9c51b2" }, { traceparent: `00-${trace}-b7ad6b7169203331-01`, authorization: "Bearer canary7f3a9c51b2" });
    await call(url, "no_such_tool");
    const count = 2 * (some.length + 1) + 1;
    await settled(url, count);
    const counted = (path) => collector.posts.filter((post) => post.path === path).map(({ body }) => JSON.parse(body));
    const spansOf = (body) => body.resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, resource: attributesOf(resource.resource) }))));
    const recordsOf = (body) => body.resourceLogs.flatMap((resource) => resource.scopeLogs.flatMap(({ logRecords }) => logRecords));
    await until("all are exported", () => counted("/otlp/v1/logs").flatMap(recordsOf).length >= count && counted("/otlp/v1/traces").flatMap(spansOf).length >= count);
    for (const body of counted("/otlp/v1/traces")) assertMessage("ExportTraceServiceRequest", body);
    for (const body of counted("/otlp/v1/logs")) assertMessage("ExportLogsServiceRequest", body);
    const { keys } = await (await running.fleet.getKVNamespace("LOGS", "octavo-tail")).list({ prefix: "r/" });
    assert.equal(collector.posts.length, 2 * keys.length, "one request of each kind for a batch");
    for (const { headers } of collector.posts) {
      assert.deepEqual([headers["content-type"], headers.authorization, headers["x-team"]], ["application/json", "Basic eA==", "7"]);
    }

    const spans = counted("/otlp/v1/traces").flatMap(spansOf);
    const lines = new Map((await exported(url)).map((line) => [line.span_id, line]));
    assert.equal(spans.length, lines.size);
    for (const span of spans) {
      const line = lines.get(span.spanId);
      assert.equal(span.traceId, line.trace_id);
      assert.equal(span.parentSpanId, line.parent_id);
      assert.deepEqual([span.startTimeUnixNano, span.endTimeUnixNano], [`${line.ts}000000`, `${line.ts + line.dur_ms}000000`]);
      assert.equal(span.resource["service.name"], line.worker);
      const attributes = attributesOf(span);
      assert.equal(attributes["mcp.method.name"], line.method);
      assert.equal(attributes["gen_ai.tool.name"], line.tool);
    }
    const failed = spans.filter((span) => span.traceId === trace);
    assert.deepEqual(failed.map((span) => [span.kind, span.status.code, attributesOf(span)["error.type"]]).sort(), [[1, 2, "tool_error"], [2, 2, "tool_error"]]);
    const served = spans.find((span) => span.kind === 2 && span.status.code === undefined);
    assert.equal(served.name, `tools/call ${attributesOf(served)["gen_ai.tool.name"]}`);
    assert.deepEqual([attributesOf(served)["mcp.protocol.version"], attributesOf(served)["gen_ai.operation.name"]], ["2025-11-25", "execute_tool"]);
    const refused = spans.find((span) => attributesOf(span)["rpc.response.status_code"] === "-32602");
    assert.equal(refused.status.code, 2);
    assert.ok(!collector.posts.some(({ body }) => body.includes("canary7f3a9c51b2")), "nothing of what was sent");
  } finally {
    await running.stop();
    await collector.stop();
  }
});

test("a collector that fails is tried once more, then its losses are counted, and the log goes on", async () => {
  // Once 503 for each path, then never again; later 400, which no second try mends.
  let mode = "flaky";
  const seen = new Map();
  const collector = await startCollector((path) => {
    seen.set(path, (seen.get(path) ?? 0) + 1);
    if (mode === "flaky") return seen.get(path) === 1 ? 503 : 200;
    return mode === "dead" ? 503 : 400;
  });
  const running = await startFleet({ vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "100", OTLP_ENDPOINT: collector.url } });
  const [{ name, arguments: given }] = calls.filter((one) => one.name === "webdesign_check_contrast");
  const dropped = async () => (await ask(running.url, "v1/summary")).data.telemetry.dropped;
  try {
    await call(running.url, name, given);
    await until("the second try is taken", () => collector.posts.filter(({ status }) => status === 200).length === 2);
    await sleep(200);
    assert.deepEqual(await dropped(), {});
    mode = "dead";
    const before = collector.posts.length;
    await call(running.url, name, given);
    await until("both tries fail", () => collector.posts.length === before + 4);
    await sleep(300);
    mode = "picky";
    await call(running.url, name, given);
    await until("one try is refused", () => collector.posts.length === before + 6);
    await sleep(1_500);
    assert.equal(collector.posts.length, before + 6, "what is refused is not sent again");
    mode = "";
    await call(running.url, name, given);
    await until("losses are told", async () => (await dropped()).otlp_spans_failed >= 4);
    assert.equal((await dropped()).otlp_logs_failed, 4);
    await settled(running.url, 8);
    assert.equal((await exported(running.url)).length, 8, "the log is whole");
  } finally {
    await running.stop();
    await collector.stop();
  }
});

test("a collector that is not there, or no URL at all, costs nothing else", async () => {
  for (const OTLP_ENDPOINT of ["http://127.0.0.1:9/otlp", "no url"]) {
    const running = await startFleet({ vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "100", OTLP_ENDPOINT } });
    try {
      const [{ name, arguments: given }] = calls.filter((one) => one.name === "webdesign_check_contrast");
      await call(running.url, name, given);
      await settled(running.url, 2);
    } finally {
      await running.stop();
    }
  }
});

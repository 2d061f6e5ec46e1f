// Real clients against the built fleet: the whole list, one call of each category's tool on real input, an error, progress.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";

const info = { name: "octavo-e2e", version: "1.0.0" };
const clients = {
  "client 2.x, auto": async (url) => {
    const client = new Client(info, { versionNegotiation: { mode: "auto" } });
    await client.connect(new StreamableHTTPClientTransport(url));
    return client;
  },
  "client 2.x, pinned to 2026-07-28": async (url) => {
    const client = new Client(info, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
    await client.connect(new StreamableHTTPClientTransport(url));
    return client;
  },
  "sdk 1.x": async (url) => {
    const client = new ClientV1(info);
    await client.connect(new TransportV1(url));
    return client;
  },
};

let fleet;
before(async () => {
  fleet = await startFleet();
});
after(() => fleet.stop());

for (const [name, connect] of Object.entries(clients)) {
  test(`${name}: lists every tool, calls each category, reads an error, hears progress`, async () => {
    const client = await connect(new URL(`${fleet.url}/mcp`));
    try {
      const { tools, nextCursor } = await client.listTools();
      assert.equal(nextCursor, undefined);
      assert.deepEqual([...new Set(tools.map((tool) => tool.name.split("_")[0]))].sort(), [...new Set(calls.map((call) => call.name.split("_")[0]))].sort());
      for (const call of calls) {
        const result = await client.callTool({ name: call.name, arguments: call.arguments });
        assert.ok(!result.isError, `${call.name}: ${result.content[0].text}`);
        call.expect(result);
      }
      const wrong = await client.callTool({ name: calls[0].name, arguments: { nonsense: 1 } });
      assert.equal(wrong.isError, true);
      assert.match(wrong.content[0].text, /is not a field of this tool/);
      const heard = [];
      const onprogress = (progress) => heard.push(progress);
      // The second parameter is the result's schema in 1.x and the options in 2.x.
      const options = name === "sdk 1.x" ? [undefined, { onprogress }] : [{ onprogress }];
      await client.callTool({ name: calls[0].name, arguments: calls[0].arguments }, ...options);
    } finally {
      await client.close();
    }
  });
}

// The TypeScript clients, and mcp-remote, which stands between a client on standard input and a server on HTTP.
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport, getDefaultEnvironment } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ProgressNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { KEPT, pathIn, versionOf } from "./places.mjs";

const info = { name: "octavo-clients", version: "1.0.0" };

// `call` is the client's own way to call a tool and to hear its progress.
const session = (client, call) => ({
  call,
  tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
  resources: async () => (await client.listResources()).resources.map((resource) => resource.uri),
  templates: async () => (await client.listResourceTemplates()).resourceTemplates.map((template) => template.uriTemplate),
  read: async (uri) => (await client.readResource({ uri })).contents[0].text,
  prompts: async () => (await client.listPrompts()).prompts.map((prompt) => prompt.name),
  prompt: async (name, given) => (await client.getPrompt({ name, arguments: given })).messages[0].content.text,
  close: () => client.close(),
});

const client2 = (mode, versionNegotiation, speaks) => ({
  name: `client ${versionOf("@modelcontextprotocol/client")}, ${mode}`,
  speaks,
  async connect(url) {
    const client = new Client(info, { versionNegotiation });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    return session(client, (name, given, onprogress) => client.callTool({ name, arguments: given }, { onprogress }));
  },
});

const client1 = {
  name: `sdk ${versionOf("@modelcontextprotocol/sdk")}`,
  speaks: "2025-11-25",
  async connect(url) {
    const client = new ClientV1(info);
    await client.connect(new TransportV1(new URL(url)));
    return session(client, (name, given, onprogress) => client.callTool({ name, arguments: given }, undefined, { onprogress }));
  },
};

const remote = (protocol, speaks) => ({
  name: `mcp-remote ${versionOf("mcp-remote")}, ${protocol}`,
  speaks,
  async connect(url) {
    const words = [url, "--allow-http", "--transport", "http-only", "--protocol", protocol, "--silent"];
    const client = new ClientV1(info);
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [pathIn("mcp-remote", "dist/proxy.js"), ...words],
        env: { ...getDefaultEnvironment(), MCP_REMOTE_CONFIG_DIR: join(KEPT, "mcp-remote") },
      }),
    );
    // The SDK's `onprogress` misses notes that it reads from a pipe together with the response; its handlers do not.
    return session(client, (name, given, heard) => {
      if (heard === undefined) return client.callTool({ name, arguments: given });
      client.setNotificationHandler(ProgressNotificationSchema, ({ params }) => heard(params));
      return client.callTool({ name, arguments: given, _meta: { progressToken: "octavo" } });
    });
  },
});

export const typescript = [
  client2("legacy", undefined, "2025-11-25"),
  client2("auto", { mode: "auto" }, "2026-07-28"),
  client2("pinned", { mode: { pin: "2026-07-28" } }, "2026-07-28"),
  client1,
  remote("legacy", "2025-11-25"),
  remote("auto", "2026-07-28"),
];

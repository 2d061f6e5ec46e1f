// The official TypeScript server with as many tools as ours, under their names and descriptions, as one module for workerd.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { ROOT, folder } from "./workerd.mjs";

/** Its modules, with these tools (of a `tools/list`). */
export function typescriptServer(tools) {
  const source = join(ROOT, "node_modules", ".octavo-bench");
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, "tools.json"), JSON.stringify(tools));
  writeFileSync(
    join(source, "server.mjs"),
    `import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import tools from "./tools.json";
const inputSchema = z.object({ source: z.string(), filename: z.string().optional() });
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "peer", version: "1.0.0" });
  for (const { name, title, description, annotations } of tools) {
    server.registerTool(name, { title, description, annotations, inputSchema }, async ({ source }) => ({ content: [{ type: "text", text: \`pass: \${source.length} characters\` }] }));
  }
  return server;
});
export default { fetch: (request) => handler.fetch(request) };
`,
  );
  const outfile = join(folder, "typescript.js");
  buildSync({ entryPoints: [join(source, "server.mjs")], bundle: true, format: "esm", platform: "neutral", mainFields: ["module", "main"], conditions: ["workerd", "worker", "browser", "import"], minify: true, outfile, logLevel: "error", external: ["node:*"] });
  rmSync(source, { recursive: true });
  return [{ name: "index.js", path: outfile, kind: "esModule" }];
}

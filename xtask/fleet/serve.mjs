// Serves the fleet until it is told to stop: by a signal, or by the end of standard input.
import { parseArgs } from "node:util";
import { startFleet } from "./fleet.mjs";

const { values } = parseArgs({ options: { port: { type: "string", default: "8787" }, without: { type: "string", default: "" } } });

let running;
try {
  running = await startFleet({
    port: Number(values.port),
    without: values.without.split(",").filter(Boolean),
    persist: ".octavo/state",
    vars: { OPS_ACCESS: "open", RESULT_CACHE: "on" },
    verbose: true,
  });
} catch (error) {
  const inUse = /EADDRINUSE|address already in use/i.test(String(error?.message ?? error));
  console.error(inUse ? `port ${values.port} is taken; try --port 0` : error);
  process.exit(1);
}

const { url } = running;
console.log(`
Octavo serves on this machine only. Ctrl-C stops it.

  MCP     ${url}/mcp          (one category: ${url}/mcp/docker)
  health  ${url}/health
  logs    ${url}/ops/v1/logs?limit=20

Try it:

  curl -s ${url}/mcp -H 'content-type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"tools/call",
    "params":{"name":"docker_lint_dockerfile","arguments":{"source":"FROM debian\\nRUN cd /tmp"}}}'

Upload a long text and pass the handle in its place:

  curl -s -T big.py ${url}/v1/blobs

Connect a client:

  claude mcp add --transport http octavo ${url}/mcp
  {"mcpServers": {"octavo": {"type": "http", "url": "${url}/mcp"}}}
`);

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  await running.stop();
  process.exit(0);
}
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
process.stdin.resume().on("end", stop).on("close", stop);

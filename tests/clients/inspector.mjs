// The Inspector's command line: one process for each question.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { KEPT, pathIn, versionOf } from "./places.mjs";

const LAUNCHER = pathIn("@modelcontextprotocol/inspector", "clients/launcher/build/index.js");

// Exit status of a call whose result has `isError`.
const TOOL_ERROR = 5;

function ask(url, era, words) {
  const all = [LAUNCHER, "--cli", url, "--transport", "http", "--protocol-era", era, "--format", "json", ...words];
  const options = { timeout: 60_000, maxBuffer: 2 ** 26, env: { ...process.env, MCP_STORAGE_DIR: join(KEPT, "inspector") } };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, all, options, (error, stdout, stderr) => {
      if (error && error.code !== TOOL_ERROR) reject(new Error(`${words.slice(0, 4).join(" ")}: ${error.code ?? error.signal}\n${stderr}`));
      else resolve(JSON.parse(stdout).result);
    });
  });
}

const inspectorOf = (era, speaks) => ({
  name: `Inspector ${versionOf("@modelcontextprotocol/inspector")}, ${era}, strict`,
  speaks,
  connect: async (url) => ({
    cannot: { progress: "prints none" },
    tools: async () => (await ask(url, era, ["--method", "tools/list", "--strict"])).tools.map((tool) => tool.name),
    // The arguments are one word, of which Linux takes 128 KiB.
    call: (name, given) => ask(url, era, ["--method", "tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(given)]),
    resources: async () => (await ask(url, era, ["--method", "resources/list"])).resources.map((resource) => resource.uri),
    templates: async () => (await ask(url, era, ["--method", "resources/templates/list"])).resourceTemplates.map((template) => template.uriTemplate),
    read: async (uri) => (await ask(url, era, ["--method", "resources/read", "--uri", uri])).contents[0].text,
    prompts: async () => (await ask(url, era, ["--method", "prompts/list"])).prompts.map((prompt) => prompt.name),
    async prompt(name, given) {
      const pairs = Object.entries(given).map(([key, value]) => `${key}=${value}`);
      return (await ask(url, era, ["--method", "prompts/get", "--prompt-name", name, "--prompt-args", ...pairs])).messages[0].content.text;
    },
    close: async () => {},
  }),
});

export const inspector = [inspectorOf("legacy", "2025-11-25"), inspectorOf("modern", "2026-07-28")];

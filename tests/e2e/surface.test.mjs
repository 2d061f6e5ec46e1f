// What a model sees, judged by others: the Inspector's portability check of the list, ajv over every example's result, and the
// schema of SARIF 2.1.0.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";
import { fileOfCrate } from "./packages.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let fleet;
before(async () => {
  fleet = await startFleet();
});
after(() => fleet.stop());

async function ask(path, method, params) {
  const headers = { "content-type": "application/json", "mcp-protocol-version": "2025-11-25" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(`${fleet.url}${path}`, { method: "POST", headers, body });
  return (await response.json()).result;
}

// The examples of every tool, as its page prints them, and the calls on real files.
function everyCall() {
  const found = [...calls];
  for (const file of readdirSync(`${ROOT}docs/tools`)) {
    const name = file.slice(0, -".md".length);
    for (const [, json] of readFileSync(`${ROOT}docs/tools/${file}`, "utf8").matchAll(/```json\n([\s\S]*?)\n```\n\nanswers/g)) {
      found.push({ name, arguments: JSON.parse(json) });
    }
  }
  return found;
}

test("the Inspector's strict check accepts every list", () => {
  for (const path of ["/mcp", "/mcp/search", "/mcp?schemas=full"]) {
    const inspector = `${ROOT}node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js`;
    const words = [inspector, "--cli", `${fleet.url}${path}`, "--transport", "http", "--method", "tools/list", "--strict"];
    // The whole list with output schemas is over a MiB as the Inspector prints it.
    const options = { encoding: "utf8", maxBuffer: 64 << 20, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 };
    const { tools } = JSON.parse(execFileSync(process.execPath, words, options));
    assert.ok(tools.length >= 3, path);
  }
});

test("every example's result is what its output schema says", async () => {
  const { tools } = await ask("/mcp?schemas=full", "tools/list", {});
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  const validators = new Map(tools.map((tool) => [tool.name, ajv.compile(tool.outputSchema)]));
  let checked = 0;
  for (const call of everyCall()) {
    for (const output of [{}, { maxTokens: 1000 }]) {
      const { structuredContent } = await ask("/mcp", "tools/call", { name: call.name, arguments: { ...call.arguments, output } });
      const validate = validators.get(call.name);
      assert.ok(validate(structuredContent), `${call.name}: ${ajv.errorsText(validate.errors)}`);
      checked += 1;
    }
  }
  console.log(`${checked} results validated against ${tools.length} output schemas`);
});

test("SARIF output is SARIF 2.1.0", async () => {
  const schema = JSON.parse(fileOfCrate("serde-sarif@0.8.0", "src/schema.json"));
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  addFormats(ajv);
  const validate = ajv.compile(schema);
  let results = 0;
  for (const call of everyCall()) {
    const { content } = await ask("/mcp", "tools/call", { name: call.name, arguments: { ...call.arguments, output: { format: "sarif" } } });
    const log = JSON.parse(content[0].text);
    assert.ok(validate(log), `${call.name}: ${ajv.errorsText(validate.errors)}`);
    results += log.runs[0].results.length;
  }
  console.log(`${results} SARIF results validated`);
});

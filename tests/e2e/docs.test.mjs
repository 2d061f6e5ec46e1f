// What the guides tell to run is run: each `curl` of a page against the fleet, and each question of `cargo xtask logs`. That names,
// links and limits in them are right is a native test (crates/catalog/tests/docs.rs).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startFleet } from "../../xtask/fleet/fleet.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LOCAL = "http://127.0.0.1:8787";
const pages = ["README.md", ...readdirSync(`${ROOT}docs`).filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`)];
const textOf = (page) => readFileSync(ROOT + page, "utf8");

let fleet;
let folder;
before(async () => {
  fleet = await startFleet({ vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "200" } });
  folder = mkdtempSync(join(tmpdir(), "octavo-docs-"));
  // The file that the pages upload.
  writeFileSync(join(folder, "big.py"), "import os\n");
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "docker_lint_dockerfile", arguments: { source: "FROM a" } } });
  await (await fetch(`${fleet.url}/mcp`, { method: "POST", headers: { "content-type": "application/json" }, body })).text();
});
after(async () => {
  await fleet?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// Commands of a page that begin with `start`: whole blocks of `sh`, else spans between backticks.
function commands(text, start) {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  const rest = text.replace(/^```[\s\S]*?^```$/gm, "");
  const spans = [...rest.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  const whole = blocks.flatMap((block) => block.split(/\n(?=curl |cargo |claude |gemini |npx |OCTAVO)/)).map((command) => command.replace(/\n\{"blob"[\s\S]*$/, ""));
  return [...whole, ...spans].map((command) => command.trim()).filter((command) => command.startsWith(start));
}

const shell = (command) => execFileSync("bash", ["-c", command], { encoding: "utf8", cwd: folder, timeout: 60_000, stdio: ["ignore", "pipe", "pipe"] });

test("every curl of the guides is answered", () => {
  let ran = 0;
  for (const page of pages) {
    for (const command of commands(textOf(page), "curl ")) {
      // What has a place to fill in, or a key that is nobody's, is an illustration.
      if (!command.includes(LOCAL) || /\.\.\.|YOUR_KEY/.test(command)) continue;
      const answer = shell(command.replaceAll(LOCAL, fleet.url).replace("curl ", "curl --fail-with-body "));
      const json = JSON.parse(answer.startsWith("{") ? answer : answer.replace(/^data: /m, ""));
      assert.equal(json.error, undefined, `${page}: ${command}\n${answer}`);
      assert.ok(!json.result?.isError, `${page}: ${command}\n${answer}`);
      ran += 1;
    }
  }
  assert.ok(ran >= 10, `${ran} commands`);
});

test("every question of the recipes is one that the log takes", () => {
  let ran = 0;
  for (const page of pages) {
    for (const command of commands(textOf(page), "cargo xtask logs")) {
      const words = command.split(/\s+/).slice(3);
      // One that follows does not end.
      if (words.includes("--follow") || words.includes("--url")) continue;
      const given = words.map((word) => (word === "trace_id=ID" ? `trace_id=${"0".repeat(31)}1` : word));
      if (given.some((word) => word.startsWith("[") || word.includes("NAME="))) continue;
      execFileSync(process.execPath, [`${ROOT}xtask/fleet/logs.mjs`, "--url", `${fleet.url}/ops/`, ...given], { encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "pipe"] });
      ran += 1;
    }
  }
  assert.ok(ran >= 10, `${ran} questions`);
});

test("the quick start shows what its call answers", () => {
  const text = textOf("docs/quickstart.md");
  const [command] = commands(text, "curl ");
  const { result } = JSON.parse(shell(command.replaceAll(LOCAL, fleet.url)));
  const [, said] = /```text\n(.*)\n```/.exec(text);
  assert.equal(result.content[0].text.split("\n")[0], said);
});

test("the reference of the operators' API is what the fleet serves", () => {
  const { paths } = JSON.parse(shell(`curl -s ${fleet.url}/ops/v1/openapi.json`));
  const headings = [...textOf("docs/operations-api.md").matchAll(/^## GET \/ops(\S+)$/gm)].map(([, path]) => path);
  assert.deepEqual(headings, Object.keys(paths));
});

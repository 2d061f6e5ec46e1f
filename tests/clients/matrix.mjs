// Real clients against the built fleet: what each is asked, how its answers are judged, and the table of what it read.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "../e2e/inputs.mjs";

const CATALOG = new URL("../../crates/catalog/generated/catalog.json", import.meta.url);
const listed = JSON.parse(readFileSync(CATALOG, "utf8")).map((entry) => entry.tool.name).sort();
const categories = [...new Set(listed.map((name) => name.split("_")[0]))];
const guides = categories.flatMap((category) => [`guide://${category}`, `rule://${category}`, `skill://octavo-${category}/SKILL.md`]).sort();

// A call that notes progress twice, and the rule that the first call's finding names as its help.
const NOTED = calls.find((call) => call.name === "quality_measure_complexity");
const RULE = "docker/DL3016";

/**
 * The columns of the table: what a session is asked. Each answers the cell's text, or throws.
 *
 * A session has `tools`, `call(name, arguments, heard)`, `resources`, `templates`, `read(uri)`, `prompts`,
 * `prompt(name, arguments)` and `close`; `heard`, where it is given, gets each note of progress; `cannot` names the columns
 * that this client has no way to show, each with the reason.
 */
const COLUMNS = {
  async list(session) {
    assert.deepEqual((await session.tools()).sort(), listed);
    return String(listed.length);
  },
  async calls(session) {
    const called = new Set(calls.map((call) => call.name.split("_")[0]));
    assert.deepEqual([...called].sort(), [...categories].sort(), "one call for each category");
    await Promise.all(
      calls.map(async (call) => {
        const result = await session.call(call.name, call.arguments);
        assert.ok(!result.isError, `${call.name}: ${result.content[0].text}`);
        call.expect(result);
      }),
    );
    return String(calls.length);
  },
  async error(session) {
    const result = await session.call(calls[0].name, { nonsense: 1 });
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /is not a field of this tool/);
    return "isError";
  },
  async progress(session) {
    const heard = [];
    NOTED.expect(await session.call(NOTED.name, NOTED.arguments, (note) => heard.push(note)));
    assert.equal(heard.length, 2, JSON.stringify(heard));
    assert.deepEqual(heard.map((note) => [note.progress, note.total]).sort(), [[1, 2], [2, 2]]);
    return `${heard.length} notes`;
  },
  async resources(session) {
    const [uris, templates, text] = await Promise.all([session.resources(), session.templates(), session.read(`rule://${RULE}`)]);
    assert.deepEqual(uris.sort(), guides);
    assert.deepEqual(templates, ["rule://{category}/{id}"]);
    assert.ok(text.startsWith(`# ${RULE}`), text);
    return `${guides.length}, a rule`;
  },
  async prompts(session) {
    const [names, text] = await Promise.all([
      session.prompts(),
      session.prompt("harden_container", { path: "deploy/Dockerfile" }),
    ]);
    assert.ok(names.includes("harden_container"), names.join());
    assert.match(text, /\nDockerfile: deploy\/Dockerfile\n[\s\S]*docker_lint_dockerfile/);
    return `${names.length}, one got`;
  },
};

/**
 * Tests each client: `{name, speaks, prepare?, connect(url)}`, `speaks` being the version that the gateway must have heard.
 * Prints the table at the end.
 */
export function matrix(clients) {
  const rows = [];
  let fleet;
  before(async () => {
    fleet = await startFleet({ vars: { OPS_ACCESS: "open" } });
  });
  after(async () => {
    await fleet?.stop();
    console.log(`\n${tableOf(rows)}\n`);
  });
  for (const client of clients) {
    test(client.name, async (t) => {
      const row = { client: client.name };
      rows.push(row);
      await client.prepare?.();
      const started = Date.now();
      const session = await client.connect(`${fleet.url}/mcp`);
      try {
        for (const [column, ask] of Object.entries(COLUMNS)) {
          const reason = session.cannot?.[column];
          row[column] = reason === undefined ? "FAILED" : `- (${reason})`;
          await t.test(column, { skip: reason ?? false }, async () => {
            row[column] = await ask(session);
          });
        }
      } finally {
        await session.close();
      }
      await t.test("speaks", async () => {
        row.speaks = (await versionsHeard(fleet.url, started)).join();
        assert.equal(row.speaks, client.speaks);
      });
    });
  }
}

// The protocol versions in the gateway's log since `started`. Lines arrive after the response has gone; `prompts/get` is the
// last that a client asks.
async function versionsHeard(url, started) {
  let lines = [];
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { data } = await (await fetch(`${url}/ops/v1/logs?limit=1000`)).json();
    lines = data.filter((line) => line.kind === "mcp" && line.ts >= started && line.protocol !== undefined);
    if (lines.some((line) => line.method === "prompts/get")) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return [...new Set(lines.map((line) => line.protocol))].sort();
}

function tableOf(rows) {
  const names = ["client", "speaks", ...Object.keys(COLUMNS)];
  const cells = [names, ...rows.map((row) => names.map((name) => row[name] ?? "not run"))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}

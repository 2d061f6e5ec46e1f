// The official conformance suite against the built fleet in workerd, at four revisions of the protocol: once with the test
// tools of workers/fixtures, which is judged check by check, and once as the product is deployed, which is held to what it
// passes without them. `--revision 2026-07-28` runs one of the four. What the suite wrote stays in .octavo/conformance.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { REVISIONS, ROOT, VERSION, isSkipped, isWrong, runSuite } from "./suite.mjs";

const HERE = "tests/conformance/expected.json";
const EXPECTED = JSON.parse(readFileSync(join(ROOT, HERE), "utf8"));

const { values } = parseArgs({ options: { revision: { type: "string" } } });
const revisions = values.revision === undefined ? REVISIONS : [values.revision];

const withTools = await runAll({ conformance: true }, "test-tools");
const without = await runAll({}, "product");
printScores();

const faults = revisions.flatMap((revision) => [...judged(revision), ...held(revision)]);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

async function runAll(options, name) {
  const fleet = await startFleet(options);
  // The suite's rebinding checks want a host name of this machine.
  const url = `http://localhost:${new URL(fleet.url).port}/mcp`;
  const results = {};
  try {
    for (const revision of revisions) {
      results[revision] = await runSuite(url, revision, join(ROOT, ".octavo/conformance", name, revision));
    }
  } finally {
    await fleet.stop();
  }
  return results;
}

// What is wrong and not expected, and what is expected and not wrong. An entry names a scenario or `scenario:check`.
function judged(revision) {
  const expected = EXPECTED.failures[revision] ?? {};
  const scenarios = withTools[revision];
  const wrong = scenarios.flatMap(({ name, checks }) =>
    checks.filter(isWrong).map((check) => ({ ...check, entries: [name, `${name}:${check.id}`] })),
  );
  const unexpected = wrong.filter(({ entries }) => !entries.some((entry) => entry in expected));
  const stale = Object.keys(expected).filter((entry) => !wrong.some(({ entries }) => entries.includes(entry)));
  const skips = EXPECTED.skips[revision] ?? {};
  const skipped = scenarios.filter(isSkipped).map(({ name }) => name);
  return [
    ...unexpected.map(({ entries, status, errorMessage, description }) => `${revision} ${entries[1]} ${status}: ${errorMessage ?? description}`),
    ...stale.map((entry) => `${revision} ${entry} is expected to fail and does not; take it out of ${HERE}`),
    ...skipped.filter((name) => !(name in skips)).map((name) => `${revision} ${name} checked nothing, and should`),
    ...Object.keys(skips).filter((name) => !skipped.includes(name)).map((name) => `${revision} ${name} checks something; take it out of ${HERE}`),
  ];
}

// The product passes what it is said to pass, and no more.
function held(revision) {
  const said = EXPECTED.passesWithoutTestTools[revision] ?? [];
  const passed = right(without[revision]);
  return [
    ...said.filter((name) => !passed.includes(name)).map((name) => `${revision} ${name} fails without the test tools, and should not`),
    ...passed.filter((name) => !said.includes(name)).map((name) => `${revision} ${name} passes without the test tools; say so in ${HERE}`),
  ];
}

// The names of the scenarios in which something is checked and nothing wrong.
function right(scenarios) {
  return scenarios.filter((scenario) => !isSkipped(scenario) && !scenario.checks.some(isWrong)).map(({ name }) => name);
}

function printScores() {
  const rows = [["revision", "scored", "not scored", "extensions", "checks", "failed", "warned", "without test tools"]];
  for (const revision of revisions) {
    const scenarios = withTools[revision];
    const checks = scenarios.flatMap(({ checks }) => checks);
    const statuses = ["SUCCESS", "FAILURE", "WARNING"].map((status) => `${count(checks, status)}`);
    rows.push([
      revision,
      score(scenarios.filter(({ scored }) => scored)),
      score(scenarios.filter(({ scored, extension }) => !scored && !extension)),
      score(scenarios.filter((scenario) => scenario.extension && !isSkipped(scenario))),
      ...statuses,
      score(without[revision].filter(({ scored }) => scored)),
    ]);
  }
  console.log(`@modelcontextprotocol/conformance ${VERSION}\n`);
  for (const row of rows) console.log(row.map((cell, at) => cell.padStart(rows[0][at].length + 2)).join(""));
  for (const revision of revisions) {
    const passed = right(without[revision]);
    const untestable = right(withTools[revision]).filter((name) => !passed.includes(name));
    if (untestable.length > 0) console.log(`\nnot testable at ${revision} without the test tools: ${untestable.join(", ")}`);
  }
  console.log();
}

// As the suite scores: a scenario passes when no check of it fails, whatever it warns of.
function score(scenarios) {
  const passed = scenarios.filter(({ checks }) => count(checks, "FAILURE") === 0);
  return scenarios.length === 0 ? "-" : `${passed.length}/${scenarios.length}`;
}

function count(checks, status) {
  return checks.filter((check) => check.status === status).length;
}

// The official suite, run against one address: what it checked, and what of that is judged.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGE = join(ROOT, "node_modules/@modelcontextprotocol/conformance");
const PROGRAM = join(PACKAGE, "dist/index.js");
// The suite's requirement sets are YAML, and it brings a parser.
const yaml = createRequire(PROGRAM)("yaml");

/**
 * Protocol revisions, newest first. Those with a requirement set are scored by it, the others by all that applies. Below
 * 2025-11-25 the suite's client still negotiates that one, and only the schemas that it holds replies to are the revision's.
 */
export const REVISIONS = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"];
const WITH_REQUIREMENTS = ["2026-07-28", "2025-11-25"];
// Scenarios of extensions that came after the requirement sets were frozen.
const LATER_EXTENSIONS = { "2026-07-28": ["sep-2640-skills-directory", "sep-2640-skills-enumeration", "sep-2640-skills-manifest"] };

// How long a scenario may take, in milliseconds: a machine at work on other things is no fault of the server's.
const PATIENCE = ["--timeout", "180000"];

/** The suite's version. */
export const VERSION = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")).version;

/** Whether a check says that something is wrong: the suite's warnings are broken SHOULDs. */
export const isWrong = ({ status }) => status === "FAILURE" || status === "WARNING";

/** Whether a scenario checked nothing of its own: it does not apply to what the server declares. */
export const isSkipped = ({ checks }) => checks.every(({ id, status }) => status === "SKIPPED" || id === "wire-schema-valid");

/**
 * Runs the suite at one revision and gives its scenarios: `{name, scored, extension, checks}`. What it wrote stays in `folder`,
 * what it printed in `output.txt` there.
 */
export async function runSuite(url, revision, folder) {
  if (!REVISIONS.includes(revision)) throw new Error(`no revision ${revision}; there are ${REVISIONS.join(", ")}`);
  rmSync(folder, { recursive: true, force: true });
  const requirements = WITH_REQUIREMENTS.includes(revision) ? requirementsOf(revision) : undefined;
  const selection = requirements ? ["--requirements", revision] : ["--suite", "all", "--spec-version", revision];
  const { code, output } = await node([PROGRAM, "server", "--url", url, ...selection, ...PATIENCE, "-o", folder]);
  const later = LATER_EXTENSIONS[revision] ?? [];
  for (const name of later) await node([PROGRAM, "server", "--url", url, "--scenario", name, ...PATIENCE, "-o", folder]);
  mkdirSync(folder, { recursive: true });
  const scenarios = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)[1];
    const checks = JSON.parse(readFileSync(join(folder, name, "checks.json"), "utf8"));
    const extra = requirements?.not_scored.find((extra) => extra.scenario === scenario && extra.leg === "server");
    const extension = extra?.reason === "extension" || later.includes(scenario);
    return { name: scenario, scored: extra === undefined && !extension, extension, checks };
  });
  writeFileSync(join(folder, "output.txt"), output);
  const missing = [...(requirements?.server ?? []), ...later].some((name) => !scenarios.some((scenario) => scenario.name === name));
  const clean = !scenarios.some(({ checks }) => checks.some(({ status }) => status === "FAILURE"));
  if (missing || scenarios.length === 0 || (clean && code !== 0)) {
    throw new Error(`the suite did not do its work at ${revision} (exit ${code})\n${output}`);
  }
  return scenarios;
}

const requirementsOf = (revision) => yaml.parse(readFileSync(join(PACKAGE, `requirements/${revision}.yaml`), "utf8"));

function node(words) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const program = spawn(process.execPath, words, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  let output = "";
  program.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  program.stderr.setEncoding("utf8").on("data", (text) => (output += text));
  program.on("error", reject).on("close", (code) => resolve({ code, output }));
  return promise;
}

// Coverage against Istanbul, on published packages that are instrumented and partly run: its own merge and summaries, and its
// lcov, Cobertura and Clover reports.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import vm from "node:vm";
import { createRequire } from "node:module";
import { Tally, call, dirname, files, join, npm, read, sample, tarball } from "../lib.mjs";

const { require } = npm({ "istanbul-lib-instrument": "6.0.3", "istanbul-lib-coverage": "3.2.2", "istanbul-lib-report": "3.0.1", "istanbul-reports": "3.1.7" });
const { createInstrumenter } = require("istanbul-lib-instrument");
const { createCoverageMap } = require("istanbul-lib-coverage");
const { createContext } = require("istanbul-lib-report");
const reports = require("istanbul-reports");
const PACKAGES = ["semver@7.7.1", "commander@13.0.0", "async@3.2.6", "qs@6.14.0", "yargs-parser@21.1.1"];

// What the packages' own code throws late, or says, is nobody's concern here.
process.on("unhandledRejection", () => {});
const nothing = { write: () => true, on: () => {} };
const instead = { exit: () => {}, argv: ["node", "x"], stdout: nothing, stderr: nothing };
const quiet = new Proxy(process, { get: (target, name) => instead[name] ?? Reflect.get(target, name) });
const silent = Object.fromEntries(Object.keys(console).map((name) => [name, () => {}]));

// Runs the instrumented files of a package; gives the coverage of this run.
function runOf(folder, paths, first) {
  const scope = { coverage: {} };
  const instrumenter = createInstrumenter({ coverageVariable: "__cover__", esModules: false });
  const loaded = new Map();
  const load = (path) => {
    if (loaded.has(path)) return loaded.get(path).exports;
    const module = { exports: {} };
    loaded.set(path, module);
    const inner = createRequire(path);
    const code = instrumenter.instrumentSync(read(path), path);
    const context = vm.createContext({ module, exports: module.exports, require: (name) => { const found = inner.resolve(name); return found.startsWith(folder) && /\.c?js$/.test(found) ? load(found) : inner(name); }, process: quiet, console: silent, Buffer, setTimeout, clearTimeout, setImmediate, queueMicrotask, URL, __dirname: dirname(path), __filename: path, __cover__: scope.coverage });
    context.global = context;
    context.globalThis = context;
    vm.runInContext(code, context, { filename: path });
    return module.exports;
  };
  for (const path of paths) {
    try {
      const exported = load(join(folder, path));
      for (const value of [exported, ...Object.values(exported ?? {})].slice(0, first)) {
        try { if (typeof value === "function" && value.length > 0) value("1.2.3", "^1.0.0"); } catch { /* what matters is that it ran */ }
      }
    } catch { /* the same */ }
  }
  return JSON.parse(JSON.stringify(scope.coverage));
}

const tally = new Tally({
  tool: "quality_analyze_coverage",
  peer: "istanbul-lib-coverage 3.2.2 and istanbul-reports 3.1.7 (totals of each file after merging; the same from its lcov, Cobertura and Clover)",
  corpus: `partial runs of ${PACKAGES.join(", ")}`,
  bars: { equal: 1 },
});
const numbers = (shares, kinds) => kinds.map((kind) => (shares[kind] ? `${shares[kind].covered} of ${shares[kind].total}` : "0 of 0"));
const ALL = ["lines", "statements", "functions", "branches"];
for (const name of sample(PACKAGES, 2)) {
  const folder = tarball(name);
  const paths = files(folder, (path) => /\.c?js$/.test(path) && !/test|dist\/|\.min\.|esm|bin\//.test(path)).slice(0, 60);
  const [one, two] = [runOf(folder, paths, 1), runOf(folder, paths.slice(0, Math.ceil(paths.length / 2)), 40)];
  const texts = [one, two].map((run) => JSON.stringify(run));
  // From the texts to the totals of each file and of all, as ours.
  const started = performance.now();
  const merged = createCoverageMap(JSON.parse(texts[0]));
  merged.merge(JSON.parse(texts[1]));
  merged.files().forEach((path) => merged.fileCoverageFor(path).toSummary());
  merged.getCoverageSummary();
  const theirsMs = performance.now() - started;
  const asked = (texts) => call("analyze_coverage", { reports: texts.map((source, at) => ({ path: `r${at}`, source })), output: { maxTokens: 20000 } });
  const { report, micros } = await asked(texts);
  tally.timing(`${name}, two runs, ${Math.ceil(texts.join("").length / 1000)} KB of JSON`, micros / 1000, theirsMs);
  const rows = new Map(report.data.files.map((row) => [row.path, row]));
  for (const path of merged.files()) {
    const summary = merged.fileCoverageFor(path).toSummary().toJSON();
    tally.equal(`${name} ${path.slice(folder.length + 1)}`, numbers(rows.get(path) ?? {}, ALL), numbers(summary, ALL));
  }
  tally.equal(`${name} total`, numbers(report.data.total, ALL), numbers(merged.getCoverageSummary().toJSON(), ALL));
  const out = mkdtempSync(join(tmpdir(), "reports-"));
  // Both XML reports leave out the branches of lines on which no statement starts.
  const context = createContext({ dir: out, coverageMap: merged });
  for (const [kind, file, kinds] of [["lcovonly", "lcov.info", ["lines", "functions", "branches"]], ["cobertura", "cobertura-coverage.xml", ["lines"]], ["clover", "clover.xml", ["lines"]]]) {
    reports.create(kind).execute(context);
    const { report: again } = await asked([read(out, file)]);
    const whole = merged.getCoverageSummary().toJSON();
    tally.equal(`${name} from ${kind}`, numbers(again.data.total, kinds), numbers(whole, kinds));
  }
  rmSync(out, { recursive: true });
}
tally.done();

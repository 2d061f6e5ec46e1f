// Mutants of JavaScript and TypeScript against Stryker's instrumenter, and scores against the metrics of mutation-testing-elements.
// A mutant is what the file becomes: both edits are applied, and the results compared without layout and brackets.
import { SAMPLED, Tally, call, files, npm, read, sample, tarball } from "../lib.mjs";

const VERSION = "10.1.1";
const METRICS = "3.8.4";
const { require, load } = npm({ "@stryker-mutator/instrumenter": VERSION, "mutation-testing-metrics": METRICS });
const babel = require("@babel/core");
const generate = (require("@babel/generator").default ?? require("@babel/generator"));
const { createInstrumenter } = await instrumenter();

async function instrumenter() {
  const { Instrumenter } = await load("@stryker-mutator/instrumenter");
  const log = new Proxy({}, { get: (_, name) => (String(name).startsWith("is") ? () => false : () => {}) });
  return { createInstrumenter: () => new Instrumenter(log) };
}

const OPTIONS = { plugins: null, ignorers: [], excludedMutations: [], noHeader: true };

// Folders of sources, their endings, and the most bytes of them.
const CORPORA = [
  ["express@4.21.2", "lib", /\.js$/, 40_000],
  ["eslint@4.18.1", "lib/rules", /\.js$/, 60_000],
  ["yargs@17.7.2", "build/lib", /\.js$/, 40_000],
  ["rxjs@7.8.1", "src/internal", /\.ts$/, 60_000],
  ["immer@10.1.1", "src", /\.ts$/, 40_000],
  ["zod@3.25.76", "src/v3", /(locales|helpers)\/.*\.ts$/, 40_000],
  ["react-native-paper@5.12.5", "src", /\.tsx$/, 60_000],
  ["commander@12.1.0", "lib", /\.js$/, 40_000],
  ["semver@7.7.1", "", /(classes|functions|ranges)\/.*\.js$/, 30_000],
  ["qs@6.14.0", "lib", /\.js$/, 30_000],
];

// The file without layout, brackets and comments.
function essence(text, name) {
  const plugins = ["decorators", ...(/\.tsx?$/.test(name) ? [["typescript", {}]] : []), ...(/\.ts$/.test(name) ? [] : ["jsx"])];
  try {
    const ast = babel.parseSync(text, { configFile: false, babelrc: false, sourceType: "unambiguous", parserOpts: { plugins, errorRecovery: true }, filename: name });
    babel.traverse(ast, { noScope: true, enter({ node }) { delete node.extra; if (node.type === "ExpressionStatement") delete node.directive; } });
    return generate(ast, { comments: false, minified: true, jsescOption: { minimal: true } }).code.replaceAll(/[()\s;]/g, "");
  } catch (error) {
    return `broken: ${String(error.message).split("\n")[0]}`;
  }
}

function offsets(text) {
  const starts = [0];
  for (let at = 0; at < text.length; at += 1) if (text[at] === "\n") starts.push(at + 1);
  return ({ line, column }, base) => starts[line - base] + column - base;
}

const WHY = new Map();
const tally = new Tally({ tool: "quality_plan_mutations", peer: `@stryker-mutator/instrumenter ${VERSION}`, corpus: CORPORA.map(([name]) => name.replace(/@[^@]*$/, "")).join(", "), bars: { recall: 0.95, precision: 0.95 }, explain: (side, item) => WHY.get(`${side} ${item}`) });
let largest = [0, 0, 0, ""];
const counts = { files: 0, mutants: 0, broken: 0 };
for (const [specifier, under, ending, budget] of sample(CORPORA, 4)) {
  const folder = tarball(specifier);
  const root = under ? `${folder}/${under}` : folder;
  let bytes = 0;
  const chosen = [];
  for (const path of files(root, (path) => ending.test(path) && !/\.d\.ts$|__tests__|node_modules/.test(path))) {
    const source = read(root, path).replaceAll("\r\n", "\n");
    if (source.length < 300 || source.length > 16_000) continue;
    bytes += source.length;
    if (bytes > budget) break;
    chosen.push([path, source]);
  }
  for (const [path, source] of sample(chosen, 4)) {
    if (SAMPLED && source.length > 5000) continue;
    const started = performance.now();
    let theirs;
    try {
      theirs = (await createInstrumenter().instrument([{ name: path, content: source, mutate: true }], OPTIONS)).mutants;
    } catch (error) {
      process.stderr.write(`  Stryker fails on ${specifier} ${path}: ${String(error.message).split("\n")[0]}\n`);
      continue;
    }
    const theirMillis = performance.now() - started;
    const { report, error, micros } = await call("plan_mutations", { files: [{ path, source }], max: 5000 });
    if (error) throw new Error(error.message);
    const at = offsets(source);
    const apply = (start, end, text) => source.slice(0, start) + text + source.slice(end);
    const shown = (operator, line, text) => `${operator} ${line}: ${String(text).replaceAll(/\s+/g, " ").slice(0, 80)}`;
    const rows = (list) => {
      const found = new Map();
      for (const [text, label] of list) {
        const key = essence(text, path);
        if (key.startsWith("broken")) counts.broken += 1;
        if (!found.has(key)) found.set(key, label);
      }
      return found;
    };
    const ours = rows(report.data.mutants.map(({ range, newText, operator }) => [apply(at(range.start, 1), at(range.end, 1), newText), shown(operator, range.start.line, newText)]));
    const peer = rows(theirs.filter(({ status }) => status !== "Ignored").map(({ location, replacement, mutatorName }) => {
      // What is put in is a whole: brackets keep it so.
      const statement = /^(BlockStatement|CallExpression)$/.test(mutatorName) || /^(case|default)\b|^for ?\(/.test(replacement) || replacement === "";
      return [apply(at(location.start, 0), at(location.end, 0), statement ? replacement : `(${replacement})`), shown(mutatorName, location.start.line + 1, replacement)];
    }));
    const original = essence(source, path);
    const name = `${specifier} ${path}`;
    const label = (map, key) => `${map.get(key)} #${[...key].reduce((hash, c) => (hash * 31 + c.codePointAt(0)) >>> 0, 7).toString(36)}`;
    const both = (key) => (ours.has(key) && peer.has(key) ? `same ${key.length} ${[...key].reduce((hash, c) => (hash * 31 + c.codePointAt(0)) >>> 0, 7)}` : undefined);
    for (const key of peer.keys()) {
      if (ours.has(key)) continue;
      if (key === original) WHY.set(`theirs ${label(peer, key)}`, "it comes to the same program");
      else if (key.startsWith("broken")) WHY.set(`theirs ${label(peer, key)}`, "it is no program");
    }
    tally.sets(name, [...ours.keys()].map((key) => both(key) ?? label(ours, key)), [...peer.keys()].map((key) => both(key) ?? label(peer, key)));
    counts.files += 1;
    counts.mutants += peer.size;
    if (source.length > largest[0]) largest = [source.length, micros / 1000, theirMillis, `${path} of ${specifier}, ${peer.size} mutants`];
  }
}
process.stderr.write(`  ${JSON.stringify(counts)}\n`);
tally.timing(largest[3], largest[1], largest[2]);
tally.done();

// Scores of reports drawn at random.
const { calculateMetrics } = await load("mutation-testing-metrics");
const scores = new Tally({ tool: "quality_plan_mutations", peer: `mutation-testing-metrics ${METRICS} (scores)`, corpus: "reports drawn at random", bars: { equal: 1 } });
let seed = 11;
const next = (limit) => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * limit);
};
const STATUSES = ["Killed", "Survived", "NoCoverage", "Timeout", "CompileError", "RuntimeError", "Ignored", "Pending"];
const reports = Array.from({ length: 200 }, () => Object.fromEntries(Array.from({ length: 1 + next(4) }, (_, at) => [`src/f${at}.js`, { language: "javascript", source: "a", mutants: Array.from({ length: next(12) }, (__, id) => ({ id: `${at}-${id}`, mutatorName: "X", location: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } }, status: STATUSES[next(STATUSES.length)] })) }])));
for (const [number, content] of sample(reports, 20).entries()) {
  const whole = { schemaVersion: "2", thresholds: { high: 80, low: 60 }, files: content };
  const { report } = await call("plan_mutations", { report: JSON.stringify(whole) });
  const { metrics } = calculateMetrics(whole.files);
  const percent = (value) => (Number.isNaN(value) ? null : Math.round(value * 100) / 100);
  const { score } = report.data;
  scores.equal(`report ${number}`, [score.killed, score.timeout, score.survived, score.noCoverage, score.invalid, score.ignored, score.pending, score.score ?? null, score.coveredScore ?? null], [metrics.killed, metrics.timeout, metrics.survived, metrics.noCoverage, metrics.totalInvalid, metrics.ignored, metrics.pending, percent(metrics.mutationScore), percent(metrics.mutationScoreBasedOnCoveredCode)]);
}
scores.done();

// Cognitive complexity against eslint-plugin-sonarjs, on the sources of published packages.
import { Tally, call, files, npm, read, sample, tarball } from "../lib.mjs";

const PLUGIN = "4.2.2";
const { require, load } = npm({ eslint: "9.39.1", "eslint-plugin-sonarjs": PLUGIN, typescript: "5.9.3" });
const { Linter } = require("eslint");
const sonarjs = (await load("eslint-plugin-sonarjs")).default;
const PACKAGES = ["express@4.21.2", "lodash@4.17.21", "commander@13.0.0", "semver@7.7.1", "yargs@17.7.2", "axios@1.7.9", "async@3.2.6", "marked@15.0.6", "zod@3.24.1"];

const config = (sourceType) => [{
  files: ["**/*"],
  plugins: { sonarjs, own: { rules: { leaks } } },
  languageOptions: { ecmaVersion: "latest", sourceType, parserOptions: { ecmaFeatures: { jsx: true } } },
  linterOptions: { reportUnusedDisableDirectives: "off", noInlineConfig: true },
  rules: { "sonarjs/cognitive-complexity": ["error", 0], "own/leaks": "error" },
}];
const linter = new Linter({ configType: "flat" });
// Functions in which a branch of a conditional expression is itself a function: the plugin then leaves the level of nesting
// one too high for the rest of the function, since it ends the branch on the inner function's count.
const leaks = {
  create: (context) => ({
    ConditionalExpression(node) {
      if (![node.consequent, node.alternate].some(({ type }) => /Function/.test(type))) return;
      for (let at = node.parent; at; at = at.parent) if (/Function/.test(at.type)) return void context.report({ loc: at.loc, message: "leaks" });
    },
  }),
};

const cases = [];
for (const name of PACKAGES) {
  const folder = tarball(name);
  for (const path of files(folder, (path) => /\.(js|mjs|cjs)$/.test(path) && !/\.min\.|umd|\/dist\/(browser|node)|modern|lodash\.js$|fp\/_mapping/.test(path))) {
    const source = read(folder, path);
    if (source.length > 80 && source.length < 200_000) cases.push({ name: `${name}/${path}`, source });
  }
}
const leaking = new Set();
const tally = new Tally({
  tool: "quality_measure_complexity",
  peer: `eslint-plugin-sonarjs ${PLUGIN} (cognitive complexity of each function that has any)`,
  corpus: `functions of ${PACKAGES.length} packages: ${PACKAGES.join(", ")}`,
  bars: { equal: 0.97 },
  explain: (side, item, name) => (leaking.has(name) ? "a function as a branch of a conditional leaves the plugin's level of nesting one too high" : undefined),
});
let [oursMs, theirsMs, count] = [0, 0, 0];
for (const { name, source } of sample(cases, 40)) {
  const started = performance.now();
  let messages = linter.verify(source, config("module"), { filename: "a.js" });
  if (messages.some(({ fatal }) => fatal)) messages = linter.verify(source, config("script"), { filename: "a.js" });
  theirsMs += performance.now() - started;
  if (messages.some(({ fatal }) => fatal)) continue;
  const { report, micros } = await call("measure_complexity", { filename: "a.js", source, top: 2000, output: { maxTokens: 20000 } });
  oursMs += micros / 1000;
  count += 1;
  const rows = report.data?.functions ?? [];
  const leaky = messages.filter(({ ruleId }) => ruleId === "own/leaks");
  for (const { message, line } of messages.filter(({ ruleId }) => ruleId === "sonarjs/cognitive-complexity")) {
    if (leaky.some((one) => one.line <= line && line <= one.endLine)) leaking.add(`${name}:${line}`);
    const theirs = Number(/from (\d+) to/.exec(message)?.[1]);
    // The plugin names the head's place, which of an arrow is its sign: any function that begins there or just before.
    const here = rows.filter((row) => row.startLine <= line && line <= row.endLine).map((row) => row.cognitive);
    tally.equal(`${name}:${line}`, here.includes(theirs) ? theirs : here.at(-1), theirs);
  }
}
tally.timing(`all ${count} files`, oursMs, theirsMs);
tally.done();

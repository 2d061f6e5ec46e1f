// Each rule for JavaScript against ESLint's of the same id, on published packages and on the code of ESLint's own tests: rule and line of
// every finding.
import { Module } from "node:module";
import { SAMPLED, Tally, bytes, call, files, join, npm, read, repo, sample, tarball } from "../lib.mjs";

const ESLINT = "9.39.1";
const packages = ["express@4.21.2", "commander@13.0.0", "semver@7.7.1", "yargs@17.7.2", "axios@1.7.9", "async@3.2.6", "marked@15.0.6", "qs@6.14.0", "lodash@4.17.21", "uglify-js@2.5.0", "underscore.string@3.3.4", "knockout@3.5.1", "codemirror@5.65.18", "prismjs@1.29.0", "vue@2.7.16", "moment@2.18.0", "backbone@1.6.0", "useragent@2.2.1", "string@3.3.3", "eslint@4.18.1", "bootstrap@3.4.1", "jquery@3.7.1", "select2@4.0.13", "mocha@11.0.1", "reveal.js@5.1.0", "uikit@3.21.13"];
const { require } = npm({ eslint: ESLINT });
const { Linter } = require("eslint");
const linter = new Linter({ configType: "flat" });
const RULES = process.env.OCTAVO_LINT_RULES?.split(",") ?? [
  "for-direction", "getter-return", "no-async-promise-executor", "no-case-declarations", "no-class-assign", "no-compare-neg-zero", "no-cond-assign", "no-const-assign", "no-constant-condition", "no-control-regex",
  "no-debugger", "no-delete-var", "no-dupe-class-members", "no-dupe-else-if", "no-dupe-keys", "no-duplicate-case", "no-empty", "no-empty-character-class", "no-empty-pattern", "no-empty-static-block",
  "no-ex-assign", "no-extra-boolean-cast", "no-fallthrough", "no-func-assign", "no-global-assign", "no-import-assign", "no-new-native-nonconstructor", "no-obj-calls", "no-prototype-builtins", "no-regex-spaces",
  "no-self-assign", "no-setter-return", "no-shadow-restricted-names", "no-sparse-arrays", "no-unreachable", "no-unreachable-loop", "no-unsafe-finally", "no-unsafe-negation", "no-unsafe-optional-chaining", "no-unused-labels",
  "no-unused-private-class-members", "no-useless-catch", "no-with", "require-yield", "use-isnan", "valid-typeof", "no-self-compare", "no-template-curly-in-string", "no-constructor-return", "no-promise-executor-return",
  "no-new-wrappers", "no-throw-literal", "no-caller", "no-proto", "no-iterator", "no-eval", "no-new-func", "no-script-url", "no-octal-escape", "no-multi-str",
  "default-case-last", "no-useless-rename", "no-unneeded-ternary", "no-useless-concat",
];
const config = (sourceType) => ({
  files: ["**/*.js"],
  languageOptions: { ecmaVersion: "latest", sourceType, parserOptions: { ecmaFeatures: { jsx: true } } },
  linterOptions: { reportUnusedDisableDirectives: "off", noInlineConfig: true },
  rules: Object.fromEntries(RULES.map((rule) => [rule, "error"])),
});

function linted(source) {
  const kinds = /^\s*(import|export)\b/m.test(source) ? ["module", "commonjs"] : ["commonjs", "module"];
  for (const kind of kinds) {
    const messages = linter.verify(source, [config(kind)], { filename: "a.js" });
    if (!messages.some(({ fatal }) => fatal)) return messages.filter(({ ruleId }) => ruleId);
  }
  return null;
}

const cases = [];
for (const name of SAMPLED ? packages.slice(0, 9) : packages) {
  const root = tarball(name);
  const list = files(root, (path) => /\.[cm]?js$/.test(path) && !/\.min\.|\.slim\.|node_modules/.test(path) && bytes(root, path) < 150_000);
  for (const path of list.slice(0, 120)) cases.push({ name: `${name}/${path}`, source: read(root, path) });
}

// What ESLint's tests of these rules are made of, whether it is to be found valid or not; both judge it with the options' defaults.
function tested(root) {
  const found = new Map();
  const tester = class {
    run(rule, _, { valid, invalid }) {
      for (const one of [...valid, ...invalid]) {
        const parser = one.languageOptions?.parser;
        if (!parser && !one.filename) found.set(`${rule} ${one.code ?? one}`, { name: `${rule}: ${one.code ?? one}`, source: one.code ?? one });
      }
    }
    defineRule() {}
  };
  const anything = new Proxy(() => "", { get: (_, name) => (name === Symbol.toPrimitive ? () => "" : anything), apply: () => "anything" });
  const load = Module._load;
  Module._load = (request, parent, main) => {
    if (request.endsWith("rule-tester")) return Object.assign(tester, { default: tester });
    if (parent?.path?.startsWith(join(root, "tests")) && !request.startsWith("node:")) return anything;
    return load(request, parent, main);
  };
  for (const rule of RULES) {
    try {
      Module.createRequire(join(root, "package.json"))(join(root, `tests/lib/rules/${rule}.js`));
    } catch (error) {
      process.stderr.write(`  left out: ESLint's tests of ${rule}: ${String(error.message).split("\n")[0]}\n`);
    }
  }
  Module._load = load;
  return [...found.values()];
}

/** Compares all rules on each case. */
async function compare(chosen, corpus, explain) {
  const tally = new Tally({ tool: "quality_lint_code", peer: `ESLint ${ESLINT} (${RULES.length} rules by line${explain ? ", its own tests" : ""})`, corpus, bars: { recall: 0.95, precision: 0.98 }, explain });
  const counts = {};
  let [oursMs, theirsMs, unread] = [0, 0, 0];
  for (const { name, source } of chosen) {
    const started = performance.now();
    const messages = linted(source);
    theirsMs += performance.now() - started;
    if (!messages) continue;
    const { report, error, micros } = await call("lint_code", { filename: "a.js", source, output: { maxTokens: 20000 } });
    if (error) throw new Error(`${name}: ${error.message}`);
    oursMs += micros / 1000;
    if (report.findings.some(({ rule }) => rule === "syntax-error")) {
      unread += 1;
      continue;
    }
    const ours = report.findings.filter(({ rule }) => RULES.includes(rule)).map(({ rule, range }) => `${rule} ${range.start.line}`);
    const theirs = messages.map(({ ruleId, line }) => `${ruleId} ${line}`);
    const left = [...theirs];
    for (const item of ours) {
      const at = left.indexOf(item);
      const row = (counts[item.split(" ")[0]] ??= [0, 0, 0]);
      if (at >= 0) {
        left.splice(at, 1);
        row[0] += 1;
      } else row[1] += 1;
    }
    for (const item of left) (counts[item.split(" ")[0]] ??= [0, 0, 0])[2] += 1;
    tally.sets(name, ours, theirs);
  }
  for (const [rule, [both, more, less]] of Object.entries(counts).sort()) process.stderr.write(`  ${rule}: ${both} alike${more ? `, ${more} ours alone` : ""}${less ? `, ${less} theirs alone` : ""}\n`);
  process.stderr.write(`  no case in the corpus: ${RULES.filter((rule) => !counts[rule]).join(", ") || "none"}\n`);
  if (unread) process.stderr.write(`  not read by our parser: ${unread}\n`);
  tally.timing(corpus, oursMs, theirsMs);
  tally.done();
}

const chosen = sample(cases, 60);
await compare(chosen, `${chosen.length} files of ${packages.length} packages`);
const eslint = repo("eslint/eslint");
if (eslint) {
  const own = sample(tested(eslint), 400);
  await compare(own, `${own.length} pieces of code of the tests of ${RULES.length} rules`, explainTests);
}

// Why a difference in the peer's own tests is right.
function explainTests() {
  return undefined;
}

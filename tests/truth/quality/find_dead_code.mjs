// Unused names and unreached statements of JavaScript against ESLint, those of TypeScript against typescript-eslint, and unused
// exports, types and files against knip, on published packages with their sources.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { SAMPLED, Tally, bytes, call, files, join, npm, read, run, sample, tarball } from "../lib.mjs";

const ESLINT = "9.39.1";
const TYPED = "8.48.0";
const KNIP = "5.46.0";
const scripts = ["express@4.21.2", "commander@13.0.0", "semver@7.7.1", "yargs@17.7.2", "axios@1.7.9", "async@3.2.6", "marked@15.0.6", "qs@6.14.0", "lodash@4.17.21", "debug@4.4.0", "ws@8.18.0", "mocha@11.0.1", "eslint@9.17.0", "webpack@5.97.1"];
const typed = ["rxjs@7.8.1", "immer@10.1.1", "@tanstack/query-core@5.62.0", "@reduxjs/toolkit@2.5.0", "mobx@6.13.5", "@tanstack/table-core@8.20.5"];

const { require } = npm({ eslint: ESLINT, "typescript-eslint": TYPED, typescript: "5.9.3" });
const { Linter } = require("eslint");
const tseslint = require("typescript-eslint");
const linter = new Linter({ configType: "flat" });
const meant = { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" };

function linted(source, path) {
  const verify = (sourceType) => {
    const isTyped = /\.[cm]?tsx?$/.test(path);
    const config = {
      files: ["**/*.js", "**/*.cjs", "**/*.mjs", "**/*.ts", "**/*.tsx", "**/*.mts", "**/*.cts"],
      plugins: { ts: tseslint.plugin },
      languageOptions: { ecmaVersion: "latest", sourceType, ...(isTyped && { parser: tseslint.parser }), parserOptions: { ecmaFeatures: { jsx: true } } },
      linterOptions: { reportUnusedDisableDirectives: "off", noInlineConfig: true },
      rules: { [isTyped ? "ts/no-unused-vars" : "no-unused-vars"]: ["error", meant], "no-unreachable": "error" },
    };
    return linter.verify(source, [config], { filename: isTyped ? path : "a.js" });
  };
  let messages = verify("module");
  if (messages.some(({ fatal }) => fatal) || !/^\s*(import|export)\b/m.test(source)) messages = verify("commonjs");
  return messages.some(({ fatal }) => fatal) ? null : messages.filter(({ ruleId }) => ruleId);
}

const label = (rule, name, line) => (rule === "no-unreachable" ? `${rule} ${line}` : `no-unused-vars ${name}`);

async function names(peer, packages, pattern) {
  const cases = [];
  for (const name of packages) {
    const root = tarball(name);
    const list = files(root, (path) => pattern.test(path) && !/\.min\.|\.d\.[cm]?ts$|umd|bundle|\/(dist|build|lib-esm|modern)\/.*\.js$|node_modules/.test(path) && bytes(root, path) < 200_000);
    for (const path of list) cases.push({ name: `${name}/${path}`, path, source: read(root, path) });
  }
  const tally = new Tally({
    tool: "quality_find_dead_code",
    peer,
    corpus: `${packages.length} packages: ${packages.join(", ")}`,
    bars: { recall: 0.9, precision: 0.95 },
    explain: (side, item, name) => (side === "theirs" && asTypes.has(`${name} ${item}`) ? "a value that is used as a type alone is used" : undefined),
  });
  const asTypes = new Set();
  let [oursMs, theirsMs, count] = [0, 0, 0];
  for (const { name, path, source } of sample(cases, 40)) {
    const started = performance.now();
    const messages = linted(source, path);
    theirsMs += performance.now() - started;
    if (!messages) continue;
    const answer = await call("find_dead_code", { files: [{ path: `src/${path}`, source }], output: { maxTokens: 20000 } });
    if (answer.error) throw new Error(answer.error.message);
    oursMs += answer.micros / 1000;
    count += 1;
    const rules = new Set(["no-unused-vars", "no-unreachable"]);
    const ours = answer.report.findings.filter(({ rule }) => rules.has(rule)).map(({ rule, message, range }) => label(rule, /`(.*?)`/.exec(message)?.[1], range.start.line));
    const theirs = messages.map(({ ruleId, message, line }) => label(ruleId, /'(.*?)'/.exec(message)?.[1], line));
    messages.forEach(({ message, line, ruleId }) => /only used as a type/.test(message) && asTypes.add(`${name} ${label(ruleId, /'(.*?)'/.exec(message)?.[1], line)}`));
    tally.sets(name, ours, theirs);
  }
  tally.timing(`all ${count} files`, oursMs, theirsMs);
  tally.done();
}

// The sources of a package as a project of their own, with the entries said to both.
async function exported() {
  const { bin } = npm({ knip: KNIP, typescript: "5.9.3", "@types/node": "22.10.5" });
  const tally = new Tally({
    tool: "quality_find_dead_code",
    peer: `knip ${KNIP} (exports, types and files)`,
    corpus: `sources of ${typed.join(", ")}`,
    bars: { recall: 0.9, precision: 0.95 },
  });
  for (const name of sample(typed, 2)) {
    const root = tarball(name);
    const folder = mkdtempSync(join(tmpdir(), "knip-"));
    cpSync(join(root, "src"), join(folder, "src"), { recursive: true });
    // Tests would be entries here, and are left out of a production run there.
    for (const path of files(folder, (path) => /__tests__|\/tests?\/|\.(test|spec|test-d|bench)\./.test(path))) rmSync(join(folder, path));
    const list = files(folder, (path) => /\.[cm]?[jt]sx?$/.test(path));
    const own = name.replace(/@[^@]*$/, "").split("/").at(-1);
    const starts = list.filter((path) => /^src\/index\.tsx?$/.test(path) || path === `src/${own}.ts`);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", version: "1.0.0", type: "module" }));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { module: "esnext", moduleResolution: "bundler", target: "esnext", jsx: "react-jsx", skipLibCheck: true } }));
    writeFileSync(join(folder, "knip.json"), JSON.stringify({ entry: starts, project: ["src/**/*.{ts,tsx,js,jsx}"], ignoreExportsUsedInFile: false }));
    const started = performance.now();
    const answer = JSON.parse(run(bin("knip"), ["--reporter", "json", "--no-exit-code", "--include", "files,exports,types"], { cwd: folder, failing: true }));
    const theirsMs = performance.now() - started;
    const theirs = answer.files.map((path) => `files ${path}`);
    for (const issue of answer.issues) for (const kind of ["exports", "types"]) for (const one of issue[kind] ?? []) theirs.push(`export ${issue.file} ${one.name}`);
    const given = list.map((path) => ({ path, source: read(folder, path) }));
    const { report, error, micros } = await call("find_dead_code", { files: given, entries: starts, output: { maxTokens: 20000, ignore: ["no-unused-vars", "no-unreachable"] } });
    if (error) throw new Error(error.message);
    rmSync(folder, { recursive: true });
    const ours = report.findings.map(({ rule, path, message }) => (rule === "files" ? `files ${path}` : `export ${path} ${/`(.*?)`/.exec(message)?.[1] ?? "default"}`));
    tally.sets(name, ours, theirs);
    tally.timing(`${name}, ${given.length} files`, micros / 1000, theirsMs);
  }
  tally.done();
}

await names(`ESLint ${ESLINT} (no-unused-vars, no-unreachable)`, SAMPLED ? scripts.slice(0, 3) : scripts, /\.[cm]?js$/);
await names(`typescript-eslint ${TYPED} (no-unused-vars) and ESLint (no-unreachable)`, SAMPLED ? typed.slice(1, 3) : typed, /^src\/.*\.tsx?$/);
await exported();

// Unused, unlisted and unresolved things against knip and depcheck: on the fixtures of both where they are checked out, and on
// the source trees of published packages that ship their sources.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { KEPT, SAMPLED, Tally, call, files, join, npm, repo, sample, tarball } from "../lib.mjs";

const KNIP = "6.44.2";
const DEPCHECK = "1.4.7";
const knipAt = npm({ knip: KNIP, typescript: "5.6.3" });
const depcheck = npm({ depcheck: DEPCHECK }).require("depcheck");

// Fixtures of what both do: not of knip's own reports and flags, nor of plugins that are not covered here.
const groups = ["dependencies", "entry", "exports", "imports", "language", "namespaces", "re-exports", "resolution", "types", "workspaces"];
const plugins = ["ava", "babel", "commitlint", "cypress", "eslint", "esbuild", "jest", "karma", "lint-staged", "mocha", "nyc", "playwright", "postcss", "prettier", "rollup", "semantic-release", "stylelint", "tailwind", "tsup", "typedoc", "vite", "vitest", "webpack", "husky", "storybook"];
const tarballs = ["zod@3.23.8", "superstruct@2.0.2", "immer@10.1.1", "nanoid@5.0.8", "date-fns@4.1.0", "p-limit@6.1.0", "got@14.4.4", "execa@9.5.1", "chalk@5.3.0", "commander@12.1.0", "yargs@17.7.2", "express@4.21.1", "koa@2.15.3", "debug@4.3.7", "axios@1.7.7", "uuid@10.0.0", "rxjs@7.8.1", "ky@1.7.2", "mitt@3.0.1", "zustand@5.0.1"];

/** A project's files as our arguments, node_modules by their package.json alone. */
function project(folder) {
  const kept = [];
  const paths = [];
  for (const path of files(folder, (path) => !/(^|\/)\.git\//.test(path))) {
    if (path.includes("node_modules/")) {
      if (path.endsWith("/package.json")) kept.push({ path, source: readFileSync(join(folder, path), "utf8") });
    } else if (/\.(json|jsonc|js|mjs|cjs|jsx|ts|tsx|mts|cts|ya?ml)$|rc$|(^|\/)\.husky\//.test(path) && statSync(join(folder, path)).size < 2e6) kept.push({ path, source: readFileSync(join(folder, path), "utf8") });
    else paths.push(path);
  }
  return { files: kept.slice(0, 2000), paths };
}

function copied(from, name) {
  const to = join(KEPT, "projects", name.replaceAll("/", "+"));
  if (!existsSync(join(to, ".copied"))) {
    rmSync(to, { recursive: true, force: true });
    mkdirSync(to, { recursive: true });
    cpSync(from, to, { recursive: true });
    // Its own root, whatever is above.
    writeFileSync(join(to, ".copied"), "");
  }
  return to;
}

const cases = [];
const knipRepo = SAMPLED ? null : repo("webpro-nl/knip");
if (knipRepo) {
  const root = join(knipRepo, "packages/knip/fixtures");
  const add = (path) => existsSync(join(root, path, "package.json")) && cases.push({ name: path, folder: copied(join(root, path), `knip/${path}`) });
  for (const group of groups) for (const name of readdirSync(join(root, group))) add(`${group}/${name}`);
  for (const name of plugins) add(`plugins/${name}`);
}
for (const specifier of sample(tarballs, 3)) cases.push({ name: specifier, folder: tarball(specifier) });

const CONFIGS = ["knip.ts", "knip.js", "knip.config.ts", "knip.config.js"];
const kinds = ["dependencies", "devDependencies", "unlisted", "unresolved", "exports", "types"];
const byPackages = new Tally({ tool: "nodejs_find_unused_dependencies", peer: `knip ${KNIP} (dependencies, devDependencies, unlisted, unresolved)`, corpus: `${cases.length} projects: ${knipRepo ? "its fixtures, " : ""}published packages with sources`, bars: { recall: 0.9, precision: 0.95 } });
const byFiles = new Tally({ tool: "nodejs_find_unused_dependencies", peer: `knip ${KNIP} (files, exports, types)`, corpus: `${cases.length} projects: ${knipRepo ? "its fixtures, " : ""}published packages with sources`, bars: { recall: 0.9, precision: 0.95 } });

// Six at a time: most of the time goes into starting.
const program = join(knipAt.folder, "node_modules/knip/bin/knip.js");
// Configuration that is a program is not read.
const queue = cases.filter(({ folder }) => !CONFIGS.some((file) => existsSync(join(folder, file))));
const answers = new Map();
async function ask() {
  for (let one = queue.shift(); one; one = queue.shift()) {
    const { folder } = one;
    const started = performance.now();
    const text = await new Promise((resolve) => execFile("node", [program, "--reporter", "json", "--no-progress", "--no-exit-code", "--no-gitignore"], { cwd: folder, maxBuffer: 2 ** 28 }, (_, out) => resolve(out)));
    answers.set(folder, { text, millis: performance.now() - started });
  }
}
await Promise.all(Array.from({ length: 6 }, ask));

let largest;
for (const { name, folder } of cases) {
  if (!answers.has(folder)) continue;
  const { text, millis: theirMillis } = answers.get(folder);
  let theirs;
  try {
    theirs = JSON.parse(text.slice(text.indexOf("{")));
  } catch {
    continue;
  }
  const input = project(folder);
  const { report, error, micros } = await call("find_unused_dependencies", { ...input, output: { maxFindings: 1000 } });
  if (error) throw new Error(`${name}: ${error.message}`);
  const expected = [];
  for (const path of theirs.files ?? []) expected.push(`files ${path}`);
  for (const issue of theirs.issues ?? []) {
    for (const file of Array.isArray(issue.files) ? issue.files : []) expected.push(`files ${file.name ?? issue.file}`);
    for (const kind of kinds) for (const one of issue[kind] ?? []) expected.push(`${kind} ${issue.file} ${kind === "unlisted" ? /^(?:@[^/]+\/)?[^/]+/.exec(one.name)?.[0] : one.name}`);
  }
  const ours = report.findings.filter(({ rule }) => rule === "files" || kinds.includes(rule)).map(({ rule, path, message }) => (rule === "files" ? `files ${path}` : `${rule} ${path} ${message.split(" ")[0]}`));
  const isPackage = (item) => /^(dependencies|devDependencies|unlisted|unresolved) /.test(item);
  byPackages.sets(name, ours.filter(isPackage), expected.filter(isPackage));
  byFiles.sets(name, ours.filter((item) => !isPackage(item)), expected.filter((item) => !isPackage(item)));
  if (!largest || input.files.length > largest.count) largest = { count: input.files.length, name, ours: micros / 1000, theirs: theirMillis };
}
byPackages.timing(`${largest.name}, ${largest.count} files`, largest.ours, largest.theirs);

// depcheck takes every file for used, so every file is an entry point here.
const checked = new Tally({ tool: "nodejs_find_unused_dependencies", peer: `depcheck ${DEPCHECK} (dependencies, devDependencies, missing)`, corpus: "its fixtures, published packages with sources", bars: { recall: 0.9, precision: 0.95 } });
const modules = [];
const depcheckRepo = SAMPLED ? null : repo("depcheck/depcheck");
// Languages and tools that are not ours are left out: they are named in what is not checked.
const foreign = /coffee|sass|vue|svelte|gatsby|graphql|styleguidist|express_view|unreadable|feross|decorators|flow|bad_js|multiple_parsers|simlink|node_modules/;
if (depcheckRepo) for (const name of readdirSync(join(depcheckRepo, "test/fake_modules"))) if (!foreign.test(name) && existsSync(join(depcheckRepo, "test/fake_modules", name, "package.json"))) modules.push({ name, folder: copied(join(depcheckRepo, "test/fake_modules", name), `depcheck/${name}`) });
for (const specifier of sample(tarballs, 3)) modules.push({ name: specifier, folder: tarball(specifier) });
for (const { name, folder } of modules) {
  const { dependencies, devDependencies, missing } = await depcheck(folder, { ignoreDirs: [] });
  const { report, error } = await call("find_unused_dependencies", { ...project(folder), entry: ["**/*.{js,mjs,cjs,jsx,ts,tsx,mts,cts}"] });
  if (error) {
    if (!dependencies.length && !devDependencies.length) continue;
    throw new Error(`${name}: ${error.message}`);
  }
  const ours = new Set(report.findings.filter(({ rule }) => ["dependencies", "devDependencies", "unlisted"].includes(rule)).map(({ rule, message }) => `${rule} ${message.split(" ")[0]}`));
  const theirs = [...dependencies.map((one) => `dependencies ${one}`), ...devDependencies.map((one) => `devDependencies ${one}`), ...Object.keys(missing).map((one) => `unlisted ${one}`)];
  checked.sets(name, [...ours], theirs);
}
byPackages.done();
byFiles.done();
checked.done();

// Unused, unlisted and unresolved things against knip and depcheck: on the fixtures of both where they are checked out, and on
// the source trees of published packages that ship their sources.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { KEPT, SAMPLED, Tally, call, files, join, npm, repo, sample, tarball } from "../lib.mjs";

const TOOL = "nodejs_find_unused_dependencies";
const KNIP = "6.44.2";
const DEPCHECK = "1.4.7";
const knipAt = npm({ knip: KNIP, typescript: "5.6.3" });
const depcheck = npm({ depcheck: DEPCHECK }).require("depcheck");

// Fixtures of what both do: not of knip's own reports and flags. What a plugin is about counts where the plugin is covered.
const GROUPS = ["dependencies", "entry", "exports", "ignore", "imports", "infra", "language", "namespaces", "plugin-config", "re-exports", "resolution", "types", "workspaces"];
const COVERED = ["ava", "babel", "c8", "commitlint", "cypress", "esbuild", "eslint", "github-actions", "husky", "jest", "karma", "lefthook", "lint-staged", "mocha", "msw", "nano-staged", "next", "node", "nyc", "playwright", "postcss", "prettier", "release-it", "remark", "rollup", "semantic-release", "simple-git-hooks", "size-limit", "storybook", "stylelint", "swc", "tailwind", "tsdown", "tsup", "tsx", "typedoc", "typescript", "vite", "vitest", "webpack", "xo", "yorkie"];
const TARBALLS = ["zod@3.23.8", "superstruct@2.0.2", "immer@10.1.1", "nanoid@5.0.8", "p-limit@6.1.0", "got@14.4.4", "execa@9.5.1", "chalk@5.3.0", "commander@12.1.0", "yargs@17.7.2", "express@4.21.1", "koa@2.15.3", "debug@4.3.7", "axios@1.7.7", "uuid@10.0.0", "rxjs@7.8.1", "ky@1.7.2", "mitt@3.0.1", "zustand@5.0.1"];
// Configuration that is a program is not read, and neither are YAML files of knip's own.
const CONFIGS = ["knip.ts", "knip.js", "knip.config.ts", "knip.config.js", "knip.config.mjs", "knip.mjs"];

/** A project's files as our arguments, node_modules by their package.json alone. */
function project(folder) {
  const kept = [];
  const paths = [];
  for (const path of files(folder, (path) => !/(^|\/)\.git\/|^\.copied$/.test(path))) {
    if (path.includes("node_modules/")) {
      if (path.endsWith("/package.json")) kept.push({ path, source: readFileSync(join(folder, path), "utf8") });
      else paths.push(path);
    } else if (isText(path) && statSync(join(folder, path)).size < 2e6) kept.push({ path, source: readFileSync(join(folder, path), "utf8") });
    else paths.push(path);
  }
  return { files: kept.slice(0, 2000), paths };
}

const isText = (path) => /\.(html|css|mocha|opts|json|json5|jsonc|js|mjs|cjs|jsx|ts|tsx|mts|cts|ya?ml|toml|sh)$|rc$|(^|\/)\.husky\/|(^|\/)[^./]+$/.test(path);

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

/** Every fixture of knip that is about what is covered. */
function knipFixtures(checkout) {
  const root = join(checkout, "packages/knip/fixtures");
  const known = readdirSync(join(checkout, "packages/knip/src/plugins")).sort((one, other) => other.length - one.length);
  const about = (name) => known.find((plugin) => name === plugin || (name.startsWith(plugin) && /^[-\d]/.test(name.slice(plugin.length))));
  const named = GROUPS.flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`));
  const plugged = readdirSync(join(root, "plugins")).filter((name) => COVERED.includes(about(name))).map((name) => `plugins/${name}`);
  // Files of other languages are not read, and links of a file system are not sent.
  const isForeign = (path) => files(join(root, path), (file) => !file.includes("node_modules/") && /\.(vue|svelte|astro|mdx|tsrx)$/.test(file)).length > 0 || /symlink/.test(path);
  const isProject = (path) => existsSync(join(root, path, "package.json")) && !CONFIGS.some((file) => existsSync(join(root, path, file))) && !isForeign(path);
  return [...named, ...plugged].filter(isProject).map((path) => ({ name: path, folder: copied(join(root, path), `knip/${path}`) }));
}

/** What knip says of a project, kept: its version and the project's files decide. */
async function knipAnswer({ name, folder }) {
  const digest = createHash("sha256");
  for (const path of files(folder, (path) => !/(^|\/)\.git\//.test(path))) digest.update(`${path}\n`).update(readFileSync(join(folder, path)));
  const kept = join(KEPT, "knip-answers", `${KNIP}-${name.replaceAll("/", "+")}-${digest.digest("hex").slice(0, 12)}.json`);
  if (!existsSync(kept)) {
    mkdirSync(join(KEPT, "knip-answers"), { recursive: true });
    const program = join(knipAt.folder, "node_modules/knip/bin/knip.js");
    const flags = ["--reporter", "json", "--no-progress", "--no-exit-code", "--no-gitignore"];
    const started = performance.now();
    const text = await new Promise((resolve) => execFile(process.execPath, [program, ...flags], { cwd: folder, maxBuffer: 2 ** 28, timeout: 120_000 }, (_, out) => resolve(out)));
    const millis = performance.now() - started;
    try {
      // What it logs before may have braces too.
      const { issues } = JSON.parse(text.slice(text.indexOf('{"issues"')));
      writeFileSync(kept, JSON.stringify({ issues, millis }));
    } catch {
      return null;
    }
  }
  return JSON.parse(readFileSync(kept, "utf8"));
}

const cases = [];
const knipRepo = SAMPLED ? null : repo("webpro-nl/knip");
if (knipRepo) cases.push(...knipFixtures(knipRepo));
for (const specifier of sample(TARBALLS, 3)) cases.push({ name: specifier, folder: tarball(specifier) });

// A few at a time: most of the time goes into starting.
const answers = new Map();
const queue = [...cases];
async function ask() {
  for (let one = queue.shift(); one; one = queue.shift()) answers.set(one.name, await knipAnswer(one));
}
await Promise.all(Array.from({ length: 3 }, ask));

const OF_PACKAGES = ["dependencies", "devDependencies", "unlisted", "unresolved", "binaries"];
const OF_FILES = ["files", "exports", "types", "enumMembers", "namespaceMembers", "duplicates"];
const corpus = `${cases.length} projects: ${knipRepo ? "its fixtures, " : ""}published packages with sources`;
const bars = { recall: 0.9, precision: 0.95 };
// Of the case that is being compared: who uses each package, as the tool says; what is installed; the texts.
let about;
const BUILT = /^(?:[^/]+\/)*(dist|lib|build|distribution|out|es|cjs|esm)\//;
const installed = (name) => about.input.files.some(({ path }) => path.endsWith(`node_modules/${name}/package.json`));
const listed = () => about.input.files.filter(({ path }) => path.endsWith("package.json") && !path.includes("node_modules/")).flatMap(({ source }) => {
  try {
    const { dependencies, devDependencies, peerDependencies, optionalDependencies } = JSON.parse(source);
    return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies });
  } catch {
    return [];
  }
});
const textOf = (file) => about.input.files.find(({ path }) => path === file)?.source ?? "";
const escaped = (text) => text.replace(/[^\w]/g, "\\$&");
const imports = (by, name) => /\.[cm]?[jt]sx?$/.test(by ?? "") && new RegExp(`['"]${escaped(name)}(/[^'"]*)?['"]`).test(textOf(by));
const inSignature = (file, name) => TARBALLS.includes(about.name) && new RegExp(`export (?:declare )?(?:async )?(?:function|const|class|abstract class)[^{;]*\\b${escaped(name)}\\b`).test(textOf(file));
/** Whether a file takes an export as a member of what `require` gives it. */
const takenByMember = (file, name) => {
  const stem = file.split("/").at(-1).replace(/\.[cm]?[jt]sx?$/, "");
  const from = stem === "index" ? file.split("/").at(-2) : stem;
  return about.input.files.some(({ path, source }) => path !== file && new RegExp(`require\\(['"][^'"]*\\b${from.replace(/[^\w-]/g, "\\$&")}(\\.js)?['"]\\)`).test(source) && (new RegExp(`\\.${escaped(name)}\\b`).test(source) || /\w\(require\(/.test(source)));
};
function explain(side, item) {
  const [kind, file, name = ""] = item.split(" ");
  if (!about) return undefined;
  if (side === "ours") {
    if (kind === "files" && BUILT.test(file) && about.input.files.some(({ path }) => path === file.replace(/\.([cm]?)js$/, ".d.$1ts"))) return "a declaration names declarations, as the compiler resolves it; the built file beside it is not reached";
    return undefined;
  }
  if ((kind === "dependencies" || kind === "devDependencies") && imports(about.used.get(name), name)) return "a file of the project imports it";
  if (/^(exports|types)$/.test(kind) && /\.d\.[cm]?ts$/.test(file)) return "what declaration files of built code export is what the code exports";
  if (/^(exports|types)$/.test(kind) && inSignature(file, name)) return "it stands in the signature of an export that an entry point passes on";
  if (kind === "binaries" && listed().some((one) => !installed(one) && (one === name || one.split("/").at(-1).startsWith(name) || TOOLS[name] === one))) return "the program is that of a listed package; knip only knows it where it is installed, which it is not here";
  const by = about.used.get(name);
  if ((kind === "dependencies" || kind === "devDependencies") && !installed(name) && by && !/\.[cm]?[jt]sx?$/.test(by)) return "a script, hook or configuration runs a program of the package; knip only knows it where it is installed, which it is not here";
  if (kind === "files" && /\.d\.[cm]?ts$/.test(file)) return "the compiler reads declaration files that no file names, and package.json names them as types";
  if (kind === "files" && BUILT.test(file)) return "built files are no sources: outDir or package.json leads there";
  if (kind === "exports" && takenByMember(file, name)) return "another file takes it as a member of what require gives, or hands that on as a whole";
  return undefined;
}
const TOOLS = { tsc: "typescript", changeset: "@changesets/cli", remark: "remark-cli", webpack: "webpack" };
const byPackages = new Tally({ tool: TOOL, peer: `knip ${KNIP} (${OF_PACKAGES.join(", ")})`, corpus, bars, explain });
const byFiles = new Tally({ tool: TOOL, peer: `knip ${KNIP} (${OF_FILES.join(", ")})`, corpus, bars, explain });

const packageOf = (specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
/** A finding or an issue as one word to compare. */
const word = (kind, file, name) => (kind === "files" ? `files ${file}` : `${kind} ${file} ${kind === "unlisted" ? packageOf(name) : name}`);

let largest;
for (const one of cases) {
  const { name, folder } = one;
  const theirs = answers.get(name);
  if (!theirs) continue;
  const input = project(folder);
  const { report, error, micros } = await call("find_unused_dependencies", { ...input, output: { maxFindings: 1000 } });
  if (error) throw new Error(`${name}: ${error.message}`);
  about = { name, input, used: new Map(report.data.used.map(({ package: one, by }) => [one, by])) };
  const expected = new Set();
  for (const issue of theirs.issues ?? []) {
    for (const kind of [...OF_PACKAGES, ...OF_FILES]) {
      for (const one of issue[kind] ?? []) {
        if (kind === "unresolved") one.name = one.name.replace(`${folder}/`, "./");
        const named = kind === "duplicates" ? one.map(({ name }) => name).join("|") : /Members$/.test(kind) ? `${one.namespace}.${one.name}` : one.name;
        expected.add(word(kind, issue.file, named));
      }
    }
  }
  const ours = new Set(report.findings.filter(({ rule }) => [...OF_PACKAGES, ...OF_FILES].includes(rule)).map(({ rule, path, message }) => word(rule, path, message.split(" ")[0])));
  for (const [tally, kinds] of [[byPackages, OF_PACKAGES], [byFiles, OF_FILES]]) {
    const about = (item) => kinds.includes(item.split(" ")[0]);
    tally.sets(name, [...ours].filter(about), [...expected].filter(about));
  }
  if (!largest || input.files.length > largest.count) largest = { count: input.files.length, name, ours: micros / 1000, theirs: theirs.millis };
}
byPackages.timing(`${largest.name}, ${largest.count} files`, largest.ours, largest.theirs);

// depcheck takes every file for used, so every file is an entry point here.
const checked = new Tally({ tool: TOOL, peer: `depcheck ${DEPCHECK} (dependencies, devDependencies, missing)`, corpus: "its fixtures, published packages with sources", bars, explain: explainDepcheck });
function explainDepcheck(side, item) {
  const [kind, name] = item.split(" ");
  if (side === "ours") {
    const said = (answers.get(about.name)?.issues ?? []).some((issue) => (issue[kind] ?? []).some((one) => one.name === name));
    return said ? "knip says so too" : undefined;
  }
  if (kind === "unlisted") return undefined;
  if (/^(@types\/(node|jest|mocha)|typescript)$/.test(name)) return "the compiler, and types of globals, are used without an import";
  const by = about.used.get(name);
  if (!installed(name) && by && !/\.[cm]?[jt]sx?$/.test(by)) return "a script, hook or configuration runs a program of the package; depcheck only knows it where it is installed, which it is not here";
  return undefined;
}
const modules = [];
const depcheckRepo = SAMPLED ? null : repo("depcheck/depcheck");
// Languages and tools that are not ours are left out: they are named in what is not checked.
const FOREIGN = /coffee|sass|vue|svelte|gatsby|graphql|styleguidist|express_view|unreadable|feross|decorators|flow|bad_js|multiple_parsers|simlink|node_modules/;
if (depcheckRepo) {
  const root = join(depcheckRepo, "test/fake_modules");
  for (const name of readdirSync(root)) if (!FOREIGN.test(name) && existsSync(join(root, name, "package.json"))) modules.push({ name, folder: copied(join(root, name), `depcheck/${name}`) });
}
for (const specifier of sample(TARBALLS, 3)) modules.push({ name: specifier, folder: tarball(specifier) });
for (const { name, folder } of modules) {
  const { dependencies, devDependencies, missing } = await depcheck(folder, { ignoreDirs: [] });
  const input = project(folder);
  const { report, error } = await call("find_unused_dependencies", { ...input, output: { maxFindings: 1000 }, entry: ["**/*.{js,mjs,cjs,jsx,ts,tsx,mts,cts}"] });
  if (error) {
    if (!dependencies.length && !devDependencies.length) continue;
    throw new Error(`${name}: ${error.message}`);
  }
  about = { name, input, used: new Map(report.data.used.map(({ package: one, by }) => [one, by])) };
  const ours = new Set(report.findings.filter(({ rule }) => ["dependencies", "devDependencies", "unlisted"].includes(rule)).map(({ rule, message }) => `${rule} ${message.split(" ")[0]}`));
  const theirs = [...dependencies.map((one) => `dependencies ${one}`), ...devDependencies.map((one) => `devDependencies ${one}`), ...Object.keys(missing).map((one) => `unlisted ${one}`)];
  checked.sets(name, [...ours], theirs);
}
byPackages.done();
byFiles.done();
checked.done();

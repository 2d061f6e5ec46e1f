// A package as it is published against publint (codes, with repeats) and arethetypeswrong (problem kinds): the packages of a large
// installed tree, which are unpacked tarballs, and both peers' own fixtures.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { INSTALLED } from "./_registry.mjs";
import { SAMPLED, Tally, call, dirname, files, join, npm, repo, run, sample } from "../lib.mjs";

const PUBLINT = "0.3.25";
const ATTW = "0.18.5";
const peers = npm({ publint: PUBLINT, "@arethetypeswrong/core": ATTW });
const { publint } = await peers.load("publint");
const attw = await peers.load("@arethetypeswrong/core");
const installed = join(npm(INSTALLED).folder, "node_modules");

/** Longest text that is sent with the others, and the most of all together; what our tool takes. */
const MAX_TEXT = 400_000;
const MAX_ALL = 3_500_000;
/** Kinds and codes that our tool says it does not check. */
const UNCHECKED = new Set(["NamedExports", "FalseExportDefault", "MissingExportEquals", "FILE_NOT_PUBLISHED"]);
/** Rules of ours beside the peers'. */
const OWN = new Set(["PACKAGE_JSON_INVALID", "FILE_NOT_PARSED"]);

const tool = "nodejs_check_package_publish";
const bars = { recall: 0.95, precision: 0.95 };
// Packages with a default export whose value has a space early, as in `exports.default = (0, f)(...)`.
const spaced = new Set();
const explain = (side, item, name) =>
  side === "ours" && item === "CJS_WITH_ESMODULE_DEFAULT_EXPORT" && spaced.has(name)
    ? "publint looks at the first eight characters of a default export and passes over a value with a space among them"
    : undefined;
const tallies = {
  publint: new Tally({ tool, peer: `publint ${PUBLINT}`, corpus: "codes of installed packages", bars, explain }),
  publintFixtures: new Tally({ tool, peer: `publint ${PUBLINT}`, corpus: "codes of publint's own fixtures", bars, explain }),
  attw: new Tally({ tool, peer: `@arethetypeswrong/core ${ATTW}`, corpus: "problem kinds of installed packages that ship types", bars }),
  attwFixtures: new Tally({ tool, peer: `@arethetypeswrong/core ${ATTW}`, corpus: "problem kinds of arethetypeswrong's own fixtures", bars }),
};
const slowest = { attw: { theirs: 0 }, publint: { theirs: 0 } };

async function ours(folder, paths) {
  const sent = [], names = [];
  let total = 0;
  // package.json first, then declarations and code.
  const order = (path) => (path.endsWith("package.json") ? 0 : /\.d\.[cm]?ts$/.test(path) ? 1 : /\.[cm]?[jt]sx?$/.test(path) ? 2 : 3);
  for (const path of [...paths].sort((a, b) => order(a) - order(b) || a.split("/").length - b.split("/").length || (a < b ? -1 : 1))) {
    const size = statSync(join(folder, path)).size;
    if (order(path) === 3 || size > MAX_TEXT || total + size > MAX_ALL || sent.length >= 1900) names.push(path);
    else {
      total += size;
      sent.push({ path, source: readFileSync(join(folder, path), "utf8") });
    }
  }
  const found = [];
  let cursor, time = 0;
  do {
    const { report, error, micros } = await call("check_package_publish", { files: sent, paths: names, output: { maxTokens: 20_000, maxFindings: 1000, ...(cursor && { cursor }) } });
    if (error) throw new Error(error.message);
    time ||= micros / 1000;
    found.push(...report.findings);
    cursor = report.cursor && report.omitted ? report.cursor : undefined;
  } while (cursor);
  return { found, time };
}

async function compare(name, folder, withPublint, withAttw) {
  const paths = files(folder, (path) => !path.startsWith("node_modules/"));
  const { found, time } = await ours(folder, paths);
  const isSpaced = (path) => /exports\.default\s*=\s*(?!void 0)\S{1,7}\s/.test(readFileSync(join(folder, path), "utf8"));
  if (found.some(({ rule }) => rule === "CJS_WITH_ESMODULE_DEFAULT_EXPORT") && paths.filter((path) => /\.c?js$/.test(path)).some(isSpaced)) spaced.add(name);
  const rules = found.map(({ rule }) => rule).filter((rule) => !OWN.has(rule));
  if (withPublint) {
    const started = performance.now();
    const { messages } = await publint({ pkgDir: folder, pack: false });
    const took = performance.now() - started;
    if (withPublint === tallies.publint && took > slowest.publint.theirs) slowest.publint = { name, ours: time, theirs: took };
    withPublint.sets(name, rules.filter((rule) => /^[A-Z_]+$/.test(rule)), messages.map(({ code }) => code).filter((code) => !UNCHECKED.has(code)));
  }
  if (withAttw) {
    // attw reads it with less care than npm does; what is no JSON here is left to publint.
    let manifest;
    try {
      manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    } catch {
      return;
    }
    const contents = Object.fromEntries(paths.map((path) => [`/node_modules/${manifest.name}/${path}`, readFileSync(join(folder, path))]));
    const started = performance.now();
    const analysis = await attw.checkPackage(new attw.Package(contents, manifest.name, manifest.version ?? "0.0.0"));
    const took = performance.now() - started;
    if (withAttw === tallies.attw && took > slowest.attw.theirs) slowest.attw = { name, ours: time, theirs: took };
    const kinds = analysis.types ? analysis.problems.map(({ kind }) => kind).filter((kind) => !UNCHECKED.has(kind)) : [];
    withAttw.sets(name, new Set(rules.filter((rule) => !/^[A-Z_]+$/.test(rule))), new Set(kinds));
  }
}

// 1. Installed packages.
const top = readdirSync(installed).filter((name) => !name.startsWith(".")).flatMap((name) => (name.startsWith("@") ? readdirSync(join(installed, name)).map((inner) => `${name}/${inner}`) : [name])).sort();
const chosen = top.filter((_, at) => at % Math.max(1, Math.floor(top.length / 160)) === 0);
for (const name of SAMPLED ? sample(chosen, 12) : chosen) {
  const folder = join(installed, name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const total = files(folder, (path) => !path.startsWith("node_modules/")).reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
  // The type checker of the peer needs minutes for the very largest.
  await compare(`${name}@${manifest.version}`, folder, tallies.publint, total < 8_000_000 && !SAMPLED ? tallies.attw : undefined);
}

// 2. publint's fixtures: modules of files.
const place = mkdtempSync(join(tmpdir(), "octavo-truth-"));
const write = (folder, tree) => {
  for (const [name, value] of Object.entries(tree)) {
    const path = join(folder, name);
    if (typeof value === "string") {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, value);
    } else if (value && typeof value === "object") write(path, value);
  }
};
const publintCheckout = repo("publint/publint");
if (publintCheckout) {
  const fixtures = join(publintCheckout, "packages/publint/tests/fixtures");
  for (const file of sample(files(fixtures, (path) => path.endsWith(".js")), 12)) {
    const tree = (await import(pathToFileURL(join(fixtures, file)))).default;
    const folder = join(place, file.replace(/\.js$/, ""));
    mkdirSync(folder, { recursive: true });
    write(folder, tree);
    if (!readdirSync(folder).includes("package.json")) continue;
    await compare(file, folder, tallies.publintFixtures, undefined);
  }
}

// 3. arethetypeswrong's fixtures: tarballs.
const attwCheckout = repo("arethetypeswrong/arethetypeswrong.github.io");
if (attwCheckout) {
  const fixtures = join(attwCheckout, "packages/core/test/fixtures");
  for (const file of sample(files(fixtures, (path) => path.endsWith(".tgz")), 3)) {
    const folder = join(place, "attw", file.replaceAll("/", "+"));
    mkdirSync(folder, { recursive: true });
    run("tar", ["-xzf", join(fixtures, file), "-C", folder]);
    const inner = readdirSync(folder)[0];
    await compare(file, join(folder, inner), undefined, tallies.attwFixtures);
  }
}
rmSync(place, { recursive: true, force: true });
for (const peer of ["publint", "attw"]) if (slowest[peer].name) tallies[peer].timing(`slowest package, ${slowest[peer].name}`, slowest[peer].ours, slowest[peer].theirs);
for (const one of Object.values(tallies)) one.done();

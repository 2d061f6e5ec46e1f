// Graph and why-paths of real lockfiles against each program's own reader, and the dedupe plan against yarn-deduplicate.
// The lockfiles are those in published source distributions (PyPI) and packages (npm), found by name.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import { ROOT_LOCKFILES, sdistFolder } from "./_lockfiles.mjs";
import { Tally, call, join, npm, sample } from "../lib.mjs";

const ARBORIST = "9.9.3";
const { require } = npm({ "@npmcli/arborist": ARBORIST, "@yarnpkg/lockfile": "1.1.0", "@yarnpkg/parsers": "3.0.3", "yarn-deduplicate": "6.0.2", "js-yaml": "4.1.0", semver: "7.8.6" });
const Arborist = require("@npmcli/arborist");
const classic = require("@yarnpkg/lockfile");
const { parseSyml } = require("@yarnpkg/parsers");
const { listDuplicates } = require("yarn-deduplicate");
const { load: loadYaml } = require("js-yaml");

const tool = "nodejs_analyze_lockfile";
const bars = { recall: 1, precision: 1 };
const tallies = {
  npm: new Tally({ tool, peer: `@npmcli/arborist ${ARBORIST} loadVirtual (what npm ls shows)`, corpus: "package-lock.json of published sources: every dependency, its kind and what it leads to", bars }),
  why: new Tally({ tool, peer: `@npmcli/arborist ${ARBORIST} (what npm explain shows)`, corpus: "40 packages of each of these: all dependents, and the length of a shortest way from the project", bars: { equal: 1 } }),
  classic: new Tally({ tool, peer: "@yarnpkg/lockfile 1.1.0", corpus: "yarn.lock version 1 of published sources: every dependency and what it leads to", bars }),
  berry: new Tally({ tool, peer: "@yarnpkg/parsers 3.0.3 (parseSyml)", corpus: "yarn.lock of yarn berry of published sources: every dependency and what it leads to", bars }),
  pnpm: new Tally({ tool, peer: "js-yaml 4.1.0 and pnpm's documented key forms", corpus: "pnpm-lock.yaml of published sources: every dependency and what it leads to", bars }),
  highest: new Tally({ tool, peer: "yarn-deduplicate 6.0.2, strategy highest", corpus: "the same yarn.lock version 1", bars }),
  fewer: new Tally({ tool, peer: "yarn-deduplicate 6.0.2, strategy fewer", corpus: "the same yarn.lock version 1", bars }),
};

// The whole report, page after page.
async function analyze(args) {
  let cursor, all, time = 0;
  do {
    const { report, error, micros } = await call("analyze_lockfile", { ...args, output: { maxTokens: 20_000, minLevel: "error", ignore: IGNORED, ...(cursor && { cursor }) } });
    if (error) throw new Error(error.message);
    time ||= micros / 1000;
    if (!all) all = report;
    else for (const key of ["graph", "dedupe", "why"]) all.data[key] = [...(all.data[key] ?? []), ...(report.data?.[key] ?? [])];
    cursor = report.cursor;
  } while (cursor);
  return { data: all.data, findings: all.findings, time };
}
const IGNORED = ["lockfile-drift", "missing", "invalid", "extraneous", "duplicate", "allowed-hosts", "validate-https", "validate-integrity", "validate-package-names", "license"];

const place = mkdtempSync(join(tmpdir(), "octavo-truth-"));
async function ofNpm(name, text, manifest, files, largest) {
  const path = mkdtempSync(join(place, "project-"));
  writeFileSync(join(path, "package.json"), manifest);
  writeFileSync(join(path, "package-lock.json"), text);
  // Sources of a distribution may lack the workspaces, whose manifests npm wants to see.
  for (const [folder, entry] of Object.entries(JSON.parse(text).packages ?? {})) {
    if (!folder || /(?:^|\/)node_modules\//.test(folder)) continue;
    mkdirSync(join(path, folder), { recursive: true });
    writeFileSync(join(path, folder, "package.json"), JSON.stringify({ name: folder.split("/").at(-1), ...entry }));
  }
  const started = performance.now();
  const tree = await new Arborist({ path }).loadVirtual();
  const took = performance.now() - started;
  const nodes = [...tree.inventory.values()].filter((node) => !node.isLink);
  const theirs = [];
  for (const node of nodes) for (const edge of node.edgesOut.values()) theirs.push(`${node.location} ${edge.name} ${edge.type} ${edge.rawSpec} > ${edge.to?.location ?? "nothing"}`);
  // Forty packages, evenly spread; of each all copies.
  const names = [...new Set(nodes.map((node) => node.packageName).filter(Boolean))].sort();
  const asked = names.filter((_, at) => at % Math.max(1, Math.floor(names.length / 40)) === 0).slice(0, 40);
  const { data, time } = await analyze({ files, graph: true, why: asked });
  const ours = (data.graph ?? []).map((edge) => `${edge.from} ${edge.name} ${edge.kind} ${edge.range} > ${edge.to ?? "nothing"}`);
  // Workspace edges carry the path of this machine there.
  const bare = (text) => text.replace(/ workspace file:.* > /, " workspace > ");
  tallies.npm.sets(name, ours.map(bare), theirs.map(bare));
  const distance = new Map([[tree, 0]]);
  const queue = [tree];
  for (const node of queue) {
    const next = node.isLink ? [node.target] : [...node.edgesOut.values()].map((edge) => edge.to).filter(Boolean);
    for (const to of next) {
      if (distance.has(to)) continue;
      distance.set(to, distance.get(node) + (node.isLink ? 0 : 1));
      queue.push(to);
    }
  }
  const instances = new Map((data.why ?? []).map((one) => [one.key, one]));
  for (const node of nodes.filter((node) => asked.includes(node.packageName) && node !== tree && !node.isWorkspace)) {
    const own = instances.get(node.location);
    const known = own && { dependents: own.dependents.map(({ key, range, kind }) => `${key} ${kind} ${range ?? ""}`).sort(), distance: own.path.length ? own.path.length - 1 : null };
    const explained = { dependents: [...node.edgesIn].map((edge) => `${edge.from.location} ${edge.type} ${edge.rawSpec}`).sort(), distance: distance.get(node) ?? null };
    tallies.why.equal(`${name} ${node.location}`, known, explained);
  }
  if (text.length > largest.size) Object.assign(largest, { size: text.length, name, ours: time, theirs: took });
}

async function ofClassic(name, text, files) {
  const parsed = classic.parse(text);
  if (parsed.type !== "success") return;
  const label = (entry) => `${entry.version} ${entry.resolved ?? ""}`;
  const theirs = new Set();
  for (const [pattern, entry] of Object.entries(parsed.object)) {
    // Patterns of one entry are one object.
    for (const [dependency, range] of Object.entries({ ...entry.dependencies, ...entry.optionalDependencies })) {
      const to = parsed.object[`${dependency}@${range}`];
      theirs.add(`${pattern.slice(0, pattern.indexOf("@", 1))} ${label(entry)} > ${dependency}@${range} > ${to?.version ?? "nothing"}`);
    }
  }
  const { data } = await analyze({ files, graph: true });
  const byKey = new Map(Object.entries(parsed.object).map(([pattern, entry]) => [pattern, entry]));
  const ours = new Set();
  for (const edge of data.graph ?? []) {
    const entry = byKey.get(edge.from);
    if (!entry) continue;
    ours.add(`${edge.from.slice(0, edge.from.indexOf("@", 1))} ${label(entry)} > ${edge.name}@${edge.range} > ${edge.version ?? "nothing"}`);
  }
  tallies.classic.sets(name, ours, theirs);
  for (const strategy of ["highest", "fewer"]) {
    const plan = strategy === "highest" ? data.dedupe : (await analyze({ files, fewerCopies: true })).data.dedupe;
    const shown = (plan ?? []).map((one) => `Package "${one.name}" wants ${one.range} and could get ${one.to}, but got ${one.from}`);
    tallies[strategy].sets(name, shown, listDuplicates(text, { useMostCommon: strategy === "fewer" }));
  }
}

async function ofBerry(name, text, files) {
  const parsed = parseSyml(text);
  const byDescriptor = new Map(Object.entries(parsed).flatMap(([key, entry]) => key.split(", ").map((descriptor) => [descriptor, entry])));
  const theirs = [], ours = [];
  for (const [key, entry] of Object.entries(parsed)) {
    if (key === "__metadata") continue;
    for (const [dependency, range] of Object.entries(entry.dependencies ?? {})) {
      const to = byDescriptor.get(`${dependency}@${range}`) ?? byDescriptor.get(`${dependency}@npm:${range}`) ?? [...byDescriptor].find(([descriptor]) => descriptor.startsWith(`${dependency}@${range}`) && descriptor.includes("::locator="))?.[1];
      theirs.push(`${entry.resolution} > ${dependency} > ${to?.resolution ?? "nothing"}`);
    }
  }
  const { data } = await analyze({ files, graph: true });
  const folders = new Map(Object.values(parsed).filter((entry) => entry.resolution?.includes("@workspace:")).map((entry) => [entry.resolution.split("@workspace:")[1].replace(/^\.$/, ""), entry.resolution]));
  const resolution = (key) => folders.get(key) ?? key ?? "nothing";
  for (const edge of data.graph ?? []) ours.push(`${resolution(edge.from)} > ${edge.name} > ${resolution(edge.to)}`);
  tallies.berry.sets(name, ours, theirs);
}

async function ofPnpm(name, text, files) {
  const parsed = loadYaml(text, { schema: require("js-yaml").FAILSAFE_SCHEMA });
  const major = Number.parseInt(parsed.lockfileVersion, 10);
  const entries = major >= 9 ? parsed.snapshots : parsed.packages;
  const find = (dependency, reference) => {
    const written = major < 6 ? `/${dependency}/${reference}` : major < 9 ? `/${dependency}@${reference}` : `${dependency}@${reference}`;
    return written in entries ? written : reference in entries ? reference : "nothing";
  };
  const theirs = [];
  for (const [key, entry] of Object.entries(entries ?? {})) {
    for (const [dependency, reference] of Object.entries({ ...entry.dependencies, ...entry.optionalDependencies })) {
      if (!reference.startsWith("link:")) theirs.push(`${key} > ${dependency} > ${find(dependency, reference)}`);
    }
  }
  for (const [folder, own] of Object.entries(parsed.importers ?? { ".": parsed })) {
    for (const field of ["dependencies", "devDependencies", "optionalDependencies"]) {
      for (const [dependency, given] of Object.entries(own[field] ?? {})) {
        const reference = given.version ?? given;
        if (!reference.startsWith("link:")) theirs.push(`${folder} > ${dependency} > ${find(dependency, reference)}`);
      }
    }
  }
  const { data } = await analyze({ files, graph: true });
  const ours = (data.graph ?? []).map((edge) => [edge.from === "" ? "." : edge.from, edge.name, edge.to ?? "nothing"]);
  const folders = new Set(Object.keys(parsed.importers ?? {}).map((folder) => (folder === "." ? "" : folder)));
  tallies.pnpm.sets(name, ours.filter(([, , to]) => !folders.has(to) || to === "nothing").map((edge) => edge.join(" > ")), theirs);
}

const largest = { size: 0 };
let count = 0;
for (const [requirement, path] of sample(ROOT_LOCKFILES, 8)) {
  const folder = sdistFolder(requirement);
  const read = (file) => readFileSync(join(folder, file), "utf8");
  const text = read(path);
  let manifest = "{}";
  try {
    manifest = read(join(dirname(path), "package.json"));
  } catch {
    // Some leave it out.
  }
  const files = [{ path: "package.json", source: manifest }, { path: basename(path), source: text }];
  const name = `${requirement} ${path}`;
  count += 1;
  if (text.startsWith("{")) await ofNpm(name, text, manifest, files, largest);
  else if (basename(path).startsWith("pnpm")) await ofPnpm(name, text, files);
  else if (/^__metadata:/m.test(text)) await ofBerry(name, text, files);
  else await ofClassic(name, text, files);
}
process.stderr.write(`  ${count} lockfiles\n`);
rmSync(place, { recursive: true, force: true });
tallies.npm.timing(`${largest.name}, ${Math.round(largest.size / 1024)} KiB`, largest.ours, largest.theirs);
for (const one of Object.values(tallies)) one.done();

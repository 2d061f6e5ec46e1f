// The affected set of lockfiles against npm's own calculator, on the same documents: advisories that npm's tests hold (published
// ones), as npm writes them and turned into OSV records, against lockfiles of published sources and of npm's own tests.
import { createServer } from "node:http";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import { ROOT_LOCKFILES, sdistFolder } from "./_lockfiles.mjs";
import { INSTALLED } from "./_registry.mjs";
import { Tally, call, files as filesIn, join, npm, repo, sample } from "../lib.mjs";

const { require, folder } = npm(INSTALLED);
const ARBORIST = INSTALLED["@npmcli/arborist"];
const CALCULATOR = require("@npmcli/metavuln-calculator/package.json").version;
const Arborist = require("@npmcli/arborist");
const AuditReport = require(join(folder, "node_modules/@npmcli/arborist/lib/audit-report.js"));
const semver = require("semver");
const tool = "nodejs_match_advisories";

const checkouts = [repo("npm/cli"), repo("npm/metavuln-calculator")].filter(Boolean);
const advisories = new Map();
const add = (name, one) => {
  const range = one?.vulnerable_versions;
  if (!name || !range || !semver.validRange(range)) return;
  advisories.set(`${name} ${range}`, { id: one.id, url: one.url, title: one.title, severity: one.severity, vulnerable_versions: range, name });
};
for (const checkout of checkouts) {
  for (const path of filesIn(checkout, (path) => /fixtures\/.*(bulk|audit|advisor)[^/]*\.json$/.test(path) && !/node_modules/.test(path))) {
    let parsed;
    try {
      parsed = JSON.parse(readFileSync(join(checkout, path), "utf8"));
    } catch {
      continue;
    }
    for (const one of Object.values(parsed.advisories ?? {})) add(one.module_name, one);
    for (const [name, list] of Object.entries(parsed)) if (Array.isArray(list)) list.forEach((one) => add(name, one));
    if (parsed.vulnerable_versions) add(parsed.name ?? basename(path, ".json"), parsed);
  }
}
// A lockfile's packages that the registry's advisories are few for: each of its own, cut in the middle of what is installed.
const all = [...advisories.values()];

/** The record as OSV has it, where its ranges are such as events can say. */
function osv(one) {
  const events = [];
  for (const part of new semver.Range(one.vulnerable_versions, { loose: true }).set) {
    const bound = (operators) => part.find((comparator) => operators.includes(comparator.operator));
    const [low, high] = [bound([">="]), bound(["<", "<="])];
    if (part.length !== [low, high].filter(Boolean).length) return undefined;
    events.push({ introduced: low ? low.semver.version : "0" });
    if (high) events.push(high.operator === "<" ? { fixed: high.semver.version } : { last_affected: high.semver.version });
  }
  return { id: `npm-${one.id}`, summary: one.title, affected: [{ package: { ecosystem: "npm", name: one.name }, ranges: [{ type: "SEMVER", events }] }] };
}

const served = { packuments: {}, bulk: {} };
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const answer = (status, value) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.method === "POST") {
      const body = Buffer.concat(chunks);
      const asked = JSON.parse(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
      return answer(200, Object.fromEntries(Object.entries(served.bulk).filter(([name]) => name in asked)));
    }
    const known = served.packuments[decodeURIComponent(request.url.slice(1))];
    return known ? answer(200, known) : answer(404, {});
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const registry = `http://127.0.0.1:${server.address().port}/`;
const place = mkdtempSync(join(tmpdir(), "octavo-truth-"));

const lockfiles = [];
for (const checkout of checkouts) {
  for (const path of filesIn(checkout, (path) => /test\/fixtures\/[^/]+(\/[^/]+)?\/package-lock\.json$/.test(path) && !/node_modules/.test(path))) {
    const manifest = join(checkout, dirname(path), "package.json");
    if (existsSync(manifest)) lockfiles.push([path, readFileSync(join(checkout, path), "utf8"), readFileSync(manifest, "utf8")]);
  }
}
const ours = lockfiles.length;
for (const [requirement, path] of ROOT_LOCKFILES) {
  if (basename(path) !== "package-lock.json") continue;
  lockfiles.push([`${requirement} ${path}`, () => readFileSync(join(sdistFolder(requirement), path), "utf8"), () => readFileSync(join(sdistFolder(requirement), dirname(path), "package.json"), "utf8")]);
}

const about = { tool, bars: { recall: 1, precision: 1 } };
const corpus = `${all.length} published advisories and made ones, ${lockfiles.length} package-lock.json (${ours} of npm's own tests)`;
const direct = new Tally({ ...about, peer: `@npmcli/metavuln-calculator ${CALCULATOR} under @npmcli/arborist ${ARBORIST}: installed copies in an advisory's range`, corpus });
const events = new Tally({ ...about, peer: "the same calculator, our input as OSV events", corpus });
const trapped = new Tally({ ...about, peer: `@npmcli/arborist ${ARBORIST} audit report: all vulnerable copies, dependents that admit no free version included`, corpus: `${corpus}; both given the same packuments`, bars: { recall: 0.99, precision: 0.99 } });
let largest = { size: 0 };

for (const [name, given, manifestGiven] of sample(lockfiles, 8)) {
  const [text, manifest] = [given, manifestGiven].map((value) => (typeof value === "function" ? value() : value));
  const path = mkdtempSync(join(place, "project-"));
  writeFileSync(join(path, "package.json"), manifest);
  writeFileSync(join(path, "package-lock.json"), text);
  let tree;
  const options = { path, registry, cache: join(path, ".cache"), fetchRetries: 3, fetchRetryMintimeout: 50, fetchRetryMaxtimeout: 500, fetchRetryFactor: 2 };
  try {
    tree = await new Arborist(options).loadVirtual();
  } catch {
    continue;
  }
  const nodes = [...tree.inventory.values()].filter((node) => !node.isLink && node !== tree && !node.isWorkspace && node.location.includes("node_modules"));
  const versions = new Map();
  for (const node of nodes) versions.set(node.packageName, [...(versions.get(node.packageName) ?? []), node]);
  // Beside the published advisories, one for each twelfth package: up to its lowest installed version, or its major.
  const names = [...versions.keys()].filter(Boolean).sort();
  const made = names.filter((_, at) => at % 12 === 0).map((package_, at) => {
    const [lowest] = versions.get(package_).map((node) => node.version).filter((version) => semver.valid(version)).sort(semver.compare);
    return lowest && { id: 100_000 + at, title: "made", severity: ["low", "moderate", "high", "critical"][at % 4], name: package_, vulnerable_versions: at % 2 ? `<=${lowest}` : `>=${semver.major(lowest)}.0.0 <${semver.inc(lowest, "minor")}` };
  }).filter(Boolean);
  const own = all.concat(made).filter((one) => versions.has(one.name));
  served.bulk = {};
  // Some of npm's fixtures share a number, under which it would know one of them only.
  for (const [at, one] of own.entries()) (served.bulk[one.name] ??= []).push({ ...one, id: 200_000 + at, url: `https://example.com/${at}` });
  // Versions that both know: what is installed, and where each advisory ends.
  const packuments = {};
  for (const [package_, copies] of versions) {
    const known = {};
    for (const node of copies) if (node.version) known[node.version] = { name: package_, version: node.version, dependencies: node.package.dependencies, optionalDependencies: node.package.optionalDependencies, peerDependencies: node.package.peerDependencies };
    for (const one of own) {
      if (one.name !== package_) continue;
      for (const comparator of new semver.Range(one.vulnerable_versions, { loose: true }).set.flat()) if (comparator.semver.version && !comparator.semver.prerelease.length) known[comparator.semver.version] ??= { name: package_, version: comparator.semver.version };
      const above = semver.inc(semver.maxSatisfying(Object.keys(known), "*") ?? "0.0.0", "major");
      if (!semver.satisfies(above, one.vulnerable_versions)) known[above] ??= { name: package_, version: above };
    }
    packuments[package_] = { name: package_, versions: known };
  }
  served.packuments = packuments;
  const started = performance.now();
  const report = await AuditReport.load(tree, { ...options, Arborist });
  const took = performance.now() - started;
  const key = (node) => node.location;
  const theirsDirect = [];
  for (const one of own) for (const node of versions.get(one.name)) if (semver.satisfies(node.version, one.vulnerable_versions, { loose: true, includePrerelease: true })) theirsDirect.push(`${one.name} ${one.vulnerable_versions} ${key(node)}`);
  const theirsAll = new Set();
  for (const vuln of report?.values() ?? []) for (const node of vuln.nodes) if (node !== tree && !node.isWorkspace && !node.isLink) theirsAll.add(key(node));
  // What the calculator itself says of each advisory must be what a range says.
  const files = [{ path: "package.json", source: manifest }, { path: "package-lock.json", source: text }];
  const ask = async (documents, extra) => {
    const found = { affected: [], trapped: [] };
    let cursor, time = 0;
    do {
      const { report: answer, error, micros } = await call("match_advisories", { files, advisories: JSON.stringify(documents), ...extra, output: { maxTokens: 20_000, ignore: ["vulnerable", "depends-on-vulnerable"], ...(cursor && { cursor }) } });
      if (error) throw new Error(error.message);
      time ||= micros / 1000;
      for (const part of ["affected", "trapped"]) found[part].push(...(answer.data?.[part] ?? []));
      cursor = answer.cursor;
    } while (cursor);
    return { ...found, time };
  };
  const tagged = own.map((one, at) => ({ ...one, id: `A${at}`, url: undefined }));
  const given1 = await ask(tagged, { packuments: JSON.stringify(packuments) });
  const byId = new Map(tagged.map((one) => [one.id, one]));
  direct.sets(name, given1.affected.map((one) => `${byId.get(one.advisory).name} ${byId.get(one.advisory).vulnerable_versions} ${one.key}`), theirsDirect);
  trapped.sets(name, new Set([...given1.affected, ...given1.trapped].map((one) => one.key)), theirsAll);
  const records = tagged.map((one) => [one, osv({ ...one, id: one.id })]).filter(([, record]) => record);
  if (records.length) {
    const given2 = await ask(records.map(([, record]) => record));
    const wanted = new Set(records.map(([one]) => `${one.name} ${one.vulnerable_versions}`));
    const byRecord = new Map(records.map(([one, record]) => [record.id, one]));
    events.sets(name, given2.affected.map((one) => `${byRecord.get(one.advisory).name} ${byRecord.get(one.advisory).vulnerable_versions} ${one.key}`), theirsDirect.filter((line) => wanted.has(line.slice(0, line.lastIndexOf(" ")))));
  }
  if (text.length > largest.size) largest = { size: text.length, name, ours: given1.time, theirs: took };
  rmSync(path, { recursive: true, force: true });
}
server.close();
rmSync(place, { recursive: true, force: true });
trapped.timing(`${largest.name}, ${Math.round(largest.size / 1024)} KiB`, largest.ours, largest.theirs);
for (const one of [direct, events, trapped]) one.done();

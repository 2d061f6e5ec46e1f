// Ranges against semver itself: every call that its own tests make, and a cross product of the ranges and versions of a large
// installed tree and of ones made of their pieces. Peer conflicts against npm's installer, on packuments of the registry and on
// made ones, served by a stand-in registry.
import { createRequire } from "node:module";
import Module from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { SAMPLED, Tally, call, files, join, npm, repo, sample } from "../lib.mjs";
import { Installer } from "./_installer.mjs";
import { INSTALLED, dice, packument, standIn } from "./_registry.mjs";

const { semver: SEMVER, "@npmcli/arborist": ARBORIST } = INSTALLED;
const { require, folder } = npm(INSTALLED);
const semver = require("semver");
const tool = "nodejs_solve_dependency_ranges";
const tallies = [];

// The calls of semver that our tool answers, each with how its arguments become texts.
const plain = (...args) => args;
const listed = (versions, range) => [range, ...versions];
const FORMS = {
  clean: plain, cmp: plain, coerce: (text) => [text], compare: plain, compareBuild: plain, compareLoose: plain, diff: plain, eq: plain, gt: plain,
  gte: plain, gtr: plain, intersects: plain, lt: plain, lte: plain, ltr: plain, major: plain, maxSatisfying: listed,
  minSatisfying: listed, minVersion: plain, minor: plain, neq: plain, outside: plain, parse: plain, patch: plain, prerelease: plain, rcompare: plain,
  satisfies: plain, simplifyRange: listed, subset: plain, toComparators: plain, truncate: plain, valid: plain, validRange: plain,
};
const ARITY = {
  cmp: 3, compare: 2, compareBuild: 2, compareLoose: 2, diff: 2, eq: 2, gt: 2, gte: 2, gtr: 2, intersects: 2, lt: 2, lte: 2, ltr: 2, maxSatisfying: 2, minSatisfying: 2,
  neq: 2, outside: 3, rcompare: 2, satisfies: 2, simplifyRange: 2, subset: 2, truncate: 2,
};
const options = (given) => (given && typeof given === "object" ? given : { loose: Boolean(given) });
const shown = (value) => (value === undefined ? null : JSON.parse(JSON.stringify(value?.version ?? value?.raw ?? value)));
const attempt = (work) => {
  try {
    return { value: shown(work()) };
  } catch {
    return { value: null, thrown: true };
  }
};

async function answers(calls) {
  // One call of the tool for each pair of options, 500 questions at a time.
  const results = new Array(calls.length);
  const groups = new Map();
  calls.forEach(({ loose, includePrerelease }, at) => {
    const key = `${!!loose} ${!!includePrerelease}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(at);
  });
  for (const places of groups.values()) {
    for (let from = 0; from < places.length; from += 500) {
      const some = places.slice(from, from + 500);
      const { loose, includePrerelease } = calls[some[0]];
      const asked = { calls: some.map((at) => calls[at].call), loose: !!loose, includePrerelease: !!includePrerelease, output: { maxTokens: 20_000 } };
      let cursor;
      const found = [];
      do {
        const { report, error } = await call("solve_dependency_ranges", { ...asked, output: { ...asked.output, ...(cursor && { cursor }) } });
        if (error) throw new Error(error.message);
        found.push(...(report.data.results ?? []));
        cursor = report.cursor;
      } while (cursor);
      if (found.length !== some.length) throw new Error(`${found.length} answers to ${some.length} questions`);
      some.forEach((at, n) => (results[at] = found[n]));
    }
  }
  return results;
}

async function compareCalls(tally, calls) {
  const ours = await answers(calls);
  calls.forEach((one, at) => {
    const { value, error } = ours[at];
    const name = `${one.call.join(" , ").slice(0, 160)}${one.loose ? " loose" : ""}${one.includePrerelease ? " includePrerelease" : ""}`;
    tally.equal(name, { value, thrown: Boolean(error) }, { value: one.theirs.value, thrown: Boolean(one.theirs.thrown) });
  });
}

// 1. Everything semver's own tests call.
const checkout = repo("npm/node-semver");
if (checkout) {
  const calls = [];
  const record = (name, own) => (...args) => {
    const at = ARITY[name] ?? 1;
    const result = attempt(() => own(...args));
    let call;
    if (name === "inc") {
      const [version, release, given, identifier, base] = args;
      const [opts, id, from] = typeof given === "string" ? [undefined, given, identifier] : [given, identifier, base];
      call = { call: ["inc", version, release, ...(id !== undefined || from !== undefined ? [id ?? ""] : []), ...(from !== undefined ? [String(from)] : [])], ...options(opts) };
      if (from !== undefined && !["0", "1", "false"].includes(String(from))) call = undefined;
    } else if (name === "coerce") {
      const opts = options(args[1]);
      call = { call: ["coerce", typeof args[0] === "number" ? String(args[0]) : args[0], ...(opts.rtl ? ["rtl"] : [])], ...opts };
    } else if (name === "sort" || name === "rsort") {
      call = { call: [name, ...args[0]], ...options(args[1]) };
    } else if (FORMS[name]) {
      const given = args.slice(0, at).map((value) => value?.raw ?? value?.version ?? value);
      call = { call: [name, ...FORMS[name](...given)], ...options(args[at]) };
      // With the option flipped, an object's own reading is kept by semver.
      if (args.slice(0, at).some((value) => value && typeof value === "object" && !Array.isArray(value))) call = undefined;
    }
    // Its last argument makes `parse` throw what it else answers with null.
    if (name === "parse" && args[2]) call = undefined;
    if (call?.call.every((text) => typeof text === "string")) calls.push({ ...call, theirs: result });
    return own(...args);
  };
  const names = { "max-satisfying": "maxSatisfying", "min-satisfying": "minSatisfying", "min-version": "minVersion", "to-comparators": "toComparators", simplify: "simplifyRange", "compare-build": "compareBuild", "compare-loose": "compareLoose" };
  const quiet = new Proxy(function () {}, { get: (_, key) => (key === "test" ? (name, ...rest) => rest.at(-1)(quiet) : key === "throws" ? (fn) => { try { fn(); } catch { /* wanted */ } return quiet; } : key === "then" ? undefined : () => quiet), apply: () => quiet });
  const own = Module.prototype.require;
  Module.prototype.require = function (id) {
    if (id === "tap") return quiet;
    const loaded = own.call(this, id);
    const isTest = this.filename?.startsWith(join(checkout, "test/"));
    const part = /(?:^|\/)(functions|ranges)\/([\w-]+)/.exec(id);
    if (isTest && part && typeof loaded === "function") {
      const name = part[2] === "valid" && part[1] === "ranges" ? "validRange" : (names[part[2]] ?? part[2]);
      return record(name, loaded);
    }
    return loaded;
  };
  const load = createRequire(join(checkout, "test/"));
  for (const file of files(join(checkout, "test"), (path) => /^(functions|ranges)\/.*\.js$/.test(path))) load(`./${file}`);
  // The fixture tables, whatever tests make of them.
  const table = (name) => load(`./fixtures/${name}.js`);
  const rows = [
    ...table("range-include").map(([range, version, opts]) => ["satisfies", [version, range], opts, true]),
    ...table("range-exclude").map(([range, version, opts]) => ["satisfies", [version, range], opts, false]),
    ...table("comparisons").map(([a, b, opts]) => ["gt", [a, b], opts, true]),
    ...table("equality").map(([a, b, opts]) => ["eq", [a, b], opts, true]),
    ...table("range-parse").map(([range, wanted, opts]) => ["validRange", [range], opts, wanted]),
    ...table("range-intersection").map(([a, b, wanted, opts]) => ["intersects", [a, b], opts, wanted]),
    ...table("comparator-intersection").map(([a, b, wanted, pre]) => ["intersects", [a, b], { includePrerelease: !!pre }, wanted]),
    ...table("version-gt-range").map(([range, version, opts]) => ["gtr", [version, range], opts, true]),
    ...table("version-lt-range").map(([range, version, opts]) => ["ltr", [version, range], opts, true]),
    ...table("version-not-gt-range").map(([range, version, opts]) => ["gtr", [version, range], opts, false]),
    ...table("version-not-lt-range").map(([range, version, opts]) => ["ltr", [version, range], opts, false]),
    ...table("invalid-versions").map(([version, , opts]) => ["valid", [version], opts, null]),
    ...table("truncations").map(([version, release, wanted, opts]) => ["truncate", [version, release], opts, wanted]),
  ];
  Module.prototype.require = own;
  for (const [name, args, opts, value] of rows) {
    if (args.every((text) => typeof text === "string")) calls.push({ call: [name, ...args], ...options(opts), theirs: { value, thrown: false } });
  }
  const tally = new Tally({ tool, peer: "semver, its repository's tests", corpus: "every call with texts that node-semver's own tests make, and its fixture tables", bars: { equal: 1 } });
  await compareCalls(tally, sample(calls, 400));
  tallies.push(tally);
}

// 2. Ranges and versions of an installed tree, and ones made of their pieces.
{
  const manifests = files(join(folder, "node_modules"), (path) => path.endsWith("package.json") && !/\/(test|fixtures)\//.test(path)).flatMap((path) => {
    try {
      return [JSON.parse(readFileSync(join(folder, "node_modules", path), "utf8"))];
    } catch {
      return [];
    }
  });
  const ranges = new Set(), versions = new Set();
  for (const manifest of manifests) {
    if (typeof manifest.version === "string") versions.add(manifest.version);
    for (const field of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "engines"]) {
      for (const range of Object.values(manifest[field] ?? {})) if (typeof range === "string") ranges.add(range);
    }
  }
  const roll = dice(11);
  const pick = (items) => items[roll(items.length)];
  const numbers = ["0", "1", "2", "3", "10", "00", "01", "x", "X", "*", "", "9007199254740991", "9007199254740992", "99999999999999999999999"];
  const pre = ["", "", "", "-0", "-1", "-alpha", "-alpha.1", "-rc.01", "-", "--", "alpha", "-0a.x-", "+build", "-a+b.c", "-9007199254740993", ".4", "-.a"];
  const operators = ["", "", "^", "~", "~>", ">", ">=", "<", "<=", "=", "==", "v", "> ", "^ ", "~ ", ">= v", "<>", "=v"];
  const word = () => `${pick(operators)}${Array.from({ length: 1 + roll(3) }, () => pick(numbers)).join(".")}${pick(pre)}`;
  const made = Array.from({ length: SAMPLED ? 400 : 12_000 }, () => Array.from({ length: 1 + roll(3) }, word).join(pick([" ", " ", " || ", "||", " - ", "  ", ", ", " -"])));
  const madeVersions = Array.from({ length: SAMPLED ? 60 : 600 }, () => `${pick(["", "", "v", "= ", " "])}${[0, 1, 2].map(() => pick(numbers.slice(0, 7))).join(".")}${pick(pre)}`);
  const allRanges = sample([...ranges].sort(), 120).concat(made);
  const allVersions = sample([...versions].sort(), 60).concat(madeVersions);
  const OPTIONS = [{}, { loose: true }, { includePrerelease: true }, { loose: true, includePrerelease: true }];
  const calls = [];
  const ask = (name, args, opts, theirs) => calls.push({ call: [name, ...args], ...opts, theirs: attempt(theirs) });
  for (const [at, range] of allRanges.entries()) {
    for (const opts of OPTIONS) {
      ask("validRange", [range], opts, () => semver.validRange(range, opts));
      ask("minVersion", [range], opts, () => semver.minVersion(range, opts));
      const version = allVersions[roll(allVersions.length)], other = allRanges[roll(allRanges.length)];
      ask("satisfies", [version, range], opts, () => semver.satisfies(version, range, opts));
      // A version beside the range, so that both answers come up.
      const near = `${semver.minVersion("1", {}) && (/\d+/.exec(range)?.[0].slice(0, 3) ?? 1)}.${roll(4)}.${roll(4)}${pick(["", "", "-0", "-alpha.2", "-rc"])}`;
      ask("satisfies", [near, range], opts, () => semver.satisfies(near, range, opts));
      if (at % 3 === 0) {
        ask("subset", [range, other], opts, () => semver.subset(range, other, opts));
        ask("intersects", [range, other], opts, () => semver.intersects(range, other, opts));
        ask("gtr", [near, range], opts, () => semver.gtr(near, range, opts));
        ask("ltr", [near, range], opts, () => semver.ltr(near, range, opts));
        const some = Array.from({ length: 8 }, () => allVersions[roll(allVersions.length)]);
        ask("maxSatisfying", [range, ...some], opts, () => semver.maxSatisfying(some, range, opts));
        ask("minSatisfying", [range, ...some], opts, () => semver.minSatisfying(some, range, opts));
        const valid = [...new Set(some.concat([...versions]).filter((text) => semver.valid(text, opts)).slice(0, 30))];
        ask("simplifyRange", [range, ...valid], opts, () => semver.simplifyRange([...valid], range, opts));
      }
    }
  }
  for (const version of allVersions) {
    for (const opts of OPTIONS) {
      const other = allVersions[roll(allVersions.length)];
      ask("valid", [version], opts, () => semver.valid(version, opts));
      ask("clean", [version], opts, () => semver.clean(version, opts));
      ask("compare", [version, other], opts, () => semver.compare(version, other, opts));
      ask("compareBuild", [version, other], opts, () => semver.compareBuild(version, other, opts));
      ask("diff", [version, other], opts, () => semver.diff(version, other));
      const text = `${pick(["", "x", "-", "release "])}${version}${pick(["", ".7", " and 1.2.3.4-rc.1", "a"])}`;
      ask("coerce", [text], opts, () => semver.coerce(text, opts));
      ask("coerce", [text, "rtl"], opts, () => semver.coerce(text, { ...opts, rtl: true }));
      const release = pick(["major", "minor", "patch", "premajor", "preminor", "prepatch", "prerelease", "pre", "release"]);
      const identifier = pick(["", "beta", "alpha.1", "1", "0x1", "a..b", "-"]), base = pick(["0", "1", "false"]);
      ask("inc", [version, release, identifier, base], opts, () => semver.inc(version, release, opts, identifier, base === "false" ? false : base));
    }
  }
  const tally = new Tally({ tool, peer: `semver ${SEMVER} called in process`, corpus: `${ranges.size} ranges and ${versions.size} versions of ${manifests.length} installed manifests, ${made.length} made ranges, four pairs of options`, bars: { equal: 1 } });
  await compareCalls(tally, calls);
  const started = performance.now();
  for (const { call: [name, ...args], loose, includePrerelease } of calls) if (name === "validRange") attempt(() => semver.validRange(args[0], { loose, includePrerelease }));
  const theirs = performance.now() - started;
  const asked = calls.filter(({ call: [name] }) => name === "validRange").slice(0, 2000);
  const { micros } = await call("solve_dependency_ranges", { calls: asked.map(({ call: text }) => text) });
  tally.timing(`${asked.length} validRange calls`, micros / 1000, (theirs * asked.length) / calls.filter(({ call: [name] }) => name === "validRange").length);
  tallies.push(tally);
}

// 3. npm's installer.
const served = new Map();
const registry = await standIn(served);
const place = mkdtempSync(join(tmpdir(), "octavo-truth-"));
const npmInstaller = new Installer({ arborist: require.resolve("@npmcli/arborist"), registry: registry.url, place });
async function compareInstalls(name, manifest, packuments, verdicts, trees) {
  served.clear();
  for (const one of packuments) served.set(one.name, one);
  const theirs = await npmInstaller.ask(manifest);
  if (theirs.outcome === "endless" || theirs.outcome === "broken") {
    process.stderr.write(`  left out: npm ${theirs.outcome === "broken" ? "fails with a fault of its own on" : "comes to no end of"} ${name}\n`);
    return { took: 0, micros: 0 };
  }
  const { report, error, micros } = await call("solve_dependency_ranges", { manifest: JSON.stringify(manifest), packuments: JSON.stringify(packuments), node: process.version, output: { maxTokens: 20_000 } });
  if (error) throw new Error(error.message);
  const ours = report.data.resolution;
  verdicts.equal(name, ours.outcome, theirs.outcome);
  if (theirs.outcome === "installs" && ours.outcome === "installs") trees.equal(name, { top: Object.fromEntries(Object.entries(ours.topLevel ?? {}).sort()), nested: ours.nested }, { top: theirs.topLevel, nested: theirs.nested });
  return { took: theirs.millis, micros };
}

{
  const NAMES = `react react-dom react-router react-router-dom @testing-library/react styled-components @mui/material @emotion/react @emotion/styled redux
    react-redux @reduxjs/toolkit eslint @typescript-eslint/parser @typescript-eslint/eslint-plugin eslint-config-airbnb eslint-config-airbnb-base
    eslint-plugin-import eslint-plugin-react eslint-plugin-react-hooks eslint-plugin-jsx-a11y eslint-config-prettier eslint-plugin-prettier prettier
    vite @vitejs/plugin-react vitest rollup webpack-cli webpack-dev-server babel-loader @babel/core jest ts-jest graphql @apollo/client vue
    vue-router vuex pinia postcss autoprefixer tailwindcss rxjs zone.js svelte`.split(/\s+/);
  const known = new Map(NAMES.map((name) => [name, packument(name)]));
  // Dependencies outside the corpus are left out, for both.
  const packuments = [...known.values()].map((one) => ({
    ...one,
    versions: Object.fromEntries(Object.entries(one.versions).map(([version, manifest]) => {
      const keep = (field) => Object.fromEntries(Object.entries(manifest[field] ?? {}).filter(([name, range]) => known.has(name) && !/[:/]/.test(range)));
      return [version, { version, dependencies: keep("dependencies"), peerDependencies: keep("peerDependencies"), peerDependenciesMeta: manifest.peerDependenciesMeta, engines: manifest.engines }];
    })),
  }));
  const roll = dice(5);
  const cases = Array.from({ length: 400 }, (_, at) => {
    const names = [...new Set(Array.from({ length: 2 + roll(5) }, () => NAMES[roll(NAMES.length)]))];
    const range = (name) => {
      const all = Object.keys(known.get(name).versions);
      const majors = [...new Set(all.map((version) => version.split(".")[0]))];
      return roll(5) === 0 ? `^${all[roll(all.length)]}` : `^${majors.slice(-5)[roll(Math.min(5, majors.length))]}`;
    };
    const half = roll(names.length + 1);
    const pairs = names.map((name) => [name, range(name)]);
    return { name: `project-${at}`, version: "1.0.0", dependencies: Object.fromEntries(pairs.slice(0, half)), devDependencies: Object.fromEntries(pairs.slice(half)) };
  });
  const about = { tool, peer: `@npmcli/arborist ${ARBORIST}` };
  const verdicts = new Tally({ ...about, corpus: `projects of up to six of ${NAMES.length} packages of the registry that have peers: installs, ERESOLVE or ETARGET`, bars: { equal: 0.98 } });
  const trees = new Tally({ ...about, corpus: "the same, where npm installs: every version in the top folder and the count of nested ones", bars: { equal: 0.95 } });
  let largest = { took: 0, micros: 0 };
  for (const one of sample(cases, 12)) {
    const used = new Set(Object.keys({ ...one.dependencies, ...one.devDependencies }));
    for (const name of used) {
      for (const manifest of Object.values(packuments.find((known) => known.name === name).versions)) {
        for (const other of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) used.add(other);
      }
    }
    const { took, micros } = await compareInstalls(`${JSON.stringify({ ...one.dependencies, ...one.devDependencies })}`, one, packuments.filter(({ name }) => used.has(name)), verdicts, trees);
    if (took > largest.took) largest = { took, micros };
  }
  verdicts.timing("slowest project", largest.micros / 1000, largest.took);
  tallies.push(verdicts, trees);
}

{
  // Made packages: few names, many peers, so that sets of peers meet in every way.
  const roll = dice(23);
  const worlds = Array.from({ length: 600 }, (_, at) => {
    const names = "abcdefgh".slice(0, 3 + roll(6)).split("");
    const range = () => ["1", "2", "1 || 2", "*", "^1.1.0", "3", ">=2"][roll(7)];
    const packuments = names.map((name) => {
      const versions = {};
      for (const version of ["1.0.0", "1.1.0", "2.0.0", "3.0.0"].slice(0, 2 + roll(3))) {
        const manifest = { version, dependencies: {}, peerDependencies: {}, peerDependenciesMeta: {} };
        for (const other of names) {
          if (other === name) continue;
          const kind = roll(7);
          if (kind === 0) manifest.dependencies[other] = range();
          if (kind === 1 || kind === 2) manifest.peerDependencies[other] = range();
          if (kind === 2 && roll(2)) manifest.peerDependenciesMeta[other] = { optional: true };
        }
        versions[version] = manifest;
      }
      return { name, "dist-tags": { latest: Object.keys(versions).at(-1) }, versions };
    });
    const direct = names.filter(() => roll(2) === 0);
    return [{ name: `made-${at}`, version: "1.0.0", dependencies: Object.fromEntries(direct.map((name) => [name, range()])) }, packuments];
  });
  const about = { tool, peer: `@npmcli/arborist ${ARBORIST}` };
  const verdicts = new Tally({ ...about, corpus: "made packages whose peers meet in every way: installs, ERESOLVE or ETARGET", bars: { equal: 0.95 } });
  const trees = new Tally({ ...about, corpus: "the same, where npm installs: every version in the top folder and the count of nested ones", bars: { equal: 0.9 } });
  for (const [manifest, packuments] of sample(worlds, 20)) await compareInstalls(`${manifest.name} ${JSON.stringify(manifest.dependencies)}`, manifest, packuments, verdicts, trees);
  tallies.push(verdicts, trees);
}
npmInstaller.close();
registry.close();
rmSync(place, { recursive: true, force: true });
for (const one of tallies) one.done();

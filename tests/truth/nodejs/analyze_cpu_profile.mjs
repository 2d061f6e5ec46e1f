// Sums of CPU profiles against speedscope's importers, to the microsecond: on profiles recorded here by `node --cpu-prof` over
// published packages, on the profile that speedscope's package carries, and on its samples where they are checked out.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { KEPT, SAMPLED, Tally, call, files, join, npm, repo, run, sample } from "../lib.mjs";
import { VERSION, importer, sums } from "./_speedscope.mjs";

const work = {
  acorn: ["8.14.0", "const text = read('terser/dist/bundle.min.js'); for (let n = 0; n < 4; n++) load('acorn').parse(text, { ecmaVersion: 2022 })"],
  terser: ["5.36.0", "load('terser').minify(read('acorn/dist/acorn.js'))"],
  sucrase: ["3.35.0", "const text = read('acorn/dist/acorn.js'); for (let n = 0; n < 6; n++) load('sucrase').transform(text, { transforms: ['typescript', 'imports'] })"],
  marked: ["15.0.0", "const text = '# a\\n\\n* b **c** `d`\\n\\n'.repeat(4000); load('marked').parse(text)"],
  handlebars: ["4.7.8", "const t = load('handlebars').compile('{{#each list}}{{#if a}}<b>{{a}}</b>{{/if}}{{/each}}'); for (let n = 0; n < 300; n++) t({ list: Array.from({ length: 500 }, (_, a) => ({ a })) })"],
  postcss: ["8.4.49", "const css = '.a > .b:hover { color: red; margin: 0 auto }\\n'.repeat(9000); load('postcss').parse(css).toString()"],
  prettier: ["3.3.3", "load('prettier').format('a = {b: [1,2,3], c() { return d ? e : f }};\\n'.repeat(800), { parser: 'babel' })"],
  typescript: ["5.6.3", "const ts = load('typescript'); ts.transpileModule(read('acorn/dist/acorn.js'), { compilerOptions: { target: 'es5' } })"],
  mathjs: ["13.2.0", "const m = load('mathjs'); for (let n = 0; n < 40; n++) m.inv(m.random([30, 30]))"],
};
const { folder } = npm(Object.fromEntries(Object.entries(work).map(([name, [version]]) => [name, version])));

// A profile of each package at work; recorded once, since no two recordings are the same.
function record(name, script) {
  const text = `const load = require, read = (p) => require('fs').readFileSync(require.resolve('./node_modules/' + p), 'utf8');\n${script}`;
  const kept = join(KEPT, "cpu-profiles", `${name}-${createHash("sha256").update(text + process.version).digest("hex").slice(0, 8)}`);
  if (!existsSync(join(kept, "done"))) {
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(folder, `profile-${name}.cjs`), text);
    run("node", ["--cpu-prof", "--cpu-prof-interval", "250", `--cpu-prof-dir=${kept}`, join(folder, `profile-${name}.cjs`)], { cwd: folder });
    writeFileSync(join(kept, "done"), "");
  }
  return readdirSync(kept).filter((file) => file.endsWith(".cpuprofile")).map((file) => ({ name: `${name} recorded`, file, bytes: readFileSync(join(kept, file)) }));
}

const cases = sample(Object.keys(work), 3).flatMap((name) => record(name, work[name][1]));
const release = join(npm({ speedscope: VERSION }).folder, "node_modules/speedscope/dist/release");
for (const file of files(release, (path) => path.endsWith(".txt") && path.includes("collapsed"))) cases.push({ name: file, file: "a.collapsedstack.txt", bytes: readFileSync(join(release, file)) });
const samples = SAMPLED ? null : repo("jlfwong/speedscope");
if (samples) {
  const root = join(samples, "sample/profiles");
  const wanted = /^(Chrome\/.*\.(json|cpuprofile)|node\/.*\.cpuprofile|stackcollapse\/.*|trace-event\/.*|pprof\/.*|source-maps\/chrome.*\.json)$/;
  for (const file of files(root, (path) => wanted.test(path))) cases.push({ name: file, file, bytes: readFileSync(join(root, file)) });
}

// pprof messages are binary; ours come as JSON.
const { require } = npm({ protobufjs: "7.4.0" });
function text(one) {
  if (one.file.startsWith("pprof/")) {
    const { root } = require("protobufjs").parse(readFileSync(join(samples, "src/import/profile.proto"), "utf8"), { keepCase: false });
    const Profile = root.lookupType("perftools.profiles.Profile");
    return JSON.stringify(Profile.toObject(Profile.decode(one.bytes[0] === 0x1f ? gunzipSync(one.bytes) : one.bytes), { longs: String }));
  }
  const encoding = one.bytes[0] === 0xff && one.bytes[1] === 0xfe ? "utf-16le" : one.bytes[0] === 0xfe && one.bytes[1] === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(one.bytes);
}

const rounded = (weight) => Math.round(weight);
const line = ({ name, self, total }) => `${name.length > 400 ? `${[...name].slice(0, 399).join("")}\u2026` : name} self ${rounded(self)} total ${rounded(total)}`;
const tally = new Tally({
  tool: "nodejs_analyze_cpu_profile",
  peer: `speedscope ${VERSION} (whole, busy time, and every function's self and total time, to the microsecond)`,
  corpus: `node --cpu-prof over ${Object.keys(work).length} packages${samples ? ", speedscope's samples of our formats" : ""}`,
  bars: { equal: 1, recall: 1, precision: 1 },
  explain: (side, { ours, theirs }) => (side === "equal" && ours[1] === theirs[1] && ours[0] > theirs[0] ? "a trace that does not say when it ended: theirs ends with the last function, ours with the last sample" : undefined),
});
const read = importer();
let largest;
for (const one of cases) {
  const started = performance.now();
  const theirs = await read(one.file.split("/").at(-1), one.bytes).catch(() => null);
  const theirMillis = performance.now() - started;
  // What speedscope itself cannot read has nothing to compare.
  if (!theirs) continue;
  const source = text(one);
  for (const [at, profile] of theirs.entries()) {
    const { report, error, micros } = await call("analyze_cpu_profile", { profile: source, thread: String(at), top: 5000 });
    const name = theirs.length > 1 ? `${one.name} #${at}` : one.name;
    const expected = sums(profile);
    if (!tally.equal(name, error ?? [rounded(report.data.totals.total), rounded(report.data.totals.busy)], [rounded(expected.total), rounded(expected.busy)]) && error) continue;
    tally.sets(name, report.data.heaviest.map(line), expected.functions.filter(({ total }) => total > 0).map(line));
    if (at === 0 && (!largest || one.bytes.length > largest.size)) largest = { size: one.bytes.length, name, ours: micros / 1000, theirs: theirMillis };
  }
}
tally.timing(`largest profile, ${largest.name}, ${(largest.size / 1e6).toFixed(1)} MB`, largest.ours, largest.theirs);
tally.done();

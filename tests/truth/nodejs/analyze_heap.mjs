// Retained sizes against memlab's, on heap snapshots that Node.js writes here over published packages at work; sampling heap
// profiles against speedscope; and the memory our program needs for the largest.
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { KEPT, SAMPLED, Tally, call, join, npm, read, repo, run, sample } from "../lib.mjs";
import { VERSION, importer, sums } from "./_speedscope.mjs";

const work = {
  acorn: ["8.14.0", "const kept = load('acorn').parse('function f(a, b) { return a + b * [1, 2, { c: d }] }\\n'.repeat(1500), { ecmaVersion: 2022 })"],
  marked: ["15.0.0", "const kept = load('marked').lexer('# a\\n\\n* b **c** `d`\\n\\n'.repeat(300))"],
  postcss: ["8.4.49", "const kept = load('postcss').parse('.a > .b:hover { color: red; margin: 0 auto }\\n'.repeat(400))"],
  lodash: ["4.17.21", "const _ = load('lodash'); const kept = _.range(3000).map((n) => ({ n, s: 'row ' + (n % 7), list: _.range(n % 9) }))"],
  express: ["4.21.1", "const kept = load('express')(); for (let n = 0; n < 100; n++) kept.get('/a' + n, (q, s) => s.end(String(n)))"],
  rxjs: ["7.8.1", "const { Subject, map } = load('rxjs'); const kept = new Subject(); for (let n = 0; n < 500; n++) kept.pipe(map((x) => x + n)).subscribe(() => n)"],
  handlebars: ["4.7.8", "const kept = Array.from({ length: 200 }, (_, n) => load('handlebars').compile('{{#each a}}<b>{{b}}</b>{{/each}}' + n)).map((t) => [t, t({ a: [{ b: 1 }] })])"],
  // Near the limit of 24 MiB.
  immer: ["10.1.1", "const { produce } = load('immer'); let kept = []; kept = produce(kept, (d) => { for (let n = 0; n < 59000; n++) d.push({ n, s: 'row ' + (n % 700), list: [n, { n }] }) })"],
};
const { folder } = npm(Object.fromEntries(Object.entries(work).map(([name, [version]]) => [name, version])));
const kept = join(KEPT, "heaps", process.version);
mkdirSync(kept, { recursive: true });

function snapshot(name) {
  const path = join(kept, `${name}.heapsnapshot`);
  if (!existsSync(path)) {
    const script = join(folder, `heap-${name}.cjs`);
    writeFileSync(script, `const load = require, text = (p) => require('fs').readFileSync(require.resolve('./node_modules/' + p), 'utf8');\n${work[name][1]};\nglobalThis.kept = kept;\nrequire('v8').writeHeapSnapshot(${JSON.stringify(path)});\n`);
    run("node", [script], { cwd: folder });
  }
  return path;
}

const retained = new Tally({ tool: "nodejs_analyze_heap", peer: "@memlab/core 2.0.5 (retained sizes of the 3,000 largest objects, and of all by class)", corpus: `heaps of ${Object.keys(work).length} packages at work in Node.js ${process.version}`, bars: { equal: 1 } });
// memlab brings a browser driver, whose browser is not needed.
process.env.PUPPETEER_SKIP_DOWNLOAD = "1";
const { require } = npm({ "@memlab/core": "2.0.5", "@memlab/heap-analysis": "2.0.5" });
const { config } = require("@memlab/core");
config.muteConsole = true;
const { getFullHeapFromFile } = require("@memlab/heap-analysis");
let largest;
for (const name of sample(Object.keys(work), 1)) {
  const path = snapshot(name);
  const started = performance.now();
  const heap = await getFullHeapFromFile(path);
  const theirMillis = performance.now() - started;
  const { report, error, micros } = await call("analyze_heap", { snapshot: read(path), top: 3000 });
  if (error) throw new Error(error.message);
  const theirs = new Map();
  let total = 0;
  heap.nodes.forEach((node) => {
    theirs.set(node.id, node.retainedSize);
    total += node.self_size;
  });
  retained.equal(`${name}, bytes`, [report.data.totalBytes, report.data.objectsCount, report.data.referencesCount], [total, heap.nodes.length, heap.edges.length]);
  for (const row of report.data.objects) retained.equal(`${name} @${row.id}`, row.retained, theirs.get(row.id));
  const size = statSync(path).size;
  if (!largest || size > largest.size) largest = { name, size, ours: micros / 1000, theirs: theirMillis, path };
}
retained.timing(`${largest.name}, ${(largest.size / 1e6).toFixed(1)} MB`, largest.ours, largest.theirs);

// The most memory our program had while it analysed one snapshot: arguments, text, tables, and the report twice.
let memory;
if (!SAMPLED) {
  memory = new Tally({ tool: "nodejs_analyze_heap", peer: "128 MB for a snapshot of 20 MB (most memory of the whole program: arguments, text, tables, report)", corpus: `${largest.name}, ${(largest.size / 1e6).toFixed(1)} MB`, bars: { equal: 1 } });
  const line = `${JSON.stringify({ tool: "analyze_heap", arguments: { snapshot: read(largest.path) } })}\n`;
  const script = `import resource, subprocess, sys\nsubprocess.run([sys.argv[1]], input=sys.stdin.buffer.read(), stdout=subprocess.DEVNULL)\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)`;
  const peak = Number(spawnSync("python3", ["-c", script, process.env.OCTAVO_TRUTH_SERVE], { input: line, encoding: "utf8", maxBuffer: 2 ** 30 }).stdout) * 1024;
  process.stderr.write(`  peak memory: ${(peak / 1e6).toFixed(0)} MB for ${(largest.size / 1e6).toFixed(1)} MB\n`);
  memory.equal(`${(largest.size / 1e6).toFixed(1)} MB needs ${(peak / 1e6).toFixed(0)} MB`, largest.size >= 20e6 && peak <= 128 * 1024 * 1024, true);
}

const sampling = new Tally({ tool: "nodejs_analyze_heap", peer: `speedscope ${VERSION} (heap profiles: self and total bytes of each function)`, corpus: "node --heap-prof over the same packages, speedscope's samples where they are checked out", bars: { equal: 1, recall: 1, precision: 1 } });
const profiles = sample(Object.keys(work), 2).map((name) => {
  const place = join(kept, `prof-${name}`);
  if (!existsSync(place)) {
    mkdirSync(place, { recursive: true });
    snapshot(name);
    const script = join(folder, `prof-${name}.cjs`);
    writeFileSync(script, `const load = require, text = (p) => require('fs').readFileSync(require.resolve('./node_modules/' + p), 'utf8');\n${work[name][1]};\nglobalThis.kept = kept;\n`);
    run("node", ["--heap-prof", "--heap-prof-interval=4096", `--heap-prof-dir=${place}`, script], { cwd: folder });
  }
  return { name, bytes: readFileSync(join(place, readdirSync(place).find((file) => file.endsWith(".heapprofile")))) };
});
const samples = SAMPLED ? null : repo("jlfwong/speedscope");
if (samples) for (const file of ["Chrome/69/Heap-20181005T144546.heapprofile", "node/10.11.0/Heap-20181003T105432.heapprofile"]) profiles.push({ name: file, bytes: readFileSync(join(samples, "sample/profiles", file)) });
const theirImport = importer();
for (const { name, bytes } of profiles) {
  const [profile] = await theirImport("a.heapprofile", bytes);
  const expected = sums(profile);
  const { report, error } = await call("analyze_heap", { snapshot: bytes.toString("utf8"), top: 10000 });
  if (error) throw new Error(error.message);
  sampling.equal(name, report.data.totalBytes, Math.round(expected.total));
  // They number lines from 0 in the names of anonymous functions, which are left out of the comparison.
  const row = ({ self, own, total }) => `self ${self ?? own} total ${total}`;
  sampling.sets(name, report.data.heaviest.map(row), expected.functions.filter(({ total }) => total > 0).map(row));
}
retained.done();
memory?.done();
sampling.done();

// Sizes of bundles against those who made them: esbuild's own analysis, byte for byte; webpack's own module graph; and
// source-map-explorer on bundles with source maps. The bundles are of popular packages, made here.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { KEPT, Tally, call, join, npm, read, sample } from "../lib.mjs";

const packages = {
  react: "18.3.1", "react-dom": "18.3.1", lodash: "4.17.21", "lodash-es": "4.17.21", moment: "2.30.1", "date-fns": "4.1.0", rxjs: "7.8.1", axios: "1.7.7", zod: "3.23.8", d3: "7.9.0",
  vue: "3.5.12", preact: "10.24.3", redux: "5.0.1", immer: "10.1.1", uuid: "10.0.0", marked: "15.0.0", "chart.js": "4.4.6", three: "0.170.0", "socket.io-client": "4.8.1", graphql: "16.9.0",
  ajv: "8.17.1", yup: "1.4.0", luxon: "3.5.0", ramda: "0.30.1", mobx: "6.13.5",
};
const { folder, require, load } = npm({ esbuild: "0.28.2", webpack: "5.113.0", "source-map-explorer": "2.5.3", ...packages });
const esbuild = await load("esbuild");
const webpack = require("webpack");
const { explore } = require("source-map-explorer");

// Each entry uses two packages, one of them lazily, so that there are chunks.
const names = Object.keys(packages);
const entries = names.map((name, at) => ({ name, text: `import * as a from ${JSON.stringify(name)};\nimport ${JSON.stringify(names[(at + 7) % names.length])};\nconsole.log(a);\nimport(${JSON.stringify(names[(at + 3) % names.length])}).then(console.log);\n` }));
const work = join(KEPT, "bundles");
mkdirSync(work, { recursive: true });
const entryPath = (name) => join(folder, `entry-${name.replaceAll(/[^a-z0-9]/g, "-")}.js`);
for (const { name, text } of entries) if (!existsSync(entryPath(name))) writeFileSync(entryPath(name), text);

const corpus = (count) => `${count} bundles of ${names.length} packages (${names.slice(0, 6).join(", ")} ...)`;
const exact = new Tally({ tool: "nodejs_analyze_bundle", peer: "esbuild 0.28.2 --analyze (its text made anew from our bytes, and importers)", corpus: corpus(entries.length * 2), bars: { equal: 1 } });
const graph = new Tally({ tool: "nodejs_analyze_bundle", peer: "webpack 5.113.0 (bytes of each package by its module graph; each step of every why is an import)", corpus: corpus(entries.length), bars: { equal: 1 } });
const maps = new Tally({ tool: "nodejs_analyze_bundle", peer: "source-map-explorer 2.5.3 (bytes of each source, within 1 % or 2 bytes)", corpus: corpus(entries.length), bars: { equal: 1 } });

// esbuild's table: outputs by size, source maps left out, inputs with bytes by size.
function size(bytes) {
  if (bytes < 1024) return `${bytes}b`;
  if (bytes < 1024 ** 2) return `${tenths(bytes / 1024)}kb`;
  return `${tenths(bytes / 1024 ** 2)}mb`;
}
// Go rounds a half to the even digit, JavaScript away from zero.
function tenths(number) {
  const [whole, rest] = [Math.floor(number * 10), (number * 10) % 1];
  return rest === 0.5 && whole % 2 === 0 ? (whole / 10).toFixed(1) : number.toFixed(1);
}
const theirRows = (text) => text.split("\n").map((line) => line.replace(/^[\s├└─│]+/u, "").trim().split(/\s{2,}/)).filter(([path]) => path).map(([path, bytes]) => `${path} ${bytes}`).sort();
const options = { bundle: true, splitting: true, format: "esm", write: false, metafile: true, logLevel: "silent", absWorkingDir: folder, outdir: "out", platform: "node", sourcemap: "external" };

let largest;
for (const { name } of sample(entries, 3)) {
  for (const minify of [false, true]) {
    const built = await esbuild.build({ ...options, minify, entryPoints: [entryPath(name)] });
    const text = JSON.stringify(built.metafile);
    const started = performance.now();
    const theirs = theirRows(await esbuild.analyzeMetafile(built.metafile));
    const theirMillis = performance.now() - started;
    const { report, error, micros } = await call("analyze_bundle", { files: [{ path: "meta.json", source: text }], top: 10000 });
    if (error) throw new Error(error.message);
    if (!largest || text.length > largest.size) largest = { size: text.length, ours: micros / 1000, theirs: theirMillis };
    // Of a module in several outputs our row has the sum; esbuild's has one for each.
    const outputs = report.data.outputs.filter(({ path }) => !path.endsWith(".map"));
    const sums = new Map();
    for (const { inputs } of Object.values(built.metafile.outputs)) for (const [path, { bytesInOutput }] of Object.entries(inputs)) sums.set(path, (sums.get(path) ?? 0) + bytesInOutput);
    const ours = [...outputs.map(({ path, bytes }) => `${path} ${size(bytes)}`), ...report.data.modules.filter(({ outputs: several }) => !several).map(({ path, bytes }) => `${path} ${size(bytes)}`)].sort();
    const shared = new Set(report.data.modules.filter(({ outputs: several }) => several).map(({ path }) => path));
    exact.equal(`${name}${minify ? " minified" : ""}`, ours, theirs.filter((row) => !shared.has(row.split(" ")[0])));
    exact.equal(`${name}${minify ? " minified" : ""}, bytes`, report.data.modules.map(({ path, bytes }) => `${path} ${bytes}`).sort(), [...sums].filter(([, bytes]) => bytes > 0).map(([path, bytes]) => `${path} ${bytes}`).sort());
    const importers = new Map();
    for (const [from, { imports }] of Object.entries(built.metafile.inputs)) for (const { path, external } of imports) if (!external) importers.set(path, (importers.get(path) ?? new Set()).add(from));
    exact.equal(`${name}${minify ? " minified" : ""}, importers`, report.data.modules.map(({ path, importers: count }) => `${path} ${count}`).sort(), report.data.modules.map(({ path }) => `${path} ${importers.get(path)?.size ?? 0}`).sort());
    for (const { why } of report.data.packages.filter(({ why }) => why)) {
      const steps = why.split(" > ");
      const broken = steps.some((step, at) => at > 0 && !step.startsWith("(") && !steps[at - 1].startsWith("(") && !importers.get(step)?.has(steps[at - 1]));
      exact.equal(`${name}, why ${steps.at(-1)}`, broken, false);
    }
  }
  // A bundle in one file, with its map.
  const built = await esbuild.build({ ...options, splitting: false, minify: true, entryPoints: [entryPath(name)] });
  const [map, code] = [built.outputFiles.find(({ path }) => path.endsWith(".map")), built.outputFiles.find(({ path }) => path.endsWith(".js"))];
  const [codePath, mapPath] = [join(work, "bundle.js"), join(work, "bundle.js.map")];
  writeFileSync(codePath, code.contents);
  writeFileSync(mapPath, map.contents);
  const { bundles } = await explore({ code: codePath, map: mapPath }, { output: { format: "json" }, noBorderChecks: true });
  const files = [{ path: "bundle.js", source: read(codePath) }, { path: "bundle.js.map", source: read(mapPath) }];
  const { report } = await call("analyze_bundle", { files, top: 10000 });
  const mine = new Map(report.data.modules.map(({ path, bytes }) => [path, bytes]));
  const key = (path) => path.replace(/^(\.\.?\/)+/, "");
  const wrong = [];
  for (const [path, { size: bytes }] of Object.entries(bundles[0].files)) {
    if (path.startsWith("[")) continue;
    // The whole path where there is one: another copy of the package may end alike.
    const got = mine.get(path) ?? mine.get(key(path)) ?? [...mine].find(([own]) => own.endsWith(`/${key(path)}`))?.[1] ?? 0;
    if (Math.abs(got - bytes) > Math.max(2, bytes / 100)) wrong.push(`${path}: ${got} <> ${bytes}`);
  }
  maps.equal(name, wrong, []);
}
exact.timing(`metafile of ${(largest.size / 1024).toFixed(0)} KB`, largest.ours, largest.theirs);

const packageOf = (path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
for (const { name } of sample(entries, 2)) {
  const { stats, sizes, edges } = await new Promise((resolve, reject) => {
    webpack({ mode: "production", context: folder, target: "node", entry: entryPath(name), output: { path: join(work, "webpack") }, performance: false }, (error, result) => {
      if (error) return reject(error);
      const { moduleGraph, chunkGraph } = result.compilation;
      const sums = new Map();
      const known = new Set();
      const inner = (module) => module.modules ?? [module];
      for (const chunk of result.compilation.chunks) for (const module of chunkGraph.getChunkModulesIterable(chunk)) for (const one of inner(module)) {
        // What webpack makes of a folder has no file of its own, but is of the folder's package.
        const path = one.nameForCondition?.() ?? (one.constructor.name === "ContextModule" ? `${one.options.resource}/` : undefined);
        if (path && packageOf(path)) sums.set(packageOf(path), (sums.get(packageOf(path)) ?? 0) + one.size());
      }
      const shown = (module) => module.nameForCondition?.()?.replace(`${folder}/`, "");
      for (const module of result.compilation.modules) for (const one of [module, ...inner(module)]) for (const { originModule } of moduleGraph.getIncomingConnections(one)) if (originModule) for (const from of [originModule, ...inner(originModule)]) known.add(`${shown(from)} > ${shown(one)}`);
      resolve({ stats: result.toJson({ all: false, assets: true, chunks: true, modules: true, nestedModules: true, reasons: true, ids: true, optimizationBailout: true, orphanModules: true, modulesSpace: Infinity, nestedModulesSpace: Infinity, reasonsSpace: Infinity, assetsSpace: Infinity }), sizes: sums, edges: known });
    });
  });
  const { report, error } = await call("analyze_bundle", { files: [{ path: "stats.json", source: JSON.stringify(stats) }], top: 10000 });
  if (error) throw new Error(error.message);
  const ours = report.data.packages.filter(({ package: of }) => !of.startsWith("(")).map(({ package: of, bytes }) => `${of} ${bytes}`).sort();
  graph.equal(name, ours, [...sizes].filter(([, bytes]) => bytes > 0).map(([of, bytes]) => `${of} ${bytes}`).sort());
  graph.equal(`${name}, outputs`, report.data.totalBytes, stats.assets.reduce((sum, asset) => sum + asset.size, 0));
  for (const { why } of report.data.packages.filter(({ why }) => why)) {
    const steps = why.split(" > ");
    for (let at = 1; at < steps.length; at += 1) if (!`${steps[at - 1]}${steps[at]}`.includes("(")) graph.equal(`${name}, ${steps[at - 1]} > ${steps[at]}`, edges.has(`${steps[at - 1]} > ${steps[at]}`), true);
  }
}
exact.done();
graph.done();
maps.done();

// The graph of imports against madge and dependency-cruiser, on the sources of published packages: the same imports, the same
// circles, the same broken rules.
import { mkdtempSync, rmSync, cpSync } from "node:fs";
import { tmpdir } from "node:os";
import { Tally, bytes, call, files, join, npm, read, sample, tarball } from "../lib.mjs";

const MADGE = "8.0.0";
const CRUISER = "16.10.4";
const { load } = npm({ madge: MADGE, "dependency-cruiser": CRUISER, typescript: "5.7.3" });
// Packages whose tarballs hold sources of several files, and the folder of them.
const PACKAGES = [
  ["rxjs@7.8.1", "src/internal"], ["express@4.21.2", "lib"], ["koa@2.15.3", "lib"], ["axios@1.7.9", "lib"], ["commander@13.0.0", "lib"], ["async@3.2.6", "internal"],
  ["eslint@4.18.1", "lib"], ["postcss@7.0.30", "lib"], ["semver@7.7.1", "."], ["qs@6.14.0", "lib"], ["debug@4.3.7", "src"], ["yargs@17.7.2", "build/lib"],
  ["execa@9.5.1", "lib"], ["got@14.4.4", "dist/source"], ["zod@3.24.1", "lib"], ["markdown-it@10.0.0", "lib"], ["clean-css@4.1.10", "lib"], ["uuid@10.0.0", "dist"],
  ["date-fns@4.1.0", "_lib"], ["immer@10.1.1", "src"],
];
const KINDS = /\.(ts|tsx|js|jsx|mjs|cjs)$/;

function sources([name, folder]) {
  const root = join(tarball(name), folder);
  const paths = files(root, (path) => KINDS.test(path) && !/\.d\.[mc]?ts$|node_modules|umd|\.min\./.test(path)).filter((path) => bytes(root, path) < 400_000).slice(0, 600);
  return { name, root, paths };
}

async function ours({ root, paths }, rules = "") {
  const given = paths.map((path) => ({ path, source: read(root, path) }));
  const { report, micros } = await call("analyze_module_graph", { files: given, rules });
  return { report, ms: micros / 1000 };
}

const edges = (imports) => Object.entries(imports).flatMap(([from, list]) => list.map((to) => `${from} -> ${to}`)).sort();

// Files that all reach each other, two or more, from edges.
function knots(imports) {
  const reach = new Map();
  const of = (from) => {
    if (!reach.has(from)) {
      const seen = new Set();
      const queue = [...(imports[from] ?? [])];
      while (queue.length) {
        const next = queue.pop();
        if (!seen.has(next)) {
          seen.add(next);
          queue.push(...(imports[next] ?? []));
        }
      }
      reach.set(from, seen);
    }
    return reach.get(from);
  };
  const found = new Set();
  for (const from of Object.keys(imports)) {
    if (!of(from).has(from)) continue;
    const knot = [...of(from)].filter((to) => of(to).has(from)).sort();
    if (knot.length > 1) found.add(knot.join(" "));
  }
  return [...found].sort();
}

const packages = sample(PACKAGES, 3).map(sources).filter(({ paths }) => paths.length > 2);
const names = packages.map(({ name }) => name).join(", ");
const madge = (await load("madge")).default;
const imports = new Tally({ tool: "quality_analyze_module_graph", peer: `madge ${MADGE} (each import of a file by another)`, corpus: `sources of ${names}`, bars: { recall: 1, precision: 1 } });
const circles = new Tally({ tool: "quality_analyze_module_graph", peer: `madge ${MADGE} (files in circles, whole knots)`, corpus: `sources of ${names}`, bars: { equal: 1 } });
for (const one of packages) {
  const { report, ms } = await ours(one);
  const started = performance.now();
  const found = await madge(one.paths.map((path) => join(one.root, path)), { baseDir: one.root, fileExtensions: ["js", "jsx", "ts", "tsx", "mjs", "cjs"], detectiveOptions: { ts: { skipTypeImports: false } } });
  const took = performance.now() - started;
  const known = new Set(one.paths);
  const theirs = Object.fromEntries(Object.entries(found.obj()).filter(([from]) => known.has(from)).map(([from, list]) => [from, list.filter((to) => known.has(to) && to !== from)]));
  imports.sets(one.name, edges(report.data.imports), edges(theirs));
  circles.equal(one.name, report.data.cycles.map(({ files }) => [...files].sort().join(" ")).sort().join("; "), knots(theirs).join("; "));
  imports.timing(`${one.name}, ${one.paths.length} files`, ms, took);
}
imports.done();
circles.done();

const { cruise } = await load("dependency-cruiser");
const rules = new Tally({ tool: "quality_analyze_module_graph", peer: `dependency-cruiser ${CRUISER} (imports that break a rule between two folders; files in circles)`, corpus: `sources of ${names}, a rule for each pair of folders`, bars: { equal: 1 } });
for (const one of packages) {
  const temporary = mkdtempSync(join(tmpdir(), "cruised-"));
  for (const path of one.paths) cpSync(join(one.root, path), join(temporary, path), { recursive: true });
  const folders = [...new Set(one.paths.filter((path) => path.includes("/")).map((path) => path.split("/")[0]))].slice(0, 8);
  const pairs = folders.flatMap((from) => folders.filter((to) => to !== from).map((to) => [from, to]));
  const forbidden = [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    ...pairs.map(([from, to]) => ({ name: `${from}->${to}`, severity: "error", from: { path: `^${from}/` }, to: { path: `^${to}/` } })),
  ];
  const result = await cruise(["."], { ruleSet: { forbidden }, validate: true, baseDir: temporary, tsPreCompilationDeps: true, doNotFollow: { path: "node_modules" } }, { extensions: [".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".json"] });
  const { violations } = result.output.summary;
  const plain = (path) => path.replace(/^\.\//, "");
  const theirs = [...new Set(violations.filter(({ rule }) => rule.name !== "no-circular").map(({ from, to }) => `${plain(from)} -> ${plain(to)}`))].sort();
  const circular = [...new Set(violations.filter(({ rule }) => rule.name === "no-circular").flatMap(({ from, cycle }) => [from, ...cycle.map(({ name }) => name)]).map(plain))].sort();
  const { report } = await ours(one, pairs.map(([from, to]) => `forbid: ${from} -> ${to}`).slice(0, 100).join("\n"));
  const broken = [...new Set(report.findings.filter(({ rule }) => rule === "forbidden").map(({ path, message }) => `${path} -> ${message.match(/ imports (.*), against/)[1]}`))].sort();
  rules.equal(`${one.name}, rules`, broken, theirs);
  rules.equal(`${one.name}, circles`, [...new Set(report.data.cycles.flatMap(({ files }) => files))].sort(), circular);
  rmSync(temporary, { recursive: true });
}
rules.done();

// Duplicates against jscpd, on published packages, and clones planted in them: whole files copied, with the same names and with others.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { SAMPLED, Tally, bytes, call, dirname, files, join, npm, read, repo, run, sample, tarball } from "../lib.mjs";

const VERSION = "5.3.2";
const { bin } = npm({ jscpd: VERSION });
const PACKAGES = ["express@4.21.2", "commander@13.0.0", "async@3.2.6", "axios@1.7.9", "yargs@17.7.2", "semver@7.7.1", "zod@3.24.1", "qs@6.14.0"];
// Other languages than JavaScript, from repositories.
const REPOS = ["terryyin/lizard", "jendrikseipp/vulture", "FairwindsOps/pluto", "stackrox/kube-linter", "rohaquinlop/complexipy", "structurizr/structurizr"];

// jscpd reads by tokens of its highlighter, which are not ours: the same size, and at least its five lines.
const MIN_TOKENS = 50;

function theirs(folder) {
  const out = mkdtempSync(join(tmpdir(), "clones-"));
  const started = performance.now();
  run(bin("jscpd"), [folder, "--min-tokens", String(MIN_TOKENS), "--min-lines", "5", "--mode", "weak", "--format", "javascript,typescript,python,go,java,rust,c", "--reporters", "json", "--output", out, "--no-gitignore", "--exit-code", "0"], { failing: true });
  const took = performance.now() - started;
  const { duplicates } = JSON.parse(read(out, "jscpd-report.json"));
  rmSync(out, { recursive: true });
  return { duplicates, took };
}

const tally = new Tally({
  tool: "quality_find_duplicates",
  peer: `jscpd ${VERSION} (each pair of clones of 50 tokens and 5 lines is within one of ours)`,
  corpus: `sources of ${PACKAGES.join(", ")}, and of ${REPOS.join(", ")}`,
  bars: { recall: 0.95 },
});
const roots = sample(PACKAGES, 2).map((name) => ({ name, root: tarball(name) }));
if (!SAMPLED) for (const name of REPOS) roots.push({ name, root: repo(name) });
for (const { name, root } of roots.filter(({ root }) => root)) {
  const folder = mkdtempSync(join(tmpdir(), "sources-"));
  const given = [];
  for (const path of files(root, (path) => /\.(js|ts|mjs|cjs|py|go|java|rs|c)$/.test(path) && !/\.min\.|\.d\.[mc]?ts$|dist\/|umd|bundle|modern|node_modules/.test(path) && bytes(root, path) < 200_000).slice(0, 400)) {
    const source = read(root, path);
    if (source.includes("\r") || !source.trim()) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
    given.push({ path, source });
  }
  const { duplicates, took } = theirs(folder);
  const { report, micros } = await call("find_duplicates", { files: given, minTokens: MIN_TOKENS, output: { maxTokens: 20000 } });
  rmSync(folder, { recursive: true });
  const classes = report.data.classes;
  const short = (file) => file.replace(/^.*?sources-[^/]*\//, "");
  const wanted = duplicates.map(({ firstFile, secondFile }) => [firstFile, secondFile].map((one) => ({ path: short(one.name), lines: [one.startLoc?.line ?? one.start, one.endLoc?.line ?? one.end] })));
  // A pair counts as found where most of both sides lies within two places of one of our classes.
  const within = (place, side) => place.path === side.path && Math.min(place.lines[1], side.lines[1]) - Math.max(place.lines[0], side.lines[0]) + 1 >= 0.6 * (side.lines[1] - side.lines[0] + 1);
  const label = ([one, other]) => `${one.path}:${one.lines.join("-")} = ${other.path}:${other.lines.join("-")}`;
  const found = wanted.filter(([one, other]) => classes.some(({ places }) => places.some((place) => within(place, one)) && places.some((place) => within(place, other) && !(place.path === one.path && within(place, one)))));
  tally.sets(name, found.map(label), wanted.map(label));
  tally.timing(`${name}, ${given.length} files`, micros / 1000, took);
}
tally.done();

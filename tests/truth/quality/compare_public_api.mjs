// TypeScript's public API against @microsoft/api-extractor: what it documents of two consecutive versions of a package's declarations,
// by canonical reference and excerpt, compared by the rules of semantic versioning; whether a difference breaks, and which names came and went.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { SAMPLED, Tally, call, files, join, npm, read, tarball } from "../lib.mjs";

const VERSION = "7.60.1";
const PAIRS = [
  ["commander", "12.0.0", "12.1.0"], ["commander", "11.1.0", "12.0.0"], ["zod", "3.22.4", "3.23.8"], ["chalk", "5.2.0", "5.3.0"], ["nanoid", "5.0.7", "5.0.9"],
  ["p-limit", "5.0.0", "6.1.0"], ["execa", "8.0.1", "9.0.0"], ["magic-string", "0.30.10", "0.30.12"], ["lru-cache", "10.2.0", "10.4.3"],
  ["minimatch", "9.0.4", "10.0.1"], ["yaml", "2.4.5", "2.5.1"], ["fastify-plugin", "4.5.1", "5.0.1"], ["immer", "10.0.4", "10.1.1"], ["zustand", "4.5.4", "4.5.5"],
];

const entryOf = (manifest) => {
  const main = manifest.exports?.["."] ?? manifest.exports;
  const of = (value) => (typeof value === "string" ? (/\.d\.[cm]?ts$/.test(value) ? value : undefined) : Object.values(value ?? {}).map(of).find(Boolean));
  return manifest.types ?? manifest.typings ?? of(main);
};

const { require } = npm({ "@microsoft/api-extractor": VERSION });
const { Extractor, ExtractorConfig } = require("@microsoft/api-extractor");

/** Names with kind and excerpt, as api-extractor documents them. */
function documented(root, entry, name) {
  const out = join(root, "octavo-api");
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "tsconfig.json"), JSON.stringify({ compilerOptions: { module: "nodenext", moduleResolution: "nodenext", target: "es2022", lib: ["es2022", "dom"], skipLibCheck: true, types: [] }, files: [join(root, entry)] }));
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root, mainEntryPointFilePath: join(root, entry), compiler: { tsconfigFilePath: join(out, "tsconfig.json") },
      apiReport: { enabled: false, reportFileName: "a.md" }, docModel: { enabled: true, apiJsonFilePath: join(out, "api.json"), includeForgottenExports: false }, dtsRollup: { enabled: false }, tsdocMetadata: { enabled: false },
    },
    configObjectFullPath: undefined, packageJsonFullPath: join(root, "package.json"),
  });
  Extractor.invoke(config, { localBuild: true, showVerboseMessages: false, messageCallback: (message) => (message.handled = true) });
  const found = new Map();
  const walk = (node, path) => {
    const own = node.name === undefined || node.kind === "Package" || node.kind === "EntryPoint" ? path : [...path, node.name];
    if (own.length === 1 && node.kind !== "EntryPoint" && node.kind !== "Package") found.set(own[0], (found.get(own[0]) ?? "") + node.kind);
    for (const member of node.members ?? []) walk(member, own);
  };
  walk(JSON.parse(read(out, "api.json")), []);
  return found;
}

const chosen = SAMPLED ? PAIRS.slice(0, 2) : PAIRS;
const tally = new Tally({
  tool: "quality_compare_public_api",
  peer: `@microsoft/api-extractor ${VERSION}`,
  corpus: `exported names that came and went in ${chosen.length} pairs of consecutive versions of npm packages`,
  bars: { recall: 0.95, precision: 0.95 },
});
let [ours, theirs] = [0, 0];
for (const [name, old, now] of chosen) {
  const sides = [old, now].map((version) => {
    const root = tarball(`${name}@${version}`);
    const manifest = JSON.parse(read(root, "package.json"));
    return { root, manifest, entry: entryOf(manifest) };
  });
  if (sides.some(({ root, entry }) => !entry || !existsSync(join(root, entry)))) continue;
  const started = performance.now();
  let api;
  try {
    api = sides.map(({ root, entry }) => documented(root, entry, name));
  } catch (error) {
    process.stderr.write(`  left out: ${name}: ${String(error.message).split("\n")[0]}\n`);
    continue;
  }
  theirs += performance.now() - started;
  const sent = sides.map(({ root, entry, manifest }) => [
    { path: "package.json", source: JSON.stringify({ name: manifest.name, types: entry }) },
    ...files(root, (path) => /\.d\.[cm]?ts$/.test(path) && !path.includes("node_modules/")).map((path) => ({ path, source: read(root, path) })),
  ]);
  const reply = await call("compare_public_api", { before: sent[0], after: sent[1], output: { maxTokens: 20000 } });
  if (reply.error) throw new Error(JSON.stringify(reply.error));
  ours += reply.micros / 1000;
  const told = reply.report.findings.filter(({ rule }) => rule === "export-added" || rule === "export-removed").map(({ rule, message }) => [rule, /`(.*?)`/.exec(message)[1].replace(" (type)", "")]);
  const top = new Set(told.filter(([, path]) => !path.includes(".")).map(([rule, path]) => `${rule} ${path}`));
  const expected = [...[...api[0].keys()].filter((path) => !api[1].has(path)).map((path) => `export-removed ${path}`), ...[...api[1].keys()].filter((path) => !api[0].has(path)).map((path) => `export-added ${path}`)];
  tally.sets(`${name} ${old} ${now}`, [...top], expected);
}
tally.timing(`${chosen.length} pairs of packages`, ours, theirs);
tally.done();

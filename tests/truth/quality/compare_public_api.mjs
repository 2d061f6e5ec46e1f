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
  ["axios", "1.7.7", "1.7.9"], ["axios", "1.6.8", "1.7.7"], ["date-fns", "3.5.0", "3.6.0"], ["@reduxjs/toolkit", "2.3.0", "2.5.0"], ["commander", "8.3.0", "11.1.0"], ["uuid", "10.0.0", "11.0.3"], ["p-queue", "7.4.1", "8.0.1"],
  ["p-map", "6.0.0", "7.0.2"], ["p-retry", "5.1.2", "6.2.0"], ["p-timeout", "5.1.0", "6.1.2"], ["ky", "1.2.4", "1.7.2"], ["chokidar", "3.6.0", "4.0.1"], ["redux", "4.2.1", "5.0.1"], ["reselect", "4.1.8", "5.1.1"],
  ["type-fest", "4.20.0", "4.30.0"], ["ts-pattern", "5.0.8", "5.5.0"], ["valibot", "0.30.0", "0.42.1"], ["superstruct", "1.0.4", "2.0.2"], ["ajv", "8.12.0", "8.17.1"], ["hono", "4.5.0", "4.6.0"], ["kysely", "0.27.3", "0.27.4"],
  ["rollup", "4.20.0", "4.24.0"], ["esbuild", "0.21.5", "0.23.1"], ["terser", "5.31.0", "5.36.0"], ["postcss", "8.4.38", "8.4.49"], ["acorn", "8.11.3", "8.14.0"], ["entities", "4.5.0", "6.0.0"], ["parse5", "7.1.2", "7.2.1"],
  ["domhandler", "4.3.1", "5.0.3"], ["domutils", "3.0.1", "3.1.0"], ["marked", "12.0.2", "15.0.6"], ["nanostores", "0.10.3", "0.11.3"], ["jotai", "2.8.0", "2.10.3"],
  ["@tanstack/table-core", "8.19.3", "8.20.5"], ["i18next", "23.11.5", "24.0.2"], ["dotenv", "16.3.1", "16.4.7"], ["consola", "3.2.3", "3.3.0"], ["defu", "6.1.3", "6.1.4"], ["pathe", "1.1.1", "1.1.2"], ["ufo", "1.4.0", "1.5.4"],
  ["ohash", "1.1.3", "1.1.4"], ["ofetch", "1.3.3", "1.4.1"], ["mlly", "1.6.1", "1.7.3"], ["jose", "5.2.4", "5.9.6"], ["jsonc-parser", "3.2.0", "3.3.1"], ["vscode-languageserver-types", "3.17.3", "3.17.5"], ["mitt", "2.1.0", "3.0.1"],
  ["eventemitter3", "5.0.0", "5.0.1"], ["nanoevents", "8.0.0", "9.1.0"], ["clsx", "2.0.0", "2.1.1"], ["csstype", "3.1.2", "3.1.3"], ["fflate", "0.8.1", "0.8.2"], ["lru-cache", "9.1.2", "10.0.0"], ["lru-cache", "7.18.3", "8.0.5"],
  ["minipass", "6.0.2", "7.1.2"], ["glob", "10.3.10", "11.0.0"], ["path-scurry", "1.11.1", "2.0.0"], ["rimraf", "5.0.5", "6.0.1"], ["foreground-child", "3.1.1", "3.3.0"], ["string-width", "6.1.0", "7.2.0"], ["ora", "7.0.1", "8.1.1"],
  ["cosmiconfig", "8.3.6", "9.0.0"], ["find-up", "6.3.0", "7.0.0"], ["execa", "7.2.0", "8.0.1"], ["tinybench", "2.6.0", "3.0.0"], ["tinyspy", "2.2.1", "3.0.2"], ["fast-check", "3.19.0", "3.23.1"], ["rxjs", "7.5.7", "7.8.1"],
  ["undici", "6.19.8", "6.21.0"], ["socket.io-client", "4.7.5", "4.8.1"], ["fuse.js", "6.6.2", "7.0.0"], ["yup", "1.3.3", "1.4.0"], ["zod", "3.20.6", "3.22.4"], ["magic-string", "0.27.0", "0.30.10"], ["vfile", "5.3.7", "6.0.3"],
];

const entryOf = (manifest) => {
  const main = manifest.exports?.["."] ?? manifest.exports;
  const of = (value) => (typeof value === "string" ? (/\.d\.[cm]?ts$/.test(value) ? value : undefined) : Object.values(value ?? {}).map(of).find(Boolean));
  // Without a word about them, declarations lie beside the program.
  const program = typeof main === "string" ? main : (main?.default ?? manifest.main ?? "index.js");
  const beside = typeof program === "string" ? program.replace(/\.[cm]?js$/, ".d.ts") : undefined;
  return manifest.types ?? manifest.typings ?? of(main) ?? beside;
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
  corpus: `exported names that came and went in up to ${chosen.length} pairs of versions of npm packages`,
  bars: { recall: 0.95, precision: 0.95 },
});
let [ours, theirs, compared] = [0, 0, 0];
for (const [name, old, now] of chosen) {
  const sides = [old, now].map((version) => {
    const root = tarball(`${name}@${version}`);
    const manifest = JSON.parse(read(root, "package.json"));
    return { root, manifest, entry: entryOf(manifest) };
  });
  if (sides.some(({ root, entry }) => !entry || !existsSync(join(root, entry)))) {
    process.stderr.write(`  left out: ${name} ${old} ${now}: no declarations at its entry\n`);
    continue;
  }
  const started = performance.now();
  let api;
  try {
    api = sides.map(({ root, entry }) => documented(root, entry, name));
  } catch (error) {
    process.stderr.write(`  left out: ${name} ${old} ${now}: ${String(error.message).split("\n")[0]}\n`);
    continue;
  }
  theirs += performance.now() - started;
  const sent = sides.map(({ root, entry, manifest }) => [
    { path: "package.json", source: JSON.stringify({ name: manifest.name, types: entry }) },
    ...files(root, (path) => /\.d\.[cm]?ts$/.test(path) && !path.includes("node_modules/")).map((path) => ({ path, source: read(root, path) })),
  ]);
  const reply = await call("compare_public_api", { before: sent[0], after: sent[1], output: { maxTokens: 20000 } });
  if (reply.error?.reason === "input_too_large") {
    process.stderr.write(`  left out: ${name} ${old} ${now}: ${reply.error.message}\n`);
    continue;
  }
  if (reply.error) throw new Error(JSON.stringify(reply.error));
  ours += reply.micros / 1000;
  const told = reply.report.findings.filter(({ rule }) => rule === "export-added" || rule === "export-removed").map(({ rule, message }) => [rule, /`(.*?)`/.exec(message)[1].replace(" (type)", "")]);
  const top = new Set(told.filter(([, path]) => !path.includes(".")).map(([rule, path]) => `${rule} ${path}`));
  const expected = [...[...api[0].keys()].filter((path) => !api[1].has(path)).map((path) => `export-removed ${path}`), ...[...api[1].keys()].filter((path) => !api[0].has(path)).map((path) => `export-added ${path}`)];
  tally.sets(`${name} ${old} ${now}`, [...top], expected);
  compared += 1;
}
tally.timing(`${compared} pairs of packages`, ours, theirs);
tally.done();

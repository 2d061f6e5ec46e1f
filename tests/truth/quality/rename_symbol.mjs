// Renaming against TypeScript's language service: the same edits for symbols drawn from the sources of published packages, each
// renamed with all files of its package open. The service is asked with prefixes and suffixes, as editors ask it.
import { SAMPLED, Tally, call, files, npm, read, sample, tarball } from "../lib.mjs";

const VERSION = "5.9.3";
const { require } = npm({ typescript: VERSION });
const ts = require("typescript");
const NEW = "renamedByTruth";

// Folders of sources, and how many symbols of each.
const CORPORA = [
  ["rxjs@7.8.1", "src/internal", /\.ts$/, 80],
  ["immer@10.1.1", "src", /\.ts$/, 50],
  ["react-native-paper@5.12.5", "src", /\.tsx?$/, 80],
  ["@reduxjs/toolkit@2.3.0", "src", /\.tsx?$/, 80],
  ["zod@3.25.76", "src/v3", /\.ts$/, 80],
  ["express@4.21.2", "lib", /\.js$/, 50],
  ["eslint@4.18.1", "lib", /\.js$/, 50],
  ["yargs@17.7.2", "build/lib", /\.js$/, 50],
  ["date-fns@4.1.0", "", /^[a-z]\w+\.js$/, 50],
  ["hono@4.6.9", "dist/types", /\.d\.ts$/, 50],
];

const OPTIONS = { allowJs: true, checkJs: false, jsx: ts.JsxEmit.Preserve, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, noLib: true, types: [], esModuleInterop: true, allowSyntheticDefaultImports: true, experimentalDecorators: true };

function service(sources) {
  const host = {
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => [...sources.keys()],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => (sources.has(name) ? ts.ScriptSnapshot.fromString(sources.get(name)) : undefined),
    getCurrentDirectory: () => "/",
    getDefaultLibFileName: () => "/lib.d.ts",
    fileExists: (name) => sources.has(name),
    readFile: (name) => sources.get(name),
    directoryExists: (name) => name === "/" || [...sources.keys()].some((path) => path.startsWith(`${name}/`)),
  };
  return ts.createLanguageService(host);
}

// Names that scopes declare or import, each with what it is. Members are none.
function declarations(file) {
  const found = [];
  const visit = (node) => {
    const { name } = node;
    const kinds = ["VariableDeclaration", "Parameter", "FunctionDeclaration", "FunctionExpression", "ClassDeclaration", "ClassExpression", "InterfaceDeclaration", "TypeAliasDeclaration", "EnumDeclaration", "ModuleDeclaration", "ImportSpecifier", "ImportClause", "NamespaceImport", "ImportEqualsDeclaration", "TypeParameter", "BindingElement", "ExportSpecifier"];
    if (name && ts.isIdentifier(name) && kinds.includes(ts.SyntaxKind[node.kind]) && name.text !== "this" && name.text !== "default" && name.text !== "") {
      // A parameter that declares a property is a member, and so is what a global block declares.
      const property = ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent);
      const global = (one) => one && (ts.isGlobalScopeAugmentation(one) || (ts.isModuleDeclaration(one) && ts.isStringLiteral(one.name)) || global(one.parent));
      if (!property && !global(node)) found.push({ at: name.getStart(file), text: name.text, kind: ts.SyntaxKind[node.kind], node });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const tally = new Tally({ tool: "quality_rename_symbol", peer: `TypeScript ${VERSION} (findRenameLocations)`, corpus: "symbols of rxjs, immer, react-native-paper, Redux Toolkit, zod, express, eslint, yargs, date-fns, hono", bars: { equal: 0.995 } });
const kinds = {};
let slowest = [0, 0, ""];
let alone = 0;
for (const [specifier, under, ending, count] of SAMPLED ? CORPORA.filter(([name]) => /^(immer|express)@/.test(name)) : CORPORA) {
  const folder = tarball(specifier);
  const root = under ? `${folder}/${under}` : folder;
  const names = files(root, (path) => ending.test(path) && !/node_modules/.test(path)).slice(0, 400);
  const sources = new Map(names.map((path) => [`/${path}`, read(root, path).replaceAll("\r\n", "\n")]));
  const given = [...sources].map(([path, source]) => ({ path: path.slice(1), source }));
  const peer = service(sources);
  const program = peer.getProgram();
  const all = [...sources.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return file ? declarations(file).map((one) => ({ ...one, path, file })) : [];
  });
  const step = Math.max(1, Math.floor(all.length / count));
  const chosen = all.filter((_, at) => at % step === 0);
  for (const one of sample(chosen, 8)) {
    const { line, character } = ts.getLineAndCharacterOfPosition(one.file, one.at);
    const started = performance.now();
    let locations;
    try {
      locations = peer.findRenameLocations(one.path, one.at, false, false, { providePrefixAndSuffixTextForRename: true });
    } catch (error) {
      process.stderr.write(`  TypeScript fails on ${specifier} ${one.path} ${one.text}: ${String(error).slice(0, 80)}\n`);
      continue;
    }
    const theirMillis = performance.now() - started;
    if (!locations) continue;
    const theirs = locations.map(({ fileName, textSpan, prefixText = "", suffixText = "" }) => {
      const place = ts.getLineAndCharacterOfPosition(program.getSourceFile(fileName), textSpan.start);
      return `${fileName.slice(1)}:${place.line + 1}:${place.character + 1} ${prefixText}${NEW}${suffixText}`;
    });
    const { report, error, micros } = await call("rename_symbol", { at: `${one.path.slice(1)}:${line + 1}:${character + 1}`, name: one.text, to: NEW, files: given });
    const name = `${specifier} ${one.path}:${line + 1}:${character + 1} ${one.text} (${one.kind})`;
    const refused = (report?.findings ?? []).filter(({ level }) => level === "error").map(({ rule, message }) => `${rule}: ${message}`);
    // A component may not get a small letter: ask again with a capital.
    let ours = report?.data?.edits;
    if (refused.some((text) => text.startsWith("rename-jsx-case"))) {
      const again = await call("rename_symbol", { at: `${one.path.slice(1)}:${line + 1}:${character + 1}`, name: one.text, to: "RenamedByTruth", files: given });
      ours = again.report?.data?.edits?.map((edit) => ({ ...edit, newText: edit.newText.replace("RenamedByTruth", NEW) }));
      refused.length = 0;
    }
    const shown = refused.length || error ? [`refused: ${error?.message ?? refused[0]}`] : ours.map(({ path, range, newText }) => `${path}:${range.start.line}:${range.start.column} ${newText}`);
    kinds[one.kind] = (kinds[one.kind] ?? 0) + 1;
    if (new Set(theirs.map((text) => text.split(":")[0])).size > 1) alone += 1;
    const [left, right] = [shown, theirs].map((list) => [...new Set(list)].sort());
    if (JSON.stringify(left) === JSON.stringify(right)) tally.equal(name, "same", "same");
    else tally.equal(name, `ours alone ${left.filter((text) => !right.includes(text)).slice(0, 4).join("; ")}`, `theirs alone ${right.filter((text) => !left.includes(text)).slice(0, 4).join("; ")}`);
    if (micros / 1000 > slowest[0]) slowest = [micros / 1000, theirMillis, `${one.text} in ${given.length} files of ${specifier}`];
  }
}
process.stderr.write(`  ${JSON.stringify(kinds)}; over several files: ${alone}\n`);
tally.timing(slowest[2], slowest[0], slowest[1]);
tally.done();

